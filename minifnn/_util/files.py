"""Files written atomically, a folder locked for one call, and errors that name a file."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from .typing import PathLike
from .validation import check_path, expect

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows, where a folder is not locked


def check_place(name: str, value: PathLike) -> Path:
    """Return the path of a file that can be written: in a folder that exists."""
    path = check_path(name, value)
    fits = path.parent.is_dir() and not path.is_dir()
    expect(fits, name, "a file in a folder that exists", str(path), FileNotFoundError)
    return path


def write_atomically(path: PathLike, write: Callable[[BinaryIO], object]) -> None:
    """Call write(stream) on a new, hidden file beside path, then put it in path's place.

    If anything fails (an error in write, a full disk), path is as it was before.
    """
    path = check_place("path", path)
    part = path.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with open(part, "xb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:
            error.filename = str(path)  # not the hidden file's; a full disk names none
        raise


def write_text(path: PathLike, text: str) -> None:
    """Write a text as UTF-8."""
    write_atomically(path, lambda stream: stream.write(text.encode("utf-8")))


@contextmanager
def naming(path: PathLike) -> Iterator[None]:
    """Turn whatever a damaged or hostile file makes fail into one ValueError that names it."""
    try:
        yield
    except Exception as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error) or repr(error)
        raise ValueError(f"{path}: {what}") from None


def make_folder(out: PathLike, name: str = "out") -> Path:
    """Return the folder `out`, made where it is missing, as an absolute path."""
    out = check_path(name, out).absolute()
    expect(not out.exists() or out.is_dir(), name, "a folder", str(out), FileExistsError)
    out.mkdir(parents=True, exist_ok=True)
    return out


@contextmanager
def lock_directory(out: PathLike) -> Iterator[Path]:
    """Make a folder and yield it; other calls into it are refused until this one has ended."""
    out = make_folder(out)
    with ExitStack() as stack:
        if fcntl is not None:
            folder = os.open(out, os.O_RDONLY)
            stack.callback(os.close, folder)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                what = "a folder that no other call is writing to"
                raise FileExistsError(f"out: expected {what}, got {str(out)!r}") from None
            except OSError:  # a file system without locks
                pass
        yield out
