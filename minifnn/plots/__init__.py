"""One function per figure, each with ``ax=None``; it returns the axes that it drew on.

Shared by all functions:

- `histories`, `spectra`, `networks`, `curves`: what to draw, one object or a dict of them by
  label: any text or number, such as ``{"Adam": history}``. A history needs ``curvature=True``
  where the figure shows eigenvalues.
- `net`, `X`, `Y`: a network and its data, as in `minifnn.hessian`.
- `ax`: Matplotlib axes to draw on. By default there is a new figure.
- `colorbar`: whether to draw the bar that explains the colours.

A TypeError or ValueError names the argument that does not fit. A cost of exactly 0 has no
place on a log scale and is left out.

A label that names an activation ("esp") has the same colour, line and marker in every figure;
others take theirs in turn: safe for colour-blind readers, and readable in grey. A new figure is
transparent, readable on white and on black, unless a style of Matplotlib was chosen. No global
setting is changed; with an `ax` of a bare `matplotlib.figure.Figure`, pyplot is not imported.
"""

from .networks import (
    activations,
    cost_along_eigenvectors,
    curvature_parts,
    decision_boundary,
    eigenvectors,
    weight_histogram,
)
from .spectra import eigenvalue_bins, eigenvalue_film, eigenvalue_histogram, gamma_curve
from .style import COLOURS, COST, COST_RUNS, LINES, MARKERS, NAMES
from .training import (
    accuracy_against_cost,
    alpha_against_cost,
    bands,
    cost_against_epoch,
    gamma_against_cost,
    learning_curve,
    sharpness_against_epoch,
    zero_residuals_against_epoch,
)

__all__ = [
    "COLOURS",
    "COST",
    "COST_RUNS",
    "LINES",
    "MARKERS",
    "NAMES",
    "accuracy_against_cost",
    "activations",
    "alpha_against_cost",
    "bands",
    "cost_against_epoch",
    "cost_along_eigenvectors",
    "curvature_parts",
    "decision_boundary",
    "eigenvalue_bins",
    "eigenvalue_film",
    "eigenvalue_histogram",
    "eigenvectors",
    "gamma_against_cost",
    "gamma_curve",
    "learning_curve",
    "sharpness_against_epoch",
    "weight_histogram",
    "zero_residuals_against_epoch",
]
