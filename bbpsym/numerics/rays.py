"""`lambda(g)` of the Hessian at complex g: one integral over s, along a ray.

The ray is turned away from the branch points of the Laplace transforms, into the sector where the
integrand decays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.known_laws import AnyLaw
from bbpsym.numerics import bulk
from bbpsym.numerics.bulk import STEPS, TINY, Bulk
from bbpsym.numerics.curve import Curve
from bbpsym.numerics.double import ROUNDING
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.numerics.quadrature import double_nodes, precise_nodes
from bbpsym.parameters import OFFSET, RATE, Parameter
from bbpsym.systems import decay_system, system

#: lambda and its slope in g.
NAMES = ("inverse_stieltjes", "inverse_stieltjes_slope")

#: Step of the trapezoidal rule; the strip of a ray may be a quarter turn narrower than real t's.
STEP = 0.1
PRECISE_STRIP = 2.0

#: Points evaluated at a time.
BLOCK = 512

#: How much farther the rule reaches than the exponential decay alone asks for: with large widths
#: the integrand grows by many orders before it decays.
REACH = 6

#: How much finer the rule is that checks the other, and how often its step is halved before more
#: digits are tried.
FINER, HALVINGS = 1.5, 5

#: How far beyond the rounding error the difference of two rules may be and still be rounding.
ROUNDING_SHARE = 100

#: Working digits where double precision does not reach the accuracy.
PRECISE_DIGITS = 40

#: Error of a root that is answered for, in units of the ensemble.
ACCURACY = 1e-10


@dataclass(frozen=True, eq=False)
class Rays:
    """The bulk of a Hessian, for complex t.

    Attributes
    ----------
    curve : Curve
        The ensemble.
    alpha : Fraction or float
        Signal-to-noise ratio, exact where more digits may be needed.
    step : float
        Step of the trapezoidal rule.
    """

    curve: Curve
    alpha: Any
    step: float = STEP

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters but t, in double precision."""
        return {**self.curve.floats, Parameter.ALPHA: float(self.alpha)}

    def __call__(
        self, t: np.ndarray, place: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`lambda`, `d lambda/dt` and the rounding error of lambda, for rays at given places."""
        if len(t) > BLOCK:  # memory does not grow with the number of points
            starts = range(0, len(t), BLOCK)
            parts = [self(t[i : i + BLOCK], place[i : i + BLOCK]) for i in starts]
            value, slope, error = map(np.concatenate, zip(*parts, strict=True))
            return value, slope, error
        equations = system(self.curve.law, *NAMES)
        given = {**self.parameters, Parameter.T: t}
        values = [given[name] for name in equations.parameters]
        angle, slowest = _ray(self.curve.law, given, place)
        turn = np.exp(1j * angle)
        s, ds = double_nodes(slowest / REACH, scale(given[Parameter.A], t), self.step)
        integrands, combine = equations.complex
        with np.errstate(all="ignore"):  # a bad ray is recognised by its error
            terms = [turn * ds * integrand for integrand in integrands(turn * s, *values)]
            outputs, sensitivities = combine([term.sum(axis=0) for term in terms], *values)
            roundings = (ROUNDING * np.abs(term).sum(axis=0) for term in terms)
            error = sum(np.abs(c) * r for c, r in zip(sensitivities[0], roundings, strict=True))
        error = np.where(np.isfinite(error), error, np.inf)
        # The slope is d lambda/dg, and g = -t.
        return outputs[0], -outputs[1], error + np.finfo(float).eps * np.abs(outputs[0])

    def solve(self, x: np.ndarray, width: float, singular: Sequence[float]) -> Bulk:
        """Roots t of `lambda(t) = x + i 0` and their errors, to `ACCURACY`.

        Where double precision does not reach it, more digits do.

        Raises
        ------
        PrecisionError
            If the rule is too coarse at some x, as it may be for large widths.
        """
        found = bulk.solve(self, x, width, singular)
        found, rule = self._with_finer_rules(x, found)
        for i in np.flatnonzero(found.error + 4 * rule > ACCURACY):
            if _is_rough(rule, found)[i]:
                raise PrecisionError(
                    f"the density of {self.curve.name} at {x[i]:.6g}, in its units, is not known "
                    f"to {ACCURACY:g}: its widths are too large for integrals at complex arguments"
                )
            # As many more digits as the rounding error shows to be lost.
            digits = PRECISE_DIGITS + max(0, int(np.log10(found.error[i] / ACCURACY)))
            found.t[i] = self.refined(Fraction(x[i]), found.t[i], found.place[i], digits)
            found.error[i] = 0.0
        return found

    def _with_finer_rules(self, x: np.ndarray, found: Bulk) -> tuple[Bulk, np.ndarray]:
        """Solve again with half the step where the rule was too coarse.

        Returns
        -------
        Bulk, ndarray
            The roots, and the error that the step of each leaves.
        """
        rule = self.quadrature_error(found)
        for halving in range(1, HALVINGS + 1):
            rough = _is_rough(rule, found)
            if not np.any(rough):
                break
            finer = replace(self, step=self.step / 2**halving)
            again = bulk.follow(finer, x[rough], Bulk(*(values[rough] for values in found)))
            for values, better in zip(found, again, strict=True):
                values[rough] = better
            rule[rough] = finer.quadrature_error(again)
        return found, rule

    def quadrature_error(self, found: Bulk) -> np.ndarray:
        """Error of roots t that the rule leaves, seen by a finer one; without rounding."""
        coarse, slope, _ = self(found.t, found.place)
        fine, _, _ = replace(self, step=self.step / FINER)(found.t, found.place)
        return np.abs(fine - coarse) / np.abs(slope)

    def refined(self, x: Fraction, start: complex, place: float, digits: int) -> complex:
        """Solve `lambda(t) = x + i 0` by Newton's method at `digits`, from a start nearby.

        Raises
        ------
        ConvergenceError
            If the steps do not fall below 1e-14 of the root.
        """
        ctx = context(digits)
        t = ctx.mpc(start)
        for _ in range(STEPS):
            value, slope = self._precisely(t, place, ctx)
            moved = 1 / (1 / t - (convert(x, ctx) - value) / (slope * t**2))
            step, t = abs(moved - t), ctx.mpc(moved.real, max(moved.imag, 0))
            if step < ctx.mpf(10) ** -14 * abs(t):
                return complex(t)
        raise ConvergenceError(f"the Stieltjes transform did not converge at x = {float(x):.6g}")

    def _precisely(self, t: Any, place: float, ctx: Any) -> tuple[Any, Any]:
        """`lambda` and `d lambda/dt` at complex t, in the arithmetic of `ctx`."""
        equations = system(self.curve.law, *NAMES)
        near = {**self.parameters, Parameter.T: complex(t) + 1j * TINY}
        angle, slowest = _ray(self.curve.law, near, place)
        exact = {**self.curve.parameters, Parameter.ALPHA: self.alpha, Parameter.T: t}
        values = [convert(exact[name], ctx) for name in equations.parameters]
        turn = ctx.expj(ctx.mpf(float(angle)))
        s_0 = ctx.mpf(float(scale(near[Parameter.A], near[Parameter.T])))
        integrands, combine = equations.mpmath(ctx)
        sums = [ctx.zero] * equations.integral_count
        for s, ds in precise_nodes(ctx, ctx.mpf(float(slowest)) / REACH, s_0, PRECISE_STRIP):
            terms = integrands(turn * s, *values)
            sums = [total + turn * ds * term for total, term in zip(sums, terms, strict=True)]
        value, slope = combine(sums, *values)
        return value, -slope


def _is_rough(rule: np.ndarray, found: Bulk) -> np.ndarray:
    """Where the rule's step spoils a root, and not rounding, which more digits cure."""
    return 4 * rule > np.maximum(ACCURACY, ROUNDING_SHARE * found.error)


def scale(a: Any, t: Any) -> Any:
    """Return s_0 of a ray."""
    return 1 / (3 * (1 + a + abs(t)))


def _ray(
    ensemble: AnyLaw, given: Mapping[str, Any], place: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Direction of the ray, and the slowest exponential decay along it.

    The integrand decays within a right angle of the direction conjugate to every `d`, and its
    branch points lie at `-1/r`; the ray lies in the sector between them, at the given place.
    """
    found = decay_system(ensemble)
    numbers = found.plain[1]([], *map(given.__getitem__, found.parameters))
    rates, offsets = (
        [value for name, value in zip(found.outputs, numbers, strict=True) if name.startswith(kind)]
        for kind in (RATE, OFFSET)
    )
    upper = [np.pi / 2 - np.angle(d) for d in offsets]
    lower = [-np.pi / 2 - np.angle(d) for d in offsets]
    for angle in map(np.angle, rates):
        upper.append(np.where(angle > 0, np.pi - angle, np.pi))
        lower.append(np.where(angle < 0, -np.pi - angle, -np.pi * 2))
    top, bottom = reduce(np.minimum, upper), reduce(np.maximum, lower)
    angle = bottom + (top - bottom) * place
    return angle, reduce(np.minimum, [np.real(np.exp(1j * angle) * d) for d in offsets])
