"""The figures of the findings, from the tables of `minifnn sweep` alone.

Lines are medians over starts, bands reach from quartile to quartile, and every
panel is a setting. Generated data only: the authors' are in the tables.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ... import plots
from ..._util.checkpoint import fitting
from ..._util.files import own_folder, write_atomically, write_text
from ..._util.typing import PathLike
from ..._util.validation import check_path
from ..paper import ACTIVATIONS, RATE, TASKS
from .run import ABOUT, read_table
from .tables import STUCK, VARIANTS, Starts, fraction, is_stuck, settings, tables, variant

EPOCH = "epoch"


def write_findings(folder: PathLike, out: PathLike) -> list[Path]:
    """Write the tables (Markdown and CSV) and figures of a sweep into a folder.

    Parameters
    ----------
    folder : path-like
        Where `minifnn sweep` wrote starts.csv and curves.csv.
    out : path-like
        Where to write; made if missing. May be the same folder.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileNotFoundError
        If the folder has no starts.csv.

    Examples
    --------
    >>> from minifnn.findings_figures import write_findings
    >>> write_findings("no-such-folder", "findings")
    Traceback (most recent call last):
    FileNotFoundError: folder is 'no-such-folder', but there is no starts.csv in it
    """
    folder, out = check_path("folder", folder), check_path("out", out)
    if not (folder / "starts.csv").exists():
        raise FileNotFoundError(f"folder is {str(folder)!r}, but there is no starts.csv in it")
    with fitting(folder / "starts.csv"):
        starts, curves = (Starts(read_table(folder / f"{n}.csv")) for n in ("starts", "curves"))
        texts = {"tables.md": _page(tables(starts))}
        drawn = {name: draw() for name, draw in figures(starts, curves).items()}
    if out.resolve() != folder.resolve():
        texts |= {n: (folder / n).read_text("utf-8") for n in ("starts.csv", "curves.csv")}
        _make_own(out)
    for name, text in texts.items():
        write_text(out / name, text)
    for name, figure in drawn.items():
        save = partial(figure.savefig, format="png", dpi=110, metadata={"Software": None})
        write_atomically(out / f"{name}.png", save)
        texts[f"{name}.png"] = figure
    return [out / name for name in texts]


def _make_own(out):
    """Make the folder, or refuse one of somebody else; tables of an earlier call are ours."""
    first = next(iter(read_table(out / "starts.csv")), ())
    if tuple(first)[: len(ABOUT)] != ABOUT:
        own_folder(out)


def _page(made):
    return "\n".join(f"## {name}\n\n{table}" for name, table in made.items())


def figures(starts: Starts, curves: Starts) -> dict[str, Callable[[], Figure]]:
    """Return the figures that these tables allow.

    Parameters
    ----------
    starts, curves : Starts
        The rows of starts.csv, and of curves.csv.

    Returns
    -------
    dict of str to callable
        By name, the function that makes the figure.

    Examples
    --------
    >>> from minifnn.findings import Starts
    >>> from minifnn.findings_figures import figures
    >>> list(figures(Starts([]), Starts([])))
    ['cost', 'speed', 'alpha', 'gamma', 'flat', 'residuals', 'stuck']
    """
    where = [one for one in settings(starts) if one[1]["data"] == "generated"]
    made = {
        "cost": lambda: _panels(where, partial(_cost, curves)),
        "speed": lambda: _panels(where, partial(_speed, starts)),
        "alpha": lambda: _panels(where, partial(_alpha, curves)),
        "gamma": lambda: _panels(where, partial(_share, curves, "gamma")),
        "flat": lambda: _panels(where, partial(_share, curves, "flat_1e-3")),
        "residuals": lambda: _panels(where, partial(_residuals, curves)),
        "stuck": lambda: _stuck(starts, where),
    }
    varied = [one for one in where if starts.has(**{**one[1], "beta": "trained"})]
    if varied:
        made["betas"] = lambda: _panels(varied, partial(_betas, starts), width=4.6)
    rated = [one for one in where if len(starts.rates(data="generated", task=one[1]["task"])) > 1]
    if rated:
        made["rates"] = lambda: _panels(rated, partial(_rates_panel, starts))
    return made


def _panels(where, draw, width=4.2):
    """A figure with a panel a setting."""
    columns = 2 if len(where) in (2, 4) else min(len(where), 3)
    rows = -(-len(where) // columns)
    figure = Figure(figsize=(width * columns, 3.5 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (title, one) in zip(axes, where):
        draw(one, ax)
        ax.set_title(title)
    for ax in axes[len(where) :]:
        ax.set_axis_off()
    return figure


def _bands(curves, name, where, x="epoch"):
    """{activation: (x, quartile, median, quartile)} of a column of curves.csv."""
    found = {}
    for activation in ACTIVATIONS:
        one = {**where, "activation": activation}
        if curves.has(**one):
            quartiles = [
                np.array(list(curves.column(f"{name}_{q}", by="epoch", **one).values()))
                for q in (25, 50, 75)
            ]
            along = np.array(list(curves.column(x, by="epoch", **one).values()))
            found[activation] = (along, *quartiles)
    return found


def _cost(curves, where, ax):
    plots.bands(_bands(curves, "cost", where), ax=ax)
    ax.set_yscale("log")
    ax.set(xlabel=EPOCH, ylabel=plots.COST)
    plots.style.legend(ax)


def _alpha(curves, where, ax):
    """From the lower quartile of what is certain to the upper quartile of what is possible."""
    certain = _bands(curves, "alpha", where, "cost_50")
    possible = _bands(curves, "alpha_most", where, "cost_50")
    wide = {
        name: (cost, low, median, possible[name][3])
        for name, (cost, low, median, _) in certain.items()
    }
    plots.bands(wide, ax=ax)
    _against_cost(ax, "negative eigenvalues, $\\alpha$\n(band: to what rounding allows)")


def _share(curves, column, where, ax):
    plots.bands(_bands(curves, column, where, "cost_50"), ax=ax)
    meaning = r"|\lambda| \leq \tau" if column == "gamma" else r"|\lambda| \leq 10^{-3}\,|H|"
    _against_cost(ax, f"zero eigenvalues, $\\gamma$\n(${meaning}$)")


def _against_cost(ax, label):
    plots.style.cost_axis(ax)
    ax.set_xlabel("median cost (nats); training runs to the right")
    plots.style.fraction_axis(ax, label)
    plots.style.legend(ax)


def _residuals(curves, where, ax):
    plots.bands(_bands(curves, "zero_residuals", where), ax=ax)
    ax.set_ylim(-0.01, max(0.05, 1.03 * ax.dataLim.y1))
    ax.set(xlabel=EPOCH, ylabel=r"fraction with $|\mathrm{prediction} - y| \leq 10^{-5}$")
    plots.style.legend(ax)


def _speed(starts, where, ax):
    """The fraction of starts that have come to half of silence's cost, by epoch."""
    for activation in ACTIVATIONS:
        one = {**where, "activation": activation}
        if starts.has(**one):
            epochs = starts.values("to_half", **one)
            reached = np.sort(epochs[np.isfinite(epochs)])
            x = np.concatenate([[0], reached, [TASKS[where["task"]].epochs]])
            y = np.concatenate([[0], np.arange(1, len(reached) + 1), [len(reached)]]) / len(epochs)
            plots.style.line(
                ax, activation, np.maximum(x, 10), y, drawstyle="steps-post", marker=""
            )
    ax.set_xscale("log")
    ax.set_xlim(10, TASKS[where["task"]].epochs)
    ax.set_xlabel("epoch (log scale)")
    plots.style.fraction_axis(ax, "starts that cost at most\nhalf of what saying nothing costs")
    plots.style.legend(ax)


