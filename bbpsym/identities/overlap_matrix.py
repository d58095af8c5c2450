"""Chapter 2: rotations of the nodes and the overlap matrix, eqs. (8)-(13)."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
from sympy import (
    Eq,
    Expr,
    MatMul,
    Matrix,
    Mul,
    Rational,
    Sum,
    Symbol,
    eye,
    residue,
    simplify,
    sqrt,
    symbols,
    zeros,
)

from bbpsym.equations import network, spectrum
from bbpsym.identities.overlap import residue_by_series
from bbpsym.identities.points import matrix, rational, rotation, several
from bbpsym.identities.proof import require
from bbpsym.identities.record import Nature, Point, Record, Statement
from bbpsym.identities.witnesses import sampled_outliers
from bbpsym.symbols import N, p, p_star, yh, z

v_dot_w, v_norm, w_norm = (
    Symbol(rf"\left|{inside}\right|", positive=True)
    for inside in (r"v \cdot w^{*}", "{v}", "w^{*}")  # SymPy leaves names with a brace alone
)
entry_overlap2 = Symbol("m_{kl}^2", nonnegative=True)


def normalised_overlap() -> Eq:
    """Overlap of an eigenvector with a single teacher, eq. (8)."""
    return Eq(network.m, v_dot_w / (v_norm * w_norm))


def student_output_statement() -> Statement:
    """Output as a quadratic form and its invariance, eq. (10)."""
    return network.student_output_as_matrix(), network.rotated_output()


def quadratic_form() -> Statement:
    """Write `lambda_k = sum_i W_ki x_i` in (2); cancel a rotation against its transpose."""
    sum_of_squares = network.student_output().rhs * p
    inner = network.student_output_as_matrix().rhs.function.base
    output = sum_of_squares.replace(
        lambda term: term == network.student_nodes[network.k], lambda _term: inner
    )
    rotated = network.xt * network.Wt * network.Ot * network.O * network.W * network.x
    cancelled = rotated.subs(network.Ot * network.O, 1)
    for width in (2, 3):
        turn = symbolic_rotation(width)
        require(simplify(turn.T * turn - eye(width)) == zeros(width), "O^T O = 1")
    return Eq(p * yh, output), Eq(rotated, cancelled)


def symbolic_rotation(size: int) -> Matrix:
    """A general rotation near the identity, by Cayley's transform."""
    names = iter(symbols(f"tau:{size * (size - 1) // 2}", real=True))
    generator = zeros(size)
    for row in range(size):
        for column in range(row):
            generator[row, column] = next(names)
            generator[column, row] = -generator[row, column]
    return (eye(size) - generator).inv() * (eye(size) + generator)


def output_points(rng: Random, digits: int) -> Iterator[Point]:
    """Random rational weights, inputs and rotations."""
    for _ in several(rng, digits):
        width, size = rng.randint(2, 3), 3
        weights, x, turn = matrix(rng, width, size), matrix(rng, size, 1), rotation(rng, width)
        entries = {
            network.W_entries[k + 1, i + 1]: weights[k, i]
            for k in range(width)
            for i in range(size)
        }
        inputs = {network.x_entries[i + 1]: x[i] for i in range(size)}
        rotated = turn * weights * x
        matrices = {
            network.W: weights,
            network.Wt: weights.T,
            network.x: x,
            network.xt: x.T,
            network.O: turn,
            network.Ot: turn.T,
        }
        output = sum(value**2 for value in rotated) / width
        yield entries | inputs | matrices | {p: Rational(width), N: Rational(size), yh: output}


def rotate_overlap_matrix() -> Eq:
    """Rotate student and teacher nodes in the definition (9) of an aligned overlap matrix."""
    aligned = network.overlap_matrix_definition().rhs.subs(
        network.V * network.W_star_t, sqrt(N) * network.m * network.unit_matrix
    )
    turned = network.O * aligned * network.O_star
    return Eq(network.overlap_matrix, turned)


def rotated_points(rng: Random, digits: int) -> Iterator[Point]:
    """An eigenvector aligned with one pair of nodes, in rotated bases of both networks."""
    for _ in several(rng, digits):
        width, width_star, size = 2, 3, 5
        row, column = rng.randrange(width), rng.randrange(width_star)
        overlap = rational(rng, 0, 1)
        teacher = zeros(width_star, size)
        for l in range(width_star):
            teacher[l, l] = Rational(3)  # |w*_l| = sqrt(N) with N = 9
        vector = zeros(width, size)
        vector[row, column] = overlap
        vector[row, size - 1] = 1 - overlap  # what is not aligned is orthogonal to all teachers
        turn, turn_star = rotation(rng, width), rotation(rng, width_star)
        unit = zeros(width, width_star)
        unit[row, column] = 1
        found = (turn * vector) * (turn_star.T * teacher).T / 3
        yield {
            network.overlap_matrix: found,
            network.m: overlap,
            network.O: turn,
            network.O_star: turn_star,
            network.unit_matrix: unit,
        }


