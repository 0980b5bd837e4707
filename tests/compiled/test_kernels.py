"""The compiled kernels against the code that one reads."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from helpers import problem, relative_error
from threadpoolctl import threadpool_limits

import minifnn as mf
from minifnn import backend
from minifnn.network import HIDDEN

needs_numba = pytest.mark.skipif(
    backend.kernels() is None, reason="Numba is not there or switched off"
)


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "esp"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_engines_give_the_same_gradient_and_hessian(hidden, output):
    net, X, Y = problem([3, 7, 4, 2], hidden, output, True, N=30)
    gradients = [net.gradient(X, Y, engine=engine) for engine in ("numba", "numpy")]
    assert relative_error(*gradients) <= 1e-14
    for method in ("blocks", "columns"):
        both = [mf.hessian(net, X, Y, method, engine) for engine in ("numba", "numpy")]
        assert relative_error(*both) <= 1e-14
        assert np.array_equal(both[0], both[0].T)


@needs_numba
def test_the_exponential_is_right_to_two_ulps():
    numba, inner = import_module("numba"), import_module("minifnn.compiled.gates").decay
    decay = numba.njit(lambda u: inner(u))  # only compiled code may call it
    u = np.concatenate(
        [np.random.default_rng(0).uniform(-745, 745, 2000), np.linspace(-1, 1, 2001)]
    )
    for x in u:
        e, less = decay(x)
        exact, exact_less = mp.exp(-abs(mp.mpf(x))), -mp.expm1(-abs(mp.mpf(x)))
        assert abs(e - exact) <= 2 * np.spacing(e)
        assert abs(less - exact_less) <= 2 * np.spacing(less)
    assert decay(746.0) == (0.0, 1.0)
    assert np.isnan(decay(np.nan)[0])


@needs_numba
@pytest.mark.parametrize("sizes", [[64, 25, 10], [20, 30, 12, 5]])
def test_parallel_work_gives_the_same_bits_for_any_number_of_threads(sizes):
    net, X, Y = problem(sizes, "esp", "softmax", True, N=300)
    X[:, [0, 3]] = 0.0  # inputs that the compiled Hessian leaves out
    results = []
    for threads in (1, 2, 3, None):
        with threadpool_limits(threads, "blas"):
            results.append((net.gradient(X, Y), mf.hessian(net, X, Y)))
    for gradient, H in results[1:]:
        assert np.array_equal(H, results[0][1])
        assert relative_error(gradient, results[0][0]) <= 1e-15
    reference = mf.hessian(net, X, Y, engine="numpy")
    assert relative_error(results[0][1], reference) <= 1e-14


@needs_numba
@pytest.mark.parametrize("hidden", ["esp", "relu"])
@pytest.mark.parametrize("filled", [0.0, 0.02, 0.5, 0.95])
def test_the_hessian_of_inputs_that_are_often_zero(hidden, filled):
    """Samples that are left out of a product are those that add nothing to it."""
    net, X, Y = problem([40, 12, 10, 3], hidden, "sigmoid", True, N=250)
    rng = np.random.default_rng(0)
    X *= rng.random(X.shape) < filled * rng.random(40)  # some inputs more often than others
    X[:, 7] = 0.0
    reference = mf.hessian(net, X, Y, engine="numpy")
    assert relative_error(mf.hessian(net, X, Y), reference) <= 1e-14


@needs_numba
def test_blocks_of_samples_change_only_the_last_bits():
    net, X, Y = problem([3, 5, 4, 2], "esp", "softmax", True, N=2000)
    training = import_module("minifnn.compiled.training")
    assert training.block_size(net, len(X)) < len(X)
    assert relative_error(net.gradient(X, Y), net.gradient(X, Y, engine="numpy")) <= 1e-14


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
@pytest.mark.parametrize("batch_size", [None, 4, 17])
@pytest.mark.parametrize("optimizer", [mf.GradientDescent, mf.Momentum, mf.Adam])
def test_training_takes_the_same_steps_on_either_engine(optimizer, batch_size, output):
    net, X, Y = problem([2, 5, 3], "esp", output)
    ends = []
    for engine in ("numba", "numpy"):
        trained, steps = net.copy(), optimizer(0.01, decay=(0.9, 50))
        settings = dict(batch_size=batch_size, record=[3, 20], curvature=True, engine=engine)
        mf.train(trained, X, Y, 50, steps, **settings)
        ends.append((trained.theta, steps.state()))
    assert relative_error(ends[0][0], ends[1][0]) < 1e-12
    assert ends[0][1].keys() == ends[1][1].keys()
    assert ends[0][1]["t"] == ends[1][1]["t"]


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_what_stops_being_finite_is_named_with_its_step(engine):
    net, X, Y = problem([2, 5, 1], "esp", "linear", N=30)
    with pytest.raises(ValueError, match="gradient: expected finite numbers"):
        mf.train(net, X, Y, 200, mf.GradientDescent(50.0), record=[], engine=engine)


@needs_numba
@pytest.mark.parametrize("hidden", ["esp", "sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(
    ("weights", "beta"),
    [(1e200, 1e150), (1e150, 1e200), (1e300, 1.0), (1.0, 1e308), (1e154, 1e-150)],
)
def test_fields_beyond_all_floats_leave_no_nan(hidden, weights, beta):
    """beta h overflows; the gate is then fully open or shut, for both engines."""
    net, X, Y = problem([3, 4, 2], hidden, "sigmoid", True)
    net.parameters["beta1"][:] = beta
    net.parameters["W1"][:] *= weights
    compiled, reference = (net.gradient(X, Y, engine) for engine in ("numba", "numpy"))
    assert np.isfinite(compiled).all()
    assert relative_error(compiled, reference) <= 1e-14


def test_an_unknown_engine_is_refused():
    net, X, Y = problem([2, 3, 1], "esp", "sigmoid")
    for question in (net.gradient, lambda *data, **engine: mf.hessian(net, *data, **engine),
                     lambda *data, **engine: mf.train(net, *data, **engine)):  # fmt: skip
        with pytest.raises(ValueError, match=r"engine: expected .*numba, numpy, got 'jax'"):
            question(X, Y, engine="jax")


WITHOUT = """
import sys
{block}
import minifnn as mf
from minifnn import backend
assert backend.kernels() is None
net = mf.mlp([2, 3, 1])
H = mf.hessian(net, [[1.0, 2.0]], [[1.0]])
print(H.shape, mf.check.hessian(net, [[1.0, 2.0]], [[1.0]]).ok)
"""


@pytest.mark.parametrize(
    "block",
    ["sys.modules['numba'] = None", "import os; os.environ['NUMBA_DISABLE_JIT'] = '1'"],
)
def test_everything_runs_without_numba(block):
    command = [sys.executable, "-c", WITHOUT.format(block=block)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "(17, 17) True"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("package", "failure"),
    [("numba", "raise OSError('a library is missing')"),
     ("numba", "raise SystemError('initialisation failed')"),
     ("numba", "raise ImportError('Numba needs NumPy 1.26 or less')"),
     ("numba", "raise ValueError('numpy.dtype size changed')"),
     ("numba", "raise AttributeError('no attribute long_')"),
     ("numba", "raise RuntimeError"), ("numba", "1 / 0"), ("numba", "x = ("),
     ("numba", "import no_such_binding"), ("numba", "pass  # and has no names at all"),
     ("llvmlite", "raise OSError('libllvm is missing')"), ("llvmlite", "pass")],
)  # fmt: skip
def test_where_numba_is_broken_numpy_computes_with_one_warning(tmp_path, package, failure):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text(failure)
    block = f"sys.path.insert(0, {str(tmp_path)!r})"
    command = [sys.executable, "-c", WITHOUT.format(block=block)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "(17, 17) True"
    assert done.stderr.count("Numba does not work here") == 1


CACHED = """
import sys, numba, numpy as np
from minifnn.compiled import gates

