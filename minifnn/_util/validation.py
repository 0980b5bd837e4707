"""Arguments, validated: each function returns its argument in the form that code computes with.

An error says "NAME: expected WHAT, got WHAT". Values are plain (sizes, names,
arrays), never a network.
"""

import math
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import get_close_matches
from itertools import pairwise
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from .typing import Array

LONGEST_NAME, LONGEST_PATH = 255, 3000  # bytes that every system accepts
MOST_NUMBERS = 1 << 31  # float64 numbers of one array that is made here: 16 GB


def expect(
    condition: object, name: str, what: str, got: object, error: type[Exception] = ValueError
) -> None:
    """Raise "NAME: expected WHAT, got WHAT" unless the condition holds."""
    if not condition:
        raise error(f"{name}: expected {what}, got {got!r}")


def check_number(
    name: str,
    value: Any,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
) -> float:
    """Return a finite real number within its bounds."""
    is_number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    expect(is_number, name, "a number", value, TypeError)
    try:
        number = float(value)
    except OverflowError:  # an integer of more than 308 digits
        number = value = math.inf
    expect(above is None or number > above, name, f"a number above {above}", value)
    least = f"a number of at least {at_least}"
    expect(at_least is None or number >= at_least, name, least, value)
    expect(below is None or number < below, name, f"a number below {below}", value)
    expect(math.isfinite(number), name, "a finite number", value)
    return number


def check_count(name: str, value: Any, at_least: int = 1) -> int:
    """Return an integer that is large enough."""
    is_integer = isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))
    expect(is_integer, name, "an integer", value, TypeError)
    expect(value >= at_least, name, f"an integer of at least {at_least}", value)
    return int(value)


def check_choice(name: str, value: Any, choices: Collection[str]) -> str:
    """Return a name that is among the choices; a near miss gets a suggestion."""
    if isinstance(value, str) and value in choices:
        return value
    near = get_close_matches(value.lower(), choices, n=1) if isinstance(value, str) else []
    suggestion = f"; did you mean {near[0]!r}?" if near else ""
    names = ", ".join(sorted(choices))
    raise ValueError(f"{name}: expected one of {names}, got {value!r}{suggestion}")


def check_path(name: str, value: Any) -> Path:
    """Return a path that a file may have."""
    try:
        path = Path(value)
        sizes = [len(os.fsencode(part)) for part in path.parts]
    except (TypeError, UnicodeEncodeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name}: expected a path, got {value!r}") from None
    expect("\0" not in str(path), name, "a path without null characters", str(path))
    fits = max(sizes, default=0) <= LONGEST_NAME and sum(sizes) <= LONGEST_PATH
    what = f"a path of at most {LONGEST_PATH} bytes, {LONGEST_NAME} per name"
    expect(fits, name, what, str(path))
    return path


def as_array(name: str, value: Any) -> np.ndarray:
    """Return what NumPy makes of a value, unless it is None, ragged or masked."""
    expect(value is not None, name, "an array", value, TypeError)
    if np.ma.is_masked(value):
        raise TypeError(f"{name}: expected an array without a mask, got masked entries")
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name}: expected an array, but NumPy says: {error}") from None


def check_array(name: str, value: Any, shape: Sequence[int | None]) -> Array:
    """Return finite numbers, contiguous; None in the shape is any size of at least 1."""
    array = _real(name, value)
    fits = len(shape) == array.ndim and all(n in (None, m) for n, m in zip(shape, array.shape))
    expect(fits, name, "shape " + str(tuple(shape)).replace("None", "any"), array.shape)
    expect(array.size, name, "an array that is not empty", array)
    return _finite(name, np.ascontiguousarray(array, dtype=np.float64))


def check_real(name: str, value: Any) -> Array:
    """Return a copy of numbers in any shape; inf is a number here, NaN is none."""
    array = _real(name, value).astype(np.float64)
    expect(not np.isnan(array).any(), name, "numbers", math.nan)
    return array


def check_fields(h: Any, beta: Any) -> list[Array]:
    """Return [h, beta], finite and of shapes that broadcast against each other."""
    fields = [
        _finite(name, _real(name, value, kinds="fiu").astype(np.float64))
        for name, value in (("h", h), ("beta", beta))
    ]
    try:
        np.broadcast(*fields)
    except ValueError:
        what = f"a shape that broadcasts against {fields[0].shape}, that of h"
        raise ValueError(f"beta: expected {what}, got {fields[1].shape}") from None
    return fields


def _real(name, value, kinds="fiub"):
    array = as_array(name, value)
    expect(array.dtype.kind in kinds, name, "real numbers", array.dtype, TypeError)
    return array


def _finite(name, array):
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(np.argwhere(~finite)[0].tolist())
        raise ValueError(f"{name}: expected finite numbers, got {array[where]} at {where}")
    return array


def check_fits(name: str, value: Any, numbers: int) -> None:
    """Refuse a value that asks for too many numbers, before memory is asked for."""
    if numbers > MOST_NUMBERS:
        most = f"at most {MOST_NUMBERS} numbers in an array"
        raise ValueError(f"{name}: expected {most}, got {numbers} from {value}")


