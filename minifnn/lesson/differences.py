"""Whether what came back is what was expected; if not: kind, then shape, then value."""

from typing import Any

import numpy as np

from .exercise import Exercise, kind


def difference(exercise: Exercise, got: Any, expected: Any) -> str | None:
    """Return None if `got` is right, or else say what differs."""
    problem = kind_of_difference(exercise, got)
    if problem or not exercise.returns:
        return problem or of_one(exercise.label, got, expected, exercise.tolerance)
    for name, one, other in zip(exercise.returns, got, expected):
        problem = of_one(name, one, other, exercise.tolerance)
        if problem is not None:
            return problem
    return None


def kind_of_difference(exercise: Exercise, got: Any) -> str | None:
    """Return None if as many things came back as were expected."""
    n, names = len(exercise.returns), ", ".join(exercise.returns)
    if got is None and n:
        return f"{exercise.label}: nothing came back. Did you forget to return it ({names})?"
    rows = isinstance(got, np.ndarray) and got.ndim > 0  # an array of n rows will do
    if n and (not (rows or isinstance(got, tuple | list)) or len(got) != n):
        return f"{exercise.label} returned {kind(got)}; expected {n} things: {names}."
    return None


def of_one(name: str, got: Any, expected: Any, tolerance: float) -> str | None:
    """Return None if one thing is right, or else say what differs."""
    if got is None:
        return f"{name}: nothing came back. Did you forget to return it?"
    if isinstance(expected, str | bool):
        same = type(got) is type(expected) and got == expected
        return None if same else f"{name} is {got!r}. That is not it."
    array, expected = as_plain(got), np.asarray(expected)
    if array is None or array.dtype.kind not in "fiub" + expected.dtype.kind:
        real = "real " if array is not None and array.dtype.kind == "c" else ""
        return f"{name} is {kind(got)}; expected {real}numbers."
    if array.shape != expected.shape:
        what = f"{expected.shape}" if expected.ndim else "one number"
        return f"{name} has shape {array.shape}, expected {what}."
    problem = of_values(name, array, expected, tolerance)
    if problem and array.dtype in (np.float16, np.float32):
        problem += f" {array.dtype} keeps too few digits: compute in float64."
    return problem


def as_plain(got: Any) -> np.ndarray | None:
    """An array of NumPy's own, or None for what is none."""
    try:
        return np.array(got, subok=False)
    except Exception:
        return None


def of_values(name: str, got: np.ndarray, expected: np.ndarray, tolerance: float) -> str | None:
    """Say where two arrays of one shape differ most."""
    place = worst(got, expected, tolerance)
    if place is None:
        return None
    one, other = got[place], expected[place]
    if not np.isfinite(one) and np.isfinite(other):
        return f"{name}{at(place)} is {one}, which is not a finite number; expected {other:.6g}."
    digits = 17 if f"{one:.6g}" == f"{other:.6g}" else 6
    start = "The shape is right, but " if place else ""
    return f"{start}{name}{at(place)} is {one:.{digits}g}, expected {other:.{digits}g}."


def worst(got: np.ndarray, expected: np.ndarray, tolerance: float) -> tuple[int, ...] | None:
    """The place where two arrays of one shape differ most, or None where they agree."""
    number = complex if "c" in got.dtype.kind + expected.dtype.kind else float
    got, expected = got.astype(number), expected.astype(number)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    errors = np.nan_to_num(np.where(same, 0.0, np.abs(got - expected)), nan=np.inf)
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
    if not errors.size or errors.max() <= tolerance * scale:
        return None
    return tuple(map(int, np.unravel_index(errors.argmax(), errors.shape)))


def at(place: tuple[int, ...]) -> str:
    """An index, for a sentence."""
    return f"[{', '.join(map(str, place))}]" if place else ""
