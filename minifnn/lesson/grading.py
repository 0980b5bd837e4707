"""Whether an answer is right; if it is not, a message that a learner can act on.

A function is compared with the solution on random inputs, fresh ones at each call. What is told
of a wrong one, the first that applies: the exception in one sentence; the listed mutant, or the
mutants, that give the same on all inputs; what is wrong first, with what `probes` say about it.
"""

import copy
import inspect
import linecache
import re
import sys
import traceback
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from .differences import difference
from .exercise import Exercise, NotYet, Outcome, kind
from .probes import diagnosis
from .values import try_value

PACKAGE = str(Path(__file__).parents[1])
OWN = "That is the library's own. Write it yourself: what you write is used later on."


@dataclass
class Run:
    """One call of the learner's function, and of the solution."""

    arguments: dict[str, Any]
    got: Any
    names: dict[str, Any]  # the learner's own names, when the function returned
    expected: Any = None
    steps: dict[str, Any] = field(default_factory=dict)  # the solution's names


def grade(exercise: Exercise, answer: Any, seed: int | None = None, honest: str = "") -> Outcome:
    """Try an answer: correct, not attempted, or not yet with a message.

    `honest`: "asked", an answer that calls the library or the solution is not one; "graded", it
    must stand in a cell as well. `seed` is for tests; by default each call draws fresh inputs.
    """
    if answer is ... or answer is None:
        return Outcome(exercise.number, "not attempted")
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if exercise.inputs is None:
                try_value(exercise, answer)
            else:
                _try_function(exercise, answer, seed, honest)
    except NotImplementedError:
        return Outcome(exercise.number, "not attempted")
    except NotYet as problem:
        return Outcome(exercise.number, "not yet", *problem.args)
    return Outcome(exercise.number, "correct")


def _try_function(exercise, answer, seed, honest):
    """Compare a function with the solution on random inputs: three as ever, two fresh ones."""
    if not callable(answer):
        raise NotYet(f"{exercise.label} is {kind(answer)}; expected a function.")
    if honest == "graded" and not _stands_in_a_cell(answer):
        raise NotYet("Define the function in the cell of the exercise.")
    fresh = np.random.default_rng(seed).integers(3, 2**32, size=2)
    runs = [_run(exercise, answer, n, honest) for n in (0, 1, 2, *fresh)]
    for run in runs:  # only now, so that no answer finds a result of the solution
        _solve(exercise, run)
    wrong = [run for run in runs if difference(exercise, run.got, run.expected)]
    if wrong:
        runs += [_run(exercise, answer, n, honest) for n in range(3, 9)]  # to tell slips apart
        for run in runs[-6:]:
            _solve(exercise, run)
        try:
            message = diagnosis(exercise, runs)
        except Exception:  # what came back is stranger than the probes expect
            message = str(difference(exercise, wrong[0].got, wrong[0].expected))
        raise NotYet(message, tuple(wrong[0].arguments.values()))
    if exercise.stable:
        loud = np.errstate(over="raise", invalid="raise", divide="raise")
        with loud, patch.object(np, "errstate", lambda **_: nullcontext()):  # nor may it be hushed
            for run in runs:
                _call(exercise, answer, copy.deepcopy(run.arguments))
    for run in runs if exercise.tails else ():
        got, expected = np.array(run.got), np.array(run.expected)
        lost = np.nan_to_num(np.abs(got - expected) / np.abs(expected))
        n = lost.argmax()
        if lost.flat[n] > 1e-6:
            raise NotYet(
                "Where it is small, its digits are lost: clipped, or 1 minus a number near 1?"
                f" You give {got.flat[n]:.3g}, expected {expected.flat[n]:.3g}."
            )


def _run(exercise, answer, seed, honest):
    """Call the learner's function on one draw of inputs."""
    arguments = exercise.inputs(np.random.default_rng(seed))
    arguments = dict(zip(inspect.signature(exercise.solution).parameters, arguments))
    given = copy.deepcopy(arguments)
    got, names = _call(exercise, answer, given, honest)
    for name in arguments:
        if not _alike(arguments[name], given[name]):
            raise NotYet(
                f"Your function changes its argument {name} in place; work on new arrays"
                f" ({name}.copy(), or {name} = {name} + ... for {name} += ...)."
            )
    return Run(arguments, got, names)


