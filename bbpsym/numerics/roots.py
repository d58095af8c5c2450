"""Roots in t of the curves of a model, in double precision and at any precision.

A curve is positive and crosses its target once, so that `log(curve/target)` against `log t` is
close to a straight line: Newton's method settles in a few steps from any start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from bbpsym.equations.ensemble import Ensemble
from bbpsym.numerics import double, multiprecision
from bbpsym.numerics.double import Estimate
from bbpsym.symbols import t
from bbpsym.systems import system

#: Curves that grow with t; the others fall.
RISING = {"ratio": True, "outlier_alpha": False, "edge_alpha": False}

#: Relative distance in t over which a sensitivity is measured.
PROBE = 1e-6

#: Working digits at which a sign that stays open is called a tie.
TIE_DIGITS = (30, 60, 120, 240)


class Start(NamedTuple):
    """A root and the digits to which it is trusted; by default what double precision gives."""

    value: Any
    digits: int = 12


def values(ensemble: Ensemble, parameters: Mapping, at: Any, *names: str) -> dict[str, Estimate]:
    """Evaluate curves at t in double precision, for arrays of parameters."""
    return double.evaluate(system(ensemble, *names), {**parameters, t: at})


def root(
    ensemble: Ensemble,
    parameters: Mapping,
    name: str,
    target: Any = 1.0,
    upper: Any = 1.0,
) -> Estimate:
    """Solve `curve(t) = target` for t in (0, upper], in double precision, for arrays."""
    slope = f"{name}_slope"

    def curve(at: np.ndarray) -> tuple[Estimate, np.ndarray]:
        found = values(ensemble, parameters, at, name, slope)
        estimate = found[name]
        return Estimate(estimate.value / target, estimate.error / target), found[slope].value

    # Towards small t a curve is about proportional to t or 1/t: extrapolate from the upper end.
    end, _ = curve(np.asarray(upper, dtype=float))
    guess = upper * (1 / end.value if RISING[name] else end.value)
    return double.solve_logarithmic(curve, RISING[name], guess, upper=upper)


def along(
    ensemble: Ensemble, parameters: Mapping, at: Estimate, *names: str
) -> dict[str, Estimate]:
    """Evaluate curves at a root t, with the root's own error carried into theirs."""
    pair = np.stack([at.value, at.value * (1 - PROBE)])
    found = values(ensemble, parameters, pair, *names)
    carried = {}
    for name, (value, error) in found.items():
        sensitivity = np.abs(value[0] - value[1]) / (PROBE * at.value)
        rounding = 4 * np.finfo(float).eps * np.abs(value[0])
        carried[name] = Estimate(value[0], error[0] + rounding + sensitivity * at.error)
    return carried


def precise_values(
    ensemble: Ensemble, parameters: Mapping, at: Any, ctx: Any, *names: str
) -> dict[str, Any]:
    """Evaluate curves at t in the arithmetic of `ctx`."""
    return multiprecision.evaluate(system(ensemble, *names), {**parameters, t: at}, ctx)


def precise_root(
    ensemble: Ensemble,
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
    ensemble: Ensemble,
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
