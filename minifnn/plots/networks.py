"""Figures of one or several networks: activations, weights, predictions, curvature."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator, NullLocator

from .._util.typing import ArrayLike
from .._util.validation import check_array, check_flag, check_number, expect
from ..activations import ACTIVATIONS
from ..curvature.parts import gauss_newton, residual_part
from ..curvature.spectrum import spectrum
from ..hessian import hessian
from ..network import Network, check_network, check_problem
from . import style


def activations(ax: Axes | None = None, beta: float = 1.0) -> Axes:
    """Draw sigmoid, tanh, ReLU and ESP against the field h, at one inverse noise beta."""
    beta = check_number("beta", beta)
    ax = style.axes(ax)
    h = np.linspace(-4, 4, 321)
    for name in ("sigmoid", "tanh", "relu", "esp"):
        style.line(ax, style.LOOKS[name], h, ACTIVATIONS[name](h, beta))
    ax.axhline(0, **style.FAINT)
    ax.set(xlabel="field, $h$", ylabel=rf"value, $f(h, \beta)$ at $\beta = {style.as_math(beta)}$")
    return style.legend(ax)


def weight_histogram(networks: Network | Mapping[Any, Network], ax: Axes | None = None) -> Axes:
    """Draw a histogram of the weights W of all layers."""
    drawn, ax = style.named("networks", Network, networks), style.axes(ax)
    weights = [_weights(net) for _, net in drawn]
    edges = np.histogram_bin_edges(np.concatenate(weights), bins=40)
    for (look, _), w in zip(drawn, weights):
        style.steps(ax, look, np.histogram(w, edges)[0], edges, look.label)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="weight, $W$ (all layers)", ylabel="number of weights")
    return style.legend(ax)


def _weights(net):
    return np.concatenate([w.ravel() for name, w in net.parameters.items() if name[0] == "W"])


def decision_boundary(
    net: Network, X: ArrayLike, Y: ArrayLike, ax: Axes | None = None, colorbar: bool = True
) -> Axes:
    """Draw which class is predicted where in the plane, and the points X (N, 2).

    The network has 2 inputs, and 1 sigmoid output: the colour is the probability of class 1; or
    a softmax output per class: each class gives its colour by its probability. Y are the classes.
    """
    check_network(net)
    is_binary = (net.output, net.sizes[-1]) == ("sigmoid", 1)
    fits = net.sizes[0] == 2 and (is_binary or net.output == "softmax")
    expect(fits, "net", "2 inputs, and 1 sigmoid output or softmax outputs", net)
    X, Y = check_problem(net, X, Y)
    colorbar, ax = check_flag("colorbar", colorbar), style.axes(ax)
    ax.set_facecolor("white")  # so that the colours are the same on any page
    x1, x2, p = _over_the_plane(net, X)
    (_two_sides if is_binary else _regions)(ax, x1, x2, p, X, Y, colorbar)
    ax.set(xlabel="first input, $x_1$", ylabel="second input, $x_2$")
    return ax


def _over_the_plane(net, X, n=200):
    """The two axes of a grid, and what is predicted on it, (n, n, K)."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = np.where(high > low, 0.06 * (high - low), 0.5)
    x1, x2 = np.linspace(low - margin, high + margin, n).T
    points = np.column_stack([np.tile(x1, n), np.repeat(x2, n)])
    return x1, x2, net.predict(points).reshape(n, n, -1)


def _two_sides(ax, x1, x2, p, X, Y, colorbar):
    """The probability of class 1, a line where it is one half, and the points."""
    p, ones = p[:, :, 0], Y[:, 0] > 0.5
    filled = ax.contourf(x1, x2, p, np.linspace(0, 1, 21), cmap="RdBu_r", alpha=0.5)
    if p.min() < 0.5 < p.max():
        ax.contour(x1, x2, p, [0.5], colors="black", linewidths=1.5)
    _points(ax, X[~ones], "#053061", "o")
    _points(ax, X[ones], "#67001F", "^")
    if colorbar:
        label = r"predicted probability of class 1 ($\blacktriangle$)"
        style.colour_bar(ax, filled, label, ticks=[0, 0.5, 1])


def _regions(ax, x1, x2, p, X, Y, colorbar):
    """The probabilities of all classes, a line around where each is the largest, the points."""
    eleven = [to_rgb(colour) for colour in (*style.OTHERS, *style.COLOURS.values())]
    colours = np.resize(eleven, (Y.shape[1], 3))  # (K, 3), again from the first for more classes
    box = {"extent": (x1[0], x1[-1], x2[0], x2[-1]), "origin": "lower", "aspect": "auto"}
    ax.imshow(0.5 + 0.5 * np.clip(p @ colours, 0, 1), interpolation="bilinear", **box)
    for k, colour, marker in zip(range(len(colours)), colours, cycle(style.MARKERS.values())):
        _points(ax, X[Y.argmax(axis=1) == k], colour, marker, label=f"class {k}")
        lead = p[:, :, k] - np.delete(p, k, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            ax.contour(x1, x2, lead, [0], colors="black", linewidths=1.2)
    if colorbar:
        look = {"frameon": False, "fontsize": "small", "labelcolor": ax.xaxis.label.get_color()}
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), **look)


def _points(ax, points, colour, marker, label=None):
    look = {"marker": marker, "edgecolor": "white", "linewidth": 0.4, "label": label}
    ax.scatter(*points.T, 16, color=colour, **look)


