"""The exact Hessian against automatic differentiation: time and memory."""

from functools import partial

from . import memory, peers, problems, race
from .table import Ratio, find, row_of, seconds, speed


def digits(settings):
    """64-25-10 at 1,437 images: P = 1,920."""
    quick = settings.quick
    problem = problems.digits(quick)
    rows = []
    for peer, runner in _race(problem, peers.HESSIANS, settings.times(7)):
        peak = memory.megabytes_above_inputs(peer, "digits", quick=quick)
        rows.append(row_of("digits-hessian", runner, peak))
    return rows, [
        *speed(rows, peers.JAX, at_least=100),
        *speed(rows, peers.CHUNKED, at_least=40),
        *speed(rows, peers.TORCH, at_least=200),
        *speed(rows, peers.TORCH_CHUNKED),
        *speed(rows, peers.TORCH_ROWS),
        *speed(rows, peers.OWN_NUMPY),
        _against_product(rows),
        *_memory(rows, problem[0].n_parameters),
    ]


def small(settings):
    """2-8-2-1 at 690 points of the plane: P = 56, where overheads rule."""
    pairs = _race(problems.plane([8, 2], 0.5), peers.SMALL_HESSIANS, settings.times(15))
    rows = [row_of("small-hessian", runner) for _, runner in pairs]
    return rows, [*speed(rows, peers.JAX, at_least=15), *speed(rows, peers.TORCH)]


def _race(problem, candidates, repeats):
    """Pairs of a peer and its runner, with times."""
    here = peers.installed(candidates)
    return list(zip(here, race.run([_runner(peer, problem) for peer in here], repeats)))


def _runner(peer, problem):
    return race.Runner(
        peer.name,
        partial(peer.make, problem),
        check=() if peer.compared else None,
        tolerance=peer.tolerance,
        repeats=peer.repeats,
    )


def _against_product(rows):
    """The Hessian in units of the one product that it cannot do without."""
    ours, product = rows[0].median, find(rows, peers.PRODUCT).median
    shown = (seconds(ours), peers.PRODUCT, seconds(product))
    ratio = ours / product
    return Ratio("digits-hessian", "times the time", *shown, ratio, "≤ 2", ratio <= 2)


def _memory(rows, P):
    """Peak memory above the inputs, in units of the Hessian itself and of the peers'."""
    own = rows[0].peak_memory_mb
    if own is None:
        return []
    size = 8e-6 * P**2
    shown = (f"{own:.0f} MB", "the Hessian's size", f"{size:.1f} MB")
    ratio = own / size
    lines = [Ratio("digits-hessian", "times the memory", *shown, ratio, "≤ 5", ratio <= 5)]
    for row in rows[1:]:
        if row.implementation != peers.PRODUCT:
            peak = row.peak_memory_mb
            shown = (f"{own:.0f} MB", row.implementation, f"{peak:.0f} MB")
            lines.append(Ratio("digits-hessian", "times less memory", *shown, peak / own))
    return lines
