"""A class of 28, graded by the commands of docs/teaching.md with the real nbgrader."""

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from minifnn import lesson
from minifnn.lesson.progress import progress

pytest.importorskip("nbgrader")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="the commands are of a shell of Unix"),
    pytest.mark.skipif("MINIFNN_CLASS" not in os.environ, reason="half an hour: MINIFNN_CLASS=1"),
]
ROOT = Path(__file__).parents[2]
NAME = "05_backward"
BLANK = f"release/{NAME}/{NAME}.ipynb"
LESSON_5 = (one for number, one in lesson.exercises().items() if number.startswith("5."))
ALL = [one for one in LESSON_5 if callable(one.solution)]  # predictions are not graded
FULL, FIRST = sum(one.points for one in ALL), ALL[0]


# No message of a kernel is overlooked: see lessons/build.py. It is that nbgrader waits less.
MENDED = f"""
import sys
from nbgrader.preprocessors import execute
sys.path.insert(0, {str(ROOT / "lessons")!r})
import build
execute.AsyncKernelManager = build._Manager
"""


def documented(start):
    """The indented block of docs/teaching.md that follows this sentence."""
    after = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8").split(start)[1]
    lines = after.split("\n\n")[1].splitlines()
    assert all(line.startswith("    ") for line in lines)
    return "\n".join(line[4:] for line in lines)


def shell(commands, course):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {"PATH": path, "PYTHONPATH": str(ROOT), "LESSONS": str(ROOT / "lessons")}
    done = subprocess.run(
        ["sh", "-c", commands],
        cwd=course,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def cell_of(notebook, grade_id):
    (found,) = [
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found


def answered(blank, change=lambda one, code: code, among=ALL):
    """The blank notebook with the solutions, each as it is changed, written into it."""
    notebook = copy.deepcopy(blank)
    for one in among:
        code = change(
            one, re.sub(r" *### (BEGIN|END) SOLUTION\n", "", one.code(solved=True) + "\n")
        )
        cell_of(notebook, f"exercise-{one.number.replace('.', '-')}").source = code
    return notebook


def first_line(text):
    """Put a line into the first function."""

    def change(one, code):
        head, end, rest = code.partition('"""\n')
        middle, end_2, rest = rest.partition('"""\n') if rest.count('"""') else ("", "", rest)
        return head + end + middle + end_2 + f"    {text}\n" + rest if one is FIRST else code

    return change


def wrong(one, code):
    """The answer with its first listed slip."""
    return re.sub(r"\n    return (.*)", r"\n    print(\1)", code)


def without(notebook, start):
    notebook.cells = [c for c in notebook.cells if not c.source.startswith(start)]
    return notebook


def in_front(notebook, code):
    notebook = copy.deepcopy(notebook)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(code))
    return notebook


def pasted(notebook):
    n = next(n for n, c in enumerate(notebook.cells) if "nbgrader" in c.metadata)
    notebook.cells.insert(n, copy.deepcopy(notebook.cells[n]))
    notebook.cells[n]["id"] = "pasted"
    return notebook


def with_checks(notebook, code):
    for c in notebook.cells:
        c.source = code if c.source.startswith("lesson.check(") else c.source
    return notebook


def taken(how):
    """Take each answer from the package, as `name`."""

    def change(one, code):
        given = how.format(number=one.number, name=one.label)
        return f"from minifnn import lesson\n{given}\n{one.label} = name\n"

    return change


TAKEN = {
    "exercise": 'name = lesson.exercise("{number}").solution',
    "printed": """\
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as text:
    lesson.solution("{number}")
exec(text.getvalue())
name = {name}""",
    "read": """\
names = dict()
exec((lesson.folder() / "exercises" / "lesson_05.py").read_text(), names)
name = names["{name}"]""",
}


def submissions(blank):
    """Who hands in what, and how many points it is worth; None where it cannot be graded."""
    less = FULL - FIRST.points
    right = answered(blank)
    yield "right", right, FULL
    yield "blank", blank, 0
    yield "half", answered(blank, among=ALL[:2]), sum(one.points for one in ALL[:2])
    yield "slips", answered(blank, wrong), 0
    yield "print", answered(blank, wrong, [FIRST]), 0
    single = lambda one, code: re.sub(r"\n    return (.*)", r"\n    return np.float32(\1)", code)  # noqa: E731
    yield "float32", answered(blank, lambda o, c: single(o, c) if o is FIRST else c), less
    rename = lambda one, code: code.replace(f"{one.label}(", f"{one.label}_new(")  # noqa: E731
    yield "renamed", answered(blank, lambda o, c: rename(o, c) if o is FIRST else c), less
    yield "unchecked", without(answered(blank), f'lesson.check("{FIRST.number}"'), less
    yield "bent", with_checks(answered(blank, among=ALL[:1]), '"correct"'), ALL[0].points
    yield "unimported", without(answered(blank), "import "), 0
    yield "misnamed", right, None
    yield "pasted", pasted(answered(blank)), None
    yield "commented", answered(blank, first_line("# größer, my own words")), FULL
    yield "endless", answered(blank, first_line("while True: pass")), less
    yield "slow", answered(blank, first_line("__import__('time').sleep(3)")), FULL
    yield "exit", in_front(answered(blank), "exit()"), None
    yield "killed", answered(blank, first_line("__import__('os')._exit(1)")), None
    yield "broken", "{", None
    yield "magic", in_front(right, "%matplotlib inline"), FULL
    yield "error", in_front(right, "1 / 0"), FULL
    yield "writes", in_front(right, "open('written.txt', 'w').write('größer')"), FULL
    yield from ((who, answered(blank, taken(how)), 0) for who, how in TAKEN.items())
    yield "ungraded", in_front(blank, 'import os\nos.environ.pop("NBGRADER_EXECUTION")'), 0
    yield (
        "agreed",
        in_front(blank, 'from minifnn import lesson\nlesson.check = lambda *a: "correct"'),
        0,
    )
    judge = "from minifnn.lesson import grading\ngrading.grade = lambda *a, **k: True"
    yield "judged", in_front(blank, judge), 0
    yield "late", answered(blank, among=ALL[:1]), ALL[0].points


def test_one_run_of_the_documented_commands_grades_a_class_of_28(tmp_path):
    from nbgrader.api import Gradebook

    config = documented("three lines in `nbgrader_config.py`") + MENDED
    (tmp_path / "nbgrader_config.py").write_text(config)
    shell(documented("One assignment is made"), tmp_path)
    text = (tmp_path / BLANK).read_text(encoding="utf-8")
    assert "SOLUTION" not in text and "HIDDEN TESTS" not in text
    handed_in = list(submissions(nbformat.reads(text, 4)))
    assert len(handed_in) == 28
    for who, notebook, _ in handed_in:
        name = "Lesson 5" if who == "misnamed" else NAME
        place = tmp_path / "submitted" / who / NAME / f"{name}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(notebook if isinstance(notebook, str) else nbformat.writes(notebook))
    log = shell(documented("by student, so that"), tmp_path)
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        graded = {one.student.id: one.score for one in book.assignment_submissions(NAME)}
    there = {path.parts[-3] for path in tmp_path.glob(f"autograded/*/{NAME}/*.ipynb")}
    scores = {who: graded.get(who) if who in there else None for who, *_ in handed_in}
    (tmp_path / "log.txt").write_text(log)
    print(progress(tmp_path / "autograded"))
    print(scores)
    assert scores == {who: points for who, _, points in handed_in}
    feedback = {path.parts[-3] for path in tmp_path.glob(f"feedback/*/{NAME}/*.html")}
    assert feedback == there
