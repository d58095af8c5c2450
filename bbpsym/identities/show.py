"""One equation on a page: statement, derivation, chain back to the definitions, LaTeX."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from textwrap import fill

from sympy import Function, Symbol, latex, pretty
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from bbpsym.identities.record import Record
from bbpsym.identities.registry import record_of

WIDTH = 92

#: Widest formula that is set in two dimensions; a wider one is written on one line and wrapped.
WIDEST = 100

#: An exponent, for a terminal.
SUPERSCRIPTS = str.maketrans("0123456789T", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ")


def description(record: Record, chain: Sequence[str]) -> str:
    """Return everything there is to read about a record.

    Parameters
    ----------
    record : Record
        The equation.
    chain : sequence of str
        Ids of what it follows from, roots first, itself last.
    """
    parts = [
        f"{label(record)} {record.title} [{record.nature}]",
        "\n\n".join(_formula(plain(relation)) for relation in record.relations()),
        _paragraph("Domain", record.domain),
        _paragraph("Derivation", record.how),
        _paragraph("", _docstring(record)),
        _paragraph("", record.note),
        "Chain:\n" + "\n".join(_link(record_of(name)) for name in chain),
        "LaTeX:\n" + "\n".join(_wrapped(line) for line in latex_of(record)),
    ]
    return "\n\n".join(part for part in parts if part)


def _formula(relation: Relational) -> str:
    """A relation in two dimensions, or flat where that is too wide for a terminal."""
    drawn = pretty(relation, use_unicode=True, wrap_line=False)
    if max(map(len, drawn.splitlines())) <= WIDEST:
        return drawn
    sign = "=" if relation.rel_op == "==" else relation.rel_op
    return _wrapped(f"{relation.lhs} {sign} {relation.rhs}".replace("**", "^"))


def _wrapped(text: str) -> str:
    """Break a long line at spaces, continuation lines set in."""
    return fill(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)


def plain(relation: Relational) -> Relational:
    """Rename symbols whose names are LaTeX, for a terminal."""
    renamed = {
        symbol: Symbol(name, commutative=symbol.is_commutative)
        for symbol in relation.free_symbols
        if (name := _plain_name(symbol.name)) != symbol.name
    }
    return relation.xreplace(renamed).replace(
        lambda item: isinstance(item, AppliedUndef),
        lambda item: Function(_plain_name(item.func.__name__))(*item.args),
    )


def _plain_name(latex_name: str) -> str:
    name = re.sub(r"\\hat\{(\w)\}", "\\1\u0302", latex_name)
    name = re.sub(r"\^\{?(\*?)([\dT]+)\}?", _superscript, name)
    name = re.sub(r"\s*\\cdot\s*", "·", name)
    name = re.sub(r"\\(mathrm|mathbf|mathcal|left|right|,)|[{}\\]", "", name)
    for word, letter in (("lambda", "λ"), ("alpha", "α"), ("tau", "τ"), ("kappa", "κ")):
        name = name.replace(word, letter) if "\\" in latex_name else name
    name = name.replace("^", "")
    return name.replace("_", "") if "(" in name else name


def _superscript(found: re.Match[str]) -> str:
    return found[1] + found[2].translate(SUPERSCRIPTS)


def latex_of(record: Record) -> list[str]:
    """LaTeX of each relation of a record."""
    return [latex(relation) for relation in record.relations()]


def label(record: Record) -> str:
    """Number in parentheses, or the name of an added record."""
    return f"({record.id})" if record.id.isdigit() else record.id


def _link(record: Record) -> str:
    source = ", ".join(label(record_of(name)) for name in record.follows_from)
    reason = f" from {source}: {record.how}" if source and record.how else ""
    line = f"  {label(record):<14} {record.title} [{record.nature}]{reason}"
    return fill(line, WIDTH, subsequent_indent=" " * 17)


def _docstring(record: Record) -> str:
    return "" if record.derive is None else inspect.getdoc(record.derive) or ""


def _paragraph(title: str, text: str) -> str:
    if not text:
        return ""
    text = " ".join(text.split())
    return fill(f"{title}: {text}" if title else text, WIDTH, subsequent_indent="  ")
