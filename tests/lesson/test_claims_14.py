"""What lesson 14 says about decay and gauges, computed."""

import numpy as np
import pytest

import minifnn as mf
from minifnn import lesson

decay_term = lesson.exercise("14.5").solution


@pytest.fixture(scope="module")
def few():
    """Forty samples of the lesson's world, every tenth label wrong or so."""
    data, rng = mf.datasets.moons(n=2500, noise=0.15, seed=5), np.random.default_rng(5)
    wrong = rng.random(data.Y_train.shape) < 0.1
    return data.X_train[:40], np.where(wrong, 1 - data.Y_train, data.Y_train)[:40]


def trained(X, Y, decay, epochs, trainable, hidden="esp"):
    """A small network trained with decay, and which of its parameters are weights."""
    net = mf.mlp([2, 6, 1], hidden, trainable_beta=trainable, seed=1)
    weights = np.array([name.startswith("W") for name in net.labels])
    adam = mf.Adam(0.01)
    for _ in range(epochs):
        gradient = net.gradient(X, Y, engine="numpy")
        adam.step(net.theta, gradient + decay_term(net.theta, decay, weights)[1])
    return net, weights


def test_the_floor_is_the_entropy_of_the_flips():
    p, loss = lesson.exercise("14.2").solution(0.1)
    grid = np.linspace(0.01, 0.99, 9801)
    losses = -0.9 * np.log(grid) - 0.1 * np.log(1 - grid)
    assert grid[losses.argmin()] == pytest.approx(p, abs=1e-4)
    assert losses.min() == pytest.approx(loss, abs=1e-8) and round(loss, 3) == 0.325


def test_both_losses_fall_and_then_they_part():
    """The network of the lesson: the test loss is lowest long before the training ends."""
    data, rng = mf.datasets.moons(n=2500, noise=0.15, seed=5), np.random.default_rng(5)
    X, wrong = data.X_train, rng.random(data.Y_train.shape) < 0.1
    Y = np.where(wrong, 1 - data.Y_train, data.Y_train)
    net, marks = mf.mlp([2, 20, 1], "esp", seed=5), range(0, 6000, 25)
    run = mf.train(net, X[:100], Y[:100], 6000, mf.Adam(0.01), record=marks)
    nets = [net.with_theta(theta) for theta in [*run["theta"], net.theta]]
    seen = np.array([one.loss(X[:100], Y[:100]) for one in nets])
    new = np.array([one.loss(X[200:], Y[200:]) for one in nets])
    best, floor = new.argmin(), lesson.exercise("14.2").solution(0.1)[1]
    assert 4 <= best <= 20 and new[best] < 0.8 * new[0] and seen[best] < seen[0]
    assert seen[-1] < floor / 10 and new[-1] > 10 * np.log(2)


def test_stopped_descent_asks_for_a_decay_near_one_over_rate_times_steps():
    """With the output's beta fixed, rate times steps is one number, and 1/it a good decay."""
    data, rng = mf.datasets.moons(n=2500, noise=0.15, seed=5), np.random.default_rng(5)
    X, wrong = data.X_train, rng.random(data.Y_train.shape) < 0.1
    Y = np.where(wrong, 1 - data.Y_train, data.Y_train)
    seen, valid = (X[:100], Y[:100]), (X[100:200], Y[100:200])
    ways = []
    for rate in (0.1, 0.3):
        net = mf.mlp([2, 20, 1], "esp", trainable_beta=[True, False], seed=5)
        epochs = round(1200 / rate)
        rule, marks = mf.GradientDescent(rate), np.arange(0, epochs, 50)
        run = mf.train(net, *seen, epochs, rule, record=marks)
        losses = [net.with_theta(theta).loss(*valid) for theta in run["theta"]]
        assert 0 < np.argmin(losses) < len(losses) - 1
        ways.append(rate * (marks[np.argmin(losses)] + 1))
    assert ways == pytest.approx([850, 850], rel=0.03)

    def held(decay):
        net = mf.mlp([2, 20, 1], "esp", trainable_beta=[True, False], seed=5)
        weights = np.array([name.startswith("W") for name in net.labels])
        adam = mf.Adam(0.01)
        for _ in range(4000):
            adam.step(net.theta, net.gradient(*seen) + decay_term(net.theta, decay, weights)[1])
        return net.loss(*valid)

    losses = {decay: held(decay) for decay in (0.0003, 0.001, 1 / ways[0], 0.003, 0.01, 0.36)}
    assert 0.001 < 1 / ways[0] < 0.003 and losses[1 / ways[0]] < 0.42
    assert min(losses, key=losses.get) == 0.003 and losses[0.001] < min(losses[0.01], 0.45)
    assert min(losses[0.0003], losses[0.01], losses[0.36]) > losses[1 / ways[0]] + 0.04


