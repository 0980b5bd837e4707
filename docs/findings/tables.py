"""What many seeds say about the published claims: tables from the seeds.csv of a plan.

A seed gives all activations the same first weights, so they are compared in pairs, seed by
seed, by the ratio of their costs. What a word such as "lower" means is written in the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest, quantile_test, wilcoxon

from minifnn.experiments.paper import ACTIVATIONS, EARLY, PUBLISHED, RATE, TASKS
from minifnn.experiments.seeds.run import PLANE, Setting
from minifnn.plots import NAMES

Group = Mapping[str, np.ndarray]  # the columns of one setting: a number per seed

STUCK = 0.98  # a run is stuck if its cost is above this share of a constant predictor's
OTHERS = ("relu", "sigmoid", "tanh")
DATA = {"generated": "generated", "generated-1": "seed 1", "generated-2": "seed 2"}
DATA |= {"authors": "authors' data"}
TREATMENTS = {  # beta in ESP, and in its rivals
    "as published": ("published", "fixed"),
    "β trained in all": ("trained", "trained"),
    "β = 1 in all": ("fixed", "fixed"),
}
RATES = {"rate 0.01": False, "own rates": True}
BETAS = {"fixed": "β = 1", "output": "output's β", "hidden": "hidden β", "trained": "both β"}
CONTROLS: dict[str, dict[str, Any]] = {"Xavier": {}, "He": {"init": "he"}, "equal P": {"widths": 1}}
VARIANTS = {"as published": ("esp", "published")} | {
    f"{NAMES[name]}, {BETAS[beta]}": (name, beta)
    for beta in ("fixed", "trained")
    for name in ACTIVATIONS
}


Interval = tuple[float, float, float]  # the value, its lower and its upper limit


class Pairs(NamedTuple):
    """The ratio of two costs over n seeds: its median and interval, and how often it is below 1.

    p is of Wilcoxon's signed-rank test that the logarithms lie around 0.
    """

    ratio: float
    low: float
    high: float
    below: int
    n: int
    p: float


def paired(one: np.ndarray, other: np.ndarray) -> Pairs:
    """Compare costs (n,) of the same seeds; the interval, 95 %, is exact (order statistics)."""
    logs = np.log(one / other)
    low, high = quantile_test(logs, p=0.5).confidence_interval(0.95)
    low, high = (-np.inf if np.isnan(low) else low), (np.inf if np.isnan(high) else high)
    ratio, low, high = map(float, np.exp([np.median(logs), low, high]))
    p = wilcoxon(logs).pvalue if logs.any() else 1.0
    return Pairs(ratio, low, high, int((one < other).sum()), len(logs), float(p))


def holm(p: Sequence[float]) -> np.ndarray:
    """Return the p of one family of tests, corrected for their number (Holm, 1979).

    >>> print(holm([0.01, 0.04, 0.03]))
    [0.03 0.06 0.06]
    """
    order, m = np.argsort(p), len(p)
    corrected = np.empty(m)
    corrected[order] = np.maximum.accumulate(np.sort(p) * (m - np.arange(m)))
    return np.minimum(corrected, 1.0)


def fraction_interval(count: int, n: int) -> Interval:
    """Return count / n and its exact interval (Clopper and Pearson, 1934).

    None of ten does not mean never:

    >>> [round(x, 3) for x in fraction_interval(0, 10)]
    [0.0, 0.0, 0.308]
    """
    low, high = binomtest(count, n).proportion_ci()
    return count / n, float(low), float(high)


class Findings:
    """The table of a plan, asked by what was run."""

    def __init__(self, table: Mapping[Setting, Group]) -> None:
        self.table = table
        tried: dict[Setting, dict[float, float]] = {}
        for one, group in table.items():
            if one.block.endswith(", tuning"):
                own = one._replace(block=one.block.removesuffix(", tuning"), rate=RATE)
                tried.setdefault(own, {})[one.rate] = float(np.median(group["cost"]))
        self.rates = {own: min(costs, key=lambda r: costs[r]) for own, costs in tried.items()}

    def get(self, setting: Setting, own_rate: bool = False) -> Group | None:
        """The columns of a setting, at the published rate or at its own; None if it was not run."""
        rate = self.rates.get(setting) if own_rate else RATE
        return self.table.get(setting._replace(rate=rate)) if rate else None

    def factorial(
        self, data: str, task: str, activation: str, beta: str, own_rate: bool, **control: Any
    ) -> Group | None:
        """A combination of the factorial; ReLU has only the output's beta to train."""
        beta = "output" if (activation, beta) == ("relu", "trained") else beta
        if "widths" in control:
            control = {"widths": "10-2" if "8-2" in task else "13"}
        return self.get(Setting("factorial", data, task, activation, beta, **control), own_rate)

    def published(self, data: Iterable[str] = ("generated", "authors")) -> dict[str, Setting]:
        """ESP's setting in the published protocol, for each task and kind of data, by title."""
        settings = [Setting("published", kind, task, "esp") for kind in data for task in TASKS]
        words = {"authors": ", authors' data"}
        there = {one[:3] for one in self.table}
        return {
            TASKS[one.task].title + words.get(one.data, ""): one
            for one in settings
            if one[:3] in there
        }

    def each(self, setting: Setting, cell, activations: Iterable[str] = ACTIVATIONS) -> list:
        """cell(group) for each activation; empty where there is no such group."""
        groups = (self.get(setting._replace(activation=name)) for name in activations)
        return ["" if group is None else cell(group) for group in groups]


