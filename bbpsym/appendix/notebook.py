"""A derivation as a Jupyter notebook: to read, to change the loss, and to go on working in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy import Expr, Rational, Symbol, oo

from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.appendix import names as n
from bbpsym.appendix.numbers import A_TABLE, has_several
from bbpsym.ensembles.networks.setting import NODE, Setting
from bbpsym.equations.weights import prediction
from bbpsym.errors import BBPError
from bbpsym.symbols import p, p_star
from bbpsym.writing.handwriting import Text
from bbpsym.writing.typeset import escaped

if TYPE_CHECKING:
    from bbpsym.appendix.derivation import Derivation

#: What each stage is about.
PROSE: Mapping[str, str] = {
    n.NETWORK: "A student learns from a teacher. On one input both only see their pre-activations, "
    "$\\lambda_k = w_k\\cdot x$ and $u_l = w^*_l\\cdot x$, standard Gaussians at initialisation.",
    n.MATRIX: "Two derivatives of the loss of one sample give the weight matrix $F$ of the "
    "Hessian $H = \\sum_\\mu F^\\mu \\otimes x^\\mu x^{\\mu T}$. All that follows asks of $F$ its "
    "eigenvalues $f$ and their law.",
    n.BULK: "The Stieltjes transform $g(z)$ of the bulk solves one equation; "
    "$\\langle\\cdot\\rangle$ is the mean over the eigenvalues $f$ and the data.",
    n.EDGES: "Left of the bulk $g$ is real and negative, down to the end of its domain, $1/f_-$. "
    "An edge is *sharp* where $\\lambda(g)$ turns back inside the domain, *smooth* at its end.",
    n.OUTLIER: "Along the teacher the self-energy carries the teacher's pre-activation. Where the "
    "signal block is singular there is an outlier.",
    n.OVERLAP: "The residue of the resolvent at the outlier is the squared overlap of its "
    "eigenvector with the signal.",
    n.AVERAGES: "The averages become integrals.",
    n.CLOSED: "The outlier leaves the bulk where it meets the edge.",
    n.LIMITS: "Limits of the threshold.",
    n.NUMBERS: "What is known in numbers.",
}

#: Widths in the cell for numbers: for other losses than the paper's p = 1 has many digits.
PAPER, OTHER = {"p": 2, "p_star": 1}, {"p": 1, "p_star": 1}

#: Digits of the cell for as many as wanted.
DIGITS = 20

#: How far right of the edge the figure goes, in units of it: the first where all is known.
REACHES = (8, 2, 0.5)

#: Where the figure of a bulk without a left edge asks for the density.
TAIL = np.linspace(-8, 8, 81)[np.arange(81) != 40]


def write(found: Derivation, path: Path, outputs: bool = True) -> Path:
    """Write a notebook and return its path."""
    text = json.dumps(notebook(found, outputs), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def notebook(found: Derivation, outputs: bool = True) -> dict[str, Any]:
    """The notebook as its JSON; with the pages that its cells show, or without."""
    cells = []
    for number, (kind, text, page) in enumerate(_cells(found)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"derive-{number + 1}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
            if outputs and page:
                data = {"text/markdown": page}
                cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
        lines = text.splitlines(keepends=True)
        cells.append(cell | {"source": lines})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cells(found: Derivation) -> Iterator[tuple[str, str, str]]:
    """Kind, source and shown page of every cell."""
    setting = found.setting
    yield "markdown", _TITLE, ""
    yield "code", _imports(setting), ""
    yield "markdown", _CHANGE, ""
    yield "code", _network(found), ""
    for stage in found.stages:
        yield "markdown", f"## {stage}\n\n{PROSE.get(stage, '')}", ""
        yield "code", f'd.part("{stage}")', found.part(stage)._repr_markdown_()
    yield "markdown", _CHECK, ""
    yield "code", "d.verify()", ""
    yield from _numbers(found)


def _imports(setting: Setting) -> str:
    names = sorted({_name(v) for v in setting.parameters} | {"a", "p", "p_star"} | _nodes(setting))
    wanted = ", ".join([*sorted(_used(setting) - set(names)), "symbols"])
    return (
        f"from sympy import {wanted}\n\n"
        "from bbpsym import Model, Network, derive, density, edge, outlier, threshold\n\n"
        f'x, y, yh, {", ".join(names)} = symbols("x y yh {" ".join(names)}")'
    )


def _nodes(setting: Setting) -> set[str]:
    """Pre-activations of the teacher that a whole label names."""
    found = set() if setting.teacher is None else setting.teacher.free_symbols
    return {str(v) for v in found if NODE.fullmatch(str(v))}


def _used(setting: Setting) -> set[str]:
    """SymPy's names in the text of the formulas: functions, constants, and `S` of a fraction."""
    formulas = (setting.activation, setting.loss, setting.teacher)
    others = (setting.overlap, setting.noise, setting.bias)
    texts = [_code(item) for item in formulas if item is not None]
    texts += [_code(item) for item in others if not item.is_number]
    words = re.findall(r"[A-Za-z_]\w*", " ".join(texts))
    return {word for word in words if word not in ("x", "y", "yh") and hasattr(sympy, word)}


