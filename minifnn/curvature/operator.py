"""H v, fast: the second-order pass of `minifnn.layers`, with all that does not depend on v kept.

Samples come in chunks so small that a chunk's arrays stay in the processor's cache. The bias
is one more row of W~ = [W; b], as theta holds it, on an input that is always 1: a~ = [a, 1].
Straight gates and fixed betas cost nothing. Of a loss's curvature C only what C o_dot needs is
kept: its diagonal c, for c o_dot; or for softmax p, for p (o_dot - p.o_dot)/N.
"""

from collections import namedtuple
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .._util.threads import quiet, single_threaded_blas
from .._util.typing import Array, ArrayLike, Engine
from .._util.validation import as_array, check_array
from ..backend import choose
from ..losses import bernoulli, categorical, squared_error
from ..network import Network, check_problem

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

UNITS = 1 << 13  # numbers per chunk and layer: 64 KB, for which NumPy has memory at hand
MOST = 1 << 27  # numbers kept for further products: 1 GB

# Of a layer: g is d loss/da, g_hh is g f_hh or None if that is 0, and of_beta are
# f_beta, g f_hbeta and the sum of g f_betabeta over samples, or nothing for a fixed beta
Kept = namedtuple("Kept", "W a f_h delta g_hh of_beta")


def hessian_operator(
    net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba"
) -> "LinearOperator":
    """Return the Hessian at the present theta as an operator (P, P), never formed.

    It keeps some eight numbers per unit and sample, or, if these are more than 1 GB, X and Y
    alone, and does not follow later changes of theta, X or Y. Several threads may use it at once.

    Parameters
    ----------
    net, X, Y, engine
        As in `minifnn.hessian`.

    Returns
    -------
    scipy.sparse.linalg.LinearOperator

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> net, X, Y = mf.mlp([2, 3, 1], seed=1), [[1.0, 0.5], [-1.0, 2.0]], [[1.0], [0.0]]
    >>> A = mf.hessian_operator(net, X, Y)
    >>> v = np.ones(net.n_parameters)
    >>> print(A.shape, abs(A @ v - mf.hvp(net, X, Y, v)).max())
    (17, 17) 0.0
    """
    from scipy.sparse.linalg import LinearOperator  # here, so that importing minifnn stays quick

    times = choose(engine, hessian_times, net)(net, *check_problem(net, X, Y))
    shape = net.n_parameters, net.n_parameters
    return LinearOperator(shape, matvec=times, rmatvec=times, matmat=times, dtype=np.float64)


def hessian_times(net: Network, X: Array, Y: Array, keep: bool = True) -> partial[Array]:
    """Return V -> H V, (P,) or (P, R), at the present theta; if it keeps nothing, for one call."""
    net = net.copy()
    if keep and 8 * sum(net.sizes) * len(X) <= MOST:
        return partial(_times, net, list(_chunks(net, X, Y)))
    return partial(_times, net, (X.copy(), Y.copy()) if keep else (X, Y))


def _times(net, state, V):
    chunks = state if isinstance(state, list) else _chunks(net.fresh(), *state)
    V = as_array("V", V)
    V = check_array("V", V, (net.n_parameters, None)[: max(1, V.ndim)])
    columns = np.ascontiguousarray(V.reshape(len(V), -1).T)
    HV = np.zeros_like(columns)
    pairs = [(_folded(net, v), _folded(net, Hv)) for v, Hv in zip(columns, HV)]
    with quiet(), single_threaded_blas(UNITS * max(net.sizes)):
        for layers, C in chunks:
            for v, Hv in pairs:
                _add(layers, C, v, Hv)
    return HV.T.reshape(V.shape)


def _folded(net, vector):
    """Views into a vector like theta: per layer W~, and beta or None where it is fixed."""
    at, views = net.slices, []
    for l, units in enumerate(net.sizes[1:], start=1):
        W, beta = vector[at[f"W{l}"].start : at[f"b{l}"].stop], at.get(f"beta{l}")
        views.append((W.reshape(-1, units), None if beta is None else vector[beta]))
    return views


