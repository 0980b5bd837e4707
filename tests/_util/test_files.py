"""Files written atomically; a folder locked for one call."""

import os
from errno import ENOSPC

import pytest

from minifnn._util.files import lock_directory, make_folder, naming, write_atomically, write_text

posix = pytest.mark.skipif(os.name != "posix", reason="modes and locks are those of POSIX")


class Stop(BaseException):
    """Neither an Exception nor anything that the package knows."""


def fail_after_half(error):
    def write(stream):
        stream.write(b"half of the new")
        raise error

    return write


def test_write_puts_the_bytes_there_and_nothing_beside(tmp_path):
    path = tmp_path / "file.bin"
    write_atomically(path, lambda stream: stream.write(b"whole"))
    assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_write_replaces_the_old_file(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old, and longer than the new")
    write_atomically(str(path), lambda stream: stream.write(b"new"))
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("error", [ValueError("no"), OSError("full"), KeyboardInterrupt(), Stop()])
def test_failed_write_leaves_the_old_file_and_no_temporary_one(tmp_path, error):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(type(error)) as caught:
        write_atomically(path, fail_after_half(error))
    assert caught.value is error
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


def test_failed_write_of_a_new_file_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="no"):
        write_atomically(tmp_path / "file.bin", fail_after_half(ValueError("no")))
    assert os.listdir(tmp_path) == []


def test_old_file_is_whole_until_the_new_one_is(tmp_path):
    path, seen = tmp_path / "file.bin", []
    path.write_bytes(b"old")

    def write(stream):
        stream.write(b"new")
        stream.flush()
        seen.append(path.read_bytes())

    write_atomically(path, write)
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_new_file_has_the_mode_that_umask_leaves(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "file.txt", "text")
        after = os.umask(umask)
    finally:
        os.umask(before)
    assert (tmp_path / "file.txt").stat().st_mode & 0o777 == mode
    assert after == umask


def test_write_into_no_folder_is_refused(tmp_path):
    path = tmp_path / "nowhere" / "file.bin"
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_atomically(path, lambda stream: stream.write(b"x"))
    assert os.listdir(tmp_path) == []


def test_write_onto_a_folder_fails_and_leaves_it(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError):
        write_atomically(folder, lambda stream: stream.write(b"x"))
    assert os.listdir(tmp_path) == ["folder"]
    assert os.listdir(folder) == []


def test_text_is_utf8_with_its_own_line_ends(tmp_path):
    write_text(tmp_path / "file.txt", "β = 1\n")
    assert (tmp_path / "file.txt").read_bytes() == b"\xce\xb2 = 1\n"


def test_a_full_disk_is_said_with_the_name_of_the_file(tmp_path):
    with pytest.raises(OSError, match=r"No space left on device: .*file\.bin"):
        full = OSError(ENOSPC, "No space left on device")
        write_atomically(tmp_path / "file.bin", fail_after_half(full))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("x: expected 1, got 2"), "a.npz: x: expected 1, got 2"),
        (KeyError("theta"), "a.npz: it has no 'theta'"),
        (MemoryError(), "a.npz: MemoryError()"),
    ],
)
def test_whatever_fails_with_a_file_is_one_error_that_names_it(error, message):
    with pytest.raises(ValueError) as caught, naming("a.npz"):
        raise error
    assert str(caught.value) == message
    with pytest.raises(KeyboardInterrupt), naming("a.npz"):
        raise KeyboardInterrupt


# ------------------------------------------------------------------------- folders


def test_a_folder_is_made_and_its_files_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(tmp_path) == tmp_path
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(FileExistsError, match=r"out: expected a folder, got .*notes\.txt"):
        make_folder(tmp_path / "notes.txt")


@posix
def test_a_locked_folder_is_refused_until_it_is_free(tmp_path):
    for _ in range(2):
        with lock_directory(tmp_path / "o") as out:
            assert os.listdir(out) == []
            with (
                pytest.raises(FileExistsError, match=r"out: .* no other call is writing to"),
                lock_directory(out),
            ):
                pass
            with lock_directory(tmp_path / "another"):
                pass
    with pytest.raises(KeyError), lock_directory(out):
        raise KeyError
    with lock_directory(out):
        pass
