"""Resolvent, Gaussian integrals and the resummed diagrams: eqs. (18)-(38), (54)-(56).

Matrices are non-commuting symbols; `identity` is the identity matrix. The diagrams themselves are
the paper's large-N statement; what is written here is what they sum up to.
"""

from __future__ import annotations

from sympy import (
    Eq,
    Expr,
    Function,
    IndexedBase,
    Integer,
    Integral,
    Limit,
    Sum,
    Symbol,
    exp,
    oo,
    pi,
    sqrt,
    symbols,
)
from sympy.printing.pretty.stringpict import prettyForm

from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import bulk_self_energy, signal_self_energy
from bbpsym.symbols import N, alpha, f, g, p, u, z

order = Symbol("n", nonnegative=True, integer=True)

#: Resolvent, bare resolvent 1/z, self-energy, weight matrix, a rotation and its transpose.
G, G0, Sigma, F, O, Ot = (
    Symbol(name, commutative=False) for name in ("G", "G_0", "Sigma", "F", "O", "O^{T}")
)
identity = Symbol(r"\mathbf{1}", commutative=False)

#: Blocks of the permuted Hessian, eq. (20), and the signal block of the resolvent.
H, H_11, H_12, H_21, H_22, G_11 = (
    Symbol(name, commutative=False)
    for name in ("H", "H_{11}", "H_{12}", "H_{21}", "H_{22}", "G_{11}")
)
P, Q = Symbol("P", commutative=False), Symbol("Q", commutative=False)

#: Eigenvectors as columns, their transpose, eigenvalues on a diagonal.
vectors, vectors_t, Lambda = (Symbol(name, commutative=False) for name in ("V", "V^{T}", "Lambda"))

#: Two fields, the matrix z - H between them, and the partition function of one field.
phi_1, phi_2 = symbols("phi_1 phi_2", real=True)
A_11, A_12, A_22, Z = symbols("A_11 A_12 A_22 Z", positive=True)
resolvent_entry = Symbol("G_{12}", real=True)
replicas = Symbol("n", positive=True)

#: Density of eigenvalues and the height above the real axis, eq. (19).
rho, epsilon = Symbol("rho", nonnegative=True), Symbol("epsilon", positive=True)
imaginary_part = Symbol(r"\mathrm{Im}\, g(\lambda - i 0)", real=True)

#: A pre-activation, a coordinate of the input and the weight between them, eq. (24).
correlation = Symbol(r"\mathrm{corr}(\lambda_q, x_i)", real=True)
w_qi = Symbol("w_{qi}", real=True)

#: A sum over the samples.
sample_mean = Symbol(r"\frac{1}{N} \sum_\mu f^\mu", real=True)


class MatrixAverage(Function):
    """The average of a matrix over the data; stays unevaluated and does not commute."""

    nargs = 1
    is_commutative = False

    def _latex(self, printer, exp: str | None = None) -> str:  # type: ignore[no-untyped-def]
        body = rf"\mathbb{{E}}\left[ {printer._print(self.args[0])} \right]"
        return body if exp is None else f"{body}^{{{exp}}}"

    def _pretty(self, printer) -> prettyForm:  # type: ignore[no-untyped-def]
        body = prettyForm(*printer._print(self.args[0]).parens("[", "]"))
        return prettyForm(*body.left("E"))

    def _sympystr(self, printer) -> str:  # type: ignore[no-untyped-def]
        return f"E[{printer._print(self.args[0])}]"


def inverse(matrix: Expr) -> Expr:
    """Inverse of a matrix."""
    return matrix**-1


def cancel_rotations(product: Expr) -> Expr:
    """Cancel `O^T O` in an expanded product of matrices."""
    return product.expand().subs(Ot * O, 1)


def normalised_trace(matrices: Expr) -> Expr:
    """`tr(X)/p` for functions of F: its eigenvalues f take its place under the average."""
    numbers: dict[Expr, Expr] = {F: f, identity: Integer(1)}
    means = {
        item: Average(item.args[0].xreplace(numbers)) for item in matrices.atoms(MatrixAverage)
    }
    return matrices.xreplace(means).xreplace(numbers)


def dressed_matrix(resolvent: Expr = G, weight: Expr = F) -> Expr:
    """The dressed weight as a matrix, `F (1 - G F)^{-1}`, eq. (27)."""
    return weight * inverse(identity - resolvent * weight)


def rainbow_series() -> Expr:
    """The sum of the rainbow diagrams, `F + F G F + F G F G F + ...`, before (27)."""
    return Sum(F * (G * F) ** order, (order, 0, oo))


def stieltjes_definition() -> Eq:
    """Stieltjes transform, eq. (18)."""
    trace = IndexedBase("G")[order, order]
    return Eq(g, Sum(trace, (order, 1, p * N)) / (p * N))


