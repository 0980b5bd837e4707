"""The network: its parameters, what it answers, what it refuses, its file."""

import copy
import pickle
import re
from functools import partial

import numpy as np
import pytest
from helpers import problem, relative_error

import minifnn as mf

X = np.ones((4, 2))
Y = np.ones((4, 1))


# ------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("sizes", "hidden", "P"),
    [([2, 10, 1], "esp", 52), ([2, 8, 2, 1], "esp", 56), ([64, 25, 10], "esp", 1920),
     ([2, 10, 1], "relu", 41), ([2, 8, 2, 1], "sigmoid", 45), ([64, 25, 10], "tanh", 1885)],
)  # fmt: skip
def test_published_networks_have_their_number_of_parameters(sizes, hidden, P):
    net = mf.mlp(sizes, hidden)
    assert net.n_parameters == P == len(net.theta) == len(net.labels)


def test_parameters_are_views_into_theta_in_order():
    net = mf.mlp([2, 3, 1], hidden="esp", seed=1)
    assert list(net.parameters) == ["W1", "b1", "beta1", "W2", "b2", "beta2"]
    assert net.parameters["W1"].shape == (2, 3)
    net.parameters["W1"][1, 2] = 7.0
    assert net.theta[5] == 7.0
    assert net.labels[5] == "W1[1,2]"
    assert net.labels[net.slices["beta1"]] == ["beta1[0]", "beta1[1]", "beta1[2]"]
    net.theta[net.slices["b2"]] = 3.0
    assert net.parameters["b2"][0] == 3.0


def test_setting_theta_changes_the_network_in_place():
    net = mf.mlp([2, 3, 1])
    theta = net.theta
    net.theta = np.arange(net.n_parameters, dtype=float)
    assert net.theta is theta
    assert net.parameters["W1"][1, 0] == 3.0
    with pytest.raises(ValueError, match=r"theta: expected shape \(17,\), got \(3,\)"):
        net.theta = np.ones(3)


def test_the_same_seed_gives_the_same_network():
    assert np.array_equal(mf.mlp([2, 3, 1], seed=5).theta, mf.mlp([2, 3, 1], seed=5).theta)
    assert not np.array_equal(mf.mlp([2, 3, 1], seed=5).theta, mf.mlp([2, 3, 1], seed=6).theta)


def test_beta_is_trained_where_the_unit_is_esp():
    assert mf.mlp([2, 3, 3, 1], ["esp", "relu"]).trainable_beta == (True, False, False)
    assert mf.mlp([2, 3, 3, 1], ["relu", "esp"]).trainable_beta == (False, True, True)
    assert mf.mlp([2, 3, 1], "relu", "esp").trainable_beta == (False, True)
    assert mf.mlp([2, 3, 1], "esp", trainable_beta=False).trainable_beta == (False, False)
    assert mf.mlp([2, 3, 1], "relu", trainable_beta=[True, False]).trainable_beta == (True, False)


def test_a_random_beta_is_for_trained_betas_only():
    net = mf.mlp([2, 50, 50, 1], ["esp", "tanh"], beta=("normal", 0.004))
    assert 0.001 < net.parameters["beta1"].std() < 0.008
    assert np.array_equal(net.betas[1], np.ones(50))
    assert "beta2" not in net.parameters


def test_a_fixed_beta_is_used():
    net = mf.mlp([2, 3, 1], "tanh", "linear", beta=0.5)
    h = X @ net.parameters["W1"] + net.parameters["b1"]
    expected = 0.5 * (np.tanh(0.5 * h) @ net.parameters["W2"] + net.parameters["b2"])
    assert net.predict(X) == pytest.approx(expected, rel=1e-14)


def test_copy_is_independent():
    net = mf.mlp([2, 3, 1])
    twin = net.copy()
    twin.parameters["W1"][:] = 0.0
    assert net.parameters["W1"].all()


