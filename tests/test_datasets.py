"""Data: how many, of which class, where, from which seed; and what is refused."""

import subprocess
import sys

import numpy as np
import pytest
from helpers import RECORD
from scipy.io import savemat

import minifnn as mf
from minifnn.datasets import _in_arch

d = mf.datasets
GENERATED = [d.linear, d.nonlinear, d.moons, d.spirals]
EVERY = pytest.mark.parametrize("make", GENERATED, ids=lambda make: make.__name__)


def together(data):
    """All samples, those to train with first."""
    return np.vstack([data.X_train, data.X_test]), np.vstack([data.Y_train, data.Y_test])


def by_row(X):
    """The rows in an order that does not depend on the one they came in."""
    return X[np.lexsort(X.T)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("make", "train", "test", "ones"),
    [(d.linear, 38, 13, 21), (d.nonlinear, 690, 173, 480),
     (d.moons, 320, 80, 200), (d.spirals, 320, 80, 200)],
)  # fmt: skip
def test_sizes_and_class_counts(make, train, test, ones, seed):
    data = make(seed=seed)
    assert (data.X_train.shape, data.Y_train.shape) == ((train, 2), (train, 1))
    assert (data.X_test.shape, data.Y_test.shape) == ((test, 2), (test, 1))
    X, Y = together(data)
    assert X.dtype == Y.dtype == np.float64
    assert np.all(np.isfinite(X))
    assert (np.sum(Y == 1), np.sum(Y == 0)) == (ones, train + test - ones)


@EVERY
def test_the_same_seed_gives_the_same_set_and_another_seed_another(make):
    first, again, other = together(make(seed=3)), together(make(seed=3)), together(make(seed=4))
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert not np.any(first[0] == other[0])
    assert np.array_equal(together(make())[0], together(make(seed=0))[0])


