"""Every exercise of every lesson: open, solved, wrong in a known way, with hints."""

import re
from pathlib import Path

import numpy as np
import pytest

from minifnn import lesson

SOURCES = sorted((Path(__file__).parents[2] / "lessons" / "source").glob("[0-9]*.py"))
EXERCISES = lesson.exercises()
EVERY = pytest.mark.parametrize("one", EXERCISES.values(), ids=EXERCISES)


def answer_of(code, label):
    """What the learner's cell defines."""
    names = {"np": np}
    exec(compile(code, "cell", "exec"), names)
    return names[label]


@EVERY
def test_an_open_answer_is_not_attempted_and_the_solution_is_correct(one):
    outcome = lesson.check(one.number, answer_of(one.code(solved=False), one.label))
    assert outcome.verdict == "not attempted"
    assert repr(outcome) == f"{one.number}: not attempted"
    assert lesson.check(one.number, one.solution).verdict == "correct"


@EVERY
def test_every_mutant_gets_its_message(one):
    assert len(one.mutants) >= 3
    for message, mutant in one.mutants.items():
        outcome = lesson.check(one.number, mutant)
        assert outcome.verdict == "not yet"
        assert outcome.message == message


@EVERY
def test_there_are_hints_and_a_solution_to_show(one, capsys, monkeypatch):
    monkeypatch.setattr(lesson, "_hints_given", {})
    n = len(one.hints)
    for k in range(n + 1):
        lesson.hint(one.number)
        assert capsys.readouterr().out.startswith(f"Hint {min(k + 1, n)} of {n}: ")
    lesson.solution(one.number)
    shown = capsys.readouterr().out
    assert one.label in shown and "SOLUTION" not in shown


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_exercise_of_a_lesson_is_in_it(source):
    asked = re.findall(r'^# %% exercise="([\d.]+)"', source.read_text(), flags=re.MULTILINE)
    lesson_number = str(int(source.stem[:2]))
    assert asked == [number for number in EXERCISES if number.split(".")[0] == lesson_number]
    assert 3 <= len(asked) <= 6


def test_there_are_enough_exercises():
    assert len(EXERCISES) >= 45
