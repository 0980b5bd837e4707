"""Initial values: a network from a seed (or a file), its weights by four rules.

Every rule draws W of shape (fan_in, fan_out) by a `numpy.random.Generator`. Biases start at 0.
"""

from collections.abc import Sequence

import numpy as np

from ._util.archives import read_arrays
from ._util.files import naming
from ._util.typing import Array, PathLike
from ._util.validation import (
    check_array,
    check_choice,
    check_count,
    check_fits,
    check_hidden,
    check_number,
    check_sizes,
    check_start_of_beta,
    check_trainable,
    expect,
    helpful,
)
from .activations import ACTIVATIONS, ALIASES, Activation
from .losses import Loss
from .network import FILE_KIND, HIDDEN, OUTPUTS, Network

NAMES = {name: name for name in HIDDEN} | ALIASES
BUILT_IN = {ACTIVATIONS[name]: name for name in HIDDEN}


def _check(rng, fan_in, fan_out):
    expect(isinstance(rng, np.random.Generator), "rng", "a numpy.random.Generator", rng, TypeError)
    size = check_count("fan_in", fan_in) * check_count("fan_out", fan_out)
    check_fits("fan_in", f"{fan_in} and fan_out {fan_out}", size)


def xavier(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Uniform in +-sqrt(6/(fan_in + fan_out)): keeps the spread of a and of its gradient.

    Source: Glorot and Bengio, 2010.
    """
    _check(rng, fan_in, fan_out)
    limit = np.sqrt(6.0 / (fan_in + fan_out))  # (3.4)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def he(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Normal with variance 2/fan_in: makes up for the half that ReLU cuts off (He et al., 2015)."""
    _check(rng, fan_in, fan_out)
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), size=(fan_in, fan_out))  # (3.5)


def orthogonal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Orthonormal columns (or rows, if fan_out is larger): lengths are kept (Saxe et al., 2014)."""
    _check(rng, fan_in, fan_out)
    tall = rng.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # makes the draw uniform over rotations
    return q if fan_in >= fan_out else q.T


def conserving(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Positive weights whose rows sum to 1: each input is shared out among the units.

    The shares are drawn uniformly from all possible ones (a flat Dirichlet distribution). Source:
    arXiv:1805.08786; its plain-Python code normalises the columns, what *enters* a unit, instead.
    """
    _check(rng, fan_in, fan_out)
    return rng.dirichlet(np.ones(fan_out), size=fan_in)  # (3.3)


INITIALISERS = {"xavier": xavier, "he": he, "orthogonal": orthogonal, "conserving": conserving}


@helpful
def mlp(
    sizes: Sequence[int] | np.ndarray,
    hidden: str | Activation | Sequence[str | Activation] = "esp",
    output: str = "sigmoid",
    init: str = "xavier",
    beta: float | tuple[str, float] = 1.0,
    trainable_beta: bool | Sequence[bool] | None = None,
    seed: int = 0,
    loss: Loss | None = None,
    l2: float = 0.0,
) -> Network:
    """Make a network with fresh parameters.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs: ``[2, 10, 1]``.
    hidden : str, Activation, or sequence of them, optional
        "sigmoid", "tanh", "relu", "esp" (also "swish", "silu"), "softplus", "identity" or an
        `Activation` of your own, which NumPy computes: one, or one per hidden layer.
    output : str, optional
        "sigmoid" for K independent binary outputs, "softmax" for one class of K, "linear" for
        values; "esp", "relu", "tanh" for values of that gate.
    init : str, optional
        "xavier", "he", "orthogonal" or "conserving" (see `minifnn.initialise`).
    beta : float or ("normal", std), optional
        Inverse noise at the start; a random one only where it is trained, else 1.
    trainable_beta : bool or sequence of bool, optional
        One, or one per layer. None trains beta where the activation is ESP; the output's goes
        with the layer below it.
    seed : int, optional
        Of the weights, and apart from them of a random beta: networks that differ in their gates
        only start from the same weights.
    loss : Loss, optional
        A `Loss` of your own, on what the last layer gives; None is that of the output.
    l2 : float, optional
        Adds l2/2 times the sum of all squared weights (not biases, not betas) to the loss, and so
        to gradient, Hessian and training.

    Returns
    -------
    Network

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what was expected and what came.

    Examples
    --------
    >>> import minifnn as mf
    >>> mf.mlp([64, 20, 20, 10], hidden="relu", output="softmax", init="he", seed=1)
    <Network 64-20-20-10, relu, output softmax, P = 1930>
    >>> net = mf.mlp([2, 4, 1], hidden="esp", beta=("normal", 0.004), seed=1)  # all but noise
    >>> print(abs(net.parameters["beta1"]).max() < 0.02)
    True
    """
    sizes = check_sizes(sizes)
    gates = check_hidden(hidden, len(sizes) - 2, NAMES, Activation)
    gates = [BUILT_IN.get(gate, gate) for gate in gates]
    if check_choice("output", output, OUTPUTS) == "softmax" and sizes[-1] < 2:
        raise ValueError(f"sizes: expected at least 2 outputs for softmax, got {sizes}")
    initialise = INITIALISERS[check_choice("init", init, INITIALISERS)]
    trained = check_trainable(trainable_beta, gates, output)
    kind, size = check_start_of_beta(beta)
    expect(size or "softplus" not in gates, "beta", "not 0 for softplus, which divides by it", beta)
    loss = None if loss is OUTPUTS[output][1] else loss
    is_own = isinstance(loss, Loss) and loss not in {built_in for _, built_in in OUTPUTS.values()}
    what = "a Loss of your own, or None, for output says which of the built-in ones it is"
    expect(is_own or loss is None, "loss", what, loss, TypeError)
    l2 = check_number("l2", l2, at_least=0)
    rng = np.random.default_rng(check_count("seed", seed, at_least=0))
    (noise,) = rng.spawn(1)  # so that a seed's weights are the same whatever the betas

    theta, betas = [], []
    for fan_in, units, is_trained in zip(sizes, sizes[1:], trained):
        theta += [initialise(rng, fan_in, units).ravel(), np.zeros(units)]
        if kind == "constant":
            betas.append(np.full(units, size))
        else:
            betas.append(noise.normal(0.0, size, units) if is_trained else np.ones(units))
        theta += [betas[-1]] if is_trained else []
    return Network(sizes, gates, output, trained, loss, l2, np.concatenate(theta), betas)


def load(path: PathLike) -> Network:
    """Read a network that `Network.save` wrote; nothing in the file is executed.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Network

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file; if it is damaged or does not fit together.

    Examples
    --------
    >>> import minifnn as mf, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mf.mlp([2, 3, 1], hidden="tanh", seed=1).save(f"{folder}/net.npz")
    ...     mf.load(f"{folder}/net.npz")
    <Network 2-3-1, tanh, output sigmoid, P = 13>
    """
    names = ("sizes", "hidden", "output", "trainable_beta", "theta", "betas")
    arrays = read_arrays(path, FILE_KIND)
    with naming(path):
        sizes, hidden, output, trained, theta, betas = (arrays[name] for name in names)
        l2 = arrays["l2"].item() if "l2" in arrays else 0.0  # older files have none
        net = mlp(sizes, hidden.tolist(), str(output), trainable_beta=trained.tolist(), l2=l2)
        betas = check_array("betas", betas, (sum(net.sizes[1:]),))
        for beta, values in zip(net.betas, np.split(betas, np.cumsum(net.sizes[1:-1]))):
            beta[:] = values
        net.theta = theta  # last, for trained betas are in it
        return net
