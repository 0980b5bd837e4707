"""Nothing silently wrong: what is assigned, given or copied shows, or is refused by name.

docs/trust.md has a table of these kinds, with the number of cases of each.
"""

import copy
import multiprocessing
import os
import pickle
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from helpers import problem, relative_error
from threadpoolctl import threadpool_info, threadpool_limits

import minifnn as mf
from minifnn import losses
from minifnn._util.archives import read_arrays, write_arrays
from minifnn._util.threads import one_thread, thread_pool
from minifnn.activations import ACTIVATIONS
from minifnn.curvature import theorems
from minifnn.curvature.lanczos import lanczos_spectrum

EPS = np.finfo(float).eps
ENGINES = "numba", "numpy"


# ------------------------------------------------------------------------ one theta


def made():
    """A network with trained and fixed betas, and data."""
    return problem([3, 3, 2], ["esp"], "sigmoid", [True, False])


def same_everywhere(net, X, Y):
    """Theta, the names, the layers and both engines agree on what the parameters are."""
    copied = mf.Network(
        *net._architecture, net.l2, np.array(net.theta), [np.array(b) for b in net.betas]
    )
    views = net.split(net.theta)
    for l, (dense, gate) in enumerate(net.layers, start=1):
        for name, own in {"W": dense.W, "b": dense.b, "beta": gate.beta}.items():
            at = f"{name}{l}"
            if at in views:
                assert np.array_equal(own, views[at]), at
                assert np.array_equal(net.parameters[at], views[at]), at
                assert np.shares_memory(own, net.theta), at
        assert net.betas[l - 1] is gate.beta
    assert np.array_equal(net.forward(X), copied.forward(X))
    assert np.array_equal(net.logits(X), copied.forward(X))
    ours, theirs = (net.gradient(X, Y, engine) for engine in ENGINES)
    assert relative_error(ours, theirs) <= 1e-14
    assert relative_error(*(mf.hessian(net, X, Y, engine=engine) for engine in ENGINES)) <= 1e-14
    return True


def numbers(net):
    """All that assignments could change."""
    return np.concatenate([net.theta, *net.betas])


W1, DOUBLE, TWO = np.arange(9.0).reshape(3, 3) / 9, np.full(3, 2.0), [0.5, 0.25]


def whole(net):
    return {name: np.full(shape, 0.5) for name, shape in net.shapes.items()}


def times_two(net):
    net.layers[0].dense.W *= 2


def added_to(net):
    net.parameters["b1"] += 1
    net.layers[0].gate.beta += 1
    net.theta -= 0.5


def merged(net):
    net.parameters |= whole(net)


SHOWN = {  # assignments after which the numbers are others
    "parameters['W1'] =": lambda net: net.parameters.__setitem__("W1", W1),
    "parameters['W1'] = a list": lambda net: net.parameters.__setitem__("W1", W1.tolist()),
    "parameters['W1'] = its own transpose": lambda net: net.parameters.__setitem__(
        "W1", net.parameters["W1"].T
    ),
    "parameters['W1'][:] =": lambda net: net.parameters["W1"].__setitem__(slice(None), W1),
    "np.asarray(parameters['W1'])[...] =": lambda net: np.asarray(net.parameters["W1"]).__setitem__(
        ..., W1
    ),
    "parameters.update(...)": lambda net: net.parameters.update(whole(net)),
    "parameters.update(b1=...)": lambda net: net.parameters.update(b1=DOUBLE),
    "parameters |=": merged,
    "parameters.setdefault(...)[:] =": lambda net: net.parameters.setdefault("b1").__setitem__(
        slice(None), DOUBLE
    ),
    "view of values()": lambda net: [view.fill(0.5) for view in net.parameters.values()],
    "+=, -=": added_to,
    "layers[0].dense.W *=": times_two,
    "layers[0].dense.W =": lambda net: setattr(net.layers[0].dense, "W", 0 * W1),
    "layers[0].dense.b =": lambda net: setattr(net.layers[0].dense, "b", DOUBLE),
    "layers[0].gate.beta =": lambda net: setattr(net.layers[0].gate, "beta", DOUBLE),
    "layers[1].gate.beta =, fixed": lambda net: setattr(net.layers[1].gate, "beta", TWO),
    "betas[0][:] =": lambda net: net.betas[0].__setitem__(slice(None), DOUBLE),
    "betas[1][:] =, fixed": lambda net: net.betas[1].__setitem__(slice(None), TWO),
    "theta =": lambda net: setattr(net, "theta", np.arange(net.n_parameters) / 20),
    "theta[:] =": lambda net: net.theta.__setitem__(slice(None), 0.25),
    "theta[slices['b1']] =": lambda net: net.theta.__setitem__(net.slices["b1"], 2.0),
    "_theta =": lambda net: setattr(net, "_theta", np.arange(net.n_parameters) / 20),
    "split(theta)['W1'][:] =": lambda net: net.split(net.theta)["W1"].fill(0.5),
}


