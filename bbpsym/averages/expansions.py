"""Expansion of averages at the smooth edge in powers of 1/p, by a general routine.

At t = 1 an average is polynomial in the teacher's output, whose moments are exact; the student's
output is close to one, and `E F(yh) = sum_n F^(n)(1) mu_n / n!` with the central moments
`mu_n = O(p^(-ceil(n/2)))` of its law.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import (
    EX,
    QQ,
    Add,
    Expr,
    Poly,
    S,
    Symbol,
    Tuple,
    expand,
    factor,
    factorial,
    symbols,
    together,
)
from sympy.polys.polyerrors import CoercionFailed

from bbpsym.averages.laplace_variable import central_moment
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import Law, hessian_ensemble
from bbpsym.symbols import f, g, p, u, y, yh

#: The small parameter 1/p.
q = Symbol("q", positive=True)


@lru_cache(maxsize=64)
def overparametrised_series(expression: Expr, order: int) -> Expr:
    """Expand an expression in averages at the smooth edge to `order` in 1/p.

    Parameters
    ----------
    expression : Expr
        In g, alpha and averages over f and u^2; in units of 2/p, so that g = -1.
    order : int
        Highest power of 1/p kept.

    Returns
    -------
    Expr
        A polynomial in 1/p with coefficients in a and p_star.
    """
    averages = sorted(expression.atoms(Average), key=str)
    names = {item: symbols(f"c{k}_:{order + 1}") for k, item in enumerate(averages)}
    polynomials = {
        item: sum(name * q**n for n, name in enumerate(names[item])) for item in averages
    }
    values: dict[Symbol, Expr] = {}
    for item in averages:
        values |= dict(zip(names[item], average_coefficients(item.args[0], order), strict=True))
    small = expression.xreplace(polynomials).subs(g, -1)
    return Add(*(c / p**n for n, c in enumerate(series_of_ratio(small, values, order))))


def series_of_ratio(expression: Expr, values: Mapping[Expr, Expr], order: int) -> list[Expr]:
    """Coefficients of q^0 to q^order of a rational function of q.

    What the names of its coefficients stand for is put in late, so that what is factored stays
    small.
    """
    numerator, denominator = (
        [part.coeff(q, n).subs(values).doit() for n in range(order + 1)]
        for part in (expand(side) for side in together(expression).as_numer_denom())
    )
    # In the field of rational functions: what cancels is gone before anything is factored.
    names = Tuple(*numerator, *denominator).free_symbols
    field: Any = QQ.frac_field(*sorted(names, key=str)) if names else QQ
    try:
        above, below = ([field.from_sympy(x) for x in side] for side in (numerator, denominator))
    except (CoercionFailed, ValueError):  # a coefficient that is no rational function
        field = EX
        above, below = ([field.from_sympy(x) for x in side] for side in (numerator, denominator))
    found: list[Any] = []
    for n in range(order + 1):
        known = sum((found[k] * below[n - k] for k in range(n)), field.zero)
        found.append((above[n] - known) / below[0])
    return [factor(field.to_sympy(item)) for item in found]


@lru_cache(maxsize=1024)
def average_coefficients(argument: Expr, order: int) -> tuple[Expr, ...]:
    """Coefficients of one average in powers of 1/p."""
    ensemble = hessian_ensemble()
    laws = {law.variable: law for law in ensemble.laws}
    totals = [S.Zero] * (order + 1)
    for weight in ensemble.weights:
        value = argument.subs(u**2, ensemble.signal).subs({f: weight.value, g: -1})
        found = student_mean(_teacher_mean(factor(value), laws[y]), laws[yh], order)
        share = Poly(weight.share.subs(p, 1 / q).expand(), q)
        for (power,), part in share.terms():
            for n in range(order + 1 - power):
                totals[n + power] += part * found[n]
    return tuple(factor(together(total)) for total in totals)


def _teacher_mean(value: Expr, law: Law) -> Expr:
    """Average over y of a polynomial in y, by Taylor's expansion about its mean."""
    numerator, denominator = together(value).as_numer_denom()
    degree = Poly(numerator, y).degree()
    terms = (
        numerator.diff(y, n).subs(y, 1) * central_moment(law, n, S.Zero) / factorial(n)
        for n in range(degree + 1)
    )
    return sum(terms, start=S.Zero) / denominator


def student_mean(value: Expr, law: Law, order: int) -> list[Expr]:
    """Average over yh: coefficients of the powers of 1/p."""
    totals = [S.Zero] * (order + 1)
    for n in range(2 * order + 1):
        moment = _moment(law, n).subs(p, 1 / q).expand()
        slope = factor(value.diff(yh, n).subs(yh, 1)) / factorial(n)
        for k in range(order + 1):
            totals[k] += slope * moment.coeff(q, k)
    return totals


@lru_cache(maxsize=1024)
def _moment(law: Law, n: int) -> Expr:
    return central_moment(law, n, S.Zero).expand()
