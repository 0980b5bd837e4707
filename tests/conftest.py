"""One drawing backend and one hypothesis profile for all tests; no figure outlives its test."""

import signal
import subprocess
import sys

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("Agg")
settings.register_profile("minifnn", deadline=None, derandomize=True)
settings.load_profile("minifnn")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a shell: and then
    signal.signal(signal.SIGINT, signal.default_int_handler)  # no child would hear Ctrl-C

# What calls nearly every kernel, with the kinds of arrays that the library gives it.
DATA = """
import minifnn as mf, numpy as np
X, Y = np.random.default_rng(0).normal(size=(9000, 30)), np.ones((9000, 1))
"""
TRAIN = """
for n in (50, 9000):  # one block, and several side by side
    mf.train(mf.mlp([30, 10, 1]), X[:n], Y[:n], epochs=2)
mf.mlp([30, 10, 1]).gradient(X, Y)
"""
CURVE = """
for n in (50, 9000):  # whole, and in parts
    mf.hessian(mf.mlp([30, 10, 1]), X[:n], Y[:n])
"""


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_setupnodes():
    """Compile the kernels once, before every worker and every notebook would do so by itself."""
    commands = [[sys.executable, "-c", DATA + code] for code in (TRAIN, CURVE)]
    for process in [subprocess.Popen(command) for command in commands]:
        process.wait()


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:  # it is slow to load, and not every test draws
        sys.modules["matplotlib.pyplot"].close("all")
