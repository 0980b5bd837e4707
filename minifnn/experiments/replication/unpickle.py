"""An .npy file of anybody's, read without executing anything in it.

Files of plain numbers NumPy reads as they are. The others hold lists of arrays
as a pickle, which is a little program: it may call any function there is. Here
it meets a machine that knows its words for numbers, texts, lists and tuples, and
five words of NumPy, each of which makes an array of bytes that are there. Every
other word, and every size that does not fit, is refused with one ValueError that
names the file.
"""

import ast
import math
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from ..._util.archives import checked_shape, read_header
from ..._util.typing import PathLike
from ..._util.validation import check_path

LARGEST = 1 << 26  # bytes of a file with a pickle: the authors' have a few million
MOST_VALUES = 1 << 21  # in all the lists of one file
DEEPEST = 8  # lists within lists
MOST_RECALLED = 1 << 18  # values that a pickle may keep for later
LONGEST_STACK = 1 << 14  # pickles add to a list after every thousand values

# ------------------------------------------------------------ a pickle of arrays


class _Dtype:
    """What a pickle says of a dtype: its name, and the order of its bytes."""

    def __init__(self, name, *_):
        self.name, self.order = _text(name), "="

    def build(self, state):
        """Take the order of the bytes; a dtype with fields or a shape is refused."""
        _, order, subarray, names, fields, *_ = state
        if not (subarray is names is fields is None) or _text(order) not in "<>|=":
            raise ValueError("it holds an array with fields")
        self.order = _text(order)

    @property
    def is_object(self):
        return self.name in ("O", "O4", "O8")

    def plain(self):
        """The NumPy dtype of plain numbers, or an error."""
        if not re.fullmatch(r"[biufc][0-9]{1,2}", self.name):
            raise ValueError(f"it holds an array of dtype {self.name[:20]!r}")
        return np.dtype(self.name).newbyteorder(self.order)


class _Array:
    """An array to be: its shape, and a list of objects or a view of the bytes."""

    shape: tuple[int, ...] = ()
    items: list | None = None
    numbers: np.ndarray | None = None

    def build(self, state):
        """Take what NumPy's own arrays are restored from; the version comes first."""
        *_, shape, dtype, fortran, data = state
        self.fill(shape, dtype, "F" if fortran else "C", data)

    def fill(self, shape, dtype, order, data):
        self.shape, count = checked_shape(shape), math.prod(shape)
        size = count if dtype.is_object else count * dtype.plain().itemsize
        kind = list if dtype.is_object else bytes
        fits = type(data) is kind and len(data) == size
        if not fits:
            raise ValueError(f"an array of shape {self.shape} does not fit what is in it")
        if dtype.is_object:
            self.items = data  # in the order of C, whatever the flag says
        elif count:
            self.numbers = np.frombuffer(data, dtype.plain()).reshape(shape, order=order)
        else:
            self.numbers = np.zeros(shape)


def _text(value):
    if type(value) not in (str, bytes):
        raise ValueError("it has something else where a text belongs")
    return value.decode("latin1") if type(value) is bytes else value


def _reconstruct(kind, shape, code):
    return _Array()  # the BUILD that follows says all


def _scalar(dtype, data):
    array = _Array()
    array.fill((), dtype, "C", data)
    return array


def _from_buffer(data, dtype, shape, order):
    array = _Array()
    array.fill(shape, dtype, "F" if _text(order) == "F" else "C", data)
    return array


def _encode(text, encoding):
    if type(text) is not str or _text(encoding) not in ("latin1", "latin-1"):
        raise ValueError("it holds a text in an unknown encoding")
    return text.encode("latin1")


class _Word(NamedTuple):
    """A name that a pickle may use, and what stands here in its place."""

    make: Callable | None


def _refuse(*_):
    raise ValueError("it calls what is not to be called")


WORDS = {
    ("multiarray", "_reconstruct"): _Word(_reconstruct),
    ("multiarray", "scalar"): _Word(_scalar),
    ("numeric", "_frombuffer"): _Word(_from_buffer),
    ("numpy", "ndarray"): _Word(_refuse),
    ("numpy", "dtype"): _Word(_Dtype),
    ("_codecs", "encode"): _Word(_encode),
}


