"""What holds of every figure: where it is drawn, what its axes say, colours, nothing cut off."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import colors
from matplotlib.figure import Figure
from matplotlib.text import Text

from minifnn import plots
from minifnn.plots import style

FIGURES = {  # name: (call, what the axes must say)
    "cost": (lambda m, ax: plots.cost_against_epoch(m.histories, ax), "epoch", "cost"),
    "learning": (lambda m, ax: plots.learning_curve(m.histories, ax), "epoch", "loss"),
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


def colour_of(drawn):
    """The colour of a line, or of the outline of an area."""
    return drawn.get_color() if hasattr(drawn, "get_color") else drawn.get_edgecolor()


def test_an_activation_has_one_colour_and_one_line_everywhere(made):
    for draw, _, _ in FIGURES.values():
        handles = dict(zip(*draw(made, None).get_legend_handles_labels()[::-1]))
        for name in made.nets:
            (handle,) = (h for text, h in handles.items() if text.startswith(plots.NAMES[name]))
            assert colors.same_color(colour_of(handle), plots.COLOURS[name])
            if hasattr(handle, "get_color"):
                assert handle.get_marker() == plots.MARKERS[name]
            else:
                assert handle.get_linestyle() == plots.LINES[name]


def test_colours_lines_and_markers_differ():
    for looks in (plots.COLOURS, plots.LINES, plots.MARKERS):
        assert looks.keys() == plots.NAMES.keys()
        assert len(set(looks.values())) == len(looks)


ONE_OR_MANY = pytest.mark.parametrize(
    ("draw", "argument", "good"),
    [
        (plots.cost_against_epoch, "histories", "histories"),
        (plots.accuracy_against_cost, "histories", "histories"),
        (plots.alpha_against_cost, "histories", "histories"),
        (plots.gamma_curve, "spectra", "spectra"),
        (plots.eigenvalue_histogram, "spectra", "spectra"),
        (plots.weight_histogram, "networks", "nets"),
    ],
)


@ONE_OR_MANY
def test_what_is_neither_one_nor_a_dict_of_them_is_refused(made, draw, argument, good):
    value = getattr(made, good)["esp"]
    with pytest.raises(ValueError, match=f"{argument}: expected at least one label"):
        draw({})
    for wrong in ([value], None, 3.0, np.ones(3)):
        kind = f"{argument}: expected a {type(value).__name__}, or a dict of them by label, got"
        with pytest.raises(TypeError, match=kind):
            draw(wrong)
    with pytest.raises(
        TypeError, match=rf"{argument}\['Adam'\]: expected a {type(value).__name__}"
    ):
        draw({"Adam": np.ones(3)})
    assert plt.get_fignums() == []  # nothing half drawn is left


def drawn(ax):
    """The coordinates of all lines and histograms."""
    steps = [patch.get_path() for patch in ax.patches if hasattr(patch, "get_data")]
    return [line.get_xydata() for line in ax.get_lines()] + [path.vertices for path in steps]


@ONE_OR_MANY
def test_one_object_by_itself_is_drawn_as_in_a_dict_and_needs_no_label(made, draw, argument, good):
    value = getattr(made, good)["relu"]
    bare, named = draw(value), draw({"relu": value})
    assert all(map(np.array_equal, drawn(bare), drawn(named)))
    labels = bare.get_legend_handles_labels()[1]
    assert not [label for label in labels if label not in ("rounding", "100 % inside")]


@ONE_OR_MANY
def test_any_label_will_do_and_no_two_look_alike(made, draw, argument, good):
    labels = ["Adam", 0, 2.5, "_private", "esp", ("a", 1), None, "SGD, rate 0.1, of a long name"]
    many = {label: value for label in labels for value in getattr(made, good).values()}
    ax = draw(many)
    handles, found = ax.get_legend_handles_labels()
    shown = [label.removesuffix(", 100 % inside") for label in found if label != "rounding"]
    assert shown == ["Adam", "0", "2.5", " _private", "ESP", "('a', 1)", "None", labels[-1]]
    for handle, label in zip(handles, shown):
        colour = colour_of(handle)
        assert colors.same_color(colour, plots.COLOURS["esp"]) == (label == "ESP")
    ax.figure.draw_without_rendering()
    text, page = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert page.x0 <= text.x0 and text.x1 <= page.x1 and page.y0 <= text.y0 and text.y1 <= page.y1


def test_thirty_labels_differ_in_colour_or_line():
    looks = [look for look, _ in style.named("x", float, dict.fromkeys(range(30), 1.0))]
    assert len({(look.colour, look.line) for look in looks}) == 30
    assert len({look.colour for look in looks[:6]}) == 6


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


@pytest.mark.parametrize("theme", ["default", "dark_background", "grayscale", "Solarize_Light2"])
@pytest.mark.parametrize("draw", [draw for draw, _, _ in ALL.values()], ids=ALL)
def test_every_curve_is_seen_on_a_light_and_on_a_dark_background(made, draw, theme):
    with plt.style.context(theme):
        ax = draw(made, None)
        handles, _ = ax.get_legend_handles_labels()
        for handle in handles:
            if hasattr(handle, "get_color"):
                for page in pages(ax):
                    assert contrast(handle.get_color(), page) >= 2.4, handle


def pages(ax):
    """The backgrounds on which these axes may be seen: their own, or any if they have none."""
    return [ax.get_facecolor()] if ax.get_facecolor()[3] else ["white", "black"]


@pytest.mark.parametrize("draw", [draw for draw, _, _ in ALL.values()], ids=ALL)
def test_a_new_figure_is_transparent_and_its_text_is_read_on_white_and_on_black(made, draw):
    figure = draw(made, None).figure
    figure.draw_without_rendering()
    assert figure.get_facecolor()[3] == 0
    for ax in figure.axes:
        for text in ax.findobj(Text):
            if text.get_text():
                assert min(contrast(text.get_color(), page) for page in ("white", "black")) >= 4.5
        for line in [*ax.spines.values(), *ax.xaxis.get_ticklines(), *ax.yaxis.get_ticklines()]:
            if line.get_visible():
                colour = colour_of(line)
                assert min(contrast(colour, page) for page in ("white", "black")) >= 4.5


def test_a_style_that_was_chosen_is_kept(made):
    with plt.style.context("dark_background"):
        ax = plots.cost_against_epoch(made.histories)
    assert colors.same_color(ax.figure.get_facecolor(), "black")
    assert colors.same_color(ax.get_legend().get_texts()[0].get_color(), "white")


def test_every_label_is_seen_on_black_and_on_white():
    for colour in (*plots.COLOURS.values(), *style.OTHERS):
        assert min(contrast(colour, "black"), contrast(colour, "white")) >= 2.9, colour
