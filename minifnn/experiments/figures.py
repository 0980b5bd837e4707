"""The figures of the report, each made from finished runs, and the numbers of its film."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from .. import plots
from .._util.files import write_atomically
from ..hessian import hessian
from ..plots import style
from .paper import PUBLISHED, TASKS, Result

Runs = Mapping[str, Result]  # by activation

PANELS = {  # name: function of minifnn.plots, what of each run it draws
    "cost": ("cost_against_epoch", "history"),
    "residuals": ("zero_residuals_against_epoch", "history"),
    "accuracy": ("accuracy_against_cost", "history"),
    "weights": ("weight_histogram", "net"),
    "alpha": ("alpha_against_cost", "history"),
    "gamma": ("gamma_against_cost", "history"),
    "flat": ("gamma_curve", "spectrum"),
    "sharpness": ("sharpness_against_epoch", "history"),
    "eigenvalues": ("eigenvalue_histogram", "spectrum"),
}
FOR_THE_PAGE: Any = {"axes.facecolor": "none", "svg.fonttype": "none", "svg.hashsalt": "minifnn"}
# what a page does not need of an SVG file
IDLE = r' id="(?![pmh][0-9a-f]{9}|image)[^"]*"|<!--.*?-->|<metadata>.*?</metadata>'


def names(by_task: Mapping[str, Runs]) -> list[str]:
    """Return the names of what `draw` can make of these runs, by task and then by activation."""
    return ["ends", *PANELS, *(GRIDS if _plane(by_task) else ()), "film"] if by_task else []


def draw(name: str, by_task: Mapping[str, Runs], folder: Path) -> Any:
    """Draw one figure into ``folder/<name>.pdf``; return it for the page, or the film's numbers."""
    if name == "film":
        return [_film(TASKS[task].title, runs) for task, runs in by_task.items()]
    if name == "ends":
        figure = panels({"Cost at the end": partial(_ends, by_task)})
    elif name in PANELS:
        figure = _one_per_task(by_task, *PANELS[name], shared=name != "eigenvalues")
    else:
        figure = _grid(by_task, GRIDS[name])
    return save(figure, folder / f"{name}.pdf")


def _plane(by_task):
    return {task: runs for task, runs in by_task.items() if TASKS[task].sizes[0] == 2}


def _ends(by_task, ax):
    """The cost at the end of every run, and below it, hollow, the published one."""
    for row, (task, runs) in enumerate(by_task.items()):
        for name, result in runs.items():
            look = {"marker": style.MARKERS[name], "color": style.COLOURS[name], "alpha": 0.9}
            ax.plot(result.history["loss"][-1], row - 0.14, label=style.NAMES[name], **look)
            if (task, name) in PUBLISHED:
                cost = PUBLISHED[task, name].cost
                ax.plot(cost, row + 0.18, markerfacecolor="none", **look)
    ax.set(xscale="log", xlabel=style.COST, ylim=(len(by_task) - 0.5, -0.5))
    ax.set_yticks(range(len(by_task)), [TASKS[task].title.replace(" ", "\n") for task in by_task])


def _one_per_task(by_task, plot, what, shared):
    """A panel per task, with the attribute `what` of each of its runs."""

    def draw(runs, ax):
        getattr(plots, plot)({name: getattr(runs[name], what) for name in runs}, ax=ax)

    draws = {TASKS[task].title: partial(draw, runs) for task, runs in by_task.items()}
    keys = dict.fromkeys(name for runs in by_task.values() for name in runs) if shared else ()
    return panels(draws, keys=[style.LOOKS[name] for name in keys])


