"""Parts of the Hessian: what is not Gauss-Newton, and the block of each layer."""

from .._util.typing import Array, ArrayLike, Engine
from ..backend import choose
from ..hessian import by_blocks, hessian
from ..network import Network, check_problem


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
    return choose(engine, by_blocks, net)(net, X, Y, curvature=0, residual=1)


def layer_hessians(
    net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba"
) -> list[Array]:
    """Return the diagonal block of the Hessian of each layer.

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
    H = hessian(net, X, Y, engine=engine)
    starts = [net.slices[f"W{l}"].start for l in range(1, len(net.sizes))]
    ends = [*starts[1:], net.n_parameters]
    return [H[start:end, start:end].copy() for start, end in zip(starts, ends)]
