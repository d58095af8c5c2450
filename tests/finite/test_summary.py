import csv
import io
import json

import numpy as np
import pytest

from bbpsym.errors import DomainError, StorageError
from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.estimate import Measured, bounded_error
from bbpsym.finite.fit_tables import alpha_zero_table
from bbpsym.finite.point import Point
from bbpsym.finite.sample import Sample
from bbpsym.finite.store import Store
from bbpsym.finite.summary import UNCERTAIN, Summary, summarize

POINT = Point(50, 2, 1, 1.5, 0.8)


@pytest.fixture
def path(tmp_path):
    """400 samples of known law at one point, one sample at another."""
    rng = np.random.default_rng(5)
    path = tmp_path / "runs.jsonl"
    with Store(path) as store:
        store.add(
            Sample(POINT, 1, i, *rng.normal([-1, 0.3, -0.9, 0.2, -0.8, -1, 0.5], 0.1), i % 4)
            for i in range(400)
        )
        store.add([Sample(Point(50, 1, 1, 1.5, 0.8), 1, 0, -1, 0.3, -1, 0.3, -0.8, -1, 0.3, 0)])
    return path


def test_averages_and_their_errors(path):
    row = summarize(path).select(p=2).rows[0]
    assert row.samples == 400
    assert row.phi.value == 0.25
    assert row.phi_outliers.value == 0.5
    assert row.phi.error == pytest.approx(np.sqrt(0.25 * 0.75 / 400), rel=0.15)
    for name, mean in (("lowest", -1), ("outlier_overlap2", 0.2), ("bulk", -0.8)):
        found = getattr(row, name)
        assert abs(found.value - mean) < 4 * 0.1 / 20
        assert found.error == pytest.approx(0.1 / 20, rel=0.15)


def test_one_sample_has_no_error(path):
    row = summarize(path).select(p=1).rows[0]
    assert row.lowest.value == -1
    assert np.isnan(row.lowest.error)


def test_a_file_has_one_summary(path):
    assert summarize(path).to_csv() == summarize(path).to_csv()


def test_csv_comes_back(path, tmp_path):
    summary = summarize(path)
    text = summary.to_csv()
    (tmp_path / "summary.csv").write_text(text)
    assert Summary.from_csv(tmp_path / "summary.csv").to_csv() == text
    record = list(csv.DictReader(io.StringIO(text)))[-1]
    assert (record["p"], record["alpha"], record["phi"]) == ("2", "0.8", "0.25")


@pytest.mark.parametrize("content", ["", "p,N\n1,2\n", "\0\0"])
def test_another_csv_is_refused(tmp_path, content):
    path = tmp_path / "summary.csv"
    path.write_text(content)
    with pytest.raises(StorageError, match="not a summary"):
        Summary.from_csv(path)


def test_it_is_a_table_everywhere(path):
    summary = summarize(path)
    assert len(repr(summary.select(p=2)).splitlines()) == 2 + 1
    assert summary._repr_html_().count("<tr>") == 1 + len(summary)
    table = summary.to_latex()
    record, row = json.loads(summary.to_json())[-1], summary.rows[-1]
    assert (record["N"], record["phi_error"]) == (row.point.N, pytest.approx(row.phi.error))
    assert r"$p$ & $p^*$ & \multicolumn{2}{c}{$a$} & $N$ & \multicolumn{2}{c}{$\alpha$} &" in table
    assert r"\multicolumn{2}{c}{$\phi$ outliers}" in table
    assert r"\multicolumn{2}{c}{lowest $m^2$}" in table
    assert "choose columns, as in p,top_overlap2." in table
    assert "Wider" not in summary.choose("p", "alpha", "phi").to_latex()
    for value in (repr(summary).splitlines()[2].split()[k] for k in (2, 4, 7)):
        whole, _, decimals = value.partition(".")
        assert f"${whole}$ & $.{decimals}$" in table


def test_columns_and_selections(path):
    summary = summarize(path)
    values, errors = summary.select(p=2, N=50).column("phi")
    assert (values.shape, errors.shape) == ((1,), (1,))
    assert len(summary.select(alpha=9)) == 0
    with pytest.raises(DomainError, match="column must be one of"):
        summary.column("psi")
    chosen = summary.choose("alpha", "phi").select(p=2)
    assert chosen.to_csv().splitlines()[0] == "alpha,phi,phi_error"
    assert repr(chosen).split()[:2] == ["alpha", "phi"]
    with pytest.raises(DomainError, match=r"columns must be among p, p_star, .*\"phi\"\?"):
        summary.choose("phy")
    with pytest.raises(DomainError, match="select takes"):
        summary.select(beta=1)


