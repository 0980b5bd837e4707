"""Spectra from products with vectors, against the exact ones."""

import numpy as np
import pytest
from helpers import problem
from scipy.integrate import trapezoid
from scipy.sparse.linalg import LinearOperator

import minifnn as mf
from minifnn.curvature.lanczos import LanczosSpectrum, lanczos_spectrum

EPS = np.finfo(float).eps


@pytest.fixture(scope="module")
def both():
    """A network, its exact spectrum, and the one from products."""
    net, X, Y = problem([6, 12, 8, 3], "esp", "sigmoid", N=60)
    exact = mf.spectrum(mf.hessian(net, X, Y))
    return exact, lanczos_spectrum(mf.hessian_operator(net, X, Y), steps=50, vectors=20)


def test_the_operator_is_the_hessian():
    net, X, Y = problem([3, 5, 2], "tanh", "softmax", N=20)
    A, H = mf.hessian_operator(net, X, Y), mf.hessian(net, X, Y)
    V = np.random.default_rng(0).normal(size=(net.n_parameters, 3))
    assert A.shape == H.shape
    assert np.abs(A @ V - H @ V).max() < 1e-14 * np.abs(H).max() * np.abs(V).sum()
    assert np.array_equal(A @ V[:, 0], (A @ V)[:, 0])


def test_the_ends_are_exact_up_to_their_residuals(both):
    exact, found = both
    rounding = exact.tolerance
    for ours, true in (
        (found.smallest, exact.eigenvalues[:6]),
        (found.largest, exact.eigenvalues[-6:]),
    ):
        assert np.abs(ours - true).max() <= found.residuals.max() + rounding
    assert found.residuals.max() < 1e-10 * exact.norm
    assert found.sharpness == found.largest[-1]
    assert found.norm == max(-found.smallest[0], found.largest[-1])
    assert found.method == "lanczos" and exact.method == "exact"


def test_the_intervals_hold_the_exact_values(both):
    exact, found = both
    x = 0.01 * exact.norm
    error_of_trace = np.sqrt(2 * (exact.eigenvalues**2).sum() / 20)  # of 20 vectors (Hutchinson)
    for truth, estimate, widest in (
        (exact.trace, found.trace, 6 * error_of_trace),
        (exact.flat(1e-2), found.flat(1e-2), 0.5),
        (exact.flat(0.2), found.flat(0.2), 0.06),
        (np.mean(exact.eigenvalues < -x), found.below(-x), 0.2),
        (np.mean(exact.eigenvalues < 10 * x), found.below(10 * x), 0.06),
        (exact.alpha, found.alpha, 0.7),
    ):
        assert estimate.low <= truth <= estimate.high
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.high - estimate.low < widest


def test_the_rules_are_exact_for_low_powers(both):
    """Mean of theta^k over the rule is v^T H^k v: for k = 0 it is 1."""
    _, found = both
    steps = found.weights.shape[1]
    assert np.allclose(found.weights.sum(axis=1), 1.0, rtol=4 * steps * EPS)
    assert (found.weights >= 0).all()


def test_the_density_integrates_to_one(both):
    exact, found = both
    width = exact.norm / 50
    x = np.linspace(exact.eigenvalues[0] - 6 * width, exact.eigenvalues[-1] + 6 * width, 4001)
    assert trapezoid(found.density(x, width), x) == pytest.approx(1.0, abs=1e-6)


def test_every_eigenvalue_is_a_node_when_the_steps_suffice():
    """A diagonal matrix with three eigenvalues: the process stops after three steps."""
    values = np.repeat([-2.0, 0.5, 3.0], 20)
    A = mf.hessian_operator(*problem([2, 3, 1], "tanh", "sigmoid"))  # for its type only
    diagonal = type(A)((60, 60), matvec=lambda v: values * v, dtype=float)
    found = lanczos_spectrum(diagonal, extremes=1, steps=10, vectors=40)
    heavy = found.weights > 1e-12
    assert heavy.sum(axis=1).tolist() == [3] * 40
    nodes = found.nodes[heavy].reshape(40, 3)
    assert np.allclose(nodes, [-2.0, 0.5, 3.0], rtol=0, atol=60 * EPS * 3.0)  # sums of 60 terms
    assert found.alpha.low <= 1 / 3 <= found.alpha.high
    share = found.weights[:, 0]
    assert found.below(0.0).value == pytest.approx(share.mean())


def test_spectrum_takes_an_operator_and_says_so():
    net, X, Y = problem([6, 12, 3], "esp", "sigmoid", N=30)
    found = mf.spectrum(mf.hessian_operator(net, X, Y))
    assert isinstance(found, LanczosSpectrum)
    assert found.method == "lanczos"
    assert found.products > 600


def test_the_same_seed_gives_the_same_bits():
    A = mf.hessian_operator(*problem([4, 9, 2], "esp", "sigmoid", N=30))
    one, two = (lanczos_spectrum(A, extremes=2, steps=20, vectors=3, seed=5) for _ in range(2))
    assert np.array_equal(one.nodes, two.nodes)
    assert np.array_equal(one.smallest, two.smallest)


@pytest.mark.parametrize(
    ("name", "value"), [("extremes", 0), ("steps", 1), ("vectors", 1), ("seed", -1)]
)
def test_a_wrong_option_is_named(name, value):
    A = mf.hessian_operator(*problem([2, 3, 1], "tanh", "sigmoid", False))
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        lanczos_spectrum(A, **{name: value})


def test_what_is_no_operator_or_too_small_is_refused(both):
    A = mf.hessian_operator(*problem([2, 3, 1], "tanh", "sigmoid", False))
    oblong = type(A)((3, 2), matvec=lambda v: np.ones(3), dtype=float)
    for H in (3, oblong):
        with pytest.raises(TypeError, match=r"^H: expected a square LinearOperator"):
            lanczos_spectrum(H)
    for options in ({"steps": 13}, {"steps": 2, "extremes": 6}):
        with pytest.raises(ValueError, match=r"^H: expected 14 rows .* got 13"):
            lanczos_spectrum(A, **options)


def test_the_arguments_of_a_spectrum_are_named(both):
    for call, name in (
        (lambda s: s.flat(-1), "r"),
        (lambda s: s.below(np.nan), "x"),
        (lambda s: s.density([0.0], 0), "width"),
    ):
        with pytest.raises(ValueError, match=rf"^{name}\b"):
            call(both[1])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_products_in_short_floats_have_a_tolerance_of_their_size(kind):
    """A convex problem: no eigenvalue is certainly negative."""
    net, rng = mf.mlp([120, 1], output="linear"), np.random.default_rng(0)
    H = mf.hessian(net, rng.normal(size=(20, 120)), rng.normal(size=(20, 1))).astype(kind)
    A = LinearOperator(H.shape, matvec=lambda v: H @ v.astype(kind), dtype=kind)
    s = mf.spectrum(A)
    assert s.tolerance == 121 * np.finfo(kind).eps * s.norm
    assert s.alpha.low == 0.0 and (s.smallest >= -s.tolerance).all()
