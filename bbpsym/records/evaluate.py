"""Numbers for both sides of a relation, at a point where every symbol has a value."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from sympy import (
    Derivative,
    Expr,
    Float,
    Indexed,
    Integral,
    Matrix,
    Rational,
    Sum,
    Symbol,
    lambdify,
    oo,
)
from sympy import log as logarithm
from sympy.core.relational import Equality, Relational

from bbpsym.equations.average import Average
from bbpsym.equations.resolvent import MatrixAverage
from bbpsym.equations.thresholds import X
from bbpsym.records.brute_force import DOUBLE, as_function, matrix_average
from bbpsym.records.record import Approach, Assignment

#: Half-width and step of the rule for Gaussian integrals.
WIDTH, STEP = 16.0, 0.125


def agreement(relation: Relational, point: Assignment, digits: int) -> float:
    """Digits to which the two sides agree, infinite only where both are exact and equal.

    An inequality that holds has the digits that were worked with, one that does not has none.
    """
    left, right = (evaluate(side, point, digits) for side in relation.args)
    if not isinstance(relation, Equality):
        exact = float("inf") if is_exact(left) and is_exact(right) else float(digits)
        return exact if bool(relation.func(left, right)) else 0.0
    difference, scale = norm(left - right), max(norm(left), norm(right))
    if difference == 0:
        exact = is_exact(left) and is_exact(right)
        return (float("inf") if exact else float(digits)) if scale else 0.0
    return max(0.0, float(-logarithm(Float(difference / scale, 15), 10)))


def limit_agreement(relation: Relational, approach: Approach, digits: int) -> float:
    """Digits to which the ratio of the two sides tends to one, by Richardson's extrapolation."""
    ratios = []
    for point in approach.points:
        left, right = (evaluate(side, point, digits) for side in relation.args)
        if right == 0:
            return 0.0
        ratios.append(Float(left / right, digits + 15))
    order = approach.power
    while len(ratios) > 1:
        factor = 2**order
        ratios = [(factor * fine - coarse) / (factor - 1) for coarse, fine in pairwise(ratios)]
        order += approach.power
    difference = abs(ratios[0] - 1)
    return float(digits) if difference == 0 else max(0.0, float(-logarithm(difference, 10)))


def is_exact(value: Any) -> bool:
    """Whether a value, or every entry of a matrix, is a rational number and not a rounded one."""
    entries = value if hasattr(value, "rows") else [value]
    return all(isinstance(entry, Rational) for entry in entries)


def norm(value: Any) -> Any:
    """Absolute value of a number, or the largest one in a matrix."""
    return max(map(abs, value)) if hasattr(value, "rows") else abs(value)


def evaluate(expression: Expr, point: Assignment, digits: int) -> Any:
    """Evaluate an expression at a point.

    Averages are integrated in two dimensions, series of matrices are summed until a term vanishes,
    and everything else is left to SymPy.
    """
    if not all(symbol.is_commutative for symbol in expression.free_symbols):
        return _matrix(expression, point, digits)
    if hasattr(expression, "as_explicit"):
        expression = expression.as_explicit()
    whole = {
        symbol: point[symbol]
        for symbol in expression.free_symbols
        if symbol in point and getattr(point[symbol], "is_Integer", False)
    }
    averages = {item: point.mean(item.args[0]) for item in expression.atoms(Average)}  # type: ignore[attr-defined]
    plane = {item: gaussian(item, point) for item in expression.atoms(Integral) if _is_plane(item)}
    expression = expression.xreplace(_as_floats(averages, digits) | _as_floats(plane, DOUBLE))
    expression = _with_values(expression, point, digits, (Derivative, X)).subs(whole)
    expression = _with_values(expression.doit(integrals=False), point, digits, (Indexed,))
    values = {symbol: point[symbol] for symbol in expression.free_symbols}
    replaced = expression.xreplace(_as_floats(values, digits))
    if replaced.is_Rational:
        return replaced
    value = replaced.evalf(digits + 15, maxn=400)
    entries = value if hasattr(value, "rows") else [value]
    if not all(entry.is_number for entry in entries) or value.has(Integral, Sum):
        raise ValueError(f"{expression} has no value at the point")
    return value


def _with_values(expression: Expr, point: Assignment, digits: int, kinds: tuple) -> Expr:
    """The expression with all of its parts of some kinds replaced by their values."""
    for kind in kinds:
        found = {item: point[item] for item in expression.atoms(kind)}
        expression = expression.xreplace(_as_floats(found, digits))
    return expression


def _is_plane(item: Integral) -> bool:
    return item.limits[0][1] == -oo


def gaussian(integral: Integral, point: Assignment) -> float:
    """Integrate a Gaussian over the whole line or plane; the trapezoidal rule is exact for it."""
    fields = [limits[0] for limits in integral.limits]
    names = sorted(integral.free_symbols, key=str)
    function = lambdify([*fields, *names], integral.function, "numpy")
    line = np.arange(-WIDTH, WIDTH + STEP / 2, STEP)
    axes = np.meshgrid(*[line] * len(fields), indexing="ij")
    values = function(*axes, *(float(point[name]) for name in names))
    return float(np.sum(values) * STEP ** len(fields))


def _as_floats(values: Assignment, digits: int) -> dict[Any, Expr]:
    return {item: as_float(value, digits) for item, value in values.items()}


def as_float(value: Any, digits: int) -> Any:
    """A SymPy number: exact numbers stay exact, others keep the digits they carry."""
    if isinstance(value, int):
        return Rational(value)
    if getattr(value, "is_number", False):
        return value
    if hasattr(value, "mid"):  # a ball
        return Float(value.mid().str(digits + 20, radius=False), digits + 20)
    return Float(value, 17 if digits <= DOUBLE else digits + 15)


def _matrix(expression: Expr, point: Assignment, digits: int) -> Any:
    """Evaluate a product of matrices, of rational numbers wherever these are given."""
    values = {item: _series(item, point) for item in expression.atoms(Sum)}
    for item in expression.atoms(MatrixAverage):
        values[item] = Matrix(np.asarray(matrix_average(item.args[0], point)))
    names = {item: Symbol(f"sum{k}", commutative=False) for k, item in enumerate(values)}
    named = expression.xreplace(names)
    symbols = sorted(named.free_symbols - set(names.values()), key=str)
    numbers = [
        value if hasattr(value := point[symbol], "rows") else as_float(value, digits)
        for symbol in symbols
    ]
    found = as_function(named, [*names.values(), *symbols])(*values.values(), *numbers)
    return found[0] if found.shape == (1, 1) else found


def _series(total: Sum, point: Assignment) -> Any:
    """Sum a series of matrix products until a term vanishes."""
    ((index, start, end),) = total.limits
    if end != oo:
        raise ValueError(f"{total} is not an infinite series")
    symbols = sorted(total.function.free_symbols - {index}, key=str)
    term = as_function(total.function, [index, *symbols])
    values = [point[symbol] for symbol in symbols]
    order = int(start)
    found = term(order, *values)
    while norm(added := term(order := order + 1, *values)):
        if order > DOUBLE:
            raise ValueError(f"{total} does not end")
        found += added
    return found
