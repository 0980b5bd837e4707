"""The Hessian by blocks, as in `minifnn.hessian`, in kernels."""

import math
from functools import partial
from itertools import pairwise

import numpy as np

from .._util.progress import progress_bar
from .._util.threads import thread_pool
from .._util.validation import expect
from .gates import compiled, gate_curvatures
from .network import (
    BETA,
    FAN_IN,
    GATE,
    INPUT_ROW,
    PAIR_ROW,
    SQUARE_ROW,
    UNITS,
    WEIGHTS,
    _backward,
    _beta,
    _forward,
    _loss_curvature,
    _loss_gradient,
    _pair,
    _rows,
    _units,
    _weights,
    describe,
    make_space,
)

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


@compiled
def add_chunk(plan, theta, betas, loss, x, y, N, parts, live, place, H):
    """Add one chunk of the N samples to H, whose upper triangle is left to `mirror`.

    x (D + 1, B), with its row of ones, and y (K, B) hold the chunk; parts says
    whether to take the curvature of the loss, and its gradient; live (p, B) are the
    rows of x that count, place (p,) says which they are.
    """
    S, T = np.empty(n_pairs(plan) * x.shape[1]), np.empty(n_squares(plan) * x.shape[1])
    space = prepare(plan, theta, betas, loss, x, y, N, parts, S, T, H)
    for l in range(len(plan)):
        for first, last in panels(plan[l, FAN_IN] + 1 if l > 0 else len(place)):
            add_squares(plan, l, live, place, space, S, first, last, H)
        add_betas(plan, l, live, place, space, T, H)
        add_above(plan, theta, l, live, place, space, S, T, H)


@compiled
def n_pairs(plan):
    """Rows of a store of pairs of units, of all layers."""
    return plan[len(plan) - 1, PAIR_ROW] + _pair(plan[len(plan) - 1, UNITS], 0)


@compiled
def n_squares(plan):
    """Rows of a store of squares of units, of all layers."""
    return plan[len(plan) - 1, SQUARE_ROW] + plan[len(plan) - 1, UNITS] ** 2


@compiled
def prepare(plan, theta, betas, loss, x, y, N, parts, S, T, H):
    """What the blocks are made of: fill the stores S and T, return the passes' space.

    It also adds (beta, beta) of each layer to H.
    """
    space = make_space(plan, x.shape[1])
    _passes(plan, theta, betas, loss, x, y, N, parts[1], space)
    _downward(plan, theta, betas, loss, N, parts[0], space, x.shape[1], S, T, H)
    return space


@compiled
def panels(p):
    """Ranges [first, last) of p inputs with about as many pairs j >= j' each."""
    wanted = _pair(p, 0) / math.ceil(_pair(p, 0) / PANEL)
    first, ranges = 0, []
    for last in range(1, p + 1):
        if last == p or _pair(last, 0) >= (len(ranges) + 1) * wanted:
            ranges.append((first, last))
            first = last
    return ranges


@compiled
def _passes(plan, theta, betas, loss, x, y, N, with_residual, space):
    """Forward and backward, for what they leave behind in space."""
    B = x.shape[1]
    o, g = _forward(plan, theta, betas, x, space, B), _units(plan, len(plan) - 1, space[4], B)
    _loss_gradient(loss, o, y, N, g)
    if not with_residual:
        g[:] = 0.0
    _backward(plan, theta, space, B)


@compiled
def _counting(a, first, last):
    """The samples that count for inputs first <= j < last: where one of them is not 0."""
    B = a.shape[1]
    counts = np.zeros(B, np.bool_)
    for j in range(first, last):
        for n in range(B):
            counts[n] |= a[j, n] != 0.0
    samples = np.flatnonzero(counts)
    return samples if len(samples) < MOST * B else np.arange(B)


@compiled
def _of(samples, rows):
    """Rows (q, B) of these samples only; the rows themselves where it is all of them."""
    if len(samples) == rows.shape[1]:
        return rows
    some = np.empty((len(rows), len(samples)))
    for j in range(len(rows)):
        for n in range(len(samples)):
            some[j, n] = rows[j, samples[n]]
    return some


@compiled
def _inputs(plan, l, live, space, B):
    """a~ of a layer, (fan_in + 1, B); of the first layer, those that count."""
    return live if l == 0 else _rows(space[0], plan[l, INPUT_ROW], plan[l, FAN_IN] + 1, B)


@compiled
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


@compiled
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


@compiled
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


@compiled
def _sandwich(plan, l, theta, S, B):
    """G of the layer below, W S W^T, in the place of its S."""
    I, D = plan[l, UNITS], plan[l, FAN_IN]
    W = _weights(plan, l, theta)[:D]
    half = np.dot(W, _square(plan, l, S, B).reshape(I, I * B))  # (D, I B)
    for i in range(D):
        G = _rows(S, plan[l - 1, PAIR_ROW] + _pair(i, 0), i + 1, B)
        np.dot(W[: i + 1], half[i].reshape(I, B), G)  # (10.10)


# -- within a layer


@compiled
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


@compiled
def _nowhere():
    """The place of the one input that betas have."""
    return np.zeros(1, np.int64)


@compiled
def _places(plan, l, place):
    """Which of a layer's inputs `_inputs` holds: all of them, but in the first layer."""
    return place if l == 0 else np.arange(plan[l, FAN_IN] + 1)


@compiled
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


@compiled
def add_betas(plan, l, live, place, space, T, H):
    """Add (beta, W) of layer l: T_ii' a_j'."""
    I, B, beta = plan[l, UNITS], live.shape[1], plan[l, BETA]
    if beta >= 0:
        T_l = _rows(T, plan[l, SQUARE_ROW], I * I, B)
        C = np.dot(T_l, _inputs(plan, l, live, space, B).T)
        _add(C, beta, I, _nowhere(), plan[l, WEIGHTS], I, _places(plan, l, place), H)


