"""What a lesson calls: `check` an answer, `predict` and `reveal`, `hint`, `solution`, `mine`.

The exercises live beside the lessons, one file per lesson, in ``lessons/exercises``. A teacher
adds others by `add` or `load`, and looks at them by `try_out`.
"""

import builtins
import json
import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .._util.files import make_folder, write_text
from .._util.typing import PathLike
from .._util.validation import check_choice, check_path, expect
from .answers import keep, place, read
from .exercise import BEGIN, END, Exercise, Outcome
from .exercise import sizes as sizes
from .grading import grade
from .slips import listed
from .values import commit, compare

# By number, since this process began.
_hints_given: dict[str, int] = {}
_solutions_shown: set[str] = set()
_outcomes: dict[str, Outcome] = {}  # the last of each
_right: dict[str, Any] = {}  # the last right answer
_committed: dict[str, Any] = {}
_revealed: set[str] = set()


def _grading() -> bool:
    """Whether nbgrader runs this."""
    return "NBGRADER_EXECUTION" in os.environ


def check(number: str | float, answer: Any) -> Outcome | None:
    """Say whether the answer to exercise `number` is right, and if not, what to look at.

    A right function is kept in the folder ``answers``, for `mine`. Under nbgrader the outcome is
    printed, and one that is not correct raises an AssertionError.
    """
    outcome = judge(number, answer, graded=_grading())
    if not _grading():
        _outcomes[outcome.number] = outcome
        return outcome
    if not outcome:
        raise AssertionError(repr(outcome))
    print(outcome)  # and nothing is returned, which nbgrader would take for points
    return None


def judge(number: str | float, answer: Any, graded: bool = False) -> Outcome:
    """Grade an answer and keep it if it is right; `graded`, it must come from a cell."""
    one = _known(number)
    outcome = grade(one, answer, honest="graded" if graded else "asked")
    if not outcome or graded:
        return outcome
    _right[one.number] = answer
    message = " ".join(filter(None, (one.because, keep(one, answer))))
    return Outcome(one.number, "correct", message)


def predict(number: str | float, commitment: Any) -> Outcome:
    """Take a prediction: a word, a number or an order, before `reveal` compares it."""
    one = _known(number)
    outcome = commit(one, commitment)
    if outcome and one.number in _revealed:
        first = _committed.get(one.number)
        return Outcome(one.number, "committed", f"It is out already; you said {first!r}.")
    if outcome:
        _committed[one.number] = commitment
    return outcome


def reveal(number: str | float, measured: Any = None) -> Outcome:
    """Compare a prediction with what is `measured`, by default the exercise's own answer."""
    one = _known(number)
    if one.number not in _committed:
        return Outcome(one.number, "not committed", "Go back and predict before you look.")
    _revealed.add(one.number)
    outcome = compare(one, _committed[one.number], measured)
    _outcomes[one.number] = outcome
    return outcome


def mine(number: str | float) -> Any:
    """Return the reader's own right function, of this notebook or an earlier one.

    If there is none, return the solution's. A line says which.
    """
    one = _known(number)
    expect(one.inputs is not None, "number", "an exercise that asks for a function", number)
    own, problem = (_right[one.number], "") if one.number in _right else read(one)
    which = f"the solution's, for {problem}" if problem else "your own"
    print(f"{one.label} of {one.number} is {which}.")
    return one.solution if own is None else own


def hint(number: str | float) -> None:
    """Print the next hint of exercise `number`; each call says more."""
    one = _known(number)
    n = min(_hints_given.get(one.number, 0) + 1, len(one.hints))
    _hints_given[one.number] = n
    print(f"Hint {n} of {len(one.hints)}: {one.hints[n - 1]}" if n else "There are no hints.")


def solution(number: str | float) -> None:
    """Print the solution of exercise `number`, and count it; under grading there is none."""
    one = _known(number)
    expect(not _grading(), "solution", "no call while it is graded", one.number, RuntimeError)
    _solutions_shown.add(one.number)
    lines = one.code(solved=True).splitlines()
    print(f"# The solution of {one.number}; shown so far: {len(_solutions_shown)}.")
    print("\n".join(line for line in lines if line.strip() not in (BEGIN, END)))


def summary() -> None:
    """Print what is solved so far: in this notebook, and in earlier ones (folder ``answers``)."""
    rows: dict[str, list[str]] = {}
    for number in exercises():
        was_right = number in _right or place(number).is_file()
        outcome = _outcomes.get(number)
        sign = "+" if was_right or outcome else "." if outcome is None else "-"
        rows.setdefault(number.split(".")[0], []).append(sign)
    for name, signs in rows.items():
        if set(signs) != {"."}:
            print(f"lesson {name:>2}  {' '.join(signs)}  {signs.count('+')} of {len(signs)}")
    shown = f"; solutions shown: {', '.join(sorted(_solutions_shown))}" * bool(_solutions_shown)
    print(f"+ correct, - not yet, . nothing{shown}")


