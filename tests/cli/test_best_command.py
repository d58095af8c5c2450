"""`bbpsym best`."""

import json
import re

import pytest


def test_the_best_width_and_the_best_normalisation(run):
    status, out, _ = run("best", "--p-star", 1, "--a", 0.7)
    assert status == 0
    assert out.startswith("Best p: 3\n")
    record = json.loads(run("best", "--p-star", 1, "--p", 3, "--format", "json")[1])
    assert record["threshold"]["a"] == record["value"] == 0.693638598277
    assert (record["best"], record["digits"]) == ("a", 12)
    record = json.loads(run("best", "--p-star", 1, "--a", 1.5, "--format", "json")[1])
    assert (record["value"], record["digits"]) == ("inf", None)
    for words in ((), ("--p", 3, "--a", 1)):
        status, out, err = run("best", "--p-star", 1, *words)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "one of p and a must be given" in err


def test_at_a_kink_no_rounded_type_is_told(run):
    _, out, _ = run("best", "--p-star", 1, "--p", 1)
    assert "at the change of type" in out
    assert re.search(r"overlap2 +0\n", out)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("best", "--p-star", 1, "--a", "0.7,1"), "a"),
        (("threshold", "--p", "1:3", "--p-star", 1, "--a", 1), "p"),
        (("edge", "--p", 1, "--p-star", "1,2", "--a", 1, "--alpha", 2), "p_star"),
        (("outlier", "--p", "1,2", "--p-star", 1, "--a", 1, "--alpha", 2), "p"),
    ],
)
def test_a_range_is_for_a_table(run, words, name):
    status, out, err = run(*words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"{name} must be one value, not " in err
    assert "ranges: bbpsym table" in err


def test_floats_claim_no_more_digits_than_they_hold(run):
    words = ("threshold", "--p", 2, "--p-star", 1, "--a", 0.7, "--digits", 30, "--format", "json")
    assert json.loads(run(*words, "--numbers", "floats")[1])["digits"] == 15
    assert json.loads(run(*words)[1])["digits"] == 30
