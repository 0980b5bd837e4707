"""The real nbgrader makes an assignment of a lesson, and grades it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")
LESSONS = Path(__file__).parents[2] / "lessons"
NAME = "01_gate"  # functions and a prediction in a word


def nbgrader(course, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={course}"]
    programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name alone
    path = {"PATH": os.pathsep.join([programs, os.environ["PATH"]])}
    done = subprocess.run(
        command, cwd=course, env=os.environ | path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def put(course, folder, notebook):
    place = course / folder / NAME / f"{NAME}.ipynb"
    place.parent.mkdir(parents=True)
    shutil.copy(notebook, place)


@pytest.mark.slow
def test_the_release_is_open_blank_scores_nothing_and_solved_everything(tmp_path):
    from nbgrader.api import Gradebook

    solved = LESSONS / "solved" / f"{NAME}.ipynb"
    put(tmp_path, "source", solved)
    nbgrader(tmp_path, "generate_assignment", NAME, "--create")
    released = tmp_path / "release" / NAME / f"{NAME}.ipynb"
    text = released.read_text()
    assert "BEGIN SOLUTION" not in text and "YOUR CODE HERE" in text
    put(tmp_path, "submitted/blank", released)
    put(tmp_path, "submitted/solved", solved)
    nbgrader(tmp_path, "autograde", NAME, "--create")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        scores = {one.student.id: one.score for one in book.assignment_submissions(NAME)}
        full = book.find_assignment(NAME).max_score
    assert full >= 3
    assert scores == {"blank": 0, "solved": full}
