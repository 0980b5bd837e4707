"""The exercises of lesson 3, from one unit to a network."""

from itertools import pairwise

import numpy as np

from minifnn.lesson import Exercise, sizes


def fields(x, W, b):
    """The fields of a layer: x (N, D), W (D, H), b (H,) -> h (N, H)."""
    ### BEGIN SOLUTION
    return x @ W + b
    ### END SOLUTION


def layer(rng):
    N, D, H = sizes(rng, 3)
    return rng.normal(size=(N, D)), rng.normal(size=(D, H)), rng.normal(size=H)


def forward(x, layers):
    """The logits (N, K) of x (N, D).

    layers is a list of (W, b, beta), of shapes (D, H), (H,) and (H,);
    all but the last are ESP.
    """
    ### BEGIN SOLUTION
    *hidden, last = layers
    a = x
    for W, b, beta in hidden:
        h = a @ W + b
        a = h / (1 + np.exp(-beta * h))
    W, b, beta = last
    return beta * (a @ W + b)
    ### END SOLUTION


def esp_to_the_end(x, layers):
    for W, b, beta in layers:
        h = x @ W + b
        x = h / (1 + np.exp(-beta * h))
    return x


def first_layer_only(x, layers):
    return esp_to_the_end(x, layers[:1])


def one_layer_short(x, layers):
    return esp_to_the_end(x, layers[:-1])


def last_beta_everywhere(x, layers):
    return forward(x, [(W, b, np.full(b.shape, beta.mean())) for W, b, beta in layers])


def no_biases(x, layers):
    return forward(x, [(W, np.zeros_like(b), beta) for W, b, beta in layers])


def beta_times_matrix(x, layers):
    *hidden, (W, b, beta) = layers
    for W_l, b_l, beta_l in hidden:
        h = x @ W_l + b_l
        x = h / (1 + np.exp(-beta_l * h))
    return x @ W + beta * b


def fields_passed_on(x, layers):
    *hidden, last = layers
    for W, b, _ in hidden:
        x = x @ W + b
    return forward(x / (1 + np.exp(-hidden[-1][2] * x)), [last])


def some_layers(rng):
    """One to three hidden layers and one of outputs, all sizes different."""
    N, *widths = sizes(rng, 4 + rng.poisson(1) % 3)  # the fixed draws: 3, 4 and 2 layers
    layers = [
        (rng.normal(size=(m, n)), rng.normal(size=n), rng.uniform(0.5, 2.0, size=n))
        for m, n in pairwise(widths)
    ]
    return rng.normal(size=(N, widths[0])), layers


def alive(R, a):
    """W (D, H) from raw numbers R (D, H) and what arrives, a (N, D)."""
    ### BEGIN SOLUTION
    fan_in = a.shape[1]
    power = np.mean(a**2)
    return R / np.sqrt(fan_in * power)
    ### END SOLUTION


def arriving(rng):
    """Raw numbers, and activations that are not centred, of any size."""
    N, D, H = sizes(rng, 3)
    a = rng.uniform(0.1, 4.0) * (rng.normal(size=(N, D)) + rng.uniform(0.3, 1.0))
    return rng.normal(size=(D, H)), a


def by_this_draw(R, a):
    return R / np.sqrt(np.mean((a @ R) ** 2))


def by_this_draw_centred(R, a):
    return R / np.std(a @ R)


def one_number_per_input(R, a):
    return R / np.sqrt(a.shape[1] * np.mean(a**2, axis=0))[:, None]


def he(R, a):
    return R * np.sqrt(2 / a.shape[1])


def four(R, a):
    return R * np.sqrt(4 / a.shape[1])


def xavier(R, a):
    return R * np.sqrt(2 / sum(R.shape))


def both_fans(R, a):
    return R * np.sqrt(2 / sum(R.shape) / np.mean(a**2))


def split(theta, D, H, K):
    """W1 (D, H), b1 and beta1 (H,), W2 (H, K), b2 and beta2 (K,)."""
    ### BEGIN SOLUTION
    ends = np.cumsum([D * H, H, H, H * K, K])
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, ends)
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2
    ### END SOLUTION


def as_if(order):
    """A split that takes the parts in another order."""

    def function(theta, D, H, K):
        size = dict(W1=D * H, b1=H, beta1=H, W2=H * K, b2=K, beta2=K)
        cuts = np.cumsum([size[name] for name in order])[:-1]
        part = dict(zip(order, np.split(theta, cuts)))
        part["W1"], part["W2"] = part["W1"].reshape(D, H), part["W2"].reshape(H, K)
        return tuple(part[name] for name in size)

    return function


