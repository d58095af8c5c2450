"""Simulated points in the pictures: stored, missing, and made anew."""

from dataclasses import replace

import numpy as np
import pytest

from bbpsym.errors import StorageError
from bbpsym.figures import descent_sweep, figure, figure_data, onset, simulations, spectra
from bbpsym.figures.left_edge import ALPHAS, MODEL
from bbpsym.finite.estimate import Measured
from bbpsym.finite.fits import crossing
from bbpsym.finite.point import Point
from bbpsym.finite.summary import PointSummary, Summary
from bbpsym.finite.sweep import grid


def summary(p, a, alphas, sizes=(100, 200)):
    some = Measured(0.25, 0.02)
    rows = [
        PointSummary(Point(N, p, 1, a, alpha), 10, *[some] * 9) for N in sizes for alpha in alphas
    ]
    return Summary(tuple(rows))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_points_of_every_size_are_shown_with_their_errors():
    stored = summary(2, 0.7, np.arange(1, 2, 0.2))
    continuous, discontinuous = figure_data(1, simulation=stored)
    assert [curve.parameters["N"] for curve in continuous.simulation] == [100, 200]
    curve = continuous.simulation[0]
    assert curve.source == "simulation"
    assert curve.y == pytest.approx(0.5)  # m from m^2 = 0.25
    assert curve.error == pytest.approx(0.02)  # 0.02 / (2 m)
    assert discontinuous.simulation == ()


def test_the_crossing_of_phi_is_shown_with_its_error():
    continuous, _ = figure_data(3)
    measured = crossing(simulations.stored().select(p=1, p_star=1, a=1.0), 100, 400)
    assert continuous.crossing.value == pytest.approx(measured.alpha.value)
    assert continuous.crossing.error == pytest.approx(measured.alpha.error)
    ax = figure(3, data=(continuous,) * 2).axes[0]
    assert "crossing 100/400" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_an_unresolved_crossing_is_not_shown():
    continuous, _ = figure_data(3, simulation=summary(1, 1.0, np.arange(0.6, 2, 0.2), (100, 400)))
    assert continuous.crossing is None
    figure(3, data=(continuous,) * 2)


def test_alpha_zero_of_simulations_stands_beside_theory():
    for panel in figure_data(4):
        assert panel.simulated_zeros
        for zero, line in zip(panel.simulated_zeros, panel.simulated_fits, strict=True):
            assert zero.error > 0
            assert line.y[0] == pytest.approx(0, abs=1e-12)
            assert "error" in next(iter(zero.rows()))


@pytest.mark.parametrize("number", [3, 4])
def test_single_samples_are_drawn_without_fits(number):
    none = Measured(0.25, float("nan"))
    points = grid(N=(100, 400), p=(1, 2), p_star=(1,), a=(1.5,), alpha=np.arange(0.6, 2, 0.2))
    single = Summary(tuple(PointSummary(point, 1, *[none] * 9) for point in points))
    figure(number, data=figure_data(number, simulation=single))


@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_picture_without_simulations_says_so(number):
    panels = figure_data(number, simulation=Summary(()))
    assert all(simulations.MISSING in texts(ax) for ax in figure(number, data=panels).axes)


def test_the_density_without_a_spectrum_says_so():
    panels = figure_data(5, simulation={})
    drawn = figure(5, data=panels)
    assert sum("theory only: no stored spectrum" in texts(ax) for ax in drawn.axes) == 2


def test_a_sweep_of_a_figure_can_be_resumed(tmp_path):
    store = tmp_path / "runs.jsonl"

    def points():
        return grid(N=(20,), p=(1,), p_star=(1,), a=(1.5,), alpha=(1.0, 2.0))

    first = simulations.rebuild(points, store, samples=3, jobs=1)
    again = simulations.rebuild(points, store, samples=3, jobs=1)
    assert [row.samples for row in first.rows] == [3, 3]
    assert first == again


def test_the_stored_spectra_are_those_of_the_figure():
    stored = spectra.stored()
    assert set(stored) == {float(alpha) for alpha in ALPHAS.values()}
    assert all(found.N == spectra.N for found in stored.values())


def test_the_stored_descents_are_those_of_the_list():
    assert {row.point: row.samples for row in onset.stored().rows} == descent_sweep.points()


@pytest.mark.long
def test_descents_of_a_figure_are_made_anew(tmp_path, monkeypatch):
    usual = [point for point in descent_sweep.points() if onset._is_shown(point)]
    drawn = {row.point for row in onset.stored().rows if onset._is_shown(row.point)}
    assert set(usual) == drawn
    few = [replace(point, N=20, time=20.0) for point in usual if point.alpha == 2.0]
    counts = {point: 1 + (point.a > 1) for point in few}
    monkeypatch.setattr(onset, "points", lambda: counts)
    monkeypatch.setattr(onset, "_is_shown", lambda _: True)
    made = onset.rebuild(tmp_path / "descents.jsonl", samples=None, jobs=1)
    assert {row.point: row.samples for row in made.rows} == counts
    made = onset.rebuild(tmp_path / "descents.jsonl", samples=2, jobs=1)
    assert {row.samples for row in made.rows} == {2}


def test_spectra_survive_their_file(tmp_path, monkeypatch):
    monkeypatch.setattr(spectra, "N", 30)
    path = tmp_path / "spectra.csv"
    made = spectra.rebuild(MODEL, (2.0,), path, samples=1, jobs=1)
    read = spectra.read(path)
    assert read[2.0].N == 30
    assert read[2.0].density == pytest.approx(made[2.0].density, rel=1e-5)
    assert 0.2 < np.sum(read[2.0].density * np.diff(read[2.0].edges)) <= 1


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "spectra.csv"
    path.write_text("alpha,other\n1,2\n")
    with pytest.raises(StorageError, match="not a file of spectra"):
        spectra.read(path)
