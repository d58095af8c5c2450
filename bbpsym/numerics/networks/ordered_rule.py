"""Rules for averages over exchangeable nodes: ordered nodes stand for all of their exchanges.

Directions differ in how fast the trapezoidal rule converges, so that each kind has a step of its
own, which may grow away from where the weight bends. In many dimensions nodes are random:
scrambled Sobol sequences.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import factorial, gamma, pi
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from bbpsym.numerics.networks.lattice import broken

#: Halvings that find a node.
BISECTIONS = 60

#: Binary logarithms of the numbers of random points, of the first sequence and of all others.
DOUBLINGS = (13, 17)

#: Standard deviation of random points: at the border of four tanh nodes the error of `E tr K^2` is
#: then a third, that of `E tr K` half of what it is with one.
WIDER = 1.25


class Growth(NamedTuple):
    """How steps grow: nodes are equally spaced in `s = sum_c asinh((v - c)/width) + floor v`.

    With no centre and a floor of one all steps are equal.
    """

    centres: tuple[float, ...]
    width: float
    floor: float

    def place(self, v: np.ndarray) -> np.ndarray:
        """Map v to s."""
        return self.floor * v + sum(np.arcsinh((v - c) / self.width) for c in self.centres)

    def slope(self, v: np.ndarray) -> np.ndarray:
        """`ds/dv`."""
        slope = np.full(np.shape(v), self.floor)
        for c in self.centres:
            slope += 1 / np.sqrt((v - c) ** 2 + self.width**2)
        return slope


EQUAL, FROM_ZERO = Growth((), 1.0, 1.0), Growth((0.0,), 2.0, 0.0)


class Spacing(NamedTuple):
    """Steps in s by the kind of a variable, their growth, and the radius of the ball."""

    teacher: float
    student: float
    noise: float
    growth: Growth
    nodes: Growth
    reach: float


class Kinds(NamedTuple):
    """Numbers of variables of each kind, in the order of the frame, and overlaps of a node.

    Where the label of a single teacher node is not smooth, `breaks` are its pre-activations.
    """

    teachers: int
    students: int
    noise: int
    cosines: tuple[float, ...] = ()
    breaks: tuple[float, ...] = ()

    @property
    def total(self) -> int:
        """Number of variables."""
        return self.teachers + self.students + self.noise

    @property
    def width(self) -> float:
        """Standard deviation of a student's pre-activation at given ones of the teacher."""
        return float(np.sqrt(1 - sum(c**2 for c in self.cosines)))


