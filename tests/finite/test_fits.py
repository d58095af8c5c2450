import numpy as np
import pytest

from bbpsym.errors import DomainError
from bbpsym.finite.estimate import Measured
from bbpsym.finite.fits import alpha_zero, crossing, edge_scaling, straight_line
from bbpsym.finite.point import Point
from bbpsym.finite.summary import PointSummary, Summary

ALPHA = np.round(np.arange(0.5, 2.01, 0.1), 12)
SAMPLES = 1000


def row(N, alpha, phi, overlap2=0.0, samples=SAMPLES):
    flat = Measured(0.0, 1.0)
    share = Measured(phi, 0.01)
    point = Point(N, 1, 1, 1.5, float(alpha))
    return PointSummary(
        point, samples, share, share, flat, flat, flat, Measured(overlap2, 0.01), flat, flat, flat
    )


def curves(rng, place=1.2, height=0.6):
    """Noisy curves that cross at a known place and height, steeper with N."""
    rows = []
    for N in (100, 400):
        shift = np.log(height / (1 - height))
        odds = shift + 0.2 * np.sqrt(N) * (ALPHA - place)
        hits = rng.binomial(SAMPLES, 1 / (1 + np.exp(-odds)))
        rows += [row(N, alpha, n / SAMPLES) for alpha, n in zip(ALPHA, hits, strict=True)]
    return Summary(tuple(rows))


def test_a_known_crossing_is_found_within_its_error():
    pulls = []
    for seed in range(12):
        found = crossing(curves(np.random.default_rng(seed)), 100, 400, resamples=60)
        assert 0.005 < found.alpha.error < 0.1
        assert found.phi == pytest.approx(0.6, abs=0.06)
        pulls.append((found.alpha.value - 1.2) / found.alpha.error)
    assert np.abs(pulls).max() < 4
    assert abs(np.mean(pulls)) < 4 / np.sqrt(12)
    assert 0.4 < np.std(pulls) < 1.8


def test_curves_that_do_not_cross_are_said():
    low = [row(100, alpha, 0.2 + 0.1 * alpha) for alpha in ALPHA]
    high = [row(400, alpha, 0.4 + 0.1 * alpha) for alpha in ALPHA]
    with pytest.raises(DomainError, match="do not cross"):
        crossing(Summary((*low, *high)), 100, 400)


def test_an_unresolved_crossing_is_said():
    rng = np.random.default_rng(0)
    few = [
        row(N, alpha, rng.binomial(8, 0.5) / 8, samples=8) for N in (100, 400) for alpha in ALPHA
    ]
    with pytest.raises(DomainError, match=r"not resolved|do not cross"):
        crossing(Summary(tuple(few)), 100, 400, resamples=40)


def test_bad_crossings_are_named():
    summary = curves(np.random.default_rng(1))
    with pytest.raises(DomainError, match="column must be"):
        crossing(summary, 100, 400, column="bulk")
    with pytest.raises(DomainError, match="at least 5 values"):
        crossing(summary, 100, 200)
    mixed = (*summary.rows, PointSummary(Point(100, 2, 1, 1.5, 1.0), 5, *[Measured(0, 1)] * 9))
    with pytest.raises(DomainError, match="must share p, p_star and a"):
        crossing(Summary(mixed), 100, 400)


def test_a_line_without_noise_is_exact():
    x = np.array([1.0, 2.0, 4.0])
    line = straight_line(x, 3 * x - 2, np.array([0.1, 0.2, 0.1]))
    assert line.slope.value == pytest.approx(3)
    assert line.zero.value == pytest.approx(2 / 3)
    assert line.chi2 == pytest.approx(0, abs=1e-20)
    assert line.freedom == 1


def test_the_error_of_the_zero_is_that_of_repeated_fits():
    rng = np.random.default_rng(2)
    x, error = np.linspace(1, 2, 6), np.full(6, 0.02)
    lines = [straight_line(x, 0.5 * x - 0.3 + rng.normal(0, error), error) for _ in range(500)]
    spread = np.std([line.zero.value for line in lines])
    assert spread == pytest.approx(lines[0].zero.error, rel=0.15)
    assert np.mean([line.chi2 for line in lines]) == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1.0, 2.0], [1.0, 1.0], "at least 3"),
        ([1.0, 2.0, 3.0], [1.0], "equal length"),
        ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], "must be positive"),
    ],
)
def test_a_bad_line_is_refused(x, error, message):
    with pytest.raises(DomainError, match=message):
        straight_line(x, x, error)


def test_alpha_zero_uses_what_is_above():
    rows = tuple(row(200, alpha, 0.5, max(0.0, 0.4 * (alpha - 0.9))) for alpha in ALPHA)
    assert alpha_zero(Summary(rows), above=1.2).zero.value == pytest.approx(0.9)
    assert alpha_zero(Summary(rows), above=1.2, count=3).freedom == 1
    with pytest.raises(DomainError, match="at least 3"):
        alpha_zero(Summary(rows), above=2.0)
    with pytest.raises(DomainError, match="must share N"):
        alpha_zero(curves(np.random.default_rng(1)), above=1.0)


def test_both_laws_of_the_edge_are_recovered():
    N = np.array([100, 400, 1600])
    sharp = edge_scaling(N, 2 * N ** (-2 / 3), 0.01 * N ** (-2 / 3))
    assert sharp.power.value == pytest.approx(2 / 3)
    assert sharp.power_chi2 < 1e-10 < sharp.log_chi2
    smooth = edge_scaling(N, 1 / np.log(N), 0.01 / np.log(N))
    assert smooth.log_power.value == pytest.approx(1)
    assert smooth.log_chi2 < 1e-10 < smooth.power_chi2
    with pytest.raises(DomainError, match="distance must be positive"):
        edge_scaling(N, -N, N)
