"""Averages over weights with a polynomial density: closed forms, which need no quadrature.

With `w = 1 + t f` every average is a sum of powers of w, integrated over an interval. So balls
enclose it at once. At t = 1 the density's own zero at the bound, w = 0, cancels first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Expr,
    Poly,
    PolynomialError,
    Rational,
    S,
    Symbol,
    apart,
    cancel,
    factor_list,
    fraction,
    log,
    sign,
    solve,
)

from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import DomainError
from bbpsym.symbols import f, g, t, u

_w = Symbol("w", positive=True)


@dataclass(frozen=True)
class PolynomialLaw:
    """Weights of a family with a polynomial density, and a signal factor of one."""

    #: The law whose equations hold.
    family: WeightLaw
    #: Density of the weights, a fraction in `bbpsym.symbols.f` with poles at f = 0 at most.
    density: Expr
    #: Ends of their support.
    low: Expr
    high: Expr
    #: Whether t is one.
    at_end: bool = False


def polynomial_law(family: WeightLaw, labels: Any, label_of: Expr) -> PolynomialLaw | None:
    """Return the law of weights f at the label `label_of`; None if it is no such law.

    The density of the label must be a polynomial with rational coefficients on a finite interval,
    and the label a Moebius function of f, without a pole where that is.
    """
    ends = labels.breaks
    plain = isinstance(labels.density, Expr) and not labels.atoms and labels.signal == 1
    if not plain or not all(end.is_Rational for end in ends):
        return None
    (label,) = labels.density.free_symbols or {f}
    low, high = sorted(solve(label_of - end, f)[0] for end in (ends[0], ends[-1]))
    slope = label_of.diff(f)
    try:
        coefficients = Poly(labels.density, label).all_coeffs()
    except PolynomialError:
        return None
    if not all(isinstance(item, Rational) for item in (*coefficients, low, high)):
        return None
    density = labels.density.subs(label, label_of) * sign(slope.subs(f, (low + high) / 2)) * slope
    return PolynomialLaw(family, cancel(density), low, high)


def closed_form(expression: Expr, law: PolynomialLaw) -> Expr:
    """Return an expression of averages as a function of t, without integrals.

    Raises
    ------
    DomainError
        If an average diverges.
    """
    at = S.One if law.at_end else t

    def mean(random: Expr) -> Expr:
        return _integral(law.density * random.subs({u: 1, g: -at}), law, at)

    return expression.replace(Average, mean).subs(g, -at)


def _integral(integrand: Expr, law: PolynomialLaw, at: Expr) -> Expr:
    """Integrate a fraction whose poles all lie at w = 0 or at f = 0 over the weights."""
    whole = apart(cancel(integrand.subs(f, (_w - 1) / at)), _w)
    low, high = 1 + at * law.low, 1 + at * law.high
    return sum((_between(term, low, high) for term in Add.make_args(whole)), S.Zero) / at


def _between(term: Expr, low: Expr, high: Expr) -> Expr:
    """Integrate powers of w, or one power of an affine function of it."""
    if term.is_polynomial(_w):
        whole = Poly(term, _w).integrate()
        return whole.eval(high) - whole.eval(low)
    numerator, denominator = fraction(term)
    base, exponent = factor_list(denominator, _w)[1][0]
    first, last = (base.subs(_w, end) for end in (low, high))
    if first == 0:
        raise DomainError("an average diverges at the bound of the weights")
    factor = cancel(numerator * base**exponent / denominator) / base.diff(_w)
    if exponent == 1:
        return factor * log(last / first)
    return factor * (last ** (1 - exponent) - first ** (1 - exponent)) / (1 - exponent)
