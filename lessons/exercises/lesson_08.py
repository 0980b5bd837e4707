"""The exercises of lesson 8, the noise learns."""

import numpy as np

from minifnn.lesson import Exercise


def rescale(W, b, beta, V, c):
    """W (D, H), b (H,), beta (H,), V (H, K) along the gauge, unit i by c[i]; c (H,)."""
    ### BEGIN SOLUTION
    return W * c, b * c, beta / c, V / c[:, None]
    ### END SOLUTION


def rescale_beta_up(W, b, beta, V, c):
    return W * c, b * c, beta * c, V / c[:, None]


def rescale_without_bias(W, b, beta, V, c):
    return W * c, b, beta / c, V / c[:, None]


def rescale_v_up(W, b, beta, V, c):
    return W * c, b * c, beta / c, V * c[:, None]


def rescale_backwards(W, b, beta, V, c):
    return rescale(W, b, beta, V, 1 / c)


def rescale_without_v(W, b, beta, V, c):
    return W * c, b * c, beta / c, V


def along_gauge(W, b, beta, V, dW, db, dbeta, dV):
    """grad . xi of each hidden unit, (H,); W (D, H), b and beta (H,), V (H, K)."""
    ### BEGIN SOLUTION
    gains = (W * dW).sum(axis=0) + b * db
    losses = beta * dbeta + (V * dV).sum(axis=1)
    return gains - losses
    ### END SOLUTION


def all_plus(W, b, beta, V, dW, db, dbeta, dV):
    return (W * dW).sum(axis=0) + b * db + beta * dbeta + (V * dV).sum(axis=1)


def turned_round(*arguments):
    return -along_gauge(*arguments)


def without_bias(W, b, beta, V, dW, db, dbeta, dV):
    return along_gauge(W, 0 * b, beta, V, dW, db, dbeta, dV)


def without_outgoing(W, b, beta, V, dW, db, dbeta, dV):
    return along_gauge(W, b, beta, 0 * V, dW, db, dbeta, dV)


def without_beta(W, b, beta, V, dW, db, dbeta, dV):
    return along_gauge(W, b, 0 * beta, V, dW, db, dbeta, dV)


def paired(first, second):
    """Mean of first - second over n pairs, and its standard error; both arrays are (n,)."""
    ### BEGIN SOLUTION
    d = first - second
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))
    ### END SOLUTION


def spread_not_error(first, second):
    d = first - second
    return d.mean(), d.std(ddof=1)


def unpaired(first, second):
    spread = np.sqrt(first.var(ddof=1) + second.var(ddof=1))
    return (first - second).mean(), spread / np.sqrt(len(first))


def divided_by_n(first, second):
    d = first - second
    return d.mean(), d.std() / np.sqrt(len(d))


def absolute_differences(first, second):
    d = abs(first - second)
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))


def root_of_n_twice(first, second):
    d = first - second
    return d.mean(), d.std(ddof=1) / len(d)


def second_minus_first(first, second):
    return paired(second, first)


def runs(rng):
    """Two arms that share the luck of each start."""
    luck = rng.normal(size=9)
    return luck + 0.5 * rng.normal(size=9), luck + 0.5 * rng.normal(size=9) + 0.2


def parameters_and_gradients(rng):
    """Three inputs, five hidden units, two outputs; and as much again for the gradient."""
    shapes = ((3, 5), (5,), (5,), (5, 2))
    return tuple(rng.normal(size=shape) for _ in range(2) for shape in shapes)


