"""Figures of networks: weights, eigenvectors, the plane, curvature."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PathCollection

import minifnn as mf
from minifnn import plots


def test_the_activations_are_their_values():
    lines = {line.get_label(): line for line in plots.activations(beta=2.5).get_lines()}
    for name in ("sigmoid", "tanh", "relu", "esp"):
        h, value = lines[plots.NAMES[name]].get_data()
        assert np.array_equal(value, getattr(mf.activations, name)(h, 2.5))
        assert h[0] < 0 < h[-1]
    with pytest.raises(ValueError, match="beta"):
        plots.activations(beta=float("nan"))


def test_the_histogram_of_weights_holds_all_weights_and_nothing_else(made):
    drawn = zip(*plots.weight_histogram(made.nets).get_legend_handles_labels())
    for (steps, label), (name, net) in zip(drawn, made.nets.items()):
        w = np.concatenate([net.parameters["W1"].ravel(), net.parameters["W2"].ravel()])
        values, edges, _ = steps.get_data()
        assert label == plots.NAMES[name]
        assert np.array_equal(values, np.histogram(w, edges)[0])
        assert values.sum() == 12


def test_the_rows_of_the_heat_map_are_the_eigenvectors_grouped_by_parameter(made):
    net = made.nets["esp"]
    ax = plots.eigenvectors(made.vectors, net)
    assert np.array_equal(ax.images[0].get_array(), np.abs(made.vectors.T))
    labels = [t.get_text().strip() for t in ax.get_xticklabels()]
    assert labels == ["$W_{1}$", "$b_{1}$", "$\\beta_{1}$", "$W_{2}$", "$b_{2}$", "$\\beta_{2}$"]
    for middle, where in zip(ax.get_xticks(), net.slices.values()):
        assert middle == np.mean(np.arange(net.n_parameters)[where])
    borders = [line.get_xdata()[0] for line in ax.get_lines()]
    assert borders == [where.stop - 0.5 for where in net.slices.values()][:-1]


def test_eigenvectors_are_checked(made):
    net = made.nets["esp"]
    for vectors in (np.eye(3), np.nan * made.vectors):
        with pytest.raises(ValueError, match="vectors"):
            plots.eigenvectors(vectors, net)
    with pytest.raises(TypeError, match="net"):
        plots.eigenvectors(made.vectors, "esp")
    assert plt.get_fignums() == []


def test_the_plane_shows_all_points_and_the_boundary_lies_at_one_half(made):
    net, X, Y = made.nets["esp"], made.X, made.Y
    filled, boundary, zeros, ones = plots.decision_boundary(net, X, Y).collections
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


@pytest.mark.parametrize("K", [2, 3, 7])
def test_each_of_several_classes_has_a_region_points_and_a_line_in_the_legend(K):
    rng = np.random.default_rng(K)
    net = mf.mlp([2, 8, K], hidden="tanh", output="softmax", seed=K)
    net.theta *= 5
    X, labels = rng.normal(size=(70, 2)), np.arange(70) % K
    ax = plots.decision_boundary(net, X, labels)
    (image,), points = ax.images, [c for c in ax.collections if isinstance(c, PathCollection)]
    assert len(points) == K
    for k, group in enumerate(points):
        assert np.array_equal(group.get_offsets(), X[labels == k])
    boundaries = set(ax.collections) - set(points)
    assert len(boundaries) >= 2
    for boundary in boundaries:
        p = np.sort(net.predict(np.concatenate([path.vertices for path in boundary.get_paths()])))
        assert np.abs(p[:, -1] - p[:, -2]).max() < 0.05
    shown, (left, right, low, high) = image.get_array(), image.get_extent()
    grid = [np.linspace(a, b, 200) for a, b in ((left, right), (low, high))]
    p = net.predict(np.stack(np.meshgrid(*grid), axis=-1).reshape(-1, 2)).reshape(200, 200, K)
    sure = p.max(axis=2) > 0.99
    for k, group in enumerate(points):
        region = np.asarray(shown)[sure & (p.argmax(axis=2) == k)]
        assert np.all(np.abs(region - (0.5 + 0.5 * group.get_facecolor()[0, :3])) < 0.02)
    assert sure.any()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        f"class {k}" for k in range(K)
    ]
    ax.figure.draw_without_rendering()
    box, page = ax.figure.get_tightbbox(), ax.figure.get_size_inches()
    assert box.x0 >= 0 and box.x1 <= page[0]
    assert plots.decision_boundary(net, X, labels, colorbar=False).get_legend() is None


def test_the_network_and_the_points_of_the_plane_are_checked(made):
    net, X, Y = made.nets["esp"], made.X, made.Y
    for sizes, output in (([3, 4, 1], "sigmoid"), ([2, 4, 2], "sigmoid"), ([2, 4, 1], "linear")):
        with pytest.raises(ValueError, match="net"):
            plots.decision_boundary(mf.mlp(sizes, output=output), X, Y)
    with pytest.raises(TypeError, match="net"):
        plots.decision_boundary(None, X, Y)
    with pytest.raises(ValueError, match="X"):
        plots.decision_boundary(net, X.T, Y)
    with pytest.raises(ValueError, match="Y"):
        plots.decision_boundary(net, X, Y[:-1])
    assert plt.get_fignums() == []


def test_the_bar_of_colours_may_be_left_out(made):
    net = made.nets["esp"]
    for draw, arguments in (
        (plots.decision_boundary, (net, made.X, made.Y)),
        (plots.eigenvectors, (made.vectors, net)),
    ):
        _, bar = draw(*arguments).figure.axes
        assert bar.get_ylabel()
        assert len(draw(*arguments, colorbar=False).figure.axes) == 1


def test_the_parts_are_the_eigenvalues_of_the_two_parts_and_of_their_sum(made):
    net = made.nets["esp"]
    lines = plots.curvature_parts(net, made.X, made.Y).get_lines()
    drawn = {line.get_label(): line.get_data() for line in lines}
    for label, part in (
        ("Hessian", mf.hessian),
        ("Gauss-Newton", mf.gauss_newton),
        ("residual part", mf.residual_part),
    ):
        x, y = drawn[label]
        assert np.array_equal(y, mf.spectrum(part(net, made.X, made.Y)).eigenvalues)
        assert np.array_equal(x, np.arange(1, net.n_parameters + 1))


def test_the_parts_of_a_dead_network_are_drawn_too(made):
    net = mf.mlp([2, 3, 1], hidden="relu", seed=1)
    net.parameters["b1"] = np.full(3, -100.0)
    assert plots.curvature_parts(net, made.X, made.Y).has_data()


def test_the_valley_is_the_cost_and_its_parabola_on_a_scale_of_its_own(made):
    net, X, Y = made.nets["tanh"], made.X, made.Y
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
