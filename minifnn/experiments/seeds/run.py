"""The published protocol from many random seeds, and the tables of what came out.

starts.csv has one row per run. curves.csv has one row per recorded epoch: the
quartiles over seeds, of the runs with the published betas and rate.
"""

import csv
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..._util.files import lock_directory
from ..._util.typing import Array, PathLike
from ..._util.validation import check_list, check_path
from ...curvature.spectrum import Spectrum, inertia
from ...curvature.theorems import most_negative, structural_zeros
from ...hessian import hessian
from ..paper import ACTIVATIONS, BETAS, RATE, TASKS, Result, Run, result_from_file, write_csv

PLANE = tuple(task for task in TASKS if TASKS[task].sizes[0] == 2)
PAPER_SETTINGS: dict[str, Any] = {"beta": "published", "rate": RATE}
DATA = ("generated", "authors")
EARLY = (11, 51, 101)  # recorded epochs of which starts.csv has the cost
SMALL = 300  # parameters up to which the nonsymmetric eigensolver is quick
QUARTILES = (25, 50, 75)


class Setting(NamedTuple):
    """What the runs have in common that are compared seed by seed, or summed up over seeds."""

    data: str
    task: str
    activation: str
    beta: str
    rate: float


ORDER = {"data": DATA, "task": tuple(TASKS), "activation": ACTIVATIONS, "beta": BETAS}


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
    """Return a Run for every combination of tasks, activations, seeds, betas and rates.

    `epochs`, `data_dir` and `as_published` are those of every run. What is the published setting
    under another name (beta fixed at 1, but in ESP networks) is left out.
    """
    data_dir = None if data_dir is None else str(check_path("data_dir", data_dir).absolute())
    return [
        Run(task, activation, seed, epochs, data_dir, as_published, beta, rate)
        for task, activation, beta, rate, seed in product(tasks, activations, betas, rates, seeds)
        if not (beta == "fixed" and activation != "esp" and "published" in betas)
    ]


def summary(result: Result) -> dict[str, Any]:
    """Return what one run came to: its row of starts.csv.

    Costs are in nats: of the last record, of the epochs in `EARLY`, and as `silence` the cost of
    a constant predictor. `to_half` and `to_tenth` are the first recorded epochs with a cost of at
    most a half and a tenth of that, None if never reached. `alpha` to `alpha_most` is the interval
    that rounding leaves, `inertia_agrees` says whether L D L^T counts the same, `signs` is the
    fraction of negative eigenvalues as published (any sign, a nonsymmetric solver; of small
    networks only), and `bound` how many may be negative by theorem.
    """
    history, net, s, data = result.history, result.net, result.spectrum, result.run.data()
    X, Y = data.X_train, data.Y_train
    H, zeros, constant = hessian(net, X, Y), structural_zeros(net, X, Y), constant_predictor_loss(Y)
    counts = (inertia(H, shift).negative / len(H) for shift in (-s.tolerance, s.tolerance))
    return {
        **_setting(result.run)._asdict(),
        "seed": result.run.seed,
        "parameters": net.n_parameters,
        "cost": net.loss(X, Y),
        "silence": constant,
        **{f"cost_{epoch}": _cost_at(history, epoch) for epoch in EARLY},
        "to_half": _first_epoch(history, constant / 2),
        "to_tenth": _first_epoch(history, constant / 10),
        "train_accuracy": net.score(X, Y),
        "test_accuracy": net.score(data.X_test, data.Y_test),
        "zero_residuals": float(np.mean(np.abs(net.predict(X) - Y) <= 1e-5)),
        "alpha": s.alpha_bounds[0],
        "alpha_most": s.alpha_bounds[1],
        "inertia_agrees": tuple(counts) == s.alpha_bounds,
        "signs": float(np.mean(np.linalg.eigvals(H).real < 0)) if len(H) < SMALL else None,
        "bound": most_negative(net, X),
        "gamma": s.gamma,
        "flat_1e-6": float(s.flat(1e-6)),
        "flat_1e-3": float(s.flat(1e-3)),
        "dead": zeros.dead / net.n_parameters,
        "gauges": zeros.gauge,
        "sharpness": s.sharpness,
    }


