"""The published experiments (arXiv:1805.08786), run again.

Five networks, each with hidden units that are all ESP, all ReLU or all sigmoid (and, not
published, all tanh), trained on full batches by Adam with a decaying rate; at every recorded
epoch the exact Hessian and its eigenvalues. Each run is a file in a folder: one that is there
is not run again, and a run that was interrupted goes on from its checkpoint.
"""

import csv
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from .. import datasets, losses
from .._util.archives import read_arrays, write_arrays
from .._util.checkpoint import check_records, history_arrays
from .._util.files import lock_directory, make_folder, naming, write_text
from .._util.progress import progress_bar
from .._util.threads import one_thread
from .._util.typing import Array, PathLike
from .._util.validation import (
    check_choice,
    check_count,
    check_flag,
    check_list,
    check_number,
    check_path,
)
from ..curvature.operator import hvp
from ..curvature.spectrum import Spectrum
from ..initialise import mlp
from ..network import Network
from ..optimise import Adam
from ..train import History, recorded_epochs, train
from .sweep import Outcome, sweep, worker_processes

ACTIVATIONS = ("esp", "relu", "sigmoid", "tanh")
BETAS = ("published", "fixed", "output", "hidden", "trained")
INITS = ("xavier", "he", "one-stream")
EARLY = (11, 51, 101, 201, 501)  # recorded epochs of a run without curvature, before its end
BETA_STD = 0.004  # published: trained betas start from N(0, 0.004^2)
RATE = 0.01
RUN_KIND = "minifnn run 3"
ATTEMPTS = 3  # with new processes, if one of them died


class Task(NamedTuple):
    """One of the five published settings; `seconds` is about what a run of it takes."""

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
    """The published numbers of the last record of a run."""

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


class OneClass(Network):
    """Of its sigmoids the largest counts, as published: a digit is right or wrong as a whole."""

    def score_of(self, o: Array, Y: Array) -> float:
        """The share of samples whose largest output is that of the target."""
        return losses.score("softmax", o, Y)


@dataclass(frozen=True)
class Run:
    """One configuration: everything that decides its result.

    A `task` of `TASKS` and the `activation` of all hidden units; the `seed` of the initial
    weights; `epochs`, None for the published number; `data_dir`, the folder with the authors'
    Lindata.mat and NLdata.mat, None for data generated from `data_seed`; `as_published` for the
    authors' own encoding of the digits; the first `rate` of Adam. `beta` is "published" (trained
    from N(0, 0.004^2) in ESP networks, 1 in the others), "fixed" at 1, or trained from 1: the
    "output"'s, the "hidden" ones, or both, "trained" (never ReLU's hidden ones, which it ignores).
    `init` is "xavier", "he", or "one-stream", as the authors' code has it; `widths` are those of
    the hidden layers, None for the task's. Without `curvature` it records `EARLY` and the end.

    >>> run = Run("nonlinear-10", "esp", seed=3)
    >>> run.name, run.n_epochs
    ('nonlinear-10_esp_seed-3', 2300)
    """

    task: str
    activation: str
    seed: int = 0
    epochs: int | None = None
    data_dir: str | None = None
    as_published: bool = False
    beta: str = "published"
    rate: float = RATE
    init: str = "xavier"
    widths: tuple[int, ...] | None = None
    data_seed: int = 0
    curvature: bool = True

    def __post_init__(self) -> None:
        check_choice("task", self.task, TASKS)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("beta", self.beta, BETAS)
        check_choice("init", self.init, INITS)
        check_count("seed", self.seed, at_least=0)
        if self.epochs is not None:
            check_count("epochs", self.epochs)
        check_number("rate", self.rate, above=0)
        check_flag("as_published", self.as_published)
        if self.data_dir is not None:
            check_path("data_dir", self.data_dir)

    @property
    def name(self) -> str:
        """The name of its files: the task, the activation, what is not as published, the seed."""
        parts = [self.task, self.activation]
        parts += [] if self.beta == "published" else [f"beta-{self.beta}"]
        parts += [] if self.rate == RATE else [f"rate-{self.rate:g}"]
        parts += [] if self.init == "xavier" else [self.init]
        parts += [] if self.widths is None else ["-".join(map(str, self.widths))]
        parts += [] if self.data_seed == 0 else [f"data-{self.data_seed}"]
        parts += [] if self.data_dir is None else ["authors-data"]
        return "_".join([*parts, f"seed-{self.seed}"])

    @property
    def n_epochs(self) -> int:
        """How many epochs it trains."""
        return TASKS[self.task].epochs if self.epochs is None else self.epochs

    def network(self) -> Network:
        """Return the network before training."""
        inputs, *hidden, outputs = TASKS[self.task].sizes
        sizes = (inputs, *(hidden if self.widths is None else self.widths), outputs)
        published = self.beta == "published" and self.activation == "esp"
        below = self.activation != "relu" and (published or self.beta in ("hidden", "trained"))
        net = mlp(
            sizes,
            hidden=self.activation,
            init="he" if self.init == "he" else "xavier",
            beta=("normal", BETA_STD) if published else 1.0,
            trainable_beta=[below] * (len(sizes) - 2)
            + [published or self.beta in ("output", "trained")],
            seed=self.seed,
        )
        for dense, _ in net.layers if self.init == "one-stream" else ():
            limit, shape = np.sqrt(6 / sum(dense.W.shape)), dense.W.T.shape  # (units, inputs)
            dense.W[:] = np.random.default_rng(self.seed).uniform(-limit, limit, shape).T
        return net if sizes[-1] == 1 else OneClass(*net.__reduce__()[1])

    def data(self) -> datasets.Dataset:
        """Return the data set that it trains on."""
        return _data(TASKS[self.task].data, self.data_dir, self.as_published, self.data_seed)

    def train(self, checkpoint: PathLike | None = None) -> tuple[Network, History]:
        """Return the trained network and its history; `checkpoint` as in `minifnn.train`."""
        net, data = self.network(), self.data()
        history = train(
            net,
            data.X_train,
            data.Y_train,
            epochs=self.n_epochs,
            optimizer=Adam(self.rate, decay=(0.9, 500)),
            X_test=data.X_test,
            Y_test=data.Y_test,
            record=recorded_epochs(self.n_epochs) if self.curvature else self._early_and_end(),
            curvature=self.curvature,
            checkpoint=checkpoint,
        )
        return net, history

    def _early_and_end(self):
        return [*(epoch for epoch in EARLY if epoch < self.n_epochs - 1), self.n_epochs - 1]