class Compared(NamedTuple):
    """Pairs of seeds, and their p corrected for all comparisons of the family."""

    pairs: Pairs
    p: float

    @property
    def sign(self) -> int:
        """-1 if the one is lower, 1 if the other is, 0 if the test says neither."""
        return 0 if self.p >= 0.05 else -1 if self.pairs.ratio < 1 else 1

    def __str__(self) -> str:
        ratio, low, high, below, n, _ = self.pairs
        mark = "" if self.sign else ", n.s."
        return f"{ratio:.3g} [{low:.3g}, {high:.3g}], below in {below} of {n}{mark}"


def common(one: Group, other: Group, column: str = "cost") -> tuple[np.ndarray, np.ndarray]:
    """A column of two groups, for the seeds that both have."""
    _, a, b = np.intersect1d(one["seed"], other["seed"], return_indices=True)
    return one[column][a], other[column][b]


def family(both: Mapping[Any, tuple[Group | None, Group | None]]) -> dict[Any, Compared]:
    """Compare the end costs of two groups for each key that has both; correct all p together."""
    pairs = {k: paired(*common(a, b)) for k, (a, b) in both.items() if a and b}
    return dict(zip(pairs, map(Compared, pairs.values(), holm([one.p for one in pairs.values()]))))


@cache
def lead(findings: Findings, treatment: str, rate: str) -> dict[Any, Compared]:
    """ESP against each rival, {(data, task, rival): Compared}: a family."""
    (mine, theirs), ask, own_rate = TREATMENTS[treatment], findings.factorial, RATES[rate]
    return family(
        {
            (*at, rival): (ask(*at, "esp", mine, own_rate), ask(*at, rival, theirs, own_rate))
            for at in product(DATA, PLANE)
            for rival in OTHERS
        }
    )


def is_stuck(group: Group) -> np.ndarray:
    """Return which runs (n,) of a group cost as much as a constant predictor."""
    return group["cost"] > STUCK * group["silence"]


def over_data(found: Iterable[Compared | None]) -> str:
    """The least and the largest ratio over data sets, and the word if all of them say the same."""
    there = [one for one in found if one]
    if not there:
        return ""
    ratios, signs = [one.pairs.ratio for one in there], {one.sign for one in there}
    word = {-1: "lower", 1: "higher"}.get(signs.pop() if len(signs) == 1 else 0, "no order")
    return f"{min(ratios):.2g} to {max(ratios):.2g}, {word}"


# -------------------------------------------------------------------------- Markdown


def _markdown(heads, rows):
    """The table; empty if it has no rows, or rows with nothing in them."""
    rows = [row for row in rows if any(row[1:])]
    lines = [heads, ["---"] * len(heads), *rows] if rows else []
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _names(activations=ACTIVATIONS):
    return [NAMES[name] for name in activations]


def _median(group, column):
    return f"{np.median(group[column]):.3f}"


def _plain(value):
    """Three digits, never as 1e-05."""
    decimals = max(0, 2 - int(np.floor(np.log10(abs(value))))) if value else 0
    return f"{value:.{min(decimals, 7)}f}"


def _end_cost(group):
    low, median, high = map(_plain, np.percentile(group["cost"], (25, 50, 75)))
    return f"{median} [{low}, {high}]"