def _setting(run):
    data = "generated" if run.data_dir is None else "authors"
    return Setting(data, run.task, run.activation, run.beta, run.rate)


def constant_predictor_loss(Y: Array) -> float:
    """Return the least mean cross-entropy (nats) of predictions that ignore the input.

    Y has shape (N, K). The best constant of an output is the mean p of its targets, so an
    output whose targets never change costs nothing, and one of a fair coin ln 2.
    """
    p = np.clip(Y.mean(axis=0), 1e-300, 1 - 1e-16)
    return float(-np.mean(p * np.log(p) + (1 - p) * np.log1p(-p)))


def _cost_at(history, epoch):
    recorded = history["epoch"] == epoch
    return float(history["loss"][recorded][0]) if recorded.any() else None


def _first_epoch(history, cost):
    reached = np.flatnonzero(history["loss"] <= cost)
    return int(history["epoch"][reached[0]]) if reached.size else None


def _curves(results):
    """The rows of curves.csv from runs that differ only in their seed."""
    histories = [result.history for result in results]
    columns = {
        "cost": [h["loss"] for h in histories],
        "alpha": [h["alpha_bounds"][:, 0] for h in histories],
        "alpha_most": [h["alpha_bounds"][:, 1] for h in histories],
        "gamma": [h["gamma"] for h in histories],
        "flat_1e-3": [[Spectrum(e, 0.0).flat(1e-3) for e in h["eigenvalues"]] for h in histories],
        "zero_residuals": [h["zero_residuals"] for h in histories],
    }
    rows = []
    for i, epoch in enumerate(histories[0]["epoch"]):
        row = {**_setting(results[0].run)._asdict(), "epoch": int(epoch), "seeds": len(results)}
        for name, curves in columns.items():
            quartiles = np.percentile([curve[i] for curve in curves], QUARTILES)
            row |= {f"{name}_{q}": value for q, value in zip(QUARTILES, quartiles)}
        rows.append(row)
    return rows


def write_tables(out: PathLike, runs: Sequence[Run]) -> int:
    """Add the runs that are done to starts.csv and curves.csv in the folder out.

    `out` is a folder that `run_all` has filled. Returns how many of the runs are done.
    """
    groups: dict[Setting, list[Run]] = {}
    for run in check_list("runs", runs, Run):
        groups.setdefault(_setting(run), []).append(run)
    ends, curves = [], []
    with lock_directory(out) as folder:
        for setting, group in groups.items():
            found = [result_from_file(run, folder / "runs") for run in group]
            results = [result for result in found if result is not None]
            ends += [summary(result) for result in results]
            if results and {"beta": setting.beta, "rate": setting.rate} == PAPER_SETTINGS:
                curves += _curves(results)
        _add_to_table(folder / "starts.csv", ends, (*Setting._fields, "seed"))
        _add_to_table(folder / "curves.csv", curves, (*Setting._fields, "epoch"))
    return len(ends)


def _add_to_table(path, rows, key):
    """Put rows into a CSV in place of those with the same key, in the order of the key."""

    def place(row):
        return [ORDER[name].index(row[name]) if name in ORDER else float(row[name]) for name in key]

    rows = [{name: _text(value) for name, value in row.items()} for row in rows]
    table = {tuple(row[name] for name in key): row for row in [*read_rows(path), *rows]}
    if len({tuple(row) for row in table.values()}) > 1:
        raise ValueError(f"{path} has other columns than this version writes; move it away")
    write_csv(path, sorted(table.values(), key=place))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of the CSV file at path by column; none if there is no file."""
    return list(csv.DictReader(path.read_text("utf-8").splitlines())) if path.exists() else []


def _text(value):
    """A value as it stands in a table: numbers to five digits, nothing for None."""
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)
