"""What averages are integrals over, and the nodes for it: the axis of laws.

A law says which nodes it offers in double precision, coarse and fine, at any precision, and in
balls if it can bound what a rule leaves out. What is evaluated on them is none of its business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from bbpsym.numerics import multiprecision

if TYPE_CHECKING:
    from bbpsym.compilation.compiled import Compiled


#: Digits without which an answer in double precision is refused.
FEWEST_DIGITS = 6


class Accuracy(Enum):
    """How well an average is wanted: to look at a sign, to draw or to approach, to answer.

    CLOSE is to answer where a pole of the integrand lies close to the real axis.
    """

    ROUGH = 0
    FAIR = 1
    FULL = 2
    CLOSE = 3


class Rule(NamedTuple):
    """Nodes of averages in double precision."""

    #: The variables that integrands are functions of, of shape (nodes, ...), by name (mapping of
    #: str to ndarray).
    at: Mapping[str, np.ndarray]
    #: Weights of the nodes (ndarray, shape (nodes, ...)).
    share: np.ndarray
    #: Weights of the rule with twice the step; None if the step's error is known to be below
    #: rounding.
    coarse: np.ndarray | None = None


class Measure(ABC):
    """A law, as far as averages over it are concerned.

    Attributes
    ----------
    tie_digits : tuple of int
        Working digits at which a sign is looked for, before a difference counts as a tie.
    has_slopes : bool
        Whether curves come with compiled slopes; else these are differences.
    is_continuous : bool
        Whether weights are functions of continuous variables, so that no value has a mass.
    shows_all : bool
        Whether it is known well enough to exclude outliers; else those seen are all that is known.
    continued : type
        The bulk of a curve of this law and an alpha, at complex t: a `Continuation`.
    """

    tie_digits: ClassVar[tuple[int, ...]]
    has_slopes: ClassVar[bool]
    is_continuous: ClassVar[bool] = False
    shows_all: ClassVar[bool] = True
    continued: ClassVar[type[Any]]

    @property
    def fewest_digits(self) -> int:
        """Digits without which an answer is refused."""
        return FEWEST_DIGITS

    @property
    def is_exact(self) -> bool:
        """Whether it is known to any number of digits."""
        return True

    def signal_diverges(self, _power: int) -> bool:
        """Whether `<u^2 h^n>` diverges at a smooth edge, for a power n of h."""
        return False

    @abstractmethod
    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield rules, finer and finer."""

    @abstractmethod
    def nodes(self, values: Mapping[str, Any], ctx: Any) -> Iterable[tuple[dict, Any]]:
        """Yield variables and share of every node, in the arithmetic of `ctx`."""

    def precise(self, system: Compiled, values: Mapping[str, Any], ctx: Any) -> dict[str, Any]:
        """Evaluate the outputs of a system in the arithmetic of `ctx`."""
        return multiprecision.evaluate(system, values, ctx, self)

    @abstractmethod
    def enclose(self, system: Compiled, values: Mapping[str, Any], bits: int) -> list:
        """Enclose the integrals of a system.

        Raises
        ------
        DomainError
            If the law cannot bound them.
        """
