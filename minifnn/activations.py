"""Activation functions f(h, beta) and their first and second derivatives, by hand.

A unit has a pre-activation h (also called its field) and an inverse noise beta.
With u = beta h, p = sigma(u) and w = p(1-p):

=========  ==========  ========  =========  =================  ==============  ===============
name       f           f_h       f_beta     f_hh               f_hbeta         f_betabeta
=========  ==========  ========  =========  =================  ==============  ===============
sigmoid    p           beta w    h w        beta^2 w(1-2p)     w(1+u(1-2p))    h^2 w(1-2p)
esp        h p         p + u w   h^2 w      beta w(2+u(1-2p))  h w(2+u(1-2p))  h^3 w(1-2p)
softplus   esp+S/beta  p         -S/beta^2  beta w             h w             (2S+u^2w)/beta^3
relu       max(h, 0)   [h > 0]   0          0                  0               0
scale      u           beta      h          0                  1               0
identity   h           1         0          0                  0               0
=========  ==========  ========  =========  =================  ==============  ===============

and tanh is the sigmoid at doubled u: tanh(u) = 2 sigma(2u) - 1.               (2.4)
Softplus is log(1 + exp(u))/beta; S is the gate's entropy; beta must not be 0.  (2.11)
Only exp(-|u|) is computed, and products begin with w, which is 0 where |u| is huge, so
that results are finite. For complex u (in `minifnn.check`) its real part decides the sign.
"""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._util.typing import ArrayLike, Floats
from ._util.validation import check_fields
from ._util.views import Named

Derivatives = namedtuple("Derivatives", "f h beta hh hbeta betabeta")


@dataclass(frozen=True, eq=False, repr=False)
class Activation(Named):
    """An activation function f(h, beta) and its derivatives, also one of your own.

    Its functions take arrays h (N, units) and beta (units,); for `minifnn.check` complex ones
    too, so that ``h.real`` decides on signs. One's own is computed in NumPy, with either engine.

    Parameters
    ----------
    name : str
    value, slopes, curvatures : callable
        From (h, beta) to f; to (f_h, f_beta); to (f_hh, f_hbeta, f_betabeta).

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> leaky_relu = mf.Activation(
    ...     "leaky ReLU",
    ...     value=lambda h, beta: np.where(h.real > 0, h, 0.1 * h),
    ...     slopes=lambda h, beta: (np.where(h.real > 0, 1.0, 0.1), 0.0),
    ...     curvatures=lambda h, beta: (0.0, 0.0, 0.0),
    ... )
    >>> net, X, Y = mf.mlp([2, 5, 1], hidden=leaky_relu), [[1.0, 2.0], [-3.0, 0.5]], [0, 1]
    >>> print(mf.check.gradient(net, X, Y).ok, mf.check.hessian(net, X, Y).ok)
    True True
    """

    name: str
    value: Callable
    slopes: Callable
    curvatures: Callable

    def __call__(self, h: ArrayLike, beta: ArrayLike = 1.0) -> Floats:
        """Return f(h, beta), of the broadcast shape of h and beta."""
        return self.derivatives(h, beta).f

    def derivatives(self, h: ArrayLike, beta: ArrayLike = 1.0) -> Derivatives:
        """Return f and its derivatives as a named tuple (f, h, beta, hh, hbeta, betabeta)."""
        h, beta = check_fields(h, beta)
        with np.errstate(over="ignore", under="ignore"):  # too large for a float: inf
            results = self.value(h, beta), *self.slopes(h, beta), *self.curvatures(h, beta)
        shape = np.broadcast_shapes(h.shape, beta.shape)
        return Derivatives(*(np.array(np.broadcast_to(r, shape))[()] for r in results))


