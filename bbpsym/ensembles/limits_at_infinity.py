"""What a weight tends to where some coordinates go to infinity."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import (
    Derivative,
    Dummy,
    Expr,
    Function,
    Integral,
    Limit,
    S,
    Symbol,
    exp,
    limit,
    oo,
    pi,
    sqrt,
)
from sympy.calculus.accumulationbounds import AccumBounds

from bbpsym.errors import PrecisionError
from bbpsym.symbols import label


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
    for v, end in away.items():
        if clean.has(v):
            clean = limit(clean, v, end)
            clean = clean.subs(point) if clean.has(oo, -oo) else clean
        else:
            branch = _with_its_sign(branch, v, end, clean.subs(point))
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
    """Put the limits of Gaussian means of bounded functions, which are those of their functions.

    Raises
    ------
    PrecisionError
        If a mean has no such limit.
    """
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
    # What does not move is a number like any other, and SymPy far faster without its form.
    still = (item for item in expression.atoms(Integral, Function) if not item.has(variable))
    names = {item: Dummy(real=True, positive=item.is_positive) for item in still}
    try:
        value = limit(expression.xreplace(names), variable, end)
    except (NotImplementedError, ValueError, RecursionError):
        value = S.NaN
    value = value.xreplace({name: item for item, name in names.items()})
    if value.has(Limit, AccumBounds, Derivative) or (not value.is_finite and value.is_number):
        raise PrecisionError(f"F has no limit as {variable} goes to {end}, as far as can be seen")
    return value
