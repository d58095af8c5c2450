"""Reading of arguments: every quantity becomes exact, or one sentence says why it cannot."""

from __future__ import annotations

import math
import numbers
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from bbpsym.errors import DomainError

#: Largest width, most digits, and range of a and alpha, for which accuracy has been checked.
MAX_WIDTH = 10**6
MAX_DIGITS = 2000
SMALLEST, LARGEST = Fraction(1, 10**12), Fraction(10**12)


def positive(value: Any, name: str) -> Fraction:
    """Read a positive number exactly.

    Parameters
    ----------
    value : int, str, Fraction, Decimal, SymPy Rational, float or mpmath number
        A float is read as its shortest decimal (0.7 means 7/10), an mpmath number exactly.
    name : str
        Name of the argument, for the error message.

    Raises
    ------
    DomainError
        If the value is no number, not finite, or outside 1e-12 to 1e12.
    """
    number = exact(value)
    if number is None or not SMALLEST <= number <= LARGEST:
        raise DomainError(f"{name} must be a number from 1e-12 to 1e12, not {_shown(value)}")
    return number


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
        if hasattr(value, "_mpf_"):  # an mpmath number is exact in base two
            sign, mantissa, exponent, _ = value._mpf_
            finite = mantissa or not exponent
            return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent if finite else None
        if isinstance(value, numbers.Rational):
            return Fraction(int(value.numerator), int(value.denominator))
        if isinstance(value, numbers.Real):
            return Fraction(Decimal(str(value)))
        if isinstance(value, Decimal):
            return Fraction(value)
        if isinstance(value, str):
            return _from_text(value.strip())
    except (ValueError, OverflowError, InvalidOperation, ZeroDivisionError, TypeError):
        return None
    return None


def _from_text(text: str) -> Fraction:
    """Read "0.7", "7e-1" or "7/10"; an exponent that would fill the memory is no number."""
    if "/" not in text and abs(Decimal(text).adjusted()) > 1000:
        raise ValueError(text)
    return Fraction(text)


def is_infinite(value: Any) -> bool:
    """Whether a width stands for infinite overparametrisation."""
    if isinstance(value, str):
        return value.strip().lower() in {"inf", "infinity", "oo"}
    return str(value) in {"inf", "+inf", "oo"}


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, Fraction) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
