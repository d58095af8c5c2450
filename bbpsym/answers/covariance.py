"""Edges, density, spike and threshold of sample covariance matrices."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from bbpsym.answers.asking import Output, Outputs, OwnAnswers, answer, answer_beyond, side_of
from bbpsym.answers.covariance_result import CovarianceEdge, CovarianceOutlier, CovarianceThreshold
from bbpsym.answers.density import density
from bbpsym.answers.edge import edge_proof
from bbpsym.ensembles.sample_covariance import LowerSide, SampleCovariance
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import DomainError, NoOutlierError
from bbpsym.numerics import questions
from bbpsym.numerics.curve import LEFT, RIGHT, Condition, Level
from bbpsym.numerics.questions import FoundRoot, Kind
from bbpsym.numerics.roots import Root
from bbpsym.reading.floats import at_points
from bbpsym.symbols import label


def covariance_edge(
    ensemble: SampleCovariance,
    alpha: None = None,
    side: str = "right",
    digits: int | None = None,
    certified: bool = False,
) -> CovarianceEdge:
    """Find an edge of the bulk; `bbpsym.edge` calls it."""
    _check_alpha(alpha)
    seen: Any = side_of(ensemble, side, digits)
    found = _edge(ensemble, side)

    def build(t: Any, **numbers: Any) -> CovarianceEdge:
        return CovarianceEdge(ensemble, found.kind, **numbers, side=side)

    outputs = {"value": Output("inverse_stieltjes", found.root)}
    if isinstance(seen, LowerSide):
        outputs["g"] = Output("stieltjes", found.root)
    prove = edge_proof(found) if certified else None
    return answer(build, seen, found.root, outputs, digits, prove)


def covariance_outliers(
    ensemble: SampleCovariance,
    alpha: None = None,
    side: str = "right",
    digits: int | None = None,
    certified: bool = False,
) -> tuple[CovarianceOutlier, ...]:
    """Find the outlier of the spike, if it has one; `bbpsym.outlier` calls it."""
    _check_alpha(alpha)
    if ensemble.spike is None:
        raise DomainError("spike must be given for an outlier")
    seen: Any = side_of(ensemble, side, digits)
    if not _can_leave(ensemble, side):
        return ()
    height = seen.spike_level(ensemble.spike)
    found = _edge(ensemble, side)
    beyond = questions.beyond(Level(seen.curve, Condition.OUTLIER, height), found, "spike")

    def build(t: Any, g: Any, **numbers: Any) -> CovarianceOutlier:
        return CovarianceOutlier(ensemble, **numbers, side=side)

    def outputs(root: Root) -> Outputs:
        return {"value": Output("inverse_stieltjes", root), "overlap2": Output("overlap2", root)}

    answer = answer_beyond(certified, build, seen, beyond, outputs, digits)
    return () if answer is None else (answer,)


def covariance_threshold(
    ensemble: SampleCovariance,
    side: str = "right",
    sector: None = None,
    digits: int | None = None,
    certified: bool = False,
) -> CovarianceThreshold:
    """Find the spike nearest to the population that has an outlier; `bbpsym.threshold` calls it.

    Raises
    ------
    NoOutlierError
        On the left for gamma > 1: no spike leaves the edge there.
    """
    if sector is not None:
        raise DomainError("sector must be None but for a Network")
    seen: Any = side_of(ensemble, side, digits)
    if side == LEFT and ensemble.gamma > 1:
        raise NoOutlierError("gamma must be below 1 for a threshold on the left: no spike has one")
    found = _edge(ensemble, side)
    jumps = found.kind is Kind.SMOOTH
    outputs = {
        "spike": Output("spike", found.root),
        "value": Output("inverse_stieltjes", found.root),
        "overlap2": Output("overlap2" if jumps else None, found.root),
    }
    kind = Kind.DISCONTINUOUS if jumps else Kind.CONTINUOUS

    def build(t: Any, g: Any, **numbers: Any) -> CovarianceThreshold:
        return CovarianceThreshold(ensemble, kind, **numbers, side=side)

    prove = edge_proof(found) if certified else None
    return answer(build, seen, found.root, outputs, digits, prove)


def covariance_density(ensemble: SampleCovariance, alpha: None = None, x: Any = None) -> Any:
    """Evaluate the density of the eigenvalues in double precision; `density` calls it.

    It is that of the companion matrix, over gamma: for gamma < 1 the zeros of that are not its own,
    for gamma > 1 its own have the share `1 - 1/gamma`, which is not part of the density.
    """
    _check_alpha(alpha)
    return at_points(x, partial(_density, ensemble))


def _density(ensemble: SampleCovariance, x: np.ndarray) -> np.ndarray:
    """The density at rising x, each once."""
    inside = np.ones(x.shape, dtype=bool)
    for side, inwards in ((LEFT, 1), (RIGHT, -1)):
        with suppress(DomainError):  # the population is unbounded, or reaches zero
            inside &= inwards * (x - float(covariance_edge(ensemble, side=side).value)) > 0
    rho = np.where((x == 0) & (ensemble.gamma > 1), np.inf, 0.0)
    if np.any(inside):
        companion = Ensemble(label, ensemble.population)
        rho[inside] = density(companion, ensemble.gamma, x[inside]) / float(ensemble.gamma)
    return rho


def _edge(ensemble: SampleCovariance, side: str) -> FoundRoot:
    seen = ensemble.side(side)
    return questions.edge(seen.curve, seen.edge_level(ensemble.gamma))


def _can_leave(ensemble: SampleCovariance, side: str) -> bool:
    """Whether the spike, if there is one, lies on that side, and can leave the edge there."""
    pulled = ensemble.spike is None or ensemble.side_seen == side
    return pulled and (side == RIGHT or ensemble.gamma < 1)


def _check_alpha(alpha: Any) -> None:
    if alpha is not None:
        raise DomainError("alpha must not be given: a SampleCovariance has gamma instead")


ANSWERS = OwnAnswers(covariance_edge, covariance_threshold, covariance_outliers, covariance_density)
