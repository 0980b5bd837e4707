"""Figures of training: what the histories recorded, against the epoch or the cost."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from .._util.typing import ArrayLike
from .._util.validation import check_array
from ..train import History
from . import style


def cost_against_epoch(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the cost on a log scale against the epoch.

    Examples
    --------
    >>> import minifnn as mf
    >>> data, histories = mf.datasets.linear(), {}
    >>> for name in ("esp", "relu"):
    ...     net = mf.mlp([2, 3, 1], hidden=name)
    ...     histories[name] = mf.train(net, data.X_train, data.Y_train, 30, engine="numpy")
    >>> ax = mf.plots.cost_against_epoch(histories)
    >>> ax.get_ylabel(), [line.get_label() for line in ax.get_lines()]
    ('cost (nats)', ['ESP', 'ReLU'])
    """
    style.check_histories(histories, "epoch", "loss")
    ax = style.axes(ax)
    for name, history in histories.items():
        style.line(ax, name, history["epoch"], style.positive(history["loss"]))
    ax.set(xlabel="epoch", ylabel=style.COST, yscale="log")
    return style.legend(ax)


def accuracy_against_cost(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the accuracy on training (solid) and test data (dashed) against the cost."""
    style.check_histories(histories, "loss", "train_score", "test_score")
    ax = style.axes(ax)
    for name, history in histories.items():
        cost = style.positive(history["loss"])
        style.line(ax, name, cost, history["train_score"], linestyle="-")
        test = {"linestyle": "--", "markerfacecolor": "white", "label": None}
        style.line(ax, name, cost, history["test_score"], **test)
    style.cost_axis(ax)
    ax.set_ylabel("accuracy (solid: training, dashed: test)")
    return style.legend(ax)


def alpha_against_cost(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the fraction of negative eigenvalues of the Hessian against the cost.

    The line counts those that are certainly negative. The band reaches up to those whose
    sign rounding leaves undecided.
    """
    style.check_histories(histories, "loss", "alpha", "alpha_bounds")
    ax = style.axes(ax)
    for name, history in histories.items():
        cost = style.positive(history["loss"])
        style.line(ax, name, cost, history["alpha"])
        if np.isfinite(cost).any():
            style.band(ax, name, cost, *history["alpha_bounds"].T)
    style.cost_axis(ax)
    style.fraction_axis(ax, "negative eigenvalues, $\\alpha$\n(band: rounding may hide a sign)")
    return style.legend(ax)


def gamma_against_cost(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the fraction of eigenvalues that rounding cannot tell from zero against the cost."""
    style.check_histories(histories, "loss", "gamma")
    ax = style.axes(ax)
    for name, history in histories.items():
        style.line(ax, name, style.positive(history["loss"]), history["gamma"])
    style.cost_axis(ax)
    style.fraction_axis(ax, "zero eigenvalues, $\\gamma$\n($|\\lambda| \\leq \\tau$)")
    return style.legend(ax)


def zero_residuals_against_epoch(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the fraction of residuals with |prediction - y| <= 1e-5 against the epoch."""
    style.check_histories(histories, "epoch", "zero_residuals")
    ax = style.axes(ax)
    for name, history in histories.items():
        style.line(ax, name, history["epoch"], history["zero_residuals"])
    top = max(0.01, *(history["zero_residuals"].max() for history in histories.values()))
    ax.set_ylim(-0.03 * top, 1.03 * top)
    ax.set(xlabel="epoch", ylabel=r"fraction with $|\mathrm{prediction} - y| \leq 10^{-5}$")
    return style.legend(ax)


def sharpness_against_epoch(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the largest eigenvalue of the Hessian on a log scale against the epoch."""
    style.check_histories(histories, "epoch", "eigenvalues")
    ax = style.axes(ax)
    for name, history in histories.items():
        style.line(ax, name, history["epoch"], style.positive(history["eigenvalues"][:, -1]))
    ax.set(xlabel="epoch", ylabel="largest eigenvalue, $\\lambda_{max}$", yscale="log")
    return style.legend(ax)


def bands(curves: Mapping[str, tuple[ArrayLike, ...]], ax: Axes | None = None) -> Axes:
    """Draw medians with a band between the quartiles; labels and legend are the caller's.

    By activation, `curves` holds the tuple (x, lower, median, upper), each of shape (n,).
    """
    style.check_named("curves", curves, tuple)
    checked = {name: check_array(f"curves[{name!r}]", curves[name], (4, None)) for name in curves}
    ax = style.axes(ax)
    for name, (x, lower, median, upper) in checked.items():
        style.band(ax, name, x, lower, upper)
        style.line(ax, name, x, median)
    return ax
