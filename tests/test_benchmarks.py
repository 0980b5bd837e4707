"""The benchmarks: other results are refused, rows come back from their file, the page is theirs."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import growth, problems, processes, race, report, table, tasks

DOCS = Path(__file__).resolve().parents[1] / "docs"


def row(task, who, time, **more):
    return table.Row.of(task, who, [time], **more)


def cells(text, task):
    """The cells of a table's row."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {task} |"))
    return [cell.strip() for cell in line.split("|")[1:-1]]


# ------------------------------------------------------------------------------ results


@pytest.mark.parametrize("off, fine", [(1e-9, True), (3e-8, False), (np.nan, False)])
def test_another_result_is_refused(off, fine):
    calls = [race.Runner("a", lambda: lambda: np.ones(3), check=())]
    calls.append(race.Runner("b", lambda: lambda: np.array([1, 1, 1 + off]), check=()))
    if fine:
        assert 0 < race.run(calls, rounds=1)[1].agrees < 1e-8
    else:
        with pytest.raises(ValueError, match="b differs from minifnn"):
            race.run(calls, rounds=1)


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape"):
        race.compare("b", np.ones((3, 1)), np.ones(3))


def test_what_is_slow_sits_out_rounds():
    taken = [race._takes_part(race.Runner("a", None, rounds=3), r, 9) for r in range(9)]
    assert sum(taken) == 3 and not all(taken[:3])


def test_scikit_learn_takes_the_same_batches_to_the_same_weights():
    pytest.importorskip("sklearn")
    problem = problems.noise([5, 7, 3], 300, hidden="relu", output="softmax")
    ours, theirs = (tasks.function(who, "train_batches") for who in ("minifnn", "scikit-learn"))
    assert race.compare("scikit-learn", theirs(*problem)(3), ours(*problem)(3)) > 0
    assert ours(*problem)(3).shape == problem[0].theta.shape


def test_every_task_has_a_problem_and_a_function_of_minifnn():
    for task in tasks.ALL.values():
        assert task.problem in problems.PROBLEMS
        assert callable(tasks.function("minifnn", task.function))
        assert all(callable(tasks.function("minifnn", name)) for name in task.also.values())


# -------------------------------------------------------------------------------- rows


def test_rows_come_back_from_their_file(tmp_path):
    rows = [
        row("a", "minifnn", 0.1, first_call=2.0, case="1,000 samples", N=1000, P=7),
        row("b", "JAX", float(1 / 3), quantity="memory", agrees=1e-16),
    ]
    table.write(tmp_path / "results.csv", rows)
    assert table.read(tmp_path / "results.csv") == rows
    assert table.read(tmp_path / "none.csv") == []


def test_a_task_measured_again_replaces_its_rows_only():
    old, new = [row("a", "JAX", 1.0), row("b", "JAX", 2.0)], [row("a", "minifnn", 3.0)]
    assert table.merged(old, new) == [old[1], new[0]]


@pytest.mark.parametrize(
    "value, text", [(2e-5, "20 µs"), (0.0123, "12.3 ms"), (5.0, "5 s"), (274.4, "274 s")]
)
def test_seconds(value, text):
    assert table.seconds(value) == text


# ------------------------------------------------------------------------------- tables


def test_a_ratio_below_its_target_is_marked_and_listed():
    name = "training 2-10-1, 2,300 epochs"
    for theirs, missed in ((2.4, True), (2.6, False)):
        made = report.tables([row(name, "minifnn", 1.0), row(name, "JAX", theirs)], "")
        assert cells(made["tasks"], name)[5] == f"**{theirs}** (≥ 2.5)" + " ✗" * missed
        assert (f"{name}: {theirs} times as fast as JAX" in made["missed"]) is missed


def test_a_wait_above_its_limit_is_marked_and_listed():
    for seconds, missed in ((5.1, True), (4.9, False)):
        made = report.tables([row(processes.TRAIN, "minifnn", seconds)], "")
        assert cells(made["waits"], processes.TRAIN)[1].endswith("✗") is missed
        assert (processes.TRAIN in made["missed"]) is missed


def test_a_hessian_beside_its_product_is_marked_and_listed():
    for ours, missed in ((2.4, True), (2.2, False)):
        rows = [row(report.DIGITS, "minifnn", ours), row(report.DIGITS, tasks.PRODUCT, 1.0)]
        made = report.tables(rows, "")
        assert cells(made["waits"], report.DIGITS)[3].endswith("✗") is missed
        assert (tasks.PRODUCT in made["missed"]) is missed


@pytest.mark.parametrize("peak, missed", [(99.0, False), (300.0, True), (float("nan"), True)])
def test_a_peak_above_its_limit_is_marked_and_listed(peak, missed):
    made = report.tables([row(processes.WIDE, "minifnn", peak, quantity="memory", N=9, P=9)], "")
    assert cells(made["memory"], processes.WIDE)[2].endswith("✗") is missed
    assert (processes.WIDE in made["missed"]) is missed


def test_the_power_of_growth():
    rows = [row("growth with depth", "H v", d**1.5, case=f"{d} hidden layers") for d in (1, 2, 4)]
    assert growth.power(rows) == pytest.approx(1.5)


def test_a_page_without_a_place_for_a_table_is_refused():
    page = "a <!-- t -->old<!-- end of t --> b"
    assert table.fill(page, {"t": "new"}) == "a <!-- t -->\n\nnew\n\n<!-- end of t --> b"
    with pytest.raises(ValueError, match="<!-- u -->"):
        table.fill(page, {"u": "new"})


def test_the_page_has_the_tables_of_its_results():
    """Written by `python -m tests.benchmarks --docs`; a change by hand is undone by it."""
    folder, page = DOCS / "benchmarks", (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    note = (folder / "machine.txt").read_text(encoding="utf-8").strip()
    made = report.tables(table.read(folder / "results.csv"), note)
    assert table.fill(page, made) == page


def test_a_command_takes_turns_with_the_commit_before(tmp_path, monkeypatch):
    called = []
    monkeypatch.setattr(processes, "_command", lambda *a, few: called.append((a[0], a[1], few)))
    settings = command.Settings(repeats=2, before=tmp_path)
    rows = processes.command("sweep", settings)
    own = DOCS.parent
    assert called[:2] == [("reproduce", own, True), ("reproduce", tmp_path, True)]
    assert [tree for _, tree, _ in called[2:]] == [own, tmp_path, tmp_path, own]
    assert {call[::2] for call in called[2:]} == {("sweep", False)}
    assert [r.who for r in rows] == ["minifnn", processes.BEFORE]


# ---------------------------------------------------------------------- the command line


def test_the_tables_are_made_again_without_measuring(tmp_path, capsys):
    table.write(tmp_path / "results.csv", [row(processes.TRAIN, "minifnn", 9.0)])
    (tmp_path / "machine.txt").write_text("two cores\n", encoding="utf-8")
    command.main(["tables", "--out", str(tmp_path)])
    assert "two cores" in (tmp_path / "tables.md").read_text(encoding="utf-8")
    assert "9 s" in capsys.readouterr().out


def test_a_part_of_another_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["speed"])
    assert "training" in capsys.readouterr().err
