"""For one's own work: own losses and activations, l2, labels, the test loss, stopping, near misses.

The estimators' part is in test_sklearn.py.
"""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from helpers import largest, problem, relative_error
from scipy.special import erf

import minifnn as mf
from minifnn.activations import ACTIVATIONS
from minifnn.network import HIDDEN, OUTPUTS

ENGINES = pytest.mark.parametrize("engine", ["numpy", "numba"])
RNG = np.random.default_rng(7)
X = RNG.normal(size=(40, 2))
LABELS = (X[:, 0] * X[:, 1] > 0).astype(int)
COUNTS = RNG.poisson(np.exp(X[:, 0]))[:, None]


def phi(u):
    return np.exp(-u * u / 2) / np.sqrt(2 * np.pi)


def Phi(u):
    return (1 + erf(u / np.sqrt(2))) / 2


# f = h Phi(u) with u = beta h: like ESP, with the normal distribution in place of the logistic
GELU = mf.Activation(
    "GELU",
    lambda h, beta: h * Phi(beta * h),
    lambda h, beta: (Phi(beta * h) + beta * h * phi(beta * h), h * h * phi(beta * h)),
    lambda h, beta: (
        beta * phi(beta * h) * (2 - (beta * h) ** 2),
        h * phi(beta * h) * (2 - (beta * h) ** 2),
        -(h**3) * beta * h * phi(beta * h),
    ),
)
POISSON = mf.Loss(
    "Poisson",
    lambda o: np.exp(o),
    lambda o, y: (np.exp(o) - y * o).sum() / len(o),
    lambda o, y: (np.exp(o) - y) / len(o),
    lambda o, y: mf.losses.diagonal(np.exp(o) / len(o)),
)


def own_problem(**options):
    net = mf.mlp([2, 4, 3, 1], GELU, "linear", loss=POISSON, trainable_beta=True, **options)
    net.theta += 0.2 * np.random.default_rng(1).normal(size=net.n_parameters)
    return net


def assert_consistent(net, X, Y, engine="numpy"):
    """Gradient, Hessian in two ways, products and parts agree with the complex step, to 1e-13."""
    assert mf.check.gradient(net, X, Y, engine=engine).ok
    assert mf.check.hessian(net, X, Y, engine=engine, tolerance=1e-13).ok
    assert mf.check.hessian(net, X, Y, engine=engine, by="columns", tolerance=1e-13).ok
    H = mf.hessian(net, X, Y, engine=engine)
    V = np.random.default_rng(3).normal(size=(net.n_parameters, 2))
    for HV in (mf.hvp(net, X, Y, V, engine), mf.hessian_operator(net, X, Y, engine) @ V):
        assert largest(HV - H @ V) <= 1e-13 * largest(H) * largest(V) * len(H)
    parts = mf.gauss_newton(net, X, Y, engine) + mf.residual_part(net, X, Y, engine)
    assert largest(parts - H) <= 1e-14 * largest(H)
    for l, block in enumerate(mf.layer_hessians(net, X, Y, engine), start=1):
        start = net.slices[f"W{l}"].start
        at = slice(start, start + len(block))
        assert largest(block - H[at, at]) <= 1e-14 * largest(H)


# ------------------------------------------------- a loss and an activation of one's own


def test_derivatives_with_an_own_loss_and_activation_are_exact():
    assert_consistent(own_problem(), X, COUNTS)
    assert_consistent(own_problem(l2=0.3), X, COUNTS)


def test_an_own_loss_is_trained_with_either_engine():
    """Ten times a loss, by gradient descent, is a rate ten times as large."""
    ten = replace(
        mf.losses.bernoulli,
        gradient=lambda o, y: 10 * mf.losses.bernoulli.gradient(o, y),
        value=lambda o, y: 10 * mf.losses.bernoulli.value(o, y),
    )
    options, descent = {"hidden": "tanh", "seed": 2}, mf.GradientDescent
    usual = mf.mlp([2, 3, 1], **options)
    mf.train(usual, X, LABELS, 20, descent(0.1), engine="numpy")
    for engine in ("numba", "numpy"):
        own = mf.mlp([2, 3, 1], **options, loss=ten)
        history = mf.train(own, X, LABELS, 20, descent(0.01), engine=engine)
        assert largest(own.theta - usual.theta) <= 1e-14
        assert history["loss"][0] == pytest.approx(10 * usual.history["loss"][0], rel=1e-14)


