"""Many runs: outcomes, failures, processes."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial

import pytest
from threadpoolctl import threadpool_info

from minifnn import sweep
from minifnn._util.threads import one_thread
from minifnn.experiments.sweep import dask_cluster, worker_processes


def inverse(x):
    return 1 / x


def threads(_):
    one_thread()  # finds every BLAS there is
    return blas_threads()


def blas_threads():
    return {
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    }


def test_a_failing_run_stops_no_other():
    outcomes = sweep(inverse, [1, 0, 4])
    assert [outcome.config for outcome in outcomes] == [1, 0, 4]
    assert [outcome.value for outcome in outcomes] == [1.0, None, 0.25]
    assert isinstance(outcomes[1].error, ZeroDivisionError)
    assert outcomes[0].error is outcomes[2].error is None


def test_any_executor_serves():
    with ThreadPoolExecutor(2) as executor:
        outcomes = sweep(inverse, iter([1, 0, 4]), executor)
    assert [outcome.config for outcome in outcomes] == [1, 0, 4]
    assert [outcome.value for outcome in outcomes] == [1.0, None, 0.25]
    assert isinstance(outcomes[1].error, ZeroDivisionError)


def test_worker_processes_run_on_one_thread_each(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with worker_processes(2) as executor:
        assert [o.value for o in sweep(threads, [0, 1], executor)] == [{1}, {1}]


def test_one_worker_needs_no_processes():
    with worker_processes(1) as executor:
        assert executor is None


def test_workers_are_counted():
    with pytest.raises(ValueError, match="workers"), worker_processes(0):
        pass


def test_an_interrupt_leaves_the_rest_undone():
    done = []

    def stop_at_2(x):
        done.append(x)
        if x == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stop:
        sweep(stop_at_2, [1, 2, 3])
    assert done == [1, 2]
    assert [outcome.config for outcome in stop.value.outcomes] == [1]
    assert "mf.sweep: 1 of 3 configurations ended" in stop.value.__notes__[0]
    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt) as stop:
        sweep(stop_at_2, [1, 2, 3], executor)
    assert {outcome.error for outcome in stop.value.outcomes} == {None}


def test_an_interrupt_of_what_reports_progress_loses_no_outcome():
    def stop_at_2(outcome):
        if outcome.config == 2:
            raise KeyboardInterrupt

    for make in (nullcontext, partial(ThreadPoolExecutor, 1)):
        with make() as executor, pytest.raises(KeyboardInterrupt) as stop:
            sweep(inverse, [1, 2, 3], executor, stop_at_2)
        assert 2 in [outcome.config for outcome in stop.value.outcomes]


@pytest.mark.parametrize("out", ["'o'", "__import__('tempfile').mkdtemp()"])
def test_a_script_that_starts_processes_unguarded_is_told_what_to_write(tmp_path, out):
    (tmp_path / "script.py").write_text(
        "from minifnn.experiments.paper import reproduce\n"
        f"reproduce({out}, ['linear-10'], ['relu'], epochs=2, workers=2)\n"
    )
    command = [sys.executable, "script.py"]
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert 'under `if __name__ == "__main__":`' in last


def test_one_thread_is_held_and_given_back():
    with one_thread():  # loads every BLAS there is
        assert blas_threads() == {1}
    before = blas_threads()
    with one_thread(), one_thread():
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_progress_is_reported_as_runs_end():
    told = []
    outcomes = sweep(inverse, [1, 0, 4], on_progress=told.append)
    assert told == outcomes
    told.clear()
    with ThreadPoolExecutor(2) as executor:
        outcomes = sweep(inverse, [1, 0, 4], executor, told.append)
    assert sorted(told, key=outcomes.index) == outcomes
    assert [outcome.config for outcome in outcomes] == [1, 0, 4]


def test_a_cluster_that_does_not_answer_is_said(monkeypatch):
    distributed = pytest.importorskip("distributed")

    def nobody(*arguments, **options):
        raise OSError("Timed out trying to connect to tcp://10.0.0.1:8786")

    monkeypatch.setattr(distributed, "Client", nobody)
    with pytest.raises(OSError, match="Timed out"), dask_cluster("tcp://10.0.0.1:8786"):
        pass


def test_a_cluster_without_dask_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r'pip install "minifnn\[cluster\]"'), dask_cluster("x"):
        pass
