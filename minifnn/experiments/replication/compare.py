"""The authors' whole record (of arXiv:1805.08786), recomputed and compared.

At every recorded epoch of every run: residuals, Hessian, eigenvalues and what
was counted of them, at the recorded parameters. And the training itself, twice,
from the first record on: in float64, and with the constants of Adam as the
authors' framework held them, in float32.

Their framework also took the mean of the costs with 1/m in float32. So every
recorded gradient and Hessian is the exact one times float32(1/m) m, which is 1
to seven digits; this is the one thing that is put in before comparing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ... import datasets
from ..._util.typing import Array, PathLike
from ...curvature.spectrum import Spectrum, spectrum
from ...curvature.theorems import most_negative
from ...hessian import hessian
from ...network import Network
from ...optimise import Adam
from ...train import train
from ..paper import PUBLISHED, RATE, TASKS
from .record import Files, read_run, their_order

SMALL = 200  # parameters up to which a nonsymmetric eigensolver takes no time
COUNT = 1e-9  # two fractions of a few thousand that differ by less are the same


class Quantity(NamedTuple):
    """What is compared: its name in the report, and the error up to which it agrees.

    Examples
    --------
    >>> from minifnn.replay import QUANTITIES
    >>> QUANTITIES["hessian"]
    Quantity(title='Hessian', tolerance=1e-12)
    """

    title: str
    tolerance: float


QUANTITIES = {
    "residuals": Quantity("residuals", 1e-12),
    "hessian": Quantity("Hessian", 1e-12),
    "eigenvalues": Quantity("eigenvalues", 1e-10),
    "test_accuracy": Quantity("test accuracy", 1e-6),
    "alpha": Quantity("&alpha;, of their eigenvalues", COUNT),
    "gamma": Quantity("&gamma;, of their eigenvalues", COUNT),
    "alpha_matrix": Quantity("&alpha;, counted again of their matrix", COUNT),
    "gamma_matrix": Quantity("&gamma;, counted again of their matrix", COUNT),
    "alpha_ours": Quantity("&alpha;, counted their way of ours", COUNT),
    "gamma_ours": Quantity("&gamma;, counted their way of ours", COUNT),
    "alpha_interval": Quantity("&alpha; within what rounding leaves", COUNT),
    "alpha_bound": Quantity("&alpha; within what ReLU allows", COUNT),
    "gamma_rows": Quantity("&gamma; as the share of rows of zeros", COUNT),
    "first_gradient": Quantity("gradient", 1e-12),
    "first_cost": Quantity("cost", 1e-6),
    "first_accuracy": Quantity("training accuracy", 1e-6),
    "cost": Quantity("cost, constants in float32", 1e-6),
    "theta": Quantity("parameters, constants in float32", 1e-6),
    "train_accuracy": Quantity("training accuracy, constants in float32", 1e-6),
    "cost_float64": Quantity("cost, all in float64", 1e-6),
    "end": Quantity("end point, as it was published", 5.1e-4),
}


class Row(NamedTuple):
    """A line of replay.csv: how well one quantity of one run agrees.

    `error` is the worst one, at `epoch`; `wrong` counts the records where it is
    above `tolerance`, the first of them at the epoch `first`. The error of a
    Hessian, of a gradient or of eigenvalues is a share of the largest entry, that
    of a cost a share of it; every other is a difference.

    Examples
    --------
    >>> from minifnn.replay import Row
    >>> row = Row("10_NL/Relu", "nonlinear-10", "relu", "cost", 48, 3e-9, 561, 1e-6, "yes", 0, None)
    >>> row.quantity, row.error <= row.tolerance
    ('cost', True)
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
class Replayed:
    """One run, compared: its rows, its curves by name, and what could not be read.

    Parameters
    ----------
    name, task, activation : str
        As `minifnn.authors.Files` has them.
    rows : list of Row
    curves : dict of str to array_like
        "epoch", "cost", "alpha", "alpha_bounds" and others, a row a record.
    problems : list of str

    Examples
    --------
    >>> from minifnn.replay import Replayed
    >>> Replayed("10_NL/Relu", "nonlinear-10", "relu", [], {"epoch": [1, 12]}, []).curves["epoch"]
    [1, 12]
    """

    name: str
    task: str
    activation: str
    rows: list[Row]
    curves: dict[str, Any]
    problems: list[str]


# ----------------------------------------------------------------------- their way


def mean_factor(m: int) -> float:
    """Return float32(1/m) m: what a mean of m numbers is too large by.

    Parameters
    ----------
    m : int
        How many numbers.

    Returns
    -------
    float

    Examples
    --------
    >>> from minifnn.replay import mean_factor
    >>> mean_factor(512), f"{mean_factor(690) - 1:.0e}"
    (1.0, '3e-08')
    """
    return float(np.float32(1.0 / m)) * m


def _single(x):
    return float(np.float32(x))


def _single_rate(t):
    """The decaying rate of epoch t, each of its operations rounded to float32."""
    exponent = np.float32(t) / np.float32(500)
    decay = np.float32(_single(0.9) ** float(exponent))
    return float(np.float32(RATE) * decay)


