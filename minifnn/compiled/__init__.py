"""The Numba kernels: the hot loops of the reference, compiled; the only code that imports Numba.

What differs from the code that one reads is the layout: samples are columns, so
that the innermost loop runs over samples that lie side by side, and the bias is
one more weight, on an input that is always 1. With a~ = [a; 1] and W~ = [W; b],
which is how theta holds them,

    h = W~^T a~        dW~ = a~ delta^T        g = W delta

and every sum over samples is a matrix product, by one `gemm`. Loops are flat, without
views and without a kernel that returns an array: this compiles in seconds, and Ctrl-C ends
in KeyboardInterrupt. Nothing here depends on the order in which threads finish.

Compiled code is cached beside these files or in the user's cache folder, until one
of these files changes; where neither can be written, it is compiled anew.
`minifnn.backend` alone decides whether the kernels are used.
"""

from .gates import GATES
from .hessian import both_passes, by_blocks
from .network import LOSSES
from .training import OPTIMIZERS, backpropagate, stepper

__all__ = ["backpropagate", "both_passes", "by_blocks", "serve", "stepper"]


def serve(name, net, optimizer=None):
    """Whether there is a kernel of this name, for all that the network is made of."""
    return (
        name in __all__
        and net.theta.dtype == float
        and net.theta.flags.c_contiguous
        and all(gate.activation in GATES for _, gate in net.layers)
        and net.loss_function in LOSSES
        and (optimizer is None or type(optimizer) in OPTIMIZERS)
    )
