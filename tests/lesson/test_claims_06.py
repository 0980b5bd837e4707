"""What lesson 6 says of its own figures, computed anew."""

import re

import numpy as np
import pytest

import minifnn as mf
from minifnn import lesson

SOURCE = (lesson.folder() / "source" / "06_trust.py").read_text("utf-8")
CALLED = "x, y, W1, b1, beta1, W2, b2, beta2"
MENDED = {  # the line of the suspect, and what hides its mistake
    "/ len(x)": ("/ y.size", "one output"),
    "(do * (a1 @ W2))": ("(do * h2)", "no bias"),
    "da1 * w,": ("da1 * beta1 * w,", "beta 1"),
}


def suspect(*edits):
    """The suspect as it stands on the page, with these of its mistakes mended."""
    text = re.search(rf"^def suspect\({CALLED}\):\n(?:    .*\n)+", SOURCE, re.MULTILINE)[0]
    for old in edits:
        assert text.count(old) == 1
        text = text.replace(old, MENDED[old][0])
    names = {"np": np}
    exec(text, names)
    return names["suspect"]


def flat(gradients):
    return np.concatenate([gradient.ravel() for gradient in gradients])


def loss_of(net, x, y):
    return lambda theta: net.loss_function.value(net.with_theta(theta).forward(x), y)


def error(function, net, x, y):
    """As the reader measures it: 6.3 for the reference, 6.4 for the number."""
    reference = lesson.exercise("6.3").solution(loss_of(net, x, y), net.theta)
    hand = flat(function(x, y, *net.parameters.values()))
    return lesson.exercise("6.4").solution(hand, reference)


def a_network(hidden, seed=9, sizes=(3, 4, 2)):
    """The random problem of the page."""
    net = mf.mlp(list(sizes), hidden, trainable_beta=True)
    rng = np.random.default_rng(seed)
    net.theta = rng.normal(size=net.n_parameters)
    y = rng.integers(0, 2, size=(7, sizes[-1])).astype(float)
    return net, rng.normal(size=(7, sizes[0])), y


def start(beta=1.0):
    return mf.mlp([2, 10, 1], "sigmoid", beta=beta, trainable_beta=True, seed=2)


def test_each_mistake_hides_at_its_point_and_shows_without_it():
    for left in MENDED:
        one_left = suspect(*(MENDED.keys() - {left}))
        assert error(one_left, *a_network("sigmoid")) > 1e-2
        for hiding in ("one output", "no bias", "beta 1"):
            sizes = (3, 4, 1) if hiding == "one output" else (3, 4, 2)
            net, x, y = a_network("sigmoid", sizes=sizes)
            for name in net.parameters:
                if hiding == "no bias" and name.startswith("b") and "beta" not in name:
                    net.parameters[name] = np.zeros(net.shapes[name])
                if hiding == "beta 1" and name.startswith("beta"):
                    net.parameters[name] = np.ones(net.shapes[name])
            hidden = error(one_left, net, x, y) < 1e-12
            assert hidden == (MENDED[left][1] == hiding)
    assert error(suspect(*MENDED), *a_network("sigmoid")) < 1e-14


def test_the_check_at_the_start_says_right_to_the_suspect():
    data = mf.datasets.nonlinear()
    assert error(suspect(), start(), data.X_train, data.Y_train) < 1e-14


def test_the_suspect_trains_as_well_as_the_right_gradient():
    data, losses = mf.datasets.nonlinear(), []
    X, Y = data.X_train, data.Y_train
    for wrong in (False, True):
        net = start()
        for _ in range(3000):
            told = flat(suspect()(X, Y, *net.parameters.values())) if wrong else net.gradient(X, Y)
            net.theta -= 0.5 * told
        losses.append(net.loss(X, Y))
    assert max(losses) < 0.32 and abs(losses[0] - losses[1]) < 0.02


def test_the_readers_backward_pass_is_right_to_the_last_digits():
    net, x, y = a_network("esp")
    backward, differences = (lesson.exercise(n).solution for n in ("5.4", "6.1"))
    assert error(backward, net, x, y) < 1e-14
    by_difference = differences(loss_of(net, x, y), net.theta, 1e-5)
    hand = flat(backward(x, y, *net.parameters.values()))
    assert 1e-13 < lesson.exercise("6.4").solution(by_difference, hand) < 1e-8


@pytest.mark.parametrize("beta", [1.0, 3.0, ("normal", 1.0)])
def test_the_directions_of_the_suspect(beta):
    data = mf.datasets.nonlinear()
    X, Y = data.X_train, data.Y_train
    net = start(beta)
    said, right = flat(suspect()(X, Y, *net.parameters.values())), net.gradient(X, Y)
    first = np.r_[net.slices["W1"], net.slices["b1"]]
    whole, part = (
        a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in ((said, right), (said[first], right[first]))
    )
    if beta in (1.0, 3.0):
        assert part > 1 - 1e-9 and whole > 0.9
    else:
        assert part < 0.4 < 0.8 < whole


def test_the_best_steps():
    x, beta = 0.8, 1.7
    true = mf.activations.esp.derivatives(x, beta).h
    steps = 10.0 ** np.arange(-12, -1.9, 0.05)

    def f(x):
        return x / (1 + np.exp(-beta * x))

    central = np.abs((f(x + steps) - f(x - steps)) / (2 * steps) / true - 1)
    one_sided = np.abs((f(x + steps) - f(x)) / steps / true - 1)
    for found, best, exponent in ((central, 1e-11, -5), (one_sided, 1e-8, -8)):
        typical = np.median(found[np.abs(np.log10(steps) - exponent) < 0.5])  # single ones are luck
        assert best / 10 < typical < best * 10
        for off in (-2.5, 2.5):
            assert np.median(found[np.abs(np.log10(steps) - exponent - off) < 0.5]) > 10 * typical


def test_a_kink_goes_with_a_smaller_step():
    linear = mf.datasets.linear()
    x, y = linear.X_train, linear.Y_train
    net = mf.mlp([2, 3, 1], "relu", seed=1)
    net.parameters["b1"][0] = 3e-6 - x[0] @ net.parameters["W1"][:, 0]
    assert (np.abs(x[0]) > 3).all()
    hand, differences = net.gradient(x, y), lesson.exercise("6.1").solution
    errors = [
        lesson.exercise("6.4").solution(hand, differences(loss_of(net, x, y), net.theta, step))
        for step in (1e-5, 1e-6, 1e-7)
    ]
    assert min(errors[:2]) > 1e-3 and errors[2] < 1e-6
