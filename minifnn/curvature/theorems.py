"""What is known of a Hessian before any eigenvalue is computed; derived in lesson 11.

Zeros that a theorem counts, and how many eigenvalues are negative at most:

- A parameter that does not change the output of any sample has a row of zeros: the weights of
  a dead ReLU unit, or of a pixel that is always 0.
- Softmax depends on differences of logits only: one shift for every input of the last layer,
  and one for its bias, changes nothing (with a trained output beta it is a gauge, see below).
- A gauge is a change of several parameters that leaves the network's output as it is, such as
  (w, b, beta, v) -> (c w, c b, beta/c, v/c) of an ESP unit. With xi = D theta its generator,
  H xi = -D gradient: zero at a critical point, and near one as small as the gradient.
- Where all units are ReLU, the diagonal block of each layer is Gauss-Newton, so positive
  semidefinite, which leaves room for few negative eigenvalues.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .._util.typing import Array, ArrayLike, BoolArray
from .._util.validation import check_array
from ..losses import bernoulli, categorical, squared_error
from ..network import Network, check_network, check_problem
from .operator import hvp

CONVEX = bernoulli, categorical, squared_error
UNDONE_BY = {  # what makes up for a factor on W and b of layer l
    "relu": ("W{above}",),  # f(c h) = c f(h) for c > 0
    "identity": ("W{above}",),
    "esp": ("beta{l}", "W{above}"),  # f(c h, beta/c) = c f(h, beta)
    "softplus": ("beta{l}", "W{above}"),
    "sigmoid": ("beta{l}",),  # f(c h, beta/c) = f(h, beta)
    "tanh": ("beta{l}",),
    "scale": ("beta{l}",),
}


class StructuralZeros(NamedTuple):
    """How many zero eigenvalues theorems promise; the kinds do not overlap.

    `dead` and `softmax` are exact zeros. Each `gauge` is one at a critical point, and elsewhere
    an eigenvalue that is at most `gauge_bound` in size.
    """

    dead: int
    softmax: int
    gauge: int
    gauge_bound: float


def structural_zeros(net: Network, X: ArrayLike, Y: ArrayLike) -> StructuralZeros:
    """Return how many eigenvalues of the Hessian are zero by a theorem.

    Parameters
    ----------
    net, X, Y
        As in `minifnn.hessian`.

    Returns
    -------
    StructuralZeros

    Examples
    --------
    With an input that is always 0, each unit has a dead weight; and each ReLU unit has a gauge:

    >>> import minifnn as mf
    >>> net = mf.mlp([2, 3, 1], hidden="relu", seed=1)
    >>> net.parameters["b1"] = [1.0, 1.0, 1.0]
    >>> zeros = mf.structural_zeros(net, X=[[0.1, 0.0], [0.2, 0.0]], Y=[[1.0], [0.0]])
    >>> print(zeros.dead, zeros.gauge)
    3 3
    """
    X, Y = check_problem(net, X, Y)
    dead = dead_parameters(net, X) & (net.ridge == 0)  # with l2 no change of a weight is free
    both = (columns[:, net.ridge @ abs(columns) == 0] for columns in (_shifts(net), gauges(net)[1]))
    shifts, generators = (np.where(dead[:, None], 0.0, columns) for columns in both)
    if net.trainable_beta[-1]:
        generators, shifts = np.hstack([generators, shifts]), shifts[:, :0]
    Z = _basis(shifts)
    Q = _basis(generators - Z @ (Z.T @ generators))
    # |H q| <= |H Q|_2 for unit vectors q of the span of Q, so H^2 has as many eigenvalues as Q
    # has columns at or below |H Q|_2^2 (Courant, Fischer)
    bound = np.linalg.norm(hvp(net, X, Y, Q), 2) if Q.size else 0.0
    return StructuralZeros(int(dead.sum()), Z.shape[1], Q.shape[1], float(bound))


def _shifts(net):
    """For softmax: the directions that add one number to all logits, (P, fan_in + 1)."""
    l, beta = len(net.layers), net.betas[-1]
    if net.loss_function is not categorical or not beta.all():
        return np.zeros((net.n_parameters, 0))
    columns = np.zeros((net.n_parameters, net.sizes[-2] + 1))
    rows = slice(net.slices[f"W{l}"].start, net.slices[f"b{l}"].stop)
    columns[rows] = np.kron(np.eye(net.sizes[-2] + 1), 1 / beta[:, None])
    return columns


def _basis(columns):
    """An orthonormal basis of the space that the columns (P, n) span."""
    lengths = np.linalg.norm(columns, axis=0)
    U, sizes, _ = np.linalg.svd(columns[:, lengths > 0] / lengths[lengths > 0], full_matrices=False)
    return U[:, sizes > 1e-10]


def dead_parameters(net: Network, X: ArrayLike) -> BoolArray:
    """Return which parameters of net do not change the output of any sample of X, bool (P,).

    A weight does if for one sample its input is not 0, and a path leads from its unit to the
    output through units with a slope. A ReLU unit with h <= 0 has no slope, and passes on 0.
    """
    X = check_array("X", X, (None, check_network(net).sizes[0]))
    net = net.fresh()
    net.forward(X)
    live = [X != 0]  # (N, units) each: what passes something on
    for (_, gate), name in zip(net.layers, net.gate_names):
        live.append(gate.h > 0 if name == "relu" else np.ones(gate.h.shape, bool))
    felt = np.zeros(net.n_parameters, bool)
    views, path = net.split(felt), np.ones((len(X), 1), bool)
    for l in range(len(net.layers), 0, -1):
        reached = path & live[l]  # (N, units)
        views[f"W{l}"][:] = live[l - 1].T.astype(float) @ reached > 0
        views[f"b{l}"][:] = reached.any(axis=0)
        if f"beta{l}" in views and net.gate_names[l - 1] not in ("relu", "identity"):
            views[f"beta{l}"][:] = reached.any(axis=0)
        path = reached.any(axis=1, keepdims=True)
    return ~felt


def gauges(net: Network) -> tuple[Array, Array]:
    """Return the gauges of net: signs D (P, n) and generators xi = D theta (P, n).

    One column per gauge: +1 for the weights and the bias that enter a unit, -1 for what undoes
    their change, by `UNDONE_BY`, if all of it is trained.
    """
    columns = []
    for l, gate in enumerate(check_network(net).gate_names, start=1):
        undone_by = [name.format(l=l, above=l + 1) for name in UNDONE_BY.get(gate, ())]
        if not undone_by or not set(undone_by) <= net.slices.keys():
            continue
        for i in range(net.sizes[l]):
            D = np.zeros(net.n_parameters)
            views = net.split(D)
            views[f"W{l}"][:, i] = views[f"b{l}"][i] = 1.0
            for name in undone_by:
                views[name][i] = -1.0
            columns.append(D)
    signs = np.stack(columns, axis=1) if columns else np.zeros((net.n_parameters, 0))
    return signs, signs * net.theta[:, None]


def most_negative(net: Network, X: ArrayLike) -> int | None:
    """Return how many eigenvalues of the Hessian of net are negative at most, or None.

    For networks of ReLU units (and logits or values without a trained beta) it is

        P - max_l P_l,   and with one hidden layer   sum over live units of min(K, D+1)

    if that is less; for others no such bound is known.
    """
    X = check_array("X", X, (None, check_network(net).sizes[0]))
    *hidden, last = net.gate_names
    known = last == "scale" and not any(net.trainable_beta) and net.loss_function in CONVEX
    if not known or "relu" not in hidden or set(hidden) - {"relu", "identity"}:
        return None
    bound = net.n_parameters - max((n + 1) * m for n, m in pairwise(net.sizes))
    if len(hidden) > 1:
        return bound
    live = (X @ net.parameters["W1"] + net.parameters["b1"] > 0).any(axis=0)
    return min(bound, int(live.sum()) * min(net.sizes[2], net.sizes[0] + 1))
