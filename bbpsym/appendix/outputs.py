"""The least value of weights that are functions of two outputs, of any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from mpmath.ctx_mp import MPContext
from scipy.optimize import minimize
from sympy import Expr, lambdify

from bbpsym import symbols as s
from bbpsym.ensembles.real_values import compiled

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
    double = (compiled(f, variables) for f in branches)
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

    def at(logs: Any) -> Any:
        outputs = np.exp(logs) - TINY
        inside = (outputs.min(axis=0) >= 0) & (outputs.max(axis=0) <= box)
        least = np.min([f(np.clip(outputs, 0, box)) for f in functions], axis=0)
        return np.where(inside, least, np.inf)

    line = np.log(np.concatenate([[0.0], np.geomspace(TINY, box, DECADES)]) + TINY)
    grid = np.array(np.meshgrid(line, line, indexing="ij")).reshape(2, -1)
    start = grid[:, np.argmin(at(grid))]
    options = {"xatol": 1e-10, "fatol": 1e-15, "maxiter": 2000}
    found = minimize(at, start, method="Nelder-Mead", options=options)
    low, logs = min((float(found.fun), tuple(found.x)), (float(at(start)), tuple(start)))
    return low, np.exp(logs) - TINY


def _quickly(double: Callable, exactly: Callable, outputs: np.ndarray) -> np.ndarray:
    """A weight at outputs; where double precision overflows, with exponents of any size."""
    with np.errstate(all="ignore"):
        found = np.array(np.broadcast_to(double(*outputs)[0], outputs.shape[1:]), dtype=complex)
    bad = ~np.isfinite(found) | (found.imag != 0)
    found[bad] = exactly(outputs[:, bad])
    return found.real


def _exactly(ctx: MPContext, precise: Callable, outputs: np.ndarray) -> np.ndarray:
    """A weight with many digits; infinite where it is no real number."""
    columns = outputs.reshape(2, -1).T.tolist()
    found = np.array([complex(precise(*map(ctx.mpf, column))) for column in columns])
    real = np.where(np.isfinite(found) & (found.imag == 0), found.real, np.inf)
    return real.reshape(outputs.shape[1:])
