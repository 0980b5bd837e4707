"""The eigenvalues of a Hessian, and what rounding lets one say of their signs.

A computed eigenvalue of a symmetric matrix is off by up to

    tau = P eps |H|_2 + |dH|

where eps is that of the floats that H comes in, and |dH| is P times the smallest of these floats,
plus `error`, that of H as it was computed, if it is given (`hessian_error` bounds it). An
eigenvalue inside [-tau, tau] has no sign. So alpha, the fraction of negative eigenvalues, is an
interval; and gamma, the fraction of zero eigenvalues, depends on what is called zero: rounding
(`Spectrum.gamma`), or a chosen fraction of the largest eigenvalue (`Spectrum.flat`), which is best
seen as a curve.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple, overload

import numpy as np

from .._util.html import table
from .._util.progress import check_memory, chunks
from .._util.threads import quiet, single_threaded_blas
from .._util.typing import Array, ArrayLike, Floats
from .._util.validation import as_array, check_array, check_number, expect, floats_of
from ..hessian import add_blocks
from ..layers import Layer
from ..network import Network, check_problem
from .lanczos import LanczosSpectrum, lanczos_spectrum

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator


class Published(NamedTuple):
    """The fractions of eigenvalues computed as < 0 and == 0, rounding included."""

    alpha: float
    gamma: float


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of a symmetric matrix and what can be counted from them.

    Attributes
    ----------
    eigenvalues : ndarray, shape (P,)
        Ascending.
    tolerance : float
        tau: how far any of them may be off, if the matrix is as exact as was said.
    n_zero_rows : int
        Rows that are exactly zero: each has an eigenvalue that is exactly zero.

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> s = mf.spectrum(np.diag([1.0, 1e-17, -1e-3, -1.0]))  # beside 1, 1e-17 has no sign
    >>> print(s.alpha, s.alpha_bounds, s.gamma)
    0.5 (0.5, 0.75) 0.25
    >>> print(round(s.sharpness, 6), round(s.norm, 6), round(s.trace, 6))
    1.0 1.0 -0.001
    """

    eigenvalues: Array
    tolerance: float
    n_zero_rows: int = 0
    method = "exact"

    def __repr__(self):
        low, high = (f"{share:.3g}" for share in self.alpha_bounds)
        alpha = low if low == high else f"{low} to {high}"
        facts = f"gamma = {self.gamma:.3g}, sharpness = {self.sharpness:.4g}"
        return f"<Spectrum, P = {len(self.eigenvalues)}, alpha = {alpha}, {facts}>"

    def _repr_html_(self):
        ends = ("smallest", self.eigenvalues[0]), ("largest", self.sharpness)
        rest = ("sum", self.trace), ("tolerance", self.tolerance)
        return table(repr(self)[1:-1], ("eigenvalues", ""), *ends, *rest)

    @property
    def alpha(self) -> float:
        """The fraction of eigenvalues that are certainly negative: below -tau."""
        return self.alpha_bounds[0]

    @property
    def alpha_bounds(self) -> tuple[float, float]:
        """The least and the largest fraction of negative eigenvalues that rounding allows."""
        certain = np.mean(self.eigenvalues < -self.tolerance)
        possible = np.mean(self.eigenvalues < self.tolerance)
        return float(certain), float(possible)  # (11.2)

    @property
    def gamma(self) -> float:
        """The fraction of eigenvalues that are zero up to rounding: |lambda| <= tau."""
        return float(np.mean(np.abs(self.eigenvalues) <= self.tolerance))  # (11.3)

    @property
    def sharpness(self) -> float:
        """The largest eigenvalue."""
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
        """Alpha and gamma as the published code counts: exact signs, exact zeros."""
        below, zero = np.mean(self.eigenvalues < 0), np.mean(self.eigenvalues == 0)
        return Published(float(below), float(zero))

    def flat(self, r: ArrayLike) -> Floats:
        """Return the fraction of eigenvalues with |lambda| <= r |H|_2, for each r of 0 or more."""
        r = check_array("r", r, finite=False)
        expect((r >= 0).all(), "r", "fractions of at least 0", r)
        return np.mean(np.abs(self.eigenvalues) <= r[..., None] * self.norm, axis=-1)  # (11.4)


