"""What every command says to bad input: one sentence, and status two."""

import pytest

POINT = ("--p", 2, "--p-star", 1, "--a", 0.7)
COMPARED = ("compare", "--p-star", 1, "--a", 0.7, "--p", "2,inf", "--alpha", "0.5:1.5:0.5")


DRAWN = ("--p", 1, "--p-star", 1, "--alpha", 2, "--N", 9, "--samples", 1)
DRAWN += ("--seed", 1, "--store", "x")

BAD = {
    "signal is for a law of its own": [
        ("threshold", "--weight", "y", "--signal", "y^2/2", "--p-star", 1)
    ],
    "a must be given: it stands in loss": [("simulate", *DRAWN)],
    "time must be a number": [("descend", *DRAWN, "--a", 1, "--time", "x")],
    "a must be a number from 1e-12 to 1e12": [
        ("threshold", "--p", 2, "--p-star", 1, "--a", value)
        for value in ("0", "-1", "nan", "inf", "x")
    ],
    "p must be an integer from 1 to 1000000 or inf": [
        ("threshold", "--p", value, "--p-star", 1, "--a", 1) for value in ("0", "1.5", "-3", "x")
    ],
    "p_star must be an integer from 1 to 1000000": [
        ("threshold", "--p", 1, "--p-star", value, "--a", 1) for value in ("0", "inf", "")
    ],
    "alpha must be a number from 1e-24 to 1e24": [
        (verb, *POINT, "--alpha", value)
        for verb in ("edge", "outlier")
        for value in ("0", "-2", "y")
    ],
    "digits must be an integer from 1 to 2000": [
        (verb, *POINT, "--digits", value)
        for verb in ("threshold",)
        for value in ("0", "2001", "ten", "1.5")
    ],
    "p must be a range that rises": [("table", "--p", "4:1")],
    "a must be a range that rises": [("table", "--a", "1:2:0"), ("table", "--a", "2:1:0.1")],
    "a must be a list of numbers and ranges first:last:step": [
        ("table", "--a", "1:2"),
        ("table", "--a", "1:x:2"),
        ("table", "--a", "1:2:3:4"),
    ],
    "p must stand for at most 100000 values": [("table", "--p", "1:1000000")],
    "a must stand for at most 100000 values": [("table", "--a", "1e-9:1:1e-9")],
    "p_star must be an integer": [("table", "--p-star", "")],
    "format must be text, csv, json, markdown, latex or html, not 'xml'": [
        ("table", "--format", "xml"),
        ("threshold", *POINT, "--format", "xml"),
    ],
    "output must be a file that can be written": [
        ("table", "--output", "/nonexistent/file"),
        ("table", "--output", "/"),
    ],
    "output must end in .txt, .csv, .json, .md, .tex, .html unless --format is given": [
        ("table", "--output", "table.xyz")
    ],
    "p_star, a and p must make at most 100000 rows": [
        ("table", "--p", "1:1000", "--a", "1:1000:1", "--p-star", "1:1000")
    ],
    "alpha must be a list of numbers and ranges": [(*COMPARED[:5], "--alpha", "1:2")],
    "alpha must stand for at most 1000 values": [(*COMPARED[:5], "--alpha", "1:2:0.0001")],
    "p must stand for at most 20 values": [(*COMPARED[:5], "--p", "1:30")],
    "alpha must reach above p_star/2 = 0.5": [
        (*COMPARED[:5], "--alpha", "0.4", "--picture", "picture.pdf")
    ],
    "picture must end in .pdf, .svg, .png": [(*COMPARED, "--picture", "picture.jpg")],
    "picture must be a file that can be written, not /nonexistent": [
        (*COMPARED, "--picture", "/nonexistent/picture.pdf")
    ],
    "Missing option '--p-star'": [("threshold", "--p", 2, "--a", 1)],
    "No such command 'tabel'; do you mean \"table\"?": [("tabel",)],
    "there is no equation 'alfa-bbp'; do you mean \"alpha-BBP\"?": [
        ("show", "alfa-bbp"),
        ("verify", "--only", "40,alfa-bbp"),
    ],
    "only must name at least one record, and '60:70' names none": [("verify", "--only", "60:70")],
    "Missing options '--p', '--p-star', '--a'": [
        ("threshold",),
        ("finite-edge", "--alpha", 1, "--N", 50),
    ],
    "Missing options '--p-star', '--alpha'": [("edge", "--p", 1, "--a", 1)],
    "p must hold every value once, and 2 stands there twice": [("table", "--p", "1:3,2")],
    "a must hold every value once, and 7/10 stands there twice": [("table", "--a", "0.7,7/10")],
    "alpha must hold every value once": [("edge", *POINT, "--alpha", "1:2:0.5,1.50")],
    "format must be csv for an output in .csv, not json": [
        ("table", "--output", "x.csv", "--format", "json")
    ],
    "caption is for the format latex, not for text": [("table", "--caption", "x")],
    "numbers is for the format json, not for csv": [
        ("edge", *POINT, "--alpha", 2, "--format", "csv", "--numbers", "strings")
    ],
    "samples is for simulations: add --simulate": [("figure", 3, "--samples", 10)],
    "output is a CSV file": [
        ("predict", *POINT, "--N", 100, "--samples", 3, "--seed", 1, "--output", "x.json")
    ],
    "No such option": [("table", "--q", 1)],
    "No such option '--p_star'; do you mean \"--p-star\"?": [("edge", "--p_star", 1)],
    "chain is of one equation": [("show", "--chain")],
    "set is for figure 16, not for 1": [("figure", 1, "--set", "k=2")],
    "a must be given once, not by --a and by --set": [
        *[
            ("simulate", *DRAWN, "--a", 1, "--set", "a=2"),
            ("descend", *DRAWN, "--a", 1, "--set", "a=2"),
        ]
    ],
    'critical_a; do you mean "alpha_BBP"?': [("claim", "alpha_BPP = 1")],
    "a rising pair of them, its two ends, not (5, 3)": [("claim", "alpha_c = 1", "--p", "5:3")],
    "No such option '--digts'; do you mean \"--digits\"?": [("table", "--digts", 1)],
    "output must be a file, or mean or sum, not 'men'; do you mean \"mean\"?": [
        ("edge", *POINT, "--alpha", 2, "--output", "men")
    ],
    "output must be given once, or as one file and as mean or sum": [
        ("table", "--output", "e.tex", "--output", "e.csv")
    ],
    "format must be csv for an output in .csv, not latex": [
        ("edge", *POINT, "--alpha", 2, "--output", "e.csv", "--format", "latex")
    ],
    "not 'tex'; do you mean \"latex\"?": [("table", "--format", "tex")],
    "side must be left or right, not 'lift'; do you mean \"left\"?": [
        ("edge", *POINT, "--alpha", 2, "--side", "lift")
    ],
    "a must be a number from 1e-12 to 1e12, not '0' in '0,7', where commas part a list": [
        ("table", "--a", "0,7")
    ],
    "not '1-4'; lists are written 1,2,4 and ranges 1:4": [("table", "--p", "1-4")],
    "'plot'; do you mean \"figure\"?": [("plot", 2)],
    "'xyz'; bbpsym --help lists all": [("xyz",)],
    "No such option '--p*'; do you mean \"--p-star\"?": [("table", "--p*", 1)],
    "not 'lambda'; do you mean \"value\"?": [
        ("edge", *POINT, "--alpha", "1,2", "--columns", "lambda")
    ],
    "samples must be an integer from 1 to 9e18, not 'x'": [
        ("predict", *POINT, "--N", 100, "--samples", "x", "--seed", 1)
    ],
    "number must be a figure from 1 to 20, not 'x'": [("figure", "x")],
    "columns must be without best but in CSV": [(*COMPARED, "--columns", "matrix,best")],
    "digits are for threshold and overlap2, not for kind": [(*COMPARED, "--columns", "kind:3")],
    "digits of overlap2 must be an integer from 1 to 12, not 13": [
        (*COMPARED, "--columns", "overlap2:13")
    ],
    "digits of median must be an integer from 1 to 8, not 9": [
        ("finite-edge", *POINT, "--alpha", 3, "--N", 99, "--columns", "median:9")
    ],
    "digits can be chosen for edge, median, lower": [
        ("finite-edge", *POINT, "--alpha", 3, "--N", 99, "--columns", "kind:3")
    ],
    "columns have no digits to choose here": [
        ("density", *POINT, "--alpha", 2, "--x", 0, "--columns", "x,density:3")
    ],
    'do you mean "alpha"?': [("edge", *POINT, "--alpha", "1,2", "--columns", "alhpa")],
}


@pytest.mark.parametrize(
    ("sentence", "words"), [(sentence, words) for sentence in BAD for words in BAD[sentence]]
)
def test_bad_input_gives_one_sentence_and_status_two(run, sentence, words):
    status, out, err = run(*words)
    assert status == 2
    assert out == ""
    assert sentence in err
    assert err.startswith("bbpsym: ")
    assert err.count("\n") == 1
