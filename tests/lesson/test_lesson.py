"""What a lesson calls, and the copies that a reader works in."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from minifnn import lesson
from minifnn.lesson.progress import progress


def test_there_is_no_other_exercise():
    for number in ("0.1", None):
        with pytest.raises(
            ValueError, match="number: expected an exercise of a lesson or of a loaded file"
        ):
            lesson.check(number, 1.0)
    with pytest.raises(ValueError, match=r"number.* one of 5\.1, 5\.2, 5\.3, 5\.4, .*, got"):
        lesson.check("5.9", 1.0)
    assert lesson.exercise(1.1) is lesson.exercise("1.1")


def boltzmann(h, beta, states):
    weights = np.exp(beta * states * h)
    return weights / weights.sum()


def test_under_nbgrader_a_wrong_answer_raises(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert lesson.check("1.1", boltzmann) is None
    assert capsys.readouterr().out == "1.1: correct\n"
    with pytest.raises(AssertionError, match=r"1\.1: not attempted"):
        lesson.check("1.1", None)


def test_an_outcome_is_shown_as_escaped_html():
    outcome = lesson.Outcome("5.2", "not yet", "a < b")
    assert not outcome
    assert "5.2: not yet</b>" in outcome._repr_html_() and "a &lt; b" in outcome._repr_html_()


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_a_copy_is_of_this_python_so_that_jupyterlab_has_nothing_to_change(tmp_path):
    kernel = pytest.importorskip("ipykernel.ipkernel")
    lesson.copy_to(tmp_path)
    for path in tmp_path.iterdir():
        written = json.loads(path.read_text(encoding="utf-8"))["metadata"]["language_info"]
        assert written == kernel.IPythonKernel.language_info


def test_a_copy_never_replaces_what_is_there(tmp_path):
    mine = tmp_path / "new" / "mine"
    notebooks = {path.name: cells(path) for path in lesson.folder().glob("*.ipynb")}
    assert lesson.copy_to(mine) == (sorted(notebooks), [])
    assert {path.name: cells(path) for path in mine.iterdir()} == notebooks
    (mine / "01_gate.ipynb").write_text("my own words")
    (mine / "02_signal.ipynb").unlink()
    copied, kept = lesson.copy_to(mine)
    assert copied == ["02_signal.ipynb"]
    assert kept == sorted(notebooks.keys() - set(copied))
    assert (mine / "01_gate.ipynb").read_text() == "my own words"


def test_a_file_is_no_place_for_copies(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="directory: expected a folder"):
        lesson.copy_to(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


# ------------------------------------------------------------- what the reader writes is used


def in_a_notebook(monkeypatch, folder, code):
    """Run the code of a cell as IPython does; return its names."""
    monkeypatch.setattr("builtins.__IPYTHON__", True, raising=False)
    monkeypatch.chdir(folder)
    cell = folder / f"cell{len(list(folder.glob('cell*')))}.py"
    cell.write_text(code)
    names = {"np": np, "__name__": "__main__"}
    exec(compile(code, str(cell), "exec"), names)
    return names


def in_a_new_process(monkeypatch):
    """Forget what was answered, but for the folder."""
    for name in ("_right", "_outcomes", "_committed", "_revealed", "_solutions_shown"):
        monkeypatch.setattr(lesson, name, type(getattr(lesson, name))())


OWN = """
def fields(x, W, b):
    \"\"\"My own.\"\"\"
    return b + np.einsum("nd,dh->nh", x, W)
"""
HELPED = """
def turned(x):
    return x.T


def product(x, W):
    return turned(turned(W) @ turned(x))


def b():
    "Not what fields takes."


def fields(
    x, W, b
):
    \"\"\"My own.\"\"\"
    return product(x, W) + b
