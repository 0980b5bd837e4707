"""Figures: that they show what they are given, in fixed colours, and say what it is."""

import subprocess
import sys
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import colors
from matplotlib.animation import AbstractMovieWriter
from matplotlib.figure import Figure

import minifnn as mf
from minifnn import plots

NAMES = ("esp", "relu", "sigmoid", "tanh")


@cache
def data(N=60):
    rng = np.random.default_rng(3)
    X = rng.uniform(0, 1, size=(N, 2))
    return X, (X[:, 1:] > 0.5 + 0.2 * np.sin(7 * X[:, :1])).astype(float)


@cache
def trained():
    """(networks, histories, spectra) by activation."""
    X, Y = data()
    nets, histories, spectra = {}, {}, {}
    for name in NAMES:
        beta = ("normal", 0.004) if name == "esp" else 1.0
        nets[name] = net = mf.mlp([2, 4, 1], hidden=name, beta=beta, seed=1)
        test = {"X_test": X[:20], "Y_test": Y[:20]}
        histories[name] = mf.train(net, X, Y, epochs=120, curvature=True, **test)
        spectra[name] = mf.spectrum(mf.hessian(net, X, Y))
    return nets, histories, spectra


def nets():
    return trained()[0]


def histories():
    return trained()[1]


def spectra():
    return trained()[2]


def vectors():
    return np.linalg.eigh(mf.hessian(nets()["esp"], *data()))[1]


def changed(name="esp", drop=(), **columns):
    """The history of one activation, with other columns."""
    arrays = histories()[name].to_arrays() | columns
    return mf.History({key: rows for key, rows in arrays.items() if key not in drop})


FIGURES = {  # name: (call, what the axes must say)
    "cost": (lambda **ax: plots.cost_against_epoch(histories(), **ax), "epoch", "cost"),
    "accuracy": (lambda **ax: plots.accuracy_against_cost(histories(), **ax), "cost", "accuracy"),
    "alpha": (lambda **ax: plots.alpha_against_cost(histories(), **ax), "cost", "\\alpha"),
    "gamma": (lambda **ax: plots.gamma_against_cost(histories(), **ax), "cost", "\\tau"),
    "flat": (
        lambda **ax: plots.gamma_against_cost(histories(), r=1e-3, **ax),
        "cost",
        "0.001\\,|H|",
    ),
    "curve": (lambda **ax: plots.gamma_curve(spectra(), **ax), "$r$", "\\lambda"),
    "residuals": (
        lambda **ax: plots.zero_residuals_against_epoch(histories(), **ax),
        "epoch",
        "10^{-5}",
    ),
    "eigenvalues": (lambda **ax: plots.eigenvalue_histogram(spectra(), **ax), "λ", "number"),
    "weights": (lambda **ax: plots.weight_histogram(nets(), **ax), "$W$", "number"),
    "eigenvectors": (
        lambda **ax: plots.eigenvectors(vectors(), nets()["esp"], **ax),
        "parameter",
        "eigenvector",
    ),
    "boundary": (
        lambda **ax: plots.decision_boundary(nets()["esp"], *data(), **ax),
        "$x_1$",
        "$x_2$",
    ),
    "activations": (lambda **ax: plots.activations(**ax), "$h$", "f(h, \\beta)"),
    "sharpness": (
        lambda **ax: plots.sharpness_against_epoch(histories(), **ax),
        "epoch",
        "largest eigenvalue",
    ),
    "parts": (
        lambda **ax: plots.curvature_parts(nets()["esp"], *data(), **ax),
        "ascending",
        "\\lambda",
    ),
    "valley": (
        lambda **ax: plots.cost_along_eigenvectors(nets()["tanh"], *data(), **ax),
        "distance",
        "cost",
    ),
}
every_figure = pytest.mark.parametrize(("draw", "x", "y"), FIGURES.values(), ids=FIGURES)


@every_figure
def test_it_draws_on_the_axes_given_or_on_its_own_and_labels_them(draw, x, y):
    figure = Figure()  # no pyplot
    given = figure.subplots()
    assert draw(ax=given) is given
    assert given.has_data()
    assert x in given.get_xlabel() and y in given.get_ylabel()
    assert plt.get_fignums() == []
    settings = dict(plt.rcParams)
    own = draw()
    assert dict(plt.rcParams) == settings
    assert own.has_data() and plt.get_fignums() == [own.figure.number]


