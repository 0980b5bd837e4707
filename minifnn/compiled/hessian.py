"""The Hessian by blocks, as in `minifnn.hessian`: matrix products by NumPy, the rest in kernels.

Samples are columns, (I, m, B), and a sum over samples is a matrix product of units (i, i')
by inputs (j, j'). `add` puts it into H, below the diagonal; `mirror` completes H.

What is 0 adds nothing. Inputs of the first layer that are 0 in every sample of a chunk are
left out; `place` says which are not, the most frequent first. A product takes a panel of
inputs, and only the samples in which one of them is not 0: of images, often half.
"""

from contextlib import nullcontext
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from .._util.progress import chunks
from .._util.threads import quiet, thread_pool
from .._util.validation import expect
from .gates import compiled, curvatures
from .network import BERNOULLI, CATEGORICAL, describe, dot, make_space, passes, with_ones

PANEL = 256  # about as many columns has one such matrix product
MOST = 0.9  # of the samples: if more count, it costs less to take all than to copy
SMALL = 1e7  # operations up to which neither threads pay nor a look for zeros
NONE = np.empty((0, 0, 0))


def by_blocks(net, X, Y, curvature, residual, progress=False):
    """H (P, P); with residual=0 its Gauss-Newton part, with curvature=0 the rest.

    Tasks write to different places of H: the same bits for any number of threads.
    """
    P, units = net.n_parameters, net.sizes[1:]
    large, H = len(X) * float(P) ** 2 >= SMALL, np.empty((P, P))
    H.fill(0.0)  # and not np.zeros, whose pages are small
    np.fill_diagonal(H, curvature * net.ridge)
    numbers = 2 * sum(net.sizes[:-1]) + sum(8 * n + 3 * n * n for n in units)  # per sample
    numbers += 4 * max((n * m for n, m in pairwise(units)), default=0)
    one_by_one = nullcontext(lambda tasks: [task() for task in tasks])
    with quiet(), thread_pool() if large else one_by_one as run:
        for share, x, y in chunks(X, Y, numbers, progress):
            run(tasks(derivatives(net, x, y, share * curvature, share * residual, large), H))
        finite = run(partial(mirror, H, k, 8 if large else 1) for k in range(8 if large else 1))
    expect(all(finite), "X, Y and theta", "a finite Hessian", np.inf)
    return H


def passed(net, x, y, share):
    """Both passes for a chunk of B samples: the layers, and the loss's number, p and rest.

    A layer has W (D, I); `start` and `beta`, where its weights and its betas (or -1) start in
    theta; its inputs and 1, a (D + 1, B); f_h, f_beta, g, delta (I, B); and its `fields`.
    """
    arrays, layers, B = describe(net), [], len(x)
    samples, space = with_ones(x), make_space(arrays, B)
    passes(arrays, samples, y.T.copy(), 0, B, share / B, space, np.empty(0))
    a = samples[0].T if samples[3] else samples[0]
    for l, (_, I, gate, start, beta, row) in enumerate(arrays.plan.tolist()):
        h, f_h, f_beta, g, delta = (part[row : row + I] for part in space[1:6])
        own = dict(W=net.layers[l].dense.W, start=start, beta=beta, a=a, f_h=f_h, f_beta=f_beta)
        layers.append(SimpleNamespace(**own, g=g, delta=delta, fields=(gate, net.betas[l], h)))
        a = space.a[row + l : row + l + I + 1]
    return layers, arrays.loss, space.p, space.rest


def both_passes(net, x, y, share):
    """What `minifnn.curvature.operator` keeps of a chunk of samples."""
    layers, loss, p, rest = passed(net, x, y, share)
    share = share / p.size if loss == BERNOULLI else share / len(x)
    for l, own in enumerate(layers):
        g_hh, *bent = np.empty((3, *own.g.shape))
        bend(*own.fields, own.g, g_hh, *bent)
        layers[l] = own.W, own.a[:-1], own.f_h, own.delta, g_hh, own.f_beta, *bent
    return layers, (p, p * share) if loss == CATEGORICAL else p * rest * share


