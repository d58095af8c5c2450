"""The domain of G where it has two parts: up to where `1 - G F` is singular for some data.

Of the data at which it becomes so first, some go to infinity. There F is a limit, taken by SymPy,
in those pre-activations that stay finite, and its least eigenvalue is found by descent in these
alone: a border of the domain to all digits of a double. That there is no nearer one is seen by
descent from many starts, not proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Matrix, Symbol, diag

from bbpsym.ensembles.networks.far_coordinates import away_at, pulled
from bbpsym.ensembles.networks.landscape import (
    Landscape,
    descend,
    landscape,
    lowest,
    of_matrix,
    written,
)
from bbpsym.ensembles.networks.limits_at_infinity import limit_at, limit_of
from bbpsym.ensembles.networks.setting import MEAN
from bbpsym.ensembles.networks.support import BOXES, FOUND
from bbpsym.equations import weights
from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.ensembles.networks.two_layer import Network

#: Clearance, in units of 1/t_o, below which a border is looked for.
NEAR = 0.3

#: How far the clearance of a border may lie above that of all data.
SLACK = 1e-8

#: Change of a clearance from box to box that is none.
MOVED = 1e-6


@dataclass(frozen=True, eq=False)
class Border:
    """A stretch of the boundary of the domain."""

    #: The limit of F where some of its data go to infinity.
    weight: Matrix
    #: The data that stay finite.
    variables: tuple[Symbol, ...]
    #: Their values where the border was found.
    start: np.ndarray
    #: Which data go to infinity, and to which.
    where: str

    def clearance(self, t: tuple[float, float], box: float = BOXES[-1]) -> float:
        """Least eigenvalue of `1/t + F` at the border, in units of 1/t_o."""
        scene = of_matrix(self.weight, self.variables, _inverse(self.weight.shape[0], t))
        if not self.variables:
            return float(scene.value(np.zeros((1, 0)))[0]) * t[1]
        start = np.clip(self.start, -box, box)
        return descend(scene, start, box, 1 / t[1])[0] * t[1]


@dataclass(eq=False)
class Domain:
    """The domain of G, seen from the left: `-G` is t_s along (1, ..., 1) and t_o across."""

    #: `sign * F` is what is seen from the left.
    network: Network
    sign: int
    #: Those that were found so far.
    borders: list[Border] = field(default_factory=list)

    def clearance(self, t: tuple[float, float]) -> float:
        """The least of the borders' clearances; infinite where none is known."""
        return min((border.clearance(t) for border in self.borders), default=np.inf)

    def seen(self, t: tuple[float, float]) -> tuple[float, np.ndarray, Landscape]:
        """Least eigenvalue of `1/t + F` by descent from many starts, in units of 1/t_o."""
        scene = landscape(self.network, self.sign, _inverse(self.network.p, t))
        low, point = min((lowest(scene, box) for box in BOXES), key=lambda pair: pair[0])
        return low * t[1], point, scene

    def learn(self, t: tuple[float, float]) -> bool:
        """Add the border that is nearest to a point, unless it is far or known; true beyond it.

        Raises
        ------
        PrecisionError
            If its limit is not found.
        ConvergenceError
            If the point lies beyond data that are finite.
        """
        low, point, scene = self.seen(t)
        if low > NEAR or low > self.clearance(t) - SLACK:
            return False
        point = pulled(scene, point, (low + FOUND) / t[1])
        # Every coordinate that was pulled in has its share in what is left of the distance.
        away = away_at(scene, point, (low + 2 * FOUND) / t[1])
        if not away:
            if low > 0:
                return False
            raise ConvergenceError(
                f"the edge of {self.network!r} is too near to the end of the support of F, at "
                f"{written(scene.variables, point)}, or smooth there"
            )
        border = self._border(scene, point, away)
        nearer = border.clearance(t, BOXES[0])  # what moves with the box goes to infinity as well
        if abs(border.clearance(t) - low) > NEAR or abs(border.clearance(t) - nearer) > MOVED:
            raise PrecisionError(f"the limit of F at {border.where} is not found to its digits")
        self.borders.append(border)
        return border.clearance(t) < 0

    def _border(self, scene: Landscape, point: np.ndarray, away: dict[Symbol, Expr]) -> Border:
        values = dict(zip(scene.variables, point, strict=True))
        p = self.network.p
        try:
            limits = self._limit_by_parts(away, values)
        except PrecisionError:  # a part may have none where all of F has one
            entries = [
                limit_of(self.sign * entry, self.network.label, away, values)
                for entry in self.network.weight
            ]
            limits = Matrix(p, p, entries)
        if not limits.free_symbols.isdisjoint({label, *away}):
            raise PrecisionError(f"the limit of F as {away} is not found")
        free = tuple(v for v in scene.variables if v in limits.free_symbols)
        start = np.array([values[v] for v in free], dtype=float)
        where = ", ".join(f"{v} -> {end}" for v, end in away.items())
        return Border(limits, free, start, where)

    def _limit_by_parts(
        self, away: Mapping[Symbol, Expr], values: Mapping[Symbol, float]
    ) -> Matrix:
        """The limit of F from those of its parts, which SymPy takes far sooner."""
        network, nodes = self.network, weights.student_nodes(self.network.p)
        parts = weights.parts(network.loss, network.student, network.p, network.output == MEAN)
        outputs, slopes, bends = (
            Matrix([_at(part, node, away.get(node)) for node in nodes]) for part in parts.activation
        )
        others = {v: end for v, end in away.items() if v not in nodes}
        first, second = (
            limit_of(part, network.label, others, values).subs(weights.prediction, sum(outputs))
            for part in parts.loss
        )
        return self.sign * (first * diag(*bends) + second * slopes * slopes.T)


@lru_cache(maxsize=8)
def domain_of(network: Network, sign: int) -> Domain:
    """The domain, which keeps the borders that it learns."""
    return Domain(network, sign)


def _at(part: Expr, node: Symbol, end: Expr | None) -> Expr:
    """A function of a pre-activation, or its limit."""
    if end is None:
        return part.subs(weights.argument, node)
    return limit_at(part, weights.argument, end)


def _inverse(p: int, t: tuple[float, float]) -> np.ndarray:
    """`-1/G`."""
    along = np.full((p, p), 1 / p)
    return along / t[0] + (np.eye(p) - along) / t[1]
