"""Figures of training: the curves are what the histories recorded."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

import minifnn as mf
from minifnn import plots

DRAWN = {  # x and y of the first curve of each activation
    plots.cost_against_epoch: ("epoch", "loss"),
    plots.learning_curve: ("epoch", "loss"),
    plots.accuracy_against_cost: ("loss", "train_score"),
    plots.alpha_against_cost: ("loss", "alpha"),
    plots.gamma_against_cost: ("loss", "gamma"),
    plots.zero_residuals_against_epoch: ("epoch", "zero_residuals"),
    plots.sharpness_against_epoch: ("epoch", "eigenvalues"),
}
every_figure = pytest.mark.parametrize("draw", DRAWN, ids=lambda draw: draw.__name__)


@every_figure
def test_the_curves_are_the_records(made, draw):
    lines = {line.get_label(): line for line in draw(made.histories).get_lines()}
    for name, history in made.histories.items():
        x, y = (history[column] for column in DRAWN[draw])
        if draw is plots.sharpness_against_epoch:
            y = y.max(axis=1)
        assert np.array_equal(lines[plots.NAMES[name]].get_data(), (x, y))


def test_the_test_accuracy_is_there_too_in_the_same_colour(made):
    train, test = plots.accuracy_against_cost({"relu": made.histories["relu"]}).get_lines()
    assert np.array_equal(test.get_ydata(), made.histories["relu"]["test_score"])
    assert test.get_color() == train.get_color()
    assert (train.get_linestyle(), test.get_linestyle()) == ("-", "--")


def test_a_history_draws_its_losses_of_training_and_of_test_data(made):
    history = made.histories["esp"]
    ax = changed(history, test_loss=2 * history["loss"]).plot()
    train, test = ax.get_lines()
    assert np.array_equal(train.get_data(), (history["epoch"], history["loss"]))
    assert np.array_equal(test.get_data(), (history["epoch"], 2 * history["loss"]))
    assert (train.get_linestyle(), test.get_linestyle()) == ("-", "--")
    assert (ax.get_yscale(), "dashed: test" in ax.get_ylabel(), ax.get_legend()) == (
        "log",
        True,
        None,
    )
    given = Figure().subplots()
    untested = changed(history, test_loss=np.nan * history["loss"])
    assert untested.plot(given) is given and len(given.get_lines()) == 1
    assert given.get_ylabel() == "loss"


def test_a_loss_below_zero_makes_the_axis_linear(made):
    history = made.histories["esp"]
    below = changed(history, loss=history["loss"] - 0.5)
    ax = plots.learning_curve({"own": below})
    assert ax.get_yscale() == "linear"
    assert np.array_equal(ax.get_lines()[0].get_ydata(), below["loss"])
    of_test = changed(history, test_loss=history["loss"] - 0.5)
    assert plots.learning_curve({"own": of_test}).get_yscale() == "linear"


@every_figure
def test_against_the_cost_training_runs_to_the_right(made, draw):
    ax = draw(made.histories)
    draw(made.histories, ax)  # twice on the same axes
    left, right = ax.get_xlim()
    if DRAWN[draw][0] == "loss":
        assert ax.get_xscale() == "log" and left > right
    else:
        assert ax.get_xscale() == "linear" and left < right


def test_the_band_of_alpha_reaches_from_the_certain_to_the_possible():
    bounds = np.array([[0.1, 0.5], [0.2, 0.2], [0.0, 0.7]])
    three = {"epoch": [0, 1, 2], "loss": [3.0, 2.0, 1.0], "alpha": bounds[:, 0]}
    ax = plots.alpha_against_cost({"relu": mf.History(three | {"alpha_bounds": bounds})})
    band = ax.collections[0].get_paths()[0].vertices
    for cost, row in zip(three["loss"], bounds):
        heights = band[band[:, 0] == cost, 1]
        assert (heights.min(), heights.max()) == tuple(row)


def test_bands_are_medians_between_quartiles():
    x = np.arange(5.0)
    ax = plots.bands({"esp": (x, x - 1, x, x + 2), "relu": (x, x, x + 1, x + 3)})
    esp, relu = ax.get_lines()
    assert np.array_equal(esp.get_ydata(), x) and np.array_equal(relu.get_ydata(), x + 1)
    low, high = (f(ax.collections[0].get_paths()[0].vertices[:, 1]) for f in (np.min, np.max))
    assert (low, high) == (-1, 6)
    for wrong in ({}, {"esp": (x, x, x)}, {"esp": (x, x, x, x[1:])}):
        with pytest.raises(ValueError, match="curves"):
            plots.bands(wrong)


def changed(history, drop=None, **columns):
    arrays = dict(history) | columns
    return mf.History({name: rows for name, rows in arrays.items() if name != drop})


@every_figure
def test_odd_histories_are_drawn_without_a_warning(made, draw):
    esp = made.histories["esp"]
    zeros = np.zeros(len(esp))
    odd = {
        "a cost of 0": changed(esp, loss=np.r_[esp["loss"][:-1], 0.0]),
        "only costs of 0": changed(esp, loss=zeros),
        "negative costs": changed(esp, loss=-esp["loss"]),
        "one record": mf.History({name: rows[:1] for name, rows in dict(esp).items()}),
        "no test score": changed(esp, test_score=zeros * np.nan),
        "no curvature": changed(esp, eigenvalues=0 * esp["eigenvalues"]),
    }
    for what, history in odd.items():
        ax = draw({"esp": history}, ax=Figure().subplots())
        ax.figure.draw_without_rendering()
        assert all(np.isfinite([*ax.get_xlim(), *ax.get_ylim()])), what


@every_figure
def test_a_missing_column_is_named(made, draw):
    column = DRAWN[draw][1]
    with pytest.raises(ValueError, match=rf"histories\['esp'\].*{column}"):
        draw({"esp": changed(made.histories["esp"], drop=column)})
    assert plt.get_fignums() == []  # nothing half drawn is left
