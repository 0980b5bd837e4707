"""Named arrays in an .npz, written atomically and read without executing anything.

The archives are stored, not compressed: so that no array is larger than its file,
and what a header says is compared with that before memory is asked for.
"""

import io
import math
import os
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

import numpy as np

from .files import write_atomically
from .typing import PathLike
from .validation import check_path, expect


def write_arrays(path: PathLike, arrays: Mapping[str, Any]) -> None:
    """Write named arrays to an .npz at exactly this path."""
    write_atomically(path, lambda stream: np.savez(stream, **arrays))


def read_arrays(path: PathLike, kind: str, names: Iterable[str] | None) -> dict[str, np.ndarray]:
    """Read the named arrays, or all for None, of an .npz whose array "kind" says this kind.

    Whatever else the file is (damaged, foreign, hostile), there is a ValueError that names it.
    """
    path = check_path("path", path)
    if not path.is_file():
        raise FileNotFoundError(f"path: expected a file that exists, got {str(path)!r}")
    try:
        with open(path, "rb") as stream:
            return _named_arrays(stream, kind, names)
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} is not a {kind} file: {error}") from None
    except Exception as error:  # damage makes the reader of zips fail in many ways
        raise ValueError(f"{path} is damaged: {error or type(error).__name__}") from None


def _named_arrays(stream, kind, names):
    start = stream.read(4)
    expect(start == b"PK\x03\x04", "first bytes", "those of a zip archive", start)
    with zipfile.ZipFile(stream) as file:
        members = _members(file, os.fstat(stream.fileno()).st_size)
        found = str(_array(file, members["kind"])) if "kind" in members else "no kind"
        expect(found == kind, "kind", repr(kind), found)
        for name in names or ():
            expect(name in members, name, "an array of this name", None)
        return {name: _array(file, members[name]) for name in names or members}


def _members(file, length):
    """The members of a zip by name, none of them compressed, and no more than its length."""
    infos = file.infolist()
    members = {info.filename.removesuffix(".npy"): info for info in infos}
    expect(len(members) == len(infos), "names", "no two that are equal", sorted(members))
    for name, info in members.items():
        stored = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
        expect(stored, name, "an array without compression", info.compress_type)
    total = sum(info.file_size for info in infos)
    expect(total <= length, "size", f"at most the {length} bytes of the file", total)
    return members


def _array(file, info):
    """The array in a member, once its header agrees with its length."""
    data = file.read(info)  # all of it, so that its checksum is compared
    stream = io.BytesIO(data)
    shape, fortran, dtype = read_header(stream)
    start, size = stream.tell(), math.prod(shape) * dtype.itemsize
    is_plain = dtype.kind in "biufU" and dtype.itemsize
    expect(is_plain, info.filename, "an array of numbers or text", dtype)
    what = f"{size} bytes, for {dtype} of shape {shape}"
    expect(size == len(data) - start, info.filename, what, len(data) - start)
    array = np.ndarray(shape, dtype, data, start, order="F" if fortran else "C").copy()
    if dtype.kind == "U":
        array.tolist()  # fails now, and not later, on what is no letter
    return array


def read_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return the shape, whether the order is Fortran's, and the dtype an .npy begins with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a header that Python 2 wrote
        version = np.lib.format.read_magic(stream)
        expect(version in ((1, 0), (2, 0)), "version", "1 or 2", version)
        read = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
        shape, fortran, dtype = read(stream, max_header_size=10_000)
    return checked_shape(shape), fortran, dtype


def checked_shape(shape: Any) -> tuple[int, ...]:
    """Return a shape of at most 8 dimensions, each of at most 2^40, or refuse it."""
    is_shape = type(shape) is tuple and len(shape) <= 8 and all(type(n) is int for n in shape)
    expect(is_shape and all(0 <= n <= 1 << 40 for n in shape), "shape", "a tuple of sizes", shape)
    return shape


def prefixed(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Put a prefix before every name, so that several dicts fit into one file."""
    return {prefix + name: array for name, array in arrays.items()}


def unprefixed(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays whose names have the prefix, without it."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
