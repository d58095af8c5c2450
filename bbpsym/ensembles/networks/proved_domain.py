"""Proofs that `1/t + F` is positive at all data: that a G with two parts is in its domain.

An edge that is sharp there is then the edge, wherever the border of the domain lies: Lehner's bound
is concave in the matrix 1/t, and no larger elsewhere. Cells of a pre-activation come with ranges of
the activation and its slopes, proved by balls; F is enclosed on boxes of cells and labels, which
are halved until all are positive. F at exchanged nodes is alike: nodes in order are enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from flint import arb
from sympy import Expr

from bbpsym.ensembles.networks.proved_end import FAR, ball_of, far_ranges, labels_of
from bbpsym.ensembles.networks.setting import MEAN
from bbpsym.ensembles.real_values import evaluate_at
from bbpsym.equations import weights
from bbpsym.equations.weights import argument, prediction
from bbpsym.errors import BBPError
from bbpsym.functions.arb_functions import precision
from bbpsym.functions.balls import enclosure
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.ensembles.networks.two_layer import Network

#: Most nodes, most boxes that are looked at, working bits, and what rounding of doubles may do, in
#: units of the largest entry.
WIDEST, MOST_BOXES, BITS, ROUNDING = 3, 400_000, 80, 1e-11

#: Cells of a pre-activation at first, how often one is halved for its range, and pieces of labels
#: and of outputs on which slopes are bounded.
CELLS, DEEPEST, PIECES = 64, 5, 16


@lru_cache(maxsize=64)
def is_admissible(network: Network, sign: int, t: tuple[float, float]) -> bool:
    """Whether it is proved that `1/t + sign * F` is positive at all data.

    Labels have to be bounded, and so has the activation.
    """
    if network.is_limit or network.p > WIDEST:
        return False
    with suppress(BBPError, NotImplementedError), precision(BITS):
        found = labels_of(network)
        if found is None or not all(end.is_finite for end in found):
            return False
        ends = [float(end.evalf(25)) for end in found]
        labels = math.nextafter(ends[0], -math.inf), math.nextafter(ends[1], math.inf)
        cells = Cells(network.student)
        return bool(np.all(np.isfinite(cells.ranges))) and _are_positive(
            network, sign, t, cells, labels
        )
    return False


@dataclass(eq=False)
class Cells:
    """Cells of a pre-activation with ranges of `s, s', s''`, which may be halved.

    Attributes
    ----------
    activation : Expr
        s, in `equations.weights.argument`.
    ends : list of tuple of float
        Cells; the first and the last one of the first level are infinite.
    """

    activation: Expr
    ends: list[tuple[float, float]] = field(default_factory=list)
    _ranges: list[list[tuple[float, float]]] = field(default_factory=list)
    _halves: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = [self.activation.diff(argument, k).subs(argument, label) for k in range(3)]
        self._functions = [enclosure(part) for part in parts]
        left, right = far_ranges(self.activation)
        self._add((-math.inf, -float(FAR)), left)
        line = np.linspace(-float(FAR), float(FAR), CELLS + 1).tolist()
        for pair in pairwise(line):
            self._add(pair)
        self._add((float(FAR), math.inf), right)

    def _add(self, ends: tuple[float, float], found: list[arb] | None = None) -> int:
        values = found or [_range(function, ends) for function in self._functions]
        self.ends.append(ends)
        self._ranges.append([(float(x.lower()), float(x.upper())) for x in values])
        return len(self.ends) - 1

    @property
    def ranges(self) -> np.ndarray:
        """Ranges of all cells, shape (cells, 3, 2)."""
        return np.array(self._ranges)

    def halves(self, cell: int) -> tuple[int, int]:
        """Numbers of the halves of a finite cell."""
        if cell not in self._halves:
            a, b = self.ends[cell]
            middle = (a + b) / 2
            self._halves[cell] = self._add((a, middle)), self._add((middle, b))
        return self._halves[cell]


def _range(function: Callable[[arb], arb], ends: tuple[float, float], depth: int = 0) -> arb:
    """All values on a cell; on smaller ones, if a ball is too wide for a quotient."""
    found = function(ball_of(ends))
    if found.is_finite() or depth == DEEPEST:
        return found
    middle = sum(ends) / 2
    halves = (ends[0], middle), (middle, ends[1])
    low, high = (_range(function, half, depth + 1) for half in halves)
    return low.union(high)


class Slopes(NamedTuple):
    """Bounds of `l''`, of its slopes, and of the slope of l' in the label, on all of the data."""

    curvature: float
    third: float
    by_label: float
    curvature_by_label: float


def _slopes(network: Network, labels: tuple[float, float], outputs: tuple[float, float]) -> Slopes:
    """Bound what `l'` and `l''` change by, by balls on pieces of labels and outputs."""
    curvature, by_label = (network.loss.diff(prediction, v) for v in (prediction, label))
    formulas = curvature, curvature.diff(prediction), by_label, curvature.diff(label)
    functions = [enclosure(formula, (prediction,)) for formula in formulas]
    pieces = [
        [ball_of(pair) for pair in pairwise(np.linspace(*ends, PIECES + 1).tolist())]
        for ends in (labels, outputs)
    ]
    found = [[float(abs(f(*at)).upper()) for f in functions] for at in product(*pieces)]
    return Slopes(*np.max(found, axis=0).tolist())


