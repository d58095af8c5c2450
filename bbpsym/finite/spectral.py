"""Finite spectral methods: a weight of the label of any teacher, diagonalised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

Array = np.ndarray


@dataclass(frozen=True)
class SpectralSample:
    """An eigenvalue, and the squared overlap of its eigenvector with the directions."""

    value: float
    overlap2: float


def spectral(
    teacher: Callable[[Array], Array],
    weight: Callable[..., Array],
    direction: Array,
    N: int,
    alpha: float,
    rng: np.random.Generator,
    rank: int = 0,
    known: int = 0,
) -> SpectralSample:
    """Diagonalise `sum_mu T(y^mu) x^mu x^muT` for one sample of the data.

    Where the first directions are known, the weight may use their pre-activations as well, and the
    matrix is that of the inputs orthogonal to them.

    Parameters
    ----------
    teacher : callable
        Maps pre-activations, shape (M, r), to labels, shape (M,).
    weight : callable
        T of arrays: of the labels, and of an array of shape (M, known) if there are any.
    direction : ndarray, shape (r - known,) or (k, r - known)
        Among the teacher's orthonormal vectors that are not known; several orthogonal ones are
        taken together.
    N : int
        Input dimension.
    alpha : float
        Signal-to-noise ratio M/N.
    rng : numpy.random.Generator
        The only source of randomness.
    rank : int
        How many eigenvalues lie above the one that is meant.
    known : int
        How many of the teacher's vectors are known.

    Returns
    -------
    SpectralSample

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> last = spectral(lambda u: u[:, 0] ** 2, lambda y: 1 - 1 / y, np.ones(1), 200, 5, rng)
    >>> last.overlap2 > 0.8
    True
    """
    inputs = rng.standard_normal((round(alpha * N), N))  # the teacher's vectors are the first axes
    directions = np.atleast_2d(np.asarray(direction, dtype=float))
    directions = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    indices = directions.shape[1]
    labels = teacher(inputs[:, : known + indices])
    weights = weight(labels, inputs[:, :known]) if known else weight(labels)
    inputs = inputs[:, known:]
    matrix = (inputs.T * weights) @ inputs / N
    values, vectors = eigh(matrix, subset_by_index=[N - known - 1 - rank] * 2)
    overlaps = directions @ vectors[:indices, 0]
    return SpectralSample(float(values[0]), float(overlaps @ overlaps))


def complex_spectral(
    weight: Callable[[Array], Array], N: int, alpha: float, rng: np.random.Generator
) -> SpectralSample:
    """Diagonalise `sum_mu T(y^mu) x^mu x^mu^*` for complex data and the label `y = |x . w|^2`.

    Parameters
    ----------
    weight : callable
        T of arrays; labels have mean one.
    N : int
        Complex dimension.
    alpha : float
        Signal-to-noise ratio M/N.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    SpectralSample

    Examples
    --------
    >>> last = complex_spectral(lambda y: 1 - 1 / y, 100, 8, np.random.default_rng(0))
    >>> last.overlap2 > 0.8
    True
    """
    parts = rng.standard_normal((2, round(alpha * N), N)) / np.sqrt(2)
    inputs = parts[0] + 1j * parts[1]  # w is the first axis
    weights = weight(np.abs(inputs[:, 0]) ** 2)
    matrix = (inputs.T * weights) @ inputs.conj() / N
    values, vectors = eigh(matrix, subset_by_index=[N - 1] * 2)
    return SpectralSample(float(values[0]), float(np.abs(vectors[0, 0]) ** 2))
