"""Edge, outlier and transition of one curve: which of its roots answers, and of what kind it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from bbpsym.errors import (
    ConvergenceError,
    DomainError,
    NoOutlierError,
    UndecidedError,
)
from bbpsym.numerics.absence import Rates, is_proved
from bbpsym.numerics.curve import Crossing, Curve, End, Level
from bbpsym.numerics.measures import Accuracy
from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.roots import Root, end_of_domain, solve
from bbpsym.reading.arguments import DECADES_OF_ALPHA

#: Errors within which double precision does not decide a sign, beside a relative rounding error.
OPEN, ROUNDED = 4, 1e-15

#: Share of its largest value below which a gap that ends in a tie is not looked at.
TIED = 1e-8

#: Digits that a difference may lose before it counts as a tie.
LOST_DIGITS = 15


class Kind(StrEnum):
    """Type of an edge, (15) and (16), and of a transition."""

    SHARP = "sharp"
    SMOOTH = "smooth"
    CONTINUOUS = "continuous"
    DISCONTINUOUS = "discontinuous"

    def __repr__(self) -> str:
        return repr(self.value)


class Found(NamedTuple):
    """The root that answers, and its kind."""

    root: Root
    kind: Kind


class Beyond(NamedTuple):
    """What lies beyond an edge.

    Attributes
    ----------
    level : Level
        The outlier's.
    edge : Root or None
        The edge; None where only zeros are at this end.
    root : Root or None
        The outlier; None if there is none.
    """

    level: Level
    edge: Root | None
    root: Root | None


def transition(curve: Curve) -> Found:
    """Find the lowest alpha at which an outlier has left the bulk, eqs. (14), (40), (44).

    Between two crossings of the curves at most one outlier exists for any alpha, and the ranges of
    alpha do not overlap: both follow from the growth of `t R` where the gap is positive and of
    `t^2 Q` everywhere. The threshold belongs to the crossing of largest t, or to the end of the
    domain if the gap is positive there.

    Raises
    ------
    DomainError
        If the outlier curve lies nowhere left of the edge.
    """
    if curve.end is End.SMOOTH:
        sign = gap_sign(curve)
        if sign > 0:
            return Found(end_of_domain(curve), Kind.DISCONTINUOUS)
        if sign == 0:
            last, gap = _last_seen(curve)
            if gap >= 0:
                return Found(end_of_domain(curve), Kind.CONTINUOUS)
            curve = replace(curve, grid=curve.grid[: last + 1])
    if not curve.crosses_once:
        _last_crossing_is_seen(curve)
    level = Level(curve, Crossing.THRESHOLD)
    return Found(Root(level, solve(level)), Kind.CONTINUOUS)


def _last_seen(curve: Curve) -> tuple[int, float]:
    """The last point before the end of the domain at which the gap has a sign, and the gap there.

    Where both curves meet at the end an outlier may be beyond the edge next to it, or not.
    """
    if curve.crosses_once:
        return len(curve.grid), 0.0
    gap, error = curve.values(curve.grid, "gap", accuracy=Accuracy.FULL)["gap"]
    seen = np.flatnonzero(np.abs(gap) > np.maximum(OPEN * error, TIED * np.abs(gap).max()))
    return (int(seen[-1]), float(gap[seen[-1]])) if seen.size else (len(curve.grid), 0.0)


def _last_crossing_is_seen(curve: Curve) -> None:
    """Refuse a curve that has no outlier, or of which the last crossing is not proved to be seen.

    Raises
    ------
    NoOutlierError
        If there is no outlier.
    ConvergenceError
        If an outlier of larger t than those seen is not excluded.
    """
    gap, error = curve.values(curve.grid, "gap", accuracy=Accuracy.ROUGH)["gap"]
    inside, outside = gap > OPEN * error, gap < -OPEN * error
    none = NoOutlierError(
        f"{curve.name} has no outlier on this side of its bulk at any alpha up to "
        f"1e{DECADES_OF_ALPHA}"
    )
    if not np.any(gap):  # all weights are zero
        raise none
    last = int(np.flatnonzero(inside)[-1]) if np.any(inside) else -1
    beyond = last + 1 + np.flatnonzero(outside[last + 1 :])
    if last >= 0 and not beyond.size:
        raise ConvergenceError(
            f"the transition of {curve.name} lies beyond t = {curve.grid[-1]:.3g}"
        )
    if not curve.measure.shows_all:
        if last < 0:
            raise NoOutlierError(
                f"{curve.name} has no outlier on this side of its bulk as far as its nodes show"
            )
        return
    if not (beyond.size and _is_beyond(curve, curve.grid[beyond[0] :])):
        raise ConvergenceError(f"whether {curve.name} has an outlier of larger t is not decided")
    if last < 0:
        if not _is_out_of_reach(curve, curve.grid[beyond[0]]):
            raise ConvergenceError(f"whether {curve.name} has an outlier of small t is not decided")
        raise none


def _is_out_of_reach(curve: Curve, t: float) -> bool:
    """Whether an outlier below t, which is beyond the edge, needs a larger alpha than is taken.

    Where the gap is positive `t R` grows; it would be below `t^2 Q` at t, which is the inverse of
    the edge's alpha.
    """
    excess = _excess(curve, t)
    if excess < 1:
        return True
    lower = t / (2 * np.sqrt(excess))  # `t^2 Q` falls like the square of t at least
    if (
        np.isfinite(excess)
        and _excess(curve, lower) < 1
        and _is_beyond(curve, np.array([lower, t]))
    ):
        return True
    signal = curve.values(curve.grid, Crossing.OUTLIER, accuracy=Accuracy.ROUGH)[Crossing.OUTLIER]
    return not np.any(signal.value)  # exactly zero at every t: the signal factor is one


def _excess(curve: Curve, t: float) -> float:
    """Upper bound of `t^2 Q`, in units of the inverse of the largest alpha that is taken."""
    rate, error = curve.values(t, Crossing.EDGE)[Crossing.EDGE]
    return float(rate + error) * 10.0**DECADES_OF_ALPHA


def _is_beyond(curve: Curve, at: np.ndarray) -> bool:
    """Whether the outlier curve is proved to stay beyond the edge, with finer rules if need be."""
    return any(
        is_proved(partial(_rates, curve, accuracy), at)
        for accuracy in (Accuracy.ROUGH, Accuracy.FULL)
    )


def _rates(curve: Curve, accuracy: Accuracy, at: np.ndarray) -> Rates:
    """What a proof of absence needs of a curve."""
    names = (Crossing.OUTLIER, Crossing.EDGE, "signal_rate")
    found = curve.values(at, *names, accuracy=accuracy)
    outlier, edge, signal = (found[name] for name in names)
    return Rates(
        outlier.value + OPEN * outlier.error,
        edge.value - OPEN * edge.error,
        signal.value + OPEN * signal.error,
    )


def edge(curve: Curve, alpha: Fraction) -> Found:
    """Find the edge: smooth up to alpha_c, and beyond at the one root of (44).

    Raises
    ------
    DomainError
        If all weights have one sign and alpha is too small for anything but zeros at the edge, or
        there is no bulk at such an alpha.
    """
    if not alpha < curve.without_bulk:
        raise DomainError(
            f"alpha must be below {curve.without_bulk:.6g} for {curve.name}: there labels of "
            "infinite weight are as many as dimensions, and there is no bulk"
        )
    level = Level(curve, Crossing.EDGE, alpha)
    if _side_of_critical(level) > 0:
        return Found(Root(level, solve(level)), Kind.SHARP)
    if curve.end is End.OPEN:
        raise DomainError(
            f"alpha must be above {curve.critical_alpha.value:.6g}, one over the share of weights "
            "that are not zero: up to there the matrix has zero eigenvalues at this end"
        )
    return Found(end_of_domain(curve, alpha), Kind.SMOOTH)


def outlier(curve: Curve, alpha: Fraction) -> Beyond:
    """Find the outlier's t below that of the edge, if there is one.

    `z - S(g(z))` of (38) rises with z, so there is one exactly if it is positive at the edge; at
    a threshold itself, exactly if the transition is discontinuous.

    Raises
    ------
    UndecidedError
        If alpha is so close to a threshold that its side is not seen.
    """
    level = Level(curve, Crossing.OUTLIER, alpha)
    if curve.end is End.OPEN and _side_of_critical(level) <= 0:
        return Beyond(level, None, None)
    return beyond(level, edge(curve, alpha))


def beyond(level: Level, found: Found, name: str = "alpha") -> Beyond:
    """Find the outlier of a level (alpha, or the strength of a spike) beyond a known edge.

    Raises
    ------
    UndecidedError
        If the level is so close to a threshold that its side is not seen.
    """
    end, kind = found
    sign = _side_of_threshold(level, end)
    if sign == 0 and not level.curve.measure.is_exact:
        raise UndecidedError(f"{name} is too close to a threshold for the accuracy reached")
    if sign == 0 and kind is Kind.SMOOTH and gap_sign(level.curve) > 0:
        return Beyond(level, end, end)
    if sign <= 0:
        return Beyond(level, end, None)
    return Beyond(level, end, Root(level, solve(level, end.double.value), end))


def has_atom(curve: Curve, alpha: Fraction) -> bool:
    """Whether zero is an eigenvalue with a weight, or the density diverges there."""
    if curve.measure.is_continuous or curve.law.laws:
        return alpha <= 1
    return _side_of_critical(Level(curve, None, alpha)) <= 0


def gap_sign(curve: Curve) -> int:
    """Sign of the gap at t = 1: 1 if an outlier exists beyond the smooth edge, 0 at a tie."""
    value, error = curve.values(1.0, "gap")["gap"]
    return _sign(curve, value, OPEN * error, lambda ctx: curve.precise(1, ctx, "gap")["gap"])


def _side_of_critical(level: Level) -> int:
    """Sign of alpha minus alpha_c, eq. (49); an edge that is always sharp leaves nothing open."""
    value, error = level.curve.critical_alpha
    margin = OPEN * error + ROUNDED * level.factor
    return _sign(level.curve, level.factor - value, margin, level.over_critical, level.factor)


def _side_of_threshold(level: Level, end: Root) -> int:
    """Sign of alpha minus the outlier curve at the edge."""
    value, error = level.excess(end.double)

    def excess(ctx: Any) -> Any:
        return level.precise(end.precise(ctx.dps), ctx, slope=False)[0] - 1

    return _sign(level.curve, value, OPEN * error + ROUNDED, excess)


def _sign(
    curve: Curve, value: float, margin: float, precise: Callable[[Any], Any], size: float = 1.0
) -> int:
    """Sign of a difference, by raising the precision until it is known; zero at a tie.

    For a law in double precision a difference below its error is a tie.

    Parameters
    ----------
    value, margin : float
        The difference in double precision, and what it has to exceed.
    precise : callable
        Maps an mpmath context to the difference in its arithmetic.
    size : float
        Of what is subtracted.
    """
    if abs(value) > margin:
        return int(np.sign(value))
    if not (curve.measure.is_exact or np.isfinite(margin)):
        raise ConvergenceError(f"what {curve.name} is asked for is not a number")
    for working in curve.measure.tie_digits if curve.measure.is_exact else ():
        ctx = context(working)
        difference = precise(ctx)
        if not ctx.isfinite(difference):
            raise ConvergenceError(f"what {curve.name} is asked for is not a number")
        if abs(difference) > size * ctx.mpf(10) ** (LOST_DIGITS - working):
            return 1 if difference > 0 else -1
    return 0
