"""A network over a block of samples: forward pass, losses, backward pass."""

from collections import namedtuple

import numpy as np

from .. import losses
from .gates import GATES, compiled, decay, gate_slopes

LOSSES = losses.bernoulli, losses.categorical, losses.squared_error
BERNOULLI, CATEGORICAL, SQUARED_ERROR = range(3)

# A plan has one row per layer, with these columns. What the layers keep lies in flat
# stores, one layer's rows of B samples after the other's. The last three columns say at
# which row a layer begins, in stores of inputs, of units and of squares of units.
FAN_IN, UNITS, GATE, WEIGHTS, BETA, INPUT_ROW, UNIT_ROW, SQUARE_ROW = range(8)


# All that the kernels need of a network: plan (L, 8) integers; theta (P,), the network's own;
# betas (all units,), of which the trained ones are read from theta; loss an integer.
Arrays = namedtuple("Arrays", "plan theta betas loss")


def describe(net):
    """A network as plain arrays."""
    plan, inputs, units, squares = [], 0, 0, 0
    for l, (dense, gate) in enumerate(net.layers, start=1):
        fan_in, n = dense.W.shape
        beta = net.slices[f"beta{l}"].start if f"beta{l}" in net.slices else -1
        starts = net.slices[f"W{l}"].start, beta, inputs, units, squares
        plan.append((fan_in, n, GATES.index(gate.activation), *starts))
        inputs, units, squares = inputs + fan_in + 1, units + n, squares + n * n
    loss = LOSSES.index(net.loss_function)
    return Arrays(np.array(plan), net.theta, np.concatenate(net.betas), loss)


@compiled
def layer(plan, l):
    """Fan-in and units of a layer, and where its weights and its betas (or -1) start in theta."""
    return plan[l, FAN_IN], plan[l, UNITS], plan[l, WEIGHTS], plan[l, BETA]


@compiled
def rows(store, first, count, B):
    """`count` rows of B samples from a flat store, as a view (count, B)."""
    return store[first * B : (first + count) * B].reshape(count, B)


@compiled
def unit_rows(plan, l, store, B):
    """A layer's rows, (units, B), from a flat store with one row per unit."""
    return rows(store, plan[l, UNIT_ROW], plan[l, UNITS], B)


@compiled
def square_rows(plan, l, store, B):
    """A layer's rows, (I I, B), from a flat store with one row per two units."""
    return rows(store, plan[l, SQUARE_ROW], plan[l, UNITS] ** 2, B)


@compiled
def pair_rows(plan, l, store, B):
    """The first of them, (I (I + 1)/2, B), for the pairs i' <= i of a symmetric matrix."""
    return rows(store, plan[l, SQUARE_ROW], pair(plan[l, UNITS], 0), B)


@compiled
def pair(i, j):
    """Where i and j <= i stand among all pairs: (0,0), (1,0), (1,1), (2,0), ..."""
    return i * (i + 1) // 2 + j


@compiled
def inputs(plan, l, a, B):
    """a~ = [a; 1] of a layer above the first, (fan_in + 1, B)."""
    return rows(a, plan[l, INPUT_ROW], plan[l, FAN_IN] + 1, B)


@compiled
def weights(plan, l, theta):
    """W~ = [W; b] of a layer, a view into theta (fan_in + 1, units)."""
    D, I, start, _ = layer(plan, l)
    return theta[start : start + (D + 1) * I].reshape(D + 1, I)


@compiled
def layer_betas(net, l):
    """The betas of a layer, (units,): its part of theta where they are trained."""
    (_, I, _, start), row = layer(net.plan, l), net.plan[l, UNIT_ROW]
    return net.theta[start : start + I] if start >= 0 else net.betas[row : row + I]


# What a pass leaves behind, in flat stores: a, inputs and outputs of all layers, with a row
# of ones below each; h, f_h, f_beta, g (d loss/d output of a gate) and delta (d loss/dh) of
# all units; and for a Hessian S and T of all squares of units.
Space = namedtuple("Space", "a h f_h f_beta g delta S T")


@compiled
def make_space(plan, B, second_order=False):
    """Room for what a pass over B samples leaves behind."""
    D, I, _, _, _, input_row, unit_row, square_row = plan[-1]
    n_units, n_squares = unit_row + I, square_row + I * I if second_order else 0
    a = np.empty((input_row + D + 1 + I + 1) * B)
    h, f_h, f_beta = np.empty(n_units * B), np.empty(n_units * B), np.empty(n_units * B)
    g, delta = np.empty(n_units * B), np.empty(n_units * B)
    S, T = np.empty(n_squares * B), np.empty(n_squares * B)
    return Space(a, h, f_h, f_beta, g, delta, S, T)


