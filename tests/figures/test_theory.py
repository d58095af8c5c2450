"""The paper's alpha_0, lambda(g), and the laws at the edge."""

import numpy as np
import pytest

from bbpsym import Model, density, edge, outliers, symbols, thresholds
from bbpsym.figures import figure_data, theory
from bbpsym.figures.left_edge import CLOSE
from bbpsym.records.world import World, smooth_edge_density


def test_alpha_zero_is_the_zero_of_the_line_fitted_above_the_threshold():
    start = float(thresholds(2, 1, 1.5).alpha)
    alpha = np.linspace(start * (1 + 1e-12), 1.2 * start, 21)
    line = np.polynomial.Polynomial.fit(alpha, outliers(2, 1, 1.5, alpha).overlap2, 1).convert()
    zero, slope = theory.fitted_line(2, 1, 1.5)
    assert zero == pytest.approx(line.roots()[0], rel=1e-9)
    assert slope == pytest.approx(line.coef[1], rel=1e-9)


def test_alpha_zero_is_defined_only_where_the_transition_is_discontinuous_and_falls_with_p():
    zero, _ = theory.fitted_line(np.arange(1, 9), 1, 1.0)
    assert np.isnan(zero[0])
    assert np.all(np.diff(zero[1:]) < 0)


def test_alpha_zero_is_one_number_in_all_figures():
    (inset,) = [inset for inset in figure_data(2)[0].insets if inset.a == 1.5]
    for p, panel in zip((1, 2), figure_data(4), strict=True):
        assert inset.alpha_zero.y[inset.alpha_zero.x == p] == pytest.approx(panel.alpha_zero.value)
    assert figure_data(3)[1].alpha_zero.value == pytest.approx(figure_data(4)[0].alpha_zero.value)


def test_lambda_of_g_has_its_maximum_at_the_edge():
    found = edge(Model(2, 1, 3), 8)
    t = np.linspace(found.t - 0.05, found.t + 0.05, 11)
    inverse = theory.inverse_stieltjes(2, 1, 3.0, 8.0, t)
    assert np.argmax(inverse) == 5
    assert inverse[5] == pytest.approx(found.value, rel=1e-12)


@pytest.mark.parametrize(
    ("alpha", "xi", "accuracy"), [(8, np.array([1e-3, 4e-3]), 6), (1.5, np.array([0.04, 0.05]), 20)]
)
def test_the_density_tends_to_its_law_at_the_edge(alpha, xi, accuracy):
    """The relative deviation falls at least as the distance."""
    model = Model(2, 1, 3)
    found = density(model, alpha, float(edge(model, alpha).value) + xi)
    deviation = np.abs(found / theory.edge_law(model, alpha, xi) - 1)
    assert np.all(deviation < accuracy * xi)
    assert deviation[0] / deviation[1] < 1.05 * xi[0] / xi[1]


def test_the_density_is_seen_as_far_down_as_it_is_drawn():
    """Against the height of the root past the edge, seen on its own."""
    xi = CLOSE["smooth"][0]
    parameters = {symbols.a: 3, symbols.alpha: 1.5, symbols.p: 2, symbols.p_star: 1, symbols.g: -1}
    model = Model(2, 1, 3)
    found = density(model, 1.5, float(edge(model, 1.5).value) + np.array([xi]))
    assert found[0] == pytest.approx(smooth_edge_density(World(parameters, 10), xi), rel=0.01)
