"""One question at several signal-to-noise ratios: a table of its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bbpsym.answers.result import Result
from bbpsym.answers.result_table import Point, Table


def answers(
    verb: Callable[..., Any],
    of: type[Result],
    model: Any,
    alphas: Sequence[Any],
    digits: int | None,
    certified: bool,
    side: str,
) -> Table:
    """Ask `verb`, whose answers are `of` a class, at each alpha in turn."""
    asked = [
        Point.asked(partial(verb, model, alpha, digits, certified, side=side), model, alpha, side)
        for alpha in alphas
    ]
    rows, points = zip(*asked, strict=True)
    kinds = [type(row) for row in rows if row is not None] or [of]
    return Table(rows, digits, certified, kinds[0], points)
