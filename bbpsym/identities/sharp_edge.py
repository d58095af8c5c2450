"""Chapter 7: the sharp edge, where the slope vanishes: eqs. (15), (44), (45)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from random import Random

from sympy import (
    Eq,
    Expr,
    Rational,
    log,
    pi,
    simplify,
    solve,
    sqrt,
    symbols,
)

from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.equations import edges, spectrum
from bbpsym.identities.inverse_stieltjes import slope_under_the_average, solve_for_z
from bbpsym.identities.notation import edge_value
from bbpsym.identities.points import at_model, several
from bbpsym.identities.proof import require
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.witnesses import DRESSED
from bbpsym.model import Model
from bbpsym.symbols import alpha, g


def sharp_edge_statement() -> Statement:
    """Where the slope vanishes, eq. (44), and the edge there."""
    h = spectrum.dressed_weight
    return (
        Eq(1 / g**2, alpha * spectrum.Average(h**2)),
        Eq(edge_value, spectrum.inverse_stieltjes()),
    )


def sharp_edge_by_slope() -> Statement:
    """Move the two terms of (43) to opposite sides, eq. (44)."""
    slope = slope_under_the_average().rhs
    curved = slope + 1 / g**2
    return Eq(1 / g**2, curved), Eq(edge_value, solve_for_z().rhs)


def sharp_edge_points(rng: Random, digits: int) -> Iterator[Point]:
    """The package's sharp edge at an alpha above alpha_c."""
    for _ in several(rng, digits):
        model = Model(rng.randint(1, 3), rng.randint(1, 2), Fraction(rng.randint(5, 15), 10))
        ratio = Fraction(int(10 * float(threshold(model).alpha_c) + 5), 10)
        found = edge(model, ratio, digits + 5)
        yield at_model(model, ratio) | {g: found.g, edge_value: found.value}


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
    require(simplify((h**2).diff(g) - 2 * h**3) == 0, "the slope of h^2 is 2 h^3")
    return Eq(edges.rho, height / pi), Eq(edges.sharp_curvature, twice)


def square_root_points(_rng: Random, _digits: int) -> Iterator[Approach]:
    """The package's density at distances from a sharp edge that are halved each time."""
    model, ratio = Model(2, 1, "0.7"), Fraction(2)
    found = edge(model, ratio, 30)
    left, points = float(found.value), []
    values = at_model(model, ratio) | {g: Rational(float(found.g))}
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


RECORDS = (
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
)
