"""Compiled systems in double precision, over arrays of parameters, with an error estimate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from bbpsym.compilation.compiled import Compiled
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.measures import Accuracy, Measure, Rule

#: Relative rounding error of one integral, against the integral of its magnitude: a few
#: ulp in every factor, and the exponent's own error times its size.
EPSILON = np.finfo(float).eps
ROUNDING = 16 * EPSILON

#: Smallest t ever looked at, and the most steps of a root search.
SMALLEST_T = 1e-30
ITERATIONS = 100

#: Relative difference of two rules below which no finer one is tried, at each accuracy.
ENOUGH = (np.inf, 1e-11, 1e-13, 1e-13)


class Estimate(NamedTuple):
    """A value and the bound claimed for its error, numbers or arrays."""

    value: Any
    error: Any


def known_digits(value: Any, error: Any) -> int:
    """Significant digits of a double-precision value that its error leaves standing."""
    if value == 0:
        return 15 if error == 0 else 0
    if not (math.isfinite(value) and math.isfinite(error)):
        return 0
    return int(min(max(-math.log10(2 * error / abs(value) + 1e-300), 0), 15))


def exact(value: int) -> Estimate:
    """Return a number without an error."""
    return Estimate(float(value), 0.0)


def evaluate(
    system: Compiled,
    parameters: Mapping[Any, Any],
    measure: Measure,
    accuracy: Accuracy = Accuracy.FULL,
) -> dict[str, Estimate]:
    """Evaluate every output of `system` for broadcast arrays of parameters.

    Parameters
    ----------
    system : Compiled
        Expressions, compiled.
    parameters : mapping of str or Symbol to array
        One entry for each of `system.parameters`; shapes broadcast.
    measure : Measure
        What the integrals run over.
    accuracy : Accuracy
        How fine its rules may become.

    Returns
    -------
    dict of str to Estimate
        Errors are propagated from the rounding of each integral, and from its difference to the
        coarser rule, through the partial derivatives of the outputs; infinite where a value is
        none.
    """
    given, values, shape = _given(system, parameters)
    count = system.integral_count
    integrands, combine = system.numpy
    with np.errstate(all="ignore"):  # what is not finite shows in the errors
        integrals: list = []
        errors: list = []
        for rule in measure.rules(given, accuracy) if count else ():
            terms = integrands(*map(rule.at.__getitem__, system.nodes), *values)
            integrals = [average(rule.share, term) for term in terms[:count]]
            # At complex t a magnitude, written for real symbols, has a phase of its own.
            sizes = [
                average(rule.share, np.abs(term) if np.iscomplexobj(term) else term)
                for term in terms[count:]
            ]
            errors = [ROUNDING * size for size in sizes]
            if rule.coarse is None:
                break
            coarse = (average(rule.coarse, term) for term in terms[:count])
            steps = [np.abs(fine - other) for fine, other in zip(integrals, coarse, strict=True)]
            errors = [step + error for step, error in zip(steps, errors, strict=True)]
            relative = [np.max(step / size) for step, size in zip(steps, sizes, strict=True)]
            if np.max(np.nan_to_num(relative, nan=np.inf)) <= ENOUGH[accuracy.value]:
                break
        outputs, sensitivities = combine(integrals, *values)
        rows = zip(system.outputs, outputs, sensitivities, strict=True)
        return {
            name: Estimate(_shaped(output, shape), _shaped(_carried(output, row, errors), shape))
            for name, output, row in rows
        }


def _given(system: Compiled, parameters: Mapping[Any, Any]) -> tuple[dict[str, Any], list, tuple]:
    """Parameters by name, in the order of the system's arguments, and their common shape.

    Python floats stay so: their arithmetic takes a fraction of that of arrays without dimensions.
    """
    given = {
        str(name): value if type(value) is float or np.ndim(value) else _number(value)
        for name, value in parameters.items()
    }
    values = [given[name] for name in system.parameters]
    arrays = [np.shape(value) for value in values if not isinstance(value, float | complex)]
    return given, values, np.broadcast_shapes(*arrays) if arrays else ()


def _number(value: Any) -> complex | float:
    return complex(value) if np.iscomplexobj(value) else float(value)


def average(share: np.ndarray, term: Any) -> Any:
    """Sum an integrand over the nodes, its first axis."""
    if getattr(term, "ndim", 0) == 0:
        return term * share.sum(axis=0)
    if share.ndim == term.ndim == 1:
        return share @ term if len(term) > 1 else share.sum() * term[0]
    if share.ndim > 1:
        return np.einsum("i...,i...->...", share, term)
    if len(term) != len(share):  # constant over the nodes
        return share.sum() * term[0]
    return share @ term if term.ndim < 3 else np.tensordot(share, term, 1)


def _carried(output: Any, partials: list, errors: list) -> Any:
    """Error of an output from those of its integrals, and its own rounding."""
    total = 4 * EPSILON * abs(output)
    for partial, error in zip(partials, errors, strict=True):
        total = total + abs(partial) * error
    if np.ndim(total) == 0:
        return total if math.isfinite(total) else math.inf
    return np.where(np.isfinite(total), total, np.inf)


def _shaped(value: Any, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(value, shape) if shape else value


def evaluate_plain(
    system: Compiled,
    parameters: Mapping[Any, Any],
    measure: Measure,
    accuracy: Accuracy = Accuracy.FULL,
) -> dict[str, Any]:
    """Evaluate every output of `system` as `evaluate` does, by one rule and without errors."""
    given, values, shape = _given(system, parameters)
    with np.errstate(all="ignore"):
        if system.integral_count:
            outputs = on_rule(system, next(measure.rules(given, accuracy)), values)
        else:
            outputs = system.plain[1]([], *values)
    pairs = zip(system.outputs, outputs, strict=True)
    return {name: _shaped(output, shape) for name, output in pairs}


def on_rule(system: Compiled, rule: Rule, values: list) -> list:
    """Outputs on the nodes of one rule."""
    integrands, combine = system.plain
    at = map(rule.at.__getitem__, system.nodes)
    return combine([average(rule.share, x) for x in integrands(*at, *values)], *values)


def solve_logarithmic(
    curve: Callable[[Any], tuple[Estimate, Any]],
    guess: Any,
    lower: Any = SMALLEST_T,
    upper: Any = 1.0,
) -> Estimate:
    """Find t in [lower, upper] with `curve(t) = 1`, by Newton's method in log t inside a bracket.

    Parameters
    ----------
    curve : callable
        Maps t to the curve's estimate and its logarithmic slope `d log(curve)/d log(t)`; the
        curve rises through one. It may be zero or infinite: then only its side counts.
    guess : float or ndarray
        Starting points.
    lower, upper : float or ndarray
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
    low, high = np.log(lower) + 0 * guess, np.log(upper) + 0 * guess
    x = np.clip(np.log(guess), low, high)
    with np.errstate(all="ignore"):
        for _ in range(ITERATIONS):
            (value, error), slope = curve(np.exp(x))
            residual = np.log(value)
            low, high = np.where(residual > 0, low, x), np.where(residual > 0, x, high)
            newton = x - residual / slope
            inside = (newton >= low) & (newton <= high)
            uncertainty = error / np.abs(value * slope) + 4 * EPSILON
            if np.all(np.abs(residual / slope) <= uncertainty):
                root = np.minimum(np.exp(newton), upper)
                return Estimate(root, 2 * root * uncertainty)
            x = np.where(inside, newton, (low + high) / 2)
    raise ConvergenceError(f"a root in t had not settled after {ITERATIONS} steps")
