"""The exercises of lesson 4, the loss is an energy."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def surprise(o, y):
    """The surprise (N, K) of truths y (N, K), for logits o (N, K)."""
    ### BEGIN SOLUTION
    return np.log(1 + np.exp(o)) - y * o
    ### END SOLUTION


def probability(o):
    return 1 / (1 + np.exp(-o))


def gates(rng):
    N, K = sizes(rng, 2)
    y = (rng.random((N, K)) < 0.5).astype(float)
    y[0, 0], y[1, 1] = 0.0, 1.0
    return 2 * rng.normal(size=(N, K)), y


def cross_entropy(o, y):
    """The loss (4.1), a number, for logits o (N, K) and truths y (N, K)."""
    ### BEGIN SOLUTION
    softplus = np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o)))
    return np.mean(softplus - y * o)
    ### END SOLUTION


def by_probability(o, y):
    p = probability(o)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def clipped(smallest):
    def function(o, y):
        p = np.clip(probability(o), smallest, 1 - smallest)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    return function


def raised(little):
    def function(o, y):
        p = probability(o)
        return -np.mean(y * np.log(p + little) + (1 - y) * np.log(1 - p + little))

    return function


def overflowing(o, y):
    return np.mean(np.log(1 + np.exp(o)) - y * o)


def sure(rng):
    """Logits of which some are +800, or some -800, with either truth."""
    o, y = gates(rng)
    far = 800.0 * (-1) ** rng.integers(2)
    o[0, 0], o[1, 1] = far, far  # one truth is 0, the other 1
    return o, y


def logit_gradient(o, y):
    """dL/do, (N, K), of (4.1) for logits o (N, K) and truths y (N, K)."""
    ### BEGIN SOLUTION
    p = 0.5 * (1 + np.tanh(o / 2))
    return (p - y) / o.size
    ### END SOLUTION


def by_the_chain_rule(o, y):
    p = probability(o)
    return (-y / p + (1 - y) / (1 - p)) * p * (1 - p) / o.size


def softmax(o):
    odds = np.exp(o - o.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def softmax_curvature(o):
    """The second derivatives of (4.4), (N, K, K), for logits o (N, K)."""
    ### BEGIN SOLUTION
    odds = np.exp(o - o.max(axis=1, keepdims=True))
    p = odds / odds.sum(axis=1, keepdims=True)
    diagonal = p[:, :, None] * np.eye(o.shape[1])
    products = p[:, :, None] * p[:, None, :]
    return (diagonal - products) / len(o)
    ### END SOLUTION


def softmax_of_all(o):
    p = np.exp(o - o.max()) / np.exp(o - o.max()).sum()
    return p[:, :, None] * np.eye(o.shape[1]) - p[:, :, None] * p[:, None, :]


def one_number(o):
    return np.array([np.diag(q) - q @ q.T for q in softmax(o)]) / len(o)


def of_gates(o):
    return 0.5 * (1 + np.tanh(o / 2))


def independent_gates(o):
    p = of_gates(o)
    return (p * (1 - p))[:, :, None] * np.eye(o.shape[1]) / len(o)


def classes(rng):
    N, K = sizes(rng, 2)
    o = rng.normal(size=(max(N, 3), max(K, 3)))
    o[0, :2] = 800.0, 799.0
    o[1] = -800.0  # the mean of this row is no help, its largest entry is
    o[1, 0] = 800.0
    return (o,)


def shift(o, y):
    """The shift t (N,), for logits o (N,) and fractions y (N,)."""
    ### BEGIN SOLUTION
    return np.log(y / (1 - y)) - o
    ### END SOLUTION


EXERCISES = (
    Exercise(
        number="4.1",
        solution=surprise,
        inputs=gates,
        hints=(
            "The gate has two states, s = 0 and s = 1, of weight exp(s o). Z is their sum.",
            "Z = 1 + exp(o), and the state y has the probability exp(y o)/Z.",
            "-log(exp(y o)/Z) = log Z - y o.",
        ),
        mutants={
            "The logarithm of a probability is negative; the surprise is minus that.": (
                lambda o, y: y * o - np.log(1 + np.exp(o))
            ),
            "You left out y o: that is the surprise of a gate that should be shut.": (
                " - y * o",
                "",
            ),
            "The sign of y o: if the truth is 1, a large logit must surprise less.": (
                "- y * o",
                "+ y * o",
            ),
            "That is -log p for y = 1, and 0 for y = 0. If the truth is 0 the gate should be shut,"
            " which has the probability 1 - p.": lambda o, y: -y * np.log(probability(o)),
            "That is -log p whatever the truth is. If it is 0 the gate should be shut.": (
                lambda o, y: -np.log(probability(o))
            ),
            "The two truths are exchanged: p is the probability of an open gate, y = 1.": (
                lambda o, y: surprise(o, 1 - y)
            ),
            "That is the probability of the truth. Take minus its logarithm.": (
                lambda o, y: np.exp(-surprise(o, y))
            ),
            "That is the probability of a mistake. Take minus the logarithm of the truth's.": (
                lambda o, y: 1 - np.exp(-surprise(o, y))
            ),
            "That is the residual y - p, what is left over, and not a probability's logarithm.": (
                lambda o, y: y - probability(o)
            ),
            "That is the squared error of p. Ask how probable the truth is.": (
                lambda o, y: (probability(o) - y) ** 2
            ),
            "That is half the squared error of p. Ask how probable the truth is.": (
                lambda o, y: (probability(o) - y) ** 2 / 2
            ),
            "That is minus the logarithm of the weight. A probability is the weight over Z: log Z"
            " is missing.": (lambda o, y: -y * o),
            "That is right for truths that are called -1 and 1. Here they are 0 and 1.": (
                lambda o, y: np.log(1 + np.exp(-y * o))
            ),
            "That is the entropy of the gate, its own mean surprise. The truth y is missing.": (
                lambda o, y: np.log(1 + np.exp(o)) - probability(o) * o
            ),
            "This gate has the states 0 and 1: Z = 1 + exp(o). You summed over -1 and 1.": (
                "1 + np.exp(o)",
                "np.exp(-o) + np.exp(o)",
            ),
            "log(1 + exp(-o)) is the whole surprise of the truth 1. Here Z is 1 + exp(o).": (
                "np.exp(o)",
                "np.exp(-o)",
            ),
            "That is one gate with K states. Here are K gates of two states: Z = 1 + exp(o).": (
                lambda o, y: np.log(np.exp(o).sum(axis=1, keepdims=True)) - y * o
            ),
            "You summed over the gates. Each has two states of its own: Z = 1 + exp(o).": (
                lambda o, y: np.log(np.exp(o).sum()) - y * o
            ),
            "The logarithm here is the natural one.": (lambda o, y: surprise(o, y) / np.log(2)),
            "You took the mean already. Here one surprise per gate is asked for, (N, K).": (
                lambda o, y: np.mean(surprise(o, y))
            ),
        },
        because="log Z - y o: the whole loss is in this line.",
    ),
    Exercise(
        number="4.2",
        solution="forty",
        hints=(
            "Near 1, floats lie 2e-16 apart, so 1 - 4e-18 becomes 1. How close do they lie near 0?",
            "p is about exp(-40), which is 4e-18. A float holds it with 16 digits.",
        ),
        mutants={
            "So it was with 1 - p at o = 40. But here p itself is 4e-18, and not 0.": "infinite",
            "The network is sure and wrong: the loss cannot be small.": "zero",
            "For nan, 0 must meet infinity, as in the table. Here is one logarithm alone.": "nan",
        },
        because="Floats are dense near 0, and not near 1: p = 4e-18 has all its digits.",
    ),
    Exercise(
        number="4.3",
        solution=cross_entropy,
        inputs=sure,
        stable=True,
        hints=(
            "Work with the logit; do not compute the probability at all.",
            "For o > 0: log(1 + exp(o)) = o + log(1 + exp(-o)). For o < 0 it is fine as it is.",
            "In both cases the exponent is -|o|, and o is added only if it is positive.",
            "np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o))). Then minus y o, then the mean.",
        ),
        mutants={
            "By way of the probability, 1 - p or p is 0 where the gate is sure. Stay with o.": (
                by_probability
            ),
            "The exponential of a large o overflows. For o > 0 take o out of the logarithm.": (
                overflowing
            ),
            "The maximum is right; but exp(-o) overflows for o = -800. The exponent needs -|o|.": (
                "-np.abs(o)",
                "-o",
            ),
            "The maximum is right, but exp(o) overflows. The exponent needs -|o|.": (
                "-np.abs(o)",
                "o",
            ),
            "The exponent is -|o|, with a minus: exp(|o|) overflows.": ("-np.abs(o)", "np.abs(o)"),
            "For o > 0 you took out exp(o), so o itself has to be added: max(o, 0).": (
                "np.maximum(o, 0) + ",
                "",
            ),
            "In front of the logarithm stands max(o, 0), not |o|.": (
                "np.maximum(o, 0)",
                "np.abs(o)",
            ),
            "In front of the logarithm stands max(o, 0), not o: for o < 0 nothing is taken out.": (
                "np.maximum(o, 0)",
                "o",
            ),
            "In front of the logarithm stands max(o, 0), the larger one. You took the smaller.": (
                "np.maximum",
                "np.minimum",
            ),
            "np.max(o, 0) is the largest along axis 0. Entry by entry it is np.maximum(o, 0).": (
                "np.maximum(o, 0)",
                "np.max(o, 0)",
            ),
            "For o > 0, log(1 + exp(o)) is not o alone: log(1 + exp(-o)) is added to it.": (
                "np.log1p(np.exp(-np.abs(o)))",
                "np.where(o > 0, 0, np.log1p(np.exp(-np.abs(o))))",
            ),
            "The exponent is -|o|: for o > 0 it is -o.": ("-np.abs(o)", "np.minimum(o, 0)"),
            "np.log1p(x) is log(1 + x) already: you added 1 twice.": (
                "np.exp(-np.abs(o))",
                "1 + np.exp(-np.abs(o))",
            ),
            "log(1 + x) is meant; you took log(x).": ("np.log1p", "np.log"),
            "The maximum of 0 and -o gives log(1 + exp(-o)), the surprise of a gate that should be"
            " open. Here o has a plus.": ("np.maximum(o, 0)", "np.maximum(-o, 0)"),
            **{
                f"Clipping p at {c:g} caps what a sure mistake costs: at 800 it should cost 800.": (
                    clipped(c)
                )
                for c in (1e-7, 1e-8, 1e-10, 1e-12, 1e-15)
            },
            **{
                f"{c:g} added to p caps what a sure mistake costs: at 800 it should cost 800.": (
                    raised(c)
                )
                for c in (1e-8, 1e-10, 1e-12, 1e-15)
            },
            **{
                f"Clipping o at {c} caps what a sure mistake costs: at 800 it should cost 800.": (
                    lambda o, y, c=c: cross_entropy(np.clip(o, -c, c), y)
                )
                for c in (10, 20, 30, 36, 40, 50, 100, 500, 700, 709)
            },
            **{
                f"Clipped at {c}, log(1 + exp(o)) stops where o goes on. Take o out of it.": (
                    lambda o, y, c=c: np.mean(np.log(1 + np.exp(np.clip(o, -c, c))) - y * o)
                )
                for c in (10, 20, 30, 36, 40, 50, 100, 500, 700, 709)
            },
            "The mean goes over samples and outputs; you summed over the outputs.": (
                "np.mean(softplus - y * o)",
                "np.sum(softplus - y * o) / len(o)",
            ),
            "That is the sum. The loss is the mean over samples and outputs.": (
                "np.mean(softplus",
                "np.sum(softplus",
            ),
            "The sign of y o: a truth of 1 must make a large logit cheap.": ("- y * o", "+ y * o"),
            "You forgot y o: that is log Z alone.": (" - y * o", ""),
            "The sign of all of it: this loss is never negative.": (
                "np.mean(softplus - y * o)",
                "np.mean(y * o - softplus)",
            ),
            "Those are the N K terms. The loss is their mean, one number.": (
                "np.mean(softplus - y * o)",
                "softplus - y * o",
            ),
        },
        because="At a logit of 800 that is wrong it says 800, and at one that is right, 0.",
    ),
    Exercise(
        number="4.4",
        solution=logit_gradient,
        inputs=sure,
        stable=True,
        hints=(
            "What is the derivative of log(1 + exp(o))?",
            "It is sigma(o). So each entry alone gives sigma(o) - y.",
            "The loss is a mean of N K entries, and each logit is in one of them: / o.size.",
            "p = 0.5 * (1 + np.tanh(o / 2)) overflows nowhere.",
        ),
        mutants={
            "The sign: the residual is prediction minus truth.": ("(p - y)", "(y - p)"),
            "The loss is a mean, so its gradient carries 1/(N K).": (" / o.size", ""),
            "You divided by N; the mean goes over the K outputs too.": ("/ o.size", "/ len(o)"),
            "You divided by K; the mean goes over the N samples too.": (
                "/ o.size",
                "/ o.shape[1]",
            ),
            "You took the logit itself. The prediction is sigma(o).": ("(p - y)", "(o - y)"),
            "The derivative of y o is y: subtract it.": ("(p - y)", "p"),
            "log(1 + exp(o)) is log Z itself. Its derivative is sigma(o).": (
                "(p - y)",
                "(np.logaddexp(0, o) - y)",
            ),
            "There is no factor w = p(1 - p) here: squared error of p has it.": (
                "(p - y)",
                "(p - y) * p * (1 - p)",
            ),
            "That is w = p(1 - p), the second derivative. Here the first one.": (
                "(p - y)",
                "p * (1 - p)",
            ),
            "exp(800)/(1 + exp(800)) is infinity over infinity. Take exp only of what is not"
            " positive.": lambda o, y: (np.exp(o) / (1 + np.exp(o)) - y) / o.size,
            "You took sigma(-o), the probability of a shut gate. Mind the sign or the cases.": (
                "np.tanh(o / 2)",
                "np.tanh(-o / 2)",
            ),
            "That is dL/dp. Times dp/do = p(1 - p) it is the residual, and nothing divides by 0.": (
                lambda o, y: ((1 - y) / (1 - probability(o)) - y / probability(o)) / o.size
            ),
            "The p(1-p) cancels on paper; here it is 0 times infinity.": by_the_chain_rule,
            "The gate's states are 0 and 1: its mean is sigma(o), not tanh(o).": (
                "(p - y)",
                "(np.tanh(o) - y)",
            ),
            "The brackets: the mean divides all of p - y, not p alone.": (
                "(p - y) / o.size",
                "p / o.size - y",
            ),
            "tanh(o/2) goes from -1 to 1. The prediction is (1 + tanh(o/2))/2, from 0 to 1.": (
                "0.5 * (1 + np.tanh(o / 2))",
                "np.tanh(o / 2)",
            ),
            "sigma(o) is half of 1 + tanh(o/2): the half is missing.": ("0.5 * (", "("),
            "exp(800) is too large; and this is softmax, for one gate of K states. These K gates"
            " are independent: sigma(o).": (
                lambda o, y: (np.exp(o) / np.exp(o).sum(axis=1, keepdims=True) - y) / o.size
            ),
            "You rounded p to 0 or 1. The prediction is the probability itself.": (
                lambda o, y: ((o > 0) - y) / o.size
            ),
            "tanh(o) is not 2 sigma(o) - 1; tanh(o/2) is.": ("o / 2", "o"),
            "tanh(2 o) is not 2 sigma(o) - 1; tanh(o/2) is.": ("o / 2", "o * 2"),
            "The half multiplies all of 1 + tanh(o/2): mind the brackets.": (
                "0.5 * (1 + np.tanh(o / 2))",
                "0.5 + np.tanh(o / 2)",
            ),
            "That is softmax, for one gate of K states. These K gates are independent: the"
            " prediction is sigma(o).": lambda o, y: (softmax(o) - y) / o.size,
            "That is softmax, for one gate of K states, with its 1/N. These K gates are"
            " independent: sigma(o).": lambda o, y: (softmax(o) - y) / len(o),
            "The loss is one number, but its gradient has one entry per logit: do not sum.": (
                lambda o, y: np.sum(of_gates(o) - y) / o.size
            ),
        },
        because="Prediction minus truth, over the number of terms.",
    ),
    Exercise(
        number="4.5",
        solution=softmax_curvature,
        inputs=classes,
        stable=True,
        hints=(
            "1/Z gives -p_k p_j always; the numerator adds p_k if j = k. And the mean gives 1/N.",
            "First p: subtract each row's largest logit before exp; sum over axis 1 with keepdims.",
            "p[:, :, None] * p[:, None, :] has shape (N, K, K): all products p_k p_j.",
            "p[:, :, None] * np.eye(K) puts p on the diagonals. Subtract, and divide by N.",
        ),
        mutants={
            "exp(800) over a sum with exp(800) is infinity over infinity. Subtract the largest"
            " logit of each row first.": (" - o.max(axis=1, keepdims=True)", ""),
            "You subtracted the largest of all logits: then the other rows are exp(-800) = 0, and 0"
            " over 0. Take the largest of each row.": ("o.max(axis=1, keepdims=True)", "o.max()"),
            "Off the diagonal the sign is minus: if one p grows, the others must shrink.": (
                "diagonal - products",
                "diagonal + products",
            ),
            "You kept the diagonal only. The classes of one sample share one Z.": (
                "p[:, None, :]",
                "p[:, None, :] * np.eye(o.shape[1])",
            ),
            "That is diag(p). Subtract the products p_k p_j.": ("diagonal - products", "diagonal"),
            "Those are the products alone. Where j = k, p_k comes in addition.": (
                "diagonal - products",
                "-products",
            ),
            "The first term is diag(p), not the unit matrix: p on the diagonal.": (
                "p[:, :, None] * np.eye",
                "np.eye",
            ),
            "p_k squared is subtracted twice on the diagonal: the products p_k p_j have it.": (
                "diagonal = p[:, :, None] *",
                "diagonal = (p - p**2)[:, :, None] *",
            ),
            "The products are p_k p_j. You have the square of p_k, as often as there are j.": (
                "p[:, None, :]",
                "p[:, :, None]",
            ),
            "diag(p) has p on the diagonal, not its square.": (
                "diagonal = p[:, :, None] *",
                "diagonal = p[:, :, None] ** 2 *",
            ),
            "diag(p) has p on the diagonal and 0 elsewhere; you have p in all columns.": (
                "diagonal = p[:, :, None] * np.eye(o.shape[1])",
                "diagonal = p[:, :, None] + 0 * np.eye(o.shape[1])",
            ),
            "For one row, q @ q.T is one number, the sum of the squares. All products q_j q_k are"
            " np.outer(q, q).": one_number,
            "The loss is a mean over N samples: the curvature carries 1/N.": (" / len(o)", ""),
            "You summed over the samples. Each row (axis 1) has a Z of its own.": (
                ("o.max(axis=1, keepdims=True)", "o.max(axis=0)"),
                ("odds.sum(axis=1, keepdims=True)", "odds.sum(axis=0)"),
            ),
            "You summed over all samples. Each row has a Z of its own.": (
                lambda o: softmax_of_all(o) / len(o)
            ),
            "Each row has a Z of its own: sum over axis 1, with keepdims.": (
                "odds.sum(axis=1, keepdims=True)",
                "odds.sum()",
            ),
            "That is p(1 - p), the diagonal alone. The classes of a sample share one Z, so there is"
            " a K x K matrix per sample.": lambda o: softmax(o) * (1 - softmax(o)) / len(o),
            "You divided p by N: then the products p_k p_j carry 1/N twice. Divide at the end.": (
                "(diagonal - products) / len(o)",
                "diagonal / len(o) - products / len(o) ** 2",
            ),
            "This loss is a mean over the N samples only: divide by N, not by N K.": (
                "/ len(o)",
                "/ o.size",
            ),
            "You divided by K. This loss is a mean over the N samples.": (
                "/ len(o)",
                "/ o.shape[1]",
            ),
            "The sign is turned round: p stands on the diagonal with a plus.": (
                "diagonal - products",
                "products - diagonal",
            ),
            "That is the curvature (4.3) of K independent gates. Softmax is one gate: take p.": (
                independent_gates
            ),
            "You took sigma(o) for p. The gate has K states: p_k = exp(o_k)/Z.": (
                "odds / odds.sum(axis=1, keepdims=True)",
                "0.5 * (1 + np.tanh(o / 2))",
            ),
            "You did not divide by Z: those are weights, not probabilities.": (
                "odds / odds.sum(axis=1, keepdims=True)",
                "odds",
            ),
        },
        because="Its quadratic form is a variance.",
    ),
    Exercise(
        number="4.6",
        solution=shift,
        inputs=lambda rng: (
            rng.normal(size=(n := sizes(rng, 1)[0] + 3)),
            rng.uniform(0.1, 0.9, size=n),
        ),
        hints=(
            "The condition is sigma(o + t) = y. Which logit has the mean y?",
            "Solve y = 1/(1 + exp(-x)) for x: x = log(y/(1 - y)).",
            "That x is o + t, so t is x - o.",
        ),
        mutants={
            "That is the new logit o + t. How far is it from o?": (" - o", ""),
            "The sign is turned round: t is the new logit minus the old one.": (
                lambda o, y: o - np.log(y / (1 - y))
            ),
            "You subtracted the probability sigma(o). Logits are shifted, so subtract o.": (
                "- o",
                "- 1 / (1 + np.exp(-o))",
            ),
            "y/(1 - y) stands upside down: a large y needs a large logit.": (
                "y / (1 - y)",
                "(1 - y) / y",
            ),
            "The sign of o: if o + t is the new logit, t is the new logit minus o.": ("- o", "+ o"),
            "y/(1 - y) is the exponential of the new logit. Take its logarithm.": (
                "np.log(y / (1 - y))",
                "y / (1 - y)",
            ),
            "You took log y. From y = sigma(x) follows x = log(y/(1 - y)).": (
                "np.log(y / (1 - y))",
                "np.log(y)",
            ),
            "Mind the brackets: the logarithm of the fraction y/(1 - y).": (
                "np.log(y / (1 - y))",
                "np.log(y) / (1 - y)",
            ),
            "y/(1 - y) without brackets is y - y. Mind the brackets.": ("(1 - y)", "1 - y"),
            "You took sigma(y). The other way: y = sigma(x), and x is asked for.": (
                "np.log(y / (1 - y))",
                "1 / (1 + np.exp(-y))",
            ),
            "y is a probability, o a logit: which logit has the probability y?": (
                "np.log(y / (1 - y))",
                "y",
            ),
            "You compared the probabilities, log(y/p). A logit is the logarithm of the odds,"
            " y/(1 - y).": lambda o, y: np.log(y / probability(o)),
            "You compared the shut gates too, but a logit is log(y/(1 - y)), with a minus between"
            " the two.": lambda o, y: np.log(y * (1 - y)) - o,
            "That is the residual, truth minus prediction. Which shift makes it 0?": (
                lambda o, y: y - probability(o)
            ),
            "That is the residual, prediction minus truth. Which shift makes it 0?": (
                lambda o, y: probability(o) - y
            ),
        },
        because="And -g is then the cross-entropy, less what no network can change.",
    ),
)
