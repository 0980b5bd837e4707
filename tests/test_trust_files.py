"""What `python -m tests.trust files` tries, with fewer cases; and the pieces behind it."""

import os

import numpy as np
import pytest
from test_train import trained

import minifnn as mf
from minifnn._util.archives import read_arrays, write_arrays
from minifnn._util.files import lock_directory
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
        ({"history.loss": np.zeros(3)}, r"history\.loss: expected shape \(2,\), got \(3,\)"),
        ({"history.loss": np.array(["0", "1"])}, r"history\.loss: expected real numbers"),
        ({"history.theta": np.full((2, 32), np.nan)}, r"history\.theta: expected finite numbers"),
        ({"history.epoch": np.array([10, 0])}, r"history\.epoch: expected integers that rise"),
        ({"history.epoch": np.array([10, 0], "u8")}, "expected integers that rise"),
        ({"history.more": np.zeros(2)}, "history: expected .*'more'"),
        ({"seconds.steps": np.zeros(2)}, "size 1"),
        ({"optimizer.t": np.array(-1)}, r"optimizer\.t: expected an integer of at least 0"),
        ({"optimizer.m": np.zeros(24)}, r"optimizer\.m: expected shape \(32,\), got \(24,\)"),
        ({"optimizer.v": None}, r"it has no 'optimizer\.v'"),
        ({"rng": np.array(["1", "1", "2", "0"])}, "rng: expected the state of a generator"),
        ({"rng": np.array(["1", "1", "0", "two"])}, "invalid literal"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_and_changes_nothing(tmp_path, change, message):
    path = tmp_path / "c.npz"
    trained(11, checkpoint=path)
    arrays = {**read_arrays(path, "minifnn checkpoint 5"), **change}
    write_arrays(path, {name: array for name, array in arrays.items() if array is not None})
    net = mf.mlp([2, 6, 1], seed=1)
    before = net.theta.copy()
    with pytest.raises(ValueError, match=rf"c\.npz: .*{message}"):
        trained(20, net=net, checkpoint=path)
    assert np.array_equal(net.theta, before)


def test_a_run_that_does_not_fit_is_refused(tmp_path):
    run = paper.Run("linear-10", "esp", epochs=2)
    paper.run_to_file(run, tmp_path)
    path = tmp_path / f"{run.name}.npz"
    arrays = read_arrays(path, paper.RUN_KIND)
    del arrays["history.eigenvalues"]
    write_arrays(path, arrays)
    with pytest.raises(ValueError, match=r"seed-0\.npz: history: expected .*eigenva"):
        paper.result_from_file(run, tmp_path)


@pytest.mark.parametrize("place", [".", "nowhere/c.npz"])
def test_a_checkpoint_with_no_place_is_said_before_any_training(tmp_path, place):
    net = mf.mlp([2, 6, 1], seed=1)
    before = net.theta.copy()
    with pytest.raises(FileNotFoundError, match=r"checkpoint.* a file in a folder"):
        trained(20, net=net, checkpoint=tmp_path / place)
    assert np.array_equal(net.theta, before)


# ----------------------------------------------------------------- locks and paths


@posix
def test_a_folder_is_one_calls_alone(tmp_path):
    out = tmp_path / "o"
    with lock_directory(out), pytest.raises(FileExistsError, match="no other call is writing"):
        paper.reproduce(out, tasks=["linear-10"], epochs=1, workers=1, progress=False)
    with lock_directory(out):
        pass


@pytest.mark.parametrize(
    ("path", "message"),
    [("a\0b", "without null characters"), ("\udc80", "path: "), ("x" * 300, "at most 3000 bytes")],
)
def test_a_path_that_no_system_takes_is_said(path, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        mf.load(path)
