"""Roots in t: edge, outlier and transition of one curve, or of an array of them.

A level is positive and crosses one once, so that its logarithm against `log t` is close to a
straight line: Newton's method settles in a few steps from any start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.numerics.curve import Curve, Level
from bbpsym.numerics.double import (
    EPSILON,
    SMALLEST_T,
    Estimate,
    exact,
    known_digits,
    solve_logarithmic,
)
from bbpsym.numerics.measures import Accuracy
from bbpsym.numerics.multiprecision import context, refine
from bbpsym.parameters import Parameter

#: Newton's steps at full accuracy, and the relative error that they need not go below.
POLISHING, ENOUGH = 8, 1e-14

#: How far beyond the end of its interval, in log t and in errors, a root may seem to lie.
CLIPPED, OPEN = 1e-6, 10


@dataclass(frozen=True, eq=False)
class Root:
    """A t, the equation that it solves, and its value in double precision."""

    #: What crosses one there; without a crossing it is the end of the domain, t = 1.
    level: Level
    #: The root.
    double: Estimate
    #: What it lies below; None for the end of the domain.
    upper: Root | None = None

    def precise(self, working: int, start: tuple[Any, int] | None = None) -> Any:
        """The root to `working` digits, from a start known to fewer, or from double precision."""
        if self.level.crossing is None:
            return context(working).one
        if start is None:
            start = float(self.double.value), max(2, known_digits(*self.double) - 1)

        def newton_step(at: Any, ctx: Any) -> Any:
            value, slope = self.level.precise(at, ctx)
            if not value > 0:
                name = self.level.curve.name
                raise ConvergenceError(f"a root of {name} is lost at t = {float(at):.6g}")
            return -at * ctx.ln(value) / slope

        return refine(newton_step, start[0], start[1], working)


def end_of_domain(curve: Curve, alpha: Any = None) -> Root:
    """The root t = 1 of no equation."""
    return Root(Level(curve, None, alpha), exact(1))


def solve(level: Level, upper: Any = None) -> Estimate:
    """Find the last t up to `upper` where a level crosses one, in double precision, for arrays.

    Raises
    ------
    ConvergenceError
        If a root could not be told from rounding errors.
    PrecisionError
        If it lies closer to the end of the domain than double precision tells.
    """
    curve = level.curve
    upper = curve.grid[-1] if upper is None else upper
    roughly = partial(level.estimate, accuracy=Accuracy.ROUGH)
    if curve.is_single:
        lower, guess, end = _bracket(roughly, upper * (curve.grid / curve.grid[-1]))
        end = upper if end is None else end
    else:
        lower, end = SMALLEST_T, np.asarray(upper, dtype=float)
        guess = _guess(*roughly(end), end)
    try:
        rough = solve_logarithmic(roughly, guess, lower, end).value
    except ConvergenceError:
        if curve.is_single and roughly(np.nextafter(upper, 0.0))[0].value < 1:
            raise _too_near(curve, upper) from None
        raise
    near, slope = level.estimate(rough, Accuracy.FAIR)
    moved = -np.log(near.value) / slope
    root = np.minimum(rough * np.exp(moved), upper)
    inexact = 0.0 if curve.measure.has_slopes else 1.0
    for _ in range(POLISHING):
        (value, error), _ = level.estimate(root, Accuracy.FULL, slope=False)
        step = -np.log(value) / slope
        known = error / np.abs(value * slope) + 4 * EPSILON
        # A step is wrong by its share of the change of the slope since it was measured.
        wrong = np.abs(step) * (10 * (np.abs(step) + np.abs(moved)) + inexact)
        if np.any(np.log(root / upper) + step > CLIPPED + OPEN * (known + wrong)):
            raise ConvergenceError(f"{curve.name} has no root up to t = {np.max(upper):.6g}")
        found = Estimate(np.minimum(root * np.exp(step), upper), 2 * root * (known + wrong))
        root = found.value
        if np.all(wrong <= known + ENOUGH):
            break
    if not np.all(found.error < root):
        raise ConvergenceError(
            f"a root near t = {np.max(root):.6g} is not seen for rounding errors"
        )
    return found


def _too_near(curve: Curve, upper: Any) -> PrecisionError:
    """What to say of a root that double precision does not tell from the end of the domain."""
    names = "alpha" if {*curve.parameters} <= {Parameter.BOUND} else "alpha, gamma or sigma"
    return PrecisionError(
        f"{names} must be larger for {curve.name}: its root in t lies closer to "
        f"{float(upper):.6g}, where its bound is reached, than double precision tells"
    )


def _bracket(level: Callable[[Any], tuple[Estimate, Any]], at: np.ndarray) -> tuple[Any, Any, Any]:
    """Neighbouring points between which one curve last crosses one, and a first guess between.

    Below the points every curve is about a power of t.
    """
    (value, _), slope = level(at)
    with np.errstate(all="ignore"):
        height = np.log(value)
    below = np.flatnonzero(value < 1)
    if not below.size:
        return SMALLEST_T, at[0] * np.exp(-height[0] / slope[0]), at[0]
    k = int(below[-1])
    if k == len(at) - 1:
        return at[-2], at[-1], at[-1]
    pair = slice(k, k + 2)
    return at[k], _between(np.log(at[pair]), height[pair], slope[pair]), at[k + 1]


def _between(x: np.ndarray, height: np.ndarray, slope: np.ndarray) -> float:
    """Where a cubic in the height takes log t to zero, or half way where it cannot."""
    width = height[1] - height[0]
    w = -height[0] / width
    first, last = width / slope
    span = x[1] - x[0]
    if not np.isfinite(w):
        return float(np.exp(x[0] + span / 2))
    if not (0 < first < 3 * span and 0 < last < 3 * span):
        return float(np.exp(x[0] + w * span))
    step = w * w * (3 - 2 * w) * span
    return float(np.exp(x[0] + step + w * (1 - w) * ((1 - w) * first - w * last)))


def _guess(end: Estimate, slope: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """First guesses for many curves from values and slopes at their upper ends.

    In `x = t/upper` a level is modelled by `A x/(1 + B x)`; where that has no root below one, by
    `A x`: all curves begin like a power.
    """
    steepness = np.clip(slope, 0.05, 1.0)
    gap = (end.value - 1) / steepness + 1
    return upper * np.where(
        gap > 1, 1 / np.where(gap > 1, gap, 1.0), np.minimum(1 / end.value, 1.0)
    )
