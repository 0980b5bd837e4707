"""The loop: what is recorded, checkpoints, refusals."""

import numpy as np
import pytest
from helpers import problem

import minifnn as mf
from minifnn.train import batches


def xor():
    """Points in the plane, of one class where the coordinates have the same sign."""
    X = np.random.default_rng(0).normal(size=(60, 2))
    return X, (X[:, :1] * X[:, 1:] > 0).astype(float)


def trained(epochs=40, net=None, **options):
    X, Y = xor()
    net = net or mf.mlp([2, 6, 1], seed=1)
    options = {"optimizer": mf.Adam(0.05), "record": range(0, epochs, 10), **options}
    return net, mf.train(net, X, Y, epochs=epochs, **options)


def same(a, b):
    return set(a.keys()) == set(b.keys()) and all(
        np.array_equal(a[name], b[name], equal_nan=True) for name in a.keys()
    )


@pytest.mark.parametrize(
    ("epochs", "records", "last"), [(1000, 36, 961), (2300, 62, 2261), (2500, 66, 2461),
                                    (2000, 56, 1961), (1, 1, 0), (12, 2, 11), (212, 21, 211)],
)  # fmt: skip
def test_recorded_epochs_are_the_published_ones(epochs, records, last):
    e = mf.recorded_epochs(epochs)
    assert (len(e), e[0], e[-1]) == (records, 0, last)
    assert set(e) <= {0, *range(11, 192, 10), *range(211, 2500, 50)}


def test_loss_is_recorded_before_the_step_and_the_rest_after():
    X, Y = xor()
    net = mf.mlp([2, 6, 1], seed=1)
    start = net.copy()
    history = mf.train(net, X, Y, epochs=1, optimizer=mf.GradientDescent(0.1), curvature=True)
    assert history["loss"][0] == start.loss(X, Y)
    assert history["train_score"][0] == start.score(X, Y)
    assert np.array_equal(history["theta"][0], net.theta)
    assert np.array_equal(net.theta, start.theta - 0.1 * start.gradient(X, Y))
    s = mf.spectrum(mf.hessian(net, X, Y))
    assert np.array_equal(history["eigenvalues"][0], s.eigenvalues)
    assert (history["alpha"][0], history["gamma"][0]) == (s.alpha, s.gamma)
    assert tuple(history["alpha_bounds"][0]) == s.alpha_bounds
    assert np.isnan(history["test_score"][0])


def test_test_score_and_zero_residuals():
    X, Y = xor()
    net, history = trained(300, X_test=X[:20], Y_test=Y[:20])
    twin = net.with_theta(history["theta"][-1])
    assert history["test_score"][-1] == twin.score(X[:20], Y[:20])
    expected = np.mean(np.abs(twin.predict(X) - Y) <= 1e-5)
    assert history["zero_residuals"][-1] == expected
    assert len(history) == len(history["epoch"]) == 30


@pytest.mark.parametrize("optimizer", [mf.GradientDescent(1.0), mf.Momentum(0.3), mf.Adam(0.05),
                                       mf.DampedNewton()])  # fmt: skip
def test_every_optimizer_learns(optimizer):
    _, history = trained(201, optimizer=optimizer)
    assert history["loss"][-1] < 0.2 * history["loss"][0]


def test_mini_batches_hold_every_sample_once_an_epoch():
    (X, Y), rng = xor(), np.random.default_rng(0)
    epochs = [list(batches(X, Y, 25, rng)) for _ in range(2)]
    assert [len(x) for epoch in epochs for x, _ in epoch] == [25, 25, 10] * 2
    (first, Y_first), (second, _) = (map(np.vstack, zip(*epoch)) for epoch in epochs)
    assert np.array_equal(np.sort(first[:, 0]), np.sort(X[:, 0]))
    assert np.array_equal(Y_first, (first[:, :1] * first[:, 1:] > 0))  # each with its own target
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("optimizer", [mf.Adam, mf.Momentum, mf.GradientDescent])
def test_a_training_goes_on_from_its_checkpoint_in_the_same_bits(tmp_path, optimizer, batch_size):
    options = {"batch_size": batch_size, "curvature": True, "seed": 3}
    whole_net, whole = trained(40, optimizer=optimizer(0.05), **options)
    options["checkpoint"] = tmp_path / "c.npz"
    trained(20, optimizer=optimizer(0.05), **options)
    net, resumed = trained(40, optimizer=optimizer(0.05), **options)
    assert same(whole, resumed)
    assert np.array_equal(net.theta, whole_net.theta)


