"""Real functions in ball arithmetic: every value comes with a proved bound of its error.

The precision of python-flint is global: it is set by `precision` for the length of a call and
always restored; one thread at a time holds it. Whatever it is, every ball stays an enclosure; only
its width depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from math import factorial, prod
from threading import RLock
from typing import Any

from flint import acb, arb, arb_series, ctx, fmpq
from sympy import (
    Add,
    Expr,
    Function,
    GoldenRatio,
    Mul,
    Number,
    NumberSymbol,
    Pow,
    Rational,
    Symbol,
    besselj,
    digamma,
    gamma,
    lambdify,
    preorder_traversal,
    sinc,
    sqrt,
    zeta,
)
from sympy.printing.pycode import PythonCodePrinter

from bbpsym.errors import DomainError, PrecisionError
from bbpsym.symbols import label

#: Held by the thread that sets the precision; a fork waits, so that its child finds it free.
_LOCK = RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release
    )

#: Bits beyond those asked for, and how often the precision is doubled before a number whose ball
#: holds zero is zero.
GUARD, DOUBLINGS = 32, 6

#: Decimal digits in a bit.
DIGITS_PER_BIT = 0.30103

#: Where the series of zeta begins with what matters.
ZETA_FAR = 64

#: Precision at which a compiled function is held against SymPy's own values, and the relative
#: difference that is an error.
CHECKED_BITS, CHECKED_DIGITS = 160, 40
CHECKED = 1e-25


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with `bits` bits inside the context, and restore the precision that was set before."""
    with _LOCK:
        before = ctx.prec
        ctx.prec = bits
        try:
            yield
        finally:
            ctx.prec = before


class ZetaSlope(Function):
    """The n-th derivative of Riemann's zeta function, for which SymPy has no name."""

    nargs = 2

    def fdiff(self, argindex: int = 2) -> Expr:
        """Return the derivative in the argument."""
        order, x = self.args
        return ZetaSlope(order + 1, x)


class Sinc(Function):
    """`sin(x)/x`, with slopes that need no division by zero."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the slope; the function itself is `0F1(; 3/2; -x^2/4)`."""
        (x,) = self.args
        return -x / 3 * Confluent(Rational(5, 2), -(x**2) / 4)


class Confluent(Function):
    """The hypergeometric limit function `0F1(; b; x)`."""

    nargs = 2

    def fdiff(self, argindex: int = 2) -> Expr:
        """Return the derivative in the argument."""
        b, x = self.args
        return Confluent(b + 1, x) / b


class BallPrinter(PythonCodePrinter):
    """Print expressions for python-flint: exact rationals, and cuts that `analytic` guards."""

    def _print(self, expr: Any, **options: Any) -> str:
        if isinstance(expr, Function) and type(expr).__name__ in FUNCTIONS:
            arguments = ", ".join(self._print(item) for item in expr.args)
            return f"{type(expr).__name__}({arguments})"
        return super()._print(expr, **options)

    def _print_Rational(self, expr: Expr) -> str:
        return f"fmpq({expr.p}, {expr.q})"

    def _print_Half(self, expr: Expr) -> str:
        return self._print_Rational(expr)

    def _print_NumberSymbol(self, expr: Expr) -> str:
        return f"{type(expr).__name__}()"

    def _print_Pi(self, expr: Expr) -> str:
        return self._print_NumberSymbol(expr)

    def _print_Exp1(self, expr: Expr) -> str:
        return self._print_NumberSymbol(expr)

    def _print_exp(self, expr: Expr) -> str:
        return f"exp({self._print(expr.args[0])})"

    def _print_log(self, expr: Expr) -> str:
        return f"log({self._print(expr.args[0])}, analytic)"

    def _print_log1p(self, expr: Expr) -> str:
        return f"log1p({self._print(expr.args[0])}, analytic)"

    def _print_Pow(self, expr: Expr, **_options: Any) -> str:
        base, exponent = self._print(expr.base), self._print(expr.exp)
        if expr.exp.is_Integer:
            return f"_power({base}, {expr.exp.p})"
        return f"exp(({exponent})*log({base}, analytic))"


class RealBallPrinter(BallPrinter):
    """Print expressions for real balls, of which every number is one."""

    def _print_Integer(self, expr: Expr) -> str:
        return f"arb({expr.p})"

    def _print_Rational(self, expr: Expr) -> str:
        return f"arb({super()._print_Rational(expr)})"

    def _print_Pow(self, expr: Expr, **_options: Any) -> str:
        base = self._print(expr.base)
        if isinstance(expr.base, gamma) and expr.exp.is_Integer and expr.exp < 0:
            return f"(rgamma({self._print(expr.base.args[0])})**({-expr.exp.p}))"
        if expr.exp.is_Integer:
            return f"_power({base}, {expr.exp.p})"
        return f"(({base})**({self._print(expr.exp)}))"


