"""The real nbgrader makes an assignment of a lesson, and grades it."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from minifnn import lesson

pytest.importorskip("nbgrader")
LESSONS = Path(__file__).parents[2] / "lessons"
NAME = "01_gate"  # functions and a prediction in a word


def nbgrader(course, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
    command.append("--Execute.timeout=180")  # as in docs/teaching.md
    programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name alone
    path = {"PATH": os.pathsep.join([programs, os.environ["PATH"]])}
    done = subprocess.run(
        command, cwd=course, env=os.environ | path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def put(course, folder, notebook, name=NAME):
    place = course / folder / name / f"{name}.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(notebook, place)


def with_cell(notebook, code):
    """A notebook with one more cell in front, and each answer replaced if the code says `take`."""
    notebook = copy.deepcopy(notebook)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(code))
    for cell in notebook.cells:
        number = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("exercise-")
        if "take(" in code and number[:1].isdigit():
            name = lesson.exercise(number.replace("-", ".")).label
            cell.source = f'{name} = take("{number.replace("-", ".")}")'
    return notebook


CHEATS = {
    "exercise": """\
from minifnn import lesson

def take(number):
    return lesson.exercise(number).solution
""",
    "file": """\
from minifnn import lesson

def take(number):
    path = lesson.folder() / "exercises" / "lesson_01.py"
    names = {}
    exec(path.read_text(), names)
    (one,) = [one for one in names["EXERCISES"] if one.number == number]
    if one.inputs is None:
        raise ValueError("a word is guessed as fast as it is looked up")
    return one.solution
""",
    "environment": 'import os\nos.environ.pop("NBGRADER_EXECUTION")',
    "check": 'from minifnn import lesson\nlesson.check = lambda *a: "correct"',
}


@pytest.mark.slow
def test_solved_scores_everything_blank_nothing_and_cheats_nothing(tmp_path):
    from nbgrader.api import Gradebook

    solved = nbformat.read(LESSONS / "solved" / f"{NAME}.ipynb", 4)
    put(tmp_path, "source", solved)
    nbgrader(tmp_path, "generate_assignment", NAME, "--create")
    released = tmp_path / "release" / NAME / f"{NAME}.ipynb"
    text = released.read_text()
    assert "BEGIN SOLUTION" not in text and "YOUR CODE HERE" in text
    assert "HIDDEN TESTS" not in text and "graded" not in text
    assert "hot_gate = ..." in text
    blank = nbformat.read(released, 4)
    put(tmp_path, "submitted/blank", blank)
    put(tmp_path, "submitted/solved", solved)
    for name, code in CHEATS.items():
        put(tmp_path, f"submitted/{name}", with_cell(blank, code))
    log = nbgrader(tmp_path, "autograde", NAME, "--create")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        scores = {one.student.id: one.score for one in book.assignment_submissions(NAME)}
        full = book.find_assignment(NAME).max_score
    assert full >= 3
    assert scores == {"blank": 0, "solved": full} | dict.fromkeys(CHEATS, 0)
    assert "partial" not in log.lower()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["05_backward", "11_zero"])
def test_a_lesson_with_values_and_points_is_generated_and_graded(name, tmp_path):
    from nbgrader.api import Gradebook

    number = str(int(name[:2]))
    notebook = nbformat.read(LESSONS / "solved" / f"{name}.ipynb", 4)
    put(tmp_path, "source", notebook, name)
    nbgrader(tmp_path, "generate_assignment", name, "--create")
    blank = nbformat.read(tmp_path / "release" / name / f"{name}.ipynb", 4)
    put(tmp_path, "submitted/blank", blank, name)
    put(tmp_path, "submitted/solved", notebook, name)
    nbgrader(tmp_path, "autograde", name, "--create")
    marked = [c.metadata.get("nbgrader", {}).get("grade_id", "") for c in blank.cells]
    asked = [id.removeprefix("check-").replace("-", ".") for id in marked if id[:6] == "check-"]
    full = sum(lesson.exercise(one).points for one in asked)
    assert full >= 5 and {one.split(".")[0] for one in asked} == {number}
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        scores = {one.student.id: one.score for one in book.assignment_submissions(name)}
        assert book.find_assignment(name).max_score == full
    assert scores == {"blank": 0, "solved": full}
