"""Ensembles of laws that are singular, steep or given by samples, against independent values."""

import pytest
from sympy import Abs, Min, Rational, exp, log, pi, sqrt
from sympy.abc import y

from bbpsym import Ensemble, edge, labels_of, outlier, teacher_labels, threshold

ONE = teacher_labels(1)
SLOW = labels_of(
    Rational(202, 100) * y ** Rational(102, 100), Rational(302, 100) * (1 - y), support=(0, 1)
)
INSIDE = labels_of(Rational(1, 2), 1, support=(0, 2))
SQUARE = labels_of(Rational(3, 2) * y**2, 56 * (1 - Abs(y)) ** 5, support=(-1, 1))
ARCSINE = labels_of(1 / (pi * sqrt(y * (1 - y))), 2 * y, support=(0, 1))


@pytest.mark.parametrize(
    ("ensemble", "side", "alpha", "eigenvalue"),
    [
        (Ensemble(Min(3, log(y)), ONE), "right", 1.30689757919, 2.64415663468),
        (Ensemble(log(y) / (1 + y), ONE), "right", 0.69780114040, None),
        (Ensemble(y - 1, ARCSINE), "right", 8.0083154608, None),
        (Ensemble(Abs(y) - 1, SQUARE), "left", 0.4, None),
    ],
    ids=["truncated logarithm", "logarithm", "arcsine", "bound inside"],
)
def test_thresholds(ensemble, side, alpha, eigenvalue):
    found = threshold(ensemble, side=side)
    assert found.alpha == pytest.approx(alpha, rel=2e-11)
    if eigenvalue is not None:
        assert found.eigenvalue == pytest.approx(eigenvalue, rel=2e-11)


def test_a_discontinuous_threshold_where_the_bound_is_inside():
    found = threshold(Ensemble(Abs(y) - 1, SQUARE))
    assert (found.kind, found.text("alpha_c")) == ("discontinuous", "1.00000000000")
    assert outlier(Ensemble(Abs(y) - 1, SQUARE), "0.41") is not None


def test_alpha_c_where_the_end_is_approached_slowly():
    # 2.02 int (y - 1)^2 y^-0.98 dy = 2.02 (1/0.02 - 2/1.02 + 1/2.02).
    mean = 2.02 * (1 / 0.02 - 2 / 1.02 + 1 / 2.02)
    found = threshold(Ensemble(y - 1, SLOW))
    assert found.alpha_c == pytest.approx(1 / mean, rel=1e-11) == 0.0102


@pytest.mark.parametrize("alpha", ["0.5", "2.9"])
def test_edge_below_alpha_c_where_the_bound_is_inside(alpha):
    found = edge(Ensemble(Abs(y - 1) ** Rational(1, 4) - 1, INSIDE), alpha)
    assert found.kind == "smooth"
    assert found.value == pytest.approx(-1 - float(alpha) / 3, rel=1e-11)
    assert edge(Ensemble(Abs(y - 1) ** Rational(1, 4) - 1, INSIDE), "3.1").kind == "sharp"


def test_a_cusp_in_an_exponential_law():
    law = labels_of(exp(-y), y**2 / 2)
    assert edge(Ensemble(Abs(y - 1) ** Rational(1, 4) - 1, law), "2.3").kind == "smooth"


@pytest.mark.parametrize("digits", [None, 20, 99])
def test_a_pole_where_the_law_ends(digits):
    law = labels_of(Rational(1, 2), 1, support=(-1, 1))
    found = edge(Ensemble(-y / (1 + y), law), "0.5", digits)
    assert float(found.value) == pytest.approx(-0.75384, abs=1e-5)
