"""Edge, outlier and transition of one curve: which of its roots answers, and of what kind it is."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from bbpsym.arguments import DECADES_OF_ALPHA
from bbpsym.errors import (
    ConvergenceError,
    DomainError,
    NoOutlierError,
    UndecidedError,
)
from bbpsym.numerics.absence import Rates, is_proved
from bbpsym.numerics.curve import Crossing, Curve, End
from bbpsym.numerics.double import Estimate, exact
from bbpsym.numerics.measures import Accuracy
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.numerics.roots import Root, end_of_domain, solve

#: Errors within which double precision does not decide a sign, beside a relative rounding error.
OPEN, ROUNDED = 4, 1e-15

#: Least share of weights that are not zero.
SMALLEST_SHARE = 1e-100

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
        if sign >= 0:
            kind = Kind.DISCONTINUOUS if sign > 0 else Kind.CONTINUOUS
            return Found(end_of_domain(curve), kind)
    if not curve.crosses_once:
        _last_crossing_is_seen(curve)
    found = Root(curve, Crossing.THRESHOLD, solve(curve, Crossing.THRESHOLD))
    return Found(found, Kind.CONTINUOUS)


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
    if _side_of_critical(curve, alpha) > 0:
        found = solve(curve, Crossing.EDGE, float(alpha))
        return Found(Root(curve, Crossing.EDGE, found, alpha), Kind.SHARP)
    if curve.end is End.OPEN:
        raise DomainError(
            f"alpha must be above {critical_alpha(curve).value:.6g}, one over the share of weights "
            "that are not zero: up to there the matrix has zero eigenvalues at this end"
        )
    return Found(end_of_domain(curve), Kind.SMOOTH)


def outlier(curve: Curve, alpha: Fraction) -> Root | None:
    """Find the outlier's t below that of the edge, or None if there is none.

    `z - S(g(z))` of (38) rises with z, so there is one exactly if it is positive at the edge; at
    a threshold itself, exactly if the transition is discontinuous.

    Raises
    ------
    PrecisionError
        If alpha is so close to a threshold that its side is not seen.
    """
    if curve.end is End.OPEN and _side_of_critical(curve, alpha) <= 0:
        return None
    return beyond(curve, alpha, edge(curve, alpha))


def beyond(curve: Curve, level: Fraction, found: Found, name: str = "alpha") -> Root | None:
    """Find the outlier of a level (alpha, or the strength of a spike) beyond a known edge.

    Raises
    ------
    UndecidedError
        If the level is so close to a threshold that its side is not seen.
    """
    end, kind = found
    sign = _side_of_threshold(curve, level, end)
    if sign == 0 and not curve.measure.is_exact:
        raise UndecidedError(f"{name} is too close to a threshold for the accuracy reached")
    if sign == 0 and kind is Kind.SMOOTH and gap_sign(curve) > 0:
        return end
    if sign <= 0:
        return None
    root = solve(curve, Crossing.OUTLIER, float(level), end.double.value)
    return Root(curve, Crossing.OUTLIER, root, level, end)


def critical_alpha(curve: Curve) -> Estimate:
    """Where the edge turns sharp, eq. (49): zero if it always is.

    With weights of one sign it is where the atom at zero goes: `alpha` is one over their share.
    """
    name = curve.critical_equation
    if name is None:
        return exact(0)
    found = curve.values(1.0, name)[name]
    if curve.end is End.OPEN and not found.value < 1 / SMALLEST_SHARE:
        raise DomainError(f"{curve.name} must not be zero for all labels")
    return found


def has_atom(curve: Curve, alpha: Fraction) -> bool:
    """Whether zero is an eigenvalue with a weight, or the density diverges there."""
    if curve.measure.is_continuous or curve.law.laws:
        return alpha <= 1
    return _side_of_critical(curve, alpha) <= 0


def gap_sign(curve: Curve) -> int:
    """Sign of the gap at t = 1: 1 if an outlier exists beyond the smooth edge, 0 at a tie."""
    value, error = curve.values(1.0, "gap")["gap"]
    return _sign(curve, value, OPEN * error, lambda ctx: curve.precise(1, ctx, "gap")["gap"])


def _side_of_critical(curve: Curve, alpha: Fraction) -> int:
    """Sign of alpha minus alpha_c, eq. (49)."""
    value, error = critical_alpha(curve)

    def excess(ctx: Any) -> Any:
        name = str(curve.critical_equation)  # an edge that is always sharp leaves nothing open
        return convert(alpha, ctx) - curve.precise(1, ctx, name)[name]

    margin = OPEN * error + ROUNDED * float(alpha)
    return _sign(curve, float(alpha) - value, margin, excess, float(alpha))


def _side_of_threshold(curve: Curve, alpha: Fraction, end: Root) -> int:
    """Sign of alpha minus the outlier curve at the edge."""
    name = Crossing.OUTLIER
    value, error = curve.along(end.double, name)[name]

    def excess(ctx: Any) -> Any:
        at = end.precise(ctx.dps)
        return convert(alpha, ctx) * curve.precise(at, ctx, name)[name] - 1

    margin = OPEN * float(alpha) * error + ROUNDED
    return _sign(curve, float(alpha) * value - 1, margin, excess)


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
