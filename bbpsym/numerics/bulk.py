"""The Stieltjes transform inside the bulk: lambda(g) = x with a complex g, eqs. (19) and (41).

With `t = -unit g` in the upper half-plane every average still is one integral over s, along a ray
that is turned away from the branch points of the Laplace transforms. For real x inside the support
there is exactly one root with Im t > 0: at a second one, moving x into the complex plane would
give two solutions where the Stieltjes transform is the only one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache, reduce
from typing import Any, NamedTuple

import numpy as np
from sympy import Expr, exp, lambdify, log

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.double import ROUNDING
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.numerics.quadrature import double_nodes, precise_nodes
from bbpsym.symbols import a as A
from bbpsym.symbols import s as S
from bbpsym.symbols import t as T
from bbpsym.systems import system

#: Step of the trapezoidal rule; the strip of a ray may be a quarter turn narrower than real t's.
STEP = 0.1
PRECISE_STRIP = 2.0

#: First height above the real axis, in units of the spectrum's width, the last one before the axis
#: itself, and the last one in units of the distance to a singular point, if that is lower.
HIGHEST, LOWEST, NEAR = 4.0, 1e-4, 0.1

#: Where in its sector a ray may lie: with large widths the integrand grows towards one side.
PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)

#: Points reached from above, and the relative error at which a root counts as found.
COARSE = 17
SETTLED = 1e-6

#: Relative step at which a root above the axis is good enough to start from for the next height.
PASSING = 1e-3

#: Newton steps at one x, and the least imaginary part: it keeps t on its side of the cuts.
STEPS = 12
TINY = 1e-300


class Bulk(NamedTuple):
    """Roots t, the bounds claimed for their errors, and where in its sector each ray lies."""

    t: np.ndarray
    error: np.ndarray
    place: np.ndarray


def solve(
    ensemble: WeightLaw, parameters: Mapping, x: np.ndarray, width: float, singular: Sequence[float]
) -> Bulk:
    """Solve `lambda(t) = x + i 0` for t in the upper half-plane, in double precision.

    A few points are reached from far above the real axis; the others start from their neighbours.

    Parameters
    ----------
    parameters : mapping of Symbol to float
        All parameters but t.
    x : ndarray, shape (n,)
        Increasing points in units of the ensemble.
    width : float
        A scale of the spectrum; x starts from far above the real axis in its units.
    singular : sequence of float
        Points near which the root varies fast: edges, and zero.

    Returns
    -------
    Bulk
        Roots of shape (n,); outside the support their imaginary part is below its error.

    Raises
    ------
    ConvergenceError
        If Newton's method does not settle at some x.
    """
    heights = _heights(x, width, singular)
    known = np.unique(np.linspace(0, len(x) - 1, COARSE).astype(int))
    found = _approach(ensemble, parameters, x[known], heights[:, known])
    while len(known) < len(x):
        middle = (known[1:] + known[:-1]) // 2
        new = middle[~np.isin(middle, known)]
        nearest = np.clip(np.searchsorted(known, new), 1, len(known) - 1)
        weight = (x[new] - x[known[nearest - 1]]) / (x[known[nearest]] - x[known[nearest - 1]])
        guess = 1 / ((1 - weight) / found.t[nearest - 1] + weight / found.t[nearest])
        start = Bulk(guess, np.abs(guess), found.place[nearest])
        added = _newton(ensemble, parameters, x[new] + 0j, start)
        added = _repair(ensemble, parameters, x[new], heights[:, new], added)
        order = np.argsort(np.concatenate([known, new]))
        known = np.concatenate([known, new])[order]
        found = Bulk(*(np.concatenate(pair)[order] for pair in zip(found, added, strict=True)))
    if not settled(found):
        raise ConvergenceError("the Stieltjes transform did not converge at some x")
    return found


def follow(ensemble: WeightLaw, parameters: Mapping, x: np.ndarray, start: Bulk) -> Bulk:
    """Solve `lambda(t) = x + i 0` from the roots at neighbouring parameters, much faster.

    There is one root in the upper half-plane, so that a root found is the right one whatever the
    start; where the start was too far away, the claimed error is of the order of the root.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Points inside the support, in units of the ensemble.
    start : Bulk
        Roots to start from, of shape (n,).
    """
    return _newton(ensemble, parameters, x + 0j, start)


def settled(found: Bulk) -> bool:
    """Whether all roots were found."""
    return bool(np.all(found.error < SETTLED * (1 + np.abs(found.t))))


def _heights(x: np.ndarray, width: float, singular: Sequence[float]) -> np.ndarray:
    """Heights from which to approach each x, shape (stages, n); the last one is zero."""
    distance = np.min([np.abs(x - point) for point in singular], axis=0)
    distance = np.maximum(distance, np.finfo(float).eps * width)
    lowest = np.minimum(LOWEST * width, NEAR * distance)
    stages = 2 + int(1.4 * np.log(HIGHEST * width / np.min(lowest)))
    return np.concatenate([np.geomspace(HIGHEST * width + 0 * x, lowest, stages), [0 * x]])


def _repair(
    ensemble: WeightLaw, parameters: Mapping, x: np.ndarray, heights: np.ndarray, found: Bulk
) -> Bulk:
    """Reach points from above where their neighbours were no good start."""
    bad = found.error > SETTLED * (1 + np.abs(found.t))
    if np.any(bad):
        again = _approach(ensemble, parameters, x[bad], heights[:, bad])
        for values, better in zip(found, again, strict=True):
            values[bad] = better
    return found


def _approach(ensemble: WeightLaw, parameters: Mapping, x: np.ndarray, heights: np.ndarray) -> Bulk:
    """Follow the root from far above the real axis, choosing the best ray at every height."""
    t = -1 / (x + 1j * heights[0])
    for stage, height in enumerate(heights, start=1):
        rays = np.repeat(PLACES, len(x))
        roundings = _inverse(ensemble, parameters, np.tile(t, len(PLACES)), rays)[2]
        best = np.argmin(roundings.reshape(len(PLACES), -1), axis=0)
        place = np.asarray(PLACES)[best]
        found = Bulk(t, np.abs(t), place)
        enough = PASSING if stage < len(heights) else 0.0
        t, error, _ = _newton(ensemble, parameters, x + 1j * height, found, enough)
    return Bulk(t, error, place)


def _newton(
    ensemble: WeightLaw, parameters: Mapping, z: np.ndarray, start: Bulk, enough: float = 0.0
) -> Bulk:
    """Newton's method for `lambda(t) = z`, confined to the upper half-plane.

    It stops at steps below their error, or below `enough` relative to t.

    It runs in 1/t, in which lambda is about linear both far from the spectrum and near the atom
    that the spectrum has at zero for alpha < 1.
    """
    t, _, place = start
    for _ in range(STEPS):
        value, slope, rounding = _inverse(ensemble, parameters, t, place)
        step = (z - value) / (slope * t**2)
        # A step longer than |1/t| would leave the basin: shorten it.
        step *= np.minimum(1, 0.7 / (np.abs(step * t) + TINY))
        moved = _above(1 / (1 / t - step))
        step, t = moved - t, moved
        error = rounding / np.abs(slope) + np.abs(step) ** 2 / np.abs(t)
        if np.all(np.abs(step) <= np.maximum(4 * error, enough * np.abs(t))):
            break
    return Bulk(t, np.where(np.abs(step) <= 4 * error, error, np.abs(step)), place)


def _above(t: np.ndarray) -> np.ndarray:
    return t.real + 1j * np.maximum(t.imag, TINY)


def _inverse(
    ensemble: WeightLaw, parameters: Mapping, t: np.ndarray, place: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`lambda`, `d lambda/dt` and the rounding error of lambda at complex t."""
    equations = system(ensemble, "inverse_stieltjes", "inverse_stieltjes_slope")
    values = [t if symbol == T else parameters[symbol] for symbol in equations.parameters]
    angle, slowest = _ray(ensemble, values, place)
    turn = np.exp(1j * angle)
    s, ds = double_nodes(slowest, _scale(parameters[A], t), STEP)
    integrands, combine = equations.complex
    with np.errstate(over="ignore", invalid="ignore"):  # a bad ray is recognised by its error
        terms = [turn * ds * integrand for integrand in integrands(turn * s, *values)]
        outputs, sensitivities = combine([term.sum(axis=0) for term in terms], *values)
        roundings = (ROUNDING * np.abs(term).sum(axis=0) for term in terms)
        error = sum(np.abs(c) * r for c, r in zip(sensitivities[0], roundings, strict=True))
    error = np.where(np.isfinite(error), error, np.inf)
    # The slope is d lambda/dg, and g = -t.
    return outputs[0], -outputs[1], error + np.finfo(float).eps * np.abs(outputs[0])


