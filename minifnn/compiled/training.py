"""Gradients and steps: many in a row, with nothing of Python between them."""

import math
from contextlib import nullcontext
from functools import partial
from itertools import pairwise

import numpy as np
from numba import prange

from .._util.threads import on_all_threads, single_threaded_blas
from .._util.validation import check_step
from ..optimise import Adam, GradientDescent, Momentum
from .gates import compiled
from .network import FAN_IN, UNITS, add_gradient, describe, make_space, passes

OPTIMIZERS = {GradientDescent: (), Momentum: ("momentum",), Adam: ("b1", "b2", "eps")}
DESCENT, MOMENTUM, ADAM = range(3)

IN_CACHE = 1 << 17  # numbers that a block of samples may need on its way (1 MB)


def block_size(net, batch):
    """How many samples of a batch to take at once, so that all they need stays in cache.

    All of them, or an even number of blocks, for threads come in pairs.
    """
    numbers = batch * sum(fan_in + 1 + 5 * n for fan_in, n in pairwise(net.sizes))
    blocks = numbers // IN_CACHE + 1
    blocks += blocks % 2 if blocks > 1 else 0
    return -(-batch // blocks)


@compiled
def lay_out(X, Y, order, batch, block):
    """Flat x and y: the samples in this order, in batches of blocks, those of a block as columns.

    A block of x is (D + 1, B), with a row of ones below; of y (K, B).
    """
    (N, D), K = X.shape, Y.shape[1]
    x, y = np.ones(N * (D + 1)), np.empty(N * K)
    for first in range(0, N, batch):
        end = min(first + batch, N)
        for start in range(first, end, block):
            B = min(start + block, end) - start
            x_block, y_block = _columns(x, D + 1, start, B), _columns(y, K, start, B)
            for n in range(B):
                for j in range(D):
                    x_block[j, n] = X[order[start + n], j]
                for k in range(K):
                    y_block[k, n] = Y[order[start + n], k]
    return x, y


@compiled
def _columns(flat, count, start, B):
    """The block of B samples from start on, (count, B)."""
    return flat[start * count : (start + B) * count].reshape(count, B)


@compiled
def _add_block(net, data, start, B, n, space, gradient):
    """Add to gradient (P,) what the B samples from start on give, of a batch of n."""
    D, K = net.plan[0, FAN_IN], net.plan[-1, UNITS]
    x, y = _columns(data[0], D + 1, start, B), _columns(data[1], K, start, B)
    passes(net, x, y, n, 1.0, space)
    add_gradient(net.plan, x, space, gradient)


@compiled
def batch_gradient(net, data, first, n, block, space, gradient):
    """d loss/d theta (P,) of the n samples of a batch from the first on, block after block."""
    gradient[:] = 0.0
    for start in range(first, first + n, block):
        B = min(block, first + n - start)
        _add_block(net, data, start, B, n, space, gradient)


def backpropagate(net, X, Y):
    """d loss/d theta (P,) over all samples."""
    N, arrays, block = len(X), describe(net), block_size(net, len(X))
    data, space = lay_out(X, Y, np.arange(N), N, block), make_space(arrays.plan, block)
    result = np.empty_like(net.theta)
    with single_threaded_blas(N * len(result)):
        batch_gradient(arrays, data, 0, N, block, space, result)
    return result


@compiled
def _step(optimizer, settings, rate, t, theta, gradient, memory):
    """Change theta as `minifnn.optimise` does; memory (2, P) holds what it remembers.

    Returns whether the gradient, without which there is no step, and theta are finite.
    """
    if not np.isfinite(gradient).all():
        return False
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
    return np.isfinite(theta).all()


@compiled
def steps(net, data, sizes, way, memory):
    """Take a step for each rate, through the batches in turn.

    data is of `lay_out`, for sizes (N, batch, block); way is (optimizer, its
    settings, the steps behind it, rates). Returns how many steps went well,
    fewer than all if the gradient, or theta after it, is not finite; and the
    last gradient.
    """
    (N, batch, block), (optimizer, settings, t, rates) = sizes, way
    space, gradient, first = make_space(net.plan, block), np.empty_like(net.theta), 0
    for k in range(len(rates)):
        n = min(batch, N - first)
        batch_gradient(net, data, first, n, block, space, gradient)
        if not _step(optimizer, settings, rates[k], t + k, net.theta, gradient, memory):
            return k, gradient
        first = (first + n) % N
    return len(rates), gradient


@partial(compiled, parallel=True)
def steps_in_parallel(net, data, sizes, way, memory):
    """The same steps, with the blocks of a batch on all threads.

    Each block's share of the gradient is kept apart, and the shares are added in
    the order of the blocks: the same bits for any number of threads.
    """
    (N, batch, block), (optimizer, settings, t, rates) = sizes, way
    most, P, first = -(-batch // block), len(net.theta), 0
    spaces = [make_space(net.plan, block) for _ in range(most)]
    shares, gradient = np.empty((most, P)), np.empty(P)
    for k in range(len(rates)):
        n = min(batch, N - first)
        blocks = -(-n // block)
        for b in prange(blocks):
            shares[b] = 0.0
            B = min(block, n - b * block)
            _add_block(net, data, first + b * block, B, n, spaces[b], shares[b])
        gradient[:] = 0.0
        for b in range(blocks):
            gradient += shares[b]
        if not _step(optimizer, settings, rates[k], t + k, net.theta, gradient, memory):
            return k, gradient
        first = (first + n) % N
    return len(rates), gradient


OPERATIONS = 3e8  # after so many, Python looks whether it is to stop
LARGE = 1e6  # multiplications per step from which all threads pay


def stepper(net, X, Y, optimizer, batch_size, rng, engine):
    """Return go(n), which goes through all samples n times, with a step per batch."""
    arrays, theta, N, full = describe(net), net.theta, len(X), batch_size == len(X)
    work, block = batch_size * len(theta), block_size(net, batch_size)
    at_once = max(1, int(OPERATIONS / work)) if full else 1
    whole = lay_out(X, Y, np.arange(N), N, block) if full else None
    constants = [getattr(optimizer, name) for name in OPTIMIZERS[type(optimizer)]]
    method = list(OPTIMIZERS).index(type(optimizer)), np.array(constants, float)
    optimizer.remember(theta)
    memory = np.zeros((2, len(theta)))  # of which the optimizer's arrays become views
    for row, name in zip(memory, optimizer.memory):
        row[:] = getattr(optimizer, name)
        setattr(optimizer, name, row)

    def epochs(run, n):
        """Take all steps of n epochs, or say what stopped being finite."""
        data = whole if full else lay_out(X, Y, rng.permutation(N), batch_size, block)
        t, n = optimizer.t, n * -(-N // batch_size)
        rates = np.array([optimizer.rate(k) for k in range(t, t + n)], float)
        done, last = run(arrays, data, (N, batch_size, block), (*method, t, rates), memory)
        optimizer.t += done
        if done < n:
            check_step("gradient", last, optimizer)
            optimizer.t += 1  # the step was taken
            check_step("theta", theta, optimizer)

    def go(n):
        with on_all_threads(block < batch_size and work > LARGE) as granted:
            with nullcontext() if granted else single_threaded_blas(work):
                for start in range(0, n, at_once):
                    epochs(steps_in_parallel if granted else steps, min(at_once, n - start))

    return go
