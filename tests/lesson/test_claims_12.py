"""What lesson 12 says in words, computed from the committed table of seeds."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from minifnn import Adam, train
from minifnn.experiments.paper import ACTIVATIONS, PUBLISHED, TASKS, Run
from minifnn.experiments.seeds.run import PLANE, Setting, read_table
from tests.helpers import RECORD

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "findings"))
import tables  # noqa: E402

SOURCE = (ROOT / "lessons" / "source" / "12_paper.py").read_text("utf-8")
LESSON = re.sub(r"\n# ", " ", SOURCE)


@pytest.fixture(scope="module")
def findings():
    return tables.Findings(read_table(ROOT / "docs" / "findings" / "seeds.csv"))


def published(findings, task, name, data="generated", **start):
    return findings.get(Setting("published", data, task, name)._replace(**start))


def factorial(findings, task, name, beta, own_rate):
    """On the first generated data set; the digits have a block of their own."""
    if task == "digits":
        return findings.get(Setting("digits", "generated", task, name, beta), own_rate)
    return findings.factorial("generated", task, name, beta, own_rate)


def ratio(findings, task, rival, treatment, own_rate):
    """The median ratio of end costs, ESP over the rival."""
    mine, theirs = tables.TREATMENTS[treatment]
    both = (
        factorial(findings, task, name, beta, own_rate)
        for name, beta in (("esp", mine), (rival, theirs))
    )
    return tables.paired(*tables.common(*both)).ratio


def test_neither_published_run_of_relu_was_stuck(findings):
    """By the rule of the lesson; the linear one is nearly silent, the other is in the middle."""
    shares = []
    for task in ("linear-8-2", "nonlinear-8-2"):
        group = published(findings, task, "relu", "authors")
        shares.append(PUBLISHED[task, "relu"].cost / group["silence"][0])
    np.testing.assert_allclose(shares, [0.966, 0.835], atol=5e-4)
    assert max(shares) < 0.98 and "0.966 of silence" in LESSON and "0.835 of silence" in LESSON
    assert 40 < np.sum(group["cost"] < PUBLISHED["nonlinear-8-2", "relu"].cost) < 60
    linear = published(findings, "linear-8-2", "relu", "authors")
    near = np.abs(linear["cost"] / PUBLISHED["linear-8-2", "relu"].cost - 1) < 1e-3
    assert near.sum() == 3 and not tables.is_stuck(linear)[near].any()
    for q, seeds in ((16 / 38, linear), (387 / 690, group)):
        entropy = -(q * np.log(q) + (1 - q) * np.log(1 - q))
        assert entropy == pytest.approx(seeds["silence"][0], 1e-3)
    end = PUBLISHED["linear-8-2", "relu"]
    assert (round(45 * end.gamma), round(38 * end.train_accuracy)) == (26, 23)


def test_stuck_is_a_third_of_the_seeds_and_relu_alone(findings):
    for task in ("linear-8-2", "nonlinear-8-2"):
        stuck = {
            name: tables.is_stuck(published(findings, task, name))
            for name in ("esp", "sigmoid", "relu")
        }
        assert 25 < stuck["relu"].sum() < 40
        assert not stuck["esp"].any() and not stuck["sigmoid"].any()


def test_gamma_of_relu_is_more_than_its_dead_units(findings):
    """The dead parameters are the larger part of the zeros, and all of them in few runs."""
    relu = published(findings, "nonlinear-10", "relu")
    gamma, dead = relu["gamma"][:20], relu["dead"][:20]
    assert (gamma >= dead - 1e-4).all() and np.isclose(gamma, dead).sum() <= 5
    assert 0.5 * np.median(gamma) < np.median(dead) < 0.9 * np.median(gamma)
    for name in ("esp", "sigmoid"):
        assert not published(findings, "nonlinear-10", name)["gamma"].any()


def cells(source, title):
    """The ratios of a row of the lesson's table, at the published rate and at own rates."""
    row = re.search(rf"\| {title} \|(.+)\|\n", source).group(1)
    return [tuple(map(float, cell.split("→"))) for cell in row.split("|")]


def test_the_table_of_all_five_settings(findings):
    for task, about in TASKS.items():
        expected = [
            tuple(ratio(findings, task, "sigmoid", treatment, own) for own in (False, True))
            for treatment in tables.TREATMENTS
        ]
        np.testing.assert_allclose(cells(SOURCE, about.title), expected, rtol=0.06)


def agreed(findings, treatment, rate, rival="sigmoid"):
    """For each setting: -1 lower or 1 higher on all four data sets, else 0 (no order)."""
    found = tables.lead(findings, treatment, rate)
    signs = {task: {found[data, task, rival].sign for data in tables.DATA} for task in PLANE}
    return [one.pop() if len(one) == 1 else 0 for one in signs.values()]


def test_what_is_said_below_the_table(findings):
    rate, own = tables.RATES
    for each in tables.RATES:  # over ReLU the lead stays
        assert agreed(findings, "as published", each, "relu") == [-1] * 4
    assert agreed(findings, "as published", rate) == [-1] * 4
    assert ratio(findings, "digits", "sigmoid", "as published", False) < 1
    assert agreed(findings, "as published", own) == [-1, -1, 0, 0]
    for each in tables.RATES:
        assert agreed(findings, "β trained in all", each) == [0] * 4
    assert agreed(findings, "β = 1 in all", own) == [0, 0, 1, 0]
    found = tables.lead(findings, "β = 1 in all", own)
    ratios = [found[data, "nonlinear-10", "sigmoid"].pairs.ratio for data in tables.DATA]
    np.testing.assert_allclose([min(ratios), max(ratios)], [1.6, 3.4], atol=0.05)
    assert "by a factor of 1.6 to 3.4" in LESSON


def test_the_lead_at_the_published_rate_is_speed(findings):
    below = []
    for own in (False, True):
        both = ("esp", "published"), ("sigmoid", "fixed")
        for name, beta in both if own else ():
            one = Setting("factorial", "generated", "nonlinear-10", name, beta)
            assert findings.rates[one] == 0.1
        esp, sigmoid = (factorial(findings, "nonlinear-10", *way, own)["cost"] for way in both)
        below.append(f"{(esp < sigmoid).sum()} of {len(esp)}")
    assert below == ["24 of 24", "11 of 24"] and all(count in LESSON for count in below)


def test_small_residuals_depend_on_the_rivals_beta(findings):
    most, column = [], "zero_residuals"
    for task in PLANE:
        esp, *rivals = (published(findings, task, name)[column] for name in ACTIVATIONS)
        assert (esp > np.max(rivals, axis=0)).sum() >= 99
        esp, *rivals = (factorial(findings, task, n, "trained", False)[column] for n in ACTIVATIONS)
        most.append(int((esp > np.max(rivals, axis=0)).sum()))
    assert most == [4, 22, 4, 7] and "4, 22, 4 and 7 of" in LESSON


def test_the_claims_hold_with_the_authors_starts(findings):
    """One stream of random numbers for every layer: ESP ends lowest, ReLU gets stuck."""
    for task in PLANE:
        esp, relu, sigmoid = (
            findings.get(Setting("starts", "authors", task, name, init="one-stream"))
            for name in ACTIVATIONS[:3]
        )
        for rival in (relu, sigmoid):
            assert (esp["cost"] < rival["cost"]).sum() >= 90
        assert (tables.is_stuck(relu).sum() > 25) == ("8-2" in task)


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
