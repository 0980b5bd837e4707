"""What lesson 11 says in words, computed."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import minifnn as mf
from minifnn.experiments import paper
from tests.helpers import RECORD

SOURCE = Path(__file__).parents[2] / "lessons" / "source" / "11_zero.py"


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


def test_the_bound_of_the_error_doubles_tau_and_changes_no_count():
    run = paper.Run("linear-10", "relu")
    net, data = run.train()[0], run.data()
    X, Y = data.X_train, data.Y_train
    H, dH = mf.hessian(net, X, Y), mf.hessian_error(net, X, Y)
    without, s = mf.spectrum(H), mf.spectrum(H, dH)
    assert 1.8 < s.tolerance / without.tolerance < 2.6
    assert (s.alpha_bounds, s.gamma) == (without.alpha_bounds, without.gamma)


def test_the_published_count_is_within_the_bound_at_the_end():
    """Of 41 parameters, four per dead unit are dead: five of ten units are live."""
    for task in ("linear-10", "nonlinear-10"):
        end = paper.PUBLISHED[task, "relu"]
        dead = round(end.gamma * 41) // 4
        assert dead == 5 and round(end.alpha * 41) <= 10 - dead


def test_one_row_inside_the_band_is_steady():
    """Near the upper edge one eigenvalue keeps its value in every order; the others do not."""
    run = paper.Run("linear-10", "relu")
    net, data = run.train()[0], run.data()
    H, rng = mf.hessian(net, data.X_train, data.Y_train), np.random.default_rng(0)
    orders = [rng.permutation(len(H)) for _ in range(40)]
    answers = np.array([np.linalg.eigvalsh(H[np.ix_(one, one)]) for one in orders])
    tau = mf.spectrum(H).tolerance
    inside = answers[:, (np.abs(answers) <= tau).all(axis=0)]
    np.testing.assert_allclose(inside[:, -1], 3.4e-14, rtol=0.05)
    assert np.abs(inside[:, :-1]).max() < 0.1 * tau
    assert 3 < tau / np.ptp(answers, axis=0).max() < 10


@pytest.mark.skipif(not RECORD.is_dir(), reason="the authors' record is not here")
def test_the_counts_of_the_record():
    runs = json.loads((RECORD / "published_curves.json").read_text("utf-8"))["runs"]
    (run,) = (one for one in runs if (one["task"], one["hidden"]) == ("10_Lin", "relu"))
    lists = re.findall(r"^negative \+?= \[(.*)\]$", SOURCE.read_text("utf-8"), re.MULTILINE)
    negative = np.array([int(count) for count in ", ".join(lists).split(", ")])
    np.testing.assert_allclose(41 * np.array(run["alpha"]), negative, atol=1e-3)
    zero = 41 * np.array(run["gamma"])
    np.testing.assert_allclose(zero, [16] + 35 * [20], atol=1e-3)
    live = 10 - np.round(zero) // 4
    assert np.sum(negative > live) == 21 and negative[-1] <= live[-1] and negative.max() == 12
