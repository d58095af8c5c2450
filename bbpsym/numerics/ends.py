"""How the domain of t ends: whether `<h^2>` is finite where the weight is at its bound, eq. (46).

At t = 1 the square of h of eq. (27) is that of one over the distance of the weight from its bound.
Where the bound is reached density and distance go like powers of the distance x from that point,
`x^b` and `x^c`: `<h^2>` diverges there exactly if `b - 2 c <= -1`; at an infinite end, x being the
inverse of the label, if `b - 2 c <= 1`. What the exponent has to spare is called `room` here.

Two witnesses share no code. SymPy finds the exponents as limits of logarithmic derivatives, for
elementary expressions. And slopes between points that come closer and closer show them for
anything that can be evaluated: corrections by powers die out at once, those by logarithms halve
where the distance is squared. What is not decided so, or where the two differ, is refused.

Where `<h^2>` is finite a signal factor that diverges there, `x^-s`, decides in the same way which
of `<u^2 h>` and `<u^2 h^2>` are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from sympy import (
    Abs,
    Add,
    ComplexRootOf,
    Expr,
    Function,
    Heaviside,
    Max,
    Min,
    Mul,
    Piecewise,
    Poly,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    fraction,
    limit,
    log,
    sign,
    together,
    true,
)
from sympy.polys.polyerrors import BasePolynomialError

from bbpsym.compilation.systems import system
from bbpsym.errors import ConvergenceError
from bbpsym.laws.frame import Frame
from bbpsym.numerics.curve import End
from bbpsym.numerics.distances import LabelPlace, curve_at, distance_at, log_density_at, number
from bbpsym.numerics.multiprecision import context
from bbpsym.parameters import Parameter
from bbpsym.symbols import label

#: Halvings of the distance from a point, or from infinity, which show exponentials, and decades
#: after them, each twice the last, which show powers.
HALVINGS, FAR_HALVINGS = range(1, 14), range(-3, 14)
DECADES = (8, 16, 32, 64, 128, 256, 512)

#: Decades for a law in double precision, and for a point that is known to thirty digits.
DOUBLE_DECADES, POINT_DECADES = DECADES[:5], DECADES[:2]

#: Digits of slopes.
DIGITS = 30

#: Below this a room without logarithms is none: in closed form, and of a law in double precision.
NOTHING, DOUBLE_NOTHING = 1e-9, 1e-6

#: How many times larger than its last change a room must be for its sign to be known.
CLEAR = 6

#: Accuracy at which the two witnesses agree.
AGREEMENT = 1e-6

#: Growth from slope to slope next to exponentials, and a room that no power makes so.
GROWTH, LARGE = 1.3, 3.0

#: The distance from a point, and one at which the branches of a weight are chosen.
away = Symbol("x", positive=True)
TINY = Rational(1, 10**40)


class BoundApproach(NamedTuple):
    """A point where a weight is at its bound, seen from the next break on one side of it."""

    point: Expr
    neighbour: Expr
    spread: Expr

    @property
    def side(self) -> int:
        """Sign of the labels' distance from the point."""
        return 1 if self.neighbour > self.point else -1

    @property
    def least(self) -> int:
        """The exponent at which an integral over the distance ceases to converge."""
        return 1 if self.point.is_infinite else -1

    @property
    def halvings(self) -> range:
        """Where exponentials are looked for: from infinity there is room on both sides of one."""
        return FAR_HALVINGS if self.point.is_infinite else HALVINGS

    def label(self) -> Expr:
        """The label at a distance of `away`, or of its inverse from infinity."""
        return -self.side / away if self.point.is_infinite else self.point + self.side * away

    def place(self, ratio: Any, ctx: Any) -> LabelPlace:
        """The label at a share of the way to the neighbour, or at so many spreads beyond it."""
        if self.point.is_infinite:
            return LabelPlace(self.neighbour, -self.side * number(self.spread, ctx) / ratio)
        width = self.spread if self.neighbour.is_infinite else self.neighbour - self.point
        return LabelPlace(self.point, self.side * abs(number(width, ctx)) * ratio)