@gates.compiled
def inner(x):
    return 2.0 * x

@gates.compiled
def kernel(x):
    return inner(x) + 1.0

assert kernel(3.0) == 7.0
print(sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values()))
"""
DAMAGES = {
    "emptied": lambda data: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "cut at its end": lambda data: data[:-1],
    "text": lambda data: b"not a cache",
    "another pickle": lambda data: pickle.dumps("another"),
    "another pickle of a pair": lambda data: pickle.dumps((1, 2)),
    "the version, and another pickle": lambda data: data[: data.index(b".") + 1] + pickle.dumps(7),
    "zeros": lambda data: bytes(len(data)),
}


@needs_numba
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_cache_means_that_it_is_compiled_anew(tmp_path, suffix, damage):
    (tmp_path / "script.py").write_text(CACHED)

    def run():
        paths = {
            "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = [sys.executable, "-W", "error", str(tmp_path / "script.py")]
        return subprocess.run(command, env={**os.environ, **paths}, capture_output=True, text=True)

    assert run().stdout == "0 1\n" and run().stdout == "1 0\n"
    files = list((tmp_path / "cache").rglob(f"*.{suffix}"))
    assert len(files) == 2
    for file in files:
        file.write_bytes(damage(file.read_bytes()))
    again = run()
    assert (again.stdout, again.stderr) == ("0 1\n", "")
    assert run().stdout == "1 0\n"  # and it is whole again


@needs_numba
def test_a_full_disk_means_that_nothing_is_cached(tmp_path):
    """As seen by Numba: the file that it writes cannot be put in its place."""
    (tmp_path / "script.py").write_text(
        "import os\ndef full(*_): raise OSError(28, 'No space left on device')\n"
        f"os.replace = full\n{CACHED}"
    )
    paths = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", str(tmp_path / "script.py")]
    done = subprocess.run(command, env={**os.environ, **paths}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0 1\n", "")


@needs_numba
def test_kernels_serve_functions_not_names():
    net, compiled = mf.mlp([2, 3, 1], hidden="tanh", output="linear"), backend.kernels()
    assert compiled.serve("backpropagate", net) and not compiled.serve("hvp", net)
    gate = net.layers[0].gate
    vars(gate)["activation"] = replace(gate.activation, slopes=gate.activation.curvatures)
    assert not compiled.serve("backpropagate", net)
    net = net.copy()
    loss = replace(net.loss_function, gradient=lambda o, y: 2 * (o - y) / len(o))
    vars(net)["loss_function"] = loss
    assert not compiled.serve("backpropagate", net)


LARGE = dict(sizes=[40, 30, 5], hidden="esp", output="softmax", N=1000)


@needs_numba
@pytest.mark.parametrize("batch_size", [None, 900])
def test_training_on_all_threads_ends_in_the_same_bits(batch_size, monkeypatch):
    net, X, Y = problem(trainable_beta=True, **LARGE)
    granted, ends = [], []
    training = import_module("minifnn.compiled.training")
    all_threads = training.steps_in_parallel

    def spy(*arguments):
        granted.append(True)
        return all_threads(*arguments)

    monkeypatch.setattr(training, "steps_in_parallel", spy)
    for threads in (2, 1):
        trained = net.copy()
        with threadpool_limits(threads, "blas"):
            mf.train(trained, X, Y, 5, mf.Adam(0.01), batch_size=batch_size, record=[])
        ends.append(trained.theta)
    assert granted == [True] * (1 if batch_size is None else 5)
    assert np.array_equal(*ends)


FORK = """
import os, sys
sys.path.insert(0, {tests!r})
from helpers import problem
import minifnn as mf
from threadpoolctl import threadpool_limits
net, X, Y = problem(trainable_beta=True, **{large!r})
with threadpool_limits(2, "blas"):
    mf.train(net, X, Y, 3, record=[])
    H = mf.hessian(net, X, Y)
    if os.fork() == 0:
        mf.train(net.copy(), X, Y, 3, record=[])
        os._exit(int((mf.hessian(net, X, Y) != H).any()))
