"""Which code computes: the NumPy reference, or its compiled twins."""

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
