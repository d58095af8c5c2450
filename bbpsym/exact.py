"""Numbers of any kind as fractions."""

from __future__ import annotations

import numbers
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

#: Largest decimal exponent of a number that is read at all.
MAX_EXPONENT = 1000

#: Fewest bits at which a binary number is taken for a rounded decimal.
DOUBLE_BITS = 53


def exact(value: Any) -> Fraction | None:
    """Return `value` as a Fraction, or None if it is no finite rational number.

    A float is its shortest decimal, one of mpmath's at the precision of its context, or at its own
    where this is higher.

    Examples
    --------
    >>> from mpmath import mpf
    >>> exact(0.7) == exact(mpf("0.7")) == exact("7/10")
    True
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        if getattr(value, "is_Float", False):
            return _from_decimal(_shortest(value._mpf_, value._prec))
        if hasattr(value, "_mpf_"):
            if dyadic(value) is None:
                return None
            bits = max(DOUBLE_BITS, value.context.prec, int(value._mpf_[3]))
            return _from_decimal(_shortest(value._mpf_, bits))
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


def dyadic(value: Any) -> Fraction | None:
    """Return the exact value of an mpmath number; None if it is not finite, or huge."""
    sign, mantissa, exponent, _ = value._mpf_
    finite = (mantissa or not exponent) and abs(exponent) < 4 * MAX_EXPONENT
    return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent if finite else None


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
