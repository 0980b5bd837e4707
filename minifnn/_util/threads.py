"""How NumPy and the kernels compute: on how many threads, with memory at hand, and quietly."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from threading import Lock, RLock, current_thread, main_thread
from typing import Any

import numpy as np

# 16 MB, free at once. The C library of Linux learns from it to keep freed memory of up to this
# size for the next array, instead of fetching it anew, page by page: half of a product's time
np.empty(1 << 21)


class Stopped(KeyboardInterrupt):
    """Ctrl-C while one waited for the compiler: one line in a notebook, not the way there."""

    def _render_traceback_(self):
        return ["KeyboardInterrupt: stopped while it compiled; run the cell again"]


def to_the_end(function: Callable, *arguments: Any) -> Any:
    """Call a function that Ctrl-C must not break, and raise KeyboardInterrupt when it is done."""
    before = signal.getsignal(signal.SIGINT)
    if current_thread() is not main_thread() or not callable(before):  # no Ctrl-C comes here
        return function(*arguments)
    pressed: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        result = function(*arguments)
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise Stopped
    return result


@contextmanager
def quiet() -> Iterator[None]:
    """Silence NumPy's warnings of overflow, for what is not finite is found later."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        yield


def single_threaded_blas(size: float) -> AbstractContextManager:
    """Return a context with one thread of BLAS where more hardly pay: middling products.

    `size` is about the number of multiplications. Below, BLAS uses one thread
    anyway; with more, a busy machine may take fifty times as long.
    """
    return one_thread() if 2e5 < size < 2e7 else nullcontext()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold BLAS, and with it the kernels, to one thread, in the whole process.

    Of Python threads that overlap, the first to enter limits BLAS and the last to leave gives
    back what there was (threadpoolctl's own contexts would undo it in the wrong order).
    """
    holder = object()
    try:
        with _blas_is_ours:
            _before[:] = _before or [(blas, blas.num_threads) for blas in _blas().lib_controllers]
            _holders.add(holder)
            for blas, _ in _before:
                blas.set_num_threads(1)
        yield
    finally:
        with _blas_is_ours:
            _holders.discard(holder)
            if not _holders:
                for blas, threads in _before:
                    blas.set_num_threads(threads)
                _before.clear()


@contextmanager
def on_all_threads(wanted: bool) -> Iterator[bool]:
    """Yield whether a kernel may run on all of Numba's threads, with BLAS held to one.

    One call at a time may, and none in a forked process: not every library of
    threads that Numba may use bears either.
    """
    is_allowed = wanted and os.getpid() == _process and _threads() > 1
    if not (is_allowed and _numba_is_free.acquire(blocking=False)):
        yield False
        return
    try:
        with one_thread():
            yield True
    finally:
        _numba_is_free.release()


@contextmanager
def thread_pool() -> Iterator[Callable[[Iterable[Callable]], list]]:
    """Yield run(tasks), which calls functions in parallel, each quiet and with one thread of BLAS.

    It pays where each task does more than matrix products. The threads stay for the next
    time: new ones would first have to get their memory, which takes as long as their work.
    """
    pool = _pool(_threads(), os.getpid())

    def run(tasks):
        futures = [pool.submit(quiet()(task)) for task in tasks]
        try:
            return [future.result() for future in futures]
        finally:  # nothing goes on after a failure or Ctrl-C
            wait([future for future in futures if not future.cancel()])

    with one_thread():
        yield run


_pool = cache(lambda threads, process: ThreadPoolExecutor(threads))  # a fork has its own
_holders: set[object] = set()  # of BLAS at one thread
_before: list[tuple[Any, int]] = []  # each copy of BLAS, and its threads without them
_blas_is_ours, _numba_is_free = RLock(), Lock()
_process = os.getpid()  # which is another in a fork of this process
if hasattr(os, "register_at_fork"):  # a fork must not find it locked by a thread that it has not
    take, free = _blas_is_ours.acquire, _blas_is_ours.release
    os.register_at_fork(before=take, after_in_parent=free, after_in_child=free)


def _threads():
    """As many threads as BLAS was given: by OMP_NUM_THREADS, say, or by threadpoolctl."""
    return max((library.num_threads for library in _blas().lib_controllers), default=1)


@cache
def _blas():
    """The copies of BLAS that NumPy and SciPy (for Numba) have loaded."""
    import scipy.linalg.cython_blas  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
