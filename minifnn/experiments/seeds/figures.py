"""The figures of many seeds, from the tables of `minifnn sweep` alone.

Lines are medians over seeds, bands reach from quartile to quartile, and every
panel is a setting. Generated data only: the authors' are in the tables.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ..._util.files import make_folder, naming, write_atomically, write_text
from ..._util.typing import PathLike
from ..._util.validation import check_path
from ...plots import bands, style
from ..figures import panels
from ..paper import ACTIVATIONS, RATE, TASKS
from .run import QUARTILES, read_rows
from .statistics import fraction_interval
from .tables import STUCK, VARIANTS, Groups, grouped, is_stuck, paper_settings, tables, varied


def write_findings(folder: PathLike, out: PathLike) -> list[Path]:
    """Write the tables (Markdown and CSV) and figures of a sweep into a folder; return the files.

    `folder` is where `minifnn sweep` wrote starts.csv and curves.csv; `out` is made if missing,
    and may be the same.
    """
    folder = check_path("folder", folder)
    if not (folder / "starts.csv").exists():
        raise FileNotFoundError(f"folder: expected one with starts.csv, got {str(folder)!r}")
    with naming(folder / "starts.csv"):
        groups, curves = (grouped(read_rows(folder / f"{n}.csv")) for n in ("starts", "curves"))
        made = tables(groups)
        drawn = {f"{name}.png": draw() for name, draw in figures(groups, curves).items()}
    out = make_folder(out)
    for name in ("starts.csv", "curves.csv"):
        write_text(out / name, (folder / name).read_text("utf-8"))
    write_text(out / "tables.md", "\n".join(f"## {name}\n\n{made[name]}" for name in made))
    for name, figure in drawn.items():
        save = partial(figure.savefig, format="png", dpi=110, metadata={"Software": None})
        write_atomically(out / name, save)
    return [out / name for name in ("tables.md", "starts.csv", "curves.csv", *drawn)]


def figures(groups: Groups, curves: Groups) -> dict[str, Callable[[], Figure]]:
    """Return by name the functions that make the figures of starts.csv and curves.csv."""
    settings = paper_settings(groups, ["generated"])
    if not settings:
        return {}
    betas, rates = (varied(groups, what, ["generated"]) for what in ("beta", "rate"))
    made: dict[str, Callable[[], Figure]] = {
        "cost": partial(_panels, _cost, curves, settings),
        "speed": partial(_panels, _speed, groups, settings),
        "alpha": partial(_panels, _alpha, curves, settings),
        "gamma": partial(_panels, partial(_share, "gamma"), curves, settings),
        "flat": partial(_panels, partial(_share, "flat_1e-3"), curves, settings),
        "residuals": partial(_panels, _residuals, curves, settings),
        "stuck": partial(_stuck, groups, settings),
    }
    if betas:
        made["betas"] = partial(_panels, _betas, groups, betas, width=4.6)
    if rates:
        made["rates"] = partial(_panels, _rates, groups, rates, width=5.6)
    return made


def _panels(draw, groups, settings, width=4.2):
    """A panel per setting."""
    return panels({t: partial(draw, groups, one) for t, one in settings.items()}, width)


def _found(groups, setting):
    """The groups of this setting by activation."""
    settings = {name: setting._replace(activation=name) for name in ACTIVATIONS}
    return {name: groups[one] for name, one in settings.items() if one in groups}


def _bands(curves, setting, column, x="epoch"):
    """{activation: (x, quartile, median, quartile)} of a column of curves.csv."""
    return {
        name: (group[x], *(group[f"{column}_{q}"] for q in QUARTILES))
        for name, group in _found(curves, setting).items()
    }


def _cost(curves, setting, ax):
    bands(_bands(curves, setting, "cost"), ax=ax)
    ax.set(yscale="log", xlabel="epoch", ylabel=style.COST)
    style.legend(ax)


def _alpha(curves, setting, ax):
    """From the lower quartile of what is certain to the upper quartile of what is possible."""
    certain = _bands(curves, setting, "alpha", "cost_50")
    possible = _bands(curves, setting, "alpha_most", "cost_50")
    bands({name: (*certain[name][:3], possible[name][3]) for name in certain}, ax=ax)
    _against_cost(ax, "negative eigenvalues, $\\alpha$\n(band: to what rounding allows)")


def _share(column, curves, setting, ax):
    bands(_bands(curves, setting, column, "cost_50"), ax=ax)
    meaning = r"|\lambda| \leq \tau" if column == "gamma" else r"|\lambda| \leq 10^{-3}\,|H|"
    _against_cost(ax, f"zero eigenvalues, $\\gamma$\n(${meaning}$)")


def _against_cost(ax, label):
    style.cost_axis(ax)
    ax.set_xlabel("median cost (nats); training runs to the right")
    style.fraction_axis(ax, label)
    style.legend(ax)


def _residuals(curves, setting, ax):
    bands(_bands(curves, setting, "zero_residuals"), ax=ax)
    ax.set_ylim(-0.01, max(0.05, 1.03 * ax.dataLim.y1))
    ax.set(xlabel="epoch", ylabel=r"fraction with $|\mathrm{prediction} - y| \leq 10^{-5}$")
    style.legend(ax)


def _speed(groups, setting, ax):
    """The fraction of seeds that have come to half of a constant predictor's cost, by epoch."""
    epochs = TASKS[setting.task].epochs
    for activation, group in _found(groups, setting).items():
        reached = np.sort(group["to_half"][np.isfinite(group["to_half"])])
        x = np.maximum([0, *reached, epochs], 10)
        y = np.array([*range(len(reached) + 1), len(reached)]) / len(group["seed"])
        style.line(ax, style.LOOKS[activation], x, y, drawstyle="steps-post", marker="")
    ax.set(xscale="log", xlim=(10, epochs), xlabel="epoch (log scale)")
    style.fraction_axis(ax, "seeds with at most half of\na constant predictor's cost")
    style.legend(ax)


