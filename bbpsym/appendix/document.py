"""A derivation as a LaTeX document: the appendix of a paper, to paste from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bbpsym.appendix.steps import Step
from bbpsym.ensembles.networks.setting import MEAN, Setting
from bbpsym.equations.weights import argument
from bbpsym.records.show import definitions, latex
from bbpsym.writing.display import latex_text
from bbpsym.writing.lines import ROOM, broken, width
from bbpsym.writing.typeset import typeset

if TYPE_CHECKING:
    from bbpsym.appendix.derivation import Derivation

#: What a number in parentheses is.
NUMBERS = "Numbers in parentheses are those of the equations in arXiv:2510.18435."

HEAD = r"""\documentclass{article}
\usepackage{amsmath,amssymb,graphicx}
\usepackage[margin=25mm]{geometry}
\sloppy
"""


def write(found: Derivation, path: Path) -> Path:
    """Write a document and return its path."""
    path.write_text(document(found), encoding="utf-8")
    return path


def document(found: Derivation) -> str:
    """A LaTeX document that compiles by itself."""
    setting = found.setting
    loss, activation = latex(setting.loss), latex(setting.activation)
    title = rf"From the loss $\ell(y, \hat{{y}}) = {loss}$ and the activation $s(x) = {activation}$"
    parts = [
        HEAD,
        rf"\title{{{title}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
    ]
    parts += [f"{_about(setting)} {NUMBERS}"]
    for stage, steps in found.stages.items():
        parts.append(rf"\section{{{stage}}}")
        parts += [line for step in steps for line in _step(step)]
    return "\n\n".join([*parts, r"\end{document}"]) + "\n"


def _about(setting: Setting) -> str:
    """What the title does not say of a network."""
    names = {"overlap": "m_0", "noise": r"\sigma", "bias": "b"}
    known = {"overlap": "overlap", "noise": "label noise", "bias": "bias"}
    pairs = (("p", setting.p), ("p^*", setting.p_star))
    widths = [f"${s} = {latex(x)}$" if x.is_number else f"${s}$" for s, x in pairs]
    parts = [f"The student has {widths[0]} nodes, the teacher {widths[1]}"]
    parts += [f"outputs are {'means' if setting.output == MEAN else 'sums'} over the nodes"]
    if setting.teacher is not None:
        of = "the teacher's activation" if setting.teacher.has(argument) else "the label"
        parts.append(f"{of} is ${latex(setting.teacher)}$")
    for name, letter in names.items():
        if (value := getattr(setting, name)) != 0:
            parts.append(f"{known[name]} ${letter} = {latex(value)}$")
    return "; ".join(parts) + "."


def _step(step: Step) -> Iterator[str]:
    """Statement, prose and steps, each with its rule, and the check."""
    yield rf"\subsection*{{{prose(step.label)} ({step.status})}}"
    if step.record is not None:
        yield from map(displayed, step.expressions)
        for item in definitions(step.record):
            yield "where"
            yield displayed(item)
        yield from filter(None, map(prose, step.record.prose.split("\n\n")))
        if step.record.domain:
            yield rf"\emph{{Domain:}} {prose(step.record.domain)}."
        for line in step.record.steps():
            yield f"{prose(line.rule)}:"
            yield from map(displayed, line.formulas)
    if step.witness:
        yield rf"\emph{{Check:}} {prose(step.witness)}."
    if step.reason:
        yield prose(step.reason)
    if step.follows_from:
        yield rf"\emph{{Follows from}} {prose(', '.join(step.follows_from))}."


def displayed(formula: object) -> str:
    """A displayed formula; what is wider than the page in all its lines is set smaller."""
    text = broken(latex(formula))
    if width(text) > ROOM * 1.1:
        text = f"\\resizebox{{\\textwidth}}{{!}}{{$\\displaystyle {text}$}}"
    return f"\\[\n{text}\n\\]"


def prose(text: str) -> str:
    """Words, in which formulas and code are set as such."""
    return typeset(" ".join(text.split()), latex_text, _code)


def _code(text: str) -> str:
    return rf"\texttt{{{latex_text(text.strip('`'))}}}"