def _solve(exercise, run):
    """Let the solution compute what is expected."""
    given = copy.deepcopy(run.arguments)
    run.expected, run.steps = _watched(exercise, exercise.solution, given.values())


def _alike(before, after):
    """Whether an argument is as it was, inside lists and tuples too."""
    if isinstance(before, tuple | list):
        return len(before) == len(after) and all(map(_alike, before, after))
    return not isinstance(before, np.ndarray) or np.array_equal(before, after, equal_nan=True)


def _call(exercise, answer, arguments, honest=""):
    """Run the learner's function; an exception becomes a message."""
    try:
        return _watched(exercise, answer, arguments.values(), honest)
    except (NotImplementedError, NotYet):
        raise
    except KeyboardInterrupt:
        raise NotYet("You stopped it. Does a loop of yours never end?") from None
    except Exception as error:
        raise NotYet(_in_a_sentence(exercise, error, arguments)) from None


def _watched(exercise, function, arguments, honest=""):
    """What a function returns, and its own names when it does; see what else it calls."""
    own, solution = (getattr(each, "__code__", None) for each in (function, exercise.solution))
    names, called = {}, set()

    def watch(frame, event, _):
        if event == "return" and frame.f_code is own:
            names.clear()
            names.update(frame.f_locals)
        elif event == "call" and honest:
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        result = function(*arguments)
    finally:
        sys.setprofile(before)
    inside = not exercise.library and any(code.co_filename.startswith(PACKAGE) for code in called)
    if honest and (solution in called or inside):
        raise NotYet(OWN)
    return result, names


def _stands_in_a_cell(answer):
    """Whether a function was written where Python finds its lines, outside the library."""
    try:
        return bool(inspect.getsource(answer)) and not answer.__module__.startswith("minifnn")
    except (TypeError, OSError, AttributeError):
        return False


# --------------------------------------------------------------------------------- exceptions


def _in_a_sentence(exercise, error, arguments):
    """What an exception says, where it was raised, and the shapes that met there."""
    frame, line = None, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if not name.startswith(PACKAGE):
            line = (linecache.getline(name, number) or "").strip()
            break
    known = {} if frame is None else dict(frame.f_locals)
    where = f' at "{line}"' if line else ""
    start = f"Your code stopped with {type(error).__name__}: {error}{where}."
    return " ".join(filter(None, (start, _advice(exercise, error, line, known, arguments))))


def _advice(exercise, error, line, known, arguments):
    """What to do about an exception."""
    text = str(error)
    if isinstance(error, UnboundLocalError):
        return "It is used before it has a value."
    if isinstance(error, NameError):
        if error.name in ("np", "mf", "lesson", "plt"):
            return f"{error.name} comes from the imports at the top: run that cell first."
        near = ", ".join(arguments)
        return f"Run the cells above first, or is it one of {near}, or one that you skipped?"
    if isinstance(error, FloatingPointError):
        largest = max((np.abs(v).max() for v in arguments.values() if np.size(v)), default=0.0)
        return (
            f"The inputs reach {largest:.3g}, where this leaves the numbers of a computer:"
            " exp only of what is not positive, log and division only of what is not 0."
        )
    if isinstance(error, TypeError) and "positional argument" in text:
        return f"It is called with {', '.join(arguments)}: keep the first line as it was."
    if "truth value" in text:
        return "max(), if, and, or look at one number; for arrays: np.maximum, np.where, &, |."
    if isinstance(error, TypeError) and re.search("only .*(scalar|size-1|length-1|0-dim)", text):
        return "math.exp and its like take one number; for arrays: np.exp, np.log, np.sqrt."
    met = {name: known[name] for name in re.findall(r"[A-Za-z_]\w*", line) if name in known}
    shapes = [f"{n} has shape {v.shape}" for n, v in met.items() if isinstance(v, np.ndarray)]
    told = f"There, {', '.join(shapes)}." if shapes else ""
    if "core dimension" in text or "matmul" in text or "not aligned" in text:
        return f"In A @ B, A has as many columns as B has rows. {told}".strip()
    if "broadcast" in text:
        return f"{told} Entry by entry, shapes have to agree from the last axis on.".strip()
    return told
