"""Chapter 9: the overlap as a residue, eqs. (54)-(58)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sympy import Eq, Function, Limit, Rational, Symbol, eye, limit, residue, symbols

from bbpsym.equations import network, resolvent, spectrum
from bbpsym.identities.notation import outlier_value, signal, signal_slope
from bbpsym.identities.points import parameters, several, symmetric
from bbpsym.identities.proof import require
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement
from bbpsym.identities.witnesses import DRESSED, one_dimensional, outlier_alpha_by_quadrature
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import alpha, g, y, z

overlap2 = Symbol("m^2", nonnegative=True)

#: The entry of the resolvent along the signal, and its self-energy as a function of z.
entry = Function(r"G_{11}")(z)
energy = Function(r"S")(z)


def invert_in_the_eigenbasis() -> Eq:
    """`z - H = V (z - Lambda) V^T`, and V is orthogonal, eq. (54)."""
    r = resolvent
    inner = r.inverse(z * r.identity - r.Lambda)
    proposed = r.vectors * inner * r.vectors_t
    shifted = r.vectors * (z * r.identity - r.Lambda) * r.vectors_t
    product = shifted * proposed
    cancelled = product.subs(r.vectors_t * r.vectors, 1)
    require(cancelled == r.vectors * r.vectors_t, "V V^T is the identity")  # the identity again
    return Eq(r.G, proposed)


def eigenbasis_points(rng: Random, digits: int) -> Iterator[Point]:
    """Eigenvectors of a random symmetric matrix by a numerical eigensolver."""
    ctx, r = context(digits + 15), resolvent
    for _ in several(rng, digits):
        full, level = symmetric(rng, 4), Rational(5, 2)
        values, vectors = ctx.eigsy(ctx.matrix(full))
        yield {
            r.G: (level * eye(4) - full).inv(),
            r.vectors: vectors,
            r.vectors_t: vectors.T,
            r.Lambda: ctx.diag(list(values)),
            r.identity: eye(4),
            z: level,
        }


def residue_statement() -> Eq:
    """The squared overlap is a residue of the resolvent, eq. (55)."""
    return Eq(overlap2, Limit((z - outlier_value) * entry, z, outlier_value))


def residue_of_one_eigenvector() -> Eq:
    """Project (54) on the signal: the other eigenvalues give no pole at lambda_*, eq. (55)."""
    others, weights = symbols("l_1:4", real=True), symbols("m_1:4", real=True)
    projected = overlap2 / (z - outlier_value) + sum(
        w**2 / (z - level) for w, level in zip(weights, others, strict=True)
    )
    found = residue(projected, z, outlier_value)
    require(
        found == limit((z - outlier_value) * projected, z, outlier_value),
        "the residue is the limit",
    )
    return Eq(found, Limit((z - outlier_value) * entry, z, outlier_value))


def overlap_as_a_limit() -> Eq:
    """The residue through the signal block, eq. (56)."""
    return Eq(overlap2, Limit((z - outlier_value) / (z - energy), z, outlier_value))


def residue_through_the_signal_block() -> Eq:
    """Put (33), `G_11 = 1/(z - S)`, into (55), eq. (56)."""
    r = resolvent
    scalar = Symbol("S")
    block = r.signal_dyson_equation().rhs.subs({r.Sigma: scalar, r.identity: 1})
    found = residue_of_one_eigenvector()
    return Eq(found.lhs, found.rhs.subs(entry, block.subs(scalar, energy)))


def signal_statement() -> Statement:
    """The self-energy in the signal directions and its slope, eqs. (57)(58)."""
    h = spectrum.dressed_weight
    return (
        Eq(signal, spectrum.signal_self_energy().subs(spectrum.u**2, y)),
        Eq(signal_slope, alpha * spectrum.Average(y * h**2)),
    )


def signal_from_the_outlier_equation() -> Statement:
    """S is the right-hand side of (38) with (39)'s symmetry; its slope by differentiation."""
    value = resolvent.singular_signal_block().rhs.subs(spectrum.u**2, network.teacher_output().lhs)
    return Eq(signal, value), Eq(signal_slope, value.diff(g))


def signal_points(rng: Random, digits: int) -> Iterator[Point]:
    """S from the package's outlier curve in one dimension; its slope by numerical derivative."""
    step = Rational(1, 10**6) if digits <= 12 else Rational(1, 10 ** (digits + 5))
    for _ in several(rng, digits):
        values = parameters(rng)
        found = [_signal(values | {g: values[g] + k * step}, 3 * digits) for k in (-2, -1, 0, 1, 2)]
        coarse, fine = (found[4] - found[0]) / 4, (found[3] - found[1]) / 2
        slope = (4 * fine - coarse) / 3 * int(1 / step)
        yield values | {signal: found[2], signal_slope: slope}


