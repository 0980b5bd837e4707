"""One exponential, and the gates: value, slopes and curvatures of a row of samples."""

import math

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if numba.config.DISABLE_JIT:
    raise ModuleNotFoundError("Numba's compiler is switched off", name="numba")

# an activation that is not among these has no kernel, and its networks use the reference
GATES = {n: k for k, n in enumerate(("sigmoid", "tanh", "relu", "esp", "scale", "identity"))}
SIGMOID, TANH, RELU = GATES["sigmoid"], GATES["tanh"], GATES["relu"]
ESP, SCALE = GATES["esp"], GATES["scale"]  # what is left is the identity

# -------------------------------------------------------------- one exponential


def compiled(function, **options):
    """Compile when first called, with a cache on disk where there is a place for one."""
    options |= {"error_model": "numpy", "nogil": True}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)


@intrinsic
def _fma(context, a, b, c):
    """a*b + c, rounded once."""
    signature = types.float64(types.float64, types.float64, types.float64)
    return signature, lambda context, builder, signature, args: builder.fma(*args)


@intrinsic
def _bits(context, x):
    """The 64 bits of a float, as an integer."""
    signature = types.int64(types.float64)
    return signature, lambda c, builder, s, args: builder.bitcast(args[0], ir.IntType(64))


@intrinsic
def _float(context, bits):
    """The float of these 64 bits."""
    signature = types.float64(types.int64)
    return signature, lambda c, builder, s, args: builder.bitcast(args[0], ir.DoubleType())


LARGEST = 3000.0  # beyond this |u| every gate is fully open or shut
FARTHEST = 745.2  # exp(-745.2) is less than half of the smallest float
RAISE = 64  # doublings that keep 2^k a normal number on the way
LOWERED = 2.0**-RAISE
TO_INTEGER = 1.5 * 2.0**52  # added to a float, it leaves the nearest integer in the last bits
LOG2_E = 1.4426950408889634
LN2, LN2_REST = 0.6931471805599453, 2.3190468138462996e-17
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1 / math.factorial(k) for k in range(2, 14))


@compiled
def _decay(u, du):
    """e = exp(-|u + du|) and 1 - e, each within 2 ulp; 0 and 1 beyond |u| = 745.2.

    With k the integer nearest to -|u|/ln 2 and r = -|u| - k ln 2, |r| < 0.35,
    exp(-|u|) = 2^k (1 + p), p = exp(r) - 1 by its series; du is small.
    """
    m, dm = abs(u), -du if u < 0 else du
    x = -(FARTHEST if m > FARTHEST else m)
    shifted = x * LOG2_E + TO_INTEGER
    k = shifted - TO_INTEGER
    r = _fma(-k, LN2_REST, _fma(-k, LN2, x))
    r2 = r * r
    low = _fma(_fma(C5, r, C4), r2, _fma(C3, r, C2))
    middle = _fma(_fma(C9, r, C8), r2, _fma(C7, r, C6))
    high = _fma(_fma(C13, r, C12), r2, _fma(C11, r, C10))
    p = _fma(_fma(_fma(high, r2 * r2, middle), r2 * r2, low), r2, r)
    raised = 0.0 if m > FARTHEST else _float((_bits(shifted) + 1023 + RAISE) << 52)
    e, power = _fma(raised, p, raised) * LOWERED, raised * LOWERED
    return _fma(-e, dm, e), _fma(e, dm, _fma(-power, p, 1.0 - power))


@compiled
def _times(beta, h):
    """u = beta h, held to where exp(-|u|) still matters, and what the exact product has more."""
    u = beta * h
    far = abs(u) >= LARGEST
    return math.copysign(LARGEST, u) if far else u, 0.0 if far else _fma(beta, h, -u)


# ------------------------------------------------- gates: value and slopes of a row
#
# One unit each: fields h of all samples, one beta. The forms are the plain ones,
# right to a few ulps of the gate's own scale; see `_twin` for more. First u and e,
# which lie where the slopes will: the processor overlaps the samples of a short
# loop better than those of a long one.


@compiled
def _times_row(h, beta, u, du):
    for n in range(len(h)):
        u[n], du[n] = _times(beta, h[n])


@compiled
def _logistic_row(c, h, beta, f, f_h, f_beta):
    _times_row(h, beta, f_beta, f)
    for n in range(len(h)):
        f_h[n], f[n] = _decay(c * f_beta[n], c * f[n])
    for n in range(len(h)):
        u, e, less = f_beta[n], f_h[n], f[n]
        q = 1.0 / (1.0 + e)
        w = c * c * (e * q * q)  # (2.2)
        f[n] = (less * q if u >= 0 else -less * q) if c == 2.0 else (q if u >= 0 else e * q)
        f_h[n] = beta * w
        f_beta[n] = h[n] * w


