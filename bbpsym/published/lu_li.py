"""The equations of Lu and Li (arXiv 1702.06435), by quadrature: they share no code with the engine.

With `psi(l) = l (1/alpha + E[z/(l - z)])` and `phi(l) = l E[s^2 z/(l - z)]` the edge of
`(1/m) sum_i z_i a_i a_i^T` is the minimum of psi over l above all z, the outlier lies at psi where
psi rises to phi, and the squared overlap there is `psi'/(psi' - phi')`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import k0, k0e, k1e

#: Accuracy asked of an integral, and range of the root in l above all z.
ACCURACY, NEAREST, FARTHEST = 1e-13, 1e-3, 1e3

RealFunction = Callable[[float], float]


class LuLi(NamedTuple):
    """A weight z(x), the mean square s^2(x) of the signal, the density of x, and its intervals."""

    weight: RealFunction
    signal: RealFunction
    density: RealFunction
    breaks: tuple[float, ...]
    alpha: float
    top: float

    def mean(self, function: RealFunction) -> float:
        """Average over x."""
        pairs = zip(self.breaks, self.breaks[1:], strict=False)
        terms = (
            quad(lambda x: self.density(x) * function(x), *ends, epsabs=ACCURACY, epsrel=ACCURACY)
            for ends in pairs
        )
        return float(sum(value for value, _ in terms))

    def share(self, x: float, level: float) -> float:
        """`z/(l - z)`."""
        return self.weight(x) / (level - self.weight(x))

    def psi_slope(self, level: float) -> float:
        """`psi'`."""
        return 1 / self.alpha - self.mean(lambda x: self.share(x, level) ** 2)

    def phi_slope(self, level: float) -> float:
        """`phi'`."""
        return -self.mean(lambda x: self.signal(x) * self.share(x, level) ** 2)

    def psi(self, level: float) -> float:
        """`psi`."""
        return level * (1 / self.alpha + self.mean(lambda x: self.share(x, level)))

    def phi(self, level: float) -> float:
        """`phi`."""
        return level * self.mean(lambda x: self.signal(x) * self.share(x, level))

    def solved(self) -> tuple[float, float, float]:
        """Edge, eigenvalue and squared overlap, in units of alpha times theirs: of a plain sum."""
        low, high = self.top + NEAREST, self.top + FARTHEST
        turn = float(brentq(self.psi_slope, low, high, xtol=1e-15, rtol=1e-14))
        level = float(
            brentq(lambda x: self.psi(x) - self.phi(x), turn, high, xtol=1e-15, rtol=1e-14)
        )
        overlap2 = self.psi_slope(level) / (self.psi_slope(level) - self.phi_slope(level))
        return self.alpha * self.psi(turn), self.alpha * self.psi(level), overlap2

    def threshold(self) -> float:
        """The alpha at which psi has its minimum where it meets phi."""

        def excess(level: float) -> float:
            return level * self.mean(lambda x: self._gap(x, level))

        level = brentq(excess, self.top + NEAREST, self.top + FARTHEST, xtol=1e-15, rtol=1e-14)
        return 1 / self.mean(lambda x: self.share(x, level) ** 2)

    def _gap(self, x: float, level: float) -> float:
        share = self.share(x, level)
        return (self.signal(x) - 1) * share - share**2


def truncated(level: float, alpha: float) -> LuLi:
    """Weights `min(y, level)` for phase retrieval, in the teacher's pre-activation."""
    return LuLi(
        lambda u: min(u * u, level), lambda u: u * u, _half_normal, _cut(level), alpha, level
    )


def logistic(length: float, alpha: float) -> LuLi:
    """Minus the Hessian of logistic regression at `|w| = length`: its left edge is on the right."""
    return LuLi(
        lambda u: -1 / (4 * np.cosh(length * u / 2) ** 2),
        lambda u: u * u,
        _half_normal,
        (0.0, 1.0, 3.0, 12.0),
        alpha,
        0.0,
    )


def product(alpha: float) -> LuLi:
    """Optimal weights `1 - 1/F(y)` for `y = u_1 u_2`, the signal along `(u_1 + u_2)/sqrt(2)`."""
    return LuLi(
        lambda y: 1 - 1 / _product_factor(y),
        _product_factor,
        lambda y: float(k0(abs(y)) / np.pi),
        (-40.0, -8.0, -1.0, 0.0, 1.0, 8.0, 40.0),
        alpha,
        1.0,
    )


@lru_cache(maxsize=4096)
def _product_factor(y: float) -> float:
    """`F(y) = E[(u_1 + u_2)^2 | y]/2`."""
    size = abs(y)
    return float(size * k1e(size) / k0e(size) + y)


def _cut(level: float) -> tuple[float, ...]:
    return (0.0, float(np.sqrt(level)), float(np.sqrt(level)) + 12.0)


def _half_normal(u: float) -> float:
    return float(np.sqrt(2 / np.pi) * np.exp(-u * u / 2))
