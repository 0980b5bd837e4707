"""One gate as a system of statistical physics: its states, their probabilities and averages.

A gate with pre-activation (field) ``h`` and inverse noise ``beta`` takes each of its states s
with probability exp(beta s h)/Z: the distribution of largest entropy for a given mean. All that
a unit does is a sum over its two states, and each such sum has a closed form. `enumerate_gate`
and `enumerate_layer` sum over states; the functions below them are the closed forms.

h and beta broadcast against each other; entropies are in nats. Source: arXiv:1805.08786.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from ._util.typing import Array, ArrayLike, Floats
from ._util.validation import check_array, check_fields, check_fits, expect
from .activations import _entropy, sigmoid

LARGEST_LAYER = 20  # 2**20 states are a million rows


class Averages(NamedTuple):
    """Averages over the states of a gate: log Z, <s>, <j> = h <s>, S = -sum P log P, F."""

    log_Z: Floats
    gate: Floats
    signal: Floats
    entropy: Floats
    free_energy: Floats


def _exponent(h, beta):
    """beta h, if it is finite."""
    h, beta = check_fields(h, beta)
    with np.errstate(over="ignore", under="ignore"):
        u = beta * h
    expect(np.isfinite(u).all(), "beta", "a finite product with h", np.inf)
    return u


def _boltzmann(log_weights):
    """Probabilities of states with these log weights (..., states), and log Z (...)."""
    top = log_weights.max(axis=-1, keepdims=True)
    weights = np.exp(log_weights - top)
    Z = weights.sum(axis=-1, keepdims=True)
    P = weights / Z  # (1.1)
    log_Z = top + np.log(Z)  # (1.2)
    return P, log_Z[..., 0]


def probabilities(h: ArrayLike, beta: ArrayLike, states: Sequence[float] = (0, 1)) -> Array:
    """Return P(s|h) of each of the states, along a new last axis."""
    return _boltzmann(_exponent(h, beta)[..., None] * check_array("states", states, (None,)))[0]


def enumerate_gate(h: ArrayLike, beta: ArrayLike, states: Sequence[float] = (0, 1)) -> Averages:
    """Return the averages over the states of one gate, (0, 1) or, for a spin, (-1, 1).

    beta must not be 0, for F = -log(Z)/beta.

    Examples
    --------
    >>> from minifnn import activations, energy
    >>> spin = energy.enumerate_gate(0.7, 1.0, states=(-1, 1))
    >>> print(spin.gate.round(6), activations.tanh(0.7).round(6))  # its mean is a tanh
    0.604368 0.604368
    """
    levels = check_array("states", states, (None,))
    P, log_Z = _boltzmann(_exponent(h, beta)[..., None] * levels)
    expect(np.all(beta), "beta", "no 0, for F = -log(Z)/beta", 0)
    gate = P @ levels
    surprise = -np.log(P, where=P > 0, out=np.zeros_like(P))
    return Averages(log_Z, gate, h * gate, (P * surprise).sum(axis=-1), -log_Z / beta)


def enumerate_layer(
    h: ArrayLike, beta: ArrayLike, states: Sequence[float] = (0, 1)
) -> tuple[float, Array]:
    """Return log Z and the mean states (n,) of n <= 20 independent gates, by all joint states."""
    u = _exponent(h, beta)
    fits = u.ndim == 1 and len(u) <= LARGEST_LAYER
    expect(fits, "h", f"shape (n,) of at most {LARGEST_LAYER} gates", u.shape)
    levels = check_array("states", states, (None,))
    check_fits("states", states, len(u) * len(levels) ** len(u))
    joint = np.array(list(product(levels, repeat=len(u))))  # (2^n, n)
    P, log_Z = _boltzmann(joint @ u)
    return log_Z, P @ joint  # (1.6)


def log_partition(h: ArrayLike, beta: ArrayLike) -> Floats:
    """log Z = log(1 + exp(beta h)) of the {0, 1} gate, whose mean is `sigmoid`, <j> is `esp`."""
    return np.logaddexp(0.0, _exponent(h, beta))  # (1.3)


def entropy(h: ArrayLike, beta: ArrayLike) -> Floats:
    """S = log(1 + e) + |u| e/(1 + e), with e = exp(-|u|) and u = beta h; log 2 at most."""
    return _entropy(_exponent(h, beta))  # (2.10)


def free_energy(h: ArrayLike, beta: ArrayLike) -> Floats:
    """F = -log(Z)/beta: the mean energy -<j> minus the entropy over beta, which must not be 0."""
    log_Z = log_partition(h, beta)
    expect(np.all(beta), "beta", "no 0, for F = -log(Z)/beta", 0)
    return -log_Z / beta  # (2.11)


def gate_cumulants(h: ArrayLike, beta: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """The first four cumulants kappa_n of s, so that d^n log Z/d h^n = beta^n kappa_n(s).

    They are p, w, w(1-2p), w(1-6w) with p = sigma(beta h) and w = p(1-p). Those of the signal
    j = h s are h, h^2, h^3, h^4 times these, and d^n log Z/d beta^n = kappa_n(j).
    """
    u = _exponent(h, beta)
    w = sigmoid.derivatives(u).h
    return sigmoid(u), w, w * -np.tanh(u / 2), w * (1.0 - 6.0 * w)  # (2.12)
