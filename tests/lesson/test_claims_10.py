"""What lesson 10 claims, computed."""

import inspect
import time
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import minifnn as mf
from minifnn import lesson


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(20, 3)), rng.integers(0, 2, size=(20, 2)).astype(float)
    return X, Y


def parts(net):
    """Of each parameter: its layer, and whether it is a W."""
    names = [name for name, where in net.slices.items() for _ in range(where.start, where.stop)]
    return np.array([int(name[-1]) for name in names]), np.array([n[0] == "W" for n in names])


class Forgetful(mf.layers.Dense):
    def backward_dot(self, dh_dot):
        super().backward_dot(dh_dot)
        return dh_dot @ self.W.T


def columns(net, X, Y):
    o = net.forward(X)
    net.backward(net.loss_function.gradient(o, Y))
    for e in np.eye(net.n_parameters):
        o_dot = net.forward_dot(np.zeros_like(X), e)
        C = net.loss_function.curvature(o, Y)
        yield net.backward_dot(np.einsum("nij,nj->ni", C, o_dot))


def test_the_slip_spoils_lower_rows_in_columns_of_upper_weights(problem):
    net = mf.mlp([3, 5, 4, 2], hidden="esp", seed=1)
    H, broken = mf.hessian(net, *problem), net.copy()
    for dense, _ in broken.layers:
        dense.__class__ = Forgetful
    wrong = np.abs(np.column_stack(list(columns(broken, *problem))) - H) > 1e-12
    layer, is_weight = parts(net)
    assert wrong.any() and not wrong[~(layer[:, None] < layer) | ~is_weight].any()


def test_the_residual_part_of_relu_is_between_layers(problem):
    net = mf.mlp([3, 5, 4, 2], hidden="relu", seed=1)
    layer, _ = parts(net)
    residual, same = mf.residual_part(net, *problem), layer[:, None] == layer
    assert np.all(residual[same] == 0) and np.abs(residual[~same]).max() > 1e-3


@pytest.fixture(scope="module")
def trained():
    """The network after 2,300 steps of Adam, its losses, Adam's m and root v, its last step."""
    data = mf.datasets.nonlinear()
    X, Y = data.X_train, data.Y_train
    net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
    adam_step, memory, losses = lesson.exercise("7.8").solution, (0.0, 0.0), []
    for t in range(2300):
        before = net.theta.copy()
        losses.append(net.loss(X, Y))
        rate = 0.01 * 0.9 ** (t / 500)
        net.theta, *memory = adam_step(net.theta, *memory, net.gradient(X, Y), t, rate)
    losses.append(net.loss(X, Y))
    m, root = memory[0], np.sqrt(memory[1])
    eigenvalues, vectors = np.linalg.eigh(mf.hessian(net, X, Y))

    def gain(d):
        d = d / np.linalg.norm(d)
        steps = [net.with_theta(net.theta + t * d) for t in np.geomspace(1e-6, 3, 300)]
        return losses[-1] - min(step.loss(X, Y) for step in steps)

    g = net.gradient(X, Y)
    newton = (vectors.T @ g) / (np.abs(eigenvalues) + 0.01)
    return SimpleNamespace(**locals())


def test_adam_still_gets_down_slowly_after_2300_steps(trained):
    losses = trained.losses
    assert 0.01 < 1 - losses[2300] / losses[2200] < 0.06


def test_adam_and_newton_get_down_where_the_gradient_does_not(trained):
    last = trained.net.theta - trained.before
    against = trained.gain(-trained.g)
    assert 0 < 100 * against < trained.gain(last)
    assert 100 * against < trained.gain(-trained.vectors @ trained.newton)


def test_a_few_sharp_directions_block_the_gradient(trained):
    squares = (trained.vectors.T @ trained.g) ** 2  # few of them, and most of the curvature
    bent = squares * trained.eigenvalues
    assert squares[-3:].sum() < 0.02 * squares.sum() and bent[-3:].sum() > 0.8 * bent.sum()


