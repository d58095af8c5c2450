import numpy as np
import pytest

from bbpsym.errors import DomainError
from bbpsym.finite.kernel_polynomial import density
from bbpsym.finite.matrix import hessian


@pytest.fixture
def estimate(make):
    instance = make(N=300, p=2, p_star=1, alpha=2.0)
    points = np.linspace(-1.0, 3.0, 40)
    return instance, density(instance, points, rng=np.random.default_rng(1), degree=100)


def test_it_is_the_smoothed_density_within_its_error(estimate):
    """The Jackson kernel is a Gaussian of the stated width to a few percent."""
    instance, found = estimate
    values = np.linalg.eigvalsh(hessian(instance))
    shifted = (found.points[:, None] - values) / found.resolution[:, None]
    exact = np.mean(np.exp(-(shifted**2) / 2), axis=1) / found.resolution / np.sqrt(2 * np.pi)
    inside = found.points > found.points[0] + 3 * found.resolution.max()
    deviation = np.abs(found.density - exact)[inside]
    allowed = (4 * found.error + 0.03 * exact.max())[inside]
    assert np.all(deviation < allowed)


def test_moments_are_those_of_the_eigenvalues(estimate):
    instance, found = estimate
    low, high = found.bounds
    values = np.linalg.eigvalsh(hessian(instance))
    assert low < values[0]
    assert values[-1] < high
    angle = np.arccos((2 * values - low - high) / (high - low))
    exact = np.cos(np.outer(np.arange(100), angle)).mean(axis=1)
    np.testing.assert_allclose(found.moments, exact, atol=4 / np.sqrt(16 * 600))
    assert found.moments[0] == pytest.approx(1)


def test_its_integral_is_one_and_it_vanishes_outside(make):
    instance = make(N=200, p=1, p_star=1)
    wide = np.linspace(-10, 100, 40001)
    found = density(instance, wide, rng=np.random.default_rng(0), degree=60, vectors=4)
    low, high = found.bounds
    assert np.trapezoid(found.density, wide) == pytest.approx(1, abs=1e-2)
    outside = (wide < low) | (wide > high)
    assert not found.density[outside].any()
    assert np.all(found.density >= -1e-6)


def test_errors_cover_the_spread(make):
    """Independent runs scatter by the stated error."""
    instance = make(N=200, p=1, p_star=1)
    points = np.linspace(-1, 2, 10)
    runs = [
        density(instance, points, rng=np.random.default_rng(seed), degree=60, vectors=8)
        for seed in range(20)
    ]
    scatter = np.std([run.density for run in runs], axis=0, ddof=1)
    stated = np.sqrt(np.mean([run.error**2 for run in runs], axis=0))
    assert 0.7 < np.mean(scatter / stated) < 1.4


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"degree": 1}, "degree must be"),
        ({"vectors": 1}, "vectors must be"),
        ({"points": [np.nan]}, "points must be"),
        ({"points": np.zeros((2, 2))}, "points must be"),
    ],
)
def test_a_bad_argument_is_named(make, argument, message):
    with pytest.raises(DomainError, match=message):
        density(make(N=20), **{"points": [0.0], "rng": np.random.default_rng(0), **argument})
