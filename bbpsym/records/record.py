"""One equation: what it states, what it follows from, its steps, and where it has numbers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, wraps
from random import Random
from typing import Any

from sympy import Eq, Expr
from sympy.core.relational import Relational

from bbpsym.records.equality import same_expression

#: One or several relations that are stated together.
Relations = tuple[Relational, ...]

#: Values of the symbols in a statement.
Assignment = Mapping[Any, Any]

#: Draws points at which a statement must hold, to a number of digits.
Place = Callable[[Random, int], "Iterator[Assignment | Approach]"]


class BrokenDerivationError(Exception):
    """A step that a derivation rests on does not hold."""


def require(holds: object, what: str) -> None:
    """Stop a derivation unless a step holds; unlike `assert`, `python -O` keeps it.

    Parameters
    ----------
    holds : object
        The condition; SymPy's undecided relations are no proof and raise.
    what : str
        What should have held, for the verdict.

    Raises
    ------
    BrokenDerivationError
        If the condition is false.
    """
    if not holds:
        raise BrokenDerivationError(f"it fails that {what}")


def identity(left: Expr, right: Expr) -> Eq:
    """The relation `left = right`, once algebra has shown that it holds.

    Raises
    ------
    BrokenDerivationError
        If it does not, or cannot be decided.
    """
    require(same_expression(left, right), f"{left} = {right}")
    return Eq(left, right, evaluate=False)


@dataclass(frozen=True)
class Approach:
    """Points at which a small parameter is halved each time, towards a limit.

    A relation is held against the ratio of its sides, extrapolated to the limit.
    """

    #: The points, the small parameter halved from one to the next.
    points: tuple[Assignment, ...]
    #: The ratio is a series in this power of the small parameter.
    power: int = 1


class Nature(StrEnum):
    """What kind of truth an equation is."""

    DEFINITION = "definition"
    DERIVED = "derived"
    LIMIT = "limit"
    LARGE_N = "large-N statement"
    COMPUTED = "computed"
    CONJECTURE = "conjecture"


@dataclass(frozen=True)
class DerivationLine:
    """A line of a derivation: what stands there now, and the rule that gave it."""

    formulas: tuple[Any, ...]
    rule: str


@dataclass(frozen=True, repr=False)
class Record:
    """An equation with everything needed to read and to check it.

    Attributes
    ----------
    id : str
        Number of the equation in the paper, or a name if the project adds it.
    nature : Nature
        Definition, derived, limit, large-N statement, computed or conjecture.
    tell : callable
        A generator: first the statement, then every step with its rule; the last step has to be
        the statement again. Its docstring holds the title, the prose and the domain.
    follows_from : tuple of str
        Ids of the records the derivation starts from; empty for a root.
    how : str
        How it is derived, in one line.
    at : Place, optional
        Where both sides are evaluated.
    reach : int
        Digits that the place itself can give, where that is fewer than asked for.
    """

    id: str
    nature: Nature
    tell: Callable[[], Iterator[Any]]
    follows_from: tuple[str, ...] = ()
    how: str = ""
    at: Place | None = None
    reach: int = 1000

    @property
    def title(self) -> str:
        """What it is, in a few words: the first sentence of the docstring."""
        return self._told()[0].rstrip(".")

    @property
    def prose(self) -> str:
        """The argument in words, Markdown with formulas."""
        return self._told()[1]

    @property
    def domain(self) -> str:
        """The variables and where the relations hold: what follows "Domain:" in the docstring."""
        return self._told()[2].rstrip(".")

    def _told(self) -> tuple[str, str, str]:
        """Title, prose and domain."""
        text, _, domain = (inspect.getdoc(self.tell) or "").partition("Domain: ")
        title, _, prose = text.strip().partition("\n\n")
        return title, prose, domain

    @property
    def label(self) -> str:
        """Number in parentheses, or the name of an added record."""
        return label(self.id)

    def of(self, network: Any, at: Place | None = None, domain: str | None = None) -> Record:
        """The same equation of another network, told by the same function.

        Parameters
        ----------
        network : Setting
            What to tell it of, where it depends on the loss at all.
        at : Place, optional
            Where it has numbers for that network.
        domain : str, optional
            Where it holds, if not where it does for the paper's network.
        """
        depends = bool(inspect.signature(self.tell).parameters)

        @wraps(self.tell)
        def tell() -> Iterator[Any]:
            arguments = (network,) if depends else ()
            return self.tell(*arguments)

        if domain is not None:
            title, prose, _ = self._told()
            tell.__doc__ = "\n\n".join([title.rstrip(".") + ".", prose, f"Domain: {domain}."])
        del tell.__wrapped__  # it takes no argument any more
        return replace(self, tell=tell, at=at)

    def relations(self) -> Relations:
        """The relations stated, as a tuple."""
        return _stated(self.tell)

    def steps(self) -> tuple[DerivationLine, ...]:
        """Everything after the statement: the derivation, step by step."""
        return _steps(self.tell, self.how)

    def __repr__(self) -> str:
        return f"{self.label} {self.title}"

    def __copy__(self) -> Record:
        return self

    def __deepcopy__(self, memo: Any) -> Record:
        """Itself: nothing of it can be changed."""
        return self

    def __reduce__(self) -> Any:
        """Refuse: functions made for one network cannot be sent."""
        raise TypeError(f"the functions that tell {self.label} cannot be sent: send its step")


def label(record_id: str) -> str:
    """How a record is referred to: (40), alpha-BBP."""
    return f"({record_id})" if record_id.isdigit() else record_id


@lru_cache(maxsize=512)
def _stated(tell: Callable[[], Iterator[Any]]) -> Relations:
    """What a generator tells first: it may take as long as all that follows."""
    return as_tuple(next(iter(tell())))


@lru_cache(maxsize=512)
def _steps(tell: Callable[[], Iterator[Any]], how: str) -> tuple[DerivationLine, ...]:
    lines = iter(tell())
    next(lines)
    return tuple(_step(line, how) for line in lines)


def _step(line: Any, how: str) -> DerivationLine:
    if isinstance(line, tuple) and isinstance(line[-1], str):
        return DerivationLine(as_tuple(line[0]), line[-1])
    return DerivationLine(as_tuple(line), how)


def as_tuple(found: Any) -> tuple[Any, ...]:
    """One formula or several, as a tuple."""
    return found if isinstance(found, tuple) else (found,)
