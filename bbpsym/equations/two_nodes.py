"""Bulk, edge, outliers and overlap where G is no number: two nodes of any activation.

Exchange of the nodes leaves G with the eigenvalues `g_s` along (1, 1) and `g_o` across. In this
basis `K = F (1 - G F)^-1`, and (27)-(31), (34)-(38), (44) and (56) hold as equations of matrices.
With more nodes the part across is a matrix, whose trace over p - 1 takes the place of `K_oo`.
"""

from __future__ import annotations

from functools import cache

from sympy import Eq, Expr, Matrix, Symbol, cancel, diag, eye, symbols

from bbpsym.equations.average import Average
from bbpsym.symbols import alpha, f_across, f_along, f_mixed, u, z

#: Stieltjes transforms along (1, 1) and across.
g_s, g_o = symbols("g_s g_o", real=True)
transforms = (g_s, g_o)

#: Squared overlap, and the slopes of G at the outlier.
slope_s, slope_o = symbols("g_s' g_o'", real=True)
slope = Symbol("S'", real=True)

weight = Matrix([[f_along, f_mixed], [f_mixed, f_across]])


@cache
def dressed_weight() -> Matrix:
    """`K = F (1 - G F)^-1`: the series (27) of rainbow diagrams."""
    return (weight * (eye(2) - diag(*transforms) * weight).inv()).applyfunc(cancel)


def inverse_stieltjes() -> tuple[Expr, Expr]:
    """`1/g_i + alpha <K_ii>`, the two sides of (31): both are z."""
    K = dressed_weight()
    return tuple(1 / g + alpha * Average(K[i, i]) for i, g in enumerate(transforms))


def bulk_equations() -> tuple[Eq, Eq]:
    """The bulk, eq. (31), for both transforms."""
    return tuple(Eq(z, value) for value in inverse_stieltjes())


def response() -> Matrix:
    """`<K_ij^2>`, the slope of `<K_ii>` in `g_j`: `dK = K dG K`."""
    return Matrix(2, 2, [Average(entry**2) for entry in dressed_weight()])


def edge_map() -> Matrix:
    """The positive map `D -> alpha G <K D K> G` on diagonal matrices.

    A sharp edge, eq. (44), is where its Perron eigenvalue is one; the determinant of one less the
    map vanishes there too, but elsewhere as well.
    """
    return Matrix(2, 2, lambda i, j: alpha * transforms[i] ** 2 * response()[i, j])


def teacher_block() -> Matrix:
    """`alpha <u^2 K>`, the part of the signal block along the teacher, eq. (34)."""
    return dressed_weight().applyfunc(lambda entry: alpha * Average(u**2 * entry))


def transform_slopes() -> tuple[Eq, Eq]:
    """`dG/dz` from the bulk: it takes the place of `1/lambda'(g)` in (58)."""
    slopes = Matrix([slope_s, slope_o])
    jacobian = alpha * response() - diag(*(1 / g**2 for g in transforms))
    return tuple(Eq(row, 1) for row in jacobian * slopes)


def overlap2() -> Expr:
    """Squared overlap `1/(1 - S')`, eq. (56), with `S' = n^T dSigma/dz n` at a null vector n."""
    return 1 / (1 - slope)