def _count(found):
    """How many of n, with the exact interval."""
    _, low, high = fraction_interval(int(found.sum()), len(found))
    return f"{found.sum()} of {len(found)} [{low:.0%}, {high:.0%}]"


def tables(table: Mapping[Setting, Group]) -> dict[str, str]:
    """Return the tables that a seeds.csv allows, in Markdown, by name."""
    findings = Findings(table)
    made = {name: make(findings) for name, make in TABLES.items()}
    for way in product(TREATMENTS, RATES):
        made[", ".join(way)] = _leads(lead(findings, *way))
    return {name: table for name, table in made.items() if table}


def _leads(found):
    """One family, comparison by comparison."""
    rows = [
        [TASKS[task].title, DATA[data], *(found.get((data, task, name), "") for name in OTHERS)]
        for task, data in product(PLANE, DATA)
    ]
    return _markdown(["setting", "data", *(f"ESP / {name}" for name in _names(OTHERS))], rows)


def _lead(findings):
    """All six families: the ratios over data sets."""
    ways = list(product(TREATMENTS, RATES))
    found = [lead(findings, *way) for way in ways]
    rows = [
        [TASKS[task].title, NAMES[name]]
        + [over_data(one.get((data, task, name)) for data in DATA) for one in found]
        for task, name in product(PLANE, OTHERS)
    ]
    return _markdown(["setting", "ESP over", *map(", ".join, ways)], rows)


def _costs(findings):
    """Median and quartiles of the end cost; the published single run below."""
    rows = []
    for title, setting in findings.published().items():
        seeds = findings.each(setting, lambda group: len(group["seed"]), ["esp"])
        rows.append([title, *seeds, *findings.each(setting, _end_cost)])
        ends = [PUBLISHED.get((setting.task, name)) for name in ACTIVATIONS]
        rows.append(["*published*", 1, *(f"*{end.cost:.5f}*" if end else "" for end in ends)])
    return _markdown(["setting", "seeds", *_names()], rows)


def _ranks(findings):
    """How many seeds on the authors' data end below the published run, by start."""
    rows = []
    for title, setting in findings.published(["authors"]).items():
        rows.append([title])
        for name in ACTIVATIONS[:3]:
            end = PUBLISHED[setting.task, name].cost
            for one in (setting, setting._replace(block="starts", init="one-stream")):
                cell = partial(lambda group, end: f"{(group['cost'] < end).sum()}", end=end)
                rows[-1] += findings.each(one, cell, [name])
    heads = [f"{n}, {start}" for n in _names(ACTIVATIONS[:3]) for start in ("Xavier", "one stream")]
    return _markdown(["of 100 seeds below the published run", *heads], rows)


def _early(findings):
    """In what share of the seeds ESP is below another, at early epochs and at the end."""
    columns = {**{f"epoch {epoch}": f"cost_{epoch}" for epoch in EARLY}, "end": "cost"}
    rows = []
    for title, setting in findings.published().items():
        esp, others = findings.get(setting), findings.each(setting, lambda group: group, OTHERS)
        for name, other in zip(OTHERS, others):
            cells = [f"{np.mean(np.less(*common(esp, other, c))):.2f}" for c in columns.values()]
            rows.append([title, NAMES[name], *cells])
    return _markdown(["setting", "ESP below", *columns], rows)


def _betas(findings):
    """What training betas does to the end cost of one activation: two families."""
    ways = list(product(("esp", "sigmoid", "tanh", "relu"), list(BETAS)[1:], PLANE, DATA))
    found = {}
    for rate, own in RATES.items():
        ask = partial(findings.factorial, own_rate=own)
        both = {(n, b, t, d): (ask(d, t, n, b), ask(d, t, n, "fixed")) for n, b, t, d in ways}
        found[rate] = family(both)
    rows = []
    for name, beta, rate in product(ACTIVATIONS, list(BETAS)[1:], RATES):
        if name != "relu" or beta == "output":
            each = [[found[rate].get((name, beta, t, d)) for d in DATA] for t in PLANE]
            rows.append([f"{NAMES[name]}, {BETAS[beta]}", rate, *map(over_data, each)])
    return _markdown(["over β = 1", "", *(TASKS[task].title for task in PLANE)], rows)


