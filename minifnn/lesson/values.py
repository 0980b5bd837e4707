"""Answers that are values, and predictions: a word, a number, or an order of words."""

from typing import Any

import numpy as np

from .exercise import Exercise, NotYet, Outcome, kind


def try_value(exercise, answer):
    """Compare a value with the solution, which no message gives away."""
    answer = _in_form(exercise, answer)
    for message, value in {"": exercise.solution, **exercise.mutants}.items():
        if _same_value(value, answer, exercise.tolerance):
            if message:
                raise NotYet(message)
            return
    near = type(exercise.solution) is float and np.isclose(answer, exercise.solution, 0.03, 0)
    raise NotYet(f"{answer!r} {'comes close: give more digits' if near else 'is not it'}.")


def _in_form(exercise, answer):
    """An answer as a word, an order of words or a number, as the solution is one."""
    label, solution = exercise.label, exercise.solution
    if isinstance(solution, str):
        if type(answer) not in (str, np.str_):
            raise NotYet(f"{label} is {kind(answer)}; expected a word in quotation marks.")
        words = {word.lower(): word for word in (solution, *exercise.mutants.values())}
        if answer.strip().lower() not in words:
            choices = ", ".join(sorted(words))
            raise NotYet(f"{label} is {answer!r}; expected one of the words {choices}.")
        return words[answer.strip().lower()]  # " Half" is the word "half"
    if isinstance(solution, tuple):
        if not isinstance(answer, tuple | list) or sorted(map(str, answer)) != sorted(solution):
            raise NotYet(f"{label} is {answer!r}; expected {exercise.choices}.")
        return tuple(map(str, answer))
    plain = isinstance(answer, bool | int | float | np.number | np.bool_) or (
        isinstance(answer, np.ndarray) and answer.ndim == 0 and answer.dtype.kind in "fiub"
    )
    if not plain:
        raise NotYet(f"{label} is {kind(answer)}; expected a number.")
    return answer if isinstance(answer, bool) else np.asarray(answer).item()


def _same_value(value, answer, tolerance):
    if isinstance(value, str | tuple | bool) or isinstance(answer, str | tuple | bool):
        return type(value) is type(answer) and value == answer
    return abs(answer - value) <= tolerance * max(1.0, abs(value))


def commit(exercise: Exercise, commitment: Any) -> Outcome:
    """Look at the form of a prediction only."""
    if commitment is ... or commitment is None:
        return Outcome(exercise.number, "not committed")
    try:
        said = _in_form(exercise, commitment)
    except NotYet as problem:
        return Outcome(exercise.number, "not committed", *problem.args)
    return Outcome(exercise.number, "committed", f"You say {said!r}; the page will show it.")


def compare(exercise: Exercise, commitment: Any, measured: Any = None) -> Outcome:
    """Compare a prediction with what came out; numbers to a tenth, or the tolerance if larger."""
    said, truth = _in_form(exercise, commitment), measured
    truth = exercise.solution if truth is None else _in_form(exercise, truth)
    if isinstance(truth, float | int) and not isinstance(truth, bool):
        right = abs(said - truth) <= max(exercise.tolerance, 0.1) * abs(truth)
        shown = f"{truth:.3g}"
    else:
        right, shown = said == truth, repr(truth)
    slips = {} if right else exercise.mutants
    why = next((message for message, value in slips.items() if value == said), "")
    told = " ".join(filter(None, (f"You said {said!r}; it is {shown}.", why, exercise.because)))
    return Outcome(exercise.number, "as predicted" if right else "a surprise", told)
