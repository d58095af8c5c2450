"""Labels that are known at nodes alone: averages over them, and what bounds their weights.

Two sets of shares tell the error of every average. Whether `<h^2>` is finite where the weight is at
its bound is told by the rarest labels: by whether the closest ones count for less and less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from sympy import Expr, Rational, S

from bbpsym.ensembles.real_values import compiled
from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.laws.extrema import Extremes, extremes
from bbpsym.laws.labels import Labels
from bbpsym.numerics.bulk import Bulk
from bbpsym.numerics.continuation import LabelNodes
from bbpsym.numerics.curve import End
from bbpsym.numerics.double import ROUNDING
from bbpsym.numerics.label_measure import LabelLaw
from bbpsym.numerics.measures import Accuracy, Rule
from bbpsym.reading.floats import Arrays
from bbpsym.symbols import distance, label, scale, signal_factor
from bbpsym.writing.display import DOUBLE_DIGITS

#: Shares of the labels next to a bound: the closest, and those before. `<h^2>` is finite where what
#: the closest add is a smaller part of what the others do than the first of two, and diverges where
#: it is a larger one than the second.
RARE, LESS, MORE = (1e-13, 1e-11, 1e-9), 0.6, 1.6

#: Digits without which an answer is refused.
FEWEST_DIGITS = 2

#: What one label adds to `<h^2>` is never as much where that is finite; a distance that is none.
HUGE, NONE = 1e12, 1e-18

#: Share of labels at either end in which no gap is looked for, and the size of one, relative to the
#: range of all others; ends as close as this are one label.
FEW, GAP, SAME = 2e-3, 0.015, 1e-9


@dataclass(frozen=True, eq=False)
class NodesOfLabel(Arrays):
    """A label at nodes."""

    #: Label and signal factor (ndarray, shape (nodes,)).
    label: np.ndarray
    factor: np.ndarray
    #: Probabilities, which extrapolation may make negative, and once more by a coarser rule
    #: (ndarray, shape (nodes,)).
    share: np.ndarray
    other: np.ndarray
    #: Ends of the labels.
    low: Expr
    high: Expr


class RoughNodes(LabelNodes):
    """The bulk at complex t, to the few digits that nodes allow.

    Roots are those of the finer shares, to rounding; what the others change is their error.
    """

    answered: ClassVar[float] = 1e-3

    def __call__(
        self, t: np.ndarray, place: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`lambda`, `d lambda/dt` and the rounding error of lambda."""
        value, slope, _ = super().__call__(t, place)
        return value, slope, ROUNDING * np.abs(value)

    def solve(self, x: np.ndarray, width: float, singular: Sequence[float]) -> Bulk:
        """Roots t of `lambda(t) = x + i 0` and their errors.

        Raises
        ------
        PrecisionError
            If an error exceeds `answered` at some x.
        """
        found = super().solve(x, width, singular)
        _, slope, error = super().__call__(found.t, found.place)
        error = found.error + error / np.abs(slope)
        self.check(x, error)
        return found._replace(error=error)


