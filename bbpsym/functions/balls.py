"""Real functions in ball arithmetic: every value comes with a proved bound of its error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import FunctionType
from typing import Any

from flint import arb, ctx, fmpq
from sympy import (
    Add,
    ComplexRootOf,
    Expr,
    Function,
    GoldenRatio,
    Mul,
    Number,
    NumberSymbol,
    Pow,
    Rational,
    Symbol,
    besseli,
    besselj,
    digamma,
    exp,
    gamma,
    lambdify,
    preorder_traversal,
    sinc,
    sqrt,
    zeta,
)
from sympy.printing.pycode import PythonCodePrinter

from bbpsym.errors import DomainError, PrecisionError
from bbpsym.functions.arb_functions import FUNCTIONS, NAMES, precision
from bbpsym.symbols import label

#: Bits beyond those asked for, and how often the precision is doubled before a number whose ball
#: holds zero is zero.
GUARD, DOUBLINGS = 32, 6

#: Decimal digits in a bit.
DIGITS_PER_BIT = 0.30103

#: Precision at which a compiled function is held against SymPy's own values, and the relative
#: difference that is an error.
CHECKED_BITS, CHECKED_DIGITS = 160, 40
CHECKED = 1e-25

#: Denominators and largest numerator of factors that are printed as floats, which hold them
#: exactly, and take a tenth of the time of a rational number.
HALVES, MOST_EXACT = (2, 4, 8), 2**20

#: How SymPy compiles: common subexpressions once, and no docstring, whose printing takes longer
#: than that of the code.
LAMBDIFY: Mapping[str, Any] = {"cse": True, "docstring_limit": 0}


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


class PolynomialRoot(Function):
    """The real root number k, in rising order, of a polynomial with whole coefficients.

    Its arguments are k and the coefficients, from the constant one on.
    """


class ScaledBesselI(Function):
    """`exp(-x) I(x)`, modified Bessel functions of an order, which neither grow nor die out."""

    nargs = 2

    def fdiff(self, argindex: int = 2) -> Expr:
        """Return the derivative in the argument."""
        order, x = self.args
        around = ScaledBesselI(abs(order - 1), x) + ScaledBesselI(order + 1, x)
        return around / 2 - self


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

    def _print_Mul(self, expr: Expr) -> str:
        number, rest = expr.as_coeff_Mul()
        if number.is_Rational and number.q in HALVES and abs(number.p) < MOST_EXACT:
            return f"({float(number)!r}*({self._print(rest)}))"
        return super()._print_Mul(expr)

    def _print_Reciprocal(self, expr: Expr) -> str:
        return f"(1/({self._print(expr.args[0])}))"

    def _print_Pow(self, expr: Expr, **_options: Any) -> str:
        base, exponent = self._print(expr.base), self._print(expr.exp)
        if expr.exp.is_Integer:
            return f"power({base}, {expr.exp.p})"
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
            return f"power({base}, {expr.exp.p})"
        return f"(({base})**({self._print(expr.exp)}))"


def ball_function(
    arguments: Any,
    expressions: Any,
    free: bool = False,
    printer: type[BallPrinter] | None = None,
    names: Mapping[str, Any] = NAMES,
) -> FunctionType:
    """Compile for Arb; a `free` function has real arguments and no cut to guard."""
    names = {**names, "analytic": False} if free else names
    options = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    chosen = (printer or BallPrinter)(options)
    return lambdify(arguments, expressions, [names], printer=chosen, **LAMBDIFY)


def written(expression: Expr) -> Expr:
    """Write an expression in functions that Arb has, as far as SymPy can."""
    expression = expression.subs(GoldenRatio, (1 + sqrt(5)) / 2)
    real = [item for item in expression.atoms(ComplexRootOf) if item.is_real]
    expression = expression.xreplace({item: _root(item) for item in real})
    for target in (gamma, digamma, besselj):
        unknown = [item for item in expression.atoms(Function) if not _is_known(item.func)]
        expression = expression.xreplace({item: item.rewrite(target) for item in unknown})
    expression = expression.replace(sinc, Sinc).replace(besseli, _scaled)
    return expression.replace(zeta, lambda *x: ZetaSlope(0, *x) if len(x) == 1 else zeta(*x))


def _root(root: ComplexRootOf) -> Expr:
    return PolynomialRoot(root.index, *reversed(root.poly.all_coeffs()))


def _scaled(order: Expr, x: Expr) -> Expr:
    """A modified Bessel function by one that may be multiplied by falling exponentials."""
    return exp(x) * ScaledBesselI(order, x) if order.is_Integer else besseli(order, x)


def _is_known(kind: type) -> bool:
    algebra = (Add, Mul, Pow, Number, NumberSymbol, Symbol)
    return issubclass(kind, algebra) or kind.__name__ in {*FUNCTIONS, "exp", "log"}


@lru_cache(maxsize=1024)
def enclosure(expression: Expr, symbols: tuple[Symbol, ...] = ()) -> Callable[..., arb]:
    """Compile a function of the label, and of more symbols, for real balls.

    What cannot be enclosed is not a number. Where Arb lacks a function SymPy's own evaluation
    serves, at single points of the label alone.
    """
    if not is_enclosed(expression):
        return lambda x, *more: arb.nan() if more else _evaluated(expression, x)
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
        if _has_towers(expression):
            value = expression.evalf(digits, subs={label: at})
        else:
            value = expression.subs(label, at).evalf(digits)
    except (ValueError, ArithmeticError, NotImplementedError, RecursionError):
        return None
    return arb(value._to_mpmath(ctx.prec)) if value.is_Float or value.is_Integer else None


def _has_towers(expression: Expr) -> bool:
    """Whether the label stands in a power and its exponent: exact ones of a fraction do not end."""
    powers = expression.atoms(Pow)
    return any(power.base.has(label) and power.exp.has(label) for power in powers)


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
            if sympys is None and expression.subs(label, at).evalf().has(Function):
                raise DomainError(f"{expression} must be a function that SymPy can evaluate")
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


@lru_cache(maxsize=1024)
def is_enclosed(expression: Expr) -> bool:
    """Whether Arb has all functions of an expression."""
    return all(_is_known(item.func) for item in preorder_traversal(written(expression)))
