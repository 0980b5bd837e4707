"""The exercises of lesson 7, learning."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def descent_step(theta, g, rate):
    """The new theta: theta and its gradient g are (P,)."""
    ### BEGIN SOLUTION
    return theta - rate * g
    ### END SOLUTION


def train(theta, gradient, step, orders, size):
    """The path (E, P): theta (P,) after each of the E epochs.

    orders (E, N): the numbers of the samples, for each epoch in its order
    size: how many samples make a batch; the last batch may be smaller
    gradient(theta, rows): gives g (P,), from the samples in rows
    step(theta, g, t): gives the next theta; t = 0, 1, 2, ... counts steps
    """
    ### BEGIN SOLUTION
    path, t = [], 0
    for order in orders:
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            theta = step(theta, gradient(theta, rows), t)
            t = t + 1
        path.append(theta)
    return np.array(path)
    ### END SOLUTION


def so_many_batches(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for rows in np.array_split(order, size):
            theta = step(theta, gradient(theta, rows), t)
            t = t + 1
        path.append(theta)
    return np.array(path)


def of_even_size(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for rows in np.array_split(order, -(-len(order) // size)):
            theta = step(theta, gradient(theta, rows), t)
            t = t + 1
        path.append(theta)
    return np.array(path)


def every_step(theta, gradient, step, orders, size):
    path, t = [], 0
    for order in orders:
        for start in range(0, len(order), size):
            theta = step(theta, gradient(theta, order[start : start + size]), t)
            t = t + 1
            path.append(theta)
    return np.array(path)


def training(rng):
    """A loss of four parameters, a mean over the samples, and steps that get shorter."""
    N, E = (7, 11)[int(rng.integers(2))], int(rng.integers(3, 6))
    A, B = rng.uniform(0.5, 1.5, size=(N, 4)), rng.normal(size=(N, 4))

    def gradient(theta, rows):
        return (A[rows] * theta - B[rows]).mean(axis=0)

    def step(theta, g, t):
        return theta - 0.7 / (1 + t) * g

    orders = np.array([rng.permutation(N) for _ in range(E)])
    return rng.normal(size=4), gradient, step, orders, 3


def momentum_step(theta, p, g, rate, mu):
    """The new theta and p: theta, momentum p, gradient g are (P,)."""
    ### BEGIN SOLUTION
    p = mu * p - rate * g
    return theta + p, p
    ### END SOLUTION


def pytorch_momentum(theta, p, g, rate, mu):
    p = mu * p + g
    return theta - rate * p, p


def own_rate(theta, p, g, rate, mu):
    p = mu * p - g
    return theta + rate * p, p


def nesterov(theta, p, g, rate, mu):
    p = mu * p - rate * g
    return theta + mu * p - rate * g, p


def forgetful(theta, p, g, rate, mu):
    return theta + mu * p - rate * g, p


def gathered(b, t):
    """m after the steps 0, ..., t, if g = 1 in each (b, t: numbers)."""
    ### BEGIN SOLUTION
    return 1 - b ** (t + 1)
    ### END SOLUTION


def adam_step(theta, m, v, g, t, rate):
    """The new theta, m and v: all (P,), as g is; t = 0, 1, 2, ..."""
    b1, b2, eps = 0.9, 0.999, 1e-8
    ### BEGIN SOLUTION
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    rate_t = rate * np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
    return theta - rate_t * m / (np.sqrt(v) + eps), m, v
    ### END SOLUTION


def share_without_brackets(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    size = np.sqrt(v / (1 - b2 ** (t + 1))) + eps
    return theta - rate * (m / 1 - b1 ** (t + 1)) / size, m, v


def corrected_twice(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = (b1 * m + (1 - b1) * g) / (1 - b1 ** (t + 1))
    v = (b2 * v + (1 - b2) * g**2) / (1 - b2 ** (t + 1))
    return theta - rate * m / (np.sqrt(v) + eps), m, v


def multiplied(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    change = rate * m * (1 - b1 ** (t + 1)) / (np.sqrt(v * (1 - b2 ** (t + 1))) + eps)
    return theta - change, m, v


def without_root(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mean, square = m / (1 - b1 ** (t + 1)), v / (1 - b2 ** (t + 1))
    return theta - rate * mean / (square + eps), m, v


def eps_below_the_root(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    mean, square = m / (1 - b1 ** (t + 1)), v / (1 - b2 ** (t + 1))
    return theta - rate * mean / np.sqrt(square + eps), m, v


def moved_first(theta, m, v, g, t, rate):
    b1, b2, eps = 0.9, 0.999, 1e-8
    rate_t = rate * np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
    change = rate_t * m / (np.sqrt(v) + eps)
    return theta - change, b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2


def adam_inputs(rng):
    """Step 20 to 39 of eight parameters: one has hardly a gradient, and one has never had any.

    That of the first is so small that eps below the root changes the largest theta by a share
    of 2e-5 or more, and PyTorch's eps by 4e-6 or less.
    """
    theta, v = rng.uniform(-0.5, 0.5, size=8), rng.uniform(0.02, 0.3, size=8)
    g, m = 3 * rng.normal(size=8), 0.1 * rng.normal(size=8)
    theta[2], g[2], m[2], v[2] = 0.0, 0.002, 0.025, 4e-6
    g[5] = m[5] = v[5] = 0.0
    return theta, m, v, g, int(rng.integers(20, 40)), rng.uniform(0.5, 0.9)


def dead_units(X, W, bias):
    """1 for each dead unit, else 0, (H,): X (N, D), W (D, H), bias (H,)."""
    ### BEGIN SOLUTION
    h = X @ W + bias
    return (h <= 0).all(axis=0).astype(int)
    ### END SOLUTION


def dead_inputs(rng):
    """Units that are dead, alive, silent now and then, dead or alive by a bias, only just dead
    (in sums without rounding); and two with weights of both signs: the first is dead."""
    N, D = sizes(rng, 2)
    X = rng.integers(7, 65, size=(N + 6, D)) / 64
    W = rng.uniform(0.2, 1.0, size=(D, 8)) * np.array([-1, 1, 1, 1, -1, 1, 1, 1])
    W[:, 5] = rng.integers(2, 9, size=D) / 8
    W[:, 6:] = 0.015, 0.9 / (D - 1)
    W[0, 6:] = -1.0
    b = np.array([0.0, 9.0, 0.0, -9.0, 9.0, 0.0, 0.0, 0.0])
    fields = X @ W
    b[2], b[5] = -np.median(fields[:, 2]), -fields[:, 5].max()
    return X, W, b


EXERCISES = (
    Exercise(
        number="7.1",
        solution=descent_step,
        inputs=lambda rng: (*rng.normal(size=(2, *sizes(rng, 1))), rng.uniform(0.1, 0.5)),
        hints=(
            "g . d is the length of g times the length of d times a cosine. Where is it lowest?",
            "At the cosine -1: d points against g. Its length is to be rate times that of g.",
            "So d = -rate * g. Return the new theta, theta + d.",
        ),
        mutants={
            "That walks uphill: the gradient points to where the loss grows, so subtract it.": (
                "theta - rate",
                "theta + rate",
            ),
            "That is only the change. Return the new theta: the old one plus the change.": (
                "theta - rate",
                "-rate",
            ),
            "You left out the rate.": ("rate * g", "g"),
            "You left out g: without it every entry moves by the same amount.": (
                "rate * g",
                "rate",
            ),
            "The length of g is in your step twice: g itself has it already.": (
                "rate * g",
                "rate * np.linalg.norm(g) * g",
            ),
            "You used the sign of the gradient only. The step is to be as long as rate * |g|.": (
                "rate * g",
                "rate * np.sign(g)",
            ),
            "Your step has the length rate, whatever g is. It is to be rate times as long as g.": (
                "rate * g",
                "rate * g / np.linalg.norm(g)",
            ),
            "The length of g stands in the place of g: each entry has a slope of its own.": (
                "rate * g",
                "rate * np.linalg.norm(g)",
            ),
            "theta is made smaller in proportion to itself: subtract rate * g, do not multiply.": (
                "theta - rate * g",
                "theta * (1 - rate * g)",
            ),
        },
    ),
    Exercise(
        number="7.2",
        name="on_the_parabola",
        solution="explodes",
        hints=(
            "The gradient of lambda theta^2/2 is lambda theta. Put it into your step.",
            "theta is multiplied by 1 - rate * lambda in each step. What number is that here?",
            "The factor is 1 - 0.6 * 4. Look at its sign, and whether its size is above 1.",
        ),
        mutants={
            "Each step goes downhill at first, but how far? The factor is 1 - rate * lambda.": (
                "falls"
            ),
            "It does change sides in each step. But is the size of 1 - rate * lambda below 1?": (
                "swings"
            ),
            "It would stay at the height it has if the factor were -1: at rate * lambda = 2.": (
                "stays"
            ),
        },
        because="Each step multiplies theta by 1 - 0.6 * 4 = -1.4.",
    ),
    Exercise(
        number="7.3",
        solution=train,
        inputs=training,
        points=2,
        hints=(
            "Two loops: over the epochs, and in each over the batches of its order.",
            "A batch is order[start : start + size], and start runs over range(0, N, size).",
            "In the inner loop: theta = step(theta, gradient(theta, rows), t), then t grows by 1.",
            "At the end of each epoch put theta into a list; return np.array(list).",
        ),
        mutants={
            "Each epoch has an order of its own: take the samples order[start : start + size].": (
                "order[start : start + size]",
                "np.arange(len(order))[start : start + size]",
            ),
            "Each epoch has an order of its own; you take the first one each time.": (
                "rows = order[",
                "rows = orders[0][",
            ),
            "t is where the batch starts. It is to count the steps: 0, 1, 2, ...": (
                "gradient(theta, rows), t)",
                "gradient(theta, rows), start)",
            ),
            "All batches have size samples; only the last one is smaller.": of_even_size,
            "You leave the loop after one epoch: return stands too far to the right.": (
                "path.append(theta)\n",
                "path.append(theta)\n        break\n",
            ),
            "t starts again in each epoch. It counts the steps of the whole training.": (
                "    for order in orders:",
                "    for order in orders:\n        t = 0",
            ),
            "t counts the epochs. It is to grow by 1 after each step.": (
                ("            t = t + 1\n", ""),
                ("        path.append(theta)\n", "        path.append(theta)\n        t = t + 1\n"),
            ),
            "t is always the same. It is to grow by 1 after each step.": ("t = t + 1", "t = t"),
            "t is 1 at the first step; it counts 0, 1, 2, ...": ("[], 0", "[], 1"),
            "You drop what is left over: the last batch may be smaller, but it counts.": (
                "range(0, len(order), size)",
                "range(0, len(order) - size + 1, size)",
            ),
            "You take the gradient of all samples in each step, not of the batch.": (
                "rows = order[start : start + size]",
                "rows = order",
            ),
            "You take the gradient where the epoch began. Each step takes it where theta is now.": (
                ("        for start in", "        old = theta\n        for start in"),
                ("step(theta, gradient(theta, rows)", "step(theta, gradient(old, rows)"),
            ),
            "You record theta before each epoch; it is asked for after it.": (
                ("        for start in", "        path.append(theta)\n        for start in"),
                ("        path.append(theta)\n    return", "    return"),
            ),
            "Each epoch starts from the first theta again. It goes on from where the last ended.": (
                ("    path, t", "    first, path, t"),
                ("= [], 0", "= theta, [], 0"),
                ("    for order in orders:", "    for order in orders:\n        theta = first"),
            ),
            "You take one batch per epoch only. An epoch goes through all samples.": (
                "            t = t + 1\n",
                "            t = t + 1\n            break\n",
            ),
            "All batches are the first one: start moves on by size each time.": (
                "order[start : start + size]",
                "order[:size]",
            ),
            "Each batch has all samples up to its end: begin at start.": (
                "order[start : start + size]",
                "order[: start + size]",
            ),
            "Each batch has all samples from its start on: end at start + size.": (
                "order[start : start + size]",
                "order[start:]",
            ),
            "A batch is order[start : start + size]: your slice ends at size.": (
                "order[start : start + size]",
                "order[start:size]",
            ),
            "Your batches overlap: start moves on by size, not by 1.": (
                "range(0, len(order), size)",
                "range(0, len(order))",
            ),
            "size is how many samples make a batch, not how many batches make an epoch.": (
                so_many_batches
            ),
            "That is theta after each step. One row per epoch is asked for.": every_step,
            "The path begins after the first epoch: the first theta of all is not in it.": (
                "[], 0",
                "[theta], 0",
            ),
            "step gives the next theta itself, not a change to be added.": (
                "theta = step(",
                "theta = theta + step(",
            ),
            "step returns the new theta, not a displacement: do not subtract it.": (
                "theta = step(",
                "theta = theta - step(",
            ),
            "gradient wants the numbers of the samples, order[start : start + size].": (
                "rows = order[start : start + size]",
                "rows = start",
            ),
            "That is the last theta alone. Return the path: theta after each epoch.": (
                "np.array(path)",
                "theta",
            ),
        },
    ),
    Exercise(
        number="7.4",
        name="lower",
        solution="16",
        hints=("How many steps does each of the three take in 100 epochs?",),
        mutants={
            "Its gradient is the most exact. But it takes 100 steps, and the other 4400.": ("690"),
            "They see the same samples equally often. But one takes 100 steps, the other 4400.": (
                "same"
            ),
        },
        because="A rough gradient 44 times as often beats an exact one: for the same arithmetic.",
    ),
    Exercise(
        number="7.5",
        solution=momentum_step,
        inputs=lambda rng: (
            *rng.normal(size=(3, 6)),
            rng.uniform(0.1, 0.5),
            rng.uniform(0.6, 0.95),
        ),
        hints=(
            "Two lines: first the new momentum, then theta with the *new* momentum.",
            "What remains of the momentum is mu * p; the slope adds -rate * g.",
            "p = mu * p - rate * g, then return theta + p, p.",
        ),
        mutants={
            "theta moved with the old momentum. Make the new one first, then move with it.": (
                ("    p = mu * p", "    old = p\n    p = mu * p"),
                ("theta + p", "theta + old"),
            ),
            "The slope pushes you uphill: the momentum gets minus rate times g.": (
                "- rate * g",
                "+ rate * g",
            ),
            "No factor 1 - mu: here the momentum is a sum of pushes, not a mean of them.": (
                "- rate * g",
                "- (1 - mu) * rate * g",
            ),
            "You left out mu: without friction the momentum never dies down.": ("mu * p", "p"),
            "1 - mu is what friction takes. mu is what remains.": ("mu * p", "(1 - mu) * p"),
            "mu multiplies the old momentum alone, not the push: mind the brackets.": (
                "mu * p - rate * g",
                "mu * (p - rate * g)",
            ),
            "The rate is in the momentum already: theta + p, without it.": (
                "theta + p",
                "theta + rate * p",
            ),
            "The push is in the momentum already: theta moves by the new p, and by nothing else.": (
                "theta + p",
                "theta - rate * g + p",
            ),
            "The momentum has its direction already: theta + p, not minus.": (
                "theta + p",
                "theta - p",
            ),
            "That is PyTorch's way: there p is a sum of gradients, and the rate comes last. Here"
            " p is the step itself.": pytorch_momentum,
            "theta looks one step ahead: that is Nesterov's momentum. Here it moves by p itself.": (
                nesterov
            ),
            "The push is rate times g. With the rate in p, theta + p is enough.": own_rate,
            "You return the old momentum. The next step needs the new one.": forgetful,
            "theta moves by all of the new p: by what remained and by the push.": (
                "theta + p",
                "theta - rate * g",
            ),
            "You return the momentum first. Return the new theta first, then p.": (
                "theta + p, p",
                "p, theta + p",
            ),
        },
        returns=("theta", "p"),
        order=("p", "theta"),
    ),
    Exercise(
        number="7.6",
        name="times_as_long",
        solution=10,
        hints=(
            "At the end p no longer changes: the new one is the old one.",
            "So p = mu * p - rate * g. Solve it for p.",
        ),
        mutants={
            "A steady push with friction: does it grow for ever? Each step loses a tenth.": 90,
            "That is what is lost per step. Solve p = mu p - rate g for p.": 0.9,
            "Plain descent does rate * g. Each step adds that to nine tenths of what was there.": 1,
            "1 + mu is after two steps. It goes on: 1 + mu + mu^2 + ...": 1.9,
        },
        because="p = mu p - rate g gives p = -rate g/(1 - mu), and 1/(1 - 0.9) = 10.",
    ),
    Exercise(
        number="7.7",
        solution=gathered,
        inputs=lambda rng: (rng.uniform(0.5, 0.95), int(rng.integers(1, 8))),
        hints=(
            "Do it by hand: m is 0, then 1 - b, then b (1 - b) + (1 - b), ...",
            "After step t, m = (1 - b)(1 + b + b^2 + ... + b^t): how many terms are that?",
            "The sum in brackets is (1 - b^(t+1))/(1 - b).",
        ),
        mutants={
            "One gradient short: after the steps 0, ..., t there have been t + 1.": (
                "(t + 1)",
                "t",
            ),
            "One gradient too many: after the steps 0, ..., t there have been t + 1.": (
                "t + 1",
                "t + 2",
            ),
            "That is what is still missing. What has been gathered is the rest to 1.": (
                "1 - b ** (t + 1)",
                "b ** (t + 1)",
            ),
            "Old gradients are forgotten little by little: not each adds the same 1 - b.": (
                "1 - b ** (t + 1)",
                "(1 - b) * (t + 1)",
            ),
            "You left out the factor 1 - b with which each gradient comes in.": (
                "1 - b ** (t + 1)",
                "(1 - b ** (t + 1)) / (1 - b)",
            ),
            "That is the share of the very first gradient. All t + 1 of them are in m.": (
                "1 - b ** (t + 1)",
                "(1 - b) * b**t",
            ),
            "1 is where it ends after very many steps. How much is there after t + 1?": (
                "1 - b ** (t + 1)",
                "1.0",
            ),
            "One gradient short, and the factor 1 - b is missing, with which each comes in.": (
                "1 - b ** (t + 1)",
                "(1 - b**t) / (1 - b)",
            ),
            "b to the power t + 1, not times t + 1.": ("b ** (t + 1)", "b * (t + 1)"),
            "The power goes first: b**t + 1 is (b**t) + 1. Write b ** (t + 1).": (
                "b ** (t + 1)",
                "b**t + 1",
            ),
            "The terms are added, (1 - b) times 1, b, b**2, ...: that is no power of 1 - b.": (
                "1 - b ** (t + 1)",
                "(1 - b) ** (t + 1)",
            ),
            "The last gradient is in m with the factor 1 - b, not b.": (
                "b ** (t + 1)",
                "(1 - b) ** (t + 1)",
            ),
        },
    ),
    Exercise(
        number="7.8",
        solution=adam_step,
        inputs=adam_inputs,
        tolerance=1e-5,  # so that eps may stand beside the root of the corrected v, too
        points=2,
        hints=(
            "Four lines: the new m, the new v, the two shares of 7.7, theta.",
            "m keeps b1 of itself and takes 1 - b1 of g; v keeps b2, and takes 1 - b2 of g**2.",
            "The shares are 1 - b1 ** (t + 1) and 1 - b2 ** (t + 1). Do not keep m and v divided.",
            "theta - rate * (m / share1) / (np.sqrt(v / share2) + eps), and m, v as they are.",
        ),
        mutants={
            "m and v are too small at first: divide each by what it has gathered so far (7.7).": (
                "np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))",
                "1.0",
            ),
            "You divided m by its share, but not v by its own.": (
                "np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))",
                "1.0 / (1 - b1 ** (t + 1))",
            ),
            "You divided v by its share, but not m by its own.": (
                "np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))",
                "np.sqrt(1 - b2 ** (t + 1))",
            ),
            "The exponent in the shares is t + 1, the number of gradients seen.": (
                "np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))",
                "np.sqrt(1 - b2**t) / (1 - b1**t)",
            ),
            "The share of v stands below the root as v does: np.sqrt(v / (1 - b2 ** (t + 1))).": (
                "np.sqrt(1 - b2 ** (t + 1)) /",
                "(1 - b2 ** (t + 1)) /",
            ),
            "You multiply by the shares. m and v are too small at first: divide by them.": (
                multiplied
            ),
            "Both shares have b1. That of v is 1 - b2 ** (t + 1).": ("1 - b2 **", "1 - b1 **"),
            "Make the new m and v first; then theta moves with them.": moved_first,
            "Each parameter has a v of its own: the square of its g, not the length of all.": (
                "(1 - b2) * g**2",
                "(1 - b2) * (g @ g)",
            ),
            "b2 is 0.999: v has a long memory.": ("0.9, 0.999,", "0.9, 0.99,"),
            "Return m and v as they are kept, not divided: the next step goes on from them.": (
                corrected_twice
            ),
            "v is the running mean of the gradient's *square*.": (
                "(1 - b2) * g**2",
                "(1 - b2) * np.abs(g)",
            ),
            "v is the running mean of g**2, not of g.": ("(1 - b2) * g**2", "(1 - b2) * g"),
            "v takes the square of g, not of m.": ("(1 - b2) * g**2", "(1 - b2) * m**2"),
            "m is the running mean of g itself, not of its square.": (
                "(1 - b1) * g\n",
                "(1 - b1) * g**2\n",
            ),
            "The shares grow from step to step: the exponent is t + 1, not 1.": (
                "np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))",
                "np.sqrt(1 - b2) / (1 - b1)",
            ),
            "Brackets: b ** t + 1 is (b ** t) + 1. Write b ** (t + 1), in both shares.": (
                "np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))",
                "np.sqrt(1 - b2**t + 1) / (1 - b1**t + 1)",
            ),
            "Divide by the root of v: m / v has the wrong unit.": ("np.sqrt(v)", "v"),
            "Divide m by the root of v: m / v has the unit of 1 / g, and the rate is no length.": (
                without_root
            ),
            "eps stands beside the root, not below it: at v = 0.000004 that makes a difference.": (
                "(np.sqrt(v) + eps)",
                "np.sqrt(v + eps)",
            ),
            "eps stands beside the root, not below it: for small v that makes a difference.": (
                eps_below_the_root
            ),
            "Where the gradient has always been 0 you divide 0 by 0: add eps to the root.": (
                "(np.sqrt(v) + eps)",
                "np.sqrt(v)",
            ),
            "b1 and b2 are exchanged: b1 belongs to m, b2 to v.": (
                "eps = 0.9, 0.999",
                "eps = 0.999, 0.9",
            ),
            "m is to keep b1 of itself, and to take 1 - b1 of g: yours is the other way round.": (
                "b1 * m + (1 - b1) * g\n",
                "(1 - b1) * m + b1 * g\n",
            ),
            "v is to keep b2 of itself, and to take 1 - b2: yours is the other way round.": (
                "b2 * v + (1 - b2) * g**2",
                "(1 - b2) * v + b2 * g**2",
            ),
            "v keeps b2 of itself and takes 1 - b2 of g**2: you wrote b1.": (
                "b2 * v + (1 - b2) * g**2",
                "b1 * v + (1 - b1) * g**2",
            ),
            "Brackets: m / (1 - b1 ** (t + 1)), or m alone is divided, by 1.": (
                share_without_brackets
            ),
            "m takes the share 1 - b1 of g, not all of it.": ("(1 - b1) * g\n", "g\n"),
            "v takes the share 1 - b2 of g**2, not all of it.": ("(1 - b2) * g**2", "g**2"),
            "That walks uphill: subtract the step.": ("theta - rate_t", "theta + rate_t"),
            "The step goes along the mean m, not along this one g.": ("rate_t * m", "rate_t * g"),
            "You left out the rate.": ("rate * np.sqrt", "np.sqrt"),
            "That is only the change. Return the new theta: the old one plus the change.": (
                "theta - rate_t",
                "-rate_t",
            ),
            "You return v before m: the new theta, m, v.": ("eps), m, v", "eps), v, m"),
        },
        returns=("theta", "m", "v"),
        order=("m", "v", "theta"),
    ),
    Exercise(
        number="7.9",
        name="times_too_long",
        solution=3.1623,
        hints=(
            "After the first gradient, m has 0.1 of it, and v has 0.001 of its square.",
            "The step is m over the *root* of v.",
        ),
        mutants={
            "m is 0.1 g. But v is too small as well, and stands below.": 0.1,
            "0.1 / 0.001 is 100. But v stands below a root.": 100.0,
            "With both divisions it is 1. Without them, m is 0.1 g, and v is 0.001 g**2.": 1.0,
            "That is the root of v's share. m has a share, too, and stands above.": 0.0316,
            "That is v's share alone. m has one, too: 0.1.": 31.6,
        },
        because="m is 0.1 g, and the root of v is 0.032 |g|: the smaller one stands below.",
    ),
    Exercise(
        number="7.10",
        name="dead_at_the_start",
        solution=2.5,
        tolerance=0.2,
        hints=(
            "Both inputs are positive and the bias is 0. Which signs of two weights leave h < 0?",
        ),
        mutants={
            "A unit with one negative weight is silent for some samples. Dead means for all.": 5.0,
            "Both weights have to be negative, and each is so once in two: once in four.": 7.5,
            "The weights are random, and the bias is 0: a quarter has two negative weights.": 0.0,
        },
        because=(
            "Two weights are negative once in four: 2.5 of ten; and a few units have one small"
            " positive weight that never wins."
        ),
    ),
    Exercise(
        number="7.11",
        solution=dead_units,
        inputs=dead_inputs,
        hints=(
            "First the fields of all samples and units, h = X @ W + bias, of shape (N, H).",
            "ReLU passes on nothing where h <= 0. Dead means: so for *all* samples of a unit.",
            "(h <= 0).all(axis=0) says it for each unit; .astype(int) makes numbers of it.",
        ),
        mutants={
            "That unit is silent for *some* sample, which is its job. Dead means for all.": (
                ".all(axis=0)",
                ".any(axis=0)",
            ),
            "You left out the bias: it can kill a unit, or keep it alive.": (
                "X @ W + bias",
                "X @ W",
            ),
            "The bias is added to the field, not subtracted: h = X @ W + bias.": (
                "X @ W + bias",
                "X @ W - bias",
            ),
            "You asked all units at once. Ask each unit about all samples: axis=0.": (
                ".all(axis=0)",
                ".all()",
            ),
            "That is the share of the samples for which a unit is silent. Dead: for all.": (
                ".all(axis=0).astype(int)",
                ".mean(axis=0)",
            ),
            "You looked at the weights alone. A unit is dead by its field: h = X @ W + bias.": (
                "X @ W + bias",
                "W",
            ),
            "You looked at the bias and the weights; the samples X make the field, too.": (
                "X @ W + bias",
                "W + bias",
            ),
            "You asked each sample about all units. Ask each unit about all samples: axis=0.": (
                ".all(axis=0)",
                ".all(axis=1)",
            ),
            "At h = 0 ReLU passes on nothing as well, and its slope is 0: h <= 0.": (
                "h <= 0",
                "h < 0",
            ),
            "You marked the living. Turn it round.": (
                "(h <= 0).all(axis=0)",
                "(h > 0).any(axis=0)",
            ),
            "A dead unit has h <= 0 for every sample; yours has h >= 0.": ("h <= 0", "h >= 0"),
            "That is how often each unit is silent. Dead is: silent for all N samples.": (
                ".all(axis=0).astype(int)",
                ".sum(axis=0)",
            ),
            "Those are the numbers of the dead units. One mark per unit is asked for, 1 or 0.": (
                ".astype(int)",
                ".nonzero()[0]",
            ),
            "That is how many are dead. Which ones is asked for: one number per unit.": (
                ".astype(int)",
                ".sum()",
            ),
            "A unit may be silent on the mean of its fields, and still speak for some sample.": (
                "(h <= 0).all(axis=0)",
                "(h.mean(axis=0) <= 0)",
            ),
            "The sum of the weights is not the field: multiply by the samples, h = X @ W + bias.": (
                "(h <= 0).all(axis=0)",
                "(W.sum(axis=0) + bias <= 0)",
            ),
        },
    ),
    Exercise(
        number="7.12",
        name="its_lead",
        solution="shrinks",
        hints=("Whom does a rate of 0.01 suit least?",),
        mutants={
            "A larger rate helps ESP, too. But whom does it help more?": "grows",
            "That would be so if 0.01 suited all four equally well.": "stays",
            "Nearly: the others come close, and pass ESP if its betas are fixed.": "turns",
        },
        because="Much of the others' bad end was a rate too small for them.",
    ),
)
