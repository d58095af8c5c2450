"""Limits and expansions: what is left over on the way of a variable, extrapolated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import add
from random import Random
from typing import Any, NamedTuple

#: Exponents of powers that a remainder is held against; powers of the variable and of its root.
HALF = 0.5

#: Differences of a sequence that converges fall at least like this, and grow like that if it does
#: not; in between it converges too slowly to say.
FALLS, GROWS = 0.87, 1.15

#: How far a measured exponent may lie below the one claimed: logarithms fall short by that much.
SLACK = 0.25

#: Members of a way that must stand out of their noise: Shanks' transformation needs three without
#: the last two.
LEAST = 5

#: Fewest digits that show anything where no number of them is asked for.
FEWEST_DIGITS = 5

#: Choices of signs with which members are moved by their noises.
CHOICES = 12

#: A limit that is so many times its error is not zero, however small it is.
CERTAIN = 100


class Finding(NamedTuple):
    """What was found of a limit."""

    #: Whether it is as claimed: "true", "false" or "undecided".
    verdict: str
    #: Digits of agreement, no more than the extrapolation shows; None where an order holds before
    #: which no term stands to be compared.
    digits: float | None
    #: What was seen.
    note: str


class Way(NamedTuple):
    """An expansion on the way of its variable."""

    #: What is expanded, what is left of it, and the order claimed for that (sequence of mpmath
    #: number).
    left: Sequence[Any]
    rest: Sequence[Any]
    order: Sequence[Any]
    #: What becomes large: the variable, or its inverse (sequence of mpmath number).
    size: Sequence[Any]
    #: Errors of `rest` (sequence of mpmath number).
    noises: Sequence[Any]


def vanishes(
    sequence: Sequence[Any], scale: Any, noises: Sequence[Any], digits: int | None, ctx: Any
) -> Finding:
    """Decide whether a sequence tends to zero, to so many digits of `scale`.

    Shanks' transformation removes every power of the variable, whole or not, since the sequence
    is taken at a geometric progression; its error is how much the last two members change it.
    Every member has its own noise: one that is large far from the end excuses nothing there.
    """
    steps = [abs(fine - coarse) for coarse, fine in pairwise(sequence)]
    if steps[-1] > noises[-1]:
        ratio = steps[-1] / steps[-2] if steps[-2] else ctx.inf
        if ratio > GROWS and abs(sequence[-1]) > abs(sequence[-2]):
            return Finding("false", 0.0, "it grows without bound")
        if ratio > FALLS:
            return Finding("undecided", 0.0, "it converges too slowly to be extrapolated")
    return extrapolated(sequence, scale, noises, digits, ctx)


def extrapolated(
    sequence: Sequence[Any], scale: Any, noises: Sequence[Any], digits: int | None, ctx: Any
) -> Finding:
    """The same for a sequence of which it is known that it is bounded."""
    noise = max(noises[-3:])
    if all(_within(sequence[-3:], noises[-3:])):
        return _shown(noise / (scale or 1), digits, ctx)
    limit, error = sequence[-1], noise
    if abs(sequence[-1] - sequence[-2]) > noise:
        limit, error = _nearest(sequence, noises, ctx)
    found = _shown(max(abs(limit), error) / (scale or 1), digits, ctx)
    if abs(limit) > CERTAIN * error:
        return found._replace(verdict="false", note=f"off by {ctx.nstr(limit, 3)}")
    if digits is None and abs(limit) > error:
        off = f"off by {ctx.nstr(limit, 3)}, of which {ctx.nstr(error, 1)} may be its error"
        return found._replace(verdict="undecided", note=off)
    return found


def _nearest(sequence: Sequence[Any], noises: Sequence[Any], ctx: Any) -> tuple[Any, Any]:
    """The limit of the last members of which it is best known, and its error.

    With more of them it comes nearer, but their noise is amplified.
    """
    found, rng = [], Random(1)
    for first in range(len(sequence) - LEAST, -1, -2):
        part, own = list(sequence[first:]), noises[first:]
        limit = _shanks(part, ctx)
        # One member moved alone may be removed like a power; so may no choice of signs.
        moves = [[n * (j == k) for j, n in enumerate(own)] for k in range(len(own))]
        signs = [[n * rng.choice((-1, 1)) for n in own] for _ in range(CHOICES)]
        moved = [abs(_shanks([*map(add, part, by)], ctx) - limit) for by in moves + signs]
        error = abs(limit - _shanks(part[:-2], ctx)) + sum(moved[: len(own)])
        found.append((error + max(moved), limit))
    error, limit = min(found)
    return limit, error


def _shanks(members: list[Any], ctx: Any) -> Any:
    """The limit by Shanks' transformation, the last member where nothing is left to remove."""
    table = ctx.shanks(members)
    return table[-1][-1] if table else members[-1]


