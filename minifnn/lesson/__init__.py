"""The engine of the exercises: check, hint, solution.

The exercises themselves live with the lessons, one file a lesson, in
``lessons/exercises``; an exercise there is the right answer, some inputs, hints,
and the likely mistakes ("mutants"), each with what to say to it. An answer is
compared with the right one on random inputs; if it is wrong in the way of a
mutant, the learner reads that mutant's message, else where it differs.

There are three outcomes: correct, not attempted, not yet.
"""

import copy
import html
import inspect
import os
import re
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import module_from_spec, spec_from_file_location
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np

from .._util.files import write_atomically
from .._util.typing import PathLike
from .._util.validation import check_path

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
COLOURS = {"correct": "#006d2c", "not attempted": "#555555", "not yet": "#a63603"}


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is right, on what it is tried, and what may go wrong.

    Parameters
    ----------
    number : str
        "5.2": the second of lesson 5.
    solution : callable, or a value
        The right answer. A function's own lines stand between the marks
        ``### BEGIN SOLUTION`` and ``### END SOLUTION``.
    mutants : dict of str to callable or value
        What to say to a mistake, and the answer that makes it; three at least.
    hints : tuple of str
        From a nudge to nearly all.
    inputs : callable, optional
        Makes a tuple of arguments for a function from an rng. No square matrices, no batch
        of one: a transposed answer must not pass.
    name : str, optional
        What the learner calls it; a function's own name if left out.
    returns : tuple of str, optional
        Names of what is returned, if that is several things.
    tolerance : float, optional
        Largest error, as a share of the largest entry (or absolute, below 1).

    Examples
    --------
    >>> from minifnn.lesson import Exercise
    >>> one = Exercise("5.2", name="slope", solution=2.0, mutants={}, hints=("Differentiate.",))
    >>> print(one.code(solved=False))
    slope = ...
    >>> print(one.code(solved=True))
    ### BEGIN SOLUTION
    slope = 2.0
    ### END SOLUTION
    """

    number: str
    solution: Any
    mutants: dict[str, Any]
    hints: tuple[str, ...]
    inputs: Callable[[np.random.Generator], tuple] | None = None
    name: str = ""
    returns: tuple[str, ...] = ()
    tolerance: float = 1e-10

    @property
    def label(self) -> str:
        """The name of the learner's function or variable."""
        return self.name or self.solution.__name__

    def code(self, solved: bool) -> str:
        """Return the cell in which the learner writes.

        Parameters
        ----------
        solved : bool
            With the solution, or with what stands in its place.

        Returns
        -------
        str
        """
        if not callable(self.solution):
            answer = f"{BEGIN}\n{self.label} = {self.solution!r}\n{END}"
            return answer if solved else f"{self.label} = ..."
        source = textwrap.dedent(inspect.getsource(self.solution)).rstrip()
        if solved:
            return source
        place = re.compile(rf"( *){BEGIN}.*?{END}", flags=re.DOTALL)
        return place.sub(r'\1raise NotImplementedError("your code here")', source)


@dataclass(frozen=True)
class Outcome:
    """What became of an answer; true if it is correct.

    Parameters
    ----------
    number : str
        Of the exercise.
    verdict : {"correct", "not attempted", "not yet"}
    message : str, optional
        What to look at.

    Examples
    --------
    >>> from minifnn.lesson import Outcome
    >>> outcome = Outcome("5.2", "not yet", "Divide by N.")
    >>> outcome
    5.2: not yet. Divide by N.
    >>> bool(outcome)
    False
    """

    number: str
    verdict: str
    message: str = ""

    def __bool__(self) -> bool:
        return self.verdict == "correct"

    def __repr__(self) -> str:
        return f"{self.number}: {self.verdict}" + (f". {self.message}" if self.message else "")

    def _repr_html_(self):
        colour, message = COLOURS[self.verdict], html.escape(self.message)
        head = f'<b style="color:{colour}">{self.number}: {self.verdict}</b>'
        return f'{head}<br><span style="white-space:pre-wrap">{message}</span>'


class NotYet(Exception):
    """What is wrong with an answer, in words that a learner can act on.

    Examples
    --------
    >>> from minifnn.lesson import NotYet
    >>> raise NotYet("dW has shape (2, 3), wanted (3, 2).")
    Traceback (most recent call last):
    minifnn.lesson.NotYet: dW has shape (2, 3), wanted (3, 2).
    """


# ------------------------------------------------------------- what a lesson calls


def check(number: str, answer: Any) -> Outcome:
    """Say whether an answer is right, and if not, what to look at.

    Parameters
    ----------
    number : str
        "5.2": the second exercise of lesson 5.
    answer : callable, number, str or array
        The function or value that the exercise asks for.

    Returns
    -------
    Outcome
        Under nbgrader, AssertionError instead of one that is not correct.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> from minifnn import lesson
    >>> lesson.check("6.2", ...)
    6.2: not attempted
    >>> lesson.check("6.2", "small")
    6.2: not yet. best_exponent is 'small' of type str; wanted a number.
    """
    outcome = _outcome(exercise(number), answer)
    if "NBGRADER_EXECUTION" in os.environ and not outcome:
        raise AssertionError(repr(outcome))
    return outcome


