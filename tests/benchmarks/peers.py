"""Who takes part, minifnn first: the others are compared with it."""

from dataclasses import dataclass
from importlib import import_module

OWN, OWN_NUMPY = "minifnn", "minifnn, NumPy"
PRODUCT = "matrix product"
JAX, CHUNKED, TORCH = "jit jax.hessian", "JAX in chunks of 32", "torch.func.hessian"
TORCH_CHUNKED = "PyTorch in chunks of 32"
TORCH_ROWS = "torch.autograd.functional.hessian"
JAX_LOOP, JAX_STEPS = "JAX fori_loop", "JAX step by step"
TORCH_SAME, TORCH_OWN = "PyTorch, same Adam", "PyTorch, torch.optim.Adam"
SKLEARN = "scikit-learn (another network: logistic units)"


@dataclass(frozen=True)
class Peer:
    """One implementation: where it is written, and how it is treated.

    `repeats` is for the heavy ones, which are timed less often. `tolerance` is
    the largest relative difference from minifnn's result; with None the
    difference is only written down, and without `compared` not even that.
    """

    name: str
    module: str
    function: str
    repeats: int | None = None
    tolerance: float | None = 1e-8
    compared: bool = True

    def make(self, problem):
        """Prepare it for (net, X, Y): a function that computes, compiled where it can be."""
        return getattr(import_module(f".{self.module}", __package__), self.function)(*problem)


HESSIANS = (
    Peer(OWN, "own", "hessian"),
    Peer(OWN_NUMPY, "own", "hessian_numpy"),
    Peer(PRODUCT, "own", "matrix_product", compared=False),
    Peer(CHUNKED, "peers_jax", "hessian_in_chunks", repeats=5),
    Peer(JAX, "peers_jax", "hessian", repeats=3),
    Peer(TORCH, "peers_torch", "hessian", repeats=3),
    Peer(TORCH_CHUNKED, "peers_torch", "hessian_in_chunks", repeats=3),
    Peer(TORCH_ROWS, "peers_torch", "hessian_row_by_row", repeats=1),
)
SMALL_HESSIANS = tuple(peer for peer in HESSIANS if peer.name in (OWN, JAX, TORCH))
TRAININGS = (
    Peer(OWN, "own", "train"),
    Peer(JAX_LOOP, "peers_jax", "train"),
    Peer(JAX_STEPS, "peers_jax", "train_step_by_step"),
    Peer(TORCH_SAME, "peers_torch", "train"),
    Peer(TORCH_OWN, "peers_torch", "train_with_its_adam", tolerance=None),
    Peer(SKLEARN, "peers_sklearn", "train", compared=False),
)


def installed(peers):
    """Leave out, with a line each, those whose library is not installed."""
    here = []
    for peer in peers:
        try:
            import_module(f".{peer.module}", __package__)
        except ImportError as error:
            print(f"{peer.name} is left out: {error}")
        else:
            here.append(peer)
    return here
