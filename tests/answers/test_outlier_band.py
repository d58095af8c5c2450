"""The band of outlier and overlap at finite N: against simulations, and against another route."""

import contextlib
import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.special import roots_genlaguerre

from bbpsym import Model, averaged_hessian, outlier, outlier_band, threshold
from bbpsym.answers import outlier_band as module
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.finite import Point, draw, lowest, overlaps
from tests.cases import long, with_long
from tests.reference.two_dimensional import TwoDimensional

DATA = Path(__file__).parents[2] / "data"

#: p, p_star, a, alpha: outliers far enough from the bulk for a small system.
POINTS = [(1, 1, 1.5, 6), (2, 1, 0.7, 4), (1, 2, 1, 30), (2, 2, 1, 100)]


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
    """Hold every deviation against a simulation: four standard errors and the error it carries.

    `correction` is the relative change of order 1/N of what carries none: the lowest outlier.
    """
    *model, alpha = parameters
    band = outlier_band(Model(*model), alpha, N)
    values, squares, overlap2, first = simulate(parameters, N, samples)
    for name, sample in (("value_deviation", values), ("overlap2_deviation", overlap2)):
        found, error = deviation(sample)
        assert abs(found - getattr(band, name)) < 4 * error + band.errors[name], name
    expected = band.lowest(np.random.default_rng(1))
    found, error = deviation(first)
    assert abs(found - expected.deviation) < 4 * error + correction * expected.deviation
    spread, error = math.sqrt(squares.mean()), squares.std(ddof=1) / math.sqrt(samples)
    error = error / (2 * spread) if spread else 0
    assert abs(spread - band.value_spread) <= 4 * error + band.errors["value_spread"]
    # The means move by an order 1/N: the lowest outlier is seen against the mean of all of them.
    gap = first - values
    error = gap.std(ddof=1) / math.sqrt(samples) + 4 * expected.mean_error
    shift = expected.mean - band.value
    assert abs(gap.mean() - shift) <= 4 * error + correction * abs(shift)


