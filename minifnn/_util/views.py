"""What stays a network's own: assigning writes into its arrays, or is refused.

So theta, the named parameters and the layers are the same numbers, however one assigns.
"""

import sys
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import numpy as np

from .typing import Array
from .validation import check_array, expect


def write(name: str, own: Any, values: Any) -> None:
    """Write values into an array; anything else stays as it is, and says so."""
    if values is not own:  # it is after `W *= 2`, which has written already
        what = "to stay as it is; write to net.theta or net.parameters['W1'], or make a new network"
        expect(isinstance(own, np.ndarray), name, what, values, TypeError)
        own[...] = check_array(name, values, own.shape)


class Fixed:
    """An attribute that is set once; an array that it is can be written to."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, thing: Any, owner: type) -> Any:
        return vars(thing)[self.name]

    def __set__(self, thing: Any, values: Any) -> None:
        write(self.name, vars(thing).setdefault(self.name, values), values)


class Closed:
    """An object of which nothing but properties can be set once its attribute `layers` is."""

    def __setattr__(self, name: str, value: Any) -> None:
        if "layers" in vars(self) and not hasattr(type(self), name):
            write(name, vars(self).get(name, self), value)
        else:
            super().__setattr__(name, value)


class Parameters(MutableMapping[str, Array]):
    """Named views into theta that are written to; in a copy they are a dict of arrays."""

    def __init__(self, views: Mapping[str, Array]) -> None:
        self._views = views

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __setitem__(self, name: str, values: Any) -> None:
        write(name, self[name], values)

    def __delitem__(self, name: str) -> None:
        write(name, self, "del")

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def __ior__(self, others: Any) -> "Parameters":
        self.update(others)
        return self

    def __reduce__(self) -> Any:
        return dict, ({name: view.copy() for name, view in self.items()},)


class Named:
    """What its module has a name for: a copy of it, also by a pickle, is the thing itself."""

    name: str

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        module = vars(sys.modules[type(self).__module__])
        names = [name for name, thing in module.items() if thing is self]
        return names[0] if names else (type(self), tuple(vars(self).values()))
