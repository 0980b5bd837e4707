"""One gate: what counting its states gives is what the closed forms say.

exp(-u) is off by |u| times what u is off by, so each value may be off by eps (4 + |u|) times
the size of the summands that it is made of; a comparison of two by twice as much.
"""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minifnn import energy
from minifnn.activations import esp, relu, sigmoid, tanh

EPS = np.finfo(float).eps
H, BETA = np.meshgrid(
    [-40.0, -3.0, -1.0, -0.2, 0.0, 1e-3, 0.7, 2.0, 30.0], [-2.0, -0.5, 1e-3, 0.3, 1.0, 5.0]
)
U = np.abs(BETA * H)
OPEN_OR_CLOSED, SPIN, THREE = (0, 1), (-1, 1), (-1, 0, 2)
ALL = pytest.mark.parametrize("states", [OPEN_OR_CLOSED, SPIN, THREE])


def assert_close(got, expected, size, u=U):
    """Each entry is within the bound; size is that of its summands."""
    assert np.shape(got) == np.shape(expected)
    assert np.all(np.abs(got - expected) <= 2 * EPS * (4 + np.abs(u)) * size)


# ----------------------------------------------------------- counting, closed forms


def test_open_or_closed_gate_by_counting_is_the_closed_forms():
    counted = energy.enumerate_gate(H, BETA)
    assert_close(counted.log_Z, energy.log_partition(H, BETA), 1 + U)
    assert_close(counted.gate, sigmoid(H, BETA), 1)
    assert_close(counted.signal, esp(H, BETA), np.abs(H))
    assert_close(counted.entropy, energy.entropy(H, BETA), 1)
    assert_close(counted.free_energy, energy.free_energy(H, BETA), (1 + U) / np.abs(BETA))


def test_spin_by_counting_is_tanh_and_two_cosh():
    counted = energy.enumerate_gate(H, BETA, SPIN)
    log_two_cosh = U + np.log1p(np.exp(-2 * U))
    assert_close(counted.log_Z, log_two_cosh, 1 + U)
    assert_close(counted.gate, tanh(H, BETA), 1)
    assert_close(counted.signal, H * tanh(H, BETA), np.abs(H))
    # a spin in a field h is a gate in a field 2h, and its entropy is the same
    assert_close(counted.entropy, energy.entropy(2 * H, BETA), 1)
    assert_close(counted.free_energy, -log_two_cosh / BETA, (1 + U) / np.abs(BETA))


@ALL
def test_one_gate_by_hand(states):
    h, beta = 0.7, 1.3
    weights = [np.exp(beta * s * h) for s in states]
    Z = sum(weights)
    gate = sum(s * w for s, w in zip(states, weights)) / Z
    entropy = -sum(w / Z * np.log(w / Z) for w in weights)
    expected = (np.log(Z), gate, h * gate, entropy, -np.log(Z) / beta)
    assert_close(np.array(energy.enumerate_gate(h, beta, states)), np.array(expected), 2, beta * h)
    assert_close(energy.probabilities(h, beta, states), np.array(weights) / Z, 1, beta * h)


@ALL
def test_averages_are_those_of_the_probabilities(states):
    p, counted = energy.probabilities(H, BETA, states), energy.enumerate_gate(H, BETA, states)
    assert p.shape == (*H.shape, len(states))
    assert np.all(p >= 0)
    assert_close(p.sum(axis=-1), np.ones(H.shape), 1)
    assert_close(counted.gate, p @ np.array(states, float), 2)
    assert_close(counted.entropy, -np.sum(p * np.log(np.maximum(p, 1e-300)), axis=-1), 1)


def test_a_certain_gate_has_no_entropy_and_no_warning():
    counted = energy.enumerate_gate(np.array([-1e6, 1e6]), 1.0)
    assert np.array_equal(counted.entropy, [0, 0])
    assert np.array_equal(counted.log_Z, [0, 1e6])
    assert np.array_equal(energy.entropy([-1e6, 1e6], 1.0), [0, 0])
    assert np.array_equal(energy.log_partition([-1e6, 1e6], 1.0), [0, 1e6])