@pytest.mark.parametrize("again", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_network_survives_deepcopy_and_pickle(again):
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    twin = again(net)
    assert np.array_equal(twin.gradient(X, Y), net.gradient(X, Y))
    twin.theta[:] = 0.0
    assert twin.loss(X, Y) == pytest.approx(np.log(2)) != net.loss(X, Y)


def test_setting_a_parameter_writes_into_theta():
    net = mf.mlp([2, 3, 1])
    net.parameters["b1"] = [1.0, 2.0, 3.0]
    assert net.theta[net.slices["b1"]].tolist() == [1.0, 2.0, 3.0]
    net.parameters["b1"] *= 2
    assert net.theta[net.slices["b1"]].tolist() == [2.0, 4.0, 6.0]
    with pytest.raises(ValueError, match=r"W1: expected .*\(2, 3\).*, got \(3,\)"):
        net.parameters["W1"] = np.ones(3)
    with pytest.raises(KeyError):
        net.parameters["W9"] = np.ones(3)


@pytest.mark.parametrize("theta", [np.ones(3), np.ones(17, int), [0.0] * 17, None])
def test_another_theta_must_fit(theta):
    with pytest.raises(ValueError, match=r"theta: expected floats of shape \(17,\)"):
        mf.mlp([2, 3, 1]).with_theta(theta)


# ---------------------------------------------------------------- what it answers


def test_forward_is_what_the_formulas_say():
    net, X, _ = problem([2, 3, 2], "esp", "softmax")
    p = net.parameters
    h = X @ p["W1"] + p["b1"]
    a = h / (1 + np.exp(-p["beta1"] * h))
    o = p["beta2"] * (a @ p["W2"] + p["b2"])
    assert net.logits(X) == pytest.approx(o, rel=1e-13)
    odds = np.exp(o)
    assert net.predict(X) == pytest.approx(odds / odds.sum(axis=1, keepdims=True), rel=1e-13)


def test_output_gates_for_regression():
    net, X, Y = problem([2, 3, 2], "tanh", "relu")
    assert (net.predict(X) >= 0).all() and (net.predict(X) == 0).any()
    assert net.loss(X, Y) == pytest.approx(((net.predict(X) - Y) ** 2).sum() / (2 * len(X)))


def test_score_is_the_accuracy():
    net = mf.mlp([1, 1], [], "sigmoid")
    net.theta[:] = [1.0, 0.0]
    assert net.score([[1.0], [-1.0], [2.0], [3.0]], [[1], [0], [1], [0]]) == 0.75
    net = mf.mlp([1, 3], [], "softmax")
    net.theta[:] = [1.0, 0.0, -1.0, 0.0, 0.0, 0.0]
    assert net.score([[1.0], [-1.0]], [0, 2]) == 1.0
    assert net.score([[1.0], [-1.0]], [0, 1]) == 0.5


def test_score_of_several_sigmoids_counts_each_for_itself():
    net = mf.mlp([1, 2], [], "sigmoid")
    net.theta[:] = [0.0, 0.0, 5.0, 5.0]  # both open, whatever comes
    x = np.ones((4, 1))
    assert net.score(x, np.ones((4, 2))) == 1.0
    assert net.score(x, [[1, 1], [1, 0], [0, 1], [1, 1]]) == 0.75


def test_score_of_a_network_that_overflows_is_nan():
    net = mf.mlp([2, 3, 1], "relu")
    net.theta[:] = 1e300
    assert np.isnan(net.score(X, Y))
    net.theta[:] = np.nan
    with pytest.raises(ValueError, match="theta: expected finite numbers, got nan"):
        net.score(X, Y)


def test_score_is_r_squared_for_values():
    net = mf.mlp([1, 1], [], "linear")
    net.theta[:] = [1.0, 0.0]
    x = np.arange(5.0)[:, None]
    assert net.score(x, x) == 1.0
    net.theta[:] = [0.0, 2.0]  # the mean
    assert net.score(x, x) == 0.0


def test_softmax_takes_labels_and_rows():
    net, X, labels = problem([2, 3, 3], "esp", "softmax")
    rows = np.eye(3)[labels]
    assert net.loss(X, labels) == net.loss(X, rows)
    assert np.array_equal(net.gradient(X, labels), net.gradient(X, rows))


# ------------------------------------------------------------------ what it refuses


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (dict(sizes=[2]), ValueError, r"sizes: expected inputs and outputs at least, got \[2\]"),
        (dict(sizes=3), TypeError, r"sizes: expected .*a list.*, got 3"),
        (dict(sizes=[2, 0, 1]), ValueError, r"sizes\[1\]: expected .*at least 1.*, got 0"),
        (dict(sizes=[2, 1.5, 1]), TypeError, r"sizes\[1\]: expected .*an integer.*, got 1.5"),
        (
            dict(hidden="gelu"),
            ValueError,
            r"hidden: expected .*one of esp, identity.*, got 'gelu'",
        ),
        (dict(hidden=None), TypeError, r"hidden: expected .*a name or a list.*, got None"),
        (dict(sizes={1, 2}), TypeError, r"sizes: expected .*a list.*, got {1, 2}"),
        (
            dict(output="softmax"),
            ValueError,
            r"sizes: expected at least 2 outputs for softmax, got \[2, 3, 1\]",
        ),
        (
            dict(hidden=["esp", "esp"]),
            ValueError,
            r"hidden: expected 1 names, one per hidden layer, got \['esp', 'esp'\]",
        ),
        (dict(hidden=["scale"]), ValueError, r"hidden: expected .*one of.*, got 'scale'"),
        (dict(output="probit"), ValueError, r"output: expected .*one of.*, got 'probit'"),
        (dict(init="zeros"), ValueError, r"init: expected .*one of conserving, he.*, got 'zeros'"),
        (dict(beta="normal"), ValueError, r"beta: expected .*a number or.*, got 'normal'"),
        (
            dict(beta=("normal", -1.0)),
            ValueError,
            r"beta\[1\]: expected .* of at least 0, got -1\.0",
        ),
        (dict(beta=float("nan")), ValueError, r"beta: expected .*a finite number.*, got nan"),
        (dict(beta=None), TypeError, r"beta: expected .*a number.*, got None"),
        (
            dict(trainable_beta="yes"),
            TypeError,
            "trainable_beta: expected True or False, got 'yes'",
        ),
        (
            dict(trainable_beta=[True]),
            ValueError,
            r"trainable_beta: expected 2 entries, one per layer, got \[True\]",
        ),
        (dict(seed=-1), ValueError, r"seed: expected .*at least 0.*, got -1"),
        (dict(seed=1.0), TypeError, r"seed: expected .*an integer.*, got 1.0"),
    ],
)
def test_mlp_names_the_argument(arguments, error, message):
    with pytest.raises(error, match=message):
        mf.mlp(**{"sizes": [2, 3, 1], **arguments})


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.ones((4, 3)), ValueError, r"X: expected .*\(any, 2\).*, got \(4, 3\)"),
        (np.ones(2), ValueError, r"X: expected .*\(any, 2\).*, got \(2,\)"),
        (np.ones((0, 2)), ValueError, "X: expected an array that is not empty"),
        ([[1.0, np.nan]], ValueError, r"X: expected .*finite numbers.*, got nan at \(0, 1\)"),
        ([[np.inf, 1.0]], ValueError, r"X: expected .*finite numbers.*, got inf at \(0, 0\)"),
        ([["a", "b"]], TypeError, r"X: expected real numbers, got 'a' at \(0, 0\)"),
        (None, TypeError, r"X: expected .*an array.*, got None"),
        ([[1.0, 2.0], [3.0]], ValueError, "X: expected an array"),
        (
            np.ma.array(np.ones((4, 2)), mask=np.eye(4, 2)),
            TypeError,
            "X: expected an array without a mask",
        ),
        (
            np.ones((4, 2), complex),
            TypeError,
            r"X: expected real numbers, got dtype\('complex128'\)",
        ),
        (np.array([[None, 1.0]]), TypeError, r"X: expected real numbers, got None at \(0, 0\)"),
    ],
)
def test_samples_are_checked(X, error, message):
    net = mf.mlp([2, 3, 1])
    for question in (net.logits, net.predict):
        with pytest.raises(error, match=message):
            question(X)


