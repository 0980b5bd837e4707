"""The tables of docs/benchmarks.md, each made of the rows of results.csv."""

from typing import NamedTuple

from . import growth, processes
from .processes import BEFORE, COMMANDS, LARGE, PEAK, WIDE
from .table import find, markdown, megabytes, seconds
from .tasks import ALL, MODULES, PLAIN, PRODUCT

DIGITS = "Hessian 64-25-10"
PEERS = [who for who in MODULES if who != "minifnn"]
MISSED = " ✗"
UNKNOWN = "the reason is not known."


class Wait(NamedTuple):
    """A time with a limit, and what it is shown beside."""

    task: str
    at_most: float | None = None
    beside: str | None = None
    times_at_most: float | None = None
    why: str = ""


COMPILED = "Numba compiles each kernel when it is called first, and keeps it on the disk."
SECOND_PRODUCT = (
    "a second product, of W1 with W2, has 0.6 times its operations, and the results are sorted "
    "into H."
)
WAITS = (
    Wait(processes.TRAIN, 5.0, why=COMPILED),
    Wait(processes.HESSIAN, 5.0, why=COMPILED),
    *(Wait(task) for task in processes.MORE),
    Wait(processes.SECOND, 0.6),
    Wait(processes.IMPORT, None, processes.NUMPY),
    Wait(COMMANDS["reproduce"], 100.0, BEFORE),
    Wait(COMMANDS["sweep"], 300.0, BEFORE),
    Wait(DIGITS, None, PRODUCT, 2.3, SECOND_PRODUCT),
    Wait(DIGITS, None, PLAIN),
    Wait(LARGE, 300.0),
)


class Miss(NamedTuple):
    """A target that is not met, in words."""

    what: str
    why: str


def tables(rows, note):
    """All tables by name, and the missed targets as a list."""
    made, misses = {}, []
    for name, table in (("tasks", _tasks), ("waits", _waits), ("memory", _memory)):
        made[name], missed = table(rows)
        misses += missed
    made["growth"] = _growth(rows)
    made["machine"] = note
    made["missed"] = _list(misses)
    return made


def _tasks(rows):
    """A row per task: times of all libraries, then ratios with their targets."""
    lines, misses = [], []
    for name, task in ALL.items():
        own = find(rows, name, "minifnn")
        if own is None:
            continue
        times, ratios = [], []
        for who in PEERS:
            row = find(rows, name, who)
            other = "†" if who in task.other_network else ""
            times.append("" if row is None else seconds(row.median) + other)
            ratio, target = None if row is None else row.median / own.median, task.targets.get(who)
            ratios.append("" if row is None else _faster(ratio, target))
            if ratio is not None and target is not None and ratio < target:
                what = f"{name}: {ratio:.3g} times as fast as {who}, target {target:g}"
                misses.append(Miss(what, task.why))
        lines.append((name, seconds(own.median), *times, *ratios))
    headings = ("task", "minifnn", *PEERS, *(f"× {who}" for who in PEERS))
    return markdown(headings, lines), misses


def _faster(ratio, target):
    if target is None:
        return f"{ratio:.3g}"
    return f"**{ratio:.3g}** (≥ {target:g}){MISSED if ratio < target else ''}"


def _waits(rows):
    """What has a limit of its own, or stands beside something of minifnn's own."""
    lines, misses = [], []
    for wait in WAITS:
        own = find(rows, wait.task, "minifnn")
        if own is None:
            continue
        beside = find(rows, wait.task, wait.beside)
        time, other, ratio = seconds(own.median), "", ""
        if wait.at_most is not None:
            time, missed = _limited(time, own.median, f"{wait.at_most:g} s", wait.at_most)
            if missed:
                misses.append(Miss(f"{wait.task}: {seconds(own.median)}, {missed}", wait.why))
        if beside is not None:
            other, ratio = f"{wait.beside}: {seconds(beside.median)}", own.median / beside.median
            shown, limit = f"{ratio:.3g}", wait.times_at_most
            ratio = shown
            if limit is not None:
                ratio, missed = _limited(shown, own.median / beside.median, f"{limit:g}", limit)
                if missed:
                    what = f"{wait.task}: {shown} times as long as {wait.beside}, {missed}"
                    misses.append(Miss(what, wait.why))
        lines.append((wait.task, time, other, ratio))
    return markdown(("what", "time", "beside it", "ratio"), lines), misses


def _limited(shown, value, limit, at_most):
    """The cell of what should be at most so much; and the words, if it is more."""
    over = value > at_most
    return f"**{shown}** (≤ {limit}){MISSED if over else ''}", f"at most {limit}" if over else ""


def _memory(rows):
    """Peaks above the inputs; the Hessian itself beside them."""
    lines, misses = [], []
    for row in rows:
        if row.quantity != "memory" or row.task not in (PEAK, WIDE, LARGE):
            continue
        result = 8e-6 * (row.P if row.task == WIDE else row.P**2)
        cell = megabytes(row.median)
        if row.task == WIDE:
            limit = 100 + 8e-6 * row.P
            over = not row.median <= limit
            cell = f"**{cell}** (≤ {limit:.0f} MB){MISSED if over else ''}"
            if over:
                what = f"{row.task}: {megabytes(row.median)}, at most {limit:.0f} MB"
                misses.append(Miss(what, ""))
        lines.append((row.task, row.who, cell, f"{result:,.3g} MB"))
    return markdown(("task", "who", "peak above the inputs", "the result's size"), lines), misses


def _growth(rows):
    """A row per size: three times, how many products cost one Hessian, its peak of memory."""
    lines = []
    for axis in growth.CASES:
        columns = [growth.points(rows, axis, call) for call in growth.CALLS]
        peaks = {r.case: r.median for r in growth.points(rows, axis, "Hessian", "memory")}
        for epoch, product, whole in zip(*columns):
            times = [seconds(row.median) for row in (epoch, product, whole)]
            peak = megabytes(peaks[whole.case]) if whole.case in peaks else ""
            worth = f"{whole.median / product.median:.3g}"
            lines.append((whole.case, f"{whole.N:,}", f"{whole.P:,}", *times, worth, peak))
    headings = ("size", "N", "P", "epoch", "H v", "Hessian", "products that cost one Hessian")
    return markdown((*headings, "peak of the Hessian"), lines)


def _list(misses):
    """The missed targets, each with its reason, which stands in the code beside the target."""
    if not misses:
        return "All targets are met."
    return "\n".join(f"- {what}: {why or UNKNOWN}" for what, why in misses)