@pytest.mark.parametrize("how", SHOWN)
def test_an_assignment_shows_in_theta_and_in_both_engines(how):
    net, X, Y = made()
    before = numbers(net)
    SHOWN[how](net)
    assert not np.array_equal(numbers(net), before)
    assert same_everywhere(net, X, Y)


def setting(path, value):
    """Assign a value to an attribute of a network, such as layers.0.dense."""

    def assign(net):
        *way, last = path.split(".")
        for name in way:
            net = net[int(name)] if name.isdigit() else getattr(net, name)
        setattr(net, last, value)

    return assign


def deleting(name):
    def delete(net):
        del net.parameters[name]

    return delete


def item(what, key, value):
    def assign(net):
        getattr(net, what)[key] = value

    return assign


REFUSED = {
    **{
        f"{name} =": setting(name, value)
        for name, value in {
            "sizes": (3, 4, 2), "hidden": ("tanh",), "output": "softmax", "n_parameters": 3,
            "trainable_beta": (False, False), "gate_names": ("relu", "scale"), "shapes": {},
            "slices": {}, "parameters": {}, "betas": [DOUBLE, TWO], "layers": [],
            "loss_function": losses.squared_error, "_architecture": (), "labels": [],
            "W1": W1, "beta": 2.0, "tehta": 0.0, "weights": None,
            "layers.0.gate.activation": ACTIVATIONS["relu"], "layers.0.dense": None,
            "layers.0.gate": None, "layers.0.dense.W": np.ones(3), "layers.0.dense.b": 3j,
            "layers.1.gate.beta": [np.nan, 1.0], "theta": np.ones(3),
        }.items()
    },
    "parameters.pop": lambda net: net.parameters.pop("W1"),
    "parameters.popitem": lambda net: net.parameters.popitem(),
    "parameters.clear": lambda net: net.parameters.clear(),
    "del parameters['W1']": deleting("W1"),
    "parameters.setdefault('W7')": lambda net: net.parameters.setdefault("W7", 3.0),
    "parameters.update(W7=)": lambda net: net.parameters.update(W7=3.0),
    "parameters.update(W1=) of another shape": lambda net: net.parameters.update(W1=3.0),
    "parameters['W1'] = complex": item("parameters", "W1", 1j * W1),
    "parameters['W1'] = NaN": item("parameters", "W1", np.nan * W1),
    "parameters['W1'] = text": item("parameters", "W1", "W1"),
    "parameters | {}": lambda net: net.parameters | {},
    "{} | parameters": lambda net: {} | net.parameters,
    "parameters.fromkeys": lambda net: net.parameters.fromkeys("W1"),
    "betas[0] =": item("betas", 0, DOUBLE),
    "layers[0] =": item("layers", 0, None),
    "slices['W1'] =": item("slices", "W1", slice(0, 3)),
    "shapes['W1'] =": item("shapes", "W1", (9,)),
    "del layers[0].dense.W": lambda net: delattr(net.layers[0].dense, "W"),
}  # fmt: skip


@pytest.mark.parametrize("how", REFUSED)
def test_or_it_is_refused_and_changes_nothing(how):
    net, X, Y = made()
    before, shown = numbers(net), repr(net)
    with pytest.raises((TypeError, ValueError, AttributeError, KeyError)):
        REFUSED[how](net)
    assert np.array_equal(numbers(net), before) and repr(net) == shown
    assert same_everywhere(net, X, Y)


@pytest.mark.parametrize("name", ["sizes", "loss_function", "layers", "tehta"])
def test_the_error_says_what_to_do(name):
    with pytest.raises(TypeError, match=rf"{name}: expected to stay as it is; write to net\.theta"):
        setattr(made()[0], name, 3)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))]
)
def test_a_copy_of_the_parameters_stays_when_theta_moves(again):
    net, X, Y = made()
    best, loss = again(net.parameters), net.loss(X, Y)
    mf.train(net, X, Y, epochs=5)
    assert net.loss(X, Y) < loss
    net.parameters.update(best)
    assert net.loss(X, Y) == loss and type(best) is dict


def test_the_parameters_are_a_mapping_of_views():
    net = made()[0]
    assert list(net.parameters) == list(net.slices) and len(net.parameters) == 5
    assert "W1" in net.parameters and net.parameters.get("W7") is None
    assert all(np.shares_memory(view, net.theta) for view in dict(net.parameters).values())


