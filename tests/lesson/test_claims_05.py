"""What lesson 5 says of its own figures, computed anew."""

import numpy as np
import pytest

import minifnn as mf
from minifnn import lesson


@pytest.fixture(scope="module")
def learnt():
    """The network of the lesson, after 2001 steps by the backward pass of 5.4."""
    data, backward = mf.datasets.nonlinear(), lesson.exercise("5.4").solution
    net = mf.mlp([2, 10, 1], "esp", trainable_beta=True, seed=1)
    for _ in range(2001):
        gradients = backward(data.X_train, data.Y_train, *net.parameters.values())
        for parameter, gradient in zip(net.parameters.values(), gradients):
            parameter -= gradient
    return net, data.X_train, data.Y_train


def test_the_backward_pass_of_5_4_is_the_librarys_gradient_and_learns(learnt):
    net, X, Y = learnt
    gradients = lesson.exercise("5.4").solution(X, Y, *net.parameters.values())
    own = np.concatenate([gradient.ravel() for gradient in gradients])
    library = net.gradient(X, Y, engine="numpy")
    np.testing.assert_allclose(own, library, rtol=0, atol=1e-14 * np.abs(own).max())
    assert net.loss(X, Y) < 0.28  # from 0.68


def test_nearly_a_quarter_in_the_band_and_three_in_four_of_those_below_a_hundredth(learnt):
    net, X, Y = learnt
    net.backward(net.loss_function.gradient(net.forward(X), Y))
    slope = net.layers[0].gate.f_h
    band, steep = (slope < 0).mean(), (slope < -0.01).mean()
    assert 0.2 < band < 0.25
    assert 0.7 < steep / band < 0.8


def test_the_band_begins_at_the_root_of_the_bracket():
    below, above = mf.activations.esp.derivatives(np.array([-1.279, -1.278]), 1.0).h
    assert below < 0 < above


def shares(name, units=20):
    """The size of dh in the first of forty hidden layers, as a share of the last, for 5 seeds."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        net = mf.mlp([units] * 41 + [1], name, "linear", trainable_beta=False, seed=seed)
        net.forward(rng.normal(size=(200, units)))
        net.backward(rng.normal(size=(200, 1)))
        first, last = ((net.layers[l].dense.dh ** 2).mean() ** 0.5 for l in (0, 39))
        yield np.log10(first / last)


def test_what_is_left_in_the_first_of_forty_layers():
    left = {name: np.mean(list(shares(name))) for name in ("sigmoid", "esp", "relu", "tanh")}
    assert tuple(sorted(left, key=left.get)) == lesson.exercise("5.7").solution
    assert -13 < left["esp"] < -11
    predicted = 39 * np.log10(lesson.exercise("5.5").solution(20**-0.5, np.full((3, 20), 0.25)))
    assert predicted == pytest.approx(lesson.exercise("5.6").solution, abs=0.05)
    assert left["sigmoid"] == pytest.approx(predicted, rel=0.1) and left["sigmoid"] < predicted


def of_forty_layers(seed, std=None, beta=0.3):
    """log10 of the share of the gradient that reaches the first layer of the lesson's `deep`."""
    data, rng = mf.datasets.nonlinear(), np.random.default_rng(seed)
    net = mf.mlp([2] + [20] * 40 + [1], "esp", beta=beta, trainable_beta=False, seed=seed)
    for l in range(2, 41):
        if std is not None:
            net.parameters[f"W{l}"] = rng.normal(0, std, (20, 20))
    net.backward(net.loss_function.gradient(net.forward(data.X_train), data.Y_train))
    first, last = ((net.layers[l].dense.dh ** 2).mean() ** 0.5 for l in (0, 39))
    return np.log10(first / last)


def test_weights_of_factor_one_keep_the_gradient_of_forty_layers_if_the_noise_is_large():
    std = 1 / lesson.exercise("5.5").solution(1.0, np.full((1, 20), 0.5))
    assert std == pytest.approx(2 / 20**0.5)
    assert all(of_forty_layers(seed) < -10 for seed in range(5))
    assert all(abs(of_forty_layers(seed, std)) < 1.5 for seed in range(5))
    assert sum(of_forty_layers(seed, std, beta=1.0) > 3 for seed in range(8)) >= 3  # many


def test_the_slopes_where_the_field_is_zero():
    for beta in (0.5, 1.0, 2.0):
        slopes = {"sigmoid": beta / 4, "tanh": beta, "esp": 0.5}
        for name, slope in slopes.items():
            assert getattr(mf.activations, name).derivatives(0.0, beta).h == slope