def check_callable(name: str, value: Any) -> Callable:
    """Return a function, or whatever can be called."""
    expect(callable(value), name, "a function", value, TypeError)
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return True or False."""
    expect(isinstance(value, (bool, np.bool_)), name, "True or False", value, TypeError)
    return bool(value)


def check_list(name: str, value: Any, kind: type = object) -> list:
    """Return a list of what an iterable gives, each of one kind; a text is no list."""
    is_list = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
    is_scalar = getattr(value, "ndim", 1) == 0  # an array of one number, which has no items
    expect(is_list and not is_scalar, name, "a list", value, TypeError)
    items = list(value)
    for i, item in enumerate(items):
        expect(isinstance(item, kind), f"{name}[{i}]", f"a {kind.__name__}", item, TypeError)
    return items


def check_pair(name: str, value: Any, what: str, **bounds: float) -> list[float]:
    """Return two numbers within their bounds; `what` names them, as in "(factor, period)"."""
    expect(isinstance(value, (tuple, list)) and len(value) == 2, name, what, value)
    return [check_number(f"{name}[{i}]", number, **bounds) for i, number in enumerate(value)]


def check_generator(rng: Any) -> np.random.Generator:
    """Return a generator of random numbers."""
    is_generator = isinstance(rng, np.random.Generator)
    expect(is_generator, "rng", "a numpy.random.Generator", rng, TypeError)
    return rng


# ------------------------------------------------------------- of a network


def check_sizes(sizes: Any) -> list[int]:
    """Return the sizes of the layers: inputs, units of each hidden layer, outputs."""
    is_list = isinstance(sizes, (list, tuple)) or (isinstance(sizes, np.ndarray) and sizes.ndim)
    expect(is_list, "sizes", "a list such as [2, 10, 1]", sizes, TypeError)
    expect(len(sizes) > 1, "sizes", "inputs and outputs at least", sizes)
    sizes = [check_count(f"sizes[{i}]", size) for i, size in enumerate(sizes)]
    check_fits("sizes", sizes, sum((n + 2) * m for n, m in pairwise(sizes)))
    return sizes


def check_hidden(hidden: Any, n_hidden: int, choices: Collection[str]) -> list[str]:
    """Return the activation of each hidden layer, given one for all or a list."""
    if isinstance(hidden, str):
        return [check_choice("hidden", hidden, choices)] * n_hidden
    is_list = isinstance(hidden, (list, tuple))
    expect(is_list, "hidden", "a name or a list of names", hidden, TypeError)
    expect(len(hidden) == n_hidden, "hidden", f"{n_hidden} names, one per hidden layer", hidden)
    return [check_choice("hidden", name, choices) for name in hidden]


def check_trainable(trainable_beta: Any, hidden: Sequence[str], output: str) -> list[bool]:
    """Return whether the beta of each layer is trained, given one for all or a list.

    By default those of ESP are; an output that is no gate goes with the layer below it.
    """
    name, n_layers = "trainable_beta", len(hidden) + 1
    if trainable_beta is None:
        trained = [activation == "esp" for activation in hidden]
        return [*trained, output == "esp" or trained[-1:] == [True]]
    if not isinstance(trainable_beta, (list, tuple)):
        return [check_flag(name, trainable_beta)] * n_layers
    flags = [check_flag(name, flag) for flag in trainable_beta]
    expect(len(flags) == n_layers, name, f"{n_layers} entries, one per layer", flags)
    return flags


def check_start_of_beta(beta: Any) -> tuple[str, float]:
    """Return how beta starts: ("constant", its value) or ("normal", its standard deviation)."""
    if isinstance(beta, tuple) and len(beta) == 2 and beta[0] == "normal":
        return "normal", check_number("beta[1]", beta[1], at_least=0)
    is_text_or_list = isinstance(beta, (tuple, list, str))
    expect(not is_text_or_list, "beta", "a number or ('normal', std)", beta)
    return "constant", check_number("beta", beta)


# ------------------------------------------------------------ of a training


def check_targets(name: str, Y: Any, N: int, K: int, output: str) -> Array:
    """Return targets (N, K) for an output; class labels (N,) of softmax become one-hot rows."""
    Y = as_array(name, Y)
    if output == "softmax" and Y.ndim == 1:
        expect(len(Y) == N, name, f"{N} class labels", Y.shape)
        _check_integers(name, "class labels", Y, K)
        return np.eye(K)[Y]
    Y = check_array(name, Y, (N, K))
    if output in ("sigmoid", "softmax"):
        for extreme in (Y.min().item(), Y.max().item()):
            expect(0 <= extreme <= 1, name, "numbers from 0 to 1", extreme)
    if output == "softmax":
        worst = max(Y.sum(axis=1).tolist(), key=lambda total: abs(total - 1))
        expect(abs(worst - 1) <= 1e-9, name, "rows that sum to 1", worst)
    return Y


def check_record(record: Any, epochs: int) -> set[int]:
    """Return the epochs to record, each of 0 to epochs - 1."""
    record = as_array("record", record)
    expect(record.ndim == 1, "record", "a list of epochs", record)
    if record.size:
        _check_integers("record", "epochs", record, epochs)
    return set(record.tolist())


def _check_integers(name, what, array, n):
    """Refuse an array with anything but integers from 0 to n - 1."""
    expect(array.dtype.kind in "iu", name, f"integers as {what}", array.dtype, TypeError)
    for extreme in (array.min().item(), array.max().item()):
        expect(0 <= extreme < n, name, f"{what} from 0 to {n - 1}", extreme)


def check_batch_size(batch_size: Any, N: int) -> int:
    """Return the number of samples per step, all N for None."""
    size = N if batch_size is None else check_count("batch_size", batch_size)
    expect(size <= N, "batch_size", f"at most {N}, the number of samples", size)
    return size


def check_finite(finite: object) -> None:
    """Refuse a problem whose Hessian is not finite."""
    if not finite:
        raise ValueError("X, Y and theta: expected numbers with a finite Hessian, got larger ones")


def check_step(name: str, vector: Array, optimizer: Any) -> None:
    """Refuse a gradient, or a theta, that is no longer finite in a training."""
    if not np.isfinite(vector).all():
        raise ValueError(
            f"{name}: expected finite numbers, got {vector[~np.isfinite(vector)][0]} at step "
            f"{optimizer.t}; the rate of {optimizer!r} may be too large"
        )