@cache
def _data(name, data_dir, as_published, seed):
    if name == "digits":
        return datasets.digits(as_published=as_published)
    if data_dir is None:
        return getattr(datasets, name)(seed=seed)
    split = {"linear": ("Lindata.mat", 0.25, 5), "nonlinear": ("NLdata.mat", 0.2, 0)}
    file, test_size, random_state = split[name]
    found = sorted(check_path("data_dir", data_dir).rglob(file))
    if not found:
        raise FileNotFoundError(f"data_dir: expected a folder with {file}, got {data_dir!r}")
    return datasets.from_mat(found[0], test_size, random_state)


class Result(NamedTuple):
    """A finished run: the trained network, its history, and the seconds that it took."""

    run: Run
    net: Network
    history: History
    seconds: float

    @property
    def spectrum(self) -> Spectrum:
        """The eigenvalues of the last record."""
        return Spectrum(self.history["eigenvalues"][-1], float(self.history["tolerance"][-1]))


@cache
def compile_kernels() -> None:
    """Compile, or load from the cache, what all runs need, so that no clock or bar counts it."""
    net, data = mlp([2, 60, 1]), datasets.nonlinear()  # so large that threads pay
    train(net, data.X_train, data.Y_train, 1, curvature=True)
    hvp(net, data.X_train, data.Y_train, net.theta)


def run_to_file(run: Run, folder: PathLike) -> None:
    """Train one run into ``folder/<name>.npz``, going on from its checkpoint if there is one.

    A run that is finished is not run again.
    """
    if result_from_file(run, folder) is not None:
        return
    compile_kernels()
    began = time.perf_counter()
    checkpoint = _path(run, folder).with_suffix(".checkpoint.npz")
    with one_thread():  # as many run side by side as there are processors
        _, history = run.train(checkpoint)
    took = time.perf_counter() - began
    about = {"kind": RUN_KIND, "settings": _settings(run), "took": took}
    write_arrays(_path(run, folder), about | history_arrays(history))
    checkpoint.unlink(missing_ok=True)


