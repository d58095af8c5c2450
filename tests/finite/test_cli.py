import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from bbpsym.cli import bbpsym
from bbpsym.finite.store import Store
from tests.processes import Command

GOOD = {
    "--N": "20,40",
    "--p": "1,2",
    "--p-star": "1",
    "--a": "1.5",
    "--alpha": "0.8:1.8:0.5",
    "--samples": "3",
    "--seed": "1",
}

#: Lines below a table of so few samples.
NOTE = 2


def command(*words):
    """Run the command in a process of its own, which knows the package already."""
    with TemporaryDirectory() as folder:
        status, out, err = Command(*words, folder=Path(folder)).wait()
    return subprocess.CompletedProcess(words, status, out, err)


def simulate(store, **changes):
    options = {**GOOD, **{f"--{name.replace('_', '-')}": text for name, text in changes.items()}}
    return command(
        "simulate", *(word for pair in options.items() for word in pair), "--store", store
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "runs.jsonl"
    run = simulate(path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == f"36 samples computed, 0 found in {path}\n"
    assert run.stderr == ""  # a progress bar is for a terminal
    return path


def test_a_cold_start(tmp_path):
    fresh = [sys.executable, "-m", "bbpsym"]
    store = tmp_path / "runs.jsonl"
    words = {**GOOD, "--N": "20", "--p": "1", "--alpha": "1"}
    given = [*(word for pair in words.items() for word in pair), "--store", store]
    for call, said in (
        ([*fresh, "simulate", *given], "3 samples"),
        ([*fresh, "summarize", store], "p "),
    ):
        run = subprocess.run(call, capture_output=True, text=True, check=True)
        assert (run.stdout.lstrip()[: len(said)], run.stderr) == (said, "")


def test_the_grid_is_what_was_asked_for(store):
    with Store(store) as rows:
        assert {point.alpha for point in rows.points()} == {0.8, 1.3, 1.8}
        assert len(rows.points()) == 12


def test_summarize_prints_a_row_a_point(store):
    run = command("summarize", store)
    assert run.returncode == 0
    assert len(run.stdout.splitlines()) == 14 + NOTE
    assert run.stdout.split()[:5] == ["p", "p_star", "a", "N", "alpha"]


def test_summarize_in_other_forms(store):
    assert command("summarize", store, "--format", "csv").stdout.startswith("p,p_star,a,N,alpha,")
    words = ("--format", "latex", "--columns", "N,overlap2")
    refused = command("summarize", store, *words).stderr
    assert refused.startswith("bbpsym: columns must be among p, p_star, a, N, alpha, samples, phi,")
    fits = command("summarize", store, "--crossings", "--alpha-zero", "0.8", "--edge", "-2")
    assert fits.returncode == 0, fits.stderr
    assert "at least 5 values of alpha" in fits.stdout
    assert "alpha_0" in fits.stdout
    assert "(log N)^-c" in fits.stdout


def test_a_summary_can_be_summarized_and_selected_from(store, tmp_path):
    text = command("summarize", store, "--format", "csv").stdout
    (tmp_path / "summary.csv").write_text(text)
    run = command("summarize", tmp_path / "summary.csv", "--select", "p=2,alpha=1.3")
    assert len(run.stdout.splitlines()) == 4 + NOTE
    run = command("summarize", store, "--select", "p=1:2,alpha=13/10")
    assert len(run.stdout.splitlines()) == 6 + NOTE
    for bad, named in (
        ("p", "select must be like p=1,2,a=1.5"),
        ("p=1,p=2", "select must be like p=1,2,a=1.5"),
        ("pstar=1", 'not pstar; do you mean "p_star"?'),
        ("p=77", "select must name some of"),
    ):
        run = command("summarize", store, "--select", bad)
        assert (run.returncode, named in run.stderr) == (2, True)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"N": "1"}, "N must be an integer from 2 to 1000000, not '1': matrices of p N rows"),
        ({"N": "20.5"}, "N must be an integer"),
        ({"alpha": "0"}, "alpha must be"),
        ({"alpha": "1:2"}, "alpha must be a list of numbers and ranges"),
        ({"alpha": "2:1:0.1"}, "alpha must be a range that rises"),
        ({"alpha": "1:2:0"}, "alpha must be a range that rises"),
        ({"a": "nan"}, "a must be a number from"),
        ({"a": "-1"}, "a must be a number from"),
        ({"p": ""}, "p must be an integer"),
        ({"a": "1e400"}, "a must be a number from"),
        ({"a": "1e-999999999"}, "a must be a number from"),
        ({"samples": "100000000000"}, "samples must be"),
        ({"samples": "0"}, "samples must be"),
        ({"seed": "-3"}, "seed must be"),
        ({"jobs": "0"}, "jobs must be"),
        ({"N": "1000000"}, "GiB are free: lower jobs"),
    ],
    ids=str,
)
def test_bad_input_is_one_sentence_and_status_two(tmp_path, changes, named):
    run = simulate(tmp_path / "runs.jsonl", **changes)
    assert run.returncode == 2
    assert named in run.stderr
    assert "Traceback" not in run.stderr
    assert len(re.sub(r".*\r", "", run.stderr).splitlines()) == 1


