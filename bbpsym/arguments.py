"""Reading of arguments: every quantity becomes exact, or one sentence says why it cannot."""

from __future__ import annotations

import math
import numbers
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from bbpsym.errors import DomainError

if TYPE_CHECKING:
    import numpy as np
    from sympy import Expr

    #: What is read as one number, and as several.
    Number: TypeAlias = int | float | str | Fraction | Decimal | Expr
    Several: TypeAlias = list[Any] | tuple[Any, ...] | range | np.ndarray
else:
    Number = Several = Any

#: Largest width, most digits, and range of a and alpha, for which accuracy has been checked.
MAX_WIDTH = 10**6
MAX_DIGITS = 2000
DECADES, DECADES_OF_ALPHA = 12, 24

#: Largest input dimension of a finite system.
MAX_DIMENSION = 10**18

#: Largest decimal exponent of a number that is read at all.
MAX_EXPONENT = 1000


def positive(value: Any, name: str, decades: int = DECADES) -> Fraction:
    """Read a positive number exactly.

    Parameters
    ----------
    value : int, str, Fraction, Decimal, SymPy Rational, float or mpmath number
        A float, also SymPy's, is read as its shortest decimal (0.7 means 7/10), an mpmath number
        exactly.
    name : str
        Name of the argument, for the error message.
    decades : int
        The range is `10^-decades` to `10^decades`.

    Raises
    ------
    DomainError
        If the value is no number, not finite, or out of range.
    """
    number = exact(value)
    if number is None or not Fraction(1, 10**decades) <= number <= 10**decades:
        allowed = f"a number from 1e-{decades} to 1e{decades}"
        raise DomainError(f"{name} must be {allowed}, not {_shown(value)}")
    return number


def signal_to_noise(value: Any) -> Fraction:
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


def whole(value: Any, name: str, least: int, most: int) -> int:
    """Read an integer from `least` to `most`."""
    number = exact(value)
    if number is None or number.denominator != 1 or not least <= number <= most:
        end = f"{most:.0e}".replace("+", "") if most > MAX_WIDTH else most
        raise DomainError(f"{name} must be an integer from {least} to {end}, not {_shown(value)}")
    return int(number)


def dimension(value: Any) -> int:
    """Read the input dimension N of a finite system."""
    return whole(value, "N", 2, MAX_DIMENSION)


def digits(value: Any, largest: int = MAX_DIGITS) -> int | None:
    """Read a number of significant decimal digits; None means double precision."""
    if value is None:
        return None
    number = exact(value)
    if number is None or number.denominator != 1 or not 1 <= number <= largest:
        raise DomainError(f"digits must be an integer from 1 to {largest}, not {_shown(value)}")
    return int(number)


def exact(value: Any) -> Fraction | None:
    """Return `value` as a Fraction, or None if it is no finite number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        if getattr(value, "is_Float", False):
            return _from_decimal(_shortest(value._mpf_, value._prec))
        if hasattr(value, "_mpf_"):  # an mpmath number is exact in base two
            sign, mantissa, exponent, _ = value._mpf_
            finite = (mantissa or not exponent) and abs(exponent) < 4 * MAX_EXPONENT
            return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent if finite else None
        if isinstance(value, numbers.Rational):
            return Fraction(int(value.numerator), int(value.denominator))
        if isinstance(value, numbers.Real):
            return _from_decimal(Decimal(str(value)))
        if isinstance(value, Decimal):
            return _from_decimal(value)
        if isinstance(value, str):
            text = value.strip()
            return Fraction(text) if "/" in text else _from_decimal(Decimal(text))
    except (ValueError, OverflowError, InvalidOperation, ZeroDivisionError, TypeError):
        return None
    return None


def _shortest(number: tuple, bits: int) -> Decimal:
    """The shortest decimal that is this binary number when rounded to so many bits."""
    from mpmath.libmp import from_str, repr_dps, to_str

    texts = (to_str(number, digits) for digits in range(1, repr_dps(bits) + 1))
    return Decimal(next(text for text in texts if from_str(text, bits, "n") == number))


def _from_decimal(number: Decimal) -> Fraction:
    """Take a decimal exactly, unless its exponent would fill the memory."""
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(number)
    return Fraction(number)


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
