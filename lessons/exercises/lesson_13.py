"""The exercises of lesson 13, at the edge."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def edge(rate, mu):
    """The largest curvature at which momentum does not diverge."""
    ### BEGIN SOLUTION
    return (2 + 2 * mu) / rate
    ### END SOLUTION


def preconditioned_sharpness(H, s):
    """The largest eigenvalue that counts where steps are divided by s.

    H (P, P) is symmetric, s (P,) is positive.
    """
    ### BEGIN SOLUTION
    root = np.sqrt(s)
    seen = H / (root[:, None] * root)
    return np.linalg.eigvalsh(seen)[-1]
    ### END SOLUTION


def newton_factor(eigenvalue, damping):
    """By what a damped Newton step multiplies the distance, (P,).

    eigenvalue (P,), of both signs; damping is a positive number.
    """
    ### BEGIN SOLUTION
    return 1 - eigenvalue / (np.abs(eigenvalue) + damping)
    ### END SOLUTION


def only_above_zero(eigenvalue, damping):
    return 1 - np.maximum(eigenvalue, 0) / (np.abs(eigenvalue) + damping)


def lanczos_step(Hq, q, before, n):
    """From q_k to q_(k+1): a_k, n_k, and q_(k+1) (P,).

    Hq (P,) is H q_k, q (P,) is q_k, before (P,) is q_(k-1), and n,
    a number, is n_(k-1).
    """
    ### BEGIN SOLUTION
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    next_q = rest / next_n
    ### END SOLUTION
    return a, next_n, next_q


def _newton_inputs(rng):
    eigenvalue = rng.normal(size=7) * 10.0 ** rng.integers(-2, 2, size=7)
    eigenvalue[:2] = [0.0, -0.5]
    return eigenvalue, float(rng.uniform(0.01, 0.3))


def _symmetric(rng, P):
    H = rng.normal(size=(P, P))
    return H + H.T


def _lanczos_inputs(rng):
    """Two steps into the process: the first two q are orthonormal, b joins them."""
    (P,) = sizes(rng, 1)
    H, q = _symmetric(rng, P + 3), rng.normal(size=P + 3)
    before = q / np.linalg.norm(q)
    rest = H @ before - (before @ H @ before) * before
    b = float(np.linalg.norm(rest))
    return H @ rest / b, rest / b, before, b


EXERCISES = (
    Exercise(
        number="13.1",
        solution=edge,
        inputs=lambda rng: (float(rng.uniform(0.1, 3.0)), float(rng.uniform(0.1, 0.95))),
        hints=(
            "Write the rule without the memory. p_t is the last step, x_t - x_(t-1). So "
            "x_(t+1) = x_t + mu (x_t - x_(t-1)) - rate lambda x_t.",
            "Try x_t = r^t: r^2 - (1 + mu - rate lambda) r + mu = 0. It diverges if a root lies "
            "outside [-1, 1]. As lambda grows from 0, through which end does the first root leave?",
            "At the edge r = -1. Put it in: 1 + (1 + mu - rate lambda) + mu = 0.",
        ),
        mutants={
            "That is the edge without momentum. (It also comes out if mu, the last term of the "
            "equation for r, has the wrong sign.)": ("(2 + 2 * mu)", "2"),
            "Divide by 1 - mu where the memory is a mean. Here it adds up: p = mu p - rate lambda "
            "x.": ("/ rate", "/ (rate * (1 - mu))"),
            "That would be so if momentum were nothing but a rate 1/(1 - mu) times larger. At the "
            "edge steps alternate in sign, and do not add up: check the sign of mu.": (
                "(2 + 2 * mu) / rate",
                "2 * (1 - mu) / rate",
            ),
            "That takes momentum for nothing but a rate (1 - mu) times as large. Where steps "
            "alternate in sign, the memory works otherwise: go by the roots.": (
                "(2 + 2 * mu) / rate",
                "2 / (rate * (1 - mu))",
            ),
            "There the two roots are equal, and inside. The edge is where one of them is -1.": (
                "2 + 2 * mu",
                "(1 + np.sqrt(mu)) ** 2",
            ),
            "There the two roots are equal, at a small lambda. The edge is where one is -1.": (
                "2 + 2 * mu",
                "(1 - np.sqrt(mu)) ** 2",
            ),
            "mu counts twice: once in 1 + mu, the coefficient of r, and once in the last term.": (
                "2 + 2 * mu",
                "2 + mu",
            ),
            "There the roots are imaginary and inside. The edge is where one of them is r = -1.": (
                "2 + 2 * mu",
                "1 + mu",
            ),
            "Put r = -1, not r = 1: the iterates of an edge change their sign at each step.": (
                "(2 + 2 * mu) / rate",
                "0.0 * mu / rate",
            ),
            "The larger the rate, the lower the edge: divide by it.": ("/ rate", "* rate"),
        },
        because="For mu = 0 it is the 2/rate of lesson 7.",
    ),
    Exercise(
        number="13.2",
        name="larger_rate",
        solution="less",
        mutants={
            "Where it is sharper than 2/rate, a small distance grows with each step: the larger "
            "the rate, the less sharpness can be borne.": "more",
            "A rate of 4 cannot stay where the sharpness is above 2/4, a rate of 1 can.": (
                "the same"
            ),
        },
        hints=("Where is the edge for each of the rates? What happens a little above it?",),
    ),
    Exercise(
        number="13.3",
        solution=preconditioned_sharpness,
        inputs=lambda rng: (lambda P: (_symmetric(rng, P), rng.uniform(0.2, 3.0, size=P)))(
            *sizes(rng, 1)
        ),
        hints=(
            "Measure each parameter in a unit of its own, z_i = c_i theta_i, so that the rule "
            "becomes plain gradient descent in z. Which c_i?",
            "d loss/d z_i = g_i/c_i, and z_i changes by c_i times the change of theta_i, which is "
            "-rate g_i/s_i. The two fit if c_i^2 = s_i.",
            "The Hessian in z has the entries H_ij/(c_i c_j): divide by "
            "np.sqrt(s)[:, None] * np.sqrt(s), then np.linalg.eigvalsh(...)[-1].",
        ),
        mutants={
            "Each index of H takes the root of s: z = sqrt(s) theta, so H_ij/sqrt(s_i s_j).": (
                "np.sqrt(s)",
                "s",
            ),
            "Divide: where the steps are divided by a large s, curvature counts less.": (
                "H / (root",
                "H * (root",
            ),
            "H/s divides one index only. That matrix is not symmetric, and eigvalsh then reads "
            "one half of it and is wrong. Give sqrt(s) to each index (or use eigvals).": (
                "H / (root[:, None] * root)",
                "H / s",
            ),
            "H/s[:, None] divides one index only. That matrix is not symmetric, and eigvalsh then "
            "reads one half of it and is wrong. Give sqrt(s) to each index (or use eigvals).": (
                "H / (root[:, None] * root)",
                "H / s[:, None]",
            ),
            "H/sqrt(s) gives the root to one index only. Both need it.": (
                "(root[:, None] * root)",
                "root",
            ),
            "Each index of H takes one root of s, H_ij/sqrt(s_i s_j). A root of the root, or one "
            "index only, is too little.": (
                "np.sqrt(s)",
                "s**0.25",
            ),
            "Only the diagonal of H counts in yours. All of it does. (As matrices, with @: "
            "np.diag(1/c) @ H @ np.diag(1/c).)": (
                "np.linalg.eigvalsh(seen)",
                "np.sort(np.diag(seen))",
            ),
            "Only the diagonal of H counts in yours, and one index only is divided. With matrices "
            "the product is @, on both sides: np.diag(1/c) @ H @ np.diag(1/c).": (
                "H / (root[:, None] * root)",
                "np.diag(np.diag(H) / root)",
            ),
            "eigvals does not sort: its last is not the largest. eigvalsh sorts.": (
                "eigvalsh(seen)[-1]",
                "eigvals(seen).real[-1]",
            ),
            "That is the largest entry of the matrix. Its largest eigenvalue is asked for.": (
                "np.linalg.eigvalsh(seen)[-1]",
                "seen.max()",
            ),
            "That is the norm of the matrix. Its largest eigenvalue is asked for.": (
                "np.linalg.eigvalsh(seen)[-1]",
                "np.linalg.norm(seen)",
            ),
            "Each parameter has its own s. Divide H before you take the eigenvalues.": (
                "np.linalg.eigvalsh(seen)[-1]",
                "np.linalg.eigvalsh(H)[-1] / s.max()",
            ),
            "That is the plain sharpness: s does not enter.": (
                "H / (root[:, None] * root)",
                "H",
            ),
            "eigvalsh sorts upwards: the largest is the last.": (
                "eigvalsh(seen)[-1]",
                "eigvalsh(seen)[0]",
            ),
            "The largest, not the largest absolute value: only positive curvature has an edge.": (
                "np.linalg.eigvalsh(seen)[-1]",
                "np.abs(np.linalg.eigvalsh(seen)).max()",
            ),
        },
    ),
    Exercise(
        number="13.4",
        name="edge_of_adam",
        solution=3800.0,
        tolerance=1e-3,
        hints=(
            "Compare m = b1 m + (1 - b1) g with p = mu p - rate g. With mu = b1, rate m differs "
            "from p by a factor (and its sign).",
            "rate * m steps like momentum with mu = 0.9 and the rate 0.01 * (1 - 0.9).",
            "Put mu = 0.9 and that rate into your edge.",
        ),
        mutants={
            "That is the edge without any memory, 2/rate.": 200.0,
            "Adam's m is a mean: g enters with the weight 1 - b1. So the rate is (1 - b1) 0.01.": (
                380.0
            ),
            "You left out the 2 mu of momentum: (2 + 2 mu) over the rate.": 2000.0,
            "Two things divide here: the rate, 0.01, and 1 - b1.": 38.0,
            "Divide by the rate, do not multiply.": 0.38,
            "It is 2 + 2 mu with momentum, not 1 + mu.": 1900.0,
            "The rate is 0.01, and 1 - b1 is 0.1: together 0.001.": 38000.0,
            "g enters with the weight 1 - b1 = 0.1. You took b1.": 3.8 / 0.009,
            "b1 counts twice above the line: 2 + 2 b1.": 2900.0,
        },
        because="In general (2 + 2 b1)/((1 - b1) rate), which is 38/rate for b1 = 0.9.",
    ),
    Exercise(
        number="13.5",
        name="plain_sharpness",
        solution="rises",
        mutants={
            "Nothing holds the plain sharpness: s adapts, and so the edge moves along.": "stays",
            "Flat directions are no aim of Adam. As s grows in the sharp ones, they may get "
            "sharper.": "falls",
        },
        hints=("The edge is one for H/sqrt(s s). If H grows, can s grow with it?",),
    ),
    Exercise(
        number="13.6",
        solution=newton_factor,
        inputs=_newton_inputs,
        hints=(
            "Along an eigenvector the gradient is lambda x, if x is the distance from the point "
            "where the parabola is level.",
            "The step divides the gradient by |lambda| + damping, so x becomes "
            "x - lambda x/(|lambda| + damping).",
        ),
        mutants={
            "That is the length of the step over x. What is left of x is 1 minus that.": (
                "1 - eigenvalue",
                "eigenvalue",
            ),
            "The gradient is lambda x with its sign; only the divisor has |lambda|. At a negative "
            "one the step goes away from the ridge.": (
                "1 - eigenvalue /",
                "1 - np.abs(eigenvalue) /",
            ),
            "The divisor has |lambda|: with lambda itself you have Newton's own step, which climbs "
            "to a ridge.": ("np.abs(eigenvalue)", "eigenvalue"),
            "On a parabola the gradient is lambda x, not x. Put it in.": (
                "1 - eigenvalue /",
                "1 - 1 /",
            ),
            "The damping is missing: near lambda = 0 the step would have no bound.": (
                " + damping)",
                ")",
            ),
            "The damping is added to |lambda|, also where |lambda| is larger: no maximum.": (
                "(np.abs(eigenvalue) + damping)",
                "np.maximum(np.abs(eigenvalue), damping)",
            ),
            "The damping is added to |lambda|, not to its square under a root.": (
                "(np.abs(eigenvalue) + damping)",
                "np.sqrt(eigenvalue**2 + damping**2)",
            ),
            "Add the damping to |lambda|, do not multiply.": (
                "(np.abs(eigenvalue) + damping)",
                "(np.abs(eigenvalue) * damping)",
            ),
            "Where is the damping? With it, the factor depends on the size of lambda, not on its "
            "sign alone.": lambda eigenvalue, damping: 1 - np.sign(eigenvalue),
            "At a negative eigenvalue there is a step too: away from the ridge, so the distance "
            "grows.": only_above_zero,
            "The distance shrinks where lambda is positive: a step goes against the gradient.": (
                "1 - eigenvalue",
                "1 + eigenvalue",
            ),
        },
    ),
    Exercise(
        number="13.7",
        name="far_away",
        solution="higher on both",
        mutants={
            "So says the parabola. But the loss bends up again, and soon.": "lower on both",
            "The slope makes one side lower very near. At this distance it no longer matters.": (
                "lower on one"
            ),
        },
        hints=("A loss cannot fall below 0. A parabola that opens downwards can.",),
    ),
    Exercise(
        number="13.8",
        name="invariant",
        solution="the signs",
        mutants={
            "Where a weight is ten times larger, the same change of the function needs a change "
            "ten times larger: curvature there is a hundredth. The sizes change.": "the sharpness",
            "The sizes change with the scale of the weights. Only signs do not.": "both",
            "The sharpness changes, but the number of negative eigenvalues does not: Sylvester's "
            "law (lesson 11).": "neither",
        },
        hints=("H becomes G^T H G, with a diagonal G of numbers 10, 1 and 1/10.",),
    ),
    Exercise(
        number="13.9",
        name="outliers",
        solution=4.0,
        mutants={
            "One per class would be 5. But softmax does not change if all logits move together: "
            "one direction of the five does nothing.": 5.0,
            "The bottleneck is not the ten hidden units, but the outputs.": 10.0,
            "Two classes need one. More classes have more ways to be confused.": 1.0,
        },
        hints=(
            "Gauss-Newton is a sum over samples of C, K by K, seen through slopes. What is "
            "the rank of softmax's C?",
        ),
    ),
    Exercise(
        number="13.10",
        solution=lanczos_step,
        returns=("a", "next_n", "next_q"),
        order=("a", "rest", "next_n", "next_q"),
        inputs=_lanczos_inputs,
        points=2,
        hints=(
            "Multiply H q_k = n_(k-1) q_(k-1) + a_k q_k + n_k q_(k+1) by q_k: what is left on "
            "the right, if the q are orthogonal and of length 1?",
            "a = q @ Hq. Take a q and n before away from H q. What remains is n_k q_(k+1): its "
            "length is n_k, its direction the next q.",
            "a = q @ Hq; rest = Hq - a * q - n * before; next_n = np.linalg.norm(rest); "
            "next_q = rest / next_n.",
        ),
        mutants={
            "The part along the q before is not taken away: n before.": (" - n * before", ""),
            "The part along q itself is not taken away: a q.": (" - a * q", ""),
            "The next q must have length 1: divide the rest by its length.": (
                "rest / next_n",
                "rest",
            ),
            "Divide by the next n, the length of this rest, not by the last one.": (
                "rest / next_n",
                "rest / n",
            ),
            "The next n is the length of this rest. You handed the last one on.": (
                "np.linalg.norm(rest)",
                "n",
            ),
            "n is the length of the rest, not its square.": ("np.linalg.norm(rest)", "rest @ rest"),
            "n is the length of the rest, not its largest entry: np.linalg.norm.": (
                "np.linalg.norm(rest)",
                "np.abs(rest).max()",
            ),
            "n is the length of the rest: the root of the sum of squares, not the sum of sizes.": (
                "np.linalg.norm(rest)",
                "np.abs(rest).sum()",
            ),
            "a goes with q, and n with the q before: you exchanged them.": (
                "a * q - n * before",
                "n * q - a * before",
            ),
            "n is a length already: do not square it.": ("n * before", "n**2 * before"),
            "a is q^T H q, a number that may be negative: q @ Hq, not the length of Hq.": (
                "a = q @ Hq",
                "a = np.linalg.norm(Hq)",
            ),
            "next_q is the direction of the rest, not of all of Hq.": (
                "next_q = rest",
                "next_q = Hq",
            ),
            "Take n times `before` away, the length that brought you from there.": (
                "n * before",
                "before",
            ),
        },
    ),
)