"""
BOUND = """
zero = 0.0
def fields(x, W, b): return x @ W + b + zero
"""


def test_what_a_reader_writes_is_what_runs_in_a_later_lesson(monkeypatch, tmp_path, capsys):
    own = in_a_notebook(monkeypatch, tmp_path, OWN)["fields"]
    in_a_new_process(monkeypatch)
    assert lesson.mine("3.1") is lesson.exercise("3.1").solution
    assert capsys.readouterr().out == (
        "fields of 3.1 is the solution's, for yours is not there yet.\n"
    )
    assert lesson.check("3.1", own)
    assert lesson.mine("3.1") is own
    in_a_new_process(monkeypatch)
    assert lesson.mine("3.1").__doc__ == "My own."
    assert capsys.readouterr().out.endswith("fields of 3.1 is your own.\n")
    assert not lesson.check("3.1", lambda x, W, b: x @ W)
    assert lesson.mine("3.1").__doc__ == "My own."  # a later try takes nothing away


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def fields(x, W, b):\n    return x @ W - b\n", "b had the other sign|with a plus"),
        ("def fields(x, W, b):\n    return helper(x)\n", "NameError"),
        ("import os\nfields = os.getcwd\n", "one function, and nothing else"),
        ("fields = ", "invalid syntax"),
        ("def other(x, W, b):\n    return x @ W + b\n", "not attempted|answers/3.1.py"),
    ],
)
def test_a_kept_answer_that_is_wrong_or_broken_gives_way(monkeypatch, tmp_path, capsys, text, why):
    monkeypatch.chdir(tmp_path)
    in_a_new_process(monkeypatch)
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "3.1.py").write_text(text)
    assert lesson.mine("3.1") is lesson.exercise("3.1").solution
    said = capsys.readouterr().out
    assert re.search(why, said) and said.count("\n") == 1


def test_the_readers_other_functions_go_with_the_one_that_calls_them(monkeypatch, tmp_path):
    own = in_a_notebook(monkeypatch, tmp_path, HELPED)["fields"]
    assert "stand" not in lesson.check("3.1", own).message
    in_a_new_process(monkeypatch)
    kept = lesson.mine("3.1")
    assert kept is not lesson.exercise("3.1").solution
    np.testing.assert_allclose(kept(np.eye(2), np.eye(2), 1.0), np.eye(2) + 1, rtol=1e-15)
    text = (tmp_path / "answers" / "3.1.py").read_text()
    assert text.count("def ") == 3 and "def b(" not in text


def test_a_function_that_does_not_stand_by_itself_is_told_so(monkeypatch, tmp_path):
    own = in_a_notebook(monkeypatch, tmp_path, BOUND)["fields"]
    outcome = lesson.check("3.1", own)
    assert outcome and "must stand by itself" in outcome.message and "zero" in outcome.message


def test_an_answer_under_a_name_of_one_letter_is_kept_whole(monkeypatch, tmp_path):
    own = in_a_notebook(monkeypatch, tmp_path, OWN.replace("fields", "e"))["e"]
    assert lesson.check("3.1", own)
    in_a_new_process(monkeypatch)
    assert lesson.mine("3.1").__doc__ == "My own."
    assert "def fields(" in (tmp_path / "answers" / "3.1.py").read_text()


def test_nothing_is_kept_outside_a_notebook_or_under_nbgrader(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert lesson.check("6.2", -5)
    own = in_a_notebook(monkeypatch, tmp_path, OWN)["fields"]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    lesson.check("3.1", own)
    assert not (tmp_path / "answers").exists()


# ------------------------------------------------------------------------------ predictions


PREDICTIONS = (
    lesson.Exercise("0.1", "down", {"Look at the sign.": "up"}, because="It goes with -g."),
    lesson.Exercise("0.2", 30.0, {}, because="It grows."),
    lesson.Exercise("0.3", ("esp", "relu", "tanh")),
)


@pytest.fixture
def predictions(monkeypatch):
    monkeypatch.setattr(lesson, "exercises", {}.copy)
    known = {one.number: one for one in PREDICTIONS}
    monkeypatch.setattr(lesson, "exercises", lambda: known)
    in_a_new_process(monkeypatch)


def test_a_prediction_comes_first_and_is_compared_in_one_line(predictions):
    assert lesson.reveal("0.1").verdict == "not committed"
    assert "down" not in repr(lesson.reveal("0.1"))
    assert repr(lesson.predict("0.1", ...)) == "0.1: not committed"
    assert "expected one of the words down, up" in lesson.predict("0.1", "left").message
    assert lesson.predict("0.1", "up")
    assert repr(lesson.reveal("0.1")) == (
        "0.1: a surprise. You said 'up'; it is 'down'. Look at the sign. It goes with -g."
    )
    assert "you said 'up'" in lesson.predict("0.1", "down").message  # too late
    assert lesson.reveal("0.1").verdict == "a surprise"


def test_predictions_of_numbers_and_of_an_order(predictions):
    assert lesson.predict("0.2", 25)
    assert lesson.reveal("0.2", np.float64(26.0)).verdict == "as predicted"
    assert lesson.reveal("0.2", 40.0).message == "You said 25; it is 40. It grows."
    assert "in your order" in lesson.predict("0.3", ("esp", "esp", "tanh")).message
    assert lesson.predict("0.3", ["esp", "relu", "tanh"])
    assert lesson.reveal("0.3").verdict == "as predicted"


def test_a_prediction_is_one_line_with_its_choices_above(predictions):
    one, number, order = PREDICTIONS
    assert one.prediction(solved=False) == "# 'down' or 'up'\nlesson.predict(\"0.1\", ...)"
    assert number.prediction(solved=False).startswith("# a number\n")
    assert "('esp', 'relu', 'tanh') in your order" in order.prediction(solved=False)
    assert "said = 'down'" in one.prediction(solved=True)


# ---------------------------------------------------------------------------- no goodwill


THE_SOLUTION = lesson.exercise("3.1").solution


def wrapped(x, W, b):
    return THE_SOLUTION(x, W, b)


def by_the_library(x, W, b):
    from minifnn.layers import Dense

    dense = Dense(W, b)
    return dense.forward(x)


def swallowing(x, W, b):
    try:
        return lesson.exercise("3.1").solution(x, W, b)
    except Exception:
        return 0


def test_the_library_and_the_solution_are_no_answers(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for answer in (lesson.exercise("3.1").solution, wrapped, by_the_library, swallowing):
        assert "the library's own" in lesson.check("3.1", answer).message


class Agreeable:
    """Equal to everything."""

    __array_priority__ = 1e9
    shape, ndim, dtype = (5, 4), 2, np.dtype(float)

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__


class AgreeableArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(self.shape)


class AgreeableWord(str):
    def __eq__(self, other):
        return True

    def strip(self):
        return "half"

    __hash__ = str.__hash__


def test_what_equals_everything_is_no_answer():
    assert not lesson.check("3.1", lambda x, W, b: Agreeable())
    assert not lesson.check("3.1", lambda x, W, b: (0 * (x @ W)).view(AgreeableArray))
    assert not lesson.check("1.2", AgreeableWord("shut"))


def test_graded_an_answer_must_stand_in_a_cell_and_there_is_no_solution(monkeypatch, tmp_path):
    names = {"np": np}
    exec(lesson.exercise("3.1").code(solved=True), names)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(RuntimeError, match="while it is graded"):
        lesson.exercise("3.1")
    with pytest.raises(AssertionError, match="in the cell of the exercise"):
        lesson.check("3.1", names["fields"])
    with pytest.raises(RuntimeError, match="while it is graded"):
        lesson.solution("3.1")


def test_hidden_tests_see_through_a_notebook_that_bends_the_check(tmp_path):
    code = """
