"""Curves that only the pictures need, over arrays of parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import lambdify

from bbpsym.answers.alpha_zero import FIT_POINTS, straight_line
from bbpsym.answers.alpha_zero import FIT_TO as FIT_TO
from bbpsym.answers.arrays import outliers, thresholds
from bbpsym.answers.edge import SHARP, edge
from bbpsym.answers.threshold import DISCONTINUOUS, threshold
from bbpsym.equations import edges
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.model import Model
from bbpsym.numerics import double
from bbpsym.numerics.roots import values
from bbpsym.symbols import a as A
from bbpsym.symbols import alpha as ALPHA
from bbpsym.symbols import p as P
from bbpsym.symbols import p_star as P_STAR
from bbpsym.symbols import t as T
from bbpsym.systems import parameters_of, system, unit_of


def fitted_line(p: Any, p_star: Any, a: Any) -> tuple[np.ndarray, np.ndarray]:
    """Fit a straight line to `m^2(alpha)` above a discontinuous threshold: the paper's `alpha_0`.

    Parameters
    ----------
    p, p_star, a : array_like
        Finite student widths, teacher widths and normalisations, broadcast together.

    Returns
    -------
    zero, slope : ndarray
        `alpha_0`, where the least-squares line over `[alpha_BBP, 1.2 alpha_BBP]` vanishes, and
        its slope; of the broadcast shape, NaN where the transition is continuous.
    """
    p, p_star, a = _arrays(p, p_star, a)
    found = thresholds(p, p_star, a)
    steps = np.linspace(1, FIT_TO, FIT_POINTS).reshape(-1, *(1 for _ in p.shape))
    alpha = steps * found.alpha
    above = outliers(p, p_star, a, alpha[1:]).overlap2
    overlap2 = np.concatenate([[found.overlap2], above])
    zero, slope = straight_line(alpha, overlap2)
    discontinuous = found.kind == DISCONTINUOUS
    return np.where(discontinuous, zero, np.nan), np.where(discontinuous, slope, np.nan)


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


def edge_law(model: Model, alpha: float, distance: Any) -> np.ndarray:
    """Evaluate the law that the density tends to at its left edge, in double precision.

    It is eq. (45) with its amplitude at a sharp edge, eq. (47) with its prefactor at a smooth one.

    Parameters
    ----------
    model : Model
        Of finite p.
    alpha : float
        Signal-to-noise ratio.
    distance : array_like
        Positive distances from the edge.
    """
    found = edge(model, alpha)
    values = {**parameters_of(model), ALPHA: alpha}
    at = {symbol: np.array([float(value)]) for symbol, value in (*values.items(), (T, found.t))}
    bend = double.evaluate(system(hessian_ensemble(), "curvature"), at)["curvature"].value[0]
    curvature = float(unit_of(model)) ** 3 * float(bend)  # d^2/dg^2 of lambda, with g = -p t/2
    if found.kind == SHARP:
        law = edges.square_root_law().subs(edges.sharp_curvature, curvature)
    else:
        critical = {edges.alpha_c: threshold(model).alpha_c, edges.curvature: curvature}
        law = edges.essential_law().subs({**values, **critical})
    return lambdify(edges.xi, law, "numpy")(np.asarray(distance, dtype=float))


def _arrays(*values: Any) -> tuple[np.ndarray, ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