def hint(number: str) -> None:
    """Print the next hint of an exercise; there is more to each call.

    Parameters
    ----------
    number : str
        As for `check`.

    Examples
    --------
    >>> from minifnn import lesson
    >>> lesson.hint("6.2")
    Hint 1 of 2: One error grows with d, as d^2; the other grows as d shrinks, as 1e-16/d.
    """
    hints = exercise(number).hints
    told = _told[number] = min(_told.get(number, 0) + 1, len(hints))
    print(f"Hint {told} of {len(hints)}: {hints[told - 1]}")


def solution(number: str) -> None:
    """Print the solution of an exercise.

    Parameters
    ----------
    number : str
        As for `check`.

    Examples
    --------
    >>> from minifnn import lesson
    >>> lesson.solution("6.2")
    best_exponent = -5
    """
    marks = (BEGIN, END)
    lines = exercise(number).code(solved=True).splitlines()
    print("\n".join(line for line in lines if line.strip() not in marks))


_told: dict[str, int] = {}  # how many hints of each exercise this process has given


# -------------------------------------------------------------- where they are kept


def folder() -> Path:
    """Return the folder of the lessons: in the package, or beside it in a checkout.

    Returns
    -------
    Path

    Examples
    --------
    >>> from minifnn import lesson
    >>> sorted(path.name for path in lesson.folder().glob("01_*.ipynb"))
    ['01_gate.ipynb']
    """
    inside = Path(__file__).parents[1] / "lessons"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "lessons"


def copy_to(directory: PathLike) -> tuple[list[str], list[str]]:
    """Copy the notebooks to a folder, but never over what is there.

    Parameters
    ----------
    directory : path-like
        Made if missing.

    Returns
    -------
    copied : list of str
        The names of what was copied.
    kept : list of str
        The names of what was there before.

    Raises
    ------
    FileExistsError
        If the directory is a file.
    FileNotFoundError
        If the lessons are not there.

    Examples
    --------
    >>> import tempfile
    >>> from minifnn import lesson
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     copied, kept = lesson.copy_to(folder)
    ...     again = lesson.copy_to(folder)
    >>> copied[:2], kept
    (['01_gate.ipynb', '02_signal.ipynb'], [])
    >>> again == ([], copied)
    True
    """
    directory = check_path("directory", directory)
    notebooks = sorted(folder().glob("*.ipynb"))
    if not notebooks:
        raise FileNotFoundError(f"there are no lessons in {str(folder())!r}")
    if directory.exists() and not directory.is_dir():
        raise FileExistsError(f"directory is {str(directory)!r}, which is a file; wanted a folder")
    directory.mkdir(parents=True, exist_ok=True)
    copied = [path for path in notebooks if not (directory / path.name).exists()]
    for path in copied:
        write_atomically(directory / path.name, methodcaller("write", path.read_bytes()))
    return [path.name for path in copied], [p.name for p in notebooks if p not in copied]


def exercise(number: str) -> Exercise:
    """Return an Exercise by its number.

    Parameters
    ----------
    number : str
        As for `check`.

    Returns
    -------
    Exercise

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> from minifnn import lesson
    >>> lesson.exercise("6.2").label
    'best_exponent'
    """
    known = exercises()
    if not isinstance(number, str) or number not in known:
        raise ValueError(f"number is {number!r}, wanted one of {', '.join(known) or 'none'}")
    return known[number]


@cache
def exercises() -> dict[str, Exercise]:
    """Return all exercises.

    Returns
    -------
    dict of str to Exercise
        By number, in their order.

    Examples
    --------
    >>> from minifnn import lesson
    >>> list(lesson.exercises())[:6]
    ['1.1', '1.2', '1.3', '1.4', '1.5', '2.1']
    """
    found: dict[str, Exercise] = {}
    for path in sorted((folder() / "exercises").glob("lesson_*.py")):
        spec = spec_from_file_location(f"minifnn_{path.stem}", path)
        assert spec is not None and spec.loader is not None  # a .py file has both
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= {each.number: each for each in module.EXERCISES}
    return found


# ----------------------------------------------------------------------- the verdict


def _outcome(exercise, answer):
    """Try an answer: the Outcome."""
    if answer is ... or answer is None:
        return Outcome(exercise.number, "not attempted")
    try:
        with np.errstate(all="ignore"):
            if exercise.inputs is None:
                _judge_value(exercise, answer)
            else:
                _judge_function(exercise, answer)
    except NotImplementedError:
        return Outcome(exercise.number, "not attempted")
    except NotYet as problem:
        return Outcome(exercise.number, "not yet", str(problem))
    return Outcome(exercise.number, "correct")


