"""Data to learn from: generated from a seed, small images of digits, or read from a file.

The 1,797 images of `digits` are in digits.npz beside this file. They are the test part of
Optical Recognition of Handwritten Digits by E. Alpaydin and C. Kaynak (1998), UCI Machine
Learning Repository, https://doi.org/10.24432/C50P49, licence CC BY 4.0, in the order in which
scikit-learn distributes them. The file was made by

    pixels, labels = sklearn.datasets.load_digits(return_X_y=True)
    np.savez_compressed("digits.npz", pixels=pixels.astype("u1"), labels=labels.astype("u1"))
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from ._util.typing import Array, PathLike
from ._util.validation import (
    check_array,
    check_count,
    check_fits,
    check_flag,
    check_number,
    check_path,
    expect,
)


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Samples X (N, D) with targets Y (N, K), each 0 or 1: some to learn from, others to test."""

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


def linear(seed: int = 0) -> Dataset:
    """Return two blobs that a straight line almost separates: 38 points, and 13 to test.

    There are 30 points of class 0 around (1.8, 2.6) and 21 of class 1 around (3.0, 3.8),
    normally distributed and longer along the line than across it.
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
    """Whether the point (x, y) of the box [0.04, 1] x [0.4, 1] is in the arch, class 0."""
    roof = 0.70 + 0.17 * _bump(x, 0.31, 0.07) + 0.17 * _bump(x, 0.64, 0.08)  # lobe, notch, lobe
    wall = 0.30 * _step(x, 0.20, -0.008) + 0.30 * _step(x, 0.29, -0.025)  # left of the left leg
    hollow = 0.28 * _bump(x, 0.60, 0.085)  # between the legs
    right = 0.28 * _step(x, 0.88, 0.015)  # right of the right leg, under the shoulder
    heap = 0.30 + 0.18 * _bump(x, 0.66, 0.08)  # on the floor of the hollow
    ground = 0.34 + wall + hollow + right
    return ((ground < y) & (y < roof)) | (y < heap)


def nonlinear(seed: int = 0) -> Dataset:
    """Return an arch with two lobes against what is around it: 690 points, and 173 to test.

    Class 0 (383 points) is the arch: two lobes with a notch between them, two legs, a shoulder
    to the right, and a heap on the ground between the legs. Class 1 (480 points) is everything
    else. Each class is spread uniformly over its part of the box [0.04, 1] x [0.4, 1].
    """
    rng = _generator(seed)
    sizes = {0: 383, 1: 480}
    X, y = np.empty((0, 2)), np.empty(0, dtype=int)
    while any((y == c).sum() < n for c, n in sizes.items()):
        X = np.vstack([X, rng.uniform([0.04, 0.4], [1.0, 1.0], size=(100, 2))])
        y = np.where(_in_arch(*X.T), 0, 1)
    kept = np.concatenate([np.flatnonzero(y == c)[:n] for c, n in sizes.items()])
    return _shuffled("nonlinear", rng, X[kept], y[kept], n_train=690)


def moons(n: int = 400, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return two interleaved half circles of radius 1, n points, a fifth of them to test.

    `noise` is the standard deviation of the normal noise on each coordinate.
    """
    n, noise, rng = _check_points(n, noise, seed)
    y = np.arange(n) % 2
    up = 1 - 2 * y  # the first moon is an arch, the second one hangs
    angle = rng.uniform(0.0, np.pi, size=n)
    X = np.column_stack([y + np.cos(angle), 0.5 * y + up * np.sin(angle)])
    X += noise * rng.normal(size=(n, 2))
    return _shuffled("moons", rng, X, y, n_train=n - n // 5)


def spirals(n: int = 400, turns: float = 1.5, noise: float = 0.02, seed: int = 0) -> Dataset:
    """Return two spiral arms from near the origin to radius 1, n points, a fifth of them to test.

    Each arm makes so many `turns`; `noise` is as for `moons`.
    """
    n, noise, rng = _check_points(n, noise, seed)
    turns = check_number("turns", turns, above=0)
    y = np.arange(n) % 2
    radius = np.sqrt(rng.uniform(0.01, 1.0, size=n))  # the root: an arm is as dense outside
    angle = 2 * np.pi * turns * radius + np.pi * y
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    X += noise * rng.normal(size=(n, 2))
    return _shuffled("spirals", rng, X, y, n_train=n - n // 5)


def _check_points(n, noise, seed):
    n = check_count("n", n, at_least=5)
    check_fits("n", n, 8 * n)
    return n, check_number("noise", noise, at_least=0), _generator(seed)


def _published_split(name, X, Y, test_size, seed):
    """Split as scikit-learn's `train_test_split(X, Y, test_size=..., random_state=seed)`."""
    n_test = int(np.ceil(test_size * len(X)))
    expect(n_test < len(X), "test_size", f"at most 1 - 1/{len(X)}", test_size)
    # NumPy's legacy generator, for it drew the published splits
    order = np.random.RandomState(seed).permutation(len(X))
    test, train = order[:n_test], order[n_test:]
    return Dataset(name, X[train], Y[train], X[test], Y[test])


def digits(as_published: bool = False) -> Dataset:
    """Return handwritten digits, 8x8 pixels each: X (1437, 64), and (360, 64) to test.

    The pixels, 0 to 16, are scaled to 0..1, and Y has one column per digit. With `as_published`
    they are what arXiv:1805.08786 was computed with: pixels divided by 255, and targets
    one_hot(label - 1). There the digit 0 is a row of zeros and column 9 is never used, so that
    the 0s, a tenth of all images, are right only by accident, however low the loss.
    """
    check_flag("as_published", as_published)
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as file:
        pixels, labels = file["pixels"], file["labels"].astype(int)
    X = pixels / (255.0 if as_published else 16.0)
    columns = labels - 1 if as_published else labels
    Y = (columns[:, None] == np.arange(10)).astype(np.float64)  # (N, 10)
    return _published_split("digits", X, Y, test_size=0.2, seed=0)


def from_mat(path: PathLike, test_size: float = 0.2, random_state: int = 0) -> Dataset:
    """Return X (N, 2) and y (N, 1), each 0 or 1, of a MATLAB file of version 7 or older.

    They are split as by scikit-learn's `train_test_split` with this `test_size` and
    `random_state`; for arXiv:1805.08786 with 0.2 and 0 (the non-linear set), and with 0.25
    and 5 (the linear one). Nothing in the file is executed.
    """
    path = check_path("path", path)
    test_size = check_number("test_size", test_size, above=0, below=1)
    random_state = check_count("random_state", random_state, at_least=0)
    expect(random_state < 2**32, "random_state", "an integer below 2**32", random_state)
    if not path.is_file():
        raise FileNotFoundError(f"path: expected a file, got {str(path)!r}")
    try:
        X, Y = _read_mat(path)
    except Exception as error:  # a damaged file makes SciPy raise errors of many kinds
        message = "expected a MATLAB file of numbers X (N, 2) and y (N, 1)"
        raise ValueError(f"{path}: {message}: {error}") from None
    return _published_split(path.stem, X, Y, test_size, random_state)


LARGEST = 1 << 26  # bytes of a MATLAB file, and of what is packed in it
PACKED, NUMBERS = 15, range(6, 16)  # the type of packed elements; the classes of plain arrays


def _read_mat(path):
    from scipy.io import loadmat  # here, so that importing minifnn stays quick

    if path.stat().st_size > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    arrays = loadmat(_only_numbers(path.read_bytes()), variable_names=("X", "y"))
    X = check_array("X", arrays.get("X"), (None, 2))
    Y = check_array("y", arrays.get("y"), (len(X), 1))
    expect(np.isin(Y, (0, 1)).all(), "y", "0 and 1", np.unique(Y))
    return X, Y


def _only_numbers(data):
    """The MATLAB file without packing, and with nothing in it but arrays of numbers.

    Reading a packed element, or a list of elements, SciPy fills as much memory as they say
    that they hold; reading these arrays, no more than is there.
    """
    if 0 in data[:4]:
        return BytesIO(data)  # version 4, which packs nothing
    order, place = ("<", 16) if data[126:128] == b"IM" else (">", 19)  # place of an array's class
    plain, room, at = [data[:128]], LARGEST, 128
    while at < len(data):
        kind, length = struct.unpack_from(f"{order}2I", data, at)
        element = data[at : at + 8 + length]
        at += 8 + length
        if kind == PACKED:
            inflate = zlib.decompressobj()
            element = inflate.decompress(element[8:], room)
            room -= len(element)
            if not (inflate.eof and room):
                raise ValueError(f"what is packed in it is cut, or has more than {LARGEST} bytes")
        if element[place] in NUMBERS:
            plain.append(element)
    return BytesIO(b"".join(plain))
