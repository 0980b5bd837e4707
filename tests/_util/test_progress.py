"""The progress bar, samples in chunks, and memory."""

import subprocess
import sys

import numpy as np
import pytest

import minifnn as mf
from minifnn._util import progress
from minifnn._util.progress import check_memory, chunks, free_memory, progress_bar


def test_a_bar_shows_what_it_is_told(capfd):
    with progress_bar(True, 20, "epoch", initial=5, mininterval=0) as advance:
        advance(3, loss=0.25)
        advance(12)
    shown = capfd.readouterr().err
    assert "5/20" in shown and "epoch/s, loss=0.25" in shown and "20/20" in shown


def test_without_progress_nothing_is_shown(capfd):
    with progress_bar(False, 20, "epoch") as advance:
        advance(3, loss=0.25)
        advance()
    assert capfd.readouterr() == ("", "")


def test_of_runs_there_is_a_line_each_where_nobody_draws_over_it(capfd):
    with progress_bar(True, 8, "run", desc="2 runs", bar_format="{bar}") as advance:
        advance(2, done="one")
        advance(6, done="two")
    first, second = capfd.readouterr().err.splitlines()
    assert first == "one done: 25% after 0 s, about 0 s left"
    assert second == "two done: 100% after 0 s, about 0 s left"


def test_in_a_terminal_runs_are_a_bar(capfd, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress_bar(True, 8, "run", desc="2 runs", mininterval=0) as advance:
        advance(8, done="one")
    shown = capfd.readouterr().err
    assert "2 runs" in shown and "8/8" in shown and "done: 100%" not in shown


def test_chunks_hold_every_sample_once_and_few_numbers(monkeypatch):
    monkeypatch.setattr(progress, "CHUNK", 100)
    X = np.arange(14.0).reshape(7, 2)
    shares, xs, ys = zip(*chunks(X, X[:, :1], numbers=30))
    assert [len(x) for x in xs] == [3, 3, 1]
    assert np.array_equal(np.concatenate(xs), X) and np.array_equal(np.concatenate(ys), X[:, :1])
    assert shares == (3 / 7, 3 / 7, 1 / 7)
    assert len(list(chunks(X, X, numbers=1000))) == 7


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is free")

ASKED = {
    "hessian": lambda net, X, Y: mf.hessian(net, X, Y),
    "columns": lambda net, X, Y: mf.hessian(net, X, Y, "columns"),
    "gauss_newton": lambda net, X, Y: mf.gauss_newton(net, X, Y),
    "residual_part": lambda net, X, Y: mf.residual_part(net, X, Y),
    "layer_hessians": lambda net, X, Y: mf.layer_hessians(net, X, Y),
    "curvature": lambda net, X, Y: mf.train(net, X, Y, 1, curvature=True),
    "newton": lambda net, X, Y: mf.train(net, X, Y, 1, mf.DampedNewton(), record=[]),
    "check": lambda net, X, Y: mf.check.hessian(net, X, Y),
    "reference": lambda net, X, Y: mf.hessian(net, X, Y, engine="numpy"),
}


@needs_linux
@pytest.mark.parametrize("name", ASKED)
def test_a_hessian_without_room_says_so_before_it_is_begun(name):
    net = mf.mlp([60_000, 10, 1])
    theta, X, Y = net.theta.copy(), np.zeros((2, 60_000)), np.ones((2, 1))
    what = r"600,0\d\d parameters, for which it needs [\d,.]+ GB, while [\d,.]+ GB are free"
    with pytest.raises(MemoryError, match=rf"^net: expected .*, got {what}; mf\.hessian_operator"):
        ASKED[name](net, X, Y)
    assert np.array_equal(net.theta, theta)
    assert net.gradient(X, Y).shape == (net.n_parameters,)  # which has room


@needs_linux
def test_free_memory_keeps_to_the_limit_of_the_process():
    code = """
import resource; from minifnn._util.progress import check_memory, free_memory
assert 1 << 20 < free_memory() < 1 << 50
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
assert 1 << 20 < free_memory() < 2 << 30
check_memory(4000)
try:
    check_memory(17_000)
except MemoryError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "17,000 parameters, for which it needs 2.2 GB" in done.stdout


def test_where_nothing_is_said_of_memory_all_is_let_through(monkeypatch):
    def no_file(path, name=""):
        raise FileNotFoundError(path)

    monkeypatch.setattr(progress, "_number", no_file)
    assert free_memory() == float("inf")
    check_memory(10**9)


PEAK = """
import resource, sys, numpy as np, minifnn as mf
N, rng = 150_000, np.random.default_rng(0)
net, X = mf.mlp([10, 100, 1], seed=1), rng.normal(size=(N, 10))
Y = (X[:, :1] > 0).astype(float)
deep, x = mf.mlp([30] * 11, "tanh", "linear"), X[:5, :3] @ np.ones((3, 30))
asked = {"predict": lambda n: net.predict(X[:n]), "logits": lambda n: net.logits(X[:n]),
         "loss": lambda n: net.loss(X[:n], Y[:n]), "score": lambda n: net.score(X[:n], Y[:n]),
         "records": lambda n: mf.train(net, X[:n], Y[:n], 2, X_test=X[:n], Y_test=Y[:n]),
         "steps": lambda n: mf.train(net, X[:n], Y[:n], 2, record=[]),
         "layers": lambda n: mf.layer_hessians(*((deep, x, x) if n == N else (net, X[:n], Y[:n])))}
what = sys.argv[1]
if what == "records":  # beside what the steps take
    asked["steps"](N)
asked[what](50)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
asked[what](N)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@needs_linux
@pytest.mark.parametrize("what", ["predict", "logits", "loss", "score", "records", "layers"])
def test_memory_grows_with_the_data_and_one_chunk_only(what):
    """In MB. One layer of all samples takes 114, and a forward pass several of these."""
    done = subprocess.run([sys.executable, "-c", PEAK, what], capture_output=True, text=True)
    blocks, data = 10 * 930**2 * 8 / 2**20, 150_000 * 11 * 8 / 2**20
    chunk = progress.CHUNK * 8 / 2**20
    assert float(done.stdout) < chunk + (3 * blocks if what == "layers" else 2 * data)


def test_in_chunks_is_the_function_of_all_rows(monkeypatch):
    X = np.arange(35.0).reshape(7, 5)
    monkeypatch.setattr(progress, "CHUNK", 30)
    seen = []

    def pairs(x):
        seen.append(len(x))
        return x[:, :2] + 1j

    assert np.array_equal(progress.in_chunks(pairs, X, numbers=10), X[:, :2] + 1j)
    assert seen == [3, 3, 1]


def test_a_bar_is_of_a_terminal_also_where_a_kernel_was_imported(capfd):
    """As `minifnn lessons` does; tqdm.auto takes the import alone for a notebook."""
    pytest.importorskip("ipykernel.zmqshell")
    with progress_bar(True, 20, "epoch", mininterval=0) as advance:
        advance(20)
    out, shown = capfd.readouterr()
    assert "20/20" in shown and not out
