"""The kinds of arguments and results that signatures have in common."""

import os
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike as ArrayLike
from numpy.typing import NDArray

Array = NDArray[np.float64]
Floats = Any  # an Array, or one float64 where every argument is one number (as in NumPy's hints)
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Engine = Literal["numba", "numpy"]  # the compiled kernels, or the code that one reads
PathLike = str | os.PathLike[str]
