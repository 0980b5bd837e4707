"""Arguments, validated: each function returns its argument in the form that code computes with.

An error says "NAME: expected WHAT, got WHAT". Values are plain (sizes, names,
arrays), never a network.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from itertools import pairwise
from math import inf, isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .typing import Array

Function = TypeVar("Function", bound=Callable)

MOST_NUMBERS = 1 << 31  # float64 numbers of one array that is made here: 16 GB


def expect(condition: object, name: str, what: str, got: object, error: type = ValueError) -> None:
    """Raise "NAME: expected WHAT, got WHAT" unless the condition holds."""
    if not condition:
        raise error(f"{name}: expected {what}, got {got!r}")


def check_number(
    name: str, value: Any, above: float = -inf, at_least: float = -inf, below: float = inf
) -> float:
    """Return a finite real number within its bounds."""
    is_number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    expect(is_number, name, "a number", value, TypeError)
    try:
        number = float(value)
    except OverflowError:  # an integer of more than 308 digits
        number = value = inf
    bounds = {"above": above, "of at least": at_least, "below": below}
    limits = " and ".join(f"{word} {limit}" for word, limit in bounds.items() if isfinite(limit))
    fits = above < number < below and number >= at_least  # inf and NaN are out in any case
    expect(fits, name, f"a finite number {limits}".strip(), value)
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


HABITS = dict(  # what other libraries call it, and what it is here
    words.split(":")
    for words in "lr:rate learning_rate:rate learning_rate_init:rate activation:hidden "
    "hidden_layer_sizes:sizes max_iter:epochs n_epochs:epochs weight_decay:l2 alpha:l2 "
    "callbacks:progress early_stopping:progress verbose:progress random_state:seed "
    "validation_data:X_test".split()
)
ELSEWHERE = {name: f"mf.mlp(..., {name}=...)" for name in ("hidden", "sizes", "loss", "init")}
ELSEWHERE |= {"rate": "mf.train(..., optimizer=mf.Adam(rate=...))", "seed": "random_state"}


def helpful(function: Function) -> Function:
    """Let an unknown keyword of a function get a suggestion, also one that others use."""
    known = [name for name in signature(function).parameters if name != "self"]

    @wraps(function)
    def call(*arguments, **options):
        for word in options.keys() - {*known}:
            name = HABITS.get(word, word)
            near = get_close_matches(name, known, n=1)
            meant = name if name in known else ELSEWHERE.get(name) or "".join(near)
            what = "one of " + ", ".join(known) + f"; did you mean {meant}?" * bool(meant)
            raise TypeError(f"{word}: expected {what}")
        return function(*arguments, **options)

    return call  # type: ignore[return-value]  # of the same signature


def check_path(name: str, value: Any) -> Path:
    """Return a path that every system accepts for a file; a first ~ is the home folder."""
    expect(isinstance(value, (str, os.PathLike)), name, "a path", value, TypeError)
    path = Path(value)
    try:
        sizes = [len(os.fsencode(part)) for part in path.parts]
        fits = "\0" not in str(path) and max(sizes, default=0) <= 255 and sum(sizes) <= 3000
    except UnicodeEncodeError:  # half of a character
        fits = False
    what = "a path without null characters, of at most 3000 bytes, 255 per name"
    expect(fits, name, what, str(path))
    path = Path(os.path.expanduser(value))
    return path.absolute() if str(path)[:1] == "~" else path  # "./~" is no home


def as_array(name: str, value: Any) -> np.ndarray:
    """Return what NumPy makes of a value, unless it is None, ragged or masked."""
    expect(value is not None, name, "an array", value, TypeError)
    expect(not np.ma.is_masked(value), name, "an array without a mask", value, TypeError)
    is_dense = not hasattr(value, "toarray")  # as SciPy's sparse matrices have
    expect(is_dense, name, "a dense array, such as its toarray()", value, TypeError)
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # PyTorch has its own
        raise ValueError(f"{name}: expected an array, but NumPy says: {error}") from None
    if array.dtype.kind in "OUS" and array.size:  # such as nullable columns of pandas
        for place, item in np.ndenumerate(array.astype(object)):
            if not isinstance(item, Real):
                is_label = isinstance(item, str) and name[0] == "Y"
                what = "real numbers" + " (minifnn.sklearn takes text)" * is_label
                raise TypeError(f"{name}: expected {what}, got {item!r} at {place}")
        array = np.array(array.tolist())
    return array


def check_array(
    name: str, value: Any, shape: Sequence | None = None, kinds: str = "fiub", finite: bool = True
) -> Array:
    """Return numbers, contiguous, of a shape in which None is any size of at least 1."""
    array = as_array(name, value)
    expect(array.dtype.kind in kinds, name, "real numbers", array.dtype, TypeError)
    if shape is not None:
        fits = len(shape) == array.ndim and all(n in (None, m) for n, m in zip(shape, array.shape))
        expect(fits, name, "shape " + str(tuple(shape)).replace("None", "any"), array.shape)
        expect(array.size, name, "an array that is not empty", array)
    array = plain(array)
    if finite:
        check_finite(name, array)
    return array


def plain(array: Any, dtype: type = float) -> np.ndarray:
    """Return an array, or a copy, of the only kind that there are kernels for."""
    is_plain = type(array) is np.ndarray and array.dtype == dtype and array.flags.carray
    return array if is_plain else np.require(array, dtype, ["C", "ALIGNED", "WRITEABLE", "E"])


def check_finite(name: str, array: np.ndarray) -> None:
    """Refuse NaN and infinity."""
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):  # no array
        where = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
        raise ValueError(f"{name}: expected finite numbers, got {array[where]} at {where}")


def floats_of(array: Any) -> np.finfo:
    """Return the floats that an array's numbers were rounded to: short ones, or float64."""
    return np.finfo(array.dtype if array.dtype in (np.float16, np.float32) else np.float64)


