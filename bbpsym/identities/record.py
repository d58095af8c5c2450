"""One equation: what it states, what it follows from, and how a machine can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from sympy.core.relational import Relational

#: One or several relations that are stated together.
Statement = tuple[Relational, ...]

#: Values of the symbols in a statement, found by routes of their own.
Point = Mapping[Any, Any]

#: Draws points at which a statement must hold, to a number of digits.
Witness = Callable[[Random, int], Iterator["Point | Approach"]]


@dataclass(frozen=True)
class Approach:
    """Points at which a small parameter is halved each time, towards a limit.

    A relation is held against the ratio of its sides, extrapolated to the limit.

    Attributes
    ----------
    points : tuple of Point
        The points, the small parameter halved from one to the next.
    power : int
        The ratio is a series in this power of the small parameter.
    """

    points: tuple[Point, ...]
    power: int = 1


class Nature(StrEnum):
    """What kind of truth an equation is."""

    DEFINITION = "definition"
    DERIVED = "derived"
    LIMIT = "limit"
    LARGE_N = "large-N statement"
    CONJECTURE = "conjecture"


@dataclass(frozen=True)
class Record:
    """An equation with everything needed to check it.

    Attributes
    ----------
    id : str
        Number of the equation in the paper, or a name if the project adds it.
    title : str
        What it is, in a few words.
    nature : Nature
        Definition, derived, limit, large-N statement or conjecture.
    statement : callable
        Builds the relations; the formulas come from `bbpsym.equations`.
    domain : str
        The variables and where the relations hold.
    how : str
        How it is derived, in one line.
    note : str
        The argument in words, where code alone does not say it.
    follows_from : tuple of str
        Ids of the records the derivation starts from; empty for a root.
    derive : callable, optional
        Computes the same relations from those records.
    witness : callable, optional
        Draws points at which both sides are evaluated.
    reach : int
        Digits the witness itself can give, where that is fewer than asked for.
    """

    id: str
    title: str
    nature: Nature
    statement: Callable[[], Relational | Statement]
    domain: str = ""
    how: str = ""
    note: str = ""
    follows_from: tuple[str, ...] = ()
    derive: Callable[[], Relational | Statement] | None = None
    witness: Witness | None = None
    reach: int = 1000

    @property
    def is_root(self) -> bool:
        """Whether nothing else is used to establish it."""
        return self.nature in (Nature.DEFINITION, Nature.LARGE_N) and not self.follows_from

    def relations(self) -> Statement:
        """The relations stated, as a tuple."""
        return as_statement(self.statement())


def as_statement(found: Relational | Statement) -> Statement:
    """One relation or several, as a tuple."""
    return found if isinstance(found, tuple) else (found,)
