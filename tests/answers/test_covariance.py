"""Sample covariances of any population: against closed forms, quadrature, and matrices."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import eigh
from scipy.optimize import brentq
from sympy import Rational, sqrt
from sympy.abc import x, y

from bbpsym import (
    Ensemble,
    SampleCovariance,
    density,
    discrete_labels,
    edge,
    labels_of,
    outlier,
    threshold,
)
from bbpsym.errors import DomainError, NoOutlierError, PrecisionError
from bbpsym.finite.population import sample_covariance
from tests.cases import long

IDENTITY = discrete_labels({1: 1}, 1, "identity")
TWO = discrete_labels({1: "1/2", 3: "1/2"}, 1, "two variances")
CUBIC = labels_of((x - 1) ** 3 / 4, 1, (1, 3), "a law that begins smoothly")
SMOOTH = labels_of(12 * (x - 1) * (2 - x) ** 2, 1, (1, 2), "a law that ends smoothly")


def test_marchenko_and_pastur_with_one_spike():
    matrix = SampleCovariance(IDENTITY, "1/2", 3)
    assert edge(matrix, digits=20).text("value") == str(((1 + sqrt(2) / 2) ** 2).evalf(20))
    found = outlier(matrix, digits=20)
    assert found.text("value") == "3.75" + "0" * 17
    assert found.text("overlap2") == "0.7" + "0" * 19
    assert threshold(matrix).spike == pytest.approx(1 + 0.5**0.5, abs=1e-12)
    assert outlier(SampleCovariance(IDENTITY, "1/2", "1.7")) is None


def test_two_variances_against_matrices():
    found, rng = outlier(SampleCovariance(TWO, "1/2", 8)), np.random.default_rng(0)
    variances = np.concatenate([[8.0], np.ones(299), 3 * np.ones(300)])
    seen = []
    for _ in range(6):
        data = rng.standard_normal((1200, 600)) * np.sqrt(variances)
        value, vector = eigh(data.T @ data / 1200, subset_by_index=[599, 599])
        seen.append((value[0], vector[0, 0] ** 2))
    mean, error = np.mean(seen, axis=0), np.std(seen, axis=0, ddof=1) / np.sqrt(6)
    assert np.all(np.abs(mean - (found.value, found.overlap2)) < 3 * error + 0.01)


def test_a_smooth_end_against_quadrature():
    """psi(l) = l (1 + gamma E[tau/(l - tau)]) and m^2 = l psi'/psi, as printed."""
    gamma, spike = 0.1, 2.2

    def mean(function):
        return quad(lambda t: 12 * (t - 1) * (2 - t) ** 2 * function(t), 1, 2, epsabs=1e-13)[0]

    psi = spike * (1 + gamma * mean(lambda t: t / (spike - t)))
    slope = 1 - gamma * mean(lambda t: (t / (spike - t)) ** 2)
    found = outlier(SampleCovariance(SMOOTH, "0.1", "2.2"))
    assert found.value == pytest.approx(psi, abs=1e-11)
    assert found.overlap2 == pytest.approx(spike * slope / psi, abs=1e-11)
    start = threshold(SampleCovariance(SMOOTH, "0.6"))
    turn = brentq(lambda s: 0.6 * mean(lambda t: (t / (s - t)) ** 2) - 1, 2.001, 9, xtol=1e-14)
    assert (start.kind, start.spike) == ("continuous", pytest.approx(turn, abs=1e-10))


