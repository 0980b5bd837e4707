"""The estimators: scikit-learn's own checks in full, and what they stand for in minifnn."""

import doctest
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import minifnn as mf

pytest.importorskip("sklearn", minversion="1.6")
from sklearn.base import clone
from sklearn.datasets import load_iris, make_moons
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, learning_curve
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from minifnn import sklearn as estimators
from minifnn.sklearn import FNNClassifier, FNNRegressor

CHECKS = """
import warnings
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator
from minifnn import sklearn as estimators

warnings.simplefilter("error", SkipTestWarning)
for name in ("FNNClassifier", "FNNRegressor"):
    results = check_estimator(getattr(estimators, name)(), legacy=True)
    print(name, len(results) > 45, {result["status"] for result in results})
"""


def test_check_estimator_in_full_with_nothing_skipped():
    pytest.importorskip("pandas")  # one check wants it
    # in a process of its own, for SciPy reads SCIPY_ARRAY_API, without which one
    # check is skipped, when it is imported
    done = subprocess.run(
        [sys.executable, "-c", CHECKS],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    expected = [f"{name} True {{'passed'}}" for name in ("FNNClassifier", "FNNRegressor")]
    assert done.stdout.splitlines() == expected


def moons():
    return make_moons(60, noise=0.1, random_state=0)


def waves(K):
    """Values of K waves at 50 points: flat for K = 0."""
    X = np.linspace(-1, 1, 50)[:, None]
    Y = np.sin(3 * X + np.arange(max(K, 1)))
    return X, Y if K else Y[:, 0]


def same_training(model, output, X, Y, **options):
    """Is the fit what `mlp` and `train` give by hand?"""
    sizes, l2 = [X.shape[1], 5, Y.shape[1]], 0.6 / len(X)
    net = mf.mlp(sizes, "tanh", output, "he", 0.9, True, seed=model.seed_, l2=l2)
    options = {"batch_size": 16, "seed": model.seed_, "engine": "numpy", **options}
    history = mf.train(net, X, Y, 30, mf.Adam(0.02, decay=(0.9, 10)), **options)
    assert np.array_equal(history["loss"], model.history_["loss"])
    return np.array_equal(net.theta, model.network_.theta)


SETTINGS = {
    "hidden_layer_sizes": [5], "hidden": "tanh", "init": "he", "beta": 0.9, "trainable_beta": True,
    "epochs": 30, "rate": 0.02, "decay": (0.9, 10), "batch_size": 16, "engine": "numpy",
    "random_state": 4, "alpha": 0.6, "early_stopping": False, "validation_fraction": 0.2,
    "n_iter_no_change": 7,
}  # fmt: skip


def test_every_setting_of_the_classifier_reaches_the_network():
    X, y = moons()
    model = FNNClassifier(**SETTINGS).fit(X, y)
    assert same_training(model, "sigmoid", X, y[:, None].astype(float))
    assert model.n_iter_ == 30


def test_every_setting_of_the_regressor_reaches_the_network():
    X, Y = waves(2)
    assert same_training(FNNRegressor(**SETTINGS).fit(X, Y), "linear", X, Y)


def test_two_classes():
    X, y = moons()
    labels = np.array(["yes", "no"])[y]
    model = FNNClassifier(random_state=0).fit(X, labels)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.network_.output == "sigmoid" and model.network_.sizes == (2, 10, 1)
    assert model.score(X, labels) == 1.0
    p = model.predict_proba(X)
    assert np.array_equal(p[:, 1], model.network_.predict(X)[:, 0])
    assert np.array_equal(model.decision_function(X), model.network_.logits(X)[:, 0])
    assert np.abs(p.sum(axis=1) - 1).max() <= 4 * np.finfo(float).eps
    assert np.array_equal(model.predict(X), model.classes_[p.argmax(axis=1)])


def test_three_classes():
    X, y = load_iris(return_X_y=True)
    model = FNNClassifier(epochs=300, random_state=0).fit(X, y)
    assert model.network_.output == "softmax" and model.network_.sizes == (4, 10, 3)
    assert model.score(X, y) > 0.95
    assert np.array_equal(model.predict_proba(X), model.network_.predict(X))
    assert np.array_equal(model.decision_function(X), model.network_.logits(X))


@pytest.mark.parametrize("K", [0, 1, 2])
def test_values_keep_the_shape_of_y(K):
    X, Y = waves(K)
    model = FNNRegressor(random_state=0).fit(X, Y)
    assert model.network_.output == "linear"
    assert model.predict(X).shape == Y.shape
    assert model.score(X, Y) > 0.99


def test_y_is_not_standardised():
    X, y = waves(0)
    model = FNNRegressor(random_state=0).fit(X, 5 + y)
    assert np.array_equal(model.predict(X), model.network_.predict(X)[:, 0])
    assert model.history_["loss"][0] > 5


def test_the_hessian_is_that_of_the_loss_that_was_trained():
    X, y = moons()
    labels = np.array(["yes", "no"])[y]
    model = FNNClassifier(epochs=50, random_state=0).fit(X, labels)
    H = mf.hessian(model.network_, X, (labels == "yes").astype(float)[:, None])
    assert np.array_equal(model.hessian(X, labels), H)

    X, y = load_iris(return_X_y=True)
    model = FNNClassifier(hidden_layer_sizes=(3,), epochs=50, random_state=0).fit(X, y)
    assert np.array_equal(model.hessian(X, y), mf.hessian(model.network_, X, y))
    # labels that are not all there keep their columns
    assert np.array_equal(model.hessian(X[:60], y[:60]), mf.hessian(model.network_, X[:60], y[:60]))

    X, Y = waves(0)
    model = FNNRegressor(epochs=50, random_state=0).fit(X, Y)
    assert np.array_equal(model.hessian(X, Y), mf.hessian(model.network_, X, Y[:, None]))


def test_the_hessian_refuses_what_does_not_fit():
    X, y = moons()
    model = FNNClassifier(epochs=1)
    with pytest.raises(NotFittedError, match="FNNClassifier instance is not fitted yet"):
        model.hessian(X, y)
    model.fit(X, y)
    with pytest.raises(ValueError, match="y contains previously unseen labels"):
        model.hessian(X, y + 1)
    with pytest.raises(ValueError, match="X has 1 features, but FNNClassifier is expecting 2"):
        model.hessian(X[:, :1], y)
    X, Y = waves(2)
    with pytest.raises(ValueError, match=r"^y\b.*\(50, 1\)"):
        FNNRegressor(epochs=1).fit(X, Y).hessian(X, Y[:, 0])


def test_seeds():
    X, y = moons()
    fits = [
        FNNClassifier(epochs=2, random_state=state).fit(X, y).network_.theta
        for state in (3, 3, np.random.RandomState(3), 4, None, None)
    ]
    assert np.array_equal(fits[0], fits[1]) and np.array_equal(fits[0], fits[2])
    assert len({theta.tobytes() for theta in fits}) == 4


def test_in_a_pipeline_a_grid_search_and_a_cross_validation():
    X, y = moons()
    pipeline = make_pipeline(StandardScaler(), FNNClassifier(epochs=100, random_state=0))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.8
    grid = {
        "fnnclassifier__hidden_layer_sizes": [(), (6,), (4, 4)],
        "fnnclassifier__beta": [1.0, ("normal", 0.1)],
        "fnnclassifier__rate": np.array([0.01, 0.05]),
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_score_ > 0.8
    assert search.best_params_["fnnclassifier__hidden_layer_sizes"] != ()
    assert search.predict(X).shape == y.shape

    X, Y = waves(2)
    pipeline = make_pipeline(StandardScaler(), FNNRegressor(epochs=300, random_state=0))
    search = GridSearchCV(pipeline, {"fnnregressor__hidden": ["esp", "tanh"]}, cv=2).fit(X, Y)
    assert search.best_estimator_.score(X, Y) > 0.8


def test_a_clone_has_the_settings_and_nothing_else():
    X, y = moons()
    model = FNNClassifier(**SETTINGS).fit(X, y)
    fresh = clone(model)
    assert fresh.get_params() == SETTINGS and not hasattr(fresh, "network_")
    assert np.array_equal(fresh.fit(X, y).network_.theta, model.network_.theta)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("hidden_layer_sizes", 10, TypeError),
        ("hidden_layer_sizes", (0,), ValueError),
        ("hidden_layer_sizes", (3, 2.5), TypeError),
        ("hidden", "gelu", ValueError),
        ("hidden", ["esp", "esp"], ValueError),
        ("init", "zeros", ValueError),
        ("beta", "one", ValueError),
        ("trainable_beta", 1, TypeError),
        ("epochs", 0, ValueError),
        ("rate", -1, ValueError),
        ("decay", 0.9, ValueError),
        ("batch_size", 0, ValueError),
        ("alpha", -1.0, ValueError),
        ("early_stopping", "yes", TypeError),
        ("engine", "gpu", ValueError),
        ("random_state", "dice", ValueError),
    ],
)
def test_a_wrong_setting_is_named_when_fitting(name, value, error):
    X, y = moons()
    for Estimator in (FNNClassifier, FNNRegressor):
        model = Estimator(**{name: value})
        with pytest.raises(error, match=rf"^{name}\b"):
            model.fit(X, y)
        with pytest.raises(NotFittedError):
            model.predict(X)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("validation_fraction", 1.0, ValueError),
        ("validation_fraction", 0, ValueError),
        ("n_iter_no_change", 0, ValueError),
        ("n_iter_no_change", 2.5, TypeError),
    ],
)
def test_a_wrong_setting_of_early_stopping_is_named(name, value, error):
    X, y = moons()
    with pytest.raises(error, match=rf"^{name}\b"):
        FNNClassifier(early_stopping=True, **{name: value}).fit(X, y)


