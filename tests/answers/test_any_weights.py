"""Ensembles of any weight against published results, other routes and simulated matrices."""

from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import scipy.stats
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from sympy import Rational, S, exp, sqrt, tanh
from sympy.abc import x, y

from bbpsym import (
    Ensemble,
    Model,
    averaged_hessian,
    density,
    discrete_labels,
    edge,
    labels_of,
    laplace_labels,
    luo_alghamdi_lu,
    mondelli_montanari,
    outlier,
    spiked_identity,
    subset,
    teacher_labels,
    threshold,
    trimmed,
    truncated,
)
from tests.cases import long, with_long

ONE = teacher_labels(1)
COIN = discrete_labels({0: "1/2", 1: "1/2"}, {0: "1/2", 1: "3/2"})


class LuLi:
    """The functions phi, psi and zeta of Lu and Li (arXiv 1702.06435), for `y = u^2`.

    Their matrix is an average over samples, of inputs of covariance one: its eigenvalues are ours
    over alpha. Averages are Gaussian integrals by `scipy.integrate.quad`.
    """

    def __init__(self, weight, top, cut=None):
        self.weight, self.top = weight, top
        self.points = None if cut is None else [np.sqrt(cut)]

    def mean(self, function):
        def integrand(u):
            return 2 * function(u * u) * np.exp(-u * u / 2) / np.sqrt(2 * np.pi)

        return quad(integrand, 0, 12, points=self.points, epsabs=1e-13, limit=400)[0]

    def phi(self, at):
        return at * self.mean(lambda e: self.weight(e) * e / (at - self.weight(e)))

    def psi(self, at, alpha):
        return at * (1 / alpha + self.mean(lambda e: self.weight(e) / (at - self.weight(e))))

    def turning_point(self, alpha):
        """Where psi is least; there psi' vanishes."""
        found = minimize_scalar(
            lambda z: self.psi(self.top + np.exp(z), alpha),
            bounds=(-8, 6),
            method="bounded",
            options={"xatol": 1e-12},
        )
        return self.top + np.exp(found.x)

    def solve(self, alpha):
        """Outlier and overlap, or None: where phi meets psi, beyond the turning point."""
        bar = self.turning_point(alpha)
        if self.phi(bar) < self.psi(bar, alpha):
            return None
        at = brentq(lambda z: self.phi(z) - self.psi(z, alpha), bar, 1e3, xtol=1e-13)
        slopes = [
            (f(at * (1 + 1e-5)) - f(at * (1 - 1e-5))) / (2e-5 * at)
            for f in (lambda z: self.psi(z, alpha), self.phi)
        ]
        return alpha * self.psi(at, alpha), slopes[0] / (slopes[0] - slopes[1])


CASES = {
    "trimmed": (trimmed(1, 3), LuLi(lambda e: e * (e <= 3), 3, 3)),
    "truncated": (truncated(1, 3), LuLi(lambda e: np.minimum(e, 3), 3, 3)),
    "subset": (subset(1, 2), LuLi(lambda e: 1.0 * (e >= 2), 1, 2)),
}


@pytest.mark.parametrize("name", with_long(CASES, "trimmed"))
def test_outlier_and_overlap_against_lu_and_li(name):
    ensemble, witness = CASES[name]
    alpha = 1.5 * threshold(ensemble, side="right").alpha
    found = outlier(ensemble, alpha, side="right")
    value, overlap2 = witness.solve(alpha)
    assert found.value == pytest.approx(value, rel=1e-9)
    assert found.overlap2 == pytest.approx(overlap2, rel=1e-7)
    assert edge(ensemble, alpha, side="right").value == pytest.approx(
        alpha * witness.psi(witness.turning_point(alpha), alpha), rel=1e-9
    )


@pytest.mark.parametrize("name", CASES)
def test_threshold_against_lu_and_li(name):
    ensemble, witness = CASES[name]
    found = threshold(ensemble, side="right")
    assert found.kind == "continuous"
    assert witness.solve(found.alpha * 1.002) is not None
    assert witness.solve(found.alpha * 0.998) is None


