"""What the package shows: its modules, and the functions and classes that each defines."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import minifnn

PACKAGE = Path(__file__).parents[1] / "minifnn"
NEEDS = {"sklearn": "sklearn", "torch": "torch"}  # what cannot be imported everywhere
BRIDGES = tuple(NEEDS)
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    """The dotted name of a file inside the package: "layers", "curvature.spectrum", "plots"."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


# Numba compiles what is in compiled/ by rules of its own, and only the package calls it.
NAMES = [name_of(path) for path in FILES if path.parent.name != "compiled"]
MODULES = [name for name in NAMES if name and name[0] != "_"]
GROUND = [name for name in NAMES if name.startswith("_util.")]
OFFERED_MODULES = [name for name in minifnn.__all__ if inspect.ismodule(getattr(minifnn, name))]


def module(name):
    """The module of this name; what it needs and is not here skips the test."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    return import_module(f"minifnn.{name}")


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


def offered():
    """What `import minifnn` offers by name, and all of the bridges: {full name: object}."""
    things = [getattr(minifnn, name) for name in minifnn.__all__]
    found = {
        f"{thing.__module__}.{thing.__qualname__}": thing
        for thing in things
        if inspect.isfunction(thing) or inspect.isclass(thing)
    }
    for name in BRIDGES:
        try:
            found |= defined_in(import_module(f"minifnn.{name}"))
        except ImportError:
            continue  # not everywhere
    return found


def few_lines():
    """Those of the README, with little training."""
    text = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, flags=re.DOTALL)[1]
    return code.replace("epochs=2300", "epochs=20").replace("progress=True", "progress=False")
