"""`bbpsym derive`: any network from the command line, names staying symbols."""

import json

import pytest

SQUARE = ("--loss", "(y-yh)^2/(2*(a+y^2))", "--activation", "x^2")
PLAIN = ("--loss", "(y-yh)^2/2", "--activation", "x^2")


def test_it_prints_the_steps(run):
    status, out, _ = run("derive", *PLAIN)
    assert status == 0
    assert out.startswith("Derivation of Network(activation=x**2, loss=(y - yh)**2/2, p=p, ")
    assert "(31) Stieltjes equation [derived]" in out
    assert "no left edge [derived]" in out


@pytest.mark.long
def test_names_stay_symbols_and_values_do_not(run):
    _, out, _ = run("derive", *SQUARE, "--step", "domain")
    assert out.startswith("(42) domain [derived]")
    assert "√a⋅p" in out
    assert "distance of an eigenvalue from the lower end:" in out
    _, out, _ = run("derive", *SQUARE, "--set", "a=4", "--p", 2, "--p-star", 1, "--step", "domain")
    assert "√a" not in out


def test_without_a_loss_it_is_the_paper_s(run):
    _, out, _ = run("derive", "--step", "40")
    assert out.startswith("(40) outlier equation [derived]")


def test_it_verifies_one_network(run):
    status, out, _ = run("derive", *PLAIN, "--verify")
    assert status == 0
    assert "11 steps hold, 1 not known" in out


def test_nothing_is_written_where_a_step_is_not_there(run, tmp_path):
    book = tmp_path / "mine.ipynb"
    status, _, _ = run("derive", *PLAIN, "--notebook", book, "--step", "nothing")
    assert status == 2
    assert not book.exists()


def test_a_step_that_no_network_has_is_told_before_anything_is_derived(run, monkeypatch):
    monkeypatch.setattr("bbpsym.cli.derive.derive_network", None)
    status, _, err = run("derive", *PLAIN, "--step", "outlier eqation")
    assert status == 2
    assert err == (
        "bbpsym: there is no step 'outlier eqation'; do you mean \"outlier equation\"?\n"
    )


def test_a_missing_folder_is_told_before_anything_is_derived(run, monkeypatch):
    monkeypatch.setattr("bbpsym.cli.derive.derive_network", None)
    status, _, err = run("derive", "--latex", "/nowhere/x.tex")
    assert (status, err) == (
        2,
        "bbpsym: /nowhere/x.tex cannot be written: there is no such folder\n",
    )


def test_it_writes_what_is_asked_for(run, tmp_path):
    book, text = tmp_path / "mine.ipynb", tmp_path / "mine.tex"
    status, out, _ = run("derive", *PLAIN, "--notebook", book, "--latex", text)
    assert (status, out) == (0, f"wrote {book}\nwrote {text}\n")
    assert json.loads(book.read_text())["nbformat"] == 4
    assert text.read_text().endswith("\\end{document}\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--loss", "(y-yh)^2"), "activation must be given with loss"),
        (("--loss", "y", "--activation", "x"), "loss must depend on yh"),
        (("--loss", "(y-yh)^2", "--activation", "k"), "activation must be a formula in x: k has"),
        ((*PLAIN, "--set", "k=1"), "k has a value but is in no formula"),
        ((*PLAIN, "--p", "0"), "p must be an integer"),
        ((*PLAIN, "--step", "nothing"), "there is no step 'nothing'"),
        ((*PLAIN, "--verify", "--digits", "51"), "digits must be"),
        ((*PLAIN, "--latex", "/nowhere/x.tex"), "/nowhere/x.tex cannot be written"),
        ((*PLAIN, "--digits", "20"), "digits is for --verify"),
        ((*PLAIN, "--notebook", "x.pdf"), "notebook must be a file that ends in .ipynb"),
        (("--a", "1", "--set", "k=1"), "k has a value but is in no formula"),
        ((*PLAIN, "--a", "1", "--set", "a=2"), "a must be given once"),
        (("--a", "c"), "a must have another name than c, which"),
        (("--a", "y"), "a must be positive"),
        (("--a", "-1"), "a must be positive"),
    ],
)
def test_bad_input_gives_one_sentence(run, words, sentence):
    status, out, err = run("derive", *words)
    assert (status, out) == (2, "")
    assert err.startswith("bbpsym: ")
    assert sentence in err
    assert err.count("\n") == 1