def test_a_gate_without_a_field_has_one_bit_of_entropy():
    assert energy.entropy(0.0, 1.0) == np.log(2)
    assert_close(energy.enumerate_gate(0.0, 1.0).entropy, np.log(2), 1, 0.0)


@given(st.floats(-300, 300), st.floats(-2, 2))
def test_entropy_is_right_to_the_last_digits(h, beta):
    with mp.workdps(400):  # log p of a gate so certain that p = 1 - 1e-260
        u = mp.mpf(beta) * mp.mpf(h)
        p, q = 1 / (1 + mp.exp(-u)), 1 / (1 + mp.exp(u))
        true = -p * mp.log(p) - q * mp.log(q)
        error = abs(mp.mpf(float(energy.entropy(h, beta))) / true - 1)
        assert error <= (4 + abs(u)) * EPS


# ------------------------------------------------------------------------- a layer


@pytest.mark.parametrize("n", [1, 2, 5, 10])
@ALL
def test_layer_by_counting_is_the_product_of_its_gates(n, states):
    rng = np.random.default_rng(n)
    h, beta = rng.normal(size=n), rng.normal(size=n)
    log_Z, gates = energy.enumerate_layer(h, beta, states)
    each = energy.enumerate_gate(h, beta, states)
    # sums of n terms and of len(states)^n, each rounded
    size = n + len(states) ** n
    assert_close(log_Z, each.log_Z.sum(), size, 2 * np.abs(beta * h).sum())
    assert_close(gates, each.gate, 2 * size, 2 * np.abs(beta * h).sum())


def test_layer_in_huge_fields_does_not_overflow():
    log_Z, gates = energy.enumerate_layer([1e6, -1e6, 2e6], 1.0)
    assert log_Z == 3e6
    assert np.array_equal(gates, [1, 0, 1])


def test_a_layer_is_a_vector_of_at_most_twenty_gates():
    for h in (np.zeros(21), np.ones((2, 2))):
        with pytest.raises(ValueError, match=r"^h: expected shape"):
            energy.enumerate_layer(h, 1.0)


# ------------------------------------------------------------------ thermodynamics


@ALL
def test_free_energy_is_minus_signal_minus_entropy_over_beta(states):
    """F = U - S/beta, with the mean energy U = -<j>."""
    counted = energy.enumerate_gate(H, BETA, states)
    size = 2 * np.abs(H) + (2 + U) / np.abs(BETA)
    assert_close(counted.free_energy, -counted.signal - counted.entropy / BETA, size)


@pytest.mark.parametrize("states", [OPEN_OR_CLOSED, SPIN])
def test_entropy_changes_by_minus_beta_h_as_the_mean_does(states):
    """dS = -sum dP log P = -sum dP (beta s h - log Z) = -beta h d<s>."""
    h, beta, step = 0.7, 1.3, 1e-4
    up = energy.enumerate_gate(h + step, beta, states)
    down = energy.enumerate_gate(h - step, beta, states)
    slope = (up.entropy - down.entropy) / (up.gate - down.gate)
    assert slope == pytest.approx(-beta * h, rel=10 * step**2)  # truncation


@pytest.mark.parametrize("h", [-2.0, -0.3, 0.0, 0.9])
def test_no_distribution_of_the_same_mean_has_more_entropy(h):
    """With three states there is one direction, (1, -2, 1), that keeps sum and mean."""
    p = energy.probabilities(h, 1.3, (-1, 0, 1))
    most = energy.enumerate_gate(h, 1.3, (-1, 0, 1)).entropy
    for change in (-0.1, -1e-3, 1e-3, 0.1):
        q = p + change * p.min() * np.array([1, -2, 1])
        assert -(q * np.log(q)).sum() < most


