"""The curves of an ensemble along t, in every arithmetic.

With `R = -<(u^2 - 1) h>` and `Q = <h^2>` (h of eq. (27), units of the ensemble) an outlier has its
t where `alpha t R = 1`, a sharp edge where `alpha t^2 Q = 1`, and the two meet where `t Q/R = 1`:
each of the three rises through one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from bbpsym.compilation.kept import Kept
from bbpsym.compilation.systems import critical_system, rising, system
from bbpsym.errors import DomainError
from bbpsym.laws.known_laws import KnownLaw
from bbpsym.numerics import double, enclosures
from bbpsym.numerics.double import Estimate, exact
from bbpsym.numerics.enclosures import ball, precision
from bbpsym.numerics.measures import Accuracy, Measure
from bbpsym.numerics.multiprecision import convert
from bbpsym.parameters import PROFILE, PROFILE_SLOPES, Parameter

#: Distance in t over which a sensitivity or a slope that is not compiled is measured, relative to
#: that from the ends of its domain.
PROBE = 1e-4

#: Distance from the end, relative to t, below which differences would be rounding.
CLOSEST = 1e-8

#: Least share of weights that are not zero.
SMALLEST_SHARE = 1e-100

#: The sides of a bulk.
LEFT, RIGHT = "left", "right"
SIDES = (LEFT, RIGHT)

#: Names of the equations of an overlap, and of alpha_c at the end of the domain.
OVERLAP, CRITICAL = "overlap2", "edge_alpha"

#: Names under which results hold eigenvalues.
EIGENVALUES = ("value",)

#: Relative error of a level that is only approached.
TOLERATED = 1e-4


class End(Enum):
    """What happens at the end of the domain of t."""

    SMOOTH = "<h^2> is finite at t = 1"
    ALWAYS_SHARP = "<h^2> diverges at t = 1"
    OPEN = "t is unbounded: all weights have one sign"


class Condition(StrEnum):
    """What rises through one at a root; the value is the name of its equation."""

    THRESHOLD = "ratio"
    OUTLIER = "outlier_rate"
    EDGE = "edge_rate"


@dataclass(frozen=True, eq=False)
class Curve:
    """The equations of one side of an ensemble, as functions of t."""

    #: The weights, in units in which their bound is -1 (WeightLaw).
    law: Any
    #: What averages run over.
    measure: Measure
    #: All parameters but t and alpha, by name: exact ones, or arrays of floats (mapping of str to
    #: number or array).
    parameters: Mapping[str, Any]
    #: Where a single curve is looked at before a root is refined, rising to the end of t.
    grid: np.ndarray
    #: Finds out what happens at the end of the domain.
    find_end: Callable[[Curve], End]
    #: What an error calls the ensemble.
    name: str
    #: Whether the outlier curve and the edge curve meet once at most, in (0, 1], as far as scans
    #: have seen; the logarithms of Q and R are then convex, so that it can be proved.
    crosses_once: bool = False
    #: The law as one whose averages have closed forms, for balls (PolynomialLaw or None).
    closed: Any = None
    #: The alpha from which on there is no bulk, since infinite weights are as many as dimensions.
    without_bulk: float = np.inf
    #: Whether the weights are `1 - 1/s`, s the signal factor, in units of one. The gap is then the
    #: mean of `t (1 - t) s ((s - 1)/(s + t (1 - s)))^2`: positive below t = 1, zero there.
    is_optimal: bool = False

    @cached_property
    def floats(self) -> dict[str, Any]:
        """Parameters in double precision."""
        return {
            name: value if np.ndim(value) else _float(value)
            for name, value in self.parameters.items()
        }

    @cached_property
    def end(self) -> End:
        """What happens at the end of the domain of t."""
        return self.find_end(self)

    @cached_property
    def is_always_beyond(self) -> bool:
        """Whether the outlier lies beyond a smooth edge at every alpha, as `<u^2 h>` diverges."""
        return self.end is End.SMOOTH and self.measure.signal_diverges(1)

    @property
    def has_own_condition(self) -> bool:
        """Whether an outlier's condition is the law's own, and not that of `response`."""
        return bool(getattr(self.law, "has_own_condition", False))

    @property
    def critical_equation(self) -> str | None:
        """The equation that gives alpha_c at the end of the domain; None if it is zero."""
        return {End.SMOOTH: CRITICAL, End.ALWAYS_SHARP: None, End.OPEN: "rank_alpha"}[self.end]

    @cached_property
    def critical_alpha(self) -> Estimate:
        """Where the edge turns sharp, eq. (49): zero if it always is.

        With weights of one sign it is where the atom at zero goes: `alpha` is one over their share.
        """
        name = self.critical_equation
        if name is None:
            return exact(0)
        found = self.values(1.0, name)[name]
        if self.end is End.OPEN and not found.value < 1 / SMALLEST_SHARE:
            raise DomainError(f"{self.name} must not be zero for all labels")
        return found

    @cached_property
    def is_single(self) -> bool:
        """Whether this is one curve and not an array of them."""
        return all(np.ndim(value) == 0 for value in self.floats.values())

    def values(
        self, at: Any, *names: str, alpha: Any = None, accuracy: Accuracy = Accuracy.FULL
    ) -> dict[str, Estimate]:
        """Evaluate equations at t in double precision, with their errors."""
        given = self._at(self.floats, at, alpha)
        found = double.evaluate(self._system(at, *names), given, self.measure, accuracy)
        if self._loses_overlap(at, *names):
            inside, known = np.asarray(at) < 1, found[OVERLAP]
            found[OVERLAP] = Estimate(*(np.where(inside, part, 0.0)[()] for part in known))
        return found

    def plain(
        self, at: Any, *names: str, alpha: Any = None, accuracy: Accuracy = Accuracy.FULL
    ) -> dict[str, Any]:
        """Evaluate equations at t in double precision, faster and without errors."""
        given = self._at(self.floats, at, alpha)
        return double.evaluate_plain(system(self.law, *names), given, self.measure, accuracy)

    def precise(self, at: Any, ctx: Any, *names: str, alpha: Any = None) -> dict[str, Any]:
        """Evaluate equations at t in the arithmetic of `ctx`."""
        given = self._at(self.parameters, at, alpha)
        found = self.measure.precise(self._system(at, *names), given, ctx)
        return found | {OVERLAP: ctx.zero} if self._loses_overlap(at, *names) else found

    def _loses_overlap(self, at: Any, *names: str) -> bool:
        """Whether an overlap is asked for at a smooth edge where `<u^2 h^2>` diverges: it is zero.

        Nodes know of what diverges only how far they reach.
        """
        return OVERLAP in names and bool(np.any(at == 1)) and self.measure.signal_diverges(2)

    def enclosed(self, at: Any, bits: int, *names: str, alpha: Any = None) -> dict[str, Any]:
        """Enclose equations on a ball of t."""
        given = self._at(self.parameters, at, alpha)
        equations = self._system(at, *names)
        if self.closed is not None:
            law = replace(self.closed, at_end=True) if at == 1 else self.closed
            equations = system(law, *names)
        return enclosures.evaluate(equations, given, bits, self.measure)

    def _system(self, at: Any, *names: str) -> Kept:
        """Equations at t; alpha_c alone, of a law with a name, in the simpler form of t = 1."""
        if names == (CRITICAL,) and isinstance(self.law, KnownLaw) and np.all(at == 1):
            return critical_system(self.law)
        return system(self.law, *names)

    @staticmethod
    def _at(parameters: Mapping[str, Any], at: Any, alpha: Any) -> dict[str, Any]:
        """Parameters with t and alpha; a law that holds an alpha of its own keeps that."""
        given: dict[str, Any] = {} if alpha is None else {Parameter.ALPHA: alpha}
        return {**given, **parameters, Parameter.T: at}

    def below(self, at: Any) -> Any:
        """A point below t, close against the distance from both ends of the domain."""
        above = np.maximum(self.grid[-1] - at, CLOSEST * at)
        return at - PROBE * np.minimum(at, above)

    def along(self, at: Estimate, *names: str, alpha: Any = None) -> dict[str, Estimate]:
        """Evaluate equations at a root t, with the root's own error carried into theirs."""
        found = self.values(at.value, *names, alpha=alpha)
        if not np.any(at.error):
            return found
        pair = np.stack([at.value, self.below(at.value)])
        near = self.plain(pair, *names, alpha=alpha, accuracy=Accuracy.ROUGH)
        moved = at.error / (pair[0] - pair[1])
        return {
            name: Estimate(value, error + np.abs(near[name][0] - near[name][1]) * moved)
            for name, (value, error) in found.items()
        }


