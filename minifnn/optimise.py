"""From gradient to step: gradient descent, momentum, Adam, damped Newton.

Each optimizer changes theta in place by ``step(theta, gradient)`` and keeps what
it remembers in arrays that `state` gives and `restore` takes, so that a
training can stop and go on; a new training wants a new optimizer. ``t`` counts
the steps (epochs, in full batch).

A rate is a number or a function of t; ``decay=(factor, period)`` multiplies a
number by factor**(t/period), continuously.
"""

import numpy as np

from ._validate import check_number


def exponential(rate, factor, period):
    """Return the schedule t -> rate * factor**(t/period)."""
    check_number("rate", rate, above=0)
    check_number("decay factor", factor, above=0)
    check_number("decay period", period, above=0)
    return lambda t: rate * factor ** (t / period)  # (7.6)


def step_decay(rate, factor, period):
    """Return the schedule that multiplies rate by factor once every `period` steps."""
    check_number("rate", rate, above=0)
    check_number("decay factor", factor, above=0)
    check_number("decay period", period, above=0)
    return lambda t: rate * factor ** (t // period)


def _schedule(rate, decay):
    if callable(rate):
        if decay is not None:
            raise ValueError("decay was given beside a rate that is already a function of t")
        return rate
    if decay is None:
        check_number("rate", rate, above=0)
        return lambda t: rate
    try:
        factor, period = decay
    except (TypeError, ValueError):
        raise ValueError(f"decay is {decay!r}, wanted (factor, period)") from None
    return exponential(rate, factor, period)


class GradientDescent:
    """theta <- theta - rate * gradient.

    Parameters
    ----------
    rate : float or callable
        Step length per unit of gradient, or a function of the step t.
    decay : (float, float), optional
        ``(factor, period)``: the rate times factor**(t/period).
    """

    needs_hessian = False
    memory = ()  # the names of the arrays it remembers
    constants = ()  # what its formula holds beside the rate

    def __init__(self, rate=0.1, decay=None):
        self.rate = _schedule(rate, decay)
        self.settings = {"rate": "a function of t" if callable(rate) else rate, "decay": decay}
        self.t = 0

    def __repr__(self):
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{type(self).__name__}({settings})"

    def step(self, theta, gradient):
        """Change theta (P,) in place by one step against the gradient (P,)."""
        theta -= self.rate(self.t) * gradient  # (7.1)
        self.t += 1

    def remember(self, theta):
        """Start each remembered array at zero, the first time theta is seen."""
        for name in self.memory:
            array = getattr(self, name, None)
            if array is None:
                setattr(self, name, np.zeros_like(theta))
            elif array.shape != theta.shape:
                raise ValueError(
                    f"optimizer remembers {array.size} parameters, wanted {theta.size}; "
                    "start each network with a new one"
                )

    def state(self):
        """Return what it remembers: the step t and its arrays, by name."""
        arrays = {name: getattr(self, name, None) for name in self.memory}
        kept = {name: array.copy() for name, array in arrays.items() if array is not None}
        return {"t": np.int64(self.t), **kept}

    def restore(self, state):
        """Take up what `state` gave."""
        self.t = int(state["t"])
        for name in self.memory:
            setattr(self, name, np.array(state[name]) if name in state else None)


class Momentum(GradientDescent):
    """velocity <- momentum * velocity - rate * gradient; theta <- theta + velocity.

    Parameters
    ----------
    rate, decay
        As in `GradientDescent`.
    momentum : float, optional
        What remains of the velocity after one step.
    """

    memory = ("velocity",)

    def __init__(self, rate=0.1, momentum=0.9, decay=None):
        super().__init__(rate, decay)
        self.momentum = check_number("momentum", momentum, at_least=0, below=1)
        self.constants = (self.momentum,)
        self.settings["momentum"] = self.momentum

    def step(self, theta, gradient):
        """Change theta (P,) in place by one step."""
        self.remember(theta)
        self.velocity *= self.momentum
        self.velocity -= self.rate(self.t) * gradient  # (7.2)
        theta += self.velocity
        self.t += 1


class Adam(GradientDescent):
    """Gradient over the root of its own mean square, both as running means.

    m <- b1 m + (1-b1) g,  v <- b2 v + (1-b2) g^2,
    theta <- theta - rate_t * m/(sqrt(v) + eps),
    rate_t = rate * sqrt(1 - b2^(t+1))/(1 - b1^(t+1)).

    Here eps is added to the uncorrected sqrt(v), as in the paper's second form
    of the algorithm and in TensorFlow, which the published runs used.

    Parameters
    ----------
    rate, decay
        As in `GradientDescent`.
    betas : (float, float), optional
        b1 and b2, the memories of the two running means.
    eps : float, optional
        Keeps the step finite where the gradient has always been zero.

    Notes
    -----
    Source: Kingma and Ba, 2015.
    """

    memory = ("m", "v")

    def __init__(self, rate=0.01, decay=None, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(rate, decay)
        try:
            b1, b2 = betas
        except (TypeError, ValueError):
            raise ValueError(f"betas is {betas!r}, wanted (b1, b2)") from None
        self.b1 = check_number("betas[0]", b1, at_least=0, below=1)
        self.b2 = check_number("betas[1]", b2, at_least=0, below=1)
        self.eps = check_number("eps", eps, above=0)
        self.constants = (self.b1, self.b2, self.eps)
        self.settings |= {"betas": (self.b1, self.b2), "eps": self.eps}

    def step(self, theta, gradient):
        """Change theta (P,) in place by one step."""
        self.remember(theta)
        b1, b2, k = self.b1, self.b2, self.t + 1
        self.m += (1 - b1) * (gradient - self.m)  # (7.3)
        self.v += (1 - b2) * (gradient * gradient - self.v)  # (7.4)
        rate = self.rate(self.t) * np.sqrt(1 - b2**k) / (1 - b1**k)
        theta -= rate * self.m / (np.sqrt(self.v) + self.eps)  # (7.5)
        self.t = k


class DampedNewton(GradientDescent):
    """theta <- theta - rate * step, step = (|H| + damping I)^-1 gradient, not too long.

    |H| has the eigenvectors of H and the absolute values of its eigenvalues, so
    that every step goes downhill, also where H curves down. A step longer than
    `radius` is shortened to it: the quadratic picture holds only nearby.

    Parameters
    ----------
    damping : float, optional
        Added to every |eigenvalue|: where H is flat, the step is the gradient
        over the damping.
    radius : float, optional
        The longest step, in units of theta; the rate comes on top.
    rate, decay
        As in `GradientDescent`; 1 is Newton's own step.

    Notes
    -----
    Source: Dauphin et al., 2014 (saddle-free Newton).
    """

    needs_hessian = True

    def __init__(self, damping=0.01, radius=1.0, rate=1.0, decay=None):
        super().__init__(rate, decay)
        self.damping = check_number("damping", damping, above=0)
        self.radius = check_number("radius", radius, above=0)
        self.settings |= {"damping": self.damping, "radius": self.radius}

    def step(self, theta, gradient, hessian):
        """Change theta (P,) in place by one step; hessian is (P, P)."""
        eigenvalues, vectors = np.linalg.eigh(hessian)
        curvature = np.abs(eigenvalues) + self.damping
        step = vectors @ ((vectors.T @ gradient) / curvature)  # (7.7)
        length = np.linalg.norm(step)
        theta -= self.rate(self.t) * step * (self.radius / max(length, self.radius))
        self.t += 1
