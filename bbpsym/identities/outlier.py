"""Chapter 6: the signal block and the outliers, eqs. (32)-(40)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from sympy import Add, Eq, Integral, Rational, Symbol, eye, integrate, oo, solve, symbols

from bbpsym.equations import network, resolvent, spectrum
from bbpsym.equations.average import Average
from bbpsym.identities.bulk import (
    cancel_rotations,
    commutant_of_rotations,
    geometric_series,
    matrix_points,
    normalised_trace,
)
from bbpsym.identities.notation import outlier_value
from bbpsym.identities.points import parameters, rational, several
from bbpsym.identities.proof import require
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Nature, Point, Record
from bbpsym.identities.resolvent import block_points, gaussian_points
from bbpsym.identities.witnesses import DRESSED, one_dimensional
from bbpsym.symbols import alpha, g, p_star, u, y, z


def integrate_other_fields() -> Eq:
    """Integrate one Gaussian field by SymPy, eq. (32): the Schur complement of (21) appears."""
    r = resolvent
    found = integrate(r.gaussian_weight(), (r.phi_2, -oo, oo))
    return Eq(Integral(r.gaussian_weight(), (r.phi_2, -oo, oo)), found)


def field_points(rng: Random, digits: int) -> Iterator[Point]:
    """Random positive matrices, at a random value of the field that stays."""
    for point in gaussian_points(rng, digits):
        yield dict(point) | {resolvent.phi_1: rational(rng, -1, 1)}


def signal_dyson() -> Eq:
    """The geometric series (26) in the signal block, with the bare resolvent 1/z, eq. (33)."""
    r = resolvent
    equation = geometric_series().rhs
    return Eq(r.G_11, equation.subs(r.inverse(r.G0), z * r.identity))


def signal_block_points(rng: Random, digits: int) -> Iterator[Point]:
    """Blocks of a random matrix: what (21) adds to z is the self-energy of the block."""
    r = resolvent
    for point in block_points(rng, digits):
        level, lower = point[z], point[r.H_22]
        inner = (level * eye(lower.rows) - lower).inv()
        energy = point[r.H_11] + point[r.H_12] * inner * point[r.H_21]
        yield dict(point) | {r.Sigma: energy}


def signal_rainbow() -> Eq:
    """Two vertices with the teacher's component at the ends, rainbows between, eq. (34)."""
    r = resolvent
    step = r.G * r.F
    terms = [u * r.F * step**order * u for order in range(7)]
    for order in range(1, 7):
        partial = Add(*terms[:order])
        rest = u * r.F * step**order * u
        require(
            (partial - partial * step - u**2 * r.F + rest).expand() == 0,
            "the rainbow series between the signal vertices is geometric",
        )
    return Eq(r.Sigma, alpha * r.MatrixAverage(u**2 * r.F * r.inverse(r.identity - step)))


def signal_points(rng: Random, digits: int) -> Iterator[Point]:
    """P = 2, p* = 1: the self-energy as a number times the identity, from scalar averages."""
    for point in matrix_points(rng, digits):
        values = dict(point)
        values[p_star] = Rational(1)
        energy = float(values[alpha]) * average(y * DRESSED, values, 12)
        yield values | {resolvent.Sigma: energy * eye(2)}


def signal_with_scalar_resolvent() -> Eq:
    """Put `G = g 1` into (34); odd powers of u vanish, so the block is diagonal, eq. (35)."""
    r = resolvent
    first, second = symbols("u_1 u_2", real=True)
    even = (first * second).subs(first, -first) + first * second
    require(even == 0, "odd powers average to zero over the sign of a pre-activation")
    return Eq(r.Sigma, r.signal_self_energy_matrix().rhs.subs(r.G, g * r.identity))


def signal_rotated() -> Eq:
    """F and O F O^T have one law, eq. (36)."""
    r = resolvent
    turned = r.O * r.F * r.Ot
    return Eq(r.Sigma, r.signal_self_energy_scalar_resolvent().rhs.subs(r.F, turned))


def signal_rotated_back() -> Eq:
    """A resolvent that is a number lets the rotation through, eq. (37)."""
    r = resolvent
    turned = r.O * r.F * r.Ot
    for order in range(6):
        left = r.Ot * turned * (g * turned) ** order * r.O
        right = r.F * (g * r.F) ** order
        require(
            (cancel_rotations(left.expand()) - right.expand()).expand() == 0,
            "rotations cancel in every term",
        )
    rotated = r.signal_self_energy_rotated().rhs
    average_ = next(iter(rotated.atoms(r.MatrixAverage)))
    inner = r.MatrixAverage(u**2 * r.F * r.inverse(r.identity - g * r.identity * r.F))
    require(
        commutant_of_rotations() == Eq(r.G, g * r.identity),
        "only multiples of the identity commute",
    )
    return Eq(r.Ot * r.Sigma * r.O, rotated.xreplace({average_: inner}))


def singular_point() -> Eq:
    """`z - S` is a number times the identity, hence singular where it vanishes, eq. (38).

    The block is the inverse of (33), and the number the trace of (37), where the eigenvalues (48)
    of F replace F.
    """
    r = resolvent
    number = Symbol("S")
    inverse_block = r.inverse(r.signal_dyson_equation().rhs)
    entry = normalised_trace(inverse_block.subs(r.Sigma, number * r.identity))
    (root,) = solve((entry * eye(3)).det(), z)
    energy = normalised_trace(r.signal_self_energy_rotated_back().rhs)
    return Eq(z, root.subs(number, energy))


