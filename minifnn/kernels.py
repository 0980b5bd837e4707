"""The Numba twins of the hot loops, and nothing else.

The NumPy code is the reference; here the same lines are compiled. What differs
is the layout: samples are columns, so that the innermost loop runs over samples
that lie side by side, and the bias is one more weight, on an input that is
always 1. With a~ = [a; 1] and W~ = [W; b], which is how theta holds them,

    h = W~^T a~        dW~ = a~ delta^T        g = W delta

and every sum over samples is a matrix product. Nothing here depends on the
order in which threads finish, and no arithmetic is reordered by the compiler.

This is the only file that imports Numba; without it everything runs on the
reference. Compiled code is cached beside this file or in the user's cache
folder; where neither can be written, it is compiled anew.
"""

import math
from functools import partial

import numba
import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic

from .activations import _LARGEST, _SLOPE_ROOT, _TURN_ROOTS, ACTIVATIONS, Activation
from .optimise import Adam, GradientDescent, Momentum

if numba.config.DISABLE_JIT:
    raise ImportError("Numba's compiler is switched off")

IN_CACHE = 1 << 17  # numbers that a block of samples may need on its way (1 MB)
FEW = 8  # inputs, the bias's counted, below which BLAS is faster with one at a time

# an activation that is not among these has no kernel, and its networks use the reference
GATES = {n: k for k, n in enumerate(("sigmoid", "tanh", "relu", "esp", "scale", "identity"))}
SIGMOID, TANH, RELU = GATES["sigmoid"], GATES["tanh"], GATES["relu"]
ESP, SCALE = GATES["esp"], GATES["scale"]  # what is left is the identity

LOSSES = {name: code for code, name in enumerate(("bernoulli", "categorical", "squared error"))}
BERNOULLI, CATEGORICAL, SQUARED_ERROR = LOSSES.values()

OPTIMIZERS = {optimizer: code for code, optimizer in enumerate((GradientDescent, Momentum, Adam))}
DESCENT, MOMENTUM, ADAM = OPTIMIZERS.values()


def _compiled(function, **options):
    """Compile when first called, with a cache on disk where there is a place for one."""
    options |= {"error_model": "numpy", "nogil": True}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:
        return njit(**options)(function)


# -------------------------------------------------------------- one exponential


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


LARGEST = _LARGEST  # beyond this |u| every gate is fully open or shut
FARTHEST = 745.2  # exp(-745.2) is less than half of the smallest float
RAISE = 64  # doublings that keep 2^k a normal number on the way
LOWERED = 2.0**-RAISE
TO_INTEGER = 1.5 * 2.0**52  # added to a float, it leaves the nearest integer in the last bits
LOG2_E = 1.4426950408889634
LN2, LN2_REST = 0.6931471805599453, 2.3190468138462996e-17
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1 / math.factorial(k) for k in range(2, 14))


@_compiled
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


@_compiled
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


@_compiled
def _times_row(h, beta, u, du):
    for n in range(len(h)):
        u[n], du[n] = _times(beta, h[n])


@_compiled
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


@_compiled
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


@_compiled
def _relu_row(h, f, f_h, f_beta):
    for n in range(len(h)):
        f[n] = h[n] if h[n] > 0 else 0.0
        f_h[n] = 1.0 if h[n] > 0 else 0.0
        f_beta[n] = 0.0


@_compiled
def _straight_row(h, beta, beta_counts, f, f_h, f_beta):
    """scale: beta h; identity: beta does not count."""
    for n in range(len(h)):
        f[n] = beta * h[n]
        f_h[n] = beta
        f_beta[n] = beta_counts * h[n]


@_compiled
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


@_compiled
def _turns(c, u, e, less):
    """w (1-2s) = w tanh(u/2), less its sign, and w (c + u(1-2s)), for e = exp(-|u|) = 1 - less.

    Both are shares of e/(1+e)^3, in one division.
    """
    m, cube = abs(u), e / (1.0 + e * (3.0 + e * (3.0 + e)))
    tilt = cube * less
    return -tilt if u >= 0 else tilt, cube * ((c - m) + (c + m) * e)


@_compiled
def _logistic_curvature_row(c, h, beta, f_hh, f_hbeta, f_betabeta):
    for n in range(len(h)):
        u, du = _times(beta, h[n])
        e, less = _decay(c * u, c * du)
        tilt, turn = _turns(1.0, c * u, e, less)
        f_hh[n] = c**3 * tilt * beta * beta  # (2.5)
        f_hbeta[n] = c**2 * turn
        f_betabeta[n] = c**3 * tilt * h[n] * h[n]


@_compiled
def _esp_curvature_row(h, beta, f_hh, f_hbeta, f_betabeta):
    for n in range(len(h)):
        u, du = _times(beta, h[n])
        e, less = _decay(u, du)
        tilt, turn = _turns(2.0, u, e, less)
        f_hh[n] = beta * turn  # (2.8)
        f_hbeta[n] = h[n] * turn
        f_betabeta[n] = tilt * h[n] * h[n] * h[n]


@_compiled
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


# -- the same gates for fields (N, units), to the digits of the reference

