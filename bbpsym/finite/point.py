"""A point of parameter space: what a simulated problem is, before anything is drawn."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from bbpsym.errors import DomainError
from bbpsym.finite.architecture import PAPER, Architecture

SIDES = ("left", "right")


def whole(name: str, value: object, least: int, most: int | None = None) -> int:
    """Return `value` as an `int`, or raise `DomainError` when it is not one in range."""
    allowed = (
        f"an integer, at least {least}" if most is None else f"an integer from {least} to {most}"
    )
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
        Loss normalisation of (3), positive; the value of `a` in the network's formulas, and zero
        for a network without it.
    alpha : float
        Signal-to-noise ratio `M / N`, positive; `alpha N` must round to at least 1.
    network : Architecture
        The paper's, (1)-(3), unless given.
    side : {"left", "right"}
        The end of the spectrum that is measured.

    Raises
    ------
    DomainError
        When a parameter leaves its range.

    Examples
    --------
    >>> from bbpsym.finite import Point
    >>> Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0).M
    120
    """

    N: int
    p: int
    p_star: int
    a: float
    alpha: float
    network: Architecture = PAPER
    side: str = "left"

    def __post_init__(self) -> None:
        object.__setattr__(self, "N", whole("N", self.N, 2))
        object.__setattr__(self, "p", whole("p", self.p, 1))
        object.__setattr__(self, "p_star", whole("p_star", self.p_star, 1))
        if self.p_star > self.N:
            raise DomainError(f"N must be at least p_star = {self.p_star}, not {self.N}")
        object.__setattr__(self, "a", self._normalisation())
        object.__setattr__(self, "alpha", positive("alpha", self.alpha))
        if self.M < 1:
            raise DomainError(
                f"alpha * N must round to at least 1 sample, not {self.alpha}*{self.N}"
            )
        if self.side not in SIDES:
            raise DomainError(f'side must be "left" or "right", not {self.side!r}')
        self.network.check(self.p_star)

    def _normalisation(self) -> float:
        if not self.network.has_a and self.a == 0:
            return 0.0
        if not self.network.has_a:
            raise DomainError(f"a must be 0 for a network without a, not {self.a!r}")
        return positive("a", self.a)

    @property
    def is_papers(self) -> bool:
        """Whether it is the left end of the paper's network, whose outliers are the teacher's."""
        return self.network == PAPER and self.side == "left"

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
        whatever grid it belongs to, in whatever order and by however many workers it is drawn, and
        the same for both ends of its spectrum.
        """
        bits = struct.unpack("<4I", struct.pack("<2d", self.a, self.alpha))
        words = () if self.network == PAPER else self.network.words()
        key = (self.N, self.p, self.p_star, *bits, sample, *words)
        return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))
