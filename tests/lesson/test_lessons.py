"""The lessons: every exercise, its solution and mutants; notebooks and sources; equations."""

import importlib
import json
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from minifnn import lesson

LESSONS = Path(__file__).parents[2] / "lessons"
EVERY_SOURCE = sorted((LESSONS / "source").glob("*.py"))
SOURCES = [path for path in EVERY_SOURCE if path.stem[0].isdigit()]  # the others: appendices
EXERCISES = lesson.exercises()
EVERY = pytest.mark.parametrize("number", EXERCISES)
FUNCTIONS = pytest.mark.parametrize(
    "number", [number for number, one in EXERCISES.items() if one.inputs is not None]
)


def answer_of(code, label):
    """What the learner's cell defines."""
    names = {"np": np}
    exec(compile(code, "cell", "exec"), names)
    return names[label]


@EVERY
def test_an_untouched_answer_is_not_attempted(number):
    one = EXERCISES[number]
    outcome = lesson.check(number, answer_of(one.code(solved=False), one.label))
    assert outcome.verdict == "not attempted"
    assert repr(outcome) == f"{number}: not attempted"


@EVERY
def test_the_solution_is_correct(number):
    one = EXERCISES[number]
    assert lesson.check(number, one.solution).verdict == "correct"


@EVERY
def test_every_mutant_is_told_its_slip(number):
    one = EXERCISES[number]
    assert len(one.mutants) >= 3
    for message, mutant in one.mutants.items():
        outcome = lesson.check(number, mutant)
        assert outcome.verdict == "not yet"
        assert outcome.message == message


@EVERY
def test_there_are_hints_and_a_solution_to_show(number, capsys):
    one = EXERCISES[number]
    lesson._told.clear()
    for k in range(len(one.hints) + 1):
        lesson.hint(number)
        told = capsys.readouterr().out
        assert told.startswith(f"Hint {min(k + 1, len(one.hints))} of {len(one.hints)}: ")
    lesson.solution(number)
    assert one.label in capsys.readouterr().out
    lesson._told.clear()


def stopped(*arguments):
    raise KeyError("beta")


@FUNCTIONS
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (3.0, "wanted a function"),
        (stopped, "stopped with KeyError: 'beta' at "),
        (lambda *x: None, "Did you forget to return it|wanted"),
        (lambda *x: "a word", "wanted|not it"),
        (lambda *x: np.zeros((7, 3, 2, 5)), "wanted|not it"),
        (lambda: 0.0, "stopped with TypeError|wanted|not it|is"),
    ],
)
def test_what_is_no_answer_is_told_so(number, answer, says):
    outcome = lesson.check(number, answer)
    assert outcome.verdict == "not yet"
    assert re.search(says, outcome.message)


@FUNCTIONS
def test_nan_is_told(number):
    one = EXERCISES[number]
    wanted = one.solution(*one.inputs(np.random.default_rng(0)))
    parts = wanted if one.returns else (wanted,)
    if any(isinstance(part, str | bool) for part in parts):
        pytest.skip("no number")
    nan = tuple(np.full(np.shape(part), np.nan) for part in parts)
    outcome = lesson.check(number, lambda *x: nan if one.returns else nan[0])
    assert outcome.verdict == "not yet"
    assert "not a finite number" in outcome.message or outcome.message in one.mutants


def test_a_prediction_wants_a_word_and_does_not_tell_it():
    assert "wanted a word" in lesson.check("1.2", 0.5).message
    message = lesson.check("1.2", "warm").message
    assert "is 'warm'; wanted one of the words " in message
    words = {EXERCISES["1.2"].solution, *EXERCISES["1.2"].mutants.values()}
    assert sorted(words) == message.rstrip(".").split("the words ")[1].split(", ")
    assert lesson.check("1.2", f" {EXERCISES['1.2'].solution.title()} ")


@pytest.mark.parametrize("answer", ["80", [11], (1, 2)])
def test_a_number_is_wanted_where_a_number_is(answer):
    number = next(n for n, one in EXERCISES.items() if isinstance(one.solution, int | float))
    assert "wanted a number" in lesson.check(number, answer).message


