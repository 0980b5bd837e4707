"""H v as it is computed, against the R-operator as one reads it; and the operator for SciPy."""

import itertools
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from helpers import largest, problem, problems
from hypothesis import given, settings
from scipy.sparse.linalg import lsmr, svds

import minifnn as mf
from minifnn.curvature import operator
from minifnn.losses import categorical
from minifnn.network import HIDDEN, OUTPUTS, check_problem

EPS = np.finfo(float).eps
EVERY = list(itertools.product(HIDDEN, OUTPUTS, (True, False)))


def r_operator(net, X, Y, v):
    """H v by `forward_dot` and `backward_dot`, the lines of lesson 10."""
    X, Y = check_problem(net, X, Y)
    net = net.fresh()
    o = net.forward(X)
    net.backward(net.loss_function.gradient(o, Y))
    C = net.loss_function.curvature(o, Y)
    return net.backward_dot(np.einsum("nij,nj->ni", C, net.forward_dot(np.zeros_like(X), v)))


def rounding(net, X, Y, v):
    """What docs/trust.md promises, 2 eps (4 + U) L S, of sums whose terms have the sizes S."""
    parts = mf.gauss_newton, mf.residual_part
    each = [
        np.abs(part(net, X[n : n + 1], Y[n : n + 1], "numpy"))
        for n in range(len(X))
        for part in parts
    ]
    net = net.fresh()
    net.forward(X)
    U = max(largest(gate.beta * gate.h) for _, gate in net.layers)
    return 2 * EPS * (4 + U) * len(net.layers) * (sum(each) / len(X) @ np.abs(v)).max()


def assert_same(net, X, Y):
    v = np.random.default_rng(5).normal(size=net.n_parameters)
    expected, allowed = r_operator(net, X, Y, v), rounding(net, X, Y, v)
    for engine in ("numba", "numpy"):
        Hv = mf.hvp(net, X, Y, v, engine)
        assert largest(Hv - expected) <= allowed
        assert np.array_equal(mf.hessian_operator(net, X, Y, engine) @ v, Hv)


@pytest.mark.parametrize(("hidden", "output", "trainable"), EVERY)
def test_it_is_the_r_operator(monkeypatch, hidden, output, trainable):
    monkeypatch.setattr(operator, "UNITS", 1)  # 64 samples per chunk
    for sizes, N in (([3, 5, 2], 150), ([2, 4, 3, 1 + (output == "softmax")], 64), ([3, 2], 65)):
        assert_same(*problem(sizes, hidden if len(sizes) > 2 else [], output, trainable, N))


@pytest.mark.parametrize("N", [4, 5])
def test_an_activation_with_a_number_per_unit(N):
    """Its functions take h (N, units): as many samples as units must not be taken for units."""
    slope = np.array([0.1, -0.2, 0.3, 0.5])
    prelu = mf.Activation(
        "PReLU",
        value=lambda h, beta: np.where(h.real > 0, h, slope * h),
        slopes=lambda h, beta: (np.where(h.real > 0, 1.0, slope), 0.0),
        curvatures=lambda h, beta: (0.0, 0.0, 0.0),
    )
    rng = np.random.default_rng(0)
    net, X, Y = mf.mlp([3, 4, 1], hidden=prelu, seed=1), rng.normal(size=(N, 3)), np.ones((N, 1))
    v = rng.normal(size=net.n_parameters)
    for Hv in (mf.hvp(net, X, Y, v), mf.hessian_operator(net, X, Y) @ v):
        assert largest(Hv - mf.hessian(net, X, Y) @ v) <= rounding(net, X, Y, v)


def test_samples_in_shares_on_threads_give_the_same_bits_each_time(monkeypatch):
    monkeypatch.setattr(operator, "SHARES", ((0, 4),))
    for N in (3, 150):  # fewer than shares, and some chunks
        assert_same(*problem([3, 5, 2], "esp", "softmax", True, N))
    net, X, Y = problem([3, 5, 2], "esp", "softmax", True, 150)
    V, times = (
        np.eye(net.n_parameters),
        operator.hessian_times(net, *check_problem(net, X, Y), "numba"),
    )
    assert len(times.args[1]) == 4
    assert all(np.array_equal(times(V), mf.hvp(net, X, Y, V)) for _ in range(20))


@given(problems())
@settings(max_examples=100)
def test_it_is_the_r_operator_for_any_network(problem):
    assert_same(*problem)


def test_the_size_of_chunks_changes_only_the_last_bits(monkeypatch):
    net, X, Y = problem([3, 5, 4, 2], "esp", "softmax", True, N=1000)
    v = np.random.default_rng(0).normal(size=net.n_parameters)
    whole, counted = mf.hvp(net, X, Y, v), []
    add = operator._add
    monkeypatch.setattr(operator, "_add", lambda *chunk: counted.append(1) or add(*chunk))
    monkeypatch.setattr(operator, "UNITS", 1)
    assert largest(mf.hvp(net, X, Y, v) - whole) <= rounding(net, X, Y, v)
    assert len(counted) == 16  # of 64 samples, the last of 40


def test_one_direction_has_the_same_bits_as_among_others():
    net, X, Y = problem([3, 5, 4, 2], "esp", "sigmoid", True, N=300)
    V = np.random.default_rng(0).normal(size=(net.n_parameters, 3))
    A = mf.hessian_operator(net, X, Y)
    for HV in (mf.hvp(net, X, Y, V), A @ V):
        assert all(np.array_equal(HV[:, r], A @ V[:, r]) for r in range(3))


