"""What lesson 12 says in words, computed from the committed table of seeds."""

import re
from pathlib import Path

import numpy as np
import pytest

from minifnn import Adam, train
from minifnn.experiments.paper import PUBLISHED, TASKS, Run
from minifnn.experiments.seeds.run import read_rows
from minifnn.experiments.seeds.tables import Setting, grouped, is_stuck
from tests.helpers import RECORD

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "lessons" / "source" / "12_paper.py").read_text("utf-8")
LESSON = re.sub(r"\n# ", " ", SOURCE)
PLANE = ("linear-10", "linear-8-2", "nonlinear-10", "nonlinear-8-2")
KINDS = {"as published": "published", "β = 1": "fixed", "β trained": "trained"}


@pytest.fixture(scope="module")
def groups():
    return grouped(read_rows(ROOT / "docs" / "findings" / "starts.csv"))


def ratios(groups, task, rival, kind):
    """ESP's end cost over the rival's, seed by seed; "fixed", the rival is as published."""
    names = (("esp", kind), (rival, "published" if kind == "fixed" else kind))
    one, other = (groups[Setting("generated", task, *name, 0.01)] for name in names)
    costs = dict(zip(other["seed"], other["cost"]))
    return np.array([c / costs[s] for s, c in zip(one["seed"], one["cost"]) if s in costs])


def test_neither_published_run_of_relu_was_stuck(groups):
    """By the rule of the lesson; the linear one is nearly silent, the other is in the middle."""
    shares = []
    for task in ("linear-8-2", "nonlinear-8-2"):
        group = groups[Setting("authors", task, "relu", "published", 0.01)]
        shares.append(PUBLISHED[task, "relu"].cost / group["silence"][0])
    np.testing.assert_allclose(shares, [0.966, 0.835], atol=5e-4)
    assert max(shares) < 0.98 and "0.966 of silence" in LESSON and "0.835 of silence" in LESSON
    assert 40 < np.sum(group["cost"] < PUBLISHED["nonlinear-8-2", "relu"].cost) < 60
    linear = groups[Setting("authors", "linear-8-2", "relu", "published", 0.01)]
    near = np.abs(linear["cost"] / PUBLISHED["linear-8-2", "relu"].cost - 1) < 1e-3
    assert near.sum() == 3 and not is_stuck(linear)[near].any()
    for q, seeds in ((16 / 38, linear), (387 / 690, group)):
        entropy = -(q * np.log(q) + (1 - q) * np.log(1 - q))
        assert entropy == pytest.approx(seeds["silence"][0], 1e-5)
    end = PUBLISHED["linear-8-2", "relu"]
    assert (round(45 * end.gamma), round(38 * end.train_accuracy)) == (26, 23)


def test_stuck_is_a_third_of_the_seeds_and_relu_alone(groups):
    for task in ("linear-8-2", "nonlinear-8-2"):
        stuck = {
            name: is_stuck(groups[Setting("generated", task, name, "published", 0.01)])
            for name in ("esp", "sigmoid", "relu")
        }
        assert 25 < stuck["relu"].sum() < 40
        assert not stuck["esp"].any() and not stuck["sigmoid"].any()


def test_gamma_of_relu_is_more_than_its_dead_units(groups):
    """The dead parameters are the larger part of the zeros, and all of them in few runs."""
    relu = groups[Setting("generated", "nonlinear-10", "relu", "published", 0.01)]
    gamma, dead = relu["gamma"][:20], relu["dead"][:20]
    assert (gamma >= dead - 1e-4).all() and np.isclose(gamma, dead).sum() <= 5
    assert 0.5 * np.median(gamma) < np.median(dead) < 0.9 * np.median(gamma)
    for name in ("esp", "sigmoid"):
        assert not groups[Setting("generated", "nonlinear-10", name, "published", 0.01)][
            "gamma"
        ].any()


