"""Claims on the command line: the verdict is the exit status."""

import json

import pytest

from bbpsym.claims.words import QUANTITIES

SMALL = ("--points", 2, "--digits", 5)
WHERE = "X(c) = p/(2*c)*exp(p*a/(2*c))*expint(p/2, p*a/(2*c))"
THRESHOLD = "alpha_BBP = p*p_star/(2*((p-1)*X(1)+X(3)))"


def test_true_is_zero(run):
    status, out, err = run(
        *("claim", THRESHOLD, "--where", WHERE, "--kind", "discontinuous", *SMALL, "--seed", 3)
    )
    assert (status, err) == (0, "")
    assert "true to 5 digits at 2 random points, transition discontinuous (seed 3)" in out


def test_false_is_one(run):
    status, out, err = run("claim", "alpha_c = a", "--p", "2:3", "--a", "0.7", *SMALL)
    assert (status, err) == (1, "")
    assert "counterexample: p = " in out
    status, out, _ = run(
        "claim", "alpha_c = a", "--p", "2:3", "--a", "0.7", *SMALL, "--format", "json"
    )
    assert status == 1
    record = json.loads(out)
    assert record["verdict"] == "false"
    assert record["counterexample"]["at"]["a"] == "0.7"
    status, out, _ = run("claim", "alpha_c = a", "--a", "0.7", *SMALL, "--format", "latex")
    assert (status, out[:15]) == (1, r"$\alpha_c = a$ ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["alpha_BBP = ei"], "give it an argument"),
        (["alpha_BPP = a + alpha_c"], 'do you mean "alpha_BBP"'),
        (["alpha_c = a", "--p", "1:2:3"], "p must be a positive rational number or"),
        (["alpha_c = a", "--p", "two"], "p must be a positive rational number or"),
        (["alpha_c = a", "--kind", "smooth"], "kind must be continuous or discontinuous"),
        (
            ["alpha_c = a", "--kind", "continuous", "--a", "20", "--p", "9"],
            "there is no admissible point",
        ),
        (["alpha_c = a", "--digits", "1e9"], "digits must be an integer from 1 to 200"),
        ([], "Missing argument 'STATEMENT'"),
    ],
)
def test_bad_input_is_two(run, words, sentence):
    status, out, err = run("claim", *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err


def test_undecided_is_two(run):
    status, out, err = run("claim", "alpha_c = sqrt(-a)", *SMALL)
    assert (status, err) == (2, "")
    assert "undecided at 2 of 2 random points" in out
    assert "the right side is complex" in out


MARCHENKO_PASTUR = ("--loss", "(y-yh)^2/(2*b)", "--activation", "x", "--alpha", "2:5")


def test_a_claim_about_a_network(run):
    """One linear node has the matrix of a sample covariance, whose edges are known."""
    words = ("--points", 2, "--set", "b=1/2:2")
    for side, name, sign in (("left", "lambda_minus", "-"), ("right", "lambda_plus", "+")):
        claimed = f"{name} = (1 {sign} sqrt(alpha))^2/b"
        status, out, err = run("claim", claimed, *MARCHENKO_PASTUR, *words, "--side", side)
        assert (status, err) == (0, "")
        assert "true to 20 digits at 2 random points" in out
    status, out, _ = run("claim", claimed + "*b", *MARCHENKO_PASTUR, *words, "--side", "right")
    assert status == 1
    assert "counterexample: b = " in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "b must have a range, as in b=(1, 5)"),
        (("--set", "b=1", "--set", "k=1"), "k does not vary in this claim"),
        (("--set", "b=1", "--p", "1:2:3"), "p must be a positive rational number or"),
    ],
)
def test_bad_networks_are_two(run, words, sentence):
    status, out, err = run("claim", "lambda_minus = 1", *MARCHENKO_PASTUR, *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--set", "b=1"), "b has a value but is in no formula"),
        (("--a", 1, "--set", "a=3"), "a must be given once, not by --a and by --set"),
        ((*MARCHENKO_PASTUR, "--set", "p=3"), "p has a value but is in no formula"),
        ((*MARCHENKO_PASTUR, "--set", "p_star=3"), "p_star has a value but is in no formula"),
        ((*MARCHENKO_PASTUR, "--set", "a=3"), "a has a value but is in no formula"),
        ((*MARCHENKO_PASTUR, "--set", "alpha=4"), "alpha must be given once, not by --alpha and"),
        (
            (*MARCHENKO_PASTUR, "--p-star", 2, "--set", "p_star=3"),
            "p_star must be given once, not by --p-star and by --set",
        ),
    ],
)
def test_no_value_is_lost(run, words, sentence):
    status, out, err = run("claim", "lambda_minus = 1", *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert sentence in err


def test_more_digits_of_a_limit_than_a_network_has_are_undecided(run):
    """Noise on the labels leaves a network the digits of double precision."""
    words = ("--loss", "log(cosh(y-yh))", "--activation", "x", "--noise", "1/2", "--digits", 14)
    status, out, _ = run(
        "claim", "limit(lambda_minus/alpha, alpha, inf) = 0.459351619095642171", *words
    )
    assert status == 2
    assert "digits of it: ask for no more" in out


def test_help_names_every_quantity_and_the_digits_of_networks(run):
    _, out, _ = run("claim", "--help")
    assert all(name in out for name in QUANTITIES)
    words = " ".join(out.split())
    assert "of networks all known." in words
    assert "of networks and limits 2 or a range." in words
