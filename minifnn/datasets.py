"""Data to learn from: generated from a seed, bundled with scikit-learn, or read from a file.

In the plane there are `linear`, `nonlinear`, `moons` and `spirals`; `digits` are
small images; `from_mat` reads the two sets of arXiv:1805.08786 for whoever has them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ._util.mat import look_over
from ._util.typing import Array, PathLike
from ._util.validation import check_array, check_count, check_fits, check_number, check_path


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Samples to learn from, and others to test with.

    Attributes
    ----------
    name : str
    X_train, X_test : ndarray, shape (N, D)
        One sample a row.
    Y_train, Y_test : ndarray, shape (N, K)
        Its targets, each 0 or 1.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.datasets import Dataset
    >>> X, Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    >>> Dataset("xor", X, Y, X[:1], Y[:1])
    <Dataset xor: 4 + 1 samples, 2 -> 1>
    """

    name: str
    X_train: Array
    Y_train: Array
    X_test: Array
    Y_test: Array

    def __repr__(self) -> str:
        sizes = f"{len(self.X_train)} + {len(self.X_test)} samples"
        return f"<Dataset {self.name}: {sizes}, {self.X_train.shape[1]} -> {self.Y_train.shape[1]}>"


def _generator(seed):
    return np.random.default_rng(check_count("seed", seed, at_least=0))


def _shuffled(name, rng, X, y, n_train):
    """Shuffle the samples and cut them in two."""
    order = rng.permutation(len(X))
    X, Y = X[order], y[order, None].astype(np.float64)  # (N, D), (N, 1)
    return Dataset(name, X[:n_train], Y[:n_train], X[n_train:], Y[n_train:])


# ------------------------------------------------------------ the published tasks


def linear(seed: int = 0) -> Dataset:
    """Return two blobs that a straight line all but separates: 38 points and 13 for the test.

    There are 30 points of class 0 around (1.8, 2.6) and 21 of class 1 around
    (3.0, 3.8), normally distributed and longer along the line than across it.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    Dataset
        X (38, 2) and (13, 2); Y of one column.

    Examples
    --------
    >>> import minifnn as mf
    >>> data = mf.datasets.linear()
    >>> data
    <Dataset linear: 38 + 13 samples, 2 -> 1>
    >>> net = mf.mlp([2, 1])  # one straight line
    >>> history = mf.train(net, data.X_train, data.Y_train, epochs=1000, engine="numpy")
    >>> net.score(data.X_train, data.Y_train) > 0.95
    True
    """
    rng = _generator(seed)
    y = np.repeat([0, 1], [30, 21])
    centre = np.array([[1.8, 2.6], [3.0, 3.8]])[y]  # (51, 2)
    along, across = np.array([0.9, -0.45]), np.array([0.45, 0.9])  # about unit length
    steps = rng.normal(size=(51, 2)) * [0.7, 0.32]
    X = centre + steps[:, :1] * along + steps[:, 1:] * across
    return _shuffled("linear", rng, X, y, n_train=38)


def _bump(x, centre, width):
    """Rise smoothly from 0 to 1 and fall again."""
    return np.exp(-0.5 * ((x - centre) / width) ** 2)


def _step(x, centre, width):
    """Rise smoothly from 0 to 1; fall if width is negative."""
    return 1.0 / (1.0 + np.exp(-(x - centre) / width))


def _in_arch(x, y):
    """Is the point (x, y) of the box [0.04, 1] x [0.4, 1] in the arch, class 0?"""
    roof = 0.70 + 0.17 * _bump(x, 0.31, 0.07) + 0.17 * _bump(x, 0.64, 0.08)  # lobe, notch, lobe
    wall = 0.30 * _step(x, 0.20, -0.008) + 0.30 * _step(x, 0.29, -0.025)  # left of the left leg
    hollow = 0.28 * _bump(x, 0.60, 0.085)  # between the legs
    right = 0.28 * _step(x, 0.88, 0.015)  # right of the right leg, under the shoulder
    heap = 0.30 + 0.18 * _bump(x, 0.66, 0.08)  # on the floor of the hollow
    ground = 0.34 + wall + hollow + right
    return ((ground < y) & (y < roof)) | (y < heap)


