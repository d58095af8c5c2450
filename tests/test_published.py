"""Published numbers: all agree, and the page says so."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from mpmath import MPContext

from bbpsym.cli.in_print import published
from bbpsym.published import lu_li, printed

mp = MPContext()
mp.dps = 40

#: Numerals that are rounded in print, and their digits.
ROUNDED = {"0.59375": 5}

KINDS = (printed.NUMERAL, printed.PRINTED, printed.RECOMPUTED)
PAGE = Path(__file__).parent.parent / "docs" / "published.md"


@pytest.fixture(scope="module")
def rows():
    return printed.published()


def test_every_number_agrees_with_print(rows):
    for row in rows:
        assert row.digits >= ROUNDED.get(row.how, 11), row


def test_the_page_holds_the_table(rows):
    _, _, rest = PAGE.read_text().partition("<!-- table -->\n\n")
    assert rest.partition("\n\n<!-- end -->")[0] == printed.grid(rows).to_markdown()


def test_the_page_claims_no_digit_that_is_not_there(rows):
    """Theirs and ours as they stand on the page, and the digits counted by other means."""
    lines = PAGE.read_text().partition("<!-- table -->\n\n")[2].splitlines()[2:]
    for row, line in zip(rows, lines, strict=False):
        *_, theirs, ours, digits = (cell.strip() for cell in line.strip("|").split("|"))
        one, other = (Fraction(mp.nstr(mp.mpf(x), 35)) for x in (row.theirs, row.ours))
        half = Fraction(1, 2) * Fraction(10) ** -int(digits)
        assert abs(one - other) <= half * abs(one), row
        for text, value in ((theirs, one), (ours, other)):  # rounded to the digits shown
            shown = len(text.lstrip("0.").replace(".", ""))
            assert shown == min(int(digits), 12)
            assert abs(Fraction(text) - value) <= Fraction(10) ** (1 - shown) * value / 2


def test_every_row_says_what_theirs_is(rows):
    kinds = {kind: [row for row in rows if row.basis == kind] for kind in KINDS}
    assert sum(map(len, kinds.values())) == len(rows)
    for row in kinds[printed.NUMERAL]:
        assert Fraction(row.how) == Fraction(str(float(row.theirs)))
    assert {row.source[:2] for row in kinds[printed.RECOMPUTED]} == {"Lu", "Li", "De"}


def test_another_number_would_be_seen():
    assert printed._row("", "", "", "", 1.0, 1.0 + 1e-9).digits == 8
    assert printed._row("", "", "", "", 1.0, 1.0).digits == printed.QUADRATURE


def test_the_command_prints_the_table(rows, monkeypatch, capsys):
    def run(*words):
        published([*words], standalone_mode=False)
        return capsys.readouterr()

    monkeypatch.setattr(printed, "published", lambda: rows)
    assert run("--format", "markdown") == (printed.grid(rows).to_markdown() + "\n", "")
    assert json.loads(run("--format", "json").out) == printed.record(rows)
    assert run().out.startswith("source ")


def test_the_record_holds_both_numbers(rows):
    first = printed.record(rows)[0]
    assert first["theirs"] == first["ours"] == "0.2500000000000000000000000"


def test_numbers_that_were_found_before_by_other_rules():
    edge, outlier, overlap2 = lu_li.logistic(2.0, 10.0).solved()
    assert (-edge / 10, -outlier / 10) == pytest.approx(
        (0.0642073634547, 0.0520934217756), abs=1e-12
    )
    assert overlap2 == pytest.approx(0.851949193345, abs=2e-12)
