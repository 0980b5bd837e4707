"""Lesson 8: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

import numpy as np

# ------------------------------------------------------------------ 8.3


def g_v_times(W, b, beta, V, c):
    return W * c, b * c, beta / c, V * c[:, None]


def g_beta_times(W, b, beta, V, c):
    return W * c, b * c, beta * c, V / c[:, None]


def g_no_beta(W, b, beta, V, c):
    return W * c, b * c, beta, V / c[:, None]


def g_no_v(W, b, beta, V, c):
    return W * c, b * c, beta / c, V


def g_no_bias(W, b, beta, V, c):
    return W * c, b, beta / c, V / c[:, None]


def g_inverse(W, b, beta, V, c):
    return W / c, b / c, beta * c, V * c[:, None]


def g_v_axis(W, b, beta, V, c):
    return W * c, b * c, beta / c, V / c


def g_w_axis(W, b, beta, V, c):
    return W * c[:, None], b * c, beta / c, V / c[:, None]


def g_v_squared(W, b, beta, V, c):
    return W * c, b * c, beta / c, V / c[:, None] ** 2


def g_v_with_beta(W, b, beta, V, c):
    return W * c, b * c, beta / c, V / (c * beta)[:, None]


def g_exchanged(W, b, beta, V, c):
    return W * c, b * c, V / c[:, None], beta / c


def g_added(W, b, beta, V, c):
    return W + c, b + c, beta - c, V - c[:, None]


def g_in_place(W, b, beta, V, c):
    W *= c
    b *= c
    beta /= c
    V /= c[:, None]
    return W, b, beta, V


def g_abs(W, b, beta, V, c):
    return W * c, b * c, beta / np.abs(c), V / c[:, None]


def g_beta_over_w(W, b, beta, V, c):
    return W * c, b * c, beta / c, V / (c * c)[:, None]


def g_matrix(W, b, beta, V, c):
    return W @ np.diag(c), b * c, beta / c, np.diag(c) @ V


def g_no_bias_v_times(W, b, beta, V, c):
    return W * c, b, beta / c, V * c[:, None]


def g_only_w(W, b, beta, V, c):
    return W * c, b, beta, V


def g_root(W, b, beta, V, c):
    r = np.sqrt(np.abs(c))
    return W * r, b * r, beta / r, V / r[:, None]


def g_one_c(W, b, beta, V, c):
    return W * c[0], b * c[0], beta / c[0], V / c[0]


def g_beta_squared(W, b, beta, V, c):
    return W * c, b * c, beta / c**2, V / c[:, None]


# ------------------------------------------------------------------ 8.5


def o_w_over(W1, b1, beta1, W2, b2, beta2):
    return W1 / beta1, b1 / beta1, W2 * beta1[:, None] * beta2, b2 * beta2


def o_hidden_only(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / beta1[:, None], b2


def o_no_over(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 * beta2, b2 * beta2


def o_times(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 * beta1[:, None] * beta2, b2 * beta2


def o_no_b2(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / beta1[:, None] * beta2, b2


def o_no_b1(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1, W2 / beta1[:, None] * beta2, b2 * beta2


def o_b2_over(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / beta1[:, None] / beta2, b2 / beta2


def o_precedence(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / (beta1[:, None] * beta2), b2 * beta2


def o_axis(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1[:, None], b1 * beta1, W2 / beta1[:, None] * beta2, b2 * beta2


def o_axis_out(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 * beta2 / beta1, b2 * beta2


def o_six(W1, b1, beta1, W2, b2, beta2):
    one, other = np.ones_like(beta1), np.ones_like(beta2)
    return W1 * beta1, b1 * beta1, one, W2 / beta1[:, None] * beta2, b2 * beta2, other


def o_drop(W1, b1, beta1, W2, b2, beta2):
    return W1, b1, W2, b2


def o_output_gauge(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / beta1[:, None] / beta2, b2 * beta2


def o_b2_with_beta1(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / beta1[:, None] * beta2, b2 * beta2 / beta1.mean()


def o_squared(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 / beta1[:, None] ** 2 * beta2, b2 * beta2


def o_two_slips(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1, W2 / beta1[:, None] * beta2, b2


def o_w_over_no_beta2(W1, b1, beta1, W2, b2, beta2):
    return W1 / beta1, b1 / beta1, W2 * beta1[:, None], b2


def o_outer(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 @ np.diag(beta2) / beta1[:, None], b2


# ------------------------------------------------------------------ 8.6


def x_plus_all(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db + beta * dbeta + (V * dV).sum(1)


def x_plus_v(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db - beta * dbeta + (V * dV).sum(1)


def x_over(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db + dbeta / beta + (dV / V).sum(1)


def x_negated(W, b, beta, V, dW, db, dbeta, dV):
    return beta * dbeta + (V * dV).sum(1) - (W * dW).sum(0) - b * db


def x_number(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum() + (b * db).sum() - (beta * dbeta).sum() - (V * dV).sum()


def x_axis(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(1) + b * db - beta * dbeta - (V * dV).sum(0)


def x_mean(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).mean(0) + b * db - beta * dbeta - (V * dV).mean(1)


def x_no_bias(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) - beta * dbeta - (V * dV).sum(1)


def x_only_gradient(W, b, beta, V, dW, db, dbeta, dV):
    return dW.sum(0) + db - dbeta - dV.sum(1)


def x_matmul(W, b, beta, V, dW, db, dbeta, dV):
    return W.T @ dW + b * db - beta * dbeta - V @ dV.T


def x_zero(W, b, beta, V, dW, db, dbeta, dV):
    return np.zeros_like(beta)


def x_beta_squared(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db - dbeta / beta**2 - (dV / V**2).sum(1)


def x_twice(W, b, beta, V, dW, db, dbeta, dV):
    return 2 * ((W * dW).sum(0) + b * db - beta * dbeta - (V * dV).sum(1))


def x_v_first(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db - beta * dbeta - (V * dV).sum()


def x_products(W, b, beta, V, dW, db, dbeta, dV):
    return W * dW, b * db, -beta * dbeta, -V * dV


def x_no_v(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db - beta * dbeta


def x_plus_beta(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db + beta * dbeta - (V * dV).sum(1)


def x_minus_b(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) - b * db - beta * dbeta - (V * dV).sum(1)


def x_length(W, b, beta, V, dW, db, dbeta, dV):
    size = np.sqrt((W**2).sum(0) + b**2 + beta**2 + (V**2).sum(1))
    return ((W * dW).sum(0) + b * db - beta * dbeta - (V * dV).sum(1)) / size


def x_no_b_plus_v(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) - beta * dbeta + (V * dV).sum(1)


def x_reciprocal_beta(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(0) + b * db - dbeta / beta - (dV / V).sum(1)


# ------------------------------------------------------------------ 8.10


def z_from_one(rate, q, T, epochs):
    return sum(rate * q ** (t / T) for t in range(1, epochs + 1))


def z_one_more(rate, q, T, epochs):
    return sum(rate * q ** (t / T) for t in range(epochs + 1))


def z_last(rate, q, T, epochs):
    return rate * q ** (epochs / T)


def z_mean(rate, q, T, epochs):
    return np.mean([rate * q ** (t / T) for t in range(epochs)])


def z_steps(rate, q, T, epochs):
    return sum(rate * q ** (t // T) for t in range(epochs))


def z_integral(rate, q, T, epochs):
    return rate * T * (q ** (epochs / T) - 1) / np.log(q)


def z_infinite(rate, q, T, epochs):
    return rate / (1 - q ** (1 / T))


def z_no_T(rate, q, T, epochs):
    return sum(rate * q**t for t in range(epochs))


def z_no_decay(rate, q, T, epochs):
    return rate * epochs


def z_power_of_rate(rate, q, T, epochs):
    return sum((rate * q) ** (t / T) for t in range(epochs))


def z_times_T(rate, q, T, epochs):
    return sum(rate * q ** (t * T) for t in range(epochs))


def z_list(rate, q, T, epochs):
    return np.cumsum(rate * q ** (np.arange(epochs) / T))


def z_no_rate(rate, q, T, epochs):
    return sum(q ** (t / T) for t in range(epochs))


def z_compound(rate, q, T, epochs):
    total = 0
    for t in range(epochs):
        rate = rate * q ** (t / T)
        total += rate
    return total


def z_precedence(rate, q, T, epochs):
    return sum(rate * q**t / T for t in range(epochs))


def z_periods(rate, q, T, epochs):
    n = epochs / T
    return rate * (1 - q**n) / (1 - q)


def z_periods_T(rate, q, T, epochs):
    n = epochs / T
    return rate * T * (1 - q**n) / (1 - q)


def z_product(rate, q, T, epochs):
    return np.prod(rate * q ** (np.arange(epochs) / T))


def z_linspace(rate, q, T, epochs):
    t = np.linspace(0, epochs, epochs)
    return (rate * q ** (t / T)).sum()


def z_one_more_power(rate, q, T, epochs):
    f = q ** (1 / T)
    return rate * (1 - f ** (epochs + 1)) / (1 - f)


def z_updated_first(rate, q, T, epochs):
    far = 0
    for _ in range(epochs):
        rate *= q ** (1 / T)
        far += rate
    return far


def z_rows(rate, q, T, epochs):
    return sum(rate * q ** (t / T) for t in range(0, epochs, T))


def z_steps_one(rate, q, T, epochs):
    return sum(rate * q ** (t // T) for t in range(1, epochs + 1))


# ------------------------------------------------------------------ right


def r_diag(W, b, beta, V, c):
    C, D = np.diag(c), np.diag(1 / c)
    return W @ C, C @ b, D @ beta, D @ V


def r_transposed(W, b, beta, V, c):
    return (W.T * c[:, None]).T, b * c, beta * c**-1.0, (V.T / c).T


def r_einsum(W, b, beta, V, c):
    return [np.einsum("dh,h->dh", W, c), c * b, beta / c, np.einsum("hk,h->hk", V, 1 / c)]


def r_units(W, b, beta, V, c):
    W, b, beta, V = W.copy(), b.copy(), beta.copy(), V.copy()
    for i, one in enumerate(c):
        W[:, i] *= one
        b[i] *= one
        beta[i] /= one
        V[i] /= one
    return W, b, beta, V


def r_gauge_out(W1, b1, beta1, W2, b2, beta2):
    D = np.diag(1 / beta1) @ W2
    return W1 @ np.diag(beta1), np.diag(beta1) @ b1, D @ np.diag(beta2), beta2 * b2


def r_outer(W1, b1, beta1, W2, b2, beta2):
    return W1 * beta1, b1 * beta1, W2 * np.outer(1 / beta1, beta2), b2 * beta2


def r_mirror(W1, b1, beta1, W2, b2, beta2):
    out = []
    for i, one in enumerate(beta1):
        out.append(beta2 * W2[i] / one)
    return [W1 * beta1[None, :], beta1 * b1, out, b2 * beta2]


def r_sums(W, b, beta, V, dW, db, dbeta, dV):
    return np.einsum("dh,dh->h", W, dW) + b * db - beta * dbeta - np.einsum("hk,hk->h", V, dV)


def r_stacked(W, b, beta, V, dW, db, dbeta, dV):
    xi = np.vstack([W, b, -beta, -V.T])
    g = np.vstack([dW, db, dbeta, dV.T])
    return (xi * g).sum(axis=0)


def r_diagonal(W, b, beta, V, dW, db, dbeta, dV):
    return np.diag(W.T @ dW) + b * db - beta * dbeta - np.diag(V @ dV.T)


def r_list(W, b, beta, V, dW, db, dbeta, dV):
    return [
        W[:, i] @ dW[:, i] + b[i] * db[i] - beta[i] * dbeta[i] - V[i] @ dV[i] for i in range(len(b))
    ]


def r_array(rate, q, T, epochs):
    return (rate * q ** (np.arange(epochs) / T)).sum()


def r_log(rate, q, T, epochs):
    step = np.log(q) / T
    return rate * np.expm1(epochs * step) / np.expm1(step)


def r_running(rate, q, T, epochs):
    far = 0.0
    for _ in range(epochs):
        far += rate
        rate *= q ** (1 / T)
    return far


def r_closed(rate, q, T, epochs):
    f = q ** (1 / T)
    return rate * (f**epochs - 1) / (f - 1)


ANSWERS = [
    ("8.3", "wrong", "v times c", g_v_times),
    ("8.3", "wrong", "beta times c", g_beta_times),
    ("8.3", "wrong", "beta stays", g_no_beta),
    ("8.3", "wrong", "v stays", g_no_v),
    ("8.3", "wrong", "bias stays", g_no_bias),
    ("8.3", "wrong", "the inverse", g_inverse),
    ("8.3", "wrong", "c along V's columns", g_v_axis),
    ("8.3", "wrong", "c along W's rows", g_w_axis),
    ("8.3", "wrong", "v over c squared", g_v_squared),
    ("8.3", "wrong", "v over c beta", g_v_with_beta),
    ("8.3", "wrong", "outputs exchanged", g_exchanged),
    ("8.3", "wrong", "added, not multiplied", g_added),
    ("8.3", "wrong", "in place", g_in_place),
    ("8.3", "wrong", "beta over |c|", g_abs),
    ("8.3", "wrong", "v over c c", g_beta_over_w),
    ("8.3", "wrong", "matrices, v times c", g_matrix),
    ("8.3", "wrong", "bias stays, v times c", g_no_bias_v_times),
    ("8.3", "wrong", "weights only", g_only_w),
    ("8.3", "wrong", "root of |c|", g_root),
    ("8.3", "wrong", "the first c for all", g_one_c),
    ("8.3", "wrong", "beta over c squared", g_beta_squared),
    ("8.5", "wrong", "c = 1/beta", o_w_over),
    ("8.5", "wrong", "output's beta left", o_hidden_only),
    ("8.5", "wrong", "W2 not divided", o_no_over),
    ("8.5", "wrong", "W2 times beta1", o_times),
    ("8.5", "wrong", "b2 stays", o_no_b2),
    ("8.5", "wrong", "b1 stays", o_no_b1),
    ("8.5", "wrong", "over beta2", o_b2_over),
    ("8.5", "wrong", "precedence", o_precedence),
    ("8.5", "wrong", "beta1 along W1's rows", o_axis),
    ("8.5", "wrong", "beta1 along W2's columns", o_axis_out),
    ("8.5", "wrong", "six returned", o_six),
    ("8.5", "wrong", "nothing done", o_drop),
    ("8.5", "wrong", "W2 over beta2", o_output_gauge),
    ("8.5", "wrong", "b2 over beta1", o_b2_with_beta1),
    ("8.5", "wrong", "over beta1 squared", o_squared),
    ("8.5", "wrong", "b1 and b2 stay", o_two_slips),
    ("8.5", "wrong", "c = 1/beta, output left", o_w_over_no_beta2),
    ("8.5", "wrong", "diag, b2 stays", o_outer),
    ("8.6", "wrong", "all plus", x_plus_all),
    ("8.6", "wrong", "plus v", x_plus_v),
    ("8.6", "wrong", "1/beta and 1/v", x_over),
    ("8.6", "wrong", "negated", x_negated),
    ("8.6", "wrong", "one number", x_number),
    ("8.6", "wrong", "axes exchanged", x_axis),
    ("8.6", "wrong", "means", x_mean),
    ("8.6", "wrong", "no bias", x_no_bias),
    ("8.6", "wrong", "without xi", x_only_gradient),
    ("8.6", "wrong", "matrix products", x_matmul),
    ("8.6", "wrong", "zero", x_zero),
    ("8.6", "wrong", "-1/beta^2", x_beta_squared),
    ("8.6", "wrong", "twice", x_twice),
    ("8.6", "wrong", "v's sum over all", x_v_first),
    ("8.6", "wrong", "products, no sums", x_products),
    ("8.6", "wrong", "v left out", x_no_v),
    ("8.6", "wrong", "plus beta", x_plus_beta),
    ("8.6", "wrong", "minus b", x_minus_b),
    ("8.6", "wrong", "xi of length 1", x_length),
    ("8.6", "wrong", "no bias, plus v", x_no_b_plus_v),
    ("8.6", "wrong", "minus 1/beta, 1/v", x_reciprocal_beta),
    ("8.10", "wrong", "from 1", z_from_one),
    ("8.10", "wrong", "one more", z_one_more),
    ("8.10", "wrong", "the last rate", z_last),
    ("8.10", "wrong", "mean", z_mean),
    ("8.10", "wrong", "in stairs", z_steps),
    ("8.10", "wrong", "integral", z_integral),
    ("8.10", "wrong", "for ever", z_infinite),
    ("8.10", "wrong", "no T", z_no_T),
    ("8.10", "wrong", "no decay", z_no_decay),
    ("8.10", "wrong", "rate in the power", z_power_of_rate),
    ("8.10", "wrong", "times T", z_times_T),
    ("8.10", "wrong", "running sums", z_list),
    ("8.10", "wrong", "no rate", z_no_rate),
    ("8.10", "wrong", "decay on decay", z_compound),
    ("8.10", "wrong", "precedence", z_precedence),
    ("8.10", "wrong", "one term per T steps", z_periods),
    ("8.10", "wrong", "one term per T steps, times T", z_periods_T),
    ("8.10", "wrong", "product", z_product),
    ("8.10", "wrong", "linspace", z_linspace),
    ("8.10", "wrong", "geometric sum with one more", z_one_more_power),
    ("8.10", "wrong", "decay before the first step", z_updated_first),
    ("8.10", "wrong", "every T-th", z_rows),
    ("8.10", "wrong", "stairs, from 1", z_steps_one),
    ("8.3", "right", "diagonal matrices", r_diag),
    ("8.3", "right", "transposed", r_transposed),
    ("8.3", "right", "einsum, a list", r_einsum),
    ("8.3", "right", "unit by unit", r_units),
    ("8.5", "right", "diagonal matrices", r_gauge_out),
    ("8.5", "right", "outer product", r_outer),
    ("8.5", "right", "rows, lists", r_mirror),
    ("8.6", "right", "einsum", r_sums),
    ("8.6", "right", "stacked", r_stacked),
    ("8.6", "right", "diagonal of products", r_diagonal),
    ("8.6", "right", "unit by unit, a list", r_list),
    ("8.10", "right", "array", r_array),
    ("8.10", "right", "expm1", r_log),
    ("8.10", "right", "running rate", r_running),
    ("8.10", "right", "closed form", r_closed),
]
