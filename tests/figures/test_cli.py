"""`bbpsym figure`."""

import sys

import pytest
from click.testing import CliRunner

from bbpsym.cli.figure import figure
from bbpsym.errors import BBPError, DomainError, StorageError

MODEL = ["--p", "2", "--p-star", "1", "--a", "0.7"]


def test_it_writes_the_picture_and_its_data(tmp_path):
    output = tmp_path / "phases.svg"
    result = CliRunner().invoke(figure, ["8", "--p", "3", "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert result.output.split() == [str(output), str(tmp_path / "phases.csv")]
    assert output.read_text().startswith("<?xml")
    assert (tmp_path / "phases.csv").read_text().startswith("panel,source,quantity")


def test_any_matrix_is_drawn(tmp_path):
    output = tmp_path / "weight.svg"
    weight = ["--weight", "(y-1)/(y+1)", "--p-star", "1", "--alpha", "3", "--side", "right"]
    result = CliRunner().invoke(figure, ["16", *weight, "--output", str(output)])
    assert result.exit_code == 0, result.output
    rows = [line.split(",") for line in (tmp_path / "weight.csv").read_text().splitlines()]
    marks = {row[2]: float(row[-2]) for row in rows if row[-4] == ""}
    assert marks["threshold"] == pytest.approx(1)
    assert marks["left edge"] < 0 < marks["right edge"] < marks["right outlier"]
    result = CliRunner().invoke(figure, ["16", *weight[:-2], "--output", str(output)])  # the left
    assert result.exit_code == 0, result.output
    assert "threshold" not in (tmp_path / "weight.csv").read_text()


def test_bad_input_is_refused_before_any_work(tmp_path):
    for arguments, error in (
        (["99"], DomainError),
        (["8", "--output", "figure.bmp"], DomainError),
        (["8", "--output", str(tmp_path / "missing" / "figure.pdf")], StorageError),
        (["7", "--weight", "y", "--output", str(tmp_path / "figure.pdf")], DomainError),
        (["16", *MODEL, "--output", str(tmp_path / "figure.pdf")], DomainError),
        (["16", *MODEL, "--p", "1,2", "--alpha", "1"], DomainError),
        (["16", *MODEL, "--alpha", "1", "--alpha-max", "2"], DomainError),
        (["10", "--alpha-max", "0.4"], DomainError),
        (["2", "--simulate", "--output", str(tmp_path / "figure.pdf")], DomainError),
    ):
        assert isinstance(CliRunner().invoke(figure, arguments).exception, error)


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    drawn = [name for name in sys.modules if name.startswith("bbpsym.figures.threshold_curves")]
    for name in drawn:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    error = CliRunner().invoke(figure, ["7"]).exception
    assert isinstance(error, BBPError)
    assert "bbpsym[figures]" in str(error)


@pytest.mark.long
def test_simulations_are_kept_beside_the_figure(tmp_path, monkeypatch):
    from bbpsym.figures import spectra

    monkeypatch.setattr(spectra, "N", 20)
    result = CliRunner().invoke(figure, ["5", "--simulate", "--output", str(tmp_path / "e.png")])
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.iterdir()} == {"e.png", "e.csv", "e.spectra.csv"}
