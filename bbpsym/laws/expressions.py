"""Expressions in a label and exact numbers, as people give them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import (
    AccumBounds,
    Derivative,
    DiracDelta,
    Expr,
    Float,
    Lambda,
    MatrixExpr,
    Order,
    Rational,
    S,
    SingularityFunction,
    Subs,
    dirichlet_eta,
    erfcinv,
    erfinv,
    expand_func,
    hyper,
    hyperexpand,
    meijerg,
    oo,
    sympify,
    zeta,
)
from sympy.codegen import cfunctions as c
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef
from sympy.core.sympify import SympifyError

from bbpsym.errors import DomainError, quoted
from bbpsym.reading import arguments
from bbpsym.symbols import label

#: Expressions of SymPy's that have no value at a label, and those that are to be worked out.
NO_FUNCTIONS = (AccumBounds, AppliedUndef, DiracDelta, MatrixExpr, Order, SingularityFunction)
UNDONE = (Derivative, ExprWithLimits, Subs)

#: Functions of C, which are written in others.
OF_C = (c.Cbrt, c.Sqrt, c.exp2, c.expm1, c.fma, c.hypot, c.log1p, c.log2, c.log10)

#: Labels at which a closed form is held against what it stands for, to so many digits.
TRIED = tuple(Rational(k, 7) for k in (-40, -9, -3, 1, 5, 11, 60))
AGREEING, TINY = 30, Rational(1, 10**20)


def in_label(curve: Any) -> Expr:
    """Read an expression in one symbol, whatever its name, as an expression in `label`."""
    shown = quoted(curve)
    try:
        expression = sympify(curve, strict=True)
    except (SympifyError, AttributeError, TypeError):
        expression = None
    if not is_function(expression) or not arguments.text_of(expression):
        raise DomainError(f"{shown} must be a SymPy expression in one symbol")
    expression = expression.doit() if expression.has(*UNDONE) else expression
    expression = expression.replace(lambda part: isinstance(part, OF_C), expand_func)
    expression = expression.replace(erfcinv, lambda x: erfinv(1 - x))  # which SymPy can evaluate
    expression = expression.replace(dirichlet_eta, lambda z: (1 - 2 ** (1 - z)) * zeta(z))
    expression = _closed(expression) if expression.has(hyper, meijerg) else expression
    if len(free := expression.free_symbols) > 1:
        names = ", ".join(sorted(map(str, free)))
        raise DomainError(f"an expression in one symbol is needed, not in {names}")
    decimals = {item: arguments.exact(item) for item in expression.atoms(Float)}
    outer = expression.replace(lambda part: isinstance(part, ExprWithLimits), lambda _: S.One)
    if None in decimals.values() or outer.has(S.NaN, S.ComplexInfinity, oo, -oo):
        raise DomainError(f"{shown} must be made of finite numbers")
    exact = {item: rational(value) for item, value in decimals.items() if value is not None}
    return expression.xreplace(dict.fromkeys(free, label) | exact)


def is_function(expression: Any) -> bool:
    """Whether SymPy's object stands for a number or a function with values."""
    is_value = isinstance(expression, Expr) and not isinstance(expression, Lambda)
    return is_value and bool(expression.is_commutative) and not expression.has(*NO_FUNCTIONS)


def exact_number(value: Any, name: str) -> Expr:
    """Read a number exactly, floats as their shortest decimal; infinities are numbers here."""
    if (
        isinstance(value, Expr)
        and value.is_number
        and value.is_extended_real
        and not value.is_Float
    ):
        return value
    text = arguments.text_of(value)
    if arguments.is_infinite(value) or text == "-inf":
        return -oo if text == "-inf" else oo
    exact = arguments.exact(value)
    if exact is None:
        raise DomainError(f"{name} must be a finite number, not {quoted(value)}")
    return rational(exact)


def rational(value: Any) -> Expr:
    """Return a Fraction as SymPy's; what is SymPy's already stays as it is."""
    return Rational(value) if isinstance(value, Fraction) else value


def _closed(expression: Expr) -> Expr:
    """Write hypergeometric functions in others, if these are the same where they are tried."""
    found = hyperexpand(expression)
    for symbol in expression.free_symbols:
        for place in TRIED:
            before, after = (x.subs(symbol, place).evalf(AGREEING) for x in (expression, found))
            if before.is_finite and before.is_real and not abs(after - before) < TINY * abs(before):
                return expression
    return found
