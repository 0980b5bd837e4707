"""Files that are cut, changed, foreign, old or hostile: what the readers do.

Every file is read by the function that reads its kind. Right is a ValueError that
names the file; or the content of the whole file, where the changed bit is not
part of it. .mat and .npy have no checksum: there, any content that fits is right.
"""

import io
import os
import pickle
import struct
import tempfile
import time
import tracemalloc
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat

import minifnn as mf
from minifnn.experiments import paper
from minifnn.experiments.replication.unpickle import read_npy

from .table import Row, within

MOST_MEMORY = 300.0  # MB, to read a bomb
MOST_SECONDS = 20.0


class Trap:
    """Unpickling it makes a folder in the current one."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


@dataclass(frozen=True)
class Kind:
    """One kind of file: its name, how it is read, and whether it has a checksum."""

    name: str
    read: Any
    checked: bool = True


def _network(path):
    return mf.load(path).theta.tobytes()


def _checkpoint(path):
    from .files import training

    net, history = training(path)
    return net.theta.tobytes() + history["loss"].tobytes()


RUN = paper.Run("linear-10", "esp", epochs=25)


def _run(path):
    return paper.result_from_file(RUN, path.parent).history["theta"].tobytes()


KINDS = {
    "network": Kind("net.npz", _network),
    "checkpoint": Kind("c.npz", _checkpoint),
    "run": Kind(f"{RUN.name}.npz", _run),
    "MATLAB": Kind("x.mat", mf.datasets.from_mat, checked=False),
    "record": Kind("x.npy", read_npy, checked=False),
}


def rows(quick):
    """Damage each kind of file, then the bombs."""
    n = 4 if quick else 300
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(name)
        try:
            whole = write_whole(Path(name))
            damaged = [_damaged(kind, whole[kind], n) for kind in KINDS]
            return [*damaged, *_others(whole), *bombs(whole)]
        finally:
            os.chdir(before)


def write_whole(folder):
    """Write a right file of each kind; return their paths."""
    paths = {kind: folder / KINDS[kind].name for kind in KINDS}
    mf.mlp([2, 3, 1], seed=1).save(paths["network"])
    _checkpoint(paths["checkpoint"])
    paper.run_to_file(RUN, folder)
    X = np.random.default_rng(0).normal(size=(10, 2))
    savemat(paths["MATLAB"], {"X": X, "y": np.arange(10)[:, None] % 2.0}, do_compression=True)
    values = np.empty(2, object)
    values[:] = [np.arange(3.0), [1, 2.5]]
    np.save(paths["record"], values, allow_pickle=True)
    return paths


# ------------------------------------------------------------------ cut and changed


def _damaged(kind, path, n):
    """Cut a file at n places and change n of its bits: a Row."""
    rng, content = np.random.default_rng(2), path.read_bytes()
    right = KINDS[kind].read(path) if KINDS[kind].checked else None
    bad = [content[:k] for k in rng.integers(0, len(content), n)]
    bad += [_bent(content, int(k)) for k in rng.integers(0, 8 * len(content), n)]
    verdicts = [verdict_on(kind, path, each, right) for each in bad]
    wrong = [v for v in verdicts if v not in ("refused", "same")]
    found = f"{verdicts.count('refused')} refused, {verdicts.count('same')} right all the same"
    found += f", {len(wrong)} WRONG: {wrong[0]}" if wrong else ""
    return Row(f"{kind}: cut, or one bit changed", 2 * n, found, "refused, or right", not wrong)


def _bent(content, k):
    bent = bytearray(content)
    bent[k // 8] ^= 1 << k % 8
    return bytes(bent)


def verdict_on(kind, path, content, right=None):
    """What becomes of this content: "refused", "same", or what went wrong."""
    whole = path.read_bytes()
    path.write_bytes(content)
    try:
        got = KINDS[kind].read(path)
        verdict = "same" if right is None or got == right else "other content"
    except ValueError as error:
        verdict = "refused" if path.name in str(error) else f"not named: {error}"
    except Exception as error:
        verdict = f"{type(error).__name__}: {error}"
    changed = path.read_bytes() != content
    path.write_bytes(whole)
    if Path("sprung").exists():
        return "EXECUTED"
    return "changed the file" if changed and verdict != "same" else verdict


# ------------------------------------------------------ foreign, old, hostile


def _others(whole):
    """Foreign files, files of older versions, and files with pickles in them: three Rows."""
    npz = ("network", "checkpoint", "run")
    contents = {kind: whole[kind].read_bytes() for kind in KINDS}
    foreign = [(kind, content) for kind in KINDS for content in _foreign(kind, contents)]
    versions = ("minifnn network 0", "minifnn checkpoint 2", "minifnn run 2", "")
    old = [(k, _with(contents[k], {"kind": version})) for k in npz for version in versions]
    traps = [(kind, content) for kind in npz for content in _trapped(contents[kind])]
    traps += [(kind, pickle.dumps(Trap())) for kind in KINDS] + [("record", _trapped_npy())]
    return [
        _all_refused("foreign files", whole, foreign),
        _all_refused("files of older versions", whole, old),
        _all_refused("files with a pickle that would run", whole, traps),
    ]


def _all_refused(what, whole, cases):
    """Read contents as files of their kinds: a Row."""
    verdicts = [verdict_on(kind, whole[kind], content) for kind, content in cases]
    wrong = [f"{kind}: {v}" for (kind, _), v in zip(cases, verdicts) if v != "refused"]
    found = f"{verdicts.count('refused')} refused" + (f"; {wrong[0]}" if wrong else "")
    return Row(what, len(cases), found, "refused, not executed", not wrong)


def _foreign(kind, contents):
    """Contents that are nothing of this kind; those of the other kinds among them."""
    rng = np.random.default_rng(3)
    plain = [b"", b"x", b"my notes\n" * 40, bytes(600), rng.bytes(2000), b"\x89PNG\r\n" + bytes(99)]
    plain += [b"\x89HDF\r\n\x1a\n" + bytes(600), b"PK\x03\x04" + bytes(600), b"\x93NUMPY\x09\x00"]
    # SciPy reserves the 2 GB of numbers that this matrix says to have, but does not touch them
    plain += [MAT_HEAD + _matrix(b"X", (4, 2), struct.pack("<2I", 9, 1 << 31) + bytes(64))]
    return plain + [content for other, content in contents.items() if other != kind]


def _with(content, arrays):
    """An .npz with other arrays in place of its own of the same name."""
    with np.load(io.BytesIO(content)) as file:
        kept = {name: file[name] for name in file.files}
    stream = io.BytesIO()
    np.savez(stream, **{**kept, **arrays})
    return stream.getvalue()


def _trapped(content):
    """An .npz with a trap in place of each of its arrays in turn."""
    with np.load(io.BytesIO(content)) as file:
        names = file.files
    return [_with(content, {name: np.array([Trap()], dtype=object)}) for name in names]


def _trapped_npy():
    stream = io.BytesIO()
    np.save(stream, np.array([Trap()], dtype=object), allow_pickle=True)
    return stream.getvalue()


# ------------------------------------------------------------------------- bombs


def bombs(whole):
    """Small files that say they are large: refused, in little memory and time. Three Rows."""
    cases = [(kind, bomb) for kind in ("network", "checkpoint", "run")
             for bomb in _npz_bombs(whole[kind].read_bytes())]  # fmt: skip
    cases += [("MATLAB", bomb) for bomb in _mat_bombs()]
    cases += [("record", bomb) for bomb in _npy_bombs()]
    most, began = 0.0, time.perf_counter()
    for kind, content in cases:
        tracemalloc.start()
        verdict = verdict_on(kind, whole[kind], content)
        most = max(most, tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
        if verdict != "refused":
            return [Row("bombs", len(cases), f"{kind}: {verdict}", "refused", False)]
    seconds = (time.perf_counter() - began) / len(cases)
    return [
        Row("bombs (128 MB to 1 EB in a small file)", len(cases), "all refused", "refused", True),
        within("... and memory to find out, MB", len(cases), most, MOST_MEMORY),
        within("... and seconds, on average", len(cases), seconds, MOST_SECONDS),
    ]


def _header(shape, dtype="<f8"):
    stream = io.BytesIO()
    described = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, described)
    return stream.getvalue()


def _npz_bombs(content):
    """Members that say 8 TB, 1 EB and 1 GB; packed ones, of zeros; and many that overlap."""
    yield _zipped(content, _header((10**12,)))
    yield _zipped(content, _header((10**17,)) + bytes(64))
    yield _zipped(content, _header((), "<U250000000"))
    yield _zipped(content, _header((1 << 27,)) + bytes(1 << 20), zipfile.ZIP_DEFLATED)
    yield _packed()
    yield _overlapping(content)


@cache
def _packed():
    """A zip of 128 MB of zeros."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("kind.npy", "w") as member:
            member.write(_header((1 << 24,)))
            for _ in range(1 << 7):
                member.write(bytes(1 << 20))
    return stream.getvalue()


