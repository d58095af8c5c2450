"""Poles of a weight: data at which a denominator vanishes, and near which it falls without bound.

A descent to the lowest weight sees a pole only where it happens to step close to it. Its
denominator is smooth there, and its square is brought to zero by the same descent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from sympy import Expr, Pow

from bbpsym.ensembles.networks.landscape import Landscape, lowest, real
from bbpsym.ensembles.real_values import compiled
from bbpsym.symbols import label

#: Square of a denominator that vanishes, in units of its typical one.
ZERO = 1e-12

#: Distances at which a weight is looked at, in how many directions (as many data tell how large
#: a denominator usually is), and its least growth from one to the next: that of a fourth root.
DISTANCES, DIRECTIONS, GROWTH = (1e-2, 1e-4, 1e-6), 64, 3.0


def pole(scene: Landscape, formulas: tuple[Expr, ...], box: float) -> np.ndarray | None:
    """Data near which a weight is unbounded below, since a denominator vanishes; None if none do.

    Parameters
    ----------
    scene : Landscape
        The weight.
    formulas : tuple of Expr
        What it is made of, in the label and the coordinates.
    box : float
        How far out to look.
    """
    data = np.random.default_rng(0).normal(size=(DIRECTIONS, len(scene.variables)))
    for denominator in _denominators(scene, formulas):
        square = partial(_square, compiled(denominator, scene.variables))
        least, at = lowest(scene._replace(value=square), box)
        if least <= ZERO * np.median(square(data)) and _falls(scene, at):
            return at
    return None


def _square(function: Callable, points: np.ndarray) -> np.ndarray:
    return real(function, points)[0] ** 2


def _denominators(scene: Landscape, formulas: tuple[Expr, ...]) -> Iterator[Expr]:
    """Bases of negative powers that are not known to be different from zero."""
    powers = set().union(*(item.subs(label, scene.label).atoms(Pow) for item in formulas))
    bases = {power.base for power in powers if power.exp.is_negative}
    for base in sorted(bases, key=str):
        if base.free_symbols and not base.is_nonzero:
            yield base


def _falls(scene: Landscape, at: np.ndarray) -> bool:
    """Whether the weight falls without bound towards a point."""
    rays = np.random.default_rng(0).normal(size=(DIRECTIONS, len(at)))
    values = [scene.value(at + distance * rays) for distance in DISTANCES]
    far, near, close = (float(row[np.isfinite(row)].min(initial=0.0)) for row in values)
    return close < GROWTH * near and near < GROWTH * far
