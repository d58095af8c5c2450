"""The commands verify and show."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bbpsym.cli import bbpsym
from bbpsym.errors import DomainError
from bbpsym.records.check import check
from bbpsym.records.registry import chapters, record_of


def run(*arguments):
    return CliRunner().invoke(bbpsym, [*arguments], catch_exceptions=True)


def test_json_is_a_list_of_verdicts():
    result = run("verify", "--only", "3,40,49", "--format", "json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    assert [row["id"] for row in rows] == ["3", "40", "49"]
    assert set(rows[0]) == {"id", "title", "nature", "derived", "digits", "reach", "ok"}
    assert rows[0]["digits"] is None
    assert rows[1]["digits"] >= 10
    assert all(row["ok"] for row in rows)


def test_text_ends_with_a_summary():
    result = run("verify", "--only", "43")
    assert result.exit_code == 0
    first, last = result.stdout.strip().splitlines()
    assert first.startswith("(43)")
    assert first.endswith("ok")
    assert last.startswith("1 record holds, 0 are definitions")


def test_markdown_is_a_table():
    result = run("verify", "--only", "X", "--format", "markdown")
    assert result.stdout.startswith("|")


def test_a_failure_gives_status_one(monkeypatch):
    from bbpsym.records import check

    monkeypatch.setattr(check, "numeric_agreement", lambda *_: 3.0)
    result = run("verify", "--only", "43")
    assert result.exit_code == 1
    assert "1 of 1 record failed: (43)" in result.stdout


@pytest.mark.parametrize("command", [("verify", "--only", "59"), ("show", "59")])
def test_an_unknown_equation_is_one_sentence(command):
    result = run(*command)
    assert isinstance(result.exception, DomainError)


def test_show_begins_with_the_equation_and_prints_steps_and_latex():
    result = run("show", "40")
    assert result.exit_code == 0
    title, _, formula, *_ = result.stdout.splitlines()
    assert title.startswith("(40) Stieltjes transform at the outlier")
    assert not formula.strip(" ⎛⎞2")  # the first line of the formula, and no text
    assert "1 - g⋅f" in result.stdout
    assert "(31) solved for z:" in result.stdout
    assert r"\left\langle" in result.stdout
    assert "Average" not in result.stdout
    assert "Chain:" not in result.stdout


def test_show_lists_all_equations_and_sends_there():
    words = run("show").stdout.replace(",", " ").split()
    assert {*chapters()} <= {*words}
    assert str(run("show", "99").exception).endswith('or a name that "bbpsym show" lists')


def test_show_knows_the_names_of_steps():
    assert run("show", "outlier equation").stdout == run("show", "40").stdout
    assert 'do you mean "outlier equation"?' in str(run("show", "outlier eqation").exception)


def test_the_chain_is_on_request():
    chain = run("show", "40", "--chain").stdout.split("Chain:")[1]
    assert chain.index("(1) ") < chain.index("(31) ") < chain.index("(40) ")


def test_bars_enclose_what_they_should():
    result = run("show", "8")
    assert "|v·w*|" in result.stdout
    assert r"\left|v \cdot w^{*}\right|" in result.stdout
    assert "*|}" not in result.stdout


@pytest.mark.long
@pytest.mark.parametrize("name", ["dressed_weight", "bulk_self_energy"])
def test_a_fault_in_the_source_is_a_failed_verdict(name):
    """A broken proof step is reported in its line; the records after it still get theirs."""
    code = (
        "from bbpsym.equations import spectrum\n"
        f"right = spectrum.{name}\n"
        f"spectrum.{name} = (lambda: -right()) if callable(right) else -right\n"
        "from bbpsym.cli import bbpsym\n"
        "bbpsym(['verify', '--only', '1,31,40,26,43'])\n"
    )
    found = subprocess.run(
        [sys.executable, "-O", "-c", code], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "Traceback" not in found.stdout + found.stderr
    lines = found.stdout.strip().splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["(1)", "(31)", "(40)", "(26)", "(43)"]
    assert any("FAILED" in line for line in lines[1:3])
    assert "records failed" in lines[-1]


@pytest.mark.parametrize("part", ["statement", "derivation", "witness"])
def test_an_error_in_any_part_of_a_record_is_a_failed_verdict(part):
    def broken(*_):
        raise AssertionError("no such step")

    def tell():
        if part == "statement":
            broken()
        yield from right.tell()
        if part == "derivation":
            broken()

    right = record_of("43")
    wrong = replace(right, tell=tell, at=broken if part == "witness" else right.at)
    verdict = check(wrong)
    assert not verdict.ok
    assert verdict.trouble == f"the {part} broke: AssertionError: no such step"


def test_a_definition_is_no_verified_fact():
    result = run("verify", "--only", "1,43")
    first, _, last = result.stdout.strip().splitlines()
    assert result.exit_code == 0
    assert first.endswith("definition")
    assert last.startswith("1 record holds, 1 is a definition")
    (row,) = json.loads(run("verify", "--only", "3", "--format", "json").stdout)
    assert (row["ok"], row["nature"], row["derived"]) == (True, "definition", "")


def test_no_more_digits_are_printed_than_were_worked_with():
    rows = json.loads(run("verify", "--only", "4,31,43", "--format", "json").stdout)
    by_id = {row["id"]: row for row in rows}
    assert by_id["31"]["digits"] == by_id["43"]["digits"] == 10
    for row in rows:
        assert row["digits"] == "exact" or row["digits"] <= row["reach"]


@pytest.mark.long
def test_no_more_digits_are_printed_than_a_witness_reaches():
    (row,) = json.loads(run("verify", "--only", "47", "--format", "json").stdout)
    assert row["digits"] == row["reach"] < 10
    text = run("verify", "--only", "47", "--digits", "20").stdout
    assert "of 20: its witness reaches" in text


def test_squares_of_balls_about_zero_are_numbers():
    """Both outputs have one rule, so that their difference is zero at some of its nodes."""
    assert " 20 ok" in run("verify", "--only", "57", "--digits", "20").stdout


def test_exact_needs_two_exact_sides():
    rows = json.loads(run("verify", "--only", "43,12,weak-recovery", "--format", "json").stdout)
    assert [row["digits"] for row in rows] == [10, "exact", 10]
