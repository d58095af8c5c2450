"""Reading of arguments: every quantity becomes exact, or one sentence says why it cannot."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from bbpsym.errors import DomainError, FormulaError
from bbpsym.exact import MAX_EXPONENT, exact

if TYPE_CHECKING:
    import numpy as np
    from sympy import Expr

    #: What is read as one number, as several, and as a whole number, which may be inf.
    Number: TypeAlias = int | float | str | Fraction | Decimal | Expr
    Several: TypeAlias = list[Any] | tuple[Any, ...] | range | np.ndarray
    Whole: TypeAlias = int | float | str | Fraction | Decimal | Expr

    #: A number that was read: rational, or closed where it is irrational.
    Exact: TypeAlias = Fraction | Expr

    #: A width that was read: an int, or math.inf, which few readers of one have to think of.
    Width: TypeAlias = int | Any
else:
    Number = Several = Whole = Exact = Width = Any

#: Largest width, most digits, and range of a and alpha, for which accuracy has been checked.
MAX_WIDTH = 10**6
MAX_DIGITS = 2000
DECADES, DECADES_OF_ALPHA = 12, 24

#: Largest input dimension of a finite system, and why there is one.
MAX_DIMENSION = 10**18
CHECKED = "the accuracy of this answer was checked there"


def positive(value: Any, name: str, decades: int = DECADES) -> Exact:
    """Read a positive number exactly.

    Parameters
    ----------
    value : int, str, Fraction, Decimal, float, mpmath number or number of SymPy's
        A float, also mpmath's and SymPy's, is read as its shortest decimal: 0.7 means 7/10. An
        irrational number of SymPy's, or a text such as "sqrt(2)" or "2*pi/3", stays as it is.
    name : str
        Name of the argument, for the error message.
    decades : int
        The range is `10^-decades` to `10^decades`.

    Returns
    -------
    Fraction or Expr
        An expression where the number is irrational.

    Raises
    ------
    DomainError
        If the value is no number, not finite, or out of range.
    """
    number = exact(value)
    number = closed_form(value) if number is None else number
    if number is None or not Fraction(1, 10**decades) <= number <= 10**decades:
        allowed = f"a number from 1e-{decades} to 1e{decades}"
        raise DomainError(f"{name} must be {allowed}, not {_shown(value)}")
    return number


def signal_to_noise(value: Any) -> Exact:
    """Read alpha, whose range holds every threshold: with p < p* they grow like p*^2."""
    return positive(value, "alpha", DECADES_OF_ALPHA)


def width(value: Any, name: str, infinite: bool = False) -> int | float:
    """Read a width: an integer from 1 to 1e6, or infinity where it is allowed.

    Returns
    -------
    int or float
        `math.inf` for "inf", an infinite float or SymPy's oo.
    """
    allowed = f"an integer from 1 to {MAX_WIDTH}" + (" or inf" if infinite else "")
    if infinite and is_infinite(value):
        return math.inf
    number = exact(value)
    if number is None or number.denominator != 1 or not 1 <= number <= MAX_WIDTH:
        raise DomainError(f"{name} must be {allowed}, not {_shown(value)}")
    return int(number)


def whole(value: Any, name: str, least: int, most: int, why: str = "") -> int:
    """Read an integer from `least` to `most`; the error says why there is such a range."""
    number = exact(value)
    if number is None or number.denominator != 1 or not least <= number <= most:
        end = f"{most:.0e}".replace("+", "") if most > MAX_WIDTH else most
        reason = f": {why}" if why else ""
        raise DomainError(
            f"{name} must be an integer from {least} to {end}, not {_shown(value)}{reason}"
        )
    return int(number)


def dimension(value: Any, least: int = 2, most: int = MAX_DIMENSION, why: str = CHECKED) -> int:
    """Read the input dimension N of a finite system, in the range of whoever asks."""
    return whole(value, "N", least, most, why)


def digits(value: Any, largest: int = MAX_DIGITS) -> int | None:
    """Read a number of significant decimal digits; None means double precision."""
    if value is None:
        return None
    number = exact(value)
    if number is None or number.denominator != 1 or not 1 <= number <= largest:
        raise DomainError(f"digits must be an integer from 1 to {largest}, not {_shown(value)}")
    return int(number)


def closed_form(value: Any) -> Exact | None:
    """Return a real number of SymPy's, or a text such as "2*pi/3", as an expression without floats.

    None for anything else.
    """
    if isinstance(value, str):
        if not re.search(r"[a-zA-Z]", value):
            return None
        from bbpsym.formulas import parse

        try:
            formula = parse(value)
            value = None if formula.names else formula.to_sympy()
        except (FormulaError, ValueError, ArithmeticError):
            return None
    if not getattr(value, "is_number", False) or not hasattr(value, "xreplace"):
        return None
    from sympy import Float, Rational

    decimals = {item: exact(item) for item in value.atoms(Float)}
    number = value.xreplace({item: Rational(found) for item, found in decimals.items()})
    if not (number.is_extended_real and number.is_finite):
        return None
    return exact(number) if number.is_Rational else number


def nearest(number: Exact) -> Fraction:
    """Return an exact number as a Fraction, an irrational one to 40 digits."""
    return number if isinstance(number, Fraction) else Fraction(str(number.evalf(40)))


def is_infinite(value: Any) -> bool:
    """Whether a width stands for infinite overparametrisation."""
    if isinstance(value, str):
        return value.strip().lower() in {"inf", "infinity", "oo"}
    return not isinstance(value, int | Fraction) and str(value) in {"inf", "+inf", "oo"}


def _shown(value: Any) -> str:
    if hasattr(value, "_mpf_") and abs(value._mpf_[2]) > 4 * MAX_EXPONENT:
        return "a number beyond all bounds"
    try:
        text = str(value) if isinstance(value, Fraction) else repr(value)
    except ValueError:  # Python does not write integers of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 40 else text[:37] + "..."