@compiled
def _esp_row(h, beta, f, f_h, f_beta):
    _times_row(h, beta, f_beta, f)
    for n in range(len(h)):
        f_h[n], _ = _decay(f_beta[n], f[n])
    for n in range(len(h)):
        u, e = f_beta[n], f_h[n]
        q = 1.0 / (1.0 + e)
        w = e * q * q  # (2.2)
        f[n] = h[n] * (q if u >= 0 else e * q)
        f_h[n] = q + u * w if u >= 0 else w * (1.0 + u + e)
        f_beta[n] = h[n] * w * h[n]


@compiled
def _relu_row(h, f, f_h, f_beta):
    for n in range(len(h)):
        f[n] = h[n] if h[n] > 0 else 0.0
        f_h[n] = 1.0 if h[n] > 0 else 0.0
        f_beta[n] = 0.0


@compiled
def _straight_row(h, beta, beta_counts, f, f_h, f_beta):
    """scale: beta h; identity: beta does not count."""
    for n in range(len(h)):
        f[n] = beta * h[n]
        f_h[n] = beta
        f_beta[n] = beta_counts * h[n]


@compiled
def gate_slopes(gate, h, beta, f, f_h, f_beta):
    """Value and slopes of the gates of a layer: all (units, B), beta (units,)."""
    for i in range(len(h)):
        if gate == ESP:
            _esp_row(h[i], beta[i], f[i], f_h[i], f_beta[i])
        elif gate == SIGMOID:
            _logistic_row(1.0, h[i], beta[i], f[i], f_h[i], f_beta[i])
        elif gate == TANH:
            _logistic_row(2.0, h[i], beta[i], f[i], f_h[i], f_beta[i])
        elif gate == RELU:
            _relu_row(h[i], f[i], f_h[i], f_beta[i])
        elif gate == SCALE:
            _straight_row(h[i], beta[i], 1.0, f[i], f_h[i], f_beta[i])
        else:
            _straight_row(h[i], 1.0, 0.0, f[i], f_h[i], f_beta[i])


@compiled
def _turns(c, u, e, less):
    """w (1-2s) = w tanh(u/2), less its sign, and w (c + u(1-2s)), for e = exp(-|u|) = 1 - less.

    Both are shares of e/(1+e)^3, in one division.
    """
    m, cube = abs(u), e / (1.0 + e * (3.0 + e * (3.0 + e)))
    tilt = cube * less
    return -tilt if u >= 0 else tilt, cube * ((c - m) + (c + m) * e)


@compiled
def _logistic_curvature_row(c, h, beta, f_hh, f_hbeta, f_betabeta):
    for n in range(len(h)):
        u, du = _times(beta, h[n])
        e, less = _decay(c * u, c * du)
        tilt, turn = _turns(1.0, c * u, e, less)
        f_hh[n] = c**3 * tilt * beta * beta  # (2.5)
        f_hbeta[n] = c**2 * turn
        f_betabeta[n] = c**3 * tilt * h[n] * h[n]


@compiled
def _esp_curvature_row(h, beta, f_hh, f_hbeta, f_betabeta):
    for n in range(len(h)):
        u, du = _times(beta, h[n])
        e, less = _decay(u, du)
        tilt, turn = _turns(2.0, u, e, less)
        f_hh[n] = beta * turn  # (2.8)
        f_hbeta[n] = h[n] * turn
        f_betabeta[n] = tilt * h[n] * h[n] * h[n]


@compiled
def gate_curvatures(gate, h, beta, f_hh, f_hbeta, f_betabeta):
    """Second derivatives of the gates of a layer: all (units, B), beta (units,)."""
    for i in range(len(h)):
        if gate == ESP:
            _esp_curvature_row(h[i], beta[i], f_hh[i], f_hbeta[i], f_betabeta[i])
        elif gate == SIGMOID:
            _logistic_curvature_row(1.0, h[i], beta[i], f_hh[i], f_hbeta[i], f_betabeta[i])
        elif gate == TANH:
            _logistic_curvature_row(2.0, h[i], beta[i], f_hh[i], f_hbeta[i], f_betabeta[i])
        else:
            f_hh[i], f_betabeta[i] = 0.0, 0.0
            f_hbeta[i] = 1.0 if gate == SCALE else 0.0
