"""How numbers and results are written: terminal, JSON, LaTeX. Only digits known to be right."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from html import escape
from math import ceil, floor, isnan, log10
from typing import Any

from bbpsym.errors import Suggesting

#: Digits shown of a double-precision result; every result carries at least these.
DOUBLE_DIGITS = 12

#: Most digits shown of a number that carries its own error.
CERTAIN_DIGITS = 8


def number(value: Any, digits: int | None) -> str:
    """Write a number with `digits` significant digits (12 in double precision).

    A ball writes itself: no more digits than are certified.
    """
    if hasattr(value, "certified_digits"):
        return value.text(digits)
    if value == 0:
        return "0"
    if digits is None or isinstance(value, float):
        return f"{value:#.{digits or DOUBLE_DIGITS}g}".rstrip(".")
    text = value.context.nstr(value, digits, strip_zeros=False, min_fixed=-5, max_fixed=digits)
    return text.rstrip(".")


def counted(count: int, one: str, many: str) -> str:
    """Write a number of things.

    Examples
    --------
    >>> counted(1, "row", "rows"), counted(0, "row", "rows")
    ('1 row', '0 rows')
    """
    return f"{count} {one if count == 1 else many}"


def certain(value: float, error: float, most: int = CERTAIN_DIGITS) -> str:
    """Write a number with the significant digits that its error leaves, at most `most`.

    Examples
    --------
    >>> certain(-1.76818181, 1e-5), certain(0.0, 1e-16)
    ('-1.7682', '0')
    """
    if value == 0:
        return "0"
    size = floor(log10(abs(value)))
    known = most if error == 0 else size - ceil(log10(2 * error)) + 1
    return f"{value:#.{max(1, min(known, most))}g}"


class Shown(Suggesting):
    """Base of results that show themselves in Jupyter as they do in a terminal."""

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def uncertain(value: float, error: float, most: int = 4) -> str:
    """Write a number with its error in the last two digits; `most` digits where all are known.

    An error that is not known, nan, is left out.

    Examples
    --------
    >>> uncertain(0.0603, 0.0054), uncertain(6.03e-7, 5.4e-9), uncertain(0.0603, 1e-9)
    ('0.0603(54)', '6.030(54)e-07', '0.06030')
    >>> uncertain(0.0, 0.2)
    '0.00(20)'
    """
    if isnan(error) or error <= 0.5 * 10.0**-most * abs(value):
        return f"{value:#.{most}g}"
    power = floor(log10(abs(value))) if 0 < abs(value) < 1e-4 else 0
    # Through the rounded error, so that 0.0996 counts as 0.10.
    places = max(0, 1 - floor(log10(float(f"{error:.1e}"))) + power)
    shown = f"{value / 10.0**power:.{places}f}({round(error / 10.0**power * 10**places)})"
    return shown + (f"e{power:03d}" if power else "")


def json_number(value: Any, digits: int | None) -> float | str:
    """Return a float in double precision, a string of `digits` digits otherwise."""
    return float(number(value, None)) if digits is None else number(value, digits)


def is_exact(value: Any) -> bool:
    """Whether a value is a fraction, or an irrational number as an expression."""
    return isinstance(value, Fraction) or hasattr(value, "evalf")


def exact_text(value: Any) -> str:
    """Write an exact number as a decimal if that is exact and short, else as a fraction.

    Examples
    --------
    >>> exact_text(Fraction(7, 10)), exact_text(Fraction(1, 3))
    ('0.7', '1/3')
    """
    if not isinstance(value, Fraction):
        if not hasattr(value, "evalf"):
            return str(value)
        from bbpsym.writing.handwriting import text

        return text(value)
    decimal = f"{Decimal(value.numerator) / Decimal(value.denominator):.20g}"
    return decimal if Fraction(decimal) == value else str(value)


def exact_latex(value: Any) -> str:
    """Write an exact number for a formula."""
    if isinstance(value, Fraction):
        return latex_number(exact_text(value))
    from bbpsym.writing.handwriting import latex

    return latex(value)


#: Characters that mean something to LaTeX, and how they are written there.
LATEX_ESCAPES = str.maketrans(
    {mark: "\\" + mark for mark in "{}$&#_%"}
    | {mark: f"${mark}$" for mark in "<>|"}  # others stand in their places in LaTeX's own font
    | {"\\": r"$\backslash$", "^": r"\^{}", "~": r"\~{}"}
)


def latex_text(text: str) -> str:
    r"""Write any text, such as a name that a user gave, for LaTeX.

    Examples
    --------
    >>> print(latex_text("50% of x_1"))
    50\% of x\_1
    """
    return text.translate(LATEX_ESCAPES)


def latex_number(text: str) -> str:
    """Write a number's text for a formula: powers of ten and fractions typeset."""
    if "/" in text:
        numerator, denominator = text.split("/")
        return rf"\frac{{{numerator}}}{{{denominator}}}"
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa
