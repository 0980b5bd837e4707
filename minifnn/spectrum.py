"""The eigenvalues of a Hessian, and how much may be said of their signs.

A computed eigenvalue of a symmetric matrix is off by up to

    tau = P eps |H|_2 + |dH|

where dH is the error of the matrix itself. An eigenvalue inside [-tau, tau] has
no sign. So alpha, the fraction of negative eigenvalues (ways down), is an
interval; and gamma, the fraction of zeros (flat ways), depends on what is
called zero: rounding (`Spectrum.gamma`), or a chosen share of the largest
eigenvalue (`Spectrum.flat`), which is best seen as a curve.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ._engine import calm_blas
from ._validate import check_array, check_number
from .lanczos import lanczos_spectrum


class Published(NamedTuple):
    """Fractions of eigenvalues counted as < 0 and == 0, rounding and all."""

    alpha: float
    gamma: float


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of a symmetric matrix and what may be counted from them.

    Attributes
    ----------
    eigenvalues : ndarray, shape (P,)
        Ascending.
    tolerance : float
        tau: how far any of them may be off.
    n_zero_rows : int
        Rows that are exactly zero, each a structural zero eigenvalue (parameters
        of dead units).
    method : str
        "exact": all eigenvalues are there, up to rounding.
    """

    eigenvalues: np.ndarray
    tolerance: float
    n_zero_rows: int = 0
    method = "exact"

    @property
    def alpha(self):
        """Fraction of eigenvalues that are certainly negative: below -tau."""
        return self.alpha_bounds[0]

    @property
    def alpha_bounds(self):
        """Least and largest fraction of negative eigenvalues that rounding allows."""
        certain = np.mean(self.eigenvalues < -self.tolerance)
        possible = np.mean(self.eigenvalues < self.tolerance)
        return float(certain), float(possible)  # (11.2)

    @property
    def gamma(self):
        """Fraction of eigenvalues that rounding cannot tell from zero: |lambda| <= tau."""
        return float(np.mean(np.abs(self.eigenvalues) <= self.tolerance))  # (11.3)

    @property
    def sharpness(self):
        """The largest eigenvalue: how fast the gradient turns along the steepest way up."""
        return float(self.eigenvalues[-1])

    @property
    def trace(self):
        """The sum of the eigenvalues."""
        return float(self.eigenvalues.sum())

    @property
    def norm(self):
        """|H|_2, the largest absolute eigenvalue."""
        return float(np.abs(self.eigenvalues).max())

    @property
    def published(self):
        """Alpha and gamma as the published code counts: exact signs, exact zeros.

        The published eigenvalues came from a nonsymmetric solver, whose rounding
        is another; the way of counting is the same.
        """
        return Published(
            float(np.mean(self.eigenvalues < 0)), float(np.mean(self.eigenvalues == 0))
        )

    def flat(self, r):
        """Return the fraction of eigenvalues with |lambda| <= r |H|_2.

        Parameters
        ----------
        r : float or array_like
            Shares of the largest absolute eigenvalue, not negative.

        Returns
        -------
        float or ndarray, of the shape of r
        """
        r = np.asarray(r, float)
        if not np.all(r >= 0):
            raise ValueError("r has negative entries or NaN, wanted shares of 0 or more")
        size = np.sort(np.abs(self.eigenvalues))
        count = np.searchsorted(size, r * self.norm, side="right")
        return (count / len(size))[()]  # (11.4)


def spectrum(H, error=0.0):
    """Return the spectrum of a symmetric matrix, or what is known of an operator's.

    Parameters
    ----------
    H : array_like, shape (P, P), or scipy.sparse.linalg.LinearOperator
        Symmetric to the bit, as `minifnn.hessian` gives it; or a matrix that is
        never formed, as `minifnn.hessian_operator` gives it.
    error : float, optional
        Norm of the error of H itself, in units of H. Of a matrix only.

    Returns
    -------
    Spectrum
        Its `method` is "exact". Of an operator, a
        `minifnn.lanczos.LanczosSpectrum` whose `method` is "lanczos".

    Raises
    ------
    TypeError, ValueError
        If H is not a square, symmetric matrix of finite numbers.

    Notes
    -----
    Rows that are exactly zero are set aside before the eigensolver (LAPACK's
    symmetric one), so that their eigenvalues are exactly zero too.
    """
    from scipy.linalg import eigh  # here, so that importing minifnn stays quick

    if hasattr(H, "matvec"):
        return lanczos_spectrum(H)
    H = _check_symmetric(H)
    error = check_number("error", error, at_least=0)
    live = H.any(axis=0)
    eigenvalues = np.zeros(len(H))
    if live.any():
        core = H if live.all() else H[np.ix_(live, live)]
        with calm_blas(core.size):
            eigenvalues[live] = eigh(core, eigvals_only=True, driver="evd", check_finite=False)
    eigenvalues.sort()
    norm = np.abs(eigenvalues).max()
    if not np.isfinite(norm):
        raise ValueError("H has eigenvalues too large for a float, wanted smaller entries")
    tolerance = len(H) * np.finfo(float).eps * norm + error  # (11.1)
    return Spectrum(eigenvalues, float(tolerance), int((~live).sum()))


class Inertia(NamedTuple):
    """How many eigenvalues of a symmetric matrix are negative, zero and positive."""

    negative: int
    zero: int
    positive: int


def inertia(H, shift=0.0):
    """Count the eigenvalues of H below, at and above a shift, without computing one.

    H - shift I = L D L^T with D of blocks 1x1 and 2x2 (Bunch and Kaufman, 1977),
    and D has as many negative, zero and positive eigenvalues as H - shift I
    (Sylvester's law of inertia). It is a second opinion on `Spectrum.alpha_bounds`:
    with the shifts -tau and tau it counts what lies certainly, and possibly, below 0.

    Parameters
    ----------
    H : array_like, shape (P, P)
        Symmetric to the bit.
    shift : float, optional

    Returns
    -------
    Inertia

    Raises
    ------
    TypeError, ValueError
        If H is not a square, symmetric matrix of finite numbers.

    Notes
    -----
    The factors are those of a matrix within about P eps |H|_2, so the counts are
    certain where no eigenvalue is so close to the shift.
    """
    from scipy.linalg import ldl

    H = _check_symmetric(H)
    shift = check_number("shift", shift)
    with calm_blas(H.size):
        D = ldl(H - shift * np.eye(len(H)), check_finite=False)[1]
    pair = np.diag(D, -1) != 0  # the first of two rows that make a 2x2 block
    single = ~(np.append(pair, False) | np.insert(pair, 0, False))
    # Bunch and Kaufman make a 2x2 block only where its determinant is negative
    negative, positive = pair.sum(), pair.sum()
    alone = np.diag(D)[single]
    return Inertia(
        int(negative + (alone < 0).sum()),
        int((alone == 0).sum()),
        int(positive + (alone > 0).sum()),
    )


def _check_symmetric(H):
    """Return H if it is a symmetric matrix of finite numbers."""
    H = check_array("H", H, (None, None))
    if H.shape[0] != H.shape[1]:
        raise ValueError(f"H has shape {H.shape}, wanted a square matrix")
    if not np.array_equal(H, H.T):
        raise ValueError("H is not symmetric, wanted H equal to its transpose to the bit")
    return H
