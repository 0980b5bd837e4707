"""Many random seeds, by a plan that is written down before it is run, and what came out.

seeds.csv has one row per setting. A column of it has one number per seed, or one number
where all seeds have the same.
"""

import csv
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..._util.files import lock_directory, naming
from ..._util.typing import Array, PathLike
from ..._util.validation import check_list, check_path, expect
from ...curvature.spectrum import hessian_error, inertia, spectrum
from ...curvature.theorems import most_negative, structural_zeros
from ...hessian import hessian
from ...initialise import mlp
from ...network import Network
from ..paper import (
    ACTIVATIONS,
    EARLY,
    RATE,
    TASKS,
    Result,
    Run,
    result_from_file,
    run_all,
    write_csv,
)
from ..sweep import Outcome, sweep

PLANE = tuple(task for task in TASKS if TASKS[task].sizes[0] == 2)
SMALL = 300  # parameters up to which the nonsymmetric eigensolver is quick


class Setting(NamedTuple):
    """What runs have in common that are compared seed by seed, or summed up over seeds."""

    block: str
    data: str
    task: str
    activation: str
    beta: str = "published"
    rate: float = RATE
    init: str = "xavier"
    widths: str = ""


@dataclass(frozen=True)
class Block:
    """A part of a plan: every combination of what it lists, from `seeds` (first, last).

    `data` are "generated" (from seed 0), "generated-1" (from 1), ..., or "authors"; `widths` and
    the rest as in `Run`. Where `rates` are given, each combination is trained at the published
    rate and at the one of these whose median end cost is lowest over the `tuning` seeds.
    `spectra` computes the Hessian at the end.
    """

    name: str
    seeds: tuple[int, int]
    tasks: Sequence[str] = PLANE
    data: Sequence[str] = ("generated",)
    activations: Sequence[str] = ACTIVATIONS
    betas: Sequence[str] = ("published",)
    inits: Sequence[str] = ("xavier",)
    widths: Sequence[Sequence[int] | None] = (None,)
    rates: Sequence[float] = ()
    tuning: tuple[int, int] = (0, -1)
    spectra: bool = False
    epochs: int | None = None
    as_published: bool = False

    def cells(self, data_dir: PathLike | None = None) -> Iterator[tuple[Setting, Run]]:
        """Yield each combination, at the published rate, with its run of seed 0."""
        given = None if data_dir is None else str(check_path("data_dir", data_dir).absolute())
        names = self.data, self.tasks, self.widths, self.activations, self.betas, self.inits
        for data, task, widths, activation, beta, init in product(*names):
            kind, _, seed = data.partition("-")
            expect(kind in ("generated", "authors"), "data", "generated or authors", data)
            if kind == "authors" and given is None:
                continue
            run = Run(
                task,
                activation,
                epochs=self.epochs,
                data_dir=given if kind == "authors" else None,
                as_published=self.as_published,
                beta=beta,
                init=init,
                widths=None if widths is None else tuple(widths),
                data_seed=int(seed or 0),
                curvature=False,
            )
            shape = "" if widths is None else "-".join(map(str, widths))
            yield Setting(self.name, data, task, activation, beta, RATE, init, shape), run

    def tuned(self, setting: Setting, rate: float) -> Setting:
        """Return the setting of the runs on which a rate is chosen."""
        return setting._replace(block=f"{self.name}, tuning", rate=rate)


def read_plan(path: PathLike) -> list[Block]:
    """Return the blocks of a TOML file: each a table [[block]] with the fields of `Block`."""
    with naming(check_path("plan", path)), open(path, "rb") as file:
        return [Block(**block) for block in tomllib.load(file)["block"]]


def _seeds(run: Run, seeds: Sequence[int], rate: float = RATE) -> list[Run]:
    """The run from each seed, first to last, at this rate."""
    return [replace(run, seed=seed, rate=rate) for seed in range(seeds[0], seeds[1] + 1)]


