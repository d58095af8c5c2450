"""The space of two or three indices cut into short segments, on which a label is nearly linear."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from scipy.special import ndtr
from sympy import Expr, symbols

from bbpsym.ensembles.real_values import compiled
from bbpsym.errors import DomainError

#: Pre-activations that a formula may hold.
SPACE = symbols("u1 u2 u3", real=True)

#: How far the space of so many indices reaches, and the pieces of a segment where the label turns
#: or jumps.
REACH, PIECES = {2: 8.6, 3: 6.4}, {2: 64, 3: 16}

#: Turns of the lattice and shifts of its rows, so that no symmetry lies along it.
TURNS, SHIFTS = (0.6180339887498949, 1.1459), (0.6180339887498949, 0.4142135623730951)

#: How far the middle of a segment lies from the mean of its ends where it is cut, and the share of
#: its labels that one piece holds where these jump.
BENT, JUMP = 0.2, 0.4

#: Largest size of a label: at a pole it jumps.
LARGEST = 1e150

#: Points at a time.
CHUNK = 2**19

#: Labels of the lower and the upper ends, and the integrals over each segment.
Segments = tuple[np.ndarray, np.ndarray, np.ndarray]


def indices(formula: Expr) -> tuple[Expr, ...]:
    """The pre-activations up to the last one that a formula holds; two at least."""
    last = max(k for k, u in enumerate(SPACE) if u in formula.free_symbols)
    return SPACE[: max(2, last + 1)]


def segments(formula: Expr, per_unit: int) -> Iterator[Segments]:
    """Labels of the ends of segments, the lower first, and integrals of 1, u1^2, u1 u2, ..."""
    size = len(indices(formula))
    *plane, way = _frame(size)
    last = int(REACH[size] * per_unit)
    ends = np.arange(-2 * last, 2 * last + 1) / (2 * per_unit)
    axes = [(np.arange(-last, last) + shift) / per_unit for shift in SHIFTS[: size - 1]]
    rows = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, size - 1)
    rows = rows[np.linalg.norm(rows, axis=1) <= REACH[size] + 1 / per_unit]
    along, width = _along(ends), 1 / (2 * per_unit)
    for part in np.array_split(rows, max(1, len(rows) * len(ends) // CHUNK)):
        start = part @ np.array(plane)
        labels = _label(formula, start[:, None], ends)
        across = _across(part, start, way) / per_unit ** (size - 1)
        bent = _bent(labels[:, :-2:2], labels[:, 1::2], labels[:, 2::2]).repeat(2, axis=1)
        low, high = labels[:, :-1][~bent], labels[:, 1:][~bent]
        yield np.minimum(low, high), np.maximum(low, high), (across @ along)[:, ~bent]
        row, place = np.nonzero(bent)
        yield from _cut(formula, start[row], ends[place], width, across[:, row])


@cache
def _frame(size: int) -> np.ndarray:
    """Unit vectors as rows, of which the last is that of the segments."""
    c, s = np.cos(TURNS), np.sin(TURNS)
    if size == 2:
        return np.array([[c[0], s[0]], [-s[0], c[0]]])
    first = np.array([[c[0], s[0], 0], [-s[0], c[0], 0], [0, 0, 1]])
    second = np.array([[1, 0, 0], [0, c[1], s[1]], [0, -s[1], c[1]]])
    frame: np.ndarray = first @ second @ first
    return frame


def _bent(low: np.ndarray, middle: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether the label is far from linear between two ends."""
    return np.abs(middle - (low + high) / 2) > BENT * np.abs(high - low)


def _cut(
    formula: Expr, start: np.ndarray, place: np.ndarray, width: float, across: np.ndarray
) -> Iterator[Segments]:
    """Cut segments into pieces; one on which the label jumps has its share at both ends."""
    pieces = PIECES[start.shape[1]]
    ends = place[:, None] + np.arange(pieces + 1) * (width / pieces)
    labels = _label(formula, start[:, None], ends)
    first, last = labels[:, :-1], labels[:, 1:]
    masses = np.einsum("kmj,jmp->kmp", across, _along(ends))
    low, high = np.minimum(first, last), np.maximum(first, last)
    jumps = high - low > JUMP * np.ptp(labels, axis=1, keepdims=True)
    for value in (low[jumps], high[jumps]):
        yield value, value, masses[:, jumps] / 2
    yield low[~jumps], high[~jumps], masses[:, ~jumps]


def _along(ends: np.ndarray) -> np.ndarray:
    """Gaussian integrals of 1, v, v^2 between neighbouring ends."""
    density = np.exp(-ends * ends / 2) / np.sqrt(2 * np.pi)
    tail, low, high = ndtr(-np.abs(ends)), ends[..., :-1], ends[..., 1:]
    left, right = tail[..., :-1], tail[..., 1:]
    zero = np.where(low < 0, np.where(high > 0, 1 - right, right) - left, left - right)
    one, two = (-np.diff(x, axis=-1) for x in (density, ends * density))
    return np.stack([zero, one, zero + two])


def _across(row: np.ndarray, start: np.ndarray, way: np.ndarray) -> np.ndarray:
    """What 1, v, v^2 along a row count in 1, u1^2, u1 u2, ..., with the density across it."""
    one = np.ones(len(row))
    counted = [[one, 0 * one, 0 * one]]
    for i, j in combinations_with_replacement(range(len(way)), 2):
        mixed = start[:, i] * way[j] + start[:, j] * way[i]
        counted.append([start[:, i] * start[:, j], mixed, way[i] * way[j] * one])
    density = np.exp(-np.sum(row**2, axis=1) / 2) / np.sqrt(2 * np.pi) ** row.shape[1]
    return np.moveaxis(np.array(counted), 1, 2) * density[:, None]


def _label(formula: Expr, start: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The label at points of the turned lattice."""
    way, names = _frame(start.shape[-1])[-1], indices(formula)
    points = [start[..., k] + way[k] * place for k in range(len(way))]
    with np.errstate(all="ignore"):
        found: Any = compiled(formula, names)(*points)[0]
    if np.iscomplexobj(found) or np.isnan(found).any():
        which = " and ".join([", ".join(map(str, names[:-1])), str(names[-1])])
        raise DomainError(f"teacher must be a real number for all {which}, not {formula}")
    return np.clip(np.broadcast_to(found, points[0].shape), -LARGEST, LARGEST)
