"""A MATLAB file of version 5 to 7, looked over before SciPy makes room for what is in it.

The file is a row of elements, each with a tag that says its type and its length.
An element may be a packed one, which grows when it is inflated: how far, nothing
says beforehand. So it is inflated here first, up to a limit, and the lengths and
shapes within are compared with the bytes that are there.
"""

import math
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

LARGEST = 1 << 26  # bytes of a file, and of all that is packed in it
MATRIX, PACKED = 14, 15  # types of elements
NUMBERS = range(6, 16)  # classes of arrays: double, single and the integers


def look_over(path: Path, names: Iterable[str]) -> None:
    """Raise TypeError or ValueError unless these arrays are numbers that are all there.

    What stands behind the last of them is not looked at, and SciPy does not either.
    Other files than those of version 5 to 7 are left to SciPy.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it has more than {LARGEST} bytes")
    data = path.read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None or 0 in data[:4]:
        return
    room, missing = LARGEST, set(names)
    for kind, content in _elements(data[128:], order, padded=False):
        if kind == PACKED:
            content = _inflated(content, room)
            room -= len(content)
            ((kind, content),) = _elements(content, order, padded=False)
        if kind != MATRIX:
            raise ValueError(f"it has an element of type {kind} where an array belongs")
        missing.discard(_name_of_numbers(content, order, missing))
        if not missing:
            return


def _inflated(content, room):
    """What a packed element holds, if there is room for it."""
    inflate = zlib.decompressobj()
    plain = inflate.decompress(content, room + 1)
    if len(plain) > room or inflate.unconsumed_tail or not inflate.eof:
        raise ValueError(f"what is packed in it is not whole, or has more than {LARGEST} bytes")
    return plain


def _elements(data, order, padded=True):
    """Yield (type, content) of each element; within arrays they are padded to 8 bytes."""
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from(f"{order}2I", data, at)
        start = at + 8
        if kind >> 16:  # a small one: its length, its type, and up to 4 bytes in the tag
            kind, length, start = kind & 0xFFFF, kind >> 16, at + 4
            at += 8
        else:
            at = start + length + (-length % 8 if padded else 0)
        if start + length > len(data) or (start == at - 4 and length > 4):
            raise ValueError("it has an element that is longer than the file")
        yield kind, data[start : start + length]


def _name_of_numbers(content, order, names):
    """The name of an array if it is asked for, and its numbers are as many as it says."""
    flags, shape, name, *parts = (part for _, part in _elements(content, order))
    name = name.decode("latin1")
    if name not in names:
        return ""
    if struct.unpack_from(f"{order}I", flags)[0] & 0xFF not in NUMBERS:
        raise TypeError(f"{name} is no array of numbers")
    shape = struct.unpack(f"{order}{len(shape) // 4}i", shape)
    if min(shape, default=-1) < 0 or math.prod(shape) > max(map(len, parts), default=0):
        raise ValueError(f"{name} in it says shape {shape}, but has fewer numbers")
    return name
