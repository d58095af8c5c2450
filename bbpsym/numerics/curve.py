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
from typing import Any

import numpy as np

from bbpsym.numerics import double, enclosures
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.measures import Accuracy, Measure
from bbpsym.parameters import Parameter
from bbpsym.systems import system

#: Distance in t over which a sensitivity or a slope that is not compiled is measured, relative to
#: that from the ends of its domain.
PROBE = 1e-4

#: Distance from the end, relative to t, below which differences would be rounding.
CLOSEST = 1e-8

#: The sides of a bulk.
LEFT, RIGHT = "left", "right"
SIDES = (LEFT, RIGHT)

#: Names under which results hold eigenvalues.
EIGENVALUES = ("value",)

#: Relative error of a level that is only approached.
TOLERATED = 1e-4


class End(Enum):
    """What happens at the end of the domain of t."""

    SMOOTH = "<h^2> is finite at t = 1"
    ALWAYS_SHARP = "<h^2> diverges at t = 1"
    OPEN = "t is unbounded: all weights have one sign"


class Crossing(StrEnum):
    """What rises through one at a root; the value is the name of its equation."""

    THRESHOLD = "ratio"
    OUTLIER = "outlier_rate"
    EDGE = "edge_rate"


@dataclass(frozen=True, eq=False)
class Curve:
    """The equations of one side of an ensemble, as functions of t.

    Attributes
    ----------
    law : WeightLaw
        The weights, in units in which their bound is -1.
    measure : Measure
        What averages run over.
    parameters : mapping of str to number or array
        All parameters but t and alpha, by name: exact ones, or arrays of floats.
    grid : ndarray
        Where a single curve is looked at before a root is refined, rising to the end of t.
    find_end : callable
        Finds out what happens at the end of the domain.
    name : str
        What an error calls the ensemble.
    closed : PolynomialLaw or None
        The law as one whose averages have closed forms, for balls.
    without_bulk : float
        The alpha from which on there is no bulk, since infinite weights are as many as dimensions.
    crosses_once : bool
        Whether the outlier curve and the edge curve meet once at most, in (0, 1], as far as scans
        have seen; the logarithms of Q and R are then convex, so that it can be proved.
    """

    law: Any
    measure: Measure
    parameters: Mapping[str, Any]
    grid: np.ndarray
    find_end: Callable[[Curve], End]
    name: str
    crosses_once: bool = False
    closed: Any = None
    without_bulk: float = np.inf

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

    @property
    def has_own_condition(self) -> bool:
        """Whether an outlier's condition is the law's own, and not that of `response`."""
        return bool(getattr(self.law, "has_own_condition", False))

    @property
    def critical_equation(self) -> str | None:
        """The equation that gives alpha_c at the end of the domain; None if it is zero."""
        return {End.SMOOTH: "edge_alpha", End.ALWAYS_SHARP: None, End.OPEN: "rank_alpha"}[self.end]

    @cached_property
    def is_single(self) -> bool:
        """Whether this is one curve and not an array of them."""
        return all(np.ndim(value) == 0 for value in self.floats.values())

    def values(
        self, at: Any, *names: str, alpha: Any = None, accuracy: Accuracy = Accuracy.FULL
    ) -> dict[str, Estimate]:
        """Evaluate equations at t in double precision, with their errors."""
        given = self._at(self.floats, at, alpha)
        return double.evaluate(system(self.law, *names), given, self.measure, accuracy)

    def plain(
        self, at: Any, *names: str, alpha: Any = None, accuracy: Accuracy = Accuracy.FULL
    ) -> dict[str, Any]:
        """Evaluate equations at t in double precision, faster and without errors."""
        given = self._at(self.floats, at, alpha)
        return double.evaluate_plain(system(self.law, *names), given, self.measure, accuracy)

    def precise(self, at: Any, ctx: Any, *names: str, alpha: Any = None) -> dict[str, Any]:
        """Evaluate equations at t in the arithmetic of `ctx`."""
        given = self._at(self.parameters, at, alpha)
        return self.measure.precise(system(self.law, *names), given, ctx)

    def enclosed(self, at: Any, bits: int, *names: str, alpha: Any = None) -> dict[str, Any]:
        """Enclose equations on a ball of t."""
        given = self._at(self.parameters, at, alpha)
        law = self.law
        if self.closed is not None:
            law = replace(self.closed, at_end=True) if at == 1 else self.closed
        return enclosures.evaluate(system(law, *names), given, bits, self.measure)

    @staticmethod
    def _at(parameters: Mapping[str, Any], at: Any, alpha: Any) -> dict[str, Any]:
        given = {**parameters, Parameter.T: at}
        return given if alpha is None else {**given, Parameter.ALPHA: alpha}

    def level(
        self, crossing: Crossing, at: Any, alpha: Any, accuracy: Accuracy, slope: bool = True
    ) -> tuple[Estimate, Any]:
        """What crosses one at t, and its slope `d log(level)/d log(t)` if that is asked for.

        Below full accuracy its error is what is tolerated where a root is approached.
        """
        compiled = slope and self.measure.has_slopes
        probed = slope and not compiled
        points = np.stack([at, self._near(at)]) if probed else at
        if accuracy is Accuracy.FULL:
            value, error = _level(crossing, *self.values(points, crossing)[crossing], alpha)
            return Estimate(value, error), None
        names = (crossing, f"{crossing}_slope") if compiled else (crossing,)
        found = self.plain(points, *names, accuracy=accuracy)
        value, _ = _level(crossing, found[crossing], 0.0, alpha)
        if probed:
            with np.errstate(all="ignore"):
                found[names[-1]] = np.log(value[0] / value[1]) / np.log(points[0] / points[1])
            value = value[0]
        return Estimate(value, TOLERATED * value), found[names[-1]] if slope else None

    def _near(self, at: Any) -> Any:
        """A point below t, close against the distance from both ends of the domain."""
        above = np.maximum(self.grid[-1] - at, CLOSEST * at)
        return at - PROBE * np.minimum(at, above)

    def along(self, at: Estimate, *names: str, alpha: Any = None) -> dict[str, Estimate]:
        """Evaluate equations at a root t, with the root's own error carried into theirs."""
        found = self.values(at.value, *names, alpha=alpha)
        if not np.any(at.error):
            return found
        pair = np.stack([at.value, self._near(at.value)])
        near = self.plain(pair, *names, alpha=alpha, accuracy=Accuracy.ROUGH)
        moved = at.error / (pair[0] - pair[1])
        return {
            name: Estimate(value, error + np.abs(near[name][0] - near[name][1]) * moved)
            for name, (value, error) in found.items()
        }


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a bulk, seen from the left and in units of the bound of its weights.

    Attributes
    ----------
    curve : Curve
        Its equations.
    sign : int
        1 for the left side, -1 for the right: eigenvalues are `sign * unit * lambda` and
        `g = -sign * t / unit`.
    unit : Fraction or Expr
        Distance of the bound from zero; 1 where the weights do not reach below zero.
    digits : int
        Most digits to which its equations are known.
    seen : str
        What of it is seen and not proved; nothing where all is proved.
    """

    curve: Curve
    sign: int
    unit: Any
    digits: int
    seen: str = ""

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


def _level(crossing: Crossing, value: Any, error: Any, alpha: Any) -> tuple[Any, Any]:
    """Scale a rate by alpha; where R is not positive the outlier curve has no point."""
    if crossing is Crossing.THRESHOLD:
        return np.where(value <= 0, np.inf, value), error
    return np.maximum(value, 0.0) * alpha, error * alpha
