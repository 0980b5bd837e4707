"""Where training starts: weights by four rules, and the noise beta.

Every rule takes a `numpy.random.Generator` and gives W of shape
(fan_in, fan_out). Biases start at zero.
"""

import numpy as np

from ._util.typing import Array
from ._util.validation import check_count, check_fits, check_generator, check_number


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
