"""Chapter 10: closed forms at the smooth edge, and averages in elementary terms."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sympy import Eq, Expr, Integer, Rational, Symbol, erfc, exp, pi, simplify, sqrt

from bbpsym.averages import expectation
from bbpsym.closed_forms import closed_form, elementary, lower
from bbpsym.equations import edges, thresholds
from bbpsym.equations.ensemble import hessian_ensemble, overparametrised_ensemble
from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.identities.notation import alpha_BBP, outlier_value
from bbpsym.identities.points import parameters, rational, several
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.witnesses import (
    DRESSED,
    edge_alpha_at_the_edge,
    outlier_alpha_at_the_edge,
    outlier_alpha_by_quadrature,
    overlap2_by_quadrature,
)
from bbpsym.symbols import a, g, p, p_star, t, y, yh
from bbpsym.systems import reduced

inverse_mean = Symbol("X(c)", positive=True)
mean_at_t = Symbol(r"\langle 1/D \rangle", positive=True)
overlap2 = Symbol("m^2", nonnegative=True)
alpha_of = {width: Symbol(rf"\alpha_{{\mathrm{{BBP}}}}|_{{p={width}}}") for width in (1, 2, 3, 4)}


def at_the_smooth_edge(name: str) -> Expr:
    """A curve of the package at t = 1, in exponential integrals of order p/2."""
    return lower(
        closed_form(reduced(hessian_ensemble(), name).subs(t, 1).doit(integrals=False)), p / 2
    )


def inverse_mean_by_substitution() -> Eq:
    """One Laplace transform: `w = 1 + 2 c s/p`."""
    found = expectation(1 / (a + thresholds.c * yh), hessian_ensemble().laws)
    return Eq(inverse_mean, lower(closed_form(found), p / 2))


def inverse_mean_points(rng: Random, digits: int) -> Iterator[Point]:
    """X(c) by quadrature over the student's output."""
    for _ in several(rng, digits):
        values = _point(rng)
        ratio = rational(rng, "0.5", 3)
        yield values | {
            thresholds.c: ratio,
            inverse_mean: average(1 / (a + ratio * yh), values, digits),
        }


def _point(rng: Random) -> dict[Any, Any]:
    values = parameters(rng)
    return {**values, g: -values[p] / 2}


def threshold_by_reduction() -> Eq:
    """The outlier curve at t = 1."""
    return Eq(alpha_BBP, simplify(at_the_smooth_edge("outlier_alpha")))


def threshold_points(rng: Random, digits: int) -> Iterator[Point]:
    """The outlier condition at the edge by quadrature, any kind of transition."""
    for _ in several(rng, digits):
        values = _point(rng)
        yield values | {
            alpha_BBP: outlier_alpha_at_the_edge(values, digits),
            edges.alpha_c: edge_alpha_at_the_edge(values, digits),
        }


def critical_by_reduction() -> Eq:
    """The sharp-edge curve at t = 1."""
    return Eq(edges.alpha_c, at_the_smooth_edge("edge_alpha"))


def jump_by_reduction() -> Eq:
    """The overlap along the outlier curve at t = 1."""
    return Eq(overlap2, at_the_smooth_edge("overlap2"))


def jump_points(rng: Random, digits: int) -> Iterator[Point]:
    """The overlap (58) at the edge, by quadrature in two dimensions."""
    for _ in several(rng, digits):
        values = _point(rng)
        yield values | {overlap2: overlap2_by_quadrature(values, digits)}


def eigenvalue_by_reduction() -> Eq:
    """The outlier along its curve at t = 1, in the paper's units."""
    return Eq(outlier_value, 2 / p * at_the_smooth_edge("outlier_eigenvalue"))


def eigenvalue_points(rng: Random, digits: int) -> Iterator[Point]:
    """The outlier (39) at the edge, by quadrature in two dimensions."""
    for _ in several(rng, digits):
        values = _point(rng)
        ratio = outlier_alpha_by_quadrature(values, digits)
        yield values | {outlier_value: ratio * average(y * DRESSED, values, digits)}


def elementary_statement() -> Statement:
    """The discontinuous threshold for the smallest widths, in `E_1` and `erfc`."""
    first = sqrt(6 / (pi * a)) * exp(-a / 6) / erfc(sqrt(a / 6)) * a * p_star / 2
    e1 = lambda z: exp(z) * ExponentialIntegral(1, z)  # noqa: E731
    second = 3 * p_star / (3 * e1(a) + e1(a / 3))
    return Eq(alpha_of[1], first), Eq(alpha_of[2], second)


def elementary_thresholds() -> Statement:
    """Put p = 1 and p = 2 into the closed form and use the recurrence of the `E_n`."""
    found = thresholds.discontinuous_threshold()
    return tuple(
        Eq(alpha_of[width], simplify(elementary(found.subs(p, Integer(width))))) for width in (1, 2)
    )


def elementary_points(rng: Random, digits: int) -> Iterator[Point]:
    """Thresholds of p = 1 and 2 by quadrature."""
    for _ in several(rng, digits):
        values = _point(rng)
        found = {
            alpha_of[width]: outlier_alpha_at_the_edge(values | {p: Rational(width)}, digits)
            for width in (1, 2)
        }
        yield values | found


