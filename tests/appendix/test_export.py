"""A derivation as a notebook that runs, and as LaTeX that compiles."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from sympy import Abs, E, Eq, Max, Rational, erfc, pi, sign, sqrt, symbols, tanh

from bbpsym import Network, derive
from bbpsym.appendix.document import displayed, prose
from bbpsym.appendix.gallery import GALLERY
from bbpsym.appendix.notebook import REACHES, _code, _imports, figure
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations.average import Average
from bbpsym.equations.weights import argument, prediction
from bbpsym.symbols import a as own_a
from bbpsym.symbols import f, label
from tests.cases import long

x, y, yh, a, p, p_star = symbols("x y yh a p p_star")
SQUARED = (y - yh) ** 2 / 2


def test_the_document_holds_every_step(tmp_path, square):
    text = square.to_latex(tmp_path / "appendix.tex").read_text()
    assert text.startswith(r"\documentclass")
    for stage in square.stages:
        assert rf"\section{{{stage}}}" in text
    assert r"\frac{1}{g} = \alpha \left\langle \frac{f \left(u^{2} - 1\right)}" in text
    assert "The student has $p$ nodes, the teacher $p^*$; outputs are means over the nodes." in text
    assert r"\emph{Domain:} $1/f_{-} < g < 0$, to the left of the bulk." in text
    assert r"\emph{Check:} algebra, step by step, ends at the statement" in text
    assert "True" not in text
    assert "backslash" not in text


def test_words_are_escaped_and_formulas_are_not():
    assert prose("50% of $x_1$ & y_2") == r"50\% of $x_1$ \& $y_{2}$"
    assert prose("as `a_b < c`") == r"as \texttt{a\_b $<$ c}"


def test_a_long_sum_is_broken_into_lines_that_can_be_read():
    terms = [symbols(f"beta_{k}") ** 3 * (1 + symbols(f"gamma_{k}")) / 7 for k in range(40)]
    text = displayed(Eq(symbols("S"), sum(terms)))
    assert text.count("\\\\\n&") > 2
    assert "resizebox" not in text
    assert all(line.count("{") == line.count("}") for line in text.splitlines()[2:-2])
    assert "resizebox" in displayed(Eq(symbols("S"), sqrt(sum(terms))))
    text = displayed(Eq(symbols("S"), 3 * terms[0] / (1 + sum(terms)) ** 2))
    assert text.startswith("\\[\nS = \\frac{")
    assert "resizebox" not in text
    assert text.count("\\\\\n&") > 2  # in lines inside of the denominator's brackets
    assert r"\frac{1}{1 - \dfrac{" in displayed(1 / (1 - 1 / (1 - own_a / label)))
    assert displayed(1 / (2 * own_a + 2 * label)) == "\\[\n\\frac{1}{2 \\left(a + y\\right)}\n\\]"
    text = displayed(
        Eq(symbols("S"), 1 - Average(sum(x * f**k for k, x in enumerate(terms[:20], 1))))
    )
    assert r"\left\langle\begin{aligned}" in text


@pytest.mark.parametrize(
    ("words", "formula"),
    [
        ("1/f_- < g < 0, to the left", "$1/f_{-} < g < 0$, to the left"),
        ("(28) with G = g 1 in p x N", r"(28) with $G = g 1$ in $p \times N$"),
        (
            "B = <(u^2 - 1) h^2> for y >= 0",
            r"$B = \langle (u^{2} - 1) h^{2} \rangle$ for $y \ge 0$",
        ),
        ("(p - 1 of them) as y -> sqrt(a)", r"($p - 1$ of them) as $y \to \sqrt{a}$"),
        (
            "a pole at lambda_*, of order 1/alpha_BBP",
            r"a pole at $\lambda_{*}$, of order $1/\alpha_{\mathrm{BBP}}$",
        ),
        (
            "xi -> 0+ for p* <= 4 and-or a = 1e-6",
            r"$\xi \to 0^+$ for $p^* \le 4$ and-or $a = 1 \times 10^{-6}$",
        ),
        ("grows like exp(r v) at v", r"grows like $\exp(r v)$ at $v$"),
        ("a 100 x 100 matrix, 2 x p", r"a $100 \times 100$ matrix, $2 \times p$"),
        ("E[u^2 | y], E[y/(a - y)]", r"$E[u^{2} | y]$, $E[y/(a - y)]$"),
        ("f's value at h'(y)", "$f$'s value at $h'(y)$"),
        ("u_l = w_l . x, yh and p_star", r"$u_{l} = w_{l} \cdot x$, $\hat{y}$ and $p^{*}$"),
    ],
)
def test_formulas_among_words_are_set_as_formulas(words, formula):
    assert prose(words) == formula


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
@pytest.mark.parametrize(
    "network",
    [Network(x**2, (y - yh) ** 2 / (2 * (a + y**2)), p, p_star), *long(Network(tanh(x), SQUARED))],
)
def test_it_compiles_without_errors(tmp_path, network):
    derive(network).to_latex(tmp_path / "appendix.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "appendix.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "appendix.pdf").stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
def test_the_paper_s_appendix_compiles(tmp_path):
    test_it_compiles_without_errors(tmp_path, GALLERY["The paper's loss"]())


def test_the_notebook_shows_its_steps_before_it_is_run(tmp_path, square):
    cells = json.loads(square.to_notebook(tmp_path / "mine.ipynb").read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    assert any("loss=(y - yh)**2/(2*a + 2*y**2)," in text for text in sources)
    shown = [out for cell in cells for out in cell.get("outputs", [])]
    assert len(shown) == len(square.stages)
    assert "outlier equation" in "".join(out["data"]["text/markdown"] for out in shown)


def test_its_network_is_the_same_with_all_its_functions_and_fractions():
    third, u_1 = Rational(1, 3), symbols("u_1")
    loss = (y - yh) ** 2 * sqrt(2) / (pi * (a + third)) + (1 + yh**2) ** Rational(-3, 2)
    teacher = erfc(u_1) + Max(u_1, third) + E * Abs(u_1) + sign(u_1)
    loss = loss.subs({y: label, yh: prediction, a: own_a})
    setting = Setting(argument**2 + third, loss, teacher=teacher)
    known = {}
    exec(_imports(setting), known)
    for formula in (setting.activation, setting.loss, setting.teacher):
        plain = {v: symbols(str(v).replace(r"\hat{y}", "yh")) for v in formula.free_symbols}
        assert eval(_code(formula), known) == formula.xreplace(plain)


@pytest.mark.long
def test_what_would_be_refused_is_no_cell(tmp_path):
    """Several nodes take minutes, and at these values there is no left edge to ask about."""
    for network in (Network(tanh(x), SQUARED / a, 2, 1), Network(x**2, SQUARED / a, p, p_star)):
        cells = json.loads(derive(network).to_notebook(tmp_path / "mine.ipynb").read_text())[
            "cells"
        ]
        sources = ["".join(cell["source"]) for cell in cells]
        assert not any("= threshold(numbers)" in text for text in sources)


def test_the_stored_notebook_draws_what_an_exported_one_does():
    stored = Path(__file__).parents[2] / "notebooks" / "derive_your_own.ipynb"
    cells = json.loads(stored.read_text(encoding="utf-8"))["cells"]
    assert figure(REACHES[0]) in ["".join(cell["source"]) for cell in cells]


def run(found, folder):
    """Run a notebook in a fresh kernel, where a warning is an error."""
    nbclient = pytest.importorskip("nbclient", reason='needs pip install "bbpsym[notebooks]"')
    for module in ("ipykernel", "matplotlib"):
        pytest.importorskip(module, reason='needs pip install "bbpsym[notebooks]"')
    import nbformat

    path = found.to_notebook(folder / "mine.ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    strict = nbformat.v4.new_code_cell("import warnings; warnings.simplefilter('error')")
    notebook.cells.insert(0, strict)
    nbclient.NotebookClient(notebook, timeout=None, startup_timeout=3600).execute()
    return notebook


@pytest.mark.slow
@pytest.mark.usefixtures("untidy")
@pytest.mark.parametrize("name", GALLERY)
def test_it_runs_in_a_fresh_kernel(tmp_path, name):
    notebook = run(derive(GALLERY[name]()), tmp_path)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
