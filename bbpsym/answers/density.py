"""The density of eigenvalues of the bulk, eqs. (6), (18), (19), (41)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bbpsym.answers.asking import no_model, own_answers, side_of
from bbpsym.answers.edge import Edge, edge, edge_answer
from bbpsym.answers.result import Matrix
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.model import Model
from bbpsym.numerics import questions
from bbpsym.numerics.bulk import Continuation
from bbpsym.numerics.curve import LEFT, RIGHT, Curve, Side
from bbpsym.numerics.questions import FoundRoot
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Several
from bbpsym.reading.formulas import dyadic

#: Points this close to an edge, relative to the spectrum's width, are told apart precisely.
CLOSE = 1e-8

#: Digits of the edge there.
PRECISE_DIGITS = 40

#: Errors of a density: of a Hessian in units of p/2, of an ensemble, and of a network relative to
#: its largest value.
HESSIAN_ERROR, ENSEMBLE_ERROR, NETWORK_ERROR = 1e-10, 1e-8, 1e-6

#: Least density of which an error is a share.
LEAST = 1e-3

#: Share that is shown of a bulk without an end, how far it is followed, in widths, and the share
#: of its mass in the last step that ends that.
SHOWN, REACHES, LITTLE = 0.8, np.geomspace(2, 1024, 10), 0.02

#: Points of a step.
STEP = 12


@floats.own_settings
def density(
    model: Matrix, alpha: Number | Several | None = None, x: ArrayLike | None = None
) -> Any:
    """Evaluate the density of the bulk, eq. (19), in double precision.

    Parameters
    ----------
    model : Model, Ensemble, Network or DeformedGaussian
        Widths and loss normalisation, or a spectral method of any weight.
    alpha : number, or list, array or range of numbers
        Signal-to-noise ratio, positive; read exactly like `Model.a`. A range is "1:3:0.1".
        A `DeformedGaussian` has none.
    x : array_like of float
        Eigenvalues at which to evaluate, for the loss (3) and x ~ N(0, 1/N); in units of 2/p at
        p = inf. Any shape.

    Returns
    -------
    ndarray or float
        rho(x), of the shape of x, for several alpha with a first axis for these. The absolute error
        is below 1e-10 (in units of p/2), 1e-8 for an ensemble, for a network 1e-6 of the largest
        value, 1e-3 where a sample has four Gaussian variables; rho is zero outside the support. It
        is normalised to one together with the atom of weight `1 - alpha` that the spectrum has at
        zero for alpha < 1, which is not part of rho; for an ensemble alpha counts the weights that
        are not zero. At an atom rho is inf.

    Raises
    ------
    DomainError
        If `alpha` is out of range or x holds anything but finite real numbers.
    PrecisionError
        If the accuracy cannot be reached, as may happen for widths beyond a few hundred, far out
        in a tail, and next to the atom at zero.
    ConvergenceError
        If the Stieltjes transform is not found at some x.

    Examples
    --------
    >>> from bbpsym import Model
    >>> rho = density(Model(p=2, p_star=1, a="0.7"), alpha=2, x=[-1.0, 0.0])
    >>> f"{rho[0]:.4f} {rho[1]:.4f}"
    '0.0000 0.4776'
    """
    if (alphas := arguments.several(alpha)) is not None:
        return np.stack([density(model, ratio, x) for ratio in alphas])
    if own := own_answers(model, "density"):
        return own(model, alpha, x)
    ratio = arguments.signal_to_noise(alpha)
    return floats.at_points(x, partial(_density, model, ratio))


def _density(model: Any, alpha: Fraction, x: np.ndarray) -> np.ndarray:
    """The density at rising x, each once."""
    curve, unit = whole_of(model)
    edges = [*_edges(model, alpha)]
    inside = np.ones(x.shape, dtype=bool)
    for seen, found, place in edges:
        inside &= _is_inside(model, seen, found, place, x)
    rho = np.zeros(x.shape)
    if questions.has_atom(curve, alpha):  # the atom at zero, or what it leaves behind
        rho[x == 0] = np.inf
        inside &= x != 0
    if np.any(inside):
        continued = curve.measure.continued(curve, alpha)
        ends = [place / unit for *_, place in edges]
        rho[inside] = _in_units(continued, x[inside] / unit, ends) / unit
    return rho


def visible(model: Any, alpha: Any, count: int) -> list[float]:
    """Return eigenvalues at which the density is to be shown, rising, with six digits.

    They gather at the edges; where the bulk has none they end when most of its mass is seen.
    """
    ends = [_edge(model, alpha, side) for side in (LEFT, RIGHT)]
    left, right = (None if found is None else float(found.value) for found in ends)
    if left is None and right is None:
        low, high = (_reach(model, alpha, 0.0, sign) for sign in (-1, 1))
        x = np.linspace(low, high, count)
    elif left is not None and right is not None:
        x = left + (right - left) * np.sin(np.pi / 2 * np.linspace(0, 1, count)) ** 2
    else:
        start, sign = (left, 1) if left is not None else (right, -1)
        assert start is not None
        x = start + (_reach(model, alpha, start, sign) - start) * np.linspace(0, 1, count) ** 2
    return sorted({float(f"{point:.6g}") for point in x.tolist()})


def _reach(model: Any, alpha: Any, start: float, sign: int) -> float:
    """Where most of the mass beyond a point has been passed, as well as a picture needs it.

    A tail is followed as long as there is much in it, and the density is known.
    """
    width = max(abs(start), float(getattr(model, "scale", 1)))
    x, mass, last = np.zeros(0), np.zeros(0), 0.01
    for reach in REACHES:
        new = start + sign * width * np.geomspace(last, reach, STEP)
        try:
            rho = density(model, alpha, new)
        except (ConvergenceError, PrecisionError):
            if len(x):
                break
            rho = _first_known(model, alpha, new)
            new = new[: len(rho)]
        rho[~np.isfinite(rho)] = 0  # an atom is no part of it
        parts = np.abs(np.diff(new)) * (rho[1:] + rho[:-1]) / 2
        x, last = np.append(x, new[1:]), reach
        mass = np.append(mass, (mass[-1] if len(mass) else 0) + np.cumsum(parts))
        if np.sum(parts) < LITTLE * mass[-1] or len(rho) < STEP:
            break
    return float(x[mass >= SHOWN * mass[-1]][0])


def _first_known(model: Any, alpha: Any, x: np.ndarray) -> np.ndarray:
    """The density at the first of some points, as far as it is known."""
    for count in range(len(x) - 1, 2, -1):
        with suppress(ConvergenceError, PrecisionError):
            return np.asarray(density(model, alpha, x[:count]))
    return np.asarray(density(model, alpha, x[:2]))


def decimals(model: Any, rho: np.ndarray) -> int:
    """Decimal places to which a density is known."""
    error = ENSEMBLE_ERROR
    if isinstance(model, Model):
        error = HESSIAN_ERROR / float(model.scale)
    elif hasattr(model, "answers"):
        share = NETWORK_ERROR
        with suppress(DomainError):  # where it has one of its own
            if own := own_answers(model, "accuracy"):
                share = own(model)
        error = share * max(rho[np.isfinite(rho)].max(initial=0.0), LEAST)
    else:
        continued = whole_of(model)[0].measure.continued
        error = max(error, getattr(continued, "answered", error)) / float(model.scale)
    return max(0, int(np.floor(-np.log10(2 * error))))


def whole_of(model: Any) -> tuple[Curve, float]:
    """The equations of the whole spectrum, for complex t, and their unit.

    Raises
    ------
    DomainError
        If it is no model and no ensemble, or its law is given by its Laplace transform.
    """
    if not hasattr(model, "whole"):
        raise no_model(model)
    return model.whole, float(model.scale)


def _edge(model: Any, alpha: Fraction, side: str) -> Edge | None:
    """An edge, or None where the bulk has none or only zeros are at this end."""
    with suppress(DomainError):
        return edge(model, alpha, side=side)
    return None


def _edges(model: Any, alpha: Fraction) -> Iterator[tuple[Side, FoundRoot, float]]:
    """Sides of the bulk that have an edge, with what is found there and where it is."""
    for side in model.sides:
        with suppress(DomainError):  # it has none there, or only zeros
            seen = side_of(model, side)
            found = questions.edge(seen.curve, alpha)
            yield seen, found, edge_answer(model, seen, found, None).value


def _is_inside(model: Any, seen: Side, found: FoundRoot, place: float, x: np.ndarray) -> np.ndarray:
    """Which points lie inside an edge; close ones are compared with a precise one."""
    width = float(model.scale) + abs(float(place))
    distance = seen.sign * (x - float(place))
    close = np.abs(distance) < CLOSE * width
    if np.any(close) and seen.digits >= PRECISE_DIGITS:
        precise = dyadic(edge_answer(model, seen, found, PRECISE_DIGITS).value) or Fraction(0)
        distance[close] = [seen.sign * float(Fraction(at) - precise) for at in x[close].tolist()]
    return distance > 0


def _in_units(continued: Continuation, x: np.ndarray, ends: list[float]) -> np.ndarray:
    """Density in units of the ensemble, for increasing points inside the support."""
    width = 1 + max(map(abs, map(float, ends)), default=1.0)
    found = continued.solve(x, width, (*map(float, ends), 0.0))
    rho = found.t.imag / np.pi
    # What Newton's method leaves outside the support is below its own error.
    rho[rho < found.error] = 0.0
    return rho
