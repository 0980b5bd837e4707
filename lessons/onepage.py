"""A neural network by hand, on one page: forward, backward, Adam and the exact Hessian.

Ten units learn to tell two classes of points apart. Each receives h = x W + b and passes on
a = h sigma(beta h); W, b and beta, its inverse noise, are trained. Here dh is d loss/dh, and
h_dot is how fast h changes while theta moves along theta_dot. Numbers: docs/equations.md.
"""

import numpy as np


def esp(h, beta):  # the value f, slopes f_h, f_beta, curvatures f_hh, f_hbeta, f_betabeta
    u = beta * h
    s = 1 / (1 + np.exp(-u))                                            # (1.5)
    w = s * (1 - s)                                                     # (2.2)
    bend, turn = w * (1 - 2 * s), w * (2 + u * (1 - 2 * s))
    return h * s, s + u * w, h**2 * w, beta * turn, h * turn, h**3 * bend  # (2.1) (2.6) (2.8)


def split(theta):  # 20 numbers are W1, 10 each b1, beta1 and W2, 1 each b2 and beta2
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, [20, 30, 40, 50, 51])
    return W1.reshape(2, 10), b1, beta1, W2.reshape(10, 1), b2, beta2


def network(theta, x, y):
    """The loss, its gradient (52,), and a function that multiplies by its Hessian (52, 52)."""
    W1, b1, beta1, W2, b2, beta2 = split(theta)
    h1 = x @ W1 + b1                                                    # (3.1)   (N, 10)
    a1, f_h, f_beta, f_hh, f_hbeta, f_betabeta = esp(h1, beta1)         # (3.2)   (N, 10)
    h2 = a1 @ W2 + b2                                                   # (3.1)   (N, 1)
    o = h2 * beta2                                                      # (3.2)   (N, 1)
    loss = np.mean(np.logaddexp(0, o) - y * o)                          # (4.1)

    p = 1 / (1 + np.exp(-o))                                            # (1.5)   (N, 1)
    do = (p - y) / y.size                                               # (4.2)   (N, 1)
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)                     # (5.1) (5.2)
    dW2 = a1.T @ dh2                                                    # (5.3)   (10, 1)
    da1 = dh2 @ W2.T                                                    # (5.5)   (N, 10)
    dh1, dbeta1 = da1 * f_h, (da1 * f_beta).sum(axis=0)                 # (5.1) (5.2)
    dW1 = x.T @ dh1                                                     # (5.3)   (2, 10)
    db1, db2 = dh1.sum(axis=0), dh2.sum(axis=0)                         # (5.4)
    gradient = np.hstack([dW1.flat, db1, dbeta1, dW2.flat, db2, dbeta2])

    def hessian_times(theta_dot):  # every line above, differentiated along theta_dot
        W1_dot, b1_dot, beta1_dot, W2_dot, b2_dot, beta2_dot = split(theta_dot)
        h1_dot = x @ W1_dot + b1_dot                                    # (10.1)
        a1_dot = f_h * h1_dot + f_beta * beta1_dot                      # (10.2)
        h2_dot = a1_dot @ W2 + a1 @ W2_dot + b2_dot                     # (10.1)
        o_dot = h2_dot * beta2 + h2 * beta2_dot                         # (10.2)

        do_dot = p * (1 - p) * o_dot / y.size                           # (4.3)
        dh2_dot = do_dot * beta2 + do * beta2_dot                       # (10.3)
        dbeta2_dot = (do_dot * h2 + do * h2_dot).sum(axis=0)            # (10.3)
        dW2_dot = a1_dot.T @ dh2 + a1.T @ dh2_dot                       # (10.4)
        da1_dot = dh2_dot @ W2.T + dh2 @ W2_dot.T                       # (10.6)
        f_h_dot = f_hh * h1_dot + f_hbeta * beta1_dot
        f_beta_dot = f_hbeta * h1_dot + f_betabeta * beta1_dot
        dh1_dot = da1_dot * f_h + da1 * f_h_dot                         # (10.3)
        dbeta1_dot = (da1_dot * f_beta + da1 * f_beta_dot).sum(axis=0)  # (10.3)
        dW1_dot = x.T @ dh1_dot                                         # (10.4)
        db1_dot, db2_dot = dh1_dot.sum(axis=0), dh2_dot.sum(axis=0)     # (10.5)
        return np.hstack([dW1_dot.flat, db1_dot, dbeta1_dot, dW2_dot.flat, db2_dot, dbeta2_dot])

    return loss, gradient, hessian_times


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(400, 2))
    y = 1.0 * (abs(x[:, 1:] - np.sin(4 * x[:, :1]) / 2) < 0.3)          # class 1: a wavy band
    theta, m, v = rng.normal(size=52), 0, 0
    for t in range(1001):
        loss, gradient, hessian_times = network(theta, x, y)
        if t % 200 == 0:
            H = np.stack([hessian_times(direction) for direction in np.eye(52)], axis=1)
            negative = np.sum(np.linalg.eigvalsh(H) < 0)
            print(f"step {t:4}: loss {loss:.4f}, {negative:2} of 52 eigenvalues are negative")
        m = 0.9 * m + 0.1 * gradient                                    # (7.3)
        v = 0.999 * v + 0.001 * gradient**2                             # (7.4)
        rate = 0.01 * np.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        theta = theta - rate * m / (np.sqrt(v) + 1e-8)                  # (7.5)
