"""Reading what a network is given by: formulas, numbers and cosines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Expr, Float, Integer, Rational, S, Symbol
from sympy.core.function import AppliedUndef

from bbpsym.errors import DomainError, quoted
from bbpsym.laws.expressions import rational
from bbpsym.reading import arguments

#: Size of a number in a formula that doubles hold, with room for what is made of it.
LARGEST = 10**300


def cosines_of(value: Any, p_star: int) -> Any:
    """Read one cosine or one for each teacher node; zeros are zero."""
    if isinstance(value, str) and "," in value:
        value = value.split(",")
    if not isinstance(value, list | tuple):
        value = number_of(value, "overlap", -1, 1)
        given = (value,) * p_star
    else:
        given = tuple(number_of(item, "overlap", -1, 1) for item in value)
        value = given if any(given) else Fraction(0)
    if len(given) != p_star:
        raise DomainError(f"overlap must be one number or p_star = {p_star} numbers")
    if not sum(item**2 for item in given) < 1:
        raise DomainError("overlap must be numbers whose squares add up to less than one")
    return value[0] if p_star == 1 and isinstance(value, tuple) else value


def number_of(value: Any, name: str, low: int | None, high: int | None) -> Fraction:
    """Read a number exactly; -1 < overlap < 1, but noise may be zero."""
    number = arguments.exact(value)
    below = number is None or (low is not None and number < low)
    if below or (high is not None and not abs(number) < high):  # type: ignore[arg-type]
        allowed = "a number between -1 and 1" if high else "a number"
        allowed += ", 0 or positive" if low == 0 else ""
        raise DomainError(f"{name} must be {allowed}, not {quoted(value)}")
    return number  # type: ignore[return-value]


def formula_of(value: Any, name: str, names: dict[str, Symbol]) -> Expr:
    """Read a formula: its symbols by their names, its floats to all their digits."""
    shown = " and ".join(key for key in names if "_" not in key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Integer(value)
    if not isinstance(value, Expr):
        raise DomainError(f"{name} must be a SymPy expression in {shown}, not {quoted(value)}")
    foreign = sorted(str(s) for s in value.free_symbols if str(s) not in names)
    if foreign:
        raise DomainError(
            f"{name} must be a formula in {shown}: {', '.join(foreign)} has no value in {value}"
        )
    replaced = {s: names[str(s)] for s in value.free_symbols}
    replaced |= {number: rational(arguments.exact(number)) for number in value.atoms(Float)}
    formula = value.xreplace(replaced)
    if formula.has(S.NaN, S.ComplexInfinity, S.Infinity, S.ImaginaryUnit):
        raise DomainError(f"{name} must be a real and finite formula, not {value}")
    if any(
        number and not 1 / LARGEST < abs(number) < LARGEST for number in formula.atoms(Rational)
    ):
        raise DomainError(f"{name} must have numbers between 1e-300 and 1e300 in size")
    if unknown := sorted(str(of.func) for of in formula.atoms(AppliedUndef)):
        raise DomainError(f"{name} must be made of functions that are known: {unknown[0]} is none")
    return formula
