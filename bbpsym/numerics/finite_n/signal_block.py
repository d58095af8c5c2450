"""Samples of the signal block: a Gaussian symmetric matrix of order p p*, by rotation sectors.

The matrix has a variance for every sector, student times teacher, so it is drawn as independent
normal numbers, projected on each sector. Rows that are not orthogonal add multiples of symmetric
matrices without a diagonal; those are not invariant under rotations, and are drawn apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bbpsym.parameters import ANTISYMMETRIC, SYMMETRIC, TRACE


def draw(
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    variances: Mapping[tuple[str, str], float],
    rows: tuple[float, float],
) -> np.ndarray:
    """Draw signal blocks.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of randomness.
    shape : tuple of int
        How many, p and p*.
    variances : mapping
        Variance of the component along a unit matrix of every sector.
    rows : tuple of float
        Standard deviations of the entries that student and teacher rows add.

    Returns
    -------
    ndarray, shape (samples, p p_star, p p_star)
    """
    samples, p, p_star = shape
    raw = rng.standard_normal((samples, p, p, p_star, p_star))
    total = sum(
        np.sqrt(max(variance, 0.0)) * _project(_project(raw, one, 1), other, 3)
        for (one, other), variance in variances.items()
    )
    unit = np.eye(p)[:, :, None, None], np.eye(p_star)[None, None]
    total = total + rows[0] * _without_diagonal(rng, samples, p)[..., None, None] * unit[1]
    total = total + rows[1] * _without_diagonal(rng, samples, p_star)[:, None, None] * unit[0]
    return total.transpose(0, 1, 3, 2, 4).reshape(samples, p * p_star, p * p_star)


def _project(tensor: np.ndarray, sector: str, axis: int) -> np.ndarray:
    """Project the pair of axes from `axis` on a sector."""
    turned = tensor.swapaxes(axis, axis + 1)
    if sector == ANTISYMMETRIC:
        return (tensor - turned) / 2
    width = tensor.shape[axis]
    shape = [1] * tensor.ndim
    shape[axis : axis + 2] = width, width
    unit = np.eye(width).reshape(shape) / width
    trace = np.expand_dims(np.trace(tensor, axis1=axis, axis2=axis + 1), (axis, axis + 1)) * unit
    parts = {TRACE: trace, SYMMETRIC: (tensor + turned) / 2 - trace}
    return parts[sector]


def _without_diagonal(rng: np.random.Generator, samples: int, width: int) -> np.ndarray:
    """Symmetric matrices with normal entries off the diagonal, and zeros on it."""
    upper = np.triu(rng.standard_normal((samples, width, width)), 1)
    return upper + upper.swapaxes(1, 2)
