"""Checkpoints: all that a training goes on with comes back, or nothing is changed."""

import numpy as np
import pytest

import minifnn as mf
from minifnn._util.archives import read_arrays, write_arrays
from minifnn._util.checkpoint import KIND, Checkpoint, check_records, history_arrays

X, Y = np.arange(6.0).reshape(3, 2), np.array([[0.0], [1.0], [1.0]])


def made(path, rate=0.1, **settings):
    """A training's parts, as they are at its start, and its checkpoint."""
    net, optimizer, rng = mf.mlp([2, 3, 1], seed=1), mf.Adam(rate), np.random.default_rng(0)
    settings = {"batch_size": 3, "curvature": False, "seed": 0, "engine": "numpy", **settings}
    parts = (net, optimizer, rng)
    return parts, Checkpoint(path, *parts, (X, Y, None, None), settings)


def saved(path):
    """The parts and the history of a training that has saved two epochs."""
    (net, optimizer, rng), checkpoint = made(path)
    history = mf.History(seconds={"steps": 0.5})
    for epoch in (0, 3):
        optimizer.step(net.theta, net.gradient(X, Y, engine="numpy"))
        rng.integers(9, dtype=np.uint32)  # an odd number of these: half a draw is left over
        numbers = dict.fromkeys(
            ("loss", "train_score", "test_loss", "test_score", "zero_residuals"), 0.25
        )
        history.append({"epoch": epoch, **numbers, "theta": net.theta.copy()})
        rng.random()
    rng.integers(9, dtype=np.uint32)
    checkpoint.save(history, 5)
    return (net, optimizer, rng), history


def states(net, optimizer, rng):
    memory = {name: array.tolist() for name, array in optimizer.state().items()}
    return net.theta.tolist(), memory, rng.bit_generator.state


def test_everything_comes_back_in_the_same_bits(tmp_path):
    before, history = saved(tmp_path / "c.npz")
    after, checkpoint = made(tmp_path / "c.npz")
    theta = after[0].theta
    columns, seconds, done = checkpoint.load({0, 3, 7}, 9)
    assert states(*after) == states(*before)
    assert after[0].theta is theta  # other layers over it see the change
    assert before[2].integers(9, dtype=np.uint32) == after[2].integers(9, dtype=np.uint32)
    assert done == 5 and seconds == history.seconds
    assert columns.keys() == history.keys()
    assert all(np.array_equal(columns[name], history[name]) for name in columns)


def test_without_a_file_nothing_is_there_yet(tmp_path):
    for path in (None, tmp_path / "c.npz"):
        parts, checkpoint = made(path)
        before = states(*parts)
        assert checkpoint.load({0, 3, 7}, 9) == ({}, {}, 0)
        assert states(*parts) == before
    made(None)[1].save(mf.History(), 0)


@pytest.mark.parametrize(
    ("named", "other"),
    [
        ("seed: expected 0, as in this checkpoint of another training, got 2$", {"seed": 2}),
        ("optimizer: expected Adam", {"rate": 0.2}),
        ("batch_size: expected 3", {"batch_size": 2}),
        ("curvature: expected False", {"curvature": True}),
    ],
)
def test_the_file_of_another_training_is_refused(tmp_path, named, other):
    saved(tmp_path / "c.npz")
    parts, checkpoint = made(tmp_path / "c.npz", **other)
    before = states(*parts)
    with pytest.raises(ValueError, match=rf"c\.npz: {named}"):
        checkpoint.load({0, 3, 7}, 9)
    assert states(*parts) == before


@pytest.mark.parametrize(
    "change",
    [
        {"history.loss": np.zeros(3)},
        {"history.theta": np.full((2, 17), np.inf)},
        {"optimizer.m": np.zeros(3)},
        {"optimizer.v": np.full(17, np.nan)},
        {"optimizer.t": np.array(2.0)},
        {"history.epoch": np.array([3, 0])},
        {"history.epoch": np.array([0, 5])},
        {"done": np.array(4.5)},
        {"done": np.array(10)},
        {"done": np.array(2)},
        {"theta": np.zeros(3)},
        {"start": np.full(17, np.nan)},
        {"rng": np.array(["1", "1", "0", "-1"])},
        {"rng": np.array(["1", "1"])},
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(tmp_path, change):
    path = tmp_path / "c.npz"
    saved(path)
    write_arrays(path, read_arrays(path, KIND) | change)
    parts, checkpoint = made(path)
    before = states(*parts)
    with pytest.raises(ValueError, match=r"c\.npz: .+: expected .+, got|c\.npz: rng"):
        checkpoint.load({0, 3, 7}, 9)
    assert states(*parts) == before


@pytest.mark.parametrize("place", [".", "nowhere/c.npz"])
def test_a_checkpoint_needs_a_folder(tmp_path, place):
    with pytest.raises(FileNotFoundError, match="checkpoint: expected a file in a folder"):
        made(tmp_path / place)


def test_a_history_goes_through_named_arrays(tmp_path):
    _, history = saved(tmp_path / "c.npz")
    columns, seconds = check_records(as_read(history_arrays(history)), 17, curvature=False)
    again = mf.History(columns, seconds)
    assert again.seconds == history.seconds
    assert all(np.array_equal(again[name], history[name]) for name in history.keys())


def as_read(arrays):
    return {name: np.asarray(value) for name, value in arrays.items()}
