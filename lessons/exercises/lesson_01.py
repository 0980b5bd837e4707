"""The exercises of lesson 1, a gate that decides."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def boltzmann(h, beta, states):
    """P of each state: one field h, one beta, states (n,) -> (n,)."""
    ### BEGIN SOLUTION
    weights = np.exp(beta * states * h)
    return weights / weights.sum()
    ### END SOLUTION


def with_z_of_two(h, beta, states):
    return np.exp(beta * states * h) / (1 + np.exp(beta * h))


def powers_of_the_index(h, beta, states):
    weights = np.exp(beta * h) ** np.arange(len(states))
    return weights / weights.sum()


def only_the_sum(h, beta, states):
    return np.exp(beta * states * h).sum()


def only_the_mean(h, beta, states):
    return (states * np.exp(beta * states * h)).sum() / np.exp(beta * states * h).sum()


def exp_of_the_sum(h, beta, states):
    return np.exp(beta * states * h) / np.exp(np.sum(beta * states * h))


def over_the_states(h, beta, states):
    return np.exp(beta * states * h) / states.sum()


def added_in_the_exponent(h, beta, states):
    weights = np.exp(beta * h + states)
    return weights / weights.sum()


def each_against_none(h, beta, states):
    return 1 / (1 + np.exp(-beta * states * h))


def linear(h, beta, states):
    weights = beta * states * h
    return weights / weights.sum()


def powers_of_log_x(h, beta, states):
    weights = (beta * h) ** states
    return weights / weights.sum()


def mean_gate(h, beta):
    """The mean state of a gate that is 0 or 1: h (N,), one beta -> (N,)."""
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-beta * h))
    ### END SOLUTION


def mean_spin(h, beta):
    return np.tanh(beta * h)


def no_brackets(h, beta):
    return np.exp(beta * h) / 1 + np.exp(beta * h)


def step(h, beta):
    return np.where(beta * h > 0, 1.0, 0.0)


def spin_at_half(h, beta):
    return np.tanh(beta * h / 2)


def weight_of_open(h, beta):
    return np.exp(beta * h)


def log_z(h, beta):
    return np.log(1 + np.exp(beta * h))


def over_all_samples(h, beta):
    weights = np.exp(beta * h)
    return weights / weights.sum()


def stable_sigmoid(u):
    """sigma(u) for an array u (N,), with no overflow for any u."""
    ### BEGIN SOLUTION
    r = np.exp(-np.abs(u))
    return np.where(u >= 0, 1.0, r) / (1 + r)
    ### END SOLUTION


def overflowing(u):
    return np.exp(u) / (1 + np.exp(u))


def zero_for_nan(u):
    return np.nan_to_num(np.exp(u) / (1 + np.exp(u)))


def log_z_of_layer(h, beta):
    """log Z of n gates that are 0 or 1: h (n,), beta (n,) -> one number."""
    ### BEGIN SOLUTION
    return np.sum(np.log(1 + np.exp(beta * h)))
    ### END SOLUTION


def product_of_logs(h, beta):
    return np.prod(np.log(1 + np.exp(beta * h)))


def one_for_all(h, beta):
    return np.log(1 + np.exp(np.sum(beta * h)))


def added(h, beta):
    return np.log(np.sum(1 + np.exp(beta * h)))


def added_to_one(h, beta):
    return np.log(1 + np.sum(np.exp(beta * h)))


def z_of_layer(h, beta):
    return np.prod(1 + np.exp(beta * h))


def of_spins(h, beta):
    return np.sum(np.log(2 * np.cosh(beta * h)))


def as_an_array(h, beta):
    return np.sum(np.log(1 + np.exp(beta * h)), keepdims=True)


def log_z_of_each(h, beta):
    return np.log(1 + np.exp(beta * h))


def sum_of_open(h, beta):
    return np.log(np.sum(np.exp(beta * h)))


def three_states(m):
    """P of the states 0, 1, 2, (3,): of largest entropy for the mean m."""
    ### BEGIN SOLUTION
    root = np.sqrt((m - 1) ** 2 + 4 * m * (2 - m))
    x = (m - 1 + root) / (2 * (2 - m))
    weights = np.array([1.0, x, x**2])
    return weights / weights.sum()
    ### END SOLUTION


def two_gates(m):
    p = m / 2
    return np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2])


def no_middle(m):
    return np.array([1 - m / 2, 0.0, m / 2])


def ratio_of_two_states(m):
    weights = (m / (2 - m)) ** np.arange(3.0)
    return weights / weights.sum()


def mean_as_ratio(m):
    weights = m ** np.arange(3.0)
    return weights / weights.sum()


def log_of_the_product(h, beta):
    return np.log(np.prod(1 + np.exp(beta * h)))


def some_gates(rng):
    """Fields and betas; in every second draw log Z is larger than log of the largest number."""
    n = sizes(rng, 1)[0] + 1
    h, beta = rng.normal(size=n), rng.uniform(0.8, 2.0, size=n)
    h[:3] += 300.0 * rng.integers(2)
    return h, beta


EXERCISES = (
    Exercise(
        number="1.1",
        solution=boltzmann,
        inputs=lambda rng: (
            rng.normal(),
            rng.uniform(0.5, 2.0),
            rng.normal(size=sizes(rng, 1)[0] + 1),
        ),
        hints=(
            "You found P(s) = P(0) x^s, with x = exp(beta h). So P(s) goes like exp(beta h s).",
            "Give every state that weight first. Then: probabilities sum to one.",
            "weights = np.exp(beta * states * h), then divide by weights.sum().",
        ),
        mutants={
            "These are the weights. Divide by their sum, and they become probabilities.": (
                "weights / weights.sum()",
                "weights",
            ),
            "The sign of h is turned round: a large field must favour the large state.": (
                "np.exp(beta",
                "np.exp(-beta",
            ),
            "You left out beta: x is exp(beta h).": ("beta * states * h", "states * h"),
            "You left out h: x is exp(beta h).": ("beta * states * h", "beta * states"),
            "beta multiplies h. You divided by it.": ("beta * states * h", "states * h / beta"),
            "That is s P(s), a share of the mean. P(s) alone is asked for.": (
                "return weights /",
                "return states * weights /",
            ),
            "1 + exp(beta h) is the sum for the states 0 and 1. Sum over the states that are given"
            " here.": with_z_of_two,
            "x to the power 0, 1, 2, ... is right for the states 0, 1, 2, ... Here they are any"
            " numbers: x to the power s.": powers_of_the_index,
            "That is Z, the sum of the weights. The answer is a list: each weight, divided by Z.": (
                only_the_sum
            ),
            "That is the mean state, one number. The answer is a list: P of each state.": (
                only_the_mean
            ),
            "You divided by exp of a sum. Z is the sum of the exponentials.": exp_of_the_sum,
            "You divided by the sum of the states. Divide by the sum of the weights.": (
                over_the_states
            ),
            "In the exponent stands the product beta h s, for x^s is exp(beta h s).": (
                added_in_the_exponent
            ),
            "Each of these is a gate of its own, with two states. Here all states share one sum.": (
                each_against_none
            ),
            "It is log P that is a straight line in s, not P. The weight is exp(beta h s).": linear,
            "beta h is the logarithm of x. So x = exp(beta h), and P(s) goes like x^s.": (
                powers_of_log_x
            ),
        },
        because="A list of weights, divided by their sum: nothing else is left to choose.",
    ),
    Exercise(
        number="1.2",
        name="hot_gate",
        solution="half",
        hints=(
            "What is exp(beta s h) at beta = 0, for s = 0 and for s = 1?",
            "Both states have weight 1. So how often is the gate open?",
        ),
        mutants={
            "At beta = 0 both weights are exp(0) = 1, so the gate is open as often as shut.": (
                "shut"
            ),
            "The field is multiplied by beta = 0: no field is large enough.": "open",
            "The sign of h counts only if beta is not 0: look at beta h.": "sign",
        },
        because="At beta = 0 both states have weight 1, whatever the field.",
    ),
    Exercise(
        number="1.3",
        solution=mean_gate,
        inputs=lambda rng: (rng.normal(size=sizes(rng, 1)[0] + 1), rng.uniform(0.5, 2.0)),
        hints=(
            "<s> = 0 P(0) + 1 P(1): only one term is left.",
            "P(1) is the weight of s = 1, divided by Z. Both are in (1.2) and (1.3).",
            "P(1) = exp(beta h)/(1 + exp(beta h)), entry by entry for all fields at once.",
        ),
        mutants={
            "That is the mean of a gate with states -1 and 1. Here they are 0 and 1.": mean_spin,
            "That is P(0): how often the gate is shut.": ("-beta * h", "beta * h"),
            "You left out beta: the exponent is beta h.": ("-beta * h", "-h"),
            "beta multiplies h. You divided by it.": ("-beta * h", "-h / beta"),
            "That is beta times the mean state. No beta stands in front of P(1).": (
                "return 1 /",
                "return beta /",
            ),
            "That is h times the mean state. The mean of s alone is asked for.": (
                "return 1 /",
                "return h /",
            ),
            "That is the gate without noise. This one opens with the probability P(1).": step,
            "Below the fraction stands a sum: brackets, 1 / (1 + ...).": (
                "(1 + np.exp(-beta * h))",
                "1 + np.exp(-beta * h)",
            ),
            "Below the fraction stands a sum: brackets, exp(beta h) / (1 + ...).": no_brackets,
            "That runs from -1 to 1. It is 2 P(1) - 1.": spin_at_half,
            "That is the sigmoid of 2u. For the states -1 and 1 the weights differ by the factor"
            " exp(2u), for 0 and 1 by exp(u).": ("-beta * h", "-2 * beta * h"),
            "That is the weight of the open state. Divide by Z, the sum of both weights.": (
                weight_of_open
            ),
            "That is log Z. The mean is the weight of s = 1 divided by Z.": log_z,
            "You divided by a sum over the fields. Each field has a Z of its own: a sum over the"
            " two states.": over_all_samples,
        },
        because="It is one of the four curves that the lesson began with.",
    ),
    Exercise(
        number="1.4",
        solution=stable_sigmoid,
        inputs=lambda rng: (
            np.concatenate([rng.normal(size=4), [0.0, 40.0, -40.0, 800.0, -800.0]]),
        ),
        hints=(
            "exp overflows for large arguments, and never for negative ones.",
            "Take r = exp(-|u|) only, once. For u >= 0, r is exp(-u): which form has exp(-u)?",
            "For u < 0, r is exp(u). Which form has only exp(u)? np.where(u >= 0, ..., ...).",
        ),
        mutants={
            "Right for u >= 0 only. For u < 0 it is r/(1 + r).": ("u >= 0, 1.0, r", "u >= 0, 1, 1"),
            "Right for u < 0 only. For u >= 0 it is 1/(1 + r).": ("u >= 0, 1.0, r", "u >= 0, r, r"),
            "The two cases are exchanged: at a large u the gate is open.": ("u >= 0", "u < 0"),
            "sigma(-u) is 1 - sigma(u), which is r/(1 + r), and not -sigma(u).": (
                "u >= 0, 1.0, r",
                "u >= 0, 1.0, -1.0",
            ),
            "np.sign(u) is -1 for u < 0, and 0 at 0. For u < 0 it is r/(1 + r), at 0 it is 1/2.": (
                "np.where(u >= 0, 1.0, r)",
                "np.sign(u)",
            ),
            "For u < 0 r alone is the weight of the open state. Divide by Z: r/(1 + r).": (
                "np.where(u >= 0, 1.0, r) / (1 + r)",
                "np.where(u >= 0, 1 / (1 + r), r)",
            ),
            "exp(800) is infinite, and inf/inf is not a number. Take exp(-|u|) only.": overflowing,
            **{
                f"Clipping u at {c} makes all gates alike that are more sure. Take exp(-|u|).": (
                    lambda u, c=c: stable_sigmoid(np.clip(u, -c, c))
                )
                for c in (10, 20, 30)
            },
            "At u = 800 you put 0 in the place of nan, but there the gate is open. Avoid the nan:"
            " take exp(-|u|) only.": zero_for_nan,
        },
        tolerance=1e-15,
        stable=True,
        tails=True,
        because="No digit is lost at any u. The library takes one exponential, never above 1.",
    ),
    Exercise(
        number="1.5",
        solution=log_z_of_layer,
        inputs=some_gates,
        hints=(
            "With x_i = exp(beta_i h_i), two gates have 1 + x_1 + x_2 + x_1 x_2. Factor it.",
            "It is (1 + x_1)(1 + x_2): Z of the layer is the product of the gates' Z.",
            "The logarithm of a product is a sum of logarithms.",
        ),
        mutants={
            "Z multiplies, so log Z adds: you took the product of the logarithms.": product_of_logs,
            "That is one gate in the sum of all fields. Each gate has a Z of its own.": one_for_all,
            "You added the Z's. They multiply: (1 + x_1)(1 + x_2).": added,
            "That counts the states with no gate open, or one. Two gates can be open at once.": (
                added_to_one
            ),
            "Each gate has two states: do not forget the shut one, of weight 1.": ("1 + ", ""),
            "That is Z of the layer. Its logarithm is asked for.": z_of_layer,
            "2 cosh is Z of a gate with the states -1 and 1. Here they are 0 and 1.": of_spins,
            "It is right, but it is to be one number, not an array (no keepdims).": as_an_array,
            "Those are the log Z of the single gates. The layer's is their sum, one number.": (
                log_z_of_each
            ),
            "Right on paper, but Z of many gates is too large for a computer. Add the logarithms of"
            " the single Z.": log_of_the_product,
            "You added the weights of the open gates. Each gate has a Z of its own, 1 + x, and the"
            " Z's multiply.": sum_of_open,
            "That is a logarithm to base 2. The one here is the natural one.": (
                "np.log",
                "np.log2",
            ),
            "You left out beta: each gate has one of its own.": ("beta * h", "h"),
            "beta multiplies h. You divided by it.": ("beta * h", "h / beta"),
        },
        because="A sum of n terms instead of 2^n. (np.logaddexp(0, beta * h) does not overflow.)",
    ),
    Exercise(
        number="1.6",
        solution=three_states,
        inputs=lambda rng: (rng.uniform(0.2, 1.8),),
        hints=(
            "P is (1, x, x^2)/(1 + x + x^2). Its mean is (x + 2 x^2)/(1 + x + x^2).",
            "Set the mean equal to m and multiply: (2 - m) x^2 + (1 - m) x - m = 0.",
            "Of the two roots the positive one: (m - 1 + root)/(2 (2 - m)), with"
            " root = sqrt((m - 1)^2 + 4 m (2 - m)).",
        ),
        mutants={
            "That is two gates, counted together. The mean is right, but the entropy is not the"
            " largest: P(1)^2 is 4 P(0) P(2).": two_gates,
            "The mean is right, but nothing is left for the middle state: the entropy is not the"
            " largest.": no_middle,
            "x = m/(2 - m) is the ratio for the states 0 and 2 alone.": ratio_of_two_states,
            "m is the mean. The ratio x follows from it: solve (x + 2x^2)/(1 + x + x^2) = m.": (
                mean_as_ratio
            ),
            "That is the other root, which is negative. A ratio of probabilities is positive.": (
                "m - 1 + root",
                "m - 1 - root",
            ),
            "These are the weights 1, x, x^2. Divide by their sum.": (
                "weights / weights.sum()",
                "weights",
            ),
            "The order is turned round: P(0) comes first.": (
                "[1.0, x, x**2]",
                "[x**2, x, 1.0]",
            ),
        },
        because="Given the mean alone, you found the push x = exp(beta h) that makes it.",
    ),
)
