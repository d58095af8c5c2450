"""A measured number and its standard error."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.special import betaincinv

from bbpsym.reading import floats

#: Two-sided tail probability of one standard deviation.
_TAIL = math.erfc(math.sqrt(0.5))


@dataclass(frozen=True, eq=False)
class Measured(floats.Arrays):
    """A measured value with its standard error.

    Attributes
    ----------
    value, error : float
        The error is one standard deviation; NaN where a single sample gives none.

    Examples
    --------
    >>> Measured(1.5, 0.1).error
    0.1
    """

    value: float
    error: float

    def __str__(self) -> str:
        """Write the value to the digits that its error allows, `0.447(12)`."""
        if not (math.isfinite(self.error) and self.error > 0):
            return f"{self.value:.4g}"
        # Through the rounded error, so that 0.0996 counts as 0.10.
        digits = max(0, 1 - math.floor(math.log10(float(f"{self.error:.1e}"))))
        return f"{self.value:.{digits}f}({round(self.error * 10**digits)})"

    def __format__(self, spec: str) -> str:
        """Format as `str` does, padded as `spec` says."""
        return format(str(self), spec)


def bounded_error(samples: int) -> float:
    """Return the error of a fraction of so many samples that came out as exactly zero or one.

    It is the one-sided Clopper-Pearson bound at the level of one standard deviation, 68%: the
    spread of the samples, which is zero, says nothing.
    """
    return float(betaincinv(1, samples, 1 - _TAIL))


def bounded(
    estimates: Mapping[str, Measured], fractions: Iterable[str], samples: int
) -> dict[str, Measured]:
    """Give fractions of exactly zero or one the error that their spread does not show."""
    sure = {name for name in fractions if estimates[name].value in (0, 1)}
    error = bounded_error(samples) if sure else 0.0
    return {
        name: Measured(found.value, error) if name in sure else found
        for name, found in estimates.items()
    }