@pytest.mark.parametrize(
    ("output", "Y", "error", "message"),
    [
        ("sigmoid", np.ones(5), ValueError,
         r"Y: expected shape \(4, 1\), or \(4,\), got \(5,\)"),
        ("sigmoid", np.ones((3, 1)), ValueError, r"Y: expected .*\(4, 1\).*, got \(3, 1\)"),
        ("sigmoid", np.full((4, 1), 2.0), ValueError, r"Y: expected numbers from 0 to 1, got 2\.0"),
        ("sigmoid", np.full((4, 1), -1), ValueError, r"Y: expected numbers from 0 to 1, got -1\.0"),
        ("linear", np.full((4, 1), np.nan), ValueError, r"Y: expected .*, got nan at \(0, 0\)"),
        ("linear", np.full((4, 1), "a"), TypeError, r"minifnn\.sklearn takes text\), got 'a'"),
        ("softmax", np.array([0, 1, 2, 3]), ValueError, "Y: expected .* from 0 to 2, got 3"),
        ("softmax", np.array([0, 1, -1, 2]), ValueError, "Y: expected .* from 0 to 2, got -1"),
        ("softmax", np.array([0.5, 1, 1, 2]), ValueError, "Y: expected whole numbers as class"),
        ("softmax", np.array([0, 1, 1]), ValueError, r"Y: .*\(4,\) of class labels, got \(3,\)"),
        ("softmax", np.full((4, 3), 0.5), ValueError, r"Y: expected rows that sum to 1, got 1\.5"),
    ],
)  # fmt: skip
def test_targets_are_checked_everywhere(output, Y, error, message):
    net = mf.mlp([2, 3, 3 if output == "softmax" else 1], output=output)
    for question in (net.loss, net.gradient, net.score):
        with pytest.raises(error, match=message):
            question(X, Y)
    for question in (mf.hessian, mf.gauss_newton, mf.layer_hessians, mf.check.gradient):
        with pytest.raises(error, match=message):
            question(net, X, Y)
    with pytest.raises(error, match=message):
        mf.train(net, X, Y, epochs=2)


