"""Averages over weights with a polynomial density: closed forms, which need no quadrature.

With `w = 1 + t f` every average is a sum of powers of w, integrated over an interval. So balls
enclose it at once. At t = 1 the density's own zero at the bound, w = 0, cancels first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Poly, PolynomialError, Rational, S, Symbol, cancel, fraction, log

from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import DomainError
from bbpsym.symbols import f, g, t, u

_w = Symbol("w", positive=True)


@dataclass(frozen=True)
class PolynomialLaw:
    """Weights of a family with a polynomial density, and a signal factor of one.

    Attributes
    ----------
    family : WeightLaw
        The law whose equations hold.
    density : Expr
        Density of the weights, in `bbpsym.symbols.f`.
    low, high : Expr
        Ends of their support.
    at_end : bool
        Whether t is one.
    """

    family: WeightLaw
    density: Expr
    low: Expr
    high: Expr
    at_end: bool = False


def polynomial_law(family: WeightLaw, labels: Any, label_of: Expr) -> PolynomialLaw | None:
    """Return the law of weights f at the label `label_of`, affine in f; None if it is no such law.

    The density must be a polynomial with rational coefficients on a finite interval.
    """
    ends = labels.breaks
    plain = isinstance(labels.density, Expr) and not labels.atoms and labels.signal == 1
    if not plain or not all(end.is_Rational for end in ends) or not label_of.is_polynomial(f):
        return None
    (label,) = labels.density.free_symbols or {f}
    slope, shift = Poly(label_of, f).all_coeffs()
    density = (labels.density.subs(label, label_of) * abs(slope)).expand()
    try:
        coefficients = Poly(density, f).all_coeffs()
    except PolynomialError:
        return None
    if not all(isinstance(item, Rational) for item in (*coefficients, slope, shift)):
        return None
    low, high = sorted((end - shift) / slope for end in (ends[0], ends[-1]))
    return PolynomialLaw(family, density, low, high)


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
    """Integrate a fraction whose poles all lie at w = 0 over the weights."""
    numerator, denominator = fraction(cancel(integrand.subs(f, (_w - 1) / at)))
    ((power,), factor), *others = Poly(denominator, _w).terms()
    low, high = 1 + at * law.low, 1 + at * law.high
    total = S.Zero
    for (order,), coefficient in Poly(numerator, _w).terms():
        exponent = order - power + 1
        if others or (low == 0 and exponent <= 0):
            raise DomainError("an average diverges at the bound of the weights")
        part = log(high / low) if exponent == 0 else (high**exponent - low**exponent) / exponent
        total += coefficient * part
    return total / factor / at
