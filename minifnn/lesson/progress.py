"""Who is how far: the verdicts in saved notebooks, of which nothing is executed."""

import json
import re
from itertools import groupby
from pathlib import Path

from .._util.validation import expect

SIGNS = {"correct": "+", "not yet": "-", "not attempted": "."}
SAID = re.compile(rf"(\d+\.\d+): ({'|'.join(SIGNS)})")
ASKED = re.compile(r"lesson\.check\(\W*(\d+\.\d+)")


def progress(directory: Path) -> str:
    """Return a table with one row per person: per notebook, or per folder that holds some."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted(directory.rglob("[!.]*.ipynb")):
        inside = path.relative_to(directory).with_suffix("")
        if ".ipynb_checkpoints" not in inside.parts:
            rows.setdefault(inside.parts[0], {}).update(_verdicts(path))
    expect(rows, "directory", "a folder with notebooks", str(directory))
    numbers = sorted(set[str]().union(*rows.values()), key=lambda n: [*map(int, n.split("."))])
    lessons = [(name, [*one]) for name, one in groupby(numbers, lambda n: n.split(".")[0])]
    width = max(map(len, [*rows, "lesson"]))
    lines = ["  ".join([f"{'lesson':{width}}", *(f"{name:<{len(one)}}" for name, one in lessons)])]
    for person, row in rows.items():
        signs = ["".join(row.get(n, " ") for n in one).ljust(len(name)) for name, one in lessons]
        lines.append("  ".join([f"{person:{width}}", *signs, f"{''.join(signs).count('+')} right"]))
    return "\n".join([*lines, "+ correct, - not yet, . nothing; blank: not there or not readable"])


def _verdicts(path):
    """What the checks of a notebook say, {number: sign}; nothing if it cannot be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        asked = {n: "." for cell in cells for n in ASKED.findall("".join(cell["source"]))}
        said = SAID.findall(json.dumps([cell.get("outputs") for cell in cells]))
    except (ValueError, TypeError, KeyError, OSError, RecursionError):
        return {}
    return asked | {number: SIGNS[verdict] for number, verdict in said}
