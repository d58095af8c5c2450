"""`bbpsym predict`: rows, their file, interruption and bad input."""

import csv
import io
import json
import re
import signal
from pathlib import Path

import pytest

from tests.processes import Command

POINT = ("predict", "--p", 1, "--p-star", 1, "--a", 1.5)
WORDS = (*POINT, "--alpha", "1:3:1", "--N", "100,300", "--samples", 10, "--seed", 1)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_do_not_depend_on_the_table_they_are_in(run):
    status, out, _ = run(*WORDS, "--format", "csv")
    assert status == 0
    table = rows(out)
    assert [(row["N"], row["alpha"]) for row in table[:4]] == [
        ("100", "1"), ("100", "2"), ("100", "3"), ("300", "1"),
    ]  # fmt: skip
    assert float(table[-1]["phi"]) == 1
    words = (*POINT, "--alpha", 2, "--N", 300, "--samples", 10, "--seed", 1, "--format", "json")
    _, out, _ = run(*words)
    (record,) = json.loads(out)
    assert {name: f"{value:g}" for name, value in record.items() if name != "extremes"} == {
        name: f"{float(text):g}" for name, text in table[4].items() if name != "extremes"
    }
    assert record["extremes"] == table[4]["extremes"]


def test_a_table_for_the_eye_has_errors_of_two_digits(run):
    words = (*POINT, "--alpha", 1.2, "--N", 100, "--samples", 10, "--seed", 1)
    _, out, _ = run(*words)
    assert "error" not in out
    assert re.search(r"0\.\d+\(\d\d\)", out)


def test_numbers_of_a_paper_stand_with_their_points_below_each_other(run):
    words = (*POINT, "--alpha", 1.2, "--N", 100, "--samples", 10, "--seed", 1)
    _, out, _ = run(*words, "--columns", "alpha,phi", "--format", "latex")
    assert r"\begin{tabular}{r@{}lr@{}l}" in out
    assert "$1$ & $.2$ & $0$ & $." in out


def test_a_file_takes_up_where_it_was_left(run, tmp_path):
    path = tmp_path / "phi.csv"
    words = (*POINT, "--alpha", "1:3:1", "--N", "100,200", "--samples", 3, "--seed", 1)
    _, whole, _ = run(*words, "--format", "csv", "--output", path, "--jobs", 2)
    assert path.read_text() == whole
    lines = whole.splitlines(keepends=True)
    path.write_text("".join(lines[:3]) + lines[3][:7])  # a line that a kill cut short
    _, again, _ = run(*words, "--format", "csv", "--output", path)
    assert again == whole
    assert path.read_text() == whole
    path.write_text(whole.replace(lines[1], lines[1].replace(lines[1].split(",")[8], "0.123")))
    _, kept, _ = run(*words, "--format", "csv", "--output", path)
    assert "0.123" in kept  # found, not computed again


def test_a_stored_row_is_reproduced(run):
    stored = rows((Path(__file__).parents[2] / "data" / "predicted_phi.csv").read_text())
    (row,) = (r for r in stored if (r["a"], r["N"], r["alpha"], r["p"]) == ("1.5", "100", "1", "1"))
    words = ("--alpha", 1, "--N", 100, "--samples", row["samples"], "--seed", row["seed"])
    _, out, _ = run(*POINT, *words, "--format", "csv")
    (again,) = rows(out)
    assert again == row


@pytest.mark.long
def test_where_phi_is_one_half(run):
    _, out, _ = run(
        *POINT, "--N", "1e100", "--samples", 20, "--seed", 1, "--extremes", 500, "--format", "csv"
    )
    (row,) = rows(out)
    assert row["N"] == "1e+100"
    assert 1.35 < float(row["alpha_half"]) < 1.3745
    assert 0.5 < float(row["below_threshold_percent"]) < 2


def test_ctrl_c_prints_what_is_done(tmp_path):
    words = ("--alpha", "1:3:0.01", "--N", 1000, "--samples", 20, "--seed", 1)
    path = tmp_path / "phi.csv"
    process = Command(*POINT, *words, "--output", path, folder=tmp_path)
    process.wait_for_rows(Path(f"{path}.partial"), 4)
    process.send(signal.SIGINT)
    status, out, err = process.wait()
    assert status == 130
    assert "of 201 rows; the same command takes up from here" in err
    assert "Traceback" not in err
    assert len(out.splitlines()) >= 2 + 3


def test_a_larger_command_adds_to_the_file(run, tmp_path):
    path = tmp_path / "phi.csv"
    run(*WORDS[:-4], "--samples", 5, "--seed", 2, "--output", path)
    first = path.read_text()
    run(*WORDS, "--output", path)
    assert path.read_text().startswith(first)
    assert len(rows(path.read_text())) == 2 * 6
    assert list(tmp_path.iterdir()) == [path]


def test_rows_that_are_written_are_not_written_again(run, tmp_path):
    path, before = tmp_path / "phi.csv", []
    for _ in range(2):
        run(*WORDS, "--output", path)
        before.append(path.read_text())
    assert before[0] == before[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--N", "1.5", "--samples", 5, "--seed", 1), "N must be an integer from 2"),
        (("--N", "x", "--samples", 5, "--seed", 1), "N must be an integer from 2"),
        (("--N", "5", "--p-star", 6, "--samples", 5, "--seed", 1), "N must be at least p_star = 6"),
        (("--N", ",", "--samples", 5, "--seed", 1), "N must be a list of whole numbers"),
        (("--N", "99", "--samples", 5, "--seed", 1), "samples must be an integer from 20"),
        (("--N", "99", "--samples", 20, "--seed", -1), "seed must be an integer from 0"),
        (("--N", "99", "--alpha", "0", "--samples", 5, "--seed", 1), "alpha must be a number"),
        (("--N", "99", "--samples", 20, "--seed", 1, "--output", "/"), "output must be a file"),
    ],
)
def test_bad_input_is_one_sentence(run, words, sentence):
    status, out, err = run(*POINT, *words)
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.splitlines()[-1].startswith("bbpsym: ")


def test_a_file_of_another_sort_is_left_alone(run, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("what was there\n")
    status, _, err = run(*WORDS, "--output", path)
    assert status == 2
    assert "holds other columns" in err
    assert path.read_text() == "what was there\n"
