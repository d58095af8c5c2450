"""Teachers of two indices by any formula: moments given the label, from cells of labels.

The plane is cut into short segments. On one of them the label is nearly linear, so that its share
is spread evenly over the labels between its ends, and falls into cells of labels; where it turns
or jumps the segment is cut again. Means over a cell, and over a segment, differ from values by the
square of its size: two lattices extrapolate, and the difference to the next two is the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np
from scipy.special import ndtr
from sympy import Expr, simplify, symbols

from bbpsym.ensembles.factor_law import SLACK, information
from bbpsym.ensembles.known_at_nodes import KnownAtNodes, Labelled
from bbpsym.ensembles.label_range import label_range
from bbpsym.ensembles.real_values import compiled
from bbpsym.errors import DomainError, UndecidedError
from bbpsym.numerics.double import known_digits
from bbpsym.writing.display import DOUBLE_DIGITS

#: Pre-activations that a formula may hold.
PLANE = symbols("u1 u2", real=True)

#: Segments in a unit of length and cells of labels, of lattices each twice as fine as the next.
LATTICES = ((128, 1120), (64, 560), (32, 280))

#: How many times the difference of two extrapolations counts.
CAUTION = 2

#: How far the plane reaches, and the turn of the lattice, so that no symmetry lies along it.
REACH, TURN = 8.6, 0.6180339887498949

#: Variable in which cells are equal: `1/(1 + exp(-pi sinh(x)))` is the share of labels below.
FURTHEST = 3.0

#: Pieces of a segment where the label turns or jumps, how far its middle then lies from the mean of
#: its ends, and the share that makes a single value a label of its own.
PIECES, BENT, ATOM = 64, 0.2, 1e-3

#: Share of labels at either end in which no gap is looked for, and the size of one, relative to the
#: range of all others: no cell has labels from both sides of it.
RARE, GAP = 1e-3, 0.02

#: Share of the labels of a segment that one piece holds where these jump.
JUMP = 0.4

#: Largest size of a label: at a pole it jumps. What lies beyond counts as one label, of which the
#: lattices would not tell: its share must be none.
LARGEST, BEYOND = 1e150, 1e-12

#: Draws that are sorted, and bins with equal shares of them.
DRAWS, BINS = 2 * 10**5, 400

#: Points at a time, and labels from which cells are chosen in a unit of length.
CHUNK, LOOKED_AT = 2**19, 24


@dataclass(frozen=True, eq=False, repr=False)
class LabelCells(KnownAtNodes):
    """A teacher by the formula of its label in u1 and u2; as many digits as its lattices agree on.

    Attributes
    ----------
    formula : Expr
        The label.
    """

    formula: Any = None

    #: Digits without which an answer is refused.
    fewest_digits: ClassVar[int] = 2

    def _labelled(self, per_unit: int) -> Labelled:
        """The finest lattices for every step: it is their difference that tells the error."""
        return _extrapolated(self.formula)

    @cached_property
    def _ends(self) -> tuple[Expr, Expr]:
        function = compiled(self.formula, PLANE)

        def label_at(first: Any, second: Any) -> np.ndarray:
            with np.errstate(all="ignore"):
                found = np.asarray(function(first, second)[0])
            shape = np.broadcast_shapes(np.shape(first), np.shape(second))
            return np.broadcast_to(found.real, shape)

        return label_range(label_at)

    @property
    def hides_signs(self) -> bool:
        """Whether `E[u | y]` is zero, since no label changes with the signs of u."""
        return not self.signed

    @property
    def signed(self) -> list[int]:
        """Places of the indices in the formula whose signs no symmetry hides."""
        flips = ((PLANE[0],), (PLANE[1],), PLANE)
        free = [flip for flip in flips if _is_same(self.formula, {u: -u for u in flip})]
        hidden = {u for flip in free for u in flip}
        return [k for k, u in enumerate(PLANE) if u in self.formula.free_symbols - hidden]

    def means(self) -> np.ndarray:
        """The matrix `E[E[u|y] E[u|y]^T]`, roughly, from draws sorted by their labels."""
        u = np.random.default_rng(0).standard_normal((DRAWS, 2))
        with np.errstate(all="ignore"):
            labels = np.broadcast_to(compiled(self.formula, PLANE)(*u.T)[0], DRAWS)
        parts = np.array_split(u[np.argsort(labels, kind="stable")], BINS)
        found = np.array([part.mean(axis=0) for part in parts])
        return found.T @ found / BINS

    @property
    def recovery_digits(self) -> int:
        """Digits to which `weak_recovery` is known."""
        return self._known(*self.nodes(LATTICES[0][0]))[0]

    def _known(
        self, moments: np.ndarray, share: np.ndarray, coarse: np.ndarray
    ) -> tuple[int, float]:
        """Digits of a threshold, and where it lies at least."""
        found, other = (information(moments, x) for x in (share, coarse))
        if max(abs(found), abs(other)) < SLACK**2:
            return DOUBLE_DIGITS, np.inf
        error = abs(found - other)
        digits = known_digits(found, error) if found > 0 else 0
        return digits, 1 / (abs(found) + error)

    def recovery_of(
        self, moments: np.ndarray, share: np.ndarray, coarse: np.ndarray, whose: str
    ) -> float:
        """Threshold of these moments, of what is named so.

        Raises
        ------
        UndecidedError
            If too few of its digits are known: the lattices do not tell it from none.
        """
        digits, least = self._known(moments, share, coarse)
        if digits < self.fewest_digits:
            raise UndecidedError(
                f"{whose} is not seen on these lattices: its threshold lies above about "
                f"alpha = {least:.1g}, or there is none"
            )
        return super().recovery_of(moments, share, coarse, whose)


def by_formula(formula: Expr, name: str) -> LabelCells:
    """Return the teacher of a label that is any formula in u1 and u2.

    Raises
    ------
    DomainError
        If it holds neither, or is no real number everywhere.
    """
    if not formula.free_symbols & set(PLANE):
        raise DomainError(f"teacher must depend on u1 or u2, not {name}")
    return LabelCells(name=name, formula=formula)


@lru_cache(maxsize=8)
def _extrapolated(formula: Expr) -> Labelled:
    """Labels and moments of all lattices, shares that extrapolate the finer two, and others.

    The others tell the error: they are off by `CAUTION` times the difference to what the coarser
    two extrapolate to, and by half the square of a segment, which kinks leave: the difference may
    be small by chance.
    """
    size = 2 if PLANE[1] in formula.free_symbols else 1
    levels = [_cells(formula, *lattice) for lattice in LATTICES]
    labels = np.concatenate([found for found, _, _ in levels])
    moments = np.concatenate([_symmetric(formula, found) for _, found, _ in levels])
    fine, coarse = (4 / 3, -1 / 3, 0), (0, 4 / 3, -1 / 3)
    share, other = (
        np.concatenate([k * share for k, (_, _, share) in zip(ks, levels, strict=True)])
        for ks in (fine, coarse)
    )
    unsure = (share + CAUTION * (other - share)) * (1 + 0.5 / LATTICES[0][0] ** 2)
    return labels, moments[:, :size, :size], share, unsure


def _symmetric(formula: Expr, moments: np.ndarray) -> np.ndarray:
    """Give moments the symmetries that the formula has, to all digits."""
    u1, u2 = PLANE
    turned = {
        ((-1, 0), (0, 1)): {u1: -u1},
        ((1, 0), (0, -1)): {u2: -u2},
        ((0, 1), (1, 0)): {u1: u2, u2: u1},
        ((0, -1), (-1, 0)): {u1: -u2, u2: -u1},
    }
    for matrix, moved in turned.items():
        if _is_same(formula, moved):
            turn = np.array(matrix)
            moments = (moments + turn @ moments @ turn.T) / 2
    return moments


def _is_same(formula: Expr, moved: Mapping[Expr, Expr]) -> bool:
    """Whether a formula does not change when indices change places or signs."""
    return bool(simplify(formula.subs(moved, simultaneous=True) - formula) == 0)


def _cells(formula: Expr, per_unit: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, moments and shares of cells, and of labels that have a share of their own.

    The label of a cell is the mean over the segments that lie inside of it.
    """
    edges, values = _edges(formula, count)
    count = len(edges)
    cells, (within, sums) = np.zeros((4, count + 1)), np.zeros((2, count + 1))
    (slopes, offsets), total = np.zeros((2, 4, count + 1)), np.zeros(4)
    atoms = np.zeros((4, len(values) + 1))
    for low, high, masses in _segments(formula, per_unit):
        place = np.searchsorted(values, low)
        own = (high == low) & (np.append(values, np.nan)[place] == low)
        first, last = np.searchsorted(edges, low), np.searchsorted(edges, high)
        inside, across = ~own & (first == last), first < last
        within += np.bincount(first[inside], masses[0][inside], count + 1)
        middle = (low[inside] + high[inside]) / 2
        sums += np.bincount(first[inside], masses[0][inside] * middle, count + 1)
        for k, mass in enumerate(masses):
            atoms[k] += np.bincount(place[own], mass[own], len(values) + 1)
            cells[k] += np.bincount(first[inside], mass[inside], count + 1)
            total[k] += mass[across].sum()
            slope = mass[across] / (high - low)[across]
            for sign, at, ends in ((1, first, low), (-1, last, high)):
                slopes[k] += np.bincount(at[across], sign * slope, count + 1)
                offsets[k] += np.bincount(at[across], sign * slope * ends[across], count + 1)
    cells += _of_ramps(slopes, offsets, total, edges)
    share, *squares = np.concatenate([cells, atoms[:, :-1]], axis=1)
    labels = np.append(_means(edges, within, sums), values)
    kept = share > np.finfo(float).eps ** 2
    first, mixed, second = (x[kept] / share[kept] for x in squares)
    moments = np.stack([np.stack([first, mixed], -1), np.stack([mixed, second], -1)], -1)
    return labels[kept], moments, share[kept]


