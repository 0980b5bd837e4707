"""What a wrong answer is told."""

import re

import numpy as np
import pytest

from minifnn import lesson
from minifnn.lesson import Exercise
from minifnn.lesson.differences import of_one
from minifnn.lesson.grading import grade

FUNCTIONS = [one for one in lesson.exercises().values() if one.inputs is not None]


def doubled(x):
    return 2 * x


TWICE = Exercise(
    "0.1", doubled, {}, ("Twice.",), inputs=lambda rng: (rng.normal(size=(3, 2)),), name="twice"
)
WARM = Exercise("0.2", "warm", {"Colder.": "hot", "Warmer.": "cold"}, ("?",), name="weather")
COUNT = Exercise("0.3", 6, {"That is one too many.": 7}, ("Count.",), name="count")


def stopped(*arguments):
    raise KeyError("beta")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (3.0, "expected a function"),
        (stopped, "stopped with KeyError: 'beta' at "),
        (lambda *x: None, "Did you forget to return it|expected"),
        (lambda *x: "a word", "expected|not it"),
        (lambda *x: np.zeros((7, 3, 2, 5)), "expected|not it"),
        (lambda: 0.0, "stopped with TypeError|expected|not it|is"),
    ],
    ids=["no function", "stops", "nothing", "a word", "a shape", "no arguments"],
)
def test_what_is_no_answer_is_told_so_in_every_exercise(answer, says):
    for one in FUNCTIONS:
        outcome = grade(one, answer)
        assert outcome.verdict == "not yet", one.number
        assert re.search(says, outcome.message), outcome


def test_nan_is_told_in_every_exercise():
    for one in FUNCTIONS:
        right = one.solution(*one.inputs(np.random.default_rng(0)))
        parts = right if one.returns else (right,)
        if not any(isinstance(part, str | bool) for part in parts):
            nan = tuple(np.full(np.shape(part), np.nan) for part in parts)
            outcome = grade(one, lambda *x, nan=nan, one=one: nan if one.returns else nan[0])
            assert outcome.verdict == "not yet", one.number
            assert "not a finite number" in outcome.message or outcome.message in one.mutants


def in_place(x):
    x *= 2
    return x


def product(x):
    return np.ones((2, 3)) @ np.ones((2, 3))


def off(x):
    return 2 * x + np.array([[0, 0], [0, 3], [0, 0]])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (in_place, "changes its argument x in place"),
        (product, "In A @ B, A has as many columns as B has rows."),
        (np.transpose, r"twice has shape \(2, 3\), expected \(3, 2\)\."),
        (off, r"The shape is right, but twice\[1, 1\] is .*, expected "),
        (lambda x: 2 * x + 1j, "expected real numbers"),
    ],
    ids=["in place", "product", "shape", "value", "complex"],
)
def test_a_function_is_told_where_it_differs(answer, says):
    assert re.search(says, grade(TWICE, answer).message)
    assert grade(TWICE, doubled)


def test_a_prediction_is_a_word_that_no_message_gives_away():
    assert "expected a word" in grade(WARM, 0.5).message
    message = grade(WARM, "mild").message
    assert message == "weather is 'mild'; expected one of the words cold, hot, warm."
    assert grade(WARM, " Hot").message == "Colder."
    assert grade(WARM, " Warm ")


def test_a_value_is_a_number_that_no_message_gives_away():
    for answer in ("6", [6], (6, 6)):
        assert "expected a number" in grade(COUNT, answer).message
    assert grade(COUNT, 5).message == "5 is not it."
    assert grade(COUNT, 7).message == "That is one too many."
    assert grade(COUNT, 6.0)


def test_numbers_that_look_alike_are_told_apart():
    problem = of_one("a", 1.9929501, 1.9929502, 1e-12)
    assert problem.count("1.99295") == 2
    got, expected = re.findall(r"\d\.\d+", problem)
    assert got != expected
