"""Teachers of up to three indices by any formula: moments from cells of labels.

The space is cut into short segments. On one of them the label is nearly linear, so that its share
is spread evenly over the labels between its ends, and falls into cells of labels; where it turns
or jumps the segment is cut again. Means over a cell, and over a segment, differ from values by the
square of its size: two lattices extrapolate, and the difference to the next two is the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, combinations_with_replacement, product
from typing import Any, ClassVar

import numpy as np
from sympy import Expr, simplify

from bbpsym.ensembles.index_models.factor_law import NODES, SLACK, information
from bbpsym.ensembles.index_models.known_at_nodes import KnownAtNodes, Labelled
from bbpsym.ensembles.index_models.label_range import label_range
from bbpsym.ensembles.index_models.label_segments import LARGEST, SPACE, indices, segments
from bbpsym.ensembles.real_values import compiled
from bbpsym.errors import DomainError, UndecidedError
from bbpsym.numerics.double import known_digits
from bbpsym.writing.display import DOUBLE_DIGITS

#: Segments in a unit of length and cells of labels, in one ratio, of lattices for a formula with so
#: many indices.
LATTICES = {2: ((128, 1120), (64, 560), (32, 280)), 3: ((16, 560), (12, 420), (8, 280))}

#: How many times the difference of two extrapolations counts, and the share of the square of a
#: segment that kinks leave: in a space segments meet them at more places, which average out.
CAUTION, KINKS = 2, {2: 0.5, 3: 0.1}

#: Variable in which cells are equal: `1/(1 + exp(-pi sinh(x)))` is the share of labels below.
FURTHEST = 3.0

#: Share that makes a single value a label of its own.
ATOM = 1e-3

#: Share of labels at either end in which no gap is looked for, and the size of one, relative to the
#: range of all others: no cell has labels from both sides of it.
RARE, GAP = 1e-3, 0.02

#: Share of labels beyond the largest ones, which count as one label: the lattices would not tell.
BEYOND = 1e-12

#: Draws that are sorted, and bins with equal shares of them.
DRAWS, BINS = 2 * 10**5, 400

#: Labels from which cells are chosen, in a unit of length.
LOOKED_AT = {2: 24, 3: 6}

#: Changes of places among two or three indices, without signs, that make all others.
PLACES = {2: ((1, 0),), 3: ((1, 0, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0))}


@dataclass(frozen=True, eq=False, repr=False)
class LabelCells(KnownAtNodes):
    """A teacher by the formula of its label in u1, u2, u3; as many digits as its lattices agree on.

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
        function = compiled(self.formula, indices(self.formula))

        def label_at(*u: Any) -> np.ndarray:
            with np.errstate(all="ignore"):
                found = np.asarray(function(*u)[0])
            return np.broadcast_to(found.real, np.broadcast_shapes(*map(np.shape, u)))

        return label_range(label_at, len(indices(self.formula)))

    @property
    def hides_signs(self) -> bool:
        """Whether `E[u | y]` is zero, since no label changes with the signs of u."""
        return not self.signed

    @property
    def signed(self) -> list[int]:
        """Places of the indices in the formula whose signs no symmetry hides."""
        names = indices(self.formula)
        sizes = range(1, len(names) + 1)
        flips = [flip for size in sizes for flip in combinations(names, size)]
        free = [flip for flip in flips if _is_same(self.formula, {u: -u for u in flip})]
        hidden = {u for flip in free for u in flip}
        return [k for k, u in enumerate(names) if u in self.formula.free_symbols - hidden]

    def means(self) -> np.ndarray:
        """The matrix `E[E[u|y] E[u|y]^T]`, roughly, from draws sorted by their labels."""
        names = indices(self.formula)
        u = np.random.default_rng(0).standard_normal((DRAWS, len(names)))
        with np.errstate(all="ignore"):
            labels = np.broadcast_to(compiled(self.formula, names)(*u.T)[0], DRAWS)
        parts = np.array_split(u[np.argsort(labels, kind="stable")], BINS)
        found = np.array([part.mean(axis=0) for part in parts])
        return found.T @ found / BINS

    @property
    def recovery_digits(self) -> int:
        """Digits to which `weak_recovery` is known."""
        return self._known(*self.nodes(NODES[-1]))[0]

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
    """Return the teacher of a label that is any formula in u1, u2 and u3.

    Raises
    ------
    DomainError
        If it holds none, or is no real number everywhere.
    """
    if not formula.free_symbols & set(SPACE):
        raise DomainError(f"teacher must depend on u1, u2 or u3, not {name}")
    return LabelCells(name=name, formula=formula)


