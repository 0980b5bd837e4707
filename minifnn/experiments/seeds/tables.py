"""What survives many random seeds: the published claims against the tables of `minifnn sweep`.

A seed gives all activations the same initial weights, so activations are
compared in pairs, seed by seed, by the ratio of their costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np

from ... import plots
from ..._util.typing import Array, BoolArray
from ..paper import ACTIVATIONS, PUBLISHED, TASKS
from .run import DATA, EARLY, PAPER_SETTINGS, QUARTILES, Setting
from .statistics import fraction_interval, ratio_interval

Group = Mapping[str, Array]  # the columns of the rows with one setting
Groups = Mapping[Setting, Group]

STUCK = 0.98  # a run is stuck if its cost is above this share of a constant predictor's
OTHERS = ("relu", "sigmoid", "tanh")
VARIANTS = {  # (activation, beta): its name, where beta is the question
    ("esp", "published"): "ESP, β trained from 0",
    ("esp", "trained"): "ESP, β trained from 1",
    ("esp", "fixed"): "ESP, β = 1",
    ("sigmoid", "published"): "sigmoid, β = 1",
    ("sigmoid", "trained"): "sigmoid, β trained from 1",
    ("tanh", "published"): "tanh, β = 1",
    ("tanh", "trained"): "tanh, β trained from 1",
    ("relu", "published"): "ReLU, β = 1",
    ("relu", "trained"): "ReLU, output's β trained",
}
BETA_QUESTIONS = {  # what a ratio of end costs says, if one thing at a time is changed
    "what training β does: ESP": (("esp", "trained"), ("esp", "fixed")),
    "what training β does: sigmoid": (("sigmoid", "trained"), ("sigmoid", "published")),
    "what training β does: tanh": (("tanh", "trained"), ("tanh", "published")),
    "what starting β near 0 does: ESP": (("esp", "published"), ("esp", "trained")),
    "the shape, β = 1: ESP / sigmoid": (("esp", "fixed"), ("sigmoid", "published")),
    "the shape, β = 1: ESP / tanh": (("esp", "fixed"), ("tanh", "published")),
    "the shape, β = 1: ESP / ReLU": (("esp", "fixed"), ("relu", "published")),
    "the shape, β trained: ESP / sigmoid": (("esp", "trained"), ("sigmoid", "trained")),
    "the shape, β trained: ESP / tanh": (("esp", "trained"), ("tanh", "trained")),
}


def grouped(rows: Iterable[Mapping[str, str]]) -> dict[Setting, dict[str, Array]]:
    """Return the rows of starts.csv or curves.csv as columns of numbers, by setting."""
    collected: dict[Setting, list[Mapping[str, str]]] = {}
    for row in rows:
        *names, rate = (row[name] for name in Setting._fields)
        setting = Setting._make([*names, float(rate)])
        collected.setdefault(setting, []).append(row)
    return {
        setting: {
            name: np.array([_number(row[name]) for row in group])
            for name in group[0]
            if name not in Setting._fields
        }
        for setting, group in collected.items()
    }


def _number(text):
    return float({"": "nan", "True": "1", "False": "0"}.get(text, text))


def paper_settings(groups: Groups, data: Sequence[str] = DATA) -> dict[str, Setting]:
    """Return ESP's setting, as published, of every task that is in groups with these data."""
    titles = {"generated": "", "authors": ", authors' data"}
    there = {one[:2] for one in groups if one[3:] == tuple(PAPER_SETTINGS.values())}
    return {
        TASKS[task].title + titles[kind]: Setting(kind, task, "esp", **PAPER_SETTINGS)
        for kind in data
        for task in TASKS
        if (kind, task) in there
    }


def varied(groups: Groups, what: str, data: Sequence[str] = DATA) -> dict[str, Setting]:
    """Return those of `paper_settings` where `what`, "beta" or "rate", was varied, too."""
    others = {one[:2] for one in groups if getattr(one, what) != PAPER_SETTINGS[what]}
    return {t: one for t, one in paper_settings(groups, data).items() if one[:2] in others}


def is_stuck(group: Group) -> BoolArray:
    """Return which runs (n,) of a group cost as much as a constant predictor."""
    return group["cost"] > STUCK * group["silence"]


def _common(column, *groups):
    """A column of each group, for the seeds that all of them have, in order."""
    by_seed = [dict(zip(group["seed"], group[column])) for group in groups]
    seeds = sorted(set.intersection(*map(set, by_seed)))
    return [np.array([values[seed] for seed in seeds]) for values in by_seed]


def _each(groups, setting, cell, activations=ACTIVATIONS):
    """cell(group) per activation; empty where there is no such group."""
    settings = (setting._replace(activation=name) for name in activations)
    return [cell(groups[one]) if one in groups else "" for one in settings]


