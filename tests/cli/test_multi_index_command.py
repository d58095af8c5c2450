"""Teachers of several indices on the command line."""

import csv
import json

import numpy as np
import pytest

from bbpsym import density
from tests.answers.test_multi_index import mixed

PRODUCT = ("multi-index", "--teacher", "u1*u2")


def test_thresholds_and_what_no_method_sees(run):
    status, out, err = run(*PRODUCT)
    assert status == 0, err
    assert out.count("0.593751098222  0.593751098222  1.00000000000  0") == 2
    assert out.endswith("sees u1*u2 below alpha = 0.593751098222.\n")


def test_outliers_are_a_table(run):
    status, out, err = run(*PRODUCT, "--alpha", "0.5,0.8,1:2:1", "--format", "json")
    assert status == 0, err
    rows = json.loads(out)
    assert [row["alpha"] for row in rows] == 2 * [0.5, 0.8, 1, 2]
    assert rows[0]["overlap2"] is None
    assert [row["overlap2"] for row in rows[1:4]] == pytest.approx(
        [0.0693270, 0.1388052, 0.4325386], abs=6e-8
    )


def test_densities_are_those_of_python(run):
    few = ("--density=-1:1/3,0:1/3,1:1/3", "--moments", "1+y/2;(3*y^2-2)/4;1", "--alpha", "8")
    status, out, err = run("multi-index", *few, "--only", "density", "--x", 0, "--format", "json")
    assert status == 0, err
    (method,) = mixed().methods()
    assert [row["density"] for row in json.loads(out)] == [round(density(method, 8, 0), 3)]


def test_a_weight_of_ones_own_misses_a_direction_on_each_side(run, tmp_path):
    file = tmp_path / "seen.csv"
    words = ("--weight", "y/(1+abs(y))", "--side", "both", "--output", file)
    status, out, err = run(*PRODUCT, *words)
    assert (status, out) == (0, ""), err
    rows = [*csv.DictReader(file.read_text().splitlines())]
    assert [(row["side"], row["alpha"]) for row in rows if row["alpha"]] == [
        ("left", "1.13596090399"),
        ("right", "1.13596090399"),
    ]
    assert len(rows) == 4


def test_a_label_of_ones_own_is_certified(run):
    law = ("--density=-1:1/2,1:1/2", "--moments", "1; 2*y/pi; 1")
    status, out, err = run("multi-index", *law, "--certified", "--digits", 20, "--format", "csv")
    assert status == 0, err
    assert out.count("2.4674011002723396547") == 2
    density = ("--density", "exp(-y/2)/2", "--support=0,inf", "--moments", "y/2;0;y/2")
    status, out, err = run("multi-index", *density)
    assert out.count("continuous  1.00000000000") == 2, err


def test_a_direction_of_which_nothing_is_known_has_no_numbers(run):
    law = ("--density=0:1/2,2:1/2", "--moments", "y;0;1")
    for more in ((), ("--alpha", 1.5)):
        status, out, err = run("multi-index", *law, *more, "--format", "json")
        assert status == 0, err
        assert [row["value"] is None for row in json.loads(out)] == [False, True]
    out = run("multi-index", "--density=0:1/2,2:1/2", "--moments", "1;0;1")[1]
    assert out.endswith("sees 0:1/2,2:1/2 at any alpha.\n")


GAUSSIAN = ("multi-index", "--density", "exp(-y^2/2)/sqrt(2*pi)", "--moments", "y^2")


def test_a_law_of_ones_own_tells_nothing_of_means(run):
    for support in ("-inf,inf", "-inf,0,inf"):
        status, out, err = run(*GAUSSIAN, f"--support={support}")
        assert status == 0, err
        assert "If E[u|y] = 0, no method of low degree sees" in out
        assert out.endswith("below alpha = 0.500000000000.\n")


def test_optimal_weights_have_one_side(run):
    status, out, err = run(*PRODUCT, "--side", "both", "--alpha", 1)
    assert status == 0, err
    assert out.count("0.138805158713") == 2
    assert "Optimal weights have their outliers right of the bulk only." in out


def test_balls_name_the_methods_whose_roots_may_not_be_alone(run):
    status, out, err = run("multi-index", "--teacher", "sign(u1*u2)", "--certified")
    assert status == 0, err
    assert "is not for OptimalMethod(sign(u1*u2), direction=(" in out


@pytest.mark.parametrize(
    ("text", "least"),
    [("u1^2+2*u2^2", 0.615720014887), ("u2**2 + u1^2", 1), ("u2*u1", 0.593751098222)],
)
def test_a_teacher_is_known_however_it_is_written(run, text, least):
    status, out, err = run("multi-index", "--teacher", text, "--format", "json")
    assert status == 0, err
    assert json.loads(out)[0]["alpha"] == pytest.approx(least, abs=1e-11)


def test_a_direction_that_lattices_do_not_see_leaves_the_other_its_threshold(run):
    status, out, err = run("multi-index", "--teacher", "(u1+u2)^2")
    assert status == 0, err
    first, second = (line.split() for line in out.splitlines() if line.startswith("(u1"))
    assert first[1:5] == ["0.7071,", "0.7071", "continuous", "0.500"]  # no digit of noise
    assert second[3:] == ["?"] * 5
    assert "a threshold too far away to be seen" in out