def _zipped(content, member, how=zipfile.ZIP_STORED):
    """The .npz with another array "theta", that of a history too."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", how) as new:
        for name in old.namelist():
            new.writestr(name, member if "theta" in name else old.read(name))
    return stream.getvalue()


def _overlapping(content, times=2000):
    """A zip whose table lists one large member many times under other names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        with zipfile.ZipFile(io.BytesIO(content)) as old:
            file.writestr("kind.npy", old.read("kind.npy"))
        file.writestr("a.npy", _header((1 << 17,)) + bytes(1 << 20))
        large = file.infolist()[-1]
        for k in range(times):
            info = zipfile.ZipInfo(f"{k:05}.npy")
            for name in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(info, name, getattr(large, name))
            file.filelist.append(info)
    return stream.getvalue()


def _element(kind, content):
    return struct.pack("<2I", kind, len(content)) + content + bytes(-len(content) % 8)


MAT_HEAD = b"MATLAB 5.0".ljust(124) + b"\x00\x01IM"


def _matrix(name, shape, content, kind=6, more=0):
    """A matrix of MATLAB: its flags, shape, name and content, with so many bytes more to come."""
    parts = _element(6, struct.pack("<2I", kind, 0)) + _element(5, struct.pack("<2i", *shape))
    parts += _element(1, name) + content
    return struct.pack("<2I", 14, len(parts) + more) + parts


