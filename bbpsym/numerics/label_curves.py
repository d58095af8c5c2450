"""The curves of an ensemble along t, in double precision and beyond, and their roots.

With `R = -<(u^2 - 1) h>` and `Q = <h^2>` (h of eq. (27), units of the frame) the outlier curve is
`alpha = 1/(t R)` and the sharp-edge curve `alpha = 1/(t^2 Q)`. An outlier exists where the gap
`R - t Q` is positive; `t^2 Q` grows with t, whatever the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from sympy import Symbol

from bbpsym.compile import System
from bbpsym.ensemble import Frame
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.double import ROUNDING, Estimate
from bbpsym.numerics.label_rule import double_rule, precise_rule
from bbpsym.numerics.multiprecision import convert, refine
from bbpsym.numerics.places import number
from bbpsym.symbols import alpha, bound, t
from bbpsym.systems import system

#: Nodes in a unit of the variable: the first rule and the finest one.
COARSEST, FINEST = 32, 256

#: Relative difference of two rules below which no finer one is tried.
ENOUGH = 1e-13

#: Where the curves are looked at before a root is refined: t is the logistic function or the
#: exponential of x.
GRID = np.linspace(-30, 34, 257)

#: Ends of the search for a root, in x.
LOWEST, HIGHEST = -60.0, 34.0

#: Points at which a sign change is looked for.
BRACKETS = 65

#: Relative distance over which a sensitivity to t is measured.
PROBE = 1e-4


class Curves:
    """The equations of one side of an ensemble as functions of t."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.measure = frame.measure

    def t(self, x: Any) -> Any:
        """Map the real line to the domain of t: (0, 1) if the weights have a bound below zero."""
        return expit(x) if self.frame.is_bounded else np.exp(x)

    def x(self, at: float) -> float:
        """Return the inverse of `t`, cut off close to its end."""
        return float(min(logit(at), HIGHEST) if self.frame.is_bounded else np.log(at))

    def values(
        self,
        at: Any,
        *names: str,
        finest: int = FINEST,
        enough: float = ENOUGH,
        **parameters: Any,
    ) -> dict[str, Estimate]:
        """Evaluate curves at t in double precision, with finer rules until they agree.

        Errors are the difference to the rule with twice the step, and rounding.
        """
        per_unit, settled = COARSEST, False
        while not settled:
            equations = system(self.frame.law, *names)
            found, difference = self._values(equations, at, per_unit, parameters)
            settled, per_unit = difference <= enough or per_unit >= finest, 2 * per_unit
        return found

    def _values(
        self, equations: System, at: Any, per_unit: int, parameters: Mapping[str, Any]
    ) -> tuple[dict[str, Estimate], float]:
        """Estimates by one rule, and the largest relative difference to the coarser one."""
        at = np.asarray(at) * 1.0
        given = {t: at, bound: float(self.frame.unit.evalf(25)), **_symbols(parameters)}
        values = [given[symbol] for symbol in equations.parameters]
        with np.errstate(all="ignore"):  # what is not finite shows in the errors
            integrals, differences, sizes = self._integrals(equations, at, values, per_unit)
            errors = [d + ROUNDING * size for d, size in zip(differences, sizes, strict=True)]
            outputs, sensitivities = equations.numpy[1](integrals, *values)
            found = {
                name: Estimate(output, _carried(output, partials, errors))
                for name, output, partials in zip(
                    equations.outputs, outputs, sensitivities, strict=True
                )
            }
            relative = [
                np.max(np.abs(d / size)) for d, size in zip(differences, sizes, strict=True)
            ]
        return found, float(np.max(np.nan_to_num(relative, nan=np.inf), initial=0.0))

    def _integrals(
        self, equations: System, at: np.ndarray, values: list, per_unit: int
    ) -> tuple[list, list, list]:
        """Integrals, their differences to the coarser rule, and integrals of their magnitudes."""
        if not equations.integrals:
            return [], [], []
        rule = double_rule(self.frame, per_unit)
        shape = (-1, *(1,) * at.ndim)
        nodes = [rule.values[name].reshape(shape) for name in equations.variables]
        terms = [
            np.broadcast_to(term, (*rule.share.shape, *at.shape))
            for term in equations.numpy[0](*nodes, *values)
        ]
        shares = np.stack([rule.share, rule.coarse])
        sums = [np.tensordot(shares, term, 1) for term in terms]
        count = len(equations.integrals)
        differences = [np.abs(fine - coarse) for fine, coarse in sums[:count]]
        return [fine for fine, _ in sums[:count]], differences, [size for size, _ in sums[count:]]

    def precise(self, at: Any, ctx: Any, *names: str, **parameters: Any) -> dict[str, Any]:
        """Evaluate curves at t in the arithmetic of `ctx`."""
        equations = system(self.frame.law, *names)
        given = {t: at, bound: number(self.frame.unit, ctx), **_symbols(parameters)}
        values = [convert(given[symbol], ctx) for symbol in equations.parameters]
        integrands, combine = equations.mpmath(ctx)
        sums = [ctx.zero] * len(equations.integrals)
        for node in precise_rule(self.frame, ctx.dps) if sums else ():
            seen = (node.values[name] for name in equations.variables)
            terms = integrands(*seen, *values)
            sums = [total + node.share * term for total, term in zip(sums, terms, strict=True)]
        outputs = map(ctx.mpf, combine(sums, *values))
        return dict(zip(equations.outputs, outputs, strict=True))

    def along(self, at: Estimate, *names: str, **parameters: Any) -> dict[str, Estimate]:
        """Evaluate curves at a root t, with the root's own error carried into theirs."""
        pair = at.value * np.array([1.0, 1 - PROBE])
        carried = {}
        for name, (value, error) in self.values(pair, *names, **parameters).items():
            slope = abs(value[0] - value[1]) / (PROBE * at.value)
            carried[name] = Estimate(value[0], error[0] + slope * at.error)
        return carried


