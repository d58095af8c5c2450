"""From one-dimensional integrals to closed forms: generalised exponential integrals, by code.

Where a single Laplace transform is left, as at the smooth edge t = 1, the substitution
`w = 1 + b s` turns every integral into a sum of `E_n(a/b)`; for even widths partial fractions do
the same at any t. The recurrence of the `E_n` leaves one of them.
"""

from __future__ import annotations

from sympy import (
    Add,
    Expr,
    Integral,
    Mul,
    Poly,
    PolynomialError,
    Rational,
    S,
    apart,
    cancel,
    erfc,
    exp,
    expand,
    factor,
    factorial,
    log,
    pi,
    powsimp,
    sqrt,
    symbols,
    together,
)

from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.errors import DomainError
from bbpsym.symbols import s

_w = symbols("w", positive=True)


def closed_form(expression: Expr) -> Expr:
    """Replace every integral over s by exponential integrals.

    Parameters
    ----------
    expression : Expr
        From `bbpsym.averages.laplace_variable.reduce`, at t = 1 (any widths), or with even integer
        widths.

    Raises
    ------
    DomainError
        If an integrand is not of this kind, e.g. for odd widths at general t, where a square root
        remains or two Laplace transforms of non-integer power.
    """
    try:
        values = {item: _integral(item) for item in expression.atoms(Integral)}
    except (PolynomialError, NotImplementedError) as error:
        raise DomainError(
            "no closed form is known for this integral: t must be 1, or both widths even integers"
        ) from error
    return expression.xreplace(values)


def _integral(integral: Integral) -> Expr:
    """One integral over s: exp(-c s) times powers of affine functions of s."""
    rational, decay = _separate(integral.function)
    logarithms = Add(*(term for term in Add.make_args(decay) if term.has(log)))
    rate = cancel(-(decay - logarithms) / s)
    bases = {item.args[0] for item in logarithms.atoms(log)}
    powers = {base: logarithms.coeff(log(base)) for base in bases}
    if all(power.is_Integer for power in powers.values()):
        rational *= Mul(*(base**power for base, power in powers.items()))
        return _by_partial_fractions(rational, rate)
    if len(powers) != 1:
        raise DomainError("two Laplace transforms of non-integer power have no closed form here")
    ((base, power),) = powers.items()
    return _by_substitution(rational, rate, base, power)


def _separate(integrand: Expr) -> tuple[Expr, Expr]:
    """The rational factor, and the exponent of the exponential with its logarithms expanded."""
    exponent = S.Zero
    rational = S.One
    for item in Mul.make_args(powsimp(integrand)):
        if isinstance(item, exp):
            exponent += item.args[0]
        else:
            rational *= item
    return rational, expand(exponent)


def _by_substitution(rational: Expr, rate: Expr, base: Expr, power: Expr) -> Expr:
    """Substitute `w = 1 + b s`: `int_1^inf w^(power + k) exp(-rate (w - 1)/b) dw / b`."""
    slope = base.diff(s)
    in_w = expand(cancel(together(rational.subs(s, (_w - 1) / slope))))
    z = cancel(rate / slope)
    terms = (term.as_coeff_exponent(_w) for term in Add.make_args(in_w))
    return Add(*(c * exp(z) * ExponentialIntegral(-power - k, z) / slope for c, k in terms))


def _by_partial_fractions(rational: Expr, rate: Expr) -> Expr:
    """Sum over poles: `int_0^inf exp(-r s)/(s + q)^n ds = exp(r q) q^(1 - n) E_n(r q)`."""
    total = S.Zero
    for term in Add.make_args(apart(factor(rational), s)):
        numerator, denominator = term.as_numer_denom()
        if not denominator.has(s):
            poly = Poly(numerator / denominator, s)
            total += Add(*(c * factorial(n) / rate ** (n + 1) for (n,), c in poly.terms()))
            continue
        constant, powered = denominator.as_independent(s, as_Add=False)
        base, order = powered.as_base_exp()
        slope = base.diff(s)
        pole = cancel(base.subs(s, 0) / slope)
        scale = numerator / constant / slope**order
        total += (
            scale * exp(rate * pole) * pole ** (1 - order) * ExponentialIntegral(order, rate * pole)
        )
    return total


def lower(expression: Expr, order: Expr) -> Expr:
    """Write all exponential integrals through the one of the given order.

    `n E_(n + 1)(z) = exp(-z) - z E_n(z)`, up or down; orders must differ from `order` by integers.
    """

    def shifted(item_order: Expr, z: Expr) -> Expr:
        distance = item_order - order
        if not distance.is_Integer:
            return ExponentialIntegral(item_order, z)
        if distance > 0:
            below = item_order - 1
            return (exp(-z) - z * shifted(below, z)) / below
        if distance < 0:
            return (exp(-z) - item_order * shifted(item_order + 1, z)) / z
        return ExponentialIntegral(order, z)

    return expression.replace(ExponentialIntegral, shifted)


def elementary(expression: Expr) -> Expr:
    """Write exponential integrals of integer order by `E_1`, of half-integer order by `erfc`.

    `E_(1/2)(z) = sqrt(pi/z) erfc(sqrt(z))`.
    """
    orders = {item.args[0] for item in expression.atoms(ExponentialIntegral)}
    for order in orders:
        target = S.One if order.is_Integer else Rational(1, 2)
        if (order - target).is_Integer:
            expression = expression.replace(
                lambda item, order=order: (
                    isinstance(item, ExponentialIntegral) and item.args[0] == order
                ),
                lambda item, target=target: lower(item, target),
            )
    return expression.replace(
        lambda item: isinstance(item, ExponentialIntegral) and item.args[0] == Rational(1, 2),
        lambda item: sqrt(pi / item.args[1]) * erfc(sqrt(item.args[1])),
    )
