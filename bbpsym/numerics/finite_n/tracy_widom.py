"""The Tracy-Widom law of real symmetric matrices, from its Fredholm determinant.

`F1(s) = det(1 - V_s)` on `L^2(s, inf)` with the kernel `V(x, y) = Ai((x + y)/2)/2` (Ferrari and
Spohn, arXiv:math-ph/0505012), by Gauss-Legendre quadrature, whose determinants converge
exponentially for an analytic kernel (Bornemann, arXiv:0804.2543).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import airy

#: Nodes of a determinant, and the other number of them that checks it.
NODES, CHECK = 40, 50

#: Where the kernel ends: Ai(x) is below 1e-17 for x beyond it.
END = 26.0

#: The law outside this range has a mass below 1e-16, and the points of the moments' integrals.
LOWEST, HIGHEST, POINTS = -10.0, 15.0, 200


class TracyWidom(NamedTuple):
    """The law on a grid, with its mean and standard deviation."""

    #: `F1(s)` on an even grid.
    s: np.ndarray
    distribution: np.ndarray
    #: Of the law.
    mean: float
    deviation: float
    #: Bound claimed for the absolute error of any of these numbers.
    error: float


def distribution(s: np.ndarray, nodes: int = NODES) -> np.ndarray:
    """Evaluate `F1(s)`, the law of the largest eigenvalue, in double precision.

    The points lie from -10 to 15; `nodes` is the order of the determinant.
    """
    x, weight = np.polynomial.legendre.leggauss(nodes)
    s = np.asarray(s, dtype=float)[:, None]
    half = (END - s) / 2
    place, root = s + half * (1 + x), np.sqrt(half * weight)
    row, column = np.tril_indices(nodes)  # the kernel is symmetric, and Ai is what takes time
    kernel = np.empty((len(s), nodes, nodes))
    kernel[:, row, column] = airy((place[:, row] + place[:, column]) / 2)[0] / 2
    kernel[:, column, row] = kernel[:, row, column]
    return np.linalg.det(np.eye(nodes) - root[:, :, None] * kernel * root[:, None, :])


@cache
def law() -> TracyWidom:
    """Return the law with its mean and standard deviation.

    By parts, `E s = HIGHEST - int F1` and `E s^2 = HIGHEST^2 - 2 int s F1`; the trapezoidal rule
    is exact to rounding for a function that is flat at both ends.
    """
    found = [_moments(nodes) for nodes in (NODES, CHECK)]
    (s, values, mean, deviation), (_, again, *moments) = found
    errors = [*np.abs(values - again), abs(mean - moments[0]), abs(deviation - moments[1])]
    rounding = POINTS * np.finfo(float).eps
    return TracyWidom(s, values, mean, deviation, float(max(errors)) + rounding)


def _moments(nodes: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    s = np.linspace(LOWEST, HIGHEST, POINTS + 1)
    values = distribution(s, nodes)
    mean = HIGHEST - np.trapezoid(values, s)
    square = HIGHEST**2 - 2 * np.trapezoid(s * values, s)
    # F1 = 1 at the upper end: what the ends of the trapezoidal rule leave out (Euler-Maclaurin).
    square += (s[1] - s[0]) ** 2 / 6
    return s, values, float(mean), float(np.sqrt(square - mean**2))
