"""Arguments: what is returned, and the one error that names the rest."""

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minifnn._util import validation as v

NAMES = ("sigmoid", "tanh", "relu", "esp", "identity")
CHOICES = {"esp": "esp", "relu": "relu", "swish": "esp"}


class Own:
    """An activation of one's own."""


MESSAGE = re.compile(r"\S+: (expected .+, got .+|expected an array, but NumPy says: .+)", re.DOTALL)
PATH = "expected a path without null characters, of at most 3000 bytes, 255 per name"


def refused(call):
    """The error of a call, once its message has the form "NAME: expected WHAT, got WHAT"."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert MESSAGE.fullmatch(str(caught.value)), caught.value
    return caught.value


def training(**spoiled):
    """What is returned for a training of 60 samples."""
    settings = {"epochs": 40, "record": [], "batch_size": None, "curvature": False, "seed": 0}
    return v.check_training(**settings | spoiled, N=60)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, "rate: expected a finite number above 0, got -1",
         lambda: v.check_number("rate", -1, above=0)),
        (ValueError, "std: expected a finite number of at least 0, got -0.5",
         lambda: v.check_number("std", -0.5, at_least=0)),
        (ValueError, "b: expected a finite number of at least 0 and below 1, got 1",
         lambda: v.check_number("b", 1, at_least=0, below=1)),
        (ValueError, "x: expected a finite number, got inf",
         lambda: v.check_number("x", float("inf"))),
        (ValueError, "x: expected a finite number, got inf", lambda: v.check_number("x", 10**400)),
        (ValueError, "x: expected a finite number above 0, got nan",
         lambda: v.check_number("x", float("nan"), above=0)),
        (TypeError, "x: expected a number, got '1'", lambda: v.check_number("x", "1")),
        (TypeError, "x: expected a number, got True", lambda: v.check_number("x", True)),
        (ValueError, "n: expected an integer of at least 1, got 0", lambda: v.check_count("n", 0)),
        (TypeError, "n: expected an integer, got 2.0", lambda: v.check_count("n", 2.0)),
        (ValueError, "hidden: expected one of esp, relu, tanh, got 'rleu'; did you mean 'relu'?",
         lambda: v.check_choice("hidden", "rleu", ("tanh", "relu", "esp"))),
        (ValueError, "hidden: expected one of esp, tanh, got 'Tanh '; did you mean 'tanh'?",
         lambda: v.check_choice("hidden", "Tanh ", ["esp", "tanh"])),
        (ValueError, "engine: expected one of numba, numpy, got []",
         lambda: v.check_choice("engine", [], ("numba", "numpy"))),
        (ValueError, "engine: expected one of numba, numpy, got 'torch'",
         lambda: v.check_choice("engine", "torch", ("numba", "numpy"))),
        (TypeError, "path: expected a path, got 3", lambda: v.check_path("path", 3)),
        (ValueError, f"path: {PATH}, got '\\ud800'",
         lambda: v.check_path("path", "\ud800")),
        (ValueError, f"path: {PATH}, got 'a\\x00b'",
         lambda: v.check_path("path", "a\0b")),
        (TypeError, "X: expected an array, got None", lambda: v.check_array("X", None, (2,))),
        (TypeError, "X: expected real numbers, got 'a' at (0,)",
         lambda: v.check_array("X", ["a"], (1,))),
        (ValueError, "X: expected shape (any, 3), got (3, 2)",
         lambda: v.check_array("X", np.ones((3, 2)), (None, 3))),
        (ValueError, "X: expected shape (1, 1), got (1,)",
         lambda: v.check_array("X", [1.0], (1, 1))),
        (ValueError, "X: expected an array that is not empty, got array([], dtype=float64)",
         lambda: v.check_array("X", [], (None,))),
        (ValueError, "X: expected finite numbers, got nan at (0, 1)",
         lambda: v.check_array("X", [[1, float("nan")]], (1, 2))),
        (TypeError, "X: expected an array without a mask, got masked_array(data=[1, --],\n"
         "             mask=[False,  True],\n       fill_value=999999)",
         lambda: v.check_array("X", np.ma.array([1, 2], mask=[0, 1]), (2,))),
        (ValueError, "beta: expected a shape that broadcasts against (2,), that of h, got (3,)",
         lambda: v.check_fields([1.0, 2.0], [1.0, 2.0, 3.0])),
        (TypeError, "h: expected real numbers, got dtype('bool')",
         lambda: v.check_fields(True, 1.0)),
        (ValueError, "n: expected a value for at most 2147483648 numbers, not 4294967296, got 9",
         lambda: v.check_fits("n", 9, 1 << 32)),
        (TypeError, "run: expected a function, got 3", lambda: v.check_callable("run", 3)),
        (TypeError, "curvature: expected True or False, got 1",
         lambda: v.check_flag("curvature", 1)),
        (TypeError, "tasks: expected a list, got 'abc'", lambda: v.check_list("tasks", "abc")),
        (TypeError, "tasks: expected a list, got array(3)",
         lambda: v.check_list("tasks", np.array(3))),
        (TypeError, "tasks[1]: expected a str, got 3",
         lambda: v.check_list("tasks", ["a", 3], str)),
        (TypeError, "sizes: expected a list such as [2, 10, 1], got 3", lambda: v.check_sizes(3)),
        (TypeError, "sizes: expected a list such as [2, 10, 1], got {2, 3}",
         lambda: v.check_sizes({2, 3})),
        (ValueError, "sizes: expected inputs and outputs at least, got [2]",
         lambda: v.check_sizes([2])),
        (ValueError, "sizes[1]: expected an integer of at least 1, got 0",
         lambda: v.check_sizes([2, 0])),
        (TypeError, "hidden: expected a name or a list of names, got None",
         lambda: v.check_hidden(None, 1, CHOICES, Own)),
        (ValueError, "hidden: expected 2 names, one per hidden layer, got ['esp']",
         lambda: v.check_hidden(["esp"], 2, CHOICES, Own)),
        (TypeError, "trainable_beta: expected True or False, got 'yes'",
         lambda: v.check_trainable("yes", ["esp"], "linear")),
        (ValueError, "trainable_beta: expected 2 entries, one per layer, got [True]",
         lambda: v.check_trainable([True], ["esp"], "linear")),
        (ValueError, "beta: expected a number or ('normal', std), got 'normal'",
         lambda: v.check_start_of_beta("normal")),
        (ValueError, "beta[1]: expected a finite number of at least 0, got -1.0",
         lambda: v.check_start_of_beta(("normal", -1.0))),
        (TypeError, "beta: expected a number, got None", lambda: v.check_start_of_beta(None)),
        (ValueError, "Y: expected shape (4, 1), or (4,), got (5,)",
         lambda: v.check_targets("Y", np.ones(5), 4, 1, "sigmoid")),
        (ValueError, "Y: expected shape (4, 2), got (4,)",
         lambda: v.check_targets("Y", np.ones(4), 4, 2, "sigmoid")),
        (ValueError, "Y: expected shape (4, 2), got (4, 3)",
         lambda: v.check_targets("Y", np.ones((4, 3)), 4, 2, "linear")),
        (ValueError, "Y: expected shape (4, 2), got (4, 1)",
         lambda: v.check_targets("Y", np.ones((4, 1)), 4, 2, "linear", own=True)),
        (TypeError, "Y: expected real numbers (minifnn.sklearn takes text), got 'yes' at (0,)",
         lambda: v.check_targets("Y", ["yes", "no"], 2, 1, "sigmoid")),
        (ValueError, "Y: expected numbers from 0 to 1, got 2.0",
         lambda: v.check_targets("Y", np.full((4, 1), 2), 4, 1, "sigmoid")),
        (ValueError, "Y: expected rows that sum to 1, got 1.5",
         lambda: v.check_targets("Y", np.full((4, 3), 0.5), 4, 3, "softmax")),
        (ValueError, "Y: expected shape (4, 3), or (4,) of class labels, got (3,)",
         lambda: v.check_targets("Y", [0, 1, 1], 4, 3, "softmax")),
        (ValueError, "Y: expected class labels from 0 to 2, got -1.0",
         lambda: v.check_targets("Y", [0, 1, -1, 2], 4, 3, "softmax")),
        (ValueError, "Y: expected class labels from 0 to 2, got 3.0",
         lambda: v.check_targets("Y", [0, 1, 3, 2], 4, 3, "softmax")),
        (ValueError, "Y: expected whole numbers as class labels, got [0.5]",
         lambda: v.check_targets("Y", [0.0, 0.5], 2, 3, "softmax")),
        (ValueError, "record: expected epochs below 40, got 40",
         lambda: training(record=[40])),
        (ValueError, "record: expected an integer of at least 0, got -1",
         lambda: training(record=[-1])),
        (TypeError, "record: expected an integer, got 0.5", lambda: training(record=[0.5])),
        (TypeError, "record: expected a list of epochs, got 3", lambda: training(record=3)),
        (ValueError, "batch_size: expected at most 60, the number of samples, got 61",
         lambda: training(batch_size=61)),
        (ValueError, "decay: expected (factor, period), got (1, 2, 3)",
         lambda: v.check_pair("decay", (1, 2, 3), "(factor, period)")),
        (ValueError, "decay[1]: expected a finite number above 0, got 0",
         lambda: v.check_pair("decay", (0.9, 0), "", above=0)),
    ],
)  # fmt: skip
def test_errors_name_the_argument_what_was_expected_and_what_came(error, message, call):
    caught = refused(call)
    assert isinstance(caught, error)
    assert str(caught) == message


def test_a_large_array_is_looked_at_without_another():
    array = np.zeros((1000, 1000))
    v.check_array("X", array)
    tracemalloc.start()
    assert v.check_array("X", array, (None, 1000)) is array
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000  # a million flags take ten times that
    for value in (np.nan, np.inf, -np.inf):
        array[7, 8] = value
        with pytest.raises(
            ValueError, match=rf"X: expected finite numbers, got {value} at \(7, 8\)"
        ):
            v.check_array("X", array)


def test_what_is_right_is_returned_in_one_form():
    assert type(v.check_number("x", np.float32(0.5), at_least=0.5)) is float
    assert type(v.check_count("n", np.int8(3))) is int
    assert v.check_choice("hidden", "esp", NAMES) == "esp"
    assert v.check_path("path", "a/b") == Path("a/b")
    X = v.check_array("X", np.ones((2, 3), "i4").T, (None, 2))
    assert X.dtype == np.float64 and X.flags.c_contiguous
    assert v.check_array("r", [np.inf, 1], finite=False).tolist() == [np.inf, 1.0]
    assert v.check_array("x", True).shape == ()
    h, beta = v.check_fields([[1, 2]], 0.5)
    assert h.shape == (1, 2) and beta.shape == () and h.dtype == beta.dtype == np.float64
    assert v.check_list("seeds", range(3), int) == [0, 1, 2]
    assert v.check_flag("x", np.bool_(True)) is True
    assert v.check_pair("decay", [0.9, 500], "", above=0) == [0.9, 500.0]
    assert v.check_sizes(np.array([2, 3, 1])) == [2, 3, 1]
    assert v.check_hidden("esp", 2, CHOICES, Own) == ["esp", "esp"]
    assert v.check_hidden("swish", 1, CHOICES, Own) == ["esp"]
    assert v.check_hidden((), 0, CHOICES, Own) == []
    own = Own()
    assert v.check_hidden(own, 2, CHOICES, Own) == [own, own]
    assert v.check_hidden(["relu", own], 2, CHOICES, Own) == ["relu", own]
    assert v.check_start_of_beta(2) == ("constant", 2.0)
    assert v.check_start_of_beta(("normal", 0.1)) == ("normal", 0.1)
    assert training(record=[3, 1, 3]) == ({1, 3}, 60)
    assert training(batch_size=7) == (set(), 7)
    assert training(batch_size=60) == (set(), 60)
    for labels in ([2, 0], [2.0, 0.0], [[2], [0]], [[2.0], [0.0]]):
        one_hot = v.check_targets("Y", labels, 2, 3, "softmax")
        assert one_hot.tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    for truth in ([True, False], np.array([True, False]), [[True], [False]], [1, 0], [1.0, 0.0]):
        assert v.check_targets("Y", truth, 2, 1, "sigmoid").tolist() == [[1.0], [0.0]]
        assert v.check_targets("Y", truth, 2, 2, "softmax").tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert v.check_targets("Y", [5, -3], 2, 1, "linear").tolist() == [[5.0], [-3.0]]
    assert v.check_targets("Y", [[5, 2], [-3, 2]], 2, 1, "linear", own=True).shape == (2, 2)
    assert v.check_targets("Y", [[5], [-3]], 2, 1, "linear").tolist() == [[5.0], [-3.0]]


@pytest.mark.parametrize(
    ("hidden", "output", "trained"),
    [
        ([], "sigmoid", [False]),
        ([], "esp", [True]),
        (["esp"], "sigmoid", [True, True]),
        (["relu"], "linear", [False, False]),
        (["relu"], "esp", [False, True]),
        (["relu", "esp"], "softmax", [False, True, True]),
        (["esp", "relu"], "tanh", [True, False, False]),
    ],
)
def test_by_default_the_betas_of_esp_are_trained(hidden, output, trained):
    assert v.check_trainable(None, hidden, output) == trained
    assert v.check_trainable(True, hidden, output) == [True] * len(trained)
    assert v.check_trainable(trained, hidden, output) == trained


@given(st.lists(st.sampled_from(NAMES), max_size=4), st.text(max_size=6))
def test_a_suggestion_is_one_of_the_choices(choices, name):
    if name in choices:
        assert v.check_choice("x", name, choices) == name
        return
    suggested = re.search(
        r"did you mean '(\w+)'\?$", str(refused(lambda: v.check_choice("x", name, choices)))
    )
    assert suggested is None or suggested[1] in choices