def test_where_softmax_is_nearly_sure_no_digits_are_lost():
    """1 - p is as small as 1e-40: no entry of C o_dot may be off by more than rounding."""
    o = np.random.default_rng(0).normal(scale=40.0, size=(200, 4))
    C, kept = categorical.curvature(o, None), operator._curvature(categorical, o, None, 1.0)
    assert np.abs(C).min() < 1e-30
    for j, e in enumerate(np.eye(4)):
        found = operator._times_curvature(kept, np.tile(e[:, None], 200))
        np.testing.assert_allclose(found.T, C[:, :, j], rtol=16 * EPS)


@pytest.mark.parametrize("output", ["softmax", "linear"])
def test_a_loss_of_ones_own_gives_the_whole_curvature(monkeypatch, output):
    net, X, Y = problem([3, 4, 3], "esp", output)
    v = np.random.default_rng(0).normal(size=net.n_parameters)
    known, allowed = mf.hvp(net, X, Y, v), rounding(net, X, Y, v)
    gate, loss = OUTPUTS[output]
    monkeypatch.setitem(OUTPUTS, output, (gate, replace(loss, name="own")))
    net = net.copy()
    ((_, C),) = operator.hessian_times(net, *check_problem(net, X, Y), "numba").args[1][0]()
    assert C.shape == (17, 3, 3)
    assert largest(mf.hvp(net, X, Y, v) - known) <= allowed


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
def test_memory_does_not_grow_with_samples_and_outputs(output):
    N, K = 2000, 300  # an (N, K, K) array takes 1,440 MB
    net, X, Y = problem([3, K], [], output, N=N)
    X, Y = check_problem(net, X, Y)
    v = np.ones(net.n_parameters)
    mf.hvp(net, X[:9], Y[:9], v)
    tracemalloc.start()
    mf.hvp(net, X, Y, v)
    kept, (_, most) = Y.nbytes, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < kept + (10 << 20)  # a chunk takes 150 KB per array


def test_what_is_zero_is_not_kept():
    for hidden, straight in (("relu", True), ("identity", True), ("tanh", False)):
        net, X, Y = problem([3, 4, 2], hidden, "sigmoid", [False, True])
        ((lower, upper), _), *_ = operator.hessian_times(
            net, *check_problem(net, X, Y), "numba"
        ).args[1][0]()
        assert (lower.g_hh is None) == straight and lower.of_beta == ()
        assert upper.g_hh is None and len(upper.of_beta) == 3


# ---------------------------------------------------------------------- for SciPy


def test_the_operator_does_not_follow_what_changes_later():
    for trainable in (True, False):
        net, X, Y = problem([3, 5, 2], "esp", "linear", trainable, N=20)
        A, v = mf.hessian_operator(net, X, Y), np.ones(net.n_parameters)
        before = A @ v
        net.theta[:] += 1
        for array in (*net.betas, X, Y):
            array *= 2
        assert np.array_equal(A @ v, before)
        assert not np.array_equal(mf.hessian_operator(net, X, Y) @ v, before)


def test_scipy_may_ask_for_the_transposed():
    net, X, Y = problem([3, 5, 2], "esp", "sigmoid", N=20)
    A, H = mf.hessian_operator(net, X, Y), mf.hessian(net, X, Y)
    V = np.random.default_rng(0).normal(size=(net.n_parameters, 2))
    v = V[:, 0]
    for product in (A.T @ v, A.H @ v, v @ A, A.rmatvec(v)):
        assert np.array_equal(product, A @ v)
    for product in (A.T @ V, A.adjoint() @ V, A.rmatmat(V)):
        assert np.array_equal(product, A @ V)
    largest_three = np.sort(np.abs(np.linalg.eigvalsh(H)))[-3:]
    found = svds(A, k=3, v0=np.ones(len(H)), return_singular_vectors=False)
    assert np.allclose(np.sort(found), largest_three, rtol=1e-10)
    solution = lsmr(A, A @ v, atol=1e-12, btol=1e-12, maxiter=2000)[0]
    assert largest(A @ (solution - v)) <= 1e-8 * largest(A @ v)


def test_it_may_be_pickled_and_used_by_several_threads():
    net, X, Y = problem([3, 5, 2], "esp", "softmax", N=500)
    A = mf.hessian_operator(net, X, Y)
    V = np.random.default_rng(0).normal(size=(net.n_parameters, 40))
    expected = A @ V
    assert np.array_equal(pickle.loads(pickle.dumps(A)) @ V, expected)  # our own bytes
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(A.matvec, V.T))
    assert np.array_equal(np.column_stack(found), expected)


def test_the_operator_refuses_what_is_no_direction_or_no_engine():
    net, X, Y = problem([2, 3, 1], "tanh", "sigmoid")
    with pytest.raises(ValueError, match=r"V: expected finite numbers, got nan at \(0,\)"):
        mf.hessian_operator(net, X, Y) @ np.full(net.n_parameters, np.nan)
    with pytest.raises(ValueError, match=r"engine: expected one of numba, numpy, got 'jax'"):
        mf.hessian_operator(net, X, Y, engine="jax")


def test_where_much_would_be_kept_data_are_kept_and_the_products_are_the_same(monkeypatch):
    net, X, Y = problem([3, 5, 4, 2], "esp", "softmax", True, N=30)
    V = np.random.default_rng(0).normal(size=(net.n_parameters, 3))
    kept = mf.hessian_operator(net, X, Y)
    monkeypatch.setattr(operator, "MOST", 0)
    anew = mf.hessian_operator(net, X, Y)
    expected = kept @ V
    X[:], Y[:] = 0.0, Y[::-1].copy()
    net.theta[:] = 1.0
    assert np.array_equal(anew @ V, expected) and np.array_equal(anew @ V, expected)
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(HV, expected) for HV in pool.map(lambda _: anew @ V, range(8)))
