"""One step of a derivation: its equation, its rule, its check, and how it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from textwrap import fill
from types import MappingProxyType
from typing import Any

from bbpsym.errors import DomainError, meant, quoted
from bbpsym.records.check import DIGITS, Verdict, check
from bbpsym.records.record import Nature, Record
from bbpsym.records.show import block, markdown, told
from bbpsym.writing.typeset import words

WIDTH = 92

#: An equation of the paper as it may be asked for.
NUMBERED = re.compile(r"(?:eqs?\.?\s*)?\(?(\d+)\)?", re.IGNORECASE)

#: Most steps that a sentence lists.
FEW = 12


class Status(StrEnum):
    """How a step is known."""

    GIVEN = "given"
    DERIVED = "derived"
    COMPUTED = "computed"
    UNKNOWN = "not known"


#: Status of a record by its nature.
STATUS: Mapping[Nature, Status] = MappingProxyType(
    {
        Nature.DEFINITION: Status.GIVEN,
        Nature.DERIVED: Status.DERIVED,
        Nature.LIMIT: Status.DERIVED,
        Nature.LARGE_N: Status.DERIVED,
        Nature.COMPUTED: Status.COMPUTED,
        Nature.CONJECTURE: Status.UNKNOWN,
    }
)


@dataclass(frozen=True, repr=False)
class Step:
    """One step of a derivation.

    Attributes
    ----------
    name : str
        What `Derivation` finds it by.
    stage : str
        The part of the derivation that it belongs to.
    record : Record or None
        The equation, its rule and its check; None where nothing is known.
    follows_from : tuple of str
        Names of the steps it starts from.
    reason : str
        Why nothing is known, or why it is computed.
    more : callable, optional
        Makes the record of a computed step to a number of digits.
    network : Setting, Network or Model, optional
        What it is derived for.
    status : Status
        Given, derived, computed or not known: what its record says unless it is given.
    """

    name: str
    stage: str
    #: Its generators are new ones each time that it is derived: a step is known by the rest.
    record: Record | None = field(default=None, compare=False)
    follows_from: tuple[str, ...] = ()
    reason: str = ""
    more: Callable[[int], Record] | None = field(default=None, compare=False)
    network: Any = None
    status: Status = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.status is None:
            known = Status.UNKNOWN if self.record is None else STATUS[self.record.nature]
            object.__setattr__(self, "status", known)

    @property
    def expressions(self) -> tuple[Any, ...]:
        """All that it states, as SymPy relations."""
        return () if self.record is None else self.record.relations()

    @property
    def expression(self) -> Any:
        """What it states, as a SymPy relation; the first one of several.

        Raises
        ------
        DomainError
            If nothing is known.
        """
        if not self.expressions:
            raise DomainError(f"{self.name} is not known: {self.reason}")
        return self.expressions[0]

    @property
    def rule(self) -> str:
        """The rule that gives it."""
        return self.record.how if self.record is not None else ""

    @property
    def witness(self) -> str:
        """How `check` checks it, in words."""
        if self.record is None or self.status is Status.GIVEN:
            return ""
        by = []
        if self.status is Status.DERIVED:
            by.append("algebra, step by step, ends at the statement")
        if self.record.at is not None:
            reach = f", which reach {self.record.reach} digits," if self.record.reach < 1000 else ""
            by.append(f"numbers found another way{reach} agree")
        return "; ".join(by)

    @property
    def label(self) -> str:
        """Name, and the number in the paper if it has one."""
        number = self.record.label if self.record is not None else ""
        return f"{number} {self.name}" if number[:1] == "(" else self.name

    def description(self) -> str:
        """All there is to read about it in a terminal, its derivation included."""
        if self.record is None:
            return str(self)
        lines = [str(self), *told(self.record)]
        for line in self.record.steps():
            lines.append(f"{line.rule}:\n\n{block(line.formulas)}")
        return "\n\n".join(lines)

    def check(self, digits: int = DIGITS) -> Verdict | None:
        """Derive it again and hold it against its own check; None where nothing is claimed."""
        if self.record is None:
            return None
        return check(self.record if self.more is None else self.more(digits), digits)

    def __str__(self) -> str:
        head = f"{self.label} [{self.status}]"
        sources = f" (from {', '.join(self.follows_from)})" if self.follows_from else ""
        rule = f"{self.rule}{sources}".strip()
        parts = [head, *(["  " + rule] if rule else [])]
        if self.reason:
            parts.append(fill(self.reason, WIDTH, initial_indent="  ", subsequent_indent="  "))
        text = "\n".join(parts)
        return f"{text}\n\n{block(self.expressions)}" if self.expressions else text

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        if self.record is None:
            return f"**{words(self.name)}** — *{self.status}*\n\n{words(self.reason)}"
        found = markdown(self.record, f"**{words(self.label)}** — *{self.status}*")
        ends = (
            [f"*Follows from* {words(', '.join(self.follows_from))}."] if self.follows_from else []
        )
        checks = [f"*Check:* {words(self.witness)}."] if self.witness else []
        return "\n\n".join([found, *ends, *checks, *([words(self.reason)] if self.reason else [])])


def step_name(given: Any) -> str:
    """A name as it is known: an equation by its number alone, also from 40, "(40)" and "eq. (40)".

    Examples
    --------
    >>> step_name(40), step_name("eq. (40)"), step_name("domain")
    ('40', '40', 'domain')
    """
    text = str(given).strip()
    number = NUMBERED.fullmatch(text)
    return number[1] if number else text


def no_step(name: Any, known: Iterable[str]) -> DomainError:
    """What to say of a name that no step has: which may be meant, or where all of them are."""
    names = tuple(dict.fromkeys(known))
    near = meant(str(name), names)
    holding = [other for other in names if str(name).lower() in other.lower()]
    if not near and 0 < len(holding) <= FEW:
        near = f": choose from {', '.join(holding)}"
    listed = ': "bbpsym derive" prints all of them, and in Python `names` lists them'
    return DomainError(f"there is no step {quoted(name)}{near or listed}")