def axis(step: float, growth: Growth, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes at odd multiples of half a step in s, and their Gaussian weights."""
    v, lengths = line(step, growth, (-reach, reach))
    return v, lengths * np.exp(-(v**2) / 2) / np.sqrt(2 * np.pi)


def broken_axis(
    step: float, reach: float, breaks: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """The same on a line with breaks."""
    v, lengths = broken(step, reach, breaks)
    return v, lengths * np.exp(-(v**2) / 2) / np.sqrt(2 * np.pi)


def line(step: float, growth: Growth, ends: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes at odd multiples of half a step in s, between two ends or just beyond, and lengths."""
    first, last = (float(growth.place(np.array(end))) for end in ends)
    s = (np.arange(np.floor(first / step), np.ceil(last / step)) + 0.5) * step
    around = 4 * max(map(abs, ends))
    low, high = np.full(s.shape, -around), np.full(s.shape, around)
    for _ in range(BISECTIONS):
        v = (low + high) / 2
        below = growth.place(v) < s
        low, high = np.where(below, v, low), np.where(below, high, v)
    v = v - (growth.place(v) - s) / growth.slope(v)
    return v, step / growth.slope(v)


def ordered(p: int, values: np.ndarray, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of p falling entries, each with the weight of all of its different exchanges."""
    picks, orders = picked(p, len(values))
    return values[picks], orders * mass[picks].prod(axis=1)


def picked(p: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of p falling numbers below a size, and how many different exchanges each has."""
    rows = list(combinations_with_replacement(range(size), p))
    picks = np.array(rows, dtype=int).reshape(len(rows), p)[:, ::-1]
    orders, run = np.full(len(picks), float(factorial(p))), np.ones(len(picks))
    for k in range(1, p):
        run = np.where(picks[:, k] == picks[:, k - 1], run + 1, 1.0)
        orders /= run
    return picks, orders


def ball(kinds: Kinds, spacing: Spacing, mirrored: bool) -> tuple[np.ndarray, np.ndarray]:
    """Nodes within a ball and weights for standard Gaussian variables.

    The student's are spaced in its pre-activations, in which a weight bends, whatever its overlaps.

    Parameters
    ----------
    kinds : Kinds
        How many variables there are.
    spacing : Spacing
        The rule.
    mirrored : bool
        Whether integrands are the same at mirrored points; half of the nodes are then enough.

    Returns
    -------
    points : ndarray, shape (nodes, variables)
    weights : ndarray, shape (nodes,)
    """
    others, masses = _lines(kinds, spacing, mirrored)
    nodes, mass = ordered(kinds.students, *axis(spacing.student, spacing.nodes, spacing.reach))
    means = others[:, : kinds.teachers] @ np.array(kinds.cosines or [0.0] * kinds.teachers)
    own, which, length2 = _within(nodes, means, kinds.width, spacing.reach, others)
    points = (nodes[which] - means[own, None]) / kinds.width
    # Of densities in the pre-activations and in the variables that complete the frame.
    density = np.exp(((nodes[which] ** 2).sum(axis=1) - length2) / 2) / kinds.width**kinds.students
    teachers, noise = others[own, : kinds.teachers], others[own, kinds.teachers :]
    weights = masses[own] * mass[which] * density
    return np.concatenate([teachers, points, noise], axis=1), weights


def _lines(kinds: Kinds, spacing: Spacing, mirrored: bool) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights in the teacher's variables and the noise."""
    if kinds.breaks:
        lines = [broken_axis(spacing.teacher, spacing.reach, kinds.breaks)]
    else:
        lines = [axis(spacing.teacher, spacing.growth, spacing.reach)] * kinds.teachers
    lines += [axis(spacing.noise, spacing.growth, spacing.reach)] * kinds.noise
    if not lines:
        return np.zeros((1, 0)), np.ones(1)
    if mirrored:  # ordered nodes cannot be halved
        x, w = lines[0]
        lines = [(x[x > 0], 2 * w[x > 0]), *lines[1:]]
    others = np.array(np.meshgrid(*(x for x, _ in lines), indexing="ij")).reshape(len(lines), -1).T
    masses = np.array(np.meshgrid(*(w for _, w in lines), indexing="ij")).reshape(len(lines), -1).T
    return others, masses.prod(axis=1)


def _within(
    nodes: np.ndarray, means: np.ndarray, width: float, reach: float, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of others and of nodes that are together in the ball, and lengths of the nodes' part."""
    length2, sums = (nodes**2).sum(axis=1), nodes.sum(axis=1)
    order = np.argsort(length2)
    length2, sums, size = length2[order], sums[order], nodes.shape[1]
    which, lengths = [], []
    for mean, other2 in zip(means, (others**2).sum(axis=1), strict=True):
        own2 = (length2 - 2 * mean * sums + size * mean**2) / width**2
        inside = np.flatnonzero(own2 <= reach**2 - other2)
        which.append(order[inside])
        lengths.append(own2[inside])
    own = np.repeat(np.arange(len(means)), [len(item) for item in which])
    return own, np.concatenate(which), np.concatenate(lengths)


def count(kinds: Kinds, spacing: Spacing, mirrored: bool) -> float:
    """Number of nodes of a rule, about."""
    radius, total = spacing.reach, kinds.total
    number = pi ** (total / 2) / gamma(total / 2 + 1) / 2**total / factorial(kinds.students)
    number *= kinds.width**kinds.students
    steps = spacing.teacher, spacing.student, spacing.noise
    growths = spacing.growth, spacing.nodes, spacing.growth
    for step, growth, repeated in zip(steps, growths, kinds[:3], strict=True):
        number *= (float(np.ptp(growth.place(np.array([-radius, radius])))) / step) ** repeated
    return number / (2 if mirrored and kinds.teachers + kinds.noise else 1)


def scrambled(dimension: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points, shape (points, dimension), and weights for standard Gaussians: a Sobol sequence.

    They follow a wider Gaussian, since near an edge rare data count most. Seed zero has few; all
    others have as many, each with a scrambling of its own.
    """
    sequence = qmc.Sobol(dimension, scramble=True, bits=52, seed=seed)
    points = ndtri(np.clip(sequence.random_base2(DOUBLINGS[seed > 0]), 2.0**-53, 1 - 2.0**-53))
    mass = np.exp((1 - WIDER**2) / 2 * (points**2).sum(axis=1)) * WIDER**dimension / len(points)
    return WIDER * points, mass