def singular_points(rng: Random, digits: int) -> Iterator[Point]:
    """The outlier from one-dimensional integrals, the average in two dimensions."""
    for point in outlier_points(rng, digits):
        yield dict(point) | {z: point[outlier_value]}


def outlier_statement() -> Eq:
    """Position of the outliers as the paper displays it, eq. (39)."""
    return Eq(outlier_value, alpha * Average(y * spectrum.dressed_weight))


def symmetrise_teachers() -> Eq:
    """All teachers enter (38) alike: replace `u_l^2` by its mean over l, the output (1)."""
    energy = resolvent.singular_signal_block().rhs
    mean = network.teacher_output()
    total = Add(*(u**2 for _ in range(3))) / 3  # each term averages to the same number
    require(total == u**2, "teachers enter alike")
    require(mean.rhs.args[0] == 1 / p_star, "the output (1) is the mean over the teachers")
    return Eq(outlier_value, energy.xreplace({u**2: mean.lhs}))


def outlier_points(rng: Random, digits: int) -> Iterator[Point]:
    """An outlier at a random g, from the package's reduction to one dimension."""
    for _ in several(rng, digits):
        values = parameters(rng)
        found = one_dimensional(values, ("outlier_alpha", "outlier_eigenvalue"), digits)
        yield values | {
            alpha: found["outlier_alpha"],
            outlier_value: found["outlier_eigenvalue"],
        }


def eliminate_z() -> Eq:
    """Subtract (31) from (39) at one z, eq. (40)."""
    bulk = resolvent.scalar_equation()
    (level,) = solve(bulk, z)
    outlier = resolvent.singular_signal_block().rhs
    return Eq(1 / g, (outlier - level + 1 / g).expand(average=True))


RECORDS = (
    Record(
        "32",
        "Signal fields once the others are integrated out",
        Nature.DERIVED,
        resolvent.marginal_weight,
        domain="A = z - H positive definite; one field of each kind stands for a block",
        follows_from=("20", "22"),
        how="one Gaussian integral: the Schur complement of (21)",
        derive=integrate_other_fields,
        witness=field_points,
        reach=11,
    ),
    Record(
        "33",
        "Dyson's equation in the signal block",
        Nature.DERIVED,
        resolvent.signal_dyson_equation,
        domain="Sigma: self-energy of the p p* signal fields",
        follows_from=("26", "32"),
        how="geometric series with the bare resolvent 1/z",
        derive=signal_dyson,
        witness=signal_block_points,
    ),
    Record(
        "34",
        "Self-energy of a signal direction",
        Nature.DERIVED,
        resolvent.signal_self_energy_matrix,
        domain="u: pre-activation of one teacher node",
        follows_from=("32", "planarity", "concentration", "24"),
        how="rainbow diagrams with u at both ends: geometric series",
        derive=signal_rainbow,
        witness=signal_points,
        reach=12,
    ),
    Record(
        "35",
        "The same with a scalar resolvent",
        Nature.DERIVED,
        resolvent.signal_self_energy_scalar_resolvent,
        domain="diagonal in the teacher index",
        follows_from=("34", "commutant"),
        how="G = g 1; the average is even in each u_l",
        derive=signal_with_scalar_resolvent,
        witness=signal_points,
        reach=12,
    ),
    Record(
        "36",
        "Rotated weights, the same self-energy",
        Nature.DERIVED,
        resolvent.signal_self_energy_rotated,
        domain="every rotation O of the p nodes",
        follows_from=("35", "29"),
        how="lambda and O lambda have one law",
        derive=signal_rotated,
        witness=signal_points,
        reach=12,
    ),
    Record(
        "37",
        "The rotation moved to the self-energy",
        Nature.DERIVED,
        resolvent.signal_self_energy_rotated_back,
        domain="every rotation O; so Sigma is a multiple of the identity",
        follows_from=("36", "commutant"),
        how="O^T O = 1 in every term; then the commutant",
        derive=signal_rotated_back,
        witness=signal_points,
        reach=12,
    ),
    Record(
        "38",
        "Where the signal block is singular",
        Nature.DERIVED,
        resolvent.singular_signal_block,
        domain="g = g(z), z left of the bulk",
        follows_from=("33", "37", "48"),
        how="determinant of the inverse of (33), with the trace of (37)",
        derive=singular_point,
        witness=singular_points,
    ),
    Record(
        "39",
        "Position of the outliers",
        Nature.DERIVED,
        outlier_statement,
        domain="g = g(lambda_*); p p* outliers at one place",
        follows_from=("38", "1"),
        how="symmetry between the teachers: u_l^2 -> y",
        derive=symmetrise_teachers,
        witness=outlier_points,
    ),
    Record(
        "40",
        "Stieltjes transform at the outlier",
        Nature.DERIVED,
        spectrum.outlier_equation,
        domain="-p/2 < g < 0; u^2 -> y for the Hessian",
        follows_from=("31", "39"),
        how="subtract (31) from (39)",
        derive=eliminate_z,
        witness=outlier_points,
    ),
)
