"""One progress bar, chunks of samples, and whether there is memory for a matrix."""

import builtins
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from .typing import Array

CHUNK = 1 << 24  # numbers that one chunk of samples may need (128 MB)


@contextmanager
def progress_bar(
    progress: bool, total: float, unit: str, initial: float = 0, **options: Any
) -> Iterator[Callable[..., None]]:
    """Yield advance(n=1, **postfix), which moves a bar of tqdm by n and shows names with values.

    Without progress it does nothing. Further options are tqdm's, such as desc="3 runs". Of runs
    there is a line each, and no bar, where no terminal would draw over it: in a file, say.
    """
    if not progress:
        yield lambda n=1, **postfix: None
        return
    if unit == "run" and not sys.stderr.isatty():
        yield partial(_line, [0.0], total, time.monotonic())
        return
    if hasattr(builtins, "__IPYTHON__"):  # in a notebook or a terminal, as tqdm finds out
        from tqdm.auto import tqdm  # here, so that importing minifnn stays quick
    else:
        from tqdm import tqdm

    with tqdm(total=total, unit=unit, initial=initial, leave=False, **options) as bar:

        def advance(n=1, **postfix):
            bar.set_postfix(postfix, refresh=False)
            bar.update(n)

        yield advance


def _line(gone, total, began, n=1, done=""):
    """Print that a run is done, and which share of all runs with it."""
    gone[0] += n
    took = time.monotonic() - began
    left = took * (total / gone[0] - 1)
    text = f"{done} done: {gone[0] / total:.0%} after {took:.0f} s, about {left:.0f} s left"
    print(text, file=sys.stderr, flush=True)


def chunks(
    X: Array, Y: Array, numbers: int, progress: bool = False
) -> Iterator[tuple[float, Array, Array]]:
    """Yield (share of all samples, x, y): so few that so many numbers for each fit memory."""
    rows = max(1, CHUNK // numbers)
    with progress_bar(progress, len(X), "sample") as advance:
        for start in range(0, len(X), rows):
            x, y = X[start : start + rows], Y[start : start + rows]
            yield len(x) / len(X), x, y
            advance(len(x))


def in_chunks(function: Callable[[Array], Array], X: Array, numbers: int) -> Array:
    """function(x) for all rows of X, a chunk at a time, in one array."""
    rows = max(1, CHUNK // numbers)
    first = function(X[:rows])
    if len(X) <= rows:
        return first
    result = np.empty((len(X), *first.shape[1:]), first.dtype)
    result[:rows] = first
    for start in range(rows, len(X), rows):
        result[start : start + rows] = function(X[start : start + rows])
    return result


def check_memory(P: int, share: float = 1) -> None:
    """Refuse a Hessian of P parameters, or a share of it, for which there is no memory."""
    needed = 8 * P * P * share
    if needed > 8 * CHUNK and needed > (free := free_memory()):
        raise MemoryError(
            f"net: expected a Hessian that fits memory, got {P:,} parameters, for which it needs "
            f"{needed / 2**30:,.1f} GB, while {free / 2**30:,.1f} GB are free; "
            "mf.hessian_operator(net, X, Y) does without it"
        )


def free_memory() -> float:
    """Return the bytes that machine, container and process may still use; inf if unknown."""
    free, unknown = [inf], (OSError, LookupError, ValueError, ImportError)
    with suppress(*unknown):
        free.append(1024 * _number("/proc/meminfo", "MemAvailable:"))
    with suppress(*unknown):  # where there is no limit, memory.max is no number
        group = "/sys/fs/cgroup/memory"
        free.append(_number(f"{group}.max") - _number(f"{group}.stat", "anon"))
    with suppress(*unknown):
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit  # not on Windows

        limit = getrlimit(RLIMIT_AS)[0]
        if limit != RLIM_INFINITY:
            free.append(limit - 1024 * _number("/proc/self/status", "VmSize:"))
    return max(0, min(free))


def _number(path, name=""):
    """The number that follows a name in a file, or with which the file begins."""
    text = Path(path).read_text()
    return int(text[text.index(name) + len(name) :].split()[0])
