"""Labels as distances from a break, and laws and weights evaluated there with all digits.

A label near a break is the break and the distance from it: their sum would round the distance
away, which is what a singularity of the law sees, or a weight that is extreme there. So law and
weight are functions of the distance, evaluated with more digits until no more of them change.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

from flint import arb
from mpmath.libmp import from_man_exp
from sympy import Expr, Float, S, Symbol, erf, erfc, lambdify

from bbpsym.compilation.compile import collect_powers
from bbpsym.compilation.compiled import bind
from bbpsym.errors import DomainError
from bbpsym.functions.balls import accurate, ball, enclosure, is_enclosed
from bbpsym.laws.extrema import branch_at
from bbpsym.laws.frame import Frame
from bbpsym.laws.labels import Labels
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import label

#: Digits to spare.
SPARE = 10

#: Digits may be doubled this often before a weight counts as equal to its bound.
DOUBLINGS = 7

#: Power of the distance from a break with which a weight may approach its bound, and bits in a
#: digit.
STEEPEST, BITS = 8, 3.32

#: The distance of a label from a break.
away = Symbol("x", real=True)

#: Python's own functions in compiled expressions.
BUILT_IN = {"abs", "min", "max"}


class LabelPlace(NamedTuple):
    """A label: a break or an atom of the law, and the distance from it."""

    base: Expr
    offset: Any

    def label(self, ctx: Any) -> Any:
        """The label in the arithmetic of `ctx`."""
        return number(self.base, ctx) + self.offset


bound = lru_cache(maxsize=512)(bind)


def curve_at(curve: Any, law: Labels, ctx: Any) -> Callable[[LabelPlace], Any]:
    """A law's density or signal factor, at places; a function of floats instead of exact ones."""
    if curve is None or curve == 1:
        return lambda _: ctx.one
    if curve == label:
        return lambda place: place.label(ctx)
    if not isinstance(curve, Expr):
        from_break = getattr(curve, "from_break", None)
        if from_break:
            return lambda place: ctx.mpf(from_break(float(place.base), float(place.offset)))
        return lambda place: ctx.mpf(float(curve(float(place.label(ctx)))))
    symbols = tuple(symbol for symbol, _ in law.parameters)

    given = tuple(value for _, value in law.parameters)

    def values(working: int) -> tuple:
        return tuple(number(value, context(working)) for _, value in law.parameters)

    @cache
    def near(base: Expr) -> Callable[[Any], Any]:
        if is_enclosed(shifted := _from_break(curve, base)):
            return _by_balls(shifted, ctx, symbols, given)
        local = evaluator(curve, base, symbols)

        def by_digits(offset: Any) -> Any:
            return ctx.mpf(_resolved(lambda n: local(context(n), offset, *values(n)), offset, ctx))

        return by_digits

    return lambda place: near(place.base)(place.offset)


def log_density_at(law: Labels, ctx: Any) -> Callable[[LabelPlace], Any]:
    """Logarithm of a law's density at places, minus infinity where there are no labels."""
    from_break = getattr(law.density, "logarithm_from_break", None)
    if from_break:
        return lambda place: ctx.mpf(from_break(float(place.base), float(place.offset)))
    density = curve_at(law.density, law, ctx)
    return lambda place: ctx.log(density(place))


def distance_at(frame: Frame, ctx: Any, enough: Any = 0) -> Callable[[LabelPlace], Any]:
    """Distance of the weight from its bound, or from zero without one, in the units of a frame.

    It has all the digits of `ctx`, or the absolute error that is `enough`.
    """
    lowest, unit = -max(ctx.mpf(10) ** -frame.digits, enough), number(frame.unit, ctx)

    @cache
    def near(base: Expr, side: int) -> Callable[[Any], Any]:
        above = _above(frame, base, side)
        if is_enclosed(above):
            return _by_balls(above, ctx, enough=enough)
        return partial(_by_digits, above, ctx=ctx, enough=enough)

    def at(place: LabelPlace) -> Any:
        value = near(place.base, int(ctx.sign(place.offset)))(place.offset)
        if not ctx.isfinite(value) or value.imag:
            raise DomainError(f"weight {frame.weight} must be a real number {_near(place, ctx)}")
        height = value.real / unit
        if not frame.is_bounded:
            return height
        if height < lowest:
            bound = ctx.nstr(number(-frame.sign * frame.unit, ctx), 12)
            raise DomainError(
                f"weight {frame.weight} was found to have the bound {bound}, and goes beyond it "
                f"{_near(place, ctx)}"
            )
        return max(height, ctx.zero)

    return at


