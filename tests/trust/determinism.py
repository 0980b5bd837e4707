"""The same seed, the same bits: across processes and after a resume, at a number of threads.

Across numbers of threads and sizes of chunks, results may differ in the order of
sums; each array may then be off by 1e-15 of its largest entry (for chunks, of that
of the samples' own, as a mean). Eigenvalues, which LAPACK finds to P eps of the
largest, may differ by that. Every training is in a
process of its own, with another seed of Python's hashes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np

import minifnn as mf
from minifnn._util import progress

from . import ENGINES
from .child import problem
from .table import Row, within

CHILD = Path(__file__).parent / "child.py"
SMALL = {"sizes": [2, 6, 3, 1], "output": "sigmoid", "N": 200, "epochs": 60}
LARGE = {"sizes": [20, 15, 5], "output": "softmax", "N": 4000, "epochs": 10}
OPTIMIZERS = ("GradientDescent", "Momentum", "Adam")
THREADS = (1, 2, 3, 4)
TOLERANCE, EPS = 1e-15, 2.0**-52


def jobs(quick):
    """All trainings: every optimizer, whole and mini-batches, both engines."""
    kinds = [
        SMALL | {"optimizer": optimizer, "batch_size": batch_size}
        for optimizer in (OPTIMIZERS[-1:] if quick else OPTIMIZERS)
        for batch_size in (None, 32)
    ]
    if not quick:
        kinds += [LARGE | {"optimizer": "Adam", "batch_size": size} for size in (None, 2000)]
    return [kind | {"engine": engine} for engine in ENGINES for kind in kinds]


def run(tasks, threads, seed=0):
    """What a new process with so many threads makes of the jobs: arrays by name."""
    root = str(Path(mf.__file__).parents[1])
    names = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
    env = os.environ | dict.fromkeys(names, str(threads)) | {"PYTHONHASHSEED": str(seed)}
    env["PYTHONPATH"] = os.pathsep.join([root, env.get("PYTHONPATH", "")])
    with TemporaryDirectory() as folder:
        todo, out = Path(folder) / "jobs.json", Path(folder) / "out.npz"
        todo.write_text(json.dumps(tasks), encoding="utf-8")
        subprocess.run([sys.executable, CHILD, todo, out], check=True, env=env)
        with np.load(out) as arrays:
            return dict(arrays)


def resumed(tasks, threads):
    """The same, stopped in one process at the third record and taken up in another."""
    with TemporaryDirectory() as folder:
        tasks = [job | {"checkpoint": f"{folder}/{k}.npz"} for k, job in enumerate(tasks)]
        run([job | {"stop": 3} for job in tasks], threads, seed=1)
        return run(tasks, threads, seed=2)


def different(results, others):
    """How many arrays differ in a bit."""
    return sum(results[name].tobytes() != others[name].tobytes() for name in results)


def farthest(results, others):
    """The largest difference of two arrays, as a share of the largest entry."""
    return max(
        np.abs(results[name] - others[name]).max() / (np.abs(results[name]).max() or 1.0)
        for name in results
    )


# -------------------------------------------------------------------------- table


def rows(quick):
    """Bits at a number of threads, digits across them and across sizes of chunks."""
    tasks = jobs(quick)
    by_threads = {threads: run(tasks, threads) for threads in THREADS[: 2 if quick else 4]}
    table = []
    for threads in (2,) if quick else (1, 2):
        first = by_threads[threads]
        again, later = run(tasks, threads, seed=3), resumed(tasks, threads)
        at = f"arrays that differ in a bit, {threads} thread{'s' * (threads > 1)}"
        table.append(within(f"{at}: another process", len(first), different(first, again), 0))
        table.append(within(f"{at}: stopped and resumed", len(first), different(first, later), 0))
    for what in ("gradient", "blocks", "columns", "loss", "theta"):
        cases, worst, _ = _across(what, by_threads)
        table.append(within(f"1 thread and more: {what}", cases, worst, TOLERANCE))
    cases, worst, P = _across("eigenvalues", by_threads)
    held = bool(worst <= P * EPS)
    table.append(Row("1 thread and more: eigenvalues", cases, worst, "P eps", held))
    return [*table, *_chunk_rows(quick)]


def _across(what, by_threads):
    """One kind of result: comparisons, the largest difference, the least length of an array."""
    alone, *others = (
        {name: a for name, a in arrays.items() if name.endswith(f".{what}")}
        for arrays in by_threads.values()
    )
    worst = max(farthest(alone, other) for other in others)
    return len(others) * len(alone), worst, min(a.shape[-1] for a in alone.values())


def _chunk_rows(quick):
    """The Hessian in chunks of other sizes; the scale of its rounding is that of the samples'."""
    table = []
    sizes, kinds = (1 << 14, 1 << 17, 1 << 19, 1 << 26), (SMALL, LARGE)
    if quick:
        sizes, kinds = (1 << 10, 1 << 12), (SMALL,)
    for engine in ENGINES:
        worst = 0.0
        for job in kinds:
            net, X, Y = problem(job["sizes"], job["output"], job["N"])
            whole = mf.hessian(net, X, Y, engine=engine)
            scale = np.mean([np.abs(mf.hessian(net, *one)) for one in _samples(X, Y)], axis=0)
            for size in sizes:
                with patch.object(progress, "CHUNK", size):
                    chunks = mf.hessian(net, X, Y, engine=engine)
                worst = max(worst, np.abs(chunks - whole).max() / scale.max())
        what = f"Hessian, {engine}, in chunks of other sizes"
        table.append(within(what, len(kinds) * len(sizes), worst, TOLERANCE))
    return table


def _samples(X, Y):
    """One sample at a time, 200 of them."""
    return [(X[n : n + 1], Y[n : n + 1]) for n in range(0, len(X), len(X) // 200)]
