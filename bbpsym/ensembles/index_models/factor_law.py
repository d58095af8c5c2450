"""The law of a signal factor, all that the averages of an optimal method need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr
from sympy.functions.special.bessel import BesselBase

from bbpsym.errors import DomainError
from bbpsym.laws.labels import Labels
from bbpsym.numerics.continuation import LabelNodes
from bbpsym.numerics.distances import SPARE, LabelPlace, curve_at
from bbpsym.numerics.known_labels import RoughNodes
from bbpsym.numerics.label_measure import LabelLaw
from bbpsym.numerics.label_rule import RUNG, check_mass, walk
from bbpsym.numerics.measures import FEWEST_DIGITS, Accuracy, Rule
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import distance, label, scale, signal_factor

#: Nodes in a unit of the variable, coarse to fine.
NODES = (32, 64, 128, 256)

#: Error of a mean that counts as none.
SLACK = 1e-8

#: Dressings at which the mean of the dressed weights must be a multiple of one.
DRESSINGS = (0.3, 1.0, 3.0)


def recovery(moments: np.ndarray, share: np.ndarray) -> float:
    """One over the norm of `M -> E[G M G]`, G = E[u u^T | y] - 1; infinite if that is zero."""
    known = information(moments, share)
    return 1 / known if known > SLACK**2 else np.inf


def information(moments: np.ndarray, share: np.ndarray) -> float:
    """The norm of `M -> E[G M G]`; negative shares of an extrapolation may make it negative."""
    excess = moments - np.eye(moments.shape[1])
    size = moments.shape[1] ** 2
    norm = np.einsum("n,nij,nkl->ikjl", share, excess, excess).reshape(size, size)
    return float(np.linalg.eigvalsh(norm)[-1])


def prefers_no_direction(moments: np.ndarray, share: np.ndarray) -> bool:
    """Whether the mean of the dressed weights is a multiple of one."""
    one = np.eye(moments.shape[1])
    means = (np.tensordot(share, np.linalg.inv(moments + x * one), 1) for x in DRESSINGS)
    return all(np.allclose(mean, np.trace(mean) / len(one) * one, atol=SLACK) for mean in means)


@dataclass(frozen=True, eq=False)
class FactorLaw(LabelLaw):
    """The law of a signal factor: rules for averages over a label."""

    #: What the labels are (MultiIndex).
    teacher: Any
    #: The direction whose factor is meant; without it all eigenvalues, with equal shares.
    direction: np.ndarray | None
    #: The factor of a direction that is known exactly; others are in double precision.
    signal: Expr | None = None

    @property
    def is_exact(self) -> bool:
        """Whether averages can be had to any number of digits: Bessel functions take too long."""
        curves = (self.signal, self.teacher.density)
        return self.signal is not None and not any(
            isinstance(curve, Expr) and curve.has(BesselBase) for curve in curves
        )

    @property
    def fewest_digits(self) -> int:
        """Digits without which an answer is refused."""
        return int(self.teacher.fewest_digits)

    def signal_diverges(self, _power: int) -> bool:
        """Whether `<u^2 h^n>` diverges at a smooth edge: seen by a frame, which factors lack."""
        return False

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the rules with twice the nodes each time."""
        shape = (-1, *(1,) * max(map(np.ndim, values.values()), default=0))
        for per_unit in NODES[: 2 + accuracy.value]:
            factor, share, coarse = self.factors(per_unit)
            at = {x.name: node.reshape(shape) for x, node in self._seen(factor).items()}
            yield Rule(at, share, coarse)

    def _seen(self, factor: Any) -> dict[Any, Any]:
        """What integrands see of a label."""
        return _seen(factor)

    def factors(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Signal factors, their shares, and those of the rule with twice the step."""
        moments, share, coarse = self.teacher.nodes(per_unit)
        if self.direction is not None:
            factor = np.einsum("i,nij,j->n", self.direction, moments, self.direction)
            return np.maximum(factor, 0.0), share, coarse
        size = moments.shape[1]
        factor = np.maximum(np.linalg.eigvalsh(moments).ravel(), 0.0)
        return factor, np.repeat(share, size) / size, np.repeat(coarse, size) / size

    @property
    def first_seen(self) -> float:
        """Threshold as the nodes have it, however few of its digits are known."""
        factor, share, _ = self.factors(NODES[-1])
        return recovery(factor[:, None, None], share)

    def nodes(self, _values: Mapping[str, Any], ctx: Any) -> Iterator[tuple[dict, Any]]:
        """Yield factors and shares of nodes, for as many working digits or somewhat more."""
        digits = -(-ctx.dps // RUNG) * RUNG
        if digits not in self._rungs:
            self._rungs[digits] = self._rung(context(digits))
        return iter(self._rungs[digits])

    @cached_property
    def _rungs(self) -> dict[int, list[tuple[dict, Any]]]:
        return {}

    def _rung(self, ctx: Any) -> list[tuple[dict, Any]]:
        teacher, name = self.teacher, self.teacher.name
        law = Labels(name, self.signal, None, teacher.density, teacher.support, atoms=teacher.atoms)
        signal = curve_at(law.signal, law, ctx)

        def values(place: LabelPlace) -> dict[Any, Any]:
            return _seen(max(ctx.zero, signal(place)))

        rows = [*walk(law, law.breaks, ctx, max(16, 2 * ctx.dps), values, _importance)]
        if not law.atoms:
            mass = sum(row.share for row in rows)
            coarse = 2 * sum(row.share for row in rows if row.coarse)
            check_mass(law, mass, coarse, ctx.dps - SPARE)
        return [({x.name: value for x, value in row.values.items()}, row.share) for row in rows]

    def enclose(self, system: Any, values: Mapping[str, Any], bits: int) -> list:
        """Refuse: no bound for the tails of the integrals is known."""
        raise DomainError(
            f"certified must be False for {self.teacher.name}: its tails have no bound"
        )


class WholeFactorLaw(FactorLaw):
    """The same for complex t: weights `1 - 1/s` as they are, by their distance from zero."""

    @property
    def continued(self) -> Any:  # type: ignore[override]
        """The bulk, to what the nodes allow."""
        return LabelNodes if self.fewest_digits >= FEWEST_DIGITS else RoughNodes

    def _seen(self, factor: Any) -> dict[Any, Any]:
        unit = factor + np.abs(factor - 1)
        at = {distance: (factor - 1) / unit, scale: factor / unit}
        return at | {signal_factor: factor, label: factor}


def _seen(factor: Any) -> dict[Any, Any]:
    """What integrands see of a label: the weight `1 - 1/s` is `1/s` below its bound."""
    at = {distance: 1 / (1 + factor), scale: factor / (1 + factor)}
    return at | {signal_factor: factor, label: factor}


def _importance(seen: dict[Any, Any]) -> Any:
    """How much the share of a node is magnified at most, in `<h^2>` at t = 1."""
    return max(1, seen[signal_factor]) ** 2
