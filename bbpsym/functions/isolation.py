"""Roots and extremes of a function of the label, found with proof by bisection in ball arithmetic.

A box whose values cannot matter is dropped; so is one on which the slope keeps its sign, for then
only its ends matter; and one on which the slope of the slope keeps its sign holds one stationary
point at most. All others are halved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
from flint import arb, fmpq
from sympy import Dummy, Expr, Function, Rational, S, factor_terms, together
from sympy.functions.elementary.trigonometric import InverseTrigonometricFunction

from bbpsym.errors import ConvergenceError
from bbpsym.functions.arb_functions import precision
from bbpsym.functions.balls import ball, enclosure, point, written
from bbpsym.functions.signs import sign_of
from bbpsym.symbols import label

#: Working bits, and those to which a root is known.
BITS, ROOT_BITS = 256, 210

#: Bits at which turns are counted, and the least step that counts, as a share of the range.
COARSE_BITS, VISIBLE = 160, 1e-40

#: Bits of an extreme value: it is known to twice the digits of the point where it is reached.
VALUE_BITS = 2 * ROOT_BITS

#: Relative size of a difference of values that is none.
NOISE_BITS = 100

#: How near an end of an interval is looked at, in decades, and how far out on a half-line.
DECADES = 30

#: Boxes that a decade is cut into before its signs are looked at more closely, and at most; steps
#: of Newton's method.
FIRST_BOXES, MOST_BOXES = 2000, 20_000
STEPS = 60

#: Decades that must be proved. Next to an end terms may cancel so that no box is narrow enough:
#: where these further out take too many boxes, samples have to do.
PROVED = 2
MOST_FAR, SAMPLES = 400, 50

#: Where the points of the grid lie within a decade.
OFFSET = 0.7390851332151607

#: A real function in ball arithmetic.
BallFunction: TypeAlias = Callable[[arb], arb]

#: Distances from an end at which a limit is looked at, in decades, and the bits that it takes.
APPROACH = (30, 100, 300)
APPROACH_BITS = 4000

#: Distances at which the size of a function is looked at, in decades: the first three inside its
#: domain, from which far ends are told.
NEAR = range(12)

#: How much the distance from a limit falls, and an unbounded value grows, from one of them to the
#: next at least: logarithms do more.
FALL, GROWTH = 0.9, 1.05

#: The same for a limit that is approached like a power.
FAST = 1e20


class Box(NamedTuple):
    """An interval of labels, by its ends."""

    low: arb
    high: arb

    @property
    def whole(self) -> arb:
        """The interval as a ball."""
        return self.low.union(self.high)


class Isolated(NamedTuple):
    """Points that were found, and whether it is proved that these are all, or seen at samples."""

    points: list[Rational]
    is_proved: bool


class Bounds:
    """The least and the greatest of the values of a function seen so far.

    A wide ball is rounded outwards: what has a sign by its form is not taken to lose it.
    """

    def __init__(self, function: BallFunction, form: Expr = S.NaN) -> None:
        self.function = function
        self.low, self.high = arb.pos_inf(), arb.neg_inf()
        real = [x for x in form.atoms(Function) if x.is_extended_real and not x.is_nonnegative]
        form = form.xreplace({x: Dummy(real=True) for x in real})
        self.least = arb(0) if form.is_nonnegative else arb.neg_inf()
        self.most = arb(0) if form.is_nonpositive else arb.pos_inf()

    def add(self, value: arb) -> None:
        """See a value."""
        if value.is_finite():
            self.low = self.low.min(value.upper())
            self.high = self.high.max(value.lower())

    def visit(self, x: arb) -> None:
        """See the value at a point."""
        self.add(self.function(x))

    def hold(self, x: arb) -> bool:
        """Whether all values on an interval lie between them, but for noise."""
        return self.contain(self.function(x))

    def contain(self, values: arb) -> bool:
        """Whether values lie between them, but for noise."""
        if not values.is_finite() or not self.high.is_finite():
            return False
        noise = abs(self.high).max(abs(self.low)) * arb(2) ** -NOISE_BITS
        low, high = values.lower().max(self.least), values.upper().min(self.most)
        return bool(low >= self.low - noise and high <= self.high + noise)


def stationary(weight: Expr, low: Expr, high: Expr, limits: Iterable[Expr] = ()) -> Isolated:
    """Stationary points of a smooth weight, among them all inner ones where it is extreme.

    Its `limits` at the ends are known to be values that it may take. Raises ConvergenceError if the
    greatest and the least value cannot be proved to be found.
    """
    weight = written(weight)
    function, slope = enclosure(weight), _signed(weight.diff(label))
    slope, bend, far = (
        _where_continuous(weight, item)
        for item in (slope, enclosure(weight.diff(label, 2)), _far(weight.diff(label), slope))
    )
    form = weight.subs(label, Dummy(positive=True)) if low >= 0 else weight
    with precision(BITS):
        arms, bounds, found = _arms(low, high), Bounds(function, form), Bounds(function)
        for limit in map(_ball, limits):
            bounds.add(limit)
            found.add(limit)
        for x in (point for arm in arms for point in arm):
            bounds.visit(x)
        points, sampled = [], list[arb]()
        for arm in arms:
            for x in _along(arm, slope, bend, bounds, sampled, far):
                points.append(x)
                found.visit(x)
            found.visit(arm[-1])
        if not (found.contain(bounds.low) and found.contain(bounds.high)):
            raise ConvergenceError("an extreme value was not isolated")
        return Isolated([point(x) for x in points], not sampled)


def value_at(weight: Expr, at: Rational) -> Rational:
    """The weight at a label, to `VALUE_BITS`."""
    with precision(VALUE_BITS):
        return point(enclosure(weight)(ball(at)))


def roots(function: Expr, low: Expr, high: Expr) -> Isolated:
    """All roots of a smooth function strictly inside an interval, if they are simple.

    Raises
    ------
    ConvergenceError
        If that cannot be proved, next to an end and far out at samples at least.
    """
    function = written(function)
    curve = enclosure(function)
    slope = _where_continuous(function, enclosure(function.diff(label)))
    with precision(BITS):
        arms, sampled = _arms(low, high), list[arb]()
        far = _far(function, curve)
        found = [point(x) for arm in arms for x in _along(arm, curve, slope, None, sampled, far)]
        return Isolated(found, not sampled)


def turns_rarely(weight: Expr, low: Rational, high: Rational, most: int) -> bool:
    """Whether a function is proved to turn less often than that, but closest to the ends."""
    slope, bend = written(weight).diff(label), enclosure(written(weight).diff(label, 2))
    with precision(COARSE_BITS):
        signed = _far(slope, _signed(slope))
        boxes = [_box(*pair) for arm in _arms(low, high) for pair in pairwise(arm)]
        for _ in range(MOST_FAR):
            if not boxes or most <= 0:
                break
            box = boxes.pop()
            if has_sign(bend(box.whole)):  # it turns once at most
                most -= not has_sign(signed(box.whole))
            elif not has_sign(signed(box.whole)):
                middle = ((box.low + box.high) / 2).mid()
                boxes += [Box(box.low, middle), Box(middle, box.high)]
        return not boxes and most > 0


def turns(weight: Expr, low: Rational, step: Rational, count: int) -> list[tuple[int, float]]:
    """Numbers of the steps from `low` at which the weight is seen to turn by more than noise.

    With each the way from the last turn, as a share of the range of all values.
    """
    function, start, width = enclosure(weight), fmpq(low.p, low.q), fmpq(step.p, step.q)
    with precision(COARSE_BITS):
        found = [function(arb(start + k * width)).mid() for k in range(count)]
        size = max([abs(value) for value in found if value.is_finite()], default=arb(1))
        values = np.array([float(x / size) if size > 0 else 0.0 for x in found])  # of any size
    steps = np.diff(values)
    seen = np.flatnonzero(np.abs(steps) > VISIBLE * np.ptp(values))
    at = seen[1:][np.diff(np.sign(steps[seen])) != 0]
    ways = np.abs(np.diff(values[np.append(0, at)])) / np.ptp(values)
    return list(zip(at.tolist(), ways.tolist(), strict=True))


def _signed(function: Expr) -> BallFunction:
    """A function whose sign is seen as a sum or, failing that, as a product."""
    as_sum, as_product = enclosure(function), enclosure(factor_terms(together(function)))

    def signed(x: arb) -> arb:
        found = as_sum(x)
        return found if has_sign(found) else as_product(x)

    return signed


def _far(function: Expr, near: BallFunction) -> BallFunction:
    """A function of which only the sign may be known, as next to an end and far out."""
    sign = sign_of(function)

    def signed(x: arb) -> arb:
        found = near(x)
        known = 0 if x.is_exact() or has_sign(found) else sign(x)
        return arb(known) if known else found

    return signed


def _where_continuous(function: Expr, slope: BallFunction) -> BallFunction:
    """A slope where the function is enclosed: `atan(1/x)` jumps, and its slope does not show it."""
    if not function.has(InverseTrigonometricFunction):
        return slope
    values = enclosure(function)
    return lambda x: slope(x) if values(x).is_finite() else arb.nan()


def _along(
    arm: list[arb],
    function: BallFunction,
    slope: BallFunction,
    bounds: Bounds | None,
    sampled: list[arb],
    far: BallFunction,
) -> Iterator[arb]:
    """Roots from the middle of an interval to its end, decade by decade.

    The point beyond which samples have to do is added to `sampled`.
    """
    for number, pair in enumerate(pairwise(arm)):
        tries = [(far, MOST_FAR)]
        if number < PROVED:
            tries = [(function, FIRST_BOXES), *tries, (function, MOST_BOXES)]
        for signed, most in tries:
            with suppress(ConvergenceError):
                yield from [*_isolated(_box(*pair), signed, slope, bounds, most)]
                break
        else:
            rest = arm[number:]
            seen = _is_bounded(bounds, rest) if bounds else _is_signed(function, rest)
            if number < PROVED or not seen:
                raise ConvergenceError("the bisection has not come to an end")
            sampled.append(rest[0])
            return


def _is_bounded(bounds: Bounds, points: list[arb]) -> bool:
    """Whether samples between some points stay within the bounds."""
    return all(map(bounds.hold, _samples(points)))


def _is_signed(function: BallFunction, points: list[arb]) -> bool:
    """Whether samples between some points have one sign."""
    values = [function(x) for x in _samples(points)]
    return all(value > 0 for value in values) or all(value < 0 for value in values)


def _isolated(
    first: Box, function: BallFunction, slope: BallFunction, bounds: Bounds | None, most: int
) -> Iterator[arb]:
    """Isolate the roots of a function in a box, but where no value leaves the bounds."""
    boxes = [first]
    for _ in range(most):
        if not boxes:
            return
        box = boxes.pop()
        if (bounds and bounds.hold(box.whole)) or has_sign(function(box.whole)):
            continue
        if has_sign(slope(box.whole)):
            product = function(box.low) * function(box.high)
            if product < 0:
                x = _newton(function, slope, box)
                if bounds:
                    bounds.visit(x)
                yield x
            if has_sign(product):
                continue
        middle = ((box.low + box.high) / 2).mid()
        if not box.low < middle < box.high:
            break
        if bounds:
            bounds.visit(middle)
        boxes += [Box(box.low, middle), Box(middle, box.high)]
    raise ConvergenceError("the bisection has not come to an end")


def has_sign(values: arb) -> bool:
    """Whether all numbers of a ball have one sign."""
    return values.is_finite() and not values.contains(0)


def _newton(function: BallFunction, slope: BallFunction, box: Box) -> arb:
    """The one root in a box on which the slope has a sign, by the interval Newton method."""
    x = box.whole
    for _ in range(STEPS):
        middle = x.mid()
        narrower = x.intersection(middle - function(middle) / slope(x))
        if narrower.rel_accuracy_bits() >= ROOT_BITS or not narrower.rad() < 0.9 * x.rad():
            break
        x = narrower
    return narrower.mid()


def _arms(low: Expr, high: Expr) -> list[list[arb]]:
    """Points from the middle of an interval to either end, a decade apart.

    They have a factor of their own, so that no root in closed form is one of them.
    """
    outwards = [OFFSET * arb(10) ** k for k in range(DECADES + 1)]
    inwards = [OFFSET * arb(10) ** -k for k in range(DECADES + 1)]
    if low.is_infinite and high.is_infinite:
        return [[arb(0), *outwards], [arb(0), *(-x for x in outwards)]]
    if low.is_infinite or high.is_infinite:
        end, sign = (_ball(low), 1) if high.is_infinite else (_ball(high), -1)
        return [[(end + sign * x).mid() for x in steps] for steps in (inwards, outwards)]
    a, width = _ball(low), _ball(high) - _ball(low)
    left = [(a + width * x).mid() for x in inwards[1:]]
    middle = (a + width * OFFSET).mid()
    return [[middle, *left], [middle, *((a + width * (1 - x)).mid() for x in inwards[1:])]]


def _box(a: arb, b: arb) -> Box:
    return Box(a, b) if a < b else Box(b, a)


def _samples(points: list[arb]) -> Iterator[arb]:
    for a, b in pairwise(points):
        yield from ((a + (b - a) * k / SAMPLES).mid() for k in range(SAMPLES))


def _ball(number: Expr) -> arb:
    return ball(number) if number.is_Rational else enclosure(number)(arb(0))


def is_limit(weight: Expr, value: Expr, end: Expr, direction: str, fast: bool = False) -> bool:
    """Whether numbers ever closer to the end of an interval agree with a limit of the weight.

    A `fast` limit is approached like a power at least.
    """
    function = enclosure(weight)
    with precision(APPROACH_BITS):
        values = [function(_near(end, direction, decades)) for decades in APPROACH]
        if value.is_infinite:
            sizes = [item if value > 0 else -item for item in values]
            growth = FAST if fast else GROWTH
            return all(a > 0 and b > growth * a for a, b in pairwise(sizes))
        away = [abs(item - _ball(value)) for item in values]
        near = (abs(function(_near(end, direction, k))) for k in NEAR)
        scale = max([size for size in near if size.is_finite()][:3], key=float, default=away[0])
        noise = scale.mid() * arb(2) ** -(APPROACH_BITS // 4)
        fall = 1 / FAST if fast else FALL
        return bool(away[-1] <= noise or all(b < fall * a for a, b in pairwise(away)))


def is_between(weight: Expr, end: Expr, direction: str, low: Expr, high: Expr) -> bool:
    """Whether the weight next to an end of an interval lies between two numbers."""
    bounds = Bounds(enclosure(weight))
    with precision(BITS):
        for bound in (low, high):
            bounds.add(_ball(bound))
        return bounds.hold(_near(end, direction, DECADES))


def _near(end: Expr, direction: str, decades: int) -> arb:
    """A label so many decades from an end of an interval."""
    if end.is_infinite:
        return OFFSET * (arb(10) ** decades) * (1 if end > 0 else -1)
    return _ball(end) + OFFSET * (arb(10) ** -decades) * (1 if direction == "+" else -1)
