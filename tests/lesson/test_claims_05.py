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


def share(net, *top):
    """log10 of the size of dh in the first of twenty hidden layers, as a share of the last."""
    net.backward(*top)
    first, last = ((net.layers[l].dense.dh ** 2).mean() ** 0.5 for l in (0, 19))
    return np.log10(first / last)


def by_xavier(name, seed):
    rng = np.random.default_rng(seed)
    net = mf.mlp([20] * 21 + [1], name, "linear", trainable_beta=False, seed=seed)
    net.forward(rng.normal(size=(200, 20)))
    return share(net, rng.normal(size=(200, 1)))


def test_what_is_left_in_the_first_of_twenty_layers():
    names, factor = ("sigmoid", "esp", "relu", "tanh"), lesson.exercise("5.5").solution
    left = {name: np.mean([by_xavier(name, seed) for seed in range(5)]) for name in names}
    assert tuple(sorted(left, key=left.get)) == lesson.exercise("5.7").solution
    predicted = 19 * np.log10(factor(20**-0.5, np.full((3, 20), 0.25)))
    assert predicted == pytest.approx(lesson.exercise("5.6").solution, abs=0.05)
    assert left["sigmoid"] == pytest.approx(predicted, rel=0.1) and left["sigmoid"] < predicted


def by_the_rule_of_lesson_3(seed, name="sigmoid"):
    """The page's `sigmoids`, X and Y."""
    data, alive = mf.datasets.nonlinear(), lesson.exercise("3.4").solution
    net = mf.mlp([2] + [20] * 20 + [1], name, trainable_beta=False, seed=seed)
    rng, a = np.random.default_rng(seed), data.X_train
    for dense, gate in net.layers[:-1]:
        dense.W[:] = alive(rng.normal(size=dense.W.shape), a)
        a = gate.forward(dense.forward(a))
    return net, data.X_train, data.Y_train


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sigmoids_of_size_one_pass_no_gradient_and_those_of_factor_one_do(seed):
    factor = lesson.exercise("5.5").solution
    net, X, Y = by_the_rule_of_lesson_3(seed)
    sizes = [(gate.h**2).mean() ** 0.5 for _, gate in net.layers[:-1]]
    assert 0.5 < min(sizes) and max(sizes) < 2
    measured = share(net, net.loss_function.gradient(net.forward(X), Y))
    pairs = zip(net.layers[:19], net.layers[1:20])
    product = sum(np.log10(factor(dense.W.std(), gate.f_h)) for (_, gate), (dense, _) in pairs)
    assert measured < -6 and abs(measured - product) < 1
    free_layer, rng = lesson.exercise("5.8").solution, np.random.default_rng(seed)
    for dense, _ in net.layers[1:-1]:
        dense.W[:], dense.b[:] = free_layer(rng.normal(size=dense.W.shape))
        assert factor(dense.W.std(), np.full((1, 20), 0.25)) == pytest.approx(1, rel=0.15)
    biases = np.concatenate([dense.b for dense, _ in net.layers[1:-1]])
    assert biases.std() == pytest.approx(2, rel=0.15)  # the fields that they take off
    assert abs(share(net, net.loss_function.gradient(net.forward(X), Y))) < 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rule_that_keeps_the_signal_of_esp_keeps_its_gradient(seed):
    net, X, Y = by_the_rule_of_lesson_3(seed, "esp")
    assert abs(share(net, net.loss_function.gradient(net.forward(X), Y))) < 2


def test_the_slopes_where_the_field_is_zero():
    for beta in (0.5, 1.0, 2.0):
        slopes = {"sigmoid": beta / 4, "tanh": beta, "esp": 0.5}
        for name, slope in slopes.items():
            assert getattr(mf.activations, name).derivatives(0.0, beta).h == slope
