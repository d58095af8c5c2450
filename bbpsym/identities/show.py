"""One equation on a page: statement, derivation, chain back to the definitions, LaTeX."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from textwrap import fill

from sympy import latex, pretty

from bbpsym.identities.record import Record
from bbpsym.identities.registry import record_of

WIDTH = 92


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
            pretty(relation, use_unicode=True, num_columns=200) for relation in record.relations()
        ),
        _paragraph("Domain", record.domain),
        _paragraph("Derivation", record.how),
        _paragraph("", _docstring(record)),
        _paragraph("", record.note),
        "Chain:\n" + "\n".join(_link(record_of(name)) for name in chain),
        "LaTeX:\n" + "\n".join(latex_of(record)),
    ]
    return "\n\n".join(part for part in parts if part)


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