def test_half_a_draw_that_is_left_over_is_kept_with_the_checkpoint(tmp_path):
    """An odd number of draws of 32 bits leaves half of one of 64: so in one of these."""
    for first in range(10, 20):
        options = {"batch_size": 16, "seed": 1, "record": range(30)}
        whole_net, _ = trained(30, **options)
        options["checkpoint"] = tmp_path / f"{first}.npz"
        trained(first, **{**options, "record": range(first)})
        net, _ = trained(30, **options)
        assert np.array_equal(net.theta, whole_net.theta)


def test_an_interrupted_training_goes_on_in_the_same_bits(tmp_path):
    whole_net, whole = trained(40)
    calls = []

    def interrupt(epoch, loss):
        calls.append(epoch)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(40, checkpoint=tmp_path / "c.npz", progress=interrupt)
    net, resumed = trained(40, checkpoint=tmp_path / "c.npz")
    assert same(whole, resumed)
    assert np.array_equal(net.theta, whole_net.theta)


@pytest.mark.parametrize(
    ("named", "other"),
    [
        ("sizes", {"net": mf.mlp([2, 5, 1])}),
        ("sizes", {"net": mf.mlp([2, 6, 6, 1])}),
        ("hidden", {"net": mf.mlp([2, 6, 1], "relu")}),
        ("output", {"net": mf.mlp([2, 6, 1], output="linear")}),
        ("trainable_beta", {"net": mf.mlp([2, 6, 1], trainable_beta=False)}),
        ("optimizer", {"optimizer": mf.Adam(lambda t: 0.05 / (1 + t))}),
        ("optimizer", {"optimizer": mf.Adam(0.06)}),
        ("optimizer", {"optimizer": mf.Adam(0.05, betas=(0.8, 0.999))}),
        ("optimizer", {"optimizer": mf.Momentum(0.05)}),
        ("batch_size", {"batch_size": 7}),
        ("curvature", {"curvature": True}),
        ("seed", {"seed": 9}),
        ("engine", {"engine": "numpy"}),
        ("X_test and Y_test", {"X_test": np.ones((3, 2)), "Y_test": np.ones((3, 1))}),
        ("epochs", {"epochs": 19}),
        ("record", {"record": range(0, 20, 5)}),
        ("record", {"record": [0]}),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_by_the_name_of_what_differs(
    tmp_path, named, other
):
    path = tmp_path / "c.npz"
    trained(20, checkpoint=path)
    before, net = path.read_bytes(), other.get("net", mf.mlp([2, 6, 1], seed=1))
    theta = net.theta.copy()
    with pytest.raises(ValueError, match=rf"c\.npz: {named}: expected .*, got .*") as refused:
        trained(**{"epochs": 20, "net": net, "checkpoint": path, **other})
    assert len(str(refused.value)) < 300 + len(str(path))
    assert path.read_bytes() == before and np.array_equal(net.theta, theta)


@pytest.mark.parametrize("what", [0, 1])
def test_a_checkpoint_of_other_data_is_refused(tmp_path, what):
    data, path = list(xor()), tmp_path / "c.npz"
    mf.train(mf.mlp([2, 6, 1]), *data, epochs=5, checkpoint=path)
    data[what] = data[what].copy()
    data[what][3] = 1.0 - data[what][3]
    with pytest.raises(ValueError, match=r"c\.npz: X and Y: expected arrays with digest"):
        mf.train(mf.mlp([2, 6, 1]), *data, epochs=5, checkpoint=path)


def test_a_rate_that_differs_in_its_values_only_is_refused(tmp_path):
    path = tmp_path / "c.npz"
    trained(20, checkpoint=path, optimizer=mf.Adam(lambda t: 0.05))
    with pytest.raises(ValueError, match=r"rate of step 10: expected 0\.05, .*, got 0\.005"):
        optimizer = mf.Adam(lambda t: 0.05 if t < 10 else 0.005)
        trained(20, checkpoint=path, optimizer=optimizer)


def test_a_beta_that_is_not_trained_belongs_to_the_network(tmp_path):
    path, options = tmp_path / "c.npz", {"hidden": "tanh", "seed": 1}
    trained(20, mf.mlp([2, 6, 1], **options), checkpoint=path)
    with pytest.raises(ValueError, match="beta, not trained: expected"):
        trained(20, mf.mlp([2, 6, 1], beta=0.5, **options), checkpoint=path)


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_an_interrupted_cell_that_is_run_again_goes_on(tmp_path, calls):
    """With the same network, whose theta has moved; and with one made anew."""
    whole_net, whole = trained(40)
    for made_anew in (True, False):
        path, net = tmp_path / f"{made_anew}.npz", mf.mlp([2, 6, 1], seed=1)
        left = iter(range(calls))

        def interrupt(epoch, loss, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt

        if calls < 4:
            with pytest.raises(KeyboardInterrupt):
                trained(40, net, checkpoint=path, progress=interrupt)
        else:
            trained(35, net, checkpoint=path)  # to its end, and then to more epochs
        net, resumed = trained(40, mf.mlp([2, 6, 1], seed=1) if made_anew else net, checkpoint=path)
        assert same(whole, resumed) and np.array_equal(net.theta, whole_net.theta)


def test_a_network_that_began_elsewhere_goes_on_with_a_warning(tmp_path):
    path = tmp_path / "c.npz"
    net, _ = trained(20, checkpoint=path)
    other = mf.mlp([2, 6, 1], seed=2)
    with pytest.warns(
        UserWarning, match=r"c\.npz: net goes on from here, though it began elsewhere"
    ):
        trained(20, other, checkpoint=path)
    assert np.array_equal(other.theta, net.theta)


@pytest.mark.parametrize("batch_size", [None, 16])
def test_a_finished_training_takes_no_step_again_and_goes_on_to_more(tmp_path, batch_size):
    steps = []

    class Counted(mf.Adam):
        def step(self, theta, gradient):
            steps.append(self.t)
            super().step(theta, gradient)

    for record in (range(0, 10, 10), []):
        path, per_epoch = tmp_path / f"{record}.npz", 1 if batch_size is None else 4
        options = {"optimizer": Counted(0.05), "batch_size": batch_size, "record": record}
        whole_net, whole = trained(25, **options)
        steps.clear()
        for epochs in (15, 15, 25, 25):
            net, history = trained(epochs, **options, checkpoint=path)
        assert steps == list(range(25 * per_epoch))
        assert same(whole, history) and np.array_equal(net.theta, whole_net.theta)


def test_a_foreign_checkpoint_is_refused_and_kept(tmp_path):
    path = tmp_path / "c.npz"
    path.write_text("my notes")
    with pytest.raises(ValueError, match="expected a minifnn checkpoint"):
        trained(20, checkpoint=path)
    assert path.read_text() == "my notes"


def test_a_loss_that_explodes_is_said(tmp_path):
    X, Y = xor()
    net = mf.mlp([2, 6, 1], output="linear")
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match="gradient: expected finite numbers"),
    ):
        mf.train(net, 1e3 * X, Y, epochs=500, optimizer=mf.GradientDescent(1e6))


def test_history_says_what_it_has():
    _, history = trained(20)
    with pytest.raises(KeyError, match="'alpha' was not recorded; recorded: epoch, loss"):
        history["alpha"]
    assert "alpha" not in history and "loss" in history
    assert repr(history).startswith("<History, 2 records of epoch, loss")


def test_a_frame_has_a_row_a_record_and_a_column_a_number():
    pytest.importorskip("pandas")
    _, history = trained(20, curvature=True)
    frame = history.to_frame()
    vectors = {"theta", "eigenvalues", "alpha_bounds"}
    assert set(frame) == set(history.keys()) - vectors | {"alpha_low", "alpha_high"}
    assert frame["epoch"].tolist() == [0, 10]
    for name in set(frame) & set(history.keys()):
        assert np.array_equal(frame[name], history[name], equal_nan=True)


def test_a_frame_of_a_short_history():
    pytest.importorskip("pandas")
    assert mf.History().to_frame().empty
    bounds = mf.History({"alpha_bounds": [(0.1, 0.2), (0.3, 0.4)], "gamma": [0.0, 0.5]})
    table = {"alpha_low": [0.1, 0.3], "alpha_high": [0.2, 0.4], "gamma": [0.0, 0.5]}
    assert bounds.to_frame().to_dict("list") == table
    _, history = trained(10)
    assert list(history.to_frame()) == [name for name in history.keys() if name != "theta"]


def test_progress_shows_a_bar(capfd):
    trained(20, progress=True)
    assert "0/20" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": 0}, ValueError, r"epochs: expected .*at least 1.*, got 0"),
        ({"epochs": 2.5}, TypeError, r"epochs: expected .*an integer.*, got 2.5"),
        (
            {"batch_size": 61},
            ValueError,
            "batch_size: expected at most 60, the number of samples, got 61",
        ),
        ({"batch_size": 0}, ValueError, r"batch_size: expected .*at least 1.*, got 0"),
        ({"record": [40]}, ValueError, "record: expected epochs below 40, got 40"),
        ({"record": [0.5]}, TypeError, "record: expected an integer, got 0.5"),
        ({"record": 3}, TypeError, "record: expected a list of epochs"),
        ({"checkpoint": 3}, TypeError, r"checkpoint: expected .*a path.*, got 3"),
        (
            {"optimizer": mf.Adam},
            TypeError,
            r"optimizer: expected an optimizer, such as .*, got <class 'minifnn\.optimise\.Adam'>",
        ),
        ({"engine": []}, ValueError, r"engine: expected .*one of.*, got \[\]"),
        (
            {"optimizer": "adam"},
            TypeError,
            r"optimizer: expected an optimizer, such as mf.Adam\(0.01\), got 'adam'",
        ),
        ({"X_test": np.ones((3, 2))}, TypeError, "Y_test: expected an array, got None"),
        ({"Y_test": np.ones((3, 1))}, TypeError, "X_test: expected an array, got None"),
        (
            {"X_test": np.ones((3, 2)), "Y_test": np.ones(2)},
            ValueError,
            r"Y_test: expected shape \(3, 1\), or \(3,\), got \(2,\)",
        ),
        (
            {"X_test": np.ones((3, 3)), "Y_test": np.ones((3, 1))},
            ValueError,
            r"X_test: expected shape \(any, 2\), got \(3, 3\)",
        ),
        ({"seed": -1}, ValueError, "seed: expected an integer of at least 0, got -1"),
    ],
)
def test_train_names_the_argument(options, error, message):
    X, Y = xor()
    net = mf.mlp([2, 6, 1])
    before = net.theta.copy()
    with pytest.raises(error, match=message):
        mf.train(net, X, Y, **{"epochs": 40, **options})
    assert np.array_equal(net.theta, before)


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize(
    "optimizer",
    [mf.GradientDescent(0.1, (0.5, 10)), mf.Momentum(0.05, decay=(0.5, 10)),
     mf.Adam(0.05, decay=(0.5, 10)), mf.DampedNewton(), mf.Adam(lambda t: 0.1 / (1 + t))],
)  # fmt: skip
def test_a_training_begins_with_a_fresh_optimizer(optimizer, engine):
    """Also one that has taken steps by itself, or served a network of other sizes."""
    options = {"optimizer": optimizer, "engine": engine}
    trained(20, net=mf.mlp([2, 3, 1]), **options)
    nets = [trained(20, **options)[0] for _ in range(2)]
    if not optimizer.needs_hessian:
        optimizer.step(np.ones(5), np.ones(5))
    before = {name: array.tolist() for name, array in optimizer.state().items()}
    nets.append(trained(20, **options)[0])
    assert {name: array.tolist() for name, array in optimizer.state().items()} == before
    assert all(np.array_equal(net.theta, nets[0].theta) for net in nets)


def test_softmax_and_linear_networks_train_too():
    for output in ("softmax", "linear", "esp"):
        net, X, Y = problem([2, 6, 2], "esp", output, N=40)
        history = mf.train(net, X, Y, epochs=200, optimizer=mf.Adam(0.02), X_test=X, Y_test=Y)
        assert history["loss"][-1] < history["loss"][0]


def test_a_step_to_nowhere_is_said_at_once():
    with pytest.raises(ValueError, match="theta: expected finite numbers"):
        trained(1, optimizer=mf.Adam(lambda t: float("nan")))