@every_figure
def test_nothing_is_cut_off_and_no_legend_covers_data(draw, x, y):
    ax = draw()
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


# -------------------------------------------------------------- what is shown


def curves(ax):
    """(x, y) of the curves by label."""
    return {line.get_label(): line.get_data() for line in ax.get_lines()}


@pytest.mark.parametrize(
    ("draw", "x", "y"),
    [
        (plots.cost_against_epoch, "epoch", "loss"),
        (plots.accuracy_against_cost, "loss", "train_score"),
        (plots.alpha_against_cost, "loss", "alpha"),
        (plots.gamma_against_cost, "loss", "gamma"),
        (plots.zero_residuals_against_epoch, "epoch", "zero_residuals"),
    ],
)
def test_the_curves_are_the_records(draw, x, y):
    drawn = curves(draw(histories()))
    for name in NAMES:
        assert np.array_equal(drawn[plots.NAMES[name]][0], histories()[name][x])
        assert np.array_equal(drawn[plots.NAMES[name]][1], histories()[name][y])


def test_the_test_accuracy_is_there_too_in_the_same_colour():
    train, test = plots.accuracy_against_cost({"relu": histories()["relu"]}).get_lines()
    assert np.array_equal(test.get_ydata(), histories()["relu"]["test_score"])
    assert test.get_color() == train.get_color()
    assert (train.get_linestyle(), test.get_linestyle()) == ("-", "--")


@pytest.mark.parametrize("name", ["accuracy", "alpha", "gamma", "flat"])
def test_training_runs_to_the_right(name):
    ax = FIGURES[name][0]()
    assert ax.get_xscale() == "log"
    assert ax.get_xlim()[0] > ax.get_xlim()[1]
    FIGURES[name][0](ax=ax)  # once more on the same axes
    assert ax.get_xlim()[0] > ax.get_xlim()[1]


def test_the_band_of_alpha_reaches_from_the_certain_to_the_possible():
    bounds = np.array([[0.1, 0.5], [0.2, 0.2], [0.0, 0.7]])
    three = {"epoch": [0, 1, 2], "loss": [3.0, 2.0, 1.0], "alpha": bounds[:, 0]}
    ax = plots.alpha_against_cost({"relu": mf.History(three | {"alpha_bounds": bounds})})
    band = ax.collections[0].get_paths()[0].vertices
    for cost, row in zip(three["loss"], bounds):
        heights = band[band[:, 0] == cost, 1]
        assert (heights.min(), heights.max()) == tuple(row)


def test_gamma_with_r_counts_shares_of_the_largest():
    rows = np.array([[-2.0, 0.0, 1e-3, 1.0], [0.0, 0.0, 0.01, 10.0]])
    history = mf.History({"epoch": [0, 1], "loss": [2.0, 1.0], "eigenvalues": rows})
    ax = plots.gamma_against_cost({"tanh": history}, r=1e-3)
    assert curves(ax)["tanh"][1].tolist() == [0.5, 0.75]


def test_the_curve_of_gamma_is_flat():
    drawn = curves(plots.gamma_curve(spectra()))
    for name in NAMES:
        r, fraction = drawn[plots.NAMES[name]]
        assert (r[0], r[-1]) == pytest.approx((1e-16, 1.0))
        assert np.array_equal(fraction, spectra()[name].flat(r))


def counts(ax):
    """Counts and edges of the outlines by label."""
    labels = {h: label for h, label in zip(*ax.get_legend_handles_labels())}
    return {label: (h.get_data().values, h.get_data().edges) for h, label in labels.items()}


def test_the_histogram_holds_every_eigenvalue_inside_its_window():
    inside = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    s = mf.Spectrum(np.array([-2.0, *inside, 3.0, 4.0]), 0.0)
    ax = plots.eigenvalue_histogram({"esp": s}, limits=(-1, 1), bins=7)
    ((label, (values, edges)),) = counts(ax).items()
    assert values.sum() == 5 and len(values) == 7
    assert (edges[0], edges[-1]) == (-1, 1) == ax.get_xlim()
    assert label == "ESP, 62.5 % inside"


