"""Nodes and weights over the law of a label, by the double-exponential rules.

Every interval between two breaks has its own rule: `tanh-sinh` on a finite one, `exp-sinh` on a
half-line. Both converge double-exponentially whatever an analytic integrand does at the ends, so
that the singularities of a law and the places where the weight is extreme belong at breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from mpmath.libmp import NoConvergence
from sympy import Expr, lambdify

from bbpsym.equations.labels import ParabolicCylinder
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.labels import Labels
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import label

#: Working digits of nodes that are rounded to double precision.
DIGITS = 22

#: A law may vanish or diverge at an end like a power; nodes come so close that an inverse square
#: root loses no digit.
CLOSENESS = 2

#: Error at which the mass of a law is taken for one.
MASS = 1e-6

#: mpmath's names of functions that SymPy does not know.
NAMES = {ParabolicCylinder.__name__: "pcfd"}


class Node(NamedTuple):
    """A label, its signal factor, its share of the law, and whether the coarser rule has it."""

    label: Any
    signal: Any
    share: Any
    coarse: bool


class Rule(NamedTuple):
    """A rule in double precision; `coarse` holds the shares of the rule with twice the step."""

    label: np.ndarray
    signal: np.ndarray
    share: np.ndarray
    coarse: np.ndarray


@lru_cache(maxsize=64)
def double_rule(law: Labels, breaks: tuple[Expr, ...], per_unit: int) -> Rule:
    """Return the rule in double precision, with `per_unit` nodes in a unit of the variable.

    Raises
    ------
    DomainError
        If the law does not add up to one.
    """
    digits = DIGITS if law.is_exact else np.finfo(float).precision
    rows = _evaluated(law, nodes(law, breaks, context(digits), per_unit))
    y, signal, share = (np.array([float(row[k]) for row in rows]) for k in range(3))
    if law.is_probability:
        _check(law, signal, share)
    atoms = len(law.atoms)
    double = np.where(np.arange(len(rows)) < atoms, 1.0, 2.0)
    coarse = share * double * np.array([row.coarse for row in rows])
    return Rule(y, signal, share, coarse)


def _check(law: Labels, signal: np.ndarray, share: np.ndarray) -> None:
    """Refuse what is no law, or is not resolved by the rule, and no mean square."""
    if not abs(share.sum() - 1) < MASS:
        raise DomainError(
            f"density must add up to one over its support, and the {law.name} to "
            f"{share.sum():.6g}: if it is right, name points about its bulk in the support"
        )
    slack = 1e-9 * np.max(np.abs(signal), initial=0.0)  # a polynomial through values is rounded
    if np.any(signal[share > np.finfo(float).eps] < -slack) or not np.isfinite(signal @ share):
        raise DomainError(f"signal must be a mean square, not negative, for the {law.name}")


@lru_cache(maxsize=8)
def precise_rule(law: Labels, breaks: tuple[Expr, ...], digits: int) -> tuple[Node, ...]:
    """Return the rule for a number of working digits."""
    return tuple(_evaluated(law, nodes(law, breaks, context(digits), max(16, 2 * digits))))


def _evaluated(law: Labels, rule: Iterator[Node]) -> list[Node]:
    """All nodes, or a sentence about the special function that failed."""
    try:
        return list(rule)
    except (ValueError, ArithmeticError, NoConvergence) as error:
        raise PrecisionError(f"the law of the {law.name} cannot be computed everywhere") from error


def nodes(law: Labels, breaks: tuple[Expr, ...], ctx: Any, per_unit: int) -> Iterator[Node]:
    """Yield the nodes of a law, atoms first."""
    density, signal = (_function(curve, law, ctx) for curve in (law.density, law.signal))
    for value, share in law.atoms:
        at = number(value, ctx)
        yield Node(at, signal(at), number(share, ctx), True)
    spread = number(law.spread, ctx)
    for low, high in pairwise(breaks):
        a, b = (None if end.is_infinite else number(end, ctx) for end in (low, high))
        interval = Interval(a, b, spread, ctx, per_unit)
        for y, share, coarse in _outwards(interval, density):
            yield Node(y, signal(y), share, coarse)


class Interval(NamedTuple):
    """The nodes between two breaks; an end at infinity is None."""

    low: Any
    high: Any
    spread: Any
    ctx: Any
    per_unit: int

    def last(self) -> int:
        """Number of the outermost node, whose distance from an end is below all digits."""
        reach = CLOSENESS * (self.ctx.dps + 5) * self.ctx.ln10
        return int(self.ctx.ceil(self.ctx.asinh(2 * reach / self.ctx.pi) * self.per_unit))

    def node(self, k: int) -> tuple[Any, Any]:
        """Return the node of number k and its step."""
        ctx, u = self.ctx, self.ctx.mpf(k) / self.per_unit
        slope = ctx.pi / 2 * ctx.cosh(u) / self.per_unit
        if self.low is None or self.high is None:
            away = self.spread * ctx.exp(ctx.pi / 2 * ctx.sinh(u))
            return self.low + away if self.high is None else self.high - away, away * slope
        # The distance from the nearer end is formed first: it is what a singularity sees.
        ratio = ctx.exp(-ctx.pi * ctx.sinh(abs(u)))
        away = (self.high - self.low) * ratio / (1 + ratio)
        return self.low + away if k < 0 else self.high - away, 2 * slope * away / (1 + ratio)


def _outwards(interval: Interval, density: Callable[[Any], Any]) -> Iterator[tuple[Any, Any, bool]]:
    """Walk from the middle of an interval both ways until the law has died away.

    What lies further out is never evaluated: there special functions fail.
    """
    smallest = interval.ctx.mpf(10) ** (-interval.ctx.dps - 20)
    for numbers in (range(interval.last() + 1), range(-1, -interval.last() - 1, -1)):
        alive = False
        for k in numbers:
            y, step = interval.node(k)
            share = density(y) * step
            if share > smallest:
                alive = True
                yield y, share, k % 2 == 0
            elif alive:
                break


def _function(curve: Any, law: Labels, ctx: Any) -> Any:
    """A law's curve in the arithmetic of `ctx`; a function of arrays takes floats instead."""
    if curve is None:
        return None
    if isinstance(curve, Expr):
        names = {name: getattr(ctx, mine) for name, mine in NAMES.items()}
        own = {name: getattr(ctx, name) for name in dir(ctx) if not name.startswith("_")}
        symbols = [symbol for symbol, _ in law.parameters]
        function = lambdify((label, *symbols), curve, [names, own])
        values = [number(value, ctx) for _, value in law.parameters]
        return lambda y: function(y, *values)
    return lambda y: ctx.mpf(float(curve(float(y))))


def number(value: Expr, ctx: Any) -> Any:
    """A number in closed form, to the precision of `ctx`."""
    if value.is_Rational:
        return ctx.mpf(value.p) / value.q
    return ctx.mpf(str(value.evalf(ctx.dps + 5)))
