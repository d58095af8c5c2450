"""Chapter 4: resolvent, block inversion and Gaussian integrals, eqs. (18)-(24)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from sympy import (
    Eq,
    Expr,
    I,
    IndexedBase,
    Integral,
    Matrix,
    Rational,
    diff,
    exp,
    expand,
    eye,
    im,
    integrate,
    limit,
    log,
    oo,
    simplify,
    sqrt,
    symbols,
)

from bbpsym.answers.density import density
from bbpsym.equations import resolvent
from bbpsym.identities.points import rational, rotation, several, symmetric
from bbpsym.identities.proof import require
from bbpsym.identities.record import Nature, Point, Record
from bbpsym.identities.witnesses import complex_stieltjes
from bbpsym.model import Model
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import N, a, alpha, g, p, p_star, z


def stieltjes_points(rng: Random, digits: int) -> Iterator[Point]:
    """Diagonal entries of a resolvent, and the mean of `1/(z - l)` over the eigenvalues l."""
    ctx = context(digits + 15)
    for _ in several(rng, digits):
        full, level = symmetric(rng, 4), rational(rng, 2, 3)
        entries = (level * eye(4) - full).inv()
        place = ctx.mpf(int(level.p)) / int(level.q)
        levels = ctx.eigsy(ctx.matrix(full), eigvals_only=True)
        diagonal = {IndexedBase("G")[n + 1, n + 1]: entries[n, n] for n in range(4)}
        mean = sum(1 / (place - value) for value in levels) / 4
        yield diagonal | {g: mean, p: Rational(2), N: Rational(2)}


def density_from_a_lorentzian() -> Eq:
    """One eigenvalue l gives `Im 1/(x - i eps - l)`: a Lorentzian of integral pi, eq. (19)."""
    x, level = symbols("x l", real=True)
    lorentzian = simplify(im(1 / (x - I * resolvent.epsilon - level)))
    area = integrate(lorentzian, (level, -oo, oo))
    require(
        limit(lorentzian.subs(level, x + 1), resolvent.epsilon, 0) == 0,
        "the Lorentzian vanishes off its centre",
    )
    return Eq(resolvent.rho, resolvent.imaginary_part / area)


def density_points(rng: Random, _digits: int) -> Iterator[Point]:
    """The package's density against a Stieltjes transform from two-dimensional quadrature."""
    for _ in range(1):
        model = Model(rng.randint(2, 3), rng.randint(1, 2), str(rng.randint(6, 14) / 10))
        ratio, x = rational(rng, 1, 2), rational(rng, "0.2", "0.6")
        point = {p: Rational(model.p), p_star: Rational(model.p_star), a: Rational(model.a)}
        found = complex_stieltjes(point | {alpha: ratio}, x)
        yield {resolvent.rho: density(model, ratio, float(x)), resolvent.imaginary_part: found.imag}


def block_inversion() -> Eq:
    """Solve `(z - H) G = 1` for the signal column of G: the lower rows first, eq. (21)."""
    r = resolvent
    below = r.inverse(z * r.identity - r.H_22) * r.H_21 * r.G_11
    top = z * r.G_11 - r.H_11 * r.G_11 - r.H_12 * below
    return Eq(r.G_11, r.inverse(without_last(top, r.G_11)))


def without_last(expression: Expr, last: Expr) -> Expr:
    """The X of `X last`, for a sum of products that all end with one matrix."""
    total: Expr = Rational(0)
    for term in expand(expression).as_ordered_terms():
        numbers, matrices = term.args_cnc()
        require(matrices[-1] == last, "every product ends with the signal block")
        factor: Expr = Rational(1) if len(matrices) > 1 else resolvent.identity
        for item in (*numbers, *matrices[:-1]):
            factor = factor * item
        total += factor
    return total


def block_points(rng: Random, digits: int) -> Iterator[Point]:
    """Blocks of a random symmetric matrix, and of the inverse of `z - H`."""
    r = resolvent
    for _ in several(rng, digits):
        full, level = symmetric(rng, 4), rational(rng, 2, 3)
        inverse = (level * eye(4) - full).inv()
        yield {
            r.H_11: full[:2, :2],
            r.H_12: full[:2, 2:],
            r.H_21: full[2:, :2],
            r.H_22: full[2:, 2:],
            r.G_11: inverse[:2, :2],
            z: level,
            r.identity: eye(2),
        }


def gaussian_by_completing_the_square() -> Eq:
    """Shift the fields by `A^{-1} J`: the source enters as `exp(J^T A^{-1} J / 2)`, eq. (22).

    Second derivatives with respect to the source are moments; so the ratio of integrals is the
    inverse matrix, for two fields as for any number.
    """
    r = resolvent
    matrix = Matrix([[r.A_11, r.A_12], [r.A_12, r.A_22]])
    fields, source = Matrix([r.phi_1, r.phi_2]), Matrix(symbols("J_1 J_2", real=True))
    shifted = fields - matrix.inv() * source
    square = -(shifted.T * matrix * shifted)[0] / 2 + (source.T * matrix.inv() * source)[0] / 2
    exponent = log(r.gaussian_weight()).expand(force=True) + (source.T * fields)[0]
    require(simplify(square - exponent) == 0, "the square is complete")
    generating = exp((source.T * matrix.inv() * source)[0] / 2)
    moment = diff(generating, *source).subs({source[0]: 0, source[1]: 0})
    require(
        simplify(moment - matrix.inv()[0, 1]) == 0, "the moment is the entry of the inverse matrix"
    )
    limits = [(field, -oo, oo) for field in fields]
    weight = r.gaussian_weight()
    mean = Integral(fields[0] * fields[1] * weight, *limits) / Integral(weight, *limits)
    return Eq(r.resolvent_entry, mean)