def ball_function(
    arguments: Any, expressions: Any, free: bool = False, printer: type[BallPrinter] | None = None
) -> Callable:
    """Compile for Arb; a `free` function has real arguments and no cut to guard."""
    names = {"arb": arb, "fmpq": fmpq, "exp": _exp, "log": _log, "log1p": _log1p, "Abs": abs}
    names["_power"] = _power
    names |= CONSTANTS | FUNCTIONS
    if free:
        names["analytic"] = False
    options = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    chosen = (printer or BallPrinter)(options)
    return lambdify(arguments, expressions, [names], printer=chosen, cse=True)


def _power(x: Any, n: int) -> Any:
    """`x^n`; python-flint's own is not a number at a real ball whose midpoint is zero."""
    centred = isinstance(x, arb) and n > 0 and x.mid() == 0
    return prod([x] * n) if centred else x**n


def _exp(x: Any) -> Any:
    return x.exp()


def _log(x: Any, analytic: bool) -> Any:
    if isinstance(x, int):
        return arb(x).log()
    return x.log(analytic=True) if analytic else x.log()


def _log1p(x: Any, analytic: bool) -> Any:
    """`log(1 + x)`; as a test of analyticity it needs no accuracy, but must see the cut."""
    return (1 + x).log(analytic=True) if analytic else x.log1p()


def _polygamma(order: arb, x: arb) -> arb:
    if order == 0:
        return x.digamma()
    return _between(lambda end: _real(acb(end).polygamma(order)), x) if x > 0 else arb.nan()


def _zeta_slope(order: arb, x: arb) -> arb:
    """Slopes of zeta. Right of one all of them are monotone: the ends of a ball enclose them.

    Far out the term `2^-x` of the series is followed by at most `2 3^n (2/3)^x` times as much.
    """
    n = _whole(order)
    if x > ZETA_FAR and (n or not x.is_exact() or x > ctx.prec):
        rest = arb(0, (2 * 3**n * (arb(2) / 3) ** x).upper())
        return (n == 0) + (-arb(2).log()) ** n * arb(2) ** -x * (1 + rest)
    if n == 0 and x.is_exact():
        return x.zeta()
    if x > 1 and not x.is_exact():
        return _between(lambda end: _zeta_slope(order, end), x)
    return arb_series([x, 1], prec=n + 1).zeta()[n] * factorial(n)


def _between(function: Callable[[arb], arb], x: arb) -> arb:
    """Enclose the values of a monotone function."""
    return function(x) if x.is_exact() else function(x.lower()).union(function(x.upper()))


def _whole(number: Any) -> int:
    return int(float(number))


def _real(value: acb) -> arb:
    return value.real if value.imag.contains(0) else arb.nan()


def _method(name: str) -> Callable:
    return lambda x: getattr(x, name)()


def _with_order(name: str) -> Callable:
    return lambda order, x: getattr(x, name)(order)


#: SymPy's names of functions and constants that Arb encloses.
FUNCTIONS: dict[str, Callable] = {
    name: _method(name)
    for name in (
        *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan"),
        *("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh"),
        *("erf", "erfc", "erfi", "erfinv", "erfcinv", "gamma", "rgamma", "digamma", "li"),
    )
}
FUNCTIONS |= {
    name: _method(theirs)
    for name, theirs in {
        **{"Ei": "ei", "Si": "si", "Ci": "ci", "Shi": "shi", "Chi": "chi"},
        **{"loggamma": "lgamma", "airyai": "airy_ai", "airybi": "airy_bi"},
    }.items()
}
FUNCTIONS |= {
    name: _with_order(theirs)
    for name, theirs in {
        **{"besselj": "bessel_j", "bessely": "bessel_y"},
        **{"besseli": "bessel_i", "besselk": "bessel_k", "expint": "expint"},
        **{"uppergamma": "gamma_upper", "lowergamma": "gamma_lower"},
    }.items()
}
FUNCTIONS |= {
    "acot": lambda x: (1 / x).atan(),
    "asec": lambda x: (1 / x).acos(),
    "acsc": lambda x: (1 / x).asin(),
    "acoth": lambda x: (1 / x).atanh(),
    "asech": lambda x: (1 / x).acosh(),
    "acsch": lambda x: (1 / x).asinh(),
    "airyaiprime": lambda x: x.airy()[1],
    "airybiprime": lambda x: x.airy()[3],
    "fresnels": lambda x: x.fresnel_s(),
    "fresnelc": lambda x: x.fresnel_c(),
    "LambertW": lambda x, branch=0: x.lambertw(_whole(branch)),
    "polygamma": _polygamma,
    "polylog": lambda s, x: x.polylog(s),
    "zeta": lambda s, a=None: s.zeta() if a is None else s.zeta(a),
    "ZetaSlope": _zeta_slope,
    "Sinc": lambda x: x.sinc(),
    "Confluent": lambda b, x: x.hypgeom_0f1(b),
    "elliptic_k": lambda m: _real(acb(m).elliptic_k()),
    "elliptic_e": lambda m: _real(acb(m).elliptic_e()),
    "dirichlet_eta": lambda s: _real(acb(s).dirichlet_eta()),
}
CONSTANTS: dict[str, Callable] = {
    "Pi": arb.pi,
    "Exp1": arb.const_e,
    "EulerGamma": arb.const_euler,
    "Catalan": arb.const_catalan,
}