def test_alpha_is_that_of_scikit_learn():
    X, y = waves(0)
    theirs = MLPRegressor(
        hidden_layer_sizes=[5], alpha=3.0, learning_rate_init=1e-300, max_iter=1, random_state=0
    )
    with pytest.warns(ConvergenceWarning):
        theirs.fit(X, y)
    ours = FNNRegressor(hidden_layer_sizes=[5], hidden="relu", alpha=3.0, epochs=1).fit(X, y)
    for name, value in zip(("W1", "W2"), theirs.coefs_):
        ours.network_.parameters[name] = value
    for name, value in zip(("b1", "b2"), theirs.intercepts_):
        ours.network_.parameters[name] = value
    assert ours.network_.loss(X, y) == pytest.approx(theirs.loss_, rel=1e-14)
    assert ours.network_.loss(X, y) - ours.network_.l2 > 0


DATA = {
    "two classes": (FNNClassifier, moons),
    "three classes": (FNNClassifier, lambda: load_iris(return_X_y=True)),
    "values": (FNNRegressor, lambda: waves(2)),
}
ESTIMATORS = pytest.mark.parametrize(("estimator", "data"), DATA.values(), ids=DATA)


@ESTIMATORS
@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_weight_counts_as_so_many_samples(estimator, data, batch_size):
    X, y = data()
    weights = np.random.default_rng(0).integers(0, 4, len(X))
    options = {"alpha": 0.5, "epochs": 100, "random_state": 0}
    model = estimator(**options).fit(X, y, sample_weight=weights)
    repeated = np.repeat(np.arange(len(X)), weights)
    other = estimator(**options).fit(X[repeated], y[repeated])
    assert np.allclose(model.network_.theta, other.network_.theta, rtol=0, atol=1e-11)
    assert np.allclose(model.history_["loss"], other.history_["loss"], rtol=1e-11)
    ones = estimator(batch_size=batch_size, **options).fit(X, y, sample_weight=np.full(len(X), 7.0))
    plain = estimator(batch_size=batch_size, **options | {"alpha": 0.5 / 7}).fit(X, y)
    assert np.allclose(ones.network_.theta, plain.network_.theta, rtol=0, atol=1e-11)


