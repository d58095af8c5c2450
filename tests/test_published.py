"""Published numbers: all agree, and the page says so."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bbpsym.cli.published import published
from bbpsym.published import lu_li, table

PAGE = Path(__file__).parent.parent / "docs" / "published.md"


@pytest.fixture(scope="module")
def rows():
    return table.published()


def test_every_number_agrees_with_print(rows):
    for row in rows:
        assert row.digits >= 11, row


def test_the_page_holds_the_table(rows):
    _, _, rest = PAGE.read_text().partition("<!-- table -->\n\n")
    assert rest.partition("\n\n<!-- end -->")[0] == table.text(rows, "github")


def test_another_number_would_be_seen():
    assert table._row("", "", "", 1.0, 1.0 + 1e-9).digits == 8
    assert table._row("", "", "", 1.0, 1.0).digits == table.QUADRATURE


def test_the_command_prints_the_table(rows, monkeypatch):
    monkeypatch.setattr(table, "published", lambda: rows)
    run = CliRunner().invoke
    assert run(published, ["--format", "markdown"]).output == table.text(rows, "github") + "\n"
    assert json.loads(run(published, ["--format", "json"]).output) == table.record(rows)
    assert run(published).output.startswith("source ")


def test_the_record_holds_both_numbers(rows):
    first = table.record(rows)[0]
    assert first["theirs"] == first["ours"] == "0.2500000000000000000000000"


def test_numbers_that_were_found_before_by_other_rules():
    edge, outlier, overlap2 = lu_li.logistic(2.0, 10.0).solved()
    assert (-edge / 10, -outlier / 10) == pytest.approx(
        (0.0642073634547, 0.0520934217756), abs=1e-12
    )
    assert overlap2 == pytest.approx(0.851949193345, abs=2e-12)