def test_the_table_of_all_five_settings(groups):
    for task, about in TASKS.items():
        cells = re.search(rf"\| {about.title} \|([\d. |]+)\|\n", SOURCE).group(1).split("|")
        expected = [
            np.median(ratios(groups, task, rival, kind))
            for kind in KINDS.values()
            for rival in ("sigmoid", "tanh")
        ]
        np.testing.assert_allclose([float(cell) for cell in cells], expected, atol=0.00501)


def test_what_is_said_below_the_table(groups):
    of = {
        (kind, rival): [np.median(ratios(groups, task, rival, kind)) for task in TASKS]
        for kind in KINDS.values()
        for rival in ("sigmoid", "tanh")
    }
    assert max(of["published", "sigmoid"] + of["published", "tanh"]) < 0.55
    assert max(of["fixed", "sigmoid"]) < 0.9  # the shape alone is ahead of sigmoid
    plane = of["fixed", "tanh"][:4]
    assert min(plane) < 1 < max(plane) and of["fixed", "tanh"][4] < 0.5
    for rival in ("sigmoid", "tanh"):  # no order
        assert min(of["trained", rival]) < 0.6 and max(of["trained", rival]) > 1.2
    published, fixed = np.log(of["published", "sigmoid"]), np.log(of["fixed", "sigmoid"])
    assert (fixed[:4] > 0.5 * published[:4]).all()  # most of the lead goes with beta


def test_the_lead_at_the_published_rate_is_mostly_speed(groups):
    costs = {
        (name, rate): groups[Setting("generated", "nonlinear-10", name, "published", rate)]["cost"]
        for name in ("esp", "sigmoid")
        for rate in (0.01, 0.1)
    }
    said = re.findall(r"# \| (0\.01|0\.1) \| (0\.\d+) \| (0\.\d+) \|\n", SOURCE)
    for rate, esp, sigmoid in said:
        medians = [np.median(costs[name, float(rate)]) for name in ("esp", "sigmoid")]
        np.testing.assert_allclose([float(esp), float(sigmoid)], medians, atol=6e-4)
    assert len(said) == 2
    below = costs["esp", 0.1] < costs["sigmoid", 0.1]
    assert f"{below.sum()} of {len(below)}" == "18 of 30" and "18 of 30" in LESSON
    assert (costs["esp", 0.01] < costs["sigmoid", 0.01]).sum() == 100


def test_small_residuals_depend_on_the_rivals_beta(groups):
    most = []
    for task in PLANE:
        esp = groups[Setting("generated", task, "esp", "published", 0.01)]
        for beta in ("published", "trained"):
            rivals = [
                groups[Setting("generated", task, name, beta, 0.01)]["zero_residuals"]
                for name in ("relu", "sigmoid", "tanh")
            ]
            count = int((esp["zero_residuals"] > np.max(rivals, axis=0)).sum())
            if beta == "published":
                assert count >= 99
        most.append(count)
    assert most == [54, 98, 24, 42] and "54, 98, 24 and 42" in LESSON


def test_the_encoding_of_the_digits_sets_the_ceiling_and_not_the_cost():
    """The same pixels and the same first weights; only the targets differ."""
    ten, old = (Run("digits", "esp", as_published=flag).data() for flag in (False, True))
    scores, costs = [], []
    for targets in (old.Y_train, ten.Y_train):
        net = Run("digits", "esp").network()
        train(net, ten.X_train, targets, 200, Adam(0.01, decay=(0.9, 500)), record=[])
        scores.append(net.score(ten.X_train, targets))
        costs.append(net.loss(ten.X_train, targets))
    assert scores[0] < np.mean(old.Y_train.any(axis=1)) < 0.9 < 0.95 < scores[1]
    assert costs[0] < 1.1 * costs[1]


@pytest.mark.skipif(not RECORD.is_dir(), reason="the authors' record is not here")
def test_the_layers_of_the_record_start_from_the_same_numbers():
    record = np.load(RECORD / "nl10_esp.npz")
    first, second = record["W1"][0].T.ravel()[:10], record["W2"][0].ravel()
    same = [np.corrcoef(one, second)[0, 1] for one in (first, record["W1"][0].ravel()[:10])]
    assert max(same) > 0.99
