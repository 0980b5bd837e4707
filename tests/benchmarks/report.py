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
STARTING = "it is nearly what importing Numba and SciPy, and Numba's own start, take."
WAITS = (
    Wait(processes.TRAIN, 5.0, why=COMPILED),
    Wait(processes.HESSIAN, 5.0, why=COMPILED),
    *(Wait(task) for task in processes.MORE),
    Wait(processes.SECOND, 0.6, processes.NUMBA, why=STARTING),
    Wait(processes.IMPORT, None, processes.NUMPY),
    Wait(COMMANDS["reproduce"], 100.0, BEFORE),
    Wait(COMMANDS["sweep"], 300.0, BEFORE),
    Wait(DIGITS, None, PRODUCT, 2.3, SECOND_PRODUCT),
    Wait(DIGITS, None, PLAIN),
    Wait(LARGE, 300.0),
)


def tables(rows, note):
    """All tables by name, and the missed targets as a list."""
    missed = []
    made = {
        "machine": note,
        "tasks": _tasks(rows, missed),
        "waits": _waits(rows, missed),
        "memory": _memory(rows, missed),
        "growth": _growth(rows),
    }
    return made | {"missed": "\n".join(missed) or "All targets are met."}


def _judged(missed, shown, target, met, words, why):
    """The cell of what has a target; if it is missed, the words and the reason go to the list."""
    if not met:
        missed.append(f"- {words}, target {target}: {why or UNKNOWN}")
    return f"**{shown}** ({target}){'' if met else MISSED}"


def _tasks(rows, missed):
    """A row per task: times of all libraries, then ratios with their targets."""
    lines = []
    for name, task in ALL.items():
        if not (own := find(rows, name, "minifnn")):
            continue
        times, ratios = [], []
        for who in PEERS:
            if not (row := find(rows, name, who)):
                times, ratios = [*times, ""], [*ratios, ""]
                continue
            times.append(seconds(row.median) + "†" * (who in task.other_network))
            shown, target = f"{(ratio := row.median / own.median):.3g}", task.targets.get(who)
            if target is not None:
                words = f"{name}: {shown} times as fast as {who}"
                shown = _judged(missed, shown, f"≥ {target:g}", ratio >= target, words, task.why)
            ratios.append(shown)
        lines.append((name, seconds(own.median), *times, *ratios))
    return markdown(("task", "minifnn", *PEERS, *(f"× {who}" for who in PEERS)), lines)


def _waits(rows, missed):
    """What has a limit of its own, or stands beside something of minifnn's own."""
    lines = []
    for task, at_most, beside, times_at_most, why in WAITS:
        if not (own := find(rows, task, "minifnn")):
            continue
        time, other, ratio = seconds(own.median), "", ""
        if at_most is not None:
            target, met = f"≤ {at_most:g} s", own.median <= at_most
            time = _judged(missed, time, target, met, f"{task}: {time}", why)
        if row := find(rows, task, beside):
            other, ratio = f"{beside}: {seconds(row.median)}", f"{own.median / row.median:.3g}"
            if times_at_most is not None:
                target, met = f"≤ {times_at_most:g}", own.median <= times_at_most * row.median
                words = f"{task}: {ratio} times as long as {beside}"
                ratio = _judged(missed, ratio, target, met, words, why)
        lines.append((task, time, other, ratio))
    return markdown(("what", "time", "beside it", "ratio"), lines)


def _memory(rows, missed):
    """Peaks above the inputs, and the size of the result beside them."""
    lines = []
    for task in (PEAK, WIDE, LARGE):
        for row in rows:
            if (row.task, row.quantity) == (task, "memory"):
                shown, result = megabytes(row.median), 8e-6 * row.P ** (1 if task == WIDE else 2)
                if task == WIDE:
                    limit = 100 + result  # the parameters are as large as the result
                    target, met = f"≤ {limit:.0f} MB", row.median <= limit
                    shown = _judged(missed, shown, target, met, f"{task}: {shown}", "")
                lines.append((task, row.who, shown, f"{result:,.3g} MB"))
    return markdown(("task", "who", "peak above the inputs", "the result's size"), lines)


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
