"""Statistics, tables and figures of many seeds."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from minifnn.__main__ import main
from minifnn.experiments.paper import ACTIVATIONS, TASKS
from minifnn.experiments.seeds.figures import figures, write_findings
from minifnn.experiments.seeds.run import PAPER_SETTINGS, Setting, read_rows
from minifnn.experiments.seeds.statistics import fraction_interval, median_interval, ratio_interval
from minifnn.experiments.seeds.tables import grouped, tables

DOCS = Path(__file__).parents[3] / "docs"


# --------------------------------------------------------------------- statistics


def test_the_interval_of_a_median_is_the_same_again_and_that_of_one_value_is_this_value():
    values = np.random.default_rng(0).normal(3.0, 2.0, size=400)
    median, low, high = median_interval(values)
    assert low < median == np.median(values) < high
    assert median_interval(values) == (median, low, high)
    assert median_interval(np.array([2.0])) == (2.0, 2.0, 2.0)


def test_the_interval_of_a_median_covers_it_as_often_as_it_says():
    rng, covered = np.random.default_rng(1), 0
    for _ in range(60):
        _, low, high = median_interval(rng.exponential(size=60))
        covered += low <= np.log(2) <= high
    assert covered >= 50  # of 60, at 95 % (chance of less: below 1e-3)


def test_fractions_have_the_exact_interval():
    assert fraction_interval(0, 100) == pytest.approx((0.0, 0.0, 0.03622), abs=1e-5)
    assert fraction_interval(100, 100) == pytest.approx((1.0, 0.96378, 1.0), abs=1e-5)
    value, low, high = fraction_interval(29, 100)
    assert value == 0.29
    assert stats.binom.sf(28, 100, low) == pytest.approx(0.025, rel=1e-6)
    assert stats.binom.cdf(29, 100, high) == pytest.approx(0.025, rel=1e-6)


def test_ratios_are_by_pair():
    one = 2.0 ** (np.arange(30) % 3)
    assert ratio_interval(one, 2.0 * one) == pytest.approx((0.5, 0.5, 0.5))


# -------------------------------------------------------------- tables one can check


def row(activation, seed, **changes):
    """A row of starts.csv, with what the published protocol would have."""
    row = {"data": "generated", "task": "nonlinear-10", "activation": activation}
    row |= {"beta": "published", "rate": 0.01, "seed": seed, "parameters": 41, "cost": 0.3}
    row |= {"cost_11": 0.6, "cost_51": 0.5, "cost_101": 0.4}
    row |= {"silence": 0.69, "to_half": 100, "to_tenth": "", "zero_residuals": 0.1}
    row |= {"alpha": 0.1, "alpha_most": 0.3, "signs": 0.5, "bound": 7, "gamma": 0.2, "dead": 0.1}
    row |= {"flat_1e-6": 0.4, "flat_1e-3": 0.8}
    return {name: str(value) for name, value in (row | changes).items()}


def made_rows():
    """Ten seeds of four activations: ESP costs a third, ReLU is stuck in three."""
    costs = {"esp": 0.1, "relu": 0.3, "sigmoid": 0.3, "tanh": 0.3}
    rows = [row(name, seed, cost=costs[name]) for name in ACTIVATIONS for seed in range(10)]
    for seed in (1, 4, 7):
        rows[10 + seed] |= {"cost": "0.69", "to_half": ""}
    rows[14]["dead"] = str(40 / 41)
    rows[11]["cost_51"] = "0.51"
    for esp in rows[:10]:
        esp["zero_residuals"] = "0.2"
    return rows


def cells(table, *starts_with):
    """The cells of the row that starts so."""
    for line in table.splitlines():
        found = [cell.strip() for cell in line.strip("|").split("|")]
        if found[: len(starts_with)] == list(starts_with):
            return found[len(starts_with) :]
    raise AssertionError(f"{starts_with} is not in\n{table}")


def test_tables_say_what_the_rows_say():
    made = tables(grouped(made_rows()))
    name = "non-linear 2-10-1"
    costs = cells(made["costs"], name, "10")
    assert costs[0] == "0.100 [0.100, 0.100]"
    assert costs[1] == "0.300 [0.300, 0.592]"
    assert cells(made["costs"], "*published*", "1")[2] == "*0.33592*"
    assert cells(made["pairs"], name)[1] == "0.333 [0.333, 0.333], below in 10 of 10"
    assert cells(made["stuck"], name)[:2] == ["0 of 10 [0%, 31%]", "3 of 10 [7%, 65%]"]
    assert cells(made["stuck"], name)[4] == "1 of 3"
    assert cells(made["early"], name, "epoch 51") == ["1", "0", "0"]
    assert cells(made["early"], name, "end") == ["10", "10", "10"]
    assert cells(made["speed"], name, "half")[:2] == ["100 (100%)", "100 (70%)"]
    assert cells(made["speed"], name, "tenth")[0] == "never (0%)"
    assert cells(made["alpha"], name)[0] == "0.100 to 0.300"
    assert cells(made["alpha"], name)[4:] == ["10 of 10", "0 of 10"]  # 20 of 41, 4 of 41; 7 may
    assert cells(made["zeros"], name, "dead parameters")[0] == "0.100"
    assert cells(made["residuals"], name) == ["0.200", "0.100", "0.100", "0.100", "10 of 10"]
    assert set(made) == {
        "costs",
        "pairs",
        "speed",
        "stuck",
        "alpha",
        "zeros",
        "residuals",
        "early",
    }


def test_the_published_run_has_a_rank_among_starts_on_its_own_data():
    rows = [row | {"data": "authors"} for row in made_rows()]
    for row in rows[:4]:
        row["cost"] = "0.05"  # four of ESP's; published is 0.06323
    table = tables(grouped(rows))["ranks"]
    assert cells(table, "non-linear 2-10-1, authors' data") == ["4 of 10", "0 of 10", "10 of 10"]


def test_betas_and_rates_are_compared_where_they_were_varied():
    rows = made_rows()
    rows += [r | {"beta": "trained", "cost": "0.2"} for r in rows if r["activation"] == "sigmoid"]
    rows += [r | {"rate": "0.1", "cost": "0.05"} for r in rows[:10]]
    made = tables(grouped(rows))
    assert cells(made["betas"], "sigmoid, β trained from 1") == ["0.200 [0.200, 0.200]"]
    assert cells(made["beta-pairs"], "what training β does: sigmoid") == [
        "0.667 [0.667, 0.667], below in 10 of 10"
    ]
    found = cells(made["rates"], "non-linear 2-10-1", "ESP, β trained from 0")
    assert found == ["0.100 [0.100, 0.100]", "0.0500 [0.0500, 0.0500]"]


# ----------------------------------------------------------- what the project shows


@pytest.fixture(scope="module")
def committed():
    return grouped(read_rows(DOCS / "findings" / "starts.csv"))


def test_enough_seeds_are_committed(committed):
    for task in TASKS:
        for activation in ACTIVATIONS:
            seeds = committed[Setting("generated", task, activation, **PAPER_SETTINGS)]["seed"]
            assert np.array_equal(seeds, np.arange(20 if task == "digits" else 100))


def test_every_table_of_the_findings_is_that_of_the_committed_runs(committed):
    text = (DOCS / "findings.md").read_text()
    shown = {m.strip() for m in re.findall(r"(?:^\|.*\|\n)+", text, flags=re.MULTILINE)}
    made = tables(committed)
    generated = {table.strip() for table in made.values()}
    assert generated <= shown, sorted(n for n, t in made.items() if t.strip() not in shown)


def test_the_theorem_and_the_inertia_agree_with_every_committed_end_point(committed):
    bounded = 0
    for group in committed.values():
        assert group["inertia_agrees"].all()
        known = np.isfinite(group["bound"])
        counts = np.round(group["alpha"] * group["parameters"])
        assert (counts <= group["bound"])[known].all()
        bounded += known.sum()
    assert bounded >= 400


def test_figures_of_the_findings_are_made_from_the_tables(tmp_path):
    written = write_findings(DOCS / "findings", tmp_path / "o")
    assert {path.name for path in written} == {p.name for p in (DOCS / "findings").iterdir()}
    assert (tmp_path / "o" / "tables.md").read_text() == (
        DOCS / "findings" / "tables.md"
    ).read_text()
    for path in written:
        assert path.stat().st_size > 500


def test_every_setting_has_a_labelled_panel_and_no_panel_is_empty(committed):
    curves = grouped(read_rows(DOCS / "findings" / "curves.csv"))
    for name, draw in figures(committed, curves).items():
        shown = [ax for ax in draw().axes if ax.axison]
        assert all(ax.has_data() and ax.get_xlabel() + ax.get_ylabel() for ax in shown), name
        if name in ("cost", "speed", "alpha", "gamma", "flat", "residuals"):
            assert [ax.get_title() for ax in shown] == [task.title for task in TASKS.values()]


def test_findings_from_the_command_line(tmp_path, capsys):
    assert main(["findings", str(tmp_path)]) == 2
    assert "folder: expected one with starts.csv" in capsys.readouterr().err


def test_findings_of_a_sweep_without_esp_or_of_one_seed_have_what_can_be_said(tmp_path):
    rows = [row(name, seed) for name in ("relu", "tanh") for seed in range(3)]
    made = tables(grouped(rows))
    assert "pairs" in made and cells(made["costs"], "non-linear 2-10-1")[1] == ""
    made = tables(grouped([row("esp", 0, cost=0.1), row("relu", 0)]))
    ratio = cells(made["pairs"], "non-linear 2-10-1")[0]
    assert ratio == "0.333 [0.333, 0.333], below in 1 of 1"


def test_pairs_are_by_seed():
    rows = [row("esp", seed, cost=0.1 * (seed + 1)) for seed in (2, 0, 1)]
    rows += [row("relu", seed, cost=0.2 * (seed + 1)) for seed in (0, 1, 2, 3)]
    ratio = cells(tables(grouped(rows))["pairs"], "non-linear 2-10-1")[0]
    assert ratio == "0.5 [0.5, 0.5], below in 3 of 3"