class SingleAdam(Adam):
    """Adam with its constants in float32, as the authors' framework held them.

    The betas, eps and the rate are float32; so are the powers of the betas, which
    are multiplied up from step to step. Everything else is float64.

    Parameters
    ----------
    factor : float
        What every gradient is multiplied by (see `mean_factor`).

    Examples
    --------
    >>> from minifnn.replay import SingleAdam
    >>> f"{SingleAdam(factor=1.0).b1 - 0.9:.1e}"
    '-2.4e-08'
    """

    def __init__(self, factor: float) -> None:
        super().__init__(_single_rate, betas=(_single(0.9), _single(0.999)), eps=_single(1e-8))
        self.factor = factor
        self.single = np.array([0.9, 0.999], np.float32)
        self.powers = self.single.copy()

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta in place by one step.

        Parameters
        ----------
        theta, gradient : ndarray, shape (P,)
        """
        self.remember(theta)
        gradient = self.factor * gradient
        self.m += (1 - self.b1) * (gradient - self.m)
        self.v += (1 - self.b2) * (gradient * gradient - self.v)
        first, second = self.powers.astype(float)
        rate = self.rate(self.t) * np.sqrt(1 - second) / (1 - first)
        theta -= rate * self.m / (np.sqrt(self.v) + self.eps)
        self.powers *= self.single
        self.t += 1


def _first_step(optimizer, gradient):
    """Have the optimizer take its first step; return how far it went."""
    step = np.zeros_like(gradient)
    optimizer.step(step, gradient)
    return step


def _trained_again(record, data, optimizer):
    """The history of the training from the first record to the last."""
    net = record.net.with_theta(record.theta[0].copy())
    # its epoch 0 is their epoch 1: the first step lies behind it
    epochs = record.epochs[1:] - 1
    X, Y, last = data.X_train, data.Y_train, int(record.epochs[-1])
    return train(net, X, Y, epochs=last, optimizer=optimizer, record=epochs)


def _counted(eigenvalues):
    """Alpha and gamma as they were counted: exact signs, exact zeros."""
    return np.mean(eigenvalues < 0), np.mean(eigenvalues == 0)


# ------------------------------------------------------------------------- one run


def replay_run(files: Files, path: PathLike) -> Replayed:
    """Recompute one run and compare it with what was recorded.

    Parameters
    ----------
    files : minifnn.authors.Files
    path : path-like
        The copy of the repository, in which the data are.

    Returns
    -------
    Replayed

    Raises
    ------
    ValueError, OSError
        If the run or its data cannot be read.

    Examples
    --------
    >>> from minifnn.authors import Files
    >>> from minifnn.replay import replay_run
    >>> replay_run(Files("10_NL/Relu", "nonlinear-10", "relu", paths={}), "no-such-folder")
    Traceback (most recent call last):
    ValueError: there is no file cost_*.npy
    """
    record, data = read_run(files), _data(files.task, Path(path))
    errors, curves = _at_the_records(record, data)
    errors |= _before_the_first(record, data)
    if len(record.epochs) > 1:
        errors |= _over_the_course(record, data, curves)
    errors["end"] = _end(record)
    rows = [_row(record, name, errors[name]) for name in QUANTITIES if name in errors]
    rows = _with_remarks(rows)
    return Replayed(files.name, files.task, files.activation, rows, curves, record.problems)


def _data(task, path):
    """The data set of a task; the authors' files are found by their names."""
    if task == "digits":
        return datasets.digits(as_published=True)
    linear = TASKS[task].data == "linear"
    name = "Lindata.mat" if linear else "NLdata.mat"
    found = sorted(path.rglob(name))
    if not found:
        raise FileNotFoundError(f"path is {str(path)!r}, but there is no {name} in it")
    return datasets.from_mat(found[0], *((0.25, 5) if linear else (0.2, 0)))


class _Ours(NamedTuple):
    """What is computed at the recorded parameters; H carries the factor of their mean."""

    net: Network
    H: np.ndarray
    spectrum: Spectrum


def _at_the_records(record, data):
    """Errors of what was recorded after each step, by quantity; and the curves of alpha."""
    errors, curves = {}, {"epoch": record.epochs, "cost": record.cost}
    if record.alpha is not None:
        curves["alpha"] = record.alpha
    for r in range(len(record.epochs)):
        net = record.net.with_theta(record.theta[r].copy())
        H = hessian(net, data.X_train, data.Y_train) * mean_factor(data.Y_train.size)
        ours = _Ours(net, H, spectrum(H))
        counts = {way: _counted(values) for way, values in _ways_to_count(record, r, H)}
        found = _of_values(record, data, r, ours) | _of_counts(record, data, r, ours, counts)
        for name, error in found.items():
            errors.setdefault(name, []).append(error)
        alphas = {f"alpha{way}": alpha for way, (alpha, _) in counts.items() if way}
        for name, alpha in (alphas | {"alpha_bounds": ours.spectrum.alpha_bounds}).items():
            curves.setdefault(name, []).append(alpha)
    return errors, curves


