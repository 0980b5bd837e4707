"""The Hessian by blocks, as in `minifnn.hessian`, in kernels.

Only the lower triangle is summed; `mirror` completes it. Symmetric matrices per
sample, such as S, are kept as their pairs i >= i'. Sums over samples are matrix
products C with rows (i, i'), units, and columns (j, j'), inputs.

What is 0 adds nothing. Inputs of the first layer that are 0 in every sample of a
chunk are left out: `live` holds the others, the most frequent first, `place` says
which they are. A product takes a panel of inputs, and of the samples only those in
which one of them is not 0: of images, often half.
"""

from functools import partial
from itertools import pairwise

import numpy as np

from .._util.progress import chunks
from .._util.threads import thread_pool
from .._util.validation import expect
from .gates import compiled, gate_curvatures
from .network import (
    GATE,
    describe,
    inputs,
    layer,
    layer_betas,
    loss_curvature,
    make_space,
    pair,
    pair_rows,
    passes,
    square_rows,
    unit_rows,
    weights,
)

PANEL = 128  # about as many columns has one such matrix product
MOST = 0.9  # of the samples: if more count, it costs less to take all than to copy
SQUARES, FIELDS, BETAS = range(3)  # kinds of tasks


@compiled
def add_chunk(net, x, y, N, parts, live, place, H):
    """Add one chunk of the N samples to H, whose upper triangle is left to `mirror`.

    x (D + 1, B), with its row of ones, and y (K, B) hold the chunk; parts are the
    weights of the curvature of the loss and of its gradient; live (p, B) are the
    rows of x that count, place (p,) says which they are.
    """
    space = make_space(net.plan, x.shape[1], True)
    prepare(net, x, y, N, parts, space, H)
    for task in tasks(net.plan, len(live)):
        add_task(net, live, place, space, task, H)


@compiled
def tasks(plan, n_live):
    """What adds to different places of H, as (kind, layer, first, last): the longest first."""
    columns, squares = [], []
    for l in range(len(plan)):
        D, _, _, beta = layer(plan, l)
        columns.append((FIELDS, l, 0, 0))
        if beta >= 0:
            columns.append((BETAS, l, 0, 0))
        p, first = n_live if l == 0 else D + 1, 0
        for last in range(1, p + 1):
            if last == p or pair(last, 0) - pair(first, 0) >= PANEL:
                squares.append((SQUARES, l, first, last))
                first = last
    return columns + squares


@compiled
def add_task(net, live, place, space, task, H):
    """Add to H what one task gives, of this chunk of samples."""
    (kind, l, first, last), plan, B = task, net.plan, live.shape[1]
    _, I, start, beta = layer(plan, l)
    a = live if l == 0 else inputs(plan, l, space.a, B)
    places = place if l == 0 else np.arange(len(a))
    if kind == SQUARES:  # (W, W)
        _add_squares(plan, l, a, places, space, first, last, H)
    elif kind == FIELDS:  # all other rows, with W as columns
        if beta >= 0:
            T = square_rows(plan, l, space.T, B)
            _add(_sums(T, a, I, len(a)), beta, start, places, H)
        _climb(net, l, space, unit_rows(plan, l, space.f_h, B), a, start, places, H)
    else:  # a parameter without an input, that is, with the input 1
        f_beta, one = unit_rows(plan, l, space.f_beta, B), np.ones((1, B))
        _climb(net, l, space, f_beta, one, beta, np.zeros(1, np.int64), H)


@compiled
def prepare(net, x, y, N, parts, space, H):
    """What the blocks are made of: both passes, S and T. Adds (beta, beta) to H."""
    plan, B, last = net.plan, x.shape[1], len(net.plan) - 1
    o, G = passes(net, x, y, N, parts[1], space), pair_rows(plan, last, space.S, B)
    loss_curvature(net.loss, o, N, G)
    G *= parts[0]
    for l in range(last, -1, -1):
        _at_fields(net, l, space, B, H)
        if l > 0:
            _sandwich(net, l, space.S, B)


