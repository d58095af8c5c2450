"""Deformed Gaussian matrices on the command line."""

import json

import pytest

WORDS = ("deformed", "--diagonal", "15/16*(1-x^2)^2", "--support=-1,1", "--sigma", "0.3")


def test_edge_threshold_and_outliers(run):
    status, out, err = run(*WORDS, "--spike", "1,2", "--format", "json")
    assert status == 0, err
    edge, threshold, *outliers = json.loads(out)
    assert (edge["kind"], threshold["kind"]) == ("smooth", "discontinuous")
    assert [found["theta"] for found in outliers] == ["2", "1"]
    assert outliers[1]["value"] == pytest.approx(1.2414239728, abs=1e-10)


def test_values_with_probabilities_and_finite_sizes(run):
    status, out, _ = run("deformed", "--diagonal", "0:1/2,1:1/2", "--spike", 0.1)
    assert status == 0
    assert out.endswith("no outlier\n")
    status, out, _ = run(*WORDS, "--spike", 0.75, "--N", 200, "--samples", 5, "--seed", 1)
    assert status == 0
    assert "phi " in out


def test_a_sample_covariance(run):
    words = ("covariance", "--population", "1:1/2,3:1/2", "--gamma", "1/2")
    status, out, err = run(*words, "--spike", 8, "--format", "json")
    assert status == 0, err
    edge, threshold, outlier = json.loads(out)
    assert edge["value"] == threshold["value"]
    assert outlier["overlap2"] == pytest.approx(0.763166953528, abs=1e-11)
    assert run(*words, "--spike", 4)[1].endswith("no outlier\n")


BAD = {
    "support must be given": WORDS[:3],
    "support is for a diagonal": ("deformed", "--support=-1,1"),
    "N must come with seed": (*WORDS, "--spike", 1, "--N", 100),
    "spike must be a number": (*WORDS, "--spike", "a"),
    "sigma must be": ("deformed", "--sigma", "-1"),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_ends_with_one_sentence(run, sentence):
    status, _, err = run(*BAD[sentence])
    assert status == 2
    assert sentence in err
    assert err.count("\n") == 1
