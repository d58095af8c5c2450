"""Chapter 1: outputs, loss, Hessian, spectral density, eqs. (1)-(7), (48)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from sympy import (
    Eq,
    Expr,
    Function,
    KroneckerDelta,
    Matrix,
    Rational,
    Symbol,
    diff,
    exp,
    expand,
    factor,
    integrate,
    oo,
    pi,
    simplify,
    sqrt,
    symbols,
)

from bbpsym.equations import network
from bbpsym.equations.ensemble import chi_square
from bbpsym.equations.hessian import lambda_q, lambda_r, loss, rest, weight_matrix
from bbpsym.identities.points import matrix, rational, several
from bbpsym.identities.proof import require
from bbpsym.identities.record import Nature, Point, Record, Statement
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import M, a, p, p_star, sigma, u, y, yh

loss_of_sample = Symbol("L", nonnegative=True)
spectral_density = Function(r"\rho")(Symbol(r"\lambda"))
eigenvalue_count = Symbol(r"n(\lambda, \lambda + d\lambda)")
d_lambda = Symbol(r"d\lambda", positive=True)
laplace = Symbol(r"\langle e^{-\sigma y} \rangle", positive=True)
preprocessed = Function(r"\mathcal{T}")
eigenvalues = symbols("f_1 f_2", real=True)


def loss_statement() -> Eq:
    """Loss of one sample, eq. (3); the loss is its sum over the samples."""
    return Eq(loss_of_sample, loss())


def density_statement() -> Eq:
    """Density of the pN eigenvalues, eq. (6)."""
    return Eq(spectral_density, eigenvalue_count / (p * Symbol("N", positive=True) * d_lambda))


def spectral_method_statement() -> Eq:
    """Matrix of a spectral method, eq. (7): one weight, the preprocessed output."""
    weights = Symbol("D_{ij}", real=True)
    return Eq(
        weights,
        network.hessian_blocks().rhs.xreplace(
            {network.weight_entry[network.mu]: preprocessed(Symbol("y^mu", nonnegative=True))}
        ),
    )


def chi_square_statement() -> Eq:
    """Law of the output of a network of width p* at initialisation."""
    return Eq(laplace, exp(chi_square(y, p_star).log_laplace))


def chi_square_from_gaussian() -> Eq:
    """One Gaussian pre-activation at a time: the transforms multiply."""
    normal = exp(-(u**2) / 2) / sqrt(2 * pi)
    one = integrate(exp(-sigma * u**2 / p_star) * normal, (u, -oo, oo), conds="none")
    return Eq(laplace, simplify(one) ** p_star)


def chi_square_points(rng: Random, digits: int) -> Iterator[Point]:
    """Direct integration of the chi-square density."""
    ctx = context(digits + 15)
    for _ in several(rng, digits):
        width, at = rng.randint(1, 5), rational(rng, 0, 3)
        half, point = ctx.mpf(width) / 2, ctx.mpf(int(at.p)) / int(at.q)

        def density(root: Any, half: Any = half, point: Any = point) -> Any:
            decay = ctx.exp(-(half + point) * root**2)
            return 2 * half**half / ctx.gamma(half) * root ** (2 * half - 1) * decay

        value = ctx.quad(density, [0, 1, 3, ctx.inf])
        yield {laplace: value, p_star: Rational(width), sigma: at}


def hessian_by_chain_rule() -> Eq:
    """Differentiate the loss of one sample twice with respect to two weights, eq. (4).

    The weights enter through the pre-activations alone, `lambda_q = w_q . x`; everything in them
    that is not differentiated is kept as a rest.
    """
    w_q, w_r, xi_, xj_, others_q, others_r = symbols("w_qi w_rj x_i x_j R_q R_r", real=True)
    inner = {lambda_q: w_q * xi_ + others_q, lambda_r: w_r * xj_ + others_r}
    output = (lambda_q**2 + lambda_r**2 + rest) / p
    sample = loss().subs(yh, output)
    mixed = diff(sample.subs(inner), w_q, w_r)
    ratio = factor(mixed / sample.diff(lambda_q, lambda_r).subs(inner))
    same_node = {lambda_q: w_q * xi_ + w_r * xj_ + others_q}
    twice = diff(sample.subs(same_node), w_q, w_r)
    diagonal = factor(twice / sample.diff(lambda_q, 2).subs(same_node))
    require(simplify(ratio - diagonal) == 0, "the chain rule gives x_i x_j on and off the diagonal")
    entries = {xi_: network.x_i[network.mu], xj_: network.x_j[network.mu]}
    term = network.weight_entry[network.mu] * ratio.subs(entries)
    return Eq(network.hessian_entry, network.hessian_blocks().rhs.func(term, (network.mu, 1, M)))


def hessian_points(rng: Random, digits: int) -> Iterator[Point]:
    """Numerical second derivatives of the loss of a small network."""
    for node, other in ((0, 0), (0, 1)):
        network_ = SmallNetwork(
            matrix(rng, 2, 3), matrix(rng, 2, 3), matrix(rng, 4, 3), rational(rng, "0.3", 3)
        )
        yield network_.point(node, other) | {
            network.hessian_entry: network_.second_derivative((node, 0), (other, 2), digits)
        }


@dataclass(frozen=True)
class SmallNetwork:
    """Rational weights and data of a network small enough for numerical derivatives."""

    student: Matrix
    teacher: Matrix
    data: Matrix
    shift: Rational

    def point(self, node: int, other: int) -> dict[Any, Any]:
        """Weights (5) and inputs of all samples, for the coordinates 0 and 2."""
        point: dict[Any, Any] = {M: Rational(self.data.rows)}
        for sample in range(self.data.rows):
            x = self.data[sample, :].T
            entry = _weight_entry(self.student * x, self.teacher * x, self.shift, node, other)
            point[network.weight_entry[sample + 1]] = entry
            point[network.x_i[sample + 1]] = x[0]
            point[network.x_j[sample + 1]] = x[2]
        return point

    def second_derivative(self, at: tuple[int, int], to: tuple[int, int], digits: int) -> Any:
        """Mixed derivative of the loss in two weights, by central differences, extrapolated."""
        ctx = context(4 * digits + 40)

        def total(first: Any, second: Any) -> Any:
            moved = ctx.matrix(self.student)
            moved[at] += first
            moved[to] += second
            return _loss_of(moved, ctx.matrix(self.teacher), ctx.matrix(self.data), self.shift, ctx)

        def mixed(h: Any) -> Any:
            return (total(h, h) - total(h, -h) - total(-h, h) + total(-h, -h)) / (4 * h**2)

        step = ctx.mpf(10) ** -(digits + 5)
        return (4 * mixed(step / 2) - mixed(step)) / 3


def _loss_of(w: Any, teacher: Any, data: Any, shift: Rational, ctx: Any) -> Any:
    """The loss (3) in plain arithmetic."""
    scale = ctx.mpf(int(shift.p)) / int(shift.q)
    total = ctx.zero
    for sample in range(data.rows):
        x = data[sample, :].T
        student = sum(value**2 for value in w * x) / w.rows
        target = sum(value**2 for value in teacher * x) / teacher.rows
        total += (target - student) ** 2 / (2 * (scale + target))
    return total


def _weight_entry(student: Matrix, teacher: Matrix, shift: Rational, k: int, l: int) -> Expr:
    """The weight (5) of one sample, from the package's statement of it."""
    target = sum(value**2 for value in teacher) / len(teacher)
    output = sum(value**2 for value in student) / len(student)
    values = {
        lambda_q: student[k],
        lambda_r: student[l],
        network.q: k + 1,
        network.r: l + 1,
        p: len(student),
        y: target,
        yh: output,
        a: shift,
    }
    return network.weight_matrix_entries().rhs.subs(values)


