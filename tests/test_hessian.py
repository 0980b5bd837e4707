"""The two Hessians against each other, the complex step, and the published record."""

import itertools
from importlib import import_module

import numpy as np
import pytest
from helpers import RECORD, largest, problem, problems, relative_error
from hypothesis import given, settings

import minifnn as mf
from minifnn import backend
from minifnn._util.threads import thread_pool
from minifnn.network import HIDDEN, OUTPUTS, check_problem

ENGINES = ("numpy", "numba")
kernels = backend.kernels()
needs_numba = pytest.mark.skipif(kernels is None, reason="Numba is not there or switched off")
EVERY = list(itertools.product(HIDDEN, OUTPUTS, (True, False)))


def complex_hessian(net, X, Y):
    X, Y = check_problem(net, X, Y)

    def gradient(theta):
        twin = net.with_theta(theta)
        return twin.backward(net.loss_function.gradient(twin.forward(X), Y))

    return mf.check.complex_step(gradient, net.theta)


def scale_of(net, X, Y):
    """The size of the two parts of the Hessian, which may all but cancel."""
    return largest(mf.gauss_newton(net, X, Y)) + largest(mf.residual_part(net, X, Y))


@pytest.mark.parametrize(("hidden", "output", "trainable"), EVERY)
def test_both_methods_and_the_complex_step_agree(hidden, output, trainable):
    for sizes in ([3, 5, 2], [2, 4, 3, 2]):
        net, X, Y = problem(sizes, hidden, output, trainable)
        reference, scale = complex_hessian(net, X, Y), scale_of(net, X, Y)
        for engine in ENGINES:
            blocks = mf.hessian(net, X, Y, engine=engine)
            columns = mf.hessian(net, X, Y, method="columns", engine=engine)
            assert largest(blocks - columns) <= 1e-13 * scale
            assert largest(blocks - reference) <= 1e-13 * scale
            assert largest(columns - reference) <= 1e-13 * scale


@given(problems())
@settings(max_examples=150)
def test_hessian_of_any_network(problem):
    net, X, Y = problem
    reference = complex_hessian(net, X, Y)
    scale = scale_of(net, X, Y)
    for method, engine in itertools.product(("blocks", "columns"), ENGINES):
        assert largest(mf.hessian(net, X, Y, method, engine) - reference) <= 1e-13 * scale


@given(problems())
@settings(max_examples=50)
def test_hessian_is_exactly_symmetric(problem):
    net, X, Y = problem
    questions = mf.hessian, mf.gauss_newton, mf.residual_part
    for question, engine in itertools.product(questions, ENGINES):
        H = question(net, X, Y, engine=engine)
        assert np.array_equal(H, H.T)


@pytest.mark.parametrize("engine", ENGINES)
def test_averaged_columns_are_exactly_symmetric(engine):
    net, X, Y = problem([3, 5, 4, 2], ["esp", "tanh"], "softmax", True)
    H = mf.hessian(net, X, Y, method="columns", engine=engine)
    assert np.array_equal(H, H.T)


def test_columns_are_symmetric_before_they_are_averaged():
    """Averaging H and H^T hides an error in one half; here is no averaging."""
    net, X, Y = problem([3, 5, 4, 2], ["esp", "tanh"], "softmax", True)
    H = mf.hvp(net, X, Y, np.eye(net.n_parameters))
    assert largest(H.T - H) < 1e-14 * scale_of(net, X, Y)


def test_columns_that_are_not_symmetric_are_reported(monkeypatch):
    """As they are without half of (10.6), say; the average alone would hide it."""
    net, X, Y = problem([3, 5, 4, 2], ["esp", "tanh"], "sigmoid", True)
    operator = import_module("minifnn.curvature.operator")
    monkeypatch.setattr(operator, "_times_curvature", lambda C, o_dot: C * o_dot[[0, 0]])
    with pytest.warns(RuntimeWarning, match="H by columns and its transpose differ by"):
        mf.hessian(net, X, Y, method="columns")


def test_hvp_is_the_hessian_times_the_vector():
    net, X, Y = problem([3, 5, 4, 2], ["esp", "sigmoid"], "sigmoid", True)
    V = np.random.default_rng(1).normal(size=(net.n_parameters, 3))
    H = mf.hessian(net, X, Y)
    scale = scale_of(net, X, Y) * np.abs(V).sum(axis=0).max()  # of what is summed
    assert largest(mf.hvp(net, X, Y, V) - H @ V) < 1e-14 * scale
    assert largest(mf.hvp(net, X, Y, V[:, 0]) - H @ V[:, 0]) < 1e-14 * scale


