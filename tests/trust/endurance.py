"""Endurance: many trainings in one process, and what goes wrong around a call.

A full disk, a read-only one and a forbidden folder are the errors of the system
that go with them, in the place of fsync; and once for real, a limit that the system
sets on the size of a file (RLIMIT_FSIZE), so that a checkpoint no longer fits.
"""

import errno
import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from unittest import mock

import minifnn as mf
from minifnn.__main__ import main
from minifnn.experiments import paper

from .files import COMMANDS
from .table import Row, within

MOST_GROWTH = 2.0  # MB
STOPPED = "Stopped. Call it again to go on from here."


def rows(quick):
    """Train and look for long, then disturb."""
    n = (4, 40) if quick else (200, 2000)
    return [
        trainings(n[0]),
        hessians(n[1]),
        *(full_disk(error) for error in (errno.ENOSPC, errno.EROFS, errno.EACCES)),
        no_room(),
        no_cache(),
        *(stopped(name, number) for name in COMMANDS for number in (signal.SIGINT, signal.SIGTERM)),
        *(two_at_once(name) for name in COMMANDS),
    ]


@contextmanager
def _folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _visible(folder):
    """The files of a folder, without the hidden ones that a killed process leaves half written."""
    return [path.name for path in folder.iterdir() if path.name[0] != "."]


# --------------------------------------------------------------------- memory


def resident():
    """The memory of this process that is its own, in MB: pages of files come and go."""
    gc.collect()
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024 / 1e6


KINDS = 8  # of calls: each leaves something the first time, and nothing the second


