"""Lesson 9 read cold: wrong answers and unusual right ones; the mutants were not seen."""

import math
from itertools import pairwise

import numpy as np

# ------------------------------------------------------------------ 9.2


def never_stable(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        p = 1 / (1 + exp(-u))
        w = p * (1 - p)
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def same_p_for_both_signs(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        p = 1 / (1 + exp(-abs(u)))
        w = p * (1 - p)
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def branches_exchanged(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = e / (1 + e) if u >= 0 else 1 / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def w_without_square(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e)
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def h_for_u(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + h[n] * w, h[n] ** 2 * w
    return f, f_h, f_beta


def u_squared(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, u**2 * w
    return f, f_h, f_beta


def sign_of_h(h, beta, exp):
    """As if beta were never negative."""
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if h[n] >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def whole_array_inside(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h
        e = exp(-np.abs(u))
        p = 1 / (1 + e)
        w = p * (1 - p)
        f[n], f_h[n], f_beta[n] = h * p, p + u * w, h**2 * w
    return f, f_h, f_beta


def slopes_exchanged(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, h[n] ** 2 * w, p + u * w
    return f, f_h, f_beta


def return_inside(h, beta, exp):
    f, f_h, f_beta = np.zeros((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
        return f, f_h, f_beta


def last_sample_left_out(h, beta, exp):
    f, f_h, f_beta = np.zeros((3, len(h)))
    for n in range(len(h) - 1):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def beta_forgotten_in_exp(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(h[n]))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = p * (1 - p)
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def p_for_f(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def two_exponentials(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        p = 1 / (1 + exp(-abs(u)))
        if u < 0:
            p = exp(-abs(u)) * p
        w = p * (1 - p)
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def forgets_exp(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = np.exp(-abs(u))
        p = 1 / (1 + e) if u >= 0 else e / (1 + e)
        w = e / (1 + e) ** 2
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def one_minus_for_negative(h, beta, exp):
    """Right: p of -u is 1 minus p of u, but the small p loses its digits."""
    f, f_h, f_beta = np.empty((3, len(h)))
    for n in range(len(h)):
        u = beta * h[n]
        e = exp(-abs(u))
        p = 1 / (1 + e)
        w = p * (1 - p)
        if u < 0:
            p = 1 - p
        f[n], f_h[n], f_beta[n] = h[n] * p, p + u * w, h[n] ** 2 * w
    return f, f_h, f_beta


def right_with_numerator(h, beta, exp):
    f, f_h, f_beta = np.empty((3, len(h)))
    for n, h_n in enumerate(h):
        e = exp(-abs(beta * h_n))
        q = 1 / (1 + e)
        top = 1.0 if beta * h_n >= 0 else e
        p, w = top * q, e * q * q
        f[n] = p * h_n
        f_h[n] = p + beta * f[n] * (1 - p) if e > 0.5 else p + beta * h_n * w
        f_beta[n] = h_n * h_n * w
    return f, f_h, f_beta


def right_from_f(h, beta, exp):
    out = np.zeros((3, h.size))
    for n in range(h.size):
        u = beta * h[n]
        m = u if u < 0 else -u
        e = exp(m)
        p = e / (e + 1)
        w = p / (1 + e)
        if u >= 0:
            p = 1 / (e + 1)
        out[0, n] = h[n] * p
        out[1, n] = p + u * w
        out[2, n] = h[n] * h[n] * w
    return out[0], out[1], out[2]


def right_max(h, beta, exp):
    N = h.shape[0]
    f, f_h, f_beta = np.empty(N), np.empty(N), np.empty(N)
    for n in range(N):
        u = beta * h[n]
        e = exp(min(u, -u))
        p = (1 if u > 0 else e) / (1 + e)
        w = e / (1 + 2 * e + e * e)
        f[n], f_h[n], f_beta[n] = p * h[n], w * u + p, w * h[n] ** 2
    return f, f_h, f_beta


# ------------------------------------------------------------------ 9.4


def floor_for_round(x, degree):
    k = np.floor(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return 2.0**k * s


def no_reduction(x, degree):
    s = np.ones_like(x)
    for n in range(degree, 0, -1):
        s = 1 + x / n * s
    return s


def k_forgotten(x, degree):
    k = np.round(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return s


def one_term_short(x, degree):
    k = np.round(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(degree - 1, 0, -1):
        s = 1 + r / n * s
    return 2.0**k * s


def one_term_more(x, degree):
    k = np.round(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(degree + 1, 0, -1):
        s = 1 + r / n * s
    return 2.0**k * s


def upwards(x, degree):
    k = np.round(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(1, degree + 1):
        s = 1 + r / n * s
    return 2.0**k * s


def factorials_forgotten(x, degree):
    k = np.round(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for _ in range(degree, 0, -1):
        s = 1 + r * s
    return 2.0**k * s


def exp_for_two(x, degree):
    k = np.round(x / np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return np.exp(k) * s


def whole_part_of_x(x, degree):
    """Base e in place of base 2."""
    k = np.round(x)
    r = x - k
    s = np.ones_like(x)
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return 2.0**k * s


def times_for_divided(x, degree):
    k = np.round(x * np.log(2))
    r = x - k * np.log(2)
    s = np.ones_like(x)
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return 2.0**k * s


def truncated_and_forgotten_one(x, degree):
    """Two slips: int for round, and the series starts at r."""
    k = np.trunc(x / np.log(2))
    r = x - k * np.log(2)
    s = np.zeros_like(x)
    term = np.ones_like(x)
    for n in range(1, degree + 1):
        term = term * r / n
        s = s + term
    return 2.0**k * s


def remainder_of_numpy(x, degree):
    k, r = np.divmod(x, np.log(2))
    s = 1.0
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return 2**k * s


def by_exp_itself(x, degree):
    return np.exp(x)


def rounded_ln2(x, degree):
    k = np.rint(x / 0.693)
    r = x - k * 0.693
    s = 1.0
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return 2**k * s


def integer_power(x, degree):
    """2 ** k of an integer array: NumPy refuses negative powers."""
    k = np.round(x / np.log(2)).astype(int)
    r = x - k * np.log(2)
    s = 1.0
    for n in range(degree, 0, -1):
        s = 1 + r / n * s
    return 2**k * s


def right_ldexp(x, degree):
    k = np.rint(x * np.log2(np.e)).astype(int)
    r = x - k * np.log(2)
    total, term = np.ones_like(x), np.ones_like(x)
    for n in range(1, degree + 1):
        term = term * r / n
        total += term
    return np.ldexp(total, k)


def right_floor_plus_half(x, degree):
    k = np.floor(x / np.log(2) + 0.5)
    r = x - k * np.log(2)
    return sum(r**n / math.factorial(n) for n in range(degree + 1)) * np.exp2(k)


def right_polyval(x, degree):
    k = (x / np.log(2)).round()
    c = [1 / math.factorial(n) for n in range(degree, -1, -1)]
    return np.polyval(c, x - np.log(2) * k) * np.power(2.0, k)


# ------------------------------------------------------------------ 9.6


def not_turned(dh, a, W):
    return a.T @ dh, dh.sum(axis=0), dh @ W.T


def dW_turned(dh, a, W):
    return dh @ a.T, dh.sum(axis=1), W @ dh


def db_wrong_axis(dh, a, W):
    return a @ dh.T, dh.sum(axis=0), W @ dh


def db_kept(dh, a, W):
    return a @ dh.T, dh.sum(axis=1, keepdims=True), W @ dh


def da_turned(dh, a, W):
    return a @ dh.T, dh.sum(axis=1), (W @ dh).T


def W_turned(dh, a, W):
    return a @ dh.T, dh.sum(axis=1), W.T @ dh


def averaged(dh, a, W):
    N = dh.shape[1]
    return a @ dh.T / N, dh.mean(axis=1), W @ dh


def db_averaged(dh, a, W):
    return a @ dh.T, dh.mean(axis=1), W @ dh


def exchanged(dh, a, W):
    return W @ dh, dh.sum(axis=1), a @ dh.T


def db_all(dh, a, W):
    return a @ dh.T, dh.sum(), W @ dh


def with_delta_slip(dh, a, W):
    """da with a in place of dh."""
    return a @ dh.T, dh.sum(axis=1), W @ W.T @ a


def two_turned(dh, a, W):
    return (a @ dh.T).T, dh.sum(axis=1), (W @ dh).T


def right_einsum(dh, a, W):
    return (
        np.einsum("dn,hn->dh", a, dh),
        np.einsum("hn->h", dh),
        np.einsum("dh,hn->dn", W, dh),
    )


def right_turned_back(dh, a, W):
    d, x = dh.T, a.T
    return x.T @ d, d.sum(axis=0), (d @ W.T).T


def right_ones(dh, a, W):
    return (dh @ a.T).T, dh @ np.ones(dh.shape[1]), np.dot(W, dh)


# ------------------------------------------------------------------ 9.7


def just_added(share, N, B):
    return sum(share(first, min(first + B, N)) for first in range(0, N, B))


def mean_of_blocks(share, N, B):
    shares = [share(first, min(first + B, N)) for first in range(0, N, B)]
    return np.mean(shares, axis=0)


def b_for_the_last(share, N, B):
    return sum(share(first, min(first + B, N)) * B / N for first in range(0, N, B))


def not_divided(share, N, B):
    g = 0
    for first in range(0, N, B):
        last = min(first + B, N)
        g = g + (last - first) * share(first, last)
    return g


def rest_left_out(share, N, B):
    g = 0
    for block in range(N // B):
        g = g + share(block * B, (block + 1) * B) * B / N
    return g


def beyond_the_end(share, N, B):
    g = 0
    for first in range(0, N, B):
        g = g + share(first, first + B) * B / N
    return g


def last_is_included(share, N, B):
    g = 0
    for first in range(0, N, B):
        last = min(first + B, N) - 1
        g = g + share(first, last) * (last - first + 1) / N
    return g


def one_too_few(share, N, B):
    """As one who takes last as included, and counts so too: two slips at once."""
    g = 0
    for first in range(0, N, B):
        last = min(first + B - 1, N - 1)
        g = g + share(first, last) * (last - first) / N
    return g


def no_blocks(share, N, B):
    return share(0, N)


def divided_by_b(share, N, B):
    g = 0
    for first in range(0, N, B):
        last = min(first + B, N)
        g = g + share(first, last) * (last - first) / B
    return g


def returns_first(share, N, B):
    g = 0
    for first in range(0, N, B):
        last = min(first + B, N)
        g = g + share(first, last) * (last - first) / N
        return g


def blocks_counted(share, N, B):
    """Divided by the number of blocks, rounded up: the blocks count alike."""
    n = -(-N // B)
    return sum(share(b * B, min((b + 1) * B, N)) for b in range(n)) / n


def overlapping(share, N, B):
    """The last block is moved back so that it is full."""
    g = 0
    for first in range(0, N, B):
        first = max(0, min(first, N - B))
        last = min(first + B, N)
        g = g + share(first, last) * (last - first) / N
    return g


def right_average(share, N, B):
    edges = [*range(0, N, B), N]
    sizes = np.diff(edges)
    shares = [share(a, b) for a, b in pairwise(edges)]
    return np.average(shares, axis=0, weights=sizes)


def right_running_mean(share, N, B):
    g, done = 0.0, 0
    while done < N:
        last = min(done + B, N)
        g = (g * done + share(done, last) * (last - done)) / last
        done = last
    return g


def right_even_blocks(share, N, B):
    """Blocks of nearly the same size, none larger than B."""
    n = math.ceil(N / B)
    edges = [N * i // n for i in range(n + 1)]
    return sum((b - a) / N * share(a, b) for a, b in pairwise(edges))


ANSWERS = [
    ("9.1", "wrong", "1 over 0.6 / 10, the rest forgotten", 10 / 0.6),
    ("9.1", "wrong", "0.6 times 10", 6.0),
    ("9.1", "wrong", "the time that is left, not the times as fast", 0.46),
    ("9.1", "wrong", "shares exchanged: 0.6 + 0.4 / 10", 1 / 0.64),
    ("9.1", "wrong", "0.4 + 0.6 times 10", 6.4),
    ("9.1", "wrong", "per cent saved", 54.0),
    ("9.1", "wrong", "the limit, 1 / 0.4", 2.5),
    ("9.1", "wrong", "rounded to 2.2", 2.2),
    ("9.1", "wrong", "saved, as a share", 0.54),
    ("9.1", "wrong", "a word", "2.17 times"),
    ("9.1", "right", "typed with three digits", 2.174),
    ("9.1", "right", "a numpy number", np.float64(100 / 46)),
    ("9.2", "wrong", "exp(-u), which overflows", never_stable),
    ("9.2", "wrong", "p of |u| for both signs", same_p_for_both_signs),
    ("9.2", "wrong", "branches exchanged", branches_exchanged),
    ("9.2", "wrong", "w = e/(1 + e), square forgotten", w_without_square),
    ("9.2", "wrong", "h w in place of u w", h_for_u),
    ("9.2", "wrong", "u^2 w in place of h^2 w", u_squared),
    ("9.2", "wrong", "sign of h asked, not of u", sign_of_h),
    ("9.2", "wrong", "whole arrays in the loop", whole_array_inside),
    ("9.2", "wrong", "the slopes exchanged", slopes_exchanged),
    ("9.2", "wrong", "return within the loop", return_inside),
    ("9.2", "wrong", "last sample left out", last_sample_left_out),
    ("9.2", "wrong", "exp(-|h|), beta forgotten", beta_forgotten_in_exp),
    ("9.2", "wrong", "f = p, h forgotten", p_for_f),
    ("9.2", "wrong", "exp twice for a sample", two_exponentials),
    ("9.2", "wrong", "np.exp in place of the one handed in", forgets_exp),
    ("9.2", "wrong", "1 - p for u < 0 loses digits", one_minus_for_negative),
    ("9.2", "right", "numerator 1 or e", right_with_numerator),
    ("9.2", "right", "from e/(1+e)", right_from_f),
    ("9.2", "right", "min(u, -u), square written out", right_max),
    ("9.4", "wrong", "floor in place of round", floor_for_round),
    ("9.4", "wrong", "series of x itself", no_reduction),
    ("9.4", "wrong", "2^k forgotten", k_forgotten),
    ("9.4", "wrong", "one term short", one_term_short),
    ("9.4", "wrong", "one term more", one_term_more),
    ("9.4", "wrong", "Horner from the wrong end", upwards),
    ("9.4", "wrong", "no division by n", factorials_forgotten),
    ("9.4", "wrong", "e^k in place of 2^k", exp_for_two),
    ("9.4", "wrong", "k = round(x), base e", whole_part_of_x),
    ("9.4", "wrong", "k = x ln 2", times_for_divided),
    ("9.4", "wrong", "trunc, and the 1 forgotten", truncated_and_forgotten_one),
    ("9.4", "wrong", "divmod: rest up to ln 2", remainder_of_numpy),
    ("9.4", "wrong", "np.exp", by_exp_itself),
    ("9.4", "wrong", "0.693 for ln 2", rounded_ln2),
    ("9.4", "wrong", "2 ** k of integers", integer_power),
    ("9.4", "right", "ldexp, term by term", right_ldexp),
    ("9.4", "right", "floor(x/ln 2 + 1/2), powers and factorials", right_floor_plus_half),
    ("9.4", "right", "polyval", right_polyval),
    ("9.5", "wrong", "the first term that is left out, not the last kept", 14),
    ("9.5", "wrong", "one too few", 12),
    ("9.5", "wrong", "rests up to ln 2, not half of it", 17),
    ("9.5", "wrong", "the number of digits", 16),
    ("9.5", "wrong", "rest up to 1", 18),
    ("9.5", "wrong", "the rest itself", 0.35),
    ("9.5", "wrong", "no factorials: r^n only", 34),
    ("9.5", "right", "a float", 13.0),
    ("9.6", "wrong", "the old lines", not_turned),
    ("9.6", "wrong", "dW transposed", dW_turned),
    ("9.6", "wrong", "db over units", db_wrong_axis),
    ("9.6", "wrong", "db as a column", db_kept),
    ("9.6", "wrong", "da transposed", da_turned),
    ("9.6", "wrong", "W transposed", W_turned),
    ("9.6", "wrong", "means for sums", averaged),
    ("9.6", "wrong", "db a mean", db_averaged),
    ("9.6", "wrong", "dW and da exchanged", exchanged),
    ("9.6", "wrong", "db one number", db_all),
    ("9.6", "wrong", "da from a", with_delta_slip),
    ("9.6", "wrong", "dW and da transposed", two_turned),
    ("9.6", "right", "einsum", right_einsum),
    ("9.6", "right", "turned, done in rows, turned back", right_turned_back),
    ("9.6", "right", "db by a product with ones", right_ones),
    ("9.7", "wrong", "just added", just_added),
    ("9.7", "wrong", "mean of the blocks", mean_of_blocks),
    ("9.7", "wrong", "B/N for the last block too", b_for_the_last),
    ("9.7", "wrong", "not divided by N", not_divided),
    ("9.7", "wrong", "the rest left out", rest_left_out),
    ("9.7", "wrong", "last beyond N", beyond_the_end),
    ("9.7", "wrong", "last taken as included", last_is_included),
    ("9.7", "wrong", "last taken as included, and the count too", one_too_few),
    ("9.7", "wrong", "no blocks at all", no_blocks),
    ("9.7", "wrong", "divided by B", divided_by_b),
    ("9.7", "wrong", "return within the loop", returns_first),
    ("9.7", "wrong", "divided by the number of blocks", blocks_counted),
    ("9.7", "wrong", "last block moved back: samples twice", overlapping),
    ("9.7", "right", "np.average with weights", right_average),
    ("9.7", "right", "a running mean", right_running_mean),
    ("9.7", "right", "blocks of nearly the same size", right_even_blocks),
]
