"""Thresholds, edges and outliers over arrays of parameters, NaN where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bbpsym.answers.edge import edge_curves
from bbpsym.answers.outlier import outlier_curves
from bbpsym.answers.threshold import CONTINUOUS, DISCONTINUOUS, threshold_curves
from bbpsym.averages import reduce
from bbpsym.compile import System
from bbpsym.equations import curves
from bbpsym.equations.ensemble import (
    Ensemble,
    hessian_ensemble,
    overparametrised_ensemble,
)
from bbpsym.numerics import double
from bbpsym.numerics.roots import values
from bbpsym.symbols import a as A
from bbpsym.symbols import alpha as ALPHA
from bbpsym.symbols import p as P
from bbpsym.symbols import p_star as P_STAR
from bbpsym.symbols import t as T
from bbpsym.systems import reduced


@dataclass(frozen=True, eq=False)
class Thresholds:
    """BBP thresholds over an array of parameters.

    Attributes
    ----------
    alpha, alpha_c, overlap2 : ndarray
        `alpha_BBP` (14), `alpha_c` (49) and `m^2` at the threshold: 0 where continuous.
    kind : ndarray of str
        "continuous" or "discontinuous".
    """

    alpha: np.ndarray
    alpha_c: np.ndarray
    overlap2: np.ndarray
    kind: np.ndarray


@dataclass(frozen=True, eq=False)
class Outliers:
    """Edges and outliers over an array of parameters.

    Attributes
    ----------
    edge : ndarray
        Left edge `lambda_-` in units of 2/p.
    value, overlap2 : ndarray
        Outlier `lambda_*` in units of 2/p and its `m^2`; NaN below the threshold.
    """

    edge: np.ndarray
    value: np.ndarray
    overlap2: np.ndarray


def thresholds(p: Any, p_star: Any, a: Any) -> Thresholds:
    """Evaluate thresholds in double precision, eqs. (14), (40), (44), (46), (49).

    Parameters
    ----------
    p : array_like of int, or math.inf
        Student widths; all of them finite or all infinite.
    p_star : array_like of int
        Teacher widths.
    a : array_like of float
        Loss normalisations, positive. All shapes broadcast.
    """
    ensemble, parameters = _system(p, p_star, a)
    shape = parameters[A].shape
    continuous = values(ensemble, parameters, np.ones(shape), "ratio")["ratio"].value > 1
    found = {name: np.empty(shape) for name in ("alpha", "alpha_c", "overlap2")}
    for kind in (True, False):
        chosen = continuous == kind
        if np.any(chosen):
            part = {symbol: value[chosen] for symbol, value in parameters.items()}
            estimates = threshold_curves(ensemble, part, kind)
            for name, target in found.items():
                target[chosen] = estimates[name].value
    return Thresholds(**found, kind=np.where(continuous, CONTINUOUS, DISCONTINUOUS))


def outliers(p: Any, p_star: Any, a: Any, alpha: Any) -> Outliers:
    """Evaluate edges and outliers in double precision, eqs. (40), (44), (46), (58).

    Parameters
    ----------
    p, p_star, a, alpha : array_like
        As in `thresholds`; shapes broadcast.
    """
    p, p_star, a, alpha = _arrays(p, p_star, a, alpha)
    ensemble, parameters = _system(p, p_star, a)
    at, edge = np.ones(alpha.shape), np.empty(alpha.shape)
    sharp = alpha > values(ensemble, parameters, at, "edge_alpha")["edge_alpha"].value
    for kind in (True, False):
        chosen = sharp == kind
        if np.any(chosen):
            part = {symbol: value[chosen] for symbol, value in parameters.items()}
            found = edge_curves(ensemble, part, alpha[chosen], kind)
            at[chosen], edge[chosen] = found["t"].value, found["value"].value
    outside = alpha > values(ensemble, parameters, at, "outlier_alpha")["outlier_alpha"].value
    value, overlap2 = np.full(alpha.shape, np.nan), np.full(alpha.shape, np.nan)
    if np.any(outside):
        part = {symbol: array[outside] for symbol, array in parameters.items()}
        found = outlier_curves(ensemble, part, alpha[outside], at[outside])
        value[outside], overlap2[outside] = found["value"].value, found["overlap2"].value
    return Outliers(edge, value, overlap2)


def tangent_zero(p: Any, p_star: Any, a: Any) -> np.ndarray:
    """Where the tangent to `m^2(alpha)` at a discontinuous threshold vanishes.

    It is the limit of the paper's `alpha_0`, the zero of a straight line fitted to `m^2` above
    the threshold, as the fitted range shrinks; NaN where the transition is continuous.
    """
    ensemble, parameters = _system(p, p_star, a)
    one = np.ones(parameters[A].shape)
    found = double.evaluate(_tangent(ensemble), {**parameters, T: one})
    # The logarithmic slope of m^2(alpha), along the curve that t parametrises.
    slope = found["overlap2_slope"].value / found["alpha_slope"].value
    discontinuous = thresholds(p, p_star, a).kind == DISCONTINUOUS
    return np.where(discontinuous, found["alpha"].value * (1 - 1 / slope), np.nan)


def inverse_stieltjes(p: Any, p_star: Any, a: Any, alpha: Any, t: Any) -> np.ndarray:
    """Evaluate `lambda(g)` of eq. (41) at `g = -p t/2`, in units of 2/p."""
    p, p_star, a, alpha, t = _arrays(p, p_star, a, alpha, t)
    ensemble, parameters = _system(p, p_star, a)
    found = values(ensemble, {**parameters, ALPHA: alpha}, t, "inverse_stieltjes")
    return found["inverse_stieltjes"].value


@cache
def _tangent(ensemble: Ensemble) -> System:
    """The outlier curve with its logarithmic slopes in t."""
    overlap2_slope = curves.logarithmic_slope(curves.outlier_overlap2())
    return System(
        {
            "alpha": reduced(ensemble, "outlier_alpha"),
            "alpha_slope": reduced(ensemble, "outlier_alpha_slope"),
            "overlap2_slope": reduce(overlap2_slope, ensemble),
        }
    )


def _arrays(*values: Any) -> tuple[np.ndarray, ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))


def _system(p: Any, p_star: Any, a: Any) -> tuple[Ensemble, dict[Any, np.ndarray]]:
    """Ensemble and broadcast parameters; p is infinite everywhere or nowhere."""
    p, p_star, a = _arrays(p, p_star, a)
    if np.all(np.isinf(p)):
        return overparametrised_ensemble(), {P_STAR: p_star, A: a}
    return hessian_ensemble(), {P: p, P_STAR: p_star, A: a}
