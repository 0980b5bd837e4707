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
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from .._util.threads import calm_blas
from .._util.typing import Array, ArrayLike, Floats
from .._util.validation import check_array, check_number, check_real
from .lanczos import LanczosSpectrum, lanczos_spectrum

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator


class Published(NamedTuple):
    """Fractions of eigenvalues counted as < 0 and == 0, rounding and all.

    Examples
    --------
    >>> import minifnn as mf
    >>> alpha, gamma = mf.spectrum([[1.0, 0.0], [0.0, 0.0]]).published
    >>> print(alpha, gamma)
    0.0 0.5
    """

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

    Examples
    --------
    What cannot be told from zero has no sign: 1e-17 beside 1 counts as flat.

    >>> import minifnn as mf, numpy as np
    >>> s = mf.spectrum(np.diag([1.0, 1e-17, -1e-3, -1.0]))
    >>> print(s.alpha, s.alpha_bounds, s.gamma)
    0.5 (0.5, 0.75) 0.25
    >>> print(round(s.sharpness, 6), round(s.norm, 6), round(s.trace, 6))
    1.0 1.0 -0.001
    """

    eigenvalues: Array
    tolerance: float
    n_zero_rows: int = 0
    method = "exact"

    @property
    def alpha(self) -> float:
        """Fraction of eigenvalues that are certainly negative: below -tau."""
        return self.alpha_bounds[0]

    @property
    def alpha_bounds(self) -> tuple[float, float]:
        """Least and largest fraction of negative eigenvalues that rounding allows."""
        certain = np.mean(self.eigenvalues < -self.tolerance)
        possible = np.mean(self.eigenvalues < self.tolerance)
        return float(certain), float(possible)  # (11.2)

    @property
    def gamma(self) -> float:
        """Fraction of eigenvalues that rounding cannot tell from zero: |lambda| <= tau."""
        return float(np.mean(np.abs(self.eigenvalues) <= self.tolerance))  # (11.3)

    @property
    def sharpness(self) -> float:
        """The largest eigenvalue: how fast the gradient turns along the steepest way up."""
        return float(self.eigenvalues[-1])

    @property
    def trace(self) -> float:
        """The sum of the eigenvalues."""
        return float(self.eigenvalues.sum())

    @property
    def norm(self) -> float:
        """|H|_2, the largest absolute eigenvalue."""
        return float(np.abs(self.eigenvalues).max())

    @property
    def published(self) -> Published:
        """Alpha and gamma as the published code counts: exact signs, exact zeros.

        The published eigenvalues came from a nonsymmetric solver, whose rounding
        is another; the way of counting is the same.
        """
        return Published(
            float(np.mean(self.eigenvalues < 0)), float(np.mean(self.eigenvalues == 0))
        )

    def flat(self, r: ArrayLike) -> Floats:
        """Return the fraction of eigenvalues with |lambda| <= r |H|_2.

        Parameters
        ----------
        r : float or array_like
            Shares of the largest absolute eigenvalue, not negative.

        Returns
        -------
        float or ndarray, of the shape of r

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> s = mf.spectrum(np.diag([1.0, 0.1, 0.01, -0.001]))
        >>> print(s.flat([0.0, 0.005, 0.05, 0.5, 1.0]))  # a curve, not a number
        [0.   0.25 0.5  0.75 1.  ]
        """
        shares = check_real("r", r)
        if not np.all(shares >= 0):
            raise ValueError("r has negative entries or NaN, wanted shares of 0 or more")
        size = np.sort(np.abs(self.eigenvalues))
        count = np.searchsorted(size, shares * self.norm, side="right")
        return (count / len(size))[()]  # (11.4)


# a matrix gives a Spectrum, an operator a LanczosSpectrum
@overload
def spectrum(H: ArrayLike, error: float = 0.0) -> Spectrum: ...
@overload
def spectrum(H: "LinearOperator", error: float = 0.0) -> LanczosSpectrum: ...
def spectrum(H: "ArrayLike | LinearOperator", error: float = 0.0) -> Spectrum | LanczosSpectrum:
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

    Examples
    --------
    A saddle: one way up, one down.

    >>> import minifnn as mf
    >>> s = mf.spectrum([[0.0, 1.0], [1.0, 0.0]])
    >>> print(s.eigenvalues.round(12), s.alpha)
    [-1.  1.] 0.5
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
    """How many eigenvalues of a symmetric matrix are negative, zero and positive.

    Examples
    --------
    >>> import minifnn as mf
    >>> mf.inertia([[0.0, 1.0], [1.0, 0.0]])
    Inertia(negative=1, zero=0, positive=1)
    """

    negative: int
    zero: int
    positive: int


def inertia(H: ArrayLike, shift: float = 0.0) -> Inertia:
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

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> H = np.diag([-2.0, -1.0, 0.0, 3.0])
    >>> mf.inertia(H)
    Inertia(negative=2, zero=1, positive=1)
    >>> mf.inertia(H, shift=-1.5)  # eigenvalues below, at and above -1.5
    Inertia(negative=1, zero=0, positive=3)
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


def _check_symmetric(H: ArrayLike) -> Array:
    """Return H if it is a symmetric matrix of finite numbers."""
    H = check_array("H", H, (None, None))
    if H.shape[0] != H.shape[1]:
        raise ValueError(f"H has shape {H.shape}, wanted a square matrix")
    if not np.array_equal(H, H.T):
        raise ValueError("H is not symmetric, wanted H equal to its transpose to the bit")
    return H
