"""Chapter 11: expansions in 1/p and in a, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from sympy import (
    Add,
    Eq,
    Expr,
    Function,
    Ge,
    Poly,
    Rational,
    S,
    Symbol,
    expand,
    factor,
    factorial,
    limit,
    oo,
    series,
    simplify,
    symbols,
)

from bbpsym.answers.threshold import threshold
from bbpsym.averages import central_moment
from bbpsym.equations import curves, edges, spectrum, thresholds
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.expansions import overparametrised_series, q, series_of_ratio
from bbpsym.identities.notation import alpha_BBP
from bbpsym.identities.points import rational, several
from bbpsym.identities.proof import require
from bbpsym.identities.record import Approach, Nature, Point, Record
from bbpsym.identities.witnesses import (
    edge_alpha_at_the_edge,
    edge_sum,
    outlier_alpha_at_the_edge,
)
from bbpsym.model import Model
from bbpsym.symbols import a, p, p_star, yh

#: Highest power of 1/p in the statements.
ORDER = 3

overlap2 = Symbol("m^2", nonnegative=True)


def watson(factor_: Expr) -> Expr:
    """X(c) to third order in q = 1/p, by Watson's lemma.

    `(1 + 2 c s/p)^(-p/2) = exp(-c s + c^2 s^2/p - ...)`; powers of s integrate to factorials.
    """
    s = Symbol("s", positive=True)
    exponent = Add(
        *(
            -((-1) ** (k + 1)) * (2 * factor_ * s) ** k * q ** (k - 1) / (2 * k)
            for k in range(2, ORDER + 3)
        )
    )
    terms = Add(*(exponent**n / factorial(n) for n in range(ORDER + 1)))
    kept = Poly(expand(terms), q, s).terms()
    rate = a + factor_
    return Add(*(c * q**k * factorial(n) / rate ** (n + 1) for (k, n), c in kept if k <= ORDER))


def expanded(closed: Callable[..., Expr]) -> Expr:
    """Expand a closed form in X(c) in 1/p, with Watson's expansion of X(c)."""
    names = {c: [Function(f"x{c}_{k}")(a) for k in range(ORDER + 1)] for c in (1, 3)}
    values: dict[Expr, Expr] = {}
    for c, functions in names.items():
        found = watson(S(c))
        values |= {function: found.coeff(q, k) for k, function in enumerate(functions)}
    small = closed(lambda c: Add(*(x * q**k for k, x in enumerate(names[c])))).subs(p, 1 / q)
    return Add(*(x / p**n for n, x in enumerate(series_of_ratio(small, values, ORDER))))


def threshold_expansion() -> Eq:
    """`alpha_BBP` to third order in 1/p, by central moments."""
    return Eq(alpha_BBP, overparametrised_series(spectrum.outlier_alpha(), ORDER))


def critical_expansion() -> Eq:
    """`alpha_c` to third order in 1/p, by central moments."""
    return Eq(edges.alpha_c, overparametrised_series(spectrum.sharp_edge_alpha(), ORDER))


def jump_expansion() -> Eq:
    """The jump of the squared overlap to third order in 1/p, by central moments."""
    return Eq(overlap2, overparametrised_series(curves.outlier_overlap2(), ORDER))


def wide_points(symbol: Symbol, value: Callable[[Point, int], Any]) -> Any:
    """Quadrature at widths where the first term left out is below 1e-10, the last one kept not."""

    def witness(rng: Random, digits: int) -> Iterator[Point]:
        for _ in several(rng, digits):
            values = {
                p: Rational(rng.randint(1000, 2000)),
                p_star: Rational(rng.randint(1, 3)),
                a: rational(rng, "0.3", 3),
            }
            yield values | {symbol: value(values, min(digits, 12))}

    return witness


def jump_by_quadrature(values: Point, digits: int) -> Any:
    """The jump from averages over the student's output and the teacher's moments by hand."""
    spread, skew = float(2 / values[p_star]), float(8 / values[p_star] ** 2)
    first = edge_sum(values, digits, lambda _x, d: spread / d)
    square = edge_sum(values, digits, lambda x, d: ((x - 1) ** 2 + spread) / d**2)
    signal = edge_sum(values, digits, lambda x, d: (skew - 2 * spread * (x - 1)) / d**2)
    return (first - square) / (first + signal)


def first_order() -> Eq:
    """The threshold to first order in 1/p."""
    return Eq(alpha_BBP, thresholds.large_width_threshold())


def first_order_by_moments() -> Eq:
    """Two central moments; the coefficient of 1/p has the sign of a - 1."""
    found = overparametrised_series(spectrum.outlier_alpha(), 1)
    slope = found.coeff(1 / p, 1)
    require(slope.subs(a, 1) == 0, "the coefficient of 1/p vanishes at a = 1")
    require((slope / (a - 1)).factor().is_positive, "the coefficient of 1/p has the sign of a - 1")
    return Eq(alpha_BBP, found)


def large_a() -> Eq:
    """The threshold for large a, to order zero."""
    return Eq(alpha_BBP, thresholds.large_a_threshold())


def large_a_by_moments() -> Eq:
    """`E 1/(a + c yh) = 1/a - c/a^2 + ...`."""
    small = Symbol("b", positive=True)
    law = hessian_ensemble().laws[1]
    require(law.variable == yh, "the second law is the student's")
    mean = lambda c: small * (1 - c * small * law.cumulant(1) + c**2 * small**2)  # noqa: E731
    require(central_moment(law, 1, S.Zero) == 0, "the first central moment vanishes")
    found = series(thresholds.discontinuous_threshold(mean), small, 0, 1).removeO()
    return Eq(alpha_BBP, Add(*(term.subs(small, 1 / a) for term in Add.make_args(found.expand()))))


