"""minifnn itself, and the one matrix product that its Hessian cannot do without."""

from functools import partial

import numpy as np

import minifnn as mf


def hessian(net, X, Y):
    """The exact Hessian, (P, P), with the kernels."""
    return partial(mf.hessian, net, X, Y)


def hessian_numpy(net, X, Y):
    """The exact Hessian, (P, P), with the code that one reads."""
    return partial(mf.hessian, net, X, Y, engine="numpy")


def matrix_product(net, X, Y):
    """The product over samples that the block (W1, W1) needs, alone.

    Both factors are symmetric for each sample, so half of each is enough:
    I(I+1)/2 pairs of units by p(p+1)/2 pairs of inputs, the bias's counted.
    """
    units, inputs = net.sizes[1], net.sizes[0] + 1
    rng = np.random.default_rng(0)
    A = rng.random((len(X), units * (units + 1) // 2))
    B = rng.random((len(X), inputs * (inputs + 1) // 2))
    return lambda: A.T @ B


def train(net, X, Y):
    """Return run(epochs) -> theta."""

    def run(epochs):
        pupil = net.copy()
        adam = mf.Adam(0.01, decay=(0.9, 500))
        mf.train(pupil, X, Y, epochs=epochs, optimizer=adam, record=[])
        return pupil.theta

    return run
