"""lessons/onepage.py: one page of NumPy with the package's own loss, gradient and Hessian."""

import ast
import re
import runpy
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import relative_error

import minifnn as mf

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "lessons" / "onepage.py"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def network():
    return runpy.run_path(str(PAGE))["network"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [0.01, 0.3, 1.0])
def test_loss_gradient_and_hessian_are_the_package_s(network, spread, seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(37, 2)), rng.integers(0, 2, size=(37, 1)).astype(float)
    net = mf.mlp([2, 10, 1], hidden="esp", output="sigmoid", trainable_beta=True)
    net.theta[:] = spread * rng.normal(size=52)
    loss, gradient, hessian_times = network(net.theta, X, Y)
    H = np.stack([hessian_times(direction) for direction in np.eye(52)], axis=1)
    assert abs(loss - net.loss(X, Y)) <= 1e-13 * loss
    assert relative_error(gradient, net.gradient(X, Y, engine="numpy")) <= 1e-13
    assert relative_error(H, mf.hessian(net, X, Y, engine="numpy")) <= 1e-13


def test_it_runs_in_five_seconds_and_says_what_happened(capsys):
    start = time.process_time()
    runpy.run_path(str(PAGE), run_name="__main__")
    assert time.process_time() - start < 5
    lines = capsys.readouterr().out.splitlines()
    losses = [float(re.search(r"loss (\S+),", line)[1]) for line in lines]
    negative = [int(re.search(r"(\d+) of 52", line)[1]) for line in lines]
    assert len(lines) < 10
    assert losses[-1] < losses[0] / 10
    assert 0 < negative[-1] < negative[0] < 52


def test_it_is_one_page_that_imports_numpy_and_nothing_else():
    assert len(TEXT.splitlines()) <= 80
    nodes = ast.walk(ast.parse(TEXT))
    imports = [ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    assert imports == ["import numpy as np"]


def test_what_the_front_page_shows_of_it_is_in_it():
    page = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```py\n(.*?)```", page, flags=re.DOTALL)
    assert shown in TEXT


def test_its_equations_are_those_of_the_list():
    numbers = re.findall(r"\((\d+\.\d+)\)", TEXT)
    listed = re.findall(r"\\tag\{(.*?)\}", (ROOT / "docs" / "equations.md").read_text())
    assert len(set(numbers)) > 15
    assert set(numbers) <= set(listed)
