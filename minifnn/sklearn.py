"""The networks as scikit-learn's estimators: a classifier and a regressor.

They fit by `minifnn.train` with Adam, and hold an ordinary network in ``network_``. Neither X
nor y is scaled: the loss is that of the numbers as they come. Put a StandardScaler before
them, and a TransformedTargetRegressor around the regressor where y is far from 1 in size.

Import this module by its name, ``import minifnn.sklearn``.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self
from warnings import warn

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import LabelEncoder
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as error:
    message = 'minifnn.sklearn needs scikit-learn 1.6 or newer: pip install "scikit-learn>=1.6"'
    raise ImportError(message) from error

from ._util.typing import Array, ArrayLike, Engine
from ._util.validation import check_count, check_flag, check_list, check_number, expect, helpful
from .activations import Activation
from .hessian import hessian
from .initialise import mlp
from .losses import Loss
from .network import check_problem
from .optimise import Adam
from .train import History, train


class _Estimator(BaseEstimator):
    """What both have in common: the settings, the training and the Hessian."""

    @helpful
    def __init__(
        self,
        *,
        hidden_layer_sizes: Sequence[int] | np.ndarray = (10,),
        hidden: str | Activation | Sequence[str | Activation] = "esp",
        init: str = "xavier",
        beta: float | tuple[str, float] = 1.0,
        trainable_beta: bool | Sequence[bool] | None = None,
        epochs: int = 1000,
        rate: float | Callable[[int], float] = 0.01,
        decay: tuple[float, float] | None = None,
        batch_size: int | None = None,
        engine: Engine = "numba",
        alpha: float = 0.0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 50,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.hidden = hidden
        self.init = init
        self.beta = beta
        self.trainable_beta = trainable_beta
        self.epochs = epochs
        self.rate = rate
        self.decay = decay
        self.batch_size = batch_size
        self.alpha = alpha
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.engine = engine
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train a fresh network on X (N, D) and y: labels (N,), or values (N,) or (N, K).

        With weights (N,) the loss is the weighted mean over the samples, computed in NumPy.
        """
        samples, targets = self._check(X, y, reset=True)
        try:
            random = check_random_state(self.random_state)
        except (TypeError, ValueError) as error:
            raise ValueError(f"random_state: {error}") from None
        self.seed_ = int(random.randint(2**31 - 1))
        hidden = check_list("hidden_layer_sizes", self.hidden_layer_sizes)
        hidden = [check_count(f"hidden_layer_sizes[{i}]", size) for i, size in enumerate(hidden)]
        sizes = [samples.shape[1], *hidden, targets.shape[1]]
        start = self.init, self.beta, self.trainable_beta, self.seed_

        used, held_out = [samples, targets, _check_sample_weight(sample_weight, samples)], []
        if check_flag("early_stopping", self.early_stopping):
            fraction = check_number("validation_fraction", self.validation_fraction, 0, below=1)
            check_count("n_iter_no_change", self.n_iter_no_change)
            labels = y if isinstance(self, ClassifierMixin) else None
            options = {"test_size": fraction, "random_state": random, "stratify": labels}
            parts = train_test_split(*used, **options)
            used, held_out = parts[::2], parts[1::2]
        N, weights = len(used[0]), used[2]
        fits = all(one[2].min() >= 0 and one[2].any() for one in (used, held_out) if one)
        expect(fits, "sample_weight", "numbers of at least 0, not all 0", sample_weight)
        l2 = check_number("alpha", self.alpha, at_least=0) / weights.sum()
        network = trained = mlp(sizes, self.hidden, self._output, *start, l2=l2)
        if sample_weight is not None:
            loss = _weighted(network.loss_function, self._losses)
            trained = mlp(sizes, self.hidden, self._output, *start, loss=loss, l2=l2)
            for part in filter(None, (used, held_out)):
                part[1] = np.hstack([part[1], part[2][:, None] / weights.mean()])
        batch_size = self.batch_size
        if batch_size is not None and check_count("batch_size", batch_size) > N:
            warn(f"batch_size: {batch_size} is clipped to the {N} samples there are", stacklevel=2)
            batch_size = N
        names = ("X", "Y", "X_test", "Y_test")
        settings: dict[str, Any] = dict(zip(names, used[:2] + held_out[:2]))
        settings |= {"optimizer": Adam(self.rate, decay=self.decay), "epochs": self.epochs}
        settings |= {"batch_size": batch_size, "engine": self.engine, "seed": self.seed_}
        best: list[Any] = [np.inf, 0, trained.theta]  # the validation loss, its epoch, theta

        def no_better(epoch, _):
            """Whether the validation loss was lowest too many epochs ago."""
            row = trained.history._rows[-1]
            del row["theta"]  # of every epoch it would be much
            if row["test_loss"] < best[0]:
                best[:] = row["test_loss"], epoch, trained.theta.copy()
            return epoch - best[1] >= self.n_iter_no_change

        if self.early_stopping:
            epochs = range(check_count("epochs", self.epochs))
            settings |= {"record": epochs, "progress": no_better}
        all_recorded = self.early_stopping
        try:
            train(trained, **settings)
        except KeyboardInterrupt:
            if trained.history is None:  # not begun
                raise
            warn("Training interrupted by user.", stacklevel=2)  # as scikit-learn says it
            all_recorded = True
        history = network.history = trained.history
        network.theta = best[2] if self.early_stopping else trained.theta
        columns = {n: column for n, column in dict(history).items() if n != "theta"}
        self.history_ = History(columns, history.seconds)  # for a pickle of sensible size
        last = int(history["epoch"][-1]) + 1 if len(history) else 0
        self.network_, self.n_iter_ = network, last if all_recorded else self.epochs
        return self

    def _logits(self, X) -> Array:
        check_is_fitted(self, "network_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return self.network_.logits(X)

    def hessian(self, X: ArrayLike, y: ArrayLike) -> Array:
        """Return the exact Hessian (P, P) of the loss of X (N, D) and y, as for `fit`.

        Its rows are in the order of ``network_.labels``. A classifier must know all labels of y.
        """
        check_is_fitted(self, "network_")
        X, Y = self._check(X, y, reset=False)
        X, Y = check_problem(self.network_, X, Y, ("X", "y"))
        return hessian(self.network_, X, Y, engine=self.engine)


def _weighted(loss, losses):
    """The loss with weights of mean 1 in the last column of y; losses(o, y) gives each sample's."""
    return Loss(
        f"weighted {loss.name}",
        loss.predict,
        lambda o, y: (losses(o, y[:, :-1]) * y[:, -1]).mean(),
        lambda o, y: loss.gradient(o, y[:, :-1]) * y[:, -1:],
        lambda o, y: loss.curvature(o, y[:, :-1]) * y[:, -1:, None],
    )


def _log_proba(o):
    """The logarithms of probabilities (N, K), of logits (N, K), or of one for two classes."""
    o = np.hstack([0 * o, o]) if o.shape[1] == 1 else o
    top = o.max(axis=1, keepdims=True)
    odds = np.exp(o - top)
    odds[np.arange(len(o)), o.argmax(axis=1)] = 0.0  # without the largest, which is 1
    return o - top - np.log1p(odds.sum(axis=1, keepdims=True))


class FNNClassifier(ClassifierMixin, _Estimator):
    """A feed-forward network that tells classes apart.

    For two classes it has one sigmoid output, for more a softmax output per class. The loss is
    the mean cross-entropy, plus what `alpha` adds.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, optional
        Units of each hidden layer; () for none.
    hidden, init, beta, trainable_beta
        As in `minifnn.mlp`.
    epochs : int, optional
        How many times to go through all samples.
    rate, decay
        As in `minifnn.GradientDescent`, for Adam.
    batch_size, engine
        As in `minifnn.train`, but that a batch_size of more samples than there are is clipped.
    alpha : float, optional
        Adds alpha/(2N) times the sum of all squared weights to the loss, for N samples, or, with
        `sample_weight`, the sum of theirs. It is scikit-learn's alpha, of full batches.
    early_stopping : bool, optional
        Hold out a `validation_fraction` of the samples, stop when their loss has not been
        lower for `n_iter_no_change` epochs, and keep the weights with which it was lowest.
    validation_fraction, n_iter_no_change
        See `early_stopping`. Without `batch_size` an epoch is one step: 10, as scikit-learn has
        it, would be few.
    random_state : int, RandomState or None, optional
        Where the seed is drawn from. None gives other weights at every fit.

    Attributes
    ----------
    network_ : minifnn.Network
    history_ : minifnn.History
        The loss and more, but theta, at recorded epochs, with `early_stopping` at all:
        ``history_["loss"]``, and ``history_["test_loss"]`` of what is held out.
    classes_ : ndarray
        The labels, sorted: the columns of `predict_proba`.
    n_iter_ : int
        The epochs trained, also those after the best. After Ctrl-C, which ends `fit` with a
        warning, those of ``history_``: ``network_`` may be a few steps further.
    seed_ : int
        The seed drawn, for `minifnn.mlp` and `minifnn.train`.

    Examples
    --------
    >>> from minifnn.sklearn import FNNClassifier
    >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> y = ["same", "other", "other", "same"]
    >>> model = FNNClassifier(rate=0.05, random_state=0).fit(X, y)
    >>> model.predict([[1.0, 1.0]])
    array(['same'], dtype='<U5')
    >>> model.hessian(X, y).shape
    (52, 52)
    """

    def _check(self, X, y, reset: bool) -> tuple[Array, Array]:
        """Return X (N, D), and y as the targets of the network, (N, K)."""
        X, y = validate_data(self, X, y, dtype=np.float64, reset=reset)
        check_classification_targets(y)
        if reset:
            self._labels = LabelEncoder().fit(y)
            self.classes_ = self._labels.classes_
            self._output = "sigmoid" if len(self.classes_) == 2 else "softmax"
        K = len(self.classes_)
        if K < 2:
            raise ValueError(f"y: expected at least 2 classes, got one class, {self.classes_[0]}")
        index = self._labels.transform(y)
        return X, index[:, None].astype(float) if K == 2 else np.eye(K)[index]

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the logits (N, K) of X (N, D); for two classes (N,), above 0 for the second."""
        o = self._logits(X)
        return o[:, 0] if len(self.classes_) == 2 else o

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the most probable label (N,) of each sample of X (N, D)."""
        o = self.decision_function(X)
        index = (o > 0).astype(int) if o.ndim == 1 else o.argmax(axis=1)
        return self.classes_[index]

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probabilities (N, K) for X (N, D), in the order of ``classes_``."""
        o = self._logits(X)
        if len(self.classes_) == 2:
            o = np.hstack([-o, o])  # sigma(-o) = 1 - sigma(o), without the cancellation
        return self.network_.loss_function.predict(o)

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """Return their logarithms (N, K), finite also where a probability is 0."""
        return _log_proba(self._logits(X))

    def _losses(self, o, y):
        """The loss of each sample, (N,)."""
        y = np.hstack([1 - y, y]) if y.shape[1] == 1 else y
        return -(y * _log_proba(o)).sum(axis=1)


class FNNRegressor(MultiOutputMixin, RegressorMixin, _Estimator):
    """A feed-forward network that predicts one or several values per sample.

    The output is linear. The loss is the mean over the samples of |prediction - y|^2 / 2,
    plus what `alpha` adds.

    Parameters
    ----------
    hidden_layer_sizes, hidden, init, beta, trainable_beta
        As in `FNNClassifier`.
    epochs, rate, decay, batch_size, engine
        As in `FNNClassifier`.
    alpha, early_stopping, validation_fraction, n_iter_no_change, random_state
        As in `FNNClassifier`.

    Attributes
    ----------
    network_, history_, n_iter_, seed_
        As in `FNNClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.sklearn import FNNRegressor
    >>> X = np.linspace(-1, 1, 40)[:, None]
    >>> y = np.sin(3 * X[:, 0])
    >>> model = FNNRegressor(random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.99
    True
    """

    _output = "linear"

    def _check(self, X, y, reset: bool) -> tuple[Array, Array]:
        """Return X (N, D), and y as the targets of the network, (N, K)."""
        options = {"dtype": np.float64, "multi_output": True, "y_numeric": True}
        X, y = validate_data(self, X, y, reset=reset, **options)
        if reset:
            self._one_value = y.ndim == 1
        return X, y.astype(np.float64).reshape(len(y), -1)

    def predict(self, X: ArrayLike) -> Array:
        """Return the values for X (N, D), of the shape (N,) or (N, K) that y had."""
        o = self._logits(X)
        return o[:, 0] if self._one_value else o

    def _losses(self, o, y):
        """The loss of each sample, (N,)."""
        return ((o - y) ** 2).sum(axis=1) / 2
