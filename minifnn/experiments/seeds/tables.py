"""What survives many starts: the published claims against the tables of `minifnn sweep`.

Every seed starts all activations from the same weights, so activations are
compared seed by seed, in pairs. Costs span orders of magnitude, so a pair is a
ratio, and a set of pairs has a median ratio; its 95 % interval is a bootstrap
over seeds. Fractions have the interval of Clopper and Pearson, 1934.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ... import plots
from ..._util.typing import Array, ArrayLike, BoolArray
from ..._util.validation import check_array, check_count, check_number
from ..paper import ACTIVATIONS, PUBLISHED, TASKS
from .run import ABOUT, EARLY

DRAWS = 10_000
LEVEL = 95
STUCK = 0.98  # a run is stuck if its cost is above this share of silence's
PUBLISHED_WAY = {"beta": "published", "rate": 0.01}
VARIANTS = (  # (activation, beta): what is compared where beta is the question
    ("esp", "published"),
    ("esp", "trained"),
    ("esp", "fixed"),
    ("sigmoid", "published"),
    ("sigmoid", "trained"),
    ("tanh", "published"),
    ("tanh", "trained"),
    ("relu", "published"),
    ("relu", "trained"),
)
BETA_NAMES = {"published": "β = 1", "fixed": "β = 1", "trained": "β trained from 1"}


# --------------------------------------------------------------------- statistics


def bootstrap(
    values: ArrayLike, statistic: Callable[..., Any] = np.median, seed: int = 0
) -> tuple[float, float, float]:
    """Return statistic(values) and its 95 % bootstrap interval (percentiles).

    Parameters
    ----------
    values : array_like, shape (n,)
    statistic : callable, optional
        Takes an array and an axis, as `numpy.median` does.
    seed : int, optional
        Of the draws.

    Returns
    -------
    value : float
    low, high : float

    Examples
    --------
    >>> import numpy as np
    >>> from minifnn.findings import bootstrap
    >>> median, low, high = bootstrap(np.arange(101.0))
    >>> median, 30 < low < 50 < high < 70
    (50.0, True)
    """
    values, seed = check_array("values", values, (None,)), check_count("seed", seed, at_least=0)
    picks = np.random.default_rng(seed).integers(0, len(values), size=(DRAWS, len(values)))
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(statistic(values[picks], axis=1), [tail, 100 - tail])
    return float(statistic(values, axis=0)), float(low), float(high)


def fraction(count: int, n: int) -> tuple[float, float, float]:
    """Return count / n and its 95 % interval of Clopper and Pearson.

    Parameters
    ----------
    count, n : int

    Returns
    -------
    value : float
    low, high : float

    Examples
    --------
    None of ten does not mean never.

    >>> from minifnn.findings import fraction
    >>> [round(x, 3) for x in fraction(0, 10)]
    [0.0, 0.0, 0.308]
    """
    from scipy.stats import beta  # here, so that importing minifnn stays quick

    n, count = check_count("n", n), check_count("count", count, at_least=0)
    if count > n:
        raise ValueError(f"count is {count}, wanted at most n, which is {n}")

    tail = (1 - LEVEL / 100) / 2
    low = beta.ppf(tail, count, n - count + 1) if count else 0.0
    high = beta.ppf(1 - tail, count + 1, n - count) if count < n else 1.0
    return count / n, float(low), float(high)


def paired_ratio(
    one: Mapping[int, float], other: Mapping[int, float]
) -> tuple[float, float, float, int, int]:
    """Return the median ratio of two costs by seed, its interval, and how many are below 1.

    Parameters
    ----------
    one, other : dict of int to float
        By seed; seeds that are in both count.

    Returns
    -------
    median, low, high : float
    below, n : int
        Number of pairs below 1, number of pairs.

    Examples
    --------
    >>> from minifnn.findings import paired_ratio
    >>> median, low, high, below, n = paired_ratio({0: 0.1, 1: 0.2}, {0: 0.2, 1: 0.4, 2: 0.3})
    >>> round(median, 3), below, n
    (0.5, 2, 2)
    """
    for name, costs in (("one", one), ("other", other)):
        if not isinstance(costs, dict):
            raise TypeError(f"{name} is {costs!r}, wanted a dict of costs by seed")
        for seed, cost in costs.items():
            check_number(f"{name}[{seed!r}]", cost, above=0)
    seeds = sorted(set(one) & set(other))
    if not seeds:
        raise ValueError("one and other have no seed in common, wanted costs of the same seeds")
    logs = np.log([one[seed] / other[seed] for seed in seeds])
    median, low, high = map(float, np.exp(bootstrap(logs)))
    return median, low, high, int((logs < 0).sum()), len(seeds)


# ------------------------------------------------------------------------- tables


class Starts:
    """The rows of starts.csv (or of curves.csv), to be asked for columns.

    A question names some of data, task, activation, beta and rate.

    Parameters
    ----------
    rows : list of dict of str to str
        As `minifnn.starts.read_table` gives them.

    Examples
    --------
    >>> from minifnn.findings import Starts
    >>> about = {"data": "generated", "task": "linear-10", "beta": "published", "rate": "0.01"}
    >>> ends = {"esp": ("0.2", "0.1"), "relu": ("0.4", "0.1")}
    >>> starts = Starts(
    ...     about | {"activation": name, "seed": str(seed), "cost": cost}
    ...     for name, costs in ends.items()
    ...     for seed, cost in enumerate(costs)
    ... )
    >>> starts.column("cost", activation="relu")
    {0: 0.4, 1: 0.1}
    >>> starts.values("cost", activation="esp").tolist(), starts.has(activation="tanh")
    ([0.2, 0.1], False)
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self.groups: dict[tuple, list[dict[str, Any]]] = {}
        for row in rows:
            typed = {name: _typed(name, value) for name, value in row.items()}
            self.groups.setdefault(tuple(typed[name] for name in ABOUT), []).append(typed)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """All rows, a list of dicts."""
        return [row for group in self.groups.values() for row in group]

    def _matching(self, where):
        """The groups of rows that have all these entries."""
        wanted = [(ABOUT.index(name), value) for name, value in where.items()]
        return [k for k in self.groups if all(k[place] == value for place, value in wanted)]

    def column(self, name: str, by: str = "seed", **where: Any) -> dict[Any, Any]:
        """Return a column of the rows that have all these entries.

        Parameters
        ----------
        name : str
            Of the column.
        by : str, optional
            The column to go by.
        **where
            The entries.

        Returns
        -------
        dict
            From seed, or what `by` says, to value.
        """
        return {row[by]: row[name] for key in self._matching(where) for row in self.groups[key]}

    def values(self, name: str, **where: Any) -> Array:
        """Return the values of a column by ascending seed.

        Parameters
        ----------
        name : str
            Of the column.
        **where
            The entries that its rows have.

        Returns
        -------
        ndarray, shape (n,)
        """
        column = self.column(name, **where)
        return np.array([column[key] for key in sorted(column)])

    def has(self, **where: Any) -> bool:
        """Return whether there is a row with these entries.

        Parameters
        ----------
        **where
            The entries.

        Returns
        -------
        bool
        """
        return bool(self._matching(where))

    def rates(self, **where: Any) -> list[float]:
        """Return the rates of the rows that have these entries.

        Parameters
        ----------
        **where
            The entries.

        Returns
        -------
        list of float
            Ascending.
        """
        return sorted({key[ABOUT.index("rate")] for key in self._matching(where)})


