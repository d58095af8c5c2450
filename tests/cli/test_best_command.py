"""`bbpsym best`."""

import json
import re


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


def test_lists_are_read_by_every_command(run):
    both = json.loads(run("best", "--p-star", "1,2", "--a", 0.7, "--format", "json")[1])
    assert [record["value"] for record in both] == [3, 6]
    found = json.loads(run("critical-a", "--p", "1:2", "--p-star", 1, "--format", "json")[1])
    assert [record["p"] for record in found] == [1, 2]
    _, out, _ = run("critical-a", "--p", "1:2", "--p-star", 1)
    assert out.splitlines()[-1].split() == ["2", "1", "0.830386524051"]


def test_the_best_of_several_are_a_table(run):
    words = ("best", "--p-star", 1, "--a", "0.7,1.5", "--format")
    columns = ("--columns", "a,p,alpha:5")
    assert run(*words, "csv", *columns)[1] == "a,p,alpha\n0.7,3,0.82707\n1.5,inf,1.2500\n"
    (_, last) = json.loads(run(*words, "json", "--columns", "a,p,alpha")[1])
    assert last == {"a": 1.5, "p": "inf", "alpha": 1.25}
    assert "from 1 to 12, not 13" in run(*words, "csv", "--columns", "alpha:13")[2]
    _, out, _ = run("best", "--p-star", 1, "--p", "inf", "--format", "csv")
    assert out.splitlines()[1].startswith("inf,1,-,-,-")


def test_floats_claim_no_more_digits_than_they_hold(run):
    words = ("threshold", "--p", 2, "--p-star", 1, "--a", 0.7, "--digits", 30, "--format", "json")
    assert json.loads(run(*words, "--numbers", "floats")[1])["digits"] == 15
    assert json.loads(run(*words)[1])["digits"] == 30
