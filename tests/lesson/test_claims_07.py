"""What lesson 7 says of its own results, computed; of the activations, see test_claims_08."""

import numpy as np

import minifnn as mf
from minifnn import lesson

DATA = mf.datasets.nonlinear()
X, Y = DATA.X_train, DATA.Y_train


def test_the_place_of_eps_shows_in_the_first_step_and_a_forgotten_division_makes_it_long():
    net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
    g, zeros = net.gradient(X, Y), np.zeros(52)
    assert 6e-8 < np.abs(g).min() < 8e-8
    ours, m, v = lesson.exercise("7.8").solution(net.theta, zeros, zeros, g, 0, 0.01)
    pytorchs = net.theta - 0.01 * (m / 0.1) / (np.sqrt(v / 0.001) + 1e-8)
    assert 0.0065 < np.abs(ours - pytorchs).max() < 0.0075
    theirs = net.copy()
    mf.train(theirs, X, Y, 1, mf.Adam(0.01, decay=(0.9, 500)), record=[])
    assert np.abs(ours - theirs.theta).max() < 1e-15
    times_too_long = [(1 - 0.9**k) / np.sqrt(1 - 0.999**k) for k in (1, 10)]
    np.testing.assert_allclose(times_too_long[0], lesson.exercise("7.9").solution, rtol=1e-4)
    assert 6 < times_too_long[1] < 7


def test_small_batches_end_lower_and_units_die_in_training():
    ends, deaths = [], []
    for size in (None, 64, 16):
        net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
        mf.train(net, X, Y, 100, mf.GradientDescent(0.1), batch_size=size, record=[])
        ends.append(net.loss(X, Y))
    assert ends[0] > ends[1] > ends[2]
    net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
    mf.train(net, X, Y, 100, mf.GradientDescent(1.0), record=[])
    assert ends[0] > net.loss(X, Y) > 1.4 * ends[2]  # a larger rate helps, but not as much
    for seed in range(20):
        net, counts = mf.mlp([2, 10, 1], "relu", seed=seed), []
        for epochs in (0, 2300):
            if epochs:
                mf.train(net, X, Y, epochs, mf.Adam(0.01, decay=(0.9, 500)), record=[])
            W, b = net.parameters["W1"], net.parameters["b1"]
            counts.append((X @ W + b <= 0).all(axis=0).sum())
        deaths.append(counts)
    before, after = np.mean(deaths, axis=0)
    assert abs(lesson.exercise("7.10").solution - before) <= 0.2 * before
    assert after > before and 10 - after < 6


def test_near_the_limit_12_steps_with_momentum_go_about_as_far_as_30_without():
    step, curvatures = lesson.exercise("7.5").solution, np.array([1.0, 20.0])
    left = []
    for mu, steps in ((0.0, 30), (0.5, 12)):
        theta, p = np.array([-1.0, 0.25]), np.zeros(2)
        for _ in range(steps):
            theta, p = step(theta, p, curvatures * theta, 0.095, mu)
        left.append(np.linalg.norm(theta))
    assert 0.7 * left[0] < left[1] < left[0] < 0.06
