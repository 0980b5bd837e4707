"""The authors' record of a run (of arXiv:1805.08786), recomputed and compared.

At every recorded epoch: residuals, Hessian, eigenvalues and what was counted of them, at the
recorded parameters. And the training itself, twice, from the first record on: in float64, and
with the constants of Adam in float32, as the authors' framework held them.

Their framework also took the mean of the costs with 1/m in float32. So every recorded gradient
and Hessian is the exact one times float32(1/m) m, which is 1 to seven digits; this factor is
put in before comparing.
"""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..._util.typing import Array, PathLike
from ...curvature.spectrum import spectrum
from ...curvature.theorems import most_negative
from ...hessian import hessian
from ...optimise import Adam
from ...train import train
from ..paper import PUBLISHED, RATE, Run
from .record import Files, read_run, their_order

SMALL = 200  # parameters up to which a nonsymmetric eigensolver takes no time
COUNT = 1e-9  # two fractions of a few thousand that differ by less are the same

QUANTITIES = {  # what is compared: its name in the report, and the error up to which it agrees
    "residuals": ("residuals", 1e-12),
    "hessian": ("Hessian", 1e-12),
    "eigenvalues": ("eigenvalues", 1e-10),
    "test_accuracy": ("test accuracy", 1e-6),
    "alpha": ("α, of their eigenvalues", COUNT),
    "gamma": ("γ, of their eigenvalues", COUNT),
    "alpha_matrix": ("α, counted again of their matrix", COUNT),
    "gamma_matrix": ("γ, counted again of their matrix", COUNT),
    "alpha_ours": ("α, counted their way of ours", COUNT),
    "gamma_ours": ("γ, counted their way of ours", COUNT),
    "alpha_interval": ("α within what rounding leaves", COUNT),
    "alpha_bound": ("α within what ReLU allows", COUNT),
    "gamma_rows": ("γ as the share of rows of zeros", COUNT),
    "first_gradient": ("gradient", 1e-12),
    "first_cost": ("cost", 1e-6),
    "first_accuracy": ("training accuracy", 1e-6),
    "cost": ("cost, constants in float32", 1e-6),
    "theta": ("parameters, constants in float32", 1e-6),
    "train_accuracy": ("training accuracy, constants in float32", 1e-6),
    "cost_float64": ("cost, all in float64", 1e-6),
    "end": ("end point, as it was published", 5.1e-4),
}


class Row(NamedTuple):
    """A line of replay.csv: how well one quantity of one run agrees.

    `error` is the largest, at `epoch`; `wrong` counts the records where it is above `tolerance`,
    the first of them at the epoch `first`. The error of a Hessian, a gradient or eigenvalues is
    a share of the largest entry, that of a cost a share of it; every other is a difference.
    """

    run: str
    task: str
    activation: str
    quantity: str
    records: int
    error: float
    epoch: int
    tolerance: float
    agrees: str
    wrong: int
    first: int | None
    remark: str = ""


@dataclass
class Comparison:
    """One run, compared: its rows, its curves by name, and what could not be read."""

    files: Files
    rows: list[Row]
    curves: dict[str, Any]  # "epoch", "cost", "alpha", "alpha_bounds", ...: an entry per record
    problems: list[str]


def mean_factor(m: int) -> float:
    """Return float32(1/m) m: the factor by which their mean of m numbers is too large."""
    return float(np.float32(1.0 / m)) * m


BETAS = np.array([0.9, 0.999], np.float32)