def test_the_left_edge_and_a_spike_below():
    """Marchenko and Pastur's left edge, for more and for fewer data than dimensions."""
    for gamma, end in (("1/4", "0.25"), (4, "1.0")):
        found = edge(SampleCovariance(IDENTITY, gamma), side="left", digits=15, certified=True)
        assert float(found.value) == float(end)
    below = SampleCovariance(IDENTITY, "1/4", "1/4")
    assert below.side_seen == "left"
    found = outlier(below, digits=15, certified=True)
    ell, gamma = Rational(1, 4), Rational(1, 4)
    assert found.text("value") == str((ell * (1 + gamma / (ell - 1))).evalf(15))
    share = (1 - gamma / (ell - 1) ** 2) / (1 + gamma / (ell - 1))
    assert found.text("overlap2") == str(share.evalf(15))
    assert threshold(below).spike == pytest.approx(0.5, abs=1e-12)
    assert outlier(SampleCovariance(IDENTITY, "1/4", "0.6")) is None
    assert outlier(SampleCovariance(IDENTITY, "1/4", 8), side="left") is None
    with pytest.raises(NoOutlierError):
        threshold(SampleCovariance(IDENTITY, 4), side="left")


def test_a_smooth_left_end_against_quadrature():
    gamma, law = 0.2, labels_of(12 * (x - 1) ** 2 * (2 - x), 1, (1, 2), "smooth on the left")

    def mean(function):
        return quad(lambda t: 12 * (t - 1) ** 2 * (2 - t) * function(t), 1, 2, epsabs=1e-13)[0]

    def psi(spike):
        return spike * (1 + gamma * mean(lambda t: t / (spike - t)))

    turn = brentq(lambda s: gamma * mean(lambda t: (t / (s - t)) ** 2) - 1, 0.1, 0.99, xtol=1e-14)
    found = edge(SampleCovariance(law, "0.2"), side="left")
    assert (found.kind, found.value) == ("sharp", pytest.approx(psi(turn), abs=1e-10))
    assert found.g == pytest.approx(1 / turn, abs=1e-8)
    below = outlier(SampleCovariance(law, "0.2", "0.3"))
    assert below.value == pytest.approx(psi(0.3), abs=1e-11)
    slope = (psi(0.3 + 1e-5) - psi(0.3 - 1e-5)) / 2e-5
    assert below.overlap2 == pytest.approx(0.3 * slope / psi(0.3), abs=1e-9)


def test_certified_numbers_are_those_of_multiprecision():
    matrix = SampleCovariance(TWO, "1/2", 8)
    for verb in (edge, threshold, outlier):
        plain, proved = verb(matrix, digits=25), verb(matrix, digits=25, certified=True)
        assert all(plain.text(name) == proved.text(name) for name in plain.symbols)
        assert proved.method == "ball arithmetic"
    assert outlier(SampleCovariance(TWO, "1/2", 4), certified=True) is None


@pytest.mark.parametrize(
    ("matrix", "side"),
    [
        *long((SampleCovariance(SMOOTH, "0.1", "2.2"), "right")),
        *long((SampleCovariance(SMOOTH, "0.6", 4), "right")),
        (SampleCovariance(SMOOTH, 3), "left"),
        *long((SampleCovariance(SMOOTH, "0.6", "0.2"), "left")),
        *long((SampleCovariance(CUBIC, "0.01", "0.8"), "left")),
    ],
)
def test_a_polynomial_density_is_certified(matrix, side):
    for verb in (edge, threshold, outlier) if matrix.spike else (edge,):
        plain = verb(matrix, digits=20, side=side)
        proved = verb(matrix, digits=20, side=side, certified=True)
        assert all(plain.text(name) == proved.text(name) for name in plain.symbols)


def test_what_is_certified_may_be_smooth_and_a_root_is_not():
    assert edge(SampleCovariance(CUBIC, "0.01"), side="left", certified=True).kind == "smooth"
    root = labels_of(sqrt(x - 1) * 3 / 2, 1, (1, 2), "a root")
    with pytest.raises(DomainError, match="certified must be False"):
        edge(SampleCovariance(root, "0.1"), side="left", certified=True)


