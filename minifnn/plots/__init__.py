"""One function a figure, each taking ``ax=None`` and returning the axes it drew on.

What is drawn comes in a dict by the name of the activation, or is of one network.
Without `ax` there is a new figure. What does not fit is refused with a TypeError
or ValueError that names the argument.

The same activation has the same colour, line and marker in every figure: safe
for colour-blind readers, and readable in grey. Nothing global is changed; with
an `ax` of a bare `matplotlib.figure.Figure`, pyplot is not even imported.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.text import Text

from .._util.typing import Array, ArrayLike
from .._util.validation import check_array, check_count, check_flag, check_list, check_number
from ..activations import ACTIVATIONS
from ..curvature.parts import residual_part
from ..curvature.spectrum import Spectrum, spectrum
from ..hessian import gauss_newton, hessian
from ..network import Network, check_problem
from ..train import History

if TYPE_CHECKING:  # it would import pyplot
    from matplotlib.animation import FuncAnimation

NAMES = {
    "esp": "ESP",
    "relu": "ReLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "identity": "identity",
}
COLOURS = {  # of Okabe and Ito, safe for colour-blind readers
    "esp": "#D55E00",
    "relu": "#0072B2",
    "sigmoid": "#009E73",
    "tanh": "#CC79A7",
    "identity": "#000000",
}
LINES: dict[str, Any] = {
    "esp": "-",
    "relu": "--",
    "sigmoid": "-.",
    "tanh": ":",
    "identity": (0, (8, 2)),
}
MARKERS = {"esp": "o", "relu": "s", "sigmoid": "^", "tanh": "D", "identity": "v"}

COST = "cost (nats)"
COST_RUNS = "cost (nats); training runs to the right"
FRACTIONS = (0, 0.2, 0.4, 0.6, 0.8, 1)
EIGENVALUE = "eigenvalue of the Hessian, λ"
EIGENVALUES = "number of eigenvalues"
FILM_BINS = 40
WINDOW = (0.1, 99.9)  # percentiles of the eigenvalues that the window surely holds
LINEAR = 1e-5  # share of the window within which the eigenvalue axis is linear


# ------------------------------------------------------------- during training


def cost_against_epoch(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the cost on a log scale against the epoch.

    Parameters
    ----------
    histories : dict of str to History
        By the name of the activation.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    matplotlib Axes

    Notes
    -----
    A cost of exactly 0 has no place on a log scale and is left out, here and in
    all figures against cost.

    Examples
    --------
    >>> import minifnn as mf
    >>> data, histories = mf.datasets.linear(), {}
    >>> for name in ("esp", "relu"):
    ...     net = mf.mlp([2, 3, 1], hidden=name)
    ...     histories[name] = mf.train(net, data.X_train, data.Y_train, 30, engine="numpy")
    >>> ax = mf.plots.cost_against_epoch(histories)
    >>> ax.get_ylabel(), [line.get_label() for line in ax.get_lines()]
    ('cost (nats)', ['ESP', 'ReLU'])
    """
    _check_histories(histories, "epoch", "loss")
    ax = _axes(ax)
    for name, history in histories.items():
        _line(ax, name, history["epoch"], _positive(history["loss"]))
    ax.set(xlabel="epoch", ylabel=COST, yscale="log")
    return _legend(ax)


