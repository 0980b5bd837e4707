"""What is proved about the Hessian, seen in numbers: gauges, zeros, ranks, bounds."""

import numpy as np
import pytest
from helpers import largest, problem, problems, relative_error
from hypothesis import assume, given

import minifnn as mf
from minifnn.curvature.theorems import dead_parameters, gauges, most_negative, structural_zeros
from minifnn.network import check_problem

EPS = np.finfo(float).eps


def rounding(*factors):
    """How far a product of a matrix or vector with a vector may be off: P terms are summed."""
    return 2 * len(factors[-1]) * EPS * np.prod([largest(factor) for factor in factors])


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
@pytest.mark.parametrize("hidden", ["esp", "relu", ["esp", "relu"], ["relu", "esp"]])
def test_gauge_leaves_the_loss_flat_to_first_and_second_order(hidden, output):
    net, X, Y = problem([3, 5, 4, 2], hidden, output)
    g, H = net.gradient(X, Y), mf.hessian(net, X, Y)
    signs, generators = gauges(net)
    for D, xi in zip(signs.T, generators.T):
        assert abs(g @ xi) < rounding(g, xi)
        assert largest(H @ xi + D * g) < rounding(H, xi)
        assert largest(H @ xi) > 1e-6 * largest(H)  # the second line says something
    assert len(signs.T) == 9 + 2 * net.trainable_beta[-1]


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh"])
def test_sigmoid_and_tanh_have_a_gauge_with_a_trained_beta_only(hidden):
    net, X, Y = problem([3, 5, 2], hidden, "sigmoid", False)
    assert gauges(net)[0].shape == (net.n_parameters, 0)
    scaled = 1.0 * np.isin(np.array(net.labels), ["W1[0,0]", "W1[1,0]", "W1[2,0]", "b1[0]"])
    scaled[net.slices["W2"]][:2] = -1.0  # as it would be for ESP and ReLU
    assert abs(net.gradient(X, Y) @ (scaled * net.theta)) > 1e-6
    net, X, Y = problem([3, 5, 2], hidden, "sigmoid", True)
    signs, generators = gauges(net)
    assert len(signs.T) == 5 + 2
    g = net.gradient(X, Y)
    assert largest(g @ generators) < rounding(g, generators)


def test_gauge_maps_a_network_to_one_with_the_same_output():
    net, X, _ = problem([3, 5, 2], "esp", "sigmoid")
    for c in (3.7, -2.0):  # for ESP, c may be negative too
        moved = net.copy()
        moved.parameters["W1"][:, 2] *= c
        moved.parameters["b1"][2] *= c
        moved.parameters["beta1"][2] /= c
        moved.parameters["W2"][2] /= c
        off = largest(moved.logits(X) - net.logits(X))
        p = net.parameters
        h = X @ p["W1"] + p["b1"]
        terms = np.abs(h) @ np.abs(p["W2"]) + np.abs(p["b2"])  # |a| <= |h|
        u = largest(h * p["beta1"])
        assert off < 2 * EPS * (4 + u) * largest(terms * p["beta2"])


def test_a_critical_point_has_one_zero_eigenvalue_per_gauge():
    """Labels that a network of ESP units itself made leave residuals of zero."""
    net, X, _ = problem([3, 4, 2], "esp", "linear", N=200)
    Y = net.forward(X)
    assert largest(net.gradient(X, Y, engine="numpy")) == 0
    zeros = structural_zeros(net, X, Y)
    n_gauges = zeros.gauge
    assert n_gauges == 6
    assert zeros.gauge_bound < 1e-10
    for engine in ("numpy", "numba"):
        s = mf.spectrum(mf.hessian(net, X, Y, engine=engine))
        assert round(s.gamma * net.n_parameters) == n_gauges


def test_softmax_has_a_zero_for_every_input_and_the_bias():
    net, X, Y = problem([3, 5, 4], "tanh", "softmax", False, N=60)
    H = mf.hessian(net, X, Y)
    for j in range(6):
        shift = np.zeros(net.n_parameters)
        name, row = ("W2", j) if j < 5 else ("b2", slice(None))
        net.split(shift)[name][row] = 1.0
        assert largest(H @ shift) < rounding(H, shift)
    assert mf.spectrum(H).gamma * net.n_parameters >= 6


def dead_unit_network():
    net, X, Y = problem([3, 6, 2], "relu", "sigmoid", N=80)
    net.parameters["b1"][[1, 4]] = -100.0
    return net, X, Y


