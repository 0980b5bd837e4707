"""The exercises of lesson 3, from one unit to a network."""

from itertools import pairwise

import numpy as np

from minifnn.lesson import Exercise


def fields(x, W, b):
    """The fields of a layer: x (N, D), W (D, H), b (H,) -> h (N, H)."""
    ### BEGIN SOLUTION
    return x @ W + b
    ### END SOLUTION


def forward(x, layers):
    """x (N, D) -> logits (N, K); layers is a list of (W, b, beta), ESP in all but the last."""
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


def gates_only(x, layers):
    *hidden, (W, b, beta) = layers
    for W_l, b_l, beta_l in hidden:
        x = 1 / (1 + np.exp(-beta_l * (x @ W_l + b_l)))
    return beta * (x @ W + b)


def no_gates(x, layers):
    for W, b, _ in layers:
        x = x @ W + b
    return layers[-1][2] * x


def no_output_beta(x, layers):
    return forward(x, layers) / layers[-1][2]


def no_hidden_beta(x, layers):
    return forward(x, [(W, b, 1.0) for W, b, _ in layers[:-1]] + layers[-1:])


def beta_in_front(x, layers):
    *hidden, (W, b, beta) = layers
    for W_l, b_l, beta_l in hidden:
        u = beta_l * (x @ W_l + b_l)
        x = u / (1 + np.exp(-u))
    return beta * (x @ W + b)


def relu_in_place_of_esp(x, layers):
    *hidden, (W, b, beta) = layers
    for W_l, b_l, _ in hidden:
        x = np.maximum(x @ W_l + b_l, 0)
    return beta * (x @ W + b)


def bias_without_beta(x, layers):
    _, b, beta = layers[-1]
    return forward(x, layers) - beta * b + b


def no_biases(x, layers):
    return forward(x, [(W, np.zeros_like(b), beta) for W, b, beta in layers])


def probabilities_already(x, layers):
    return 1 / (1 + np.exp(-forward(x, layers)))


def shares(V):
    """Positive numbers V (D, H) -> weights W (D, H), each input j shared out as V[j] says."""
    ### BEGIN SOLUTION
    return V / V.sum(axis=1, keepdims=True)
    ### END SOLUTION


def split(theta, D, H, K):
    """theta (P,) -> W1 (D, H), b1 (H,), beta1 (H,), W2 (H, K), b2 (K,), beta2 (K,)."""
    ### BEGIN SOLUTION
    ends = np.cumsum([D * H, H, H, H * K, K])
    W1, b1, beta1, W2, b2, beta2 = np.split(theta, ends)
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2
    ### END SOLUTION


