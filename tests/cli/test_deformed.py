"""Deformed Gaussian matrices on the command line."""

import csv
import json
from fractions import Fraction

import pytest

WORDS = ("deformed", "--diagonal", "15/16*(1-x^2)^2", "--support=-1,1", "--sigma", "0.3")
COVARIANCE = ("covariance", "--gamma", "1/2", "--population")


def test_edge_threshold_and_outliers(run):
    status, out, err = run(*WORDS, "--spike", "1,2", "--format", "json")
    assert status == 0, err
    found = json.loads(out)
    assert (found["edge"]["kind"], found["threshold"]["kind"]) == ("smooth", "discontinuous")
    assert [outlier["theta"] for outlier in found["outliers"]] == ["2", "1"]
    assert found["outliers"][1]["value"] == pytest.approx(1.2414239728, abs=1e-10)


@pytest.mark.parametrize(
    ("words", "at", "rho"),
    [
        (("deformed", "--sigma", "0.5,1"), 0, [0.63662, 0.318310]),  # 1/(pi sigma)
        ((*COVARIANCE, "1:1"), 1, [0.421084]),
    ],
    ids=["deformed", "covariance"],
)
def test_densities(run, words, at, rho):
    status, out, err = run(*words, "--only", "density", "--x", at, "--format", "json")
    assert status == 0, err
    assert [(row["x"], row["density"]) for row in json.loads(out)] == [(at, x) for x in rho]


def test_a_row_at_a_threshold_does_not_end_a_table(run):
    for words in (
        ("deformed", "--spike", "1:2:1"),
        ("covariance", "--population", "1:1", "--gamma", "0.25", "--spike", "1.5,2"),
    ):
        status, out, err = run(*words, "--certified", "--columns", "value,overlap2")
        assert status == 0, err
        rows = [line.split() for line in out.splitlines() if line]
        assert rows[3] == ["?", "?"]
        assert rows[4][0] == "2.50000000000000"
        assert rows[5][:3] == ["?:", "so", "close"]
        at, beyond = json.loads(run(*words, "--certified", "--format", "json")[1])
        assert at["undecided"] is True
        assert at["value"] is None
        assert "undecided" not in beyond


def test_spikes_of_both_signs_are_shown_on_both_sides(run):
    status, out, err = run("deformed", "--spike", "1.5,-2", "--format", "json")
    assert status == 0, err
    right, left = json.loads(out).items()
    assert (right[0], left[0]) == ("right", "left")
    assert right[1]["outliers"][0]["value"] == pytest.approx(1.5 + 1 / 1.5)
    assert left[1]["outliers"][0]["value"] == pytest.approx(-2.5)
    assert left[1]["threshold"]["theta"] == -1
    assert run("deformed", "--spike", "1.5,-2")[1].count("  theta     ") == 4


def test_where_there_is_no_outlier_its_side_and_threshold_are_named(run):
    words = ("deformed", "--spike", 1.5, "--side", "left")
    none = "no outlier left of the bulk: no spike beyond the threshold -1.00000000000"
    assert run(*words)[1].splitlines()[-1] == none
    assert run(*words, "--format", "latex")[1].endswith("$\\text{no outlier left of the bulk}$\n")
    assert json.loads(run(*words, "--format", "json")[1])["outliers"] == []
    assert json.loads(run("deformed", "--format", "json")[1])["outliers"] is None


def test_values_with_probabilities_and_finite_sizes(run):
    status, out, _ = run("deformed", "--diagonal", "0:1/2,1:1/2", "--spike", 0.1)
    assert status == 0
    assert "no outlier right of the bulk: no spike beyond the threshold 1." in out
    words = (*WORDS, "--spike", 0.75, "--N", 200, "--samples", 5, "--seed", 1)
    status, out, _ = run(*words)
    assert status == 0
    assert out.startswith("DeformedGaussian(")
    assert "phi " in out
    assert "5 diagonals of N = 200" in out
    assert out.endswith("alone: what J adds is not in it)\n")
    assert "alone" in json.loads(run(*words, "--format", "json")[1])["deviations"]


def test_a_sample_covariance(run):
    words = ("covariance", "--population", "1:1/2,3:1/2", "--gamma", "1/2")
    status, out, err = run(*words, "--spike", 8, "--format", "json")
    assert status == 0, err
    found = json.loads(out)
    assert found["edge"]["value"] == found["threshold"]["value"]
    assert found["outliers"][0]["overlap2"] == pytest.approx(0.763166953528, abs=1e-11)
    none = "no outlier right of the bulk: no spike beyond the threshold 4.51540640511\n"
    assert run(*words, "--spike", 4)[1].endswith(none)


def test_tables_over_sigma_and_spikes(run, tmp_path):
    words = ("deformed", "--sigma", "0.5:1.5:0.5", "--spike", "1:2:0.5", "--format", "csv")
    status, out, err = run(*words)
    assert status == 0, err
    rows = [*csv.DictReader(out.splitlines())]
    assert [(row["sigma"], row["spike"]) for row in rows[2:5]] == [
        ("0.5", "2"),
        ("1", "1"),
        ("1", "1.5"),
    ]
    for row in rows:
        sigma, theta = Fraction(row["sigma"]), Fraction(row["spike"])
        expected = float(theta + sigma**2 / theta) if theta > sigma else None
        assert (float(row["value"]) if row["value"] else None) == pytest.approx(expected)
    file = tmp_path / "edges.tex"
    assert run("deformed", "--sigma", "1,2", "--only", "edge", "--output", file)[0] == 0
    assert "Edges of matrices" in file.read_text()
    both = ("deformed", "--spike", "2,-3", "--only", "outliers", "--format", "json")
    assert [row["side"] for row in json.loads(run(*both)[1])] == ["right", "left"]


