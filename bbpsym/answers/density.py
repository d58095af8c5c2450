"""The density of eigenvalues of the bulk, eqs. (6), (18), (19), (41)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from bbpsym import arguments, floats
from bbpsym.answers.edge import edge
from bbpsym.answers.ensemble_density import ensemble_density, rank_share, whole_curves
from bbpsym.ensemble import Ensemble
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.model import Model
from bbpsym.numerics import bulk, rays
from bbpsym.numerics.bulk import Bulk
from bbpsym.numerics.rays import along_rays
from bbpsym.symbols import alpha as ALPHA
from bbpsym.systems import double_parameters, ensemble_of, parameters_of, unit_of

#: Absolute error promised, in units of the largest density of order one.
ACCURACY = 1e-10

#: Points this close to the edge, relative to the spectrum's width, are told apart precisely.
CLOSE = 1e-8

#: How often the step of the rule is halved before more digits are tried.
HALVINGS = 5

#: How far beyond the rounding error the difference of two rules may be and still be rounding.
ROUNDING_SHARE = 100

#: Working digits where double precision does not reach the accuracy.
PRECISE_DIGITS = 40


@floats.own_settings
def density(model: Model | Ensemble, alpha: Any, x: Any) -> Any:
    """Evaluate the density of the bulk, eq. (19), in double precision.

    Parameters
    ----------
    model : Model or Ensemble
        Widths and loss normalisation, or a spectral method of any weight.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive; read exactly like `Model.a`.
    x : array_like of float
        Eigenvalues at which to evaluate, for the loss (3) and x ~ N(0, 1/N); in units of 2/p at
        p = inf. Any shape.

    Returns
    -------
    ndarray or float
        rho(x), of the shape of x, to an absolute error of 1e-10 (in units of p/2), of 1e-8 for an
        ensemble; zero outside the support. It is normalised to one together with the atom of
        weight `1 - alpha` that the spectrum has at zero for alpha < 1, which is not part of rho;
        for an ensemble alpha counts the weights that are not zero. At an atom rho is inf.

    Raises
    ------
    DomainError
        If `alpha` is out of range or x holds anything but finite real numbers.
    PrecisionError
        If the accuracy cannot be reached, as may happen for widths beyond a few hundred.

    Examples
    --------
    >>> rho = density(Model(p=2, p_star=1, a="0.7"), alpha=2, x=[-1.0, 0.0])
    >>> f"{rho[0]:.4f} {rho[1]:.4f}"
    '0.0000 0.4776'
    """
    alpha = arguments.signal_to_noise(alpha)
    points = _points(x)
    flat, inverse = np.unique(points, return_inverse=True)
    if isinstance(model, Ensemble):
        rho = _of_ensemble(model, alpha, flat)[inverse].reshape(points.shape)
        return rho if points.ndim else float(rho)
    unit = float(unit_of(model))
    rho = np.zeros(flat.shape)
    inside = _right_of_edge(model, alpha, flat)
    if alpha <= 1:  # the atom at zero, and at alpha = 1 the divergence it leaves behind
        rho[flat == 0] = np.inf
        inside &= flat != 0
    if np.any(inside):
        rho[inside] = _inside(model, alpha, flat[inside]) / unit
    rho = rho[inverse].reshape(points.shape)
    return rho if points.ndim else float(rho)


def _of_ensemble(ensemble: Ensemble, alpha: Fraction, x: np.ndarray) -> np.ndarray:
    """Density of an ensemble at increasing points; infinite at an atom."""
    curves = whole_curves(ensemble)
    rho = np.full(x.shape, np.inf)
    away = (x != 0) | (float(alpha) * rank_share(curves) > 1)
    rho[away] = ensemble_density(ensemble, curves, alpha, x[away])
    return rho


def _points(x: Any) -> np.ndarray:
    points = floats.read(x, "x", "an array of finite real numbers")
    if not np.all(np.isfinite(points)):
        raise DomainError("x must be an array of finite real numbers")
    return points


def _right_of_edge(model: Model, alpha: Fraction, x: np.ndarray) -> np.ndarray:
    """Which points lie right of the left edge; close ones are compared with a precise edge."""
    left = edge(model, alpha)
    width = float(unit_of(model)) + abs(left.value)
    if not np.any(np.abs(x - left.value) < CLOSE * width):
        return x > left.value
    precise = arguments.exact(edge(model, alpha, PRECISE_DIGITS).value) or Fraction(0)
    return np.array([Fraction(point) > precise for point in x.tolist()])


def _inside(model: Model, alpha: Fraction, x: np.ndarray) -> np.ndarray:
    """Density in units of the ensemble, for increasing points right of the edge."""
    ensemble, unit = ensemble_of(model), unit_of(model)
    parameters = {**double_parameters(model), ALPHA: float(alpha)}
    left = edge(model, alpha).value / float(unit)
    points = x / float(unit)
    start = along_rays(ensemble, parameters)
    found = bulk.solve(start, points, 1 + abs(left), (left, 0.0))
    found, rule = _with_finer_rules(ensemble, parameters, points, found)
    for i in np.flatnonzero(found.error + 4 * rule > ACCURACY):
        if _is_rough(rule, found)[i]:
            raise PrecisionError(
                f"the density of {model!r} at x = {x[i]:.6g} is not known to {ACCURACY:g}: its "
                "widths are too large for the integrals at complex arguments"
            )
        # As many more digits as the rounding error shows to be lost.
        digits = PRECISE_DIGITS + max(0, int(np.log10(found.error[i] / ACCURACY)))
        exact = {**parameters_of(model), ALPHA: alpha}
        place, point = found.place[i], Fraction(x[i]) / unit
        found.t[i] = rays.refine(ensemble, exact, point, found.t[i], place, digits)
        found.error[i] = 0.0
    rho = found.t.imag / np.pi
    # What Newton's method leaves outside the support is below its own error.
    rho[rho < found.error] = 0.0
    return rho


def _is_rough(rule: np.ndarray, found: Bulk) -> np.ndarray:
    """Where the rule's step spoils a root, and not rounding, which more digits cure."""
    return 4 * rule > np.maximum(ACCURACY, ROUNDING_SHARE * found.error)


def _with_finer_rules(
    ensemble: WeightLaw, parameters: Mapping, x: np.ndarray, found: Bulk
) -> tuple[Bulk, np.ndarray]:
    """Solve again with half the step where the rule was too coarse, as it is for large widths.

    Returns
    -------
    Bulk, ndarray
        The roots, and the error that the step of each leaves.
    """
    rule = rays.quadrature_error(ensemble, parameters, found)
    for step in rays.STEP / 2.0 ** np.arange(1, HALVINGS + 1):
        rough = _is_rough(rule, found)
        if not np.any(rough):
            break
        again = Bulk(*(values[rough] for values in found))
        again = bulk.follow(along_rays(ensemble, parameters, step), x[rough], again)
        for values, better in zip(found, again, strict=True):
            values[rough] = better
        rule[rough] = rays.quadrature_error(ensemble, parameters, again, step)
    return found, rule
