"""Finite sample covariances of any population with one spike, of any weights, diagonalised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from bbpsym.errors import DomainError
from bbpsym.reading.floats import Arrays

Array = np.ndarray

#: Most dimensions, and most data.
LARGEST = 20_000


@dataclass(frozen=True, eq=False)
class CovarianceSample(Arrays):
    """All eigenvalues, rising, an extreme one, and the squared overlap of its eigenvector."""

    eigenvalues: Array
    value: float
    overlap2: float


def sample_covariance(
    population: Array,
    spike: float,
    data: int,
    rng: np.random.Generator,
    side: str = "right",
    weights: Array | None = None,
) -> CovarianceSample:
    """Diagonalise `(1/n) sum_i T_i x_i x_i^T` of one sample of Gaussian data.

    Parameters
    ----------
    population : ndarray, shape (p - 1,)
        Variances.
    spike : float
        One more variance.
    data : int
        Number n of data.
    rng : numpy.random.Generator
        The only source of randomness.
    side : {"right", "left"}
        Which extreme eigenvalue is looked at.
    weights : ndarray, shape (n,), optional
        T of every datum; one without them.

    Returns
    -------
    CovarianceSample

    Raises
    ------
    DomainError
        If the sample is too large.

    Examples
    --------
    >>> found = sample_covariance(np.ones(100), 9.0, 400, np.random.default_rng(0))
    >>> found.value > 8, found.overlap2 > 0.9
    (True, True)
    """
    variances = np.concatenate([[spike], population])
    if max(len(variances), data) > LARGEST:
        raise DomainError(f"p and n must be at most {LARGEST}, not {len(variances)} and {data}")
    x = rng.standard_normal((data, len(variances))) * np.sqrt(variances)
    weighted = x.T if weights is None else x.T * weights
    values, vectors = eigh(weighted @ x / data)
    place = -1 if side == "right" else 0
    return CovarianceSample(values, float(values[place]), float(vectors[0, place] ** 2))
