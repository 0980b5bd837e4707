"""What was measured, as rows of results.csv and as the ratios of ratios.md."""

import csv
import os
import platform
import sys
from dataclasses import astuple, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

HEADINGS = ("benchmark", "what", "minifnn", "compared with", "its own", "ratio", "target", "met")


@dataclass(frozen=True)
class Row:
    """One measurement; an empty field was not measured."""

    benchmark: str
    implementation: str
    quantity: str
    unit: str
    median: float
    min: float
    max: float
    repeats: int
    compile_seconds: float | None = None
    agrees: float | None = None
    peak_memory_mb: float | None = None


@dataclass(frozen=True)
class Ratio:
    """One line of the table; with `met` None there is no target."""

    benchmark: str
    what: str
    ours: str
    other: str
    theirs: str
    ratio: float | None
    target: str = ""
    met: bool | None = None


def row_of(benchmark, runner, peak_memory_mb=None):
    """The row of a runner whose times have been taken."""
    return times_row(
        benchmark,
        runner.name,
        runner.times,
        compile_seconds=runner.compile_seconds,
        agrees=runner.agrees,
        peak_memory_mb=peak_memory_mb,
    )


def times_row(benchmark, implementation, times, **more):
    """A row of seconds."""
    low, middle, high = min(times), median(times), max(times)
    return Row(benchmark, implementation, "time", "s", middle, low, high, len(times), **more)


def speed(rows, other, at_least=None):
    """How many times faster the first row is than another, if that one was measured."""
    ours, theirs = rows[0], find(rows, other)
    if theirs is None:
        return []
    ratio = theirs.median / ours.median
    target = "" if at_least is None else f"≥ {at_least:g}"
    met = None if at_least is None else ratio >= at_least
    shown = (seconds(ours.median), other, seconds(theirs.median))
    return [Ratio(ours.benchmark, "times faster", *shown, ratio, target, met)]


def find(rows, implementation):
    """The row of an implementation, or None."""
    return next((row for row in rows if row.implementation == implementation), None)


def seconds(value):
    """A time with three digits: 12.3 ms."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def write(folder, rows, ratios, note):
    """Write results.csv and ratios.md, the table under a note; return the table."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "results.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)
    table = _markdown(ratios)
    text = f"# Ratios\n\n{_machine()} {note}\n\n{table}"
    (folder / "ratios.md").write_text(text, encoding="utf-8")
    return table


def _markdown(ratios):
    lines = [HEADINGS, ["---"] * len(HEADINGS)]
    for r in ratios:
        ratio = "" if r.ratio is None else f"{r.ratio:.3g}"
        met = {None: "", True: "yes", False: "**no**"}[r.met]
        lines.append((r.benchmark, r.what, r.ours, r.other, r.theirs, ratio, r.target, met))
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _machine():
    """Where these times were taken; they hold for no other place."""
    known = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":")[1].strip() for line in known.splitlines() if "model name" in line]
    model = models[0] if models else platform.machine()
    names = ("minifnn", "numpy", "numba", "jax", "torch", "scikit-learn")
    versions = ", ".join(f"{name} {_version(name)}" for name in names)
    python = platform.python_version()
    kernels = "loaded" if "numba" in sys.modules else "not loaded in this process"
    return (
        f"{os.cpu_count()} cores of {model}; Python {python}, {versions}; "
        f"minifnn's kernels were {kernels}. Times are medians."
    )


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