@overload
def spectrum(H: ArrayLike, error: float = 0.0) -> Spectrum: ...
@overload
def spectrum(H: "LinearOperator", error: float = 0.0) -> LanczosSpectrum: ...
def spectrum(H: "ArrayLike | LinearOperator", error: float = 0.0) -> Spectrum | LanczosSpectrum:
    """Return the spectrum of a symmetric matrix, or an estimate of an operator's.

    Parameters
    ----------
    H : array_like, shape (P, P), or scipy.sparse.linalg.LinearOperator
        Exactly symmetric, such as `minifnn.hessian` or `minifnn.hessian_operator` gives. One of
        float32 or float16 has a tolerance that is as much larger.
    error : float, optional
        Norm of the error of H itself, such as `hessian_error` gives. For a matrix only.

    Returns
    -------
    Spectrum
        Its `method` is "exact"; of an operator, a `LanczosSpectrum` whose `method` is "lanczos".

    Raises
    ------
    TypeError, ValueError
        If H is not a square, symmetric matrix of finite numbers.

    Examples
    --------
    >>> import minifnn as mf
    >>> s = mf.spectrum([[0.0, 1.0], [1.0, 0.0]])  # a saddle
    >>> print(s.eigenvalues.round(12), s.alpha)
    [-1.  1.] 0.5
    """
    from scipy.linalg import eigh  # here, so that importing minifnn stays quick

    if hasattr(H, "matvec"):
        return lanczos_spectrum(H)
    H, floats = _check_symmetric(H)
    error = check_number("error", error, at_least=0)
    live = H.any(axis=0)  # without rows of zeros, whose eigenvalues shall be exactly 0
    eigenvalues = np.zeros(len(H))
    if live.any():
        core = H if live.all() else H[np.ix_(live, live)]
        with single_threaded_blas(core.size):
            eigenvalues[live] = eigh(core, eigvals_only=True, driver="evd", check_finite=False)
        error += len(H) * float(floats.smallest_subnormal)
    eigenvalues.sort()
    norm = np.abs(eigenvalues).max()
    expect(np.isfinite(norm), "H", "finite eigenvalues", norm)
    tolerance = len(H) * float(floats.eps) * norm + error  # (11.1)
    return Spectrum(eigenvalues, float(tolerance), int((~live).sum()))


@quiet()
def hessian_error(net: Network, X: ArrayLike, Y: ArrayLike) -> float:
    """Return a bound of |dH|_2: how far rounding may have moved the Hessian as it was computed.

    H is a sum of products over samples and units. The same sum of their absolute values, A,
    says what cancels: an entry is off by at most eps (4 + U + sqrt(N)) A. U is the largest sum
    of absolute terms in the argument u = beta (x W + b) of any unit; roundings of N terms go up
    and down at random (Higham and Mary, 2019).

    Parameters
    ----------
    net : Network
    X : array_like, shape (N, D)
    Y : array_like, shape (N, K), or (N,) class labels for softmax

    Returns
    -------
    float
        Give it to `spectrum` as ``error``.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As `hessian` does.

    Examples
    --------
    >>> import minifnn as mf
    >>> net, Y = mf.mlp([1, 1, 1], "identity", seed=1), [[0.0], [1.0]]
    >>> net.theta[:] *= 1e-6
    >>> for X in [[0.0], [1.0]], [[1e6], [1e6 + 1]]:  # the second: residuals that cancel
    ...     H, error = mf.hessian(net, X, Y), mf.hessian_error(net, X, Y)
    ...     print(mf.spectrum(H, error).tolerance > 100 * mf.spectrum(H).tolerance)
    False
    True
    """
    X, Y = check_problem(net, X, Y)
    check_memory(net.n_parameters)
    A, terms = np.zeros((net.n_parameters, net.n_parameters)), _Absolute(net)
    for share, x, y in chunks(X, Y, (1 + max(net.sizes)) ** 2):
        add_blocks(A, share, terms, x, y)
    expect(np.isfinite(A).all(), "X, Y and theta", "a finite bound of the error", np.inf)
    norm = np.linalg.eigvalsh(A)[-1]  # of the lower half; of no negative entry: |A|_2 (Perron)
    return float(np.finfo(float).eps * (4 + terms.U + len(X) ** 0.5) * norm)


