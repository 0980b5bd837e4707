"""An untrusted .npy file, read without executing anything in it.

A file of plain numbers is mapped into memory as it is. The others hold lists of arrays as
a pickle, which is a small program that may call any function. It is run by the unpickler
of the standard library, under two restrictions: only the opcodes that lists of arrays need,
and for the names of NumPy only stand-ins, which keep what they are given and call nothing.
Arrays are made of it afterwards, where shape and bytes agree.
"""

import io
import math
import pickle
import pickletools
import re

import numpy as np

from ..._util.archives import read_header
from ..._util.files import naming
from ..._util.typing import PathLike
from ..._util.validation import check_path, expect

MOST_BYTES = 1 << 24  # of a file with a pickle; the authors' have a few million
MOST_VALUES = 1 << 20  # in all its lists, and opcodes of its pickle
DEEPEST = 8  # lists within lists

OPCODES = set(
    "PROTO FRAME STOP MARK NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINFLOAT "
    "BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINUNICODE SHORT_BINUNICODE "
    "EMPTY_LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 GLOBAL STACK_GLOBAL "
    "REDUCE BUILD BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET".split()
)  # of what np.save has written, by the protocols 2, 3 and 4


class _Dtype:
    """In place of a dtype: its name, e.g. "f8", and the order of its bytes, e.g. "<"."""

    order = "="

    def __init__(self, name, *_):
        self.name = name

    def __setstate__(self, state):
        self.order = state[1]


class _Array:
    """In place of an array: what NumPy's own would be restored from."""

    def __init__(self, *_):
        pass  # __setstate__ follows

    def __setstate__(self, state):
        _, self.shape, self.dtype, self.fortran, self.data = state

    def is_of_objects(self):
        return self.dtype.name in ("O", "O4", "O8")

    def numbers(self):
        """A NumPy array over the bytes."""
        described = self.dtype.order + self.dtype.name
        if not re.fullmatch("[<>|=][biufc][0-9]+", described):
            raise ValueError(f"expected an array of numbers, got dtype {described[:20]!r}")
        data = self.data.encode("latin1") if isinstance(self.data, str) else self.data
        dtype, shape = np.dtype(described), _checked(self.shape)
        if type(data) is not bytes or len(data) != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"expected the bytes of an array of shape {shape}, got others")
        return np.ndarray(shape, dtype, data, order="F" if self.fortran else "C")


def _checked(shape):
    is_shape = type(shape) is tuple and len(shape) <= 8 and all(type(n) is int for n in shape)
    expect(is_shape and all(0 <= n <= 1 << 40 for n in shape), "shape", "a tuple of sizes", shape)
    return shape


def _scalar(dtype, data):
    array = _Array()
    array.__setstate__((1, (), dtype, False, data))
    return array


STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy", "ndarray"): None,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): lambda text, encoding: text,  # bytes, in protocol 2 of Python 3
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        key = module.replace("numpy._core", "numpy.core"), name  # its name since NumPy 2
        if key not in STAND_INS:
            raise ValueError(f"expected arrays only, got the name {module[:60]}.{name[:60]}")
        return STAND_INS[key]


def _check_opcodes(code):
    """Refuse other opcodes and too many; arguments that are longer than the file are, too."""
    for n, (opcode, argument, _) in enumerate(pickletools.genops(code)):
        if opcode.name not in OPCODES:
            raise ValueError(f"expected a pickle of arrays, got one with {opcode.name}")
        if n > MOST_VALUES:
            raise ValueError(f"expected {MOST_VALUES} opcodes at most, got more")
        if "PUT" in opcode.name and (argument or 0) > MOST_VALUES:
            # the unpickler would make room for twice as many values
            raise ValueError(f"expected an index up to {MOST_VALUES}, got {argument}")


class _Contents:
    """Makes numbers, arrays and lists within lists of what was unpickled, up to the limits."""

    def __init__(self):
        self.values = self.bytes = 0

    def count(self, depth, size=0):
        self.values += 1
        self.bytes += size
        if depth > DEEPEST or self.values > MOST_VALUES or self.bytes > MOST_BYTES:
            raise ValueError("expected fewer lists within lists, got too many values")

    def of(self, value, depth=0):
        if isinstance(value, _Array) and value.is_of_objects():
            shape, items = _checked(value.shape), value.data
            if not isinstance(items, list) or not 0 < len(items) == math.prod(shape):
                raise ValueError(f"expected the objects of an array of shape {shape}, got others")
            return self.rows(items, shape, depth)
        if isinstance(value, _Array):
            self.count(depth, len(value.data))
            return value.numbers()
        self.count(depth)
        if isinstance(value, (list, tuple)):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, (bool, int, float)):
            return value
        raise ValueError(f"expected numbers, got a {type(value).__name__} among them")

    def rows(self, items, shape, depth):
        """The objects in lists of the shape; they come in the order of C."""
        if not shape:
            return self.of(items[0], depth)
        self.count(depth)
        n = len(items) // shape[0]
        rows = (items[i : i + n] for i in range(0, len(items), n))
        return [self.rows(row, shape[1:], depth + 1) for row in rows]


def read_npy(path: PathLike) -> np.ndarray | list:
    """Read an .npy file; nothing in it is executed, and ValueError names a file that does not fit.

    An array of numbers is mapped, so that only what is looked at is read. An array of objects
    comes as lists within lists, with numbers and arrays in them.
    """
    path = check_path("path", path)
    with naming(path), open(path, "rb") as stream:
        shape, fortran, dtype = read_header(stream)
        if dtype.hasobject:
            return _read_pickle(stream.read(MOST_BYTES + 1), shape)
        length = path.stat().st_size - stream.tell()
        if dtype.kind not in "biufc" or math.prod(shape) * dtype.itemsize != length:
            raise ValueError(f"expected {dtype} numbers of shape {shape}, got {length} bytes")
        return np.memmap(path, dtype, "r", stream.tell(), shape, "F" if fortran else "C")


def _read_pickle(code, shape):
    if len(code) > MOST_BYTES:
        raise ValueError(f"expected a pickle of {MOST_BYTES} bytes at most, got a longer one")
    _check_opcodes(code)
    array = _Unpickler(io.BytesIO(code), encoding="latin1").load()
    if not isinstance(array, _Array) or array.shape != shape:
        raise ValueError(f"expected an array of shape {shape}, got something else")
    return _Contents().of(array)
