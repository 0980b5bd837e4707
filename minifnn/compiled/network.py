"""A network over a block of samples, which are columns: forward pass, loss, backward pass."""

from collections import namedtuple
from functools import partial

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.linalg import ensure_blas

from .. import losses
from .gates import GATES, compiled, decay, inner, slopes

ensure_blas()  # SciPy's, which Numba calls
LOSSES = losses.bernoulli, losses.categorical, losses.squared_error
BERNOULLI, CATEGORICAL, SQUARED_ERROR = range(3)

# All that the kernels need of a network: plan (L, 6) integers; theta and ridge (P,), the network's
# own; betas (all units,), of which the trained ones are read from theta; loss an integer.
Arrays = namedtuple("Arrays", "plan theta ridge betas loss")

# A plan has one row per layer: its sizes and its gate, where its weights and its betas (or -1)
# start in theta, and at which row its units start in a Space.
FAN_IN, UNITS, GATE, WEIGHTS, BETA, ROW = range(6)

# What a pass over up to B samples leaves behind: h, f_h, f_beta, g (d loss/d output of a gate) and
# delta (d loss/dh) of all units, (units, B); outputs a, with a row of ones after each layer's,
# (units + L, B); and of the loss p and rest, whose product is the curvature, with spare rows.
Space = namedtuple("Space", "a h f_h f_beta g delta p rest spare")


def describe(net):
    """A network as plain arrays."""
    plan, row = [], 0
    for l, (dense, gate) in enumerate(net.layers, start=1):
        beta = net.slices[f"beta{l}"].start if f"beta{l}" in net.slices else -1
        starts = net.slices[f"W{l}"].start, beta, row
        plan.append((*dense.W.shape, GATES.index(gate.activation), *starts))
        row += len(gate.beta)
    loss = LOSSES.index(net.loss_function)
    return Arrays(np.array(plan), net.theta, net.ridge, np.concatenate(net.betas), loss)


def make_space(net, B, *blocks):
    """Room for a pass over up to B samples, or over several blocks of them."""
    units, K = len(net.betas), net.plan[-1, UNITS]
    parts = (np.empty((*blocks, units, B)) for _ in range(5))
    a, p, rest = (np.ones((*blocks, rows, B)) for rows in (units + len(net.plan), K, K))
    return Space(a, *parts, p, rest, np.empty((*blocks, 3, B)))


def with_ones(X, few=16):
    """x = [X, 1]^T, what the first layer takes: the bias is one more weight, on an input of 1.

    A matrix as for `gemm`, with the distance of samples in place of the start. In memory,
    samples are columns where inputs are few: BLAS is faster then.
    """
    N, D = X.shape
    x = np.ones((D + 1, N) if D < few else (N, D + 1))
    (x if D < few else x.T)[:-1] = X.T
    return (x, 1, N, False) if D < few else (x, D + 1, D + 1, True)


@intrinsic
def gemm(context, m, n, k, a, b, keep, c):
    """c (m, n) = a (m, k) b (k, n) + keep c, by BLAS.

    A matrix is (array, the place where it starts there, the distance of its rows), and a and b
    have a fourth entry: whether it is the transpose that is stored so.
    """

    def generate(context, builder, signature, arguments):
        char, pointer = ir.IntType(8), ir.IntType(8).as_pointer()

        def number(value):
            return builder.bitcast(cgutils.alloca_once_value(builder, value), pointer)

        def matrix(which):
            value, kind = arguments[which], signature.args[which]
            array, start, distance, *flags = cgutils.unpack_tuple(builder, value)
            first = context.make_array(kind[0])(context, builder, array).data
            letters = [
                builder.select(cgutils.is_true(builder, flag), char(ord("t")), char(ord("n")))
                for flag in flags
            ]
            return builder.bitcast(builder.gep(first, [start]), pointer), distance, *letters

        m, n, k, _, _, keep, _ = arguments
        (a, row_a, letter_a), (b, row_b, letter_b), (c, row_c) = matrix(3), matrix(4), matrix(6)
        # BLAS takes matrices by columns: to it ours are transposed, and c^T = b^T a^T
        one = number(ir.DoubleType()(1.0))
        call = [char(ord("d")), letter_b, letter_a, n, m, k, one, b, row_b, a, row_a]
        call += [number(keep), c, row_c]
        kind = ir.FunctionType(ir.IntType(32), [operand.type for operand in call])
        blas = cgutils.get_or_insert_function(builder.module, kind, "numba_xxgemm")
        builder.call(blas, call)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 3, a, b, types.float64, c), generate