@EVERY
def test_global_random_state_is_not_used(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make()
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@EVERY
def test_no_sample_is_in_both_parts_and_both_are_mixed(make):
    data = make()
    X, Y = together(data)
    assert len(np.unique(X, axis=0)) == len(X)
    share = Y.mean()
    assert abs(data.Y_test.mean() - share) < 0.2
    assert np.sum(np.diff(data.Y_train, axis=0) != 0) > 0.3 * len(data.Y_train)  # not sorted


def test_a_set_says_what_it_is_and_keeps_its_arrays():
    data = d.linear()
    assert repr(data) == "<Dataset linear: 38 + 13 samples, 2 -> 1>"
    assert repr(d.moons(7)) == "<Dataset moons: 6 + 1 samples, 2 -> 1>"
    assert data == data and data != d.linear()
    with pytest.raises(AttributeError):
        data.X_train = data.X_test


# ---------------------------------------------------------------------- character


def straight_line_accuracy(X, Y):
    """Of logistic regression, after 30 steps of Newton's method."""
    net = mf.mlp([2, 1], hidden=())
    for _ in range(30):
        H, gradient = (f(net, X, Y, engine="numpy") for f in (mf.hessian, mf.Network.gradient))
        net.theta -= np.linalg.solve(H, gradient)
    return net.score(X, Y)


@pytest.mark.parametrize("seed", range(5))
def test_linear_is_two_blobs_that_a_line_all_but_separates(seed):
    X, Y = together(d.linear(seed))
    assert straight_line_accuracy(X, Y) >= 0.94
    assert np.allclose(X[Y[:, 0] == 0].mean(axis=0), [1.8, 2.6], atol=0.35)
    assert np.allclose(X[Y[:, 0] == 1].mean(axis=0), [3.0, 3.8], atol=0.45)
    assert np.all(X > [-0.8, 0.8]) and np.all(X < [5.2, 5.6])


def test_linear_is_no_matter_of_one_coordinate():
    """The blobs overlap in x and in y: both are needed to tell them apart."""
    X, Y = together(d.linear())
    for column in X.T:
        assert column[Y[:, 0] == 0].max() > column[Y[:, 0] == 1].min() + 0.3


@pytest.mark.parametrize("seed", range(3))
def test_nonlinear_is_no_matter_of_a_line(seed):
    X, Y = together(d.nonlinear(seed))
    assert straight_line_accuracy(X, Y) < 0.75
    rng = np.random.default_rng(0)
    for normal in rng.normal(size=(200, 2)):  # and of no line at all
        ones = Y[np.argsort(X @ normal), 0].cumsum()
        n = np.arange(1, len(ones) + 1)
        right = (n - ones + ones[-1] - ones) / len(ones)  # 0 before the cut, 1 behind it
        assert max(right.max(), 1 - right.min()) < 0.8


@pytest.mark.parametrize("seed", range(3))
def test_nonlinear_fills_its_box(seed):
    X, _ = together(d.nonlinear(seed))
    low, high = np.array([0.04, 0.4]), np.array([1.0, 1.0])
    assert np.all(X >= low) and np.all(X <= high)
    assert np.all(X.min(axis=0) < low + 0.01) and np.all(X.max(axis=0) > high - 0.01)


@pytest.mark.parametrize(
    ("place", "points", "inside"),
    [
        ("left lobe", [(0.31, 0.86), (0.25, 0.78), (0.36, 0.80)], True),
        ("right lobe", [(0.63, 0.86), (0.57, 0.79), (0.71, 0.79)], True),
        ("under the notch", [(0.47, 0.71), (0.47, 0.66)], True),
        ("left leg", [(0.38, 0.41), (0.38, 0.55), (0.34, 0.45), (0.42, 0.45)], True),
        ("right leg", [(0.80, 0.41), (0.80, 0.55), (0.84, 0.45)], True),
        ("shoulder", [(0.90, 0.66), (0.99, 0.64), (0.99, 0.69)], True),
        ("heap", [(0.66, 0.41), (0.66, 0.46), (0.60, 0.41), (0.71, 0.41)], True),
        ("above the lobes", [(0.31, 0.89), (0.63, 0.89), (0.05, 0.99), (0.99, 0.99)], False),
        ("notch", [(0.47, 0.75), (0.47, 0.90)], False),
        ("left of the arch", [(0.05, 0.68), (0.18, 0.68), (0.25, 0.50), (0.30, 0.42)], False),
        ("hollow", [(0.60, 0.60), (0.60, 0.50), (0.55, 0.50), (0.66, 0.52), (0.49, 0.41)], False),
        ("above the shoulder", [(0.90, 0.73), (0.99, 0.72), (0.82, 0.80)], False),
        ("right of the right leg", [(0.90, 0.45), (0.99, 0.60), (0.93, 0.55)], False),
    ],
)
def test_the_arch_stands_where_it_should(place, points, inside):
    assert [bool(_in_arch(x, y)) for x, y in points] == [inside] * len(points), place


def test_nonlinear_labels_say_what_is_outside_the_arch():
    X, Y = together(d.nonlinear(2))
    assert np.array_equal(Y[:, 0] == 0, _in_arch(*X.T))


def test_moons_without_noise_are_two_interleaved_half_circles():
    X, Y = together(d.moons(noise=0.0))
    first, second = X[Y[:, 0] == 0], X[Y[:, 0] == 1]
    assert np.allclose(np.hypot(*first.T), 1.0)
    assert np.allclose(np.hypot(*(second - [1.0, 0.5]).T), 1.0)
    assert first[:, 1].min() >= 0.0 and second[:, 1].max() <= 0.5
    assert first[:, 0].max() > 0.99 and second[:, 0].min() < 0.01  # each reaches into the other
    assert 0.8 < straight_line_accuracy(X, Y) < 0.95


def test_spirals_without_noise_are_one_arm_and_its_opposite():
    X, Y = together(d.spirals(turns=2.0, noise=0.0))
    r, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    assert 0.1 <= r.min() < 0.2 and 0.99 < r.max() <= 1.0
    miss = np.angle(np.exp(1j * (angle - 2 * np.pi * 2.0 * r - np.pi * Y[:, 0])))
    assert np.abs(miss).max() < 1e-12
    assert 0.7 < np.mean(r > 0.5) < 0.8  # dense as much outside as inside
    assert straight_line_accuracy(X, Y) < 0.7


@pytest.mark.parametrize("make", [d.moons, d.spirals])
def test_noise_has_the_size_it_says(make):
    """The same seed without noise gives the same points, so the difference is the noise."""
    quiet, noisy = together(make(2000, noise=0.0))[0], together(make(2000, noise=0.3))[0]
    assert np.std(noisy - quiet, axis=0) == pytest.approx([0.3, 0.3], rel=0.06)
    assert np.mean(noisy - quiet, axis=0) == pytest.approx([0.0, 0.0], abs=0.03)


@pytest.mark.parametrize("make", [d.moons, d.spirals])
@pytest.mark.parametrize(("n", "train", "ones"), [(5, 4, 2), (9, 8, 4), (10, 8, 5), (101, 81, 50)])
def test_a_fifth_is_for_the_test(make, n, train, ones):
    data = make(n)
    assert (len(data.X_train), len(data.X_test)) == (train, n - train)
    assert together(data)[1].sum() == ones


@EVERY
@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (1.5, TypeError), (None, TypeError), (True, TypeError)]
)
def test_a_seed_is_an_integer_of_at_least_0(make, seed, error):
    with pytest.raises(error, match=r"^seed\b"):
        make(seed=seed)


