"""The verdict on a record: derived by code, and true in numbers. Unknown is a failure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from sympy.core.relational import Relational

from bbpsym.numerics.enclosures import precision
from bbpsym.records.brute_force import bits
from bbpsym.records.equality import same_statement
from bbpsym.records.evaluate import agreement, limit_agreement
from bbpsym.records.record import Approach, Assignment, Nature, Record, Relations, label

#: Digits of agreement asked for by default, and the seed of the random points.
DIGITS = 10
SEED = 2510_18435


@dataclass(frozen=True)
class Verdict:
    """What was found for one record.

    Attributes
    ----------
    id, title, nature : str, str, Nature
        Those of the record.
    how : str
        How it was established, in words.
    derived : bool or None
        Whether the derivation gave the statement; None if there is nothing to derive.
    digits : float or None
        Least number of digits of agreement; None without numbers, infinite if exact.
    asked : int
        Digits asked for.
    reach : int or None
        Digits of these that its witness can give; None without one.
    trouble : str
        Why it failed, or "".
    """

    id: str
    title: str
    nature: Nature
    how: str
    derived: bool | None
    digits: float | None
    asked: int
    reach: int | None
    trouble: str

    @property
    def ok(self) -> bool:
        """Whether the record holds."""
        return not self.trouble

    @property
    def is_definition(self) -> bool:
        """Whether there is no claim in the record that could be true or false."""
        return self.nature is Nature.DEFINITION

    @property
    def label(self) -> str:
        """Number in parentheses, or the name of an added record."""
        return label(self.id)

    @property
    def word(self) -> str:
        """The verdict as printed, with what is missing of the digits that were asked for."""
        if self.trouble:
            return f"FAILED: {self.trouble}"
        if self.is_definition:
            return "definition"
        if self.digits is None or self.reach == self.asked:
            return "ok"
        return f"ok, {self.digits_text} of {self.asked}: its witness reaches {self.reach}"

    @property
    def known_digits(self) -> float | None:
        """Digits of agreement, no more than were worked with; infinite if exact."""
        if self.digits is None or self.reach is None or self.digits == float("inf"):
            return self.digits
        return float(int(min(self.digits, self.reach)))

    @property
    def digits_text(self) -> str:
        """Digits of agreement as printed: "exact" where both sides are equal exact numbers."""
        digits = self.known_digits
        if digits is None:
            return "-"
        return "exact" if digits == float("inf") else str(int(digits))

    def as_json(self) -> dict[str, Any]:
        """Return the verdict ready for JSON; `digits` is "exact" where both sides are equal."""
        text = self.digits_text
        return {
            "id": self.id,
            "title": self.title,
            "nature": str(self.nature),
            "derived": "" if self.is_definition else self.how,
            "digits": None if text == "-" else int(text) if text.isdigit() else text,
            "reach": self.reach,
            "ok": self.ok,
        }


def check(record: Record, digits: int = DIGITS, statement: Relations | None = None) -> Verdict:
    """Check a record, or another statement in its place.

    Parameters
    ----------
    record : Record
        The equation, its derivation and where it has numbers.
    digits : int
        Digits of agreement wanted; a place with less reach has to give its own.
    statement : Relations, optional
        What to check instead of the record's own statement, e.g. a mutant.
    """
    derived, found, part = None, None, "statement"
    try:
        statement = record.relations() if statement is None else statement
        part = "derivation"
        derived = matches_derivation(record, statement)
        part = "witness"
        found = numeric_agreement(record, statement, digits)
    except Exception as error:  # whatever goes wrong, the record is not established
        trouble = f"the {part} broke: {_sentence(error)}"
    else:
        trouble = _trouble(record, derived, found, min(digits, record.reach))
    how = "by definition" if record.nature is Nature.DEFINITION else record.how
    reach = min(digits, record.reach) if record.at else None
    given = record.id, record.title, record.nature, how
    return Verdict(*given, derived, found, digits, reach, trouble)


def _trouble(record: Record, derived: bool | None, found: float | None, needed: int) -> str:
    """Why what was found does not establish the record, or ""."""
    if derived is False:
        return "the derivation gives something else"
    if found is not None and not found >= needed:
        return f"the two sides agree to {found:.1f} digits, {needed} are needed"
    if derived is None and found is None and record.nature is not Nature.DEFINITION:
        return "neither derived nor seen in numbers"
    return ""


def _sentence(error: Exception) -> str:
    """Kind and text of an error on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def matches_derivation(record: Record, statement: Relations) -> bool | None:
    """Whether the last step is the statement; None if there are no steps."""
    steps = record.steps()
    return same_statement(steps[-1].formulas, statement) if steps else None


def numeric_agreement(record: Record, statement: Relations, digits: int) -> float | None:
    """Least digits of agreement over the points of the record; None if it has no numbers."""
    if record.at is None:
        return None
    working = min(digits, max(record.reach, DIGITS))
    return min((_agreement(record, relation, working) for relation in statement), default=0.0)


@lru_cache(maxsize=512)
def _agreement(record: Record, relation: Relational, digits: int) -> float:
    """Least digits of agreement of one relation: a statement may hold many."""
    with precision(bits(digits)):
        found = [
            limit_agreement(relation, point, digits)
            if isinstance(point, Approach)
            else agreement(relation, point, digits)
            for point in points(record, digits)
        ]
    return min(found, default=0.0)


@lru_cache(maxsize=512)
def points(record: Record, digits: int) -> tuple[Assignment | Approach, ...]:
    """Random admissible points for a record, the same ones every time."""
    return () if record.at is None else tuple(record.at(Random(f"{SEED} {record.id}"), digits))
