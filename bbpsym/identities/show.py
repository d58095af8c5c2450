"""One equation on a page: statement, derivation, chain back to the definitions, LaTeX."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from textwrap import fill

from sympy import Symbol, latex, pretty
from sympy.core.relational import Relational

from bbpsym.identities.record import Record
from bbpsym.identities.registry import record_of

WIDTH = 92

#: Digits of an exponent, for a terminal.
SUPERSCRIPTS = str.maketrans("12345678", "¹²³⁴⁵⁶⁷⁸")


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
        "\n\n".join(
            pretty(plain(relation), use_unicode=True, num_columns=200)
            for relation in record.relations()
        ),
        _paragraph("Domain", record.domain),
        _paragraph("Derivation", record.how),
        _paragraph("", _docstring(record)),
        _paragraph("", record.note),
        "Chain:\n" + "\n".join(_link(record_of(name)) for name in chain),
        "LaTeX:\n" + "\n".join(latex_of(record)),
    ]
    return "\n\n".join(part for part in parts if part)


def plain(relation: Relational) -> Relational:
    """Rename symbols whose names are LaTeX, for a terminal."""
    renamed = {}
    for symbol in relation.free_symbols:
        name = re.sub(r"\\hat\{(\w)\}", "\\1\u0302", symbol.name)
        name = name.translate(SUPERSCRIPTS) if "H^" in name else name
        name = re.sub(r"\s*\\cdot\s*", "·", name)
        name = re.sub(r"\\(mathrm|mathbf|left|right|,)|[{}\\]", "", name)
        for word, letter in (("lambda", "λ"), ("alpha", "α"), ("tau", "τ"), ("kappa", "κ")):
            name = name.replace(word, letter) if "\\" in symbol.name else name
        name = name.replace("^", "")
        name = name.replace("_", "") if "(" in name else name
        if name != symbol.name:
            renamed[symbol] = Symbol(name, commutative=symbol.is_commutative)
    return relation.xreplace(renamed)


def latex_of(record: Record) -> list[str]:
    """LaTeX of each relation of a record."""
    return [latex(relation) for relation in record.relations()]


def label(record: Record) -> str:
    """Number in parentheses, or the name of an added record."""
    return f"({record.id})" if record.id.isdigit() else record.id


def _link(record: Record) -> str:
    source = ", ".join(label(record_of(name)) for name in record.follows_from)
    reason = f" from {source}: {record.how}" if source and record.how else ""
    return f"  {label(record):<14} {record.title} [{record.nature}]{reason}"


def _docstring(record: Record) -> str:
    return "" if record.derive is None else inspect.getdoc(record.derive) or ""


def _paragraph(title: str, text: str) -> str:
    if not text:
        return ""
    text = " ".join(text.split())
    return fill(f"{title}: {text}" if title else text, WIDTH, subsequent_indent="  ")
