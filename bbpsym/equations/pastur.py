"""Deformed Gaussian matrices `H = J + D + theta w w^T`: bulk, edges, outlier and overlap.

J is symmetric and Gaussian, with entries of variance `sigma^2/N`, D diagonal with a law, w a unit
vector whose squared entries are `u^2/N` given those of D. All is seen from the left of the bulk.
The subordinated variable Gamma lies left of the diagonal; with `Gamma = c + 1/g` and the weight
`f = d - c` the distance from an entry is `d - Gamma = -(1 - g f)/g`, so that averages are those of
reweighted Wishart matrices. On a side c is one above the bound of d: then f >= -1, and g = -1 is
the smooth edge.

Source of the results: "Discontinuous BBP transitions", arXiv 2604.27992; derived in chapter 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sympy import Expr, S, sqrt

from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.symbols import f, g, offset, site, u, variance

#: Resolvent `1/(d - Gamma)` of one entry of the diagonal.
entry = -g / (1 - g * f)


@dataclass(frozen=True)
class DiagonalLaw(WeightLaw):
    """Law of the diagonal, as weights `d - c`; `at_site` says that w is a coordinate vector."""

    at_site: bool = False

    #: An outlier is where its spike says, not where `<(u^2 - 1) h>` does.
    has_own_condition: ClassVar[bool] = True


def moment(order: int) -> Expr:
    """`E[(d - Gamma)^-n]`."""
    return Average(entry**order)


def signal_moment(order: int, at_site: bool = False) -> Expr:
    """`E[u^2 (d - Gamma)^-n]`; along a coordinate, the term of its own entry."""
    return entry.subs(f, site) ** order if at_site else Average(u**2 * entry**order)


def subordinate() -> Expr:
    """Gamma as a function of g."""
    return offset + 1 / g


def eigenvalue() -> Expr:
    """`z = Gamma - sigma^2 E_1`: where the resolvent of the bulk has the subordinate Gamma."""
    return subordinate() - variance * moment(1)


def edge_rate() -> Expr:
    """`sigma^2 E_2`, which rises through one at a sharp edge: `dz/dGamma = 1 - sigma^2 E_2`."""
    return variance * moment(2)


def signal_rate(at_site: bool = False) -> Expr:
    """`P_1`: the outlier of a spike of strength theta lies where it is `1/abs(theta)`."""
    return signal_moment(1, at_site)


def slope() -> Expr:
    """`dz/dGamma`, positive beyond the edge."""
    return 1 - edge_rate()


def overlap2(at_site: bool = False) -> Expr:
    """Squared overlap with w along the outlier curve, `P_1^2 (1 - sigma^2 E_2)/P_2`."""
    return signal_moment(1, at_site) ** 2 * slope() / signal_moment(2, at_site)


def critical_sigma() -> Expr:
    """The sigma above which the edge is sharp, if evaluated at the end of the diagonal."""
    return S.One / sqrt(moment(2))