WIDTH = 0.4  # of the stretch on each side of a root where the plain forms lose digits
SLOPE_ROOTS = {"esp": -_SLOPE_ROOT.high}
TURN_ROOTS = {
    "sigmoid": _TURN_ROOTS[1].high,
    "tanh": _TURN_ROOTS[1].high / 2,
    "esp": _TURN_ROOTS[2].high,
}


def _untamed(h, beta, u):
    """Where h, beta or u = beta h are so large or small that the plain forms overflow."""
    size = np.abs(u)
    tiny = (size < 1e-200) & (h != 0) & (beta != 0)
    return tiny | (size > 350) | (np.abs(h) > 1e100) | (np.abs(beta) > 1e100)


def _by_rows(name, kernel, function, near_root):
    """An activation's slopes or curvatures by the row kernels, mended by the reference."""

    def compiled(h, beta):
        columns, betas = np.ascontiguousarray(h.T), np.ascontiguousarray(beta)
        rows = np.empty((3, *columns.shape))
        kernel(GATES[name], columns, betas, *rows)
        u = beta * h
        doubtful = _untamed(h, beta, u) | near_root(u)
        results = [row.T for row in rows]
        if doubtful.any():
            every_beta = np.broadcast_to(beta, h.shape)
            exact = function(h[doubtful], every_beta[doubtful])
            for result, values in zip(results, exact):
                result[doubtful] = values
        return results

    return compiled


def _twin(activation):
    """The twin of an activation, for fields (N, units) and betas (units,)."""
    name = activation.name
    slope_root, turn_root = SLOPE_ROOTS.get(name, np.nan), TURN_ROOTS[name]

    def all_slopes(h, beta):
        return activation.value(h, beta), *activation.slopes(h, beta)

    forward = _by_rows(name, gate_slopes, all_slopes, lambda u: np.abs(u - slope_root) < WIDTH)
    curvatures = _by_rows(
        name,
        gate_curvatures,
        activation.curvatures,
        lambda u: np.abs(np.abs(u) - turn_root) < WIDTH,
    )
    return Activation(name, lambda *at: forward(*at)[0], lambda *at: forward(*at)[1:], curvatures)


COMPILED = {name: _twin(ACTIVATIONS[name]) for name in TURN_ROOTS}
TWINS = ACTIVATIONS | COMPILED  # the others need no compiling


# ------------------------------------------------- a network over a block of samples
#
# A plan has one row a layer, with these columns. What the layers keep lies in
# flat stores, one layer's rows after the other's; the last four columns say at
# which row a layer begins, in stores of inputs, units, squares and pairs of units.

FAN_IN, UNITS, GATE, WEIGHTS, BETA, INPUT_ROW, UNIT_ROW, SQUARE_ROW, PAIR_ROW = range(9)


def describe(net):
    """Return (plan, theta, betas, loss): all that the kernels need of a network.

    plan (L, 9) integers; theta (P,), the network's own where it is float64;
    betas (all units,), of which the trained ones are read from theta; loss an
    integer.
    """
    rows, inputs, units, squares, pairs = [], 0, 0, 0, 0
    for l, (fan_in, n) in enumerate(zip(net.sizes, net.sizes[1:]), start=1):
        beta = net.slices[f"beta{l}"].start if f"beta{l}" in net.slices else -1
        gate = GATES[net.gates[l - 1].activation.name]
        where = inputs, units, squares, pairs
        rows.append((fan_in, n, gate, net.slices[f"W{l}"].start, beta, *where))
        inputs, units = inputs + fan_in + 1, units + n
        squares, pairs = squares + n * n, pairs + n * (n + 1) // 2
    betas = np.concatenate([np.asarray(gate.beta, float) for gate in net.gates])
    theta = np.ascontiguousarray(net.theta, float)
    return np.array(rows), theta, betas, LOSSES[net.loss_function.name]


@_compiled
def _pair(i, j):
    """Where i and j <= i stand among all pairs: (0,0), (1,0), (1,1), (2,0), ..."""
    return i * (i + 1) // 2 + j


@_compiled
def _rows(store, first, count, B):
    """`count` rows of B samples from a flat store, as a view (count, B)."""
    return store[first * B : (first + count) * B].reshape(count, B)


@_compiled
def _units(plan, l, store, B):
    """A layer's rows, (units, B), from a flat store with a row a unit."""
    return _rows(store, plan[l, UNIT_ROW], plan[l, UNITS], B)


@_compiled
def _weights(plan, l, theta):
    """W~ = [W; b] of a layer, a view into theta (fan_in + 1, units)."""
    p, I, start = plan[l, FAN_IN] + 1, plan[l, UNITS], plan[l, WEIGHTS]
    return theta[start : start + p * I].reshape(p, I)


@_compiled
def _beta(plan, l, theta, betas):
    """The betas of a layer, (units,): its part of theta where they are trained."""
    I, start, row = plan[l, UNITS], plan[l, BETA], plan[l, UNIT_ROW]
    return theta[start : start + I] if start >= 0 else betas[row : row + I]


