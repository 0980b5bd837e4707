"""The published experiments (arXiv:1805.08786), run again.

Five networks, each with hidden units that are all ESP, all ReLU or all sigmoid
(and, beside them, all tanh), trained on full batches by Adam with a decaying
rate; at every recorded epoch the exact Hessian and its spectrum. `reproduce`
runs them, each into a file of its own in a folder, and goes on where it stopped
when it is called again; `minifnn.report` turns the folder into a report.
"""

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, partial
from multiprocessing import get_context
from multiprocessing.managers import SyncManager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import datasets
from .._util.checkpoint import check_records, fitting
from .._util.files import alone_in, own_folder, read_arrays, remove_leftovers, write_arrays
from .._util.typing import PathLike
from .._util.validation import (
    check_choice,
    check_count,
    check_flag,
    check_list,
    check_number,
    check_path,
)
from ..initialise import mlp
from ..network import Network
from ..optimise import Adam
from ..train import History, recorded_epochs, train
from .sweep import Outcome, _end_with_parent, sweep, worker_processes

ACTIVATIONS = ("esp", "relu", "sigmoid", "tanh")
RUN_KIND = "minifnn run 3"
RATE = 0.01
BETA_STD = 0.004  # the published start of trained betas: N(0, 0.004^2)
BETAS = ("published", "fixed", "trained")


class Task(NamedTuple):
    """One of the five published settings; `seconds` is about what a run of it takes.

    Examples
    --------
    >>> from minifnn.paper import TASKS
    >>> TASKS["nonlinear-8-2"].sizes
    (2, 8, 2, 1)
    """

    title: str
    data: str
    sizes: tuple[int, ...]
    epochs: int
    seconds: float


TASKS = {
    "linear-10": Task("linear 2-10-1", "linear", (2, 10, 1), 1000, 0.1),
    "linear-8-2": Task("linear 2-8-2-1", "linear", (2, 8, 2, 1), 1000, 0.1),
    "nonlinear-10": Task("non-linear 2-10-1", "nonlinear", (2, 10, 1), 2300, 0.2),
    "nonlinear-8-2": Task("non-linear 2-8-2-1", "nonlinear", (2, 8, 2, 1), 2500, 0.3),
    "digits": Task("digits 64-25-10", "digits", (64, 25, 10), 2000, 30.0),
}


class EndPoint(NamedTuple):
    """What was published of the last record of a run.

    Examples
    --------
    >>> from minifnn.paper import PUBLISHED
    >>> PUBLISHED["digits", "esp"].cost
    0.00086
    """

    cost: float
    train_accuracy: float
    test_accuracy: float
    alpha: float
    gamma: float


PUBLISHED = {
    ("linear-10", "esp"): EndPoint(0.00041, 1.000, 1.000, 0.481, 0.0),
    ("linear-10", "relu"): EndPoint(0.00742, 1.000, 1.000, 0.098, 0.488),
    ("linear-10", "sigmoid"): EndPoint(0.03583, 1.000, 1.000, 0.244, 0.0),
    ("linear-8-2", "esp"): EndPoint(0.00006, 1.000, 1.000, 0.357, 0.0),
    ("linear-8-2", "relu"): EndPoint(0.65739, 0.605, 0.615, 0.200, 0.578),
    ("linear-8-2", "sigmoid"): EndPoint(0.01515, 1.000, 1.000, 0.333, 0.0),
    ("nonlinear-10", "esp"): EndPoint(0.06323, 0.980, 0.977, 0.096, 0.0),
    ("nonlinear-10", "relu"): EndPoint(0.29752, 0.852, 0.861, 0.024, 0.488),
    ("nonlinear-10", "sigmoid"): EndPoint(0.33592, 0.809, 0.792, 0.220, 0.0),
    ("nonlinear-8-2", "esp"): EndPoint(0.01897, 0.994, 0.994, 0.250, 0.0),
    ("nonlinear-8-2", "relu"): EndPoint(0.57227, 0.645, 0.647, 0.222, 0.489),
    ("nonlinear-8-2", "sigmoid"): EndPoint(0.38525, 0.812, 0.809, 0.289, 0.0),
    ("digits", "esp"): EndPoint(0.00086, 0.895, 0.900, 0.309, 0.039),
    ("digits", "relu"): EndPoint(0.01384, 0.887, 0.892, 0.083, 0.349),
    ("digits", "sigmoid"): EndPoint(0.02244, 0.880, 0.889, 0.238, 0.040),
}