@inner
def forward(net, x, B, space):
    """From B samples, x (D + 1, B), to h, a and the slopes of all layers."""
    plan, theta, S, a = net.plan, net.theta, space.h.shape[1], x
    for l in range(len(plan)):
        D, I, row, beta = plan[l, FAN_IN], plan[l, UNITS], plan[l, ROW], plan[l, BETA]
        W, h = (theta, plan[l, WEIGHTS], I, True), (space.h, row * S, S)
        gemm(I, B, D + 1, W, a, 0.0, h)  # (3.1)
        for i in range(I):
            r, f = row + i, space.a[row + l + i]
            b = theta[beta + i] if beta >= 0 else net.betas[r]
            slopes(plan[l, GATE], b, space.h[r], f, space.f_h[r], space.f_beta[r], B)  # (3.2)
        a = (space.a, (row + l) * S, S, False)


@inner
def loss_gradient(net, y, first, B, share, space):
    """g of the last layer: share times the sum of d loss/d output over samples; y (K, N)."""
    K, row = net.plan[-1, UNITS], net.plan[-1, ROW]
    out, top, best, others = row + len(net.plan) - 1, space.spare[0], space.spare[1], space.spare[2]
    if net.loss == CATEGORICAL:  # exp(o - top), and of all classes but the likeliest their sum
        for n in range(B):
            top[n], best[n], others[n] = -np.inf, 0.0, 0.0
        for k in range(K):
            for n in range(B):
                o = space.a[out + k, n]
                best[n] = k if o > top[n] else best[n]
                top[n] = o if o > top[n] else top[n]
        for k in range(K):
            o, p = space.a[out + k], space.p[k]
            for n in range(B):
                p[n], _ = decay(top[n] - o[n])
                others[n] += 0.0 if best[n] == k else p[n]
    for k in range(K):
        o, g, t, p, rest = space.a[out + k], space.g[row + k], y[k], space.p[k], space.rest[k]
        if net.loss == BERNOULLI:
            for n in range(B):
                e, _ = decay(o[n])
                q = 1.0 / (1.0 + e)
                p[n], rest[n] = (q, e * q) if o[n] >= 0 else (e * q, q)
                g[n] = share / K * ((1.0 - t[first + n]) * p[n] - t[first + n] * rest[n])  # (4.2)
        elif net.loss == CATEGORICAL:
            for n in range(B):
                p[n] /= 1.0 + others[n]
                rest[n] = others[n] / (1.0 + others[n]) if best[n] == k else 1.0 - p[n]
                g[n] = share * (p[n] * (1.0 - t[first + n]) - t[first + n] * rest[n])  # (4.5)
        else:
            for n in range(B):
                g[n] = share * (o[n] - t[first + n])  # (4.8)


@inner
def backward(net, x, B, space, gradient):
    """From g of the last layer to g and delta of all; their d loss/d theta is added to gradient.

    Without room for that (gradient of length 0) it is left out.
    """
    plan, theta, S = net.plan, net.theta, space.h.shape[1]
    for l in range(len(plan) - 1, -1, -1):
        D, I, row, beta = plan[l, FAN_IN], plan[l, UNITS], plan[l, ROW], plan[l, BETA]
        for i in range(I):
            for n in range(B):
                space.delta[row + i, n] = space.g[row + i, n] * space.f_h[row + i, n]  # (5.1)
            if beta >= 0 and len(gradient) > 0:
                gradient[beta + i] += dot(space.g[row + i], space.f_beta[row + i], B)  # (5.2)
        a = (space.a, (row - D + l - 1) * S, S, False) if l > 0 else x
        delta, dW = (space.delta, row * S, S, True), (gradient, plan[l, WEIGHTS], I)
        if len(gradient) > 0:
            gemm(D + 1, I, B, a, delta, 1.0, dW)  # (5.3), (5.4)
        if l > 0:
            W, delta = (theta, plan[l, WEIGHTS], I, False), (space.delta, row * S, S, False)
            gemm(D, B, I, W, delta, 0.0, (space.g, (row - D) * S, S))  # (5.5)


@partial(inner, fastmath={"reassoc", "nsz", "contract"})
def dot(a, b, B):
    """sum_n a_n b_n, in an order that suits the processor, as in BLAS."""
    total = 0.0
    for n in range(B):
        total += a[n] * b[n]
    return total


@partial(compiled, inline="always")  # one function less to compile for many steps
def passes(net, x, y, first, B, share, space, gradient):
    """Both passes for B samples from the first on: their share of d loss/d theta is added."""
    array, step, distance, transposed = x
    block = (array, first * step, distance, transposed)
    forward(net, block, B, space)
    loss_gradient(net, y, first, B, share, space)
    backward(net, block, B, space, gradient)
