"""Lesson 4: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

import math

import numpy as np


def sigmoid(u):
    return 0.5 * (1 + np.tanh(u / 2))


# ------------------------------------------------------------------ 4.1


def s_of_true_only(o, y):
    return np.log(1 + np.exp(-o))


def s_of_open(o, y):
    return -y * np.log(sigmoid(o))


def s_sign(o, y):
    return y * o - np.log(1 + np.exp(o))


def s_plus(o, y):
    return np.log(1 + np.exp(o)) + y * o


def s_probability(o, y):
    return np.exp(y * o) / (1 + np.exp(o))


def s_y_in_z(o, y):
    return np.log(1 + np.exp(y * o)) - y * o


def s_exchanged(o, y):
    p = sigmoid(o)
    return -(1 - y) * np.log(p) - y * np.log(1 - p)


def s_no_one(o, y):
    return np.log(np.exp(o)) - y * o


def s_mean(o, y):
    return np.mean(np.log(1 + np.exp(o)) - y * o)


def s_summed(o, y):
    return (np.log(1 + np.exp(o)) - y * o).sum(axis=1)


def s_pm_one(o, y):
    return np.log(np.exp(o) + np.exp(-o)) - y * o


def s_log2(o, y):
    return np.log2(1 + np.exp(o)) - y * o


def s_precedence(o, y):
    return np.log(1 + np.exp(o) - y * o)


def s_entropy(o, y):
    p = sigmoid(o)
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


def s_absolute(o, y):
    return -np.log(np.abs(y - sigmoid(o)))


def s_minus_o(o, y):
    return np.log(1 + np.exp(o)) - o


def s_second_term_lost(o, y):
    p = sigmoid(o)
    return -(y * np.log(p) + (1 - y) * np.log(p))


# ------------------------------------------------------------------ 4.3


def l_naive(o, y):
    return np.mean(np.log(1 + np.exp(o)) - y * o)


def l_sum(o, y):
    return np.sum(np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o))) - y * o)


def l_over_samples(o, y):
    return np.sum(np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o))) - y * o) / len(o)


def l_not_averaged(o, y):
    return np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o))) - y * o


def l_abs_missing(o, y):
    return np.mean(np.maximum(o, 0) + np.log1p(np.exp(-o)) - y * o)


def l_max_missing(o, y):
    return np.mean(o + np.log1p(np.exp(-np.abs(o))) - y * o)


def l_abs_for_max(o, y):
    return np.mean(np.abs(o) + np.log1p(np.exp(-np.abs(o))) - y * o)


def l_where(o, y):
    return np.where(o > 0, o + np.log1p(np.exp(-o)), np.log1p(np.exp(o))).mean() - (y * o).mean()


def l_clipped(o, y):
    p = np.clip(1 / (1 + np.exp(-o)), 1e-15, 1 - 1e-15)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def l_python_max(o, y):
    return np.mean(max(o, 0) + np.log1p(np.exp(-abs(o))) - y * o)


def l_minimum(o, y):
    return np.mean(np.minimum(o, 0) + np.log1p(np.exp(-np.abs(o))) - y * o)


def l_log1p_of_one_plus(o, y):
    return np.mean(np.maximum(o, 0) + np.log1p(1 + np.exp(-np.abs(o))) - y * o)


def l_yo_forgotten(o, y):
    return np.mean(np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o))))


def l_sign_of_yo(o, y):
    return np.mean(np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o))) + y * o)


def l_half_mean(o, y):
    return np.mean(np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o)))) - np.sum(y * o)


def l_epsilon(o, y):
    p = sigmoid(o)
    return -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))


def l_clip_logit(o, y):
    o = np.clip(o, -50, 50)
    return np.mean(np.log1p(np.exp(o)) - y * o)


def l_negative(o, y):
    return np.mean(y * o - np.maximum(o, 0) - np.log1p(np.exp(-np.abs(o))))


def l_exp_forgotten(o, y):
    return np.mean(np.maximum(o, 0) + np.log1p(-np.abs(o) / (1 + np.abs(o))) - y * o)


# ------------------------------------------------------------------ 4.4


def g_no_mean(o, y):
    return sigmoid(o) - y


def g_over_samples(o, y):
    return (sigmoid(o) - y) / o.shape[0]


def g_over_outputs(o, y):
    return (sigmoid(o) - y) / o.shape[1]


def g_sign(o, y):
    return (y - sigmoid(o)) / o.size


def g_naive(o, y):
    return (1 / (1 + np.exp(-o)) - y) / o.size


def g_logit(o, y):
    return (o - y) / o.size


def g_with_w(o, y):
    p = sigmoid(o)
    return (p - y) * p * (1 - p) / o.size


def g_precedence(o, y):
    return sigmoid(o) - y / o.size


def g_tanh_no_half(o, y):
    return (0.5 * (1 + np.tanh(o)) - y) / o.size


def g_tanh_half_outside(o, y):
    return (0.5 * 1 + np.tanh(o / 2) - y) / o.size


def g_yo(o, y):
    return (sigmoid(o) - y * o) / o.size


def g_mean(o, y):
    return np.mean(sigmoid(o) - y)


def g_of_probability(o, y):
    p = sigmoid(o)
    return (-y / p + (1 - y) / (1 - p)) / o.size


def g_sigma_minus(o, y):
    return (sigmoid(-o) - y) / o.size


def g_len_twice(o, y):
    return (sigmoid(o) - y) / len(o) ** 2


def g_y_minus_and_no_K(o, y):
    return (y - sigmoid(o)) / len(o)


# ------------------------------------------------------------------ 4.5


def softmax(o):
    e = np.exp(o - o.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def k_no_mean(o):
    p = softmax(o)
    return p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]


def k_sign(o):
    p = softmax(o)
    return (p[:, :, None] * p[:, None, :] - p[:, :, None] * np.eye(p.shape[1])) / len(o)


def k_only_diagonal(o):
    p = softmax(o)
    return (p * (1 - p))[:, :, None] * np.eye(p.shape[1]) / len(o)


def k_no_diagonal(o):
    p = softmax(o)
    return -p[:, :, None] * p[:, None, :] / len(o)


def k_plus(o):
    p = softmax(o)
    return (p[:, :, None] * np.eye(p.shape[1]) + p[:, :, None] * p[:, None, :]) / len(o)


def k_identity(o):
    p = softmax(o)
    return (np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_overflow(o):
    e = np.exp(o)
    p = e / e.sum(axis=1, keepdims=True)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_max_of_all(o):
    e = np.exp(o - o.max())
    p = e / e.sum(axis=1, keepdims=True)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_axis(o):
    e = np.exp(o - o.max(axis=0))
    p = e / e.sum(axis=0)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_no_keepdims(o):
    e = np.exp(o - o.max(axis=1))
    p = e / e.sum(axis=1)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_sum_of_all(o):
    e = np.exp(o - o.max(axis=1, keepdims=True))
    p = e / e.sum()
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_over_all(o):
    p = softmax(o)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / o.size


def k_sigmoids(o):
    p = sigmoid(o)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_first_sample(o):
    p = softmax(o)[0]
    return (np.diag(p) - np.outer(p, p)) / len(o)


def k_p_squared(o):
    p = softmax(o)
    return (p[:, :, None] * np.eye(p.shape[1]) - (p**2)[:, :, None]) / len(o)


def k_mean_of_samples(o):
    p = softmax(o)
    return np.mean(p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :], axis=0)


def k_p_with_mean(o):
    p = softmax(o) / len(o)
    return p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]


def k_in_place(o):
    o -= o.max(axis=1, keepdims=True)
    p = np.exp(o)
    p /= p.sum(axis=1, keepdims=True)
    return (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def k_gradient(o):
    return softmax(o) / len(o)


# ------------------------------------------------------------------ 4.6


def t_sign(o, y):
    return o - np.log(y / (1 - y))


def t_plus(o, y):
    return np.log(y / (1 - y)) + o


def t_inverse(o, y):
    return np.log((1 - y) / y) - o


def t_right_logit(o, y):
    return np.log(y / (1 - y))


def t_no_log(o, y):
    return y / (1 - y) - o


def t_difference(o, y):
    return y - sigmoid(o)


def t_probabilities(o, y):
    return np.log(y / sigmoid(o))


def t_precedence(o, y):
    return np.log(y / 1 - y) - o


def t_log_y(o, y):
    return np.log(y) - o


def t_odds_of_p(o, y):
    p = sigmoid(o)
    return np.log(y * p / ((1 - y) * (1 - p)))


def t_step(o, y):
    p = sigmoid(o)
    return (y - p) / (p * (1 - p))


def t_divided(o, y):
    return np.log(y / (1 - y)) / o


def t_minus_in_log(o, y):
    return np.log(y / (1 - y) - np.exp(o))


# ------------------------------------------------------------------ right


def r_surprise_signs(o, y):
    return np.log(1 + np.exp((1 - 2 * y) * o))


def r_surprise_textbook(o, y):
    p = 1 / (1 + np.exp(-o))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def r_surprise_power(o, y):
    p = sigmoid(o)
    return -np.log(p**y * (1 - p) ** (1 - y))


def r_surprise_where(o, y):
    return np.where(y == 1, np.log1p(np.exp(-o)), np.log1p(np.exp(o)))


def r_loss_logaddexp(o, y):
    return np.mean(np.logaddexp(0, o) - y * o)


def r_loss_signs(o, y):
    return float(np.logaddexp(0.0, np.where(y > 0.5, -o, o)).mean())


def r_loss_loop(o, y):
    total = 0.0
    for u, t in zip(o.ravel(), y.ravel()):
        total += max(u, 0.0) - t * u + math.log1p(math.exp(-abs(u)))
    return total / o.size


def r_loss_half(o, y):
    return (o / 2 + abs(o) / 2 + np.log1p(np.exp(-abs(o))) - o * y).sum() / np.prod(o.shape)


def r_gradient_logaddexp(o, y):
    return (np.exp(-np.logaddexp(0, -o)) - y) / y.size


def r_gradient_masks(o, y):
    p = np.empty(o.shape)
    up = o >= 0
    p[up] = 1 / (1 + np.exp(-o[up]))
    p[~up] = np.exp(o[~up]) / (1 + np.exp(o[~up]))
    N, K = o.shape
    return p / (N * K) - y / N / K


def r_gradient_tanh(o, y):
    return (np.tanh(0.5 * o) + 1 - 2 * y) / (2 * o.size)


def r_curvature_loop(o):
    out = []
    for row in o:
        p = np.exp(row - np.logaddexp.reduce(row))
        out.append((np.diag(p) - np.outer(p, p)) / len(o))
    return np.array(out)


def r_curvature_einsum(o):
    z = np.exp(o - np.max(o, axis=-1)[:, None])
    p = z / z.sum(-1)[:, None]
    return np.einsum("nj,jk->njk", p, np.eye(o.shape[1])) / len(p) - np.einsum(
        "nj,nk->njk", p, p
    ) / len(p)


def r_curvature_filled(o):
    p = np.exp(o - o.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    N, K = p.shape
    C = -p[:, :, None] @ p[:, None, :]
    C[:, range(K), range(K)] += p
    return C / N


def r_shift_atanh(o, y):
    return 2 * np.arctanh(2 * y - 1) - o


def r_shift_minus(o, y):
    return -(o + np.log(1 / y - 1))


def r_shift_exp(o, y):
    return np.log(y * np.exp(-o) / (1 - y))


def r_shift_loop(o, y):
    out = []
    for u, f in zip(o, y):
        low, high = -100.0, 100.0
        for _ in range(200):
            t = (low + high) / 2
            if 1 / (1 + math.exp(-u - t)) < f:
                low = t
            else:
                high = t
        out.append(t)
    return np.array(out)


ANSWERS = [
    ("4.1", "wrong", "truth 1 only", s_of_true_only),
    ("4.1", "wrong", "-y log p alone", s_of_open),
    ("4.1", "wrong", "sign", s_sign),
    ("4.1", "wrong", "plus y o", s_plus),
    ("4.1", "wrong", "the probability, not its logarithm", s_probability),
    ("4.1", "wrong", "y in Z too", s_y_in_z),
    ("4.1", "wrong", "y and 1 - y exchanged", s_exchanged),
    ("4.1", "wrong", "Z without the shut state", s_no_one),
    ("4.1", "wrong", "averaged", s_mean),
    ("4.1", "wrong", "summed over outputs", s_summed),
    ("4.1", "wrong", "states -1, 1 in Z", s_pm_one),
    ("4.1", "wrong", "log2", s_log2),
    ("4.1", "wrong", "bracket of the log", s_precedence),
    ("4.1", "wrong", "entropy of the gate", s_entropy),
    ("4.1", "wrong", "|y - p| for 1 - |y - p|", s_absolute),
    ("4.1", "wrong", "o for y o", s_minus_o),
    ("4.1", "wrong", "1 - p forgotten", s_second_term_lost),
    ("4.3", "wrong", "overflows", l_naive),
    ("4.3", "wrong", "sum for mean", l_sum),
    ("4.3", "wrong", "mean over samples only", l_over_samples),
    ("4.3", "wrong", "not averaged", l_not_averaged),
    ("4.3", "wrong", "-o for -|o|", l_abs_missing),
    ("4.3", "wrong", "o for max(o, 0)", l_max_missing),
    ("4.3", "wrong", "|o| for max(o, 0)", l_abs_for_max),
    ("4.3", "wrong", "np.where, overflows on the way", l_where),
    ("4.3", "wrong", "clipped p", l_clipped),
    ("4.3", "wrong", "Python's max", l_python_max),
    ("4.3", "wrong", "min for max", l_minimum),
    ("4.3", "wrong", "log1p(1 + ...)", l_log1p_of_one_plus),
    ("4.3", "wrong", "y o forgotten", l_yo_forgotten),
    ("4.3", "wrong", "plus y o", l_sign_of_yo),
    ("4.3", "wrong", "mean of one part, sum of the other", l_half_mean),
    ("4.3", "wrong", "epsilon in the log", l_epsilon),
    ("4.3", "wrong", "clipped logit", l_clip_logit),
    ("4.3", "wrong", "sign", l_negative),
    ("4.3", "wrong", "exp forgotten", l_exp_forgotten),
    ("4.4", "wrong", "not divided", g_no_mean),
    ("4.4", "wrong", "divided by N only", g_over_samples),
    ("4.4", "wrong", "divided by K only", g_over_outputs),
    ("4.4", "wrong", "truth minus prediction", g_sign),
    ("4.4", "wrong", "overflows", g_naive),
    ("4.4", "wrong", "o for sigma(o)", g_logit),
    ("4.4", "wrong", "times w", g_with_w),
    ("4.4", "wrong", "precedence: only y divided", g_precedence),
    ("4.4", "wrong", "tanh(o)", g_tanh_no_half),
    ("4.4", "wrong", "bracket of the half", g_tanh_half_outside),
    ("4.4", "wrong", "y o not differentiated", g_yo),
    ("4.4", "wrong", "averaged", g_mean),
    ("4.4", "wrong", "derivative with respect to p", g_of_probability),
    ("4.4", "wrong", "sigma(-o)", g_sigma_minus),
    ("4.4", "wrong", "N squared for N K", g_len_twice),
    ("4.4", "wrong", "sign, and K forgotten", g_y_minus_and_no_K),
    ("4.5", "wrong", "not divided by N", k_no_mean),
    ("4.5", "wrong", "sign", k_sign),
    ("4.5", "wrong", "only the diagonal", k_only_diagonal),
    ("4.5", "wrong", "diag(p) forgotten", k_no_diagonal),
    ("4.5", "wrong", "plus for minus", k_plus),
    ("4.5", "wrong", "unit matrix for diag(p)", k_identity),
    ("4.5", "wrong", "overflows", k_overflow),
    ("4.5", "wrong", "largest of all for largest of each row", k_max_of_all),
    ("4.5", "wrong", "softmax over the samples", k_axis),
    ("4.5", "wrong", "keepdims forgotten", k_no_keepdims),
    ("4.5", "wrong", "Z of all samples", k_sum_of_all),
    ("4.5", "wrong", "divided by N K", k_over_all),
    ("4.5", "wrong", "sigmoids for softmax", k_sigmoids),
    ("4.5", "wrong", "first sample only", k_first_sample),
    ("4.5", "wrong", "p_j squared for p_j p_k", k_p_squared),
    ("4.5", "wrong", "averaged over samples", k_mean_of_samples),
    ("4.5", "wrong", "1/N in p, so 1/N^2 in the product", k_p_with_mean),
    ("4.5", "wrong", "in-place change of o", k_in_place),
    ("4.5", "wrong", "p, not its derivative", k_gradient),
    ("4.6", "wrong", "sign", t_sign),
    ("4.6", "wrong", "plus o", t_plus),
    ("4.6", "wrong", "odds upside down", t_inverse),
    ("4.6", "wrong", "o forgotten", t_right_logit),
    ("4.6", "wrong", "log forgotten", t_no_log),
    ("4.6", "wrong", "difference of the means", t_difference),
    ("4.6", "wrong", "log of the ratio of the means", t_probabilities),
    ("4.6", "wrong", "precedence: y / 1 - y", t_precedence),
    ("4.6", "wrong", "log y for the logit", t_log_y),
    ("4.6", "wrong", "odds multiplied", t_odds_of_p),
    ("4.6", "wrong", "one Newton step", t_step),
    ("4.6", "wrong", "divided by o", t_divided),
    ("4.6", "wrong", "difference of odds inside the log", t_minus_in_log),
    ("4.1", "right", "log(1 + exp(+-o))", r_surprise_signs),
    ("4.1", "right", "textbook", r_surprise_textbook),
    ("4.1", "right", "p^y (1 - p)^(1 - y)", r_surprise_power),
    ("4.1", "right", "where", r_surprise_where),
    ("4.3", "right", "logaddexp", r_loss_logaddexp),
    ("4.3", "right", "logaddexp of +-o, a float", r_loss_signs),
    ("4.3", "right", "loop", r_loss_loop),
    ("4.3", "right", "(o + |o|)/2", r_loss_half),
    ("4.4", "right", "exp(-logaddexp)", r_gradient_logaddexp),
    ("4.4", "right", "masks", r_gradient_masks),
    ("4.4", "right", "tanh, one fraction", r_gradient_tanh),
    ("4.5", "right", "loop, logaddexp.reduce", r_curvature_loop),
    ("4.5", "right", "einsum", r_curvature_einsum),
    ("4.5", "right", "diagonal filled in", r_curvature_filled),
    ("4.6", "right", "arctanh", r_shift_atanh),
    ("4.6", "right", "log(1/y - 1)", r_shift_minus),
    ("4.6", "right", "one log", r_shift_exp),
    ("4.6", "right", "bisection", r_shift_loop),
]
