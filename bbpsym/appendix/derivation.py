"""What `derive` returns: steps with their rules and checks, to read, to go on with, to export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from textwrap import fill
from types import MappingProxyType
from typing import Any

from tabulate import tabulate

from bbpsym import arguments
from bbpsym.ensembles.setting import Setting
from bbpsym.errors import DomainError, meant
from bbpsym.records.check import DIGITS, Verdict, check
from bbpsym.records.record import Nature, Record
from bbpsym.records.show import block, markdown, told

WIDTH = 92

#: Most digits a check may be asked for.
MAX_DIGITS = 50


class Status(StrEnum):
    """How a step is known."""

    GIVEN = "given"
    DERIVED = "derived"
    COMPUTED = "computed"
    UNKNOWN = "not known"


@dataclass(frozen=True, repr=False)
class Step:
    """One step of a derivation.

    Attributes
    ----------
    name : str
        What `Derivation` finds it by.
    stage : str
        The part of the derivation that it belongs to.
    status : Status
        Given, derived, computed or not known.
    record : Record or None
        The equation, its rule and its check; None where nothing is known.
    follows_from : tuple of str
        Names of the steps it starts from.
    reason : str
        Why nothing is known, or why it is computed.
    more : callable, optional
        Makes the record of a computed step to a number of digits.
    """

    name: str
    stage: str
    status: Status
    record: Record | None = None
    follows_from: tuple[str, ...] = ()
    reason: str = ""
    more: Callable[[int], Record] | None = field(default=None, compare=False)

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
            reach = f", which reach {self.record.reach} digits" if self.record.reach < 1000 else ""
            by.append(f"numbers found another way agree{reach}")
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

    def _sources(self) -> str:
        return f" (from {', '.join(self.follows_from)})" if self.follows_from else ""

    def __str__(self) -> str:
        head = f"{self.label} [{self.status}]"
        rule = f"{self.rule}{self._sources()}".strip()
        parts = [head, *(["  " + rule] if rule else [])]
        if self.reason:
            parts.append(fill(self.reason, WIDTH, initial_indent="  ", subsequent_indent="  "))
        text = "\n".join(parts)
        return f"{text}\n\n{block(self.expressions)}" if self.expressions else text

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        if self.record is None:
            return f"**{self.name}** — *{self.status}*\n\n{self.reason}"
        found = markdown(self.record, f"**{self.label}** — *{self.status}*")
        ends = [f"*Follows from* {', '.join(self.follows_from)}."] if self.follows_from else []
        checks = [f"*Check:* {self.witness}."] if self.witness else []
        return "\n\n".join([found, *ends, *checks, *([self.reason] if self.reason else [])])


def no_step(name: Any, known: Iterable[str]) -> DomainError:
    """What to say of a name that no step has."""
    names = tuple(known)
    near = meant(str(name), names) or f": choose from {', '.join(names)}"
    return DomainError(f"there is no step {name!r:.40}{near}")


@dataclass(frozen=True, repr=False)
class Verification:
    """The verdicts on a derivation.

    Attributes
    ----------
    verdicts : mapping of str to Verdict or None
        By the name of the step; None where nothing is claimed.
    digits : int
        Digits of agreement asked for.
    """

    verdicts: Mapping[str, Verdict | None]
    digits: int

    @property
    def ok(self) -> bool:
        """Whether every step that claims something holds."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the steps that do not hold."""
        return tuple(n for n, v in self.verdicts.items() if v is not None and not v.ok)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Name, digits and verdict of every step."""
        for name, verdict in self.verdicts.items():
            if verdict is None:
                yield name, "-", Status.UNKNOWN
            else:
                yield name, verdict.digits_text, verdict.word

    def __str__(self) -> str:
        table = tabulate(list(self.rows()), ("step", "digits", "verdict"), disable_numparse=True)
        claims = sum(v is not None and not v.is_definition for v in self.verdicts.values())
        open_ = sum(v is None for v in self.verdicts.values())
        held = (
            f"{len(self.failed)} of {claims} steps failed"
            if self.failed
            else (f"{claims} steps hold")
        )
        return f"{table}\n\n{held}, {open_} not known"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Part:
    """The steps of one stage.

    Attributes
    ----------
    stage : str
        Its name.
    steps : tuple of Step
        None if a network has no such stage.
    """

    stage: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.steps)) or "no step of this kind"

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        shown = (step._repr_markdown_() for step in self.steps)
        return "\n\n".join(shown) or "There is no step of this kind for this network."


@dataclass(frozen=True, repr=False)
class Derivation:
    """The derivation of one network.

    Attributes
    ----------
    network : Setting, Network or Model
        What it is about.
    steps : tuple of Step
        In the order in which they follow from one another.

    Examples
    --------
    >>> from bbpsym import Model, derive
    >>> derive(Model(p=2, p_star=1, a=1)).names[0]
    'teacher'
    """

    network: Any
    setting: Setting
    steps: tuple[Step, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all steps."""
        return tuple(step.name for step in self.steps)

    @property
    def stages(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps by their stage."""
        found: dict[str, tuple[Step, ...]] = {}
        for step in self.steps:
            found[step.stage] = (*found.get(step.stage, ()), step)
        return MappingProxyType(found)

    def __getitem__(self, name: str) -> Step:
        """Return a step by its name, or by its number in the paper.

        Raises
        ------
        DomainError
            If there is none; the sentence lists the names.
        """
        for step in self.steps:
            if name == step.name or (step.record is not None and name == step.record.id):
                return step
        raise no_step(name, self.names)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def verify(self, digits: Any = DIGITS) -> Verification:
        """Derive every step again and hold it against its own check.

        Parameters
        ----------
        digits : int
            Digits of agreement asked for, 1 to 50; a witness may reach fewer, and says so.

        Returns
        -------
        Verification

        Raises
        ------
        DomainError
            If `digits` is out of range.
        """
        asked = arguments.digits(digits, MAX_DIGITS) or DIGITS
        verdicts = {step.name: step.check(asked) for step in self.steps}
        return Verification(MappingProxyType(verdicts), asked)

    def to_notebook(self, path: str | Path) -> Path:
        """Write a notebook to go on working in; it runs with this package alone.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from bbpsym.appendix.notebook import write

        return write(self, Path(path))

    def to_latex(self, path: str | Path) -> Path:
        """Write the derivation as a LaTeX document.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        from bbpsym.appendix.document import write

        return write(self, Path(path))

    def __str__(self) -> str:
        parts = [f"Derivation of {self.network}"]
        for stage, steps in self.stages.items():
            parts += [f"{stage}\n{'=' * len(stage)}", *map(str, steps)]
        return "\n\n".join(parts) + "\n"

    def __repr__(self) -> str:
        count = sum(step.status is Status.DERIVED for step in self.steps)
        return f"Derivation of {self.network}: {len(self)} steps, {count} derived"

    def part(self, stage: str) -> Part:
        """One stage, to show; empty if this network has none of that name."""
        return Part(stage, self.stages.get(stage, ()))

    def _repr_markdown_(self) -> str:
        parts = []
        for stage, steps in self.stages.items():
            parts += [f"### {stage}", Part(stage, steps)._repr_markdown_()]
        return "\n\n".join(parts)


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


def step(
    record: Record, stage: str, name: str, follows_from: tuple[str, ...], reason: str = ""
) -> Step:
    """Make a step of a record."""
    return Step(name, stage, STATUS[record.nature], record, follows_from, reason)