def carry_out(
    out: PathLike,
    plan: Iterable[Block],
    data_dir: PathLike | None = None,
    executor: Callable[[], AbstractContextManager] | None = None,
    progress: bool = True,
) -> list[Outcome]:
    """Train all that the plan lists and is not done yet, and write seeds.csv into the folder out.

    `executor` and `progress` as in `run_all`. Returns the outcomes of the runs that failed; a
    setting that one of them belongs to is not in the table.
    """
    plan = check_list("plan", plan, Block)
    cells = [(block, *cell) for block in plan for cell in block.cells(data_dir)]
    spectra = {setting for block, setting, _ in cells if block.spectra}
    groups = {setting: _seeds(run, block.seeds) for block, setting, run in cells}
    tried = {
        block.tuned(setting, rate): _seeds(run, block.tuning, rate)
        for block, setting, run in cells
        for rate in block.rates
    }
    failures = _run(out, [*tried.values(), *groups.values()], executor, progress)
    with lock_directory(out) as folder:
        found, own = _rows(tried, folder / "runs", (), executor), {}
    for block, setting, run in cells:
        of_rate = {rate: found.get(block.tuned(setting, rate)) for rate in block.rates}
        medians = {rate: np.median(row["cost"]) for rate, row in of_rate.items() if row}
        if medians:
            best = min(medians, key=lambda rate: medians[rate])
            own[setting._replace(rate=best)] = _seeds(run, block.seeds, best)
    failures += _run(out, own.values(), executor, progress)
    with lock_directory(out) as folder:
        rows = _rows(groups | own, folder / "runs", spectra, executor)
        _write(folder / "seeds.csv", rows | found)
    return failures


def _run(out, groups, executor, progress):
    return run_all(out, list(dict.fromkeys(chain(*groups))), executor, progress)


def _rows(groups, folder, spectra, executor):
    """The columns of each setting whose runs are all finished, {name: array over seeds}."""
    tasks = [(setting, runs, setting in spectra) for setting, runs in groups.items()]
    with (executor if executor and tasks else nullcontext)() as workers:
        outcomes = sweep(partial(_columns, folder=folder), tasks, workers)
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
    return {outcome.config[0]: outcome.value for outcome in outcomes if outcome.value}


def _columns(task, folder):
    """The columns of one setting; None if one of its runs is not finished."""
    setting, runs, spectra = task
    results = [result for run in runs if (result := result_from_file(run, folder))]
    if len(results) < len(runs):
        return None
    tuning = setting.block.endswith(", tuning")
    made = [summary(result, tuning, spectra) for result in results]
    return {name: np.array([one[name] for one in made]) for name in made[0]}


def summary(result: Result, tuning: bool = False, spectra: bool = False) -> dict[str, float]:
    """Return what one run came to: what seeds.csv has of it, of a tuning run its cost only.

    Costs are in nats: at the end, and as `silence` that of a constant predictor; with `spectra`
    also at the epochs in `EARLY`, before a step. `alpha` to `alpha_most` is the interval that
    rounding leaves, `inertia_agrees` says whether L D L^T counts the same, `signs` is the fraction
    of negative eigenvalues as published (any sign, a nonsymmetric solver; of small networks only),
    and `bound` how many may be negative by theorem.
    """
    net, data = result.net, result.run.data()
    X, Y = data.X_train, data.Y_train
    row: dict[str, Any] = {"seed": result.run.seed, "cost": net.loss(X, Y)}
    if tuning:
        return row
    row |= {"parameters": net.n_parameters, "silence": constant_predictor_loss(Y)}
    end = {name: result.history[name][-1] for name in ("test_score", "zero_residuals")}
    row |= {"train_accuracy": net.score(X, Y), "test_accuracy": end["test_score"]}
    row |= {"zero_residuals": end["zero_residuals"]}
    if not spectra:
        return row
    epochs, losses = result.history["epoch"].tolist(), result.history["loss"]
    row |= {f"cost_{e}": losses[epochs.index(e)] for e in EARLY if e in epochs[:-1]}
    return row | _curvature(net, X, Y)


