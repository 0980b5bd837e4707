"""Many runs, one after the other or side by side; a failing one stops no other."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context, parent_process
from typing import Any

from .._util.threads import one_thread
from .._util.validation import check_callable, check_count, check_list


@dataclass(frozen=True)
class Outcome:
    """What `sweep` returns per configuration: the value of its run, or the error of it."""

    config: Any
    value: Any = None
    error: Exception | None = None


def sweep(
    run: Callable[[Any], Any],
    configs: Iterable[Any],
    executor: Executor | None = None,
    on_progress: Callable[[Outcome], object] | None = None,
) -> list[Outcome]:
    """Call run(config) for every configuration.

    Parameters
    ----------
    run : callable
        Takes one configuration. With an executor of processes, both must be picklable.
    configs : iterable
    executor : concurrent.futures.Executor, optional
        Where to run: processes, threads, a cluster of Dask or MPI. None runs here, one after
        the other.
    on_progress : callable, optional
        Called as on_progress(outcome) when a configuration is done, in the order in which they end.

    Returns
    -------
    list of Outcome
        In the order of the configurations. An exception of a run is its outcome.

    Raises
    ------
    TypeError
        Naming the argument, what was expected and what came.
    KeyboardInterrupt
        By Ctrl-C, with the outcomes until then as ``error.outcomes``: sweep the rest to go on.

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
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"executor: expected a concurrent.futures.Executor, got {executor!r}")
    if on_progress is not None:
        check_callable("on_progress", on_progress)

    outcomes, futures = [], {}

    def ended(config, result):
        try:
            outcome = Outcome(config, value=result())
        except Exception as error:
            outcome = Outcome(config, error=error)
        outcomes.append(outcome)
        if on_progress is not None:
            on_progress(outcome)
        return outcome

    try:
        if executor is None:
            return [ended(config, partial(run, config)) for config in configs]
        for config in configs:
            futures[executor.submit(run, config)] = config
        ends = {f: ended(futures[f], f.result) for f in as_completed(futures)}
        return [ends[future] for future in futures]
    except KeyboardInterrupt as stop:
        vars(stop)["outcomes"] = outcomes
        done = f"{len(outcomes)} of {len(configs)} configurations ended"
        stop.add_note(f"mf.sweep: {done}: error.outcomes has them; sweep the rest to go on")
        raise
    finally:
        for future in futures:
            future.cancel()  # those not begun, if waiting was interrupted


@contextmanager
def worker_processes(workers: int) -> Iterator[Executor | None]:
    """Yield an executor of so many processes, each on one thread; None for one.

    Ctrl-C is left to this process, which then ends the others at once.
    """
    if check_count("workers", workers) == 1:
        yield None
        return
    others = set(active_children())
    spawn = get_context("spawn")  # a fork would copy the threads of BLAS in an unknown state
    executor = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin_worker)
    try:
        list(executor.map(abs, range(workers)))  # do they live?
        yield executor
    except BaseException as error:
        if isinstance(error, BrokenExecutor):
            guard = 'put what it does under `if __name__ == "__main__":`'
            error.add_note(f"Every worker process runs the script that starts it: {guard}")
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _begin_worker():
    """Compute on one thread, leave Ctrl-C to the parent, and end when it ends, even if killed."""
    held = one_thread()
    held.__enter__()  # until the process ends
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with(parent, _):
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with, args=[parent_process(), held], daemon=True).start()


@contextmanager
def dask_cluster(address: str) -> Iterator[Executor]:
    """Yield an executor on the Dask cluster whose scheduler has this address (tcp://...)."""
    try:
        from distributed import Client
    except ImportError:
        raise ImportError('distributed is not installed: pip install "minifnn[cluster]"') from None
    with Client(address, timeout="20s", set_as_default=False) as client:
        yield client.get_executor()
