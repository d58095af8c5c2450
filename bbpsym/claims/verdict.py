"""What was found of a claim, and how it is shown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from itertools import combinations
from typing import Any

from tabulate import tabulate

from bbpsym.claims.statement import Statement, shown_in_latex
from bbpsym.claims.words import LATEX, QUANTITIES
from bbpsym.errors import FormulaError
from bbpsym.writing.display import exact_text, latex_number, latex_text

TRUE, FALSE, UNDECIDED = "true", "false", "undecided"

#: Where a claim without parameters is checked.
ALONE = "the one model given"

#: Digits of both sides in a table; a counterexample has as many as tell the two apart, and some.
SHOWN, BEYOND = 12, 4


@dataclass(frozen=True)
class Checked:
    """A point at which a claim was held against the engine.

    Attributes
    ----------
    exact : mapping of str to Fraction or int
        The parameters.
    classes : mapping of str to str
        What the point is: "transition" is continuous or discontinuous, "edge" smooth or sharp,
        "width" says whether p is 1.
    verdict : {"true", "false", "undecided"}
        Whether the two sides agree there.
    digits : float or None
        Digits to which they agree; None without numbers, and where only an order was seen.
    left, right : str
        Both sides; of a limit and of an expansion at the last value of its variable.
    note : str
        Why there is no verdict, or what was seen of a limit.
    known : float
        Digits to which the quantities were known there; of a limit those that it shows, none if it
        is not true.
    """

    exact: Mapping[str, Any] = field(hash=False)
    classes: Mapping[str, str] = field(hash=False)
    verdict: str
    digits: float | None = None
    left: str = ""
    right: str = ""
    note: str = ""
    known: float = 0

    @property
    def place(self) -> str:
        """The parameters in words."""
        parts = [f"{name} = {_exact(value)}" for name, value in self.exact.items()]
        return ", ".join(parts) or ALONE

    def record(self) -> dict[str, Any]:
        """Return the point as a dictionary ready for JSON."""
        exact = {name: _exact(value) for name, value in self.exact.items()}
        return {
            "at": exact,
            **self.classes,
            "verdict": self.verdict,
            "digits": self.digits if self.digits is None else _finite(self.digits),
            "left": self.left,
            "right": self.right,
            "note": self.note,
        }


@dataclass(frozen=True, repr=False)
class Claim:
    """What was found of a claim; true in a condition only if it was found to be true.

    Attributes
    ----------
    statement : str
        The claim, as text.
    where : tuple of str
        The helpers that it is written with.
    verdict : {"true", "false", "undecided"}
        True at every point; false at one; otherwise, not evaluated at one.
    digits : int
        Digits to which it was checked: those asked for, or all that are known at every point where
        both sides have a value. Zero where none were compared: a limit that is not true, without
        `digits`, and an order that holds with no term before it.
    points : tuple of Checked
        The points, exact, with both sides at each.
    seed : int
        What the points were drawn with.
    restriction : mapping of str to str
        The class to which the claim was restricted: {"transition": "discontinuous"}.
    refused : Checked or None
        The first point that was drawn but has no answer, so that nothing was checked there.

    Examples
    --------
    >>> from bbpsym import claim
    >>> claim("jump = 0", points=4, digits=10).verdict
    'false'
    """

    statement: str
    where: tuple[str, ...]
    verdict: str
    digits: int
    points: tuple[Checked, ...]
    seed: int
    restriction: Mapping[str, str] = field(hash=False)
    _parsed: Statement = field(repr=False, compare=False)
    refused: Checked | None = None

    def __bool__(self) -> bool:
        return self.verdict == TRUE

    @property
    def counterexample(self) -> Checked | None:
        """The point where the two sides differ most, if the claim is false."""
        wrong = [point for point in self.points if point.verdict == FALSE]
        return min(wrong, key=lambda point: point.digits or 0.0) if wrong else None

    @property
    def holds_on(self) -> str:
        """Where a claim holds that is not true everywhere, in words; "" if no class of points."""
        decided = [point for point in self.points if point.verdict != UNDECIDED]
        right = {k for k, point in enumerate(decided) if point.verdict == TRUE}
        here, others = len(right), len(decided) - len(right)
        if not here or not others:
            return ""
        for classes in _classes(decided):
            same = [words for words, inside in classes.items() if inside == right]
            if same:
                which = f"all {here} points" if here > 1 else "the only point"
                rest = f"at none of the {others} others" if others > 1 else "not at the other one"
                return f"{which} with {' or '.join(same)}, {rest}"
        return f"{here} of {len(decided)} points, which no class sets apart"

    @property
    def domain(self) -> str:
        """Where it was checked, in words."""
        columns, approach = _columns(self.points), self._parsed.approach
        spans = [f"{name} {_span(values)}" for name, values in columns.items()]
        if approach:
            variable, to, _ = approach
            last = _exact(columns[variable][0])
            spans[list(columns).index(variable)] = f"{variable} to {to}, as far as {last}"
        counted = self._counted()
        return (", ".join(spans) or ALONE) + (f" ({counted})" if counted else "")

    def _counted(self) -> str:
        """What the points have in common, if it was not asked for, and how many differ in what."""
        classes = [point.classes.items() for point in self.points]
        shared = set.intersection(*map(set, classes))
        common = [
            _said(*item) for item in classes[0] if item in shared - {*self.restriction.items()}
        ]
        kinds = Counter(
            ", ".join(_said(*item) for item in items if item not in shared) for items in classes
        )
        parts = [f"all with {', '.join(common)}"] if common else []
        return "; ".join(parts + [f"{n} with {kind}" for kind, n in kinds.items() if kind])

    @property
    def summary(self) -> str:
        """The verdict in a sentence."""
        count = f"{len(self.points)} random point{'s' * (len(self.points) > 1)}"
        only = "".join(f", {_said(*item)}" for item in self.restriction.items())
        if self.verdict == TRUE and not self.digits:
            return f"true at {count}{only}: the order holds, and no digits stand before it"
        if self.verdict == TRUE:
            reached = min(point.digits or 0 for point in self.points)
            return f"true to {min(self.digits, math.floor(reached))} digits at {count}{only}"
        if self.verdict == FALSE:
            wrong = sum(point.verdict == FALSE for point in self.points)
            return f"false at {wrong} of {count}{only}"
        missing = sum(point.verdict == UNDECIDED for point in self.points)
        return f"undecided at {missing} of {count}{only}"

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON; numbers are strings."""
        worst = self.counterexample
        return {
            "claim": self.statement,
            "where": list(self.where),
            "verdict": self.verdict,
            "digits": self.digits,
            "seed": self.seed,
            "restriction": dict(self.restriction),
            "domain": self.domain,
            "holds_on": self.holds_on,
            "counterexample": worst and worst.record(),
            "refused": self.refused and self.refused.record(),
            "points": [point.record() for point in self.points],
        }

    def __str__(self) -> str:
        lines = [self.statement, *(f"  where {text}" for text in self.where)]
        lines += [f"  {self.summary} (seed {self.seed})", *self._findings()]
        return "\n".join([*lines, f"  checked for {self.domain}"])

    def _findings(self) -> Iterator[str]:
        if worst := self.counterexample:
            yield f"  counterexample: {worst.place}{_kind(worst)}"
            yield f"    left   {worst.left}"
            yield f"    right  {worst.right}"
            yield f"    {_agreement(worst)}"
        open_ = next((p for p in self.points if p.verdict == UNDECIDED), None)
        if open_:
            yield f"  not decided at {open_.place}{_kind(open_)}: {open_.note}"
        if self.refused:
            yield f"  not checked at {self.refused.place}: {self.refused.note}"
        if self.holds_on:
            yield f"  it holds at {self.holds_on}"
        notes = {p.note for p in self.points if p.verdict == TRUE and p.note}
        yield from (f"  {note}" for note in sorted(notes)[:1] if self.verdict == TRUE)

    def to_latex(self) -> str:
        """Return the claim and its verdict for a paper."""
        return rf"${self._formula()}$ \quad ({latex_text(self.summary)})"

    def _formula(self) -> str:
        names = LATEX | {name: quantity.latex for name, quantity in QUANTITIES.items()}
        try:
            return shown_in_latex(self._parsed, names)
        except FormulaError:  # what SymPy makes infinite or complex has no such form
            return rf"\text{{{latex_text(self.statement)}}}"

    def __repr__(self) -> str:
        return f"<{self!s}>"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self._formula()}\qquad \text{{{latex_text(self.summary)}}}$"

    def _repr_html_(self) -> str:
        parts = [f"$$ {escape(self._formula())} $$", *map(_paragraph, self.where)]
        parts.append(f"<p><b>{escape(self.summary)}</b> (seed {self.seed})</p>")
        parts += map(_paragraph, self._findings())
        heads = [*(f"${LATEX.get(name, name)}$" for name in self.points[0].exact)]
        heads += [*self.points[0].classes, "left", "right", "digits", "verdict"]
        rows = [
            [
                *(f"${latex_number(_exact(value))}$" for value in point.exact.values()),
                *point.classes.values(),
                *(escape(side) for side in (point.left, point.right)),
                "" if point.digits is None else _finite(point.digits),
                point.verdict,
            ]
            for point in self.points
        ]
        return "".join([*parts, str(tabulate(rows, heads, "unsafehtml", disable_numparse=True))])


