"""Nodes and weights over the law of a label, by the double-exponential rules.

Every interval between two breaks has its own rule: `tanh-sinh` on a finite one, `exp-sinh` on a
half-line. Both converge double-exponentially whatever an analytic integrand does at the ends, so
that the singularities of a law and the places where the weight is extreme belong at breaks.

Integrands see of a label how far its weight is from the bound, as the pair of
`bbpsym.symbols.distance` and `scale`, and its signal factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from mpmath.libmp import NoConvergence
from sympy import Expr, Symbol

from bbpsym.errors import BBPError, DomainError, PrecisionError
from bbpsym.laws.frame import Frame
from bbpsym.laws.labels import Labels
from bbpsym.numerics.curve import End
from bbpsym.numerics.distances import SPARE, LabelPlace, curve_at, distance_at, number
from bbpsym.numerics.ends import end_of
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import distance, label, s, scale, signal_factor

#: Working digits of nodes that are rounded to double precision.
DIGITS = 22

#: Working digits at which nodes are made: the next multiple, so that a root's last steps share a
#: rule, and two precisions that are held against each other, which differ by more, do not.
RUNG = 12

#: Error at which the mass of a law in double precision is taken for one.
MASS = 1e-6

#: Signal beyond which its size is given to the share: both are doubles, as is their product.
LARGEST_SIGNAL = 1e150

#: Nodes in a unit of the variable that show whether what is averaged dies away.
FEWEST = 4

#: Nodes come e^FURTHER times closer to an end, in digits, than an inverse square root needs.
FURTHER = 6


class SlowEndError(PrecisionError):
    """What is averaged does not die away at an end of a law as fast as a rule needs."""


class Node(NamedTuple):
    """What integrands see of a label, its share, and whether the coarser rule has it."""

    values: dict[Symbol, Any]
    share: Any
    coarse: bool


class LabelRule(NamedTuple):
    """A rule in double precision; `coarse` holds the shares of the rule with twice the step."""

    values: dict[Symbol, np.ndarray]
    share: np.ndarray
    coarse: np.ndarray


@lru_cache(maxsize=64)
def double_rule(frame: Frame, per_unit: int) -> LabelRule:
    """Return the rule in double precision, with `per_unit` nodes in a unit of the variable.

    Raises
    ------
    DomainError
        If the law does not add up to one.
    """
    rows = _evaluated(frame, context(DIGITS), per_unit)
    names = rows[0].values
    columns = {name: np.array([float(row.values[name]) for row in rows]) for name in names}
    share = np.array([float(row.share) for row in rows])
    _share_size(rows, columns, share)
    atoms = len(frame.measure.atoms)
    double = np.where(np.arange(len(rows)) < atoms, 1.0, 2.0)
    coarse = share * double * np.array([row.coarse for row in rows])
    if frame.measure.is_probability:
        check_mass(frame.measure, share.sum(), coarse.sum(), np.finfo(float).precision - 2)
        if not frame.measure.is_exact:  # what its mass lacks is an error of every average
            coarse = coarse * (1 + abs(share.sum() - 1) + _lost(frame.measure, columns[label]))
        _check_signal(frame.measure, columns[signal_factor], share)
    return LabelRule(columns, share, coarse)


def _lost(law: Labels, labels: np.ndarray) -> Any:
    """Shares of labels that a density in double precision may lose."""
    density: Any = law.density
    return density.rounding + density.noise(labels) if hasattr(density, "noise") else 0.0


def check_mass(law: Labels, mass: Any, coarse: Any, digits: int) -> None:
    """Refuse what is no law, or is not resolved by the rule.

    The mass of an exact law is one to all digits, but for the error of the rule.
    """
    allowed = 10.0**-digits + abs(mass - coarse) if law.is_exact else MASS
    if not abs(mass - 1) < min(allowed, MASS):
        excess = float(mass - 1)
        shown = f"1 {excess:+.2g}" if abs(excess) < 1e-4 else f"{float(mass):.6g}"
        raise DomainError(
            f"density must add up to one over its support, and the {law.name} to {shown}: "
            "if it is right, name points about its bulk in the support"
        )


def _share_size(rows: Sequence[Node], columns: dict[Symbol, np.ndarray], share: Any) -> None:
    """Let shares have what of their signals doubles do not hold: their product is what counts."""
    if (signal := columns.get(signal_factor)) is None:
        return
    for k in np.flatnonzero(np.abs(signal) > LARGEST_SIGNAL).tolist():
        exact, most = rows[k].values[signal_factor], float(np.copysign(LARGEST_SIGNAL, signal[k]))
        signal[k], share[k] = most, float(rows[k].share * exact / most)


def _check_signal(law: Labels, signal: np.ndarray, share: np.ndarray) -> None:
    """Refuse what is no mean square."""
    slack = 1e-9 * np.max(np.abs(signal), initial=0.0)  # a polynomial through values is rounded
    if np.any(signal[share > np.finfo(float).eps] < -slack) or not np.isfinite(signal @ share):
        raise DomainError(f"signal must be a mean square, not negative, for the {law.name}")


def precise_rule(frame: Frame, digits: int) -> tuple[Node, ...]:
    """Return a rule for a number of working digits or somewhat more."""
    return _rung(frame, -(-digits // RUNG) * RUNG)


@lru_cache(maxsize=8)
def _rung(frame: Frame, digits: int) -> tuple[Node, ...]:
    """Return the rule for a number of working digits.

    Raises
    ------
    DomainError
        If the law does not add up to one.
    """
    rows = tuple(_evaluated(frame, context(digits), max(16, 2 * digits)))
    if frame.measure.is_probability:
        atoms = len(frame.measure.atoms)
        mass = sum(row.share for row in rows)
        coarse = sum(row.share for row in rows[:atoms])
        coarse += 2 * sum(row.share for row in rows[atoms:] if row.coarse)
        check_mass(frame.measure, mass, coarse, digits - SPARE)
    return rows


def _evaluated(frame: Frame, ctx: Any, per_unit: int) -> list[Node]:
    """All nodes, or a sentence about the special function that failed."""
    try:
        return list(nodes(frame, ctx, per_unit))
    except (ValueError, ArithmeticError, NoConvergence, TypeError) as error:
        if isinstance(error, BBPError):
            raise
        name = frame.measure.name
        raise PrecisionError(f"the law of the {name} cannot be computed everywhere") from error


def nodes(frame: Frame, ctx: Any, per_unit: int) -> Iterator[Node]:
    """Yield the nodes of a law, atoms first."""
    law = frame.measure
    if not law.is_probability:
        return walk(law, frame.breaks, ctx, per_unit, _over_laplace_variable(ctx), lambda _: 1)
    values = _remembered(frame) if ctx is context(DIGITS) else _over_labels(frame, ctx)
    importance = _importance_of(frame, signal_powers(frame))
    return walk(law, frame.breaks, ctx, per_unit, values, importance)


@lru_cache(maxsize=256)
def signal_powers(frame: Frame) -> int:
    """The highest power of h, two at most, of which a rule sums `<u^2 h^n>` at a smooth edge."""
    if end_of(frame) is not End.SMOOTH:
        return 0
    ctx, values = context(DIGITS), _remembered(frame)
    for powers in (2, 1):
        with suppress(SlowEndError):
            importance = _importance_of(frame, powers)
            for _ in walk(frame.measure, frame.breaks, ctx, FEWEST, values, importance):
                pass
            return powers
    return 0


def walk(
    law: Labels,
    breaks: Sequence[Expr],
    ctx: Any,
    per_unit: int,
    values: Callable[[LabelPlace], dict[Symbol, Any]],
    importance: Callable[[dict[Symbol, Any]], Any],
) -> Iterator[Node]:
    """Yield the nodes of a law, of which integrands see `values`, as far as they count."""
    for value, share in law.atoms:
        yield Node(values(LabelPlace(value, ctx.zero)), number(share, ctx), True)
    for low, high in pairwise(breaks):
        is_finite = low.is_finite and high.is_finite
        size = number(high - low if is_finite else law.spread, ctx)
        interval = NodesBetween(low, high, is_finite, size, ctx, per_unit)
        yield from _outwards(interval, law, values, importance)


@lru_cache(maxsize=4)
def _remembered(frame: Frame) -> Callable[[LabelPlace], dict[Symbol, Any]]:
    """What is seen of labels for double precision: a finer rule has the nodes of a coarser one."""
    return lru_cache(maxsize=2**14)(_over_labels(frame, context(DIGITS)))


def _over_laplace_variable(ctx: Any) -> Callable[[LabelPlace], dict[Symbol, Any]]:
    return lambda place: {s: place.label(ctx)}


def _over_labels(frame: Frame, ctx: Any) -> Callable[[LabelPlace], dict[Symbol, Any]]:
    """What integrands see of a label."""
    signal = curve_at(frame.measure.signal, frame.measure, ctx)
    # Beside `1 - t` only an edge that may be smooth sees how small a distance is.
    enough = 0 if end_of(frame) is End.SMOOTH else ctx.mpf(10) ** (-2 * ctx.dps)
    above = distance_at(frame, ctx, enough)

    def values(place: LabelPlace) -> dict[Symbol, Any]:
        height = above(place)
        unit = 1 + abs(height)
        return {
            distance: height / unit,
            scale: 1 / unit,
            label: place.label(ctx),
            signal_factor: signal(place),
        }

    return values


@lru_cache(maxsize=2**14)
def _mapped(at: Fraction, ctx: Any, is_finite: bool) -> tuple[Any, Any]:
    """The double-exponential map of an interval, or that of a half-line, and its slope."""
    u = ctx.mpf(at.numerator) / at.denominator
    rise = ctx.sinh(abs(u))
    exponent = -2 * rise if is_finite else ctx.sign(u) * rise
    return ctx.exp(exponent * ctx.pi / 2), ctx.pi / 2 * ctx.sqrt(1 + rise * rise)


class NodesBetween(NamedTuple):
    """The nodes between two breaks, in units of their distance, or of the spread of a law."""

    low: Expr
    high: Expr
    is_finite: bool
    size: Any
    ctx: Any
    per_unit: int

    def node(self, k: int) -> tuple[LabelPlace, Any]:
        """Return the node of number k and its step."""
        ratio, slope = _mapped(Fraction(k, self.per_unit), self.ctx, self.is_finite)
        slope = slope / self.per_unit
        if not self.is_finite:
            away = self.size * ratio
            place = (
                LabelPlace(self.high, -away) if self.low.is_infinite else LabelPlace(self.low, away)
            )
            return place, away * slope
        # The distance from the nearer end is formed first: it is what a singularity sees.
        away = self.size * ratio / (1 + ratio)
        place = LabelPlace(self.low, away) if k < 0 else LabelPlace(self.high, -away)
        return place, 2 * slope * away / (1 + ratio)

    def last(self) -> int:
        """Number of the node beyond which nothing is expected, where nothing was found yet."""
        reach = 2 * (self.ctx.dps + SPARE) * self.ctx.ln10
        return int(self.ctx.ceil(self.ctx.asinh(2 * reach / self.ctx.pi) * self.per_unit))

    def furthest(self) -> int:
        """Number of the node at which an end counts as approached too slowly."""
        return self.last() + FURTHER * self.per_unit


def _outwards(
    interval: NodesBetween,
    law: Labels,
    values: Callable[[LabelPlace], dict[Symbol, Any]],
    importance: Callable[[dict[Symbol, Any]], Any],
) -> Iterator[Node]:
    """Walk from the middle of an interval both ways until all that is averaged has died away.

    What lies further out is never evaluated: there special functions fail.
    """
    ctx = interval.ctx
    smallest = ctx.mpf(10) ** (-ctx.dps - SPARE)
    rounding = ctx.mpf(10) ** (-ctx.dps // 2)  # where terms cancel
    density = curve_at(law.density, law, ctx)
    for sign in (1, -1):
        alive, counted = False, ctx.zero
        for k in range(0 if sign > 0 else 1, interval.furthest()):
            place, step = interval.node(sign * k)
            share = density(place) * step
            if share < -rounding:
                raise DomainError(f"density must not be negative, as that of the {law.name} is")
            if not share and counted > rounding:  # what counts is too small for a double
                raise _slow(law)
            seen = values(place) if share else {}
            counted = share * importance(seen) if share else share
            if not ctx.isfinite(counted):
                raise _slow(law)
            if max(share, counted) > smallest:
                alive = True
                yield Node(seen, share, k % 2 == 0)
            elif alive or k > interval.last():
                break
            if not law.is_probability and k > interval.last():
                break
        else:
            raise _slow(law, share < smallest < abs(share * seen[signal_factor]))


def _slow(law: Labels, by_signal: bool = False) -> SlowEndError:
    """What does not die away towards an end of the support."""
    if by_signal:
        return SlowEndError(
            f"E[u^2] of the {law.name} diverges, or converges too slowly, at an end of the support"
        )
    return SlowEndError(f"the {law.name} reach an end of their support too slowly")


def _importance_of(frame: Frame, powers: int) -> Callable[[dict[Symbol, Any]], Any]:
    """How much the share of a node is magnified: by its signal, and next to the bound.

    A signal counts where the weight is not zero. Where `<h^2>`, or `<u^2 h^n>` beyond the `powers`
    that are finite, diverges, only t < 1 is looked at, and the share alone counts.
    """
    is_bounded, is_smooth = frame.is_bounded, end_of(frame) is End.SMOOTH

    def importance(seen: dict[Symbol, Any]) -> Any:
        weight = seen[distance] - is_bounded * seen[scale]  # at most one
        signal = abs(seen[signal_factor] * weight)
        if not is_smooth:
            return max(1, signal)
        closeness = max(1, seen[scale] / seen[distance])
        return max(closeness**2, signal * closeness**powers)

    return importance
