"""Expansions in 1/p against thresholds at large widths."""

import pytest
from sympy import Symbol

from bbpsym.answers.threshold import threshold
from bbpsym.averages.expansions import overparametrised_series, q, series_of_ratio
from bbpsym.equations import spectrum
from bbpsym.model import Model
from bbpsym.symbols import a, p, p_star


@pytest.mark.parametrize(
    ("curve", "name"), [("outlier_alpha", "alpha"), ("sharp_edge_alpha", "alpha_c")]
)
def test_each_order_brings_the_threshold_closer(curve, name):
    model = Model(200, 1, 2)
    exact = float(getattr(threshold(model), name))
    at = {p: model.p, p_star: 1, a: 2}
    series = [overparametrised_series(getattr(spectrum, curve)(), order) for order in range(3)]
    errors = [abs(float(found.subs(at)) / exact - 1) for found in series]
    assert errors[1] < errors[0] / 20
    assert errors[2] < errors[1] / 20


def test_a_ratio_is_divided_as_power_series():
    b = Symbol("b")
    assert series_of_ratio((1 + b * q) / (1 - q), {b: 2}, 3) == [1, 3, 3, 3]
