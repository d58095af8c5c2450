"""Tables in every format, against golden files."""

import copy
import csv
import io
import json
import math
import pickle
import re
import sys
from pathlib import Path

import pytest
from sympy import symbols

from bbpsym import (
    DeformedGaussian,
    Ensemble,
    Model,
    Network,
    edge,
    table,
    teacher_labels,
    threshold,
    thresholds,
)
from bbpsym.answers.result_table import UNIT_NOTE
from bbpsym.errors import BBPError, DomainError, Suggesting
from bbpsym.writing.grid import FORMATS, written
from bbpsym.writing.latex_table import PAGE, latex_table

GOLDEN = Path(__file__).parents[1] / "golden"
x, y, yh = symbols("x y yh")
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
    assert written(tables[digits], form) + "\n" == expected


@pytest.mark.parametrize("digits", [None, 20])
def test_csv_and_json_say_the_same(tables, digits):
    records = json.loads(tables[digits].to_json())
    rows = list(csv.DictReader(io.StringIO(tables[digits].to_csv())))
    for record, row in zip(records, rows, strict=True):
        for key in ("alpha", "alpha_c", "value", "overlap2"):
            assert float(row[key]) == float(record[key])
        assert (row["p"], row["kind"]) == (str(record["p"]), record["kind"])


def test_json_records_carry_the_promised_keys(tables):
    keys = {"p", "p_star", "a", "kind", "alpha", "alpha_c", "value", "overlap2"}
    for record in json.loads(tables[None].to_json()):
        assert keys <= set(record)
        assert isinstance(record["alpha"], float)
    for record in json.loads(tables[20].to_json()):
        assert all(isinstance(record[key], str) for key in ("alpha", "value", "a"))


def test_every_printed_digit_is_right(tables):
    for row in tables[None].rows:
        precise = threshold(row.model, 30)
        for name in ("alpha", "alpha_c", "value", "overlap2"):
            assert row.text(name) == f"{float(getattr(precise, name)):#.12g}".replace(
                "0.00000000000", "0" if row.overlap2 == 0 and name == "overlap2" else ""
            )


def test_html_for_jupyter(tables):
    page = tables[None]._repr_html_()
    assert page.startswith("<table>")
    assert r"$\alpha_{\mathrm{BBP}}$" in page
    assert "0.927055296717" in page
    assert UNIT_NOTE in page


def test_a_terminal_shows_a_table_and_not_its_parts(tables):
    assert repr(tables[None]) == f"<{tables[None]}>"


def test_the_unit_is_noted_only_where_it_matters():
    assert UNIT_NOTE not in table(MODELS[:1]).to_text()


def test_a_single_model_is_a_table_of_one_row():
    found = table(MODELS[0])
    assert found.rows == table(MODELS[:1]).rows
    assert found.to_text().splitlines()[2].split()[:4] == ["p", "p_star", "a", "kind"]


def test_an_empty_table_is_a_table():
    assert "alpha_c" in table([]).to_text()


def test_bad_input():
    for models in ([1, 2], None, 3):
        with pytest.raises(DomainError, match="models must be a list of Model objects"):
            table(models)
    with pytest.raises(DomainError, match="digits must be"):
        table(MODELS, digits=-1)
    with pytest.raises(DomainError, match=r"once, and Model\(p=3, p_star=2, a='1'\) stands there"):
        table([*MODELS, Model(3, 2, "1.0")])


def test_a_misspelt_attribute_of_an_answer_is_suggested(tables):
    with pytest.raises(AttributeError, match=r"no attribute 'alpha_BBP'; do you mean .alpha.\?"):
        _ = threshold(Model(2, 1, 1)).alpha_BBP
    with pytest.raises(AttributeError, match=r"Threshold has no attribute 'overlap'; .*overlap2"):
        _ = tables[None][0].overlap
    assert not hasattr(tables[None][0], "_anything")


@pytest.mark.parametrize(
    ("problem", "wrong", "right"),
    [
        (Model(2, 1, 1), "pstar", "p_star"),
        (Network(x**2, (y - yh) ** 2), "noize", "noise"),
        (Ensemble(y, teacher_labels(1)), "wieght", "weight"),
        (DeformedGaussian(), "sigm", "sigma"),
        (Model(2, 1, 1), "treshold", r"threshold\(model, ...\)"),
        (Model(2, 1, 1), "compare", r"compare\(p_star, ...\)"),
        (thresholds(2, 1, [1, 2]), "alpha_bbp", "alpha"),
        (table(MODELS), "to_pandas", "to_frame"),
    ],
)
def test_a_misspelt_attribute_or_a_verb_is_suggested(problem, wrong, right):
    with pytest.raises(AttributeError, match=f"no attribute '{wrong}'; do you mean .{right}.\\?"):
        getattr(problem, wrong)
    assert pickle.loads(pickle.dumps(problem)) == copy.deepcopy(problem) == problem
    assert not hasattr(problem, "_repr_png_")


def test_a_property_that_fails_says_why():
    class Failing(Suggesting):
        @property
        def value(self):
            return self.missing

    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        _ = Failing().value


