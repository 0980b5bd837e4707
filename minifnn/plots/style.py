"""How all figures look: one colour, line and marker per label; curves, axes and legends."""

from collections.abc import Mapping
from functools import partial
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.textpath import TextPath
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from .._util.typing import Array
from .._util.validation import expect
from ..train import History


class Look(NamedTuple):
    """How that is drawn which has one label: its text in the legend, colour, line and marker."""

    label: str
    colour: str
    line: Any
    marker: str


LOOKS = {  # of the activations
    "esp": Look("ESP", "#D55E00", "-", "o"),
    "relu": Look("ReLU", "#0072B2", "--", "s"),
    "sigmoid": Look("sigmoid", "#009E73", "-.", "^"),
    "tanh": Look("tanh", "#CC79A7", ":", "D"),
    "identity": Look("identity", "#7F7F7F", (0, (8, 2)), "v"),
}
NAMES = {activation: look.label for activation, look in LOOKS.items()}
# of Okabe and Ito, but grey for black, which is not seen on a dark background
COLOURS = {activation: look.colour for activation, look in LOOKS.items()}
LINES = {activation: look.line for activation, look in LOOKS.items()}
MARKERS = {activation: look.marker for activation, look in LOOKS.items()}
# of all other labels, in turn: six colours and five lines, so that thirty differ
OTHERS = ("#4477AA", "#C77E00", "#AA3377", "#228833", "#EE6677", "#0E93A8")

COST = "cost (nats)"
COST_RUNS = "cost (nats); training runs to the right"
TEXT = "#767676"  # as readable on white as on black
FAINT: dict[str, Any] = {"color": TEXT, "alpha": 0.4, "linewidth": 0.8, "zorder": 0}
INKS = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
PAPERS = ("figure.facecolor", "axes.facecolor")
ON_ANY_PAGE: Any = dict.fromkeys(INKS, TEXT) | dict.fromkeys(PAPERS, "none")


def axes(ax: Axes | None) -> Axes:
    """Return the axes to draw on: those given, or those of a new figure for any background."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # only here: it keeps global state

    chosen = plt.rcParams["figure.facecolor"] != "white"  # the reader's own style
    with plt.rc_context({} if chosen else ON_ANY_PAGE):
        return plt.subplots(figsize=(5.6, 3.8), layout="constrained")[1]


def line(ax: Axes, look: Look, x: Any, y: Any, **changes: Any) -> None:
    """Draw one curve, with about eight markers."""
    own = {"label": look.label, "color": look.colour, "linestyle": look.line}
    own |= {"marker": look.marker, "linewidth": 1.5, "markersize": 4.5}
    ax.plot(x, y, markevery=max(1, len(x) // 8), **own | changes)


def band(ax: Axes, look: Look, x: Array, lower: Array, upper: Array) -> None:
    """Fill the area between two curves."""
    ax.fill_between(x, lower, upper, color=look.colour, alpha=0.18, linewidth=0)


def steps(ax: Axes, look: Look, counts: Array, edges: Array, label: str) -> None:
    """Draw one histogram: a faint area and its outline."""
    ax.stairs(counts, edges, fill=True, color=look.colour, alpha=0.12)
    own = {"color": look.colour, "linestyle": look.line, "linewidth": 1.3}
    ax.stairs(counts, edges, label=label, **own)


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
    """Make room above the data, put the legend there, if there are labels, and return the axes.

    A figure with a legend for all of its axes needs no other.
    """
    if ax.figure.figure.legends:
        return ax
    texts = [TextPath((0, 0), text, 8.5) for text in ax.get_legend_handles_labels()[1]]
    if not texts:
        return ax
    widths = [0.43 + text.get_extents().width / 72 for text in texts]  # inches, with its line
    width, height = np.array(ax.bbox.size) / ax.figure.dpi
    columns = next((n for n in range(columns, 1, -1) if _total(widths, n) < 1.05 * width), 1)
    share = min(0.8, (0.12 + 0.175 * -(-len(texts) // columns)) / height)
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(ax.get_ylim())
    high += (high - low) * share / (1 - share)
    ax.set_ylim(*scale.inverted().transform((low, high)))
    look = {"fontsize": "small", "frameon": False, "columnspacing": 1.2, "handletextpad": 0.5}
    ax.legend(loc="upper center", ncols=columns, labelcolor=ax.xaxis.label.get_color(), **look)
    return ax


def _total(widths, columns):
    """How wide all columns of a legend are, each as wide as its widest entry."""
    rows = -(-len(widths) // columns)
    return sum(max(widths[i : i + rows]) for i in range(0, len(widths), rows))


def colour_bar(ax: Axes, image: Any, label: str, **options: Any) -> None:
    """Draw the bar that explains the colours."""
    bar, text = ax.figure.colorbar(image, ax=ax, **options), ax.xaxis.label.get_color()
    bar.set_label(label, color=text)
    bar.ax.tick_params(colors=text)
    bar.outline.set_edgecolor(text)


def as_math(value: float) -> str:
    r"""Return a number for a formula: 0.5, or 2\cdot 10^{-7}."""
    mantissa, _, exponent = f"{value:g}".partition("e")
    if not exponent:
        return mantissa
    return ("" if mantissa == "1" else rf"{mantissa}\cdot ") + f"10^{{{int(exponent)}}}"


def named(argument: str, kind: type, values: Any, *columns: str) -> list[tuple[Look, Any]]:
    """Return (look, object) pairs of a dict by label, or of one object; histories with columns."""
    bare, what = isinstance(values, kind), f"a {kind.__name__}"
    values = {"": values} if bare else values
    is_dict, either = isinstance(values, Mapping), f"{what}, or a dict of them by label"
    expect(is_dict, argument, either, values, TypeError)
    expect(values, argument, "at least one label", values)
    for label, value in values.items():
        name = argument if bare else f"{argument}[{label!r}]"
        expect(isinstance(value, kind), name, what, value, TypeError)
        for column in columns:
            record = f"a record of {column!r} (of the Hessian: train with curvature=True)"
            expect(column in value, name, record, value)
    others = zip(cycle(OTHERS), cycle(LINES.values()), cycle(MARKERS.values()))
    texts = [
        f" {label}" if str(label)[:1] == "_" else str(label) for label in values
    ]  # else hidden
    looks = [LOOKS.get(key) or Look(text, *next(others)) for key, text in zip(values, texts)]
    return list(zip(looks, values.values()))


histories = partial(named, "histories", History)
