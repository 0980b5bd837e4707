"""The command line: ``minifnn reproduce``, ``sweep``, ``findings``, ``replay``, ``lessons``."""

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from . import __version__
from ._util.validation import check_count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        None takes those that the program was called with.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> from minifnn.__main__ import main
    >>> main(["findings", "no-such-folder"])  # says why, on the stream of errors
    2
    """
    options = argparse.Namespace(command=None)
    try:
        with _told_to_end():
            options = _parser().parse_args(arguments)
            return options.command(options)
    except KeyboardInterrupt as stop:
        again = " Call it again to go on from here." if options.command in GO_ON else ""
        print(f"\nStopped.{again}", file=sys.stderr)
        return 128 + (signal.SIGTERM if isinstance(stop, _Ended) else signal.SIGINT)
    except (ValueError, TypeError, ImportError, OSError) as error:
        print(f"minifnn: {error}", file=sys.stderr)
        return 2


class _Ended(KeyboardInterrupt):
    """Another process (a scheduler, a machine that shuts down) says that this is to end."""


@contextmanager
def _told_to_end():
    """Take SIGTERM as Ctrl-C is taken: stop where no file is half written."""

    def stop(number, frame):
        raise _Ended

    if threading.current_thread() is not threading.main_thread():  # which alone gets signals
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser():
    parser = argparse.ArgumentParser(
        prog="minifnn",
        description="The feed-forward neural network that a person can hold in the head.",
    )
    parser.add_argument("--version", action="version", version=f"minifnn {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_reproduce(commands)
    _add_sweep(commands)
    _add_findings(commands)
    _add_replay(commands)
    _add_lessons(commands)
    return parser


def _add_reproduce(commands):
    from .experiments.paper import ACTIVATIONS, TASKS

    text = "run the published experiments and write a report; called again, it goes on"
    parser = commands.add_parser("reproduce", help=text, description=text)
    parser.set_defaults(command=_reproduce)
    _add_choice(parser, "--tasks", TASKS, TASKS)
    _add_choice(parser, "--activations", ACTIVATIONS, ACTIVATIONS)
    add = parser.add_argument
    add("--seed", type=int, default=0, help="of the starting weights (0)")
    add("--out", type=Path, default=Path("results"), help="folder to write to (results)")
    _add_protocol(parser)
    add("--workers", type=int, help="processes side by side (one a core)")
    add("--no-films", action="store_true", help="leave out the films of the eigenvalues")


def _add_choice(parser, option, choices, default):
    """An option that takes some of these names."""
    parser.add_argument(
        option,
        nargs="+",
        choices=choices,
        default=list(default),
        metavar="NAME",
        help=f"which of {', '.join(choices)} ({' '.join(default) if default else 'all'})",
    )


def _add_protocol(parser):
    """What may be changed in every published run."""
    add = parser.add_argument
    add("--epochs", type=int, help="for every run (as published: 1000 to 2500)")
    add("--data-dir", type=Path, help="folder with the authors' Lindata.mat and NLdata.mat")
    add("--as-published", action="store_true", help="the authors' own encoding of the digits")


def _reproduce(options):
    from .experiments.paper import reproduce
    from .experiments.report import write_report

    results, failures = reproduce(
        options.out,
        tasks=options.tasks,
        activations=options.activations,
        seed=options.seed,
        epochs=options.epochs,
        data_dir=options.data_dir,
        as_published=options.as_published,
        workers=options.workers,
    )
    for failure in failures:
        print(f"minifnn: {failure.config} failed: {failure.error}", file=sys.stderr)

    def tell(title):
        print(f"drawing: {title}", file=sys.stderr)

    problems = write_report(
        options.out,
        results,
        failures,
        films=not options.no_films,
        workers=options.workers or os.cpu_count() or 1,
        tell=tell,
    )
    print(f"{len(results)} runs are finished. Open {options.out / 'report.html'}")
    for problem in problems[len(failures) :]:
        print(f"minifnn: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _add_sweep(commands):
    from .experiments.paper import ACTIVATIONS, BETAS, RATE, TASKS
    from .experiments.seeds.run import PLANE

    text = "run the published protocol from many starts; called again, it goes on"
    parser = commands.add_parser("sweep", help=text, description=text)
    parser.set_defaults(command=_sweep)
    _add_choice(parser, "--tasks", TASKS, PLANE)
    _add_choice(parser, "--activations", ACTIVATIONS, ACTIVATIONS)
    _add_choice(parser, "--betas", BETAS, ("published",))
    add = parser.add_argument
    add("--rates", nargs="+", type=float, default=[RATE], help=f"first rates of Adam ({RATE})")
    add("--seeds", type=int, default=100, help="how many starts: seeds 0, 1, 2, ... (100)")
    add("--out", type=Path, default=Path("sweep"), help="folder to write to (sweep)")
    _add_protocol(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, help="processes side by side (one a core)")
    where.add_argument("--dask", metavar="ADDRESS", help="of the scheduler of a Dask cluster")


def _sweep(options):
    from .experiments.seeds.run import configurations, run_all, write_tables
    from .experiments.sweep import dask_cluster, worker_processes

    runs = configurations(
        tasks=options.tasks,
        activations=options.activations,
        seeds=range(_seeds(options.seeds)),
        betas=options.betas,
        rates=options.rates,
        epochs=options.epochs,
        data_dir=options.data_dir,
        as_published=options.as_published,
    )
    executor: Callable[[], AbstractContextManager]
    if options.dask is not None:
        executor = partial(dask_cluster, options.dask)
    else:
        workers = os.cpu_count() or 1 if options.workers is None else options.workers
        executor = partial(worker_processes, check_count("workers", workers))
    failures = run_all(options.out, runs, executor)
    for failure in failures:
        print(f"minifnn: {failure.config} failed: {failure.error!r}", file=sys.stderr)
    n = write_tables(options.out, runs)
    print(
        f"{n} of {len(runs)} runs are finished: {options.out / 'starts.csv'}, curves.csv beside it"
    )
    return 1 if failures else 0


def _seeds(n):
    """How many starts, before as many configurations are listed."""
    if check_count("seeds", n) > MOST_SEEDS:
        raise ValueError(f"seeds is {n}, wanted at most {MOST_SEEDS}")
    return n


def _add_findings(commands):
    text = "draw figures and tables of a sweep: medians, pairs, intervals"
    parser = commands.add_parser("findings", help=text, description=text)
    parser.set_defaults(command=_findings)
    parser.add_argument("folder", type=Path, help="that minifnn sweep wrote to")
    parser.add_argument("--out", type=Path, help="folder to write to (the same)")


def _findings(options):
    from .experiments.seeds.figures import write_findings

    out = options.out or options.folder
    print(f"{len(write_findings(options.folder, out))} files written to {out}")
    return 0


def _add_replay(commands):
    text = "recompute the authors' numerical record from a copy of their repository"
    parser = commands.add_parser("replay", help=text, description=text)
    parser.set_defaults(command=_replay)
    add = parser.add_argument
    add("path", type=Path, metavar="PATH", help="the copy, with TF/ and the two .mat files in it")
    add("--out", type=Path, default=Path("replayed"), help="folder to write to (replayed)")
    add("--workers", type=int, help="processes side by side (one a core)")


def _replay(options):
    from .experiments.replication.report import replay

    replayed, problems = replay(options.path, options.out, workers=options.workers)
    print(f"{len(replayed)} runs are compared. Open {options.out / 'replay.html'}")
    for problem in problems:
        print(f"minifnn: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _add_lessons(commands):
    text = "copy the lessons to a folder, never over what is there, and open JupyterLab in it"
    parser = commands.add_parser("lessons", help=text, description=text)
    parser.set_defaults(command=_lessons)
    add = parser.add_argument
    add("directory", nargs="?", type=Path, default=Path("lessons-of-mine"), metavar="DIR")
    add("--no-browser", action="store_true", help="only copy")


def _lessons(options):
    from .lesson import copy_to

    copied, kept = copy_to(options.directory)
    print(f"{len(copied)} notebooks copied to {options.directory}, {len(kept)} kept as they were.")
    if options.no_browser:
        return 0
    if find_spec("jupyterlab") is None:
        raise ImportError('JupyterLab is not installed; wanted: pip install "minifnn[lessons]"')
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(options.directory)])


MOST_SEEDS = 100_000
GO_ON = (_reproduce, _sweep)  # what was finished is not done again


if __name__ == "__main__":
    sys.exit(main())
