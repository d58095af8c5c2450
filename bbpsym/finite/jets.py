"""Derivatives by forward-mode automatic differentiation: Taylor series cut after second order.

A jet holds the value of a function of one variable and its first two derivatives, at many points
at once. What is no jet is constant in that variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf, erfc

from bbpsym.errors import DomainError, FormulaError
from bbpsym.reading.formula_tree import Formula

Array = npt.NDArray[np.floating]


def _zero(part: Any) -> bool:
    """Whether a derivative is the number zero, so that nothing of it need be computed."""
    return isinstance(part, float) and part == 0.0


def _sum(one: Any, other: Any) -> Any:
    return other if _zero(one) else one if _zero(other) else one + other


def _product(one: Any, other: Any) -> Any:
    return 0.0 if _zero(one) or _zero(other) else one * other


@dataclass(frozen=True, eq=False)
class Jet:
    """A function of one variable to second order, at every point of an array."""

    value: Any
    first: Any = 0.0
    second: Any = 0.0

    def __add__(self, other: Jet) -> Jet:
        return Jet(
            self.value + other.value, _sum(self.first, other.first), _sum(self.second, other.second)
        )

    def __mul__(self, other: Jet) -> Jet:
        mixed = _product(2.0, _product(self.first, other.first))
        ends = _product(self.value, other.second), _product(self.second, other.value)
        return Jet(
            self.value * other.value,
            _sum(_product(self.value, other.first), _product(self.first, other.value)),
            _sum(_sum(ends[0], mixed), ends[1]),
        )

    def under(self, function: tuple[Any, Any, Any]) -> Jet:
        """Chain rule, for the value and the derivatives of a function at `value`."""
        value, first, second = function
        bent = _product(second, _product(self.first, self.first))
        return Jet(value, _product(first, self.first), _sum(bent, _product(first, self.second)))

    def where(self, condition: Any, other: Jet) -> Jet:
        """Take this jet where the condition holds, the other one elsewhere."""
        pairs = zip(
            (self.value, self.first, self.second),
            (other.value, other.first, other.second),
            strict=True,
        )
        return Jet(*(np.where(condition, mine, theirs) for mine, theirs in pairs))


def _tanh(x: Any) -> tuple[Any, Any, Any]:
    value = np.tanh(x)
    return value, 1 - value**2, -2 * value * (1 - value**2)


def _tan(x: Any) -> tuple[Any, Any, Any]:
    value = np.tan(x)
    return value, 1 + value**2, 2 * value * (1 + value**2)


def _sqrt(x: Any) -> tuple[Any, Any, Any]:
    value = np.sqrt(x)
    return value, 1 / (2 * value), -1 / (4 * value**3)


def _bell(x: Any) -> Any:
    """Derivative of the error function."""
    return 2 / np.sqrt(np.pi) * np.exp(-(x**2))


#: Value and first two derivatives; those of abs and sign away from zero.
_ELEMENTARY: dict[str, Callable[[Any], tuple[Any, Any, Any]]] = {
    "sin": lambda x: (np.sin(x), np.cos(x), -np.sin(x)),
    "cos": lambda x: (np.cos(x), -np.sin(x), -np.cos(x)),
    "tan": _tan,
    "atan": lambda x: (np.arctan(x), 1 / (1 + x**2), -2 * x / (1 + x**2) ** 2),
    "sinh": lambda x: (np.sinh(x), np.cosh(x), np.sinh(x)),
    "cosh": lambda x: (np.cosh(x), np.sinh(x), np.cosh(x)),
    "tanh": _tanh,
    "asinh": lambda x: (np.arcsinh(x), (1 + x**2) ** -0.5, -x * (1 + x**2) ** -1.5),
    "exp": lambda x: (np.exp(x),) * 3,
    "log": lambda x: (np.log(x), 1 / x, -1 / x**2),
    "sqrt": _sqrt,
    "erf": lambda x: (erf(x), _bell(x), -2 * x * _bell(x)),
    "erfc": lambda x: (erfc(x), -_bell(x), 2 * x * _bell(x)),
    "abs": lambda x: (np.abs(x), np.sign(x), 0.0),
    "sign": lambda x: (np.sign(x), 0.0, 0.0),
    "-": lambda x: (-x, -1.0, 0.0),
    "/": lambda x: (1 / x, -1 / x**2, 2 / x**3),
}


def _power(base: Jet, exponent: Jet) -> Jet:
    """A constant power of anything, or any power of what is positive."""
    if np.ndim(exponent.value) or np.any(exponent.first) or np.any(exponent.second):
        return _apply("exp", exponent * _apply("log", base))
    n, x = float(exponent.value), base.value
    first = n * x ** (n - 1) if n else 0.0
    second = n * (n - 1) * x ** (n - 2) if n not in (0, 1) else 0.0
    return base.under((x**n, first, second))


_SEVERAL: dict[str, Callable[..., Jet]] = {
    "+": lambda *terms: reduce(Jet.__add__, terms),
    "*": lambda *factors: reduce(Jet.__mul__, factors),
    "^": _power,
    "max": lambda *jets: reduce(lambda f, g: f.where(f.value >= g.value, g), jets),
    "min": lambda *jets: reduce(lambda f, g: f.where(f.value <= g.value, g), jets),
    "pi": lambda: Jet(np.float64(np.pi)),
    "E": lambda: Jet(np.float64(np.e)),
}


def _apply(function: str, *arguments: Jet) -> Jet:
    if function in _SEVERAL:
        return _SEVERAL[function](*arguments)
    return arguments[0].under(_ELEMENTARY[function](arguments[0].value))


def _number(value: Fraction) -> Jet:
    try:
        return Jet(np.float64(float(value)))
    except OverflowError:
        raise FormulaError("a number of a formula is too large for double precision") from None


def derivatives(
    formula: Formula, name: str, values: Mapping[str, Any], variable: str
) -> tuple[Array, Array, Array]:
    """Return a formula and its first two derivatives by one of its names.

    Parameters
    ----------
    formula : Formula
        What is differentiated; where it has a kink or jumps, the derivative is one of those aside.
    name : str
        What the formula is, for the error message.
    values : mapping
        Numbers or arrays that the names stand for.
    variable : str
        The name by which is differentiated.

    Returns
    -------
    value, first, second : ndarray
        Of the shape of `values[variable]`.

    Raises
    ------
    DomainError
        When one of them is infinite or not real at some point.
    """
    jets = {key: Jet(value, float(key == variable)) for key, value in values.items()}
    with np.errstate(all="ignore"):
        found = formula.evaluate(jets, _apply, _number)
    shape = np.shape(values[variable])
    parts = [np.broadcast_to(p, shape) for p in (found.value, found.first, found.second)]
    for part in parts:
        if not np.all(np.isfinite(part)):
            at = int(np.flatnonzero(~np.isfinite(part))[0])
            where = ", ".join(
                f"{key}={np.broadcast_to(values[key], shape).flat[at]:.4g}"
                for key in sorted(formula.names)
            )
            raise DomainError(f"{name} must be finite and real on the data: it is not at {where}")
    value, first, second = parts
    return value, first, second
