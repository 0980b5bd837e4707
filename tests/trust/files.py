"""Checkpoints: killed at any moment, damaged in any way; and other files in their place.

Children are started by a fork server that has imported everything, so that a
random moment falls into the training, or into the writing of a file, and not
into Python's start.
"""

import os
import signal
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import minifnn as mf
from minifnn import lesson
from minifnn.__main__ import main
from minifnn.experiments import paper
from minifnn.experiments.seeds.run import Block, carry_out

from . import damage
from .table import Row

COMMANDS = ("reproduce", "sweep")


def rows(quick):
    """Kill, damage, and look at what is left."""
    kills = 3 if quick else 50
    killed = [killed_trainings(kills), *(killed_commands(name, kills) for name in COMMANDS)]
    return [*killed, *damage.rows(quick), nothing_overwritten()]


@contextmanager
def _folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _context():
    """Children that start as copies of a process with nothing but the package in it."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.trust.files", "minifnn.experiments.report"])
    return context


def _killed_after(seconds, function, *arguments):
    """Run a function in a child, kill it (SIGKILL) after so long; was it still at work?"""
    child = _context().Process(target=function, args=arguments)
    child.start()
    child.join(seconds)
    at_work = child.is_alive()
    os.kill(child.pid, signal.SIGKILL) if at_work else None
    child.join()
    return at_work


def _seconds(function, *arguments):
    """How long a function takes in a child, the start of the child with it."""
    _killed_after(None, time.time)  # starts the server, which imports everything
    began = time.perf_counter()
    child = _context().Process(target=function, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"{function} ended with {child.exitcode}")
    return time.perf_counter() - began


# ---------------------------------------------------------------------- train


def training(checkpoint=None, log=None):
    """A training of 60 records, each in the checkpoint before it is in the log."""
    data = mf.datasets.moons(60, seed=1)
    net = mf.mlp([2, 6, 1], seed=1)

    def tell(epoch, loss):
        if log is not None:
            with open(log, "ab") as file:
                file.write(bytes([epoch // 5]))  # so many records are there

    options = {"optimizer": mf.Adam(0.05), "record": range(4, 300, 5), "batch_size": 16}
    X, Y = data.X_train, data.Y_train
    history = mf.train(net, X, Y, 300, checkpoint=checkpoint, progress=tell, curvature=True,
                       engine="numpy", **options)  # fmt: skip
    return net, history


def killed_trainings(n):
    """Kill `train(checkpoint=...)` at n random moments, and go on: a Row."""
    rng = np.random.default_rng(0)
    net, whole = training()
    lost, same, at_work = 0, True, 0
    with _folder() as folder:
        longest = _seconds(training, folder / "c.npz", folder / "log")
        for i in range(n):
            path, log = folder / f"{i}.npz", folder / f"{i}.log"
            log.touch()
            at_work += _killed_after(longest * rng.uniform(0.05, 0.95), training, path, log)
            told = log.read_bytes()
            lost = max(lost, (told[-1] if told else 0) - _records(path))
            resumed_net, resumed = training(path)
            same &= same_bits(whole, resumed) and np.array_equal(net.theta, resumed_net.theta)
    found = f"{at_work} at work; records lost: {lost}; same bits: {'yes' if same else 'NO'}"
    held = same and not lost
    return Row("train(checkpoint=) killed and resumed", n, found, "0 lost, same bits", held)


def _records(path):
    """How many records a checkpoint holds; 0 if there is none yet."""
    if not path.exists():
        return 0
    with np.load(path, allow_pickle=False) as file:
        return len(file["history.epoch"])


def same_bits(one, other):
    """Do two histories hold the same bits?"""
    return set(one.keys()) == set(other.keys()) and all(
        one[name].tobytes() == other[name].tobytes() for name in one.keys()
    )


# ------------------------------------------------------------------- commands


def command(name, out):
    """Call `minifnn reproduce` or `sweep` for a few short runs; no word of it is heard."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    options = ["--tasks", "linear-10", "--epochs", "150", "--workers", "1", "--out", str(out)]
    more = [] if name == "reproduce" else ["--seeds", "2"]
    raise SystemExit(main([name, *options, *more, "--activations", "esp", "relu"]))


def _runs(name):
    seeds = (0,) if name == "reproduce" else (0, 1)
    both = {"epochs": 150, "curvature": name == "reproduce"}
    return [paper.Run("linear-10", a, seed, **both) for a in ("esp", "relu") for seed in seeds]


def go_on(name, out):
    """What a second call does, without the figures of the report."""
    if name == "reproduce":
        options = {"tasks": ["linear-10"], "activations": ["esp", "relu"], "epochs": 150}
        return paper.reproduce(out, workers=1, progress=False, **options)[1]
    of = {"tasks": ["linear-10"], "activations": ["esp", "relu"], "epochs": 150, "spectra": True}
    return carry_out(out, [Block("published", (0, 1), **of)], progress=False)


def killed_commands(name, n):
    """Kill a command at n random moments, and go on: a Row."""
    rng, ok, at_work = np.random.default_rng(1), True, 0
    with _folder() as folder:
        longest = _seconds(command, name, folder / "whole")
        for i in range(n):
            out = folder / str(i)
            at_work += _killed_after(longest * rng.uniform(0.05, 0.95), command, name, out)
            finished = _stamps(out)
            ok &= not go_on(name, out)
            ok &= finished.items() <= _stamps(out).items()
            ok &= all(_same_run(run, folder / "whole", out) for run in _runs(name))
            ok &= name != "sweep" or _same_tables(folder / "whole", out)
    found = f"{at_work} at work; finished runs kept, same bits: {'yes' if ok else 'NO'}"
    return Row(f"minifnn {name} killed and resumed", n, found, "kept, same bits", ok)


def _stamps(out):
    """The files of finished runs, and what tells whether they were written anew."""
    paths = [path for path in out.glob("runs/*.npz") if "checkpoint" not in path.name]
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def _same_run(run, one, other):
    results = (paper.result_from_file(run, out / "runs") for out in (one, other))
    return same_bits(*(result.history for result in results))


def _same_tables(one, other):
    return (one / "seeds.csv").read_bytes() == (other / "seeds.csv").read_bytes()


# ------------------------------------------------------------- files in the way


def nothing_overwritten():
    """Ask for a checkpoint or a folder where another file is: a Row."""
    with _folder() as folder:
        mine = folder / "mine" / "notes.txt"
        mine.parent.mkdir()
        mine.write_text("mine")
        asked = _outputs(mine)
        refused = sum(_is_refused(ask) for ask in asked)
        kept = mine.read_text() == "mine" and os.listdir(mine.parent) == ["notes.txt"]
    found = f"{refused} refused; {'kept' if kept else 'NOT kept'}"
    held = kept and refused == len(asked)
    return Row("output asked for where a file is", len(asked), found, "all refused", held)


def _outputs(mine):
    folders = [partial(go_on, name, mine) for name in COMMANDS]
    return [partial(training, mine), *folders, partial(lesson.copy_to, mine)]


def _is_refused(ask):
    try:
        ask()
    except (ValueError, FileExistsError):
        return True
    return False
