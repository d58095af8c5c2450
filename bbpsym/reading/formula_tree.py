"""The tree of a formula: exact numbers, names, and functions of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from bbpsym.errors import FormulaError

#: Functions of one argument, and what SymPy calls them.
ELEMENTARY = {
    **{name: name for name in ("sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "asinh")},
    **{name: name for name in ("exp", "log", "sqrt", "erf", "erfc", "sign")},
    "abs": "Abs",
}
#: Functions of one argument or more.
EXTREMES = {"max": "Max", "min": "Min"}
CONSTANTS = ("pi", "E")

#: Largest constant power, and most bits of a number.
POWER, BITS = 1000, 4096


class Formula:
    """A formula: a number, a name, or a function of formulas; immutable and hashable."""

    @property
    def names(self) -> frozenset[str]:
        """Names that stand for a quantity."""
        match self:
            case Name(name):
                return frozenset({name})
            case Apply(_, arguments):
                return frozenset().union(*(argument.names for argument in arguments))
        return frozenset()

    def evaluate(
        self,
        values: Mapping[str, Any],
        apply: Callable[..., Any],
        number: Callable[[Fraction], Any] = float,
    ) -> Any:
        """Evaluate in any arithmetic.

        Parameters
        ----------
        values : mapping
            What each name stands for.
        apply : callable
            `apply(function, *arguments)`. Besides the functions of `FUNCTIONS` there are the sum
            "+" and the product "*" of any number of arguments, the negative "-" and the inverse
            "/" of one, the power "^" of two, and `CONSTANTS` of none.
        number : callable
            Makes a number of the arithmetic from an exact one.
        """
        match self:
            case Number(value):
                return number(value)
            case Name(name):
                return values[name]
            case Apply(function, arguments):
                return apply(function, *[a.evaluate(values, apply, number) for a in arguments])

    def substitute(self, values: Mapping[str, Formula]) -> Formula:
        """Put formulas for names.

        Raises
        ------
        FormulaError
            When it then divides by zero, or holds a number that is too large.
        """
        known = {name: values.get(name, Name(name)) for name in self.names}
        try:
            return self.evaluate(known, apply, Number)
        except (ZeroDivisionError, OverflowError) as error:
            given = ", ".join(f"{name}={value}" for name, value in values.items())
            raise FormulaError(f"{self} has no value at {given}") from error

    def to_sympy(
        self,
        symbols: Mapping[str, Any] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> Any:
        """Return the formula as a SymPy expression.

        Parameters
        ----------
        symbols : mapping, optional
            What each name stands for; the others become real symbols.
        functions : mapping, optional
            What functions beside `FUNCTIONS` stand for.

        Raises
        ------
        FormulaError
            When it holds a constant that is no real number.
        """
        import sympy

        known = {name: sympy.Symbol(name, real=True) for name in self.names} | dict(symbols or {})
        operations = {
            "+": sympy.Add,
            "*": sympy.Mul,
            "^": sympy.Pow,
            "-": lambda x: -x,
            "/": lambda x: 1 / x,
            **{constant: lambda c=constant: getattr(sympy, c) for constant in CONSTANTS},
            **{ours: getattr(sympy, name) for ours, name in (ELEMENTARY | EXTREMES).items()},
            **(functions or {}),
        }

        def number(value: Fraction) -> Any:
            return sympy.Rational(value.numerator, value.denominator)

        found = self.evaluate(known, lambda name, *of: operations[name](*of), number)
        if found.has(sympy.oo, -sympy.oo, sympy.zoo, sympy.nan, sympy.I):
            raise FormulaError(f"{self} is infinite, complex or undefined")
        return found


@dataclass(frozen=True)
class Number(Formula):
    """An exact number."""

    value: Fraction

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Name(Formula):
    """A quantity."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Apply(Formula):
    """A function, or an operation, of formulas."""

    function: str
    arguments: tuple[Formula, ...]

    def __str__(self) -> str:
        if self.function == "+":
            return _joined(self.arguments, " + ", " - ", "-", 1)
        if self.function == "*":
            return _joined(self.arguments, "*", "/", "/", 2)
        if self.function in ("-", "/"):
            return ("-" if self.function == "-" else "1/") + _within(self.arguments[0], 3)
        if self.function == "^":
            return "^".join(_within(argument, 4) for argument in self.arguments)
        inside = ", ".join(map(str, self.arguments))
        return f"{self.function}({inside})" if inside else self.function


