"""Times, taken so that the order favours nobody.

First everybody computes the result once, and the results are compared. Then
come the rounds: in each, everybody has one turn, in an order shuffled by a fixed
seed. A turn begins with a call that is not timed, for who ran before has left the
caches, the memory and waiting threads to itself; but whole processes need none.
Who is timed less often sits out rounds spread over the whole race. What is fast
runs several times in a row, so that one time is taken over at least 200 ms.
"""

import gc
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import numpy as np

SHORTEST = 0.2  # seconds that one time is at least taken over


@dataclass
class Runner:
    """One implementation in a race.

    `prepare` () -> call is timed with the first call: there it compiles. Timed is
    call(*arguments), compared is the result of call(*check); None: not compared.
    With no `tolerance` a difference is written down, but never refused.
    `process`: each call is a process of its own, in which nothing is warm.
    """

    name: str
    prepare: Callable
    arguments: tuple = ()
    check: tuple | None = ()
    tolerance: float | None = None
    repeats: int | None = None
    process: bool = False
    call: Callable | None = None
    first: float = math.nan
    agrees: float | None = None
    times: list = field(default_factory=list)

    @property
    def median(self):
        """Seconds of a call."""
        return median(self.times)

    @property
    def compile_seconds(self):
        """What the first call took longer than the median, preparation included."""
        return max(0.0, self.first - self.median)


def run(runners, repeats, seed=0):
    """Compare, then time; return the runners with their times."""
    reference = None
    for runner in runners:
        result = _start(runner)
        if runner.check is not None:
            reference = result if reference is None else reference
            _compare(runner, result, reference)
    rng = np.random.default_rng(seed)
    for r in range(repeats):
        for place in rng.permutation(len(runners)):
            if _takes_part(runners[place], r, repeats):
                runners[place].times.append(_seconds(runners[place]))
    return runners


def relative_difference(result, reference):
    """The largest difference, over the largest entry."""
    if result.shape != reference.shape:
        raise ValueError(f"a result has shape {result.shape}, wanted {reference.shape}")
    return float(np.abs(result - reference).max() / np.abs(reference).max())


def _start(runner):
    """Make the first call, from nothing; return the result to compare, if any."""
    start = perf_counter()
    runner.call = runner.prepare()
    result = runner.call(*runner.arguments)
    runner.first = perf_counter() - start
    print(f"    {runner.name}: first call after {runner.first:.3g} s", flush=True)
    if runner.check is None:
        return None
    return np.asarray(result if runner.check == runner.arguments else runner.call(*runner.check))


def _compare(runner, result, reference):
    """Write the difference down; refuse a result that is another."""
    runner.agrees = relative_difference(result, reference)
    if runner.tolerance is not None and not runner.agrees <= runner.tolerance:
        raise ValueError(
            f"{runner.name} differs from minifnn by {runner.agrees:.1e}, "
            f"wanted at most {runner.tolerance:.0e}"
        )


def _takes_part(runner, r, repeats):
    """Is this round r one of the runner's, if its own are spread evenly?"""
    own = min(repeats, runner.repeats or repeats)
    return (r + 1) * own // repeats > r * own // repeats


def _seconds(runner):
    """Seconds of one call when warm, the mean of as many as fill the shortest time."""
    gc.collect()
    if not runner.process:
        runner.call(*runner.arguments)
    calls, start = 0, perf_counter()
    while not calls or perf_counter() - start < SHORTEST:
        runner.call(*runner.arguments)
        calls += 1
    return (perf_counter() - start) / calls
