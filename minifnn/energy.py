"""One gate, by counting: its states, their probabilities, and what it does on average.

A gate with field ``h`` and inverse noise ``beta`` takes each of its states s
with probability exp(beta s h)/Z: the distribution of largest entropy for a
given mean. Everything a unit does is a sum over its two states, and every such
sum has a closed form. Here are both: `enumerate_gate` and `enumerate_layer`
count; the functions below them are what the counting comes to.

Source of the model: arXiv:1805.08786. Entropies are in nats.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from .activations import _fields, esp, sigmoid

LARGEST_LAYER = 20  # 2**20 states are a million rows


class Averages(NamedTuple):
    """What a gate does on average: log Z, <s>, <j>, entropy S, free energy F."""

    log_Z: np.ndarray
    gate: np.ndarray
    signal: np.ndarray
    entropy: np.ndarray
    free_energy: np.ndarray


def _exponent(h, beta):
    """beta h of real, finite arguments, or say what is wrong with them."""
    h, beta = _fields(h, beta)
    with np.errstate(over="ignore", under="ignore"):
        u = beta * h
    if not np.isfinite(u).all():
        raise ValueError("beta has a product with h too large for a float, wanted a smaller one")
    return u


def probabilities(h, beta, states=(0, 1)):
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
    """
    log_weights = _exponent(h, beta)[..., None] * np.asarray(states, float)
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)  # (1.1)


def enumerate_gate(h, beta, states=(0, 1)):
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
    """
    h, beta = _fields(h, beta)
    _refuse_zero(beta)
    states = np.asarray(states, float)
    p = probabilities(h, beta, states)
    log_weights = _exponent(h, beta)[..., None] * states
    top = log_weights.max(axis=-1)
    log_Z = top + np.log(np.exp(log_weights - top[..., None]).sum(axis=-1))  # (1.2)
    gate = (p * states).sum(axis=-1)
    surprise = -np.log(p, where=p > 0, out=np.zeros_like(p))
    return Averages(log_Z, gate, h * gate, (p * surprise).sum(axis=-1), -log_Z / beta)


def enumerate_layer(h, beta, states=(0, 1)):
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
    """
    u = _exponent(h, beta)
    if u.ndim != 1:
        raise ValueError(f"h has shape {u.shape}, wanted one field a gate, (n,)")
    if len(u) > LARGEST_LAYER:
        raise ValueError(f"h has {len(u)} gates, wanted at most {LARGEST_LAYER} to enumerate")
    joint = np.array(list(product(states, repeat=len(u))), float)  # (2^n, n)
    log_weights = joint @ u
    top = log_weights.max()
    weights = np.exp(log_weights - top)
    return top + np.log(weights.sum()), weights @ joint / weights.sum()  # (1.6)


# ------------------------------------------------------------- the closed forms


def log_partition(h, beta):
    """log Z = log(1 + exp(beta h)) of the {0, 1} gate, stable for any field."""
    return np.logaddexp(0.0, _exponent(h, beta))  # (1.3)


def mean_gate(h, beta):
    """<s> = sigma(beta h): the probability that the gate is open."""
    return sigmoid(h, beta)


def mean_signal(h, beta):
    """<j> = d log Z/d beta = h sigma(beta h): the signal that the gate lets through."""
    return esp(h, beta)


def entropy(h, beta):
    """S = log(1 + e) + |u| e/(1 + e), e = exp(-|u|), u = beta h: nats of doubt in the gate."""
    m = np.minimum(np.abs(_exponent(h, beta)), 1e3)  # beyond that nothing is left
    e = np.exp(-m)
    return np.log1p(e) + m * e / (1.0 + e)  # (2.10)


def free_energy(h, beta):
    """F = -log(Z)/beta = -softplus(beta h)/beta; beta must not be 0."""
    _refuse_zero(beta)
    return -log_partition(h, beta) / beta  # (2.11)


def _refuse_zero(beta):
    """The temperature 1/beta of a gate with beta = 0 is infinite, and F with it."""
    if not np.all(beta):
        raise ValueError("beta has zeros, wanted other numbers for F = -log(Z)/beta")


def gate_cumulants(h, beta):
    """The first four cumulants of s, so that d^n log Z/d h^n = beta^n kappa_n(s).

    Returns
    -------
    tuple of four ndarrays
        s, w, w(1-2s), w(1-6w) with s = sigma(beta h), w = s(1-s). Those of the
        signal j = h s are h, h^2, h^3, h^4 times these, and
        d^n log Z/d beta^n = kappa_n(j).
    """
    u = _exponent(h, beta)
    w = sigmoid.derivatives(u).h
    return sigmoid(u), w, w * -np.tanh(u / 2), w * (1.0 - 6.0 * w)  # (2.12)
