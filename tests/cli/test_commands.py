"""The command line: what it prints, and what it says to bad input."""

import csv
import io
import json
import re
import sys

import pytest
from click import Context

from bbpsym.cli import COMMANDS, bbpsym
from bbpsym.cli.options import foretell
from bbpsym.writing.grid import FORMATS
from tests.cases import long

POINT = ("--p", 2, "--p-star", 1, "--a", 0.7)


def test_help_lists_every_command(run):
    status, out, _ = run("--help")
    assert status == 0
    for name in COMMANDS:
        assert name in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run, name):
    status, out, _ = run(name, "--help")
    assert status == 0
    assert "Usage:" in out
    # A backslash continues a command line; any other is a mark-up that was not read.
    assert not re.search(r"\\.", out)


@pytest.mark.parametrize("name", COMMANDS)
def test_all_that_print_tables_take_the_same_options(name):
    command = bbpsym.get_command(Context(bbpsym), name)
    options = {option.opts[0].lstrip("-"): option for option in command.params}
    if tuple(getattr(getattr(options.get("format"), "type", None), "choices", ())) == FORMATS:
        assert {"columns", "caption", "label"} <= {*options}
        assert "output" in options


def test_threshold(run):
    status, out, _ = run("threshold", *POINT, "--digits", 50)
    assert status == 0
    assert "0.92705529671706608466785573723919677948402851664571\n" in out
    status, out, _ = run("threshold", *POINT, "--format", "json")
    assert json.loads(out)["alpha"] == 0.927055296717
    status, out, _ = run("threshold", *POINT, "--format", "latex")
    assert out.startswith("$")


def test_edge_and_outlier(run):
    _, out, _ = run("edge", *POINT, "--alpha", 2, "--format", "json")
    assert json.loads(out)["kind"] == "sharp"
    _, out, _ = run("outlier", *POINT, "--alpha", 2, "--digits", 30, "--format", "json")
    assert json.loads(out)["overlap2"] == "0.276230470821471939857140950821"
    status, out, _ = run("outlier", *POINT, "--alpha", 0.5)
    assert status == 0
    assert "below the threshold 0.927055296717" in out
    _, out, _ = run("outlier", *POINT, "--alpha", "0.9270552967170660")
    assert "threshold 0.9270552967170660846" in out
    _, out, _ = run("outlier", *POINT, "--alpha", 0.5, "--format", "json")
    assert json.loads(out) is None


def test_no_outlier_is_said_as_it_is_asked_for(run):
    below = ("outlier", *POINT, "--alpha", 0.5)
    assert "threshold 0.92705529671706608467\n" in run(*below, "--digits", 20)[1]
    assert run(*below, "--columns", "alpha,value", "--format", "csv")[1] == "alpha,value\n0.5,\n"
    assert r"\caption{None}" in run(*below, "--format", "latex", "--caption", "None")[1]
    status, _, err = run(*below, "--numbers", "strings")
    assert (status, "numbers is for the format json" in err) == (2, True)


def test_a_band_at_finite_n(run):
    _, out, _ = run("outlier", *POINT, "--alpha", 4, "--N", 1000, "--format", "json")
    assert json.loads(out)["N"] == 1000
    assert json.loads(out)["value_deviation"] == 0.07447
    assert json.loads(out)["overlap2_deviation_error"] == 0.00038
    _, out, _ = run("outlier", *POINT, "--alpha", 4, "--N", 1000)
    assert "overlap2_needs: smallest N at which overlap2_deviation is known." in out
    status, out, _ = run("outlier", *POINT, "--alpha", 0.5, "--N", 1000)
    assert status == 0
    assert "below the threshold" in out
    status, _, err = run("outlier", *POINT, "--alpha", 0.95, "--N", 1000)
    assert (status, err.count("\n")) == (2, 1)
    assert "N must be at least" in err
    status, _, err = run("outlier", *POINT, "--alpha", 4, "--N", 1)
    assert (status, err.count("\n")) == (2, 1)
    assert "N must be an integer from 2 to" in err
    status, _, err = run("outlier", *POINT, "--alpha", 4, "--N", 100, "--digits", 20)
    assert status == 2
    assert "N must come without digits" in err
    _, out, _ = run("outlier", *POINT, "--alpha", 4, "--N", "1000,2000", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["N"] for row in rows] == ["1000", "2000"]
    assert rows[0]["value_deviation"].startswith("0.0744")


def test_critical_a(run):
    _, out, _ = run("critical-a", "--p", 2, "--p-star", 1)
    assert out == "0.830386524051\n"
    _, out, _ = run("critical-a", "--p", 2, "--p-star", 1, "--digits", 20, "--format", "json")
    assert json.loads(out)["critical_a"] == "0.83038652405138038763"


def test_the_default_table(run):
    status, out, _ = run("table")
    rows = out.splitlines()[4:-2]
    assert status == 0
    assert len(rows) == 7 * 6
    assert "  2         1  0.7  continuous     0.927055296717" in out


@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown", "latex"])
def test_ranges_and_formats(run, form):
    words = ("table", "--p", "1:3,inf", "--p-star", "1,2", "--a", "0.5:1:0.25", "--format", form)
    status, out, _ = run(*words)
    assert status == 0
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(out)))
        assert len(rows) == 4 * 2 * 3
        assert [row["p"] for row in rows[:4]] == ["1", "2", "3", "inf"]
        assert {row["a"] for row in rows} == {"0.5", "0.75", "1"}
    assert ("$0$ & $.75$" if form == "latex" else "0.75") in out


