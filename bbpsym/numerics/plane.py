"""Averages over the plane of both outputs, for what has no reduction to one dimension.

With `v = log y` the chi-square density of width k is `exp(k (v - exp v)/2)` up to a constant: it
falls exponentially to the left and double-exponentially to the right, and the averages' only
singularities, where `a + (1 - t) y + c t yh` vanishes, stay half a turn away from the real v. The
trapezoidal rule converges geometrically, for every a and every width.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bbpsym.compilation.compiled import Compiled
from bbpsym.numerics.double import Estimate
from bbpsym.parameters import Parameter

#: Step of the rule that leaves a relative error of 1e-16, in units of the narrower of the strip
#: `|Im v| < pi/2` and the density's width; the error is seen against a step longer by `LONGER`.
STEP, LONGER = 0.16, 1.4

#: E-folds after which a density is cut off.
E_FOLDS = 40.0

#: Relative rounding error of a result, whose terms cancel to a tenth at most.
ROUNDING = 1e-13


def evaluate(system: Compiled, parameters: Mapping, step: float = STEP) -> dict[str, Estimate]:
    """Evaluate every output of `system` for one model.

    Parameters
    ----------
    system : Compiled
        A `PlaneSystem`, or what is kept of one.
    parameters : mapping of str or Symbol to float or complex
        One entry for each of `system.parameters`, and both widths.
    step : float
        Step of the rule; a longer one is faster and less accurate.

    Returns
    -------
    dict of str to Estimate
        Errors are the change of each value when the step is made longer by `LONGER`.
    """
    named = {str(name): value for name, value in parameters.items()}
    fine, coarse = (_values(system, named, step) for step in (step, LONGER * step))
    return {
        name: Estimate(x, abs(x - z) + ROUNDING * abs(x))
        for name, x, z in zip(system.outputs, fine, coarse, strict=True)
    }


def evaluate_plain(system: Compiled, parameters: Mapping, step: float = STEP) -> dict[str, Any]:
    """Evaluate every output of `system` as `evaluate` does, without errors."""
    named = {str(name): value for name, value in parameters.items()}
    return dict(zip(system.outputs, _values(system, named, step), strict=True))


def _values(system: Compiled, parameters: Mapping, step: float) -> list[np.ndarray]:
    teacher, student = (
        nodes(float(parameters[width]), step) for width in (Parameter.P_STAR, Parameter.P)
    )
    given = [parameters[name] for name in system.parameters]
    integrands, combine = system.plain
    terms = integrands(teacher[0][:, None], student[0][None, :], *given)
    shape = len(teacher[0]), len(student[0])
    means = [teacher[1] @ np.broadcast_to(term, shape) @ student[1] for term in terms]
    return [np.asarray(value) for value in combine(means, *given)]


@lru_cache(maxsize=64)
def nodes(width: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights, which add up to one, for a mean of `width` >= 1 squared Gaussians.

    The step of the trapezoidal rule is relative to the narrower of strip and density.
    """
    half = width / 2
    # v - exp(v) + 1 = -E_FOLDS/half at both ends, with a little to spare.
    depth = E_FOLDS / half
    lower, upper = -depth - np.sqrt(2 * depth), min(np.sqrt(2 * depth), np.log1p(depth) + 1)
    v = np.arange(lower, upper, step * min(np.pi / 2, 4 / np.sqrt(half)))
    weights = np.exp(half * (v - np.expm1(v)))
    return np.exp(v), weights / weights.sum()
