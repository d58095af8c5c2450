"""Reading of arguments: every quantity becomes exact, or one sentence says why it cannot.

Lists and ranges have one grammar everywhere: "1,2,4", "1:4,inf", "0.1:2:0.1".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from bbpsym.errors import DomainError, meant, quoted
from bbpsym.reading.formulas import MAX_EXPONENT, closed_form, exact

if TYPE_CHECKING:
    import numpy as np
    from sympy import Expr

    #: What is read as one number, as several, and as a whole number, which may be inf.
    Number: TypeAlias = int | float | str | Fraction | Decimal | Expr
    #: Of these a text may also be a range, "1:3:0.1", which the types cannot tell.
    Single: TypeAlias = int | float | Fraction | Decimal | Expr
    Several: TypeAlias = list[Any] | tuple[Any, ...] | range | np.ndarray
    Whole: TypeAlias = int | float | str | Fraction | Decimal | Expr

    #: A number that was read: rational, or closed where it is irrational.
    Exact: TypeAlias = Fraction | Expr

    #: A width that was read: an int, or math.inf, which few readers of one have to think of.
    Width: TypeAlias = int | Any
else:
    Number = Single = Several = Whole = Exact = Width = Any

#: Largest width, most digits, and range of a and alpha, for which accuracy has been checked.
MAX_WIDTH = 10**6
MAX_DIGITS = 2000
DECADES, DECADES_OF_ALPHA = 12, 24

#: Largest input dimension of a finite system, and why there is one.
MAX_DIMENSION = 10**18
CHECKED = "the accuracy of this answer was checked there"


#: Most values one option may stand for.
MOST = 100_000

#: Most sizes of a range in steps of one: 1e3:1e4 means others.
STEPLESS = 1000

#: What some write for a list or a range.
_LIKE_A_LIST = re.compile(r"\d\s*(\.\.+|[-;]|\s|to)\s*\d")


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
    return whole(value, "digits", 1, largest)


def nearest(number: Exact) -> Fraction:
    """Return an exact number as a Fraction, an irrational one to 40 digits."""
    return number if isinstance(number, Fraction) else Fraction(str(number.evalf(40)))


def is_infinite(value: Any) -> bool:
    """Whether a width stands for infinite overparametrisation."""
    if isinstance(value, str):
        return value.strip().lower() in {"inf", "infinity", "oo", "\N{INFINITY}"}
    return text_of(value) in {"inf", "+inf", "oo"}


def text_of(value: Any) -> str:
    """Return `str(value)`, or nothing where Python or the object has none."""
    try:
        return str(value)
    except Exception:  # of integers of more than 4300 digits, and of what has a fault
        return ""


def widths(text: str, name: str, infinite: bool = False) -> list[int | float]:
    """Read widths: integers, ranges of integers "first:last[:step]", and inf where allowed."""
    return _each(text, name, Fraction(1), lambda item: width(item, name, infinite))


def numbers(text: str, name: str) -> list[Fraction]:
    """Read positive numbers and ranges "first:last:step"; exact, so that no step is lost.

    The last end is included where the steps meet it.
    """
    return _each(text, name, None, lambda item: positive(item, name))


def reals(text: str, name: str) -> list[Fraction]:
    """Read numbers of any sign, exactly."""
    items = [exact(item) for item in _items(text, name, None)]
    found = [item for item in items if item is not None]
    if len(found) < len(items):
        raise DomainError(f"{name} must be a list of numbers and ranges, not {quoted(text)}")
    return found


def values(text: str, name: str) -> list[str]:
    """Read numbers of any sign, as texts; a formula with brackets, such as "max(1,2)", is one."""
    return [text] if "(" in text else [*map(str, _items(text, name, None))]


def alphas(text: str) -> list[Fraction]:
    """Read signal-to-noise ratios, like `numbers`, over their own range."""
    return _each(text, "alpha", None, signal_to_noise)


def several(alpha: Any) -> list[Any] | None:
    """Return the ratios of a list, an array or a text such as "1:3:0.1"; None for a single one.

    Raises
    ------
    DomainError
        If there is none in it, or one is out of range.
    """
    if isinstance(alpha, str):
        return alphas(alpha) if {",", ":"} & {*alpha} else None
    if not isinstance(alpha, Iterable) or getattr(alpha, "ndim", 1) == 0:
        return None
    found = [signal_to_noise(item) for item in _finite(alpha, "alpha")]
    if not found:
        raise DomainError("alpha must be a number or a list of at least one")
    return found


def items(value: Any, name: str, what: str) -> list[Any]:
    """Members of a sequence, which `what` describes."""
    try:
        return list(_finite(value, name))
    except TypeError:
        raise DomainError(f"{name} must be {what}, not {_shown(value)}") from None


def _finite(values: Iterable[Any], name: str) -> Iterator[Any]:
    """What is iterated over, if that comes to an end: SymPy's sets of numbers need not."""
    for count, item in enumerate(values, 1):
        if count > MOST and not hasattr(values, "__len__"):
            raise DomainError(f"{name} must stand for at most {MOST} values")
        yield item


