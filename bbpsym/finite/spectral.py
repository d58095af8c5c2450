"""Finite spectral methods: a weight of the label of any teacher, a number or a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from bbpsym.reading.floats import Arrays

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
    among: int = 1,
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
    among : int
        How many eigenvalues are looked at, from there down, for the one with the largest overlap.

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
    last = N - known - 1 - rank
    values, vectors = eigh(matrix, subset_by_index=[last + 1 - among, last])
    overlap2 = np.sum((directions @ vectors[:indices]) ** 2, axis=0)
    best = int(np.argmax(overlap2))
    return SpectralSample(float(values[best]), float(overlap2[best]))


@dataclass(frozen=True, eq=False)
class MatrixSample(Arrays):
    """An eigenvalue of a matrix of size r N, and the overlaps of its eigenvector.

    `overlap` has a row for each block and a column for each vector of the teacher; its sign is that
    of a positive trace.
    """

    value: float
    overlap: Array


def label_moments(
    teacher: Callable[[Array], Array],
    indices: int,
    rng: np.random.Generator,
    draws: int = 4 * 10**6,
    cells: int = 1000,
) -> Callable[[Array], Array]:
    """Estimate `E[u u^T | y]` of any teacher: sort draws by their labels, and average cell by cell.

    Parameters
    ----------
    teacher : callable
        Maps pre-activations, shape (M, r), to labels, shape (M,).
    indices : int
        Their number r.
    rng : numpy.random.Generator
        The only source of randomness.
    draws, cells : int
        Labels drawn, and cells with equal shares of them.

    Returns
    -------
    callable
        Maps labels, shape (M,), to matrices, shape (M, r, r).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> moments = label_moments(lambda u: u[:, 0] ** 2, 2, rng, 10**5, 100)
    >>> moments(np.array([1.0]))[0].round(1) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    u = rng.standard_normal((draws, indices))
    labels = teacher(u)
    parts = np.array_split(np.argsort(labels, kind="stable"), cells)
    means = np.stack([u[part].T @ u[part] / len(part) for part in parts])
    ends = np.array([labels[part[-1]] for part in parts[:-1]])
    return lambda y: means[np.searchsorted(ends, y)]


def matrix_spectral(
    teacher: Callable[[Array], Array],
    weight: Callable[[Array], Array],
    indices: int,
    N: int,
    alpha: float,
    rng: np.random.Generator,
    rank: int = 0,
    among: int = 1,
) -> MatrixSample:
    """Diagonalise `sum_mu T(y^mu) (x) x^mu x^muT` for one sample of the data.

    Parameters
    ----------
    weight : callable
        Maps labels to symmetric matrices T, shape (M, r, r).
    indices : int
        Their size r.
    teacher, N, alpha, rng, rank, among
        As of `spectral`.

    Returns
    -------
    MatrixSample

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> square = lambda y: (1 - 1 / y)[:, None, None]
    >>> last = matrix_spectral(lambda u: u[:, 0] ** 2, square, 1, 200, 5, rng)
    >>> float(last.overlap[0, 0]) > 0.9
    True
    """
    size = indices * N
    ends = [size - rank - among, size - 1 - rank]
    matrix = _weighted(teacher, weight, indices, N, alpha, rng)
    values, vectors = eigh(matrix, subset_by_index=ends)
    overlaps = vectors.T.reshape(among, indices, N)[:, :, :indices]
    best = int(np.argmax(np.sum(overlaps**2, axis=(1, 2))))
    overlap = overlaps[best] * np.sign(np.trace(overlaps[best]))
    return MatrixSample(float(values[best]), overlap)


def matrix_eigenvalues(
    teacher: Callable[[Array], Array],
    weight: Callable[[Array], Array],
    indices: int,
    N: int,
    alpha: float,
    rng: np.random.Generator,
) -> Array:
    """All eigenvalues of one such matrix, rising; its arguments are those of `matrix_spectral`.

    Examples
    --------
    >>> square = lambda y: (1 - 1 / y)[:, None, None]
    >>> rng = np.random.default_rng(0)
    >>> matrix_eigenvalues(lambda u: u[:, 0] ** 2, square, 1, 50, 2, rng).shape
    (50,)
    """
    found: Array = np.linalg.eigvalsh(_weighted(teacher, weight, indices, N, alpha, rng))
    return found


def _weighted(
    teacher: Callable[[Array], Array],
    weight: Callable[[Array], Array],
    indices: int,
    N: int,
    alpha: float,
    rng: np.random.Generator,
) -> Array:
    inputs = rng.standard_normal((round(alpha * N), N))  # the teacher's vectors are the first axes
    weights = weight(teacher(inputs[:, :indices])) / N
    matrix = np.empty((indices, N, indices, N))
    for q, k in zip(*np.triu_indices(indices), strict=True):
        matrix[q, :, k, :] = matrix[k, :, q, :] = (inputs.T * weights[:, q, k]) @ inputs
    return matrix.reshape(indices * N, indices * N)


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