import os, runpy
from minifnn import lesson
from minifnn.lesson import grading
os.environ.pop("NBGRADER_EXECUTION", None)
lesson.check = lesson.judge = lambda *a, **k: "correct"
grading.grade = lesson.check
require = runpy.run_module("minifnn.lesson.graded")["require"]
require("3.1", lambda x, W, b: x @ W)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert "AssertionError: 3.1: not yet" in done.stderr


def test_hidden_tests_know_exercises_from_outside(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from minifnn.lesson import Exercise\nEXERCISES = [Exercise('90.1', 3, {'No.': 4})]\n"
    )
    code = """
import runpy
require = runpy.run_module("minifnn.lesson.graded")["require"]
require("90.1", 3, "mine.py")
require("90.1", 4, "mine.py")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert "AssertionError: 90.1: not yet. No." in done.stderr


# ------------------------------------------------------------- a teacher's, and what it looks like


def test_exercises_of_ones_own_from_outside(monkeypatch, tmp_path):
    monkeypatch.setattr(lesson, "exercises", dict.copy)
    known = {}
    monkeypatch.setattr(lesson, "exercises", lambda: known)
    (tmp_path / "mine.py").write_text(
        "from minifnn.lesson import Exercise, sizes\n"
        "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n"
        "EXERCISES = [Exercise('90.1', twice, {'Once.': ('2 * x', 'x'), 'Shape.': lambda x: x.T},"
        " ('Double.',), lambda rng: (rng.normal(size=sizes(rng, 2)),))]\n"
    )
    lesson.load(tmp_path / "mine.py")
    assert lesson.try_out(lesson.exercise("90.1")) == []
    assert lesson.check(90.1, lambda x: x).message == "Once."
    lesson.add(lesson.Exercise("90.2", 3, {"Too many.": 3}))
    assert lesson.try_out(lesson.exercise("90.2")) == ["'Too many.': 90.2: correct"]


MINE = """
from minifnn.lesson import Exercise
def keep(x, mask, q):
    'x * mask / q.'
    ### BEGIN SOLUTION
    return x * mask / q
    ### END SOLUTION
