"""The published protocol from many starts, and a table of what came out.

One configuration (task, activation, beta, rate, seed) is one run, with a random
stream of its own, written whole into a file of its own. A run whose file is
there is not run again, so a sweep that was stopped goes on, on this machine or
on another that sees the folder. Where the runs are done is an executor's
business: here, in processes, on a Dask cluster.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ..._util.files import write_text
from ..._util.threads import one_thread
from ..._util.typing import Array, PathLike
from ..._util.validation import check_list, check_path
from ...curvature.spectrum import Spectrum, inertia
from ...curvature.theorems import most_negative, structural_zeros
from ...hessian import hessian
from ..paper import (
    ACTIVATIONS,
    BETAS,
    RATE,
    TASKS,
    Result,
    Run,
    result_from_file,
    run_to_file,
    runs_of,
)
from ..sweep import Outcome, sweep

PLANE = tuple(task for task in TASKS if TASKS[task].sizes[0] == 2)
ATTEMPTS = 3  # with a new pool of processes, if one of them died
QUARTILES = (25, 50, 75)
EARLY = (11, 51, 101)  # recorded epochs of which starts.csv keeps the cost
SMALL = 300  # parameters up to which the nonsymmetric eigensolver is quick
ABOUT = ("data", "task", "activation", "beta", "rate")
ORDER = {
    "data": ("generated", "authors"),
    "task": tuple(TASKS),
    "activation": ACTIVATIONS,
    "beta": BETAS,
}
CURVES = ("cost", "alpha", "alpha_most", "gamma", "flat_1e-3", "zero_residuals")


def configurations(
    tasks: Iterable[str] = PLANE,
    activations: Iterable[str] = ACTIVATIONS,
    seeds: Iterable[int] = range(100),
    betas: Sequence[str] = ("published",),
    rates: Iterable[float] = (RATE,),
    epochs: int | None = None,
    data_dir: PathLike | None = None,
    as_published: bool = False,
) -> list[Run]:
    """Return a Run for every combination, the longest first.

    Parameters
    ----------
    tasks, activations, seeds, betas, rates : sequence, optional
        See `minifnn.paper.Run`. What is the published way under another name
        (ReLU with beta fixed at 1) is left out.
    epochs, data_dir, as_published : optional
        Of every run.

    Returns
    -------
    list of minifnn.paper.Run

    Examples
    --------
    >>> from minifnn.starts import configurations
    >>> runs = configurations(["linear-10", "digits"], ["esp", "relu"], seeds=range(3))
    >>> len(runs), runs[0].name, runs[-1].name
    (12, 'digits_esp_seed-0', 'linear-10_relu_seed-2')
    """
    data_dir = None if data_dir is None else str(check_path("data_dir", data_dir).absolute())
    tasks = check_list("tasks", tasks, str)
    activations, betas = (
        check_list("activations", activations, str),
        check_list("betas", betas, str),
    )
    seeds, rates = check_list("seeds", seeds), check_list("rates", rates)
    runs = [
        Run(task, activation, seed, epochs, data_dir, as_published, beta, rate)
        for task, activation, beta, rate, seed in product(tasks, activations, betas, rates, seeds)
        if not (beta == "fixed" and activation != "esp" and "published" in betas)
    ]
    return sorted(runs, key=lambda run: -TASKS[run.task].seconds)


def run_all(
    out: PathLike,
    runs: Sequence[Run],
    executor: Callable[[], AbstractContextManager[Executor | None]] | None = None,
    progress: bool = True,
) -> list[Outcome]:
    """Do every run that is not done yet, each into a file of ``out/runs``.

    Parameters
    ----------
    out : path-like
        The folder; made if missing.
    runs : list of minifnn.paper.Run
    executor : callable, optional
        A context manager that gives an executor (or None), such as
        ``partial(worker_processes, 2)``. It is called again if a process of its
        died and took the others along. None runs here.
    progress : bool, optional
        Show a bar with an estimate of the time left.

    Returns
    -------
    list of minifnn.sweep.Outcome
        Of the runs that failed, each with its error.

    Raises
    ------
    ValueError
        If the folder has a run of the same name with other settings, or a damaged one.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.starts import configurations, run_all
    >>> runs = configurations(["linear-10"], ["esp"], seeds=range(2), epochs=20)
    >>> with tempfile.TemporaryDirectory() as out:
    ...     failures = run_all(out, runs, progress=False)
    ...     files = sorted(path.name for path in Path(out, "runs").iterdir())
    >>> failures, files
    ([], ['linear-10_esp_seed-0.npz', 'linear-10_esp_seed-1.npz'])
    """
    runs = check_list("runs", runs, Run)
    for run in dict.fromkeys(Run(run.task, "esp", data_dir=run.data_dir) for run in runs):
        run.data()  # what is wrong with the data is said before anything is run
    with runs_of(out) as folder:
        return _run_all(folder, runs, executor, progress)


def _run_all(folder, runs, executor, progress):
    """Do every run that is not done yet, in a folder that is this call's alone."""
    # a file of a run with other settings is refused here, not after hours of others
    todo, failures = [run for run in runs if result_from_file(run, folder) is None], []
    with _bar(todo, len(runs), progress) as tell:
        for attempt in range(ATTEMPTS):
            with (executor or nullcontext)() as workers:
                outcomes = sweep(partial(_one_run, folder=folder), todo, workers, tell)
            died = [o.config for o in outcomes if isinstance(o.error, BrokenExecutor)]
            again = died if attempt < ATTEMPTS - 1 else []
            failures += [o for o in outcomes if o.error and o.config not in again]
            todo = again
            if not todo:
                break
    return failures + _lost(runs, failures, folder)


