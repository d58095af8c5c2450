"""SymPy to numbers: the only module that turns expressions into functions.

An expression with integrals over s becomes two functions: one for all integrands at a node, so
that every average of one evaluation shares nodes and common subexpressions, and one that combines
the integrals into the results, together with its partial derivatives for the error estimate.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import FunctionType

from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Function,
    Integral,
    Mul,
    Pow,
    Symbol,
    collect,
    factor,
    lambdify,
    log,
    symbols,
)
from sympy.codegen.cfunctions import log1p
from sympy.printing.numpy import NumPyPrinter

from bbpsym.averages.laplace_variable import tail_bound
from bbpsym.compilation.compiled import REAL_BALL_PARTS, Compiled, integer_power
from bbpsym.equations.average import Average
from bbpsym.functions.balls import LAMBDIFY, ball_function
from bbpsym.symbols import distance, label, s, scale, signal_factor, y, yh

#: Whether an Arb function has to be analytic on its whole argument, or else return nan.
analytic = Symbol("analytic")


@dataclass(frozen=True, eq=False)
class System(Compiled):
    """Named expressions over shared integrals, compiled when first evaluated."""

    #: Expressions from `bbpsym.averages.laplace_variable.reduce`.
    outputs: Mapping[str, Expr]

    def __post_init__(self) -> None:
        for name, expression in self.outputs.items():
            floats = expression.atoms(Float)
            if floats:
                raise TypeError(f"{name} holds the Float {floats.pop()}: it would cap the digits")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments of the compiled functions, in order."""
        return tuple(symbol.name for symbol in self.arguments)

    @cached_property
    def arguments(self) -> tuple[Symbol, ...]:
        """The same as symbols."""
        free = set().union(*(expression.free_symbols for expression in self.outputs.values()))
        return tuple(sorted(free - {*self.variables}, key=str))

    @cached_property
    def variables(self) -> tuple[Symbol, ...]:
        """What the integrands are functions of at a node: s, or what is known of a label there."""
        over_labels = any(integral.has(label) for integral in self.integrals)
        return (distance, scale, label, signal_factor) if over_labels else (s,)

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Names of `variables`."""
        return tuple(symbol.name for symbol in self.variables)

    @cached_property
    def integrals(self) -> tuple[Integral, ...]:
        """Every integral that occurs, once."""
        atoms = set().union(*(expression.atoms(Integral) for expression in self.outputs.values()))
        return tuple(sorted(atoms, key=str))

    @cached_property
    def _stand_ins(self) -> tuple[Symbol, ...]:
        return symbols(f"I:{len(self.integrals)}", real=True)

    @cached_property
    def integrands(self) -> list[Expr]:
        """Integrands of `integrals`, written so that no digits are lost."""
        return [_accurate(integral.function, self.variables[0]) for integral in self.integrals]

    @cached_property
    def combinations(self) -> list[Expr]:
        """Outputs as expressions in stand-ins for the integrals."""
        names = dict(zip(self.integrals, self._stand_ins, strict=True))
        return [expression.xreplace(names) for expression in self.outputs.values()]

    @cached_property
    def sensitivities(self) -> list[list[Expr]]:
        """Partial derivative of every output with respect to every integral."""
        return [[output.diff(i) for i in self._stand_ins] for output in self.combinations]

    @cached_property
    def partials(self) -> list[Expr]:
        """Outputs, and behind them their sensitivities in one list."""
        return [*self.combinations, *(item for row in self.sensitivities for item in row)]

    @cached_property
    def magnitudes(self) -> list[Expr]:
        """Integrands, and behind them what their rounding errors are relative to."""
        return [*self.integrands, *map(magnitude, self.integrands)]

    @cached_property
    def tails(self) -> list[Expr]:
        """Bounds of the absolute integrals from s to infinity."""
        return [_accurate(tail_bound(item.function), s) for item in self.integrals]

    @cached_property
    def integral_count(self) -> int:
        """Number of integrals."""
        return len(self.integrals)

    def function(self, part: str) -> FunctionType:
        """Print and compile one of `bbpsym.compilation.compiled.PARTS`."""
        arithmetic, what = part.split("_")
        arguments, expressions = self._arguments_of(part), getattr(self, what)
        if arithmetic == "array":
            return _array_function(arguments, expressions)
        if arithmetic == "mpmath":
            return lambdify(arguments, expressions, modules="mpmath", **LAMBDIFY)
        expressions = [item.replace(_is_inverse, _inverted) for item in expressions]
        return ball_function(arguments, expressions, free=part in REAL_BALL_PARTS)

    def _arguments_of(self, part: str) -> tuple:
        if part.endswith(("combinations", "partials")):
            return (self._stand_ins, *self.arguments)
        if part == "ball_integrands":
            return (s, analytic, *self.arguments)
        return (*((s,) if part == "ball_tails" else self.variables), *self.arguments)


def source(function: FunctionType) -> str:
    """Return the Python source of what `System.function` has compiled, the same in every run.

    SymPy numbers the stand-ins of symbols whose names Python does not take, through the whole
    process.
    """
    text = inspect.getsource(function)
    names = dict.fromkeys(re.findall(r"\b_Dummy_\d+\b", text))
    for number, name in enumerate(names):
        text = re.sub(rf"\b{name}\b", f"_{number}", text)
    return text


@dataclass(frozen=True, eq=False)
class PlaneSystem(System):
    """Named expressions in averages over both outputs, compiled for nodes in their plane.

    For averages that have no reduction to one dimension: products of both dressed weights. The
    expressions come from `bbpsym.averages.laplace_variable.over_outputs`.
    """

    @cached_property
    def variables(self) -> tuple[Symbol, ...]:
        """The outputs."""
        return y, yh

    @cached_property
    def integrals(self) -> tuple[Average, ...]:
        """Every average that occurs, once."""
        atoms = set().union(*(expression.atoms(Average) for expression in self.outputs.values()))
        return tuple(sorted(atoms, key=str))

    @cached_property
    def integrands(self) -> list[Expr]:
        """What is averaged."""
        return [average.args[0] for average in self.integrals]


class Reciprocal(Function):
    """`1/x`, kept apart so that all negative powers of one denominator share one division."""

    nargs = 1


class ArrayPrinter(NumPyPrinter):
    """Print integer powers as products: NumPy's own powers of arrays take ten times as long."""

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        if not expr.exp.is_Integer:
            return super()._print_Pow(expr, rational)
        if expr.exp < 0:  # as SymPy rewrites sech, acot and the like
            return self._print_Reciprocal(Reciprocal(expr.base**-expr.exp))
        base = self._print(expr.base)
        if expr.base.is_Symbol:
            return f"({'*'.join([base] * expr.exp)})"
        return f"integer_power({base}, {expr.exp})"

    def _print_Reciprocal(self, expr: Expr) -> str:
        return f"(1/({self._print(expr.args[0])}))"


