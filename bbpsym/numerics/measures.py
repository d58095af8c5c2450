"""What averages are integrals over, and the nodes for it: the axis of laws.

A law says which nodes it offers in double precision, coarse and fine, at any precision, and in
balls if it can bound what a rule leaves out. What is evaluated on them is none of its business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from bbpsym.errors import DomainError
from bbpsym.numerics.quadrature import STEP, double_nodes, precise_nodes
from bbpsym.parameters import Parameter

if TYPE_CHECKING:
    from bbpsym.compiled import Compiled
    from bbpsym.frame import Frame
    from bbpsym.numerics.bulk import Continuation
    from bbpsym.numerics.curve import Curve


#: Name of the Laplace variable.
VARIABLE = "s"


class Accuracy(Enum):
    """How well an average is wanted: to look at a sign, to draw or to approach, to answer."""

    ROUGH = 0
    FAIR = 1
    FULL = 2


class Rule(NamedTuple):
    """Nodes of averages in double precision.

    Attributes
    ----------
    at : mapping of str to ndarray
        The variables that integrands are functions of, of shape (nodes, ...), by name.
    share : ndarray, shape (nodes, ...)
        Weights of the nodes.
    coarse : ndarray or None
        Weights of the rule with twice the step; None if the step's error is known to be below
        rounding.
    """

    at: Mapping[str, np.ndarray]
    share: np.ndarray
    coarse: np.ndarray | None = None


class Measure(ABC):
    """A law, as far as averages over it are concerned.

    Attributes
    ----------
    tie_digits : tuple of int
        Working digits at which a sign is looked for, before a difference counts as a tie.
    has_slopes : bool
        Whether curves come with compiled slopes; else these are differences.
    """

    tie_digits: ClassVar[tuple[int, ...]]
    has_slopes: ClassVar[bool]

    @property
    def is_exact(self) -> bool:
        """Whether it is known to any number of digits."""
        return True

    @abstractmethod
    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield rules, finer and finer."""

    @abstractmethod
    def nodes(self, values: Mapping[str, Any], ctx: Any) -> Iterable[tuple[dict, Any]]:
        """Yield variables and share of every node, in the arithmetic of `ctx`."""

    @abstractmethod
    def continued(self, curve: Curve, alpha: Any) -> Continuation:
        """The bulk of a curve of this law, at complex t."""

    @abstractmethod
    def enclose(self, system: Compiled, values: Mapping[str, Any], bits: int) -> list:
        """Enclose the integrals of a system.

        Raises
        ------
        DomainError
            If the law cannot bound them.
        """


@dataclass(frozen=True)
class LaplaceVariable(Measure):
    """Chi-square outputs: the reduced integrals over s, whose integrands decay like exp(-a s).

    Attributes
    ----------
    rate : Parameter
        What stands in place of a: t, where a is zero.
    """

    rate: Parameter = Parameter.A

    tie_digits = (30, 60, 120, 240)
    has_slopes = True

    #: Steps of the trapezoidal rule, of relative errors 1e-6, 1e-10 and 1e-16.
    STEPS = (0.5, 0.3, STEP)

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the one rule that is accurate enough."""
        step = self.STEPS[accuracy.value]
        if all(isinstance(value, float) for value in values.values()):
            s, ds = _stored_nodes(values[self.rate], step)
        else:
            a = np.asarray(values[self.rate], dtype=float)
            dimensions = max(np.ndim(value) for value in values.values())
            s, ds = double_nodes(a.reshape((1,) * (dimensions - a.ndim) + a.shape), step=step)
        yield Rule({VARIABLE: s}, ds)

    def nodes(self, values: Mapping[str, Any], ctx: Any) -> Iterator[tuple[dict, Any]]:
        """Yield s and ds."""
        return (({VARIABLE: s}, ds) for s, ds in precise_nodes(ctx, values[self.rate]))

    def continued(self, curve: Curve, alpha: Any) -> Continuation:
        """The bulk of a curve of this law, at complex t: integrals along rays."""
        from bbpsym.numerics.rays import Rays

        return Rays(curve, alpha)

    def enclose(self, system: Compiled, values: Mapping[str, Any], bits: int) -> list:
        """Enclose the integrals by Gauss and Legendre's rule with an ellipse bound."""
        from bbpsym.numerics.enclosures import integrals

        return integrals(system, values, bits, values[self.rate])


#: The measure of Hessians.
OUTPUTS = LaplaceVariable()


@lru_cache(maxsize=64)
def _stored_nodes(a: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a single a: one answer evaluates many systems on them."""
    return double_nodes(np.asarray(a), step=step)


@dataclass(frozen=True)
class LabelLaw(Measure):
    """The law of a label, by double-exponential rules between its breaks.

    Attributes
    ----------
    frame : Frame
        The law with the weight, whose distance from its bound nodes know.
    """

    frame: Frame

    tie_digits = (30, 60)
    has_slopes = False

    #: Nodes in a unit of the variable: the first rule, and the finest one at each accuracy.
    FIRST, FINEST = 32, (32, 128, 256)

    @property
    def is_exact(self) -> bool:
        """Whether the law is known to any number of digits."""
        return self.frame.measure.is_exact

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the rules with twice the nodes each time."""
        from bbpsym.numerics.label_rule import double_rule

        shape = (-1, *(1,) * max(map(np.ndim, values.values()), default=0))
        per_unit = self.FIRST
        while per_unit <= self.FINEST[accuracy.value]:
            nodes, share, coarse = double_rule(self.frame, per_unit)
            yield Rule({x.name: node.reshape(shape) for x, node in nodes.items()}, share, coarse)
            per_unit *= 2

    def nodes(self, _values: Mapping[str, Any], ctx: Any) -> Iterator[tuple[dict, Any]]:
        """Yield what is known of labels."""
        from bbpsym.numerics.label_rule import precise_rule

        for node in precise_rule(self.frame, ctx.dps):
            yield {x.name: value for x, value in node.values.items()}, node.share

    def continued(self, curve: Curve, alpha: Any) -> Continuation:
        """The bulk of a curve of this law, at complex t."""
        from bbpsym.numerics.continuation import LabelNodes

        return LabelNodes(curve, alpha)

    def enclose(self, system: Compiled, values: Mapping[str, Any], bits: int) -> list:
        """Refuse: few labels have no integrals, and others no bound for their tails.

        Raises
        ------
        DomainError
            Always.
        """
        raise DomainError(
            f"certified must be False for the {self.frame.measure.name}: no bound for the tails "
            "of its integrals is known"
        )


@dataclass(frozen=True)
class LaplaceTransformed(LabelLaw):
    """Integrals over the Laplace variable of labels that are given by their transform."""

    def enclose(self, system: Compiled, values: Mapping[str, Any], bits: int) -> list:
        """Enclose the integrals by Gauss and Legendre's rule, if their tails have a bound."""
        from bbpsym.numerics.enclosures import integrals

        return integrals(system, values, bits)