def test_only_all_eigenvalues_are_a_hundred_per_cent():
    s = mf.Spectrum(np.r_[np.zeros(9999), 5.0], 0.0)
    assert "99.9 %" in next(iter(counts(plots.eigenvalue_histogram({"esp": s}, limits=(-1, 1)))))
    assert " 100 %" in next(iter(counts(plots.eigenvalue_histogram({"esp": s}, limits=(-1, 6)))))


@pytest.mark.parametrize("bins", [2, 3, 40, 61])
def test_zeros_with_rounding_share_a_bin_and_the_own_window_holds_nearly_all(bins):
    few = np.array([-0.03, -1e-17, 0.0, 1e-17, 2e-3, 0.5, 20.0])
    ((values, edges),) = counts(
        plots.eigenvalue_histogram({"relu": mf.Spectrum(few, 0.0)}, bins=bins)
    ).values()
    assert values.sum() == len(few) and len(values) == bins
    middle = np.searchsorted(edges, 0.0) - 1
    assert edges[middle] == pytest.approx(-edges[middle + 1])
    assert values[middle] >= 3
    if bins >= 40:
        assert values[middle] == 3 and values[:middle].sum() == 1


def test_the_histogram_of_weights_holds_all_weights_and_nothing_else():
    drawn = counts(plots.weight_histogram(nets()))
    for name, net in nets().items():
        w = np.concatenate([net.parameters["W1"].ravel(), net.parameters["W2"].ravel()])
        values, edges = drawn[plots.NAMES[name]]
        assert np.array_equal(values, np.histogram(w, edges)[0])
        assert values.sum() == 12


def test_the_rows_of_the_heat_map_are_the_eigenvectors_grouped_by_parameter():
    net = nets()["esp"]
    ax = plots.eigenvectors(vectors(), net)
    assert np.array_equal(ax.images[0].get_array(), np.abs(vectors().T))
    labels = [t.get_text().strip() for t in ax.get_xticklabels()]
    assert labels == ["$W_{1}$", "$b_{1}$", "$\\beta_{1}$", "$W_{2}$", "$b_{2}$", "$\\beta_{2}$"]
    for middle, where in zip(ax.get_xticks(), net.slices.values()):
        assert middle == np.mean(np.arange(net.n_parameters)[where])
    borders = [line.get_xdata()[0] for line in ax.get_lines()]
    assert borders == [where.stop - 0.5 for where in net.slices.values()][:-1]
    assert ax.figure.axes[1].get_ylabel() == r"$|\mathrm{component}|$"


def test_the_plane_shows_all_points_and_the_boundary_lies_at_one_half():
    net, (X, Y) = nets()["esp"], data()
    ax = plots.decision_boundary(net, X, Y)
    filled, boundary, zeros, ones = ax.collections
    assert np.array_equal(zeros.get_offsets(), X[Y[:, 0] == 0])
    assert np.array_equal(ones.get_offsets(), X[Y[:, 0] == 1])
    on_it = boundary.get_paths()[0].vertices
    assert np.abs(net.predict(on_it) - 0.5).max() < 0.01
    assert (filled.levels[0], filled.levels[-1]) == (0, 1)


@pytest.mark.parametrize("N", [1, 5])
def test_a_network_that_is_sure_everywhere_has_no_boundary(N):
    net = mf.mlp([2, 3, 1], hidden="relu", seed=0)
    net.theta[:] = 0
    net.parameters["b2"][:] = 9.0
    ax = plots.decision_boundary(net, np.zeros((N, 2)), np.ones((N, 1)))
    assert len(ax.collections) == 3  # the area and the points
    assert ax.dataLim.width > 0 and ax.dataLim.height > 0  # even around a single point


def test_the_activations_are_their_values():
    drawn = curves(plots.activations(beta=2.5))
    for name in NAMES:
        h, value = drawn[plots.NAMES[name]]
        assert np.array_equal(value, getattr(mf.activations, name)(h, 2.5))
    assert h[0] < 0 < h[-1]


def test_an_activation_has_one_colour_and_one_line_everywhere():
    of_one_network = ("eigenvectors", "boundary", "parts", "valley")
    figures = [FIGURES[name][0]() for name in FIGURES if name not in of_one_network]
    for ax in figures:
        handles = dict(zip(*ax.get_legend_handles_labels()[::-1]))
        for name in NAMES:
            (handle,) = (h for text, h in handles.items() if text.startswith(plots.NAMES[name]))
            is_line = hasattr(handle, "get_color")
            colour = handle.get_color() if is_line else handle.get_edgecolor()
            assert colors.same_color(colour, plots.COLOURS[name])
            if is_line:
                assert handle.get_marker() == plots.MARKERS[name]
            else:
                assert handle.get_linestyle() == plots.LINES[name]