def one_short(theta, D, H, K):
    W1, b1, beta1, W2, b2, _ = split(theta, D, H, K)
    return W1, b1, beta1, W2, b2, theta[-K - 1 : -1]


def parameters(rng):
    D, H, K = sizes(rng, 3)
    return rng.normal(size=D * H + H + H + H * K + K + K), D, H, K


def shares(V):
    """W (D, H), which shares out input j as row j of V (D, H) says."""
    ### BEGIN SOLUTION
    return V / V.sum(axis=1, keepdims=True)
    ### END SOLUTION


EXERCISES = (
    Exercise(
        number="3.1",
        solution=fields,
        inputs=layer,
        hints=(
            "The sum over j runs over the columns of x and the rows of W: a matrix product.",
            "(N, D) times (D, H) is (N, H). b (H,) is added to every row by NumPy itself.",
            "x @ W + b",
        ),
        mutants={
            "You left out b.": (" + b", ""),
            "Turned round: (H, N) has one column per sample. Here a row is a sample: (N, H).": (
                lambda x, W, b: (x @ W + b).T
            ),
            "You took the mean over the inputs. A field is their sum.": (
                "x @ W",
                "x @ W / len(W)",
            ),
            "b is part of the sum, with a plus: x W + b.": ("+ b", "- b"),
            "Each sample has fields of its own: do not sum over the samples.": (
                lambda x, W, b: (x @ W + b).sum(axis=0)
            ),
            "The brackets: b is added to the product, not to W.": ("x @ W + b", "x @ (W + b)"),
            "b is added once per unit, after the sum over j, not once per input.": (
                "+ b",
                "+ len(W) * b",
            ),
        },
        because="Row n, column i is the field of unit i for sample n.",
    ),
    Exercise(
        number="3.2",
        solution=forward,
        inputs=some_layers,
        hints=(
            "Keep one variable a, which starts as x and is replaced by every layer.",
            "*hidden, last = layers takes the list apart: all layers but one, and that one.",
            "In a hidden layer: h = a @ W + b, then a = h / (1 + np.exp(-beta * h)).",
            "The last layer has no gate: its logit is beta * (a @ W + b).",
        ),
        mutants={
            "The last layer sends the logit beta h: no ESP there.": (
                "return beta * (a @ W + b)",
                "return (a @ W + b) / (1 + np.exp(-beta * (a @ W + b)))",
            ),
            "The last layer sends the logit beta h: no ESP before it.": (
                "return beta * (a @ W + b)",
                "return beta * (a @ W + b) / (1 + np.exp(-beta * (a @ W + b)))",
            ),
            "Your hidden layers send the gate, sigma(beta h). ESP sends h sigma(beta h).": (
                "a = h /",
                "a = 1 /",
            ),
            "Your hidden layers have no gate: a = h sigma(beta h), not h.": (
                "a = h / (1 + np.exp(-beta * h))",
                "a = h",
            ),
            "The last layer: you left out its beta. The logit is beta h.": (
                "return beta * (a @ W + b)",
                "return a @ W + b",
            ),
            "The hidden layers: you left out beta in sigma(beta h).": ("(-beta * h)", "(-h)"),
            "The hidden layers: the sign in the exponent. sigma(u) = 1/(1 + exp(-u)).": (
                "(-beta * h)",
                "(beta * h)",
            ),
            "Those are probabilities. The logits are asked for: stop before the last sigma.": (
                "return beta * (a @ W + b)",
                "return 1 / (1 + np.exp(-beta * (a @ W + b)))",
            ),
            "Your hidden layers send beta h sigma(beta h). What passes an open gate is h.": (
                "a = h /",
                "a = beta * h /",
            ),
            "Your hidden layers are tanh. ESP is h sigma(beta h).": (
                "a = h / (1 + np.exp(-beta * h))",
                "a = np.tanh(beta * h)",
            ),
            "Your hidden layers are softplus. ESP is h sigma(beta h).": (
                "a = h / (1 + np.exp(-beta * h))",
                "a = np.logaddexp(0, beta * h) / beta",
            ),
            "The brackets: in h / (1 + exp(-beta h)) all of the sum is below.": (
                "a = h / (1 + np.exp(-beta * h))",
                "a = h / 1 + np.exp(-beta * h)",
            ),
            "Your hidden layers are ReLU, the gate without noise. ESP is h sigma(beta h).": (
                "a = h / (1 + np.exp(-beta * h))",
                "a = np.maximum(h, 0)",
            ),
            "The last layer: beta multiplies the whole field, b too. Mind the brackets.": (
                "beta * (a @ W + b)",
                "beta * (a @ W) + b",
            ),
            "The last layer: beta multiplies the whole field, not b alone.": beta_times_matrix,
            "The hidden layers: you left out b.": ("h = a @ W + b", "h = a @ W"),
            "You left out b, in every layer.": no_biases,
            "The brackets: the gate multiplies the whole field, not b alone.": (
                "a = h / (1 + np.exp(-beta * h))",
                "a = a @ W + b / (1 + np.exp(-beta * h))",
            ),
            "It returns after the first layer: mind how far the return is indented.": (
                first_layer_only
            ),
            "The last layer is missing: it has a W, a b and a beta as well.": one_layer_short,
            "Each unit has a beta of its own. You took one per layer.": last_beta_everywhere,
            "From layer to layer you pass the field h on. What a layer sends is a, behind its"
            " gate.": fields_passed_on,
        },
        because="That is a whole network, of any depth.",
    ),
    Exercise(
        number="3.3",
        solution="alive",
        hints=("Xavier's rule was made to keep the size in a layer without gates.",),
        mutants={
            "The matrices look like the natural suspects, but they were drawn to keep the size.": (
                "dead"
            ),
            "Forty products could explode. These matrices were drawn so that they do not.": (
                "exploded"
            ),
        },
        because="The weights alone keep the signal; the gates took it.",
    ),
    Exercise(
        number="3.4",
        solution=alive,
        inputs=arriving,
        hints=(
            "<W_j W_k> is v if j = k and 0 if not: independent numbers of mean 0.",
            "So <h^2> is a sum of D terms a_j^2 v; averaged over samples, D v times mean(a^2).",
            "Solve D v mean(a^2) = 1 for v. R times c has the variance c^2.",
            "fan_in = a.shape[1]; power = np.mean(a**2); R / np.sqrt(fan_in * power).",
        ),
        mutants={
            "That divides by 1/v, so that the variance of the weights is v^2. Weights are of the"
            " size sqrt(v).": ("np.sqrt(fan_in * power)", "(fan_in * power)"),
            "You multiplied. If more arrives, the weights must be smaller.": (
                "R / np.sqrt",
                "R * np.sqrt",
            ),
            "A field is a sum of D terms, one per input: D is missing.": (
                "fan_in * power",
                "power",
            ),
            "You left out the power of a: right only if that is 1.": ("fan_in * power", "fan_in"),
            "You took the number of units, H. A field is a sum over the D inputs.": (
                "a.shape[1]",
                "R.shape[1]",
            ),
            "You took the number of samples, N. A field is a sum over the D inputs.": (
                "a.shape[1]",
                "a.shape[0]",
            ),
            "That is the variance of a. Its power is the mean of a^2: what a gate sends has a mean"
            " that is not 0.": ("np.mean(a**2)", "np.var(a)"),
            "That is the square of the mean; the power is the mean of the squares.": (
                "np.mean(a**2)",
                "np.mean(a) ** 2",
            ),
            "You took the mean of |a|. The power is the mean of a^2.": (
                "np.mean(a**2)",
                "np.mean(np.abs(a))",
            ),
            "That is the square of the mean of |a|. The power is the mean of a^2.": (
                "np.mean(a**2)",
                "np.mean(np.abs(a)) ** 2",
            ),
            "The power stands upside down. If more arrives, the weights must be smaller.": (
                "fan_in * power",
                "fan_in / power",
            ),
            "D is in it twice: the sum over the inputs of a^2 is D times the power already.": (
                "fan_in * power",
                "fan_in**2 * power",
            ),
            "You took the root of the power twice.": ("np.mean(a**2)", "np.sqrt(np.mean(a**2))"),
            "The sum of a^2 goes over the samples too: divide by N.": (
                "np.mean(a**2)",
                "np.sum(a**2) / fan_in",
            ),
            "The sum of a^2 has D and N in it already: for the power take the mean.": (
                "np.mean(a**2)",
                "np.sum(a**2)",
            ),
            "That is He's number, made for ReLU. Here measure what arrives.": he,
            "a has passed the gate already: do not count the 2 again.": (
                "R / np.sqrt(fan_in * power)",
                "R * np.sqrt(2 / (fan_in * power))",
            ),
            "That is right for ESP with very small fields only. Measure what arrives.": four,
            "D + H is Xavier's middle, which looks at the gradient too. Here: the D inputs.": (
                both_fans
            ),
            "That is Xavier's number, made for layers without gates. Measure what arrives.": xavier,
            "The factor 3 belongs to uniform numbers between -1 and 1. R has variance 1.": (
                "R / np.sqrt(fan_in * power)",
                "R * np.sqrt(3 / (fan_in * power))",
            ),
            "You measured the fields of this one draw, which makes them exactly 1. It works (LSUV"
            " does so), but here find the number from a alone, for the average over draws.": (
                by_this_draw
            ),
            "You measured the fields of this one draw, unit by unit. Here: R times one number,"
            " found from a alone.": lambda R, a: R / np.sqrt(np.mean((a @ R) ** 2, axis=0)),
            "R has variance 1 over its draws, and the number is found from a alone: do not measure"
            " R.": ("R / np", "R / R.std() / np"),
            "Mind the brackets, and the root of the power: R / np.sqrt(D * power).": (
                "np.sqrt(fan_in * power)",
                "np.sqrt(fan_in) * power",
            ),
            "The power stands under the root too: np.sqrt(D * power).": (
                "np.sqrt(fan_in * power)",
                "(np.sqrt(fan_in) * power)",
            ),
            "You measured the spread of the fields of this one draw. Find the number from a alone,"
            " for the average over draws.": by_this_draw_centred,
            "One number per input keeps the power too, but it changes the shares of the inputs."
            " Here: R times one number.": one_number_per_input,
        },
        because="This is the cure: it asks what arrives, not which gate sent it.",
    ),
    Exercise(
        number="3.5",
        solution=split,
        inputs=parameters,
        returns=("W1", "b1", "beta1", "W2", "b2", "beta2"),
        hints=(
            "How many entries has each of the six? They lie one after the other.",
            "np.split takes the places to cut at, not the sizes: np.cumsum makes places of sizes.",
            "ends = np.cumsum([D*H, H, H, H*K, K]), and W1.reshape(D, H) reads row by row.",
        ),
        mutants={
            "W1: you filled it column by column. theta holds it row by row.": (
                ".reshape(D, H)",
                ".reshape(H, D).T",
            ),
            "W2: you filled it column by column. theta holds it row by row.": (
                ".reshape(H, K)",
                ".reshape(K, H).T",
            ),
            "np.split takes the places to cut at, not the sizes (np.cumsum makes places of sizes);"
            " and W1 and W2 have to become matrices.": (
                lambda theta, D, H, K: np.split(theta, [D * H, H, H, H * K, K])
            ),
            "W has one row per input and one column per unit: (D, H) and (H, K).": (
                (".reshape(D, H)", ".reshape(H, D)"),
                (".reshape(H, K)", ".reshape(K, H)"),
            ),
            "b comes before beta, in each layer.": as_if(
                ("W1", "beta1", "b1", "W2", "beta2", "b2")
            ),
            "The order is by layers: W1, b1, beta1, and only then W2.": as_if(
                ("W1", "W2", "b1", "b2", "beta1", "beta2")
            ),
            "The order is W1, b1, beta1, then W2, b2, beta2; yours has the betas last.": as_if(
                ("W1", "b1", "W2", "b2", "beta1", "beta2")
            ),
            "The last cut: theta[-K:] are the last K entries; there is no -1.": one_short,
        },
        because="np.split copies nothing: the parts that it gives are views of theta.",
    ),
    Exercise(
        number="3.6",
        solution=shares,
        inputs=lambda rng: (rng.uniform(0.1, 2.0, size=sizes(rng, 2)),),
        hints=(
            "Row j of W holds what leaves input j. Which sum has to be 1?",
            "Divide each row by its own sum. The sums of the rows are V.sum(axis=1).",
            "keepdims=True makes the sums (D, 1), which divides a (D, H) row by row.",
        ),
        mutants={
            "Your columns sum to one: that rules what enters a unit. (The authors' plain-Python "
            "code does it so.) What *leaves* an input is a row.": lambda V: V / V.sum(axis=0),
            "All entries together sum to one. Each row should, on its own.": lambda V: V / V.sum(),
            "Your rows sum to one, but not in proportion to V: no exponential is needed.": (
                lambda V: np.exp(V) / np.exp(V).sum(axis=1, keepdims=True)
            ),
            "You took the mean of each row: its entries then sum to H, not to one.": (
                lambda V: V / V.mean(axis=1, keepdims=True)
            ),
            "You divided by the Euclidean norm of each row: then the squares sum to one. Take the"
            " sum of the entries.": (lambda V: V / np.sqrt((V**2).sum(axis=1, keepdims=True))),
            "You divided by the number of units, H. Divide each row by the sum of its entries.": (
                lambda V: V / V.shape[1]
            ),
            "You divided by the number of inputs, D. Divide each row by the sum of its entries.": (
                lambda V: V / V.shape[0]
            ),
            "You divided by the largest entry of each row. Take the sum of the entries.": (
                lambda V: V / V.max(axis=1, keepdims=True)
            ),
            "Turned round: yours is (H, D), and W is (D, H), one row per input.": (
                lambda V: (V / V.sum(axis=1, keepdims=True)).T
            ),
        },
        because="Every row sums to one, so the total of the fields is the total of the inputs.",
    ),
)
