"""The figures and films of the report, each made from finished runs."""

import base64
import io
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from .. import plots
from .._util.files import write_atomically
from .._util.typing import PathLike
from ..hessian import hessian
from .paper import TASKS, Result

Runs = Mapping[str, Result]  # by activation

PANELS = {  # name: title, function of minifnn.plots, what of each run it draws
    "cost": ("Cost against epoch", "cost_against_epoch", "history"),
    "accuracy": ("Accuracy against cost", "accuracy_against_cost", "history"),
    "alpha": ("Negative eigenvalues against cost", "alpha_against_cost", "history"),
    "gamma": ("Zero eigenvalues against cost", "gamma_against_cost", "history"),
    "residuals": ("Residuals that have vanished", "zero_residuals_against_epoch", "history"),
    "sharpness": ("The largest eigenvalue", "sharpness_against_epoch", "history"),
    "flat": ("How zero is zero?", "gamma_curve", "spectrum"),
    "eigenvalues": ("Eigenvalues at the last record", "eigenvalue_histogram", "spectrum"),
    "weights": ("Weights at the last record", "weight_histogram", "net"),
}


def figures(
    by_task: Mapping[str, Runs], films: Mapping[str, Callable[[], Markup]]
) -> Iterator[tuple[str, str, Callable[[], Figure | Markup]]]:
    """Yield name, title, and the function that makes the figure, of all that these runs allow.

    `by_task` has the runs by task, then by activation; `films` as `start_films` returns them.
    """
    for name, (title, plot, what) in PANELS.items():
        yield name, title, partial(_one_per_task, by_task, plot, what)
    plane = {task: runs for task, runs in by_task.items() if TASKS[task].sizes[0] == 2}
    grids = {
        "boundaries": ("What was learned", partial(plots.decision_boundary, colorbar=False)),
        "eigenvectors": ("Eigenvectors of the Hessian", _eigenvectors),
        "parts": ("Where negative curvature comes from", plots.curvature_parts),
        "valleys": ("Cost along the extreme eigenvectors", plots.cost_along_eigenvectors),
    }
    for name, (title, draw) in grids.items() if plane else ():
        yield name, title, partial(_grid, plane, draw)
    for task, film in films.items():
        yield f"film-{task}", f"The eigenvalues during training: {TASKS[task].title}", film


def _one_per_task(by_task, plot, what):
    """A panel per task, with the attribute `what` of each of its runs."""

    def draw(runs, ax):
        getattr(plots, plot)({name: getattr(runs[name], what) for name in runs}, ax=ax)

    return panels({TASKS[task].title: partial(draw, runs) for task, runs in by_task.items()})


def panels(draws: Mapping[str, Callable[..., object]], width: float = 4.4) -> Figure:
    """Return a figure with one panel per title, each made by draws[title](ax=...)."""
    columns = 2 if len(draws) in (2, 4) else min(len(draws), 3)
    rows = -(-len(draws) // columns)
    figure = Figure(figsize=(width * columns, 3.5 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (title, draw) in zip(axes, draws.items()):
        draw(ax=ax)
        ax.set_title(title)
    for ax in axes[len(draws) :]:
        ax.set_axis_off()
    return figure


def _grid(by_task, draw):
    """One row per task, one column per activation."""
    activations = list(dict.fromkeys(name for runs in by_task.values() for name in runs))
    shape = len(by_task), len(activations)
    figure = Figure(figsize=(3.6 * shape[1], 3.2 * shape[0]), layout="constrained")
    for row, (task, runs) in zip(figure.subplots(*shape, squeeze=False), by_task.items()):
        for ax, activation in zip(row, activations):
            if activation not in runs:
                ax.set_axis_off()
                continue
            data = runs[activation].run.data()
            draw(runs[activation].net, data.X_train, data.Y_train, ax=ax)
            ax.set_title(f"{TASKS[task].title}, {plots.NAMES[activation]}", fontsize="medium")
    return figure


def _eigenvectors(net, X, Y, ax):
    plots.eigenvectors(np.linalg.eigh(hessian(net, X, Y))[1], net, ax=ax, colorbar=False)


def start_films(
    by_task: Mapping[str, Runs], executor: Executor | None
) -> dict[str, Callable[[], Markup]]:
    """Start to render the films of `by_task`; return functions that wait for each, by task.

    Without an `executor` each is rendered when it is asked for.
    """
    films: dict[str, Callable[[], Markup]] = {}
    for task, runs in by_task.items():
        film = partial(_film, {name: result.history for name, result in runs.items()})
        films[task] = film if executor is None else executor.submit(film).result
    return films


def _film(histories):
    """Render the film of the eigenvalues as a part of the page that needs no other file."""
    page = plots.eigenvalue_film(histories).to_jshtml(fps=4)
    return Markup(re.sub(r"<link[^>]*>", "", page))  # of an icon font; style.css draws its own


def save(figure: Figure, path: PathLike, title: str) -> Markup:
    """Write a figure to path as PNG; return it as an image of the page, the title as its text."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    write_atomically(path, lambda file: file.write(stream.getvalue()))
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, title)