def _above(frame: Frame, base: Expr, side: int) -> Expr:
    """The weight above its bound as a function of the distance from a break, on one side of it."""
    branch = branch_at(frame.weight, frame.measure, base, side)
    above = frame.sign * branch + int(frame.is_bounded) * frame.unit
    if above.has(erf):  # its difference to one has a name
        above = above.rewrite(erfc).expand()
    return _from_break(above, base)


@lru_cache(maxsize=256)
def _from_break(curve: Expr, base: Expr) -> Expr:
    """A function of the label as one of its distance from a break."""
    return collect_powers(curve.subs(label, base + label), label)


def _by_balls(
    curve: Expr, ctx: Any, symbols: tuple = (), given: tuple = (), enough: Any = 0
) -> Callable[[Any], Any]:
    """Values with all the digits of `ctx`, or not a number, in ball arithmetic."""
    function, bits, error = enclosure(curve, symbols), ctx.prec + SPARE, arb(enough)

    def at(offset: Any) -> Any:
        least = STEEPEST * (ctx.prec + abs(ctx.mag(offset))) if offset else 0
        value = accurate(lambda: function(arb(offset), *map(ball, given)), bits, least, error)
        if not value.is_finite():
            return ctx.nan
        mantissa, exponent = value.mid().man_exp()
        return ctx.make_mpf(from_man_exp(int(mantissa), int(exponent)))

    return at


def _by_digits(curve: Expr, offset: Any, ctx: Any, enough: Any) -> Any:
    """The same for functions that Arb does not have."""
    local = evaluator(curve.subs(label, away), S.Zero, ())
    return _resolved(lambda n: local(context(n), offset), offset, ctx, enough)


def _near(place: LabelPlace, ctx: Any) -> str:
    return f"near y = {float(place.label(ctx)):.6g}"


def _resolved(evaluate: Callable[[int], Any], offset: Any, ctx: Any, enough: Any = 0) -> Any:
    """A value with all the digits of `ctx`, from a function of a number of working digits.

    A zero may be a difference that is not seen yet, unless it is so without rounding.
    """
    far = STEEPEST * (ctx.dps + abs(ctx.mag(offset)) / BITS) if offset else 0
    working = ctx.dps + SPARE
    value = evaluate(working)
    for _ in range(DOUBLINGS):
        if isinstance(value, int):
            break
        working, before = 2 * working, value
        value = evaluate(working)
        change = abs(value - before)
        if change < enough or (change <= abs(value) * ctx.eps and (value or working > far)):
            break
    return ctx.convert(value)


@lru_cache(maxsize=256)
def evaluator(curve: Expr, base: Expr, symbols: tuple[Symbol, ...]) -> Callable[..., Any]:
    """An expression as a function of a context, the distance of the label from a break, and more.

    Where mpmath has no such function SymPy itself evaluates it.
    """
    arguments = (away, *symbols)
    curve = collect_powers(curve.subs(label, base + away), away)
    compiled = lambdify(arguments, curve, "mpmath")

    def by_sympy(ctx: Any, *values: Any) -> Any:
        given = {
            symbol: Float(value, ctx.dps) for symbol, value in zip(arguments, values, strict=True)
        }
        real, imaginary = curve.evalf(ctx.dps, subs=given).as_real_imag()
        return ctx.mpc(str(real), str(imaginary)) if imaginary else ctx.mpf(str(real))

    def by_mpmath(ctx: Any, *values: Any) -> Any:
        # Converted, since a sum has the precision of its first term.
        try:
            return bound(compiled, ctx)(*map(ctx.mpf, values))
        except ZeroDivisionError:  # at a singularity that is no break
            return ctx.inf

    names = set(compiled.__code__.co_names) - BUILT_IN
    return by_mpmath if all(hasattr(context(SPARE), name) for name in names) else by_sympy


@lru_cache(maxsize=4096)
def number(value: Expr, ctx: Any) -> Any:
    """A number in closed form, to the precision of `ctx`."""
    if value.is_Rational:
        return ctx.mpf(value.p) / value.q
    return +ctx.make_mpf(value.evalf(ctx.dps + 5)._mpf_)
