"""The spectrum of a Hessian that no matrix can hold, from its products with vectors.

`hessian_operator` wraps H v for SciPy. Its extreme eigenvalues come from ARPACK, each
with the residual |H x - lambda x|, which bounds how far the nearest true
eigenvalue is. The rest is known as a density only: k steps of the Lanczos
process from a random unit vector v give a tridiagonal T whose eigenvalues theta_i
and first components tau_i make a quadrature rule,

    v^T f(H) v  ~  sum_i tau_i^2 f(theta_i),

exact for polynomials of degree below 2 k; and the mean over random v is the mean
of f over all eigenvalues. The share of v^T f(H) v that lies below a node is known
up to that node's own weight (the inequalities of Chebyshev, Markov and Stieltjes),
so every fraction comes as an interval. Sources: Lanczos, 1950; Szego, Orthogonal
Polynomials, section 3.41; Ubaru, Chen and Saad, 2017.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._util.typing import Array, ArrayLike, Engine
from .._util.validation import check_array, check_count, check_number, check_real
from ..hessian import hvp
from ..network import Network, check_problem

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

EPS = np.finfo(float).eps


def hessian_operator(
    net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba"
) -> "LinearOperator":
    """Return the Hessian as a `scipy.sparse.linalg.LinearOperator` (P, P), never formed.

    Parameters
    ----------
    net : Network
        Its theta is read at every product.
    X, Y : array_like
        As in `minifnn.hessian`.
    engine : {"numba", "numpy"}, optional
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

    X, Y = check_problem(net, X, Y)
    P = net.n_parameters

    def product(V):
        return hvp(net, X, Y, V, engine=engine)

    return LinearOperator(
        (P, P), matvec=lambda v: product(v.reshape(P)), matmat=product, dtype=np.float64
    )


