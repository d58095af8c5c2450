"""Both sides of a claim in numbers, with what they owe to rounding and to the engine's digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from mpmath.libmp.libhyper import NoConvergence

from bbpsym.claims.words import FUNCTIONS, OPERATIONS
from bbpsym.errors import BBPError
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.reading.formula_tree import Formula

#: Digits beyond those of the engine with which sides are evaluated, and how they are raised.
GUARD = 20
RAISES = (1, 2, 4)

#: Quantities are moved by so many digits more than the engine leaves open, a little and farther;
#: the difference must change in proportion, to this accuracy, or its zeros are not known.
MOVES = (3, 6)
PROPORTION = 0.1

#: How many times the usual precision shows whether a quantity that changes nothing was lost in it.
LOST = 5

#: What takes numbers of any size, and of others the largest that is not endless work, in bits.
ANY_SIZE, LARGEST = {"+", "*", "-", "/", "abs", "max", "min", "log", "sqrt"}, 1000

#: What mpmath raises where a formula has no value.
NO_VALUE = (ArithmeticError, ValueError, TypeError, NotImplementedError, NoConvergence)


class NotEvaluatedError(BBPError):
    """A side has no value at a point; the sentence says why."""


class Sides(NamedTuple):
    """Both sides at a point."""

    #: Their values (mpmath number).
    left: Any
    right: Any
    #: Left minus right, before rounding (mpmath number).
    difference: Any
    #: Change of the difference where a quantity changes by its own size, the least of all:
    #: agreement is measured against it, so that neither a large number that is added to both sides
    #: nor another quantity can hide an error (mpmath number).
    size: Any
    #: Change of the difference within the digits to which all quantities are known (mpmath number).
    noise: Any


def value_of(formula: Formula, values: Mapping[str, Any], helpers: Iterable[Any], ctx: Any) -> Any:
    """Evaluate a formula in an mpmath context, from what its names stand for.

    Helpers, with arguments or without, are not among these; they come in the order of their
    definition.
    """
    known = dict(values)
    call = call_of(known, helpers, ctx)
    return formula.evaluate(known, call, lambda number: convert(number, ctx))


def call_of(known: dict[str, Any], helpers: Iterable[Any], ctx: Any) -> Callable[..., Any]:
    """All functions of a claim by name; the constants among its helpers are added to `known`."""
    functions: dict[str, Callable[..., Any]] = {}
    memory: dict[Any, Any] = {}

    def call(function: str, *arguments: Any) -> Any:
        if function in functions:
            key = function, arguments
            if key not in memory:
                memory[key] = functions[function](*arguments)
            return memory[key]
        sized = () if function in ANY_SIZE else arguments[function == "^" :]
        if any(ctx.mag(x) > LARGEST for x in sized):
            raise OverflowError(f"{function} of more than 10^300")
        if function in OPERATIONS:
            return OPERATIONS[function](ctx, *arguments)
        return FUNCTIONS[function][2](ctx, *arguments)

    def evaluate(body: Formula, names: Mapping[str, Any]) -> Any:
        return body.evaluate(names, call, lambda number: convert(number, ctx))

    for helper in helpers:
        if helper.parameters:
            functions[helper.name] = lambda *x, h=helper: evaluate(
                h.body, known | dict(zip(h.parameters, x, strict=True))
            )
        else:
            known[helper.name] = evaluate(helper.body, known)
    return call


def sides(
    statement: Any, exact: Mapping[str, Fraction | int], quantities: Mapping[str, Any], known: int
) -> Sides:
    """Evaluate both sides at a point.

    Parameters
    ----------
    statement : Statement
        The claim.
    exact : mapping of str to Fraction or int
        The parameters.
    quantities : mapping of str to mpmath number
        The quantities, each to `known` digits.
    known : int
        Also the digits that the difference has after the last raise of the precision.

    Raises
    ------
    NotEvaluatedError
        If a side is undefined, infinite or complex, if its digits do not come to rest, or if the
        two do not depend on a quantity, or not in proportion to it.
    """
    shares = _shares(statement, exact, quantities, known)
    before = None
    for factor in RAISES:
        ctx = context(factor * (known + GUARD))
        left, right = _both(statement, exact, quantities, ctx)
        sizes = shares or [abs(left) + abs(right)]
        noise = sum(sizes) * ctx.mpf(10) ** -known
        if before is not None and abs(left - right - before) <= noise:
            if not shares:  # quantities that are zero are so exactly: there is rounding only
                noise = sizes[0] * ctx.mpf(10) ** (GUARD // 2 - ctx.dps)
            return Sides(left, right, left - right, min(sizes) or ctx.one, noise)
        before = left - right
    raise NotEvaluatedError("its digits do not come to rest as the precision is raised")


def _both(
    statement: Any, exact: Mapping[str, Any], quantities: Mapping[str, Any], ctx: Any
) -> list[Any]:
    values = {name: convert(Fraction(value), ctx) for name, value in exact.items()}
    values |= {name: ctx.mpf(value) for name, value in quantities.items()}
    found = []
    for side, formula in (("left", statement.left), ("right", statement.right)):
        try:
            value = ctx.convert(value_of(formula, values, statement.helpers, ctx))
        except NO_VALUE as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            if isinstance(error, TypeError):  # of mpmath's, where numbers are compared
                reason = "complex numbers are compared in it"
            elif isinstance(error, ZeroDivisionError):
                reason = "division by zero"
            raise NotEvaluatedError(f"the {side} side has no value: {reason:.80}") from None
        found.append(_real(value, side, ctx))
    return found


def _real(value: Any, side: str, ctx: Any) -> Any:
    """A real number, also where it was reached by complex ones."""
    if not ctx.isfinite(value):
        raise NotEvaluatedError(f"the {side} side is not finite: {ctx.nstr(value, 5)}")
    if abs(ctx.im(value)) > abs(value) * ctx.mpf(10) ** (GUARD // 2 - ctx.dps):
        raise NotEvaluatedError(f"the {side} side is complex: {ctx.nstr(value, 5)}")
    return ctx.re(value)


def _shares(
    statement: Any, exact: Mapping[str, Any], quantities: Mapping[str, Any], known: int
) -> list[Any]:
    """How much the difference changes with each quantity, by its own size; none of those of zero.

    Where the change is in proportion, a small difference is a zero near by; of what oscillates
    faster than the engine has digits, as cos(10^50*alpha_BBP), nothing is known.
    """
    ctx = context(2 * known + GUARD)
    sides = sum(map(abs, _both(statement, exact, quantities, ctx)))

    def share(name: str, size: Any, digits: int, ctx: Any = ctx) -> Any:
        left, right = _both(statement, exact, quantities, ctx)
        step = ctx.mpf(10) ** (digits - known)
        moved = {**quantities, name: ctx.mpf(quantities[name]) + step * size}
        one, other = _both(statement, exact, moved, ctx)
        return abs((one - other) - (left - right)) / step

    found, ignored = [], []
    for name, value in quantities.items():
        size = abs(ctx.mpf(value))
        near, far = (share(name, size or ctx.one, digits) for digits in MOVES)
        if max(near, far) <= sides * ctx.mpf(10) ** -known:
            if size and size <= sides * ctx.mpf(10) ** -known:
                large = ctx.nstr(sides, 3)
                raise NotEvaluatedError(f"{name} is lost in its sides, which add up to {large}")
            # In a maximum another may be the larger one; but it must not be lost in rounding.
            if size and (near or far or share(name, size, MOVES[-1], context(LOST * ctx.dps))):
                raise NotEvaluatedError(f"it does not depend on {name}")
            ignored.append(name)
        elif size and abs(near - far) > PROPORTION * far:
            raise NotEvaluatedError(f"it does not change in proportion to {name}")
        elif size:
            found.append(near)
    if len(ignored) == len(quantities):
        raise NotEvaluatedError(f"it does not depend on {' or '.join(quantities)}")
    return found
