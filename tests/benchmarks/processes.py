"""What is measured in processes of their own: waiting, commands, and peaks of memory (Linux)."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter

import minifnn
from minifnn import losses

from . import problems, race, tasks
from .problems import noise
from .table import Row, row_of

BEFORE = "the commit before"
TRAIN, HESSIAN = "first training, nothing compiled", "first Hessian after it"
MORE = ("first training of 64-25-10 after these", "first Hessian of 64-25-10")
SECOND, IMPORT = "a second process, to its first training", "import minifnn"
NUMPY, NUMBA = "import numpy", "the same with one kernel of one line, without minifnn"
LARGE = "Hessian 784-25-10, 60,000 images"
COMMANDS = {"reproduce": "minifnn reproduce", "sweep": "minifnn sweep, 1,600 runs"}
PEAK, WIDE = "peak of Hessian 64-25-10", "peak of H v, 800 outputs, 300,000 samples"
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
TINY = ([3, 2, 2], 4)  # sizes, samples
ROOM = 10 * 2**30  # bytes that minifnn may have: a MemoryError comes before the machine suffers

WORK = """
import json
from time import perf_counter
import minifnn as mf
times = []
for data, sizes in ((mf.datasets.nonlinear(), [2, 10, 1]), (mf.datasets.digits(), [64, 25, 10])):
    net = mf.mlp(sizes, seed=1)
    for work in (lambda *a: mf.train(*a, epochs=10), mf.hessian):
        start = perf_counter()
        work(net, data.X_train, data.Y_train)
        times.append(perf_counter() - start)
print(json.dumps(times))
"""
FIRST = """
import minifnn as mf
data, net = mf.datasets.nonlinear(), mf.mlp([2, 10, 1], seed=1)
mf.train(net, data.X_train, data.Y_train, epochs=10)
"""
ONE_LINE = """
import numba, scipy.linalg.cython_blas
@numba.njit(cache=True)
def function(x):
    return x + 1.0
