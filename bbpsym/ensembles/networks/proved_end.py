"""Proofs that no weight of one node lies below the end that a descent has found.

F is a function of the label and of one pre-activation, whose ranges do not depend on each other.
Where it is a product of functions of one of them, or bounded by one, their extremes are known with
proof. Else balls enclose it on boxes of both, which are halved until none can hold a lower weight;
beyond all boxes its parts are bounded one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from flint import arb
from sympy import Expr, Integer, Integral, Rational, S, Symbol, exp, factor, oo
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from bbpsym.ensembles.networks.setting import MEAN
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.equations import weights
from bbpsym.equations.weights import argument, prediction
from bbpsym.errors import BBPError, ConvergenceError
from bbpsym.functions.arb_functions import precision
from bbpsym.functions.balls import RealBallPrinter, ball_function, enclosure, is_enclosed, written
from bbpsym.functions.isolation import has_sign
from bbpsym.laws.extrema import extremes
from bbpsym.laws.labels import Labels
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.ensembles.networks.two_layer import Network

#: How far below the end a weight may lie, in its units: a descent finds the end to rounding.
SLACK = 1e-13

#: Pre-activations beyond which parts of F are bounded one by one.
FAR = Integer(32)

#: Pieces of the label's range that are looked at there.
CELLS = 64

#: Most boxes that are looked at, and working bits.
MOST_BOXES, BITS = 20_000, 80

#: An interval, by its ends.
ExactEnds: TypeAlias = tuple[Expr, Expr]

REAL_LINE: ExactEnds = (-oo, oo)

#: The same in double precision.
Ends: TypeAlias = tuple[float, float]


@lru_cache(maxsize=32)
def is_proved(network: Network, sign: int) -> bool:
    """Whether it is proved that no weight of `sign * F` lies below the end, but for rounding.

    In other units of a pre-activation of any size the weight of one node is a multiple of it, so
    that one proof serves all slopes of an activation.
    """
    if network.has_sectors or network.weight.has(Integral):
        return False  # G has two parts, or what has no closed form is not enclosed
    if network.is_limit and network.overlap != 0:
        return False  # the student's output varies with the label
    low = lower_end(network, sign).low
    if not network.is_limit and (unit := _unit(network.student)) != 1:
        plain, scale = _in_units(network, unit), float(unit) ** 2
        is_same = abs(low - scale * lower_end(plain, sign).low) <= SLACK * abs(low)
        return is_same and is_proved(plain, sign)
    target = low - SLACK * abs(low)
    single = network.p == 1 or network.is_limit
    for way in (_by_factors, _by_convexity, _by_boxes) if single else (_by_convexity,):
        with suppress(BBPError, NotImplementedError):  # an extreme without a proof
            if way(network, sign, target):
                return True
    return False


def _by_factors(network: Network, sign: int, target: float) -> bool:
    """Whether the weight is a product of functions of label and pre-activation, and not lower."""
    weight = sign * network.weight[0, 0]
    nodes = weight.free_symbols - {label}
    rest, own = weight.as_independent(label, as_Add=False)
    labels = labels_of(network) if own.has(label) else REAL_LINE
    if own.free_symbols & nodes or labels is None:
        return False
    return _least(_extremes(rest, *nodes), _extremes(own, label, within=labels)) >= target


def _by_convexity(network: Network, sign: int, target: float) -> bool:
    """Whether `l' s''` is not lower; of a convex loss in `yh - y` the rest of F is not negative.

    Neither is it for several nodes, of which each has a share of `s''`.
    """
    slope, curvature = (part.subs(label, 0) for part in _loss(network))
    convex = network.loss.diff(label) == -network.loss.diff(prediction) and sign > 0
    several = not network.is_limit and network.output == MEAN
    bend = network.student.diff(argument, 2) / (network.p if several else 1)
    return (
        convex
        and _extremes(curvature, prediction)[0] >= 0
        and _least(_extremes(slope, prediction), _extremes(bend, argument)) >= target
    )


def labels_of(network: Network) -> ExactEnds | None:
    """Find the range of the label; None where it is not known, or noise leaves none."""
    nodes, clean = network.teacher_frame, network.clean_label
    if network.noise != 0:
        return None
    teacher = network.student if network.teacher is None else network.teacher
    if teacher.free_symbols - {argument}:
        own = clean.free_symbols
        return _extremes(clean, *own) if len(own) < 2 else None
    one = clean.subs(dict.fromkeys(nodes, nodes[0]))  # each node alike is least and greatest
    return _extremes(one, nodes[0])


def _loss(network: Network) -> tuple[Expr, ...]:
    """`l'` and `l''`."""
    return weights.parts(network.loss, network.student, 1, True).loss


def _unit(function: Expr) -> Expr:
    """The least number that its pre-activation is multiplied by, which is one in that unit.

    Without it `exp(83 x/50)` is a high power of `exp(x/50)`.
    """
    rates = [abs(f.args[0].coeff(argument)) for f in function.atoms(HyperbolicFunction, exp)]
    return min((rate for rate in rates if rate.is_Rational and rate), default=S.One)


def _in_units(network: Network, unit: Rational) -> Network:
    """The network whose student takes pre-activations times a unit for those of the other."""
    activation = network.activation.subs(argument, argument / unit)
    bias = network.bias * Fraction(unit.p, unit.q)
    loss = network.loss.subs(prediction, Symbol("yh"))
    return replace(network, activation=activation, loss=loss, bias=bias)


def _without_cancelling(part: Expr) -> Expr:
    """A function that tends to a number, so that its distance from it keeps its digits far out."""
    return factor(part.rewrite(exp)) if part.has(HyperbolicFunction) else part


def _extremes(formula: Expr, *variable: Symbol, within: ExactEnds = REAL_LINE) -> ExactEnds:
    """The least and the greatest value of a function of one variable."""
    if not formula.free_symbols:
        return formula, formula
    inside = (S.Zero,) if within == REAL_LINE else ()
    law = Labels("", S.Zero, density=S.One, breaks=(within[0], *inside, within[1]))
    found = extremes(formula.subs(dict.fromkeys(variable, label)), law)
    if not found.is_proved:
        raise ConvergenceError(f"the extremes of {formula} are not proved")
    return found.low, found.high


def _least(one: ExactEnds, other: ExactEnds) -> float:
    """The least product of numbers in two ranges; not a number where zero meets infinity."""
    corners = [float((a * b).evalf(25)) for a, b in product(one, other)]
    return min(corners) if not any(map(math.isnan, corners)) else -math.inf


def _by_boxes(network: Network, sign: int, target: float) -> bool:
    """Whether no box of labels and pre-activations holds a lower weight, nor what lies beyond."""
    weight, labels = sign * network.weight[0, 0], labels_of(network)
    nodes = tuple(weight.free_symbols - {label})
    if network.is_limit or len(nodes) != 1 or labels is None or not is_enclosed(weight):
        return False
    return (
        target < 0
        and all(end.is_finite for end in labels)
        and _is_above_far_out(network, sign, labels, target)
        and _is_above(weight, *nodes, labels, target)
    )


def _is_above(weight: Expr, node: Symbol, labels: ExactEnds, target: float) -> bool:
    """Whether no weight lies below a number, for pre-activations that are not far out.

    If none does far out, the slope in the pre-activation vanishes at the lowest one, and that in
    the label unless it is at an end of its range.
    """
    function = _with_slopes(weight, node)
    with precision(BITS):
        first, last = (_outwards(end, way) for end, way in zip(labels, (-1, 1), strict=True))
        boxes = [((-float(FAR), 0.0), (first, last)), ((0.0, float(FAR)), (first, last))]
        for _ in range(MOST_BOXES):
            if not boxes:
                return True
            x, y = boxes.pop()
            value, *slopes = function(ball_of(x), ball_of(y))
            if value >= target:
                continue
            if not value.is_finite():  # it may jump, and slopes do not tell
                slopes = [value, value]
            along, across = (
                abs(slope).upper() * (b - a) for slope, (a, b) in zip(slopes, (x, y), strict=True)
            )
            centre = function(arb(sum(x) / 2), arb(sum(y) / 2))[0]
            if centre - (along + across) / 2 >= target or has_sign(slopes[0]):
                continue
            if y[0] == y[1] or not has_sign(slopes[1]):
                known = along.is_finite() and across.is_finite()
                wider = across > along if known else y[1] - y[0] > x[1] - x[0]
                boxes += _halves(x, y, bool(wider))
                continue
            end = int(slopes[1] < 0)
            if y[end] == (first, last)[end]:
                boxes.append((x, (y[end], y[end])))
    return False


def _with_slopes(weight: Expr, node: Symbol) -> Callable[[arb, arb], list[arb]]:
    """The weight and its slopes in the pre-activation and in the label, on balls of both."""
    formulas = [written(weight), *(written(weight.diff(v)) for v in (node, label))]
    compiled = ball_function((node, label), formulas, free=True, printer=RealBallPrinter)
    return lambda x, y: [arb(value) for value in compiled(x, y)]


def ball_of(ends: Ends) -> arb:
    """All numbers between two, as a ball."""
    return arb(ends[0]).union(arb(ends[1]))


def _whole(ends: ExactEnds) -> arb:
    """All numbers of a finite range."""
    low, high = (enclosure(end)(arb(0)) for end in ends)
    return low.union(high)


def _outwards(end: Expr, way: int) -> float:
    """An end of a range as a float that lies no farther inside."""
    return math.nextafter(float(end.evalf(25)), way * math.inf)


def _halves(x: Ends, y: Ends, by_label: bool) -> list[tuple[Ends, Ends]]:
    """Halve a box in one of its directions."""
    ends = y if by_label else x
    middle = sum(ends) / 2
    parts = [(ends[0], middle), (middle, ends[1])]
    return [(x, part) if by_label else (part, y) for part in parts]


def _is_above_far_out(network: Network, sign: int, labels: ExactEnds, target: float) -> bool:
    """Whether no weight `l'' s'^2 + l' s''` lies below a number farther out, on both ways."""
    slopes = [enclosure(part, (prediction,)) for part in _loss(network)]
    with precision(BITS):
        for outputs, first, bend in far_ranges(network.student):
            for cell in _cells(labels):
                slope, curvature = (function(cell, outputs) for function in slopes)
                if not sign * (curvature * first**2 + slope * bend) >= target:
                    return False
    return True


@lru_cache(maxsize=64)
def far_ranges(activation: Expr) -> list[list[arb]]:
    """All values of `s, s', s''` at pre-activations that lie farther out, to either side.

    They are found once, at the working precision, for all answers about an activation.

    Raises
    ------
    ConvergenceError
        If no proof says that these are all.
    """
    unit = _unit(activation)
    parts = [activation.diff(argument, k).subs(argument, argument / unit) for k in range(3)]
    parts = [*map(_without_cancelling, parts)]
    return [
        [_whole(_extremes(part, argument, within=(a * unit, b * unit))) for part in parts]
        for a, b in ((-oo, -FAR), (FAR, oo))
    ]


def _cells(ends: ExactEnds) -> list[arb]:
    """Small pieces of a range."""
    low, high = (_outwards(end, way) for end, way in zip(ends, (-1, 1), strict=True))
    return [ball_of((a, b)) for a, b in pairwise(np.linspace(low, high, CELLS + 1).tolist())]