@cache
def decays(ensemble: WeightLaw) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """Rates r of the factors `log(1 + r s)`, and coefficients d of the factors `exp(-d s)`."""
    integrals = system(ensemble, "inverse_stieltjes").integrals
    logarithms = set().union(*(integral.function.atoms(log) for integral in integrals))
    rates = {((item.args[0] - 1) / S).cancel() for item in logarithms}
    offsets = set()
    for integral in integrals:
        for item in integral.function.atoms(exp):
            exponent = item.args[0].replace(log, lambda _: 0)
            offsets.add((-exponent / S).cancel())
    return tuple(sorted(rates, key=str)), tuple(sorted(offsets, key=str))


@cache
def _decays(ensemble: WeightLaw) -> tuple[Any, ...]:
    arguments = system(ensemble, "inverse_stieltjes", "inverse_stieltjes_slope").parameters
    return tuple(lambdify(arguments, list(items), "numpy") for items in decays(ensemble))


def _scale(a: Any, t: Any) -> Any:
    return 1 / (3 * (1 + a + abs(t)))


def _ray(
    ensemble: WeightLaw, values: list[Any], place: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Direction of the ray, and the slowest exponential decay along it.

    The integrand decays within a right angle of the direction conjugate to every `d`, and its
    branch points lie at `-1/r`; the ray lies in the sector between them, at the given place.
    """
    rates, offsets = (find(*values) for find in _decays(ensemble))
    upper = [np.pi / 2 - np.angle(d) for d in offsets]
    lower = [-np.pi / 2 - np.angle(d) for d in offsets]
    for angle in map(np.angle, rates):
        upper.append(np.where(angle > 0, np.pi - angle, np.pi))
        lower.append(np.where(angle < 0, -np.pi - angle, -np.pi * 2))
    top, bottom = reduce(np.minimum, upper), reduce(np.maximum, lower)
    angle = bottom + (top - bottom) * place
    return angle, reduce(np.minimum, [np.real(np.exp(1j * angle) * d) for d in offsets])


def refine(
    ensemble: WeightLaw,
    parameters: Mapping,
    x: Fraction,
    start: complex,
    place: float,
    digits: int,
) -> complex:
    """Solve `lambda(t) = x + i 0` by Newton's method at `digits`, from a start nearby.

    Parameters
    ----------
    parameters : mapping of Symbol to exact number
        All parameters but t.

    Raises
    ------
    ConvergenceError
        If the steps do not fall below 1e-14 of the root.
    """
    ctx = context(digits)
    t = ctx.mpc(start)
    for _ in range(STEPS):
        value, slope = _precise_inverse(ensemble, parameters, t, place, ctx)
        moved = 1 / (1 / t - (convert(x, ctx) - value) / (slope * t**2))
        step, t = abs(moved - t), ctx.mpc(moved.real, max(moved.imag, 0))
        if step < ctx.mpf(10) ** -14 * abs(t):
            return complex(t)
    raise ConvergenceError(f"the Stieltjes transform did not converge at x = {float(x):.6g}")


def _precise_inverse(
    ensemble: WeightLaw, parameters: Mapping, t: Any, place: float, ctx: Any
) -> tuple[Any, Any]:
    """`lambda` and `d lambda/dt` at complex t, in the arithmetic of `ctx`."""
    equations = system(ensemble, "inverse_stieltjes", "inverse_stieltjes_slope")
    near: dict = {symbol: float(value) for symbol, value in parameters.items()}
    near[T] = complex(t) + 1j * TINY
    angle, slowest = _ray(ensemble, [near[symbol] for symbol in equations.parameters], place)
    values = [
        t if symbol == T else convert(parameters[symbol], ctx) for symbol in equations.parameters
    ]
    turn = ctx.expj(ctx.mpf(float(angle)))
    s_0 = ctx.mpf(float(_scale(near[A], near[T])))
    integrands, combine = equations.mpmath(ctx)
    sums = [ctx.zero] * len(equations.integrals)
    for s, ds in precise_nodes(ctx, ctx.mpf(float(slowest)), s_0, PRECISE_STRIP):
        terms = integrands(turn * s, *values)
        sums = [total + turn * ds * term for total, term in zip(sums, terms, strict=True)]
    value, slope = combine(sums, *values)
    return value, -slope
