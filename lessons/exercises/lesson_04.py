"""The exercises of lesson 4, the loss is an energy."""

import numpy as np

from minifnn.lesson import Exercise


def multiplier(o, y):
    """The saddle point lambda, (N,), for logits o (N,) and observed fractions y (N,)."""
    ### BEGIN SOLUTION
    return np.log(y / (1 - y)) - o
    ### END SOLUTION


def new_field(o, y):
    return np.log(y / (1 - y))


def minus_multiplier(o, y):
    return o - np.log(y / (1 - y))


def of_probability(o, y):
    return np.log(y / (1 - y)) - 1 / (1 + np.exp(-o))


def turned_fraction(o, y):
    return np.log((1 - y) / y) - o


def cross_entropy(o, y):
    """The loss (4.1), one number, for logits o (N, K) and targets y (N, K); any logits."""
    ### BEGIN SOLUTION
    softplus = np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o)))
    return np.mean(softplus - y * o)
    ### END SOLUTION


def by_probability(o, y):
    p = 1 / (1 + np.exp(-o))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def overflowing(o, y):
    return np.mean(np.log(1 + np.exp(o)) - y * o)


def half_a_softplus(o, y):
    return np.mean(np.log1p(np.exp(-np.abs(o))) - y * o)


def terms(o, y):
    return np.logaddexp(0, o) - y * o


def size_for_maximum(o, y):
    return np.mean(np.abs(o) + np.log1p(np.exp(-np.abs(o))) - y * o)


def summed_over_outputs(o, y):
    return cross_entropy(o, y) * o.shape[1]


def summed_over_all(o, y):
    return cross_entropy(o, y) * o.size


def plus_y_o(o, y):
    return cross_entropy(o, -y)


def logit_gradient(o, y):
    """dL/do, (N, K), of the loss (4.1) for logits o (N, K) and targets y (N, K)."""
    ### BEGIN SOLUTION
    return (1 / (1 + np.exp(-o)) - y) / o.size
    ### END SOLUTION


def truth_first(o, y):
    return -logit_gradient(o, y)


def no_mean(o, y):
    return logit_gradient(o, y) * o.size


def mean_over_samples_only(o, y):
    return logit_gradient(o, y) * o.shape[1]


def logit_for_probability(o, y):
    return (o - y) / o.size


def gated(o, y):
    s = 1 / (1 + np.exp(-o))
    return (s - y) * s * (1 - s) / o.size


def softmax_curvature(o):
    """The curvature (4.6), (N, K, K), one matrix a sample, for logits o (N, K)."""
    ### BEGIN SOLUTION
    odds = np.exp(o - o.max(axis=1, keepdims=True))
    p = odds / odds.sum(axis=1, keepdims=True)
    diagonal = p[:, :, None] * np.eye(o.shape[1])
    return (diagonal - p[:, :, None] * p[:, None, :]) / len(o)
    ### END SOLUTION


def plus_outer(o):
    diagonal = softmax_curvature(o) * np.eye(o.shape[1])
    return 2 * diagonal - softmax_curvature(o)


def only_diagonal(o):
    return softmax_curvature(o) * np.eye(o.shape[1])


def no_outer(o):
    p = np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)
    return p[:, :, None] * np.eye(o.shape[1]) / len(o)


def no_mean_curvature(o):
    return softmax_curvature(o) * len(o)


def down_the_columns(o):
    p = np.exp(o) / np.exp(o).sum(axis=0)
    return (p[:, :, None] * np.eye(o.shape[1]) - p[:, :, None] * p[:, None, :]) / len(o)


def independent_gates(o):
    s = 1 / (1 + np.exp(-o))
    return (s * (1 - s))[:, :, None] * np.eye(o.shape[1]) / len(o)


def sure_logits(rng):
    o = rng.normal(size=(5, 3))
    o[0, 1], o[3, 2] = 800.0, -800.0
    y = (rng.random((5, 3)) < 0.5).astype(float)
    y[0, 1], y[1, 0], y[3, 2] = 1.0, 1.0, 1.0
    return o, y


