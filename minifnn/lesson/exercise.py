"""An exercise: the right answer, the likely mistakes, and what became of a learner's answer."""

import html
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # nbgrader's marks
COLOURS = {  # of the ground below white letters: contrast 4.5 and more in every theme
    "correct": "#006d2c",
    "as predicted": "#006d2c",
    "not yet": "#a63603",
    "a surprise": "#a63603",
}


@dataclass(frozen=True)
class Exercise:
    """What is right, on what inputs it is tried, and what may go wrong.

    - `solution`: a number, a word, an order of words; or a function, BEGIN, END round its lines.
    - `mutants`: what to say about a mistake, and the answer that makes it: a value, a function, or
      an edit (old, new) of the solution's source, where old stands once (the docstring counts),
      or several edits. Edits are tried in pairs, too.
    - `inputs`: makes the tuple of a function's arguments from a random generator: no square
      matrices, no batch of one, or a transposed answer would pass (`sizes` helps).
    - `name`: of the learner's variable. `hints`: each says more than the one before.
    - `returns`: names of what is returned, if it is several things; `order`: these names, and
      those on the way, in the order of computing, so that the first wrong one is named.
    - `tolerance`: relative to the largest entry, absolute where that is below 1. `stable`: an
      overflow on the way is a mistake; `tails`: small entries (of results of one shape) have
      their digits, too; `library`: the answer may call the package. `points`: under nbgrader.
    - `because`: what to say when it is right, or once a prediction is revealed.
    """

    number: str  # "5.2": the second of lesson 5
    solution: Any
    mutants: dict[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    inputs: Callable[[np.random.Generator], tuple] | None = None
    name: str = ""
    returns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    tolerance: float = 1e-10
    stable: bool = False
    tails: bool = False
    library: bool = False
    points: float = 1
    because: str = ""

    @property
    def label(self) -> str:
        """The name of the learner's function or variable."""
        return self.name or getattr(self.solution, "__name__", "said")

    @property
    def choices(self) -> str:
        """The words among which a prediction chooses, for a comment; empty for a number."""
        if isinstance(self.solution, tuple):
            return f"({', '.join(map(repr, sorted(self.solution)))}) in your order"
        if not isinstance(self.solution, str):
            return "a number"
        *words, last = map(repr, sorted({self.solution, *self.mutants.values()}))
        return f"{', '.join(words)} or {last}"

    def code(self, solved: bool) -> str:
        """Return the cell in which the learner writes, `solved` or open."""
        if not callable(self.solution):
            blank, answer = f"{self.label} = ...", f"{self.label} = {self.solution!r}"
            return f"{blank}\n{BEGIN}\n{answer}\n{END}" if solved else blank
        source = textwrap.dedent(inspect.getsource(self.solution)).rstrip()
        if solved:
            return source
        place = re.compile(rf"( *){BEGIN}.*?{END}", flags=re.DOTALL)
        return place.sub(r'\1raise NotImplementedError("your code here")', source)

    def prediction(self, solved: bool) -> str:
        """Return the cell in which the learner predicts: one line, and the choices above it."""
        comment = textwrap.fill(self.choices, 76, initial_indent="# ", subsequent_indent="# ")
        if not solved:
            return f'{comment}\nlesson.predict("{self.number}", ...)'
        return f'{comment}\n{self.code(True)}\nlesson.predict("{self.number}", {self.label})'


class NotYet(Exception):
    """What is wrong with an answer, in the learner's words; and the inputs at which it is."""


@dataclass(frozen=True)
class Outcome:
    """What became of an answer; true if it is correct."""

    number: str
    verdict: str  # of an answer: "correct", "not attempted" or "not yet"
    message: str = ""  # what to look at
    inputs: tuple = ()  # the arguments at which a function is wrong

    def __bool__(self) -> bool:
        return self.verdict in ("correct", "as predicted", "committed")

    def __repr__(self) -> str:
        return f"{self.number}: {self.verdict}" + (f". {self.message}" if self.message else "")

    def _repr_html_(self):
        colour, message = COLOURS.get(self.verdict, "#555555"), html.escape(self.message)
        style = f"color:#ffffff;background:{colour};padding:1px 6px;border-radius:3px"
        head = f'<b style="{style}">{self.number}: {self.verdict}</b>'
        return f'{head}<br><span style="white-space:pre-wrap">{message}</span>'


def sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Return `count` different sizes from 2 to count + 4, so that no two axes can be exchanged."""
    return (2 + rng.permutation(count + 3)[:count]).tolist()


def kind(value: Any) -> str:
    """What something is, for a sentence."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of length {len(value)}"
    if inspect.isgenerator(value):
        return "a generator (yield where return is meant, or round brackets for square ones)"
    return f"{value!r} of type {type(value).__name__}" if value is not None else "nothing"
