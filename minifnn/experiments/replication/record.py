"""The authors' own files (of arXiv:1805.08786): which runs there are, and each as a record.

Their W is (units, inputs), b and beta are (units, 1), residuals (outputs,
samples), and their Hessians go in that order. A `Record` has everything in ours.
Nothing in a file is executed (see `minifnn._npy`).
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..._util.typing import Array, IntArray, PathLike
from ..._util.validation import check_path
from ...initialise import mlp
from ...network import Network
from ...train import recorded_epochs
from ..paper import TASKS
from .unpickle import MOST_VALUES, read_npy, refusing

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


@dataclass(frozen=True)
class Files:
    """The files of one run: its task and activation, and a path for each of `KINDS`.

    Parameters
    ----------
    name : str
        The folder, and the ending if it has several runs.
    task : str
        A key of `minifnn.paper.TASKS`.
    activation : str
    paths : dict of str to Path

    Examples
    --------
    >>> from pathlib import Path
    >>> from minifnn.authors import Files
    >>> files = Files("10_NL/Relu", "nonlinear-10", "relu", {"cost": Path("cost_relu.npy")})
    >>> files.paths["cost"].name
    'cost_relu.npy'
    """

    name: str
    task: str
    activation: str
    paths: dict[str, Path]


def find_runs(path: PathLike) -> tuple[list[Files], list[str]]:
    """Return the runs below a folder, and what was passed over.

    Parameters
    ----------
    path : path-like
        A copy of the authors' repository.

    Returns
    -------
    runs : list of Files
        In the order of `minifnn.paper.TASKS`, then by name. A folder in which a
        kind is there twice (``cost_esp3.npy``, ``cost_relu3.npy``) makes a run of
        each ending.
    passed_over : list of str
        The .npy files that belong to no run, one sentence each.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.authors import find_runs
    >>> with tempfile.TemporaryDirectory() as copy:
    ...     Path(copy, "10_NL", "Relu").mkdir(parents=True)
    ...     Path(copy, "10_NL", "Relu", "cost_relu.npy").touch()
    ...     Path(copy, "mine.npy").touch()
    ...     runs, passed_over = find_runs(copy)
    >>> runs[0].name, runs[0].task, runs[0].activation
    ('10_NL/Relu', 'nonlinear-10', 'relu')
    >>> passed_over
    ['mine.npy: its name is none of the record']
    """
    path = check_path("path", path)
    folders: dict[tuple, dict[str, dict[str, Path]]] = {}
    passed_over = []
    if not path.is_dir():
        raise FileNotFoundError(f"path is {str(path)!r}, but there is no such folder")
    for file in sorted(path.rglob("*.npy")):
        match, place = FILE.fullmatch(file.name), file.relative_to(path).as_posix()
        if match is None:
            passed_over.append(f"{place}: its name is none of the record")
        elif None in (task_and_activation := _told_by_folder(file, match[2])):
            what = "task" if task_and_activation[0] is None else "activation"
            passed_over.append(f"{place}: its folder names no {what}")
        else:
            endings = folders.setdefault((file.parent, task_and_activation), {})
            endings.setdefault(match[2] + match[3], {})[match[1].lower()] = file
    runs = [
        run
        for (folder, (task, activation)), endings in folders.items()
        for run in _runs_of(folder.relative_to(path).as_posix(), task, activation, endings)
    ]
    return sorted(runs, key=lambda run: (list(TASKS).index(run.task), run.name)), passed_over


def _told_by_folder(file, word):
    """Task and activation by the folders that a file lies in, None for what they do not tell."""
    above = [part.lower() for part in file.resolve().parts[:-1]]
    tasks = [FOLDERS[part] for part in above if part in FOLDERS]
    words = [re.split("[^a-z]", file.parent.name.lower())[0], word.lower()]
    activations = [ACTIVATIONS[word] for word in words if word in ACTIVATIONS]
    return tasks[-1] if tasks else None, activations[0] if activations else None


def _runs_of(name, task, activation, endings):
    """The run of a folder; one for each ending if a kind is there more than once."""
    kinds = [kind for paths in endings.values() for kind in paths]
    if len(set(kinds)) == len(kinds):
        together = {kind: file for paths in endings.values() for kind, file in paths.items()}
        return [Files(name, task, activation, together)]
    return [Files(f"{name}/{ending}", task, activation, paths) for ending, paths in endings.items()]


@dataclass(frozen=True, eq=False)
class Record:
    """One recorded run, in the order of parameters and rows that minifnn has.

    Attributes
    ----------
    files : Files
    net : Network
        Of the run's sizes and activations.
    epochs : ndarray, shape (R,)
    theta, gradient : ndarray, shape (R, P)
        Parameters after the step of each epoch, the gradient before it.
    cost : ndarray, shape (R,)
    accuracy : ndarray, shape (2, R), or None
        Of the training data before the step, of the test data after it.
    alpha, gamma : ndarray, shape (R,), or None
    eigenvalues : ndarray, shape (R, P), or None
        As they are: unsorted, maybe complex.
    residuals : ndarray, shape (R, N, K), or None
    matrices : ndarray, shape (R, P, P), or None
        Their Hessians in their order; `hessian` has one in ours.
    problems : list of str
        What was missing or refused.

    Examples
    --------
    >>> import numpy as np
    >>> import minifnn as mf
    >>> from minifnn.authors import Files, Record
    >>> net, nothing = mf.mlp([2, 2, 1], hidden="relu"), np.zeros((1, 9))
    >>> theirs = np.diag(np.arange(9.0))[None]  # of one record
    >>> files, epochs, cost = Files("mine", "linear-10", "relu", {}), np.array([1]), np.array([0.7])
    >>> record = Record(files, net, epochs, nothing, nothing, cost, matrices=theirs)
    >>> record.hessian(0).diagonal().tolist()
    [0.0, 2.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    """

    files: Files
    net: Network
    epochs: IntArray
    theta: Array
    gradient: Array
    cost: Array
    accuracy: Array | None = None
    matrices: np.ndarray | None = None
    alpha: Array | None = None
    eigenvalues: np.ndarray | None = None
    gamma: Array | None = None
    residuals: Array | None = None
    problems: list[str] = field(default_factory=list)

    def hessian(self, r: int) -> Array:
        """Return their Hessian of a record, rows and columns in our order.

        Parameters
        ----------
        r : int
            Which record.

        Returns
        -------
        ndarray, shape (P, P)

        Raises
        ------
        ValueError
            If the run has no `matrices`.
        """
        if self.matrices is None:
            raise ValueError(f"the run {self.files.name} has no matrices")
        order = their_order(self.net)
        return np.asarray(self.matrices[r], float)[np.ix_(order, order)]


def their_order(net: Network) -> IntArray:
    """Return where each entry of our theta lies in theirs: their W is (units, inputs).

    Parameters
    ----------
    net : Network

    Returns
    -------
    ndarray of int, shape (P,)

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.authors import their_order
    >>> their_order(mf.mlp([2, 3], hidden="relu")).tolist()  # W (2, 3), then b
    [0, 2, 4, 1, 3, 5, 6, 7, 8]
    """
    pieces, start = [], 0
    for name, shape in net.shapes.items():
        places = start + np.arange(math.prod(shape))
        pieces.append(places.reshape(shape[::-1]).T.ravel() if name[0] == "W" else places)
        start += len(places)
    return np.concatenate(pieces)


def read_run(files: Files) -> Record:
    """Read the `Record` of a run.

    Parameters
    ----------
    files : Files

    Returns
    -------
    Record

    Raises
    ------
    ValueError
        If its costs or parameters cannot be read. Everything else that cannot be
        is named in `Record.problems`.

    Examples
    --------
    >>> from minifnn.authors import Files, read_run
    >>> read_run(Files("10_NL/Relu", "nonlinear-10", "relu", paths={}))
    Traceback (most recent call last):
    ValueError: there is no file cost_*.npy
    """
    net = mlp(TASKS[files.task].sizes, files.activation)
    cost = _wanted(files, "cost", _series)
    R, P, K = len(cost), net.n_parameters, net.sizes[-1]
    epochs = recorded_epochs(12 + 50 * R)[:R]
    theta, gradient = _wanted(files, "grads_and_vars", lambda value: _pairs(value, R, net))
    rest, problems = {}, []
    for name, kind, take in (
        ("accuracy", "accuracy", lambda value: _two_series(value, R)),
        ("matrices", "hessians", lambda value: _matrices(value, R, P)),
        ("alpha", "index", lambda value: _series(value, R)),
        ("eigenvalues", "eigen", lambda value: _rows(value, R, P)),
        ("gamma", "zeros", lambda value: _series(value, R)),
        ("residuals", "residual", lambda value: _residuals(value, R, K)),
    ):
        if kind == "hessians" and files.task == "digits" and kind not in files.paths:
            continue  # they are so large that a copy may do without
        try:
            rest[name] = _wanted(files, kind, take)
        except ValueError as error:
            problems.append(str(error))
    return Record(files, net, epochs, theta, gradient, cost, **rest, problems=problems)


def _wanted(files, kind, take):
    """What `take` makes of the file of a kind; ValueError if it is missing or does not fit."""
    if kind not in files.paths:
        raise ValueError(f"there is no file {kind}_*.npy")
    value = read_npy(files.paths[kind])
    with refusing(files.paths[kind]):
        return take(value)


def _of_length(value, R):
    """The value, if it has R entries; a single one around them is taken off."""
    if len(value) == 1 < R and hasattr(value[0], "__len__"):
        value = value[0]
    if len(value) != R:
        raise ValueError(f"it has {len(value)} records, wanted {R}")
    return value


def _numbers(value, size):
    """A flat array of so many finite numbers; lists are looked through first."""
    if isinstance(value, list):
        if not 0 < len(value) <= size:
            raise ValueError(f"it has a list of {len(value)}, wanted {size} numbers")
        value = np.array([_numbers(entry, size // len(value)) for entry in value])
    value = np.asarray(value)
    if value.size != size:
        raise ValueError(f"it has {value.size} numbers, wanted {size}")
    if not np.isfinite(value).all():
        raise ValueError("it holds NaN or infinity")
    return value.ravel()


def _series(value, R=None):
    """One real number a record: (R,), (R, 1) or (1, R)."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    size = len(value) if isinstance(value, list) else np.asarray(value).size
    if size > MOST_RECORDS or size != (R or size):
        raise ValueError(f"it has {size} records, wanted {R or f'{MOST_RECORDS} at most'}")
    return _real(_numbers(value, size))


def _real(numbers):
    if numbers.dtype.kind == "c":
        raise ValueError("it holds complex numbers")
    return numbers.astype(float)


def _two_series(value, R):
    """Two numbers a record, as two rows or as two columns."""
    columns = len(value) == R != 2
    numbers = _real(_numbers(value, 2 * R))
    return numbers.reshape(R, 2).T if columns else numbers.reshape(2, R)


def _matrices(value, R, P):
    """The array as it is, of which a record at a time is read; None for a 1 a record."""
    if np.shape(value) == (R,):
        return None
    if getattr(value, "shape", None) != (R, P, P) or value.dtype.kind != "f":
        raise ValueError(f"it is no array of real numbers of shape {(R, P, P)}")
    return value


def _rows(value, R, P):
    """P numbers a record, real or complex."""
    return np.array([_numbers(row, P) for row in _of_length(value, R)])


def _residuals(value, R, K):
    """Theirs are (outputs, samples) at each record; ours (R, samples, outputs)."""
    rows = []
    for row in _of_length(value, R):
        numbers = _real(_numbers(row, _size(row)))
        rows.append(numbers.reshape(K, -1).T if len(row) == K else numbers.reshape(-1, K))
    return np.array(rows)


def _size(value):
    """How many numbers there are in lists, if they are not too many."""
    size = sum(map(_size, value)) if isinstance(value, list) else np.size(value)
    if size > MOST_VALUES:
        raise ValueError("it holds too many numbers")
    return size


def _pairs(value, R, net):
    """Parameters and gradients of every record, (R, P) each, in our order."""
    order, shapes = their_order(net), net.shapes.items()
    theta, gradient = np.empty((2, R, net.n_parameters))
    for r, variables in enumerate(_of_length(value, R)):
        pieces: tuple[list, list] = [], []
        for (name, shape), pair in zip(shapes, _of_length(variables, len(shapes))):
            for entry, piece in zip(_of_length(pair, 2), pieces):
                piece.append(_real(_numbers(entry, math.prod(shape))))
                if name[0] == "W" and np.shape(entry) != shape[::-1]:
                    raise ValueError(f"{name} has shape {np.shape(entry)}, wanted {shape[::-1]}")
        gradient[r], theta[r] = (np.concatenate(piece)[order] for piece in pieces)
    return theta, gradient