@lru_cache(maxsize=256)
def end_of(frame: Frame) -> End:
    """Decide what happens at the end of the domain.

    Raises
    ------
    ConvergenceError
        If it is not decided.
    """
    if not frame.is_bounded:
        return End.OPEN
    what = f"the edge of the weight {frame.weight} can be smooth"
    if frame.law.laws:
        rooms = _rooms(_laplace_integrand(frame), 1, HALVINGS)
        diverges = _is_divergent(rooms, None, HALVINGS, frame, what)
    else:
        atoms = {value for value, _ in frame.measure.atoms}
        diverges = not atoms.isdisjoint(frame.reached) or any(
            _diverges_at(frame, approach, 2, S.One, what) for approach in _approaches(frame)
        )
    return End.ALWAYS_SHARP if diverges else End.SMOOTH


@lru_cache(maxsize=256)
def signal_diverges(frame: Frame, power: int) -> bool:
    """Whether `<u^2 h^n>` diverges at a smooth edge, for a power n of h.

    Raises
    ------
    ConvergenceError
        If it is not decided.
    """
    h = "h" if power == 1 else f"h^{power}"
    signal, what = frame.measure.signal, f"E[u^2 {h}] of the weight {frame.weight} is finite"
    return any(_diverges_at(frame, near, power, signal, what) for near in _approaches(frame))


def _approaches(frame: Frame) -> Iterator[BoundApproach]:
    """All points where the bound is reached, from the sides on which there are labels."""
    for low, high in pairwise(frame.breaks if frame.measure.breaks else ()):
        for point, neighbour in ((low, high), (high, low)):
            if point in frame.reached:
                yield BoundApproach(point, neighbour, frame.measure.spread)


def _diverges_at(frame: Frame, approach: BoundApproach, power: int, signal: Any, what: str) -> bool:
    """Whether the integral over `density * signal / distance^power` diverges next to a point."""
    ctx = context(DIGITS)
    density, height = log_density_at(frame.measure, ctx), distance_at(frame, ctx)
    factor = curve_at(signal, frame.measure, ctx)

    def logarithm(ratio: Any) -> Any:
        place = approach.place(ctx.mpf(ratio), ctx)
        share = density(place) + ctx.log(factor(place))
        return share - power * ctx.log(height(place)) if ctx.isfinite(share) else None

    is_exact = approach.point in frame.measure.breaks or frame.digits > DIGITS
    decades: tuple[int, ...] = DECADES if frame.measure.is_exact else DOUBLE_DECADES
    decades = decades if is_exact else POINT_DECADES
    rooms = _rooms(logarithm, approach.least, approach.halvings, decades)
    exact = _exact_room(frame, approach, power, signal) if is_exact else None
    return _is_divergent(rooms, exact, approach.halvings, frame, what)


def _rooms(
    logarithm: Callable[[Any], Any], least: int, halvings: range, decades: tuple = DECADES
) -> list:
    """Room of an integrand given by its logarithm, closer and closer to a point.

    Empty where there are no labels; infinite where the weight is at its bound itself. What is
    closer than an integrand can be told from nothing is left out.
    """
    ctx = context(DIGITS)
    values: list[tuple[Any, Any]] = []
    rooms: list[Any] = []
    for exponent in (*(-k * ctx.ln2 for k in halvings), *(-k * ctx.ln10 for k in decades)):
        value = logarithm(ctx.exp(exponent))
        if value is None and not values:
            continue  # a zero of the density on the way says nothing of the point
        if value is None or ctx.isinf(value):
            return rooms if values or value is None else [-ctx.inf]
        values.append((exponent, value))
        if len(values) > 1:
            (x_0, y_0), (x_1, y_1) = values[-2:]
            rooms.append((y_1 - y_0) / (x_1 - x_0) - least)
    return rooms


def _is_divergent(
    rooms: list, exact: Expr | None, halvings: range, frame: Frame, what: str
) -> bool:
    """Whether an integral diverges, given the room seen closer and closer and in closed form."""
    nothing = NOTHING if frame.measure.is_exact else DOUBLE_NOTHING
    if len(rooms) < 3:
        if not rooms or context(DIGITS).isinf(rooms[0]):
            return bool(rooms)
    else:
        change, last = abs(rooms[-1] - rooms[-2]), rooms[-1]
        complete = len(rooms) > len(halvings)
        if exact is not None and exact.is_finite:
            agree = abs(last - number(exact, context(DIGITS))) <= max(AGREEMENT, 2 * change)
            if agree and (exact != 0 or change < NOTHING):
                return bool(exact <= 0)
        elif _grows(rooms) or (complete and abs(last) > max(CLEAR * change, nothing)):
            return bool(last < 0)
        elif complete and abs(last) + change < nothing:
            return True
    raise ConvergenceError(
        f"whether {what} is not decided: where the weight is at its bound, it and the law must go "
        "like powers or exponentials"
    )