def _chunks(net, X, Y):
    """Yield of each chunk of samples what is kept of its layers, and of the loss's curvature."""
    rows, loss = max(64, UNITS // max(net.sizes[1:])), net.loss_function
    for start in range(0, len(X), rows):
        x, y, layers = X[start : start + rows], Y[start : start + rows], []
        o, share, bias = net.forward(x), len(x) / len(X), np.ones((len(x), 1))
        g = share * loss.gradient(o, y)
        for (dense, gate), trained in zip(net.layers[::-1], net.trainable_beta[::-1]):
            a, delta = np.hstack([dense.x, bias]), gate.backward(g)
            f_hh, f_hbeta, f_betabeta = gate.curvatures
            g_hh = g * f_hh if np.any(f_hh) else None
            of_beta = (gate.f_beta, g * f_hbeta, (g * f_betabeta).sum(axis=0)) if trained else ()
            layers.insert(0, Kept(dense.W, a, gate.f_h, delta, g_hh, of_beta))
            g = delta @ dense.W.T if dense.x is not x else g  # (5.5)
        yield layers, _curvature(loss, o, y, share)


def _add(layers, C, v, Hv):
    """Add a chunk's share to H v: forward and backward, each line differentiated along v."""
    a_dot, inner = None, []
    for kept, (W_dot, beta_dot), (_, Hbeta) in zip(layers, v, Hv):
        h_dot = kept.a @ W_dot  # (10.1)
        if a_dot is not None:
            h_dot += a_dot @ kept.W  # (10.1)
        below, a_dot = a_dot, kept.f_h * h_dot  # (10.2)
        turn = 0.0 if kept.g_hh is None else kept.g_hh * h_dot  # g f_h_dot
        if kept.of_beta:
            f_beta, g_hbeta, g_betabeta = kept.of_beta
            a_dot += f_beta * beta_dot  # (10.2)
            turn += g_hbeta * beta_dot
            Hbeta += np.einsum("ni,ni->i", g_hbeta, h_dot) + g_betabeta * beta_dot  # (10.3)
        inner.append((below, turn))
    g_dot = _times_curvature(C, a_dot)
    for kept, (W_dot, _), (HW, Hbeta) in zip(layers[::-1], v[::-1], Hv[::-1]):
        a_dot, turn = inner.pop()
        if kept.of_beta:
            Hbeta += (g_dot * kept.of_beta[0]).sum(axis=0)  # (10.3)
        dh_dot = g_dot * kept.f_h + turn  # (10.3)
        HW += kept.a.T @ dh_dot  # (10.4), and in the last row (10.5)
        if a_dot is not None:
            HW[:-1] += a_dot.T @ kept.delta  # (10.4)
            g_dot = dh_dot @ kept.W.T + kept.delta @ W_dot[:-1].T  # (10.6)


def _curvature(loss, o, y, share):
    """Of a chunk: p for softmax, with more; the diagonal of C; or for other losses C (n, K, K)."""
    if loss is categorical:
        p = loss.predict(o)
        return p, p * (share / len(o)), (np.arange(len(o)), o.argmax(axis=1))
    if loss is bernoulli:
        return loss.predict(o) * loss.predict(-o) * (share / o.size)  # (4.3)
    return share / len(o) if loss is squared_error else share * loss.curvature(o, y)  # (4.9)


def _times_curvature(C, o_dot):
    """C o_dot, (n, K)."""
    if isinstance(C, tuple):
        p, p_share, top = C
        # A shift of o_dot is free. By that of the largest p no digits are lost where p is nearly 1
        o_dot = o_dot - o_dot[top][:, None]
        return p_share * (o_dot - np.einsum("nk,nk->n", p, o_dot)[:, None])  # (4.6)
    return C * o_dot if np.ndim(C) < 3 else np.einsum("nij,nj->ni", C, o_dot)
