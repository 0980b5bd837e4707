"""How the cost grows with samples, width and depth: an epoch, a product H v, the Hessian."""

from functools import partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from . import own, problems, processes, race
from .table import row_of

GROWTH = "growth with "
EPOCHS = 100
CALLS = {"epoch": own.train, "H v": own.product_kept, "Hessian": own.hessian}
STYLES = {"epoch": ("#0072B2", "s"), "H v": ("#009E73", "^"), "Hessian": ("#D55E00", "o")}
CASES = {  # axis: (what a size is, its network and number of samples, the sizes)
    "samples": ("samples", lambda n: ([10, 20, 1], n), (1000, 3000, 10_000, 30_000, 100_000)),
    "width": ("units per layer", lambda w: ([w, w, w], 1000), (8, 16, 24, 32, 45, 62)),
    "depth": ("hidden layers", lambda d: ([16] * (d + 1) + [1], 1000), (1, 2, 4, 8, 16)),
}
LABELS = {
    "samples": "number of samples N",
    "width": "number of parameters P",
    "depth": "number of hidden layers of 16 units",
}


def run(settings):
    """The rows of all three axes; the peak of memory is the Hessian's."""
    rows = []
    for axis, (what, case, sizes) in CASES.items():
        sizes, runners, shapes = sizes[:3] if settings.quick else sizes, [], []
        for size in sizes:
            problem = problems.noise(*case(size))
            for call, prepare in CALLS.items():
                arguments = (EPOCHS,) if call == "epoch" else ()
                runners.append(race.Runner(call, partial(prepare, *problem), arguments))
                shapes.append({"case": _case(size, what), **problems.size(problem)})
        print(f"  {GROWTH}{axis}", flush=True)
        for runner, shape in zip(race.run(runners, settings.rounds(3)), shapes):
            if runner.name == "epoch":
                runner.times = [time / EPOCHS for time in runner.times]
            rows.append(row_of(GROWTH + axis, runner, **shape))
        for size in sizes:
            arguments = ("Hessian", "minifnn", "hessian", case(size), settings.quick)
            for row in processes.measured(GROWTH + axis, *arguments):
                if row.quantity == "memory":
                    rows.append(row.at(case=_case(size, what)))
    return rows


def _case(size, what):
    return f"{size:,} {what if size > 1 else what.rstrip('s')}"


def points(rows, axis, call, quantity="time"):
    """Rows of one line of the figure, with increasing size."""
    key = GROWTH + axis, call, quantity
    return [row for row in rows if (row.task, row.who, row.quantity) == key]


def power(found):
    """The power of its size with which a time grows, over the larger half of the sizes."""
    sizes, times = ([size(r) for r in found], [r.median for r in found])
    half = len(found) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(times[half:]), 1)[0])


def size(row):
    """What stands on the horizontal axis: samples, parameters or layers."""
    return row.P if "width" in row.task else int(row.case.split()[0].replace(",", ""))


def draw(path, rows):
    """Three panels with logarithmic axes, one per axis of growth."""
    figure = Figure(figsize=(12.0, 4.2), dpi=130, layout="constrained")
    for ax, axis in zip(figure.subplots(1, 3, sharey=True), CASES):
        for call, (colour, marker) in STYLES.items():
            found = points(rows, axis, call)
            x, y = [size(row) for row in found], [row.median for row in found]
            label = f"{call}: power {power(found):.2f}"
            ax.plot(x, y, "-", color=colour, marker=marker, markersize=5, label=label)
        fixed = f"P = {found[0].P:,}" if axis == "samples" else f"N = {found[0].N:,}"
        ax.set(xscale="log", yscale="log", xlabel=LABELS[axis], title=fixed)
        ax.set_xticks(x, [f"{value:,}" for value in x], fontsize="small")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.grid(True, which="major", color="0.9")
        ax.legend(frameon=False, fontsize="small")
    figure.axes[0].set_ylabel("time (s)")
    figure.savefig(path)
