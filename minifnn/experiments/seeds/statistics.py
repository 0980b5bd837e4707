"""Intervals for what was seen of some random seeds: by SciPy, at 95 %."""

import numpy as np

from ..._util.typing import Array

Interval = tuple[float, float, float]  # the value, its lower and its upper limit


def median_interval(values: Array) -> Interval:
    """Return the median of values (n,) with its bootstrap interval (percentiles, 10,000 draws)."""
    from scipy.stats import bootstrap  # here, so that importing minifnn stays quick

    median = float(np.median(values))
    if len(values) == 1:
        return median, median, median
    options = {"method": "percentile", "random_state": np.random.default_rng(0)}
    low, high = bootstrap((values,), np.median, n_resamples=10_000, **options).confidence_interval
    return median, float(low), float(high)


def ratio_interval(one: Array, other: Array) -> Interval:
    """Return the median of one / other (n,), paired by seed, and its bootstrap interval.

    Costs span orders of magnitude, so logarithms are drawn.
    """
    median, low, high = np.exp(median_interval(np.log(one / other)))
    return float(median), float(low), float(high)


def fraction_interval(count: int, n: int) -> Interval:
    """Return count / n and its exact interval (Clopper and Pearson, 1934).

    None of ten does not mean never:

    >>> [round(x, 3) for x in fraction_interval(0, 10)]
    [0.0, 0.0, 0.308]
    """
    from scipy.stats import binomtest

    low, high = binomtest(count, n).proportion_ci()
    return count / n, float(low), float(high)
