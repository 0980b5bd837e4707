"""The figures of the scaling benchmark: logarithmic axes, one idea each."""

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito
MARKERS = "os^Dv<"


def draw(folder, by_n, by_p, crossings):
    """Write the four figures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _time_against_samples(by_n).savefig(folder / "time-against-samples.png")
    _time_against_parameters(by_p).savefig(folder / "time-against-parameters.png")
    _crossings(crossings).savefig(folder / "products-against-hessian.png")
    if all(point.memory is not None for point in (*by_n, *by_p)):
        _memory(by_n, by_p).savefig(folder / "memory.png")


def _time_against_samples(points):
    N, times = [p.N for p in points], [p.time for p in points]
    figure, (ax,) = _figure()
    ax.plot(N, times, "o-", color=COLOURS[0], label=f"Hessian, P = {points[0].P:,}")
    proportional = [times[-1] * n / N[-1] for n in N]
    ax.plot(N, proportional, "--", color="0.5", label="proportional to N")
    _finish(ax, "number of samples N", "time of one Hessian (s)")
    return figure


def _time_against_parameters(points):
    P, times = [p.P for p in points], [p.time for p in points]
    figure, (ax,) = _figure()
    ax.plot(P, times, "o-", color=COLOURS[0], label=f"Hessian, N = {points[0].N:,}")
    quadratic = [times[-1] * (p / P[-1]) ** 2 for p in P]
    ax.plot(P, quadratic, "--", color="0.5", label="proportional to P²")
    _finish(ax, "number of parameters P", "time of one Hessian (s)")
    return figure


def _memory(by_n, by_p):
    """Peak memory above the inputs, and the Hessian itself beside it."""
    figure, (left, right) = _figure(panels=2)
    sides = ((left, by_n, "N", "number of samples N"), (right, by_p, "P", "number of parameters P"))
    for ax, points, name, label in sides:
        sizes = [getattr(p, name) for p in points]
        ax.plot(sizes, [p.memory for p in points], "o-", color=COLOURS[0], label="peak of a call")
        ax.plot(sizes, [8e-6 * p.P**2 for p in points], "--", color="0.5", label="the Hessian")
        _finish(ax, label, "memory above the inputs (MB)")
    left.set_title(f"P = {by_n[0].P:,}")
    right.set_title(f"N = {by_p[0].N:,}")
    return figure


def _crossings(crossings):
    """R products in units of the Hessian, a curve for each P, a ring where they cost the same."""
    figure, (ax,) = _figure()
    for crossing, colour, marker in zip(crossings, COLOURS, MARKERS):
        label = f"P = {crossing.P:,}"
        style = {"color": colour, "marker": marker, "markersize": 4, "label": label}
        ax.plot(crossing.directions, crossing.costs, **style)
        ax.plot(crossing.at, 1, "o", markersize=11, markerfacecolor="none", color=colour)
    ax.axhline(1, color="0.5", linestyle="--", label="the whole Hessian")
    _finish(ax, "number of directions R", "time of R products H v (time of one Hessian)")
    return figure


def _figure(panels=1):
    figure = Figure(figsize=(6.4 * panels, 4.4), dpi=130, layout="constrained")
    return figure, figure.subplots(1, panels, squeeze=False)[0]


def _finish(ax, x, y):
    ax.set(xscale="log", yscale="log", xlabel=x, ylabel=y)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: f"{value:,g}")
        axis.set_minor_formatter(NullFormatter())
    ax.grid(True, which="major", color="0.9")
    ax.legend(frameon=False, fontsize="small")
