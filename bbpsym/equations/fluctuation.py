"""Gaussian fluctuations of the outliers and of their overlap at finite N, for any p and p*.

Derived in chapter 9 of the derivations. In the signal block the self-energy of a sample is
`Sigma = (1/N) sum_{mu nu} v_mu v_nu^T (x) Q_mu nu`, a matrix of order `p p*`, with `v` the
teacher's pre-activations in orthogonal directions. It deviates from its mean `S(g) 1` for three
reasons:

- signs: terms with `mu != nu`, `Q_mu nu = h_mu (x_mu^T R x_nu) h_nu`, whose mean vanishes because
  the signs of `v_mu` and `v_nu` are random;
- weights: the terms with `mu = nu` are averages over finitely many samples, and so is the
  self-energy of the bulk, which moves its resolvent;
- rows: two rows of W, or of W*, are not quite orthogonal.

Every average here is one over both outputs, with the direction of the student's pre-activations
averaged out by sectors. Variances are multiplied by N; corrections are smaller by 1/N.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from sympy import Expr, Symbol

from bbpsym.equations.average import Average
from bbpsym.equations.hessian import weight_matrix
from bbpsym.equations.sectors import (
    ANTISYMMETRIC,
    SYMMETRIC,
    TRACE,
    Pair,
    crossed,
    dimension,
    direction_variance,
    mean,
    sandwich,
)
from bbpsym.equations.spectrum import (
    dressed_weight,
    inverse_stieltjes,
    inverse_stieltjes_slope,
    overlap2,
    signal_self_energy,
)
from bbpsym.symbols import alpha, f, g, p, p_star, y, yh

#: A second point on the Stieltjes transform.
g_2 = Symbol("g'", real=True)

#: Sectors of the signal block, student times teacher: those of a symmetric matrix.
BLOCKS = (
    (TRACE, TRACE),
    (SYMMETRIC, TRACE),
    (TRACE, SYMMETRIC),
    (SYMMETRIC, SYMMETRIC),
    (ANTISYMMETRIC, ANTISYMMETRIC),
)


def dressed(at: Expr = g) -> Pair:
    """The dressed weight `h = F (1 - g F)^{-1}`, eq. (27), by its two eigenvalues (48)."""
    return Pair(
        *(dressed_weight.subs({f: value, g: at}) for value, _ in weight_matrix().eigenvalues())
    )


def bulk_ladder(at: Expr = g, other: Expr = g) -> dict[str, Expr]:
    """The map `B -> alpha E[h(g) B h(g')]` by sectors: one rung between two resolvents."""
    rung = sandwich(dressed(at), dressed(other))
    return {sector: alpha * Average(value) for sector, value in rung.items()}


def signal_ladder(at: Expr = g, other: Expr = g) -> dict[str, Expr]:
    """The map `B -> alpha E[y h(g) B h(g')]` by sectors; `S'(g)` in the trace sector at g' = g."""
    rung = sandwich(dressed(at), dressed(other))
    return {sector: alpha * Average(y * value) for sector, value in rung.items()}


def two_resolvents(at: Expr = g, other: Expr = g) -> dict[str, Expr]:
    """The map `B -> (1/N) tr_N [R(z) (B (x) 1) R(z')]` by sectors; `-1/lambda'(g)` for the trace.

    The ladder `T(B) = g g' (B + alpha E[h T(B) h'])`. To the left of the edge the trace sector is
    the largest: all of them are positive, and the trace is the first to diverge.
    """
    return {
        sector: 1 / (1 / (at * other) - rung) for sector, rung in bulk_ladder(at, other).items()
    }


def sign_sectors(at: Expr = g, other: Expr = g) -> dict[str, Expr]:
    """Covariance of the signs' part between two points, as a map of its first indices."""
    ends, middle = signal_ladder(at, other), two_resolvents(at, other)
    return {sector: ends[sector] ** 2 * middle[sector] for sector in ends}


