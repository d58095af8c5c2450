"""Limits and expansions: what is left over on the way of a variable, extrapolated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

#: Exponents of powers that a remainder is held against; powers of the variable and of its root.
HALF = 0.5

#: Differences of a sequence that converges fall at least like this, and grow like that if it does
#: not; in between it converges too slowly to say.
FALLS, GROWS = 0.87, 1.15

#: How far a measured exponent may lie below the one claimed: logarithms fall short by that much.
SLACK = 0.25


class Finding(NamedTuple):
    """What was found of a limit.

    Attributes
    ----------
    verdict : {"true", "false", "undecided"}
        Whether it is as claimed.
    digits : float
        Digits of agreement, no more than the extrapolation shows.
    note : str
        What was seen.
    """

    verdict: str
    digits: float
    note: str


def vanishes(sequence: Sequence[Any], scale: Any, noise: Any, digits: int, ctx: Any) -> Finding:
    """Decide whether a sequence tends to zero, to so many digits of `scale`.

    Shanks' transformation removes every power of the variable, whole or not, since the sequence
    is taken at a geometric progression; its error is how much the last member changes it.
    """
    if all(abs(value) <= noise for value in sequence[-3:]):
        return Finding("true", float(digits), "")
    steps = [abs(fine - coarse) for coarse, fine in pairwise(sequence)]
    if steps[-1] > noise:
        ratio = steps[-1] / steps[-2] if steps[-2] else ctx.inf
        if ratio > GROWS and abs(sequence[-1]) > abs(sequence[-2]):
            return Finding("false", 0.0, "it grows without bound")
        if ratio > FALLS:
            return Finding("undecided", 0.0, "it converges too slowly to be extrapolated")
    limit, error = extrapolated(sequence, noise, ctx)
    tolerance = ctx.mpf(10) ** -digits * scale
    reached = _digits(max(abs(limit), error) / scale, ctx)
    if abs(limit) <= tolerance and error <= tolerance:
        return Finding("true", min(reached, float(digits)), "")
    if abs(limit) > max(tolerance, 100 * error):
        return Finding("false", reached, f"it tends to {ctx.nstr(limit, 6)}")
    return Finding("undecided", reached, f"the extrapolation shows {reached:.0f} digits only")


def extrapolated(sequence: Sequence[Any], noise: Any, ctx: Any) -> tuple[Any, Any]:
    """Limit of a sequence and its error."""
    if abs(sequence[-1] - sequence[-2]) <= noise:
        return sequence[-1], noise
    fine, coarse = (ctx.shanks(list(part))[-1][-1] for part in (sequence, sequence[:-1]))
    return fine, abs(fine - coarse) + noise


def _digits(relative: Any, ctx: Any) -> float:
    return float(-ctx.log10(relative)) if relative else ctx.inf


def falls_like(
    left: Sequence[Any],
    remainder: Sequence[Any],
    order: Sequence[Any],
    size: Sequence[Any],
    noise: Any,
    digits: int,
    ctx: Any,
) -> Finding:
    """Decide whether a remainder is of an order, and the terms before it right to `digits`.

    Parameters
    ----------
    left, remainder, order : sequence of mpmath number
        What is expanded, what is left of it, and the order claimed for that.
    size : sequence of mpmath number
        What becomes large: the variable, or its inverse.
    noise : mpmath number
        Relative error of `left`.
    """
    if all(abs(r) <= noise * abs(whole) for r, whole in zip(remainder, left, strict=True)):
        return Finding("true", float(digits), "nothing is left")
    claimed, seen = (_exponent(values, size, ctx) for values in (order, remainder))
    note = f"what is left falls with exponent {_written(seen)}"
    if seen < claimed - SLACK:
        return Finding("false", 0.0, f"{note}, not {_written(claimed)}")
    power = _rounded(_exponent(left, size, ctx))
    reached = float(digits)
    scale = abs(left[-1]) * size[-1] ** power
    while power < claimed - SLACK:
        scaled = [r * v**power for r, v in zip(remainder, size, strict=True)]
        limit, error = extrapolated(scaled, noise * abs(left[-1]) * size[-1] ** power, ctx)
        found = _digits(max(abs(limit), error) / scale, ctx)
        if abs(limit) > max(scale * ctx.mpf(10) ** -digits, 100 * error):
            off = f"the term of exponent {power:g} is off by {ctx.nstr(limit, 3)}"
            return Finding("false", found, f"{note}, but {off}")
        if max(abs(limit), error) > scale * ctx.mpf(10) ** -digits:
            return Finding("undecided", found, f"the extrapolation shows {found:.0f} digits only")
        reached, power = min(reached, found), power + HALF
    ratios = [abs(r / o) for r, o in zip(remainder[-3:], order[-3:], strict=True)]
    steps = [abs(fine - coarse) for coarse, fine in pairwise(ratios)]
    if ratios[0] < ratios[1] < ratios[2] and steps[1] > FALLS * steps[0]:
        return Finding("false", 0.0, f"{note} at last, but grows against the order claimed for it")
    return Finding("true", reached, note)


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
