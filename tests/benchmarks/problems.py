"""The problems that everybody solves: a network, its inputs X and its targets Y."""

import numpy as np

import minifnn as mf


def digits(quick=False):
    """The 64-25-10 network at 1,437 small images; P = 1,920."""
    data = mf.datasets.digits()
    units, samples = (5, 200) if quick else (25, 1437)
    net = mf.mlp([64, units, 10], hidden="esp", output="sigmoid", beta=("normal", 0.5), seed=0)
    return net, data.X_train[:samples], data.Y_train[:samples]


def plane(hidden, beta):
    """A network with these hidden layers at the 690 points of the non-linear task."""
    data = mf.datasets.nonlinear()
    sizes = [2, *hidden, 1]
    net = mf.mlp(sizes, hidden="esp", output="sigmoid", beta=("normal", beta), seed=0)
    return net, data.X_train, data.Y_train


def digits_to_learn():
    """The 64-25-10 network where the published trainings start: beta near zero."""
    data = mf.datasets.digits()
    net = mf.mlp([64, 25, 10], hidden="esp", output="sigmoid", beta=("normal", 0.004), seed=0)
    return net, data.X_train, data.Y_train


def noise(sizes, N):
    """Any network at N random samples with random targets of 0 and 1."""
    rng = np.random.default_rng(0)
    net = mf.mlp(sizes, hidden="esp", output="sigmoid", beta=("normal", 0.5), seed=0)
    X = rng.normal(size=(N, sizes[0]))
    Y = rng.integers(0, 2, size=(N, sizes[-1])).astype(np.float64)
    return net, X, Y


def images(quick=False):
    """Random images of MNIST's size, ten classes, and the 784-25-10 network; P = 19,955."""
    rng = np.random.default_rng(0)
    sizes, N = ([20, 5, 10], 600) if quick else ([784, 25, 10], 60_000)
    net = mf.mlp(sizes, hidden="esp", output="sigmoid", beta=("normal", 0.5), seed=0)
    return net, rng.random((N, sizes[0])), np.eye(10)[rng.integers(0, 10, size=N)]