def apply(function: str, *arguments: Formula) -> Formula:
    """Apply a function; an operation on numbers gives a number.

    Raises
    ------
    OverflowError, ZeroDivisionError
        For a number, or a power, that would fill the memory, and for a division by zero.
    """
    if function in _TOTALS:
        parts = _flat(function, arguments)
        return parts[0] if len(parts) == 1 else Apply(function, tuple(parts))
    if function == "^":
        _check_power(*arguments)
    values = [argument.value for argument in arguments if isinstance(argument, Number)]
    if len(values) == len(arguments):
        if function == "-":
            return Number(-values[0])
        if function == "/":
            return Number(1 / values[0])
        if function == "^" and values[1].denominator == 1:
            return number(values[0] ** int(values[1]))
    return Apply(function, arguments)


_TOTALS: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "+": lambda values: sum(values, Fraction(0)),
    "*": lambda values: prod(values, start=Fraction(1)),
}


def number(value: Fraction) -> Number:
    """Make a number, if it is not so large that sums and powers of it fill the memory."""
    if bits(value) > BITS:
        raise OverflowError("a number is too large")
    return Number(value)


def _flat(function: str, arguments: Iterable[Formula]) -> list[Formula]:
    """Parts of nested sums or products: one number at most, and none that changes nothing."""
    parts: list[Formula] = []
    for argument in arguments:
        if isinstance(argument, Apply) and argument.function == function:
            parts += argument.arguments
        else:
            parts.append(argument)
    values = [part.value for part in parts if isinstance(part, Number)]
    constant = number(_TOTALS[function](values))
    place = next((i for i, part in enumerate(parts) if isinstance(part, Number)), 0)
    parts = [part for part in parts if not isinstance(part, Number)]
    if constant.value != (function == "*") or not parts:
        parts.insert(place, constant)
    return parts


def bits(value: Fraction) -> int:
    """Return the bits of the larger of numerator and denominator."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _check_power(base: Formula, exponent: Formula) -> None:
    """Refuse a power that fills the memory when some algebra works it out."""
    if isinstance(exponent, Number):
        if _power(base) * abs(exponent.value) > POWER:
            raise OverflowError(f"powers are at most {POWER}")
        if isinstance(base, Number) and bits(base.value) * abs(exponent.value) > BITS:
            raise OverflowError("a number is too large")


def _power(formula: Formula) -> Fraction:
    """Largest product of constant powers on a way down the formula."""
    if not isinstance(formula, Apply):
        return Fraction(1)
    inner = max(map(_power, formula.arguments), default=Fraction(1))
    if formula.function == "^" and isinstance(formula.arguments[1], Number):
        return max(abs(formula.arguments[1].value), Fraction(1)) * inner
    return inner


def _within(formula: Formula, strength: int) -> str:
    """Text of a part, in brackets where it binds less than its place asks for."""
    if isinstance(formula, Number):
        own = 5 if formula.value >= 0 and formula.value.denominator == 1 else 2
    elif isinstance(formula, Apply):
        own = {"+": 1, "*": 2, "-": 2, "/": 2, "^": 3}.get(formula.function, 5)
    else:
        own = 5
    return str(formula) if own >= strength else f"({formula})"


def _joined(parts: Iterable[Formula], plus: str, minus: str, inverse: str, strength: int) -> str:
    """Text of a sum or a product; a negative or an inverse joins by its own sign."""
    text = ""
    for part in parts:
        turned = _turned(part, inverse) if text else None
        if turned is None:
            text += (plus if text else "") + _within(part, strength + bool(text))
        else:
            text += minus + _within(turned, strength + 1)
    return text


def _turned(part: Formula, inverse: str) -> Formula | None:
    """What the part is the negative, or the inverse, of."""
    if isinstance(part, Number):
        value = part.value
        simple = value < 0 if inverse == "-" else value.numerator == 1
        return Number(-value if inverse == "-" else 1 / value) if simple else None
    return part.arguments[0] if isinstance(part, Apply) and part.function == inverse else None
