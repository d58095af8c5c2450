"""The weight of an ensemble piece by piece: where it is not smooth, and what bounds it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from mpmath.ctx_mp import MPContext
from sympy import (
    Abs,
    AccumBounds,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Poly,
    Rational,
    S,
    ceiling,
    floor,
    lambdify,
    limit,
    real_roots,
    sign,
    solve,
    solveset,
    together,
    true,
)
from sympy.core.relational import Relational

from bbpsym.errors import DomainError
from bbpsym.labels import Labels
from bbpsym.symbols import label

#: Digits of a stationary point found numerically, and of an answer that rests on it.
POINT_DIGITS, SAFE_DIGITS = 60, 30

#: Digits of an answer that rests on bounds in closed form.
EXACT_DIGITS = 2000

#: Points at which a sign change of the slope is looked for, and how far out on a half-line.
SCAN = 400
DECADES = 8

#: Distance at which a root found numerically is one in closed form.
CLOSE = Rational(1, 10**20)


class Piece(NamedTuple):
    """An interval of labels and the weight on it, smooth and without poles inside."""

    low: Expr
    high: Expr
    weight: Expr


class Extremes(NamedTuple):
    """Bounds of the weight, the breaks of an integration, and the digits they allow.

    A bound is filled if labels of positive density or probability reach it: `<h^2>` then diverges
    at the end of the domain of g, at least like `int dx/x^2`.
    """

    low: Expr
    high: Expr
    breaks: tuple[Expr, ...]
    digits: int
    low_is_filled: bool
    high_is_filled: bool


@cache
def extremes(weight: Expr, law: Labels) -> Extremes:
    """Find the least and the greatest weight over the support of a law.

    The candidates are the ends of the pieces on which the weight is smooth, its stationary points
    there, and the atoms of the law.

    Raises
    ------
    DomainError
        If the weight is cut by more than single points, or has no limit at an end.
    """
    parts = pieces(weight, law)
    candidates = [(weight.subs(label, value), value) for value, _ in law.atoms]
    digits = EXACT_DIGITS
    for part in parts:
        inside, exact = stationary_points(part)
        candidates += [(part.weight.subs(label, point), point) for point in inside]
        candidates += [(_limit(part.weight, part.low, "+"), part.low)]
        candidates += [(_limit(part.weight, part.high, "-"), part.high)]
        digits = digits if exact else SAFE_DIGITS
    if not all(_is_limit(value) for value, _ in candidates):
        raise DomainError(f"weight must be real over the support of the law, not {weight}")
    low, high = (choose(candidates, key=lambda pair: _size(pair[0])) for choose in (min, max))
    # Where a bound is reached, `1 - g f` may vanish: a rule needs a break there.
    breaks = {end for part in parts for end in part[:2]} | ({low[1], high[1]} if parts else set())
    filled = (_is_filled(bound[0], parts, candidates, law) for bound in (low, high))
    return Extremes(low[0], high[0], _sorted(breaks), digits, *filled)


def _is_limit(value: Expr) -> bool:
    return bool(value.is_extended_real) and not isinstance(value, AccumBounds)


def _is_filled(bound: Expr, parts: tuple[Piece, ...], candidates: list, law: Labels) -> bool:
    """Whether a bound is an atom, a plateau, or reached where the law's density is positive."""
    if bound.is_infinite:
        return False
    if any(part.weight == bound for part in parts):
        return True
    reached = [point for value, point in candidates if _size(value - bound) == 0]
    atoms = {value for value, _ in law.atoms}
    inside = law.breaks[:1] + law.breaks[-1:]
    return any(
        point in atoms or (point.is_finite and bool(law.breaks) and point not in inside)
        for point in reached
    )


def pieces(weight: Expr, law: Labels) -> tuple[Piece, ...]:
    """Cut a weight where it or the law is not smooth, and at its poles."""
    if not law.breaks:
        return ()
    weight = weight.replace(
        lambda e: isinstance(e, Abs | Min | Max | Heaviside | sign),
        lambda e: e.rewrite(Piecewise),
    )
    if weight.has(floor, ceiling):
        raise DomainError(f"weight must be written with Piecewise where it jumps, not as {weight}")
    low, *inner, high = law.breaks
    cuts = {point for condition in weight.atoms(Relational) for point in _roots(condition)}
    smooth = [
        Piece(a, b, _branch(weight, a, b))
        for a, b in pairwise((low, *_sorted({*inner, *_between(cuts, low, high)}), high))
    ]
    return tuple(part for piece in smooth for part in _without_poles(piece))