@compiled
def _at_fields(net, l, space, B, H):
    """From G, in the place of S, to S and T of a layer; (beta, beta) goes to H."""
    plan, (_, I, _, beta), bG = net.plan, layer(net.plan, l), np.empty(B)
    h, g = unit_rows(plan, l, space.h, B), unit_rows(plan, l, space.g, B)
    f_h, f_beta = unit_rows(plan, l, space.f_h, B), unit_rows(plan, l, space.f_beta, B)
    f_hh, f_hbeta, f_betabeta = np.empty_like(h), np.empty_like(h), np.empty_like(h)
    gate_curvatures(plan[l, GATE], h, layer_betas(net, l), f_hh, f_hbeta, f_betabeta)
    S, T = pair_rows(plan, l, space.S, B), square_rows(plan, l, space.T, B)
    for i in range(I):
        for j in range(i + 1):
            G = S[pair(i, j)]
            if beta >= 0:
                T_ij, T_ji = T[i * I + j], T[j * I + i]
                for n in range(B):
                    bG[n] = f_beta[i, n] * G[n]
                    T_ij[n] = bG[n] * f_h[j, n]  # (10.8)
                    T_ji[n] = f_h[i, n] * G[n] * f_beta[j, n]
                H[beta + i, beta + j] += np.dot(bG, f_beta[j])  # (10.9)
            for n in range(B):
                G[n] *= f_h[i, n] * f_h[j, n]  # (10.7)
        S[pair(i, i)] += f_hh[i] * g[i]
        if beta >= 0:
            H[beta + i, beta + i] += np.dot(f_betabeta[i], g[i])
            T[i * I + i] += f_hbeta[i] * g[i]


@compiled
def _whole(plan, l, S, B):
    """S of a layer with both its halves, (I I, B)."""
    (_, I, _, _), pairs = layer(plan, l), pair_rows(plan, l, S, B)
    square = np.empty((I * I, B))
    for i in range(I):
        for j in range(i + 1):
            square[i * I + j] = pairs[pair(i, j)]
            square[j * I + i] = pairs[pair(i, j)]
    return square


@compiled
def _sandwich(net, l, S, B):
    """G of the layer below, W S W^T, in the place of its S."""
    D, I, _, _ = layer(net.plan, l)
    W, below = weights(net.plan, l, net.theta)[:D], pair_rows(net.plan, l - 1, S, B)
    half = np.dot(W, _whole(net.plan, l, S, B).reshape(I, I * B))  # (D, I B)
    for i in range(D):
        G = below[pair(i, 0) : pair(i + 1, 0)]
        np.dot(W[: i + 1], half[i].reshape(I, B), G)  # (10.10)


@compiled
def _counting(a):
    """The samples that count for inputs a (q, B): where one of them is not 0."""
    q, B = a.shape
    counts = np.zeros(B, np.bool_)
    for j in range(q):
        for n in range(B):
            counts[n] |= a[j, n] != 0.0
    samples = np.flatnonzero(counts)
    return samples if len(samples) < MOST * B else np.arange(B)


@compiled
def _of(samples, values):
    """The columns of values (q, B) of these samples only; values itself where it is all of them."""
    if len(samples) == values.shape[1]:
        return values
    some = np.empty((len(values), len(samples)))
    for j in range(len(values)):
        for n in range(len(samples)):
            some[j, n] = values[j, samples[n]]
    return some


@compiled
def _outer(a, b, first=0, triangle=False):
    """Products a_j b_j' of rows j >= first of a and all rows j' of b, (pairs, B).

    For a triangle, of j' <= j only.
    """
    q, B = b.shape
    count = pair(len(a), 0) - pair(first, 0) if triangle else len(a) * q
    products, row = np.empty((count, B)), 0
    for j in range(first, len(a)):
        for j_prime in range(j + 1 if triangle else q):
            left, right, place = a[j], b[j_prime], products[row]
            for n in range(B):
                place[n] = left[n] * right[n]
            row += 1
    return products


