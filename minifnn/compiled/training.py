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
from .gates import compiled, inner
from .network import Space, describe, make_space, passes, with_ones

OPTIMIZERS = {GradientDescent: (), Momentum: ("momentum",), Adam: ("b1", "b2", "eps")}
IN_CACHE = 1 << 17  # numbers that a block of samples may need on its way (1 MB)
FEWEST = 64  # samples in a block, if there are so many: with fewer, BLAS is slower
OPERATIONS = 3e8  # after so many, Python looks whether it is to stop
LARGE = 1e6  # multiplications per step from which all threads pay
SIDE_BY_SIDE = 32  # blocks of samples at a time, at most


def block_size(net, batch):
    """How many samples of a batch to take at once, so that all they need stays in cache.

    All of them, or an even number of blocks, for threads come in pairs; FEWEST, for BLAS.
    """
    numbers = batch * sum(fan_in + 1 + 5 * n for fan_in, n in pairwise(net.sizes))
    blocks = numbers // IN_CACHE + 1
    blocks += blocks % 2 if blocks > 1 else 0
    return max(-(-batch // blocks), min(batch, FEWEST))


def backpropagate(net, X, Y):
    """d loss/d theta (P,) over all samples."""
    N, arrays, block = len(X), describe(net), block_size(net, len(X))
    x, y, space = with_ones(X), Y.T.copy(), make_space(arrays, block)
    gradient = net.ridge * net.theta
    with single_threaded_blas(N * len(gradient)):
        for first in range(0, N, block):
            passes(arrays, x, y, first, min(block, N - first), 1 / N, space, gradient)
    return gradient


@inner
def gather(x, y, x_batch, y_batch, order, start, stop):
    """Copy the samples that `order` names from start to stop to their places in a batch."""
    for n in range(start, stop):
        source, place = x[order[n]], x_batch[n]
        for j in range(len(place)):
            place[j] = source[j]
        for k in range(len(y)):
            y_batch[k, n] = y[k, order[n]]


@inner
def take_step(rule, rate, t, theta, gradient):
    """Change theta as `minifnn.optimise` does, and count the step in t, (1,).

    rule is (whether it is Adam's, its settings, and (2, P), what it remembers). Returns
    whether gradient, without which there is no step, and theta are finite.
    """
    (adam, settings, memory), P, fine = rule, len(theta), True
    m, v = memory[0], memory[1]
    for p in range(P):
        fine &= abs(gradient[p]) < np.inf
    t[0] += fine
    if fine and adam:
        b1, b2, eps = settings[0], settings[1], settings[2]
        rate = rate * math.sqrt(1 - b2 ** t[0]) / (1 - b1 ** t[0])
        for p in range(P):
            m[p] += (1 - b1) * (gradient[p] - m[p])  # (7.3)
            v[p] += (1 - b2) * (gradient[p] * gradient[p] - v[p])  # (7.4)
            theta[p] -= rate * m[p] / (math.sqrt(v[p]) + eps)  # (7.5)
            fine &= abs(theta[p]) < np.inf
    elif fine:
        for p in range(P):
            m[p] = settings[0] * m[p] - rate * gradient[p]  # (7.2); with 0, (7.1)
            theta[p] += m[p]
            fine &= abs(theta[p]) < np.inf
    return fine


@compiled
def steps(net, data, batch, order, block, rule, t, rates, space, gradient):
    """Take a step for each rate, through the batches in turn, until one is not finite.

    data is (x, y) of all samples; batch is the same, or if there is an order, room for the
    samples of a step. Leaves the last gradient (P,).
    """
    N, first = data[1].shape[1], 0
    for k in range(len(rates)):
        n = min(batch[1].shape[1], N - first)
        if len(order) > 0:
            gather(data[0][0], data[1], batch[0][0], batch[1], order[first : first + n], 0, n)
        for p in range(len(gradient)):
            gradient[p] = net.ridge[p] * net.theta[p]
        for start in range(0, n, block):
            B = min(block, n - start)
            passes(net, batch[0], batch[1], start, B, 1 / n, space, gradient)
        if not take_step(rule, rates[k], t, net.theta, gradient):
            break
        first = (first + n) % N


@partial(compiled, parallel=True)
def steps_in_parallel(net, data, batch, order, block, rule, t, rates, spaces, shares, gradient):
    """The same steps, with some blocks of a batch side by side, each in a space of its own.

    Their shares (some, P) are added to the gradient in the order of the blocks: the same
    bits for any number of threads.
    """
    N, some, P, first = data[1].shape[1], shares.shape[0], shares.shape[1], 0
    (x, step, distance, transposed), y = batch
    (x_data, _, _, _), y_data = data
    a, h, f_h, f_beta, g, delta, p, rest, spare = spaces
    for k in range(len(rates)):
        n = min(y.shape[1], N - first)
        named = order[first : first + n]
        for i in range(P):
            gradient[i] = net.ridge[i] * net.theta[i]
        for start in range(0, n, some * block):
            count = min(some, -(-(n - start) // block))
            for b in prange(count):
                for i in range(P):
                    shares[b, i] = 0.0
                loss = p[b], rest[b], spare[b]
                space = Space(a[b], h[b], f_h[b], f_beta[b], g[b], delta[b], *loss)
                place, x_all = start + b * block, (x, step, distance, transposed)
                B = min(block, n - place)
                if len(named) > 0:
                    gather(x_data, y_data, x, y, named, place, place + B)
                passes(net, x_all, y, place, B, 1 / n, space, shares[b])
            for b in range(count):
                for i in range(P):
                    gradient[i] += shares[b, i]
        if not take_step(rule, rates[k], t, net.theta, gradient):
            break
        first = (first + n) % N


def stepper(net, X, Y, optimizer, batch_size, rng, engine):
    """Return go(n), which goes through all samples n times, with a step per batch."""
    arrays, theta, N, full = describe(net), net.theta, len(X), batch_size == len(X)
    work, block = batch_size * len(theta), block_size(net, batch_size)
    at_once = max(1, int(OPERATIONS / work)) if full else 1
    batch = data = with_ones(X, *() if full else (0,)), Y.T.copy()
    if not full:
        batch = with_ones(X[:batch_size], 0), data[1][:, :batch_size].copy()
    optimizer.remember(theta)
    memory = np.zeros((2, len(theta)))  # of which the optimizer's arrays become views
    for row, name in zip(memory, optimizer.memory):
        row[:] = getattr(optimizer, name)
        setattr(optimizer, name, row)
    settings = [getattr(optimizer, name) for name in OPTIMIZERS[type(optimizer)]] or [0.0]
    rule = type(optimizer) is Adam, np.array(settings, float), memory
    some, gradient = min(SIDE_BY_SIDE, -(-batch_size // block)), np.empty_like(theta)
    some = some if work > LARGE else 1
    spaces, shares = make_space(arrays, block, some), np.empty((some, len(theta)))
    alone = Space(*(part[0] for part in spaces))

    def epochs(n, run, *room):
        """Take all steps of n epochs, or say what stopped being finite."""
        order = np.empty(0, int) if full else rng.permutation(N)
        t, end = np.array([optimizer.t]), optimizer.t + n * -(-N // batch_size)
        rates = np.array([optimizer.rate(k) for k in range(optimizer.t, end)], float)
        try:
            run(arrays, data, batch, order, block, rule, t, rates, *room, gradient)
        finally:
            optimizer.t = int(t[0])
        if optimizer.t < end:
            check_step("gradient", gradient, optimizer)
        check_step("theta", theta, optimizer)

    def go(n):
        with on_all_threads(some > 1) as granted:
            way = (steps_in_parallel, spaces, shares) if granted else (steps, alone)
            with nullcontext() if granted else single_threaded_blas(work):
                for start in range(0, n, at_once):
                    epochs(min(at_once, n - start), *way)

    return go
