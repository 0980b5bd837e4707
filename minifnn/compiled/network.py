"""A network over a block of samples: forward, backward and the losses."""

import numpy as np

from .gates import GATES, _decay, compiled, gate_slopes

FEW = 8  # inputs, the bias's counted, below which BLAS is faster with one at a time

LOSSES = {name: code for code, name in enumerate(("bernoulli", "categorical", "squared error"))}
BERNOULLI, CATEGORICAL, SQUARED_ERROR = LOSSES.values()

# ------------------------------------------------- a network over a block of samples
#
# A plan has one row a layer, with these columns. What the layers keep lies in
# flat stores, one layer's rows after the other's; the last four columns say at
# which row a layer begins, in stores of inputs, units, squares and pairs of units.

FAN_IN, UNITS, GATE, WEIGHTS, BETA, INPUT_ROW, UNIT_ROW, SQUARE_ROW, PAIR_ROW = range(9)


def describe(net):
    """Return (plan, theta, betas, loss): all that the kernels need of a network.

    plan (L, 9) integers; theta (P,), the network's own; betas (all units,), of which
    the trained ones are read from theta; loss an integer.
    """
    rows, inputs, units, squares, pairs = [], 0, 0, 0, 0
    for l, (fan_in, n) in enumerate(zip(net.sizes, net.sizes[1:]), start=1):
        beta = net.slices[f"beta{l}"].start if f"beta{l}" in net.slices else -1
        gate = GATES[net.gate_names[l - 1]]
        where = inputs, units, squares, pairs
        rows.append((fan_in, n, gate, net.slices[f"W{l}"].start, beta, *where))
        inputs, units = inputs + fan_in + 1, units + n
        squares, pairs = squares + n * n, pairs + n * (n + 1) // 2
    return np.array(rows), net.theta, np.concatenate(net.betas), LOSSES[net.loss_function.name]


@compiled
def _pair(i, j):
    """Where i and j <= i stand among all pairs: (0,0), (1,0), (1,1), (2,0), ..."""
    return i * (i + 1) // 2 + j


@compiled
def _rows(store, first, count, B):
    """`count` rows of B samples from a flat store, as a view (count, B)."""
    return store[first * B : (first + count) * B].reshape(count, B)


@compiled
def _units(plan, l, store, B):
    """A layer's rows, (units, B), from a flat store with a row a unit."""
    return _rows(store, plan[l, UNIT_ROW], plan[l, UNITS], B)


@compiled
def _weights(plan, l, theta):
    """W~ = [W; b] of a layer, a view into theta (fan_in + 1, units)."""
    p, I, start = plan[l, FAN_IN] + 1, plan[l, UNITS], plan[l, WEIGHTS]
    return theta[start : start + p * I].reshape(p, I)


@compiled
def _beta(plan, l, theta, betas):
    """The betas of a layer, (units,): its part of theta where they are trained."""
    I, start, row = plan[l, UNITS], plan[l, BETA], plan[l, UNIT_ROW]
    return theta[start : start + I] if start >= 0 else betas[row : row + I]


@compiled
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


@compiled
def _ones_below(plan, a, B):
    """Set the row of ones below the inputs of every layer but the first."""
    for l in range(1, len(plan)):
        _rows(a, plan[l, INPUT_ROW] + plan[l, FAN_IN], 1, B)[:] = 1.0


@compiled
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


@compiled
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


@compiled
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


@compiled
def _probabilities(o):
    """sigma(o) and sigma(-o)."""
    e, _ = _decay(o, 0.0)
    q = 1.0 / (1.0 + e)
    return (q, e * q) if o >= 0 else (e * q, q)


@compiled
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


@compiled
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


@compiled
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