def test_colours_lines_and_markers_differ():
    for styles in (plots.COLOURS, plots.LINES, plots.MARKERS):
        assert styles.keys() == plots.NAMES.keys()
        assert len(set(styles.values())) == len(styles)


# --------------------------------------------------------------------- extremes


ODD = {
    "a cost of 0": lambda: changed(loss=np.r_[histories()["esp"]["loss"][:-1], 0.0]),
    "only costs of 0": lambda: changed(loss=0 * histories()["esp"]["loss"]),
    "a negative cost": lambda: changed(loss=-histories()["esp"]["loss"]),
    "one record": lambda: mf.History({k: v[:1] for k, v in changed().to_arrays().items()}),
    "no test score": lambda: changed(test_score=np.nan * histories()["esp"]["loss"]),
    "flat everywhere": lambda: changed(eigenvalues=0 * histories()["esp"]["eigenvalues"]),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "draw",
    [
        plots.cost_against_epoch,
        plots.accuracy_against_cost,
        plots.alpha_against_cost,
        plots.gamma_against_cost,
        lambda histories, ax: plots.gamma_against_cost(histories, ax, r=1e-6),
        plots.zero_residuals_against_epoch,
    ],
)
def test_odd_histories_are_drawn_without_a_warning(draw, odd):
    ax = draw({"esp": odd()}, ax=Figure().subplots())
    ax.figure.draw_without_rendering()
    assert all(np.isfinite([*ax.get_xlim(), *ax.get_ylim()]))


@pytest.mark.parametrize("eigenvalues", [[0.0, 0.0], [1.0], [-3.0, -2.0], [1e-200, 1e200]])
def test_odd_spectra_are_drawn_without_a_warning(eigenvalues):
    s = {"esp": mf.Spectrum(np.array(eigenvalues), 0.0)}
    for draw in (plots.eigenvalue_histogram, plots.gamma_curve):
        draw(s, ax=Figure().subplots()).figure.draw_without_rendering()
    ((values, _),) = counts(plots.eigenvalue_histogram(s)).values()
    assert values.sum() == len(eigenvalues)


# ---------------------------------------------------------------------- the film


class Frames(AbstractMovieWriter):
    """Keeps what every frame says and shows, instead of writing it."""

    def setup(self, fig, outfile, dpi=None):
        super().setup(fig, outfile, dpi)
        self.frames = []

    def grab_frame(self, **kwargs):
        panels = [
            (
                ax.get_title(),
                ax.texts[0].get_text(),
                ax.patches[0].get_data().values.copy(),
                (*ax.get_xlim(), *ax.get_ylim()),
            )
            for ax in self.fig.axes
        ]
        self.frames.append((self.fig.get_suptitle(), panels))

    def finish(self):
        pass


def frames(film):
    writer = Frames()
    film.save("nowhere", writer=writer)
    return writer.frames


def test_the_film_has_a_frame_a_record_and_a_panel_an_activation():
    shown = frames(plots.eigenvalue_film(histories(), names=("relu", "esp")))
    records = histories()["esp"]
    assert [title for title, _ in shown] == [f"epoch {e}" for e in records["epoch"]]
    for k, (_, panels) in enumerate(shown):
        assert len(panels) == 2
        for (title, _, values, _), name in zip(panels, ("relu", "esp")):
            assert title == f"{plots.NAMES[name]}, cost {histories()[name]['loss'][k]:.2g} nats"
            assert values.sum() <= histories()[name]["eigenvalues"].shape[1]
    assert len({panel[3] for _, panels in shown for panel in panels}) == 1  # fixed axes
    assert any(np.any(shown[0][1][1][2] != panels[1][2]) for _, panels in shown)  # it moves


