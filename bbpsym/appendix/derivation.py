"""What `derive` returns: steps with their rules and checks, to read, to go on with, to export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tabulate import tabulate

from bbpsym.appendix import document, notebook
from bbpsym.appendix.steps import Status, Step, no_step, step_name
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.reading import arguments
from bbpsym.records.check import DIGITS, Verdict

#: Most digits a check may be asked for.
MAX_DIGITS = 50


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

    verdicts: Mapping[str, Verdict | None] = field(hash=False)
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

    def __getitem__(self, name: str | int) -> Step:
        """Return a step by its name, or by its number in the paper: 40, "40" or "(40)".

        Raises
        ------
        DomainError
            If there is none; the sentence suggests another name.
        """
        known = step_name(name)
        for step in self.steps:
            if known == step.name or (step.record is not None and known == step.record.id):
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
        return Verification(verdicts, asked)

    def to_notebook(self, path: str | Path) -> Path:
        """Write a notebook to go on working in; it runs with this package alone.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        return notebook.write(self, Path(path))

    def to_latex(self, path: str | Path) -> Path:
        """Write the derivation as a LaTeX document.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        return document.write(self, Path(path))

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