@ESTIMATORS
def test_derivatives_of_a_weighted_loss_are_exact(estimator, data):
    X, y = data()
    model = estimator(hidden_layer_sizes=[3], epochs=3, random_state=0).fit(X, y)
    net = model.network_
    loss = estimators._weighted(net.loss_function, model._losses)
    weighted = mf.mlp(net.sizes, net.hidden, net.output, trainable_beta=True, loss=loss, seed=5)
    _, targets = model._check(X, y, reset=False)
    weights = np.random.default_rng(0).exponential(size=len(X))
    targets = np.hstack([targets, weights[:, None] / weights.mean()])
    assert mf.check.gradient(weighted, X, targets).ok
    assert mf.check.hessian(weighted, X, targets).ok  # to 1e-13
    assert mf.check.hessian(weighted, X, targets, by="columns").ok


def test_weights_are_checked():
    X, y = moons()
    for bad in (np.zeros(60), np.linspace(-1, 1, 60)):
        with pytest.raises(ValueError, match=r"[Ss]ample.weight"):
            FNNClassifier(epochs=1).fit(X, y, sample_weight=bad)
    for seed in range(12):  # also where the wrong one is held out
        with pytest.raises(ValueError, match="sample_weight"):
            model = FNNClassifier(epochs=1, early_stopping=True, random_state=seed)
            model.fit(X, y, sample_weight=np.where(np.arange(60) == 7, -5.0, 1.0))


