"""What several test files share: random networks with data that fit them."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

import minifnn as mf
from minifnn.network import HIDDEN, OUTPUTS

RECORD = Path(__file__).parents[2] / "shared" / "record"


def targets(rng, output, N, K):
    """Random targets that fit an output."""
    if output == "softmax":
        return rng.integers(0, K, size=N)
    if output == "sigmoid":
        return rng.integers(0, 2, size=(N, K)).astype(float)
    return rng.normal(size=(N, K))


def problem(sizes, hidden, output, trainable_beta=None, N=17, seed=0, spread=0.5, beta=0.8):
    """Return (net, X, Y): a network away from its start, with biases and betas that matter."""
    rng = np.random.default_rng(seed)
    net = mf.mlp(sizes, hidden, output, trainable_beta=trainable_beta, beta=beta, seed=seed)
    net.theta += spread * rng.normal(size=net.n_parameters)
    for _, gate in net.layers:
        if gate.activation is mf.activations.softplus:  # which divides by beta
            gate.beta[:] = 0.3 + abs(gate.beta)
    X = rng.normal(size=(N, sizes[0]))
    return net, X, targets(rng, output, N, sizes[-1])


@st.composite
def problems(draw, max_layers=3, max_size=5, **fixed):
    """Any architecture, activations, output and trainable flags."""
    n_hidden = draw(st.integers(0, max_layers))
    sizes = draw(st.lists(st.integers(1, max_size), min_size=n_hidden + 2, max_size=n_hidden + 2))
    hidden = draw(st.lists(st.sampled_from(HIDDEN), min_size=n_hidden, max_size=n_hidden))
    flags = draw(st.lists(st.booleans(), min_size=n_hidden + 1, max_size=n_hidden + 1))
    output = draw(st.sampled_from(sorted(OUTPUTS)))
    if output == "softmax":
        sizes[-1] += 1  # one class is none
    N, seed = draw(st.integers(1, 9)), draw(st.integers(0, 2**31))
    return problem(sizes, hidden, output, flags, N, seed, **fixed)


def largest(array):
    """The largest absolute entry."""
    return np.abs(array).max()


def relative_error(a, b):
    """The largest difference, as a share of the largest entry of b; 0 if both are 0."""
    scale = largest(b)
    return largest(np.asarray(a) - b) / scale if scale > 0 else largest(a)
