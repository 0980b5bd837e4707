"""The reader's own right answers, kept as text, one file each, in the folder ``answers``.

``lesson.check`` writes ``answers/5.4.py`` beside the notebook (in the current directory) when a
function of the notebook is right, and ``lesson.mine("5.4")`` of a later notebook reads it: it runs
the reader's own code, as a notebook does. The file must be one function, with others of the
reader's inside it if it calls them; it is graded anew before it is used.
"""

import ast
import builtins
import inspect
import math
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from .._util.files import write_text
from .exercise import Exercise
from .grading import grade


def place(number: str) -> Path:
    """Where the answer to this exercise is kept."""
    return Path("answers") / f"{number}.py"


def keep(exercise: Exercise, answer: Any) -> str:
    """Write a right answer down, in a notebook; say what keeps it from being used later."""
    if not hasattr(builtins, "__IPYTHON__"):
        return ""
    try:
        text = _source(answer) if callable(answer) else f"{exercise.label} = {answer!r}\n"
    except (TypeError, OSError, SyntaxError):
        return ""  # it came from no cell
    if callable(answer) and answer.__name__ not in ("<lambda>", exercise.label):
        text = re.sub(rf"\b{answer.__name__}\b", exercise.label, text)
    try:
        place(exercise.number).parent.mkdir(exist_ok=True)
        write_text(place(exercise.number), text)
    except OSError:  # a folder that cannot be written to
        return ""
    problem = read(exercise)[1] if callable(answer) else ""
    return f"To be used in later lessons it must stand by itself. {problem}" if problem else ""


def read(exercise: Exercise) -> tuple[Any, str]:
    """Return the reader's function and "", or None and why there is none."""
    path = place(exercise.number)
    if not path.is_file():
        return None, "yours is not there yet"
    try:
        text = path.read_text("utf-8")
        names: dict[str, Any] = {"np": np, "numpy": np, "math": math, "__name__": "answers"}
        exec(compile(_only_a_function(text), str(path.absolute()), "exec"), names)
        outcome = grade(exercise, names.get(exercise.label))
    except Exception as error:
        return None, f"{path} cannot be used: {error}"
    return (names[exercise.label], "") if outcome else (None, f"{path}: {outcome.message}")


def _source(function, *outer):
    """The source of a function that a notebook defines, and in it those that it calls."""
    if not inspect.isfunction(function) or function.__module__ != "__main__":
        raise TypeError
    text, outer = textwrap.dedent(inspect.getsource(function)), (function, *outer)
    lines, line = text.splitlines(keepends=True), _only_a_function(text).body[0]
    if isinstance(line, ast.FunctionDef) and (at := line.body[0].lineno - 1):
        for one in inspect.getclosurevars(function).globals.values():
            if inspect.isfunction(one) and one.__module__ == "__main__" and one not in outer:
                inner = textwrap.indent(_source(one, *outer), line.body[0].col_offset * " ")
                lines.insert(at, inner)
    return "".join(lines)


def _only_a_function(text):
    """The syntax tree of a text that is one function, or one name for a lambda."""
    tree = ast.parse(text)
    match tree.body:
        case [ast.FunctionDef(decorator_list=[])] | [ast.Assign(value=ast.Lambda())]:
            return tree
    raise SyntaxError("expected one function, and nothing else")
