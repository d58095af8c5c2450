"""Whether a formula is differentiable twice: a kink is an atom of the second derivative."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sympy import (
    Abs,
    DiracDelta,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Symbol,
    ceiling,
    floor,
    frac,
    im,
    piecewise_fold,
    re,
    sign,
    simplify,
    solve,
)
from sympy.core.relational import Relational

from bbpsym.errors import DomainError
from bbpsym.writing.handwriting import text

#: Functions that jump, or bend by more than a derivative can tell.
JUMPS = (Heaviside, sign, floor, ceiling, frac, DiracDelta)
BENDS = (Abs, Max, Min, Piecewise)
COMPLEX = (re, im)


def check_twice_differentiable(formula: Expr, variable: Symbol, name: str) -> None:
    """Refuse a formula whose second derivative is not a function.

    Raises
    ------
    DomainError
        If the formula jumps, or its first derivative does.
    """
    shown = _text(formula)
    if formula.has(*COMPLEX):
        raise DomainError(f"{name} must be a real formula, and {shown} takes complex parts")
    if formula.has(*JUMPS):
        raise DomainError(f"{name} must be differentiable twice, and {shown} jumps")
    if not formula.has(*BENDS):
        return
    pieces = piecewise_fold(formula.rewrite(Piecewise))
    for order in (0, 1):
        for point, jump in _jumps(pieces.diff(variable, order), variable):
            if jump != 0:
                what = "jumps" if order == 0 else "has a kink, an atom of its second derivative,"
                raise DomainError(
                    f"{name} must be differentiable twice, and {shown} {what} at "
                    f"{_text(variable)} = {_text(point)}"
                )


def _text(formula: Expr) -> str:
    """A formula in the names in which it is given."""
    return text(formula).replace(r"\hat{y}", "yh")


def _jumps(formula: Expr, variable: Symbol) -> Iterator[tuple[Expr, Expr]]:
    """Yield every break of a formula with the jump of its value there."""
    for piecewise in formula.atoms(Piecewise):
        for (left, condition), (right, _) in pairwise(piecewise.args):
            for relation in condition.atoms(Relational):
                for point in _breaks(relation, variable):
                    change = (left - right).subs(variable, point)
                    yield point, simplify(change)


def _breaks(relation: Relational, variable: Symbol) -> list[Expr]:
    if not relation.has(variable):
        return []
    try:
        return list(solve(relation.lhs - relation.rhs, variable))
    except NotImplementedError:
        raise DomainError(f"a formula must bend at points in closed form, not {relation}") from None