EXERCISES = (
    Exercise(
        number="4.1",
        solution=multiplier,
        inputs=lambda rng: (rng.normal(size=6), rng.uniform(0.1, 0.9, size=6)),
        hints=(
            "The condition is sigma(o + lambda) = y. Which field has the mean state y?",
            "Solve y = 1/(1 + exp(-x)) for x: x = log(y/(1 - y)).",
            "That x is o + lambda, so lambda is x - o.",
        ),
        mutants={
            "That is the new field o + lambda. How far is it from the field o?": new_field,
            "The sign is turned round: lambda is the new field minus the old one.": (
                minus_multiplier
            ),
            "You subtracted the probability sigma(o). Fields are shifted, so subtract o.": (
                of_probability
            ),
            "y/(1 - y) stands upside down: a large y needs a large field.": turned_fraction,
            "The sign of o: if o + lambda is the new field, lambda is the new field minus o.": (
                lambda o, y: multiplier(-o, y)
            ),
            "y/(1 - y) is the exponential of the new field. Take its logarithm.": (
                lambda o, y: y / (1 - y) - o
            ),
        },
    ),
    Exercise(
        number="4.2",
        name="naive_loss",
        solution="infinite",
        hints=(
            "exp(-40) is about 4e-18. Near 1, floats lie 2e-16 apart.",
            "So 1 + exp(-40) is 1 in a float, and p is 1 as well. What is log(1 - p)?",
        ),
        mutants={
            "40 is what mathematics says. But a float cannot hold a p so near to 1.": "forty",
            "The network is sure and wrong: the loss cannot be small. What is log(1 - p)?": "zero",
            "Nothing overflows at 40: exp(40) is 2e17, which is a float. Look at 1 - p.": "nan",
            "The four words to choose from are in the question. Take the one that means it.": "inf",
        },
    ),
    Exercise(
        number="4.3",
        solution=cross_entropy,
        inputs=sure_logits,
        hints=(
            "Work with the logit; do not compute the probability at all.",
            "log(1 + exp(o)) overflows for large o. Take out exp(o): o + log(1 + exp(-o)).",
            "Both cases at once: max(o, 0) + log1p(exp(-|o|)). Then minus y o, then the mean.",
        ),
        mutants={
            "By way of the probability, 1 - p is 0 where the gate is sure. Stay with o.": (
                by_probability
            ),
            "Your loss is infinite, as exp(800) and -log(0) are. Stay with o, and take max(o, 0) "
            "out of the logarithm.": overflowing,
            "For o > 0 you took out exp(o), so o itself has to be added: max(o, 0).": (
                half_a_softplus
            ),
            "The mean goes over samples and outputs; you summed over the outputs.": (
                summed_over_outputs
            ),
            "That is the sum. The loss is the mean over samples and outputs.": summed_over_all,
            "The sign of y o: a truth of 1 must make a large logit cheap.": plus_y_o,
            "The sign of all of it: this loss is never negative.": (
                lambda o, y: -cross_entropy(o, y)
            ),
            "Those are the N K terms. The loss is their mean, one number.": terms,
            "In front of the logarithm stands max(o, 0), not |o|.": size_for_maximum,
        },
    ),
    Exercise(
        number="4.4",
        solution=logit_gradient,
        inputs=lambda rng: (rng.normal(size=(5, 3)), rng.uniform(size=(5, 3))),
        hints=(
            "What is the derivative of log(1 + exp(o))?",
            "It is sigma(o). So each entry alone gives sigma(o) - y.",
            "The loss is a mean of N K entries, and each logit is in one of them: / o.size.",
        ),
        mutants={
            "The sign: the residual is prediction minus truth.": truth_first,
            "The loss is a mean, so its gradient carries 1/(N K).": no_mean,
            "You divided by N; the mean goes over the K outputs too.": mean_over_samples_only,
            "You divided by K; the mean goes over the N samples too.": (
                lambda o, y: logit_gradient(o, y) * len(o)
            ),
            "o is a logit. The prediction is sigma(o).": logit_for_probability,
            "There is no factor w = s(1 - s) here: squared error of p has it.": gated,
        },
    ),
    Exercise(
        number="4.5",
        solution=softmax_curvature,
        inputs=lambda rng: (rng.normal(size=(5, 3)),),
        hints=(
            "First p: exp(o), divided by its sum over axis 1, with keepdims=True.",
            "p[:, :, None] * p[:, None, :] has shape (N, K, K): all products p_k p_j.",
            "p[:, :, None] * np.eye(K) puts p on the diagonals. Subtract, and divide by N.",
        ),
        mutants={
            "Off the diagonal the sign is minus: if one p grows, the others must shrink.": (
                plus_outer
            ),
            "You kept the diagonal only. The classes of one sample share one Z.": only_diagonal,
            "That is diag(p). Subtract the products p_k p_j.": no_outer,
            "The loss is a mean over N samples: the curvature carries 1/N.": no_mean_curvature,
            "You summed over the samples. Each row (axis 1) has a Z of its own.": down_the_columns,
            "This loss is a mean over the N samples only: divide by N, not by N K.": (
                lambda o: softmax_curvature(o) / o.shape[1]
            ),
            "The sign is turned round: p stands on the diagonal with a plus.": (
                lambda o: -softmax_curvature(o)
            ),
            "That is the curvature (4.3) of K independent gates. Softmax is one gate: take p.": (
                independent_gates
            ),
        },
    ),
)