def test_newton_gains_in_the_flat_positive_directions_not_in_the_negative(trained):
    below, flat = trained.eigenvalues < 0, np.abs(trained.eigenvalues) < 0.01
    bands = below, flat & ~below, ~(flat | below)
    negative, positive, sharp = (
        trained.gain(-trained.vectors @ (trained.newton * b)) for b in bands
    )
    whole = trained.gain(-trained.vectors @ trained.newton)
    assert trained.eigenvalues[0] < -1e-6 and trained.eigenvalues[-1] > 50
    assert positive > 0.9 * whole and 0 < negative < 0.2 * whole and 0 < sharp < 0.01 * whole


def test_adam_needs_its_m_and_its_root_of_v(trained):
    m, root, g = trained.m, trained.root, trained.g
    np.testing.assert_allclose(
        trained.gain(-m / root), trained.gain(trained.net.theta - trained.before), rtol=1e-3
    )
    assert 5 * max(trained.gain(-m), trained.gain(-g / root)) < trained.gain(-m / root)
    H = mf.hessian(trained.net, trained.X, trained.Y)
    assert np.corrcoef(np.log([root, np.abs(np.diag(H))]))[0, 1] > 0.7
    sharp = [(trained.vectors[:, -3:].T @ d) ** 2 / (d @ d) for d in (g / root, m / root)]
    assert sharp[1].sum() < 0.1 * sharp[0].sum()  # the swings cancel


def test_the_residual_part_wins_along_the_lowest_eigenvector(trained):
    v, at = trained.vectors[:, 0], (trained.net, trained.X, trained.Y)
    curved, bends = (v @ part(*at) @ v for part in (mf.gauss_newton, mf.residual_part))
    assert bends < -curved < 0


def test_the_lines_with_dots_take_six_multiplications_a_gradient_three():
    def products(*methods):
        lines = "".join(map(inspect.getsource, methods)).splitlines()
        return sum(line.partition("#")[0].count(" @ ") for line in lines)

    dense = mf.layers.Dense
    assert products(dense.forward, dense.backward) == 3
    assert products(dense.forward_dot, dense.backward_dot) == 6


def test_eigenvalues_cost_more_than_the_hessian_once_P_is_about_N():
    pytest.importorskip("numba")
    data = mf.datasets.digits()
    net = mf.mlp([64, 20, 10], hidden="esp", seed=1)
    N, P = len(data.X_train), net.n_parameters
    assert 0.9 < P / N < 1.2
    with threadpool_limits(1):
        clock, H = [time.process_time()], mf.hessian(net, data.X_train, data.Y_train)
        for work in (
            lambda: mf.hessian(net, data.X_train, data.Y_train),
            lambda: np.linalg.eigvalsh(H),
        ):
            clock.append(time.process_time())
            work()
        clock.append(time.process_time())
    assert clock[2] - clock[1] < clock[3] - clock[2]


def test_the_two_weights_of_the_small_case():
    net = mf.mlp([1, 1, 1], "identity", output="linear")
    w = [net.slices["W1"].start, net.slices["W2"].start]
    net.theta[:] = 0
    net.theta[w] = 2, 3
    X, Y = np.array([[1.0]]), np.array([[5.0]])
    factor = net.loss(X, Y) / 0.5  # of its squared error, against (o - 5)^2 / 2
    parts = [part(net, X, Y)[np.ix_(w, w)] / factor for part in (mf.gauss_newton, mf.residual_part)]
    np.testing.assert_allclose(net.gradient(X, Y)[w] / factor, [3, 2])
    np.testing.assert_allclose(parts, [[[9, 6], [6, 4]], [[0, 1], [1, 0]]])
    np.testing.assert_allclose(mf.hessian(net, X, Y)[np.ix_(w, w)] / factor, [[9, 7], [7, 4]])
