"""The Numba kernels: the hot loops of the reference, compiled; the only code that imports Numba.

What differs from the code that one reads is the layout: samples are columns, so
that the innermost loop runs over samples that lie side by side, and the bias is
one more weight, on an input that is always 1. With a~ = [a; 1] and W~ = [W; b],
which is how theta holds them,

    h = W~^T a~        dW~ = a~ delta^T        g = W delta

and every sum over samples is a matrix product. Nothing here depends on the
order in which threads finish, and no arithmetic is reordered by the compiler.

Compiled code is cached beside these files or in the user's cache folder; where
neither can be written, it is compiled anew. `minifnn.backend` alone decides
whether the kernels are used.
"""

import numba

if numba.config.DISABLE_JIT:
    raise ImportError("Numba's compiler is switched off", name="numba")


def compiled(function, **options):
    """Compile when first called, with a cache on disk where there is a place for one."""
    options |= {"error_model": "numpy", "nogil": True}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:
        return numba.njit(**options)(function)
