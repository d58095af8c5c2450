"""Deformed Gaussian matrices: against closed forms, other averages, and matrices."""

import json

import mpmath
import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq
from sympy import Rational, exp, log, oo, pi, sqrt
from sympy.abc import x

from bbpsym import DeformedGaussian, Model, density, edge, labels_of, outlier, outliers, threshold
from bbpsym.answers.deformed_sampled import (
    deformed_predict,
    deformed_predict_from,
    deformed_scatter,
)
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.finite.gaussian import deformed, entries
from bbpsym.numerics.diagonal_bulk import DiagonalBulk
from tests.cases import long

LAW = labels_of(15 * (1 - x**2) ** 2 / 16, signal=1, support=(-1, 1))


def averaged(function):
    return quad(lambda d: 15 / 16 * (1 - d * d) ** 2 * function(d), -1, 1, epsabs=1e-13)[0]


def test_the_smooth_edge_of_the_paper_s_example():
    found = threshold(DeformedGaussian(LAW, "0.3"), digits=20)
    assert (found.kind, found.side) == ("discontinuous", "right")
    exact = {"theta": "4/5", "value": "89/80", "overlap2": "31/64", "g": "5/4"}
    for name, value in exact.items():
        assert abs(getattr(found, name) - float(Rational(value))) < 1e-15
    assert found.text("sigma_c") == str(sqrt(Rational(2, 5)).evalf(20))


def test_an_outlier_against_other_averages():
    found = outlier(DeformedGaussian(LAW, "0.3", 1))
    assert found.value == pytest.approx(1.2414239728, abs=1e-10)
    assert found.overlap2 == pytest.approx(0.7362078889, abs=1e-10)
    gamma = brentq(lambda z: averaged(lambda d: 1 / (z - d)) - 1, 1.001, 3, xtol=1e-14)
    assert found.value == pytest.approx(gamma + 0.09, abs=1e-11)
    squares = averaged(lambda d: (gamma - d) ** -2)
    assert found.overlap2 == pytest.approx((1 - 0.09 * squares) / squares, abs=1e-10)
    assert found.text("value")[:12] == outlier(found.model, digits=25).text("value")[:12]


def test_a_sharp_edge_and_a_continuous_transition():
    found = threshold(DeformedGaussian(LAW, 1))
    gamma = brentq(lambda z: averaged(lambda d: (z - d) ** -2) - 1, 1.01, 3, xtol=1e-14)
    assert (found.kind, found.overlap2) == ("continuous", 0)
    assert found.value == pytest.approx(gamma + averaged(lambda d: 1 / (gamma - d)), abs=1e-11)
    assert found.theta == pytest.approx(1 / averaged(lambda d: 1 / (gamma - d)), abs=1e-11)
    just = outlier(DeformedGaussian(LAW, 1, f"{found.theta + 1e-3:.4f}"))
    assert 0 < just.overlap2 < 1e-2
    assert outlier(DeformedGaussian(LAW, 1, f"{found.theta - 1e-3:.4f}")) is None


def test_spiked_wigner_is_the_instance_without_diagonal():
    matrix = DeformedGaussian(sigma=2, spike=(3, -5, 1))
    assert edge(matrix, digits=20).text("value") == "4.0000000000000000000"
    right, (left,) = outliers(matrix, digits=20), outliers(matrix, side="left")
    assert [(found.theta, found.text("value")) for found in right] == [(3, "4.3333333333333333333")]
    assert right[0].overlap2 == pytest.approx(5 / 9, rel=1e-15)
    assert (left.value, left.overlap2) == (pytest.approx(-5.8), pytest.approx(21 / 25))
    assert threshold(matrix, side="left").theta == pytest.approx(-2)
    inside = np.array([-3.9, 0.0, 1.0, 3.99, 4.1])
    semicircle = np.sqrt(np.maximum(16 - inside**2, 0)) / (8 * np.pi)
    assert density(matrix, x=inside) == pytest.approx(semicircle, abs=1e-9)


def test_the_left_side_is_the_right_one_reflected():
    law = labels_of(6 * x * (1 - x), signal=1, support=(0, 1))
    mirrored = labels_of(-6 * x * (1 + x), signal=1, support=(-1, 0))
    one, other = (DeformedGaussian(law, "0.2", "0.9"), DeformedGaussian(mirrored, "0.2", "-0.9"))
    assert one.side_seen == "right" != other.side_seen
    for verb in (edge, threshold, outlier):
        for name in verb(one).symbols:
            sign = 1 if name in ("overlap2", "sigma_c") else -1
            assert getattr(verb(one), name) == pytest.approx(sign * getattr(verb(other), name))


def test_a_spike_along_a_coordinate():
    found = outlier(DeformedGaussian(LAW, "0.3", 1, site="0.5"))
    gamma = 1.5
    value = gamma + 0.09 * averaged(lambda d: 1 / (gamma - d))
    assert found.value == pytest.approx(value, abs=1e-11)
    slope = 1 - 0.09 * averaged(lambda d: (gamma - d) ** -2)
    assert found.overlap2 == pytest.approx(slope, abs=1e-11)
    assert threshold(found.model).theta == pytest.approx(0.5)