def _growth(n, call):
    """What n calls leave in memory, in MB, after enough to begin with: one of each kind."""
    for k in range(max(KINDS, n // 10)):
        call(k)
    before = resident()
    for k in range(n):
        call(k)
    return max(0.0, resident() - before)


def trainings(n):
    """Train n networks with curvature and a checkpoint each: a Row."""
    data = mf.datasets.nonlinear()
    activations = ("esp", "relu", "sigmoid", "tanh")

    with _folder() as folder:

        def call(k):
            net = mf.mlp([2, 8, 2, 1], activations[k % 4], seed=k)
            ways = {"batch_size": [None, 64][k % 2], "engine": ENGINES[k // 4 % 2]}
            options = {"curvature": True, "checkpoint": folder / "c.npz", **ways}
            mf.train(net, data.X_train, data.Y_train, 60, mf.Adam(0.01), **options)
            (folder / "c.npz").unlink()

        growth = _growth(n, call)
    return within("growth of memory over trainings, MB", n, growth, MOST_GROWTH)


ENGINES = ("numba", "numpy")


def hessians(n):
    """Compute n Hessians and spectra of 45 to 321 parameters: a Row."""
    data = mf.datasets.nonlinear()
    nets = [mf.mlp([2, width, width, 1], seed=1) for width in (4, 9, 15)]

    def call(k):
        H = mf.hessian(nets[k % 3], data.X_train[:200], data.Y_train[:200], engine=ENGINES[k % 2])
        mf.spectrum(H)

    return within("growth of memory over Hessians, MB", n, _growth(n, call), MOST_GROWTH)


# -------------------------------------------------------------- disks and folders


def full_disk(number):
    """Let the second of two runs fail to write, then go on: a Row."""
    runs = [paper.Run("linear-10", name, epochs=12) for name in ("esp", "relu")]
    options = {"activations": ["esp"], "tasks": ["linear-10"], "epochs": 12}
    with _folder() as folder:
        paper.reproduce(folder / "o", workers=1, progress=False, **options)
        finished = (folder / "o/runs" / f"{runs[0].name}.npz").stat().st_mtime_ns
        options["activations"] = ["esp", "relu"]
        with mock.patch("os.fsync", _failing(number)):
            _, failures = paper.reproduce(folder / "o", workers=1, progress=False, **options)
        said = bool(failures) and os.strerror(number) in str(failures[0].error)
        clean = _visible(folder / "o/runs") == [f"{runs[0].name}.npz"]
        results, failures = paper.reproduce(folder / "o", workers=1, progress=False, **options)
        kept = (folder / "o/runs" / f"{runs[0].name}.npz").stat().st_mtime_ns == finished
    held = said and clean and kept and not failures and len(results) == 2
    what = f"writing fails: {os.strerror(number)}"
    return Row(what, 1, "said, kept, resumed" if held else "NOT so", "said, kept", held)


def _failing(number):
    def fsync(handle):
        raise OSError(number, os.strerror(number))

    return fsync


def no_room(limit=24_000):
    """Let a checkpoint grow beyond what the system allows, then go on without a limit: a Row."""
    resource = import_module("resource")  # of Unix

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    options = ["--tasks", "linear-10", "--activations", "relu", "--epochs", "300"]
    with _folder() as folder:  # eigenvalues are what grows: a sweep has none
        command = [
            sys.executable,
            "-m",
            "minifnn",
            "reproduce",
            *options,
            "--workers",
            "1",
            "--out",
        ]
        pipes = {"capture_output": True, "text": True}
        done = subprocess.run([*command, folder / "o"], preexec_fn=limited, **pipes)
        left = _visible(folder / "o/runs")
        again = subprocess.run([*command, folder / "o"], **pipes)
    said = done.returncode == 1 and os.strerror(errno.EFBIG) in done.stderr
    held = said and "Traceback" not in done.stderr and again.returncode == 0
    held &= left == ["linear-10_relu_seed-0.checkpoint.npz"]
    found = "said, kept, resumed" if held else f"NOT so: {left} {done.stderr[-200:]}"
    return Row(f"no room for files above {limit / 1000:.0f} kB", 1, found, "said, kept", held)


def no_cache():
    """Train in a process whose cache of compiled code cannot be written: a Row."""
    code = "import minifnn as mf; d = mf.datasets.linear(); "
    code += "print(len(mf.train(mf.mlp([2, 3, 1]), d.X_train, d.Y_train, epochs=3)))"
    environment = {**os.environ, "NUMBA_CACHE_DIR": "/proc/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("minifnn: compiling")]
    held = done.returncode == 0 and done.stdout.strip() == "1" and not said
    return Row("no cache to write compiled code to", 1, "trains" if held else "NOT", "trains", held)


# --------------------------------------------------------------------- signals


def _start(name, out, workers="2"):
    """Call a command in a process of its own."""
    options = ["--tasks", "nonlinear-8-2", "--activations", "esp", "relu", "--out", str(out)]
    options += ["--seeds", "2"] if name == "sweep" else []
    command = [sys.executable, "-m", "minifnn", name, *options, "--workers", workers]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, "--epochs", "100000"], start_new_session=True, **pipes)


def _wait_for(pattern, out, process, seconds=200):
    """Wait until a file is there, as long as the process lives."""
    until = time.monotonic() + seconds
    while not list(out.glob(pattern)):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"no {pattern} in {out}: {process.communicate()}")
        time.sleep(0.05)


def stopped(name, number):
    """Send a command a signal when its first checkpoint is there: a Row."""
    with _folder() as folder:
        process = _start(name, folder / "o")
        _wait_for("runs/*.checkpoint.npz", folder / "o", process)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        left = _visible(folder / "o/runs")
    whole = left and all(path.endswith(".checkpoint.npz") for path in left)
    said = errors.rstrip().endswith(STOPPED) and "Traceback" not in errors
    held = bool(whole) and said and process.returncode == 128 + number and _is_gone(process.pid)
    found = f"exit code {process.returncode}, {'said' if said else 'NOT said'}"
    wanted = f"exit code {128 + number}, said"
    return Row(f"minifnn {name}, {number.name} in the middle", 1, found, wanted, held)


def _is_gone(group, seconds=20):
    """Is soon no process of the group left?"""
    until = time.monotonic() + seconds
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(group, 0)
            time.sleep(0.1)
        return False
    return True


def two_at_once(name):
    """Call a command on the folder of another that is at work, then kill that one: a Row."""
    with _folder() as folder:
        first = _start(name, folder / "o")
        _wait_for("runs/*.checkpoint.npz", folder / "o", first)
        second = _start(name, folder / "o", workers="1")
        _, errors = second.communicate(timeout=200)
        refused = second.returncode == 2 and "writing" in errors
        at_work = first.poll() is None
        first.kill()
        first.communicate()
        gone = _is_gone(first.pid)
        free = _is_free(name, folder / "o")
    held = refused and at_work and gone and free
    found = f"{'refused' if refused else 'NOT refused'}; free again: {'yes' if free else 'NO'}"
    return Row(f"minifnn {name}, twice into one folder", 1, found, "refused; free again", held)


def _is_free(name, out):
    """Can the folder be used by the next call, once the one before was killed?"""
    other = ["--tasks", "linear-10", "--activations", "tanh", "--epochs", "1", "--workers", "1"]
    if name == "sweep":
        return main([name, *other, "--seeds", "1", "--out", str(out)]) == 0
    options = {"tasks": ["linear-10"], "activations": ["tanh"], "epochs": 1}
    results, failures = paper.reproduce(out, workers=1, progress=False, **options)
    return len(results) == 1 and not failures
