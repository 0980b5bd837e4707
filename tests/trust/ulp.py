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
BOUND = "4 + \\|u\\| ulp"
USUAL = 10  # |u| up to which errors are shown in ulp
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
        """How many ulp floats are off."""
        mantissa, exponent = np.frexp(got)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return np.abs((np.ldexp(mantissa, exponent - self.unit) - self.high) - self.low)

    def errors(self, got, u, times=1):
        """The Errors of floats of which times (4 + u) ulp may be off."""
        allowed = times * (4 + u)
        off = np.where(np.isfinite(got), self.ulps(got), np.inf)
        ulps = np.where(self.normal, off, 0.0)
        beyond = np.maximum(off - allowed * np.abs(self.high) * 2.0**-52, 0.0)
        wrong = got != np.copysign(np.inf, self.high)
        return Errors(
            share=np.where(self.overflows, np.where(wrong, np.inf, 0.0), ulps / allowed),
            ulps=np.where(self.overflows | (u > USUAL), 0.0, ulps),
            steps=np.where(self.normal | self.overflows, 0.0, beyond),
            small=~self.normal & (self.high != 0),
            overflows=self.overflows,
            vanished=(got == 0) & (np.abs(self.high) >= 1),
            nan=np.isnan(got),
        )


@dataclass(frozen=True)
class Errors:
    """Errors of results, arrays of one shape.

    Attributes
    ----------
    share : the error over the one that is allowed, where the truth is a normal
        number; where it overflows, 0 for the right infinity and else inf
    ulps : the error where the truth is a normal number and |u| <= 10
    steps : where it is smaller, what exceeds the part of itself that is allowed,
        in subnormal steps; two are allowed
    small, overflows : is the truth, if it is not 0, too small for a normal
        number, or too large for any?
    vanished : is the result 0, and the truth not below the smallest number?
    nan : is the result NaN?
    """

    share: np.ndarray
    ulps: np.ndarray
    steps: np.ndarray
    small: np.ndarray
    overflows: np.ndarray
    vanished: np.ndarray
    nan: np.ndarray

    def flat(self):
        """The same, as arrays of one dimension."""
        return Errors(**{name: array.ravel() for name, array in vars(self).items()})


def joined(errors):
    """The Errors of several samples side by side."""
    errors = list(errors)
    names = vars(errors[0])
    return Errors(**{n: np.concatenate([getattr(e, n) for e in errors], axis=-1) for n in names})


def shown(found):
    """Of Errors by engine: the largest error in ulp at usual u, and the largest share."""
    return "; ".join(
        f"{engine} {e.ulps.max():.2f} ulp, {e.share.max():.2f}" for engine, e in found.items()
    )


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