def _are_positive(
    network: Network, sign: int, t: tuple[float, float], cells: Cells, labels: tuple[float, float]
) -> bool:
    """Halve boxes until F is positive on all of them; false if there are too many."""
    p = int(network.p)
    share = 1 / p if network.output == MEAN else 1.0
    reach = share * p * cells.ranges[:, 0]
    slopes = _slopes(network, labels, (float(reach[:, 0].min()), float(reach[:, 1].max())))
    if not np.all(np.isfinite(slopes)):
        return False
    nodes = np.array([*product(range(len(cells.ends)), repeat=p)])
    nodes = nodes[np.all(np.diff(nodes, axis=1) >= 0, axis=1)]
    places = np.tile(labels, (len(nodes), 1))
    looked = 0
    while len(nodes):
        looked += len(nodes)
        if looked > MOST_BOXES:
            return False
        box = _Box(network, share, sign, places, cells.ranges[nodes], slopes)
        left = ~box.is_positive(t)
        chosen = box.widest()[left]
        nodes, places = nodes[left], places[left]
        ends = np.array(cells.ends)
        if np.any(np.isinf(ends[nodes[chosen < p, chosen[chosen < p]]])):
            return False
        nodes, places = _halved(cells, nodes, places, chosen)
        ends = np.array(cells.ends)[nodes]
        ordered = np.all(ends[:, :-1, 0] < ends[:, 1:, 1], axis=1)
        nodes, places = nodes[ordered], places[ordered]
    return True


def _halved(
    cells: Cells, nodes: np.ndarray, places: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Halve boxes in the chosen direction, of which the last one is the label."""
    p, rows = nodes.shape[1], np.arange(len(nodes))
    halves = []
    for side in (0, 1):
        own, at = nodes.copy(), places.copy()
        is_node = chosen < p
        old = nodes[rows[is_node], chosen[is_node]]
        own[rows[is_node], chosen[is_node]] = [cells.halves(cell)[side] for cell in old.tolist()]
        at[~is_node, 1 - side] = places[~is_node].mean(axis=1)
        halves.append((own, at))
    (one, first), (other, second) = halves
    return np.concatenate([one, other]), np.concatenate([first, second])


class _Box:
    """F on boxes, by its entries at the middle of all ranges and how far these may be off."""

    def __init__(
        self,
        network: Network,
        share: float,
        sign: int,
        places: np.ndarray,
        ranges: np.ndarray,
        slopes: Slopes,
    ) -> None:
        middle, self.radius = share * ranges.mean(axis=3), share * np.ptp(ranges, axis=3) / 2
        self.place, self.slopes = np.ptp(places, axis=1) / 2, slopes
        at = places.mean(axis=1), middle[:, :, 0].sum(axis=1)
        parts = weights.parts(network.loss, network.student, 1, True).loss
        first, second = (evaluate_at(part, (label, prediction), *at) for part in parts)
        spread = self.radius[:, :, 0].sum(axis=1)
        first_off = slopes.by_label * self.place + slopes.curvature * spread
        second_off = slopes.curvature_by_label * self.place + slopes.third * spread
        self.size = np.abs(middle) + self.radius
        self.first, self.second = np.abs(first) + first_off, np.abs(second) + second_off
        outer = middle[:, :, None, 1] * middle[:, None, :, 1]
        outer_off = self.size[:, :, None, 1] * self.size[:, None, :, 1] - np.abs(outer)
        self.matrix = second[:, None, None] * outer
        self.off = self.second[:, None, None] * (np.abs(outer) + outer_off) - np.abs(self.matrix)
        p = range(middle.shape[1])
        bend = first[:, None] * middle[:, :, 2]
        self.matrix[:, p, p] += bend
        self.off[:, p, p] += self.first[:, None] * self.size[:, :, 2] - np.abs(bend)
        self.matrix *= sign

    def is_positive(self, t: tuple[float, float]) -> np.ndarray:
        """Whether the least eigenvalue of `1/t + F` is positive all over a box."""
        p = self.matrix.shape[1]
        shift = np.eye(p) / t[1] + (1 / t[0] - 1 / t[1]) / p
        whole = self.matrix + shift
        size = np.abs(whole).max(axis=(1, 2)) + self.off.max(axis=(1, 2))
        off = self.off.sum(axis=2).max(axis=1) + ROUNDING * size
        return np.asarray(np.linalg.eigvalsh(whole)[:, 0] > off)

    def widest(self) -> np.ndarray:
        """Which direction adds most to what entries may be off; the last one is the label."""
        bend, slope = self.size[:, :, 2].max(axis=1), (self.size[:, :, 1] ** 2).sum(axis=1)
        s, own = self.slopes, self.radius
        by_output = s.curvature * bend + s.third * slope
        nodes = own[:, :, 0] * by_output[:, None] + own[:, :, 2] * self.first[:, None]
        nodes += 2 * own[:, :, 1] * (self.second * np.sqrt(slope))[:, None]
        place = self.place * (s.by_label * bend + s.curvature_by_label * slope)
        return np.asarray(np.argmax(np.column_stack([nodes, place]), axis=1))
