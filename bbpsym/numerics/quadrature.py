"""The double-exponential rule on which every average is integrated.

With `s = s_0 exp(u - exp(-u))` an integrand that is analytic around the positive axis and decays
like `exp(-a s)` vanishes double-exponentially to the left and to the right in u, so the trapezoidal
rule converges like `exp(-2 pi d/h)`, d the half-width of the strip where it is analytic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: 2 pi d of the strip, from below: with the scale chosen below, the branch points of the chi-square
#: transforms on the negative axis stay to the right of where the map's strip narrows.
STRIP = 7.0

#: Step of the trapezoidal rule that leaves a relative error below 1e-16.
STEP = 0.18

#: Nodes reach to where the decay has taken this many e-folds beyond the wanted accuracy.
MARGIN = 10.0


def scale(a: Any) -> Any:
    """Return s_0, a third of the decay length `1/(1 + a)` of an average weight."""
    return 1 / (3 * (1 + a))


def double_nodes(
    a: np.ndarray, s_0: np.ndarray | None = None, step: float = STEP
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights in double precision.

    Parameters
    ----------
    a : ndarray
        Loss normalisation(s), the slowest decay rate of the integrand; any shape.
    s_0 : ndarray, optional
        Scale of the nodes.
    step : float
        Step h of the trapezoidal rule; the default leaves an error below 1e-16.

    Returns
    -------
    s, ds : ndarray, shape (nodes, *a.shape)
    """
    s_0 = scale(a) if s_0 is None else s_0
    e_folds = -np.log(np.finfo(float).eps)
    lower = -np.log(e_folds)
    upper = np.log((e_folds + MARGIN) / np.min(a * s_0))
    u = lower + step * np.arange(np.ceil((upper - lower) / step) + 1)
    shrink = np.exp(-u)
    shape = (-1, *(1,) * np.ndim(s_0))
    x = np.exp(u - shrink)
    return s_0 * x.reshape(shape), s_0 * (step * x * (1 + shrink)).reshape(shape)


def precise_nodes(context: Any, a: Any) -> list[tuple[Any, Any]]:
    """Nodes and weights for the precision of an mpmath context, for the decay rate a."""
    exp, s_0 = context.exp, scale(a)
    e_folds = context.dps * context.ln10
    step = STRIP / e_folds
    lower = -context.ln(e_folds)
    upper = context.ln((e_folds + MARGIN) / (a * s_0))
    nodes = []
    for k in range(int(context.ceil((upper - lower) / step)) + 1):
        u = lower + k * step
        shrink = exp(-u)
        s = s_0 * exp(u - shrink)
        nodes.append((s, step * s * (1 + shrink)))
    return nodes
