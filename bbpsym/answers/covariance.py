"""Right edge, spike and threshold of sample covariance matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bbpsym.answers.result import Output, Result, answer, side_of
from bbpsym.ensembles.sample_covariance import SampleCovariance, level
from bbpsym.errors import DomainError
from bbpsym.numerics import questions
from bbpsym.numerics.questions import Found, Kind


@dataclass(frozen=True)
class CovarianceEdge(Result):
    """The right edge of a sample covariance.

    Attributes
    ----------
    kind : {"sharp", "smooth"}
        How the density vanishes there.
    value, g : float or mpmath number
        The edge, and the Stieltjes transform of the companion matrix there.
    """

    kind: str
    value: Any
    g: Any

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_-", "g": "g"}
    columns: ClassVar[tuple[str, ...]] = ("kind", "value", "g")


@dataclass(frozen=True)
class CovarianceOutlier(Result):
    """The sample eigenvalue of a spike.

    Attributes
    ----------
    value : float or mpmath number
        The eigenvalue.
    overlap2 : float or mpmath number
        Squared overlap of its eigenvector with that of the population.
    """

    value: Any
    overlap2: Any

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_*", "overlap2": "m^2"}
    columns: ClassVar[tuple[str, ...]] = ("value", "overlap2")


@dataclass(frozen=True)
class CovarianceThreshold(Result):
    """The least spike that leaves the bulk.

    Attributes
    ----------
    kind : {"continuous", "discontinuous"}
        Whether its eigenvalue leaves a sharp or a smooth edge.
    spike : float or mpmath number
        Threshold of the population's eigenvalue.
    value, overlap2 : float or mpmath number
        The edge, and the squared overlap there: 0 if continuous, the jump if discontinuous.
    """

    kind: str
    spike: Any
    value: Any
    overlap2: Any

    symbols: ClassVar[Mapping[str, str]] = {
        "spike": r"\ell_c",
        "value": r"\lambda_*",
        "overlap2": "m^2",
    }
    columns: ClassVar[tuple[str, ...]] = ("kind", *symbols)


def covariance_edge(
    ensemble: SampleCovariance, alpha: None = None, side: str = "right", digits: int | None = None
) -> CovarianceEdge:
    """Find the right edge; `bbpsym.edge` calls it."""
    _check_alpha(alpha)
    seen, found = side_of(ensemble, side, digits), _edge(ensemble, side)

    def build(t: Any, **numbers: Any) -> CovarianceEdge:
        return CovarianceEdge(ensemble, found.kind, **numbers, side=side)

    outputs = {"value": Output("inverse_stieltjes", found.root)}
    return answer(build, seen, found.root, outputs, digits, ensemble.gamma)


def covariance_outliers(
    ensemble: SampleCovariance, alpha: None = None, side: str = "right", digits: int | None = None
) -> tuple[CovarianceOutlier, ...]:
    """Find the outlier of the spike, if it has one; `bbpsym.outlier` calls it."""
    _check_alpha(alpha)
    if ensemble.spike is None:
        raise DomainError("spike must be given for an outlier")
    seen = side_of(ensemble, side, digits)
    height = level(ensemble.spike, seen.unit)
    root = questions.beyond(seen.curve, height, _edge(ensemble, side), "spike")
    if root is None:
        return ()

    def build(t: Any, g: Any, **numbers: Any) -> CovarianceOutlier:
        return CovarianceOutlier(ensemble, **numbers, side=side)

    outputs = {"value": Output("inverse_stieltjes", root), "overlap2": Output("overlap2", root)}
    return (answer(build, seen, root, outputs, digits, ensemble.gamma),)


def covariance_threshold(
    ensemble: SampleCovariance,
    side: str = "right",
    sector: None = None,
    digits: int | None = None,
) -> CovarianceThreshold:
    """Find the least spike that has an outlier; `bbpsym.threshold` calls it."""
    if sector is not None:
        raise DomainError("sector must be None but for a Network")
    seen, found = side_of(ensemble, side, digits), _edge(ensemble, side)
    jumps = found.kind is Kind.SMOOTH
    outputs = {
        "spike": Output("outlier_alpha", found.root),
        "value": Output("inverse_stieltjes", found.root),
        "overlap2": Output("overlap2" if jumps else None, found.root),
    }
    kind = Kind.DISCONTINUOUS if jumps else Kind.CONTINUOUS

    def build(t: Any, g: Any, **numbers: Any) -> CovarianceThreshold:
        return CovarianceThreshold(ensemble, kind, **numbers, side=side)

    return answer(build, seen, found.root, outputs, digits, ensemble.gamma)


def _edge(ensemble: SampleCovariance, side: str) -> Found:
    return questions.edge(ensemble.side(side).curve, ensemble.gamma)


def _check_alpha(alpha: Any) -> None:
    if alpha is not None:
        raise DomainError("alpha must not be given: a SampleCovariance has gamma instead")