@dataclass(frozen=True)
class TabulatedLaw(LabelLaw):
    """The law of a label that is known at nodes, in double precision."""

    continued = RoughNodes
    shows_all = False

    @property
    def fewest_digits(self) -> int:
        """Digits without which an answer is refused."""
        return FEWEST_DIGITS

    @property
    def _nodes(self) -> NodesOfLabel:
        found: NodesOfLabel = self.frame.measure.nodes
        return found

    @property
    def is_exact(self) -> bool:
        """It is not."""
        return False

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the one rule there is, with the shares that tell its error."""
        shape = (-1, *(1,) * max(map(np.ndim, values.values()), default=0))
        at, given = self._distances(), self._nodes
        seen = {distance: at / (1 + at), scale: 1 / (1 + at)}
        seen |= {label: given.label, signal_factor: given.factor}
        columns = {symbol.name: column.reshape(shape) for symbol, column in seen.items()}
        yield Rule(columns, given.share, given.other)

    def _distances(self) -> np.ndarray:
        """How far the weights are from their bound, or from zero without one, in its unit."""
        frame, unit = self.frame, float(self.frame.unit)
        found = frame.sign * weights_at(frame.weight, self._nodes) / unit + int(frame.is_bounded)
        return np.maximum(found, NONE) if frame.is_bounded else found

    def end(self, _curve: Any) -> End:
        """What happens at the end of the domain of t.

        Raises
        ------
        ConvergenceError
            If the nodes do not tell.
        """
        if not self.frame.is_bounded:
            return End.OPEN
        likely = self._nodes.share > 0
        distances, share = self._distances()[likely], self._nodes.share[likely]
        order = np.argsort(distances)
        below = np.cumsum(share[order])
        inverse = distances[order] ** -2.0
        if np.max(below * inverse) > HUGE:
            return End.ALWAYS_SHARP
        parts = share[order] * inverse
        closest, before = (
            parts[(below > low) & (below <= high)].sum() for low, high in pairwise(RARE)
        )
        if before == 0 or closest > MORE * before:  # no label that close is rare
            return End.ALWAYS_SHARP
        if closest < LESS * before:
            return End.SMOOTH
        raise ConvergenceError(
            f"whether the edge of the weight {self.frame.weight} can be smooth is not decided: "
            f"the {self.frame.measure.name} are known at nodes alone"
        )


def weights_at(weight: Expr, nodes: NodesOfLabel) -> np.ndarray:
    """Weights of the nodes.

    Raises
    ------
    DomainError
        If one is no finite real number.
    """
    with np.errstate(all="ignore"):
        found = np.asarray(compiled(weight, (label,))(nodes.label)[0])
    found = np.broadcast_to(found, nodes.label.shape)
    if np.iscomplexobj(found) or not np.isfinite(found).all():
        raise DomainError(f"weight must be a finite real number for every label, not {weight}")
    return found


def bounds(weight: Expr, labels: Labels) -> Extremes:
    """Bounds of a weight over labels that may leave gaps between their ends."""
    parts = [_bounds(weight, labels, *ends) for ends in _intervals(labels.nodes)]
    low, high = min(part.low for part in parts), max(part.high for part in parts)
    return Extremes(
        low,
        high,
        tuple(sorted({end for part in parts for end in part.breaks})),
        DOUBLE_DIGITS,
        tuple(at for part in parts if part.low == low for at in part.low_at),
        tuple(at for part in parts if part.high == high for at in part.high_at),
        False,
    )


def _bounds(weight: Expr, labels: Labels, low: Expr, high: Expr) -> Extremes:
    """Bounds of a weight over an interval, or over a single label."""
    if low == high:
        value = weight.subs(label, low)
        return Extremes(value, value, (), DOUBLE_DIGITS, (low,), (low,), False)
    breaks = (low, S.Zero, high) if low.is_infinite and high.is_infinite else (low, high)
    return extremes(weight, replace(labels, nodes=None, name="", breaks=breaks))


def _intervals(nodes: NodesOfLabel) -> Iterator[tuple[Expr, Expr]]:
    """Ends of the intervals that labels fill: next to a wide gap the labels of nodes."""
    order = np.argsort(nodes.label)
    places, share = nodes.label[order], np.abs(nodes.share[order])
    below = np.cumsum(share) / share.sum()
    likely = places[(below > FEW) & (below < 1 - FEW)]
    size = np.ptp(likely) if len(likely) else np.inf
    gaps = np.flatnonzero(np.diff(likely) > GAP * size)
    starts = [nodes.low, *(Rational(float(x)) for x in likely[gaps + 1])]
    ends = [*(Rational(float(x)) for x in likely[gaps]), nodes.high]
    for low, high in zip(starts, ends, strict=True):
        yield (low, low if high - low < SAME else high)