@compiled
def _add_squares(plan, l, a, place, space, first, last, H):
    """Add to (W, W) of layer l: S_ii' a_j a_j' of the inputs first <= j < last.  (10.11)

    Both factors are symmetric, so that one matrix product of their pairs does.
    """
    _, I, start, _ = layer(plan, l)
    samples = _counting(a[first:last])
    some = _of(samples, a[:last])
    S = _of(samples, pair_rows(plan, l, space.S, a.shape[1]))
    C = np.dot(S, _outer(some, some, first, True).T)
    squares = np.empty((8, I, I))  # of eight columns at a time: that is how C comes from memory
    j, j_prime = first, 0
    for left in range(0, C.shape[1], 8):
        width = min(8, C.shape[1] - left)
        for i in range(I):
            for i_prime in range(i + 1):
                for c in range(width):
                    value = C[pair(i, i_prime), left + c]
                    squares[c, i, i_prime] = value
                    squares[c, i_prime, i] = value
        for c in range(width):
            below, above = max(place[j], place[j_prime]), min(place[j], place[j_prime])
            for i in range(I):
                row = H[start + below * I + i, start + above * I :][:I]
                for i_prime in range(I):
                    row[i_prime] += squares[c, i, i_prime]
            j, j_prime = (j, j_prime + 1) if j_prime < j else (j + 1, 0)


@compiled
def _climb(net, k, space, slope, source, columns, place, H):
    """Add the blocks of all layers above k with the parameters of k at `columns` of H.

    slope (I_k, B): how k's outputs change with its fields (or its betas);
    source (q, B): the inputs that these parameters weigh, at their `place`. On
    the way up, up_h and up_a (I I_k, B) are how a layer's fields and outputs change.
    """
    plan, (m, B), q, up_a = net.plan, slope.shape, len(source), slope
    for l in range(k + 1, len(plan)):
        D, I, start, beta = layer(plan, l)
        W, delta = weights(plan, l, net.theta)[:D], unit_rows(plan, l, space.delta, B)
        if l == k + 1:
            up_h = _first_step(W, slope)
            _add_delta_next(delta, slope, source, start, columns, place, H)
        else:
            up_h = np.dot(W.T, up_a.reshape(D, m * B)).reshape(I * m, B)  # (10.13)
            sums = _sums(up_a, _outer(delta, source), m, q)
            _add(np.swapaxes(sums, 0, 1), start, columns, place, H)
        S_up = _apply(_whole(plan, l, space.S, B), up_h, I)
        _add_products(S_up, inputs(plan, l, space.a, B), source, start, columns, m, place, H)
        if beta >= 0:
            T_up = _apply(square_rows(plan, l, space.T, B), up_h, I)
            _add(_sums(T_up, source, m, q), beta, columns, place, H)
        if l < len(plan) - 1:
            up_a = _through_gate(unit_rows(plan, l, space.f_h, B), up_h)


