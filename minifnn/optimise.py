"""From gradient to step: gradient descent, momentum, Adam, damped Newton.

Each optimizer changes theta in place by ``step(theta, gradient)`` and keeps what
it remembers in arrays that `state` gives and `restore` takes, so that a
training can stop and go on; a new training wants a new optimizer. ``t`` counts
the steps (epochs, in full batch).

A rate is a number or a function of t; ``decay=(factor, period)`` multiplies a
number by factor**(t/period), continuously.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ._util.typing import Array
from ._util.validation import check_number

Rate = float | Callable[[int], float]  # a number, or a function of the step t


def exponential(rate: float, factor: float, period: float) -> Callable[[int], float]:
    """Return the schedule t -> rate * factor**(t/period).

    Examples
    --------
    >>> from minifnn.optimise import exponential
    >>> rate = exponential(0.01, factor=0.5, period=100)
    >>> print([round(rate(t), 6) for t in (0, 50, 100, 200)])
    [0.01, 0.007071, 0.005, 0.0025]
    """
    check_number("rate", rate, above=0)
    check_number("decay factor", factor, above=0)
    check_number("decay period", period, above=0)
    return lambda t: rate * factor ** (t / period)  # (7.6)


def step_decay(rate: float, factor: float, period: float) -> Callable[[int], float]:
    """Return the schedule that multiplies rate by factor once every `period` steps.

    Examples
    --------
    >>> from minifnn.optimise import step_decay
    >>> rate = step_decay(0.01, factor=0.5, period=100)
    >>> print([round(rate(t), 6) for t in (0, 99, 100, 200)])
    [0.01, 0.01, 0.005, 0.0025]
    """
    check_number("rate", rate, above=0)
    check_number("decay factor", factor, above=0)
    check_number("decay period", period, above=0)
    return lambda t: rate * factor ** (t // period)


def _schedule(rate: Rate, decay: tuple[float, float] | None) -> Callable[[int], float]:
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

    Examples
    --------
    Down the parabola theta^2, whose gradient is 2 theta:

    >>> import minifnn as mf, numpy as np
    >>> theta, descent = np.array([1.0]), mf.GradientDescent(rate=0.25)
    >>> for _ in range(3):
    ...     descent.step(theta, gradient=2 * theta)
    ...     print(theta)
    [0.5]
    [0.25]
    [0.125]
    """

    needs_hessian = False
    memory: tuple[str, ...] = ()  # the names of the arrays it remembers
    constants: tuple[float, ...] = ()  # what its formula holds beside the rate

    def __init__(self, rate: Rate = 0.1, decay: tuple[float, float] | None = None) -> None:
        self.rate = _schedule(rate, decay)
        self.settings: dict[str, object] = {
            "rate": "a function of t" if callable(rate) else rate,
            "decay": decay,
        }
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
            array = getattr(self, name, None)
            if array is None:
                setattr(self, name, np.zeros_like(theta))
            elif array.shape != theta.shape:
                raise ValueError(
                    f"optimizer remembers {array.size} parameters, wanted {theta.size}; "
                    "start each network with a new one"
                )

    def state(self) -> dict[str, np.ndarray]:
        """Return what it remembers: the step t and its arrays, by name.

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> momentum = mf.Momentum(rate=0.5)
        >>> momentum.step(np.array([1.0]), gradient=np.array([2.0]))
        >>> print({name: value.tolist() for name, value in momentum.state().items()})
        {'t': 1, 'velocity': [-1.0]}
        """
        arrays = {name: getattr(self, name, None) for name in self.memory}
        kept = {name: array.copy() for name, array in arrays.items() if array is not None}
        return {"t": np.array(self.t), **kept}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take up what `state` gave."""
        self.t = int(state["t"])
        for name in self.memory:
            setattr(self, name, np.array(state[name]) if name in state else None)


class Momentum(GradientDescent):
    """velocity <- momentum * velocity - rate * gradient; theta <- theta + velocity.

    Parameters
    ----------
    rate
        As in `GradientDescent`.
    momentum : float, optional
        What remains of the velocity after one step.
    decay
        As in `GradientDescent`.

    Examples
    --------
    Where the gradient stays the same, the steps grow, to 1/(1 - momentum) times the first:

    >>> import minifnn as mf, numpy as np
    >>> theta, momentum = np.zeros(1), mf.Momentum(rate=1.0, momentum=0.5)
    >>> for _ in range(3):
    ...     momentum.step(theta, gradient=np.ones(1))
    ...     print(momentum.velocity)
    [-1.]
    [-1.5]
    [-1.75]
    """

    memory = ("velocity",)
    velocity: Array

    def __init__(
        self,
        rate: Rate = 0.1,
        momentum: float = 0.9,
        decay: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(rate, decay)
        self.momentum = check_number("momentum", momentum, at_least=0, below=1)
        self.constants = (self.momentum,)
        self.settings["momentum"] = self.momentum

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta (P,) in place by one step, with the gradient (P,)."""
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

    Examples
    --------
    The first step is the rate in every direction, however steep:

    >>> import minifnn as mf, numpy as np
    >>> theta = np.zeros(3)
    >>> mf.Adam(rate=0.01).step(theta, gradient=np.array([1000.0, 1.0, -0.1]))
    >>> print(theta.round(4))
    [-0.01 -0.01  0.01]
    """

    memory = ("m", "v")
    m: Array
    v: Array

    def __init__(
        self,
        rate: Rate = 0.01,
        decay: tuple[float, float] | None = None,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
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

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta (P,) in place by one step, with the gradient (P,)."""
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

    Examples
    --------
    On (x^2 - y^2)/2 Newton's own step would end at the saddle; this one goes on in y:

    >>> import minifnn as mf, numpy as np
    >>> theta, H = np.array([0.5, 0.5]), np.diag([1.0, -1.0])
    >>> mf.DampedNewton(damping=1e-9).step(theta, gradient=H @ theta, hessian=H)
    >>> print(abs(theta).round(6))
    [0. 1.]
    """

    needs_hessian = True

    def __init__(
        self,
        damping: float = 0.01,
        radius: float = 1.0,
        rate: Rate = 1.0,
        decay: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(rate, decay)
        self.damping = check_number("damping", damping, above=0)
        self.radius = check_number("radius", radius, above=0)
        self.settings |= {"damping": self.damping, "radius": self.radius}

    def step(  # type: ignore[override]  # it wants more than the others: needs_hessian
        self, theta: Array, gradient: Array, hessian: Array
    ) -> None:
        """Change theta (P,) in place by one step; gradient is (P,), hessian (P, P)."""
        eigenvalues, vectors = np.linalg.eigh(hessian)
        curvature = np.abs(eigenvalues) + self.damping
        step = vectors @ ((vectors.T @ gradient) / curvature)  # (7.7)
        length = float(np.linalg.norm(step))
        theta -= self.rate(self.t) * step * (self.radius / max(length, self.radius))
        self.t += 1
