"""How NumPy and the kernels compute: on how many threads, and without warnings of overflow."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from threading import Lock

import numpy as np


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


def one_thread() -> AbstractContextManager:
    """Return a context that holds BLAS, and with it the kernels, to one thread.

    It holds for the whole process: of several Python threads, the first to enter decides.
    """
    return _blas().limit(limits=1)


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
    """Yield run(tasks), which calls functions in parallel, each with one thread of BLAS.

    It pays where each task does more than matrix products.
    """
    threads = _threads()
    with one_thread():
        if threads == 1:
            yield lambda tasks: [task() for task in tasks]
            return
        with ThreadPoolExecutor(threads) as pool:
            yield lambda tasks: list(pool.map(lambda task: task(), tasks))


_numba_is_free, _process = Lock(), os.getpid()  # which is another in a fork of this process


def _threads():
    """As many threads as BLAS was given: by OMP_NUM_THREADS, say, or by threadpoolctl."""
    return max((library.num_threads for library in _blas().lib_controllers), default=1)


@cache
def _blas():
    """The copies of BLAS that NumPy and SciPy (for Numba) have loaded."""
    import scipy.linalg.cython_blas  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
