"""Derivatives checked without automatic differentiation.

**Complex step.** f(x + i eps) = f(x) + i eps f'(x) + ..., so Im f(x + i eps)/eps is f'(x)
without a difference, and nothing cancels; eps = 1e-30 leaves no truncation error either. It
needs analytic code, and the code of this package is: its branches depend on the real part.
Expect it to agree with the derivative by hand to 1e-14 of the largest entry or better.

**Central differences.** (f(x + d) - f(x - d))/(2 d), right to 1e-8 or so, off ReLU's kinks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ._util.typing import Array, ArrayLike, Engine
from ._util.validation import check_array, check_callable, check_choice, check_number, expect
from .hessian import hessian as hessian_by_hand
from .network import Network, check_problem

STEP = 1e-30
Method = Literal["complex", "central"]


def complex_step(f: Callable[[np.ndarray], Any], x: Array) -> Array:
    """Return the derivative of f at the real vector x (P,): row p is d f/d x_p.

    f takes a complex vector (P,), and gives a number or an array.
    """
    f, x = check_callable("f", f), check_array("x", x, (None,))
    rows = []
    for p in range(len(x)):
        z = x.astype(complex)
        z[p] += 1j * STEP
        rows.append(np.imag(f(z)) / STEP)  # (6.2)
    return np.array(rows)


def central_differences(f: Callable[[Array], Any], x: Array, step: float = 1e-5) -> Array:
    """Return what `complex_step` does, for any f, with an error of about step^2 + 1e-16/step."""
    f, x = check_callable("f", f), check_array("x", x, (None,))
    step = check_number("step", step, above=0)
    rows = []
    for p in range(len(x)):
        up, down = x.copy(), x.copy()
        up[p] += step
        down[p] -= step
        rows.append((f(up) - f(down)) / (up[p] - down[p]))  # (6.1)
    return np.array(rows)


METHODS = {"complex": (complex_step, 1e-14), "central": (central_differences, 1e-7)}  # usual error


@dataclass(frozen=True)
class Comparison:
    """Two arrays (n,) that should be equal, with a label per entry; print it for a table.

    `tolerance` is the allowed difference, in units of the largest entry of the reference.
    """

    what: str
    labels: list[str]
    hand: Array
    reference: Array
    tolerance: float

    @property
    def errors(self) -> Array:
        """|hand - reference|, in units of the largest entry of the reference."""
        return np.abs(self.hand - self.reference) / (np.abs(self.reference).max() or 1.0)

    @property
    def max_error(self) -> float:
        """The largest of the errors."""
        return float(self.errors.max())

    @property
    def ok(self) -> bool:
        """Whether no error is above the tolerance; never true with NaN."""
        return self.max_error <= self.tolerance

    def __str__(self) -> str:
        """The verdict, then the worst entry of each parameter array."""
        verdict, errors = "ok" if self.ok else "NOT ok", self.errors
        lines = [
            f"{self.what}: {verdict}, largest error {self.max_error:.1e} of the largest entry, "
            f"tolerance {self.tolerance:.1e}",
            f"{'worst entry of each':24}{'by hand':>24}{'reference':>24}{'error':>10}",
        ]
        arrays: dict[str, list[int]] = {}  # "W1" of "W1[0,3]"; "W1 b2" of "W1[0,3] b2[1]"
        for n, label in enumerate(self.labels):
            array = " ".join(part.split("[")[0] for part in label.split())
            arrays.setdefault(array, []).append(n)
        for entries in arrays.values():
            n = entries[int(np.argmax(errors[entries]))]
            row = f"{self.labels[n]:24}{self.hand[n]:24.15e}{self.reference[n]:24.15e}"
            lines.append(f"{row}{errors[n]:10.1e}")
        return "\n".join(lines)

    __repr__ = __str__


def gradient(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    method: Method = "complex",
    tolerance: float | None = None,
    engine: Engine = "numpy",
) -> Comparison:
    """Compare `net.gradient` with a derivative of the loss that uses no backward pass.

    The tolerance is 1e-14 for the complex step and 1e-7 for central differences; or, if that is
    more, eps (4 + U) L for L layers and the largest |u| = U of their gates; and larger by the
    factor by which the samples' terms cancel in their sum.
    """
    X, Y = check_problem(net, X, Y)
    value, o = net.loss_function.value, net.logits(X)
    once, twice = value(o, Y), value(np.vstack([o, o]), np.vstack([Y, Y]))
    is_sum = abs(once - twice) > 1e-9 * abs(once)
    expect(not is_sum, "loss", f"a mean, so {once} also where each sample comes twice", twice)

    def loss(theta):
        moved = net.with_theta(theta)
        return value(moved.forward(X), Y) + (net.ridge * theta) @ theta / 2

    derivative, usual = METHODS[check_choice("method", method, METHODS)]
    tolerance = _expected_error(net, X, Y, usual) if tolerance is None else tolerance
    tolerance = check_number("tolerance", tolerance, above=0)
    hand, reference = net.gradient(X, Y, engine), derivative(loss, net.theta)
    return Comparison("gradient", net.labels, hand, reference, tolerance)


def _expected_error(net, X, Y, usual):
    """How far the gradient may be off: exp(-u) is off by |u| times the relative error of u."""
    net = net.fresh()
    gradient = net.backpropagate(X, Y)
    U = max(np.abs(gate.beta * gate.h).max() for _, gate in net.layers)
    terms = max((np.abs(dense.x).T @ np.abs(dense.dh)).max() for dense, _ in net.layers)
    cancellation = terms / (np.abs(gradient).max() or terms or 1.0)
    return max(usual, np.finfo(float).eps * (4.0 + U) * len(net.layers)) * max(1.0, cancellation)


def hessian(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    method: Method = "complex",
    tolerance: float | None = None,
    by: Literal["blocks", "columns"] = "blocks",
    engine: Engine = "numpy",
) -> Comparison:
    """Compare the Hessian, by blocks or by columns, with a derivative of the gradient by hand.

    The tolerance is 1e-13 for the complex step and 1e-6 for central differences.
    """
    X, Y = check_problem(net, X, Y)
    check_choice("by", by, ("blocks", "columns"))

    def gradient_at(theta):
        return net.with_theta(theta).backpropagate(X, Y)

    derivative, usual = METHODS[check_choice("method", method, METHODS)]
    tolerance = check_number("tolerance", 10 * usual if tolerance is None else tolerance, above=0)
    hand, reference = hessian_by_hand(net, X, Y, by, engine), derivative(gradient_at, net.theta)
    labels = [f"{row} {column}" for row in net.labels for column in net.labels]
    return Comparison("hessian", labels, hand.ravel(), reference.ravel(), tolerance)
