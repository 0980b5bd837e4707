"""Values, slopes and curvatures: against the formulas, the complex step, and sixty digits."""

from dataclasses import FrozenInstanceError
from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from trust import activations as trust

import minifnn as mf
from minifnn import activations as module
from minifnn.activations import ACTIVATIONS, esp, identity, relu, scale, sigmoid, softplus, tanh

EVERY = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
EPS = 1e-30  # of the complex step


def grid():
    """Return fields and betas of both signs: a product, zeros, and u = beta h at the roots."""
    h = np.array([-37.5, -6.0, -2.5, -1.0, -0.3, -1e-3, 1e-3, 0.3, 1.0, 2.5, 6.0, 37.5])
    beta = np.array([-4.0, -1.0, -0.7, -0.1, -1e-3, 1e-3, 0.1, 0.7, 1.0, 4.0])
    u = np.concatenate(
        [np.array(trust.ROOTS) * factor for factor in (1.0, 1 - 1e-9, 1 + 1e-9, 1.01)]
    )
    (h, b), (u, c) = np.meshgrid(h, beta), np.meshgrid(np.concatenate([u, -u]), beta)
    return np.append(h, u / c), np.append(b, c)


def zeros():
    """Return fields and betas where u = beta h is 0, from either side."""
    h = np.array([0.0, 0.0, 0.0, 2.0, -2.0, 2.0, -2.0, 0.0, -0.0])
    beta = np.array([1.0, -1.0, 3.0, 0.0, 0.0, -0.0, -0.0, 0.0, 0.0])
    return h, beta


def in_h(f, h, beta):
    """d f/d h by the complex step."""
    return np.imag(f(h + 1j * EPS, beta)) / EPS


def in_beta(f, h, beta):
    """d f/d beta by the complex step."""
    return np.imag(f(h, beta + 1j * EPS)) / EPS


def assert_close(got, expected, tolerance=1e-13):
    """The difference is within tolerance * (1 + |expected|), everywhere."""
    expected = np.broadcast_to(expected, np.shape(got))
    error = np.abs(got - expected) / (1 + np.abs(expected))
    worst = np.argmax(error)
    assert error.max() <= tolerance, f"{np.ravel(got)[worst]} for {np.ravel(expected)[worst]}"


def assert_sums(*terms):
    """The terms sum to 0, within what rounding leaves of them: each is a product of factors
    that are right to some (4 + |u|) ulp of their largest summand, of which u w may be |u| times w.
    """
    h, beta = grid()
    u, eps = np.abs(beta * h), np.finfo(float).eps
    size = np.max(np.abs(np.broadcast_arrays(*terms)), axis=0)
    bound = 2 * (4 + 2 * u) * (1 + 2 * u) * eps * size + np.finfo(float).tiny
    assert np.all(np.abs(sum(terms)) <= bound)


# ------------------------------------------------------- against the complex step


def points_for(activation, points):
    """The points, without those where softplus, which divides by beta, is large or infinite."""
    h, beta = points()
    fine = (abs(beta) >= 0.1) | (activation is not softplus)
    return h[fine], beta[fine]


@EVERY
@pytest.mark.parametrize("points", [grid, zeros])
def test_slopes_are_the_complex_step_of_the_value(activation, points):
    h, beta = points_for(activation, points)
    d = activation.derivatives(h, beta)
    assert_close(d.h, in_h(activation.value, h, beta))
    assert_close(d.beta, in_beta(activation.value, h, beta))


@EVERY
@pytest.mark.parametrize("points", [grid, zeros])
def test_curvatures_are_the_complex_step_of_the_slopes(activation, points):
    h, beta = points_for(activation, points)
    d = activation.derivatives(h, beta)
    assert_close(d.hh, in_h(lambda *x: activation.slopes(*x)[0], h, beta))
    assert_close(d.betabeta, in_beta(lambda *x: activation.slopes(*x)[1], h, beta))


@EVERY
@pytest.mark.parametrize("points", [grid, zeros])
def test_mixed_curvature_is_the_complex_step_of_either_slope(activation, points):
    h, beta = points_for(activation, points)
    d = activation.derivatives(h, beta)
    assert_close(d.hbeta, in_beta(lambda *x: activation.slopes(*x)[0], h, beta))
    assert_close(d.hbeta, in_h(lambda *x: activation.slopes(*x)[1], h, beta))


