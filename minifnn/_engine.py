"""Which code computes: the NumPy reference, or its compiled twins; and on how many threads."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import cache

from ._validate import check_choice


def twins(engine):
    """Return the module of compiled twins for "numba", None for "numpy".

    Without Numba there are no twins, and the reference serves for both.
    """
    check_choice("engine", engine, ("numba", "numpy"))
    return _kernels() if engine == "numba" else None


@cache
def _kernels():
    try:
        from . import kernels  # here, so that importing minifnn stays quick
    except ImportError:
        return None
    return kernels


def calm_blas(size):
    """Return a context with one thread of BLAS where more hardly pay: middling products.

    `size` is about the number of multiplications. Below, BLAS uses one thread
    anyway; with more, a busy machine may take fifty times as long.
    """
    return _blas().limit(limits=1) if 2e5 < size < 2e7 else nullcontext()


@contextmanager
def side_by_side():
    """Yield run(tasks), which calls functions side by side, each with one thread of BLAS.

    There are as many threads as BLAS was given (by OMP_NUM_THREADS, say, or by
    threadpoolctl). It pays where each task does more than matrix products.
    """
    threads = max((library.num_threads for library in _blas().lib_controllers), default=1)
    with _blas().limit(limits=1):
        if threads == 1:
            yield lambda tasks: [task() for task in tasks]
            return
        with ThreadPoolExecutor(threads) as pool:
            yield lambda tasks: [f.result() for f in [pool.submit(task) for task in tasks]]


@cache
def _blas():
    """The copies of BLAS that NumPy and SciPy (for Numba) have loaded."""
    import scipy.linalg.cython_blas  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