def inputs(rng):
    return (rng.normal(size=5), rng.random(5) < 0.5, 0.3)
EXERCISES = (Exercise("90.1", keep, {"Divide.": ("return x * mask / q", "return x * mask")},
    ("By q.",), inputs),)
"""
FORGOTTEN = {
    ("),)", "))"): "EXERCISES: expected a tuple in mine.py, got Exercise",
    ("EXERCISES", "EXERCISE"): "EXERCISES: expected a tuple in mine.py, got None",
    ('"90.1"', "90.1"): "number: expected a text such as '90.1', got 90.1",
    ('"90.1"', '"dropout"'): "number: expected a text such as '90.1', got 'dropout'",
    ('("By q.",)', '"By q."'): "hints: expected a tuple of texts, got 'By q.'",
    (", inputs)", ")"): "inputs: expected a function that returns a tuple, got None",
    ("(rng.normal(size=5), rng.random(5) < 0.5, 0.3)", "0.3"): "returns a tuple, got 0.3",
    ("### BEGIN", "# BEGIN"): "solution: expected ### BEGIN SOLUTION, ### END SOLUTION in it",
}


@pytest.mark.parametrize(("right", "wrong"), FORGOTTEN)
def test_what_a_teacher_forgot_is_named_when_it_is_loaded(monkeypatch, tmp_path, right, wrong):
    monkeypatch.setattr(lesson, "exercises", dict)
    assert MINE.count(right) == 1
    (tmp_path / "mine.py").write_text(MINE.replace(right, wrong))
    with pytest.raises(ValueError, match=re.escape(FORGOTTEN[right, wrong])):
        lesson.load(tmp_path / "mine.py")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ('"return x * mask / q", "return x * mask"', []),
        ('" / q", ""', ["'Divide.': an edit: expected ' / q' once, the docstring counts, got"]),
        ('" / p", ""', ["'Divide.': an edit: expected ' / p' once, the docstring counts, got"]),
        ('"return x", "return x x"', ["'Divide.': invalid syntax"]),
    ],
)
def test_an_edit_that_cannot_be_made_is_listed(monkeypatch, tmp_path, edit, said):
    known = {}
    monkeypatch.setattr(lesson, "exercises", lambda: known)
    text = MINE.replace('"return x * mask / q", "return x * mask"', edit)
    (tmp_path / "mine.py").write_text(text)
    lesson.load(tmp_path / "mine.py")
    problems = lesson.try_out(lesson.exercise("90.1"))
    assert len(problems) == len(said)
    assert all(problem.startswith(start) for problem, start in zip(problems, said))


def test_a_summary_counts_what_is_right(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    in_a_new_process(monkeypatch)
    lesson.check("1.2", "half")
    lesson.check("1.3", lambda h, beta: h)
    lesson.solution("1.5")
    capsys.readouterr()
    lesson.summary()
    first, last = capsys.readouterr().out.splitlines()
    assert first == "lesson  1  . + - . . .  1 of 6"
    assert last.endswith("solutions shown: 1.5")


def test_verdicts_are_readable_in_every_theme():
    def light(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for verdict in ("correct", "not yet", "not attempted", "as predicted", "a surprise"):
        shown = lesson.Outcome("1.1", verdict)._repr_html_()
        text, ground = re.findall(r"#[0-9a-f]{6}", shown)
        bright, dark = sorted((light(text), light(ground)), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


# --------------------------------------------------------------------------- who is how far


def saved(path, *cells):
    """A notebook with these (source, what came out)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [
        {
            "source": code,
            "outputs": [{"data": {"text/plain": [said], "text/html": f"<b>{said}</b>"}}],
        }
        for code, said in cells
    ]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")


