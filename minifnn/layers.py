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


class Dense:
    """h = x W + b, the field that each unit receives.

    Parameters
    ----------
    W : ndarray, shape (fan_in, fan_out)
    b : ndarray, shape (fan_out,)
    """

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        """x (N, fan_in) -> h (N, fan_out)."""
        self.x = x
        return x @ self.W + self.b  # (3.1)

    def backward(self, dh):
        """dh (N, fan_out) -> dx (N, fan_in); leaves dW and db."""
        self.dh = dh
        self.dW = self.x.T @ dh  # (5.3)
        self.db = dh.sum(axis=0)  # (5.4)
        return dh @ self.W.T  # (5.5)

    # -- the second storey

    def forward_dot(self, x_dot, W_dot, b_dot):
        """How h changes while x, W and b change by x_dot, W_dot and b_dot."""
        self.x_dot, self.W_dot = x_dot, W_dot
        return x_dot @ self.W + self.x @ W_dot + b_dot  # (10.1)

    def backward_dot(self, dh_dot):
        """How dx changes; leaves dW_dot and db_dot."""
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
    """

    def __init__(self, activation, beta):
        self.activation, self.beta = activation, beta

    def forward(self, h):
        """h (N, units) -> a (N, units)."""
        self.h = h
        self._curvatures = None
        return self.activation.value(h, self.beta)  # (3.2)

    def backward(self, da):
        """da (N, units) -> dh (N, units); leaves dbeta."""
        self.da = da
        self.f_h, self.f_beta = self.activation.slopes(self.h, self.beta)
        self.dbeta = (da * self.f_beta).sum(axis=0)  # (5.2)
        return da * self.f_h  # (5.1)

    # -- the second storey

    @property
    def curvatures(self):
        """f_hh, f_hbeta, f_betabeta at the last fields; reckoned once a forward pass."""
        if self._curvatures is None:
            self._curvatures = self.activation.curvatures(self.h, self.beta)
        return self._curvatures

    def forward_dot(self, h_dot, beta_dot):
        """How a changes while h and beta change by h_dot and beta_dot."""
        self.h_dot, self.beta_dot = h_dot, beta_dot
        return self.f_h * h_dot + self.f_beta * beta_dot  # (10.2)

    def backward_dot(self, da_dot):
        """How dh changes; leaves dbeta_dot."""
        f_hh, f_hbeta, f_betabeta = self.curvatures
        f_h_dot = f_hh * self.h_dot + f_hbeta * self.beta_dot
        f_beta_dot = f_hbeta * self.h_dot + f_betabeta * self.beta_dot
        self.dbeta_dot = (da_dot * self.f_beta + self.da * f_beta_dot).sum(axis=0)  # (10.3)
        return da_dot * self.f_h + self.da * f_h_dot  # (10.3)
