"""Chapter 7: edges of the bulk, eqs. (14)-(16), (41)-(47), (49)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

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
    sqrt,
    symbols,
)

from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.equations import edges, resolvent, spectrum
from bbpsym.equations.ensemble import chi_square
from bbpsym.equations.hessian import weight_matrix
from bbpsym.identities.notation import bulk_inverse, bulk_inverse_slope, edge_value, outlier_value
from bbpsym.identities.points import parameters, rational, several
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.smooth_edge import density_at
from bbpsym.identities.witnesses import DRESSED, edge_alpha_by_quadrature, one_dimensional
from bbpsym.model import Model
from bbpsym.symbols import a, alpha, g, p, p_star, sigma, y, yh, z

alpha_at_threshold = Symbol(r"\alpha_{\mathrm{BBP}}", positive=True)


def threshold_statement() -> Eq:
    """Definition of the BBP threshold, eq. (14): the outlier meets the edge."""
    return Eq(outlier_value, edge_value)


def inverse_statement() -> Eq:
    """Inverse of the Stieltjes transform, eq. (41)."""
    return Eq(bulk_inverse, spectrum.inverse_stieltjes())


def solve_for_z() -> Eq:
    """Solve (31) for z, eq. (41)."""
    (level,) = solve(resolvent.scalar_equation(), z)
    return Eq(bulk_inverse, level)


def inverse_points(rng: Random, digits: int) -> Iterator[Point]:
    """`lambda(g)` and its slope from the package's reduction to one dimension."""
    names = ("inverse_stieltjes", "inverse_stieltjes_slope")
    for _ in several(rng, digits):
        values = parameters(rng)
        found = one_dimensional(values, names, digits)
        yield values | {bulk_inverse: found[names[0]]}


def slope_points(rng: Random, digits: int) -> Iterator[Point]:
    """Numerical derivative of `lambda(g)` from the package's reduction to one dimension."""
    step = Rational(1, 10 ** (digits + 5))
    for _ in several(rng, digits):
        values = parameters(rng)
        ends = (
            one_dimensional(
                values | {g: values[g] + side * step}, ("inverse_stieltjes",), 3 * digits
            )
            for side in (1, -1)
        )
        high, low = (end["inverse_stieltjes"] for end in ends)
        yield values | {bulk_inverse_slope: (high - low) * int(1 / step) / 2}


def domain_statement() -> Statement:
    """Lower ends of the support of the weights and of the domain of g, eq. (42)."""
    return Eq(edges.f_minus, -2 / p), Eq(edges.g_minus, 1 / edges.f_minus)


def domain_of_g() -> Statement:
    """`f + 2/p` is positive and tends to zero as the teacher's output grows, eq. (42).

    Both eigenvalues grow without bound with the student's output, so that g < 0; and
    `1 - g f > 0` for all weights holds down to `g = 1/f_-`.
    """
    ends = set()
    for value, _ in weight_matrix().eigenvalues():
        gap = simplify((value + 2 / p) * (a + y) * p / 2)
        assert gap.is_positive or (gap.subs(yh, 0) == a and gap.diff(yh).is_positive)
        assert limit(value, yh, oo) is oo
        ends.add(limit(value, y, oo))
    (lowest,) = ends
    (end,) = solve(1 - g * edges.f_minus, g)
    return Eq(edges.f_minus, lowest), Eq(edges.g_minus, end)


def domain_points(rng: Random, digits: int) -> Iterator[Point]:
    """Eigenvalues at a very large output of the teacher."""
    for _ in several(rng, digits):
        width = Rational(rng.randint(1, 5))
        (value, _), _ = weight_matrix().eigenvalues()
        far = {p: width, a: rational(rng, "0.3", 3), yh: 0, y: Rational(10) ** (digits + 20)}
        lowest = value.subs(far)
        yield {p: width, edges.f_minus: lowest, edges.g_minus: 1 / lowest}


def slope_statement() -> Eq:
    """Slope of the inverse Stieltjes transform, eq. (43)."""
    return Eq(bulk_inverse_slope, spectrum.inverse_stieltjes_slope())


def slope_under_the_average() -> Eq:
    """Differentiate (41): `f/(1 - g f)` gives its own square, eq. (43)."""
    h = spectrum.dressed_weight
    assert simplify(h.diff(g) - h**2) == 0
    return Eq(bulk_inverse_slope, -1 / g**2 + alpha * spectrum.Average(h**2))


def sharp_edge_statement() -> Statement:
    """Where the slope vanishes, eq. (44), and the edge there."""
    h = spectrum.dressed_weight
    return (
        Eq(1 / g**2, alpha * spectrum.Average(h**2)),
        Eq(edge_value, spectrum.inverse_stieltjes()),
    )


