"""Averages over the law of a label, and over labels that are given by a Laplace transform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bbpsym.compilation.compiled import Compiled
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.laws.frame import Frame
from bbpsym.numerics.continuation import LabelNodes
from bbpsym.numerics.enclosures import integrals
from bbpsym.numerics.ends import signal_diverges
from bbpsym.numerics.label_rule import double_rule, precise_rule, signal_powers
from bbpsym.numerics.measures import Accuracy, Measure, Rule


@dataclass(frozen=True)
class LabelLaw(Measure):
    """The law of a label, by double-exponential rules between its breaks."""

    #: The law with the weight, whose distance from its bound nodes know.
    frame: Frame

    tie_digits = (30, 60)
    has_slopes = False
    continued = LabelNodes

    #: Nodes in a unit of the variable: the first rule, and the finest one at each accuracy.
    FIRST, FINEST = 32, (32, 128, 256, 2048)

    @property
    def is_exact(self) -> bool:
        """Whether the law is known to any number of digits."""
        return self.frame.measure.is_exact

    def signal_diverges(self, power: int) -> bool:
        """Whether `<u^2 h^n>` diverges at a smooth edge, for a power n of h.

        Raises
        ------
        PrecisionError
            If it does not, so slowly that no rule sums it.
        """
        if self.frame.measure.nodes is not None or self.frame.law.laws:
            return False
        if power <= signal_powers(self.frame):
            return False
        if not signal_diverges(self.frame, power):
            name, h = self.frame.measure.name, "h" if power == 1 else f"h^{power}"
            raise PrecisionError(f"E[u^2 {h}] of the {name} converges too slowly at t = 1")
        return True

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the rules with twice the nodes each time."""
        shape = (-1, *(1,) * max(map(np.ndim, values.values()), default=0))
        per_unit = self.FIRST
        while per_unit <= self.FINEST[accuracy.value]:
            nodes, share, coarse = double_rule(self.frame, per_unit)
            yield Rule({x.name: node.reshape(shape) for x, node in nodes.items()}, share, coarse)
            per_unit *= 2

    def nodes(self, _values: Mapping[str, Any], ctx: Any) -> Iterator[tuple[dict, Any]]:
        """Yield what is known of labels."""
        for node in precise_rule(self.frame, ctx.dps):
            yield {x.name: value for x, value in node.values.items()}, node.share

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
        return integrals(system, values, bits)
