"""The three losses: value, gradient and curvature, on logits, in stable form.

A loss is the energy of the residual e = prediction - truth. The cross-entropies
act on the logits ``o`` (N, K), never on probabilities, so that nothing is lost
where the network is sure; squared error acts on the values. Every loss is a mean
over samples (that of independent gates over outputs too), so that

    gradient = d loss/d o        (N, K)
    curvature = d2 loss/d o d o  (N, K, K), one matrix a sample

already carry the 1/N. Values and gradients also take complex logits and choose
their branches by the real part (see :mod:`minifnn.check`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._util.typing import Array
from .activations import sigmoid


@dataclass(frozen=True)
class Loss:
    """A loss on logits o (N, K) and targets y (N, K).

    Parameters
    ----------
    name : str
    predict : callable
        o -> what the network says: probabilities, or the value itself.
    value, gradient, curvature : callable
        (o, y) -> float, (N, K), (N, K, K).

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.losses import bernoulli
    >>> o, y = np.array([[0.0], [50.0]]), np.array([[1.0], [1.0]])  # in doubt, and sure
    >>> print(round(2 * bernoulli.value(o, y), 6))  # log 2 for the first, nothing for the other
    0.693147
    >>> print(bernoulli.gradient(o, y))  # not lost where the probability rounds to 1
    [[-2.50000000e-01]
     [-9.64374924e-23]]
    """

    name: str
    predict: Callable[[Array], Array]
    value: Callable[[Array, Array], float]
    gradient: Callable[[Array, Array], Array]
    curvature: Callable[[Array, Array], Array]


def _diagonal(values):
    """(N, K) -> (N, K, K) with the values on the diagonal of each matrix."""
    return values[:, :, None] * np.eye(values.shape[1])


# --------------------------------------- K independent gates, each right or wrong


def _probability(o):
    return sigmoid.value(o, np.float64(1.0))


def _softplus(o):
    """log(1 + exp(o)), with only exp(-|o|) ever taken."""
    m = np.where(o.real < 0, -o, o)
    return np.where(o.real < 0, 0.0, o) + np.log1p(np.exp(-m))


def _bernoulli(o, y):
    # softplus(o) - y o, as it stands for each of the two answers
    return (y * _softplus(-o) + (1.0 - y) * _softplus(o)).mean()  # (4.1)


def _bernoulli_gradient(o, y):
    # sigma(o) - y without the cancellation: sigma(o) - 1 = -sigma(-o)
    residual = (1.0 - y) * _probability(o) - y * _probability(-o)
    return residual / o.size  # (4.2)


def _bernoulli_curvature(o, y):
    return _diagonal(_probability(o) * _probability(-o) / o.size)  # (4.3)


# ----------------------------------------------------- softmax: one of K classes


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
    # p - y, where for y = 1 it is minus the sum of the other p, not p - 1
    return (p * (1.0 - y) - y * _others(p)) / len(o)  # (4.5)


def _categorical_curvature(o, y):
    p = _softmax(o)
    # p_k (1 - p_k) on the diagonal, again by the sum of the others
    off_diagonal = -p[:, :, None] * p[:, None, :] * (1.0 - np.eye(o.shape[1]))
    return (off_diagonal + _diagonal(p * _others(p))) / len(o)  # (4.6)


# -------------------------------------------------------------------- squared error


def _value(o):
    return o


def _squared_error(o, y):
    return ((o - y) ** 2).sum() / (2 * len(o))  # (4.7)


def _squared_error_gradient(o, y):
    return (o - y) / len(o)  # (4.8)


def _squared_error_curvature(o, y):
    return _diagonal(np.full(o.shape, 1.0 / len(o)))  # (4.9)


bernoulli = Loss("bernoulli", _probability, _bernoulli, _bernoulli_gradient, _bernoulli_curvature)
categorical = Loss(
    "categorical", _softmax, _categorical, _categorical_gradient, _categorical_curvature
)
squared_error = Loss(
    "squared error", _value, _squared_error, _squared_error_gradient, _squared_error_curvature
)
