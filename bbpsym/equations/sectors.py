"""Averages of p x p matrices over the direction of the pre-activations, by rotation sectors.

Every function of the weight matrix (5) is `phi_1 (1 - n n^T) + phi_2 n n^T`, with `n` the direction
of the vector of student pre-activations: uniform on the sphere, and independent of its length. A
map `B -> E[phi B psi]` of p x p matrices therefore commutes with rotations, and acts as a number on
each of the three kinds of matrices that rotations do not mix. Everything follows from the moments
of n, as sums over pairings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from sympy import Expr, Mul, Rational, S, factor, symbols

from bbpsym.parameters import ANTISYMMETRIC, SYMMETRIC, TRACE
from bbpsym.symbols import p

#: A way to pair indices; a product of Kronecker deltas.
Pairing = frozenset[tuple[str, str]]

#: A tensor that rotations leave alone: a sum of pairings with coefficients.
Tensor = dict[Pairing, Expr]

#: Indices of a map of matrices, `B_ab -> C_ij`: left ones i, a and right ones b, j.
ROW, COLUMN, LEFT, RIGHT = "i", "j", "a", "b"


class Pair(NamedTuple):
    """The two values of a function of the weight matrix: across n (p - 1 times), and along it."""

    across: Expr
    along: Expr


def pairings(indices: tuple[str, ...]) -> Iterator[Pairing]:
    """All ways to pair the indices."""
    if not indices:
        yield frozenset()
        return
    first, *rest = indices
    for k, partner in enumerate(rest):
        for others in pairings((*rest[:k], *rest[k + 1 :])):
            yield others | {_ordered((first, partner))}


def _ordered(pair: Iterable[str]) -> tuple[str, str]:
    first, second = sorted(pair)
    return first, second


def direction_moment(indices: tuple[str, ...], width: Expr = p) -> Tensor:
    """`E[n_i n_j ...]` of a uniform direction in `width` dimensions.

    Isserlis' theorem for Gaussian components, divided by the moment of their length:
    `width (width + 2) ...`, one factor for each pair.
    """
    length = Mul(*(width + 2 * k for k in range(len(indices) // 2)))
    return dict.fromkeys(pairings(indices), 1 / length)


def contract(left: Tensor, right: Tensor, width: Expr = p) -> Expr:
    """Sum over all indices of a product of two tensors: `width` for every closed loop."""
    return sum(
        (
            x * y * width ** _loops(one, other)
            for (one, x), (other, y) in product(left.items(), right.items())
        ),
        S.Zero,
    )


def _loops(one: Pairing, other: Pairing) -> int:
    """Loops that two pairings of the same indices form: connected pieces of their union."""
    pieces: list[set[str]] = []
    for pair in one | other:
        touched = [piece for piece in pieces if piece & {*pair}]
        pieces = [piece for piece in pieces if piece not in touched]
        pieces.append({*pair}.union(*touched))
    return len(pieces)


def _tensor(*terms: tuple[Expr, str]) -> Tensor:
    """A tensor from coefficients and pairings written like "ia jb"."""
    return {
        frozenset(_ordered(pair) for pair in text.split()): coefficient
        for coefficient, text in terms
    }


@cache
def projectors() -> Mapping[str, Tensor]:
    """Projectors on the sectors, as tensors with the indices (i, j) out and (a, b) in."""
    half = Rational(1, 2)
    return {
        TRACE: _tensor((1 / p, "ij ab")),
        SYMMETRIC: _tensor((half, "ia jb"), (half, "ib ja"), (-1 / p, "ij ab")),
        ANTISYMMETRIC: _tensor((half, "ia jb"), (-half, "ib ja")),
    }


def dimension(sector: str) -> Expr:
    """Number of independent matrices in a sector."""
    return factor(contract(projectors()[sector], projectors()[sector]))


def eigenvalue(tensor: Tensor, sector: str) -> Expr:
    """The number by which a map that commutes with rotations acts on a sector."""
    return factor(contract(tensor, projectors()[sector]) / dimension(sector))


def crossed(values: Mapping[str, Expr]) -> dict[str, Expr]:
    """Sectors of the map `C_ij,ab -> C_ia,jb` from those of C, with indices (i, j) out, (a, b) in.

    A covariance `E[X_ia X_jb]` that is known as a map of the first indices, `(i, j)`, by that of
    the second ones, `(a, b)`, is diagonal in the sectors of X itself.
    """
    names = dict(zip(projectors(), symbols("c:3"), strict=True))
    given = {names[sector]: value for sector, value in values.items()}
    return {sector: value.xreplace(given) for sector, value in _crossed(**names).items()}


@lru_cache(maxsize=4)
def _crossed(**values: Expr) -> Mapping[str, Expr]:
    """The same for sectors given by symbols."""
    swap = {ROW: ROW, COLUMN: LEFT, LEFT: COLUMN, RIGHT: RIGHT}
    total: Tensor = {}
    for sector, value in values.items():
        for pairing, coefficient in projectors()[sector].items():
            moved = frozenset(_ordered(swap[k] for k in pair) for pair in pairing)
            total[moved] = total.get(moved, S.Zero) + value * coefficient
    return {sector: eigenvalue(total, sector) for sector in projectors()}


def sandwich(left: Pair, right: Pair) -> dict[str, Expr]:
    """The map `B -> phi B psi`, averaged over the direction n, in every sector.

    Parameters
    ----------
    left, right : Pair
        phi and psi, functions of one and the same weight matrix.

    Returns
    -------
    dict of str to Expr
        Its eigenvalue in the trace, symmetric traceless and antisymmetric sector.
    """
    names = Pair(*symbols("phi_1 phi_2")), Pair(*symbols("psi_1 psi_2"))
    values = {
        name: value
        for pair in zip(names, (left, right), strict=True)
        for name, value in zip(*pair, strict=True)
    }
    return {sector: value.xreplace(values) for sector, value in _sandwich(*names).items()}


@lru_cache(maxsize=4)
def _sandwich(left: Pair, right: Pair) -> Mapping[str, Expr]:
    """The same for two functions given by symbols."""
    total: Tensor = {}
    for (x, before), (y, after) in product(_split(left, ROW, LEFT), _split(right, RIGHT, COLUMN)):
        fixed = [(one, two) for one, two, random in (before, after) if not random]
        free = tuple(k for one, two, random in (before, after) if random for k in (one, two))
        for pairing, weight in direction_moment(free).items():
            whole = pairing | {_ordered(pair) for pair in fixed}
            total[whole] = total.get(whole, S.Zero) + x * y * weight
    return {sector: eigenvalue(total, sector) for sector in projectors()}


def _split(pair: Pair, one: str, two: str) -> list[tuple[Expr, tuple[str, str, bool]]]:
    """A function of F as `across * 1 + (along - across) n n^T`: coefficients and index pairs."""
    return [(pair.across, (one, two, False)), (pair.along - pair.across, (one, two, True))]


def mean(pair: Pair) -> Expr:
    """`E[phi] = mean(phi) 1`, averaged over the direction: `((p - 1) phi_1 + phi_2)/p`."""
    return sandwich(pair, Pair(S.One, S.One))[TRACE]


def direction_variance(width: Expr = p) -> Expr:
    """Variance of the component of `n n^T` along any unit symmetric traceless matrix."""
    along = Pair(S.Zero, S.One)
    return sandwich(along, along)[SYMMETRIC].subs(p, width)