@pytest.mark.parametrize("p_star", [1, 2, 3, 7])
def test_optimal_weight(p_star):
    ensemble = luo_alghamdi_lu(p_star)
    found = threshold(ensemble, digits=20, side="right")
    assert abs(found.alpha - S(p_star) / 2) < 1e-19
    assert (found.kind, found.overlap2) == ("continuous", 0)
    for factor in (1.1, 2, 20, 1e6):
        at = outlier(ensemble, factor * p_star / 2, side="right")
        assert at.value == pytest.approx(1, abs=1e-11)
        # By the same algebra as the fixed value: the overlap is one minus the transform.
        assert at.overlap2 == pytest.approx(1 - at.g, abs=1e-11)
    assert outlier(ensemble, 0.99 * p_star / 2, side="right") is None


@pytest.mark.parametrize("alpha", [0.51, 1, 4])
def test_mondelli_montanari(alpha):
    ensemble = mondelli_montanari(1, alpha)
    assert edge(ensemble, alpha, side="right").value == pytest.approx(1, abs=1e-11)
    mine = outlier(ensemble, alpha, side="right")
    best = outlier(luo_alghamdi_lu(1), alpha, side="right")
    assert 0 < mine.overlap2 < best.overlap2


@pytest.mark.parametrize("p", [1, 2, 5, "inf"])
@pytest.mark.parametrize(("p_star", "a"), [(1, "0.7"), (3, "1.5")])
def test_averaged_hessian(p, p_star, a):
    found = threshold(averaged_hessian(Model(p, p_star, a)))
    extra = 0 if p == "inf" else Rational(2, p)
    closed = p_star * (Rational(a) + 1 + extra) / 2
    # The two curves meet at the end where alpha_c equals the closed form.
    jumps = Rational(a) >= extra * (p_star * extra / 2 - 1)
    assert found.kind == ("discontinuous" if jumps else "continuous")
    if jumps:
        assert found.alpha == pytest.approx(float(closed), rel=1e-12)
    assert found.alpha >= threshold(Model("inf", p_star, a)).alpha * (1 - 1e-12)


def test_the_overparametrised_hessian_is_its_own_average():
    model = Model("inf", 2, "0.7")
    ensemble = averaged_hessian(model)
    for mine, theirs in (
        (threshold(ensemble, digits=25), threshold(model, digits=25)),
        (outlier(ensemble, 3, digits=25), outlier(model, 3, digits=25)),
        (edge(ensemble, 9, digits=25), edge(model, 9, digits=25)),
    ):
        assert [mine.text(n) for n in mine.symbols] == [theirs.text(n) for n in theirs.symbols]
    points = np.linspace(-2, 6, 41)
    assert density(ensemble, 3, points) == pytest.approx(density(model, 3, points), abs=1e-8)


@pytest.mark.parametrize(
    ("method", "alpha", "side"),
    [
        (averaged_hessian(Model(1, 2, "0.3")), 6, "left"),
        *long((luo_alghamdi_lu(3), 40, "right")),
        *long((mondelli_montanari(5, "2.6"), "2.8", "right")),
    ],
)
def test_integrals_over_the_laplace_variable_are_averages_over_the_labels(method, alpha, side):
    labels = replace(method, reduction=None)
    assert labels == method
    for verb in (partial(edge, alpha=alpha), partial(outlier, alpha=alpha), threshold):
        mine, theirs = verb(method, side=side), verb(labels, side=side)
        assert getattr(mine, "kind", "") == getattr(theirs, "kind", "")
        for name in mine.symbols:
            assert getattr(mine, name) == pytest.approx(getattr(theirs, name), rel=1e-11), name


def test_averages_over_the_laplace_variable_are_certified_at_rates_a_and_t():
    averaged = threshold(averaged_hessian(Model(2, 1, "0.7")), certified=True)
    assert abs(averaged.alpha.middle - Fraction("1.35")) <= averaged.alpha.radius
    best = outlier(luo_alghamdi_lu(1), 2, certified=True, side="right")
    assert abs(best.value.middle - 1) <= best.value.radius
    assert float(best.overlap2) == pytest.approx(0.638881278113, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.5, 1, 4])