@EVERY
def test_slopes_and_curvatures_are_central_differences(activation):
    """No complex numbers here; |h| >= 1e-3 is off the kink of ReLU."""
    (h, beta), step = grid(), 1e-5
    step = np.minimum(step, np.abs(h) / 4)
    d = activation.derivatives(h, beta)
    right, left = activation.derivatives(h + step, beta), activation.derivatives(h - step, beta)
    for slope, field in (("h", "f"), ("hh", "h"), ("hbeta", "beta")):
        difference = (getattr(right, field) - getattr(left, field)) / ((h + step) - (h - step))
        # rounding: the size of the function over the step
        tolerance = 1e-6 + 1e-15 * (1 + np.abs(getattr(d, field))) / step
        expected = getattr(d, slope)
        assert np.all(np.abs(difference - expected) <= tolerance * (1 + np.abs(expected)))


@EVERY
def test_a_call_gives_the_value_of_derivatives(activation):
    h, beta = grid()
    assert np.array_equal(activation(h, beta), activation.derivatives(h, beta).f)


@EVERY
def test_beta_is_one_unless_given(activation):
    h, _ = grid()
    assert np.array_equal(activation(h), activation(h, 1.0))
    for row, expected in zip(activation.derivatives(h), activation.derivatives(h, 1.0)):
        assert np.array_equal(row, expected)


# ------------------------------------------------------------ against the table


def plain_sigmoid(h, beta):
    u = beta * h
    s = 1 / (1 + np.exp(-u))
    w = s * (1 - s)
    bracket = 1 + u * (1 - 2 * s)
    return (
        s,
        beta * w,
        h * w,
        beta**2 * w * (1 - 2 * s),
        w * bracket,
        h**2 * w * (1 - 2 * s),
    )


def plain_tanh(h, beta):
    u = beta * h
    t = (np.exp(u) - np.exp(-u)) / (np.exp(u) + np.exp(-u))
    q = 1 - t**2
    return (
        t,
        beta * q,
        h * q,
        -2 * beta**2 * t * q,
        q * (1 - 2 * u * t),
        -2 * h**2 * t * q,
    )


def plain_esp(h, beta):
    u = beta * h
    s = 1 / (1 + np.exp(-u))
    w = s * (1 - s)
    bracket = 2 + u * (1 - 2 * s)
    return (
        h * s,
        s + u * w,
        h**2 * w,
        beta * w * bracket,
        h * w * bracket,
        h**3 * w * (1 - 2 * s),
    )


def plain_softplus(h, beta):
    u = beta * h
    s = 1 / (1 + np.exp(-u))
    w = s * (1 - s)
    log_Z = np.log(1 + np.exp(u))
    S = log_Z - u * s  # (2.11)
    return (
        log_Z / beta,
        s,
        -S / beta**2,
        beta * w,
        h * w,
        (2 * S + u**2 * w) / beta**3,
    )


def plain_relu(h, beta):
    return np.maximum(h, 0), (h > 0) * 1.0, 0 * h, 0 * h, 0 * h, 0 * h


def plain_scale(h, beta):
    return beta * h, beta, h, 0 * h, 1 + 0 * h, 0 * h


def plain_identity(h, beta):
    return h, 1 + 0 * h, 0 * h, 0 * h, 0 * h, 0 * h


TABLE = {
    sigmoid: plain_sigmoid,
    tanh: plain_tanh,
    esp: plain_esp,
    softplus: plain_softplus,
    relu: plain_relu,
    scale: plain_scale,
    identity: plain_identity,
}


@pytest.mark.parametrize("activation", TABLE, ids=lambda activation: activation.name)
def test_derivatives_are_the_formulas_of_the_table(activation):
    h, beta = (np.concatenate(p) for p in zip(*(points_for(activation, f) for f in (grid, zeros))))
    moderate = np.abs(beta * h) <= 15
    h, beta = h[moderate], beta[moderate]
    for got, expected in zip(activation.derivatives(h, beta), TABLE[activation](h, beta)):
        assert_close(got, expected, 1e-12)