def derivatives(net, x, y, curvature, residual, large):
    """What the blocks are made of, for a chunk of B samples: `passed`, and for each layer more.

    The `place` of its inputs; S and T (I, I, B); the `pairs` of S, for i >= i'; and B_ (I, I),
    already summed.
    """
    (layers, loss, p, rest), (K, B) = passed(net, x, y, residual), (net.sizes[-1], len(x))
    first = layers[0]
    first.place = most_frequent_first(first.a) if large else np.arange(len(first.a))
    first.a = first.a[first.place] if large else first.a
    G = np.zeros((K, K, B)) if loss != CATEGORICAL else -p[:, None] * p  # (4.6)
    G[range(K), range(K)] = p * rest  # (4.3), (4.6), (4.9)
    G *= curvature / (B * K if loss == BERNOULLI else B)
    for l in range(len(layers) - 1, -1, -1):
        own, (D, I) = layers[l], layers[l].W.shape
        own.large, own.place = large, np.arange(D + 1) if l > 0 else own.place
        own.pairs, own.B_ = np.empty((I * (I + 1) // 2, B)), np.zeros((I, I))
        own.S = np.empty((I, I, B)) if l > 0 else NONE
        own.T = np.empty((I, I, B)) if own.beta >= 0 else NONE
        curve(*own.fields, own.f_h, own.f_beta, own.g, G, own.pairs, own.S, own.T, own.B_)
        if l > 0:
            G = own.W @ (own.W @ own.S.reshape(I, I * B)).reshape(D, I, B)  # (10.10)
    return layers


@compiled
def bend(gate, beta, h, g, g_hh, g_hbeta, g_betabeta):
    """g times the second derivatives of a layer's gates, (I, B) each."""
    for i in range(len(h)):
        g_i, hh, hbeta, betabeta, B = g[i], g_hh[i], g_hbeta[i], g_betabeta[i], h.shape[1]
        curvatures(gate, beta[i], h[i], hh, hbeta, betabeta, B)
        for n in range(B):
            hh[n], hbeta[n], betabeta[n] = g_i[n] * hh[n], g_i[n] * hbeta[n], g_i[n] * betabeta[n]


def most_frequent_first(a):
    """Which inputs (p, B) are not always 0: first the bias's, last those that seldom count."""
    counts = np.count_nonzero(a, axis=1)
    order = np.argsort(counts, kind="stable")[::-1]  # of equals the last first: the bias's
    return order[: np.count_nonzero(counts)]


@compiled
def curve(gate, beta, h, f_h, f_beta, g, G, pairs, S, T, B_):
    """From G (I, I, B) at a layer's outputs to pairs and B_; S and T if there is room for them."""
    (I, B), row = h.shape, 0
    f_hh, f_hbeta, f_betabeta = np.empty(B), np.empty(B), np.empty(B)
    for i in range(I):
        for j in range(i + 1):
            G_ij, S_ij, h_i, h_j = G[i, j], pairs[row], f_h[i], f_h[j]
            b_i, b_j = f_beta[i], f_beta[j]
            for n in range(B):
                S_ij[n] = h_i[n] * h_j[n] * G_ij[n]  # (10.7)
            if len(T) > 0:
                T_ij, T_ji = T[i, j], T[j, i]
                for n in range(B):
                    T_ij[n] = b_i[n] * G_ij[n]
                B_[i, j] = dot(T_ij, b_j, B)  # (10.9)
                for n in range(B):
                    T_ij[n] *= h_j[n]  # (10.8)
                    T_ji[n] = h_i[n] * G_ij[n] * b_j[n]
            row += 1
        curvatures(gate, beta[i], h[i], f_hh, f_hbeta, f_betabeta, B)
        for n in range(B):
            pairs[row - 1, n] += f_hh[n] * g[i, n]
        if len(T) > 0:
            for n in range(B):
                T[i, i, n] += f_hbeta[n] * g[i, n]
            B_[i, i] += dot(f_betabeta, g[i], B)
        for j in range(i + 1 if len(S) > 0 else 0):
            for n in range(B):
                S[i, j, n] = pairs[row - 1 - i + j, n]
                S[j, i, n] = pairs[row - 1 - i + j, n]


def tasks(layers, H):
    """Functions that add to different places of H: the longest first."""
    one = np.ones((1, layers[0].a.shape[1]))
    for k, own in enumerate(layers):
        yield partial(climb, layers[k:], own.f_h, own.a, own.start, own.place, H)
        if own.beta >= 0:
            yield partial(climb, layers[k:], own.f_beta, one, own.beta, np.zeros(1, int), H)
            yield partial(add_betas, own, H)
    for own in layers:
        first, p = 0, len(own.a)
        for last in range(1, p + 1):
            if last == p or (last * (last + 1) - first * (first + 1)) // 2 >= PANEL:
                yield partial(add_squares, own, first, last, H)
                first = last


def add_betas(own, H):
    """(beta, beta) and (beta, W) of a layer: B_ and T_ii' a_j."""
    I, _, B = own.T.shape
    H[own.beta : own.beta + I, own.beta : own.beta + I] += own.B_
    C = (own.T.reshape(I * I, B) @ own.a.T).reshape(I, I, 1, len(own.a))
    add(C, own.beta, 0, own.start, own.place, H)  # (10.11)


def add_squares(own, first, last, H):
    """(W, W) of a layer: S_ii' a_j a_j' for the inputs first <= j < last and all j' <= j.

    Both factors are symmetric, so that one matrix product of their pairs does.
    """
    a, pairs = where_not_0(own.a[first:last], own.large, own.a[:last], own.pairs)
    products = np.empty((last * (last + 1) // 2 - first * (first + 1) // 2, a.shape[1]))
    outer_pairs(a, first, products)
    add_pairs(pairs @ products.T, first, len(own.f_h), own.start, own.place, H)  # (10.11)


def climb(path, slope, source, columns, place, H):
    """All layers above the first of a path with its parameters, which lie at `columns` of H.

    slope (m, B): how its outputs change with its fields (or its betas); source (q, B): the
    inputs that these parameters weigh, at their `place`. On the way up, up_h and up_a
    (I, m, B) are how a layer's fields and outputs change.
    """
    (m, B), q, up_h = slope.shape, len(source), None
    for below, own in pairwise(path):
        D, I = own.W.shape
        if up_h is None:
            C = (outer(own.delta, slope) @ source.T).reshape(I, m, 1, q)
            add(C, own.start, I, columns, place, H)  # (10.12)
            up_h = np.multiply(own.W.T[:, :, None], slope, order="C")
        else:
            up_a = below.f_h[:, None] * up_h
            C = (up_a.reshape(D * m, B) @ outer(own.delta, source).T).reshape(D, m, I, q)
            add(np.ascontiguousarray(C.transpose(2, 1, 0, 3)), own.start, 0, columns, place, H)
            up_h = (own.W.T @ up_a.reshape(D, m * B)).reshape(I, m, B)  # (10.13)
        S_up, T_up = np.empty_like(up_h), np.empty_like(up_h)
        apply(own.S, up_h, S_up)
        width = min(q, max(1, PANEL // (D + 1)))
        for left in range(0, q, width):
            panel = slice(left, left + width)
            b, a, some = where_not_0(source[panel], own.large, source[panel], own.a, S_up)
            for j in range(0, D + 1, PANEL // width):
                C = some.reshape(I * m, -1) @ outer(a[j : j + PANEL // width], b).T
                C = C.reshape(I, m, -1, len(b))
                add(C, own.start + j * I, 0, columns, place[panel], H)  # (10.12)
        if own.beta >= 0:
            apply(own.T, up_h, T_up)
            C = (T_up.reshape(I * m, B) @ source.T).reshape(I, m, 1, q)
            add(C, own.beta, 0, columns, place, H)  # (10.12)


def outer(a, b):
    """Products a_j b_j' of all rows of a (p, B) and b (q, B): (p q, B)."""
    return (a[:, None] * b).reshape(-1, a.shape[1])


@compiled
def outer_pairs(a, first, products):
    """Products a_j a_j' for j >= first and j' <= j."""
    row = 0
    for j in range(first, len(a)):
        for k in range(j + 1):
            a_j, a_k, place = a[j], a[k], products[row]
            for n in range(len(place)):
                place[n] = a_j[n] * a_k[n]
            row += 1


def where_not_0(a, large, *arrays):
    """Arrays (..., B), with the samples only in which one of the inputs a (p, B) is not 0."""
    samples = np.flatnonzero(a.any(axis=0)) if large else ()
    if not large or len(samples) > MOST * a.shape[1]:
        return arrays
    return [np.take(array, samples, axis=-1) for array in arrays]


@compiled
def apply(A, v, Av):
    """Av = A v for each sample: A (I, I, B), v and Av (I, m, B)."""
    I, m, B = v.shape
    for i in range(I):
        for j in range(m):
            for n in range(B):
                Av[i, j, n] = 0.0
        for k in range(I):
            A_ik, counts = A[i, k], False
            for n in range(B):
                counts |= A_ik[n] != 0.0
            for j in range(m if counts else 0):  # else these outputs do not depend on each other
                v_kj, Av_ij = v[k, j], Av[i, j]
                for n in range(B):
                    Av_ij[n] += A_ik[n] * v_kj[n]


@compiled
def add(C, start, shift, columns, place, H):
    """Add sums C (I, m, p, q) to H, from a row `start` and `columns` on; j' has its place there.

    Rows are shifted for each i', where that is an input of the upper layer.
    """
    I, m, p, q = C.shape
    for j in range(p):
        for i in range(I):
            for k in range(q):
                row, left = start + j * I + i, columns + place[k] * m
                for i_prime in range(m):
                    H[row + i_prime * shift, left + i_prime] += C[i, i_prime, j, k]


@compiled
def add_pairs(C, first, I, start, place, H):
    """Add sums C, pairs i >= i' by pairs j >= j' from j = first on, to (W, W) of a layer."""
    j, j_prime = first, 0
    for c in range(C.shape[1]):
        below = start + max(place[j], place[j_prime]) * I
        above, row = start + min(place[j], place[j_prime]) * I, 0
        for i in range(I):
            for i_prime in range(i):
                H[below + i, above + i_prime] += C[row, c]
                H[below + i_prime, above + i] += C[row, c]
                row += 1
            H[below + i, above + i] += C[row, c]
            row += 1
        j, j_prime = (j, j_prime + 1) if j_prime < j else (j + 1, 0)


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
