"""The two layers a network is made of, each forward and backward in mirror image.

A `Dense` layer mixes: h = x W + b. A `Gate` layer lets through: a = f(h; beta).
``forward`` keeps what ``backward`` will need; ``backward`` takes d loss/d output
and returns d loss/d input; dW is d loss/dW, and so on.

The second-order pass is the same lines differentiated once more, in a direction
v of the parameters (the R-operator of Pearlmutter, 1994): W_dot is the rate at
which W changes along v, and so on. After forward and backward, which keep what is
needed, one ``forward_dot``, the curvature of the loss and one ``backward_dot`` give H v.

Shapes: one row per sample; x (N, D), W (D, H), b and beta (H,), h and a (N, H).
"""

from typing import NamedTuple

from ._util.typing import Array
from ._util.views import Fixed
from .activations import Activation


class Dense:
    """h = x W + b: the pre-activation of each unit."""

    W, b = Fixed(), Fixed()  # views into theta: setting them writes into it

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, x: Array) -> Array:
        """x (N, D) -> h (N, H)."""
        self.x = x
        return x @ self.W + self.b  # (3.1)

    def backward(self, dh: Array) -> Array:
        """dh (N, H) -> dx (N, D); leaves dW and db."""
        # h = x @ W + b
        self.dh = dh
        self.dW = self.x.T @ dh  # (5.3)
        self.db = dh.sum(axis=0)  # (5.4)
        return dh @ self.W.T  # (5.5)

    def forward_dot(self, x_dot: Array, W_dot: Array, b_dot: Array) -> Array:
        """How h changes while x, W and b change."""
        # h = x @ W + b
        self.x_dot, self.W_dot = x_dot, W_dot
        return x_dot @ self.W + self.x @ W_dot + b_dot  # (10.1)

    def backward_dot(self, dh_dot: Array) -> Array:
        """How dx changes while dh changes; leaves dW_dot and db_dot."""
        # dW = x.T @ dh,  db = sum of dh,  dx = dh @ W.T
        self.dW_dot = self.x_dot.T @ self.dh + self.x.T @ dh_dot  # (10.4)
        self.db_dot = dh_dot.sum(axis=0)  # (10.5)
        return dh_dot @ self.W.T + self.dh @ self.W_dot.T  # (10.6)


class Gate:
    """a = f(h; beta): what each unit passes on."""

    activation, beta = Fixed(), Fixed()

    def __init__(self, activation: Activation, beta: Array) -> None:
        self.activation, self.beta = activation, beta

    def forward(self, h: Array) -> Array:
        """h (N, H) -> a (N, H)."""
        self.h = h
        self._curvatures = ()  # not computed yet
        return self.activation.value(h, self.beta)  # (3.2)

    def backward(self, da: Array) -> Array:
        """da (N, H) -> dh (N, H); leaves dbeta."""
        # a = f(h, beta)
        self.da = da
        self.f_h, self.f_beta = self.activation.slopes(self.h, self.beta)
        self.dbeta = (da * self.f_beta).sum(axis=0)  # (5.2)
        return da * self.f_h  # (5.1)

    @property
    def curvatures(self) -> tuple:
        """f_hh, f_hbeta and f_betabeta, computed once per forward pass."""
        if not self._curvatures:
            self._curvatures = self.activation.curvatures(self.h, self.beta)
        return self._curvatures

    def forward_dot(self, h_dot: Array, beta_dot: Array | float) -> Array:
        """How a changes while h and beta change."""
        # a = f(h, beta)
        self.h_dot, self.beta_dot = h_dot, beta_dot
        return self.f_h * h_dot + self.f_beta * beta_dot  # (10.2)

    def backward_dot(self, da_dot: Array) -> Array:
        """How dh changes while da changes; leaves dbeta_dot."""
        # dbeta = sum of da * f_beta,  dh = da * f_h
        f_hh, f_hbeta, f_betabeta = self.curvatures
        f_h_dot = f_hh * self.h_dot + f_hbeta * self.beta_dot
        f_beta_dot = f_hbeta * self.h_dot + f_betabeta * self.beta_dot
        self.dbeta_dot = (da_dot * self.f_beta + self.da * f_beta_dot).sum(axis=0)  # (10.3)
        return da_dot * self.f_h + self.da * f_h_dot  # (10.3)


class Layer(NamedTuple):
    """One layer of a network: ``for dense, gate in net.layers``, or ``net.layers[0].gate.h``."""

    dense: Dense
    gate: Gate