def _medians(findings):
    """Median end costs of the factorial, and the rates of its own that were chosen."""
    columns, rows = list(product(PLANE, ("generated", "authors"))), []
    for (name, beta), (rate, own) in product(_variants(), RATES.items()):
        rows.append([f"{NAMES[name]}, {BETAS.get(beta, 'as published')}", rate])
        for task, data in columns:
            group = findings.factorial(data, task, name, beta, own)
            chosen = findings.rates.get(Setting("factorial", data, task, name, beta))
            at = f" at {chosen:g}" if own and chosen else ""
            rows[-1].append(_plain(np.median(group["cost"])) + at if group else "")
    heads = [f"{TASKS[task].title}, {DATA[data]}" for task, data in columns]
    return _markdown(["", "", *heads], rows)


def _variants():
    """Each (activation, beta) of the factorial."""
    ways = [("esp", "published"), *product(ACTIVATIONS, BETAS)]
    return [way for way in ways if way not in (("relu", "hidden"), ("relu", "trained"))]


def _controls(findings):
    """ESP as published over ReLU with other starts and as many parameters: a family each."""
    rows, ask = [], findings.factorial
    found = {
        (control, rate): family(
            {
                at: (ask(*at, "esp", "published", own), ask(*at, "relu", "fixed", own, **options))
                for at in product(DATA, PLANE)
            }
        )
        for (control, options), (rate, own) in product(CONTROLS.items(), RATES.items())
    }
    for task in PLANE:
        cells = [over_data(one.get((data, task)) for data in DATA) for one in found.values()]
        rows.append([TASKS[task].title, *cells])
    return _markdown(["ESP over ReLU", *map(", ".join, found)], rows)


def _stuck(findings):
    """How many ReLU runs are stuck, how many of those have a dead last layer; how many others."""
    rows = []
    for title, setting in findings.published().items():
        found = dict(zip(ACTIVATIONS, findings.each(setting, lambda group: group)))
        relu, others = found.pop("relu"), [is_stuck(group) for group in found.values() if group]
        starts = setting._replace(block="starts", init="one-stream", activation="relu")
        dead = relu["dead"] > 1 - 1.5 / relu["parameters"]  # all but the output's bias
        cells = [
            _count(is_stuck(relu)),
            f"{(is_stuck(relu) & dead).sum()}",
            _count(is_stuck(findings.get(starts))) if findings.get(starts) else "",
        ]
        for options, own in (({}, True), ({"init": "he"}, False), ({"widths": 1}, False)):
            ask = partial(findings.factorial, setting.data, setting.task, "relu", "fixed", own)
            cells.append(_count(is_stuck(ask(**options))) if ask(**options) else "")
        rows.append([title, *cells, f"{np.sum(others)} of {np.size(others)}"])
    heads = ["ReLU", "of these dead", "one stream", "own rate", "He", "equal P", "the other three"]
    return _markdown(["setting", *heads], rows)


def _alphas(findings):
    """Medians of the interval of alpha; how often ReLU's count exceeds the theorem's bound."""

    def cell(group):
        low, high = np.median(group["alpha"]), np.median(group["alpha_most"])
        return f"{low:.3f}" if high - low < 5e-4 else f"{low:.3f} to {high:.3f}"

    def broken(relu, column):
        known = np.isfinite(relu[column])
        bound = relu["bound"] / relu["parameters"] + 1e-4  # the table has four digits
        return f"{(relu[column] > bound)[known].sum()} of {known.sum()}" if known.any() else ""

    rows = []
    for title, setting in findings.published().items():
        row = [title, *findings.each(setting, cell)]
        for column in ("signs", "alpha"):
            row += findings.each(setting, partial(broken, column=column), ["relu"])
        rows.append(row)
    return _markdown(["setting", *_names(), "bound broken by signs", "by certain count"], rows)


def _zeros(findings):
    """Medians of what is called zero in three ways, and the share of dead parameters."""
    columns = {"γ, by rounding": "gamma", "dead parameters": "dead"}
    columns |= {"flat, r = 10⁻⁶": "flat_1e-6", "flat, r = 10⁻³": "flat_1e-3"}
    rows = [
        [title, word, *findings.each(setting, partial(_median, column=column))]
        for title, setting in findings.published().items()
        for word, column in columns.items()
    ]
    return _markdown(["setting", "zero means", *_names()], rows)


