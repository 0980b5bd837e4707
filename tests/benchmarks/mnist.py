"""The Hessian of a network of MNIST's size: 19,955 parameters, 60,000 images."""

import json
import subprocess
import sys
from time import perf_counter

import minifnn as mf

from . import memory, problems
from .table import Ratio, seconds, times_row

SECONDS, MEGABYTES = 300, 16_000


def run(settings):
    """Once, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.mnist", json.dumps(settings.quick)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    time, peak = json.loads(done.stdout.splitlines()[-1])  # a progress bar may stand before
    row = times_row("mnist-hessian", "minifnn", [time], peak_memory_mb=peak)
    return [row], [
        Ratio("mnist-hessian", "time", seconds(time), "", "", None, "≤ 300 s", time <= SECONDS),
        *_memory(peak),
    ]


def _memory(peak):
    """The line on memory; none where it cannot be measured."""
    if peak is None:
        return []
    shown = (f"{peak / 1000:.3g} GB", "", "", None, "≤ 16 GB")
    return [Ratio("mnist-hessian", "peak of the process", *shown, peak <= MEGABYTES)]


def _measure(quick):
    """Seconds of one Hessian, and the peak in MB of this process, inputs included."""
    tiny, problem = problems.noise([3, 2, 2], 4), problems.images(quick)
    mf.hessian(*tiny)  # compiles
    start = perf_counter()
    mf.hessian(*problem, progress=True)
    time = perf_counter() - start
    return time, memory.peak() if memory.STATUS.exists() else None


if __name__ == "__main__":
    print(json.dumps(_measure(json.loads(sys.argv[1]))))
