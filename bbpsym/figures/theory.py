"""Curves that only the pictures need, over arrays of parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import lambdify

from bbpsym import symbols
from bbpsym.answers.alpha_zero import FIT_POINTS, straight_line
from bbpsym.answers.alpha_zero import FIT_TO as FIT_TO
from bbpsym.answers.arrays import outliers, thresholds
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.equations import edges
from bbpsym.model import Model, hessian_curve
from bbpsym.numerics.questions import Kind


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
    discontinuous = found.kind == Kind.DISCONTINUOUS
    return np.where(discontinuous, zero, np.nan), np.where(discontinuous, slope, np.nan)


def inverse_stieltjes(p: Any, p_star: Any, a: Any, alpha: Any, t: Any) -> np.ndarray:
    """Evaluate `lambda(g)` of eq. (41) at `g = -p t/2`, t in (0, 1], in double precision.

    All are broadcast together; p is finite.
    """
    p, p_star, a, alpha, t = _arrays(p, p_star, a, alpha, t)
    found = hessian_curve(p, p_star, a).values(t, "inverse_stieltjes", alpha=alpha)
    return 2 / p * found["inverse_stieltjes"].value


def edge_law(model: Model, alpha: float, distance: Any) -> np.ndarray:
    """Evaluate the law of the density at its left edge, for finite p, in double precision.

    It is eq. (45) with its amplitude at a sharp edge, eq. (47) with its prefactor at a smooth one;
    distances from the edge are positive.
    """
    found = edge(model, alpha)
    bend = model.curve.values(found.t, "curvature", alpha=alpha)["curvature"].value
    curvature = float(model.scale) ** 3 * float(bend)  # d^2/dg^2 of lambda, with g = -p t/2
    if found.kind == Kind.SHARP:
        law = edges.square_root_law().subs(edges.sharp_curvature, curvature)
    else:
        critical = {edges.alpha_c: threshold(model).alpha_c, edges.curvature: curvature}
        values = {symbols.a: model.a, symbols.p: model.p, symbols.p_star: model.p_star}
        law = edges.essential_law().subs({**values, symbols.alpha: alpha, **critical})
    return lambdify(edges.xi, law, "numpy")(np.asarray(distance, dtype=float))


def _arrays(*values: Any) -> tuple[np.ndarray, ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
