"""An exercise: the right answer, the likely mistakes, and what became of a learner's answer."""

import html
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # nbgrader's marks
COLOURS = {"correct": "#006d2c", "not attempted": "#555555", "not yet": "#a63603"}


@dataclass(frozen=True)
class Exercise:
    """What is right, on what inputs it is tried, and what may go wrong.

    `mutants` maps what to say about a mistake to the answer that makes it; at least three.
    `inputs` makes the arguments of a function from a random generator: no square matrices, no
    batch of one, or a transposed answer would pass.

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

    number: str  # "5.2": the second of lesson 5
    solution: Any  # a value, or a function whose lines to write stand between BEGIN and END
    mutants: dict[str, Any]
    hints: tuple[str, ...]  # each says more than the one before
    inputs: Callable[[np.random.Generator], tuple] | None = None  # None for a value
    name: str = ""  # of the learner's variable; by default the function's own name
    returns: tuple[str, ...] = ()  # names of what is returned, if it is several things
    tolerance: float = 1e-10  # relative to the largest entry, absolute where that is below 1

    @property
    def label(self) -> str:
        """The name of the learner's function or variable."""
        return self.name or self.solution.__name__

    def code(self, solved: bool) -> str:
        """Return the cell in which the learner writes, `solved` or open."""
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

    Examples
    --------
    >>> from minifnn.lesson import Outcome
    >>> Outcome("5.2", "not yet", "Divide by N.")
    5.2: not yet. Divide by N.
    """

    number: str
    verdict: str  # "correct", "not attempted" or "not yet"
    message: str = ""  # what to look at

    def __bool__(self) -> bool:
        return self.verdict == "correct"

    def __repr__(self) -> str:
        return f"{self.number}: {self.verdict}" + (f". {self.message}" if self.message else "")

    def _repr_html_(self):
        colour, message = COLOURS[self.verdict], html.escape(self.message)
        head = f'<b style="color:{colour}">{self.number}: {self.verdict}</b>'
        return f'{head}<br><span style="white-space:pre-wrap">{message}</span>'
