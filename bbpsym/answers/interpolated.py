"""Answers at very many values of one parameter: most of them by polynomials through few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.polynomial.chebyshev import chebval

from bbpsym.numerics.double import EPSILON, Estimate

#: Nodes of a polynomial, and the points of a piece from which on it pays.
NODES = 24
MANY = 2 * NODES

#: Last coefficients of a polynomial, which show what further ones would add.
TAIL = 4

#: How much a polynomial through so many nodes magnifies their errors: Lebesgue's constant, from
#: above. Its own rounding errors are relative to the sum of its coefficients.
GROWTH, ROUNDING = 4, 8 * EPSILON

#: Points at which a polynomial is evaluated at a time.
CHUNK = 4096

_COUNT = np.arange(NODES)
_ANGLES = np.pi * _COUNT / (NODES - 1)
_HALVED = np.where((_COUNT == 0) | (_COUNT == NODES - 1), 0.5, 1.0)

#: Chebyshev's nodes with both ends, rising, and what makes coefficients of values there.
_PLACES = -np.cos(_ANGLES)
_TRANSFORM = np.cos(np.outer(_COUNT, np.pi - _ANGLES)) * np.outer(_HALVED, _HALVED)
_TRANSFORM *= 2 / (NODES - 1)


class Answered(NamedTuple):
    """What is known at some points: of which of two kinds they are, and their numbers."""

    kind: np.ndarray
    numbers: dict[str, Estimate]

    @classmethod
    def empty(cls, size: int, names: Sequence[str]) -> Answered:
        """Room for so many points."""
        numbers = {name: Estimate(np.empty(size), np.empty(size)) for name in names}
        return cls(np.empty(size, dtype=bool), numbers)

    def put(self, where: np.ndarray, other: Answered) -> None:
        """Take over what is known at some of the points."""
        self.kind[where] = other.kind
        for name, estimate in self.numbers.items():
            for mine, theirs in zip(estimate, other.numbers[name], strict=True):
                mine[where] = theirs

    def piece(self, start: int) -> Answered:
        """What is known at the nodes of one piece."""
        part = slice(start, start + NODES)
        numbers = {name: Estimate(*(x[part] for x in item)) for name, item in self.numbers.items()}
        return Answered(self.kind[part], numbers)


class Polynomial(NamedTuple):
    """A number on a piece, or its logarithm, about a first value: what is constant stays exact."""

    first: float
    coefficients: np.ndarray
    error: float
    is_logarithm: bool

    @classmethod
    def through(cls, nodes: Estimate, logarithm: bool) -> Polynomial | None:
        """The polynomial through values at the nodes, or None where more are needed."""
        value, error = nodes
        if logarithm:
            value, error = np.log(value), error / value
        coefficients = _TRANSFORM @ (value - value[0])
        size = np.abs(coefficients).sum()
        known = GROWTH * np.max(error) + ROUNDING * (size + abs(value[0]) * (size > 0))
        tail = np.abs(coefficients[-TAIL:]).sum()
        line = cls(value[0], coefficients, known + tail, logarithm)
        return line if tail <= known else None

    def at(self, x: np.ndarray) -> Estimate:
        """The number at places from -1 to 1."""
        found = self.first + chebval(x, self.coefficients)
        if not self.is_logarithm:
            return Estimate(found, self.error)
        value = np.exp(found)
        return Estimate(value, self.error * value)


def at_many(
    at: np.ndarray,
    alike: np.ndarray,
    answer: Callable[[np.ndarray, np.ndarray], Answered],
    names: Sequence[str],
    main: Sequence[str],
    loose: float,
) -> Answered:
    """Answer at every point, by polynomials in the logarithm of a parameter where there are many.

    Parameters
    ----------
    at : ndarray
        The parameter, positive. Numbers depend smoothly on it where the kind is the same, as it
        is between two values at which it is.
    alike : ndarray
        A number, the same for points that differ in nothing else.
    answer : callable
        Answers one by one, for points by their index, at values in place of their own.
    names, main : sequence of str
        The numbers that are asked for, and those that are positive and must be known well:
    loose : float
        a polynomial with a relative error beyond this is none.
    """
    found = Answered.empty(len(at), names)
    alone, pieces = [np.empty(0, dtype=int)], [*_groups(at, alike)]
    while pieces:
        few = [piece for piece in pieces if len(piece) < MANY]
        many = [piece for piece in pieces if len(piece) >= MANY]
        alone, pieces = alone + few, []
        nodes = [_nodes(at[piece]) for piece in many]
        first = np.repeat([piece[0] for piece in many], NODES).astype(int)
        known = answer(first, np.concatenate([*nodes, np.empty(0)]))
        for k, piece in enumerate(many):
            seen = known.piece(k * NODES)
            line = _polynomials(seen, main, loose)
            if line is not None:
                _fill(found, piece, at, line, seen.kind[0])
                continue
            parts = _cut(at, piece, nodes[k], seen.kind)
            pieces, alone = (pieces + parts, alone) if parts else (pieces, [*alone, piece])
    rest = np.concatenate(alone)
    found.put(rest, answer(rest, at[rest]))
    return found


def _groups(at: np.ndarray, alike: np.ndarray) -> Iterator[np.ndarray]:
    """Indices of points that differ in one parameter, rising with it."""
    order = np.lexsort((at, alike))
    yield from np.split(order, np.flatnonzero(np.diff(alike[order])) + 1)


def _middle(at: np.ndarray) -> float:
    return float(np.sqrt(at[0]) * np.sqrt(at[-1]))


def _nodes(at: np.ndarray) -> np.ndarray:
    """Nodes between the ends of rising values, with these as they are."""
    half = np.log(at[-1] / at[0]) / 2
    nodes = _middle(at) * np.exp(half * _PLACES)
    nodes[[0, -1]] = at[[0, -1]]
    return nodes


def _polynomials(
    nodes: Answered, main: Sequence[str], loose: float
) -> dict[str, Polynomial] | None:
    """Polynomials for all numbers of a piece, or None if it is too long for one of them."""
    if np.any(nodes.kind != nodes.kind[0]):
        return None
    found = {name: Polynomial.through(item, name in main) for name, item in nodes.numbers.items()}
    lines = {name: line for name, line in found.items() if line is not None}
    fine = all(line.error <= loose for name, line in lines.items() if name in main)
    return lines if fine and len(lines) == len(found) else None


def _fill(
    found: Answered, piece: np.ndarray, at: np.ndarray, lines: Mapping[str, Polynomial], kind: bool
) -> None:
    """Evaluate the polynomials of a piece at its points."""
    ends = at[piece[[0, -1]]]
    half = np.log(ends[1] / ends[0]) / 2 or 1.0
    for part in np.split(piece, range(CHUNK, len(piece), CHUNK)):
        x = np.clip(np.log(at[part] / _middle(ends)) / half, -1, 1)
        numbers = {name: line.at(x) for name, line in lines.items()}
        found.put(part, Answered(np.full(len(part), kind), numbers))


def _cut(
    at: np.ndarray, piece: np.ndarray, nodes: np.ndarray, kind: np.ndarray
) -> list[np.ndarray]:
    """A piece cut about the nodes between which its kind changes, or else in two.

    Nothing where all of its points are the same.
    """
    changes = np.flatnonzero(kind[1:] != kind[:-1])
    ends = nodes[[changes[0], changes[0] + 1]] if changes.size else _middle(at[piece])
    parts = np.split(piece, np.unique(np.searchsorted(at[piece], ends)))
    parts = [part for part in parts if part.size]
    return parts if len(parts) > 1 else []