def test_a_network_of_a_weighted_fit_is_an_ordinary_one(tmp_path):
    X, y = moons()
    model = FNNClassifier(epochs=5).fit(X, y, sample_weight=np.arange(60))
    model.network_.save(tmp_path / "net.npz")
    assert np.isfinite(model.network_.loss(X, y)) and model.hessian(X, y).shape == (52, 52)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


@ESTIMATORS
@pytest.mark.parametrize("weighted", [False, True])
def test_early_stopping_keeps_the_best_of_what_is_held_out(estimator, data, weighted):
    X, y = data()
    weights = np.random.default_rng(0).exponential(size=len(X)) if weighted else None
    options = {"epochs": 400, "rate": 0.1, "random_state": 0, "validation_fraction": 0.3}
    model = estimator(early_stopping=True, n_iter_no_change=5, **options)
    model.fit(X, y, sample_weight=weights)
    losses = model.history_["test_loss"]
    best = losses.argmin()
    assert model.n_iter_ == len(losses) == len(model.history_["loss"]) < 400
    assert len(losses) == best + 1 + 5 and "theta" not in model.history_
    shorter = estimator(early_stopping=True, n_iter_no_change=400, **options | {"epochs": best + 1})
    shorter.fit(X, y, sample_weight=weights)
    assert np.array_equal(shorter.network_.theta, model.network_.theta)
    assert np.array_equal(shorter.history_["test_loss"], losses[: best + 1])


def test_what_is_held_out_has_all_classes():
    X, y = load_iris(return_X_y=True)
    model = FNNClassifier(early_stopping=True, epochs=2, validation_fraction=0.02)
    with pytest.raises(ValueError, match="should be greater or equal to the number of classes"):
        model.set_params(validation_fraction=0.01).fit(X, y)
    assert model.set_params(validation_fraction=0.02).fit(X, y).n_iter_ == 2


