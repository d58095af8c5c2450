"""The density far below double precision, next to a smooth edge.

Past the smooth edge, at `t = 1 + delta + i 0`, the averages are integrals along a ray of the
Laplace variable that passes above the branch point `p*/(2 delta)`. Nothing here is expanded in
delta: the density is the exact one, to as many digits as are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.numerics.quadrature import precise_nodes
from bbpsym.symbols import a, t
from bbpsym.systems import system

#: The ray's angle in units of pi, and the width of the strip around it.
ANGLE = Fraction(1, 4)
STRIP = 2.0

#: Digits and number of Newton's steps for the real part.
LOW_DIGITS, STEPS = 40, 4


def inverse_stieltjes(parameters: Mapping[Any, Any], at: Any, ctx: Any) -> tuple[Any, Any]:
    """`lambda` and `d lambda/dt` at t in the upper half-plane or on its edge, in units of 2/p."""
    equations = system(hessian_ensemble(), "inverse_stieltjes", "inverse_stieltjes_slope")
    values = [at if s == t else convert(parameters[s], ctx) for s in equations.parameters]
    turn = ctx.expj(ctx.pi * ANGLE.numerator / ANGLE.denominator)
    integrands, combine = equations.mpmath(ctx)
    shift = convert(parameters[a], ctx)
    sums = [ctx.zero] * len(equations.integrals)
    for s, ds in precise_nodes(ctx, shift / 2, 1 / (3 * (2 + shift)), STRIP):
        terms = integrands(turn * s, *values)
        sums = [total + turn * ds * term for total, term in zip(sums, terms, strict=True)]
    value, slope = combine(sums, *values)
    return value, -slope


@cache
def density_at(items: tuple[tuple[Any, Fraction], ...], xi: Fraction, digits: int) -> Any:
    """The density at a distance `xi` from the smooth edge, both in units of 2/p and p/2.

    Parameters
    ----------
    items : tuple of (Symbol, Fraction)
        a, alpha, p, p_star.
    xi : Fraction
        Distance from the edge.
    digits : int
        Working digits, more than the decades the density lies below one.

    Notes
    -----
    The height of the root above the real axis is taken to first order in itself, an error of
    about the density squared; so xi should be small enough for that.
    """
    parameters, low = dict(items), context(LOW_DIGITS)
    edge, slope = inverse_stieltjes(parameters, low.one, low)
    delta = convert(xi, low) / slope.real
    for _ in range(STEPS):
        value, slope = inverse_stieltjes(parameters, 1 + delta, low)
        delta -= ((value - edge).real - convert(xi, low)) / slope.real
    # The real part needs no more digits; the imaginary part has to be seen below it.
    ctx = context(digits)
    value, _ = inverse_stieltjes(parameters, 1 + ctx.mpf(delta), ctx)
    return -value.imag / (slope.real * ctx.pi)
