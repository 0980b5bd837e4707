"""What some random seeds let one say: medians, their exact intervals and tests, by SciPy."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..._util.typing import Array

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


def paired(one: Array, other: Array) -> Pairs:
    """Compare costs (n,) of the same seeds; the interval, 95 %, is exact (order statistics)."""
    from scipy.stats import quantile_test, wilcoxon  # here, so that importing minifnn stays quick

    logs = np.log(one / other)
    low, high = quantile_test(logs, p=0.5).confidence_interval(0.95)
    low, high = (-np.inf if np.isnan(low) else low), (np.inf if np.isnan(high) else high)
    ratio, low, high = map(float, np.exp([np.median(logs), low, high]))
    p = wilcoxon(logs).pvalue if logs.any() else 1.0
    return Pairs(ratio, low, high, int((one < other).sum()), len(logs), float(p))


def holm(p: Sequence[float]) -> Array:
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
    from scipy.stats import binomtest

    low, high = binomtest(count, n).proportion_ci()
    return count / n, float(low), float(high)
