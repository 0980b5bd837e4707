"""Lesson 3: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

# ruff: noqa: B007, RUF059 (as people write)

import numpy as np


def sigmoid(u):
    return 0.5 * (1 + np.tanh(u / 2))


# ------------------------------------------------------------------ 3.1


def f_transposed(x, W, b):
    return (W.T @ x.T).T + b[:, None].T * 0 + b.sum()


def f_wrong_order(x, W, b):
    return W @ x + b


def f_b_outside(x, W, b):
    return x @ (W + b)


def f_no_bias(x, W, b):
    return np.dot(x, W)


def f_b_minus(x, W, b):
    return x @ W - b


def f_result_turned(x, W, b):
    return (x @ W + b).T


def f_mean(x, W, b):
    return x @ W / x.shape[1] + b


def f_elementwise(x, W, b):
    return np.sum(x * W, axis=1) + b


def f_first_sample(x, W, b):
    return x[0] @ W + b


def f_bias_twice(x, W, b):
    h = x @ W
    h += b
    return h + b


def f_sum_all(x, W, b):
    h = np.einsum("nj,ji->i", x, W) + b
    return np.tile(h, (len(x), 1))


# ------------------------------------------------------------------ 3.2


def n_gate_last_too(x, layers):
    a = x
    for W, b, beta in layers:
        h = a @ W + b
        a = h * sigmoid(beta * h)
    return a


def n_sigmoid_last(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        h = a @ W + b
        a = h * sigmoid(beta * h)
    W, b, beta = layers[-1]
    return sigmoid(beta * (a @ W + b))


def n_last_beta_forgotten(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        h = a @ W + b
        a = h * sigmoid(beta * h)
    W, b, beta = layers[-1]
    return a @ W + b


def n_beta_before_bias(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        h = a @ W + b
        a = h * sigmoid(beta * h)
    W, b, beta = layers[-1]
    return beta * (a @ W) + b


def n_only_sigmoid(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        a = sigmoid(beta * (a @ W + b))
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_relu(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        a = np.maximum(a @ W + b, 0)
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_beta_out_of_gate(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        h = a @ W + b
        a = beta * h * sigmoid(h)
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_beta_h_sigma(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        u = beta * (a @ W + b)
        a = u * sigmoid(u)
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_plus_in_exponent(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        h = a @ W + b
        a = h / (1 + np.exp(beta * h))
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_no_hidden_bias(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        h = a @ W
        a = h * sigmoid(beta * h)
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_always_x(x, layers):
    for W, b, beta in layers[:-1]:
        h = x @ W + b
        a = h * sigmoid(beta * h)
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_returns_inside(x, layers):
    a = x
    for k, (W, b, beta) in enumerate(layers):
        h = a @ W + b
        if k == len(layers) - 1:
            return h
        a = h * sigmoid(h)


def n_three_only(x, layers):
    (W1, b1, beta1), (W2, b2, beta2), (W3, b3, beta3) = layers
    h1 = x @ W1 + b1
    h2 = h1 * sigmoid(beta1 * h1) @ W2 + b2
    return beta3 * (h2 * sigmoid(beta2 * h2) @ W3 + b3)


def n_one_too_few(x, layers):
    a = x
    for W, b, beta in layers[:-2]:
        h = a @ W + b
        a = h * sigmoid(beta * h)
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


def n_gate_of_signal(x, layers):
    a = x
    for W, b, beta in layers[:-1]:
        a = a @ W + b * sigmoid(beta * (a @ W + b))
    W, b, beta = layers[-1]
    return beta * (a @ W + b)


# ------------------------------------------------------------------ 3.4


def c_no_root(R, a):
    return R / (R.shape[0] * np.mean(a**2))


def c_only_fan_in(R, a):
    return R / np.sqrt(R.shape[0])


def c_fan_out(R, a):
    return R / np.sqrt(R.shape[1] * np.mean(a**2))


def c_samples(R, a):
    return R / np.sqrt(len(a) * np.mean(a**2))


def c_variance(R, a):
    D, H = R.shape
    return R / np.sqrt(D * np.var(a))


def c_std(R, a):
    return R / (np.sqrt(a.shape[1]) * a.std())


def c_he(R, a):
    return R * np.sqrt(2 / R.shape[0])


def c_xavier(R, a):
    D, H = R.shape
    return R * np.sqrt(2 / ((D + H) * np.mean(a**2)))


def c_sum_of_squares(R, a):
    return R / np.sqrt(R.shape[0] * np.sum(a**2))


def c_square_of_mean(R, a):
    return R / np.sqrt(R.shape[0] * np.mean(a) ** 2)


def c_half(R, a):
    return R * np.sqrt(2 / (R.shape[0] * np.mean(a**2)))


def c_by_input(R, a):
    power = np.mean(a**2, axis=0)
    return R / np.sqrt(R.shape[0] * power[:, None])


def c_multiplied(R, a):
    return R * np.sqrt(np.mean(a**2) / R.shape[0])


def c_mean_abs(R, a):
    return R / (np.sqrt(R.shape[0]) * np.mean(np.abs(a)))


def c_root_power(R, a):
    size = np.sqrt(np.mean(a**2))
    return R / np.sqrt(R.shape[0] * size)


def c_no_fan_in(R, a):
    return R / np.sqrt(np.mean(a**2))


def c_measured_fields(R, a):
    return R / np.sqrt(np.mean((a @ R) ** 2))


def c_per_sample(R, a):
    power = (a**2).sum(axis=1).mean()
    return R / np.sqrt(R.shape[0] * power)


def c_number_only(R, a):
    return 1 / np.sqrt(R.shape[0] * np.mean(a**2))


# ------------------------------------------------------------------ 3.5


def s_sizes(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, [D * H, H, H, H * K, K])
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2


def s_six_places(theta, D, H, K):
    return np.split(theta, np.cumsum([D * H, H, H, H * K, K, K]))


def s_flat(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, np.cumsum([D * H, H, H, H * K, K]))
    return W1, b1, beta1, W2, b2, beta2


def s_turned(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, np.cumsum([D * H, H, H, H * K, K]))
    return W1.reshape(H, D).T, b1, beta1, W2.reshape(K, H).T, b2, beta2


def s_one_turned(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, np.cumsum([D * H, H, H, H * K, K]))
    return W1.reshape(D, H), b1, beta1, W2.reshape(K, H).T, b2, beta2


def s_order_weights_first(theta, D, H, K):
    W1, W2, b1, b2, beta1, beta2 = np.split(theta, np.cumsum([D * H, H * K, H, K, H]))
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2


def s_betas_last(theta, D, H, K):
    W1, b1, W2, b2, beta1, beta2 = np.split(theta, np.cumsum([D * H, H, H * K, K, H]))
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2


def s_beta_before_b(theta, D, H, K):
    W1, beta1, b1, W2, beta2, b2 = np.split(theta, np.cumsum([D * H, H, H, H * K, K]))
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2


def s_returned_by_kind(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, np.cumsum([D * H, H, H, H * K, K]))
    return W1.reshape(D, H), W2.reshape(H, K), b1, b2, beta1, beta2


def s_off_by_one(theta, D, H, K):
    i = D * H
    W1 = theta[:i].reshape(D, H)
    b1 = theta[i + 1 : i + H + 1]
    beta1 = theta[i + H + 1 : i + 2 * H + 1]
    j = i + 2 * H
    W2 = theta[j : j + H * K].reshape(H, K)
    j += H * K
    return W1, b1, beta1, W2, theta[j : j + K], theta[j + K :]


def s_no_beta(theta, D, H, K):
    W1, b1, W2, b2 = np.split(theta, np.cumsum([D * H, H, H * K]))
    return W1.reshape(D, H), b1, W2.reshape(H, K), b2


def s_fortran(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, np.cumsum([D * H, H, H, H * K, K]))
    return W1.reshape(D, H, order="F"), b1, beta1, W2.reshape(H, K, order="F"), b2, beta2


def s_one_b(theta, D, H, K):
    i = D * H
    b1, beta1 = theta[i : i + H], theta[i : i + H]
    j = i + 2 * H
    W2 = theta[j : j + H * K].reshape(H, K)
    j += H * K
    return theta[:i].reshape(D, H), b1, beta1, W2, theta[j : j + K], theta[j + K :]


# ------------------------------------------------------------------ 3.6


def w_columns(V):
    return V / V.sum(axis=0)


def w_all(V):
    return V / V.sum()


def w_no_keepdims(V):
    return V / V.sum(axis=1)


def w_mean(V):
    return V / V.mean(axis=1, keepdims=True)


def w_norm(V):
    return V / np.sqrt((V**2).sum(axis=1, keepdims=True))


def w_softmax(V):
    E = np.exp(V)
    return E / E.sum(axis=1, keepdims=True)


def w_equal(V):
    return np.ones_like(V) / V.shape[1]


def w_max(V):
    return V / V.max(axis=1)[:, None]


def w_turned(V):
    return V.T / V.sum(axis=1)


def w_both(V):
    W = V / V.sum(axis=1, keepdims=True)
    return W / W.sum(axis=0)


def w_over_H(V):
    return V / V.shape[1]


def w_times(V):
    return V * V.sum(axis=1, keepdims=True)


# ------------------------------------------------------------------ right


def r_fields_einsum(x, W, b):
    return np.einsum("nj,ji->ni", x, W) + b[None, :]


def r_fields_ones(x, W, b):
    ones = np.ones((len(x), 1))
    return np.hstack([x, ones]) @ np.vstack([W, b])


def r_fields_broadcast(x, W, b):
    return (x[:, :, None] * W[None]).sum(axis=1) + b


def r_fields_turned(x, W, b):
    return (W.T @ x.T + b[:, None]).T


def r_net_recursive(x, layers):
    (W, b, beta), *rest = layers
    u = beta * (x @ W + b)
    if not rest:
        return u
    return r_net_recursive((x @ W + b) * sigmoid(u), rest)


def r_net_index(x, layers):
    L = len(layers)
    signals = [x]
    for k in range(L):
        W, b, beta = layers[k]
        h = np.dot(signals[-1], W) + b
        signals.append(np.multiply(beta, h) if k == L - 1 else h / (1 + np.exp(-beta * h)))
    return signals[-1]


def r_net_tanh(x, layers):
    *hidden, (V, c, gamma) = layers
    for W, b, beta in hidden:
        half = (x @ W + b) / 2
        x = half + half * np.tanh(beta * half)
    return (x @ V + c) * gamma


def r_alive_norm(R, a):
    N = a.shape[0]
    return R * np.sqrt(N) / np.linalg.norm(a)


def r_alive_rows(R, a):
    return R * np.mean(np.sum(a * a, axis=1)) ** -0.5


def r_alive_variance(R, a):
    v = 1.0 / (R.shape[0] * (np.var(a) + np.mean(a) ** 2))
    return np.sqrt(v) * R


def r_split_slices(theta, D, H, K):
    def take(n):
        nonlocal theta
        part, theta = theta[:n], theta[n:]
        return part

    return (
        take(D * H).reshape(D, H),
        take(H),
        take(H),
        take(H * K).reshape(-1, K),
        take(K),
        take(K),
    )


def r_split_blocks(theta, D, H, K):
    first, second = theta[: (D + 2) * H].reshape(D + 2, H), theta[(D + 2) * H :].reshape(H + 2, K)
    return first[:D], first[D], first[D + 1], second[:H], second[H], second[H + 1]


def r_shares_turned(V):
    return (V.T / V.sum(1)).T


def r_shares_diag(V):
    return np.diag(1 / (V @ np.ones(V.shape[1]))) @ V


def r_shares_loop(V):
    return np.array([row / sum(row) for row in V])


ANSWERS = [
    ("3.1", "wrong", "all biases added to each unit", f_transposed),
    ("3.1", "wrong", "W @ x", f_wrong_order),
    ("3.1", "wrong", "precedence: x @ (W + b)", f_b_outside),
    ("3.1", "wrong", "b forgotten", f_no_bias),
    ("3.1", "wrong", "b subtracted", f_b_minus),
    ("3.1", "wrong", "result transposed", f_result_turned),
    ("3.1", "wrong", "mean over the inputs", f_mean),
    ("3.1", "wrong", "entry by entry", f_elementwise),
    ("3.1", "wrong", "one sample only", f_first_sample),
    ("3.1", "wrong", "b twice", f_bias_twice),
    ("3.1", "wrong", "summed over the samples too", f_sum_all),
    ("3.2", "wrong", "ESP in the last layer too", n_gate_last_too),
    ("3.2", "wrong", "sigmoid at the end", n_sigmoid_last),
    ("3.2", "wrong", "beta of the last layer forgotten", n_last_beta_forgotten),
    ("3.2", "wrong", "precedence: beta (a W) + b", n_beta_before_bias),
    ("3.2", "wrong", "sigma for ESP", n_only_sigmoid),
    ("3.2", "wrong", "ReLU for ESP", n_relu),
    ("3.2", "wrong", "beta outside the gate", n_beta_out_of_gate),
    ("3.2", "wrong", "beta h sigma(beta h)", n_beta_h_sigma),
    ("3.2", "wrong", "sign in the exponent", n_plus_in_exponent),
    ("3.2", "wrong", "hidden biases forgotten", n_no_hidden_bias),
    ("3.2", "wrong", "x in place of a", n_always_x),
    ("3.2", "wrong", "no beta anywhere", n_returns_inside),
    ("3.2", "wrong", "for three layers only", n_three_only),
    ("3.2", "wrong", "one hidden layer left out", n_one_too_few),
    ("3.2", "wrong", "gates the bias only", n_gate_of_signal),
    ("3.4", "wrong", "v and not its root", c_no_root),
    ("3.4", "wrong", "a not used", c_only_fan_in),
    ("3.4", "wrong", "fan_out", c_fan_out),
    ("3.4", "wrong", "N for D", c_samples),
    ("3.4", "wrong", "variance for mean square", c_variance),
    ("3.4", "wrong", "standard deviation for size", c_std),
    ("3.4", "wrong", "He", c_he),
    ("3.4", "wrong", "Xavier's middle", c_xavier),
    ("3.4", "wrong", "sum for mean", c_sum_of_squares),
    ("3.4", "wrong", "square of the mean", c_square_of_mean),
    ("3.4", "wrong", "a factor 2 as in He", c_half),
    ("3.4", "wrong", "one number per input", c_by_input),
    ("3.4", "wrong", "multiplied by the power", c_multiplied),
    ("3.4", "wrong", "mean of |a|", c_mean_abs),
    ("3.4", "wrong", "size for power under the root", c_root_power),
    ("3.4", "wrong", "fan_in forgotten", c_no_fan_in),
    ("3.4", "wrong", "divides by the fields that it gets (LSUV)", c_measured_fields),
    ("3.4", "wrong", "D counted twice", c_per_sample),
    ("3.4", "wrong", "the number, not the weights", c_number_only),
    ("3.5", "wrong", "sizes for places", s_sizes),
    ("3.5", "wrong", "six places, not reshaped", s_six_places),
    ("3.5", "wrong", "not reshaped", s_flat),
    ("3.5", "wrong", "both W column by column", s_turned),
    ("3.5", "wrong", "W2 column by column", s_one_turned),
    ("3.5", "wrong", "weights first", s_order_weights_first),
    ("3.5", "wrong", "betas last", s_betas_last),
    ("3.5", "wrong", "beta before b", s_beta_before_b),
    ("3.5", "wrong", "returned by kind", s_returned_by_kind),
    ("3.5", "wrong", "b1 and beta1 off by one", s_off_by_one),
    ("3.5", "wrong", "no betas", s_no_beta),
    ("3.5", "wrong", "order F", s_fortran),
    ("3.5", "wrong", "b1 twice", s_one_b),
    ("3.6", "wrong", "columns", w_columns),
    ("3.6", "wrong", "sum of all", w_all),
    ("3.6", "wrong", "no keepdims", w_no_keepdims),
    ("3.6", "wrong", "mean for sum", w_mean),
    ("3.6", "wrong", "length for sum", w_norm),
    ("3.6", "wrong", "softmax", w_softmax),
    ("3.6", "wrong", "equal shares", w_equal),
    ("3.6", "wrong", "largest for sum", w_max),
    ("3.6", "wrong", "turned", w_turned),
    ("3.6", "wrong", "rows, then columns", w_both),
    ("3.6", "wrong", "divided by H", w_over_H),
    ("3.6", "wrong", "times for divided by", w_times),
    ("3.1", "right", "einsum", r_fields_einsum),
    ("3.1", "right", "bias as one more input", r_fields_ones),
    ("3.1", "right", "broadcast and sum", r_fields_broadcast),
    ("3.1", "right", "all transposed, and back", r_fields_turned),
    ("3.2", "right", "recursion", r_net_recursive),
    ("3.2", "right", "list of signals, naive sigmoid", r_net_index),
    ("3.2", "right", "tanh, x used again", r_net_tanh),
    ("3.4", "right", "norm of a", r_alive_norm),
    ("3.4", "right", "lengths of the rows", r_alive_rows),
    ("3.4", "right", "variance plus square of mean", r_alive_variance),
    ("3.5", "right", "cut piece by piece", r_split_slices),
    ("3.5", "right", "two blocks", r_split_blocks),
    ("3.6", "right", "transposed, and back", r_shares_turned),
    ("3.6", "right", "a diagonal matrix", r_shares_diag),
    ("3.6", "right", "row by row", r_shares_loop),
]
