"""Edge, outlier and transition of one curve: which of its roots answers, and of what kind it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from bbpsym.errors import ConvergenceError, DomainError, NoOutlierError, UndecidedError
from bbpsym.numerics.absence import Rates, is_proved
from bbpsym.numerics.curve import Condition, Curve, End, Level
from bbpsym.numerics.measures import Accuracy
from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.roots import Root, end_of_domain, solve
from bbpsym.reading.arguments import DECADES_OF_ALPHA

#: Errors within which double precision does not decide a sign, beside a relative rounding error.
OPEN, ROUNDED = 4, 1e-15

#: Digits that a difference may lose before it counts as a tie.
LOST_DIGITS = 15

#: How often a smaller t is tried for an alpha beyond all that are taken.
STEPS_OUT = 5

#: Working digits at which a gap is followed to a tie at the end of the domain; by how much its
#: power of the distance may rise from one decade to the next, which is less than by any double
#: root between (0.14), and how many decades show a power.
APPROACH_DIGITS, RISE, DECADES = 60, 0.1, 3


class Kind(StrEnum):
    """Type of an edge, (15) and (16), and of a transition."""

    SHARP = "sharp"
    SMOOTH = "smooth"
    CONTINUOUS = "continuous"
    DISCONTINUOUS = "discontinuous"

    def __repr__(self) -> str:
        return repr(self.value)


class FoundRoot(NamedTuple):
    """The root that answers, and its kind."""

    root: Root
    kind: Kind


class Beyond(NamedTuple):
    """What lies beyond an edge."""

    #: The outlier's.
    level: Level
    #: The edge; None where only zeros are at this end.
    edge: Root | None
    #: The outlier; None if there is none.
    root: Root | None


def transition(curve: Curve) -> FoundRoot:
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
        check_threshold(curve)
        sign = 0 if curve.is_optimal else gap_sign(curve)
        if sign > 0:
            return FoundRoot(end_of_domain(curve), Kind.DISCONTINUOUS)
        if sign == 0:
            grid = None if curve.crosses_once or curve.is_optimal else _before_tie(curve)
            if grid is None:
                return FoundRoot(end_of_domain(curve), Kind.CONTINUOUS)
            curve = replace(curve, grid=grid)
    if not curve.crosses_once:
        _last_crossing_is_seen(curve)
    level = Level(curve, Condition.THRESHOLD)
    return FoundRoot(Root(level, solve(level)), Kind.CONTINUOUS)


def check_threshold(curve: Curve, name: str = "alpha") -> None:
    """Refuse a curve whose outlier lies beyond the edge however small alpha, or a spike, is.

    Raises
    ------
    DomainError
        If it does.
    """
    if curve.is_always_beyond:
        raise DomainError(
            f"the outlier of {curve.name} has left the bulk at every {name}, however small, since "
            "E[u^2 h] diverges at t = 1: there is no threshold"
        )


def _before_tie(curve: Curve) -> np.ndarray | None:
    """The grid up to where the gap is seen to stay negative until t = 1, where it is zero.

    None if it is positive next to t = 1.
    """
    gaps, is_exact = _approach(curve), curve.measure.is_exact
    # Of a law in double precision a gap below its error is zero.
    if gaps and gaps[-1] > 0 and (not is_exact or _is_steady(gaps[-DECADES - 1 :])):
        return None
    start = next((k for k in range(len(gaps)) if _is_steady(gaps[k:])), None)
    # Within its error such a law may as well have an outlier at t = 1.
    if start is not None and gaps[-1] < 0 and is_exact:
        last = int(np.searchsorted(curve.grid, 1 - 10.0 ** -(start + 1)))
        gap, error = curve.values(curve.grid[last:], "gap", accuracy=Accuracy.FULL)["gap"]
        if not np.any(gap > OPEN * error):
            return curve.grid[: last + 1]
    raise UndecidedError(
        f"whether {curve.name} has outliers next to t = 1, where both curves meet, is not decided"
    )


def _approach(curve: Curve) -> list[Any]:
    """The gap at distances 0.1, 0.01 and so on from t = 1, up to where it is lost in rounding."""
    ctx = context(APPROACH_DIGITS)
    gaps: list[Any] = []
    while True:
        at = 1 - ctx.mpf(10) ** -(len(gaps) + 1)
        if curve.measure.is_exact:
            gap = curve.precise(at, ctx, "gap")["gap"]
            margin = ctx.mpf(10) ** (LOST_DIGITS - APPROACH_DIGITS)
        else:
            gap, error = curve.values(float(at), "gap")["gap"]
            margin = OPEN * error
        if not abs(gap) > margin:
            return gaps
        gaps.append(gap)


def _is_steady(gaps: list[Any]) -> bool:
    """Whether gaps, from one decade to the next, have one sign and nothing of the other between.

    Next to a tie they are like a power of the distance. Of terms of one sign the lowest power comes
    to lead; a power that rises towards the tie shows that terms cancel.
    """
    if len(gaps) <= DECADES or not (min(gaps) > 0 or max(gaps) < 0):
        return False
    powers = [np.log10(float(far / near)) for far, near in pairwise(gaps)]
    return powers[-1] > 0 and all(near < far + RISE for far, near in pairwise(powers))


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
        if curve.is_optimal:  # its gap is positive by its formula
            raise DomainError(
                f"the outlier of {curve.name} has left the bulk at every alpha, however small: "
                "the mean square of the signal factor diverges, and there is no threshold"
            )
        rate = curve.values(curve.grid[last], Condition.OUTLIER)[Condition.OUTLIER].value
        raise ConvergenceError(
            f"the outlier of {curve.name} has left the bulk at every alpha that is seen, down to "
            f"{1 / rate:.3g}: its threshold, if there is one, lies beyond t = {curve.grid[-1]:.3g}"
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
    excess, lower = _excess(curve, t), t
    for _ in range(STEPS_OUT):
        if excess < 1:
            return lower == t or _is_beyond(curve, np.array([lower, t]))
        # `t^2 Q` falls like the square of t where `<f^2>` is finite, and more slowly elsewhere.
        lower /= 2 * (np.sqrt(excess) if lower == t else excess)
        excess = _excess(curve, lower)
    signal = curve.values(curve.grid, Condition.OUTLIER, accuracy=Accuracy.ROUGH)[Condition.OUTLIER]
    return not np.any(signal.value)  # exactly zero at every t: the signal factor is one


def _excess(curve: Curve, t: float) -> float:
    """Upper bound of `t^2 Q`, in units of the inverse of the largest alpha that is taken."""
    rate, error = curve.values(t, Condition.EDGE)[Condition.EDGE]
    return float(rate + error) * 10.0**DECADES_OF_ALPHA


def _is_beyond(curve: Curve, at: np.ndarray) -> bool:
    """Whether the outlier curve is proved to stay beyond the edge, with finer rules if need be."""
    return any(
        is_proved(partial(_rates, curve, accuracy), at)
        for accuracy in (Accuracy.ROUGH, Accuracy.FULL)
    )


def _rates(curve: Curve, accuracy: Accuracy, at: np.ndarray) -> Rates:
    """What a proof of absence needs of a curve."""
    names = (Condition.OUTLIER, Condition.EDGE, "signal_rate")
    found = curve.values(at, *names, accuracy=accuracy)
    outlier, edge, signal = (found[name] for name in names)
    return Rates(
        outlier.value + OPEN * outlier.error,
        edge.value - OPEN * edge.error,
        signal.value + OPEN * signal.error,
    )


def edge(curve: Curve, alpha: Fraction) -> FoundRoot:
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
    level = Level(curve, Condition.EDGE, alpha)
    if _side_of_critical(level) > 0:
        return FoundRoot(Root(level, solve(level)), Kind.SHARP)
    if curve.end is End.OPEN:
        raise DomainError(
            f"alpha must be above {curve.critical_alpha.value:.6g}, one over the share of weights "
            "that are not zero: up to there the matrix has zero eigenvalues at this end"
        )
    return FoundRoot(end_of_domain(curve, alpha), Kind.SMOOTH)


def outlier(curve: Curve, alpha: Fraction) -> Beyond:
    """Find the outlier's t below that of the edge, if there is one.

    `z - S(g(z))` of (38) rises with z, so there is one exactly if it is positive at the edge; at
    a threshold itself, exactly if the transition is discontinuous.

    Raises
    ------
    UndecidedError
        If alpha is so close to a threshold that its side is not seen.
    """
    level = Level(curve, Condition.OUTLIER, alpha)
    if curve.end is End.OPEN and _side_of_critical(level) <= 0:
        return Beyond(level, None, None)
    return beyond(level, edge(curve, alpha))


def beyond(level: Level, found: FoundRoot, name: str = "alpha") -> Beyond:
    """Find the outlier of a level (alpha, or the strength of a spike) beyond a known edge.

    Raises
    ------
    UndecidedError
        If the level is so close to a threshold that its side is not seen.
    """
    end, kind = found
    always = kind is Kind.SMOOTH and level.curve.is_always_beyond
    sign = 1 if always else _side_of_threshold(level, end)
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