@pytest.mark.parametrize(
    ("make", "options", "error"),
    [
        (d.moons, {"n": 4}, ValueError),
        (d.spirals, {"n": 4}, ValueError),
        (d.moons, {"n": 10**12}, ValueError),
        (d.spirals, {"n": "10"}, TypeError),
        (d.moons, {"noise": -0.1}, ValueError),
        (d.moons, {"noise": np.inf}, ValueError),
        (d.spirals, {"noise": None}, TypeError),
        (d.spirals, {"turns": 0}, ValueError),
        (d.spirals, {"turns": np.nan}, ValueError),
        (d.digits, {"as_published": "no"}, TypeError),
    ],
)
def test_a_wrong_option_is_named(make, options, error):
    (name,) = options
    with pytest.raises(error, match=rf"^{name}\b"):
        make(**options)


# ------------------------------------------------------------------------- digits


def test_the_digits_are_those_of_scikit_learn_split_as_there():
    pixels, labels = pytest.importorskip("sklearn.datasets").load_digits(return_X_y=True)
    split = pytest.importorskip("sklearn.model_selection").train_test_split
    published = np.eye(11)[labels][:, 1:]  # one_hot(label - 1): a 0 has none
    for data, X, Y in (
        (d.digits(), pixels / 16.0, np.eye(10)[labels]),
        (d.digits(as_published=True), pixels / 255.0, published),
    ):
        assert repr(data) == "<Dataset digits: 1437 + 360 samples, 64 -> 10>"
        ours = data.X_train, data.X_test, data.Y_train, data.Y_test
        theirs = split(X, Y, test_size=0.2, random_state=0)
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs))
        assert {part.dtype for part in ours} == {np.dtype(np.float64)}


def test_digits_have_a_column_for_each_class():
    X, Y = together(d.digits())
    assert X.shape == (1797, 64) and X.min() == 0 and X.max() == 1
    assert np.array_equal(16 * X, np.round(16 * X))
    assert Y.sum(axis=0).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.array_equal(Y.sum(axis=1), np.ones(1797))