def _curvature(net, X, Y):
    """What a row of seeds.csv says about the Hessian; `error` is a share of P eps |H|."""
    H, dead, bound = hessian(net, X, Y), structural_zeros(net, X, Y).dead, most_negative(net, X)
    error = hessian_error(net, X, Y)
    s = spectrum(H, error)
    counts = (inertia(H, shift).negative / len(H) for shift in (-s.tolerance, s.tolerance))
    signs = np.mean(np.linalg.eigvals(H).real < 0) if len(H) < SMALL else np.nan
    row = {"inertia_agrees": tuple(counts) == s.alpha_bounds, "signs": signs}
    row |= {"bound": np.nan if bound is None else bound, "dead": dead / len(H)}
    row |= {"error": error / (len(H) * np.finfo(float).eps * s.norm), "gamma": s.gamma}
    written = {"": s}
    if len(H) < SMALL and net.hidden[0] in ("esp", "relu"):
        again = {"_times_10": rescaled(net, [10.0] * len(net.hidden) + [1.0])}
        again |= {"_folded": rescaled(net, net.betas)} if net.hidden[0] == "esp" else {}
        for name, same in again.items():
            written[name] = spectrum(hessian(same, X, Y), hessian_error(same, X, Y))
    for name, one in written.items():
        row |= {f"alpha{name}": one.alpha_bounds[0], f"alpha_most{name}": one.alpha_bounds[1]}
        row |= {f"flat_{r}{name}": one.flat(float(r)) for r in ("1e-6", "1e-3")}
    return row


def rescaled(net: Network, factors: Iterable[Any]) -> Network:
    """Return the same function of ESP or ReLU units, written with (w, b) times c in each unit.

    `factors` has the c of each layer. ESP's beta and what leaves a unit are divided by it, so that
    c = beta folds the betas into the weights; they are then 1 and no parameters.
    """
    folded = factors is net.betas
    trained = [False] * len(net.betas) if folded else net.trainable_beta
    other = mlp(net.sizes, net.hidden, net.output, trainable_beta=trained)
    parts, leaving = net.parameters, np.ones(net.sizes[0])
    for l, c in enumerate(factors, 1):
        other.parameters[f"W{l}"][:] = parts[f"W{l}"] * c / leaving[:, None]
        other.parameters[f"b{l}"][:] = parts[f"b{l}"] * c
        is_esp, leaving = net.gate_names[l - 1] == "esp", np.broadcast_to(c, net.sizes[l])
        other.betas[l - 1][:] = net.betas[l - 1] / (c if is_esp or folded else 1)
    return other


def constant_predictor_loss(Y: Array) -> float:
    """Return the least mean cross-entropy (nats) of predictions that ignore the input.

    Y has shape (N, K). The best constant of an output is the mean p of its targets, so an
    output whose targets never change costs nothing, and one of a fair coin ln 2.
    """
    p = np.clip(Y.mean(axis=0), 1e-300, 1 - 1e-16)
    return float(-np.mean(p * np.log(p) + (1 - p) * np.log1p(-p)))


def _write(path, rows):
    """Write {setting: {column: array}} as a CSV."""
    names = list(dict.fromkeys(chain(*rows.values())))
    table = [
        setting._asdict() | {name: _text(columns.get(name, ())) for name in names}
        for setting, columns in rows.items()
    ]
    write_csv(path, table)


def _text(values):
    """Numbers to four digits; one where all are the same; a range where they go up by one."""
    if len(values) > 1 and (np.diff(values) == 1).all():
        return f"{values[0]}..{values[-1]}"
    words = [f"{value:.4g}" for value in values]
    return " ".join(words[:1] if len(set(words)) == 1 else words)


def read_table(path: Path) -> dict[Setting, dict[str, Array]]:
    """Return the columns of each setting of a seeds.csv: all as long as its `seed`."""
    table = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names: dict[str, Any] = {name: row.pop(name) for name in Setting._fields}
            setting = Setting(**names | {"rate": float(names["rate"])})
            columns = {name: _numbers(text) for name, text in row.items() if text}
            n = len(columns["seed"])
            table[setting] = {k: np.broadcast_to(v, n) for k, v in columns.items()}
    return table


def _numbers(text):
    first, dots, last = text.partition("..")
    return np.arange(float(first), float(last) + 1) if dots else np.array(text.split(), float)