def frobenius_norm() -> Eq:
    """The Frobenius norm of (11) for small widths, with general rotations."""
    for width, width_star in ((1, 1), (2, 1), (2, 2)):
        turned = network.rotated_overlap_matrix().rhs
        found = _with_rotations(turned, width, width_star)
        ratio = simplify(sum(value**2 for value in found) / network.m**2)
        require(ratio == 1, "the Frobenius norm is m")
    # For any width: tr(O E O* O*^T E^T O^T) = tr(E E^T) = 1, by the cyclic property of the trace.
    limits = (network.k, 1, p), (network.l, 1, p_star)
    entry = network.overlap_entries[network.k, network.l]
    return Eq(network.m**2, Sum(entry**2, *limits))


def _with_rotations(product: Expr, width: int, width_star: int) -> Matrix:
    """A product `m O E O*` with general rotations and one unit entry."""
    unit = zeros(width, width_star)
    unit[width - 1, 0] = 1
    matrices = {
        network.O: symbolic_rotation(width),
        network.unit_matrix: unit,
        network.O_star: symbolic_rotation(width_star),
    }
    numbers, factors = product.args_cnc()
    return Mul(*numbers) * MatMul(*(matrices[item] for item in factors)).doit()


def norm_points(rng: Random, digits: int) -> Iterator[Point]:
    """Entries of rotated overlap matrices."""
    for point in rotated_points(rng, digits):
        found = point[network.overlap_matrix]
        entries = {
            network.overlap_entries[k + 1, l + 1]: found[k, l]
            for k in range(found.rows)
            for l in range(found.cols)
        }
        widths = {p: Rational(found.rows), p_star: Rational(found.cols)}
        yield entries | widths | {network.m: point[network.m]}


def equal_overlaps() -> Eq:
    """All outliers share one overlap, eq. (13)."""
    return Eq(entry_overlap2, spectrum.overlap2())


def residues_in_the_signal_block() -> Eq:
    """The signal block is the identity times `1/(z - S)`: one residue for all p p* directions."""
    slope = Symbol("c", positive=True)  # the slope of z - S(g(z)) at its zero, as in (58)
    place = Symbol("lambda_*", real=True)
    block = eye(4) * ((z - place) * slope)
    residues = {residue(entry, z, place) for entry in block.inv().diagonal()}
    (common,) = residues
    return Eq(entry_overlap2, common.subs(slope, 1 / residue_by_series().rhs))


def simulated_points(rng: Random, _digits: int) -> Iterator[Point]:
    """Overlap matrices of the lowest eigenvectors of a sampled Hessian."""
    found = sampled_outliers(np.random.default_rng(rng.randrange(2**32)))
    for overlap2 in found.overlaps2:
        yield {entry_overlap2: overlap2, **found.parameters}


RECORDS = (
    Record(
        "8",
        "Overlap with a single teacher",
        Nature.DEFINITION,
        normalised_overlap,
        domain="p = p* = 1",
        follows_from=("1",),
    ),
    Record(
        "9",
        "Overlap matrix",
        Nature.DEFINITION,
        network.overlap_matrix_definition,
        domain="V: an eigenvector reshaped to p x N, of unit Frobenius norm; W*: p* x N",
        follows_from=("1", "4"),
    ),
    Record(
        "10",
        "Output as a quadratic form, and its invariance",
        Nature.DERIVED,
        student_output_statement,
        domain="O a rotation of the p nodes",
        follows_from=("2",),
        how="lambda_k = (W x)_k; O^T O = 1, rotations written out for p = 2, 3",
        derive=quadratic_form,
        witness=output_points,
    ),
    Record(
        "11",
        "Overlap matrix in rotated bases",
        Nature.DERIVED,
        network.rotated_overlap_matrix,
        domain="O, O* rotations of the student's and the teacher's nodes",
        follows_from=("9", "10"),
        how="rotate V and W* in (9)",
        derive=rotate_overlap_matrix,
        witness=rotated_points,
    ),
    Record(
        "12",
        "Overlap from the Frobenius norm",
        Nature.DERIVED,
        network.overlap_norm,
        domain="0 <= m <= 1",
        follows_from=("11",),
        how="rotations written out for small widths; trace for any",
        derive=frobenius_norm,
        witness=norm_points,
    ),
    Record(
        "13",
        "All outliers share one overlap",
        Nature.DERIVED,
        equal_overlaps,
        domain="every pair of nodes k, l",
        follows_from=("11", "12", "37", "38", "58"),
        how="the signal block is a multiple of the identity: one residue",
        note="Numbers: the two outliers of sampled Hessians with p = 2, p* = 1; fluctuations of "
        "order 1/sqrt(N) leave one digit.",
        derive=residues_in_the_signal_block,
        witness=simulated_points,
        reach=1,
    ),
)
