"""The bulk of a deformed Gaussian matrix at complex Gamma, however close to the real axis.

`E[1/(Gamma - d)]` is a sum over the nodes of the double-exponential rules, `d = d(u)` with a step h
in u. As Gamma comes close to the diagonal its pole comes close to the nodes, at u_p. For an
analytic density rho what the sum then misses is known: moving the contour past the pole gives

    E[1/(Gamma - d)] = sum + 2 pi i rho(Gamma) q/(1 - q),  q = exp(2 pi i u_p/h),

up to the error of the rule without a pole. For other densities the rule is refined instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sympy import Abs, Expr, Heaviside, Max, Min, Piecewise, sign

from bbpsym.ensembles.real_values import compiled
from bbpsym.errors import PrecisionError
from bbpsym.laws.labels import Labels
from bbpsym.numerics.label_rule import check_mass
from bbpsym.numerics.measures import FEWEST_DIGITS
from bbpsym.symbols import label

#: Nodes in a unit of u, with a correction and without, and how far u reaches: on an interval, and
#: on a half-line.
CORRECTED, PLAIN, REACH, FAR = 64, 4096, 3.3, 4.0

#: What the density may lack of one: singular ends need more than double precision.
MASS = 1e-9

#: Rounding of a sum, relative to the sum of its magnitudes.
ROUNDING = 1e-15

#: Functions that are not analytic.
BROKEN = (Abs, Heaviside, Max, Min, Piecewise, sign)

#: Entries of an array at a time.
CHUNK = 2**22


class DiagonalInterval(NamedTuple):
    """An interval of the diagonal; where an end is infinite, `spread` is the scale."""

    low: float
    high: float
    spread: float

    def nodes(self, per_unit: int) -> tuple[np.ndarray, np.ndarray]:
        """Places d(u), rising, and `d'(u) h`, at `u = k h`."""
        reach = FAR if np.isinf(self.low + self.high) else REACH
        last = 2 * int(reach * per_unit / 2)  # even, so that every second node has an even k
        u = np.arange(-last, last + 1) / per_unit
        w, slope = np.pi / 2 * np.sinh(u), np.pi / 2 * np.cosh(u) / per_unit
        if np.isinf(self.high):
            return self.low + self.spread * np.exp(w), self.spread * np.exp(w) * slope
        if np.isinf(self.low):
            return self.high - self.spread * np.exp(-w), self.spread * np.exp(-w) * slope
        half = (self.high - self.low) / 2
        return self.low + 2 * half / (1 + np.exp(-2 * w)), half / np.cosh(w) ** 2 * slope

    def pole(self, gamma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """u_p with `d(u_p) = Gamma`, in the upper half-plane like Gamma, and `d u_p/d Gamma`."""
        if np.isinf(self.high):
            w, slope = np.log((gamma - self.low) / self.spread), 1 / (gamma - self.low)
        elif np.isinf(self.low):
            w, slope = -np.log((self.high - gamma) / self.spread), 1 / (self.high - gamma)
        else:
            half = (self.high - self.low) / 2
            x = (gamma - self.low) / half - 1
            w, slope = np.arctanh(x), 1 / (half * (1 - x**2))
        v = 2 / np.pi * w
        return np.arcsinh(v), 2 / np.pi * slope / np.sqrt(1 + v**2)


@dataclass(frozen=True)
class DiagonalBulk:
    """`lambda(t) = Gamma + sigma^2 E[1/(Gamma - d)]` with `Gamma = -1/t`."""

    #: Law of the diagonal.
    law: Labels
    #: `sigma^2`.
    variance: float

    def __call__(
        self, t: np.ndarray, _place: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`lambda`, `d lambda/dt` and the error of lambda."""
        gamma = -1 / t
        mean, square, error = self._moments(gamma)
        value = gamma + self.variance * mean
        slope = (1 - self.variance * square) / t**2
        return value, slope, self.variance * error + ROUNDING * np.abs(gamma)

    def _moments(self, gamma: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`E[1/(Gamma - d)]`, `E[1/(Gamma - d)^2]`, and the error of the first."""
        places, shares, halved, size = self._nodes
        mean, square, coarse, error = (np.empty_like(gamma) for _ in range(4))
        step = max(1, CHUNK // len(places))
        for start in range(0, len(gamma), step):
            part = slice(start, start + step)
            terms = 1 / (gamma[part, None] - places)
            mean[part], square[part] = terms @ shares, terms**2 @ shares
            coarse[part], error[part] = terms @ halved, np.abs(terms) @ np.abs(shares)
        for interval, density, slope in self._corrections:
            fine, rate = _missed(interval, density, slope, gamma, size)
            mean, square = mean + fine, square - rate
            error += np.abs(rate * gamma)  # what is lost to the rounding of Gamma
            coarse += _missed(interval, density, slope, gamma, size / 2)[0]
        # The error of a rule with an analytic integrand is about the square of that with 2 h.
        near = np.abs(mean - coarse)
        return mean, square, ROUNDING * error.real + np.minimum(near, near**1.5)

    @property
    def _is_analytic(self) -> bool:
        density = self.law.density
        return density is None or (isinstance(density, Expr) and not density.has(*BROKEN))

    @cached_property
    def _intervals(self) -> tuple[DiagonalInterval, ...]:
        ends = [float(end) for end in self.law.breaks]
        spread = float(self.law.spread)
        return tuple(DiagonalInterval(low, high, spread) for low, high in pairwise(ends))

    @cached_property
    def _density(self) -> Callable[[Any], Any]:
        density = self.law.density
        return _function(self._expression) if isinstance(density, Expr) else density  # type: ignore[return-value]

    @property
    def _expression(self) -> Expr:
        return self.law.density.subs(dict(self.law.parameters))  # type: ignore[union-attr]

    @cached_property
    def _nodes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Places, shares, those of the rule with twice the step, and nodes in a unit of u."""
        per_unit = CORRECTED if self._is_analytic else PLAIN
        return (*self._rule(per_unit), float(per_unit))

    def rule(self, per_unit: int) -> tuple[np.ndarray, np.ndarray]:
        """Places and shares of a rule, atoms last."""
        return self._rule(per_unit)[:2]

    def _rule(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        places, shares, halved = [], [], []
        with np.errstate(all="ignore"):
            for interval in self._intervals if self.law.density is not None else ():
                place, width = interval.nodes(per_unit)
                share = np.real(self._density(place)) * width
                places.append(place)
                shares.append(np.where(np.isfinite(share), share, 0.0))
                halved.append(shares[-1] * (2.0 - 2.0 * (np.arange(len(place)) % 2)))
        mass, coarse = (1 - self._mass + sum(map(np.sum, rule)) for rule in (shares, halved))
        if places and abs(mass - 1) > MASS:
            if abs(mass - coarse) < MASS:  # it is known, and is not one
                check_mass(self.law, mass, coarse, FEWEST_DIGITS)
            raise PrecisionError(
                f"the density of the {self.law.name} is too singular for double precision"
            )
        for value, share in self.law.atoms:
            places.append(np.array([float(value)]))
            shares.append(np.array([float(share)]))
            halved.append(shares[-1])
        return np.concatenate(places), np.concatenate(shares), np.concatenate(halved)

    @property
    def _mass(self) -> float:
        return 1.0 - float(sum(share for _, share in self.law.atoms))

    @cached_property
    def _corrections(self) -> tuple[tuple[DiagonalInterval, Callable, Callable], ...]:
        """Intervals with the density and its slope, at complex places."""
        if self.law.density is None or not self._is_analytic:
            return ()
        slope = _function(self._expression.diff(label))
        return tuple((interval, self._density, slope) for interval in self._intervals)


def _missed(
    interval: DiagonalInterval,
    density: Callable,
    slope: Callable,
    gamma: np.ndarray,
    per_unit: float,
) -> tuple[np.ndarray, np.ndarray]:
    """What the pole makes the sum miss, and its derivative by Gamma."""
    place, rate = interval.pole(gamma)
    q = np.exp(2j * np.pi * place * per_unit)
    share = 2j * np.pi * q / (1 - q)
    rho = density(gamma)
    change = share * slope(gamma) + rho * share / (1 - q) * 2j * np.pi * per_unit * rate
    near = np.abs(q) > 0  # elsewhere the density may overflow
    return np.where(near, rho * share, 0), np.where(near, change, 0)


def _function(expression: Expr) -> Callable[[Any], Any]:
    function = compiled(expression, (label,))
    return lambda x: np.broadcast_to(np.asarray(function(x)[0]), np.shape(x))
