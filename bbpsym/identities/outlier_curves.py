"""Chapter 10: alpha, outlier and overlap as curves in g, without a root to solve for."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sympy import Eq, Expr, Rational, Symbol, simplify

from bbpsym.answers.threshold import threshold
from bbpsym.equations import curves, spectrum, thresholds
from bbpsym.equations.average import Average
from bbpsym.identities.compare import same_statement
from bbpsym.identities.notation import outlier_value
from bbpsym.identities.points import parameters, several
from bbpsym.identities.proof import require
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.witnesses import (
    one_dimensional,
    outlier_alpha_by_quadrature,
    overlap2_by_quadrature,
)
from bbpsym.model import Model
from bbpsym.symbols import a, alpha, g, p, p_star, u

overlap2 = Symbol("m^2", nonnegative=True)
alpha_0 = Symbol("alpha_0", real=True)
slope = Symbol(r"\frac{d m^2}{d\alpha}", real=True)


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


def _derived_curves() -> tuple[Expr, Expr]:
    """Alpha and the squared overlap in one fraction each, once they follow from their parents."""
    short = parametric_statement()
    require(same_statement(short, parametric_curves()), "the curves follow from (40) and (58)")
    ratio, _, overlap = (relation.rhs for relation in short)
    return ratio, overlap


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
    ratio, overlap = _derived_curves()
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
        moved_by = float(outlier_alpha_by_quadrature(moved, 12)) - start
        rise = overlap2_by_quadrature(moved, 12) / moved_by
        points.append(values | {slope: rise})
    yield Approach(tuple(points))


def tangent_statement() -> Eq:
    """Zero of the tangent to the squared overlap as a function of alpha."""
    return Eq(alpha_0, thresholds.tangent_alpha())


def tangent_by_chain_rule() -> Eq:
    """`alpha_0 = alpha - m^2/(d m^2/d alpha)`, with both curves in the parameter g."""
    ratio, overlap = _derived_curves()
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
    return float(outlier_alpha_by_quadrature(values, 12)), float(overlap2_by_quadrature(values, 12))


RECORDS = (
    Record(
        "curves",
        "Outlier, alpha and overlap as curves in g",
        Nature.DERIVED,
        parametric_statement,
        domain="-p/2 < g < 0; u^2 -> y",
        follows_from=("39", "40", "58"),
        how="solve (40) for alpha",
        derive=parametric_curves,
        witness=parametric_points,
    ),
    Record(
        "overlap-slope",
        "Slope of the squared overlap at a continuous threshold",
        Nature.DERIVED,
        slope_statement,
        domain="g = g_sh where the outlier meets a sharp edge",
        follows_from=("curves", "44", "14"),
        how="derivative along the curve where K = g <h^2>",
        derive=slope_along_the_curve,
        witness=slope_points,
        reach=6,
    ),
    Record(
        "tangent",
        "Zero of the tangent to the squared overlap",
        Nature.DERIVED,
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
)
