"""What a finite number of eigenvalues sees of the left edge: counts, scales, sampled weights.

Everything follows from the equations of the bulk at infinite N; n is the number of eigenvalues.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Symbol, integrate, log, pi, solve, sqrt

from bbpsym.equations import edges
from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import dressed_weight, inverse_stieltjes_slope
from bbpsym.symbols import alpha, f, g, p, z

#: Number of eigenvalues, and the scale of the Tracy-Widom law at a sharp edge.
count = Symbol("n", positive=True)
scale = Symbol("gamma", positive=True)

#: N times the variance of an edge, and of an eigenvalue that follows its weight.
edge_variance = Symbol(r"N \mathrm{Var}(\lambda_-)", nonnegative=True)
eigenvalue_variance = Symbol(r"N \mathrm{Var}(\lambda)", nonnegative=True)

#: Number of eigenvalues below a distance from the edge, and the logarithmic potential.
below = Symbol(r"n(\xi)", nonnegative=True)
potential = Symbol("Phi", real=True)

#: Place between two denominators in Feynman's formula for their product, from 0 to 1.
between = Symbol("x", nonnegative=True)


def bulk_potential() -> Expr:
    """`Phi = g z - log(-g) + alpha <log(1 - g f)>`, the logarithmic potential of the bulk.

    It is stationary in g at `z = lambda(g)`, eq. (41), and there `d Phi/dz = g`: by (19) its
    imaginary part over pi is the fraction of eigenvalues below z.
    """
    return g * z - log(-g) + alpha * Average(log(1 - g * f))


@cache
def tracy_widom_scale() -> Expr:
    """Scale gamma of the lowest eigenvalue at a sharp edge, with `lambda'' < 0` taken there.

    Far inside the bulk the density of the Airy process of scale gamma is
    `sqrt(xi/gamma)/(pi gamma)`; n times the law (45) is the same function of xi.
    """
    airy = sqrt(edges.xi / scale) / (pi * scale)
    (found,) = solve(count * edges.square_root_law() - airy, scale)
    return found


@cache
def sharp_expected_one() -> Expr:
    """Distance from a sharp edge below which (45) expects one of n eigenvalues."""
    below = integrate(count * edges.square_root_law(), (edges.xi, 0, edges.xi))
    (found,) = solve(below - 1, edges.xi)
    return found


def logarithmic_approach() -> Expr:
    """Distance `A/log n` of the lowest of n eigenvalues from a smooth edge, to leading order."""
    return edges.essential_constant() / log(count)


def essential_count() -> Expr:
    """Integral of the law (47) from a smooth edge to xi, to leading order: `rho xi^2/A`."""
    return edges.essential_law() * edges.xi**2 / edges.essential_constant()


#: Variance of h over the p eigenvalues of one sample, averaged over the samples.
spread = Symbol("v", nonnegative=True)


def sampled_edge_variance() -> Expr:
    """N times the variance of the edge that `alpha N` sampled weights put in place of their law.

    The edge is `lambda(g)` with `(1/p) tr h` averaged over the samples; the change of g does not
    count, as `lambda' = 0` at a sharp edge. `<h^2> - v` is the mean of `((1/p) tr h)^2`.
    """
    mean, square = Average(dressed_weight), Average(dressed_weight**2)
    return alpha * (square - mean**2 - spread)


def dressed_spread(first: Expr, second: Expr) -> Expr:
    """The variance v of one sample, for p - 1 eigenvalues `first` and one `second`.

    With `h_1 - h_2 = (f_1 - f_2)/((1 - g f_1)(1 - g f_2))` and Feynman's formula the square of
    the two denominators becomes one denominator, to be integrated over `between` from 0 to 1.
    """
    mixed = (1 - between) * (1 - g * first) + between * (1 - g * second)
    feynman = 6 * between * (1 - between) / mixed**4
    return (p - 1) / p**2 * (first - second) ** 2 * feynman


def follower_variance() -> Expr:
    """N times the variance with which an eigenvalue follows its weight, `-2 lambda'(g)`.

    A sample of weight f has an eigenvalue z where `1/f = x^T R(z) x`, with the resolvent R of all
    other samples. The quadratic form is Gaussian about `g(z)` with the variance
    `(2/N) (1/N) tr R^2 = -(2/N) g'(z)`, and `dz = dg/g'(z)`.
    """
    return -2 * inverse_stieltjes_slope()
