"""Whole figures: panels, axes passed in, files, and what is refused."""

import csv
from dataclasses import FrozenInstanceError

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from bbpsym.errors import DomainError, StorageError
from bbpsym.figures import figure, figure_data, save
from bbpsym.figures.catalogue import NUMBERS, recipe
from bbpsym.figures.series import COLUMNS, PlottedCurve
from tests.cases import long, with_long

#: How Matplotlib writes that a line has no markers; "_" and "|" are the caps of error bars.
NO_MARK = ("None", "", " ", None, "_", "|")


def curves(panels):
    return [item for panel in panels for item in panel.items() if isinstance(item, PlottedCurve)]


@pytest.fixture(
    scope="module", params=with_long(sorted(NUMBERS), 5, 9, *range(11, 16), *range(17, 21))
)
def whole(request):
    """A figure's number, and its panels."""
    return request.param, figure_data(request.param)


def test_every_figure_is_drawn_onto_the_axes_passed_in(whole):
    number, panels = whole
    chosen = recipe(number)
    axes = Figure().subplots(chosen.rows, chosen.columns, squeeze=False)
    drawn = figure(number, axes, data=panels)
    assert drawn is axes[0, 0].figure
    assert len(panels) == axes.size
    assert all(ax.get_xlabel() and ax.get_ylabel() for ax in axes.flat)
    theory = [curve for curve in curves(panels) if curve.source == "theory"]
    assert theory or number == 3
    assert any(np.any(np.isfinite(curve.y)) for curve in theory) or number == 3


def test_every_mark_lies_within_the_limits_of_its_axes(whole):
    number, panels = whole
    drawn = figure(number, data=panels)
    axes = [*drawn.axes, *(inset for ax in drawn.axes for inset in ax.child_axes)]
    marked = [(ax, line) for ax in axes for line in ax.lines if line.get_marker() not in NO_MARK]
    for ax, line in marked:
        data = np.array([np.asarray(values, dtype=float) for values in line.get_data()])
        x, y = data[:, np.isfinite(data[1])]
        assert ax.get_xlim()[0] <= x.min(initial=np.inf)
        assert x.max(initial=-np.inf) <= ax.get_xlim()[1]
        assert ax.get_ylim()[0] <= y.min(initial=np.inf)
        assert y.max(initial=-np.inf) <= ax.get_ylim()[1]
    assert marked


@pytest.mark.parametrize(("number", "suffix"), [*long((7, ".pdf")), (7, ".svg"), (8, ".png")])
def test_files_hold_the_picture_and_every_number(number, suffix, tmp_path):
    panels = figure_data(number)
    picture, data = save(number, tmp_path / f"fig{suffix}", panels)
    magic = {".pdf": b"%PDF", ".svg": b"<?xml", ".png": b"\x89PNG"}[suffix]
    assert picture.read_bytes().startswith(magic)
    rows = list(csv.DictReader(data.read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    written = [float(row["y"]) for row in rows if row["abscissa"]]
    drawn = np.concatenate([curve.y for curve in curves(panels)])
    assert written == pytest.approx(drawn[np.isfinite(drawn)], rel=1e-9)


def test_the_same_numbers_give_the_same_file(tmp_path):
    panels = figure_data(7)
    first, _ = save(7, tmp_path / "one.svg", panels)
    second, _ = save(7, tmp_path / "two.svg", panels)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.long
def test_a_user_who_typesets_everything_by_latex_needs_none(tmp_path):
    panels = figure_data(8)
    with matplotlib.rc_context({"text.usetex": True}):
        picture, _ = save(8, tmp_path / "typeset.svg", panels)
    assert picture.read_bytes() == save(8, tmp_path / "plain.svg", panels)[0].read_bytes()


def test_a_picture_keeps_its_fonts_when_the_style_has_gone():
    families = [text.get_fontfamily() for text in figure(7).findobj(Text)]
    assert {tuple(family) for family in families} == {("STIXGeneral",)}


def test_panels_are_frozen():
    (panel,) = figure_data(7)
    with pytest.raises(FrozenInstanceError):
        panel.p = 3


def test_options_reach_the_figure():
    (panel,) = figure_data(8, p="3", p_star=2)
    assert (panel.p, panel.p_star) == (3, 2)
    (panel,) = figure_data(2, p_star=4)
    assert min(curve.parameters["p"] for curve in panel.curves) == 4


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: figure_data(0), f"number must be a figure from 1 to {max(NUMBERS)}"),
        (lambda: figure_data("two"), "number"),
        (lambda: figure_data(1, p=2), "p cannot be chosen in figure 1"),
        (lambda: figure_data(8, p="inf"), "p must be finite"),
        (lambda: figure_data(8, p=0), "p must be an integer"),
        (lambda: figure_data(2, p_star=11), "p_star must be at most 10"),
        (lambda: figure(1, Figure().subplots()), "axes must be 2"),
        (lambda: save(7, "figure.jpg", ()), "output must end in .pdf, .svg, .png"),
        (lambda: save(7, "/nowhere/figure.pdf", ()), "a file that can be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(call, words):
    with pytest.raises((DomainError, StorageError), match=words):
        call()
