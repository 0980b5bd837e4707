"""Lesson 1: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

import math

import numpy as np

# ------------------------------------------------------------------ 1.1


def no_beta(h, beta, states):
    w = np.exp(h * states)
    return w / w.sum()


def temperature(h, beta, states):
    w = np.exp(h * states / beta)
    return w / w.sum()


def energy_sign(h, beta, states):
    E = -h * states
    w = np.exp(beta * E)
    return w / np.sum(w)


def divided_by_count(h, beta, states):
    w = np.exp(beta * h * states)
    return w / len(states)


def mean_for_sum(h, beta, states):
    w = np.exp(beta * h * states)
    Z = w.mean()
    return w / Z


def power_of_index(h, beta, states):
    x = np.exp(beta * h)
    P = x ** np.arange(len(states))
    return P / P.sum()


def z_of_two(h, beta, states):
    return np.exp(beta * states * h) / (1 + np.exp(beta * h))


def log_probability(h, beta, states):
    w = beta * h * states
    return w - np.log(np.sum(np.exp(w)))


def x_is_beta_h(h, beta, states):
    # P(s) is proportional to x^s, and x = beta h
    x = beta * h
    P = x**states
    return P / P.sum()


def first_over_rest(h, beta, states):
    w = np.exp(beta * h * states)
    return w / w[0]


def python_exp(h, beta, states):
    w = math.exp(beta * h) * states
    return w / w.sum()


def sign_and_no_sum(h, beta, states):
    return np.exp(-beta * h * states)


def brackets(h, beta, states):
    w = np.exp(beta * states * h)
    return w / 1 + w.sum()


# ------------------------------------------------------------------ 1.3


def mean_no_beta(h, beta):
    return 1 / (1 + np.exp(-h))


def mean_tanh(h, beta):
    u = beta * h
    return np.tanh(u)


def mean_shut(h, beta):
    return 1 / (1 + np.exp(beta * h))


def mean_precedence(h, beta):
    u = beta * h
    return np.exp(u) / 1 + np.exp(u)


def mean_of_z(h, beta):
    return np.log(1 + np.exp(beta * h))


def mean_divides_beta(h, beta):
    return 1 / (1 + np.exp(-h / beta))


def mean_half_tanh(h, beta):
    # between -1 and 1, so shift it to 0..1
    return (1 + np.tanh(beta * h)) / 2


def mean_two_z(h, beta):
    u = beta * h
    return np.exp(u) / (np.exp(-u) + np.exp(u))


def mean_over_two(h, beta):
    # mean = sum over two states / 2
    P1 = np.exp(beta * h) / (1 + np.exp(beta * h))
    return (0 + P1) / 2


def mean_average(h, beta):
    p = 1 / (1 + np.exp(-beta * h))
    return p.mean()


def mean_decides(h, beta):
    return (beta * h > 0).astype(float)


def mean_minus_twice(h, beta):
    # sign lost AND beta lost
    return 1 / (1 + np.exp(h))


def mean_derivative(h, beta):
    # the mean is the derivative of log Z by h
    return beta * np.exp(beta * h) / (1 + np.exp(beta * h))


def mean_normalised(h, beta):
    w = np.exp(beta * h)
    return w / w.sum()


# ------------------------------------------------------------------ 1.4


def where_both(u):
    return np.where(u >= 0, 1 / (1 + np.exp(-u)), np.exp(u) / (1 + np.exp(u)))


def clipped(u):
    u = np.clip(u, -20, 20)
    return 1 / (1 + np.exp(-u))


def nan_repaired(u):
    with np.errstate(all="ignore"):
        s = np.exp(u) / (1 + np.exp(u))
    return np.nan_to_num(s, nan=1.0)


def only_abs(u):
    r = np.exp(-np.abs(u))
    return 1 / (1 + r)


def branches_swapped(u):
    r = np.exp(-np.abs(u))
    return np.where(u >= 0, r / (1 + r), 1 / (1 + r))


def minus_for_negative(u):
    r = np.exp(-np.abs(u))
    return np.where(u >= 0, 1 / (1 + r), -1 / (1 + r))


def sign_trick(u):
    return np.sign(u) / (1 + np.exp(-np.abs(u)))


def tanh_not_half(u):
    return 0.5 * (1 + np.tanh(u))


def python_if(u):
    if u >= 0:
        return 1 / (1 + np.exp(-u))
    return np.exp(u) / (1 + np.exp(u))


def in_place(u):
    u[u > 500] = 500
    u[u < -500] = -500
    return 1 / (1 + np.exp(-u))


def one_minus_r(u):
    r = np.exp(-np.abs(u))
    return np.where(u >= 0, 1 - r, r)


def plus_forgotten(u):
    r = np.exp(-np.abs(u))
    return np.where(u >= 0, 1 / (1 + r), r)


def one_minus_sigma(u):
    # right on paper, but the tail is lost: 1 - 1.0 = 0
    r = np.exp(-np.abs(u))
    p = 1 / (1 + r)
    return np.where(u >= 0, p, 1 - p)


def strict_zero(u):
    out = np.zeros_like(u)
    r = np.exp(-np.abs(u))
    out[u > 0] = 1 / (1 + r[u > 0])
    out[u < 0] = r[u < 0] / (1 + r[u < 0])
    return out


# ------------------------------------------------------------------ 1.5


def product(h, beta):
    return np.prod(1 + np.exp(beta * h))


def sum_of_x(h, beta):
    return np.log(1 + np.sum(np.exp(beta * h)))


def exponent_of_sum(h, beta):
    return np.log(1 + np.exp(np.sum(beta * h)))


def log_of_sum(h, beta):
    Z = 1 + np.exp(beta * h)
    return np.log(Z.sum())


def not_summed(h, beta):
    return np.log(1 + np.exp(beta * h))


def mean_log(h, beta):
    return np.mean(np.log(1 + np.exp(beta * h)))


def product_of_logs(h, beta):
    return np.prod(np.log(1 + np.exp(beta * h)))


def no_one(h, beta):
    return np.sum(np.log(np.exp(beta * h)))


def log_inside_one(h, beta):
    return np.sum(1 + np.log(np.exp(beta * h)))


def only_sums_multiplied(h, beta):
    return np.log(1 + np.exp(np.sum(beta) * np.sum(h)))


def beta_forgotten(h, beta):
    return np.logaddexp(0, h).sum()


def layer_of_pm_one(h, beta):
    u = beta * h
    return np.log(np.exp(u) + np.exp(-u)).sum()


def log10(h, beta):
    return np.log10(1 + np.exp(beta * h)).sum()


def product_then_log_overflow(h, beta):
    # right on paper, the product of many factors is too large
    return np.log(np.prod(1 + np.exp(beta * h)))


def two_times_n(h, beta):
    # one Z for all, n times, with the mean field
    n = len(h)
    return n * np.log(1 + np.exp(np.mean(beta * h)))


def dotted(h, beta):
    return np.log1p(np.exp(h @ beta))


# ------------------------------------------------------------------ 1.6


def x_is_m(m):
    P = np.array([1, m, m**2])
    return P / P.sum()


def other_root(m):
    root = math.sqrt((m - 1) ** 2 + 4 * m * (2 - m))
    x = (m - 1 - root) / (2 * (2 - m))
    P = np.array([1, x, x * x])
    return P / P.sum()


def not_divided(m):
    x = (m - 1 + np.sqrt((m - 1) ** 2 + 4 * m * (2 - m))) / (2 * (2 - m))
    return np.array([1, x, x**2])


def twice_forgotten(m):
    # mean = (x + x^2)/(1 + x + x^2) = m
    a, b, c = m - 1, m - 1, m
    x = (-b - np.sqrt(b * b - 4 * a * c + 0j)) / (2 * a)
    P = np.array([1, x.real, x.real**2])
    return P / P.sum()


def binomial(m):
    p = m / 2
    return np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])


def mean_over_one(m):
    # two states: x/(1 + x) = m/2
    x = m / (2 - m)
    P = np.array([1, x, x**2])
    return P / P.sum()


def straight(m):
    return np.array([(2 - m) / 3, 1 / 3, m / 3])


def reversed_states(m):
    x = (m - 1 + np.sqrt((m - 1) ** 2 + 4 * m * (2 - m))) / (2 * (2 - m))
    P = np.array([x**2, x, 1])
    return P / P.sum()


def quotient_precedence(m):
    x = (m - 1 + np.sqrt((m - 1) ** 2 + 4 * m * (2 - m))) / 2 * (2 - m)
    P = np.array([1, x, x**2])
    return P / P.sum()


def discriminant_sign(m):
    x = (m - 1 + np.sqrt(abs((m - 1) ** 2 - 4 * m * (2 - m)))) / (2 * (2 - m))
    P = np.array([1, x, x**2])
    return P / P.sum()


def b_sign(m):
    x = (1 - m + np.sqrt((1 - m) ** 2 + 4 * m * (2 - m))) / (2 * (2 - m))
    P = np.array([1, x, x**2])
    return P / P.sum()


def nearest_to_middle(m):
    # as little as possible at the ends
    if m < 1:
        return np.array([1 - m, m, 0.0])
    return np.array([0.0, 2 - m, m - 1])


# ------------------------------------------------------------------ right, unusual


def r_softmax(h, beta, states):
    z = beta * h * states
    e = np.exp(z - z.max())
    return e / e.sum()


def r_power(h, beta, states):
    x = math.exp(beta * h)
    w = np.array([x ** float(s) for s in states])
    return w / np.sum(w)


def r_differences(h, beta, states):
    d = states[None, :] - states[:, None]
    return 1 / np.exp(beta * h * d).sum(axis=1)


def r_logsumexp(h, beta, states):
    log_w = beta * states * h
    return np.exp(log_w - np.logaddexp.reduce(log_w))


def r_mean_tanh(h, beta):
    return (1 + np.tanh(beta * h / 2)) / 2


def r_mean_loop(h, beta):
    out = np.empty(len(h))
    for i, field in enumerate(h):
        w = np.exp(beta * field * np.array([0.0, 1.0]))
        out[i] = (w / w.sum()) @ [0, 1]
    return out


def r_mean_logistic(h, beta):
    return np.exp(-np.logaddexp(0, -beta * h))


def r_stable_tanh(u):
    return np.exp(np.minimum(u, 0)) / (1 + np.exp(-np.abs(u)))


def r_stable_logaddexp(u):
    return np.exp(-np.logaddexp(0.0, -u))


def r_stable_masks(u):
    out = np.empty_like(u)
    up = u >= 0
    out[up] = 1 / (1 + np.exp(-u[up]))
    e = np.exp(u[~up])
    out[~up] = e / (1 + e)
    return out


def r_stable_loop(u):
    return np.array(
        [1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x)) for x in u]
    )


def r_layer_logaddexp(h, beta):
    return float(np.logaddexp(0, h * beta).sum())


def r_layer_loop(h, beta):
    total = 0.0
    for a, b in zip(h, beta):
        total += math.log1p(math.exp(a * b))
    return total


def r_layer_stable(h, beta):
    u = beta * h
    return np.sum(np.maximum(u, 0) + np.log1p(np.exp(-abs(u))))


def r_three_bisect(m):
    low, high = -60.0, 60.0
    for _ in range(200):
        u = (low + high) / 2
        w = np.exp(u * np.array([-1, 0, 1]))
        if (w * [0, 1, 2]).sum() / w.sum() < m:
            low = u
        else:
            high = u
    return w / w.sum()


def r_three_closed(m):
    # with P(1) = q: P(0) = 1 - (m + q)/2, P(2) = (m - q)/2, q^2 = P(0) P(2)
    q = (-1 + math.sqrt(1 + 3 * m * (2 - m))) / 3
    return np.array([1 - (m + q) / 2, q, (m - q) / 2])


def r_three_roots(m):
    x = max(np.roots([2 - m, 1 - m, -m]).real)
    w = x ** np.arange(3)
    return w / w.sum()


ANSWERS = [
    ("1.1", "wrong", "beta left out", no_beta),
    ("1.1", "wrong", "divided by beta, as if it were a temperature", temperature),
    ("1.1", "wrong", "sign of the energy lost", energy_sign),
    ("1.1", "wrong", "divided by the number of states", divided_by_count),
    ("1.1", "wrong", "divided by the mean of the weights", mean_for_sum),
    ("1.1", "wrong", "power of the index and not of the state", power_of_index),
    ("1.1", "wrong", "Z of two states", z_of_two),
    ("1.1", "wrong", "log P", log_probability),
    ("1.1", "wrong", "x = beta h without exp", x_is_beta_h),
    ("1.1", "wrong", "divided by the first weight", first_over_rest),
    ("1.1", "wrong", "the state outside of exp", python_exp),
    ("1.1", "wrong", "sign, and not divided by Z", sign_and_no_sum),
    ("1.1", "wrong", "w / 1 + sum", brackets),
    ("1.3", "wrong", "beta left out", mean_no_beta),
    ("1.3", "wrong", "the gate of the example", mean_tanh),
    ("1.3", "wrong", "P(0)", mean_shut),
    ("1.3", "wrong", "precedence of /", mean_precedence),
    ("1.3", "wrong", "log Z", mean_of_z),
    ("1.3", "wrong", "divided by beta", mean_divides_beta),
    ("1.3", "wrong", "tanh u shifted to 0..1", mean_half_tanh),
    ("1.3", "wrong", "Z of the gate -1, 1", mean_two_z),
    ("1.3", "wrong", "divided by the number of states", mean_over_two),
    ("1.3", "wrong", "mean over the fields", mean_average),
    ("1.3", "wrong", "a step", mean_decides),
    ("1.3", "wrong", "P(0) and beta left out", mean_minus_twice),
    ("1.3", "wrong", "the derivative of log Z holds a beta", mean_derivative),
    ("1.3", "wrong", "divided by the sum over the fields", mean_normalised),
    ("1.4", "wrong", "np.where computes both", where_both),
    ("1.4", "wrong", "clipped at 20", clipped),
    ("1.4", "wrong", "nan replaced by 1 with the warnings off", nan_repaired),
    ("1.4", "wrong", "|u| for both signs", only_abs),
    ("1.4", "wrong", "branches exchanged", branches_swapped),
    ("1.4", "wrong", "odd and not 1 - sigma", minus_for_negative),
    ("1.4", "wrong", "sign(u)/(1+r)", sign_trick),
    ("1.4", "wrong", "tanh(u) for tanh(u/2)", tanh_not_half),
    ("1.4", "wrong", "if of an array", python_if),
    ("1.4", "wrong", "clipped in place", in_place),
    ("1.4", "wrong", "first terms of the series", one_minus_r),
    ("1.4", "wrong", "1 + r forgotten for u < 0", plus_forgotten),
    ("1.4", "wrong", "tail lost in 1 - p", one_minus_sigma),
    ("1.4", "wrong", "u = 0 forgotten", strict_zero),
    ("1.5", "wrong", "Z and not log Z", product),
    ("1.5", "wrong", "1 + sum of x", sum_of_x),
    ("1.5", "wrong", "only the list of all open", exponent_of_sum),
    ("1.5", "wrong", "log of the sum of Z", log_of_sum),
    ("1.5", "wrong", "not summed", not_summed),
    ("1.5", "wrong", "mean for sum", mean_log),
    ("1.5", "wrong", "product of logarithms", product_of_logs),
    ("1.5", "wrong", "1 forgotten", no_one),
    ("1.5", "wrong", "1 outside of the log", log_inside_one),
    ("1.5", "wrong", "sums multiplied", only_sums_multiplied),
    ("1.5", "wrong", "beta left out", beta_forgotten),
    ("1.5", "wrong", "states -1, 1", layer_of_pm_one),
    ("1.5", "wrong", "log10", log10),
    ("1.5", "wrong", "product first", product_then_log_overflow),
    ("1.5", "wrong", "n times the mean gate", two_times_n),
    ("1.5", "wrong", "scalar product in the exponent", dotted),
    ("1.6", "wrong", "x = m", x_is_m),
    ("1.6", "wrong", "the other root", other_root),
    ("1.6", "wrong", "not divided by Z", not_divided),
    ("1.6", "wrong", "mean without the factor 2", twice_forgotten),
    ("1.6", "wrong", "binomial", binomial),
    ("1.6", "wrong", "x of two states", mean_over_one),
    ("1.6", "wrong", "straight line", straight),
    ("1.6", "wrong", "states in reverse", reversed_states),
    ("1.6", "wrong", "/ 2 * (2 - m)", quotient_precedence),
    ("1.6", "wrong", "sign in the discriminant", discriminant_sign),
    ("1.6", "wrong", "sign of b", b_sign),
    ("1.6", "wrong", "least spread", nearest_to_middle),
    ("1.1", "right", "softmax, largest taken off", r_softmax),
    ("1.1", "right", "powers of x in a list", r_power),
    ("1.1", "right", "1 over the sum of ratios", r_differences),
    ("1.1", "right", "exp of log P", r_logsumexp),
    ("1.3", "right", "tanh of the half", r_mean_tanh),
    ("1.3", "right", "loop with boltzmann", r_mean_loop),
    ("1.3", "right", "exp(-softplus(-u))", r_mean_logistic),
    ("1.4", "right", "exp(min(u, 0))/(1 + r)", r_stable_tanh),
    ("1.4", "right", "logaddexp", r_stable_logaddexp),
    ("1.4", "right", "masks", r_stable_masks),
    ("1.4", "right", "loop with if", r_stable_loop),
    ("1.5", "right", "logaddexp, a float", r_layer_logaddexp),
    ("1.5", "right", "loop", r_layer_loop),
    ("1.5", "right", "max(u, 0) + log1p", r_layer_stable),
    ("1.6", "right", "bisection", r_three_bisect),
    ("1.6", "right", "equation for P(1)", r_three_closed),
    ("1.6", "right", "np.roots", r_three_roots),
]
