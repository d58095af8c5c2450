"""Edge and outlier of a deformed Gaussian matrix from the diagonal and the signal of one sample."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from sympy import Expr

from bbpsym.compilation.compile import System
from bbpsym.ensembles.real_values import compiled
from bbpsym.equations import sampled_diagonal as equations
from bbpsym.laws.labels import Labels
from bbpsym.numerics.diagonal_bulk import PLAIN, DiagonalBulk
from bbpsym.symbols import label

#: Relative accuracy of a root.
ROOT = 1e-14


class DrawnDiagonal(NamedTuple):
    """Entries of a diagonal, and the squared entries of a signal, which add up to one."""

    entries: np.ndarray
    squares: np.ndarray


class Pole(NamedTuple):
    """The sampled outlier: eigenvalue, `dz/dGamma` and squared overlap; an outlier if positive."""

    value: float
    slope: float
    overlap2: float


def draw(law: Labels, N: int, rng: np.random.Generator) -> DrawnDiagonal:
    """Draw a diagonal and a random signal."""
    entries = quantiles(law, rng.random(N))
    signal = rng.standard_normal(N) ** 2 * _factor(law, entries)
    return DrawnDiagonal(entries, signal / signal.sum())


def quantiles(law: Labels, shares: np.ndarray) -> np.ndarray:
    """Entries at which the distribution function passes given shares, to about 1e-7."""
    levels, at = _distribution(law)
    return np.interp(shares, levels, at)


@lru_cache(maxsize=8)
def _distribution(law: Labels) -> tuple[np.ndarray, np.ndarray]:
    """The distribution function of a law at many places, twice at its atoms."""
    places, masses = DiagonalBulk(law, 1.0).rule(PLAIN)
    atoms = np.arange(len(places)) >= len(places) - len(law.atoms)
    order = np.argsort(places, kind="stable")
    places, masses, atoms = places[order], masses[order], atoms[order]
    ends = np.cumsum(masses)
    # The mass of a node is spread to both sides of it, that of an atom sits at its place.
    levels = np.concatenate([np.where(atoms, ends - masses, ends - masses / 2), ends[atoms]])
    at = np.concatenate([places, places[atoms]])
    order = np.lexsort((at, levels))
    return levels[order] / ends[-1], at[order]


def _factor(law: Labels, entries: np.ndarray) -> np.ndarray:
    """Mean of `N w_i^2` given the entries."""
    if not isinstance(law.signal, Expr):
        return np.asarray(law.signal(entries), dtype=float)
    function = compiled(law.signal.subs(dict(law.parameters)), (label,))
    return np.broadcast_to(np.asarray(function(entries)[0], dtype=float), entries.shape)


def edge(entries: np.ndarray, variance: float) -> float:
    """Right edge of the bulk of a sampled diagonal; it is always sharp."""
    top, N = float(entries.max()), len(entries)

    def excess(gamma: float) -> float:
        return variance * float(np.mean((gamma - entries) ** -2.0)) - 1

    reach = np.sqrt(variance)
    gamma = brentq(excess, top + reach / np.sqrt(N) * (1 - 1e-6), top + reach * 1.000001, rtol=ROOT)
    return float(gamma + variance * np.mean(1 / (gamma - entries)))


def pole(sample: DrawnDiagonal, variance: float, theta: float) -> Pole:
    """The outlier of a spike of positive strength on the right, if its slope is positive."""
    top, N = int(np.argmax(sample.entries)), len(sample.entries)
    gaps = sample.entries[top] - sample.entries

    def excess(above: float) -> float:
        return theta * float(np.sum(sample.squares / (above + gaps))) - 1

    # Between what the largest entry alone would give and what all entries there would give.
    least = theta * sample.squares[top]
    above = brentq(excess, least * (1 - 1e-9), theta * (1 + 1e-9), rtol=ROOT, xtol=1e-300)
    powers = [1 / (above + gaps) ** n for n in range(1, 5)]
    sums = [float(np.mean(power)) for power in powers[:2]]
    sums += [float(sample.squares @ power) for power in powers]
    mu = float(sample.entries[top] + above)
    names = (equations.mu, equations.variance, equations.theta, equations.size)
    given = dict(zip(names, (mu, variance, theta, float(N)), strict=True))
    given |= dict(zip((*equations.entries, *equations.signals), sums, strict=True))
    system = _system()
    values = {symbol.name: value for symbol, value in given.items()}
    return Pole(*map(float, system.plain[1]((), *(values[name] for name in system.parameters))))


@cache
def _system() -> System:
    return System(
        {
            "value": equations.eigenvalue(),
            "slope": equations.slope(),
            "overlap2": equations.overlap2(),
        }
    )
