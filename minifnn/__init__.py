"""minifnn: a feed-forward neural network by hand, with its exact Hessian.

Forward pass, backward pass and second-order pass are written out in NumPy in seven files, which
are read in this order: activations, layers, losses, network, optimise, train, hessian. What is
beside them is named after what is in it; compiled/ has the same in Numba, for speed.
"""

from importlib import import_module
from typing import Any

from . import activations, check, datasets, energy, initialise, losses, optimise
from .activations import Activation
from .curvature.newton import DampedNewton
from .curvature.operator import hessian_operator, hvp
from .curvature.parts import gauss_newton, layer_hessians, residual_part
from .curvature.spectrum import Spectrum, hessian_error, inertia, spectrum
from .curvature.theorems import structural_zeros
from .hessian import hessian
from .initialise import load, mlp
from .losses import Loss
from .network import Network
from .optimise import Adam, GradientDescent, Momentum
from .train import History, recorded_epochs, train

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "Adam",
    "DampedNewton",
    "GradientDescent",
    "History",
    "Loss",
    "Momentum",
    "Network",
    "Spectrum",
    "activations",
    "check",
    "datasets",
    "energy",
    "gauss_newton",
    "hessian",
    "hessian_error",
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
LATER = {"plots": "plots", "sweep": "experiments.sweep"}  # imported when first asked for


def __getattr__(name: str) -> Any:
    """Import what is slow to load when it is first asked for."""
    if name not in LATER:
        raise AttributeError(f"module 'minifnn' has no attribute {name!r}")
    module = import_module(f".{LATER[name]}", __name__)
    return module if name == "plots" else getattr(module, name)
