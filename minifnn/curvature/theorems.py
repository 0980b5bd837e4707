"""What is known of a Hessian before any eigenvalue is computed.

Zeros that a theorem counts, and how many eigenvalues may be negative at most:

- A parameter that no sample's output can feel has a row of zeros: the weights of
  a dead ReLU unit, or of a pixel that is always 0.
- Softmax looks at differences of logits only: one shift for every input of the
  last layer, and one for its bias, changes nothing (with a trained output beta
  the shift is a gauge, see below).
- A gauge is a change of several parameters that nobody can see, such as
  (w, b, beta, v) -> (c w, c b, beta/c, v/c) of an ESP unit. With xi = D theta its
  generator, H xi = -D gradient: zero at a critical point, and near one as small
  as the gradient.
- Where all units are ReLU, each layer's diagonal block is Gauss-Newton and never
  negative, which leaves room for few negative eigenvalues.

They are derived in lesson 11.
"""

from typing import NamedTuple

import numpy as np

from .._util.typing import Array, ArrayLike, BoolArray
from .._util.validation import check_array
from ..hessian import hvp
from ..network import Network, check_network, check_problem

SAMPLES_AT_ONCE = 4096
NOISELESS = ("relu", "identity")  # f(c h) = c f(h) for c > 0, and beta changes nothing
OF_BETA_H = ("sigmoid", "tanh", "scale")  # f(c h, beta/c) = f(h, beta)


class StructuralZeros(NamedTuple):
    """How many zero eigenvalues theorems promise; the kinds do not overlap.

    Attributes
    ----------
    dead : int
        Parameters that no sample's output can feel: exact zeros.
    softmax : int
        Shifts of the logits, where the output's beta is not trained: exact zeros.
    gauge : int
        Gauges (and shifts of logits with a trained beta): exact zeros at a
        critical point.
    gauge_bound : float
        And elsewhere: so many more eigenvalues are absolutely at most this.

    Examples
    --------
    >>> from minifnn.theorems import StructuralZeros
    >>> zeros = StructuralZeros(dead=3, softmax=0, gauge=10, gauge_bound=0.002)
    >>> print(f"{zeros.dead + zeros.softmax} are 0, {zeros.gauge} more within {zeros.gauge_bound}")
    3 are 0, 10 more within 0.002
    """

    dead: int
    softmax: int
    gauge: int
    gauge_bound: float


def structural_zeros(net: Network, X: ArrayLike, Y: ArrayLike) -> StructuralZeros:
    """Return how many zero eigenvalues of the Hessian are there by theorem.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `minifnn.hessian`.

    Returns
    -------
    StructuralZeros

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what came and what was wanted.

    Notes
    -----
    Let Q be an orthonormal basis of the gauges' generators, at right angles to
    the exact zeros. Along each unit vector of its span |H q| <= |H Q|_2, so H^2
    has as many eigenvalues as Q has columns at or below |H Q|_2^2 (Courant, Fischer).

    Examples
    --------
    An input that is always 0 makes one dead weight a unit, and every ReLU unit has a gauge:

    >>> import minifnn as mf
    >>> net = mf.mlp([2, 3, 1], hidden="relu", seed=1)
    >>> net.parameters["b1"] = [1.0, 1.0, 1.0]
    >>> zeros = mf.structural_zeros(net, X=[[0.1, 0.0], [0.2, 0.0]], Y=[[1.0], [0.0]])
    >>> print(zeros.dead, zeros.gauge)
    3 3
    """
    X, Y = check_problem(net, X, Y)
    dead = dead_parameters(net, X)
    shifts = np.where(dead[:, None], 0.0, _shifts(net))
    generators = np.where(dead[:, None], 0.0, gauges(net)[1])
    if net.trainable_beta[-1]:
        generators, shifts = np.hstack([generators, shifts]), shifts[:, :0]
    Z = _basis(shifts)
    Q = _basis(generators - Z @ (Z.T @ generators))
    bound = np.linalg.norm(hvp(net, X, Y, Q), 2) if Q.size else 0.0
    return StructuralZeros(int(dead.sum()), Z.shape[1], Q.shape[1], float(bound))


def _shifts(net):
    """For softmax: the directions that add one number to all logits, (P, fan_in + 1)."""
    l = len(net.layers)
    beta = net.betas[-1]
    if net.output != "softmax" or not beta.all():
        return np.zeros((net.n_parameters, 0))
    columns = np.zeros((net.n_parameters, net.sizes[-2] + 1))
    for j in range(net.sizes[-2]):
        net.split(columns[:, j])[f"W{l}"][j] = 1 / beta
    net.split(columns[:, -1])[f"b{l}"][:] = 1 / beta
    return columns


def _basis(columns):
    """An orthonormal basis of the space that the columns (P, n) span."""
    lengths = np.linalg.norm(columns, axis=0)
    U, sizes, _ = np.linalg.svd(columns[:, lengths > 0] / lengths[lengths > 0], full_matrices=False)
    return U[:, sizes > 1e-10]


def dead_parameters(net: Network, X: ArrayLike) -> BoolArray:
    """Return which parameters of net no sample's output can feel, bool (P,).

    A sample's output feels a weight if the input of that weight can be other than
    0 and a way leads up from its unit, all through units with a slope. A ReLU
    unit whose field is not positive has no slope, and sends 0 on.

    Raises
    ------
    TypeError, ValueError
        If X does not fit the network.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.theorems import dead_parameters
    >>> net = mf.mlp([1, 2, 1], hidden="relu", seed=1)
    >>> net.parameters["b1"] = [100.0, -100.0]  # the second unit is dead
    >>> dead = dead_parameters(net, [[1.0], [-1.0]])
    >>> print([name for name, is_dead in zip(net.labels, dead) if is_dead])
    ['W1[0,1]', 'b1[1]', 'W2[1,0]']
    """
    X = check_array("X", X, (None, check_network(net).sizes[0]))
    felt = np.zeros(net.n_parameters, bool)
    for start in range(0, len(X), SAMPLES_AT_ONCE):
        felt |= _felt(net, X[start : start + SAMPLES_AT_ONCE])
    return ~felt


