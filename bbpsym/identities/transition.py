"""Chapter 7: where the outlier meets the edge, and the edge changes its type: eqs. (14), (49)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random

from sympy import (
    Eq,
    Rational,
)

from bbpsym.answers.threshold import threshold
from bbpsym.equations import edges, spectrum
from bbpsym.identities.notation import edge_value, outlier_value
from bbpsym.identities.points import at_model, several
from bbpsym.identities.record import Nature, Point, Record
from bbpsym.identities.sharp_edge import sharp_edge_by_slope
from bbpsym.identities.smooth_edge import end_of_the_domain
from bbpsym.model import Model
from bbpsym.symbols import alpha, g


def threshold_statement() -> Eq:
    """Definition of the BBP threshold, eq. (14): the outlier meets the edge."""
    return Eq(outlier_value, edge_value)


def critical_statement() -> Eq:
    """Where the edge turns from smooth to sharp, eq. (49)."""
    h = spectrum.dressed_weight.subs(g, edges.smooth_edge_g())
    return Eq(1 / edges.smooth_edge_g() ** 2, edges.alpha_c * spectrum.Average(h**2))


def sharp_edge_at_the_end() -> Eq:
    """The condition (44) at the end of the domain (46), eq. (49)."""
    sharp, _ = sharp_edge_by_slope()
    g_end = end_of_the_domain()[0].rhs
    return Eq(sharp.lhs.subs(g, g_end), sharp.rhs.subs({g: g_end, alpha: edges.alpha_c}))


def critical_points(rng: Random, digits: int) -> Iterator[Point]:
    """The package's alpha_c."""
    for _ in several(rng, digits):
        model = Model(rng.randint(1, 4), rng.randint(1, 3), Fraction(rng.randint(5, 25), 10))
        yield at_model(model, Fraction(1)) | {
            edges.alpha_c: threshold(model, digits + 5).alpha_c,
            g: Rational(-model.p, 2),
        }


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
