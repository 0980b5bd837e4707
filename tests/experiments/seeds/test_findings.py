"""Statistics; and the tables and figures of docs/findings.md, from the table that is committed."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from minifnn.experiments.paper import ACTIVATIONS, RATE, TASKS
from minifnn.experiments.seeds.run import PLANE, Setting, read_plan, read_table

DOCS = Path(__file__).parents[3] / "docs"
sys.path.insert(0, str(DOCS / "findings"))
import figures  # noqa: E402
import tables  # noqa: E402
from tables import fraction_interval, holm, paired  # noqa: E402


@pytest.fixture(scope="module")
def committed():
    return read_table(DOCS / "findings" / "seeds.csv")


@pytest.fixture(scope="module")
def findings(committed):
    return tables.Findings(committed)


@pytest.fixture(scope="module")
def made(committed):
    return tables.tables(committed)


# --------------------------------------------------------------------- statistics


def test_pairs_are_ratios_seed_by_seed():
    one = 2.0 ** (np.arange(30) % 3)
    pairs = paired(one, 2 * one)
    assert pairs[:5] == pytest.approx((0.5, 0.5, 0.5, 30, 30)) and pairs.p < 1e-6
    assert paired(one, one)[3:] == (0, 30, 1.0)


def test_the_interval_of_a_median_covers_it_as_often_as_it_says():
    rng, covered = np.random.default_rng(1), 0
    for _ in range(400):
        pairs = paired(np.exp(rng.exponential(size=24)), np.ones(24))
        covered += pairs.low <= 2 <= pairs.high  # the median of an exponential is ln 2
    assert covered >= 360  # of 400, at 95 % or more (chance of less: below 1e-4)


def test_few_pairs_have_no_interval_and_say_so():
    pairs = paired(np.array([1.0, 2.0, 4.0]), np.ones(3))
    assert pairs.ratio == 2 and pairs[1:3] == (0.0, np.inf)


def test_a_family_is_corrected_by_holm():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]


def test_fractions_have_the_exact_interval():
    assert fraction_interval(0, 100) == pytest.approx((0.0, 0.0, 0.03622), abs=1e-5)
    assert fraction_interval(100, 100) == pytest.approx((1.0, 0.96378, 1.0), abs=1e-5)
    value, low, high = fraction_interval(29, 100)
    assert value == 0.29
    assert stats.binom.sf(28, 100, low) == pytest.approx(0.025, rel=1e-6)
    assert stats.binom.cdf(29, 100, high) == pytest.approx(0.025, rel=1e-6)


# -------------------------------------------------------------- tables one can check


def group(cost, seeds=24, **more):
    columns = {"seed": np.arange(seeds), "cost": cost * np.ones(seeds), "silence": 0.69}
    columns |= {"test_accuracy": 0.9, "zero_residuals": 0.1} | more
    return {name: np.broadcast_to(np.array(value, float), seeds) for name, value in columns.items()}


def setting(activation, beta="fixed", rate=RATE, data="generated", block="factorial", **more):
    return Setting(block, data, "nonlinear-10", activation, beta, rate, **more)


def small_table(esp=0.1, sigmoid=0.3):
    """ESP and sigmoid with beta = 1 on all data; the rates that were tried favour 0.1."""
    table = {}
    for data in tables.DATA:
        for name, cost in (("esp", esp), ("sigmoid", sigmoid)):
            table[setting(name, data=data)] = group(cost)
            table[setting(name, data=data, rate=0.1)] = group(cost / 2 if name == "esp" else 0.01)
            for rate, tried in ((0.01, 0.3), (0.1, 0.2), (1.0, 0.4)):
                one = setting(name, data=data, rate=rate, block="factorial, tuning")
                table[one] = group(tried, seeds=4)
    return table


def cells(table, *starts_with):
    """The cells of the row that starts so."""
    for line in table.splitlines():
        found = [cell.strip() for cell in line.strip("|").split("|")]
        if found[: len(starts_with)] == list(starts_with):
            return found[len(starts_with) :]
    raise AssertionError(f"{starts_with} is not in\n{table}")


def test_lower_and_higher_are_said_of_a_setting_if_all_its_data_sets_say_so():
    made = tables.tables(small_table())
    found = cells(made["lead"], "non-linear 2-10-1", "sigmoid")
    assert found[4:] == ["0.33 to 0.33, lower", "5 to 5, higher"] and not any(found[:4])
    table = small_table()
    table[setting("esp", data="authors")] = group(0.4)
    made = tables.tables(table)
    assert cells(made["lead"], "non-linear 2-10-1", "sigmoid")[4] == "0.33 to 1.3, no order"
    one = cells(made["β = 1 in all, rate 0.01"], "non-linear 2-10-1", "generated")
    assert one[1] == "0.333 [0.333, 0.333], below in 24 of 24"


def test_a_difference_that_the_test_does_not_see_is_no_order():
    table, rng = small_table(), np.random.default_rng(0)
    for data in tables.DATA:
        table[setting("esp", data=data)] = group(0.3 * np.exp(rng.normal(size=24)))
    made = tables.tables(table)
    assert cells(made["lead"], "non-linear 2-10-1", "sigmoid")[4].endswith("no order")
    assert "n.s." in made["β = 1 in all, rate 0.01"]


def test_rates_are_those_of_the_tuning_seeds_and_relu_has_the_outputs_beta_only():
    table = small_table() | {setting("relu", "output"): group(0.2)}
    found = tables.Findings(table)
    assert set(found.rates.values()) == {0.1}
    assert found.factorial("generated", "nonlinear-10", "esp", "fixed", True)["cost"][0] == 0.05
    assert found.factorial("generated", "nonlinear-10", "relu", "trained", False)["cost"][0] == 0.2
    assert found.factorial("generated", "nonlinear-10", "relu", "fixed", False) is None


def test_pairs_are_by_seed():
    one, other = group([2.0, 1.0, 3.0], 3, seed=[1, 0, 2]), group([1.0, 2, 3, 9], 4)
    assert [x.tolist() for x in tables.common(one, other)] == [[1, 2, 3], [1, 2, 3]]


# ----------------------------------------------------------- what the project shows


def test_all_of_the_plan_is_committed(committed):
    plan = read_plan(DOCS / "findings" / "plan.toml")
    for block in plan:
        for one, _ in block.cells("there"):
            seeds = committed[one]["seed"]
            assert np.array_equal(seeds, np.arange(block.seeds[0], block.seeds[1] + 1)), one
            for rate in block.rates:
                assert len(committed[block.tuned(one, rate)]["cost"]) > 0


def test_every_table_is_that_of_the_committed_runs(made):
    """All of them are in tables.md; those that findings.md shows are among them."""
    text = (DOCS / "findings" / "tables.md").read_text("utf-8")
    for name, table in made.items():
        assert f"## {name}\n\n{table}" in text, name
    page = (DOCS / "findings.md").read_text("utf-8")
    shown = re.findall(r"(?:^\|.*\|\n)+", page, flags=re.MULTILINE)
    rows = {line for table in made.values() for line in table.splitlines()}
    computed = [table for table in shown if set(table.splitlines()) <= rows]
    assert len(computed) >= 8
    for table in shown:  # what looks like one of ours is one of ours
        assert table in computed or table.splitlines()[0] not in rows, table


def test_the_theorem_and_the_inertia_agree_with_every_committed_end_point(committed):
    bounded = 0
    for columns in committed.values():
        if "alpha" in columns:
            assert columns["inertia_agrees"].all()
            known = np.isfinite(columns["bound"])
            counts = np.round(columns["alpha"] * columns["parameters"])
            assert (counts <= columns["bound"])[known].all()
            bounded += known.sum()
    assert bounded >= 400


def test_figures_are_drawn_from_the_table_and_no_panel_is_empty(findings):
    drawn = figures.figures(findings)
    page = (DOCS / "findings.md").read_text("utf-8")
    assert {f"{name}.png" for name in drawn} == {p.name for p in DOCS.glob("findings/*.png")}
    for name, figure in drawn.items():
        assert f"(findings/{name}.png)" in page
        shown = [ax for ax in figure.axes if ax.axison]
        assert all(ax.has_data() for ax in shown), name
    titles = [ax.get_title() for ax in drawn["early"].axes if ax.axison]
    assert titles == [task.title for task in TASKS.values()]


def test_without_the_authors_data_the_same_is_drawn(committed):
    there = {one: group for one, group in committed.items() if one.data != "authors"}
    found = tables.Findings(there)
    assert figures._arrows(found) and figures._stuck(found) and tables.tables(there)


def test_the_words_of_the_summary_follow_the_rule(findings):
    """Which comparisons are "lower" (or "higher") in all four data sets."""

    def settled(treatment, rate, sign):
        found = tables.lead(findings, treatment, rate)
        return {
            (task, rival)
            for rival in tables.OTHERS
            for task in PLANE
            if all(found[data, task, rival].sign == sign for data in tables.DATA)
        }

    every = {(task, rival) for task in PLANE for rival in tables.OTHERS}
    assert settled("as published", "rate 0.01", -1) == every
    lost = {("nonlinear-10", "sigmoid"), ("nonlinear-8-2", "sigmoid"), ("nonlinear-10", "tanh")}
    assert settled("as published", "own rates", -1) == every - lost
    assert {rival for _, rival in settled("β trained in all", "own rates", -1)} <= {"relu"}
    assert settled("β trained in all", "own rates", 1) == set()
    shape = {("nonlinear-10", "sigmoid")}
    assert settled("β = 1 in all", "own rates", 1) == shape
    relu = {(task, "relu") for task in PLANE if task != "nonlinear-8-2"}
    assert settled("β = 1 in all", "own rates", -1) == relu


def test_the_page_is_short_and_its_words_follow_the_rule(findings):
    """At most 2,500 words before the appendix, without tables."""
    page = (DOCS / "findings.md").read_text("utf-8")
    body = page.partition("\n## Appendix\n")[0]
    prose = "\n".join(line for line in body.splitlines() if not line.startswith("|"))
    assert len(prose.split()) <= 2500
    assert {setting.activation for setting in findings.table} == set(ACTIVATIONS)
    assert {setting.task for setting in findings.table} == {*PLANE, "digits"}
