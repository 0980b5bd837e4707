"""Many runs: outcomes, failures, processes."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from minifnn import sweep
from minifnn.sweep import worker_processes


def inverse(x):
    return 1 / x


def threads(_):
    return os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"]


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
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with worker_processes(2) as executor:
        assert [o.value for o in sweep(threads, [0, 1], executor)] == [("1", "1")] * 2
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_one_worker_needs_no_processes():
    with worker_processes(1) as executor:
        assert executor is None


def test_workers_are_counted():
    with pytest.raises(ValueError, match="workers is 0, wanted at least 1"), worker_processes(0):
        pass


def test_an_interrupt_leaves_the_rest_undone():
    done = []

    def stop_at_2(x):
        done.append(x)
        if x == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(stop_at_2, [1, 2, 3])
    assert done == [1, 2]