def two_exponentials_by_partial_fractions() -> Eq:
    """Partial fractions in s of two Laplace transforms of integer power, at any t."""
    laws = tuple(
        type(law)(law.variable, law.log_laplace.subs({p: 2, p_star: 2}))
        for law in hessian_ensemble().laws
    )
    denominator = a + (1 - t) * y + thresholds.c * t * yh
    return Eq(mean_at_t, closed_form(expectation(1 / denominator, laws)))


def two_exponentials_points(rng: Random, digits: int) -> Iterator[Point]:
    """The same average by quadrature in two dimensions."""
    for _ in several(rng, digits):
        at, ratio = rational(rng, "0.1", "0.4"), rational(rng, "1.6", 3)
        values = _point(rng) | {p: Rational(2), p_star: Rational(2)}
        argument = 1 / (a + (1 - at) * y + ratio * at * yh)
        found = average(argument, values, digits)
        yield values | {t: at, thresholds.c: ratio, mean_at_t: found}


def overparametrised_statement() -> Eq:
    """Jump of the squared overlap at p = infinity."""
    return Eq(overlap2, thresholds.overparametrised_jump())


def overparametrised_jump() -> Eq:
    """The overlap along the outlier curve of the limiting ensemble at t = 1."""
    found = reduced(overparametrised_ensemble(), "overlap2").subs(t, 1).doit()
    return Eq(overlap2, simplify(found))


def overparametrised_points(rng: Random, digits: int) -> Iterator[Approach]:
    """Jumps at widths doubled each time."""
    width_star, shift = Rational(rng.randint(1, 3)), rational(rng, "0.3", 3)
    points = []
    for k in range(5):
        values = {p: Rational(64 * 2**k), p_star: width_star, a: shift}
        values[g] = -values[p] / 2
        points.append(values | {overlap2: overlap2_by_quadrature(values, min(digits, 12))})
    yield Approach(tuple(points))


def _record(name: str, title: str, statement: Any, **more: Any) -> Record:
    return Record(name, title, more.pop("nature", Nature.DERIVED), statement, **more)


RECORDS = (
    _record(
        "X",
        "Mean inverse of the shifted output",
        lambda: Eq(inverse_mean, thresholds.inverse_mean()),
        domain="X(c) = E[1/(a + c yh)]; a, c > 0",
        follows_from=("chi-square", "2"),
        how="substitute w = 1 + 2 c s/p",
        derive=inverse_mean_by_substitution,
        witness=inverse_mean_points,
    ),
    _record(
        "alpha-BBP",
        "Discontinuous threshold for every p and p*",
        lambda: Eq(alpha_BBP, thresholds.discontinuous_threshold()),
        domain="the threshold wherever it is at most alpha_c",
        follows_from=("40", "46", "X", "14"),
        how="outlier curve at t = 1 in exponential integrals",
        derive=threshold_by_reduction,
        witness=threshold_points,
    ),
    _record(
        "alpha-c",
        "alpha_c for every p and p*",
        lambda: Eq(edges.alpha_c, thresholds.critical_alpha()),
        domain="a > 0",
        follows_from=("49", "X"),
        how="sharp-edge curve at t = 1 in exponential integrals",
        derive=critical_by_reduction,
        witness=threshold_points,
    ),
    _record(
        "lambda-BBP",
        "Eigenvalue at a discontinuous threshold",
        lambda: Eq(outlier_value, thresholds.eigenvalue_at_threshold()),
        domain="lambda_* = lambda_- there",
        follows_from=("39", "46", "X"),
        how="outlier curve at t = 1 in exponential integrals",
        derive=eigenvalue_by_reduction,
        witness=eigenvalue_points,
    ),
    _record(
        "jump",
        "Jump of the squared overlap",
        lambda: Eq(overlap2, thresholds.overlap_jump()),
        domain="at a discontinuous threshold",
        follows_from=("58", "46", "X"),
        how="overlap at t = 1 in exponential integrals",
        derive=jump_by_reduction,
        witness=jump_points,
    ),
    _record(
        "elementary",
        "Thresholds of p = 1 and p = 2 in elementary terms",
        elementary_statement,
        domain="error function for odd, exponential integral E_1 for even widths",
        follows_from=("alpha-BBP",),
        how="recurrence of the E_n",
        derive=elementary_thresholds,
        witness=elementary_points,
    ),
    _record(
        "even-widths",
        "Averages at any t for p = p* = 2",
        lambda: Eq(mean_at_t, thresholds.two_exponentials()),
        domain="D = a + (1 - t) y + c t yh, 0 < t < 1, c t != 1 - t",
        follows_from=("chi-square",),
        how="partial fractions of the Laplace transforms",
        derive=two_exponentials_by_partial_fractions,
        witness=two_exponentials_points,
    ),
    _record(
        "jump-infinite",
        "Jump of the squared overlap at p = infinity",
        overparametrised_statement,
        nature=Nature.LIMIT,
        domain="p -> infinity",
        follows_from=("58", "46", "48"),
        how="the limiting ensemble, integrated by SymPy",
        derive=overparametrised_jump,
        witness=overparametrised_points,
        reach=7,
    ),
)
