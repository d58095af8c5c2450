"""Teachers whose law is known at nodes alone: for three indices sums over what gives one label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special
from sympy import Expr, S

from bbpsym.ensembles.index_models.factor_law import NODES
from bbpsym.ensembles.index_models.multi_index import MultiIndex
from bbpsym.laws.expressions import exact_number
from bbpsym.laws.labels import Labels
from bbpsym.numerics import known_labels
from bbpsym.numerics.diagonal_bulk import DiagonalInterval

#: Moments at nodes, shares, and those of the rule with twice the step; with the labels before them.
NodeColumns = tuple[np.ndarray, np.ndarray, np.ndarray]
Labelled = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

#: Logarithms of one index over which a product of three is averaged: the step is exact to rounding
#: for an integrand analytic as far as pi/4 from the real axis, and the labels left out are rare.
LOGARITHMS = np.arange(-800, 25) / 8
SMALLEST = float(np.exp(LOGARITHMS[0] + 4))

#: Largest label at which a weight of one's own is looked at; what lies beyond is rarer than counts.
LARGEST = 1e50


@dataclass(frozen=True, eq=False, repr=False)
class KnownAtNodes(MultiIndex):
    """A teacher by a rule for its averages, in double precision.

    Attributes
    ----------
    rule : callable
        Maps the number of nodes in a unit to labels at nodes, `E[u u^T | y]`, shares, and those of
        the rule with twice the step.
    ends : tuple of Expr
        Ends of the labels.
    order : tuple of int
        Places of the rule's indices among those of the teacher.
    """

    density: Any = None
    moments: Any = None
    rule: Callable[[int], Labelled] | None = None
    ends: tuple[Expr, Expr] = (-S.Infinity, S.Infinity)
    order: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """There are no formulas to check."""

    def _rule(self, per_unit: int) -> NodeColumns:
        return self._labelled(per_unit)[1:]

    def _labelled(self, per_unit: int) -> Labelled:
        """Labels at nodes, and what `nodes` gives."""
        assert self.rule is not None
        places, moments, *shares = self.rule(per_unit)
        if self.order:
            moments = moments[:, self.order][:, :, self.order]
        share, coarse = shares
        return places, moments, share, coarse

    def _signals(self, vectors: list[np.ndarray]) -> list[Any]:
        return [None] * len(vectors)

    def labels_along(self, direction: np.ndarray, shown: str) -> Labels:
        """The law of the label with the signal factor of a direction, at the finest nodes."""
        places, moments, share, coarse = self._finest
        factor = np.maximum(np.einsum("i,nij,j->n", direction, moments, direction), 0.0)
        places = np.clip(places, -LARGEST, LARGEST)
        given = known_labels.NodesOfLabel(places, factor, share, coarse, *self._ends)
        spread = exact_number(float(np.ptp(np.quantile(places, (0.25, 0.75)))) or 1.0, "spread")
        middle = {S.Zero} if self._ends == (-S.Infinity, S.Infinity) else set()
        breaks = tuple(sorted({*self._ends, *middle}))
        name = f"{self.name} along {shown}"
        return Labels(name, S.One, breaks=breaks, spread=spread, nodes=given)

    @property
    def _ends(self) -> tuple[Expr, Expr]:
        return self.ends

    @cached_property
    def _finest(self) -> Labelled:
        return self._labelled(NODES[-1])


def product_of_three() -> KnownAtNodes:
    """Return the teacher `y = u_1 u_2 u_3`, of which no direction is seen before the others."""
    return KnownAtNodes(name="u1*u2*u3", rule=_product_of_three)


def _product_of_three(per_unit: int) -> Labelled:
    """Average over `u_1 = exp(t)`, with the law `K_0(|y/u_1|)/pi` of the other two."""
    place, width, even = _nodes(0.0, np.inf, per_unit)
    inside = place > SMALLEST
    place, width, even = place[inside], width[inside], even[inside]
    argument = place[:, None] * np.exp(-LOGARITHMS)
    gauss = np.exp(-np.exp(2 * LOGARITHMS) / 2) * (LOGARITHMS[1] - LOGARITHMS[0])
    with np.errstate(all="ignore"):
        weight = special.k0(argument) * gauss * (4 / np.pi / np.sqrt(2 * np.pi))
    density = weight.sum(axis=1)  # of both signs
    kept = density > np.finfo(float).tiny
    square = (weight @ np.exp(2 * LOGARITHMS))[kept] / density[kept]
    share, place, even = np.tile([(density * width)[kept] / 2, place[kept], even[kept]], 2)
    place[len(square) :] *= -1
    return place, np.tile(square, 2)[:, None, None] * np.eye(3), share, share * even


def square_and_sign() -> KnownAtNodes:
    """Return the teacher `y = u_1^2 + sign(u_1 u_2 u_3)`, which shows `u_1` first."""
    ends = -S.One, S.Infinity
    return KnownAtNodes(name="u1^2+sign(u1*u2*u3)", rule=_square_and_sign, ends=ends)


def _square_and_sign(per_unit: int) -> Labelled:
    """Average over `|u_1|` and the sign: the label may come from the other sign as well."""
    turn = np.sqrt(2.0)
    places, squares, shares, coarse = [], [], [], []
    for sign, low, high in ((1, 0.0, np.inf), (-1, 0.0, turn), (-1, turn, np.inf)):
        place, width, even = _nodes(low, high, per_unit)
        own = place**2
        other = np.maximum(own + 2 * sign, 0.0)
        with np.errstate(all="ignore"):
            share = width * np.exp(-own / 2) / np.sqrt(2 * np.pi)
            likely = np.where(other > 0, np.exp(-float(sign)) * place / np.sqrt(other), 0.0)
            square = np.where(np.isinf(likely), other, (own + other * likely) / (1 + likely))
        kept = (share > 0) & np.isfinite(square)
        places.append((own + sign)[kept])
        squares.append(square[kept])
        shares.append(share[kept])
        coarse.append((share * even)[kept])
    first = np.concatenate(squares)
    moments = np.tile(np.eye(3), (len(first), 1, 1))
    moments[:, 0, 0] = first
    return np.concatenate(places), moments, np.concatenate(shares), np.concatenate(coarse)


def _nodes(low: float, high: float, per_unit: int) -> NodeColumns:
    """Places, widths, and two at every second node."""
    with np.errstate(over="ignore"):
        place, width = DiagonalInterval(low, high, 1.0).nodes(per_unit)
    return place, np.where(np.isfinite(width), width, 0.0), 2.0 - 2.0 * (np.arange(len(place)) % 2)
