"""What a file of a training must hold, looked at before any of it is used."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from .files import unprefixed
from .typing import PathLike


@contextmanager
def fitting(path: PathLike) -> Iterator[None]:
    """Whatever in a file does not fit, say it with the name of the file."""
    try:
        yield
    except (TypeError, ValueError, LookupError, ArithmeticError, csv.Error) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"{path} does not fit together: {what}") from None


def _columns(n_parameters, curvature) -> dict[str, tuple[int, ...]]:
    """The shape of one record of every column."""
    P = (n_parameters,)
    names = ("epoch", "loss", "train_score", "test_score", "zero_residuals")
    columns = {**dict.fromkeys(names, ()), "theta": P}
    if curvature:
        names = ("alpha", "gamma", "published_alpha", "published_gamma", "tolerance")
        columns |= {**dict.fromkeys(names, ()), "alpha_bounds": (2,), "eigenvalues": P}
    return columns


def check_records(arrays: Mapping[str, np.ndarray], n_parameters: int, curvature: bool) -> None:
    """Check that there is a History in the arrays: as many records of each column."""
    columns = _columns(n_parameters, curvature)
    found = unprefixed("history.", arrays)
    if set(found) != set(columns):
        odd = ", ".join(sorted(set(found) ^ set(columns)))
        raise ValueError(f"it should hold {', '.join(columns)}; not so: {odd}")
    n = max(1, found["epoch"].size)
    for name, shape in columns.items():
        _check_numbers(f"history.{name}", found[name], (n, *shape))
    if found["epoch"].dtype.kind not in "iu" or np.any(np.diff(found["epoch"]) <= 0):
        raise ValueError("its epochs do not rise")
    _check_finite("history.theta", found["theta"])
    for name, seconds in unprefixed("seconds.", arrays).items():
        _check_numbers(f"seconds.{name}", seconds, ())


def check_checkpoint(
    arrays: Mapping[str, np.ndarray], memory: Sequence[str], n_parameters: int
) -> None:
    """Check that a training can go on from the arrays, once its records have been checked.

    Parameters
    ----------
    arrays : dict of str to ndarray
    memory : sequence of str
        The arrays that the optimizer remembers.
    n_parameters : int
    """
    for name in ("epochs_done", "optimizer.t"):
        _check_numbers(name, arrays[name], (), "iu")
    if int(arrays["epochs_done"]) != int(arrays["history.epoch"][-1]) + 1:
        raise ValueError("its last record is not of the last epoch done")
    if int(arrays["optimizer.t"]) < 0:
        raise ValueError("its optimizer has taken less than no steps")
    for name in memory:
        _check_numbers(f"optimizer.{name}", arrays[f"optimizer.{name}"], (n_parameters,), "f")
        _check_finite(f"optimizer.{name}", arrays[f"optimizer.{name}"])
    limits = (1 << 128, 1 << 128, 2, 1 << 32)
    if arrays["rng"].shape != (4,) or not all(
        0 <= int(n) < most for n, most in zip(arrays["rng"], limits)
    ):
        raise ValueError("rng in it is no state of a generator")


def _check_numbers(name, array, shape, kinds="fiu"):
    if array.shape != shape or array.dtype.kind not in kinds:
        raise ValueError(f"{name} in it is {array.dtype} {array.shape}, wanted numbers {shape}")


def _check_finite(name, array):
    if not np.isfinite(array).all():
        raise ValueError(f"{name} in it is not finite")
