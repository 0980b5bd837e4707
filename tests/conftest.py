"""One drawing backend and one hypothesis profile for all tests."""

import matplotlib
from hypothesis import settings

matplotlib.use("Agg")
settings.register_profile("minifnn", deadline=None, derandomize=True)
settings.load_profile("minifnn")
