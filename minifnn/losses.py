"""Three losses, and those of your own: value, gradient and curvature, on logits, in stable form.

A network with K outputs gives o (N, K). The cross-entropies take o as logits, not as
probabilities, which keeps the digits of what is nearly certain; squared error takes it
as values. Every loss is a mean over samples, the Bernoulli loss over outputs as well, so
the gradient d loss/do (N, K) and the curvature d2 loss/do do', (N, K, K), carry the 1/N.
A difference such as p - 1 is computed as minus the sum of the other probabilities.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._util.typing import Array
from ._util.views import Named
from .activations import sigmoid, softplus


@dataclass(frozen=True, eq=False, repr=False)
class Loss(Named):
    """A loss of outputs o (N, K) and targets y (N, K), a mean over samples, also one of your own.

    One's own is computed in NumPy, with either engine; `minifnn.check` gives it complex o too.
    Its y may have more columns than K, such as a weight per sample.

    Parameters
    ----------
    name : str
    predict : callable
        From o to what it stands for, such as probabilities, (N, K).
    value, gradient, curvature : callable
        From (o, y) to the mean loss; to its d loss/do (N, K); to its d2 loss/do do' (N, K, K).

    Examples
    --------
    Of counts, such as calls per hour, o is the logarithm of the rate:

    >>> import minifnn as mf, numpy as np
    >>> poisson = mf.Loss(
    ...     "Poisson",
    ...     predict=np.exp,
    ...     value=lambda o, y: (np.exp(o) - y * o).sum() / len(o),
    ...     gradient=lambda o, y: (np.exp(o) - y) / len(o),
    ...     curvature=lambda o, y: mf.losses.diagonal(np.exp(o) / len(o)),
    ... )
    >>> net, X, y = mf.mlp([1, 3, 1], output="linear", loss=poisson), [[1.0], [2.0]], [4, 9]
    >>> print(mf.check.gradient(net, X, y).ok, mf.check.hessian(net, X, y).ok)
    True True
    """

    name: str
    predict: Callable[[Array], Array]
    value: Callable[[Array, Array], float]
    gradient: Callable[[Array, Array], Array]
    curvature: Callable[[Array, Array], Array]


def diagonal(values: Array) -> Array:
    """(N, K) -> (N, K, K) with the values on the diagonal of each matrix."""
    return values[:, :, None] * np.eye(values.shape[1])


def score(output: str, o: Array, Y: Array) -> float:
    """The metric of an output: of o (N, K) for classes, else of values; see `Network.score`."""
    if not np.isfinite(o).all():
        return float("nan")
    if output in ("sigmoid", "softmax"):
        one = output == "softmax"  # class per sample
        return float((o.argmax(1) == Y.argmax(1) if one else (o > 0) == (Y > 0.5)).mean())
    Y, o = Y - Y[0], o - Y[0]  # without rounding 0 where a target never changes
    unit = np.abs(Y).max() or np.nan  # so that no square overflows
    rest, spread = (((p - Y) / unit) ** 2 for p in (o, Y.mean(axis=0)))
    return float(1.0 - rest.sum() / spread.sum())


def _probability(o):
    return sigmoid.value(o, np.float64(1.0))


def _bernoulli(o, y):
    return (y * softplus.value(-o, 1.0) + (1.0 - y) * softplus.value(o, 1.0)).mean()  # (4.1)


def _bernoulli_gradient(o, y):
    residual = (1.0 - y) * _probability(o) - y * _probability(-o)
    return residual / o.size  # (4.2)


def _bernoulli_curvature(o, y):
    return diagonal(sigmoid.slopes(o, np.float64(1.0))[0] / o.size)  # (4.3)


def _odds(o):
    """exp(o - max), and the max itself (the largest real part of each row)."""
    top = np.take_along_axis(o, o.real.argmax(axis=1)[:, None], axis=1)
    return np.exp(o - top), top


def _softmax(o):
    odds, _ = _odds(o)
    return odds / odds.sum(axis=1, keepdims=True)


def _others(values):
    """For each entry of a row, the sum of the row's other entries."""
    return values @ (1.0 - np.eye(values.shape[1]))


def _categorical(o, y):
    odds, top = _odds(o)
    others = _others(odds)[np.arange(len(o)), o.real.argmax(axis=1)]
    # logsumexp(o) - y.o, with the largest term, exp(0) = 1, taken into log1p
    return (np.log1p(others) + (y * (top - o)).sum(axis=1)).mean()  # (4.4)


def _categorical_gradient(o, y):
    p = _softmax(o)
    return (p * (1.0 - y) - y * _others(p)) / len(o)  # (4.5)


def _categorical_curvature(o, y):
    p = _softmax(o)
    off_diagonal = -p[:, :, None] * p[:, None, :] * (1.0 - np.eye(o.shape[1]))
    return (off_diagonal + diagonal(p * _others(p))) / len(o)  # (4.6)


def _square(o, y):
    return ((o - y) ** 2).sum() / (2 * len(o))  # (4.7)


def _square_gradient(o, y):
    return (o - y) / len(o)  # (4.8)


def _square_curvature(o, y):
    return diagonal(np.full(o.shape, 1.0 / len(o)))  # (4.9)


bernoulli = Loss("bernoulli", _probability, _bernoulli, _bernoulli_gradient, _bernoulli_curvature)
categorical = Loss(
    "categorical", _softmax, _categorical, _categorical_gradient, _categorical_curvature
)
squared_error = Loss("squared error", lambda o: o, _square, _square_gradient, _square_curvature)
