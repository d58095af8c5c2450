"""Averages of chi-square outputs at any precision, by python-flint: a tenth of the time of mpmath.

The rule and its nodes are those of `bbpsym.numerics.quadrature`. Numbers are midpoints: what the
balls leave open is rounding alone, and a result is accepted where two rules agree, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flint import acb, arb
from mpmath.libmp import from_man_exp

from bbpsym.compilation.compiled import Compiled
from bbpsym.functions.arb_functions import precision
from bbpsym.numerics.enclosures import ball
from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.quadrature import MARGIN, STRIP, scale
from bbpsym.parameters import Parameter

#: Bits beyond those of the result.
GUARD = 20

#: How many numbers of digits are tried along a ray, each twice the one before.
DOUBLINGS = 4


def evaluate(
    system: Compiled, parameters: Mapping[Any, Any], ctx: Any, rate: str = Parameter.A
) -> dict[str, Any]:
    """Evaluate every output of `system` at the precision of `ctx`, an mpmath context.

    Parameters
    ----------
    system : Compiled
        Expressions over the Laplace variable.
    parameters : mapping of str to number
        One exact or mpmath number for each of `system.parameters`, and the rate.
    ctx : mpmath context
        Precision, and arithmetic of the results.
    rate : str
        Name of the parameter that the integrands decay with.
    """
    bits = ctx.prec + GUARD
    with precision(bits):
        given = {str(name): ball(value).mid() for name, value in parameters.items()}
        values = [given[name] for name in system.parameters]
        sums = [arb(0)] * system.integral_count
        for s, ds in nodes(given[rate], ctx.dps, bits) if sums else ():
            terms = system.balls.integrands(s, False, *values)
            sums = [total + ds * term for total, term in zip(sums, terms, strict=True)]
        outputs = [ball(item) for item in system.balls.outputs(sums, *values)]
        return {
            name: _number(item, ctx) for name, item in zip(system.outputs, outputs, strict=True)
        }


def along_ray(
    system: Compiled, parameters: Mapping[Any, Any], ctx: Any, angle: float, *rule: float
) -> list[Any]:
    """Evaluate every output of `system` at complex parameters, by integrals along a ray.

    Large widths make an integrand grow by many orders before it decays: digits are doubled until
    half of those of the context are left.

    Parameters
    ----------
    angle : float
        Argument of the Laplace variable.
    rule : float
        Rate of the decay along the ray, scale of the nodes, and width of the strip.
    """
    for digits in (ctx.dps << k for k in range(DOUBLINGS)):
        bits = context(digits).prec + GUARD
        with precision(bits):
            values = [_exactly(parameters[name]) for name in system.parameters]
            turn, sums = acb(0, angle).exp(), [acb(0)] * system.integral_count
            for s, ds in _nodes(*rule, digits=digits, bits=bits):
                terms = system.balls.integrands(turn * s, False, *values)
                sums = [total + ds * term for total, term in zip(sums, terms, strict=True)]
            found = system.balls.outputs([turn * total for total in sums], *values)
        if all(acb(x).rel_accuracy_bits() > ctx.prec / 2 for x in found):
            break
    return [ctx.mpc(*(_number(part, ctx) for part in (x.real, x.imag))) for x in found]


def _exactly(value: Any) -> arb | acb:
    """The midpoint of a parameter, complex or real."""
    if hasattr(value, "_mpc_"):
        return acb(*(ball(part).mid() for part in (value.real, value.imag)))
    return ball(value).mid()


def _number(item: arb, ctx: Any) -> Any:
    """The midpoint of a ball, rounded to the context's precision."""
    if not item.is_finite():
        return ctx.nan
    mantissa, exponent = (int(part) for part in item.mid().man_exp())
    return ctx.make_mpf(from_man_exp(mantissa, exponent, ctx.prec, "n"))


def nodes(a: arb, digits: int, bits: int) -> list[tuple[arb, arb]]:
    """Nodes and weights of `bbpsym.numerics.quadrature.precise_nodes`; call it in `precision`."""
    mantissa, exponent = (int(part) for part in a.man_exp())
    return _nodes((mantissa, exponent), None, STRIP, digits=digits, bits=bits)


@lru_cache(maxsize=32)
def _nodes(
    rate: float | tuple[int, int], s_0: float | None, strip: float, *, digits: int, bits: int
) -> list[tuple[arb, arb]]:
    number = arb(rate[0]) * arb(2) ** rate[1] if isinstance(rate, tuple) else arb(rate)
    size = scale(number).mid() if s_0 is None else arb(s_0)
    e_folds = digits * arb(10).log()
    step = (strip / e_folds).mid()
    lower = -e_folds.log().mid()
    upper = ((e_folds + MARGIN) / (number * size)).log()
    count = int(float(((upper - lower) / step).ceil().mid())) + 1
    found = []
    for k in range(count):
        u = lower + k * step
        shrink = (-u).exp()
        s = (size * (u - shrink).exp()).mid()
        found.append((s, (step * s * (1 + shrink)).mid()))
    return found