def nonlinear(seed: int = 0) -> Dataset:
    """Return an arch with two lobes against what is around it: 690 points, 173 for the test.

    Class 0 (383 points) is the arch: two lobes with a notch between them, two
    legs, a shoulder to the right, and a heap on the ground between the legs.
    Class 1 (480 points) is everything else. Each class is spread uniformly over
    its part of the box [0.04, 1] x [0.4, 1].

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    Dataset
        X (690, 2) and (173, 2); Y of one column.

    Examples
    --------
    >>> import minifnn as mf
    >>> data = mf.datasets.nonlinear()
    >>> data
    <Dataset nonlinear: 690 + 173 samples, 2 -> 1>
    >>> int(data.Y_train.sum() + data.Y_test.sum())  # of class 1
    480
    """
    rng = _generator(seed)
    wanted = {0: 383, 1: 480}
    X, y = np.empty((0, 2)), np.empty(0, dtype=int)
    while any((y == c).sum() < n for c, n in wanted.items()):
        X = np.vstack([X, rng.uniform([0.04, 0.4], [1.0, 1.0], size=(100, 2))])
        y = np.where(_in_arch(*X.T), 0, 1)
    kept = np.concatenate([np.flatnonzero(y == c)[:n] for c, n in wanted.items()])
    return _shuffled("nonlinear", rng, X[kept], y[kept], n_train=690)


# ---------------------------------------------------------------- two more shapes