def test_steps_are_printed_in_every_format(run):
    words = ("multi-index", "--teacher", "u1^2+sign(u1*u2*u3)", "--staircase", "--format")
    status, out, err = run(*words, "csv")
    assert (status, err) == (0, "")
    rows = [line.split(",") for line in out.splitlines()]
    assert rows == [["found", "given", "alpha"], ["u1", "", "0.575166352288"], *rows[2:]]
    steps = json.loads(run(*words, "json")[1])
    assert [step["given"] for step in steps] == [[], ["u1"]]
    assert steps[1]["alpha"] == pytest.approx(np.pi**2 / 4)
    hidden = ("multi-index", "--teacher", "sign(u1*u2*u3)", "--staircase")
    assert "never" in run(*hidden)[1]
    (step,) = json.loads(run(*hidden, "--format", "json")[1])
    assert step["alpha"] is None
    assert r"\caption{Steps}" in run(*hidden, "--format", "latex", "--caption", "Steps")[1]


def test_an_alpha_at_a_threshold_does_not_end_a_table(run):
    words = ("multi-index", "--teacher", "u1/u2", "--alpha", "0.5,1,1.5", "--format", "csv")
    status, out, err = run(*words, "--columns", "alpha,value")
    assert status == 0, err
    assert out.split() == ["alpha,value", "0.5,", "1,?", "1.5,1.00000000000"]


def test_what_is_given_is_said(run):
    _, out, _ = run("multi-index", "--teacher", "u2*u3", "--columns", "direction,alpha:10")
    assert out.count("0.5937510982") == 3
    assert out.endswith("Directions are in u2, u3: no label tells of u1.\n")
    _, out, _ = run("multi-index", "--teacher", "u1*u2*u3", "--given", "u1", "--columns", "alpha:6")
    assert out.count("0.593751") == 3
    assert "what is left of u1*u2*u3 if u1 is known, by new names" in out


def test_a_teacher_with_one_matrix_for_all_indices(run):
    law = ("--density=-1:1/3,0:1/3,1:1/3", "--moments", "1+y/2; (3*y^2-2)/4; 1")
    mixed = ("multi-index", *law)
    excess = [np.array([[y / 2, (3 * y**2 - 2) / 4], [(3 * y**2 - 2) / 4, 0]]) for y in (-1, 0, 1)]
    norm = np.linalg.eigvalsh(sum(np.kron(G, G) for G in excess) / 3)[-1]
    status, out, err = run(*mixed)
    assert (status, err) == (0, "")
    assert "common eigenvectors" in out
    (record,) = json.loads(run(*mixed, "--format", "json")[1])
    assert record["alpha"] == pytest.approx(1 / norm, rel=1e-11)
    rows = json.loads(run(*mixed, "--alpha", "2,8", "--format", "json")[1])
    assert [row["value"] for row in rows] == [None, 1]
    assert rows[1]["overlap2"] == pytest.approx(np.sum(np.square(rows[1]["overlap"])))
    shown = run(*mixed, "--alpha", "2,8", "--columns", "alpha,shares", "--format", "csv")[1]
    assert shown.splitlines()[:2] == ["alpha,shares", "2,"]
    for option in (("--side", "left"), ("--digits", 30), ("--weight", "y")):
        status, _, err = run(*mixed, *option)
        assert (status, err.count("\n")) == (2, 1)


BAD = {
    "teacher must show whole indices first, not mixtures": (
        *("multi-index", "--teacher", "sin(u1+u2)", "--staircase"),
    ),
    "only must come with alpha": ("multi-index", "--teacher", "u1*u2", "--only", "edge"),
    "given must come with teacher": (
        *("multi-index", "--density=-1:1/2,1:1/2", "--moments", "1;0;1", "--given", "u1"),
    ),
    "alpha must not be given with staircase": (*PRODUCT, "--staircase", "--alpha", "1"),
    "side must not be given with staircase": (*PRODUCT, "--staircase", "--side", "left"),
    "caption is for the format latex": (*PRODUCT, "--staircase", "--caption", "Steps"),
    "teacher must be given, or density": ("multi-index",),
    '"c" stands for nothing': ("multi-index", "--teacher", "u1^2+c*u2^2"),
    "moments must be means of squares": (
        *("multi-index", "--density=-1:1/2,1:1/2", "--moments", "1;2*y;1"),
    ),
    "support must not be given with teacher": (*PRODUCT, "--support=0,1"),
    "support is for a density, not for values": (
        *("multi-index", "--density=-1:1/2,1:1/2", "--moments", "1;0;1", "--support=0,1"),
    ),
    "staircase must come with teacher": ("multi-index", "--staircase"),
    "support must be given": ("multi-index", "--density", "1", "--moments", "1"),
    "upper triangle of 1, 3, 6": (
        *("multi-index", "--density", "1", "--moments", "1;1", "--support=0,1"),
    ),
    "must be csv for an output in .csv": (*PRODUCT, "--output", "a.csv", "--format", "json"),
    "certified must be False": (*PRODUCT, "--certified"),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_ends_with_one_sentence(run, sentence):
    status, _, err = run(*BAD[sentence])
    assert status == 2
    assert sentence in err
    assert err.count("\n") == 1