@pytest.mark.parametrize("parameters", with_long(POINTS, *POINTS[1:], whole=True), ids=str)
def test_deviations_agree_with_simulations(parameters):
    compare(parameters, 150, 60 if parameters[:2] == (2, 2) else 100, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", [*POINTS, (3, 2, 1.5, 40)], ids=str)
def test_deviations_agree_with_larger_simulations(parameters):
    compare(parameters, 450, 250, 0.04)


@pytest.mark.parametrize(("parameters", "N"), [((1, 2, 1, 30), 100), *long(((2, 1, 0.7, 4), 200))])
def test_rows_that_are_not_orthogonal(parameters, N):
    """The outliers' matrix, seen in the signal's directions, follows `w_1 . w_2 / N`."""
    *model, alpha = parameters
    band, point = outlier_band(Model(*model), alpha, N), Point(N, *parameters)
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
    expected = band.row_response[0 if point.p > 1 else 1]
    assert abs(slope - expected) < 4 * error
    assert error < 0.15 * abs(expected)


@pytest.mark.long
def test_deviations_of_the_stored_sweep():
    """The mean outliers of `data/summary.csv`, also where that of the overlap is not given."""
    compared = 0
    for row in csv.DictReader((DATA / "summary.csv").read_text().splitlines()):
        N, samples = int(row["N"]), int(row["samples"])
        if N < 400 or samples < 100 or float(row["alpha"]) < 2 or row["a"] == "0.4":
            continue
        band = outlier_band(Model(row["p"], row["p_star"], row["a"]), row["alpha"], N)
        found = float(row["outlier_error"]) * math.sqrt(samples)
        error = 4 * found / math.sqrt(2 * samples) + band.errors["value_deviation"]
        assert abs(found - band.value_deviation) < error
        compared += 1
    assert compared >= 7


@cache
def stored():
    """Rows of `data/outlier_band.csv`, simulated deviations with their errors, and their bands."""
    found = []
    for text in csv.DictReader((DATA / "outlier_band.csv").read_text().splitlines()):
        row = {name: float(value) for name, value in text.items()}
        with contextlib.suppress(DomainError):
            model = Model(text["p"], text["p_star"], text["a"])
            found.append((row, outlier_band(model, text["alpha"], text["N"])))
    return found


@pytest.mark.long
def test_stored_deviations_lie_within_the_error_that_a_band_carries():
    compared = {"value": 0, "overlap2": 0}
    for row, band in stored():
        for name in compared:
            predicted = getattr(band, f"{name}_deviation")
            if predicted is None:
                continue
            found, error = row[f"{name}_deviation"], row[f"{name}_deviation_error"]
            assert abs(found - predicted) < 3.5 * error + band.errors[f"{name}_deviation"], row
            compared[name] += 1
    assert compared["overlap2"] >= 12
    assert compared["value"] >= 16


def test_errors_of_models_wider_than_simulated_ones_are_called_extrapolated():
    told = "double precision, errors extrapolated from p <= 4 and p* <= 2"
    assert outlier_band(Model(5, 1, "0.7"), 4, 1000).method == told
    assert outlier_band(Model(4, 1, "0.7"), 4, 1000).method == "double precision"


@pytest.mark.long
def test_the_widest_models_simulated_are_those_of_the_fit():
    rows = [row for row, _ in stored()]
    assert (max(row["p"] for row in rows), max(row["p_star"] for row in rows)) == module.WIDEST
    assert {min(row["N"] for row in rows), max(row["N"] for row in rows)} == {60, 500}


@pytest.mark.long
def test_stored_spreads_of_outliers():
    """Where there are several."""
    compared = 0
    for row, band in stored():
        if band.value_spread == 0 or band.overlap2_deviation is None:
            continue
        found = math.sqrt(row["spread2_mean"])
        error = row["spread2_deviation"] / math.sqrt(row["samples"]) / (2 * found)
        assert abs(found - band.value_spread) < 3.5 * error + band.errors["value_spread"], row
        compared += 1
    assert compared >= 8


@pytest.mark.long
def test_the_second_order_is_seen_in_the_stored_deviations():
    """The leading order alone is too narrow, more so where the second is larger."""
    excess, weights = [], []
    for row, band in stored():
        if band.overlap2_deviation is None:
            continue
        bend = 2 * band.errors["overlap2_deviation"] / (module.REST * band.overlap2_deviation)
        leading = band.overlap2_deviation**2 * (1 - bend)
        found, error = row["overlap2_deviation"], row["overlap2_deviation_error"]
        excess.append((found**2 / leading - 1) / bend)
        weights.append((leading * bend / (2 * found * error)) ** 2)
    mean, error = np.average(excess, weights=weights), 1 / math.sqrt(sum(weights))
    assert mean - 4 * error > 0
    assert mean < 1 + module.REST


def test_the_points_at_which_a_narrower_band_was_found_wrong():
    """Two standard deviations of 50 samples; and a band that was three times too wide."""
    band = outlier_band(Model(2, 1, "0.4"), 3, 250)
    assert abs(0.0805 - band.overlap2_deviation) < 3 * 0.008 + band.errors["overlap2_deviation"]
    with pytest.raises(DomainError, match=r"^N must be at least \d+ at alpha = 7, not 400"):
        outlier_band(Model(1, 2, "1.2"), 7, 400)


@pytest.mark.parametrize("parameters", [*long((1, 1, 1.5, 3), whole=True), (1, 2, 1, 30)], ids=str)
def test_the_smallest_size_is_answered_and_the_one_below_is_not(parameters):
    *model, alpha = parameters
    model, needs = Model(*model), outlier_band(Model(*model), alpha, 10**6).overlap2_needs
    found, below = (outlier_band(model, alpha, N) for N in (needs, needs - 1))
    assert found.errors["overlap2_deviation"] < 0.25 * found.overlap2_deviation
    assert (below.overlap2_deviation, below.record()["overlap2_deviation"]) == (None, None)
    assert r"\Delta m^2" in found._repr_latex_()
    assert r"\Delta m^2" not in below._repr_latex_()
    assert below.overlap2_needs == needs


def test_residues_agree_on_another_circle(monkeypatch):
    """The second order by residues: more nodes, a smaller circle, a finer rule."""
    model = Model(2, 1, "0.4")
    monkeypatch.setattr(module, "LARGEST_BEND", 1e-4)
    needs = outlier_band(model, 3, 10**9).overlap2_needs
    for name, value in (("CIRCLE", 12), ("RADIUS", 0.3), ("STEP", 0.25)):
        monkeypatch.setattr(module, name, value)
    assert outlier_band(model, 3, 10**9).overlap2_needs == pytest.approx(needs, rel=2e-3)


@pytest.mark.parametrize("parameters", [(1, 1, 1.5, 3), (1, 1, 1, 4)], ids=str)
def test_another_route_to_the_second_order_for_one_node(parameters):
    """Its signs by derivatives: `m^6 (d^2/2 + 3/2 m^2 S'' d + ...)` of the squared covariance."""
    *model, alpha = parameters
    N = 10**6
    band = outlier_band(Model(*model), alpha, N)
    bend = 2 * band.errors["overlap2_deviation"] / (module.REST * band.overlap2_deviation)
    leading = band.overlap2_deviation**2 / (1 + bend)
    expected = second_order_of_one_node(model[2], alpha, outlier(Model(*model), alpha).g)
    assert N**2 * leading * bend == pytest.approx(expected, rel=2e-3)


def second_order_of_one_node(a, alpha, g):
    """`N^2 Var` of the second order of m^2 in the random signs, by interpolation in z.

    The residue of `A/(z - S)^3` is half the second derivative of `A ((z - z_0)/(z - S))^3`.
    """
    z, _, signal, signs, _ = one_node(a, alpha)
    nodes = g * (1 + 0.02 * np.arange(-3, 4))
    places = np.array([z(x) for x in nodes])
    ratios = [(z(x) - z(g)) / (z(x) - signal(x)) for x in nodes if x != g]
    ratios = np.insert(ratios, 3, TwoDimensional(1, 1, a).overlap2(g))
    squares = np.array([[2 * signs(x, t) ** 2 for t in nodes] for x in nodes])
    squares *= np.multiply.outer(ratios**3, ratios**3)

    def residue(values):
        return np.polynomial.Polynomial.fit(places, values, 6).deriv(2)(places[3]) / 2

    return residue([residue(row) for row in squares])


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

    def signs(one, two):
        bulk = 1 / (one * two) - alpha * mean(h(one) * h(two))
        return 2 * (alpha * mean(y * h(one) * h(two))) ** 2 / bulk

    def covariance(one, two):
        left, right = sample(one), sample(two)
        return signs(one, two) + alpha * (mean(left * right) - mean(left) * mean(right))

    return z, slope, signal, signs, covariance


@pytest.mark.parametrize(("a", "alpha"), [(1.5, 3), (1, 2), (3, 8)])
def test_another_route_for_one_node(a, alpha):
    N = 10**12  # so large that the next order does not show
    found, g = outlier_band(Model(1, 1, a), alpha, N), outlier(Model(1, 1, a), alpha).g
    z, slope, signal, _, covariance = one_node(a, alpha)
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
    """0.1135 to leading order at N = 1000, a = 1.5, alpha = 3."""
    assert f"{100 * outlier_band(Model(1, 1, 1.5), 3, 10**7).value_deviation:.4f}" == "0.1135"


@pytest.mark.parametrize("model", [Model(1, 1, 1.5), Model(2, 3, 1), Model(50, 1, "0.7")], ids=repr)
def test_deviations_fall_like_one_over_the_root_of_n(model):
    small, large = (outlier_band(model, 40, N) for N in (10**10, 10**12))
    for name in ("value_deviation", "value_spread", "overlap2_deviation"):
        assert getattr(small, name) == pytest.approx(10 * getattr(large, name), rel=1e-7)
        assert small.errors[name] <= 1e-4 * getattr(small, name)
    assert small.value == outlier(model, 40).value
    assert (small.N, large.N) == (10**10, 10**12)


def test_the_matrix_that_is_drawn_has_the_moments_that_are_stated():
    band = outlier_band(Model(3, 2, 1.5), 15, 10**4)
    blocks = band.draw(np.random.default_rng(3), 4000)
    assert np.all(blocks == blocks.swapaxes(1, 2))
    values = np.linalg.eigvalsh(blocks)
    spread, error = deviation(values.mean(axis=1))
    assert abs(spread - band.value_deviation) < 4 * error + band.errors["value_deviation"]
    squares = values.var(axis=1)
    error = squares.std(ddof=1) / math.sqrt(len(squares))
    assert abs(squares.mean() - band.value_spread**2) < 4 * error


def test_a_band_is_displayed():
    found = outlier_band(Model(2, 1, 1.5), 3, 2000)
    record = found.record()
    assert record["N"] == 2000
    assert record["overlap2_deviation"] == float(f"{found.overlap2_deviation:.4g}")
    shown, error = found.overlap2_deviation, found.errors["overlap2_deviation"]
    assert f"overlap2_deviation  {shown:.5f}({round(1e5 * error)})" in str(found)
    assert r"N=2000" in found._repr_latex_()
    assert r"\Delta\lambda_* &=" in found._repr_latex_()
    assert outlier_band(Model(2, 1, 1.5), 1, 2000) is None


@pytest.mark.parametrize("N", [1, 0, -5, 2.5, "x", float("nan"), 10**19])
def test_bad_n(N):
    with pytest.raises(DomainError, match=r"^N must be an integer from 2 to 1e18, not"):
        outlier_band(Model(2, 1, 1), 5, N)


def test_what_a_band_cannot_do():
    critical = threshold(Model(1, 1, 1)).alpha
    with pytest.raises(DomainError, match=r"^N must be at least \d{8,} at alpha = .*, not 100: so"):
        outlier_band(Model(1, 1, 1), critical * (1 + 1e-3), 100)
    with pytest.raises(PrecisionError, match="too close to the threshold for a band"):
        outlier_band(Model(1, 1, 1), critical * (1 + 1e-9), 100)
    with pytest.raises(DomainError, match="p must be finite"):
        outlier_band(Model("inf", 1, 1), 5, 100)
    with pytest.raises(DomainError, match="model must be a Model"):
        outlier_band(averaged_hessian(Model(2, 1, 1)), 5, 100)
    band = outlier_band(Model(2, 1, 1), 5, 1000)
    with pytest.raises(DomainError, match="samples must be"):
        band.lowest(np.random.default_rng(0), 1)
    with pytest.raises(DomainError, match="rng must be"):
        band.lowest(7)
    with pytest.raises(DomainError, match="p p_star must be at most"):
        outlier_band(Model(100, 1, 1), 5, 1000).lowest(np.random.default_rng(0))


def test_one_outlier_is_the_lowest():
    band = outlier_band(Model(1, 1, 1.5), 3, 1000)
    found = band.lowest(np.random.default_rng(0))
    assert found.deviation == band.value_deviation
    assert found.mean == outlier(Model(1, 1, 1.5), 3).value
