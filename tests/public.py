"""What the package shows: its modules, and the functions and classes that each defines."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "minifnn"
NEEDS = {"sklearn": "sklearn", "torch": "torch"}  # what cannot be imported everywhere
# Numba compiles kernels.py by rules of its own, and only the package calls it
MODULES = sorted(path.stem for path in PACKAGE.glob("[a-z]*.py") if path.stem != "kernels")
HIDDEN = sorted(path.stem for path in PACKAGE.glob("_*.py"))


def module(name):
    """The module of this name; what it needs and is not here skips the test."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    return import_module("minifnn" if name == "__init__" else f"minifnn.{name}")


def defined_in(module):
    """Its public functions and classes, {full name: object}."""
    return {
        f"{module.__name__}.{name}": thing
        for name, thing in vars(module).items()
        if name[0] != "_" and getattr(thing, "__module__", None) == module.__name__
        if inspect.isfunction(thing) or inspect.isclass(thing)
    }


def with_methods(things):
    """The same, and after each class what it defines: {full name: object}."""
    everything = {}
    for name, thing in things.items():
        everything[name] = thing
        if inspect.isclass(thing):
            for part, method in vars(thing).items():
                method = getattr(method, "__func__", getattr(method, "fget", method))
                if part[0] != "_" and inspect.isfunction(method):
                    everything[f"{name}.{part}"] = method
    return everything
