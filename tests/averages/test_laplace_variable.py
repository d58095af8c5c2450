"""The reduction to one dimension against averages taken directly."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import roots_genlaguerre
from sympy import Integral, Rational, Tuple, lambdify, oo

from bbpsym.averages.laplace_variable import central_moment, expectation, reduce, stein
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import (
    Weight,
    WeightLaw,
    chi_square,
    hessian_ensemble,
    overparametrised_ensemble,
)
from bbpsym.errors import DomainError
from bbpsym.symbols import a, alpha, f, g, p, p_star, s, t, u, y, yh

LAWS = (chi_square(y, p_star), chi_square(yh, p))
POINT = {p: 5, p_star: 3, a: Rational(7, 10), t: Rational(2, 3)}
FORM = a + (1 - t) * y + 3 * t * yh

VALUES = [
    1 / FORM,
    (3 * yh - y) / FORM,
    (3 * yh - y) ** 2 / FORM**2,
    y * (3 * yh - y) ** 2 / FORM**2,
    (y - 1) * (3 * yh - y) / FORM,
    (y - 1) * (3 * yh - y) ** 3 / FORM**3,
    (y + 2 * yh) ** 3 / 7,
]


def direct(value, nodes=80):
    """Two-dimensional Gauss-Laguerre quadrature over both outputs."""
    function = lambdify((y, yh), value.subs(POINT), "numpy")
    grids = []
    for width in (POINT[p_star], POINT[p]):
        x, w = roots_genlaguerre(nodes, width / 2 - 1)
        grids.append((2 * x / width, w / w.sum()))
    (y_, wy), (yh_, wh) = grids
    return np.sum(np.outer(wy, wh) * function(y_[:, None], yh_[None, :]))


def integrated(expression):
    """Evaluate an expression with integrals over s by adaptive quadrature."""
    expression = expression.subs(POINT)
    integrals = {
        integral: quad(lambdify(s, integral.function, "numpy"), 0, np.inf, epsabs=1e-13)[0]
        for integral in expression.atoms(Integral)
    }
    return float(expression.xreplace(integrals))


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_expectation_equals_the_double_integral(value):
    assert integrated(expectation(value, LAWS)) == pytest.approx(direct(value), rel=1e-9)


def test_a_wrong_reduction_would_be_seen():
    assert integrated(expectation(VALUES[2], LAWS)) != pytest.approx(direct(VALUES[1]), rel=1e-3)


def test_average_by_monte_carlo():
    rng = np.random.default_rng(20251018)
    y_ = rng.chisquare(POINT[p_star], 10**6) / POINT[p_star]
    yh_ = rng.chisquare(POINT[p], 10**6) / POINT[p]
    at = float(POINT[t])
    samples = 0
    for c, share in ((1, 4 / 5), (3, 1 / 5)):
        weight = (c * yh_ - y_) / (0.7 + y_)  # in units of 2/p, where g = -t
        samples = samples + share * (y_ - 1) * weight / (1 + at * weight)
    reduced = reduce(Average((u**2 - 1) * f / (1 - g * f)), hessian_ensemble())
    error = samples.std() / 1000
    assert abs(integrated(reduced) - samples.mean()) < 5 * error


def test_stein_rewrites_only_a_centred_factor():
    value = (y - 1) / FORM
    assert stein(value, LAWS) == (2 / p_star * y * (1 / FORM).diff(y)).factor()
    assert stein(y / FORM, LAWS) == y / FORM


def test_central_moments_of_a_mean_of_squares():
    law = chi_square(y, p_star)
    moments = [central_moment(law, n, 0 * s).simplify() for n in range(5)]
    # E (y - 1)^4 = 12/p*^2 + 48/p*^3 from the fourth moment of chi-square
    assert moments == [1, 0, 2 / p_star, 8 / p_star**2, (12 / p_star**2 + 48 / p_star**3).factor()]


def test_g_is_minus_t_in_units_of_the_ensemble():
    assert reduce(1 / g + alpha, hessian_ensemble()) == -1 / t + alpha


def test_every_average_is_one_integral_a_weight():
    reduced = reduce(Average((f / (1 - g * f)) ** 2), hessian_ensemble())
    assert {integral.limits for integral in reduced.atoms(Integral)} == {(Tuple(s, 0, oo),)}
    assert len(reduced.atoms(Integral)) == 2
    assert len(reduce(Average(f), overparametrised_ensemble()).atoms(Integral)) == 1


def test_what_cannot_be_reduced_is_refused():
    quadratic = WeightLaw((Weight(1 / (1 + y**2), 1),), LAWS, y, 1)
    with pytest.raises(DomainError, match="one affine form"):
        reduce(Average(f), quadratic)