@dataclass(frozen=True)
class Run:
    """One configuration: everything that decides its result.

    Parameters
    ----------
    task : str
        A key of `TASKS`.
    activation : str
        Of all hidden units.
    seed : int, optional
        Of the starting weights; generated data always come from seed 0.
    epochs : int, optional
        None for the published number.
    data_dir : str, optional
        Folder with the authors' Lindata.mat and NLdata.mat; None generates data.
    as_published : bool, optional
        The authors' own encoding of the digits (see `minifnn.datasets.digits`).
    beta : {"published", "fixed", "trained"}, optional
        As published: trained from N(0, 0.004^2) in ESP networks, fixed at 1 in the
        others. Or fixed at 1, or trained from 1, whatever the activation (of a ReLU
        network that is the output's beta only).
    rate : float, optional
        The first rate of Adam; it decays as 0.9^(t/500).

    Examples
    --------
    >>> from minifnn.paper import Run
    >>> run = Run("nonlinear-10", "esp", seed=3)
    >>> run.name, run.n_epochs
    ('nonlinear-10_esp_seed-3', 2300)
    >>> run.network()
    <Network 2-10-1, esp, output sigmoid, P = 52>
    """

    task: str
    activation: str
    seed: int = 0
    epochs: int | None = None
    data_dir: str | None = None
    as_published: bool = False
    beta: str = "published"
    rate: float = RATE

    def __post_init__(self) -> None:
        check_choice("task", self.task, TASKS)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("beta", self.beta, BETAS)
        check_count("seed", self.seed, at_least=0)
        if self.epochs is not None:
            check_count("epochs", self.epochs)
        check_number("rate", self.rate, above=0)
        check_flag("as_published", self.as_published)
        if self.data_dir is not None:
            check_path("data_dir", self.data_dir)

    @property
    def name(self) -> str:
        """The name of its files: what is as published is left out, but the seed is not."""
        parts = [self.task, self.activation]
        parts += [] if self.beta == "published" else [f"beta-{self.beta}"]
        parts += [] if self.rate == RATE else [f"rate-{self.rate:g}"]
        parts += [] if self.data_dir is None else ["authors-data"]
        return "_".join([*parts, f"seed-{self.seed}"])

    @property
    def n_epochs(self) -> int:
        """How many epochs it trains."""
        return TASKS[self.task].epochs if self.epochs is None else self.epochs

    def network(self) -> Network:
        """Return the network at its start.

        Returns
        -------
        Network
        """
        sizes = TASKS[self.task].sizes
        published = self.beta == "published" and self.activation == "esp"
        trained = published or self.beta == "trained"
        hears = self.activation != "relu"  # the noise: to ReLU beta says nothing
        return mlp(
            sizes,
            hidden=self.activation,
            init="xavier",
            beta=("normal", BETA_STD) if published else 1.0,
            trainable_beta=[trained and hears] * (len(sizes) - 2) + [trained],
            seed=self.seed,
        )

    def data(self) -> datasets.Dataset:
        """Return the data set it learns from.

        Returns
        -------
        minifnn.datasets.Dataset
        """
        return _data(TASKS[self.task].data, self.data_dir, self.as_published)

    def train(
        self,
        checkpoint: PathLike | None = None,
        progress: bool | Callable[[int, float], object] = False,
    ) -> tuple[Network, History]:
        """Train by the published protocol.

        Parameters
        ----------
        checkpoint, progress
            As in `minifnn.train`.

        Returns
        -------
        net : Network
            As it is at the end.
        history : History
        """
        net, data = self.network(), self.data()
        history = train(
            net,
            data.X_train,
            data.Y_train,
            epochs=self.n_epochs,
            optimizer=Adam(self.rate, decay=(0.9, 500)),
            X_test=data.X_test,
            Y_test=data.Y_test,
            record=recorded_epochs(self.n_epochs),
            curvature=True,
            checkpoint=checkpoint,
            progress=progress,
        )
        return net, history


