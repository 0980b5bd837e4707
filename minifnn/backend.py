"""Which code computes: the NumPy code that one reads, or the kernels. Chosen here, nowhere else."""

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from types import ModuleType
from typing import Any
from warnings import warn

from ._util.threads import quiet, single_threaded_blas, to_the_end
from ._util.validation import check_choice


def choose(engine: str, reference: Callable, net: Any, optimizer: Any = None) -> Callable:
    """Return reference(net, X, Y, ...), or for "numba" the kernel of the same name and arguments.

    It is the reference for either engine without Numba, and for what has no kernel: blocks of
    layers alone, a complex theta, and an activation, a loss or an optimizer of your own.
    """
    check_choice("engine", engine, ("numba", "numpy"))
    compiled: Any = kernels() if engine == "numba" else None
    if compiled is not None and compiled.serve(reference.__name__, net, optimizer):
        return getattr(compiled, reference.__name__)

    @wraps(reference)
    def run(net, X, *arguments, **options):
        with quiet(), single_threaded_blas(len(X) * net.n_parameters):
            return reference(net, X, *arguments, **options)

    return run


@cache
def kernels() -> ModuleType | None:
    """The package of kernels, or None: in silence without Numba, with a warning if it is broken."""
    try:
        return to_the_end(import_module, ".compiled", __package__)
    except Exception as error:
        if not (isinstance(error, ModuleNotFoundError) and error.name == "numba"):
            warn(f"Numba does not work here, so NumPy computes: {error!r}", RuntimeWarning, 4)
        return None