def test_an_empty_or_missing_store_is_said(tmp_path):
    with pytest.raises(StorageError, match="no such file"):
        summarize(tmp_path / "none.jsonl")
    Store(tmp_path / "empty.jsonl").close()
    with pytest.raises(StorageError, match="no samples"):
        summarize(tmp_path / "empty.jsonl")


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.44678, 0.0123, "0.447(12)"),
        (-1.5, 0.25, "-1.50(25)"),
        (-1.5, 2.6, "-1.5(26)"),
        (0.1, 0.0996, "0.10(10)"),
        (1234.0, 96.0, "1234(96)"),
        (1.0, 0.0, "1"),
        (-1.23456, float("nan"), "-1.235"),
    ],
)
def test_an_estimate_shows_the_digits_it_knows(value, error, text):
    assert str(Measured(value, error)) == text
    assert f"{Measured(value, error):>12}" == text.rjust(12)


def test_errors_from_few_samples_are_marked_and_explained(path):
    summary = summarize(path)
    *_, few, many, _, note = repr(summary).splitlines()
    assert few.count("?") == 9
    assert "?" not in many
    assert note == UNCERTAIN
    assert UNCERTAIN in summary._repr_html_()
    assert UNCERTAIN in summary.to_latex()
    assert "?" not in summary.to_csv()
    assert "?" not in repr(summary.select(p=2))


@pytest.mark.parametrize("samples", [1, 5, 100])
def test_a_fraction_of_zero_or_one_has_the_error_of_its_bound(samples):
    """At the bound all samples agree with the probability of one standard deviation."""
    assert (1 - bounded_error(samples)) ** samples == pytest.approx(0.3173, abs=1e-4)


def test_a_fraction_of_one_is_not_printed_as_certain(path, tmp_path):
    row = summarize(path).select(p=1).rows[0]
    assert (row.phi.value, row.phi.error) == (1, bounded_error(1))
    text = summarize(path).to_csv().replace(f"{bounded_error(1):.8g}", "0")
    (tmp_path / "old.csv").write_text(text)
    assert Summary.from_csv(tmp_path / "old.csv").select(p=1).rows[0].phi == row.phi


@pytest.fixture
def mixed(path):
    """The paper's network, and both ends of another."""
    network = Architecture("(y - yh)^2/2", "tanh(x)", noise=0.1)
    points = [Point(50, 1, 1, 0, 3.0, network, side) for side in ("left", "right")]
    with Store(path) as store:
        for sign, point in zip((-1, 1), points, strict=True):
            values = [sign * 2.0, 0.1, sign * 2.0, 0.1, sign * 1.5, sign * 2.0, 0.1, 0]
            shares = [0.2, 0.3, 0.2, 0.3]
            store.add(Sample(point, 1, index, *values, *shares) for index in range(12))
    return summarize(path)


def test_networks_are_told_apart(mixed, path, tmp_path):
    assert len(mixed) == 4
    assert mixed.head[0][-2:] == ("network", "side")
    right = mixed.select(side="right", a=0)
    assert len(right) == 1
    assert right.rows[0].lowest.value == 2
    assert right.rows[0].lowest_span2.value == pytest.approx(0.3)
    assert mixed.column("outlier_student2")[0] == pytest.approx(
        [np.nan, np.nan, 0.2, 0.2], nan_ok=True
    )
    network = right.rows[0].point.network
    assert len(mixed.select(network=network)) == len(mixed.select(network=str(network))) == 2
    assert "noise=0.1" in repr(mixed)
    text = mixed.to_csv()
    (tmp_path / "mixed.csv").write_text(text)
    again = Summary.from_csv(tmp_path / "mixed.csv")
    assert again.to_csv() == text
    assert [row.point for row in again.rows] == [row.point for row in mixed.rows]


def test_the_papers_network_alone_has_the_columns_that_it_had(mixed):
    paper = mixed.select(network=PAPER)
    assert paper.to_csv().splitlines()[0].startswith("p,p_star,a,N,alpha,samples,phi,phi_error,")
    assert paper.to_csv().splitlines()[0].endswith(",top_overlap2,top_overlap2_error")
    with pytest.raises(DomainError, match="column must be one of"):
        paper.column("lowest_span2")


def test_fits_are_made_network_by_network(mixed):
    lines = alpha_zero_table(mixed, 1.0).splitlines()
    assert "network" in lines[0]
    assert len(lines) == 2 + 4