def test_a_dead_relu_unit_makes_its_rows_zero():
    net, X, Y = dead_unit_network()
    H = mf.hessian(net, X, Y)
    dead = np.zeros(net.n_parameters, bool)
    views = net.split(dead)
    views["W1"][:, [1, 4]] = views["b1"][[1, 4]] = views["W2"][[1, 4]] = True
    assert not H[dead].any()
    assert H[~dead].any(axis=1).all()
    s = mf.spectrum(H)
    assert s.n_zero_rows == dead.sum() == 2 * (4 + 2)
    assert np.array_equal(dead_parameters(net, X), dead)
    assert s.published.gamma == dead.mean()


@given(problems())
def test_dead_parameters_are_the_zero_rows(drawn):
    """By counting paths through live units, and in the Hessian."""
    net, X, Y = drawn
    X = X * np.random.default_rng(net.n_parameters).integers(0, 2, size=X.shape[1])
    H = mf.hessian(net, X, Y, engine="numpy")
    dead = dead_parameters(net, X)
    assert not H[dead].any()
    residual = net.loss_function.gradient(net.forward(X), check_problem(net, X, Y)[1])
    assume(np.abs(residual).min() > 1e-3)
    if net.output in ("sigmoid", "softmax", "linear"):
        assert H[~dead].any(axis=1).all()


@given(problems(max_size=4))
def test_so_many_eigenvalues_are_as_small_as_theorems_promise(drawn):
    net, X, Y = drawn
    zeros, s = structural_zeros(net, X, Y), mf.spectrum(mf.hessian(net, X, Y))
    exact = zeros.dead + zeros.softmax
    size = np.sort(np.abs(s.eigenvalues))
    assert size[:exact].max(initial=0.0) <= s.tolerance
    bound = zeros.gauge_bound + s.tolerance
    assert size[: exact + zeros.gauge].max(initial=0.0) <= bound


def test_a_pixel_that_is_always_0_is_a_zero_for_every_unit():
    net, X, Y = problem([3, 5, 2], "esp", "sigmoid")
    X[:, 1] = 0.0
    assert structural_zeros(net, X, Y).dead == 5
    assert mf.spectrum(mf.hessian(net, X, Y)).n_zero_rows == 5


def test_a_dead_layer_kills_what_lies_below_it():
    net, X, Y = problem([3, 5, 2, 1], "relu", "sigmoid", N=40)
    net.parameters["b2"] -= 1000.0
    live = np.flatnonzero(~dead_parameters(net, X))
    assert [net.labels[i] for i in live] == ["b3[0]"]
    assert mf.spectrum(mf.hessian(net, X, Y)).n_zero_rows == net.n_parameters - 1


@pytest.mark.parametrize("seed", range(5))
def test_relu_diagonal_blocks_are_positive_and_bound_alpha(seed):
    net, X, Y = problem([3, 6, 5, 4, 2], "relu", "softmax", N=60, seed=seed)
    blocks = mf.layer_hessians(net, X, Y)
    for block in blocks:
        eigenvalues = np.linalg.eigvalsh(block)
        assert eigenvalues[0] >= -(len(block) + len(X)) * EPS * eigenvalues[-1]
    bound = net.n_parameters - max(len(block) for block in blocks)
    assert most_negative(net, X) == bound
    s = mf.spectrum(mf.hessian(net, X, Y))
    assert 0 < round(s.alpha * net.n_parameters) <= bound


def test_esp_diagonal_blocks_are_not_all_positive():
    net, X, Y = problem([3, 6, 5, 2], "esp", "sigmoid", False, N=60)
    assert min(np.linalg.eigvalsh(block)[0] for block in mf.layer_hessians(net, X, Y)) < -1e-6


@pytest.mark.parametrize(("D", "units", "K"), [(2, 10, 1), (3, 5, 2), (1, 4, 3), (2, 6, 4)])
def test_one_hidden_relu_layer_bounds_the_negative_eigenvalues(D, units, K):
    counts = []
    for seed in range(40):
        net, X, Y = problem([D, units, K], "relu", "sigmoid", N=60, seed=seed)
        field = X @ net.parameters["W1"] + net.parameters["b1"]
        bound = int((field > 0).any(axis=0).sum()) * min(K, D + 1)
        assert most_negative(net, X) == min(
            bound, net.n_parameters - max(3 * units, (D + 1) * units)
        )
        s = mf.spectrum(mf.hessian(net, X, Y))
        negative = round(s.alpha * net.n_parameters)
        assert negative <= bound
        counts.append(negative == bound)
    assert any(counts)  # the bound is tight


