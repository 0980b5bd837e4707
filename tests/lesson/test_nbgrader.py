"""The real nbgrader makes assignments of two lessons, and grades them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")
LESSONS = Path(__file__).parents[2] / "lessons"


@pytest.fixture(scope="module", autouse=True)
def programs_of_this_python():
    """nbgrader calls alembic by its name alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


NAMES = ("01_gate", "05_backward")


def nbgrader(course, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def hand_in(course, student, name, notebook):
    place = course / "submitted" / student / name / f"{name}.ipynb"
    place.parent.mkdir(parents=True)
    shutil.copy(notebook, place)


@pytest.fixture(scope="module", params=NAMES)
def graded(request, tmp_path_factory):
    """A course of one assignment, with a blank and a solved submission, autograded."""
    name, course = request.param, tmp_path_factory.mktemp("course")
    source = course / "source" / name / f"{name}.ipynb"
    source.parent.mkdir(parents=True)
    shutil.copy(LESSONS / "solved" / f"{name}.ipynb", source)
    nbgrader(course, "generate_assignment", name, "--create")
    released = course / "release" / name / f"{name}.ipynb"
    hand_in(course, "blank", name, released)
    hand_in(course, "solved", name, source)
    nbgrader(course, "autograde", name, "--create")
    return name, course, released


def test_the_released_notebook_holds_no_solution(graded):
    _, _, released = graded
    text = released.read_text()
    assert "BEGIN SOLUTION" not in text
    assert "YOUR CODE HERE" in text


def test_blank_scores_nothing_and_solved_everything(graded):
    from nbgrader.api import Gradebook

    name, course, _ = graded
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        scores = {one.student.id: one.score for one in book.assignment_submissions(name)}
        full = book.find_assignment(name).max_score
    assert full >= 3
    assert scores == {"blank": 0, "solved": full}