class _Absolute:
    """What `add_blocks` asks of a network and its loss, with each factor's absolute value."""

    def __init__(self, net):
        self.net, self.layers, self.slices, self.U = net.fresh(), net.layers, net.slices, 0.0
        self.loss_function, self.loss = self, net.loss_function

    def forward(self, X):
        return self.net.forward(X)

    def gradient(self, o, Y):
        return np.abs(self.loss.gradient(o, Y))

    def curvature(self, o, Y):
        return np.abs(self.loss.curvature(o, Y))

    def backward(self, da):
        layers = []
        for dense, gate in reversed(self.net.layers):
            gate.backward(da)
            f_h, f_beta, *curvatures = map(np.abs, (gate.f_h, gate.f_beta, *gate.curvatures))
            x, W, b, beta = map(np.abs, (dense.x, dense.W, dense.b, gate.beta))
            self.U = max(self.U, np.max(beta * (x @ W + b)))
            slopes = SimpleNamespace(f_h=f_h, f_beta=f_beta, curvatures=curvatures)
            slopes.h, slopes.da = gate.h, da
            layers.append(Layer._make([SimpleNamespace(x=x, W=W, dh=da * f_h), slopes]))
            da = layers[-1].dense.dh @ W.T
        self.layers = layers[::-1]


NONE = -(1 << 40)  # the power of two of an entry that is 0


class Inertia(NamedTuple):
    """How many eigenvalues of a symmetric matrix are negative, zero and positive."""

    negative: int
    zero: int
    positive: int


def inertia(H: ArrayLike, shift: float = 0.0) -> Inertia:
    """Count the eigenvalues of H below, at and above a shift, without computing one.

    In H - shift I = L D L^T (Bunch and Kaufman, 1977) the blocks of D, 1x1 and 2x2, have as many
    of each (Sylvester's law of inertia). By the same law rows and columns are first multiplied by
    powers of two, which makes them of about one size: no entry is too small or too large. The
    counts are certain where no eigenvalue is within about P eps |H|_2 of the shift; so the shifts
    -tau and tau check `Spectrum.alpha_bounds`.

    Parameters
    ----------
    H
        As in `spectrum`, but no operator.
    shift : float, optional
        The number that eigenvalues are compared with.

    Returns
    -------
    Inertia

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> H = np.diag([-2.0, -1.0, 0.0, 3.0])
    >>> mf.inertia(H)
    Inertia(negative=2, zero=1, positive=1)
    >>> mf.inertia(H, shift=-1.5)
    Inertia(negative=1, zero=0, positive=3)
    """
    from scipy.linalg import ldl

    H, _ = _check_symmetric(H)
    with quiet():
        H = H - check_number("shift", shift) * np.eye(len(H))
    expect(np.isfinite(H).all(), "shift", "a number for which H - shift I is finite", shift)
    with single_threaded_blas(H.size):
        D = ldl(_of_one_size(H), check_finite=False)[1]
    pair = np.diag(D, -1) != 0  # the first of two rows that make a 2x2 block
    alone = np.diag(D)[~(np.append(pair, False) | np.insert(pair, 0, False))]
    pairs = int(pair.sum())  # Bunch and Kaufman: each has one negative and one positive eigenvalue
    negative, positive = int((alone < 0).sum()), int((alone > 0).sum())
    return Inertia(pairs + negative, int((alone == 0).sum()), pairs + positive)


def _of_one_size(H):
    """D H D, with powers of two in the diagonal D, so that each row's largest entry is about 1."""
    digits, powers = np.frexp(H)
    powers = np.where(H == 0, NONE, powers.astype(np.int64))
    powers -= powers.max()  # so that a factor in all of H makes no difference
    for _ in range(100):  # halves what is missing each time (Ruiz, 2001), 2100 at first
        largest = powers.max(axis=0)
        steps = np.where(largest > NONE // 2, -(largest // 2), 0)
        if not (abs(steps) > 1).any():
            break
        powers += steps[:, None] + steps
    return np.ldexp(digits, powers.astype(np.int32))


def _check_symmetric(H: ArrayLike) -> tuple[Array, np.finfo]:
    """Return H, and the floats that its entries were rounded to."""
    H = as_array("H", H)
    floats, H = floats_of(H), check_array("H", H, (None, None))
    expect(np.array_equal(H, H.T), "H", "a matrix equal to its transpose", H.shape)
    return H, floats