def _paragraph(text: str) -> str:
    return f"<p>{escape(text.strip())}</p>"


def _classes(points: Sequence[Checked]) -> Iterator[dict[str, set[int]]]:
    """Points by classes in words, the simplest first: a property, two, an end of a range."""

    def such(test: Callable[[Checked], bool]) -> set[int]:
        return {k for k, point in enumerate(points) if test(point)}

    singles = {
        _said(name, value): such(lambda point, n=name, v=value: point.classes[n] == v)  # type: ignore[misc]
        for name in points[0].classes
        for value in sorted({point.classes[name] for point in points})
    }
    yield singles
    pairs = combinations(singles.items(), 2)
    yield {f"{one}, {other}": here & there for (one, here), (other, there) in pairs}
    ends = [(name, end) for name, values in _columns(points).items() for end in {*values}]
    low = {f"{n} up to {_exact(e)}": such(lambda p, n=n, e=e: p.exact[n] <= e) for n, e in ends}  # type: ignore[misc]
    high = {f"{n} from {_exact(e)} on": such(lambda p, n=n, e=e: p.exact[n] >= e) for n, e in ends}  # type: ignore[misc]
    yield low | high


def _columns(points: Sequence[Checked]) -> dict[str, list[Any]]:
    return {name: [point.exact[name] for point in points] for name in points[0].exact}


def _span(values: Sequence[Any]) -> str:
    low, high = min(values), max(values)
    if low == high:
        return f"= {_exact(low)}"
    if all(isinstance(value, int) for value in values) and len({*values}) <= high - low:
        return f"= {', '.join(map(_exact, sorted({*values})))}"
    return f"from {_exact(low)} to {_exact(high)}"


def _said(name: str, value: str) -> str:
    return value if name == "width" else f"{name} {value}"


def _kind(point: Checked) -> str:
    kinds = ", ".join(_said(*item) for item in point.classes.items() if item[0] != "width")
    return f" ({kinds})" if kinds else ""


def _agreement(point: Checked) -> str:
    if point.note:
        return point.note
    return f"they agree to {_finite(point.digits or 0.0)} digits"


def _exact(value: Any) -> str:
    return exact_text(Fraction(value))


def _finite(digits: float) -> float:
    """Digits of agreement, none if there is no such number."""
    return round(max(0.0, digits), 1) if math.isfinite(digits) else 0.0
