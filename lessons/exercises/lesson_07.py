"""The exercises of lesson 7, learning."""

import numpy as np

from minifnn.lesson import Exercise


def descent_step(theta, g, rate):
    """One step of gradient descent: theta and its gradient g are (P,); returns the new theta."""
    ### BEGIN SOLUTION
    return theta - rate * g
    ### END SOLUTION


def momentum_step(theta, v, g, rate, mu):
    """One step with momentum: theta, velocity v, gradient g (P,); returns the new theta and v."""
    ### BEGIN SOLUTION
    v = mu * v - rate * g
    return theta + v, v
    ### END SOLUTION


def old_velocity(theta, v, g, rate, mu):
    return theta + v, mu * v - rate * g


def uphill_velocity(theta, v, g, rate, mu):
    v = mu * v + rate * g
    return theta + v, v


def averaged_velocity(theta, v, g, rate, mu):
    v = mu * v - (1 - mu) * rate * g
    return theta + v, v


def no_friction(theta, v, g, rate, mu):
    v = v - rate * g
    return theta + v, v


def rate_twice(theta, v, g, rate, mu):
    v = mu * v - rate * g
    return theta + rate * v, v


def velocity_first(theta, v, g, rate, mu):
    v = mu * v - rate * g
    return v, theta + v


def adam_step(theta, m, v, g, t, rate, q, T):
    """Step number t (0, 1, ...) of Adam: arrays (P,); returns the new theta, m and v."""
    b1, b2, eps = 0.9, 0.999, 1e-8
    ### BEGIN SOLUTION
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    rate_t = rate * q ** (t / T) * np.sqrt(1 - b2 ** (t + 1)) / (1 - b1 ** (t + 1))
    return theta - rate_t * m / (np.sqrt(v) + eps), m, v
    ### END SOLUTION


