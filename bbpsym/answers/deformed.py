"""Edges, outliers and thresholds of deformed Gaussian matrices: what varies is a spike."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from bbpsym.answers.asking import Output, Outputs, OwnAnswers, answer, answer_beyond, side_of
from bbpsym.answers.deformed_result import DeformedEdge, DeformedOutlier, DeformedThreshold
from bbpsym.answers.edge import edge_proof
from bbpsym.answers.outlier import outlier_outputs
from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.numerics import bulk, questions
from bbpsym.numerics.curve import LEFT, SIDES, Condition, Level
from bbpsym.numerics.diagonal_bulk import DiagonalBulk
from bbpsym.numerics.questions import FoundRoot, Kind
from bbpsym.numerics.roots import Root, end_of_domain
from bbpsym.reading.floats import at_points

#: The level of the edge's equation, which holds sigma instead of alpha.
ONE = Fraction(1)

#: Distance of an edge, relative to the size of the spectrum, that double precision does not see.
ROUNDING = 1e-15

#: Error of a density, relative to one plus itself.
DENSITY_ACCURACY = 1e-8


def deformed_edge(
    ensemble: DeformedGaussian,
    alpha: None = None,
    side: str = "right",
    digits: int | None = None,
    certified: bool = False,
) -> DeformedEdge:
    """Find an outer edge of the bulk; `bbpsym.edge` calls it.

    It is the one root of `sigma^2 E_2(Gamma) = 1`, or the end of the diagonal: `E_2` rises up to
    there.
    """
    _check_alpha(alpha)
    seen, found = side_of(ensemble, side, digits), _edge(ensemble, side)
    outputs = {"value": Output("inverse_stieltjes", found.root), **_transform(found.root)}

    def build(t: Any, **numbers: Any) -> DeformedEdge:
        return DeformedEdge(ensemble, found.kind, **numbers, side=side)

    prove = edge_proof(found) if certified else None
    return answer(build, seen, found.root, outputs, digits, prove)


def deformed_outliers(
    ensemble: DeformedGaussian,
    alpha: None = None,
    side: str = "right",
    digits: int | None = None,
    certified: bool = False,
) -> tuple[DeformedOutlier, ...]:
    """Find the outliers on one side, the one farthest from the bulk first; `outliers` calls it.

    A spike has one exactly if `|theta| P_1` exceeds one at the edge, since `P_1` only falls from
    there on.
    """
    _check_alpha(alpha)
    if not ensemble.spike:
        raise DomainError("spike must be given for an outlier")
    pull = -1 if side == LEFT else 1
    strengths = sorted((theta for theta in ensemble.spike if pull * theta > 0), key=abs)
    found = (_outlier(ensemble, side, theta, digits, certified) for theta in reversed(strengths))
    return tuple(item for item in found if item is not None)


def _outlier(
    ensemble: DeformedGaussian, side: str, theta: Fraction, digits: int | None, certified: bool
) -> DeformedOutlier | None:
    seen = side_of(ensemble, side, digits)
    found = _edge(ensemble, side)
    level = Level(seen.curve, Condition.OUTLIER, abs(theta))
    beyond = questions.beyond(level, found, "spike")

    def build(t: Any, **numbers: Any) -> DeformedOutlier:
        return DeformedOutlier(ensemble, theta, **numbers, side=side)

    def outputs(root: Root) -> Outputs:
        return {**outlier_outputs(root), **_transform(root)}

    return answer_beyond(certified, build, seen, beyond, outputs, digits)


def deformed_threshold(
    ensemble: DeformedGaussian,
    side: str = "right",
    sector: None = None,
    digits: int | None = None,
    certified: bool = False,
) -> DeformedThreshold:
    """Find the strength of the spike at which its outlier leaves the bulk; `threshold` calls it."""
    if sector is not None:
        raise DomainError("sector must be None but for a Network")
    seen, found = side_of(ensemble, side, digits), _edge(ensemble, side)
    jumps = found.kind is Kind.SMOOTH
    curve, root = seen.curve, found.root
    if jumps:
        questions.check_threshold(curve, "spike")
    outputs = {
        "theta": Output("outlier_alpha", root),
        "sigma_c": Output(curve.critical_equation and "critical_sigma", end_of_domain(curve)),
        "value": Output("outlier_eigenvalue", root),
        "overlap2": Output("overlap2" if jumps else None, root),
        **_transform(root),
    }
    kind = Kind.DISCONTINUOUS if jumps else Kind.CONTINUOUS

    def build(t: Any, **numbers: Any) -> DeformedThreshold:
        return DeformedThreshold(ensemble, kind, **numbers, side=side)

    prove = edge_proof(found) if certified else None
    return answer(build, seen, root, outputs, digits, prove)


def deformed_density(ensemble: DeformedGaussian, alpha: None = None, x: Any = None) -> Any:
    """Evaluate the density of the bulk in double precision; `density` calls it.

    It is `Im Gamma/(pi sigma^2)`, Gamma in the upper half-plane being the root of
    `Gamma + sigma^2 E_1 = x`.

    Raises
    ------
    DomainError
        If x holds anything but finite real numbers.
    PrecisionError
        If it is not known to 1e-8 at some x.
    """
    _check_alpha(alpha)
    return at_points(x, partial(_density, ensemble))


def _density(ensemble: DeformedGaussian, x: np.ndarray) -> np.ndarray:
    """The density at rising x, each once."""
    low, high = (_end(ensemble, side) for side in SIDES)
    ends = [end for end in (low, high) if np.isfinite(end)]
    slack = ROUNDING * max([1.0, *map(abs, ends)])
    inside = (x > low + slack) & (x < high - slack)
    rho = np.zeros(x.shape)
    if np.any(inside):
        rho[inside] = _inside(ensemble, x[inside], ends)
    return rho


def _inside(ensemble: DeformedGaussian, x: np.ndarray, ends: list[float]) -> np.ndarray:
    sigma = float(ensemble.sigma)
    width = sigma + float(np.max(np.abs([*ends, *x])))
    found = bulk.solve(DiagonalBulk(ensemble.diagonal, sigma**2), x, width, ends or [0.0], [0.0])
    rho = (-1 / found.t).imag / (np.pi * sigma**2)
    error = found.error / np.abs(found.t) ** 2 / (np.pi * sigma**2)
    if np.any(error > DENSITY_ACCURACY * (1 + rho)):
        worst = x[int(np.argmax(error))]
        raise PrecisionError(f"the density is not known to {DENSITY_ACCURACY:g} at x = {worst:.6g}")
    rho[rho < error] = 0.0
    return rho


def _edge(ensemble: DeformedGaussian, side: str) -> FoundRoot:
    return questions.edge(ensemble.side(side).curve, ONE)


def _end(ensemble: DeformedGaussian, side: str) -> float:
    """An edge in double precision, infinite where the diagonal is unbounded."""
    try:
        return float(deformed_edge(ensemble, None, side).value)
    except DomainError:
        return -np.inf if side == LEFT else np.inf


def _transform(root: Any) -> dict[str, Output]:
    return {"g": Output("stieltjes", root)}


def _check_alpha(alpha: Any) -> None:
    if alpha is not None:
        raise DomainError("alpha must not be given: a DeformedGaussian has a spike instead")


ANSWERS = OwnAnswers(deformed_edge, deformed_threshold, deformed_outliers, deformed_density)
