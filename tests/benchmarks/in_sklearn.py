"""The peer in scikit-learn: MLPClassifier, which has no ESP and no rate that decays."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier


class _Given(MLPClassifier):
    """Starts from given weights; `random_state` says in which orders to go through the samples."""

    def _init_coef(self, fan_in, fan_out, dtype):
        return next(self.start)


class _Orders(np.random.RandomState):
    """Shuffles so that minifnn's orders come out, one after the other."""

    def __init__(self, N):
        super().__init__(0)
        self.rng, self.last = np.random.default_rng(0), np.arange(N)

    def shuffle(self, positions):
        """Fill in where each sample of the next order stood in the last one."""
        order = self.rng.permutation(len(positions))
        positions[:] = np.argsort(self.last)[order]
        self.last = order


def train(net, X, Y):
    """Another network, for it has no ESP: the same layers, logistic units."""
    targets = Y[:, 0] if Y.shape[1] == 1 else Y
    return lambda epochs: _fit(
        MLPClassifier(random_state=0), net, X, targets, epochs,
        activation="logistic", batch_size=len(X), learning_rate_init=0.01, shuffle=False,
    )  # fmt: skip


def train_batches(net, X, Y):
    """The same network, the same start, the same batches, the same Adam."""
    labels, p = Y.argmax(axis=1), net.parameters
    layers = range(1, len(net.sizes))

    def run(epochs):
        model = _Given(random_state=_Orders(len(X)), activation="relu")
        model.start = ((p[f"W{l}"].copy(), p[f"b{l}"].copy()) for l in layers)
        _fit(model, net, X, labels, epochs, batch_size=128, learning_rate_init=0.001)
        pairs = zip(model.coefs_, model.intercepts_)
        return np.concatenate([array.ravel() for pair in pairs for array in pair])

    return run


def _fit(model, net, X, Y, epochs, **settings):
    """So many epochs of Adam, without a penalty and without stopping early."""
    model.set_params(
        hidden_layer_sizes=net.sizes[1:-1], alpha=0.0, tol=0.0, max_iter=epochs,
        n_iter_no_change=epochs + 1, **settings,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping there is meant
        model.fit(X, Y)