@compiled
def forward(net, x, space):
    """x (D + 1, B) with its row of ones -> what the loss acts on, (K, B)."""
    plan, B = net.plan, x.shape[1]
    for l in range(len(plan)):
        a, h = x if l == 0 else inputs(plan, l, space.a, B), unit_rows(plan, l, space.h, B)
        np.dot(weights(plan, l, net.theta).T, a, h)  # (3.1)
        I, row = plan[l, UNITS], plan[l, INPUT_ROW] + len(a)
        f = rows(space.a, row, I + 1, B)  # where the layer above finds its inputs
        f_h, f_beta = unit_rows(plan, l, space.f_h, B), unit_rows(plan, l, space.f_beta, B)
        gate_slopes(plan[l, GATE], h, layer_betas(net, l), f, f_h, f_beta)  # (3.2)
        f[I] = 1.0
    return f[:I]


@compiled
def backward(net, space, B):
    """From g of the last gate, in its place in space, to g and delta of all layers."""
    plan = net.plan
    for l in range(len(plan) - 1, -1, -1):
        da, f_h = unit_rows(plan, l, space.g, B), unit_rows(plan, l, space.f_h, B)
        dh = unit_rows(plan, l, space.delta, B)
        for i in range(len(dh)):
            for n in range(B):
                dh[i, n] = da[i, n] * f_h[i, n]  # (5.1)
        if l > 0:
            W = weights(plan, l, net.theta)[: plan[l, FAN_IN]]
            np.dot(W, dh, unit_rows(plan, l - 1, space.g, B))  # (5.5)


@compiled
def passes(net, x, y, N, weight, space):
    """Forward and backward for some of N samples, x (D + 1, B) and y (K, B), for what they leave.

    d loss/d output is taken times weight. Returns the output, (K, B).
    """
    B, o = x.shape[1], forward(net, x, space)
    g = unit_rows(net.plan, len(net.plan) - 1, space.g, B)
    loss_gradient(net.loss, o, y, N, g)
    g *= weight
    backward(net, space, B)
    return o


@compiled
def add_gradient(plan, x, space, gradient):
    """From g and delta, add d loss/d theta to gradient (P,); x (D + 1, B)."""
    B = x.shape[1]
    for l in range(len(plan)):
        a = x if l == 0 else inputs(plan, l, space.a, B)
        dh, dW = unit_rows(plan, l, space.delta, B), weights(plan, l, gradient)
        dW += np.dot(a, dh.T)  # (5.3), (5.4)
        if plan[l, BETA] >= 0:
            da, f_beta = unit_rows(plan, l, space.g, B), unit_rows(plan, l, space.f_beta, B)
            for i in range(len(da)):
                gradient[plan[l, BETA] + i] += np.dot(da[i], f_beta[i])  # (5.2)


@compiled
def _probabilities(o):
    """sigma(o) and sigma(-o)."""
    e, _ = decay(o)
    q = 1.0 / (1.0 + e)
    return (q, e * q) if o >= 0 else (e * q, q)


@compiled
def _softmax(o):
    """Probabilities of the classes, and for each the sum of the others': all (K, B)."""
    K, B = o.shape
    p, others, top, total = np.empty((K, B)), np.zeros((K, B)), o[0].copy(), np.zeros(B)
    for k in range(1, K):
        for n in range(B):
            top[n] = o[k, n] if o[k, n] > top[n] else top[n]
    for k in range(K):
        for n in range(B):
            p[k, n], _ = decay(top[n] - o[k, n])
            total[n] += p[k, n]
    p /= total
    for k in range(K):
        for j in range(K):
            if j != k:
                others[k] += p[j]
    return p, others


@compiled
def loss_gradient(loss, o, y, N, g):
    """d loss/d o for a loss that is a mean over N samples: o, y, g (K, B)."""
    K, B = o.shape
    if loss == BERNOULLI:
        for k in range(K):
            for n in range(B):
                p, rest = _probabilities(o[k, n])
                g[k, n] = ((1.0 - y[k, n]) * p - y[k, n] * rest) / (N * K)  # (4.2)
    elif loss == CATEGORICAL:
        p, others = _softmax(o)
        for k in range(K):
            for n in range(B):
                g[k, n] = (p[k, n] * (1.0 - y[k, n]) - y[k, n] * others[k, n]) / N  # (4.5)
    else:
        for k in range(K):
            for n in range(B):
                g[k, n] = (o[k, n] - y[k, n]) / N  # (4.8)


@compiled
def loss_curvature(loss, o, N, C):
    """d2 loss/do do for each sample, the pairs k >= k' only: C (K (K+1)/2, B)."""
    K, B = o.shape
    if loss == CATEGORICAL:
        p, others = _softmax(o)
        for k in range(K):
            for j in range(k):
                for n in range(B):
                    C[pair(k, j), n] = -p[k, n] * p[j, n] / N  # (4.6)
            for n in range(B):
                C[pair(k, k), n] = p[k, n] * others[k, n] / N
    else:
        C[:] = 0.0
        for k in range(K):
            for n in range(B):
                if loss == BERNOULLI:
                    p, rest = _probabilities(o[k, n])
                    C[pair(k, k), n] = p * rest / (N * K)  # (4.3)
                else:
                    C[pair(k, k), n] = 1.0 / N  # (4.9)
