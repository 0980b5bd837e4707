"""What holds of every figure: where it is drawn, what its axes say, colours, nothing cut off."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import colors
from matplotlib.figure import Figure

from minifnn import plots

FIGURES = {  # name: (call, what the axes must say)
    "cost": (lambda m, ax: plots.cost_against_epoch(m.histories, ax), "epoch", "cost"),
    "accuracy": (lambda m, ax: plots.accuracy_against_cost(m.histories, ax), "cost", "accuracy"),
    "alpha": (lambda m, ax: plots.alpha_against_cost(m.histories, ax), "cost", "\\alpha"),
    "gamma": (lambda m, ax: plots.gamma_against_cost(m.histories, ax), "cost", "\\tau"),
    "residuals": (
        lambda m, ax: plots.zero_residuals_against_epoch(m.histories, ax),
        "epoch",
        "10^{-5}",
    ),
    "sharpness": (
        lambda m, ax: plots.sharpness_against_epoch(m.histories, ax),
        "epoch",
        "largest eigenvalue",
    ),
    "curve": (lambda m, ax: plots.gamma_curve(m.spectra, ax), "$r$", "\\lambda"),
    "eigenvalues": (lambda m, ax: plots.eigenvalue_histogram(m.spectra, ax), "λ", "number"),
    "weights": (lambda m, ax: plots.weight_histogram(m.nets, ax), "$W$", "number"),
    "activations": (lambda m, ax: plots.activations(ax), "$h$", "f(h, \\beta)"),
}
OF_ONE_NETWORK = {
    "eigenvectors": (
        lambda m, ax: plots.eigenvectors(m.vectors, m.nets["esp"], ax),
        "parameter",
        "eigenvector",
    ),
    "boundary": (
        lambda m, ax: plots.decision_boundary(m.nets["esp"], m.X, m.Y, ax),
        "$x_1$",
        "$x_2$",
    ),
    "parts": (
        lambda m, ax: plots.curvature_parts(m.nets["esp"], m.X, m.Y, ax),
        "ascending",
        "\\lambda",
    ),
    "valley": (
        lambda m, ax: plots.cost_along_eigenvectors(m.nets["tanh"], m.X, m.Y, ax),
        "distance",
        "cost",
    ),
}
ALL = FIGURES | OF_ONE_NETWORK


@pytest.mark.parametrize(("draw", "x", "y"), ALL.values(), ids=ALL)
def test_it_draws_on_the_axes_given_or_on_its_own_and_labels_them(made, draw, x, y):
    given = Figure().subplots()  # no pyplot
    assert draw(made, given) is given
    assert given.has_data()
    assert x in given.get_xlabel() and y in given.get_ylabel()
    assert plt.get_fignums() == []
    settings = dict(plt.rcParams)
    own = draw(made, None)
    assert dict(plt.rcParams) == settings
    assert own.has_data() and plt.get_fignums() == [own.figure.number]


@pytest.mark.parametrize("draw", [draw for draw, _, _ in ALL.values()], ids=ALL)
def test_nothing_is_cut_off_and_no_legend_covers_data(made, draw):
    ax = draw(made, None)
    ax.figure.draw_without_rendering()
    box, page = ax.figure.get_tightbbox(), ax.figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page[0] and box.y1 <= page[1]
    if ax.get_legend() is not None:
        curves = [np.column_stack(line.get_data()) for line in ax.get_lines()]
        steps = [patch.get_path().vertices for patch in ax.patches if hasattr(patch, "get_data")]
        top = max(np.nanmax(ax.transData.transform(c)[:, 1]) for c in [*curves, *steps])
        assert top < ax.get_legend().get_window_extent().y0


def test_pyplot_is_not_imported_and_no_setting_changed():
    code = (
        "import sys, matplotlib as m; before = m.rcParams.copy(); import minifnn.plots as p;"
        "from matplotlib.figure import Figure; p.activations(ax=Figure().subplots());"
        "assert 'matplotlib.pyplot' not in sys.modules; "
        "assert all(m.rcParams[k] == v for k, v in before.items() if k != 'backend')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_activation_has_one_colour_and_one_line_everywhere(made):
    for draw, _, _ in FIGURES.values():
        handles = dict(zip(*draw(made, None).get_legend_handles_labels()[::-1]))
        for name in made.nets:
            (handle,) = (h for text, h in handles.items() if text.startswith(plots.NAMES[name]))
            is_line = hasattr(handle, "get_color")
            colour = handle.get_color() if is_line else handle.get_edgecolor()
            assert colors.same_color(colour, plots.COLOURS[name])
            if is_line:
                assert handle.get_marker() == plots.MARKERS[name]
            else:
                assert handle.get_linestyle() == plots.LINES[name]


def test_colours_lines_and_markers_differ():
    for looks in (plots.COLOURS, plots.LINES, plots.MARKERS):
        assert looks.keys() == plots.NAMES.keys()
        assert len(set(looks.values())) == len(looks)


@pytest.mark.parametrize(
    ("draw", "argument", "good"),
    [
        (plots.cost_against_epoch, "histories", "histories"),
        (plots.eigenvalue_film, "histories", "histories"),
        (plots.gamma_curve, "spectra", "spectra"),
        (plots.eigenvalue_histogram, "spectra", "spectra"),
        (plots.weight_histogram, "networks", "nets"),
    ],
)
def test_what_is_no_dict_by_activation_is_refused(made, draw, argument, good):
    value = getattr(made, good)["esp"]
    for kind, wrong in ((ValueError, {"softplus": value}), (ValueError, {}), (TypeError, value)):
        with pytest.raises(kind, match=argument):
            draw(wrong)
    with pytest.raises(TypeError, match=rf"{argument}\['esp'\]"):
        draw({"esp": np.ones(3)})
    assert plt.get_fignums() == []  # nothing half drawn is left


def contrast(a, b):
    """The ratio of the luminances of two colours, as for the readability of pages (WCAG 2)."""

    def luminance(colour):
        c = np.array(colors.to_rgb(colour))
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ (
            0.2126,
            0.7152,
            0.0722,
        )

    dark, bright = sorted([luminance(a), luminance(b)])
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("style", ["default", "dark_background", "grayscale", "Solarize_Light2"])
@pytest.mark.parametrize("draw", [draw for draw, _, _ in ALL.values()], ids=ALL)
def test_every_curve_is_seen_on_a_light_and_on_a_dark_background(made, draw, style):
    with plt.style.context(style):
        ax = draw(made, None)
        handles, _ = ax.get_legend_handles_labels()
        for handle in handles:
            if hasattr(handle, "get_color"):
                assert contrast(handle.get_color(), ax.get_facecolor()) >= 2.4, handle


def test_every_activation_is_seen_on_black_and_on_white():
    for name, colour in plots.COLOURS.items():
        assert min(contrast(colour, "black"), contrast(colour, "white")) >= 2.9, name