@_compiled
def make_space(plan, B):
    """Room for what a pass over B samples leaves behind.

    Flat stores: a, the inputs of all layers with a row of ones below each;
    h, f_h, f_beta, g (d loss/d output of a gate) and delta (d loss/dh) of all
    units; f of the last layer.
    """
    L = len(plan)
    n_inputs = plan[L - 1, INPUT_ROW] + plan[L - 1, FAN_IN] + 1
    n_units = plan[L - 1, UNIT_ROW] + plan[L - 1, UNITS]
    a, f = np.ones(n_inputs * B), np.empty(plan[L - 1, UNITS] * B)
    h, f_h, f_beta = np.empty(n_units * B), np.empty(n_units * B), np.empty(n_units * B)
    g, delta = np.empty(n_units * B), np.empty(n_units * B)
    return a, h, f_h, f_beta, g, delta, f


@_compiled
def _ones_below(plan, a, B):
    """Set the row of ones below the inputs of every layer but the first."""
    for l in range(1, len(plan)):
        _rows(a, plan[l, INPUT_ROW] + plan[l, FAN_IN], 1, B)[:] = 1.0


@_compiled
def _forward(plan, theta, betas, x, space, B):
    """x (D + 1, B) with its row of ones -> what the loss acts on, (K, B)."""
    a, h, f_h, f_beta, _, _, output = space
    last = len(plan) - 1
    for l in range(last + 1):
        I, field = plan[l, UNITS], _units(plan, l, h, B)
        inputs = x if l == 0 else _rows(a, plan[l, INPUT_ROW], plan[l, FAN_IN] + 1, B)
        np.dot(_weights(plan, l, theta).T, inputs, field)  # (3.1)
        f = _rows(output, 0, I, B) if l == last else _rows(a, plan[l + 1, INPUT_ROW], I, B)
        slopes = _units(plan, l, f_h, B), _units(plan, l, f_beta, B)
        gate_slopes(plan[l, GATE], field, _beta(plan, l, theta, betas), f, *slopes)  # (3.2)
    return _rows(output, 0, plan[last, UNITS], B)


@_compiled
def _backward(plan, theta, space, B):
    """From g of the last gate, in its place in space, to g and delta of all layers."""
    _, _, f_h, _, g, delta, _ = space
    for l in range(len(plan) - 1, -1, -1):
        da, dh, slope = _units(plan, l, g, B), _units(plan, l, delta, B), _units(plan, l, f_h, B)
        for i in range(len(dh)):
            for n in range(B):
                dh[i, n] = da[i, n] * slope[i, n]  # (5.1)
        if l > 0:
            W = _weights(plan, l, theta)[: plan[l, FAN_IN]]
            np.dot(W, dh, _units(plan, l - 1, g, B))  # (5.5)


@_compiled
def _add_gradient(plan, x, space, B, gradient):
    """From g and delta, add d loss/d theta to gradient (P,); x (D + 1, B)."""
    inputs, _, _, f_beta, g, delta, _ = space
    for l in range(len(plan)):
        a = x if l == 0 else _rows(inputs, plan[l, INPUT_ROW], plan[l, FAN_IN] + 1, B)
        dh, dW = _units(plan, l, delta, B), _weights(plan, l, gradient)
        if len(a) < FEW:
            for j in range(len(a)):
                dW[j] += np.dot(dh, a[j])
        else:
            dW += np.dot(a, dh.T)  # (5.3), (5.4)
        if plan[l, BETA] >= 0:
            da, slope = _units(plan, l, g, B), _units(plan, l, f_beta, B)
            for i in range(len(da)):
                gradient[plan[l, BETA] + i] += np.dot(da[i], slope[i])  # (5.2)


# ------------------------------------------------------------------------ losses


@_compiled
def _probabilities(o):
    """sigma(o) and sigma(-o)."""
    e, _ = _decay(o, 0.0)
    q = 1.0 / (1.0 + e)
    return (q, e * q) if o >= 0 else (e * q, q)


@_compiled
def _softmax(o, p, others):
    """Probabilities of the classes, and for each the sum of the others': all (K, B)."""
    K, B = o.shape
    top, total = o[0].copy(), np.zeros(B)
    for k in range(1, K):
        for n in range(B):
            top[n] = o[k, n] if o[k, n] > top[n] else top[n]
    for k in range(K):
        for n in range(B):
            p[k, n], _ = _decay(top[n] - o[k, n], 0.0)
            total[n] += p[k, n]
    p /= total
    others[:] = 0.0
    for k in range(K):
        for j in range(K):
            if j != k:
                others[k] += p[j]


@_compiled
def _loss_gradient(loss, o, y, N, g):
    """d loss/d o for a loss that is a mean over N samples: o, y, g (K, B)."""
    K, B = o.shape
    if loss == BERNOULLI:
        for k in range(K):
            for n in range(B):
                p, rest = _probabilities(o[k, n])
                g[k, n] = ((1.0 - y[k, n]) * p - y[k, n] * rest) / (N * K)  # (4.2)
    elif loss == CATEGORICAL:
        p, others = np.empty((K, B)), np.empty((K, B))
        _softmax(o, p, others)
        for k in range(K):
            for n in range(B):
                g[k, n] = (p[k, n] * (1.0 - y[k, n]) - y[k, n] * others[k, n]) / N  # (4.5)
    else:
        for k in range(K):
            for n in range(B):
                g[k, n] = (o[k, n] - y[k, n]) / N  # (4.8)