def _grows(rooms: list) -> bool:
    """Whether a room grows without bounds, as next to exponentials."""
    sizes = [abs(room) / GROWTH**k for k, room in enumerate(rooms[-3:])]
    one_sign = min(rooms[-3:]) > 0 or max(rooms[-3:]) < 0
    return one_sign and sizes[0] < sizes[1] < sizes[2] and abs(rooms[-1]) > LARGE


def _laplace_integrand(frame: Frame) -> Callable[[Any], Any]:
    """Logarithm of the integrand of `<h^2>` at t = 1, at the inverse of the Laplace variable."""
    ctx, equations = context(DIGITS), system(frame.law, "square")
    integrands, _ = equations.mpmath(ctx)

    def logarithm(ratio: Any) -> Any:
        given = {Parameter.T: ctx.one, Parameter.BOUND: number(frame.unit, ctx)}
        values = [given[Parameter(name)] for name in equations.parameters]
        return ctx.log(abs(sum(integrands(1 / ratio, *values))))

    return logarithm


def _exact_room(frame: Frame, approach: BoundApproach, power: int, signal: Any) -> Expr | None:
    """Room of `density * signal / distance^power` in closed form; None if SymPy does not find it.

    Its limits where roots stay do not end.
    """
    density = frame.measure.density
    if not isinstance(density, Expr) or not isinstance(signal, Expr):
        return None
    curves = ((density * signal).subs(dict(frame.measure.parameters)), frame.weight)
    share, weight = (_near(curve.subs(label, approach.label())) for curve in curves)
    height = weight + frame.sign * frame.unit
    roots = approach.point.atoms(ComplexRootOf, Pow)
    if not (_is_elementary(share) and _is_elementary(height)) or (share + height).has(*roots):
        return None
    try:
        slope = away * (_logarithmic_slope(share) - power * _logarithmic_slope(height))
        found = _limit(slope)
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return found - approach.least if found.is_extended_real else None


def _limit(slope: Expr) -> Expr:
    """Limit at `away = 0`: of a fraction of polynomials by their lowest terms, at once."""
    if not slope.is_rational_function(away):
        return limit(slope, away, 0, "+")
    try:
        numerator, denominator = (Poly(x, away, domain="QQ") for x in fraction(together(slope)))
    except BasePolynomialError:  # coefficients that may be zero unseen
        return limit(slope, away, 0, "+")
    if numerator.is_zero:
        return S.Zero
    (((m,), above), ((n,), below)) = (part.terms()[-1] for part in (numerator, denominator))
    return above / below * (S.Zero if m > n else S.One if m == n else S.Infinity)


def _near(expression: Expr) -> Expr:
    """The branch of an expression that holds close to `away = 0`."""

    def chosen(*arguments: tuple) -> Expr:
        for value, condition in arguments:
            if condition.subs(away, TINY) == true:
                return value
        return S.NaN

    kinds = (Abs, Min, Max, Heaviside, sign)
    pieces = expression.replace(lambda e: isinstance(e, kinds), lambda e: e.rewrite(Piecewise))
    return pieces.replace(Piecewise, chosen)


def _is_elementary(expression: Expr) -> bool:
    """Whether only powers, exponentials and logarithms occur, of which SymPy knows all limits."""
    return expression != 0 and expression.atoms(Function) <= expression.atoms(exp, log)


def _logarithmic_slope(expression: Expr) -> Expr:
    """`d log(expression)/d away`, without the logarithms of products and exponentials."""
    if isinstance(expression, Mul):
        return Add(*map(_logarithmic_slope, expression.args))
    if isinstance(expression, exp):
        return expression.args[0].diff(away)
    if expression.is_Pow and not expression.exp.has(away):
        return expression.exp * _logarithmic_slope(expression.base)
    return expression.diff(away) / expression
