"""Laws at the edges of the bulk: eqs. (15), (16), (42), (45)-(47), and slopes at the transition.

Lengths are in the units of the paper; xi is the distance from the left edge.
"""

from __future__ import annotations

from sympy import Derivative, Eq, Expr, Rational, Symbol, exp, gamma, log, pi, sqrt

from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import dressed_weight, inverse_stieltjes
from bbpsym.symbols import a, alpha, g, p, p_star

rho = Symbol("rho", nonnegative=True)
xi = Symbol("xi", positive=True)
alpha_c = Symbol("alpha_c", positive=True)

#: The second derivative of lambda(g), at an edge.
curvature = Symbol(r"\lambda''(g)", real=True)

#: Ends of the support of the weights and of the domain of g.
f_minus, f_plus, g_minus, g_plus = (
    Symbol("f_-", real=True),
    Symbol("f_+", extended_real=True),
    Symbol("g_{min}", real=True),
    Symbol("g_{max}", real=True),
)
g_smooth = Symbol(r"g_{\mathrm{sm}}", real=True)


def smooth_edge_g() -> Expr:
    """Stieltjes transform at the smooth edge, eq. (46): the end of the domain."""
    return -p / 2


def square_root_law() -> Eq:
    """Density at a sharp edge with its amplitude, eqs. (15)(45)."""
    return Eq(rho, sqrt(-2 * xi / curvature) / pi)


def essential_constant() -> Expr:
    """The constant A of eqs. (16)(47)."""
    return a * p_star / p * (1 - alpha / alpha_c)


def essential_prefactor() -> Expr:
    """The prefactor of eq. (47), with the power of the distance from the edge."""
    half = p_star / 2
    kappa = 1 - alpha / alpha_c
    weights = (p - 1) / p + 3 ** (-p / 2) / p
    bend = exp(-half * a * curvature * p**2 / 4 * Rational(1) / (2 * kappa))
    scale = p / 2 * alpha * (half * a) ** half / gamma(half) * (p / p_star) ** (p / 2)
    return scale * weights * bend * kappa ** (half - p / 2) * (p * xi / 2) ** ((p - p_star) / 2 - 1)
