"""Make the notebooks of the lessons from their sources.

    python lessons/build.py [--check] [--no-run] [NAME ...]

From each ``source/NN_name.py`` (jupytext's percent format) come two notebooks:
``NN_name.ipynb`` for the reader, whose exercises are open and which holds no
outputs, and ``solved/NN_name.ipynb``, in which everything is done; it is
executed, so that its figures can be seen on a page. A cell marked
``exercise="5.2"`` is filled from ``exercises/lesson_05.py``, and its check is
put below it; one marked ``predict="7.2"`` takes a prediction. A cell with the
tag ``hide-input`` is folded, in JupyterLab and on the page. As slides (``nbconvert --to slides``),
each heading starts one, and what follows a figure is below it.
"""

import argparse
import math
import sys
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.channels import AsyncZMQSocketChannel
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from minifnn import lesson

HERE = Path(__file__).parent
SECONDS = 60  # that a cell may take
KERNEL = {  # in JupyterLab's own words, or a notebook is modified as soon as it is opened
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
    "name": "python3",
}
HIDDEN = """\
### BEGIN HIDDEN TESTS
import runpy

require = runpy.run_module("minifnn.lesson.graded")["require"]
require("{number}", {label})
### END HIDDEN TESTS
"""  # for nbgrader, which takes them out of what it hands out


def main(arguments=None):
    """Build what is asked for, or compare it with what is there; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 05_backward (all)")
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    parser.add_argument("--no-run", action="store_true", help="do not execute them")
    options = parser.parse_args(arguments)
    stale = [path for path in _sources(options.names) if not _build(path, options)]
    for path in stale:
        print(f"{path.name} has changed since its notebooks were made", file=sys.stderr)
    return 1 if stale else 0


def _sources(names):
    every = sorted((HERE / "source").glob("[0-9A-Z]*.py"))
    unknown = set(names) - {path.stem for path in every}
    if unknown:
        raise SystemExit(f"no lesson {', '.join(unknown)}; there are {[p.stem for p in every]}")
    return [path for path in every if not names or path.stem in names]


def _build(path, options):
    """Write both notebooks of a source; with --check, return whether they are up to date."""
    fresh = True
    for solved, target in ((False, HERE), (True, HERE / "solved")):
        notebook, place = notebook_of(path, solved), target / f"{path.stem}.ipynb"
        if options.check:
            fresh &= place.exists() and _cells(nbformat.read(place, 4)) == _cells(notebook)
            continue
        if solved and not options.no_run:
            run(notebook)
        place.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, place)
        print(place.relative_to(HERE), flush=True)
    return fresh


def notebook_of(path, solved):
    """The notebook of a source, with its exercises solved or open; not executed."""
    source = jupytext.read(path)
    cells = [cell for one in source.cells for cell in _filled(one, solved)]
    for n, cell in enumerate(cells):
        cell["id"] = f"cell-{n}"
        if cell.cell_type == "markdown":
            below = n and cells[n - 1].cell_type == "code"
            kind = "slide" if cell.source.startswith("#") else "subslide" if below else "-"
            cell.metadata["slideshow"] = {"slide_type": kind}
    source.cells = cells
    source.metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
    }
    return source


def _filled(cell, solved):
    """The cell itself, or for an exercise the cell to write in and the one that checks it."""
    number = cell.metadata.get("exercise", cell.metadata.get("predict"))
    if number is None:
        cell.metadata = {key: cell.metadata[key] for key in cell.metadata if key == "tags"}
        if "hide-input" in cell.metadata.get("tags", ()):
            cell.metadata["jupyter"] = {"source_hidden": True}
        return [cell]
    one, grade_id = lesson.exercise(number), number.replace(".", "-")
    if "predict" in cell.metadata:
        write = new_code_cell(one.prediction(solved))
        write.metadata["nbgrader"] = _nbgrader(f"predict-{grade_id}", solution=True, locked=False)
        return [write]
    write = new_code_cell(one.code(solved))
    write.metadata["nbgrader"] = _nbgrader(f"exercise-{grade_id}", solution=True, locked=False)
    hidden = HIDDEN.format(number=number, label=one.label) if solved else ""
    test = new_code_cell(f'{hidden}lesson.check("{number}", {one.label})')
    test.metadata["nbgrader"] = _nbgrader(
        f"check-{grade_id}", grade=True, locked=True, points=one.points
    )
    if solved:
        test.metadata["tags"] = ["hide-input"]
    return [write, test]


def _nbgrader(grade_id, **more):
    usual = {"schema_version": 3, "grade": False, "solution": False, "task": False}
    return usual | {"grade_id": grade_id} | more


def _cells(notebook):
    """What has to be the same."""
    return [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


def run(notebook, folder=None):
    """Execute a notebook, each cell within a minute, in a folder (by default an empty one)."""
    usual = {"kernel_name": "python3", "record_timing": False, "timeout": SECONDS}
    with TemporaryDirectory() as empty:
        place = {"metadata": {"path": str(folder or empty)}}
        NotebookClient(notebook, kernel_manager_class=_Manager, resources=place, **usual).execute()


class _Channel(AsyncZMQSocketChannel):
    """One that looks again each second.

    Of some messages it is not told, and would find them only when its time is
    up: a cell that is done in a moment would take a minute.
    """

    async def get_msg(self, timeout=None):
        """Return the next message, or raise Empty after so many seconds."""
        left = math.inf if timeout is None else timeout
        while True:
            try:
                return await super().get_msg(min(1, left))
            except Empty:
                left -= 1
                if left <= 0:
                    raise


class _Client(AsyncKernelClient):
    """A client with such channels."""

    shell_channel_class = iopub_channel_class = _Channel


class _Manager(AsyncKernelManager):
    """A manager of kernels with such clients."""

    client_factory = _Client


if __name__ == "__main__":
    sys.exit(main())
