"""One exponential, and the gates: value, slopes and second derivatives, one unit at a time."""

import math
import sys
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path

import numba
import numpy as np
from numba import float64
from numba.core import event
from numba.extending import intrinsic

from .._util.threads import to_the_end
from ..activations import esp, identity, relu, scale, sigmoid, softplus, tanh

if numba.config.DISABLE_JIT:
    raise ModuleNotFoundError("Numba's compiler is switched off", name="numba")

# an activation that is not among these has no kernel, and its networks use the reference
GATES = (sigmoid, tanh, esp, relu, scale, identity, softplus)
SIGMOID, TANH, ESP, RELU, SCALE, _, SOFTPLUS = range(7)

# what a kernel is cached with: the state of all files here, for it calls kernels of others
FILES = [(path.name, path.stat()) for path in sorted(Path(__file__).parent.glob("*.py"))]
STAMP = tuple((name, stat.st_mtime, stat.st_size) for name, stat in FILES)

NOTICE = "minifnn: compiling, once: 5 to 10 s here, and 5 s before the first Hessian"


def compiled(function, **options):
    """Compile when first called, with a cache on disk where there is a place for one."""
    options |= {"error_model": "numpy", "nogil": True}
    try:
        kernel = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        kernel = numba.njit(**options)(function)
    else:
        kernel._cache._cache_file._source_stamp = STAMP  # Numba's own is that of one file
        survive(kernel._cache)
    kernel.compile = partial(to_the_end, kernel.compile)
    return kernel


def survive(cache):
    """Let a cache that is damaged, or cannot be written any more, mean that it is compiled anew."""
    load, save = cache.load_overload, cache.save_overload

    def load_overload(signature, context):
        with suppress(Exception):  # an emptied index, a kernel cut short, some other pickle
            return load(signature, context)
        with suppress(OSError):
            Path(cache._cache_file._index_path).unlink()  # or saving would read it again
        return None

    def save_overload(signature, kernel):
        with suppress(OSError):  # a full disk
            save(signature, kernel)

    cache.load_overload, cache.save_overload = load_overload, save_overload


class Announcement(event.Listener):
    """Tells once, before it, that one waits for a compilation; not where warnings are ignored."""

    told = False

    def on_start(self, event):
        """A compilation begins, perhaps of a kernel."""
        ours = event.data["dispatcher"].py_func.__module__.startswith(__package__)
        if ours and not self.told and ("ignore", None, Warning, None, 0) not in warnings.filters:
            print(NOTICE, file=sys.stderr, flush=True)
        self.told |= ours

    def on_end(self, event):
        """And ends."""


event.register("numba:compile", Announcement())


# what only kernels call compiles faster without a way in from Python, which must not call it
inner = partial(compiled, no_cpython_wrapper=True, no_cfunc_wrapper=True)


@intrinsic
def _fma(context, a, b, c):
    """a*b + c, rounded once."""
    signature = float64(float64, float64, float64)
    return signature, lambda context, builder, signature, args: builder.fma(*args)


FARTHEST = 745.2  # exp(-745.2) is less than half of the smallest float
RAISE = 64  # doublings that keep 2^k a normal number on the way
TO_INTEGER = 1.5 * 2.0**52  # added to a float, it leaves the nearest integer in the last bits
LOG2_E = 1.4426950408889634
LN2, LN2_REST = 0.6931471805599453, 2.3190468138462996e-17
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1 / math.factorial(k) for k in range(2, 14))


@inner
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
    bits = (np.float64(shifted).view(np.int64) + 1023 + RAISE) << 52
    raised = np.int64(bits).view(np.float64)
    power = raised * 2.0**-RAISE
    return _fma(raised, p, raised) * 2.0**-RAISE, _fma(-power, p, 1.0 - power)


@inner
def clipped(u):
    """u within +-FARTHEST, beyond which every gate is open or shut, so that u times 0 is 0."""
    u = FARTHEST if u > FARTHEST else u
    return -FARTHEST if u < -FARTHEST else u


@inner
def slopes(gate, beta, h, f, f_h, f_beta, B):
    """Value and slopes of one unit, for its fields h of B samples.

    Short loops: the processor overlaps their samples better than those of a long
    one. So e = exp(-|u|), and 1 - e, first lie where the slopes will.
    """
    if gate == ESP:
        for n in range(B):
            f_h[n], _ = decay(beta * h[n])
        for n in range(B):
            x, u, e = h[n], clipped(beta * h[n]), f_h[n]
            q = 1.0 / (1.0 + e)
            s, w = (q if u >= 0 else e * q), e * q * q  # (1.5), (2.2)
            f[n], f_h[n], f_beta[n] = x * s, s + u * w, x * w * x  # (2.1), (2.6)
    elif gate < ESP:
        c = 2.0 if gate == TANH else 1.0
        for n in range(B):
            f_h[n], f[n] = decay(c * beta * h[n])
        for n in range(B):
            u, e = beta * h[n], f_h[n]
            q = 1.0 / (1.0 + e)
            w = c * c * (e * q * q)
            f[n] = math.copysign(f[n] * q, u) if gate == TANH else (q if u >= 0 else e * q)
            f_h[n], f_beta[n] = beta * w, h[n] * w  # (2.3)
    elif gate == SOFTPLUS:
        for n in range(B):
            u = clipped(beta * h[n])
            e, _ = decay(u)
            q, log = 1.0 / (1.0 + e), math.log1p(e)
            f[n], f_h[n] = (h[n], q) if u >= 0 else (0.0, e * q)
            f[n] += log / beta  # (2.11)
            f_beta[n] = -(log + abs(u) * e * q) / beta / beta  # (2.10)
    else:
        for n in range(B):
            slope = beta if gate == SCALE else 0.0 if gate == RELU and not h[n] > 0 else 1.0
            f[n], f_h[n], f_beta[n] = slope * h[n], slope, h[n] if gate == SCALE else 0.0


@inner
def curvatures(gate, beta, h, f_hh, f_hbeta, f_betabeta, B):
    """Second derivatives of one unit, for its fields h of B samples."""
    c, d = 2.0 if gate == TANH else 1.0, 2.0 if gate == ESP else 1.0
    for n in range(B):
        x, u = h[n], c * clipped(beta * h[n])
        e, less = decay(u)
        m, cube = abs(u), c * c * e / (1.0 + e * (3.0 + e * (3.0 + e)))
        bend = -math.copysign(cube * less, u)  # w (1-2p)
        turn = cube * ((d - m) + (d + m) * e)  # w (d + u (1-2p))
        if gate == ESP:  # (2.8)
            f_hh[n], f_hbeta[n], f_betabeta[n] = beta * turn, x * turn, bend * x * x * x
        elif gate == SOFTPLUS:
            w, S = e / (1.0 + e) ** 2, math.log1p(e) + m * e / (1.0 + e)  # (2.10)
            f_hh[n], f_hbeta[n] = w * beta, w * x
            f_betabeta[n] = (2.0 * S + u * u * w) / beta / beta / beta
        elif gate < ESP:  # (2.5)
            f_hh[n], f_hbeta[n], f_betabeta[n] = c * bend * beta * beta, turn, c * bend * x * x
        else:
            f_hh[n], f_hbeta[n], f_betabeta[n] = 0.0, 1.0 if gate == SCALE else 0.0, 0.0
