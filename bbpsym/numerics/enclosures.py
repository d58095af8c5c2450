"""Compiled systems in ball arithmetic: every value comes with a proved error bound.

All averages of one evaluation are integrated together, with Gauss and Legendre's rule on the
pieces of [0, T] and the error bound of `acb.integral`: on an interval of half-length r, n nodes
are in error by at most `64/15 r M rho^(-2n) / (1 - rho^-2)` where the integrand is analytic and
below M inside the ellipse with foci at the ends and semi-axes `r (rho +- 1/rho)/2` (Trefethen,
Approximation Theory and Approximation Practice, theorem 19.3). M comes from one evaluation on a
box around the ellipse, with the flag `analytic` forwarded to every cut. The tail beyond T is
bounded by `bbpsym.averages.laplace_variable.tail_bound` and added.

`acb.integral` itself takes one complex integrand at a time; sharing the nodes and staying real
makes the same promise an order of magnitude cheaper. It serves the tests as a witness.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from flint import acb, arb, fmpq

from bbpsym.compilation.compiled import Compiled
from bbpsym.errors import PrecisionError
from bbpsym.functions.arb_functions import precision
from bbpsym.numerics.ball import Ball
from bbpsym.numerics.measures import Measure
from bbpsym.numerics.quadrature import double_nodes
from bbpsym.parameters import Parameter

#: Ellipses that are tried on an interval, the widest first.
ELLIPSES = (8.0, 4.0, 2.5, 1.7)

#: Working precisions that are tried for a number of bits: factor and guard bits.
RAISES = ((1.0, 25), (1.0, 60), (1.3, 150), (2.2, 300))

#: Bits at which integrands are bounded, and most bisections of [0, T].
BOUND_BITS = 30
BISECTIONS = 400

#: How far the errors of pieces found for a round t may lie above their goals.
TOLERATED = 16

#: An interval that needs more nodes than bits over this number is bisected.
MOST_NODES = 4


def ball(number: Any) -> arb:
    """Enclose an int, Fraction or float at the current precision; a ball stays as it is."""
    if isinstance(number, Fraction):
        return arb(fmpq(number.numerator, number.denominator))
    if hasattr(number, "evalf"):  # a number of SymPy's in closed form
        return _closed_form(number)([])[0]
    return arb(number)


@lru_cache(maxsize=64)
def _closed_form(number: Any) -> Any:
    from bbpsym.compilation.compile import System

    return System({"number": number}).balls.outputs


def as_ball(enclosure: arb, digits: int) -> Ball:
    """Turn a ball of python-flint into one for results, without loss."""
    ends = [_dyadic(enclosure.lower()), _dyadic(enclosure.upper())]
    return Ball.between(ends[0], ends[1], digits)


def wanted_bits(digits: int) -> int:
    """Bits that are accurate in a ball of which `digits` are shown: some more than these."""
    return math.ceil(digits * math.log2(10)) + 10


def working_bits(digits: int) -> list[int]:
    """Working precisions to be tried one after the other."""
    return [int(factor * wanted_bits(digits)) + guard for factor, guard in RAISES]


def is_narrow(enclosure: arb, digits: int) -> bool:
    """Whether a ball holds all digits that are asked for."""
    return bool(enclosure.is_zero()) or enclosure.rel_accuracy_bits() >= wanted_bits(digits)


def _dyadic(number: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in number.man_exp())
    return mantissa * Fraction(2) ** exponent


def evaluate(
    system: Compiled, parameters: Mapping[Any, Any], bits: int, measure: Measure
) -> dict[str, arb]:
    """Enclose every output of `system`.

    Parameters
    ----------
    system : Compiled
        Expressions, compiled.
    parameters : mapping of str or Symbol to number or arb
        One exact number or ball for each of `system.parameters`; t lies in [0, 1].
    bits : int
        Working precision; the integrals are wanted to as many bits.
    measure : Measure
        What the integrals run over.

    Returns
    -------
    dict of str to arb
        Balls that hold the true values for all parameters in the given balls.

    Raises
    ------
    DomainError
        If the law has no bound for its integrals.
    PrecisionError
        If the integrand could not be bounded.
    """
    with precision(bits):
        given = {str(name): ball(value) for name, value in parameters.items()}
        values = [given[name] for name in system.parameters]
        integrals = measure.enclose(system, given, bits) if system.integral_count else []
        outputs = map(ball, system.balls.outputs(integrals, *values))
        return dict(zip(system.outputs, outputs, strict=True))


def integrals(system: Compiled, given: Mapping[str, arb], bits: int, rate: Any = 1) -> list[arb]:
    """Enclose the integrals of `system` over s from 0 to infinity.

    The rate is about that of their decay; no bound depends on it.
    """
    values, a = [given[name] for name in system.parameters], arb(rate)
    goals = _goals(system, values, a, bits)
    tails, pieces = _plan(system, values, a, goals, bits)
    totals = [arb(0, tail.abs_upper()) for tail in tails]
    for left, right, (_, nodes, errors) in pieces:
        half, middle = (right - left) / 2, (right + left) / 2
        sums = [arb(0)] * len(totals)
        for x, weight in gauss_legendre(nodes, _rounded(bits)):
            terms = system.balls.integrands(middle + half * x, False, *values)
            sums = [total + weight * term for total, term in zip(sums, terms, strict=True)]
        totals = [
            total + half * part + arb(0, error)
            for total, part, error in zip(totals, sums, errors, strict=True)
        ]
    return totals


class EllipseRule(NamedTuple):
    """Ellipse and number of nodes on an interval, and the errors that they leave."""

    rho: float
    nodes: int
    errors: list[arb]


#: Interval by interval, how the integrals are taken.
Pieces = tuple[tuple[arb, arb, EllipseRule], ...]


def _plan(
    system: Compiled, values: list[arb], a: arb, goals: list[arb], bits: int
) -> tuple[list[arb], Pieces]:
    """Bounds of the tails, and pieces: where they serve, those of a round t near by.

    All bounds are those of the values given; what is taken over is only where they are looked for.
    That place is a function of the values alone, so that a ball does not depend on what was asked
    before it.
    """
    taken = _near_by(system, _round_values(system, values), float(a.mid()), bits)
    if taken:
        tails = _tails(system, values, taken[-1][1], goals)
        pieces = _again(system, values, goals, taken) if tails else None
        if tails and pieces:
            return tails, pieces
    return _own_plan(system, values, a, goals, bits)


def _own_plan(
    system: Compiled, values: list[arb], a: arb, goals: list[arb], bits: int
) -> tuple[list[arb], Pieces]:
    """Bounds of the tails, and pieces, looked for at the values themselves."""
    end, tails = _end(system, values, a, goals)
    pieces = sorted(_pieces(system, values, end, goals, bits), key=lambda piece: float(piece[1]))
    return tails, tuple(pieces)


@lru_cache(maxsize=256)
def _near_by(system: Compiled, values: tuple[float, ...], rate: float, bits: int) -> Pieces:
    """Pieces for round values; none if there are none."""
    with precision(bits):
        balls = [arb(value) for value in values]
        goals = _goals(system, balls, arb(rate), bits)
        try:
            return _own_plan(system, balls, arb(rate), goals, bits)[1]
        except PrecisionError:
            return ()


def _round_values(system: Compiled, values: list[arb]) -> tuple[float, ...]:
    """Parameters as floats, and t as a power of two: pieces change slowly with t."""
    floats = [float(value.mid()) for value in values]
    named = zip(system.parameters, floats, strict=True)
    return tuple(_power_of_two(x) if name == Parameter.T else x for name, x in named)


def _power_of_two(t: float) -> float:
    return 2.0 ** round(math.log2(t)) if t > 0 else 0.0


def _again(system: Compiled, values: list[arb], goals: list[arb], taken: Pieces) -> Pieces | None:
    """Pieces with their ellipses and nodes, and the errors they leave now, if these are small."""
    pieces = []
    for left, right, (rho, nodes, _) in taken:
        bounds = _bounds(system, values, left, right, rho)
        if bounds is None:
            return None
        shrunk = arb(rho) ** (-2 * nodes)
        errors = [(bound * shrunk).abs_upper() for bound in bounds]
        if not all(error < TOLERATED * goal for error, goal in zip(errors, goals, strict=True)):
            return None
        pieces.append((left, right, EllipseRule(rho, nodes, errors)))
    return tuple(pieces)


def _goals(system: Compiled, values: list[arb], a: arb, bits: int) -> list[arb]:
    return [size * arb(2) ** -bits for size in _sizes(system, values, a)]


def _sizes(system: Compiled, values: list[arb], a: arb) -> list[arb]:
    """Rough sizes of the integrals of absolute values, for the goals only: no bound."""
    floats = [np.array(float(value.mid())) for value in values]
    s, ds = double_nodes(np.array(float(a.mid())))
    integrands, _ = system.numpy
    with np.errstate(all="ignore"):
        magnitudes = integrands(s, *floats)[system.integral_count :]
        sizes = [float(np.sum(ds * size)) for size in magnitudes]
    return [arb(size) if size > 0 and math.isfinite(size) else arb(2) ** -400 for size in sizes]


def _end(system: Compiled, values: list[arb], a: arb, goals: list[arb]) -> tuple[arb, list[arb]]:
    """Choose T and bound the tails beyond it, which reach the goals."""
    end = 1 / (1 + a.mid())
    for _ in range(BISECTIONS):
        end = end.mid()
        if tails := _tails(system, values, end, goals):
            return end, tails
        end = end * 1.25
    raise PrecisionError("the tail of an integral could not be bounded")


def _tails(system: Compiled, values: list[arb], end: arb, goals: list[arb]) -> list[arb] | None:
    """Bounds of the tails beyond an end, if they reach the goals."""
    tails = system.balls.tails(end, *values)
    # A negative bound belongs to an s where the bound does not hold yet.
    return tails if all(0 <= tail < goal for tail, goal in zip(tails, goals, strict=True)) else None


def _pieces(
    system: Compiled, values: list[arb], end: arb, goals: list[arb], bits: int
) -> Iterator[tuple[arb, arb, EllipseRule]]:
    """Cut [0, T] into pieces: ends, and the rule between them."""
    most = bits // MOST_NODES + 16
    pending = [(arb(0), end)]
    for _ in range(BISECTIONS):
        if not pending:
            return
        left, right = pending.pop()
        found = _rule(system, values, left, right, goals, most)
        if found is None:
            middle = ((left + right) / 2).mid()
            pending += [(middle, right), (left, middle)]
        else:
            yield left, right, found
    raise PrecisionError("an integrand could not be bounded")


def _rule(
    system: Compiled, values: list[arb], left: arb, right: arb, goals: list[arb], most: int
) -> EllipseRule | None:
    """The fewest nodes that reach the goals on an interval, if not too many."""
    best: EllipseRule | None = None
    for rho in ELLIPSES:
        bounds = _bounds(system, values, left, right, rho)
        if bounds is None:
            continue
        with precision(BOUND_BITS):
            nodes = _nodes_needed(bounds, goals, rho)
            if best is not None and nodes > best.nodes:
                break  # narrower ellipses only get worse from here
            if nodes <= most and (best is None or nodes < best.nodes):
                shrunk = arb(rho) ** (-2 * nodes)
                best = EllipseRule(rho, nodes, [(bound * shrunk).abs_upper() for bound in bounds])
    return best


def _bounds(
    system: Compiled, values: list[arb], left: arb, right: arb, rho: float
) -> list[arb] | None:
    """Bounds of `error rho^(2n)` of n nodes on an interval, if the integrands are bounded."""
    half, middle = (right - left) / 2, (right + left) / 2
    wide, high = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
    with precision(BOUND_BITS):
        box = acb(arb(middle.mid(), wide.upper()), arb(0, high.upper()))
        bounds = [abs(term) for term in system.balls.integrands(box, True, *values)]
        if not all(bound.is_finite() for bound in bounds):
            return None
        factor = half * arb(64) / 15 / (1 - arb(rho) ** -2)
        return [factor * bound.abs_upper() for bound in bounds]


def _nodes_needed(errors: list[arb], goals: list[arb], rho: float) -> int:
    """Fewest nodes of the ladder with `error rho^(-2n) <= goal` for every integral, or nearly."""
    excess = _logarithm(max(map(operator.truediv, errors, goals)))
    wanted = max(2, math.ceil(excess / (2 * math.log(rho))))
    step = max(2, 2 ** (wanted.bit_length() - 3))
    return -(-wanted // step) * step


def _logarithm(number: arb) -> float:
    return float(number.log().mid()) if number > 0 else 0.0


def _rounded(bits: int) -> int:
    """Bits of the stored nodes: a multiple, so that few sets are stored."""
    return -(-bits // 64) * 64


@lru_cache(maxsize=256)
def gauss_legendre(count: int, bits: int) -> list[tuple[arb, arb]]:
    """Nodes on [-1, 1] and weights of Gauss and Legendre's rule with an even count, as balls."""
    with precision(bits + 10):
        right = [arb.legendre_p_root(count, k, weight=True) for k in range(count // 2)]
        return right + [(-x, weight) for x, weight in right]
