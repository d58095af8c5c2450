"""The lower end of the support of a weight in symbols: limits and turning points, by code.

`bbpsym.ensembles.networks.support` finds the end in numbers, by descent; here it is found as a
formula in the parameters, where the weight is an elementary function of two outputs that are not
negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from sympy import (
    Expr,
    Integer,
    Limit,
    Poly,
    Rational,
    S,
    Symbol,
    factor,
    limit,
    oo,
    solve,
    together,
)

from bbpsym.ensembles.networks.setting import Setting
from bbpsym.symbols import p, p_star, y, yh

#: Values at which parameters, widths and outputs are tried: all alike, and each of them alone.
TRIED = (Rational(13, 10), Rational(1, 5), Integer(6))
WIDTHS = (Integer(3), Integer(1), Integer(40))
OUTPUTS = (Integer(1), Rational(1, 7), Integer(9))

#: Most symbols of which all values are tried together.
MOST = 3

#: What stands for an output that grows without bound, where another one depends on it.
FAR = Integer(10) ** 6

#: Share of a value within which two are one: far above the rounding of numbers, far below what
#: tells formulas apart at the simple numbers that are tried.
ALIKE = 1e-9

#: Numbers in the place of symbols.
Numbers = Mapping[Symbol, Expr]

#: Outputs at which a value is reached, or towards which it is approached.
Where = tuple[tuple[Symbol, Expr], ...]

#: Numerator of a difference up to this degree in one output is decided by its vertex.
QUADRATIC = 2


@dataclass(frozen=True)
class Bound:
    """A lower end."""

    #: The end; minus infinity if there is none.
    value: Expr
    #: The eigenvalue of F that has it.
    weight: Expr
    #: Outputs at which it is reached, or towards which it is approached.
    where: Where
    #: Whether algebra shows that no weight lies below; else it is the least of all limits and
    #: turning points, and to be seen in numbers.
    proven: bool

    @property
    def is_below_zero(self) -> bool:
        """Whether algebra shows that the end is finite and negative."""
        value = self.value
        return bool(value.is_finite and (value.is_negative or factor(value).is_negative))

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
    """The lower end of the weights (48); None where it is not found in symbols.

    Nor is it where different values of the parameters have different ones: see `rivals`.
    """
    if not setting.is_rotated:
        return None
    values = setting.eigenvalues()
    least = _least(setting)
    if not least or not (always := [x for x in least[0] if all(x in rest for rest in least)]):
        return None
    value, where, weight = always[0]
    if value is -oo:
        return Bound(value, weight, where, True)
    return Bound(value, weight, where, all(is_not_below(f, value) for f in values))


def rivals(setting: Setting) -> tuple[Expr, ...]:
    """Lower ends for different values of the parameters, each the least one somewhere."""
    if not setting.is_rotated or lowest(setting) is not None:
        return ()
    return tuple(dict.fromkeys(factor(least[0][0]) for least in _least(setting)))


@lru_cache(maxsize=64)
def _least(setting: Setting) -> tuple[tuple[tuple[Expr, Where, Expr], ...], ...]:
    """The least candidates at every trial; none where one of them is no formula or no number."""
    values = setting.eigenvalues()
    found = [(*item, value) for value in values for item in _candidates(value, (yh, y), ())]
    if any(value.has(Limit) for value, _, _ in found):
        return ()
    try:
        return tuple(_least_at(found, numbers) for numbers in _trials(setting))
    except (TypeError, ValueError):
        return ()


def _least_at(
    found: list[tuple[Expr, Where, Expr]], numbers: Numbers
) -> tuple[tuple[Expr, Where, Expr], ...]:
    tried = [(_number(item[0], numbers), item) for item in found if _is_there(item[1], numbers)]
    low = min(number for number, _ in tried if number == number)
    return tuple(item for number, item in tried if number <= low + ALIKE * min(abs(low), 1))


def _trials(setting: Setting) -> Iterator[Numbers]:
    """Values of all parameters and widths: the first ones, and one or all of them another."""
    fixed = {p: setting.p, p_star: setting.p_star}
    fixed = {v: x for v, x in fixed.items() if x.is_number}
    choices = {v: WIDTHS if v in (p, p_star) else TRIED for v in (*setting.parameters, p, p_star)}
    first = {v: values[0] for v, values in choices.items()}
    yield first | fixed
    for k in (1, 2):
        yield {v: values[k] for v, values in choices.items()} | fixed
        for v, values in choices.items():
            if v not in fixed:
                yield first | {v: values[k]} | fixed


def _is_there(where: Where, numbers: Numbers) -> bool:
    """Whether the outputs of a turning point are not negative; the last one is put in first."""
    known = dict(numbers)
    for output, place in reversed(where):
        at = _number(place, known)
        if not at >= 0:
            return False
        known[output] = FAR if place is oo else place.subs(known)
    return True


def _candidates(
    value: Expr, variables: tuple[Symbol, ...], where: Where
) -> Iterator[tuple[Expr, Where]]:
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
    """Whether a turning point is one of positive outputs somewhere."""
    names = sorted(place.free_symbols, key=str)
    choices = [WIDTHS if v in (p, p_star) else OUTPUTS if v in (y, yh) else TRIED for v in names]
    trials = product(*choices) if len(names) <= MOST else zip(*choices, strict=True)
    return any(_number(place, dict(zip(names, trial, strict=True))) > 0 for trial in trials)


def _number(value: Expr, numbers: Numbers) -> float:
    """A value with numbers in the place of its symbols; NaN where it is complex."""
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
