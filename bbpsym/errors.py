"""The errors a user can meet; every one is a `ValueError` with one clear sentence."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from inspect import signature
from numbers import Rational
from typing import TYPE_CHECKING, Any, ClassVar

#: Likeness from which a word may be meant by another: that of yhat and yh.
NEAR = 2 / 3


class BBPError(ValueError):
    """Base of all errors raised on purpose by this package."""


class DomainError(BBPError):
    """An argument lies outside its allowed range; the sentence names both."""


class NoOutlierError(DomainError):
    """There is no outlier on the side of the bulk that is asked for, at any alpha."""


class UnboundedError(DomainError):
    """A weight has no bound on a side, as far as is seen; `near` says at which data."""

    near = ""


class FormulaError(BBPError):
    """A text is no formula, or the formula is not one of what it should be."""


class PrecisionError(BBPError):
    """The promised number of correct digits could not be reached."""


class UndecidedError(PrecisionError):
    """On which side of a threshold a matrix is, or whether it has one, is not seen."""


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
    >>> meant("alpha_bbp", ["alpha-BBP", "alpha_c"])
    '; do you mean "alpha-BBP"?'
    >>> meant("tresholds", ["Thresholds", "thresholds"])
    '; do you mean "thresholds"?'
    """
    from difflib import get_close_matches

    by_sound: dict[str, list[str]] = {}  # case and dashes may differ
    for name in known:
        by_sound.setdefault(_sound(name), []).append(name)
    sounds = get_close_matches(_sound(word), list(by_sound), 1, NEAR)
    near = [name for sound in sounds for name in get_close_matches(word, by_sound[sound], 1, 0)]
    return f'; do you mean "{near[0]}"?' if near else ""


def _sound(word: str) -> str:
    return word.lower().replace("_", "-")


class Suggesting:
    """Base of what tells, of a misspelt attribute, which one or which verb may be meant.

    Examples
    --------
    >>> from bbpsym import Model
    >>> Model(2, 1, 1).pstar
    Traceback (most recent call last):
    AttributeError: Model has no attribute 'pstar'; do you mean "p_star"?
    >>> Model(2, 1, 1).edge
    Traceback (most recent call last):
    AttributeError: Model has no attribute 'edge'; do you mean "edge(model, ...)"?
    """

    #: What else attributes are called, in lower case -> their names.
    other_names: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if hasattr(type(self), name):  # a property that has failed: let it say why
                return object.__getattribute__(self, name)
            raise AttributeError(_no_attribute(type(self), name), name=name)


@lru_cache(maxsize=256)  # what has no such attribute is asked for it again and again
def _no_attribute(owner: Any, name: str) -> str:
    known = dict.fromkeys((*getattr(owner, "__dataclass_fields__", ()), *dir(owner)))
    public = [other for other in known if not other.startswith("_") and other != name]
    meant_by_it = owner.other_names.get(name.lower())
    if name.startswith("_"):
        near = ""
    elif meant_by_it in public:
        near = f'; do you mean "{meant_by_it}"?'
    else:
        near = meant(name, public) or _verb(name)
    return f"{owner.__name__} has no attribute {name!r}{near}"


def _verb(name: str) -> str:
    """The end of a sentence that suggests to ask a verb of the package; nothing if it has none."""
    from difflib import get_close_matches

    import bbpsym

    verbs = [verb for verb in bbpsym.__all__ if verb.islower()]
    for verb in get_close_matches(name, verbs, 1, NEAR):
        first, *others = signature(getattr(bbpsym, verb)).parameters
        return f'; do you mean "{verb}({first}{", ..." * bool(others)})"?'
    return ""