def written(expression: Expr) -> Expr:
    """Write an expression in functions that Arb has, as far as SymPy can."""
    expression = expression.subs(GoldenRatio, (1 + sqrt(5)) / 2)
    for target in (gamma, digamma, besselj):
        unknown = [item for item in expression.atoms(Function) if not _is_known(item.func)]
        expression = expression.xreplace({item: item.rewrite(target) for item in unknown})
    expression = expression.replace(sinc, Sinc)
    return expression.replace(zeta, lambda *x: ZetaSlope(0, *x) if len(x) == 1 else zeta(*x))


def _is_known(kind: type) -> bool:
    algebra = (Add, Mul, Pow, Number, NumberSymbol, Symbol)
    return issubclass(kind, algebra) or kind.__name__ in {*FUNCTIONS, "exp", "log"}


@cache
def enclosure(expression: Expr, symbols: tuple[Symbol, ...] = ()) -> Callable[..., arb]:
    """Compile a function of the label, and of more symbols, for real balls.

    What cannot be enclosed is not a number. Where Arb lacks a function SymPy's own evaluation
    serves, at single points.
    """
    if not is_enclosed(expression):
        return lambda x: _evaluated(expression, x)
    known = written(expression)
    compiled = ball_function((label, *symbols), known, free=True, printer=RealBallPrinter)

    def function(*values: arb) -> arb:
        try:
            return arb(compiled(*values))
        except (ValueError, ArithmeticError, NotImplementedError):
            return arb.nan()

    return function


def _evaluated(expression: Expr, x: arb) -> arb:
    """SymPy's value at a point, as accurate as SymPy says it is."""
    if not x.is_exact():
        return arb.nan()
    value = evaluated(expression, point(x), int(ctx.prec * DIGITS_PER_BIT))
    return arb.nan() if value is None else arb(value, abs(value) * arb(2) ** (4 - ctx.prec))


def evaluated(expression: Expr, at: Rational, digits: int) -> arb | None:
    """SymPy's own value of a function of the label, or None if it is no real number."""
    try:
        value = expression.subs(label, at).evalf(digits)
    except (ValueError, ArithmeticError, NotImplementedError, RecursionError):
        return None
    return arb(value._to_mpmath(ctx.prec)) if value.is_Float or value.is_Integer else None


def check(expression: Expr, points: Iterable[Rational]) -> None:
    """Hold what `enclosure` compiles against SymPy's own evaluation.

    Raises
    ------
    DomainError
        If SymPy's value is no real number at one of the points.
    PrecisionError
        If the two differ.
    """
    with precision(CHECKED_BITS):
        function = enclosure(expression)
        for at in points:
            x = ball(at).mid()
            mine, sympys = function(x), evaluated(expression, point(x), CHECKED_DIGITS)
            if sympys is None or not sympys.is_finite():
                raise DomainError(f"{expression} must be real, and is not at {at.evalf(6)}")
            if not abs(mine - sympys) <= abs(sympys) * CHECKED + arb(CHECKED) ** 2:
                raise PrecisionError(
                    f"{expression} cannot be evaluated: its value at {at.evalf(6)} is uncertain"
                )


def ball(number: Rational) -> arb:
    """Enclose a rational number at the current precision."""
    return arb(fmpq(number.p, number.q))


def point(x: arb) -> Rational:
    """The midpoint of a ball, exact."""
    mantissa, exponent = (int(part) for part in x.mid().man_exp())
    return Rational(mantissa << exponent) if exponent > 0 else Rational(mantissa, 1 << -exponent)


def accurate(function: Callable[[], arb], bits: int, least: int = 0, enough: Any = 0) -> arb:
    """Return a real number to `bits` significant bits, or to an absolute error that is `enough`.

    A number that is not told from zero with `least` bits and `2^DOUBLINGS` times the precision
    asked for is zero; one that is not known so well otherwise is not a number.
    """
    working = bits + GUARD
    least = max(least, working << DOUBLINGS)
    while True:
        with precision(working):
            found = function()
        if found.is_zero() or found.rel_accuracy_bits() >= bits or found.rad() < enough:
            return found
        if working >= least:
            return arb(0) if abs(found) < arb(2) ** (-working // 2) else arb.nan()
        working *= 2


@cache
def is_enclosed(expression: Expr) -> bool:
    """Whether Arb has all functions of an expression."""
    return all(_is_known(item.func) for item in preorder_traversal(written(expression)))
