"""Compiled systems in double precision, over arrays of parameters, with an error estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from bbpsym.compile import System
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.quadrature import double_nodes
from bbpsym.symbols import a as A

#: Relative rounding error of one integral, against the integral of its magnitude: a few
#: ulp in every factor, and the exponent's own error times its size.
ROUNDING = 16 * np.finfo(float).eps

#: Smallest t ever looked at, and the most steps of a root search.
SMALLEST_T = 1e-30
ITERATIONS = 100


class Estimate(NamedTuple):
    """A value and the bound claimed for its error."""

    value: np.ndarray
    error: np.ndarray


def evaluate(system: System, parameters: Mapping) -> dict[str, Estimate]:
    """Evaluate every output of `system` for broadcast arrays of parameters.

    Parameters
    ----------
    system : System
        Compiled expressions.
    parameters : mapping of Symbol to array
        One entry for each of `system.parameters`; shapes broadcast.

    Returns
    -------
    dict of str to Estimate
        Errors are propagated from the rounding of each integral through the partial derivatives
        of the outputs.
    """
    values = [np.asarray(parameters[symbol], dtype=float) for symbol in system.parameters]
    shape = np.broadcast_shapes(*(value.shape for value in values))
    s, ds = double_nodes(np.broadcast_to(np.asarray(parameters[A], dtype=float), shape))
    integrands, combine = system.numpy
    terms, magnitudes = integrands(s, *values)
    integrals = [(ds * term).sum(axis=0) for term in terms]
    roundings = [ROUNDING * (ds * size).sum(axis=0) for size in magnitudes]
    outputs, sensitivities = combine(integrals, *values)
    estimates = {}
    for name, output, partials in zip(system.outputs, outputs, sensitivities, strict=True):
        error = sum(
            np.abs(partial) * rounding
            for partial, rounding in zip(partials, roundings, strict=True)
        )
        estimates[name] = Estimate(np.broadcast_to(output, shape), np.broadcast_to(error, shape))
    return estimates


def solve_logarithmic(
    curve: Callable[[np.ndarray], tuple[Estimate, np.ndarray]],
    rising: bool,
    guess: np.ndarray,
    lower: float = SMALLEST_T,
    upper: np.ndarray | float = 1.0,
) -> Estimate:
    """Find t in [lower, upper] with `curve(t) = 1`, by Newton's method in log t inside a bracket.

    Parameters
    ----------
    curve : callable
        Maps t to the curve's estimate and its logarithmic slope `d log(curve)/d log(t)`.
    rising : bool
        Whether the curve crosses one upwards as t grows.
    guess : ndarray
        Starting points.
    lower, upper : float, ndarray
        The bracket.

    Returns
    -------
    Estimate
        The root and its error, from the curve's error and slope.

    Raises
    ------
    ConvergenceError
        If an entry has not settled after `ITERATIONS` steps.
    """
    high = np.log(np.broadcast_to(upper, np.shape(guess))).astype(float)
    low = np.full_like(high, np.log(lower))
    x = np.clip(np.log(guess), low, high)
    for _ in range(ITERATIONS):
        estimate, slope = curve(np.exp(x))
        residual = np.log(estimate.value)
        beyond = (residual > 0) == rising
        low, high = np.where(beyond, low, x), np.where(beyond, x, high)
        newton = x - residual / slope
        inside = (newton >= low) & (newton <= high)
        uncertainty = estimate.error / np.abs(estimate.value * slope) + 4 * np.finfo(float).eps
        settled = np.abs(residual / slope) <= uncertainty
        if np.all(settled):
            root = np.minimum(np.exp(newton), upper)
            return Estimate(root, 2 * root * uncertainty)
        x = np.where(inside, newton, (low + high) / 2)
    raise ConvergenceError(f"a root in t had not settled after {ITERATIONS} steps")
