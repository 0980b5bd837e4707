"""Gradients and steps: many in a row, with nothing of Python between them."""

import math
from contextlib import nullcontext
from functools import partial

import numpy as np
from numba import prange

from .._util.threads import on_all_threads, single_threaded_blas
from .._util.validation import check_step
from ..optimise import Adam, GradientDescent, Momentum
from .gates import compiled
from .network import (
    FAN_IN,
    INPUT_ROW,
    UNIT_ROW,
    UNITS,
    _add_gradient,
    _backward,
    _forward,
    _loss_gradient,
    _ones_below,
    _units,
    describe,
    make_space,
)

IN_CACHE = 1 << 17  # numbers that a block of samples may need on its way (1 MB)

OPTIMIZERS = {optimizer: code for code, optimizer in enumerate((GradientDescent, Momentum, Adam))}
DESCENT, MOMENTUM, ADAM = OPTIMIZERS.values()
CONSTANTS = {GradientDescent: (), Momentum: ("momentum",), Adam: ("b1", "b2", "eps")}

# ---------------------------------------------------------------------- training


@compiled
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


@compiled
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


@compiled
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


@compiled
def _gradient(plan, theta, betas, loss, data, batch, block, space, gradient):
    """d loss/d theta of the samples of a batch (first, end), block after block."""
    first, end = batch
    gradient[:] = 0.0
    for start in range(first, end, block):
        B = min(start + block, end) - start
        _add_block(plan, theta, betas, loss, data, start, B, end - first, space, gradient)


def backpropagate(net, X, Y):
    """d loss/d theta (P,) over all samples."""
    N, (plan, theta, betas, loss) = len(X), describe(net)
    block = block_size(plan, N)
    data = lay_out(X, Y, np.arange(N), N, block)
    result = np.empty_like(theta)
    with single_threaded_blas(N * len(theta)):
        _gradient(plan, theta, betas, loss, data, (0, N), block, make_space(plan, block), result)
    return result


@compiled
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


@compiled
def _stepped(optimizer, settings, rate, t, theta, gradient, memory):
    """Take a step if the gradient is finite; return whether theta is so, too, after it."""
    if not np.isfinite(gradient).all():
        return False
    _step(optimizer, settings, rate, t, theta, gradient, memory)
    return np.isfinite(theta).all()


@compiled
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


@partial(compiled, parallel=True)
def steps_in_parallel(plan, theta, betas, loss, data, sizes, way, memory):
    """The same steps, with the blocks of a batch on all threads.

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


OPERATIONS = 3e8  # after so many, Python looks whether it is to stop
LARGE = 1e6  # multiplications per step from which all threads pay


def stepper(net, X, Y, optimizer, batch_size, rng, engine):
    """Return go(n), which goes through all samples n times, with a step per batch."""
    network, N = describe(net), len(X)
    theta, full = network[1], batch_size == len(X)
    sizes = N, batch_size, block_size(network[0], batch_size)
    whole = lay_out(X, Y, np.arange(N), *sizes[1:]) if full else None
    constants = np.array([getattr(optimizer, name) for name in CONSTANTS[type(optimizer)]], float)
    optimizer.remember(theta)
    memory = np.zeros((2, len(theta)))  # of which the optimizer's arrays become views
    for row, name in zip(memory, optimizer.memory):
        row[:] = getattr(optimizer, name)
        setattr(optimizer, name, row)

    def take(run, data, n):
        """Take n steps, or say what stopped being finite."""
        t = optimizer.t
        rates = np.array([optimizer.rate(k) for k in range(t, t + n)], float)
        way = OPTIMIZERS[type(optimizer)], constants, t, rates
        done, slope = run(*network, data, sizes, way, memory)
        optimizer.t += done
        if done < n:
            check_step("gradient", slope, optimizer)
            check_step("theta", theta, optimizer)

    def epochs(run, n):
        at_once = max(1, int(OPERATIONS / (N * len(theta)))) if full else 1
        for start in range(0, n, at_once):
            if full:
                take(run, whole, min(at_once, n - start))
            else:
                take(run, lay_out(X, Y, rng.permutation(N), *sizes[1:]), -(-N // batch_size))

    def go(n):
        work = batch_size * len(theta)
        with on_all_threads(batch_size > sizes[2] and work > LARGE) as granted:
            with nullcontext() if granted else single_threaded_blas(work):
                epochs(steps_in_parallel if granted else steps, n)

    return go