class Float32Adam(Adam):
    """Adam with its constants in float32, as the authors' framework held them.

    The betas, eps and the rate are float32, and so are the powers of the betas, which are
    multiplied up from step to step. All else is float64. Every gradient is first multiplied by
    `factor` (see `mean_factor`).
    """

    def __init__(self, factor: float) -> None:
        super().__init__(RATE)
        self.factor = factor
        self.mean: Array | float = 0.0
        self.square: Array | float = 0.0
        self.powers = BETAS.copy()

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta (P,) in place by one step, with the gradient (P,)."""
        gradient = self.factor * gradient
        (b1, b2), (power1, power2) = BETAS.astype(float), self.powers.astype(float)
        self.mean = self.mean + (1 - b1) * (gradient - self.mean)  # (7.3)
        self.square = self.square + (1 - b2) * (gradient * gradient - self.square)  # (7.4)
        rate = _float32_rate(self.t) * np.sqrt(1 - power2) / (1 - power1)
        theta -= rate * self.mean / (np.sqrt(self.square) + float(np.float32(1e-8)))  # (7.5)
        self.powers *= BETAS
        self.t += 1


def _float32_rate(t):
    """The decaying rate of epoch t, each of its operations rounded to float32."""
    decay = np.float32(float(np.float32(0.9)) ** float(np.float32(t) / np.float32(500)))
    return float(np.float32(RATE) * decay)


def recompute_run(files: Files, path: PathLike) -> Comparison:
    """Recompute one run and compare it with its record; the data are looked for below `path`."""
    record = read_run(files)
    data = Run(files.task, files.activation, data_dir=str(path), as_published=True).data()
    curves: dict[str, Any] = {"epoch": record.epochs, "cost": record.cost, "alpha": record.alpha}
    curves |= {"alpha_bounds": [], "alpha_matrix": []}
    errors = defaultdict(list)
    for r in range(len(record.epochs)):
        _compare_after_step(record, data, r, errors, curves)
    _compare_before_first_step(record, data, errors)
    if len(record.epochs) > 1:
        _compare_training(record, data, errors, curves)
    errors["end"] = [_distance_from_published_end(record)]
    return Comparison(files, _rows(record, errors), curves, record.problems)


def _compare_after_step(record, data, r, errors, curves):
    """Add the errors of what was recorded after the step of one epoch."""
    net, X, Y = record.net.with_theta(record.theta[r].copy()), data.X_train, data.Y_train
    H = hessian(net, X, Y) * mean_factor(Y.size)
    ours = spectrum(H)
    if record.residuals is not None:
        errors["residuals"].append(_difference(net.predict(X) - Y, record.residuals[r]))
    if record.matrices is not None:
        errors["hessian"].append(_share(H, record.hessian(r)))
    if record.eigenvalues is not None:
        theirs = np.sort_complex(record.eigenvalues[r])
        errors["eigenvalues"].append(_share(ours.eigenvalues, theirs))
    if record.accuracy is not None:
        score = net.score(data.X_test, data.Y_test)
        errors["test_accuracy"].append(abs(score - record.accuracy[1, r]))
    low, high = ours.alpha_bounds
    curves["alpha_bounds"].append((low, high))
    for way, eigenvalues in _ways_to_count(record, r, H):
        alpha, gamma = np.mean(eigenvalues < 0), np.mean(eigenvalues == 0)  # as they counted
        if record.alpha is not None:
            errors[f"alpha{way}"].append(abs(alpha - record.alpha[r]))
        if record.gamma is not None:
            errors[f"gamma{way}"].append(abs(gamma - record.gamma[r]))
        if way == "_matrix":
            curves["alpha_matrix"].append(alpha)
    if record.alpha is not None:
        alpha, most = record.alpha[r], most_negative(net, X)
        errors["alpha_interval"].append(max(low - alpha, alpha - high, 0.0))
        if most is not None:
            errors["alpha_bound"].append(max(alpha - most / len(H), 0.0))
    if record.gamma is not None:
        errors["gamma_rows"].append(abs(ours.n_zero_rows / len(H) - record.gamma[r]))


def _ways_to_count(record, r, H):
    """Yield (way, eigenvalues of a nonsymmetric solver): recorded, of their H, of ours."""
    if record.eigenvalues is not None:
        yield "", record.eigenvalues[r]
    if len(H) <= SMALL:
        if record.matrices is not None:
            theirs = np.asarray(record.matrices[r], float)
            finite = np.isfinite(theirs).all()
            yield "_matrix", np.linalg.eigvals(theirs) if finite else np.full(len(H), np.nan)
        back = np.argsort(their_order(record.net))
        yield "_ours", np.linalg.eigvals(H[np.ix_(back, back)])


def _first_step(optimizer, gradient):
    """Let the optimizer take its first step, and return it (P,)."""
    step = np.zeros_like(gradient)
    optimizer.step(step, gradient)
    return step


def _compare_before_first_step(record, data, errors):
    """Add the errors of what was recorded before the first step, which is undone for this."""
    factor, X, Y = mean_factor(data.Y_train.size), data.X_train, data.Y_train
    step = _first_step(Float32Adam(factor), record.gradient[0] / factor)
    net = record.net.with_theta(record.theta[0] - step)
    errors["first_gradient"] = [_share(factor * net.gradient(X, Y), record.gradient[0])]
    errors["first_cost"] = _relative(np.array([net.loss(X, Y)]), record.cost[:1])
    if record.accuracy is not None:
        errors["first_accuracy"] = [abs(net.score(X, Y) - record.accuracy[0, 0])]


def _compare_training(record, data, errors, curves):
    """Add the errors and costs of the training from the first record on, done in both ways."""
    factor, X, Y = mean_factor(data.Y_train.size), data.X_train, data.Y_train
    ways = {"cost_float64": Adam(RATE, decay=(0.9, 500)), "cost": Float32Adam(factor)}
    for name, optimizer in ways.items():
        net = record.net.with_theta(record.theta[0].copy())
        _first_step(optimizer, record.gradient[0] / factor)
        # its epoch 0 is their epoch 1: the first step is done, and train is to go on from it
        vars(optimizer)["fresh"] = partial(copy, optimizer)
        last, epochs = int(record.epochs[-1]), record.epochs[1:] - 1
        history = train(net, X, Y, epochs=last, optimizer=optimizer, record=epochs)
        errors[name] = _relative(history["loss"], record.cost[1:])
        curves[f"{name}_again"] = history["loss"]
    errors["theta"] = np.abs(history["theta"] - record.theta[1:]).max(axis=1)
    if record.accuracy is not None:
        errors["train_accuracy"] = np.abs(history["train_score"] - record.accuracy[0, 1:])


def _distance_from_published_end(record):
    """The largest difference between the last record and the published end point."""
    accuracy = (None, None) if record.accuracy is None else record.accuracy
    recorded = (record.cost, *accuracy, record.alpha, record.gamma)
    published = PUBLISHED[record.files.task, record.files.activation]
    return max(abs(a[-1] - b) for a, b in zip(recorded, published) if a is not None)


def _difference(ours, theirs):
    return np.abs(ours - theirs).max() if ours.shape == theirs.shape else np.inf


def _share(ours, theirs):
    """The largest difference, as a share of the largest entry."""
    return _difference(ours, theirs) / (np.abs(theirs).max() or 1.0)


def _relative(ours, theirs):
    """The difference of each, as a share of theirs."""
    return np.abs(ours - theirs) / np.maximum(np.abs(theirs), np.finfo(float).tiny)


def _rows(record, errors):
    """The lines of the table; a remark where something departs from ours before theta does."""
    rows = {name: _row(record, name, errors[name]) for name in QUANTITIES if name in errors}
    for name in {"cost", "train_accuracy"} & set(rows):
        wrong, theta = rows[name], rows["theta"]
        if wrong.wrong and (theta.first is None or wrong.first < theta.first):
            rows[name] = wrong._replace(remark="the parameters agree there")
    return list(rows.values())


def _row(record, name, errors):
    """One line: the worst error, where it is, and how many are too large."""
    _, tolerance = QUANTITIES[name]
    errors = np.nan_to_num(errors, nan=np.inf, posinf=np.inf)
    epochs = record.epochs[:1] if name.startswith("first") else record.epochs[-len(errors) :]
    worst, wrong = int(np.argmax(errors)), np.flatnonzero(errors > tolerance)
    return Row(
        run=record.files.name,
        task=record.files.task,
        activation=record.files.activation,
        quantity=name,
        records=len(errors),
        error=float(errors[worst]),
        epoch=int(epochs[worst]),
        tolerance=tolerance,
        agrees="no" if len(wrong) else "yes",
        wrong=len(wrong),
        first=int(epochs[wrong[0]]) if len(wrong) else None,
    )
