"""What lesson 10 claims, computed."""

import numpy as np
import pytest

import minifnn as mf


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


def test_the_hessian_finds_the_way_down_that_the_gradient_hides():
    data = mf.datasets.nonlinear()
    X, Y = data.X_train, data.Y_train
    net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
    mf.train(net, X, Y, 2300, mf.Adam(0.01, decay=(0.9, 500)), record=[2299])
    eigenvalues, vectors = np.linalg.eigh(mf.hessian(net, X, Y))
    assert eigenvalues[0] < -1e-6 and eigenvalues[-1] > 50

    def gain(d):
        steps = [net.with_theta(net.theta + t * d) for t in np.geomspace(1e-6, 3, 300)]
        return net.loss(X, Y) - min(step.loss(X, Y) for step in steps)

    g = net.gradient(X, Y)
    squares = (vectors.T @ g) ** 2  # few of them, and most of the curvature
    bent = squares * eigenvalues
    assert squares[-3:].sum() < 0.02 * squares.sum() and bent[-3:].sum() > 0.8 * bent.sum()
    newton = -vectors @ ((vectors.T @ g) / (np.abs(eigenvalues) + 0.01))
    assert gain(newton / np.linalg.norm(newton)) > 20 * gain(-g / np.linalg.norm(g)) > 0
    v = vectors[:, 0]  # both parts count along it, and the residual part wins
    curved, bends = (v @ part(net, X, Y) @ v for part in (mf.gauss_newton, mf.residual_part))
    assert bends < -curved < 0


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
