"""Chapter 7: the smooth edge, at the end of the domain of g: eqs. (16), (46), (47)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from sympy import (
    Add,
    Eq,
    Expr,
    Rational,
    Symbol,
    exp,
    expand,
    expand_log,
    expand_power_base,
    gamma,
    integrate,
    limit,
    log,
    oo,
    pi,
    powsimp,
    simplify,
    solve,
    symbols,
)

from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.equations import edges, spectrum
from bbpsym.equations.ensemble import chi_square
from bbpsym.identities.inverse_stieltjes import domain_of_g, solve_for_z
from bbpsym.identities.notation import edge_value
from bbpsym.identities.points import at_model, several
from bbpsym.identities.proof import require
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.sharp_edge import square_root_from_the_minimum
from bbpsym.identities.smooth_edge_density import density_at
from bbpsym.identities.witnesses import DRESSED, edge_alpha_by_quadrature
from bbpsym.model import Model
from bbpsym.symbols import a, alpha, g, p, p_star, sigma, y, yh


def smooth_edge_statement() -> Statement:
    """The smooth edge, eq. (46)."""
    level = spectrum.inverse_stieltjes().subs(g, edges.smooth_edge_g())
    return Eq(edges.g_smooth, edges.smooth_edge_g()), Eq(edge_value, level)


def end_of_the_domain() -> Statement:
    """Without a zero of the slope lambda(g) rises with t up to the end of the domain, eq. (46)."""
    lowest, end = domain_of_g()
    g_end = end.rhs.subs(edges.f_minus, lowest.rhs)
    return Eq(edges.g_smooth, g_end), Eq(edge_value, solve_for_z().rhs.subs(g, g_end))


def smooth_edge_points(rng: Random, digits: int) -> Iterator[Point]:
    """The package's smooth edge at an alpha below alpha_c."""
    for _ in several(rng, digits):
        model = Model(rng.randint(1, 3), rng.randint(1, 2), Fraction(rng.randint(12, 25), 10))
        ratio = Fraction(int(5 * float(threshold(model).alpha_c)), 10)
        found = edge(model, ratio, digits + 5)
        yield at_model(model, ratio) | {
            edges.g_smooth: found.g,
            g: found.g,
            edge_value: found.value,
        }


def essential_statement() -> Statement:
    """The law at a smooth edge with its prefactor, eq. (47), and the curvature it needs."""
    return edges.essential_density(), Eq(
        edges.curvature, edges.inverse_stieltjes_curvature().subs(g, edges.smooth_edge_g())
    )


def essential_from_the_branch_point() -> Statement:
    """Follow `lambda(g)` past the end of the domain, `t = 1 + delta + i 0`, eq. (47).

    The steps: the dressed weight has a pole where `a + (1 - t) y + c t yh = 0`, at an output y of
    order 1/delta; its residue under the chi-square law is the imaginary part of the average; yh is
    then of order delta; and a real x fixes the height of t above the axis.
    """
    delta, eta, c, kappa = symbols("delta eta c kappa", positive=True)
    half, half_p = p_star / 2, p / 2
    t = 1 + delta
    # f/(1 + t f) = (1 - (a + y)/D)/t with D = a + c t yh - delta y, in units of 2/p.
    D = a + c * t * yh - delta * y
    weight = (c * yh - y) / (a + y)
    require(
        simplify(weight / (1 + t * weight) - (1 - (a + y) / D) / t) == 0,
        "the dressed weight splits at its pole",
    )
    _require_density_of(half)
    pole = solve(D, y)[0]
    # Im 1/(D - i 0 y) = pi delta(D): the residue over delta, at the pole, with the density of y.
    tail = pi * y**half * half**half / gamma(half) * exp(-half * y) / delta
    rate = simplify(half * (pole - a / delta).subs(yh, delta * eta))
    near = limit(rate, delta, 0)
    # yh = delta eta: its density is (p/2)^(p/2)/Gamma(p/2) yh^(p/2 - 1) to leading order.
    weight_of_eta = (delta * half_p) ** half_p / gamma(half_p) * eta ** (half_p - 1)
    mean = integrate(weight_of_eta * exp(-near * eta / eta), (eta, 0, oo))
    imaginary = tail.subs(y, a / delta) * mean.subs(c, 1)
    relative = powsimp(expand_power_base(mean / mean.subs(c, 1), force=True))
    shares = ((p - 1) * relative.subs(c, 1) + relative.subs(c, 3)) / p
    height = (
        alpha * shares * imaginary / kappa
    )  # Im lambda = 0: height * d lambda/dt = alpha Im <(a + y)/D>
    in_units = _in_terms_of_distance(height / pi, delta, kappa)
    return Eq(edges.rho, in_units), Eq(
        edges.curvature, square_root_from_the_minimum()[1].rhs.subs(g, edges.smooth_edge_g())
    )