def _felt(net, x):
    """The parameters that some of these samples' outputs feel, bool (P,)."""
    net.forward(x, "numpy")
    sends = [x != 0, *(_has_slope(gate) for _, gate in net.layers)]  # (N, units) each
    felt = np.zeros(net.n_parameters, bool)
    views, above = net.split(felt), np.ones((len(x), 1), bool)
    for l in range(len(net.layers), 0, -1):
        heard = above & sends[l]
        views[f"W{l}"][:] = sends[l - 1].T.astype(float) @ heard > 0
        views[f"b{l}"][:] = heard.any(axis=0)
        if f"beta{l}" in views:
            views[f"beta{l}"][:] = heard.any(axis=0) & _hears_beta(net.layers[l - 1].gate)
        above = heard.any(axis=1, keepdims=True)
    return felt


def _has_slope(gate):
    """For which samples and units a gate may pass on a change, bool (N, units)."""
    return gate.h > 0 if gate.activation.name == "relu" else np.ones(gate.h.shape, bool)


def _hears_beta(gate):
    """Does beta change anything in this gate?"""
    _, f_beta = gate.activation.slopes(gate.h, gate.beta)
    _, f_hbeta, _ = gate.curvatures
    return np.any(f_beta) or np.any(f_hbeta)


def gauges(net: Network) -> tuple[Array, Array]:
    """Return the gauges of a network net: signs D (P, n) and generators xi = D theta (P, n).

    One column a gauge: +1 on the weights and the bias that enter a unit, -1 on
    what makes up for them. That is the weights that leave it, for ReLU and the
    identity; those and beta, for ESP with a trained beta; beta alone, for
    sigmoid, tanh and the scale of the output with a trained beta.

    Examples
    --------
    Double what enters a ReLU unit, halve what leaves it, and nobody can tell:

    >>> import minifnn as mf
    >>> from minifnn.theorems import gauges
    >>> net = mf.mlp([1, 1, 1], hidden="relu", seed=1)
    >>> signs, xi = gauges(net)
    >>> print(dict(zip(net.labels, signs[:, 0].tolist())))
    {'W1[0,0]': 1.0, 'b1[0]': 1.0, 'W2[0,0]': -1.0, 'b2[0]': 0.0}
    >>> moved = net.with_theta(net.theta * 2.0 ** signs[:, 0])
    >>> print((moved.predict([[0.3], [-0.7]]) == net.predict([[0.3], [-0.7]])).all())
    True
    """
    check_network(net)
    columns = [
        _signs(net, l, i, kind)
        for l, (_, gate) in enumerate(net.layers, start=1)
        for kind in [_made_up_by(net, l, gate.activation.name)]
        if kind
        for i in range(net.sizes[l])
    ]
    signs = np.stack(columns, axis=1) if columns else np.zeros((net.n_parameters, 0))
    return signs, signs * net.theta[:, None]


def _made_up_by(net, l, name):
    """The parameters that undo a change of scale of the fields of layer l, or none."""
    beta, out = f"beta{l}", f"W{l + 1}"
    if name in NOISELESS:
        return (out,) if out in net.slices else ()
    if beta not in net.slices:
        return ()
    if name == "esp":
        return (beta, out) if out in net.slices else ()
    return (beta,) if name in OF_BETA_H else ()


def _signs(net, l, i, made_up_by):
    """The diagonal of D for unit i of layer l, (P,)."""
    D = np.zeros(net.n_parameters)
    views = net.split(D)
    views[f"W{l}"][:, i] = views[f"b{l}"][i] = 1.0
    for name in made_up_by:
        views[name][i] = -1.0
    return D


def most_negative(net: Network, X: ArrayLike) -> int | None:
    """Return how many eigenvalues of the Hessian of net may be negative at most, or None.

    For networks of ReLU units (and logits or values without a trained beta)

        P - max_l P_l,   and with one hidden layer   sum over live units of min(K, D+1);

    for others no such bound is known. Source: lesson 11.

    Raises
    ------
    TypeError, ValueError
        If X does not fit the network.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.theorems import most_negative
    >>> X = mf.datasets.nonlinear().X_train
    >>> net = mf.mlp([2, 10, 1], hidden="relu", seed=1)
    >>> print(most_negative(net, X), "of", net.n_parameters)  # of ten units, four live
    4 of 41
    >>> print(most_negative(mf.mlp([2, 10, 1], hidden="esp", seed=1), X))
    None
    """
    X = check_array("X", X, (None, check_network(net).sizes[0]))
    if set(net.hidden) - set(NOISELESS) or "relu" not in net.hidden:
        return None
    if any(net.trainable_beta) or net.gate_names[-1] != "scale":
        return None
    layers = [net.slices[f"W{l}"].start for l in range(1, len(net.sizes))]
    sizes = np.diff([*layers, net.n_parameters])
    bound = net.n_parameters - int(sizes.max())
    if len(net.hidden) > 1:
        return bound
    net.logits(X)
    live = int((net.layers[0].gate.h > 0).any(axis=0).sum())
    return min(bound, live * min(net.sizes[2], net.sizes[0] + 1))
