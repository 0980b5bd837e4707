"""The figures and films of the report, each made from finished runs.

A dict from task to a dict from activation to the finished run goes in; name,
title, a sentence and the function that makes the figure come out.
"""

import base64
import html
import io
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from .._util.files import write_atomically
from .._util.typing import PathLike
from ..curvature.spectrum import Spectrum
from ..hessian import hessian
from .paper import TASKS, Result

Runs = Mapping[str, Result]  # by activation


def final_spectrum(result: Result) -> Spectrum:
    """Return the Spectrum of the last record.

    Parameters
    ----------
    result : minifnn.paper.Result

    Returns
    -------
    Spectrum

    Examples
    --------
    >>> from minifnn.figures import final_spectrum
    >>> from minifnn.paper import Result, Run
    >>> run = Run("linear-10", "relu", epochs=20)
    >>> final_spectrum(Result(run, *run.train(), seconds=0.1)).eigenvalues.shape
    (41,)
    """
    return Spectrum(result.history["eigenvalues"][-1], float(result.history["tolerance"][-1]))


def start_films(
    by_task: Mapping[str, Runs], executor: Executor | None
) -> dict[str, Callable[[], str]]:
    """Have the films rendered.

    Parameters
    ----------
    by_task : dict of str to dict of str to minifnn.paper.Result
        By task, then by activation.
    executor : concurrent.futures.Executor or None
        Where to render; None renders each when it is asked for.

    Returns
    -------
    dict of str to callable
        By task, the function that waits for its film, a part of the page.

    Examples
    --------
    >>> from minifnn.figures import start_films
    >>> from minifnn.paper import Result, Run
    >>> run = Run("linear-10", "relu", epochs=20)
    >>> films = start_films({run.task: {"relu": Result(run, *run.train(), 0.1)}}, None)
    >>> films["linear-10"]().count("data:image/png")  # frames
    2
    """
    films: dict[str, Callable[[], str]] = {}
    for task, runs in by_task.items():
        film = partial(_film, _histories(runs))
        films[task] = film if executor is None else executor.submit(film).result
    return films


def figures(
    by_task: Mapping[str, Runs], films: Mapping[str, Callable[[], str]]
) -> Iterator[tuple[str, str, str, Callable[[], Figure | str]]]:
    """Yield every figure that these runs allow.

    Parameters
    ----------
    by_task, films
        As `start_films` takes and returns them.

    Yields
    ------
    name, title, text : str
        Of its file; above it; what it shows.
    make : callable
        Makes the figure, or the part of the page that it is.

    Examples
    --------
    >>> from minifnn.figures import figures
    >>> from minifnn.paper import Result, Run
    >>> run = Run("linear-10", "relu", epochs=20)
    >>> by_task = {run.task: {"relu": Result(run, *run.train(), seconds=0.1)}}
    >>> name, title, text, make = next(figures(by_task, films={}))
    >>> name, title, make().axes[0].get_ylabel()
    ('cost', 'Cost against epoch', 'cost (nats)')
    """
    curves = (
        (
            "cost",
            "Cost against epoch",
            "Mean cross-entropy of the training data, before the step of each recorded epoch.",
            plots.cost_against_epoch,
        ),
        (
            "accuracy",
            "Accuracy against cost",
            "Solid: training data. Dashed: test data. Training runs from left to right.",
            plots.accuracy_against_cost,
        ),
        (
            "alpha",
            "Ways down: negative eigenvalues against cost",
            "The line counts the eigenvalues that are certainly negative, below "
            "&minus;&tau;; the band reaches up to those that rounding leaves undecided.",
            plots.alpha_against_cost,
        ),
        (
            "gamma",
            "Flat ways: zero eigenvalues against cost",
            "Eigenvalues that rounding cannot tell from zero, |&lambda;| &le; &tau;.",
            plots.gamma_against_cost,
        ),
        (
            "residuals",
            "Residuals that have vanished",
            "The fraction of outputs with |prediction &minus; truth| &le; 10<sup>&minus;5</sup>.",
            plots.zero_residuals_against_epoch,
        ),
        (
            "sharpness",
            "The sharpest way up",
            "The largest eigenvalue of the Hessian at each recorded epoch.",
            plots.sharpness_against_epoch,
        ),
    )
    for name, title, text, draw in curves:
        yield name, title, text, partial(_panels, by_task, _histories, draw)
    yield (
        "flat",
        "How zero is zero?",
        "The fraction of eigenvalues with |&lambda;| &le; r |H| at the last record, for "
        "every r: the fraction that is called flat is a choice.",
        lambda: _panels(by_task, _spectra, plots.gamma_curve),
    )
    yield (
        "eigenvalues",
        "Eigenvalues at the last record",
        "Counts on a logarithmic scale; each legend says what share lies in the window.",
        lambda: _panels(by_task, _spectra, plots.eigenvalue_histogram),
    )
    yield (
        "weights",
        "Weights at the last record",
        "All weights W of the trained networks.",
        lambda: _panels(by_task, _networks, plots.weight_histogram),
    )
    planes = {task: runs for task, runs in by_task.items() if TASKS[task].sizes[0] == 2}
    if planes:
        yield from _grids(planes)
    for task in films:
        yield (
            f"film-{task}",
            f"The eigenvalues during training: {TASKS[task].title}",
            "One frame a record, four a second.",
            films[task],
        )


