"""The exercises of lesson 5, backward by hand."""

import numpy as np

from minifnn.lesson import Exercise


def gate_delta(g, h, beta):
    """delta (N, H) of an ESP gate, from g (N, H), h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    u = beta * h
    s = 1 / (1 + np.exp(-u))
    w = s * (1 - s)
    return g * (s + u * w)
    ### END SOLUTION


def without_the_second_term(g, h, beta):
    return g / (1 + np.exp(-beta * h))


def slope_alone(g, h, beta):
    return gate_delta(np.ones_like(g), h, beta)


def beta_lost_in_the_product(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    return g * (s + h * s * (1 - s))


def beta_forgotten(g, h, beta):
    return gate_delta(g, h, np.ones_like(beta))


def g_on_one_term(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    return g * s + beta * h * s * (1 - s)


def slope_of_sigmoid(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    return g * beta * s * (1 - s)


def slope_in_beta(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    return g * h**2 * s * (1 - s)


def gate_dbeta(g, h, beta):
    """dbeta (H,) of an ESP gate, from g (N, H), h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    s = 1 / (1 + np.exp(-beta * h))
    return (g * h**2 * s * (1 - s)).sum(axis=0)
    ### END SOLUTION


def not_summed(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    return g * h**2 * s * (1 - s)


def summed_over_units(g, h, beta):
    return not_summed(g, h, beta).sum(axis=1)


def averaged(g, h, beta):
    return not_summed(g, h, beta).mean(axis=0)


def one_h_short(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    return (g * h * s * (1 - s)).sum(axis=0)


def dense_backward(delta, x, W):
    """dW (D, H), db (H,) and dx (N, D), from delta (N, H), x (N, D) and W (D, H)."""
    ### BEGIN SOLUTION
    dW = x.T @ delta
    db = delta.sum(axis=0)
    dx = delta @ W.T
    ### END SOLUTION
    return dW, db, dx


def dense_turned(delta, x, W):
    return delta.T @ x, delta.sum(axis=0), delta @ W.T


def dense_mean_bias(delta, x, W):
    return x.T @ delta, delta.mean(axis=0), delta @ W.T


def dense_summed_over_units(delta, x, W):
    return x.T @ delta, delta.sum(axis=1), delta @ W.T


def dense_averaged(delta, x, W):
    return x.T @ delta / len(x), delta.sum(axis=0), delta @ W.T


def dense_signless(delta, x, W):
    return x.T @ delta, delta.sum(axis=0), delta @ np.abs(W).T


def backward(x, y, W1, b1, beta1, W2, b2, beta2):
    """dW1, db1, dbeta1, dW2, db2, dbeta2, each of the shape of its parameter."""
    h1 = x @ W1 + b1
    s = 1 / (1 + np.exp(-beta1 * h1))
    w = s * (1 - s)
    a1 = h1 * s
    h2 = a1 @ W2 + b2
    p = 1 / (1 + np.exp(-beta2 * h2))
    ### BEGIN SOLUTION
    do = (p - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    dh1 = da1 * (s + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    ### END SOLUTION
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def two_layers(rng):
    """Seven samples, three inputs, four hidden units, two outputs."""
    N, D, H, K = 7, 3, 4, 2
    x, y = rng.normal(size=(N, D)), rng.integers(0, 2, size=(N, K)).astype(float)
    first = rng.normal(size=(D, H)), rng.normal(size=H), rng.uniform(0.5, 2.0, size=H)
    second = rng.normal(size=(H, K)), rng.normal(size=K), rng.uniform(0.5, 2.0, size=K)
    return (x, y, *first, *second)


EXERCISES = (
    Exercise(
        number="5.1",
        solution=gate_delta,
        inputs=lambda rng: (
            rng.normal(size=(7, 4)),
            rng.normal(size=(7, 4)),
            rng.uniform(1.5, 3.0, size=4),
        ),
        hints=(
            "Chain rule, entry by entry: delta = g times f_h. No sum, no matrix product.",
            "f = h s has two factors that know of h: the h itself, and s = sigma(beta h).",
            "f_h = s + u w, with u = beta h and w = s (1 - s).",
        ),
        mutants={
            "You differentiated h and took s as constant. But s knows of h too: the term u w.": (
                without_the_second_term
            ),
            "That is the slope f_h alone. Multiply by g, what arrives from above.": slope_alone,
            "In the second term stands u w, not h w: the inner derivative of sigma(beta h)"
            " is beta.": beta_lost_in_the_product,
            "You left out beta altogether: right only for beta = 1.": beta_forgotten,
            "g multiplies both terms of f_h: mind the brackets.": g_on_one_term,
            "That is f_h of a sigmoid, beta w. ESP has the factor h in front: product rule.": (
                slope_of_sigmoid
            ),
            "That is g f_beta, the way to beta. For delta the slope in h is wanted.": (
                slope_in_beta
            ),
        },
    ),
    Exercise(
        number="5.2",
        solution=gate_dbeta,
        inputs=lambda rng: (
            rng.normal(size=(7, 4)),
            rng.normal(size=(7, 4)),
            rng.uniform(0.5, 2.0, size=4),
        ),
        hints=(
            "dbeta has the shape of beta, (H,). Which letter of (N, H) has to go?",
            "Every sample uses the same beta, so their shares add: sum over axis 0.",
            "(g * f_beta).sum(axis=0) with f_beta = h**2 * s * (1 - s).",
        ),
        mutants={
            "These are the shares of each sample, (N, H). All samples use one beta: add them.": (
                not_summed
            ),
            "You summed over the units. Each unit has a beta of its own; the samples share it:"
            " axis 0.": summed_over_units,
            "You took the mean over samples. The 1/N is in the loss, and so in g already.": (
                averaged
            ),
            "One h too few: d sigma(beta h)/d beta = h w, and ESP has an h before it.": one_h_short,
            "That is the sum of f_beta alone. Multiply by g, what arrives from above.": (
                lambda g, h, beta: gate_dbeta(np.ones_like(g), h, beta)
            ),
            "Both factors are h, not u = beta h: f_beta = h^2 w.": (
                lambda g, h, beta: beta**2 * gate_dbeta(g, h, beta)
            ),
        },
    ),
    Exercise(
        number="5.3",
        solution=dense_backward,
        returns=("dW", "db", "dx"),
        inputs=lambda rng: (
            rng.normal(size=(7, 4)),
            rng.normal(size=(7, 3)),
            rng.normal(size=(3, 4)),
        ),
        hints=(
            "Let the shapes help: which product of x (N, D) and delta (N, H) is (D, H)?",
            "dW = x.T @ delta: the matrix product sums over the samples by itself.",
            "db is delta summed over the samples; dx = delta @ W.T, summed over the units.",
        ),
        mutants={
            "dW is transposed: it should have the shape of W, inputs first, units second.": (
                dense_turned
            ),
            "db is a mean over samples. The 1/N is in the loss already: sum.": dense_mean_bias,
            "You summed db over the units. There is one b a unit; the samples share it: axis 0.": (
                dense_summed_over_units
            ),
            "You divided dW by N. The 1/N is in the loss, and so in delta already.": dense_averaged,
            "A weight passes blame back with its sign: W.T, not |W|.T.": dense_signless,
        },
    ),
    Exercise(
        number="5.4",
        solution=backward,
        returns=("dW1", "db1", "dbeta1", "dW2", "db2", "dbeta2"),
        order=("do", "dh2", "dbeta2", "dW2", "db2", "da1", "dh1", "dbeta1", "dW1", "db1"),
        inputs=two_layers,
        hints=(
            "Begin at the loss: do = (p - y)/(N K), and y.size is N K.",
            "The output's gate is o = beta2 h2: so dh2 = do beta2 and dbeta2 = sum of do h2.",
            "Then exercise 5.3 with a1 as the input, which gives da1 = dh2 @ W2.T.",
            "Then 5.1 and 5.2 with g = da1, and 5.3 once more with x as the input.",
        ),
        mutants={
            "The output's gate has a beta too: o = beta2 h2, so dh2 = do beta2.": (
                "dh2, dbeta2 = do * beta2",
                "dh2, dbeta2 = do",
            ),
            "In the hidden layer's f_h = s + u w you wrote h1 for u: beta1 is missing.": (
                "s + beta1 * h1 * w",
                "s + h1 * w",
            ),
            "dh1 = da1 f_h, and f_h = s + u w: the term u w is missing.": (
                "(s + beta1 * h1 * w)",
                "s",
            ),
            "dbeta1 takes da1, what arrives above the gate, not dh1.": (
                "(da1 * h1**2 * w)",
                "(dh1 * h1**2 * w)",
            ),
            "dbeta2 takes do, what arrives above the gate, not dh2.": (
                "(do * h2)",
                "(do * beta2 * h2)",
            ),
            "do is the residual alone. A factor p(1 - p) belongs to squared error of p.": (
                "/ y.size",
                "/ y.size * p * (1 - p)",
            ),
            "The loss is a mean. Divide the residual by N K, which is y.size.": (" / y.size", ""),
            "You divided by N. This loss is a mean over samples *and* outputs: N K.": (
                "/ y.size",
                "/ len(y)",
            ),
            "The sign is turned round: the residual is prediction minus truth, p - y.": (
                "(p - y)",
                "(y - p)",
            ),
        },
    ),
    Exercise(
        number="5.5",
        name="field_goes",
        solution="down",
        hints=(
            "delta = g f_h, and a step of descent changes h against delta. The sign of g is given.",
            "So you need the sign of f_h = s + u w at u = -3. There s = 0.047 and w = 0.045.",
        ),
        mutants={
            "That would be so if f_h were positive. Put u = -3 into s + u w.": "up",
            "That is what ReLU does at h = -3, where its slope is exactly 0. ESP's is not.": "stay",
            "How large the step is depends on the weights. Its direction is minus the sign of"
            " g f_h.": "depends",
        },
    ),
)
