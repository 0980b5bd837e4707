"""Write the tables and figures of docs/findings.md from the seeds.csv of a plan.

    python docs/findings/figures.py sweep --out docs/findings

One figure per claim. Dots are seeds, dashes are medians over them.
"""

import argparse
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from tables import (
    BETAS,
    DATA,
    OTHERS,
    RATES,
    STUCK,
    TREATMENTS,
    VARIANTS,
    Findings,
    architectures,
    common,
    fraction_interval,
    is_stuck,
    lead,
    tables,
)

from minifnn.experiments.figures import panels
from minifnn.experiments.paper import ACTIVATIONS, EARLY, TASKS
from minifnn.experiments.seeds.run import PLANE, Setting, read_table
from minifnn.plots import COLOURS, LINES, MARKERS, NAMES

OF_TREATMENT = dict(zip(TREATMENTS, ("#000000", "#0072B2", "#D55E00")))
PLAIN = FuncFormatter(lambda x, _: f"{x:g}")


def log_axis(axis):
    """Label powers of ten as plain numbers, and on a short axis 2 and 5 too."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,)))
    axis.set_major_formatter(PLAIN)
    axis.set_minor_formatter(NullFormatter())


def figures(findings: Findings) -> dict[str, Figure]:
    """Every figure of the page, by name."""
    plane = {TASKS[task].title: task for task in PLANE}
    published = findings.published(["generated"])
    each = {
        "early": (_early, published),
        "zeros": (partial(_dots, columns=ZEROS, of="eigenvalues (or parameters)"), published),
        "alpha": (partial(_dots, columns=ALPHAS, of="negative eigenvalues"), published),
        "residuals": (partial(_dots, columns=RESIDUALS, of="residuals up to 1e-5"), published),
        "betas": (_betas, plane),
        "spread": (_spread, SPREAD),
    }
    drawn = {"arrows": _arrows(findings), "stuck": _stuck(findings)}
    for name, (draw, settings) in each.items():
        drawn[name] = panels({t: partial(draw, findings, one) for t, one in settings.items()})
    return drawn


def _arrows(findings):
    """From the ratio at the published rate to that with both rates chosen, of each data set."""
    figure = Figure(figsize=(10, 7.6), layout="constrained")
    for ax, task in zip(figure.subplots(2, 2, sharex="row").ravel(), PLANE):
        for (row, rival), (k, treatment) in product(enumerate(OTHERS), enumerate(TREATMENTS)):
            at, colour = row + (k - 1) * 0.27, OF_TREATMENT[treatment]
            ends = [lead(findings, treatment, rate) for rate in RATES]
            there = [d for d in DATA if all((d, task, rival) in one for one in ends)]
            for j, data in enumerate(there):
                ratios = [found[data, task, rival].pairs.ratio for found in ends]
                y = at + (j - 1.5) * 0.05
                look = {"arrowstyle": "-|>", "color": colour, "lw": 1, "shrinkA": 0, "shrinkB": 0}
                ax.annotate("", (ratios[1], y), (ratios[0], y), arrowprops=look)
                ax.plot(ratios, [y, y], " ", color=colour)  # an arrow alone sets no limits
                ax.plot(ratios[0], y, ".", color=colour, markersize=4)
        ax.axvline(1, color="0.5", linewidth=0.8, zorder=0)
        ax.set(xscale="log", ylim=(2.55, -0.55), title=TASKS[task].title)
        ax.set_yticks(range(3), [NAMES[name] for name in OTHERS])
        for edge in (0.5, 1.5):
            ax.axhline(edge, color="0.85", linewidth=0.6)
        log_axis(ax.xaxis)
    for treatment, colour in OF_TREATMENT.items():
        figure.axes[0].plot([], [], color=colour, label=treatment)
    figure.supxlabel("end cost of ESP / end cost of the rival; left of 1: ESP is lower")
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def _early(findings, setting, ax):
    """In what share of the seeds ESP has the lower cost, by epoch."""
    esp, end = findings.get(setting), TASKS[setting.task].epochs
    columns = {**{epoch: f"cost_{epoch}" for epoch in EARLY}, end: "cost"}
    for name in OTHERS:
        other = findings.get(setting._replace(activation=name))
        shares = [np.mean(np.less(*common(esp, other, column))) for column in columns.values()]
        look = {"color": COLOURS[name], "linestyle": LINES[name], "marker": MARKERS[name]}
        ax.plot(list(columns), shares, label=f"than {NAMES[name]}", **look)
    ax.set(xscale="log", xlabel="epoch", ylim=(-0.03, 1.03), ylabel="seeds with ESP lower")
    ax.set_xticks([11, 51, 201, 1000], ["11", "51", "201", "1000"])
    ax.axhline(0.5, color="0.8", linewidth=0.8, zorder=0)
    ax.legend(frameon=False, fontsize="small")


def _stuck(findings):
    """The share of stuck ReLU runs in 2-8-2-1, with the exact interval."""
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    ax, ask = figure.subplots(), findings.factorial
    for k, task in enumerate(("linear-8-2", "nonlinear-8-2")):
        relu = Setting("published", "generated", task, "relu")
        theirs = relu._replace(data="authors")
        own = ("authors", task, "relu", "fixed")
        groups = {
            "generated data": findings.get(relu),
            "authors' data": findings.get(theirs),
            "and one stream\nfor all layers": findings.get(
                theirs._replace(block="starts", init="one-stream")
            ),
            "and own rate": ask(*own, True),
            "and He's start": ask(*own, False, init="he"),
            "and equal P\n(10 + 2 units)": ask(*own, False, widths=1),
        }
        groups = {words: group for words, group in groups.items() if group}  # those that were run
        for x, group in enumerate(groups.values()):
            found = is_stuck(group)
            value, low, high = fraction_interval(int(found.sum()), len(found))
            look = {"color": ("#0072B2", "#56B4E9")[k], "label": None if x else TASKS[task].title}
            ax.bar(x + (k - 0.5) * 0.36, value, 0.33, alpha=0.6, **look)
            ax.plot([x + (k - 0.5) * 0.36] * 2, [low, high], color="0.3", linewidth=1.2)
    ax.set_xticks(range(len(groups)), groups, fontsize="small")
    ax.set(ylim=(0, 1), ylabel=f"ReLU runs above {STUCK:.0%}\nof a constant predictor's cost")
    ax.legend(frameon=False)
    return figure


ZEROS = {"gamma": "γ", "dead": "dead", "flat_1e-6": "γ($10^{-6}$)", "flat_1e-3": "γ($10^{-3}$)"}
ALPHAS = {"alpha": "certain", "alpha_most": "possible"}
RESIDUALS = {"zero_residuals": ""}


def _dots(findings, setting, ax, columns, of):
    """A column of dots per activation, for each of these columns of the table."""
    rng = np.random.default_rng(0)
    for (k, column), (j, name) in product(enumerate(columns), enumerate(ACTIVATIONS)):
        values, x = findings.get(setting._replace(activation=name))[column], k + (j - 1.5) * 0.2
        places, colour = x + rng.uniform(-0.07, 0.07, len(values)), COLOURS[name]
        ax.plot(places, values, ".", color=colour, alpha=0.25, markersize=4)
        label = NAMES[name] if k == 0 else None
        ax.plot([x - 0.09, x + 0.09], [np.median(values)] * 2, color=colour, lw=2.5, label=label)
    ax.set_xticks(range(len(columns)), columns.values())
    ax.set(ylim=(-0.03, 1.03), ylabel=f"fraction of {of}")
    ax.legend(frameon=False, fontsize="small", ncols=2)


def _betas(findings, task, ax):
    """Median end costs by what is trained, each at its own rate; thin: at the published one."""
    kinds = list(BETAS)
    for name, own in product(ACTIVATIONS, RATES.values()):
        groups = [findings.factorial("generated", task, name, beta, own) for beta in kinds]
        costs = [np.median(group["cost"]) if group else np.nan for group in groups]
        if name == "relu":
            costs[2:] = [np.nan, np.nan]
        look = {"color": COLOURS[name], "linestyle": LINES[name], "marker": MARKERS[name]}
        look |= {} if own else {"linewidth": 0.7, "markersize": 3, "alpha": 0.7}
        ax.plot(range(len(kinds)), costs, label=NAMES[name] if own else None, **look)
    ax.set_xticks(range(len(kinds)), ["none", "output's", "hidden", "both"])
    ax.set(yscale="log", xlabel="which β are trained", ylabel="median end cost (nats)")
    log_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize="small")


SPREAD = {
    f"non-linear{words}, {rate}": (data, own)
    for data, words in {"generated": "", "authors": ", authors' data"}.items()
    for rate, own in RATES.items()
}


def _spread(findings, setting, ax):
    """Median end costs over architectures; dotted: beta = 1, full: beta trained in all layers."""
    data, own = setting
    for label, way in VARIANTS.items():
        if found := architectures(findings, "nonlinear-10", data, way, own):
            line = {"published": "--", "trained": "-", "fixed": ":"}[way[1]]
            costs = [np.median(group["cost"]) for group in found.values()]
            look = {"color": COLOURS[way[0]], "marker": MARKERS[way[0]], "markersize": 4}
            label = label.replace("as published", "ESP, as published")
            ax.plot(list(found), costs, line, label=label, **look)
    ax.set(yscale="log", ylim=(1e-5, 1), xlabel="hidden units", ylabel="median end cost (nats)")
    log_axis(ax.yaxis)
    ax.legend(frameon=False, fontsize="x-small", ncols=2, loc="lower left")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where minifnn sweep --plan wrote seeds.csv")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    table = read_table(options.folder / "seeds.csv")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "seeds.csv").write_bytes((options.folder / "seeds.csv").read_bytes())
    made = "\n".join(f"## {name}\n\n{text}" for name, text in tables(table).items())
    (options.out / "tables.md").write_text(f"# The tables of the findings\n\n{made}", "utf-8")
    for name, figure in figures(Findings(table)).items():
        figure.savefig(options.out / f"{name}.png", dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
