"""The networks as scikit-learn's estimators: a classifier and a regressor.

They fit by `minifnn.train` with Adam and hold an ordinary network in
``network_``. Nothing is scaled behind the scenes, neither X nor y: the loss is
that of the numbers as they come. Put a StandardScaler before them, and a
TransformedTargetRegressor around the regressor where y is far from 1 in size.

Import this module by its name, ``import minifnn.sklearn``.
"""

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
    from sklearn.preprocessing import LabelEncoder
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    message = 'minifnn.sklearn needs scikit-learn 1.6 or newer: pip install "scikit-learn>=1.6"'
    raise ImportError(message) from error

from ._util.typing import Array, ArrayLike, Engine
from ._util.validation import check_count
from .hessian import hessian
from .initialise import mlp
from .network import check_problem
from .optimise import Adam
from .train import train


class _Estimator(BaseEstimator):
    """What both have in common: the settings, the fit and the Hessian."""

    def __init__(
        self,
        *,
        hidden_layer_sizes: Sequence[int] | np.ndarray = (10,),
        hidden: str | Sequence[str] = "esp",
        init: str = "xavier",
        beta: float | tuple[str, float] = 1.0,
        trainable_beta: bool | Sequence[bool] | None = None,
        epochs: int = 1000,
        rate: float | Callable[[int], float] = 0.01,
        decay: tuple[float, float] | None = None,
        batch_size: int | None = None,
        engine: Engine = "numba",
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
        self.engine = engine
        self.random_state = random_state

    def _train(self, X: Array, Y: Array, output: str) -> Self:
        """Fit a fresh network with this output to X (N, D) and Y (N, K)."""
        try:
            random = check_random_state(self.random_state)
        except (TypeError, ValueError) as error:
            raise ValueError(f"random_state is {self.random_state!r}: {error}") from None
        self.seed_ = int(random.randint(2**31 - 1))
        network = mlp(
            [X.shape[1], *self._hidden_sizes(), Y.shape[1]],
            hidden=self.hidden,
            output=output,
            init=self.init,
            beta=self.beta,
            trainable_beta=self.trainable_beta,
            seed=self.seed_,
        )
        self.history_ = train(
            network,
            X,
            Y,
            epochs=self.epochs,
            optimizer=Adam(self.rate, decay=self.decay),
            batch_size=self.batch_size,
            seed=self.seed_,
            engine=self.engine,
        )
        self.network_, self.n_iter_ = network, int(self.epochs)
        return self

    def _hidden_sizes(self):
        sizes = self.hidden_layer_sizes
        if not isinstance(sizes, (list, tuple, np.ndarray)) or (
            isinstance(sizes, np.ndarray) and sizes.ndim == 0
        ):
            raise TypeError(f"hidden_layer_sizes is {sizes!r}, wanted a tuple such as (10,)")
        return [check_count(f"hidden_layer_sizes[{i}]", size) for i, size in enumerate(sizes)]

    def _logits(self, X) -> Array:
        """X (N, D) -> (N, K), by the engine that fitted."""
        check_is_fitted(self, "network_")
        X = validate_data(self, X, dtype=np.float64, order="C", reset=False)
        return self.network_.forward(X, self.engine)

    def hessian(self, X: ArrayLike, y: ArrayLike) -> Array:
        """Return the exact Hessian of the loss of X and y, at the fitted parameters.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like
            As for `fit`; a classifier must have seen all its labels there.

        Returns
        -------
        ndarray, shape (P, P)
            Symmetric to the bit, in the order of ``network_.labels``; see
            `minifnn.hessian`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X or y does not fit the network.
        """
        check_is_fitted(self, "network_")
        X, Y = self._check(X, y, reset=False)
        X, Y = check_problem(self.network_, X, Y, ("X", "y"))
        return hessian(self.network_, X, Y, engine=self.engine)


class FNNClassifier(ClassifierMixin, _Estimator):
    """A feed-forward network that tells classes apart.

    Two classes share one sigmoid output, more have a softmax output each. The
    loss is the mean cross-entropy, without regularisation.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, optional
        Units of each hidden layer; () for none.
    hidden : str or sequence of str, optional
        "sigmoid", "tanh", "relu", "esp" or "identity": one for all hidden
        layers, or one each.
    init : str, optional
        "xavier", "he", "orthogonal" or "conserving".
    beta : float or ("normal", std), optional
        Inverse noise at the start.
    trainable_beta : bool or sequence of bool, optional
        One for all layers, or one each, the output's too. None trains beta
        where the activation is ESP.
    epochs : int, optional
        How many times to go through all samples.
    rate : float or callable, optional
        Adam's rate, or a function of the step.
    decay : (float, float), optional
        ``(factor, period)``: the rate times factor**(t/period) at step t.
    batch_size : int, optional
        Samples a step; all of them if None.
    engine : {"numba", "numpy"}, optional
        The compiled twins, or the code that one reads.
    random_state : int, RandomState or None, optional
        Where the seed is drawn from. None gives other weights at every fit.

    Attributes
    ----------
    network_ : minifnn.Network
    history_ : minifnn.History
        The loss and more at recorded epochs: ``history_["loss"]``.
    classes_ : ndarray
        The labels, sorted: the columns of `predict_proba`.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If X has names for its columns.
    n_iter_ : int
        The epochs trained.
    seed_ : int
        The seed drawn: that of `minifnn.mlp` and `minifnn.train`.

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

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train a fresh network.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
            Labels of at least two classes.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            Naming the argument, what came and what was wanted; also if the
            training stops being finite.
        """
        X, Y = self._check(X, y, reset=True)
        return self._train(X, Y, "sigmoid" if len(self.classes_) == 2 else "softmax")

    def _check(self, X, y, reset: bool) -> tuple[Array, Array]:
        """Return X (N, D), and y as the targets of the network, (N, K)."""
        X, y = validate_data(self, X, y, dtype=np.float64, reset=reset)
        check_classification_targets(y)
        if reset:
            self._labels = LabelEncoder().fit(y)
            self.classes_ = self._labels.classes_
        K = len(self.classes_)
        if K < 2:
            raise ValueError(f"y has one class, {self.classes_[0]}, wanted at least 2 classes")
        index = self._labels.transform(y)
        return X, index[:, None].astype(float) if K == 2 else np.eye(K)[index]

    def decision_function(self, X: ArrayLike) -> Array:
        """Return the logits.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        ndarray, shape (N,) or (N, K)
            Of two classes one number, above 0 for the second of them.
        """
        o = self._logits(X)
        return o[:, 0] if len(self.classes_) == 2 else o

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the likeliest label of each sample.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        ndarray, shape (N,)
        """
        o = self.decision_function(X)
        index = (o > 0).astype(int) if o.ndim == 1 else o.argmax(axis=1)
        return self.classes_[index]

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        ndarray, shape (N, number of classes)
            Columns in the order of ``classes_``.
        """
        o = self._logits(X)
        if len(self.classes_) == 2:
            o = np.hstack([-o, o])  # sigma(-o) = 1 - sigma(o), without the cancellation
        return self.network_.loss_function.predict(o)


class FNNRegressor(MultiOutputMixin, RegressorMixin, _Estimator):
    """A feed-forward network that predicts values, one or several a sample.

    The output is linear. The loss is |prediction - y|^2 / 2, a mean over the
    samples, without regularisation. y is taken as it comes, never standardised.

    Parameters
    ----------
    hidden_layer_sizes, hidden, init, beta, trainable_beta
        As in `FNNClassifier`.
    epochs, rate, decay, batch_size, engine, random_state
        As in `FNNClassifier`.

    Attributes
    ----------
    network_, history_, n_features_in_, feature_names_in_, n_iter_, seed_
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

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train a fresh network.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,) or (N, K)
            What `predict` returns has the same number of dimensions.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            Naming the argument, what came and what was wanted; also if the
            training stops being finite.
        """
        X, Y = self._check(X, y, reset=True)
        return self._train(X, Y, "linear")

    def _check(self, X, y, reset: bool) -> tuple[Array, Array]:
        """Return X (N, D), and y as the targets of the network, (N, K)."""
        options = {"dtype": np.float64, "multi_output": True, "y_numeric": True}
        X, y = validate_data(self, X, y, reset=reset, **options)
        if reset:
            self._is_flat = y.ndim == 1
        return X, y.astype(np.float64).reshape(len(y), -1)

    def predict(self, X: ArrayLike) -> Array:
        """Return the values.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        ndarray, shape (N,) or (N, K)
            As y was.
        """
        o = self._logits(X)
        return o[:, 0] if self._is_flat else o
