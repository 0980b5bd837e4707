"""From gradient to step: gradient descent, momentum, Adam.

Each optimizer changes theta in place by ``step(theta, gradient)`` and remembers some
arrays, and t, the number of its steps. `state` returns them and `restore` takes them,
so that a training can stop and go on. `mf.train` takes the steps of a `fresh` one.
"""

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial

import numpy as np

from ._util.typing import Array
from ._util.validation import check_number, check_pair, expect, helpful

Rate = float | Callable[[int], float]
Decay = tuple[float, float] | None


def _decayed(rate, factor, period, t):
    return rate * factor ** (t / period)  # (7.6)


class GradientDescent:
    """theta <- theta - rate * gradient.

    Parameters
    ----------
    rate : float or callable
        Step length per unit of gradient, or a function of the step t.
    decay : (float, float), optional
        ``(factor, period)``: the rate times factor**(t/period).

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> theta = np.array([1.0])
    >>> mf.GradientDescent(rate=0.25).step(theta, gradient=2 * theta)  # down theta^2
    >>> print(theta)
    [0.5]
    """

    needs_hessian = False
    memory: tuple[str, ...] = ()  # the names of the arrays it remembers

    @helpful
    def __init__(self, rate: Rate = 0.1, decay: Decay = None) -> None:
        self.settings = {"rate": "a function of t" if callable(rate) else rate, "decay": decay}
        if callable(rate):
            expect(decay is None, "decay", "None beside a rate that is a function of t", decay)
            self.rate = rate
        else:
            check_number("rate", rate, above=0)
            factor, period = (
                (1.0, 1.0)
                if decay is None
                else check_pair("decay", decay, "(factor, period)", above=0)
            )
            self.rate = partial(_decayed, rate, factor, period)
        self.t = 0

    def __repr__(self):
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{type(self).__name__}({settings})"

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta (P,) in place by one step against the gradient (P,)."""
        theta -= self.rate(self.t) * gradient  # (7.1)
        self.t += 1

    def remember(self, theta: Array) -> None:
        """Start each remembered array at zero, the first time theta is seen."""
        for name in self.memory:
            array = self.__dict__.setdefault(name, np.zeros_like(theta))
            what = f"one that remembers {theta.size} parameters, or a new one"
            expect(array.shape == theta.shape, "optimizer", what, array.size)

    def fresh(self) -> "GradientDescent":
        """Return one with the same settings that has taken no step."""
        other = copy(self)
        other.restore({"t": np.array(0)})
        return other

    def state(self) -> dict[str, np.ndarray]:
        """Return what it remembers: the step t and its arrays, by name."""
        own = vars(self)
        return {"t": np.array(self.t), **{n: own[n].copy() for n in self.memory if n in own}}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take up what `state` gave."""
        self.t = int(state["t"])
        for name in self.memory:
            vars(self).pop(name, None)
        vars(self).update({n: np.array(state[n]) for n in self.memory if n in state})


class Momentum(GradientDescent):
    """velocity <- momentum * velocity - rate * gradient; theta <- theta + velocity.

    Parameters
    ----------
    rate : float or callable
        As in `GradientDescent`.
    momentum : float, optional
        What remains of the velocity after one step.
    decay : (float, float), optional

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> theta, momentum = np.zeros(1), mf.Momentum(rate=1.0, momentum=0.5)
    >>> for _ in range(3):  # where the gradient stays the same, the steps grow
    ...     momentum.step(theta, gradient=np.ones(1))
    >>> print(momentum.velocity, theta)
    [-1.75] [-4.25]
    """

    memory = ("velocity",)
    velocity: Array

    @helpful
    def __init__(self, rate: Rate = 0.1, momentum: float = 0.9, decay: Decay = None) -> None:
        super().__init__(rate, decay)
        self.momentum = check_number("momentum", momentum, at_least=0, below=1)
        self.settings["momentum"] = self.momentum

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta (P,) in place by one step, with the gradient (P,)."""
        self.remember(theta)
        self.velocity = self.momentum * self.velocity - self.rate(self.t) * gradient  # (7.2)
        theta += self.velocity
        self.t += 1


class Adam(GradientDescent):
    """The running mean of the gradient over the root of that of its square.

    m <- b1 m + (1-b1) g,  v <- b2 v + (1-b2) g^2,  theta <- theta - rate_t m/(sqrt(v) + eps),
    rate_t = rate sqrt(1 - b2^(t+1))/(1 - b1^(t+1)): Kingma and Ba (2015), the second form.

    Parameters
    ----------
    rate, decay
        As in `GradientDescent`.
    betas : (float, float), optional
        b1 and b2, the memories of the two running means.
    eps : float, optional
        Keeps the step finite where the gradient has always been zero.

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> theta = np.zeros(3)
    >>> mf.Adam(rate=0.01).step(theta, gradient=np.array([1000.0, 1.0, -0.1]))
    >>> print(theta.round(4))  # the first step is the rate, however steep
    [-0.01 -0.01  0.01]
    """

    memory = ("m", "v")
    m: Array
    v: Array

    @helpful
    def __init__(
        self,
        rate: Rate = 0.01,
        decay: Decay = None,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(rate, decay)
        self.b1, self.b2 = check_pair("betas", betas, "(b1, b2)", at_least=0, below=1)
        self.eps = check_number("eps", eps, above=0)
        self.settings |= {"betas": (self.b1, self.b2), "eps": self.eps}

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta (P,) in place by one step, with the gradient (P,)."""
        self.remember(theta)
        b1, b2, k = self.b1, self.b2, self.t + 1
        self.m = self.m + (1 - b1) * (gradient - self.m)  # (7.3)
        self.v = self.v + (1 - b2) * (gradient * gradient - self.v)  # (7.4)
        rate = self.rate(self.t) * np.sqrt(1 - b2**k) / (1 - b1**k)
        theta -= rate * self.m / (np.sqrt(self.v) + self.eps)  # (7.5)
        self.t = k
