"""What `minifnn replay` does: the runs of a copy, recomputed and compared, and a report of it."""

import csv
import io
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from ..._util.files import make_folder, write_text
from ..._util.progress import progress_bar
from ..._util.typing import PathLike
from ..._util.validation import check_count
from ...plots import style
from ..figures import save
from ..paper import TASKS
from ..report import render
from ..sweep import sweep, worker_processes
from .compare import QUANTITIES, Comparison, Row, recompute_run
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
    out = make_folder(out)
    recompute = partial(recompute_run, path=path)
    with (
        worker_processes(min(workers, len(runs))) as executor,
        progress_bar(progress, len(runs), "run") as advance,
    ):
        outcomes = sweep(recompute, runs, executor, lambda outcome: advance())
    comparisons = [outcome.value for outcome in outcomes if outcome.error is None]
    problems = [f"{o.config.name}: {o.error}" for o in outcomes if o.error is not None]
    problems += [f"{one.files.name}: {problem}" for one in comparisons for problem in one.problems]
    return comparisons, problems + write_replay(out, comparisons, problems, passed_over)


def write_replay(
    out: PathLike,
    comparisons: Sequence[Comparison],
    problems: Sequence[str] = (),
    passed_over: Sequence[str] = (),
) -> list[str]:
    """Write replay.csv, replay.html and figures/ to a folder; return which figures failed."""
    out, rows = Path(out), [row for one in comparisons for row in one.rows]
    (out / "figures").mkdir(exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([Row._fields, *rows])
    write_text(out / "replay.csv", text.getvalue())
    by_task: dict[str, list[Comparison]] = {}
    for one in comparisons:
        by_task.setdefault(TASKS[one.files.task].title, []).append(one)
    pictures, failed = {}, []
    for name, (title, draw) in FIGURES.items() if comparisons else ():
        try:
            pictures[title] = Markup(save(draw(by_task), out / "figures" / f"{name}.png", title))
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


def _draw_costs(by_task):
    """One panel per task: the recorded cost, and ours over it."""
    axes = _panels(-(-len(by_task) // 3), min(len(by_task), 3))
    for ax, (task, runs) in zip(axes.flat, by_task.items()):
        ax.set_axis_on()
        for run in runs:
            curves, name = run.curves, run.files.activation
            look = {"color": style.COLOURS[name], "label": style.NAMES[name]}
            ax.plot(curves["epoch"], curves["cost"], linewidth=3, alpha=0.4, **look)
            if "cost_again" in curves:
                ax.plot(curves["epoch"][1:], curves["cost_again"], "k:.", linewidth=1, markersize=2)
        ax.set(title=task, yscale="log", xlabel="epoch", ylabel=style.COST)
        ax.legend(fontsize="small", frameon=False)
    return axes[0, 0].figure


def _draw_alphas(by_task):
    """One row per task, one panel per run: alpha as recorded, counted again, and as it can be."""
    axes = _panels(len(by_task), max(map(len, by_task.values())))
    for row, (task, runs) in zip(axes, by_task.items()):
        for ax, run in zip(row, runs):
            ax.set_axis_on()
            _draw_alpha(run.curves, style.COLOURS[run.files.activation], ax)
            ax.set_title(f"{task}, {style.NAMES[run.files.activation]}")
    axes[0, 0].legend(fontsize="small", frameon=False)
    return axes[0, 0].figure


def _draw_alpha(curves, colour, ax):
    cost, bounds = curves["cost"], np.transpose(curves["alpha_bounds"])
    label = "that rounding leaves"
    ax.fill_between(cost, *bounds, color=colour, alpha=0.3, linewidth=0, label=label)
    if "alpha_matrix" in curves:
        label = "counted again, their matrix"
        ax.plot(cost, curves["alpha_matrix"], "kx", markersize=4, label=label)
    if "alpha" in curves:
        ax.plot(cost, curves["alpha"], color=colour, linewidth=1.2, label="recorded")
    style.cost_axis(ax)
    ax.set(ylim=(-0.03, 1.03), ylabel="$\\alpha$")


def _panels(rows, columns):
    """Axes (rows, columns) of a new figure, each hidden until it is used."""
    figure = Figure(figsize=(4.2 * columns, 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    return axes


FIGURES = {
    "cost": ("Cost: recorded (thick) and trained again (dotted)", _draw_costs),
    "alpha": ("α as recorded, counted again, and as rounding leaves it", _draw_alphas),
}