@rc_context(FOR_THE_PAGE)
def panels(
    draws: Mapping[str, Callable[..., object] | None],
    width: float = 4.0,
    height: float = 3.5,
    columns: int | None = None,
    keys: Sequence[style.Look] = (),
) -> Figure:
    """Return a figure with one panel per title, each made by draws[title](ax=...), unless None.

    With `keys`, one legend shows them for all panels.
    """
    columns = columns or (2 if len(draws) in (2, 4) else min(len(draws), 3))
    rows = -(-len(draws) // columns)
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    if keys:
        for key in keys:
            style.line(axes[0], key, [], [])
        lines = axes[0].get_lines()
        figure.legend(handles=lines, loc="outside upper center", ncols=len(keys), frameon=False)
        axes[0].clear()
    for ax, title in zip(axes, [*draws] + [""] * len(axes)):
        if draw := draws.get(title):
            draw(ax=ax)
            ax.set_title(title, fontsize="medium" if width < 4 else "large")
        else:
            ax.set_axis_off()
    return figure


def _grid(by_task, draw):
    """One row per task, one column per activation, the networks in the plane only."""
    plane = {TASKS[task].title: runs for task, runs in _plane(by_task).items()}
    columns = dict.fromkeys(name for runs in plane.values() for name in runs)

    def drawn(run, net, **place):
        draw(net, run.data().X_train, run.data().Y_train, **place)

    draws = {
        f"{title}, {plots.NAMES[name]}": partial(drawn, *runs[name][:2]) if name in runs else None
        for title, runs in plane.items()
        for name in columns
    }
    return panels(draws, width=3.0, height=2.8, columns=len(columns))


def _boundary(net, X, Y, ax):
    plots.decision_boundary(net, X, Y, ax=ax, colorbar=False)
    ax.set_axisbelow(False)
    ax.set_rasterization_zorder(2.3)  # all but the axes: hundreds of points


def _valleys(net, X, Y, ax):
    legend = plots.cost_along_eigenvectors(net, X, Y, ax=ax).get_legend()
    for text in legend.get_texts() if legend else ():
        text.set_fontsize("medium")  # its exponents are small


def _eigenvectors(net, X, Y, ax):
    plots.eigenvectors(np.linalg.eigh(hessian(net, X, Y))[1], net, ax=ax, colorbar=False)


GRIDS = {
    "boundaries": _boundary,
    "parts": plots.curvature_parts,
    "valleys": _valleys,
    "eigenvectors": _eigenvectors,
}


def _film(title, runs):
    """How many eigenvalues are in each bin at each record; film.js draws it."""
    rows = {name: result.history["eigenvalues"] for name, result in runs.items()}
    edges, unit = plots.eigenvalue_bins(np.concatenate([each.ravel() for each in rows.values()]))
    low, high = np.arcsinh(edges[[0, -1]] / unit)
    shown = []
    for name, result in runs.items():
        one: dict[str, Any] = {"name": style.NAMES[name], "colour": style.COLOURS[name]}
        one["epochs"] = result.history["epoch"].tolist()
        one["costs"] = [float(f"{cost:.3g}") for cost in result.history["loss"]]
        one["counts"] = [np.histogram(row, edges)[0].tolist() for row in rows[name]]
        shown.append(one | {"total": rows[name].shape[1]})
    return {"title": title, "unit": unit, "low": low, "high": high, "runs": shown}


@rc_context(FOR_THE_PAGE)
def save(figure: Figure, path: Path) -> dict[str, Markup]:
    """Write a figure to path, in the format of its name; return its panels, SVG for the page.

    They are by title, "legend" first if there is one. Black becomes the colour of the page's text.
    """
    stream = io.BytesIO()
    figure.savefig(stream, format=path.suffix[1:], dpi=150)
    write_atomically(path, lambda file: file.write(stream.getvalue()))
    figure.set_layout_engine("none")  # it stays as it was drawn
    axes = [ax for ax in figure.axes if ax.axison]
    extents = [(ax.get_tightbbox() or ax.bbox, ax.bbox) for ax in axes]
    margins = [np.abs(np.subtract(outer, inner)).ravel() for outer, inner in extents]
    margin = np.max(margins, axis=0) + 2
    titles = ["legend"] * len(figure.legends) + [ax.get_title() for ax in axes]
    parts = dict(zip(titles, [*figure.legends, *axes]))
    pictures = {}
    for name, part in parts.items():
        for other in parts.values():
            other.set_visible(other is part)
        box = part.get_window_extent()
        if part in axes:  # as wide as all, so that they stand below each other
            box = Bbox.from_extents(*(box.extents + margin * [-1, -1, 1, 1]))
        box = box.transformed(figure.dpi_scale_trans.inverted())
        file = io.StringIO()
        figure.savefig(file, format="svg", bbox_inches=box, dpi=150, facecolor="none")
        svg = re.sub(IDLE, "", file.getvalue()[file.getvalue().index("<svg") :], flags=re.S)
        pictures[name] = Markup(svg.replace("#000000", "currentColor"))
    return pictures
