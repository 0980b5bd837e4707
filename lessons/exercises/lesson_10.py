"""The exercises of lesson 10, the second storey."""

import numpy as np

from minifnn.lesson import Exercise


def field_dot(x, W, x_dot, W_dot, b_dot):
    """How h = x W + b changes, (N, H).

    x, x_dot (N, D); W, W_dot (D, H); b_dot (H,).
    """
    ### BEGIN SOLUTION
    return x_dot @ W + x @ W_dot + b_dot
    ### END SOLUTION


def gate_backward_dot(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    """How delta (N, H) and the gradient of beta (H,) change.

    g, g_dot, h_dot (N, H); beta_dot (H,).
    """
    f_h, f_beta = slopes  # each (N, H)
    f_hh, f_hbeta, f_betabeta = curvatures  # each (N, H)
    ### BEGIN SOLUTION
    f_h_dot = f_hh * h_dot + f_hbeta * beta_dot
    f_beta_dot = f_hbeta * h_dot + f_betabeta * beta_dot
    delta_dot = g_dot * f_h + g * f_h_dot
    dbeta_dot = (g_dot * f_beta + g * f_beta_dot).sum(axis=0)
    return delta_dot, dbeta_dot
    ### END SOLUTION


def crossed_slopes(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    delta_dot, _ = gate_backward_dot(g, g_dot, h_dot, beta_dot, slopes, curvatures)
    (_, f_beta), (_, f_hbeta, f_betabeta) = slopes, curvatures
    f_beta_dot = f_hbeta * beta_dot + f_betabeta * h_dot
    return delta_dot, (g_dot * f_beta + g * f_beta_dot).sum(axis=0)


def mean_beta(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    delta_dot, dbeta_dot = gate_backward_dot(g, g_dot, h_dot, beta_dot, slopes, curvatures)
    return delta_dot, dbeta_dot / len(g)


def still_slopes(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    return g_dot * slopes[0], (g_dot * slopes[1]).sum(axis=0)


def still_gradient(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    return gate_backward_dot(g, 0 * g_dot, h_dot, beta_dot, slopes, curvatures)


def still_beta(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    return gate_backward_dot(g, g_dot, h_dot, 0 * beta_dot, slopes, curvatures)


def a_beta_for_each_sample(g, g_dot, h_dot, beta_dot, slopes, curvatures):
    delta_dot, _ = gate_backward_dot(g, g_dot, h_dot, beta_dot, slopes, curvatures)
    (_, f_beta), (_, f_hbeta, f_betabeta) = slopes, curvatures
    return delta_dot, g_dot * f_beta + g * (f_hbeta * h_dot + f_betabeta * beta_dot)


def dense_backward_dot(x, W, delta, x_dot, W_dot, delta_dot):
    """How the gradients of W (D, H), of b (H,) and of x (N, D) change.

    x, x_dot (N, D); W, W_dot (D, H); delta, delta_dot (N, H).
    """
    ### BEGIN SOLUTION
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    db_dot = delta_dot.sum(axis=0)
    dx_dot = delta_dot @ W.T + delta @ W_dot.T
    return dW_dot, db_dot, dx_dot
    ### END SOLUTION


def still_inputs(x, W, delta, x_dot, W_dot, delta_dot):
    return dense_backward_dot(x, W, delta, 0 * x_dot, W_dot, delta_dot)


def still_weights(x, W, delta, x_dot, W_dot, delta_dot):
    return dense_backward_dot(x, W, delta, x_dot, 0 * W_dot, delta_dot)


def product_of_rates(x, W, delta, x_dot, W_dot, delta_dot):
    return x_dot.T @ delta_dot, delta_dot.sum(axis=0), delta_dot @ W_dot.T


def mean_of_samples(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot, db_dot, dx_dot = dense_backward_dot(x, W, delta, x_dot, W_dot, delta_dot)
    return dW_dot / len(x), db_dot / len(x), dx_dot


def field_curvature(G, g, f_h, f_hh):
    """S, (N, I, I), of every sample: d2 loss/dh dh'.

    G (N, I, I); g, f_h, f_hh (N, I).
    """
    ### BEGIN SOLUTION
    S = f_h[:, :, None] * G * f_h[:, None, :]
    units = np.arange(g.shape[1])
    S[:, units, units] += f_hh * g
    return S
    ### END SOLUTION


def no_bend(G, g, f_h, f_hh):
    return field_curvature(G, g, f_h, 0 * f_hh)


def bend_everywhere(G, g, f_h, f_hh):
    return f_h[:, :, None] * G * f_h[:, None, :] + (f_hh * g)[:, :, None]


def bend_without_g(G, g, f_h, f_hh):
    return field_curvature(G, np.ones_like(g), f_h, f_hh)


def samples_for_units(G, g, f_h, f_hh):
    S = f_h[:, :, None] * G * f_h[:, None, :]
    for i in range(g.shape[1]):
        S[i, i] += f_hh[i] * g[i]
    return S


def slope_once(G, g, f_h, f_hh):
    S = f_h[:, :, None] * G
    units = np.arange(g.shape[1])
    S[:, units, units] += f_hh * g
    return S


def packed_block(S, a):
    """Sum over samples of S_ii' a_j a_j' for i <= i' and j <= j'.

    S (N, I, I), each matrix symmetric; a (N, p), its last column 1.
    The answer has I(I+1)/2 rows and p(p+1)/2 columns, one a pair.
    """
    i, i_prime = np.triu_indices(S.shape[1])  # the pairs i <= i'
    j, j_prime = np.triu_indices(a.shape[1])  # the pairs j <= j'
    ### BEGIN SOLUTION
    packed_S = S[:, i, i_prime]
    packed_a = a[:, j] * a[:, j_prime]
    return packed_S.T @ packed_a
    ### END SOLUTION


def mean_block(S, a):
    return packed_block(S, a) / len(S)


def turned_block(S, a):
    return packed_block(S, a).T


def summed_too_early(S, a):
    i, i_prime = np.triu_indices(S.shape[1])
    j, j_prime = np.triu_indices(a.shape[1])
    return np.outer(S[:, i, i_prime].sum(axis=0), (a[:, j] * a[:, j_prime]).sum(axis=0))


def pairs_twice(S, a):
    i, i_prime = np.triu_indices(S.shape[1])
    return packed_block(S, a) * np.where(i == i_prime, 1, 2)[:, None]


def _field_inputs(rng):
    N, D, H = 6, 3, 4
    shapes = ((N, D), (D, H), (N, D), (D, H), (H,))
    return tuple(rng.normal(size=shape) for shape in shapes)


def _gate_inputs(rng):
    N, H = 6, 4
    g, g_dot, h_dot, *five = rng.normal(size=(8, N, H))
    return g, g_dot, h_dot, rng.normal(size=H), tuple(five[:2]), tuple(five[2:])


def _dense_inputs(rng):
    N, D, H = 6, 3, 4
    shapes = ((N, D), (D, H), (N, H))
    return tuple(rng.normal(size=shape) for shape in shapes + shapes)


def _symmetric(rng, N, n):
    G = rng.normal(size=(N, n, n))
    return G + G.transpose(0, 2, 1)


EXERCISES = (
    Exercise(
        number="10.1",
        solution=field_dot,
        inputs=_field_inputs,
        hints=(
            "Three things move: x, W and b. Each gives one term.",
            "The product rule for x W: first let x move and hold W, then the other way round.",
            "x_dot @ W + x @ W_dot, and b itself changes by b_dot.",
        ),
        mutants={
            "Only the inputs move here. This layer's own W moves too: the other half of the "
            "product rule.": lambda x, W, x_dot, W_dot, b_dot: x_dot @ W + b_dot,
            "x moves as well, because the layers below do: the term with x_dot is missing.": (
                lambda x, W, x_dot, W_dot, b_dot: x @ W_dot + b_dot
            ),
            "You left out b_dot.": lambda x, W, x_dot, W_dot, b_dot: x_dot @ W + x @ W_dot,
            "x_dot @ W_dot is of second order: the product rule moves one factor at a time.": (
                lambda x, W, x_dot, W_dot, b_dot: x_dot @ W_dot + b_dot
            ),
            "Each term has one dot: x_dot with W, and x with W_dot.": (
                lambda x, W, x_dot, W_dot, b_dot: x_dot @ W_dot + x @ W + b_dot
            ),
        },
    ),
    Exercise(
        number="10.2",
        solution=gate_backward_dot,
        returns=("delta_dot", "dbeta_dot"),
        inputs=_gate_inputs,
        hints=(
            "delta = g * f_h is a product: two terms. Which two things move?",
            "f_h depends on h and on beta, so it moves by f_hh * h_dot + f_hbeta * beta_dot.",
            "f_beta moves by f_hbeta * h_dot + f_betabeta * beta_dot. "
            "One beta serves all samples, so sum over axis 0.",
        ),
        mutants={
            "Only g moves here. The slopes f_h and f_beta move too, as h and beta do.": (
                still_slopes
            ),
            "Only the slopes move here. The term with g_dot is missing.": still_gradient,
            "h moves in your slopes, but beta does not: the terms with beta_dot are missing.": (
                still_beta
            ),
            "delta_dot is right. One beta serves all samples, so sum dbeta_dot over them.": (
                a_beta_for_each_sample
            ),
            "delta_dot is right. In f_beta_dot, f_hbeta goes with h_dot and f_betabeta with "
            "beta_dot.": crossed_slopes,
            "delta_dot is right. Sum dbeta_dot over samples, no mean: 1/N is in g already.": (
                mean_beta
            ),
        },
    ),
    Exercise(
        number="10.3",
        solution=dense_backward_dot,
        returns=("dW_dot", "db_dot", "dx_dot"),
        inputs=_dense_inputs,
        hints=(
            "Write the three lines without dots first: x.T @ delta, a sum, delta @ W.T.",
            "Two of them are products, so they become two terms each. The shapes stay the same.",
            "dx_dot = delta_dot @ W.T + delta @ W_dot.T; dW_dot in the same manner.",
        ),
        mutants={
            "dW = x.T @ delta has two factors, and x moves: x_dot.T @ delta is missing.": (
                still_inputs
            ),
            "dx = delta @ W.T has two factors, and W moves: delta @ W_dot.T is missing.": (
                still_weights
            ),
            "You let both factors move at once. The product rule moves one and holds the other.": (
                product_of_rates
            ),
            "Sum over samples, do not average: 1/N is in delta already.": mean_of_samples,
        },
    ),
    Exercise(
        number="10.4",
        solution=field_curvature,
        inputs=lambda rng: (_symmetric(rng, 6, 4), *rng.normal(size=(3, 6, 4))),
        hints=(
            "First the term for every pair of units, then the one on the diagonal.",
            "f_h[:, :, None] stands for i and f_h[:, None, :] for i'. Multiply G by both.",
            "With units = np.arange(I), S[:, units, units] is the diagonal of every sample.",
        ),
        mutants={
            "The gate itself bends: f_hh g is missing on the diagonal.": no_bend,
            "f_hh g belongs on the diagonal only, [i = i']: a gate's slope feels its own field "
            "and no other.": bend_everywhere,
            "The diagonal lacks g: a bend counts as much as the loss cares about that unit.": (
                bend_without_g
            ),
            "G needs f_h twice, once for i and once for i'.": slope_once,
            "The first index of S is the sample. The diagonal is S[:, i, i], not S[i, i].": (
                samples_for_units
            ),
        },
    ),
    Exercise(
        number="10.5",
        solution=packed_block,
        inputs=lambda rng: (
            _symmetric(rng, 7, 4),
            np.hstack([rng.normal(size=(7, 2)), np.ones((7, 1))]),
        ),
        hints=(
            "S[:, i, i_prime] has one row a sample and one column a pair of units.",
            "Do the same for the inputs: a[:, j] * a[:, j_prime].",
            "A sum over samples of products is a matrix product: (pairs, N) @ (N, pairs).",
        ),
        mutants={
            "Sum over samples, do not average: 1/N is in S already.": mean_block,
            "Transposed: the pairs of units are the rows, those of inputs the columns.": (
                turned_block
            ),
            "Multiply within each sample first, and then sum. You summed both factors on their "
            "own.": summed_too_early,
            "Each pair i < i' stands here once, and is not doubled: its mirror image is another "
            "entry of H.": pairs_twice,
        },
    ),
    Exercise(
        number="10.6",
        name="relu_residual",
        solution="between",
        hints=(
            "With G = 0 at the top and f_hh = 0, what is S in the last layer? One layer down?",
            "So S is zero everywhere. Which term of (10.11) and (10.12) has no S in it?",
        ),
        mutants={
            "S is indeed zero in every layer. But look at (10.12): one of its terms has no S.": (
                "nowhere"
            ),
            "The blocks of one layer with itself are S times inputs. What is S here?": "within",
            "It is not in all blocks. Put G = 0 and f_hh = 0 into (10.7), then look at (10.11).": (
                "everywhere"
            ),
        },
    ),
)