def stationary_points(piece: Piece) -> tuple[list[Expr], bool]:
    """Where the slope of the weight vanishes inside a piece, and whether in closed form."""
    slope = piece.weight.diff(label)
    if slope == 0:
        return [], True
    numerator = together(slope).as_numer_denom()[0]
    if not numerator.is_polynomial(label):
        return list(_scan(slope, piece)), False
    roots, exact = _polynomial_roots(numerator)
    return _between(roots, piece.low, piece.high), exact


def _polynomial_roots(expression: Expr) -> tuple[list[Expr], bool]:
    """Real roots in the label, and whether in closed form: that takes rational coefficients."""
    polynomial = Poly(expression, label)
    if polynomial.degree() < 1:
        return [], True
    try:
        return real_roots(polynomial), True
    except NotImplementedError:
        roots = polynomial.nroots(n=POINT_DIGITS, maxsteps=500)
        return [Rational(str(root)) for root in roots if root.is_real], False


def _scan(slope: Expr, piece: Piece) -> Iterator[Expr]:
    """Sign changes of the slope, by bisection; those closer than the grid are not seen."""
    ctx = MPContext()
    ctx.dps = POINT_DIGITS
    # With functions of its own context: mpmath's global ones would round to fifteen digits.
    names = {name: getattr(ctx, name) for name in dir(ctx) if not name.startswith("_")}
    function = lambdify(label, slope, [names])
    points = _grid(piece, ctx)
    values = [ctx.mpf(function(point)) for point in points]
    for (a, b), (left, right) in zip(pairwise(points), pairwise(values), strict=True):
        if left * right < 0:
            root = ctx.findroot(function, (a, b), solver="anderson", verify=False)
            yield Rational(ctx.nstr(root, POINT_DIGITS))


def _grid(piece: Piece, ctx: MPContext) -> list:
    low, high = (
        ctx.mpf(str(end.evalf(POINT_DIGITS))) if end.is_finite else None for end in piece[:2]
    )
    steps = [ctx.mpf(x) for x in np.logspace(-DECADES, DECADES, SCAN)]
    if low is not None and high is not None:
        return [low + (high - low) * step / (1 + step) for step in steps]
    return [high - step for step in steps[::-1]] if low is None else [low + step for step in steps]


def _roots(condition: Relational) -> list[Expr]:
    roots = solveset(condition.lhs - condition.rhs, label, domain=S.Reals)
    if not roots.is_FiniteSet:
        raise DomainError(f"weight must be cut at single points, not by {condition}")
    return list(roots)


def _branch(weight: Expr, low: Expr, high: Expr) -> Expr:
    """The weight on an interval that holds none of its breaks."""
    middle = low + 1 if high.is_infinite else high - 1 if low.is_infinite else (low + high) / 2

    def chosen(*arguments: tuple) -> Expr:
        for value, condition in arguments:
            if condition.subs(label, middle) == true:
                return value
        raise DomainError(f"weight must have a value for every label, and has none at {middle}")

    return weight.replace(Piecewise, chosen)


def _without_poles(piece: Piece) -> Iterator[Piece]:
    denominator = together(piece.weight).as_numer_denom()[1]
    if denominator.is_polynomial(label):
        poles = _between(_polynomial_roots(denominator)[0], piece.low, piece.high)
    else:
        poles = [_closed(root, denominator) for root in _scan(denominator, piece)]
    for a, b in pairwise((piece.low, *_sorted(set(poles)), piece.high)):
        yield Piece(a, b, piece.weight)


def _closed(root: Expr, denominator: Expr) -> Expr:
    """A pole in closed form where SymPy has one: only there is the limit of the weight infinite."""
    try:
        exact = [point for point in solve(denominator, label) if abs(_size(point - root)) < CLOSE]
    except NotImplementedError:
        exact = []
    if not exact:
        raise DomainError(f"weight must have its poles in closed form, not as near {root.evalf(6)}")
    return exact[0]


def _limit(weight: Expr, end: Expr, direction: str) -> Expr:
    try:
        return limit(weight, label, end, direction)
    except (NotImplementedError, ValueError):
        raise DomainError(f"weight must have a limit as the label goes to {end}") from None


def _between(points: object, low: Expr, high: Expr) -> list[Expr]:
    return [point for point in points if low < point < high]  # type: ignore[attr-defined]


def _sorted(points: set[Expr]) -> tuple[Expr, ...]:
    return tuple(sorted(points, key=_size))


def _size(value: Expr) -> Expr:
    return value.evalf(POINT_DIGITS)