def _one_run(run, folder):
    """Do one run on one thread: as many go side by side as there are processors."""
    with one_thread():
        run_to_file(run, folder)


def _lost(runs, failures, folder):
    """Runs that ended well, but left no file here."""
    failed = {outcome.config for outcome in failures}
    error = FileNotFoundError(f"the run ended, but its file is not in {folder}: is that shared?")
    return [
        Outcome(run, error=error)
        for run in runs
        if run not in failed and not (folder / f"{run.name}.npz").exists()
    ]


@contextmanager
def _bar(todo, n_runs, progress):
    """Yield tell(outcome), which moves a bar by about the seconds that the run was worth."""
    if not progress or not todo:
        yield None
        return
    from tqdm import tqdm  # here, so that importing minifnn stays quick

    done = n_runs - len(todo)
    look = "{desc}: {percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left"
    total = sum(TASKS[run.task].seconds for run in todo)
    with tqdm(total=total, desc=f"{done} of {n_runs} runs", bar_format=look) as bar:

        def tell(outcome):
            nonlocal done
            if isinstance(outcome.error, BrokenExecutor):
                return
            done += 1
            bar.set_description_str(f"{done} of {n_runs} runs", refresh=False)
            bar.update(TASKS[outcome.config.task].seconds)

        yield tell


# ------------------------------------------------------------------------ tables


