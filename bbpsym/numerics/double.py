"""Compiled systems in double precision, over arrays of parameters, with an error estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from bbpsym.compile import System
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.quadrature import STEP, double_nodes
from bbpsym.symbols import a as A

#: Relative rounding error of one integral, against the integral of its magnitude: a few
#: ulp in every factor, and the exponent's own error times its size.
ROUNDING = 16 * np.finfo(float).eps

#: Smallest t ever looked at, and the most steps of a root search.
SMALLEST_T = 1e-30
ITERATIONS = 100


class Estimate(NamedTuple):
    """A value and the bound claimed for its error, numbers or arrays."""

    value: Any
    error: Any


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
    integrands, combine = system.numpy
    sums, values, shape = _integrate(system, parameters, integrands)
    count = len(system.integrals)
    integrals, magnitudes = sums[:count], sums[count:]
    outputs, sensitivities = combine(integrals, *values)
    estimates = {}
    for name, output, partials in zip(system.outputs, outputs, sensitivities, strict=True):
        error = sum(abs(partial) * size for partial, size in zip(partials, magnitudes, strict=True))
        estimates[name] = Estimate(_shaped(output, shape), _shaped(ROUNDING * error, shape))
    return estimates


def evaluate_plain(
    system: System, parameters: Mapping, step: float = STEP
) -> dict[str, np.ndarray]:
    """Evaluate every output of `system` as `evaluate` does, without errors.

    The quadrature rule leaves a relative error of about `exp(-7/step)`.
    """
    integrands, combine = system.plain
    integrals, values, shape = _integrate(system, parameters, integrands, step)
    outputs = combine(integrals, *values)
    return {
        name: _shaped(output, shape) for name, output in zip(system.outputs, outputs, strict=True)
    }


def _integrate(
    system: System, parameters: Mapping, integrands: Callable, step: float = STEP
) -> tuple[list, list, tuple[int, ...]]:
    """Integrals, parameters and their common shape; Python floats where that shape is empty.

    Arithmetic of floats takes a fraction of the time of that of arrays without dimensions.
    """
    given = [parameters[symbol] for symbol in system.parameters]
    if all(np.ndim(value) == 0 for value in given):
        floats = [float(value) for value in given]
        s, ds = scalar_nodes(float(parameters[A]), step)
        return [float(ds @ term) for term in integrands(s, *floats)], floats, ()
    arrays = [np.asarray(value, dtype=float) for value in given]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    a = np.asarray(parameters[A], dtype=float)
    a = a.reshape((1,) * (len(shape) - a.ndim) + a.shape)
    s, ds = double_nodes(a, step=step)
    terms = integrands(s, *arrays)
    return [np.einsum("i...,i...->...", ds, term) for term in terms], arrays, shape


def _shaped(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    return np.broadcast_to(np.asarray(value), shape) if shape else np.asarray(value)[()]


@lru_cache(maxsize=64)
def scalar_nodes(a: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a single a, stored: one answer evaluates many systems on them."""
    return double_nodes(np.asarray(a), step=step)


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