ASKED = {
    "loss": lambda net, X, Y: net.loss(X, Y),
    "logits": lambda net, X, Y: net.logits(X),
    "predict": lambda net, X, Y: net.predict(X),
    "score": lambda net, X, Y: net.score(X, Y),
    "gradient": lambda net, X, Y: net.gradient(X, Y),
    "gradient, numpy": lambda net, X, Y: net.gradient(X, Y, engine="numpy"),
    "train": lambda net, X, Y: mf.train(net, X, Y, epochs=2),
    "hessian": mf.hessian,
    "columns": partial(mf.hessian, method="columns"),
    "gauss_newton": mf.gauss_newton,
    "residual_part": mf.residual_part,
    "layer_hessians": mf.layer_hessians,
    "hvp": lambda net, X, Y: mf.hvp(net, X, Y, np.ones(net.n_parameters)),
    "hessian_operator": mf.hessian_operator,
    "structural_zeros": mf.structural_zeros,
    "check.gradient": mf.check.gradient,
    "check.hessian": mf.check.hessian,
    "save": lambda net, X, Y: net.save("nan.npz"),
}


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("where", ["theta", "betas"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_said_by_name(what, where, bad):
    """Also below ReLU, which would make a 0 of them."""
    net, X, Y = problem([3, 4, 3, 2], ["tanh", "relu"], "sigmoid", False)
    {"theta": net.theta, "betas": net.betas[0]}[where][1] = bad
    with pytest.raises(ValueError, match=rf"{where}: expected finite numbers, got {bad} at \(1,\)"):
        ASKED[what](net, X, Y)


# ------------------------------------------------------------- float64 from the door on


def unaligned(array):
    """The same numbers, one byte off."""
    raw = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    raw[...] = array
    return raw


def mapped(array):
    """The same numbers in a file, as joblib gives them to its workers."""
    path = Path(os.environ["PYTEST_MAPS"]) / f"{array.shape}.npy"
    np.save(path, array)
    return np.load(path, mmap_mode="r")


def frozen(array):
    array = array.copy()
    array.flags.writeable = False
    return array


class Tagged(np.ndarray):
    """A subclass."""


KINDS = {
    "float32": lambda a: a.astype(np.float32),
    "float16": lambda a: a.astype(np.float16),
    "long double": lambda a: a.astype(np.longdouble),
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "float32, other byte order": lambda a: a.astype(np.dtype(np.float32).newbyteorder()),
    "every second": lambda a: np.repeat(a, 2, axis=0)[::2],
    "backwards": lambda a: a[::-1].copy()[::-1],
    "columns first": np.asfortranarray,
    "unaligned": unaligned,
    "read-only": frozen,
    "broadcast": lambda a: np.broadcast_to(a, (2, *a.shape))[0],
    "mapped": mapped,
    "of a subclass": lambda a: a.view(Tagged),
}


@pytest.fixture
def rounded(tmp_path, monkeypatch):
    """A network and data of numbers that float16 has, too."""
    monkeypatch.setenv("PYTEST_MAPS", str(tmp_path))
    net, X, Y = made()
    net.theta[:] = np.round(net.theta * 64) / 64
    return net, np.round(X * 64) / 64, Y


def answers(net, X, Y):
    """What both engines say, and a training of both."""
    results = [net.predict(X), mf.hvp(net, X, Y, np.ones(net.n_parameters))]
    for engine in ENGINES:
        trained = net.copy()
        mf.train(trained, X, Y, epochs=3, engine=engine)
        results += [net.gradient(X, Y, engine), mf.hessian(net, X, Y, engine=engine), trained.theta]
    return results


@pytest.mark.parametrize("kind", KINDS)
def test_any_kind_of_theta_becomes_float64(kind, rounded):
    net, X, Y = rounded
    other = net.with_theta(KINDS[kind](net.theta))
    assert type(other.theta) is np.ndarray and other.theta.dtype.str == np.dtype(float).str
    assert other.theta.flags.carray
    for one, two in zip(answers(other, X, Y), answers(net, X, Y)):
        assert np.array_equal(one, two)
    other.theta[:] = 0.0
    assert other.loss(X, Y) == pytest.approx(np.log(2))


@pytest.mark.parametrize("kind", KINDS)
def test_any_kind_of_data_becomes_float64(kind, rounded):
    net, X, Y = rounded
    for one, two in zip(answers(net, KINDS[kind](X), KINDS[kind](Y)), answers(net, X, Y)):
        assert np.array_equal(one, two)


def signatures():
    """How many kinds of arguments each kernel was compiled for."""
    modules = [name for name in sys.modules if name.startswith("minifnn.compiled.")]
    things = [thing for name in modules for thing in vars(sys.modules[name]).items()]
    return {
        name: len(kernel.signatures) for name, kernel in things if hasattr(kernel, "signatures")
    }


def test_data_of_any_kind_compile_no_kernel_again(rounded):
    pytest.importorskip("numba")
    net, X, Y = rounded
    answers(net, X, Y)
    known = signatures()
    assert sum(known.values()) > 5
    for kind in KINDS.values():
        answers(net.with_theta(kind(net.theta)), kind(X), kind(Y))
    assert signatures() == known


def test_a_theta_that_fits_is_kept():
    net, X, Y = made()
    theta = net.theta.copy()
    other = net.with_theta(theta)
    theta[:] = 0.0
    assert other.theta is theta and other.loss(X, Y) == pytest.approx(np.log(2))
    other.betas[1][:] = 7.0  # fixed: of each network its own
    assert net.betas[1][0] == 0.8
    step = net.with_theta(net.theta + 1e-30j)
    assert step.theta.dtype == complex and step.gradient(X, Y).dtype == complex


def test_a_theta_that_was_made_read_only_is_said():
    net, X, Y = made()
    net.theta.flags.writeable = False
    for asked in ("train", "gradient", "hessian", "loss"):
        with pytest.raises(ValueError, match="theta: expected numbers that can be written"):
            ASKED[asked](net, X, Y)


def frames():
    """X (4, 2) and labels (4,) in the containers that people have: {name: (X, Y)}."""
    pd, sparse = pytest.importorskip("pandas"), pytest.importorskip("scipy.sparse")
    X = pd.DataFrame({"a": [1, 2, 3, 4], "b": [0.5, 1.5, 2.5, 3.5]})
    y = pd.Series([0, 1, 0, 1])
    taken = {
        "frame": (X, y),
        "nullable": (X.convert_dtypes(), y),
        "nullable, all": (X.convert_dtypes(), y.convert_dtypes()),
        "Int64 labels": (X, y.astype("Int64")),
        "UInt8 labels": (X, y.astype("UInt8")),
        "Float32": (X.astype("Float32"), y),
        "categories": (X, y.astype("category")),
        "objects": (X.astype(object), y.astype(object)),
        "labels as floats": (X, y.astype(float)),
        "labels as truth values": (X, y == 1),
        "a column of labels": (X, y.to_frame()),
        "integers": (X.astype(int) + 0 * X, y.astype("int8")),
        "lists": (X.values.tolist(), y.tolist()),
        "sparse columns": (X.astype(pd.SparseDtype(float)), y),
    }
    holes = X.convert_dtypes()
    holes.loc[1, "a"] = pd.NA
    refused = {
        "a missing number": (holes, y, r"X: expected real numbers, got <NA> at \(1, 0\)"),
        "None": (X.astype(object).where(X > 1, None), y, r"X: expected .*(None|nan) at \(0, 0\)"),
        "text": (X.assign(a="x"), y, r"X: expected real numbers, got 'x' at \(0, 0\)"),
        "labels as text": (X, y.map({0: "no", 1: "yes"}), "Y: expected .* 'no' at"),
        "labels as fractions": (X, y + 0.5, "Y: expected whole numbers as class labels"),
        "labels with a hole": (X, y.astype("Int64").where(y > 0), "Y: expected .*(<NA>|nan) at"),
        "two columns of labels": (X, X.astype(int), "Y: expected numbers from 0 to 1, got 4.0"),
        "sparse array": (sparse.csr_array(X), y, r"X: expected a dense array.*toarray\(\)"),
        "sparse matrix": (sparse.coo_matrix(X), y, r"X: expected a dense array.*toarray\(\)"),
        "sparse targets": (X, sparse.csr_array(np.eye(4)[:, :2]), "Y: expected a dense array"),
        "dates": (X.assign(a=pd.Timestamp(0)), y, "X: expected real numbers, got Timestamp"),
    }
    return taken, refused


def test_containers_of_data_are_taken_or_said_clearly():
    taken, refused = frames()
    net = mf.mlp([2, 3, 2], output="softmax")
    right = answers(net, np.array(taken["lists"][0]), np.array(taken["lists"][1]))
    for name, (X, y) in taken.items():
        ours = right if name != "integers" else answers(net, np.asarray(X, float), y)
        assert all(map(np.array_equal, answers(net, X, y), ours)), name
    for X, y, message in refused.values():
        for asked in ("loss", "gradient", "train", "hessian"):
            with pytest.raises((TypeError, ValueError), match=message):
                ASKED[asked](net, X, y)


# ---------------------------------------------------------------- threads and processes


def trained(net, X, Y, optimizer, **settings):
    net = net.copy()
    history = mf.train(net, X, Y, epochs=4, optimizer=optimizer, **settings)
    return net.theta, history["loss"], history["train_score"]


def through_a_file(net, X, Y, folder):
    path = folder / f"{threading.get_ident()}.npz"
    net.save(path)
    return mf.load(path).predict(X)


def compared(kind, **settings):
    def compare(net, X, Y):
        found = kind(net, X[:20], Y[:20], **settings)
        return found.hand, found.reference, found.tolerance

    return compare


def shared_functions(folder):
    """Functions of one network and a batch: {name: function}."""
    found = {}
    for engine in ENGINES:
        on = {"engine": engine}
        found |= {
            f"gradient, {engine}": lambda net, X, Y, e=engine: net.gradient(X, Y, e),
            f"hessian, {engine}": partial(mf.hessian, **on),
            f"hessian by columns, {engine}": partial(mf.hessian, method="columns", **on),
            f"gauss_newton, {engine}": partial(mf.gauss_newton, **on),
            f"residual_part, {engine}": partial(mf.residual_part, **on),
            f"layer_hessians, {engine}": partial(mf.layer_hessians, **on),
            f"hvp, {engine}": lambda net, X, Y, e=engine: mf.hvp(net, X, Y, net.theta, e),
            f"hvp of columns, {engine}": lambda net, X, Y, e=engine: mf.hvp(
                net, X, Y, np.eye(net.n_parameters)[:, :3], e
            ),
            f"hessian_operator, {engine}": lambda net, X, Y, e=engine: mf.hessian_operator(
                net, X, Y, e
            ).matvec(net.theta),
            f"check.gradient, {engine}": compared(mf.check.gradient, **on),
            f"check.hessian, {engine}": compared(mf.check.hessian, **on),
            f"damped Newton, {engine}": lambda net, X, Y, e=engine: trained(
                net, X, Y, mf.DampedNewton(), engine=e
            ),
        }
        for kind in (mf.GradientDescent, mf.Momentum, mf.Adam):
            for batch in (None, 64):
                found[f"train, {kind.__name__}, {batch}, {engine}"] = (
                    lambda net, X, Y, k=kind, b=batch, e=engine: trained(
                        net, X, Y, k(0.01), batch_size=b, engine=e, X_test=X, Y_test=Y
                    )
                )
        found[f"train with curvature, {engine}"] = lambda net, X, Y, e=engine: trained(
            net, X, Y, mf.Adam(0.01, decay=(0.9, 10)), curvature=True, engine=e
        )
    return found | {
        "hessian by blocks and columns": lambda net, X, Y: (
            mf.check.hessian(net, X[:20], Y[:20], by="columns").hand
        ),
        "check.gradient, central": compared(mf.check.gradient, method="central"),
        "check.hessian, central": compared(mf.check.hessian, method="central"),
        "logits": lambda net, X, Y: net.logits(X),
        "predict": lambda net, X, Y: net.predict(X),
        "loss": lambda net, X, Y: net.loss(X, Y),
        "score": lambda net, X, Y: net.score(X, Y),
        "structural_zeros": lambda net, X, Y: mf.structural_zeros(net, X, Y),
        "dead_parameters": lambda net, X, Y: theorems.dead_parameters(net, X),
        "gauges": lambda net, X, Y: theorems.gauges(net),
        "spectrum": lambda net, X, Y: mf.spectrum(mf.hessian(net, X, Y)).eigenvalues,
        "inertia": lambda net, X, Y: mf.inertia(mf.hessian(net, X, Y)),
        "lanczos_spectrum": lambda net, X, Y: lanczos_spectrum(
            mf.hessian_operator(net, X, Y), extremes=2, steps=5, vectors=2
        ).density([0.0, 0.1], 0.1),
        "with_theta": lambda net, X, Y: net.with_theta(net.theta / 2).loss(X, Y),
        "copy": lambda net, X, Y: copy.deepcopy(net).gradient(X, Y),
        "pickle": lambda net, X, Y: pickle.loads(pickle.dumps(net)).gradient(X, Y),
        "save and load": partial(through_a_file, folder=folder),
        "labels": lambda net, X, Y: np.array([len(name) for name in net.labels]),
        "activations": lambda net, X, Y: ACTIVATIONS["esp"].derivatives(X @ net.parameters["W1"]),
        "a complex step": lambda net, X, Y: net.with_theta(net.theta + 1e-30j).gradient(X, Y).imag,
    }


def flat(result):
    """All numbers in nested results, in one vector."""
    if isinstance(result, (list, tuple)):
        return np.concatenate([np.zeros(0), *map(flat, result)])
    return np.ravel(np.asarray(result, float))


def test_functions_of_one_network_from_four_threads_give_the_serial_results(tmp_path):
    """Sums may be taken in another order where BLAS has another number of threads."""
    net, X, Y = problem([6, 8, 2], ["esp"], "sigmoid", N=4 * 200)
    batches = list(zip(np.split(X, 4), np.split(Y, 4)))
    functions = shared_functions(tmp_path)
    assert len(functions) >= 50
    theta = net.theta.copy()
    for name, function in functions.items():
        right = [flat(function(net, *batch)) for batch in batches]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda batch, f=function: flat(f(net, *batch)), 3 * batches))
        tolerance = 1e-4 if "central" in name else 1e3 * EPS  # of the largest; 200 samples
        worst = max(map(relative_error, found, 3 * right))
        assert worst <= tolerance, (name, worst)
    assert np.array_equal(net.theta, theta)