class Estimate(NamedTuple):
    """A number that was estimated, and the interval in which it very likely is.

    The interval is as wide as the quadrature leaves it, and two standard errors
    over the random vectors wider on either side.

    Examples
    --------
    >>> from minifnn.lanczos import Estimate
    >>> value, low, high = Estimate(0.25, low=0.2, high=0.3)
    >>> print(low <= value <= high)
    True
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class LanczosSpectrum:
    """What products with vectors tell of a spectrum: its ends, and a density between them.

    Attributes
    ----------
    smallest, largest : ndarray, shape (k,)
        The extreme eigenvalues, ascending.
    residuals : ndarray, shape (2, k)
        |H x - lambda x| of the smallest and the largest: so far at most is the
        nearest true eigenvalue.
    nodes, weights : ndarray, shape (vectors, steps)
        The quadrature rule of every random vector; the weights of each sum to 1.
    n_parameters : int
    products : int
        How many products with a vector it took.

    Examples
    --------
    Of a matrix whose eigenvalues are known, 20 at -1 and 180 from 0 to 10:

    >>> import minifnn as mf, numpy as np
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> known = np.concatenate([np.full(20, -1.0), np.linspace(0.0, 10.0, 180)])
    >>> s = mf.spectrum(aslinearoperator(np.diag(known)))
    >>> print(round(s.smallest[0], 6), round(s.sharpness, 6))
    -1.0 10.0
    >>> half = s.below(5.0)
    >>> print(half.low <= 0.55 <= half.high, s.trace.low <= known.sum() <= s.trace.high)
    True True
    """

    smallest: Array
    largest: Array
    residuals: Array
    nodes: Array
    weights: Array
    n_parameters: int
    products: int
    method = "lanczos"

    @property
    def sharpness(self) -> float:
        """The largest eigenvalue."""
        return float(self.largest[-1])

    @property
    def norm(self) -> float:
        """|H|_2, the largest absolute eigenvalue."""
        return float(max(abs(self.smallest[0]), abs(self.largest[-1])))

    @property
    def tolerance(self) -> float:
        """tau = P eps |H|_2, below which an eigenvalue has no sign."""
        return self.n_parameters * EPS * self.norm

    @property
    def trace(self) -> Estimate:
        """The sum of the eigenvalues, an Estimate."""
        each = self.n_parameters * (self.weights * self.nodes).sum(axis=1)
        return _estimate(each, each, each)

    @property
    def alpha(self) -> Estimate:
        """The fraction of eigenvalues below -tau, an Estimate.

        Where many eigenvalues crowd at zero it is a wide one; `below` a clear
        threshold is known better.
        """
        return self.below(-self.tolerance)

    def below(self, x: float) -> Estimate:
        """Return the fraction of eigenvalues below x, an Estimate.

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> from scipy.sparse.linalg import aslinearoperator
        >>> s = mf.spectrum(aslinearoperator(np.diag(np.linspace(0.0, 10.0, 200))))
        >>> value, low, high = s.below(2.5)
        >>> print(low <= 0.25 <= high, abs(value - 0.25) < 0.05)
        True True
        """
        if check_real("x", x).ndim:
            raise ValueError(f"x is {x!r}, wanted one number")
        return _estimate(*self._shares_below(x))

    def flat(self, r: float) -> Estimate:
        """Return the fraction with |lambda| <= r |H|_2, an Estimate.

        Parameters
        ----------
        r : float
            A share of the largest absolute eigenvalue, not negative.

        Returns
        -------
        Estimate

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> from scipy.sparse.linalg import aslinearoperator
        >>> s = mf.spectrum(aslinearoperator(np.diag(np.linspace(-10.0, 10.0, 200))))
        >>> value, low, high = s.flat(0.5)
        >>> print(low <= 0.5 <= high)
        True
        """
        r = check_number("r", r)
        if r < 0:
            raise ValueError(f"r is {r:g}, wanted a share of 0 or more")
        x = r * self.norm
        value, low, high = self._shares_below(np.nextafter(x, np.inf))
        value_below, low_below, high_below = self._shares_below(-x)
        return _estimate(value - value_below, low - high_below, high - low_below)

    def density(self, x: ArrayLike, width: float) -> Array:
        """Return the density of eigenvalues at x, each node blurred to a normal of this width.

        Parameters
        ----------
        x : array_like, shape (n,)
        width : float
            Standard deviation, in units of H; above 0.

        Returns
        -------
        ndarray, shape (n,)
            It integrates to 1.

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> from scipy.sparse.linalg import aslinearoperator
        >>> s = mf.spectrum(aslinearoperator(np.diag(np.linspace(0.0, 10.0, 200))))
        >>> print(s.density([-5.0, 5.0], width=1.0).round(2))  # evenly from 0 to 10
        [0.  0.1]
        """
        width, x = check_number("width", width, above=0), check_array("x", x, (None,))
        away = (x[:, None, None] - self.nodes) / width
        bells = np.exp(-0.5 * away * away) / (width * np.sqrt(2 * np.pi))
        return (bells * self.weights).sum(axis=2).mean(axis=1)

    def _shares_below(self, x):
        """Of every random vector: the share below x, the least it can be, and the largest."""
        sums = np.pad(np.cumsum(self.weights, axis=1), ((0, 0), (1, 0)))
        i = (self.nodes < x).sum(axis=1)
        last = self.nodes.shape[1]
        row = np.arange(len(i))
        return sums[row, i], sums[row, np.maximum(i - 1, 0)], sums[row, np.minimum(i + 1, last)]


def _estimate(values, lows, highs):
    """The mean over random vectors, and the interval."""

    def twice_its_error(each):
        return 2 * each.std(ddof=1) / np.sqrt(len(each))

    low, high = lows.mean() - twice_its_error(lows), highs.mean() + twice_its_error(highs)
    return Estimate(float(values.mean()), float(low), float(high))


def lanczos_spectrum(
    H: "LinearOperator",
    extremes: int = 6,
    steps: int = 60,
    vectors: int = 10,
    seed: int = 0,
) -> LanczosSpectrum:
    """Return what products with vectors tell of the spectrum of a symmetric operator.

    Parameters
    ----------
    H : scipy.sparse.linalg.LinearOperator, shape (P, P)
        Symmetric, such as `hessian_operator` gives.
    extremes : int, optional
        How many eigenvalues to find at either end.
    steps : int, optional
        Of the Lanczos process: more resolve the density more finely.
    vectors : int, optional
        Random vectors, at least 2: more make its errors smaller.
    seed : int, optional
        Of the random vectors.

    Returns
    -------
    LanczosSpectrum

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what came and what was wanted; P must be larger than
        2 extremes and than steps (form the matrix otherwise).

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.lanczos import lanczos_spectrum
    >>> data = mf.datasets.nonlinear()
    >>> net = mf.mlp([2, 10, 1], seed=1)
    >>> A = mf.hessian_operator(net, data.X_train, data.Y_train)
    >>> s = lanczos_spectrum(A, extremes=2, steps=20, vectors=4)
    >>> exact = mf.spectrum(mf.hessian(net, data.X_train, data.Y_train))
    >>> print(abs(s.largest - exact.eigenvalues[-2:]).max() < 1e-12)
    True
    """
    P = _check_operator(H)
    extremes, steps = check_count("extremes", extremes), check_count("steps", steps, at_least=2)
    vectors = check_count("vectors", vectors, at_least=2)
    rng = np.random.default_rng(check_count("seed", seed, at_least=0))
    if P <= max(2 * extremes + 1, steps):
        raise ValueError(f"H has {P} rows, too few for steps={steps} and extremes={extremes}")
    counted = _Counted(H)
    values, residuals = _extremes(counted, extremes, rng)
    rules = [_quadrature(counted, steps, _unit_vector(rng, P)) for _ in range(vectors)]
    nodes, weights = (np.stack(part) for part in zip(*rules))
    return LanczosSpectrum(
        smallest=values[:extremes],
        largest=values[extremes:],
        residuals=residuals.reshape(2, extremes),
        nodes=nodes,
        weights=weights,
        n_parameters=P,
        products=counted.products,
    )


def _check_operator(H):
    if not hasattr(H, "matvec") or not hasattr(H, "shape"):
        raise TypeError(f"H is {H!r}, wanted a LinearOperator")
    if len(H.shape) != 2 or H.shape[0] != H.shape[1]:
        raise ValueError(f"H has shape {H.shape}, wanted a square operator")
    return H.shape[0]


class _Counted:
    """An operator that counts its products."""

    def __init__(self, H):
        self.H, self.shape, self.products = H, H.shape, 0

    def __call__(self, v):
        self.products += 1
        return np.asarray(self.H.matvec(v)).reshape(-1)


def _unit_vector(rng, P):
    v = rng.normal(size=P)
    return v / np.linalg.norm(v)


def _extremes(H, k, rng):
    """The k smallest and the k largest eigenvalues, and their residuals."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    P = H.shape[0]
    A = LinearOperator((P, P), matvec=H, dtype=np.float64)
    values, vectors = eigsh(A, k=2 * k, which="BE", v0=_unit_vector(rng, P), ncv=min(P, 8 * k + 20))
    order = np.argsort(values)
    values, vectors = values[order], vectors[:, order]
    residuals = [np.linalg.norm(H(x) - value * x) for value, x in zip(values, vectors.T)]
    return values, np.array(residuals)


def _quadrature(H, steps, v):
    """Nodes and weights (steps,) of the rule that the Lanczos process makes of v."""
    from scipy.linalg import eigh_tridiagonal

    basis = np.zeros((steps, len(v)))
    diagonal, beside = np.zeros(steps), np.zeros(steps - 1)
    basis[0] = v
    for k in range(steps):
        w = H(basis[k])
        diagonal[k] = w @ basis[k]
        if k == steps - 1:
            break
        for _ in range(2):  # orthogonal to all before, twice, for rounding undoes it
            w -= basis[: k + 1].T @ (basis[: k + 1] @ w)
        beside[k] = np.linalg.norm(w)
        if beside[k] <= 100 * EPS * np.abs(diagonal[: k + 1]).max():
            break  # v lies in a space that H maps into itself: the rule is exact
        basis[k + 1] = w / beside[k]
    nodes, first = eigh_tridiagonal(diagonal[: k + 1], beside[:k])
    missing = (0, steps - len(nodes))
    return np.pad(nodes, missing, mode="edge"), np.pad(first[0] ** 2, missing)
