"""What a lesson calls: `check` an answer, ask for a `hint`, print the `solution`.

The exercises live beside the lessons, one file per lesson, in ``lessons/exercises``.
"""

import os
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from .._util.files import write_text
from .._util.typing import PathLike
from .._util.validation import check_choice, check_path, expect
from .exercise import BEGIN, END, Exercise, Outcome
from .grading import grade

__all__ = [
    "Exercise",
    "Outcome",
    "check",
    "copy_to",
    "exercise",
    "exercises",
    "folder",
    "hint",
    "solution",
]

_hints_given: dict[str, int] = {}  # by number, since this process began


def check(number: str, answer: Any) -> Outcome:
    """Say whether the answer to exercise `number` is right, and if not, what to look at.

    Under nbgrader, an AssertionError takes the place of an outcome that is not correct.

    Examples
    --------
    >>> from minifnn import lesson
    >>> lesson.check("6.2", ...)
    6.2: not attempted
    >>> lesson.check("6.2", "small")
    6.2: not yet. best_exponent is 'small' of type str; expected a number.
    """
    outcome = grade(exercise(number), answer)
    if "NBGRADER_EXECUTION" in os.environ and not outcome:
        raise AssertionError(repr(outcome))
    return outcome


def hint(number: str) -> None:
    """Print the next hint of exercise `number`; each call says more."""
    hints = exercise(number).hints
    n = _hints_given[number] = min(_hints_given.get(number, 0) + 1, len(hints))
    print(f"Hint {n} of {len(hints)}: {hints[n - 1]}")


def solution(number: str) -> None:
    """Print the solution of exercise `number`."""
    lines = exercise(number).code(solved=True).splitlines()
    print("\n".join(line for line in lines if line.strip() not in (BEGIN, END)))


def exercise(number: str) -> Exercise:
    """Return the exercise `number`, such as "5.2": the second of lesson 5."""
    return exercises()[check_choice("number", number, exercises())]


@cache
def exercises() -> dict[str, Exercise]:
    """Return all exercises by number, in their order."""
    found: dict[str, Exercise] = {}
    for path in sorted((folder() / "exercises").glob("lesson_*.py")):
        spec = spec_from_file_location(f"minifnn_{path.stem}", path)
        assert spec is not None and spec.loader is not None  # a .py file has both
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= {each.number: each for each in module.EXERCISES}
    return found


def folder() -> Path:
    """Return the folder of the lessons: in the package, or beside it in a checkout."""
    inside = Path(__file__).parents[1] / "lessons"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "lessons"


def copy_to(directory: PathLike) -> tuple[list[str], list[str]]:
    """Copy the notebooks to a directory, which is made if missing, but never over a file there.

    Return two lists of names: what was copied, and what was there before and is kept.
    """
    directory = check_path("directory", directory)
    notebooks = sorted(folder().glob("*.ipynb"))
    if not notebooks:
        raise FileNotFoundError(f"there are no lessons in {str(folder())!r}")
    is_file = directory.exists() and not directory.is_dir()
    expect(not is_file, "directory", "a folder, not a file", str(directory), FileExistsError)
    directory.mkdir(parents=True, exist_ok=True)
    copied: list[str] = []
    kept: list[str] = []
    for notebook in notebooks:
        copy = directory / notebook.name
        if copy.exists():
            kept.append(copy.name)
        else:
            write_text(copy, notebook.read_text("utf-8"))
            copied.append(copy.name)
    return copied, kept
