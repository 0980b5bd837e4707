"""Bad input stopped at the door: one clear error each.

Every function names the argument, says what came and what was wanted, and
returns the argument in the form in which the code behind the door uses it.
"""

import os
from collections.abc import Callable, Collection, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from .typing import Array

LONGEST_NAME, LONGEST_PATH = 255, 3000  # bytes, a little less than what systems bear
LARGEST = 1 << 34  # bytes of an array that is made here


def check_number(
    name: str,
    value: object,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
) -> float:
    """Return a real number within its bounds."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}, wanted a number")
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        raise ValueError(f"{name} has too many digits, wanted a smaller number") from None
    bounds = (
        (above, "above", above is not None and not number > above),
        (at_least, "at least", at_least is not None and not number >= at_least),
        (below, "below", below is not None and not number < below),
    )
    for bound, word, broken in bounds:
        if broken:
            raise ValueError(f"{name} is {value}, wanted {word} {bound}")
    if not np.isfinite(number):
        raise ValueError(f"{name} is {value}, wanted a finite number")
    return number


def check_count(name: str, value: object, at_least: int = 1) -> int:
    """Return a whole number that is large enough."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name} is {value!r}, wanted a whole number")
    if value < at_least:
        raise ValueError(f"{name} is {value}, wanted at least {at_least}")
    return int(value)


def check_choice(name: str, value: object, choices: Collection[str]) -> str:
    """Return a name that is among the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}, wanted one of {', '.join(sorted(choices))}")
    return value


def check_path(name: str, value: Any) -> Path:
    """Return a path."""
    try:
        path = Path(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}, wanted a path") from None
    try:
        lengths = [len(os.fsencode(part)) for part in path.parts]
    except UnicodeEncodeError:
        raise ValueError(f"{name} is {value!r}, which is no text; wanted a path") from None
    if "\0" in str(path):
        raise ValueError(f"{name} is {value!r}, which has a zero in it; wanted a path")
    if max(lengths, default=0) > LONGEST_NAME or sum(lengths) > LONGEST_PATH:
        raise ValueError(f"{name} has {sum(lengths)} bytes, wanted a shorter path")
    return path


def as_array(name: str, value: Any) -> np.ndarray:
    """Return what NumPy makes of a value, unless it is nothing, ragged or masked."""
    if value is None:
        raise TypeError(f"{name} is None, wanted an array")
    if np.ma.is_masked(value):
        raise TypeError(f"{name} has masked entries, wanted an array without a mask")
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array: {error}") from None


def check_array(name: str, value: Any, shape: Sequence[int | None]) -> Array:
    """Return a float64 array of real, finite numbers.

    `shape` holds a whole number where a size is fixed and None where any size
    of at least 1 will do.
    """
    array = as_array(name, value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}, wanted real numbers")
    wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape)
    wanted += ",)" if len(shape) == 1 else ")"
    fits = array.ndim == len(shape) and all(
        wanted_size in (None, size) for size, wanted_size in zip(array.shape, shape)
    )
    if not fits:
        raise ValueError(f"{name} has shape {array.shape}, wanted {wanted}")
    if array.size == 0:
        raise ValueError(f"{name} is empty, of shape {array.shape}")
    array = np.ascontiguousarray(array, dtype=np.float64)
    if not np.all(np.isfinite(array)):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[where]} at {where}, wanted finite numbers")
    return array


def check_fits(name: str, value: object, numbers: int) -> None:
    """Say that a size is too large, before so many numbers of 8 bytes are asked for."""
    if 8 * numbers > LARGEST:
        raise ValueError(
            f"{name} is {value}, of {numbers} numbers; wanted {LARGEST // 8} numbers at most"
        )


def check_callable(name: str, value: Any) -> Callable:
    """Return a function, or whatever can be called."""
    if not callable(value):
        raise TypeError(f"{name} is {value!r}, wanted a function")
    return value


def check_flag(name: str, value: object) -> bool:
    """Return True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} is {value!r}, wanted True or False")
    return bool(value)


def check_list(name: str, value: Any, kind: type = object) -> list:
    """Return a list of what an iterable gives, each of one kind; a text is no list."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise TypeError(f"{name} is {value!r}, wanted a list")
    try:
        items = list(value)
    except Exception as error:
        raise TypeError(f"{name} is {value!r}, wanted a list: {error}") from None
    for i, item in enumerate(items):
        if not isinstance(item, kind):
            raise TypeError(f"{name}[{i}] is {item!r}, wanted a {kind.__name__}")
    return items


def check_generator(rng: object) -> np.random.Generator:
    """Return a generator of random numbers."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}, wanted a numpy.random.Generator")
    return rng


def check_real(name: str, value: Any) -> Array:
    """Return a float64 array of any shape; inf is a number here, NaN is none."""
    array = as_array(name, value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} has dtype {array.dtype}, wanted real numbers")
    if np.isnan(array).any():
        raise ValueError(f"{name} holds NaN, wanted numbers")
    return array.astype(np.float64)