def result_from_file(run: Run, folder: PathLike) -> Result | None:
    """Return what `run_to_file` wrote for this run into the folder; None if it is not finished.

    A file of other settings, or a damaged one, is a ValueError.
    """
    path = _path(run, folder)
    if not path.exists():
        return None
    arrays = read_arrays(path, RUN_KIND)
    settings = str(arrays.get("settings"))
    if settings != _settings(run):
        raise ValueError(
            f"out: expected a run with {_settings(run)} in {path}, got {settings}; "
            "choose another folder"
        )
    net = run.network()
    with naming(path):
        history = History(*check_records(arrays, net.n_parameters, curvature=run.curvature))
        seconds = float(arrays["took"])
        net.theta = history["theta"][-1]
    return Result(run, net, history, seconds)


def _path(run, folder):
    return check_path("folder", folder) / f"{run.name}.npz"


def _settings(run):
    """All that decides a run's result, as text: the data themselves, not where they are."""
    data = run.data()
    digest = hashlib.sha256(b"".join(a.tobytes() for a in (data.X_train, data.Y_train)))
    settings = asdict(run) | {"epochs": run.n_epochs, "data": digest.hexdigest()[:16]}
    del settings["data_dir"]
    return json.dumps(settings, sort_keys=True)


def write_csv(path: PathLike, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same names, one line per row, as a CSV file at path."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def run_all(
    out: PathLike,
    runs: Sequence[Run],
    executor: Callable[[], AbstractContextManager[Executor | None]] | None = None,
    progress: bool = True,
) -> list[Outcome]:
    """Do all runs that have no file in ``out/runs`` yet; return the outcomes of those that failed.

    `executor` returns a context manager of an Executor, such as ``partial(worker_processes, 2)``.
    It is called again if one of its processes died and took the others along. None runs here.
    `progress` shows a bar with an estimate of the time left.
    """
    runs = check_list("runs", runs, Run)
    for run in runs:
        run.data()  # what is wrong with the data is said before anything is run
    failures: list[Outcome] = []
    with lock_directory(out) as locked:
        folder = make_folder(locked / "runs")
        # a file of other settings is refused here, not after hours of other runs
        todo = [run for run in runs if result_from_file(run, folder) is None]
        todo.sort(key=_seconds, reverse=True)  # else a long one may be left for the end
        if todo:
            compile_kernels()  # once, and then every process finds them in the cache
        with _bar(todo, progress) as bar:
            for attempt in range(1, ATTEMPTS + 1):
                if not todo:
                    break
                with (executor or nullcontext)() as workers:
                    outcomes = sweep(partial(run_to_file, folder=folder), todo, workers, bar)
                died = [o.config for o in outcomes if isinstance(o.error, BrokenExecutor)]
                todo = died if attempt < ATTEMPTS else []
                failures += [o for o in outcomes if o.error and o.config not in todo]
    lost = FileNotFoundError(f"the run ended, but its file is not in {folder}: is it shared?")
    done = {outcome.config for outcome in failures} | {r for r in runs if _path(r, folder).exists()}
    return failures + [Outcome(run, error=lost) for run in runs if run not in done]


def _seconds(run):
    return TASKS[run.task].seconds


@contextmanager
def _bar(todo, progress):
    """Yield on_progress(outcome), which moves a bar by about the seconds that the run took."""
    look = "{desc}: {percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left{postfix}"
    shown, seconds = progress and bool(todo), sum(map(_seconds, todo))
    with progress_bar(shown, seconds, "run", desc=f"{len(todo)} runs", bar_format=look) as advance:

        def on_progress(outcome):
            if not isinstance(outcome.error, BrokenExecutor):  # these are run again
                advance(_seconds(outcome.config), done=outcome.config.name)

        yield on_progress


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
    """Run the published experiments into the folder out, going on with what is there.

    Returns the finished runs in the order of `tasks` and `activations`, and the outcomes of those
    that failed. `seed`, `epochs`, `data_dir` and `as_published` as in `Run`; `workers` processes
    run side by side (one per core if None); `progress` shows a bar.
    """
    data_dir = None if data_dir is None else str(check_path("data_dir", data_dir))
    activations = check_list("activations", activations, str)
    runs = [
        Run(task, activation, seed, epochs, data_dir, as_published)
        for task in check_list("tasks", tasks, str)
        for activation in activations
    ]
    workers = (os.cpu_count() or 1) if workers is None else check_count("workers", workers)
    failures = run_all(out, runs, partial(worker_processes, workers), progress)
    results = [result_from_file(run, check_path("out", out) / "runs") for run in runs]
    return [result for result in results if result is not None], failures