def _array_function(
    arguments: tuple, expressions: list[Expr], functions: Mapping[str, Callable] | None = None
) -> FunctionType:
    """Compile a flat list (only of such are common subexpressions found) for arrays."""
    options = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    expressions = [expression.replace(_is_inverse, _inverted) for expression in expressions]
    modules = [{integer_power.__name__: integer_power, **(functions or {})}, "numpy"]
    printer = ArrayPrinter(options)
    return lambdify(arguments, expressions, modules, printer=printer, **LAMBDIFY)


def _is_inverse(expression: Expr) -> bool:
    return expression.is_Pow and expression.exp.is_Integer and expression.exp < 0


def _inverted(power: Expr) -> Expr:
    return Reciprocal(power.base) ** -power.exp


@lru_cache(maxsize=1024)
def _accurate(expression: Expr, variable: Symbol) -> Expr:
    """Write an integrand so that no digits are lost; many systems share one."""
    return accurate_logarithms(collect_powers(expression, variable))


def collect_powers(expression: Expr, variable: Symbol) -> Expr:
    """Write polynomials in s with one factored coefficient a power, such as `d_0 + 2 (1 - t) s`.

    A coefficient that is a difference is then formed once, before s magnifies it; the same holds
    for polynomials in a label. Numbers stay as they are: factors of `exp(100) - exp(10201/36)`
    are looked for as those of a polynomial of the degree 10201.
    """

    def collected(addition: Expr) -> Expr:
        return collect(addition.expand(), variable, factored)

    def factored(coefficient: Expr) -> Expr:
        return factor(coefficient) if coefficient.free_symbols else coefficient

    def is_polynomial(part: Expr) -> bool:
        return part.is_Add and part.free_symbols and part.is_polynomial(variable)

    return expression.replace(is_polynomial, collected)


def accurate_logarithms(expression: Expr) -> Expr:
    """Write `log(1 + x)` as `log1p(x)`."""
    return expression.replace(log, lambda argument: log1p(argument - 1))


def magnitude(expression: Expr) -> Expr:
    """Bound what rounding errors are relative to: every sum becomes one of absolute values.

    Terms that cancel at a node leave their rounding errors behind, which the value alone would
    not show. Denominators and exponents of the averages are sums of one sign.
    """
    if isinstance(expression, Mul):
        return Mul(*map(magnitude, expression.args))
    if isinstance(expression, Pow) and expression.exp.is_Integer and expression.exp > 0:
        return magnitude(expression.base) ** expression.exp
    if isinstance(expression, Add):
        return Add(*map(magnitude, expression.args))
    return Abs(expression)
