"""Chapter 8: infinite overparametrisation, eqs. (17), (50)-(53)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sympy import Eq, Expr, Rational, S, expand, limit, solve

from bbpsym.averages import expectation
from bbpsym.equations import edges, spectrum
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import hessian_ensemble, overparametrised_ensemble
from bbpsym.identities.notation import alpha_BBP
from bbpsym.identities.points import rational, several
from bbpsym.identities.proof import require
from bbpsym.identities.record import Approach, Nature, Record, Statement
from bbpsym.identities.witnesses import edge_alpha_at_the_edge, outlier_alpha_at_the_edge
from bbpsym.symbols import a, f, g, p, p_star, sigma, t, u, y, yh
from bbpsym.systems import reduced

EXCHANGE = (
    "Exchange of limit and average: at g = -p/2 the dressed weight is (c yh - y)/(a + c yh) in "
    "units of 2/p, bounded by c yh/a + y/a + 1, whose powers are integrable uniformly in p; yh "
    "tends to one in law, so the averages converge by dominated convergence."
)


def limit_weight(argument: Expr) -> Expr:
    """An argument of an average at the smooth edge, as p -> infinity, in units of 2/p.

    The single eigenvalue with weight 1/p drops out. Of the student's output the limit of its law
    remains: the transform of the law is that of one sure value.
    """
    ensemble = overparametrised_ensemble()
    (weight,) = ensemble.weights
    there = argument.subs(u**2, ensemble.signal).subs({f: weight.value, g: -1})
    (law,) = (law for law in ensemble.laws if law.variable == yh)
    sure = law.cumulant(1)
    require(expand(law.log_laplace + sure * sigma) == 0, "the student's output is a sure value")
    return there.subs(yh, sure).factor()


def edge_condition() -> Eq:
    """Eq. (49) at large p: `1 = alpha_c <(1 - y)^2>/(a + 1)^2`, eq. (50)."""
    return Eq(S.One, edges.alpha_c * Average((1 - y) ** 2) / (a + 1) ** 2)


def limit_of_the_edge_condition() -> Eq:
    """Put the limiting weight into (49), eq. (50)."""
    h = limit_weight(spectrum.dressed_weight**2)
    return Eq(S.One, (edges.alpha_c * Average(h)).expand(average=True))


def critical_alpha() -> Eq:
    """`alpha_c` at p = infinity, eq. (51)."""
    return Eq(edges.alpha_c, p_star * (a + 1) ** 2 / 2)


def solve_edge_condition() -> Eq:
    """Solve (50) with the variance of a mean of p* squared Gaussians, eq. (51)."""
    equation = limit_of_the_edge_condition()
    (found,) = solve(with_moments(equation), edges.alpha_c)
    return Eq(edges.alpha_c, found)


def with_moments(equation: Eq) -> Eq:
    """Evaluate averages of polynomials in y under the law (1)."""
    laws = hessian_ensemble().laws
    averages = equation.atoms(Average)
    return equation.xreplace({item: expectation(item.args[0], laws) for item in averages})


def _approach(symbol: Any, curve: Any, rng: Random, digits: int) -> Approach:
    """A threshold at widths doubled each time, by quadrature over the student's output."""
    width_star, shift = rng.randint(1, 3), rational(rng, "0.3", 3)
    points = []
    for k in range(6):
        values = {p: Rational(64 * 2**k), p_star: Rational(width_star), a: shift}
        points.append(values | {symbol: curve(values, digits), g: -values[p] / 2})
    return Approach(tuple(points))


def critical_points(rng: Random, digits: int) -> Iterator[Approach]:
    """alpha_c at finite widths, extrapolated."""
    for _ in several(rng, digits):
        yield _approach(edges.alpha_c, edge_alpha_at_the_edge, rng, digits)


def threshold_points(rng: Random, digits: int) -> Iterator[Approach]:
    """alpha_BBP at finite widths, extrapolated."""
    for _ in several(rng, digits):
        found = _approach(alpha_BBP, outlier_alpha_at_the_edge, rng, digits)
        yield Approach(
            tuple(
                dict(point) | {edges.alpha_c: edge_alpha_at_the_edge(point, digits)}
                for point in found.points
            )
        )


