"""Wrong answers as people write them are named, right ones in any form are accepted.

Each file of ``answers/`` holds ANSWERS, a list of (exercise, "wrong" or "right", what the slip
is, function), by people who have not seen the mutants. A fifth entry, a regular expression, says
what the message must contain; without it a person looks whether it misleads: pytest -s shows all.
"""

import re
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from minifnn import lesson
from minifnn.lesson.grading import grade

NAME = r"(the term with )?\w+"
FIRST = rf"(.* wrong: look at {NAME} first\. )?"
NUMBER = re.compile(rf"{FIRST}(The shape is right, but )?{NAME}(\[.*?\])? is \S+,")
SHAPE = re.compile(rf"{FIRST}(?!There){NAME} (has shape|returned|is (a|an|nothing)\b)")


def answers():
    for path in sorted((Path(__file__).parent / "answers").glob("*.py")):
        spec = spec_from_file_location(f"answers_{path.stem}", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        yield from module.ANSWERS


def kind(outcome):
    """In what way a wrong answer is told so."""
    if outcome.verdict != "not yet":
        return "passed"
    if NUMBER.match(outcome.message):
        return "number"
    return "shape" if SHAPE.match(outcome.message) else "named"


def test_answers_of_people():
    given = list(answers())
    if not given:
        pytest.skip("no answers yet")
    kinds, misled, refused = Counter(), [], []
    for number, side, slip, answer, *must in given:
        outcome = grade(lesson.exercise(number), answer)
        if side == "right":
            refused += [] if outcome else [(number, slip, outcome.message)]
            continue
        kinds[kind(outcome)] += 1
        print(f"{kind(outcome):7} {number} {slip}\n        {outcome.message}")
        if must and not re.search(must[0], outcome.message):
            misled.append((number, slip, outcome.message))
    n = sum(kinds.values())
    shares = ", ".join(f"{word} {count / n:.0%}" for word, count in kinds.most_common())
    print(f"{n} wrong answers: {shares}; {len(given) - n} right ones, {len(refused)} refused")
    assert not refused and not misled and not kinds["passed"]
    assert kinds["named"] >= 0.85 * n and kinds["number"] <= 0.1 * n