def test_different_functions_of_one_network_at_once_do_not_meet(tmp_path):
    net, X, Y = problem([6, 8, 2], ["esp"], "sigmoid", N=200)
    functions = {n: f for n, f in shared_functions(tmp_path).items() if "central" not in n}
    right = [flat(function(net, X, Y)) for function in functions.values()]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda function: flat(function(net, X, Y)), functions.values()))
    for name, one, two in zip(functions, found, right):
        assert relative_error(one, two) <= 1e3 * EPS, name


def blas():
    return [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]


def fail(*_):
    raise ZeroDivisionError


def stop(*_):
    raise KeyboardInterrupt


def overlapping():
    """The first thread to enter is the first to leave."""
    entered, left = threading.Event(), threading.Event()

    def first():
        with one_thread():
            entered.wait(10)
        left.set()

    thread = threading.Thread(target=first)
    thread.start()
    with one_thread():
        entered.set()
        left.wait(10)
        assert set(blas()) == {1}
    thread.join()


def nested():
    with one_thread(), one_thread(), thread_pool() as run:
        assert run([blas]) == [[1] * len(blas())]


def abandoned():
    context = one_thread()
    context.__enter__()


def in_sweep(run, threads):
    if threads is None:
        return partial(mf.sweep, run, range(4))

    def sweep():
        with ThreadPoolExecutor(threads) as pool:
            mf.sweep(run, range(12), pool)

    return sweep