@ESTIMATORS
def test_logarithms_of_probabilities(estimator, data):
    if estimator is FNNRegressor:
        assert not hasattr(FNNRegressor, "predict_log_proba")
        return
    X, y = data()
    model = FNNClassifier(epochs=50, random_state=0).fit(X, y)
    assert np.allclose(model.predict_log_proba(X), np.log(model.predict_proba(X)), rtol=1e-13)
    model.network_.theta *= 1e4  # some probabilities are 0, but their logarithms are not
    logarithms = model.predict_log_proba(X)
    assert np.isfinite(logarithms).all() and (model.predict_proba(X) == 0).any()
    assert (logarithms <= 0).all() and (
        logarithms.argmax(1) == model.predict_proba(X).argmax(1)
    ).all()


def test_an_activation_of_ones_own_serves_in_an_estimator():
    X, y = moons()
    sine = mf.Activation(
        "sine",
        lambda h, beta: np.sin(h),
        lambda h, beta: (np.cos(h), 0.0),
        lambda h, beta: (-np.sin(h), 0.0, 0.0),
    )
    model = clone(FNNClassifier(hidden=sine, random_state=0)).fit(X, y)
    assert model.score(X, y) == 1.0 and model.network_.hidden == (model.hidden,)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match=r"^y: expected at least 2 classes, got one class, 7"):
        FNNClassifier().fit([[0.0], [1.0]], [7, 7])


def test_values_are_no_classes():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        FNNClassifier().fit([[0.0], [1.0]], [0.5, 1.5])


def test_the_examples_of_the_docstrings():
    done = doctest.testmod(estimators)
    assert done.attempted > 8 and done.failed == 0


def test_importing_minifnn_does_not_load_scikit_learn_and_its_absence_is_said():
    code = """
import sys
import minifnn
print("sklearn" in sys.modules)
sys.modules["sklearn"] = None
try:
    import minifnn.sklearn
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert first == "False" and second.startswith("minifnn.sklearn needs scikit-learn 1.6")


@pytest.mark.parametrize("estimator", [FNNClassifier, FNNRegressor])
def test_a_batch_of_more_samples_than_there_are_is_clipped_with_a_warning(estimator):
    X, y = moons()
    clipped = estimator(batch_size=61, epochs=5, random_state=0)
    with pytest.warns(UserWarning, match="batch_size: 61 is clipped to the 60 samples there are"):
        clipped.fit(X, y)
    for size in (60, None):
        model = estimator(batch_size=size, epochs=5, random_state=0).fit(X, y)
        assert np.array_equal(model.network_.theta, clipped.network_.theta)
    assert clipped.get_params()["batch_size"] == 61
    for size, error in ((0, ValueError), (2.5, TypeError), (-3, ValueError)):
        with pytest.raises(error, match="batch_size"):
            estimator(batch_size=size).fit(X, y)


@pytest.mark.filterwarnings("ignore:batch_size. 32 is clipped")
def test_a_setting_that_is_valid_for_all_samples_serves_in_each_fold():
    X, y = moons()
    model = FNNClassifier(batch_size=32, epochs=50, random_state=0)
    _, _, scores = learning_curve(model, X, y, train_sizes=[10, 20, 40], cv=3, shuffle=True)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("records", [0, 1, 4])
@pytest.mark.parametrize("estimator", [FNNClassifier, FNNRegressor])
def test_an_interrupted_fit_keeps_its_network_and_warns(estimator, records, monkeypatch):
    X, y = moons()
    left = iter(range(records))

    def append(history, record):
        if next(left, None) is None:
            raise KeyboardInterrupt
        history._rows.append(record)

    monkeypatch.setattr(mf.History, "append", append)
    with pytest.warns(UserWarning, match=r"^Training interrupted by user\.$"):
        model = estimator(epochs=100, random_state=0).fit(X, y)
    assert len(model.history_) == records
    assert model.n_iter_ == [0, 1, 12, 22, 32][records]
    assert model.predict(X).shape == y.shape and np.isfinite(model.score(X, y))


def test_an_interrupt_before_any_training_is_one(monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["minifnn.train"], "check_problem", stop)
    model = FNNClassifier()
    with pytest.raises(KeyboardInterrupt):
        model.fit(*moons())
    with pytest.raises(NotFittedError):
        model.predict(moons()[0])