def test_a_signal_that_prefers_large_entries():
    law = labels_of(15 * (1 - x**2) ** 2 / 16, signal=1 + x, support=(-1, 1))
    found = outlier(DeformedGaussian(law, "0.3", "0.7"))
    gamma = found.value - 0.09 * found.g
    assert averaged(lambda d: (1 + d) / (gamma - d)) == pytest.approx(1 / 0.7)
    assert outlier(DeformedGaussian(LAW, "0.3", "0.7")) is None
    with pytest.raises(DomainError, match="must be one"):
        edge(DeformedGaussian(labels_of(3 * (1 - x**2) / 4, signal=2, support=(-1, 1))))


def test_atoms_and_laws_of_scipy():
    atoms = DeformedGaussian({0: "1/2", 1: "1/2"}, 1, 3)
    found = outlier(atoms, digits=20)
    gamma = float(2 + sqrt(Rational(10)) / 2)  # the root of gamma^2 - 4 gamma + 3/2
    assert found.value == pytest.approx(gamma + 1 / 3, abs=1e-14)
    assert found.g == pytest.approx(1 / 3, abs=1e-15)
    beta = edge(DeformedGaussian(stats.beta(3, 3), "0.15"))
    assert beta.kind == "smooth"  # (1 + d)/2 has this law, and everything else is halved
    assert beta.value == pytest.approx((edge(DeformedGaussian(LAW, "0.3")).value + 1) / 2)


def test_a_density_of_scipy_that_is_a_small_difference_at_its_ends():
    with mpmath.workdps(20):  # averages of (1 + cos(d))/(2 pi) by their closed forms
        first = (mpmath.euler + mpmath.log(2 * mpmath.pi) - mpmath.ci(2 * mpmath.pi)) / 2
        second = mpmath.si(2 * mpmath.pi) / 2
        jump = (1 - second / mpmath.pi / 4) * first**2 / mpmath.pi / second
    found = threshold(DeformedGaussian(stats.cosine(), "0.5"))
    assert found.text("overlap2") == mpmath.nstr(jump, 11) == "0.62924118742"


def test_density_close_to_a_smooth_edge_and_its_mass():
    matrix = DeformedGaussian(LAW, "0.3")
    points = np.linspace(-1.1125, 1.1125, 401)
    rho = density(matrix, x=points)
    assert np.trapezoid(rho, points) == pytest.approx(1, abs=1e-8)
    assert 0 < rho[1] < 1e-3
    assert density(matrix, x=1.2) == 0
    points = np.linspace(-0.6, 60, 6061)
    half_line = DeformedGaussian(labels_of(exp(-x), 1, (0, oo)), "0.5")
    assert np.trapezoid(density(half_line, x=points), points) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("gamma", [0.1 + 3j, 0.5 + 1e-3j, 0.99 + 1e-4j, -0.3 + 1e-6j, 1.05 + 1e-9j])
def test_the_correction_for_the_pole(gamma):
    """The integral in closed form: a polynomial and a logarithm."""
    value, _, error = DiagonalBulk(LAW, 0.09)(np.array([-1 / gamma]), np.zeros(1))
    logarithm = np.log((gamma + 1) / (gamma - 1))
    mean = 15 / 16 * ((1 - gamma**2) ** 2 * logarithm + 10 * gamma / 3 - 2 * gamma**3)
    assert abs(value[0] - gamma - 0.09 * mean) < max(error[0], 1e-13)
    assert error[0] < 1e-12


def test_predictions_against_matrices_below_the_threshold():
    """The asymptotic overlap is zero: all of it is the sampled diagonal's."""
    matrix, rng = DeformedGaussian(LAW, "0.3", "0.75"), np.random.default_rng(2)
    assert outlier(matrix) is None
    pairs = []
    for _ in range(12):
        diagonal, signal = entries("(1 - x^2)^2", -1, 1, 500, rng), rng.standard_normal(500)
        predicted = deformed_predict_from(matrix, diagonal, signal)
        found = deformed(diagonal, 0.3, 0.75, rng, signal)
        pairs.append([(predicted.value, predicted.overlap2), (found.value, found.overlap2)])
    predicted, found = np.array(pairs).transpose(1, 0, 2)
    apart = (predicted - found).std(axis=0, ddof=1) / np.sqrt(len(pairs))
    assert np.all(np.abs(predicted.mean(axis=0) - found.mean(axis=0)) < 3 * apart + 0.02)
    assert found[:, 1].mean() > 0.2
    assert np.corrcoef(predicted[:, 1], found[:, 1])[0, 1] > 0.3


def test_predictions_become_the_theory():
    matrix, rng = DeformedGaussian(LAW, "0.3", 1), np.random.default_rng(0)
    found, limit = deformed_predict(matrix, 200_000, rng), outlier(matrix)
    assert found.is_outlier
    assert found.value == pytest.approx(limit.value, abs=0.01)
    assert found.overlap2 == pytest.approx(limit.overlap2, abs=0.01)
    assert found.edge == pytest.approx(edge(matrix).value, abs=0.02)
    left = deformed_scatter(DeformedGaussian(LAW, "0.3", -1), 1000, 20, rng)
    assert left.value == pytest.approx(-limit.value, abs=0.05)


