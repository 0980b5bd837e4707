"""What `python -m tests.trust files` tries, with fewer cases; and the pieces behind it."""

import os

import numpy as np
import pytest
from test_train import trained

import minifnn as mf
from minifnn._util.files import alone_in, read_arrays, remove_leftovers, write_arrays
from minifnn.experiments import paper
from tests.trust import damage, files

posix = pytest.mark.skipif(os.name != "posix", reason="signals and locks are those of POSIX")


def all_held(rows):
    assert rows
    assert [row for row in rows if not row.held] == []
    assert all(row.cases > 0 for row in rows)


# ------------------------------------------------------------------- as the table


@posix
def test_a_killed_training_goes_on_in_the_same_bits():
    all_held([files.killed_trainings(1)])


@posix
@pytest.mark.slow
@pytest.mark.parametrize("name", files.COMMANDS)
def test_a_killed_command_goes_on_in_the_same_bits(name):
    all_held([files.killed_commands(name, 5)])


def test_damaged_and_hostile_files_are_refused():
    all_held(damage.rows(quick=True))


def test_the_trap_springs_where_pickles_are_allowed(tmp_path, monkeypatch):
    """Or else no test could see that it did."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trap.npy").write_bytes(damage._trapped_npy())
    np.load("trap.npy", allow_pickle=True)
    assert (tmp_path / "sprung").is_dir()


def test_nobody_elses_file_is_overwritten():
    all_held([files.nothing_overwritten()])


# ----------------------------------------------------------------- checkpoint by name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"history.loss": np.zeros(3)}, r"history\.loss in it is float64 \(3,\)"),
        ({"history.theta": np.full((2, 32), np.nan)}, r"history\.theta in it is not finite"),
        ({"history.epoch": np.array([10, 0])}, "its epochs do not rise"),
        ({"history.more": np.zeros(2)}, "not so: more"),
        ({"epochs_done": np.array(3)}, "its last record is not of the last epoch done"),
        ({"optimizer.t": np.array(-1)}, "less than no steps"),
        ({"optimizer.m": np.zeros(24)}, r"optimizer\.m in it is float64 \(24,\), wanted"),
        ({"optimizer.v": None}, r"it has no 'optimizer\.v'"),
        ({"rng": np.array(["1", "1", "2", "0"])}, "rng in it is no state of a generator"),
        ({"rng": np.array(["1", "1", "0", "two"])}, "invalid literal"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_and_changes_nothing(tmp_path, change, message):
    path = tmp_path / "c.npz"
    trained(11, checkpoint=path)
    arrays = {**read_arrays(path, "minifnn checkpoint 3", None), **change}
    write_arrays(path, {name: array for name, array in arrays.items() if array is not None})
    net = mf.mlp([2, 6, 1], seed=1)
    before = net.theta.copy()
    with pytest.raises(ValueError, match=rf"c\.npz does not fit together: .*{message}"):
        trained(20, net=net, checkpoint=path)
    assert np.array_equal(net.theta, before)


def test_a_run_that_does_not_fit_is_refused(tmp_path):
    run = paper.Run("linear-10", "esp", epochs=2)
    paper.run_to_file(run, tmp_path)
    path = tmp_path / f"{run.name}.npz"
    arrays = read_arrays(path, paper.RUN_KIND, None)
    del arrays["history.eigenvalues"]
    write_arrays(path, arrays)
    with pytest.raises(ValueError, match=r"does not fit together: .*not so: eigenvalues"):
        paper.result_from_file(run, tmp_path)


@pytest.mark.parametrize("place", [".", "nowhere/c.npz"])
def test_a_checkpoint_with_no_place_is_said_before_any_training(tmp_path, place):
    net = mf.mlp([2, 6, 1], seed=1)
    before = net.theta.copy()
    with pytest.raises((FileExistsError, FileNotFoundError), match=r"checkpoint is .*, wanted a"):
        trained(20, net=net, checkpoint=tmp_path / place)
    assert np.array_equal(net.theta, before)


# --------------------------------------------------------------- locks and leftovers


@posix
def test_a_folder_is_one_calls_alone(tmp_path):
    out = tmp_path / "o"
    with alone_in(out), pytest.raises(FileExistsError, match="to which another call is writing"):
        paper.reproduce(out, tasks=["linear-10"], epochs=1, workers=1, progress=False)
    with alone_in(out):
        pass


@posix
def test_what_a_killed_process_left_is_deleted_and_what_is_written_is_not(tmp_path):
    left, seen = tmp_path / ".c.npz.abcdefgh.part", []
    left.write_bytes(b"half")
    (tmp_path / ".mine.part").write_bytes(b"mine")

    def look(stream, **arrays):
        remove_leftovers(tmp_path)
        seen.extend(path.name for path in tmp_path.iterdir())
        write(stream, **arrays)

    write = np.savez
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "savez", look)
        write_arrays(tmp_path / "c.npz", {"kind": "minifnn test 1"})
    assert ".c.npz.abcdefgh.part" not in seen
    assert len([name for name in seen if name.endswith(".part")]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"c.npz", ".mine.part"}


def test_a_file_of_others_is_not_saved_over(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"notes\.txt', a file that minifnn did not write"):
        mf.mlp([2, 1], []).save(path)
    assert path.read_text() == "mine"
    np.savez(tmp_path / "theirs.npz", theta=np.zeros(3))
    with pytest.raises(FileExistsError, match="did not write"):
        mf.mlp([2, 1], []).save(tmp_path / "theirs.npz")


@pytest.mark.parametrize(
    ("path", "message"),
    [("a\0b", "which has a zero in it"), ("\udc80", "path is"), ("x" * 300, "wanted a shorter")],
)
def test_a_path_that_no_system_takes_is_said(path, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        mf.load(path)
