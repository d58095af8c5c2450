"""The sign of a function of the label on an interval where plain enclosures are too wide to tell.

A product has the sign of its factors, and so has a sum whose terms agree. A sum whose terms cancel
is expanded in the distance from the middle of the interval: what is left of the series is small
even on an interval as wide as a tenth of the label.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import prod
from typing import Any

from flint import arb, arb_series, ctx
from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Pow,
    Rational,
    S,
    asinh,
    atan,
    besselk,
    cosh,
    coth,
    csch,
    erf,
    exp,
    expand,
    factor,
    gamma,
    sech,
    sinh,
    tanh,
    together,
)
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from bbpsym.functions.arb_functions import NAMES, precision
from bbpsym.functions.balls import RealBallPrinter, ball_function, enclosure, is_enclosed
from bbpsym.symbols import label

#: Functions that are positive, and those with the sign of their argument.
POSITIVE = (exp, cosh, sech)
ODD = (sinh, csch, tanh, coth, asinh, atan, erf)

#: Terms of a series, more of them where fewer are not enough.
TERMS = (4, 32)

#: Bits at which what is left of a series is enclosed.
COARSE_BITS = 64

#: Largest power of one exponential that counts as the power of another.
MOST_POWERS = 4

#: An expression above this at a point is no rounding error of 30 digits.
REFUTED = Rational(1, 10**10)

#: The sign of a function on an interval; zero where it is not known.
Sign = Callable[[arb], int]


@lru_cache(maxsize=64)
def sign_of(function: Expr) -> Sign:
    """The sign of a function of the label, written in functions that Arb has."""
    if not is_enclosed(function):
        return _sign(function)
    first = _sign(_product(together(function)))
    if not function.has(HyperbolicFunction):
        return first
    # In exponentials the greatest one may be seen to outweigh the others.
    other = cache(lambda: _sign(_product(together(function.rewrite(exp)))))
    return lambda x: first(x) or other()(x)


def _product(function: Expr) -> Expr:
    """Factorise a function as a rational one of what else is in it."""
    names: dict[Expr, Expr] = {}

    def named(power: Expr) -> Expr:
        base, exponent = power.as_base_exp()
        count, rest = exponent.as_coeff_Mul()
        if not (count.is_Integer and 0 < abs(count) <= MOST_POWERS):
            count, rest = S.One, exponent
        return names.setdefault(base**rest, Dummy()) ** count

    product = factor(function.replace(lambda e: not e.is_rational_function(), named))
    for value, name in reversed(names.items()):
        product = product.xreplace({name: value})
    return product


def _sign(function: Expr) -> Sign:
    if isinstance(function, POSITIVE):
        return lambda _: 1
    if isinstance(function, ODD):
        return _sign(function.args[0])
    if isinstance(function, gamma | besselk):
        return _positive(_sign(function.args[-1]))
    if isinstance(function, Mul):
        factors = [*map(_sign, function.args)]
        return lambda x: prod(item(x) for item in factors)
    if function.is_Pow:
        base = _sign(function.base)
        return base if function.exp.is_odd else _positive(base, function.exp.is_even)
    plain = _values(function)
    if not isinstance(function, Add):
        return plain
    terms = [*map(_sign, function.args)]
    others = cache(lambda: (_outweighed(function, terms), _raised(function)))

    def of_sum(x: arb) -> int:
        found = {item(x) for item in terms}
        if len(found) == 1:
            return found.pop()
        return plain(x) or next(filter(None, (other(x) for other in others())), 0)

    return of_sum


def _outweighed(function: Expr, terms: list[Sign]) -> Sign:
    """The sign of a sum in which one term outweighs the others, whose ratios to it are known."""
    ratios = [enclosure(expand(function / term)) for term in function.args]

    def sign(x: arb) -> int:
        return next((of(x) for of, ratio in zip(terms, ratios, strict=True) if ratio(x) > 0), 0)

    return sign


def _raised(function: Expr) -> Sign:
    """The sign of `a + b c^(m/n)`, which that of `a^n` and `b^n c^m` tells, without roots of c."""
    for root in filter(_is_root, function.atoms(Pow)):
        m, n = root.exp.p, root.exp.q
        rest, factor_ = (expand(function).coeff(root, k) for k in (0, 1))
        others = {item.base for item in (rest + factor_).atoms(Pow) if _is_root(item)}
        if root.base in others or expand(function - rest - factor_ * root) != 0 or factor_ == 0:
            continue
        # An odd power rises everywhere; an even one with the size, where the signs differ.
        greater = sign_of(expand(rest**n - (-1) ** n * factor_**n * root.base**m))
        if n % 2:
            return greater
        a, b = _sign(rest), _sign(factor_)
        return lambda x: _common(a(x), b(x)) or (a(x) == -b(x)) * a(x) * greater(x)
    return lambda _: 0


def _is_root(power: Expr) -> bool:
    return bool(power.exp.is_Rational and not power.exp.is_Integer)


def _common(one: int, other: int) -> int:
    return one if one == other else 0


def _positive(inner: Sign, even: bool = False) -> Sign:
    """One where something is positive or, for `even`, has a sign at all."""
    return lambda x: int(inner(x) != 0 if even else inner(x) > 0)


def _values(function: Expr) -> Sign:
    """The sign of all values, as they are enclosed or by a series."""
    enclosed, series = enclosure(function), _series(function)

    def sign(x: arb) -> int:
        for values in (enclosed(x), *(series(x, terms) for terms in TERMS)):
            if values.is_finite() and not values.contains(0):
                return 1 if values > 0 else -1
        return 0

    return sign


def _series(function: Expr) -> Callable[[arb, int], arb]:
    """Enclose a function by so many terms of its series about the middle of an interval."""
    if not is_enclosed(function):
        return lambda _x, _terms: arb.nan()
    names = {**NAMES, **SERIES}
    compiled = ball_function((label,), function, True, RealBallPrinter, names)

    def expanded(x: arb, terms: int) -> list[arb]:
        found = arb_series(compiled(arb_series([x, 1], terms + MOST_SLOPES)))
        return [found[k] for k in range(terms + 1)]

    def enclose(x: arb, terms: int) -> arb:
        before, ctx.cap = ctx.cap, terms + MOST_SLOPES
        middle = x.mid()
        try:
            with precision(2 * ctx.prec):  # terms of the function itself cancel
                coefficients = expanded(middle, terms)
            with precision(COARSE_BITS):  # shifts and recursions widen a ball
                coefficients[-1] = expanded(x, terms)[-1]
        except (AttributeError, TypeError, ValueError, ArithmeticError, NotImplementedError):
            return arb.nan()
        finally:
            ctx.cap = before
        total = arb(0)
        for coefficient in reversed(coefficients):
            total = total * (x - middle) + coefficient
        return total

    return enclose


#: Slopes that may be taken of a series, each of which costs a term.
MOST_SLOPES = 4


def _hyperbolic(sign: int) -> Callable:
    return lambda x: (x.exp() + sign * (-x).exp()) / 2


def _polygamma(order: arb, x: Any) -> Any:
    """Slopes of the logarithm of the gamma function, by the chain rule."""
    found = x.lgamma()
    for _ in range(int(float(order)) + 1):
        found = found.derivative() / x.derivative()
    return found


#: What series lack, by SymPy's names.
SERIES: dict[str, Any] = {
    "cosh": _hyperbolic(1),
    "sinh": _hyperbolic(-1),
    "tanh": lambda x: 1 - 2 / (1 + (2 * x).exp()),
    "digamma": lambda x: _polygamma(arb(0), x),
    "polygamma": _polygamma,
    "log1p": lambda x, _: (1 + x).log(),
}


def is_seen_not_zero(expression: Expr) -> bool:
    """Whether it is not zero at one point; saves a long search for a proof that it is."""
    symbols = sorted(expression.free_symbols, key=str)
    point = {
        symbol: Rational(k + 3) if symbol.is_integer else Rational(2 * k + 3, k + 4)
        for k, symbol in enumerate(symbols)
    }
    value = expression.subs(point).evalf(30, chop=False)
    return bool(value.is_number and value.is_finite and abs(value) > REFUTED)
