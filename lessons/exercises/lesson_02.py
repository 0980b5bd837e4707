"""The exercises of lesson 2, what a neuron should send."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def mean_signal(h, beta):
    """The mean signal <j> of gates: h (N, H), beta (H,) -> (N, H)."""
    ### BEGIN SOLUTION
    p = 1 / (1 + np.exp(-beta * h))
    return h * p
    ### END SOLUTION


def log_z(h, beta):
    return np.log(1 + np.exp(beta * h))


def softplus(h, beta):
    return np.log(1 + np.exp(beta * h)) / beta


def spin(h, beta):
    return h * np.tanh(beta * h)


def no_brackets(h, beta):
    return h / 1 + np.exp(-beta * h)


def no_brackets_below(h, beta):
    return h * np.exp(beta * h) / 1 + np.exp(beta * h)


def matrix_product(h, beta):
    return h / (1 + np.exp(-(h @ beta)[:, None]))


def without_noise(h, beta):
    return np.maximum(h, 0) + 0 * beta


def slopes(h, beta):
    """f_h and f_beta of ESP, both (N, H), for h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    f_h = p + u * w
    f_beta = h**2 * w
    ### END SOLUTION
    return f_h, f_beta


def scaled_width(h, beta):
    """beta times the width of the band: h (N, H), beta (H,) -> (N, H)."""
    ### BEGIN SOLUTION
    m = np.abs(beta * h)
    r = np.exp(-m)
    return np.log(1 + r) + m * r / (1 + r)
    ### END SOLUTION


def the_width_itself(h, beta):
    return scaled_width(h, beta) / beta


def in_bits(h, beta):
    return scaled_width(h, beta) / np.log(2)


def as_defined(h, beta):
    u = beta * h
    return np.log(1 + np.exp(u)) - u / (1 + np.exp(-u))


def both_exponentials(h, beta):
    u = beta * h
    return np.log(1 + np.exp(u)) - u * np.exp(u) / (1 + np.exp(u))


def from_probabilities(h, beta):
    p = 1 / (1 + np.exp(-beta * h))
    return -p * np.log(p) - (1 - p) * np.log(1 - p)


def nan_replaced(h, beta):
    return np.nan_to_num(as_defined(h, beta))


def log_z_alone(h, beta):
    return np.logaddexp(0, beta * h)


def esp_not_scaled(h, beta):
    return scaled_width(h, beta) + (beta - 1) * mean_signal(h, beta)


def softplus_not_scaled(h, beta):
    return np.logaddexp(0, beta * h) / beta - beta * mean_signal(h, beta)


def log_z_without_beta(h, beta):
    return np.logaddexp(0, h) - beta * mean_signal(h, beta)


def only_for_positive_u(h, beta):
    u = beta * h
    r = np.exp(-np.abs(u))
    return np.log(1 + r) + u * (1 - np.where(u >= 0, 1.0, r) / (1 + r))


def curvatures(h, beta):
    """f_hh, f_hbeta, f_betabeta, each (N, H): h (N, H), beta (H,)."""
    u = beta * h
    p = 1 / (1 + np.exp(-u))
    w = p * (1 - p)
    bend = w * (1 - 2 * p)
    ### BEGIN SOLUTION
    f_hh = beta * (2 * w + u * bend)
    f_hbeta = h * (2 * w + u * bend)
    f_betabeta = h**3 * bend
    ### END SOLUTION
    return f_hh, f_hbeta, f_betabeta


