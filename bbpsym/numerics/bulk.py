"""The Stieltjes transform inside the bulk: lambda(g) = x with a complex g, eqs. (19) and (41).

With `t = -unit g` in the upper half-plane lambda is given with its slope and its error, as a
function of t and of where a ray of integration lies. For real x inside the support there is
exactly one root with Im t > 0: at a second one, moving x into the complex plane would give two
solutions where the Stieltjes transform is the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from bbpsym.errors import ConvergenceError

#: Maps (t, place) to lambda, its slope `d lambda/dt` and the error of lambda, for arrays.
Inverse = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]

#: First height above the real axis, in units of the spectrum's width, the last one before the axis
#: itself, and the last one in units of the distance to a singular point, if that is lower.
HIGHEST, LOWEST, NEAR = 4.0, 1e-4, 0.1

#: Where in its sector a ray may lie: with large widths the integrand grows towards one side.
PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)

#: Points reached from above, and the relative error at which a root counts as found and not as gone
#: astray: far above what rules leave, since whoever answers asks for an accuracy of its own.
COARSE = 9
SETTLED = 1e-6

#: Heights from which alone a root inside the support is sought first: any that is found is the one.
FEW = [0, 3, 6, 9, -1]

#: Heights after which rays are chosen anew, or as soon as a root is lost.
STAGES = 5

#: Relative step at which a root above the axis is good enough to start from for the next height.
PASSING = 1e-3

#: Share of its error that the next step of Newton's method may have where none is made.
COMING = 0.1

#: Newton steps at one x, and the least imaginary part: it keeps t on its side of the cuts.
STEPS = 12
TINY = 1e-300


class Continuation(Protocol):
    """An `Inverse` that also solves, to the accuracy that it promises."""

    def __call__(
        self, t: np.ndarray, place: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`lambda`, `d lambda/dt` and the error of lambda."""
        ...

    def solve(self, x: np.ndarray, width: float, singular: Sequence[float]) -> Bulk:
        """Roots t of `lambda(t) = x + i 0`, at increasing x."""
        ...


class Bulk(NamedTuple):
    """Roots t, the bounds claimed for their errors, and where in its sector each ray lies."""

    t: np.ndarray
    error: np.ndarray
    place: np.ndarray


def solve(
    inverse: Inverse,
    x: np.ndarray,
    width: float,
    singular: Sequence[float],
    places: Sequence[float] = PLACES,
) -> Bulk:
    """Solve `lambda(t) = x + i 0` for t in the upper half-plane, in double precision.

    A few points are reached from far above the real axis; the others start from their neighbours.

    Parameters
    ----------
    inverse : callable
        Maps (t, place) to lambda, `d lambda/dt` and the error of lambda.
    x : ndarray, shape (n,)
        Increasing points in units of the ensemble.
    width : float
        A scale of the spectrum; x starts from far above the real axis in its units.
    singular : sequence of float
        Points near which the root varies fast: edges, and zero.
    places : sequence of float
        Where a ray may lie; a single one if `inverse` knows no rays.

    Returns
    -------
    Bulk
        Roots of shape (n,); outside the support their imaginary part is below its error.

    Raises
    ------
    ConvergenceError
        If Newton's method does not settle at some x.
    """
    found = seek(inverse, x, width, singular, places)
    confirm(x, found)
    return found


def seek(
    inverse: Inverse,
    x: np.ndarray,
    width: float,
    singular: Sequence[float],
    places: Sequence[float] = PLACES,
) -> Bulk:
    """As `solve`, with errors of the order of the roots where Newton's method does not settle."""
    heights = _heights(x, width, singular)
    known = np.unique(np.linspace(0, len(x) - 1, COARSE).astype(int))
    found = _approach(inverse, x[known], heights[FEW][:, known], places)
    found.error[found.t.imag < SETTLED * np.abs(found.t)] = np.inf  # real roots are many
    found = _repair(inverse, x[known], heights[:, known], found, places)
    while len(known) < len(x):
        middle = (known[1:] + known[:-1]) // 2
        new = middle[~np.isin(middle, known)]
        nearest = np.clip(np.searchsorted(known, new), 1, len(known) - 1)
        weight = (x[new] - x[known[nearest - 1]]) / (x[known[nearest]] - x[known[nearest - 1]])
        guess = 1 / ((1 - weight) / found.t[nearest - 1] + weight / found.t[nearest])
        start = Bulk(guess, np.abs(guess), found.place[nearest])
        added = _newton(inverse, x[new] + 0j, start)
        added = _repair(inverse, x[new], heights[:, new], added, places)
        order = np.argsort(np.concatenate([known, new]))
        known = np.concatenate([known, new])[order]
        found = Bulk(*(np.concatenate(pair)[order] for pair in zip(found, added, strict=True)))
    return found