def test_an_own_activation_is_used_with_either_engine():
    """One with the name of a built-in one too."""
    for name in ("tanh", "mine"):
        own = replace(ACTIVATIONS["esp"], name=name)
        net, usual = mf.mlp([2, 3, 1], own), mf.mlp([2, 3, 1], "esp", trainable_beta=False)
        assert not any(net.trainable_beta)
        assert np.array_equal(net.gradient(X, LABELS), usual.gradient(X, LABELS, engine="numpy"))
        mf.train(net, X, LABELS, 5)
        mf.train(usual, X, LABELS, 5, engine="numpy")
        assert np.array_equal(net.theta, usual.theta)
        H = mf.hessian(usual, X, LABELS, engine="numpy")
        assert np.array_equal(mf.hessian(net, X, LABELS), H)


def test_built_in_objects_are_their_names():
    by_object = mf.mlp([2, 3, 3, 1], [mf.activations.esp, "relu"], loss=mf.losses.bernoulli)
    assert by_object.hidden == ("esp", "relu") and by_object.trainable_beta == (True, False, False)
    for alias in ("swish", "silu"):
        assert mf.mlp([2, 3, 1], alias).hidden == ("esp",)


@pytest.mark.parametrize(
    "loss", ["mse", mf.losses.squared_error, mf.losses.categorical, POISSON.value]
)
def test_a_built_in_loss_belongs_to_its_output(loss):
    with pytest.raises(TypeError, match="loss: expected a Loss of your own, or None, for output"):
        mf.mlp([2, 3, 1], loss=loss)


def test_the_loss_of_a_network_cannot_be_set():
    net = mf.mlp([2, 3, 1])
    with pytest.raises(TypeError, match="loss_function: expected to stay as it is"):
        net.loss_function = POISSON
    with pytest.raises(TypeError, match="activation: expected to stay as it is"):
        net.layers[0].gate.activation = GELU


def test_a_loss_that_is_a_sum_is_found():
    total = replace(
        POISSON,
        value=lambda o, y: (np.exp(o) - y * o).sum(),
        gradient=lambda o, y: np.exp(o) - y,
    )
    net = mf.mlp([2, 3, 1], output="linear", loss=total)
    with pytest.raises(ValueError, match="loss: expected a mean"):
        mf.check.gradient(net, X, COUNTS)


def test_wrong_derivatives_of_ones_own_are_found():
    wrong = replace(POISSON, gradient=lambda o, y: (np.exp(o) + y) / len(o))
    assert not mf.check.gradient(mf.mlp([2, 3, 1], output="linear", loss=wrong), X, COUNTS).ok
    bent = replace(POISSON, curvature=lambda o, y: mf.losses.diagonal(np.exp(o)))
    assert not mf.check.hessian(mf.mlp([2, 3, 1], output="linear", loss=bent), X, COUNTS).ok
    flat = replace(GELU, curvatures=lambda h, beta: (0.0, 0.0, 0.0))
    assert not mf.check.hessian(mf.mlp([2, 3, 1], flat), X, LABELS).ok


def test_predictions_and_score_with_an_own_loss():
    net = own_problem()
    assert np.array_equal(net.predict(X), np.exp(net.logits(X)))
    rest = ((net.predict(X) - COUNTS) ** 2).sum()
    r_squared = 1 - rest / ((COUNTS - COUNTS.mean()) ** 2).sum()
    assert net.score(X, COUNTS) == pytest.approx(r_squared, rel=1e-12)
    history = mf.train(net, X, COUNTS, 50, X_test=X[:9], Y_test=COUNTS[:9, 0])
    assert history["test_score"][-1] <= 1 and history["loss"][-1] < history["loss"][0]
    assert history["zero_residuals"][0] == 0