def outlier_condition() -> Eq:
    """Eq. (40) at the smooth edge and large p, eq. (52)."""
    return Eq(S.One, alpha_BBP * Average((1 - y) ** 2) / (a + 1))


def limit_of_the_outlier_condition() -> Eq:
    """Put the limiting weight into (40) at g = -p/2, eq. (52)."""
    argument = next(iter(spectrum.outlier_equation().rhs.atoms(Average))).args[0]
    h = limit_weight(argument)
    return Eq(S.One, -(alpha_BBP * Average(h)).expand(average=True))


def threshold_statement() -> Eq:
    """The threshold at infinite overparametrisation, eqs. (17)(53)."""
    return Eq(alpha_BBP, p_star * (a + 1) / 2)


def always_discontinuous() -> Statement:
    """Eq. (53): the threshold, and its distance from alpha_c."""
    return threshold_statement(), Eq(edges.alpha_c / alpha_BBP, a + 1)


def solve_outlier_condition() -> Statement:
    """Solve (52); compare with (51); the infimum over a is at a -> 0, eq. (53)."""
    (found,) = solve(with_moments(limit_of_the_outlier_condition()), alpha_BBP)
    ratio = (solve_edge_condition().rhs / found).factor()
    require((ratio - 1).is_positive, "alpha_c lies above alpha_BBP")
    require(limit(found, a, 0, "+") == p_star / 2, "the threshold tends to p*/2")
    require(found.diff(a).is_positive, "the threshold rises with a")
    return Eq(alpha_BBP, found), Eq(edges.alpha_c / alpha_BBP, ratio)


def limit_of_the_closed_form() -> Eq:
    """Limit of the exact curve in t, ensemble and all, eq. (17)."""
    exact = reduced(overparametrised_ensemble(), "outlier_alpha").subs(t, 1)
    return Eq(alpha_BBP, exact.doit().factor())


RECORDS = (
    Record(
        "17",
        "Threshold at infinite overparametrisation",
        Nature.LIMIT,
        threshold_statement,
        domain="p -> infinity after N -> infinity",
        follows_from=("53",),
        how="the limiting ensemble, integrated by SymPy",
        note=EXCHANGE,
        derive=limit_of_the_closed_form,
        witness=threshold_points,
        reach=8,
    ),
    Record(
        "50",
        "Edge condition at large p",
        Nature.LIMIT,
        edge_condition,
        domain="p -> infinity, g = -p/2",
        follows_from=("49", "48", "chi-square"),
        how="limit of the weights and of the laws",
        note=EXCHANGE,
        derive=limit_of_the_edge_condition,
        witness=critical_points,
        reach=8,
    ),
    Record(
        "51",
        "alpha_c at infinite overparametrisation",
        Nature.LIMIT,
        critical_alpha,
        domain="p -> infinity",
        follows_from=("50", "chi-square"),
        how="solve (50) with Var y = 2/p*",
        derive=solve_edge_condition,
        witness=critical_points,
        reach=8,
    ),
    Record(
        "52",
        "Outlier condition at large p",
        Nature.LIMIT,
        outlier_condition,
        domain="p -> infinity, g = -p/2",
        follows_from=("40", "48", "chi-square"),
        how="limit of the weights and of the laws",
        note=EXCHANGE,
        derive=limit_of_the_outlier_condition,
        witness=threshold_points,
        reach=8,
    ),
    Record(
        "53",
        "The transition is always discontinuous at large p",
        Nature.LIMIT,
        always_discontinuous,
        domain="p -> infinity; alpha_BBP < alpha_c for a > 0, infimum p*/2 as a -> 0",
        follows_from=("51", "52", "14"),
        how="solve (52); ratio to (51)",
        derive=solve_outlier_condition,
        witness=threshold_points,
        reach=8,
    ),
)
