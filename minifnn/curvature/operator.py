"""H v, fast: the second-order pass of `minifnn.layers`, with all that does not depend on v kept.

Samples are columns here, (I, n), and come in chunks so small that a chunk's arrays stay in the
processor's cache. Straight gates and fixed betas cost nothing. Of a loss's curvature C only what
C o_dot needs is kept: its diagonal c, for c o_dot; or for softmax p, for p (o_dot - p.o_dot)/N.
"""

from collections import namedtuple
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .._util.threads import one_thread, quiet, thread_pool
from .._util.typing import Array, ArrayLike, Engine
from .._util.validation import as_array, check_array
from ..backend import choose
from ..losses import bernoulli, categorical, squared_error
from ..network import Network, check_problem

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

UNITS = 1 << 16  # numbers per chunk and layer: 512 KB, which fit the processor's cache
MOST = 1 << 27  # numbers kept for further products: 1 GB
# From so many samples times parameters on, samples are divided into so many shares, for as many
# threads as there are: so that for any number of threads the bits are the same
SHARES = (0, 1), (5e6, 2), (2.5e8, 8)

# Of a layer, for I units and n samples: its inputs a (D, n); f_h and delta = d loss/dh (I, n);
# with g = d loss/df, g_hh is g f_hh, or None if that is 0, and of_beta are f_beta, g f_hbeta and
# the sum of g f_betabeta over samples, or nothing for a fixed beta
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

    times = hessian_times(net, *check_problem(net, X, Y), engine)
    shape = net.n_parameters, net.n_parameters
    return LinearOperator(shape, matvec=times, rmatvec=times, matmat=times, dtype=np.float64)


def hvp(net: Network, X: ArrayLike, Y: ArrayLike, V: ArrayLike, engine: Engine = "numba") -> Array:
    """Return H V without forming H; `hessian_operator` is faster for many products.

    Parameters
    ----------
    net, X, Y
        As in `minifnn.hessian`.
    V : array_like, shape (P,) or (P, R)
        One direction, or R of them.
    engine
        As in `minifnn.hessian`.

    Returns
    -------
    ndarray, of V's shape

    Examples
    --------
    >>> import minifnn as mf
    >>> net = mf.mlp([1, 1], output="linear")
    >>> print(mf.hvp(net, [[1.0], [3.0]], [[0.0], [0.0]], [1.0, -1.0]))
    [3. 1.]
    """
    X, Y = check_problem(net, X, Y)
    return hessian_times(net, X, Y, engine, keep=False)(V)


