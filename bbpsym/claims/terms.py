"""What a claim owes to each of its terms: one that is smaller than the noise was not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from bbpsym.claims.sides import GUARD, NO_VALUE, call_of
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.reading.formula_tree import Apply, Formula, Name, Number

#: Share by which the largest term of a sum is moved to see what a side owes to the sum.
NUDGE = 2**-10


class Moved(NamedTuple):
    """A value after the largest term of one sum was moved, and the size of its least term to it."""

    value: Any
    least: Any


class Spread(NamedTuple):
    """A value, and what becomes of it as the sums in it are moved, one at a time."""

    value: Any
    moved: tuple[Moved, ...] = ()


def least_term(
    statement: Any, exact: Mapping[str, Any], quantities: Mapping[str, Any], known: int
) -> Any:
    """What a side owes to the one term of all sums to which it owes least; not to zeros.

    Sums in the helpers of the statement count as well; quantities have `known` digits.
    """
    ctx = context(2 * known + GUARD)
    values = {name: Spread(convert(Fraction(value), ctx)) for name, value in exact.items()}
    values |= {name: Spread(ctx.mpf(value)) for name, value in quantities.items()}
    call = call_of({k: v.value for k, v in values.items()}, statement.helpers, ctx)
    bodies = {}
    for helper in statement.helpers:
        if helper.parameters:
            bodies[helper.name] = helper
        else:
            values[helper.name] = _spread(helper.body, values, call, bodies, ctx)
    owed = []
    for side in (statement.left, statement.right):
        found = _spread(side, values, call, bodies, ctx)
        owed += [abs(item.value - found.value) / NUDGE * item.least for item in found.moved]
    return min((share for share in owed if share), default=ctx.inf)


def _spread(
    formula: Formula, names: Mapping[str, Spread], call: Callable, bodies: Mapping, ctx: Any
) -> Spread:
    match formula:
        case Number(value):
            return Spread(convert(value, ctx))
        case Name(name):
            return names[name]
        case Apply(function, arguments):
            parts = [_spread(part, names, call, bodies, ctx) for part in arguments]
            values = [part.value for part in parts]
            own = Spread(None)
            if function in bodies:
                helper = bodies[function]
                inside = dict(zip(helper.parameters, map(Spread, values), strict=True))
                own = _spread(helper.body, {**names, **inside}, call, bodies, ctx)
            else:
                own = Spread(call(function, *values), _of_sum(function, values))
            return Spread(own.value, (*own.moved, *_passed_on(function, parts, call)))
    raise TypeError(f"{formula} is no formula")


def _of_sum(function: str, values: list[Any]) -> tuple[Moved, ...]:
    """A sum with its largest term moved."""
    sizes = [abs(value) for value in values if value]
    if function != "+" or not sizes:
        return ()
    largest = max(values, key=abs)
    return (Moved(sum(values) + largest * NUDGE, min(sizes) / max(sizes)),)


def _passed_on(function: str, parts: list[Spread], call: Callable) -> Iterator[Moved]:
    """What becomes of a function as the sums in its arguments are moved."""
    for k, part in enumerate(parts):
        for moved in part.moved:
            values = [other.value for other in parts]
            values[k] = moved.value
            try:
                yield moved._replace(value=call(function, *values))
            except NO_VALUE:  # at the end of a domain
                continue
