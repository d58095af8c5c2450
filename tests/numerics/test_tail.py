"""Eigenvalues counted next to a smooth edge, against integrals that share no code with that."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from bbpsym import Model, density, edge, threshold
from bbpsym.equations import edges, finite_size
from bbpsym.numerics.finite_n import tail
from bbpsym.numerics.rays import Rays
from bbpsym.symbols import a, p, p_star
from bbpsym.symbols import alpha as ALPHA
from tests.cases import with_long

CASES = [(Model(1, 1, "1.5"), 0.8), (Model(2, 1, "1.5"), 1.2), (Model(3, 2, 2), 1.5)]


def follow(model, alpha, n, most=20.0, fewest=1e-3):
    left = edge(model, str(alpha)).value / float(model.scale)
    return tail.follow(Rays(model.curve, alpha), left, n, most, fewest)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=str)
def test_count_is_the_integral_of_the_density(model, alpha):
    n = 1e4
    found, unit = follow(model, alpha, n), float(model.scale)
    x, (node, weight) = unit * found.x, np.polynomial.legendre.leggauss(40)
    for k in (-1, len(x) // 2):
        half = (x[k] - x[0]) / 2
        rho = density(model, str(alpha), x[0] + half * (1 + node))
        expected = n * half * (weight @ rho) + found.eigenvalues[0]
        assert found.eigenvalues[k] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=str)
def test_count_is_that_of_the_weights_where_the_root_is_real(model, alpha):
    """`1 - g f < 0` where `(t - 1) y > a + c t yh`, with the chi-square laws themselves."""
    found = follow(model, alpha, 1e40)
    p, p_star, a = model.p, model.p_star, float(model.a)
    rows = list(zip(found.t, found.eigenvalues, found.samples, strict=True))
    for t, eigenvalues, samples in rows[:: len(rows) // 3]:
        below = {}
        for c in (1, 3):

            def tail_of_y(v, t=t.real, c=c):
                return chi2.sf(p_star * (a + c * t * v / p) / (t - 1), p_star) * chi2.pdf(v, p)

            below[c] = 1e40 / p * alpha * quad(tail_of_y, 0, 2, epsabs=0, limit=400)[0]
        assert eigenvalues == pytest.approx((p - 1) * below[1] + below[3], rel=1e-5)
        assert samples == pytest.approx(below[1] if p > 1 else below[3], rel=1e-5)


@pytest.mark.parametrize(("model", "alpha"), with_long(CASES, *CASES[1:]), ids=str)
def test_count_approaches_the_asymptotic_law(model, alpha):
    """The integrated law (47) is better by about the ratio of the distances."""
    unit = float(model.scale)
    bend = model.curve.values(1.0, "curvature", alpha=alpha)["curvature"].value
    values = {a: model.a, p: model.p, p_star: model.p_star, ALPHA: alpha}
    values |= {edges.alpha_c: threshold(model).alpha_c}
    law = finite_size.essential_count().subs(values | {edges.curvature: unit**3 * float(bend)})
    left, errors = edge(model, str(alpha)).value, []
    for n in (1e40, 1e160):
        found = follow(model, alpha, n)
        k = np.argmin(np.abs(found.eigenvalues - 1))
        distance = unit * found.x[k] - left
        errors.append(abs(n * float(law.subs(edges.xi, distance)) / found.eigenvalues[k] - 1))
    assert errors[0] < 0.6
    assert errors[1] < 0.5 * errors[0]


def test_depth_does_not_cost_accuracy():
    assert np.max(follow(Model(1, 1, "1.5"), 1.2, 1e200).error) < 1e-8
