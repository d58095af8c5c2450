"""What is answered for a sample covariance: an edge, an outlier, a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic

from bbpsym.answers.result import Result
from bbpsym.ensembles.sample_covariance import SampleCovariance
from bbpsym.numerics.ball import Value


@dataclass(frozen=True)
class CovarianceEdge(Result, Generic[Value]):
    """An edge of the eigenvalues of a sample covariance that are not zero.

    Attributes
    ----------
    kind : {"sharp", "smooth"}
        How the density vanishes there.
    value, g : float or mpmath number
        The edge, and the Stieltjes transform of the companion matrix there.

    Examples
    --------
    >>> from bbpsym import SampleCovariance, discrete_labels, edge
    >>> identity = discrete_labels({1: 1}, 1)
    >>> print(edge(SampleCovariance(identity, "1/4")).text("value"))
    2.25000000000
    """

    model: SampleCovariance
    kind: str
    value: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_-", "g": "g"}
    columns: ClassVar[tuple[str, ...]] = ("kind", "value", "g")
    plural: ClassVar[str] = "Edges"


@dataclass(frozen=True)
class CovarianceOutlier(Result, Generic[Value]):
    """The sample eigenvalue of a spike.

    Attributes
    ----------
    value : float or mpmath number
        The eigenvalue.
    overlap2 : float or mpmath number
        Squared overlap of its eigenvector with that of the population.

    Examples
    --------
    >>> from bbpsym import SampleCovariance, discrete_labels, outlier
    >>> identity = discrete_labels({1: 1}, 1)
    >>> print(outlier(SampleCovariance(identity, "1/4", spike=3)).text("value"))
    3.37500000000
    """

    model: SampleCovariance
    value: Value
    overlap2: Value

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_*", "overlap2": "m^2"}
    columns: ClassVar[tuple[str, ...]] = ("value", "overlap2")
    #: What a LaTeX table calls a number of the model that has another symbol elsewhere.
    given: ClassVar[Mapping[str, str]] = {"spike": r"\ell"}
    plural: ClassVar[str] = "Outliers"


@dataclass(frozen=True)
class CovarianceThreshold(Result, Generic[Value]):
    """The spike from which on, away from the population, one leaves the bulk.

    Attributes
    ----------
    kind : {"continuous", "discontinuous"}
        Whether its eigenvalue leaves a sharp or a smooth edge.
    spike : float or mpmath number
        Threshold of the population's eigenvalue.
    value, overlap2 : float or mpmath number
        The edge, and the squared overlap there: 0 if continuous, the jump if discontinuous.

    Examples
    --------
    >>> from bbpsym import SampleCovariance, discrete_labels, threshold
    >>> identity = discrete_labels({1: 1}, 1)
    >>> print(threshold(SampleCovariance(identity, "1/4")).text("spike"))
    1.50000000000
    """

    model: SampleCovariance
    kind: str
    spike: Value
    value: Value
    overlap2: Value

    symbols: ClassVar[Mapping[str, str]] = {
        "spike": r"\ell_c",
        "value": r"\lambda_*",
        "overlap2": "m^2",
    }
    columns: ClassVar[tuple[str, ...]] = ("kind", *symbols)
    plural: ClassVar[str] = "Thresholds"
