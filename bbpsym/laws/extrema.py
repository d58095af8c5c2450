"""The weight of an ensemble piece by piece: where it is not smooth, and what bounds it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from mpmath.libmp import NoConvergence
from sympy import (
    Abs,
    Expr,
    Heaviside,
    Max,
    Min,
    Mod,
    Mul,
    Piecewise,
    Poly,
    Rational,
    S,
    acot,
    atan,
    ceiling,
    cos,
    expand_func,
    floor,
    frac,
    lerchphi,
    limit,
    oo,
    real_roots,
    sign,
    solve,
    sqrt,
    together,
    true,
)
from sympy.core.relational import Relational

from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.functions.balls import check
from bbpsym.functions.isolation import is_between, is_limit, roots, stationary, value_at
from bbpsym.functions.kinks import CLOSE, Kinks, simplest, zeros
from bbpsym.laws.labels import Labels
from bbpsym.laws.oscillation import between_turns
from bbpsym.laws.unbounded import unproved
from bbpsym.symbols import label

#: Digits of a stationary point found numerically, and of an answer that rests on it.
POINT_DIGITS, SAFE_DIGITS = 60, 30

#: Digits of an answer that rests on bounds in closed form.
EXACT_DIGITS = 2000

#: Relative distance at which a weight counts as at its bound.
TINY = Rational(1, 10**40)

#: Points of every piece at which a weight is held against SymPy's own values, on a grid so fine.
CHECKS, CHECK_GRID = 3, 1000


class Piece(NamedTuple):
    """An interval of labels and the weight on it, smooth and without poles inside.

    `is_exact` says whether its ends are in closed form, `is_proved` whether all of them are found.
    """

    low: Expr
    high: Expr
    weight: Expr
    is_exact: bool = True
    is_proved: bool = True


class Extremes(NamedTuple):
    """Bounds of the weight, the breaks of an integration, and the digits they allow.

    The labels where a bound is reached are `low_at` and `high_at`: `1 - g f` may vanish
    there, and a rule needs a break. Far out the weight may be seen at samples only: then it is not
    proved that nothing exceeds its bounds.
    """

    low: Expr
    high: Expr
    breaks: tuple[Expr, ...]
    digits: int
    low_at: tuple[Expr, ...]
    high_at: tuple[Expr, ...]
    is_proved: bool


@lru_cache(maxsize=256)
def extremes(weight: Expr, law: Labels) -> Extremes:
    """Find the least and the greatest weight over the support of a law.

    The candidates are the ends of the pieces on which the weight is smooth, its stationary points
    there, and the atoms of the law.

    Raises
    ------
    DomainError
        If the weight is cut by more than single points, is not real, has no limit at an end where
        it may be extreme, or its extremes cannot be proved to be found.
    """
    parts = pieces(weight, law)
    candidates = [(weight.subs(label, value), value) for value, _ in law.atoms]
    digits = EXACT_DIGITS if all(part.is_exact for part in parts) else SAFE_DIGITS
    proved = all(part.is_proved for part in parts)
    limits = list[tuple[Expr | None, Expr]]()
    for part in parts:
        check(part.weight, _points(part))
        ends = [_limit(part.weight, end, way) for end, way in ((part.low, "+"), (part.high, "-"))]
        limits += zip(ends, part[:2], strict=True)
        inside, exact, found_all = stationary_points(part, ends)
        proved &= found_all
        candidates += [
            (part.weight.subs(label, x) if exact else value_at(part.weight, x), x) for x in inside
        ]
        digits = digits if exact else SAFE_DIGITS
    candidates += [pair for pair in limits if pair[0] is not None]
    if not all(found.is_extended_real for found, _ in candidates):
        raise DomainError(f"weight must be real over the support of the law, not {weight}")
    low, high = (choose(candidates, key=lambda pair: _size(pair[0])) for choose in (min, max))
    for k, (found, end) in enumerate(limits):
        part, way = parts[k // 2], "-" if k % 2 else "+"
        if found is None and not is_between(part.weight, end, way, low[0], high[0]):
            raise DomainError(f"weight must have a limit as the label goes to {end}, not {weight}")
    low_at, high_at = (_reached(bound[0], candidates) for bound in (low, high))
    breaks = {end for part in parts for end in part[:2]}
    breaks |= {at for at in low_at + high_at for part in parts if part.low < at < part.high}
    breaks |= {at for part in parts for at in between_turns(part.weight, *part[:2], law)}
    return Extremes(low[0], high[0], _sorted(breaks), digits, low_at, high_at, proved)


def _reached(bound: Expr, candidates: list) -> tuple[Expr, ...]:
    """The labels at which a weight is at its bound, to the digits that stationary points have."""
    if bound.is_infinite:
        return _sorted({at for value, at in candidates if value == bound})
    slack = (1 + abs(_size(bound))) * TINY
    return _sorted({at for value, at in candidates if abs(_size(value - bound)) < slack})


def branch_at(weight: Expr, law: Labels, point: Expr, side: int) -> Expr:
    """The smooth function that a weight is next to a break of its pieces, on one side of it.

    At the break itself, for which the side is zero, its value.
    """
    for part in pieces(weight, law) if side else ():
        if part.low <= point < part.high if side > 0 else part.low < point <= part.high:
            return part.weight
    return weight.subs(label, point)


@lru_cache(maxsize=256)
def pieces(weight: Expr, law: Labels) -> tuple[Piece, ...]:
    """Cut a weight where it or the law is not smooth, and at its poles."""
    if not law.breaks:
        return ()
    weight = weight.replace(
        lambda e: isinstance(e, Abs | Min | Max | Heaviside | sign | acot), _piecewise
    )
    if weight.has(floor, ceiling, frac, Mod):
        raise DomainError(f"weight must be written with Piecewise where it jumps, not as {weight}")
    low, *inner, high = law.breaks
    found = [_cuts(condition, law) for condition in weight.atoms(Relational)]
    cuts = {point for item in found for point in item.points}
    exact = law.has_closed_breaks and all(item.is_exact for item in found)
    proved = all(item.is_proved for item in found)
    smooth = [
        Piece(a, b, _branch(weight, a, b), exact, proved)
        for a, b in pairwise((low, *_sorted({*inner, *_between(cuts, low, high)}), high))
    ]
    return tuple(part for piece in smooth for part in _without_poles(piece))


def _piecewise(function: Expr) -> Expr:
    """A function that is not smooth, case by case; its argument is real over the support."""
    x = function.args[0]
    if isinstance(function, Abs):
        return Piecewise((x, x >= 0), (-x, True))
    if isinstance(function, sign):
        return Piecewise((1, x > 0), (-1, x < 0), (0, True))
    if isinstance(function, acot):
        return Piecewise((S.Pi / 2 - atan(x), x >= 0), (-S.Pi / 2 - atan(x), True))
    return function.rewrite(Piecewise)


def stationary_points(
    piece: Piece, limits: Iterable[Expr | None] = ()
) -> tuple[list[Expr], bool, bool]:
    """Where the weight may be extreme inside a piece, whether in closed form, and whether proved.

    Its limits at the ends of the piece are not exceeded there.

    Raises
    ------
    DomainError
        If it cannot be proved that nothing is missed.
    """
    slope = piece.weight.diff(label)
    if slope == 0:
        return [], True, True
    numerator = together(slope).as_numer_denom()[0]
    if numerator.is_polynomial(label):
        found, exact = _polynomial_roots(numerator)
        return _between(found, piece.low, piece.high), exact, True
    try:
        finite = [value for value in limits if value is not None and value.is_finite]
        found, is_proved = stationary(piece.weight, piece.low, piece.high, finite)
    except ConvergenceError:
        raise DomainError(unproved(piece.weight, piece.low, piece.high)) from None
    points = [simplest(x, slope) for x in found]
    return points, all(slope.subs(label, point) == 0 for point in points), is_proved


def _polynomial_roots(expression: Expr) -> tuple[list[Expr], bool]:
    """Real roots in the label, and whether in closed form.

    That takes algebraic coefficients, or factors of first or second degree. A root that is found
    as a number is simple: several at one place would spoil its digits.
    """
    polynomial = Poly(expression, label, extension=True)
    found, exact = set[Expr](), True
    for factor, _ in polynomial.sqf_list()[1]:
        closed = _closed_roots(factor)
        exact &= closed is not None
        found |= {*(_numerical_roots(factor) if closed is None else closed)}
    return list(found), exact


def _closed_roots(factor: Poly) -> list[Expr] | None:
    """The real roots of a polynomial in closed form, or None if there is none."""
    with suppress(NotImplementedError):
        return real_roots(factor)
    if factor.degree() > 2:
        return None
    a, b, c = (factor.coeff_monomial(label**k) for k in (2, 1, 0))
    if a == 0:
        return [-c / b]
    square = b**2 - 4 * a * c
    return [(k * sqrt(square) - b) / (2 * a) for k in (-1, 1)] if _size(square) > 0 else []


def _numerical_roots(factor: Poly) -> list[Rational]:
    """The real roots of a polynomial without multiple ones, to `POINT_DIGITS`."""
    try:
        found = factor.nroots(n=POINT_DIGITS, maxsteps=500)
    except NoConvergence:
        raise DomainError(
            f"weight must have bounds that can be proved, and the roots of {factor.as_expr()} are "
            "not found"
        ) from None
    return [Rational(str(root)) for root in found if root.is_real]


def _cuts(condition: Relational, law: Labels) -> Kinks:
    """Where a condition changes over a law's support."""
    try:
        return zeros(condition.lhs - condition.rhs, law.breaks)
    except ConvergenceError:
        raise DomainError(f"weight must be cut at single points, not by {condition}") from None