def _of_values(record, data, r, ours):
    """Errors of the residuals, the Hessian, its eigenvalues and the test accuracy."""
    errors, net = {}, ours.net
    if record.residuals is not None:
        residuals = net.predict(data.X_train) - data.Y_train
        errors["residuals"] = _difference(residuals, record.residuals[r])
    if record.matrices is not None:
        errors["hessian"] = _share(ours.H, record.hessian(r))
    if record.eigenvalues is not None:
        theirs = np.sort_complex(record.eigenvalues[r])
        errors["eigenvalues"] = _share(ours.spectrum.eigenvalues, theirs)
    if record.accuracy is not None:
        errors["test_accuracy"] = abs(net.score(data.X_test, data.Y_test) - record.accuracy[1, r])
    return errors


def _of_counts(record, data, r, ours, counts):
    """Errors of alpha and gamma: counted again their way, and against what can be."""
    errors, (low, high) = {}, ours.spectrum.alpha_bounds
    if record.alpha is not None:
        alpha = record.alpha[r]
        errors |= {f"alpha{way}": abs(count - alpha) for way, (count, _) in counts.items()}
        errors["alpha_interval"] = max(low - alpha, alpha - high, 0.0)
        most = most_negative(ours.net, data.X_train)
        if most is not None:
            errors["alpha_bound"] = max(alpha - most / len(ours.H), 0.0)
    if record.gamma is not None:
        gamma = record.gamma[r]
        errors |= {f"gamma{way}": abs(count - gamma) for way, (_, count) in counts.items()}
        errors["gamma_rows"] = abs(ours.spectrum.n_zero_rows / len(ours.H) - gamma)
    return errors


def _ways_to_count(record, r, H):
    """Yield (way, eigenvalues of a nonsymmetric solver): recorded, of their H, of ours."""
    if record.eigenvalues is not None:
        yield "", record.eigenvalues[r]
    if len(H) <= SMALL:
        if record.matrices is not None:
            theirs = np.asarray(record.matrices[r], float)
            sound = np.isfinite(theirs).all()
            yield "_matrix", np.linalg.eigvals(theirs) if sound else np.full(len(H), np.nan)
        back = np.argsort(their_order(record.net))
        yield "_ours", np.linalg.eigvals(H[np.ix_(back, back)])


def _before_the_first(record, data):
    """Errors of what was recorded before the first step, which is undone for this."""
    factor, X, Y = mean_factor(data.Y_train.size), data.X_train, data.Y_train
    step = _first_step(SingleAdam(factor), record.gradient[0] / factor)
    net = record.net.with_theta(record.theta[0] - step)
    errors = {
        "first_gradient": [_share(factor * net.gradient(X, Y), record.gradient[0])],
        "first_cost": _relative(np.array([net.loss(X, Y)]), record.cost[:1]),
    }
    if record.accuracy is not None:
        errors["first_accuracy"] = [abs(net.score(X, Y) - record.accuracy[0, 0])]
    return errors


def _over_the_course(record, data, curves):
    """Errors of the training when it is done again, both ways; adds the curves of the cost."""
    factor, errors = mean_factor(data.Y_train.size), {}
    ways = {"cost_float64": Adam(RATE, decay=(0.9, 500)), "cost": SingleAdam(factor)}
    for name, optimizer in ways.items():
        _first_step(optimizer, record.gradient[0] / factor)
        history = _trained_again(record, data, optimizer)
        errors[name] = _relative(history["loss"], record.cost[1:])
        curves[f"{name}_again"] = history["loss"]
    errors["theta"] = np.abs(history["theta"] - record.theta[1:]).max(axis=1)
    if record.accuracy is not None:
        errors["train_accuracy"] = np.abs(history["train_score"] - record.accuracy[0, 1:])
    return errors


def _end(record):
    """How far the last record is from the published end point."""
    accuracy = (None, None) if record.accuracy is None else record.accuracy
    recorded = (record.cost, *accuracy, record.alpha, record.gamma)
    published = PUBLISHED[record.files.task, record.files.activation]
    return [max(abs(a[-1] - b) for a, b in zip(recorded, published) if a is not None)]


def _difference(ours, theirs):
    return np.abs(ours - theirs).max() if ours.shape == theirs.shape else np.inf


def _share(ours, theirs):
    """The largest difference, as a share of the largest entry."""
    return _difference(ours, theirs) / (np.abs(theirs).max() or 1.0)


def _relative(ours, theirs):
    """The difference of each, as a share of theirs."""
    return np.abs(ours - theirs) / np.maximum(np.abs(theirs), np.finfo(float).tiny)


def _row(record, name, errors):
    """One line of the table: the worst error, where it is, and how many are too large."""
    errors, tolerance = np.nan_to_num(errors, nan=np.inf, posinf=np.inf), QUANTITIES[name].tolerance
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


def _with_remarks(rows):
    """Say it where something parts from ours before the parameters do."""
    parts = {row.quantity: row.first for row in rows}
    return [
        row._replace(remark="the parameters agree there")
        if row.quantity in ("cost", "train_accuracy")
        and row.wrong
        and (parts["theta"] is None or row.first < parts["theta"])
        else row
        for row in rows
    ]