def _of_ramps(
    slopes: np.ndarray, offsets: np.ndarray, total: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """What of the segments across edges is in each cell.

    What lies beyond an edge is a sum of ramps, one from each end of a segment, counted from the
    nearer end of the labels: their tails would be lost in the rounding of the other sum.
    """
    half = len(edges) // 2
    low = (slopes.cumsum(axis=1)[:, :half] * edges[:half]) - offsets.cumsum(axis=1)[:, :half]
    right = (x[:, :half:-1].cumsum(axis=1)[:, ::-1] for x in (slopes, offsets))
    slope, offset = right
    high = slope * edges[half:] - offset
    middle = total[:, None] - low[:, -1:] - high[:, :1]
    parts = np.diff(low, axis=1, prepend=0.0), middle, -np.diff(high, axis=1, append=0.0)
    return np.concatenate(parts, axis=1)


def _means(edges: np.ndarray, within: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Mean labels of cells; the middle where no segment lies inside."""
    low, high = np.append(edges[0], edges), np.append(edges, edges[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(within > np.finfo(float).tiny, sums / within, (low + high) / 2)


@lru_cache(maxsize=8)
def _edges(formula: Expr, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels between cells, and those that have a share of their own.

    Raises
    ------
    DomainError
        If labels are too large to be told from one another.
    """
    rows = [(low, masses[0]) for low, _, masses in _segments(formula, LOOKED_AT)]
    labels, shares = (np.concatenate(column) for column in zip(*rows, strict=True))
    values, at = np.unique(labels, return_inverse=True)
    total = np.bincount(at, shares)
    if (beyond := total[np.abs(values) >= LARGEST].sum()) > BEYOND:
        raise DomainError(
            f"teacher must have labels below {LARGEST:g}, not {formula}: a share of {beyond:.1g} "
            "is beyond; give a function of it that grows more slowly"
        )
    below = np.cumsum(total)
    x = np.linspace(-FURTHEST, FURTHEST, count)
    wanted = below[-1] / (1 + np.exp(-np.pi * np.sinh(x)))
    edges = np.interp(wanted, below, values)
    likely = (below > RARE * below[-1]) & (below < (1 - RARE) * below[-1])
    size = np.ptp(values[likely]) if likely.any() else np.inf
    gaps = np.flatnonzero(likely[:-1] & (np.diff(values) > GAP * size))
    parted = (values[gaps] + values[gaps + 1]) / 2
    return np.unique(np.append(edges, parted)), values[total > ATOM]


def _segments(formula: Expr, per_unit: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Labels of the ends of segments, the lower first, and integrals of 1, u1^2, u1 u2, u2^2."""
    last = int(REACH * per_unit)
    ends = np.arange(-2 * last, 2 * last + 1) / (2 * per_unit)
    rows = (np.arange(-last, last) + TURN) / per_unit
    along = _along(ends)
    for part in np.array_split(rows, max(1, len(rows) * len(ends) // CHUNK)):
        labels, across = _label(formula, part[:, None], ends), _across(part) / per_unit
        bent = _bent(labels[:, :-2:2], labels[:, 1::2], labels[:, 2::2]).repeat(2, axis=1)
        low, high = labels[:, :-1][~bent], labels[:, 1:][~bent]
        yield np.minimum(low, high), np.maximum(low, high), (across @ along)[:, ~bent]
        row, place = np.nonzero(bent)
        yield from _cut(formula, part[row], ends[place], 1 / (2 * per_unit), across[:, row])


def _bent(low: np.ndarray, middle: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Whether the label is far from linear between two ends."""
    return np.abs(middle - (low + high) / 2) > BENT * np.abs(high - low)


def _cut(
    formula: Expr, row: np.ndarray, place: np.ndarray, width: float, across: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Cut segments into pieces; one on which the label jumps has its share at both ends."""
    ends = place[:, None] + np.arange(PIECES + 1) * (width / PIECES)
    labels = _label(formula, row[:, None], ends)
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


def _across(row: np.ndarray) -> np.ndarray:
    """What 1, v, v^2 along a row count in 1, u1^2, u1 u2, u2^2, with the density across it."""
    c, s = np.cos(TURN), np.sin(TURN)
    zero, one = np.zeros_like(row), np.ones_like(row)
    counted = np.array(
        [
            (one, zero, zero),
            (c * c * row * row, -2 * c * s * row, s * s * one),
            (c * s * row * row, (c * c - s * s) * row, -c * s * one),
            (s * s * row * row, 2 * c * s * row, c * c * one),
        ]
    )
    return np.moveaxis(counted, 1, 2) * (np.exp(-row * row / 2) / np.sqrt(2 * np.pi))[:, None]


def _label(formula: Expr, row: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The label at points of the turned lattice."""
    c, s = np.cos(TURN), np.sin(TURN)
    with np.errstate(all="ignore"):
        found = compiled(formula, PLANE)(c * row - s * place, s * row + c * place)[0]
    place = np.broadcast_to(place, np.broadcast_shapes(np.shape(row), np.shape(place)))
    if np.iscomplexobj(found) or np.isnan(found).any():
        raise DomainError(f"teacher must be a real number for all u1 and u2, not {formula}")
    return np.clip(np.broadcast_to(found, place.shape), -LARGEST, LARGEST)
