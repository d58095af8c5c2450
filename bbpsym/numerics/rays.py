"""`lambda(g)` of the Hessian at complex g: one integral over s, along a ray.

The ray is turned away from the branch points of the Laplace transforms, into the sector where the
integrand decays.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import numpy as np
from sympy import Expr, exp, lambdify, log

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.bulk import STEPS, TINY, Bulk, Inverse
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

#: How much farther the rule reaches than the exponential decay alone asks for: with large widths
#: the integrand grows by many orders before it decays.
REACH = 6

#: How much finer the rule is that checks the other.
FINER = 1.5


def along_rays(ensemble: WeightLaw, parameters: Mapping, step: float = STEP) -> Inverse:
    """Return lambda as a function of t and of the ray's place in its sector.

    Parameters
    ----------
    parameters : mapping of Symbol to float
        All parameters but t.
    step : float
        Step of the trapezoidal rule.
    """
    return lambda t, place: _inverse(ensemble, parameters, t, place, step)


def quadrature_error(
    ensemble: WeightLaw, parameters: Mapping, found: Bulk, step: float = STEP
) -> np.ndarray:
    """Error of roots t that the rule leaves, seen by a finer one: large widths need it.

    Rounding is not part of it.
    """
    coarse, slope, _ = along_rays(ensemble, parameters, step)(found.t, found.place)
    fine, _, _ = along_rays(ensemble, parameters, step / FINER)(found.t, found.place)
    return np.abs(fine - coarse) / np.abs(slope)


def _inverse(
    ensemble: WeightLaw, parameters: Mapping, t: np.ndarray, place: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`lambda`, `d lambda/dt` and the rounding error of lambda at complex t."""
    equations = system(ensemble, "inverse_stieltjes", "inverse_stieltjes_slope")
    values = [t if symbol == T else parameters[symbol] for symbol in equations.parameters]
    angle, slowest = _ray(ensemble, values, place)
    turn = np.exp(1j * angle)
    s, ds = double_nodes(slowest / REACH, _scale(parameters[A], t), step)
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
    for s, ds in precise_nodes(ctx, ctx.mpf(float(slowest)) / REACH, s_0, PRECISE_STRIP):
        terms = integrands(turn * s, *values)
        sums = [total + turn * ds * term for total, term in zip(sums, terms, strict=True)]
    value, slope = combine(sums, *values)
    return value, -slope