def exercise(number: str | float) -> Exercise:
    """Return the exercise `number`, such as "5.2", with its solution: not while it is graded."""
    expect(not _grading(), "exercise", "no call while it is graded", number, RuntimeError)
    return _known(number)


def _known(number):
    """The exercise of this number; of a wrong one, the error names those of its lesson."""
    near = [each for each in exercises() if each.split(".")[0] == str(number).split(".")[0]]
    expect(near, "number", "an exercise of a lesson or of a loaded file, such as '5.2'", number)
    return exercises()[check_choice("number", str(number), near)]


@cache
def exercises() -> dict[str, Exercise]:
    """Return all exercises by number, in their order."""
    found: dict[str, Exercise] = {}
    for path in sorted((folder() / "exercises").glob("lesson_*.py")):
        found |= {each.number: each for each in _exercises_of(path)}
    return found


def _exercises_of(path):
    """The EXERCISES of a Python file, which is run."""
    names = {"__name__": f"minifnn_{path.stem}"}
    exec(compile(path.read_text("utf-8"), path, "exec"), names)
    found = names.get("EXERCISES")
    expect(isinstance(found, tuple | list), "EXERCISES", f"a tuple in {path.name}", found)
    return found


def add(one: Exercise) -> None:
    """Add an exercise of one's own, or put it in the place of the one with its number."""
    expect(isinstance(one, Exercise), "one", "an Exercise", one, TypeError)
    dotted = re.fullmatch(r"'\d+\.\d+'", repr(one.number))
    expect(dotted, "number", "a text such as '90.1'", one.number)
    expect(not isinstance(one.hints, str), "hints", "a tuple of texts", one.hints)
    if callable(one.solution):
        drawn = one.inputs and one.inputs(np.random.default_rng())
        expect(isinstance(drawn, tuple), "inputs", "a function that returns a tuple", drawn)
        expect(one.code(True) != one.code(False), "solution", f"{BEGIN}, {END} in it", one.label)
    exercises()[one.number] = one


def load(path: PathLike) -> None:
    """Add the EXERCISES of a Python file of one's own, which is run as a program is."""
    path = check_path("path", path)
    expect(path.is_file() and path.suffix == ".py", "path", "a Python file", str(path))
    for one in _exercises_of(path):
        add(one)


def try_out(one: Exercise) -> list[str]:
    """Return what is wrong with an exercise: nothing, if its inputs tell its mutants apart."""
    problems = [f"the solution: {said}" for said in [grade(one, one.solution)] if not said]
    try:
        for message, mutant in listed(one):
            said = grade(one, mutant)
            if said or said.message != message:
                problems.append(f"{message!r}: {said}")
    except ValueError as error:  # no such edit
        problems.append(str(error))
    return problems


def folder() -> Path:
    """Return the folder of the lessons: in the package, or beside it in a checkout."""
    inside = Path(__file__).parents[1] / "lessons"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "lessons"


def copy_to(directory: PathLike) -> tuple[list[str], list[str]]:
    """Copy the notebooks, over no file; return what was copied, and what was there and is kept."""
    notebooks = sorted(folder().glob("*.ipynb"))
    if not notebooks:
        raise FileNotFoundError(f"there are no lessons in {str(folder())!r}")
    directory = make_folder(directory, "directory")
    kept = [one.name for one in notebooks if (directory / one.name).exists()]
    copied = [one.name for one in notebooks if one.name not in kept]
    for name in copied:
        notebook = json.loads((folder() / name).read_text("utf-8"))
        with suppress(ImportError):  # or JupyterLab would write this, and call it modified
            from ipykernel.ipkernel import IPythonKernel

            notebook["metadata"]["language_info"] = IPythonKernel.language_info
        write_text(directory / name, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return copied, kept


def _name_the_cell(shell, kind, error, traceback, tb_offset=None):
    """Show a NameError in a notebook; of an exercise's name, say where it comes from."""
    if error.name in {one.label for one in exercises().values()}:
        error.add_note(f"Run the cell above that makes {error.name}, and keep this name.")
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


if hasattr(builtins, "__IPYTHON__"):
    vars(builtins)["get_ipython"]().set_custom_exc((NameError,), _name_the_cell)
