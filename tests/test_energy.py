"""One gate: what counting its states gives is what the closed forms say."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minifnn import energy
from minifnn.activations import esp, relu, sigmoid, tanh

FIELDS = np.array([-40.0, -3.0, -1.0, -0.2, 0.0, 1e-3, 0.7, 2.0, 30.0])
BETAS = np.array([-2.0, -0.5, 1e-3, 0.3, 1.0, 5.0])
OPEN_OR_SHUT, SPIN = (0, 1), (-1, 1)
BOTH = pytest.mark.parametrize("states", [OPEN_OR_SHUT, SPIN, (-1, 0, 2)])


def grid():
    """Return fields and betas, each of shape (points,)."""
    return tuple(a.ravel() for a in np.meshgrid(FIELDS, BETAS))


def assert_close(got, wanted, tolerance=1e-14):
    """The difference is within tolerance * (1 + |wanted|), everywhere."""
    assert np.shape(got) == np.shape(wanted)
    assert np.all(np.abs(got - wanted) <= tolerance * (1 + np.abs(wanted)))


# ----------------------------------------------------------- counting, closed forms


def test_open_or_shut_gate_by_counting_is_the_closed_forms():
    h, beta = grid()
    counted = energy.enumerate_gate(h, beta)
    assert_close(counted.log_Z, np.logaddexp(0, beta * h))
    assert_close(counted.gate, sigmoid(h, beta))
    assert_close(counted.signal, esp(h, beta))
    assert_close(counted.entropy, energy.entropy(h, beta))
    assert_close(counted.free_energy, energy.free_energy(h, beta))


def test_closed_forms_are_log_Z_gate_and_signal():
    h, beta = grid()
    assert_close(energy.log_partition(h, beta), np.logaddexp(0, beta * h))
    assert_close(energy.mean_gate(h, beta), (1 + np.tanh(beta * h / 2)) / 2)
    assert_close(energy.mean_signal(h, beta), h * (1 + np.tanh(beta * h / 2)) / 2)


def test_spin_by_counting_is_tanh_and_two_cosh():
    h, beta = grid()
    counted = energy.enumerate_gate(h, beta, SPIN)
    log_two_cosh = np.abs(beta * h) + np.log1p(np.exp(-2 * np.abs(beta * h)))
    assert_close(counted.log_Z, log_two_cosh)
    assert_close(counted.gate, tanh(h, beta))
    assert_close(counted.signal, h * tanh(h, beta))
    # a spin in a field h is a gate in a field 2h, and doubts as much
    assert_close(counted.entropy, energy.entropy(2 * h, beta))
    assert_close(counted.free_energy, -log_two_cosh / beta)


def test_spin_at_moderate_fields_has_Z_two_cosh():
    h, beta = 0.7, 1.3
    assert np.exp(energy.enumerate_gate(h, beta, SPIN).log_Z) == pytest.approx(
        2 * np.cosh(beta * h), rel=1e-14
    )


@BOTH
def test_one_gate_by_hand(states):
    h, beta = 0.7, 1.3
    weights = [np.exp(beta * s * h) for s in states]
    Z = sum(weights)
    gate = sum(s * w for s, w in zip(states, weights)) / Z
    entropy = -sum(w / Z * np.log(w / Z) for w in weights)
    counted = energy.enumerate_gate(h, beta, states)
    wanted = (np.log(Z), gate, h * gate, entropy, -np.log(Z) / beta)
    assert np.allclose(counted, wanted, rtol=1e-14, atol=0)
    assert np.allclose(energy.probabilities(h, beta, states), np.array(weights) / Z, rtol=1e-14)


@BOTH
def test_probabilities_sum_to_one_along_the_last_axis(states):
    p = energy.probabilities(FIELDS[:, None], BETAS, states)
    assert p.shape == (len(FIELDS), len(BETAS), len(states))
    assert_close(p.sum(axis=-1), np.ones(p.shape[:2]))
    assert np.all(p >= 0)


@BOTH
def test_averages_are_those_of_the_probabilities(states):
    h, beta = grid()
    p, counted = energy.probabilities(h, beta, states), energy.enumerate_gate(h, beta, states)
    assert_close(counted.gate, p @ np.array(states, float))
    assert_close(counted.entropy, np.sum(p * np.log(1 / np.maximum(p, 1e-300)), axis=-1))


def test_a_sure_gate_has_no_entropy_and_no_warning():
    counted = energy.enumerate_gate(np.array([-1e6, 1e6]), 1.0)
    assert np.array_equal(counted.entropy, [0, 0])
    assert np.array_equal(counted.log_Z, [0, 1e6])
    assert np.array_equal(energy.entropy([-1e6, 1e6], 1.0), [0, 0])
    assert np.array_equal(energy.log_partition([-1e6, 1e6], 1.0), [0, 1e6])


def test_a_gate_in_no_field_has_one_bit_of_entropy():
    assert energy.entropy(0.0, 1.0) == np.log(2)
    assert energy.enumerate_gate(0.0, 1.0).entropy == pytest.approx(np.log(2), rel=1e-15)


@given(st.floats(-300, 300), st.floats(-2, 2))
def test_entropy_is_right_to_the_last_digits(h, beta):
    with mp.workdps(400):  # log p of a gate so sure that p = 1 - 1e-260
        u = mp.mpf(beta) * mp.mpf(h)
        p, q = 1 / (1 + mp.exp(-u)), 1 / (1 + mp.exp(u))
        true = -p * mp.log(p) - q * mp.log(q)
        error = abs(mp.mpf(float(energy.entropy(h, beta))) / true - 1)
        assert error <= (4 + abs(u)) * mp.mpf(2) ** -52


# ------------------------------------------------------------------------- a layer


@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_layer_by_counting_is_the_product_of_its_gates(n):
    rng = np.random.default_rng(n)
    h, beta = rng.normal(size=n), rng.normal(size=n)
    log_Z, gates = energy.enumerate_layer(h, beta)
    assert log_Z == pytest.approx(energy.log_partition(h, beta).sum(), rel=1e-13)
    assert gates == pytest.approx(energy.mean_gate(h, beta), rel=1e-13)


def test_layer_of_spins_is_the_product_of_two_cosh():
    rng = np.random.default_rng(0)
    h, beta = rng.normal(size=6), rng.normal(size=6)
    log_Z, gates = energy.enumerate_layer(h, beta, SPIN)
    assert log_Z == pytest.approx(np.log(2 * np.cosh(beta * h)).sum(), rel=1e-13)
    assert gates == pytest.approx(tanh(h, beta), rel=1e-13)


def test_layer_of_one_gate_is_the_gate():
    for states in (OPEN_OR_SHUT, SPIN, (-1, 0, 2)):
        log_Z, gates = energy.enumerate_layer([0.7], [1.3], states)
        counted = energy.enumerate_gate(0.7, 1.3, states)
        assert log_Z == pytest.approx(counted.log_Z, rel=1e-14)
        assert gates == pytest.approx([counted.gate], rel=1e-14)


def test_layer_in_huge_fields_does_not_overflow():
    log_Z, gates = energy.enumerate_layer([1e6, -1e6, 2e6], 1.0)
    assert log_Z == 3e6
    assert np.array_equal(gates, [1, 0, 1])


def test_layer_of_more_than_twenty_gates_is_refused():
    with pytest.raises(ValueError, match=r"^h has 21 gates, wanted at most 20"):
        energy.enumerate_layer(np.zeros(21), 1.0)


# ------------------------------------------------------------------ thermodynamics


def test_free_energy_is_mean_energy_minus_temperature_times_entropy():
    """-F = U + S/beta reads softplus(beta h)/beta = ESP + S/beta."""
    h, beta = grid()
    softplus = np.logaddexp(0, beta * h) / beta
    assert_close(softplus, esp(h, beta) + energy.entropy(h, beta) / beta)
    assert_close(-energy.free_energy(h, beta), softplus)


@BOTH
def test_free_energy_of_any_gate_is_minus_signal_minus_entropy_over_beta(states):
    h, beta = grid()
    counted = energy.enumerate_gate(h, beta, states)
    assert_close(counted.free_energy, -counted.signal - counted.entropy / beta, 1e-13)


@pytest.mark.parametrize("states", [OPEN_OR_SHUT, SPIN])
def test_entropy_changes_by_minus_beta_h_as_the_mean_does(states):
    """dS = -sum dP log P = -sum dP (beta s h - log Z) = -beta h d<s>."""
    h, beta, step = 0.7, 1.3, 1e-4
    up = energy.enumerate_gate(h + step, beta, states)
    down = energy.enumerate_gate(h - step, beta, states)
    slope = (up.entropy - down.entropy) / (up.gate - down.gate)
    assert slope == pytest.approx(-beta * h, rel=1e-7)


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
    assert beta * difference.max() == pytest.approx(np.log(2), rel=1e-9)
    assert h[difference.argmax()] == pytest.approx(0, abs=1e-9 / beta)


# ----------------------------------------------------------------------- cumulants


def log_Z(h, beta):
    return mp.log(1 + mp.exp(mp.mpf(beta) * mp.mpf(h)))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize(("h", "beta"), [(0.7, 1.3), (-1.1, 2.0), (3.0, -0.4), (-0.2, -5.0)])
def test_derivatives_of_log_Z_are_cumulants(n, h, beta):
    """In h they are beta^n kappa_n(s); in beta, kappa_n(j) = h^n kappa_n(s)."""
    kappa = float(energy.gate_cumulants(h, beta)[n - 1])
    with mp.workdps(40):
        in_h = float(mp.diff(lambda x: log_Z(x, beta), h, n))
        in_beta = float(mp.diff(lambda x: log_Z(h, x), beta, n))
    assert beta**n * kappa == pytest.approx(in_h, rel=1e-13)
    assert h**n * kappa == pytest.approx(in_beta, rel=1e-13)


def test_cumulants_are_those_of_the_counted_gate():
    h, beta = grid()
    p = energy.probabilities(h, beta)[:, 1]
    central = [p * (1 - p) ** n + (1 - p) * (-p) ** n for n in range(5)]
    counted = (p, central[2], central[3], central[4] - 3 * central[2] ** 2)
    for got, wanted in zip(energy.gate_cumulants(h, beta), counted):
        assert_close(got, wanted)


def test_cumulants_have_the_broadcast_shape():
    for kappa in energy.gate_cumulants(FIELDS[:, None], BETAS):
        assert kappa.shape == (len(FIELDS), len(BETAS))


def test_slope_of_sigmoid_is_beta_times_the_variance_of_the_gate():
    h, beta = grid()
    p = energy.probabilities(h, beta)
    variance = p[:, 1] - p[:, 1] ** 2  # s is 0 or 1, so <s^2> = <s>
    assert_close(sigmoid.derivatives(h, beta).h, beta * variance)
    assert_close(sigmoid.derivatives(h, beta).h, beta * energy.gate_cumulants(h, beta)[1])


def test_slope_of_tanh_is_beta_times_the_variance_of_the_spin():
    h, beta = grid()
    variance = 1 - energy.enumerate_gate(h, beta, SPIN).gate ** 2  # s^2 = 1
    assert_close(tanh.derivatives(h, beta).h, beta * variance)


def test_esp_grows_with_beta_by_the_variance_of_the_signal():
    h, beta = grid()
    p = energy.probabilities(h, beta)
    signals = h[:, None] * np.array([0, 1])
    mean = (p * signals).sum(axis=1)
    variance = (p * (signals - mean[:, None]) ** 2).sum(axis=1)
    d = esp.derivatives(h, beta)
    assert np.all(d.beta >= 0)
    assert_close(d.beta, variance, 1e-13)
    third = (p * (signals - mean[:, None]) ** 3).sum(axis=1)
    assert_close(d.betabeta, third, 1e-13)


EVERYTHING = [
    energy.probabilities,
    energy.enumerate_gate,
    energy.enumerate_layer,
    energy.log_partition,
    energy.mean_gate,
    energy.mean_signal,
    energy.entropy,
    energy.free_energy,
    energy.gate_cumulants,
]


@pytest.mark.parametrize("question", EVERYTHING)
def test_what_is_no_field_is_refused(question):
    for bad, error in ((np.nan, ValueError), (np.inf, ValueError), ("a", TypeError)):
        with pytest.raises(error, match="h "):
            question([bad], [1.0])
    with pytest.raises(TypeError, match="beta has dtype"):
        question([1.0], ["a"])


def test_a_gate_far_out_has_no_entropy_left():
    assert energy.entropy(1e200, 1e100) == 0.0
    assert energy.gate_cumulants(1e200, 1e100) == (1.0, 0.0, 0.0, 0.0)
    assert energy.probabilities(1e200, 1e100).tolist() == [0.0, 1.0]


def test_a_product_too_large_is_refused():
    with pytest.raises(ValueError, match="beta has a product with h too large for a float"):
        energy.log_partition(1e200, 1e200)


def test_the_free_energy_at_beta_zero_is_refused():
    for question in (energy.free_energy, energy.enumerate_gate):
        with pytest.raises(ValueError, match="beta has zeros"):
            question(1.0, 0.0)


def test_a_layer_is_a_vector_of_gates():
    with pytest.raises(ValueError, match=r"h has shape \(2, 2\), wanted one field a gate"):
        energy.enumerate_layer(np.ones((2, 2)), 1.0)