def moons(n: int = 400, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return two interleaved half circles of radius 1, a fifth of the points for the test.

    Parameters
    ----------
    n : int, optional
        Number of points, at least 5; half of them (rounded up) are of class 0.
    noise : float, optional
        Standard deviation of the normal noise on each coordinate.
    seed : int, optional

    Returns
    -------
    Dataset
        X of two columns, Y of one.

    Examples
    --------
    >>> import numpy as np
    >>> import minifnn as mf
    >>> data = mf.datasets.moons(n=100, noise=0.0)
    >>> up = data.X_train[data.Y_train[:, 0] == 0]  # the arch: a circle's upper half
    >>> bool(np.allclose(np.hypot(*up.T), 1)), bool((up[:, 1] >= 0).all())
    (True, True)
    """
    n, noise = check_count("n", n, at_least=5), check_number("noise", noise, at_least=0)
    check_fits("n", n, 8 * n)
    rng = _generator(seed)
    y = np.arange(n) % 2
    up = 1 - 2 * y  # the first moon is an arch, the second one hangs
    angle = rng.uniform(0.0, np.pi, size=n)
    X = np.column_stack([y + np.cos(angle), 0.5 * y + up * np.sin(angle)])
    X += noise * rng.normal(size=(n, 2))
    return _shuffled("moons", rng, X, y, n_train=n - n // 5)


def spirals(n: int = 400, turns: float = 1.5, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Return two spiral arms from near the origin to radius 1, a fifth of the points for the test.

    Parameters
    ----------
    n : int, optional
        Number of points, at least 5; half of them (rounded up) are of class 0.
    turns : float, optional
        How often an arm winds from the origin to radius 1.
    noise : float, optional
        Standard deviation of the normal noise on each coordinate.
    seed : int, optional

    Returns
    -------
    Dataset
        X of two columns, Y of one.

    Examples
    --------
    >>> import numpy as np
    >>> import minifnn as mf
    >>> data = mf.datasets.spirals(n=200, noise=0.0)
    >>> radius = np.hypot(*data.X_train.T)
    >>> bool(radius.min() >= 0.1), bool(radius.max() <= 1)
    (True, True)
    """
    n, noise = check_count("n", n, at_least=5), check_number("noise", noise, at_least=0)
    check_fits("n", n, 8 * n)
    turns, rng = check_number("turns", turns, above=0), _generator(seed)
    y = np.arange(n) % 2
    radius = np.sqrt(rng.uniform(0.01, 1.0, size=n))  # the root: an arm is as dense outside
    angle = 2 * np.pi * turns * radius + np.pi * y
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    X += noise * rng.normal(size=(n, 2))
    return _shuffled("spirals", rng, X, y, n_train=n - n // 5)


# ---------------------------------------------------------- made by others


def digits(as_published: bool = False) -> Dataset:
    """Return the 8x8 digits that scikit-learn bundles: 1,437 images and 360 for the test.

    Parameters
    ----------
    as_published : bool, optional
        False scales the pixels, 0 to 16, to 0..1 and gives each of the ten digits
        a column of its own. True gives what arXiv:1805.08786 was computed with:
        pixels divided by 255, and targets one_hot(label - 1). There the digit 0
        is a row of zeros and column 9 is never used, so that the 0s, a tenth of
        all images, are right only by accident, however low the cost. An easy
        slip, and worth knowing; ask for it only to compare with the record.

    Returns
    -------
    Dataset
        X (1437, 64) and (360, 64); Y of ten columns.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.

    Examples
    --------
    >>> import minifnn as mf
    >>> data = mf.datasets.digits()
    >>> data
    <Dataset digits: 1437 + 360 samples, 64 -> 10>
    >>> published = mf.datasets.digits(as_published=True)
    >>> int((published.Y_train.sum(axis=1) == 0).sum())  # images of a 0, which is no class there
    151
    """
    if not isinstance(as_published, (bool, np.bool_)):
        raise TypeError(f"as_published is {as_published!r}, wanted True or False")
    split = _sklearn_split()
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    X = pixels / (255.0 if as_published else 16.0)
    columns = labels - 1 if as_published else labels
    Y = (columns[:, None] == np.arange(10)).astype(np.float64)  # (N, 10)
    X_train, X_test, Y_train, Y_test = split(X, Y, test_size=0.2, random_state=0)
    return Dataset("digits", X_train, Y_train, X_test, Y_test)


def from_mat(path: PathLike, test_size: float = 0.2, random_state: int = 0) -> Dataset:
    """Read a MATLAB file with the arrays X (N, 2) and y (N, 1) of 0 and 1.

    The split is scikit-learn's `train_test_split`, as it was for arXiv:1805.08786:
    the non-linear set was split with test_size=0.2 and random_state=0, the linear
    one with 0.25 and 5. Nothing in the file is executed.

    Parameters
    ----------
    path : path-like
    test_size : float, optional
        Share of the samples to test with, between 0 and 1.
    random_state : int, optional
        The seed of the split.

    Returns
    -------
    Dataset
        Its name is that of the file without the ending.

    Raises
    ------
    FileNotFoundError
        If there is no file at path.
    ValueError
        If it is not a MATLAB file of version 7 or older, lacks an array, or holds
        one of another shape, NaN, or another label.
    ImportError
        If scikit-learn is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import minifnn as mf
    >>> from scipy.io import savemat
    >>> X, y = np.random.default_rng(0).normal(size=(10, 2)), np.arange(10) % 2
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     savemat(f"{folder}/mine.mat", {"X": X, "y": y[:, None]})
    ...     mf.datasets.from_mat(f"{folder}/mine.mat")
    <Dataset mine: 8 + 2 samples, 2 -> 1>
    """
    test_size = check_number("test_size", test_size, above=0, below=1)
    random_state = check_count("random_state", random_state, at_least=0)
    X, Y = _read_mat(path)
    n_test = int(np.ceil(test_size * len(X)))
    if n_test == len(X):
        raise ValueError(f"test_size is {test_size}: of {len(X)} samples none is left to train on")
    parts = _sklearn_split()(X, Y, test_size=test_size, random_state=random_state)
    X_train, X_test, Y_train, Y_test = parts
    return Dataset(Path(path).stem, X_train, Y_train, X_test, Y_test)


def _read_mat(path):
    """Return X (N, 2) and y (N, 1) of a MATLAB file, or say what is wrong with it."""
    from scipy.io import loadmat

    path = check_path("path", path)
    if not path.is_file():
        raise FileNotFoundError(f"path is {str(path)!r}, but there is no file")
    try:
        look_over(path, ("X", "y"))
        arrays = loadmat(path, variable_names=("X", "y"))
    except TypeError as error:
        raise ValueError(f"{path} does not fit: {error}") from None
    except Exception as error:  # a damaged file makes SciPy stumble in many ways
        raise ValueError(f"{path} is not a MATLAB file that SciPy can read: {error}") from None
    missing = [name for name in ("X", "y") if name not in arrays]
    if missing:
        raise ValueError(f"{path} holds no {' and no '.join(missing)}, wanted X and y")
    try:
        X = check_array("X", arrays["X"], (None, 2))
        Y = check_array("y", arrays["y"], (len(X), 1))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} does not fit: {error}") from None
    if not np.all((Y == 0) | (Y == 1)):
        odd = Y[(Y != 0) & (Y != 1)][0]
        raise ValueError(f"{path} has the label {odd:g} in y, wanted 0 and 1")
    return X, Y


def _sklearn_split():
    """Return scikit-learn's `train_test_split`, or say how to get it."""
    try:
        from sklearn.model_selection import train_test_split
    except ImportError:
        message = 'this needs scikit-learn: pip install "minifnn[digits]"'
        raise ImportError(message) from None
    return train_test_split