def test_a_matrix_product_that_does_not_fit_is_explained():
    def product(*arguments):
        return np.ones((2, 3)) @ np.ones((2, 3))

    number = next(n for n, one in EXERCISES.items() if callable(one.solution))
    assert "In A @ B, A has as many columns as B has rows." in lesson.check(number, product).message


def test_numbers_that_look_alike_are_told_apart():
    problem = lesson._difference_of_one("a", 1.9929501, 1.9929502, 1e-12)
    assert problem.count("1.99295") == 2
    got, wanted = re.findall(r"\d\.\d+", problem)
    assert got != wanted
    assert "wanted real numbers" in lesson._difference_of_one("a", 1j, 1.0, 1e-12)


def test_there_are_enough_exercises():
    assert len(EXERCISES) >= 45


def test_there_is_no_other_exercise():
    with pytest.raises(ValueError, match=r"number is '0\.1', wanted one of 1\.1, "):
        lesson.check("0.1", 1.0)


def test_under_nbgrader_a_wrong_answer_raises(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert lesson.check("1.1", EXERCISES["1.1"].solution)
    with pytest.raises(AssertionError, match=r"1\.1: not attempted"):
        lesson.check("1.1", None)


# ------------------------------------------------------------ sources and notebooks


def notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", EVERY_SOURCE, ids=lambda path: path.stem)
def test_notebooks_are_their_source(source):
    pytest.importorskip("jupytext")
    command = [sys.executable, str(LESSONS / "build.py"), "--check", source.stem]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_exercise_of_a_lesson_is_in_it(source):
    asked = re.findall(r'^# %% exercise="([\d.]+)"', source.read_text(), flags=re.MULTILINE)
    lesson_number = str(int(source.stem[:2]))
    wanted = [number for number in EXERCISES if number.split(".")[0] == lesson_number]
    assert asked == wanted
    assert 3 <= len(asked) <= 6


@pytest.mark.parametrize("folder", [LESSONS, LESSONS / "solved"], ids=["reader", "solved"])
@pytest.mark.parametrize("source", EVERY_SOURCE, ids=lambda path: path.stem)
def test_cells_are_short_and_ran_without_errors(source, folder):
    look_at(notebook(folder / f"{source.stem}.ipynb")["cells"], solved=folder != LESSONS)


@pytest.mark.slow
@pytest.mark.parametrize("solved", [False, True], ids=["reader", "solved"])
@pytest.mark.parametrize("source", EVERY_SOURCE, ids=lambda path: path.stem)
def test_a_notebook_runs_within_a_minute_of_two_cores(source, solved, monkeypatch):
    """Here two tests share the cores: one thread each, and twice the time."""
    pytest.importorskip("nbclient")
    pytest.importorskip("ipywidgets")
    monkeypatch.syspath_prepend(LESSONS)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    build = importlib.import_module("build")
    fresh = build.notebook_of(source, solved)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's client
        build.run(fresh)
    assert time.perf_counter() - began < 120
    look_at(json.loads(json.dumps(fresh.cells)), solved)


def look_at(cells, solved):
    """Short cells, no errors, and the verdict that each check should give."""
    for cell in cells:
        if cell["cell_type"] == "code":
            assert len("".join(cell["source"]).splitlines()) <= 20
            assert cell["execution_count"] is not None
            assert not [one for one in cell["outputs"] if one["output_type"] == "error"]
    text = json.dumps([cell.get("outputs") for cell in cells])
    verdict = "correct" if solved else "not attempted"
    checks = [cell for cell in cells if "".join(cell["source"]).startswith("lesson.check(")]
    assert len(checks) == text.count(f": {verdict}</b>")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_tags_the_equations_of_its_number(source):
    """What docs/equations.md numbers for a lesson that is written, stands in it."""
    number = int(source.stem[:2])
    listed = (LESSONS.parent / "docs" / "equations.md").read_text()
    tags = set(re.findall(r"\\tag\{(\d+\.\d+)\}", source.read_text()))
    wanted = {tag for tag in re.findall(r"\\tag\{(\d+\.\d+)\}", listed)
              if int(tag.split(".")[0]) == number}  # fmt: skip
    assert wanted <= tags
    assert all(int(tag.split(".")[0]) == number for tag in tags)