def follow(inverse: Inverse, x: np.ndarray, start: Bulk) -> Bulk:
    """Solve `lambda(t) = x + i 0` from the roots at neighbouring parameters, much faster.

    There is one root in the upper half-plane, so that a root found is the right one whatever the
    start; where the start was too far away, the claimed error is of the order of the root.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Points inside the support, in units of the ensemble.
    start : Bulk
        Roots to start from, of shape (n,).
    """
    return _newton(inverse, x + 0j, start)


def confirm(x: np.ndarray, found: Bulk) -> None:
    """Refuse roots that were not found.

    Raises
    ------
    ConvergenceError
        If Newton's method does not settle at some x.
    """
    if not settled(found):
        worst = x[int(np.argmax(found.error / (1 + np.abs(found.t))))]
        raise ConvergenceError(f"the Stieltjes transform did not converge at x = {worst:.6g}")


def settled(found: Bulk) -> bool:
    """Whether all roots were found."""
    return bool(np.all(found.error < SETTLED * (1 + np.abs(found.t))))


def _heights(x: np.ndarray, width: float, singular: Sequence[float]) -> np.ndarray:
    """Heights from which to approach each x, shape (stages, n); the last one is zero."""
    distance = np.min([np.abs(x - point) for point in singular], axis=0)
    distance = np.maximum(distance, np.finfo(float).eps * width)
    lowest = np.minimum(LOWEST * width, NEAR * distance)
    stages = 2 + int(1.4 * np.log(HIGHEST * width / np.min(lowest)))
    return np.concatenate([np.geomspace(HIGHEST * width + 0 * x, lowest, stages), [0 * x]])


def _repair(
    inverse: Inverse, x: np.ndarray, heights: np.ndarray, found: Bulk, places: Sequence[float]
) -> Bulk:
    """Reach points from above where their neighbours were no good start."""
    bad = found.error > SETTLED * (1 + np.abs(found.t))
    if np.any(bad):
        again = _approach(inverse, x[bad], heights[:, bad], places)
        for values, better in zip(found, again, strict=True):
            values[bad] = better
    return found


def _approach(
    inverse: Inverse, x: np.ndarray, heights: np.ndarray, places: Sequence[float]
) -> Bulk:
    """Follow the root from far above the real axis, choosing the best ray anew on the way."""
    t = -1 / (x + 1j * heights[0])
    found = Bulk(t, np.abs(t), np.zeros(len(x)))
    for stage, height in enumerate(heights):
        last, start = stage == len(heights) - 1, found
        for new in (True,) if last or stage % STAGES == 0 else (False, True):
            place = _best_rays(inverse, start.t, places) if new else start.place
            found = _newton(
                inverse, x + 1j * height, start._replace(place=place), 0 if last else PASSING
            )
            if np.all(found.error <= PASSING * np.abs(found.t)):
                break
    return found


def _best_rays(inverse: Inverse, t: np.ndarray, places: Sequence[float]) -> np.ndarray:
    """The places that leave the least rounding errors."""
    roundings = inverse(np.tile(t, len(places)), np.repeat(places, len(t)))[2]
    return np.asarray(places)[np.argmin(roundings.reshape(len(places), -1), axis=0)]


def _newton(inverse: Inverse, z: np.ndarray, start: Bulk, enough: float = 0.0) -> Bulk:
    """Newton's method for `lambda(t) = z`, confined to the upper half-plane.

    It stops at steps below their error, or below `enough` relative to t, and where the next one is
    going to be below it: the ratio of steps is squared from one to the next.

    It runs in 1/t, in which lambda is about linear both far from the spectrum and near the atom
    that the spectrum has at zero for alpha < 1.
    """
    t, error, place = start.t.copy(), np.full(len(z), np.inf), start.place
    moving, last = np.arange(len(z)), np.zeros(len(z))
    for _ in range(STEPS):
        before = t[moving]
        value, slope, rounding = inverse(before, place[moving])
        with np.errstate(all="ignore"):
            step = (z[moving] - value) / (slope * before**2)
            # A step longer than |1/t| would leave the basin: shorten it.
            step *= np.minimum(1, 0.7 / (np.abs(step * before) + TINY))
            after = _above(1 / (1 / before - step))
            after = np.where(lost := ~np.isfinite(after), before, after)  # lambda overflows there
            size, left = np.abs(after - before), rounding / np.abs(slope)
            coming = size**3 / last**2
            near = coming <= COMING * left
            left = left + np.where(near, coming, size**2 / np.abs(after))
            near |= size <= 4 * left
        size[lost], near[lost] = np.inf, False
        t[moving], error[moving] = after, np.where(near, left, size)
        on = ~(lost | near | (size <= enough * np.abs(after)))
        moving, last = moving[on], size[on]
        if not moving.size:
            break
    return Bulk(t, error, place)


def _above(t: np.ndarray) -> np.ndarray:
    return t.real + 1j * np.maximum(t.imag, TINY)
