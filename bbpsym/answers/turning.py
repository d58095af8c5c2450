"""What a weight of one's own sees of several indices, where the direction turns with alpha.

Every answer is that of an `Ensemble` along the direction in which the outlier lies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bbpsym.answers.asking import OwnAnswers
from bbpsym.answers.density import density
from bbpsym.answers.edge import Edge, edge
from bbpsym.answers.outlier import Outlier, outlier
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.ensembles.index_models.turning_method import TurningMethod
from bbpsym.errors import ConvergenceError, DomainError, NoOutlierError
from bbpsym.numerics.curve import LEFT

#: Steps to a direction, change below which it is found, and shares of the domain to start from.
STEPS, FOUND, STARTS = 50, 1e-7, (1.0, 0.9, 0.5, 0.1)


def turning_edge(
    method: TurningMethod, alpha: Any, side: str = LEFT, digits: int | None = None
) -> Edge:
    """Find an edge of the bulk, which no direction matters to; `edge` calls it."""
    found: Edge = edge(method.along(np.eye(method.size)[0]), alpha, digits, side=side)
    return found


def turning_density(method: TurningMethod, alpha: Any, x: Any) -> Any:
    """Evaluate the density of the bulk; `density` calls it."""
    return density(method.along(np.eye(method.size)[0]), alpha, x)


def turning_outliers(
    method: TurningMethod, alpha: Any, side: str = LEFT, digits: int | None = None
) -> tuple[Outlier, ...]:
    """Find the outlier and the direction that it sees; `outlier` calls it.

    There is one where it lies beyond the edge along the eigenvector that R(t) has at the edge.
    """
    start = method.direction(abs(float(turning_edge(method, alpha, side).t)), side)

    def ask(direction: np.ndarray, digits: int | None = None) -> Outlier | None:
        found: Outlier | None = outlier(method.along(direction), alpha, digits, side=side)
        return found

    if ask(start) is None:
        return ()
    last = ask(_turned(method, start, side, ask), digits)
    return () if last is None else (last,)


def turning_threshold(
    method: TurningMethod, side: str = LEFT, sector: None = None, digits: int | None = None
) -> Threshold:
    """Find the threshold and the direction that is seen there; `threshold` calls it.

    Raises
    ------
    NoOutlierError
        If there is none from wherever the direction starts.
    """
    if sector is not None:
        raise DomainError("sector must be None but for a Network")
    end = float(method.curve(np.eye(method.size)[0], side).grid[-1])

    def ask(direction: np.ndarray, digits: int | None = None) -> Threshold:
        return threshold(method.along(direction), digits, side=side)

    reason: NoOutlierError | None = None
    for share in STARTS:
        try:
            direction = _turned(method, method.direction(share * end, side), side, ask)
            return ask(direction, digits)
        except NoOutlierError as error:
            reason = error
    raise NoOutlierError(f"{method!r} has no outlier on this side of its bulk") from reason


def _turned(
    method: TurningMethod, direction: np.ndarray, side: str, ask: Callable[[np.ndarray], Any]
) -> np.ndarray:
    """Follow the direction to where it is an eigenvector of R at the t of its own answer."""
    for _ in range(STEPS):
        found = ask(direction)
        if found is None:
            return direction
        turned = method.direction(abs(float(found.t)), side)
        if 1 - abs(turned @ direction) < FOUND**2:
            return turned
        direction = turned
    raise ConvergenceError(f"the direction that {method!r} sees is not found")


ANSWERS = OwnAnswers(turning_edge, turning_threshold, turning_outliers, turning_density)
