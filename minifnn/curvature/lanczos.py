"""The spectrum of a Hessian that is too large to form, from its products with vectors.

The extreme eigenvalues come from ARPACK, each with the residual |H x - lambda x|, which
bounds how far the nearest true eigenvalue is. The rest is
known as a density only: k steps of the Lanczos process from a random unit vector v give a
tridiagonal T whose eigenvalues theta_i and first components tau_i make a quadrature rule,

    v^T f(H) v  ~  sum_i tau_i^2 f(theta_i),

exact for polynomials of degree below 2 k; and the mean over random v is the mean of f over all
eigenvalues. The part of v^T f(H) v that lies below a node is known up to that node's own
weight (the inequalities of Chebyshev, Markov and Stieltjes), so every fraction comes as an
interval. Sources: Lanczos, 1950; Szego, Orthogonal Polynomials, section 3.41; Ubaru, Chen and
Saad, 2017.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._util.threads import single_threaded_blas
from .._util.typing import Array, ArrayLike
from .._util.validation import check_array, check_count, check_number, expect, floats_of

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

EPS = np.finfo(float).eps


class Estimate(NamedTuple):
    """An estimated number, and the interval in which it very likely is.

    It is as wide as the quadrature leaves it, plus two standard errors over the random vectors.
    """

    value: float
    low: float
    high: float


def _estimate(values, lows, highs):
    two_errors = [2 * each.std(ddof=1) / np.sqrt(len(each)) for each in (lows, highs)]
    low, high = lows.mean() - two_errors[0], highs.mean() + two_errors[1]
    return Estimate(float(values.mean()), float(low), float(high))


@dataclass(frozen=True)
class LanczosSpectrum:
    """The k eigenvalues at either end of a spectrum, ascending, and a density between them.

    `residuals` (2, k) are |H x - lambda x| of the smallest and the largest: the nearest true
    eigenvalue is at most so far away. Row by row, `nodes` and `weights` (vectors, steps) are
    the quadrature rule of one random vector, weights that sum to 1. `products` is the number
    of products with a vector, and `eps` that of the floats in which they come.
    """

    smallest: Array
    largest: Array
    residuals: Array
    nodes: Array
    weights: Array
    n_parameters: int
    products: int
    eps: float = EPS
    method = "lanczos"

    def __repr__(self):
        facts = f"alpha about {self.alpha.value:.2g}, sharpness = {self.sharpness:.4g}"
        return f"<LanczosSpectrum, P = {self.n_parameters}, {facts}>"

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
        return self.n_parameters * self.eps * self.norm

    @property
    def trace(self) -> Estimate:
        """The sum of the eigenvalues."""
        sums = self.n_parameters * (self.weights * self.nodes).sum(axis=1)
        return _estimate(sums, sums, sums)

    @property
    def alpha(self) -> Estimate:
        """The fraction below -tau, a wide interval where many eigenvalues are near zero."""
        return self.below(-self.tolerance)

    def below(self, x: float) -> Estimate:
        """Return the fraction of eigenvalues below x."""
        return _estimate(*self._fractions_below(check_number("x", x)))

    def flat(self, r: float) -> Estimate:
        """Return the fraction of eigenvalues with |lambda| <= r |H|_2."""
        x = check_number("r", r, at_least=0) * self.norm
        value, low, high = self._fractions_below(np.nextafter(x, np.inf))
        value_below, low_below, high_below = self._fractions_below(-x)
        return _estimate(value - value_below, low - high_below, high - low_below)

    def density(self, x: ArrayLike, width: float) -> Array:
        """Return the density of eigenvalues at x (n,), each node a normal of this width."""
        width, x = check_number("width", width, above=0), check_array("x", x, (None,))
        away = (x[:, None, None] - self.nodes) / width
        bells = np.exp(-0.5 * away * away) / (width * np.sqrt(2 * np.pi))
        return (bells * self.weights).sum(axis=2).mean(axis=1)

    def _fractions_below(self, x):
        """For each random vector: the fraction below x, the least it can be, and the largest."""
        sums = np.pad(np.cumsum(self.weights, axis=1), ((0, 0), (1, 0)))
        i = (self.nodes < x).sum(axis=1)
        last = self.nodes.shape[1]
        row = np.arange(len(i))
        return sums[row, i], sums[row, np.maximum(i - 1, 0)], sums[row, np.minimum(i + 1, last)]


def lanczos_spectrum(
    H: "LinearOperator", extremes: int = 6, steps: int = 60, vectors: int = 10, seed: int = 0
) -> LanczosSpectrum:
    """Estimate the spectrum of a symmetric operator H (P, P), such as `hessian_operator` gives.

    It finds so many `extremes` at either end. More `steps` of the Lanczos process resolve the
    density more finely, more random `vectors` (of this `seed`) make its errors smaller.
    """
    from scipy.sparse.linalg import LinearOperator

    square = hasattr(H, "matvec") and H.shape[0] == H.shape[1]
    expect(square, "H", "a square LinearOperator", H, TypeError)
    P = H.shape[0]
    extremes, steps = check_count("extremes", extremes), check_count("steps", steps, at_least=2)
    vectors = check_count("vectors", vectors, at_least=2)
    rng = np.random.default_rng(check_count("seed", seed, at_least=0))
    least = 1 + max(2 * extremes + 1, steps)
    expect(P >= least, "H", f"{least} rows for so many extremes and steps", P)
    products = 0

    def counted(v):
        nonlocal products
        products += 1
        return H.matvec(v)

    A = LinearOperator((P, P), matvec=counted, dtype=np.float64)
    with single_threaded_blas(steps * P):
        values, residuals = _extremes(A, extremes, rng)
        rules = [_quadrature(A, steps, rng.normal(size=P)) for _ in range(vectors)]
    nodes, weights = (np.stack(part) for part in zip(*rules))
    eps = float(floats_of(H).eps)
    return LanczosSpectrum(values[0], values[1], residuals, nodes, weights, P, products, eps)


def _extremes(A, k, rng):
    """The k smallest and the k largest eigenvalues (2, k), and their residuals (2, k)."""
    from scipy.sparse.linalg import eigsh

    start = rng.normal(size=A.shape[0])
    values, vectors = eigsh(A, k=2 * k, which="BE", v0=start, ncv=min(len(start), 8 * k + 20))
    order = np.argsort(values)
    values, vectors = values[order], vectors[:, order]
    residuals = [np.linalg.norm(A @ x - value * x) for value, x in zip(values, vectors.T)]
    return values.reshape(2, k), np.reshape(residuals, (2, k))


def _quadrature(A, steps, v):
    """Nodes and weights (steps,) of the rule that the Lanczos process makes of v."""
    from scipy.linalg import eigh_tridiagonal

    basis = np.zeros((steps, len(v)))
    diagonal, beside = np.zeros((2, steps))
    basis[0] = v / np.linalg.norm(v)
    for k in range(steps):
        w = A @ basis[k]
        diagonal[k] = w @ basis[k]
        for _ in range(2):  # orthogonal to all before, twice, for rounding undoes it
            w = w - basis[: k + 1].T @ (basis[: k + 1] @ w)
        beside[k] = np.linalg.norm(w)
        if k == steps - 1 or beside[k] <= 100 * EPS * np.abs(diagonal[: k + 1]).max():
            break  # early if v lies in a space that H maps into itself: the rule is exact
        basis[k + 1] = w / beside[k]
    nodes, first = eigh_tridiagonal(diagonal[: k + 1], beside[:k])
    missing = (0, steps - len(nodes))
    return np.pad(nodes, missing, mode="edge"), np.pad(first[0] ** 2, missing)
