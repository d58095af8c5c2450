"""An enclosure of a real number, as results show it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from mpmath import mpf
from mpmath.libmp import from_man_exp

from bbpsym.numerics.multiprecision import context, convert
from bbpsym.reading import arguments
from bbpsym.reading.formulas import dyadic
from bbpsym.writing.display import number

#: Digits of the contexts of the ends beyond those shown, so that they print differently.
GUARD = 10


@dataclass(frozen=True)
class Ball:
    """A real number known to lie between two others; both are part of the enclosure.

    Attributes
    ----------
    lower, upper : mpmath number
        The ends, exact.
    digits : int
        Significant digits that are shown, if as many are certified.

    Examples
    --------
    >>> from bbpsym import Model, threshold
    >>> alpha = threshold(Model(p=2, p_star=1, a="0.7"), digits=30, certified=True).alpha
    >>> print(alpha)
    0.927055296717066084667855737239
    >>> "0.9270552967170660846678557372391" in alpha
    False
    """

    lower: mpf
    upper: mpf
    digits: int

    @classmethod
    def between(cls, lower: Fraction, upper: Fraction, digits: int) -> Ball:
        """Enclose what lies between two dyadic fractions."""
        return cls(_dyadic(lower, digits), _dyadic(upper, digits), digits)

    @property
    def middle(self) -> Fraction:
        """The midpoint, exact."""
        return (_fraction(self.lower) + _fraction(self.upper)) / 2

    @property
    def radius(self) -> Fraction:
        """Half the width, exact."""
        return (_fraction(self.upper) - _fraction(self.lower)) / 2

    @property
    def certified_digits(self) -> int:
        """Significant digits of the midpoint that differ from the truth by 0.51 units at most."""
        middle, radius = abs(self.middle), self.radius
        if radius == 0:
            return self.digits
        if middle <= radius:
            return 0
        ratio = middle / radius
        known = math.log10(ratio.numerator) - math.log10(ratio.denominator)
        return max(0, min(self.digits, int(known) - 2))

    def __contains__(self, number: Any) -> bool:
        """Whether an exact number, an mpmath number or a decimal text lies in the enclosure."""
        value = dyadic(number) if hasattr(number, "_mpf_") else arguments.exact(number)
        return value is not None and _fraction(self.lower) <= value <= _fraction(self.upper)

    def __float__(self) -> float:
        return _float(self.middle)

    def number(self) -> Any:
        """The midpoint rounded to the certified digits' precision, as an mpmath number."""
        return convert(self.middle, context(self.digits + GUARD))

    def text(self, digits: int) -> str:
        """Write `digits` digits, or as many as are certified if these are fewer."""
        if self.lower == self.upper == 0:
            return "0"
        known = min(digits, self.certified_digits)
        if known == 0:
            return f"[{_short(self.lower, 3)}, {_short(self.upper, 3)}]"
        return number(self.number(), known)

    def __str__(self) -> str:
        return self.text(self.digits)

    def __repr__(self) -> str:
        return f"Ball({self!s} +/- {_short(convert(self.radius, context(GUARD)), 2)})"


#: The numbers of an answer: floats in double precision, mpmath's with so many digits, or balls.
Value = TypeVar("Value", bound=float | mpf | Ball)


def _dyadic(number: Fraction, digits: int) -> Any:
    """A dyadic fraction as an mpmath number, without rounding."""
    exponent = 1 - number.denominator.bit_length()
    return context(digits + GUARD).make_mpf(from_man_exp(number.numerator, exponent))


def _fraction(number: Any) -> Fraction:
    """An end of a ball, exactly: finite, and of any size."""
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent


def _float(number: Fraction) -> float:
    """The nearest double; infinite beyond all doubles."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _short(number: Any, digits: int) -> str:
    """An mpmath number of any size with few digits."""
    return str(number.context.nstr(number, digits))
