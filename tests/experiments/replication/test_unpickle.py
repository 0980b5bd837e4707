"""Files of arrays that are not to be trusted: what is read, what is refused, at what cost."""

import io
import os
import pickle
import pickletools
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minifnn.experiments.replication import unpickle
from minifnn.experiments.replication.unpickle import MOST_VALUES, read_npy

PROTOCOLS = (2, 3, 4)  # that np.save has used


def header(shape, dtype="|O"):
    stream = io.BytesIO()
    about = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, about)
    return stream.getvalue()


def ragged():
    """Pairs as their framework gave them: (gradient, value) of two variables, in three records."""
    rng = np.random.default_rng(5)
    pairs = np.empty((3, 2, 2), object)
    for index in np.ndindex(3, 2):
        shape = (4, 2) if index[1] == 0 else (4, 1)
        pairs[(*index, 0)], pairs[(*index, 1)] = rng.normal(size=(2, *shape))
    return pairs


def of_objects(*entries):
    values = np.empty(len(entries), object)
    for i, entry in enumerate(entries):
        values[i] = entry
    return values


def same(found, expected):
    """Are the same values there, as lists within lists, of the same dtypes?"""
    if isinstance(found, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    found, expected = np.asarray(found), np.asarray(expected)
    return np.array_equal(found, expected) and found.dtype == expected.dtype


# ------------------------------------------------------------------- files as they may be


@pytest.mark.parametrize(
    "values",
    [
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1 + 2j, 3]),
        np.arange(4, dtype=">i2"),
        np.array(1.5),
    ],
    ids=str,
)
def test_plain_files_are_read_as_numpy_reads_them(tmp_path, values):
    np.save(tmp_path / "a.npy", values)
    found = read_npy(tmp_path / "a.npy")
    assert np.array_equal(found, values) and found.shape == values.shape


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_lists_of_arrays_are_read_whatever_the_protocol(tmp_path, protocol):
    code = pickle.dumps(ragged(), protocol)
    (tmp_path / "a.npy").write_bytes(header((3, 2, 2)) + code)
    assert same(read_npy(tmp_path / "a.npy"), ragged())
    if protocol < 4:  # there a name is a line of its own; before NumPy 2 it was another
        (tmp_path / "b.npy").write_bytes(header((3, 2, 2)) + code.replace(b"._core", b".core"))
        assert same(read_npy(tmp_path / "b.npy"), ragged())


def test_entries_of_every_kind(tmp_path):
    entries = [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(3, dtype=np.float32),
        np.arange(3, dtype=">f8"),
        np.array([1j, 2.0]),
        np.array([True, False]),
        np.float32(0.5),
        [1, 2.5, 10**20, -3, True],
        (np.arange(2), [np.float64(1)]),
    ]
    np.save(tmp_path / "a.npy", of_objects(*entries), allow_pickle=True)
    assert same(read_npy(tmp_path / "a.npy"), entries)


def test_an_array_without_dimensions_and_one_in_the_order_of_fortran(tmp_path):
    values = np.empty((), object)
    values[()] = [np.arange(3.0), np.arange(2.0)]
    np.save(tmp_path / "a.npy", values, allow_pickle=True)
    assert same(read_npy(tmp_path / "a.npy"), values[()])
    np.save(tmp_path / "b.npy", np.asfortranarray(ragged()), allow_pickle=True)
    assert same(read_npy(tmp_path / "b.npy"), ragged())


RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
REST = b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
FLOAT = b"cnumpy\ndtype\n(U\x02f8K\0K\x01tR(K\x03U\x01<" + REST + b"K\0tb"
OBJECT = b"cnumpy\ndtype\n(U\x02O8K\0K\x01tR(K\x03U\x01|" + REST + b"K?tb"


def array(n, dtype, content):
    """The opcodes by which Python 2 pickled an array of n entries."""
    shape = b"J" + struct.pack("<i", n) + b"\x85"
    return RECONSTRUCT + b"(K\x01" + shape + dtype + b"\x89" + content + b"tb"


def objects(n, content):
    return b"\x80\x02" + array(n, OBJECT, content) + b"."


