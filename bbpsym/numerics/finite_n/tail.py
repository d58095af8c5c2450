"""How many eigenvalues lie below x next to a smooth edge, in double precision at any depth.

At x right of the edge the root t of `lambda(t) = x` has left the real axis by an exponentially
small height. It is seen in double precision all the same: the averages are integrated along the
real axis up to a point before the branch point `p*/(2 (t - 1))` of the teacher's Laplace
transform, where integrands are real up to that height, and leave for the complex plane there,
where what remains is exponentially small itself. So real and imaginary parts both keep their
relative accuracy, as long as no complex number is formed by a cancellation.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bbpsym.compilation.systems import finite_system
from bbpsym.errors import ConvergenceError
from bbpsym.numerics import bulk, double
from bbpsym.numerics.double import ROUNDING, on_rule
from bbpsym.numerics.laplace_measure import VARIABLE
from bbpsym.numerics.measures import Rule
from bbpsym.numerics.quadrature import double_nodes
from bbpsym.numerics.rays import Rays
from bbpsym.parameters import Parameter

#: Angles of the second leg and steps of the trapezoidal rules; the second pair checks the first.
RULE, CHECK = (np.pi / 3, 0.1), (np.pi / 4, 0.07)

#: Reach of the double-exponential rule on the first leg, in its own variable.
REACH = 3.4

#: For alpha <= 1, where zero is singular, the largest x in units of the edge; and where between
#: the edge and the largest x to begin: with large widths the rays are good only close to the edge.
NEAR_ZERO, PLACES = 0.02, (1.0, 0.5, 0.25, 0.1)

#: The fall of log(count) from one x to the next: along the part that is kept, and above it.
STRIDE, FAST = 0.2, 1.0

#: Newton's steps from a start nearby, the step relative to t that is left out (counts are flat
#: in t, and wrong by its square), halvings of a step that was too long, and the least fall of
#: log(count), in strides, that is progress.
NEWTON, SETTLED, STEPS, LEAST = 12, 1e-10, 40, 1e-2

#: Number of eigenvalues that may be left below the last x.
MISSED = 1e-2

#: Longest step of Newton's method relative to t; a longer one would leave the root's basin.
LONGEST = 0.5


class Tail(NamedTuple):
    """The edge of the bulk as n eigenvalues see it; arrays along increasing x."""

    #: Eigenvalues, in units of the ensemble.
    x: np.ndarray
    #: Roots of `lambda(t) = x` (ndarray of complex).
    t: np.ndarray
    #: Expected number of eigenvalues below x.
    eigenvalues: np.ndarray
    #: Expected number of samples with an eigenvalue below x.
    samples: np.ndarray
    #: N times the variance with which an eigenvalue follows its weight; zero where the root is too
    #: far from real for the eigenvalues to follow single weights.
    scatter: np.ndarray
    #: Relative error of `eigenvalues`, from a second rule of integration.
    error: np.ndarray


class _State(NamedTuple):
    """What one evaluation at t gives: lambda, its slope in t, the fraction of eigenvalues below.

    `depths` are the imaginary parts of `E[log(1 - g f_k)]`.
    """

    value: complex
    slope: complex
    below: float
    scatter: float
    depths: tuple[float, ...]


def follow(rays: Rays, left: float, n: float, most: float, fewest: float) -> Tail:
    """Follow the root of `lambda(t) = x` from inside the bulk down towards a smooth edge.

    Parameters
    ----------
    rays : Rays
        The bulk at a point with a smooth edge.
    left : float
        The edge in units of the ensemble.
    n : float
        Number of eigenvalues of the whole spectrum.
    most, fewest : float
        Numbers of eigenvalues below the largest and below the smallest x; the largest is not
        reached if fewer lie below the mean eigenvalue, or below zero for `alpha <= 1`.

    Raises
    ------
    ConvergenceError
        If the root is lost where more than a hundredth of an eigenvalue is left below.
    """
    equations = finite_system(rays.curve.law, "middle")
    middle = double.evaluate_plain(equations, rays.parameters, rays.curve.measure)
    share = float(middle["share"])
    x, t, state = _inside(rays, left, float(middle["mean"]))
    rows = [_row(rays, x, t, state, n, share)]
    while n * state.below > fewest:
        stride = STRIDE if n * state.below < most else FAST
        try:
            x, t, state = _descend(rays, x, t, state, stride)
        except ConvergenceError:
            if n * state.below < MISSED:  # rounding hides the root before the tail is reached
                break
            raise
        if n * state.below > most:
            rows.clear()
        rows.append(_row(rays, x, t, state, n, share))
    return Tail(*map(np.array, zip(*reversed(rows), strict=True)))


def _inside(rays: Rays, left: float, mean: float) -> tuple[float, complex, _State]:
    """A root far inside the bulk: at the mean eigenvalue, or closer to the edge."""
    # For alpha <= 1 zero is a singular point.
    inner = left * NEAR_ZERO if rays.parameters[Parameter.ALPHA] <= 1 else mean
    for place in PLACES:
        x = left + place * (inner - left)
        singular = (left, 0.0)
        found = bulk.solve(rays, np.array([x]), 1 + abs(left), singular)
        with contextlib.suppress(ConvergenceError):
            return x, *_newton(rays, x, complex(found.t[0]))
    raise ConvergenceError("the Stieltjes transform did not converge inside the bulk")


def _row(
    rays: Rays, x: float, t: complex, state: _State, n: float, share: float
) -> tuple[float, complex, float, float, float, float]:
    again = _evaluate(rays, t, x, CHECK)
    count, error = n * state.below, abs(again.below / state.below - 1)
    samples = count * (_per_eigenvalue(rays, t.real) if share else 1.0)
    return x, t, count, samples, state.scatter, error


def _per_eigenvalue(rays: Rays, t: float) -> float:
    """Samples whose lowest weight lies below 1/g, over the number of weights below 1/g.

    It is known where the root is about real: there the count is that of the weights. For t to one,
    and where there are no such weights, it is the ratio of the shares in the law (47).
    """
    depths = _evaluate(rays, t, 0.0).depths if t > 1 else (0.0, 0.0)
    ratio = depths[1] / depths[0] if depths[0] < 0 else 3 ** (-rays.parameters[Parameter.P] / 2)
    return float(1 / (rays.parameters[Parameter.P] - 1 + np.clip(ratio, 0, 1)))


def _descend(
    rays: Rays, x: float, t: complex, state: _State, stride: float
) -> tuple[float, complex, _State]:
    """Go down to where log(count) has fallen by about `stride`, in shorter steps where t turns."""
    # By eqs. (6) and (19) the count falls like n Im t / pi.
    step = -stride * np.pi * state.below / t.imag
    for _ in range(STEPS):
        with contextlib.suppress(ConvergenceError):
            moved, found = _newton(rays, x + step, t + step / state.slope)
            if found.below > 0 and 0 < (fall := np.log(state.below / found.below)) < 3 * stride:
                if fall < LEAST * stride and abs(step) < LEAST**2 * abs(x):
                    break
                return x + step, moved, found
        step /= 2
    raise ConvergenceError(
        "the lowest eigenvalues lie closer together than double precision can tell: the Stieltjes "
        f"transform was lost at x = {x:.6g}"
    )


def _newton(rays: Rays, x: float, t: complex) -> tuple[complex, _State]:
    """Solve `lambda(t) = x` for t above the real axis, from a start close to it.

    Where the slope of lambda is small or complex, the rounding of x limits what a step can settle.
    The number of eigenvalues suffers little: the potential is stationary in t.
    """
    rounding = ROUNDING * (1 + abs(x))
    for _ in range(NEWTON):
        state = _evaluate(rays, t, x)
        with np.errstate(all="ignore"):
            inverse = 1 / np.complex128(state.slope)
            step = (x - state.value) * inverse
        noise = rounding * abs(inverse), rounding * abs(inverse.imag)
        if abs(step) <= max(SETTLED * abs(t), noise[0]) and abs(step.imag) <= max(
            SETTLED * t.imag, noise[1]
        ):
            return t, state
        t += complex(step)
        if not (t.imag > 0 and abs(step) < LONGEST * abs(t)):
            break
    raise ConvergenceError(f"the Stieltjes transform did not converge at x = {x:.6g}")


def _evaluate(rays: Rays, t: complex, x: float, rule: tuple[float, float] = RULE) -> _State:
    """Evaluate all of `equations` at t, the potential at z = x."""
    compiled = finite_system(rays.curve.law, "tail")
    at = {**rays.parameters, Parameter.T: complex(t), Parameter.Z: x}
    values = [at[name] for name in compiled.parameters]
    with np.errstate(all="ignore"):  # a bad ray does not converge
        nodes = _legs(rays.parameters, t, *rule)
        outputs = on_rule(compiled, nodes, values)
        value, slope, potential, scatter, *logarithms = outputs
    # Below the axis, Im g < 0, the potential's imaginary part is minus pi times the count.
    depths = tuple(logarithm.imag for logarithm in logarithms)
    return _State(value, slope, -potential.imag / np.pi, max(scatter.real, 0.0), depths)


def _legs(parameters: Mapping, t: complex, angle: float, step: float) -> Rule:
    """Nodes and weights on the real axis up to the saddle before the branch point, and beyond."""
    a = parameters[Parameter.A]
    corner = _saddle(parameters, complex(t))
    # For Re t < 0 the branch point of the student's transform comes into the right half-plane.
    turn = np.exp(1j * angle * min(1.0, 2 - 2 * np.angle(t) / np.pi))
    s, ds = double_nodes(np.asarray(a * turn.real), np.asarray(1 / (3 * (1 + a + abs(t)))), step)
    legs = [(corner + turn * s, turn * ds)]
    if corner:
        place, weight = _first_leg(step)
        legs.append((corner * place + 0j, corner * weight))
    s, ds = (np.concatenate(parts) for parts in zip(*legs, strict=True))
    return Rule({VARIABLE: s}, ds)


@lru_cache(maxsize=8)
def _first_leg(step: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the double-exponential rule on [0, 1]."""
    u = np.arange(-REACH, REACH + step / 2, step / 2)
    place = 1 / (1 + np.exp(-np.pi * np.sinh(u)))
    return place, np.pi * np.cosh(u) * place * (1 - place) * step / 2


def _saddle(parameters: Mapping, t: complex) -> float:
    """Where `s exp(-a s) (1 - s/s_0)^(-p*/2) (1 + 2 c t s/p)^(-p/2)` is least below s_0, or zero.

    There what is left of the integral has hardly anything to cancel. Of the two weights the one
    that has the more eigenvalues below decides, c = 1; for p = 1 there is only c = 3.
    """
    half, a = parameters[Parameter.P_STAR] / 2 + 1, parameters[Parameter.A]
    end = (parameters[Parameter.P_STAR] / 2 / (t - 1)).real
    rate = (3 if parameters[Parameter.P] == 1 else 1) * t.real
    room = end * (a + rate) - half
    if not (end > 0 and rate > 0 and room > 0):
        return 0.0
    # (end - s) (a + rate/(1 + bend s)) = half: of its two roots the positive one.
    bend = 2 * rate / parameters[Parameter.P]
    linear = a + rate + bend * (half - a * end)
    root = np.sqrt(linear**2 + 4 * a * bend * room)
    return float(2 * room / (linear + root) if linear > 0 else (root - linear) / (2 * a * bend))