def _median(group, column):
    return f"{np.median(group[column]):.3f}"


def _end_cost(group):
    low, median, high = map(_plain, np.percentile(group["cost"], QUARTILES))
    return f"{median} [{low}, {high}]"


def _plain(value):
    """Three digits, never as 1e-05."""
    decimals = max(0, 2 - int(np.floor(np.log10(abs(value))))) if value else 0
    return f"{value:.{min(decimals, 7)}f}"


def _ratio(groups, one, other):
    """Of end costs: the median, its interval, and how many are below 1."""
    if one not in groups or other not in groups:
        return ""
    costs, other_costs = _common("cost", groups[one], groups[other])
    if not len(costs):
        return ""
    median, low, high = ratio_interval(costs, other_costs)
    below = f"below in {(costs < other_costs).sum()} of {len(costs)}"
    return f"{median:.3g} [{low:.3g}, {high:.3g}], {below}"


def _markdown(heads, rows):
    """The table; empty if it has no rows."""
    lines = [heads, ["---"] * len(heads), *rows] if rows else []
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def tables(groups: Groups) -> dict[str, str]:
    """Return the tables that these groups of starts.csv allow, in Markdown, by name."""
    made = {
        "costs": _end_costs(groups),
        "ranks": _ranks(groups),
        "pairs": _pairs(groups),
        "early": _early(groups),
        "speed": _speed(groups),
        "stuck": _stuck(groups),
        "alpha": _alphas(groups),
        "zeros": _zeros(groups),
        "residuals": _small_residuals(groups),
        "betas": _betas(groups, "generated"),
        "beta-pairs": _beta_pairs(groups, "generated"),
        "betas-authors": _betas(groups, "authors"),
        "beta-pairs-authors": _beta_pairs(groups, "authors"),
        "rates": _rates(groups),
    }
    return {name: table for name, table in made.items() if table}


def _names(activations=ACTIVATIONS):
    return [plots.NAMES[name] for name in activations]


def _end_costs(groups):
    """Median and quartiles of the cost at the last record; the published single run below."""
    rows = []
    for title, setting in paper_settings(groups).items():
        seeds = _each(groups, setting, lambda group: len(group["seed"]))
        rows.append([title, seeds[0], *_each(groups, setting, _end_cost)])
        ends = [PUBLISHED.get((setting.task, name)) for name in ACTIVATIONS]
        rows.append(["*published*", 1, *(f"*{end.cost:.5f}*" if end else "" for end in ends)])
    return _markdown(["setting", "seeds", *_names()], rows)


def _ranks(groups):
    """How many seeds on the authors' data end with a lower cost than the published one."""
    activations, rows = ACTIVATIONS[:3], []
    for title, setting in paper_settings(groups, ["authors"]).items():
        rows.append([title])
        for name in activations:
            below = partial(_below, PUBLISHED[setting.task, name].cost)
            rows[-1] += _each(groups, setting, below, [name])
    return _markdown(["lower than published", *_names(activations)], rows)


def _below(end, group):
    return f"{(group['cost'] < end).sum()} of {len(group['cost'])}"


def _pairs(groups):
    """ESP's end cost over another's, seed by seed."""
    rows = [
        [title, *(_ratio(groups, esp, esp._replace(activation=name)) for name in OTHERS)]
        for title, esp in paper_settings(groups).items()
    ]
    return _markdown(["setting", *(f"ESP / {name}" for name in _names(OTHERS))], rows)


def _early(groups):
    """In how many seeds ESP is below another at early epochs and at the last record."""
    columns = {**{f"epoch {epoch}": f"cost_{epoch}" for epoch in EARLY}, "end": "cost"}
    rows = []
    for title, setting in paper_settings(groups).items():
        for word, column in columns.items() if setting in groups else ():
            below = partial(_is_lower, groups[setting], column)
            rows.append([title, word, *_each(groups, setting, below, OTHERS)])
    return _markdown(["ESP is lower in", "at", *(f"than {n}" for n in _names(OTHERS))], rows)


def _is_lower(esp, column, group):
    esp_costs, costs = _common(column, esp, group)
    return (esp_costs < costs).sum()


def _speed(groups):
    """First recorded epoch with a half and a tenth of a constant predictor's cost.

    The median over seeds, and the share of seeds that reach it.
    """

    def cell(group, column):
        reached = np.isfinite(group[column])
        median = np.median(np.where(reached, group[column], np.inf))
        word = f"{median:.0f}" if np.isfinite(median) else "never"
        return f"{word} ({reached.mean():.0%})"

    rows = []
    for title, setting in paper_settings(groups).items():
        for word in ("half", "tenth"):
            made = _each(groups, setting, partial(cell, column=f"to_{word}"))
            rows.append([title, word, *made])
    return _markdown(["setting", "of a constant predictor's cost", *_names()], rows)


