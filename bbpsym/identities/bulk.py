"""Chapter 5: diagrams, self-energy and the equation for the bulk, eqs. (25)-(31)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product
from random import Random
from typing import Any

from sympy import (
    Add,
    Eq,
    Expr,
    Integer,
    Matrix,
    Rational,
    Sum,
    Symbol,
    diag,
    expand,
    eye,
    linear_eq_to_matrix,
    simplify,
    symbols,
    zeros,
)

from bbpsym.equations import resolvent
from bbpsym.equations.average import Average
from bbpsym.equations.hessian import weight_matrix
from bbpsym.identities.compare import apply_identity
from bbpsym.identities.model import explicit_weight_matrix
from bbpsym.identities.points import parameters, rotation, several, symmetric
from bbpsym.identities.proof import require
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Nature, Point, Record
from bbpsym.identities.witnesses import DRESSED
from bbpsym.symbols import a, alpha, f, g, p, y, yh, z


def dyson_by_iteration() -> Eq:
    """`G = G0 + G0 S G` put into itself: every turn adds one term, eq. (25)."""
    r = resolvent
    series = r.dyson_series().rhs
    partial: Expr = r.G0
    for order in range(1, 7):
        partial = expand(r.G0 + r.G0 * r.Sigma * partial)
        terms = [series.function.subs(r.order, k).doit() for k in range(order + 1)]
        require(expand(partial - Add(*terms)) == 0, "each turn adds one term of the series (25)")
    return Eq(r.G, Sum(series.function, *series.limits))


def geometric_series() -> Eq:
    """Multiply (25) by `1 - G0 S`: everything but the first term cancels, eq. (26)."""
    r = resolvent
    step = r.G0 * r.Sigma
    for order in range(1, 7):
        partial = Add(*(step**k * r.G0 for k in range(order)))
        require(
            expand(partial - step * partial - r.G0 + step**order * r.G0) == 0,
            "all but the first term cancel",
        )
    # (1 - G0 S) G = G0, hence G = (G0^{-1} (1 - G0 S))^{-1}.
    return Eq(r.G, r.inverse(apply_identity(r.inverse(r.G0) * (r.identity - step))))


def series_points(rng: Random, digits: int) -> Iterator[Point]:
    """Random matrices with a norm that makes the series converge."""
    r = resolvent
    for _ in several(rng, digits):
        size = 3
        bare, energy = 2 * symmetric(rng, size) + eye(size) / 3, symmetric(rng, size)
        full = (bare.inv() - energy).inv()
        yield {r.G: full, r.G0: bare, r.Sigma: energy, r.identity: eye(size)}


def self_energy_by_resummation() -> Eq:
    """The rainbow diagrams are a geometric series in G F, eq. (27)."""
    r = resolvent
    series = r.rainbow_series()
    step = r.G * r.F
    for order in range(1, 7):
        partial = Add(*(series.function.subs(r.order, k).doit() for k in range(order)))
        require(
            expand(partial - partial * step - r.F + r.F * step**order) == 0,
            "the rainbow series is geometric",
        )
    return Eq(r.Sigma, alpha * r.MatrixAverage(r.F * r.inverse(r.identity - step)))


def matrix_points(rng: Random, digits: int) -> Iterator[Point]:
    """P = 2: the resolvent is a number g times the identity, with z from scalar averages."""
    r = resolvent
    for _ in several(rng, digits):
        values = parameters(rng)
        values[g] = values[g] / values[p] * 2
        values[p] = Rational(2)
        energy = float(values[alpha]) * average(DRESSED, values, 12)
        turn = rotation(rng, 2)
        yield values | {
            z: 1 / float(values[g]) + energy,
            r.G: values[g] * eye(2),
            r.Sigma: energy * eye(2),
            r.O: turn,
            r.Ot: turn.T,
            r.identity: eye(2),
        }


def dyson_with_self_energy() -> Eq:
    """Put (27) into (26), with the bare resolvent 1/z, eq. (28)."""
    r = resolvent
    dyson = r.dyson_equation().rhs.subs(r.inverse(r.G0), z * r.identity)
    return Eq(r.G, dyson.subs(r.Sigma, r.self_energy().rhs))


def rotate_weights() -> Eq:
    """F and O F O^T have one law, since `lambda` and `O lambda` have, eq. (29)."""
    r = resolvent
    found = weight_matrix()
    require(
        not found.identity.has(*symbols("lambda_q lambda_r")),
        "the invariant part of F does not depend on single pre-activations",
    )
    equation = r.resolvent_equation()
    return Eq(r.G, equation.rhs.subs(r.F, r.O * r.F * r.Ot))


def rotate_back() -> Eq:
    """Move the rotation from the weights to the resolvent, eq. (30).

    Term by term `O^T [O F O^T (G O F O^T)^n] O = F (O^T G O F)^n`, and `(O^T X O)^{-1} =
    O^T X^{-1} O`.
    """
    r = resolvent
    turned, moved = r.O * r.F * r.Ot, r.Ot * r.G * r.O
    for order in range(6):
        left = r.Ot * turned * (r.G * turned) ** order * r.O
        right = r.F * (moved * r.F) ** order
        require(
            expand(cancel_rotations(expand(left)) - expand(right)) == 0,
            "rotations cancel in every term",
        )
    rotated = r.rotated_resolvent_equation().rhs
    average = next(iter(rotated.atoms(r.MatrixAverage)))
    require(
        average.args[0] == turned * r.inverse(r.identity - r.G * turned),
        "(29) holds the rotated dressed weight",
    )
    inner = r.MatrixAverage(r.F * r.inverse(r.identity - moved * r.F))
    return Eq(moved, rotated.xreplace({average: inner}))


def cancel_rotations(product: Expr) -> Expr:
    """Cancel `O^T O` in a product of matrices."""
    r = resolvent
    return product.subs(r.Ot * r.O, 1)


def commutant_statement() -> Eq:
    """A matrix that every rotation leaves alone is a multiple of the identity."""
    return Eq(resolvent.G, g * resolvent.identity)


def commutant_of_rotations() -> Eq:
    """Solve `X T = T X` for the generators T of the rotations and one reflection.

    For any p: reflections of one axis force the off-diagonal entries to vanish, exchanges of two
    axes make the diagonal entries equal.
    """
    for size in (2, 3, 4):
        entries = symbols(f"X:{size * size}")
        unknown = Matrix(size, size, entries)
        conditions = [e for turn in _generators(size) for e in unknown * turn - turn * unknown]
        coefficients, _ = _linear(conditions, entries)
        (solution,) = coefficients.nullspace()
        require(
            Matrix(size, size, list(solution / solution[0])) == eye(size),
            "only multiples of the identity commute",
        )
    return Eq(resolvent.G, g * resolvent.identity)


def _generators(size: int) -> Iterator[Matrix]:
    for row in range(size):
        for column in range(row):
            turn = zeros(size)
            turn[row, column], turn[column, row] = 1, -1
            yield turn
    yield diag(-1, *(1 for _ in range(size - 1)))


def _linear(conditions: list[Expr], unknowns: tuple[Symbol, ...]) -> Any:
    return linear_eq_to_matrix(conditions, unknowns)


def commutant_points(rng: Random, digits: int) -> Iterator[Point]:
    """Average a random matrix over all signed exchanges of the axes: what is left commutes."""
    for _ in several(rng, digits):
        size = 3
        start = symmetric(rng, size)
        group = list(_signed_permutations(size))
        mean = sum((turn * start * turn.T for turn in group), zeros(size)) / len(group)
        trace = start.trace() / size
        yield {resolvent.G: mean, g: trace, resolvent.identity: eye(size)}


def _signed_permutations(size: int) -> Iterator[Matrix]:
    for order in permutations(range(size)):
        for signs in product((1, -1), repeat=size):
            yield Matrix(size, size, lambda r, c: signs[r] if order[r] == c else 0)  # noqa: B023


def normalised_trace(matrices: Expr) -> Expr:
    """`tr(X)/p` for functions of F: its eigenvalues f take its place under the average."""
    r = resolvent
    numbers: dict[Expr, Expr] = {r.F: f, r.identity: Integer(1)}
    means = {
        item: Average(item.args[0].xreplace(numbers)) for item in matrices.atoms(r.MatrixAverage)
    }
    return matrices.xreplace(means).xreplace(numbers)


def trace_of_dressed_weight() -> Eq:
    """Take the trace of (28) with `G = g 1`: only the eigenvalues (48) of F remain, eq. (31)."""
    r = resolvent
    inverse_resolvent = r.inverse(r.resolvent_equation().rhs.subs(r.G, g * r.identity))
    found = normalised_trace(inverse_resolvent)
    (dressed,) = (item.args[0] for item in found.atoms(Average))
    for width in (2, 3):
        weight = explicit_weight_matrix(width)
        output = sum(node**2 for node in weight.free_symbols - {y, a}) / width
        trace = (weight * (eye(width) - g * weight).inv()).trace()
        by_eigenvalues = sum(
            count.subs(p, width) * dressed.subs(f, value.subs({p: width, yh: output}))
            for value, count in weight_matrix().eigenvalues()
        )
        require(simplify(trace - by_eigenvalues) == 0, "the trace of (28) has the eigenvalues (48)")
    return Eq(1 / g, found)


RECORDS = (
    Record(
        "25",
        "Resolvent as a series in the self-energy",
        Nature.DERIVED,
        resolvent.dyson_series,
        domain="formal series, or |G_0 Sigma| < 1",
        follows_from=("18", "22", "23", "24", "planarity"),
        how="one-particle irreducible insertions, one after the other",
        derive=dyson_by_iteration,
        witness=series_points,
    ),
    Record(
        "26",
        "Dyson's equation",
        Nature.DERIVED,
        resolvent.dyson_equation,
        domain="G_0 = 1/z",
        follows_from=("25",),
        how="geometric series",
        derive=geometric_series,
        witness=series_points,
    ),
    Record(
        "27",
        "Self-energy of the bulk",
        Nature.DERIVED,
        resolvent.self_energy,
        domain="p x p matrices; 1 - G F invertible",
        follows_from=("4", "24", "planarity", "concentration"),
        how="rainbow diagrams as a geometric series",
        derive=self_energy_by_resummation,
        witness=matrix_points,
        reach=12,
    ),
    Record(
        "28",
        "Self-consistent equation of the resolvent",
        Nature.DERIVED,
        resolvent.resolvent_equation,
        domain="z outside the spectrum",
        follows_from=("26", "27"),
        how="(27) in (26)",
        derive=dyson_with_self_energy,
        witness=matrix_points,
        reach=12,
    ),
    Record(
        "29",
        "Rotated weights, the same resolvent",
        Nature.DERIVED,
        resolvent.rotated_resolvent_equation,
        domain="every rotation O of the p nodes",
        follows_from=("5", "28"),
        how="lambda and O lambda have one law",
        derive=rotate_weights,
        witness=matrix_points,
        reach=12,
    ),
    Record(
        "30",
        "The rotation moved to the resolvent",
        Nature.DERIVED,
        resolvent.resolvent_equation_rotated_back,
        domain="every rotation O of the p nodes",
        follows_from=("29",),
        how="O^T O = 1 in every term of the series",
        derive=rotate_back,
        witness=matrix_points,
        reach=12,
    ),
    Record(
        "commutant",
        "What all rotations leave alone is a multiple of the identity",
        Nature.DERIVED,
        commutant_statement,
        domain="p >= 1; rotations and reflections",
        follows_from=("30",),
        how="linear equations for the generators, p = 2, 3, 4; reflections and exchanges for any p",
        note="By (30) O^T G O solves the same equation as G; the solution with G ~ 1/z at infinity "
        "is unique, so G commutes with every O.",
        derive=commutant_of_rotations,
        witness=commutant_points,
    ),
    Record(
        "31",
        "Self-consistent equation of the Stieltjes transform",
        Nature.DERIVED,
        resolvent.scalar_equation,
        domain="g = g(z), z outside the spectrum",
        follows_from=("28", "commutant", "48"),
        how="trace of (28) with G = g 1",
        derive=trace_of_dressed_weight,
        witness=matrix_points,
        reach=12,
    ),
)
