"""The notebooks: made from their sources, executed once here, and with the equations' numbers."""

import importlib.util
import json
import os
import re
import warnings
from pathlib import Path

import pytest

LESSONS = Path(__file__).parents[2] / "lessons"
EVERY_SOURCE = sorted((LESSONS / "source").glob("*.py"))
SOURCES = [path for path in EVERY_SOURCE if path.stem[0].isdigit()]  # the others: appendices
every_source = pytest.mark.parametrize("source", EVERY_SOURCE, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def build():
    """lessons/build.py as a module."""
    for package in ("jupytext", "nbclient", "ipywidgets"):
        pytest.importorskip(package)
    spec = importlib.util.spec_from_file_location("lessons_build", LESSONS / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def look_at(cells, verdict):
    """Short cells, no errors, and this verdict of each check."""
    for cell in cells:
        if cell["cell_type"] == "code":
            assert len("".join(cell["source"]).splitlines()) <= 20
            assert cell["execution_count"] is not None
            assert not [one for one in cell["outputs"] if one["output_type"] == "error"]
    text = json.dumps([cell.get("outputs") for cell in cells])
    checks = [cell for cell in cells if "".join(cell["source"]).startswith("lesson.check(")]
    assert len(checks) == text.count(f": {verdict}</b>")
    return len(checks)


@every_source
def test_the_notebooks_are_their_source_and_ran_without_errors(build, source, capsys):
    assert build.main(["--check", source.stem]) == 0, capsys.readouterr().err
    for folder, verdict in ((LESSONS, "not attempted"), (LESSONS / "solved", "correct")):
        notebook = json.loads((folder / f"{source.stem}.ipynb").read_text(encoding="utf-8"))
        look_at(notebook["cells"], verdict)


def seconds_of_children():
    """Processor time of the kernels that have ended."""
    times = os.times()
    return times.children_user + times.children_system


@every_source
def test_a_notebook_runs_open_and_solved_within_a_minute_of_two_cores(build, source, monkeypatch):
    """One run: the reader's notebook, and below it the solved exercises with their checks.

    So nothing in it needs an answer. Its time is that of processors: others may work beside it.
    """
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = build.notebook_of(source, solved=False)
    solved = [
        cell for cell in build.notebook_of(source, solved=True).cells if "nbgrader" in cell.metadata
    ]
    for n, cell in enumerate(solved):
        cell["id"] = f"solved-{n}"
    end = len(notebook.cells)
    notebook.cells += solved
    before = seconds_of_children()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's client
        build.run(notebook)
    assert seconds_of_children() - before < 120
    open_checks = look_at(notebook.cells[:end], "not attempted")
    assert look_at(notebook.cells[end:], "correct") == open_checks


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_tags_the_equations_of_its_number(source):
    """What docs/equations.md numbers for a lesson stands in it, and no other number does."""
    number = source.stem[:2].lstrip("0")
    listed = (LESSONS.parent / "docs" / "equations.md").read_text()
    tags = set(re.findall(r"\\tag\{(\d+\.\d+)\}", source.read_text()))
    assert set(re.findall(rf"\\tag\{{({number}\.\d+)\}}", listed)) <= tags
    assert all(tag.split(".")[0] == number for tag in tags)
