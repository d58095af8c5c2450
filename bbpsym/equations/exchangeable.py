"""Bulk, edge, outliers and overlap where G is no number: two or three nodes of any activation.

Exchange of the nodes leaves G with the eigenvalues `g_s` along (1, ..., 1) and `g_o` across. In a
basis along (s) and across (a, b), with `K = F (1 - G F)^-1`, (27)-(31), (34)-(38), (44) and (56)
hold as equations of matrices. The signal block `alpha <w w^T (x) K>`, with the input `w` along the
teacher's and the student's weights, falls into one block for each kind of vectors that exchange
does not mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import permutations
from math import factorial
from types import MappingProxyType

from sympy import (
    Eq,
    Expr,
    GramSchmidt,
    ImmutableMatrix,
    Integer,
    MatMul,
    Matrix,
    Symbol,
    diag,
    eye,
    factor,
    kronecker_product,
    sqrt,
    symbols,
)

from bbpsym.equations.average import Average
from bbpsym.symbols import DIRECTIONS, alpha, dressed_entries, node_directions, outlier, u, z

#: Widths for which all of it is written.
WIDTHS = (2, 3)

#: Kinds of vectors that exchange does not mix; for two nodes the alternating one is the standard.
TRIVIAL, STANDARD, ALTERNATING = "trivial", "standard", "alternating"

#: Stieltjes transforms along (1, ..., 1) and across, and their slopes in z.
g_s, g_o = symbols("g_s g_o", real=True)
slope_s, slope_o = symbols("g_s' g_o'", real=True)


def transforms(p: int) -> tuple[Symbol, ...]:
    """The diagonal of G."""
    return (g_s, *[g_o] * (p - 1))


def basis(p: int) -> Matrix:
    """Orthonormal columns: along (1, ..., 1), and across it."""
    rows = [[1] * p, *([1] * k + [-k] + [0] * (p - k - 1) for k in range(1, p))]
    return Matrix([[Integer(x) / sqrt(sum(x * x for x in row)) for x in row] for row in rows]).T


def entry(i: int, j: int) -> Symbol:
    """An entry of the dressed weight matrix K."""
    return dressed_entries[DIRECTIONS[min(i, j)] + DIRECTIONS[max(i, j)]]


def dressed_weight(p: int) -> Matrix:
    """K, the series (27) of rainbow diagrams: a symmetric matrix."""
    return Matrix(p, p, entry)


def input_directions(p: int) -> tuple[Symbol, ...]:
    """Coordinates w of an input: along the teacher, and along what the student's nodes add."""
    return (u, *node_directions[:p])


def bulk_equations() -> tuple[Eq, Eq]:
    """The bulk, eq. (31), for both transforms."""
    return tuple(Eq(z, 1 / g + alpha * Average(entry(i, i))) for i, g in enumerate((g_s, g_o)))


def response(p: int) -> Matrix:
    """Slope of `<K_ii>` in `g_j`, from `dK = K dG K`: the sum of `<K_ij^2>` over a direction j."""
    across = range(1, p)
    return Matrix(
        [
            [Average(entry(i, 0) ** 2), Average(sum(entry(i, j) ** 2 for j in across))]
            for i in (0, 1)
        ]
    )


def sharp_edge(p: int) -> Eq:
    """Where `lambda` has no slope along the bulk, eq. (44).

    The positive map `D -> alpha G <K D K> G` on diagonal matrices has the eigenvalue one; at the
    edge it is its largest.
    """
    m = response(p)
    own = [1 / g**2 - alpha * m[i, i] for i, g in enumerate((g_s, g_o))]
    return Eq(own[0] * own[1], alpha**2 * m[0, 1] * m[1, 0])


def transform_slopes(p: int) -> tuple[Eq, Eq]:
    """`dG/dz` from the bulk: it takes the place of `1/lambda'(g)` in (58)."""
    jacobian = alpha * response(p) - diag(1 / g_s**2, 1 / g_o**2)
    return tuple(Eq(1, row) for row in jacobian * Matrix([slope_s, slope_o]))


@cache
def vectors(p: int) -> Mapping[str, tuple[Matrix, ...]]:
    """Vectors of the signal block by their kind, each as the covector `w^T B` on the nodes.

    `sum_g D_11(g) rho(g)` projects on those that exchanges turn like the first row of D.
    """
    turns = [basis(p).T * eye(p)[:, list(order)] * basis(p) for order in permutations(range(p))]
    kinds = {
        TRIVIAL: lambda turn: turn[0, 0],
        STANDARD: lambda turn: turn[1, 1],
        ALTERNATING: lambda turn: turn[1:, 1:].det(),
    }
    if p == min(WIDTHS):
        del kinds[ALTERNATING]
    rows = Matrix([input_directions(p)])
    found = {}
    for kind, element in kinds.items():
        share = Integer(p - 1 if kind == STANDARD else 1) / factorial(p)
        projector = share * sum(
            (element(turn) * kronecker_product(diag(1, turn), turn) for turn in turns),
            start=Matrix.zeros(p * (p + 1)),
        )
        columns = GramSchmidt(projector.expand().columnspace(), orthonormal=True)
        found[kind] = tuple(rows * column.reshape(p + 1, p) for column in columns)
    return MappingProxyType(found)


def signal_block(p: int, kind: str) -> Matrix:
    """A block of `<w w^T (x) K>`, the signal's self-energy (34) over alpha: `<r_i K r_j^T>`."""
    rows = vectors(p)[kind]

    def between(i: int, j: int) -> Expr:
        return Average(factor((rows[i] * dressed_weight(p) * rows[j].T)[0].expand()))

    return ImmutableMatrix(len(rows), len(rows), between)


def null_vector(size: int) -> Matrix:
    """Components of the unit vector on which `lambda_* - alpha <w w^T (x) K>` vanishes."""
    return ImmutableMatrix([Symbol(f"n_{k + 1}", real=True) for k in range(size)])


def outlier_equation(p: int, kind: str) -> Eq:
    """An eigenvalue of the signal's self-energy is `z = lambda_*`, eq. (38)."""
    block = signal_block(p, kind)
    null = null_vector(block.rows)
    return Eq(MatMul(alpha, block, null), MatMul(outlier, null))


def overlap2(p: int, kind: str) -> Expr:
    """Squared overlap `1/(1 - n^T dS/dz n)`, eq. (56).

    From `dK = K dG K` the slope is `alpha <q G' q^T>` with `q = r K` and `r = sum_i n_i r_i`.
    """
    rows = vectors(p)[kind]
    total = sum((n * row for n, row in zip(null_vector(len(rows)), rows, strict=True)), 0 * rows[0])
    along, *across = total * dressed_weight(p)
    slope = slope_s * Average(along**2) + slope_o * Average(sum(x**2 for x in across))
    return 1 / (1 - alpha * slope)
