"""The exercises of lesson 6, trust nothing."""

import numpy as np

from minifnn import lesson
from minifnn.lesson import Exercise


def differences(f, theta, d):
    """The gradient of the number f(theta) at theta (P,): an array (P,)."""
    ### BEGIN SOLUTION
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[k] += d
        down[k] -= d
        gradient[k] = (f(up) - f(down)) / (2 * d)
    return gradient
    ### END SOLUTION


def steps_kept(f, theta, d):
    gradient, up, down = np.zeros(len(theta)), theta.copy(), theta.copy()
    for k in range(len(theta)):
        up[k] += d
        down[k] -= d
        gradient[k] = (f(up) - f(down)) / (2 * d)
    return gradient


def own_step(f, theta, d):
    return differences(f, theta, 1e-5)


def all_at_once(f, theta, d):
    return (f(theta + d) - f(theta - d)) / (2 * d)


def first_alone(f, theta, d):
    return differences(f, theta, d)[0]


def twice_differentiated(f, theta, d):
    return np.array(
        [(f(theta + d * e) - 2 * f(theta) + f(theta - d * e)) / d**2 for e in unit(theta)]
    )


def by_shares(f, theta, d):
    return np.array([(f(theta + d * e) - f(theta - d * e)) / (2 * d) for e in unit(theta) * theta])


def unit(theta):
    return np.eye(len(theta))


def complex_gradient(f, theta):
    """The gradient of the number f(theta) at theta (P,): an array (P,)."""
    ### BEGIN SOLUTION
    eps = 1e-30
    gradient = np.zeros(len(theta))
    for k in range(len(theta)):
        z = theta.astype(complex)
        z[k] += 1j * eps
        gradient[k] = np.imag(f(z)) / eps
    return gradient
    ### END SOLUTION


def along_the_real_axis(f, theta):
    return differences(f, theta, 1e-5)


def sideways_kept(f, theta):
    return np.cumsum(complex_gradient(f, theta))


def largest_error(hand, reference):
    """How far hand is from reference, as one number; both are (P,)."""
    ### BEGIN SOLUTION
    return np.abs(hand - reference).max() / np.abs(reference).max()
    ### END SOLUTION


def all_errors(hand, reference):
    return np.abs(hand - reference) / np.abs(reference).max()


def by_lengths(hand, reference):
    return np.linalg.norm(hand - reference) / np.linalg.norm(reference)


def mended(x, y, W1, b1, beta1, W2, b2, beta2):
    """The suspect without its mistakes. x (N, D), y (N, K), W1 (D, H),
    b1 and beta1 (H,), W2 (H, K), b2 and beta2 (K,)."""
    h1 = x @ W1 + b1
    a1 = 1 / (1 + np.exp(-beta1 * h1))
    h2 = a1 @ W2 + b2
    p2 = 1 / (1 + np.exp(-beta2 * h2))
    ### BEGIN SOLUTION
    do = (p2 - y) / y.size
    dh2, dbeta2 = do * beta2, (do * h2).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * beta1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    ### END SOLUTION
    return dW1, db1, dbeta1, dW2, db2, dbeta2


def function_and_point(rng):
    """A function of slopes of both signs, and four parameters."""
    c = rng.uniform(0.5, 1.5, size=4) * (1, -1, 1, -1)
    return lambda t: np.sum(c * np.exp(t)) + t[0] * t[1] ** 2, rng.normal(size=4)


def fast_function_and_point(rng):
    """The same with a ripple of length 1e-5, along which only a tiny step is short."""
    f, theta = function_and_point(rng)
    return lambda t: f(t) + 1e-5 * np.sin(1e5 * t[2]), theta


def two_gradients(rng):
    """Seven entries: the largest is negative, one is nearly 0, one has the wrong sign."""
    reference = rng.normal(size=7)
    reference[[2, 4, 5]] = -5.0, 0.2, 0.01
    hand = reference + 1e-3 * rng.uniform(0.5, 1.0, size=7)
    hand[2] -= 0.05
    hand[4] = -rng.uniform(0.1, 0.2)
    return hand, reference


