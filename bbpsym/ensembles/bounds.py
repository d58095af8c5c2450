"""The lower end of the support of a weight in symbols: limits and turning points, by code.

`bbpsym.ensembles.support` finds the end in numbers, by descent; here it is found as a formula in
the parameters, where the weight is an elementary function of two outputs that are not negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Limit, Poly, S, Symbol, factor, limit, oo, solve, together

from bbpsym.ensembles.setting import Setting
from bbpsym.symbols import p, p_star, y, yh

#: Numerator of a difference up to this degree in one output is decided by its vertex.
QUADRATIC = 2


@dataclass(frozen=True)
class Bound:
    """A lower end.

    Attributes
    ----------
    value : Expr
        The end; minus infinity if there is none.
    weight : Expr
        The eigenvalue of F that has it.
    where : tuple of (Symbol, Expr)
        Outputs at which it is reached, or towards which it is approached.
    proven : bool
        Whether algebra shows that no weight lies below; else it is the least of all limits and
        turning points, and to be seen in numbers.
    """

    value: Expr
    weight: Expr
    where: tuple[tuple[Symbol, Expr], ...]
    proven: bool

    @property
    def rate(self) -> Expr:
        """The r of `exp(-r v)` at which the weight approaches its end as an output v grows.

        Zero if it does so like a power.
        """
        gap = self.weight - self.value
        for output, place in self.where:
            if place is oo:
                return limit(-gap.diff(output) / gap, output, oo)
            gap = gap.subs(output, place)
        return S.Zero

    @property
    def far(self) -> Symbol | None:
        """The output that grows without bound on the way to the end."""
        return next((output for output, place in self.where if place is oo), None)

    @property
    def is_reached(self) -> bool:
        """Whether a weight takes the value at finite outputs."""
        return all(place.is_finite for _, place in self.where)


@lru_cache(maxsize=64)
def lowest(setting: Setting) -> Bound | None:
    """The lower end of the weights (48); None where it is not found in symbols."""
    if not setting.is_rotated:
        return None
    values = setting.eigenvalues()
    found = [(*item, value) for value in values for item in _candidates(value, (yh, y), ())]
    known = [(value, where, of) for value, where, of in found if not value.has(Limit)]
    try:
        ordered = sorted(known, key=lambda item: _tried(item[0]))
    except (TypeError, ValueError):
        return None
    if len(known) < len(found) or not ordered:
        return None
    value, where, weight = ordered[0]
    if value is -oo:
        return Bound(value, weight, where, True)
    return Bound(value, weight, where, all(is_not_below(f, value) for f in values))


def _candidates(
    value: Expr, variables: tuple[Symbol, ...], where: tuple[tuple[Symbol, Expr], ...]
) -> Iterator[tuple[Expr, tuple[tuple[Symbol, Expr], ...]]]:
    """Values at the ends and the turning points of one output after the other."""
    if not variables:
        yield value, where
        return
    v, *rest = variables
    if not value.has(v):
        yield from _candidates(value, tuple(rest), where)
        return
    for place in (S.Zero, oo, *_turning_points(value, v)):
        at = _limit(value, v) if place is oo else value.subs(v, place)
        if at.is_infinite:
            yield at, (*where, (v, place))
        elif at.has(Limit) or at.is_finite is not False:
            yield from _candidates(at, tuple(rest), (*where, (v, place)))


def _limit(value: Expr, v: Symbol) -> Expr:
    try:
        return limit(value, v, oo)
    except (NotImplementedError, ValueError):
        return Limit(value, v, oo)


def _turning_points(value: Expr, v: Symbol) -> list[Expr]:
    slope, _ = together(value.diff(v)).as_numer_denom()
    if not slope.is_polynomial(v) or Poly(slope, v).degree() > QUADRATIC:
        return []
    return [place for place in solve(slope, v) if _is_inside(place)]


def _is_inside(place: Expr) -> bool:
    tried = _tried(place)
    return tried == tried and tried > 0


def _tried(value: Expr) -> float:
    """A value with numbers in the place of all symbols."""
    numbers = {
        v: S(3) if v in (p, p_star) else S(13) / 10 if v not in (y, yh) else S.One
        for v in value.free_symbols
    }
    found = value.subs(numbers)
    if found in (oo, -oo):
        return float(found)
    number = complex(found)
    return float("nan") if abs(number.imag) > 1e-12 else number.real


def is_not_below(value: Expr, bound: Expr) -> bool:
    """Whether algebra shows `value >= bound` for all outputs that are not negative."""
    numerator, denominator = factor(together(value - bound)).as_numer_denom()
    if denominator.is_negative:
        numerator, denominator = -numerator, -denominator
    return bool(denominator.is_positive) and _is_nonnegative(numerator)


def _is_nonnegative(form: Expr) -> bool:
    """Sign by SymPy's rules, from the least value in yh, or from the vertex of a parabola in y."""
    if form.is_nonnegative or form.expand().is_nonnegative:
        return True
    if form.has(yh) and form.diff(yh).is_nonnegative:
        return _is_nonnegative(form.subs(yh, 0))
    if form.has(y) and form.is_polynomial(y) and Poly(form, y).degree() == QUADRATIC:
        lead, slope, rest = Poly(form, y).all_coeffs()
        vertex = factor(rest - slope**2 / (4 * lead))
        return bool(lead.is_positive and (vertex == 0 or vertex.is_nonnegative))
    return False
