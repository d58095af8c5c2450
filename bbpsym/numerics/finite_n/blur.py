"""The law of a sum: a tabulated distribution and an independent Gaussian."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.special import ndtr

#: Nodes of the Gaussian, in standard deviations, and how far they reach.
STEP, REACH = 0.05, 9.0

#: Where a Gaussian is wider than this many steps of the table, its own nodes are not needed.
RESOLVED = 3.0


class GridDistribution(NamedTuple):
    """A distribution function on a grid."""

    #: Increasing points, a smooth function of their index.
    x: np.ndarray
    #: Probability to lie below x; what is missing to one at the last x is put there.
    distribution: np.ndarray


def mean(table: GridDistribution) -> float:
    """Mean of the tabulated law, by parts: the Gaussian adds nothing."""
    return float(table.x[-1] - _integral(table.x, table.distribution))


def quantile(table: GridDistribution, deviation: float, level: float) -> float:
    """Solve `P(v + deviation Z < x) = level` for x, with v from the table and Z standard normal."""
    reach = REACH * deviation
    ends = table.x[0] - reach, table.x[-1] + reach
    curve = CubicSpline(*table)
    return float(brentq(lambda x: _below(table, curve, deviation, x) - level, *ends, xtol=1e-300))


def _below(table: GridDistribution, curve: CubicSpline, deviation: float, x: float) -> float:
    """Distribution function of the sum at x: the table's own, averaged over the Gaussian."""
    if deviation > RESOLVED * np.max(np.diff(table.x)):
        z = (x - table.x) / deviation
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) / deviation
        return _integral(table.x, density * table.distribution) + float(ndtr(z[-1]))
    z = np.arange(-REACH, REACH + STEP / 2, STEP)
    weight = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * STEP
    return float(weight @ _interpolated(table, curve, x - deviation * z))


def _integral(x: np.ndarray, y: np.ndarray) -> float:
    return float(CubicSpline(x, y).integrate(x[0], x[-1]))


def _interpolated(table: GridDistribution, curve: CubicSpline, x: np.ndarray) -> np.ndarray:
    inside = curve(np.clip(x, table.x[0], table.x[-1]))
    return np.where(x < table.x[0], 0.0, np.where(x > table.x[-1], 1.0, inside))
