"""Edge and outlier as curves in alpha, for plots: parametric in t, so no equation is solved.

Only the ends of a curve are roots; between them alpha, eigenvalue and overlap are explicit in t.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bbpsym.answers.asking import side_of
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.model import Model
from bbpsym.numerics.arithmetic import Double
from bbpsym.numerics.curve import LEFT, Side
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number

#: Accuracy of curves that are drawn.
DRAWN = 1e-8

#: Most points of a curve.
MOST = 10**6


@dataclass(frozen=True, eq=False)
class EdgeCurve(floats.Arrays):
    """The left edge of the bulk along alpha, from `alpha_min` to `alpha_max`.

    Attributes
    ----------
    model : Model
        The problem.
    alpha, value, t : ndarray of float
        Signal-to-noise ratio, rising, and lambda_- with its t; t = 1 where the edge is smooth.

    Examples
    --------
    >>> from bbpsym import Model, edge_curve
    >>> edge_curve(Model(p=2, p_star=1, a="0.7"), 1, 2, points=5).alpha.shape
    (5,)
    """

    model: Model
    alpha: np.ndarray
    value: np.ndarray
    t: np.ndarray


@dataclass(frozen=True, eq=False)
class OutlierCurve(floats.Arrays):
    """The outlier along alpha, from the threshold to `alpha_max`.

    Attributes
    ----------
    model : Model or Ensemble
        The problem.
    alpha, value, overlap2, t : ndarray of float
        Signal-to-noise ratio, rising, lambda_*, m^2, and t.

    Examples
    --------
    >>> from bbpsym import Model, outlier_curve
    >>> outlier_curve(Model(p=2, p_star=1, a="0.7"), 2, points=5).t.shape
    (5,)
    """

    model: Model | Ensemble
    alpha: np.ndarray
    value: np.ndarray
    overlap2: np.ndarray
    t: np.ndarray


@floats.own_settings
def outlier_curve(
    model: Model | Ensemble,
    alpha_max: Number | None = None,
    points: int = 200,
    *,
    t: ArrayLike | None = None,
    side: str = LEFT,
) -> OutlierCurve:
    """Evaluate the outlier along alpha, eqs. (39), (40) and (58), in double precision.

    Parameters
    ----------
    model : Model or Ensemble
        Widths and loss normalisation, or a spectral method of any weight.
    alpha_max : int, str, Fraction, Decimal, SymPy Rational or float
        Last alpha; the first one is the threshold.
    points : int
        Number of points, 2 to 1e6, equally spaced in log t.
    t : array_like, optional
        The points themselves, in place of the two: alpha(t), lambda(t) and m^2(t), in the order of
        t. There is an outlier where t is below that of the threshold.
    side : {"left", "right"}
        Side of the bulk; a Hessian has a left edge only.

    Returns
    -------
    OutlierCurve

    Raises
    ------
    DomainError
        If `alpha_max` is not above the threshold or `points` is out of range.
    ConvergenceError
        If the curve of an ensemble is not known to the accuracy of a picture.

    Examples
    --------
    >>> from bbpsym import Model
    >>> curve = outlier_curve(Model(p=2, p_star=1, a="0.7"), alpha_max=2, points=3)
    >>> curve.alpha.round(6), curve.overlap2.round(6)
    (array([0.927055, 1.492612, 2.      ]), array([0.      , 0.151405, 0.27623 ]))
    """
    equations = {"alpha": "outlier_alpha", "value": "outlier_eigenvalue", "overlap2": "overlap2"}
    if _is_given(t, alpha_max):
        seen = side_of(model, side)
        at = _points(t, seen)
        found = along(seen, at, equations)
        return OutlierCurve(model, found["alpha"], found["value"], found["overlap2"], at)
    points = arguments.whole(points, "points", 2, MOST)
    alpha_max = arguments.signal_to_noise(alpha_max)
    first, last = threshold(model, side=side), outlier(model, alpha_max, side=side)
    if last is None:
        known = first.text("alpha")
        raise DomainError(f"alpha_max must be above the threshold {known}, not {alpha_max}")
    at = np.geomspace(float(first.t), float(last.t), points)
    found = along(side_of(model, side), at, equations)
    overlap2 = np.maximum(found["overlap2"], 0.0)
    return OutlierCurve(model, found["alpha"], found["value"], overlap2, at)


@floats.own_settings
def edge_curve(
    model: Model,
    alpha_min: Number | None = None,
    alpha_max: Number | None = None,
    points: int = 200,
    *,
    t: ArrayLike | None = None,
) -> EdgeCurve:
    """Evaluate the left edge along alpha, eqs. (41), (44) and (46), in double precision.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation.
    alpha_min, alpha_max : int, str, Fraction, Decimal, SymPy Rational or float
        First and last alpha.
    points : int
        Number of points, 2 to 1e6; equally spaced in log t where the edge is sharp. Where it is
        smooth two of them are enough, and the only ones.
    t : array_like, optional
        The points themselves, in place of the three: alpha(t) and lambda(t) of the sharp edge.

    Returns
    -------
    EdgeCurve

    Raises
    ------
    DomainError
        If the range of alpha is empty or an argument is out of range.

    Examples
    --------
    >>> from bbpsym import Model
    >>> curve = edge_curve(Model(p=2, p_star=1, a="0.7"), t=[0.5, 1])
    >>> curve.alpha.round(6), curve.value.round(6)
    (array([5.591735, 0.727591]), array([-0.116314, -1.023867]))
    """
    if _is_given(t, alpha_min, alpha_max):
        seen = side_of(model, LEFT)
        at = _points(t, seen)
        ratios = along(seen, at, {"alpha": "edge_alpha"})["alpha"]
        places = along(seen, at, {"value": "inverse_stieltjes"}, ratios)["value"]
        return EdgeCurve(model, ratios, places, at)
    points = arguments.whole(points, "points", 2, MOST)
    low, high = (
        arguments.positive(alpha_min, "alpha_min", arguments.DECADES_OF_ALPHA),
        arguments.positive(alpha_max, "alpha_max", arguments.DECADES_OF_ALPHA),
    )
    if not low < high:
        raise DomainError(f"alpha_max must be above alpha_min = {alpha_min}, not {alpha_max}")
    first, last = edge(model, low), edge(model, high)
    seen = side_of(model, LEFT)
    alpha_c = float(seen.curve.critical_alpha.value)
    # The smooth part, at t = 1, is a straight line in alpha: two points draw it.
    smooth = [float(low), min(float(high), alpha_c)] if first.t == 1 else []
    left = max(1, points - len(smooth))
    at = np.geomspace(first.t, last.t, left + bool(smooth))[bool(smooth) :]
    at = at if last.t < 1 else np.empty(0)
    sharp = along(seen, at, {"alpha": "edge_alpha"})["alpha"] if len(at) else at
    alpha, t = np.concatenate([smooth, sharp]), np.concatenate([np.ones(len(smooth)), at])
    value = along(seen, t, {"value": "inverse_stieltjes"}, alpha)["value"]
    return EdgeCurve(model, alpha, value, t)


def along(
    side: Side, at: np.ndarray, equations: Mapping[str, str], alpha: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Evaluate equations at many t, by the names of what they give, in the units of the matrix.

    Raises
    ------
    ConvergenceError
        If a curve is not known to the accuracy of a picture.
    """
    found = side.curve.values(at, *equations.values(), alpha=alpha)
    numbers = {}
    for name, equation in equations.items():
        value, error = found[equation]
        if not np.all(error <= DRAWN * np.maximum(1, np.abs(value))):
            raise ConvergenceError(f"{name} of {side.curve.name} is not known well enough")
        numbers[name] = Double().scaled(found[equation], side.scale(name)).value
    return numbers


def _is_given(t: Any, *alphas: Any) -> bool:
    """Whether a curve is asked for by t, and not by its range of alpha."""
    if (t is None) == any(alpha is None for alpha in alphas):
        raise DomainError("t must be given in place of a range of alpha, or the range alone")
    return t is not None


def _points(t: Any, seen: Side) -> np.ndarray:
    at = np.atleast_1d(floats.read(t, "t"))
    last = float(seen.curve.grid[-1])
    if not np.all((at > 0) & (at <= (1.0 if last <= 1 else np.inf))):
        raise DomainError(f"t must be positive{', at most 1' * (last <= 1)}, everywhere")
    return at
