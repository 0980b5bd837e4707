"""Errors in ulp: results in floats against numbers of many digits.

An ulp is the distance from one float to the next: 2^-52 of the power of two at
or below the number, and 2^-1074, one subnormal step, for all that is smaller
than 2^-1022.
"""

from dataclasses import dataclass

import mpmath as mp
import numpy as np

DIGITS = 60
NORMAL, STEP = -1021, -1074  # 2^(e-1) <= x < 2^e is normal from e = -1021 on; the last bit of all
MOST = 10**6  # exponents beyond are all the same to a float


@dataclass(frozen=True)
class Truth:
    """Numbers of many digits, as floats see them: arrays of one shape.

    Each number is (high + low) ulp, with an ulp of 2^unit.

    Attributes
    ----------
    high, low : two floats, together more than thirty digits
    unit : exponents
    normal : is it of the size of a normal number?
    overflows : does it round to an infinite float?
    """

    high: np.ndarray
    low: np.ndarray
    unit: np.ndarray
    normal: np.ndarray
    overflows: np.ndarray

    def ulps(self, got):
        """How many ulp floats are off; nothing is said where the truth overflows."""
        mantissa, exponent = np.frexp(got)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return np.abs((np.ldexp(mantissa, exponent - self.unit) - self.high) - self.low)

    def share(self, got, allowed):
        """The error over the one that is allowed, where `allowed` ulp are.

        Results below the normal numbers may be off by as large a part of
        themselves, and two steps more; what overflows has to be infinite, of
        the right sign.
        """
        relative = allowed * np.abs(self.high) * 2.0**-52
        share = self.ulps(got) / np.where(self.normal, allowed, relative + 2.0)
        share = np.where(np.isfinite(got), share, np.inf)
        right = got == np.copysign(np.inf, self.high)
        return np.where(self.overflows, np.where(right, 0.0, np.inf), share)


def truth(numbers):
    """The Truth of an array (or nested lists) of mpf."""
    numbers = np.array(numbers, dtype=object)
    with mp.workdps(DIGITS):
        parts = [_split(number) for number in numbers.ravel()]
    high, low, exponent = (np.array(part).reshape(numbers.shape) for part in zip(*parts))
    unit = np.maximum(exponent - 53, STEP)
    scale = exponent - unit
    return Truth(
        np.ldexp(high, scale),
        np.ldexp(low, scale),
        unit,
        exponent >= NORMAL,
        (exponent > 1024) | ((exponent == 1024) & (np.abs(high) == 1.0)),
    )


def _split(number):
    """(high, low, exponent): number = (high + low) 2^exponent, 1/2 <= |high + low| < 1."""
    if number == 0:
        return 0.0, 0.0, -MOST
    mantissa, exponent = mp.frexp(number)
    high = float(mantissa)
    return high, float(mantissa - high), int(np.clip(exponent, -MOST, MOST))