def _mat_bombs():
    """Packed zeros, 128 MB; a text in a list, and shapes and lengths, of more than is there."""
    head = MAT_HEAD
    zeros, pack = 1 << 27, zlib.compressobj(1)
    parts = [_matrix(b"X", (4, 2), struct.pack("<2I", 9, zeros), more=zeros)]
    parts = [pack.compress(part) for part in parts + [bytes(1 << 20)] * (zeros >> 20)]
    packed = b"".join([*parts, pack.flush()])
    yield head + struct.pack("<2I", 15, len(packed)) + packed
    text = _matrix(b"", (1 << 26, 1), _element(16, b""), kind=4)
    yield head + _matrix(b"X", (1, 1), text, kind=1)
    yield head + _matrix(b"X", (1, 1), text, kind=1 | 2 << 8)  # which says that it is logical
    yield head + _matrix(b"X", (1 << 26, 1), _element(16, b""), kind=4)
    yield head + _matrix(b"X", (1 << 30, 2), _element(9, bytes(64)))
    yield head + _matrix(b"X", (1 << 30, 1), _element(9, b""), kind=1)
    yield head + _matrix(b"X", (1 << 30, 1), _element(9, b""), kind=2)
    yield head + struct.pack("<2I", 14, 1 << 31) + bytes(64)


def _npy_bombs():
    """A header that says 8 TB; pickles that copy one text, or one list, again and again."""
    yield _header((10**12,))
    text = b"X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20)
    latin = b"X\x06\x00\x00\x00latin1"
    start = b"\x80\x02" + text + b"q\x000c_codecs\nencode\nq\x010"
    copies = b"h\x01h\x00" + latin + b"\x86R"
    yield _header((1,), "|O") + start + copies * 10_000 + b"."
    lists = b"]q\x00" + b"".join(b"]q" + bytes([k + 1]) + b"(" + bytes([0x68, k]) * 9 + b"e"
                               for k in range(40))  # fmt: skip
    yield _header((1,), "|O") + b"\x80\x02" + lists + b"."
    yield _header((1,), "|O") + b"\x80\x02K\x00" + b"\x94" * (1 << 19) + b"."
    yield _header((1,), "|O") + b"\x80\x02" + b"(" * (1 << 16) + b"."
