"""The backward pass against the complex step of the forward pass."""

import itertools

import numpy as np
import pytest
from helpers import largest, problem, problems, relative_error
from hypothesis import given, settings

import minifnn as mf
from minifnn.network import HIDDEN, OUTPUTS, check_problem

ENGINES = pytest.mark.parametrize("engine", ["numpy", "numba"])
EVERY = list(itertools.product(HIDDEN, OUTPUTS, (True, False)))


def complex_gradient(net, X, Y):
    X, Y = check_problem(net, X, Y)

    def loss(theta):
        return net.loss_function.value(net.with_theta(theta).forward(X), Y)

    return mf.check.complex_step(loss, net.theta)


def summed_sizes(net, X, Y):
    """The sum over samples of the sizes of their gradients in W and b, the scale of rounding."""
    X, Y = check_problem(net, X, Y)
    net.backward(net.loss_function.gradient(net.forward(X), Y))
    layers = [dense for dense, _ in net.layers]
    inputs = (np.hstack([dense.x, np.ones((len(dense.x), 1))]) for dense in layers)
    return max(largest(np.abs(x).T @ np.abs(d.dh)) for x, d in zip(inputs, layers))


@ENGINES
@pytest.mark.parametrize(("hidden", "output", "trainable"), EVERY)
def test_gradient_is_the_complex_step_of_the_loss(hidden, output, trainable, engine):
    for sizes in ([3, 5, 2], [2, 4, 3, 2]):
        net, X, Y = problem(sizes, hidden, output, trainable)
        assert relative_error(net.gradient(X, Y, engine), complex_gradient(net, X, Y)) <= 1e-14


@given(problems())
@settings(max_examples=300)
def test_gradient_of_any_network(problem):
    net, X, Y = problem
    reference = complex_gradient(net, X, Y)
    # a random network may sit where the samples' gradients all but cancel
    scale = max(largest(reference), summed_sizes(net, X, Y))
    for engine in ("numpy", "numba"):
        assert largest(net.gradient(X, Y, engine) - reference) <= 1e-14 * scale


@ENGINES
@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_by_central_differences(hidden, engine):
    net, X, Y = problem([3, 4, 2], hidden, "sigmoid", True)
    assert mf.check.gradient(net, X, Y, method="central", engine=engine).ok


def test_gradient_of_a_relu_network_is_right_off_the_kinks():
    net, X, Y = problem([3, 6, 4, 2], "relu", "softmax", N=40)
    reference = mf.check.central_differences(
        lambda theta: net.with_theta(theta).loss(X, Y), net.theta, step=1e-7
    )
    net.forward(X)
    assert min(np.abs(gate.h).min() for _, gate in net.layers[:-1]) > 1e-5  # no kink within a step
    assert relative_error(net.gradient(X, Y), reference) < 1e-7


def test_backward_overwrites_and_does_not_add():
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    assert np.array_equal(net.gradient(X, Y), net.gradient(X, Y))


def test_gradient_is_the_mean_over_samples():
    net, X, Y = problem([3, 4, 2], "esp", "softmax", N=6)
    each = [net.gradient(X[n : n + 1], Y[n : n + 1]) for n in range(6)]
    difference = np.mean(each, axis=0) - net.gradient(X, Y)
    assert largest(difference) < 1e-14 * largest(each)  # the scale is that of what is summed


def test_esp_gradient_is_negative_in_its_band():
    """Unlearning: f_h < 0 for h below -1.278/beta, which ReLU cannot do."""
    assert mf.activations.esp.derivatives(-2.0).h < 0 < mf.activations.esp.derivatives(-1.2).h


@ENGINES
def test_saturated_gradient_is_exact_and_not_zero(engine):
    """sigma(o) - 1 must not round to 0 where the network is sure and right."""
    net = mf.mlp([1, 1], [], "sigmoid")
    net.theta[:] = [0.0, 60.0]
    rounding = (4 + 60) * np.finfo(float).eps  # of exp(-60)
    assert net.gradient([[1.0]], [[1.0]], engine)[1] == pytest.approx(-np.exp(-60.0), rel=rounding)
