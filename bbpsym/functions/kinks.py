"""Where a formula in the label is not smooth: an integral over it needs a break there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations, pairwise
from typing import NamedTuple

from sympy import (
    Abs,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    ceiling,
    floor,
    frac,
    pi,
    sign,
    sin,
    solveset,
)
from sympy.core.relational import Relational

from bbpsym.errors import ConvergenceError
from bbpsym.functions.isolation import roots
from bbpsym.symbols import label

#: Distance at which a root found numerically is one in closed form, and the largest denominator
#: with which a rational one is recognised.
CLOSE = Rational(1, 10**20)
SIMPLE = 1000


class Kinks(NamedTuple):
    """Labels at which a formula changes its branch.

    `is_exact` says whether they are in closed form, `is_proved` whether these are proved to be all.
    """

    points: set[Expr]
    is_exact: bool = True
    is_proved: bool = True


def kinks(formula: Expr, support: Sequence[Expr]) -> Kinks:
    """Labels inside a support at which a formula changes its branch, as far as they are found."""
    points, exact, proved = set[Expr](), True, True
    for changing in _changing(formula):
        try:
            found = zeros(changing, support)
        except ConvergenceError:
            proved = False
            continue
        inside = {point for point in found.points if support[0] < point < support[-1]}
        points |= inside
        exact &= found.is_exact or not inside
        proved &= found.is_proved
    return Kinks(points, exact, proved)


def zeros(function: Expr, support: Sequence[Expr]) -> Kinks:
    """Where a function is zero, by algebra or else by bisection between the points of a support.

    Raises
    ------
    ConvergenceError
        If neither comes to an end.
    """
    with suppress(NotImplementedError, ValueError, TypeError):
        found = solveset(function, label, domain=S.Reals)
        if found.is_FiniteSet:
            return Kinks({*found})
    inside = [roots(function, low, high) for low, high in pairwise(support)]
    points = {simplest(point, function) for item in inside for point in item.points}
    exact = all(function.subs(label, point) == 0 for point in points)
    return Kinks(points, exact, all(item.is_proved for item in inside))


def simplest(root: Rational, function: Expr) -> Rational:
    """A root as a simple fraction, where it is one."""
    simple = root.limit_denominator(SIMPLE)
    return simple if abs(simple - root) < CLOSE and function.subs(label, simple) == 0 else root


def _changing(formula: Expr) -> Iterator[Expr]:
    """What is zero where the branch changes."""
    for item in formula.atoms(Abs, sign, Heaviside):
        yield item.args[0]
    for item in formula.atoms(floor, ceiling, frac):
        yield sin(pi * item.args[0])
    for item in formula.atoms(Max, Min):
        yield from (one - other for one, other in combinations(item.args, 2))
    for item in formula.atoms(Piecewise):
        yield from (condition.lhs - condition.rhs for condition in item.atoms(Relational))
