"""Samples with their weights: what the equations of `bbpsym.equations.sampled_weights` sum over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from bbpsym.compilation.compile import System
from bbpsym.equations import sampled_weights as equations
from bbpsym.errors import DomainError
from bbpsym.symbols import a as A
from bbpsym.symbols import p as P
from bbpsym.symbols import y, yh

Array = np.ndarray

#: Nodes worked on at a time: they stay in the cache, and memory stays at what the nodes take.
CHUNK = 2**14


def _compiled(expressions: dict[str, Expr]) -> Callable[[dict[Symbol, Any]], dict[str, Array]]:
    """Turn expressions without integrals into one function of arrays."""
    system = System(expressions)

    def evaluate(values: dict[Symbol, Any]) -> dict[str, Array]:
        named = {symbol.name: value for symbol, value in values.items()}
        arguments = (named[name] for name in system.parameters)
        return dict(zip(expressions, system.plain[1]((), *arguments), strict=True))

    return evaluate


@cache
def _identity_distance(single: bool) -> Callable[..., dict[str, Array]]:
    return _compiled({"distance": equations.identity_distance(single)})


@cache
def _rank_one() -> Callable[..., dict[str, Array]]:
    return _compiled({"rank_one": equations.rank_one_coefficient()})


@cache
def _along() -> Callable[..., dict[str, Array]]:
    return _compiled(
        {
            "identity": equations.dressed_identity(),
            "end": equations.dressing(),
            "loop": equations.loop_weight(),
        }
    )


@cache
def _vertex() -> Callable[..., dict[str, Array]]:
    return _compiled({"vertex": equations.dressed_rank_one()})


@dataclass(frozen=True, eq=False)
class WeightSamples:
    """Samples, or what stands for them, in units of the lowest weight."""

    #: The weight matrix `F = -(1 - e) + d lambda lambda^T`; d is zero for p = 1.
    excess: Array
    rank_one: Array
    #: Pre-activations.
    student: Array
    teacher: Array
    #: How many samples a node stands for, divided by N.
    mass: Array
    #: The modulus of the lowest weight.
    unit: float
    #: How many of the nodes, the first ones, are samples.
    drawn: int

    @classmethod
    def of(
        cls, a: float, student: Array, teacher: Array, mass: Array, drawn: int | None = None
    ) -> WeightSamples:
        """Weigh the samples by eq. (5); all nodes are samples unless `drawn` says otherwise."""
        p = student.shape[1]
        values = {
            A: a,
            P: float(p),
            y: np.mean(teacher**2, axis=1),
            yh: np.mean(student**2, axis=1),
        }
        distance = _identity_distance(p == 1)(values)["distance"]
        lowest = float(distance.min())
        if lowest >= 1:
            raise DomainError("no sampled weight is negative: draw more samples, raise N or alpha")
        excess = (distance - lowest) / (1 - lowest)
        rank_one = _rank_one()(values)["rank_one"] / (1 - lowest) if p > 1 else np.zeros(0)
        unit, drawn = (1 - lowest) * 2 / p, len(mass) if drawn is None else drawn
        return cls(excess, rank_one, student, teacher, mass, unit, drawn)

    def parts(self) -> Iterator[slice]:
        """Slices that cover all nodes."""
        for start in range(0, len(self.mass), CHUNK):
            yield slice(start, start + CHUNK)

    def dressed(self, part: slice, distances: Array, axes: Array) -> Array | None:
        """Dressed weight matrices in the eigenbasis of G, shape (k, p, p).

        Returns
        -------
        ndarray or None
            None if a `1 - G F` is singular or has passed through a singular one.
        """
        excess = self.excess[part]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = [_along()({equations.excess: excess, equations.distance: x}) for x in distances]
        ends = np.stack([term["end"] for term in terms], axis=1)
        if not np.all(np.isfinite(ends)):
            return None
        if self.student.shape[1] == 1:
            return terms[0]["identity"][:, None, None] if np.all(ends > 0) else None
        fields, rank_one = self.student[part] @ axes, self.rank_one[part]
        loop = sum(term["loop"] * fields[:, i] ** 2 for i, term in enumerate(terms))
        # det(1 - G F) is (1 - d q) over the product of the ends, of which one may be negative.
        positive = (1 - rank_one * loop) * np.prod(ends, axis=1) > 0
        if not np.all(positive & (np.sum(ends < 0, axis=1) < 2)):
            return None
        vertex = _vertex()({equations.rank_one: rank_one, equations.loop: loop})["vertex"]
        outer = ends * fields
        h = (vertex[:, None] * outer)[:, :, None] * outer[:, None, :]
        for i, term in enumerate(terms):
            h[:, i, i] += term["identity"]
        return h