def test_a_table_is_a_sequence_of_its_rows(tables):
    found = tables[None]
    assert len(found) == 3
    assert [row.kind for row in found] == ["continuous", "discontinuous", "discontinuous"]
    assert found[-1].model == MODELS[-1]
    assert found[1:].rows == found.rows[1:]
    assert found.rows[1] in found


def test_columns_and_digits_are_chosen(tables):
    chosen = tables[20].choose("p", "alpha", "overlap2", digits={"alpha": 15, "overlap2": 3})
    assert chosen.to_csv() == (
        "p,alpha,overlap2\n2,0.927055296717066,0\n"
        "3,2.02169445765084,0.00979\ninf,0.666666666666667,0.0625"
    )
    assert json.loads(chosen.to_json())[0].keys() == {"p", "alpha", "overlap2"}
    with pytest.raises(DomainError, match="columns must be among p, p_star, a, kind, alpha,"):
        tables[20].choose("lambda")
    with pytest.raises(DomainError, match="digits of alpha must be from 1 to 12, not 13"):
        tables[None].choose(digits={"alpha": 13})
    with pytest.raises(DomainError, match="digits are for numbers that were computed, not for p"):
        tables[None].choose(digits={"p": 3})


def test_json_numbers_are_strings_or_floats_as_asked(tables):
    (strings, *_), (floats, *_) = tables[None].records(True), tables[20].records(False)
    assert (strings["alpha"], strings["a"]) == ("0.927055296717", "0.7")
    assert (floats["alpha"], floats["a"]) == (0.92705529671706608467, 0.7)


def test_a_frame_has_the_columns_and_numbers_of_the_table(tables, monkeypatch):
    class Pandas:
        DataFrame = dict

    monkeypatch.setitem(sys.modules, "pandas", Pandas)
    found = tables[None].to_frame()
    assert [*found] == tables[None].to_csv().split("\n")[0].split(",")
    assert found["alpha"] == [row.alpha for row in tables[None]]
    assert found["p"] == [2, 3, math.inf]
    many = thresholds(MODELS).to_frame()
    assert many["alpha"].tolist() == pytest.approx(found["alpha"], rel=1e-12)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(BBPError, match="to_frame needs pandas"):
        tables[None].to_frame()


def widths(latex):
    """Width of every line of a tabular in digits, roughly: what LaTeX typesets of it."""
    rows = [line.split(" & ") for line in latex.splitlines() if line.endswith(r"\\")]
    cells = [[re.sub(r"\\[a-z]+|[^\w.-]", "", cell) for cell in row] for row in rows[1:]]
    return [sum(max(map(len, column)) for column in zip(*cells, strict=True))]


def test_latex_has_weights_as_formulas_and_goes_on_on_the_next_page():
    weight = Ensemble((y - 1) / (abs(y) + 1), teacher_labels(1))
    chosen = edge(weight, [1, 2]).choose("weight", "value")
    assert r"$\frac{y - 1}{\left\vert {y}\right\vert  + 1}$ &" in chosen.to_latex()
    assert "|y" not in chosen.to_markdown()
    rows = [["2", f"0.{'1234567890' * 5}", f"-1.{'1234567890' * 5}e-12"]] * 15
    short, long = (latex_table("pxy", [False, True, True], rows[:k], [], "C") for k in (14, 15))
    assert r"\begin{table}" in short
    lines = long.splitlines()
    assert lines[1:3] == [r"\begin{longtable}{rr@{}lr@{}l}", r"\caption{C} \\"]
    assert sum(line.endswith(r"\\*") for line in lines) == 15 * 2


def test_latex_stands_at_the_point_and_fits_a_page(tables):
    latex = tables[None].to_latex("Thresholds", "tab:thresholds")
    assert r"\caption{Thresholds}" + "\n" + r"\label{tab:thresholds}" in latex
    assert "$0$ & $.927055296717$" in latex
    long = [["2", f"0.{'1234567890' * 5}", f"-1.{'1234567890' * 5}e-12"]] * 2
    latex = latex_table(["$p$", "$x$", "$y$"], [False, True, True], long)
    assert latex.count("12345\\,67890") == 2 * 2 * 5
    assert latex.count(r"\times 10^{-12}") == 2
    assert max(widths(latex)) < PAGE
    texts = ["2/3", "0.060(12)", "6.030(54)e-07", "3*y/(y + 1)", "1 - 1/y", "2nd", "-"]
    cells = latex_table(["$x$"], [False], [[text] for text in texts]).splitlines()[4:-2]
    known = [r"$\frac{2}{3}$", "$0.060(12)$", r"$6.030(54) \times 10^{-7}$", *texts[3:]]
    assert cells == [rf"{cell} \\" for cell in known]
    unbroken = latex_table(["$x$"], [True], [[f"0.{'1234567890' * 5}"]])
    assert len(unbroken.splitlines()) == 7


def test_a_title_says_what_no_chosen_column_shows():
    found = table([Model(p, 1, a) for p in (1, 2) for a in (1, 2)])
    assert "initialisation for p_star = 1 (" in found.choose("p", "a", "alpha").title
    assert "initialisation (" in found.title
    assert " for " not in found.choose("p_star", "a", "alpha").title
