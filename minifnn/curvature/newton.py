"""Damped Newton: a step that uses the whole Hessian."""

import numpy as np

from .._util.typing import Array
from .._util.validation import check_number, helpful
from ..optimise import Decay, GradientDescent, Rate


class DampedNewton(GradientDescent):
    """theta <- theta - rate * step, step = (|H| + damping I)^-1 gradient, not too long.

    |H| has the eigenvectors of H and the absolute values of its eigenvalues, so that every step
    goes downhill, also where H has negative eigenvalues (saddle-free Newton, Dauphin et al., 2014).

    Parameters
    ----------
    damping : float, optional
        Added to every |eigenvalue|.
    radius : float, optional
        The longest step, in units of theta: the quadratic picture holds only nearby.
    rate, decay
        As in `GradientDescent`; 1 is Newton's own step.

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> theta, H = np.array([0.5, 0.5]), np.diag([1.0, -1.0])  # of (x^2 - y^2)/2, a saddle
    >>> mf.DampedNewton(damping=1e-9).step(theta, gradient=H @ theta, hessian=H)
    >>> print(abs(theta).round(6))  # Newton's own step would end at the saddle
    [0. 1.]
    """

    needs_hessian = True

    @helpful
    def __init__(
        self, damping: float = 0.01, radius: float = 1.0, rate: Rate = 1.0, decay: Decay = None
    ) -> None:
        super().__init__(rate, decay)
        self.damping = check_number("damping", damping, above=0)
        self.radius = check_number("radius", radius, above=0)
        self.settings |= {"damping": self.damping, "radius": self.radius}

    def step(  # type: ignore[override]  # needs the Hessian too
        self, theta: Array, gradient: Array, hessian: Array
    ) -> None:
        """Change theta (P,) in place by one step; gradient is (P,), hessian (P, P)."""
        eigenvalues, vectors = np.linalg.eigh(hessian)
        curvature = np.abs(eigenvalues) + self.damping
        step = vectors @ ((vectors.T @ gradient) / curvature)  # (7.7)
        length = float(np.linalg.norm(step))
        theta -= self.rate(self.t) * step * (self.radius / max(length, self.radius))
        self.t += 1
