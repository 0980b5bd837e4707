"""The exercises of lesson 6, trust nothing."""

import numpy as np

from minifnn.lesson import Exercise


def differences(f, theta, d):
    """The gradient of f at theta, (P,), by central differences (6.2) with the step d."""
    ### BEGIN SOLUTION
    gradient = np.zeros(len(theta))
    for p in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[p] += d
        down[p] -= d
        gradient[p] = (f(up) - f(down)) / (2 * d)
    return gradient
    ### END SOLUTION


def one_sided(f, theta, d):
    return np.array([(f(theta + d * e) - f(theta)) / d for e in np.eye(len(theta))])


def without_two(f, theta, d):
    return 2 * differences(f, theta, d)


def not_divided(f, theta, d):
    return 2 * d * differences(f, theta, d)


def all_at_once(f, theta, d):
    return (f(theta + d) - f(theta - d)) / (2 * d)


def down_less_up(f, theta, d):
    return -differences(f, theta, d)


def half_slope(f, theta, d):
    return one_sided(f, theta, d) / 2


def nothing_moves(f, theta, d):
    return np.zeros(len(theta))


def steps_kept(f, theta, d):
    gradient, up, down = np.zeros(len(theta)), theta.copy(), theta.copy()
    for p in range(len(theta)):
        up[p] += d
        down[p] -= d
        gradient[p] = (f(up) - f(down)) / (2 * d)
    return gradient


def times_d(f, theta, d):
    return d**2 * differences(f, theta, d)


def own_step(f, theta, d):
    return differences(f, theta, 1e-5)


def complex_gradient(f, theta):
    """The gradient of f at theta, (P,), by the complex step (6.1)."""
    ### BEGIN SOLUTION
    eps = 1e-30
    gradient = np.zeros(len(theta))
    for p in range(len(theta)):
        z = theta.astype(complex)
        z[p] += 1j * eps
        gradient[p] = np.imag(f(z)) / eps
    return gradient
    ### END SOLUTION


def not_divided_by_eps(f, theta):
    return 1e-30 * complex_gradient(f, theta)


def real_part(f, theta):
    return np.array([np.real(f(theta + 1e-30j * e)) / 1e-30 for e in np.eye(len(theta))])


def all_imaginary(f, theta):
    return np.imag(f(theta + 1e-30j)) / 1e-30


def sideways_kept(f, theta):
    return np.cumsum(complex_gradient(f, theta))


def large_step(f, theta):
    return np.array([np.imag(f(theta + 1e-3j * e)) / 1e-3 for e in np.eye(len(theta))])


def largest_error(hand, reference):
    """Largest |hand - reference|, as a share of the largest |reference|; both are (P,)."""
    ### BEGIN SOLUTION
    return np.abs(hand - reference).max() / np.abs(reference).max()
    ### END SOLUTION


def signed_error(hand, reference):
    return (hand - reference).max() / np.abs(reference).max()


def entry_by_entry(hand, reference):
    return np.abs((hand - reference) / reference).max()


def absolute_error(hand, reference):
    return np.abs(hand - reference).max()


def mean_error(hand, reference):
    return np.abs(hand - reference).mean() / np.abs(reference).max()


def all_errors(hand, reference):
    return np.abs(hand - reference) / np.abs(reference).max()


def by_lengths(hand, reference):
    return np.linalg.norm(hand - reference) / np.linalg.norm(reference)


def share_of_hand(hand, reference):
    return np.abs(hand - reference).max() / np.abs(hand).max()


def signed_scale(hand, reference):
    return np.abs(hand - reference).max() / reference.max()


def gate_backward(g, h, beta):
    """dh (N, H) and dbeta (H,) of sigmoid gates, for g and h (N, H) and beta (H,)."""
    ### BEGIN SOLUTION
    s = 1 / (1 + np.exp(-beta * h))
    w = s * (1 - s)
    dh = g * beta * w
    dbeta = (g * h * w).sum(axis=0)
    return dh, dbeta
    ### END SOLUTION


def careless(g, h, beta):
    dh, dbeta = gate_backward(g, h, beta)
    return dh / beta, dbeta


def no_h(g, h, beta):
    dh, _ = gate_backward(g, h, beta)
    return dh, (dh / beta).sum(axis=0)


def beta_for_h(g, h, beta):
    dh, _ = gate_backward(g, h, beta)
    return dh, dh.sum(axis=0)


def dbeta_not_summed(g, h, beta):
    dh, _ = gate_backward(g, h, beta)
    return dh, dh / beta * h


def summed_over_units(g, h, beta):
    dh, _ = gate_backward(g, h, beta)
    return dh, (dh / beta * h).sum(axis=1)


def beta_in_both(g, h, beta):
    dh, dbeta = gate_backward(g, h, beta)
    return dh, beta * dbeta


def beta_outside_only(g, h, beta):
    s = 1 / (1 + np.exp(-h))
    w = s * (1 - s)
    return g * beta * w, (g * h * w).sum(axis=0)


def of_esp(g, h, beta):
    s = 1 / (1 + np.exp(-beta * h))
    w = s * (1 - s)
    return g * (s + beta * h * w), (g * h**2 * w).sum(axis=0)


def averaged(g, h, beta):
    dh, dbeta = gate_backward(g, h, beta)
    return dh, dbeta / len(h)


def function_and_point(rng):
    c = rng.uniform(0.5, 1.5, size=4)
    return lambda t: np.sum(c * np.exp(t)) + t[0] * t[1] ** 2, rng.normal(size=4)


def two_gradients(rng):
    reference = rng.normal(size=7)
    reference[2], reference[5] = -5.0, 0.01
    hand = reference + 1e-3 * rng.uniform(0.5, 1.0, size=7)
    hand[2] = reference[2] + 4e-4
    hand[4] -= 0.01
    return hand, reference


