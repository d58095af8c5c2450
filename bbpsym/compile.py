"""SymPy to numbers: the only module that turns expressions into functions.

An expression with integrals over s becomes two functions: one for all integrands at a node, so
that every average of one evaluation shares nodes and common subexpressions, and one that combines
the integrals into the results, together with its partial derivatives for the error estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import Any

from sympy import Abs, Add, Expr, Float, Integral, Mul, Pow, Symbol, lambdify, log, symbols
from sympy.codegen.cfunctions import log1p

from bbpsym.symbols import s

Values = Any  # NumPy arrays, mpmath numbers or balls


@dataclass(frozen=True)
class System:
    """Named expressions over shared integrals, compiled when first evaluated.

    Attributes
    ----------
    outputs : mapping of str to Expr
        Expressions from `bbpsym.averages.reduce`.
    """

    outputs: Mapping[str, Expr]

    def __post_init__(self) -> None:
        for name, expression in self.outputs.items():
            floats = expression.atoms(Float)
            if floats:
                raise TypeError(f"{name} holds the Float {floats.pop()}: it would cap the digits")

    @cached_property
    def parameters(self) -> tuple[Symbol, ...]:
        """Arguments of the compiled functions, in order."""
        free = set().union(*(expression.free_symbols for expression in self.outputs.values()))
        return tuple(sorted(free, key=str))

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
        """Integrands of `integrals`; `log(1 + x)` is written so that no digits are lost."""
        return [accurate_logarithms(integral.function) for integral in self.integrals]

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
    def numpy(self) -> tuple[Callable, Callable]:
        """`(integrands, magnitudes)` and `(outputs, sensitivities)` for real arrays."""
        pair = [self.integrands, [magnitude(integrand) for integrand in self.integrands]]
        return lambdify((s, *self.parameters), pair, "numpy", cse=True), self._combine

    @cached_property
    def complex(self) -> tuple[Callable, Callable]:
        """Integrands and `(outputs, sensitivities)` for complex arrays."""
        return lambdify((s, *self.parameters), self.integrands, "numpy", cse=True), self._combine

    @cached_property
    def _combine(self) -> Callable:
        arguments = (self._stand_ins, *self.parameters)
        return lambdify(arguments, [self.combinations, self.sensitivities], "numpy", cse=True)

    @cached_property
    def _mpmath(self) -> tuple[FunctionType, FunctionType]:
        options = {"modules": "mpmath", "cse": True}
        integrands = lambdify((s, *self.parameters), self.integrands, **options)
        arguments = (self._stand_ins, *self.parameters)
        return integrands, lambdify(arguments, self.combinations, **options)

    def mpmath(self, context: Any) -> tuple[Callable, Callable]:
        """Integrands and outputs in the arithmetic of `context`, an mpmath context of one's own.

        The functions are generated once and bound to the context here, so that no precision is
        global.
        """
        integrands, outputs = self._mpmath
        return _bind(integrands, context), _bind(outputs, context)


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


def _bind(function: FunctionType, context: Any) -> Callable:
    """Return `function` with every mpmath name it uses taken from `context`."""
    names = function.__code__.co_names
    bound = {name: getattr(context, name) for name in names if hasattr(context, name)}
    return FunctionType(function.__code__, {**function.__globals__, **bound})
