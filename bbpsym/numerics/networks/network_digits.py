"""Many digits for a weight in one or two Gaussian variables: the trapezoidal rule in balls.

Functions of one variable are evaluated once on its axis, the weight once at every node; after that
an evaluation costs a division a node, and all moments of `h = f/(1 + t f)` come from products of
matrices. Balls take care of rounding, and two rules that share no nodes of the rule's own error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from flint import arb, arb_mat
from sympy import Dummy, Expr, Function, Integral, Symbol

from bbpsym.equations.weights import zeta
from bbpsym.errors import PrecisionError
from bbpsym.functions.arb_functions import precision
from bbpsym.functions.balls import RealBallPrinter, ball_function, written
from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.networks.node_laws import NodeLaw

#: Digits beyond those asked for: of the rule, of the balls, and of agreement.
RULE, GUARD, AGREED = 4, 8, 1

#: How much coarser the second rule is, how steps shrink if the two differ, and most nodes.
COARSER, FINER, MOST_NODES = 1.08, 0.75, 6_000_000

#: Digits of a constant weight.
MOST_EXACT = 250

#: Most Newton steps, and by how much the second is surely smaller than the first.
STEPS, RATIO = 12, 1e-6


class Moments(NamedTuple):
    """`E h`, `E v v^T h` and the same for `h^2`, as nested lists of balls."""

    k: Any
    sigma: list[list[Any]]
    m: Any
    slope: list[list[Any]]


class BallNodes:
    """Values of a weight on a square lattice, row by row; of a constant one the value.

    Parameters
    ----------
    law : NodeLaw
        A weight in up to two variables.
    step : Fraction or float
        Distance of neighbours.
    reach : float
        Half the side of the square.
    """

    def __init__(self, law: NodeLaw, step: float, reach: float) -> None:
        self.variables = law.variables
        expression = law.sign * law.network.weight_in_frame[0, 0]
        if not self.variables:  # one node of weight one
            self.outer, self.inner = None, arb_mat([[1, 0, 0]])
            self.f = [[arb(str(expression.evalf(MOST_EXACT)))]]
            return
        number = math.ceil(reach / step)
        self.axis = [(2 * k + 1) * arb(step) / 2 for k in range(-number, number)]
        density = [(-(x**2) / 2).exp() * arb(step) / (2 * arb.pi()).sqrt() for x in self.axis]
        halved = law.is_mirrored
        first = range(number, 2 * number) if halved else range(2 * number)
        rows = first if len(self.variables) == 2 else range(1)
        last = range(2 * number) if len(self.variables) == 2 else first
        own = [2 * density[i] if halved else density[i] for i in first]
        self.outer = self._powers([self.axis[i] for i in rows], own) if len(rows) > 1 else None
        inner = density if self.outer is not None else own
        self.inner = self._powers([self.axis[j] for j in last], inner)
        self.f = _table(expression, self.variables, [list(rows), list(last)], self.axis)

    @staticmethod
    def _powers(points: list[Any], density: list[Any]) -> arb_mat:
        return arb_mat([[w, w * x, w * x * x] for x, w in zip(points, density, strict=True)])

    def moments(self, t: Any) -> Moments:
        """Averages at `g = -t`."""
        first, second = [], []
        for row in self.f:  # a table of h for all rows would fill the memory
            h = [f / (1 + t * f) for f in row]
            first += (arb_mat([h]) * self.inner).tolist()
            second += (arb_mat([[x * x for x in h]]) * self.inner).tolist()
        k, m = self._over_rows(first), self._over_rows(second)
        return Moments(k[0][0], self._block(k), m[0][0], self._block(m))

    def _over_rows(self, sums: list[list[Any]]) -> list[list[Any]]:
        """`E v_1^a v_2^b h` for a, b up to two; a row alone for one variable."""
        return sums if self.outer is None else (self.outer.transpose() * arb_mat(sums)).tolist()

    def _block(self, table: list[list[Any]]) -> list[list[Any]]:
        if self.outer is None:
            return [[table[0][2]]]
        return [[table[2][0], table[1][1]], [table[1][1], table[0][2]]]


def _table(
    expression: Expr, variables: tuple[Symbol, ...], places: list[list[int]], axis: list[Any]
) -> list[list[Any]]:
    """Values at all nodes; functions of one variable are taken from a list on its axis."""
    expression = written(expression)
    columns: list[list[Any]] = []
    names: list[Symbol] = []
    owners: list[int] = []
    for number, v in enumerate(variables):
        alone = [item for item in expression.atoms(Function) if item.free_symbols == {v}]
        tops = [item for item in alone if not any(item != o and o.has(item) for o in alone)]
        dummies = [Dummy(real=True) for _ in tops]
        function = ball_function((v,), [v, *tops], free=True, printer=RealBallPrinter)
        which = places[number + 2 - len(variables)]
        columns += [list(c) for c in zip(*(function(axis[i]) for i in which), strict=True)]
        expression = expression.xreplace(dict(zip(tops, dummies, strict=True)))
        names += [v, *dummies]
        owners += [number + 2 - len(variables)] * (1 + len(tops))
    function = ball_function(tuple(names), expression, free=True, printer=RealBallPrinter)
    outer = [c for c, owner in zip(columns, owners, strict=True) if owner == 0]
    inner = list(zip(*(c for c, o in zip(columns, owners, strict=True) if o == 1), strict=True))
    if not outer:
        return [[arb(function(*values)) for values in inner]]
    return [[arb(function(*row, *values)) for values in inner] for row in zip(*outer, strict=True)]


def lowest(block: list[list[Any]], number: int) -> tuple[Any, list[Any]]:
    """Eigenvalue of a 1 x 1 or 2 x 2 block by its number, and its unit vector."""
    if len(block) == 1:
        return block[0][0], [arb(1)]
    (a, b), (_, d) = block
    half = ((a - d) ** 2 / 4 + b * b).sqrt()
    value = (a + d) / 2 + (half if number else -half)
    # The longer of two expressions for the same vector.
    pairs = [(b, value - a), (value - d, b)]
    x, y = max(pairs, key=lambda pair: float(abs(pair[0]) + abs(pair[1])))
    norm = (x * x + y * y).sqrt()
    if norm.contains(0):
        return value, [arb(1), arb(0)] if (value == a) == (number == 0) else [arb(0), arb(1)]
    return value, [x / norm, y / norm]


def quadratic_form(form: Any, vector: list[Any]) -> Any:
    """`n^T A n`."""
    size = range(len(vector))
    return sum((vector[i] * form[i][j] * vector[j] for i in size for j in size), arb(0))


def supported(law: NodeLaw) -> bool:
    """Whether there are many digits for a law."""
    return not why_not_supported(law)


def why_not_supported(law: NodeLaw) -> str:
    """Why there are no more digits than those of double precision; nothing if there are."""
    single = law.network.p == 1 or law.network.is_limit
    if law.network.weight_in_frame.has(Integral):
        return "the mean of its student's output at a given label has no closed form"
    if single and len(law.variables) <= 2 and zeta not in law.variables:
        return ""
    return (
        "more than double precision gives is computed for one node, or p = inf, with at most two "
        "Gaussian variables and no noise"
    )


def precise(
    law: NodeLaw,
    digits: int,
    start: tuple[float, float],
    step: float,
    residual: Callable[[Any, Moments], Any] | None,
    numbers: Callable[[Any, Moments], dict[str, Any]],
    exact: Callable[[int], Any] | None = None,
) -> dict[str, Any]:
    """Solve for t and return numbers, to digits on which two rules agree.

    Parameters
    ----------
    start : tuple of float
        The root in double precision, and the slope of the residual there.
    step : float
        Step at which double precision settled.
    residual : callable or None
        What vanishes, as a function of t and the moments there.
    numbers : callable
        The numbers that are wanted, balls.
    exact : callable, optional
        Gives t itself to a number of digits, where it is the end of the support.

    Raises
    ------
    PrecisionError
        If the two rules do not agree before they have too many nodes.
    """
    step *= 13 / (digits + RULE)
    reach = math.sqrt(2 * math.log(10) * (digits + RULE + 2))
    bits = math.ceil((digits + GUARD) * math.log2(10)) + 20
    reason = f"its averages need more than {MOST_NODES:,} nodes"
    with precision(bits):
        while (2 * reach / step) ** len(law.variables) < 2 * MOST_NODES:
            found = []
            t = arb(str(exact(digits + GUARD))) if exact else arb(start[0])
            for spacing in (step * COARSER, step):
                nodes = BallNodes(law, spacing, reach)
                if residual is not None:
                    t = _newton(nodes, t, start[1], residual, digits)
                found.append(numbers(t, nodes.moments(t)))
            if all(_agree(found[0][name], found[1][name], digits) for name in found[1]):
                return {name: _number(ball, digits) for name, ball in found[1].items()}
            if not law.variables:
                break  # a constant weight has one node, whatever the step
            step *= FINER
            reason = "its averages do not settle with as many nodes as can be handled"
    raise PrecisionError(f"digits must be fewer than {digits} for {law.network!r}: {reason}")


def _newton(nodes: BallNodes, t: Any, slope: float, residual: Any, digits: int) -> Any:
    """Newton's method with the slope of double precision: some ten digits a step."""
    last = None
    for _ in range(STEPS):
        change = (residual(t, nodes.moments(t)) / slope).mid()
        t = (t - change).mid()
        size = abs(float(change / t))
        ratio = size / last if last else RATIO
        if size * ratio < 10.0 ** -(digits + RULE):
            return t
        if ratio > 1:
            break
        last = size
    raise PrecisionError("Newton's method did not settle")


def _agree(one: Any, other: Any, digits: int) -> bool:
    difference = abs(one - other).upper() + one.rad() + other.rad()
    return bool(difference <= abs(other) * arb(10) ** (-digits - AGREED)) or bool(
        abs(one).upper() < arb(10) ** (-digits - GUARD) and abs(other).upper() < arb(10) ** -digits
    )


def _number(ball: Any, digits: int) -> Any:
    """An mpmath number from a ball's midpoint, to be rounded once, when it is written.

    What vanishes by symmetry is zero.
    """
    ctx = context(digits + GUARD)
    if abs(ball).upper() < arb(10) ** (-digits):
        return ctx.zero
    mantissa, exponent = ball.mid().man_exp()
    return ctx.ldexp(ctx.mpf(int(mantissa)), int(exponent))
