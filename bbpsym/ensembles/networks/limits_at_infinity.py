"""What a weight tends to where some coordinates go to infinity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sympy import (
    Abs,
    Derivative,
    Dummy,
    Expr,
    Function,
    Integral,
    Limit,
    Max,
    Min,
    Piecewise,
    Poly,
    Pow,
    S,
    Symbol,
    asinh,
    atan,
    cosh,
    erf,
    erfc,
    exp,
    limit,
    log,
    nan,
    oo,
    pi,
    preorder_traversal,
    sinh,
    sqrt,
    tanh,
    true,
    zoo,
)
from sympy import sign as sign_of
from sympy.calculus.accumulationbounds import AccumBounds

from bbpsym.errors import PrecisionError
from bbpsym.symbols import label

#: Functions of one variable that are continuous wherever they are finite, and what is not.
CONTINUOUS = (Abs, asinh, atan, cosh, erf, erfc, exp, log, sinh, tanh)
INFINITE = (oo, -oo, zoo, nan)

#: Where the pieces of a label are those that count far out.
FAR = 1e9


def limit_of(
    branch: Expr, clean: Expr, away: Mapping[Symbol, Expr], point: Mapping[Symbol, float]
) -> Expr:
    """The weight as some coordinates go to infinity: first in the label, which is simpler.

    Where the label's limit is infinite, its sign may depend on the other coordinates.
    """
    if any(branch.has(v) and clean.has(v) for v in away):  # nodes that overlap with the teacher
        branch = branch.subs(label, clean)
        for v, end in away.items():
            branch = limit_at(_means_at(branch, v, end), v, end)
        return branch
    # Of a product as `u_1 u_2` the limit in one factor has the sign of the other.
    signs = {v: (1 if end is oo else -1) for v, end in away.items()}
    sizes = {v: Dummy(positive=True) for v in away}
    for v, end in away.items():
        if clean.has(v):
            chosen = _chosen(clean, {**point, v: signs[v] * FAR})
            clean = _limit(chosen.subs({w: signs[w] * sizes[w] for w in away if w != v}), v, end)
            clean = clean.xreplace({sizes[w]: signs[w] * w for w in away})
            clean = clean.subs(point) if clean.has(oo, -oo) else clean
        else:
            branch = _with_its_sign(branch, v, end, clean.subs(point))
    if clean.has(nan, AccumBounds):  # as of sin(u)
        where = ", ".join(f"{v} -> {end}" for v, end in away.items())
        raise PrecisionError(f"the label has no limit at {where}, as far as can be seen")
    if clean.is_infinite:
        return limit_at(branch, label, clean)
    return branch.subs(label, clean)


def _with_its_sign(branch: Expr, variable: Symbol, end: Expr, value: Expr) -> Expr:
    """A limit that may depend on the sign of the label, as that of `exp(y lambda)` does."""
    try:
        return limit_at(branch, variable, end)
    except PrecisionError:
        if not (value.is_extended_real and value != 0):
            raise
    sign = 1 if value > 0 else -1
    size = Dummy(positive=True)
    found = limit_at(branch.subs(label, sign * size), variable, end)
    return found.subs(size, sign * label)


def _means_at(expression: Expr, variable: Symbol, end: Expr) -> Expr:
    """Put the limits of Gaussian means of bounded functions, which are those of their functions."""
    limits = {}
    for mean in expression.atoms(Integral):
        if mean.has(variable):
            (x,) = mean.variables
            value = limit_at(mean.function * exp(x**2 / 2), variable, end)
            if value.has(x) or not value.is_finite:
                raise PrecisionError(f"{mean} has no limit as {variable} goes to {end}")
            limits[mean] = value * sqrt(2 * pi)
    return expression.xreplace(limits)


def limit_at(expression: Expr, variable: Symbol, end: Expr) -> Expr:
    """Take a limit at infinity.

    Raises
    ------
    PrecisionError
        If SymPy finds none.
    """
    value = _limit(expression, variable, end)
    if value.has(Limit, AccumBounds, Derivative) or (not value.is_finite and value.is_number):
        raise PrecisionError(f"F has no limit as {variable} goes to {end}, as far as can be seen")
    return value


def _limit(expression: Expr, variable: Symbol, end: Expr) -> Expr:
    """The limit by continuity, or SymPy's; not a number where that ends in an error.

    What does not move is a number like any other in it: SymPy is far faster without its form.
    """
    settled = _settled(expression, variable, end)
    if settled is not None:
        return settled
    still = (item for item in expression.atoms(Integral, Function) if not item.has(variable))
    names = {item: Dummy(real=True, positive=item.is_positive) for item in still}
    try:
        found = limit(expression.xreplace(names), variable, end)
    except (NotImplementedError, ValueError, RecursionError, TypeError):
        return S.NaN
    return found.xreplace({name: item for item, name in names.items()})


def _chosen(label_of: Expr, far: Mapping[Symbol, float]) -> Expr:
    """A label with the pieces, and the larger or smaller of its parts, that count far out.

    Where none is told to count the label is no number, and has no limit.
    """

    def value_of(part: Expr) -> float:
        found = part.subs(far)
        return float(found) if found.is_extended_real else float("nan")

    def extreme(*parts: Expr, best: Callable[..., Expr]) -> Expr:
        return best(parts, key=value_of)

    def piece(*pairs: Any) -> Expr:
        held = (value for value, condition in pairs if condition.subs(far) == true)
        return next(held, S.NaN)

    for kind, best in ((Max, max), (Min, min)):
        label_of = label_of.replace(kind, partial(extreme, best=best))
    return label_of.replace(Piecewise, piece)


def _settled(expression: Expr, variable: Symbol, end: Expr) -> Expr | None:
    """The limit of a continuous function of what has one, in which nothing else moves; or None."""
    found = {item: _value_at(item, variable, end) for item in _moving(expression, variable)}
    if None in found.values():
        return None
    names = {item: Dummy() for item in found}
    rest = expression.xreplace(names)
    if rest.has(variable) or any(power.exp.has(*names.values()) for power in rest.atoms(Pow)):
        return None
    value = rest.xreplace({names[item]: value for item, value in found.items()})
    return None if value.has(*INFINITE) else value


def _moving(expression: Expr, variable: Symbol) -> list[Function]:
    """The functions of a variable that stand in no other one."""
    found, walk = [], preorder_traversal(expression)
    for item in walk:
        if isinstance(item, Function) and item.has(variable):
            found.append(item)
            walk.skip()
    return found


def _value_at(function: Function, variable: Symbol, end: Expr) -> Expr | None:
    """Where a continuous function goes, if that is finite; None where it is not told."""
    if not isinstance(function, CONTINUOUS):
        return None
    (inside,) = function.args
    at = _settled(inside, variable, end)
    if at is None:
        at = _far(inside, variable, end)
    value = None if at is None else function.func(at)
    return None if value is None or value.has(*INFINITE, AccumBounds) else value


def _far(inside: Expr, variable: Symbol, end: Expr) -> Expr | None:
    """Infinity with its sign, for a polynomial with coefficients that stay finite."""
    names = {item: Dummy() for item in _moving(inside, variable)}
    if None in (_value_at(item, variable, end) for item in names):
        return None
    moved = inside.xreplace(names)
    if not moved.is_polynomial(variable):
        return None
    form = Poly(moved, variable)
    sign = sign_of(form.LC())
    return sign * end ** form.degree() if form.degree() > 0 and sign in (1, -1) else None