@compiled
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


@compiled
def add_above(plan, theta, k, live, place, space, S, T, H):
    """Add all blocks with rows above layer k and columns in it: its fields', its betas'."""
    B = live.shape[1]
    beta, a = plan[k, BETA], _inputs(plan, k, live, space, B)
    f_h, f_beta = _units(plan, k, space[2], B), _units(plan, k, space[3], B)
    _climb(plan, theta, k, space, S, T, f_h, a, plan[k, WEIGHTS], _places(plan, k, place), H)
    if beta >= 0:  # a parameter without an input, that is, with the input 1
        _climb(plan, theta, k, space, S, T, f_beta, np.ones((1, B)), beta, _nowhere(), H)


@compiled
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


@compiled
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


@compiled
def _first_step(W, slope):
    """From the outputs of a layer to the fields of the next: W_i'i slope_i', (I I_k, B)."""
    m, I = W.shape
    up_h = np.empty((I * m, slope.shape[1]))
    for i in range(I):
        for j in range(m):
            up_h[i * m + j] = W[j, i] * slope[j]
    return up_h


@compiled
def _through_gate(f_h, up_h):
    """From the fields of a layer to its outputs: f_h,i up_h,ii'."""
    m = len(up_h) // len(f_h)
    up_a = np.empty_like(up_h)
    for row in range(len(up_h)):
        up_a[row] = f_h[row // m] * up_h[row]
    return up_a


@compiled
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


@compiled
def _outer(a, b):
    """All products of a row of a (p, B) and a row of b (q, B): (p q, B)."""
    q, B = b.shape
    products = np.empty((len(a) * q, B))
    for row in range(len(products)):
        a_j, b_k, place = a[row // q], b[row % q], products[row]
        for n in range(B):
            place[n] = a_j[n] * b_k[n]
    return products


@compiled
def _add_delta_next(delta, slope, source, rows, columns, place, H):
    """sum_n delta_i slope_j a~_j' for the layer next to the source's, whose unit j feeds it."""
    I, m, q = len(delta), len(slope), len(source)
    C = np.dot(_outer(delta, slope), source.T)  # (I m, q)
    for j in range(m):
        for i in range(I):
            for j_prime in range(q):
                H[rows + j * I + i, columns + place[j_prime] * m + j] += C[i * m + j, j_prime]


@compiled
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


@compiled
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


@compiled
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


CHUNK = 1 << 24  # numbers that one chunk of samples may need (128 MB)
SMALL = 1e7  # operations up to which several threads do not pay
SMALL_MATRIX = 300  # parameters, likewise


def by_blocks(net, X, Y, curvature, residual, progress=False):
    """H (P, P); with residual=0 its Gauss-Newton part, with curvature=0 the rest.

    The blocks of a chunk are tasks that write to different places of H, so that
    the result is the same for any number of threads.
    """
    network, parts, P = describe(net), (curvature != 0, residual != 0), net.n_parameters
    H = np.empty((P, P))  # large pages, unlike zeros
    H.fill(0.0)
    rows = _samples_at_once(net.sizes)
    with progress_bar(progress, len(X), "sample") as advance:
        for start in range(0, len(X), rows):
            x, y = X[start : start + rows], Y[start : start + rows]
            add_samples(network, x, y, len(X), parts, H)
            advance(len(x))
    if P < SMALL_MATRIX:
        finite = mirror(H, 0, 1)
    else:
        with thread_pool() as run:
            finite = all(run([partial(mirror, H, k, 8) for k in range(8)]))
    expect(finite, "X, Y and theta", "a finite Hessian", np.inf)
    return H


def add_samples(network, x, y, N, parts, H):
    """Add a chunk of the N samples, on several threads where that pays."""
    plan, theta = network[:2]
    columns = np.ones((x.shape[1] + 1, len(x)))
    columns[:-1] = x.T
    chunk = columns, np.ascontiguousarray(y.T), N, parts
    if len(x) * float(len(H)) ** 2 < SMALL:
        add_chunk(*network, *chunk, columns, np.arange(len(columns)), H)
        return
    place = most_frequent_first(columns)
    live = columns[place]
    S, T = np.empty(n_pairs(plan) * len(x)), np.empty(n_squares(plan) * len(x))
    with thread_pool() as run:
        space, above, squares, betas = prepare(*network, *chunk, S, T, H), [], [], []
        for l in range(len(plan)):  # tasks in any order, the longest first
            at = l, live, place, space
            if l < len(plan) - 1:
                above += [partial(add_above, plan, theta, *at, S, T, H)]
            for first, last in panels(len(place) if l == 0 else plan[l, FAN_IN] + 1):
                squares += [partial(add_squares, plan, *at, S, first, last, H)]
            betas += [partial(add_betas, plan, *at, T, H)]
        run(above + squares + betas)


def most_frequent_first(columns):
    """Which inputs (p, B) are not always 0: first the bias's, last those that seldom count."""
    counts = np.count_nonzero(columns, axis=1)
    order = np.argsort(counts, kind="stable")[::-1]  # of equals the last first: the bias's
    return order[: np.count_nonzero(counts)]


def _samples_at_once(sizes):
    """How many samples a chunk may have, by an estimate of the numbers it needs for each."""
    inputs, units = sizes[:-1], sizes[1:]
    steps = max((n * m for n, m in pairwise(units)), default=0)
    numbers = 2 * sum(inputs) + 8 * sum(units) + 2 * sum(n * n for n in units) + 4 * steps
    return max(1, CHUNK // numbers)
