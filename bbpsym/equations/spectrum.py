"""Bulk, edges, outlier and overlap: eqs. (31), (38)-(44), (56)-(58), for any ensemble.

The averages stay symbolic (`Average`); `f` is a generic eigenvalue of the weight matrix, and the
signal factor is `u^2`, as in (38); an ensemble says what it becomes (`y` for the paper's Hessian,
by the symmetry between the teachers, which gives (39), (40) and (57)).
"""

from __future__ import annotations

from functools import cache

from sympy import Eq, Expr, Ne, Piecewise, solve

from bbpsym.equations.average import Average
from bbpsym.symbols import alpha, f, g, u

#: The dressed weight f / (1 - g f): a geometric series of rainbow diagrams, eq. (27).
dressed_weight = f / (1 - g * f)


def bulk_self_energy() -> Expr:
    """Self-energy of the bulk, eq. (27): `alpha <f/(1 - g f)>`."""
    return alpha * Average(dressed_weight)


def signal_self_energy() -> Expr:
    """Self-energy in the signal directions, eqs. (34)(57): `alpha <u^2 f/(1 - g f)>`."""
    return alpha * Average(u**2 * dressed_weight)


def inverse_stieltjes() -> Expr:
    """`lambda(g)`, the inverse of the Stieltjes transform of the bulk, eqs. (31)(41)."""
    return 1 / g + bulk_self_energy()


def inverse_stieltjes_slope() -> Expr:
    """`lambda'(g)`, eq. (43)."""
    return inverse_stieltjes().diff(g)


def outlier_equation() -> Eq:
    """`1/g = alpha <(u^2 - 1) f/(1 - g f)>`, eq. (40): (31) where z is the outlier (39)."""
    return Eq(1 / g, alpha * Average((u**2 - 1) * dressed_weight))


def sharp_edge_equation() -> Eq:
    """`lambda'(g) = 0`, eq. (44)."""
    return Eq(inverse_stieltjes_slope(), 0)


def share_of_weights() -> Expr:
    """Share of weights that are not zero: the rank of the matrix is `alpha` times as much."""
    return Average(Piecewise((1, Ne(f, 0)), (0, True)))


@cache
def outlier_alpha() -> Expr:
    """The `alpha` at which an outlier has Stieltjes transform g: (40) solved for alpha."""
    (solution,) = solve(outlier_equation(), alpha)
    return solution


@cache
def sharp_edge_alpha() -> Expr:
    """The `alpha` at which a sharp edge has Stieltjes transform g: (44) solved for alpha."""
    (solution,) = solve(sharp_edge_equation(), alpha)
    return solution


def overlap2() -> Expr:
    """Squared overlap `m^2 = 1/(1 - S'(g)/lambda'(g))`, eqs. (56)-(58)."""
    return 1 / (1 - signal_self_energy().diff(g) / inverse_stieltjes_slope())
