"""The exact Hessian of the loss, by hand, in two independent ways.

By columns: every line of forward and backward, differentiated in a direction v,
gives H v (Pearlmutter, 1994), as `layers` has it and `curvature.operator` computes it;
P unit vectors give H. Start here.

By blocks: of each layer and sample S = d2 loss/dh dh', T = d2 loss/dbeta dh' and
B = d2 loss/dbeta dbeta', all made of G = d2 loss/da da' and g = d loss/da. A block of
H within a layer is one of them times the inputs, summed over samples. Between layers
k < l it is S Pi or T Pi, with Pi = dh_l/dh_k, and for weights the term delta J as well,
with J = da_(l-1)/dh_k. The bias is a weight on an input of 1.

H = Gauss-Newton + residual part: the same sum with g = 0, or with G = 0, at the output. Those
by themselves are in `curvature.parts`, and H v in `curvature.operator`.
"""

from typing import Literal
from warnings import warn

import numpy as np

from ._util.progress import check_memory, chunks, progress_bar
from ._util.typing import Array, ArrayLike, Engine
from ._util.validation import check_choice, expect
from .backend import choose
from .curvature.operator import hessian_times
from .losses import diagonal
from .network import Network, check_problem


def hessian(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    method: Literal["blocks", "columns"] = "blocks",
    engine: Engine = "numba",
    progress: bool = False,
) -> Array:
    """Return the exact Hessian of ``net.loss`` with respect to theta.

    Parameters
    ----------
    net : Network
    X : array_like, shape (N, D)
    Y : array_like, shape (N, K), or (N,) class labels for softmax
    method : {"blocks", "columns"}, optional
        Matrix products over samples (fast), or H v per unit vector, which warns if asymmetric.
    engine : {"numba", "numpy"}, optional
        The compiled kernels, or the code that one reads.
    progress : bool, optional
        Show a bar that counts samples (columns, for that method).

    Returns
    -------
    ndarray, shape (P, P)
        Exactly symmetric. Where ReLU has its kink, the derivative is taken to be 0.

    Raises
    ------
    TypeError, ValueError, MemoryError
        If an argument or the Hessian does not fit, or the Hessian is too large for floats.

    Examples
    --------
    >>> import minifnn as mf
    >>> net = mf.mlp([1, 1], output="linear")  # squared error: the mean of [x, 1] [x, 1]^T
    >>> print(mf.hessian(net, X=[[1.0], [3.0]], Y=[[0.0], [0.0]]))
    [[5. 2.]
     [2. 1.]]
    """
    X, Y = check_problem(net, X, Y)
    check_memory(net.n_parameters)
    if check_choice("method", method, ("blocks", "columns")) == "blocks":
        return choose(engine, by_blocks, net)(net, X, Y, curvature=1, residual=1, progress=progress)
    times, H = hessian_times(net, X, Y, engine), np.eye(net.n_parameters)
    with progress_bar(progress, len(H), "column") as advance:
        for p in range(len(H)):
            H[:, p] = times(H[:, p])
            advance()
    asymmetry = np.abs(H - H.T).max()  # rounding, if each column is right
    if asymmetry > 1e-8 * np.abs(H).max():
        warn(f"H by columns and its transpose differ by {asymmetry:.1e}", RuntimeWarning, 2)
    return (H + H.T) / 2


def by_blocks(
    net: Network, X: Array, Y: Array, curvature: float, residual: float, progress: bool = False
) -> Array:
    """H as a mean over samples; for residual=0 its Gauss-Newton part, for curvature=0 the rest."""
    net, H = net.fresh(), np.diag(curvature * net.ridge)
    for share, x, y in chunks(X, Y, (1 + max(net.sizes)) ** 2, progress):
        add_blocks(H, share, net, x, y, curvature, residual)
    for p in range(len(H)):
        H[p, p:] = H[p:, p]
    expect(np.isfinite(H).all(), "X, Y and theta", "a finite Hessian", np.inf)
    return H


def add_blocks(H, share, net, X, Y, curvature=1.0, residual=1.0, between=True):
    """Add the blocks on the diagonal of H, and those between layers below it, times a share."""
    o, L = net.forward(X), range(len(net.layers))
    net.backward(residual * net.loss_function.gradient(o, Y))
    G = curvature * net.loss_function.curvature(o, Y)  # (N, K, K)
    f_h, f_beta, S, T, B = {}, {}, {}, {}, {}
    for l in reversed(L):
        dense, gate = net.layers[l]
        f_hh, f_hbeta, f_betabeta = gate.curvatures
        f_h[l], f_beta[l] = (np.broadcast_to(f, gate.h.shape) for f in (gate.f_h, gate.f_beta))
        S[l] = _outer(f_h[l], f_h[l]) * G + diagonal(f_hh * gate.da)  # (10.7)
        T[l] = _outer(f_beta[l], f_h[l]) * G + diagonal(f_hbeta * gate.da)  # (10.8)
        B[l] = _outer(f_beta[l], f_beta[l]) * G + diagonal(f_betabeta * gate.da)  # (10.9)
        G = dense.W @ S[l] @ dense.W.T  # (10.10)

    one, at = np.ones((len(X), 1)), net.slices
    a = [np.hstack([dense.x, one]) for dense, _ in net.layers]  # inputs, and the bias's
    W = [at[f"W{l + 1}"] for l in L]
    Wb = [slice(W[l].start, at[f"b{l + 1}"].stop) for l in L]
    beta = [at.get(f"beta{l + 1}") for l in L]  # None where fixed

    def add(rows, columns, block):
        if rows and columns:
            H[rows, columns] += share * block.reshape(H[rows, columns].shape)

    for k in L:  # columns: the parameters of layer k
        add(Wb[k], Wb[k], _sum(S[k], a[k], a[k]))  # (10.11)
        add(beta[k], Wb[k], _sum(T[k], one, a[k]))  # (10.11)
        add(beta[k], beta[k], _sum(B[k], one, one))  # (10.11)
        for columns, inputs, slope in (Wb[k], a[k], f_h[k]), (beta[k], one, f_beta[k]):
            if columns is None:
                continue
            J = diagonal(slope)  # how the outputs of layer k change with its h, or its beta
            for l in L[k + 1 :] if between else ():  # rows: the layers above
                dense = net.layers[l].dense
                Pi = dense.W.T @ J  # (10.13)
                add(Wb[l], columns, _sum(S[l] @ Pi, a[l], inputs))  # (10.12)
                add(W[l], columns, _sum(J, dense.dh, inputs).swapaxes(0, 1))  # (10.12)
                add(beta[l], columns, _sum(T[l] @ Pi, one, inputs))  # (10.12)
                J = f_h[l][:, :, None] * Pi


def _sum(M, a, b):
    """Sum over samples of a_j M_ii' b_j', as (j, i, j', i'): one matrix product."""
    (N, I, I_k), p, q = M.shape, a.shape[1], b.shape[1]
    sums = M.reshape(N, I * I_k).T @ _outer(a, b).reshape(N, p * q)
    return sums.reshape(I, I_k, p, q).transpose(2, 0, 3, 1)


def _outer(a, b):
    """(N, p), (N, q) -> all products per sample, (N, p, q)."""
    return a[:, :, None] * b[:, None, :]
