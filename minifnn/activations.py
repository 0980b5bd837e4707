"""What one unit does to its field: value, slopes and curvatures, by hand.

A unit has a field ``h`` (what arrives) and an inverse noise ``beta``; both may
be arrays that broadcast against each other. With ``u = beta*h``,
``s = sigma(u)`` and ``w = s(1-s)`` the whole table is

=========  ==========  ========  =======  =================  ==============  ==============
name       f           f_h       f_beta   f_hh               f_hbeta         f_betabeta
=========  ==========  ========  =======  =================  ==============  ==============
sigmoid    s           beta w    h w      beta^2 w(1-2s)     w(1+u(1-2s))    h^2 w(1-2s)
esp        h s         s + u w   h^2 w    beta w(2+u(1-2s))  h w(2+u(1-2s))  h^3 w(1-2s)
relu       max(h, 0)   [h > 0]   0        0                  0               0
scale      u           beta      h        0                  1               0
identity   h           1         0        0                  0               0
=========  ==========  ========  =======  =================  ==============  ==============

and tanh is sigmoid at doubled beta: tanh u = 2 sigma(2u) - 1.

How the numbers stay right to the last digits, for every finite h and beta:

- only ``exp(-|u|)`` is ever taken, and it is kept as ``near * far**3``, so that
  ``h * h * exp(-|u|)`` neither overflows nor vanishes too early;
- the rounding error of ``u = beta*h`` itself is carried along as ``du``;
- a factor that changes sign, such as ``1 + u + exp(u)``, is written as a sum of
  two terms of equal sign that both vanish at its root.

Values and slopes also take complex arguments and choose their branches by the
real part, so that the complex step of :mod:`minifnn.check` passes through them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ._util.typing import Array, ArrayLike, Floats
from ._util.validation import as_array


class Derivatives(NamedTuple):
    """Value, slopes and curvatures of an activation, each of the broadcast shape.

    Examples
    --------
    >>> from minifnn.activations import tanh
    >>> d = tanh.derivatives(0.0, beta=[0.5, 2.0])
    >>> print(d.h, d.beta, d.hbeta)
    [0.5 2. ] [0. 0.] [1. 1.]
    """

    f: Floats
    h: Floats
    beta: Floats
    hh: Floats
    hbeta: Floats
    betabeta: Floats


@dataclass(frozen=True)
class Activation:
    """An activation function f(h, beta): three functions under one name.

    Call it for the value; ask for `derivatives` for everything.

    Parameters
    ----------
    name : str
        The name by which `minifnn.mlp` knows it.
    value, slopes, curvatures : callable
        Functions of float arrays ``(h, beta)`` returning ``f``,
        ``(f_h, f_beta)`` and ``(f_hh, f_hbeta, f_betabeta)``.

    Examples
    --------
    The less noise, the sharper the gate: at beta = 100 ESP is all but ReLU.

    >>> from minifnn.activations import esp, relu
    >>> print(esp([-1.0, 2.0], beta=1.0).round(3))
    [-0.269  1.762]
    >>> print(abs(esp([-1.0, 2.0], beta=100.0) - relu([-1.0, 2.0])).max() < 1e-40)
    True
    """

    name: str
    value: Callable[[Any, Any], Floats]
    slopes: Callable[[Any, Any], tuple[Floats, Floats]]
    curvatures: Callable[[Any, Any], tuple[Floats, Floats, Floats]]

    def __call__(self, h: ArrayLike, beta: ArrayLike = 1.0) -> Floats:
        """Return f(h, beta) elementwise, of the broadcast shape of h and beta."""
        h, beta = _fields(h, beta)
        return _of_shape(_quietly(self.value, h, beta), h, beta)

    def derivatives(self, h: ArrayLike, beta: ArrayLike = 1.0) -> Derivatives:
        """Return the value and its first and second derivatives in h and beta.

        Parameters
        ----------
        h : array_like
            Fields, real.
        beta : array_like, optional
            Inverse noise, broadcast against h.

        Returns
        -------
        Derivatives
            Named tuple ``(f, h, beta, hh, hbeta, betabeta)``.

        Raises
        ------
        TypeError, ValueError
            If h or beta is not real, not finite, or they do not broadcast.

        Examples
        --------
        >>> from minifnn.activations import sigmoid
        >>> d = sigmoid.derivatives(0.0, beta=2.0)
        >>> print(d.f, d.h, d.hbeta)
        0.5 0.5 0.25
        """
        h, beta = _fields(h, beta)
        rows = (
            _quietly(self.value, h, beta),
            *_quietly(self.slopes, h, beta),
            *_quietly(self.curvatures, h, beta),
        )
        return Derivatives(*(_of_shape(row, h, beta) for row in rows))


def _quietly(function, h, beta):
    """Evaluate; a result too large or too small for a float is inf or 0, in silence."""
    with np.errstate(over="ignore", under="ignore"):
        return function(h, beta)


def _fields(h: ArrayLike, beta: ArrayLike) -> list[Array]:
    """Check and convert the arguments of a public call."""
    arrays = []
    for name, value in (("h", h), ("beta", beta)):
        array = as_array(name, value)
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{name} has dtype {array.dtype}, wanted real numbers")
        array = array.astype(np.float64)
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} contains NaN or inf, wanted finite numbers")
        arrays.append(array)
    try:
        np.broadcast_shapes(arrays[0].shape, arrays[1].shape)
    except ValueError:
        raise ValueError(
            f"beta has shape {arrays[1].shape}, wanted one that broadcasts "
            f"against h of shape {arrays[0].shape}"
        ) from None
    return arrays


def _of_shape(result, h, beta):
    """Give a result its own memory and the broadcast shape of h and beta."""
    shape = np.broadcast_shapes(h.shape, beta.shape)
    return np.array(np.broadcast_to(result, shape))[()]


# ------------------------------------------------------------------ the pieces

_LARGEST = 3000.0  # beyond this |u|, even h**3 * exp(-|u|) is 0 for every float h
_NEAR = 700.0  # exp(-700) is still a normal number
_LARGEST_HALF = (2.0 - 2.0**-25) * 2.0**1023  # the largest float of 26 bits


def _times(h, beta):
    """u = beta*h, held to where exp(-|u|) still matters to something."""
    return np.clip(beta * h, -_LARGEST, _LARGEST)


def _rounding(h, beta, u):
    """What the exact product beta*h has more than the float u (Dekker 1971).

    Each factor is split into two halves of 26 bits, whose products are exact.
    Complex arguments keep the plain product: 0.
    """
    if np.iscomplexobj(u):
        return 0.0
    counts = np.abs(u) < _LARGEST
    h = np.where(counts, h, 0.0)  # where it does not, halves may overflow to either side
    h_high, beta_high = _upper_half(h), _upper_half(beta)
    h_low, beta_low = h - h_high, beta - beta_high
    du = ((h_high * beta_high - u) + h_high * beta_low + h_low * beta_high) + h_low * beta_low
    return np.where(counts, du, 0.0)


def _upper_half(x):
    """x rounded to 26 bits of mantissa."""
    rounded = ((x.view(np.int64) + (1 << 26)) & -(1 << 27)).view(np.float64)
    return np.clip(rounded, -_LARGEST_HALF, _LARGEST_HALF)


def _sign(u):
    """The side of the real part: -1 below 0, 1 from there on."""
    return np.where(u.real < 0, -1.0, 1.0)


def _magnitude(u):
    """|u|, chosen by the side of the real part and so analytic on each."""
    return _sign(u) * u


def _decay(u, du):
    """exp(-|u + du|) as (near, far): near * far**3, each well above the least float."""
    m = _magnitude(u)
    if m.real.max(initial=0.0) <= _NEAR:  # the same numbers, with half the work
        near, far = np.exp(-m), 1.0
    else:
        near = np.exp(-np.minimum(m, _NEAR))
        far = np.exp(np.minimum(_NEAR - m, 0.0) / 3)
    return near - near * _sign(u) * du, far


def _bell(e):
    """w = s(1-s) = e/(1+e)^2 for e = exp(-|u|)."""
    return e / (1.0 + e * (2.0 + e))  # (2.2)


def _product(*factors):
    """The product of real arrays, with no overflow or underflow on the way."""
    mantissa, exponent = 1.0, 0
    for factor in factors:
        m, e = np.frexp(factor)
        mantissa, exponent = mantissa * m, exponent + e
    return np.ldexp(mantissa, exponent)


def _tilt(h, beta, u, c=1):
    """(2/c) tanh(c u/2) as two factors, which keep h and beta apart where u is tiny."""
    tiny = np.abs(u) < 1e-9
    return np.where(tiny, h, 1.0), np.where(tiny, beta, 2 / c * np.tanh(c * u / 2))


class _Root(NamedTuple):
    """The root r = high + low + lowest of a factor, to three times the digits of a float."""

    high: float
    low: float
    lowest: float

    def minus(self, c):
        """r - c for a small integer c."""
        return (self.high - c) + self.low

    def distance(self, m, dm):
        """(m + dm) - r, with all its digits where m is close to r."""
        return ((m - self.high) + (dm - self.low)) - self.lowest


_SLOPE_ROOT = _Root(
    1.2784645427610737, 1.0946994183093437e-16, 3.907766676128665e-33
)  # r = 1 + exp(-r)
_TURN_ROOTS = {  # r tanh(r/2) = c
    1: _Root(1.5434046384182085, -7.079881422148652e-17, -5.698854161389117e-33),
    2: _Root(2.3993572805154675, 1.8464872855353363e-16, 1.0808311685947344e-33),
}


def _turning_bell(c, u, du, e):
    """w (c + u(1-2s)) for e = exp(-|u|), right also next to the root r of the bracket.

    The bracket is c - |u| tanh(|u|/2) = ((c - |u|) + (c + |u|) e)/(1 + e). From
    its numerator subtract the same at r, where it is 0: with d = |u| - r there
    remain -d (1 - e) and (r - c)(exp(-d) - 1), two terms of one sign.    (2.7)
    Away from the root the plain form is the better one.
    """
    root = _TURN_ROOTS[c]
    m, dm = _magnitude(u), _sign(u) * du
    d = root.distance(m, dm)
    split = root.minus(c) * np.expm1(-d) - d * (1.0 - e)
    plain = (c - m) - dm + (c + m) * e
    close = (0.65 * root.high < m) & (m < 2 * root.high)
    return np.where(close, split, plain) * e / (1.0 + e * (3.0 + e * (3.0 + e)))


# ------------------------------------------- sigmoid and tanh: what the gate does
#
# Both are c*sigma(c u) - (c - 1): sigmoid with c = 1, tanh with c = 2.       (2.4)
# Powers of two multiply without rounding, so one set of lines serves both.


def _sigmoid(h, beta):
    u = _times(h, beta)
    e, far = _decay(u, _rounding(h, beta, u))
    return np.where(u.real >= 0, 1.0, e * far * far * far) / (1.0 + e)  # (1.5)


def _tanh(h, beta):
    return np.tanh(_times(h, beta))  # (1.4)


def _logistic_slopes(c, h, beta):
    u = _times(h, beta)
    e, far = _decay(c * u, c * _rounding(h, beta, u))
    w = c**2 * _bell(e)
    f_h = beta * w * far * far * far  # (2.3)
    f_beta = h * w * far * far * far
    return f_h, f_beta


def _logistic_curvatures(c, h, beta):
    u = _times(h, beta)
    du = _rounding(h, beta, u)
    e, far = _decay(c * u, c * du)
    w, tilt = _bell(e), _tilt(h, beta, u, c)
    f_hh = -_product(c**4 / 2, beta, beta, *tilt, w, far, far, far)  # (2.5)
    f_hbeta = c**2 * _turning_bell(1, c * u, c * du, e) * far * far * far
    f_betabeta = -_product(c**4 / 2, h, h, *tilt, w, far, far, far)
    return f_hh, f_hbeta, f_betabeta


# ------------------------------------------------ ESP: the signal the gate lets by


def _esp(h, beta):
    u = _times(h, beta)
    e, far = _decay(u, _rounding(h, beta, u))
    return np.where(u.real >= 0, h, h * e * far * far * far) / (1.0 + e)  # (2.1)


def _esp_slopes(h, beta):
    u = _times(h, beta)
    du = _rounding(h, beta, u)
    e, far = _decay(u, du)
    w = _bell(e)
    # s + u w for u >= 0; below, the same as w (1 + u + exp(u)), whose bracket
    # is d + (r-1)(exp(d) - 1) with d = r - |u|: two terms of one sign.    (2.6)
    d = -_SLOPE_ROOT.distance(_magnitude(u), _sign(u) * du)
    above = 1.0 / (1.0 + e) + u * w
    below = w * (d + _SLOPE_ROOT.minus(1) * np.expm1(d)) * far * far * far
    f_h = np.where(u.real >= 0, above, below)
    f_beta = (h * w * far) * (h * far * far)  # h^2 w
    return f_h, f_beta


def _esp_curvatures(h, beta):
    u = _times(h, beta)
    du = _rounding(h, beta, u)
    e, far = _decay(u, du)
    turn = _turning_bell(2, u, du, e)
    f_hh = beta * turn * far * far * far  # (2.8)
    f_hbeta = h * turn * far * far * far
    f_betabeta = -_product(0.5, h, h, h, *_tilt(h, beta, u), _bell(e), far, far, far)
    return f_hh, f_hbeta, f_betabeta


# ------------------------------------ ReLU: the noiseless limit, and two plain ones


def _relu(h, beta):
    return np.where(h.real > 0, h, 0.0)  # (2.9)


def _relu_slopes(h, beta):
    return np.where(h.real > 0, 1.0, 0.0), 0.0  # 0 at the kink h = 0, by convention


def _scale(h, beta):
    return beta * h


def _scale_slopes(h, beta):
    return beta, h


def _identity(h, beta):
    return h


def _identity_slopes(h, beta):
    return 1.0, 0.0


def _straight(h, beta):
    return 0.0, 0.0, 0.0


def _scale_curvatures(h, beta):
    return 0.0, 1.0, 0.0


sigmoid = Activation(
    "sigmoid", _sigmoid, partial(_logistic_slopes, 1), partial(_logistic_curvatures, 1)
)
tanh = Activation("tanh", _tanh, partial(_logistic_slopes, 2), partial(_logistic_curvatures, 2))
esp = Activation("esp", _esp, _esp_slopes, _esp_curvatures)
relu = Activation("relu", _relu, _relu_slopes, _straight)
scale = Activation("scale", _scale, _scale_slopes, _scale_curvatures)
identity = Activation("identity", _identity, _identity_slopes, _straight)

ACTIVATIONS = {
    activation.name: activation for activation in (sigmoid, tanh, relu, esp, scale, identity)
}
