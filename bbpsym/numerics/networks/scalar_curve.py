"""Edge, outliers and transition of a bulk with one Stieltjes transform, at the nodes of one rule.

Everything is seen from the left: `g = -t` with t in (0, t_end). With `h = f/(1 + t f)`, `k = E h`,
`M = E h^2` and the signal block `sigma = E[v v^T h]`:

- `lambda(t) = -1/t + alpha k`, and the edge is its maximum over t: sharp at `alpha t^2 M = 1`,
  smooth at t_end. Any t gives a lower bound (Lehner), and since lambda is concave in 1/t, the
  tangent at any t an upper one.
- Outliers are where `lambda = alpha sigma_i`; those left of the edge are exactly the
  `alpha sigma_i` at the edge that lie below it, since `lambda - alpha sigma_i` grows with lambda
  with slope one or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.numerics.networks.blocks import Block, Nodes

SHARP, SMOOTH = "sharp", "smooth"

#: Relative distance from the end of t at which a filled end is approached, range of t at an open
#: one in units of the inverse mean weight, and points of a scan.
NEAREST, SMALLEST, LARGEST, SCAN = 1e-9, 1e-6, 1e8, 120

#: Share of the range of t from which on the nodes for its end are used, on a lattice.
NEAR_END = 0.95

#: Rounding of a sum over nodes, relative to the sum of the sizes of its terms.
ROUNDED = 16 * float(np.finfo(float).eps)

#: Relative accuracy of a root, and relative distances from a guess in which it is looked for.
ROOT, NARROW = 1e-15, (1e-8, 1e-5, 1e-2)


#: Said of an edge that doubles do not tell from the end of t.
TOO_NEAR = "the edge is too near to the end of the support to be seen"


class EnclosedEdge(NamedTuple):
    """An edge with the two bounds that enclose it (for this rule)."""

    kind: str
    t: Any
    value: float
    lower: float
    upper: float


class SectorOutlier(NamedTuple):
    """Outliers of one sector and their squared overlaps."""

    block: Block
    t: Any
    value: float
    overlap2: float
    teacher2: float
    student2: float
    number: int


class Transition(NamedTuple):
    """A threshold; `overlap2` and its parts are zero unless it jumps."""

    block: Block
    jumps: bool
    t: Any
    alpha: float
    alpha_c: float | None
    value: float
    overlap2: float
    teacher2: float
    student2: float


@dataclass(frozen=True, eq=False)
class ScalarCurve:
    """Curves at the nodes of a rule."""

    #: Weights and features.
    nodes: Nodes
    #: Gives those for t near its end.
    end_nodes: Callable[[], Nodes]
    #: Where `1 + t f` vanishes at the end of the support; infinite if no weight is negative.
    t_end: float
    #: Whether M diverges at t_end.
    is_filled: bool
    #: Share of the range of t from which on the nodes for its end are used.
    near_end: float
    #: alpha_c by a coarse rule, where finer nodes for the end are too many; what it lies below, if
    #: doubles do not see that M is finite at t_end, which then counts as filled.
    rough_alpha_c: float | None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Sectors of the signal block."""
        return self.nodes.blocks

    @cached_property
    def share(self) -> float:
        """Share of weights that are not zero."""
        zero = self.nodes.f == 0
        return 1.0 - float(self.nodes.features[zero, 0].sum())

    @cached_property
    def scale(self) -> float:
        """A typical t: the inverse of the root mean square weight, in the range of t."""
        square = self.nodes.features[:, 0] @ self.nodes.f**2
        # Of weights that only the nodes for the end see, the end is all that is known.
        return float(min(1 / np.sqrt(square), self.t_end)) if square else self.t_end

    @property
    def last(self) -> float:
        """Largest t at which averages are taken."""
        if np.isinf(self.t_end):
            return LARGEST * self.scale
        return self.t_end * (1 - NEAREST * self.is_filled)

    def at(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Averages of the features times h and h^2; those of the last t are kept."""
        if t not in self._last:
            self._last.clear()
            self._last[t] = self._nodes(t).sums(t)
        return self._last[t]

    @cached_property
    def _last(self) -> dict[float, tuple[np.ndarray, np.ndarray]]:
        return {}

    def _nodes(self, t: float) -> Nodes:
        return self.nodes if t < self.near_end * self.t_end else self.end_nodes()

    def rounding(self, t: float, alpha: float) -> float:
        """What rounding may do to `lambda(t)`, whose terms cancel."""
        nodes = self._nodes(t)
        size = np.abs(nodes.features[:, 0]) @ np.abs(nodes.f / (1 + t * nodes.f))
        return float(ROUNDED * (1 / t + alpha * size))

    def inverse_stieltjes(self, t: float, alpha: float) -> float:
        """`lambda(t)`."""
        return float(-1 / t + alpha * self.at(t)[0][0])

    @cached_property
    def alpha_c(self) -> float:
        """Where the edge turns from smooth to sharp: zero if it always is.

        With weights of one sign, where the atom at zero goes.
        """
        if np.isinf(self.t_end):
            return 1 / self.share
        if self.rough_alpha_c is not None:
            return self.rough_alpha_c
        return 0.0 if self.is_filled else self._sharp_alpha(self.t_end)

    @property
    def _told_alpha_c(self) -> float | None:
        return self.alpha_c if self.rough_alpha_c is None else None

    def _sharp_alpha(self, t: float) -> float:
        return float(1 / (t**2 * self.at(t)[1][0]))

    def edge(self, alpha: float, near: EnclosedEdge | None = None) -> EnclosedEdge:
        """Find the edge, from one found before by another rule.

        Raises
        ------
        DomainError
            If all weights have one sign and alpha is too small for anything but zeros at the edge.
        ConvergenceError
            If a sharp edge lies too near to the end of the support.
        """
        if alpha <= self.alpha_c:
            if np.isinf(self.t_end):
                raise DomainError(
                    f"alpha must be above {self.alpha_c:.6g}, one over the share of weights that "
                    "are not zero: up to there the matrix has zero eigenvalues at this end"
                )
            if self.is_filled:
                raise ConvergenceError(TOO_NEAR)
            value = self.inverse_stieltjes(self.t_end, alpha)
            rounding = self.rounding(self.t_end, alpha)
            return EnclosedEdge(SMOOTH, self.t_end, value, value - rounding, value + rounding)

        def excess(t: float) -> float:
            return alpha * t * t * float(self.at(t)[1][0]) - 1

        first, last = SMALLEST * self.scale / np.sqrt(max(alpha, 1.0)), self.last
        if near is None and excess(last) < 0:
            raise ConvergenceError(TOO_NEAR)
        t = _root(excess, first, last, near and near.t)
        sums, squares = self.at(t)
        value = float(-1 / t + alpha * sums[0])
        # The slope of lambda in w = -1/t; the maximiser lies at w within the range of `_reach`.
        slope = 1 - alpha * t * t * float(squares[0])
        slack, rounding = abs(slope) * self._reach(value, alpha), self.rounding(t, alpha)
        return EnclosedEdge(SHARP, t, value, value - rounding, value + slack + rounding)

    def _reach(self, value: float, alpha: float) -> float:
        """Length of an interval of `w = 1/g` that holds this point and the maximiser.

        `w < 0`, and `w + alpha E f` is not below lambda.
        """
        mean = float(self.nodes.features[:, 0] @ self.nodes.f)
        return abs(value - alpha * mean)

    def outliers(
        self, alpha: float, edge: EnclosedEdge, near: list[SectorOutlier] | None = None
    ) -> list[SectorOutlier]:
        """Find all outliers left of the edge, from those found before by another rule."""
        every = self._eigenvalues(edge.t, alpha)
        beyond = [item for item in every if alpha * item[2] < edge.value]
        guesses = [item.t for item in near] if near and len(near) == len(beyond) else repeat(None)
        return [
            self._outlier(block, number, alpha, edge.t, guess)
            for (block, number, _), guess in zip(beyond, guesses, strict=False)
        ]

    def margins(self, alpha: float, edge: EnclosedEdge) -> list[float]:
        """Relative distances `s_i - edge` of all eigenvalues of the signal block at the edge."""
        size = 1 / edge.t
        every = self._eigenvalues(edge.t, alpha)
        return [(alpha * s - edge.value) / size for _, _, s in every]

    def _eigenvalues(self, t: float, alpha: float) -> Iterator[tuple[Block, int, float]]:
        for block in self.blocks:
            for number, value in enumerate(np.linalg.eigvalsh(self.signal(block, t, alpha))):
                yield block, number, float(value)

    def signal(self, block: Block, t: float, alpha: float) -> np.ndarray:
        """The matrix `sigma` of a sector; alpha says where on the curve t lies."""
        return self.at(t)[0][block.entries]

    def signal_slope(self, block: Block, t: float, alpha: float) -> np.ndarray:
        """`d sigma/d lambda` along the curve."""
        _, squares = self.at(t)
        return squares[block.entries] / (alpha * squares[0] - 1 / t**2)

    def _outlier(
        self, block: Block, number: int, alpha: float, last: float, guess: float | None
    ) -> SectorOutlier:
        t = _root(lambda t: self.distance(block, number, t, alpha), SMALLEST * last, last, guess)
        value = self.inverse_stieltjes(t, alpha)
        return SectorOutlier(block, t, value, *self.overlaps(block, number, t, alpha), number)

    def distance(self, block: Block, number: int, t: float, alpha: float) -> float:
        """`t (lambda - alpha sigma_i)`, which grows with t and vanishes at an outlier."""
        sigma = np.linalg.eigvalsh(self.signal(block, t, alpha))[number]
        return float(-1 + t * alpha * (self.at(t)[0][0] - sigma))

    def overlaps(
        self, block: Block, number: int, t: float, alpha: float
    ) -> tuple[float, float, float]:
        """Squared overlap with the span of all weight vectors, the teacher's, the student's.

        `1/(1 - ds/dlambda)` times the squared projections of the null vector.
        """
        vector = np.linalg.eigh(self.signal(block, t, alpha))[1][:, number]
        slope = float(vector @ self.signal_slope(block, t, alpha) @ vector)
        total = 1 / (1 - alpha * slope)
        parts = (float(total * (vector @ form @ vector)) for form in (block.teacher, block.student))
        return (float(total), *parts)  # type: ignore[return-value]

    def transition(self, block: Block, near: Transition | None = None) -> Transition | None:
        """Find the lowest alpha beyond which a block has an outlier; None if it never has.

        A transition found before by another rule saves the scan.

        On the sharp-edge curve `alpha = 1/(t^2 M)`, which falls with t, there is one where
        `(k - sigma)/(t M) > 1`; at the smooth edge above `alpha = 1/(t (k - sigma))`.
        """
        may_jump = near is None or near.jumps
        if may_jump and not self.is_filled and self.alpha_c > 0 and np.isfinite(self.t_end):
            t = self.t_end
            if self.gap(block, t) > 0:
                alpha = self.first_alpha(block, t)
                overlaps = self.overlaps(block, 0, t, alpha)
                value = self.inverse_stieltjes(t, alpha)
                return Transition(block, True, t, alpha, self._told_alpha_c, value, *overlaps)
        low, high = self._crossing(block) if near is None else self._around(near.t)
        if not low:
            return None
        t = _root(lambda t: self.gap(block, t), low, high, near and near.t)
        alpha = self._sharp_alpha(t)
        value = self.inverse_stieltjes(t, alpha)
        return Transition(block, False, t, alpha, self._told_alpha_c, value, 0.0, 0.0, 0.0)

    def _crossing(self, block: Block) -> tuple[float, float]:
        """The two t of a scan between which the first outlier leaves; zeros if none does."""
        grid = self._grid()
        gaps = np.array([self.gap(block, t) for t in grid])
        above = np.flatnonzero(gaps > 0)
        if not above.size:
            return 0.0, 0.0
        first = int(above[0])
        if first == 0:
            raise ConvergenceError("the threshold is too near to the end of the support to be seen")
        return float(grid[first]), float(grid[first - 1])

    def _around(self, t: float) -> tuple[float, float]:
        return t * (1 - NARROW[-1]), min(t * (1 + NARROW[-1]), self.last)

    def first_alpha(self, block: Block, t: float) -> float:
        """Where the first outlier of a block meets a smooth edge."""
        sigma = np.linalg.eigvalsh(ScalarCurve.signal(self, block, t, np.nan))[0]
        return float(1 / (t * (self.at(t)[0][0] - sigma)))

    def gap(self, block: Block, t: float) -> float:
        """Positive where, on the sharp-edge curve, the block has an outlier."""
        return self.distance(block, 0, t, self._sharp_alpha(t))

    def _grid(self) -> np.ndarray:
        """Decreasing t: dense near the end of its range, logarithmic near zero."""
        if np.isinf(self.t_end):
            return np.geomspace(self.last, SMALLEST * self.scale, SCAN)
        near = 1 - np.geomspace(1e-7, 0.5, SCAN // 2)
        return self.t_end * np.concatenate([near, np.geomspace(0.5, SMALLEST, SCAN // 2)[1:]])


def _root(
    function: Callable[[float], float], low: float, high: float, guess: float | None = None
) -> float:
    """Find the root between two ends, fast if a guess is good."""
    if guess is not None:
        for width in NARROW:
            left, right = (
                max(low, guess - width * abs(guess)),
                min(high, guess + width * abs(guess)),
            )
            if left < right and function(left) * function(right) < 0:
                low, high = left, right
                break
    try:
        return float(brentq(function, low, high, xtol=1e-300, rtol=ROOT, maxiter=300))
    except ValueError:
        raise ConvergenceError("a root of a coarse rule is not there for a finer one") from None