@lru_cache(maxsize=8)
def _extrapolated(formula: Expr) -> Labelled:
    """Labels and moments of all lattices, shares that extrapolate the finer two, and others.

    The others tell the error: they are off by `CAUTION` times the difference to what the coarser
    two extrapolate to, and by a share of the square of a segment, which kinks leave: the difference
    may be small by chance.
    """
    lattices = LATTICES[len(indices(formula))]
    size = 1 if formula.free_symbols == {SPACE[0]} else len(indices(formula))
    levels = [_cells(formula, *lattice) for lattice in lattices]
    labels = np.concatenate([found for found, _, _ in levels])
    moments = np.concatenate([_symmetric(formula, found) for _, found, _ in levels])
    first, second, third = (per_unit**2 for per_unit, _ in lattices)
    fine = first / (first - second), -second / (first - second), 0
    coarse = 0, second / (second - third), -third / (second - third)
    share, other = (
        np.concatenate([k * share for k, (_, _, share) in zip(ks, levels, strict=True)])
        for ks in (fine, coarse)
    )
    unsure = (share + CAUTION * (other - share)) * (1 + KINKS[len(indices(formula))] / first)
    return labels, moments[:, :size, :size], share, unsure


def _symmetric(formula: Expr, moments: np.ndarray) -> np.ndarray:
    """Give moments the symmetries that the formula has, to all digits."""
    names = indices(formula)
    size = len(names)
    group, new = [np.eye(size)], [*_turns(formula, names)]
    while new:  # all products of those that are seen
        turn = new.pop()
        if not any(np.array_equal(turn, other) for other in group):
            new += [turn @ other for other in group] + [other @ turn for other in group]
            group.append(turn)
    means = sum(turn @ moments @ turn.T for turn in group) / len(group)
    found: np.ndarray = means
    return found


def _turns(formula: Expr, names: tuple[Expr, ...]) -> Iterator[np.ndarray]:
    """Changes of signs, of places, and of both, that a formula allows, as matrices."""
    size = len(names)
    each = [(tuple(range(size)), signs) for signs in product((1, -1), repeat=size)][1:]
    each += [(places, (sign,) * size) for places in PLACES[size] for sign in (1, -1)]
    for places, signs in each:
        moved = {u: sign * names[k] for u, k, sign in zip(names, places, signs, strict=True)}
        if _is_same(formula, moved):
            yield np.eye(size)[list(places)] * np.array(signs)[:, None]


def _is_same(formula: Expr, moved: Mapping[Expr, Expr]) -> bool:
    """Whether a formula does not change when indices change places or signs."""
    return bool(simplify(formula.subs(moved, simultaneous=True) - formula) == 0)


def _cells(formula: Expr, per_unit: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, moments and shares of cells, and of labels that have a share of their own.

    The label of a cell is the mean over the segments that lie inside of it.
    """
    edges, values = _edges(formula, count)
    count = len(edges)
    size = len(indices(formula))
    averages = 1 + size * (size + 1) // 2
    cells, (within, sums) = np.zeros((averages, count + 1)), np.zeros((2, count + 1))
    (slopes, offsets), total = np.zeros((2, averages, count + 1)), np.zeros(averages)
    atoms = np.zeros((averages, len(values) + 1))
    for low, high, masses in segments(formula, per_unit):
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
    moments = np.empty((kept.sum(), size, size))
    pairs = combinations_with_replacement(range(size), 2)
    for (i, j), x in zip(pairs, squares, strict=True):
        moments[:, i, j] = moments[:, j, i] = x[kept] / share[kept]
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
    """Labels between cells, and those that have a share of their own."""
    rows = [
        (low, masses[0]) for low, _, masses in segments(formula, LOOKED_AT[len(indices(formula))])
    ]
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
