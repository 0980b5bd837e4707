"""The exercises of lesson 5, backward by hand."""

import numpy as np

from minifnn import lesson
from minifnn.lesson import Exercise


def gate_dh(da, h, beta):
    """dh (N, H) of an ESP gate, from da (N, H), h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    f_h = p + u * w
    return da * f_h
    ### END SOLUTION


def gate_dbeta(da, h, beta):
    """dbeta (H,) of an ESP gate, from da (N, H), h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    p = 1 / (1 + np.exp(-beta * h))
    f_beta = h**2 * p * (1 - p)
    return (da * f_beta).sum(axis=0)
    ### END SOLUTION


def dense_backward(dh, x, W):
    """dW (D, H), db (H,), dx (N, D), from dh (N, H), x (N, D), W (D, H)."""
    ### BEGIN SOLUTION
    dW = x.T @ dh
    db = dh.sum(axis=0)
    dx = dh @ W.T
    ### END SOLUTION
    return dW, db, dx


def backward(x, y, W1, b1, beta1, W2, b2, beta2):
    """The gradients of the six parameters, each with its parameter's shape;
    x (N, D), y (N, K)."""
    h1 = x @ W1 + b1
    p1 = 1 / (1 + np.exp(-beta1 * h1))
    w, a1 = p1 * (1 - p1), h1 * p1
    h2 = a1 @ W2 + b2
    p2 = 1 / (1 + np.exp(-beta2 * h2))
    ### BEGIN SOLUTION
    do = (p2 - y) / y.size
    dh2 = do * beta2
    dbeta2 = (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    dh1 = da1 * (p1 + beta1 * h1 * w)
    dbeta1 = (da1 * h1**2 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    ### END SOLUTION
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def layer_factor(std, f_h):
    """Typical size of dh in one layer, divided by that in the next.

    f_h (N, H): the slopes of this layer's gates; std: the standard
    deviation of the weights (H, H) from this layer to the next.
    """
    ### BEGIN SOLUTION
    H = f_h.shape[1]
    return std * np.sqrt(H) * np.sqrt((f_h**2).mean())
    ### END SOLUTION


def free_layer(R):
    """W (H, H) and b (H,) of a layer of sigmoids, from R (H, H): random
    numbers of mean 0 and standard deviation 1."""
    ### BEGIN SOLUTION
    H = len(R)
    W = 4 / np.sqrt(H) * R
    b = -0.5 * W.sum(axis=0)
    ### END SOLUTION
    return W, b


def one_gate(rng):
    """da and h, (N, H), and beta, (H,), none of it near 1."""
    N, H = lesson.sizes(rng, 2)
    return *rng.normal(size=(2, N, H)), rng.uniform(1.5, 3.0, size=H)


def one_layer(rng):
    """dh (N, H), x (N, D), W (D, H)."""
    N, D, H = lesson.sizes(rng, 3)
    return rng.normal(size=(N, H)), rng.normal(size=(N, D)), rng.normal(size=(D, H))


def two_layers(rng):
    """x (N, D), y (N, K), and the parameters of H hidden units and K outputs."""
    N, D, H, K = lesson.sizes(rng, 4)
    x, y = rng.normal(size=(N, D)), rng.integers(0, 2, size=(N, K)).astype(float)
    first = rng.normal(size=(D, H)), rng.normal(size=H), rng.uniform(1.3, 2.5, size=H)
    second = rng.normal(size=(H, K)), rng.normal(size=K), rng.uniform(1.3, 2.5, size=K)
    return (x, y, *first, *second)


def slopes(rng):
    """A standard deviation, and slopes (N, H) of both signs whose mean is not 0."""
    N, H = lesson.sizes(rng, 2)
    return rng.uniform(0.2, 0.8), rng.normal(0.3, 0.6, size=(N, H))


def random_numbers(rng):
    """R (H, H) of standard deviation 1."""
    (H,) = lesson.sizes(rng, 1)
    return (rng.normal(size=(H, H)),)


EXERCISES = (
    Exercise(
        number="5.1",
        solution=gate_dh,
        inputs=one_gate,
        hints=(
            "Chain rule, entry by entry: dh = da times the slope of a in h. No sum over anything.",
            "a = h p has two factors that depend on h: h itself, and p = sigma(beta h).",
            "The product rule gives f_h = p + h (beta w), with w = p (1 - p).",
        ),
        because="So f_h = p + u w.",
        mutants={
            "You differentiated h and took p as constant. But p depends on h too: product rule.": (
                "p + u * w",
                "p",
            ),
            "That is the slope f_h alone. Multiply by da, what arrives from the next layer.": (
                "return da * f_h",
                "return f_h",
            ),
            "The product rule adds its two terms: you subtracted one.": ("p + u", "p - u"),
            "Look at the second term: the inner derivative of sigma(beta h) is missing.": (
                "u * w",
                "h * w",
            ),
            "Only w: the product rule has two terms, p and h times the slope of p.": (
                "p + u * w",
                "w",
            ),
            "a (1 - a) is the slope of a gate that sends p itself. Here a = h p: product rule.": (
                "p + u * w",
                "h * p * (1 - h * p)",
            ),
            "Those are the two derivatives multiplied. The product rule adds two terms: p, and"
            " h times the slope of p.": ("p + u * w", "u * w"),
            "beta twice: u = beta h holds one already, and the chain rule brings only one.": (
                "p + u * w",
                "p + beta * u * w",
            ),
            "You left out beta altogether: right only for beta = 1.": ("u = beta * h", "u = h"),
            "The exponent of sigma(u) is -u: yours gives 1 - p for p.": ("np.exp(-u)", "np.exp(u)"),
            "da multiplies both terms of the slope: mind the brackets.": (
                "return da * f_h",
                "return da * p + u * w",
            ),
            "That is the slope of a sigmoid. ESP has the factor h in front: product rule.": (
                "p + u * w",
                "beta * w",
            ),
            "That is da f_beta, the slope in beta. For dh take the slope in h.": (
                "p + u * w",
                "h**2 * w",
            ),
            "You multiplied da by the output a = h p. It is the slope of a that counts.": (
                "p + u * w",
                "h * p",
            ),
            "You divided by N. The 1/N is in the loss, and so in da already.": (
                "return da * f_h",
                "return da * f_h / len(h)",
            ),
            "dh has one row per sample, as h has: no sum.": (
                "return da * f_h",
                "return (da * f_h).sum(axis=0)",
            ),
        },
    ),
    Exercise(
        number="5.2",
        solution=gate_dbeta,
        inputs=one_gate,
        hints=(
            "dbeta has the shape of beta, (H,). Which letter of (N, H) has to go?",
            "Every sample uses the same beta, so their shares add: a sum over axis 0.",
            "The slope of h sigma(beta h) in beta: h stays in front, and the inner derivative"
            " is h.",
        ),
        because="Each share is da times the variance of the signal.",
        mutants={
            "These are the shares of each sample, (N, H). All samples use one beta: add them.": (
                ".sum(axis=0)",
                "",
            ),
            "You summed over the units. Each unit has a beta of its own; the samples share it:"
            " axis 0.": ("axis=0", "axis=1"),
            "You took the mean over samples. The 1/N is in the loss, and so in da already.": (
                ".sum(",
                ".mean(",
            ),
            "One h too few: the inner derivative of sigma(beta h) in beta is h, and ESP has an h"
            " before it.": ("h**2 * p", "h * p"),
            "That is the sum of f_beta alone. Multiply by da, what arrives from the next layer.": (
                "(da * f_beta)",
                "(f_beta)",
            ),
            "Both factors are h, not u = beta h.": ("h**2 * p", "(beta * h)**2 * p"),
            "One of the two factors h became u: in beta, the inner derivative is h.": (
                "h**2 * p",
                "beta * h**2 * p",
            ),
            "There is no first term: the h in front does not depend on beta.": (
                "h**2 * p",
                "p + h**2 * p",
            ),
            "u w is a part of the slope in h. Here differentiate by beta.": (
                "h**2 * p",
                "beta * h * p",
            ),
            "That is dh times a factor h. But beta does not act on h: it takes da f_beta.": (
                "h**2 * p * (1 - p)",
                "h * (p + beta * h * p * (1 - p))",
            ),
            "Multiply da and f_beta sample by sample, and add afterwards. You added each.": (
                "(da * f_beta).sum(axis=0)",
                "da.sum(axis=0) * f_beta.sum(axis=0)",
            ),
            "That is the slope in h. Here differentiate by beta.": (
                "h**2 * p * (1 - p)",
                "p + beta * h * p * (1 - p)",
            ),
        },
    ),
    Exercise(
        number="5.3",
        solution=dense_backward,
        returns=("dW", "db", "dx"),
        inputs=one_layer,
        hints=(
            "Sums over a shared index are matrix products. Which product of x (N, D) and"
            " dh (N, H) is (D, H)?",
            "A transpose brings the shared index to the middle: (D, N) times (N, H).",
            "db is the sum over the samples, axis 0; dx is (N, H) times (H, D).",
        ),
        mutants={
            "dW is transposed: it should have the shape of W, inputs first, units second.": (
                "x.T @ dh",
                "dh.T @ x",
            ),
            "dW and db are both means over samples. The 1/N is in the loss, and so in dh"
            " already: sums.": (("x.T @ dh", "x.T @ dh / len(x)"), (".sum(", ".mean(")),
            "You took the mean for db. The 1/N is in the loss, and so in dh already: sum.": (
                ".sum(",
                ".mean(",
            ),
            "You summed db over the units. Each unit has one b; the samples share it: axis 0.": (
                "axis=0",
                "axis=1",
            ),
            "You divided dW by N. The 1/N is in the loss, and so in dh already.": (
                "x.T @ dh",
                "x.T @ dh / len(x)",
            ),
            "dx goes back through the weights, from dh. You went forward, from x.": (
                "dh @ W.T",
                "x @ W",
            ),
            "A weight passes the gradient back with its sign: W.T, not |W|.T.": (
                "W.T",
                "np.abs(W).T",
            ),
            "b has the factor 1 in h, not x: db is the sum of dh alone.": (
                "dh.sum(axis=0)",
                "(dh * x.sum(axis=1, keepdims=True)).sum(axis=0)",
            ),
        },
    ),
    Exercise(
        number="5.4",
        solution=backward,
        returns=("dW1", "db1", "dbeta1", "dW2", "db2", "dbeta2"),
        order=("do", "dh2", "dbeta2", "dW2", "db2", "da1", "dh1", "dbeta1", "dW1", "db1"),
        inputs=two_layers,
        points=2,
        hints=(
            "Begin at the loss: do = (p2 - y)/(N K), and y.size is N K.",
            "The output's gate is o = beta2 h2: so dh2 = do beta2, and dbeta2 is the sum of do h2.",
            "Then exercise 5.3 with a1 as the input, which gives da1 = dh2 @ W2.T.",
            "Then 5.1 and 5.2 with da1, and 5.3 once more with x as the input.",
        ),
        mutants={
            "The output's gate has a beta too: o = beta2 h2, so dh2 = do beta2.": (
                "dh2 = do * beta2",
                "dh2 = do",
            ),
            "In the hidden layer's f_h = p + u w you wrote h1 for u: beta1 is missing.": (
                "p1 + beta1 * h1 * w",
                "p1 + h1 * w",
            ),
            "dh1 = da1 f_h, and f_h = p + u w: the term u w is missing.": (
                "(p1 + beta1 * h1 * w)",
                "p1",
            ),
            "dh1 has the slope of a sigmoid, beta w. These gates are ESP: f_h = p + u w.": (
                "(p1 + beta1 * h1 * w)",
                "beta1 * w",
            ),
            "One h1 too few in dbeta1: these gates are ESP, with f_beta = h^2 w.": (
                "h1**2 * w",
                "h1 * w",
            ),
            "dbeta1 takes da1, the gradient of what the gate sends, not dh1.": (
                "(da1 * h1**2 * w)",
                "(dh1 * h1**2 * w)",
            ),
            "dbeta2 takes do, the gradient of what the gate sends, not dh2.": (
                "(do * h2)",
                "(dh2 * h2)",
            ),
            "dW2 takes the layer's input, which is a1: you skipped the gate and wrote h1.": (
                "a1.T @ dh2",
                "h1.T @ dh2",
            ),
            "dW2 takes dh2, what the output's gate passes back: you skipped it and wrote do.": (
                "a1.T @ dh2",
                "a1.T @ do",
            ),
            "db2 takes dh2, what the output's gate passes back: you skipped it and wrote do.": (
                "dh2.sum(axis=0)",
                "do.sum(axis=0)",
            ),
            "da1 takes dh2, what the output's gate passes back: you skipped it and wrote do.": (
                "dh2 @ W2.T",
                "do @ W2.T",
            ),
            "dW1 takes dh1: you skipped the hidden gate and wrote da1.": (
                "x.T @ dh1",
                "x.T @ da1",
            ),
            "dW1 takes the layer's input, which is x: you wrote a1, the input of the second.": (
                "x.T @ dh1",
                "a1.T @ dh1",
            ),
            "db1 takes dh1: you skipped the hidden gate and wrote da1.": (
                "dh1.sum(axis=0)",
                "da1.sum(axis=0)",
            ),
            "You skipped the hidden gate: dW1 and db1 take dh1, not da1.": (
                ("x.T @ dh1", "x.T @ da1"),
                ("dh1.sum(axis=0)", "da1.sum(axis=0)"),
            ),
            "A factor p2 (1 - p2) is too many: the residual do has none, and the output's gate"
            " only scales.": ("/ y.size", "/ y.size * p2 * (1 - p2)"),
            "dh2 and dbeta2 are an ESP gate's. The output's gate only scales: o = beta2 h2.": (
                ("dh2 = do * beta2", "dh2 = do * (p2 + beta2 * h2 * p2 * (1 - p2))"),
                ("(do * h2)", "(do * h2**2 * p2 * (1 - p2))"),
            ),
            "The loss is a mean. Divide the residual by N K, which is y.size.": (" / y.size", ""),
            "You divided by N. This loss is a mean over samples *and* outputs: N K.": (
                "/ y.size",
                "/ len(y)",
            ),
            "The sign is turned round: the residual is prediction minus truth.": (
                "(p2 - y)",
                "(y - p2)",
            ),
        },
    ),
    Exercise(
        number="5.5",
        solution=layer_factor,
        inputs=slopes,
        hints=(
            "Mean square of a sum of H such terms: H times the mean square of one term. H is"
            " f_h.shape[1].",
            "One term is dh times W: its mean square is (mean square of dh) times std squared.",
            "So mean squares get the factor H std^2 mean(f_h^2). A size is the root of it.",
        ),
        because="The factor is std sqrt(H) times the root-mean-square slope.",
        mutants={
            "That is the factor of the mean square. A typical size is its root.": (
                "std * np.sqrt(H) * np.sqrt((f_h**2).mean())",
                "std**2 * H * (f_h**2).mean()",
            ),
            "A sum of H terms of random sign grows as the root of H, not as H: they cancel in"
            " part.": ("np.sqrt(H)", "H"),
            "H is missing: da is a sum over the H units of the next layer.": (
                " * np.sqrt(H)",
                "",
            ),
            "Take the root-mean-square slope. In a plain mean the signs cancel.": (
                "np.sqrt((f_h**2).mean())",
                "f_h.mean()",
            ),
            "A standard deviation takes the mean off first. Take the root of the mean square.": (
                "np.sqrt((f_h**2).mean())",
                "f_h.std()",
            ),
            "That is the std which makes the factor 1: the next question, and without std.": (
                "std * np.sqrt(H) * np.sqrt((f_h**2).mean())",
                "1 / (np.sqrt(H) * np.sqrt((f_h**2).mean()))",
            ),
            "Squares add up, so take the root of the mean square, not the mean of |f_h|.": (
                "np.sqrt((f_h**2).mean())",
                "np.abs(f_h).mean()",
            ),
            "The sum runs over units, not over samples: H is f_h.shape[1].": (
                "f_h.shape[1]",
                "f_h.shape[0]",
            ),
            "The slope is in the factor as its root mean square: the root is missing.": (
                "np.sqrt((f_h**2).mean())",
                "(f_h**2).mean()",
            ),
            "One factor for the whole layer: take the mean over samples and units.": (
                "(f_h**2).mean()",
                "(f_h**2).mean(axis=0)",
            ),
        },
    ),
    Exercise(
        number="5.6",
        name="power_of_ten",
        solution=-11.4,
        hints=(
            "19 layers come before the last hidden one: 19 factors.",
            "With std = 1/sqrt(H), the roots of H cancel, and the factor is the slope, 1/4.",
        ),
        because="A quarter per layer, 19 times: 10^(19 log10(1/4)) = 10^-11.4, or a little less.",
        mutants={
            "That is the mean square. A typical size is its root.": -22.9,
            "That is one layer.": -0.6,
            "It shrinks: the exponent is negative.": 11.4,
        },
    ),
    Exercise(
        number="5.7",
        name="smallest_first",
        solution=("sigmoid", "esp", "relu", "tanh"),
        hints=(
            "Compare the root-mean-square slopes at fields near 0, at beta = 1.",
            "tanh: 1. ReLU: 1 for half of the units. ESP: 1/2. Sigmoid: 1/4.",
        ),
        mutants={
            "ESP for large fields is like ReLU. But are the fields large?": (
                "sigmoid",
                "tanh",
                "relu",
                "esp",
            ),
            "tanh has slope 1 at small fields, ReLU 0 for half of the units.": (
                "sigmoid",
                "esp",
                "tanh",
                "relu",
            ),
            "ReLU has slope 1 for half of the units: root mean square 0.71. ESP at small fields"
            " has 1/2.": ("sigmoid", "relu", "esp", "tanh"),
        },
    ),
    Exercise(
        number="5.8",
        solution=free_layer,
        inputs=random_numbers,
        returns=("W", "b"),
        hints=(
            "The factor is std sqrt(H) times the slope: 1 = std sqrt(H) / 4.",
            "W is R times that std. Each entry of x is about 1/2: what is x @ W then?",
            "x @ W is about half the sum of W over axis 0. So b is minus that.",
        ),
        because="Without b the fields would be about 2: 1/2 times 4/sqrt(H) times sqrt(H).",
        mutants={
            "2 would do for ESP, whose small fields have the slope 1/2. A sigmoid's is 1/4.": (
                "4 / np.sqrt(H)",
                "2 / np.sqrt(H)",
            ),
            "Those are Xavier's weights: a quarter is left per layer.": (
                "4 / np.sqrt(H)",
                "1 / np.sqrt(H)",
            ),
            "In the factor std has the root of H with it, not H.": ("np.sqrt(H)", "H"),
            "H is missing: the factor is std sqrt(H) times the slope.": (" / np.sqrt(H)", ""),
            "16 is 4 squared: std itself stands in the factor.": ("4 / np", "16 / np"),
            "Upside down: std has to make up for a slope of 1/4.": (
                "4 / np.sqrt(H)",
                "0.25 / np.sqrt(H)",
            ),
            "That is the factor for std = 1. Which std makes it 1?": (
                "4 / np.sqrt(H)",
                "np.sqrt(H) / 4",
            ),
            "R has the standard deviation 1 already, on average: leave this draw as it is.": (
                "* R",
                "* R / R.std()",
            ),
            "The bias takes the mean field off: minus.": ("-0.5", "0.5"),
            "Each gate of the layer before sends about 1/2, not 1.": ("-0.5 * W", "-W"),
            "Unit i adds up what arrives over j, and W is (j, i): axis 0.": ("axis=0", "axis=1"),
            "Without biases the fields are about 2, and the slope is not 1/4.": (
                "-0.5 * W.sum(axis=0)",
                "np.zeros(H)",
            ),
            "The field is x @ W: add up W, not R.": ("W.sum", "R.sum"),
            "A field is a sum over the layer before, not a mean.": ("W.sum(", "W.mean("),
            "1/2 arrives from each of the H gates, each with its own weight: half the sum of W.": (
                "-0.5 * W.sum(axis=0)",
                "np.full(H, -0.5)",
            ),
            "2 is what is typical. Each unit has its own sum of weights, and so its own b.": (
                "-0.5 * W.sum(axis=0)",
                "np.full(H, -2.0)",
            ),
            "Each unit needs its own bias: add up over axis 0 alone.": (
                "W.sum(axis=0)",
                "np.full(H, W.sum())",
            ),
        },
    ),
)
