"""Parts of the Hessian: Gauss-Newton and what is not, and the block of each layer."""

import numpy as np

from .._util.progress import CHUNK, check_memory, chunks
from .._util.typing import Array, ArrayLike, Engine
from .._util.validation import expect
from ..backend import choose
from ..hessian import add_blocks, by_blocks
from ..network import Network, check_problem


def gauss_newton(net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba") -> Array:
    """Return the part of H without second derivatives of the network, positive semidefinite.

    Parameters
    ----------
    net, X, Y, engine
        As in `minifnn.hessian`.

    Returns
    -------
    ndarray, shape (P, P)

    Examples
    --------
    >>> import minifnn as mf
    >>> net, X, Y = mf.mlp([1, 2, 1], seed=1), [[1.0], [3.0]], [[0.0], [1.0]]
    >>> print(mf.spectrum(mf.gauss_newton(net, X, Y)).alpha)
    0.0
    """
    X, Y = check_problem(net, X, Y)
    check_memory(net.n_parameters)
    return choose(engine, by_blocks, net)(net, X, Y, curvature=1, residual=0)


def residual_part(net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba") -> Array:
    """Return the Hessian minus Gauss-Newton: residuals times second derivatives of the network.

    It is computed, not subtracted. All negative eigenvalues of H come from this part.

    Parameters
    ----------
    net, X, Y, engine
        As in `minifnn.hessian`.

    Returns
    -------
    ndarray, shape (P, P)

    Examples
    --------
    >>> import minifnn as mf
    >>> net, X, Y = mf.mlp([1, 2, 1], seed=1), [[1.0], [3.0]], [[0.0], [1.0]]
    >>> both = mf.gauss_newton(net, X, Y) + mf.residual_part(net, X, Y)
    >>> print(abs(both - mf.hessian(net, X, Y)).max() < 1e-15)
    True
    """
    X, Y = check_problem(net, X, Y)
    check_memory(net.n_parameters)
    return choose(engine, by_blocks, net)(net, X, Y, curvature=0, residual=1)


def layer_hessians(
    net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba"
) -> list[Array]:
    """Return the diagonal block of the Hessian of each layer.

    The other blocks are not formed where they would take more memory than these.

    Parameters
    ----------
    net, X, Y, engine
        As in `minifnn.hessian`.

    Returns
    -------
    list of ndarray, shapes (P_l, P_l)

    Examples
    --------
    >>> import minifnn as mf
    >>> net, X, Y = mf.mlp([2, 3, 1], hidden="tanh", seed=1), [[1.0, 0.5]], [[1.0]]
    >>> print([block.shape for block in mf.layer_hessians(net, X, Y)])
    [(9, 9), (4, 4)]
    """
    X, Y = check_problem(net, X, Y)
    starts = [net.slices[f"W{l}"].start for l in range(1, len(net.sizes))]
    P, sizes = net.n_parameters, np.diff([*starts, net.n_parameters])
    share = (sizes**2).sum() / P**2
    check_memory(P, share)
    if share < 0.5 and 4 * P * P > CHUNK:
        return choose(engine, layer_blocks, net)(net, X, Y, starts, sizes)
    H = choose(engine, by_blocks, net)(net, X, Y, curvature=1, residual=1)
    return [H[at : at + n, at : at + n].copy() for at, n in zip(starts, sizes)]


class Blocks(dict):
    """The blocks on the diagonal of H: by start, and their parts by their place in H."""

    def __getitem__(self, place):
        start = max(start for start in self if start <= place[0].start)
        rows, columns = (slice(each.start - start, each.stop - start) for each in place)
        return super().__getitem__(start)[rows, columns]

    def __setitem__(self, place, part):
        """Nothing is left to do: a part is a view."""


def layer_blocks(net: Network, X: Array, Y: Array, starts: list[int], sizes: Array) -> list[Array]:
    """The blocks of `layer_hessians`, and no others."""
    net, ridge = net.fresh(), net.ridge
    H = Blocks({at: np.diag(ridge[at : at + n]) for at, n in zip(starts, sizes)})
    for share, x, y in chunks(X, Y, (1 + max(net.sizes)) ** 2):
        add_blocks(H, share, net, x, y, between=False)
    for block in H.values():
        expect(np.isfinite(block).all(), "X, Y and theta", "a finite Hessian", np.inf)
    return [np.tril(block) + np.tril(block, -1).T for block in H.values()]
