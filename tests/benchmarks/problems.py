"""The problems that all libraries solve: a network, its inputs X and its targets Y."""

import numpy as np

import minifnn as mf


def make(name, quick=False):
    """The problem of this name, or a small one like it."""
    return PROBLEMS[name](quick)


def size(problem):
    """N and P, as a row has them."""
    net, X, _ = problem
    return {"N": len(X), "P": net.n_parameters}


def direction(net):
    """The direction v (P,) of every product H v."""
    return np.random.default_rng(1).normal(size=net.n_parameters)


def noise(sizes, N, hidden="esp", output="sigmoid"):
    """Any network at N random samples, with random targets of 0 and 1 or random classes."""
    rng = np.random.default_rng(0)
    net = mf.mlp(sizes, hidden=hidden, output=output, beta=_beta(hidden, 0.5), seed=0)
    X = rng.random(size=(N, sizes[0]))
    if output == "softmax":
        Y = np.zeros((N, sizes[-1]))
        Y[np.arange(N), rng.integers(0, sizes[-1], size=N)] = 1.0
        return net, X, Y
    return net, X, rng.integers(0, 2, size=(N, sizes[-1])).astype(np.float64)


def _beta(hidden, std):
    return ("normal", std) if hidden == "esp" else 1.0


def _plane(hidden, std):
    """The 690 points of the non-linear task."""
    data = mf.datasets.nonlinear()
    net = mf.mlp([2, *hidden, 1], hidden="esp", output="sigmoid", beta=_beta("esp", std), seed=0)
    return net, data.X_train, data.Y_train


def _digits(std, units, samples=1437):
    """Up to 1,437 images of 8 x 8 pixels."""
    data = mf.datasets.digits()
    sizes = [64, *units, 10]
    net = mf.mlp(sizes, hidden="esp", output="sigmoid", beta=_beta("esp", std), seed=0)
    return net, data.X_train[:samples], data.Y_train[:samples]


PUBLISHED = 0.004  # the spread of the betas from which the published trainings start
PROBLEMS = {  # name: quick -> net, X, Y
    "2-10-1": lambda quick: _plane([10], PUBLISHED),
    "2-8-2-1": lambda quick: _plane([8, 2], PUBLISHED),
    "2-8-2-1, curved": lambda quick: _plane([8, 2], 0.5),
    "64-25-10": lambda quick: _digits(PUBLISHED, [25], 200 if quick else 1437),
    "64-25-10, curved": lambda quick: _digits(0.5, [5], 200) if quick else _digits(0.5, [25]),
    "four layers of 64": lambda quick: _digits(0.5, [64] * 4, 500),
    "784-100-10": lambda quick: noise([784, 100, 10], 100 if quick else 1000, output="softmax"),
    "784-100-10, images": lambda quick: noise(
        [784, 100, 10], 1000 if quick else 20_000, hidden="relu", output="softmax"
    ),
    "784-25-10": lambda quick: noise([20, 5, 10], 600) if quick else noise([784, 25, 10], 60_000),
    "20-50-800": lambda quick: noise([20, 50, 800], 3000 if quick else 300_000, output="softmax"),
}
