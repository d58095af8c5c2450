"""Chapter 7: the inverse of the Stieltjes transform and its domain, eqs. (41)-(43)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sympy import (
    Eq,
    Rational,
    limit,
    oo,
    simplify,
    solve,
)

from bbpsym.equations import edges, resolvent, spectrum
from bbpsym.equations.hessian import weight_matrix
from bbpsym.identities.notation import bulk_inverse, bulk_inverse_slope
from bbpsym.identities.points import parameters, rational, several
from bbpsym.identities.proof import require
from bbpsym.identities.record import Nature, Point, Record, Statement
from bbpsym.identities.witnesses import one_dimensional
from bbpsym.symbols import a, g, p, y, yh, z


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
        require(
            gap.is_positive or (gap.subs(yh, 0) == a and gap.diff(yh).is_positive),
            "the weights stay above -2/p",
        )
        require(limit(value, yh, oo) is oo, "the weights grow without bound")
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
    require(simplify(h.diff(g) - h**2) == 0, "the slope of the dressed weight is its square")
    return Eq(bulk_inverse_slope, solve_for_z().rhs.diff(g))


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


RECORDS = (
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
)
