"""Draw docs/overview.png, the figure of the README, from finished runs.

Usage: python docs/overview.py results    (a folder that `minifnn reproduce` wrote)
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from minifnn import plots
from minifnn.experiments.paper import ACTIVATIONS, Run, result_from_file


def draw(folder):
    """Three panels: how the four learn, what ESP has learned, the spectra of the digits."""

    def runs(task):
        return {name: result_from_file(Run(task, name), folder) for name in ACTIVATIONS}

    plane, digits = runs("nonlinear-10"), runs("digits")
    figure = Figure(figsize=(13.5, 4.0), layout="constrained")
    curve, boundary, spectra = figure.subplots(1, 3)
    plots.cost_against_epoch({name: r.history for name, r in plane.items()}, ax=curve)
    curve.set_title("Four activations learn one task, non-linear 2-10-1")
    data = plane["esp"].run.data()
    plots.decision_boundary(plane["esp"].net, data.X_train, data.Y_train, ax=boundary)
    boundary.set_title("What ten ESP units have learned")
    plots.eigenvalue_histogram({name: r.spectrum for name, r in digits.items()}, ax=spectra)
    spectra.set_title("Exact Hessian of the digits, 1,920 x 1,920")
    return figure


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    draw(Path(sys.argv[1]) / "runs").savefig(Path(__file__).with_name("overview.png"), dpi=110)
