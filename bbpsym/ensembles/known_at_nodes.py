"""Teachers of three indices whose law is known at nodes alone: sums over what gives one label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from bbpsym.ensembles.multi_index import MultiIndex
from bbpsym.errors import DomainError
from bbpsym.numerics.diagonal_bulk import Interval

#: Moments at nodes, shares, and those of the rule with twice the step.
Nodes = tuple[np.ndarray, np.ndarray, np.ndarray]

#: Logarithms of one index over which a product of three is averaged: the step is exact to rounding
#: for an integrand analytic as far as pi/4 from the real axis, and the labels left out are rare.
LOGARITHMS = np.arange(-800, 25) / 8
SMALLEST = float(np.exp(LOGARITHMS[0] + 4))


@dataclass(frozen=True, eq=False)
class KnownAtNodes(MultiIndex):
    """A teacher by a rule for its averages, in double precision.

    Attributes
    ----------
    rule : callable
        Maps the number of nodes in a unit to `E[u u^T | y]` at nodes, shares, and those of the rule
        with twice the step.
    """

    density: Any = None
    moments: Any = None
    rule: Callable[[int], Nodes] | None = None

    def __post_init__(self) -> None:
        """There are no formulas to check."""

    def _rule(self, per_unit: int) -> Nodes:
        assert self.rule is not None
        return self.rule(per_unit)

    def _signals(self, vectors: list[np.ndarray]) -> list[Any]:
        return [None] * len(vectors)

    def methods(self, weight: Any = None) -> tuple[Any, ...]:
        """Optimal spectral methods, as `MultiIndex.methods`; no weight of one's own.

        Raises
        ------
        DomainError
            If a weight is given.
        """
        if weight is not None:
            raise DomainError(f"weight must be left out for {self.name}: its law has no formula")
        return super().methods()


def product_of_three() -> KnownAtNodes:
    """Return the teacher `y = u_1 u_2 u_3`, of which no direction is seen before the others."""
    return KnownAtNodes(name="u1*u2*u3", rule=_product_of_three)


def _product_of_three(per_unit: int) -> Nodes:
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
    share = (density * width)[kept]
    return square[:, None, None] * np.eye(3), share, share * even[kept]


def square_and_sign() -> KnownAtNodes:
    """Return the teacher `y = u_1^2 + sign(u_1 u_2 u_3)`, which shows `u_1` first."""
    return KnownAtNodes(name="u1^2+sign(u1*u2*u3)", rule=_square_and_sign)


def _square_and_sign(per_unit: int) -> Nodes:
    """Average over `|u_1|` and the sign: the label may come from the other sign as well."""
    turn = np.sqrt(2.0)
    squares, shares, coarse = [], [], []
    for sign, low, high in ((1, 0.0, np.inf), (-1, 0.0, turn), (-1, turn, np.inf)):
        place, width, even = _nodes(low, high, per_unit)
        own = place**2
        other = np.maximum(own + 2 * sign, 0.0)
        with np.errstate(all="ignore"):
            share = width * np.exp(-own / 2) / np.sqrt(2 * np.pi)
            likely = np.where(other > 0, np.exp(-float(sign)) * place / np.sqrt(other), 0.0)
            square = np.where(np.isinf(likely), other, (own + other * likely) / (1 + likely))
        kept = (share > 0) & np.isfinite(square)
        squares.append(square[kept])
        shares.append(share[kept])
        coarse.append((share * even)[kept])
    first = np.concatenate(squares)
    moments = np.tile(np.eye(3), (len(first), 1, 1))
    moments[:, 0, 0] = first
    return moments, np.concatenate(shares), np.concatenate(coarse)


def _nodes(low: float, high: float, per_unit: int) -> Nodes:
    """Places, widths, and two at every second node."""
    with np.errstate(over="ignore"):
        place, width = Interval(low, high, 1.0).nodes(per_unit)
    return place, np.where(np.isfinite(width), width, 0.0), 2.0 - 2.0 * (np.arange(len(place)) % 2)