MIDDLING = problem([20, 30, 1], ["esp"], "sigmoid", N=500)  # products that pay for one thread


def at_work(seed=0, then=lambda epochs, loss: None, engine="numba"):
    net, X, Y = MIDDLING
    mf.train(net.copy(), X, Y, epochs=20 + 3 * seed, progress=then, engine=engine)


def after(error, function, *arguments):
    def run():
        with pytest.raises(error):
            function(*arguments)

    return run


def test_when_one_of_several_tasks_fails_none_goes_on():
    done = []

    def slow():
        time.sleep(0.05)
        done.append(1)

    with threadpool_limits(2, "blas"), thread_pool() as run, pytest.raises(ZeroDivisionError):
        run([fail, *9 * [slow]])
    before = len(done)
    time.sleep(0.2)
    assert len(done) == before < 9


PASSING = {
    "a training": at_work,
    "a training that fails": after(ZeroDivisionError, at_work, 0, fail),
    "a training that is stopped": after(KeyboardInterrupt, at_work, 0, stop),
    "the same on NumPy": after(KeyboardInterrupt, at_work, 0, stop, "numpy"),
    "a Hessian": lambda: mf.hessian(*MIDDLING),
    "an impossible Hessian": after(TypeError, mf.hessian, None, None, None),
    "a spectrum": lambda: mf.spectrum(np.diag(np.arange(700.0)) + 1),
    "a sweep": in_sweep(at_work, None),
    "a sweep on threads": in_sweep(at_work, 4),
    "a sweep on threads that fails": in_sweep(partial(at_work, then=fail), 3),
    "contexts within another": nested,
    "contexts that overlap": overlapping,
    "a context that nobody leaves": abandoned,
    "a context that fails": after(ZeroDivisionError, one_thread()(fail)),
    "a context that is stopped": after(KeyboardInterrupt, one_thread()(stop)),
}