def column_by_column(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = split(theta, D, H, K)
    return W1.reshape(H, D).T, b1, beta1, W2.reshape(K, H).T, b2, beta2


def units_first(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = split(theta, D, H, K)
    return W1.reshape(H, D), b1, beta1, W2.reshape(K, H), b2, beta2


def beta_before_b(theta, D, H, K):
    W1, b1, beta1, W2, b2, beta2 = split(theta, D, H, K)
    return W1, beta1, b1, W2, beta2, b2


def all_weights_first(theta, D, H, K):
    W1, W2, b1, b2, beta1, beta2 = np.split(theta, np.cumsum([D * H, H * K, H, K, H]))
    return W1.reshape(D, H), b1, beta1, W2.reshape(H, K), b2, beta2


def three_layers(rng):
    sizes = (3, 5, 4, 2)
    layers = [
        (rng.normal(size=(m, n)), rng.normal(size=n), rng.uniform(0.5, 2.0, size=n))
        for m, n in pairwise(sizes)
    ]
    return rng.normal(size=(6, 3)), layers


EXERCISES = (
    Exercise(
        number="3.1",
        solution=fields,
        inputs=lambda rng: (
            rng.normal(size=(5, 3)),
            rng.normal(size=(3, 4)),
            rng.normal(size=4),
        ),
        hints=(
            "The sum over j runs over the columns of x and the rows of W: a matrix product.",
            "(N, D) times (D, H) is (N, H). b (H,) is added to every row by NumPy itself.",
            "x @ W + b",
        ),
        mutants={
            "You left out b.": lambda x, W, b: x @ W,
            "That is (H, N), one column a sample. Here a row is a sample: (N, H).": (
                lambda x, W, b: (x @ W + b).T
            ),
            "You took the mean over the inputs. A field is their sum.": (
                lambda x, W, b: x @ W / len(W) + b
            ),
            "b is part of the sum, with a plus: x W + b.": lambda x, W, b: x @ W - b,
            "Each sample has fields of its own: do not sum over the samples.": (
                lambda x, W, b: (x @ W + b).sum(axis=0)
            ),
        },
    ),
    Exercise(
        number="3.2",
        solution=forward,
        inputs=three_layers,
        hints=(
            "Keep one variable a, which starts as x and is replaced by every layer.",
            "In a hidden layer: h = a @ W + b, then a = h / (1 + np.exp(-beta * h)).",
            "The last layer has no gate: its logit is beta * (a @ W + b). "
            "*hidden, last = layers takes the list apart.",
        ),
        mutants={
            "The last layer sends the logit beta h: no ESP there.": esp_to_the_end,
            "Your hidden layers send the gate, sigma(beta h). ESP sends h sigma(beta h).": (
                gates_only
            ),
            "Your hidden layers have no gate: a = h sigma(beta h), not h.": no_gates,
            "The last layer: you left out its beta. The logit is beta h.": no_output_beta,
            "The hidden layers: you left out beta in sigma(beta h).": no_hidden_beta,
            "Those are probabilities. The logits are wanted: stop before the last sigma.": (
                probabilities_already
            ),
            "Your hidden layers send beta h sigma(beta h). What passes an open gate is h.": (
                beta_in_front
            ),
            "Your hidden layers are ReLU, the gate without noise. ESP is h sigma(beta h).": (
                relu_in_place_of_esp
            ),
            "The last layer: beta multiplies the whole field, b too. Mind the brackets.": (
                bias_without_beta
            ),
            "You left out b, in every layer.": no_biases,
        },
    ),
    Exercise(
        number="3.3",
        solution=shares,
        inputs=lambda rng: (rng.uniform(0.1, 2.0, size=(3, 5)),),
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
        },
    ),
    Exercise(
        number="3.4",
        name="faintest",
        solution="esp",
        hints=(
            "Which share of the power passes each gate, when the fields have become small?",
            "Small fields: tanh h is about h, ReLU keeps half of the power. ESP is about h/2.",
        ),
        mutants={
            "A sigmoid sends about 1/2 even for h = 0: its fields cannot all become small. "
            "(Whether they still say anything is another question.)": "sigmoid",
            "For small h, tanh h is nearly h: the smaller the field, the less tanh takes.": "tanh",
            "ReLU loses half of the power a layer. One of the others loses more.": "relu",
        },
    ),
    Exercise(
        number="3.5",
        solution=split,
        inputs=lambda rng: (rng.normal(size=39), 3, 5, 2),
        returns=("W1", "b1", "beta1", "W2", "b2", "beta2"),
        hints=(
            "How many entries has each of the six? They lie one after the other.",
            "np.split(theta, ends) cuts at the places ends = np.cumsum([D*H, H, H, H*K, K]).",
            "W1 has to become a matrix: W1.reshape(D, H), which reads row by row.",
        ),
        mutants={
            "W: you filled it column by column. theta holds it row by row.": column_by_column,
            "W has one row an input and one column a unit: (D, H) and (H, K).": units_first,
            "b comes before beta, in each layer.": beta_before_b,
            "The order is by layers: W1, b1, beta1, and only then W2.": all_weights_first,
        },
    ),
)