def gaussian_points(rng: Random, digits: int) -> Iterator[Point]:
    """Random positive matrices of two fields."""
    r = resolvent
    for _ in several(rng, digits):
        diagonal = rational(rng, 1, 2), rational(rng, 1, 2)
        off = rational(rng, "0.1", "0.7")
        inverse = Matrix([[diagonal[0], off], [off, diagonal[1]]]).inv()
        entries = {r.A_11: diagonal[0], r.A_12: off, r.A_22: diagonal[1]}
        yield entries | {r.resolvent_entry: inverse[0, 1]}


def replica_limit() -> Eq:
    """One field carries the moment, the other n - 1 replicas give `Z^(n - 1)`, eq. (23)."""
    statement = resolvent.replica_trick()
    return Eq(limit(statement.rhs.args[0], resolvent.replicas, 0), statement.rhs)


def correlation_with_an_input() -> Eq:
    """`lambda_q = sum_j w_qj x_j` with `E x_i x_j = delta_ij / N`, eq. (24)."""
    size = 4
    weights = symbols(f"w_q1:{size + 1}", real=True)
    covariance = sum(w * (1 if j == 0 else 0) / N for j, w in enumerate(weights))
    variance_of_node, variance_of_input = N / N, 1 / N  # |w_q|^2 = N
    found = covariance / sqrt(variance_of_node * variance_of_input)
    return Eq(resolvent.correlation, simplify(found.subs(weights[0], resolvent.w_qi)))


def correlation_points(rng: Random, digits: int) -> Iterator[Point]:
    """All sign patterns `x_i = +-1/sqrt(N)` have the second moments of the Gaussian."""
    for _ in several(rng, digits):
        size = 4
        weights = 2 * rotation(rng, size)[:, 0]
        patterns = [Matrix(signs) / 2 for signs in product((-1, 1), repeat=size)]
        moment = sum((weights.T * x)[0] * x[1] for x in patterns) / len(patterns)
        yield {
            resolvent.correlation: moment * 2,  # the input has standard deviation 1/2
            resolvent.w_qi: weights[1],
            N: Rational(size),
        }


RECORDS = (
    Record(
        "18",
        "Stieltjes transform of the bulk",
        Nature.DEFINITION,
        resolvent.stieltjes_definition,
        domain="G = E (z - H)^{-1}, N -> infinity; z outside the spectrum",
        follows_from=("4",),
        witness=stieltjes_points,
    ),
    Record(
        "19",
        "Density from the Stieltjes transform",
        Nature.DERIVED,
        resolvent.inversion_formula,
        domain="lambda in the support; lambda - i 0 gives Im g > 0",
        follows_from=("6", "18"),
        how="imaginary part of one pole: a Lorentzian of integral pi",
        derive=density_from_a_lorentzian,
        witness=density_points,
        reach=6,
    ),
    Record(
        "20",
        "Permuted Hessian",
        Nature.DEFINITION,
        resolvent.permuted_hessian,
        domain="P projects on the p p* signal coordinates, Q = 1 - P",
        follows_from=("1", "4"),
    ),
    Record(
        "21",
        "Signal block of the resolvent",
        Nature.DERIVED,
        resolvent.signal_block,
        domain="z outside the spectrum of H_22",
        follows_from=("18", "20"),
        how="block inversion: the Schur complement",
        derive=block_inversion,
        witness=block_points,
    ),
    Record(
        "22",
        "Resolvent as a Gaussian integral",
        Nature.DERIVED,
        resolvent.gaussian_integral,
        domain="A = z - H positive definite, |A_12|^2 < A_11 A_22",
        follows_from=("18",),
        how="complete the square with a source; two derivatives",
        derive=gaussian_by_completing_the_square,
        witness=gaussian_points,
        reach=11,
    ),
    Record(
        "23",
        "Replica trick",
        Nature.LIMIT,
        resolvent.replica_trick,
        domain="Z > 0, n -> 0",
        follows_from=("22",),
        how="limit of Z^(n - 1)",
        derive=replica_limit,
    ),
    Record(
        "24",
        "Bulk inputs decouple from the weight matrix",
        Nature.LARGE_N,
        resolvent.bulk_independence,
        domain="w_qi of order one, so that the correlation vanishes as N -> infinity",
        follows_from=("1", "2"),
        how="covariance of a pre-activation with one input",
        derive=correlation_with_an_input,
        witness=correlation_points,
    ),
)
