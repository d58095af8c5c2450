"""Curves that only the pictures need, over arrays of parameters."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from bbpsym.answers.arrays import thresholds
from bbpsym.answers.threshold import DISCONTINUOUS
from bbpsym.averages import reduce
from bbpsym.compile import System
from bbpsym.equations import curves
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.numerics import double
from bbpsym.numerics.roots import values
from bbpsym.symbols import a as A
from bbpsym.symbols import alpha as ALPHA
from bbpsym.symbols import p as P
from bbpsym.symbols import p_star as P_STAR
from bbpsym.symbols import t as T
from bbpsym.systems import reduced


def tangent_zero(p: Any, p_star: Any, a: Any) -> np.ndarray:
    """Where the tangent to `m^2(alpha)` at a discontinuous threshold vanishes.

    It is the limit of the paper's `alpha_0`, the zero of a straight line fitted to `m^2` above
    the threshold, as the fitted range shrinks.

    Parameters
    ----------
    p, p_star, a : array_like
        Finite student widths, teacher widths and normalisations, broadcast together.

    Returns
    -------
    ndarray
        In double precision, of the broadcast shape; NaN where the transition is continuous.
    """
    p, p_star, a = _arrays(p, p_star, a)
    found = double.evaluate(_tangent(), {P: p, P_STAR: p_star, A: a, T: np.ones(a.shape)})
    # The logarithmic slope of m^2(alpha), along the curve that t parametrises.
    slope = found["overlap2_slope"].value / found["alpha_slope"].value
    discontinuous = thresholds(p, p_star, a).kind == DISCONTINUOUS
    return np.where(discontinuous, found["alpha"].value * (1 - 1 / slope), np.nan)


def inverse_stieltjes(p: Any, p_star: Any, a: Any, alpha: Any, t: Any) -> np.ndarray:
    """Evaluate `lambda(g)` of eq. (41) at `g = -p t/2`, in double precision.

    Parameters
    ----------
    p, p_star, a, alpha, t : array_like
        Finite student widths, teacher widths, normalisations, signal-to-noise ratios, and t in
        (0, 1], broadcast together.
    """
    p, p_star, a, alpha, t = _arrays(p, p_star, a, alpha, t)
    parameters = {P: p, P_STAR: p_star, A: a, ALPHA: alpha}
    found = values(hessian_ensemble(), parameters, t, "inverse_stieltjes")
    return 2 / p * found["inverse_stieltjes"].value


@cache
def _tangent() -> System:
    """The outlier curve with its logarithmic slopes in t."""
    ensemble = hessian_ensemble()
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