@cache
def _data(name, data_dir, as_published):
    if name == "digits":
        return datasets.digits(as_published=as_published)
    if data_dir is None:
        return getattr(datasets, name)()
    if name == "linear":
        return datasets.from_mat(_find(data_dir, "Lindata.mat"), 0.25, 5)
    return datasets.from_mat(_find(data_dir, "NLdata.mat"), 0.2, 0)


def _find(folder, name):
    """The file of that name in the folder or below it."""
    found = sorted(Path(folder).rglob(name))
    if not found:
        raise FileNotFoundError(f"data_dir is {str(folder)!r}, but there is no {name} in it")
    return found[0]


# ---------------------------------------------------------- into and out of files


class Result(NamedTuple):
    """A finished run: the network at its end, its history, and the seconds it took.

    Examples
    --------
    >>> from minifnn.paper import Result, Run
    >>> run = Run("linear-10", "relu", epochs=20)
    >>> result = Result(run, *run.train(), seconds=0.1)
    >>> result.net
    <Network 2-10-1, relu, output sigmoid, P = 41>
    """

    run: Run
    net: Network
    history: History
    seconds: float


def run_to_file(run: Run, folder: PathLike, tell: Callable[[int], object] | None = None) -> None:
    """Train one run into ``folder/<name>.npz``, going on from its checkpoint if there.

    A run that is finished is not run again.

    Parameters
    ----------
    run : Run
    folder : path-like
    tell : callable, optional
        Called as tell(n) when n more records are there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.paper import Run, run_to_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run_to_file(Run("linear-10", "esp", epochs=20), folder)
    ...     [path.name for path in Path(folder).iterdir()]
    ['linear-10_esp_seed-0.npz']
    """
    if result_from_file(run, folder) is not None:
        return
    began = time.perf_counter()
    checkpoint = Path(folder) / f"{run.name}.checkpoint.npz"
    _, history = run.train(checkpoint, lambda epoch, loss: tell and tell(1))
    about = {
        "kind": np.array(RUN_KIND),
        "settings": np.array(_settings(run)),
        "took": np.array(time.perf_counter() - began),
    }
    write_arrays(Path(folder) / f"{run.name}.npz", about | history.for_file())
    checkpoint.unlink(missing_ok=True)


def result_from_file(run: Run, folder: PathLike) -> Result | None:
    """Read back what `run_to_file` wrote.

    Parameters
    ----------
    run : Run
    folder : path-like

    Returns
    -------
    Result or None
        None if the run is not finished.

    Raises
    ------
    ValueError
        If the file holds a run with other settings, or is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from minifnn.paper import Run, result_from_file, run_to_file
    >>> run = Run("linear-10", "esp", epochs=20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     before = result_from_file(run, folder)
    ...     run_to_file(run, folder)
    ...     after = result_from_file(run, folder)
    >>> before is None, after.history["epoch"].tolist()
    (True, [0, 11])
    """
    path = Path(folder) / f"{run.name}.npz"
    if not path.exists():
        return None
    arrays = read_arrays(path, RUN_KIND, None)
    if str(arrays.get("settings")) != _settings(run):
        raise ValueError(
            f"out has {path} of a run with {arrays.get('settings')}, wanted {_settings(run)}; "
            "choose another folder"
        )
    net = run.network()
    with fitting(path):
        check_records(arrays, net.n_parameters, curvature=True)
        history, seconds = History.from_file(arrays), float(arrays["took"])
        net.theta = history["theta"][-1]
    return Result(run, net, history, seconds)


def _settings(run):
    """All that decides a run's result, as text: the data themselves, not where they lie."""
    data = run.data()
    digest = hashlib.sha256(b"".join(a.tobytes() for a in (data.X_train, data.Y_train)))
    settings = asdict(run) | {"epochs": run.n_epochs, "data": digest.hexdigest()[:16]}
    del settings["data_dir"]
    return json.dumps(settings, sort_keys=True)


# -------------------------------------------------------------------- all of them


