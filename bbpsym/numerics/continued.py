"""The curves of the continuous transition continued past the smooth edge, to complex t.

For t > 1 the teacher's Laplace transform has its branch point `p*/(2 (t - 1))` on the positive
axis of s. The averages are continued from the upper half-plane of t, where it lies below the axis,
along a ray that stays above it; the continuation from the lower one is the complex conjugate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from bbpsym.compilation.systems import system
from bbpsym.errors import ConvergenceError
from bbpsym.laws.known_laws import AnyLaw
from bbpsym.numerics.double import ROUNDING, Estimate, on_rule
from bbpsym.numerics.laplace_measure import VARIABLE
from bbpsym.numerics.measures import Rule
from bbpsym.numerics.quadrature import double_nodes
from bbpsym.parameters import PROFILE, Parameter

#: Where the ray lies between the branch point and the end of the decay, and the rule's step; the
#: second pair checks the first.
RULE, CHECK = (0.5, 0.1), (0.6, 0.07)

#: Narrowest sector, in radians, in which a ray is trusted.
NARROWEST = 0.15

#: Growth of a from one root to the next, Newton's steps, and the last of them relative to t: some
#: hundred rounding errors, as its averages have.
GROWTH, NEWTON, SETTLED = 1.03, 12, 1e-13

#: Real t past the edge that are searched, and Newton's longest step relative to t - 1.
PAST, LONGEST = np.geomspace(1e-3, 3.0, 120), 0.5


class ContinuedRoot(NamedTuple):
    """A root t and the alpha of the outlier curve there, with errors."""

    t: Estimate
    alpha: Estimate


def evaluate(
    ensemble: AnyLaw, parameters: Mapping, t: complex, *names: str, rule: tuple[float, float] = RULE
) -> list[complex]:
    """Evaluate curves at t, continued from above the real axis.

    Raises
    ------
    ConvergenceError
        If the branch point has turned so far that no ray decays above it.
    """
    place, step = rule
    branch = max(-np.angle(t - 1), -np.pi / 2) if t.real > 1 else -np.pi / 2
    if np.pi / 2 - branch < NARROWEST:
        raise ConvergenceError("the branch point of the teacher's output leaves no ray to decay")
    turn = np.exp(1j * (branch + (np.pi / 2 - branch) * place))
    a = parameters[Parameter.A]
    s, ds = double_nodes(np.asarray(a * turn.real), np.asarray(1 / (3 * (1 + a + abs(t)))), step)
    compiled = system(ensemble, *names)
    at = {**parameters, Parameter.T: complex(t)}
    values = [at[name] for name in compiled.parameters]
    return on_rule(compiled, Rule({VARIABLE: turn * s}, turn * ds), values)


def resonance(ensemble: AnyLaw, parameters: Mapping, start: float) -> ContinuedRoot:
    """Follow the continuous threshold's root through t = 1 to the a of `parameters`.

    Parameters
    ----------
    parameters : mapping of str to float
        All parameters but t, of a discontinuous transition.
    start : float
        The a at which the root passes t = 1.

    Returns
    -------
    ContinuedRoot
        Complex t and alpha.

    Raises
    ------
    ConvergenceError
        If the root is lost on the way.
    """
    goal = parameters[Parameter.A]
    steps = 1 + int(np.log(goal / start) / np.log(GROWTH))
    t, before = 1 + 0j, 1 + 0j
    for a in np.geomspace(start, goal, steps + 1)[1:]:
        t, before = _newton(ensemble, {**parameters, Parameter.A: a}, 2 * t - before), t
    again = _newton(ensemble, parameters, t, CHECK)
    (alpha,) = evaluate(ensemble, parameters, t, "outlier_alpha")
    (other,) = evaluate(ensemble, parameters, again, "outlier_alpha", rule=CHECK)
    return ContinuedRoot(_checked(t, again), _checked(alpha, other))


def _newton(
    ensemble: AnyLaw, parameters: Mapping, t: complex, rule: tuple[float, float] = RULE
) -> complex:
    """Solve `ratio(t) = 1` from a start nearby."""
    for _ in range(NEWTON):
        ratio, slope = evaluate(ensemble, parameters, t, "ratio", "ratio_slope", rule=rule)
        step = (1 - ratio) / (ratio * slope / t)
        t += step
        if abs(step) < SETTLED * abs(t):
            return t
        if not abs(step) < LONGEST:
            break
    raise ConvergenceError(f"the root is lost at a = {parameters[Parameter.A]:.4g}")


def real_root(ensemble: AnyLaw, parameters: Mapping) -> ContinuedRoot | None:
    """Smallest real t > 1 where the real parts of the continued averages meet, or None.

    The averages are those of the threshold's ratio: `t Re <h^2> = -Re <(u^2 - 1) h>`. Beyond the
    t where the right-hand side, `1/(alpha t)`, has become negative there is nothing to find.
    """
    t = 1.0
    for step in PAST:
        last, t = t, 1 + step
        square, response = _real_parts(ensemble, parameters, t)
        if response <= 0:
            return None
        if t * square > response:
            return _between(ensemble, parameters, last, t)
    return None


def _real_parts(
    ensemble: AnyLaw, parameters: Mapping, t: float, rule: tuple[float, float] = RULE
) -> tuple[float, float]:
    found = evaluate(ensemble, parameters, complex(t), *PROFILE, rule=rule)
    return found[0].real, found[1].real


def _between(ensemble: AnyLaw, parameters: Mapping, low: float, high: float) -> ContinuedRoot:
    """The real root in an interval, by both rules."""
    roots = []
    for rule in (RULE, CHECK):

        def gap(t: float, rule: tuple[float, float] = rule) -> float:
            square, response = _real_parts(ensemble, parameters, t, rule)
            return t * square - response

        t = float(brentq(gap, low, high, xtol=1e-15))
        roots.append((t, 1 / (t * _real_parts(ensemble, parameters, t, rule)[1])))
    return ContinuedRoot(*(_checked(value, other) for value, other in zip(*roots, strict=True)))


def _checked(value: Any, other: Any) -> Estimate:
    """A value with the error that a second rule shows, and a rounding error."""
    return Estimate(value, abs(value - other) + ROUNDING * abs(value))
