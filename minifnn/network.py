"""Layers in a row over one flat vector of parameters, theta.

    x -> Dense -> Gate -> Dense -> Gate -> ... -> Dense -> Gate -> loss

Layer l holds W_l (fan_in, fan_out), b_l and, where it is trained, beta_l, in
this order and row-major in theta; ``net.parameters["W1"]`` is a view, so that
writing to it writes to theta. The last gate is the scale o = beta h, whose
output is the logit, or an activation if the network is to give a value.
"""

from collections.abc import Sequence
from types import ModuleType

import numpy as np

from . import losses
from ._util.files import write_arrays
from ._util.threads import calm_blas, twins
from ._util.typing import Array, ArrayLike, Engine, PathLike
from ._util.validation import as_array, check_array
from .activations import ACTIVATIONS
from .layers import Dense, Gate

HIDDEN = tuple(name for name in ACTIVATIONS if name != "scale")  # that one is for logits
OUTPUTS = {  # name: (gate of the last layer, loss)
    "sigmoid": ("scale", losses.bernoulli),
    "softmax": ("scale", losses.categorical),
    "linear": ("scale", losses.squared_error),
    "esp": ("esp", losses.squared_error),
    "relu": ("relu", losses.squared_error),
    "tanh": ("tanh", losses.squared_error),
}
FILE_KIND = "minifnn network 1"


class _Views(dict):
    """Named views into theta: setting one writes into it, as `[...] =` would."""

    def __setitem__(self, name, values):
        view = self[name]
        view[...] = check_array(name, values, view.shape)


