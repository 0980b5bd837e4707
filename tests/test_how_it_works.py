"""The worked example of docs/how-it-works.md, done as a newcomer would."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BY_NAME = ("tests/test_activations.py", "tests/compiled/test_kernels.py")  # one test an activation
DRAWN = ("tests/test_gradient.py", "tests/test_hessian.py", "tests/curvature/test_theorems.py")

USE = """
import numpy as np, minifnn as mf
X, Y = np.random.default_rng(0).normal(size=(20, 2)), np.ones((20, 1))
net = mf.mlp([2, 10, 1], hidden="softplus", output="sigmoid", seed=1)
history = mf.train(net, X, Y, epochs=50)
net.save("net.npz")
assert np.array_equal(mf.load("net.npz").predict(X), net.predict(X))
print(mf.check.gradient(net, X, Y).ok, mf.check.hessian(net, X, Y).ok, history["loss"][-1] < 0.1)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of package and tests with the lines of the page in their places."""
    page = (ROOT / "docs" / "how-it-works.md").read_text()
    functions, entry, _ = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    place = tmp_path_factory.mktemp("newcomer")
    # with what Numba compiled, for kernels.py stays as it is
    without = shutil.ignore_patterns("*.pyc", "*.tmp.*")
    for folder in ("minifnn", "tests"):
        shutil.copytree(ROOT / folder, place / folder, ignore=without)
    shutil.copy(ROOT / "pyproject.toml", place)
    path = place / "minifnn" / "activations.py"
    code = path.read_text()
    dictionary = re.search(r"ACTIVATIONS = \{\n(.*?)\}", code, flags=re.DOTALL)
    code = code.replace(dictionary[1], entry).replace(
        "ACTIVATIONS = {", functions + "\n\nACTIVATIONS = {"
    )
    path.write_text(code)
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
@pytest.mark.parametrize("choice", [("-k", "softplus", *BY_NAME), DRAWN], ids=["by name", "drawn"])
def test_every_property_test_covers_it_unedited(copy, choice):
    done = run(copy[0], "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *choice)
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 15
