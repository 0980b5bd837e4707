"""A training's state in a file: written with every record, checked before any of it is used.

Networks, optimizers and histories are used by a few of their methods, never imported here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from warnings import warn

import numpy as np

from .archives import read_arrays, write_arrays
from .files import check_place, naming
from .validation import check_array, check_count, expect

KIND = "minifnn checkpoint 5"
NUMBERS = ("epoch", "loss", "train_score", "test_loss", "test_score", "zero_residuals")
CURVATURE = ("alpha", "gamma", "sharpness", "published_alpha", "published_gamma", "tolerance")
STEPS = (0, 1, 10, 100, 1000)  # where rates are compared, for a function says nothing of itself


class Checkpoint:
    """The file that one training writes and goes on from; None as path is no file.

    It belongs to a training of this network, optimizer, data (arrays or None) and settings.
    """

    def __init__(
        self, path: Any, net: Any, optimizer: Any, rng: Any, data: Sequence, settings: dict
    ) -> None:
        self.path = None if path is None else check_place("checkpoint", path)
        self.net, self.optimizer, self.rng = net, optimizer, rng
        self.curvature = settings["curvature"]
        if self.path:
            self.start = net.theta.copy()
            self.identity = self._identity(data, settings)

    def _identity(self, data, settings):
        """What is equal in all trainings with the same checkpoint, as text by name.

        Not theta, which moves: a training that was interrupted goes on from the file's.
        """
        names = ("sizes", "hidden", "output", "trainable_beta", "loss_function", "l2")
        fixed = [b for b, trained in zip(self.net.betas, self.net.trainable_beta) if not trained]
        rates = {f"rate of step {t}": self.optimizer.rate(t) for t in STEPS}
        identity = {name: getattr(self.net, name) for name in names}
        identity |= {"beta, not trained": _digest(fixed), "X and Y": _digest(data[:2])}
        identity |= {"X_test and Y_test": _digest(data[2:]), "optimizer": self.optimizer}
        return {name: str(value) for name, value in (identity | rates | settings).items()}

    def save(self, history: Any, done: int) -> None:
        """Write all that the training needs to go on after so many epochs."""
        if self.path is None:
            return
        state = self.rng.bit_generator.state  # of a draw of 64 bits, half may be left for the next
        numbers = *state["state"].values(), state["has_uint32"], state["uinteger"]
        arrays = {"kind": KIND, "identity": list(self.identity.items()), "done": done}
        arrays |= {"start": self.start, "theta": self.net.theta, "rng": [str(n) for n in numbers]}
        arrays |= {f"optimizer.{name}": a for name, a in self.optimizer.state().items()}
        write_arrays(self.path, arrays | history_arrays(history))

    def load(self, record: set, epochs: int) -> tuple[dict[str, np.ndarray], dict[str, float], int]:
        """Restore theta, optimizer and generator, if the file is there.

        Returns the columns of the history, its seconds, and the epochs done. A file that is of
        another training, has done more epochs or recorded others, or is damaged, changes nothing.
        """
        if not self.path or not self.path.exists():
            return {}, {}, 0
        arrays, P = read_arrays(self.path, KIND), self.net.n_parameters
        with naming(self.path):
            found = dict(arrays["identity"].tolist())
            for name, own in self.identity.items():
                if (theirs := found.get(name)) != own:
                    what = f"{theirs}, as in this checkpoint of another training"
                    raise ValueError(f"{name}: expected {what}, got {own}")
            done = check_count("done", arrays["done"].item())
            expect(done <= epochs, "epochs", f"at least the {done} of this checkpoint", epochs)
            columns, seconds = check_records(arrays, P, self.curvature, at_least=0)
            others = {*columns.get("epoch", ())} ^ {epoch for epoch in record if epoch < done}
            what = f"the epochs below {done} that this checkpoint has recorded"
            expect(not others, "record", what, f"a choice without or with {min(others, default=0)}")
            start, theta = (check_array(name, arrays[name], (P,)) for name in ("start", "theta"))
            steps = check_count("optimizer.t", arrays["optimizer.t"].item(), at_least=0)
            names = {name: f"optimizer.{name}" for name in self.optimizer.memory}
            memory = {name: check_array(at, arrays[at], (P,)) for name, at in names.items()}
            generator = _generator_state(arrays["rng"])
        if self.net.history is None and not np.array_equal(self.start, start):
            warn(f"{self.path}: net goes on from here, though it began elsewhere", stacklevel=4)
        self.start, self.net.theta[:] = start, theta
        self.optimizer.restore({"t": steps, **memory})
        self.rng.bit_generator.state = self.rng.bit_generator.state | generator
        return columns, seconds, done


def _digest(arrays):
    parts = [b"none" if array is None else array.tobytes() for array in arrays]
    return f"arrays with digest {hashlib.sha256(b''.join(parts)).hexdigest()[:16]}"


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
    arrays: Mapping[str, np.ndarray], P: int, curvature: bool, at_least: int = 1
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the columns and the seconds of the history in named arrays, of P parameters."""
    columns, seconds = _within("history.", arrays), _within("seconds.", arrays)
    seconds = {name: float(value.item()) for name, value in seconds.items()}
    if not columns and at_least == 0:
        return {}, seconds
    shapes: dict[str, tuple] = {"theta": (P,), **dict.fromkeys(NUMBERS, ())}
    if curvature:
        shapes |= {"eigenvalues": (P,), "alpha_bounds": (2,), **dict.fromkeys(CURVATURE, ())}
    expect(set(columns) == set(shapes), "history", ", ".join(sorted(shapes)), sorted(columns))
    epoch = columns["epoch"]
    is_rising = epoch.dtype.kind in "iu" and np.all(epoch[:-1] < epoch[1:])
    expect(is_rising, "history.epoch", "integers that rise", epoch)
    for name, shape in shapes.items():
        check_array(f"history.{name}", columns[name], (len(epoch), *shape), finite=name == "theta")
    return columns, seconds


def _within(prefix, arrays):
    """The arrays whose names begin with a prefix, by what follows it."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
