"""Finite deformed Gaussian matrices `H = J + D + theta w w^T`, diagonalised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import eigh

from bbpsym.errors import DomainError
from bbpsym.finite.jets import derivatives
from bbpsym.reading.formulas import read

Array = np.ndarray

#: Points at which the maximum of a density is looked for, and the slack of it.
POINTS, SLACK = 10_001, 1.01

#: Largest matrix.
LARGEST = 20_000


@dataclass(frozen=True)
class DeformedSample:
    """An extreme eigenvalue of one matrix, and the squared overlap of its eigenvector with w."""

    value: float
    overlap2: float


def entries(density: Any, low: float, high: float, N: int, rng: np.random.Generator) -> Array:
    """Draw N independent entries by rejection from a bounded density.

    Parameters
    ----------
    density : str or Expr
        Formula in x, up to a factor.
    low, high : float
        Ends of its support.
    N : int
        Number of entries.
    rng : numpy.random.Generator
        The only source of randomness.

    Raises
    ------
    DomainError
        If the density is negative, infinite or zero.
    """
    formula = read(density, "density", ("x",), {})
    heights = _heights(formula, np.linspace(low, high, POINTS))
    top = SLACK * float(heights.max())
    if not (np.isfinite(top) and top > 0 and heights.min() >= 0):
        raise DomainError("density must be finite and not negative between low and high")
    found = np.empty(0)
    while len(found) < N:
        x = rng.uniform(low, high, 2 * N)
        found = np.concatenate([found, x[rng.uniform(0, top, 2 * N) < _heights(formula, x)]])
    return found[:N]


def _heights(formula: Any, x: Array) -> Array:
    return derivatives(formula, "density", {"x": x}, "x")[0]


def gaussian(N: int, sigma: float, rng: np.random.Generator) -> Array:
    """Draw a symmetric Gaussian matrix of entries with variance `sigma^2/N`, its diagonal twice."""
    half = rng.standard_normal((N, N)) * (sigma / np.sqrt(2 * N))
    return half + half.T


def deformed(
    diagonal: Array,
    sigma: float,
    theta: float,
    rng: np.random.Generator,
    signal: Array | None = None,
) -> DeformedSample:
    """Diagonalise one matrix and look at the eigenvector to which the spike pulls.

    Parameters
    ----------
    diagonal : ndarray, shape (N,)
        Entries of D.
    sigma, theta : float
        Strengths of the Gaussian part and of the spike; theta < 0 pulls to the left.
    rng : numpy.random.Generator
        The only source of randomness.
    signal : ndarray, shape (N,), optional
        w up to its length; random without it.

    Returns
    -------
    DeformedSample

    Raises
    ------
    DomainError
        If the matrix is too large.

    Examples
    --------
    >>> found = deformed(np.zeros(200), 1.0, 3.0, np.random.default_rng(0))
    >>> 3 < found.value < 3.6, found.overlap2 > 0.8
    (True, True)
    """
    N = len(diagonal)
    if N > LARGEST:
        raise DomainError(f"N must be at most {LARGEST}, not {N}")
    w = rng.standard_normal(N) if signal is None else np.asarray(signal, dtype=float)
    w = w / np.linalg.norm(w)
    matrix = gaussian(N, sigma, rng) + np.diag(diagonal) + theta * np.outer(w, w)
    place = N - 1 if theta > 0 else 0
    values, vectors = eigh(matrix, subset_by_index=[place, place])
    return DeformedSample(float(values[0]), float((w @ vectors[:, 0]) ** 2))
