"""Arrays against the answers for single models."""

import math

import numpy as np
import pytest

from bbpsym import Model, edge, outlier, threshold
from bbpsym.figures import theory


def test_thresholds_of_an_array_are_those_of_its_models():
    p, a = np.array([[1], [2], [5]]), np.array([0.3, 0.7, 1.5])
    found = theory.thresholds(p, 1, a)
    for i, j in np.ndindex(3, 3):
        single = threshold(Model(int(p[i, 0]), 1, float(a[j])))
        assert found.alpha[i, j] == pytest.approx(single.alpha, rel=1e-12)
        assert found.alpha_c[i, j] == pytest.approx(single.alpha_c, rel=1e-12)
        assert found.overlap2[i, j] == pytest.approx(single.overlap2, rel=1e-12)
        assert found.kind[i, j] == single.kind


def test_infinite_width_gives_the_paper_s_line():
    a = np.linspace(0.1, 3, 7)
    assert theory.thresholds(math.inf, 3, a).alpha == pytest.approx(3 * (a + 1) / 2, rel=1e-13)


def test_outliers_of_an_array_are_those_of_its_models():
    alpha = np.array([0.5, 1.0, 1.3, 2.0, 4.0])
    for model in (Model(2, 1, "0.7"), Model(1, 1, "1.5")):
        found = theory.outliers(model.p, model.p_star, float(model.a), alpha)
        for i, x in enumerate(alpha):
            single, unit = outlier(model, float(x)), 2 / model.p
            assert unit * found.edge[i] == pytest.approx(edge(model, float(x)).value, rel=1e-12)
            assert np.isnan(found.value[i]) == (single is None)
            if single is not None:
                assert unit * found.value[i] == pytest.approx(single.value, rel=1e-12)
                assert found.overlap2[i] == pytest.approx(single.overlap2, rel=1e-11)


def test_the_tangent_s_zero_is_the_limit_of_fits():
    threshold_alpha = float(theory.thresholds(2, 1, 1.5).alpha)
    alpha = threshold_alpha + np.array([1e-6, 1e-4])
    m2 = theory.outliers(2, 1, 1.5, alpha).overlap2
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