def test_drawn_diagonals_follow_their_law():
    from bbpsym.numerics.known_diagonal import quantiles

    shares = np.array([0.1, 0.5, 0.9])
    law = stats.beta(3, 3, loc=-1, scale=2)
    assert quantiles(LAW, shares) == pytest.approx(law.ppf(shares), abs=1e-6)
    few = DeformedGaussian({0: "1/4", 2: "3/4"}).diagonal
    assert quantiles(few, shares).tolist() == [0, 2, 2]


def test_few_values_are_certified():
    """The zeros of a polynomial for two values, and the spiked Wigner matrix."""
    matrix = DeformedGaussian({0: "2/3", 3: "1/3"}, sigma=1, spike=(6, -3))
    for side in ("right", "left"):
        for verb in (edge, threshold, outlier):
            plain = verb(matrix, digits=25, side=side)
            proved = verb(matrix, digits=25, certified=True, side=side)
            assert all(plain.text(name) == proved.text(name) for name in plain.symbols)
    assert outlier(DeformedGaussian(spike="0.9"), certified=True) is None
    with pytest.raises(PrecisionError, match="undecided"):
        outlier(DeformedGaussian(spike=1), certified=True)


@pytest.mark.parametrize("sigma", ["0.3", *long("0.8")])
def test_a_polynomial_density_is_certified(sigma):
    """Closed forms in balls, against quadrature to as many digits."""
    matrix = DeformedGaussian(LAW, sigma, spike=2)
    for side in ("right", "left"):
        for verb in (edge, threshold):
            plain = verb(matrix, digits=20, side=side)
            proved = verb(matrix, digits=20, certified=True, side=side)
            assert all(plain.text(name) == proved.text(name) for name in plain.symbols)
    proved = outlier(matrix, digits=20, certified=True)
    assert proved.text("overlap2") == outlier(matrix, digits=20).text("overlap2")


def test_a_uniform_diagonal_is_certified():
    """`E_2 = 1/(Gamma^2 - 1)` and `E_1` a logarithm, by hand; the spike on one coordinate."""
    uniform = labels_of(x**0 / 2, signal=1, support=(-1, 1))
    found = threshold(DeformedGaussian(uniform, "0.3"), digits=30, certified=True)
    level = sqrt(Rational(109, 100))
    rate = log((level + 1) / (level - 1)) / 2
    assert found.text("theta") == str((1 / rate).evalf(30))
    assert found.text("value") == str((level + Rational(9, 100) * rate).evalf(30))
    at_site = threshold(DeformedGaussian(uniform, "0.3", site="0.5"), digits=30, certified=True)
    assert at_site.text("theta") == str((level - Rational(1, 2)).evalf(30))


BAD = {
    "alpha must not be given": lambda: outlier(DeformedGaussian(LAW, 1, 1), 2),
    "spike must be given": lambda: outlier(DeformedGaussian(LAW)),
    "spike must be a number": lambda: DeformedGaussian(LAW, 1, 0),
    "sigma must be": lambda: DeformedGaussian(LAW, -1),
    "diagonal must be Labels": lambda: DeformedGaussian("x"),
    "diagonal must be bounded above": lambda: edge(DeformedGaussian(stats.norm())),
    "site must not lie beyond": lambda: edge(DeformedGaussian(LAW, 1, site=2)),
    "certified must be False": lambda: edge(
        DeformedGaussian(labels_of(2 * sqrt(1 - x**2) / pi, 1, (-1, 1))), certified=True
    ),
    "sector must be None": lambda: threshold(DeformedGaussian(LAW), sector="a"),
    "side must be": lambda: edge(DeformedGaussian(LAW), side="up"),
    "alpha must be a number": lambda: edge(Model(1, 1, 1)),
    "x must be": lambda: density(DeformedGaussian(LAW)),
    "spike must be one number": lambda: deformed_scatter(
        DeformedGaussian(LAW), 100, 9, np.random.default_rng(0)
    ),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_gives_a_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()


def test_a_density_that_does_not_add_up_to_one_is_refused():
    """It was said to be too singular."""
    with pytest.raises(DomainError, match=r"density must add up to one .* to 2"):
        density(DeformedGaussian(labels_of(1, 1, (-1, 1)), "0.3"), x=0.2)


def test_a_density_that_double_precision_does_not_resolve_is_refused():
    law = labels_of(x ** Rational(-9, 10) / 10, signal=1, support=(0, 1))
    with pytest.raises(PrecisionError, match="too singular"):
        density(DeformedGaussian(law, 1), x=0.5)


def test_results_show_themselves():
    found = outlier(DeformedGaussian(LAW, "0.3", 1))
    assert json.loads(json.dumps(found.record()))["theta"] == "1"
    assert "theta     1" in str(found)
    assert r"\theta=1" in found._repr_latex_()
    assert "sigma=0.3" in repr(DeformedGaussian(LAW, "0.3"))
