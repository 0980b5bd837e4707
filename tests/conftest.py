"""One drawing backend and one hypothesis profile for all tests; no figure outlives its test."""

import sys

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("Agg")
settings.register_profile("minifnn", deadline=None, derandomize=True)
settings.load_profile("minifnn")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:  # it is slow to load, and not every test draws
        sys.modules["matplotlib.pyplot"].close("all")