@pytest.mark.parametrize("length", [b"U\x18", b"T\x18\0\0\0"], ids=["short", "long"])
def test_what_python_2_wrote(tmp_path, length):
    values = np.array([1.5, -0.1, 1e300])
    entry = array(3, FLOAT, length + values.tobytes())
    (tmp_path / "a.npy").write_bytes(header((1,)) + objects(1, b"]" + entry + b"a"))
    assert same(read_npy(tmp_path / "a.npy"), [values])
    # NumPy would execute any file; this one is our own
    assert same(np.load(tmp_path / "a.npy", allow_pickle=True, encoding="latin1")[0], values)


def test_the_header_of_python_2(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    old = (tmp_path / "a.npy").read_bytes().replace(b"(2, 3), ", b"(2L, 3L)")
    (tmp_path / "a.npy").write_bytes(old)
    assert np.array_equal(read_npy(tmp_path / "a.npy"), np.arange(6.0).reshape(2, 3))


# --------------------------------------------------------------------------- hostile files


class Caller:
    """Pickles as a call of any function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def test_nothing_is_executed(tmp_path):
    marker = tmp_path / "marker"
    entries = [
        Caller(os.system, f"touch {marker}"),
        Caller(eval, f"open({str(marker)!r}, 'w')"),
        Caller(np.save, str(marker), 1),
        Caller(np.ones, 3),
        Caller(np.load, "a.npy"),
        np.dtype([("a", "f8")]),
        np.array([(1.0,)], dtype=[("a", "f8")]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.array(["text"]),
        {"a": 1},
        {1, 2},
        "text",
        None,
        1j,
    ]
    for n, entry in enumerate(entries):
        for protocol in range(6):
            path = tmp_path / f"{n}.npy"
            path.write_bytes(header((1,)) + pickle.dumps(of_objects(entry), protocol))
            with pytest.raises(ValueError, match=rf"{n}\.npy: ."):
                read_npy(path)
    assert not list(tmp_path.glob("marker*"))


ONE = b"]" + array(1, FLOAT, b"U\x08" + bytes(8)) + b"a"  # a list of one array
BOMB = (
    b"]q\0(" + b"K\x01" * 100 + b"e"
)  # six lists, each a hundred times in the next: 10^12 numbers
for n in range(1, 6):
    BOMB = b"]q" + bytes([n]) + b"(" + BOMB + (b"h" + bytes([n - 1])) * 99 + b"e"
TEXT = b"X\0\0\x80\0" + b"a" * (1 << 23) + b"q\0"  # kept, and 8 MB long
OF_TEXT = array(1 << 20, FLOAT, b"h\0")

HOSTILE = {  # what it is: the pickle, and a word of the message
    "nothing": (b"", "STOP"),
    "no pickle": (b"\xff", "unknown"),
    "a name that no array needs": (b"cos\nsystem\n(U\x02lstR.", "os.system"),
    "a private name of NumPy": (b"cnumpy.core.multiarray\nset_typeDict\n)R.", "set_typeDict"),
    "a module with a name like NumPy's": (b"cmultiarray\n_reconstruct\n)R.", "multiarray"),
    "a name made on the stack": (b"\x80\x04\x8c\x02os\x8c\x06system\x93)R.", "os.system"),
    "a persistent id": (b"U\x04nameQ.", "BINPERSID"),
    "an extension": (b"\x82\x01.", "EXT1"),
    "an instance": (b"(ios\nsystem\n.", "INST"),
    "a new object": (b"cnumpy\ndtype\n)\x81.", "NEWOBJ"),
    "a dict": (b"cnumpy.core.multiarray\nscalar\n}b.", "EMPTY_DICT"),
    "a call of the array type": (b"cnumpy\nndarray\n)R.", "not callable"),
    "a call of a text": (b"U\x04name)R.", "not callable"),
    "state for a function": (b"cnumpy.core.multiarray\nscalar\n]]\x86b.", "dictionary"),
    "state for a class": (b"cnumpy\ndtype\n]]\x86b.", "__setstate__"),
    "state for a list": (b"]K\x01\x85b.", "state|attribute"),
    "nothing on the stack": (b"a.", "."),
    "an array in a list": (b"]" + objects(1, b"]K\x01a")[2:-1] + b"a.", "array of shape"),
    "an array that was not filled": (RECONSTRUCT + b".", "shape"),
    "another shape than the header's": (objects(2, b"](K\x01K\x01e"), "shape"),
    "fewer objects than the shape": (objects(1, b"]"), "objects"),
    "a thousand million objects": (objects(10**9, b"]"), "shape"),
    "fewer than none": (objects(-1, b"]"), "shape"),
    "objects as bytes": (objects(1, b"U\x08" + bytes(8)), "objects"),
    "too few bytes": (objects(1, b"]" + array(2, FLOAT, b"U\x08" + bytes(8)) + b"a"), "bytes"),
    "numbers as a list": (objects(1, b"]" + array(1, FLOAT, b"]K\x01a") + b"a"), "bytes"),
    "letters that are no bytes": (
        objects(1, b"]" + array(1, FLOAT, b"X\x08\0\0\0" + "€€aa".encode()) + b"a"),
        "latin-1",
    ),
    "a dtype of no such size": (objects(1, ONE.replace(b"\x02f8", b"\x02f3")), "f3"),
    "a dtype of nothing": (objects(1, ONE.replace(b"\x02f8", b"\x02V8")), "V8"),
    "a dtype that is a list": (objects(1, ONE.replace(b"U\x02f8", b"]")), "."),
    "a list in itself": (objects(1, b"]q\0h\0a"), "fewer lists"),
    "an array in itself": (
        b"\x80\x02" + RECONSTRUCT + b"q\0(K\x01K\x01\x85" + OBJECT + b"\x89]h\0atb.",
        "fewer lists",
    ),
    "tuples within tuples": (objects(1, b"](K\x01" + b"\x85" * 10**5 + b"e"), "fewer lists"),
    "lists of the same lists": (objects(1, b"]" + BOMB + b"a"), "fewer lists"),
    "bytes that are not there": (b"B\xff\xff\xff\xffabc.", "bytes"),
    "a bytearray that is not there": (b"\x80\x05\x96" + b"\xff" * 7 + b"\x0f.", "."),
    "a frame that is not there": (b"\x80\x04\x95" + b"\xff" * 7 + b"\x0fN.", "truncated"),
    "a place to keep it that is far away": (b"Nr\0\0\0\x80.", "index"),
    "too many opcodes": (b"]" * (MOST_VALUES + 2), "opcodes"),
    "many arrays of one text": (
        b"\x80\x02" + TEXT + array(1, OBJECT, b"](](" + OF_TEXT * 300 + b"ee") + b".",
        "fewer lists",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_pickle_is_refused(tmp_path, what):
    code, message = HOSTILE[what]
    (tmp_path / "a.npy").write_bytes(header((1,)) + code)
    with pytest.raises(ValueError, match=rf"a\.npy: .*({message})"):
        read_npy(tmp_path / "a.npy")


def test_many_empty_lists_are_refused(tmp_path):
    shape = b"J\xff\xff\xff\x7fK\0\x86"
    code = b"\x80\x02" + RECONSTRUCT + b"(K\x01" + shape + OBJECT + b"\x89]tb."
    (tmp_path / "a.npy").write_bytes(header((2**31 - 1, 0)) + code)
    with pytest.raises(ValueError, match=r"a\.npy: expected the objects"):
        read_npy(tmp_path / "a.npy")


def test_every_file_that_ends_too_early_is_refused(tmp_path):
    np.save(tmp_path / "b.npy", np.arange(4.0))
    for content in (header((1,)) + objects(1, ONE), (tmp_path / "b.npy").read_bytes()):
        for end in range(len(content)):
            (tmp_path / "c.npy").write_bytes(content[:end])
            with pytest.raises(ValueError, match=r"c\.npy: ."):
                read_npy(tmp_path / "c.npy")


@pytest.mark.parametrize("shape", [(2, 2), (2,), (2**40,), (-1,), (True,), (2**70, 0)])
def test_a_plain_file_of_another_length_is_refused(tmp_path, shape):
    content = header((3,), "<f8") + bytes(24)
    (tmp_path / "a.npy").write_bytes(content.replace(b"(3,)", str(shape).encode()))
    with pytest.raises(ValueError, match=r"a\.npy: ."):
        read_npy(tmp_path / "a.npy")


@pytest.mark.parametrize("dtype", ["<U4", "<M8[D]", [("a", "<f8")], "|V8"])
def test_other_dtypes_are_refused(tmp_path, dtype):
    (tmp_path / "a.npy").write_bytes(header((1,), dtype) + bytes(np.dtype(dtype).itemsize))
    with pytest.raises(ValueError, match=r"a\.npy: expected"):
        read_npy(tmp_path / "a.npy")


def test_a_large_pickle_a_folder_and_nothing_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpickle, "MOST_BYTES", 10)
    (tmp_path / "a.npy").write_bytes(header((1,)) + objects(1, ONE))
    with pytest.raises(ValueError, match=r"a\.npy: expected a pickle of 10 bytes at most"):
        read_npy(tmp_path / "a.npy")
    for path in (tmp_path, tmp_path / "none.npy"):
        with pytest.raises(ValueError, match=re.escape(f"{path}: ")):
            read_npy(path)


# ------------------------------------------------------ any file, in a process of its own


def damaged(rng):
    """One of our files with up to five changes: of bytes, opcodes, pieces, or a place to keep."""
    entries = of_objects([np.float32(2), 1, 2.5, 10**20], (np.arange(3), True), np.array([1j]))
    whole = [header((3, 2, 2)) + pickle.dumps(ragged(), protocol) for protocol in PROTOCOLS]
    whole += [header((3,)) + pickle.dumps(entries, protocol) for protocol in PROTOCOLS]
    whole += [header((1,)) + objects(1, ONE)]
    opcodes = [opcode.code.encode("latin1") for opcode in pickletools.opcodes]
    while True:
        content = bytearray(whole[rng.integers(len(whole))])
        start = content.index(b"\n") if rng.random() < 0.9 else 0  # the header ends there
        for _ in range(rng.integers(1, 6)):
            i, j = rng.integers(start, len(content), 2).tolist()
            n, opcode = int(rng.integers(1, 40)), opcodes[rng.integers(len(opcodes))]
            index = struct.pack("<I", rng.integers(1 << 32))
            length, piece = [
                (1, rng.bytes(1)),
                (n, b""),
                (0, opcode * n),
                (0, b"r" + index),
                (0, content[j : j + n]),
            ][rng.integers(5)]
            content[i : i + length] = piece
        yield bytes(content)


def bombs():
    """As many lists, arrays, tuples, marks and places to keep as there may be; and all above."""
    n = MOST_VALUES - 200
    kept = array(1, FLOAT, b"U\x08" + bytes(8)) + b"q\0"
    yield header((n,)) + objects(n, b"](" + b"]" * n + b"e")
    yield header((n,)) + objects(n, b"](" + kept + b"h\0" * (n - 1) + b"e")
    yield header((n, 1, 1)) + objects(n, b"](" + b"N" * n + b"e").replace(
        b"\x85" + OBJECT, b"K\x01K\x01\x87" + OBJECT
    )
    yield header((1,)) + objects(1, b"](K\x01" + b"\x85" * n + b"e")
    yield header((1,)) + b"\x80\x02" + b"(" * n + b"."
    yield header((1,)) + b"\x80\x02N" + b"\x94" * n + b"."
    yield from (header((1,)) + code for code, _ in HOSTILE.values())


def try_out(contents):
    """Read each; every other outcome than a value or a ValueError ends the process."""
    for content in contents:
        Path("a.npy").write_bytes(content)
        try:
            read_npy("a.npy")
        except ValueError as error:
            assert str(error).startswith("a.npy: ")
    assert os.listdir() == ["a.npy"]  # nothing was executed that leaves a file
    print(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured on Linux")
@pytest.mark.parametrize(
    "contents",
    [
        "islice(damaged(np.random.default_rng(1)), 500)",
        pytest.param("islice(damaged(np.random.default_rng(2)), 5000)", marks=pytest.mark.slow),
        pytest.param("bombs()", marks=pytest.mark.slow),
    ],
)
def test_no_file_ends_the_process_or_takes_much_memory(tmp_path, contents):
    code = f"from itertools import islice; from test_unpickle import *; try_out({contents})"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 500_000