def _coordinates(findings):
    """Medians of alpha and flatness of the same functions, written in other parameters."""
    rows = []
    for title, setting in findings.published(["generated"]).items():
        for name in ("esp", "relu"):
            group = findings.get(setting._replace(activation=name))
            for words, tail in {
                "as trained": "",
                "units times 10": "_times_10",
                "β = 1": "_folded",
            }.items():
                if group and f"alpha{tail}" in group and not (name == "relu" and tail == "_folded"):
                    cells = [
                        _median(group, f"{c}{tail}") for c in ("alpha", "flat_1e-6", "flat_1e-3")
                    ]
                    rows.append([title, NAMES[name], words, *cells])
    return _markdown(["setting", "", "written", "α", "γ(10⁻⁶)", "γ(10⁻³)"], rows)


def _residuals(findings):
    """Medians of the fraction of residuals up to 1e-5; in how many seeds ESP has the most."""
    column, rows = "zero_residuals", []
    for title, setting in findings.published().items():
        rows.append([title, *findings.each(setting, partial(_median, column=column))])
        esp, *others = findings.each(setting, lambda group: group[column])
        rows[-1].append(f"{(esp > np.max(others, axis=0)).sum()} of {len(esp)}")
        for own in (False, True):
            ask = partial(findings.factorial, setting.data, setting.task, own_rate=own)
            esp, *others = (ask(name, "trained") for name in ("esp", *OTHERS))
            if there := esp and all(others):
                most = esp[column] > np.max([other[column] for other in others], axis=0)
            rows[-1].append(f"{most.sum()} of {len(most)}" if there else "")
    heads = ["ESP has the most", "β trained in all", "and own rates"]
    return _markdown(["setting", *_names(), *heads], rows)


def _accuracy(findings):
    """Median test accuracy, on the first generated set and on the authors'."""
    rows = []
    for task, data in product(PLANE[2:], ("generated", "authors")):
        for rate, own in RATES.items():
            ask = partial(findings.factorial, data, task, own_rate=own)
            groups = [ask(*way) for way in VARIANTS.values()]
            cells = [_median(group, "test_accuracy") if group else "" for group in groups]
            rows.append([TASKS[task].title, DATA[data], rate, *cells])
    return _markdown(["setting", "data", "", *VARIANTS], rows)


def _digits(findings):
    """Median end costs of the digits, from six seeds, at both rates."""
    rows = []
    for rate, own in RATES.items():
        settings = [Setting("digits", "generated", "digits", *way) for way in VARIANTS.values()]
        groups = [findings.get(one, own) for one in settings]
        rows.append([rate, *(_plain(np.median(g["cost"])) if g else "" for g in groups)])
    return _markdown(["", *VARIANTS], rows)


def architectures(findings: Findings, task: str, data: str, way: tuple[str, str], own: bool):
    """{widths: group} of one activation and treatment of beta."""
    shapes = dict.fromkeys(one.widths for one in findings.table if one.block == "architectures")
    settings = {w: Setting("architectures", data, task, *way, widths=w) for w in shapes}
    found = {w: findings.get(one, own) for w, one in settings.items()}
    return {w: group for w, group in found.items() if group}


def _spread(findings):
    """How consistent an activation is: over architectures, over seeds, and if it is stuck."""
    rows = []
    for (task, data), (rate, own), (name, way) in product(
        product(("linear-10", "nonlinear-10"), ("generated", "authors")),
        RATES.items(),
        VARIANTS.items(),
    ):
        found = architectures(findings, task, data, way, own)
        if found:
            costs = [group["cost"] for group in found.values()]
            medians = np.median(costs, axis=1)
            low, high = np.percentile(costs, (25, 75), axis=1)
            stuck = np.mean([is_stuck(group) for group in found.values()])
            cells = [_plain(np.median(medians)), f"{medians.max() / medians.min():.3g}"]
            cells += [f"{np.median(high / low):.3g}", f"{stuck:.0%}"]
            rows.append([TASKS[task].data, DATA[data], rate, name, *cells])
    heads = ["median cost", "largest / least over architectures", "quartiles over seeds", "stuck"]
    return _markdown(["task", "data", "", "activation", *heads], rows)


TABLES = {
    "lead": _lead,
    "controls": _controls,
    "betas": _betas,
    "early": _early,
    "stuck": _stuck,
    "zeros": _zeros,
    "alpha": _alphas,
    "coordinates": _coordinates,
    "residuals": _residuals,
    "spread": _spread,
    "accuracy": _accuracy,
    "digits": _digits,
    "costs": _costs,
    "ranks": _ranks,
    "medians": _medians,
}