def eigenvectors(
    vectors: ArrayLike, net: Network, ax: Axes | None = None, colorbar: bool = True
) -> Axes:
    """Draw the eigenvectors of the network's Hessian as a heat map of |component|.

    `vectors` (P, P) holds them as columns, as `numpy.linalg.eigh` returns them. One row per
    eigenvector, the smallest eigenvalue on top; one column per parameter, grouped by name.
    """
    check_network(net)
    vectors = check_array("vectors", vectors, (net.n_parameters, net.n_parameters))
    colorbar, ax = check_flag("colorbar", colorbar), style.axes(ax)
    image = ax.imshow(np.abs(vectors).T, cmap="magma_r", vmin=0, vmax=1, aspect="auto")
    for group in list(net.slices.values())[1:]:
        ax.axvline(group.start - 0.5, color="0.55", linewidth=0.6)
    middles = [(group.start + group.stop - 1) / 2 for group in net.slices.values()]
    ax.set_xticks(middles, [_group_label(name) for name in net.slices], linespacing=1.3)
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="parameter", ylabel=r"eigenvector ($\lambda$ ascending)")
    if colorbar:
        style.colour_bar(ax, image, r"$|\mathrm{component}|$")
    return ax


def _group_label(name):
    """W, b and beta on a line each, so that narrow groups do not collide."""
    letter = name.rstrip("0123456789")
    label = {"W": r"$W_{%s}$", "b": "\n$b_{%s}$", "beta": "\n\n$\\beta_{%s}$"}[letter]
    return label % name.removeprefix(letter)


def curvature_parts(net: Network, X: ArrayLike, Y: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the eigenvalues of the Hessian and of the two parts that it is the sum of.

    Each line is one matrix's own eigenvalues in ascending order: Gauss-Newton, which is
    positive semidefinite, the residual part, and the whole. The axis is linear up to 1e-6 of
    the largest eigenvalue, logarithmic beyond.
    """
    grey = {"color": "0.45"}
    parts = (
        ("Hessian", hessian(net, X, Y), {"linewidth": 2}),
        ("Gauss-Newton", gauss_newton(net, X, Y), grey | {"linestyle": "--"}),
        ("residual part", residual_part(net, X, Y), grey | {"linestyle": ":"}),
    )
    ax, ends = style.axes(ax), []
    text = {"color": ax.xaxis.label.get_color()}
    for name, matrix, look in parts:
        eigenvalues = spectrum(matrix).eigenvalues
        ax.plot(np.arange(1, len(eigenvalues) + 1), eigenvalues, label=name, **text | look)
        ends += [eigenvalues[0], eigenvalues[-1]]
    _signed_log_axis(ax, min(ends), max(ends))
    ax.set(xlabel="place in ascending order", ylabel="eigenvalue, $\\lambda$")
    return style.legend(ax, columns=2)


def _signed_log_axis(ax, low, high):
    """A y axis that is logarithmic on both sides of a short linear piece at 0."""
    linear = 1e-6 * max(abs(low), abs(high)) or 1.0
    ax.set_yscale("symlog", linthresh=linear, linscale=0.6)
    ax.set_ylim(min(3 * low, -linear), max(3 * high, linear))
    powers = 10.0 ** np.arange(np.ceil(np.log10(linear)) + 1, 300, 3)
    ax.set_yticks([*-powers[powers <= -low][::-1], 0, *powers[powers <= high]])
    ax.yaxis.set_minor_locator(NullLocator())
    ax.axhline(0, **style.FAINT)


def cost_along_eigenvectors(
    net: Network, X: ArrayLike, Y: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw the cost along the eigenvectors of the smallest and the largest eigenvalue.

    Each has its own length scale: at +-1 the curvature lambda alone would change the cost L
    by as much as it is, t^2 |lambda| / 2 = L. Dashed (smallest) and solid (largest): the cost.
    Dotted: what gradient and Hessian predict, L + t g.v + t^2 lambda / 2.
    """
    eigenvalues, vectors = np.linalg.eigh(hessian(net, X, Y))
    g, here = net.gradient(X, Y), net.loss(X, Y)
    ax, x = style.axes(ax), np.linspace(-1, 1, 81)
    text = ax.xaxis.label.get_color()
    for k, colour, linestyle in ((0, style.OTHERS[0], "--"), (-1, text, "-")):
        v, curvature = vectors[:, k], eigenvalues[k]
        t = x * np.sqrt(2 * here / max(abs(curvature), np.finfo(float).tiny))
        cost = np.array([net.with_theta(net.theta + step * v).loss(X, Y) for step in t])
        cost[cost > 2.5 * here] = np.nan  # leaves the picture, and room for the legend
        label = rf"$\lambda = {style.as_math(float(f'{curvature:.2g}'))}$, to $t = {t[-1]:.2g}$"
        ax.plot(x, cost, color=colour, linestyle=linestyle, label=label)
        ax.plot(x, here + t * (g @ v) + t * t * curvature / 2, ":", color=colour, linewidth=1)
    ax.set_ylim(-0.15 * here, 2.6 * here)
    ax.set(xlabel=r"distance, $t\,\sqrt{|\lambda| / 2L}$", ylabel=style.COST)
    return style.legend(ax, columns=1)
