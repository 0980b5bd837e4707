"""The peer in scikit-learn: a neighbour, for it has no ESP and no rate that decays."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier


def train(net, X, Y):
    """Return run(epochs): the same layers with logistic units, full-batch Adam."""
    targets = Y[:, 0] if Y.shape[1] == 1 else Y

    def run(epochs):
        model = MLPClassifier(
            net.sizes[1:-1],
            activation="logistic",
            solver="adam",
            alpha=0.0,
            batch_size=len(X),
            learning_rate_init=0.01,
            max_iter=epochs,
            shuffle=False,
            random_state=0,
            tol=0.0,
            n_iter_no_change=epochs + 1,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping there is meant
            model.fit(X, targets)

    return run