def response(at: Expr = g) -> dict[str, Expr]:
    """What the signal's self-energy gains when the bulk's gains one, by sectors.

    The resolvent moves by `two_resolvents`, the dressed weights by `h dG h`; in the trace sector
    this is `-S'(g)/lambda'(g)`.
    """
    ends, middle = signal_ladder(at, at), two_resolvents(at, at)
    return {sector: ends[sector] * middle[sector] for sector in ends}


def block_variances(at: Expr = g, other: Expr = g) -> dict[tuple[str, str], Expr]:
    """N times the covariance of the self-energy at two points along a unit matrix of every sector.

    Signs and weights; what rows that are not orthogonal add is in `row_response`.
    """
    signs, weights = sign_variances(at, other), _weight_variances(at, other)
    return {block: signs[block] + weights.get(block, 0) for block in BLOCKS}


def sign_variances(at: Expr = g, other: Expr = g) -> dict[tuple[str, str], Expr]:
    """The part of the random signs in `block_variances`."""
    signs = crossed(sign_sectors(at, other))
    return {block: 2 * signs[block[0]] for block in BLOCKS}


def _weight_variances(at: Expr, other: Expr) -> dict[tuple[str, str], Expr]:
    """The part of the sampled weights: `v v^T (x) h` and the response to `h`, sample by sample."""
    h, h_2 = (mean(dressed(place)) for place in (at, other))
    step, step_2 = (value.along - value.across for value in map(dressed, (at, other)))
    moved, moved_2 = response(at), response(other)
    student, teacher = direction_variance(), direction_variance(p_star)
    trace = covariance({y * h: 1, h: moved[TRACE]}, {y * h_2: 1, h_2: moved_2[TRACE]})
    bent = second_moment(
        {y * step: 1, step: moved[SYMMETRIC]}, {y * step_2: 1, step_2: moved_2[SYMMETRIC]}
    )
    square = p_star**2 * y**2
    return {
        (TRACE, TRACE): p * p_star * alpha * trace,
        (SYMMETRIC, TRACE): p_star * alpha * student * bent,
        (TRACE, SYMMETRIC): p * alpha * teacher * Average(square * h * h_2),
        (SYMMETRIC, SYMMETRIC): alpha * student * teacher * Average(square * step * step_2),
    }


def row_response(at: Expr = g) -> tuple[Expr, Expr]:
    """Change of the self-energy for a unit of `W W^T/N - 1`, and of `W* W*^T/N - 1`.

    These matrices have no diagonal, and independent entries of variance 1/N off it. The law of the
    pre-activations changes by `lambda^T q lambda/2`; a teacher's directions are made orthogonal.
    """
    h = dressed(at)
    tilt = p * yh / 2 * (h.along - h.across) * direction_variance()
    student = alpha * (Average(y * tilt) + response(at)[SYMMETRIC] * Average(tilt))
    spread = (p_star * y) ** 2 / 2 * mean(h) * direction_variance(p_star)
    return student, alpha * Average(spread) - alpha * Average(y * mean(h))


def value_variance() -> Expr:
    """N times the variance of the mean of the outliers."""
    return overlap2() ** 2 * block_variances()[TRACE, TRACE] / (p * p_star)


def spread_variance() -> Expr:
    """N times the mean square of an outlier's distance from their mean; zero for p = p* = 1."""
    variances, sizes = block_variances(), block_sizes()
    bent = sum(sizes[block] * variances[block] for block in BLOCKS[1:])
    student, teacher = row_response()
    rows = p * p_star * ((p - 1) * student**2 + (p_star - 1) * teacher**2)
    return overlap2() ** 2 * (bent + rows) / (p * p_star)