def summary(result: Result) -> dict[str, Any]:
    """Return what one run came to.

    Costs are in nats: at the last record, at the epochs of `EARLY`, and `silence`,
    what it costs to say the same to every sample.
    `alpha` to `alpha_most` is the interval that rounding leaves, `inertia_agrees`
    says whether LDL^T counts the same, `signs` is the fraction below 0 in the
    published way (any sign, a nonsymmetric solver; of small networks only), and
    `bound` how many eigenvalues may be negative by theorem. `to_half` and
    `to_tenth` are the first recorded epochs with a cost of at most a half and a
    tenth of silence, empty if never reached.

    Parameters
    ----------
    result : minifnn.paper.Result

    Returns
    -------
    dict
        A row of starts.csv.

    Examples
    --------
    >>> from minifnn.paper import Result, Run
    >>> from minifnn.starts import summary
    >>> run = Run("linear-10", "esp", epochs=60)
    >>> row = summary(Result(run, *run.train(), seconds=0.1))
    >>> row["cost_51"] < row["cost_11"] < row["silence"], row["cost_101"]
    (True, None)
    """
    history, run, net = result.history, result.run, result.net
    data = run.data()
    s = Spectrum(history["eigenvalues"][-1], float(history["tolerance"][-1]))
    zeros = structural_zeros(net, data.X_train, data.Y_train)
    cost = net.loss(data.X_train, data.Y_train)
    silence = cost_of_silence(data.Y_train)
    residual = np.abs(net.predict(data.X_train) - data.Y_train)
    H = hessian(net, data.X_train, data.Y_train)
    return {
        **_configuration(run),
        "parameters": net.n_parameters,
        "cost": cost,
        "silence": silence,
        **{f"cost_{epoch}": _cost_at(history, epoch) for epoch in EARLY},
        "to_half": _first_epoch(history, silence / 2),
        "to_tenth": _first_epoch(history, silence / 10),
        "train_accuracy": net.score(data.X_train, data.Y_train),
        "test_accuracy": net.score(data.X_test, data.Y_test),
        "zero_residuals": float(np.mean(residual <= 1e-5)),
        "alpha": s.alpha_bounds[0],
        "alpha_most": s.alpha_bounds[1],
        "inertia_agrees": _inertia_agrees(H, s),
        "signs": float(np.mean(np.linalg.eigvals(H).real < 0)) if len(H) < SMALL else None,
        "bound": most_negative(net, data.X_train),
        "gamma": s.gamma,
        "flat_1e-6": float(s.flat(1e-6)),
        "flat_1e-3": float(s.flat(1e-3)),
        "dead": zeros.dead / net.n_parameters,
        "gauges": zeros.gauge,
        "sharpness": s.sharpness,
    }


def _configuration(run):
    """The columns that name a run."""
    return {
        "data": "generated" if run.data_dir is None else "authors",
        "task": run.task,
        "activation": run.activation,
        "beta": run.beta,
        "rate": run.rate,
        "seed": run.seed,
    }


def cost_of_silence(Y: Array) -> float:
    """Return the least mean cross-entropy (nats) of an output that is the same for all samples.

    Parameters
    ----------
    Y : ndarray, shape (N, K)
        Targets, 0 to 1.

    Returns
    -------
    float

    Examples
    --------
    A coin costs ln 2, a target that never changes costs nothing.

    >>> import numpy as np
    >>> from minifnn.starts import cost_of_silence
    >>> round(cost_of_silence(np.array([[0.0], [1.0]])), 4)
    0.6931
    >>> round(cost_of_silence(np.zeros((2, 1))), 4)
    0.0
    """
    q = np.clip(Y.mean(axis=0), 1e-300, 1 - 1e-16)
    return float(-np.mean(q * np.log(q) + (1 - q) * np.log1p(-q)))


def _cost_at(history, epoch):
    recorded = history["epoch"] == epoch
    return float(history["loss"][recorded][0]) if recorded.any() else None


def _first_epoch(history, cost):
    reached = np.flatnonzero(history["loss"] <= cost)
    return int(history["epoch"][reached[0]]) if reached.size else None


def _inertia_agrees(H, s):
    """Does L D L^T of H + tau and H - tau count as many negative eigenvalues?"""
    counts = (inertia(H, shift).negative / len(H) for shift in (-s.tolerance, s.tolerance))
    return tuple(counts) == s.alpha_bounds