@compiled
def _add_products(S_up, a, source, start, columns, m, place, H):
    """Add S_up,ii' a_j a~_j' to H: all j of the upper layer, all j' of the source.  (10.12)

    A panel of source inputs at a time, with the samples that count for it.
    """
    p, q, I = len(a), len(source), len(S_up) // m
    width = min(q, max(1, PANEL // p))
    for left in range(0, q, width):
        right = min(left + width, q)
        samples = _counting(source[left:right])
        lower, S_some = _of(samples, source[left:right]), _of(samples, S_up)
        for first in range(0, p, PANEL // width):
            upper = _of(samples, a[first : first + PANEL // width])
            sums = _sums(S_some, _outer(upper, lower), m, len(lower))
            _add(sums, start + first * I, columns, place[left:right], H)


@compiled
def _first_step(W, slope):
    """From the outputs of a layer to the fields of the next: W_i'i slope_i', (I I_k, B)."""
    m, I = W.shape
    up_h = np.empty((I * m, slope.shape[1]))
    for row in range(len(up_h)):
        w, slope_j, place = W[row % m, row // m], slope[row % m], up_h[row]
        for n in range(len(place)):
            place[n] = w * slope_j[n]
    return up_h


@compiled
def _through_gate(f_h, up_h):
    """From the fields of a layer to its outputs: f_h,i up_h,ii'."""
    m = len(up_h) // len(f_h)
    up_a = np.empty_like(up_h)
    for row in range(len(up_h)):
        f_i, up, place = f_h[row // m], up_h[row], up_a[row]
        for n in range(len(place)):
            place[n] = f_i[n] * up[n]
    return up_a


@compiled
def _apply(A, v, I):
    """A v for each sample: A (I I, B), v (I m, B) -> (I m, B)."""
    m, B = len(v) // I, v.shape[1]
    Av = np.zeros_like(v)
    for i in range(I):
        for k in range(I):
            if not A[i * I + k].any():  # these outputs do not depend on each other
                continue
            for j in range(m):
                A_ik, v_kj, Av_ij = A[i * I + k], v[k * m + j], Av[i * m + j]
                for n in range(B):
                    Av_ij[n] += A_ik[n] * v_kj[n]
    return Av


@compiled
def _sums(M, products, m, q):
    """Sums over samples of M (I m, B) times products (p q, B), as (p, I, q, m)."""
    C = np.dot(M, products.T)
    return C.reshape(len(M) // m, m, len(products) // q, q).transpose(2, 0, 3, 1)


@compiled
def _add(sums, start, columns, place, H):
    """Add sums (p, I, q, m) to H, from a row `start` and `columns` on; j' has its place there."""
    p, I, q, m = sums.shape
    for j in range(p):
        for i in range(I):
            for j_prime in range(q):
                left = columns + place[j_prime] * m
                row = H[start + j * I + i, left : left + m]
                for i_prime in range(m):
                    row[i_prime] += sums[j, i, j_prime, i_prime]


@compiled
def _add_delta_next(delta, slope, source, start, columns, place, H):
    """sum_n delta_i slope_j a~_j' for the layer next to the source's, whose unit j feeds it."""
    I, m, q = len(delta), len(slope), len(source)
    C = np.dot(_outer(delta, slope), source.T)  # (I m, q)
    for j in range(m):
        for i in range(I):
            for j_prime in range(q):
                H[start + j * I + i, columns + place[j_prime] * m + j] += C[i * m + j, j_prime]


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


SMALL = 1e7  # operations up to which several threads do not pay
SMALL_MATRIX = 300  # parameters, likewise


def by_blocks(net, X, Y, curvature, residual, progress=False):
    """H (P, P); with residual=0 its Gauss-Newton part, with curvature=0 the rest.

    The blocks of a chunk are tasks that write to different places of H, so that
    the result is the same for any number of threads.
    """
    arrays, P, parts = describe(net), net.n_parameters, (curvature, residual)
    H = np.empty((P, P))  # large pages, unlike zeros
    H.fill(0.0)
    for _, x, y in chunks(X, Y, _numbers(net.sizes), progress):
        add_samples(arrays, x, y, len(X), parts, H)
    if P < SMALL_MATRIX:
        finite = mirror(H, 0, 1)
    else:
        with thread_pool() as run:
            finite = all(run([partial(mirror, H, k, 8) for k in range(8)]))
    expect(finite, "X, Y and theta", "a finite Hessian", np.inf)
    return H


def _numbers(sizes):
    """How many numbers a sample needs, estimated."""
    inputs, units = sizes[:-1], sizes[1:]
    steps = max((n * m for n, m in pairwise(units)), default=0)
    return 2 * sum(inputs) + 8 * sum(units) + 2 * sum(n * n for n in units) + 4 * steps


def add_samples(net, x, y, N, parts, H):
    """Add a chunk of the N samples, x (B, D) and y (B, K), on several threads where that pays."""
    columns = np.ones((x.shape[1] + 1, len(x)))
    columns[:-1] = x.T
    chunk = columns, np.ascontiguousarray(y.T), N, parts
    if len(x) * float(len(H)) ** 2 < SMALL:
        add_chunk(net, *chunk, columns, np.arange(len(columns)), H)
        return
    place = most_frequent_first(columns)
    live = columns[place]
    space = make_space.py_func(net.plan, len(x), True)  # NumPy's: large pages, unlike Numba's
    with thread_pool() as run:
        prepare(net, *chunk, space, H)
        run([partial(add_task, net, live, place, space, t, H) for t in tasks(net.plan, len(live))])


def most_frequent_first(columns):
    """Which inputs (p, B) are not always 0: first the bias's, last those that seldom count."""
    counts = np.count_nonzero(columns, axis=1)
    order = np.argsort(counts, kind="stable")[::-1]  # of equals the last first: the bias's
    return order[: np.count_nonzero(counts)]
