"""The comparison of matrices, against quadratures and simulations that share no code with it."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import chi2

from bbpsym import edge, mondelli_montanari, outlier


def mean(function, p_star):
    """Average over the labels of p* teachers; substituted so that p* = 1 has no pole at zero."""
    law = chi2(p_star, scale=1 / p_star)
    integrand = lambda r: 2 * r * law.pdf(r * r) * function(r * r)  # noqa: E731
    parts = [quad(integrand, *ends, epsabs=1e-13, limit=200)[0] for ends in ((0, 1), (1, np.inf))]
    return sum(parts)


def overlap2(weight, p_star, alpha):
    """m^2 right of the bulk by (40) and (58), for a weight whose upper bound is one."""

    def moment(power, factor, g):
        return mean(lambda y: factor(y) * (weight(y) / (1 - g * weight(y))) ** power, p_star)

    g = brentq(lambda g: alpha * g * moment(1, lambda y: y - 1, g) - 1, 1e-6, 1 - 1e-9)
    slope = -1 / g**2 + alpha * moment(2, lambda y: 1, g)
    return 1 / (1 - alpha * moment(2, lambda y: y, g) / slope)


@pytest.mark.parametrize("alpha", ["0.75", "1.5"])
def test_a_weight_made_for_alpha_has_its_edge_at_one_and_its_outlier_is_found(alpha):
    """Its alpha_c is alpha itself, so that the edge is neither sharp nor safely smooth."""
    ratio = float(alpha)
    rest = np.sqrt(2 * ratio)
    expected = overlap2(lambda y: (y - 1) / (y - 1 + rest), 1, ratio)
    method = mondelli_montanari(1, alpha)
    assert outlier(method, alpha, side="right").overlap2 == pytest.approx(expected, rel=1e-8)
    found = edge(method, alpha, side="right")
    assert found.kind == "smooth"
    assert found.value == pytest.approx(1, abs=1e-12)
