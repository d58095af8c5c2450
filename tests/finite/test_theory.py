"""Averages over samples against the theory's values, which `tests/reference` holds.

Fixed seeds, and a tolerance of four standard errors of the very average: nothing is tuned.
"""

import numpy as np
import pytest

from bbpsym.finite.instance import draw
from bbpsym.finite.kernel_polynomial import density
from bbpsym.finite.point import Point
from bbpsym.finite.sample import measure
from tests.cases import long, with_long

#: p, p_star, a, alpha: both types of transition, p < p_star, p_star > 1, p > 1.
POINTS = [
    (1, 1, 1.0, 3.0),
    (1, 1, 1.5, 3.0),
    (2, 1, 0.7, 2.0),
    (2, 1, 1.5, 3.0),
    (1, 2, 1.0, 12.0),
    (2, 2, 1.0, 6.0),
    (2, 3, 1.0, 12.0),
    (3, 2, 1.5, 6.0),
]


def averages(N, parameters, samples):
    """Means and standard errors of the outliers' eigenvalue and squared overlap."""
    p, p_star, a, alpha = parameters
    point = Point(N, p, p_star, a, alpha)
    rows = [measure(point, 2024, index) for index in range(samples)]
    values = np.array([(row.outlier, row.outlier_overlap2) for row in rows])
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(samples)


@pytest.mark.parametrize("parameters", with_long(POINTS, *POINTS[1:], whole=True), ids=str)
def test_outlier_and_overlap_agree_with_theory(parameters, reference):
    """At N = 400, and in the limit: two sizes, their correction of order 1/N taken out."""
    theory = reference[parameters]
    expected = np.array([theory["outlier"], theory["overlap2"]])
    small, small_error = averages(100, parameters, 48)
    large, large_error = averages(400, parameters, 16)
    assert np.all(np.abs(large - expected) < 4 * large_error)
    limit = (4 * large - small) / 3
    assert np.all(np.abs(limit - expected) < 4 / 3 * np.hypot(4 * large_error, small_error))


@pytest.mark.slow
@pytest.mark.parametrize("parameters", POINTS[:5], ids=str)
def test_outlier_and_overlap_agree_with_theory_at_large_size(parameters, reference):
    theory = reference[parameters]
    mean, error = averages(1000, parameters, 12)
    assert abs(mean[0] - theory["outlier"]) < 4 * error[0]
    assert abs(mean[1] - theory["overlap2"]) < 4 * error[1]


@pytest.mark.parametrize(
    "parameters", [(2, 1, 0.7, 2.0), *long((1, 1, 1.5, 1.6), whole=True)], ids=str
)
def test_bulk_density_agrees_with_theory(parameters, reference):
    """One instance of order 1600 against the solution of (31); 3 % for smoothing and size."""
    p, p_star, a, alpha = parameters
    theory = reference[parameters]["density"]
    points, exact = np.array(theory["points"]), np.array(theory["values"])
    instance = draw(Point(1600 // p, p, p_star, a, alpha), np.random.default_rng(3))
    found = density(instance, points, rng=np.random.default_rng(4), degree=300, vectors=32)
    assert np.all(found.error < 0.06 * exact)
    assert np.all(np.abs(found.density - exact) < 4 * found.error + 0.03 * exact)
