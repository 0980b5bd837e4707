"""Values that nobody should give, and a watch over what a call does with them."""

import contextlib
import io
import re
import signal
import traceback
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

ALLOWED = (ValueError, TypeError, FileNotFoundError, FileExistsError)
LONGEST = 30  # seconds until a call counts as hanging

# integers that are small or absurd: those between may be a long job, and rightly so
INTEGERS = (-(2**70), -(10**12), -3, -1, 0, 1, 2, 3, 7, 2**40, 10**18, 2**63, 2**64, 10**400)
FLOATS = (-1e308, -1.5, -0.0, 5e-324, 0.5, 1.0, 2.5, 1e308, float("inf"), float("nan"))
WORDS = ("", "esp", "relu", "numpy", "\0", "a\nb", "β" * 300, "no/file", "nan", "5.2", "\udc80")

letters = st.characters(exclude_characters="/.~\\")  # nothing out of the folder
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(INTEGERS),
    st.sampled_from(FLOATS),
    st.sampled_from(WORDS),
    st.text(letters, max_size=5),
    st.binary(max_size=3),
    st.sampled_from([1j, complex("nan"), np.float32(2), np.int8(-3), np.bool_(True), np.str_("x")]),
    st.sampled_from([object(), ..., NotImplemented, slice(2), range(3), {1}, {"a": 2}]),
)
dtypes = st.sampled_from(["f8", "f4", "f2", "i8", "u1", "?", "c16", "U3", "S2", "O", "M8[s]", "V4"])
shapes = st.lists(st.sampled_from([0, 1, 2, 3, 5, 6]), max_size=4).map(tuple)


@st.composite
def arrays(draw):
    """An array of any dtype and shape, sometimes with NaN, inf or a mask."""
    array = np.zeros(draw(shapes), draw(dtypes))
    if array.size and array.dtype.kind in "fcO":
        array.flat[draw(st.integers(0, array.size - 1))] = draw(st.sampled_from(FLOATS))
    return np.ma.masked_all_like(array) if draw(st.integers(0, 9)) == 9 else array


def _containers(inner):
    small = st.lists(inner, max_size=3)
    named = st.dictionaries(st.sampled_from(["esp", "relu", "x", 3]), inner, max_size=2)
    return st.one_of(small, small.map(tuple), named)


anything = st.one_of(scalars, arrays(), st.recursive(scalars, _containers, max_leaves=6))


class Hang(BaseException):
    """A call took too long."""


@contextlib.contextmanager
def at_most(seconds):
    """Raise Hang in a call that takes longer (main thread, POSIX)."""

    def stop(number, frame):
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class Watch:
    """What became of all calls so far."""

    folder: object
    tried: int = 0
    refused: int = 0
    findings: Counter = field(default_factory=Counter)

    def call(self, what, names, function):
        """Call function(), whose arguments of these names were spoiled."""
        self.tried += 1
        said = io.StringIO()
        try:
            with at_most(LONGEST), contextlib.redirect_stdout(said), np.errstate(all="ignore"):
                function()
            return
        except Hang as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.find(what, names, f"{where.filename}:{where.lineno}", "hangs")
        except ALLOWED as error:
            self.refused += 1
            message = str(error)
            if not any(_is_named(name, message) for name in names):
                self.find(what, names, error, "does not name the argument")
        except Exception as error:
            self.find(what, names, error, "is another exception")
        if said.getvalue() or any(self.folder.iterdir()):
            self.find(what, names, sorted(self.folder.rglob("*")), "left a part of its output")

    def find(self, what, names, error, problem):
        """Keep a finding; equal ones are counted."""
        text = f"{what}({', '.join(names)}): {type(error).__name__}: {str(error)[:90]!r} {problem}"
        self.findings[text] += 1


def _is_named(name, message):
    """Is the argument in the message, or one entry of it: "task" of `tasks`?"""
    return re.search(rf"(?<!\w){re.escape(name.removesuffix('s'))}s?(?!\w)", message)