def test_hvp_is_the_difference_of_gradients():
    net, X, Y = problem([3, 5, 4, 2], "esp", "softmax", True)
    v, step = np.random.default_rng(1).normal(size=net.n_parameters), 1e-6
    up, down = net.with_theta(net.theta + step * v), net.with_theta(net.theta - step * v)
    difference = (up.gradient(X, Y) - down.gradient(X, Y)) / (2 * step)
    assert relative_error(mf.hvp(net, X, Y, v), difference) < 1e-8


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("output", OUTPUTS)
def test_gauss_newton_is_the_jacobian_squared(output, engine):
    net, X, Y = problem([3, 4, 3, 2], ["esp", "tanh"], output, True, N=5)
    X, targets = check_problem(net, X, Y)
    J = mf.check.complex_step(lambda theta: net.with_theta(theta).forward(X), net.theta)
    C = net.loss_function.curvature(net.forward(X), targets)
    expected = np.einsum("pni,nij,qnj->pq", J, C, J)
    assert relative_error(mf.gauss_newton(net, X, Y, engine), expected) < 1e-13


def test_gauss_newton_and_residual_part_make_the_hessian():
    net, X, Y = problem([3, 4, 3, 2], ["esp", "relu"], "sigmoid", True)
    total = mf.gauss_newton(net, X, Y) + mf.residual_part(net, X, Y)
    assert relative_error(total, mf.hessian(net, X, Y)) < 1e-14


@pytest.mark.parametrize("engine", ENGINES)
def test_layers_by_themselves_have_the_same_blocks(engine, monkeypatch):
    monkeypatch.setattr("minifnn.curvature.parts.CHUNK", 0)  # as for a network that is large
    trained = [True, False, True, False]
    net, X, Y = problem([4, 4, 4, 4, 3], ["esp", "relu", "tanh"], "softmax", trained)
    H, start = mf.hessian(net, X, Y, engine=engine), 0
    for block in mf.layer_hessians(net, X, Y, engine):
        own = slice(start, start := start + len(block))
        assert np.array_equal(block, block.T)
        assert relative_error(block, H[own, own]) <= 1e-14
    assert start == net.n_parameters


@pytest.mark.parametrize("engine", ENGINES)
def test_layer_hessians_are_the_diagonal_blocks(engine):
    net, X, Y = problem([3, 4, 3, 2], ["esp", "relu"], "sigmoid", [True, False, True])
    H, start = mf.hessian(net, X, Y, engine=engine), 0
    for l, block in enumerate(mf.layer_hessians(net, X, Y, engine), start=1):
        last = f"beta{l}" if f"beta{l}" in net.slices else f"b{l}"
        stop = net.slices[last].stop
        assert np.array_equal(block, H[start:stop, start:stop])
        start = stop
    assert start == net.n_parameters


@pytest.mark.parametrize("engine", ENGINES)
def test_chunks_of_samples_change_only_the_last_bits(monkeypatch, engine):
    net, X, Y = problem([3, 5, 4, 2], "esp", "softmax", N=50)
    whole = mf.hessian(net, X, Y, engine=engine)
    monkeypatch.setattr(import_module("minifnn._util.progress"), "CHUNK", 1000)
    chunks = mf.hessian(net, X, Y, engine=engine)
    assert not np.array_equal(chunks, whole)  # there were several chunks
    each = [mf.hessian(net, X[n : n + 1], Y[n : n + 1], engine=engine) for n in range(50)]
    assert largest(chunks - whole) < 1e-15 * largest(np.mean(np.abs(each), axis=0))


@needs_numba
@pytest.mark.parametrize("sizes", [[3, 5, 4, 2], [3, 2]])
def test_several_threads_give_what_one_gives(monkeypatch, sizes):
    """What large problems take, at a small one: tasks, and shares of the mirror image."""
    net, X, Y = problem(sizes, "esp", "sigmoid", True)
    X[:, 1] = 0.0
    questions = mf.hessian, mf.gauss_newton, mf.residual_part
    whole = [question(net, X, Y) for question in questions]
    monkeypatch.setattr(import_module("minifnn.compiled.hessian"), "SMALL", 0)
    for question, at_once in zip(questions, whole):
        assert relative_error(question(net, X, Y), at_once) < 1e-14


@needs_numba
def test_what_reaches_the_limit_takes_several_threads(monkeypatch):
    module, asked = import_module("minifnn.compiled.hessian"), []
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    reached = len(X) * net.n_parameters**2
    monkeypatch.setattr(module, "thread_pool", lambda: asked.append(True) or thread_pool())
    for number, expected in ((reached + 1, []), (reached, [True])):
        monkeypatch.setattr(module, "SMALL", number)
        mf.hessian(net, X, Y)
        assert asked == expected


