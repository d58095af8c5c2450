"""The picture that follows its parameters."""

import numpy as np
import pytest

from bbpsym import Model, density, edge, outlier
from bbpsym.errors import DomainError
from bbpsym.figures import live
from bbpsym.numerics import bulk

PATH = [(2, 1, 1.5, 3.0), (2, 1, 1.5, 2.9), (2, 1, 1.4, 2.9), (3, 1, 1.4, 2.9), (3, 2, 1.4, 1.3)]


def test_a_followed_density_is_the_one_solved_afresh():
    shown = None
    for p, p_star, a, alpha in PATH:
        shown = live.view(p, p_star, a, alpha, near=shown)
        fresh = density(Model(p, p_star, a), alpha, shown.x)
        assert shown.density == pytest.approx(fresh, abs=1e-9)


def test_neighbours_are_followed_rather_than_solved(monkeypatch):
    shown = live.view(2, 1, 1.5, 3.0)
    monkeypatch.setattr(bulk, "solve", None)
    for alpha in (2.95, 2.9, 2.85):
        shown = live.view(2, 1, 1.5, alpha, near=shown)
    assert shown.edge.alpha == pytest.approx(2.85)


def test_a_far_jump_is_solved_afresh():
    near = live.view(1, 6, 0.1, 0.3)
    shown = live.view(10, 1, 4.0, 6.0, near=near)
    model = Model(10, 1, 4)
    # A picture's rule is coarser, wrong by 5e-7 here; a root of the near view would be far off.
    assert shown.density == pytest.approx(density(model, 6, shown.x), abs=2e-6)


def test_edge_and_outlier_are_the_package_s_answers():
    shown = live.view(2, 1, 1.5, 3)
    assert shown.edge == edge(Model(2, 1, 1.5), 3)
    assert shown.outlier == outlier(Model(2, 1, 1.5), 3)
    assert live.view(2, 1, 1.5, 1).outlier is None


def test_the_picture_changes_with_its_parameters():
    explorer = live.Explorer()
    first, second = explorer.png(2, 1, 1.5, 3.0), explorer.png(2, 1, 1.5, 1.2)
    assert first[:4] == second[:4] == b"\x89PNG"
    assert first != second
    assert explorer.png(2, 1, 1.5, 3.0) == first


def test_sliders_redraw_at_once():
    pytest.importorskip(
        "ipywidgets", reason="sliders need the extra: pip install bbpsym[notebooks]"
    )
    *controls, image, message = live.sliders().children
    before = image.value
    controls[-1].value = 1.0
    assert image.value != before
    assert message.value == ""
    assert np.all([control.value >= control.min for control in controls])


def test_bad_parameters_are_refused():
    with pytest.raises(DomainError, match="alpha must be"):
        live.view(2, 1, 1.5, -1)