def test_more_columns_of_targets_are_for_a_loss_of_ones_own():
    """A weight per sample, in the second column."""
    weighted = mf.Loss(
        "weighted",
        lambda o: o,
        lambda o, y: (y[:, 1:] * (o - y[:, :1]) ** 2).sum() / (2 * len(o)),
        lambda o, y: y[:, 1:] * (o - y[:, :1]) / len(o),
        lambda o, y: mf.losses.diagonal(y[:, 1:] / len(o)),
    )
    net = mf.mlp([2, 3, 1], "tanh", "linear", loss=weighted)
    values = np.column_stack([X.sum(axis=1), np.arange(40.0)])
    assert_consistent(net, X, values)
    assert net.score(X, values) == mf.mlp([2, 3, 1], "tanh", "linear").score(X, values[:, 0])
    mf.train(net, X, values, 10, batch_size=7)
    with pytest.raises(ValueError, match=r"Y: expected shape \(40, 1\), or \(40,\), got \(40, 2\)"):
        mf.mlp([2, 3, 1], output="linear").loss(X, values)


def test_what_is_of_ones_own_is_copied_and_goes_into_no_file(tmp_path):
    net = own_problem(l2=0.5)
    for copied in (copy.deepcopy(net), net.copy(), net.with_theta(net.theta.copy())):
        assert np.array_equal(copied.gradient(X, COUNTS), net.gradient(X, COUNTS))
        assert copied.l2 == 0.5 and str(copied.loss_function) == "Poisson"
    for own in (net, mf.mlp([2, 3, 1], GELU), mf.mlp([2, 1], output="linear", loss=POISSON)):
        with pytest.raises(
            ValueError, match="net: expected built-in activations and loss, for files"
        ):
            own.save(tmp_path / "net.npz")
    assert not list(tmp_path.iterdir())
    with pytest.raises((pickle.PicklingError, AttributeError)):  # Python has no names for lambdas
        pickle.dumps(net)


def test_a_training_of_ones_own_goes_on_from_its_checkpoint(tmp_path):
    whole, halves, path = own_problem(), own_problem(), tmp_path / "c.npz"
    mf.train(whole, X, COUNTS, 30)
    mf.train(halves, X, COUNTS, 15, checkpoint=path)
    mf.train(halves, X, COUNTS, 30, checkpoint=path)
    assert np.array_equal(whole.theta, halves.theta)
    for other, named in (
        (mf.mlp([2, 4, 3, 1], GELU, "linear", trainable_beta=True), "loss_function"),
        (own_problem(l2=0.1), "l2"),
        (mf.mlp([2, 4, 3, 1], "tanh", "linear", trainable_beta=True, loss=POISSON), "hidden"),
    ):
        with pytest.raises(ValueError, match=f"{named}: expected .* of another training"):
            mf.train(other, X, COUNTS, 30, checkpoint=path)


# ----------------------------------------------------------------------------------- l2


def weights_of(net):
    return [array for name, array in net.parameters.items() if name[0] == "W"]


@ENGINES
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_derivatives_with_l2_are_exact(hidden, output, engine):
    start, X, Y = problem([3, 4, 3, 2], hidden, output, True)
    net = mf.mlp(start.sizes, hidden, output, trainable_beta=True, l2=0.7)
    net.theta = start.theta
    assert_consistent(net, X, Y, engine)
    W = np.concatenate([W.ravel() for W in weights_of(net)])
    assert net.loss(X, Y) == pytest.approx(start.loss(X, Y) + 0.35 * W @ W, rel=1e-14)
    added = mf.hessian(net, X, Y, engine=engine) - mf.hessian(start, X, Y, engine=engine)
    is_weight = np.array([label[0] == "W" for label in net.labels])
    assert largest(added - np.diag(0.7 * is_weight)) <= 1e-14 * largest(mf.hessian(net, X, Y))


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("optimizer", [mf.GradientDescent(), mf.Momentum(), mf.Adam()])
def test_both_engines_train_alike_with_l2(optimizer, batch_size):
    start, X, Y = problem([3, 4, 2], "esp", "softmax", N=20)
    thetas = []
    for engine in ("numba", "numpy"):
        net = mf.mlp(start.sizes, "esp", "softmax", seed=1, l2=0.1)
        mf.train(net, X, Y, 30, optimizer, batch_size=batch_size, engine=engine)
        thetas.append(net.theta)
    assert relative_error(*thetas) <= 1e-12
    plain = mf.mlp(start.sizes, "esp", "softmax", seed=1)
    mf.train(plain, X, Y, 30, optimizer, batch_size=batch_size)
    assert relative_error(plain.theta, thetas[0]) > 1e-3