def weight_by_differentiation() -> Eq:
    """The Hessian of the loss in the pre-activations, for any p, eq. (5)."""
    found = weight_matrix()
    kronecker = KroneckerDelta(network.q, network.r)
    entry = found.identity * kronecker + found.rank_one * lambda_q * lambda_r
    return Eq(network.weight_matrix_entry, entry)


def weight_points(rng: Random, digits: int) -> Iterator[Point]:
    """Numerical derivatives of the loss in the pre-activations, for p = 3."""
    ctx = context(3 * digits + 45)
    for first, second in ((0, 0), (0, 2)):
        nodes = [rational(rng, -2, 2) for _ in range(3)]
        target, shift = rational(rng, 0, 3), rational(rng, "0.3", 3)
        exact = [ctx.mpf(int(v.p)) / int(v.q) for v in (*nodes, target, shift)]

        def sample(d_1: Any, d_2: Any, at: Any = (first, second), exact: Any = exact) -> Any:
            moved = list(exact[:3])
            moved[at[0]] += d_1
            moved[at[1]] += d_2
            output = sum(value**2 for value in moved) / 3
            return (exact[3] - output) ** 2 / (2 * (exact[4] + exact[3]))

        step = ctx.mpf(10) ** (-(digits + 10))
        mixed = (
            sample(step, step) - sample(step, -step) - sample(-step, step) + sample(-step, -step)
        ) / (4 * step**2)
        yield {
            network.weight_matrix_entry: mixed,
            lambda_q: nodes[first],
            lambda_r: nodes[second],
            network.q: Rational(first + 1),
            network.r: Rational(second + 1),
            p: Rational(3),
            y: target,
            yh: sum(value**2 for value in nodes) / 3,
            a: shift,
        }