def reproduce(
    out: PathLike,
    tasks: Sequence[str] = tuple(TASKS),
    activations: Sequence[str] = ACTIVATIONS,
    seed: int = 0,
    epochs: int | None = None,
    data_dir: PathLike | None = None,
    as_published: bool = False,
    workers: int | None = None,
    progress: bool = True,
) -> tuple[list[Result], list[Outcome]]:
    """Run the published experiments into a folder, going on with what is there.

    Parameters
    ----------
    out : path-like
        The folder; made if missing. Runs go to ``out/runs``.
    tasks, activations : sequence of str, optional
        Which of `TASKS` and `ACTIVATIONS`.
    seed, epochs, data_dir, as_published
        See `Run`.
    workers : int, optional
        Processes side by side, each on one thread; None for one a core.
    progress : bool, optional
        Show a bar that counts records.

    Returns
    -------
    results : list of Result
        Of the runs that are finished, in the order of tasks and activations.
    failures : list of minifnn.sweep.Outcome
        Of the runs that failed, each with its error.

    Examples
    --------
    >>> import tempfile
    >>> from minifnn.paper import reproduce
    >>> with tempfile.TemporaryDirectory() as out:
    ...     results, failures = reproduce(
    ...         out, ["linear-10"], ["esp", "relu"], epochs=20, workers=1, progress=False
    ...     )
    >>> [result.run.name for result in results], failures
    (['linear-10_esp_seed-0', 'linear-10_relu_seed-0'], [])
    """
    data_dir = None if data_dir is None else str(check_path("data_dir", data_dir))
    tasks = check_list("tasks", tasks, str)
    activations = check_list("activations", activations, str)
    runs = [
        Run(task, activation, seed, epochs, data_dir, as_published)
        for task in tasks
        for activation in activations
    ]
    for run in runs:
        run.data()  # what is wrong with the data is said before anything is run
    workers = (os.cpu_count() or 1) if workers is None else check_count("workers", workers)
    with runs_of(out) as folder:
        todo = [run for run in runs if result_from_file(run, folder) is None]
        # the longest first, so that no worker is left with one at the end
        todo.sort(key=lambda run: -TASKS[run.task].sizes[0])
        workers = min(workers, max(len(todo), 1))
        with worker_processes(workers) as executor, _bar(todo, executor, progress) as tell:
            outcomes = sweep(partial(run_to_file, folder=folder, tell=tell), todo, executor)
        results = [result_from_file(run, folder) for run in runs]
    failures = [outcome for outcome in outcomes if outcome.error is not None]
    return [result for result in results if result is not None], failures


@contextmanager
def runs_of(out: PathLike) -> Iterator[Path]:
    """Yield the folder for the runs below `out`, for this call alone.

    What killed processes left there is deleted.

    Examples
    --------
    >>> import tempfile
    >>> from minifnn.paper import runs_of
    >>> with tempfile.TemporaryDirectory() as out, runs_of(out) as folder:
    ...     print(folder.name)
    runs
    """
    with alone_in(out):
        folder = folder_for_runs(out)
        try:
            remove_leftovers(folder)
            yield folder
        finally:
            remove_leftovers(folder)


def folder_for_runs(out: PathLike) -> Path:
    """Make the folder for the runs, refusing one with files of somebody else.

    Parameters
    ----------
    out : path-like

    Returns
    -------
    Path
        ``out/runs``.

    Raises
    ------
    FileExistsError
        If `out` is a file, or has files that minifnn did not write.

    Examples
    --------
    >>> import tempfile
    >>> from minifnn.paper import folder_for_runs
    >>> with tempfile.TemporaryDirectory() as out:
    ...     folder_for_runs(out).name
    'runs'
    """
    folder = own_folder(out) / "runs"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def _bar(todo, executor, progress):
    """Yield tell(n), callable from any worker, which moves one bar over all records."""
    if not progress or not todo:
        yield None
        return
    from tqdm import tqdm  # here, so that importing minifnn stays quick

    total = sum(len(recorded_epochs(run.n_epochs)) for run in todo)
    about = {"desc": f"{len(todo)} runs", "unit": "record", "file": sys.stderr}
    with tqdm(total=total, smoothing=0.05, **about) as bar:
        if executor is None:
            yield bar.update
            return
        manager = SyncManager(ctx=get_context("spawn"))
        manager.start(_end_with_parent)
        with manager:
            queue = manager.Queue()
            thread = threading.Thread(target=_drain, args=(queue, bar), daemon=True)
            thread.start()
            try:
                yield queue.put
            finally:
                queue.put(None)
                thread.join()


def _drain(queue, bar):
    """Move the bar by what comes through the queue, until None comes."""
    for n in iter(queue.get, None):
        bar.update(n)
