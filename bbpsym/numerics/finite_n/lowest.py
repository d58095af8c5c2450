"""Laws of the lowest eigenvalue at the two kinds of edges, as tables of their distribution."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.numerics.finite_n import tracy_widom
from bbpsym.numerics.finite_n.blur import GridDistribution
from bbpsym.numerics.finite_n.tail import Tail

#: Spacing of log(samples) where the table at a smooth edge is given, and where it is summed.
COARSE, FINE = 0.05, 0.005

#: Fewest samples that have to have an eigenvalue below the upper end of the table.
ENOUGH = 2.0

#: Relative error of a number of eigenvalues that is not used, the most samples that may lie below
#: what is used, and the fewest points it needs.
UNCERTAIN, MISSED, FEWEST = 1e-2, 1e-2, 10

#: Logarithms of the number of samples that matter most, below and above the median's.
REACH_DOWN, REACH_UP = 3.0, 2.0

#: Said where neighbouring eigenvalues differ by rounding alone.
TOO_CLOSE = "the lowest eigenvalues lie closer together than double precision can tell"

#: Standard deviations of the scatter that the table reaches below the last sample.
REACH = 8.0


class Lowest(NamedTuple):
    """The law of the lowest eigenvalue, in distances from the edge."""

    #: Its distribution function.
    table: GridDistribution
    #: Distance over which the number of eigenvalues grows e-fold, at the median.
    scale: float
    #: Where one eigenvalue is expected below.
    expected_one: float
    #: Absolute errors of a distance and of the scale.
    error: float
    scale_error: float


def at_sharp_edge(scale: float) -> GridDistribution:
    """The Tracy-Widom law of the given scale; the lowest of H is minus the largest of -H."""
    law = tracy_widom.law()
    return GridDistribution(-scale * law.s[::-1], 1 - law.distribution[::-1])


def at_smooth_edge(tail: Tail, left: float, N: int) -> Lowest:
    """The lowest of the eigenvalues that follow independent weights, each with its scatter.

    Parameters
    ----------
    tail : Tail
        Weights mapped to eigenvalues, in units of the ensemble.
    left : float
        The edge, in the same units.

    Raises
    ------
    DomainError
        If so few eigenvalues lie along `tail` that the lowest one is often none of them.
    ConvergenceError
        If rounding leaves too little of it.
    """
    if min(tail.samples[-1], tail.eigenvalues[-1]) < ENOUGH:
        raise DomainError(
            f"N must be larger at this alpha: for N={N} too few eigenvalues lie next to the edge"
        )
    tail = _certain(tail)
    x, level = tail.x - left, np.log(tail.samples)
    place, rough = (CubicSpline(level[::k], x[::k]) for k in (1, 2))
    scatter = np.maximum(CubicSpline(level, tail.scatter / N)(_levels(level, FINE)), 0.0)
    table = _scattered(place, _levels(level, COARSE), _levels(level, FINE), scatter)
    if not np.all(np.diff(table.x) > 0) or not np.all(np.diff(tail.eigenvalues) > 0):
        raise ConvergenceError(TOO_CLOSE)
    middle = np.log(np.log(2))  # where half of the samples have no eigenvalue below
    scale = float(place(middle, 1))
    relative = float(np.max(tail.error[level > middle - REACH_DOWN]))
    near = np.linspace(max(middle - REACH_DOWN, level[0]), min(middle + REACH_UP, level[::2][-1]))
    # A cubic spline on half the spacing is wrong by a sixteenth.
    interpolation = float(np.max(np.abs(place(near) - rough(near)))) / 8
    interpolation += float(tail.samples[0]) * scale  # what lies below the first x
    one = float(CubicSpline(np.log(tail.eigenvalues), x)(0.0))
    bend = abs(scale - float(rough(middle, 1))) + relative * scale
    return Lowest(table, scale, one, relative * scale + interpolation, bend)


def _certain(tail: Tail) -> Tail:
    """The part of the tail that rounding leaves: where x cannot be told from its neighbours.

    Far inside the bulk, where samples mean little, their number need not grow evenly either.
    """
    wrong = np.flatnonzero(tail.error > UNCERTAIN)
    first = 1 + wrong[-1] if len(wrong) else 0
    level = np.log(tail.samples[first:])
    rising = np.diff(np.maximum.accumulate(level), prepend=-np.inf) > FINE
    kept = Tail(*(values[first:][rising] for values in tail))
    if len(kept.x) < FEWEST or kept.samples[0] > MISSED:
        raise ConvergenceError(TOO_CLOSE)
    return kept


def _levels(level: np.ndarray, spacing: float) -> np.ndarray:
    return np.arange(level[0], level[-1], spacing)


def _scattered(
    place: CubicSpline, coarse: np.ndarray, fine: np.ndarray, scatter: np.ndarray
) -> GridDistribution:
    """Probability that none of the samples is below x, when each is moved by its own Gaussian.

    Where the scatter is too small for the sum over samples to be resolved, its first order is
    exact enough: `E exp(z/s) = exp(v/(2 s^2))` moves samples whose number grows like `exp(x/s)` by
    `v/(2 s)`.
    """
    growth = place(fine, 1)
    if np.all(np.sqrt(scatter) < FINE * growth):
        moved = CubicSpline(fine, place(fine) - scatter / (2 * growth))
        return GridDistribution(moved(coarse), -np.expm1(-np.exp(coarse)))
    deviation = np.maximum(np.sqrt(scatter), FINE * np.abs(growth) + np.finfo(float).tiny)
    lowest = np.min(place(fine) - REACH * deviation)
    below = np.linspace(lowest, place(coarse[0]), 60, endpoint=False)
    x = np.concatenate([below, place(coarse)])
    inside = ndtr((x[:, None] - place(fine)) / deviation) @ (np.exp(fine) * FINE)
    return GridDistribution(x, -np.expm1(-inside))