def test_the_film_counts_what_lies_in_its_window_and_says_so():
    rows = np.tile(np.linspace(-1, 1, 2000), (8, 1))
    rows[3, -500:] = 1e6  # in one frame a quarter, so that the window is wide: 3 % of all
    rows[5, 0] = -1e9  # one of 16,000, which the window leaves out
    n = np.arange(8)
    history = mf.History({"epoch": n, "loss": 1.0 + n, "eigenvalues": rows})
    shown = frames(plots.eigenvalue_film({"sigmoid": history}))
    notes = [panels[0][1] for _, panels in shown]
    assert notes == ["100 % in the window"] * 5 + ["99.9 % in the window"] + [notes[0]] * 2
    for k, (_, ((_, _, values, (low, high, _, _)),)) in enumerate(shown):
        assert values.sum() == np.sum((rows[k] >= low) & (rows[k] <= high))


def test_the_film_becomes_a_page_of_all_frames_at_its_speed():
    film = plots.eigenvalue_film({"esp": histories()["esp"]}, fps=8)
    page = film.to_jshtml()
    assert page.count("data:image/png;base64") == len(histories()["esp"])
    assert "frames, img_id, slider_id, 125.0" in page  # ms a frame
    assert plt.get_fignums() == []


# ------------------------------------------------------------------------ errors


def refuses(kind, match, function, *args, **kwargs):
    with pytest.raises(kind, match=match):
        function(*args, **kwargs)
    assert plt.get_fignums() == []  # nothing half drawn is left


NEEDS = [
    (plots.cost_against_epoch, "loss"),
    (plots.accuracy_against_cost, "train_score"),
    (plots.alpha_against_cost, "alpha_bounds"),
    (plots.gamma_against_cost, "gamma"),
    (lambda h: plots.gamma_against_cost(h, r=0.1), "eigenvalues"),
    (plots.zero_residuals_against_epoch, "zero_residuals"),
    (plots.eigenvalue_film, "eigenvalues"),
]


@pytest.mark.parametrize(("draw", "column"), NEEDS)
def test_histories_are_checked(draw, column):
    refuses(ValueError, rf"histories\['esp'\].*{column}", draw, {"esp": changed(drop=[column])})
    refuses(ValueError, "histories has 'softplus'", draw, {"softplus": histories()["esp"]})
    refuses(ValueError, "histories is empty", draw, {})
    refuses(TypeError, "histories is <History", draw, histories()["esp"])


@pytest.mark.parametrize(
    ("draw", "argument"),
    [
        (plots.gamma_curve, "spectra"),
        (plots.eigenvalue_histogram, "spectra"),
        (plots.weight_histogram, "networks"),
    ],
)
def test_spectra_and_networks_are_checked(draw, argument):
    good = {"spectra": spectra(), "networks": nets()}[argument]
    refuses(ValueError, f"{argument} has 'softplus'", draw, {"softplus": good["esp"]})
    refuses(ValueError, f"{argument} is empty", draw, {})
    refuses(TypeError, rf"{argument}\['esp'\]", draw, {"esp": np.ones(3)})


def test_numbers_are_checked():
    refuses(ValueError, "r is -1", plots.gamma_against_cost, histories(), r=-1)
    refuses(ValueError, "beta is nan", plots.activations, beta=float("nan"))
    histogram = plots.eigenvalue_histogram
    refuses(ValueError, "limits is", histogram, spectra(), limits=(1.0, -1.0))
    refuses(ValueError, "limits has shape", histogram, spectra(), limits=(1.0, 2.0, 3.0))
    refuses(ValueError, "eigenvalues is empty", plots.eigenvalue_bins, [])
    refuses(ValueError, "bins is 1", plots.eigenvalue_bins, [1.0], bins=1)
    refuses(ValueError, "bins is 1", histogram, spectra(), bins=1)
    refuses(ValueError, "fps is 0", plots.eigenvalue_film, histories(), fps=0)


def test_eigenvectors_are_checked():
    net = nets()["esp"]
    refuses(ValueError, "vectors has shape", plots.eigenvectors, np.eye(3), net)
    refuses(ValueError, "vectors holds nan", plots.eigenvectors, np.nan * vectors(), net)
    refuses(TypeError, "net is", plots.eigenvectors, vectors(), "esp")


def test_the_network_and_the_points_of_the_plane_are_checked():
    net, (X, Y) = nets()["esp"], data()
    draw = plots.decision_boundary
    for sizes, output in (([3, 4, 1], "sigmoid"), ([2, 4, 2], "sigmoid"), ([2, 4, 1], "linear")):
        refuses(ValueError, "net has", draw, mf.mlp(sizes, output=output), X, Y)
    refuses(TypeError, "net is", draw, None, X, Y)
    refuses(ValueError, "X has shape", draw, net, X.T, Y)
    refuses(ValueError, "Y has shape", draw, net, X, Y[:, 0])