def overlap2_variance() -> Expr:
    """N times the variance of the mean squared overlap of the outliers.

    With `m^2 = 1/(1 - dSigma/dz)` at the outlier it moves by
    `m^4 (m^2 S_zz dSigma + d(dSigma)/dz)`, S_zz the second derivative of `S(g(z))`.
    """
    shift = overlap2() * along_z(along_z(signal_self_energy()))
    signs = _mean_of_signs()
    first, second = along_z(signs, g_2).subs(g_2, g), along_z(along_z(signs), g_2).subs(g_2, g)
    sampled = _sampled_weights(shift)
    total = shift**2 * signs.subs(g_2, g) + 2 * shift * first + second
    return overlap2() ** 4 * (total + alpha * covariance(sampled, sampled))


def _mean_of_signs() -> Expr:
    """N times the covariance of the signs' part of `tr Sigma/(p p*)` between g and g'."""
    parts = sign_sectors(g, g_2)
    return 2 * sum(dimension(sector) * part for sector, part in parts.items()) / (p**2 * p_star)


def _sampled_weights(shift: Expr) -> dict[Expr, Expr]:
    """One sample's part of `(shift + d/dz) tr Sigma/(p p*)`: random terms and coefficients."""
    h, moved = dressed(), -signal_self_energy().diff(g) / inverse_stieltjes_slope()
    middle, square = mean(h), mean(Pair(*(value**2 for value in h)))
    slope = 1 / inverse_stieltjes_slope()
    return {
        y * middle: shift,
        middle: shift * moved + along_z(moved),
        y * square: slope,
        square: slope * moved,
    }


def bend() -> Expr:
    """N^2 times the covariance of `tr dSigma^2/(p p*)` between g and g': see `pole_distance`.

    Random signs in every sector, and what makes the outliers differ. The weights' part of the mean
    is left out: it moves g, along which m^2 is close to a straight line.
    """
    blocks = block_variances(g, g_2) | {BLOCKS[0]: sign_variances(g, g_2)[BLOCKS[0]]}
    total = sum(size * blocks[block] ** 2 for block, size in block_sizes().items())
    student, teacher = (x * z for x, z in zip(row_response(g), row_response(g_2), strict=True))
    rows = p * (p - 1) * p_star**2 * student**2 + p_star * (p_star - 1) * p**2 * teacher**2
    return 2 * (total + 2 * rows) / (p * p_star) ** 2


def block_sizes() -> dict[tuple[str, str], Expr]:
    """Number of independent matrices in every sector of the signal block."""
    return {
        (one, other): dimension(one) * dimension(other).subs(p, p_star) for one, other in BLOCKS
    }


def pole_distance() -> Expr:
    """`z - S(g(z))`, (38), along the curve `z = lambda(g)`: it vanishes at the outlier.

    The outliers of a sample are the poles of `tr (z - S - dSigma)^{-1}`, and their m^2 are its
    residues. So the mean of m^2 is the sum over n of the residues, at the outlier, of
    `tr dSigma^n/(z - S)^{n + 1}` over p p*; the mean of the outliers is that of those of
    `tr dSigma^n/(n (z - S)^n)`.
    """
    return inverse_stieltjes() - signal_self_energy()


def along_z(expression: Expr, at: Expr = g) -> Expr:
    """Derivative by the spectral parameter `z = lambda(g)`."""
    return expression.diff(at) / inverse_stieltjes_slope().subs(g, at)


def second_moment(terms: Mapping[Expr, Expr], others: Mapping[Expr, Expr]) -> Expr:
    """`E[X Y]` of two sums of random terms, the keys, with fixed coefficients, the values."""
    return sum(
        x * z * Average(one * other)
        for (one, x), (other, z) in product(terms.items(), others.items())
    )


def covariance(terms: Mapping[Expr, Expr], others: Mapping[Expr, Expr]) -> Expr:
    """Covariance of two sums of random terms, the keys, with fixed coefficients, the values."""
    first, second = (
        sum(coefficient * Average(term) for term, coefficient in item.items())
        for item in (terms, others)
    )
    return second_moment(terms, others) - first * second
