"""Laws at the edges of the bulk: eqs. (15), (16), (42), (45)-(47), (49).

Lengths are in the units of the paper; xi is the distance from the left edge.
"""

from __future__ import annotations

from sympy import Eq, Expr, Symbol, exp, gamma, pi, sqrt

from bbpsym.equations.spectrum import inverse_stieltjes, sharp_edge_alpha
from bbpsym.symbols import a, alpha, alpha_c, g, p, p_star

rho = Symbol("rho", nonnegative=True)
xi = Symbol("xi", positive=True)

#: The second derivative of lambda(g) at a sharp edge, a maximum, and at a smooth one.
sharp_curvature = Symbol(r"\lambda''(g_{\mathrm{sh}})", negative=True)
curvature = Symbol(r"\lambda''(g)", real=True)

#: Lower ends of the support of the weights and of the domain of g, eq. (42).
f_minus, g_minus = Symbol("f_-", real=True), Symbol(r"g_{\mathrm{min}}", real=True)
g_smooth = Symbol(r"g_{\mathrm{sm}}", real=True)

#: Exponent of the square root (15), and the constant of the essential singularity (16).
exponent = Symbol(r"\frac{d \log \rho}{d \log \xi}", real=True)
constant = Symbol("A", positive=True)


def smooth_edge_g() -> Expr:
    """Stieltjes transform at the smooth edge, eq. (46): the end of the domain (42)."""
    return -p / 2


def smooth_edge_alpha() -> Expr:
    """`alpha_c`, eq. (49): the sharp-edge curve (44) at the end of the domain."""
    return sharp_edge_alpha().subs(g, smooth_edge_g())


def inverse_stieltjes_curvature() -> Expr:
    """`lambda''(g)`."""
    return inverse_stieltjes().diff(g, 2)


def square_root_law() -> Expr:
    """Density at a sharp edge with its amplitude, eqs. (15)(45)."""
    return sqrt(2 * xi) / sqrt(-sharp_curvature) / pi


def essential_constant() -> Expr:
    """The constant A of eqs. (16)(47)."""
    return a * p_star / p * (1 - alpha / alpha_c)


def essential_law() -> Expr:
    """Density at a smooth edge with its prefactor, eq. (47).

    `lambda''(g)` is taken at the edge, `g = -p/2`.
    """
    half, slope = p_star / 2, 1 - alpha / alpha_c
    weights = (p - 1 + 3 ** (-p / 2)) / p
    bend = exp(-half * a * p**3 * curvature / (16 * slope))
    scale = p * alpha / 2 * (half * a) ** half / gamma(half) * (p / p_star) ** (p / 2)
    power = (p * xi / 2) ** ((p - p_star) / 2 - 1) * slope ** ((p_star - p) / 2)
    return weights * scale * bend * power * exp(-essential_constant() / xi)


def essential_density() -> Eq:
    """Eq. (47) as an equation for the density."""
    return Eq(rho, essential_law())