def hessian_times(
    net: Network, X: Array, Y: Array, engine: Engine, keep: bool = True
) -> partial[Array]:
    """Return V -> H V, (P,) or (P, R), at the present theta; if it keeps nothing, for one call."""
    choose(engine, both_passes, net)  # or says what is wrong with the engine
    net, N = net.copy(), len(X)
    X, Y = (X.copy(), Y.copy()) if keep else (X, Y)
    each = -(-N // max(shares for size, shares in SHARES if N * net.n_parameters >= size))
    parts = ((X[k : k + each], Y[k : k + each]) for k in range(0, N, each))
    shares = [partial(_chunks, net, x, y, N, engine) for x, y in parts]
    if keep and 8 * sum(net.sizes) * N <= MOST:
        shares = [partial(iter, kept) for kept in _each(shares, lambda share: list(share()))]
    return partial(_times, net, shares)


def _each(shares, function):
    """function(share) of all shares; of several, in parallel."""
    if len(shares) == 1:
        with quiet(), one_thread():
            return [function(shares[0])]
    with thread_pool() as run:
        return run(partial(function, share) for share in shares)


def _times(net, shares, V):
    V = as_array("V", V)
    V = check_array("V", V, (net.n_parameters, None)[: max(1, V.ndim)])
    columns = np.ascontiguousarray(V.reshape(len(V), -1).T)

    def of_share(chunks):
        HV = np.zeros_like(columns)
        pairs = [(net.split(v), net.split(Hv)) for v, Hv in zip(columns, HV)]
        for layers, C in chunks():
            for v, Hv in pairs:
                _add(layers, C, v, Hv)
        return HV

    return (net.ridge * columns + sum(_each(shares, of_share))).T.reshape(V.shape)


def _chunks(net, X, Y, N, engine):
    """Yield of each chunk of samples what is kept of its layers, and of the loss's curvature."""
    rows, run = max(64, UNITS // max(net.sizes[1:])), choose(engine, both_passes, net)
    for start in range(0, len(X), rows):
        x, y, kept = X[start : start + rows], Y[start : start + rows], []
        layers, C = run(net, x, y, len(x) / N)
        for (W, a, f_h, delta, g_hh, *of_beta), trained in zip(layers, net.trainable_beta):
            of_beta = (*of_beta[:2], of_beta[2].sum(axis=1)) if trained else ()
            kept.append(Kept(W, a, f_h, delta, g_hh if g_hh.any() else None, of_beta))
        yield kept, C


def both_passes(net: Network, x: Array, y: Array, share: float) -> tuple[list[tuple], Any]:
    """Per layer W, a, f_h, delta, g f_hh, f_beta, g f_hbeta, g f_betabeta; and C, for x and y."""
    net, loss, layers = net.fresh(), net.loss_function, []
    o = net.forward(x)
    g = share * loss.gradient(o, y)
    for dense, gate in net.layers[::-1]:
        delta = gate.backward(g)  # (5.1)
        g_hh, *bent = (g * second for second in gate.curvatures)
        parts = gate.f_h, delta, g_hh, gate.f_beta, *bent
        columns = (np.broadcast_to(part, g.shape).T for part in parts)
        layers.insert(0, (dense.W, dense.x.T, *columns))
        g = delta @ dense.W.T  # (5.5)
    return layers, _curvature(loss, o, y, share)


def _add(layers, C, v, Hv):
    """Add a chunk's share to H v: forward and backward, each line differentiated along v."""
    a_dot, inner = None, []
    for l, kept in enumerate(layers, start=1):
        h_dot = v[f"W{l}"].T @ kept.a
        h_dot += v[f"b{l}"][:, None]  # (10.1)
        if a_dot is not None:
            h_dot += kept.W.T @ a_dot  # (10.1)
        below, a_dot = a_dot, kept.f_h * h_dot  # (10.2)
        turn = 0.0 if kept.g_hh is None else kept.g_hh * h_dot  # g f_h_dot
        if kept.of_beta:
            (f_beta, g_hbeta, g_betabeta), beta_dot = kept.of_beta, v[f"beta{l}"]
            a_dot += f_beta * beta_dot[:, None]  # (10.2)
            turn += g_hbeta * beta_dot[:, None]
            Hv[f"beta{l}"] += (g_hbeta * h_dot).sum(axis=1) + g_betabeta * beta_dot  # (10.3)
        inner.append((below, turn))
    g_dot = _times_curvature(C, a_dot)
    for l in range(len(layers), 0, -1):
        kept, (a_dot, turn) = layers[l - 1], inner.pop()
        if kept.of_beta:
            Hv[f"beta{l}"] += (g_dot * kept.of_beta[0]).sum(axis=1)  # (10.3)
        dh_dot = g_dot * kept.f_h + turn  # (10.3)
        Hv[f"W{l}"] += (dh_dot @ kept.a.T).T  # (10.4)
        Hv[f"b{l}"] += dh_dot.sum(axis=1)  # (10.5)
        if a_dot is not None:
            Hv[f"W{l}"] += a_dot @ kept.delta.T  # (10.4)
            g_dot = kept.W @ dh_dot + v[f"W{l}"] @ kept.delta  # (10.6)


def _curvature(loss, o, y, share):
    """For softmax p and p/N (K, n); the diagonal of C (K, n); or for other losses C (n, K, K)."""
    if loss is categorical:
        p = loss.predict(o).T
        return p, p * (share / len(o))
    if loss is bernoulli:
        return (loss.predict(o) * loss.predict(-o)).T * (share / o.size)  # (4.3)
    return share / len(o) if loss is squared_error else share * loss.curvature(o, y)  # (4.9)


def _times_curvature(C, o_dot):
    """C o_dot, (K, n)."""
    if isinstance(C, tuple):
        p, p_share = C
        # A shift of o_dot is free. By that of the largest p no digits are lost where p is nearly 1
        o_dot = o_dot - np.take_along_axis(o_dot, p.argmax(axis=0)[None], axis=0)
        return p_share * (o_dot - np.einsum("kn,kn->n", p, o_dot))  # (4.6)
    return C * o_dot if np.ndim(C) < 3 else np.einsum("nij,jn->in", C, o_dot)
