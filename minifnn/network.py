"""Layers in a row over one flat vector of parameters, theta.

    x -> Dense -> Gate -> Dense -> Gate -> ... -> Dense -> Gate -> loss

Layer l holds W_l (fan_in, units), b_l and, where it is trained, beta_l, in this
order and row-major in theta. The last gate is the scale o = beta h, whose output
is the logit, or an activation if the network is to give a value.
What is minimised is the mean loss over samples plus l2/2 times the sum of all W^2.

`forward` and `backward` leave what they saw in the layers, to be looked at. All else runs on fresh
layers over the same theta: no call leaves state that another call reads.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from . import losses
from ._util.archives import write_arrays
from ._util.html import layer_rows, table
from ._util.progress import chunks, in_chunks
from ._util.threads import quiet
from ._util.typing import Array, ArrayLike, Engine, IntArray, PathLike
from ._util.validation import check_array, check_finite, check_number, check_targets, expect, plain
from ._util.views import Closed, Parameters, write
from .activations import ACTIVATIONS
from .backend import choose
from .layers import Dense, Gate, Layer

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


class Network(Closed):
    """A feed-forward network; `minifnn.mlp` makes one from a seed.

    Attributes
    ----------
    theta : ndarray, shape (P,)
        All parameters; write to it with ``net.theta[:] = v``.
    parameters : mapping of str to ndarray
        Views into theta: "W1", "b1", "beta1", "W2", ... Setting one writes to theta.
    slices : mapping of str to slice
        Where each of them lies in theta.
    betas : tuple of ndarray
        The inverse noise of each layer's units, trained or not.
    layers : tuple of Layer
        Pairs (dense, gate), through which `forward` and `backward` run.
    l2 : float
        Adds l2/2 times the sum of all squared weights (not biases, not betas) to the loss.
    history : History or None
        What the last training recorded, also if it was interrupted or failed.

    Examples
    --------
    >>> import minifnn as mf
    >>> net = mf.mlp([2, 3, 1], hidden="esp", output="sigmoid", seed=1)
    >>> net.parameters["b1"][:] = 0.5  # a view: theta has changed too
    >>> print(net.slices["b1"], net.theta[6:9])
    slice(6, 9, None) [0.5 0.5 0.5]
    """

    history: Any = None
    l2: float = 0.0

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: Sequence,
        output: str,
        trainable_beta: Sequence[bool],
        loss: losses.Loss | None,
        l2: float,
        theta: Array,
        betas: Sequence[Array],
    ) -> None:
        self._architecture = tuple(sizes), tuple(hidden), output, tuple(trainable_beta), loss
        self.sizes, self.hidden, self.output, self.trainable_beta, _ = self._architecture
        self._theta, self.l2 = plain(theta, complex if theta.dtype.kind == "c" else float), l2
        last_gate, usual = OUTPUTS[output]
        self.loss_function = loss or usual
        self.gate_names = (*self.hidden, last_gate)
        shapes: dict[str, tuple[int, ...]] = {}
        for l, (fan_in, units) in enumerate(pairwise(self.sizes), start=1):
            shapes |= {f"W{l}": (fan_in, units), f"b{l}": (units,)}
            shapes |= {f"beta{l}": (units,)} if self.trainable_beta[l - 1] else {}
        ends = [0, *accumulate(map(prod, shapes.values()))]
        self.shapes: Mapping = MappingProxyType(shapes)
        self.slices: Mapping = MappingProxyType(dict(zip(shapes, map(slice, ends, ends[1:]))))
        self.n_parameters = ends[-1]
        self._is_weight = np.repeat([name[0] == "W" for name in shapes], np.diff(ends))
        views, layers = self.split(self.theta), []
        self.parameters = Parameters(views)
        for l, (gate, beta) in enumerate(zip(self.gate_names, betas), start=1):
            beta = views[f"beta{l}"] if f"beta{l}" in views else plain(beta)
            dense = Dense(views[f"W{l}"], views[f"b{l}"])
            layers.append(Layer(dense, Gate(ACTIVATIONS.get(gate, gate), beta)))
        self.betas = tuple(gate.beta for _, gate in layers)
        self.layers = tuple(layers)  # the last: from now on only theta can be set

    @property
    def theta(self) -> Array:
        """All parameters, (P,)."""
        return self._theta

    @theta.setter
    def theta(self, values: ArrayLike) -> None:
        write("theta", self._theta, values)

    @property
    def ridge(self) -> Array:
        """What l2 adds to the diagonal of the Hessian, (P,)."""
        return self.l2 * self._is_weight

    @property
    def labels(self) -> list[str]:
        """One name per parameter, in the order of theta: "W1[0,3]", "b1[2]", and so on."""
        places = [(name, i) for name, shape in self.shapes.items() for i in np.ndindex(shape)]
        return [f"{name}[{','.join(map(str, i))}]" for name, i in places]

    def split(self, vector: Array) -> dict[str, Array]:
        """Return named views into a vector laid out like theta, such as a gradient."""
        return {name: vector[at].reshape(self.shapes[name]) for name, at in self.slices.items()}

    def with_theta(self, theta: Array) -> "Network":
        """Return a network like this one over another theta, or a copy if it is no float64 (P,)."""
        fits = getattr(theta, "shape", None) == self.theta.shape and theta.dtype.kind in "fc"
        expect(fits, "theta", f"floats of shape {self.theta.shape}", theta)
        return type(self)(*self._architecture, self.l2, theta, [beta.copy() for beta in self.betas])

    def fresh(self) -> "Network":
        """Return new layers over the same theta."""
        return type(self)(*self._architecture, self.l2, self.theta, self.betas)

    def copy(self) -> "Network":
        """Return an independent copy."""
        return self.with_theta(self.theta.copy())

    def __reduce__(self):
        net = self.copy()  # views do not survive pickle and deepcopy: the layers are built anew
        return type(self), (*net._architecture, net.l2, net.theta, net.betas)

    def __repr__(self):
        layers = "-".join(map(str, self.sizes))
        gates = ", ".join(dict.fromkeys(map(str, self.hidden))) or "no hidden layer"
        return f"<Network {layers}, {gates}, output {self.output}, P = {self.n_parameters}>"

    @quiet()
    def forward(self, a: Array) -> Array:
        """From X (N, D) to what the loss acts on, (N, K)."""
        for dense, gate in self.layers:
            a = gate.forward(dense.forward(a))
        return a

    @quiet()
    def backward(self, g: Array) -> Array:
        """From g = d loss/d output (N, K) to d loss/d theta, (P,), without the share of l2."""
        for dense, gate in reversed(self.layers):
            g = dense.backward(gate.backward(g))
        return self._gather("dW", "db", "dbeta")

    def backpropagate(self, X: Array, Y: Array) -> Array:
        """d loss/d theta, (P,): forward, loss, backward, and what pulls at the weights."""
        g = self.loss_function.gradient(self.forward(X), Y)
        return self.backward(g) + self.ridge * self.theta

    def forward_dot(self, x_dot: Array, direction: Array) -> Array:
        """How the output changes with theta along a direction (P,), and with X along x_dot."""
        v, a_dot = self.split(direction), x_dot
        for l, (dense, gate) in enumerate(self.layers, start=1):
            h_dot = dense.forward_dot(a_dot, v[f"W{l}"], v[f"b{l}"])
            a_dot = gate.forward_dot(h_dot, v.get(f"beta{l}", 0.0))
        return a_dot

    def backward_dot(self, g_dot: Array) -> Array:
        """How the gradient (P,) changes while g does; for g_dot = C o_dot along v it is H v."""
        for dense, gate in reversed(self.layers):
            g_dot = dense.backward_dot(gate.backward_dot(g_dot))
        return self._gather("dW_dot", "db_dot", "dbeta_dot")

    def _gather(self, dW, db, dbeta):
        """Join what the layers left under these names into one vector laid out like theta."""
        pieces = []
        for (dense, gate), trained in zip(self.layers, self.trainable_beta):
            pieces += [getattr(dense, dW).ravel(), getattr(dense, db)]
            pieces += [getattr(gate, dbeta)] if trained else []
        return np.concatenate(pieces)

    def outputs(self, X: Array, of: Callable[[Array], Array] = lambda o: o) -> Array:
        """What `of` gives of forward's result for X (N, D); the layers hold a chunk at a time."""
        check_network(self, "fc")
        return in_chunks(lambda x: of(self.forward(x)), X, 8 * sum(self.sizes))

    def logits(self, X: ArrayLike) -> Array:
        """Return what the loss acts on for X (N, D): logits, or values for regression, (N, K)."""
        return self.fresh().outputs(check_array("X", X, (None, self.sizes[0])))

    def predict(self, X: ArrayLike) -> Array:
        """Return probabilities (sigmoid, softmax) or values for X (N, D), (N, K)."""
        X = check_array("X", X, (None, self.sizes[0]))
        return self.fresh().outputs(X, self.loss_function.predict)

    def predict_labels(self, X: ArrayLike) -> IntArray:
        """Return the likeliest class of each sample, (N,), or (N, K) of several sigmoids."""
        known = self.output in ("sigmoid", "softmax")
        expect(known, "output", "sigmoid or softmax, which have labels", self.output)
        o = self.logits(X)
        check_finite("logits", o)
        if self.output == "softmax":
            return o.argmax(axis=1)
        labels = (o > 0).astype(int)
        return labels[:, 0] if self.sizes[-1] == 1 else labels

    def loss(self, X: ArrayLike, Y: ArrayLike) -> float:
        """Return the mean loss over X (N, D) with targets or labels Y, plus what l2 costs."""
        X, Y = check_problem(self, X, Y)
        net, value, pull = self.fresh(), self.loss_function.value, self.ridge * self.theta
        shares = chunks(X, Y, 8 * sum(self.sizes))
        means = sum(share * value(net.forward(x), y) for share, x, y in shares)
        return float(means + pull @ self.theta / 2)

    def gradient(self, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba") -> Array:
        """Return d loss/d theta, (P,), by one forward and one backward pass."""
        X, Y = check_problem(self, X, Y, kinds="fc")  # complex theta too, for complex steps
        return choose(engine, backpropagate, self)(self, X, Y)

    def score(self, X: ArrayLike, Y: ArrayLike) -> float:
        """Return how right it is on X (N, D) with targets Y (N, K); NaN if an output overflows.

        "softmax": the share of samples whose largest output is the target's. "sigmoid", any K: of
        outputs on their target's side of one half. Others: R^2 in all, NaN if no target changes.
        """
        X, Y = check_problem(self, X, Y)
        return self.score_of(self.fresh().outputs(X), Y)

    def score_of(self, o: Array, Y: Array) -> float:
        """What `score` measures of o (N, K), on which the loss acts."""
        values = o if self.output in ("sigmoid", "softmax") else self.loss_function.predict(o)
        return losses.score(self.output, values, Y[:, : o.shape[1]])

    def summary(self) -> None:
        """Print what each layer has: the shapes of its arrays, its gate, how many parameters."""
        for row in layer_rows(self):
            print("{:7}{:14}{:9}{:9}{:16}{:>10}".format(*row))

    def _repr_html_(self):
        return table(repr(self)[1:-1], *layer_rows(self))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return everything that makes this network, as named arrays."""
        own = [f for f in (*self.hidden, self._architecture[4]) if not isinstance(f, str | None)]
        expect(not own, "net", "built-in activations and loss, for files execute nothing", own)
        names = ("sizes", "output", "trainable_beta", "l2", "theta")
        arrays = {name: np.array(getattr(self, name)) for name in names}
        hidden = np.array(self.hidden, dtype=np.str_)  # text, also where there is none
        return {**arrays, "hidden": hidden, "betas": np.concatenate(self.betas)}

    def save(self, path: PathLike) -> None:
        """Write the network to an .npz at exactly this path, atomically."""
        write_arrays(path, {"kind": np.array(FILE_KIND), **check_network(self).to_arrays()})


def backpropagate(net: Network, X: Array, Y: Array) -> Array:
    """d loss/d theta, (P,), on fresh layers."""
    return net.fresh().backpropagate(X, Y)


def check_network(net: Any, kinds: str = "f") -> Network:
    """Return net, or say that it is no network, or its numbers not of this kind, or not finite."""
    expect(isinstance(net, Network), "net", "a Network", net, TypeError)
    expect(net.theta.dtype.kind in kinds, "theta", "real numbers", net.theta.dtype, TypeError)
    check_finite("theta", net.theta)
    check_number("l2", net.l2, at_least=0)
    if not all(net.trainable_beta):
        check_finite("betas", np.concatenate(net.betas))
    return net


def check_problem(net: Any, X: Any, Y: Any, names=("X", "Y"), kinds="f") -> tuple[Array, Array]:
    """Return X (N, D) and Y (N, K) as float64; labels (N,) of softmax become one-hot rows."""
    sizes = check_network(net, kinds).sizes
    expect(net.theta.flags.writeable, "theta", "numbers that can be written", "read-only ones")
    X = check_array(names[0], X, (None, sizes[0]))
    own = net.loss_function is not OUTPUTS[net.output][1]
    return X, check_targets(names[1], Y, len(X), sizes[-1], net.output, own)