class _Python(Text):
    """Python in which a fraction is one of SymPy's, not a float."""

    def _print_Rational(self, expr: Rational) -> str:
        sign = "-" if expr.p < 0 else ""
        return f"{sign}S({abs(expr.p)})/{expr.q}"


def _network(found: Derivation) -> str:
    network = found.network
    if not isinstance(network, Setting) and hasattr(network, "a"):
        return f"network = {network!r}\nd = derive(network)"
    setting = found.setting
    given = [f"activation={_code(setting.activation)}", f"loss={_code(setting.loss)}"]
    if setting.teacher is not None:
        given.append(f"teacher={_code(setting.teacher)}")
    width = oo if getattr(network, "is_limit", False) or network.p is oo else setting.p
    given += [f"p={_width(width)}", f"p_star={_width(setting.p_star)}"]
    for name in ("overlap", "noise", "bias"):
        value = getattr(setting, name)
        if value != 0:
            given.append(f'{name}="{value}"' if value.is_number else f"{name}={_code(value)}")
    if setting.output != "mean":
        given.append(f'output="{setting.output}"')
    lines = "".join(f"    {item},\n" for item in given)
    return f"network = Network(\n{lines})\nd = derive(network)"


def _code(formula: Expr) -> str:
    renamed = {v: Symbol(_name(v)) for v in formula.free_symbols}
    return str(_Python().doprint(formula.xreplace(renamed)))


def _name(symbol: Symbol) -> str:
    return {p_star: "p_star", prediction: "yh"}.get(symbol, str(symbol))


def _width(value: Expr) -> str:
    return '"inf"' if value is oo else _name(value) if isinstance(value, Symbol) else str(value)


def _numbers(found: Derivation) -> Iterator[tuple[str, str, str]]:
    """Numbers with digits, a table and a figure, as far as the network has them."""
    network, code = found.network, "numbers = network"
    yield "markdown", "## Values: change them here\n\nGive every symbol a value.", ""
    if isinstance(network, Setting):
        widths = PAPER if found.setting.is_paper else OTHER
        known: dict[str, Any] = {**widths, "overlap": "1/2"}
        values = {name: known.get(name, 1) for name in map(_name, network.parameters)}
        code = f"numbers = network.at({json.dumps(values)})"
        network, refused = _tried(lambda: found.network.at(values))
        if refused:
            yield "markdown", f"`{code}` is refused: {escaped(refused)}.", ""
            return
    yield "code", f"{code}\nnumbers", ""
    if has_several(found.setting) and getattr(network, "p", 1) != 1:
        yield "markdown", A_TABLE, ""
    elif "no left edge" in found.names:
        _, refused = _tried(lambda: density(network, 2, TAIL))
        yield "markdown", "The bulk has no left edge; its density is known all the same.", ""
        yield _unless(refused, _TAIL)
    else:
        yield from _transition(found, network)


def _transition(found: Derivation, network: Any) -> Iterator[tuple[str, str, str]]:
    transition, refused = _tried(lambda: threshold(network))
    if refused:
        yield "markdown", f"There is no threshold in numbers: {escaped(refused)}.", ""
        return
    yield "code", "transition = threshold(numbers)\ntransition", ""
    if _has_digits(found) and not _tried(lambda: threshold(network, digits=DIGITS))[1]:
        yield "markdown", "To as many digits as wanted, each of them known to be right.", ""
        yield "code", f"threshold(numbers, digits={DIGITS})", ""
    yield "markdown", _TABLE_PROSE, ""
    yield "code", _TABLE, ""
    alpha = round(2 * float(transition.alpha), 6)
    low = float(edge(network, alpha).value)
    yield "markdown", "## A figure\n\nThe density of the bulk, its edge and the outlier.", ""
    for reach in REACHES:
        _, refused = _tried(partial(density, network, alpha, _points(low, reach)))
        if not refused:
            break
    yield _unless(refused, figure(reach))


