"""The command line: ``minifnn reproduce``, and the other commands that --help lists."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import __version__
from ._util.validation import check_count, expect


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with these arguments, or the program's own; return the exit code."""
    options = argparse.Namespace(command=None)
    words = list(sys.argv[1:] if arguments is None else arguments)
    own = words.index("--") if words[:1] == ["lessons"] and "--" in words else len(words)
    try:
        with _sigterm_as_ctrl_c():
            options, unknown = _parser().parse_known_args(words[:own])
            if unknown:
                options.refuse(f"unrecognized arguments: {' '.join(unknown)}")
            options.jupyterlab = words[own + 1 :]
            return options.command(options)
    except KeyboardInterrupt as stop:
        resumes = options.command in (_reproduce, _sweep)
        again = " Call it again to go on from here." if resumes else ""
        print(f"\nStopped.{again}", file=sys.stderr)
        return 128 + (signal.SIGTERM if isinstance(stop, _Terminated) else signal.SIGINT)
    except (ValueError, TypeError, ImportError, OSError) as error:
        _warn(error)
        return 2


class _Terminated(KeyboardInterrupt):
    """SIGTERM: a scheduler, or a machine that shuts down, asks this process to end."""


@contextmanager
def _sigterm_as_ctrl_c():
    """Take SIGTERM as Ctrl-C is taken, so that no file is left half written."""

    def stop(number, frame):
        raise _Terminated

    if threading.current_thread() is not threading.main_thread():  # the only one to get signals
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _warn(*messages):
    for message in messages:
        print(f"minifnn: {message}", file=sys.stderr)


