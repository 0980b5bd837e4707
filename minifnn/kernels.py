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

import numba
import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from .activations import _LARGEST, _NEAR, _SLOPE_ROOT, _TURN_ROOTS, ACTIVATIONS, Activation

if numba.config.DISABLE_JIT:
    raise ImportError("Numba's compiler is switched off")

LARGEST, NEAR = _LARGEST, _NEAR
SLOPE_HIGH, SLOPE_LOW, SLOPE_LESS_1 = *_SLOPE_ROOT, _SLOPE_ROOT.minus(1)
ROOT_1, ROOT_1_LOW, ROOT_1_LESS_1 = *_TURN_ROOTS[1], _TURN_ROOTS[1].minus(1)
ROOT_2, ROOT_2_LOW, ROOT_2_LESS_2 = *_TURN_ROOTS[2], _TURN_ROOTS[2].minus(2)


def _cached(decorate, function):
    """Compile with a cache on disk, or without where there is no place for one."""
    try:
        return decorate(cache=True)(function)
    except RuntimeError:
        return decorate(cache=False)(function)


def _inline(function):
    return _cached(lambda cache: njit(cache=cache, error_model="numpy"), function)


def _elementwise(n_outputs):
    """A ufunc of (h, beta) with so many results."""
    signature = types.void(*[types.float64] * 2, *[types.float64[:]] * n_outputs)
    layout = "(),()->" + ",".join(["()"] * n_outputs)

    def decorate(cache):
        return numba.guvectorize([signature], layout, nopython=True, cache=cache)

    return lambda function: _cached(decorate, function)


# ------------------------------------------------------------------ the pieces


@intrinsic
def _fma(context, a, b, c):
    """a*b + c, rounded once."""
    signature = types.float64(types.float64, types.float64, types.float64)
    return signature, lambda context, builder, signature, args: builder.fma(*args)


@_inline
def _times(h, beta):
    """u = beta*h, held, and what the exact product has more."""
    u = h * beta
    if abs(u) >= LARGEST:
        return math.copysign(LARGEST, u), 0.0
    return u, _fma(h, beta, -u)


@_inline
def _decay(u, du):
    """exp(-|u + du|) as (near, far): near * far**3."""
    m = abs(u)
    near, far = math.exp(-min(m, NEAR)), 1.0
    if m > NEAR:
        far = math.exp((NEAR - m) / 3)
    return near - near * math.copysign(1.0, u) * du, far


@_inline
def _bell(e):
    """w = s(1-s) = e/(1+e)^2 for e = exp(-|u|)."""
    return e / (1.0 + e * (2.0 + e))


@_inline
def _turning_bell(c, root, low, less_c, u, du, e):
    """w (c + u(1-2s)) for e = exp(-|u|), right also next to the root of the bracket."""
    m, dm = abs(u), math.copysign(1.0, u) * du
    if 0.65 * root < m < 2 * root:
        d = (m - root) + (dm - low)
        bracket = less_c * math.expm1(-d) - d * (1.0 - e)
    else:
        bracket = (c - m) - dm + (c + m) * e
    return bracket * e / (1.0 + e * (3.0 + e * (3.0 + e)))


@_inline
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


@_inline
def _tilt(h, beta, u, c):
    """(2/c) tanh(c u/2) as two factors, which keep h and beta apart where u is tiny."""
    if abs(u) < 1e-9:
        return h, beta
    return 1.0, 2 / c * math.tanh(c * u / 2)


# ------------------------------------------- sigmoid and tanh: what the gate does


@_inline
def _logistic_slopes(c, h, beta):
    u, du = _times(h, beta)
    near, far = _decay(c * u, c * du)
    w = c * c * _bell(near)
    return beta * w * far * far * far, h * w * far * far * far


@_inline
def _logistic_curvatures(c, h, beta):
    u, du = _times(h, beta)
    e, far = _decay(c * u, c * du)
    w = _bell(e)
    a, b = _tilt(h, beta, u, c)
    turn = _turning_bell(1.0, ROOT_1, ROOT_1_LOW, ROOT_1_LESS_1, c * u, c * du, e)
    f_hh = -_product(c**4 / 2, beta, beta, a, b, w, far)
    f_betabeta = -_product(c**4 / 2, h, h, a, b, w, far)
    return f_hh, c * c * turn * far * far * far, f_betabeta


@_elementwise(1)
def _sigmoid(h, beta, f):
    u, _ = _times(h, beta)
    near, far = _decay(u, 0.0)
    f[0] = (1.0 if u >= 0 else near * far * far * far) / (1.0 + near)


@_elementwise(2)
def _sigmoid_slopes(h, beta, f_h, f_beta):
    f_h[0], f_beta[0] = _logistic_slopes(1.0, h, beta)


@_elementwise(3)
def _sigmoid_curvatures(h, beta, f_hh, f_hbeta, f_betabeta):
    f_hh[0], f_hbeta[0], f_betabeta[0] = _logistic_curvatures(1.0, h, beta)


@_elementwise(1)
def _tanh(h, beta, f):
    f[0] = math.tanh(_times(h, beta)[0])


@_elementwise(2)
def _tanh_slopes(h, beta, f_h, f_beta):
    f_h[0], f_beta[0] = _logistic_slopes(2.0, h, beta)


@_elementwise(3)
def _tanh_curvatures(h, beta, f_hh, f_hbeta, f_betabeta):
    f_hh[0], f_hbeta[0], f_betabeta[0] = _logistic_curvatures(2.0, h, beta)


# ------------------------------------------------ ESP: the signal the gate lets by


@_elementwise(1)
def _esp(h, beta, f):
    u, _ = _times(h, beta)
    near, far = _decay(u, 0.0)
    f[0] = (h if u >= 0 else h * near * far * far * far) / (1.0 + near)


@_elementwise(2)
def _esp_slopes(h, beta, f_h, f_beta):
    u, du = _times(h, beta)
    e, far = _decay(u, du)
    w = _bell(e)
    if u >= 0:
        f_h[0] = 1.0 / (1.0 + e) + u * w
    else:
        d = (SLOPE_HIGH + u) + (SLOPE_LOW + du)
        f_h[0] = w * far * far * far * (d + SLOPE_LESS_1 * math.expm1(d))
    f_beta[0] = (h * w * far) * (h * far * far)


@_elementwise(3)
def _esp_curvatures(h, beta, f_hh, f_hbeta, f_betabeta):
    u, du = _times(h, beta)
    e, far = _decay(u, du)
    turn = _turning_bell(2.0, ROOT_2, ROOT_2_LOW, ROOT_2_LESS_2, u, du, e)
    f_hh[0] = beta * turn * far * far * far
    f_hbeta[0] = h * turn * far * far * far
    a, b = _tilt(h, beta, u, 1.0)
    f_betabeta[0] = -_product(h, h, h, a, b, 0.5 * _bell(e), far)


COMPILED = {
    "sigmoid": Activation("sigmoid", _sigmoid, _sigmoid_slopes, _sigmoid_curvatures),
    "tanh": Activation("tanh", _tanh, _tanh_slopes, _tanh_curvatures),
    "esp": Activation("esp", _esp, _esp_slopes, _esp_curvatures),
}
TWINS = ACTIVATIONS | COMPILED


# ---------------------------------------------------------- packing for the Hessian


@_inline
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


@_inline
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
