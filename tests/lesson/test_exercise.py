"""Every exercise of every lesson: open, solved, wrong in a known way, with hints."""

import re
from pathlib import Path

import numpy as np
import pytest

from minifnn import lesson
from minifnn.lesson.grading import grade

SOURCES = sorted((Path(__file__).parents[2] / "lessons" / "source").glob("[0-9]*.py"))
ASKED = {path: path.read_text(encoding="utf-8") for path in SOURCES}
PREDICTIONS = re.findall(r'^# %% predict="([\d.]+)"', "\n".join(ASKED.values()), re.MULTILINE)
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
    assert grade(one, one.solution).verdict == "correct"
    assert grade(one, answer_of(one.code(solved=True), one.label), honest="asked")


@EVERY
def test_every_mutant_gets_its_message(one):
    assert len(one.mutants) >= (1 if one.number in PREDICTIONS else 3)
    assert lesson.try_out(one) == []


@EVERY
def test_there_are_hints_and_a_solution_to_show(one, capsys, monkeypatch):
    monkeypatch.setattr(lesson, "_hints_given", {})
    n = len(one.hints)
    monkeypatch.setattr(lesson, "_solutions_shown", set())
    for k in range(n + 1):
        lesson.hint(one.number)
        assert capsys.readouterr().out.startswith(f"Hint {min(k + 1, n)} of {n}: ")
    lesson.solution(one.number)
    shown = capsys.readouterr().out
    assert one.label in shown and "SOLUTION" not in shown


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_exercise_of_a_lesson_is_in_it(source):
    marks = r'^# %% (exercise|predict)="([\d.]+)"'
    asked = re.findall(marks, ASKED[source], flags=re.MULTILINE)
    lesson_number = str(int(source.stem[:2]))
    numbers = [number for number in EXERCISES if number.split(".")[0] == lesson_number]
    assert [number for _, number in asked] == numbers
    assert 3 <= [kind for kind, _ in asked].count("exercise") <= 8


def test_there_are_enough_exercises():
    assert len(EXERCISES) >= 45
