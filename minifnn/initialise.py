"""Where training starts: weights by four rules, and the noise beta.

Every rule takes a `numpy.random.Generator` and gives W of shape
(fan_in, fan_out). Biases start at zero.
"""

import numpy as np


def xavier(rng, fan_in, fan_out):
    """Uniform in +-sqrt(6/(fan_in + fan_out)): keeps the spread of a and of its gradient.

    Source: Glorot and Bengio, 2010.
    """
    limit = np.sqrt(6.0 / (fan_in + fan_out))  # (3.4)
    return rng.uniform(-limit, limit, size=(fan_in, fan_out))


def he(rng, fan_in, fan_out):
    """Normal with variance 2/fan_in: makes good the half that ReLU cuts off.

    Source: He et al., 2015.
    """
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), size=(fan_in, fan_out))  # (3.5)


def orthogonal(rng, fan_in, fan_out):
    """Orthonormal columns (or rows, if fan_out is the larger): lengths are kept.

    Source: Saxe et al., 2014.
    """
    tall = rng.normal(size=(max(fan_in, fan_out), min(fan_in, fan_out)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # makes the draw uniform over rotations
    return q if fan_in >= fan_out else q.T


def conserving(rng, fan_in, fan_out):
    """Positive weights whose rows sum to one: each input is shared out, none is lost.

    The shares of an input among the units that receive it are drawn uniformly
    from all possible shares (a flat Dirichlet distribution). This is the rule of
    arXiv:1805.08786; the authors' plain-Python code normalises the weights that
    *enter* a unit, the columns, instead.
    """
    return rng.dirichlet(np.ones(fan_out), size=fan_in)  # (3.3)


INITIALISERS = {"xavier": xavier, "he": he, "orthogonal": orthogonal, "conserving": conserving}


def constant_beta(rng, units, value):
    """The same beta for every unit; draws nothing from rng."""
    return np.full(units, float(value))


def normal_beta(rng, units, std):
    """beta ~ N(0, std^2): almost pure noise, as in the published runs (std = 0.004)."""
    return rng.normal(0.0, std, size=units)
