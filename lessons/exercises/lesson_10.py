"""The exercises of lesson 10, the Hessian by hand."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def field_dot(x, W, x_dot, W_dot, b_dot):
    """How h = x W + b changes, (N, I).

    x, x_dot (N, D); W, W_dot (D, I); b_dot (I,).
    """
    ### BEGIN SOLUTION
    return x_dot @ W + x @ W_dot + b_dot
    ### END SOLUTION


def gate_back_dot(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    """How delta (N, I) and dbeta (I,) change.

    g, g_dot, h_dot, f_h, f_b, f_hh, f_hb, f_bb (N, I);
    beta_dot (I,).
    """
    ### BEGIN SOLUTION
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    delta_dot = g_dot * f_h + g * f_h_dot
    dbeta_dot = (g_dot * f_b + g * f_b_dot).sum(axis=0)
    ### END SOLUTION
    return delta_dot, dbeta_dot


def dense_back_dot(x, W, delta, x_dot, W_dot, delta_dot):
    """How dW (D, I), db (I,) and dx (N, D) change.

    x, x_dot (N, D); W, W_dot (D, I); delta, delta_dot (N, I).
    """
    ### BEGIN SOLUTION
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    db_dot = delta_dot.sum(axis=0)
    dx_dot = delta_dot @ W.T + delta @ W_dot.T
    ### END SOLUTION
    return dW_dot, db_dot, dx_dot


def everything_averaged(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot, db_dot, dx_dot = dense_back_dot(x, W, delta, x_dot, W_dot, delta_dot)
    return dW_dot / len(x), db_dot / len(x), dx_dot


def field_curvature(G, g, f_h, f_hh):
    """S (N, I, I): of each sample the second derivatives in h.

    G (N, I, I) and g (N, I) are those in a; f_h, f_hh (N, I).
    """
    ### BEGIN SOLUTION
    S = f_h[:, :, None] * G * f_h[:, None, :]
    units = np.arange(g.shape[1])
    S[:, units, units] += f_hh * g
    return S
    ### END SOLUTION


def samples_for_units(G, g, f_h, f_hh):
    S = f_h[:, :, None] * G * f_h[:, None, :]
    for i in range(g.shape[1]):
        S[i, i] += f_hh[i] * g[i]
    return S


def cross_block(S, Pi, J, delta, a, a_k):
    """The block (W_l, W_k), summed over samples, axes (j, i, j', i').

    S (N, I, I), delta (N, I), inputs a (N, D) of layer l; inputs
    a_k (N, E) of layer k, both with the bias's 1; Pi (N, I, M) and
    J (N, D, M), M the units of layer k. The answer is (D, I, E, M).
    """
    ### BEGIN SOLUTION
    first = np.einsum("nim,nj,nk->jikm", S @ Pi, a, a_k)
    second = np.einsum("ni,njm,nk->jikm", delta, J, a_k)
    return first + second
    ### END SOLUTION


def summed_too_early(S, Pi, J, delta, a, a_k):
    change = np.einsum("nim,nj->jim", S @ Pi, a) + np.einsum("ni,njm->jim", delta, J)
    return np.einsum("jim,k->jikm", change, a_k.sum(axis=0))


def two_parts(C, g, slopes, bends):
    """The Hessian of one sample's loss, in two parts, each (P, P).

    C (K, K) and g (K,): derivatives of the loss in the outputs o;
    slopes (K, P) and bends (K, P, P): first and second derivatives of
    the outputs in the parameters. First the part that contains C.
    """
    ### BEGIN SOLUTION
    with_C = slopes.T @ C @ slopes
    with_g = np.einsum("k,kpq->pq", g, bends)
    return with_C, with_g
    ### END SOLUTION


def _field_inputs(rng):
    N, D, H = sizes(rng, 3)
    shapes = ((N, D), (D, H), (N, D), (D, H), (H,))
    return tuple(rng.normal(size=shape) for shape in shapes)


def _gate_inputs(rng):
    N, H = sizes(rng, 2)
    g, g_dot, h_dot, *five = rng.normal(size=(8, N, H))
    return g, g_dot, h_dot, rng.normal(size=H), *five


def _dense_inputs(rng):
    N, D, H = sizes(rng, 3)
    shapes = ((N, D), (D, H), (N, H))
    return tuple(rng.normal(size=shape) for shape in shapes + shapes)


def _symmetric(rng, *shape):
    G = rng.normal(size=(*shape, shape[-1]))
    return G + np.swapaxes(G, -1, -2)


def _curvature_inputs(rng):
    n, N = sorted(sizes(rng, 2))
    return (_symmetric(rng, N, n), *rng.normal(size=(3, N, n)))


def _cross_inputs(rng):
    N, n, p, q, m = sizes(rng, 5)
    S, Pi, J = _symmetric(rng, N, n), rng.normal(size=(N, n, m)), rng.normal(size=(N, p, m))
    a, a_k = rng.normal(size=(N, p)), rng.normal(size=(N, q))
    J[:, -1], a[:, -1], a_k[:, -1] = 0, 1, 1  # the bias's input
    return S, Pi, J, rng.normal(size=(N, n)), a, a_k


def _parts_inputs(rng):
    K, P = sizes(rng, 2)
    return _symmetric(rng, K), rng.normal(size=K), rng.normal(size=(K, P)), _symmetric(rng, K, P)


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
            "product rule.": ("x @ W_dot + ", ""),
            "x moves as well, because the layers below do: the term with x_dot is missing.": (
                "x_dot @ W + ",
                "",
            ),
            "You left out b_dot.": (" + b_dot", ""),
            "x_dot @ W_dot is of second order: the product rule moves one factor at a time.": (
                "x_dot @ W + x @ W_dot",
                "x_dot @ W_dot",
            ),
            "Each term has one dot: x_dot with W, and x with W_dot.": (
                "x_dot @ W + x @ W_dot",
                "x_dot @ W_dot + x @ W",
            ),
            "x @ W has no dot: a rate of change has one dot in each term.": (
                "x_dot @ W + x @ W_dot",
                "x @ W",
            ),
            "That is h after a whole step. A rate keeps the terms with one dot, and only these.": (
                "x_dot @ W + x @ W_dot",
                "(x + x_dot) @ (W + W_dot)",
            ),
        },
    ),
    Exercise(
        number="10.2",
        solution=gate_back_dot,
        returns=("delta_dot", "dbeta_dot"),
        order=("f_h_dot", "f_b_dot", "delta_dot", "dbeta_dot"),
        inputs=_gate_inputs,
        hints=(
            "delta = g * f_h is a product: two terms. Which two things move?",
            "f_h depends on h and on beta, so it changes by f_hh * h_dot + f_hb * beta_dot.",
            "f_b changes by f_hb * h_dot + f_bb * beta_dot. "
            "One beta serves all samples, so sum over axis 0.",
        ),
        mutants={
            "Only g moves here. The slopes f_h and f_b move too, as h and beta do.": (
                ("g_dot * f_h + g * f_h_dot", "g_dot * f_h"),
                ("g_dot * f_b + g * f_b_dot", "g_dot * f_b"),
            ),
            "In delta_dot only g moves. The slope f_h moves too.": (
                "g_dot * f_h + g * f_h_dot",
                "g_dot * f_h",
            ),
            "In dbeta_dot only g moves. The slope f_b moves too.": (
                "g_dot * f_b + g * f_b_dot",
                "g_dot * f_b",
            ),
            "Only the slopes move here. The terms with g_dot are missing.": (
                ("g_dot * f_h + g * f_h_dot", "g * f_h_dot"),
                ("g_dot * f_b + g * f_b_dot", "g * f_b_dot"),
            ),
            "h moves in your slopes, but beta does not: the terms with beta_dot are missing.": (
                ("f_hh * h_dot + f_hb * beta_dot", "f_hh * h_dot"),
                ("f_hb * h_dot + f_bb * beta_dot", "f_hb * h_dot"),
            ),
            "beta moves in your slopes, but h does not: the terms with h_dot are missing.": (
                ("f_hh * h_dot + f_hb * beta_dot", "f_hb * beta_dot"),
                ("f_hb * h_dot + f_bb * beta_dot", "f_bb * beta_dot"),
            ),
            "f_h and f_b depend on h and on beta, each: the mixed terms with f_hb are missing.": (
                ("f_hh * h_dot + f_hb * beta_dot", "f_hh * h_dot"),
                ("f_hb * h_dot + f_bb * beta_dot", "f_bb * beta_dot"),
            ),
            "f_hh is how f_h changes per unit of h. Multiply by how fast h moves: chain rule.": (
                ("f_hh * h_dot + f_hb * beta_dot", "f_hh + f_hb"),
                ("f_hb * h_dot + f_bb * beta_dot", "f_hb + f_bb"),
            ),
            "dbeta is made of g, what arrives above the gate, not of delta. Differentiate g f_b.": (
                "(g_dot * f_b + g * f_b_dot)",
                "(delta_dot * f_b)",
            ),
            "The second term of a product is g times the change of the slope; your g is gone.": (
                ("g * f_h_dot", "f_h_dot"),
                ("g * f_b_dot", "f_b_dot"),
            ),
            "g multiplies the whole change of the slope, both of its terms: mind the brackets.": (
                ("g * f_h_dot", "g * f_hh * h_dot + f_hb * beta_dot"),
                ("g * f_b_dot", "g * f_hb * h_dot + f_bb * beta_dot"),
            ),
            "In f_b_dot, f_hb goes with h_dot and f_bb with beta_dot.": (
                "f_hb * h_dot + f_bb * beta_dot",
                "f_bb * h_dot + f_hb * beta_dot",
            ),
            "In f_h_dot, f_hh goes with h_dot and f_hb with beta_dot.": (
                "f_hh * h_dot + f_hb * beta_dot",
                "f_hb * h_dot + f_hh * beta_dot",
            ),
            "The product rule moves one factor at a time: you let g and the slope move at once.": (
                ("g_dot * f_h + g * f_h_dot", "g_dot * f_h_dot"),
                ("g_dot * f_b + g * f_b_dot", "g_dot * f_b_dot"),
            ),
            "g and g_dot have changed places: each term has one dot, on g or on the slope.": (
                ("g_dot * f_h + g * f_h_dot", "g * f_h + g_dot * f_h_dot"),
                ("g_dot * f_b + g * f_b_dot", "g * f_b + g_dot * f_b_dot"),
            ),
            "One beta serves all samples, so sum dbeta_dot over them.": (".sum(axis=0)", ""),
            "Sum dbeta_dot over samples, no mean: 1/N is in g already.": (
                ".sum(axis=0)",
                ".mean(axis=0)",
            ),
        },
    ),
    Exercise(
        number="10.3",
        solution=dense_back_dot,
        returns=("dW_dot", "db_dot", "dx_dot"),
        order=("dW_dot", "db_dot", "dx_dot"),
        inputs=_dense_inputs,
        hints=(
            "Write the three lines without dots first: x.T @ delta, a sum, delta @ W.T.",
            "Two of them are products, so they become two terms each. The shapes stay the same.",
            "dx_dot = delta_dot @ W.T + delta @ W_dot.T; dW_dot in the same manner.",
        ),
        mutants={
            "dW = x.T @ delta has two factors, and x moves: x_dot.T @ delta is missing.": (
                "x_dot.T @ delta + ",
                "",
            ),
            "dW = x.T @ delta has two factors, and delta moves: x.T @ delta_dot is missing.": (
                " + x.T @ delta_dot",
                "",
            ),
            "dx = delta @ W.T has two factors, and W moves: delta @ W_dot.T is missing.": (
                " + delta @ W_dot.T",
                "",
            ),
            "dx = delta @ W.T has two factors, and delta moves: delta_dot @ W.T is missing.": (
                "delta_dot @ W.T + ",
                "",
            ),
            "In dW_dot you let both factors move at once. Move one and hold the other.": (
                "x_dot.T @ delta + x.T @ delta_dot",
                "x_dot.T @ delta_dot",
            ),
            "In dx_dot you let both factors move at once. Move one and hold the other.": (
                "delta_dot @ W.T + delta @ W_dot.T",
                "delta_dot @ W_dot.T",
            ),
            "That is db itself. It is the sum of delta, so it changes by that of delta_dot.": (
                "delta_dot.sum(axis=0)",
                "delta.sum(axis=0)",
            ),
            "That is db after the step. Only how it moves is asked for.": (
                "delta_dot.sum(axis=0)",
                "(delta + delta_dot).sum(axis=0)",
            ),
            "db_dot is a sum over samples, no mean: 1/N is in delta already.": (
                "delta_dot.sum(axis=0)",
                "delta_dot.mean(axis=0)",
            ),
            "Sum over samples, do not average: 1/N is in delta already.": everything_averaged,
        },
    ),
    Exercise(
        number="10.4",
        name="wrong_corner",
        solution="upper right",
        hints=(
            "Rows are gradients, columns are directions. Which gradients are computed after that "
            "line, further down? In which directions is W_dot of that line not zero?",
        ),
        mutants={
            "Those rows are gradients of upper layers, and these are computed before that line.": (
                "lower left"
            ),
            "The gradient of this layer's own W is computed before dx, so it stays right.": (
                "diagonal blocks"
            ),
            "Only the gradients of lower layers come after that line, and only along upper W.": (
                "everywhere"
            ),
        },
        because="Rows of lower layers, in columns of upper layers' weights.",
    ),
    Exercise(
        number="10.5",
        solution=field_curvature,
        inputs=_curvature_inputs,
        hints=(
            "delta_i = g_i f_h,i is a product: two terms. How does each factor change with h_i'?",
            "g_i changes by G_ii' times the slope of unit i'; f_h,i depends on its own h only.",
            "f_h[:, :, None] * G * f_h[:, None, :], and f_hh * g on the diagonal: with "
            "units = np.arange(I), S[:, units, units] is the diagonal of every sample.",
        ),
        mutants={
            "The gate itself bends: f_hh g is missing on the diagonal.": (
                "S[:, units, units] += f_hh * g",
                "",
            ),
            "f_hh g belongs on the diagonal only: a gate's slope depends on its own field "
            "and on no other.": (
                "S[:, units, units] += f_hh * g",
                "S = S + (f_hh * g)[:, :, None]",
            ),
            "The slope of unit i moves with its own field only: f_hh g on the diagonal, not f_hh,i "
            "g_i' for all pairs.": (
                "S[:, units, units] += f_hh * g",
                "S = S + f_hh[:, :, None] * g[:, None, :]",
            ),
            "f_hh g belongs on the diagonal only; you added it to each column i'.": (
                "S[:, units, units] += f_hh * g",
                "S = S + (f_hh * g)[:, None, :]",
            ),
            "The diagonal lacks g: the second term of g f_h is g times the change of f_h.": (
                "+= f_hh * g",
                "+= f_hh",
            ),
            "G needs f_h twice: of unit i too, the factor that stands in delta_i = g_i f_h,i.": (
                "f_h[:, :, None] * G",
                "G",
            ),
            "G needs f_h twice: h_i' moves a_i' first, and that by f_h of unit i'.": (
                "G * f_h[:, None, :]",
                "G",
            ),
            "G_ii' needs f_h of unit i and of unit i', not twice that of unit i.": (
                "f_h[:, :, None] * G * f_h[:, None, :]",
                "f_h[:, :, None] ** 2 * G",
            ),
            "G_ii' needs f_h of unit i and of unit i', not twice that of unit i'.": (
                "f_h[:, :, None] * G * f_h[:, None, :]",
                "f_h[:, None, :] ** 2 * G",
            ),
            "On the diagonal stands g, not delta: f_hh takes the place of f_h.": (
                "+= f_hh * g",
                "+= f_hh * g * f_h",
            ),
            "np.diag of an (N, I) array takes numbers from its diagonal. You need one diagonal "
            "matrix per sample.": (
                "S[:, units, units] += f_hh * g",
                "S = S + np.diag(f_hh * g)",
            ),
            "With f_hh goes the first derivative g, not the second, G.": (
                "+= f_hh * g",
                "+= f_hh * G[:, units, units]",
            ),
            "The first index of S is the sample. The diagonal is S[:, i, i], not S[i, i].": (
                samples_for_units
            ),
        },
    ),
    Exercise(
        number="10.6",
        solution=cross_block,
        inputs=_cross_inputs,
        points=2,
        hints=(
            "dW_l,ji = delta_i a_j. Move h_k,i' by a little. Which of the two factors moves, "
            "and by how much? Write this down with indices before any NumPy.",
            "a_j moves by J_ji'. The field h_l,i'' moves by Pi_i''i', and delta_i by S_ii'' "
            "times that, for each i'': a matrix product, S @ Pi.",
            "W_k,j'i' moves h_k,i' by a_k,j', so both terms have that factor: "
            "(S Pi)_ii' a_j a_k,j' and delta_i J_ji' a_k,j'.",
            'The first: np.einsum("nim,nj,nk->jikm", S @ Pi, a, a_k). The letter n is missing '
            "behind the arrow: that is the sum over samples.",
        ),
        mutants={
            "delta_i moves, but so does the input a_j, by J: a product has two terms.": (
                "first + second",
                "first",
            ),
            "The input a_j moves, but so does delta_i, by S Pi: a product has two terms.": (
                "first + second",
                "second",
            ),
            "Pi is how the field h_l moves. delta moves by S times that.": ("S @ Pi", "Pi"),
            "Only the terms of one sample belong together: multiply first, sum over n last.": (
                summed_too_early
            ),
            "That is the block (W_k, W_l): the axes are to be (j, i, j', i').": (
                "first + second",
                "(first + second).transpose(2, 3, 0, 1)",
            ),
            "In theta W lies row by row, so the input's index comes first: (j, i, j', i').": (
                "first + second",
                "(first + second).transpose(1, 0, 3, 2)",
            ),
            "Sum over samples, no mean: 1/N is in S and delta already.": (
                "first + second",
                "(first + second) / len(a)",
            ),
            "The second term is delta_i J_ji': delta itself, not its change.": (
                '"ni,njm,nk->jikm", delta, J, a_k',
                '"nim,njm,nk->jikm", S @ Pi, J, a_k',
            ),
            "The second term is delta_i J_ji', not a_j Pi_ii'.": (
                '"ni,njm,nk->jikm", delta, J, a_k',
                '"nim,nj,nk->jikm", Pi, a, a_k',
            ),
            "delta_i changes by S times the change of the fields, not by delta times that.": (
                "S @ Pi",
                "delta[:, :, None] * Pi",
            ),
            "In the second term J_ji' takes the place of a_j: it is how a_j moves.": (
                '"ni,njm,nk->jikm", delta, J, a_k',
                '"ni,njm,nj,nk->jikm", delta, J, a, a_k',
            ),
            "h_k moves by the input of layer k, in the first term as well.": (
                "S @ Pi, a, a_k",
                "S @ Pi, a, np.ones_like(a_k)",
            ),
            "h_k moves by the input of layer k, in the second term as well.": (
                "delta, J, a_k",
                "delta, J, np.ones_like(a_k)",
            ),
        },
    ),
    Exercise(
        number="10.7",
        solution=two_parts,
        returns=("the term with C", "the term with g"),
        inputs=_parts_inputs,
        hints=(
            "The gradient is a sum over outputs of g_k times slopes[k, p]. Both factors depend "
            "on theta.",
            "g_k changes with theta_q because each o_k' does: C_kk' times slopes[k', q].",
            'slopes.T @ C @ slopes, and np.einsum("k,kpq->pq", g, bends).',
        ),
        mutants={
            "g_k moves as every output moves: C stands between the two slopes.": (
                "slopes.T @ C @ slopes",
                "slopes.T @ slopes",
            ),
            "You used the diagonal of C only. g_k depends on every output k', not on its own.": (
                "C @ slopes",
                "np.diag(np.diag(C)) @ slopes",
            ),
            "The bends are weighed by g, what each output contributes to the loss.": (
                'np.einsum("k,kpq->pq", g, bends)',
                "bends.sum(axis=0)",
            ),
            "The bends are weighed by the first derivative g, not by the second, C.": (
                'np.einsum("k,kpq->pq", g, bends)',
                'np.einsum("kl,kpq->pq", C, bends)',
            ),
            "The bends are weighed by g as it is: C belongs with the slopes only.": (
                'kpq->pq", g, bends',
                'kpq->pq", C @ g, bends',
            ),
            "g belongs with the bends, C with the slopes. You have the square of the gradient.": (
                "slopes.T @ C @ slopes",
                "np.outer(slopes.T @ g, slopes.T @ g)",
            ),
            "A factor 1/2 belongs to Taylor's formula, not to second derivatives.": (
                ("slopes.T @ C @ slopes", "slopes.T @ C @ slopes / 2"),
                ('"k,kpq->pq", g, bends', '"k,kpq->pq", g / 2, bends'),
            ),
        },
    ),
    Exercise(
        number="10.8",
        name="relu_residual",
        solution="between",
        hints=(
            "Hold all weights but those of one layer. Is an output of a ReLU network bent in them? "
            "(Stay off the kinks.)",
            "Now let weights of two layers move. What do w_1 w_2 and its second derivatives say?",
        ),
        mutants={
            "Each unit is straight. But the weights of one layer multiply those of the next, and "
            "w_1 w_2 bends.": "nowhere",
            "If the weights of one layer move alone, the outputs move along straight lines, off "
            "the kinks: no bend.": "within",
            "In the weights of one layer alone the outputs are straight: those blocks are zero.": (
                "everywhere"
            ),
        },
        because="A product of weights of two layers bends, as w_1 w_2 does.",
    ),
)