def _stuck(groups, settings):
    """One bar per activation and setting, with the interval of the fraction."""
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    ax, width = figure.subplots(), 0.2
    for i, setting in enumerate(settings.values()):
        for activation, group in _found(groups, setting).items():
            found = is_stuck(group)
            value, low, high = fraction_interval(int(found.sum()), len(found))
            place = i + (ACTIVATIONS.index(activation) - 1.5) * width
            colour, label = style.COLOURS[activation], style.NAMES[activation] if i == 0 else None
            ax.bar(place, value, width * 0.9, color=colour, alpha=0.55, label=label)
            ax.plot([place, place], [low, high], color=colour, linewidth=1.5)
    ax.set_xticks(range(len(settings)), settings)
    label = f"fraction of seeds with more than\n{STUCK:.0%} of a constant predictor's cost"
    ax.set(ylim=(0, None), ylabel=label)
    style.legend(ax)
    return figure


def _betas(groups, setting, ax):
    """Every seed's end cost, one row per way of treating beta."""
    jitter, names = np.random.default_rng(0), []
    for (activation, beta), name in VARIANTS.items():
        one = setting._replace(activation=activation, beta=beta)
        if one in groups:
            cost, place = groups[one]["cost"], len(names)
            y = place + jitter.uniform(-0.28, 0.28, size=len(cost))
            ax.plot(cost, y, ".", color=style.COLOURS[activation], alpha=0.45, markersize=4)
            line = [place - 0.38, place + 0.38]
            ax.plot([np.median(cost)] * 2, line, color=ax.xaxis.label.get_color())
            names.append(name)
    ax.set_yticks(range(len(names)), names)
    style.cost_axis(ax, inverted=False)
    ax.set(xlabel=f"end {style.COST}; line: median", ylim=(len(names) - 0.4, -0.6))


def _rates(groups, setting, ax):
    """Median end cost against the rate; hollow and thin where beta is trained from 1."""
    for (activation, beta), name in VARIANTS.items():
        one = setting._replace(activation=activation, beta=beta)
        found = sorted(key for key in groups if key._replace(rate=one.rate) == one)
        if len(found) > 1:
            costs = [np.median(groups[key]["cost"]) for key in found]
            thin = {"markerfacecolor": "white", "linewidth": 0.9} if beta == "trained" else {}
            style.line(
                ax, style.LOOKS[activation], [key.rate for key in found], costs, label=name, **thin
            )
    label = f"median end {style.COST}"
    ax.set(xscale="log", yscale="log", xlabel="first rate of Adam", ylabel=label)
    ax.axvline(RATE, color="0.8", zorder=0)
    style.legend(ax, columns=2)
