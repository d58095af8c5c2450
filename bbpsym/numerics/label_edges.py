"""Where the curves of an ensemble end, cross and turn: its edge, its outlier, its transition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.ends import End, end_of
from bbpsym.numerics.label_curves import COARSEST, GRID, HIGHEST, LOWEST, Curves, root
from bbpsym.numerics.multiprecision import context

#: Least share of weights that are not zero.
SMALLEST_SHARE = 1e-100

#: Working digits at which a difference that stays open is called a tie.
TIE_DIGITS = (30, 60)


class Transition(NamedTuple):
    """The last crossing of the two curves: t in double precision, and whether at the end."""

    t: Estimate
    at_end: bool
    jumps: bool


def exact(value: int) -> Estimate:
    """Return a number without an error."""
    return Estimate(np.array(float(value)), np.array(0.0))


def critical_alpha(curves: Curves) -> Estimate:
    """Where the edge turns sharp, eq. (49): zero if it always is.

    With weights of one sign it is where the atom at zero goes: `alpha` is one over their share.
    """
    end = end_of(curves.frame)
    if end is End.ALWAYS_SHARP:
        return exact(0)
    if end is End.SMOOTH:
        return curves.values(1.0, "edge_alpha")["edge_alpha"]
    share, error = curves.values(1.0, "share")["share"]
    if not share > SMALLEST_SHARE:
        raise DomainError(f"weight must not be zero for all labels, as {curves.frame.weight} is")
    return Estimate(1 / share, error / share**2)


def edge_root(curves: Curves, alpha: float) -> Estimate:
    """The t of a sharp edge: `t^2 <h^2> = 1/alpha` has one root, as its left side grows."""
    return root(curves, "edge_rate", 1 / alpha, LOWEST, HIGHEST)


def outlier_root(curves: Curves, alpha: float, edge: float) -> Estimate | None:
    """The t of the outlier below that of the edge, or None if there is none.

    `z - S(g(z))` of (38) rises with z, so there is one exactly if it is positive at the edge.

    Raises
    ------
    PrecisionError
        If alpha is so close to a threshold that its side is not seen.
    """
    rate, error = curves.values(edge, "outlier_rate")["outlier_rate"]
    distance = alpha * rate - 1
    if abs(distance) <= 4 * alpha * error:
        raise PrecisionError(f"alpha is a threshold to the accuracy reached, {error / rate:.1g}")
    if distance < 0:
        return None
    return root(curves, "outlier_rate", 1 / alpha, LOWEST, curves.x(edge))


def transition(curves: Curves) -> Transition:
    """Find the lowest alpha at which an outlier has left the bulk.

    Between two crossings of the curves at most one outlier exists for any alpha, and the ranges of
    alpha do not overlap: both follow from the growth of `t R` where the gap is positive and of
    `t^2 Q` everywhere. The threshold belongs to the crossing of largest t, looked for on a grid.

    Raises
    ------
    DomainError
        If the outlier curve lies nowhere left of the edge.
    """
    at = curves.t(GRID)
    gap = curves.values(at, "gap", finest=COARSEST)["gap"]
    known = np.abs(gap.value) > 4 * gap.error
    inside, outside = known & (gap.value > 0), known & (gap.value < 0)
    if end_of(curves.frame) is End.SMOOTH:
        sign = sign_at_end(curves)
        if sign >= 0:
            return Transition(exact(1), True, sign > 0)
    if not np.any(inside):
        raise DomainError(
            f"weight {curves.frame.weight} has no outlier on this side of its bulk at any alpha"
        )
    last = int(np.flatnonzero(inside)[-1])
    beyond = np.flatnonzero(outside[last:])
    if not beyond.size:
        raise ConvergenceError(
            f"the transition of weight {curves.frame.weight} lies beyond t = {at[-1]:.3g}"
        )
    found = root(curves, "gap", 0.0, GRID[last], GRID[last + int(beyond[0])])
    return Transition(found, False, False)


def sign_at_end(curves: Curves) -> int:
    """Sign of the gap at t = 1; zero if it vanishes to sixty digits."""
    value, error = curves.values(1.0, "gap")["gap"]
    if abs(value) > 4 * error:
        return int(np.sign(value))
    if not curves.measure.is_exact:
        return 0
    return decided(lambda working: curves.precise(1, context(working), "gap")["gap"])


def decided(difference: Callable[[int], Any]) -> int:
    """Sign of a difference of order one, given its value to a number of working digits.

    Zero at a tie to sixty digits.
    """
    for working in TIE_DIGITS:
        value = difference(working)
        if abs(value) > context(working).mpf(10) ** (10 - working):
            return 1 if value > 0 else -1
    return 0
