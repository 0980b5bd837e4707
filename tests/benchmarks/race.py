"""Times, taken so that the order favours nobody.

First every runner computes the result once, and the results are compared. Then come the
rounds: in each, every runner has one turn, in an order shuffled by a fixed seed. A turn
begins with a call that is not timed, because the previous one has filled the caches and its
threads may still be waiting; long calls and whole processes need none. What is timed less
often sits out rounds spread over the whole race. What is fast runs several times in a row,
so that one time is taken over at least 200 ms.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

SHORTEST = 0.2  # seconds that one time is at least taken over
LONG = 2.0  # seconds from which a call needs no call before it
TOLERANCE = 1e-8  # the largest difference from minifnn's result, over its largest entry


@dataclass
class Runner:
    """One implementation in a race.

    `prepare` () -> call is timed with the first call: there it compiles. Timed is
    call(*arguments), compared is the result of call(*check); None: not compared.
    `process`: each call is a process of its own, in which nothing is warm.
    """

    name: str
    prepare: Callable
    arguments: tuple = ()
    check: tuple | None = None
    rounds: int | None = None
    process: bool = False
    call: Callable | None = None
    first: float | None = None
    agrees: float | None = None
    times: list = field(default_factory=list)


def run(runners, rounds, seed=0):
    """Compare, then time; return the runners with their times."""
    reference = None
    for runner in runners:
        result = _start(runner)
        if runner.check is not None:
            reference = result if reference is None else reference
            runner.agrees = compare(runner.name, result, reference)
    rng = np.random.default_rng(seed)
    for r in range(rounds):
        for place in rng.permutation(len(runners)):
            if _takes_part(runners[place], r, rounds):
                runners[place].times.append(_seconds(runners[place]))
    return runners


def compare(name, result, reference):
    """The largest difference, over the largest entry; an error where it is another result."""
    if result.shape != reference.shape:
        raise ValueError(f"{name} gives shape {result.shape}, expected {reference.shape}")
    difference = float(np.abs(result - reference).max() / np.abs(reference).max())
    if not difference <= TOLERANCE:
        raise ValueError(f"{name} differs from minifnn by {difference:.1e}, expected {TOLERANCE}")
    return difference


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


def _takes_part(runner, r, rounds):
    """Is this round r one of the runner's, if its own are spread evenly?"""
    own = min(rounds, runner.rounds or rounds)
    return (r + 1) * own // rounds > r * own // rounds


def _seconds(runner):
    """Seconds of one call when warm, the mean of as many as fill the shortest time."""
    gc.collect()
    if not (runner.process or (runner.times and runner.times[-1] > LONG)):
        runner.call(*runner.arguments)
    calls, start = 0, perf_counter()
    while not calls or perf_counter() - start < SHORTEST:
        runner.call(*runner.arguments)
        calls += 1
    return (perf_counter() - start) / calls
