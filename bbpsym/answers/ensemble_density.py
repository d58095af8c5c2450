"""The density of eigenvalues of any ensemble, eqs. (6), (18), (19), (41); `density` calls this."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import numpy as np

from bbpsym.answers.edge import edge
from bbpsym.ensemble import LEFT, RIGHT, Ensemble
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.numerics import bulk
from bbpsym.numerics.bulk import Inverse
from bbpsym.numerics.label_curves import Curves, curves_of

#: Absolute error promised, in units of the largest density of order one.
ACCURACY = 1e-8

#: Nodes in a unit of the variable of the finest rule; t close to the real axis needs many.
FINEST = 128

#: Relative difference of two rules below which no finer one is tried.
ENOUGH = 1e-11


def whole_curves(ensemble: Ensemble) -> Curves:
    """The equations of an ensemble for complex t.

    Raises
    ------
    DomainError
        If the law is given by its Laplace transform.
    """
    if ensemble.law.log_laplace is not None:
        raise DomainError("law must have a density for the density of eigenvalues")
    return curves_of(ensemble.whole())


def ensemble_density(
    ensemble: Ensemble, curves: Curves, alpha: Fraction, x: np.ndarray
) -> np.ndarray:
    """Evaluate the density at increasing points, in double precision.

    Parameters
    ----------
    ensemble : Ensemble
        Weight and law of the labels.
    curves : Curves
        Its equations, from `whole_curves`.
    alpha : Fraction
        Signal-to-noise ratio.
    x : ndarray, shape (n,)
        Increasing points, none of them zero if the spectrum has an atom there.

    Raises
    ------
    PrecisionError
        If the error exceeds `ACCURACY` at some x, as close to a smooth edge.
    """
    edges = _edges(ensemble, alpha)
    low, high = edges.get(LEFT, -np.inf), edges.get(RIGHT, np.inf)
    rho, inside = np.zeros(x.shape), (x > low) & (x < high)
    if np.any(inside):
        width = 1 + max(map(abs, edges.values()), default=1.0)
        singular = (*edges.values(), 0.0)
        found = bulk.solve(_inverse(curves, float(alpha)), x[inside], width, singular, [0.0])
        if np.any(found.error > ACCURACY):
            worst = x[inside][int(np.argmax(found.error))]
            raise PrecisionError(f"the density is not known to {ACCURACY:g} at x = {worst:.6g}")
        values = found.t.imag / np.pi
        # What Newton's method leaves outside the support is below its own error.
        rho[inside] = np.where(values < found.error, 0.0, values)
    return rho


def rank_share(curves: Curves) -> float:
    """Share of the weights that are not zero."""
    return float(curves.values(1.0, "share")["share"].value)


def _edges(ensemble: Ensemble, alpha: Fraction) -> dict[str, float]:
    """The edges that the bulk has; none on a side where only zeros are."""
    found = {}
    for side, bound in zip((LEFT, RIGHT), ensemble.bounds, strict=True):
        if bound.is_infinite:
            continue
        with suppress(DomainError):  # nothing but zeros at this end
            found[side] = float(edge(ensemble, alpha, side=side).value)
    return found


def _inverse(curves: Curves, alpha: float) -> Inverse:
    names = ("inverse_stieltjes", "inverse_stieltjes_slope")

    def inverse(t: np.ndarray, _place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = curves.values(t, *names, finest=FINEST, enough=ENOUGH, alpha=alpha)
        value, error = found["inverse_stieltjes"]
        # The slope is d lambda/dg, and g = -t.
        return value, -found["inverse_stieltjes_slope"].value, error

    return inverse