def _shown(off: Any, digits: int | None, ctx: Any) -> Finding:
    """What follows from a bound of the distance to the limit, in units of the scale."""
    wanted = FEWEST_DIGITS if digits is None else digits
    reached = float(-ctx.log10(off)) if off else float(wanted)
    if reached >= wanted:
        return Finding("true", reached if digits is None else float(digits), "")
    return Finding("undecided", reached, f"the extrapolation shows {int(reached)} digits only")


def _within(values: Sequence[Any], noises: Sequence[Any]) -> Iterator[bool]:
    return (abs(value) <= noise for value, noise in zip(values, noises, strict=True))


def falls_like(way: Way, digits: int | None, ctx: Any) -> Finding:
    """Decide whether a remainder is of an order, and the terms before it right to `digits`."""
    claimed = _exponent(way.order, way.size, ctx)
    power = _rounded(_exponent(way.left, way.size, ctx))
    scale = abs(way.left[-1]) * way.size[-1] ** power
    if all(_within(way.rest, way.noises)):
        told = max(claimed, power)
        hidden = min(n * v**told for n, v in zip(way.noises, way.size, strict=True))
        found = _shown(hidden / (scale or 1), digits, ctx)
        return found._replace(note=found.note or "nothing is left")
    way = Way(*(values[: _resolved(way)] for values in way))
    if len(way.rest) < LEAST:
        return Finding("undecided", 0.0, "what is left falls below the noise too early")
    seen = _exponent(way.rest, way.size, ctx)
    note = f"what is left falls with exponent {_written(seen)}"
    if seen < claimed - SLACK:
        return Finding("false", 0.0, f"{note}, not {_written(claimed)}")
    shown: list[float] = []
    while power < claimed - SLACK:
        scaled = [rest * v**power for rest, v in zip(way.rest, way.size, strict=True)]
        noises = [noise * v**power for noise, v in zip(way.noises, way.size, strict=True)]
        found = extrapolated(scaled, scale, noises, digits, ctx)
        if found.verdict != "true":
            which = f"{note}, the term of exponent {power:g} is {found.note}"
            return found._replace(note=which if found.verdict == "false" else found.note)
        shown.append(found.digits or 0.0)
        power += HALF
    if _grows([abs(rest / o) for rest, o in zip(way.rest[-3:], way.order[-3:], strict=True)]):
        return Finding("false", 0.0, f"{note} at last, but grows against the order claimed for it")
    return Finding("true", min(shown, default=None), note)


def _resolved(way: Way) -> int:
    """How many members of what is left come before the first that noise may have made."""
    inside = list(_within(way.rest, way.noises))
    return inside.index(True) if True in inside else len(inside)


def _grows(ratios: Sequence[Any]) -> bool:
    """Whether three numbers grow, and not ever less, as a logarithm does."""
    first, second = (fine - coarse for coarse, fine in pairwise(ratios))
    return bool(first > 0 and second > FALLS * first)


def _exponent(values: Sequence[Any], size: Sequence[Any], ctx: Any) -> Any:
    """Exponent with which values fall at the end of the way."""
    if not values[-1] or not values[-2]:
        return ctx.inf
    return -ctx.log(abs(values[-1] / values[-2])) / ctx.log(size[-1] / size[-2])


def _written(exponent: Any) -> str:
    return f"{round(float(exponent), 3) + 0.0:g}"


def _rounded(exponent: Any) -> float:
    """The nearest multiple of a half; zero for what vanishes altogether."""
    return 0.0 if exponent == float("inf") else round(float(exponent) / HALF) * HALF
