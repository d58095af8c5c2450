"""Lists and ranges, in one grammar everywhere: "1,2,4", "1:4,inf", "0.1:2:0.1"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from bbpsym import arguments
from bbpsym.errors import DomainError

#: Most values one option may stand for.
MOST = 100_000


def widths(text: str, name: str, infinite: bool = False) -> list[int | float]:
    """Read widths: integers, ranges of integers "first:last[:step]", and inf where allowed."""
    return [arguments.width(item, name, infinite) for item in _items(text, name, Fraction(1))]


def numbers(text: str, name: str) -> list[Fraction]:
    """Read positive numbers and ranges "first:last:step"; exact, so that no step is lost.

    The last end is included where the steps meet it.
    """
    return [arguments.positive(item, name) for item in _items(text, name, None)]


def reals(text: str, name: str) -> list[Fraction]:
    """Read numbers of any sign, exactly."""
    items = [arguments.exact(item) for item in _items(text, name, None)]
    found = [item for item in items if item is not None]
    if len(found) < len(items):
        raise DomainError(f"{name} must be a list of numbers and ranges, not {text!r:.40}")
    return found


def values(text: str, name: str) -> list[str]:
    """Read numbers of any sign, as texts; a formula with brackets, such as "max(1,2)", is one."""
    return [text] if "(" in text else [*map(str, _items(text, name, None))]


def alphas(text: str) -> list[Fraction]:
    """Read signal-to-noise ratios, like `numbers`, over their own range."""
    return [arguments.signal_to_noise(item) for item in _items(text, "alpha", None)]


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
    found = [arguments.signal_to_noise(item) for item in alpha]
    if not found:
        raise DomainError("alpha must be a number or a list of at least one")
    return found


def records(text: str, known: Iterable[str]) -> list[str]:
    """Read names and ranges of numbers, "40:44,alpha-BBP"; a range means those that are known."""
    numbered = {name for name in known if name.isdigit()}
    names: list[str] = []
    for item in _items(text, "only", Fraction(1)):
        name = str(item).strip("()")
        if isinstance(item, str) or name in numbered:
            names.append(name)
    return list(dict.fromkeys(names))


def sizes(text: str, name: str) -> list[str | Fraction]:
    """Read sizes, which may be huge, such as 1e100; whoever takes them says which are allowed."""
    items = _items(text, name, Fraction(1))
    if not all(items):
        raise DomainError(f"{name} must be a list of whole numbers, not {text!r}")
    return items


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
    values = [arguments.exact(item) for item in items]
    seen = [item if value is None else value for item, value in zip(items, values, strict=True)]
    if len({*seen}) < len(seen):
        twice = next(item for k, item in enumerate(items) if seen[k] in seen[:k])
        raise DomainError(f"{name} must hold every value once, and {twice} stands there twice")


def _range(part: str, name: str, step: Fraction | None) -> Iterator[Fraction]:
    items = part.split(":")
    ends = [end for item in items if (end := arguments.exact(item)) is not None]
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