def columns(
    names: Iterable[str], every: Sequence[str], also: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Read names of columns of a table, each once, of those that it has.

    What else some of them are called, `also` says to whoever writes it.
    """
    names = tuple(names)
    if twice := [name for name in names if names.count(name) > 1]:
        raise DomainError(f"columns must be different: {twice[0]:.40} stands twice")
    for name in names:
        if name not in every:
            allowed = f"columns must be among {', '.join(every)}, not {quoted(name)}"
            raise DomainError(allowed + meant((also or {}).get(name.lower(), name), every))
    return names


def records(text: str, known: Iterable[str]) -> list[str]:
    """Read names and ranges of numbers, "40:44,alpha-BBP"; a range means those that are known."""
    numbered = {name for name in known if name.isdigit()}
    names: list[str] = []
    for item in _items(text, "only", Fraction(1)):
        name = str(item).strip("()")
        if _LIKE_A_LIST.search(name):
            raise DomainError(f"only must be names, numbers and ranges 40:44, not {name!r}")
        if isinstance(item, str) or name in numbered:
            names.append(name)
    return list(dict.fromkeys(names))


def sizes(text: str, name: str) -> list[str | Fraction]:
    """Read sizes, which may be huge, such as 1e100; whoever takes them says which are allowed."""
    items = _items(text, name, Fraction(1))
    if len(items) > STEPLESS and any(part.count(":") == 1 for part in text.split(",")):
        raise DomainError(
            f"{name} must have a step, as in 1e3:1e4:1e3, for more than {STEPLESS} sizes"
        )
    if not all(items):
        raise DomainError(f"{name} must be a list of whole numbers, not {text!r}")
    return items


def _each(text: str, name: str, step: Fraction | None, read: Callable[[Any], Any]) -> list[Any]:
    """Read each item of a list; where one is wrong, say what a list or a range looks like."""
    items = _items(text, name, step)
    try:
        return [read(item) for item in items]
    except DomainError as error:
        hint = ""
        if "," in text:
            hint = f" in {quoted(text)}, where commas part a list"
        elif _LIKE_A_LIST.search(text):
            hint = f"; lists are written 1,2,4 and ranges {'1:2:0.5' if step is None else '1:4'}"
        raise DomainError(f"{error}{hint}") from None


def _items(text: str, name: str, step: Fraction | None) -> list[str | Fraction]:
    items: list[str | Fraction] = []
    for part in text.split(","):
        items.extend(_range(part, name, step) if ":" in part else [part.strip()])
        if len(items) > MOST:
            raise DomainError(f"{name} must stand for at most {MOST} values")
    _check_repeats(items, name)
    return items


def _check_repeats(items: list[str | Fraction], name: str) -> None:
    """Refuse a value that stands twice in a list, in whatever spelling."""
    items = [item for item in items if item != ""]  # whoever reads them says what is missing
    values = [exact(item) for item in items]
    seen = [item if value is None else value for item, value in zip(items, values, strict=True)]
    if len({*seen}) < len(seen):
        twice = next(item for k, item in enumerate(items) if seen[k] in seen[:k])
        raise DomainError(f"{name} must hold every value once, and {twice} stands there twice")


def _range(part: str, name: str, step: Fraction | None) -> Iterator[Fraction]:
    items = part.split(":")
    ends = [end for item in items if (end := exact(item)) is not None]
    if step is not None and len(items) == 2:
        ends.append(step)
    if len(ends) != 3 or len(items) > 3:
        form = "first:last" if step is not None else "first:last:step"
        raise DomainError(f"{name} must be a list of numbers and ranges {form}, not {part!r}")
    first, last, stride = ends
    if stride <= 0 or last < first:
        raise DomainError(f"{name} must be a range that rises in positive steps, not {part!r}")
    count = int((last - first) / stride) + 1
    if count > MOST:
        raise DomainError(f"{name} must stand for at most {MOST} values, not {count}")
    return (first + k * stride for k in range(count))


def _shown(value: Any) -> str:
    if hasattr(value, "_mpf_") and abs(sum(value._mpf_[2:])) > 4 * MAX_EXPONENT:
        return "a number beyond all bounds"
    return quoted(value)