def sharp_edge_points(rng: Random, digits: int) -> Iterator[Point]:
    """The package's sharp edge at an alpha above alpha_c."""
    for _ in several(rng, digits):
        model = Model(rng.randint(1, 3), rng.randint(1, 2), Fraction(rng.randint(5, 15), 10))
        ratio = Fraction(int(10 * float(threshold(model).alpha_c) + 5), 10)
        found = edge(model, ratio, digits + 5)
        yield _values(model, ratio) | {g: found.g, edge_value: found.value}


def smooth_edge_points(rng: Random, digits: int) -> Iterator[Point]:
    """The package's smooth edge at an alpha below alpha_c."""
    for _ in several(rng, digits):
        model = Model(rng.randint(1, 3), rng.randint(1, 2), Fraction(rng.randint(12, 25), 10))
        ratio = Fraction(int(5 * float(threshold(model).alpha_c)), 10)
        found = edge(model, ratio, digits + 5)
        yield _values(model, ratio) | {
            edges.g_smooth: found.g,
            g: found.g,
            edge_value: found.value,
        }


def _values(model: Model, ratio: Fraction) -> dict[Any, Any]:
    return {
        p: Rational(model.p),
        p_star: Rational(model.p_star),
        a: Rational(model.a),
        alpha: Rational(ratio),
    }


def smooth_edge_statement() -> Statement:
    """The smooth edge, eq. (46)."""
    level = spectrum.inverse_stieltjes().subs(g, edges.smooth_edge_g())
    return Eq(edges.g_smooth, edges.smooth_edge_g()), Eq(edge_value, level)


def end_of_the_domain() -> Statement:
    """Without a zero of the slope lambda(g) rises with t up to the end of the domain, eq. (46)."""
    lowest, end = domain_of_g()
    g_end = end.rhs.subs(edges.f_minus, lowest.rhs)
    return Eq(edges.g_smooth, g_end), Eq(edge_value, solve_for_z().rhs.subs(g, g_end))


def critical_statement() -> Eq:
    """Where the edge turns from smooth to sharp, eq. (49)."""
    h = spectrum.dressed_weight.subs(g, edges.smooth_edge_g())
    return Eq(1 / edges.smooth_edge_g() ** 2, edges.alpha_c * spectrum.Average(h**2))


def sharp_edge_at_the_end() -> Eq:
    """The condition (44) at the end of the domain (46), eq. (49)."""
    sharp, _ = sharp_edge_by_slope()
    g_end = end_of_the_domain()[0].rhs
    return Eq(sharp.lhs.subs(g, g_end), sharp.rhs.subs({g: g_end, alpha: edges.alpha_c}))


def sharp_edge_by_slope() -> Statement:
    """Move the two terms of (43) to opposite sides, eq. (44)."""
    slope = slope_under_the_average().rhs
    curved = slope + 1 / g**2
    return Eq(1 / g**2, curved), Eq(edge_value, solve_for_z().rhs)


def critical_points(rng: Random, digits: int) -> Iterator[Point]:
    """The package's alpha_c."""
    for _ in several(rng, digits):
        model = Model(rng.randint(1, 4), rng.randint(1, 3), Fraction(rng.randint(5, 25), 10))
        yield _values(model, Fraction(1)) | {
            edges.alpha_c: threshold(model, digits + 5).alpha_c,
            g: Rational(-model.p, 2),
        }


def square_root_statement() -> Statement:
    """The square-root law (45) and its curvature."""
    return (
        Eq(edges.rho, edges.square_root_law()),
        Eq(edges.sharp_curvature, edges.inverse_stieltjes_curvature()),
    )


def square_root_from_the_minimum() -> Statement:
    """Solve `xi = lambda''(g_sh) (g - g_sh)^2 / 2` for the complex g, eq. (45).

    lambda(g) has its maximum over the domain at the edge, so the curvature is negative.
    """
    shift, bend = symbols("delta", complex=True), symbols("b", positive=True)
    roots = solve(-bend * shift**2 / 2 - edges.xi, shift)
    (upper,) = (root for root in roots if (root / sqrt(-1)).is_positive)
    height = simplify(upper / sqrt(-1)).subs(bend, -edges.sharp_curvature)
    h = spectrum.dressed_weight
    twice = slope_under_the_average().rhs.diff(g)
    assert simplify((h**2).diff(g) - 2 * h**3) == 0
    return Eq(edges.rho, height / pi), Eq(edges.sharp_curvature, twice)


