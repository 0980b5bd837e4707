"""The training loop: step, record, and go on where it stopped.

At a recorded epoch the loss and the training score are those *before* the step
of that epoch; theta, the Hessian, the residuals and the test score are those
after it. This is how the published runs (arXiv:1805.08786) were recorded.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ._util.checkpoint import check_checkpoint, check_records, fitting
from ._util.files import prefixed, read_arrays, remove_leftovers, unprefixed, write_arrays
from ._util.threads import calm_blas, on_all_threads
from ._util.typing import ArrayLike, Engine, IntArray, PathLike
from ._util.validation import as_array, check_count, check_fits, check_flag, check_path
from .curvature.spectrum import spectrum
from .hessian import hessian
from .network import Network, check_problem
from .optimise import Adam, GradientDescent

if TYPE_CHECKING:
    from pandas import DataFrame

CHECKPOINT_KIND = "minifnn checkpoint 3"
SMALL_RESIDUAL = 1e-5  # |prediction - truth| up to which a residual counts as zero


def recorded_epochs(epochs: int) -> IntArray:
    """Return the published choice of epochs to record: 0, 11, 21, ..., 191, 211, 261, ...

    Parameters
    ----------
    epochs : int
        How many epochs the training has.

    Returns
    -------
    ndarray of int
        The recorded epochs below `epochs`: 36 of 1,000, 62 of 2,300.

    Examples
    --------
    >>> import minifnn as mf
    >>> print(mf.recorded_epochs(50), len(mf.recorded_epochs(2300)))
    [ 0 11 21 31 41] 62
    """
    epochs = check_count("epochs", epochs)
    check_fits("epochs", epochs, epochs)
    early = [0, *range(11, 192, 10)]
    return np.array([e for e in [*early, *range(211, max(epochs, 212), 50)] if e < epochs])


class History:
    """What was recorded, by name: ``history["loss"]`` is an array with a row a record.

    Names: "epoch", "loss", "train_score", "test_score", "zero_residuals",
    "theta"; with curvature also "alpha", "alpha_bounds", "gamma",
    "published_alpha", "published_gamma", "tolerance", "eigenvalues".

    Attributes
    ----------
    seconds : dict of str to float
        What the time went to: "steps", "hessians", "eigenvalues".

    Examples
    --------
    >>> import minifnn as mf
    >>> history = mf.History({"epoch": [0, 11], "loss": [0.7, 0.3]})
    >>> history
    <History, 2 records of epoch, loss>
    >>> print(history["loss"], "alpha" in history)
    [0.7 0.3] False
    """

    def __init__(
        self,
        columns: Mapping[str, Sequence | np.ndarray] | None = None,
        seconds: dict[str, float] | None = None,
    ) -> None:
        self._columns = {name: list(rows) for name, rows in (columns or {}).items()}
        self.seconds = {"steps": 0.0, "hessians": 0.0, "eigenvalues": 0.0} | (seconds or {})

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns:
            known = ", ".join(self._columns) or "nothing"
            raise KeyError(f"{name!r} was not recorded; recorded: {known}")
        return np.array(self._columns[name])

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __len__(self) -> int:
        """The number of records."""
        return len(self._columns.get("epoch", ()))

    def __repr__(self):
        return f"<History, {len(self)} records of {', '.join(self._columns)}>"

    def keys(self) -> KeysView[str]:
        """The names of what was recorded."""
        return self._columns.keys()

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one record, a dict from name to number or array.

        Examples
        --------
        >>> import minifnn as mf
        >>> history = mf.History()
        >>> history.append({"epoch": 0, "loss": 0.7})
        >>> history.append({"epoch": 11, "loss": 0.3})
        >>> print(history["epoch"], len(history))
        [ 0 11] 2
        """
        for name, value in record.items():
            self._columns.setdefault(name, []).append(value)

    @contextmanager
    def clock(self, what: str) -> Iterator[None]:
        """Add the time that is spent within to `seconds`, under the name `what`."""
        began = time.perf_counter()
        yield
        self.seconds[what] += time.perf_counter() - began

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return everything as a dict of arrays."""
        return {name: self[name] for name in self._columns}

    def to_frame(self) -> "DataFrame":
        """Return the numbers as a table of pandas, a row a record.

        Returns
        -------
        pandas.DataFrame
            One column a name, "alpha_bounds" as two: "alpha_low" and
            "alpha_high". What is a whole vector a record, "theta" and
            "eigenvalues", is left out.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> import minifnn as mf
        >>> mf.History({"epoch": [0, 11], "loss": [0.7, 0.3]}).to_frame()
           epoch  loss
        0      0   0.7
        1     11   0.3
        """
        try:
            from pandas import DataFrame  # here, for nothing else needs it
        except ImportError:
            raise ImportError("to_frame needs pandas: pip install pandas") from None
        columns = {}
        for name, rows in self.to_arrays().items():
            if name == "alpha_bounds":
                columns |= {"alpha_low": rows[:, 0], "alpha_high": rows[:, 1]}
            elif rows.ndim == 1:
                columns[name] = rows
        return DataFrame(columns)

    def for_file(self) -> dict[str, np.ndarray]:
        """Return the records and the seconds as named arrays, for a file with others."""
        seconds = {name: np.array(value) for name, value in self.seconds.items()}
        return prefixed("history.", self.to_arrays()) | prefixed("seconds.", seconds)

    @classmethod
    def from_file(cls, arrays: Mapping[str, np.ndarray]) -> "History":
        """Return the History whose arrays `for_file` gave.

        Examples
        --------
        >>> import minifnn as mf
        >>> history = mf.History({"epoch": [0, 11], "loss": [0.7, 0.3]})
        >>> print(mf.History.from_file(history.for_file())["loss"])
        [0.7 0.3]
        """
        seconds = {name: float(value) for name, value in unprefixed("seconds.", arrays).items()}
        return cls(unprefixed("history.", arrays), seconds)


def train(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    epochs: int = 1000,
    optimizer: GradientDescent | None = None,
    X_test: ArrayLike | None = None,
    Y_test: ArrayLike | None = None,
    batch_size: int | None = None,
    record: ArrayLike | None = None,
    curvature: bool = False,
    checkpoint: PathLike | None = None,
    progress: bool | Callable[[int, float], object] = False,
    seed: int = 0,
    engine: Engine = "numba",
) -> History:
    """Train a network in place and return what was recorded on the way.

    Parameters
    ----------
    net : Network
        Its theta is changed.
    X, Y : array_like
        Training samples and targets.
    epochs : int, optional
        How many times to go through all samples.
    optimizer : optional
        From `minifnn.optimise`; Adam(0.01) if None. It keeps what it remembers:
        give a new training a new one.
    X_test, Y_test : array_like, optional
        For the test score; NaN without them.
    batch_size : int, optional
        Samples a step, in an order drawn anew each epoch; all of them if None.
    record : sequence of int, optional
        The epochs to record; `recorded_epochs` if None.
    curvature : bool, optional
        Record the spectrum of the Hessian too.
    checkpoint : path-like, optional
        A file to write at every record, whole or not at all. If it is there, the
        training goes on from it, and ends in the same bits as one never stopped.
    progress : bool or callable, optional
        Show a bar; or call progress(epochs done, loss) at every record.
    seed : int, optional
        For the order of mini-batches.
    engine : {"numba", "numpy"}, optional
        The compiled twins, or the code that one reads.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what came and what was wanted; also if the
        checkpoint belongs to another training, or if the gradient or theta
        stops being finite.
    FileNotFoundError
        If the checkpoint's folder does not exist.

    Examples
    --------
    >>> import minifnn as mf
    >>> data = mf.datasets.linear()
    >>> net = mf.mlp([2, 4, 1], hidden="tanh", seed=1)
    >>> history = mf.train(net, data.X_train, data.Y_train, epochs=200, curvature=True)
    >>> print(history["loss"][-1] < history["loss"][0], history["train_score"][-1] > 0.95)
    True True
    >>> print(history["epoch"][:3], history["eigenvalues"].shape == (len(history), 17))
    [ 0 11 21] True
    """
    run = _Run(
        net=net,
        X=X,
        Y=Y,
        X_test=X_test,
        Y_test=Y_test,
        epochs=epochs,
        record=record,
        optimizer=Adam(0.01) if optimizer is None else optimizer,
        batch_size=batch_size,
        curvature=check_flag("curvature", curvature),
        seed=seed,
        engine=engine,
    )
    if checkpoint is not None:
        run.go_on_from(check_path("checkpoint", checkpoint))
    with _progress(progress, run) as tell:
        while run.epoch < run.epochs:
            if run.epoch in run.record:
                run.recorded_epoch()
                if checkpoint is not None:
                    run.save(checkpoint)
                tell(run.epoch, run.history["loss"][-1])
            else:
                run.go_on(run.epochs_to_next_record())
    return run.history


@contextmanager
def _progress(progress, run):
    """Yield the function (epochs done, loss) that tells how far the training is."""
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda epoch, loss: None
    else:
        from tqdm.auto import tqdm  # here, so that importing minifnn stays quick

        with tqdm(total=run.epochs, initial=run.epoch, unit="epoch", leave=False) as bar:

            def tell(epoch, loss):
                bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
                bar.update(epoch - bar.n)

            yield tell


@dataclass
class _Run:
    """One training: its settings, where it stands and what it has recorded."""

    net: Network
    X: Any  # as given; arrays once they are checked
    Y: Any
    X_test: Any
    Y_test: Any
    epochs: int
    record: Any  # a set of epochs then
    optimizer: GradientDescent
    batch_size: Any  # a number then
    curvature: bool
    seed: int
    engine: Engine

    def __post_init__(self):
        self.X, self.Y = check_problem(self.net, self.X, self.Y)
        if (self.X_test is None) != (self.Y_test is None):
            missing = "X_test" if self.X_test is None else "Y_test"
            raise ValueError(f"{missing} is missing, wanted both X_test and Y_test or neither")
        if self.X_test is not None:
            names = ("X_test", "Y_test")
            self.X_test, self.Y_test = self.net.check(self.X_test, self.Y_test, names)
        self.epochs = check_count("epochs", self.epochs)
        self.record = _check_record(self.record, self.epochs)
        if not isinstance(self.optimizer, GradientDescent):
            raise TypeError(f"optimizer is {self.optimizer!r}, wanted one from minifnn.optimise")
        self._check_batch_size()
        self.seed = check_count("seed", self.seed, at_least=0)
        self.net.twins(self.engine)  # which says so if there is no such engine
        self.rng = np.random.default_rng(self.seed)
        self.epoch, self.history = 0, History()
        self.compiled = None  # its _CompiledEpochs, once there is need of them

    def _check_batch_size(self):
        if self.batch_size is None:
            self.batch_size = len(self.X)
        size = check_count("batch_size", self.batch_size)
        if size > len(self.X):
            raise ValueError(f"batch_size is {size}, wanted at most the {len(self.X)} samples")

    def recorded_epoch(self):
        """Go through all samples once, and record it."""
        record = {"epoch": self.epoch, **self._before()}
        self.go_on(1)
        self.history.append(record | self._after())

    def epochs_to_next_record(self):
        """How many epochs there are before the next recorded one, or the end."""
        return min([e for e in self.record if e > self.epoch], default=self.epochs) - self.epoch

    def go_on(self, epochs):
        """Train for so many epochs."""
        with self.history.clock("steps"):
            self._go_on(epochs)

    def _go_on(self, epochs):
        kernels = self.net.twins(self.engine)
        if kernels and type(self.optimizer) in kernels.OPTIMIZERS and _is_plain(self.net.theta):
            self.compiled = self.compiled or _CompiledEpochs(self, kernels)
            self.compiled.go_on(epochs)
            return
        for _ in range(epochs):
            for x, y in self._batches():
                self._step(x, y)
            self.epoch += 1

    def _batches(self):
        if self.batch_size == len(self.X):
            yield self.X, self.Y
            return
        order = self.rng.permutation(len(self.X))
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            yield self.X[rows], self.Y[rows]

    def _step(self, x, y):
        net = self.net
        gradient = net.backward(net.loss_function.gradient(net.forward(x, self.engine), y))
        self.check_finite("gradient", gradient)
        more = (hessian(net, x, y, engine=self.engine),) if self.optimizer.needs_hessian else ()
        self.optimizer.step(net.theta, gradient, *more)
        self.check_finite("theta", net.theta)

    def check_finite(self, what, vector):
        if not np.isfinite(vector).all():
            raise ValueError(
                f"{what} is no longer finite at epoch {self.epoch}: "
                f"the rate of optimizer {self.optimizer!r} may be too large"
            )

    def _before(self):
        o = self.net.forward(self.X, self.engine)
        loss = float(self.net.loss_function.value(o, self.Y))
        return {"loss": loss, "train_score": self.net.score_of(o, self.Y)}

    def _after(self):
        net = self.net
        residuals = net.loss_function.predict(net.forward(self.X, self.engine)) - self.Y
        row = {
            "test_score": self._test_score(),
            "zero_residuals": float(np.mean(np.abs(residuals) <= SMALL_RESIDUAL)),
            "theta": net.theta.copy(),
        }
        if self.curvature:
            with self.history.clock("hessians"):
                H = hessian(net, self.X, self.Y, engine=self.engine)
            with self.history.clock("eigenvalues"):
                s = spectrum(H)
            row |= {"alpha": s.alpha, "alpha_bounds": s.alpha_bounds, "gamma": s.gamma}
            row |= {"published_alpha": s.published.alpha, "published_gamma": s.published.gamma}
            row |= {"tolerance": s.tolerance, "eigenvalues": s.eigenvalues}
        return row

    def _test_score(self):
        return float("nan") if self.X_test is None else self.net.score(self.X_test, self.Y_test)

    # -------------------------------------------------- to a file and back

    def _identity(self):
        """What must be the same for a checkpoint to belong to this training, start included."""
        data = hashlib.sha256()
        for array in (*self.net.to_arrays().values(), self.X, self.Y, self.X_test, self.Y_test):
            data.update(b"none" if array is None else array.tobytes())
        rates = [self.optimizer.rate(t) for t in (0, 1, 10, 100, 1000)]
        ways = f"batch_size={self.batch_size} curvature={self.curvature} seed={self.seed}"
        ways += f" engine={self.engine} rates={rates}"
        return f"{self.net!r} {self.optimizer!r} {ways} data {data.hexdigest()}"

    def save(self, path):
        generator = self.rng.bit_generator.state
        # of a draw of 64 bits, half may be left for the next
        half = generator["has_uint32"], generator["uinteger"]
        numbers = {
            "kind": np.array(CHECKPOINT_KIND),
            "identity": np.array(self.identity),
            "epochs_done": np.array(self.epoch),
            "rng": np.array([str(n) for n in (*generator["state"].values(), *half)]),
        }
        optimizer = prefixed("optimizer.", self.optimizer.state())
        write_arrays(path, numbers | optimizer | self.history.for_file())

    def go_on_from(self, path):
        """Take up the checkpoint, if there is one."""
        self.identity = self._identity()
        if path.is_dir() or not path.parent.is_dir():
            kind = FileExistsError if path.is_dir() else FileNotFoundError
            raise kind(f"checkpoint is {str(path)!r}, wanted a file in a folder that is there")
        remove_leftovers(path.parent, path.name)
        if path.exists():
            self.resume(path)

    def resume(self, path):
        arrays = read_arrays(path, CHECKPOINT_KIND, None)
        if str(arrays.get("identity")) != self.identity:
            raise ValueError(
                f"checkpoint {path} belongs to another training: it was made by "
                f"{arrays.get('identity')}, wanted {self.identity}"
            )
        with fitting(path):
            check_records(arrays, self.net.n_parameters, self.curvature)
            check_checkpoint(arrays, self.optimizer.memory, self.net.n_parameters)
            state, inc, has_half, half = map(int, arrays["rng"])
            generator = dict(self.rng.bit_generator.state)
            generator |= {"state": {"state": state, "inc": inc}}
            self.rng.bit_generator.state = generator | {"has_uint32": has_half, "uinteger": half}
        self.history = History.from_file(arrays)
        self.epoch = int(arrays["epochs_done"])
        self.optimizer.restore(unprefixed("optimizer.", arrays))
        self.net.theta = self.history["theta"][-1]


class _CompiledEpochs:
    """The same epochs by the kernels: nothing of Python between one step and the next."""

    OPERATIONS = 3e8  # after so many, Python has a look whether it is to stop
    LARGE = 1e6  # multiplications a step from which all threads pay

    def __init__(self, run, kernels):
        self.run, self.kernels, optimizer = run, kernels, run.optimizer
        self.network = kernels.describe(run.net)
        self.theta = run.net.theta
        block = kernels.block_size(self.network[0], run.batch_size)
        self.sizes = len(run.X), run.batch_size, block
        self.whole = self._lay_out(np.arange(len(run.X))) if run.batch_size == len(run.X) else None
        self.optimizer = kernels.OPTIMIZERS[type(optimizer)]
        self.constants = np.array(optimizer.constants, float)
        optimizer.remember(self.theta)
        self.memory = np.zeros((2, len(self.theta)))
        for row, name in zip(self.memory, optimizer.memory):
            row[:] = getattr(optimizer, name)
            setattr(optimizer, name, row)

    def go_on(self, epochs):
        """Train for so many epochs."""
        _, batch, block = self.sizes
        work = batch * len(self.theta)
        with on_all_threads(wanted=batch > block and work > self.LARGE) as granted:
            self.steps = self.kernels.steps_side_by_side if granted else self.kernels.steps
            with nullcontext() if granted else calm_blas(work):
                self._go_on(epochs)

    def _go_on(self, epochs):
        run, N = self.run, len(self.run.X)
        if self.whole:
            at_once = max(1, int(self.OPERATIONS / (N * len(self.theta))))
            for start in range(0, epochs, at_once):
                run.epoch += self._steps(self.whole, min(at_once, epochs - start))
            return
        for _ in range(epochs):
            self._steps(self._lay_out(run.rng.permutation(N)), -(-N // run.batch_size))
            run.epoch += 1

    def _lay_out(self, order):
        """X and Y in this order, as the kernels want them."""
        return self.kernels.lay_out(self.run.X, self.run.Y, order, *self.sizes[1:])

    def _steps(self, data, n):
        """Take n steps; return n, or say what stopped being finite."""
        run, t = self.run, self.run.optimizer.t
        rates = np.array([run.optimizer.rate(k) for k in range(t, t + n)], float)
        way = self.optimizer, self.constants, t, rates
        done, gradient = self.steps(*self.network, data, self.sizes, way, self.memory)
        run.optimizer.t += done
        if done < n:
            run.epoch += done if self.whole else 0
            run.check_finite("gradient", gradient)
            run.check_finite("theta", self.theta)
        return n


def _is_plain(theta):
    """Can the kernels work on this very array?"""
    return theta.dtype == np.float64 and theta.flags.c_contiguous


def _check_record(record, epochs):
    if record is None:
        return set(recorded_epochs(epochs).tolist())
    record = as_array("record", record)
    if record.ndim != 1:
        raise ValueError(f"record has shape {record.shape}, wanted a list of epochs")
    if record.size and record.dtype.kind not in "iu":
        raise TypeError(f"record has dtype {record.dtype}, wanted a list of epochs")
    if record.size and (record.min() < 0 or record.max() >= epochs):
        raise ValueError(
            f"record runs from {record.min()} to {record.max()}, wanted epochs 0 to {epochs - 1}"
        )
    return set(record.tolist())
