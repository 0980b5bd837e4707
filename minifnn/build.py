"""A network from a seed, or from a file."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ._util.files import read_arrays
from ._util.typing import Array, PathLike
from ._util.validation import check_array, check_choice, check_count, check_fits, check_number
from .initialise import INITIALISERS, constant_beta, normal_beta
from .network import FILE_KIND, HIDDEN, OUTPUTS, Network


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
        "sigmoid", "tanh", "relu", "esp" or "identity": one for all hidden
        layers, or one each.
    output : str, optional
        "sigmoid" for K independent binary outputs, "softmax" for one class of K,
        "linear" for values; "esp", "relu", "tanh" for values of that gate.
    init : str, optional
        "xavier", "he", "orthogonal" or "conserving" (see `minifnn.initialise`).
    beta : float or ("normal", std), optional
        Inverse noise at the start. A random start is for trained betas only;
        fixed ones are then 1.
    trainable_beta : bool or sequence of bool, optional
        One for all layers, or one each, the output's too. None trains beta
        where the activation is ESP; the output's goes with the layer below it.
    seed : int, optional
        Seed of the weights, and of a random beta apart from them: networks that
        differ in their gates only start from the same weights.

    Returns
    -------
    Network

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what came and what was wanted.

    Examples
    --------
    A classifier of digits; and gates that start all but noise, with betas to be trained:

    >>> import minifnn as mf
    >>> mf.mlp([64, 20, 20, 10], hidden="relu", output="softmax", init="he", seed=1)
    <Network 64-20-20-10, relu, output softmax, P = 1930>
    >>> net = mf.mlp([2, 4, 1], hidden="esp", beta=("normal", 0.004), seed=1)
    >>> print(abs(net.parameters["beta1"]).max() < 0.02)
    True
    """
    sizes = _check_sizes(sizes)
    hidden = _check_hidden(hidden, len(sizes) - 2)
    check_choice("output", output, OUTPUTS)
    if output == "softmax" and sizes[-1] < 2:
        raise ValueError(f"sizes ends in {sizes[-1]}, wanted at least 2 outputs for softmax")
    check_choice("init", init, INITIALISERS)
    trained = _check_trainable(trainable_beta, hidden, output)
    start = _check_beta(beta)
    rng = np.random.default_rng(check_count("seed", seed, at_least=0))
    (noise,) = rng.spawn(1)  # so that a seed's weights are the same whatever the betas

    pieces, betas = [], []
    for fan_in, fan_out, is_trained in zip(sizes, sizes[1:], trained):
        pieces += [INITIALISERS[init](rng, fan_in, fan_out).ravel(), np.zeros(fan_out)]
        betas.append(start(noise, fan_out, is_trained))
        pieces += [betas[-1]] if is_trained else []
    return Network(sizes, hidden, output, trained, np.concatenate(pieces), betas)


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
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, of another kind, or does not fit together.

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
    try:
        net = mlp(
            [int(size) for size in arrays["sizes"]],
            hidden=[str(name) for name in arrays["hidden"]],
            output=str(arrays["output"]),
            trainable_beta=[bool(trained) for trained in arrays["trainable_beta"]],
        )
        betas = check_array("betas", arrays["betas"], (sum(net.sizes[1:]),))
        net._betas = np.split(betas, np.cumsum(net.sizes[1:-1]))
        net._use(check_array("theta", arrays["theta"], (net.n_parameters,)).copy())
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} does not fit together: {error}") from None
    return net


def _check_sizes(sizes: object) -> list[int]:
    if not isinstance(sizes, (list, tuple, np.ndarray)) or (
        isinstance(sizes, np.ndarray) and sizes.ndim == 0
    ):
        raise TypeError(f"sizes is {sizes!r}, wanted a list such as [2, 10, 1]")
    if len(sizes) < 2:
        raise ValueError(f"sizes has {len(sizes)} entries, wanted inputs and outputs at least")
    sizes = [check_count(f"sizes[{i}]", size) for i, size in enumerate(sizes)]
    check_fits("sizes", sizes, sum((n + 2) * m for n, m in pairwise(sizes)))
    return sizes


def _check_hidden(hidden: object, n_hidden: int) -> list[str]:
    if isinstance(hidden, str):
        return [check_choice("hidden", hidden, HIDDEN)] * n_hidden
    if not isinstance(hidden, (list, tuple)):
        raise TypeError(f"hidden is {hidden!r}, wanted a name or a list of names")
    names = list(hidden)
    if len(names) != n_hidden:
        raise ValueError(f"hidden has {len(names)} names, wanted {n_hidden}, one a hidden layer")
    return [check_choice("hidden", name, HIDDEN) for name in names]


def _check_trainable(trainable_beta: object, hidden: list[str], output: str) -> list[bool]:
    n_layers = len(hidden) + 1
    if trainable_beta is None:
        trained = [name == "esp" for name in hidden]
        return [*trained, output == "esp" or (trained[-1] if trained else False)]
    if isinstance(trainable_beta, (bool, np.bool_)):
        return [bool(trainable_beta)] * n_layers
    flags = list(trainable_beta) if isinstance(trainable_beta, (list, tuple)) else None
    if flags is None or not all(isinstance(flag, (bool, np.bool_)) for flag in flags):
        raise TypeError(f"trainable_beta is {trainable_beta!r}, wanted a bool or a list of them")
    if len(flags) != n_layers:
        raise ValueError(f"trainable_beta has {len(flags)} entries, wanted {n_layers}, one a layer")
    return [bool(flag) for flag in flags]


def _check_beta(beta: object) -> Callable[[np.random.Generator, int, bool], Array]:
    """Return the rule (rng, units, is_trained) -> beta (units,)."""
    if isinstance(beta, tuple) and len(beta) == 2 and beta[0] == "normal":
        std = check_number("the std of beta", beta[1], at_least=0)
        return lambda rng, units, is_trained: (
            normal_beta(rng, units, std) if is_trained else constant_beta(rng, units, 1.0)
        )
    if isinstance(beta, (tuple, list, str)):
        raise ValueError(f"beta is {beta!r}, wanted a number or ('normal', std)")
    value = check_number("beta", beta)
    return lambda rng, units, is_trained: constant_beta(rng, units, value)
