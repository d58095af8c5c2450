"""The least value of weights that are functions of two outputs, of any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from mpmath.ctx_mp import MPContext
from scipy.optimize import minimize
from sympy import Expr, lambdify

from bbpsym import symbols as s

#: Largest outputs at which the least weight is looked for, the least that is not zero, and how
#: many there are in a grid.
OUTPUTS, TINY, DECADES = (1e9, 1e13), 1e-9, 60

#: Digits where doubles lose all: squares of the largest outputs may cancel.
DEEP = 40

#: Share of a least weight by which doubles may be wrong.
AGREED = 1e-8


def least_of_outputs(branches: Sequence[Expr]) -> list[float]:
    """The least of some weights for outputs y and yh up to each of two sizes, in numbers.

    Where doubles are wrong at the place that they find, as where two large outputs cancel, it is
    looked for with more digits.
    """
    variables, ctx = (s.y, s.yh), MPContext()
    ctx.dps = DEEP
    slow = [partial(_exactly, ctx, lambdify(variables, f, [ctx])) for f in branches]
    double = (lambdify(variables, f, "numpy") for f in branches)
    quick = [partial(_quickly, *both) for both in zip(double, slow, strict=True)]
    lows = []
    for box in OUTPUTS:
        low, place = _least_in(box, quick)
        if not abs(min(f(place) for f in slow) - low) <= AGREED * abs(low):
            low, _ = _least_in(box, slow)
        lows.append(low)
    return lows


def _least_in(box: float, functions: Sequence[Callable]) -> tuple[float, Any]:
    """The least value up to a size, and where it is: a logarithmic grid, and a simplex from it."""

    def at(logs: Any) -> float:
        outputs = np.exp(logs) - TINY
        if min(outputs) < 0 or max(outputs) > box:
            return np.inf
        return min(function(outputs) for function in functions)

    line = np.log(np.concatenate([[0.0], np.geomspace(TINY, box, DECADES)]) + TINY)
    start = min(product(line, line), key=at)
    options = {"xatol": 1e-10, "fatol": 1e-15, "maxiter": 2000}
    found = minimize(at, start, method="Nelder-Mead", options=options)
    low, logs = min((float(found.fun), tuple(found.x)), (at(start), start))
    return low, np.exp(logs) - TINY


def _quickly(double: Callable, exactly: Callable, outputs: Any) -> float:
    """A weight at two outputs; where double precision overflows, with exponents of any size."""
    with np.errstate(all="ignore"):
        found = complex(double(*outputs))
    return found.real if np.isfinite(found) and not found.imag else exactly(outputs)


def _exactly(ctx: MPContext, precise: Callable, outputs: Any) -> float:
    """A weight with many digits; infinite where it is no real number."""
    found = complex(precise(*map(ctx.mpf, outputs)))
    return found.real if np.isfinite(found) and not found.imag else np.inf
