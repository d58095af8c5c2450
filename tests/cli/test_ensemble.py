"""Spectral methods of any weight on the command line."""

import csv
import io
import json

import pytest
from sympy import exp
from sympy.abc import y

from bbpsym import Ensemble, edge, labels_of, outlier, teacher_labels, threshold

OPTIMAL = ("--weight", "1-1/y", "--p-star", 1, "--side", "right")
LAW = ("--law", "exp(-y)")
BOUNDED = ("--weight", "(y-b)/(y+1)", "--set", "b=1")


def record(run, *words):
    status, out, err = run(*words, "--format", "json")
    assert status == 0, err
    return json.loads(out)


def test_thresholds_of_teachers_labels(run):
    assert record(run, "threshold", *OPTIMAL)["alpha"] == pytest.approx(0.5)


@pytest.mark.long
def test_thresholds_of_noisy_labels(run):
    noisy = Ensemble((y - 1) / (y**2 + 1), teacher_labels(1, "0.5"))
    words = ("--weight", "(y-1)/(y^2+1)", "--p-star", 1, "--noise", 0.5, "--side", "right")
    found = threshold(noisy, side="right")
    assert record(run, "threshold", *words)["alpha"] == float(found.text("alpha"))


def test_optimal_weights_are_certified(run):
    complex_ = ("--weight", "1-1/y", "--p-star", 2, "--side", "right", "--certified")
    status, out, err = run("outlier", *complex_, "--alpha", 3, "--digits", 20)
    assert (status, err) == (0, "")
    assert "0.58707983473038992121" in out
    assert run("outlier", *complex_, "--alpha", 3, "--noise", 0.5)[0] == 2


def test_a_law_of_its_own_and_a_table_over_alpha(run):
    law = ("--law", "exp(-y)", "--signal", "y^2/2")
    method = Ensemble((y - 1) / (y + 1), labels_of(exp(-y), y**2 / 2))
    _, out, _ = run("edge", *BOUNDED, *law, "--alpha", "1,3", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["value"] for row in rows] == [edge(method, x).text("value") for x in (1, 3)]
    _, out, _ = run("outlier", *BOUNDED, *law, "--alpha", 9, "--side", "right", "--digits", 20)
    assert outlier(method, 9, 20, side="right").text("overlap2") in out
    _, out, _ = run("outlier", *OPTIMAL, "--alpha", "0.4")
    assert out == "no outlier: alpha = 0.4 is below the threshold 0.500000000000\n"


@pytest.mark.long
def test_lists_of_values_make_a_table_of_any_matrix(run, tmp_path):
    words = ("--weight", "(y-b)/(y+1)", "--set", "b=0.5:1.5:0.5", "--p-star", "1,2")
    words = (*words, "--side", "right", "--format", "csv")
    _, out, _ = run("table", *words)
    rows = list(csv.DictReader(io.StringIO(out)))
    # (b + 1)/2 for one teacher: T is one minus a weight of the optimal kind
    assert [row["alpha"][:4] for row in rows] == ["0.75", "1.50", "1.00", "2.00", "1.25", "2.50"]
    assert rows[0]["weight"] == "(y - 1/2)/(y + 1)"
    assert run("threshold", *words)[1] == out
    path = tmp_path / "table.csv"
    assert run("table", *words, "--output", path)[0] == 0
    assert path.read_text() == out
    assert [*tmp_path.iterdir()] == [path]
    _, text, _ = run("table", *words[:-2])
    assert "name" not in text


def test_a_law_shows_its_values(run):
    words = ("--weight", "(y-1)/(y+1)", "--law", "b*exp(-b*y)", "--signal", "y*b", "--set", "b=1,2")
    _, out, _ = run("table", *words, "--side", "right", "--format", "csv")
    laws = [row["law"] for row in csv.DictReader(io.StringIO(out))]
    assert laws == ["density exp(-y)", "density 2*exp(-2*y)"]


def test_the_mean_of_a_signal_is_told_where_it_is_not_one(run):
    words = ("threshold", *BOUNDED, *LAW, "--side", "right", "--signal")
    told = "bbpsym: signal has the mean 3 over law, not 1 as for covariance 1/N\n"
    assert run(*words, "3*y")[::2] == (0, told)
    assert run(*words, "y^2/2")[::2] == (0, "")


def test_a_weight_is_typeset_in_a_table(run):
    words = ("--weight", "3*y/(1+y)", "--p-star", 1, "--side", "right", "--alpha", "9,10")
    _, out, _ = run("edge", *words, "--format", "latex", "--columns", "weight,alpha")
    assert r"$\frac{3 y}{y + 1}$ & $9$" in out


@pytest.mark.long
def test_rows_without_an_outlier_hold_their_side_in_every_format(run):
    words = ("outlier", *BOUNDED, "--p-star", 1, "--side", "right", "--alpha", "0.1,2")
    found = record(run, *words, "--columns", "side,value")
    assert [(row["side"], row["value"] is None) for row in found] == [
        ("right", True),
        ("right", False),
    ]
    absent, there = record(run, *words)
    assert {*there} - {*absent} == {"unit", "digits"}
    _, out, _ = run(*words, "--columns", "side,value:4", "--format", "csv")
    assert out.startswith("side,value\nright,\nright,")


BAD = {
    "columns must be different: value stands twice": (
        *("outlier", *OPTIMAL, "--alpha", "1,2", "--columns", "value,value"),
    ),
    "digits of a column are not for json": (
        *("outlier", *OPTIMAL, "--alpha", "1,2", "--columns", "value:6", "--format", "json"),
    ),
    "p is for networks: a weight has none": ("threshold", *OPTIMAL, "--p", 2),
    "loss is for networks: a weight has none": ("threshold", *OPTIMAL, "--loss", "y"),
    "p_star must be given for the labels of teachers": ("threshold", "--weight", "y-1"),
    "signal must be given with law": ("threshold", "--weight", "y-1", "--law", "exp(-y)"),
    "p_star must not be given with law": ("threshold", *OPTIMAL, *LAW, "--signal", "y"),
    "noise must not be given with law": (
        *("threshold", "--weight", "y-1", *LAW, "--signal", "y", "--noise", "1"),
    ),
    "weight must be given with law": ("threshold", "--law", "exp(-y)", "--signal", "y"),
    'weight: "k" stands for nothing': ("threshold", "--weight", "y-k", "--p-star", 1),
    "N is for the paper's network only": ("outlier", *OPTIMAL, "--alpha", 1, "--N", 100),
}


@pytest.mark.parametrize(("sentence", "words"), BAD.items())
def test_bad_input_gives_one_sentence(run, sentence, words):
    status, out, err = run(*words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