@pytest.mark.parametrize("what", PASSING)
@pytest.mark.parametrize("limit", [None, 2, 1])
def test_threads_of_blas_and_numba_are_as_before(what, limit):
    numba = pytest.importorskip("numba")
    at_work()  # loads all there is
    with threadpool_limits(limit, "blas"):
        before = blas(), numba.get_num_threads()
        PASSING[what]()
        assert (blas(), numba.get_num_threads()) == before
        assert np.geterr() == np.geterr() | {"over": "warn", "invalid": "warn"}


def test_filters_of_warnings_are_as_before_when_files_were_read_at_once(tmp_path):
    import warnings

    net = made()[0]
    net.save(tmp_path / "net.npz")
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(mf.load, 100 * [tmp_path / "net.npz"]))
    assert warnings.filters == before


# -------------------------------------------------------------------------- copies


def rate(t):
    """A schedule."""
    return 0.1 / (1 + t)


def stepped(optimizer):
    theta = np.ones(4)
    for _ in range(3):
        optimizer.step(theta, theta**2, *([np.eye(4)] if optimizer.needs_hessian else []))
    return optimizer


def optimizers():
    decays = {"decay": (0.9, 500)}
    kinds = mf.GradientDescent, mf.Momentum, mf.Adam
    made = [kind(0.1, **more) for kind in kinds for more in ({}, decays)]
    return [*made, *(kind(rate) for kind in kinds), mf.DampedNewton()]


def picklable():
    """What goes from one process to another: {name: thing}."""
    net, X, Y = made()
    history = mf.train(net, X, Y, epochs=3, X_test=X, Y_test=Y, curvature=True)
    H = mf.hessian(net, X, Y)
    found = {
        "network": net,
        "history": history,
        "spectrum": mf.spectrum(H),
        "inertia": mf.inertia(H),
        "structural zeros": mf.structural_zeros(net, X, Y),
        "comparison": mf.check.gradient(net, X, Y),
        "data": mf.datasets.linear(),
        "digits": mf.datasets.digits(),
        "derivatives": ACTIVATIONS["esp"].derivatives(X),
        "layer": net.layers[0],
        "outcome": mf.sweep(abs, [-1])[0],
        **{f"{type(o).__name__} {n}, new": o for n, o in enumerate(optimizers())},
        **{f"{type(o).__name__} {n}": stepped(o) for n, o in enumerate(optimizers())},
    }
    try:
        from minifnn.sklearn import FNNClassifier, FNNRegressor
    except ImportError:
        return found
    return found | {
        "classifier": FNNClassifier(epochs=3, random_state=0).fit(X, Y[:, 0].astype(int)),
        "regressor": FNNRegressor(epochs=3, random_state=0).fit(X, Y),
        "estimator, not fitted": FNNClassifier(rate=rate),
    }


