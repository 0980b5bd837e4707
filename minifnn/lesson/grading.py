"""Whether an answer is right; if it is not, a message that a learner can act on.

An answer is compared with the solution, a function on random inputs. One that is wrong in the
way of a mutant gets that mutant's message; any other is told where it differs.
"""

import copy
import traceback
from typing import Any

import numpy as np

from .exercise import Exercise, Outcome


class NotYet(Exception):
    """What is wrong with an answer, in the learner's words."""


def grade(exercise: Exercise, answer: Any) -> Outcome:
    """Try an answer: correct, not attempted, or not yet with a message."""
    if answer is ... or answer is None:
        return Outcome(exercise.number, "not attempted")
    try:
        with np.errstate(all="ignore"):
            if exercise.inputs is None:
                _try_value(exercise, answer)
            else:
                _try_function(exercise, answer)
    except NotImplementedError:
        return Outcome(exercise.number, "not attempted")
    except NotYet as problem:
        return Outcome(exercise.number, "not yet", str(problem))
    return Outcome(exercise.number, "correct")


def _try_value(exercise, answer):
    """Compare a value with the solution, which no message gives away."""
    if isinstance(exercise.solution, str):
        if not isinstance(answer, str):
            raise NotYet(
                f"{exercise.label} is {_kind(answer)}; expected a word in quotation marks."
            )
        words = {word.lower(): word for word in (exercise.solution, *exercise.mutants.values())}
        if answer.strip().lower() not in words:
            choices = ", ".join(sorted(words))
            raise NotYet(f"{exercise.label} is {answer!r}; expected one of the words {choices}.")
        answer = words[answer.strip().lower()]  # " Half" is the word "half"
    elif isinstance(answer, str | tuple | list):
        raise NotYet(f"{exercise.label} is {_kind(answer)}; expected a number.")
    try:
        _compare(exercise, answer)
    except NotYet as problem:
        known = str(problem) in exercise.mutants
        raise NotYet(str(problem) if known else f"{answer!r} is not it.") from None


def _try_function(exercise, answer, trials=3):
    """Compare a function with the solution on random inputs."""
    if not callable(answer):
        raise NotYet(f"{exercise.label} is {_kind(answer)}; expected a function.")
    for seed in range(trials):
        arguments = exercise.inputs(np.random.default_rng(seed))
        given = copy.deepcopy(arguments)
        got = _call(answer, given)
        for before, after in zip(arguments, given):
            if isinstance(after, np.ndarray) and not np.array_equal(before, after):
                raise NotYet("Your function changes its arguments in place; work on new arrays.")
        _compare(exercise, got, arguments)


def _call(answer, arguments):
    """Run the learner's function; an exception becomes a message."""
    try:
        return answer(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        line = f' at "{frames[0].line}"' if frames and frames[0].line else ""
        problem = f"Your code stopped with {type(error).__name__}: {error}{line}."
        if "core dimension" in str(error):  # what NumPy says of a matrix product
            problem += " In A @ B, A has as many columns as B has rows."
        raise NotYet(problem) from None


def _compare(exercise, got, arguments=()):
    """Raise NotYet unless `got` is right; a mistake that is known gets its own message."""
    problem = _difference(exercise, got, _value(exercise.solution, arguments))
    if problem is None:
        return
    for message, mutant in exercise.mutants.items():
        if _difference(exercise, got, _value(mutant, arguments)) is None:
            raise NotYet(message)
    raise NotYet(problem)


def _value(answer, arguments):
    """What a function gives for (a copy of) the arguments; a value is itself."""
    return answer(*copy.deepcopy(arguments)) if callable(answer) else answer


def _difference(exercise, got, expected):
    """Return None if `got` is right, or else say what differs: kind, then shape, then value."""
    if not exercise.returns:
        return difference_of_one(exercise.label, got, expected, exercise.tolerance)
    n, names = len(exercise.returns), ", ".join(exercise.returns)
    rows = isinstance(got, np.ndarray) and got.ndim > 0  # an array of n rows will do
    if not (rows or isinstance(got, tuple | list)) or len(got) != n:
        return f"{exercise.label} returned {_kind(got)}; expected {n} things: {names}."
    for name, one, other in zip(exercise.returns, got, expected):
        problem = difference_of_one(name, one, other, exercise.tolerance)
        if problem is not None:
            return problem
    return None


def difference_of_one(name: str, got: Any, expected: Any, tolerance: float) -> str | None:
    """Return None if one thing is right, or else say what differs."""
    if got is None:
        return f"{name}: nothing came back. Did you forget to return it?"
    if isinstance(expected, str | bool):
        same = type(got) is type(expected) and got == expected
        return None if same else f"{name} is {got!r}. That is not it."
    try:
        array = np.asarray(got)
    except ValueError:
        return f"{name} is {_kind(got)}; expected numbers."
    expected = np.asarray(expected)
    if array.dtype.kind not in "fiub" + expected.dtype.kind:
        real = "real " if array.dtype.kind == "c" else ""
        return f"{name} is {_kind(got)}; expected {real}numbers."
    if array.shape != expected.shape:
        return f"{name} has shape {array.shape}, expected {expected.shape}."
    number = complex if "c" in array.dtype.kind + expected.dtype.kind else float
    return _difference_of_values(name, array.astype(number), expected.astype(number), tolerance)


def _difference_of_values(name, got, expected, tolerance):
    """Say where two arrays of one shape differ most."""
    if not np.isfinite(got).all() and np.isfinite(expected).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(got))[0]))
        return f"{name}{_at(place)} is {got[place]}, which is not a finite number."
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    errors = np.nan_to_num(np.where(same, 0.0, np.abs(got - expected)), nan=np.inf)
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
    if not errors.size or errors.max() <= tolerance * scale:
        return None
    place = tuple(map(int, np.unravel_index(errors.argmax(), errors.shape)))
    alike = f"{got[place]:.6g}" == f"{expected[place]:.6g}"
    digits = 17 if alike else 6
    start = "The shape is right, but " if place else ""
    values = f"is {got[place]:.{digits}g}, expected {expected[place]:.{digits}g}"
    return f"{start}{name}{_at(place)} {values}."


def _at(place):
    return f"[{', '.join(map(str, place))}]" if place else ""


def _kind(value):
    """What something is, for a sentence."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"{value!r} of type {type(value).__name__}" if value is not None else "nothing"
