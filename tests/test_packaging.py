"""The package as it is handed out: what is in it, that it works alone, and on its lowest bounds."""

import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import lowest
import public
import pytest

import minifnn

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(path.name for path in (ROOT / "lessons").glob("*.ipynb"))
DOCUMENTED = ("LICENSE", "CHANGELOG.md", "CITATION.cff", "README.md", "pyproject.toml")
FAST = "activations energy losses initialise network hessian train curvature plots _util"
needs_build = pytest.mark.skipif(find_spec("build") is None, reason="build is not installed")
needs_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")


def run(*command, cwd=ROOT, **variables):
    """What a command prints; its errors, if it fails."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env=lowest.outside(**variables)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# ------------------------------------------------------------------------ what is said


@pytest.mark.parametrize("extra", [None, *lowest.PROJECT["optional-dependencies"]])
def test_every_dependency_has_a_lower_bound_and_no_cap(extra):
    optional = lowest.PROJECT["optional-dependencies"]
    for line in optional[extra] if extra else lowest.PROJECT["dependencies"]:
        own = re.fullmatch(r"minifnn\[[a-z,]+\]", line)
        assert own or re.fullmatch(r"[\w-]+(\[\w+\])?>=\d+(\.\d+)*(; sys_platform .*)?", line), line


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text()
    bounded = [line for line in text.splitlines() if re.match(r'\s+"[\w-]+>=', line)]
    assert len(bounded) > 25
    assert all(re.search(r'",\s+# \w', line) for line in bounded)


def test_the_citation_names_this_version_and_the_paper():
    text = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {minifnn.__version__}\n" in text
    assert "arXiv:1805.08786" in text or "arxiv.org/abs/1805.08786" in text
    assert all(name in text for name in ("Milletarí", "Chotibut", "Trevisanutto"))


# ----------------------------------------------------------------------- how it is kept


def test_the_code_is_in_one_style():
    pytest.importorskip("ruff")
    run(sys.executable, "-m", "ruff", "check", "--no-cache")
    run(sys.executable, "-m", "ruff", "format", "--check", "--no-cache")


def test_the_repository_is_as_one_in_science_is_expected_to_be():
    """Families PY (files), PP (pyproject.toml, pytest) and RF (ruff) of sp-repo-review."""
    processor = pytest.importorskip("repo_review.processor")
    pytest.importorskip("sp_repo_review")
    done = processor.process(ROOT, select={"PY", "PP", "RF"})
    assert len(done.results) > 25
    assert [f"{one.name}: {one.err_msg}" for one in done.results if one.result is False] == []


# ---------------------------------------------------------------------- what is handed out


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, the wheel made from it, and the wheel made from the tree."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(folder))
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder / "direct"))
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    (direct,) = (folder / "direct").glob("*.whl")
    return sdist, wheel, direct


def in_tree(*folders):
    """The files that git would take, of these folders; of everything, of none."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", *folders)
    return {name for name in listed.splitlines() if (ROOT / name).exists()}


@pytest.mark.slow
@needs_build
@needs_git
def test_the_wheel_holds_the_package_and_the_lessons_and_nothing_else(built):
    _, wheel, direct = built
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names == set(zipfile.ZipFile(direct).namelist())
    lessons = {f"minifnn/{name}" for name in in_tree("lessons")}
    made_of = {name for name in lessons if name.startswith("minifnn/lessons/source/")}
    own = in_tree("minifnn") | lessons - made_of - {"minifnn/lessons/build.py"}
    info = {name for name in names if name.startswith(f"minifnn-{minifnn.__version__}.dist-info/")}
    assert names - info == own
    assert any(name.endswith("licenses/LICENSE") for name in info)


@pytest.mark.slow
@needs_build
@needs_git
def test_the_sdist_holds_what_git_holds(built):
    with tarfile.open(built[0]) as archive:
        names = {member.name.split("/", 1)[1] for member in archive if member.isfile()}
    assert names - {"PKG-INFO"} == in_tree() - in_tree(".ci")
    assert set(DOCUMENTED) <= names


# ---------------------------------------------------------------------- it works alone

ALONE = """
import numpy as np
import minifnn as mf
from minifnn import lesson
assert mf.__file__.startswith({prefix!r}), mf.__file__
{few_lines}
net.save("net.npz")
assert (mf.load("net.npz").theta == net.theta).all()
for number, exercise in lesson.exercises().items():
    mine = dict(np=np)  # a function of one's own: the solution itself does not count
    exec(exercise.code(solved=True), mine)
    assert lesson.grading.grade(exercise, mine[exercise.label]), number
"""


@pytest.mark.slow
@needs_build
def test_the_wheel_works_alone(built, tmp_path):
    place = tmp_path / "elsewhere"
    place.mkdir()
    python = lowest.environment(tmp_path / "venv", sys.executable, str(built[1]))
    # the NumPy code, for compiling takes a minute; the next test and all others compile
    here = {"cwd": place, "NUMBA_DISABLE_JIT": "1"}
    run(python, "-c", ALONE.format(prefix=str(tmp_path), few_lines=public.few_lines()), **here)
    command = python.with_name("minifnn")
    assert "reproduce" in run(command, "--help", **here)
    run(command, "lessons", "mine", "--no-browser", **here)
    assert sorted(path.name for path in (place / "mine").iterdir()) == NOTEBOOKS
    few = "reproduce --tasks nonlinear-10 --activations esp --epochs 3 --workers 1"
    run(command, *few.split(), **here)
    assert (place / "results" / "report.html").stat().st_size > 10_000


# ---------------------------------------------------------------- and on its lowest bounds


@pytest.mark.slow
def test_the_lowest_bounds_will_do(tmp_path):
    """Without compiling, the fast part of the suite; compiling, every gradient."""
    if lowest.lowest_python() is None:
        pytest.skip("the lowest Python that is supported is not here")
    python = lowest.environment(tmp_path / "venv", lowest.lowest_python(), *lowest.pins())
    lowest.test(python, FAST.split(), NUMBA_DISABLE_JIT="1")
    lowest.test(python, ["gradient"])
