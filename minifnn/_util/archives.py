"""The headers of arrays in files, read without executing anything."""

import warnings
from typing import BinaryIO

import numpy as np


def read_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return the shape, the order (is it Fortran's?) and the dtype that an .npy begins with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a header that Python 2 wrote
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"it is of version {version}, wanted 1 or 2")
        old = version == (1, 0)
        read = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream, max_header_size=10_000)
    return checked_shape(shape), fortran, dtype


def checked_shape(shape):
    if type(shape) is not tuple or len(shape) > 8 or any(type(n) is not int for n in shape):
        raise ValueError("an array has no shape")
    if any(n < 0 or n > 1 << 40 for n in shape):
        raise ValueError(f"an array has the shape {shape}")
    return shape
