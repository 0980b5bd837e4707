"""Files written whole or not at all, and read without executing anything."""

import io
import math
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np

from .archives import read_header
from .typing import PathLike
from .validation import check_path

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows, where two calls into one folder are not told apart
    fcntl = None

MARKER = "minifnn.txt"  # by which a folder is known as ours


def write_atomically(path: PathLike, write: Callable[[BinaryIO], object]) -> None:
    """Call write(stream) on a new file beside path, then put it in path's place.

    If anything fails on the way (an error in write, a full disk), path is as it
    was before and the new file is gone.
    """
    path = check_path("path", path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path is {str(path)!r}, but there is no folder {path.parent}")
    if path.is_dir():
        raise FileExistsError(f"path is {str(path)!r}, which is a folder; wanted a file")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            _lock(stream)  # which says that it is not left over
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(error, OSError) and error.errno is not None:  # a full disk names no file
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def _umask():
    """The mode bits that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _lock(file):
    """Lock an open file until it is closed or the process ends; False if another has it."""
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        pass
    return True


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Delete the new files, of all names or of one, that processes were killed while writing."""
    pattern = "*" if name is None else escape(name)
    for part in folder.glob(f".{pattern}.????????.part"):
        with suppress(OSError), open(part, "rb") as file:  # gone already, or not ours to delete
            if _lock(file):
                part.unlink()


@contextmanager
def alone_in(out: PathLike) -> Iterator[Path]:
    """Own a folder (`own_folder`) and yield it; refuse it while another call writes to it."""
    out = own_folder(out)
    with open(out / MARKER, "rb") as file:
        if not _lock(file):
            raise FileExistsError(
                f"out is {str(out)!r}, to which another call is writing; "
                "wait until it has ended, or choose another folder"
            )
        yield out


def own_folder(out: PathLike) -> Path:
    """Make a folder and mark it as ours; refuse one with files of somebody else."""
    out = check_path("out", out).absolute()
    marker = out / MARKER
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"out is {str(out)!r}, which is a file; wanted a folder")
    if out.is_dir() and any(out.iterdir()) and not marker.exists():
        raise FileExistsError(
            f"out is {str(out)!r}, which has files that minifnn did not write; "
            "wanted a new or empty folder, or one of an earlier call"
        )
    out.mkdir(parents=True, exist_ok=True)
    if not marker.exists():
        write_text(marker, "This folder was written by minifnn.\n")
    return out


def write_arrays(path: PathLike, arrays: Mapping[str, Any]) -> None:
    """Write named arrays to an .npz at exactly this path, over nothing but one of ours."""
    path = check_path("path", path)
    if path.is_file() and not _is_ours(path):
        raise FileExistsError(
            f"path is {str(path)!r}, a file that minifnn did not write; "
            "wanted a new one, or one of an earlier call"
        )
    write_atomically(path, lambda stream: np.savez(stream, **arrays))


def _is_ours(path):
    """Does the file at path say that it is of minifnn?"""
    try:
        with zipfile.ZipFile(path) as file:
            return str(_array(file, file.getinfo("kind.npy"))).startswith("minifnn ")
    except Exception:  # whatever it is that cannot be read
        return False


def write_text(path: PathLike, text: str) -> None:
    """Write a text as UTF-8."""
    write_atomically(path, lambda stream: stream.write(text.encode("utf-8")))


def read_arrays(path: PathLike, kind: str, names: Iterable[str] | None) -> dict[str, np.ndarray]:
    """Read the named arrays of an .npz that says it is of this kind.

    Parameters
    ----------
    path : path-like
    kind : str
        What the file must say under the name ``"kind"``, e.g. "minifnn network 1".
    names : sequence of str or None
        The arrays that must be there; None reads all.

    Raises
    ------
    FileNotFoundError
        If there is no file at path.
    ValueError
        If the file is not an .npz, is damaged, holds Python objects, says
        another kind, or lacks an array.
    """
    path = check_path("path", path)
    if not path.is_file():
        raise FileNotFoundError(f"path is {str(path)!r}, but there is no file")
    try:
        with open(path, "rb") as stream:
            return _named_arrays(stream, kind, names)
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"{path} is not a {kind} file: {error}") from None
    except Exception as error:  # what is damaged makes the reader of zips stumble in many ways
        raise ValueError(f"{path} is damaged: {error or type(error).__name__}") from None


def _named_arrays(stream, kind, names):
    """The arrays of an open .npz, after a look at what it is."""
    if stream.read(4) != b"PK\x03\x04":
        raise ValueError("it is no .npz")
    with zipfile.ZipFile(stream) as file:
        members = _members(file, os.fstat(stream.fileno()).st_size)
        found = str(_array(file, members["kind"])) if "kind" in members else "no kind"
        if found != kind:
            raise ValueError(f"it says {found!r}, wanted {kind!r}")
        missing = [name for name in names or () if name not in members]
        if missing:
            raise ValueError(f"it has no array {missing[0]}")
        return {name: _array(file, members[name]) for name in names or members}


def _members(file, length):
    """The members of a zip by name, if they are stored as they are and fit into its length."""
    members = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
    if len(members) < len(file.infolist()):
        raise ValueError("it has two arrays of one name")
    for name, info in members.items():
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ValueError(f"{name} in it is compressed, wanted plain arrays")
    if sum(info.file_size for info in members.values()) > length:
        raise ValueError("its arrays are larger than the file")
    return members


def _array(file, info):
    """The array in a member, once what its header says agrees with its length."""
    data = file.read(info)  # all of it, so that its checksum is compared
    stream = io.BytesIO(data)
    shape, fortran, dtype = read_header(stream)
    length = len(data) - stream.tell()
    if dtype.kind not in "biufU" or math.prod(shape) * dtype.itemsize != length:
        raise ValueError(f"{info.filename} is no array of {dtype} and shape {shape}")
    values = np.frombuffer(data[stream.tell() :], dtype) if length else np.zeros(0, dtype)
    array = values.reshape(shape, order="F" if fortran else "C").copy()
    if dtype.kind == "U":
        array.tolist()  # or letters that there are not would be found later
    return array


def prefixed(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Put a prefix before every name, so that several dicts fit into one file."""
    return {prefix + name: array for name, array in arrays.items()}


def unprefixed(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names have the prefix, without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
