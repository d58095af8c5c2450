"""Rotation sectors against directions that are summed over, and against their own algebra."""

import numpy as np
import pytest
from sympy import Rational, S, factor, simplify, symbols

from bbpsym.equations import sectors
from bbpsym.equations.sectors import (
    ANTISYMMETRIC,
    SYMMETRIC,
    TRACE,
    Pair,
    contract,
    crossed,
    dimension,
    direction_moment,
    direction_variance,
    mean,
    projectors,
    sandwich,
)
from bbpsym.symbols import p

PHI, PSI = Pair(Rational(2, 3), Rational(-7, 5)), Pair(Rational(1, 4), Rational(9, 2))

#: One matrix of each sector, for the widths 2 and 3.
MATRICES = {
    2: {TRACE: np.eye(2), SYMMETRIC: [[1, 2], [2, -1]], ANTISYMMETRIC: [[0, 1], [-1, 0]]},
    3: {
        TRACE: np.eye(3),
        SYMMETRIC: [[1, 2, 0], [2, -3, 1], [0, 1, 2]],
        ANTISYMMETRIC: [[0, 1, 2], [-1, 0, 5], [-2, -5, 0]],
    },
}


def directions(width):
    """Directions with equal weights over which polynomials up to degree five average exactly."""
    if width == 2:
        angle = 2 * np.pi * np.arange(6) / 6
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    golden = (1 + np.sqrt(5)) / 2
    corners = [(0, i, j * golden) for i in (1, -1) for j in (1, -1)]
    return np.array([np.roll(c, k) for c in corners for k in range(3)]) / np.hypot(1, golden)


@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize("sector", [TRACE, SYMMETRIC, ANTISYMMETRIC])
def test_a_sandwich_averaged_over_directions(width, sector):
    matrix, total = np.array(MATRICES[width][sector], dtype=float), 0
    for n in directions(width):
        along = np.outer(n, n)
        phi, psi = (
            float(x.across) * (np.eye(width) - along) + float(x.along) * along for x in (PHI, PSI)
        )
        total = total + phi @ matrix @ psi / len(directions(width))
    expected = float(sandwich(PHI, PSI)[sector].subs(p, width))
    np.testing.assert_allclose(total, expected * matrix, atol=1e-13)


@pytest.mark.parametrize("width", [2, 3])
def test_the_spread_of_a_direction(width):
    matrix = np.array(MATRICES[width][SYMMETRIC], dtype=float)
    components = np.einsum("ki,ij,kj->k", directions(width), matrix, directions(width))
    expected = float(direction_variance().subs(p, width)) * np.sum(matrix**2)
    assert np.mean(components**2) == pytest.approx(expected, rel=1e-13)


def test_moments_of_a_direction_add_up_to_one():
    for indices in ("ij", "ijab", "ijabcd"):
        moment = direction_moment(tuple(indices))
        traced = {frozenset(zip(indices[::2], indices[1::2], strict=True)): S.One}
        assert factor(contract(moment, traced)) == 1


def test_projectors_are_orthogonal_and_complete():
    for one in projectors():
        for other in projectors():
            overlap = contract(projectors()[one], projectors()[other])
            assert factor(overlap - (dimension(one) if one == other else 0)) == 0
    assert factor(sum(map(dimension, projectors())) - p**2) == 0


def test_the_mean_of_a_function_of_the_weight_matrix():
    across, along = symbols("x y")
    assert simplify(mean(Pair(across, along)) - ((p - 1) * across + along) / p) == 0


def test_crossing_twice_gives_back_what_it_was():
    values = dict(zip(projectors(), symbols("x y z"), strict=True))
    again = crossed(crossed(values))
    assert all(factor(again[sector] - values[sector]) == 0 for sector in values)


def test_crossing_against_indices_that_are_written_out():
    width, values = 3, {TRACE: 5.0, SYMMETRIC: 2.0, ANTISYMMETRIC: -1.0}
    unit = np.eye(width)
    same, turned = np.einsum("ia,jb->ijab", unit, unit), np.einsum("ib,ja->ijab", unit, unit)
    trace = np.einsum("ij,ab->ijab", unit, unit) / width
    blocks = {
        TRACE: trace,
        SYMMETRIC: (same + turned) / 2 - trace,
        ANTISYMMETRIC: (same - turned) / 2,
    }
    whole = sum(values[sector] * blocks[sector] for sector in values)
    moved = whole.transpose(0, 2, 1, 3)  # C_ij,ab -> C_ia,jb
    for sector, value in sectors.crossed({k: S(v) for k, v in values.items()}).items():
        found = np.sum(moved * blocks[sector]) / np.sum(blocks[sector] ** 2)
        assert float(value.subs(p, width)) == pytest.approx(found, rel=1e-13)
