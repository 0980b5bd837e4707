"""A training's state in a file: written with every record, checked before any of it is used.

Networks, optimizers and histories are used by a few of their methods, never imported here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .archives import read_arrays, write_arrays
from .files import check_place, naming
from .validation import check_array, check_count, expect

KIND = "minifnn checkpoint 3"
NETWORK = ("sizes", "hidden", "output", "trainable_beta", "theta", "betas")
NUMBERS = ("epoch", "loss", "train_score", "test_score", "zero_residuals")
CURVATURE = ("alpha", "gamma", "published_alpha", "published_gamma", "tolerance")


class Checkpoint:
    """The file that one training writes and goes on from; None as path is no file.

    It belongs to a training from this network, optimizer, data (arrays or None) and settings.
    """

    def __init__(
        self, path: Any, net: Any, optimizer: Any, rng: Any, data: Sequence, settings: dict
    ) -> None:
        self.path = None if path is None else check_place("checkpoint", path)
        self.net, self.optimizer, self.rng = net, optimizer, rng
        self.curvature = settings["curvature"]
        self.identity = self._identity(data, settings) if self.path else ""

    def _identity(self, data, settings):
        """All that must be equal in two trainings with the same checkpoint, as text."""
        arrays, digest = self.net.to_arrays(), hashlib.sha256()
        for array in (*(arrays[name] for name in NETWORK), *data):
            digest.update(b"none" if array is None else array.tobytes())
        rates = [self.optimizer.rate(t) for t in (0, 1, 10, 100, 1000)]
        named = " ".join(f"{name}={value}" for name, value in settings.items())
        return f"{self.net!r} {self.optimizer!r} {named} {rates=} data {digest.hexdigest()}"

    def save(self, history: Any) -> None:
        """Write all that the training needs to go on."""
        if self.path is None:
            return
        state = self.rng.bit_generator.state  # of a draw of 64 bits, half may be left for the next
        numbers = *state["state"].values(), state["has_uint32"], state["uinteger"]
        optimizer = {f"optimizer.{name}": a for name, a in self.optimizer.state().items()}
        arrays = {"kind": KIND, "identity": self.identity, "rng": [str(n) for n in numbers]}
        write_arrays(self.path, arrays | optimizer | history_arrays(history))

    def load(self) -> tuple[dict[str, np.ndarray], dict[str, float], int]:
        """Restore theta, optimizer and generator, if the file is there.

        Returns the columns of the history, its seconds, and the epochs done. A file
        that is of another training, or damaged, changes nothing.
        """
        if not self.path or not self.path.exists():
            return {}, {}, 0
        arrays, P = read_arrays(self.path, KIND), self.net.n_parameters
        with naming(self.path):
            found = str(arrays["identity"])
            expect(found == self.identity, "training", repr(self.identity), found)
            columns, seconds = check_records(arrays, P, self.curvature)
            steps = check_count("optimizer.t", arrays["optimizer.t"].item(), at_least=0)
            names = {name: f"optimizer.{name}" for name in self.optimizer.memory}
            memory = {name: check_array(at, arrays[at], (P,)) for name, at in names.items()}
            generator = _generator_state(arrays["rng"])
        self.net.theta[:] = columns["theta"][-1]
        self.optimizer.restore({"t": steps, **memory})
        self.rng.bit_generator.state = self.rng.bit_generator.state | generator
        return columns, seconds, int(columns["epoch"][-1]) + 1


def _generator_state(numbers):
    limits, numbers = (1 << 128, 1 << 128, 2, 1 << 32), list(map(int, numbers))
    fits = len(numbers) == 4 and all(0 <= n < limit for n, limit in zip(numbers, limits))
    expect(fits, "rng", "the state of a generator", numbers)
    state, inc, has_half, half = numbers
    return {"state": {"state": state, "inc": inc}, "has_uint32": has_half, "uinteger": half}


def history_arrays(history: Any) -> dict[str, np.ndarray]:
    """Return the columns and the seconds of a history as named arrays, for a file with others."""
    columns = {f"history.{name}": rows for name, rows in dict(history).items()}
    return columns | {f"seconds.{name}": value for name, value in history.seconds.items()}


def check_records(
    arrays: Mapping[str, np.ndarray], P: int, curvature: bool
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the columns and the seconds of the history in named arrays, of P parameters."""
    columns, seconds = _within("history.", arrays), _within("seconds.", arrays)
    shapes: dict[str, tuple] = {"theta": (P,), **dict.fromkeys(NUMBERS, ())}
    if curvature:
        shapes |= {"eigenvalues": (P,), "alpha_bounds": (2,), **dict.fromkeys(CURVATURE, ())}
    expect(set(columns) == set(shapes), "history", ", ".join(sorted(shapes)), sorted(columns))
    epoch = columns["epoch"]
    is_rising = epoch.dtype.kind in "iu" and np.all(epoch[:-1] < epoch[1:])
    expect(is_rising, "history.epoch", "integers that rise", epoch)
    for name, shape in shapes.items():
        check_array(f"history.{name}", columns[name], (len(epoch), *shape), finite=name == "theta")
    return columns, {name: float(value.item()) for name, value in seconds.items()}


def _within(prefix, arrays):
    """The arrays whose names begin with a prefix, by what follows it."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
