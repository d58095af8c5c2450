"""The tangent estimate of alpha_0, and lambda(g)."""

import numpy as np
import pytest

from bbpsym import Model, edge, outliers, thresholds
from bbpsym.figures import theory


def test_the_tangent_s_zero_is_the_limit_of_fits():
    threshold_alpha = float(thresholds(2, 1, 1.5).alpha)
    alpha = threshold_alpha + np.array([1e-6, 1e-4])
    m2 = outliers(2, 1, 1.5, alpha).overlap2
    zero = alpha[0] - m2[0] * (alpha[1] - alpha[0]) / (m2[1] - m2[0])
    assert theory.tangent_zero(2, 1, 1.5) == pytest.approx(zero, rel=1e-4)


def test_alpha_zero_is_defined_only_where_the_transition_is_discontinuous_and_falls_with_p():
    zero = theory.tangent_zero(np.arange(1, 9), 1, 1.0)
    assert np.isnan(zero[0])
    assert np.all(np.diff(zero[1:]) < 0)


def test_lambda_of_g_has_its_maximum_at_the_edge():
    found = edge(Model(2, 1, 3), 8)
    t = np.linspace(found.t - 0.05, found.t + 0.05, 11)
    inverse = theory.inverse_stieltjes(2, 1, 3.0, 8.0, t)
    assert np.argmax(inverse) == 5
    assert inverse[5] == pytest.approx(found.value, rel=1e-12)