class Profile(NamedTuple):
    """The two averages and their logarithmic slopes `d log/dt` at a point or on an interval."""

    t: arb
    averages: list[arb]
    slopes: list[arb]

    def until(self, other: Profile) -> Profile:
        """Enclose the profile between two points: slopes of a convex logarithm are monotone."""
        between = self.t.union(other.t)
        slopes = [left.union(right) for left, right in zip(self.slopes, other.slopes, strict=True)]
        step = arb(0).union(other.t - self.t)
        rows = zip(self.averages, other.averages, slopes, strict=True)
        averages = [
            (left * (slope * step).exp()).intersection(right * (-slope * step).exp())
            for left, right, slope in rows
        ]
        return Profile(between, averages, slopes)


@dataclass(frozen=True, eq=False)
class Level:
    """What starts from zero at t = 0 and is asked where it crosses one: alpha times a rate."""

    #: The ensemble.
    curve: Curve
    #: The rate; None for the end of the domain, where nothing crosses (Condition or None).
    crossing: Any
    #: Signal-to-noise ratio, or the strength of a spike; None for a transition (Fraction, Expr,
    #: array or None).
    alpha: Any = None

    @cached_property
    def factor(self) -> Any:
        """Alpha in double precision, or one."""
        if self.alpha is None or np.ndim(self.alpha):
            return 1.0 if self.alpha is None else self.alpha
        return float(self.alpha)

    @property
    def slope(self) -> str:
        """Name of the logarithmic slope of the rate."""
        return f"{self.crossing}_slope"

    def estimate(self, at: Any, accuracy: Accuracy, slope: bool = True) -> tuple[Estimate, Any]:
        """The level at t, and its slope `d log(level)/d log(t)` if that is asked for.

        Below full accuracy its error is what is tolerated where a root is approached.
        """
        compiled = slope and self.curve.measure.has_slopes
        probed = slope and not compiled
        points = np.stack([at, self.curve.below(at)]) if probed else at
        if accuracy is Accuracy.FULL:
            return self._scaled(*self.curve.values(points, self.crossing)[self.crossing]), None
        names = (self.crossing, self.slope) if compiled else (self.crossing,)
        found = self.curve.plain(points, *names, accuracy=accuracy)
        value, _ = self._scaled(found[self.crossing], 0.0)
        if probed:
            with np.errstate(all="ignore"):
                found[names[-1]] = np.log(value[0] / value[1]) / np.log(points[0] / points[1])
            value = value[0]
        return Estimate(value, TOLERATED * value), found[names[-1]] if slope else None

    def _scaled(self, value: Any, error: Any) -> Estimate:
        """Scale a rate by alpha; where R is not positive the outlier curve has no point."""
        if self.crossing is Condition.THRESHOLD:
            return Estimate(np.where(value <= 0, np.inf, value), error)
        return Estimate(np.maximum(value, 0.0) * self.factor, error * self.factor)

    def excess(self, at: Estimate) -> Estimate:
        """The level minus one, at a t whose error is carried along."""
        value, error = self.curve.along(at, self.crossing)[self.crossing]
        return Estimate(self.factor * value - 1, self.factor * error)

    def precise(self, at: Any, ctx: Any, slope: bool = True) -> tuple[Any, Any]:
        """The level at t, and its logarithmic slope or None, in the arithmetic of `ctx`."""
        found = self.curve.precise(at, ctx, self.crossing, *[self.slope] * slope)
        return convert(self.alpha or 1, ctx) * found[self.crossing], found.get(self.slope)

    def over_critical(self, ctx: Any) -> Any:
        """Alpha minus alpha_c, in the arithmetic of `ctx`; the edge turns sharp somewhere."""
        name = str(self.curve.critical_equation)
        return convert(self.alpha, ctx) - self.curve.precise(1, ctx, name)[name]

    def profile(self, at: arb, bits: int) -> Profile:
        """Enclose the two averages and their logarithmic slopes."""
        found = self.curve.enclosed(at, bits, *PROFILE, *PROFILE_SLOPES)
        with precision(bits):
            pairs = zip(PROFILE, PROFILE_SLOPES, strict=True)
            slopes = [found[slope] / found[average] for average, slope in pairs]
        return Profile(at, [found[x] for x in PROFILE], slopes)

    def combine(self, at: Profile) -> tuple[arb, arb]:
        """The level and its slope `d log(level)/d log(t)`; call it inside `precision`."""
        names = dict(zip(PROFILE + PROFILE_SLOPES, at.averages + at.slopes, strict=True))
        known = {Parameter.T: at.t, **names}
        if self.alpha is not None:
            known[Parameter.ALPHA] = ball(self.alpha)
        system = rising(self.crossing)
        curve, slope = system.balls.outputs([], *(known[x] for x in system.parameters))
        return curve, slope

    def enclosed(self, at: arb, bits: int, slope: bool = True) -> tuple[arb, ...]:
        """Enclose the level and its logarithmic slope on a ball of t.

        At the end of the domain the slope may diverge, and spoil what need not be asked for.
        """
        if slope and not self.curve.has_own_condition:
            found = self.profile(at, bits)
            with precision(bits):
                return self.combine(found)
        own = self.curve.enclosed(at, bits, self.crossing, *[self.slope] * slope)
        with precision(bits):
            value = own[self.crossing] * ball(self.alpha or 1)
        return (value, own[self.slope]) if slope else (value,)


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a bulk, seen from the left and in units of the bound of its weights."""

    #: Its equations.
    curve: Curve
    #: 1 for the left side, -1 for the right: eigenvalues are `sign * unit * lambda` and
    #: `g = -sign * t / unit`.
    sign: int
    #: Distance of the bound from zero; 1 where the weights do not reach below zero (Fraction or
    #: Expr).
    unit: Any
    #: Most digits to which its equations are known.
    digits: int
    #: What of it is seen and not proved; nothing where all is proved.
    seen: str = ""

    @property
    def name(self) -> str:
        """Which side it is."""
        return LEFT if self.sign > 0 else RIGHT

    def scale(self, name: str) -> Any:
        """The exact factor from units of the bound to those of the matrix, for a number's name."""
        if name == "g":
            return -self.sign / self.unit
        return self.sign * self.unit if name in EIGENVALUES else 1


def _float(value: Any) -> float:
    """A parameter in double precision; SymPy's numbers are rounded once."""
    if isinstance(value, int | float | Fraction):
        return float(value)
    return float(value.evalf(25))
