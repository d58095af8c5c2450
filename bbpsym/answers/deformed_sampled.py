"""What a sampled diagonal predicts for a deformed Gaussian matrix at finite N.

Below the threshold of a discontinuous transition the top entries of a sampled diagonal lie far
apart, and eigenvectors know the signal that do not for N to infinity; how much varies from sample
to sample. All of it is in the diagonal and the signal: no matrix is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.errors import DomainError, quoted
from bbpsym.numerics import known_diagonal
from bbpsym.numerics.curve import LEFT
from bbpsym.numerics.known_diagonal import DrawnDiagonal
from bbpsym.reading import arguments, floats

#: Largest N and most samples.
LARGEST_N, MOST_SAMPLES = 10**7, 10**5


@dataclass(frozen=True)
class DeformedPrediction:
    """What one sample of diagonal and signal predicts, up to order N^{-1/2} of the Gaussian part.

    Attributes
    ----------
    edge : float
        Edge of the bulk on the side of the spike.
    value : float
        The extreme eigenvalue: the outlier, or else the edge.
    overlap2 : float
        Squared overlap of its eigenvector with the signal; 0 without an outlier.
    is_outlier : bool
        Whether it is an outlier.
    """

    edge: float
    value: float
    overlap2: float
    is_outlier: bool


@dataclass(frozen=True)
class DeformedScatter:
    """How predictions scatter from sample to sample.

    Attributes
    ----------
    N, samples : int
        Size and number of samples.
    phi : float
        Share of samples with an outlier.
    value, overlap2 : float
        Means of the extreme eigenvalue and of its squared overlap.
    value_deviation, overlap2_deviation : float
        Standard deviations from sample to sample.
    """

    N: int
    samples: int
    phi: float
    value: float
    value_deviation: float
    overlap2: float
    overlap2_deviation: float


@floats.own_settings
def deformed_predict(
    ensemble: DeformedGaussian, N: Any, rng: np.random.Generator
) -> DeformedPrediction:
    """Draw diagonal and signal and predict the extreme eigenvalue and its overlap.

    Parameters
    ----------
    ensemble : DeformedGaussian
        With one generic spike.
    N : int
        Size of the matrix, from 10 to 1e7.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    DeformedPrediction

    Raises
    ------
    DomainError
        If an argument is out of range.
    """
    N = arguments.dimension(N, 10, LARGEST_N, "every entry of the diagonal is drawn")
    floats.generator(rng)
    _check(ensemble)
    return _predicted(ensemble, known_diagonal.draw(ensemble.diagonal, N, rng))


@floats.own_settings
def deformed_predict_from(
    ensemble: DeformedGaussian, diagonal: Any, signal: Any
) -> DeformedPrediction:
    """Predict the extreme eigenvalue of the matrix with a given diagonal and a given signal.

    Parameters
    ----------
    ensemble : DeformedGaussian
        What gives sigma and the one spike; its law of the diagonal is not used.
    diagonal, signal : ndarray, shape (N,)
        Entries of D, and w up to its length.

    Returns
    -------
    DeformedPrediction

    Raises
    ------
    DomainError
        If an argument is out of range.
    """
    _check(ensemble)
    entries = floats.read(diagonal, "diagonal", "an array of real numbers")
    vector = floats.read(signal, "signal", "an array of real numbers")
    if entries.ndim != 1 or entries.shape != vector.shape or len(entries) < 2 or not vector.any():
        raise DomainError("diagonal and signal must be arrays of one length, two or more numbers")
    return _predicted(ensemble, DrawnDiagonal(entries, vector**2 / np.sum(vector**2)))


def deformed_scatter(
    ensemble: DeformedGaussian, N: Any, samples: Any, rng: np.random.Generator
) -> DeformedScatter:
    """Predict mean and scatter of the extreme eigenvalue and its overlap over several samples.

    Parameters
    ----------
    ensemble, N, rng
        As of `deformed_predict`.
    samples : int
        How many, 2 to 1e5.

    Returns
    -------
    DeformedScatter

    Raises
    ------
    DomainError
        If an argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from sympy.abc import x
    >>> from bbpsym import labels_of
    >>> law = labels_of(15 * (1 - x**2)**2 / 16, signal=1, support=(-1, 1))
    >>> below = DeformedGaussian(law, sigma="0.3", spike="0.75")  # the threshold is 0.8
    >>> found = deformed_scatter(below, 1000, 100, np.random.default_rng(0))
    >>> found.phi > 0.5 and found.overlap2 > 0.1
    True
    """
    samples = arguments.whole(samples, "samples", 2, MOST_SAMPLES)
    found = [deformed_predict(ensemble, N, rng) for _ in range(samples)]
    values, overlaps = np.array([(item.value, item.overlap2) for item in found]).T
    return DeformedScatter(
        int(N),
        samples,
        float(np.mean([item.is_outlier for item in found])),
        float(values.mean()),
        float(values.std(ddof=1)),
        float(overlaps.mean()),
        float(overlaps.std(ddof=1)),
    )


def _check(ensemble: DeformedGaussian) -> None:
    if not isinstance(ensemble, DeformedGaussian):
        raise DomainError(f"ensemble must be a DeformedGaussian, not {quoted(ensemble)}")
    if len(ensemble.spike) != 1 or ensemble.site is not None:
        raise DomainError("spike must be one number, and site None, for a prediction")


def _predicted(ensemble: DeformedGaussian, sample: DrawnDiagonal) -> DeformedPrediction:
    sign = -1 if ensemble.side_seen == LEFT else 1
    variance, theta = float(ensemble.sigma) ** 2, abs(float(ensemble.spike[0]))
    seen = DrawnDiagonal(sign * sample.entries, sample.squares)
    edge = known_diagonal.edge(seen.entries, variance)
    pole = known_diagonal.pole(seen, variance, theta)
    if pole.slope <= 0:
        return DeformedPrediction(sign * edge, sign * edge, 0.0, False)
    return DeformedPrediction(sign * edge, sign * pole.value, pole.overlap2, True)