def _judge_value(exercise, answer):
    """Compare a value with the right one, which no message gives away."""
    slips = {message: (lambda value=value: value) for message, value in exercise.mutants.items()}
    if isinstance(exercise.solution, str):
        if not isinstance(answer, str):
            raise NotYet(f"{exercise.label} is {_kind(answer)}; wanted a word in quotation marks.")
        words = {word.lower(): word for word in (exercise.solution, *exercise.mutants.values())}
        if answer.strip().lower() not in words:
            choices = ", ".join(sorted(words))
            raise NotYet(f"{exercise.label} is {answer!r}; wanted one of the words {choices}.")
        answer = words[answer.strip().lower()]  # " Half" is the word "half"
    elif isinstance(answer, str | tuple | list):
        raise NotYet(f"{exercise.label} is {_kind(answer)}; wanted a number.")
    try:
        _judge(exercise, answer, exercise.solution, slips)
    except NotYet as problem:
        known = str(problem) in slips
        raise NotYet(str(problem) if known else f"{answer!r} is not it.") from None


def _judge_function(exercise, answer, trials=3):
    """Compare a function with the right one on random inputs."""
    if not callable(answer):
        raise NotYet(f"{exercise.label} is {_kind(answer)}; wanted a function.")
    for seed in range(trials):
        arguments = exercise.inputs(np.random.default_rng(seed))
        given = copy.deepcopy(arguments)
        got = _call(exercise, answer, given)
        if not all(_same(a, b) for a, b in zip(given, arguments)):
            raise NotYet("Your function changes its arguments in place; work on new arrays.")
        wanted = exercise.solution(*copy.deepcopy(arguments))
        slips = {
            message: partial(mutant, *copy.deepcopy(arguments))
            for message, mutant in exercise.mutants.items()
        }
        _judge(exercise, got, wanted, slips)


def _call(exercise, answer, arguments):
    """Run the learner's function; an exception becomes words."""
    try:
        return answer(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        line = f' at "{frames[0].line}"' if frames and frames[0].line else ""
        problem = f"Your code stopped with {type(error).__name__}: {error}{line}."
        product = "core dimension" in str(error)  # NumPy's words for a matrix product
        help_with_it = " In A @ B, A has as many columns as B has rows." if product else ""
        raise NotYet(problem + help_with_it) from None


def _same(a, b):
    return a is b or callable(a) or not isinstance(a, np.ndarray) or np.array_equal(a, b)


def _judge(exercise, got, wanted, slips):
    """Raise NotYet unless got is wanted; a known slip is named."""
    problem = _difference(exercise, got, wanted)
    if problem is None:
        return
    for message, slip in slips.items():
        if _difference(exercise, got, slip()) is None:
            raise NotYet(message)
    raise NotYet(problem)


def _difference(exercise, got, wanted):
    """None if got is wanted, or where it is not: kind, then shape, then value."""
    if not exercise.returns:
        return _difference_of_one(exercise.label, got, wanted, exercise.tolerance)
    n = len(exercise.returns)
    names = ", ".join(exercise.returns)
    rows = isinstance(got, np.ndarray) and got.ndim > 0  # so many things, too
    if not (rows or isinstance(got, tuple | list)) or len(got) != n:
        return f"{exercise.label} returned {_kind(got)}; wanted {n} things: {names}."
    for name, one, other in zip(exercise.returns, got, wanted):
        problem = _difference_of_one(name, one, other, exercise.tolerance)
        if problem is not None:
            return problem
    return None


def _difference_of_one(name, got, wanted, tolerance):
    if got is None:
        return f"{name}: nothing came back. Did you forget to return it?"
    if isinstance(wanted, str | bool):
        same = type(got) is type(wanted) and got == wanted
        return None if same else f"{name} is {got!r}. That is not it."
    try:
        array = np.asarray(got)
    except ValueError:
        return f"{name} is {_kind(got)}; wanted numbers."
    if array.dtype.kind not in "fiub" + np.asarray(wanted).dtype.kind:
        real = "real " if array.dtype.kind == "c" else ""
        return f"{name} is {_kind(got)}; wanted {real}numbers."
    wanted = np.asarray(wanted)
    if array.shape != wanted.shape:
        return f"{name} has shape {array.shape}, wanted {wanted.shape}."
    number = complex if "c" in array.dtype.kind + wanted.dtype.kind else float
    return _difference_of_values(name, array.astype(number), wanted.astype(number), tolerance)


def _difference_of_values(name, got, wanted, tolerance):
    """Where two arrays of one shape differ most, in words."""
    if not np.isfinite(got).all() and np.isfinite(wanted).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(got))[0]))
        return f"{name}{_at(place)} is {got[place]}, which is not a finite number."
    same = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
    errors = np.nan_to_num(np.where(same, 0.0, np.abs(got - wanted)), nan=np.inf)
    scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0)
    if not errors.size or errors.max() <= tolerance * scale:
        return None
    place = tuple(map(int, np.unravel_index(errors.argmax(), errors.shape)))
    n = 17 if f"{got[place]:.6g}" == f"{wanted[place]:.6g}" else 6  # so many digits tell them apart
    values = f"is {got[place]:.{n}g}, wanted {wanted[place]:.{n}g}"
    start = "The shape is right, but " if place else ""
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