@pytest.mark.parametrize("beta", [1.0, 1e3, 1e6])
def test_minus_free_energy_becomes_relu_as_log_two_over_beta(beta):
    h = np.linspace(-4, 4, 4001) / beta
    difference = -energy.free_energy(h, beta) - relu(h)
    assert np.all(difference > 0)
    assert_close(beta * difference.max(), np.log(2), 1, 4)
    assert abs(h[difference.argmax()]) <= 8 * EPS / beta


# ----------------------------------------------------------------------- cumulants


def log_Z(h, beta):
    return mp.log(1 + mp.exp(mp.mpf(beta) * mp.mpf(h)))


@pytest.mark.parametrize(("h", "beta"), [(0.7, 1.3), (-1.1, 2.0), (3.0, -0.4), (-0.2, -5.0)])
def test_derivatives_of_log_Z_are_cumulants(h, beta):
    """In h they are beta^n kappa_n(s); in beta, kappa_n(j) = h^n kappa_n(s)."""
    u = abs(beta * h)
    for n, kappa in enumerate(energy.gate_cumulants(h, beta), start=1):
        with mp.workdps(40):
            in_h = float(mp.diff(lambda x: log_Z(x, beta), h, n))
            in_beta = float(mp.diff(lambda x: log_Z(h, x), beta, n))
        assert_close(beta**n * kappa, in_h, 2 * abs(beta) ** n, u)  # |kappa_n| < 1
        assert_close(h**n * kappa, in_beta, 2 * abs(h) ** n, u)


def test_cumulants_are_those_of_the_counted_gate():
    p = energy.probabilities(H, BETA)[..., 1]
    central = [p * (1 - p) ** n + (1 - p) * (-p) ** n for n in range(5)]
    counted = (p, central[2], central[3], central[4] - 3 * central[2] ** 2)
    for got, expected in zip(energy.gate_cumulants(H, BETA), counted):
        assert_close(got, expected, 1)


def test_slopes_and_curvatures_are_moments_of_the_gate():
    p = energy.probabilities(H, BETA)
    variance = p[..., 1] - p[..., 1] ** 2  # s is 0 or 1, so <s^2> = <s>
    assert_close(sigmoid.derivatives(H, BETA).h, BETA * variance, np.abs(BETA))
    spin = 1 - energy.enumerate_gate(H, BETA, SPIN).gate ** 2  # s^2 = 1
    assert_close(tanh.derivatives(H, BETA).h, BETA * spin, 2 * np.abs(BETA))
    mean = H * p[..., 1]  # of the signal j, which is 0 or h
    second, third = (p[..., 0] * (-mean) ** n + p[..., 1] * (H - mean) ** n for n in (2, 3))
    d = esp.derivatives(H, BETA)
    assert np.all(d.beta >= 0)
    assert_close(d.beta, second, H**2)
    assert_close(d.betabeta, third, np.abs(H) ** 3)


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    "question",
    [energy.probabilities, energy.enumerate_gate, energy.enumerate_layer, energy.log_partition,
     energy.entropy, energy.free_energy, energy.gate_cumulants],
)  # fmt: skip
def test_what_is_no_field_is_refused(question):
    for bad, error in ((np.nan, ValueError), (np.inf, ValueError), ("a", TypeError)):
        with pytest.raises(error, match=r"^h\b"):
            question([bad], [1.0])
    with pytest.raises(TypeError, match=r"^beta\b"):
        question([1.0], ["a"])
    with pytest.raises(ValueError, match=r"^beta: expected a finite product"):
        question([1e200], [1e200])


def test_a_gate_far_out_has_no_entropy_left():
    assert energy.entropy(1e200, 1e100) == 0.0
    assert energy.gate_cumulants(1e200, 1e100) == (1.0, 0.0, 0.0, 0.0)
    assert energy.probabilities(1e200, 1e100).tolist() == [0.0, 1.0]


def test_the_free_energy_at_beta_zero_is_refused():
    for question in (energy.free_energy, energy.enumerate_gate):
        with pytest.raises(ValueError, match=r"^beta: expected no 0"):
            question(1.0, 0.0)