def test_no_bound_is_known_where_units_bend_or_the_output_has_a_trained_beta():
    for hidden, trained in (("esp", True), ("tanh", False), (["relu", "esp"], False)):
        net, X, _ = problem(
            [3, 4, 2, 1][: 4 if isinstance(hidden, list) else 3], hidden, "linear", trained
        )
        assert most_negative(net, X) is None
    net, X, _ = problem([3, 4, 2], "relu", "sigmoid", [False, True])
    assert most_negative(net, X) is None


def test_relu_hessian_is_not_gauss_newton():
    net, X, Y = problem([3, 5, 2], "relu", "sigmoid", N=40)
    residual = mf.residual_part(net, X, Y)
    assert largest(residual) > 1e-3
    for l in (1, 2):  # f_hh = 0: only the blocks between layers remain
        own = slice(net.slices[f"W{l}"].start, net.slices[f"b{l}"].stop)
        assert not residual[own, own].any()


def deep_linear(widths, N, rank_X, seed):
    """A bias-free deep linear network with squared error; W entries only."""
    rng = np.random.default_rng(seed)
    net = mf.mlp(widths, "identity", "linear", seed=seed)
    X = rng.normal(size=(N, rank_X)) @ rng.normal(size=(rank_X, widths[0]))
    weights = np.zeros(net.n_parameters, bool)
    for name, view in net.split(weights).items():
        view[:] = name.startswith("W")
    return net, X, rng.normal(size=(N, widths[-1])), weights


@pytest.mark.parametrize(
    ("widths", "rank_X"),
    [([5, 4, 3], 5), ([5, 4, 4, 3], 5), ([6, 4, 5, 4, 3], 6), ([6, 3, 4], 2), ([3, 6, 6, 3], 3),
     ([8, 2, 5, 4], 8), ([5, 5, 2], 4)],
)  # fmt: skip
def test_ranks_of_deep_linear_networks(widths, rank_X):
    """Singh, Bachmann, Hofmann 2021."""
    net, X, Y, weights = deep_linear(widths, 60, rank_X, seed=1)
    K, L, M = widths[-1], len(widths) - 1, sum(widths[1:-1])
    residual = net.predict(X) - Y
    q = min(rank_X, *widths[1:-1], K)
    s = np.linalg.matrix_rank(residual.T @ X, tol=1e-9)
    t = min(q, s)

    def rank(H):
        return np.linalg.matrix_rank(H[np.ix_(weights, weights)], tol=1e-11 * largest(H))

    assert rank(mf.gauss_newton(net, X, Y)) == q * (rank_X + K - q)
    assert rank(mf.residual_part(net, X, Y)) == 2 * t * M + 2 * t * s - L * t * t
    assert rank(mf.hessian(net, X, Y)) == 2 * q * M - L * q * q + q * (rank_X + K)


SUMS = 4 * 20 * EPS  # of the terms of 20 samples


def with_one(X):
    return np.hstack([X, np.ones((len(X), 1))])


def test_linear_regression_has_the_gram_matrix_of_its_inputs():
    net, X, Y = problem([4, 3], [], "linear", False, N=20, beta=1.0)
    gram = with_one(X).T @ with_one(X) / len(X)
    assert (
        relative_error(mf.hessian(net, X, Y), np.kron(gram, np.eye(3))) < 4 * len(X) * EPS
    )  # sums of so many terms


def test_logistic_regression_weights_it_by_the_variance():
    net, X, Y = problem([4, 1], [], "sigmoid", False, N=20, beta=1.0)
    p = net.predict(X)[:, 0]
    expected = with_one(X).T @ np.diag(p * (1 - p)) @ with_one(X) / len(X)
    assert (
        relative_error(mf.hessian(net, X, Y), expected) < 4 * len(X) * EPS
    )  # sums of so many terms


def test_softmax_regression_is_a_sum_of_kronecker_products():
    net, X, Y = problem([4, 3], [], "softmax", False, N=20, beta=1.0)
    expected = 0
    for x, p in zip(with_one(X), net.predict(X)):
        expected = expected + np.kron(np.outer(x, x), np.diag(p) - np.outer(p, p)) / len(X)
    assert (
        relative_error(mf.hessian(net, X, Y), expected) < 4 * len(X) * EPS
    )  # sums of so many terms
