"""Roots in t enclosed by interval Newton, and the proof that there is only one.

A curve of `bbpsym.reductions.RISING` is made of two averages, `<h^2>` and `-<(y - 1) h>` with
`h = f/(1 + t f)` in units of the ensemble. The logarithms of both are convex in t on [0, 1], which
the proof of uniqueness uses: `(1 + t f)^-2` has this property where `1 + t f > 0`, and sums of
such functions with positive factors, here `f^2`, keep it (Artin; by Hoelder's inequality). For the
other one, Stein's identity for the chi-square law of y gives
`-<(y - 1) h> = (2/p*) <y (a + c yh)/D^2>`: positive factors again, and `D^-2` with
`D = a + y + t (c yh - y)`, affine in t and positive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from bbpsym.errors import PrecisionError
from bbpsym.numerics.curve import Crossing, Curve, End
from bbpsym.numerics.enclosures import ball, precision
from bbpsym.numerics.roots import Root
from bbpsym.parameters import PROFILE, PROFILE_SLOPES, Parameter
from bbpsym.systems import rising

#: Bits of the first enclosure of a root, and of the proof that it is the only one.
FIRST_BITS, PROOF_BITS = 80, 28

#: Bits lost, at most, where an enclosure is refined to twice its bits.
GUARD_BITS = 12

#: Relative radii, as powers of two, in which a root is first looked for around its guess.
RADII = (-36, -30, -24, -18, -12)

#: Most points at which a curve is evaluated to prove that it crosses one only once.
PROOF_POINTS = 200

Values = Callable[[arb, int], tuple[arb, arb]]


class Profile(NamedTuple):
    """The two averages and their logarithmic slopes `d log/dt` at a point or on an interval."""

    t: arb
    averages: list[arb]
    slopes: list[arb]

    def until(self, other: Profile) -> Profile:
        """Enclose the profile between two points: slopes of a convex logarithm are monotone."""
        between = self.t.union(other.t)
        slopes = [left.union(right) for left, right in zip(self.slopes, other.slopes, strict=True)]
        step = arb(0).union(other.t - self.t)
        rows = zip(self.averages, other.averages, slopes, strict=True)
        averages = [
            (left * (slope * step).exp()).intersection(right * (-slope * step).exp())
            for left, right, slope in rows
        ]
        return Profile(between, averages, slopes)


@dataclass(frozen=True)
class Level:
    """What starts from zero at t = 0 and is asked where it crosses one.

    Attributes
    ----------
    curve : Curve
        The ensemble.
    crossing : Crossing
        Key of `bbpsym.reductions.RISING`.
    alpha : Fraction or None
        Signal-to-noise ratio, where it has one.
    """

    curve: Curve
    crossing: Crossing
    alpha: Fraction | None = None

    def profile(self, at: arb, bits: int) -> Profile:
        """Enclose the two averages and their logarithmic slopes."""
        found = self.curve.enclosed(at, bits, *PROFILE, *PROFILE_SLOPES)
        with precision(bits):
            pairs = zip(PROFILE, PROFILE_SLOPES, strict=True)
            slopes = [found[slope] / found[average] for average, slope in pairs]
        return Profile(at, [found[x] for x in PROFILE], slopes)

    def combine(self, at: Profile) -> tuple[arb, arb]:
        """The level and its slope `d log(level)/d log(t)`; call it inside `precision`."""
        names = dict(zip(PROFILE + PROFILE_SLOPES, at.averages + at.slopes, strict=True))
        known = {Parameter.T: at.t, **names}
        if self.alpha is not None:
            known[Parameter.ALPHA] = ball(self.alpha)
        system = rising(self.crossing)
        curve, slope = system.balls.outputs([], *(known[x] for x in system.parameters))
        return curve, slope

    def value(self, at: arb, bits: int) -> arb:
        """Enclose the level alone: its slope may diverge at the end of the domain."""
        if not getattr(self.curve, "has_own_condition", False):
            return self.values(at, bits)[0]
        found = self.curve.enclosed(at, bits, self.crossing)[self.crossing]
        with precision(bits):
            return found * ball(self.alpha or Fraction(1))

    def values(self, at: arb, bits: int) -> tuple[arb, arb]:
        """Enclose the level and its logarithmic slope on a ball of t."""
        if getattr(self.curve, "has_own_condition", False):
            return self._own_values(at, bits)
        found = self.profile(at, bits)
        with precision(bits):
            return self.combine(found)

    def _own_values(self, at: arb, bits: int) -> tuple[arb, arb]:
        """The same for a law whose curves are not made of the profile."""
        slope = f"{self.crossing}_slope"
        found = self.curve.enclosed(at, bits, self.crossing, slope)
        with precision(bits):
            return found[self.crossing] * ball(self.alpha or Fraction(1)), found[slope]


def enclosed_root(root: Root, bits: int) -> arb:
    """Enclose a root of a curve, from its value in double precision."""
    if root.crossing is None:
        return arb(1)
    level = Level(root.curve, root.crossing, root.alpha)
    upper = arb(1) if root.upper is None else enclosed_root(root.upper, bits)
    limit = None if root.upper is None and root.curve.end is End.OPEN else upper
    return newton_root(level.values, float(root.double.value), bits, limit)


def side(level: Level, at: arb, most: int) -> int:
    """Sign of `level(t) - 1`, proved with as many bits as it takes, up to `most`.

    Raises
    ------
    PrecisionError
        If the ball of the level still holds one.
    """
    bits = PROOF_BITS
    while True:
        value = level.value(at, bits)
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


def newton_root(values: Values, guess: float, bits: int, upper: arb | None = None) -> arb:
    """Enclose the positive root of `curve(x) = 1` next to `guess`, by interval Newton in log x.

    `N(X) = m exp(-log(curve(m))/slope(X))` holds every root in X, and lies in X only if there
    is one; the slope then excludes zero and the root is the only one in X.

    Parameters
    ----------
    values : callable
        Maps x and bits to balls of the curve and of its slope `d log(curve)/d log(x)`.
    guess : float
        A root in double precision.
    upper : arb, optional
        End of the domain.

    Raises
    ------
    PrecisionError
        If no enclosure is found near the guess.
    """
    enclosure = _first(values, guess, upper)
    ladder = [bits]
    while ladder[0] > 2 * FIRST_BITS:
        ladder.insert(0, ladder[0] // 2 + GUARD_BITS)
    for working in ladder:
        step = _newton(values, enclosure, working)
        with precision(bits):
            enclosure = enclosure.intersection(step)
    return enclosure


def _first(values: Values, guess: float, upper: arb | None) -> arb:
    """A ball around `guess` that interval Newton maps into itself."""
    for power in RADII:
        with precision(FIRST_BITS):
            trial = arb(guess, guess * 2.0**power)
            if upper is not None and not trial <= upper:
                trial = trial.lower().union(upper)
        step = _newton(values, trial, FIRST_BITS)
        if step.is_finite() and trial.contains_interior(step):
            return step
    raise PrecisionError(f"no root could be enclosed near {guess}")


def _newton(values: Values, enclosure: arb, bits: int) -> arb:
    """One step of interval Newton: the middle precisely, the slope over the ball roughly."""
    middle = enclosure.mid()
    value, _ = values(middle, bits)
    _, slope = values(enclosure, max(PROOF_BITS, bits // 2 + GUARD_BITS))
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
        if value > 1 and crosses:
            above = True
        elif value < 1 and above:
            return False
        elif not (slope > 0 or value < 1):
            at = level.profile(middle, PROOF_BITS)
            pending += [(at, right), (left, at)]
    return False
