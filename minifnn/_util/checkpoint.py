"""A training's state in a file: written with every record, checked before any of it is used.

Networks, optimizers and histories are used by a few of their methods, never imported here.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .archives import prefixed, read_arrays, unprefixed, write_arrays
from .typing import PathLike
from .validation import check_path, expect

KIND = "minifnn checkpoint 3"
NETWORK = ("sizes", "hidden", "output", "trainable_beta", "theta", "betas")


class Checkpoint:
    """The file that one training writes and goes on from; None as path is no file.

    It belongs to a training from this network, optimizer, data (arrays or None) and settings.
    """

    def __init__(
        self, path: Any, net: Any, optimizer: Any, rng: Any, data: Sequence, settings: dict
    ) -> None:
        self.path = None if path is None else check_path("checkpoint", path)
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

    def save(self, epochs_done: int, history: Any) -> None:
        """Write all that the training needs to go on."""
        if self.path is None:
            return
        state = self.rng.bit_generator.state  # of a draw of 64 bits, half may be left for the next
        numbers = *state["state"].values(), state["has_uint32"], state["uinteger"]
        arrays = {
            "kind": KIND,
            "identity": self.identity,
            "epochs_done": epochs_done,
            "rng": [str(n) for n in numbers],
        }
        optimizer = prefixed("optimizer.", self.optimizer.state())
        write_arrays(self.path, arrays | optimizer | history_arrays(history))

    def load(self) -> tuple[dict[str, np.ndarray], dict[str, float], int]:
        """Restore theta, optimizer and generator, if the file is there.

        Returns the columns of the history, its seconds, and the epochs done. A file
        that is of another training, or does not fit together, changes nothing.
        """
        path = self.path
        if path and (path.is_dir() or not path.parent.is_dir()):
            error = FileExistsError if path.is_dir() else FileNotFoundError
            raise error(f"checkpoint: expected a file in a folder that exists, got {str(path)!r}")
        if not path or not path.exists():
            return {}, {}, 0
        arrays = read_arrays(path, KIND, None)
        found = str(arrays.get("identity"))
        if found != self.identity:
            what = f"belongs to another training: expected {self.identity}"
            raise ValueError(f"checkpoint {path} {what}, got {found}")
        with fitting(path):
            columns, seconds = check_records(arrays, self.net.n_parameters, self.curvature)
            _check_state(arrays, self.optimizer.memory, self.net.n_parameters)
            state, inc, has_half, half = map(int, arrays["rng"])
        self.net.theta[:] = columns["theta"][-1]
        self.optimizer.restore(unprefixed("optimizer.", arrays))
        half_draw = {"has_uint32": has_half, "uinteger": half}
        generator = {"state": {"state": state, "inc": inc}, **half_draw}
        self.rng.bit_generator.state = self.rng.bit_generator.state | generator
        return columns, seconds, int(arrays["epochs_done"])


def history_arrays(history: Any) -> dict[str, np.ndarray]:
    """Return the columns and the seconds of a history as named arrays, for a file with others."""
    return prefixed("history.", dict(history)) | prefixed("seconds.", history.seconds)


def check_records(
    arrays: Mapping[str, np.ndarray], n_parameters: int, curvature: bool
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the columns and the seconds of the history in named arrays, if they are one."""
    columns, seconds = unprefixed("history.", arrays), unprefixed("seconds.", arrays)
    names = ["epoch", "loss", "train_score", "test_score", "zero_residuals"]
    vectors = {"theta": (n_parameters,)}
    if curvature:
        names += ["alpha", "gamma", "published_alpha", "published_gamma", "tolerance"]
        vectors |= {"alpha_bounds": (2,), "eigenvalues": (n_parameters,)}
    shapes = {**dict.fromkeys(names, ()), **vectors}
    expect(set(columns) == set(shapes), "history", ", ".join(sorted(shapes)), sorted(columns))
    n, epoch = max(1, columns["epoch"].size), columns["epoch"]
    for name, shape in shapes.items():
        _check(f"history.{name}", columns[name], (n, *shape), finite=name == "theta")
    is_rising = epoch.dtype.kind in "iu" and np.all(epoch[:-1] < epoch[1:])
    expect(is_rising, "history.epoch", "integers that rise", epoch)
    return columns, {name: float(value.item()) for name, value in seconds.items()}


def _check_state(arrays, memory, n_parameters):
    """Check what a training goes on with, beside the records: counts, optimizer, generator."""
    for name in ("epochs_done", "optimizer.t"):
        _check(name, arrays[name], (), "iu")
    done, steps = int(arrays["epochs_done"]), int(arrays["optimizer.t"])
    last = int(arrays["history.epoch"][-1])
    expect(done == last + 1, "epochs_done", f"{last + 1}, after the last record", done)
    expect(steps >= 0, "optimizer.t", "at least 0 steps", steps)
    for name in memory:
        _check(f"optimizer.{name}", arrays[f"optimizer.{name}"], (n_parameters,), "f", finite=True)
    limits, numbers = (1 << 128, 1 << 128, 2, 1 << 32), arrays["rng"]
    is_state = numbers.shape == (4,) and all(0 <= int(n) < m for n, m in zip(numbers, limits))
    expect(is_state, "rng", "the state of a generator", numbers)


def _check(name, array, shape, kinds="fiu", finite=False):
    expect(array.dtype.kind in kinds, name, f"a dtype of kind {kinds}", array.dtype)
    expect(array.shape == shape, name, f"shape {shape}", array.shape)
    expect(not finite or np.isfinite(array).all(), name, "finite numbers", array)


@contextmanager
def fitting(path: PathLike) -> Iterator[None]:
    """Turn whatever does not fit in a file into one ValueError that names the file."""
    try:
        yield
    except (TypeError, ValueError, LookupError, ArithmeticError, csv.Error) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"{path} does not fit together: {what}") from None