def test_relu_has_slope_zero_at_the_kink_by_convention():
    for h in (0.0, -0.0):
        assert relu.derivatives(h, 2.0) == (0, 0, 0, 0, 0, 0)


def test_relu_does_not_depend_on_beta():
    h = np.array([-2.0, 0.0, 3.0])
    for beta in (-5.0, 0.0, 7.0):
        assert np.array_equal(relu(h, beta), [0, 0, 3])
        assert np.array_equal(relu.derivatives(h, beta).h, [0, 0, 1])


# ------------------------------------------------------------- identities for free


@pytest.mark.parametrize("activation", [sigmoid, tanh, scale], ids=lambda a: a.name)
def test_functions_of_beta_h_alone_scale_as_such(activation):
    """f(h, beta) = g(beta h), so Euler's relation is h f_h = beta f_beta."""
    h, beta = grid()
    d = activation.derivatives(h, beta)
    assert_sums(h * d.h, -beta * d.beta)
    assert_sums(d.h, h * d.hh, -beta * d.hbeta)
    assert_sums(d.beta, beta * d.betabeta, -h * d.hbeta)
    assert_sums(h**2 * d.hh, -(beta**2) * d.betabeta)


@pytest.mark.parametrize("activation", [esp, softplus, relu, identity], ids=lambda a: a.name)
def test_signals_scale_as_the_field(activation):
    """f(c h, beta/c) = c f(h, beta) for c > 0, differentiated in c, then in h and beta."""
    h, beta = grid()
    d = activation.derivatives(h, beta)
    assert_sums(h * d.h, -beta * d.beta, -d.f)
    assert_sums(h * d.hh, -beta * d.hbeta)
    assert_sums(h * d.hbeta, -beta * d.betabeta, -2 * d.beta)
    assert_sums(activation(3 * h, beta / 3), -3 * d.f)


def test_softplus_is_esp_plus_the_entropy_over_beta():
    h, beta = grid()
    assert_sums(softplus(h, beta), -esp(h, beta), -mf.energy.entropy(h, beta) / beta)  # (2.11)


def test_softplus_keeps_its_digits_at_any_size():
    h, beta = np.array([1e300, -1e300, 3e-310, 40.0, -40.0, 700.0]), np.array([1e10, 1, 1, 2, 2, 1])
    with mp.workdps(400):
        exact = [mp.log1p(mp.exp(mp.mpf(b) * mp.mpf(x))) / b for x, b in zip(h[1:], beta[1:])]
    assert softplus(h, beta).tolist() == pytest.approx([1e300, *map(float, exact)], rel=1e-15)


def test_esp_scales_with_negative_factors_too():
    h, beta = grid()
    assert_close(esp(-2 * h, beta / -2), -2 * esp(h, beta), 1e-15)


def test_sigmoid_of_a_reversed_field_is_the_other_state():
    h, beta = grid()
    assert_close(sigmoid(-h, beta), 1 - sigmoid(h, beta), 1e-15)
    assert np.array_equal(sigmoid(-h, beta), sigmoid(h, -beta))


def test_tanh_is_odd_in_the_field_and_in_beta():
    h, beta = grid()
    assert np.array_equal(tanh(-h, beta), -tanh(h, beta))
    assert np.array_equal(tanh(h, -beta), -tanh(h, beta))


def test_esp_of_beta_and_of_minus_beta_share_the_field():
    h, beta = grid()
    assert_close(esp(h, beta) + esp(h, -beta), h, 1e-15)
    assert_close(esp(h, beta) - esp(-h, beta), h, 1e-15)


def test_tanh_is_sigmoid_at_doubled_beta():
    h, beta = grid()
    d, s = tanh.derivatives(h, beta), sigmoid.derivatives(h, 2 * beta)
    assert_close(d.f, 2 * s.f - 1, 1e-15)
    assert_close(d.h, 2 * s.h)
    assert_close(d.beta, 4 * s.beta)
    assert_close(d.hh, 2 * s.hh)
    assert_close(d.hbeta, 4 * s.hbeta)
    assert_close(d.betabeta, 8 * s.betabeta)


def test_esp_at_beta_one_is_silu():
    h = np.linspace(-30, 30, 121)
    assert_close(esp(h), h / (1 + np.exp(-h)), 1e-15)


