"""Files written atomically, and a folder locked for one call."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from .typing import PathLike
from .validation import check_path

try:
    import fcntl
except ImportError:  # Windows, where two calls into one folder are not told apart
    fcntl = None  # type: ignore[assignment]  # Windows, where a folder is not locked


def write_atomically(path: PathLike, write: Callable[[BinaryIO], object]) -> None:
    """Call write(stream) on a new, hidden file beside path, then put it in path's place.

    If anything fails (an error in write, a full disk), path is as it was before.
    """
    path = check_path("path", path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path: expected a file in a folder that exists, got {str(path)!r}")
    if path.is_dir():
        raise FileExistsError(f"path: expected a file, got the folder {str(path)!r}")
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


def make_folder(out: PathLike) -> Path:
    """Return the folder `out`, made where it is missing, as an absolute path."""
    out = check_path("out", out).absolute()
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"out: expected a folder, got the file {str(out)!r}")
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
