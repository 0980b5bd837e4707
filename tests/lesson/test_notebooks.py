"""The notebooks: made from their sources, executed once here, and with the equations' numbers."""

import ast
import builtins
import importlib.util
import json
import os
import re
import warnings
from itertools import pairwise
from pathlib import Path

import pytest

LESSONS = Path(__file__).parents[2] / "lessons"
EVERY_SOURCE = sorted((LESSONS / "source").glob("*.py"))
SOURCES = [path for path in EVERY_SOURCE if path.stem[0].isdigit()]  # the others: appendices
# Lessons as they were: each leaves these lists as it is rewritten.
DONE = {f"{n:02}" for n in range(1, 15)}
STILL_WIDE = {path.stem for path in EVERY_SOURCE if path.stem[:2] not in DONE}
STILL_TELLING: set[str] = set()
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
    checks = [cell for cell in cells if "\nlesson.check(" in "\n" + "".join(cell["source"])]
    assert len(checks) == text.count(f": {verdict}</b>")
    return len(checks)


@every_source
def test_the_notebooks_are_their_source_and_ran_without_errors(build, source, capsys):
    assert build.main(["--check", source.stem]) == 0, capsys.readouterr().err
    solved = json.loads((LESSONS / "solved" / f"{source.stem}.ipynb").read_text(encoding="utf-8"))
    look_at(solved["cells"], "correct")


@every_source
def test_nothing_needs_a_section_with_a_star(source):
    """Who skips them has all names that the other cells use."""
    path, known, skipped = LESSONS / "solved" / f"{source.stem}.ipynb", set(dir(builtins)), False
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for heading in re.findall("^##? .*", text, re.MULTILINE):
                skipped = "★" in heading
        elif not skipped:
            used = set()
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Name):
                    (used if isinstance(node.ctx, ast.Load) else known).add(node.id)
                elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)):
                    known.add(node.name)
                elif isinstance(node, ast.alias):
                    known.add(node.asname or node.name.partition(".")[0])
                elif isinstance(node, ast.arg):
                    known.add(node.arg)
            assert used <= known, f"{sorted(used - known)} in: {text}"


@every_source
def test_a_readers_notebook_shows_no_answer(source):
    """No outputs, no solution, nothing of the hidden tests; and it opens unmodified."""
    text = (LESSONS / f"{source.stem}.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None
    assert "BEGIN SOLUTION" not in text and "HIDDEN TESTS" not in text
    assert ("lesson.exercise(" in text) == (source.stem in STILL_TELLING)
    assert notebook["metadata"]["kernelspec"]["display_name"] == "Python 3 (ipykernel)"
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)


@every_source
def test_lines_of_code_fit_a_page(source):
    """76 characters; a lesson that is mended leaves the list of those that do not."""
    notebook = json.loads((LESSONS / f"{source.stem}.ipynb").read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    wide = [line for cell in code for line in cell.splitlines() if len(line) > 76]
    assert bool(wide) == (source.stem in STILL_WIDE), wide


@every_source
def test_no_line_of_a_paragraph_begins_a_list_by_chance(source):
    """Markdown takes "... about" and, on the next line, "1. Which" for a list."""
    lines = source.read_text("utf-8").splitlines()
    assert not [
        two for two in pairwise(lines) if re.match(r"# 1[.)] ", two[1]) and two[0].strip("# ")
    ]


def test_a_cell_that_predicts_and_one_that_is_folded(build, tmp_path, monkeypatch):
    guess = build.lesson.Exercise("90.1", "down", {"Look at the sign.": "up"})
    monkeypatch.setattr(build.lesson, "exercise", {"90.1": guess}.__getitem__)
    source = tmp_path / "90_new.py"
    source.write_text('# %% predict="90.1"\n\n# %% tags=["hide-input"]\nfig = 1\n')
    asked, folded = build.notebook_of(source, solved=False).cells
    assert asked.source == "# 'down' or 'up'\nlesson.predict(\"90.1\", ...)"
    assert folded.metadata["jupyter"] == {"source_hidden": True}
    assert folded.metadata["tags"] == ["hide-input"]
    told, _ = build.notebook_of(source, solved=True).cells
    assert told.source.endswith('### END SOLUTION\nlesson.predict("90.1", said)')


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


def test_what_is_written_in_one_notebook_runs_in_another(build, tmp_path):
    """In real kernels: a right answer is kept, a wrong one is not, and either runs to the end."""
    start = "import numpy as np\nfrom minifnn import lesson"
    right = "def fields(x, W, b):\n    return b + np.dot(x, W)"
    wrong = "def descent_step(theta, g, rate):\n    return theta + rate * g"
    first = [start, right, 'lesson.check("3.1", fields)', wrong]
    first += ['lesson.check("7.1", descent_step)', 'lesson.check("2.3", "up")']
    use = "f, step = lesson.mine(3.1), lesson.mine(7.1)\nprint(f(np.eye(2), np.eye(2), 1.0))"
    notebooks = []
    for cells in (first, [start, use, "print(step(1.0, 1.0, 0.25))", "lesson.summary()"]):
        cells = [build.new_code_cell(cell) for cell in cells]
        notebooks.append(build.nbformat.v4.new_notebook(cells=cells))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the kernel's client
            build.run(notebooks[-1], tmp_path)
    assert sorted(path.name for path in (tmp_path / "answers").iterdir()) == ["2.3.py", "3.1.py"]
    shown = "".join(one.get("text", "") for c in notebooks[1].cells for one in c.outputs)
    assert "fields of 3.1 is your own." in shown
    assert "descent_step of 7.1 is the solution's, for yours is not there yet." in shown
    assert "[[2. 1.]\n [1. 2.]]\n0.75\n" in shown
    assert "lesson  3  + . . . . .  1 of 6" in shown


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_tags_the_equations_of_its_number(source):
    """What docs/equations.md numbers for a lesson stands in it, and no other number does."""
    number = source.stem[:2].lstrip("0")
    listed = (LESSONS.parent / "docs" / "equations.md").read_text()
    tags = set(re.findall(r"\\tag\{(\d+\.\d+)\}", source.read_text()))
    assert set(re.findall(rf"\\tag\{{({number}\.\d+)\}}", listed)) <= tags
    assert all(tag.split(".")[0] == number for tag in tags)