def _stuck(starts, where):
    """One bar an activation and setting, with the interval of the fraction."""
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    ax = figure.subplots()
    width = 0.2
    for k, activation in enumerate(ACTIVATIONS):
        for i, (_, one) in enumerate(where):
            if not starts.has(**one, activation=activation):
                continue
            found = is_stuck(starts, **one, activation=activation)
            value, low, high = fraction(int(found.sum()), len(found))
            place, colour = i + (k - 1.5) * width, plots.COLOURS[activation]
            label = plots.NAMES[activation] if i == 0 else None
            ax.bar(place, value, width * 0.9, color=colour, alpha=0.55, label=label)
            ax.plot([place, place], [low, high], color=colour, linewidth=1.5)
    ax.set_xticks(range(len(where)), [title for title, _ in where])
    ax.set(ylim=(0, None), ylabel=f"fraction of starts that cost more\nthan {STUCK:.0%} of silence")
    plots.style.legend(ax)
    return figure


def _betas(starts, where, ax):
    """Every start's end cost, one row a way of treating beta."""
    jitter = np.random.default_rng(0)
    rows = [v for v in VARIANTS if starts.has(**{**where, "activation": v[0], "beta": v[1]})]
    for place, (activation, beta) in enumerate(rows):
        cost = starts.values("cost", **{**where, "activation": activation, "beta": beta})
        y = place + jitter.uniform(-0.28, 0.28, size=len(cost))
        colour = plots.COLOURS[activation]
        ax.plot(cost, y, ".", color=colour, alpha=0.45, markersize=4)
        ax.plot([np.median(cost)] * 2, [place - 0.38, place + 0.38], color="black")
    ax.set_yticks(range(len(rows)), [variant(*row) for row in rows])
    plots.style.cost_axis(ax, inverted=False)
    ax.set(xlabel=f"end {plots.COST}; line: median", ylim=(len(rows) - 0.4, -0.6))


def _rates_panel(starts, where, ax):
    """Median end cost against the rate; hollow and thin where beta is trained from 1."""
    found = starts.rates(data=where["data"], task=where["task"])
    for activation in ACTIVATIONS:
        for beta in ("published", "trained"):
            one = {**where, "activation": activation, "beta": beta}
            there = [r for r in found if starts.has(**{**one, "rate": r})]
            if len(there) < 2:
                continue
            costs = [np.median(starts.values("cost", **{**one, "rate": r})) for r in there]
            changes: dict[str, Any] = {"label": variant(activation, beta)}
            if beta == "trained":
                changes |= {"markerfacecolor": "white", "linewidth": 0.9}
            plots.style.line(ax, activation, there, costs, **changes)
    ax.set(
        xscale="log", yscale="log", xlabel="first rate of Adam", ylabel=f"median end {plots.COST}"
    )
    ax.axvline(RATE, color="0.8", zorder=0)
    plots.style.legend(ax, columns=2)