def test_esp_is_the_field_times_sigmoid():
    h, beta = grid()
    assert_close(esp(h, beta), h * sigmoid(h, beta), 1e-15)


@pytest.mark.parametrize("beta", [1.0, 1e3, 1e6, 1e9])
def test_esp_becomes_relu_as_one_over_beta(beta):
    """The largest difference is (r - 1)/beta, at |h| = r/beta, r = 1.278... = 1 + exp(-r)."""
    h = np.linspace(-4, 4, 8001) / beta
    difference = relu(h, beta) - esp(h, beta)
    assert np.all(difference >= 0)
    assert abs(beta * difference.max() - (trust.ROOTS[0] - 1)) < 1e-6
    assert abs(abs(beta * h[difference.argmax()]) - trust.ROOTS[0]) < 2e-3


def test_esp_at_large_beta_has_the_derivatives_of_relu():
    h = np.array([-5.0, -1e-2, 1e-2, 5.0])
    for got, expected in zip(esp.derivatives(h, 1e6), relu.derivatives(h, 1e6)):
        assert np.array_equal(got, expected)


@pytest.mark.parametrize("beta", [1e-3, -1e-3, 1e-6, 1e-12])
def test_esp_at_small_beta_is_half_the_field(beta):
    """h sigma(beta h) = h/2 + beta h^2/4 - beta^3 h^4/48 + ..."""
    h = np.linspace(-3, 3, 13)
    d = esp.derivatives(h, beta)
    assert np.all(np.abs(d.f - h / 2 - beta * h**2 / 4) <= abs(beta) ** 3 * h**4 / 48 + 1e-15)
    assert_close(d.h, 0.5, 2 * abs(beta))
    assert_close(d.beta, h**2 / 4, 10 * beta**2 + 1e-15)


def test_esp_at_beta_zero_is_half_the_field_exactly():
    h = np.array([-3.0, -0.0, 0.0, 1e300, 5e-324 * 2])
    d = esp.derivatives(h, 0.0)
    assert np.array_equal(d.f, h / 2)
    assert np.array_equal(d.h, np.full(5, 0.5))
    assert np.array_equal(d.hh, np.zeros(5))


# ------------------------------------------------------------- against sixty digits

SAMPLES = 300  # random points of each kind; `python -m tests.trust activations` takes more
EVERY_KIND = pytest.mark.parametrize("kind", trust.POINTS)


@EVERY_KIND
@pytest.mark.parametrize("name", trust.TERMS)
def test_derivatives_are_right_to_a_few_ulp_of_the_largest_summand(name, kind):
    """And finite wherever the true value is a float."""
    found = trust.errors_at(name, kind, SAMPLES)
    row, n = np.unravel_index(found["share"].argmax(), found["share"].shape)
    assert found["share"].max() <= 1, (trust.FUNCTIONS[row], *trust.points_of(kind, SAMPLES)[:, n])
    assert not found["infinite"].any()


@EVERY_KIND
@EVERY
def test_no_warning_and_no_nan_at_any_finite_point(activation, kind):
    h, beta = trust.points_of(kind, SAMPLES)
    has_value = (beta != 0) | (activation is not softplus)
    h, beta = h[has_value], beta[has_value]
    with np.errstate(all="raise"):
        assert not np.isnan(activation.derivatives(h, beta)).any()


def test_the_points_are_finite_and_reach_every_regime():
    h, beta = np.concatenate([trust.points_of(kind, 1000) for kind in trust.POINTS], axis=1)
    assert np.all(np.isfinite(h)) and np.all(np.isfinite(beta))
    with np.errstate(over="ignore", under="ignore"):
        u = np.abs(h * beta)
    edges = (0, 1e-300, 1e-9, 1, 700, 3000, np.inf)
    for low, high in pairwise(edges):
        for one_sign in (h < 0, h > 0):
            assert np.count_nonzero((low < u) & (u < high) & one_sign) > 100


# ----------------------------------------------------------------- shapes and errors

ROWS = ("f", "h", "beta", "hh", "hbeta", "betabeta")


