"""The exercises of lesson 1, a gate that decides."""

import numpy as np

from minifnn.lesson import Exercise


def boltzmann(h, beta, states):
    """The probability of each state, (number of states,), for one field h."""
    ### BEGIN SOLUTION
    weights = np.exp(beta * states * h)
    return weights / weights.sum()
    ### END SOLUTION


def no_sum(h, beta, states):
    return np.exp(beta * states * h)


def wrong_sign(h, beta, states):
    return boltzmann(-h, beta, states)


def no_beta(h, beta, states):
    return boltzmann(h, 1.0, states)


def mean_gate(h, beta):
    """The mean state of a gate that is 0 or 1, for fields h (N,) and one beta."""
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-beta * h))
    ### END SOLUTION


def mean_spin(h, beta):
    return np.tanh(beta * h)


def stable_sigmoid(u):
    """sigma(u) for an array u (N,), without overflow for any u."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(u))
    return np.where(u >= 0, 1.0, e) / (1 + e)
    ### END SOLUTION


def only_right(u):
    return 1 / (1 + np.exp(-np.abs(u)))


def only_left(u):
    e = np.exp(-np.abs(u))
    return e / (1 + e)


def overflowing(u):
    return np.exp(u) / (1 + np.exp(u))


def log_z_of_layer(h, beta):
    """log Z of n independent gates with states 0 and 1; h and beta have shape (n,)."""
    ### BEGIN SOLUTION
    return np.sum(np.log(1 + np.exp(beta * h)))
    ### END SOLUTION


def product_of_logs(h, beta):
    return np.prod(np.log(1 + np.exp(beta * h)))


def one_for_all(h, beta):
    return np.log(1 + np.exp(np.sum(beta * h)))


def z_of_layer(h, beta):
    return np.prod(1 + np.exp(beta * h))


def log_z_of_each(h, beta):
    return np.log(1 + np.exp(beta * h))


def forgot_the_closed_state(h, beta):
    return np.sum(beta * h)


EXERCISES = (
    Exercise(
        number="1.1",
        solution=boltzmann,
        inputs=lambda rng: (rng.normal(), rng.uniform(0.5, 2.0), np.array([-1.0, 0.0, 2.0])),
        hints=(
            "Give every state s its weight exp(beta s h) first.",
            "Probabilities sum to one. What must you divide the weights by?",
            "weights = np.exp(beta * states * h), then divide by weights.sum().",
        ),
        mutants={
            "These are the weights. Divide by Z, their sum, and they become probabilities.": no_sum,
            "The sign of h is turned round: a large field must favour the large state.": wrong_sign,
            "You left out beta: without it the gate has only one temperature.": no_beta,
        },
    ),
    Exercise(
        number="1.2",
        name="hot_gate",
        solution="half",
        hints=(
            "Infinite temperature is beta = 0. What is exp(beta s h) then?",
            "Both states have weight 1. So how often is the gate open?",
        ),
        mutants={
            "Shut is what a *cold* gate is when the field is negative. Put beta = 0 into (1.1).": (
                "shut"
            ),
            "Open is what a *cold* gate is when the field is positive. Put beta = 0 into (1.1).": (
                "open"
            ),
            "The sign of h counts only if beta is not 0: look at beta h.": "sign",
        },
    ),
    Exercise(
        number="1.3",
        solution=mean_gate,
        inputs=lambda rng: (rng.normal(size=5), rng.uniform(0.5, 2.0)),
        hints=(
            "<s> = 0 P(0) + 1 P(1): only one term is left.",
            "P(1) = exp(beta h)/(1 + exp(beta h)). Divide both by exp(beta h).",
        ),
        mutants={
            "That is the mean of a gate with states -1 and 1. Here they are 0 and 1.": mean_spin,
            "That is P(0), how often the gate is shut.": lambda h, beta: 1 - mean_gate(h, beta),
            "You left out beta.": lambda h, beta: mean_gate(h, 1.0),
            "That is beta times the mean state. No beta stands in front of P(1).": (
                lambda h, beta: beta * mean_gate(h, beta)
            ),
            "That is h times the mean state. The mean of s alone is wanted.": (
                lambda h, beta: h * mean_gate(h, beta)
            ),
        },
    ),
    Exercise(
        number="1.4",
        solution=stable_sigmoid,
        inputs=lambda rng: (
            np.concatenate([rng.normal(size=4), [0.0, 40.0, -40.0, 800.0, -800.0]]),
        ),
        hints=(
            "exp overflows for large arguments, and never for negative ones.",
            "Take only e = exp(-|u|). For u >= 0, sigma = 1/(1 + e).",
            "For u < 0, multiply above and below by exp(u): sigma = e/(1 + e). np.where chooses.",
        ),
        mutants={
            "Right for u >= 0 only. For u < 0 it should be e/(1 + e).": only_right,
            "Right for u < 0 only. For u >= 0 it should be 1/(1 + e).": only_left,
            "exp(800) is infinite, and inf/inf is not a number. Take exp(-|u|) only.": overflowing,
        },
        tolerance=1e-15,
    ),
    Exercise(
        number="1.5",
        solution=log_z_of_layer,
        inputs=lambda rng: (rng.normal(size=6), rng.uniform(0.5, 2.0, size=6)),
        hints=(
            "Gates that do not know of each other: Z of the layer is the product of their Z.",
            "The logarithm of a product is a sum of logarithms.",
        ),
        mutants={
            "Z multiplies, so log Z adds: you took the product of the logarithms.": product_of_logs,
            "That is one gate in the sum of all fields. Each gate has a Z of its own.": one_for_all,
            "Each gate has two states: do not forget the closed one, of weight 1.": (
                forgot_the_closed_state
            ),
            "That is Z of the layer. Its logarithm is wanted.": z_of_layer,
            "Those are the log Z of the single gates. The layer's is their sum, one number.": (
                log_z_of_each
            ),
            "You left out beta: each gate has one of its own.": (
                lambda h, beta: log_z_of_layer(h, np.ones_like(beta))
            ),
        },
    ),
)
