"""The training loop: batches, forward, backward, step; and now and then a record.

At a recorded epoch the loss and the training score are those *before* the step of that epoch;
theta, the Hessian, the residuals, the test loss and score those after it: as in arXiv:1805.08786.
"""

import time
from collections.abc import Callable, Iterator, KeysView, Mapping
from typing import Any

import numpy as np

from ._util.checkpoint import Checkpoint
from ._util.html import ends
from ._util.progress import check_memory, progress_bar
from ._util.threads import quiet
from ._util.typing import Array, ArrayLike, Engine, IntArray, PathLike
from ._util.validation import check_count, check_fits, check_step, check_training, expect, helpful
from .backend import choose
from .curvature.spectrum import spectrum
from .hessian import hessian
from .network import Network, check_problem
from .optimise import Adam, GradientDescent


class History:
    """What was recorded, by name: ``history["loss"]`` is an array with one row per record.

    Names: "epoch", "loss", "train_score", "test_loss", "test_score", "zero_residuals", "theta";
    with curvature also "alpha", "alpha_bounds", "gamma", "sharpness", "published_alpha",
    "published_gamma", "tolerance", "eigenvalues". Both losses are without what l2 adds.

    Attributes
    ----------
    seconds : dict of str to float
        What the time went to: "steps", "hessians", "eigenvalues".

    Examples
    --------
    >>> import minifnn as mf
    >>> history = mf.History({"epoch": [0, 11], "loss": [0.7, 0.3]})
    >>> print(history["loss"], "alpha" in history)
    [0.7 0.3] False
    """

    def __init__(self, columns: Mapping = {}, seconds: Mapping = {}) -> None:
        self._rows = [dict(zip(columns, row)) for row in zip(*columns.values(), strict=True)]
        self.seconds = {"steps": 0.0, "hessians": 0.0, "eigenvalues": 0.0} | dict(seconds)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self:
            raise KeyError(f"{name!r} was not recorded; recorded: {', '.join(self.keys())}")
        return np.array([row[name] for row in self._rows])

    def __contains__(self, name: str) -> bool:
        return name in self.keys()

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self):
        return f"<History, {len(self)} records of {', '.join(self.keys())}>"

    def _repr_html_(self):
        return ends(f"History, {len(self)} records", dict(self))

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss, and that of test data, on Matplotlib axes (new ones by default)."""
        from .plots import learning_curve  # here, for Matplotlib is slow to load

        return learning_curve(self, ax)

    def keys(self) -> KeysView[str]:
        """The names of what was recorded; ``dict(history)`` has all of it."""
        return dict(*self._rows[:1]).keys()

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one record, a dict from name to number or array: whole, or by Ctrl-C not at all."""
        self._rows.append(dict(record))

    def timed(self, what: str, function: Callable, *arguments: Any) -> Any:
        """Return ``function(*arguments)``, and add the time it takes to ``seconds[what]``."""
        began = time.perf_counter()
        result = function(*arguments)
        self.seconds[what] += time.perf_counter() - began
        return result

    def to_frame(self) -> Any:
        """Return the numbers, without the vectors, as a pandas DataFrame: one row per record."""
        from pandas import DataFrame  # here, for nothing else needs it

        columns = dict(self)
        if "alpha_bounds" in columns:
            columns["alpha_low"], columns["alpha_high"] = columns["alpha_bounds"].T
        return DataFrame({name: rows for name, rows in columns.items() if rows.ndim == 1})


def recorded_epochs(epochs: int) -> IntArray:
    """Return the published choice of epochs to record: 0, 11, 21, ..., 191, 211, 261, ...

    Parameters
    ----------
    epochs : int
        How many epochs the training has.

    Returns
    -------
    ndarray of int
        Those below `epochs`: 36 of 1,000, 62 of 2,300.

    Raises
    ------
    TypeError, ValueError
        If epochs is no integer of at least 1.

    Examples
    --------
    >>> import minifnn as mf
    >>> print(mf.recorded_epochs(50), len(mf.recorded_epochs(2300)))
    [ 0 11 21 31 41] 62
    """
    check_fits("epochs", epochs, check_count("epochs", epochs))
    published = np.concatenate([[0], np.arange(11, 192, 10), np.arange(211, epochs, 50)])
    return published[published < epochs]


