"""The two networks, the Hessian of the loss, and the overlap matrix: eqs. (1), (2), (4), (7)-(12).

Matrices are non-commuting symbols, their transposes symbols of their own.
"""

from __future__ import annotations

from sympy import Eq, Expr, IndexedBase, KroneckerDelta, Sum, Symbol, sqrt, symbols

from bbpsym.equations.hessian import lambda_q, lambda_r
from bbpsym.equations.weights import argument
from bbpsym.symbols import M, N, a, p, p_star, y, yh

q, r, i, j, k, l, mu = symbols("q r i j k l mu", positive=True, integer=True)

#: Pre-activations of teacher and student nodes.
teacher_nodes, student_nodes = IndexedBase("u"), IndexedBase("lambda")

#: The paper's activation.
SQUARE = argument**2

#: One entry of the Hessian, and the data it is summed over.
hessian_entry = Symbol(r"H_{qi,rj}", real=True)
weight_entry, x_i, x_j = IndexedBase(r"F_{qr}"), IndexedBase("x_i"), IndexedBase("x_j")
weight_matrix_entry = Symbol("F_{qr}", real=True)

#: Student weights, one input, a rotation of the student's nodes and one of the teacher's.
W, Wt, x, xt, O, Ot, O_star = (
    Symbol(name, commutative=False) for name in ("W", "W^{T}", "x", "x^{T}", "O", "O^{T}", "O^{*}")
)

#: Eigenvector as a p x N matrix, teacher weights, overlap matrix, unit matrix E_kl.
V, W_star_t, overlap_matrix, unit_matrix = (
    Symbol(name, commutative=False) for name in ("V", "W^{*T}", "M", "E_{kl}")
)
overlap_entries = IndexedBase("M")
m = Symbol("m", nonnegative=True)
entry_overlap2 = Symbol("m_{kl}^2", nonnegative=True)


def teacher_output(
    activation: Expr = SQUARE, share: Expr = 1 / p_star, label: Symbol = y, width: Expr = p_star
) -> Eq:
    """Teacher output, eq. (1), for any activation in `argument`."""
    nodes = activation.subs(argument, teacher_nodes[l])
    return Eq(label, share * Sum(nodes, (l, 1, width)))


def student_output(
    activation: Expr = SQUARE, share: Expr = 1 / p, prediction: Symbol = yh, width: Expr = p
) -> Eq:
    """Student output, eq. (2), for any activation in `argument`."""
    nodes = activation.subs(argument, student_nodes[k])
    return Eq(prediction, share * Sum(nodes, (k, 1, width)))


def hessian_blocks() -> Eq:
    """Entry of the Hessian, eq. (4): a sum over the samples."""
    return Eq(hessian_entry, Sum(weight_entry[mu] * x_i[mu] * x_j[mu], (mu, 1, M)))


def weight_matrix_entries() -> Eq:
    """Weight matrix of one sample as the paper displays it, eq. (5)."""
    kronecker = KroneckerDelta(q, r)
    bracket = 2 * lambda_q * lambda_r / p + kronecker * (yh - y)
    return Eq(weight_matrix_entry, 2 / p * bracket / (a + y))


def entries_of(slope: Expr, curvature: Expr, activation: Expr, share: Expr) -> Eq:
    """Weight matrix of any network, from `l'` and `l''` by the student's output, as (5)."""
    first = activation.diff(argument)
    rank_one = first.subs(argument, lambda_q) * first.subs(argument, lambda_r)
    diagonal = activation.diff(argument, 2).subs(argument, lambda_q)
    entry = share**2 * curvature * rank_one + KroneckerDelta(q, r) * share * slope * diagonal
    return Eq(weight_matrix_entry, entry)


def student_output_as_matrix() -> Eq:
    """Student output as a quadratic form, eq. (10): `|W x|^2 / p`."""
    return Eq(yh, xt * Wt * W * x / p)


def rotated_output() -> Eq:
    """Invariance of (10) under a rotation of the nodes."""
    return Eq(xt * Wt * Ot * O * W * x / p, xt * Wt * W * x / p)


def overlap_matrix_definition() -> Eq:
    """Overlap matrix of an eigenvector reshaped to p x N, eq. (9)."""
    return Eq(overlap_matrix, V * W_star_t / sqrt(N))


def rotated_overlap_matrix() -> Eq:
    """Overlap matrix seen in practice, eq. (11)."""
    return Eq(overlap_matrix, m * O * unit_matrix * O_star)


def overlap_norm() -> Eq:
    """Overlap from the Frobenius norm, eq. (12), squared."""
    return Eq(m**2, Sum(overlap_entries[k, l] ** 2, (k, 1, p), (l, 1, p_star)))
