"""Averages over noisy labels on a line: their density is a sum of Gaussians.

A weight that sees the label alone then has one variable less: for each label only moments of the
teacher's pre-activation are left, sums over its nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bbpsym.numerics.networks.lattice import broken, lattice

#: Longest step in the noise: a Gaussian's own sum is then exact to 1e-30.
LONGEST = 0.5

#: Pairs of a label and a pre-activation whose densities are summed, at a time and at most.
PAIRS, MOST_PAIRS = 2**22, 2**27


class LabelLine(NamedTuple):
    """Nodes in a teacher's pre-activation with the labels there, and nodes in the noisy label."""

    u: np.ndarray
    mass: np.ndarray
    clean: np.ndarray
    noise: float
    labels: np.ndarray
    spacing: float

    def densities(self, columns: np.ndarray) -> np.ndarray:
        """Weights of labels times means at given ones of columns of numbers, one for each u.

        Shape (labels, columns); the columns hold the weights of the nodes in u already.
        """
        parts = np.array_split(self.labels, len(self.labels) * len(self.u) // PAIRS + 1)
        scale = self.spacing / (self.noise * np.sqrt(2 * np.pi))
        kernels = (np.exp(-(((y[:, None] - self.clean) / self.noise) ** 2) / 2) for y in parts)
        return np.concatenate([scale * (kernel @ columns) for kernel in kernels])


def label_line(
    clean_at: Callable[[np.ndarray], np.ndarray],
    noise: float,
    rule: tuple[float, float, tuple[float, ...]],
    own: float = np.inf,
) -> LabelLine | None:
    """Nodes for noisy labels; None if there are too many.

    Parameters
    ----------
    clean_at : callable
        The label without noise at nodes in u, shape (nodes, 1).
    noise : float
        Its standard deviation.
    rule : tuple
        Step and reach of nodes in u, and in the label as far as the noise allows; the u at which
        the label is not smooth.
    own : float
        The width of what else is a function of u.
    """
    step, reach, breaks = rule
    u, _ = broken(step, reach, breaks)
    smooth = np.searchsorted(breaks, u[1:]) == np.searchsorted(breaks, u[:-1])
    rises = np.abs(np.diff(clean_at(u[:, None]))) / np.diff(u)
    steepest = float(rises[smooth].max())
    step_in_u = min(step, LONGEST * own, LONGEST * noise / (steepest + noise))
    u, mass = lattice(1, step_in_u, reach, breaks=breaks)
    clean, spacing = clean_at(u), min(step, LONGEST * noise)
    ends = clean.min() - reach * noise, clean.max() + reach * noise
    if (ends[1] - ends[0]) / spacing * len(u) > MOST_PAIRS:
        return None
    return LabelLine(u[:, 0], mass, clean, noise, np.arange(*ends, spacing), spacing)