def test_digits_as_published_miss_a_class_and_a_column():
    (X, Y), (X_ours, Y_ours) = together(d.digits(as_published=True)), together(d.digits())
    assert np.array_equal(np.round(255 * X), 16 * X_ours)  # the same split
    assert np.array_equal(Y[:, :9], Y_ours[:, 1:])
    assert not Y[:, 9].any()
    assert np.sum(Y.sum(axis=1) == 0) == 178


# ------------------------------------------------------------------------ from_mat


def write(folder, **arrays):
    savemat(folder / "some.mat", arrays)
    return folder / "some.mat"


GOOD_X = np.arange(20.0).reshape(10, 2)
GOOD_Y = (np.arange(10)[:, None] % 2).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "split", "train", "test", "ones"),
    [("NLdata.mat", (0.2, 0), 690, 173, 480), ("Lindata.mat", (0.25, 5), 38, 13, 21)],
)
def test_the_authors_files_are_read_and_split_as_theirs(name, split, train, test, ones):
    if not RECORD.exists():
        pytest.skip("the authors' record is not here")
    data = d.from_mat(RECORD / name, *split)
    assert repr(data) == f"<Dataset {name[:-4]}: {train} + {test} samples, 2 -> 1>"
    X, Y = together(data)
    assert X.dtype == Y.dtype == np.float64
    assert Y.sum() == ones


def test_a_split_is_that_of_numpys_legacy_generator(tmp_path):
    """RandomState(0).permutation(10) begins with 2, 8, and ends with 5; it will never change."""
    data = d.from_mat(str(write(tmp_path, X=GOOD_X, y=GOOD_Y)))
    assert data.name == "some"
    order = [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]
    assert np.array_equal(np.vstack([data.X_test, data.X_train]), GOOD_X[order])
    assert np.array_equal(np.vstack([data.Y_test, data.Y_train]), GOOD_Y[order])
    assert len(data.X_test) == 2


@pytest.mark.parametrize("N", [2, 3, 10, 51, 97, 863, 1797])
@pytest.mark.parametrize("seed", [0, 1, 5, 2**32 - 1])
def test_every_split_is_that_of_scikit_learn(tmp_path, N, seed):
    split = pytest.importorskip("sklearn.model_selection").train_test_split
    X, y = np.arange(2.0 * N).reshape(N, 2), np.arange(N)[:, None] % 2.0
    path = write(tmp_path, X=X, y=y)
    for test_size in (0.01, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 0.7, 0.9):
        if np.ceil(test_size * N) == N:
            continue  # nothing left to train on
        data = d.from_mat(path, test_size, seed)
        theirs = split(X, y, test_size=test_size, random_state=seed)
        ours = data.X_train, data.X_test, data.Y_train, data.Y_test
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs))


@pytest.mark.parametrize("options", [{"format": "4"}, {"do_compression": True}])
def test_other_formats_other_variables_and_logical_labels_are_read(tmp_path, options):
    labels = GOOD_Y.astype(bool) if options != {"format": "4"} else GOOD_Y
    more = {"y": labels, "Z": np.eye(3), "note": "two classes", "a_list": [1, "b"]}
    savemat(tmp_path / "some.mat", {"X": GOOD_X, **more}, **options)
    X, Y = together(d.from_mat(tmp_path / "some.mat"))
    assert np.array_equal(by_row(np.hstack([X, Y])), by_row(np.hstack([GOOD_X, GOOD_Y])))