print(os.wait()[1])
"""


@needs_numba
@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_fork_of_a_process_that_trained_may_train_and_ask_for_h():
    code = FORK.format(tests=str(Path(__file__).parents[1]), large=LARGE)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True
    )
    assert done.stdout == "0\n", done.stderr


FIRST_CALLS = """
import minifnn as mf
net, X, Y = mf.mlp([2, 3, 1]), [[1.0, 2.0]], [[1.0]]
mf.train(net, X, Y, epochs=2)
mf.hessian(net, X, Y)
"""


@needs_numba
def test_who_waits_for_a_compilation_is_told_once(tmp_path):
    """Before it; not where warnings are ignored, nor where compiled code lies on the disk."""
    for options, cache, lines in (([], "a", 1), ([], "a", 0), (["-W", "ignore"], "b", 0)):
        done = subprocess.run(
            [sys.executable, *options, "-c", FIRST_CALLS],
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / cache)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr.count("minifnn: compiling") == done.stderr.count("\n") == lines


@needs_numba
def test_no_kernel_returns_an_array():
    """Ctrl-C in a kernel that does ends in SystemError."""
    net, X, Y = problem([4, 5, 3], "esp", "softmax", True)
    mf.train(net, X, Y, 2, batch_size=4)
    mf.hessian(net, X, Y)
    kernels = {
        kernel
        for name in ("gates", "network", "training", "hessian")
        for kernel in vars(import_module(f"minifnn.compiled.{name}")).values()
        if hasattr(kernel, "nopython_signatures")
    }
    returned = [s.return_type for kernel in kernels for s in kernel.nopython_signatures]
    assert len(returned) >= 8 and not any("rray" in str(kind) for kind in returned)