def test_progress_of_twenty_notebooks_is_one_table(tmp_path):
    right, wrong, blank = "5.1: correct", "5.1: not yet. 5.2 is next", "5.1: not attempted"
    for n in range(14):
        saved(tmp_path / f"a{n:02}.ipynb", ('lesson.check("5.1", f)', (right, wrong, blank)[n % 3]))
    saved(tmp_path / "größer" / "05.ipynb", ('lesson.check("5.1", f)', right))
    saved(tmp_path / "größer" / "10" / "10.ipynb", ("lesson.check(10.2, f)", "10.2: correct"))
    saved(tmp_path / "größer" / ".ipynb_checkpoints" / "05.ipynb", ("lesson.check(5.9)", wrong))
    saved(tmp_path / "hidden" / "05.ipynb", ("import os\nos.unlink('/')", "1"))
    (tmp_path / "torn.ipynb").write_text("{")
    (tmp_path / "deep.ipynb").write_text("[" * 100_000)
    first, *rows, last = progress(tmp_path).splitlines()
    assert first == "lesson  5  10"
    assert rows[:3] == [
        "a00     +      1 right",
        "a01     -      0 right",
        "a02     .      0 right",
    ]
    assert "größer  +  +   2 right" in rows
    assert {row.split()[0] for row in rows[-3:]} == {"hidden", "torn", "größer"}
    assert len(rows) == 18 and last.startswith("+ correct")


def test_a_name_that_an_exercise_makes_says_where_it_comes_from(tmp_path):
    """In a real IPython: of another name, nothing is added."""
    pytest.importorskip("IPython")
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in ("from minifnn import lesson", "lesson.check('3.1', fields)", "unheard_of"):
    shell.run_cell(cell)
"""
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"IPYTHONDIR": str(tmp_path), "NO_COLOR": "1"},
    ).stdout
    assert "name 'fields' is not defined" in shown and "name 'unheard_of'" in shown
    assert shown.count("Run the cell above that makes fields, and keep this name.") == 1
    assert shown.count("Run the cell above") == 1
