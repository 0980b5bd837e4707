"""minifnn. As in the peers' files, a function prepares, and returns the call that is timed."""

from functools import partial

import numpy as np

import minifnn as mf

from .problems import direction


def train(net, X, Y, batch_size=None, **adam):
    """Return run(epochs) -> theta: Adam, whose rate decays."""

    def run(epochs):
        pupil = net.copy()
        optimizer = mf.Adam(**(adam or {"rate": 0.01, "decay": (0.9, 500)}))
        mf.train(pupil, X, Y, epochs=epochs, optimizer=optimizer, batch_size=batch_size, record=[])
        return pupil.theta

    return run


def train_batches(net, X, Y):
    """Return run(epochs) -> theta: batches of 128, in an order drawn anew each epoch."""
    return train(net, X, Y, batch_size=128, rate=0.001)


def hessian(net, X, Y):
    """The exact Hessian, (P, P)."""
    return partial(mf.hessian, net, X, Y)


hessian_in_chunks = hessian  # it goes through the samples in chunks by itself


def hessian_numpy(net, X, Y):
    """The exact Hessian with the code that one reads."""
    return partial(mf.hessian, net, X, Y, engine="numpy")


def matrix_product(net, X, Y):
    """The product over samples that the block (W1, W1) needs, alone.

    Both factors are symmetric for each sample, so half of each is enough:
    I(I+1)/2 pairs of units by p(p+1)/2 pairs of inputs, the bias among them.
    """
    units, inputs = net.sizes[1], net.sizes[0] + 1
    rng = np.random.default_rng(0)
    A = rng.random((len(X), units * (units + 1) // 2))
    B = rng.random((len(X), inputs * (inputs + 1) // 2))
    return lambda: A.T @ B


def product(net, X, Y):
    """H v (P,), from nothing."""
    return partial(mf.hvp, net, X, Y, direction(net))


def product_kept(net, X, Y):
    """H v (P,), where the forward and backward pass at theta are kept."""
    A, v = mf.hessian_operator(net, X, Y), direction(net)
    return lambda: A @ v


product_again = product_kept
