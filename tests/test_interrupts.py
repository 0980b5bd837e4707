"""Ctrl-C at random moments: KeyboardInterrupt each time, and afterwards all is as before."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import minifnn as mf
from minifnn._util.threads import to_the_end

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it sends itself a signal")

# In a process of its own: calls one function over and over, gets SIGINT at a random moment of
# about three calls, says what came of it, and compares the next result with one never disturbed.
CHILD = """
import collections, json, os, random, signal, sys, threading, time, warnings
import numpy as np, minifnn as mf

signal.signal(signal.SIGINT, signal.default_int_handler)
name, engine, times, seed = *sys.argv[1:3], *map(int, sys.argv[3:])
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 5)); Y = (X[:, :1] > 0).astype(float)
net = mf.mlp([5, 12, 1], seed=1)
H, V = mf.hessian(net, X, Y, engine="numpy"), rng.normal(size=(net.n_parameters, 4))
warned = []
warnings.showwarning = lambda message, *rest: warned.append(str(message))

def train(batch_size=None):
    trained = net.copy()
    mf.train(trained, X, Y, epochs=60, batch_size=batch_size, engine=engine)
    return trained.theta

def fit():
    from minifnn.sklearn import FNNClassifier
    model = FNNClassifier(epochs=60, engine=engine, random_state=0).fit(X, Y[:, 0])
    if warned:  # interrupted, and as far as it got it is there
        assert warned.pop() == "Training interrupted by user." and not warned
        assert model.predict(X).shape == (300,) and len(model.history_) <= model.n_iter_
        raise KeyboardInterrupt
    return model.network_.theta

def sweep():
    try:
        return np.concatenate([outcome.value for outcome in mf.sweep(train, [None, 100])])
    except KeyboardInterrupt as stop:
        outcomes = getattr(stop, "outcomes", [])  # there is nothing before the first run
        assert not [outcome for outcome in outcomes if outcome.error], outcomes
        raise

def lanczos():
    s = mf.spectrum(mf.hessian_operator(net, X, Y, engine=engine))
    return np.append(s.largest, s.smallest)

run = {
    "train": train,
    "batches": lambda: train(100),
    "gradient": lambda: net.gradient(X, Y, engine=engine),
    "hessian": lambda: mf.hessian(net, X, Y, engine=engine),
    "hvp": lambda: mf.hvp(net, X, Y, V, engine=engine),
    "spectrum": lambda: mf.spectrum(H).eigenvalues,
    "lanczos": lanczos,
    "sweep": sweep,
    "fit": fit,
}[name]
expected = run()
began = time.perf_counter(); run(); one = time.perf_counter() - began
moments, seen = random.Random(seed), collections.Counter()
for _ in range(times):
    wait = moments.uniform(0, max(3 * one, 0.01))
    timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            run()
        seen["nothing"] += 1
    except BaseException as error:
        seen[f"{type(error).__name__}: {error}"[:200]] += 1
    timer.join()
    assert np.array_equal(run(), expected)
print(json.dumps(seen))
"""
NAMES = ("train", "batches", "gradient", "hessian", "hvp", "spectrum", "lanczos", "sweep", "fit")


def interrupted(name, engine, times, seed=0):
    """What came of so many interrupts: {exception: how many}."""
    if name == "fit":
        pytest.importorskip("sklearn")
    command = [sys.executable, "-c", CHILD, name, engine, str(times), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "engine"), [*((name, "numba") for name in NAMES), ("train", "numpy")]
)
def test_an_interrupt_is_a_keyboard_interrupt_and_leaves_all_as_it_was(name, engine):
    assert interrupted(name, engine, 4) == {"KeyboardInterrupt: ": 4}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_hundred_interrupts(name):
    assert interrupted(name, "numba", 25, seed=1) == {"KeyboardInterrupt: ": 25}


# A kernel without a cache, interrupted while it compiles (and Numba is imported), again and again.
COMPILING = """
import os, signal, sys, threading, time
import minifnn as mf

signal.signal(signal.SIGINT, signal.default_int_handler)
data, net = mf.datasets.linear(), mf.mlp([2, 3, 1], seed=1)
def run():
    mf.train(net.copy(), data.X_train, data.Y_train, epochs=5)
for wait in (0.3, 0.6, 1.0, 1.5, 2.0):
    timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        run()
        timer.join()
        time.sleep(1)
    except KeyboardInterrupt as stop:
        shown = getattr(stop, "_render_traceback_", lambda: ["while it ran"])()
        print(len(shown), shown[0])
run()
print("done")
"""


def test_an_interrupt_while_it_compiles_is_one_line_and_harms_nothing(tmp_path):
    variables = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", COMPILING]
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    *stopped, last = done.stdout.splitlines()
    assert last == "done" and len(stopped) == 5
    in_time = "1 KeyboardInterrupt: stopped while it compiled; run the cell again"
    assert set(stopped) <= {in_time, "1 while it ran"} and stopped.count(in_time) >= 2
    assert done.stderr.count("\n") == 1 and "compiling, once" in done.stderr


def test_what_is_to_end_ends_before_an_interrupt():
    before, seen = signal.getsignal(signal.SIGINT), []

    def inner():
        signal.raise_signal(signal.SIGINT)
        seen.append("inner")

    with pytest.raises(KeyboardInterrupt):
        to_the_end(lambda: (to_the_end(inner), seen.append("outer")))
    assert seen == ["inner"] and signal.getsignal(signal.SIGINT) is before
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(to_the_end, max, 2, 3).result() == 3
    assert to_the_end(max, 2, 3) == 3


def stop_after(calls):
    """A progress function that is interrupted at one of its calls."""
    left = iter(range(calls))

    def progress(epoch, loss):
        if next(left, None) is None:
            raise KeyboardInterrupt

    return progress


def test_what_was_recorded_until_ctrl_c_is_the_history_of_the_network():
    data, net = mf.datasets.linear(), mf.mlp([2, 4, 1], seed=1)
    assert net.history is None
    with pytest.raises(KeyboardInterrupt):
        mf.train(net, data.X_train, data.Y_train, epochs=200, progress=stop_after(3))
    assert net.history["epoch"].tolist() == [0, 11, 21, 31]
    assert np.array_equal(net.history["theta"][-1], net.theta)
    whole = mf.train(net, data.X_train, data.Y_train, epochs=50)
    assert net.history is whole


def test_what_was_recorded_until_a_training_diverged_is_there_too():
    data, net = mf.datasets.linear(), mf.mlp([2, 4, 1], "tanh", "linear", seed=1)
    optimizer = mf.GradientDescent(lambda t: 0.01 if t < 30 else float("nan"))
    with pytest.raises(ValueError, match="expected finite numbers"):
        mf.train(net, data.X_train, data.Y_train, epochs=200, optimizer=optimizer)
    assert net.history["epoch"].tolist() == [0, 11, 21]


@pytest.mark.parametrize("moment", range(1, 40))
def test_a_record_is_whole_or_not_there(moment):
    """An interrupt between any two lines of `append` (and of what it calls)."""
    history, left = mf.History(), iter(range(moment))

    def trace(frame, event, argument):
        frame.f_trace_opcodes = True
        if next(left, None) is None:
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        for epoch in range(3):
            history.append({"epoch": epoch, "loss": 0.5, "theta": np.zeros(2)})
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
    assert {len(history[name]) for name in history.keys()} <= {len(history)}
