"""Many runs, one after the other or side by side; a failing one stops no other."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context
from typing import Any

from ._validate import check_count

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Outcome:
    """What became of one configuration: a value, or the error that it ended with."""

    config: Any
    value: Any = None
    error: Exception | None = None


def sweep(run, configs, executor=None, tell=None):
    """Call run(config) for every configuration.

    Parameters
    ----------
    run : callable
        Takes one configuration. With an executor of processes, it and the
        configurations must be picklable.
    configs : iterable
    executor : concurrent.futures.Executor, optional
        Where to run: processes, threads, a cluster of Dask or MPI. None runs
        here, one after the other.
    tell : callable, optional
        Called as tell(outcome) when a configuration is done, in the order in
        which they end.

    Returns
    -------
    list of Outcome
        In the order of the configurations. An exception of a run is its outcome.
    """
    configs, tell = list(configs), tell or (lambda outcome: None)
    if executor is None:
        outcomes = []
        for config in configs:
            outcomes.append(_outcome(config, partial(run, config)))
            tell(outcomes[-1])
        return outcomes
    futures = [executor.submit(run, config) for config in configs]
    outcomes, place = [None] * len(configs), {future: i for i, future in enumerate(futures)}
    try:
        for future in as_completed(futures):
            i = place[future]
            outcomes[i] = _outcome(configs[i], future.result)
            tell(outcomes[i])
    finally:
        for future in futures:
            future.cancel()  # those not begun, if waiting was interrupted
    return outcomes


def _outcome(config, result):
    try:
        return Outcome(config, value=result())
    except Exception as error:
        return Outcome(config, error=error)


@contextmanager
def worker_processes(workers):
    """Yield an executor of so many processes, each held to one thread; None for one.

    The processes start afresh (not as copies of this one), so that the limits
    on the threads of BLAS take hold before NumPy is loaded. Ctrl-C is left to
    this process, which then ends the others at once.
    """
    workers = check_count("workers", workers)
    if workers == 1:
        yield None
        return
    environment = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    others = set(active_children())
    ignore = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    executor = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), **ignore)
    try:
        yield executor
    except BaseException:
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        for name, value in environment.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def dask_cluster(address):
    """Yield an executor on the Dask cluster whose scheduler has this address.

    Raises
    ------
    ImportError
        If distributed is not installed.
    OSError
        If no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ImportError(
            'distributed is not installed; wanted: pip install "minifnn[cluster]"'
        ) from None
    with Client(address, timeout="20s", set_as_default=False) as client:
        yield client.get_executor()
