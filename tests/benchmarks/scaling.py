"""How time and memory of the Hessian grow, and where products with it pay."""

from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np

import minifnn as mf

from . import figures, memory, peers, problems, race
from .table import Ratio, row_of, seconds

OVER_N = ([10, 20, 1], (1000, 3000, 10_000, 30_000, 100_000))  # sizes; samples
OVER_P = (1000, (8, 16, 24, 32, 45, 62))  # samples; width of all three layers
QUICK_N, QUICK_P = ([10, 20, 1], (300, 1000, 3000)), (200, (4, 8, 16))
OWN = peers.HESSIANS[0]


@dataclass(frozen=True)
class Point:
    """One Hessian: the problem's size, its time in seconds and its memory in MB."""

    N: int
    P: int
    time: float
    memory: float | None


@dataclass(frozen=True)
class Crossing:
    """R Hessian-vector products in units of the Hessian, and the R where both cost the same."""

    P: int
    directions: np.ndarray
    costs: np.ndarray
    at: float


def run(settings):
    """Against N, against P, and against the number of directions."""
    (sizes, samples), (N, widths) = (QUICK_N, QUICK_P) if settings.quick else (OVER_N, OVER_P)
    repeats = settings.times(5)
    by_n, n_rows = _curve("scaling-N", [(sizes, n) for n in samples], repeats)
    by_p, p_rows = _curve("scaling-P", [([w, w, w], N) for w in widths], repeats)
    found = [_crossing([w, w, w], N, repeats) for w in widths]
    crossings = [crossing for crossing, _ in found]
    figures.draw(settings.out, by_n, by_p, crossings)
    rows = [*n_rows, *p_rows, *(row for _, rows in found for row in rows)]
    return rows, [_slope(by_n), *map(_crossing_ratio, crossings)]


def _curve(benchmark, cases, repeats):
    """Time and memory of the Hessian for each (sizes, N): points and rows."""
    solved = [problems.noise(*case) for case in cases]
    names = [f"N={len(X)} P={net.n_parameters}" for net, X, _ in solved]
    runners = [race.Runner(n, partial(OWN.make, p), check=None) for n, p in zip(names, solved)]
    race.run(runners, repeats)
    points, rows = [], []
    for (sizes, N), (net, _, _), runner in zip(cases, solved, runners):
        peak = memory.megabytes_above_inputs(OWN, "noise", sizes=sizes, N=N)
        points.append(Point(N, net.n_parameters, runner.median, peak))
        rows.append(row_of(benchmark, runner, peak))
    return points, rows


def _crossing(sizes, N, repeats):
    """The Hessian against R products with it, R = 1, 2, 4, ...: the crossing and rows."""
    problem = net, X, Y = problems.noise(sizes, N)
    P, rng = net.n_parameters, np.random.default_rng(0)
    runners = [race.Runner(f"Hessian P={P}", partial(OWN.make, problem), check=None)]
    directions = _directions(problem)
    for R in directions:
        call = partial(mf.hvp, net, X, Y, rng.normal(size=(P, R)))
        runners.append(race.Runner(f"hvp P={P} R={R}", lambda call=call: call, check=None))
    whole, *products = race.run(runners, repeats)
    costs = np.array([product.median for product in products]) / whole.median
    crossing = Crossing(P, directions, costs, _where_one(directions, costs))
    return crossing, [row_of("scaling-hvp", runner) for runner in (whole, *products)]


def _directions(problem):
    """R = 1, 2, 4, ... until R products clearly cost more than the Hessian, roughly timed."""
    net, X, Y = problem
    P = net.n_parameters
    enough = 1.5 * _rough_time(partial(mf.hessian, net, X, Y))
    directions = [1]
    while directions[-1] < P:
        directions.append(2 * directions[-1])
        if _rough_time(partial(mf.hvp, net, X, Y, np.ones((P, directions[-1])))) > enough:
            break
    return np.array(directions)


def _rough_time(call):
    """Seconds of a call, the shorter of two."""
    times = []
    for _ in range(2):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


def _where_one(directions, costs):
    """The R at which the cost is 1, on straight lines in logarithms; NaN if it never is."""
    dearer = np.flatnonzero(costs >= 1)
    if not len(dearer) or dearer[0] == 0:
        return float("nan")
    pair = slice(dearer[0] - 1, dearer[0] + 1)
    return float(np.exp(np.interp(0, np.log(costs[pair]), np.log(directions[pair]))))


def _slope(points):
    """The power of N with which the time grows."""
    times = [point.time for point in points]
    slope = np.polyfit(np.log([point.N for point in points]), np.log(times), 1)[0]
    first, last = points[0], points[-1]
    return Ratio(
        "scaling-N",
        "slope of log time over log N",
        seconds(first.time),
        f"N = {last.N:,} instead of {first.N:,}",
        seconds(last.time),
        slope,
        "1 ± 0.1",
        abs(slope - 1) <= 0.1,
    )


def _crossing_ratio(crossing):
    """One line of the table for one P."""
    what, ours = "products H v that cost one H", f"P = {crossing.P:,}"
    if np.isnan(crossing.at):
        theirs = "even one costs more" if crossing.costs[0] >= 1 else "none cost as much"
        return Ratio("scaling-hvp", what, ours, "", theirs, None)
    return Ratio("scaling-hvp", what, ours, "", "", crossing.at)