def _points(piece: Piece) -> Iterator[Rational]:
    """Labels of a piece, drawn at random but the same every time."""
    low, high = (Rational(_size(end)) if end.is_finite else end for end in piece[:2])
    draw = random.Random(0)
    for _ in range(CHECKS):
        share = Rational(draw.randrange(1, CHECK_GRID), CHECK_GRID)
        if low.is_finite and high.is_finite:
            yield low + share * (high - low)
        elif low.is_finite:
            yield low + share / (1 - share)
        else:
            yield (high if high.is_finite else 0) - share / (1 - share)


def _branch(weight: Expr, low: Expr, high: Expr) -> Expr:
    """The weight on an interval that holds none of its breaks."""
    middle = low + 1 if high.is_infinite else high - 1 if low.is_infinite else (low + high) / 2

    def chosen(*arguments: tuple) -> Expr:
        with suppress(TypeError):  # of what is not real
            for value, condition in arguments:
                if condition.subs(label, middle) == true:
                    return value
        raise DomainError(f"weight must have a real value everywhere, and has none at {middle}")

    return weight.replace(Piecewise, chosen)


def _without_poles(piece: Piece) -> Iterator[Piece]:
    poles, proved = set[Expr](), piece.is_proved
    quotients = (piece.weight, *(x.args[0].rewrite(cos) for x in piece.weight.atoms(atan)))
    below = Mul(*(together(quotient).as_numer_denom()[1] for quotient in quotients))
    for item in Mul.make_args(below):
        denominator = item.as_base_exp()[0]
        if denominator.is_polynomial(label):
            found, exact = _polynomial_roots(denominator)
            inside = _between(found, piece.low, piece.high)
            poles |= {root if exact else _closed(root, denominator) for root in inside}
            continue
        with suppress(ConvergenceError):  # a pole that is not found has no bound to be proved
            found, is_proved = roots(denominator, piece.low, piece.high)
            poles |= {_closed(root, denominator) for root in found}
            proved &= is_proved
    for a, b in pairwise((piece.low, *_sorted(poles), piece.high)):
        yield Piece(a, b, piece.weight, piece.is_exact, proved)