@needs_numba
def test_all_of_a_matrix_is_mirrored_and_looked_at():
    mirror = import_module("minifnn.compiled.hessian").mirror
    whole = np.random.default_rng(0).normal(size=(600, 600))  # 8 shares of tiles of 64
    whole += whole.T
    H = np.tril(whole)
    assert all([mirror(H, k, 8) for k in range(8)]) and np.array_equal(H, whole)
    H[-1, 0] = np.inf
    assert not all([mirror(H, k, 8) for k in range(8)])


@needs_numba
def test_inputs_that_are_always_zero_are_left_out_and_the_others_ordered():
    """The bias's first, last the one that seldom counts."""
    columns = np.array([[0, 0, 0], [0, 5, 0], [1, 2, 3], [0, 0, 0], [1, 0, 1], [1, 1, 1]])
    place = import_module("minifnn.compiled.hessian").most_frequent_first(columns)
    assert place.tolist() == [5, 2, 4, 1]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ["blocks", "columns"])
def test_progress_counts_all_and_leaves_nothing(monkeypatch, capsys, method, engine):
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid", N=17)
    total = 17 if method == "blocks" else net.n_parameters
    mf.hessian(net, X, Y, method, engine)
    mf.gauss_newton(net, X, Y, engine)
    mf.hvp(net, X, Y, net.theta, engine)
    assert capsys.readouterr().err == ""
    mf.hessian(net, X, Y, method, engine, progress=True)
    shown = capsys.readouterr().err
    assert f"0/{total}" in shown and shown.endswith("\r")


def test_hessian_leaves_the_network_alone():
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    before = net.theta.copy()
    mf.hessian(net, X, Y)
    mf.hessian(net, X, Y, method="columns")
    assert np.array_equal(net.theta, before)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", ["blocks", "columns"])
def test_overflowing_betas_leave_no_nan(method, engine):
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    net.parameters["beta1"][:] = [1e6, -1e6, 0.0, 1e-300]
    assert np.isfinite(mf.hessian(net, X, Y, method, engine)).all()


# ------------------------------------------------------------ the authors' record


def recorded():
    path = RECORD / "nl10_esp.npz"
    if not path.exists():
        pytest.skip("the authors' record is not here")
    return np.load(path)


def published_network(record, i):
    """The network of record i, from arrays in which W is (units, inputs)."""
    net = mf.mlp([2, 10, 1], hidden="esp")
    for name, view in net.parameters.items():
        view[:] = record[name][i].T.reshape(view.shape)
    return net


def published_order(net):
    """Where each of the record's parameters stands in theta."""
    place = net.split(np.arange(net.n_parameters))
    return np.concatenate([place[name].T.ravel() for name in net.parameters])


def test_recorded_hessians_are_met():
    record = recorded()
    data = mf.datasets.from_mat(RECORD / "NLdata.mat", test_size=0.2, random_state=0)
    m = len(data.X_train)
    factor = float(np.float32(1 / m)) * m  # their framework took 1/m in single precision
    for i in range(6):
        net = published_network(record, i)
        order = published_order(net)
        H = mf.hessian(net, data.X_train, data.Y_train)[np.ix_(order, order)]
        assert relative_error(factor * H, record["H"][i]) < 1e-12
        assert relative_error(H, record["H"][i]) > 1e-8  # the factor is needed


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_a_hessian_too_large_for_floats_is_refused(engine):
    net, X, Y = problem([3, 4, 2], "esp", "sigmoid")
    for question in (mf.hessian, mf.gauss_newton, mf.layer_hessians):
        with pytest.raises(ValueError, match="X, Y and theta: expected"):
            question(net, 1e300 * X, Y, engine=engine)


@pytest.mark.parametrize("question", [mf.hessian, mf.gauss_newton, mf.check.gradient])
def test_what_is_no_network_is_refused(question):
    with pytest.raises(TypeError, match=r"net: expected .*a Network.*, got None"):
        question(None, np.ones((1, 1)), np.ones((1, 1)))


def test_hessian_refuses_an_unknown_method():
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    with pytest.raises(ValueError, match=r"method: expected .*blocks, columns, got 'rows'"):
        mf.hessian(net, X, Y, method="rows")


@pytest.mark.parametrize(
    ("V", "error", "message"),
    [
        (np.ones(3), ValueError, r"V: expected .*\(13,\).*, got \(3,\)"),
        (np.ones((3, 2)), ValueError, r"V: expected .*\(13, any\).*, got \(3, 2\)"),
        (np.full(13, np.nan), ValueError, r"V: expected finite numbers, got nan at \(0,\)"),
        (np.ones(13, complex), TypeError, r"V: expected real numbers, got dtype\('complex128'\)"),
    ],
)
def test_hvp_refuses_what_is_not_a_direction(V, error, message):
    net, X, Y = problem([2, 3, 1], "tanh", "sigmoid")
    with pytest.raises(error, match=message):
        mf.hvp(net, X, Y, V)
