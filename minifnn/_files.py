"""Files written whole or not at all, and read without executing anything."""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ._typing import PathLike
from ._validate import check_path


def write_atomically(path: PathLike, write: Callable[[BinaryIO], object]) -> None:
    """Call write(stream) on a new file beside path, then put it in path's place.

    If anything fails on the way (an error in write, a full disk), path is as it
    was before and the new file is gone.
    """
    path = check_path("path", path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path is {str(path)!r}, but there is no folder {path.parent}")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        os.unlink(name)
        if isinstance(error, OSError) and error.errno is not None:  # a full disk names no file
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def _umask():
    """The mode bits that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def own_folder(out: PathLike) -> Path:
    """Make a folder and mark it as ours; refuse one with files of somebody else."""
    out = check_path("out", out).absolute()
    marker = out / "minifnn.txt"
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
    """Write named arrays to an .npz at exactly this path."""
    write_atomically(path, lambda stream: np.savez(stream, **arrays))


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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{path} is damaged: {error}") from None
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"{path} is not a {kind} file: {error}") from None


def _named_arrays(stream, kind, names):
    """The arrays of an open .npz, after a look at what it is."""
    if stream.read(4) != b"PK\x03\x04":
        raise ValueError("it is no .npz")
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as file:
        found = str(file["kind"]) if "kind" in file.files else "no kind"
        if found != kind:
            raise ValueError(f"it says {found!r}, wanted {kind!r}")
        arrays = {name: file[name] for name in (names or file.files)}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name} in it is not an array")
    return arrays


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
