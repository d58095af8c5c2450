"""Tables in every format, against golden files."""

import csv
import io
import json
from pathlib import Path

import pytest

from bbpsym import Model, table, threshold
from bbpsym.errors import DomainError
from bbpsym.tables import FORMATS, UNIT_NOTE

GOLDEN = Path(__file__).parent / "golden"
MODELS = [Model(2, 1, "0.7"), Model(3, 2, 1), Model("inf", 1, "1/3")]
SUFFIXES = {
    "html": "html",
    "text": "txt",
    "markdown": "md",
    "latex": "tex",
    "csv": "csv",
    "json": "json",
}


@pytest.fixture(scope="module")
def tables():
    return {digits: table(MODELS, digits) for digits in (None, 20)}


@pytest.mark.parametrize("digits", [None, 20])
@pytest.mark.parametrize("form", FORMATS)
def test_golden_files(tables, form, digits):
    expected = (GOLDEN / f"table_{digits or 'double'}.{SUFFIXES[form]}").read_text()
    assert FORMATS[form](tables[digits]) + "\n" == expected


@pytest.mark.parametrize("digits", [None, 20])
def test_csv_and_json_say_the_same(tables, digits):
    records = json.loads(tables[digits].to_json())
    rows = list(csv.DictReader(io.StringIO(tables[digits].to_csv())))
    for record, row in zip(records, rows, strict=True):
        for key in ("alpha_bbp", "alpha_c", "eigenvalue", "overlap2"):
            assert float(row[key]) == float(record[key])
        assert (row["p"], row["kind"]) == (str(record["p"]), record["kind"])


def test_json_records_carry_the_promised_keys(tables):
    keys = {"p", "p_star", "a", "kind", "alpha_bbp", "alpha_c", "eigenvalue", "overlap2"}
    for record in json.loads(tables[None].to_json()):
        assert keys <= set(record)
        assert isinstance(record["alpha_bbp"], float)
    for record in json.loads(tables[20].to_json()):
        assert all(isinstance(record[key], str) for key in ("alpha_bbp", "eigenvalue", "a"))


def test_every_printed_digit_is_right(tables):
    for row in tables[None].rows:
        precise = threshold(row.model, 30)
        for name in ("alpha", "alpha_c", "eigenvalue", "overlap2"):
            assert row.text(name) == f"{float(getattr(precise, name)):#.12g}".replace(
                "0.00000000000", "0" if row.overlap2 == 0 and name == "overlap2" else ""
            )


def test_html_for_jupyter(tables):
    page = tables[None]._repr_html_()
    assert page.startswith("<table>")
    assert r"$\alpha_{\mathrm{BBP}}$" in page
    assert "0.927055296717" in page
    assert UNIT_NOTE in page


def test_the_unit_is_noted_only_where_it_matters():
    assert UNIT_NOTE not in table(MODELS[:1]).to_text()


def test_a_single_model_is_a_table_of_one_row():
    assert table(MODELS[0]).rows == table(MODELS[:1]).rows


def test_an_empty_table_is_a_table():
    assert "alpha_BBP" in table([]).to_text()


def test_bad_input():
    for models in ([1, 2], None, 3):
        with pytest.raises(DomainError, match="models must be a list of Model objects"):
            table(models)
    with pytest.raises(DomainError, match="digits must be"):
        table(MODELS, digits=-1)