def test_density_against_the_closed_form():
    for gamma in (0.25, 4):
        low, high = (1 - gamma**0.5) ** 2, (1 + gamma**0.5) ** 2
        points = np.linspace(low, high, 9)
        exact = np.sqrt((high - points) * (points - low)) / (2 * np.pi * gamma * points)
        found = density(SampleCovariance(IDENTITY, gamma), x=points)
        assert found == pytest.approx(exact, abs=1e-10)
    assert density(SampleCovariance(IDENTITY, 4), x=0.0) == np.inf
    assert density(SampleCovariance(IDENTITY, "1/4"), x=[0.0, 0.1, 9.0]).tolist() == [0, 0, 0]


def test_matrices_on_the_left():
    found, rng = outlier(SampleCovariance(TWO, "1/2", "1/5")), np.random.default_rng(1)
    population = np.repeat([1.0, 3.0], 200)
    seen = [sample_covariance(population, 0.2, 802, rng, "left") for _ in range(6)]
    values = np.array([(item.value, item.overlap2) for item in seen])
    mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(6)
    assert np.all(np.abs(mean - (found.value, found.overlap2)) < 3 * error + 0.01)
    points = np.linspace(0, 9, 400)
    whole = np.concatenate([item.eigenvalues for item in seen])
    rho = density(SampleCovariance(TWO, "1/2"), x=points)
    below = np.interp(2.0, points, np.cumsum(rho) * (points[1] - points[0]))
    assert np.mean(whole < 2) == pytest.approx(below, abs=0.01)


BAD = {
    "alpha must not be given": lambda: edge(SampleCovariance(IDENTITY, 1), 2),
    "spike must be given": lambda: outlier(SampleCovariance(IDENTITY, 1)),
    "gamma must be": lambda: SampleCovariance(IDENTITY, 0),
    "population must be Labels": lambda: SampleCovariance(1, 1),
    "population must be positive": lambda: edge(SampleCovariance(discrete_labels({-1: 1}, 1), 1)),
    "population must not be zero alone": lambda: edge(
        SampleCovariance(discrete_labels({0: 1}, 1), 1)
    ),
    "each value once, not 1/2 twice": lambda: discrete_labels({"1/2": "1/4", 0.5: "3/4"}, 1),
    "spike must be below 1 or above 3": lambda: outlier(SampleCovariance(TWO, 1, 3)),
    "gamma must not be 1": lambda: edge(SampleCovariance(IDENTITY, 1), side="left"),
    "side must be": lambda: edge(SampleCovariance(IDENTITY, 1), side="top"),
    "stay away from zero": lambda: edge(
        SampleCovariance(discrete_labels({0: "1/2", 1: "1/2"}, 1), "1/2"), side="left"
    ),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_gives_a_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()


def test_an_edge_closer_to_its_limit_than_double_precision_tells_is_refused():
    """Where a population begins linearly `1 - t` is of the size of `exp(-1/gamma)`."""
    linear = labels_of((x - 1) / 2, 1, (1, 3))
    assert edge(SampleCovariance(linear, "1/10"), side="left").text("value") == "0.800000030590"
    with pytest.raises(PrecisionError, match="gamma or sigma must be larger"):
        edge(SampleCovariance(linear, "1/50"), side="left")


def test_a_density_is_refused_where_there_is_no_number():
    with pytest.raises(DomainError, match="x must be an array of finite real numbers"):
        density(SampleCovariance(TWO, "1/2"), x=[1.0, np.nan])


def test_a_spike_in_weighted_data_is_that_of_an_ensemble():
    """With weights of both signs, and an overlap certified by balls."""
    law = discrete_labels({"-1/2": "1/2", 1: "1/2"}, 6, "weights of a spiked covariance")
    found = outlier(Ensemble(y, law), 4, certified=True, side="right")
    rng, seen = np.random.default_rng(8), []
    for _ in range(6):
        weights = rng.choice([-0.5, 1.0], 1600)
        seen.append(sample_covariance(np.ones(399), 6.0, 1600, rng, weights=weights))
    for values, known in (
        ([4 * one.value for one in seen], found.value),
        ([one.overlap2 for one in seen], found.overlap2),
    ):
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values) - float(known)) < 3 * error + 0.01 * float(known)