@_compiled
def _loss_curvature(loss, o, N, C):
    """d2 loss/do do for each sample, the pairs k >= k' only: C (K (K+1)/2, B)."""
    K, B = o.shape
    C[:] = 0.0
    if loss == CATEGORICAL:
        p, others = np.empty((K, B)), np.empty((K, B))
        _softmax(o, p, others)
        for k in range(K):
            for j in range(k):
                for n in range(B):
                    C[_pair(k, j), n] = -p[k, n] * p[j, n] / N  # (4.6)
            for n in range(B):
                C[_pair(k, k), n] = p[k, n] * others[k, n] / N
    for k in range(K):
        if loss == BERNOULLI:
            for n in range(B):
                p, rest = _probabilities(o[k, n])
                C[_pair(k, k), n] = p * rest / (N * K)  # (4.3)
        elif loss == SQUARED_ERROR:
            C[_pair(k, k)] = 1.0 / N  # (4.9)


# ---------------------------------------------------------------------- training


@_compiled
def block_size(plan, batch):
    """How many samples of a batch to take at once, so that all they need stays in cache.

    All of them, or an even number of blocks, for threads come in pairs.
    """
    last = len(plan) - 1
    inputs = plan[last, INPUT_ROW] + plan[last, FAN_IN] + 1
    units = plan[last, UNIT_ROW] + plan[last, UNITS]
    blocks = batch * (inputs + 5 * units) // IN_CACHE + 1
    blocks += blocks % 2 if blocks > 1 else 0
    return (batch + blocks - 1) // blocks


@_compiled
def lay_out(X, Y, order, batch, block):
    """Lay samples out for the kernels: in this order, in batches of blocks.

    Returns
    -------
    x, y : flat; each block holds its samples as columns, those of x with a row
        of ones below, (D + 1, B) and (K, B)
    """
    (N, D), K = X.shape, Y.shape[1]
    x, y = np.ones(N * (D + 1)), np.empty(N * K)
    for first in range(0, N, batch):
        end = min(first + batch, N)
        for start in range(first, end, block):
            B = min(start + block, end) - start
            x_block = x[start * (D + 1) :][: D * B].reshape(D, B)
            y_block = y[start * K :][: K * B].reshape(K, B)
            for n in range(B):
                for j in range(D):
                    x_block[j, n] = X[order[start + n], j]
                for k in range(K):
                    y_block[k, n] = Y[order[start + n], k]
    return x, y


@_compiled
def _add_block(plan, theta, betas, loss, data, start, B, n, space, gradient):
    """Add to gradient (P,) what the B samples from start on give, of a batch of n."""
    (x, y), last = data, len(plan) - 1
    D, K = plan[0, FAN_IN], plan[last, UNITS]
    inputs = x[start * (D + 1) :][: (D + 1) * B].reshape(D + 1, B)
    targets = y[start * K :][: K * B].reshape(K, B)
    _ones_below(plan, space[0], B)
    o = _forward(plan, theta, betas, inputs, space, B)
    _loss_gradient(loss, o, targets, n, _units(plan, last, space[4], B))
    _backward(plan, theta, space, B)
    _add_gradient(plan, inputs, space, B, gradient)


@_compiled
def _gradient(plan, theta, betas, loss, data, batch, block, space, gradient):
    """d loss/d theta of the samples of a batch (first, end), block after block."""
    first, end = batch
    gradient[:] = 0.0
    for start in range(first, end, block):
        B = min(start + block, end) - start
        _add_block(plan, theta, betas, loss, data, start, B, end - first, space, gradient)


def gradient(net, X, Y):
    """d loss/d theta (P,) over all samples: the twin of `Network.gradient`."""
    N, (plan, theta, betas, loss) = len(X), describe(net)
    block = block_size(plan, N)
    data = lay_out(X, Y, np.arange(N), N, block)
    result = np.empty_like(theta)
    _gradient(plan, theta, betas, loss, data, (0, N), block, make_space(plan, block), result)
    return result


@_compiled
def _step(optimizer, settings, rate, t, theta, gradient, memory):
    """Change theta as `minifnn.optimise` does; memory (2, P) holds what it remembers."""
    if optimizer == DESCENT:
        for p in range(len(theta)):
            theta[p] -= rate * gradient[p]  # (7.1)
    elif optimizer == MOMENTUM:
        velocity = memory[0]
        for p in range(len(theta)):
            velocity[p] = settings[0] * velocity[p] - rate * gradient[p]  # (7.2)
            theta[p] += velocity[p]
    else:
        b1, b2, eps = settings[0], settings[1], settings[2]
        m, v = memory[0], memory[1]
        rate = rate * math.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
        for p in range(len(theta)):
            m[p] += (1 - b1) * (gradient[p] - m[p])  # (7.3)
            v[p] += (1 - b2) * (gradient[p] * gradient[p] - v[p])  # (7.4)
            theta[p] -= rate * m[p] / (math.sqrt(v[p]) + eps)  # (7.5)