def _require_density_of(half: Expr) -> None:
    """The chi-square density has the Laplace transform of the package's law."""
    density_ = half**half / gamma(half) * y ** (half - 1) * exp(-half * y)
    transform = integrate(density_ * exp(-sigma * y), (y, 0, oo), conds="none")
    difference = transform / exp(chi_square(y, p_star).log_laplace)
    for width in (1, 2, 5):
        require(
            simplify(difference.subs({p_star: width, sigma: Rational(2, 3)}) - 1).equals(0),
            "the density has the Laplace transform of the law",
        )


def _in_terms_of_distance(height: Expr, delta: Symbol, kappa: Symbol) -> Expr:
    """Put `1/delta = kappa/xi + lambda''/(2 kappa) + ...`, from `xi = kappa d + lambda'' d^2/2`.

    Here xi and lambda'' are those of the reduced units, `g = -(p/2) t`, `lambda = (2/p) l`.
    """
    distance, bend = symbols("xi_u b", positive=True)
    first, second = distance / kappa, symbols("d_2")
    expansion = kappa * (first + second * distance**2) + bend * first**2 / 2 - distance
    (coefficient,) = solve(expansion.expand().coeff(distance, 2), second)
    inverse = (1 / (1 / kappa + coefficient * distance)).series(distance, 0, 2).removeO()
    exponent = -(p_star / 2) * a * (inverse / distance).expand()
    prefactor = height / exp(-(p_star / 2) * a / delta)
    law = prefactor.subs(delta, distance / kappa) * exp(exponent)
    units = {
        distance: p * edges.xi / 2,
        bend: p**3 * edges.curvature / 8,
        kappa: 1 - alpha / edges.alpha_c,
    }
    return p / 2 * law.subs(units)


def essential_points(_rng: Random, _digits: int) -> Iterator[Approach]:
    """The density hundreds of decades below one, at distances that are halved each time."""
    model, ratio, points = Model(2, 1, "2.5"), Fraction(1), []
    values = at_model(model, ratio) | {g: Rational(-model.p, 2)}
    critical = edge_alpha_by_quadrature(values, 12)
    bend = average(2 * DRESSED**3, values, 12) * float(ratio) + 2 / float(values[g]) ** 3
    for k in range(4):
        xi = Fraction(1, 40 * 2**k)
        items = tuple((symbol, Fraction(str(v))) for symbol, v in values.items() if symbol != g)
        found = density_at(items, xi * model.p / 2, 30 + int(0.5 / xi)) * model.p / 2
        near = {edges.xi: Rational(xi), edges.rho: found}
        points.append(values | near | {edges.alpha_c: critical, edges.curvature: bend})
    yield Approach(tuple(points))


def essential_constant_statement() -> Eq:
    """The constant of the essential singularity, eq. (16)."""
    return Eq(edges.constant, edges.essential_constant())


def essential_constant_from_the_law() -> Eq:
    """`A = - lim xi log rho`, eq. (16)."""
    law = essential_from_the_branch_point()[0].rhs
    terms = Add.make_args(expand(expand_log(log(law), force=True)))
    limits = (limit(-edges.xi * term, edges.xi, 0) for term in terms)
    return Eq(edges.constant, Add(*limits))


def constant_points(rng: Random, digits: int) -> Iterator[Approach]:
    """Second differences of log rho: powers of xi and constants drop out."""
    for approach in essential_points(rng, digits):
        rows = [(pt[edges.xi], log(pt[edges.rho]).evalf(30)) for pt in approach.points]
        found = []
        for k in range(len(rows) - 2):
            xi = rows[k][0]
            second = rows[k][1] - 2 * rows[k + 1][1] + rows[k + 2][1]
            found.append(dict(approach.points[k]) | {edges.constant: -second * xi})
        yield Approach(tuple(found), power=2)


RECORDS = (
    Record(
        "16",
        "Essential singularity at a smooth edge",
        Nature.LIMIT,
        essential_constant_statement,
        domain="A = -lim xi log rho, xi -> 0+; alpha < alpha_c",
        follows_from=("47",),
        how="logarithm of (47)",
        derive=essential_constant_from_the_law,
        witness=constant_points,
        reach=3,
    ),
    Record(
        "46",
        "Smooth edge",
        Nature.DERIVED,
        smooth_edge_statement,
        domain="alpha < alpha_c",
        follows_from=("41", "42", "43"),
        how="end of the domain (42)",
        derive=end_of_the_domain,
        witness=smooth_edge_points,
    ),
    Record(
        "47",
        "Essential singularity with its prefactor",
        Nature.LIMIT,
        essential_statement,
        domain="xi = lambda - lambda_- -> 0+, alpha < alpha_c; relative error of order xi",
        follows_from=("19", "46", "48", "49", "chi-square"),
        how="residue of the dressed weight past the end of the domain",
        note="For t = 1 + delta + i 0 the denominator a + (1 - t) y + c t yh vanishes at an output "
        "y of order 1/delta, deep in the tail of the chi-square law: the imaginary part of the "
        "average is exponentially small, and so is the height of the root t above the real axis.",
        derive=essential_from_the_branch_point,
        witness=essential_points,
        reach=3,
    ),
)
