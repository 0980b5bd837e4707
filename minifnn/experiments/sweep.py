"""Many runs, one after the other or side by side; a failing one stops no other."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context, parent_process
from typing import Any

from .._util.validation import check_callable, check_count, check_list

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Outcome:
    """What became of one configuration: a value, or the error that it ended with.

    Parameters
    ----------
    config
        What `sweep` was given.
    value : optional
        What the run returned.
    error : Exception, optional
        What it ended with instead.

    Examples
    --------
    >>> from minifnn.sweep import sweep
    >>> sweep(abs, [-3])
    [Outcome(config=-3, value=3, error=None)]
    """

    config: Any
    value: Any = None
    error: Exception | None = None


def sweep(
    run: Callable[[Any], Any],
    configs: Iterable[Any],
    executor: Executor | None = None,
    tell: Callable[[Outcome], object] | None = None,
) -> list[Outcome]:
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

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> import minifnn as mf
    >>> good, bad = mf.sweep(lambda x: 1 / x, [2, 0])
    >>> good.value, bad.error
    (0.5, ZeroDivisionError('division by zero'))
    >>> with ThreadPoolExecutor(2) as threads:
    ...     [outcome.value for outcome in mf.sweep(abs, [-1, -2, -3], threads)]
    [1, 2, 3]
    """
    run, configs = check_callable("run", run), check_list("configs", configs)
    tell = (lambda outcome: None) if tell is None else check_callable("tell", tell)
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor is {executor!r}, wanted an Executor of concurrent.futures")
    if executor is None:
        outcomes: list[Outcome] = []
        for config in configs:
            outcomes.append(_outcome(config, partial(run, config)))
            tell(outcomes[-1])
        return outcomes
    futures = {executor.submit(run, config): config for config in configs}
    ended = {}
    try:
        for future in as_completed(futures):
            ended[future] = _outcome(futures[future], future.result)
            tell(ended[future])
    finally:
        for future in futures:
            future.cancel()  # those not begun, if waiting was interrupted
    return [ended[future] for future in futures]


def _outcome(config, result):
    try:
        return Outcome(config, value=result())
    except Exception as error:
        return Outcome(config, error=error)


@contextmanager
def worker_processes(workers: int) -> Iterator[Executor | None]:
    """Yield an executor of so many processes, each held to one thread; None for one.

    The processes start afresh (not as copies of this one), so that the limits
    on the threads of BLAS take hold before NumPy is loaded. Ctrl-C is left to
    this process, which then ends the others at once.

    Parameters
    ----------
    workers : int
        How many processes.

    Yields
    ------
    concurrent.futures.Executor or None

    Examples
    --------
    >>> from minifnn.sweep import sweep, worker_processes
    >>> with worker_processes(1) as executor:
    ...     print(executor, sweep(abs, [-1], executor))
    None [Outcome(config=-1, value=1, error=None)]
    """
    workers = check_count("workers", workers)
    if workers == 1:
        yield None
        return
    environment = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    others = set(active_children())
    spawn = get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin_worker)
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


def _begin_worker():
    """Leave Ctrl-C to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()


def _end_with_parent():
    """End this process as soon as its parent is gone, even if that was killed."""

    def wait(parent):
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, args=[parent_process()], daemon=True).start()


@contextmanager
def dask_cluster(address: str) -> Iterator[Executor]:
    """Yield an executor on the Dask cluster whose scheduler has this address.

    Parameters
    ----------
    address : str
        As in ``tcp://127.0.0.1:8786``.

    Yields
    ------
    concurrent.futures.Executor

    Raises
    ------
    ImportError
        If distributed is not installed.
    OSError
        If no scheduler answers.

    Examples
    --------
    >>> from distributed import LocalCluster
    >>> from minifnn.sweep import dask_cluster, sweep
    >>> here = LocalCluster(n_workers=1, processes=False, dashboard_address=None)
    >>> with here as cluster, dask_cluster(cluster.scheduler_address) as executor:
    ...     sweep(abs, [-1], executor)
    [Outcome(config=-1, value=1, error=None)]
    """
    try:
        from distributed import Client
    except ImportError:
        raise ImportError(
            'distributed is not installed; wanted: pip install "minifnn[cluster]"'
        ) from None
    with Client(address, timeout="20s", set_as_default=False) as client:
        yield client.get_executor()