def test_a_foreign_file_is_one_sentence_and_status_two(tmp_path):
    (tmp_path / "notes.txt").write_text("not a store, " * 100)
    for run in (simulate(tmp_path / "notes.txt"), command("summarize", tmp_path / "notes.txt")):
        assert run.returncode == 2
        assert run.stderr.endswith("move it\n")
        assert "Traceback" not in run.stderr


def test_a_directory_that_is_not_there(tmp_path):
    run = simulate(tmp_path / "none" / "runs.jsonl")
    assert run.returncode == 2
    assert "cannot be opened" in run.stderr


@pytest.mark.parametrize("name", ["simulate", "summarize"])
def test_help_shows_an_example(name):
    result = CliRunner().invoke(bbpsym, [name, "--help"])
    assert result.exit_code == 0
    assert f"bbpsym {name} " in result.output.split("Example:")[1]


def test_help_imports_no_numerics():
    program = (
        "import sys; from bbpsym.cli import bbpsym; bbpsym(['--help'], standalone_mode=False); "
        "sys.exit(bool({'numpy', 'scipy', 'sympy'} & set(sys.modules)))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL
        ).returncode
        == 0
    )


NETWORK = ["--p=1", "--p-star=1", "--alpha=3", "--N=30", "--samples=3", "--seed=1"]
NETWORK += ["--activation=tanh(x)", "--side=right"]


def test_any_network_from_formulas(tmp_path):
    path = tmp_path / "runs.jsonl"
    words = ["--loss", "log(cosh((y-yh)/k))", "--set", "k=0.5", "--noise", "0.1", "--store", path]
    for found in ("3 samples computed, 0 found", "0 samples computed, 3 found"):
        run = command("simulate", *NETWORK, *words)
        assert run.returncode == 0, run.stderr
        assert run.stdout.startswith(found)
    shown = command("summarize", path).stdout
    assert "loss=log(cosh((y - yh)*2)); activation=tanh(x); noise=0.1" in shown
    assert "lowest_span2" in shown
    assert command("summarize", path, "--select", "side=left").stdout.count("tanh") == 0


def test_the_paper_given_by_its_formulas_is_the_paper(store):
    words = ["--loss", "(y-yh)**2/(2*(a+y))", "--activation", "x^2", "--set", "a=1.5"]
    options = [word for name, text in GOOD.items() if name != "--a" for word in (name, text)]
    run = command("simulate", *options, *words, "--store", store)
    assert run.stdout.startswith("0 samples computed, 36 found")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--loss", "(y-yh"], 'loss, position 6: a ")" is missing'),
        (["--loss", "b*(y-yh)^2"], 'loss: "b" stands for nothing'),
        (["--loss", "__import__(y)"], 'there is no function "__import__"'),
        (["--loss", "(y-yh)^2", "--set", "a"], "set must be like a=0.7"),
        (["--loss", "(y-yh)^2", "--set", "b=1"], "b has a value but is in no formula"),
        (["--loss", "(y-yh)^2", "--a", "1"], "a has a value but is in no formula"),
        (["--loss", "k*(y-yh)^2", "--set", "k=x"], "k must be a number"),
        (["--noise", "-1"], "noise must be"),
        ([], "a must be given"),
        (["--loss", "log(yh - 9)"], "loss must be finite and real on the data"),
    ],
    ids=str,
)
def test_a_bad_formula_is_one_sentence_and_status_two(tmp_path, words, named):
    run = command("simulate", *NETWORK, *words, "--store", tmp_path / "runs.jsonl")
    assert run.returncode == 2
    assert named in run.stderr
    assert "Traceback" not in run.stderr
