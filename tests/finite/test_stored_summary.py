"""What the stored sweep says about the theory; the measurements are in `data/`, with their script.

Where simulation and asymptotic theory part, the test pins the measured side, so that nobody takes
the disagreement for agreement.
"""

from pathlib import Path

import numpy as np
import pytest

from bbpsym.finite import Summary, alpha_zero, crossing, edge_scaling

STORED = Path(__file__).parents[2] / "data" / "summary.csv"


@pytest.fixture(scope="module")
def summary():
    return Summary.from_csv(STORED)


def pull(measured, theory):
    """Deviation in standard errors."""
    return (measured.value - theory) / measured.error


@pytest.mark.parametrize(
    ("p", "a", "alpha", "N"),
    [(1, 1.0, 1.8, 1000), (1, 1.5, 1.6, 1000), (2, 0.7, 2.0, 400), (2, 1.5, 1.8, 400)],
)
def test_outlier_and_overlap_at_large_size(summary, reference, p, a, alpha, N):
    theory = reference[p, 1, a, alpha]
    (row,) = summary.select(p=p, a=a, alpha=alpha, N=N).rows
    assert abs(pull(row.outlier, theory["outlier"])) < 4
    assert abs(pull(row.outlier_overlap2, theory["overlap2"])) < 5


@pytest.mark.parametrize(("p", "a", "alpha"), [(1, 1.0, 1.8), (1, 1.5, 1.6), (1, 0.4, 2.0)])
def test_the_overlap_falls_to_its_limit_as_the_size_grows(summary, reference, p, a, alpha):
    """Near the threshold the lowest eigenvectors share the signal: a large finite-size excess."""
    rows = summary.select(p=p, a=a, alpha=alpha).rows
    excess = [row.outlier_overlap2.value - reference[p, 1, a, alpha]["overlap2"] for row in rows]
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[2] < 0.55 * excess[0]


def test_the_deficit_of_the_lowest_is_that_of_the_samples_whose_lowest_is_another(summary):
    """Far above the threshold a few samples have a bulk eigenvalue below the outlier."""
    for row in summary.select(p=1, a=1.5, alpha=3.0).rows:
        if row.samples >= 100:
            assert row.top_overlap2.value > row.lowest_overlap2.value
            lost = (1 - row.phi.value) * row.top_overlap2.value
            deficit = row.top_overlap2.value - row.lowest_overlap2.value
            assert deficit < 1.5 * lost


def test_the_crossing_of_phi_agrees_with_a_continuous_threshold(summary, reference):
    found = crossing(summary.select(p=1, a=1.0), 100, 400)
    assert abs(pull(found.alpha, reference[1, 1, 1.0, None]["alpha_bbp"])) < 3


def test_phi_of_a_discontinuous_transition_anticipates_its_threshold(summary, reference):
    """Well below the threshold most samples already have the signal lowest, more so with N."""
    threshold = reference[2, 1, 1.5, None]["alpha_bbp"]
    family = summary.select(p=2, a=1.5, alpha=1.2)
    assert 0.95 * threshold > 1.2
    small, large = (family.select(N=N).rows[0].phi_outliers for N in (100, 400))
    assert large.value > small.value - np.hypot(small.error, large.error)
    assert small.value > 0.6


def test_the_sharp_edge_is_approached_as_a_power_two_thirds(summary, reference):
    rows = summary.select(p=1, a=1.0, alpha=1.8)
    fit = edge_scaling(*distances(rows, reference[1, 1, 1.0, 1.8]["edge"]))
    assert abs(pull(fit.power, 2 / 3)) < 3
    assert fit.power_chi2 < fit.log_chi2


def test_the_smooth_edge_is_approached_more_slowly(summary, reference):
    """Far from 1/log N at these sizes, but clearly slower than the sharp edge's power."""
    rows = summary.select(p=1, a=1.5, alpha=0.8)
    fit = edge_scaling(*distances(rows, reference[1, 1, 1.5, 0.8]["edge"], "lowest"))
    assert pull(fit.power, 2 / 3) < -3
    assert pull(fit.log_power, 1) > 3


def distances(rows, edge, column="bulk"):
    values, errors = rows.column(column)
    return np.array([row.point.N for row in rows.rows]), values - edge, errors


def test_alpha_zero_lies_below_the_threshold(summary, reference):
    for p in (1, 2):
        line = alpha_zero(summary.select(p=p, a=1.5, N=400), above=1.4, count=7)
        threshold = reference[p, 1, 1.5, None]["alpha_bbp"]
        assert pull(line.zero, threshold) < -3
        assert line.chi2 < 3 * line.freedom
