"""What lesson 11 says in words, computed."""

import numpy as np
import pytest

import minifnn as mf
from minifnn.experiments import paper


@pytest.fixture(scope="module")
def relu():
    """The trained non-linear ReLU network, and its data."""
    run = paper.Run("nonlinear-10", "relu")
    net, data = run.network(), run.data()
    adam = mf.Adam(paper.RATE, decay=(0.9, 500))
    mf.train(net, data.X_train, data.Y_train, run.n_epochs, adam, record=[])
    return net, data.X_train, data.Y_train


def rescaled(net, c):
    """The same function: incoming weights and biases times c, outgoing weights over c."""
    theta = net.theta.copy()
    part = net.split(theta)
    part["W1"] *= c
    part["b1"] *= c
    part["W2"] /= c
    return net.with_theta(theta)


def test_alpha_does_not_depend_on_the_gauge_and_flatness_does(relu):
    net, X, Y = relu
    one = mf.spectrum(mf.hessian(net, X, Y))
    ten = rescaled(net, 10.0)
    other = mf.spectrum(mf.hessian(ten, X, Y))
    np.testing.assert_allclose(ten.logits(X), net.logits(X), atol=1e-12)
    assert other.alpha_bounds == one.alpha_bounds and other.gamma == one.gamma
    assert (other.flat([1e-6, 1e-3]) > one.flat([1e-6, 1e-3]) + 0.05).all()
    assert other.sharpness > 5 * one.sharpness


def test_what_is_known_about_alpha_does(relu):
    """With c = 100, tau hides signs that are known with c = 1; both intervals can be true."""
    net, X, Y = relu
    low, high = mf.spectrum(mf.hessian(net, X, Y)).alpha_bounds
    wide = mf.spectrum(mf.hessian(rescaled(net, 100.0), X, Y)).alpha_bounds
    assert wide[0] <= low and high < wide[1]


def test_the_error_of_the_hessian_itself_is_small_here_and_need_not_be(relu):
    """The order of the samples moves H by less than tau; not where large terms cancel."""
    rng = np.random.default_rng(0)

    def share_of_tau(net, X, Y):
        H = mf.hessian(net, X, Y)
        order = rng.permutation(len(X))
        moved = np.linalg.norm(mf.hessian(net, X[order], Y[order]) - H, 2)
        return moved / mf.spectrum(H).tolerance

    assert share_of_tau(*relu) < 0.1
    net = mf.mlp([1, 1, 1], "identity", "sigmoid")
    net.theta[:] = 1e-6 * rng.normal(size=net.n_parameters)
    X, Y = 1e5 + rng.normal(size=(60, 1)), np.arange(60).reshape(-1, 1) % 2.0
    assert share_of_tau(net, X, Y) > 100


def test_the_published_count_is_within_the_bound_at_the_end():
    """Of 41 parameters, four per dead unit are dead: five of ten units are live."""
    for task in ("linear-10", "nonlinear-10"):
        end = paper.PUBLISHED[task, "relu"]
        dead = round(end.gamma * 41) // 4
        assert dead == 5 and round(end.alpha * 41) <= 10 - dead