def _word(module, name):
    """The stand-in of a name; NumPy 2 has moved its modules from core to _core."""
    module, name = _text(module), _text(name)
    short = re.sub(r"^numpy\._?core\.(?=(multiarray|numeric)$)", "", module)
    if (short, name) not in WORDS or (short in ("multiarray", "numeric") and short == module):
        raise ValueError(f"it asks for {module[:60]}.{name[:60]}, which no array needs")
    return WORDS[short, name]


class _Machine:
    """Pickle's stack machine, as far as arrays in lists need it (protocols 0 to 5)."""

    def __init__(self, data):
        self.data, self.at = data, 0
        self.stack, self.marks, self.memo = [], [], {}
        self.encoded = 0  # bytes made of texts

    def run(self):
        """Follow the pickle to its end and return its value."""
        while (code := self.take(1)) != b".":
            if code in PUSHED:
                self.stack.append(PUSHED[code](self))
            elif code in DONE:
                DONE[code](self)
            else:
                raise ValueError(f"its pickle has the word {code!r}, which no array needs")
            if len(self.stack) + len(self.marks) > LONGEST_STACK:
                raise ValueError("its pickle is too deep")
            if len(self.memo) > MOST_RECALLED:
                raise ValueError("its pickle keeps too much")
        return self.stack.pop()

    def take(self, n):
        """The next n bytes."""
        if n > len(self.data) - self.at:
            raise ValueError("it ends too early")
        self.at += n
        return self.data[self.at - n : self.at]

    def counted(self, n):
        """Bytes whose number stands before them, in n bytes."""
        return self.take(self.number(n))

    def number(self, n, signed=False):
        return int.from_bytes(self.take(n), "little", signed=signed)

    def line(self):
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise ValueError("it ends too early")
        return self.take(end + 1 - self.at)[:-1]

    def since_mark(self):
        """Take what lies on the stack above the last mark."""
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def tuple_of(self, n):
        if n > len(self.stack):
            raise ValueError("its stack is empty")
        values = tuple(self.stack[-n:])
        del self.stack[-n:]
        self.stack.append(values)

    def extend(self, values):
        if type(self.stack[-1]) is not list:
            raise ValueError("it adds to what is no list")
        self.stack[-1].extend(values)

    def look_up(self, key):
        if key not in self.memo:
            raise ValueError("it recalls what was never there")
        self.stack.append(self.memo[key])

    def put(self, key):
        self.memo[key] = self.stack[-1]

    def stack_word(self):
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(_word(module, name))

    def reduce(self):
        arguments, word = self.stack.pop(), self.stack.pop()
        if type(word) is not _Word or type(arguments) is not tuple:
            _refuse()
        value = word.make(*arguments)
        self.encoded += len(value) if type(value) is bytes else 0
        if self.encoded > len(self.data):
            raise ValueError("it makes more bytes of its texts than there are")
        self.stack.append(value)

    def build(self):
        state = self.stack.pop()
        if not isinstance(self.stack[-1], (_Array, _Dtype)) or type(state) is not tuple:
            _refuse()
        self.stack[-1].build(state)


def _quoted(line):
    """The bytes of a text in quotes, as Python 2 wrote them."""
    value = ast.literal_eval("b" + line.decode("ascii"))
    if type(value) is not bytes:
        raise ValueError("its pickle has a text without quotes")
    return value


def _whole(line):
    return {b"00": False, b"01": True}[line] if line in (b"00", b"01") else int(line)


