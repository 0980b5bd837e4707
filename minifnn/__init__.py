"""minifnn: the feed-forward neural network that a person can hold in the head.

Every forward pass, every backward pass and the exact Hessian, written out by
hand in NumPy. Read the files in this order; two flows run through them:

    learn   datasets -> network -> losses -> backward -> optimise -> train.History
                        (activations, layers, initialise)

    look    network + data -> hessian -> spectrum -> alpha, gamma -> plots

and beside both stand energy (where the activations come from), check (how to
trust a derivative), theorems (what is known of a spectrum beforehand) and lanczos
(what is known of one that fits no matrix). paper runs the published experiments,
report shows them; starts runs them from many seeds.
"""

from importlib import import_module
from types import ModuleType

from . import activations, check, datasets, energy, initialise, losses, optimise
from .build import load, mlp
from .curvature.lanczos import hessian_operator
from .curvature.spectrum import Spectrum, inertia, spectrum
from .curvature.theorems import structural_zeros
from .experiments.sweep import sweep
from .hessian import gauss_newton, hessian, hvp, layer_hessians, residual_part
from .network import Network
from .optimise import Adam, DampedNewton, GradientDescent, Momentum
from .train import History, recorded_epochs, train

__version__ = "0.1.0"

__all__ = [
    "Adam",
    "DampedNewton",
    "GradientDescent",
    "History",
    "Momentum",
    "Network",
    "Spectrum",
    "activations",
    "check",
    "datasets",
    "energy",
    "gauss_newton",
    "hessian",
    "hessian_operator",
    "hvp",
    "inertia",
    "initialise",
    "layer_hessians",
    "load",
    "losses",
    "mlp",
    "optimise",
    "plots",
    "recorded_epochs",
    "residual_part",
    "spectrum",
    "structural_zeros",
    "sweep",
    "train",
]


def __getattr__(name: str) -> ModuleType:
    """Import `minifnn.plots` when it is first asked for: Matplotlib is slow to load."""
    if name == "plots":
        return import_module(".plots", __name__)
    raise AttributeError(f"module 'minifnn' has no attribute {name!r}")