def _signal(values: Point, digits: int) -> Any:
    """`alpha <y h>`: the outlier curve gives it at its own alpha; S is linear in alpha."""
    names = ("outlier_eigenvalue", "outlier_alpha")
    found = one_dimensional(values, names, digits)
    ratio = values[alpha]
    return found[names[0]] / found[names[1]] * int(ratio.p) / int(ratio.q)


def overlap_statement() -> Eq:
    """The squared overlap, eq. (58)."""
    return Eq(overlap2, spectrum.overlap2())


def residue_by_series() -> Eq:
    """Expand `z - S(g(z))` about the outlier to first order, eq. (58).

    With `g(z) = g + (z - lambda_*)/lambda'(g) + ...` and `S(g(z)) = S + S'(g) (g(z) - g) + ...`,
    where `S = lambda_*` by (39).
    """
    distance, second = Symbol("epsilon"), Symbol("g_2")
    slope, bulk_slope, curved = symbols("S' lambda' S''", nonzero=True)
    shift = distance / bulk_slope + second * distance**2
    self_energy = outlier_value + slope * shift + curved * shift**2 / 2
    ratio = distance / (outlier_value + distance - self_energy)
    found = limit(ratio.cancel(), distance, 0)
    return Eq(
        overlap2,
        found.subs(
            {
                slope: spectrum.signal_self_energy().diff(g),
                bulk_slope: spectrum.inverse_stieltjes_slope(),
            }
        ),
    )


def overlap_points(rng: Random, digits: int) -> Iterator[Approach]:
    """The ratio (56) itself, at a z moved towards the outlier along the curve `lambda(g)`."""
    for _ in several(rng, digits):
        values = parameters(rng)
        values[alpha] = outlier_alpha_by_quadrature(values, 12)
        points = []
        place = _place(values, values[g])
        for k in range(6):
            step = values[g] * Rational(1, 10 * 2**k)
            ends = [_ratio(values, values[g] + side * step, place) for side in (1, -1)]
            points.append(values | {overlap2: sum(ends) / 2})
        yield Approach(tuple(points), power=2)


def _place(values: Point, at: Rational) -> float:
    """`lambda(g)` by quadrature in two dimensions."""
    return 1 / float(at) + float(values[alpha]) * average(DRESSED, {**values, g: at}, 12)


def _ratio(values: Point, at: Rational, place: float) -> float:
    """`(z - lambda_*)/(z - S(g))` at `z = lambda(g)`."""
    level = _place(values, at)
    energy_ = float(values[alpha]) * average(y * DRESSED, {**values, g: at}, 12)
    return (level - place) / (level - energy_)


RECORDS = (
    Record(
        "54",
        "Resolvent in the basis of eigenvectors",
        Nature.DERIVED,
        resolvent.spectral_decomposition,
        domain="z outside the spectrum; V orthogonal",
        follows_from=("18",),
        how="V^T V = 1",
        derive=invert_in_the_eigenbasis,
        witness=eigenbasis_points,
    ),
    Record(
        "55",
        "The squared overlap is a residue",
        Nature.LIMIT,
        residue_statement,
        domain="lambda_* isolated",
        follows_from=("8", "54"),
        how="residue of the projected sum",
        derive=residue_of_one_eigenvector,
    ),
    Record(
        "56",
        "Residue through the signal block",
        Nature.LIMIT,
        overlap_as_a_limit,
        domain="z -> lambda_*",
        follows_from=("33", "38", "55"),
        how="(33) in (55)",
        derive=residue_through_the_signal_block,
    ),
    Record(
        "57",
        "Self-energy along the signal, and its slope",
        Nature.DERIVED,
        signal_statement,
        domain="-p/2 < g < 0",
        follows_from=("38", "39"),
        how="right-hand side of (39); differentiate under the average",
        derive=signal_from_the_outlier_equation,
        witness=signal_points,
        reach=10,
    ),
    Record(
        "58",
        "Squared overlap",
        Nature.DERIVED,
        overlap_statement,
        domain="g = g(lambda_*), above the threshold; u^2 -> y",
        follows_from=("40", "43", "56", "57"),
        how="residue by series about the outlier",
        derive=residue_by_series,
        witness=overlap_points,
        reach=8,
    ),
)
