"""Figure 10: the curves of every matrix, and their names at the right."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from bbpsym import Model, averaged_hessian, mondelli_montanari, outlier, threshold
from bbpsym.answers.comparison_table import AVERAGED, HESSIAN, MADE_FOR_ALPHA, OPTIMAL
from bbpsym.errors import DomainError
from bbpsym.figures import figure, figure_data
from bbpsym.figures.recovery import _apart, made_overlap2
from tests.cases import long


@pytest.fixture(scope="module")
def panel():
    (panel,) = figure_data(10, p="2,inf", p_star=1, a=3, alpha_max=3)
    return panel


def test_curves_run_from_their_thresholds_through_single_answers(panel):
    for line in panel.lines:
        assert line.curve.x[0] == pytest.approx(line.threshold.value, rel=1e-9)
        assert line.curve.x[-1] == pytest.approx(3, rel=1e-9)
        assert np.all(np.diff(line.curve.x) > 0)
        assert np.all(np.diff(line.curve.y) > 0)
    (hessian,) = [x for x in panel.lines if x.matrix == HESSIAN and x.curve.parameters["p"] == 2]
    assert hessian.curve.y[-1] == pytest.approx(outlier(Model(2, 1, 3), 3).overlap2, rel=1e-9)
    (averaged,) = [line for line in panel.lines if line.matrix == AVERAGED]
    method = averaged_hessian(Model(2, 1, 3))
    assert averaged.threshold.value == pytest.approx(threshold(method).alpha, rel=1e-12)
    assert averaged.curve.y[-1] == pytest.approx(outlier(method, 3).overlap2, rel=1e-9)


def test_the_average_at_infinite_width_is_not_drawn_twice(panel):
    assert [line.matrix for line in panel.lines] == [HESSIAN] * 2 + [
        AVERAGED,
        MADE_FOR_ALPHA,
        OPTIMAL,
    ]


@pytest.mark.parametrize(("p_star", "alpha"), [(1, "0.9"), (1, 4), (3, 2)])
def test_weights_made_for_alpha_are_those_of_single_answers(p_star, alpha):
    single = outlier(mondelli_montanari(p_star, alpha), alpha, side="right")
    found = made_overlap2(p_star, np.array([float(alpha)]))
    assert found[0] == pytest.approx(single.overlap2, rel=1e-9)


def test_a_matrix_that_sees_nothing_within_the_picture_is_left_out():
    (panel,) = figure_data(10, p=1, p_star=1, a=8, alpha_max=2)
    assert {line.matrix for line in panel.lines} == {MADE_FOR_ALPHA, OPTIMAL}


@pytest.mark.parametrize("alpha_max", [*long(2), 30])
def test_names_do_not_overlap(alpha_max):
    panels = figure_data(10, p=[1, 2, 3, 6, "inf"], alpha_max=alpha_max)
    drawn = figure(10, data=panels)
    (ax,) = drawn.axes
    names = [text for text in ax.texts if "Hessian" in text.get_text() or "Lu" in text.get_text()]
    assert len(names) == len(panels[0].lines) - 1
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))
    assert max(box.x1 for box in boxes) <= drawn.bbox.x1


def test_names_are_moved_as_little_as_can_be():
    assert _apart([0.1, 0.5, 0.9], 0.1) == pytest.approx([0.1, 0.5, 0.9])
    assert _apart([0.5, 0.5], 0.1) == pytest.approx([0.45, 0.55])
    assert _apart([0.2, 0.97, 0.99], 0.1) == pytest.approx([0.2, 0.9, 1.0])


@pytest.mark.parametrize(("alpha_max", "scale"), [*long((2, "linear")), (9, "log")])
def test_a_wide_range_is_logarithmic(alpha_max, scale):
    ax = Figure().subplots()
    figure(10, ax, data=figure_data(10, p=2, alpha_max=alpha_max))
    assert ax.get_xscale() == scale


def test_a_range_without_signal_is_refused():
    with pytest.raises(DomainError, match="alpha must reach above p_star/2 = 1"):
        figure_data(10, p=2, p_star=2, alpha_max=1)
