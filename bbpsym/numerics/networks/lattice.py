"""The trapezoidal rule for Gaussian averages in a few dimensions.

For an analytic integrand the error falls like `exp(-2 pi d/step)`, with d the distance of its
singularities from the real space. Gauss-Hermite rules converge far slower near a spectral edge,
where `1 - g f` nearly vanishes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import expit

#: Largest number of nodes: what a few seconds and a gigabyte allow.
MOST_NODES = 3_000_000

#: How far towards a break nodes go, in the variable in which they are equally spaced, and the
#: least length of one that counts.
CROWDED, TINY = 3.7, 1e-30

#: Narrowest peak that is resolved, and halvings that find its nodes.
PEAK, BISECTIONS = 1e-6, 60


#: Steps and reaches of the rules of level zero by dimension, the factor by which the steps of
#: successive levels fall, and by how much the reaches grow.
STEPS, REACHES = (0.1, 0.1, 0.1, 0.25, 0.5), (8.4, 8.4, 8.4, 8.2, 7.4)
FINER, FARTHER = 1.4, 0.15


class LatticeRule(NamedTuple):
    """Step and reach of a rule."""

    step: float
    reach: float


def rule(dimension: int, level: int) -> LatticeRule:
    """Rule of a level in a number of dimensions."""
    return LatticeRule(STEPS[dimension] / FINER**level, REACHES[dimension] + FARTHER * level)


def count(dimension: int, step: float, reach: float) -> float:
    """Number of nodes of a rule, about."""
    volume = {0: 1.0, 1: 2.0, 2: np.pi, 3: 4 * np.pi / 3, 4: np.pi**2 / 2}[dimension]
    return volume * (reach / step) ** dimension


def broken(step: float, reach: float, breaks: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on a line and their lengths, for what is not smooth at some places.

    Towards these places nodes crowd double exponentially, so that the trapezoidal rule keeps its
    convergence between them; far out they are equally spaced.
    """
    inside = [b for b in breaks if abs(b) < reach]
    if not inside:
        number = int(np.ceil(reach / step))
        x = (np.arange(-number, number) + 0.5) * step
        return x, np.full(len(x), step)
    number = int(np.ceil((reach + CROWDED) / step))
    s = (np.arange(-number, number) + 0.5) * step
    w, slope = s - np.exp(-s), 1 + np.exp(-s)
    away, length = np.logaddexp(0, w), slope * expit(w)  # softplus, and its slope
    pieces = [(inside[0] - away[::-1], length[::-1]), (inside[-1] + away, length)]
    near = s[np.abs(s) < CROWDED]
    bend = np.tanh(np.pi / 2 * np.sinh(near))
    dense = np.pi / 2 * np.cosh(near) * (1 - bend**2)
    for low, high in pairwise(inside):
        pieces.append(((low + high) / 2 + (high - low) / 2 * bend, (high - low) / 2 * dense))
    x, lengths = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    kept = (lengths > TINY) & ~np.isin(x, inside)
    order = np.argsort(x[kept])
    return x[kept][order], step * lengths[kept][order]


def lattice(
    dimension: int, step: float, reach: float, halved: bool = False, breaks: tuple[float, ...] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for standard Gaussian variables.

    The nodes lie at odd multiples of half a step: zero, where a formula may be 0/0, is none.

    Parameters
    ----------
    dimension : int
        Number of variables.
    step : float
        Distance of neighbours.
    reach : float
        Nodes farther than this from the origin are left out.
    halved : bool
        Whether integrands are the same at mirrored points: half of the nodes are enough.
    breaks : tuple of float
        Values of the first variable at which integrands are not smooth.

    Returns
    -------
    points : ndarray, shape (nodes, dimension)
    weights : ndarray, shape (nodes,)
    """
    axis, _ = broken(step, reach, ())
    first, lengths = broken(step, reach, breaks)
    if halved:
        first, lengths = first[first > 0], 2 * lengths[first > 0]
    grids = np.meshgrid(*([first] + [axis] * (dimension - 1))[:dimension], indexing="ij")
    points = np.stack([grid.ravel() for grid in grids], axis=1) if dimension else np.zeros((1, 0))
    length2, rows = (points**2).sum(axis=1), len(points) // len(first)
    inside = length2 <= reach**2
    points, length2 = points[inside], length2[inside]
    weights = np.exp(-length2 / 2) * (step / np.sqrt(2 * np.pi)) ** dimension
    if dimension and (halved or breaks):
        weights *= np.broadcast_to(lengths[:, None], (len(first), rows)).ravel()[inside] / step
    return points, weights


def peaked(step: float, reach: float, peaks: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on a line that resolve peaks of any width down to `PEAK`, and their weights.

    The nodes are equally spaced in `s(x) = sum_i asinh((x - x_i)/PEAK)`, which is analytic, so that
    the trapezoidal rule keeps its convergence.
    """
    centres = np.asarray(peaks)[:, None]

    def s(x: np.ndarray) -> np.ndarray:
        return np.arcsinh((x - centres) / PEAK).sum(axis=0)

    ends = s(np.array([-reach, reach]))
    target = (np.arange(np.ceil(ends[0] / step), np.floor(ends[1] / step)) + 0.5) * step
    low, high = np.full(target.shape, -2 * reach), np.full(target.shape, 2 * reach)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (
            np.where(s(middle) < target, middle, low),
            np.where(s(middle) < target, high, middle),
        )
    x = (low + high) / 2
    slope = (1 / np.sqrt((x - centres) ** 2 + PEAK**2)).sum(axis=0)
    x -= (s(x) - target) / slope
    return x, step / slope