def curves(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return the quartiles over seeds at each record.

    Parameters
    ----------
    results : list of minifnn.paper.Result
        Of runs that differ in their seed only.

    Returns
    -------
    list of dict
        The rows of curves.csv.

    Examples
    --------
    >>> from minifnn.paper import Result, Run
    >>> from minifnn.starts import curves
    >>> runs = [Run("linear-10", "esp", seed, epochs=20) for seed in range(3)]
    >>> rows = curves([Result(run, *run.train(), seconds=0.1) for run in runs])
    >>> [row["epoch"] for row in rows], bool(rows[0]["cost_25"] <= rows[0]["cost_75"])
    ([0, 11], True)
    """
    histories = [result.history for result in results]
    columns: dict[str, list] = {
        "cost": [h["loss"] for h in histories],
        "alpha": [h["alpha_bounds"][:, 0] for h in histories],
        "alpha_most": [h["alpha_bounds"][:, 1] for h in histories],
        "gamma": [h["gamma"] for h in histories],
        "flat_1e-3": [[Spectrum(e, 0.0).flat(1e-3) for e in h["eigenvalues"]] for h in histories],
        "zero_residuals": [h["zero_residuals"] for h in histories],
    }
    quartiles = {name: np.percentile(columns[name], QUARTILES, axis=0) for name in CURVES}
    about = _configuration(results[0].run)
    del about["seed"]
    return [
        about
        | {"epoch": int(epoch), "seeds": len(results)}
        | {f"{name}_{q}": quartiles[name][k, i] for name in CURVES for k, q in enumerate(QUARTILES)}
        for i, epoch in enumerate(histories[0]["epoch"])
    ]


def write_tables(out: PathLike, runs: Sequence[Run]) -> int:
    """Write starts.csv and curves.csv, adding the runs that are done to what is there.

    One row of starts.csv is a run. curves.csv has the quartiles over seeds of what
    was run as published, with its betas and its rate.

    Parameters
    ----------
    out : path-like
        A folder that `run_all` has filled.
    runs : list of minifnn.paper.Run

    Returns
    -------
    int
        How many of the runs are done.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.starts import configurations, read_table, run_all, write_tables
    >>> runs = configurations(["linear-10"], ["esp"], seeds=range(2), epochs=20)
    >>> with tempfile.TemporaryDirectory() as out:
    ...     failures = run_all(out, runs, progress=False)
    ...     n = write_tables(out, runs)
    ...     rows = read_table(Path(out) / "starts.csv")
    >>> n, [row["seed"] for row in rows]
    (2, ['0', '1'])
    """
    runs = check_list("runs", runs, Run)
    with runs_of(out) as folder:
        return _write_tables(Path(out), folder, runs)


def _write_tables(out, folder, runs):
    groups: dict[tuple, list[Run]] = {}
    for run in runs:
        groups.setdefault(tuple(_configuration(run).values())[:-1], []).append(run)
    rows, bands = [], []
    for group in groups.values():
        found = (result_from_file(run, folder) for run in sorted(group, key=lambda r: r.seed))
        results = [result for result in found if result is not None]
        rows += [summary(result) for result in results]
        as_published = group[0].beta == "published" and group[0].rate == RATE
        bands += curves(results) if results and as_published else []
    _add_to_table(out / "starts.csv", rows, (*ABOUT, "seed"))
    _add_to_table(out / "curves.csv", bands, (*ABOUT, "epoch"))
    return len(rows)


def _add_to_table(path, rows, key):
    """Put rows into a CSV in place of those with the same key, in the order of the key."""

    def place(row):
        return [ORDER[name].index(row[name]) if name in ORDER else float(row[name]) for name in key]

    rows = [{name: _text(value) for name, value in row.items()} for row in rows]
    table = {tuple(row[name] for name in key): row for row in [*read_table(path), *rows]}
    names = {tuple(row) for row in table.values()}
    if len(names) > 1:
        raise ValueError(f"{path} has other columns than this version writes; move it away")
    text = io.StringIO()
    writer = csv.DictWriter(text, names.pop() if names else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(table.values(), key=place))
    write_text(path, text.getvalue())


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of dict of str to str
        Empty if there is no file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.starts import read_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.csv"
    ...     _ = path.write_text("seed,cost\\n0,0.7\\n")
    ...     read_table(path)
    [{'seed': '0', 'cost': '0.7'}]
    """
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _text(value):
    """A value as it stands in a table: numbers to five digits, nothing for None."""
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)
