"""The exercises of lesson 8, the noise learns."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def rescale(W, b, beta, V, c):
    """The same layer, unit i with its field c[i] times as large.

    W (D, H), b (H,), beta (H,), V (H, K), c (H,); returns W, b, beta, V
    """
    ### BEGIN SOLUTION
    return W * c, b * c, beta / c, V / c[:, None]
    ### END SOLUTION


def added(W, b, beta, V, c):
    return W + c, b + c, beta - c, V - c[:, None]


def without_beta(W1, b1, beta1, W2, b2, beta2):
    """W1, b1, W2, b2 of the same function in a network with all beta 1.

    W1 (D, H), b1 and beta1 (H,), W2 (H, K), b2 and beta2 (K,)
    """
    ### BEGIN SOLUTION
    W2_new = W2 / beta1[:, None] * beta2
    return W1 * beta1, b1 * beta1, W2_new, b2 * beta2
    ### END SOLUTION


def along_gauge(W, b, beta, V, dW, db, dbeta, dV):
    """The slope of the loss along each unit's xi, (H,).

    W and dW (D, H), b, beta, db and dbeta (H,), V and dV (H, K)
    """
    ### BEGIN SOLUTION
    of_field = (W * dW).sum(axis=0) + b * db
    of_beta = -beta * dbeta
    of_signal = -(V * dV).sum(axis=1)
    return of_field + of_beta + of_signal
    ### END SOLUTION


def turned_round(W, b, beta, V, dW, db, dbeta, dV):
    return beta * dbeta + (V * dV).sum(axis=1) - (W * dW).sum(axis=0) - b * db


def xi_alone(W, b, beta, V, dW, db, dbeta, dV):
    return W.sum(axis=0) + b - beta - V.sum(axis=1)


def gradient_alone(W, b, beta, V, dW, db, dbeta, dV):
    return dW.sum(axis=0) + db - dbeta - dV.sum(axis=1)


def reach(rate, q, T, epochs):
    """The sum of all rates, rate * q**(t/T), over a training."""
    ### BEGIN SOLUTION
    t = np.arange(epochs)
    return (rate * q ** (t / T)).sum()
    ### END SOLUTION


def for_ever(rate, q, T, epochs):
    return rate / (1 - q ** (1 / T))


def integral_for_ever(rate, q, T, epochs):
    return rate * T / np.log(1 / q)


def integral(rate, q, T, epochs):
    return rate * T * (q ** (epochs / T) - 1) / np.log(q)


def once_per_T(rate, q, T, epochs):
    return rate * (1 - q ** (epochs / T)) / (1 - q)


def T_times_each(rate, q, T, epochs):
    return T * rate * (1 - q ** (epochs / T)) / (1 - q)


def decay_of_the_last(rate, q, T, epochs):
    t = np.arange(epochs)
    return (rate * q ** (np.cumsum(t) / T)).sum()


def layer(rng):
    """Parameters of D inputs, H units, K outputs, all different."""
    D, H, K = sizes(rng, 3)
    return D, H, K, rng.normal(size=(D, H)), rng.normal(size=H), rng.normal(size=H)


def rescale_inputs(rng):
    _, H, K, W, b, beta = layer(rng)
    c = rng.uniform(0.5, 2.0, size=H) * np.where(np.arange(H) % 2, -1.0, 1.0)
    return W, b, beta, rng.normal(size=(H, K)), c


def network(rng):
    _, H, K, W, b, beta = layer(rng)
    return W, b, beta, rng.normal(size=(H, K)), rng.normal(size=K), rng.normal(size=K)


def parameters_and_gradients(rng):
    """A layer, and as much again for its gradient."""
    D, H, K = sizes(rng, 3)
    shapes = (D, H), (H,), (H,), (H, K)
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
        because="It is the only one that stands above the tiny factor beta2.",
    ),
    Exercise(
        number="8.2",
        name="hidden_betas_end",
        solution="both signs",
        hints=("Is there anything in the loss that can tell beta from -beta?",),
        mutants={
            "The ten units do different things, and no two of them need the same beta.": (
                "one value"
            ),
            "An inverse noise should be positive. But what would the loss lose if it is not?": (
                "positive"
            ),
        },
    ),
    Exercise(
        number="8.3",
        solution=rescale,
        returns=("W", "b", "beta", "V"),
        inputs=rescale_inputs,
        hints=(
            "The field is x W + b, so both grow by c. Then what must beta do, to keep beta h?",
            "The signal h sigma(beta h) is now c times as large. V has to take it back.",
            "The units are the columns of W and the rows of V: W * c, but V / c[:, None].",
        ),
        mutants={
            "beta grows where the field grows. Then beta h changes; it must stay.": (
                "beta / c",
                "beta * c",
            ),
            "You left beta as it is. Then beta h is c times as large: the gate would change.": (
                "beta / c",
                "beta",
            ),
            "W has to be multiplied by c: you made the field smaller.": ("W * c", "W / c"),
            "b has to be multiplied by c, as W is.": ("b * c", "b / c"),
            "The bias is a part of the field: b has to be multiplied by c as well.": ("b * c", "b"),
            "The signal grew by c and you let V enlarge it again. V must take it back.": (
                "V / c",
                "V * c",
            ),
            "beta h is unchanged, but the signal is h sigma(beta h), now c times as large: who"
            " takes it back?": ("V / c[:, None]", "V"),
            "You left W as it is; the field is to be c times as large.": ("W * c", "W"),
            "It is all the other way round: W and b are multiplied by c, beta and V divided.": (
                ("W * c", "W / c"),
                ("b * c", "b / c"),
                ("beta / c", "beta * c"),
                ("V / c", "V * c"),
            ),
            "c multiplies W and b, and divides beta and V. It is not added.": added,
            "Each unit has its own c[i]; you take the first one for all.": (
                ("W * c", "W * c[0]"),
                ("b * c", "b * c[0]"),
                ("beta / c", "beta / c[0]"),
                ("c[:, None]", "c[0]"),
            ),
            "The signal takes the sign of c, too: V / c, not V / |c|.": (
                "c[:, None]",
                "np.abs(c)[:, None]",
            ),
            "beta takes the sign of c, too: beta / c, not beta / |c|.": (
                "beta / c",
                "beta / np.abs(c)",
            ),
        },
    ),
    Exercise(
        number="8.4",
        name="idle_directions",
        solution="11",
        hints=(
            "One number c for each hidden unit: how many is that?",
            "Then the output: o = beta2 (a W2 + b2). There is one more product in it.",
        ),
        mutants={
            "Those are the hidden units'. Look at the output too: o = beta2 (a W2 + b2).": "10",
            "That is the output's alone. Each hidden unit has a c of its own.": "1",
            "That is how many directions *do* change the function. How many are left of 52?": "41",
            "One per beta, not one per beta and one per bias: count the numbers c.": "22",
            "At a generic place there are some: the gauge of each unit is one.": "0",
        },
        because="One c for each of ten hidden units, and one for the output.",
    ),
    Exercise(
        number="8.5",
        solution=without_beta,
        returns=("W1", "b1", "W2", "b2"),
        order=("W1", "b1", "W2", "b2"),
        inputs=network,
        hints=(
            "It is the gauge of 8.3 with a certain c. Which c makes beta/c equal to 1?",
            "c = beta1. Then the output's own: o = beta2 (a W2 + b2) is a (beta2 W2) + beta2 b2.",
            "W1 * beta1, b1 * beta1, W2 / beta1[:, None] * beta2, b2 * beta2.",
        ),
        mutants={
            "The hidden signals are beta1 times as large: W2 has to take that back.": (
                "W2 / beta1[:, None]",
                "W2",
            ),
            "The hidden signals are beta1 times as large: divide W2 by it, do not multiply.": (
                "W2 / beta1",
                "W2 * beta1",
            ),
            "beta2 multiplies W2 as well: o = beta2 (a W2 + b2).": (
                "[:, None] * beta2",
                "[:, None]",
            ),
            "beta2 multiplies W2 in the logit o: do not divide.": (
                "[:, None] * beta2",
                "[:, None] / beta2",
            ),
            "beta2 multiplies b2 as well: o = beta2 (a W2 + b2).": ("b2 * beta2", "b2"),
            "beta2 multiplies b2 in the logit o: do not divide.": ("b2 * beta2", "b2 / beta2"),
            "With c = 1/beta1, beta1/c is beta1 squared. Which c makes it 1?": (
                ("W1 * beta1", "W1 / beta1"),
                ("b1 * beta1", "b1 / beta1"),
                ("W2 / beta1", "W2 * beta1"),
            ),
            "beta1 h1 is to be the new h1: multiply W1 by beta1.": ("W1 * beta1", "W1 / beta1"),
            "beta1 h1 is to be the new h1: multiply b1 by beta1.": ("b1 * beta1", "b1 / beta1"),
            "Multiply b1 by beta1, too: it is a part of the field, as W1 is.": ("b1 * beta1", "b1"),
            "W1 is as it was; the new field is to be beta1 h1.": ("W1 * beta1", "W1"),
        },
    ),
    Exercise(
        number="8.6",
        solution=along_gauge,
        inputs=parameters_and_gradients,
        hints=(
            "Put c = 1 + eps into c w, c b, beta/c, v/c. What is 1/(1 + eps) to first order?",
            "xi = (w, b, -beta, -v). Multiply each entry by its gradient and add.",
            "A unit's w is a column of W: sum W * dW over axis 0. Its v is a row of V: axis 1.",
            "(W * dW).sum(axis=0) + b * db - beta * dbeta - (V * dV).sum(axis=1).",
        ),
        mutants={
            "beta goes as 1/c: with c = 1 + eps it moves by -eps beta, so its sign is minus.": (
                "-beta * dbeta",
                "beta * dbeta",
            ),
            "v goes as 1/c: with c = 1 + eps it moves by -eps v, so its sign is minus.": (
                "-(V * dV)",
                "(V * dV)",
            ),
            "1/c is near 1 - eps: beta moves by -eps beta. So its entry is -beta, not 1/beta.": (
                "-beta * dbeta",
                "dbeta / beta",
            ),
            "1/c is near 1 - eps: v moves by -eps v. So its entry is -v, not 1/v.": (
                "-(V * dV)",
                "(dV / V)",
            ),
            "1/c is near 1 - eps: beta moves by -eps beta. So its entry is -beta, not -1/beta.": (
                "-beta * dbeta",
                "-dbeta / beta",
            ),
            "1/c is near 1 - eps: v moves by -eps v. So its entry is -v, not -1/v.": (
                "-(V * dV)",
                "-(dV / V)",
            ),
            "The sign is turned round: w and b enter with plus, beta and v with minus.": (
                turned_round
            ),
            "b moves by +eps b, as w does: its sign is plus.": ("+ b * db", "- b * db"),
            "The bias is missing: b goes along with w.": (" + b * db", ""),
            "V is missing: the outgoing weights take the signal's growth back.": (
                " + of_signal",
                "",
            ),
            "beta is missing: it shrinks as the field grows.": (" + of_beta", ""),
            "W is missing: the field grows by W and b.": ("(W * dW).sum(axis=0) + ", ""),
            "You summed W over the wrong axis: a unit's incoming weights are a column of W.": (
                "(W * dW).sum(axis=0)",
                "np.resize((W * dW).sum(axis=1), len(b))",
            ),
            "You summed V over the wrong axis: a unit's outgoing weights are a row of V.": (
                "(V * dV).sum(axis=1)",
                "np.resize((V * dV).sum(axis=0), len(b))",
            ),
            "One number per unit is asked for: do not add up the units.": (
                "return of_field + of_beta + of_signal",
                "return (of_field + of_beta + of_signal).sum()",
            ),
            "Multiply entry by entry first, W * dW and V * dV, and sum after that.": (
                ("(W * dW).sum(axis=0)", "W.sum(axis=0) * dW.sum(axis=0)"),
                ("(V * dV).sum(axis=1)", "V.sum(axis=1) * dV.sum(axis=1)"),
            ),
            "A matrix product mixes all units. Each unit has its own: (W * dW).sum(axis=0).": (
                ("(W * dW).sum(axis=0)", "W.T @ dW"),
                ("(V * dV).sum(axis=1)", "V @ dV.T"),
            ),
            "A mean over the inputs is not the product with xi: sum.": (
                "(W * dW).sum(axis=0)",
                "(W * dW).mean(axis=0)",
            ),
            "A mean over the outputs is not the product with xi: sum.": (
                "(V * dV).sum(axis=1)",
                "(V * dV).mean(axis=1)",
            ),
            "That is xi alone. Multiply each entry by its gradient.": xi_alone,
            "Each gradient is to be multiplied by the entry of xi that belongs to it.": (
                gradient_alone
            ),
        },
    ),
    Exercise(
        number="8.7",
        name="slips_caught",
        solution=3,
        hints=(
            "Which slips change what arrives at the hidden layer, and which what it makes of it?",
        ),
        mutants={
            "A slip above the hidden layer changes all four gradients alike. Their sum stays 0.": 6,
            "Nearly: a slip in the output's beta changes all four gradients alike.": 4,
            "There are slips in the output as well, and they change all four gradients alike.": 5,
            "The bias and the beta enter the sum, too: a slip in either breaks it.": 1,
            "Both f_h, the bias and the beta enter the sum: a slip in any of them breaks it.": 2,
            "What goes wrong inside the hidden layer breaks the sum.": 0,
        },
        because="It catches what goes wrong inside the hidden layer, and nothing above it.",
    ),
    Exercise(
        number="8.8",
        name="who_keeps_Q",
        solution="descent",
        hints=("Whose steps point along minus the gradient?",),
        mutants={
            "Adam divides each entry of the gradient by its own size: it goes elsewhere.": "both",
            "Adam's steps do not point along minus the gradient.": "Adam",
            "Tiny steps of descent follow the gradient nearly exactly.": "neither",
        },
        because="Half the step for twice as long, half the drift.",
    ),
    Exercise(
        number="8.9",
        name="won_by_trained",
        solution=16,
        tolerance=0.15,
        hints=("In lesson 7, which ended lower at the rate 0.01, and did the dots overlap?",),
        mutants={
            "No new function, so no difference? There is still the way to get there.": 8,
            "It cannot say less, but can it get there?": 0,
        },
        because="Even the worst of the trained ends below the best of the fixed.",
    ),
    Exercise(
        number="8.10",
        solution=reach,
        inputs=lambda rng: (
            rng.uniform(0.05, 0.2),
            rng.uniform(0.5, 0.9),
            int(rng.integers(5, 9)),
            int(rng.integers(10, 30)),
        ),
        hints=(
            "t runs over range(epochs). You may add up in a loop.",
            "Each rate is the one before times q**(1/T): a geometric sum.",
            "With f = q**(1/T) it is rate * (1 - f**epochs) / (1 - f).",
        ),
        mutants={
            "One rate too many: t runs from 0 to epochs - 1.": (
                "np.arange(epochs)",
                "np.arange(epochs + 1)",
            ),
            "The first rate is rate itself: t begins at 0.": (
                "np.arange(epochs)",
                "np.arange(1, epochs + 1)",
            ),
            "The rate decays: it is rate only at the start.": (" * q ** (t / T)", " + 0 * t"),
            "That is the rate at the end. Add up all of them.": (
                ("np.arange(epochs)", "epochs"),
                (".sum()", " * 1.0"),
            ),
            "t/T is a plain division, without rounding: the rate falls a little in each step.": (
                "(t / T)",
                "(t // T)",
            ),
            "The factor q is reached in T steps, not in each: q**(t/T).": ("(t / T)", "t"),
            "Divide t by T: the factor q is reached in T steps.": ("(t / T)", "(t * T)"),
            "The power goes first: q**t / T is (q**t) / T. Write q ** (t / T).": (
                "q ** (t / T)",
                "q**t / T",
            ),
            "The power belongs to q alone: rate * q ** (t / T).": (
                "rate * q ** (t / T)",
                "(rate * q) ** (t / T)",
            ),
            "The rates are added, not multiplied.": (".sum()", ".prod()"),
            "You left out the rate.": ("(rate * q ** (t / T))", "(q ** (t / T))"),
            "These are the distances after each step. Only the last, the whole, is asked for.": (
                ".sum()",
                ".cumsum()",
            ),
            "That is the mean rate. Add them up.": (".sum()", ".mean()"),
            "There is a step in each epoch, not in each T-th: t = 0, 1, 2, ...": (
                "np.arange(epochs)",
                "np.arange(0, epochs, T)",
            ),
            "t are whole numbers, 0, 1, ..., epochs - 1: your steps are a little too long.": (
                "np.arange(epochs)",
                "np.linspace(0, epochs, epochs)",
            ),
            "A geometric sum, but of the factor q. From one rate to the next it is q**(1/T).": (
                once_per_T
            ),
            "T steps at each rate? It falls in each step: from one to the next by q**(1/T).": (
                T_times_each
            ),
            "q**(t/T) belongs to the first rate: do not put it on a rate that has decayed.": (
                decay_of_the_last
            ),
            "That is the sum for ever. Stop after so many epochs.": for_ever,
            "An integral is near, but the rates are a sum over t = 0, 1, 2, ...": integral,
            "That is an integral, and for ever. Add up the rates, t = 0, 1, ..., epochs - 1.": (
                integral_for_ever
            ),
        },
    ),
    Exercise(
        number="8.11",
        name="won_at_a_larger_rate",
        solution=14,
        tolerance=0.2,
        hints=("Is the reach the only thing that beta = 1 makes harder?",),
        mutants={
            "That is what the story of the reach says. It is not the whole story.": 8,
            "It helps the fixed ones, but by so much?": 0,
        },
        because="The fixed networks' weights stop far short of the reach, and still they lose.",
    ),
    Exercise(
        number="8.12",
        name="surer_unit",
        solution="5",
        hints=("The gate looks at u = beta h. You know beta; do you know h?",),
        mutants={
            "A larger beta makes a gate surer at the same field. But the fields differ, too.": "9",
            "Two units whose u = beta h have nothing in common need not be equally sure.": "same",
        },
        because="Its field is larger, by more than its beta is smaller.",
    ),
)
