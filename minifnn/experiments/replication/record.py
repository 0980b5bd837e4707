"""The authors' own files (of arXiv:1805.08786): which runs there are, and each as a `Record`.

Their W is (units, inputs), b and beta are (units, 1), residuals (outputs, samples), and their
Hessians go in that order. A `Record` has everything in ours.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..._util.files import naming
from ..._util.typing import Array, IntArray, PathLike
from ..._util.validation import check_path
from ...initialise import mlp
from ...network import Network
from ...train import recorded_epochs
from ..paper import TASKS
from .unpickle import MOST_VALUES, read_npy

MOST_RECORDS = 1000
KINDS = ("cost", "accuracy", "grads_and_vars", "hessians", "index", "eigen", "zeros", "residual")
FILE = re.compile(rf"({'|'.join(KINDS)})_([A-Za-z]+)([\w .-]*)\.npy", re.IGNORECASE)
FOLDERS = {
    "10_lin": "linear-10",
    "82_lin": "linear-8-2",
    "10_nl": "nonlinear-10",
    "82_nl": "nonlinear-8-2",
    "mnist": "digits",
}
ACTIVATIONS = {"esp": "esp", "ftmp": "esp", "relu": "relu", "sigmoid": "sigmoid"}


class Files(NamedTuple):
    """The files of one run: its folder, task and activation, and a path for each of `KINDS`."""

    name: str
    task: str
    activation: str
    paths: dict[str, Path]


def find_runs(path: PathLike) -> tuple[list[Files], list[str]]:
    """Return the runs below a folder, and a sentence for each .npy file that belongs to none.

    A folder in which a kind is there twice (cost_esp3.npy, cost_relu3.npy) has a run per ending.
    """
    path = check_path("path", path)
    if not path.is_dir():
        raise FileNotFoundError(f"path: expected a folder, got {str(path)!r}")
    folders: dict[tuple[str, str, str], dict[str, dict[str, Path]]] = {}
    passed_over = []
    for file in sorted(path.rglob("*.npy")):
        match, place = FILE.fullmatch(file.name), file.relative_to(path)
        if match is None:
            passed_over.append(f"{place.as_posix()}: its name is none of the record")
            continue
        kind, word, rest = match.groups()
        task, activation = _task_of(file), _activation_of(file, word)
        if task is None or activation is None:
            missing = "activation" if task else "task"
            passed_over.append(f"{place.as_posix()}: its folder names no {missing}")
            continue
        endings = folders.setdefault((place.parent.as_posix(), task, activation), {})
        endings.setdefault(word + rest, {})[kind.lower()] = file
    runs = [run for folder, endings in folders.items() for run in _runs_of(*folder, endings)]
    return sorted(runs, key=lambda run: (list(TASKS).index(run.task), run.name)), passed_over


def _task_of(file):
    """By the innermost folder that names one."""
    for folder in file.resolve().parents:
        if folder.name.lower() in FOLDERS:
            return FOLDERS[folder.name.lower()]
    return None


def _activation_of(file, word):
    """By the first word of the folder's name, or that of the file's."""
    first = re.split("[^a-z]", file.parent.name.lower())[0]
    return ACTIVATIONS.get(first) or ACTIVATIONS.get(word.lower())


def _runs_of(name, task, activation, endings):
    kinds = [kind for paths in endings.values() for kind in paths]
    if len(set(kinds)) < len(kinds):
        return [Files(f"{name}/{end}", task, activation, paths) for end, paths in endings.items()]
    together = {kind: file for paths in endings.values() for kind, file in paths.items()}
    return [Files(name, task, activation, together)]


@dataclass(frozen=True, eq=False)
class Record:
    """One recorded run of R records; what could not be read is None, and named in `problems`.

    Parameters, matrices and residuals are those after the step of each epoch, cost and gradient
    those before it; of the accuracies (2, R), that of the training data was before the step.
    """

    files: Files
    net: Network
    epochs: IntArray  # (R,)
    theta: Array  # (R, P)
    gradient: Array  # (R, P)
    cost: Array  # (R,)
    accuracy: Array | None = None
    matrices: np.ndarray | None = None  # (R, P, P), their Hessians in their order
    alpha: Array | None = None  # (R,)
    eigenvalues: np.ndarray | None = None  # (R, P), unsorted, maybe complex
    gamma: Array | None = None  # (R,)
    residuals: Array | None = None  # (R, N, K)
    problems: list[str] = field(default_factory=list)

    def hessian(self, r: int) -> Array:
        """Return their Hessian (P, P) of a record, rows and columns in our order."""
        assert self.matrices is not None
        order = their_order(self.net)
        return np.asarray(self.matrices[r], float)[np.ix_(order, order)]


def their_order(net: Network) -> IntArray:
    """Return where each entry of our theta (P,) lies in theirs: their W is (units, inputs)."""
    places = np.arange(net.n_parameters)
    theirs = [
        places[net.slices[name]].reshape(values.shape[::-1]).T.ravel()
        for name, values in net.parameters.items()
    ]
    return np.concatenate(theirs)


def read_run(files: Files) -> Record:
    """Read the `Record` of a run; ValueError if it has no costs or no parameters."""
    net = mlp(TASKS[files.task].sizes, files.activation)
    cost = _read(files, "cost", lambda value: _real(value, -1))
    R, P, K = len(cost), net.n_parameters, net.sizes[-1]
    if R > MOST_RECORDS:
        raise ValueError(f"{files.name}: expected {MOST_RECORDS} records at most, got {R}")
    theta, gradient = _read(files, "grads_and_vars", lambda value: _pairs(value, R, net))
    rest, problems = {}, []
    for name, kind, take in (
        ("accuracy", "accuracy", lambda value: _two_series(value, R)),
        ("matrices", "hessians", lambda value: _matrices(value, R, P)),
        ("alpha", "index", lambda value: _real(value, R)),
        ("eigenvalues", "eigen", lambda value: _numbers(value, (R, P))),
        ("gamma", "zeros", lambda value: _real(value, R)),
        ("residuals", "residual", lambda value: _residuals(value, R, K)),
    ):
        if kind == "hessians" and files.task == "digits" and kind not in files.paths:
            continue  # they are so large that a copy may do without
        try:
            rest[name] = _read(files, kind, take)
        except ValueError as error:
            problems.append(str(error))
    epochs = recorded_epochs(12 + 50 * R)[:R]
    return Record(files, net, epochs, theta, gradient, cost, **rest, problems=problems)


def _read(files, kind, take):
    """What `take` makes of the file of a kind; ValueError if it is missing or does not fit."""
    if kind not in files.paths:
        raise ValueError(f"there is no file {kind}_*.npy")
    value = read_npy(files.paths[kind])
    with naming(files.paths[kind]):
        if kind != "hessians" and getattr(value, "size", 0) > MOST_VALUES:
            raise ValueError(f"expected {MOST_VALUES} numbers at most, got more")
        return take(value)


def _numbers(value, shape):
    """The finite numbers in an array, or in lists of lists, in this shape."""
    flat = _flat(value)
    if not np.isfinite(flat).all():
        raise ValueError("expected finite numbers, got NaN or infinity")
    return flat.reshape(shape)


def _flat(value):
    if isinstance(value, list):
        return np.concatenate([_flat(entry) for entry in value])
    return np.ravel(np.asarray(value))


def _real(value, shape):
    numbers = _numbers(value, shape)
    if np.iscomplexobj(numbers):
        raise ValueError("expected real numbers, got complex ones")
    return numbers.astype(float)


def _records(value, R):
    """The value, one entry per record; a single list around them is taken off."""
    if len(value) == 1 < R and hasattr(value[0], "__len__"):
        value = value[0]
    if len(value) != R:
        raise ValueError(f"expected {R} records, got {len(value)}")
    return value


def _two_series(value, R):
    """Two numbers per record, as two rows or as two columns."""
    return _real(value, (R, 2)).T if len(value) == R != 2 else _real(value, (2, R))


def _matrices(value, R, P):
    """The array as it is, of which one record at a time is read; None for a 1 per record."""
    if np.shape(value) == (R,):
        return None
    if getattr(value, "shape", None) != (R, P, P) or value.dtype.kind != "f":
        raise ValueError(f"expected an array of real numbers of shape {(R, P, P)}, got another")
    return value


def _residuals(value, R, K):
    """Theirs are (outputs, samples) at each record, ours (R, samples, outputs)."""
    value = _records(value, R)
    if len(value[0]) == K:
        return _real(value, (R, K, -1)).transpose(0, 2, 1)
    return _real(value, (R, -1, K))


def _pairs(value, R, net):
    """Parameters and gradients, (R, P) each, of a pair (gradient, value) per variable."""
    order = their_order(net)
    pairs = [pair for variables in _records(value, R) for pair in variables]
    expected = [values.shape[-1] for values in net.parameters.values()] * R
    if [len(value) for _, value in pairs] != expected:
        raise ValueError("expected one row per unit in each W, b and beta, got others")
    gradient, theta = (_real(list(one), (R, net.n_parameters))[:, order] for one in zip(*pairs))
    return theta, gradient
