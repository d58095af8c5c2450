"""The commands verify and show."""

import json

import pytest
from click.testing import CliRunner

from bbpsym.cli import bbpsym
from bbpsym.errors import DomainError


def run(*arguments):
    return CliRunner().invoke(bbpsym, [*arguments], catch_exceptions=True)


def test_json_is_a_list_of_verdicts():
    result = run("verify", "--only", "1,40,49", "--format", "json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert [row["id"] for row in rows] == ["1", "40", "49"]
    assert set(rows[0]) == {"id", "title", "nature", "derived", "digits", "ok"}
    assert rows[0]["digits"] is None
    assert rows[1]["digits"] >= 10
    assert all(row["ok"] for row in rows)


def test_text_ends_with_a_summary():
    result = run("verify", "--only", "43")
    assert result.exit_code == 0
    first, last = result.stdout.strip().splitlines()
    assert first.startswith("(43)")
    assert first.endswith("ok")
    assert last.startswith("all 1 records hold")


def test_markdown_is_a_table():
    result = run("verify", "--only", "X", "--format", "markdown")
    assert result.stdout.startswith("|")


def test_a_failure_gives_status_one(monkeypatch):
    from bbpsym.identities import check

    monkeypatch.setattr(check, "numeric_agreement", lambda *_: 3.0)
    result = run("verify", "--only", "43")
    assert result.exit_code == 1
    assert "1 of 1 records failed: (43)" in result.stdout


@pytest.mark.parametrize("command", [("verify", "--only", "59"), ("show", "59")])
def test_an_unknown_equation_is_one_sentence(command):
    result = run(*command)
    assert isinstance(result.exception, DomainError)


def test_show_prints_statement_chain_and_latex():
    result = run("show", "40")
    assert result.exit_code == 0
    assert "Chain:" in result.stdout
    assert r"\left\langle" in result.stdout
    assert "Average" not in result.stdout


def test_bars_enclose_what_they_should():
    result = run("show", "8")
    assert "|v·w*|" in result.stdout
    assert r"\left|v \cdot w^{*}\right|" in result.stdout
    assert "*|}" not in result.stdout
