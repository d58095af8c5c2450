"""`bbpsym best`."""

import json


def test_the_best_width_and_the_best_normalisation(run):
    status, out, _ = run("best", "--p-star", 1, "--a", 0.7)
    assert status == 0
    assert out.startswith("Best p: 3\n")
    record = json.loads(run("best", "--p-star", 1, "--p", 3, "--format", "json")[1])
    assert record["threshold"]["a"] == 0.693638598277
    for words in ((), ("--p", 3, "--a", 1)):
        status, out, err = run("best", "--p-star", 1, *words)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "one of p and a must be given" in err
