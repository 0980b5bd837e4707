"""The two layers a network is made of, each forward and backward in mirror image.

A `Dense` layer mixes: h = x W + b. A `Gate` layer lets through: a = f(h; beta).
``forward`` keeps what ``backward`` will need; ``backward`` takes the gradient of
the loss with respect to what went out and returns the one with respect to what
came in. It overwrites its gradients: called twice, it changes nothing.

The second storey is the same lines differentiated once more, in a direction
``v`` of the parameters (the R-operator of Pearlmutter, 1994): everything that
carries ``_dot`` is the rate at which its namesake changes along v. One
``forward_dot`` and one ``backward_dot`` give the Hessian times v, exactly.

Shapes: N samples are rows; x (N, D), W (D, H), b and beta (H,), h and a (N, H).
"""

from ._util.typing import Array
from .activations import Activation


class Dense:
    """h = x W + b, the field that each unit receives.

    Parameters
    ----------
    W : ndarray, shape (fan_in, fan_out)
    b : ndarray, shape (fan_out,)

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.layers import Dense
    >>> layer = Dense(W=np.array([[1.0, 2.0], [3.0, 4.0]]), b=np.array([0.5, -0.5]))
    >>> print(layer.forward(np.array([[1.0, 1.0]])))
    [[4.5 5.5]]
    >>> print(layer.backward(np.array([[1.0, 0.0]])), layer.db)  # dx, and db beside it
    [[1. 3.]] [1. 0.]
    """

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W, b

    def forward(self, x: Array) -> Array:
        """x (N, fan_in) -> h (N, fan_out)."""
        self.x = x
        return x @ self.W + self.b  # (3.1)

    def backward(self, dh: Array) -> Array:
        """dh (N, fan_out) -> dx (N, fan_in); leaves dW and db."""
        self.dh = dh
        self.dW = self.x.T @ dh  # (5.3)
        self.db = dh.sum(axis=0)  # (5.4)
        return dh @ self.W.T  # (5.5)

    # -- the second storey

    def forward_dot(self, x_dot: Array, W_dot: Array, b_dot: Array) -> Array:
        """How h changes while x, W and b change by x_dot, W_dot and b_dot."""
        self.x_dot, self.W_dot = x_dot, W_dot
        return x_dot @ self.W + self.x @ W_dot + b_dot  # (10.1)

    def backward_dot(self, dh_dot: Array) -> Array:
        """How dx changes while dh changes by dh_dot; leaves dW_dot and db_dot."""
        self.dW_dot = self.x_dot.T @ self.dh + self.x.T @ dh_dot  # (10.4)
        self.db_dot = dh_dot.sum(axis=0)  # (10.5)
        return dh_dot @ self.W.T + self.dh @ self.W_dot.T  # (10.6)


class Gate:
    """a = f(h; beta), what each unit passes on.

    Parameters
    ----------
    activation : minifnn.activations.Activation
    beta : ndarray, shape (units,)
        Inverse noise of each unit.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.activations import esp
    >>> from minifnn.layers import Gate
    >>> gate = Gate(esp, beta=np.array([0.0, 1.0]))  # all noise, and some
    >>> print(gate.forward(np.array([[-1.0, -1.0], [1.0, 1.0]])).round(3))
    [[-0.5   -0.269]
     [ 0.5    0.731]]
    >>> print(gate.backward(np.ones((2, 2))).round(3))  # the slopes: dh for da = 1
    [[0.5   0.072]
     [0.5   0.928]]
    """

    def __init__(self, activation: Activation, beta: Array) -> None:
        self.activation, self.beta = activation, beta

    def forward(self, h: Array) -> Array:
        """h (N, units) -> a (N, units)."""
        self.h = h
        self._curvatures: tuple[Array, Array, Array] | None = None
        return self.activation.value(h, self.beta)  # (3.2)

    def backward(self, da: Array) -> Array:
        """da (N, units) -> dh (N, units); leaves dbeta."""
        self.da = da
        self.f_h, self.f_beta = self.activation.slopes(self.h, self.beta)
        self.dbeta = (da * self.f_beta).sum(axis=0)  # (5.2)
        return da * self.f_h  # (5.1)

    # -- the second storey

    @property
    def curvatures(self) -> tuple[Array, Array, Array]:
        """f_hh, f_hbeta, f_betabeta at the last fields; reckoned once a forward pass."""
        if self._curvatures is None:
            self._curvatures = self.activation.curvatures(self.h, self.beta)
        return self._curvatures

    def forward_dot(self, h_dot: Array, beta_dot: Array | float) -> Array:
        """How a changes while h and beta change by h_dot and beta_dot."""
        self.h_dot, self.beta_dot = h_dot, beta_dot
        return self.f_h * h_dot + self.f_beta * beta_dot  # (10.2)

    def backward_dot(self, da_dot: Array) -> Array:
        """How dh changes while da changes by da_dot; leaves dbeta_dot."""
        f_hh, f_hbeta, f_betabeta = self.curvatures
        f_h_dot = f_hh * self.h_dot + f_hbeta * self.beta_dot
        f_beta_dot = f_hbeta * self.h_dot + f_betabeta * self.beta_dot
        self.dbeta_dot = (da_dot * self.f_beta + self.da * f_beta_dot).sum(axis=0)  # (10.3)
        return da_dot * self.f_h + self.da * f_h_dot  # (10.3)