def test_large_batches_have_l2_once():
    """Blocks of samples side by side, whose gradients are added."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(9000, 30)), rng.normal(size=(9000, 1))
    nets = [mf.mlp([30, 10, 1], "tanh", "linear", l2=0.5) for _ in range(2)]
    for net, engine in zip(nets, ("numba", "numpy")):
        mf.train(net, X, Y, 3, engine=engine)
    assert relative_error(nets[0].theta, nets[1].theta) <= 1e-12


def test_newton_minimises_what_l2_is_part_of():
    net = mf.mlp([2, 1], output="linear", l2=0.1)
    y = X @ [[1.0], [2.0]] + 3
    newton = mf.DampedNewton(damping=1e-12, radius=1e6)
    mf.train(net, X, y, 2, newton)
    X1 = np.hstack([X, np.ones((40, 1))])
    ridge = np.linalg.solve(X1.T @ X1 / 40 + 0.1 * np.diag([1, 1, 0]), X1.T @ y / 40)
    assert net.theta[:3] == pytest.approx(ridge.ravel(), rel=1e-10)
    assert largest(net.gradient(X, y)) <= 1e-11


def test_l2_goes_through_files_and_is_checked(tmp_path):
    net = mf.mlp([2, 3, 1], l2=0.25)
    net.save(tmp_path / "net.npz")
    assert mf.load(tmp_path / "net.npz").l2 == 0.25 == pickle.loads(pickle.dumps(net)).l2
    arrays = {"kind": "minifnn network 1", **net.to_arrays()}
    np.savez(tmp_path / "old.npz", **{n: a for n, a in arrays.items() if n != "l2"})
    assert mf.load(tmp_path / "old.npz").l2 == 0.0
    np.savez(tmp_path / "bad.npz", **arrays | {"l2": np.array(-1.0)})
    with pytest.raises(ValueError, match=r"bad\.npz: l2: expected"):
        mf.load(tmp_path / "bad.npz")
    for bad, error in ((-1, ValueError), ("0.1", TypeError), (np.nan, ValueError)):
        with pytest.raises(error, match="l2: expected a"):
            mf.mlp([2, 1], l2=bad)
        with pytest.raises(error, match="l2: expected a"):
            mf.train(net, [[1.0, 2.0]], [[1.0]], l2=bad)
    assert net.l2 == 0.25  # as it was
    net.l2 = -1.0
    with pytest.raises(ValueError, match="l2: expected a"):
        net.gradient([[1.0, 2.0]], [[1.0]])


def test_a_checkpoint_takes_l2_as_a_whole_number_too(tmp_path):
    net = mf.mlp([2, 3, 1], seed=1)
    net.l2 = 1
    for l2 in (None, 1, 1.0):
        mf.train(net, [[1.0, 2.0]], [[1.0]], epochs=3, l2=l2, checkpoint=tmp_path / "c.npz")


def test_softplus_needs_a_beta():
    with pytest.raises(ValueError, match="beta: expected not 0 for softplus"):
        mf.mlp([2, 3, 1], hidden="softplus", beta=0.0)


def test_train_gives_the_network_its_l2(tmp_path):
    """So that what one computes afterwards is of the same loss."""
    X, Y = np.random.default_rng(0).normal(size=(20, 2)), np.ones((20, 1))
    for engine in ("numba", "numpy"):
        nets = [mf.mlp([2, 3, 1], l2=l2, seed=1) for l2 in (0.3, 0.0, 0.7)]
        for net, l2 in zip(nets, (None, 0.3, 0.3)):
            mf.train(net, X, Y, epochs=20, l2=l2, engine=engine)
            assert net.l2 == 0.3 and np.array_equal(net.theta, nets[0].theta)
            assert np.array_equal(
                mf.hessian(net, X, Y, engine=engine).diagonal(),
                mf.hessian(nets[0], X, Y, engine=engine).diagonal(),
            )
    mf.train(net, X, Y, epochs=1, l2=0.0)
    assert net.l2 == 0 == np.abs(net.ridge).max()


@pytest.mark.parametrize("hidden", ["relu", "esp"])
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_zeros_by_theorem_are_there_with_l2_too(hidden, l2):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)) * [1, 1, 0], rng.integers(0, 3, 30)
    net = mf.mlp([3, 4, 3], hidden, "softmax", trainable_beta=False, l2=l2)
    zeros = mf.structural_zeros(net, X, Y)
    s = mf.spectrum(mf.hessian(net, X, Y))
    counted = int((abs(s.eigenvalues) <= s.tolerance).sum())
    assert counted == zeros.dead + zeros.softmax
    assert (zeros.dead, zeros.softmax) == ((0, 1) if l2 else (4, 5))
    assert (zeros.gauge > 0) == (hidden == "relu" and not l2)


# ------------------------------------------------------------------------------- labels


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        LABELS[:, None],
        LABELS.astype(float),
        LABELS == 1,
        LABELS.tolist(),
        LABELS.astype("u1"),
    ],
)
def test_labels_as_they_come(labels):
    for sizes, output in (([2, 3, 1], "sigmoid"), ([2, 3, 2], "softmax"), ([2, 3, 1], "linear")):
        net = mf.mlp(sizes, output=output)
        Y = np.eye(2)[LABELS] if output == "softmax" else LABELS[:, None].astype(float)
        assert net.loss(X, labels) == net.loss(X, Y)
        assert net.score(X, labels) == net.score(X, Y)
        assert np.array_equal(net.gradient(X, labels), net.gradient(X, Y))
        assert np.array_equal(mf.hessian(net, X, labels), mf.hessian(net, X, Y))
        mf.train(net, X, labels, 2, X_test=X, Y_test=labels)


def test_predicted_labels():
    net = mf.mlp([2, 3, 1], seed=3)
    labels = net.predict_labels(X)
    assert labels.shape == (40,) and labels.dtype.kind == "i" and 0 < labels.mean() < 1
    assert np.array_equal(labels, net.predict(X)[:, 0] > 0.5)
    assert net.score(X, labels) == 1
    net = mf.mlp([2, 3, 3], output="softmax", seed=3)
    assert np.array_equal(net.predict_labels(X), net.predict(X).argmax(axis=1))
    assert net.score(X, net.predict_labels(X)) == 1
    net = mf.mlp([2, 3, 3], seed=3)
    assert np.array_equal(net.predict_labels(X), net.predict(X) > 0.5)
    with pytest.raises(ValueError, match=r"output: expected sigmoid or softmax.*, got 'linear'"):
        mf.mlp([2, 1], output="linear").predict_labels(X)
    net.theta[:] = 1e200
    with pytest.raises(ValueError, match="logits: expected finite numbers"):
        net.predict_labels(X * 1e200)


# ---------------------------------------------------------------- the test loss, and a stop


@ENGINES
def test_the_test_loss_is_recorded_without_what_l2_adds(engine):
    for l2 in (0.0, 0.3):
        net = mf.mlp([2, 3, 1], l2=l2)
        start = net.copy()
        options = {"X_test": X[30:], "Y_test": LABELS[30:], "engine": engine, "curvature": True}
        history = mf.train(net, X[:30], LABELS[:30], 12, record=[0, 11], **options)
        plain = mf.mlp([2, 3, 1])
        plain.theta = net.theta
        assert history["test_loss"][-1] == pytest.approx(plain.loss(X[30:], LABELS[30:]), rel=1e-14)
        plain.theta = start.theta
        assert history["loss"][0] == pytest.approx(plain.loss(X[:30], LABELS[:30]), rel=1e-14)
        sharpness = mf.spectrum(mf.hessian(net, X[:30], LABELS[:30], engine=engine)).sharpness
        assert history["sharpness"][-1] == sharpness
    assert np.isnan(mf.train(net, X, LABELS, 1)["test_loss"][0])


@ENGINES
@pytest.mark.parametrize("answer", [True, np.bool_(True)])
def test_progress_may_stop_a_training(answer, engine, tmp_path):
    seen = []

    def look(epochs, loss):
        seen.append((epochs, loss))
        return answer if epochs >= 3 else None

    options = {"record": range(10), "engine": engine}
    net, path = mf.mlp([2, 3, 1]), tmp_path / "c.npz"
    history = mf.train(net, X, LABELS, 10, progress=look, checkpoint=path, **options)
    assert history is net.history and history["epoch"].tolist() == [0, 1, 2]
    assert seen == list(zip([1, 2, 3], history["loss"]))
    short, whole = mf.mlp([2, 3, 1]), mf.mlp([2, 3, 1])
    mf.train(short, X, LABELS, 3, **options | {"record": range(3)})
    assert np.array_equal(net.theta, short.theta)
    mf.train(net, X, LABELS, 10, checkpoint=path, **options)  # it goes on where it stopped
    mf.train(whole, X, LABELS, 10, **options)
    assert np.array_equal(net.theta, whole.theta) and len(net.history) == 10


@pytest.mark.parametrize("answer", [None, False, np.bool_(False), 1, "stop", 17, [True]])
def test_nothing_but_true_stops(answer):
    """Such as the count that sys.stdout.write returns."""
    history = mf.train(mf.mlp([2, 1]), X, LABELS, 5, record=range(5), progress=lambda *_: answer)
    assert len(history) == 5


def test_stopping_early_by_the_test_loss():
    net = mf.mlp([2, 8, 1], seed=1)

    def rising(epochs, loss):
        test_loss = net.history["test_loss"]
        return test_loss[-1] > 1.05 * test_loss.min()

    noise = np.random.default_rng(0).integers(0, 2, 40)
    more = {"X_test": X[20:], "Y_test": noise[20:], "record": range(3000), "progress": rising}
    history = mf.train(net, X[:20], noise[:20], 3000, mf.Adam(0.05), **more)
    assert len(history) < 3000 and history["test_loss"][-1] > 1.05 * history["test_loss"].min()


# -------------------------------------------------------------------- looks, near misses


def test_a_summary_has_layers_shapes_and_parameters(capsys):
    mf.mlp([2, 10, 1], hidden=["esp"], trainable_beta=[True, False]).summary()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["layer", "W", "b", "beta", "gate", "parameters"]
    assert " ".join(lines[1].split()) == "1 (2, 10) (10,) (10,) esp 40"
    assert " ".join(lines[2].split()) == "2 (10, 1) (1,) fixed scale 11"
    assert lines[3].split()[-1] == "51" and len(lines) == 4
    own_problem().summary()
    assert "GELU" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mf.mlp([2, 8, 1], activation="relu"), "activation: expected one of sizes, hidden"),
        (lambda: mf.mlp([2, 8, 1], activation="relu"), "did you mean hidden?"),
        (lambda: mf.mlp([2, 8, 1], "ReLU"), "did you mean 'relu'?"),
        (lambda: mf.mlp([2, 8, 1], "soft_plus"), "did you mean 'softplus'?"),
        (lambda: mf.mlp([2, 8, 1], output="sigmoids"), "did you mean 'sigmoid'?"),
        (lambda: mf.mlp([2, 8, 1], weight_decay=1), "did you mean l2?"),
        (lambda: mf.mlp([2, 8, 1], random_state=1), "did you mean seed?"),
        (
            lambda: mf.train(None, X, LABELS, lr=0.1),
            "did you mean mf.train(..., optimizer=mf.Adam(rate=...))?",
        ),
        (lambda: mf.train(None, X, LABELS, loss="own"), "did you mean mf.mlp(..., loss=...)?"),
        (lambda: mf.train(None, X, LABELS, bach_size=5), "did you mean batch_size?"),
        (lambda: mf.train(None, X, LABELS, max_iter=5), "did you mean epochs?"),
        (lambda: mf.train(None, X, LABELS, validation_data=()), "did you mean X_test?"),
        (lambda: mf.train(None, X, LABELS, xyzzy=5), "xyzzy: expected one of net, X, Y, epochs"),
        (lambda: mf.Adam(lr=0.1), "did you mean rate?"),
        (lambda: mf.Adam(learning_rate=0.1), "did you mean rate?"),
        (lambda: mf.GradientDescent(learning_rate=0.1), "did you mean rate?"),
        (
            lambda: mf.Momentum(lr=0.1),
            "lr: expected one of rate, momentum, decay; did you mean rate",
        ),
    ],
)
def test_near_misses_get_a_suggestion(call, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert message in str(caught.value)


def test_arguments_in_their_places_are_counted_as_ever():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'sizes'"):
        mf.mlp()
    with pytest.raises(TypeError, match="multiple values for argument 'sizes'"):
        mf.mlp([2, 1], sizes=[2, 1])
