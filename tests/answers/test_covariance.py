"""Sample covariances of any population: against closed forms, quadrature, and matrices."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import eigh
from scipy.optimize import brentq
from sympy import sqrt
from sympy.abc import x

from bbpsym import SampleCovariance, density, discrete_labels, edge, labels_of, outlier, threshold
from bbpsym.errors import DomainError

IDENTITY = discrete_labels({1: 1}, 1, "identity")
TWO = discrete_labels({1: "1/2", 3: "1/2"}, 1, "two variances")
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
    "spike must be above 3": lambda: outlier(SampleCovariance(TWO, 1, 3)),
    "density has no answer for .*: edge, threshold, outliers have": lambda: density(
        SampleCovariance(TWO, 1), x=1.0
    ),
    "side must be": lambda: edge(SampleCovariance(IDENTITY, 1), side="left"),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_gives_a_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()
