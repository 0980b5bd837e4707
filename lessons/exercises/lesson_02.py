"""The exercises of lesson 2, what a neuron should send."""

import numpy as np

from minifnn.lesson import Exercise


def mean_signal(h, beta):
    """The mean signal <j> of a layer's gates: h (N, H), one beta a unit (H,) -> (N, H)."""
    ### BEGIN SOLUTION
    openness = 1 / (1 + np.exp(-beta * h))
    return h * openness
    ### END SOLUTION


def only_the_gate(h, beta):
    return 1 / (1 + np.exp(-beta * h))


def kept_back(h, beta):
    return h - mean_signal(h, beta)


def log_z(h, beta):
    return np.log(1 + np.exp(beta * h))


def by_the_field(h, beta):
    return beta * only_the_gate(h, beta)


def slopes(h, beta):
    """d ESP/dh and d ESP/dbeta, both (N, H), for fields h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    u = beta * h
    s = 1 / (1 + np.exp(-u))
    w = s * (1 - s)
    return s + u * w, h**2 * w
    ### END SOLUTION


def no_product_rule(h, beta):
    return only_the_gate(h, beta), slopes(h, beta)[1]


def first_factor_only(h, beta):
    return slopes(h, beta)[0] - only_the_gate(h, beta), slopes(h, beta)[1]


def no_inner_beta(h, beta):
    s = only_the_gate(h, beta)
    return s + h * s * (1 - s), h**2 * s * (1 - s)


def one_h_short(h, beta):
    s = only_the_gate(h, beta)
    return slopes(h, beta)[0], h * s * (1 - s)


def turned_round(h, beta):
    return slopes(h, beta)[::-1]


def entropy(h, beta):
    """The entropy S of each gate in nats, for h (N, H) and beta (H,), at any field."""
    ### BEGIN SOLUTION
    m = np.abs(beta * h)
    e = np.exp(-m)
    return np.log(1 + e) + m * e / (1 + e)
    ### END SOLUTION


def in_bits(h, beta):
    return entropy(h, beta) / np.log(2)


def first_term(h, beta):
    return np.log(1 + np.exp(-np.abs(beta * h)))


def lost_magnitude(h, beta):
    u = beta * h
    e = np.exp(-np.abs(u))
    return np.log(1 + e) + u * e / (1 + e)


def h_for_u(h, beta):
    e = np.exp(-np.abs(beta * h))
    return np.log(1 + e) + np.abs(h) * e / (1 + e)


def subtracted(h, beta):
    return 2 * first_term(h, beta) - entropy(h, beta)


def from_the_definition(h, beta):
    p = only_the_gate(h, beta)
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


def some_fields(rng):
    return rng.normal(size=(6, 4)), rng.uniform(0.5, 2.0, size=4)


def wild_fields(rng):
    h, beta = some_fields(rng)
    h[0, :2] = 900.0, -900.0
    return h, beta


EXERCISES = (
    Exercise(
        number="2.1",
        name="new_units",
        solution="thousandfold",
        hints=(
            "Look at the first layer: what becomes of h when x and b are a thousand times larger?",
            "beta h is the same as before, so every gate is open as often as before.",
            "So what leaves the first layer is h times the old gate. The second layer sees that.",
        ),
        mutants={
            "The gates are the same as before, but h itself, which they let through, is not.": (
                "same"
            ),
            "W does not change. Each layer passes the factor 1000 on; it does not add another.": (
                "millionfold"
            ),
            "Compare beta h before and after: is a gate open more often than it was?": "different",
        },
    ),
    Exercise(
        number="2.2",
        solution=mean_signal,
        inputs=some_fields,
        hints=(
            "j is h when the gate is open and 0 when it is shut.",
            "<j> = 0 P(0) + h P(1): how large is P(1)? You found it in lesson 1.",
            "h / (1 + np.exp(-beta * h)). NumPy lines beta (H,) up with the columns of h (N, H).",
        ),
        mutants={
            "That is how often the gate is open. What does it let through when it is?": (
                only_the_gate
            ),
            "That is what the gate keeps back, h(1 - s). Take P(1), not P(0).": kept_back,
            "You left out beta: every unit listens with a noise of its own.": (
                lambda h, beta: mean_signal(h, 1.0)
            ),
            "That is log Z itself. Its derivative with respect to beta is wanted.": log_z,
            "That is the derivative of log Z in h. Take the one in beta.": by_the_field,
            "No beta in front: what passes an open gate is h, not beta h.": (
                lambda h, beta: beta * mean_signal(h, beta)
            ),
            "That is for a gate with states -1 and 1. Here they are 0 and 1.": (
                lambda h, beta: h * np.tanh(beta * h)
            ),
        },
    ),
    Exercise(
        number="2.3",
        name="colder",
        solution="up",
        hints=(
            "What is h sigma(beta h) at beta = 0? And at a very large beta, when h = -1?",
            "-1/2 at one end, 0 at the other. In between, sigma(-beta) only ever falls.",
        ),
        mutants={
            "The gate does open less often. But what it lets through is negative: which way is "
            "less of a negative number?": "down",
            "At beta = 0 the signal is h/2; at a very large beta the gate is shut. Not the same.": (
                "stays"
            ),
            "sigma(-beta) falls steadily as beta grows, so -sigma(-beta) cannot turn.": "turns",
        },
    ),
    Exercise(
        number="2.4",
        solution=slopes,
        inputs=some_fields,
        returns=("f_h", "f_beta"),
        hints=(
            "ESP = h sigma(beta h) holds h twice: use the product rule.",
            "sigma' = w = s(1 - s). The chain rule brings beta for d/dh, and h for d/dbeta.",
            "f_h = s + h * (beta w) = s + u w, and f_beta = h * (h w).",
        ),
        mutants={
            "f_h: you held the gate fixed. It depends on h as well: product rule.": no_product_rule,
            "f_h: only the gate was differentiated. The factor h in front counts too: + s.": (
                first_factor_only
            ),
            "f_h: the derivative of sigma(beta h) in h brings out a beta.": no_inner_beta,
            "f_beta: that is the sigmoid's. ESP has one more h in front: h^2 w.": one_h_short,
            "The two are there, but in the wrong order: first f_h, then f_beta.": turned_round,
        },
    ),
    Exercise(
        number="2.5",
        solution=entropy,
        inputs=wild_fields,
        hints=(
            "S depends on |u| only: a gate surely open is as certain as one surely shut.",
            "Take only e = exp(-|u|), which cannot overflow.",
            "Both terms of (2.10): np.log(1 + e) and m * e / (1 + e), with m = |beta h|.",
        ),
        mutants={
            "That is in bits: a logarithm to base 2. Nats want np.log.": in_bits,
            "The first term of (2.10) only. The second, |u| e/(1+e), is missing.": first_term,
            "The second term wants |u|, not u: your entropy falls below 0 on the left.": (
                lost_magnitude
            ),
            "Right in mathematics, but 0 log 0 is not a number to a computer. Use (2.10).": (
                from_the_definition
            ),
            "You left out beta: (2.10) holds u = beta h.": (
                lambda h, beta: entropy(h, np.ones_like(beta))
            ),
            "In the second term stands |u| = |beta h|, not |h|.": h_for_u,
            "The two terms of (2.10) add: an entropy is never negative.": subtracted,
        },
    ),
)
