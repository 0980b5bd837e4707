"""How all figures look: one colour, line and marker per activation; curves, axes and legends."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from .._util.typing import Array
from .._util.validation import check_choice, expect
from ..train import History

LOOKS: dict[str, tuple[str, str, Any, str]] = {  # name, colour, line, marker
    "esp": ("ESP", "#D55E00", "-", "o"),
    "relu": ("ReLU", "#0072B2", "--", "s"),
    "sigmoid": ("sigmoid", "#009E73", "-.", "^"),
    "tanh": ("tanh", "#CC79A7", ":", "D"),
    "identity": ("identity", "#7F7F7F", (0, (8, 2)), "v"),
}
NAMES = {activation: look[0] for activation, look in LOOKS.items()}
# of Okabe and Ito, but grey for black, which is not seen on a dark background
COLOURS = {activation: look[1] for activation, look in LOOKS.items()}
LINES = {activation: look[2] for activation, look in LOOKS.items()}
MARKERS = {activation: look[3] for activation, look in LOOKS.items()}

COST = "cost (nats)"
COST_RUNS = "cost (nats); training runs to the right"


def axes(ax: Axes | None) -> Axes:
    """Return the axes to draw on: those given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # only here: it keeps global state

    return plt.subplots(figsize=(5.6, 3.8), layout="constrained")[1]


def line(ax: Axes, name: str, x: Any, y: Any, **changes: Any) -> None:
    """Draw one curve in the style of its activation, with about eight markers."""
    look = {"color": COLOURS[name], "linestyle": LINES[name], "marker": MARKERS[name]}
    look |= {"label": NAMES[name], "linewidth": 1.5, "markersize": 4.5}
    ax.plot(x, y, markevery=max(1, len(x) // 8), **look | changes)


def band(ax: Axes, name: str, x: Array, lower: Array, upper: Array) -> None:
    """Fill the area between two curves in the colour of the activation."""
    ax.fill_between(x, lower, upper, color=COLOURS[name], alpha=0.18, linewidth=0)


def steps(ax: Axes, name: str, counts: Array, edges: Array, label: str) -> None:
    """Draw one histogram: a faint area and its outline."""
    ax.stairs(counts, edges, fill=True, color=COLOURS[name], alpha=0.12)
    ax.stairs(counts, edges, color=COLOURS[name], linestyle=LINES[name], linewidth=1.3, label=label)


def positive(values: Array) -> Array:
    """Replace by NaN what has no place on a log scale."""
    return np.where(values > 0, values, np.nan)


def cost_axis(ax: Axes, inverted: bool = True) -> None:
    """Make x a log axis of the cost, the largest on the left; a short one shows 2 and 5 too."""
    ax.set_xscale("log")
    low, high = sorted(ax.get_xlim())
    if high < 100 * low:
        ax.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    else:
        ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_inverted(inverted)
    ax.set_xlabel(COST_RUNS if inverted else COST)


def fraction_axis(ax: Axes, of_what: str) -> None:
    """Make y an axis of a fraction, from 0 to 1."""
    ax.set(ylim=(-0.03, 1.03), yticks=np.arange(6) / 5, ylabel=f"fraction of {of_what}")


def legend(ax: Axes, columns: int = 4) -> Axes:
    """Make room above the data, put the legend there, and return the axes."""
    labels = ax.get_legend_handles_labels()[1]
    rows = -(-len(labels) // columns)
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(ax.get_ylim())
    high += (high - low) * (0.05 + 0.07 * rows)
    ax.set_ylim(*scale.inverted().transform((low, high)))
    look = {"fontsize": "small", "frameon": False, "columnspacing": 1.2, "handletextpad": 0.5}
    ax.legend(loc="upper center", ncols=columns, **look)
    return ax


def as_math(value: float) -> str:
    r"""Return a number for a formula: 0.5, or 2\cdot 10^{-7}."""
    mantissa, _, exponent = f"{value:g}".partition("e")
    if not exponent:
        return mantissa
    return ("" if mantissa == "1" else rf"{mantissa}\cdot ") + f"10^{{{int(exponent)}}}"


def check_named(argument: str, values: Any, kind: type) -> None:
    """Raise unless the values are a dict from names of activations to objects of one kind."""
    expect(isinstance(values, Mapping), argument, "a dict by activation", values, TypeError)
    expect(values, argument, "at least one activation", values)
    for name, value in values.items():
        check_choice(argument, name, COLOURS)
        what = f"a {kind.__name__}"
        expect(isinstance(value, kind), f"{argument}[{name!r}]", what, value, TypeError)


def check_histories(histories: Mapping[str, History], *columns: str) -> None:
    """Raise unless the histories are a dict by activation, and each has these columns."""
    check_named("histories", histories, History)
    for name, history in histories.items():
        for column in columns:
            what = f"a record of {column!r} (of the Hessian: train with curvature=True)"
            expect(column in history, f"histories[{name!r}]", what, history)