def _typed(name, text):
    if name in ABOUT and name != "rate":
        return text
    if text in ("True", "False"):
        return text == "True"
    number = float(text) if text else float("nan")
    return int(number) if name in ("seed", "seeds", "epoch", "parameters", "gauges") else number


def settings(starts: Starts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every data set and task that is there, the published way.

    Parameters
    ----------
    starts : Starts

    Yields
    ------
    title : str
    where : dict
        The entries that its rows have.

    Examples
    --------
    >>> from minifnn.findings import Starts, settings
    >>> row = {"data": "authors", "task": "linear-10", "activation": "esp", "beta": "published"}
    >>> [title for title, where in settings(Starts([row | {"rate": "0.01", "seed": "0"}]))]
    ["linear 2-10-1, authors' data"]
    """
    for data in ("generated", "authors"):
        for task in TASKS:
            where = {"data": data, "task": task, **PUBLISHED_WAY}
            if starts.has(**where):
                yield TASKS[task].title + (", authors' data" if data == "authors" else ""), where


def tables(starts: Starts) -> dict[str, str]:
    """Return the tables that these starts allow.

    Parameters
    ----------
    starts : Starts

    Returns
    -------
    dict of str to str
        In Markdown, by name.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from minifnn.findings import Starts, tables
    >>> from minifnn.starts import configurations, read_table, run_all, write_tables
    >>> runs = configurations(["linear-10"], ["esp", "relu"], seeds=range(3), epochs=20)
    >>> with tempfile.TemporaryDirectory() as out:
    ...     failures, n = run_all(out, runs, progress=False), write_tables(out, runs)
    ...     starts = Starts(read_table(Path(out) / "starts.csv"))
    >>> ", ".join(tables(starts))
    'costs, pairs, early, speed, stuck, alpha, zeros, residuals'
    """
    made = {
        "costs": _end_costs(starts),
        "ranks": _ranks(starts),
        "pairs": _pairs(starts),
        "early": _early(starts),
        "speed": _speed(starts),
        "stuck": _stuck(starts),
        "alpha": _alphas(starts),
        "zeros": _zeros(starts),
        "residuals": _small_residuals(starts),
        "betas": _betas(starts, "generated"),
        "beta-pairs": _beta_pairs(starts, "generated"),
        "betas-authors": _betas(starts, "authors"),
        "beta-pairs-authors": _beta_pairs(starts, "authors"),
        "rates": _rates(starts),
    }
    return {name: table for name, table in made.items() if table}


def _markdown(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def _each(starts, where, cell, activations=ACTIVATIONS):
    """cell(where with an activation) for every activation that is there, else an empty cell."""
    found = ({**where, "activation": activation} for activation in activations)
    return [cell(one) if starts.has(**one) else "" for one in found]


def _quartiles(values):
    low, median, high = np.percentile(values, [25, 50, 75])
    return f"{_plain(median)} [{_plain(low)}, {_plain(high)}]"


def _plain(value):
    """Three digits, never as 1e-05."""
    if value == 0:
        return "0"
    decimals = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    return f"{value:.{min(decimals, 7)}f}"


def _names(activations=ACTIVATIONS):
    return [plots.NAMES[name] for name in activations]


def _end_costs(starts):
    """Median and quartiles of the cost at the last record; the published single run below."""
    rows = []
    for title, where in settings(starts):
        cells = _each(starts, where, lambda one: _quartiles(starts.values("cost", **one)))
        n = len(starts.values("cost", **where, activation="esp"))
        rows.append([title, n, *cells])
        ends = [PUBLISHED.get((where["task"], name)) for name in ACTIVATIONS]
        rows.append(["*published*", 1, *("" if e is None else f"*{e.cost:.5f}*" for e in ends)])
    return _markdown(["setting", "seeds", *_names()], rows)


def _ranks(starts):
    """In how many starts on the authors' data the end cost is lower than the published one."""
    rows = []
    for title, where in settings(starts):
        if where["data"] == "authors":
            cells = []
            for activation in ("esp", "relu", "sigmoid"):
                costs = starts.values("cost", **where, activation=activation)
                published = PUBLISHED[where["task"], activation].cost
                cells.append(f"{(costs < published).sum()} of {len(costs)}")
            rows.append([title, *cells])
    heads = ["lower than published", *_names(("esp", "relu", "sigmoid"))]
    return _markdown(heads, rows) if rows else ""


def _pairs(starts):
    """ESP's end cost over another's, seed by seed."""
    others = ("relu", "sigmoid", "tanh")

    def cell(where):
        esp = starts.column("cost", **{**where, "activation": "esp"})
        return _ratio(esp, starts.column("cost", **where))

    rows = [[title, *_each(starts, where, cell, others)] for title, where in settings(starts)]
    heads = [f"ESP / {plots.NAMES[name]}" for name in others]
    return _markdown(["setting", *heads], rows)


def _ratio(one, other):
    median, low, high, below, n = paired_ratio(one, other)
    return f"{median:.3g} [{low:.3g}, {high:.3g}], below in {below} of {n}"


def _early(starts):
    """In how many seeds ESP is below another at early epochs and at the last record."""
    others = ("relu", "sigmoid", "tanh")
    columns = {**{f"epoch {epoch}": f"cost_{epoch}" for epoch in EARLY}, "end": "cost"}
    rows = []
    for title, where in settings(starts):
        for word, column in columns.items():
            esp = starts.column(column, **where, activation="esp")

            def below(one, column=column, esp=esp):
                other = starts.column(column, **one)
                return sum(esp[seed] < other[seed] for seed in esp)

            rows.append([title, word, *_each(starts, where, below, others)])
    return _markdown(["ESP is lower in", "at", *(f"than {n}" for n in _names(others))], rows)


def _speed(starts):
    """First recorded epochs with a half and a tenth of silence's cost: median, share reached."""

    def cell(where, column):
        epochs = starts.values(column, **where)
        reached = np.isfinite(epochs)
        median = np.median(np.where(reached, epochs, np.inf))
        word = f"{median:.0f}" if np.isfinite(median) else "never"
        return f"{word} ({reached.mean():.0%})"

    rows = []
    for title, where in settings(starts):
        for column, word in (("to_half", "half"), ("to_tenth", "tenth")):
            made = _each(starts, where, lambda one, column=column: cell(one, column))
            rows.append([title, word, *made])
    return _markdown(["setting", "of silence", *_names()], rows)


def is_stuck(starts: Starts, **where: Any) -> BoolArray:
    """Return which starts are stuck: they cost as much as saying nothing.

    Parameters
    ----------
    starts : Starts
    **where
        Entries, as a question to `Starts` names them.

    Returns
    -------
    ndarray of bool, shape (n,)
        By ascending seed.

    Examples
    --------
    >>> from minifnn.findings import Starts, is_stuck
    >>> about = {"data": "generated", "task": "linear-10", "beta": "published", "rate": "0.01"}
    >>> about |= {"activation": "relu", "silence": "0.68"}
    >>> ends = enumerate(("0.68", "0.02"))
    >>> is_stuck(Starts(about | {"seed": str(seed), "cost": cost} for seed, cost in ends)).tolist()
    [True, False]
    """
    return starts.values("cost", **where) > STUCK * starts.values("silence", **where)


def _stuck(starts):
    """How many starts are stuck, with the interval of the fraction; and how many of them are dead.

    Where the last hidden layer is dead, no parameter is felt but the output's bias.
    """

    def cell(where):
        found = is_stuck(starts, **where)
        _, low, high = fraction(int(found.sum()), len(found))
        return f"{found.sum()} of {len(found)} [{low:.0%}, {high:.0%}]"

    rows = []
    for title, where in settings(starts):
        relu = {**where, "activation": "relu"}
        found = is_stuck(starts, **relu)
        dead = starts.values("dead", **relu) > 1 - 1.5 / starts.values("parameters", **relu)
        rows.append(
            [title, *_each(starts, where, cell), f"{(dead & found).sum()} of {found.sum()}"]
        )
    return _markdown(["setting", *_names(), "stuck ReLU with a dead last layer"], rows)


def _alphas(starts):
    """Medians of the interval of alpha; how often the theorem is broken by either count."""

    def cell(where):
        low, high = (np.median(starts.values(name, **where)) for name in ("alpha", "alpha_most"))
        return f"{low:.3f}" if high - low < 5e-4 else f"{low:.3f} to {high:.3f}"

    rows = []
    for title, where in settings(starts):
        relu = {**where, "activation": "relu"}
        rows.append([title, *_each(starts, where, cell), *_broken(starts, relu)])
    heads = ["ReLU bound broken, signs", "by certain count"]
    return _markdown(["setting", *_names(), *heads], rows)


def _broken(starts, where):
    """How many ReLU end points have more negative eigenvalues than can be, by both counts."""
    bound = starts.values("bound", **where) / starts.values("parameters", **where)
    cells = []
    for column in ("signs", "alpha"):
        counted = starts.values(column, **where)
        known = np.isfinite(counted)
        broken = (counted[known] > bound[known] + 1e-4).sum()  # tables have five digits
        cells.append(f"{broken} of {known.sum()}" if known.any() else "not counted")
    return cells


def _zeros(starts):
    """Medians of what is called zero in three ways, and the share of dead parameters."""
    columns = {
        "γ, by rounding": "gamma",
        "dead parameters": "dead",
        "flat, r = 10⁻⁶": "flat_1e-6",
        "flat, r = 10⁻³": "flat_1e-3",
    }
    rows = []
    for title, where in settings(starts):
        for word, column in columns.items():
            cells = _each(
                starts,
                where,
                lambda one, c=column: f"{np.median(starts.values(c, **one)):.3f}",
            )
            rows.append([title, word, *cells])
    return _markdown(["setting", "zero means", *_names()], rows)


def _small_residuals(starts):
    """Medians of the fraction of residuals up to 1e-5; in how many seeds ESP has the most."""

    def most(where):
        columns = [
            starts.column("zero_residuals", **where, activation=a)
            for a in ACTIVATIONS
            if starts.has(**where, activation=a)
        ]
        esp, *others = columns
        wins = sum(all(esp[seed] > other[seed] for other in others) for seed in esp)
        return f"{wins} of {len(esp)}"

    rows = []
    for title, where in settings(starts):
        cells = _each(
            starts, where, lambda one: f"{np.median(starts.values('zero_residuals', **one)):.3f}"
        )
        rows.append([title, *cells, most(where)])
    return _markdown(["setting", *_names(), "ESP has the most"], rows)


def variant(activation: str, beta: str) -> str:
    """Return the name of an activation with a way of treating beta.

    Parameters
    ----------
    activation : str
    beta : {"published", "fixed", "trained"}

    Returns
    -------
    str

    Examples
    --------
    >>> from minifnn.findings import variant
    >>> variant("esp", "published"), variant("esp", "fixed")
    ('ESP, β trained from 0', 'ESP, β = 1')
    """
    start = "β trained from 0" if (activation, beta) == ("esp", "published") else BETA_NAMES[beta]
    if (activation, beta) == ("relu", "trained"):
        start = "output's β trained"
    return f"{plots.NAMES[activation]}, {start}"


def _with_betas(starts, data):
    """Settings on these data in which the betas were varied."""
    for title, where in settings(starts):
        if where["data"] == data and starts.has(**{**where, "beta": "trained"}):
            yield title, where


def _betas(starts, data):
    """Median end cost of every activation with fixed and with trained betas."""
    found, rows = list(_with_betas(starts, data)), []
    if not found:
        return ""
    for activation, beta in VARIANTS:
        cells = []
        for _, where in found:
            one = {**where, "activation": activation, "beta": beta}
            cells.append(_quartiles(starts.values("cost", **one)) if starts.has(**one) else "")
        rows.append([variant(activation, beta), *cells])
    return _markdown(["", *(title for title, _ in found)], rows)


def _beta_pairs(starts, data):
    """Ratios of end costs that change one thing at a time."""
    questions = (
        ("what training β does: ESP", ("esp", "trained"), ("esp", "fixed")),
        ("what training β does: sigmoid", ("sigmoid", "trained"), ("sigmoid", "published")),
        ("what training β does: tanh", ("tanh", "trained"), ("tanh", "published")),
        ("what starting β near 0 does: ESP", ("esp", "published"), ("esp", "trained")),
        ("the shape, β = 1: ESP / sigmoid", ("esp", "fixed"), ("sigmoid", "published")),
        ("the shape, β = 1: ESP / tanh", ("esp", "fixed"), ("tanh", "published")),
        ("the shape, β = 1: ESP / ReLU", ("esp", "fixed"), ("relu", "published")),
        ("the shape, β trained: ESP / sigmoid", ("esp", "trained"), ("sigmoid", "trained")),
        ("the shape, β trained: ESP / tanh", ("esp", "trained"), ("tanh", "trained")),
    )
    found, rows = list(_with_betas(starts, data)), []
    if not found:
        return ""
    for word, one, other in questions:
        cells = []
        for _, where in found:
            a, b = (
                starts.column("cost", **{**where, "activation": name, "beta": beta})
                for name, beta in (one, other)
            )
            cells.append(_ratio(a, b) if a and b else "")
        rows.append([word, *cells])
    return _markdown(["ratio of end costs", *(title for title, _ in found)], rows)


def _rates(starts):
    """Median end cost by the first rate of Adam, where it was varied."""
    found, rows = starts.rates(), []
    for title, where in settings(starts):
        if len(starts.rates(data=where["data"], task=where["task"])) == 1:
            continue
        for activation, beta in VARIANTS:
            cells = []
            for rate in found:
                one = {**where, "activation": activation, "beta": beta, "rate": rate}
                cells.append(_quartiles(starts.values("cost", **one)) if starts.has(**one) else "")
            if any(cells[1:]):
                rows.append([title, variant(activation, beta), *cells])
    return _markdown(["setting", "", *(f"rate {rate:g}" for rate in found)], rows) if rows else ""