def _adam(slip):
    """Adam with one slip."""

    def step(theta, m, v, g, t, rate, q, T):
        b1, b2, eps, k = 0.9, 0.999, 1e-8, t + (slip != "t")
        if slip == "swapped":
            b1, b2 = b2, b1
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * (g if slip == "square" else g**2)
        decay = {"decay": 1.0, "stairs": q ** (t // T)}.get(slip, q ** (t / T))
        correction = 1.0 if slip == "correction" else np.sqrt(1 - b2**k) / (1 - b1**k)
        if slip == "no root":
            correction = (1 - b2**k) / (1 - b1**k)
        if slip in ("eps", "hats"):
            root = np.sqrt(v) + eps * np.sqrt(1 - b2**k)
        else:
            root = (v if slip == "root" else np.sqrt(v)) + eps
        change = decay * rate * correction * m / root
        if slip == "hats":
            return theta - change, m / (1 - b1**k), v / (1 - b2**k)
        return theta + change if slip == "uphill" else theta - change, m, v

    return step


def adam_inputs(rng):
    """Step 20 to 39 of seven parameters, one with hardly any gradient, where eps counts."""
    g, m = rng.normal(size=7), rng.normal(size=7)
    v = rng.uniform(2.0, 3.0, size=7)
    g[2], m[2], v[2] = 1e-8, 1e-6, 1e-14
    return rng.normal(size=7), m, v, g, int(rng.integers(20, 40)), 0.7, 0.5, 13.0


def dead_units(X, W, b):
    """1 for each unit that passes on nothing of any sample, else 0: X (N, D), W (D, H) -> (H,)."""
    ### BEGIN SOLUTION
    h = X @ W + b
    return (h <= 0).all(axis=0).astype(int)
    ### END SOLUTION


def ever_silent(X, W, b):
    return (X @ W + b <= 0).any(axis=0).astype(int)


def without_bias(X, W, b):
    return (X @ W <= 0).all(axis=0).astype(int)


def per_sample(X, W, b):
    return (X @ W + b <= 0).all(axis=1).astype(int)


def how_often(X, W, b):
    return (X @ W + b <= 0).sum(axis=0)


def dead_inputs(rng):
    """Nine samples, three inputs, five units: dead, alive, now and then, two by their bias."""
    X = rng.uniform(0.1, 1.0, size=(9, 3))
    W = rng.uniform(0.2, 1.0, size=(3, 5)) * np.array([-1, 1, 1, 1, -1])
    b = np.array([0.0, 0.1, 0.0, -9.0, 9.0])
    b[2] = -np.median(X @ W[:, 2])
    return X, W, b


EXERCISES = (
    Exercise(
        number="7.1",
        solution=descent_step,
        inputs=lambda rng: (rng.normal(size=6), rng.normal(size=6), rng.uniform(0.1, 0.5)),
        hints=(
            "The gradient points uphill. Which sign do you need?",
            "The new theta is the old one, less the rate times the gradient.",
        ),
        mutants={
            "That walks uphill: the gradient points to where the loss grows, so subtract it.": (
                lambda theta, g, rate: theta + rate * g
            ),
            "That is only the change. Return the new theta: the old one plus the change.": (
                lambda theta, g, rate: -rate * g
            ),
            "You left out the rate.": lambda theta, g, rate: theta - g,
            "You used the sign of the gradient only; (7.1) uses its size, too.": (
                lambda theta, g, rate: theta - rate * np.sign(g)
            ),
        },
    ),
    Exercise(
        number="7.2",
        name="on_the_parabola",
        solution="explodes",
        hints=(
            "The gradient of lambda theta^2/2 is lambda theta. Put it into (7.1).",
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
    ),
    Exercise(
        number="7.3",
        solution=momentum_step,
        inputs=lambda rng: (
            *rng.normal(size=(3, 6)),
            rng.uniform(0.1, 0.5),
            rng.uniform(0.6, 0.95),
        ),
        hints=(
            "Two lines: first the new velocity, then theta with the *new* velocity.",
            "What remains of the velocity is mu * v; the slope adds -rate * g.",
            "v = mu * v - rate * g, then return theta + v, v.",
        ),
        mutants={
            "theta moved with the old velocity. Make the new one first, then move with it.": (
                old_velocity
            ),
            "The slope pushes you uphill: the velocity gets minus rate times g.": uphill_velocity,
            "No factor 1 - mu in (7.2): here the velocity is a sum, not a mean.": averaged_velocity,
            "You left out mu: without friction the velocity never dies down.": no_friction,
            "The rate is already in the velocity: theta + v, without it.": rate_twice,
            "You return the velocity first. Return the new theta first, then v.": velocity_first,
        },
        returns=("theta", "v"),
    ),
    Exercise(
        number="7.4",
        solution=adam_step,
        inputs=adam_inputs,
        hints=(
            "Four lines: m by (7.3), v by (7.4), the rate of this step, theta.",
            "The rate of this step: rate * q**(t/T), times the root over the bracket of (7.5).",
            "Both brackets of (7.5) have the exponent t + 1: m and v hold t + 1 gradients by now.",
            "The step is rate_t * m / (np.sqrt(v) + eps), to be subtracted from theta.",
        ),
        mutants={
            "You left out the correction for the start: sqrt(1 - b2^(t+1)) / (1 - b1^(t+1)).": (
                _adam("correction")
            ),
            "The exponent in the correction is t + 1, the number of gradients seen.": _adam("t"),
            "The bracket of b2 stands below a root in (7.5): np.sqrt(1 - b2^(t+1)).": (
                _adam("no root")
            ),
            "Return m and v uncorrected: the next step goes on from them. And eps stands beside "
            "the root of v itself in (7.5).": _adam("hats"),
            "v is the running mean of the gradient's *square*.": _adam("square"),
            "Divide by the root of v: m / v has the wrong unit.": _adam("root"),
            "You left out the decay: the rate is multiplied by q^(t/T).": _adam("decay"),
            "The decay goes down in stairs: t/T is a plain division, without rounding.": (
                _adam("stairs")
            ),
            "b1 and b2 are exchanged: b1 belongs to m, b2 to v.": _adam("swapped"),
            "That walks uphill: subtract the step.": _adam("uphill"),
            "eps stands beside the root of v itself in (7.5), not of the corrected v.": (
                _adam("eps")
            ),
        },
        returns=("theta", "m", "v"),
    ),
    Exercise(
        number="7.5",
        solution=dead_units,
        inputs=dead_inputs,
        hints=(
            "First the fields of all samples and units, h = X @ W + b, of shape (N, H).",
            "ReLU passes on nothing where h <= 0. Dead means: so for *all* samples of a unit.",
            "(h <= 0).all(axis=0) says it for each unit; .astype(int) makes numbers of it.",
        ),
        mutants={
            "That unit is silent for *some* sample, which is its job. Dead means for all.": (
                ever_silent
            ),
            "You left out the bias: it can kill a unit, or keep it alive.": without_bias,
            "You asked each sample about all units. Ask each unit about all samples: axis=0.": (
                per_sample
            ),
            "You counted the living. Turn it round.": lambda *x: 1 - dead_units(*x),
            "That is how often each unit is silent. Dead is: silent for all N samples.": how_often,
        },
    ),
)