def some_fields(rng):
    N, H = sizes(rng, 2)
    return rng.normal(size=(N, H)), rng.uniform(0.5, 2.0, size=H)


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
            "Look at the first gate: what becomes of h when x and b are a thousand times larger?",
            "beta h is the same as before, so the gate is open as often as before.",
            "So what leaves the first gate is a thousand times larger. Now the second gate.",
        ),
        mutants={
            "The gates are open as often as before, but the number h that they let through is a"
            " thousand times larger.": "same",
            "W does not change. Each gate passes the factor 1000 on; it does not add another.": (
                "millionfold"
            ),
            "Compare beta h before and after: is a gate open more often than it was?": "different",
        },
        because="It is the same number of volts, written in millivolts.",
    ),
    Exercise(
        number="2.2",
        solution=mean_signal,
        inputs=some_fields,
        hints=(
            "j is h when the gate is open and 0 when it is shut.",
            "<j> = 0 P(0) + h P(1): how large is P(1)? You found it in lesson 1.",
            "Or differentiate log(1 + exp(beta h)) with respect to beta: the inner derivative is"
            " h.",
        ),
        mutants={
            "That is how often the gate is open. What does it let through when it is?": (
                "h * p",
                "p",
            ),
            "That is what the gate keeps back, h(1 - p). Take P(1), not P(0).": (
                "h * p",
                "h * (1 - p)",
            ),
            "You left out beta: every unit has a noise of its own.": ("-beta * h", "-h"),
            "That is log Z itself. Its derivative with respect to beta is asked for.": log_z,
            "That is log Z divided by beta. Differentiate log Z with respect to beta.": softplus,
            "That is the derivative of log Z with respect to h. Take the one with respect to"
            " beta.": ("h * p", "beta * p"),
            "No beta in front: what passes an open gate is h, not beta h.": (
                "h * p",
                "beta * h * p",
            ),
            "That is for a gate with states -1 and 1. Here they are 0 and 1.": spin,
            "exp(u) + exp(-u) is Z for the states -1 and 1. For 0 and 1 it is 1 + exp(u).": (
                "-beta * h",
                "-2 * beta * h",
            ),
            "Below the fraction stands a sum: brackets, h / (1 + ...).": no_brackets,
            "Below the fraction stands a sum: brackets, h * exp(beta h) / (1 + ...).": (
                no_brackets_below
            ),
            "h @ beta adds up over the gates. Each gate has a field of its own: beta * h.": (
                matrix_product
            ),
            "exp(beta h) is the weight of the open gate. Divide by Z, and it is P(1).": (
                "1 / (1 + np.exp(-beta * h))",
                "np.exp(beta * h)",
            ),
            "That is the gate without noise. This one opens with the probability P(1).": (
                without_noise
            ),
        },
        because="A mean, and at the same time a derivative of log Z.",
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
            "The gate does open less often. But what it lets through is negative, and less of a"
            " negative number is more.": "down",
            "At beta = 0 the signal is h/2; at a very large beta the gate is shut.": "stays",
            "sigma(-beta) falls steadily as beta grows, so -sigma(-beta) cannot turn.": "turns",
        },
        because="From -1/2, a gate open half of the time, to 0, a gate that is shut.",
    ),
    Exercise(
        number="2.4",
        solution=slopes,
        inputs=some_fields,
        returns=("f_h", "f_beta"),
        order=("u", "p", "w", "f_h", "f_beta"),
        hints=(
            "ESP = h sigma(beta h) holds h twice: use the product rule.",
            "sigma' = w = p(1 - p). The chain rule brings beta for d/dh, and h for d/dbeta.",
            "f_h = p + h (beta w), and f_beta = h (h w).",
        ),
        mutants={
            "Those are the slopes of the sigmoid. ESP has the factor h in front: product rule.": (
                ("p + u * w", "beta * w"),
                ("h**2 * w", "h * w"),
            ),
            "f_h: you held the gate fixed. It depends on h as well: product rule.": (
                "p + u * w",
                "p",
            ),
            "f_h: only the gate was differentiated. The factor h in front counts too: + p.": (
                "p + u * w",
                "u * w",
            ),
            "f_h: that is the sigmoid's slope. ESP has the factor h in front: product rule.": (
                "p + u * w",
                "beta * w",
            ),
            "f_h: the derivative of sigma(beta h) with respect to h brings out a beta.": (
                "u * w",
                "h * w",
            ),
            "f_beta: one h too few. ESP has an h in front, and sigma(beta h) brings another.": (
                "h**2 * w",
                "h * w",
            ),
            "f_beta: the inner derivative of beta h with respect to beta is h, not beta.": (
                "h**2 * w",
                "beta * h * w",
            ),
            "f_beta: there is no beta left in it. Both factors are h, not u.": (
                "h**2 * w",
                "u**2 * w",
            ),
            "f_beta: the factor h does not depend on beta, so nothing is added to h^2 w.": (
                "f_beta = h**2 * w",
                "f_beta = p + h**2 * w",
            ),
            "f_beta: the gate does depend on beta.": ("h**2 * w", "0 * u"),
            "The gate is not fixed, and w is not 0: s^2 = s holds for the state s, but p is its"
            " mean, and depends on h and beta.": (
                "p * (1 - p)",
                "0 * p",
            ),
            "w is p(1 - p), with a minus.": ("p * (1 - p)", "p * (1 + p)"),
            "w is not sigma, but its slope: p(1 - p).": ("p * (1 - p)", "p"),
            "Two slopes, in the wrong order: first f_h, then f_beta.": (
                "return f_h, f_beta",
                "return f_beta, f_h",
            ),
        },
        because="f_beta is never negative. What does this say about exercise 2.3?",
    ),
    Exercise(
        number="2.5",
        solution=scaled_width,
        inputs=wild_fields,
        stable=True,
        hints=(
            "Write log(1 + e^u) - u sigma(u). For u >= 0, e^u = 1/r, with r = exp(-|u|).",
            "log(1 + 1/r) = u + log(1 + r), and u - u/(1 + r) = u r/(1 + r).",
            "For u < 0 the same comes out with |u|: np.log(1 + r) + m * r / (1 + r), m = |u|.",
        ),
        mutants={
            "That is the width itself. Multiply it by beta.": the_width_itself,
            "That is in bits: a logarithm to base 2. Take np.log.": in_bits,
            "Right on paper, but exp(900) overflows. Write it with r = exp(-|u|).": as_defined,
            "Right on paper, but exp(900) overflows, and inf/inf is not a number. Write it with"
            " r = exp(-|u|).": both_exponentials,
            "Right on paper, but 0 log 0 is not a number in a computer. Write it with"
            " r = exp(-|u|).": from_probabilities,
            "At u = 900 you put a number in the place of inf or nan. Avoid them: write it with"
            " r = exp(-|u|).": nan_replaced,
            "That is log Z, beta times the softplus. Subtract beta times ESP.": log_z_alone,
            "You subtracted ESP from log Z. Both are to be multiplied by beta: u sigma(u).": (
                esp_not_scaled
            ),
            "You subtracted u sigma(u) from the softplus. Both are to be multiplied by beta.": (
                softplus_not_scaled
            ),
            "You left out beta in log Z: log(1 + exp(beta h)).": log_z_without_beta,
            "Right for u >= 0. For u < 0 start again: log(1 + r) - u r/(1 + r).": (
                only_for_positive_u
            ),
            "r is exp(-|u|). exp(-u) overflows at u = -900.": ("np.abs(beta * h)", "(beta * h)"),
            "r is exp(-|u|), with a minus: exp(|u|) overflows.": ("np.exp(-m)", "np.exp(m)"),
            "In the second term r is missing above the line: |u| r/(1 + r).": ("m * r /", "m /"),
            "In the second term 1 + r is missing below the line: |u| r/(1 + r).": (
                "m * r / (1 + r)",
                "m * r",
            ),
            "The second term is missing: |u| r/(1 + r).": (" + m * r / (1 + r)", ""),
            "That is the second term. log(1 + r) is missing.": ("np.log(1 + r) + m", "m"),
            "The two terms add. With a minus the width would be negative for large |u|.": (
                ") + m",
                ") - m",
            ),
            "The second term holds |u|. With u the width would be negative at u below -1.15.": (
                "m * r /",
                "beta * h * r /",
            ),
            "In the second term stands |u| = |beta h|, not |h|.": ("m * r /", "np.abs(h) * r /"),
            "You left out beta: it all depends on u = beta h.": ("np.abs(beta * h)", "np.abs(h)"),
        },
        because="log(1 + r) and |u| r/(1 + r) are positive: softplus lies above ESP everywhere.",
    ),
    Exercise(
        number="2.6",
        solution=curvatures,
        inputs=some_fields,
        returns=("f_hh", "f_hbeta", "f_betabeta"),
        order=("u", "p", "w", "bend", "f_hh", "f_hbeta", "f_betabeta"),
        hints=(
            "Begin with f_beta = h^2 w: only w depends on beta, and dw/dbeta = h w(1 - 2p).",
            "f_hbeta: differentiate f_h = p + u w with respect to beta. dp/dbeta = h w, and u w"
            " is a product.",
            "f_hh is the same with dp/dh = beta w, du/dh = beta: beta in the place of h.",
        ),
        mutants={
            "f_hh: d(u w)/dh has two terms, and so has f_h: beta w comes twice.": (
                "f_hh = beta * (2 * w",
                "f_hh = beta * (w",
            ),
            "f_hbeta: d(u w)/dbeta has two terms, and so has f_h: h w comes twice.": (
                "f_hbeta = h * (2 * w",
                "f_hbeta = h * (w",
            ),
            "Those are the second derivatives of the sigmoid. ESP has the factor h in front:"
            " differentiate the slopes (2.6), not (2.3).": (
                ("beta * (2 * w + u * bend)", "beta**2 * bend"),
                ("h * (2 * w + u * bend)", "w + u * bend"),
                ("h**3 * bend", "h**2 * bend"),
            ),
            "f_hh: each derivative with respect to h brings out a beta.": (
                "f_hh = beta * (",
                "f_hh = (",
            ),
            "f_hh: w depends on h as well: + u bend.": (
                "f_hh = beta * (2 * w + u * bend)",
                "f_hh = beta * 2 * w",
            ),
            "f_hbeta: w depends on beta as well: + u bend.": (
                "f_hbeta = h * (2 * w + u * bend)",
                "f_hbeta = h * 2 * w",
            ),
            "f_betabeta: differentiating w once more brings out one more h: h^3.": ("h**3", "h**2"),
        },
        because="These are the lines that the exact Hessian of lesson 10 needs.",
    ),
)
