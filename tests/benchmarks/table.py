"""What was measured, as rows of results.csv, and the tables of the docs made of those rows."""

import csv
import math
import os
import platform
from dataclasses import astuple, dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from types import NoneType


@dataclass(frozen=True)
class Row:
    """One measurement: seconds, or MB of memory; an empty field was not measured."""

    task: str
    who: str
    quantity: str  # time or memory
    median: float
    low: float
    high: float
    repeats: int
    first_call: float | None = None  # seconds, with compilation
    agrees: float | None = None  # largest difference from minifnn's result, over its largest entry
    case: str = ""
    N: int | None = None
    P: int | None = None

    @classmethod
    def of(cls, task, who, values, quantity="time", **more):
        """A row of repeated measurements."""
        low, middle, high = min(values), median(values), max(values)
        return cls(task, who, quantity, middle, low, high, len(values), **more)

    def at(self, **more):
        """The same row with other fields."""
        return replace(self, **more)


def row_of(task, runner, who=None, **more):
    """The row of a runner whose times have been taken."""
    more |= {"first_call": runner.first, "agrees": runner.agrees}
    return Row.of(task, who or runner.name, runner.times, **more)


def read(path):
    """The rows of a results.csv; none if there is no such file."""
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return [_parsed(record) for record in csv.DictReader(file)]


def _parsed(record):
    types = {field.name: field.type for field in fields(Row)}
    return Row(**{name: _value(text, types[name]) for name, text in record.items()})


def _value(text, kind):
    """A field as its type says; `float | None` is None where nothing stands."""
    if kind is str:
        return text
    options = getattr(kind, "__args__", (kind,))
    return None if text == "" and NoneType in options else options[0](text)


def write(path, rows):
    """Write results.csv."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)


def merged(old, new):
    """The old rows, but of the tasks that were measured again."""
    again = {row.task for row in new}
    return [row for row in old if row.task not in again] + new


def find(rows, task, who, quantity="time"):
    """The row of a task, or None."""
    key = task, who, quantity
    return next((row for row in rows if (row.task, row.who, row.quantity) == key), None)


def seconds(value):
    """A time with three digits: 12.3 ms."""
    for unit, one in (("s", 1.0), ("ms", 1e-3)):
        if value >= one:
            return f"{value / one:.3g} {unit}" if value < 1000 * one else f"{value:.0f} s"
    return f"{value / 1e-6:.3g} µs"


def megabytes(value):
    """Memory: 71 MB, or that there was not enough."""
    return "out of memory" if math.isnan(value) else f"{value:,.0f} MB"


def markdown(headings, lines):
    """A table; the first column is text, the others are numbers."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join("| " + " | ".join(line) + " |" for line in (headings, rule, *lines))


def fill(page, tables):
    """The page with each table between its own two comments."""
    for name, table in tables.items():
        before, found, rest = page.partition(f"<!-- {name} -->")
        _, ended, after = rest.partition(end := f"<!-- end of {name} -->")
        if not (found and ended):
            raise ValueError(f"the page has no place {found or f'<!-- {name} -->'} ... {end}")
        page = f"{before}{found}\n\n{table}\n\n{end}{after}"
    return page


def machine():
    """Where these times were taken, and with what."""
    known = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":")[1].strip() for line in known.splitlines() if "model name" in line]
    model = models[0] if models else platform.machine()
    names = ("numpy", "scipy", "numba", "jax", "torch", "scikit-learn")
    versions = ", ".join(f"{name} {_version(name)}" for name in names)
    python = platform.python_version()
    load = f"The load before the run was {os.getloadavg()[0]:.2f}; it should be about 0."
    return f"{os.cpu_count()} cores of {model}; Python {python}, {versions}. {load}"


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
