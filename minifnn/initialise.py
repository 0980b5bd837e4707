"""Where training starts: a network from a seed (or a file), its weights by four rules.

Every rule takes a `numpy.random.Generator` and gives W of shape
(fan_in, fan_out). Biases start at zero.
"""

from collections.abc import Sequence

import numpy as np

from ._util.archives import read_arrays
from ._util.checkpoint import fitting
from ._util.typing import Array, PathLike
from ._util.validation import (
    check_array,
    check_choice,
    check_count,
    check_fits,
    check_generator,
    check_hidden,
    check_number,
    check_sizes,
    check_start_of_beta,
    check_trainable,
)
from .network import FILE_KIND, HIDDEN, OUTPUTS, Network


def _check(rng, fan_in, fan_out):
    """Say what is wrong with the arguments of a rule."""
    check_generator(rng)
    size = check_count("fan_in", fan_in), check_count("fan_out", fan_out)
    check_fits("fan_in", f"{fan_in} and fan_out {fan_out}", size[0] * size[1])


def xavier(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Uniform in +-sqrt(6/(fan_in + fan_out)): keeps the spread of a and of its gradient.

    Return W (fan_in, fan_out), drawn by rng.
    Source: Glorot and Bengio, 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.initialise import xavier
    >>> W = xavier(np.random.default_rng(0), fan_in=100, fan_out=200)
    >>> limit = np.sqrt(6 / 300)
    >>> print(W.shape, abs(W).max() <= limit, abs(W).max().round(3), limit.round(3))
    (100, 200) True 0.141 0.141
    """
    _check(rng, fan_in, fan_out)
    limit = np.sqrt(6.0 / (fan_in + fan_out))  # (3.4)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def he(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Normal with variance 2/fan_in: makes good the half that ReLU cuts off.

    Return W (fan_in, fan_out), drawn by rng.
    Source: He et al., 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.initialise import he
    >>> W = he(np.random.default_rng(0), fan_in=100, fan_out=200)
    >>> print(W.std().round(2), np.sqrt(2 / 100).round(2))
    0.14 0.14
    """
    _check(rng, fan_in, fan_out)
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), size=(fan_in, fan_out))  # (3.5)


def orthogonal(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Orthonormal columns (or rows, if fan_out is the larger): lengths are kept.

    Return W (fan_in, fan_out), drawn by rng.
    Source: Saxe et al., 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.initialise import orthogonal
    >>> W = orthogonal(np.random.default_rng(0), fan_in=5, fan_out=3)
    >>> print(np.allclose(W.T @ W, np.eye(3), rtol=0, atol=1e-14))
    True
    """
    _check(rng, fan_in, fan_out)
    tall = rng.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # makes the draw uniform over rotations
    return q if fan_in >= fan_out else q.T


def conserving(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
    """Positive weights whose rows sum to one: each input is shared out, none is lost.

    Return W (fan_in, fan_out), drawn by rng. The shares of an input among the units
    that receive it are drawn uniformly from all possible shares (a flat Dirichlet
    distribution). This is the rule of arXiv:1805.08786; the authors' plain-Python
    code normalises the weights that *enter* a unit, the columns, instead.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.initialise import conserving
    >>> W = conserving(np.random.default_rng(0), fan_in=2, fan_out=10)
    >>> print(W.min() > 0, W.sum(axis=1).round(12))
    True [1. 1.]
    """
    _check(rng, fan_in, fan_out)
    return rng.dirichlet(np.ones(fan_out), size=fan_in)  # (3.3)


INITIALISERS = {"xavier": xavier, "he": he, "orthogonal": orthogonal, "conserving": conserving}


def constant_beta(rng: np.random.Generator, units: int, value: float) -> Array:
    """The same value of beta for all units, (units,); draws nothing from rng.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.initialise import constant_beta
    >>> print(constant_beta(np.random.default_rng(0), units=3, value=1.0))
    [1. 1. 1.]
    """
    check_fits("units", units, check_count("units", units))
    return np.full(units, check_number("value", value))


def normal_beta(rng: np.random.Generator, units: int, std: float) -> Array:
    """beta ~ N(0, std^2): almost pure noise, as in the published runs (std = 0.004).

    Return one number for each of the units, drawn by rng.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.initialise import normal_beta
    >>> beta = normal_beta(np.random.default_rng(0), units=1000, std=0.004)
    >>> print(beta.shape, beta.std().round(3))
    (1000,) 0.004
    """
    check_fits("units", units, check_count("units", units))
    return check_generator(rng).normal(0.0, check_number("std", std, at_least=0), size=units)


def mlp(
    sizes: Sequence[int] | np.ndarray,
    hidden: str | Sequence[str] = "esp",
    output: str = "sigmoid",
    init: str = "xavier",
    beta: float | tuple[str, float] = 1.0,
    trainable_beta: bool | Sequence[bool] | None = None,
    seed: int = 0,
) -> Network:
    """Make a network with fresh parameters.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs: ``[2, 10, 1]``.
    hidden : str or sequence of str, optional
        "sigmoid", "tanh", "relu", "esp" or "identity": one, or one per hidden layer.
    output : str, optional
        "sigmoid" for K independent binary outputs, "softmax" for one class of K,
        "linear" for values; "esp", "relu", "tanh" for values of that gate.
    init : str, optional
        "xavier", "he", "orthogonal" or "conserving" (see `minifnn.initialise`).
    beta : float or ("normal", std), optional
        Inverse noise at the start; a random one only where it is trained, else 1.
    trainable_beta : bool or sequence of bool, optional
        One, or one per layer. None trains beta where the activation is ESP; the
        output's goes with the layer below it.
    seed : int, optional
        Of the weights, and apart from them of a random beta: networks that differ
        in their gates only start from the same weights.

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
    hidden = check_hidden(hidden, len(sizes) - 2, HIDDEN)
    if check_choice("output", output, OUTPUTS) == "softmax" and sizes[-1] < 2:
        raise ValueError(f"sizes: expected at least 2 outputs for softmax, got {sizes}")
    initialise = INITIALISERS[check_choice("init", init, INITIALISERS)]
    trained = check_trainable(trainable_beta, hidden, output)
    kind, size = check_start_of_beta(beta)
    rng = np.random.default_rng(check_count("seed", seed, at_least=0))
    (noise,) = rng.spawn(1)  # so that a seed's weights are the same whatever the betas

    theta, betas = [], []
    for fan_in, units, is_trained in zip(sizes, sizes[1:], trained):
        theta += [initialise(rng, fan_in, units).ravel(), np.zeros(units)]
        if kind == "constant":
            betas.append(np.full(units, size))
        else:
            betas.append(normal_beta(noise, units, size) if is_trained else np.ones(units))
        theta += [betas[-1]] if is_trained else []
    return Network(sizes, hidden, output, trained, np.concatenate(theta), betas)


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
    arrays = read_arrays(path, FILE_KIND, names)
    with fitting(path):
        sizes, hidden, output, trained, theta, betas = (arrays[name] for name in names)
        net = mlp(sizes, hidden.tolist(), str(output), trainable_beta=trained.tolist())
        betas = check_array("betas", betas, (sum(net.sizes[1:]),))
        for beta, values in zip(net.betas, np.split(betas, np.cumsum(net.sizes[1:-1]))):
            beta[:] = values
        net.theta = theta  # last, for trained betas are in it
        return net