def _gate(h, beta, c=1.0):
    """u = c beta h, p = sigma(u) and w = p(1-p), each of the broadcast shape."""
    u = c * np.clip(beta * h, -1e3, 1e3)  # beyond, exp(-|u|) is 0 anyway
    e = np.exp(np.where(u.real < 0, u, -u))  # exp(-|u|)
    p = np.where(u.real < 0, e, 1.0) / (1.0 + e)  # (1.5)
    return u, p, e / (1.0 + e) ** 2  # (2.2)


def _curved(h, beta, c=1.0):
    """u, w and w(1-2p), where 1-2p = -tanh(u/2) keeps its digits for small u."""
    u, _, w = _gate(h, beta, c)
    return u, w, -w * np.tanh(u / 2)


def _sigmoid(h, beta):
    return _gate(h, beta)[1]


def _sigmoid_slopes(h, beta):
    _, _, w = _gate(h, beta)
    return w * beta, w * h  # (2.3)


def _sigmoid_curvatures(h, beta):
    u, w, bend = _curved(h, beta)
    return bend * beta * beta, w + u * bend, bend * h * h  # (2.5)


def _tanh(h, beta):
    return np.tanh(np.clip(beta * h, -1e3, 1e3))  # (1.4)


def _tanh_slopes(h, beta):
    _, _, w = _gate(h, beta, 2.0)
    return 4 * w * beta, 4 * w * h  # twice the sigmoid's, and twice more per derivative


def _tanh_curvatures(h, beta):
    u, w, bend = _curved(h, beta, 2.0)
    return 8 * bend * beta * beta, 4 * (w + u * bend), 8 * bend * h * h


def _esp(h, beta):
    return _gate(h, beta)[1] * h  # (2.1)


def _esp_slopes(h, beta):
    u, p, w = _gate(h, beta)
    return p + u * w, w * h * h  # (2.6)


def _esp_curvatures(h, beta):
    u, w, bend = _curved(h, beta)
    turn = 2 * w + u * bend
    return turn * beta, turn * h, bend * h * h * h  # (2.8)


def _entropy(u):
    """S = log(1 + e) + |u| e/(1 + e), with e = exp(-|u|)."""
    m = np.where(u.real < 0, -u, u)
    e = np.exp(-m)
    return np.log1p(e) + m * e / (1.0 + e)  # (2.10)


def _softplus(h, beta):
    u = np.clip(beta * h, -1e3, 1e3)  # as in _gate
    e = np.exp(np.where(u.real < 0, u, -u))
    return np.where(u.real < 0, 0.0, h) + np.log1p(e) / beta  # (2.11)


def _softplus_slopes(h, beta):
    u, p, _ = _gate(h, beta)
    return p, -_entropy(u) / beta / beta


def _softplus_curvatures(h, beta):
    u, _, w = _gate(h, beta)
    return w * beta, w * h, (2 * _entropy(u) + u * u * w) / beta / beta / beta


def _relu(h, beta):
    return np.where(h.real > 0, h, 0.0)  # (2.9)


def _relu_slopes(h, beta):
    return np.where(h.real > 0, 1.0, 0.0), 0.0  # 0 at the kink h = 0, by convention


sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_slopes, _sigmoid_curvatures)
tanh = Activation("tanh", _tanh, _tanh_slopes, _tanh_curvatures)
esp = Activation("esp", _esp, _esp_slopes, _esp_curvatures)
softplus = Activation("softplus", _softplus, _softplus_slopes, _softplus_curvatures)
relu = Activation("relu", _relu, _relu_slopes, lambda h, b: (0.0, 0.0, 0.0))
scale = Activation("scale", lambda h, b: b * h, lambda h, b: (b, h), lambda h, b: (0.0, 1.0, 0.0))
identity = Activation("identity", lambda h, b: h, lambda h, b: (1.0, 0.0), relu.curvatures)

ACTIVATIONS = {a.name: a for a in (sigmoid, tanh, relu, esp, scale, identity, softplus)}
ALIASES = {"swish": "esp", "silu": "esp"}