def _parser():
    from .experiments.paper import TASKS
    from .experiments.seeds.run import PLANE

    parser = argparse.ArgumentParser(
        prog="minifnn", description="A feed-forward neural network by hand, with its exact Hessian."
    )
    parser.add_argument("--version", action="version", version=f"minifnn {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(run, text, *examples):
        name, raw = run.__name__[1:], argparse.RawDescriptionHelpFormatter
        lines = "\n".join(["examples:", *(f"  minifnn {name} {end}" for end in examples)])
        added = commands.add_parser(
            name, help=text, description=text, epilog=lines, formatter_class=raw
        )
        added.set_defaults(command=run, refuse=added.error)
        return added

    processes = {"type": int, "help": "number of processes (one per core)"}

    sub = command(
        _reproduce,
        "run the published experiments and write a report; can be resumed",
        "--out results",
        "--tasks linear-10 nonlinear-8-2 --activations ESP ReLU --seed 3 --out seed-3",
    )
    _add_settings(sub, TASKS, out="results")
    sub.add_argument("--seed", type=int, default=0, help="seed of the initial weights (0)")
    sub.add_argument("--workers", **processes)

    sub = command(
        _sweep,
        "run the published protocol from many random seeds; can be resumed",
        "--seeds 20 --tasks nonlinear-10",
        "--dask tcp://scheduler:8786",
    )
    _add_settings(sub, PLANE, out="sweep")
    sub.add_argument("--plan", type=Path, help="a TOML file that lists what to run instead")
    sub.add_argument("--seeds", type=int, default=100, help="how many seeds: 0, 1, ... (100)")
    where = sub.add_mutually_exclusive_group()
    where.add_argument("--workers", **processes)
    where.add_argument("--dask", metavar="ADDRESS", help="of the scheduler of a Dask cluster")

    text = "recompute the authors' record from a copy of their repository"
    sub = command(_replay, text, "path/to/their/repository --out replayed")
    sub.add_argument("path", type=Path, metavar="PATH", help="has TF/ and the two .mat files")
    _add_out(sub, "replayed")
    sub.add_argument("--workers", **processes)

    text = "copy the lessons to a folder, replacing no file, and open JupyterLab"
    sub = command(_lessons, text, "my-lessons", "my-lessons -- --port 9000")
    sub.add_argument("directory", nargs="?", type=Path, default="lessons-of-mine", metavar="DIR")
    sub.add_argument("--no-browser", action="store_true", help="only copy")
    sub.epilog = f"{sub.epilog}\nWhat follows -- goes to JupyterLab."

    text = "say who has solved what, from saved notebooks; executes nothing"
    sub = command(_progress, text, "my-lessons", "class")
    sub.add_argument(
        "directory", type=Path, metavar="DIR", help="one notebook, or one folder, per person"
    )
    return parser


def _add_settings(parser, tasks, out):
    """The options that reproduce and sweep share."""
    from .experiments.paper import ACTIVATIONS, TASKS

    _add_choice(parser, "--tasks", TASKS, tasks)
    _add_choice(parser, "--activations", ACTIVATIONS, ACTIVATIONS)
    _add_out(parser, out)
    add = parser.add_argument
    add("--epochs", type=int, help="epochs of every run (as published: 1000 to 2500)")
    add("--data-dir", type=Path, help="folder with the authors' Lindata.mat and NLdata.mat")
    add("--as-published", action="store_true", help="encode the digits as the authors did")


def _add_choice(parser, option, choices, default):
    left = [choice for choice in choices if choice not in default]
    chosen = "all" + " but " * bool(left) + " ".join(left) if len(left) < 2 else " ".join(default)
    text = f"which of {', '.join(choices)} ({chosen})"
    names = {"choices": choices, "default": list(default), "metavar": "NAME", "help": text}
    parser.add_argument(option, nargs="+", type=str.lower, **names)  # ESP and esp


def _add_out(parser, default):
    parser.add_argument("--out", type=Path, default=default, help=f"folder to write to ({default})")


def _settings(options):
    shared = ("tasks", "activations", "epochs", "data_dir", "as_published")
    return {name: getattr(options, name) for name in shared}


def _reproduce(options):
    from .experiments.paper import reproduce
    from .experiments.report import write_report

    results, failures = reproduce(
        options.out, seed=options.seed, workers=options.workers, **_settings(options)
    )
    _warn(*(f"{failure.config} failed: {failure.error}" for failure in failures))
    print("drawing the report: about half a minute", file=sys.stderr, flush=True)
    workers = options.workers or os.cpu_count() or 1
    problems = write_report(options.out, results, failures, workers)
    print(f"{len(results)} runs are finished. Open {options.out / 'report.html'}")
    _warn(*problems[len(failures) :])
    return 1 if problems else 0


def _sweep(options):
    from .experiments import sweep
    from .experiments.seeds.run import Block, carry_out, read_plan

    n_seeds = check_count("seeds", options.seeds)
    expect(n_seeds <= 100_000, "seeds", "at most 100000", n_seeds)  # before all are listed
    given = {name: value for name, value in _settings(options).items() if name != "data_dir"}
    data = ["generated" if options.data_dir is None else "authors"]
    plan = [Block("published", (0, n_seeds - 1), data=data, spectra=True, **given)]
    plan = plan if options.plan is None else read_plan(options.plan)
    executor: Any = partial(sweep.dask_cluster, options.dask)
    if options.dask is None:
        workers = os.cpu_count() or 1 if options.workers is None else options.workers
        executor = partial(sweep.worker_processes, check_count("workers", workers))
    failures = carry_out(options.out, plan, options.data_dir, executor)
    _warn(*(f"{failure.config} failed: {failure.error!r}" for failure in failures))
    print(f"What is finished is in {options.out / 'seeds.csv'}")
    return 1 if failures else 0


def _replay(options):
    from .experiments.replication.report import replay

    replayed, problems = replay(options.path, options.out, workers=options.workers)
    print(f"{len(replayed)} runs are compared. Open {options.out / 'replay.html'}")
    _warn(*problems)
    return 1 if problems else 0


def _lessons(options):
    from .lesson import copy_to

    copied, kept = copy_to(options.directory)
    print(f"{len(copied)} notebooks copied to {options.directory}, {len(kept)} kept as they were.")
    if options.no_browser:
        return 0
    if find_spec("jupyterlab") is None:
        raise ImportError("JupyterLab is not installed: pip install jupyterlab ipywidgets")
    from jupyterlab.labapp import main as jupyterlab  # in this process, so Ctrl-C is its own

    first = f"--LabApp.default_url=/lab/tree/{min(copied + kept)}"
    jupyterlab([str(options.directory.absolute()), first, *options.jupyterlab])
    return 0


def _progress(options):
    from .lesson.progress import progress

    print(progress(options.directory))
    return 0


if __name__ == "__main__":
    sys.exit(main())
