"""Lesson 6: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

# ruff: noqa: RUF059 (as people write)

import numpy as np

# ------------------------------------------------------------------ 6.1


def d_one_sided(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        t = theta.copy()
        t[i] += d
        g[i] = (f(t) - f(theta)) / d
    return g


def d_by_d(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta + e) - f(theta - e)) / d
    return g


def d_precedence(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta + e) - f(theta - e)) / 2 * d
    return g


def d_brackets(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = f(theta + e) - f(theta - e) / (2 * d)
    return g


def d_all_at_once(f, theta, d):
    return (f(theta + d) - f(theta - d)) / (2 * d)


def d_all_at_once_each(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        g[i] = (f(theta + d) - f(theta - d)) / (2 * d)
    return g


def d_not_put_back(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        theta[i] += d
        plus = f(theta)
        theta[i] -= 2 * d
        minus = f(theta)
        g[i] = (plus - minus) / (2 * d)
    return g


def d_alias(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        up, down = theta, theta
        up[i] += d
        down[i] -= d
        g[i] = (f(up) - f(down)) / (2 * d)
    return g


def d_sign(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta - e) - f(theta + e)) / (2 * d)
    return g


def d_second(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta + e) - 2 * f(theta) + f(theta - e)) / d**2
    return g


def d_plus(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta + e) + f(theta - e)) / (2 * d)
    return g


def d_last_missing(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta) - 1):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta + e) - f(theta - e)) / (2 * d)
    return g


def d_return_in_loop(f, theta, d):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = d
        g[i] = (f(theta + e) - f(theta - e)) / (2 * d)
        return g


def d_accumulates(f, theta, d):
    g = np.zeros(len(theta))
    t = theta.copy()
    for i in range(len(theta)):
        t[i] += d
        g[i] = (f(t) - f(2 * theta - t)) / (2 * d)
    return g


def d_one_sided_2d(f, theta, d):
    return np.array([(f(theta + d * e) - f(theta)) / (2 * d) for e in np.eye(len(theta))])


def d_fixed_step(f, theta, d):
    d = 1e-5
    return np.array([(f(theta + d * e) - f(theta - d * e)) / (2 * d) for e in np.eye(len(theta))])


def d_right_eye(f, theta, d):
    steps = d * np.eye(theta.size)
    return np.array([f(theta + s) - f(theta - s) for s in steps]) / 2 / d


def d_right_half(f, theta, d):
    def slope(i):
        t = np.array(theta, dtype=float)
        t[i] = theta[i] + d
        up = f(t)
        t[i] = theta[i] - d
        return 0.5 * (up - f(t)) / d

    return np.fromiter(map(slope, range(len(theta))), float)


def d_right_mean_of_two(f, theta, d):
    g = []
    for i in range(len(theta)):
        e = np.zeros_like(theta)
        e[i] = d
        right = (f(theta + e) - f(theta)) / d
        left = (f(theta) - f(theta - e)) / d
        g.append((right + left) / 2)
    return np.array(g)


# ------------------------------------------------------------------ 6.3


def c_not_divided(f, theta):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1e-30j
        g[i] = f(z).imag
    return g


def c_real_part(f, theta):
    g = np.zeros(len(theta))
    eps = 1e-30
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = f(z).real / eps
    return g


def c_large_eps(f, theta):
    g = np.zeros(len(theta))
    eps = 1e-4
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = f(z).imag / eps
    return g


def c_difference(f, theta):
    g = np.zeros(len(theta))
    eps = 1e-8
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = ((f(z) - f(theta)) / eps).real
    return g


def c_float_array(f, theta):
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z = theta.copy()
        z[i] += 1e-30j
        g[i] = f(z).imag / 1e-30
    return g


def c_by_i_eps(f, theta):
    g = np.zeros(len(theta), dtype=complex)
    eps = 1e-20
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = f(z) / (1j * eps)
    return g


def c_two_eps(f, theta):
    g = np.zeros(len(theta))
    eps = 1e-30
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = f(z).imag / (2 * eps)
    return g


def c_all_at_once(f, theta):
    eps = 1e-30
    return np.imag(f(theta + 1j * eps)) / eps


def c_all_at_once_array(f, theta):
    eps = 1e-30
    return np.full(len(theta), np.imag(f(theta + 1j * eps)) / eps)


def c_not_put_back(f, theta):
    z = theta.astype(complex)
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z[i] += 1e-30j
        g[i] = f(z).imag / 1e-30
    return g


def c_real_step(f, theta):
    eps = 1e-30
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        t = theta.copy()
        t[i] += eps
        g[i] = (f(t) - f(theta)) / eps
    return g


def c_underflow(f, theta):
    eps = 1e-323
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = f(z).imag / eps
    return g


def c_central(f, theta):
    eps = 1e-5
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = (f(z).imag - f(z.conj()).imag) / (2 * eps)
    return g


def c_abs(f, theta):
    eps = 1e-30
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] += 1j * eps
        g[i] = abs(f(z)) / eps
    return g


def c_minus(f, theta):
    eps = 1e-30
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        z = theta.astype(complex)
        z[i] -= 1j * eps
        g[i] = f(z).imag / eps
    return g


def c_central_differences(f, theta):
    d = 1e-6
    return np.array([(f(theta + d * e) - f(theta - d * e)) / (2 * d) for e in np.eye(len(theta))])


def c_right_eye(f, theta):
    eps = 1e-40
    return np.array([np.imag(f(theta + 1j * eps * e)) for e in np.eye(len(theta))]) / eps


def c_right_down(f, theta):
    eps = 2.0**-200
    g = []
    for i in range(len(theta)):
        z = theta + 0j
        z[i] = complex(theta[i], -eps)
        g.append(-f(z).imag / eps)
    return np.array(g)


def c_right_two_sides(f, theta):
    eps = 1e-25
    out = np.zeros(theta.shape)
    for k, e in enumerate(np.eye(len(theta))):
        out[k] = ((f(theta + 1j * eps * e) - f(theta - 1j * eps * e)) / (2j * eps)).real
    return out


# ------------------------------------------------------------------ 6.4


def e_per_entry(hand, reference):
    return np.max(np.abs(hand - reference) / np.abs(reference))


def e_no_abs_below(hand, reference):
    return np.abs(hand - reference).max() / reference.max()


def e_no_abs_above(hand, reference):
    return (hand - reference).max() / np.abs(reference).max()


def e_absolute(hand, reference):
    return np.abs(hand - reference).max()


def e_norms(hand, reference):
    return np.linalg.norm(hand - reference) / np.linalg.norm(reference)


def e_sum_of_both(hand, reference):
    return np.max(np.abs(hand - reference)) / np.max(np.abs(hand) + np.abs(reference))


def e_means(hand, reference):
    return np.abs(hand - reference).mean() / np.abs(reference).mean()


def e_difference_of_largest(hand, reference):
    return abs(hand.max() - reference.max()) / reference.max()


def e_by_hand(hand, reference):
    return np.abs(hand - reference).max() / np.abs(hand).max()


def e_entry_of_largest(hand, reference):
    k = np.argmax(np.abs(reference))
    return abs(hand[k] - reference[k]) / abs(reference[k])


def e_array(hand, reference):
    return np.abs(hand - reference) / np.abs(reference).max()


def e_abs_of_max(hand, reference):
    return abs((hand - reference).max()) / abs(reference.max())


def e_squared(hand, reference):
    return ((hand - reference) ** 2).max() / (reference**2).max()


def e_at_worst(hand, reference):
    k = np.argmax(np.abs(hand - reference))
    return np.abs(hand[k] - reference[k]) / np.abs(reference[k])


def e_upside_down(hand, reference):
    return np.abs(reference).max() / np.abs(hand - reference).max()


def e_right_norm(hand, reference):
    return np.linalg.norm(hand - reference, np.inf) / np.linalg.norm(reference, np.inf)


def e_right_loop(hand, reference):
    worst = max(abs(a - b) for a, b in zip(hand, reference, strict=True))
    return worst / max(abs(b) for b in reference)


def e_right_root(hand, reference):
    return np.sqrt(np.max((hand - reference) ** 2) / np.max(reference**2))


# ------------------------------------------------------------------ 6.6


def forward(x, W1, b1, beta1, W2, b2, beta2):
    h1 = x @ W1 + b1
    a1 = 1 / (1 + np.exp(-beta1 * h1))
    h2 = a1 @ W2 + b2
    p2 = 1 / (1 + np.exp(-beta2 * h2))
    return h1, a1, h2, p2


def m_nothing(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / len(x)
    dh2, dbeta2 = do * beta2, (do * (a1 @ W2)).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_two_of_three(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_beta_on_da1(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T * beta1
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_esp_slopes(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * (a1 + beta1 * h1 * w), (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_twice(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / len(x) / 2
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * beta1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_dbeta1_beta(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1) * beta1
    dh1, dbeta1 = da1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_w2_added(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2 * p2 * (1 - p2)
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * beta1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_dbeta2_from_dh2(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (dh2 * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * beta1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_mean_db(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.mean(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * beta1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.mean(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_by_beta(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * w / beta1, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_only_size(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * (a1 @ W2)).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_outputs_only(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.shape[1]
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * beta1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def m_right_by_layer(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    residual = (p2 - y) / np.prod(y.shape)
    d2 = beta2 * residual
    back = d2 @ W2.T * a1 * (1 - a1)
    return (
        x.T @ (back * beta1),
        (back * beta1).sum(0),
        np.einsum("ni,ni->i", back, h1),
        a1.T @ d2,
        d2.sum(0),
        np.einsum("nk,nk->k", residual, a1 @ W2 + b2),
    )


def m_right_mean(x, y, W1, b1, beta1, W2, b2, beta2):
    h1, a1, h2, p2 = forward(x, W1, b1, beta1, W2, b2, beta2)
    do = (p2 - y) / y.shape[1]
    dh2 = do * beta2
    dh1 = (W2 @ dh2.T).T * beta1 * (a1 - a1**2)
    dbeta1 = (dh1 / beta1 * h1).mean(0)
    n = len(x)
    return x.T @ dh1 / n, dh1.mean(0), dbeta1, a1.T @ dh2 / n, dh2.mean(0), (do * h2).mean(0)


ANSWERS = [
    ("6.1", "wrong", "one-sided", d_one_sided),
    ("6.1", "wrong", "divided by d", d_by_d),
    ("6.1", "wrong", "/ 2 * d", d_precedence),
    ("6.1", "wrong", "brackets of the difference", d_brackets),
    ("6.1", "wrong", "all parameters at once, a number", d_all_at_once),
    ("6.1", "wrong", "all parameters at once, for each", d_all_at_once_each),
    ("6.1", "wrong", "theta not put back", d_not_put_back),
    ("6.1", "wrong", "up and down are one array", d_alias),
    ("6.1", "wrong", "sign", d_sign),
    ("6.1", "wrong", "second difference", d_second),
    ("6.1", "wrong", "plus", d_plus),
    ("6.1", "wrong", "last entry missing", d_last_missing),
    ("6.1", "wrong", "return inside the loop", d_return_in_loop),
    ("6.1", "wrong", "steps pile up", d_accumulates),
    ("6.1", "wrong", "one-sided, over 2 d", d_one_sided_2d),
    ("6.1", "wrong", "own step in place of d", d_fixed_step),
    ("6.1", "right", "rows of the identity", d_right_eye),
    ("6.1", "right", "map", d_right_half),
    ("6.1", "right", "mean of two one-sided ones", d_right_mean_of_two),
    ("6.3", "wrong", "not divided", c_not_divided),
    ("6.3", "wrong", "real part", c_real_part),
    ("6.3", "wrong", "eps too large", c_large_eps),
    ("6.3", "wrong", "real part of a difference", c_difference),
    ("6.3", "wrong", "float array", c_float_array),
    ("6.3", "wrong", "f / (i eps), complex", c_by_i_eps),
    ("6.3", "wrong", "2 eps", c_two_eps),
    ("6.3", "wrong", "all at once, a number", c_all_at_once),
    ("6.3", "wrong", "all at once, for each", c_all_at_once_array),
    ("6.3", "wrong", "not put back", c_not_put_back),
    ("6.3", "wrong", "a real step", c_real_step),
    ("6.3", "wrong", "eps underflows", c_underflow),
    ("6.3", "wrong", "two sides with eps 1e-5", c_central),
    ("6.3", "wrong", "modulus for imaginary part", c_abs),
    ("6.3", "wrong", "minus i", c_minus),
    ("6.3", "wrong", "central differences", c_central_differences),
    ("6.3", "right", "rows of the identity", c_right_eye),
    ("6.3", "right", "downwards", c_right_down),
    ("6.3", "right", "both sides, over 2i eps", c_right_two_sides),
    ("6.4", "wrong", "share of each entry", e_per_entry),
    ("6.4", "wrong", "largest entry without abs", e_no_abs_below),
    ("6.4", "wrong", "error without abs", e_no_abs_above),
    ("6.4", "wrong", "absolute error", e_absolute),
    ("6.4", "wrong", "norms", e_norms),
    ("6.4", "wrong", "over the sum of both", e_sum_of_both),
    ("6.4", "wrong", "means", e_means),
    ("6.4", "wrong", "difference of the largest", e_difference_of_largest),
    ("6.4", "wrong", "error at the largest entry", e_entry_of_largest),
    ("6.4", "wrong", "an array", e_array),
    ("6.4", "wrong", "abs after max, twice", e_abs_of_max),
    ("6.4", "wrong", "squared", e_squared),
    ("6.4", "wrong", "share of the entry that is worst", e_at_worst),
    ("6.4", "wrong", "upside down", e_upside_down),
    ("6.4", "wrong", "share of the largest of hand", e_by_hand),
    ("6.4", "right", "norms of order inf", e_right_norm),
    ("6.4", "right", "plain Python", e_right_loop),
    ("6.4", "right", "root of the squares", e_right_root),
    ("6.6", "wrong", "nothing mended", m_nothing),
    ("6.6", "wrong", "beta1 still missing", m_two_of_three, "beta1|dh1"),
    ("6.6", "wrong", "beta1 on da1: dbeta1 gets it too", m_beta_on_da1, "dbeta1|da1"),
    ("6.6", "wrong", "ESP's slopes", m_esp_slopes, "dh1|dbeta1|ESP"),
    ("6.6", "wrong", "divided by 2 for K", m_twice, "K|outputs|size"),
    ("6.6", "wrong", "beta1 in w: dbeta1 gets it too", m_dbeta1_beta, "dbeta1|w\\b"),
    ("6.6", "wrong", "the sigmoid's slope at the output", m_w2_added, "dh2|output"),
    ("6.6", "wrong", "dbeta2 from dh2", m_dbeta2_from_dh2, "dbeta2|do"),
    ("6.6", "wrong", "biases as means", m_mean_db, "db|mean"),
    ("6.6", "wrong", "divided by beta1", m_by_beta, "beta1"),
    ("6.6", "wrong", "only the size mended", m_only_size, "dbeta2|h2"),
    ("6.6", "wrong", "divided by K only", m_outputs_only, "N|sample"),
    ("6.6", "right", "other names and order", m_right_by_layer),
    ("6.6", "right", "means over the samples", m_right_mean),
]
