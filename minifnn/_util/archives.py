"""Named arrays in an .npz, written atomically and read without executing anything.

The archives are stored, not compressed: so that no array is larger than its file,
and what a header says is compared with that before memory is asked for.
"""

import io
import warnings
import zipfile
from collections.abc import Mapping
from threading import Lock
from typing import Any, BinaryIO

import numpy as np

from .files import naming, write_atomically
from .typing import PathLike
from .validation import check_path, expect

_filters_are_ours = Lock()  # Python's filters of warnings are those of all threads


def write_arrays(path: PathLike, arrays: Mapping[str, Any]) -> None:
    """Write named arrays to an .npz at exactly this path, such that `read_arrays` takes them."""
    for name, array in arrays.items():
        array = np.asarray(array)
        is_plain = array.dtype.kind in "biufU" and (array.size or array.shape == (0,))
        expect(is_plain, name, "numbers or text, of shape (0,) where it is empty", array)
    write_atomically(path, lambda stream: np.savez(stream, **arrays))


def read_arrays(path: PathLike, kind: str) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz, by name, whose array "kind" says this kind.

    Whatever else the file is (damaged, foreign, hostile), there is a ValueError that names it.
    """
    path = check_path("path", path)
    expect(path.is_file(), "path", "a file that exists", str(path), FileNotFoundError)
    with naming(f"{path}: expected a {kind} file"), zipfile.ZipFile(path) as file:
        members, length = file.infolist(), path.stat().st_size
        is_stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
        size = sum(member.file_size for member in members)
        expect(is_stored and size <= length, "arrays", f"at most {length} bytes, plain", size)
        arrays = {m.filename.removesuffix(".npy"): _array(file, m) for m in members}
        found = str(arrays.get("kind", "no kind"))
        expect(found == kind, "kind", repr(kind), found)
    return arrays


def _array(file, member):
    """The array of numbers, or of text, in one .npy of a zip."""
    name, data = member.filename, file.read(member)  # all of it, so that its checksum is compared
    stream = io.BytesIO(data)
    shape, fortran, dtype = read_header(stream)
    is_plain = dtype.kind in "biufU" and dtype.itemsize <= len(data)
    expect(is_plain, name, "an array of numbers or text", dtype)
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    array = flat.reshape(shape, order="F" if fortran else "C").copy()
    expect(array.size or shape == (0,), name, "shape (0,) where it is empty", shape)
    if dtype.kind == "U":
        array.tolist()  # fails now, and not later, on what is no letter
    return array


def read_header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return the shape, whether the order is Fortran's, and the dtype an .npy begins with."""
    with _filters_are_ours, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a header that Python 2 wrote
        version = np.lib.format.read_magic(stream)
        expect(version == (1, 0), "version", "(1, 0)", version)
        return np.lib.format.read_array_header_1_0(stream)
