"""docs/how-it-works.md: its floor plan is the tree, and its worked example works as written."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-it-works.md"
BY_NAME = ("tests/test_activations.py", "tests/compiled")  # one test per activation
DRAWN = ("tests/test_gradient.py", "tests/test_hessian.py", "tests/curvature/test_theorems.py")

USE = """
import numpy as np, minifnn as mf
X, Y = np.random.default_rng(0).normal(size=(20, 2)), np.ones((20, 1))
net = mf.mlp([2, 10, 1], hidden="gaussian", output="sigmoid", seed=1)
history = mf.train(net, X, Y, epochs=50)
net.save("net.npz")
assert np.array_equal(mf.load("net.npz").predict(X), net.predict(X))
print(mf.check.gradient(net, X, Y).ok, mf.check.hessian(net, X, Y).ok, history["loss"][-1] < 0.1)
"""


def test_the_floor_plan_is_the_tree():
    plan = PAGE.read_text().split("```")[1]
    named = re.findall(r"^ +(\w+\.py|\w+/)  ", plan, flags=re.MULTILINE)
    package = ROOT / "minifnn"
    folders = {path.parent for path in package.rglob("*/*.py")}
    there = [path.name for path in package.glob("*.py")] + [f"{path.name}/" for path in folders]
    assert sorted(named) == sorted(there)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of package and tests with the lines of the page in their places."""
    functions, entry, _ = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    place = tmp_path_factory.mktemp("newcomer")
    # with what Numba has compiled, because the kernels stay as they are
    without = shutil.ignore_patterns("*.pyc", "*.tmp.*")
    for folder in ("minifnn", "tests"):
        shutil.copytree(ROOT / folder, place / folder, ignore=without)
    shutil.copy(ROOT / "pyproject.toml", place)
    path = place / "minifnn" / "activations.py"
    code = path.read_text()
    dictionary = re.search(r"^ACTIVATIONS = \{.*?\}\n", code, flags=re.DOTALL | re.MULTILINE)
    path.write_text(code.replace(dictionary[0], f"{functions}\n\n{entry}"))
    lines = [line for line in (functions + entry).splitlines() if line.strip()]
    return place, lines


def run(place, *command):
    environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    options = {"cwd": place, "env": environment, "capture_output": True, "text": True}
    return subprocess.run([sys.executable, *command], **options)


def test_it_takes_less_than_twenty_lines(copy):
    assert len(copy[1]) < 20


def test_networks_of_the_new_gate_learn_and_are_exact(copy):
    done = run(copy[0], "-c", USE)
    assert done.stdout == "True True True\n", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("choice", [("-k", "gaussian", *BY_NAME), DRAWN], ids=["by name", "drawn"])
def test_every_property_test_covers_it_unedited(copy, choice):
    done = run(copy[0], "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *choice)
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 15