class Network:
    """A feed-forward network; `minifnn.mlp` makes one from a seed.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs.
    hidden : sequence of str
        The activation of each hidden layer.
    output : str
        "sigmoid" (independent binary outputs), "softmax", "linear", or "esp",
        "relu", "tanh" for squared error on the gate's value.
    trainable_beta : sequence of bool
        For each layer, the output's too: whether its beta is part of theta.
    theta : ndarray, shape (P,)
        All parameters; the network keeps this very array.
    betas : sequence of ndarray
        The beta of every layer; those of layers with a trained beta are ignored.

    Attributes
    ----------
    theta : ndarray, shape (P,)
        float64 and writable.
    parameters : dict of str to ndarray
        Views into theta: "W1", "b1", "beta1", "W2", ...
    slices : dict of str to slice
        Where each of them lies in theta.
    labels : list of str
        One a parameter, such as "W1[0,3]".

    Examples
    --------
    >>> import minifnn as mf
    >>> net = mf.mlp([2, 3, 1], hidden="esp", output="sigmoid", seed=1)
    >>> net
    <Network 2-3-1, esp, output sigmoid, P = 17>
    >>> net.parameters["b1"][:] = 0.5  # a view: theta has changed too
    >>> print(net.slices["b1"], net.theta[6:9])
    slice(6, 9, None) [0.5 0.5 0.5]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: Sequence[str],
        output: str,
        trainable_beta: Sequence[bool],
        theta: Array,
        betas: Sequence[Array],
    ) -> None:
        self.sizes, self.hidden, self.output = tuple(sizes), tuple(hidden), output
        self.trainable_beta = tuple(trainable_beta)
        last_gate, self.loss_function = OUTPUTS[output]
        self._gate_names = (*self.hidden, last_gate)
        self._betas = [np.array(beta) for beta in betas]
        self._lay_out()
        self._use(theta)

    # ------------------------------------------------------------- parameters

    def _lay_out(self):
        """Fix where each parameter lies in theta."""
        self.shapes: dict[str, tuple[int, ...]] = {}
        for l, (fan_in, fan_out) in enumerate(zip(self.sizes, self.sizes[1:]), start=1):
            self.shapes[f"W{l}"] = (fan_in, fan_out)
            self.shapes[f"b{l}"] = (fan_out,)
            if self.trainable_beta[l - 1]:
                self.shapes[f"beta{l}"] = (fan_out,)
        self.slices: dict[str, slice] = {}
        start = 0
        for name, shape in self.shapes.items():
            stop = start + int(np.prod(shape))
            self.slices[name] = slice(start, stop)
            start = stop
        self.n_parameters = start

    def _use(self, theta):
        """Build the layers over this theta."""
        self._theta = theta
        self.parameters = _Views(self.split(theta))
        self.dense: list[Dense] = []
        self.gates: list[Gate] = []
        for l, gate in enumerate(self._gate_names, start=1):
            beta = self.parameters.get(f"beta{l}", self._betas[l - 1])
            self.dense.append(Dense(self.parameters[f"W{l}"], self.parameters[f"b{l}"]))
            self.gates.append(Gate(ACTIVATIONS[gate], beta))

    @property
    def theta(self) -> Array:
        """All parameters, (P,): write to it with ``net.theta[:] = v``.

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([1, 1], seed=1)
        >>> net.theta[:] = [2.0, 3.0]
        >>> print(net.parameters["W1"], net.parameters["b1"])
        [[2.]] [3.]
        """
        return self._theta

    @theta.setter
    def theta(self, values: ArrayLike) -> None:
        self._theta[:] = check_array("theta", values, (self.n_parameters,))

    def split(self, vector: Array) -> dict[str, Array]:
        """Return named views into a vector laid out like theta, e.g. a gradient.

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([2, 3, 1], seed=1)
        >>> gradient = net.gradient([[0.5, -1.0]], [[1.0]])
        >>> print({name: part.shape for name, part in net.split(gradient).items()})
        {'W1': (2, 3), 'b1': (3,), 'beta1': (3,), 'W2': (3, 1), 'b2': (1,), 'beta2': (1,)}
        """
        return {
            name: vector[where].reshape(self.shapes[name]) for name, where in self.slices.items()
        }

    @property
    def labels(self) -> list[str]:
        """One name a parameter, in the order of theta: "W1[0,3]", "b1[2]", and so on.

        Examples
        --------
        >>> import minifnn as mf
        >>> print(*mf.mlp([2, 2, 1], hidden="tanh").labels)
        W1[0,0] W1[0,1] W1[1,0] W1[1,1] b1[0] b1[1] W2[0,0] W2[1,0] b2[0]
        """
        return [
            f"{name}[{','.join(map(str, index))}]"
            for name, shape in self.shapes.items()
            for index in np.ndindex(shape)
        ]

    def with_theta(self, theta: Array) -> "Network":
        """Return a network like this one over another theta, which it keeps.

        A complex theta is welcome: the complex step of `minifnn.check` is made so.

        Raises
        ------
        ValueError
            If theta is not a float or complex vector of P entries.

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([2, 3, 1], seed=1)
        >>> X, Y = [[0.5, -1.0]], [[1.0]]
        >>> downhill = net.with_theta(net.theta - 0.1 * net.gradient(X, Y))
        >>> print(downhill.loss(X, Y) < net.loss(X, Y))
        True
        """
        if getattr(theta, "shape", None) != self.theta.shape or theta.dtype.kind not in "fc":
            raise ValueError(f"theta is {theta!r}, wanted floats of shape {self.theta.shape}")
        return Network(
            self.sizes, self.hidden, self.output, self.trainable_beta, theta, self._betas
        )

    def __reduce__(self):
        # views do not survive pickle and deepcopy: the layers are built anew
        own = (self.sizes, self.hidden, self.output, self.trainable_beta, self.theta, self._betas)
        return Network, own

    def copy(self) -> "Network":
        """Return an independent copy.

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([2, 3, 1], seed=1)
        >>> before = net.copy()
        >>> net.theta[:] = 0
        >>> print(abs(before.theta).max() > 0)
        True
        """
        return self.with_theta(self.theta.copy())

    def __repr__(self):
        layers = "-".join(map(str, self.sizes))
        gates = ", ".join(dict.fromkeys(self.hidden)) or "no hidden layer"
        return f"<Network {layers}, {gates}, output {self.output}, P = {self.n_parameters}>"

    # ------------------------------------------------- forward and backward

    def forward(self, a: Array, engine: Engine = "numba") -> Array:
        """From a = X (N, D) to what the loss acts on (N, K); every layer keeps what it saw.

        The backward passes that follow use the same engine.
        """
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for dense, gate in zip(self.dense, self.gates):
                a = gate.forward(dense.forward(a))
        return a

    def twins(self, engine: Engine) -> ModuleType | None:
        """The compiled twins that know all its gates, or None, which the engine "numpy" gets.

        A complex theta is for the reference only, and so is a gate without a kernel.
        """
        kernels = twins(engine)
        known = kernels and all(name in kernels.GATES for name in self._gate_names)
        return kernels if known and not np.iscomplexobj(self.theta) else None

    def backward(self, g: Array) -> Array:
        """From g = d loss/d output (N, K) to d loss/d theta (P,), by way of every layer.

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> net, X, Y = mf.mlp([2, 3, 1], seed=1), np.array([[0.5, -1.0]]), np.array([[1.0]])
        >>> o = net.forward(X)
        >>> gradient = net.backward(net.loss_function.gradient(o, Y))
        >>> print(np.allclose(gradient, net.gradient(X, Y), rtol=0, atol=1e-15))
        True
        """
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for dense, gate in zip(reversed(self.dense), reversed(self.gates)):
                g = dense.backward(gate.backward(g))
        return self._gather("dW", "db", "dbeta")

    def forward_dot(self, x_dot: Array, direction: Array) -> Array:
        """The second storey of `forward`: how its result changes along a direction (P,).

        `forward` and `backward` come first; x_dot (N, D) is how X changes, 0 for data.
        """
        v = self.split(direction)
        a_dot = x_dot
        for l, (dense, gate) in enumerate(zip(self.dense, self.gates), start=1):
            h_dot = dense.forward_dot(a_dot, v[f"W{l}"], v[f"b{l}"])
            a_dot = gate.forward_dot(h_dot, v.get(f"beta{l}", 0.0))
        return a_dot

    def backward_dot(self, g_dot: Array) -> Array:
        """The second storey of `backward`: how the gradient (P,) changes while g does by g_dot.

        After `forward_dot` along v and with g_dot = C o_dot, C the curvature of the
        loss and o_dot what `forward_dot` returned, it is the Hessian times v.

        Examples
        --------
        >>> import minifnn as mf, numpy as np
        >>> net, X, Y = mf.mlp([1, 1], output="linear"), np.array([[3.0]]), np.array([[0.0]])
        >>> g = net.backward(net.forward(X) - Y)
        >>> o_dot = net.forward_dot(np.zeros_like(X), np.array([1.0, 0.0]))
        >>> print(net.backward_dot(o_dot), mf.hvp(net, X, Y, [1.0, 0.0]))  # C is 1 here
        [9. 3.] [9. 3.]
        """
        for dense, gate in zip(reversed(self.dense), reversed(self.gates)):
            g_dot = dense.backward_dot(gate.backward_dot(g_dot))
        return self._gather("dW_dot", "db_dot", "dbeta_dot")

    def _gather(self, dW, db, dbeta):
        """Join what the layers left behind into one vector laid out like theta."""
        pieces = []
        for dense, gate, trained in zip(self.dense, self.gates, self.trainable_beta):
            pieces += [getattr(dense, dW).ravel(), getattr(dense, db)]
            pieces += [getattr(gate, dbeta)] if trained else []
        return np.concatenate(pieces)

    # ----------------------------------------------------------- what one asks

    def logits(self, X: ArrayLike) -> Array:
        """Return what the loss acts on for X (N, D), (N, K): logits, or values for regression.

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([2, 3], output="softmax")
        >>> net.parameters["W1"] = [[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]
        >>> print(net.logits([[1.0, 1.0], [2.0, 0.0]]))
        [[1. 2. 4.]
         [2. 4. 6.]]
        """
        return self.forward(self.check_samples(X))

    def predict(self, X: ArrayLike) -> Array:
        """Return probabilities (sigmoid, softmax) or values for X (N, D), (N, K).

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([2, 3], output="softmax")
        >>> net.parameters["W1"] = [[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]
        >>> print(net.predict([[1.0, 1.0], [0.0, 0.0]]).round(3))
        [[0.042 0.114 0.844]
         [0.333 0.333 0.333]]
        """
        return self.loss_function.predict(self.logits(X))

    def loss(self, X: ArrayLike, Y: ArrayLike) -> float:
        """Return the mean loss over the samples X (N, D) with targets Y (N, K), a float.

        Y may hold the labels (N,) of the classes for softmax.

        Examples
        --------
        One who knows nothing pays log 2 for a question with two answers:

        >>> import minifnn as mf
        >>> net = mf.mlp([2, 3, 1], hidden="esp", output="sigmoid")
        >>> net.theta[:] = 0
        >>> print(round(net.loss([[0.5, -1.0], [2.0, 1.0]], [[1], [0]]), 6))
        0.693147
        """
        X, Y = self.check(X, Y)
        return float(self.loss_function.value(self.forward(X), Y))

    def gradient(self, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba") -> Array:
        """Return d loss/d theta, (P,), by one forward and one backward pass.

        Parameters
        ----------
        X : array_like, shape (N, D)
        Y : array_like, shape (N, K), or (N,) class labels for softmax
        engine : {"numba", "numpy"}, optional
            The compiled twins, or the code that one reads.

        Returns
        -------
        ndarray, shape (P,)

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([2, 1], hidden=(), output="linear")
        >>> net.theta[:] = 0  # says 0 where 4 is right: e = -4, and dW = x e
        >>> print(net.gradient([[1.0, 2.0]], [[4.0]]))
        [-4. -8. -4.]
        """
        X, Y = self.check(X, Y)
        kernels = self.twins(engine)
        if kernels is None:
            return self.backward(self.loss_function.gradient(self.forward(X, "numpy"), Y))
        with calm_blas(len(X) * self.n_parameters):
            return kernels.gradient(self, X, Y)

    def score(self, X: ArrayLike, Y: ArrayLike) -> float:
        """Return the accuracy on X (N, D) with targets Y (N, K); for squared-error outputs, R^2.

        With one class a sample (softmax, or sigmoid targets of which at most one
        a row is set) a sample is right when its largest output is its largest
        target; a row with none set counts as class 0. Otherwise each output
        counts for itself, right when it lies on its target's side of one half.
        NaN if an output is not finite.

        Examples
        --------
        >>> import minifnn as mf
        >>> net = mf.mlp([1, 1], output="sigmoid")
        >>> net.theta[:] = [1.0, 0.0]  # says yes above 0
        >>> print(net.score([[-2.0], [-1.0], [1.0], [2.0]], [[0], [1], [1], [1]]))
        0.75
        """
        X, Y = self.check(X, Y)
        return self.score_of(self.forward(X), Y)

    def score_of(self, o: Array, Y: Array) -> float:
        """`score` from outputs o (N, K) that are already there, against targets Y (N, K)."""
        if not np.isfinite(o).all():
            return float("nan")
        if self.loss_function is losses.squared_error:
            spread = ((Y - Y.mean(axis=0)) ** 2).sum()
            return float(1.0 - ((o - Y) ** 2).sum() / spread) if spread > 0 else float("nan")
        if o.shape[1] > 1 and Y.sum(axis=1).max() <= 1 + 1e-9:
            return float((o.argmax(axis=1) == Y.argmax(axis=1)).mean())
        return float(((o > 0) == (Y > 0.5)).mean())

    # ------------------------------------------------------------- at the door

    def check_samples(self, X: ArrayLike) -> Array:
        """Return X as float64 (N, D), or say what is wrong with it."""
        return check_array("X", X, (None, self.sizes[0]))

    def check(
        self, X: ArrayLike, Y: ArrayLike, names: tuple[str, str] = ("X", "Y")
    ) -> tuple[Array, Array]:
        """Return X (N, D) and Y (N, K) as float64, or say what is wrong with them.

        Class labels (N,) for softmax become rows with a single one. An error calls
        the two by these names.
        """
        X = check_array(names[0], X, (None, self.sizes[0]))
        return X, self._check_targets(names[1], Y, len(X))

    def _check_targets(self, name, Y, N):
        Y, K = as_array(name, Y), self.sizes[-1]
        if self.output == "softmax" and Y.ndim == 1:
            return self._one_hot(name, Y, N)
        if Y.shape != (N, K):
            outputs = f"{K} output" if K == 1 else f"{K} outputs"
            raise ValueError(
                f"{name} has shape {Y.shape}, wanted ({N}, {K}) for a network with {outputs}"
            )
        Y = check_array(name, Y, (N, K))
        if self.loss_function is not losses.squared_error and (Y.min() < 0 or Y.max() > 1):
            raise ValueError(f"{name} runs from {Y.min()} to {Y.max()}, wanted 0 to 1")
        if self.output == "softmax" and np.abs(Y.sum(axis=1) - 1).max() > 1e-9:
            raise ValueError(f"{name} has rows that do not sum to 1, as softmax needs")
        return Y

    def _one_hot(self, name, labels, N):
        K = self.sizes[-1]
        if labels.shape != (N,):
            raise ValueError(f"{name} has shape {labels.shape}, wanted ({N},) or ({N}, {K})")
        if labels.dtype.kind not in "iu":
            raise TypeError(f"{name} has dtype {labels.dtype}, wanted whole class labels")
        if labels.min() < 0 or labels.max() >= K:
            raise ValueError(
                f"{name} has labels {labels.min()} to {labels.max()}, wanted 0 to {K - 1}"
            )
        return np.eye(K)[labels]

    # --------------------------------------------------------------- to a file

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return everything that makes this network, as named arrays."""
        return {
            "sizes": np.array(self.sizes),
            "hidden": np.array(self.hidden, dtype=np.str_),
            "output": np.array(self.output),
            "trainable_beta": np.array(self.trainable_beta),
            "theta": self.theta,
            "betas": np.concatenate(self._betas),
        }

    def save(self, path: PathLike) -> None:
        """Write the network to an .npz at exactly this path, whole or not at all.

        Examples
        --------
        >>> import minifnn as mf, tempfile
        >>> net = mf.mlp([2, 3, 1], seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     net.save(f"{folder}/net.npz")
        ...     again = mf.load(f"{folder}/net.npz")
        >>> print((again.theta == net.theta).all())
        True
        """
        write_arrays(path, {"kind": np.array(FILE_KIND), **self.to_arrays()})


def check_problem(net: Network, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
    """Return X and Y as the network net wants them, or say that it is no network.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.network import check_problem
    >>> X, Y = check_problem(mf.mlp([1, 3], output="softmax"), [[5], [6]], [2, 0])
    >>> print(X.shape, Y.shape)
    (2, 1) (2, 3)
    """
    return check_network(net).check(X, Y)


def check_network(net: object) -> Network:
    """Return the network net, or say that it is none.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.network import check_network
    >>> check_network(mf.mlp([2, 3, 1]))
    <Network 2-3-1, esp, output sigmoid, P = 17>
    """
    if not isinstance(net, Network):
        raise TypeError(f"net is {net!r}, wanted a Network")
    return net
