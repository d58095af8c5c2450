"""The axis of arithmetics: floats with errors, digits, balls, behind the same four operations."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from flint import arb

from bbpsym.errors import PrecisionError
from bbpsym.numerics import certified
from bbpsym.numerics.curve import Level
from bbpsym.numerics.double import EPSILON, Estimate, exact
from bbpsym.numerics.enclosures import ball, precision
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.numerics.roots import Root

#: Smallest unit that is left to double precision, with room for what is computed in it.
SMALLEST = 1e-280


class Arithmetic(Protocol):
    """How numbers are computed."""

    #: Exactly zero (number).
    zero: Any

    def t(self, root: Root) -> Any:
        """The value of a root."""
        ...

    def values(self, level: Level, at: Any, *names: str) -> dict[str, Any]:
        """Equations at a root, which has a level."""
        ...

    def scaled(self, value: Any, factor: Any) -> Any:
        """A value in another unit; the factor is exact."""
        ...


class Double:
    """Double precision: estimates, which carry the error of the root."""

    zero = exact(0)

    def t(self, root: Root) -> Estimate:
        """The value of a root."""
        return root.double

    def values(self, level: Level, at: Estimate, *names: str) -> dict[str, Estimate]:
        """Equations at a root."""
        return level.curve.along(at, *names, alpha=level.alpha and level.factor)

    def scaled(self, value: Estimate, factor: Any) -> Estimate:
        """A value in another unit."""
        if factor == 1:
            return value
        scale = _in_double(factor)
        rounding = EPSILON * np.abs(value.value * scale)
        return Estimate(value.value * scale, value.error * abs(scale) + rounding)


def _in_double(factor: Any) -> float:
    """A factor in double precision."""
    exact = context(25).mpf(1) * convert(factor, context(25))
    if not SMALLEST < abs(exact) < 1 / SMALLEST:
        raise PrecisionError(
            f"digits must be given: units of {context(25).nstr(abs(exact), 3)} leave double "
            "precision no room"
        )
    return float(exact)


class Digits:
    """A number of working digits; roots start from one that is known to fewer."""

    def __init__(self, working: int, start: tuple[Any, int] | None = None) -> None:
        self.ctx, self.start = context(working), start
        self.zero = self.ctx.zero

    def t(self, root: Root) -> Any:
        """The value of a root."""
        return root.precise(self.ctx.dps, self.start)

    def values(self, level: Level, at: Any, *names: str) -> dict[str, Any]:
        """Equations at a root."""
        return level.curve.precise(at, self.ctx, *names, alpha=level.alpha)

    def scaled(self, value: Any, factor: Any) -> Any:
        """A value in another unit."""
        if isinstance(factor, Fraction):
            return value * factor.numerator / factor.denominator
        return value * convert(factor, self.ctx)


class Balls:
    """Ball arithmetic with a number of bits."""

    def __init__(self, bits: int) -> None:
        self.bits, self.zero = bits, arb(0)

    def t(self, root: Root) -> arb:
        """The value of a root."""
        return certified.enclosed_root(root, self.bits)

    def values(self, level: Level, at: arb, *names: str) -> dict[str, arb]:
        """Equations at a root."""
        return level.curve.enclosed(at, self.bits, *names, alpha=level.alpha)

    def scaled(self, value: arb, factor: Any) -> arb:
        """A value in another unit."""
        with precision(self.bits):
            return value * ball(factor)
