"""Roots in t enclosed by interval Newton, and the proof that there is only one.

A curve of `bbpsym.compilation.reductions.RISING` is made of two averages, `<h^2>` and
`-<(y - 1) h>` with `h = f/(1 + t f)` in units of the ensemble. The logarithms of both are convex
in t on [0, 1], which the proof of uniqueness uses: `(1 + t f)^-2` has this property where
`1 + t f > 0`, and sums of such functions with positive factors, here `f^2`, keep it (Artin; by
Hoelder's inequality). For the other one, Stein's identity for the chi-square law of y gives
`-<(y - 1) h> = (2/p*) <y (a + c yh)/D^2>`: positive factors again, and `D^-2` with
`D = a + y + t (c yh - y)`, affine in t and positive.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from flint import arb

from bbpsym.errors import PrecisionError
from bbpsym.numerics.curve import End, Level, Profile
from bbpsym.numerics.enclosures import precision
from bbpsym.numerics.roots import Root

#: Most bits of the first enclosure of a root, and bits of the proof that it is the only one.
FIRST_BITS, PROOF_BITS = 160, 28

#: Digits to which a root is known, without a proof, before it is enclosed.
POLISHED = 18

#: Bits lost, at most, where an enclosure is refined to twice its bits.
GUARD_BITS = 12

#: Relative radii, as powers of two, in which a root is first looked for around its guess.
RADII = (-80, -36, -30, -24, -18, -12)

#: Most points at which a curve is evaluated to prove that it crosses one only once.
PROOF_POINTS = 200

#: Maps x, bits and whether the slope is asked for to a curve and its slope.
Enclosed = Callable[..., tuple[arb, ...]]


def enclosed_root(root: Root, bits: int) -> arb:
    """Enclose a root of a curve, from its value in a little more than double precision."""
    if root.level.crossing is None:
        return arb(1)
    upper = arb(1) if root.upper is None else enclosed_root(root.upper, bits)
    limit = None if root.upper is None and root.level.curve.end is End.OPEN else upper
    return newton_root(root.level.enclosed, root.precise(POLISHED), bits, limit)


def side(level: Level, at: arb, most: int) -> int:
    """Sign of `level(t) - 1`, proved with as many bits as it takes, up to `most`.

    Raises
    ------
    PrecisionError
        If the ball of the level still holds one.
    """
    bits = PROOF_BITS
    while True:
        value, *_ = level.enclosed(at, bits, slope=False)
        if value > 1 or value < 1:
            return 1 if value > 1 else -1
        if bits == most:
            raise PrecisionError(f"whether the {level.crossing} lies above or below one is open")
        bits = min(2 * bits, most)


def certify_side(level: Level, at: arb, bits: int, expected: int) -> None:
    """Prove on which side of one a level lies at t.

    Raises
    ------
    PrecisionError
        If it stays open, or lies on the other side.
    """
    if side(level, at, bits) != expected:
        raise PrecisionError(f"on which side of one the {level.crossing} lies is not settled")


def lies(level: Level, at: Root, expected: int) -> Callable[[int], bool]:
    """Return a proof that a level lies above (1) or below (-1) one at a root."""

    def prove(bits: int) -> bool:
        certify_side(level, enclosed_root(at, bits), bits, expected)
        return True

    return prove


def newton_root(values: Enclosed, guess: Any, bits: int, upper: arb | None = None) -> arb:
    """Enclose the positive root of `curve(x) = 1` next to `guess`, by interval Newton in log x.

    `N(X) = m exp(-log(curve(m))/slope(X))` holds every root in X, and lies in X only if there
    is one; the slope then excludes zero and the root is the only one in X.

    Parameters
    ----------
    values : callable
        Maps x, bits and `slope` to balls of the curve and, if that is true, of its slope
        `d log(curve)/d log(x)`.
    guess : float or mpmath number
        A root, approximately.
    upper : arb, optional
        End of the domain.

    Raises
    ------
    PrecisionError
        If no enclosure is found near the guess.
    """
    enclosure = _first(values, guess, min(bits, FIRST_BITS), upper)
    known = enclosure.rel_accuracy_bits()
    ladder = [bits] if known < bits - GUARD_BITS else []
    while ladder and ladder[0] > 2 * known:
        ladder.insert(0, ladder[0] // 2 + GUARD_BITS)
    for working in ladder:
        step = _newton(values, enclosure, working)
        with precision(bits):
            enclosure = enclosure.intersection(step)
    return enclosure


def _first(values: Enclosed, guess: Any, bits: int, upper: arb | None) -> arb:
    """A ball around `guess` that interval Newton maps into itself."""
    for power in RADII:
        with precision(max(bits, FIRST_BITS)):
            middle = arb(guess)
            trial = arb(middle, float(guess) * 2.0**power)
            if upper is not None and not trial <= upper:
                trial = trial.lower().union(upper)
        step = _newton(values, trial, bits)
        if step.is_finite() and trial.contains_interior(step):
            return step
    raise PrecisionError(f"no root could be enclosed near {guess}")


def _newton(values: Enclosed, enclosure: arb, bits: int) -> arb:
    """One step of interval Newton: the middle precisely, the slope over the ball roughly."""
    middle = enclosure.mid()
    value, *_ = values(middle, bits, slope=False)
    missing = bits - enclosure.rel_accuracy_bits()
    _, slope = values(enclosure, max(PROOF_BITS, missing + GUARD_BITS))
    with precision(bits):
        return middle * (-value.log() / slope).exp()


def crosses_once(level: Level, upper: arb, crosses: bool) -> bool:
    """Prove that `level(t) = 1` has one root in (0, upper] if it `crosses`, and else none.

    (0, upper] is cut into intervals on which the curve lies below one, lies above one or rises.
    A run of rising intervals holds at most one root, and none if the curve is below one to its
    right or above one to its left. So there is no root if the curve ends below one and no interval
    lies above; and just one if it ends above and no interval that lies above precedes one below.

    Parameters
    ----------
    crosses : bool
        Whether the curve ends above one at `upper`: proved by the caller.

    Returns
    -------
    bool
        False where `PROOF_POINTS` points were not enough: then nothing is proved.
    """
    pending = [(level.profile(arb(0), PROOF_BITS), level.profile(upper, PROOF_BITS))]
    above = False
    for _ in range(PROOF_POINTS):
        if not pending:
            return True
        left, right = pending.pop()
        with precision(PROOF_BITS):
            value, slope = level.combine(left.until(right))
            middle = ((left.t + right.t) / 2).mid()
        below = value < 1 or _stays_below(level, left, right)
        if value > 1 and crosses:
            above = True
        elif below and above:
            return False
        elif not (slope > 0 or below):
            at = level.profile(middle, PROOF_BITS)
            pending += [(at, right), (left, at)]
    return False


def _stays_below(level: Level, left: Profile, right: Profile) -> bool:
    """Whether a ratio is proved to stay below one between two points.

    The logarithm of `<h^2>` lies below its chord, and that of the other average, which it is
    divided by, above its tangent at either end. With these in their place the logarithm of the
    ratio is that of t and what is linear in t: concave, and below its tangent at any point.
    """
    with precision(PROOF_BITS):
        between, width = left.t.union(right.t), right.t - left.t
        chord = (right.averages[0] / left.averages[0]).log() / width
        for end in (left, right):
            tangent = end.slopes[1]
            at = _highest(left.t, right.t, tangent - chord)
            square = left.averages[0] * (chord * (at - left.t)).exp()
            response = end.averages[1] * (tangent * (at - end.t)).exp()
            value, slope = level.combine(Profile(at, [square, response], [chord, tangent]))
            if value * (slope / at * (between - at)).exp() < 1:
                return True
    return False


def _highest(left: arb, right: arb, steepness: arb) -> arb:
    """About where `log t - steepness t` is highest between two points."""
    inverse = 1 / float(steepness.mid()) if steepness > 0 else math.inf
    return arb(min(max(inverse, float(left)), float(right)))
