"""All records, chapter by chapter, and the graph of what follows from what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from sympy.core.relational import Relational

import bbpsym.derivations
from bbpsym.errors import DomainError, meant, quoted
from bbpsym.records.record import Nature, Record

#: Everything else is derived from these definitions of the model...
ROOT_DEFINITIONS = ("1", "2", "3", "6", "7")

#: The equations of the paper.
NUMBERS = tuple(str(number) for number in range(1, 59))


#: How a record begins in the source of a chapter.
BEGINS = re.compile(r'^@record\(\s*"([^"]+)"', re.MULTILINE)


@cache
def chapters() -> Mapping[str, str]:
    """Return the chapter of every record by its id, the numbered ones first; runs none of them."""
    found = {
        record: path.stem
        for folder in bbpsym.derivations.__path__
        for path in sorted(Path(folder).glob("[0-9]*.py"))
        for record in BEGINS.findall(path.read_text(encoding="utf-8"))
    }
    numbered = sorted(filter(str.isdigit, found), key=int)
    return {name: found[name] for name in dict.fromkeys([*numbered, *found])}


@cache
def records() -> Mapping[str, Record]:
    """Return every record by its id, the numbered ones first."""
    names = sorted(item.name for item in iter_modules(bbpsym.derivations.__path__))
    found = [record for name in names for record in in_chapter(name)]
    numbered = sorted((r for r in found if r.id.isdigit()), key=lambda r: int(r.id))
    added = [record for record in found if not record.id.isdigit()]
    table = {record.id: record for record in [*numbered, *added]}
    if len(table) != len(found):
        raise RuntimeError("two records share an id")
    return table


def in_chapter(name: str) -> list[Record]:
    """The records that a chapter tells, in their order."""
    module = import_module(f"bbpsym.derivations.{name}")
    return [item for item in vars(module).values() if isinstance(item, Record)]


def record_of(record_id: str) -> Record:
    """Return one record.

    Raises
    ------
    DomainError
        If there is no record of that id.
    """
    table = chapters()
    if record_id not in table:
        # No number is like another: only words are mistyped.
        known = "" if record_id.isdigit() else meant(record_id, table)
        known = known or ': choose from 1 to 58, or a name that "bbpsym show" lists'
        raise DomainError(f"there is no equation {quoted(record_id)}{known}")
    return _by_id(table[record_id])[record_id]


@cache
def _by_id(chapter: str) -> Mapping[str, Record]:
    return {record.id: record for record in in_chapter(chapter)}


def equation(record_id: str, of: Any = None) -> Relational:
    """What a record states, to go on from in a derivation; its first relation if it has several.

    Of the paper's network, or of another one.
    """
    found = record_of(record_id)
    return (found if of is None else found.of(of)).relations()[0]


def ancestors(record_id: str) -> list[str]:
    """Everything a record follows from, itself last, each after what it follows from."""
    order: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise RuntimeError(f"circular derivation: {' <- '.join((*path, name))}")
        if name not in order:
            for parent in record_of(name).follows_from:
                visit(parent, (*path, name))
            order.append(name)

    visit(record_id, ())
    return order


def gaps() -> list[str]:
    """What is missing in the graph: roots that may not be roots, records without a derivation."""
    found = [f"({number}) has no record" for number in NUMBERS if number not in records()]
    for name, record in records().items():
        ancestors(name)
        if record.nature in (Nature.CONJECTURE, Nature.COMPUTED):
            continue
        if not record.follows_from:
            allowed = record.nature is Nature.LARGE_N or name in ROOT_DEFINITIONS
            if not allowed:
                found.append(f"{name} follows from nothing")
        elif not record.steps() and record.nature is not Nature.DEFINITION:
            found.append(f"{name} has no derivation")
    return found