def test_marchenko_pastur(alpha):
    ensemble = Ensemble(1, discrete_labels({0: 1}, 1))
    low, high = ((sqrt(Rational(str(alpha))) + sign) ** 2 for sign in (-1, 1))
    found = edge(ensemble, alpha, digits=25, side="right")
    assert abs(found.value - high.evalf(40)) < 1e-23
    if alpha > 1:
        assert abs(edge(ensemble, alpha, digits=25).value - low.evalf(40)) < 1e-23
    points = np.linspace(0.02, 10, 60)
    inside = np.maximum((float(high) - points) * (points - float(low)), 0)
    expected = np.sqrt(inside) / (2 * np.pi * points)
    assert density(ensemble, alpha, points) == pytest.approx(expected, abs=1e-9)
    assert (density(ensemble, alpha, 0.0) == np.inf) == (alpha <= 1)


@pytest.mark.parametrize(("theta", "side"), [("0.5", "right"), (3, "right"), ("-0.5", "left")])
def test_classical_spike(theta, side):
    spike, gamma = float(Rational(theta)), float(Rational(theta)) ** 2 / 2
    ensemble = spiked_identity(theta)
    found = threshold(ensemble, side=side)
    assert found.alpha == pytest.approx(1 / spike**2, rel=1e-12)
    at = outlier(ensemble, 1 / gamma, side=side)
    # In units of the sample covariance: (1 + theta)(1 + gamma/theta), and the cosine of Paul.
    assert at.value * gamma == pytest.approx((1 + spike) * (1 + gamma / spike), rel=1e-11)
    cosine2 = (1 - gamma / spike**2) / (1 + gamma / spike)
    assert at.overlap2 == pytest.approx(cosine2, rel=1e-11)


WEIGHT = (1 - y) / (Rational(7, 10) + y)


def test_four_routes_to_one_law():
    routes = [
        ONE,
        laplace_labels((1 + 2 * x) ** Rational(-1, 2), y),
        labels_of(exp(-y / 2) / sqrt(2 * S.Pi * y), y),
        labels_of(scipy.stats.chi2(1), y),
    ]
    values = [outlier(Ensemble(WEIGHT, law), 2) for law in routes]
    for other in values[1:]:
        assert other.value == pytest.approx(values[0].value, rel=1e-11)
        assert other.overlap2 == pytest.approx(values[0].overlap2, rel=1e-11)


def test_left_is_right_of_the_negative():
    plus, minus = Ensemble(tanh(y), ONE), Ensemble(-tanh(y), ONE)
    for mine, theirs in (
        (threshold(plus, side="right"), threshold(minus)),
        (outlier(plus, 4, side="right"), outlier(minus, 4)),
    ):
        assert mine.g == pytest.approx(-theirs.g, rel=1e-13)
        assert mine.overlap2 == pytest.approx(theirs.overlap2, abs=1e-13)
    points = np.linspace(0.1, 6, 20)
    assert density(plus, 4, points) == pytest.approx(density(minus, 4, -points), abs=1e-9)


@pytest.mark.parametrize(
    ("weight", "law", "side"),
    [*long((WEIGHT, ONE, "left"), (tanh(y), ONE, "right")), (2 * y - 1, COIN, "right")],
    ids=["smooth", "bounded", "discrete"],
)
def test_digits(weight, law, side):
    ensemble = Ensemble(weight, law)
    for ask in (
        lambda digits: threshold(ensemble, digits, side=side),
        lambda digits: outlier(ensemble, 9, digits, side=side),
        lambda digits: edge(ensemble, 9, digits, side=side),
    ):
        double, some, more = ask(None), ask(20), ask(28)
        for name in double.symbols:
            assert getattr(double, name) == pytest.approx(float(getattr(some, name)), rel=1e-12)
            assert abs(getattr(some, name) - getattr(more, name)) <= 1e-19 * abs(
                getattr(more, name)
            )