function(1.0)
"""


# --------------------------------------------------------------------- waiting


def cold(settings):
    """First results with an empty cache; then those of a second process; and imports."""
    names = (TRAIN, HESSIAN, *MORE)
    found = []
    for _ in range(settings.rounds(3)):
        with tempfile.TemporaryDirectory() as empty:
            found.append(json.loads(_python("-c", WORK, NUMBA_CACHE_DIR=empty)))
        print(f"    nothing compiled: {', '.join(f'{t:.2f}' for t in found[-1])} s", flush=True)
    rows = [Row.of(name, "minifnn", times) for name, times in zip(names, zip(*found))]
    with tempfile.TemporaryDirectory() as cache:
        Path(cache, "one_line.py").write_text(ONE_LINE)  # what is cached must lie in a file
        one_line = f"import sys; sys.path.append({cache!r}); import one_line"
        codes = {SECOND: FIRST, NUMBA: one_line, IMPORT: "import minifnn", NUMPY: NUMPY}
        runners = [
            race.Runner(name, partial(_process, code, cache), process=True)
            for name, code in codes.items()
        ]
        race.run(runners, settings.rounds(7))  # the first call of each fills the cache
    second, numba, own, numpy = runners
    rows += [row_of(SECOND, second, who="minifnn"), row_of(SECOND, numba)]
    return [*rows, row_of(IMPORT, own, who="minifnn"), row_of(IMPORT, numpy)]


def command(name, settings):
    """A command, and that of the checkout before in turn with it, both with a warm cache."""
    trees = {"minifnn": Path(minifnn.__file__).parents[1]}
    if settings.before:
        trees[BEFORE] = settings.before.absolute()
    times = {who: [] for who in trees}
    with tempfile.TemporaryDirectory() as cache:
        for who, tree in trees.items():
            _command("reproduce", tree, f"{cache}/{who}", few=True)  # compiles
        for turn in range(settings.repeats or 1):
            for who in list(trees)[:: -1 if turn % 2 else 1]:
                start = perf_counter()
                _command(name, trees[who], f"{cache}/{who}", few=settings.quick)
                times[who].append(perf_counter() - start)
                print(f"    {who}: {times[who][-1]:.1f} s", flush=True)
    return [Row.of(COMMANDS[name], who, times[who]) for who in trees]


def _process(code, cache):
    return partial(_python, "-c", code, NUMBA_CACHE_DIR=cache)


def _command(name, tree, cache, few):
    more = ["--epochs", "12"] if few else []
    more += ["--seeds", "2"] if few and name == "sweep" else []
    with tempfile.TemporaryDirectory() as out:
        arguments = ["-m", "minifnn", name, "--out", out, *more]
        _python(*arguments, cwd=out, PYTHONPATH=str(tree), NUMBA_CACHE_DIR=cache)


def _python(*arguments, cwd=None, **environment):
    """What a fresh Python prints; an error with what it says if it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | environment,
    )
    if done.returncode:
        raise RuntimeError(f"a process ended with code {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


# ---------------------------------------------------------------------- memory


def memory(settings):
    """Peaks above the inputs: the digits' Hessian by everybody, a wide H v by minifnn."""
    calls = [
        (PEAK, "minifnn", "minifnn", "hessian"),
        (PEAK, tasks.PLAIN, "minifnn", "hessian_numpy"),
        (PEAK, "JAX", "JAX", "hessian"),
        (PEAK, "JAX, 32 rows at a time", "JAX", "hessian_in_chunks"),
        (PEAK, "PyTorch", "PyTorch", "hessian"),
        (PEAK, "PyTorch, 32 rows at a time", "PyTorch", "hessian_in_chunks"),
        (WIDE, "minifnn", "minifnn", "product"),
    ]
    rows = []
    for task, who, library, function in calls:
        problem = "20-50-800" if task == WIDE else "64-25-10, curved"
        if tasks.function(library, function):
            print(f"    {who}, {task}", flush=True)
            rows += measured(task, who, library, function, problem, settings.quick)
    return rows


def large(settings):
    """The Hessian of a network of MNIST's size."""
    return measured(LARGE, "minifnn", "minifnn", "hessian", "784-25-10", settings.quick)


def measured(task, who, library, function, problem, quick=False):
    """Two rows, seconds and peak, of one call in a process of its own; none if it has no room."""
    if not RESET.exists():
        return []
    request = json.dumps([library, function, problem, quick])
    seconds, peak, N, P = json.loads(_python("-m", "tests.benchmarks.processes", request))
    size = {"N": N, "P": P}
    if seconds is None:
        return [Row.of(task, who, [float("nan")], "memory", **size)]
    return [Row.of(task, who, [seconds], **size), Row.of(task, who, [peak], "memory", **size)]


def peak():
    """The most memory, in MB, that this process has had since the last reset.

    VmHWM, for a child inherits `ru_maxrss` from its parent.
    """
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def _measure(library, function, problem, quick):
    """Seconds, and what the call needs, its result included, above what was there before it."""
    if library == "minifnn":
        resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    prepare = tasks.function(library, function)
    net, X, Y = problems.make(problem, quick) if isinstance(problem, str) else noise(*problem)
    output = "softmax" if net.loss_function is losses.categorical else "sigmoid"
    prepare(*noise(*TINY, output=output))()  # loads and compiles
    try:
        if library != "minifnn":
            call = prepare(net, X, Y)  # their compilation, and their copy of the data
        RESET.write_text("5")
        before, start = peak(), perf_counter()
        if library == "minifnn":
            call = prepare(net, X, Y)  # what is kept counts
        call()
    except MemoryError:
        return None, None, len(X), net.n_parameters
    return perf_counter() - start, peak() - before, len(X), net.n_parameters


if __name__ == "__main__":
    print(json.dumps(_measure(*json.loads(sys.argv[1]))))