def _grids(planes):
    """The figures with a panel for every network of two inputs."""
    yield (
        "boundaries",
        "What was learned",
        "The predicted probability of class 1 (from blue, 0, to red, 1), with the training points.",
        lambda: _grid(planes, _draw_boundary),
    )
    yield (
        "eigenvectors",
        "Eigenvectors of the Hessian",
        "Each row is an eigenvector, the most negative eigenvalue first; each column "
        "a parameter, grouped by name; the darker, the larger the component.",
        lambda: _grid(planes, _draw_eigenvectors),
    )
    yield (
        "parts",
        "Where negative curvature comes from",
        "The Hessian is the sum of Gauss-Newton, which has no negative eigenvalue, and "
        "the residual part. Each line is one matrix's own eigenvalues in ascending order.",
        lambda: _grid(planes, _draw_parts),
    )
    yield (
        "valleys",
        "Cost along the extreme eigenvectors",
        "Dashed: along the most negative one. Solid: along the most positive one. Dotted: "
        "what gradient and Hessian at the middle foretell. Each has a scale of its own: at "
        "&plusmn;1 the curvature alone would change the cost by as much as it is.",
        lambda: _grid(planes, _draw_valley),
    )


def _film(histories):
    """Render the film of the eigenvalues as a part of the page that needs no other file."""
    page = plots.eigenvalue_film(histories).to_jshtml(fps=4)
    return re.sub(r"<link[^>]*>", "", page)  # of an icon font; STYLE draws its own


def _histories(runs):
    return {activation: result.history for activation, result in runs.items()}


def _spectra(runs):
    return {activation: final_spectrum(result) for activation, result in runs.items()}


def _networks(runs):
    return {activation: result.net for activation, result in runs.items()}


def _figure(rows, columns, width, height):
    """A figure and its axes (rows, columns), without a window."""
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _panels(by_task, pick, draw):
    """One panel a task, each drawn from what `pick` takes out of the task's runs."""
    columns = min(len(by_task), 3)
    rows = -(-len(by_task) // columns)
    figure, axes = _figure(rows, columns, 4.4, 3.5)
    for ax, (task, runs) in zip(axes.flat, by_task.items()):
        draw(pick(runs), ax=ax)
        ax.set_title(TASKS[task].title)
    for ax in axes.flat[len(by_task) :]:
        ax.set_axis_off()
    return figure


def _grid(by_task, draw):
    """One row a task, one column an activation."""
    activations = list(dict.fromkeys(name for runs in by_task.values() for name in runs))
    figure, axes = _figure(len(by_task), len(activations), 3.6, 3.2)
    for row, (task, runs) in zip(axes, by_task.items()):
        for ax, activation in zip(row, activations):
            if activation in runs:
                draw(runs[activation], ax)
                ax.set_title(f"{TASKS[task].title}, {plots.NAMES[activation]}", fontsize="medium")
            else:
                ax.set_axis_off()
    return figure


def _draw_boundary(result, ax):
    data = result.run.data()
    plots.decision_boundary(result.net, data.X_train, data.Y_train, ax=ax, colorbar=False)


def _draw_parts(result, ax):
    data = result.run.data()
    plots.curvature_parts(result.net, data.X_train, data.Y_train, ax=ax)


def _draw_valley(result, ax):
    data = result.run.data()
    plots.cost_along_eigenvectors(result.net, data.X_train, data.Y_train, ax=ax)


def _draw_eigenvectors(result, ax):
    data = result.run.data()
    _, vectors = np.linalg.eigh(hessian(result.net, data.X_train, data.Y_train))
    plots.eigenvectors(vectors, result.net, ax=ax, colorbar=False)


def save(figure: Figure, path: PathLike, title: str) -> str:
    """Write a figure as PNG, and make it a part of the page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path-like
    title : str
        For those who do not see it.

    Returns
    -------
    str
        HTML that needs no file.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> from minifnn.figures import save
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Figure(), f"{folder}/empty.png", "nothing yet")[:22]
    '<img src="data:image/p'
    """
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    write_atomically(path, lambda file: file.write(stream.getvalue()))
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(title)}">'