def _symbols(parameters: Mapping[str, Any]) -> dict[Symbol, Any]:
    """Parameters beside t by symbol."""
    known = {"alpha": alpha}
    return {known[name]: value for name, value in parameters.items()}


def _carried(output: Any, partials: Any, errors: Any) -> Any:
    """Error of an output from those of its integrals, and its own rounding."""
    pairs = zip(partials, errors, strict=True)
    total = sum(np.abs(partial) * error for partial, error in pairs)
    total = total + 4 * np.finfo(float).eps * np.abs(output)
    return np.where(np.isfinite(total) & np.isfinite(output), total, np.inf)


@cache
def curves_of(frame: Frame) -> Curves:
    """Return the curves of a frame, made once."""
    return Curves(frame)


def root(curves: Curves, name: str, target: float, low: float, high: float) -> Estimate:
    """Solve `curve(t) = target` for x between `low` and `high`, where it changes sign.

    Raises
    ------
    ConvergenceError
        If the curve is not accurate enough there to see its sign.
    """

    def residual(x: Any, finest: int = FINEST) -> Any:
        return curves.values(curves.t(x), name, finest=finest)[name].value - target

    # Far from the root rules need not be fine: its sign alone is looked at.
    grid = np.linspace(low, high, BRACKETS)
    change = np.flatnonzero(np.diff(np.sign(residual(grid, COARSEST))) != 0)
    if not change.size:
        raise ConvergenceError(f"no sign change of {name} was found where one is expected")
    low, high = grid[change[0]], grid[change[0] + 1]
    at = float(curves.t(brentq(residual, low, high, xtol=1e-15, rtol=8.9e-16)))
    found = curves.values(at * np.array([1.0, 1 - PROBE]), name)[name]
    slope = abs(found.value[0] - found.value[1]) / (PROBE * at)
    error = found.error[0] / slope + 4 * np.finfo(float).eps * at
    if not error < at:
        raise ConvergenceError(f"a root near t = {at:.6g} could not be told from rounding errors")
    return Estimate(np.array(at), np.array(error))


def precise_root(
    curves: Curves, name: str, target: Any, start: Any, correct: int, digits: int
) -> Any:
    """Solve `curve(t) = target` to `digits`, from a start with fewer."""

    def newton_step(at: Any, ctx: Any) -> Any:
        found = curves.precise(at, ctx, name, f"{name}_slope")
        residual = ctx.ln(found[name] / convert(target, ctx))
        return -at * residual / found[f"{name}_slope"]

    return refine(newton_step, start, correct, digits)
