"""One gate, by counting: its states, their probabilities, and what it does on average.

A gate with field ``h`` and inverse noise ``beta`` takes each of its states s
with probability exp(beta s h)/Z: the distribution of largest entropy for a
given mean. Everything a unit does is a sum over its two states, and every such
sum has a closed form. Here are both: `enumerate_gate` and `enumerate_layer`
count; the functions below them are what the counting comes to.

Source of the model: arXiv:1805.08786. Entropies are in nats.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from ._util.typing import Array, ArrayLike, Floats
from ._util.validation import check_array, check_fits
from ._util.validation import check_fields as _fields
from .activations import esp, sigmoid

LARGEST_LAYER = 20  # 2**20 states are a million rows


class Averages(NamedTuple):
    """What a gate does on average: log Z, <s>, <j>, entropy S, free energy F.

    Examples
    --------
    Without a field, both states are as likely, and the doubt is log 2:

    >>> from minifnn.energy import enumerate_gate
    >>> average = enumerate_gate(0.0, 1.0)
    >>> print(average.gate, average.signal, average.entropy.round(4))
    0.5 0.0 0.6931
    """

    log_Z: Floats
    gate: Floats
    signal: Floats
    entropy: Floats
    free_energy: Floats


def _exponent(h, beta):
    """beta h of real, finite arguments, or say what is wrong with them."""
    h, beta = _fields(h, beta)
    with np.errstate(over="ignore", under="ignore"):
        u = beta * h
    if not np.isfinite(u).all():
        raise ValueError("beta has a product with h too large for a float, wanted a smaller one")
    return u


def probabilities(h: ArrayLike, beta: ArrayLike, states: Sequence[float] = (0, 1)) -> Array:
    """Return P(s|h) = exp(beta s h)/Z for each state, along a new last axis.

    Parameters
    ----------
    h, beta : array_like
        Field and inverse noise, broadcast against each other.
    states : sequence of float, optional
        The states of the gate: (0, 1) opens or stays shut, (-1, 1) is a spin.

    Returns
    -------
    ndarray, shape (..., number of states)

    Examples
    --------
    >>> from minifnn.energy import probabilities
    >>> print(probabilities([-2.0, 0.0, 2.0], beta=1.0).round(3))  # shut, open
    [[0.881 0.119]
     [0.5   0.5  ]
     [0.119 0.881]]
    """
    log_weights = _exponent(h, beta)[..., None] * check_array("states", states, (None,))
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)  # (1.1)


def enumerate_gate(h: ArrayLike, beta: ArrayLike, states: Sequence[float] = (0, 1)) -> Averages:
    """Average over the states of one gate, one term a state.

    Parameters
    ----------
    h, beta : array_like
        Field and inverse noise; beta must not be 0, for F = -log(Z)/beta.
    states : sequence of float, optional
        The states of the gate.

    Returns
    -------
    Averages
        log Z, <s>, <j> = h<s>, S = -sum P log P (nats) and F = -log(Z)/beta.

    Examples
    --------
    The mean of a spin is the tanh of its field:

    >>> from minifnn import activations, energy
    >>> print(energy.enumerate_gate(0.7, 1.0, states=(-1, 1)).gate.round(6))
    0.604368
    >>> print(activations.tanh(0.7).round(6))
    0.604368
    """
    h, beta = _fields(h, beta)
    _refuse_zero(beta)
    levels = check_array("states", states, (None,))
    p = probabilities(h, beta, states)
    log_weights = _exponent(h, beta)[..., None] * levels
    top = log_weights.max(axis=-1)
    log_Z = top + np.log(np.exp(log_weights - top[..., None]).sum(axis=-1))  # (1.2)
    gate = (p * levels).sum(axis=-1)
    surprise = -np.log(p, where=p > 0, out=np.zeros_like(p))
    return Averages(log_Z, gate, h * gate, (p * surprise).sum(axis=-1), -log_Z / beta)


def enumerate_layer(
    h: ArrayLike, beta: ArrayLike, states: Sequence[float] = (0, 1)
) -> tuple[float, Array]:
    """Average over all joint states of n independent gates, 2**n of them.

    Parameters
    ----------
    h, beta : array_like, shape (n,)
        One field and one inverse noise a gate.
    states : sequence of float, optional
        The states of each gate.

    Returns
    -------
    log_Z : float
    gates : ndarray, shape (n,)
        The mean state of each gate.

    Raises
    ------
    ValueError
        If h is no vector, or the layer has more than 20 gates.

    Examples
    --------
    Gates without a bond do not know of each other: log Z is a sum, one term a gate.

    >>> from minifnn.energy import enumerate_layer, log_partition
    >>> log_Z, gates = enumerate_layer([1.0, -2.0, 0.0], [1.0, 1.0, 1.0])
    >>> print(gates.round(3))
    [0.731 0.119 0.5  ]
    >>> print(round(log_Z, 6), log_partition([1.0, -2.0, 0.0], 1.0).sum().round(6))
    2.133337 2.133337
    """
    u = _exponent(h, beta)
    if u.ndim != 1:
        raise ValueError(f"h has shape {u.shape}, wanted one field a gate, (n,)")
    if len(u) > LARGEST_LAYER:
        raise ValueError(f"h has {len(u)} gates, wanted at most {LARGEST_LAYER} to enumerate")
    levels = check_array("states", states, (None,))
    check_fits("states", states, len(u) * len(levels) ** len(u))
    joint = np.array(list(product(levels, repeat=len(u))), float)  # (2^n, n)
    log_weights = joint @ u
    top = log_weights.max()
    weights = np.exp(log_weights - top)
    return top + np.log(weights.sum()), weights @ joint / weights.sum()  # (1.6)


# ------------------------------------------------------------- the closed forms


def log_partition(h: ArrayLike, beta: ArrayLike) -> Floats:
    """log Z = log(1 + exp(beta h)) of the {0, 1} gate, stable for any field.

    Examples
    --------
    >>> from minifnn.energy import log_partition
    >>> print(log_partition([-100.0, 0.0, 100.0], 1.0).round(4))
    [  0.       0.6931 100.    ]
    """
    return np.logaddexp(0.0, _exponent(h, beta))  # (1.3)


def mean_gate(h: ArrayLike, beta: ArrayLike) -> Floats:
    """<s> = sigma(beta h): the probability that the gate is open.

    Examples
    --------
    >>> from minifnn.energy import mean_gate
    >>> print(mean_gate(1.0, [0.0, 1.0, 10.0]).round(4))  # from noise to certainty
    [0.5    0.7311 1.    ]
    """
    return sigmoid(h, beta)


def mean_signal(h: ArrayLike, beta: ArrayLike) -> Floats:
    """<j> = d log Z/d beta = h sigma(beta h): the signal that the gate lets through.

    Examples
    --------
    >>> from minifnn.energy import mean_signal
    >>> print(mean_signal([-1.0, 1.0], 0.0))  # at infinite noise, half of what comes
    [-0.5  0.5]
    """
    return esp(h, beta)


def entropy(h: ArrayLike, beta: ArrayLike) -> Floats:
    """S = log(1 + e) + |u| e/(1 + e), e = exp(-|u|), u = beta h: nats of doubt in the gate.

    Examples
    --------
    >>> from minifnn.energy import entropy
    >>> print(entropy([-5.0, 0.0, 5.0], 1.0).round(4))  # log 2 at most, where h is 0
    [0.0402 0.6931 0.0402]
    """
    m = np.minimum(np.abs(_exponent(h, beta)), 1e3)  # beyond that nothing is left
    e = np.exp(-m)
    return np.log1p(e) + m * e / (1.0 + e)  # (2.10)


def free_energy(h: ArrayLike, beta: ArrayLike) -> Floats:
    """F = -log(Z)/beta = -softplus(beta h)/beta; beta must not be 0.

    Examples
    --------
    It is the mean energy -<j> less the entropy over beta:

    >>> from minifnn.energy import entropy, free_energy, mean_signal
    >>> print(free_energy(1.5, 2.0).round(6))
    -1.524294
    >>> print((-mean_signal(1.5, 2.0) - entropy(1.5, 2.0) / 2.0).round(6))
    -1.524294
    """
    log_Z = log_partition(h, beta)
    _refuse_zero(beta)
    return -log_Z / beta  # (2.11)


def _refuse_zero(beta):
    """The temperature 1/beta of a gate with beta = 0 is infinite, and F with it."""
    if not np.all(beta):
        raise ValueError("beta has zeros, wanted other numbers for F = -log(Z)/beta")


def gate_cumulants(h: ArrayLike, beta: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """The first four cumulants of s, so that d^n log Z/d h^n = beta^n kappa_n(s).

    Returns
    -------
    tuple of four ndarrays
        s, w, w(1-2s), w(1-6w) with s = sigma(beta h), w = s(1-s). Those of the
        signal j = h s are h, h^2, h^3, h^4 times these, and
        d^n log Z/d beta^n = kappa_n(j).

    Examples
    --------
    >>> from minifnn.energy import gate_cumulants
    >>> mean, variance, third, fourth = gate_cumulants(1.0, 1.0)
    >>> print(mean.round(4), variance.round(4), third.round(4))
    0.7311 0.1966 -0.0909
    """
    u = _exponent(h, beta)
    w = sigmoid.derivatives(u).h
    return sigmoid(u), w, w * -np.tanh(u / 2), w * (1.0 - 6.0 * w)  # (2.12)
