"""Any network on the command line: formulas in, answers out, and one sentence for what is wrong."""

import json
import subprocess
import sys

import pytest

WIDTHS = ("--p", 1, "--p-star", 1)
TANH = ("--loss", "(y-yh)^2/2", "--activation", "tanh(x)", *WIDTHS)
PAPER = ("--loss", "(y-yh)^2/(2*(b+y))", "--activation", "x^2", "--set", "b=1.5", *WIDTHS)
MODEL = (*WIDTHS, "--a", 1.5)


def record(run, *words):
    status, out, err = run(*words, "--format", "json")
    assert status == 0, err
    return json.loads(out)


def test_one_tanh_node(run):
    """Each number was found by two rules that share no nodes."""
    assert record(run, "threshold", *TANH)["alpha"] == pytest.approx(1.8048779960827, abs=1e-11)
    edge = record(run, "edge", *TANH, "--alpha", 3)
    assert edge["value"] == pytest.approx(-1.59231560269844, abs=1e-11)
    (found,) = record(run, "outlier", *TANH, "--alpha", 3)
    assert found["value"] == pytest.approx(-1.64705025885110, abs=1e-11)
    assert found["overlap2"] == pytest.approx(0.2779537241503, abs=1e-11)


def test_values_and_overlap(run):
    (found,) = record(run, "outlier", *PAPER, "--overlap", 0.5, "--alpha", 3)
    assert found["loss"] == "(y - yh)**2/(2*y + 3)"
    assert found["overlap"] == "1/2"
    assert found["value"] == pytest.approx(-1.23130604334719, abs=1e-11)
    assert found["overlap2"] == pytest.approx(0.25591303095396, abs=1e-11)


def test_the_paper_s_network_given_by_its_formulas(run):
    mine, its = record(run, "threshold", *PAPER), record(run, "threshold", *MODEL)
    for name in ("kind", "alpha", "alpha_c", "value", "overlap2"):
        assert mine[name] == its[name]


def test_other_options_reach_the_network(run):
    bounded = ("--loss", "log(cosh(y-yh))", *TANH[2:])
    words = ("--teacher", "c*u1", "--set", "c=2", "--bias", 1, "--output", "sum")
    right = record(run, "edge", *bounded, *words, "--alpha", 3, "--side", "right")
    left = record(run, "edge", *bounded, *words, "--alpha", 3)
    given = {"teacher": "2*u_1", "bias": "1", "output": "sum"}
    assert right.items() >= given.items()
    assert (left["side"], right["side"]) == ("left", "right")
    assert left["value"] < 0 < right["value"]
    status, _, err = run("edge", *TANH, "--noise", "0.1", "--alpha", 3)
    assert status == 2
    assert "noise=1/10): its weight F is unbounded below" in err


def test_all_outliers_are_printed_or_none(run):
    _, out, _ = run("outlier", *TANH, "--alpha", 3)
    assert out.startswith("Network(activation=tanh(x), loss=(y - yh)**2/2, p=1, p_star=1)\n")
    assert "student2      0.168051776116\n" in out
    _, out, _ = run("outlier", *TANH, "--alpha", 0.5)
    assert out == "no outlier on the left of the bulk at alpha = 0.5\n"
    assert record(run, "outlier", *TANH, "--alpha", 0.5) == []


BAD = {
    'activation must be given with loss, as in --activation "tanh(x)"': [
        ("threshold", "--loss", "(y-yh)^2", *WIDTHS)
    ],
    "overlap is for other networks: give loss and activation with it": [
        ("threshold", "--overlap", 0.5, *MODEL)
    ],
    "set is for other networks": [("edge", "--set", "a=1", "--alpha", 2, *WIDTHS)],
    "a must not be given with loss and activation": [("threshold", *TANH, "--a", 1)],
    "Missing option '--a'": [("threshold", *WIDTHS)],
    'loss: "b" stands for nothing': [("threshold", *PAPER[:4], *WIDTHS)],
    "k has a value but is in no formula": [("threshold", *TANH, "--set", "k=1")],
    "set must give k once, not as 1 and as 2": [
        ("threshold", *TANH, "--set", "k=1", "--set", "k=2")
    ],
    "y cannot have a value": [("threshold", *TANH, "--set", "y=1")],
    "k must be a number": [("threshold", *PAPER[:4], "--set", "k=y", *WIDTHS)],
    'there is no function "__import__"': [("threshold", *TANH, "--teacher", "__import__(x)")],
    "k has no value in": [("threshold", *TANH, "--teacher", "k*x")],
    "overlap must be a number between -1 and 1": [("threshold", *TANH, "--overlap", 1)],
    "p must be": [("threshold", *TANH[:4], "--p", 0, "--p-star", 1)],
    "sector must be one of": [("threshold", *TANH, "--sector", "odd")],
    "sector is for other networks only": [("threshold", *MODEL, "--sector", "signal")],
    "certified is for the paper's network only": [
        ("threshold", *TANH, "--certified"),
        ("edge", *TANH, "--alpha", 3, "--certified"),
    ],
    "N is for the paper's network only": [("outlier", *TANH, "--alpha", 3, "--N", 100)],
    'side must be "left" for a Model': [("threshold", *MODEL, "--side", "right")],
}


@pytest.mark.parametrize(
    ("sentence", "words"), [(sentence, words) for sentence in BAD for words in BAD[sentence]]
)
def test_bad_input_gives_one_sentence_and_status_two(run, sentence, words):
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err.startswith("bbpsym: ")
    assert sentence in err
    assert err.count("\n") == 1


def test_the_paper_s_network_loads_nothing_of_the_others():
    call = f"main({[*map(str, ('threshold', *MODEL))]}, standalone_mode=False)"
    script = f"import sys; from bbpsym.cli import bbpsym; bbpsym.{call}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "bbpsym.cli.values" in loaded
    assert not loaded & {
        "bbpsym.cli.network_options",
        "bbpsym.answers.network",
        "bbpsym.ensembles.networks.two_layer",
    }