def square_root_points(_rng: Random, _digits: int) -> Iterator[Approach]:
    """The package's density at distances from a sharp edge that are halved each time."""
    model, ratio = Model(2, 1, "0.7"), Fraction(2)
    found = edge(model, ratio, 30)
    left, points = float(found.value), []
    values = _values(model, ratio) | {g: Rational(float(found.g))}
    bend = average(2 * DRESSED**3, values, 12) * float(ratio) + 2 / float(found.g) ** 3
    for k in range(6):
        x = left + 0.02 / 2**k
        distance = float(Fraction(x) - Fraction(str(found.value)))
        points.append(
            values
            | {
                edges.xi: distance,
                edges.rho: density(model, ratio, x),
                edges.sharp_curvature: bend,
            }
        )
    yield Approach(tuple(points))


def square_root_exponent() -> Eq:
    """Logarithmic slope of the law (45), eq. (15)."""
    law = square_root_from_the_minimum()[0].rhs
    return Eq(edges.exponent, simplify(edges.xi * log(law).diff(edges.xi)))


def exponent_points(rng: Random, digits: int) -> Iterator[Approach]:
    """Ratios of the package's density at doubled distances from the edge."""
    for approach in square_root_points(rng, digits):
        rows = [(float(pt[edges.xi]), float(pt[edges.rho])) for pt in approach.points]
        pairs = pairwise(rows)
        yield Approach(tuple({edges.exponent: _log_ratio(*pair)} for pair in pairs))


def _log_ratio(first: tuple[float, float], second: tuple[float, float]) -> Expr:
    return (log(first[1] / second[1]) / log(first[0] / second[0])).evalf()


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
    assert simplify(weight / (1 + t * weight) - (1 - (a + y) / D) / t) == 0
    _assert_density_of(half)
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


def _assert_density_of(half: Expr) -> None:
    """The chi-square density has the Laplace transform of the package's law."""
    density_ = half**half / gamma(half) * y ** (half - 1) * exp(-half * y)
    transform = integrate(density_ * exp(-sigma * y), (y, 0, oo), conds="none")
    difference = transform / exp(chi_square(y, p_star).log_laplace)
    for width in (1, 2, 5):
        assert simplify(difference.subs({p_star: width, sigma: Rational(2, 3)}) - 1).equals(0)


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
    values = _values(model, ratio) | {g: Rational(-model.p, 2)}
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
        "14",
        "The BBP threshold",
        Nature.DEFINITION,
        threshold_statement,
        domain="alpha = alpha_BBP",
        follows_from=("39", "44", "46"),
    ),
    Record(
        "15",
        "Exponent at a sharp edge",
        Nature.LIMIT,
        lambda: Eq(edges.exponent, Rational(1, 2)),
        domain="xi -> 0+ above a sharp edge",
        follows_from=("45",),
        how="logarithmic slope of (45)",
        derive=square_root_exponent,
        witness=exponent_points,
        reach=4,
    ),
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
        "41",
        "Inverse of the Stieltjes transform",
        Nature.DERIVED,
        inverse_statement,
        domain="-p/2 < g < 0",
        follows_from=("31",),
        how="solve (31) for z",
        derive=solve_for_z,
        witness=inverse_points,
    ),
    Record(
        "42",
        "Domain of g",
        Nature.DERIVED,
        domain_statement,
        domain="f in (-2/p, infinity), so -p/2 < g < 0 left of the bulk",
        follows_from=("48",),
        how="limits of the eigenvalues in both outputs",
        derive=domain_of_g,
        witness=domain_points,
    ),
    Record(
        "43",
        "Slope of the inverse",
        Nature.DERIVED,
        slope_statement,
        domain="-p/2 < g < 0",
        follows_from=("41",),
        how="differentiate under the average",
        derive=slope_under_the_average,
        witness=slope_points,
    ),
    Record(
        "44",
        "Sharp edge",
        Nature.DERIVED,
        sharp_edge_statement,
        domain="alpha > alpha_c, g = g_sh in (-p/2, 0)",
        follows_from=("41", "42", "43"),
        how="zero of (43)",
        derive=sharp_edge_by_slope,
        witness=sharp_edge_points,
    ),
    Record(
        "45",
        "Square-root law with its amplitude",
        Nature.LIMIT,
        square_root_statement,
        domain="xi = lambda - lambda_- -> 0+ at a sharp edge; lambda''(g_sh) < 0",
        follows_from=("19", "44"),
        how="second-order expansion of lambda(g) at its maximum",
        derive=square_root_from_the_minimum,
        witness=square_root_points,
        reach=5,
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
    Record(
        "49",
        "Where the edge changes its type",
        Nature.DERIVED,
        critical_statement,
        domain="alpha = alpha_c, g = -p/2",
        follows_from=("44", "46"),
        how="(44) at the end of the domain",
        derive=sharp_edge_at_the_end,
        witness=critical_points,
    ),
)
