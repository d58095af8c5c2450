"""`bbpsym density` of models, networks and weights."""

import csv
import io
import json

import numpy as np
import pytest
from sympy import cosh, exp, log, symbols
from sympy.abc import x, y

from bbpsym import Ensemble, Model, Network, density, edge, labels_of, teacher_labels
from bbpsym.answers.density import decimals, visible
from bbpsym.errors import ConvergenceError

POINT = ("--p", 2, "--p-star", 1, "--a", 0.7, "--alpha", 2)
WEIGHT = ("--weight", "(y-1)/(y+1)", "--p-star", 1, "--alpha", 2)
yh = symbols("yh")
METHOD = Ensemble((y - 1) / (y + 1), teacher_labels(1))


def test_points_that_are_given(run):
    status, out, _ = run("density", *POINT, "--x", "-1:1:0.5")
    assert status == 0
    assert out.startswith("Density of the bulk of Model(p=2, p_star=1, a='0.7') at alpha = 2\n")
    assert "  -1  0.000000000\n" in out
    found = json.loads(run("density", *WEIGHT, "--x", "0,1/2", "--format", "json")[1])
    truth = density(METHOD, 2, [0, 0.5])
    assert [row["density"] for row in found] == pytest.approx(truth, abs=1e-7)
    assert [row["x"] for row in found] == [0, 0.5]
    _, out, _ = run("density", *POINT[:-1], "1,2", "--x", 0, "--format", "csv")
    assert [row["alpha"] for row in csv.DictReader(io.StringIO(out))] == ["1", "2"]


def test_the_bulk_is_found_where_no_points_are_given(run):
    rows = list(csv.DictReader(io.StringIO(run("density", *WEIGHT, "--format", "csv")[1])))
    x, rho = (np.array([float(row[name]) for row in rows]) for name in ("x", "density"))
    left, right = (edge(METHOD, 2, side=side).value for side in ("left", "right"))
    assert (x[0], x[-1]) == pytest.approx((left, right), rel=1e-5)
    assert np.trapezoid(rho, x) == pytest.approx(1, abs=0.01)


def test_a_bulk_without_end_is_followed_until_most_of_it_is_seen():
    model = Model(2, 1, "0.7")
    x = np.array(visible(model, 2, 200))
    assert x[0] == pytest.approx(edge(model, 2).value, rel=1e-5)
    assert 0.75 < np.trapezoid(density(model, 2, x), x) < 0.95


@pytest.mark.long
def test_a_light_tail_is_not_followed_to_where_nothing_is_left():
    law = labels_of(exp(-y), y)
    x = visible(Ensemble(y - 1, law), 2, 5)
    assert 1 < x[-1] < 50


@pytest.mark.long
def test_a_bulk_without_any_end_is_shown_as_far_as_it_is_known():
    """The weight has a pole at a label that noise reaches; the density at 2 needs more nodes."""
    noisy = Ensemble((y - 1) / (y + 1), teacher_labels(1, noise="0.5"))
    x = visible(noisy, 2, 3)
    assert -5 < x[0] < 0 < x[-1] < 2
    with pytest.raises(ConvergenceError, match="at x = 2"):
        density(noisy, 2, 2)


def test_no_more_places_are_printed_than_are_known():
    """The error of a Hessian is below 1e-10 in units of p/2."""
    assert [decimals(Model(p, 1, 1), np.ones(1)) for p in (2, 200, "inf")] == [9, 7, 9]
    assert decimals(METHOD, np.ones(1)) == 7


def test_places_of_a_network_are_a_share_of_its_largest_density():
    given = {"activation": x**2, "loss": log(cosh(y - yh)), "p": 2}
    assert decimals(Network(**given), np.ones(1)) == 5
    assert decimals(Network(**given), np.zeros(1)) == 8  # outside the bulk
    assert decimals(Network(**given, overlap="0.4", noise="0.1"), np.ones(1)) == 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("density", *POINT, "--x", "y"), "x must be a list of numbers and ranges"),
        (("density", *POINT, "--x", "1:0:0.1"), "x must be a range that rises"),
        (("density", "--p", 1, "--x", 1), "Missing options"),
    ],
)
def test_bad_input_gives_one_sentence(run, words, sentence):
    status, out, err = run(*words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
