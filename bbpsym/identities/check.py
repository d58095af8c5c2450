"""The verdict on a record: derived by code, and true in numbers. Unknown is a failure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from bbpsym.identities.compare import same_statement
from bbpsym.identities.evaluate import agreement, limit_agreement
from bbpsym.identities.proof import BrokenDerivationError
from bbpsym.identities.record import Approach, Nature, Point, Record, Statement, as_statement
from bbpsym.identities.registry import record_of

#: Digits of agreement asked for by default, and the seed of the random points.
DIGITS = 10
SEED = 2510_18435


@dataclass(frozen=True)
class Verdict:
    """What was found for one record.

    Attributes
    ----------
    record : Record
        The equation.
    derived : bool or None
        Whether the derivation gave the statement; None if there is nothing to derive.
    digits : float or None
        Least number of digits of agreement; None without numbers, infinite if exact.
    asked : int
        Digits asked for.
    trouble : str
        Why it failed, or "".
    """

    record: Record
    derived: bool | None
    digits: float | None
    asked: int
    trouble: str

    @property
    def ok(self) -> bool:
        """Whether the record holds."""
        return not self.trouble

    @property
    def how(self) -> str:
        """How the record was established, in words."""
        if self.record.nature is Nature.DEFINITION:
            return "by definition"
        return self.record.how

    @property
    def is_definition(self) -> bool:
        """Whether there is no claim in the record that could be true or false."""
        return self.record.nature is Nature.DEFINITION

    @property
    def word(self) -> str:
        """The verdict as printed."""
        if self.trouble:
            return f"FAILED: {self.trouble}"
        if self.is_definition:
            return "definition"
        return f"ok{self.shortfall}"

    @property
    def shortfall(self) -> str:
        """What to add where the witness cannot give the digits that were asked for."""
        if self.digits is None or self.record.reach >= self.asked:
            return ""
        return f", {self.digits_text} of {self.asked}: its witness reaches {self.record.reach}"

    @property
    def known_digits(self) -> float | None:
        """Digits of agreement, no more than were worked with; infinite if exact."""
        if self.digits is None or self.digits == float("inf"):
            return self.digits
        return float(int(min(self.digits, self.asked, self.record.reach)))

    @property
    def digits_text(self) -> str:
        """Digits of agreement as printed: "exact" where both sides are equal exact numbers."""
        digits = self.known_digits
        if digits is None:
            return "-"
        return "exact" if digits == float("inf") else str(int(digits))

    def as_json(self) -> dict[str, Any]:
        """Return the verdict ready for JSON; `digits` is "exact" where both sides are equal."""
        digits: Any = self.known_digits
        if digits is not None:
            digits = "exact" if digits == float("inf") else int(digits)
        return {
            "id": self.record.id,
            "title": self.record.title,
            "nature": str(self.record.nature),
            "derived": "" if self.is_definition else self.how,
            "digits": digits,
            "reach": min(self.asked, self.record.reach) if self.record.witness else None,
            "ok": self.ok,
        }


def check(record: Record, digits: int = DIGITS, statement: Statement | None = None) -> Verdict:
    """Check a record, or another statement in its place.

    Parameters
    ----------
    record : Record
        The equation, its derivation and its witness.
    digits : int
        Digits of agreement wanted; a witness with less reach has to give its own.
    statement : Statement, optional
        What to check instead of the record's own statement, e.g. a mutant.
    """
    needed = min(digits, record.reach)
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
        trouble = _trouble(record, derived, found, needed)
    return Verdict(record, derived, found, digits, trouble)


def _trouble(record: Record, derived: bool | None, found: float | None, needed: int) -> str:
    """Why what was found does not establish the record, or ""."""
    if derived is False:
        return "the derivation gives something else"
    if found is not None and found < needed:
        return f"the two sides agree to {found:.1f} digits, {needed} are needed"
    if derived is None and found is None and record.nature is not Nature.DEFINITION:
        return "neither derived nor seen in numbers"
    return ""


def _sentence(error: Exception) -> str:
    """Kind and text of an error on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def matches_derivation(record: Record, statement: Statement) -> bool | None:
    """Whether the derivation gives the statement; None if there is no derivation."""
    return None if record.derive is None else same_statement(derivation(record.id), statement)


def numeric_agreement(record: Record, statement: Statement, digits: int) -> float | None:
    """Least digits of agreement over the points of the witness; None if there is no witness."""
    if record.witness is None:
        return None
    working = min(digits, max(record.reach, DIGITS))
    found = [
        limit_agreement(relation, point, working)
        if isinstance(point, Approach)
        else agreement(relation, point, working)
        for point in points(record.id, digits)
        for relation in statement
    ]
    return min(found, default=0.0)


@cache
def derivation(record_id: str) -> Statement:
    """Run the derivation of a record, once."""
    derive = record_of(record_id).derive
    if derive is None:
        raise BrokenDerivationError(f"{record_id} has no derivation")
    return as_statement(derive())


@cache
def points(record_id: str, digits: int) -> tuple[Point | Approach, ...]:
    """Random admissible points for a record, the same ones every time."""
    witness = record_of(record_id).witness
    if witness is None:
        raise BrokenDerivationError(f"{record_id} has no witness")
    reach = record_of(record_id).reach
    return tuple(witness(Random(f"{SEED} {record_id}"), min(digits, max(reach, DIGITS))))
