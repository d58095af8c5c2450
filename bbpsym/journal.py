"""Thresholds as rows of a file: numbers are kept exactly, and print as they did when fresh."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from mpmath.libmp import from_man_exp

from bbpsym.answers.threshold import Threshold
from bbpsym.model import Model
from bbpsym.numerics.ball import Ball
from bbpsym.numerics.multiprecision import context
from bbpsym.rows import Key

#: First line of a file of thresholds.
HEAD = {"bbpsym": "thresholds", "row": [item.name for item in fields(Threshold)[1:]]}


def key(model: Model, digits: int | None, certified: bool) -> Key:
    """Return what identifies a row: the model, and how its numbers are asked for."""
    return str(model.p), model.p_star, str(model.a), digits, certified


def dump(row: Threshold) -> list[Any]:
    """Return everything but the model, ready for JSON."""
    return [_plain(getattr(row, name)) for name in HEAD["row"]]


def load(model: Model, entries: list[Any]) -> Threshold:
    """Return the row that `dump` was given."""
    values = map(_value, entries)
    return Threshold(model=model, **dict(zip(HEAD["row"], values, strict=True)))


def _plain(value: Any) -> Any:
    """Write a number in base two; what JSON writes exactly stays as it is."""
    if isinstance(value, Ball):
        return ["ball", _plain(value.lower), _plain(value.upper), value.digits]
    if hasattr(value, "_mpf_"):
        sign, mantissa, exponent, _ = value._mpf_
        return ["mpf", hex((-1) ** sign * int(mantissa)), exponent, value.context.dps]
    return value


def _value(entry: Any) -> Any:
    match entry:
        case ["ball", lower, upper, digits]:
            return Ball(_value(lower), _value(upper), digits)
        case ["mpf", mantissa, exponent, digits]:
            return context(digits).make_mpf(from_man_exp(int(mantissa, 16), exponent))
    return entry