def _stuck(groups):
    """How many seeds are stuck, with the interval of the fraction; how many of them are dead.

    Where the last hidden layer is dead, the loss depends on the output's bias alone.
    """

    def cell(group):
        n, found = len(group["seed"]), int(is_stuck(group).sum())
        _, low, high = fraction_interval(found, n)
        return f"{found} of {n} [{low:.0%}, {high:.0%}]"

    def dead(relu):
        found = is_stuck(relu)
        all_but_one = relu["dead"] > 1 - 1.5 / relu["parameters"]
        return f"{(all_but_one & found).sum()} of {found.sum()}"

    rows = [
        [title, *_each(groups, setting, cell), *_each(groups, setting, dead, ["relu"])]
        for title, setting in paper_settings(groups).items()
    ]
    return _markdown(["setting", *_names(), "stuck ReLU with a dead last layer"], rows)


def _alphas(groups):
    """Medians of the interval of alpha; how often ReLU's count exceeds the theorem's bound."""

    def cell(group):
        low, high = np.median(group["alpha"]), np.median(group["alpha_most"])
        return f"{low:.3f}" if high - low < 5e-4 else f"{low:.3f} to {high:.3f}"

    def broken(relu, column):
        known = np.isfinite(relu[column])
        bound = relu["bound"] / relu["parameters"] + 1e-4  # tables have five digits
        broken = (relu[column] > bound)[known].sum()
        return f"{broken} of {known.sum()}" if known.any() else "not counted"

    rows = []
    for title, setting in paper_settings(groups).items():
        row = [title, *_each(groups, setting, cell)]
        for column in ("signs", "alpha"):
            row += _each(groups, setting, partial(broken, column=column), ["relu"])
        rows.append(row)
    return _markdown(["setting", *_names(), "ReLU bound broken, signs", "by certain count"], rows)


def _zeros(groups):
    """Medians of what is called zero in three ways, and the share of dead parameters."""
    columns = {
        "γ, by rounding": "gamma",
        "dead parameters": "dead",
        "flat, r = 10⁻⁶": "flat_1e-6",
        "flat, r = 10⁻³": "flat_1e-3",
    }
    rows = [
        [title, word, *_each(groups, setting, partial(_median, column=column))]
        for title, setting in paper_settings(groups).items()
        for word, column in columns.items()
    ]
    return _markdown(["setting", "zero means", *_names()], rows)


def _small_residuals(groups):
    """Medians of the fraction of residuals up to 1e-5; in how many seeds ESP has the most."""
    column, rows = "zero_residuals", []
    for title, setting in paper_settings(groups).items():
        most = ""
        if setting in groups:
            found = _each(groups, setting, lambda group: group)
            esp, *others = _common(column, *filter(None, found))
            most = f"{np.all([esp > other for other in others], axis=0).sum()} of {len(esp)}"
        rows.append([title, *_each(groups, setting, partial(_median, column=column)), most])
    return _markdown(["setting", *_names(), "ESP has the most"], rows)


def _betas(groups, data):
    """Median end cost of every activation with fixed and with trained betas."""
    found = varied(groups, "beta", [data])
    rows = []
    for (activation, beta), name in VARIANTS.items():
        settings = [one._replace(activation=activation, beta=beta) for one in found.values()]
        rows.append([name, *(_end_cost(groups[s]) if s in groups else "" for s in settings)])
    return _markdown(["", *found], rows) if found else ""


def _beta_pairs(groups, data):
    """Ratios of end costs that change one thing at a time."""
    found = varied(groups, "beta", [data])
    rows = []
    for question, variants in BETA_QUESTIONS.items():
        pairs = [
            [setting._replace(activation=name, beta=beta) for name, beta in variants]
            for setting in found.values()
        ]
        rows.append([question, *(_ratio(groups, one, other) for one, other in pairs)])
    return _markdown(["ratio of end costs", *found], rows) if found else ""


def _rates(groups):
    """Median end cost by the first rate of Adam, where it was varied."""
    found = sorted({setting.rate for setting in groups})
    rows = []
    for title, setting in varied(groups, "rate").items():
        for (activation, beta), name in VARIANTS.items():
            one = setting._replace(activation=activation, beta=beta)
            settings = [one._replace(rate=rate) for rate in found]
            cells = [_end_cost(groups[s]) if s in groups else "" for s in settings]
            if any(cells):
                rows.append([title, name, *cells])
    return _markdown(["setting", "", *(f"rate {rate:g}" for rate in found)], rows)
