"""The errors a user can meet; every one is a `ValueError` with one clear sentence."""

from collections.abc import Iterable
from numbers import Rational
from typing import Any

#: Likeness from which a word may be meant by another: that of yhat and yh.
NEAR = 2 / 3


class BBPError(ValueError):
    """Base of all errors raised on purpose by this package."""


class DomainError(BBPError):
    """An argument lies outside its allowed range; the sentence names both."""


class NoOutlierError(DomainError):
    """There is no outlier on the side of the bulk that is asked for, at any alpha."""


class FormulaError(BBPError):
    """A text is no formula, or the formula is not one of what it should be."""


class PrecisionError(BBPError):
    """The promised number of correct digits could not be reached."""


class UndecidedError(PrecisionError):
    """A matrix is so close to a threshold that its side is not seen."""


class ConvergenceError(BBPError):
    """An iteration stopped before it met its tolerance."""


class StorageError(BBPError):
    """A file could not be read or written; what was computed before is kept."""


def quoted(value: Any, most: int = 40) -> str:
    """Return an argument as a message shows it: on one line, shortened, whatever it is.

    Examples
    --------
    >>> quoted("1" * 100, 20), quoted(10**5000)
    ("'1111111111111111...", 'a number of thousands of digits')
    """
    try:
        text = str(value) if isinstance(value, Rational) else repr(value)
    except Exception:  # Python writes no integers of more than 4300 digits; others have a fault
        is_number = isinstance(value, Rational)
        return f"a {'number of thousands of digits' if is_number else type(value).__name__}"
    line = " ".join(text[: 10 * most].split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def meant(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that suggests a known word for one that is not; else nothing.

    Examples
    --------
    >>> meant("tabel", ["table", "threshold"]), meant("xyz", ["table"])
    ('; do you mean "table"?', '')
    """
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(word, names, 1, NEAR)
    if not near:  # case may differ
        by_case = {name.lower(): name for name in names}
        near = [by_case[name] for name in get_close_matches(word.lower(), list(by_case), 1, NEAR)]
    return f'; do you mean "{near[0]}"?' if near else ""