def content(thing, depth=0):
    """What a thing is made of, to be compared."""
    if isinstance(thing, np.ndarray):
        return thing.shape, thing.dtype.str, b"" if thing.dtype.hasobject else thing.tobytes()
    if isinstance(thing, mf.Network):
        return {name: content(array) for name, array in thing.to_arrays().items()}
    if isinstance(thing, dict) or hasattr(thing, "keys"):
        return {name: content(thing[name], depth + 1) for name in thing.keys()}
    if isinstance(thing, (list, tuple)):
        return [content(each, depth + 1) for each in thing]
    if isinstance(thing, partial):
        return thing.func, thing.args
    if hasattr(thing, "__dict__") and not callable(thing) and depth < 4:
        return {name: content(each, depth + 1) for name, each in vars(thing).items()}
    return thing if isinstance(thing, (int, float, str, type(None))) else repr(type(thing))


THINGS = picklable()
WAYS = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{f"pickle, protocol {n}": lambda t, n=n: pickle.loads(pickle.dumps(t, n)) for n in (0, 2)},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", THINGS)
def test_a_copy_is_the_same(name, way):
    assert content(WAYS[way](THINGS[name])) == content(THINGS[name])


def unchanged(thing):
    """It, from another process."""
    return thing


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_all_of_it_goes_through_pools_of_processes(start):
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip("no fork here")
    context = multiprocessing.get_context(start)
    things = [thing for name, thing in THINGS.items() if "not fitted" not in name]
    things = [t for t in things if type(t).__module__.startswith(("minifnn", "numpy"))]
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for before, after in zip(things, pool.map(copy.copy, things)):
            assert content(after) == content(before)


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_optimizer_steps_for_itself_and_in_the_same_way(way):
    for optimizer in map(stepped, optimizers()):
        before = content(optimizer.state())
        copied, other = WAYS[way](optimizer), WAYS[way](optimizer)
        assert content(stepped(copied).state()) != before
        assert content(optimizer.state()) == before == content(other.state())
        assert content(stepped(other).state()) == content(copied.state())
        assert content(stepped(optimizer).state()) == content(copied.state())


@pytest.mark.parametrize("way", WAYS)
def test_activations_and_losses_stay_themselves(way):
    """Else the compiled kernels would not know them."""
    known = [losses.bernoulli, losses.categorical, losses.squared_error, *ACTIVATIONS.values()]
    assert all(WAYS[way](thing) is thing for thing in known)
    own = replace(ACTIVATIONS["esp"], name="own", slopes=ACTIVATIONS["tanh"].slopes)
    other = WAYS[way](own)
    assert vars(other) == vars(own) and other is not ACTIVATIONS["esp"]


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_network_is_independent_and_of_its_kind(way):
    net, X, Y = made()
    copied = WAYS[way](net)
    assert same_everywhere(copied, X, Y)
    copied.theta[:] = 0.0
    copied.betas[1][:] = 5.0
    assert net.theta.all() and net.betas[1][0] == 0.8


def test_a_pickle_is_of_a_sensible_size():
    sklearn = pytest.importorskip("minifnn.sklearn")
    X = np.random.default_rng(0).normal(size=(40, 2000))
    model = sklearn.FNNClassifier(epochs=60, random_state=0).fit(X, (X[:, 0] > 0).astype(int))
    size = model.network_.theta.nbytes
    assert len(pickle.dumps(model.network_)) < size + 2000
    assert len(pickle.dumps(model)) < size + 10_000


# -------------------------------------------------------------------------- metrics


def right_by_design(K):
    """A network whose K sigmoids say whether the inputs are above 1/2, X and right targets."""
    net = mf.mlp([K, K], [], "sigmoid", trainable_beta=False)
    net.parameters.update({"W1": 20 * np.eye(K), "b1": np.full(K, -10.0)})
    X = np.random.default_rng(0).random((40, K))
    return net, X, (X > 0.5).astype(float)