def test_output_file_and_suffix(run, tmp_path):
    path = tmp_path / "table.csv"
    status, out, _ = run("table", "--p", 2, "--a", 0.7, "--output", path)
    assert (status, out) == (0, "")
    assert path.read_text().startswith("p,p_star,a,kind,alpha,")
    assert list(tmp_path.iterdir()) == [path]  # neither journal nor scratch file is left


COMPARED = ("compare", "--p-star", 1, "--a", 0.7, "--p", "2,inf", "--alpha", "0.5:1.5:0.5")


def test_compare(run):
    status, out, _ = run(*COMPARED)
    assert status == 0
    assert "Best: none at 0.5; Luo-Alghamdi-Lu at 1, 1.5." in out
    assert "Best Hessian: none at 0.5; Hessian, p=inf at 1, 1.5." in out
    _, out, _ = run(*COMPARED, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 6 * 3
    assert {row["alpha"] for row in rows} == {"0.5", "1", "1.5"}


def test_columns_of_a_comparison(run):
    words = (*COMPARED, "--columns", "p,overlap2:3", "--format")
    assert run(*words, "csv")[1].splitlines()[:3] == ["p,overlap2", "2,0", "2,0.0190"]
    assert "$2$ & $0$ &  & $0$ & $.0190$ & $0$ & $.153$" in run(*words, "latex")[1]
    assert json.loads(run(*words[:-2], "p", "--format", "json")[1])["rows"][0] == {"p": 2}


def test_a_weight_of_ones_own_is_compared(run, tmp_path):
    words = (*COMPARED[:-1], "1.5", "--weight", "(y-1)/(y+1)")
    status, out, err = run(*words)
    assert status == 0, err
    assert re.search(r"T = \(y - 1\)/\(y \+ 1\) +right +discontinuous +1.00000 ", out)
    status, out, err = run(*words, "--picture", tmp_path / "compared.svg")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "picture shows no weight of your own" in err


@pytest.mark.parametrize("form", ["json", "markdown", *long("latex"), "html"])
def test_formats_of_a_comparison(run, form):
    status, out, _ = run(*COMPARED, "--format", form)
    assert status == 0
    assert "0.3733" in out.replace("$ & $.", ".")  # LaTeX cuts numbers at the point
    if form == "json":
        assert json.loads(out)["best"][0] == []


def test_the_picture_of_a_comparison(run, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "compared.svg"
    status, out, err = run(*COMPARED, "--picture", picture)
    assert status == 0
    assert err.split()[-2:] == [str(picture), str(tmp_path / "compared.csv")]
    assert picture.read_text().startswith("<?xml")
    data = list(csv.DictReader((tmp_path / "compared.csv").read_text().splitlines()))
    assert max(float(row["x"]) for row in data if row["x"]) == pytest.approx(1.5)
    assert "Luo-Alghamdi-Lu" in out


def test_every_table_goes_to_a_file(run, tmp_path):
    for verb in ("edge", "outlier", "density", "threshold"):
        words = (verb, *POINT, *([] if verb == "threshold" else ["--alpha", "1,2"]))
        path = tmp_path / f"{verb}.csv"
        assert run(*words, "--output", path) == (0, "", "")
        assert path.read_text() == run(*words, "--format", "CSV")[1]
    assert run(*words, "--output", "-")[1] == run(*words)[1]
    sums = ("--loss", "(y-yh)^2/2", "--activation", "x", "--p", 1, "--p-star", 1, "--output", "sum")
    assert "output=sum" in run("table", *sums, "--output", path)[2]


def test_signs_that_were_copied_from_a_page(run):
    words = ("density", *POINT, "--alpha", 2, "--x")
    assert run(*words, "\N{MINUS SIGN}0.5,0")[1] == run(*words, "-0.5,0")[1]
    table = ("table", "--a", 0.7, "--p")
    assert run(*table, "\N{INFINITY}")[1] == run(*table, "inf")[1]


def test_one_command_prints_a_table_over_alpha(run):
    words = (*POINT, "--alpha", "0.5:1.5:0.5", "--format")
    rows = list(csv.DictReader(io.StringIO(run("edge", *words, "csv")[1])))
    assert [(row["a"], row["alpha"], row["kind"]) for row in rows] == [
        ("0.7", "0.5", "smooth"),
        ("0.7", "1", "sharp"),
        ("0.7", "1.5", "sharp"),
    ]
    records = json.loads(run("outlier", *words, "json")[1])
    assert [record["value"] is None for record in records] == [True, False, False]
    _, out, _ = run(
        "outlier", *words, "latex", "--caption", "Outliers", "--columns", "alpha,value:5"
    )
    assert r"\caption{Outliers}" in out
    assert "$1$ & $.5$ & $-1$ & $.0259$" in out
    _, out, _ = run("threshold", *POINT, "--format", "json", "--numbers", "strings")
    assert json.loads(out)["alpha"] == "0.927055296717"


def test_processes_answer_as_one_does(run, tmp_path):
    words = ("table", "--p", "1,2", "--a", 0.7, "--format", "csv")
    path = tmp_path / "table.csv"
    assert run(*words, "--jobs", 2, "--output", path)[0] == 0
    assert path.read_text() == run(*words)[1]
    assert list(tmp_path.iterdir()) == [path]


def test_a_word_about_duration_on_a_terminal_only(run, monkeypatch):
    foretell("minutes")
    assert run("verify", "--only", "1:2")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    foretell("minutes")
    assert run("critical-a", "--p", 1, "--p-star", 1)[2] == "bbpsym: minutes\n"


def test_no_progress_bar_where_nobody_sees_it(run):
    assert run("table", "--p", "1,2", "--a", "0.7,1", "--digits", 60)[2] == ""