def brute_force(weights, shares, factors, alpha):
    """Left edge and outlier of a discrete law, on a dense grid of g."""
    bound = -1 / weights.min()
    g = -bound / (1 + np.exp(-np.linspace(-16, 16, 400_001)))
    dressed = weights / (1 - g[:, None] * weights)
    level = 1 / g + alpha * dressed @ shares
    k = int(np.argmax(level))
    signal = level - alpha * dressed @ (shares * factors)
    crossing = np.flatnonzero(np.diff(np.sign(signal[: k + 1])))
    return level[k], (level[crossing[0]] if crossing.size else None)


@pytest.mark.long
def test_random_discrete_laws():
    rng = np.random.default_rng(5)
    outliers = 0
    for _ in range(12):
        count = rng.integers(2, 6)
        weights = np.round(rng.normal(size=count), 2)
        weights[0] = -abs(weights[0]) - 0.1
        factors = np.round(rng.gamma(0.5, 2, size=count), 2)
        parts = rng.integers(1, 9, size=count)
        law = discrete_labels(
            {k: Rational(int(part), int(parts.sum())) for k, part in enumerate(parts)},
            {k: str(factor) for k, factor in enumerate(factors)},
        )
        weight = sum(
            S(str(w)) * np.prod([(y - j) / S(k - j) for j in range(count) if j != k])
            for k, w in enumerate(weights)
        )
        for alpha in (0.3, 1.3, 5.1, 40):
            low, out = brute_force(weights, parts / parts.sum(), factors, alpha)
            assert edge(Ensemble(weight, law), alpha).value == pytest.approx(low, rel=1e-6)
            found = outlier(Ensemble(weight, law), alpha)
            assert (found is None) == (out is None)
            if found is not None:
                outliers += 1
                assert found.value == pytest.approx(out, rel=1e-3)
    assert outliers > 5


def simulated(weight, factor, alpha, size, rng):
    """Largest eigenvalue of `sum T(y) x x^T` and squared overlap with the signal."""
    data = rng.standard_normal((round(alpha * size), size)) / np.sqrt(size)
    u = data[:, 0] * np.sqrt(size)
    labels = factor(u, rng)
    values, vectors = np.linalg.eigh((data.T * weight(labels)) @ data)
    return values[-1], vectors[0, -1] ** 2


def test_a_density_of_exponentials_far_out():
    """The imaginary parts of roots of a cubic; powers of `exp(1/36)` once were to be factored."""
    law = discrete_labels({0: "1/2", 22: "1/2"}, y / 11)
    weight = exp(-((y - Rational(7, 6)) ** 2)) + 1 / (1 + y) - exp(-((y + 1) ** 2))
    found = density(Ensemble(weight, law), 3, [0.1, 1])
    assert found == pytest.approx([0.202777273, 0.336260369], abs=1e-8)


@pytest.mark.parametrize(
    ("ensemble", "weight", "factor"),
    [
        *long(
            (
                Ensemble(tanh(y), teacher_labels(1, "0.5")),
                np.tanh,
                lambda u, rng: u**2 + 0.5 * rng.standard_normal(u.shape),
            )
        ),
        *long((truncated(1, 3), lambda e: np.minimum(e, 3), lambda u, _: u**2)),
        (luo_alghamdi_lu(1), lambda e: 1 - 1 / e, lambda u, _: u**2),
    ],
    ids=["noisy", "truncated", "optimal"],
)
def test_simulated_matrices(ensemble, weight, factor):
    alpha, size, runs = 6, 400, 24
    rng = np.random.default_rng(11)
    rows = np.array([simulated(weight, factor, alpha, size, rng) for _ in range(runs)])
    found = outlier(ensemble, alpha, side="right")
    error = rows.std(axis=0, ddof=1) / np.sqrt(runs)
    for mean, spread, expected in zip(
        rows.mean(axis=0), error, (found.value, found.overlap2), strict=True
    ):
        # Beside the statistical error there is a bias of order 1/N.
        assert abs(mean - expected) < 4 * spread + 4 * abs(expected) / size


def test_results_display():
    found = threshold(luo_alghamdi_lu(1), side="right")
    assert "side      right" in str(found)
    record = found.record()
    assert (record["weight"], record["side"]) == ("1 - 1/y", "right")
    at = edge(luo_alghamdi_lu(1), 1, side="right")
    assert r"\lambda_+" in at._repr_latex_()