@_compiled
def _stepped(optimizer, settings, rate, t, theta, gradient, memory):
    """Take a step if the gradient is finite; return whether theta is so, too, after it."""
    if not np.isfinite(gradient).all():
        return False
    _step(optimizer, settings, rate, t, theta, gradient, memory)
    return np.isfinite(theta).all()


@_compiled
def steps(plan, theta, betas, loss, data, sizes, way, memory):
    """Take a step for each rate, through the batches in turn.

    data is of `lay_out`, for sizes (N, batch, block); way is (optimizer, its
    settings, the steps behind it, rates). Returns how many steps went well,
    fewer than all if the gradient, or theta after it, is not finite; and the
    last gradient.
    """
    (N, batch, block), (optimizer, settings, t, rates) = sizes, way
    space, slope, first = make_space(plan, block), np.empty_like(theta), 0
    for k in range(len(rates)):
        end = min(first + batch, N)
        _gradient(plan, theta, betas, loss, data, (first, end), block, space, slope)
        if not _stepped(optimizer, settings, rates[k], t + k, theta, slope, memory):
            return k, slope
        first = end % N
    return len(rates), slope


@partial(_compiled, parallel=True)
def steps_side_by_side(plan, theta, betas, loss, data, sizes, way, memory):
    """The same steps, with the blocks of a batch on all threads: the same to the bit.

    For batches of several blocks. Each block's share of the gradient is kept
    apart, and the shares are added in the order of the blocks.
    """
    (N, batch, block), (optimizer, settings, t, rates) = sizes, way
    most = -(-batch // block)
    spaces = [make_space(plan, block) for _ in range(most)]
    shares, slope, first = np.empty((most, len(theta))), np.empty_like(theta), 0
    for k in range(len(rates)):
        end = min(first + batch, N)
        blocks = -(-(end - first) // block)
        for b in prange(blocks):
            start, n = first + b * block, end - first
            shares[b] = 0.0
            B = min(block, end - start)
            _add_block(plan, theta, betas, loss, data, start, B, n, spaces[b], shares[b])
        slope[:] = 0.0
        for b in range(blocks):
            slope += shares[b]
        if not _stepped(optimizer, settings, rates[k], t + k, theta, slope, memory):
            return k, slope
        first = end % N
    return len(rates), slope


# ------------------------------------------------------------------- the Hessian
#
# By blocks, as in `minifnn.hessian`; only the lower triangle is summed, and
# `mirror` completes it. Symmetric matrices of a sample are kept as their pairs
# i >= i'. Sums over samples are matrix products C with rows (i, i'), units, and
# columns (j, j'), inputs; `_add` puts C at rows (j, i), columns (j', i') of H.
#
# What is 0 adds nothing. Inputs of the first layer that are 0 in every sample of
# a chunk are left out: `live` holds the others, the most frequent first, `place`
# says which they are. A product takes a panel of inputs, and of the samples only
# those in which one of them is not 0: of images, often half.

PANEL = 128  # about as many columns has one such matrix product
MOST = 0.9  # of the samples: if more count, it costs less to take all than to copy


@_compiled
def add_chunk(plan, theta, betas, loss, x, y, N, parts, live, place, H):
    """Add one chunk of the N samples to H, whose upper triangle is left to `mirror`.

    x (D + 1, B), with its row of ones, and y (K, B) hold the chunk; parts says
    whether to take the curvature of the loss, its gradient, and the blocks
    between layers; live (p, B) are the rows of x that count, place (p,) says
    which they are.
    """
    S, T = np.empty(n_pairs(plan) * x.shape[1]), np.empty(n_squares(plan) * x.shape[1])
    space = prepare(plan, theta, betas, loss, x, y, N, parts, S, T, H)
    for l in range(len(plan)):
        for first, last in panels(plan[l, FAN_IN] + 1 if l > 0 else len(place)):
            add_squares(plan, l, live, place, space, S, first, last, H)
        add_betas(plan, l, live, place, space, T, H)
        if parts[2]:
            add_above(plan, theta, l, live, place, space, S, T, H)


@_compiled
def n_pairs(plan):
    """Rows of a store of pairs of units, of all layers."""
    return plan[len(plan) - 1, PAIR_ROW] + _pair(plan[len(plan) - 1, UNITS], 0)


@_compiled
def n_squares(plan):
    """Rows of a store of squares of units, of all layers."""
    return plan[len(plan) - 1, SQUARE_ROW] + plan[len(plan) - 1, UNITS] ** 2


@_compiled
def prepare(plan, theta, betas, loss, x, y, N, parts, S, T, H):
    """What the blocks are made of: fill the stores S and T, return the passes' space.

    It also adds (beta, beta) of each layer to H.
    """
    space = make_space(plan, x.shape[1])
    _passes(plan, theta, betas, loss, x, y, N, parts[1], space)
    _downward(plan, theta, betas, loss, N, parts[0], space, x.shape[1], S, T, H)
    return space


@_compiled
def panels(p):
    """Ranges [first, last) of p inputs with about as many pairs j >= j' each."""
    wanted = _pair(p, 0) / math.ceil(_pair(p, 0) / PANEL)
    first, ranges = 0, []
    for last in range(1, p + 1):
        if last == p or _pair(last, 0) >= (len(ranges) + 1) * wanted:
            ranges.append((first, last))
            first = last
    return ranges


@_compiled
def _passes(plan, theta, betas, loss, x, y, N, with_residual, space):
    """Forward and backward, for what they leave behind in space."""
    B = x.shape[1]
    o, g = _forward(plan, theta, betas, x, space, B), _units(plan, len(plan) - 1, space[4], B)
    _loss_gradient(loss, o, y, N, g)
    if not with_residual:
        g[:] = 0.0
    _backward(plan, theta, space, B)


@_compiled
def _counting(a, first, last):
    """The samples that count for inputs first <= j < last: where one of them is not 0."""
    B = a.shape[1]
    counts = np.zeros(B, np.bool_)
    for j in range(first, last):
        for n in range(B):
            counts[n] |= a[j, n] != 0.0
    samples = np.flatnonzero(counts)
    return samples if len(samples) < MOST * B else np.arange(B)


@_compiled
def _of(samples, rows):
    """Rows (q, B) of these samples only; the rows themselves where it is all of them."""
    if len(samples) == rows.shape[1]:
        return rows
    some = np.empty((len(rows), len(samples)))
    for j in range(len(rows)):
        for n in range(len(samples)):
            some[j, n] = rows[j, samples[n]]
    return some


@_compiled
def _inputs(plan, l, live, space, B):
    """a~ of a layer, (fan_in + 1, B); of the first layer, those that count."""
    return live if l == 0 else _rows(space[0], plan[l, INPUT_ROW], plan[l, FAN_IN] + 1, B)


@_compiled
def _downward(plan, theta, betas, loss, N, with_curvature, space, B, S, T, H):
    """S and T of every layer, from the top down; (beta, beta) goes to H."""
    last = len(plan) - 1
    G = _rows(S, plan[last, PAIR_ROW], _pair(plan[last, UNITS], 0), B)
    _loss_curvature(loss, _rows(space[6], 0, plan[last, UNITS], B), N, G)
    if not with_curvature:
        G[:] = 0.0
    for l in range(last, -1, -1):
        _at_fields(plan, l, theta, betas, space, B, S, T, H)
        if l > 0:
            _sandwich(plan, l, theta, S, B)


@_compiled
def _at_fields(plan, l, theta, betas, space, B, S, T, H):
    """From G, in the place of S, to S and T of a layer; (beta, beta) goes to H."""
    I, beta = plan[l, UNITS], plan[l, BETA]
    h, f_h, g = (
        _units(plan, l, space[1], B),
        _units(plan, l, space[2], B),
        _units(plan, l, space[4], B),
    )
    f_beta = _units(plan, l, space[3], B)
    f_hh, f_hbeta, f_betabeta = np.empty_like(h), np.empty_like(h), np.empty_like(h)
    gate_curvatures(plan[l, GATE], h, _beta(plan, l, theta, betas), f_hh, f_hbeta, f_betabeta)
    pairs = _rows(S, plan[l, PAIR_ROW], _pair(I, 0), B)
    squares = _rows(T, plan[l, SQUARE_ROW], I * I, B)
    bG = np.empty(B)
    for i in range(I):
        for j in range(i + 1):
            G = pairs[_pair(i, j)]
            if beta >= 0:
                T_ij, T_ji = squares[i * I + j], squares[j * I + i]
                for n in range(B):
                    bG[n] = f_beta[i, n] * G[n]
                    T_ij[n] = bG[n] * f_h[j, n]  # (10.8)
                    T_ji[n] = f_h[i, n] * G[n] * f_beta[j, n]
                H[beta + i, beta + j] += np.dot(bG, f_beta[j])  # (10.9)
            for n in range(B):
                G[n] *= f_h[i, n] * f_h[j, n]  # (10.7)
        pairs[_pair(i, i)] += f_hh[i] * g[i]
        if beta >= 0:
            H[beta + i, beta + i] += np.dot(f_betabeta[i], g[i])
            squares[i * I + i] += f_hbeta[i] * g[i]


@_compiled
def _square(plan, l, S, B):
    """S of a layer with both its halves, (I I, B)."""
    I = plan[l, UNITS]
    pairs = _rows(S, plan[l, PAIR_ROW], _pair(I, 0), B)
    square = np.empty((I * I, B))
    for i in range(I):
        for j in range(i + 1):
            square[i * I + j] = pairs[_pair(i, j)]
            square[j * I + i] = pairs[_pair(i, j)]
    return square


@_compiled
def _sandwich(plan, l, theta, S, B):
    """G of the layer below, W S W^T, in the place of its S."""
    I, D = plan[l, UNITS], plan[l, FAN_IN]
    W = _weights(plan, l, theta)[:D]
    half = np.dot(W, _square(plan, l, S, B).reshape(I, I * B))  # (D, I B)
    for i in range(D):
        G = _rows(S, plan[l - 1, PAIR_ROW] + _pair(i, 0), i + 1, B)
        np.dot(W[: i + 1], half[i].reshape(I, B), G)  # (10.10)


# -- within a layer


@_compiled
def _products(a, first, last):
    """a_j a_j' of the inputs first <= j < last and j' <= j: (pairs, B)."""
    B = a.shape[1]
    products = np.empty((_pair(last, 0) - _pair(first, 0), B))
    row = 0
    for j in range(first, last):
        for j_prime in range(j + 1):
            left, right, place = a[j], a[j_prime], products[row]
            for n in range(B):
                place[n] = left[n] * right[n]
            row += 1
    return products


@_compiled
def _nowhere():
    """The place of the one input that betas have."""
    return np.zeros(1, np.int64)


@_compiled
def _places(plan, l, place):
    """Which of a layer's inputs `_inputs` holds: all of them, but in the first layer."""
    return place if l == 0 else np.arange(plan[l, FAN_IN] + 1)


@_compiled
def add_squares(plan, l, live, place, space, S, first, last, H):
    """Add to (W, W) of layer l: S_ii' a_j a_j' of the inputs first <= j < last.  (10.11)

    Both factors are symmetric, so that one matrix product of their pairs does.
    """
    I, B = plan[l, UNITS], live.shape[1]
    a = _inputs(plan, l, live, space, B)
    S_pairs = _rows(S, plan[l, PAIR_ROW], _pair(I, 0), B)
    samples = _counting(a, first, last)
    products = _products(_of(samples, a[:last]), first, last)
    C = np.dot(_of(samples, S_pairs), products.T)
    _add_pairs(C, first, I, plan[l, WEIGHTS], _places(plan, l, place), H)


@_compiled
def add_betas(plan, l, live, place, space, T, H):
    """Add (beta, W) of layer l: T_ii' a_j'."""
    I, B, beta = plan[l, UNITS], live.shape[1], plan[l, BETA]
    if beta >= 0:
        T_l = _rows(T, plan[l, SQUARE_ROW], I * I, B)
        C = np.dot(T_l, _inputs(plan, l, live, space, B).T)
        _add(C, beta, I, _nowhere(), plan[l, WEIGHTS], I, _places(plan, l, place), H)


@_compiled
def _add_pairs(C, first, I, start, place, H):
    """Add C, rows (i >= i') and columns (j >= j') from j = first on, to H[(j, i), (j', i')].

    start is where the layer's weights begin, place where the inputs stand. Eight
    columns at a time, since that is how C comes from memory.
    """
    squares = np.empty((8, I, I))
    j, j_prime = first, 0
    for left in range(0, C.shape[1], 8):
        width = min(8, C.shape[1] - left)
        for i in range(I):
            for i_prime in range(i + 1):
                for c in range(width):
                    value = C[_pair(i, i_prime), left + c]
                    squares[c, i, i_prime] = value
                    squares[c, i_prime, i] = value
        for c in range(width):
            below, above = max(place[j], place[j_prime]), min(place[j], place[j_prime])
            for i in range(I):
                row = H[start + below * I + i, start + above * I :][:I]
                for i_prime in range(I):
                    row[i_prime] += squares[c, i, i_prime]
            j, j_prime = (j, j_prime + 1) if j_prime < j else (j + 1, 0)


# -- between a layer and those above it


@_compiled
def add_above(plan, theta, k, live, place, space, S, T, H):
    """Add all blocks with rows above layer k and columns in it: its fields', its betas'."""
    B = live.shape[1]
    beta, a = plan[k, BETA], _inputs(plan, k, live, space, B)
    f_h, f_beta = _units(plan, k, space[2], B), _units(plan, k, space[3], B)
    _climb(plan, theta, k, space, S, T, f_h, a, plan[k, WEIGHTS], _places(plan, k, place), H)
    if beta >= 0:  # a parameter without an input, that is, with the input 1
        _climb(plan, theta, k, space, S, T, f_beta, np.ones((1, B)), beta, _nowhere(), H)


@_compiled
def _climb(plan, theta, k, space, S, T, slope, source, columns, place, H):
    """Add the blocks of all layers above k with the parameters of k at `columns` of H.

    slope (I_k, B): how k's outputs change with its fields (or its betas);
    source (q, B): the inputs that these parameters weigh, at their `place`. On
    the way up, up_h and up_a (I I_k, B) are how a layer's fields and outputs change.
    """
    m, B = plan[k, UNITS], source.shape[1]
    up_a = slope
    for l in range(k + 1, len(plan)):
        I, D, start, beta = plan[l, UNITS], plan[l, FAN_IN], plan[l, WEIGHTS], plan[l, BETA]
        W, delta = _weights(plan, l, theta)[:D], _units(plan, l, space[5], B)
        a = _rows(space[0], plan[l, INPUT_ROW], D + 1, B)
        if l == k + 1:
            up_h = _first_step(W, slope)
            _add_delta_next(delta, slope, source, start, columns, place, H)
        else:
            up_h = np.dot(W.T, up_a.reshape(D, m * B)).reshape(I * m, B)  # (10.13)
            _add_delta(delta, up_a, source, start, columns, place, m, H)
        S_up = _apply(_square(plan, l, S, B), up_h, I)
        _add_products(S_up, a, source, start, I, columns, m, place, H)
        if beta >= 0:
            T_up = _apply(_rows(T, plan[l, SQUARE_ROW], I * I, B), up_h, I)
            _add(np.dot(T_up, source.T), beta, I, _nowhere(), columns, m, place, H)
        if l < len(plan) - 1:
            up_a = _through_gate(_units(plan, l, space[2], B), up_h)


@_compiled
def _add_products(S_up, a, source, start, I, columns, m, place, H):
    """Add S_up,ii' a_j a~_j' to H: all j of the upper layer, all j' of the source.  (10.12)

    A panel of source inputs at a time, with the samples that count for it.
    """
    p, q = len(a), len(source)
    width = min(q, max(1, PANEL // p))
    for left in range(0, q, width):
        right = min(left + width, q)
        samples = _counting(source, left, right)
        lower, S_some = _of(samples, source[left:right]), _of(samples, S_up)
        for first in range(0, p, PANEL // width):
            last = min(first + PANEL // width, p)
            C = np.dot(S_some, _outer(_of(samples, a[first:last]), lower).T)
            _add(C, start, I, np.arange(first, last), columns, m, place[left:right], H)


@_compiled
def _first_step(W, slope):
    """From the outputs of a layer to the fields of the next: W_i'i slope_i', (I I_k, B)."""
    m, I = W.shape
    up_h = np.empty((I * m, slope.shape[1]))
    for i in range(I):
        for j in range(m):
            up_h[i * m + j] = W[j, i] * slope[j]
    return up_h


@_compiled
def _through_gate(f_h, up_h):
    """From the fields of a layer to its outputs: f_h,i up_h,ii'."""
    m = len(up_h) // len(f_h)
    up_a = np.empty_like(up_h)
    for row in range(len(up_h)):
        up_a[row] = f_h[row // m] * up_h[row]
    return up_a


@_compiled
def _apply(A, v, I):
    """A v for each sample: A (I I, B), v (I m, B) -> (I m, B)."""
    m, B = len(v) // I, v.shape[1]
    Av = np.zeros_like(v)
    for i in range(I):
        for k in range(I):
            if not A[i * I + k].any():  # outputs that do not know of each other
                continue
            for j in range(m):
                A_ik, v_kj, Av_ij = A[i * I + k], v[k * m + j], Av[i * m + j]
                for n in range(B):
                    Av_ij[n] += A_ik[n] * v_kj[n]
    return Av


@_compiled
def _outer(a, b):
    """All products of a row of a (p, B) and a row of b (q, B): (p q, B)."""
    q, B = b.shape
    products = np.empty((len(a) * q, B))
    for row in range(len(products)):
        a_j, b_k, place = a[row // q], b[row % q], products[row]
        for n in range(B):
            place[n] = a_j[n] * b_k[n]
    return products


@_compiled
def _add_delta_next(delta, slope, source, rows, columns, place, H):
    """sum_n delta_i slope_j a~_j' for the layer next to the source's, whose unit j feeds it."""
    I, m, q = len(delta), len(slope), len(source)
    C = np.dot(_outer(delta, slope), source.T)  # (I m, q)
    for j in range(m):
        for i in range(I):
            for j_prime in range(q):
                H[rows + j * I + i, columns + place[j_prime] * m + j] += C[i * m + j, j_prime]


@_compiled
def _add_delta(delta, up_a, source, rows, columns, place, m, H):
    """sum_n delta_i up_a_ji' a~_j' for layers farther up."""
    I, q = len(delta), len(source)
    C = np.dot(up_a, _outer(delta, source).T)  # (D m, I q)
    for j in range(len(up_a) // m):
        for i in range(I):
            for j_prime in range(q):
                for i_prime in range(m):
                    column = columns + place[j_prime] * m + i_prime
                    H[rows + j * I + i, column] += C[j * m + i_prime, i * q + j_prime]


@_compiled
def _add(C, rows, I, row_place, columns, m, column_place, H):
    """Add C, rows (i, i') and columns (j, j'), to H: (j, i), (j', i'), the j at their places."""
    q = len(column_place)
    for j in range(len(row_place)):
        for i in range(I):
            for j_prime in range(q):
                start = columns + column_place[j_prime] * m
                row = H[rows + row_place[j] * I + i, start : start + m]
                for i_prime in range(m):
                    row[i_prime] += C[i * m + i_prime, j * q + j_prime]


@_compiled
def mirror(H, first, step):
    """Copy what lies below the diagonal above it; return whether all of it is finite.

    Only the tiles of columns first, first + step, ...: a share of the work.
    """
    P, tile, finite = len(H), 64, True
    for left in range(first * tile, P, step * tile):
        for top in range(left, P, tile):
            for j in range(left, min(left + tile, P)):
                for i in range(max(top, j), min(top + tile, P)):
                    H[j, i] = H[i, j]
                    finite &= abs(H[i, j]) < np.inf
    return finite
