"""How long a person waits: importing minifnn, and the first results of a new process.

Every time is that of a whole process, from start to end.
"""

import os
import subprocess
import sys
import tempfile
from functools import partial

from . import race
from .table import Ratio, find, row_of, seconds

PYTHON, NUMPY, MINIFNN = "python", "import numpy", "import minifnn"
COLD, WARM = "first results, nothing compiled", "first results, compiled before"
WORK = """
import minifnn as mf
data = mf.datasets.nonlinear()
net = mf.mlp([2, 10, 1])
mf.hessian(net, data.X_train, data.Y_train)
mf.train(net, data.X_train, data.Y_train, epochs=10, record=[])
"""


def run(settings):
    """Imports, then a Hessian and ten epochs, with and without compiled code on the disk."""
    with tempfile.TemporaryDirectory() as cache:
        rows = [row_of("startup", runner) for runner in _race(cache, settings.times(9))]
    return rows, [_limit(rows, MINIFNN, 0.25, NUMPY), _limit(rows, WARM, 1.0, COLD)]


def _race(cache, repeats):
    """Everybody in one race; `cache` is filled by the first call of WARM."""
    runners = [
        _runner(PYTHON, partial(_process, "pass")),
        _runner(NUMPY, partial(_process, "import numpy")),
        _runner(MINIFNN, partial(_process, "import minifnn")),
        _runner(WARM, partial(_process, WORK, cache)),
        _runner(COLD, _cold, repeats=3),
    ]
    return race.run(runners, repeats)


def _runner(name, call, repeats=None):
    return race.Runner(name, lambda: call, check=None, repeats=repeats, process=True)


def _process(code, cache=None):
    """Run some code in a fresh process, with Numba's cache in a folder."""
    more = {} if cache is None else {"NUMBA_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | more)


def _cold():
    with tempfile.TemporaryDirectory() as empty:
        _process(WORK, empty)


def _limit(rows, name, limit, other):
    """A line for what has to take less than so many seconds."""
    ours, theirs = find(rows, name).median, find(rows, other).median
    shown = (seconds(ours), other, seconds(theirs))
    return Ratio("startup", name, *shown, ours / theirs, f"< {limit:g} s", ours < limit)