# ---------------------------------------------------------------------- to a file


def test_save_and_load_give_the_same_bits(tmp_path):
    net, X, _ = problem([2, 3, 4, 2], ["esp", "relu"], "softmax", [True, False, True])
    net.save(tmp_path / "net.npz")
    twin = mf.load(tmp_path / "net.npz")
    assert np.array_equal(twin.predict(X), net.predict(X))
    assert np.array_equal(twin.theta, net.theta)
    assert repr(twin) == repr(net) == "<Network 2-3-4-2, esp, relu, output softmax, P = 40>"


def test_fixed_betas_are_saved_too(tmp_path):
    net = mf.mlp([2, 3, 1], "tanh", beta=0.3)
    net.save(tmp_path / "net")
    assert np.array_equal(mf.load(tmp_path / "net").predict(X), net.predict(X))
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_save_into_no_folder_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="path: expected a file in a folder that exists"):
        mf.mlp([2, 1], []).save(tmp_path / "nowhere" / "net.npz")


def test_load_refuses_what_does_not_fit_together(tmp_path):
    net, path = mf.mlp([2, 3, 1]), tmp_path / "net.npz"
    good = {"kind": np.array("minifnn network 1"), **net.to_arrays()}
    for name, bad in [
        ("theta", np.ones(3)),
        ("theta", np.full(net.n_parameters, np.nan)),
        ("sizes", np.array([2, -3, 1])),
        ("hidden", np.array(["gelu"])),
        ("output", np.array("probit")),
        ("trainable_beta", np.array([True])),
        ("betas", np.ones(9)),
    ]:
        np.savez(path, **{**good, name: bad})
        with pytest.raises(ValueError, match=rf"{re.escape(str(path))}: .*expected .*, got"):
            mf.load(path)
    np.savez(path, **good)
    assert mf.load(path).n_parameters == net.n_parameters
    with pytest.raises(FileNotFoundError, match="path: expected a file that exists"):
        mf.load(tmp_path / "nothing.npz")


def test_a_complex_theta_is_for_complex_steps_only():
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    moved = net.with_theta(net.theta + 1e-30j)
    assert relative_error(moved.gradient(X, Y).real, net.gradient(X, Y)) <= 1e-15
    for question in (moved.loss, moved.score, partial(mf.hessian, moved), partial(mf.train, moved)):
        with pytest.raises(TypeError, match="theta: expected real numbers"):
            question(X, Y)