PUSHED = {  # the words that put one value on the stack
    b"N": lambda m: None,
    b"\x88": lambda m: True,
    b"\x89": lambda m: False,
    b"K": lambda m: m.number(1),
    b"M": lambda m: m.number(2),
    b"J": lambda m: m.number(4, signed=True),
    b"I": lambda m: _whole(m.line()),
    b"L": lambda m: int(m.line().rstrip(b"L")),
    b"\x8a": lambda m: int.from_bytes(m.counted(1), "little", signed=True),
    b"G": lambda m: struct.unpack(">d", m.take(8))[0],
    b"F": lambda m: float(m.line()),
    b"S": lambda m: _quoted(m.line()),
    b"U": lambda m: m.counted(1),  # a str of Python 2: bytes
    b"T": lambda m: m.counted(4),
    b"C": lambda m: m.counted(1),
    b"B": lambda m: m.counted(4),
    b"\x8e": lambda m: m.counted(8),
    b"\x96": lambda m: m.counted(8),
    b"V": lambda m: m.line().decode("raw-unicode-escape"),
    b"X": lambda m: m.counted(4).decode("utf-8"),
    b"\x8c": lambda m: m.counted(1).decode("utf-8"),
    b"\x8d": lambda m: m.counted(8).decode("utf-8"),
    b"]": lambda m: [],
    b")": lambda m: (),
    b"l": lambda m: m.since_mark(),
    b"t": lambda m: tuple(m.since_mark()),
    b"2": lambda m: m.stack[-1],
    b"c": lambda m: _word(m.line(), m.line()),
}
DONE = {  # the other words
    b"\x80": lambda m: m.take(1),  # the protocol
    b"\x95": lambda m: m.take(8),  # the length of a frame
    b"(": lambda m: m.marks.append(len(m.stack)),
    b"0": lambda m: m.stack.pop(),
    b"1": lambda m: m.since_mark(),
    b"a": lambda m: m.extend([m.stack.pop()]),
    b"e": lambda m: m.extend(m.since_mark()),
    b"\x85": lambda m: m.tuple_of(1),
    b"\x86": lambda m: m.tuple_of(2),
    b"\x87": lambda m: m.tuple_of(3),
    b"p": lambda m: m.put(int(m.line())),
    b"q": lambda m: m.put(m.number(1)),
    b"r": lambda m: m.put(m.number(4)),
    b"\x94": lambda m: m.put(len(m.memo)),
    b"g": lambda m: m.look_up(int(m.line())),
    b"h": lambda m: m.look_up(m.number(1)),
    b"j": lambda m: m.look_up(m.number(4)),
    b"\x93": lambda m: m.stack_word(),
    b"R": lambda m: m.reduce(),
    b"b": lambda m: m.build(),
}


class _Unfolding:
    """From what the machine left to lists within lists, so many and so deep at most."""

    def __init__(self):
        self.values = 0

    def __call__(self, value, depth=0):
        self.values += 1
        if depth > DEEPEST or self.values > MOST_VALUES:
            raise ValueError("it holds too many lists within lists")
        if type(value) is _Array and value.items is not None:
            if len(value.items) != math.prod(value.shape):
                raise ValueError(f"an array of shape {value.shape} does not fit what is in it")
            return self.rows(iter(value.items), value.shape, depth)
        if type(value) is _Array and value.numbers is not None:
            return value.numbers
        if isinstance(value, (list, tuple)):
            return [self(item, depth + 1) for item in value]
        if isinstance(value, (bool, int, float)):
            return value
        raise ValueError(f"it holds a {type(value).__name__} among its numbers")

    def rows(self, items, shape, depth):
        """Lists of the shape, filled from the items in turn."""
        if not shape:
            return self(next(items), depth + 1)
        return [self.rows(items, shape[1:], depth + 1) for _ in range(shape[0])]


# ----------------------------------------------------------------------- one file


@contextmanager
def refusing(path: PathLike) -> Iterator[None]:
    """Whatever a damaged or hostile file makes stumble, say it in one way."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"{path} is refused: {error or type(error).__name__}") from None


def read_npy(path: PathLike) -> np.ndarray | list:
    """Read an .npy file; nothing in it is executed.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    ndarray or list
        An array of numbers as it lies in the file, of which only what is looked
        at is read; or, of an array of objects, lists within lists, with numbers
        and arrays in them.

    Raises
    ------
    ValueError
        Naming the file, if it is anything else.
    """
    path = check_path("path", path)
    with refusing(path), open(path, "rb") as stream:
        shape, fortran, dtype = read_header(stream)
        length = path.stat().st_size - stream.tell()
        if dtype.hasobject:
            return _read_objects(stream, length, shape)
        if dtype.kind not in "biufc" or math.prod(shape) * dtype.itemsize != length:
            raise ValueError(f"{length} bytes are no array of {dtype} and shape {shape}")
        if not length:
            return np.zeros(shape)
        return np.memmap(path, dtype, "r", stream.tell(), shape, "F" if fortran else "C")


def _read_objects(stream, length, shape):
    if length > LARGEST:
        raise ValueError(f"its pickle has {length} bytes, wanted {LARGEST} at most")
    value = _Machine(stream.read()).run()
    if type(value) is not _Array or value.shape != shape:
        raise ValueError(f"its pickle is no array of shape {shape}")
    return _Unfolding()(value)
