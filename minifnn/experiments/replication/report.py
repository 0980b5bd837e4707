"""What `minifnn replay` does: the runs of a copy, recomputed and compared, and a report of it."""

import os
from functools import partial
from pathlib import Path

import numpy as np

from ..._util.files import make_folder, write_text
from ..._util.progress import progress_bar
from ..._util.typing import PathLike
from ..._util.validation import check_count
from ...plots import style
from ..figures import panels, save
from ..paper import TASKS, write_csv
from ..report import render
from ..sweep import sweep, worker_processes
from .compare import QUANTITIES, Comparison, recompute_run
from .record import find_runs


def replay(
    path: PathLike, out: PathLike, workers: int | None = None, progress: bool = True
) -> tuple[list[Comparison], list[str]]:
    """Recompute the record in a copy of the authors' repository, and write a report to `out`.

    Return the comparisons, and a sentence for each thing that could not be read or drawn.
    `workers` processes run side by side, by default one per core.
    """
    workers = (os.cpu_count() or 1) if workers is None else check_count("workers", workers)
    runs, passed_over = find_runs(path)
    if not runs:
        raise ValueError(f"path: expected a folder with runs such as 10_NL/Relu, got {str(path)!r}")
    out, recompute = make_folder(out), partial(recompute_run, path=path)
    with (
        worker_processes(min(workers, len(runs))) as executor,
        progress_bar(progress, len(runs), "run") as advance,
    ):
        outcomes = sweep(recompute, runs, executor, lambda one: advance(done=one.config.name))
    comparisons = [outcome.value for outcome in outcomes if outcome.error is None]
    problems = [f"{o.config.name}: {o.error}" for o in outcomes if o.error is not None]
    problems += [f"{one.files.name}: {problem}" for one in comparisons for problem in one.problems]
    return comparisons, problems + write_replay(out, comparisons, problems, passed_over)


def write_replay(
    out: Path, comparisons: list[Comparison], problems: list[str], passed_over: list[str]
) -> list[str]:
    """Write replay.csv, replay.html and figures/ to a folder; return which figures failed."""
    rows = [row for one in comparisons for row in one.rows]
    write_csv(out / "replay.csv", [row._asdict() for row in rows])
    (out / "figures").mkdir(exist_ok=True)
    by_task: dict[str, list[Comparison]] = {}
    by_run: dict[str, Comparison] = {}
    for one in comparisons:
        task, activation = TASKS[one.files.task].title, style.NAMES[one.files.activation]
        by_task.setdefault(task, []).append(one)
        by_run[f"{task}, {activation}\n{one.files.name}"] = one
    figures = (
        ("cost", "Cost: recorded (thick) and trained again (dotted)", _costs, by_task),
        ("alpha", "α as recorded, counted again, and as rounding leaves it", _alphas, by_run),
    )
    pictures, failed = {}, []
    for name, title, draw, drawn in figures if comparisons else ():
        try:
            figure = panels({of: partial(draw, what) for of, what in drawn.items()})
            pictures[title] = save(figure, out / "figures" / f"{name}.pdf")
        except Exception as error:  # whatever it is, the other figure is made
            failed.append(f"figure {name}: {type(error).__name__}: {error}")
    page = render(
        "replication.html",
        by_task=by_task,
        rows=rows,
        quantities=QUANTITIES,
        names=style.NAMES,
        digits=digits,
        problems=[*problems, *failed],
        passed_over=passed_over,
        pictures=pictures,
    )
    write_text(out / "replay.html", page)
    return failed


def digits(error: float) -> str:
    """Return how many decimal digits agree: "11.7" of an error of 2e-12, "all" of 0."""
    return "all" if error == 0 else f"{min(max(-np.log10(error), 0.0), 16.0):.1f}"


def _costs(runs, ax):
    """The recorded costs of one task, and ours over them."""
    for run in runs:
        curves, name = run.curves, run.files.activation
        look = {"color": style.COLOURS[name], "label": style.NAMES[name]}
        ax.plot(curves["epoch"], curves["cost"], linewidth=3, alpha=0.4, **look)
        if "cost_again" in curves:
            ax.plot(curves["epoch"][1:], curves["cost_again"], "k:.", linewidth=1, markersize=2)
    ax.set(yscale="log", xlabel="epoch", ylabel=style.COST)
    ax.legend(fontsize="small", frameon=False)


def _alphas(run, ax):
    """Alpha of one run as recorded, counted again, and as it can be."""
    curves, color = run.curves, style.COLOURS[run.files.activation]
    cost, (low, high) = curves["cost"], np.transpose(curves["alpha_bounds"])
    ax.fill_between(cost, low, high, color=color, alpha=0.3, label="that rounding leaves")
    if curves["alpha_matrix"]:
        label = "counted again, their matrix"
        ax.plot(cost, curves["alpha_matrix"], "kx", markersize=4, label=label)
    if curves["alpha"] is not None:
        ax.plot(cost, curves["alpha"], color=color, linewidth=1.2, label="recorded")
    style.cost_axis(ax)
    style.fraction_axis(ax, "negative eigenvalues")
    ax.legend(fontsize="small", frameon=False)
