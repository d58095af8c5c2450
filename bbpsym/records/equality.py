"""Whether two relations are the same, by algebra; "cannot tell" counts as different."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    Integral,
    Mul,
    exp,
    expand,
    expand_log,
    factor,
    log,
    simplify,
    together,
)
from sympy.core.relational import Relational
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from bbpsym.averages.closed_forms import lower
from bbpsym.equations.average import Average
from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.equations.resolvent import identity
from bbpsym.functions.signs import is_seen_not_zero
from bbpsym.symbols import p


def same_statement(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    """Whether two statements consist of the same relations, side by side."""
    return len(left) == len(right) and all(map(same_relation, left, right))


def same_relation(left: Any, right: Any) -> bool:
    """Whether two relations are of one kind and agree on both sides."""
    if not isinstance(left, Relational) or left.func != right.func:
        return False
    return all(map(same_expression, left.args, right.args))


@lru_cache(maxsize=4096)
def same_expression(left: Expr, right: Expr) -> bool:
    """Whether the difference of two expressions is zero by algebra."""
    if left == right:
        return True
    if left.is_infinite or right.is_infinite:
        return False
    difference = left - right
    if not difference.is_commutative:
        return apply_identity(difference) == 0
    if difference.has(ExponentialIntegral):
        numerator, _ = together(rational_in_exponential_integrals(difference)).as_numer_denom()
        return expand(numerator) == 0
    difference = canonical_averages(difference)
    stand_ins = {item: Dummy() for item in difference.atoms(Average, Integral)}
    difference = difference.xreplace(stand_ins)
    if is_seen_not_zero(difference):
        return False
    if any(reduction(difference) == 0 for reduction in (expand, _numerator)):
        return True
    if difference.has(exp, HyperbolicFunction):
        if _numerator(rational_in_exponentials(difference)) == 0:
            return True
        if difference.has(HyperbolicFunction):
            return False  # nothing else would find it, and `simplify` takes minutes
    return same_product(left, right) or simplify(difference) == 0


def same_product(left: Expr, right: Expr) -> bool:
    """Whether two products of powers agree, by their logarithms (of positive factors)."""
    logs = (expand(expand_log(log(side), force=True)) for side in (left, right))
    difference = next(logs) - next(logs)
    return any(reduction(difference) == 0 for reduction in (expand, _numerator))


def rational_in_exponential_integrals(expression: Expr) -> Expr:
    """Write `exp(z) E_n(z)` as one symbol for each z, all orders reduced to one of them.

    The exponentials drop out, and what is left is rational.
    """
    for target in (p / 2, Integer(1)):
        expression = lower(expression, target)
    expression = expression.replace(exp, lambda z: exp(factor(z)))
    expression = expression.replace(
        ExponentialIntegral, lambda order, z: ExponentialIntegral(order, factor(z))
    )
    values: dict[Expr, Expr] = {}
    for z in {item.args[1] for item in expression.atoms(ExponentialIntegral)}:
        power = Dummy()
        values |= {exp(z): power, exp(-z): 1 / power}
        values |= {
            item: Dummy() / power
            for item in expression.atoms(ExponentialIntegral)
            if item.args[1] == z
        }
    return expression.xreplace(values)


def rational_in_exponentials(expression: Expr) -> Expr:
    """Write hyperbolic functions by exponentials, and these by one symbol for each exponent.

    Exponents are expanded, `exp(2 x - y)` becomes `X^2/Y`: what is left is rational.
    """
    names: dict[Expr, Dummy] = {}

    def power(exponent: Expr) -> Expr:
        parts = (term.as_coeff_Mul() for term in Add.make_args(expand(exponent)))
        return Mul(*(names.setdefault(x, Dummy(positive=True)) ** n for n, x in parts))

    return expression.rewrite(exp).replace(exp, power)


def _numerator(expression: Expr) -> Expr:
    """Numerator over a common denominator: zero if and only if the fraction is, and no gcd."""
    return expand(together(expression).as_numer_denom()[0])


def canonical_averages(expression: Expr) -> Expr:
    """Use the linearity of averages, and write what is averaged in one way only."""
    for rule in (_split, _canonical):
        expression = expression.doit(integrals=False)
        expression = expression.xreplace({a: rule(a) for a in expression.atoms(Average)})
    return expression


def _split(average: Average) -> Expr:
    """The sum of averages of terms, with what is not random in front."""
    return average.expand(deep=False, average=True, mul=False, power_base=False, log=False)


def _canonical(average: Average) -> Expr:
    return _split(Average(factor(together(average.args[0]))))


def apply_identity(expression: Expr) -> Expr:
    """Expand a product of matrices and drop the identity matrix from every product."""
    expanded = expand(expression)
    return expanded.replace(
        lambda term: isinstance(term, Mul) and term.has(identity),
        lambda term: (
            Mul(*(factor_ for factor_ in term.args if factor_ != identity))
            if any(not f.is_commutative and f != identity for f in term.args)
            else term
        ),
    )