EXERCISES = (
    Exercise(
        number="8.1",
        name="first_to_move",
        solution="beta2",
        hints=(
            "Go backward from the loss. Which gradients have a factor beta2, which is 0.004 or so?",
            "delta2 = do * beta2, and W2, b2 and everything below get their share of delta2.",
            "dbeta2 is the sum of do * h2. There is no small factor beta in front of it.",
        ),
        mutants={
            "On the way down to W1 the gradient is multiplied by beta2, which is tiny.": "W1",
            "dW2 is a1^T delta2, and delta2 = do * beta2: there is the tiny factor.": "W2",
            "beta1 gets da1 = delta2 W2^T, and delta2 = do * beta2: there is the tiny factor.": (
                "beta1"
            ),
        },
    ),
    Exercise(
        number="8.2",
        solution=rescale,
        returns=("W", "b", "beta", "V"),
        inputs=lambda rng: (
            rng.normal(size=(3, 5)),
            rng.normal(size=5),
            rng.normal(size=5),
            rng.normal(size=(5, 2)),
            rng.uniform(0.5, 2.0, size=5) * np.array([1.0, -1.0, 1.0, 1.0, -1.0]),
        ),
        hints=(
            "The units are the columns of W and the rows of V.",
            "W * c multiplies column i by c[i]. For rows, c has to stand upright: c[:, None].",
            "W * c, b * c, beta / c, V / c[:, None].",
        ),
        mutants={
            "beta grows where the field grows. Then beta h changes; it must stay.": rescale_beta_up,
            "It is all the other way round: W and b are multiplied by c, beta and V divided.": (
                rescale_backwards
            ),
            "The bias is a part of the field: b has to be multiplied by c as well.": (
                rescale_without_bias
            ),
            "The signal grew by c and you let V enlarge it again. V must take it back.": (
                rescale_v_up
            ),
            "beta h is unchanged, but the signal is h sigma(beta h), now c times as large: who"
            " takes it back?": rescale_without_v,
        },
    ),
    Exercise(
        number="8.3",
        name="idle_directions",
        solution=11,
        hints=(
            "One number c for each hidden unit: how many is that?",
            "Then the output: o = beta2 (a W2 + b2). There is one more product in it.",
        ),
        mutants={
            "Those are the hidden units'. Look at the output too: o = beta2 (a W2 + b2).": 10,
            "That is the output's alone. Each hidden unit has a c of its own.": 1,
            "That is how many directions *do* change the function. How many are left of 52?": 41,
            "One a *beta*, not one a beta and a bias: count the numbers c.": 22,
        },
    ),
    Exercise(
        number="8.4",
        solution=along_gauge,
        inputs=parameters_and_gradients,
        hints=(
            "xi = (w, b, -beta, -v). Multiply each by its gradient and add.",
            "A unit's w is a column of W: sum W * dW over axis 0. Its v is a row of V: axis 1.",
            "(W * dW).sum(axis=0) + b * db - beta * dbeta - (V * dV).sum(axis=1).",
        ),
        mutants={
            "All signs are plus. beta and v go as 1/c, whose derivative at c = 1 is -1.": all_plus,
            "The sign is turned round: w and b enter with plus, beta and v with minus.": (
                turned_round
            ),
            "The bias is missing: b goes along with w.": without_bias,
            "V is missing: the outgoing weights take the signal's growth back.": without_outgoing,
            "beta is missing: it shrinks as the field grows.": without_beta,
        },
    ),
    Exercise(
        number="8.5",
        solution=paired,
        returns=("mean", "error"),
        inputs=runs,
        hints=(
            "Take the difference of each pair first. Then forget the two arrays.",
            "The spread of n differences is their standard deviation, ddof=1. That of their mean"
            " is smaller.",
            "d = first - second; d.mean() and d.std(ddof=1) / np.sqrt(len(d)).",
        ),
        mutants={
            "That is the spread of one difference. The mean of n is sure to 1/sqrt(n) of it.": (
                spread_not_error
            ),
            "You added the spreads of the two arms. Take the differences first: the luck of a"
            " start cancels.": unpaired,
            "Your standard deviation divides by n. The mean came from the same data: n - 1,"
            " ddof=1.": divided_by_n,
            "Second minus first: the sign of the mean is turned round.": second_minus_first,
            "Keep the signs: a difference may be negative, and then it counts against the first.": (
                absolute_differences
            ),
            "You divided by n. The error of a mean falls with the *root* of n.": root_of_n_twice,
        },
    ),
)