def _tried(ask: Callable[[], Any]) -> tuple[Any, str]:
    """What a cell will find, or the sentence that it would end with."""
    try:
        return ask(), ""
    except BBPError as error:
        return None, str(error)


def _unless(refused: str, code: str) -> tuple[str, str, str]:
    """A cell, or why there is none."""
    why = f"There is none: {escaped(refused)}."
    return ("markdown", why, "") if refused else ("code", code, "")


def _points(low: float, reach: float) -> np.ndarray:
    """Where the figure asks for the density: closer at the edge, where it rises like a root."""
    return low + reach * abs(low) * np.linspace(0, 1, 101)[1:] ** 2


def _has_digits(found: Derivation) -> bool:
    """Whether thresholds have more digits than double precision gives."""
    setting = found.setting
    one = setting.p in (1, oo, p) and setting.p_star in (1, p_star) and setting.noise == 0
    smooth = "discontinuous" in found["threshold in numbers"].reason
    return setting.is_paper or (one and not smooth)


_TITLE = (
    "# From a loss to its transition\n\n"
    "When does the Hessian of a network, at random weights, start to know the teacher? This "
    "notebook derives the answer for one loss and one activation, step by step: each shows "
    "its equation, the rule that gives it and what it follows from, and says whether it is "
    "*derived*, *computed* or *not known*. Numbers in parentheses are those of the equations "
    "in arXiv:2510.18435. Run it from top to bottom; then change the loss."
)

_CHANGE = (
    "## The loss: change it here\n\n"
    "`s(x)` is the activation of all nodes, `l(y, yh)` the loss of one sample, with the label "
    "`y` and the student's output `yh`. Every other symbol is a positive parameter, and the "
    "widths `p` and `p_star` may be symbols or numbers. Then run the cells below again."
)

_CHECK = (
    "## Does it hold?\n\n"
    "Every step is derived again and held against a check of its own: averages by brute force "
    "at random points, or another route. *Witness reaches* says how far such a check can see."
)

_TABLE_PROSE = (
    "## A table\n\nEdge, outlier and squared overlap at multiples of the threshold; below it there "
    "is no outlier."
)

_TABLE = """from tabulate import tabulate

rows = []
for factor in (0.8, 1.25, 1.5, 2, 3):
    alpha = round(factor * float(transition.alpha), 6)
    left, out = edge(numbers, alpha), outlier(numbers, alpha)
    found = (out.text("value"), out.text("overlap2")) if out else ("-", "-")
    rows.append((alpha, left.kind, left.text("value"), *found))
print(tabulate(rows, ("alpha", "edge", "lambda_-", "lambda_*", "m^2"), disable_numparse=True))"""

_STYLE = """%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

from bbpsym.figures.style import RC

plt.rcParams.update(RC)
"""

_FIGURE = f"""{_STYLE}alpha = round(2 * float(transition.alpha), 6)
left, out = edge(numbers, alpha), outlier(numbers, alpha)
low = float(left.value)
points = low + REACH * abs(low) * np.linspace(0, 1, 101)[1:] ** 2
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot([low, *points], [0, *density(numbers, alpha, points)])
axes.axvline(low, color="0.6", linewidth=0.8)
if out:
    axes.plot(float(out.value), 0, "o", clip_on=False)
axes.set(xlabel=r"$\\lambda$", ylabel=r"$\\rho(\\lambda)$", title=rf"$\\alpha = {{alpha:.4g}}$")
plt.show()"""


def figure(reach: float) -> str:
    """The cell of the figure, which reaches so many times the edge to the right of it."""
    return _FIGURE.replace("REACH", f"{reach:g}")


_TAIL = f"""{_STYLE}points = np.linspace(-8, 8, 81)
points = points[points != 0]
figure, axes = plt.subplots(figsize=(6, 3))
axes.semilogy(points, density(numbers, 2, points))
axes.set(xlabel=r"$\\lambda$", ylabel=r"$\\rho(\\lambda)$", title=r"$\\alpha = 2$")
plt.show()"""
