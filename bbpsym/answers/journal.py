"""Thresholds as rows of a file: numbers are kept exactly, and print as they did when fresh."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from mpmath.libmp import from_man_exp

from bbpsym.answers.result import Result
from bbpsym.answers.threshold import Threshold
from bbpsym.model import Model
from bbpsym.numerics.ball import Ball
from bbpsym.numerics.curve import LEFT
from bbpsym.numerics.multiprecision import context
from bbpsym.writing.rows import Key


def kind(problem: Any) -> type[Result]:
    """Return the class of a problem's threshold."""
    if not hasattr(problem, "answers"):
        return Threshold
    from bbpsym.answers.network_result import NetworkThreshold

    return NetworkThreshold


def head(of: type[Result]) -> dict[str, Any]:
    """Return the first line of a file of thresholds."""
    return {"bbpsym": "thresholds", "row": _names(of)}


def key(problem: Any, digits: int | None, certified: bool, side: str = LEFT) -> Key:
    """Return what identifies a row: the problem, and how its numbers are asked for."""
    if isinstance(problem, Model):
        return str(problem.p), problem.p_star, str(problem.a), digits, certified
    law = getattr(problem, "law", None)
    return repr(problem), str(law and law.signal), side, digits, certified


def dump(row: Result) -> list[Any]:
    """Return everything but the problem, ready for JSON."""
    return [_plain(getattr(row, name)) for name in _names(type(row))]


def load(problem: Any, entries: list[Any], kind: type[Result] = Threshold) -> Any:
    """Return the row that `dump` was given."""
    values = map(_value, entries)
    return kind(problem, **dict(zip(_names(kind), values, strict=True)))


def _names(of: type[Result]) -> list[str]:
    return [item.name for item in fields(of)[1:]]


def _plain(value: Any) -> Any:
    """Write a number in base two; what JSON writes exactly stays as it is."""
    if isinstance(value, Ball):
        return ["ball", _plain(value.lower), _plain(value.upper), value.digits]
    if hasattr(value, "_mpf_"):
        sign, mantissa, exponent, _ = value._mpf_
        return ["mpf", hex((-1) ** sign * int(mantissa)), exponent, value.context.dps]
    if isinstance(value, tuple):
        return ["tuple", *map(_plain, value)]
    return value


def _value(entry: Any) -> Any:
    match entry:
        case ["ball", lower, upper, digits]:
            return Ball(_value(lower), _value(upper), digits)
        case ["mpf", mantissa, exponent, digits]:
            return context(digits).make_mpf(from_man_exp(int(mantissa, 16), exponent))
        case ["tuple", *entries]:
            return tuple(map(_value, entries))
    return entry
