"""Roots in t enclosed by interval Newton, and the proof that there is only one.

A curve of `bbpsym.systems.RISING` is made of two averages, `<h^2>` and `-<(y - 1) h>` with
`h = f/(1 + t f)` in units of the ensemble. The logarithms of both are convex in t on [0, 1], which
the proof of uniqueness uses: `(1 + t f)^-2` has this property where `1 + t f > 0`, and sums of
such functions with positive factors, here `f^2`, keep it (Artin; by Hoelder's inequality). For the
other one, Stein's identity for the chi-square law of y gives
`-<(y - 1) h> = (2/p*) <y (a + c yh)/D^2>`: positive factors again, and `D^-2` with
`D = a + y + t (c yh - y)`, affine in t and positive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from flint import arb

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import PrecisionError
from bbpsym.numerics.enclosures import ball, evaluate, precision
from bbpsym.symbols import alpha, t
from bbpsym.systems import PROFILE, PROFILE_SLOPES, profile, rising

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
class Curve:
    """A curve that starts from zero at t = 0 and is asked where it crosses one.

    Attributes
    ----------
    ensemble : WeightLaw
        The weights and laws.
    parameters : mapping of Symbol to number
        Exact values of all parameters but t.
    name : str
        Key of `bbpsym.systems.RISING`.
    target : Fraction or None
        Value of alpha, where the curve has one.
    """

    ensemble: WeightLaw
    parameters: Mapping
    name: str
    target: Fraction | None = None

    def profile(self, at: arb, bits: int) -> Profile:
        """Enclose the two averages and their logarithmic slopes."""
        found = evaluate(profile(self.ensemble), {**self.parameters, t: at}, bits)
        with precision(bits):
            pairs = zip(PROFILE, PROFILE_SLOPES, strict=True)
            slopes = [found[slope] / found[average] for average, slope in pairs]
        return Profile(at, [found[x] for x in PROFILE], slopes)

    def combine(self, at: Profile) -> tuple[arb, arb]:
        """The curve and its slope `d log(curve)/d log(t)`; call it inside `precision`."""
        names = dict(zip(PROFILE + PROFILE_SLOPES, at.averages + at.slopes, strict=True))
        known = {str(t): at.t, **names}
        if self.target is not None:
            known[str(alpha)] = ball(self.target)
        system = rising(self.name)
        curve, slope = system.balls.outputs([], *(known[str(x)] for x in system.parameters))
        return curve, slope

    def values(self, at: arb, bits: int) -> tuple[arb, arb]:
        """Enclose the curve and its logarithmic slope on a ball of t."""
        found = self.profile(at, bits)
        with precision(bits):
            return self.combine(found)


def side(curve: Curve, at: Callable[[int], arb] | arb, most: int) -> int:
    """Sign of `curve(t) - 1`, proved with as many bits as it takes, up to `most`.

    Parameters
    ----------
    at : arb or callable
        The point t, or a function from bits to a ball that holds it.

    Raises
    ------
    PrecisionError
        If the ball of the curve still holds one.
    """
    bits = PROOF_BITS
    while True:
        value, _ = curve.values(at(bits) if callable(at) else at, bits)
        if value > 1 or value < 1:
            return 1 if value > 1 else -1
        if bits == most:
            raise PrecisionError(f"whether the curve {curve.name} lies above or below is open")
        bits = min(2 * bits, most)


def root(values: Values, guess: float, bits: int, upper: arb | None = None) -> arb:
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


def crosses_once(curve: Curve, upper: arb, crosses: bool) -> bool:
    """Prove that `curve(t) = 1` has one root in (0, upper] if it `crosses`, and else none.

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
    pending = [(curve.profile(arb(0), PROOF_BITS), curve.profile(upper, PROOF_BITS))]
    above = False
    for _ in range(PROOF_POINTS):
        if not pending:
            return True
        left, right = pending.pop()
        with precision(PROOF_BITS):
            value, slope = curve.combine(left.until(right))
            middle = ((left.t + right.t) / 2).mid()
        if value > 1 and crosses:
            above = True
        elif value < 1 and above:
            return False
        elif not (slope > 0 or value < 1):
            at = curve.profile(middle, PROOF_BITS)
            pending += [(at, right), (left, at)]
    return False
