"""Breaks of an integration for weights that oscillate."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sympy import Expr, Poly, Rational, fraction, together

from bbpsym.errors import DomainError, quoted
from bbpsym.functions.isolation import turns, turns_rarely
from bbpsym.functions.kinks import SIMPLE
from bbpsym.laws.labels import Labels
from bbpsym.symbols import label

#: How far the bulk of a law reaches, in units of its spread; points at which the turns of a weight
#: are counted there, as many large ones as these show; and the turns between two breaks.
REACH, SAMPLES, MOST_TURNS, TURNS = 192, 7500, 2500, 8

#: Share of the range of a weight from which on a turn is large.
LARGE = 0.05

#: Digits of the ends of a piece.
DIGITS = 60

#: How the phase at which the poles of a turn lie grows with the logarithm of its inverse size.
PHASE = 3


def between_turns(weight: Expr, low: Expr, high: Expr, law: Labels) -> Iterator[Rational]:
    """Labels that leave few turns of an oscillating weight to each interval of a rule.

    More of them where they are small: an oscillation has its nearest poles of `1/(1 - g f)` at a
    phase whose imaginary part grows like the logarithm of its inverse size.

    Raises
    ------
    DomainError
        If there are more large turns than are seen.
    """
    if _degree(weight) < TURNS:
        return
    spread = Rational(law.spread.evalf()).limit_denominator(SIMPLE)
    low, high = (Rational(end.evalf(DIGITS)) if end.is_finite else end for end in (low, high))
    if low.is_infinite and high.is_infinite:
        low = -REACH * spread / 2
    low = high - REACH * spread if low.is_infinite else low
    high = low + REACH * spread if high.is_infinite else high
    if turns_rarely(weight, low, high, TURNS):
        return
    width, filled = (high - low) / SAMPLES, 0.0
    found = turns(weight, low + width, width, SAMPLES - 1)
    if sum(way > LARGE for _, way in found) > MOST_TURNS:
        raise DomainError(
            f"weight must turn at most {MOST_TURNS} times between {float(low):.3g} and "
            f"{float(high):.3g}, over the bulk of its law, and {quoted(weight)} turns more often"
        )
    seen = len(found) <= MOST_TURNS  # all of them, so that their sizes are known
    for k, way in found:
        filled += 1 / TURNS / (max(1, math.log(2 / way) / PHASE) if seen else 1)
        if filled >= 1:
            filled = 0.0
            yield low + width * (k + 1)


def _degree(weight: Expr) -> float:
    """Bound of the number of turns of a rational weight; infinite for any other."""
    if not weight.is_rational_function(label):
        return math.inf
    return sum(Poly(part, label).degree() for part in fraction(together(weight)))
