"""Archives of arrays: written atomically, and read without executing anything."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from minifnn._util.archives import read_arrays, write_arrays

KIND = "minifnn test 1"


@pytest.fixture
def written(tmp_path):
    """An .npz that read_arrays takes: theta and a name."""
    path = tmp_path / "good.npz"
    write_arrays(path, {"kind": KIND, "theta": np.arange(5.0), "name": "esp"})
    return path


def refused(path, match=None):
    """Reading is refused with a ValueError that names the file."""
    with pytest.raises(ValueError, match=match) as caught:
        read_arrays(path, KIND)
    assert str(path) in str(caught.value)
    return True


# --------------------------------------------------------------------------- writing


def test_array_that_cannot_be_written_leaves_the_old_file(written, monkeypatch):
    before = written.read_bytes()

    def full(*arguments, **named):
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        write_arrays(written, {"theta": np.zeros(3)})
    assert written.read_bytes() == before
    assert os.listdir(written.parent) == [written.name]


def test_arrays_go_to_exactly_the_path_given(tmp_path):
    write_arrays(tmp_path / "no-suffix", {"kind": KIND, "theta": np.zeros(2)})
    assert os.listdir(tmp_path) == ["no-suffix"]
    assert np.array_equal(read_arrays(tmp_path / "no-suffix", KIND)["theta"], [0, 0])


# --------------------------------------------------------------------------- reading


def test_arrays_come_back_in_the_same_bits(tmp_path):
    theta = np.array([0.1, -0.0, 5e-324, 1.7e308, np.pi])
    write_arrays(tmp_path / "a.npz", {"kind": KIND, "theta": theta, "sizes": np.array([[2, 3]])})
    found = read_arrays(tmp_path / "a.npz", KIND)
    assert found["theta"].tobytes() == theta.tobytes()
    assert found["sizes"].shape == (1, 2)


def test_arrays_come_back_by_name_in_their_order_and_dtype(tmp_path, written):
    found = read_arrays(str(written), KIND)
    assert set(found) == {"kind", "theta", "name"} and str(found["name"]) == "esp"
    arrays = {"f": np.asfortranarray(np.arange(6).reshape(2, 3)), "none": np.array([], np.str_)}
    write_arrays(tmp_path / "a.npz", {"kind": KIND, **arrays})
    found = read_arrays(tmp_path / "a.npz", KIND)
    for name, array in arrays.items():
        assert np.array_equal(found[name], array) and found[name].dtype == array.dtype
        assert found[name].flags.writeable


def test_no_file_is_refused(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(FileNotFoundError, match="expected a file that exists") as caught:
            read_arrays(path, KIND)
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
    assert refused(written, match="CRC-32")


def test_refused_file_is_closed(written):
    """An open file cannot be deleted on Windows."""
    written.write_bytes(written.read_bytes()[:-30])
    with pytest.raises(ValueError) as caught:  # keeps the traceback, and all it refers to, alive
        read_arrays(written, KIND)
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
    assert refused(written, match=f"kind: expected {KIND!r}, got {kind!r}")


def test_file_that_says_no_kind_is_refused(written):
    write_arrays(written, {"theta": np.zeros(3)})
    assert refused(written, match="no kind")


def test_member_that_is_not_an_array_is_refused(written):
    with zipfile.ZipFile(written, "a") as file:
        file.writestr("velocity", b"these bytes are no array")
    assert refused(written)


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((1 << 40, 0), "<U1", "expected shape"),  # a list of it would fill the memory
        ((0,), "<U250000000", "expected an array of numbers"),  # so would one item
        ((1 << 40,), "<f8", "reshape"),
        ((-1, 0), "<f8", "reshape"),
        ((), "V4", "expected an array of numbers"),
        ((), "c16", "expected an array of numbers"),
    ],
)
def test_a_header_that_says_what_cannot_be_is_refused(written, shape, dtype, message):
    stream = io.BytesIO()
    described = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, described)
    with zipfile.ZipFile(written, "a") as file:
        file.writestr("velocity.npy", stream.getvalue())
    assert refused(written, match=message)


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


def test_pickled_array_is_refused_and_not_executed(tmp_path):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.savez(tmp_path / "trap.npz", kind=KIND, other=np.zeros(2), theta=trap)
    assert refused(tmp_path / "trap.npz")
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
