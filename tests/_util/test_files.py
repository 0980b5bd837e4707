"""Files: written whole or not at all, and read without executing anything."""

import os
import pickle
import zipfile

import numpy as np
import pytest

from minifnn._util.files import read_arrays, write_arrays, write_atomically, write_text

KIND = "minifnn test 1"


@pytest.fixture
def written(tmp_path):
    """An .npz that read_arrays takes: theta and a name."""
    path = tmp_path / "good.npz"
    write_arrays(path, {"kind": KIND, "theta": np.arange(5.0), "name": "esp"})
    return path


def refused(path, names=("theta",), match=None):
    """Reading is refused with a ValueError that names the file."""
    with pytest.raises(ValueError, match=match) as caught:
        read_arrays(path, KIND, names)
    assert str(path) in str(caught.value)
    return True


# --------------------------------------------------------------------------- writing


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


def test_array_that_cannot_be_written_leaves_the_old_file(written, monkeypatch):
    before = written.read_bytes()

    def full(*arguments, **named):
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        write_arrays(written, {"theta": np.zeros(3)})
    assert written.read_bytes() == before
    assert os.listdir(written.parent) == [written.name]


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
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


def test_arrays_go_to_exactly_the_path_given(tmp_path):
    write_arrays(tmp_path / "no-suffix", {"kind": KIND, "theta": np.zeros(2)})
    assert os.listdir(tmp_path) == ["no-suffix"]
    assert np.array_equal(read_arrays(tmp_path / "no-suffix", KIND, ["theta"])["theta"], [0, 0])


# --------------------------------------------------------------------------- reading


def test_arrays_come_back_to_the_bit(tmp_path):
    theta = np.array([0.1, -0.0, 5e-324, 1.7e308, np.pi])
    write_arrays(tmp_path / "a.npz", {"kind": KIND, "theta": theta, "sizes": np.array([[2, 3]])})
    found = read_arrays(tmp_path / "a.npz", KIND, ["theta", "sizes"])
    assert found["theta"].tobytes() == theta.tobytes()
    assert found["sizes"].shape == (1, 2)


def test_only_the_named_arrays_are_read_and_all_for_none(written):
    assert set(read_arrays(written, KIND, ["theta"])) == {"theta"}
    assert set(read_arrays(str(written), KIND, None)) == {"kind", "theta", "name"}
    assert str(read_arrays(written, KIND, ["name"])["name"]) == "esp"


def test_no_file_is_refused(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(FileNotFoundError, match="there is no file") as caught:
            read_arrays(path, KIND, ["theta"])
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"x", b"theta = 1, 2, 3\n" * 20, bytes(range(256))])
def test_file_that_is_not_an_npz_is_refused(tmp_path, content):
    path = tmp_path / "text.npz"
    path.write_bytes(content)
    assert refused(path)


def test_single_array_of_npy_is_refused(tmp_path):
    path = tmp_path / "array.npy"
    np.save(path, np.arange(3.0))
    assert refused(path)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_truncated_file_is_refused(written, share):
    content = written.read_bytes()
    written.write_bytes(content[: int(share * len(content))])
    assert refused(written)


def test_file_with_a_changed_number_is_refused(written):
    content = written.read_bytes()
    three = np.array([3.0]).tobytes()
    assert content.count(three) == 1
    written.write_bytes(content.replace(three, np.array([5.0]).tobytes()))
    assert refused(written, match="damaged|not a")


def test_refused_file_is_closed(written):
    """An open file cannot be deleted on Windows."""
    written.write_bytes(written.read_bytes()[:-30])
    with pytest.raises(ValueError) as caught:  # keeps the traceback, and all it refers to, alive
        read_arrays(written, KIND, ["theta"])
    if os.path.isdir("/proc/self/fd"):
        assert str(written) not in map(linked, os.listdir("/proc/self/fd"))
    written.unlink()
    assert caught.value is not None


def linked(descriptor):
    """The file that a descriptor of this process has open."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


@pytest.mark.parametrize("kind", ["minifnn test 2", "", "minifnn test 10"])
def test_file_of_another_kind_is_refused(written, kind):
    write_arrays(written, {"kind": kind, "theta": np.zeros(3)})
    assert refused(written, match=f"it says {kind!r}, wanted {KIND!r}")


def test_file_that_says_no_kind_is_refused(written):
    write_arrays(written, {"theta": np.zeros(3)})
    assert refused(written, match="no kind")


def test_missing_array_is_refused_by_name(written):
    assert refused(written, names=["theta", "velocity"], match="velocity")


def test_member_that_is_not_an_array_is_refused(written):
    with zipfile.ZipFile(written, "a") as file:
        file.writestr("velocity", b"these bytes are no array")
    assert refused(written, names=["velocity"])


class Trap:
    """Unpickling it makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_the_trap_springs_where_pickles_are_allowed(tmp_path):
    """Or else the next tests could not fail."""
    np.savez(tmp_path / "trap.npz", theta=np.array([Trap(tmp_path / "sprung")], dtype=object))
    with np.load(tmp_path / "trap.npz", allow_pickle=True) as file:
        assert file["theta"].shape == (1,)
    assert (tmp_path / "sprung").is_dir()


@pytest.mark.parametrize("names", [["theta"], ["other", "theta"], None])
def test_pickled_array_is_refused_and_not_executed(tmp_path, names):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.savez(tmp_path / "trap.npz", kind=KIND, other=np.zeros(2), theta=trap)
    assert refused(tmp_path / "trap.npz", names=names)
    assert not (tmp_path / "sprung").exists()


def test_pickled_kind_is_refused_and_not_executed(tmp_path):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.savez(tmp_path / "trap.npz", kind=trap, theta=np.zeros(2))
    assert refused(tmp_path / "trap.npz")
    assert not (tmp_path / "sprung").exists()


def test_bare_pickle_is_refused_and_not_executed(tmp_path):
    (tmp_path / "trap.npz").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    assert refused(tmp_path / "trap.npz")
    assert not (tmp_path / "sprung").exists()
