"""Lesson 2: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

import math

import numpy as np


def sigma(u):
    return 1 / (1 + np.exp(-u))


# ------------------------------------------------------------------ 2.2


def mean_state(h, beta):
    return sigma(beta * h)


def no_beta(h, beta):
    return h / (1 + np.exp(-h))


def u_for_h(h, beta):
    u = beta * h
    return u * sigma(u)


def derivative_by_h(h, beta):
    return beta * sigma(beta * h)


def shut_one(h, beta):
    return h / (1 + np.exp(beta * h))


def softplus(h, beta):
    return np.log(1 + np.exp(beta * h)) / beta


def relu(h, beta):
    return np.maximum(h, 0)


def precedence(h, beta):
    e = np.exp(beta * h)
    return h * e / 1 + e


def z_missing(h, beta):
    return h * np.exp(beta * h)


def over_beta(h, beta):
    return h * sigma(beta * h) / beta


def beta_as_column(h, beta):
    return h * sigma(beta[:, None] * h)


def matmul(h, beta):
    u = h @ beta
    return h * sigma(u)[:, None]


def row_mean(h, beta):
    return (h * sigma(beta * h)).mean(axis=1)


def half(h, beta):
    # 0 P(0) + h P(1), averaged over two states
    p = sigma(beta * h)
    return (0 * (1 - p) + h * p) / 2


def tanh_signal(h, beta):
    return h * np.tanh(beta * h)


def in_place(h, beta):
    h *= sigma(beta * h)
    return h


def sign_and_beta(h, beta):
    return -h * sigma(-h)


def temperature(h, beta):
    return h * sigma(h / beta)


# ------------------------------------------------------------------ 2.4


def beta_forgotten(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + h * w, h**2 * w


def product_rule_forgotten(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return h * beta * w, h**2 * w


def only_p(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p, h**2 * w


def one_h(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + u * w, h * w


def swapped(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    f_h = p + u * w
    f_beta = h**2 * w
    return f_beta, f_h


def w_is_p_plus(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 + p)
    return p + u * w, h**2 * w


def w_is_p(h, beta):
    # the derivative of sigma is sigma
    u = beta * h
    p = sigma(u)
    w = p
    return p + u * w, h * h * w


def w_squared(h, beta):
    u = beta * h
    p = sigma(u)
    w = (p * (1 - p)) ** 2
    return p + u * w, h**2 * w


def p_minus(h, beta):
    u = beta * h
    p = sigma(-u)
    w = p * (1 - p)
    return p + u * w, h**2 * w


def minus_uw(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p - u * w, h**2 * w


def sigma_slopes(h, beta):
    p = sigma(beta * h)
    w = p * (1 - p)
    return beta * w, h * w


def u_squared(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + u * w, u**2 * w


def f_beta_with_p(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + u * w, p + h**2 * w


def beta_summed(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + u * w, (h**2 * w).sum(axis=0)


def difference_quotient(h, beta):
    eps = 0.01
    f = h * sigma(beta * h)
    return (
        ((h + eps) * sigma(beta * (h + eps)) - f) / eps,
        (h * sigma((beta + eps) * h) - f) / eps,
    )


def second_form_sign(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return w * (1 + u + np.exp(-u)), h**2 * w


def beta_twice(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + beta * u * w, h**2 * w


def two_slips(h, beta):
    # beta forgotten in one, h forgotten in the other
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + h * w, h * w


def only_one(h, beta):
    u = beta * h
    p = sigma(u)
    w = p * (1 - p)
    return p + u * w


# ------------------------------------------------------------------ 2.5


def as_it_stands(h, beta):
    u = beta * h
    return np.log(1 + np.exp(u)) - u / (1 + np.exp(-u))


def not_scaled(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return (np.log(1 + r) + u * r / (1 + r)) / beta


def signed_u(h, beta):
    u = beta * h
    r = np.exp(-np.abs(u))
    return np.log(1 + r) + u * r / (1 + r)


def h_for_u(h, beta):
    r = np.exp(-np.abs(beta * h))
    return np.log(1 + r) + np.abs(h) * r / (1 + r)


def r_missing(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return np.log(1 + r) + u / (1 + r)


def minus_term(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return np.log(1 + r) - u * r / (1 + r)


def only_log(h, beta):
    r = np.exp(-np.abs(beta * h))
    return np.log(1 + r)


def softplus_wrong(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return u + np.log(1 + r) - u * r / (1 + r)


def bracket_slip(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return np.log(1 + r) + u * r / 1 + r


def where_overflows(h, beta):
    u = beta * h
    r = np.exp(-u)
    return np.where(
        u >= 0,
        np.log(1 + r) + u * r / (1 + r),
        np.log(1 + np.exp(u)) - u * np.exp(u) / (1 + np.exp(u)),
    )


def one_sign_only(h, beta):
    u = beta * h
    r = np.exp(-u)
    return np.log(1 + r) + u * r / (1 + r)


def plogp(h, beta):
    # the entropy, state by state; log 0 at +-900
    p = 1 / (1 + np.exp(-np.abs(beta * h)))
    return -(p * np.log(p) + (1 - p) * np.log(1 - p))


def clipped(h, beta):
    u = np.clip(beta * h, -5, 5)
    return np.log(1 + np.exp(u)) - u * sigma(u)


def log2(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return np.log2(1 + r) + u * r / (1 + r)


def beta_multiplied_again(h, beta):
    u = np.abs(beta * h)
    r = np.exp(-u)
    return beta * (np.log(1 + r) + u * r / (1 + r))


def abs_h_only(h, beta):
    u = beta * np.abs(h)
    r = np.exp(-np.abs(h))
    return np.log(1 + r) + u * r / (1 + r)


def shannon_one_term(h, beta):
    r = np.exp(-np.abs(beta * h))
    p = r / (1 + r)
    return -p * np.log(p + 1e-300)


# ------------------------------------------------------------------ 2.6


def hh_without_beta(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return 2 * w + u * bend, h * (2 * w + u * bend), h**3 * bend


def w_once(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (w + u * bend), h * (w + u * bend), h**3 * bend


def square_for_cube(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (2 * w + u * bend), h * (2 * w + u * bend), h**2 * bend


def sigma_curvatures(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta**2 * bend, w + u * bend, h**2 * bend


def bend_for_both(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * bend * (2 + u), h * bend * (2 + u), h**3 * bend


def bend_twice(h, beta):
    # w (2 + u (1 - 2p)) with bend put in for the bracket
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * w * (2 + u * bend), h * w * (2 + u * bend), h**3 * w * bend


def mixed_other_way(h, beta):
    # the h in h^2 forgotten in the product rule
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (2 * w + u * bend), h**2 * beta * bend, h**3 * bend


def outputs_exchanged(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return h**3 * bend, h * (2 * w + u * bend), beta * (2 * w + u * bend)


def h_before_bend(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (2 * w + h * bend), h * (2 * w + h * bend), h**3 * bend


def minus_bend(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (2 * w - u * bend), h * (2 * w - u * bend), -(h**3) * bend


def mixed_has_beta(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (2 * w + u * bend), beta * (2 * w + u * bend), h**3 * bend


def third_with_beta(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    return beta * (2 * w + u * bend), h * (2 * w + u * bend), beta * h**3 * bend


# ------------------------------------------------------------------ right, unusual


def r_divided(h, beta):
    return h / (1 + np.exp(-beta * h))


def r_tanh(h, beta):
    return h / 2 * (1 + np.tanh(h * beta / 2))


def r_two_states(h, beta):
    j = np.stack([np.zeros_like(h), h])
    w = np.exp(beta * j)
    return (j * w).sum(axis=0) / w.sum(axis=0)


def r_columns(h, beta):
    out = np.zeros(h.shape)
    for k in range(h.shape[1]):
        for n in range(h.shape[0]):
            out[n, k] = h[n, k] * math.exp(-np.logaddexp(0, -beta[k] * h[n, k]))
    return out


def r_second_form(h, beta):
    u = h * beta
    r = np.exp(-np.abs(u))
    w = r / (1 + r) ** 2
    return w * (1 + u + np.exp(u)), w * np.square(h)


def r_from_f(h, beta):
    f = h * sigma(beta * h)
    p = sigma(beta * h)
    return p + beta * f * (1 - p), f * (h - f)


def r_cosh(h, beta):
    u = beta * h
    w = 1 / (2 * np.cosh(u / 2)) ** 2
    return [(1 + np.tanh(u / 2)) / 2 + u * w, h * h * w]


def r_variance(h, beta):
    p = sigma(beta * h)
    mean, square = h * p, h**2 * p
    return p * (1 + beta * h - beta * mean), square - mean**2


def r_width_max(h, beta):
    u = beta * h
    soft = np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u)))
    return soft - u * np.exp(-np.logaddexp(0, -u))


def r_width_logaddexp(h, beta):
    m = np.abs(beta * h)
    return np.logaddexp(0, -m) + m / (1 + np.exp(np.minimum(m, 700)))


def r_width_entropy(h, beta):
    u = beta * h
    log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    return -np.exp(log_p) * log_p - np.exp(log_q) * log_q


def r_width_where(h, beta):
    u = beta * h
    v = np.where(u > 0, -u, u)
    e = np.exp(v)
    return np.log1p(e) - v * e / (1 + e)


def r_curv_w(h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    inner = w * (2 + u * (1 - 2 * p))
    return beta * inner, h * inner, h**3 * (p - 3 * p**2 + 2 * p**3)


def r_curv_moments(h, beta):
    u = beta * h
    t = np.tanh(u / 2)
    w = (1 - t * t) / 4
    return beta * w * (2 - u * t), h * w * (2 - u * t), -(h**3) * w * t


ANSWERS = [
    ("2.2", "wrong", "the mean state", mean_state),
    ("2.2", "wrong", "beta left out", no_beta),
    ("2.2", "wrong", "u in the place of h", u_for_h),
    ("2.2", "wrong", "derivative with respect to h", derivative_by_h),
    ("2.2", "wrong", "P(0)", shut_one),
    ("2.2", "wrong", "softplus", softplus),
    ("2.2", "wrong", "ReLU", relu),
    ("2.2", "wrong", "precedence of /", precedence),
    ("2.2", "wrong", "not divided by Z", z_missing),
    ("2.2", "wrong", "divided by beta", over_beta),
    ("2.2", "wrong", "beta per row", beta_as_column),
    ("2.2", "wrong", "h @ beta", matmul),
    ("2.2", "wrong", "mean over the gates", row_mean),
    ("2.2", "wrong", "mean over two states", half),
    ("2.2", "wrong", "tanh", tanh_signal),
    ("2.2", "wrong", "h changed in place", in_place),
    ("2.2", "wrong", "sign lost twice, and beta", sign_and_beta),
    ("2.2", "wrong", "h / beta", temperature),
    ("2.4", "wrong", "beta forgotten in f_h", beta_forgotten),
    ("2.4", "wrong", "first term of the product rule forgotten", product_rule_forgotten),
    ("2.4", "wrong", "second term of the product rule forgotten", only_p),
    ("2.4", "wrong", "h for h^2", one_h),
    ("2.4", "wrong", "outputs exchanged", swapped),
    ("2.4", "wrong", "w = p(1 + p)", w_is_p_plus),
    ("2.4", "wrong", "w = p", w_is_p),
    ("2.4", "wrong", "w squared", w_squared),
    ("2.4", "wrong", "p of -u", p_minus),
    ("2.4", "wrong", "p - u w", minus_uw),
    ("2.4", "wrong", "slopes of the sigmoid", sigma_slopes),
    ("2.4", "wrong", "u^2 w", u_squared),
    ("2.4", "wrong", "product rule where h is fixed", f_beta_with_p),
    ("2.4", "wrong", "f_beta summed over the samples", beta_summed),
    ("2.4", "wrong", "difference quotient", difference_quotient),
    ("2.4", "wrong", "sign in the second form", second_form_sign),
    ("2.4", "wrong", "beta twice", beta_twice),
    ("2.4", "wrong", "beta forgotten, and h for h^2", two_slips),
    ("2.4", "wrong", "only f_h", only_one),
    ("2.5", "wrong", "as it stands: overflows", as_it_stands),
    ("2.5", "wrong", "divided by beta", not_scaled),
    ("2.5", "wrong", "u for |u|", signed_u),
    ("2.5", "wrong", "|h| for |u|", h_for_u),
    ("2.5", "wrong", "r missing in the numerator", r_missing),
    ("2.5", "wrong", "minus for plus", minus_term),
    ("2.5", "wrong", "second term forgotten", only_log),
    ("2.5", "wrong", "u - u r/(1+r)", softplus_wrong),
    ("2.5", "wrong", "precedence of /", bracket_slip),
    ("2.5", "wrong", "np.where computes both", where_overflows),
    ("2.5", "wrong", "only u >= 0", one_sign_only),
    ("2.5", "wrong", "0 log 0", plogp),
    ("2.5", "wrong", "clipped at 5", clipped),
    ("2.5", "wrong", "log2", log2),
    ("2.5", "wrong", "beta once more", beta_multiplied_again),
    ("2.5", "wrong", "r without beta", abs_h_only),
    ("2.5", "wrong", "one of two states", shannon_one_term),
    ("2.6", "wrong", "beta forgotten in f_hh", hh_without_beta),
    ("2.6", "wrong", "w once", w_once),
    ("2.6", "wrong", "h^2 for h^3", square_for_cube),
    ("2.6", "wrong", "curvatures of the sigmoid", sigma_curvatures),
    ("2.6", "wrong", "bend in both terms", bend_for_both),
    ("2.6", "wrong", "bend where 1 - 2p belongs", bend_twice),
    ("2.6", "wrong", "product rule forgotten in f_hbeta", mixed_other_way),
    ("2.6", "wrong", "outputs in reverse", outputs_exchanged),
    ("2.6", "wrong", "h for u", h_before_bend),
    ("2.6", "wrong", "sign of bend", minus_bend),
    ("2.6", "wrong", "f_hbeta with beta for h", mixed_has_beta),
    ("2.6", "wrong", "beta too many in f_betabeta", third_with_beta),
    ("2.2", "right", "one division", r_divided),
    ("2.2", "right", "tanh of the half", r_tanh),
    ("2.2", "right", "state by state", r_two_states),
    ("2.2", "right", "two loops", r_columns),
    ("2.4", "right", "second form, w from r", r_second_form),
    ("2.4", "right", "f (h - f)", r_from_f),
    ("2.4", "right", "cosh, a list", r_cosh),
    ("2.4", "right", "variance", r_variance),
    ("2.5", "right", "stable softplus minus ESP", r_width_max),
    ("2.5", "right", "logaddexp", r_width_logaddexp),
    ("2.5", "right", "entropy with log P", r_width_entropy),
    ("2.5", "right", "-|u| by np.where", r_width_where),
    ("2.6", "right", "polynomial in p", r_curv_w),
    ("2.6", "right", "tanh of the half", r_curv_moments),
]
