"""What lesson 13 claims, computed."""

import numpy as np
import pytest

import minifnn as mf


@pytest.fixture(scope="module")
def data():
    data = mf.datasets.nonlinear()
    return data.X_train, data.Y_train


def trained(data, optimizer, epochs=3000, tail=()):
    """The network of the lesson, and theta at the epochs of the tail."""
    net = mf.mlp([2, 10, 1], "esp", trainable_beta=False, seed=1)
    history = mf.train(net, *data, epochs, optimizer, record=[*tail] or [epochs - 1])
    return net, [net.with_theta(theta) for theta in history["theta"]]


def sharpness(net, data):
    return np.linalg.eigvalsh(mf.hessian(net, *data))[-1]


TAIL = range(2000, 3000, 50)


@pytest.mark.parametrize("rate", [1, 2, 4])
def test_the_sharpness_ends_at_two_over_the_rate(data, rate):
    _, tail = trained(data, mf.GradientDescent(rate), tail=TAIL)
    assert np.mean([sharpness(net, data) for net in tail]) == pytest.approx(2 / rate, rel=0.2)


def test_larger_rates_end_lower(data):
    losses = [trained(data, mf.GradientDescent(rate))[0].loss(*data) for rate in (1, 2, 4)]
    assert losses == sorted(losses, reverse=True)


def test_momentum_ends_at_its_own_edge_which_is_twice_as_high(data):
    _, tail = trained(data, mf.Momentum(0.4, 0.9), tail=TAIL)
    sharp = np.mean([sharpness(net, data) for net in tail])
    assert sharp == pytest.approx((2 + 2 * 0.9) / 0.4, rel=0.15)


def test_the_zigzag_is_in_the_sharp_direction_and_progress_elsewhere(data):
    net, _ = trained(data, mf.GradientDescent(2))
    vectors, path = np.linalg.eigh(mf.hessian(net, *data))[1], []
    for _ in range(41):
        path.append(net.theta.copy())
        net.theta -= 2 * net.gradient(*data)
    path = np.array(path) @ vectors
    zigzag = np.abs(np.diff(path, n=2, axis=0)).mean(axis=0) / 4
    progress = np.abs(path[-1] - path[0]) / 40
    assert zigzag[-1] > 100 * zigzag[-20] and progress[-20] > 10 * progress[-1]


def test_adam_stays_at_its_edge_while_the_plain_sharpness_rises(data):
    net, adam = mf.mlp([2, 10, 1], "esp", trainable_beta=False, seed=1), mf.Adam(0.01)
    plain, seen = {}, []
    for t in range(1, 3001):
        adam.step(net.theta, net.gradient(*data))
        if t % 250 == 0:
            H, s = mf.hessian(net, *data), np.sqrt(adam.v / (1 - 0.999**t)) + 1e-8
            plain[t] = np.linalg.eigvalsh(H)[-1]
            seen.append(np.linalg.eigvalsh(H / np.sqrt(np.outer(s, s)))[-1])
    assert np.mean(seen[5:]) == pytest.approx(3800, rel=0.15)
    assert plain[3000] > 1.5 * plain[1000]


def test_a_zigzag_adds_half_its_square_times_the_slope_of_the_sharpness(data):
    """The mean of the gradients at both ends of a zigzag, against differences of v^T H v."""
    net, _ = trained(data, mf.GradientDescent(2))
    v, theta = np.linalg.eigh(mf.hessian(net, *data))[1][:, -1], net.theta.copy()

    def gradient(a):
        return net.with_theta(theta + a * v).gradient(*data)

    def bend(along, a):
        return v @ mf.hvp(net.with_theta(theta + a * along), *data, v)

    a = 0.01
    extra = (gradient(a) + gradient(-a)) / 2 - gradient(0)
    along = extra / np.linalg.norm(extra)
    slope = (bend(along, 1e-4) - bend(along, -1e-4)) / 2e-4
    assert np.linalg.norm(extra) == pytest.approx(a**2 / 2 * slope, rel=1e-2) and slope > 0


def test_adams_own_sharpness_falls_at_once_when_the_gradients_grow(data):
    net, adam = mf.mlp([2, 10, 1], "esp", trainable_beta=False, seed=1), mf.Adam(0.01)
    sizes, plain, seen = [], [], []
    for t in range(1, 1501):
        sizes.append(np.linalg.norm(net.gradient(*data)))
        adam.step(net.theta, net.gradient(*data))
        if t > 1000 and t % 20 == 0:
            H, s = mf.hessian(net, *data), np.sqrt(adam.v / (1 - 0.999**t)) + 1e-8
            plain.append(np.linalg.eigvalsh(H)[-1])
            seen.append(np.linalg.eigvalsh(H / np.sqrt(np.outer(s, s)))[-1])
    fall = np.argmin(np.diff(seen))
    assert seen[fall + 1] < 0.92 * seen[fall] and plain[fall + 1] > 0.97 * plain[fall]
    assert max(sizes[1000:]) > 10 * np.median(sizes[1000:])


def test_newton_goes_where_it_is_sharpest_and_lowest(data):
    net, _ = trained(data, mf.DampedNewton(0.001), 300)
    assert net.loss(*data) < 0.08 and sharpness(net, data) > 30


def test_the_most_negative_direction_leads_down_for_a_short_way_only(data):
    net, _ = trained(data, mf.GradientDescent(2))
    eigenvalues, vectors = np.linalg.eigh(mf.hessian(net, *data))
    here = net.loss(*data)
    change = {
        t: net.with_theta(net.theta + t * vectors[:, 0]).loss(*data) - here
        for t in (-5, -0.3, 0.3, 5)
    }
    assert eigenvalues[0] < -1e-3
    assert change[-0.3] < 0 and change[0.3] < 0 and min(change[-5], change[5]) > 0.05


def test_scaling_changes_the_sharpness_and_no_sign(data):
    net = mf.mlp([2, 10, 1], hidden="relu", seed=1)
    mf.train(net, *data, 2300, mf.Adam(0.01, decay=(0.9, 500)), record=[2299])
    scaled = net.copy()
    for name, factor in (("W1", 10), ("b1", 10), ("W2", 0.1)):
        scaled.parameters[name] = factor * net.parameters[name]
    before, after = (mf.spectrum(mf.hessian(one, *data)) for one in (net, scaled))
    assert after.sharpness > 3 * before.sharpness
    assert after.alpha_bounds == before.alpha_bounds


@pytest.mark.parametrize("K", [2, 3, 5])
def test_one_less_than_the_classes_stand_apart(K):
    digits = mf.datasets.digits()
    some = digits.Y_train.argmax(axis=1) < K
    X, Y = digits.X_train[some], digits.Y_train[some, :K]
    net = mf.mlp([64, 10, K], "esp", "softmax", seed=1)
    mf.train(net, X, Y, 300, record=[299])
    values = np.linalg.eigvalsh(mf.hessian(net, X, Y))[::-1][:30]
    assert 1 + (values[:-1] / values[1:]).argmax() == K - 1
