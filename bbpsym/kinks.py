"""Where a formula in the label is not smooth: an integral over it needs a break there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations

from sympy import Abs, Expr, Heaviside, Max, Min, Piecewise, S, sign, solveset
from sympy.core.relational import Relational

from bbpsym.symbols import label


def kinks(formula: Expr) -> set[Expr]:
    """Labels at which a formula changes its branch, as far as SymPy finds them."""
    found: set[Expr] = set()
    for changing in _changing(formula):
        with suppress(NotImplementedError, ValueError, TypeError):
            points = solveset(changing, label, domain=S.Reals)
            found |= {*points} if points.is_FiniteSet else set()
    return found


def _changing(formula: Expr) -> Iterator[Expr]:
    """What is zero where the branch changes."""
    for item in formula.atoms(Abs, sign, Heaviside):
        yield item.args[0]
    for item in formula.atoms(Max, Min):
        yield from (one - other for one, other in combinations(item.args, 2))
    for item in formula.atoms(Piecewise):
        yield from (condition.lhs - condition.rhs for condition in item.atoms(Relational))
