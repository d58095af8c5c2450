"""Between which ends the labels of a formula in indices lie, as far as a search tells."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sympy import Expr, Rational, S

#: Points of a first lattice in so many dimensions, how far it reaches, and rays with their
#: distances from the origin.
POINTS, REACH, RAYS, FAR = {2: 201, 3: 61}, 8.6, {2: 64, 3: 1024}, (1e3, 1e6, 1e12)

#: Angle between neighbours of a spiral about the sphere.
GOLDEN = np.pi * (3 - np.sqrt(5))

#: Growth of the labels by which an end counts as infinite: beyond the lattice, and from one
#: distance to the next.
BEYOND, GROWING = 10.0, 1e-3

#: Denominator and distance of an end that is taken for a simple ratio.
SIMPLE, CLOSE = 64, 1e-9

Label = Callable[..., Any]


def label_range(label_at: Label, size: int) -> tuple[Expr, Expr]:
    """Ends of the labels of so many indices, infinite where they grow without a bound."""
    low, high = (sign * _highest(label_at, sign, size) for sign in (-1, 1))
    return _end(low), _end(high)


def _highest(label_at: Label, sign: int, indices: int) -> float:
    """The highest label of one sign: on a lattice, by an ascent from there, and along rays."""
    axis = np.linspace(-REACH, REACH, POINTS[indices])
    seen = _real(sign * label_at(*np.meshgrid(*indices * [axis], indexing="ij", sparse=True)))
    best = np.unravel_index(int(np.argmax(seen)), seen.shape)
    start, first = axis[list(best)], float(seen[best])

    def below(u: np.ndarray) -> float:
        return -float(_real(sign * label_at(*u)))

    options = {"xatol": 1e-12, "fatol": 1e-13, "maxiter": 2000}
    with np.errstate(all="ignore"):  # differences of infinities
        top = max(first, -float(minimize(below, start, method="Nelder-Mead", options=options).fun))
    ways = _ways(indices)
    rays = [float(_real(sign * label_at(*(r * way for way in ways))).max()) for r in FAR]
    size = max(1.0, abs(first))
    grows = all(b - a > GROWING * size for a, b in zip([first, *rays], rays, strict=False))
    infinite = grows or max(top, *rays) > BEYOND * size
    return np.inf if infinite else max(top, *rays)


def _ways(indices: int) -> np.ndarray:
    """Unit vectors in all directions, by their components."""
    turns = np.arange(RAYS[indices])
    if indices == 2:
        angles = 2 * np.pi * turns / RAYS[2]
        return np.array([np.cos(angles), np.sin(angles)])
    height, angles = 1 - (2 * turns + 1) / RAYS[3], GOLDEN * turns
    radius = np.sqrt(1 - height**2)
    sphere = np.array([radius * np.cos(angles), radius * np.sin(angles), height])
    return np.concatenate([sphere, np.eye(3), -np.eye(3)], axis=1)


def _real(values: np.ndarray) -> np.ndarray:
    """What is no number is no label."""
    return np.nan_to_num(values, nan=-np.inf, posinf=np.inf, neginf=-np.inf)


def _end(value: float) -> Expr:
    """A number as an end, a simple ratio where it is close to one."""
    if np.isinf(value):
        return S.Infinity if value > 0 else -S.Infinity
    near = Fraction(value).limit_denominator(SIMPLE)
    chosen = near if abs(float(near) - value) < CLOSE else Fraction(value)
    return Rational(chosen.numerator, chosen.denominator)