def check_fields(h: Any, beta: Any) -> tuple[Array, Array]:
    """Return h and beta, finite and of shapes that broadcast against each other."""
    h, beta = check_array("h", h, kinds="fiu"), check_array("beta", beta, kinds="fiu")
    try:
        np.broadcast(h, beta)
    except ValueError:
        what = f"a shape that broadcasts against {h.shape}, that of h"
        raise ValueError(f"beta: expected {what}, got {beta.shape}") from None
    return h, beta


def check_fits(name: str, value: Any, numbers: int) -> None:
    """Refuse a value that asks for too many numbers, before memory is asked for."""
    what = f"a value for at most {MOST_NUMBERS} numbers, not {numbers}"
    expect(numbers <= MOST_NUMBERS, name, what, value)


def check_callable(name: str, value: Any) -> Callable:
    """Return a function, or whatever can be called."""
    expect(callable(value), name, "a function", value, TypeError)
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return True or False."""
    expect(isinstance(value, (bool, np.bool_)), name, "True or False", value, TypeError)
    return bool(value)


def check_list(name: str, value: Any, kind: type = object, what: str = "a list") -> list:
    """Return a list of what an iterable gives, each of one kind; a text or a set is no list."""
    is_list = isinstance(value, Iterable) and not isinstance(value, (str, bytes, set, frozenset))
    is_scalar = getattr(value, "ndim", 1) == 0  # an array of one number, which has no items
    expect(is_list and not is_scalar, name, what, value, TypeError)
    items = list(value)
    for i, item in enumerate(items):
        expect(isinstance(item, kind), f"{name}[{i}]", f"a {kind.__name__}", item, TypeError)
    return items


def check_pair(name: str, value: Any, what: str, **bounds: float) -> list[float]:
    """Return two numbers within their bounds; `what` names them, as in "(factor, period)"."""
    expect(isinstance(value, (tuple, list)) and len(value) == 2, name, what, value)
    return [check_number(f"{name}[{i}]", number, **bounds) for i, number in enumerate(value)]


def check_sizes(sizes: Any) -> list[int]:
    """Return the sizes of the layers: inputs, units of each hidden layer, outputs."""
    sizes = check_list("sizes", sizes, what="a list such as [2, 10, 1]")
    expect(len(sizes) > 1, "sizes", "inputs and outputs at least", sizes)
    sizes = [check_count(f"sizes[{i}]", size) for i, size in enumerate(sizes)]
    check_fits("sizes", sizes, sum((n + 2) * m for n, m in pairwise(sizes)))
    return sizes


def check_hidden(hidden: Any, n_hidden: int, choices: Mapping[str, str], own: type) -> list:
    """Return the activation of each hidden layer, given one for all or a list.

    Choices say what each name stands for; one of your own is an object of the type `own`.
    """
    one = isinstance(hidden, str | own)
    given = [hidden] if one else check_list("hidden", hidden, what="a name or a list of names")
    fits = one or len(given) == n_hidden
    expect(fits, "hidden", f"{n_hidden} names, one per hidden layer", given)
    gates = [
        g if isinstance(g, own) else choices[check_choice("hidden", g, choices)] for g in given
    ]
    return gates * n_hidden if one else gates


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
    if not isinstance(beta, (tuple, list, str)):
        return "constant", check_number("beta", beta)
    is_normal = len(beta) == 2 and beta[0] == "normal"
    expect(is_normal, "beta", "a number or ('normal', std)", beta)
    return "normal", check_number("beta[1]", beta[1], at_least=0)


def check_targets(name: str, Y: Any, N: int, K: int, output: str, own: bool = False) -> Array:
    """Return targets (N, K) for an output; class labels (N,) of softmax become one-hot rows.

    A loss of one's own takes all numbers, and more columns than K.
    """
    Y = as_array(name, Y)
    if output == "softmax" and Y.shape in ((N,), (N, 1)):
        labels = check_array(name, Y).ravel()
        parts = labels[labels % 1 != 0].tolist()
        expect(not parts, name, "whole numbers as class labels", parts[:1])
        _check_range(name, "class labels", labels, K - 1)
        return np.eye(K)[labels.astype(int)]
    one, also = (N,) if K == 1 else (N, K), " of class labels" if output == "softmax" else ""
    wide = own and Y.ndim == 2 and len(Y) == N and Y.shape[1] > K
    what = f"shape ({N}, {K})" + (f", or ({N},){also}" if K == 1 or also else "")
    expect(Y.shape in ((N, K), one) or wide, name, what, Y.shape)
    Y = check_array(name, Y.reshape(N, -1))
    if output in ("sigmoid", "softmax") and not own:
        _check_range(name, "numbers", Y, 1)
    if output == "softmax" and not own:
        sums = Y.sum(axis=1)
        worst = sums[np.abs(sums - 1).argmax()]
        expect(abs(worst - 1) <= 1e-9, name, "rows that sum to 1", worst.item())
    return Y


def _check_range(name, what, array, last):
    for extreme in (array.min().item(), array.max().item()):
        expect(0 <= extreme <= last, name, f"{what} from 0 to {last}", extreme)


def check_training(
    epochs: Any, record: Any, batch_size: Any, curvature: Any, seed: Any, N: int, l2: Any = None
) -> tuple[set[int], int]:
    """Return the epochs to record and the number of samples per step, of all N for None."""
    check_count("epochs", epochs)
    record = check_list("record", record, what="a list of epochs")
    record = {check_count("record", epoch, at_least=0) for epoch in record}
    last = max(record, default=0)
    expect(last < epochs, "record", f"epochs below {epochs}", last)
    size = N if batch_size is None else check_count("batch_size", batch_size)
    expect(size <= N, "batch_size", f"at most {N}, the number of samples", size)
    check_flag("curvature", curvature)
    check_count("seed", seed, at_least=0)
    check_number("l2", 0.0 if l2 is None else l2, at_least=0)
    return record, size


def check_step(name: str, vector: Array, optimizer: Any) -> None:
    """Refuse a gradient, or a theta, that is no longer finite in a training."""
    finite = np.isfinite(vector)
    if not finite.all():
        where = f"step {optimizer.t}; the rate of {optimizer!r} may be too large"
        raise ValueError(f"{name}: expected finite numbers, got {vector[~finite][0]} at {where}")
