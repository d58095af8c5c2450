"""The stored numbers behind the pictures of networks: known values, and simulations."""

import numpy as np
import pytest
from sympy import cosh, log, symbols

from bbpsym import Network, threshold
from bbpsym.figures import figure_data
from bbpsym.figures.networks import points, simulated, stored

x, y, yh = symbols("x y yh")

#: Values found by two rules that share no nodes.
KNOWN = {
    ("kappa", "threshold", "1"): 0.9868105519,
    ("quadratic", "threshold", "1"): 0.9868105519,
    ("tanh", "threshold", "1"): 1.8048779960827,
    ("tanh", "threshold", "inf"): 2.16303879895,
    ("sigmoid unit", "threshold", "1"): 2.42156092739,
    ("logistic", "left edge", "5"): 0.0302934612027,
    ("logistic", "left spike", "5"): 0.0211131550701,
    ("logistic", "overlap2 4", "5"): 0.848944129408,
}


def test_stored_numbers_are_known_ones():
    found = {(row["case"], row["quantity"], row["x"]): row["y"] for row in stored()}
    for key, value in KNOWN.items():
        assert float(found[key]) == pytest.approx(value, abs=2e-10), key


@pytest.mark.long
def test_a_stored_number_is_what_is_computed():
    found = {(row["case"], row["quantity"], row["x"]): row["y"] for row in stored()}
    text = threshold(Network(x**2, log(cosh(y - yh)), 2)).text("alpha")
    assert found["quadratic", "threshold", "2"] == text


def test_units_follow_the_theory_well_above_their_thresholds():
    compared = 0
    for panel in figure_data(12):
        (curve,) = (c for c in panel.simulation if c.parameters["N"] == 400)
        far = curve.x > 1.6 * panel.threshold.value
        expected = np.interp(curve.x[far], panel.theory.x, panel.theory.y)
        pulls = (curve.y[far] - expected) / curve.error[far]
        assert np.all(np.abs(pulls) < 4)
        compared += far.sum()
    assert compared >= 15


def test_the_stored_sweep_is_that_of_the_figure():
    assert {row.point for row in simulated().rows} == set(points())
