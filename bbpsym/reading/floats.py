"""What double precision owes its neighbours: NumPy's settings, and arrays of any origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from bbpsym.errors import DomainError, Suggesting

#: What a density is asked for at.
FINITE = "an array of finite real numbers"

#: Decorates public verbs: NumPy's own settings inside, whatever the caller's are outside.
own_settings = np.errstate(divide="warn", over="warn", invalid="warn", under="ignore")


def generator(rng: Any) -> np.random.Generator:
    """Read what random numbers come of."""
    if not isinstance(rng, np.random.Generator):
        raise DomainError(f"rng must be a numpy.random.Generator, not {type(rng).__name__}")
    return rng


def read(given: Any, name: str, what: str = "a number or an array of numbers") -> np.ndarray:
    """Read a number or an array of numbers as doubles.

    Raises
    ------
    DomainError
        If it is anything else, or some of its entries are masked.
    """
    if np.ma.is_masked(given):
        raise DomainError(f"{name} must have no masked entries; pass those that are not masked")
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "iuf":
            raise TypeError
        return array.astype(float)
    except (TypeError, ValueError):
        raise DomainError(f"{name} must be {what}") from None


def at_points(x: Any, function: Callable[[np.ndarray], np.ndarray]) -> Any:
    """Evaluate a function of rising numbers, each once, at numbers of any shape and order.

    Raises
    ------
    DomainError
        If x holds anything but finite real numbers.
    """
    points = read(x, "x", FINITE)
    if not np.all(np.isfinite(points)):
        raise DomainError(f"x must be {FINITE}")
    flat, inverse = np.unique(points, return_inverse=True)
    values = function(flat)[inverse].reshape(points.shape)
    return values if points.ndim else float(values)


class Arrays(Suggesting):
    """Base of frozen dataclasses with arrays: equal if all entries are; nan is equal to nan."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(map(_equal, _values(self), _values(other)))

    def __hash__(self) -> int:
        return hash((type(self), *(v.shape for v in _values(self) if isinstance(v, np.ndarray))))


def _values(item: Any) -> list[Any]:
    return [getattr(item, field.name) for field in fields(item) if field.compare]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray | float) and isinstance(other, np.ndarray | float):
        real = np.asarray(one).dtype.kind == np.asarray(other).dtype.kind == "f"
        return np.array_equal(one, other, equal_nan=real)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return bool(one == other)