@helpful
def train(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    epochs: int = 1000,
    optimizer: GradientDescent | None = None,
    X_test: ArrayLike | None = None,
    Y_test: ArrayLike | None = None,
    l2: float | None = None,
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
        From `minifnn.optimise`; Adam(0.01) if None. Each training begins with a fresh one of
        its settings, and leaves it as it is; `checkpoint` is for what shall go on.
    X_test, Y_test : array_like, optional
        For the test loss and score; NaN without them.
    l2 : float, optional
        Becomes ``net.l2``, which draws the weights towards zero; None leaves it as it is.
    batch_size : int, optional
        Samples per step, in an order drawn anew each epoch; all of them if None.
    record : sequence of int, optional
        The epochs to record; `recorded_epochs` if None.
    curvature : bool, optional
        Record the spectrum of the Hessian too.
    checkpoint : path-like, optional
        A file to write at every record and at the end. If it is there, the training goes on
        from it, also to more epochs, and ends in the same bits as one never stopped.
    progress : bool or callable, optional
        Show a bar; or call progress(epochs done, loss) at every record, which may return True to
        stop; ``net.history`` has all records until then, and ``net.theta`` is the present one.
    seed : int, optional
        For the order of mini-batches.
    engine : {"numba", "numpy"}, optional
        The compiled kernels, or the code that one reads.

    Returns
    -------
    History
        Also ``net.history``, which after Ctrl-C, or an error, has what was recorded until then.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError, MemoryError
        If an argument, the checkpoint or the Hessian does not fit, or the training diverges.

    Examples
    --------
    >>> import minifnn as mf
    >>> data, net = mf.datasets.linear(), mf.mlp([2, 4, 1], hidden="tanh", seed=1)
    >>> history = mf.train(net, data.X_train, data.Y_train, epochs=200, curvature=True)
    >>> print(history["loss"][-1] < history["loss"][0], history["eigenvalues"].shape[1])
    True 17
    """
    X, Y = check_problem(net, X, Y)
    given = X_test is not None or Y_test is not None
    test = check_problem(net, X_test, Y_test, ("X_test", "Y_test")) if given else (None, None)
    optimizer = Adam(0.01) if optimizer is None else optimizer
    is_one = isinstance(optimizer, GradientDescent)
    expect(is_one, "optimizer", "an optimizer, such as mf.Adam(0.01)", optimizer, TypeError)
    optimizer = optimizer.fresh()
    record = recorded_epochs(epochs) if record is None else record
    recorded, batch_size = check_training(epochs, record, batch_size, curvature, seed, len(X), l2)
    net.l2 = float(net.l2 if l2 is None else l2)
    rng = np.random.default_rng(seed)
    check_memory(net.n_parameters if curvature or optimizer.needs_hessian else 0)
    settings = dict(batch_size=batch_size, curvature=curvature, seed=seed, engine=engine)
    saved = Checkpoint(checkpoint, net, optimizer, rng, (X, Y, *test), settings)
    columns, seconds, done = saved.load(recorded, epochs)
    net.history = history = History(columns, seconds)
    net, K = net.fresh(), net.sizes[-1]

    # go(n) takes n epochs; a recorded one is taken alone, to be looked at before and after
    go = choose(engine, stepper, net, optimizer)(net, X, Y, optimizer, batch_size, rng, engine)
    with progress_bar(progress is True, epochs, "epoch", initial=done) as advance:
        for epoch in sorted(e for e in recorded if e >= done):
            history.timed("steps", go, epoch - done)
            row = dict[str, Any](epoch=epoch) | _measured(net, (X, Y), "loss", "train_score")
            history.timed("steps", go, 1)
            row |= _measured(net, test, "test_loss", "test_score")
            residuals = net.outputs(X, net.loss_function.predict) - Y[:, :K]
            is_zero = np.abs(residuals) <= 1e-5  # as published
            row |= {"zero_residuals": float(np.mean(is_zero)), "theta": net.theta.copy()}
            row |= _curvature(net, X, Y, engine, history) if curvature else {}
            history.append(row)
            advance(epoch + 1 - done, loss=row["loss"])
            done = epoch + 1
            saved.save(history, done)
            answer = progress(done, row["loss"]) if callable(progress) else False
            if isinstance(answer, bool | np.bool_) and answer:
                return history
        history.timed("steps", go, epochs - done)
        saved.save(history, epochs)
    return history


def stepper(
    net: Network, X: Array, Y: Array, optimizer: Any, batch_size: int, rng: Any, engine: Engine
) -> Callable[[int], None]:
    """Return go(n), which goes through all samples n times, with a step per batch."""

    @quiet()
    def go(n):
        for _ in range(n):
            for x, y in batches(X, Y, batch_size, rng):
                gradient = net.backpropagate(x, y)
                check_step("gradient", gradient, optimizer)
                more = [hessian(net, x, y, engine=engine)] if optimizer.needs_hessian else []
                optimizer.step(net.theta, gradient, *more)
                check_step("theta", net.theta, optimizer)

    return go


def batches(X: Array, Y: Array, batch_size: int, rng: Any) -> Iterator[tuple[Array, Array]]:
    """Yield all samples at once; or some at a time, in an order drawn anew."""
    if batch_size == len(X):
        yield X, Y
        return
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], Y[rows]


def _measured(net, samples, loss, score):
    """The loss, without what l2 adds, and the score, under these names; NaN without samples."""
    X, Y = samples
    if X is None:
        return {loss: float("nan"), score: float("nan")}
    o = net.outputs(X)
    return {loss: float(net.loss_function.value(o, Y)), score: net.score_of(o, Y)}


def _curvature(net, X, Y, engine, history):
    """The spectrum of the Hessian, as it is recorded."""
    H = history.timed("hessians", hessian, net, X, Y, "blocks", engine)
    s = history.timed("eigenvalues", spectrum, H)
    names = ("alpha", "alpha_bounds", "gamma", "sharpness", "tolerance", "eigenvalues")
    published = {"published_alpha": s.published.alpha, "published_gamma": s.published.gamma}
    return {name: getattr(s, name) for name in names} | published