def test_the_film_refuses_histories_that_do_not_go_together():
    film, esp = plots.eigenvalue_film, histories()["esp"]
    short = mf.History({k: v[:-1] for k, v in esp.to_arrays().items()})
    refuses(ValueError, "histories has .* records of relu", film, {"esp": esp, "relu": short})
    other = changed(epoch=1 + esp["epoch"])
    refuses(ValueError, "same epochs", film, {"esp": esp, "relu": other})
    refuses(ValueError, "names has 'identity'", film, histories(), names=["identity"])
    refuses(ValueError, "names is empty", film, histories(), names=[])


# ------------------------------------------------------- curvature, and many starts


def lines_by_label(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_the_parts_are_the_eigenvalues_of_the_two_parts_and_of_their_sum():
    net = nets()["esp"]
    lines = lines_by_label(plots.curvature_parts(net, *data()))
    for label, part in (
        ("Hessian", mf.hessian),
        ("Gauss-Newton", mf.gauss_newton),
        ("residual part", mf.residual_part),
    ):
        expected = mf.spectrum(part(net, *data())).eigenvalues
        assert np.array_equal(lines[label].get_ydata(), expected)
        assert np.array_equal(lines[label].get_xdata(), np.arange(1, net.n_parameters + 1))


def test_the_parts_of_a_dead_network_are_drawn_too():
    net = mf.mlp([2, 3, 1], hidden="relu", seed=1)
    net.parameters["b1"] = np.full(3, -100.0)
    assert plots.curvature_parts(net, *data()).has_data()


def test_the_valley_is_the_cost_and_its_parabola_on_a_scale_of_its_own():
    net = nets()["tanh"]
    X, Y = data()
    cost, parabola, *_ = plots.cost_along_eigenvectors(net, X, Y).get_lines()
    eigenvalues, vectors = np.linalg.eigh(mf.hessian(net, X, Y))
    t = np.sqrt(2 * net.loss(X, Y) / -eigenvalues[0])
    ends = [net.with_theta(net.theta + step * vectors[:, 0]).loss(X, Y) for step in (-t, 0, t)]
    found = cost.get_ydata()[[0, 40, 80]]
    shown = ~np.isnan(found)
    assert shown[1]
    assert np.allclose(found[shown], np.array(ends)[shown], rtol=1e-12)
    assert all(end > 2.5 * net.loss(X, Y) for end in np.array(ends)[~shown])
    middle = parabola.get_ydata()[0] + parabola.get_ydata()[-1]
    assert middle == pytest.approx(0, abs=1e-9)  # L - L at both ends, the gradient cancels


def test_sharpness_is_the_largest_eigenvalue():
    lines = lines_by_label(plots.sharpness_against_epoch(histories()))
    assert np.array_equal(lines["tanh"].get_ydata(), histories()["tanh"]["eigenvalues"][:, -1])


def test_bands_are_medians_between_quartiles():
    x = np.arange(5.0)
    ax = plots.bands({"esp": (x, x - 1, x, x + 2), "relu": (x, x, x + 1, x + 3)})
    esp, relu = ax.get_lines()
    assert np.array_equal(esp.get_ydata(), x) and np.array_equal(relu.get_ydata(), x + 1)
    low, high = (f(ax.collections[0].get_paths()[0].vertices[:, 1]) for f in (np.min, np.max))
    assert (low, high) == (-1, 6)
    with pytest.raises(ValueError, match="curves is empty"):
        plots.bands({})


def test_the_bar_of_colours_may_be_left_out():
    with_bar = plots.decision_boundary(nets()["esp"], *data())
    without = plots.decision_boundary(nets()["esp"], *data(), colorbar=False)
    assert (len(with_bar.figure.axes), len(without.figure.axes)) == (2, 1)
    with_bar = plots.eigenvectors(vectors(), nets()["esp"])
    without = plots.eigenvectors(vectors(), nets()["esp"], colorbar=False)
    assert (len(with_bar.figure.axes), len(without.figure.axes)) == (2, 1)