def test_few_values_are_certified(run):
    words = ("deformed", "--diagonal", "0:2/3,3:1/3", "--spike", 6, "--digits", 20, "--certified")
    status, out, err = run(*words)
    assert status == 0, err
    assert "7.5389479899356809966" in out
    assert out.count("every digit certified") == 3
    status, out, err = run(*WORDS, "--certified", "--only", "threshold", "--format", "csv")
    (row,) = csv.DictReader(out.splitlines())
    assert (row["theta"], row["overlap2"]) == ("0.800000000000000", "0.484375000000000")
    root = ("deformed", "--diagonal", "2/pi*sqrt(1-x^2)", "--support=-1,1")
    status, _, err = run(*root, "--certified")
    assert (status, "certified must be False" in err) == (2, True)


def test_a_table_of_sample_covariances(run):
    words = ("covariance", "--population", "1:1", "--gamma", "1/4,4", "--format", "csv")
    status, out, err = run(*words, "--only", "edge", "--side", "left")
    assert status == 0, err
    assert [row["value"] for row in csv.DictReader(out.splitlines())] == [
        "0.250000000000",
        "1.00000000000",
    ]
    status, out, err = run(*words, "--spike", "0.25,3")
    assert [row["side"] for row in csv.DictReader(out.splitlines())] == 2 * ["left", "right"]


def test_edges_stand_on_the_sides_that_spikes_leave(run):
    words = (*COVARIANCE, "1:1/2,3:1/2", "--only", "edge", "--format", "json")
    for spikes, sides in (("0.1", ["left"]), ("0.2,8,9", ["left", "right"])):
        status, out, err = run(*words, "--spike", spikes)
        assert status == 0, err
        assert [row["side"] for row in json.loads(out)] == sides


def test_an_edge_that_no_spike_leaves(run):
    words = ("covariance", "--population", "1:1", "--gamma", 2, "--side", "left")
    for more in ((), ("--spike", 0.2)):
        status, out, err = run(*words, *more)
        assert status == 0, err
        assert "value  0.171572875254" in out  # (1 - sqrt(2))^2
        assert out.endswith("whatever the spike: there is no threshold for gamma above 1\n")
    assert json.loads(run(*words, "--format", "json")[1])["threshold"] is None


def test_columns_have_their_symbols_in_latex(run):
    words = ("--spike", "2,3", "--format", "latex", "--only", "outliers")
    assert r"$\gamma$ & $\ell$ & side" in run(*COVARIANCE, "1:1", *words)[1]
    assert r"$\sigma$ & $\theta$ & side" in run("deformed", "--sigma", "1,2", *words)[1]
    given = ("--p", "2,3", "--p-star", 1, "--a", 0.7, "--alpha", 2, "--x", 0)
    out = run("density", *given, "--format", "latex")[1]
    assert r"$p$ & $p^*$ & \multicolumn{2}{c}{$a$} & \multicolumn{2}{c}{$\alpha$} &" in out
    assert r"\multicolumn{2}{c}{$x$} & \multicolumn{2}{c}{$\rho$}" in out


BAD = {
    "support must be given": WORDS[:3],
    "x must not be given without --only density": (*WORDS, "--x", 0),
    "spike must not be given with --only density": (*WORDS, "--spike", 1, "--only", "density"),
    "support is for a diagonal": ("deformed", "--support=-1,1"),
    "N must come with seed": (*WORDS, "--spike", 1, "--N", 100),
    "output must not be given with N": (
        *(*WORDS, "--spike", 1, "--N", 100, "--seed", 1, "--output", "a.json"),
    ),
    "N must come with a diagonal": ("deformed", "--spike", 2, "--N", 100, "--seed", 1),
    "samples is for sampled diagonals": (*WORDS, "--samples", 7),
    "seed is for sampled diagonals": (*WORDS, "--seed", 0),
    "diagonal must have each value once, not 0 twice": (
        *("deformed", "--diagonal", "0:1/2,0.0:1"),
    ),
    "population must have each value once": (*COVARIANCE, "1:1/2,1:1"),
    "population must not be zero alone": (*COVARIANCE, "0:1"),
    "support is for a population with a density, not for values": (
        *(*COVARIANCE, "1:1", "--support=1,2"),
    ),
    "spike must be below 1 or above 3": (*COVARIANCE, "1:1/2,3:1/2", "--spike", "2"),
    "not 2: only what leaves": (*COVARIANCE, "1:1/2,3:1/2", "--spike", "2", "--only", "edge"),
    "spike must not be 1, the one value": (*COVARIANCE, "1:1", "--spike", "1"),
    "population must be bounded for a spike": (
        *(*COVARIANCE, "exp(-x)", "--support=0,inf", "--spike", 3),
    ),
    "spike must be given for outliers": ("deformed", "--only", "outliers"),
    "spike must be negative for an outlier on the left, not 2": (
        *("deformed", "--sigma", "1,2", "--spike", 2, "--side", "left", "--only", "outliers"),
    ),
    "N must come with one sigma": (
        *(*WORDS[:-1], "0.3,0.4", "--spike", 1, "--N", 100, "--seed", 1),
    ),
    "must be csv for an output in .csv": (*WORDS, "--output", "a.csv", "--format", "json"),
    "spike must be a number": (*WORDS, "--spike", "a"),
    "sigma must be": ("deformed", "--sigma", "-1"),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_ends_with_one_sentence(run, sentence):
    status, _, err = run(*BAD[sentence])
    assert status == 2
    assert sentence in err
    assert err.count("\n") == 1