def random_network(rng):
    """x (N, D), y (N, K), and parameters of which none is 0 or 1; K is not 1."""
    N, D, H, K = lesson.sizes(rng, 4)
    x, y = rng.normal(size=(N, D)), rng.integers(0, 2, size=(N, K)).astype(float)
    first = rng.normal(size=(D, H)), rng.normal(size=H), rng.uniform(1.3, 2.5, size=H)
    second = rng.normal(size=(H, K)), rng.normal(size=K), rng.uniform(1.3, 2.5, size=K)
    return (x, y, *first, *second)


EXERCISES = (
    Exercise(
        number="6.1",
        solution=differences,
        inputs=lambda rng: (*function_and_point(rng), 1e-3),
        hints=(
            "Subtract the second line from the first: f and f'' drop out. What is left of f'?",
            "One parameter at a time: loop over k, and copy theta before you change it.",
            "up = theta.copy(); up[k] += d. The same downwards, with another copy.",
        ),
        mutants={
            "That is the one-sided difference. Step to both sides of theta.": (
                "f(down)) / (2 * d)",
                "f(theta)) / d",
            ),
            "From theta - d to theta + d it is 2 d. You divided by d.": ("(2 * d)", "d"),
            "The last entry stays 0: the loop ends one too early.": (
                "range(len(theta))",
                "range(len(theta) - 1)",
            ),
            "Only the first entry is filled: is return inside the loop?": (
                "    return gradient",
                "        return gradient",
            ),
            "One number: you moved all parameters at once. The gradient has one entry per"
            " parameter.": all_at_once,
            "The sign between the two: f cancels in a difference, not in a sum.": (
                "f(up) - f(down)",
                "f(up) + f(down)",
            ),
            "That is how much f changes. Divide by 2 d to get a slope.": (" / (2 * d)", ""),
            "You moved all parameters at once. The gradient has one entry per parameter.": (
                ("up[k] += d", "up += d"),
                ("down[k] -= d", "down -= d"),
            ),
            "A slope may be negative: no absolute value.": (
                "(f(up) - f(down))",
                "np.abs(f(up) - f(down))",
            ),
            "The sign: it is f above minus f below.": ("f(up) - f(down)", "f(down) - f(up)"),
            "From theta to theta + d it is d, not 2 d. Or step to both sides of theta.": (
                "f(down)",
                "f(theta)",
            ),
            "All zero: is up the same array as down? theta.copy() makes a new one.": (
                "up, down = theta.copy(), theta.copy()",
                "up = down = theta.copy()",
            ),
            "Copy theta anew for each k. Yours keeps the steps of the parameters before.": (
                steps_kept
            ),
            "/ 2 * d divides by 2 and multiplies by d. Write / (2 * d).": (
                "/ (2 * d)",
                "/ 2 * d",
            ),
            "Brackets: divide the whole difference by 2 d, not f(down) alone.": (
                "(f(up) - f(down)) / (2 * d)",
                "f(up) - f(down) / (2 * d)",
            ),
            "Step by d on each side; from d/2 on each side it is d in all, not 2 d.": (
                ("up[k] += d", "up[k] += d / 2"),
                ("down[k] -= d", "down[k] -= d / 2"),
            ),
            "The steps are d/2 on each side; d is asked for on each side.": (
                ("up[k] += d", "up[k] += d / 2"),
                ("down[k] -= d", "down[k] -= d / 2"),
                ("(2 * d)", "d"),
            ),
            "Take the step d that is given, not one of your own.": own_step,
            "One number: is return inside the loop? It ends the function at the first k.": (
                first_alone
            ),
            "That is the second derivative. For the slope, f(theta) itself is not needed.": (
                twice_differentiated
            ),
            "Step by d, not by d times the parameter.": by_shares,
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
        because="d^2 and 1e-16/d are equal where d^3 = 1e-16.",
        mutants={
            "With d = 0.1 the curve has time to bend: the d^2 error is 1e-2 or so.": -1,
            "1e-8 is best for the one-sided difference, whose error is d + 1e-16/d.": -8,
            "At 1e-15 f(x+d) and f(x-d) differ in the last digit only, if at all.": -15,
            "That is a step. Its exponent is asked for, as -2 is that of 1e-2.": 1e-5,
            "That is a step, not an exponent. And 1e-8 is for the one-sided difference.": 1e-8,
            "A step below 1 has a negative exponent.": 5,
        },
    ),
    Exercise(
        number="6.3",
        solution=complex_gradient,
        inputs=fast_function_and_point,
        hints=(
            "f, f' and f'' are real. Which part of f(x + i eps) has no f in it?",
            "A float array cannot hold i: begin with z = theta.astype(complex).",
            "z[k] += 1j * eps, with eps = 1e-30, one entry at a time. Divide by eps at the end.",
        ),
        mutants={
            "All zero, or nearly. Is the shifted theta complex, and did you divide by eps?": (
                " / eps",
                "",
            ),
            "The real part is f itself. The slope is in the imaginary part.": (
                "np.imag",
                "np.real",
            ),
            "The modulus is |f|, and has no slope in it. Take the imaginary part.": (
                "np.imag",
                "np.abs",
            ),
            "You moved all parameters at once. The gradient has one entry per parameter.": (
                "z[k] += 1j",
                "z += 1j",
            ),
            "Keep the parameter and add i eps to it: z[k] += 1j * eps.": (
                "z[k] += 1j * eps",
                "z[k] = 1j * eps",
            ),
            "Half of the slope: there is one step, of eps. Divide by eps, not by 2 eps.": (
                "/ eps",
                "/ (2 * eps)",
            ),
            "Begin anew with a real theta for each k. Yours keeps the steps before.": sideways_kept,
            "That is a difference, with its 11 digits. Step in the imaginary direction.": (
                along_the_real_axis
            ),
            "1e-3 is too long. Nothing is subtracted here, so take 1e-30.": ("1e-30", "1e-3"),
            "1e-4 is too long. Nothing is subtracted here, so take 1e-30.": ("1e-30", "1e-4"),
            "1e-7 is too long for a function that ripples. Nothing is subtracted here: take"
            " 1e-30.": ("1e-30", "1e-7"),
            "1e-5 is best for differences. Nothing is subtracted here, so take 1e-30.": (
                "1e-30",
                "1e-5",
            ),
            "1e-6 is too long for a function that ripples. Nothing is subtracted here: take"
            " 1e-30.": ("1e-30", "1e-6"),
            "1e-8 loses digits of a function that ripples. Nothing is subtracted here, so take"
            " 1e-30.": ("1e-30", "1e-8"),
        },
    ),
    Exercise(
        number="6.4",
        solution=largest_error,
        inputs=two_gradients,
        hints=(
            "Two maxima, each of absolute values.",
            "np.abs(hand - reference).max() is the first.",
            "Divide it by the largest absolute entry of the reference.",
        ),
        mutants={
            "An error may be negative: take the absolute value before the maximum.": (
                "np.abs(hand - reference).max()",
                "(hand - reference).max()",
            ),
            "A wrong sign must show: take the absolute value of the difference, not of each"
            " gradient.": (
                "np.abs(hand - reference)",
                "np.abs(np.abs(hand) - np.abs(reference))",
            ),
            "You divided entry by entry. An entry that is nearly 0 would then fail for nothing.": (
                "np.abs(hand - reference).max() / np.abs(reference).max()",
                "np.abs((hand - reference) / reference).max()",
            ),
            "That is CS231n's, entry by entry. An entry that is nearly 0 would then fail for"
            " nothing.": (
                "np.abs(hand - reference).max() / np.abs(reference).max()",
                "(np.abs(hand - reference) / (np.abs(hand) + np.abs(reference))).max()",
            ),
            "That is absolute. Whether 1e-6 is small depends on the gradient: divide.": (
                " / np.abs(reference).max()",
                "",
            ),
            "The mean hides one wrong entry among many right ones. Take the largest.": (
                "(hand - reference).max()",
                "(hand - reference).mean()",
            ),
            "The largest entry may be negative: divide by np.abs(reference).max().": (
                "/ np.abs(reference)",
                "/ (reference)",
            ),
            "Those are the errors of all entries. The largest is asked for, one number.": (
                all_errors
            ),
            "Those are lengths of whole vectors. One wrong entry must show: take maxima.": (
                by_lengths
            ),
            "Those are sums over all entries. One wrong entry must show: take maxima.": (
                ("(hand - reference).max()", "(hand - reference).sum()"),
                ("(reference).max()", "(reference).sum()"),
            ),
            "You compare the largest entries only. Subtract everywhere, then take the maximum.": (
                "np.abs(hand - reference).max()",
                "np.abs(np.abs(hand).max() - np.abs(reference).max())",
            ),
            "Subtract first: the largest entries may be right where others are wrong.": (
                "np.abs(hand - reference).max()",
                "np.abs(hand.max() - reference.max())",
            ),
            "Divide by the largest entry of the reference alone, not by both gradients'.": (
                "/ np.abs(reference)",
                "/ (np.abs(hand) + np.abs(reference))",
            ),
            "Divide by the largest entry of the reference: it may be the hand that is wrong.": (
                "/ np.abs(reference)",
                "/ np.abs(hand)",
            ),
        },
    ),
    Exercise(
        number="6.5",
        name="found_at_the_start",
        solution="none",
        hints=(
            "Print the start: which parameters are 0 or 1, and which size is 1?",
            "A factor beta that is missing, a bias that is missing: what do they change there?",
        ),
        because="One output, beta = 1 and b = 0 hide one mistake each.",
        mutants={
            "Two of the three are hidden at least. Think of beta = 1 and of b = 0.": "all",
            "beta = 1 hides a missing beta, b = 0 a missing bias. And what hides the third?": (
                "one"
            ),
            "Which two? A missing factor beta does nothing at beta = 1.": "two",
        },
    ),
    Exercise(
        number="6.6",
        solution=mended,
        inputs=random_network,
        returns=("dW1", "db1", "dbeta1", "dW2", "db2", "dbeta2"),
        order=("do", "dh2", "dbeta2", "dW2", "db2", "da1", "w", "dh1", "dbeta1", "dW1", "db1"),
        points=2,
        hints=(
            "W2 and b2 are 2 times too large: begin at do. Which size is 2?",
            "In dbeta2, o = beta2 h2 gives the slope h2. Is that what stands there?",
            "After that only W1 and b1 are off, by 1/beta1: a sigmoid's slope is beta w.",
        ),
        mutants={
            "do is still too large: the loss is a mean over samples *and* outputs.": (
                "/ y.size",
                "/ len(x)",
            ),
            "The 2 is K at this point only. Divide by N K, whatever K is.": (
                "/ y.size",
                "/ len(x) / 2",
            ),
            "dh1 still lacks its beta1: sigma(beta h) has the slope beta w in h.": (
                "da1 * beta1 * w",
                "da1 * w",
            ),
            "dbeta2 still takes h2 without its bias.": ("(do * h2)", "(do * (a1 @ W2))"),
            "dbeta1 was right before: in beta, the inner derivative is h1, not beta1 h1.": (
                "(da1 * h1 * w)",
                "(da1 * beta1 * h1 * w)",
            ),
            "In dbeta1 the inner derivative is h1, not beta1.": (
                "(da1 * h1 * w)",
                "(da1 * beta1 * w)",
            ),
            "dh2 was right before: the output's gate only scales, o = beta2 h2.": (
                "dh2, dbeta2 = do * beta2",
                "dh2, dbeta2 = do * beta2 * p2 * (1 - p2)",
            ),
            "dbeta1 was right before: h1^2 w is that of ESP. These gates send sigma(beta h).": (
                "(da1 * h1 * w)",
                "(da1 * h1**2 * w)",
            ),
            "That dh1 is of ESP, h sigma(beta h). These gates send sigma(beta h).": (
                "da1 * beta1 * w,",
                "da1 * (a1 + beta1 * h1 * w),",
            ),
            "da1 was right before: it takes dh2.": ("dh2 @ W2.T", "do @ W2.T"),
            "The residual has no factor p(1 - p): that belongs to squared error.": (
                "/ y.size",
                "/ y.size * p2 * (1 - p2)",
            ),
        },
    ),
)
