"""The Numba twins of the hot loops, and nothing else.

The NumPy code is the reference; each function here is the same formula for one
number at a time, compiled, so that a whole array takes one pass through memory.
Where the reference writes ``np.where``, the twin branches. Both agree to a few
ulps. This is the only file that imports Numba; without it everything runs on
the reference.

Compiled code is cached beside this file or in the user's cache folder; where
neither can be written, it is compiled anew.
"""

import math
from functools import partial

import numba
import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from .activations import _LARGEST, _NEAR, _SLOPE_ROOT, _TURN_ROOTS, ACTIVATIONS, Activation

if numba.config.DISABLE_JIT:
    raise ImportError("Numba's compiler is switched off")

LARGEST, NEAR = _LARGEST, _NEAR
# a root to three times the digits of a float, and the root less its integer
SLOPE_ROOT = (*_SLOPE_ROOT, _SLOPE_ROOT.minus(1))
TURN_ROOT_1 = (*_TURN_ROOTS[1], _TURN_ROOTS[1].minus(1))
TURN_ROOT_2 = (*_TURN_ROOTS[2], _TURN_ROOTS[2].minus(2))


def _compiled(function):
    """Compile when first called, with a cache on disk where there is a place for one."""
    try:
        return njit(cache=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(error_model="numpy")(function)


# ------------------------------------------------------------------ the pieces


@intrinsic
def _fma(context, a, b, c):
    """a*b + c, rounded once."""
    signature = types.float64(types.float64, types.float64, types.float64)
    return signature, lambda context, builder, signature, args: builder.fma(*args)


@_compiled
def _times_exactly(h, beta):
    """u = beta*h, held, and what the exact product has more."""
    u = h * beta
    if abs(u) >= LARGEST:
        return math.copysign(LARGEST, u), 0.0
    return u, _fma(h, beta, -u)


@_compiled
def _decay(u, du):
    """exp(-|u + du|) as (near, far): near * far**3."""
    m = abs(u)
    near, far = math.exp(-min(m, NEAR)), 1.0
    if m > NEAR:
        far = math.exp((NEAR - m) / 3)
    return near - near * (-du if u < 0 else du), far


@_compiled
def _bell(e):
    """w = s(1-s) = e/(1+e)^2 for e = exp(-|u|)."""
    return e / (1.0 + e * (2.0 + e))


@_compiled
def _turning_bell(c, turn_root, u, du, e):
    """w (c + u(1-2s)) for e = exp(-|u|), right also next to the root of the bracket."""
    root, low, lowest, root_less_c = turn_root
    m, dm = abs(u), -du if u < 0 else du
    if 0.65 * root < m < 2 * root:
        d = ((m - root) + (dm - low)) - lowest
        bracket = root_less_c * math.expm1(-d) - d * (1.0 - e)
    else:
        bracket = (c - m) - dm + (c + m) * e
    return bracket * e / (1.0 + e * (3.0 + e * (3.0 + e)))


@_compiled
def _product(x, y, z, a, b, w, far):
    """x y z a b w far^3 with no overflow or underflow on the way."""
    least = min(abs(x), abs(y), abs(z), abs(a), abs(b), w)
    most = max(abs(x), abs(y), abs(z), abs(a), abs(b))
    if far == 1.0 and least > 1e-50 and most < 1e50:  # the same number, in less time
        return x * y * z * a * b * w
    mantissa, exponent = 1.0, 0
    for factor in (x, y, z, a, b, w, far, far, far):
        m, e = math.frexp(factor)
        mantissa, exponent = mantissa * m, exponent + e
    return math.ldexp(mantissa, exponent)


@_compiled
def _tilt(h, beta, u, c):
    """(2/c) tanh(c u/2) as two factors, which keep h and beta apart where u is tiny."""
    if abs(u) < 1e-9:
        return h, beta
    return 1.0, 2 / c * math.tanh(c * u / 2)


# ------------------------------------------- sigmoid and tanh: what the gate does


@_compiled
def _logistic_slopes(c, h, beta):
    u, du = _times_exactly(h, beta)
    near, far = _decay(c * u, c * du)
    w = c * c * _bell(near)
    return beta * w * far * far * far, h * w * far * far * far


@_compiled
def _logistic_curvatures(c, h, beta):
    u, du = _times_exactly(h, beta)
    e, far = _decay(c * u, c * du)
    w = _bell(e)
    a, b = _tilt(h, beta, u, c)
    turn = _turning_bell(1.0, TURN_ROOT_1, c * u, c * du, e)
    f_hh = -_product(c**4 / 2, beta, beta, a, b, w, far)
    f_betabeta = -_product(c**4 / 2, h, h, a, b, w, far)
    return f_hh, c * c * turn * far * far * far, f_betabeta


@_compiled
def _sigmoid(h, beta):
    f = np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            u, _ = _times_exactly(h[n, i], beta[i])
            near, far = _decay(u, 0.0)
            f[n, i] = (1.0 if u >= 0 else near * far * far * far) / (1.0 + near)
    return f


@_compiled
def _tanh(h, beta):
    f = np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            f[n, i] = math.tanh(_times_exactly(h[n, i], beta[i])[0])
    return f


@_compiled
def _all_slopes(c, h, beta):
    f_h, f_beta = np.empty_like(h), np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            f_h[n, i], f_beta[n, i] = _logistic_slopes(c, h[n, i], beta[i])
    return f_h, f_beta


@_compiled
def _all_curvatures(c, h, beta):
    f_hh, f_hbeta, f_betabeta = np.empty_like(h), np.empty_like(h), np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            both = _logistic_curvatures(c, h[n, i], beta[i])
            f_hh[n, i], f_hbeta[n, i], f_betabeta[n, i] = both
    return f_hh, f_hbeta, f_betabeta


# ------------------------------------------------ ESP: the signal the gate lets by


@_compiled
def _esp_slope(h, beta):
    u, du = _times_exactly(h, beta)
    e, far = _decay(u, du)
    w = _bell(e)
    if u >= 0:
        f_h = 1.0 / (1.0 + e) + u * w
    else:
        root, low, lowest, root_less_1 = SLOPE_ROOT
        d = ((root + u) + (low + du)) + lowest
        f_h = w * (d + root_less_1 * math.expm1(d)) * far * far * far
    return f_h, (h * w * far) * (h * far * far)


@_compiled
def _esp_curvature(h, beta):
    u, du = _times_exactly(h, beta)
    e, far = _decay(u, du)
    turn = _turning_bell(2.0, TURN_ROOT_2, u, du, e)
    a, b = _tilt(h, beta, u, 1.0)
    f_betabeta = -_product(h, h, h, a, b, 0.5 * _bell(e), far)
    return beta * turn * far * far * far, h * turn * far * far * far, f_betabeta


@_compiled
def _esp(h, beta):
    f = np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            u, _ = _times_exactly(h[n, i], beta[i])
            near, far = _decay(u, 0.0)
            open_part = h[n, i] if u >= 0 else h[n, i] * near * far * far * far
            f[n, i] = open_part / (1.0 + near)
    return f


@_compiled
def _esp_slopes(h, beta):
    f_h, f_beta = np.empty_like(h), np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            f_h[n, i], f_beta[n, i] = _esp_slope(h[n, i], beta[i])
    return f_h, f_beta


@_compiled
def _esp_curvatures(h, beta):
    f_hh, f_hbeta, f_betabeta = np.empty_like(h), np.empty_like(h), np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            f_hh[n, i], f_hbeta[n, i], f_betabeta[n, i] = _esp_curvature(h[n, i], beta[i])
    return f_hh, f_hbeta, f_betabeta


# fields (N, units) and betas (units,) only: what a layer has
COMPILED = {
    "sigmoid": Activation(
        "sigmoid", _sigmoid, partial(_all_slopes, 1.0), partial(_all_curvatures, 1.0)
    ),
    "tanh": Activation("tanh", _tanh, partial(_all_slopes, 2.0), partial(_all_curvatures, 2.0)),
    "esp": Activation("esp", _esp, _esp_slopes, _esp_curvatures),
}
TWINS = ACTIVATIONS | COMPILED  # the others need no compiling


# ---------------------------------------------------------- packing for the Hessian


@_compiled
def pack_outer(a):
    """The entries j <= j' of a a^T for each row, (N, p) -> (N, p(p+1)/2)."""
    N, p = a.shape
    packed = np.empty((N, p * (p + 1) // 2))
    for n in range(N):
        k = 0
        for j in range(p):
            for j_prime in range(j, p):
                packed[n, k] = a[n, j] * a[n, j_prime]
                k += 1
    return packed


@_compiled
def unpack_into(packed, H):
    """Write packed (pairs of units, pairs of inputs) to the block H with rows (j, i)."""
    I = int(math.sqrt(2 * packed.shape[0]))
    p = int(math.sqrt(2 * packed.shape[1]))
    row = 0
    for i in range(I):
        for i_prime in range(i, I):
            column = 0
            for j in range(p):
                for j_prime in range(j, p):
                    value = packed[row, column]
                    column += 1
                    H[j * I + i, j_prime * I + i_prime] = value
                    H[j * I + i_prime, j_prime * I + i] = value
                    H[j_prime * I + i, j * I + i_prime] = value
                    H[j_prime * I + i_prime, j * I + i] = value
            row += 1