def accuracy_against_cost(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the accuracy on training (solid) and test data (dashed) against the cost.

    Parameters
    ----------
    histories, ax
        As in `cost_against_epoch`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> scores = {"train_score": [0.5, 0.9], "test_score": [0.5, 0.8]}
    >>> ax = mf.plots.accuracy_against_cost({"tanh": mf.History({"loss": [0.7, 0.3]} | scores)})
    >>> ax.get_ylabel()
    'accuracy (solid: training, dashed: test)'
    """
    _check_histories(histories, "loss", "train_score", "test_score")
    ax = _axes(ax)
    for name, history in histories.items():
        cost = _positive(history["loss"])
        _line(ax, name, cost, history["train_score"], linestyle="-")
        test = {"linestyle": "--", "markerfacecolor": "white", "label": None}
        _line(ax, name, cost, history["test_score"], **test)
    _cost_axis(ax)
    ax.set_ylabel("accuracy (solid: training, dashed: test)")
    return _legend(ax)


def alpha_against_cost(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the fraction of negative eigenvalues of the Hessian against the cost.

    The line counts those that are certainly negative, the band reaches up to
    those whose sign rounding leaves undecided. The histories need ``curvature=True``.

    Parameters
    ----------
    histories, ax
        As in `cost_against_epoch`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> counted = {"alpha": [0.5, 0.2], "alpha_bounds": [[0.5, 0.6], [0.2, 0.4]]}
    >>> ax = mf.plots.alpha_against_cost({"esp": mf.History({"loss": [0.7, 0.3]} | counted)})
    >>> ax.get_xlabel()
    'cost (nats); training runs to the right'
    """
    _check_histories(histories, "loss", "alpha", "alpha_bounds")
    ax = _axes(ax)
    for name, history in histories.items():
        cost = _positive(history["loss"])
        _line(ax, name, cost, history["alpha"])
        if np.isfinite(cost).any():
            low, high = history["alpha_bounds"].T
            ax.fill_between(cost, low, high, color=COLOURS[name], alpha=0.18, linewidth=0)
    _cost_axis(ax)
    _fraction_axis(ax, "negative eigenvalues, $\\alpha$\n(band: rounding may hide a sign)")
    return _legend(ax)


def gamma_against_cost(
    histories: Mapping[str, History], ax: Axes | None = None, r: float | None = None
) -> Axes:
    """Draw the fraction of zero eigenvalues of the Hessian against the cost.

    Zero means: not to be told from zero by rounding; or, with `r` given,
    |lambda| <= r |H|. The histories need ``curvature=True``.

    Parameters
    ----------
    histories, ax
        As in `cost_against_epoch`.
    r : float, optional
        Share of the largest absolute eigenvalue up to which one counts as zero.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> rows = [[-1.0, 0.0, 0.01, 1.0], [0.0, 0.0, 0.01, 2.0]]
    >>> history = mf.History({"loss": [0.7, 0.3], "eigenvalues": rows})
    >>> ax = mf.plots.gamma_against_cost({"relu": history}, r=0.1)
    >>> ax.get_lines()[0].get_ydata().tolist()
    [0.5, 0.75]
    """
    column = "gamma" if r is None else "eigenvalues"
    _check_histories(histories, "loss", column)
    if r is not None:
        check_number("r", r, at_least=0)
    ax = _axes(ax)
    for name, history in histories.items():
        rows = history[column]
        gamma = rows if r is None else [Spectrum(row, 0.0).flat(r) for row in rows]
        _line(ax, name, _positive(history["loss"]), gamma)
    _cost_axis(ax)
    meaning = r"|\lambda| \leq \tau" if r is None else rf"|\lambda| \leq {_number(r)}\,|H|"
    _fraction_axis(ax, f"zero eigenvalues, $\\gamma$\n(${meaning}$)")
    return _legend(ax)


def zero_residuals_against_epoch(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the fraction of residuals with |prediction - y| <= 1e-5 against the epoch.

    Parameters
    ----------
    histories, ax
        As in `cost_against_epoch`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> history = mf.History({"epoch": [0, 11, 21], "zero_residuals": [0.0, 0.2, 0.6]})
    >>> ax = mf.plots.zero_residuals_against_epoch({"esp": history})
    >>> ax.get_xlabel(), ax.get_lines()[0].get_ydata().tolist()
    ('epoch', [0.0, 0.2, 0.6])
    """
    _check_histories(histories, "epoch", "zero_residuals")
    ax = _axes(ax)
    top = 0.01
    for name, history in histories.items():
        fraction = history["zero_residuals"]
        _line(ax, name, history["epoch"], fraction)
        top = max(top, fraction.max())
    ax.set_ylim(-0.03 * top, 1.03 * top)
    ax.set(xlabel="epoch", ylabel=r"fraction with $|\mathrm{prediction} - y| \leq 10^{-5}$")
    return _legend(ax)


def sharpness_against_epoch(histories: Mapping[str, History], ax: Axes | None = None) -> Axes:
    """Draw the largest eigenvalue of the Hessian on a log scale against the epoch.

    The histories need ``curvature=True``.

    Parameters
    ----------
    histories, ax
        As in `cost_against_epoch`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> history = mf.History({"epoch": [0, 11], "eigenvalues": [[-1.0, 0.0, 2.0], [0.0, 0.0, 5.0]]})
    >>> ax = mf.plots.sharpness_against_epoch({"sigmoid": history})
    >>> ax.get_lines()[0].get_ydata().tolist()
    [2.0, 5.0]
    """
    _check_histories(histories, "epoch", "eigenvalues")
    ax = _axes(ax)
    for name, history in histories.items():
        _line(ax, name, history["epoch"], _positive(history["eigenvalues"][:, -1]))
    ax.set(xlabel="epoch", ylabel="largest eigenvalue, $\\lambda_{max}$", yscale="log")
    return _legend(ax)


# ------------------------------------------------------------- after training


def gamma_curve(spectra: Mapping[str, Spectrum], ax: Axes | None = None) -> Axes:
    """Draw the fraction of eigenvalues with |lambda| <= r |H| against r.

    Parameters
    ----------
    spectra : dict of str to Spectrum
        By the name of the activation.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import numpy as np
    >>> import minifnn as mf
    >>> ax = mf.plots.gamma_curve({"esp": mf.spectrum(np.diag([0.0, 1e-6, 1e-3, 1.0]))})
    >>> ax.get_xlabel()
    'share of the largest eigenvalue, $r$'
    """
    _check_named("spectra", spectra, Spectrum)
    ax = _axes(ax)
    r = np.logspace(-16, 0, 321)
    for name, s in spectra.items():
        _line(ax, name, r, s.flat(r), drawstyle="steps-post")
    rounding = max(len(s.eigenvalues) for s in spectra.values()) * np.finfo(float).eps
    ax.axvspan(1e-16, rounding, color="0.9", zorder=0, label="rounding")
    ax.set(xscale="log", xlim=(1e-16, 1), xlabel="share of the largest eigenvalue, $r$")
    _fraction_axis(ax, r"eigenvalues with $|\lambda| \leq r\,|H|$")
    return _legend(ax, columns=3)


def eigenvalue_histogram(
    spectra: Mapping[str, Spectrum],
    ax: Axes | None = None,
    limits: tuple[float, float] | None = None,
    bins: int = 60,
) -> Axes:
    """Draw how many eigenvalues lie where, on a log scale, several activations at once.

    The eigenvalue axis is linear near zero and logarithmic far from it, on both
    sides (asinh), so that the few large ones leave room for the many small ones.
    The legend says which share of the eigenvalues lies inside the window.

    Parameters
    ----------
    spectra, ax
        As in `gamma_curve`.
    limits : (float, float), optional
        The window; if None, one that holds nearly all and has a bin around zero.
    bins : int, optional
        Bins across the window, equally wide on the page.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import numpy as np
    >>> import minifnn as mf
    >>> s = mf.spectrum(np.diag([-0.5, 0.0, 0.5, 9.0]))
    >>> ax = mf.plots.eigenvalue_histogram({"relu": s}, limits=(-1, 1))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['ReLU, 75 % inside']
    """
    _check_named("spectra", spectra, Spectrum)
    every = np.concatenate([s.eigenvalues for s in spectra.values()])
    edges, unit = eigenvalue_bins(every, limits, bins)
    ax, most = _axes(ax), 1
    for name, s in spectra.items():
        counts = np.histogram(s.eigenvalues, edges)[0]
        share = _share(counts.sum(), len(s.eigenvalues))
        _steps(ax, name, counts, edges, label=f"{NAMES[name]}, {share} inside")
        most = max(most, counts.max())
    _eigenvalue_axis(ax, edges, unit)
    _count_axis(ax, 1.5 * most)
    return _legend(ax, columns=2)


def weight_histogram(networks: Mapping[str, Network], ax: Axes | None = None) -> Axes:
    """Draw how many weights W, of all layers, lie where.

    Parameters
    ----------
    networks : dict of str to Network
        By the name of the activation.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> ax = mf.plots.weight_histogram({"esp": mf.mlp([64, 25, 10])})
    >>> ax.get_xlabel()
    'weight, $W$ (all layers)'
    """
    _check_named("networks", networks, Network)
    ax = _axes(ax)
    weights = {name: _weights(net) for name, net in networks.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(weights.values())), bins=40)
    for name, w in weights.items():
        _steps(ax, name, np.histogram(w, edges)[0], edges, label=NAMES[name])
    ax.set(xlabel="weight, $W$ (all layers)", ylabel="number of weights")
    return _legend(ax)


def eigenvectors(
    vectors: ArrayLike, net: Network, ax: Axes | None = None, colorbar: bool = True
) -> Axes:
    """Draw the eigenvectors of the Hessian as a heat map of |component|.

    One row an eigenvector, the least eigenvalue on top; one column a parameter,
    grouped by name. The sign of an eigenvector means nothing and is left out.

    Parameters
    ----------
    vectors : array_like, shape (P, P)
        Eigenvectors as columns by ascending eigenvalue, as `numpy.linalg.eigh`
        returns them.
    net : Network
        Whose parameters they belong to.
    ax : matplotlib Axes, optional
    colorbar : bool, optional
        Draw the bar that explains the colours beside it.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import numpy as np
    >>> import minifnn as mf
    >>> net, data = mf.mlp([2, 3, 1], hidden="tanh"), mf.datasets.linear()
    >>> vectors = np.linalg.eigh(mf.hessian(net, data.X_train, data.Y_train)).eigenvectors
    >>> ax = mf.plots.eigenvectors(vectors, net)
    >>> [label.get_text().strip() for label in ax.get_xticklabels()]
    ['$W_{1}$', '$b_{1}$', '$W_{2}$', '$b_{2}$']
    """
    _check_network(net)
    vectors = check_array("vectors", vectors, (net.n_parameters, net.n_parameters))
    ax = _axes(ax)
    image = ax.imshow(np.abs(vectors).T, cmap="magma_r", vmin=0, vmax=1, aspect="auto")
    for where in list(net.slices.values())[1:]:
        ax.axvline(where.start - 0.5, color="0.55", linewidth=0.6)
    middles = [(where.start + where.stop - 1) / 2 for where in net.slices.values()]
    ax.set_xticks(middles, [_group_label(name) for name in net.slices], linespacing=1.3)
    ax.tick_params(axis="x", length=0)
    ax.set(xlabel="parameter", ylabel=r"eigenvector ($\lambda$ ascending)")
    if check_flag("colorbar", colorbar):
        ax.figure.colorbar(image, ax=ax, label=r"$|\mathrm{component}|$")
    return ax


def decision_boundary(
    net: Network, X: ArrayLike, Y: ArrayLike, ax: Axes | None = None, colorbar: bool = True
) -> Axes:
    """Draw the predicted probability of class 1 over the plane, and the points.

    Parameters
    ----------
    net : Network
        With 2 inputs and 1 sigmoid output.
    X : array_like, shape (N, 2)
        Points to show.
    Y : array_like, shape (N, 1)
        Their classes, 0 or 1.
    ax : matplotlib Axes, optional
    colorbar : bool, optional
        Draw the bar that explains the colours beside it.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> net, data = mf.mlp([2, 3, 1]), mf.datasets.moons()
    >>> ax = mf.plots.decision_boundary(net, data.X_train, data.Y_train, colorbar=False)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('first input, $x_1$', 'second input, $x_2$')
    """
    _check_network(net)
    if (net.sizes[0], net.sizes[-1], net.output) != (2, 1, "sigmoid"):
        raise ValueError(
            f"net has {net.sizes[0]} inputs and {net.sizes[-1]} {net.output} outputs, "
            "wanted 2 inputs and 1 sigmoid output"
        )
    X, Y = check_problem(net, X, Y)
    ax = _axes(ax)
    probability, x1, x2 = _over_the_plane(net, X)
    levels = np.linspace(0, 1, 21)
    filled = ax.contourf(x1, x2, probability, levels, cmap="RdBu_r", alpha=0.5)
    if probability.min() < 0.5 < probability.max():
        ax.contour(x1, x2, probability, [0.5], colors="black", linewidths=1.5)
    for chosen, colour, marker in (
        (Y[:, 0] <= 0.5, "#053061", "o"),
        (Y[:, 0] > 0.5, "#67001F", "^"),
    ):
        first, second = X[chosen].T
        ax.scatter(first, second, 16, colour, marker=marker, edgecolor="white", linewidth=0.4)
    ax.set(xlabel="first input, $x_1$", ylabel="second input, $x_2$")
    if check_flag("colorbar", colorbar):
        label = r"predicted probability of class 1 ($\blacktriangle$)"
        ax.figure.colorbar(filled, ax=ax, ticks=[0, 0.5, 1], label=label)
    return ax


def curvature_parts(net: Network, X: ArrayLike, Y: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the eigenvalues of the Hessian and of the two parts that it is the sum of.

    Each line is one matrix's own eigenvalues in ascending order: Gauss-Newton,
    which has no negative one, the residual part, and the whole. Linear within
    +-1e-6 of the largest, logarithmic outside.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `minifnn.hessian`.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> net, data = mf.mlp([2, 3, 1]), mf.datasets.linear()
    >>> ax = mf.plots.curvature_parts(net, data.X_train, data.Y_train)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['Hessian', 'Gauss-Newton', 'residual part']
    """
    parts: dict[str, tuple[Array, dict[str, Any]]] = {
        "Hessian": (hessian(net, X, Y), {"color": "black", "linewidth": 1.6}),
        "Gauss-Newton": (gauss_newton(net, X, Y), {"color": "0.45", "linestyle": "--"}),
        "residual part": (residual_part(net, X, Y), {"color": "0.45", "linestyle": ":"}),
    }
    ax, ends = _axes(ax), []
    place = np.arange(1, net.n_parameters + 1)
    for name, (matrix, style) in parts.items():
        eigenvalues = spectrum(matrix).eigenvalues
        ax.plot(place, eigenvalues, label=name, **style)
        ends += [eigenvalues[0], eigenvalues[-1]]
    _signed_log_axis(ax, min(ends), max(ends))
    ax.set(xlabel="place in ascending order", ylabel="eigenvalue, $\\lambda$")
    return _legend(ax, columns=2)


def cost_along_eigenvectors(
    net: Network, X: ArrayLike, Y: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw the cost along the most negative and the most positive eigenvector.

    Each is drawn on a length scale of its own: at +-1 the curvature lambda alone
    would change the cost L by as much as it is, t^2 |lambda| / 2 = L. Solid and
    dashed: the cost itself. Dotted: what gradient and Hessian foretell,
    L + t g.v + t^2 lambda / 2. What costs more than 2.5 L is left out.

    Parameters
    ----------
    net, X, Y, ax
        As in `curvature_parts`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> net, data = mf.mlp([2, 3, 1]), mf.datasets.linear()
    >>> ax = mf.plots.cost_along_eigenvectors(net, data.X_train, data.Y_train)
    >>> [line.get_linestyle() for line in ax.get_lines()]
    ['--', ':', '-', ':']
    """
    eigenvalues, vectors = np.linalg.eigh(hessian(net, X, Y))
    g, here = net.gradient(X, Y), net.loss(X, Y)
    ax, x = _axes(ax), np.linspace(-1, 1, 81)
    for k, colour, line in ((0, "0.45", "--"), (-1, "black", "-")):
        v, curvature = vectors[:, k], eigenvalues[k]
        t = x * np.sqrt(2 * here / max(abs(curvature), np.finfo(float).tiny))
        cost = np.array([net.with_theta(net.theta + step * v).loss(X, Y) for step in t])
        cost[cost > 2.5 * here] = np.nan  # leaves the picture, and room for the legend
        label = rf"$\lambda = {_number(float(f'{curvature:.2g}'))}$, to $t = {t[-1]:.2g}$"
        ax.plot(x, cost, color=colour, linestyle=line, label=label)
        ax.plot(x, here + t * (g @ v) + t * t * curvature / 2, ":", color=colour, linewidth=1)
    ax.set_ylim(-0.15 * here, 2.6 * here)
    ax.set(xlabel=r"distance, $t\,\sqrt{|\lambda| / 2L}$", ylabel=COST)
    return _legend(ax, columns=1)


def bands(curves: Mapping[str, Sequence[ArrayLike]], ax: Axes | None = None) -> Axes:
    """Draw medians with a band between the quartiles.

    Parameters
    ----------
    curves : dict of str to (x, lower, median, upper)
        By the name of the activation; each an array_like of the same shape (n,).
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Without labels: what the axes mean is the caller's to say.

    Examples
    --------
    >>> import minifnn as mf
    >>> epoch, lower, median, upper = [0, 100], [0.6, 0.1], [0.7, 0.2], [0.8, 0.4]
    >>> ax = mf.plots.bands({"esp": (epoch, lower, median, upper)})
    >>> ax.get_lines()[0].get_ydata().tolist()
    [0.7, 0.2]
    """
    _check_named("curves", curves)
    ax = _axes(ax)
    lines = {name: _quartiles(name, curve) for name, curve in curves.items()}
    for name, (x, lower, median, upper) in lines.items():
        ax.fill_between(x, lower, upper, color=COLOURS[name], alpha=0.18, linewidth=0)
        _line(ax, name, x, median)
    return ax


def activations(ax: Axes | None = None, beta: float = 1.0) -> Axes:
    """Draw what sigmoid, tanh, ReLU and ESP make of a field h.

    Parameters
    ----------
    ax : matplotlib Axes, optional
    beta : float, optional
        Inverse noise; ReLU does not depend on it.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import minifnn as mf
    >>> ax = mf.plots.activations(beta=2.0)
    >>> [line.get_label() for line in ax.get_lines()][:4]
    ['sigmoid', 'tanh', 'ReLU', 'ESP']
    """
    beta = check_number("beta", beta)
    ax = _axes(ax)
    h = np.linspace(-4, 4, 321)
    for name in ("sigmoid", "tanh", "relu", "esp"):
        _line(ax, name, h, ACTIVATIONS[name](h, beta))
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.set(xlabel="field, $h$", ylabel=rf"value, $f(h, \beta)$ at $\beta = {_number(beta)}$")
    return _legend(ax)


# ----------------------------------------------------------------------- a film


def eigenvalue_film(
    histories: Mapping[str, History], names: Sequence[str] | None = None, fps: float = 4
) -> "FuncAnimation":
    """Film how the eigenvalues of the Hessian move during training.

    One frame a record, one panel an activation; window and axes stay the same
    for the whole film. Show it in a notebook with ``HTML(film.to_jshtml())``.

    Parameters
    ----------
    histories : dict of str to History
        By the name of the activation, recorded with ``curvature=True`` and at
        the same epochs.
    names : sequence of str, optional
        Which of them to show, from left to right; all if None.
    fps : float, optional
        Frames a second.

    Returns
    -------
    matplotlib.animation.FuncAnimation

    Examples
    --------
    >>> import minifnn as mf
    >>> records = {"epoch": [0, 11], "loss": [0.7, 0.3], "eigenvalues": [[-1.0, 2.0], [0.0, 3.0]]}
    >>> film = mf.plots.eigenvalue_film({"esp": mf.History(records)})
    >>> film.to_jshtml().count("data:image/png")  # frames
    2
    """
    from matplotlib.animation import FuncAnimation  # here only: it imports pyplot

    _check_histories(histories, "epoch", "loss", "eigenvalues")
    names = _check_names(names, histories)
    epochs = _common_epochs(histories, names)
    check_number("fps", fps, above=0)
    costs = [histories[name]["loss"] for name in names]
    spectra = [histories[name]["eigenvalues"] for name in names]
    edges, unit = eigenvalue_bins(np.concatenate([rows.ravel() for rows in spectra]))
    counts = [np.array([np.histogram(row, edges)[0] for row in rows]) for rows in spectra]
    figure, panels = _film_panels(names, counts, edges, unit)

    def show(frame):
        figure.suptitle(f"epoch {epochs[frame]}")
        for n, (ax, steps, note) in enumerate(panels):
            steps.set_data(counts[n][frame])
            ax.set_title(f"{NAMES[names[n]]}, cost {costs[n][frame]:.2g} nats", fontsize=10, y=1.02)
            inside = _share(counts[n][frame].sum(), spectra[n].shape[1])
            note.set_text(f"{inside} in the window")

    show(0)
    return FuncAnimation(figure, show, frames=len(epochs), interval=1000 / fps)


def _film_panels(names, counts, edges, unit):
    """Return the figure and (axes, steps, note) of each panel."""
    width = 3.0 * len(names)
    figure = Figure(figsize=(width, 3), dpi=80)
    figure.set_layout_engine("none")  # no layout anew each frame
    figure.subplots_adjust(0.6 / width, 0.17, 1 - 0.15 / width, 0.8, wspace=0.08)
    most = max(1, max(rows.max() for rows in counts))
    panels: list[tuple[Axes, StepPatch, Text]] = []
    for ax, name, rows in zip(figure.subplots(1, len(names), squeeze=False)[0], names, counts):
        steps = ax.stairs(rows[0], edges, fill=True, color=COLOURS[name])
        ax.axvline(0, ymax=0.88, color="0.4", linewidth=0.6)
        _eigenvalue_axis(ax, edges, unit)
        _count_axis(ax, 3 * most)
        ax.tick_params(labelsize=8, labelleft=not panels)
        note = ax.text(0.97, 0.96, "", fontsize=8, ha="right", va="top", transform=ax.transAxes)
        panels.append((ax, steps, note))
        ax.set(xlabel="", ylabel="")
    figure.supxlabel(EIGENVALUE, fontsize=10, y=0.02)
    figure.supylabel(EIGENVALUES, fontsize=10, x=0.06 / width)
    return figure, panels


# -------------------------------------------------------- eigenvalues on an axis


def eigenvalue_bins(
    eigenvalues: ArrayLike,
    limits: tuple[float, float] | None = None,
    bins: int = FILM_BINS,
) -> tuple[Array, float]:
    """Return the bins of `eigenvalue_histogram` and, as they stand here, `eigenvalue_film`.

    They are equally wide in asinh(lambda / unit): linear near zero, logarithmic
    far from it. Without limits the window holds nearly all eigenvalues, and zero,
    rounded as it may be, lies in the middle of a bin.

    Parameters
    ----------
    eigenvalues : array_like, shape (n,)
        All that are to be drawn in these bins, in any order.
    limits : (float, float), optional
        The window; if None, one that holds nearly all.
    bins : int, optional
        How many, at least 2.

    Returns
    -------
    edges : ndarray, shape (bins + 1,)
        Ascending.
    unit : float
        Where the axis turns from linear to logarithmic: a power of ten.

    Raises
    ------
    TypeError, ValueError
        If there is no eigenvalue or one is not finite, `limits` is not (low, high),
        or `bins` is below 2.

    Examples
    --------
    Wider and wider, the farther from zero:

    >>> from minifnn.plots import eigenvalue_bins
    >>> edges, unit = eigenvalue_bins([-0.1, 0.0, 2.0], limits=(-1.0, 1.0), bins=4)
    >>> print(edges.round(3), unit)
    [-1.    -0.002  0.     0.002  1.   ] 1e-05
    """
    eigenvalues = check_array("eigenvalues", eigenvalues, (None,))
    check_count("bins", bins, at_least=2)
    limits = None if limits is None else _check_limits(limits)
    low, high = limits or 1.5 * np.percentile(eigenvalues, WINDOW)
    largest = max(abs(low), abs(high)) or 1.0
    unit = 10.0 ** np.floor(np.log10(LINEAR * largest))
    u, v = np.arcsinh(low / unit), np.arcsinh(high / unit)
    if limits:
        edges = unit * np.sinh(np.linspace(u, v, bins + 1))
        edges[[0, -1]] = limits
        return edges, unit
    u, v = min(u, -2.0), max(v, 2.0)
    width = (v - u) / (bins - 1)
    below = np.ceil(-u / width - 0.5)  # bins left of the one around zero
    return unit * np.sinh((np.arange(bins + 1) - below - 0.5) * width), unit


def _eigenvalue_axis(ax, edges, unit):
    """Zero and powers of ten on both sides; as plain text, which draws quickly."""
    ax.set_xscale("asinh", linear_width=unit)
    ax.set_xlim(edges[0], edges[-1])
    powers = unit * 10.0 ** np.arange(1, 7)
    ticks = [t for t in [*-powers[::-1], 0.0, *powers] if edges[0] <= t <= edges[-1]]
    if len(ticks) > 6:
        ticks = [t for t in ticks if t == 0 or round(np.log10(abs(t) / unit)) % 2 == 0]
    ax.set_xticks(ticks, [_plain(t) for t in ticks])
    ax.set_xlabel(EIGENVALUE)


def _plain(value):
    """A signed power of ten, or zero, as plain text: 0.01, −10⁻³."""
    exponent = round(np.log10(abs(value))) if value else 0
    if -4 < exponent < 4:
        return f"{value:g}".replace("-", "\N{MINUS SIGN}")
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ("\N{MINUS SIGN}" if value < 0 else "") + "10" + raised


def _count_axis(ax, top):
    ax.set_yscale("log")
    ticks = 10 ** np.arange(np.log10(top))
    ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.set(ylim=(0.6, top), ylabel=EIGENVALUES)


def _share(inside, total):
    """A share in per cent, rounded down: 100 % means all."""
    return f"{int(inside) * 1000 // total / 10:g} %"


# ---------------------------------------------------------------- small helpers


def _axes(ax):
    """The axes to draw on: those given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # here only: it keeps global state

    return plt.subplots(figsize=(5.6, 3.8), layout="constrained")[1]


def _line(ax, name, x, y, **changes):
    """One curve in the style of its activation, with about eight markers."""
    style = {"color": COLOURS[name], "linestyle": LINES[name], "marker": MARKERS[name]}
    style |= {"label": NAMES[name], "linewidth": 1.5, "markersize": 4.5}
    ax.plot(x, y, markevery=max(1, len(x) // 8), **style | changes)


def _steps(ax, name, counts, edges, label):
    """One histogram: a faint area and its outline."""
    ax.stairs(counts, edges, fill=True, color=COLOURS[name], alpha=0.12)
    ax.stairs(counts, edges, color=COLOURS[name], linestyle=LINES[name], linewidth=1.3, label=label)


def _signed_log_axis(ax, low, high):
    """A y axis that is logarithmic on both sides of a short linear piece at 0."""
    from matplotlib.ticker import NullLocator

    linear = 1e-6 * max(abs(low), abs(high)) or 1.0
    ax.set_yscale("symlog", linthresh=linear, linscale=0.6)
    ax.set_ylim(min(3 * low, -linear), max(3 * high, linear))
    powers = 10.0 ** np.arange(np.ceil(np.log10(linear)) + 1, 300, 3)
    ticks = [*-powers[powers <= -low][::-1], 0, *powers[powers <= high]]
    ax.set_yticks(ticks)
    ax.yaxis.set_minor_locator(NullLocator())
    ax.axhline(0, color="0.75", linewidth=0.7, zorder=0)


def _positive(cost):
    return np.where(cost > 0, cost, np.nan)


def _cost_axis(ax, inverted=True):
    """A log axis of the cost, larger on the left; 2 and 5 are labelled in a short one."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    ax.set_xscale("log")
    low, high = sorted(ax.get_xlim())
    if high < 100 * low:
        ax.xaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    else:
        ax.xaxis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_inverted(inverted)
    ax.set_xlabel(COST_RUNS if inverted else COST)


def _fraction_axis(ax, of_what):
    """A y axis of a fraction, from 0 to 1."""
    ax.set(ylim=(-0.03, 1.03), yticks=FRACTIONS, ylabel=f"fraction of {of_what}")


def _legend(ax, columns=4):
    """Make room above the data, put the legend there, and return the axes."""
    labels = ax.get_legend_handles_labels()[1]
    rows = -(-len(labels) // columns)
    scale = ax.yaxis.get_transform()
    low, high = scale.transform(ax.get_ylim())
    high += (high - low) * (0.05 + 0.07 * rows)
    ax.set_ylim(scale.inverted().transform((low, high)))
    ax.legend(
        loc="upper center",
        ncols=columns,
        fontsize="small",
        frameon=False,
        columnspacing=1.2,
        handletextpad=0.5,
    )
    return ax


def _number(value):
    """A number as mathematics: 0.5, or 10^{-3}."""
    mantissa, _, exponent = f"{value:g}".partition("e")
    if not exponent:
        return mantissa
    return ("" if mantissa == "1" else rf"{mantissa}\cdot ") + f"10^{{{int(exponent)}}}"


def _weights(net):
    return np.concatenate([w.ravel() for name, w in net.parameters.items() if name[0] == "W"])


def _group_label(name):
    """W, b and beta on a line each, so that narrow groups do not collide."""
    kind, layer = name.rstrip("0123456789"), name.lstrip("Wbeta")
    letter = {"W": "W", "b": "\nb", "beta": "\n\n\\beta"}[kind]
    return letter[: len(letter) - len(letter.lstrip())] + f"${letter.lstrip()}_{{{layer}}}$"


def _over_the_plane(net, X, n=200):
    """The probability of class 1, (n, n), and the two axes of the grid."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = np.where(high > low, 0.06 * (high - low), 0.5)
    x1, x2 = np.linspace(low - margin, high + margin, n).T
    points = np.column_stack([np.tile(x1, n), np.repeat(x2, n)])
    return net.predict(points).reshape(n, n), x1, x2


# ------------------------------------------------------------------ at the door


def _check_named(argument, values, kind=None):
    """Refuse what is not a dict from the names of activations to things of a kind."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{argument} is {values!r}, wanted a dict by the name of the activation")
    if not values:
        raise ValueError(f"{argument} is empty, wanted at least one activation")
    for name, value in values.items():
        if name not in COLOURS:
            raise ValueError(f"{argument} has {name!r}, wanted names of {', '.join(COLOURS)}")
        if kind is not None and not isinstance(value, kind):
            raise TypeError(f"{argument}[{name!r}] is {value!r}, wanted a {kind.__name__}")


def _check_histories(histories, *columns):
    _check_named("histories", histories)
    for name, history in histories.items():
        for column in columns:
            if column not in history:
                raise ValueError(
                    f"histories[{name!r}] has no {column!r}, wanted a history of minifnn.train; "
                    "what is said of the Hessian is recorded with curvature=True"
                )


def _check_names(names, histories):
    names = list(histories) if names is None else check_list("names", names, str)
    for name in names:
        if name not in histories:
            raise ValueError(f"names has {name!r}, wanted some of {', '.join(histories)}")
    if not names:
        raise ValueError("names is empty, wanted at least one activation")
    return names


def _quartiles(name, curve):
    """Four arrays of one length, from what was given for a name."""
    if not isinstance(curve, (list, tuple)) or len(curve) != 4:
        raise ValueError(f"curves[{name!r}] is {curve!r}, wanted (x, lower, median, upper)")
    x = check_array(f"curves[{name!r}]", curve[0], (None,))
    return x, *(check_array(f"curves[{name!r}]", each, x.shape) for each in curve[1:])


def _common_epochs(histories, names):
    epochs = histories[names[0]]["epoch"]
    for name in names[1:]:
        if not np.array_equal(histories[name]["epoch"], epochs):
            raise ValueError(
                f"histories has {len(histories[name]['epoch'])} records of {name} and "
                f"{len(epochs)} of {names[0]}, wanted the same epochs"
            )
    return epochs


def _check_network(net):
    if not isinstance(net, Network):
        raise TypeError(f"net is {net!r}, wanted a Network")


def _check_limits(limits):
    low, high = check_array("limits", limits, (2,))
    if not low < high:
        raise ValueError(f"limits is {limits}, wanted (low, high) with low below high")
    return float(low), float(high)
