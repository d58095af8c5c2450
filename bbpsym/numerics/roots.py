"""Roots in t of the curves of a model, in double precision and at any precision.

A curve is positive and crosses its target once, so that `log(curve/target)` against `log t` is
close to a straight line: Newton's method settles in a few steps from any start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.numerics import double, multiprecision
from bbpsym.numerics.double import Estimate
from bbpsym.symbols import t
from bbpsym.systems import system

#: Curves that grow with t; the others fall.
RISING = {"ratio": True, "outlier_alpha": False, "edge_alpha": False}

#: Steps of the quadrature rule while a root is approached: relative errors 1e-6 and 1e-10. At the
#: first one it is found to a relative residual of `ROUGH`.
COARSE, MEDIUM, ROUGH = 0.5, 0.3, 1e-4

#: Where a curve of a single model is looked at before anything else, relative to its end: at once
#: this takes little longer than at one point.
GRID = np.array([1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.93, 0.97, 0.99, 0.997, 1.0])

#: Relative distance in t over which a sensitivity is measured.
PROBE = 1e-3

#: Working digits at which a sign that stays open is called a tie.
TIE_DIGITS = (30, 60, 120, 240)


class Start(NamedTuple):
    """A root and the digits to which it is trusted; by default what double precision gives."""

    value: Any
    digits: int = 12


def values(ensemble: WeightLaw, parameters: Mapping, at: Any, *names: str) -> dict[str, Estimate]:
    """Evaluate curves at t in double precision, for arrays of parameters."""
    return double.evaluate(system(ensemble, *names), {**parameters, t: at})


def root(
    ensemble: WeightLaw,
    parameters: Mapping,
    name: str,
    target: Any = 1.0,
    upper: Any = 1.0,
) -> Estimate:
    """Solve `curve(t) = target` for t in (0, upper], in double precision, for arrays."""
    slope = f"{name}_slope"
    equations = system(ensemble, name, slope)

    def curve(at: np.ndarray, step: float = COARSE) -> tuple[Estimate, np.ndarray]:
        found = double.evaluate_plain(equations, {**parameters, t: at}, step)
        value = found[name] / target
        return Estimate(value, ROUGH * np.abs(value)), found[slope]

    if np.ndim(upper) == 0 and all(np.ndim(value) == 0 for value in parameters.values()):
        grid, slopes = curve(upper * GRID)
        guess = _between(upper * GRID, np.log(grid.value), slopes, RISING[name])
    else:
        end, end_slope = curve(np.asarray(upper, dtype=float))
        guess = _guess(end.value, end_slope, RISING[name], upper)
    rough = double.solve_logarithmic(curve, RISING[name], guess, upper=upper).value
    near, near_slope = curve(rough, MEDIUM)
    moved = -np.log(near.value) / near_slope
    rough = np.minimum(rough * np.exp(moved), upper)
    value, error = values(ensemble, parameters, rough, name)[name]
    step = -np.log(value / target) / near_slope
    uncertainty = error / np.abs(value * near_slope) + 4 * np.finfo(float).eps
    # The last step is wrong by its share of the change of the slope since it was measured.
    uncertainty += 10 * np.abs(step) * (np.abs(step) + np.abs(moved))
    return Estimate(np.minimum(rough * np.exp(step), upper), 2 * rough * uncertainty)


def _between(at: np.ndarray, level: np.ndarray, slope: np.ndarray, rising: bool) -> np.ndarray:
    """A first guess for one model: where a cubic in the level takes log t on the grid to zero."""
    beyond = level > 0 if rising else level < 0
    if beyond[0] or not beyond[-1]:  # below the grid every curve is about a power of t
        return at[0] * np.exp(-level[0] / slope[0]) if beyond[0] else at[-1]
    k = int(np.argmax(beyond))
    x, (low, high) = np.log(at[k - 1 : k + 1]), level[k - 1 : k + 1]
    width, w = high - low, -low / (high - low)
    first, last = width / slope[k - 1 : k + 1]
    if not (0 < first < 3 * (x[1] - x[0]) and 0 < last < 3 * (x[1] - x[0])):
        return np.exp(x[0] + w * (x[1] - x[0]))
    step = w * w * (3 - 2 * w) * (x[1] - x[0])
    return np.exp(x[0] + step + w * (1 - w) * ((1 - w) * first - w * last))


def _guess(end: np.ndarray, slope: np.ndarray, rising: bool, upper: Any) -> np.ndarray:
    """A first guess from value and slope at the upper end.

    In `x = t/upper` a rising curve, or the inverse of a falling one, is modelled by
    `A x/(1 + B x)`; where that has no root below one, by `A x`: all curves fall like a power.
    """
    sign = 1 if rising else -1
    height, steepness = end**sign, np.clip(sign * slope, 0.05, 1.0)
    bend = 1 / steepness - 1
    gap = height / steepness - bend
    return upper * np.where(gap > 1, 1 / np.where(gap > 1, gap, 1.0), np.minimum(1 / height, 1.0))


def along(
    ensemble: WeightLaw, parameters: Mapping, at: Estimate, *names: str
) -> dict[str, Estimate]:
    """Evaluate curves at a root t, with the root's own error carried into theirs."""
    found = values(ensemble, parameters, at.value, *names)
    rounding = 4 * np.finfo(float).eps
    carried = {
        name: Estimate(value, error + rounding * np.abs(value))
        for name, (value, error) in found.items()
    }
    if not np.any(at.error):
        return carried
    pair = np.stack([at.value, at.value * (1 - PROBE)])
    near = double.evaluate_plain(system(ensemble, *names), {**parameters, t: pair}, COARSE)
    for name, (value, error) in carried.items():
        sensitivity = np.abs(near[name][0] - near[name][1]) / (PROBE * at.value)
        carried[name] = Estimate(value, error + sensitivity * at.error)
    return carried


def precise_values(
    ensemble: WeightLaw, parameters: Mapping, at: Any, ctx: Any, *names: str
) -> dict[str, Any]:
    """Evaluate curves at t in the arithmetic of `ctx`."""
    return multiprecision.evaluate(system(ensemble, *names), {**parameters, t: at}, ctx)


def precise_root(
    ensemble: WeightLaw,
    parameters: Mapping,
    name: str,
    target: Fraction | int,
    start: Start,
    digits: int,
) -> Any:
    """Solve `curve(t) = target` to `digits`, from a start with fewer."""

    def newton_step(at: Any, ctx: Any) -> Any:
        found = precise_values(ensemble, parameters, at, ctx, name, f"{name}_slope")
        residual = ctx.ln(found[name] / multiprecision.convert(target, ctx))
        return -at * residual / found[f"{name}_slope"]

    return multiprecision.refine(newton_step, start.value, start.digits, digits)


def side(
    ensemble: WeightLaw,
    parameters: Mapping,
    at: Callable[[int], Any],
    name: str,
    target: Fraction = Fraction(1),
) -> int:
    """Sign of `curve(t) - target`, by raising the precision until it is known.

    Parameters
    ----------
    at : callable
        Maps a number of digits to t, to that many digits.

    Returns
    -------
    int
        1 or -1, or 0 if curve and target agree to more than 200 digits.
    """
    for working in TIE_DIGITS:
        ctx = multiprecision.context(working)
        value = precise_values(ensemble, parameters, at(working), ctx, name)[name]
        difference = value / multiprecision.convert(target, ctx) - 1
        if abs(difference) > ctx.mpf(10) ** (15 - working):
            return 1 if difference > 0 else -1
    return 0
