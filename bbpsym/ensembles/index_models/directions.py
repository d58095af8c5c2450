"""Directions among the indices of a teacher, and what labels tell of one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from sympy import Expr, Matrix, Rational, sqrt

from bbpsym.ensembles.real_values import compiled
from bbpsym.symbols import label

#: Largest denominator of the ratios by which a direction is known exactly, and their error.
LARGEST, CLOSE = 64, 1e-9

#: Most digits of a direction that are shown.
SHOWN = 6


class Along(NamedTuple):
    """The signal factor of a direction, for arrays of labels."""

    moments: Matrix
    direction: tuple[float, ...]

    def __call__(self, places: Any) -> np.ndarray:
        """`E[(u . direction)^2 | y]`."""
        entries = [[values_of(x, places) for x in row] for row in self.moments.tolist()]
        return np.einsum("i,ij...,j->...", self.direction, entries, self.direction)


class LabelFormula(NamedTuple):
    """An expression in the label, for arrays of labels."""

    expression: Expr | None

    def __call__(self, places: Any) -> np.ndarray:
        """Its values."""
        return values_of(self.expression, places)


def exact_direction(vector: np.ndarray) -> Matrix | None:
    """A direction whose components are small ratios up to its length."""
    ratios = vector / np.abs(vector).max()
    near = [Rational(Fraction(float(x)).limit_denominator(LARGEST)) for x in ratios]
    if any(abs(float(x) - ratio) > CLOSE for x, ratio in zip(near, ratios, strict=True)):
        return None
    return Matrix(near) / sqrt(sum(x**2 for x in near))


def in_words(direction: np.ndarray | None, digits: int) -> str:
    """A direction to as many digits as the law is known to, at most six."""
    if direction is None:
        return "all"
    shown = min(max(digits, 1), SHOWN)
    return ", ".join(f"{round(x, shown) + 0:.{shown}g}" for x in direction)


def signed(vector: np.ndarray) -> np.ndarray:
    """A direction with its largest component positive."""
    return vector * np.sign(vector[int(np.argmax(np.abs(vector).round(9)))])


def values_of(expression: Expr | None, places: Any) -> np.ndarray:
    """Values of an expression in the label, of the shape of the places."""
    function = compiled(expression, (label,))
    with np.errstate(all="ignore"):
        values = np.asarray(function(places)[0], dtype=float)
    return np.broadcast_to(values, np.shape(places))