def eigenvalue_statement() -> Statement:
    """Eigenvalues of the weight matrix as the paper displays them, eq. (48)."""
    flat, along = eigenvalues
    return (
        Eq(flat, 2 / p * (yh - y) / (a + y)),
        Eq(along, 2 / p * (3 * yh - y) / (a + y)),
    )


def spectrum_of_rank_one_update() -> Statement:
    """Apply `F = c_1 1 + c_2 lambda lambda^T` to vectors across and along lambda.

    For p = 2 and p = 3 the result is compared with the eigenvalues of the explicit matrix.
    """
    (flat, _), (along, _) = weight_matrix().eigenvalues()
    for width in (2, 3):
        found = explicit_weight_matrix(width)
        nodes = found.free_symbols - {y, a}
        output = sum(node**2 for node in nodes) / width
        spectrum = found.eigenvals()
        expected = {flat: width - 1, along: 1}
        for value, count in expected.items():
            value = value.subs({p: width, yh: output})
            require(
                count == sum(n for item, n in spectrum.items() if simplify(item - value) == 0),
                "the explicit matrix has these eigenvalues",
            )
    return Eq(eigenvalues[0], flat), Eq(eigenvalues[1], along)


def explicit_weight_matrix(width: int) -> Matrix:
    """Hessian of the loss of one sample in all its pre-activations."""
    nodes = symbols(f"lambda_1:{width + 1}", real=True)
    sample = loss().subs(yh, sum(node**2 for node in nodes) / width)
    return Matrix(width, width, lambda row, column: expand(sample.diff(nodes[row], nodes[column])))


def eigenvalue_points(rng: Random, digits: int) -> Iterator[Point]:
    """Eigenvalues of the matrix (5) by a numerical eigensolver, p = 2 to 5."""
    ctx = context(digits + 15)
    for _ in several(rng, digits):
        width = rng.randint(2, 5)
        student = Matrix([rational(rng, -2, 2) for _ in range(width)])
        teacher = Matrix([rational(rng, -2, 2)])
        shift = rational(rng, "0.3", 3)
        entries = Matrix(
            width,
            width,
            lambda k, l: _weight_entry(student, teacher, shift, k, l),  # noqa: B023
        )
        found = sorted(ctx.eigsy(ctx.matrix(entries), eigvals_only=True))
        output = sum(value**2 for value in student) / width
        yield {
            eigenvalues[0]: found[0],
            eigenvalues[1]: found[-1],
            p: Rational(width),
            y: teacher[0] ** 2,
            yh: output,
            a: shift,
        }


RECORDS = (
    Record(
        "1",
        "Output of the teacher",
        Nature.DEFINITION,
        network.teacher_output,
        domain="p* >= 1; u_l = w*_l . x, iid N(0, 1)",
    ),
    Record(
        "2",
        "Output of the student",
        Nature.DEFINITION,
        network.student_output,
        domain="p >= 1; lambda_k = w_k . x, iid N(0, 1) at initialisation",
    ),
    Record(
        "3",
        "Loss of one sample",
        Nature.DEFINITION,
        loss_statement,
        domain="a > 0, y >= 0, yh >= 0; the loss is the sum over samples",
    ),
    Record(
        "4",
        "Blocks of the Hessian",
        Nature.DERIVED,
        network.hessian_blocks,
        domain="1 <= q, r <= p; 1 <= i, j <= N",
        follows_from=("2", "3"),
        how="differentiate the loss twice: chain rule through lambda_q = w_q . x",
        derive=hessian_by_chain_rule,
        witness=hessian_points,
    ),
    Record(
        "5",
        "Weight matrix of one sample",
        Nature.DERIVED,
        network.weight_matrix_entries,
        domain="1 <= q, r <= p; a > 0",
        follows_from=("2", "3", "4"),
        how="second derivatives in the pre-activations, p symbolic",
        derive=weight_by_differentiation,
        witness=weight_points,
    ),
    Record(
        "6",
        "Density of eigenvalues",
        Nature.DEFINITION,
        density_statement,
        domain="N -> infinity",
    ),
    Record(
        "7",
        "Matrix of a spectral method",
        Nature.DEFINITION,
        spectral_method_statement,
        domain="T a preprocessing function; the same engine with one weight T(y)",
    ),
    Record(
        "48",
        "Eigenvalues of the weight matrix",
        Nature.DERIVED,
        eigenvalue_statement,
        domain="f_1 is (p - 1)-fold, f_2 single; y >= 0, yh >= 0",
        follows_from=("5", "2"),
        how="rank-one update, p symbolic; eigenvals() of the explicit matrix for p = 2, 3",
        derive=spectrum_of_rank_one_update,
        witness=eigenvalue_points,
    ),
    Record(
        "chi-square",
        "Law of an output at initialisation",
        Nature.DERIVED,
        chi_square_statement,
        domain="sigma >= 0",
        follows_from=("1",),
        how="one Gaussian integral for each node",
        derive=chi_square_from_gaussian,
        witness=chi_square_points,
    ),
)
