"""Values at which parameters without one are tried, where a sign is to be told for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from sympy import Expr, Rational, Symbol

from bbpsym import symbols as s
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.records.world import rational

#: Seed of all values that are drawn, and how many of them.
SEED, DRAWN = 14, 2

#: How far from one the parameters are tried, either way, and at how many values.
FAR, SPREAD = 50, 6


def near_one(setting: Setting, given: Mapping[Symbol, Any]) -> tuple[dict[Any, Any], ...]:
    """Values of all parameters, near one, and of widths; some of them given."""
    rng, cosines, found = Random(SEED), setting.overlap.free_symbols, []
    for _ in range(DRAWN):
        ends = {v: ("0.1", "0.8") if v in cosines else ("0.4", 2) for v in setting.parameters}
        values = {v: rational(rng, *between) for v, between in ends.items()}
        widths = {s.p: rng.randint(1, 3), s.p_star: rng.randint(1, 2)}
        if not setting.is_rotated:
            widths = {s.p: 1, s.p_star: 1}
        values |= {v: Rational(n) for v, n in widths.items()}
        fixed = {s.p: setting.p, s.p_star: setting.p_star, **given}
        values |= {v: x for v, x in fixed.items() if x.is_number}
        found.append(values)
    return tuple(found)


def spread(setting: Setting) -> tuple[dict[Symbol, Expr], ...]:
    """Values of the parameters from far below one to far above.

    Each takes all of its values once, in an order of its own. Cosines stay inside of one, and
    widths are the first integers.
    """
    if not setting.parameters:
        return ({},)
    rng, cosines = Random(SEED), setting.overlap.free_symbols
    columns: list[list[Expr]] = []
    for v in setting.parameters:
        shares = [k / (SPREAD - 1) for k in range(SPREAD)]
        values = [share + (1 - 2 * share) / FAR for share in shares]
        if v not in cosines:
            values = [FAR ** (2 * share - 1) for share in shares]
        exact = [Rational(value).limit_denominator(2 * FAR) for value in values]
        if v in (s.p, s.p_star):
            exact = [Rational(k + 1) for k in range(SPREAD)]
        columns.append(rng.sample(exact, SPREAD) if columns else exact)
    rows = zip(*columns, strict=True)
    return tuple(dict(zip(setting.parameters, row, strict=True)) for row in rows)


def in_words(setting: Setting) -> str:
    """The values of the parameters at which signs are tried; nothing where none is without one."""
    rows = spread(setting)
    ranges = []
    for v in setting.parameters:
        values = [row[v] for row in rows]
        ranges.append(f"{v} from {min(values)} to {max(values)}".replace("^*", "_star"))
    return f" at {SPREAD} values of {', '.join(ranges)}" if ranges else ""