def large_a_points(rng: Random, digits: int) -> Iterator[Approach]:
    """Thresholds at a doubled each time."""
    values = {p: Rational(rng.randint(1, 4)), p_star: Rational(rng.randint(1, 3))}
    points = []
    for k in range(6):
        here = values | {a: Rational(100 * 2**k)}
        points.append(here | {alpha_BBP: outlier_alpha_at_the_edge(here, digits)})
    yield Approach(tuple(points))


def small_a() -> Eq:
    """The smooth-edge value of the threshold as a -> 0."""
    return Eq(alpha_BBP, thresholds.small_a_threshold())


def small_a_by_integration() -> Eq:
    """`E 1/(c yh) = int_0^inf (1 + 2 c s/p)^(-p/2) ds`, finite for p > 2."""
    s, k = symbols("s k", positive=True)  # p = 2 + 2 k

    def mean(c: Expr) -> Expr:
        primitive = -((1 + c * s / (1 + k)) ** (-k)) * (1 + k) / (c * k)
        require(
            simplify(primitive.diff(s) - (1 + c * s / (1 + k)) ** (-1 - k)) == 0,
            "the primitive has the integrand as its slope",
        )
        require(limit(primitive, s, oo) == 0, "the primitive vanishes at infinity")
        return -primitive.subs(s, 0).subs(k, p / 2 - 1)

    found = factor(thresholds.discontinuous_threshold(mean))
    require(factor(p_star / 2 - found).subs(p, 3 + k).is_positive, "the value lies below p*/2")
    return Eq(alpha_BBP, found)


def small_a_points(rng: Random, digits: int) -> Iterator[Point]:
    """The outlier condition at the edge for a tiny a."""
    for _ in several(rng, digits):
        values = {p: Rational(rng.randint(5, 9)), p_star: Rational(rng.randint(1, 3))}
        here = values | {a: Rational(1, 10**14)}
        yield here | {alpha_BBP: outlier_alpha_at_the_edge(here, digits)}


def weak_recovery_bound() -> Expr:
    """The threshold is never below the weak-recovery threshold."""
    return Ge(alpha_BBP, p_star / 2, evaluate=False)


def scanned_points(_rng: Random, _digits: int) -> Iterator[Point]:
    """Thresholds of both kinds on a grid of widths and a."""
    for width in (1, 2, 3, 5, 10, 100):
        for width_star in (1, 2, 4):
            for shift in (
                Rational(1, 10**6),
                Rational(1, 10),
                Rational(1, 2),
                Rational(1),
                Rational(4),
            ):
                found = threshold(Model(width, width_star, shift))
                yield {alpha_BBP: found.alpha, p_star: Rational(width_star)}


RECORDS = (
    Record(
        "alpha-BBP-wide",
        "alpha_BBP to third order in 1/p",
        Nature.LIMIT,
        threshold_expansion,
        domain="p -> infinity, discontinuous branch",
        follows_from=("alpha-BBP",),
        how="Watson's lemma for X(c), against central moments",
        derive=lambda: Eq(alpha_BBP, expanded(thresholds.discontinuous_threshold)),
        witness=wide_points(alpha_BBP, outlier_alpha_at_the_edge),
        reach=10,
    ),
    Record(
        "alpha-c-wide",
        "alpha_c to third order in 1/p",
        Nature.LIMIT,
        critical_expansion,
        domain="p -> infinity",
        follows_from=("alpha-c",),
        how="Watson's lemma for X(c), against central moments",
        derive=lambda: Eq(edges.alpha_c, expanded(thresholds.critical_alpha)),
        witness=wide_points(edges.alpha_c, edge_alpha_at_the_edge),
        reach=10,
    ),
    Record(
        "jump-wide",
        "Jump of the squared overlap to third order in 1/p",
        Nature.LIMIT,
        jump_expansion,
        domain="p -> infinity, discontinuous branch",
        follows_from=("jump",),
        how="Watson's lemma for X(c), against central moments",
        derive=lambda: Eq(overlap2, expanded(thresholds.overlap_jump)),
        witness=wide_points(overlap2, jump_by_quadrature),
        reach=10,
    ),
    Record(
        "rise-and-fall",
        "At large p the threshold rises for a < 1, falls for a > 1",
        Nature.LIMIT,
        first_order,
        domain="p -> infinity; the coefficient of 1/p has the sign of a - 1",
        follows_from=("alpha-BBP-wide",),
        how="two central moments; sign by factors",
        derive=first_order_by_moments,
        witness=wide_points(alpha_BBP, outlier_alpha_at_the_edge),
        reach=7,
    ),
    Record(
        "large-a",
        "Threshold for large a",
        Nature.LIMIT,
        large_a,
        domain="a -> infinity, always discontinuous; corrections of order 1/a",
        follows_from=("alpha-BBP",),
        how="moments of the student's output",
        derive=large_a_by_moments,
        witness=large_a_points,
        reach=8,
    ),
    Record(
        "small-a",
        "Limit of the smooth-edge formula as a -> 0, not a threshold",
        Nature.LIMIT,
        small_a,
        domain="a -> 0, p > 2; the formula of alpha-BBP alone, which then lies above alpha_c: the "
        "transition is continuous and its threshold another",
        follows_from=("alpha-BBP",),
        how="one elementary integral",
        derive=small_a_by_integration,
        witness=small_a_points,
        reach=9,
    ),
    Record(
        "weak-recovery",
        "Conjecture: the threshold is at least p*/2",
        Nature.CONJECTURE,
        weak_recovery_bound,
        domain="seen for p <= 100, p* <= 4, 1e-6 <= a <= 4; equality only as p -> oo, a -> 0",
        follows_from=("53", "14"),
        how="conjecture: scan of both kinds of thresholds",
        witness=scanned_points,
    ),
)