@pytest.mark.parametrize("K", [1, 2, 3, 10])
def test_the_score_of_sigmoids_does_not_depend_on_which_rows_there_are(K):
    net, X, Y = right_by_design(K)
    one, none = Y.sum(axis=1) <= 1, Y.sum(axis=1) == 0
    for rows in (slice(None), one, none, ~one, [0], [7]):
        if len(X[rows]):
            assert net.score(X[rows], Y[rows]) == 1.0
    wrong = Y.copy()
    wrong[3, 0] = 1 - wrong[3, 0]
    assert net.score(X, wrong) == pytest.approx(1 - 1 / Y.size, abs=1e-15)
    shares = [net.score(X[n : n + 1], wrong[n : n + 1]) for n in range(len(X))]
    assert net.score(X, wrong) == pytest.approx(np.mean(shares), abs=1e-15)  # a mean over rows


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear", "esp", "relu", "tanh"])
@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_history_has_the_same_metric(output, K, engine):
    net, X, Y = problem([3, 4, K], ["esp"], output)
    start = net.copy()
    history = mf.train(net, X, Y, 3, X_test=X[:9], Y_test=Y[:9], record=[0, 2], engine=engine)
    assert history["train_score"][0] == start.score(X, Y)
    assert history["test_score"][-1] == net.score(X[:9], Y[:9])


def test_the_published_digits_are_right_or_wrong_as_a_whole(tmp_path):
    from minifnn.experiments.paper import Run

    run = Run("digits", "sigmoid", epochs=1)
    net, data = run.network(), run.data()
    largest = net.predict(data.X_test).argmax(axis=1) == data.Y_test.argmax(axis=1)
    for copied in (net, net.copy(), net.fresh(), net.with_theta(net.theta), copy.deepcopy(net)):
        assert copied.score(data.X_test, data.Y_test) == largest.mean()
    assert type(Run("linear-10", "esp").network()) is mf.Network


# ------------------------------------------------------------------- files, and home


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["theta", "betas"])
def test_what_load_refuses_is_not_saved(bad, where, tmp_path):
    net = made()[0]
    net.save(tmp_path / "net.npz")
    before = (tmp_path / "net.npz").read_bytes()
    {"theta": net.theta, "betas": net.betas[1]}[where][0] = bad
    with pytest.raises(ValueError, match=f"{where}: expected finite numbers"):
        net.save(tmp_path / "net.npz")
    assert (tmp_path / "net.npz").read_bytes() == before
    with pytest.raises(TypeError, match="theta: expected real numbers"):
        net.with_theta(net.theta + 1j).save(tmp_path / "net.npz")


@pytest.mark.parametrize(
    "array", [np.array([None]), np.array([1j]), np.zeros((0, 3)), np.array(["x"], "S"), {"a": 1},
              np.array([0], "M8[s]")]
)  # fmt: skip
def test_what_read_arrays_refuses_is_not_written(array, tmp_path):
    with pytest.raises(ValueError, match="numbers: expected numbers or text"):
        write_arrays(tmp_path / "a.npz", {"kind": "test 1", "numbers": array})
    assert not list(tmp_path.iterdir())
    write_arrays(tmp_path / "a.npz", {"kind": "test 1", "numbers": [1, 2]})
    assert read_arrays(tmp_path / "a.npz", "test 1")["numbers"].tolist() == [1, 2]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The home folder; the working folder is another."""
    for name in ("home", "here"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    yield tmp_path / "home"
    assert not list((tmp_path / "here").iterdir())


def test_a_tilde_is_the_home_folder(home):
    from minifnn import lesson

    net, X, Y = made()
    net.save("~/net.npz")
    assert np.array_equal(mf.load(Path("~") / "net.npz").theta, net.theta)
    mf.train(net, X, Y, epochs=2, checkpoint="~/c.npz")
    write_arrays("~/a.npz", {"kind": "test 1"})
    lesson.copy_to("~/lessons")
    assert {path.name for path in home.iterdir()} == {"net.npz", "c.npz", "a.npz", "lessons"}


def test_a_tilde_is_the_home_folder_of_experiments_too(home):
    from scipy.io import savemat

    from minifnn.experiments import paper
    from minifnn.experiments.report import write_report
    from minifnn.experiments.seeds.run import Block, carry_out

    savemat(home / "NLdata.mat", {"X": np.random.default_rng(0).normal(size=(20, 2)),
                                  "y": np.arange(20)[:, None] % 2})  # fmt: skip
    assert len(mf.datasets.from_mat("~/NLdata.mat", 0.2, 0).X_test) == 4
    settings = {"epochs": 1, "data_dir": "~"}
    results, failures = paper.reproduce(
        "~/out", ["nonlinear-10"], ["relu"], workers=1, progress=False, **settings
    )
    assert len(results) == 1 and not failures
    assert write_report("~/out", results) == []
    assert (home / "out" / "report.html").exists()
    block = Block("x", (0, 0), ["nonlinear-10"], ["authors"], ["relu"], epochs=1)
    assert carry_out("~/swept", [block], "~", progress=False) == []
    assert (home / "swept" / "seeds.csv").exists()


@pytest.mark.parametrize("name", ["~nobody-of-this-name.npz", "./~", "a~"])
def test_other_tildes_are_letters(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made()[0].save(name)
    assert [path.name for path in tmp_path.iterdir()] == [Path(name).name]
