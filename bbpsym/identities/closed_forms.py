"""Chapter 10: closed forms at the smooth edge, and curves without a root to solve for."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sympy import Eq, Expr, Integer, Rational, Symbol, erfc, exp, pi, simplify, sqrt

from bbpsym.answers.threshold import threshold
from bbpsym.averages import expectation
from bbpsym.closed_forms import closed_form, elementary, lower
from bbpsym.equations import curves, edges, spectrum, thresholds
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import hessian_ensemble, overparametrised_ensemble
from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.identities.notation import alpha_BBP, outlier_value
from bbpsym.identities.points import parameters, rational, several
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.witnesses import (
    DRESSED,
    edge_alpha_at_the_edge,
    one_dimensional,
    outlier_alpha_at_the_edge,
    outlier_alpha_by_quadrature,
)
from bbpsym.model import Model
from bbpsym.symbols import a, alpha, g, p, p_star, t, u, y, yh
from bbpsym.systems import reduced

inverse_mean = Symbol("X(c)", positive=True)
mean_at_t = Symbol(r"\langle 1/D \rangle", positive=True)
overlap2 = Symbol("m^2", nonnegative=True)
alpha_0 = Symbol("alpha_0", real=True)
slope = Symbol(r"\frac{d m^2}{d\alpha}", real=True)
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
        yield values | {overlap2: _overlap2(values, digits)}


def _overlap2(values: Point, digits: int) -> Any:
    ratio = outlier_alpha_by_quadrature(values, digits)
    square, signal = (average(x * DRESSED**2, values, digits) for x in (1 + 0 * y, y))
    bulk_slope = -1 / (values[g] ** 2) + ratio * square
    return 1 / (1 - ratio * signal / bulk_slope)


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


def parametric_statement() -> Statement:
    """Outlier curve in the parameter g."""
    return (
        Eq(alpha, thresholds.parametric_alpha()),
        Eq(outlier_value, thresholds.parametric_eigenvalue()),
        Eq(overlap2, thresholds.parametric_overlap2()),
    )


def parametric_curves() -> Statement:
    """Solve (40) for alpha; put it into (39) and (58)."""
    return (
        Eq(alpha, spectrum.outlier_alpha()),
        Eq(outlier_value, curves.outlier_eigenvalue()),
        Eq(overlap2, curves.outlier_overlap2()),
    )


def parametric_points(rng: Random, digits: int) -> Iterator[Point]:
    """The curves from the package's reduction to one dimension."""
    names = ("outlier_alpha", "outlier_eigenvalue", "overlap2")
    for _ in several(rng, digits):
        values = parameters(rng)
        found = one_dimensional(values, names, digits)
        yield values | dict(
            zip((alpha, outlier_value, overlap2), (found[n] for n in names), strict=True)
        )


def slope_statement() -> Eq:
    """Slope of the squared overlap at a continuous threshold."""
    return Eq(slope, thresholds.overlap_slope())


def slope_along_the_curve() -> Eq:
    """`(d m^2/dg)/(d alpha/dg)` where `K = g <h^2>`, the condition of a continuous threshold."""
    overlap, ratio = thresholds.parametric_overlap2(), thresholds.parametric_alpha()
    h = spectrum.dressed_weight
    first, square, signal, cube = (
        Average(x) for x in ((u**2 - 1) * h, h**2, (u**2 - 1) * h**2, h**3)
    )
    found = (overlap.diff(g) / ratio.diff(g)).doit()
    plain = {}
    for item in found.atoms(Average):
        for known in (first, square, signal, cube):
            factor = simplify(item.args[0] / known.args[0])
            if factor.is_number:
                plain[item] = factor * _name(known)
    condition = {_name(first): g * _name(square)}
    back = {_name(known): known for known in (square, signal, cube)}
    return Eq(slope, simplify(found.xreplace(plain).subs(condition)).xreplace(back))


def _name(known: Average) -> Symbol:
    return Symbol(str(known))


def slope_points(_rng: Random, digits: int) -> Iterator[Approach]:
    """Overlaps just above a continuous threshold, from quadrature in two dimensions."""
    found = threshold(Model(2, 1, "0.7"), 20)
    values = {p: Rational(2), p_star: Rational(1), a: Rational(7, 10), g: Rational(str(found.g))}
    start = float(outlier_alpha_by_quadrature(values, 12))
    points = []
    for k in range(6):
        moved = values | {g: values[g] * (1 - Rational(1, 20 * 2**k))}
        rise = _overlap2(moved, 12) / (float(outlier_alpha_by_quadrature(moved, 12)) - start)
        points.append(values | {slope: rise})
    yield Approach(tuple(points))


def tangent_statement() -> Eq:
    """Zero of the tangent to the squared overlap as a function of alpha."""
    return Eq(alpha_0, thresholds.tangent_alpha())


def tangent_by_chain_rule() -> Eq:
    """`alpha_0 = alpha - m^2/(d m^2/d alpha)`, with both curves in the parameter g."""
    overlap, ratio = thresholds.parametric_overlap2(), thresholds.parametric_alpha()
    return Eq(alpha_0, ratio - overlap / (overlap.diff(g) / ratio.diff(g)))


def tangent_points(rng: Random, digits: int) -> Iterator[Approach]:
    """Secants through two points of the curve, by quadrature in two dimensions."""
    for _ in several(rng, digits):
        values, points = parameters(rng), []
        for k in range(6):
            step = values[g] * Rational(1, 10 * 2**k)
            (low, first), (high, second), (middle, overlap) = (
                _on_the_curve({**values, g: values[g] + side * step}) for side in (-1, 1, 0)
            )
            secant = (second - first) / (high - low)
            points.append(values | {alpha_0: middle - overlap / secant})
        yield Approach(tuple(points), power=2)


def _on_the_curve(values: Point) -> tuple[float, float]:
    """Alpha and the squared overlap at g."""
    return float(outlier_alpha_by_quadrature(values, 12)), float(_overlap2(values, 12))


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
        points.append(values | {overlap2: _overlap2(values, min(digits, 12))})
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
        "curves",
        "Outlier, alpha and overlap as curves in g",
        parametric_statement,
        domain="-p/2 < g < 0; u^2 -> y",
        follows_from=("39", "40", "58"),
        how="solve (40) for alpha",
        derive=parametric_curves,
        witness=parametric_points,
    ),
    _record(
        "overlap-slope",
        "Slope of the squared overlap at a continuous threshold",
        slope_statement,
        domain="g = g_sh where the outlier meets a sharp edge",
        follows_from=("curves", "44", "14"),
        how="derivative along the curve where K = g <h^2>",
        derive=slope_along_the_curve,
        witness=slope_points,
        reach=6,
    ),
    _record(
        "tangent",
        "Zero of the tangent to the squared overlap",
        tangent_statement,
        domain="any g on the outlier curve; at the threshold a sharp form of the paper's alpha_0",
        follows_from=("curves",),
        how="derivatives along the curve",
        note="That a finite sample loses the signal there is a conjecture of the paper; "
        "the formula for the tangent is exact.",
        derive=tangent_by_chain_rule,
        witness=tangent_points,
        reach=7,
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
