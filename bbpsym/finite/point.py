"""A point of parameter space: what a simulated problem is, before anything is drawn."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from bbpsym.errors import DomainError


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return `value` as an `int`, or raise `DomainError` when it is not one in range."""
    allowed = f"a whole number >= {least}" + (f" and <= {most}" if most is not None else "")
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise DomainError(f"{name} must be {allowed}, not {value!r}")
    number = int(value)
    if number < least or (most is not None and number > most):
        raise DomainError(f"{name} must be {allowed}, not {number}")
    return number


def positive(name: str, value: object) -> float:
    """Return `value` as a positive finite `float`, or raise `DomainError`."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise DomainError(f"{name} must be a positive finite number, not {value!r}")
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise DomainError(f"{name} must be a positive finite number, not {value}")
    return number


@dataclass(frozen=True, order=True)
class Point:
    """The parameters of a finite-size problem.

    Attributes
    ----------
    N : int
        Input dimension, at least 2.
    p, p_star : int
        Student and teacher widths, at least 1; `p_star` at most `N`.
    a : float
        Loss normalisation of (3), positive.
    alpha : float
        Signal-to-noise ratio `M / N`, positive; `alpha N` must round to at least 1.

    Raises
    ------
    DomainError
        When a parameter leaves its range.
    """

    N: int
    p: int
    p_star: int
    a: float
    alpha: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "N", whole("N", self.N, 2))
        object.__setattr__(self, "p", whole("p", self.p, 1))
        object.__setattr__(self, "p_star", whole("p_star", self.p_star, 1, self.N))
        object.__setattr__(self, "a", positive("a", self.a))
        object.__setattr__(self, "alpha", positive("alpha", self.alpha))
        if self.M < 1:
            raise DomainError(
                f"alpha * N must round to at least 1 sample, not {self.alpha}*{self.N}"
            )

    @property
    def M(self) -> int:
        """Number of training samples, `alpha N` rounded to the nearest whole number."""
        return round(self.alpha * self.N)

    @property
    def size(self) -> int:
        """Order `p N` of the Hessian."""
        return self.p * self.N

    @property
    def outliers(self) -> int:
        """Number `p p_star` of outliers above the transition, degenerate in the limit."""
        return self.p * self.p_star

    def stream(self, seed: int, sample: int) -> np.random.Generator:
        """Return the random stream of one sample.

        It is keyed by the parameters and the index of the sample, so that a sample is the same
        whatever grid it belongs to, in whatever order and by however many workers it is drawn.
        """
        bits = struct.unpack("<4I", struct.pack("<2d", self.a, self.alpha))
        key = (self.N, self.p, self.p_star, *bits, sample)
        return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))