def inversion_formula() -> Eq:
    """Stieltjes inversion, eq. (19)."""
    return Eq(rho, imaginary_part / pi)


def permuted_hessian() -> Eq:
    """The Hessian with the signal rows first, eq. (20); P projects on them, Q on the others."""
    return Eq(H, P * H_11 * P + P * H_12 * Q + Q * H_21 * P + Q * H_22 * Q)


def signal_block() -> Eq:
    """The signal block of the resolvent, eq. (21)."""
    rest = inverse(z * identity - H_22)
    return Eq(G_11, inverse(z * identity - H_11 - H_12 * rest * H_21))


def gaussian_weight() -> Expr:
    """Weight `exp(-phi^T A phi / 2)` of two fields, `A = z - H`."""
    return exp(-(A_11 * phi_1**2 + 2 * A_12 * phi_1 * phi_2 + A_22 * phi_2**2) / 2)


def gaussian_integral() -> Eq:
    """Resolvent as a Gaussian average, eq. (22)."""
    limits = (phi_1, -oo, oo), (phi_2, -oo, oo)
    average = Integral(phi_1 * phi_2 * gaussian_weight(), *limits)
    return Eq(resolvent_entry, average / Integral(gaussian_weight(), *limits))


def replica_trick() -> Eq:
    """The normalisation as a limit of replicas, eq. (23)."""
    return Eq(1 / Z, Limit(Z ** (replicas - 1), replicas, 0))


def bulk_independence() -> Eq:
    """Pre-activations and one coordinate of the input, eq. (24)."""
    return Eq(correlation, w_qi / sqrt(N))


def dyson_series() -> Eq:
    """Resolvent as a sum over insertions of the self-energy, eq. (25)."""
    return Eq(G, Sum((G0 * Sigma) ** order * G0, (order, 0, oo)))


def dyson_equation() -> Eq:
    """Dyson's equation, eq. (26)."""
    return Eq(G, inverse(inverse(G0) - Sigma))


def self_energy() -> Eq:
    """Self-energy of the bulk, eq. (27)."""
    return Eq(Sigma, alpha * MatrixAverage(dressed_matrix()))


def resolvent_equation(resolvent: Expr = G, weight: Expr = F, inside: Expr = G) -> Eq:
    """Self-consistent equation of the resolvent, eqs. (28)-(30)."""
    energy = alpha * MatrixAverage(dressed_matrix(inside, weight))
    return Eq(resolvent, inverse(z * identity - energy))


def rotated_resolvent_equation() -> Eq:
    """The same for a rotated weight matrix, eq. (29)."""
    return resolvent_equation(weight=O * F * Ot)


def resolvent_equation_rotated_back() -> Eq:
    """The same with the rotation moved to the resolvent, eq. (30)."""
    return resolvent_equation(resolvent=Ot * G * O, inside=Ot * G * O)


def scalar_equation() -> Eq:
    """Self-consistent equation of the Stieltjes transform, eq. (31)."""
    return Eq(1 / g, z - bulk_self_energy())


def marginal_weight() -> Eq:
    """The signal fields once the others are integrated out, eq. (32)."""
    marginal = sqrt(2 * pi / A_22) * exp(-(A_11 - A_12**2 / A_22) * phi_1**2 / 2)
    return Eq(Integral(gaussian_weight(), (phi_2, -oo, oo)), marginal)


def signal_dyson_equation() -> Eq:
    """Dyson's equation in the signal block, eq. (33)."""
    return Eq(G_11, inverse(z * identity - Sigma))


def signal_matrix(resolvent: Expr = G, weight: Expr = F) -> Expr:
    """Self-energy of one signal direction, eq. (34): `alpha E[u^2 F (1 - G F)^{-1}]`."""
    return alpha * MatrixAverage(u**2 * dressed_matrix(resolvent, weight))


def signal_self_energy_matrix() -> Eq:
    """Self-energy of a signal direction, eq. (34)."""
    return Eq(Sigma, signal_matrix())


def signal_self_energy_scalar_resolvent() -> Eq:
    """The same with `G = g 1`, eq. (35)."""
    return Eq(Sigma, signal_matrix(g * identity))


def signal_self_energy_rotated() -> Eq:
    """The same for a rotated weight matrix, eq. (36)."""
    return Eq(Sigma, signal_matrix(g * identity, O * F * Ot))


def signal_self_energy_rotated_back() -> Eq:
    """The rotation moved to the self-energy, eq. (37)."""
    return Eq(Ot * Sigma * O, signal_matrix(g * identity))


def singular_signal_block() -> Eq:
    """Where the signal block is singular, eq. (38)."""
    return Eq(z, signal_self_energy())


def spectral_decomposition() -> Eq:
    """Resolvent in the basis of eigenvectors, eq. (54)."""
    return Eq(G, vectors * inverse(z * identity - Lambda) * vectors_t)