EXERCISES = (
    Exercise(
        number="6.1",
        solution=differences,
        inputs=lambda rng: (*function_and_point(rng), 1e-3),
        hints=(
            "One parameter at a time: loop over p, and copy theta before you change it.",
            "up = theta.copy(); up[p] += d. The same downwards, with another copy.",
            "gradient[p] = (f(up) - f(down)) / (2 * d).",
        ),
        mutants={
            "That is the one-sided difference. Step to both sides of theta.": one_sided,
            "From theta - d to theta + d it is 2 d. You divided by d.": without_two,
            "That is how much f changes. Divide by 2 d to get a slope.": not_divided,
            "You moved all parameters at once. The gradient has one entry a parameter.": (
                all_at_once
            ),
            "The sign: it is f above minus f below.": down_less_up,
            "From theta to theta + d it is d, not 2 d. Or step to both sides of theta.": half_slope,
            "All zero: is up the same array as down? theta.copy() makes a new one.": nothing_moves,
            "Copy theta anew for each p. Yours keeps the steps of the parameters before.": (
                steps_kept
            ),
            "/ 2 * d divides by 2 and multiplies by d. Write / (2 * d).": times_d,
            "Take the step d that is given, not one of your own.": own_step,
        },
    ),
    Exercise(
        number="6.2",
        name="best_exponent",
        solution=-5,
        hints=(
            "One error grows with d, as d^2; the other grows as d shrinks, as 1e-16/d.",
            "They are equal where d^3 is about 1e-16. Which of the four is nearest to that?",
        ),
        mutants={
            "With d = 0.1 the curve has time to bend: the d^2 error is 1e-2 or so.": -1,
            "1e-8 is best for the one-sided difference, whose error is d + 1e-16/d.": -8,
            "At 1e-15 f(x+d) and f(x-d) differ in the last digit only, if at all.": -15,
            "That is a step. Its exponent is wanted, as -2 is that of 1e-2.": 1e-5,
            "That is a step, not an exponent. And 1e-8 is for the one-sided difference.": 1e-8,
            "A step below 1 has a negative exponent.": 5,
        },
    ),
    Exercise(
        number="6.3",
        solution=complex_gradient,
        inputs=function_and_point,
        hints=(
            "A float array cannot hold i: begin with z = theta.astype(complex).",
            "z[p] += 1j * eps, with eps = 1e-30. One entry at a time.",
            "gradient[p] = np.imag(f(z)) / eps.",
        ),
        mutants={
            "All zero, or nearly. Is z complex: theta.astype(complex)? Did you divide by eps?": (
                not_divided_by_eps
            ),
            "The real part is f itself. The slope is in the imaginary part.": real_part,
            "You moved all parameters at once. The gradient has one entry a parameter.": (
                all_imaginary
            ),
            "The step is too large. Nothing cancels here, so take 1e-30.": large_step,
            "Half of the slope: there is one step, of eps. Divide by eps, not by 2 eps.": (
                lambda f, theta: complex_gradient(f, theta) / 2
            ),
            "Begin anew with a real theta for each p. Yours keeps the steps before.": sideways_kept,
        },
    ),
    Exercise(
        number="6.4",
        solution=largest_error,
        inputs=two_gradients,
        hints=(
            "Two maxima, each of absolute values.",
            "np.abs(hand - reference).max() is the first.",
            "Divide it by np.abs(reference).max().",
        ),
        mutants={
            "An error may be negative: take the absolute value before the maximum.": signed_error,
            "You divided entry by entry. An entry that is nearly 0 would then fail for nothing.": (
                entry_by_entry
            ),
            "That is absolute. Whether 1e-6 is small depends on the gradient: divide.": (
                absolute_error
            ),
            "The mean hides one wrong entry among many right ones. Take the largest.": mean_error,
            "The largest entry may be negative: divide by np.abs(reference).max().": signed_scale,
            "Those are the errors of all entries. The largest is wanted, one number.": all_errors,
            "Those are lengths of whole vectors. One wrong entry must show: take maxima.": (
                by_lengths
            ),
            "Divide by the largest entry of the reference. The hand may be what is wrong.": (
                share_of_hand
            ),
        },
    ),
    Exercise(
        number="6.5",
        solution=gate_backward,
        inputs=lambda rng: (
            rng.normal(size=(5, 3)),
            rng.normal(size=(5, 3)),
            rng.uniform(1.2, 3.0, size=3),
        ),
        returns=("dh", "dbeta"),
        hints=(
            "a = sigma(beta h). What does the chain rule bring out when you differentiate by h?",
            "f_h = beta w and f_beta = h w, with w = s(1 - s).",
            "dh = g * beta * w; dbeta = (g * h * w), summed over the samples, axis 0.",
        ),
        mutants={
            "This is the very bug: dh lacks beta. At beta = 1 nobody notices.": careless,
            "dbeta lacks the inner derivative: d(beta h)/d beta is h.": no_h,
            "In dbeta the inner derivative is h, not beta.": beta_for_h,
            "One beta serves all samples, so dbeta is a sum over samples.": dbeta_not_summed,
            "dbeta is summed over the units. Sum over the samples, axis 0.": summed_over_units,
            "beta belongs in dh only. In dbeta its place is taken by h.": beta_in_both,
            "The sigmoid itself takes beta * h, not h.": beta_outside_only,
            "Those are the slopes alone. Multiply both by g, what arrives from above.": (
                lambda g, h, beta: gate_backward(np.ones_like(g), h, beta)
            ),
            "Those are the slopes of ESP, h sigma(beta h). This gate sends sigma(beta h).": of_esp,
            "dbeta is a mean over samples. The 1/N is in the loss, and so in g: sum.": averaged,
        },
    ),
)
