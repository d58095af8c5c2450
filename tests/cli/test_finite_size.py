"""The commands about finite systems."""

import csv
import io
import json

import pytest

from bbpsym import Model, alpha_zero, finite_edge
from bbpsym.answers.finite_edge import EXPLAINED, NUMBERS

MODEL = ("--p", 1, "--p-star", 1, "--a", 1.5)


def test_finite_edge_prints_a_row_for_every_size(run):
    code, out, err = run("finite-edge", *MODEL, "--alpha", "1.2,3", "--N", "1e3,1e15")
    assert (code, err) == (0, "")
    found = finite_edge(Model(1, 1, "1.5"), "1.2", 10**15)
    (row,) = [line for line in out.splitlines() if line.startswith("1.2") and "1e15" in line]
    assert found.text("median") in row
    assert "smooth edge: conjectured" in out
    assert "sharp edge: derived" in out
    for name in NUMBERS:
        assert any(name in names for names in EXPLAINED)
    assert "expected_one: where one eigenvalue is expected below." in out
    assert "<pre>Model(p=1, p_star=1, a=&#x27;1.5&#x27;)\n  alpha" in found._repr_html_()


def test_finite_edge_in_other_formats(run):
    words = ("finite-edge", *MODEL, "--alpha", 3, "--N", "100:1000:900", "--format")
    (first, second) = json.loads(run(*words, "json")[1])
    assert (first["N"], second["N"], second["kind"]) == (100, 1000, "sharp")
    rows = list(csv.DictReader(io.StringIO(run(*words, "csv")[1])))
    assert float(rows[1]["median"]) == second["median"]
    assert run(*words, "markdown")[1].count("|") > 20
    assert r"\begin{tabular}" in run(*words, "latex")[1]


def test_columns_and_digits_of_a_finite_edge(run):
    words = ("finite-edge", *MODEL, "--alpha", 3, "--N", 100, "--columns", "a,N,median:3")
    text, value = run(*words)[1], finite_edge(Model(1, 1, "1.5"), 3, 100).median
    assert text.splitlines()[:3][::2] == ["a    N    median", f"1.5  100  {value:.3g}"]
    assert ("median, lower" in text, "distance:" in text) == (True, False)
    assert json.loads(run(*words[:-1], "N", "--format", "json")[1]) == [{"N": 100}]
    assert "as in alpha,edge:6." in run(*words[:-2], "--format", "latex")[1]


def test_models_have_columns_where_there_are_several(run):
    words = ("--p", 1, "--p-star", 1, "--a", "1,1.5", "--alpha", 3, "--N", 100)
    _, out, _ = run("finite-edge", *words)
    assert out.split()[:3] == ["p", "p_star", "a"]
    _, alone, _ = run("finite-edge", *MODEL, *words[6:])
    assert alone.splitlines()[4].split()[3:] == out.splitlines()[3].split()[6:]


def test_alpha_zero_prints_a_row_for_every_model(run):
    code, out, _ = run("alpha-zero", "--p", "1,inf", "--p-star", 1, "--a", "1,1.5")
    assert code == 0
    assert "p='inf', p_star=1, a='1.5') has no resonance: at p = inf" in out
    assert alpha_zero(Model(1, 1, "1.5")).text("resonance") in out
    assert "continuous" in out
    records = json.loads(
        run("alpha-zero", "--p", 1, "--p-star", 1, "--a", 1.5, "--format", "json")[1]
    )
    assert records[0]["resonance"] == pytest.approx([1.0977866, 0.0063775], abs=1e-6)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("finite-edge", *MODEL, "--alpha", 1, "--N", 5), "N must be an integer from 10"),
        (("finite-edge", *MODEL, "--alpha", -1, "--N", 50), "alpha must be a number"),
        (("finite-edge", *MODEL, "--alpha", 1, "--N", ""), "N must be a list of whole numbers"),
        (("finite-edge", *MODEL, "--alpha", 1, "--N", "1e3:1e4"), "N must have a step, as in"),
        (("finite-edge", *MODEL, "--alpha", 1, "--N", "1e3,1000"), "N must hold every value once"),
        (("alpha-zero", "--p", 0, "--p-star", 1, "--a", 1), "p must be an integer"),
    ],
)
def test_bad_input_is_one_sentence(run, words, sentence):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.long
def test_alpha_zero_with_a_predicted_crossing(run):
    words = ("alpha-zero", *MODEL, "--samples", 20, "--format", "json", "--N")
    (record,) = json.loads(run(*words, "1000")[1])
    assert 0.9 < record["crossing"] < 1.3
    code, _, err = run(*words[:-1])
    assert (code, "samples must not be given without N" in err) == (2, True)
    code, _, err = run(*words, "1e3,1e4,1e5")
    assert (code, err.count("\n")) == (2, 1)
    assert "N must be" in err
