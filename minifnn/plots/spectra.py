"""Figures of eigenvalues: the fraction of zeros, histograms, and a film of training."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .._util.typing import Array, ArrayLike
from .._util.validation import check_array, check_count, expect
from ..curvature.spectrum import Spectrum
from ..train import History
from . import style

if TYPE_CHECKING:  # it would import pyplot
    from matplotlib.animation import FuncAnimation

Spectra = Spectrum | Mapping[Any, Spectrum]

EIGENVALUE = "eigenvalue of the Hessian, λ"
EIGENVALUES = "number of eigenvalues"
WINDOW = (0.1, 99.9)  # percentiles of the eigenvalues, between which all are in the window
LINEAR = 1e-5  # share of the window within which the eigenvalue axis is linear


def gamma_curve(spectra: Spectra, ax: Axes | None = None) -> Axes:
    """Draw the fraction of eigenvalues with |lambda| <= r |H| against r."""
    drawn, ax = style.named("spectra", Spectrum, spectra), style.axes(ax)
    r = np.logspace(-16, 0, 321)
    for look, s in drawn:
        style.line(ax, look, r, s.flat(r), drawstyle="steps-post")
    rounding = max(len(s.eigenvalues) for _, s in drawn) * np.finfo(float).eps
    ax.axvspan(1e-16, rounding, color=style.TEXT, alpha=0.2, zorder=0, label="rounding")
    ax.set(xscale="log", xlim=(1e-16, 1), xlabel="share of the largest eigenvalue, $r$")
    style.fraction_axis(ax, r"eigenvalues with $|\lambda| \leq r\,|H|$")
    return style.legend(ax, columns=3)


def eigenvalue_histogram(
    spectra: Spectra,
    ax: Axes | None = None,
    limits: tuple[float, float] | None = None,
    bins: int = 60,
) -> Axes:
    """Draw a histogram of the eigenvalues, with counts on a log scale.

    `limits` and `bins` are as in `eigenvalue_bins`. The legend says which share of the
    eigenvalues lies inside the window.
    """
    drawn = style.named("spectra", Spectrum, spectra)
    all_eigenvalues = np.concatenate([s.eigenvalues for _, s in drawn])
    edges, unit = eigenvalue_bins(all_eigenvalues, limits, bins)
    ax, most = style.axes(ax), 1
    for look, s in drawn:
        counts = np.histogram(s.eigenvalues, edges)[0]
        label = f"{look.label}, {_share(counts.sum(), len(s.eigenvalues))} inside"
        style.steps(ax, look, counts, edges, label.removeprefix(", "))  # of a bare spectrum
        most = max(most, counts.max())
    _histogram_axes(ax, edges, unit, 1.5 * most)
    return style.legend(ax, columns=2)


def eigenvalue_film(histories: History | Mapping[Any, History]) -> "FuncAnimation":
    """Film how the eigenvalues of the Hessian move during training.

    One frame per record, four per second, and one panel per label; the axes stay the
    same for the whole film. Show it in a notebook with ``HTML(film.to_jshtml())``.
    """
    from matplotlib.animation import FuncAnimation  # only here: it imports pyplot

    drawn = style.histories(histories, "epoch", "loss", "eigenvalues")
    epochs, *others = (history["epoch"] for _, history in drawn)
    same = all(np.array_equal(other, epochs) for other in others)
    expect(same, "histories", "the same epochs in all", histories)
    spectra = [history["eigenvalues"] for _, history in drawn]
    edges, unit = eigenvalue_bins(np.concatenate([rows.ravel() for rows in spectra]))
    counts = [np.array([np.histogram(row, edges)[0] for row in rows]) for rows in spectra]
    figure, panels = _film_panels([look for look, _ in drawn], counts, edges, unit)

    def show(k):
        figure.suptitle(f"epoch {epochs[k]}")
        for (look, history), rows, (ax, bars, note) in zip(drawn, counts, panels):
            cost, total = history["loss"][k], history["eigenvalues"].shape[1]
            title = f"{look.label}, cost {cost:.2g} nats".removeprefix(", ")
            ax.set_title(title, fontsize=10, y=1.02)
            bars.set_data(rows[k])
            note.set_text(f"{_share(rows[k].sum(), total)} in the window")

    show(0)
    return FuncAnimation(figure, show, frames=len(epochs), interval=250)


def _film_panels(looks, counts, edges, unit):
    """Return the figure, and the axes, bars and note of each panel."""
    width = 3.0 * len(counts)
    figure = Figure(figsize=(width, 3), dpi=80)
    figure.set_layout_engine("none")  # no new layout in each frame
    figure.subplots_adjust(0.6 / width, 0.17, 1 - 0.15 / width, 0.8, wspace=0.08)
    most = max(1, max(rows.max() for rows in counts))
    panels = []
    for ax, look, rows in zip(figure.subplots(1, len(counts), squeeze=False)[0], looks, counts):
        bars = ax.stairs(rows[0], edges, fill=True, color=look.colour)
        ax.axvline(0, ymax=0.88, color="0.4", linewidth=0.6)
        _histogram_axes(ax, edges, unit, 3 * most)
        ax.tick_params(labelsize=8, labelleft=not panels)
        ax.set(xlabel="", ylabel="")
        note = ax.text(0.97, 0.96, "", fontsize=8, ha="right", va="top", transform=ax.transAxes)
        panels.append((ax, bars, note))
    figure.supxlabel(EIGENVALUE, fontsize=10, y=0.02)
    figure.supylabel(EIGENVALUES, fontsize=10, x=0.06 / width)
    return figure, panels


def eigenvalue_bins(
    eigenvalues: ArrayLike, limits: tuple[float, float] | None = None, bins: int = 40
) -> tuple[Array, float]:
    """Return the edges of the bins, ascending, and the power of ten where the axis turns to log.

    The bins are equally wide in asinh(lambda / unit): linear near zero, logarithmic far from
    it, so that the few large eigenvalues leave room for the many small ones. `limits` is the
    window, (low, high); by default it holds nearly all eigenvalues, and zero lies in the
    middle of a bin. `eigenvalue_film` uses these defaults.
    """
    eigenvalues = check_array("eigenvalues", eigenvalues, (None,))
    check_count("bins", bins, at_least=2)
    if limits is None:
        low, high = 1.5 * np.percentile(eigenvalues, WINDOW)
    else:
        low, high = check_array("limits", limits, (2,))
        expect(low < high, "limits", "(low, high) with low < high", limits)
    largest = max(abs(low), abs(high)) or 1.0
    unit = 10.0 ** np.floor(np.log10(LINEAR * largest))
    u, v = np.arcsinh(low / unit), np.arcsinh(high / unit)
    if limits is not None:
        edges = unit * np.sinh(np.linspace(u, v, bins + 1))
        edges[[0, -1]] = limits
        return edges, unit
    u, v = min(u, -2.0), max(v, 2.0)
    width = (v - u) / (bins - 1)
    below = np.ceil(-u / width - 0.5)  # bins left of the one around zero
    return unit * np.sinh((np.arange(bins + 1) - below - 0.5) * width), unit


def _histogram_axes(ax, edges, unit, top):
    """Label zero and powers of ten on both sides, and counts up to `top` on a log scale."""
    ax.set_xscale("asinh", linear_width=unit)
    powers = unit * 10.0 ** np.arange(1, 7)
    ticks = [t for t in [*-powers[::-1], 0.0, *powers] if edges[0] <= t <= edges[-1]]
    if len(ticks) > 6:
        ticks = [t for t in ticks if t == 0 or round(np.log10(abs(t) / unit)) % 2 == 0]
    ax.set_xticks(ticks, [_power_of_ten(t) for t in ticks])
    ax.set_yscale("log")
    counts = 10 ** np.arange(np.log10(top))
    ax.set_yticks(counts, [f"{n:g}" for n in counts])
    ax.minorticks_off()
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0.6, top), xlabel=EIGENVALUE, ylabel=EIGENVALUES)


def _power_of_ten(value):
    """A signed power of ten, or zero, as plain text, which draws quickly: 0.01, −10⁻⁵."""
    exponent = round(np.log10(abs(value))) if value else 0
    if -4 < exponent < 4:
        return f"{value:g}".replace("-", "\N{MINUS SIGN}")
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ("\N{MINUS SIGN}" if value < 0 else "") + "10" + raised


def _share(inside, total):
    """A share in per cent, rounded down: 100 % means all."""
    return f"{int(inside) * 1000 // total / 10:g} %"