def test_the_outputs_gauge_costs_no_loss_and_less_decay(few):
    net, weights = trained(*few, 0.003, 50, True)
    other, c = net.copy(), 0.1
    for name, factor in (("W2", c), ("b2", c), ("beta2", 1 / c)):
        other.parameters[name] *= factor
    assert other.loss(*few) == pytest.approx(net.loss(*few), rel=1e-12)
    kept = weights & (np.arange(len(weights)) >= net.slices["W2"].start)
    before, after = (decay_term(one.theta, 0.003, kept)[0] for one in (net, other))
    assert after == pytest.approx(c**2 * before)


def test_with_a_trained_output_beta_the_decay_leaks(few):
    first, _ = trained(*few, 0.003, 500, True)
    later, _ = trained(*few, 0.003, 3000, True)
    assert 3 * first.parameters["beta2"][0] < later.parameters["beta2"][0]


def test_decay_makes_the_lengths_of_a_units_weights_equal(few):
    net, weights = trained(*few, 0.003, 6000, [True, False])
    W1, b1, beta1, W2, _ = net.parameters.values()
    w, v = np.linalg.norm(W1, axis=0), np.linalg.norm(W2, axis=1)
    alive = w * v > 0.01
    assert alive.any() and np.allclose(w[alive], v[alive], rtol=0.01)
    assert np.abs(b1**2 - beta1**2)[alive].max() > 0.1  # of this, decay lets something stay
    H = mf.hessian(net, *few, engine="numpy") + decay_term(net.theta, 0.003, weights)[2]
    i = np.argmax(w)
    along = net.with_theta(np.zeros_like(net.theta))
    along.parameters["W1"][:, i], along.parameters["b1"][i] = W1[:, i], b1[i]
    along.parameters["beta1"][i], along.parameters["W2"][i] = -beta1[i], -W2[i]
    curvature = along.theta @ H @ along.theta
    assert curvature == pytest.approx(4 * 0.003 * w[i] ** 2, rel=0.01)


def test_small_steps_keep_the_difference_that_the_gauge_gives(few):
    """|w|^2 + b^2 - beta^2 - |v|^2 of each unit changes in second order of the rate only."""
    net, changes = mf.mlp([2, 6, 1], "esp", trainable_beta=[True, False], seed=1), []

    def difference(W1, b1, beta1, W2, _):
        return (W1**2).sum(axis=0) + b1**2 - beta1**2 - (W2**2).sum(axis=1)

    for rate in (1e-3, 1e-4):
        after = net.with_theta(net.theta - rate * net.gradient(*few, engine="numpy"))
        change = difference(*after.parameters.values()) - difference(*net.parameters.values())
        changes.append(np.abs(change).max())
    assert changes[0] / changes[1] == pytest.approx(100, rel=1e-3)


def test_a_sigmoid_unit_avoids_the_decay_of_its_incoming_weights():
    net, c = mf.mlp([2, 6, 1], "sigmoid", trainable_beta=[True, False], seed=1), 0.1
    other, X = net.copy(), np.random.default_rng(0).normal(size=(9, 2))
    for name, factor in (("W1", c), ("b1", c), ("beta1", 1 / c)):
        other.parameters[name] *= factor
    assert np.allclose(other.logits(X), net.logits(X), rtol=1e-12, atol=1e-13)
