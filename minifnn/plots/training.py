"""Figures of training: what the histories recorded, against the epoch or the cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .._util.typing import ArrayLike
from .._util.validation import check_array
from ..train import History
from . import style

Histories = History | Mapping[Any, History]
TEST: dict[str, Any] = {"linestyle": "--", "markerfacecolor": "none", "label": None}


def cost_against_epoch(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the cost on a log scale against the epoch."""
    drawn, ax = style.histories(histories, "epoch", "loss"), style.axes(ax)
    for look, history in drawn:
        style.line(ax, look, history["epoch"], style.positive(history["loss"]))
    ax.set(xlabel="epoch", ylabel=style.COST, yscale="log")
    return style.legend(ax)


def learning_curve(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the loss against the epoch, solid; dashed that of test data, where it was recorded.

    The axis is logarithmic unless a loss is negative. `History.plot` draws this of one history.
    """
    drawn, ax = style.histories(histories, "epoch", "loss"), style.axes(ax)
    names = {"loss", "test_loss"}
    is_log = not any((one[n] < 0).any() for _, one in drawn for n in names & one.keys())
    shown = style.positive if is_log else np.asarray
    ax.set(xlabel="epoch", ylabel="loss", yscale="log" if is_log else "linear")
    for look, history in drawn:
        style.line(ax, look, history["epoch"], shown(history["loss"]), linestyle="-")
        if "test_loss" in history and np.isfinite(history["test_loss"]).any():
            style.line(ax, look, history["epoch"], shown(history["test_loss"]), **TEST)
            ax.set_ylabel("loss (solid: training, dashed: test)")
    return style.legend(ax)


def accuracy_against_cost(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on training (solid) and test data (dashed) against the cost."""
    drawn, ax = style.histories(histories, "loss", "train_score", "test_score"), style.axes(ax)
    for look, history in drawn:
        cost = style.positive(history["loss"])
        style.line(ax, look, cost, history["train_score"], linestyle="-")
        style.line(ax, look, cost, history["test_score"], **TEST)
    style.cost_axis(ax)
    ax.set_ylabel("accuracy (solid: training, dashed: test)")
    return style.legend(ax)


def alpha_against_cost(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the fraction of negative eigenvalues of the Hessian against the cost.

    The line counts those that are certainly negative. The band reaches up to those whose
    sign rounding leaves undecided.
    """
    drawn, ax = style.histories(histories, "loss", "alpha", "alpha_bounds"), style.axes(ax)
    for look, history in drawn:
        cost = style.positive(history["loss"])
        style.line(ax, look, cost, history["alpha"])
        if np.isfinite(cost).any():
            style.band(ax, look, cost, *history["alpha_bounds"].T)
    style.cost_axis(ax)
    style.fraction_axis(ax, "negative eigenvalues, $\\alpha$\n(band: rounding may hide a sign)")
    return style.legend(ax)


def gamma_against_cost(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the fraction of eigenvalues that rounding cannot tell from zero against the cost."""
    drawn, ax = style.histories(histories, "loss", "gamma"), style.axes(ax)
    for look, history in drawn:
        style.line(ax, look, style.positive(history["loss"]), history["gamma"])
    style.cost_axis(ax)
    style.fraction_axis(ax, "zero eigenvalues, $\\gamma$\n($|\\lambda| \\leq \\tau$)")
    return style.legend(ax)


def zero_residuals_against_epoch(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the fraction of residuals with |prediction - y| <= 1e-5 against the epoch."""
    drawn, ax = style.histories(histories, "epoch", "zero_residuals"), style.axes(ax)
    for look, history in drawn:
        style.line(ax, look, history["epoch"], history["zero_residuals"])
    top = max(0.01, *(history["zero_residuals"].max() for _, history in drawn))
    ax.set_ylim(-0.03 * top, 1.03 * top)
    ax.set(xlabel="epoch", ylabel=r"fraction with $|\mathrm{prediction} - y| \leq 10^{-5}$")
    return style.legend(ax)


def sharpness_against_epoch(histories: Histories, ax: Axes | None = None) -> Axes:
    """Draw the largest eigenvalue of the Hessian on a log scale against the epoch."""
    drawn, ax = style.histories(histories, "epoch", "eigenvalues"), style.axes(ax)
    for look, history in drawn:
        style.line(ax, look, history["epoch"], style.positive(history["eigenvalues"][:, -1]))
    ax.set(xlabel="epoch", ylabel="largest eigenvalue, $\\lambda_{max}$", yscale="log")
    return style.legend(ax)


def bands(curves: Mapping[Any, tuple[ArrayLike, ...]], ax: Axes | None = None) -> Axes:
    """Draw medians with a band between the quartiles; labels and legend are the caller's.

    By label, `curves` holds the tuple (x, lower, median, upper), each of shape (n,).
    """
    found = style.named("curves", tuple, curves)
    drawn = [
        (look, check_array(f"curves[{look.label!r}]", curve, (4, None))) for look, curve in found
    ]
    ax = style.axes(ax)
    for look, (x, lower, median, upper) in drawn:
        style.band(ax, look, x, lower, upper)
        style.line(ax, look, x, median)
    return ax