@EVERY
def test_derivatives_are_named(activation):
    d = activation.derivatives(0.3, 0.8)
    assert d._fields == ROWS
    assert d == tuple(getattr(d, name) for name in ROWS)


@EVERY
@pytest.mark.parametrize(
    ("h", "beta", "expected"),
    [
        ((7, 3), (3,), (7, 3)),
        ((7, 3), (), (7, 3)),
        ((), (3,), (3,)),
        ((7, 1), (1, 3), (7, 3)),
        ((0, 3), (3,), (0, 3)),
    ],
)
def test_shapes_broadcast(activation, h, beta, expected):
    h, beta = np.full(h, 0.3), np.full(beta, 0.8)
    assert activation(h, beta).shape == expected
    for row in activation.derivatives(h, beta):
        assert row.shape == expected
        assert row.dtype == np.float64


@EVERY
def test_each_column_has_its_own_beta(activation):
    rng = np.random.default_rng(0)
    h, beta = rng.normal(size=(5, 3)), rng.normal(size=3)
    d = activation.derivatives(h, beta)
    for n, i in np.ndindex(5, 3):
        alone = activation.derivatives(h[n, i], beta[i])
        assert np.allclose([row[n, i] for row in d], alone, rtol=1e-15, atol=0)


@EVERY
def test_scalars_give_numpy_scalars(activation):
    for h, beta in ((1, 2), (0.5, 2.0), (np.array(0.5), np.float64(2))):
        assert isinstance(activation(h, beta), np.float64)
        for row in activation.derivatives(h, beta):
            assert isinstance(row, np.float64)


@EVERY
def test_lists_and_whole_numbers_are_taken_as_floats(activation):
    expected = activation.derivatives(np.array([-1.0, 0.0, 2.0]), 3.0)
    for h in ([-1, 0, 2], np.array([-1, 0, 2]), np.array([-1, 0, 2], dtype=np.float32)):
        assert np.array_equal(activation.derivatives(h, 3), expected)


@EVERY
def test_results_share_no_memory(activation):
    h, beta = np.array([[-1.0, 2.0], [0.5, 3.0]]), np.array([0.5, 2.0])
    rows = [activation(h, beta), *activation.derivatives(h, beta)]
    for i, row in enumerate(rows):
        assert row.flags.writeable
        others = [h, beta, *rows[:i], *rows[i + 1 :]]
        assert not any(np.shares_memory(row, other) for other in others)


@EVERY
def test_arguments_are_not_changed(activation):
    h, beta = grid()
    h_before, beta_before = h.copy(), beta.copy()
    activation(h, beta)
    activation.derivatives(h, beta)
    assert np.array_equal(h, h_before) and np.array_equal(beta, beta_before)


@EVERY
@pytest.mark.parametrize("bad", [1j, "1", True, None, [True], ["a"], np.array([1 + 0j])])
def test_what_is_not_a_real_number_is_refused(activation, bad):
    said = "expected an array" if bad is None else "expected real numbers"
    for call in (activation, activation.derivatives):
        with pytest.raises(TypeError, match=f"^h: {said}"):
            call(bad, 1.0)
        with pytest.raises(TypeError, match=f"^beta: {said}"):
            call(1.0, bad)


@EVERY
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, [0.0, np.nan]])
def test_what_is_not_finite_is_refused(activation, bad):
    for call in (activation, activation.derivatives):
        with pytest.raises(ValueError, match=r"^h: expected finite numbers"):
            call(bad, 1.0)
        with pytest.raises(ValueError, match=r"^beta: expected finite numbers"):
            call(1.0, bad)


@EVERY
def test_what_does_not_broadcast_is_refused(activation):
    for call in (activation, activation.derivatives):
        with pytest.raises(ValueError, match=r"^beta: expected .*\(5, 3\).*, got \(2,\)"):
            call(np.ones((5, 3)), np.ones(2))


def test_activations_are_listed_under_their_names():
    assert {"sigmoid", "tanh", "relu", "esp", "softplus", "scale", "identity"} <= set(ACTIVATIONS)
    for name, activation in ACTIVATIONS.items():
        assert activation.name == name
        assert getattr(module, name) is activation


@EVERY
def test_an_activation_cannot_be_changed(activation):
    with pytest.raises(FrozenInstanceError):
        activation.name = "another"
