"""The band of outlier and overlap at finite N: against simulations, and against another route."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.special import roots_genlaguerre

from bbpsym import Model, outlier, threshold
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.finite import Point, draw, lowest, overlaps
from tests.reference.two_dimensional import TwoDimensional

SUMMARY = Path(__file__).parents[2] / "data" / "summary.csv"

#: p, p_star, a, alpha: outliers far enough from the bulk for a small system.
POINTS = [(1, 1, 1.5, 6), (2, 1, 0.7, 4), (1, 2, 1, 30), (2, 2, 1, 15)]


def simulate(parameters, N, samples, seed=5):
    """Mean outlier, mean square distance from it, mean overlap and lowest outlier of samples."""
    p, p_star, a, alpha = parameters
    point = Point(N, p, p_star, a, alpha)
    rows = []
    for index in range(samples):
        instance = draw(point, point.stream(seed, index))
        pairs = lowest(instance)
        values = pairs.values[: point.outliers]
        squares = overlaps(instance, pairs.vectors).norm[: point.outliers] ** 2
        rows.append((values.mean(), values.var(), squares.mean(), values[0]))
    return np.array(rows).T


def deviation(sample):
    """Standard deviation of a sample and its standard error, whatever the law."""
    spread = sample.std(ddof=1)
    fourth = np.mean((sample - sample.mean()) ** 4)
    return spread, math.sqrt((fourth - spread**4) / len(sample)) / (2 * spread)


def compare(parameters, N, samples, correction):
    """Hold every deviation against a simulation, with four standard errors of the simulation.

    `correction` is the relative change of order 1/N that the leading order leaves out.
    """
    *model, alpha = parameters
    band = outlier(Model(*model), alpha, N=N).fluctuation
    values, squares, overlap2, first = simulate(parameters, N, samples)
    expected = band.lowest(np.random.default_rng(1))
    pairs = [
        (band.value_deviation, deviation(values)),
        (band.overlap2_deviation, deviation(overlap2)),
        (expected.deviation, deviation(first)),
    ]
    for predicted, (found, error) in pairs:
        assert abs(found - predicted) < 4 * error + correction * predicted
    spread, error = squares.mean(), squares.std(ddof=1) / math.sqrt(samples)
    assert abs(spread - band.value_spread**2) <= 4 * error + correction * band.value_spread**2
    # The means move by an order 1/N: the lowest outlier is seen against the mean of all of them.
    gap = first - values
    error = gap.std(ddof=1) / math.sqrt(samples) + 4 * expected.mean_error
    shift = expected.mean - outlier(Model(*model), alpha).value
    assert abs(gap.mean() - shift) <= 4 * error + correction * abs(shift)


@pytest.mark.parametrize("parameters", POINTS, ids=str)
def test_deviations_agree_with_simulations(parameters):
    compare(parameters, 150, 100, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", [*POINTS, (3, 2, 1.5, 15)], ids=str)
def test_deviations_agree_with_larger_simulations(parameters):
    compare(parameters, 400, 250, 0.04)


@pytest.mark.parametrize(("parameters", "N"), [((1, 2, 1, 30), 150), ((2, 1, 0.7, 4), 200)])
def test_rows_that_are_not_orthogonal(parameters, N):
    """The outliers' matrix, seen in the signal's directions, follows `w_1 . w_2 / N`."""
    *model, alpha = parameters
    found, point = outlier(Model(*model), alpha, N=N), Point(N, *parameters)
    entries, products = [], []
    for index in range(150):
        instance = draw(point, point.stream(8, index))
        pairs = lowest(instance)
        matrices = overlaps(instance, pairs.vectors).matrices[:2].reshape(2, 2)
        left, _, right = np.linalg.svd(matrices)  # the nearest rotation
        turned = left @ right
        entries.append((turned.T @ np.diag(pairs.values[:2]) @ turned)[0, 1])
        rows = instance.student if point.p > 1 else instance.teacher
        products.append(rows[0] @ rows[1] / N)
    slope, _ = np.polyfit(products, entries, 1)
    left_over = np.array(entries) - slope * np.array(products)
    error = left_over.std() / np.std(products) / np.sqrt(150)
    expected = found.fluctuation.row_response[0 if point.p > 1 else 1]
    assert abs(slope - expected) < 4 * error
    assert error < 0.15 * abs(expected)


def test_deviations_of_the_stored_sweep():
    """The mean outliers of `data/summary.csv`; 5 % for orders beyond the leading one."""
    compared = 0
    for row in csv.DictReader(SUMMARY.read_text().splitlines()):
        N, samples = int(row["N"]), int(row["samples"])
        if N < 400 or samples < 100 or float(row["alpha"]) < 2:
            continue
        model = Model(row["p"], row["p_star"], row["a"])
        predicted = outlier(model, row["alpha"], N=N).value_deviation
        ratio = float(row["outlier_error"]) * math.sqrt(samples) / predicted
        assert abs(ratio - 1) < 4 / math.sqrt(2 * samples) + 0.05
        compared += 1
    assert compared >= 8


def one_node(a, alpha):
    """`N Var lambda_*` and `N Var m^2` for p = p* = 1, by a Gauss-Laguerre rule in both outputs.

    The first from the closed formula; the second by finite differences of the covariance of the
    self-energy at two points, with no derivative taken by hand.
    """
    x, w = roots_genlaguerre(150, -0.5)
    y, w = 2 * x, w / w.sum()
    f = 2 * (3 * y[None, :] - y[:, None]) / (a + y[:, None])
    y, w = y[:, None], np.outer(w, w)
    mean = lambda value: float((w * value).sum())  # noqa: E731
    h = lambda g: f / (1 - g * f)  # noqa: E731
    z = lambda g: 1 / g + alpha * mean(h(g))  # noqa: E731
    slope = lambda g: alpha * mean(h(g) ** 2) - 1 / g**2  # noqa: E731
    signal = lambda g: alpha * mean(y * h(g))  # noqa: E731

    def sample(g):
        """One sample's part of the self-energy, the response of the bulk included."""
        return (y - alpha * mean(y * h(g) ** 2) / slope(g)) * h(g)

    def covariance(one, two):
        cross = alpha * mean(y * h(one) * h(two))
        bulk = 1 / (one * two) - alpha * mean(h(one) * h(two))
        left, right = sample(one), sample(two)
        return 2 * cross**2 / bulk + alpha * (mean(left * right) - mean(left) * mean(right))

    return z, slope, signal, covariance