def _closed(root: Expr, denominator: Expr) -> Expr:
    """A pole in closed form where SymPy has one: only there is the limit of the weight infinite."""
    try:
        found = [point for point in solve(denominator, label) if point.is_real]
        exact = [point for point in found if abs(_size(point - root)) < CLOSE]
    except NotImplementedError:
        exact = []
    if not exact:
        raise DomainError(f"weight must have its poles in closed form, not as near {root.evalf(6)}")
    return exact[0]


def _limit(weight: Expr, end: Expr, direction: str) -> Expr | None:
    """The limit of a weight, or None if none is known that its own values confirm."""
    if weight.is_rational_function(label) and (end.is_rational or end.is_infinite):
        return limit(weight, label, end, direction)
    if end.is_infinite:
        constant, _ = weight.as_independent(label, as_Add=True)
        for guess in (constant, oo, -oo):
            if is_limit(weight, guess, end, direction, fast=True):
                return guess
    for find in (_inserted, _sympys_limit):
        found = find(weight, end, direction)
        if found.is_extended_real and is_limit(weight, found, end, direction):
            return found
    return next((x for x in (oo, -oo) if is_limit(weight, x, end, direction)), None)


def _inserted(weight: Expr, end: Expr, _direction: str) -> Expr:
    # Of Lerch's function at one mpmath takes minutes: it is a zeta function.
    found = weight.subs(label, end).replace(lerchphi, lambda *x: expand_func(lerchphi(*x)))
    return found if found.is_infinite or not found.has(oo, -oo) else S.NaN


def _sympys_limit(weight: Expr, end: Expr, direction: str) -> Expr:
    try:
        return limit(weight, label, end, direction)
    except (NotImplementedError, ValueError):
        return S.NaN


def _between(points: object, low: Expr, high: Expr) -> list[Expr]:
    return [point for point in points if low < point < high]  # type: ignore[attr-defined]


def _sorted(points: set[Expr]) -> tuple[Expr, ...]:
    return tuple(sorted(points, key=_size))


def _size(value: Expr) -> Expr:
    return value.evalf(POINT_DIGITS)
