"""Figures of eigenvalues: counts, shares, windows; and the film."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import AbstractMovieWriter
from matplotlib.figure import Figure

import minifnn as mf
from minifnn import plots


def test_the_curve_of_gamma_is_flat(made):
    lines = {line.get_label(): line for line in plots.gamma_curve(made.spectra).get_lines()}
    for name, s in made.spectra.items():
        r, fraction = lines[plots.NAMES[name]].get_data()
        assert (r[0], r[-1]) == pytest.approx((1e-16, 1.0))
        assert np.array_equal(fraction, s.flat(r))


def counts(ax):
    """The label, counts and edges of the one histogram that is drawn."""
    (steps,), (label,) = ax.get_legend_handles_labels()
    return label, steps.get_data().values, steps.get_data().edges


def test_the_histogram_holds_every_eigenvalue_inside_its_window():
    inside = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    s = mf.Spectrum(np.array([-2.0, *inside, 3.0, 4.0]), 0.0)
    ax = plots.eigenvalue_histogram({"esp": s}, limits=(-1, 1), bins=7)
    label, values, edges = counts(ax)
    assert values.sum() == 5 and len(values) == 7
    assert (edges[0], edges[-1]) == (-1, 1) == ax.get_xlim()
    assert label == "ESP, 62.5 % inside"


def test_only_all_eigenvalues_are_a_hundred_per_cent():
    s = mf.Spectrum(np.r_[np.zeros(9999), 5.0], 0.0)
    assert "99.9 %" in counts(plots.eigenvalue_histogram({"esp": s}, limits=(-1, 1)))[0]
    assert " 100 %" in counts(plots.eigenvalue_histogram({"esp": s}, limits=(-1, 6)))[0]


@pytest.mark.parametrize("bins", [2, 3, 40, 61])
def test_zeros_with_rounding_share_a_bin_and_the_own_window_holds_nearly_all(bins):
    few = np.array([-0.03, -1e-17, 0.0, 1e-17, 2e-3, 0.5, 20.0])
    _, values, edges = counts(
        plots.eigenvalue_histogram({"relu": mf.Spectrum(few, 0.0)}, bins=bins)
    )
    assert values.sum() == len(few) and len(values) == bins
    middle = np.searchsorted(edges, 0.0) - 1
    assert edges[middle] == pytest.approx(-edges[middle + 1])
    assert values[middle] >= 3
    if bins >= 40:
        assert values[middle] == 3 and values[:middle].sum() == 1


@pytest.mark.parametrize("eigenvalues", [[0.0, 0.0], [1.0], [-3.0, -2.0], [1e-200, 1e200]])
def test_odd_spectra_are_drawn_without_a_warning(eigenvalues):
    s = {"esp": mf.Spectrum(np.array(eigenvalues), 0.0)}
    for draw in (plots.eigenvalue_histogram, plots.gamma_curve):
        draw(s, ax=Figure().subplots()).figure.draw_without_rendering()
    assert counts(plots.eigenvalue_histogram(s))[1].sum() == len(eigenvalues)


def test_the_window_and_the_number_of_bins_are_checked(made):
    for draw in (plots.eigenvalue_histogram, lambda s, **bins: plots.eigenvalue_bins([1], **bins)):
        for limits in ((1.0, -1.0), (1.0, 2.0, 3.0)):
            with pytest.raises(ValueError, match="limits"):
                draw(made.spectra, limits=limits)
        with pytest.raises(ValueError, match="bins"):
            draw(made.spectra, bins=1)
    with pytest.raises(ValueError, match="eigenvalues"):
        plots.eigenvalue_bins([])
    assert plt.get_fignums() == []


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


def test_the_film_has_a_frame_per_record_and_a_panel_per_activation(made):
    two = {name: made.histories[name] for name in ("relu", "esp")}
    shown = frames(plots.eigenvalue_film(two))
    assert [title for title, _ in shown] == [f"epoch {e}" for e in two["esp"]["epoch"]]
    for k, (_, panels) in enumerate(shown):
        assert len(panels) == 2
        for (title, _, values, _), (name, history) in zip(panels, two.items()):
            assert title == f"{plots.NAMES[name]}, cost {history['loss'][k]:.2g} nats"
            assert values.sum() <= history["eigenvalues"].shape[1]
    assert len({panel[3] for _, panels in shown for panel in panels}) == 1  # fixed axes
    assert any(np.any(shown[0][1][1][2] != panels[1][2]) for _, panels in shown)  # it moves


def test_the_film_takes_one_history_or_any_labels(made):
    history = made.histories["esp"]
    (((title, *_),),) = (panels for _, panels in frames(plots.eigenvalue_film(history))[:1])
    assert title == f"cost {history['loss'][0]:.2g} nats"
    of_two = frames(plots.eigenvalue_film({"Adam": history, 7: made.histories["tanh"]}))
    assert [title.split(", ")[0] for title, *_ in of_two[0][1]] == ["Adam", "7"]
    for wrong in ([history], None):
        with pytest.raises(TypeError, match="histories: expected a History, or a dict"):
            plots.eigenvalue_film(wrong)


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


def test_the_film_becomes_a_page_of_all_frames_four_per_second(made):
    page = plots.eigenvalue_film({"esp": made.histories["esp"]}).to_jshtml()
    assert page.count("data:image/png;base64") == len(made.histories["esp"])
    assert "frames, img_id, slider_id, 250.0" in page  # ms per frame
    assert plt.get_fignums() == []


def test_the_film_refuses_histories_of_other_epochs_or_without_eigenvalues(made):
    esp = dict(made.histories["esp"])
    short = {name: rows[:-1] for name, rows in esp.items()}
    for other in (short, esp | {"epoch": 1 + esp["epoch"]}):
        with pytest.raises(ValueError, match="histories: expected the same epochs"):
            plots.eigenvalue_film({"esp": mf.History(esp), "relu": mf.History(other)})
    del esp["eigenvalues"]
    with pytest.raises(ValueError, match=r"histories\['esp'\].*eigenvalues"):
        plots.eigenvalue_film({"esp": mf.History(esp)})
