"""Lesson 5: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

# ruff: noqa: RUF059 (as people write)

import numpy as np


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


# ------------------------------------------------------------------ 5.1


def g_no_beta(da, h, beta):
    p = sigmoid(beta * h)
    return da * (p + h * p * (1 - p))


def g_sigmoid_slope(da, h, beta):
    p = sigmoid(beta * h)
    return da * beta * p * (1 - p)


def g_w_only(da, h, beta):
    p = sigmoid(beta * h)
    w = p * (1 - p)
    return da * w


def g_p_only(da, h, beta):
    return da * sigmoid(beta * h)


def g_precedence(da, h, beta):
    p = sigmoid(beta * h)
    return da * p + beta * h * p * (1 - p)


def g_minus(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    return da * (p - u * p * (1 - p))


def g_without_da(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    return p + u * p * (1 - p)


def g_plus_sign_in_exp(da, h, beta):
    u = beta * h
    p = 1 / (1 + np.exp(u))
    return da * (p + u * p * (1 - p))


def g_beta_of_p_too(da, h, beta):
    p = sigmoid(beta * h)
    return da * beta * (p + h * beta * p * (1 - p))


def g_w_missing(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    return da * (p + u * p)


def g_summed(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    return (da * (p + u * p * (1 - p))).sum(axis=0)


def g_product_of_derivatives(da, h, beta):
    p = sigmoid(beta * h)
    return da * 1 * beta * p * (1 - p) * h


def g_no_beta_and_minus(da, h, beta):
    p = sigmoid(beta * h)
    return da * (p - h * p * (1 - p))


def g_of_a(da, h, beta):
    a = h * sigmoid(beta * h)
    return da * a * (1 - a)


def g_right_quotient(da, h, beta):
    e = np.exp(-beta * h)
    return da * (1 + e + beta * h * e) / (1 + e) ** 2


def g_right_swish(da, h, beta):
    a = h * sigmoid(beta * h)
    return da * (beta * a + sigmoid(beta * h) * (1 - beta * a))


def g_right_loop(da, h, beta):
    dh = np.empty_like(h)
    for n in range(h.shape[0]):
        for i in range(h.shape[1]):
            u = beta[i] * h[n, i]
            p = 0.5 * (1 + np.tanh(u / 2))
            dh[n, i] = da[n, i] * (p + u * p * (1 - p))
    return dh


# ------------------------------------------------------------------ 5.2


def b_all(da, h, beta):
    p = sigmoid(beta * h)
    return np.sum(da * h**2 * p * (1 - p))


def b_mean(da, h, beta):
    p = sigmoid(beta * h)
    return np.mean(da * h**2 * p * (1 - p), axis=0)


def b_axis_one(da, h, beta):
    p = sigmoid(beta * h)
    return (da * h * h * p * (1 - p)).sum(axis=1)


def b_not_summed(da, h, beta):
    p = sigmoid(beta * h)
    return da * h**2 * p * (1 - p)


def b_h_once(da, h, beta):
    p = sigmoid(beta * h)
    w = p * (1 - p)
    return (da * h * w).sum(0)


def b_u_w(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    return (da * u * p * (1 - p)).sum(0)


def b_u_squared(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    return (da * u**2 * p * (1 - p)).sum(0)


def b_p_for_w(da, h, beta):
    p = sigmoid(beta * h)
    return (da * h**2 * p).sum(axis=0)


def b_from_dh(da, h, beta):
    u = beta * h
    p = sigmoid(u)
    dh = da * (p + u * p * (1 - p))
    return (dh * h).sum(axis=0)


def b_sum_apart(da, h, beta):
    p = sigmoid(beta * h)
    return da.sum(axis=0) * (h**2 * p * (1 - p)).sum(axis=0)


def b_mean_and_h_once(da, h, beta):
    p = sigmoid(beta * h)
    return (da * h * p * (1 - p)).mean(axis=0)


def b_keepdims(da, h, beta):
    p = sigmoid(beta * h)
    return (da * h**2 * p * (1 - p)).sum(axis=0, keepdims=True)


def b_right_einsum(da, h, beta):
    p = sigmoid(h * beta)
    return np.einsum("ni,ni,ni,ni->i", da, h, h, p - p * p)


def b_right_cosh(da, h, beta):
    return np.sum(da * (h / (2 * np.cosh(beta * h / 2))) ** 2, 0)


# ------------------------------------------------------------------ 5.3


def d_no_transpose(dh, x, W):
    dW = (dh.T @ x).T
    db = dh.mean(axis=0)
    return dW, db, dh @ W.T


def d_W_turned(dh, x, W):
    return dh.T @ x, dh.sum(axis=0), dh @ W.T


def d_dx_no_T(dh, x, W):
    return x.T @ dh, dh.sum(axis=0), dh @ W


def d_dx_turned(dh, x, W):
    return x.T @ dh, dh.sum(axis=0), W @ dh.T


def d_db_is_dh(dh, x, W):
    return x.T @ dh, dh, dh @ W.T


def d_db_axis(dh, x, W):
    return x.T @ dh, dh.sum(axis=1), dh @ W.T


def d_dx_from_x(dh, x, W):
    return x.T @ dh, dh.sum(axis=0), x @ W


def d_divided_by_n(dh, x, W):
    N = len(x)
    return x.T @ dh / N, dh.sum(axis=0) / N, dh @ W.T


def d_exchanged(dh, x, W):
    return dh @ W.T, x.T @ dh, dh.sum(axis=0)


def d_db_all(dh, x, W):
    return x.T @ dh, dh.sum(), dh @ W.T


def d_right_einsum(dh, x, W):
    return (
        np.einsum("nj,ni->ji", x, dh),
        np.einsum("ni->i", dh),
        np.einsum("ni,ji->nj", dh, W),
    )


def d_right_outer(dh, x, W):
    dW = sum(np.outer(a, b) for a, b in zip(x, dh, strict=True))
    return dW, np.ones(len(dh)) @ dh, (W @ dh.T).T


# ------------------------------------------------------------------ 5.4


def forward(x, W1, b1, beta1, W2, b2, beta2):
    h1 = x @ W1 + b1
    p1 = sigmoid(beta1 * h1)
    w, a1 = p1 * (1 - p1), h1 * p1
    h2 = a1 @ W2 + b2
    p2 = sigmoid(beta2 * h2)
    return h1, p1, w, a1, h2, p2


def n_over_n(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / len(x)
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_not_divided(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = p2 - y
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_dh2_without_beta(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_sigmoid_output(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    w2 = p2 * (1 - p2)
    dh2 = do * beta2 * w2
    dbeta2 = (do * h2 * w2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_esp_output(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    w2 = p2 * (1 - p2)
    dh2 = do * (p2 + beta2 * h2 * w2)
    dbeta2 = (do * h2**2 * w2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_sigmoid_hidden(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * beta1 * w
    dbeta1 = (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_dbeta1_from_dh1(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (dh1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_h1_for_a1(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = h1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_gate_skipped(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ da1, da1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_dbeta2_from_dh2(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (dh2 * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_order_of_results(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW2, db2, dbeta2, dW1, db1, dbeta1


def n_two_slips(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (y - p2) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2, da1 = a1.T @ dh2, dh2.sum(axis=0), dh2 @ W2.T
    dh1 = da1 * (p1 + h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_da1_without_T(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, p1, w, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_right_own_functions(x, y, W1, b1, beta1, W2, b2, beta2):
    def dense(d, a, W):
        return a.T @ d, d.sum(0), d @ W.T

    def gate(d, h, beta):
        q = 1 / (1 + np.exp(-beta * h))
        return d * (q + beta * h * q * (1 - q)), (d * h * h * q * (1 - q)).sum(0)

    h1 = x @ W1 + b1
    a1 = h1 / (1 + np.exp(-beta1 * h1))
    h2 = a1 @ W2 + b2
    d = (1 / (1 + np.exp(-beta2 * h2)) - y) / y.size
    dbeta2 = (d * h2).sum(0)
    dW2, db2, d = dense(d * beta2, a1, W2)
    d, dbeta1 = gate(d, h1, beta1)
    dW1, db1, _ = dense(d, x, W1)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def n_right_sample_by_sample(x, y, W1, b1, beta1, W2, b2, beta2):
    total = [np.zeros_like(p) for p in (W1, b1, beta1, W2, b2, beta2)]
    N, K = y.shape
    for n in range(N):
        h1 = x[n] @ W1 + b1
        p1 = sigmoid(beta1 * h1)
        a1 = h1 * p1
        h2 = a1 @ W2 + b2
        do = (sigmoid(beta2 * h2) - y[n]) / (N * K)
        dh2 = do * beta2
        da1 = W2 @ dh2
        dh1 = da1 * p1 * (1 + beta1 * h1 * (1 - p1))
        dbeta1 = da1 * a1 * h1 * (1 - p1)
        grads = np.outer(x[n], dh1), dh1, dbeta1, np.outer(a1, dh2), dh2, do * h2
        for t, g in zip(total, grads, strict=True):
            t += g
    return tuple(total)


# ------------------------------------------------------------------ 5.5


def f_no_root(std, f_h):
    H = f_h.shape[1]
    return std * H * (f_h**2).mean()


def f_mean_slope(std, f_h):
    return std * np.sqrt(f_h.shape[1]) * f_h.mean()


def f_abs_slope(std, f_h):
    return std * np.sqrt(f_h.shape[1]) * np.abs(f_h).mean()


def f_N_for_H(std, f_h):
    return std * np.sqrt(len(f_h)) * np.sqrt((f_h**2).mean())


def f_no_H(std, f_h):
    return std * np.sqrt((f_h**2).mean())


def f_square(std, f_h):
    return std**2 * f_h.shape[1] * (f_h**2).mean()


def f_sum_of_squares(std, f_h):
    return std * np.sqrt((f_h**2).sum())


def f_std_inside(std, f_h):
    return np.sqrt(std * f_h.shape[1] * (f_h**2).mean())


def f_per_unit(std, f_h):
    return std * np.sqrt(f_h.shape[1]) * np.sqrt((f_h**2).mean(axis=0))


def f_spread_of_slope(std, f_h):
    return std * np.sqrt(f_h.shape[1]) * f_h.std()


def f_H_times(std, f_h):
    H = f_h.shape[1]
    return H * std * np.sqrt(np.mean(f_h**2))


def f_size(std, f_h):
    return std * np.sqrt(f_h.size) * np.sqrt((f_h**2).mean())


def f_right_norm(std, f_h):
    N, H = f_h.shape
    return std * np.linalg.norm(f_h) / np.sqrt(N)


def f_right_sum(std, f_h):
    return (std**2 * (f_h**2).sum(axis=1).mean()) ** 0.5


ANSWERS = [
    ("5.1", "wrong", "inner derivative forgotten", g_no_beta, "beta|inner"),
    ("5.1", "wrong", "the sigmoid's slope", g_sigmoid_slope, "sigmoid|product|first term|p\\b"),
    ("5.1", "wrong", "only w", g_w_only),
    ("5.1", "wrong", "only p", g_p_only),
    ("5.1", "wrong", "brackets: da on the first term only", g_precedence, "da"),
    ("5.1", "wrong", "minus", g_minus),
    ("5.1", "wrong", "da forgotten", g_without_da, "da"),
    ("5.1", "wrong", "sign in the exponential", g_plus_sign_in_exp),
    ("5.1", "wrong", "beta on both terms", g_beta_of_p_too, "beta"),
    ("5.1", "wrong", "u p for u w", g_w_missing),
    ("5.1", "wrong", "summed over the samples", g_summed),
    ("5.1", "wrong", "product of the two derivatives", g_product_of_derivatives),
    ("5.1", "wrong", "no beta and a minus", g_no_beta_and_minus),
    ("5.1", "wrong", "a (1 - a)", g_of_a),
    ("5.1", "right", "quotient rule", g_right_quotient),
    ("5.1", "right", "as swish is written elsewhere", g_right_swish),
    ("5.1", "right", "two loops and tanh", g_right_loop),
    ("5.2", "wrong", "sum over everything", b_all),
    ("5.2", "wrong", "mean", b_mean),
    ("5.2", "wrong", "sum over the units", b_axis_one),
    ("5.2", "wrong", "not summed", b_not_summed),
    ("5.2", "wrong", "h once", b_h_once),
    ("5.2", "wrong", "u w", b_u_w),
    ("5.2", "wrong", "u squared", b_u_squared),
    ("5.2", "wrong", "p for w", b_p_for_w),
    ("5.2", "wrong", "dh times h", b_from_dh),
    ("5.2", "wrong", "product of two sums", b_sum_apart),
    ("5.2", "wrong", "mean, and h once", b_mean_and_h_once),
    ("5.2", "wrong", "keepdims", b_keepdims),
    ("5.2", "right", "einsum", b_right_einsum),
    ("5.2", "right", "by cosh", b_right_cosh),
    ("5.3", "wrong", "db as a mean", d_no_transpose, "db|mean"),
    ("5.3", "wrong", "dW transposed", d_W_turned, "dW"),
    ("5.3", "wrong", "dx without the transpose", d_dx_no_T, "dx|@|W"),
    ("5.3", "wrong", "dx turned", d_dx_turned, "dx"),
    ("5.3", "wrong", "db is dh", d_db_is_dh, "db"),
    ("5.3", "wrong", "db summed over units", d_db_axis, "db"),
    ("5.3", "wrong", "dx = x W", d_dx_from_x, "dx"),
    ("5.3", "wrong", "divided by N", d_divided_by_n),
    ("5.3", "wrong", "order of the results", d_exchanged),
    ("5.3", "wrong", "db summed over everything", d_db_all, "db"),
    ("5.3", "right", "einsum", d_right_einsum),
    ("5.3", "right", "outer products", d_right_outer),
    ("5.4", "wrong", "divided by N, not N K", n_over_n),
    ("5.4", "wrong", "not divided", n_not_divided),
    ("5.4", "wrong", "dh2 without beta2", n_dh2_without_beta, "dh2|beta2"),
    ("5.4", "wrong", "the sigmoid's slope at the output", n_sigmoid_output, "dh2|output|w|dbeta2"),
    ("5.4", "wrong", "ESP at the output", n_esp_output, "dh2|output|dbeta2"),
    ("5.4", "wrong", "sigmoid's slopes in the hidden layer", n_sigmoid_hidden, "dh1|ESP|dbeta1"),
    ("5.4", "wrong", "dbeta1 from dh1", n_dbeta1_from_dh1, "dbeta1|da1"),
    ("5.4", "wrong", "h1 for a1", n_h1_for_a1, "dW2|a1"),
    ("5.4", "wrong", "gate 1 skipped", n_gate_skipped, "dh1|gate|dW1"),
    ("5.4", "wrong", "dbeta2 from dh2", n_dbeta2_from_dh2, "dbeta2|do"),
    ("5.4", "wrong", "order of the results", n_order_of_results),
    ("5.4", "wrong", "y - p, and the inner derivative", n_two_slips),
    ("5.4", "wrong", "da1 without the transpose", n_da1_without_T),
    ("5.4", "right", "own functions inside, one d", n_right_own_functions),
    ("5.4", "right", "sample by sample", n_right_sample_by_sample),
    ("5.5", "wrong", "no root", f_no_root),
    ("5.5", "wrong", "mean slope", f_mean_slope),
    ("5.5", "wrong", "mean of the absolute slope", f_abs_slope),
    ("5.5", "wrong", "N for H", f_N_for_H),
    ("5.5", "wrong", "H forgotten", f_no_H),
    ("5.5", "wrong", "mean square, root not taken", f_square),
    ("5.5", "wrong", "sum of all squares", f_sum_of_squares),
    ("5.5", "wrong", "std not squared inside the root", f_std_inside),
    ("5.5", "wrong", "one per unit", f_per_unit),
    ("5.5", "wrong", "standard deviation of the slope", f_spread_of_slope),
    ("5.5", "wrong", "H without its root", f_H_times),
    ("5.5", "wrong", "all entries for H", f_size),
    ("5.5", "right", "by the norm", f_right_norm),
    ("5.5", "right", "sum over the units, mean over the samples", f_right_sum),
]
