"""Draw docs/overview.webp, the moving picture of the README: two networks learn one task.

Usage: python docs/overview.py    (half a minute; Pillow comes with Matplotlib)

Its last picture is docs/_static/card.png, which a link to the site shows elsewhere, and the figure
of docs/start.md, docs/start.png, is what the lines of that page draw.
"""

import io
import re
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

import minifnn as mf

DOCS = Path(__file__).parent
NAMES = {"esp": "ESP", "relu": "ReLU"}
EPOCHS = np.unique(np.geomspace(5, 2300, 48).astype(int)) - 1
GREY, RED, BLUE = "#808080", "#D55E00", "#0072B2"  # read on white and on black: no background
LOOK = {"font.size": 12, "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY}
LOOK |= {"xtick.color": GREY, "ytick.color": GREY, "axes.facecolor": "none"}
XS, YS = np.linspace(0, 1.04, 131), np.linspace(0.36, 1.04, 111)


def learn(name, data):
    """A trained network and its history, with all eigenvalues at each of EPOCHS."""
    beta = ("normal", 0.004) if name == "esp" else 1.0
    net = mf.mlp([2, 10, 1], hidden=name, output="sigmoid", beta=beta, seed=1)
    adam = mf.Adam(0.01, decay=(0.9, 500))
    options = {"epochs": 2300, "optimizer": adam, "record": EPOCHS, "curvature": True}
    return net, mf.train(net, data.X_train, data.Y_train, **options)


def boundary(ax, net, X, Y):
    """Where the network says 1 and where 0, and every third point."""
    plane = np.stack(np.meshgrid(XS, YS), axis=-1).reshape(-1, 2)
    p = net.predict(plane).reshape(len(YS), -1)
    ax.contourf(XS, YS, p, [0, 0.5, 1], colors=[BLUE, RED], alpha=0.25)
    for label, colour, marker in ((0, BLUE, "o"), (1, RED, "^")):
        x, y = X[::3][Y[::3, 0] == label].T
        ax.scatter(x, y, 12, colour, marker=marker, linewidth=0)
    ax.set(xticks=[], yticks=[], xlim=XS[[0, -1]], ylim=YS[[0, -1]])


def histogram(ax, eigenvalues, tolerance, edges, unit):
    """The eigenvalues: red below zero, blue above, and grey those that rounding may make zero."""
    edges = np.unique([*edges, 0.0])
    left, _, right = edges[np.searchsorted(edges, 0.0) + np.arange(-1, 2)]  # the bins beside zero
    zeros = np.sum(np.abs(eigenvalues) <= tolerance)
    ax.bar(left, zeros, right - left, align="edge", color=GREY)
    for part, colour in (
        (eigenvalues[eigenvalues < -tolerance], RED),
        (eigenvalues[eigenvalues > tolerance], BLUE),
    ):
        counts = np.histogram(part, edges)[0]
        ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=colour)
    ax.set_xscale("asinh", linear_width=unit)
    ax.set_xticks([-0.1, 0, 0.1, 10], ["−0.1", "0", "0.1", "10"])
    ax.minorticks_off()
    ax.set(xlim=edges[[0, -1]], ylim=(0, 12), yticks=[0, 5, 10])


def frame(runs, data, edges, unit, k):
    """The k-th picture: above what the networks have learned, below their eigenvalues."""
    figure = Figure(figsize=(6.4, 5.8), dpi=100, facecolor="none")
    panels = figure.subplots(2, 2)
    figure.subplots_adjust(0.09, 0.11, 0.99, 0.94, wspace=0.12, hspace=0.16)
    for (above, below), (name, (net, history)) in zip(panels.T, runs.items()):
        boundary(above, net.with_theta(history["theta"][k]), data.X_train, data.Y_train)
        above.set_title(f"{NAMES[name]}, loss {history['loss'][k]:.2f}", fontsize=13)
        eigenvalues, tolerance = history["eigenvalues"][k], history["tolerance"][k]
        histogram(below, eigenvalues, tolerance, edges, unit)
        negative, zeros = np.sum(eigenvalues < -tolerance), np.sum(np.abs(eigenvalues) <= tolerance)
        title = f"of {len(eigenvalues)}: {negative} negative"
        below.set_title(title + (f", {zeros} zero" if zeros else ""), fontsize=12)
    panels[1, 0].set_ylabel("how many")
    figure.text(0.09, 0.012, f"epoch {EPOCHS[k] + 1}")
    figure.text(0.99, 0.012, "eigenvalues of the exact Hessian", ha="right")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Image.open(buffer)


def main():
    data = mf.datasets.nonlinear()
    runs = {name: learn(name, data) for name in NAMES}
    every = np.concatenate([h["eigenvalues"].ravel() for _, h in runs.values()])
    edges, unit = mf.plots.eigenvalue_bins(every)
    with rc_context(LOOK):
        first, *others = [frame(runs, data, edges, unit, k) for k in range(len(EPOCHS))]
    times = [150] * len(others) + [3000]
    options = {"save_all": True, "append_images": others, "duration": times, "loop": 0}
    first.save(DOCS / "overview.webp", lossless=True, method=4, **options)
    white = Image.new("RGBA", first.size, "white")
    card = Image.alpha_composite(white, others[-1].convert("RGBA")).convert("RGB")
    card.save(DOCS / "_static" / "card.png", optimize=True)


def start():
    """The figure that the lines of docs/start.md draw."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "start.md").read_text("utf-8"), re.DOTALL)
    names = {}
    exec("".join(blocks[:3]), names)
    names["figure"].savefig(DOCS / "start.png", dpi=100)


if __name__ == "__main__":
    main()
    start()
