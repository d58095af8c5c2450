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

from bbpsym.compilation.systems import decay_system, system
from bbpsym.errors import PrecisionError
from bbpsym.laws.known_laws import AnyLaw
from bbpsym.numerics import bulk
from bbpsym.numerics.arb_digits import along_ray
from bbpsym.numerics.bulk import HIGHEST, LOWEST, PASSING, PLACES, TINY, Bulk
from bbpsym.numerics.curve import Curve
from bbpsym.numerics.double import ROUNDING
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.numerics.quadrature import double_nodes
from bbpsym.parameters import OFFSET, RATE, Parameter

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

#: Working digits where double precision does not reach the accuracy, and Newton's steps: from a
#: root that rounding has spoilt they go down an exponential, one by one. More digits check it.
PRECISE_DIGITS, STEPS, CHECK_DIGITS = 40, 40, 20

#: Heights at which a root is followed with as many digits, where double precision has lost it.
HEIGHTS = 30

#: Error of a root that is answered for, in units of the ensemble.
ACCURACY = 1e-10


@dataclass(frozen=True, eq=False)
class Rays:
    """The bulk of a Hessian, for complex t."""

    #: The ensemble.
    curve: Curve
    #: Signal-to-noise ratio, exact where more digits may be needed (Fraction or float).
    alpha: Any
    #: Step of the trapezoidal rule.
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
            If the rule is too coarse at some x, or a root not found, as may be for large widths.
        """
        found = bulk.seek(self, x, width, singular)
        found, rule = self._with_finer_rules(x, found)
        rough = _is_rough(rule, found)
        for i in np.flatnonzero(~(found.error + 4 * rule <= ACCURACY) | self._is_stray(found)):
            if rough[i]:
                raise PrecisionError(
                    f"the density of {self.curve.name} at {x[i]:.6g}, in its units, is not known "
                    f"to {ACCURACY:g}: its widths are too large for integrals at complex arguments"
                )
            # As many more digits as the rounding error shows to be lost.
            error, start = np.nan_to_num(found.error[i], nan=1.0, posinf=1.0), found.t[i]
            digits = PRECISE_DIGITS + max(0, int(np.log10(error / ACCURACY)))
            found.t[i] = self.refined(Fraction(x[i]), start, width, digits)
            found.error[i] = 0.0
        return found

    def _is_stray(self, found: Bulk) -> np.ndarray:
        """Where a root is real, but none of a place outside the support: there lambda rises."""
        stray = found.t.imag <= np.maximum(found.error, ACCURACY)
        if np.any(stray):
            slope = self(found.t[stray], found.place[stray])[1]
            stray[stray] = ~(slope.real > 0)
        return stray

    def _with_finer_rules(self, x: np.ndarray, found: Bulk) -> tuple[Bulk, np.ndarray]:
        """Solve again with half the step where the rule was too coarse.

        Returns
        -------
        Bulk, ndarray
            The roots, and the error that the step of each leaves.
        """
        rule = self.quadrature_error(x, found)
        for halving in range(1, HALVINGS + 1):
            rough = _is_rough(rule, found)
            if not np.any(rough):
                break
            finer = replace(self, step=self.step / 2**halving)
            again = bulk.follow(finer, x[rough], Bulk(*(values[rough] for values in found)))
            for values, better in zip(found, again, strict=True):
                values[rough] = better
            rule[rough] = finer.quadrature_error(x[rough], again)
        return found, rule

    def quadrature_error(self, x: np.ndarray, found: Bulk) -> np.ndarray:
        """Error that the rule leaves of roots t of `lambda(t) = x`, seen by a finer one."""
        fine, slope, _ = replace(self, step=self.step / FINER)(found.t, found.place)
        return np.abs(fine - x) / np.abs(slope)

    def refined(self, x: Fraction, start: complex, width: float, digits: int) -> complex:
        """Solve `lambda(t) = x + i 0` at `digits`, from a start nearby or else from far above.

        Raises
        ------
        PrecisionError
            If there is no root that more digits and a finer rule confirm.
        """
        ctx, z = context(digits), convert(x, context(digits))
        for begin in (lambda: start, lambda: self._from_above(z, width, ctx)):
            t = self._newton(z, begin(), ctx)
            value, slope = self._precisely(t, context(digits + CHECK_DIGITS))
            if abs(convert(x, ctx) - value) < ACCURACY * abs(slope) and (t.imag or slope.real > 0):
                return complex(t)
        raise PrecisionError(
            f"the density of {self.curve.name} at {float(x):.6g}, in its units, is not known to "
            f"{ACCURACY:g}: the Stieltjes transform did not converge"
        )

    def _from_above(self, x: Any, width: float, ctx: Any) -> complex:
        """The root close to the real axis, followed from far above it."""
        heights = np.geomspace(HIGHEST * width, LOWEST * width, HEIGHTS).tolist()
        t = -1 / complex(x, heights[0])
        for height in heights:
            t = complex(self._newton(ctx.mpc(x, height), t, ctx, PASSING))
        return t

    def _newton(self, z: Any, start: complex, ctx: Any, enough: float = 1e-14) -> Any:
        """Newton's method for `lambda(t) = z`, until its steps are so small."""
        t = ctx.mpc(start)
        for _ in range(STEPS if np.isfinite(start) else 0):
            value, slope = self._precisely(t, ctx)
            moved = 1 / (1 / t - (z - value) / (slope * t**2))
            step, t = abs(moved - t), ctx.mpc(moved.real, max(moved.imag, 0))
            if not step >= enough * abs(t):
                break
        return t

    def _precisely(self, t: Any, ctx: Any) -> tuple[Any, Any]:
        """`lambda` and `d lambda/dt` at complex t, along the ray of the least rounding errors."""
        near = complex(t) + 1j * TINY
        places = np.array(PLACES)
        place = places[np.argmin(self(np.full(len(places), near), places)[2])]
        given = {**self.parameters, Parameter.T: near}
        angle, slowest = _ray(self.curve.law, given, place)
        exact = {**self.curve.parameters, Parameter.ALPHA: self.alpha, Parameter.T: t}
        size = scale(given[Parameter.A], near)
        rule = (float(f"{x:.2g}") for x in (slowest / REACH, size))  # neighbours share nodes
        equations = system(self.curve.law, *NAMES)
        value, slope = along_ray(equations, exact, ctx, float(angle), *rule, PRECISE_STRIP)
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
