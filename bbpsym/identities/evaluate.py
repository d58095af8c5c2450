"""Numbers for both sides of a relation, at a point where every symbol has a value."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import Expr, Float, Integral, Rational, Sum, Symbol, lambdify, oo
from sympy.core.relational import Equality, Relational

from bbpsym.equations.average import Average
from bbpsym.equations.resolvent import MatrixAverage
from bbpsym.identities.matrix_quadrature import matrix_average
from bbpsym.identities.quadrature import DOUBLE, average
from bbpsym.identities.record import Approach, Point
from bbpsym.numerics.multiprecision import context

#: Half-width and step of the rule for Gaussian integrals.
WIDTH, STEP = 16.0, 0.125


def agreement(relation: Relational, point: Point, digits: int) -> float:
    """Digits to which the two sides agree, infinite only where both are exact and equal.

    An inequality that holds has the digits that were worked with, one that does not has none.
    """
    left, right = (evaluate(side, point, digits) for side in relation.args)
    if not isinstance(relation, Equality):
        exact = float("inf") if is_exact(left) and is_exact(right) else float(digits)
        return exact if bool(relation.func(left, right)) else 0.0
    ctx = context(digits + 30)
    difference, scale = norm(left - right, ctx), max(norm(left, ctx), norm(right, ctx))
    if difference == 0:
        exact = is_exact(left) and is_exact(right)
        return (float("inf") if exact else float(digits)) if scale else 0.0
    return max(0.0, float(-ctx.log10(difference / scale)))


def limit_agreement(relation: Relational, approach: Approach, digits: int) -> float:
    """Digits to which the ratio of the two sides tends to one, by Richardson's extrapolation."""
    ctx = context(digits + 30)
    ratios = []
    for point in approach.points:
        left, right = (ctx.mpmathify(evaluate(side, point, digits)) for side in relation.args)
        if right == 0:
            return 0.0
        ratios.append(left / right)
    order = approach.power
    while len(ratios) > 1:
        factor = 2**order
        ratios = [(factor * fine - coarse) / (factor - 1) for coarse, fine in pairwise(ratios)]
        order += approach.power
    difference = abs(ratios[0] - 1)
    return float(digits) if difference == 0 else max(0.0, float(-ctx.log10(difference)))


def is_exact(value: Any) -> bool:
    """Whether a value is a rational number and not a rounded one."""
    return isinstance(value, (int, Rational))


def norm(value: Any, ctx: Any) -> Any:
    """Absolute value of a number, or the largest one in a matrix."""
    if hasattr(value, "rows"):
        return max(abs(entry) for entry in value)
    return abs(ctx.mpmathify(value))


def evaluate(expression: Expr, point: Point, digits: int) -> Any:
    """Evaluate an expression at a point.

    Averages are integrated in two dimensions, infinite sums of matrices are summed until a term
    no longer counts, and everything else is left to SymPy.
    """
    if not expression.is_commutative:
        return _matrix(expression, point, digits)
    numbers = {symbol: value for symbol, value in point.items() if not hasattr(value, "rows")}
    expression = expression.subs(
        {symbol: value for symbol, value in numbers.items() if getattr(value, "is_Integer", False)}
    )
    averages = {
        item: as_float(average(item.args[0], numbers, digits), digits)
        for item in expression.atoms(Average)
    }
    plane = {
        item: as_float(gaussian_trapezoid(item, numbers), DOUBLE)
        for item in expression.atoms(Integral)
        if item.limits[0][1] == -oo
    }
    replaced = expression.xreplace(averages | plane).doit(integrals=False)
    replaced = replaced.xreplace({symbol: as_float(v, digits) for symbol, v in numbers.items()})
    if replaced.is_Rational:
        return replaced
    value = replaced.evalf(digits + 15, maxn=400)
    if not value.is_number or value.has(Integral, Sum):
        raise ValueError(f"{expression} has no value at the point")
    return value


def gaussian_trapezoid(integral: Integral, numbers: Point) -> float:
    """Integrate a Gaussian over the whole line or plane; the trapezoidal rule is exact for it."""
    fields = [limits[0] for limits in integral.limits]
    names = sorted(integral.free_symbols, key=str)
    function = lambdify([*fields, *names], integral.function, "numpy")
    line = np.arange(-WIDTH, WIDTH + STEP / 2, STEP)
    axes = np.meshgrid(*[line] * len(fields), indexing="ij")
    values = function(*axes, *(float(numbers[name]) for name in names))
    return float(np.sum(values) * STEP ** len(fields))


def as_float(value: Any, digits: int) -> Any:
    """A SymPy number: exact numbers stay exact, others keep the digits they carry."""
    if isinstance(value, (int, Rational)) or getattr(value, "is_number", False):
        return Rational(value) if isinstance(value, int) else value
    if hasattr(value, "context"):  # a number of a private context: Float would round it
        return Float(value.context.nstr(value, digits + 20), digits + 20)
    return Float(value, 17 if digits <= DOUBLE else digits + 15)


def _matrix(expression: Expr, point: Point, digits: int) -> Any:
    """Evaluate a product of matrices, with mpmath's matrices for the symbols."""
    ctx = context(digits + 15)
    sums = {item: _series(item, point, digits) for item in expression.atoms(Sum)}
    for item in expression.atoms(MatrixAverage):
        sums[item] = ctx.matrix(matrix_average(item.args[0], point).tolist())
    names = {item: Symbol(f"sum{k}", commutative=False) for k, item in enumerate(sums)}
    function, symbols = _matrix_function(expression.xreplace(names), (), tuple(names.values()), ctx)
    return function(*sums.values(), *(_number(point[symbol], ctx) for symbol in symbols))


def _series(series: Sum, point: Point, digits: int) -> Any:
    """Sum an infinite series of matrix products."""
    ((index, start, end),) = series.limits
    if end != oo:
        raise ValueError(f"{series} is not an infinite series")
    ctx = context(digits + 15)
    term, symbols = _matrix_function(series.function, (index,), (), ctx)
    values = [_number(point[symbol], ctx) for symbol in symbols]
    order = int(start)
    total = term(order, *values)
    while True:
        order += 1
        added = term(order, *values)
        total += added
        if norm(added, ctx) < ctx.mpf(10) ** (-digits - 10) * norm(total, ctx):
            return total


def _matrix_function(
    expression: Expr, indices: tuple[Symbol, ...], first: tuple[Symbol, ...], ctx: Any
) -> tuple[Callable, list[Symbol]]:
    """Compile a product; lambdify renames odd symbols and would lose that they do not commute."""
    free = expression.free_symbols - set(indices) - set(first)
    symbols = sorted(free, key=str)
    plain = [Symbol(f"m{k}", commutative=item.is_commutative) for k, item in enumerate(symbols)]
    renamed = expression.xreplace(dict(zip(symbols, plain, strict=True)))
    arguments = [*indices, *first, *plain]
    return lambdify(arguments, renamed, modules=[{"sqrt": ctx.sqrt}]), symbols


def _number(value: Any, ctx: Any) -> Any:
    if hasattr(value, "rows"):
        return ctx.matrix(value)
    return ctx.mpf(int(value.p)) / int(value.q) if isinstance(value, Rational) else ctx.mpf(value)