@pytest.mark.parametrize(("a", "alpha"), [(1.5, 3), (1, 2), (3, 8)])
def test_another_route_for_one_node(a, alpha):
    found, N = outlier(Model(1, 1, a), alpha, N=10**6), 10**6
    z, slope, signal, covariance = one_node(a, alpha)
    g = found.g
    m2 = TwoDimensional(1, 1, a).overlap2(g)
    assert N * found.value_deviation**2 == pytest.approx(m2**2 * covariance(g, g), rel=1e-7)
    # The overlap moves by m^4 times (m^2 S_zz + d/dz) of the self-energy's fluctuation.
    step = 1e-4 * abs(g)
    first = (signal(g + step) - signal(g - step)) / (z(g + step) - z(g - step))
    assert m2 == pytest.approx(1 / (1 - first), rel=1e-5)
    ratio = lambda at: (signal(at + step) - signal(at - step)) / (z(at + step) - z(at - step))  # noqa: E731
    bend = (ratio(g + step) - ratio(g - step)) / (2 * step) / slope(g)
    near = [(g - step, -1), (g + step, 1)]
    width = 2 * step * slope(g)
    weights = {g: m2 * bend} | {at: sign / width for at, sign in near}
    total = sum(
        x * t * covariance(one, two) for one, x in weights.items() for two, t in weights.items()
    )
    assert N * found.overlap2_deviation**2 == pytest.approx(m2**4 * total, rel=1e-3)


def test_the_deviation_that_was_known_before():
    """0.1135 at N = 1000, a = 1.5, alpha = 3."""
    assert f"{outlier(Model(1, 1, 1.5), 3, N=1000).value_deviation:.4f}" == "0.1135"


