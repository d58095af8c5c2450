"""Parametric curves in g: every threshold question without solving for g.

Along the outlier curve alpha solves (40); along the sharp-edge curve it solves (44). The two meet
at the continuous threshold (14); at the end of the domain, `g = -1/unit` (46), they give the
discontinuous threshold and `alpha_c` (49).
"""

from __future__ import annotations

from sympy import Expr, log, together

from bbpsym.equations.spectrum import outlier_alpha, overlap2, sharp_edge_alpha, signal_self_energy
from bbpsym.symbols import alpha, g


def outlier_eigenvalue() -> Expr:
    """`lambda_* = alpha <u^2 f/(1 - g f)>`, eq. (39), along the outlier curve."""
    return signal_self_energy().subs(alpha, outlier_alpha())


def outlier_overlap2() -> Expr:
    """`m^2`, eq. (58), along the outlier curve; one fraction, so that it may vanish at an edge."""
    return together(overlap2()).subs(alpha, outlier_alpha())


def threshold_ratio() -> Expr:
    """`alpha_outlier / alpha_edge`: one at the continuous threshold (14), below one before it."""
    return outlier_alpha() / sharp_edge_alpha()


def outlier_gap() -> Expr:
    """`g <h^2> - K`, positive where the outlier curve lies left of the edge (14).

    With `K = <(u^2 - 1) h>` it is `-g` times `K/g - <h^2>`, the numerator of `m^2`.
    """
    return (1 / sharp_edge_alpha() - 1 / outlier_alpha()) / g


def logarithmic_slope(curve: Expr) -> Expr:
    """`d log(curve) / d log(t)`; g is proportional to t."""
    return g * log(curve).diff(g)
