"""Lesson 7: wrong answers, and unusual right ones, by a reader who had not seen the mutants."""

import numpy as np

# ------------------------------------------------------------------ 7.1


def d_uphill(theta, g, rate):
    return theta + rate * g


def d_only_step(theta, g, rate):
    return -rate * g


def d_unit_length(theta, g, rate):
    return theta - rate * g / np.linalg.norm(g)


def d_of_theta(theta, g, rate):
    return theta - rate * theta


def d_number(theta, g, rate):
    return theta - rate * np.linalg.norm(g)


def d_sign(theta, g, rate):
    return theta - rate * np.sign(g)


def d_divided(theta, g, rate):
    return theta - g / rate


def d_bracket(theta, g, rate):
    return rate * (theta - g)


def d_in_place(theta, g, rate):
    theta -= rate * g
    return theta


def d_no_rate(theta, g, rate):
    return theta - g


def d_half(theta, g, rate):
    return theta - rate * g / 2


def d_reversed(theta, g, rate):
    return rate * g - theta


def d_mean(theta, g, rate):
    return theta - rate * g / len(g)


# ------------------------------------------------------------------ 7.3


def t_start_of_epoch(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        first = theta
        for i in range(0, len(order), size):
            theta = step(theta, gradient(first, order[i : i + size]), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_no_rest(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for k in range(len(order) // size):
            theta = step(theta, gradient(theta, order[k * size : (k + 1) * size]), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_from_one(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for i in range(0, len(order), size):
            t += 1
            theta = step(theta, gradient(theta, order[i : i + size]), t)
        path.append(theta)
    return np.array(path)


def t_is_epoch(theta, gradient, step, orders, size):
    path = []
    for t, order in enumerate(orders):
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
        path.append(theta)
    return np.array(path)


def t_again_each_epoch(theta, gradient, step, orders, size):
    path = []
    for order in orders:
        for t, i in enumerate(range(0, len(order), size)):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
        path.append(theta)
    return np.array(path)


def t_is_start(theta, gradient, step, orders, size):
    path = []
    for order in orders:
        for t in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[t : t + size]), t)
        path.append(theta)
    return np.array(path)


def t_each_step(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
            path.append(theta)
    return np.array(path)


def t_last_only(theta, gradient, step, orders, size):
    t = 0
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
    return theta


def t_before(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        path.append(theta)
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
    return np.array(path)


def t_and_start(theta, gradient, step, orders, size):
    path, t = [theta], 0
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_whole_order(theta, gradient, step, orders, size):
    path = []
    for t, order in enumerate(orders):
        theta = step(theta, gradient(theta, order), t)
        path.append(theta)
    return np.array(path)


def t_first_batch(theta, gradient, step, orders, size):
    path = []
    for t, order in enumerate(orders):
        theta = step(theta, gradient(theta, order[:size]), t)
        path.append(theta)
    return np.array(path)


def t_positions(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, np.arange(i, min(i + size, len(order)))), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_number_of_batches(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for rows in np.array_split(order, size):
            theta = step(theta, gradient(theta, rows), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_even(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for rows in np.array_split(order, -(-len(order) // size)):
            theta = step(theta, gradient(theta, rows), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_first_order(theta, gradient, step, orders, size):
    path, t = [], 0
    order = orders[0]
    for _ in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_from_start(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        now = theta
        for i in range(0, len(order), size):
            now = step(now, gradient(now, order[i : i + size]), t)
            t += 1
        path.append(now)
    return np.array(path)


def t_by_one(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for i in range(0, len(order)):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
        path.append(theta)
    return np.array(path)


def t_accumulated(theta, gradient, step, orders, size):
    path = []
    for t, order in enumerate(orders):
        g = 0
        for i in range(0, len(order), size):
            g = g + gradient(theta, order[i : i + size])
        theta = step(theta, g, t)
        path.append(theta)
    return np.array(path)


def t_return_inside(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
        path.append(theta)
        return np.array(path)


def t_no_t(theta, gradient, step, orders, size):
    path = []
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), 0)
        path.append(theta)
    return np.array(path)


def t_epoch_and_no_rest(theta, gradient, step, orders, size):
    path = []
    for t, order in enumerate(orders):
        for i in range(0, len(order) - size + 1, size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
        path.append(theta)
    return np.array(path)


def t_one_and_each_step(theta, gradient, step, orders, size):
    path, t = [], 1
    for order in orders:
        for i in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[i : i + size]), t)
            path.append(theta)
            t = t + 1
    return np.array(path)


def t_added(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for i in range(0, len(order), size):
            theta = theta + step(theta, gradient(theta, order[i : i + size]), t)
            t += 1
        path.append(theta)
    return np.array(path)


# ------------------------------------------------------------------ 7.5


def m_uphill(theta, p, g, rate, mu):
    p = mu * p + rate * g
    return theta + p, p


def m_old_p(theta, p, g, rate, mu):
    return theta + p, mu * p - rate * g


def m_minus(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return theta - p, p


def m_lost(theta, p, g, rate, mu):
    p = (1 - mu) * p - rate * g
    return theta + p, p


def m_running_mean(theta, p, g, rate, mu):
    p = mu * p - (1 - mu) * rate * g
    return theta + p, p


def m_torch(theta, p, g, rate, mu):
    p = mu * p + g
    return theta - rate * p, p


def m_flipped(theta, p, g, rate, mu):
    p = mu * p + rate * g
    return theta - p, p


def m_rate_twice(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return theta + rate * p, p


def m_brackets(theta, p, g, rate, mu):
    p = mu * (p - rate * g)
    return theta + p, p


def m_exchanged(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return p, theta + p


def m_only_theta(theta, p, g, rate, mu):
    return theta + mu * p - rate * g


def m_old_returned(theta, p, g, rate, mu):
    return theta + mu * p - rate * g, p


def m_nesterov(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return theta + mu * p - rate * g, p


def m_step_twice(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return theta + p - rate * g, p


def m_friction_last(theta, p, g, rate, mu):
    p = p - rate * g
    return theta + p, mu * p


def m_no_rate(theta, p, g, rate, mu):
    p = mu * p - g
    return theta + p, p


def m_in_place(theta, p, g, rate, mu):
    p *= mu
    p -= rate * g
    theta += p
    return theta, p


def m_mass(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return theta + p / mu, p


def m_minus_and_uphill_half(theta, p, g, rate, mu):
    p = (1 - mu) * p + rate * g
    return theta + p, p


def m_speed_up(theta, p, g, rate, mu):
    p = p - mu * p - rate * g
    return theta - p, p


# ------------------------------------------------------------------ 7.7


def s_t(b, t):
    return 1 - b**t


def s_plain(b, t):
    return b ** (t + 1)


def s_no_factor(b, t):
    return (1 - b ** (t + 1)) / (1 - b)


def s_one(b, t):
    return 1


def s_last_term(b, t):
    return (1 - b) * b**t


def s_loop_t(b, t):
    m = 0
    for _ in range(t):
        m = b * m + (1 - b)
    return m


def s_exchanged(b, t):
    m = 0
    for _ in range(t + 1):
        m = (1 - b) * m + b
    return m


def s_sum(b, t):
    return (t + 1) * (1 - b)


def s_brackets(b, t):
    return 1 - b**t + 1


def s_from_one(b, t):
    m = 1
    for _ in range(t + 1):
        m = b * m + (1 - b)
    return m


def s_start_here(b, t):
    m = 1 - b
    for _ in range(t + 1):
        m = b * m + (1 - b)
    return m


def s_product(b, t):
    return 1 - b * (t + 1)


def s_power_of(b, t):
    return (1 - b) ** (t + 1)


def s_list(b, t):
    m, out = 0, []
    for _ in range(t + 1):
        m = b * m + (1 - b)
        out.append(m)
    return out


def s_no_share(b, t):
    m = 0
    for _ in range(t + 1):
        m = b * m + 1
    return m


def s_t_two(b, t):
    return 1 - b ** (t + 2)


def s_sign(b, t):
    return b ** (t + 1) - 1


def s_no_factor_and_t(b, t):
    return (1 - b**t) / (1 - b)


# ------------------------------------------------------------------ 7.8


def a_share_t(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    return theta - rate * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), m, v


def a_no_share(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    return theta - rate * m / (np.sqrt(v) + eps), m, v


def a_kept_divided(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    m = m / (1 - b1 ** (t + 1))
    v = v / (1 - b2 ** (t + 1))
    return theta - rate * m / (np.sqrt(v) + eps), m, v


def a_share_one_step(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    return theta - rate * (m / (1 - b1)) / (np.sqrt(v / (1 - b2)) + eps), m, v


def a_share_times(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m * (1 - b1 ** (t + 1))
    vh = v * (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_eps_inside(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / np.sqrt(vh + eps), m, v


def a_no_root(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (vh + eps), m, v


def a_no_square(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * np.abs(g)
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_square_of_m(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * m**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_exchanged_b(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b2 * m + (1 - b2) * g
    v = b1 * v + (1 - b1) * g**2
    mh = m / (1 - b2 ** (t + 1))
    vh = v / (1 - b1 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_shares_exchanged(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = (1 - b1) * m + b1 * g
    v = (1 - b2) * v + b2 * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_uphill(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta + rate * mh / (np.sqrt(vh) + eps), m, v


def a_g_for_m(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * g / (np.sqrt(vh) + eps), m, v


def a_old_means(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    new_m = b1 * m + (1 - b1) * g
    new_v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), new_m, new_v


def a_only_theta(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps)


def a_returned_divided(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), mh, vh


def a_only_m_divided(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    return theta - rate * mh / (np.sqrt(v) + eps), m, v


def a_division_outside_root(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = np.sqrt(v) / (1 - b2 ** (t + 1))
    return theta - rate * mh / (vh + eps), m, v


def a_order(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return m, v, theta - rate * mh / (np.sqrt(vh) + eps)


def a_square_of_mean(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + ((1 - b2) * g) ** 2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_sum_of_squares(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * np.dot(g, g)
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_both_shares_b1(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    share = 1 - b1 ** (t + 1)
    return theta - rate * (m / share) / (np.sqrt(v / share) + eps), m, v


def a_precedence(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / np.sqrt(vh) + eps, m, v


def a_in_place(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m *= b1
    m += (1 - b1) * g
    v *= b2
    v += (1 - b2) * g**2
    theta -= rate * (m / (1 - b1 ** (t + 1))) / (np.sqrt(v / (1 - b2 ** (t + 1))) + eps)
    return theta, m, v


def a_no_new(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + g
    v = b2 * v + g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / (np.sqrt(vh) + eps), m, v


def a_t_and_no_root(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 2))
    vh = v / (1 - b2 ** (t + 2))
    return theta - rate * mh / (vh + eps), m, v


def a_no_eps(theta, m, v, g, t, rate):
    b1, b2 = 0.9, 0.999
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mh = m / (1 - b1 ** (t + 1))
    vh = v / (1 - b2 ** (t + 1))
    return theta - rate * mh / np.sqrt(vh), m, v


# ------------------------------------------------------------------ 7.11


def u_negative(X, W, bias):
    return ((X @ W + bias) < 0).all(axis=0).astype(int)


def u_any(X, W, bias):
    return ((X @ W + bias) <= 0).any(axis=0).astype(int)


def u_samples(X, W, bias):
    return ((X @ W + bias) <= 0).all(axis=1).astype(int)


def u_alive(X, W, bias):
    return ((X @ W + bias) > 0).any(axis=0).astype(int)


def u_no_bias(X, W, bias):
    return ((X @ W) <= 0).all(axis=0).astype(int)


def u_mean(X, W, bias):
    return ((X @ W + bias).mean(axis=0) <= 0).astype(int)


def u_sum(X, W, bias):
    return ((X @ W + bias).sum(axis=0) < 0).astype(int)


def u_count(X, W, bias):
    return ((X @ W + bias) <= 0).all(axis=0).sum()


def u_share(X, W, bias):
    return ((X @ W + bias) <= 0).mean(axis=0)


def u_min(X, W, bias):
    return ((X @ W + bias).min(axis=0) <= 0).astype(int)


def u_where(X, W, bias):
    return np.where(((X @ W + bias) <= 0).all(axis=0))[0]


def u_weights(X, W, bias):
    return (W < 0).all(axis=0).astype(int)


def u_all(X, W, bias):
    return ((X @ W + bias) <= 0).all().astype(int)


def u_zero(X, W, bias):
    return (np.maximum(X @ W + bias, 0) == 0).any(axis=0).astype(int)


def u_minus_bias(X, W, bias):
    return ((X @ W - bias) <= 0).all(axis=0).astype(int)


def u_per_sample(X, W, bias):
    return ((X @ W + bias) <= 0).astype(int)


def u_alive_samples(X, W, bias):
    return ((X @ W + bias) > 0).any(axis=1).astype(int)


# ------------------------------------------------------------------ right


def r_subtract(theta, g, rate):
    return np.subtract(theta, np.multiply(g, rate))


def r_stack(theta, g, rate):
    out = []
    for one, slope in zip(theta, g):
        out.append(one - rate * slope)
    return out


def r_while(theta, gradient, step, orders, size):
    E = len(orders)
    path = np.empty((E, len(theta)))
    t = 0
    for e in range(E):
        left = list(orders[e])
        while left:
            rows, left = left[:size], left[size:]
            theta = step(theta, gradient(theta, np.array(rows)), t)
            t += 1
        path[e] = theta
    return path


def r_split(theta, gradient, step, orders, size):
    from itertools import count

    t, path = count(), []
    for order in orders:
        for rows in np.split(order, range(size, len(order), size)):
            theta = step(theta, gradient(theta, rows), next(t))
        path += [theta]
    return np.vstack(path)


def r_computed_t(theta, gradient, step, orders, size):
    per_epoch = -(-orders.shape[1] // size)
    path = []
    for e, order in enumerate(orders):
        for k in range(per_epoch):
            rows = order[k * size : (k + 1) * size]
            theta = step(theta, gradient(theta, rows), e * per_epoch + k)
        path.append(theta)
    return path


def r_velocity(theta, p, g, rate, mu):
    p_new = -(rate * g - mu * p)
    return [theta + p_new, p_new]


def r_difference(theta, p, g, rate, mu):
    new = theta + mu * p - rate * g
    return new, mu * p - rate * g


def r_power(b, t):
    return 1 - np.prod([b] * (t + 1))


def r_terms(b, t):
    return (1 - b) * sum(b**k for k in range(t + 1))


def r_exp(b, t):
    return -np.expm1((t + 1) * np.log(b))


def r_torch(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    root = np.sqrt(v) / np.sqrt(1 - b2 ** (t + 1)) + eps
    return theta - (rate / (1 - b1 ** (t + 1))) * m / root, m, v


def r_kingma(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = m + (1 - b1) * (g - m)
    v = v + (1 - b2) * (g**2 - v)
    rate = rate * np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
    return theta - rate * m / (np.sqrt(v) + eps), m, v


def r_entries(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    theta, m, v = theta.copy(), m.copy(), v.copy()
    for i in range(len(theta)):
        m[i] = b1 * m[i] + (1 - b1) * g[i]
        v[i] = b2 * v[i] + (1 - b2) * g[i] ** 2
        top = m[i] / (1 - b1 ** (t + 1))
        bottom = (v[i] / (1 - b2 ** (t + 1))) ** 0.5 + eps
        theta[i] -= rate * top / bottom
    return theta, m, v


def r_bool(X, W, bias):
    return ~((X @ W + bias) > 0).any(axis=0)


def r_max(X, W, bias):
    return ((X @ W + bias).max(axis=0) <= 0) * 1.0


def r_relu_sum(X, W, bias):
    return (np.maximum(X @ W + bias, 0).sum(axis=0) == 0).astype(int)


def r_loop(X, W, bias):
    dead = np.ones(W.shape[1])
    for j in range(W.shape[1]):
        for x in X:
            if x @ W[:, j] + bias[j] > 0:
                dead[j] = 0
                break
    return dead


ANSWERS = [
    ("7.1", "wrong", "uphill", d_uphill),
    ("7.1", "wrong", "only the step", d_only_step),
    ("7.1", "wrong", "g of length 1", d_unit_length),
    ("7.1", "wrong", "theta for g", d_of_theta),
    ("7.1", "wrong", "length of g for g", d_number),
    ("7.1", "wrong", "sign of g", d_sign),
    ("7.1", "wrong", "divided by the rate", d_divided),
    ("7.1", "wrong", "brackets", d_bracket),
    ("7.1", "wrong", "in place", d_in_place),
    ("7.1", "wrong", "no rate", d_no_rate),
    ("7.1", "wrong", "one half", d_half),
    ("7.1", "wrong", "the wrong way round", d_reversed),
    ("7.1", "wrong", "over P", d_mean),
    ("7.3", "wrong", "gradient at the epoch's start", t_start_of_epoch),
    ("7.3", "wrong", "the rest left out", t_no_rest),
    ("7.3", "wrong", "t from 1", t_from_one),
    ("7.3", "wrong", "t counts epochs", t_is_epoch),
    ("7.3", "wrong", "t begins again in each epoch", t_again_each_epoch),
    ("7.3", "wrong", "t is the batch's start", t_is_start),
    ("7.3", "wrong", "a row per step", t_each_step),
    ("7.3", "wrong", "the last theta only", t_last_only),
    ("7.3", "wrong", "theta before each epoch", t_before),
    ("7.3", "wrong", "the start as well", t_and_start),
    ("7.3", "wrong", "no batches", t_whole_order),
    ("7.3", "wrong", "the first batch only", t_first_batch),
    ("7.3", "wrong", "positions, not numbers of samples", t_positions),
    ("7.3", "wrong", "size as the number of batches", t_number_of_batches),
    ("7.3", "wrong", "batches of even size", t_even),
    ("7.3", "wrong", "the first order each time", t_first_order),
    ("7.3", "wrong", "each epoch from the start", t_from_start),
    ("7.3", "wrong", "range without the stride", t_by_one),
    ("7.3", "wrong", "gradients added up, one step", t_accumulated),
    ("7.3", "wrong", "return inside the loop", t_return_inside),
    ("7.3", "wrong", "t always 0", t_no_t),
    ("7.3", "wrong", "t counts epochs, and no rest", t_epoch_and_no_rest),
    ("7.3", "wrong", "t from 1, and a row per step", t_one_and_each_step),
    ("7.3", "wrong", "what step returns added to theta", t_added),
    ("7.5", "wrong", "uphill", m_uphill),
    ("7.5", "wrong", "theta with the old p", m_old_p),
    ("7.5", "wrong", "theta - p", m_minus),
    ("7.5", "wrong", "1 - mu kept", m_lost),
    ("7.5", "wrong", "a running mean", m_running_mean),
    ("7.5", "wrong", "PyTorch's p", m_torch),
    ("7.5", "wrong", "p with the other sign, theta right", m_flipped),
    ("7.5", "wrong", "rate twice", m_rate_twice),
    ("7.5", "wrong", "brackets", m_brackets),
    ("7.5", "wrong", "outputs exchanged", m_exchanged),
    ("7.5", "wrong", "theta only", m_only_theta),
    ("7.5", "wrong", "old p returned", m_old_returned),
    ("7.5", "wrong", "Nesterov", m_nesterov),
    ("7.5", "wrong", "the step once more", m_step_twice),
    ("7.5", "wrong", "friction after the move", m_friction_last),
    ("7.5", "wrong", "no rate", m_no_rate),
    ("7.5", "wrong", "in place", m_in_place),
    ("7.5", "wrong", "over mu", m_mass),
    ("7.5", "wrong", "1 - mu, and uphill", m_minus_and_uphill_half),
    ("7.5", "wrong", "1 - mu, and theta - p", m_speed_up),
    ("7.7", "wrong", "one power too few", s_t),
    ("7.7", "wrong", "the rest, not the share", s_plain),
    ("7.7", "wrong", "without 1 - b", s_no_factor),
    ("7.7", "wrong", "1", s_one),
    ("7.7", "wrong", "the first gradient's part", s_last_term),
    ("7.7", "wrong", "loop of t", s_loop_t),
    ("7.7", "wrong", "shares exchanged", s_exchanged),
    ("7.7", "wrong", "no forgetting", s_sum),
    ("7.7", "wrong", "brackets", s_brackets),
    ("7.7", "wrong", "m starts at 1", s_from_one),
    ("7.7", "wrong", "m starts at 1 - b", s_start_here),
    ("7.7", "wrong", "product for power", s_product),
    ("7.7", "wrong", "(1 - b) to the power", s_power_of),
    ("7.7", "wrong", "a list of all", s_list),
    ("7.7", "wrong", "takes all of what is new", s_no_share),
    ("7.7", "wrong", "one power too many", s_t_two),
    ("7.7", "wrong", "sign", s_sign),
    ("7.7", "wrong", "without 1 - b, one power too few", s_no_factor_and_t),
    ("7.8", "wrong", "shares with t", a_share_t),
    ("7.8", "wrong", "no shares", a_no_share),
    ("7.8", "wrong", "kept divided", a_kept_divided),
    ("7.8", "wrong", "the share of the first step", a_share_one_step),
    ("7.8", "wrong", "times the shares", a_share_times),
    ("7.8", "wrong", "eps inside the root", a_eps_inside),
    ("7.8", "wrong", "no root", a_no_root),
    ("7.8", "wrong", "absolute value for square", a_no_square),
    ("7.8", "wrong", "square of m", a_square_of_m),
    ("7.8", "wrong", "b1 and b2 exchanged", a_exchanged_b),
    ("7.8", "wrong", "b and 1 - b exchanged", a_shares_exchanged),
    ("7.8", "wrong", "uphill", a_uphill),
    ("7.8", "wrong", "g for m", a_g_for_m),
    ("7.8", "wrong", "theta with the old means", a_old_means),
    ("7.8", "wrong", "theta only", a_only_theta),
    ("7.8", "wrong", "the divided means returned", a_returned_divided),
    ("7.8", "wrong", "only m divided", a_only_m_divided),
    ("7.8", "wrong", "share outside the root", a_division_outside_root),
    ("7.8", "wrong", "theta last", a_order),
    ("7.8", "wrong", "square of the whole", a_square_of_mean),
    ("7.8", "wrong", "one v for all entries", a_sum_of_squares),
    ("7.8", "wrong", "b1 in both shares", a_both_shares_b1),
    ("7.8", "wrong", "precedence of eps", a_precedence),
    ("7.8", "wrong", "in place", a_in_place),
    ("7.8", "wrong", "takes all of what is new", a_no_new),
    ("7.8", "wrong", "t + 2, and no root", a_t_and_no_root),
    ("7.8", "wrong", "no eps", a_no_eps),
    ("7.11", "wrong", "negative only", u_negative),
    ("7.11", "wrong", "any", u_any),
    ("7.11", "wrong", "dead samples", u_samples),
    ("7.11", "wrong", "alive", u_alive),
    ("7.11", "wrong", "no bias", u_no_bias),
    ("7.11", "wrong", "mean field", u_mean),
    ("7.11", "wrong", "sum of fields", u_sum),
    ("7.11", "wrong", "how many", u_count),
    ("7.11", "wrong", "share of the samples", u_share),
    ("7.11", "wrong", "min for max", u_min),
    ("7.11", "wrong", "their numbers", u_where),
    ("7.11", "wrong", "from the weights", u_weights),
    ("7.11", "wrong", "one answer for all", u_all),
    ("7.11", "wrong", "any 0", u_zero),
    ("7.11", "wrong", "minus bias", u_minus_bias),
    ("7.11", "wrong", "per sample and unit", u_per_sample),
    ("7.11", "wrong", "alive, and per sample", u_alive_samples),
    ("7.1", "right", "ufuncs", r_subtract),
    ("7.1", "right", "entry by entry, a list", r_stack),
    ("7.3", "right", "while", r_while),
    ("7.3", "right", "split and count", r_split),
    ("7.3", "right", "t computed, a list", r_computed_t),
    ("7.5", "right", "brackets, a list", r_velocity),
    ("7.5", "right", "without p", r_difference),
    ("7.7", "right", "product", r_power),
    ("7.7", "right", "terms", r_terms),
    ("7.7", "right", "expm1", r_exp),
    ("7.8", "right", "PyTorch's eps", r_torch),
    ("7.8", "right", "as in the library", r_kingma),
    ("7.8", "right", "entry by entry", r_entries),
    ("7.11", "right", "booleans", r_bool),
    ("7.11", "right", "max, floats", r_max),
    ("7.11", "right", "signal", r_relu_sum),
    ("7.11", "right", "loops", r_loop),
]