@pytest.mark.parametrize("model", [Model(1, 1, 1.5), Model(2, 3, 1), Model(50, 1, "0.7")], ids=repr)
def test_deviations_fall_like_one_over_the_root_of_n(model):
    small, large = (outlier(model, 40, N=N) for N in (1000, 100_000))
    for name in ("value_deviation", "value_spread", "overlap2_deviation"):
        assert getattr(small, name) == pytest.approx(10 * getattr(large, name), rel=1e-12)
        assert small.fluctuation.errors[name] <= 1e-6 * getattr(small, name)
    assert small.value == outlier(model, 40).value
    assert (small.N, outlier(model, 40).N, outlier(model, 40).value_deviation) == (1000, None, None)


def test_the_matrix_that_is_drawn_has_the_moments_that_are_stated():
    band = outlier(Model(3, 2, 1.5), 15, N=1000).fluctuation
    blocks = band.draw(np.random.default_rng(3), 4000)
    assert np.all(blocks == blocks.swapaxes(1, 2))
    values = np.linalg.eigvalsh(blocks)
    spread, error = deviation(values.mean(axis=1))
    assert abs(spread - band.value_deviation) < 4 * error
    squares = values.var(axis=1)
    error = squares.std(ddof=1) / math.sqrt(len(squares))
    assert abs(squares.mean() - band.value_spread**2) < 4 * error


def test_a_band_that_reaches_the_edge_says_so():
    near, far = (outlier(Model(1, 1, 1.5), 3, N=N) for N in (500, 50_000))
    assert near.fluctuation.reaches_edge
    assert not far.fluctuation.reaches_edge
    assert near.record()["reaches_edge"] is True
    assert "band reaches the edge" in near._repr_latex_()
    assert "band reaches the edge" not in far._repr_latex_()


def test_a_band_is_displayed():
    found = outlier(Model(2, 1, 1.5), 3, N=2000)
    record = found.record()
    assert record["N"] == 2000
    assert record["overlap2_deviation"] == float(f"{found.overlap2_deviation:.4g}")
    assert f"value_deviation     {found.value_deviation:#.4g}" in str(found)
    assert r"N=2000" in found._repr_latex_()
    assert r"\Delta\lambda_* &=" in found._repr_latex_()
    assert "deviation" not in str(outlier(Model(2, 1, 1.5), 3))
    assert outlier(Model(2, 1, 1.5), 1, N=2000) is None


@pytest.mark.parametrize("N", [1, 0, -5, 2.5, "x", float("nan"), 10**19])
def test_bad_n(N):
    with pytest.raises(DomainError, match=r"^N must be an integer from 2 to 1e18, not"):
        outlier(Model(2, 1, 1), 5, N=N)


def test_what_a_band_cannot_do():
    with pytest.raises(DomainError, match="N must come without digits"):
        outlier(Model(2, 1, 1), 5, digits=20, N=100)
    with pytest.raises(DomainError, match="N must come without digits"):
        outlier(Model(2, 1, 1), 5, certified=True, N=100)
    threshold_ = threshold(Model(1, 1, 1)).alpha
    with pytest.raises(PrecisionError, match="too close to the threshold for a band"):
        outlier(Model(1, 1, 1), threshold_ * (1 + 1e-9), N=100)
    with pytest.raises(DomainError, match="N needs a finite p"):
        outlier(Model("inf", 1, 1), 5, N=100)
    band = outlier(Model(2, 1, 1), 5, N=100).fluctuation
    with pytest.raises(DomainError, match="samples must be"):
        band.lowest(np.random.default_rng(0), 1)
    with pytest.raises(DomainError, match="rng must be"):
        band.lowest(7)
    with pytest.raises(DomainError, match="p p_star must be at most"):
        outlier(Model(100, 1, 1), 5, N=100).fluctuation.lowest(np.random.default_rng(0))


def test_one_outlier_is_the_lowest():
    band = outlier(Model(1, 1, 1.5), 3, N=1000).fluctuation
    found = band.lowest(np.random.default_rng(0))
    assert found.deviation == band.value_deviation
    assert found.mean == outlier(Model(1, 1, 1.5), 3).value
