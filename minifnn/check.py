"""Trust nothing: derivatives checked without automatic differentiation.

**Complex step.** f(x + i eps) = f(x) + i eps f'(x) + ..., so Im f(x + i eps)/eps
is f'(x) with no difference taken and nothing cancelled; eps = 1e-30 leaves no
truncation error either. It needs code that is analytic, and the code of this
package is: its branches are chosen by the real part.

**Central differences.** (f(x + d) - f(x - d))/(2 d), right to about 1e-10 at
best. For ReLU they must stay off the kinks.

What to expect: complex step and hand agree to 1e-14 of the largest entry or
better, and central differences to 1e-8 or so. Near a minimum the samples' shares
of the gradient cancel in their sum; both errors are then shares of what cancels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ._util.typing import Array, ArrayLike, Engine
from ._util.validation import check_array, check_callable, check_choice, check_number
from .hessian import hessian as hessian_by_hand
from .network import Network, check_problem

EPS = 1e-30
Method = Literal["complex", "central"]


def complex_step(f: Callable[[np.ndarray], Any], x: Array) -> Array:
    """Return the derivative of f at the real vector x, one entry at a time.

    Parameters
    ----------
    f : callable
        Takes a complex (P,) vector, gives a number or an array.
    x : ndarray, shape (P,)

    Returns
    -------
    ndarray, shape (P, ...)
        Row p is d f/d x_p.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.check import complex_step
    >>> complex_step(lambda x: x[0] * x[1] ** 2, np.array([3.0, 2.0]))
    array([ 4., 12.])
    """
    f, x = check_callable("f", f), check_array("x", x, (None,))
    rows = []
    for p in range(len(x)):
        z = x.astype(complex)
        z[p] += 1j * EPS
        rows.append(np.imag(f(z)) / EPS)  # (6.1)
    return np.array(rows)


def central_differences(f: Callable[[Array], Any], x: Array, step: float = 1e-5) -> Array:
    """Return the derivative of f at the real vector x, one entry at a time.

    Parameters
    ----------
    f : callable
        Takes a (P,) vector, gives a number or an array.
    x : ndarray, shape (P,)
    step : float, optional
        In units of x. The error is about step^2 + 1e-16/step.

    Returns
    -------
    ndarray, shape (P, ...)
        Row p is d f/d x_p.

    Examples
    --------
    The best step is small, but not too small: rounding grows as truncation shrinks.

    >>> import numpy as np
    >>> from minifnn.check import central_differences
    >>> for step in (1e-1, 1e-5, 1e-12):
    ...     (slope,) = central_differences(lambda x: np.exp(x).sum(), np.array([0.0]), step)
    ...     print(f"{step:.0e}: {abs(slope - 1) < 1e-9}")
    1e-01: False
    1e-05: True
    1e-12: False
    """
    f, x = check_callable("f", f), check_array("x", x, (None,))
    step = check_number("step", step, above=0)
    rows = []
    for p in range(len(x)):
        up, down = x.copy(), x.copy()
        up[p] += step
        down[p] -= step
        rows.append((f(up) - f(down)) / (up[p] - down[p]))  # (6.2)
    return np.array(rows)


@dataclass(frozen=True)
class Comparison:
    """Two arrays that should be equal, entry by entry; print it for a table.

    Attributes
    ----------
    what : str
    labels : list of str
        One an entry.
    hand, reference : ndarray, shape (number of entries,)
    tolerance : float
        Allowed difference, as a share of the largest entry of the reference.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.check import Comparison
    >>> hand, reference = np.array([2.0, 1.0, 0.0]), np.array([2.0, 1.5, 0.0])
    >>> print(Comparison("slopes", ["W1[0,0]", "W1[0,1]", "b1[0]"], hand, reference, 1e-10))
    slopes: NOT ok, largest error 2.5e-01 of the largest entry, tolerance 1.0e-10
    worst entry of each                      by hand               reference     error
    W1[0,1]                    1.000000000000000e+00   1.500000000000000e+00   2.5e-01
    b1[0]                      0.000000000000000e+00   0.000000000000000e+00   0.0e+00
    """

    what: str
    labels: list[str]
    hand: Array
    reference: Array
    tolerance: float

    @property
    def errors(self) -> Array:
        """|hand - reference|, as a share of the largest entry of the reference."""
        largest = np.abs(self.reference).max()
        return np.abs(self.hand - self.reference) / (largest if largest > 0 else 1.0)

    @property
    def max_error(self) -> float:
        """The largest of the errors."""
        return float(self.errors.max())

    @property
    def ok(self) -> bool:
        """True if no error is above the tolerance; never true with NaN."""
        return bool(self.max_error <= self.tolerance)

    def __str__(self) -> str:
        """The verdict, then the worst entry of each parameter array."""
        verdict = "ok" if self.ok else "NOT ok"
        lines = [f"{self.what}: {verdict}, largest error {self.max_error:.1e}"]
        lines[0] += f" of the largest entry, tolerance {self.tolerance:.1e}"
        lines += [f"{'worst entry of each':24}{'by hand':>24}{'reference':>24}{'error':>10}"]
        groups: dict[str, list[int]] = {}
        for n, label in enumerate(self.labels):
            groups.setdefault(_group(label), []).append(n)
        for members in groups.values():
            n = members[int(np.argmax(self.errors[members]))]
            row = f"{self.labels[n]:24}{self.hand[n]:24.15e}{self.reference[n]:24.15e}"
            lines.append(row + f"{self.errors[n]:10.1e}")
        return "\n".join(lines)

    __repr__ = __str__


def _group(label):
    """ "W1[0,3]" -> "W1"; "W1[0,3] b2[1]" -> "W1 b2"."""
    return " ".join(part.split("[")[0] for part in label.split())


def gradient(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    method: Method = "complex",
    tolerance: float | None = None,
    engine: Engine = "numpy",
) -> Comparison:
    """Compare ``net.gradient`` with a derivative of the loss that knows no backward pass.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `Network.gradient`.
    method : {"complex", "central"}, optional
    tolerance : float, optional
        1e-14 for the complex step, 1e-7 for central differences; or eps (4 + U) L,
        if that is more, for L layers and the largest |u| = U of their gates. More by
        the factor by which the samples' shares cancel in the sum.
    engine : {"numpy", "numba"}, optional
        Which code to check: the one that is read, or its compiled twin.

    Returns
    -------
    Comparison
        ``.ok``, ``.max_error``, and a table when printed.

    Examples
    --------
    >>> import minifnn as mf
    >>> net, data = mf.mlp([2, 3, 1]), mf.datasets.linear()
    >>> found = mf.check.gradient(net, data.X_train, data.Y_train)
    >>> found.ok, found.max_error < 1e-14
    (True, True)
    """
    X, Y = check_problem(net, X, Y)

    def loss(theta):
        return net.loss_function.value(net.with_theta(theta).forward(X), Y)

    reference, usual = _derivative(method, loss, net.theta)
    hand = net.gradient(X, Y, engine)
    if tolerance is None:
        tolerance = max(1.0, _cancellation(net, X, Y, hand)) * max(usual, _rounding(net))
    tolerance = check_number("tolerance", tolerance, above=0)
    return Comparison("gradient", net.labels, hand, reference, tolerance)


def _rounding(net):
    """eps (4 + U) L: each layer rounds, and exp(-u) is off by |u| times what u is off by."""
    U = max(np.abs(gate.beta * gate.h).max() for _, gate in net.layers)
    return np.finfo(float).eps * (4.0 + U) * len(net.layers)


def _cancellation(net, X, Y, gradient):
    """How much larger the samples' shares of the gradient are than their sum.

    Near a minimum they cancel, and what rounding left of each remains.
    """
    net.gradient(X, Y, "numpy")  # whose layers keep what each sample gave
    largest = max((np.abs(dense.x).T @ np.abs(dense.dh)).max() for dense, _ in net.layers)
    size = np.abs(gradient).max()
    return largest / size if size > 0 else 1.0


def hessian(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    method: Method = "complex",
    tolerance: float | None = None,
    by: Literal["blocks", "columns"] = "blocks",
    engine: Engine = "numpy",
) -> Comparison:
    """Compare the Hessian with the derivative of the gradient by hand.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `minifnn.hessian`.
    method : {"complex", "central"}, optional
    tolerance : float, optional
        1e-13 for the complex step, 1e-6 for central differences.
    by : {"blocks", "columns"}, optional
        Which of the two Hessians to check.
    engine : {"numpy", "numba"}, optional
        Which code to check: the one that is read, or its compiled twin.

    Returns
    -------
    Comparison
        One entry for each pair of parameters.

    Examples
    --------
    >>> import minifnn as mf
    >>> net, data = mf.mlp([2, 3, 1], hidden="tanh"), mf.datasets.linear()
    >>> found = mf.check.hessian(net, data.X_train, data.Y_train)
    >>> found.ok, len(found.labels) == net.n_parameters**2
    (True, True)
    """
    X, Y = check_problem(net, X, Y)

    check_choice("by", by, ("blocks", "columns"))

    def gradient_at(theta):
        twin = net.with_theta(theta)
        return twin.backward(net.loss_function.gradient(twin.forward(X), Y))

    reference, usual = _derivative(method, gradient_at, net.theta)
    tolerance = check_number("tolerance", 10 * usual if tolerance is None else tolerance, above=0)
    hand = hessian_by_hand(net, X, Y, by, engine)
    labels = [f"{row} {column}" for row in net.labels for column in net.labels]
    return Comparison("hessian", labels, hand.ravel(), reference.ravel(), tolerance)


def _derivative(method, f, theta):
    """The derivative of f at theta by another way, and the error to expect of it."""
    check_choice("method", method, ("complex", "central"))
    if method == "complex":
        return complex_step(f, theta), 1e-14
    return central_differences(f, theta), 1e-7