def test_what_stands_behind_X_and_y_is_not_read(tmp_path):
    path = write(tmp_path, X=GOOD_X, y=GOOD_Y)
    path.write_bytes(path.read_bytes() + b"\xff" * 200)
    assert len(d.from_mat(path).X_train) == 8


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"y": GOOD_Y}, "X"),
        ({"X": GOOD_X}, "y"),
        ({"X": GOOD_X[:, :1], "y": GOOD_Y}, "X"),
        ({"X": GOOD_X, "y": GOOD_Y.T}, "y"),
        ({"X": GOOD_X, "y": GOOD_Y[:9]}, "y"),
        ({"X": GOOD_X[:0], "y": GOOD_Y[:0]}, "X"),
        ({"X": GOOD_X * np.nan, "y": GOOD_Y}, "X"),
        ({"X": GOOD_X, "y": GOOD_Y - np.inf}, "y"),
        ({"X": GOOD_X + 1j, "y": GOOD_Y}, "X"),
        ({"X": GOOD_X.astype(object), "y": GOOD_Y}, "X"),
        ({"X": GOOD_X, "y": GOOD_Y + 1}, r"y: expected 0 and 1, got .*\[1., 2.\]"),
        ({"X": GOOD_X, "y": GOOD_Y * 0.5}, r"y: expected 0 and 1, got .*\[0. , 0.5\]"),
        ({"X": GOOD_X, "y": GOOD_Y * -1.0}, r"y: expected 0 and 1, got .*\[-1., -?0.\]"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(tmp_path, arrays, named):
    with pytest.raises(ValueError, match=rf"some\.mat: expected .*: {named}"):
        d.from_mat(write(tmp_path, **arrays))


def test_no_file(tmp_path):
    write(tmp_path, X=GOOD_X, y=GOOD_Y)
    for missing in (tmp_path / "none.mat", tmp_path, tmp_path / "some"):  # no ending is made up
        with pytest.raises(FileNotFoundError, match=r"^path: expected a file"):
            d.from_mat(missing)


@pytest.mark.parametrize("content", [b"", b"X, y\n1, 2\n", b"\x80\x04" + bytes(600), "cut", "bent"])
def test_a_file_of_another_kind_or_damaged_is_refused_by_name(tmp_path, content):
    whole = write(tmp_path, X=GOOD_X, y=GOOD_Y).read_bytes()
    damaged = {"cut": whole[: len(whole) // 2], "bent": whole[:128] + b"\xff" * 64 + whole[192:]}
    path = tmp_path / "other.mat"
    path.write_bytes(damaged.get(content, content))
    with pytest.raises(ValueError, match=r"other\.mat: expected a MATLAB file"):
        d.from_mat(path)


def test_a_file_may_not_hold_more_than_64_MB(tmp_path, monkeypatch):
    monkeypatch.setattr(d, "LARGEST", 10_000)
    X, y = np.zeros((500, 2)), np.zeros((500, 1))
    for packed in (False, True):
        savemat(tmp_path / "large.mat", {"X": X, "y": y}, do_compression=packed)
        with pytest.raises(ValueError, match=r"large\.mat: .* more than 10000 bytes"):
            d.from_mat(tmp_path / "large.mat")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"test_size": 0.0}, ValueError),
        ({"test_size": 1.0}, ValueError),
        ({"test_size": 0.95}, ValueError),  # of 10 samples none is left
        ({"test_size": "all"}, TypeError),
        ({"random_state": -1}, ValueError),
        ({"random_state": 2**32}, ValueError),
        ({"random_state": None}, TypeError),
    ],
)
def test_the_split_is_checked(tmp_path, options, error):
    (name,) = options
    with pytest.raises(error, match=rf"^{name}\b"):
        d.from_mat(write(tmp_path, X=GOOD_X, y=GOOD_Y), **options)


# ---------------------------------------------------------------- what it leans on


def test_it_needs_no_scikit_learn_and_loads_scipy_late(tmp_path):
    path = write(tmp_path, X=GOOD_X, y=GOOD_Y)
    code = "import sys, minifnn as mf; print('scipy.io' in sys.modules); "
    code += "sys.modules['sklearn'] = None; print(mf.datasets.digits()); "
    code += f"print(mf.datasets.from_mat({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "False",
        "<Dataset digits: 1437 + 360 samples, 64 -> 10>",
        "<Dataset some: 8 + 2 samples, 2 -> 1>",
    ], done.stderr
