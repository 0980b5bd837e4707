"""One exponential, and the gates: value, slopes and second derivatives, one unit at a time."""

import math
from pathlib import Path

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..activations import esp, identity, relu, scale, sigmoid, tanh

if numba.config.DISABLE_JIT:
    raise ModuleNotFoundError("Numba's compiler is switched off", name="numba")

# an activation that is not among these has no kernel, and its networks use the reference
GATES = (sigmoid, tanh, relu, esp, scale, identity)
SIGMOID, TANH, RELU, ESP, SCALE, _ = range(6)


# what a kernel is cached with: the state of all files here, for it calls kernels of others
FILES = [(path.name, path.stat()) for path in sorted(Path(__file__).parent.glob("*.py"))]
STAMP = tuple((name, stat.st_mtime, stat.st_size) for name, stat in FILES)


def compiled(function, **options):
    """Compile when first called, with a cache on disk where there is a place for one."""
    options |= {"error_model": "numpy", "nogil": True}
    try:
        kernel = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)
    kernel._cache._cache_file._source_stamp = STAMP  # Numba's own is that of one file
    return kernel


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


FARTHEST = 745.2  # exp(-745.2) is less than half of the smallest float
RAISE = 64  # doublings that keep 2^k a normal number on the way
LOWERED = 2.0**-RAISE
TO_INTEGER = 1.5 * 2.0**52  # added to a float, it leaves the nearest integer in the last bits
LOG2_E = 1.4426950408889634
LN2, LN2_REST = 0.6931471805599453, 2.3190468138462996e-17
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1 / math.factorial(k) for k in range(2, 14))


@compiled
def decay(u):
    """e = exp(-|u|) and 1 - e, each within 2 ulp; 0 and 1 beyond |u| = 745.2.

    With k the integer nearest to -|u|/ln 2 and r = -|u| - k ln 2, |r| < 0.35,
    exp(-|u|) = 2^k (1 + p), p = exp(r) - 1 by its series.
    """
    m = abs(u)
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
    power = raised * LOWERED
    return _fma(raised, p, raised) * LOWERED, _fma(-power, p, 1.0 - power)


LARGEST = 1e3  # beyond this |u| every gate is fully open or shut


@compiled
def _clipped(u):
    """u within +-LARGEST, so that u times a slope of 0 is 0."""
    return math.copysign(LARGEST, u) if abs(u) > LARGEST else u


@compiled
def _slopes(gate, h, beta, f, f_h, f_beta):
    """Value and slopes of one unit, for its fields h (B,).

    Short loops: the processor overlaps their samples better than those of a long
    one. So u and e = exp(-|u|) first lie where the slopes will.
    """
    if gate == ESP:
        for n in range(len(h)):
            f_beta[n] = _clipped(beta * h[n])
            f_h[n], _ = decay(f_beta[n])
        for n in range(len(h)):
            u, e = f_beta[n], f_h[n]
            q = 1.0 / (1.0 + e)
            w = e * q * q  # (2.2)
            f[n] = h[n] * (q if u >= 0 else e * q)
            f_h[n] = q + u * w if u >= 0 else w * (1.0 + u + e)
            f_beta[n] = h[n] * w * h[n]
    elif gate == SIGMOID or gate == TANH:
        c = 2.0 if gate == TANH else 1.0
        for n in range(len(h)):
            f_beta[n] = c * _clipped(beta * h[n])
            f_h[n], f[n] = decay(f_beta[n])
        for n in range(len(h)):
            u, e, less = f_beta[n], f_h[n], f[n]
            q = 1.0 / (1.0 + e)
            w = c * c * (e * q * q)
            f[n] = math.copysign(less * q, u) if gate == TANH else (q if u >= 0 else e * q)
            f_h[n] = beta * w
            f_beta[n] = h[n] * w
    else:
        slope = beta if gate == SCALE else 1.0
        for n in range(len(h)):
            through = gate != RELU or h[n] > 0
            f[n] = slope * h[n] if through else 0.0
            f_h[n] = slope if through else 0.0
            f_beta[n] = h[n] if gate == SCALE else 0.0


@compiled
def _curvatures(gate, h, beta, f_hh, f_hbeta, f_betabeta):
    """Second derivatives of one unit, for its fields h (B,)."""
    if gate == ESP:
        for n in range(len(h)):
            bend, turn = _bends(2.0, _clipped(beta * h[n]))
            f_hh[n] = beta * turn  # (2.8)
            f_hbeta[n] = h[n] * turn
            f_betabeta[n] = bend * h[n] * h[n] * h[n]
    elif gate == SIGMOID or gate == TANH:
        c = 2.0 if gate == TANH else 1.0
        for n in range(len(h)):
            bend, turn = _bends(1.0, c * _clipped(beta * h[n]))
            f_hh[n] = c**3 * bend * beta * beta  # (2.5)
            f_hbeta[n] = c**2 * turn
            f_betabeta[n] = c**3 * bend * h[n] * h[n]
    else:
        for n in range(len(h)):
            f_hh[n], f_hbeta[n], f_betabeta[n] = 0.0, 1.0 if gate == SCALE else 0.0, 0.0


@compiled
def _bends(c, u):
    """w (1-2s) and w (c + u (1-2s)), both shares of e/(1+e)^3, in one division."""
    e, less = decay(u)
    m, cube = abs(u), e / (1.0 + e * (3.0 + e * (3.0 + e)))
    return -math.copysign(cube * less, u), cube * ((c - m) + (c + m) * e)


@compiled
def gate_slopes(gate, h, beta, f, f_h, f_beta):
    """Value and slopes of the gates of a layer: all (units, B), beta (units,)."""
    for i in range(len(h)):
        _slopes(gate, h[i], beta[i], f[i], f_h[i], f_beta[i])


@compiled
def gate_curvatures(gate, h, beta, f_hh, f_hbeta, f_betabeta):
    """Second derivatives of the gates of a layer: all (units, B), beta (units,)."""
    for i in range(len(h)):
        _curvatures(gate, h[i], beta[i], f_hh[i], f_hbeta[i], f_betabeta[i])
