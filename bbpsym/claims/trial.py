"""Whether a closed form of a reader's own holds: against the engine, at random points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import floor
from typing import TYPE_CHECKING, Any

from bbpsym.answers.result import Averaged
from bbpsym.claims import approach as approaches
from bbpsym.claims.approach import CERTAIN, FEWEST_DIGITS
from bbpsym.claims.drawn import FEWEST, Asked, Drawn, draw, point, way
from bbpsym.claims.family import family, makes_network, place_of
from bbpsym.claims.quantities import has_digits, quantities, reach
from bbpsym.claims.sides import NO_VALUE, NotEvaluatedError, Sides, sides, value_of
from bbpsym.claims.statement import INFINITY, Statement, statement_of
from bbpsym.claims.terms import least_term
from bbpsym.claims.verdict import BEYOND, FALSE, SHOWN, TRUE, UNDECIDED, Checked, Claim
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import BBPError
from bbpsym.numerics.curve import LEFT
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number

if TYPE_CHECKING:
    from sympy import Expr

#: Digits and points unless others are asked for: of equalities, and of limits and expansions.
DIGITS, POINTS = 30, 8
FAR_DIGITS, FAR_POINTS = 15, 2

#: Most of them.
MAX_DIGITS, MAX_POINTS = 200, 200

#: Digits that both sides are computed to beyond those asked for, and how many of these may be
#: rounded: a claim that is off by less than is asked for, but by more than these show, is false.
MORE, ROUNDED = 10, 2

#: The same of networks that are computed to digits; in double precision all that are known count.
NETWORK_MORE = 3

#: Digits of networks that have them: those of one weight without noise.
CLOSER = 20

#: Most digits for a term that is far smaller than others.
MOST_KNOWN = MAX_DIGITS + 100

#: Digits more of limits, whose extrapolation takes some.
FAR_MORE = 25

MOST_SEED = 10**18


@floats.own_settings
def claim(
    statement: str | Expr,
    *,
    where: str | Sequence[str] = (),
    kind: str | None = None,
    edge: str | None = None,
    of: Callable[..., Averaged] | Averaged | Network | Setting | None = None,
    side: str = LEFT,
    digits: int | None = None,
    points: int | None = None,
    seed: int = 1,
    **ranges: Number | tuple[Number, Number],
) -> Claim:
    """Hold a closed form of your own against the engine, at random admissible points.

    Parameters
    ----------
    statement : str or Eq
        An equation between `alpha_BBP`, `alpha_c`, `lambda_BBP`, `jump` (outlier and m^2 at the
        threshold), `lambda_star`, `overlap2` (outlier and m^2 at alpha), `lambda_minus` (the edge
        at alpha; `lambda_plus` with side="right"), `critical_a`, and formulas in p, p_star, a,
        alpha. A limit is written `limit(alpha_BBP, p, inf) = ...`, an expansion with its order,
        `... + O(1/p^2)`; in SymPy as `Limit` and `O`.
    where : str or sequence of str
        Functions that it is written with, as "X(c) = exp(c)/c", a later one of earlier ones, and
        constants, as "z = p*a/2".
    kind : {"continuous", "discontinuous"}, optional
        The only transitions that the claim speaks of.
    edge : {"smooth", "sharp"}, optional
        The only edges that it speaks of; for claims at an alpha.
    of : Network, Ensemble or callable, optional
        A network with symbols, or what makes an `Ensemble` or a `Network` of parameters with names
        of its own; each has a range. The paper's model without it.
    side : {"left", "right"}
        Side of the bulk of an `Ensemble` or a `Network`.
    digits : int, optional
        Digits to check, 1 to 200; 30 without it, 15 for limits and expansions, of networks all
        that double precision leaves (some 12, fewer in a limit), or 20 where one node has them.
        Both sides are computed to ten more, of limits and expansions to 25 more; of networks to all
        that double precision knows, and where these are too few, to three more, of limits 25.
    points : int, optional
        How many points are drawn, 1 to 200; 8 without it, 2 for limits, expansions and networks, or
        one for each value of a range of up to 8 integers.
    seed : int
        What they are drawn with.
    **ranges : number or pair of numbers
        Where parameters are drawn from, `p=(1, 12)` or `a="0.7"`; integers of Python mean
        integers only, but for a and alpha.

    Returns
    -------
    Claim

    Raises
    ------
    DomainError
        If the statement is no equation about a quantity, an argument is out of range, or there is
        no admissible point.
    FormulaError
        If a side is no formula, or holds a name that stands for nothing.

    Notes
    -----
    The engine's numbers are right to all digits; the formula is evaluated by mpmath, with a
    precision that is raised until its digits come to rest. Agreement is measured by how far the
    quantity would have to move, of several the one that would have to move most. What has no value
    at a point, a complex one, or one that the digits of the quantities leave open, is undecided.

    Examples
    --------
    >>> found = claim("jump = 0", points=4, digits=10)
    >>> found.verdict, found.holds_on
    ('false', 'all 2 points with transition continuous, at none of the 2 others')
    """
    about = family(of)
    found = statement_of(statement, where, about.names)
    place = place_of(found, about, side, {"kind": kind, "edge": edge}, ranges)
    far, network = found.approach is not None, makes_network(of, place, found.approach)
    if network:
        place = replace(place, far=False)
    usual = None if network else FAR_DIGITS if far else DIGITS
    asked = usual if digits is None else arguments.whole(digits, "digits", 1, MAX_DIGITS)
    count = _count(place, FAR_POINTS if network or far else POINTS, points)
    seed = arguments.whole(seed, "seed", 0, MOST_SEED)
    drawn, refused = draw(place, count, seed, found.approach)
    if not network:
        check = _check_far if far else _check
        checked = tuple(check(found, at, place, asked) for at in drawn)
    elif far:
        checked = _check_networks_far(found, drawn, place, asked, seed)
    else:
        asked, checked = _check_networks(found, drawn, place, asked)
    verdicts = {one.verdict for one in checked}
    verdict = next((v for v in (FALSE, UNDECIDED) if v in verdicts), TRUE)
    texts = tuple(helper.text for helper in found.helpers)
    shown = _reached(checked) if asked is None else asked
    if verdict == TRUE and any(one.digits is None for one in checked):
        shown = 0
    missing = refused and Checked(refused.exact, {}, UNDECIDED, note=refused.sentence)
    return Claim(found.text, texts, verdict, shown, checked, seed, place.wanted, found, missing)


def _count(place: Asked, usual: int, points: int | None) -> int:
    """How many points are drawn: as asked for, else one at least for each of a few integers."""
    values = (at.count for name, at in place.ranges.items() if name in place.given)
    several = max(usual, *(n for n in values if n <= POINTS), 1)
    return arguments.whole(several if points is None else points, "points", 1, MAX_POINTS)


def _reached(checked: Iterable[Checked]) -> int:
    """Digits in which every point with a value was held, where none were asked for."""
    return min((floor(one.known) for one in checked if one.known), default=0)


def _check(statement: Statement, at: Drawn, place: Asked, digits: int | None) -> Checked:
    """Hold an equality against the engine at one point, with all digits that its terms need."""
    answer = partial(Checked, at.exact, at.classes)
    try:
        known, rounded = _known(statement, at, place, digits)
        few = isinstance(at.problem, Network) and not has_digits(at.problem, place.side)
        while True:
            found = _sides(statement, at, place, known)
            verdict, agreed, note = _judged(found, digits, known, rounded)
            if verdict == FALSE and not rounded and not _is_certain(found):
                if not few:
                    known, rounded = CLOSER + NETWORK_MORE, ROUNDED
                    continue
                verdict = UNDECIDED
                note = f"they agree to {agreed:.1f} of {known} digits: the rest may be an error"
            missing = _missing(statement, at, place, known, found) if verdict == TRUE else 0
            if not missing:
                return answer(verdict, agreed, *_texts(found, rounded), note, known)
            if few or known + missing > MOST_KNOWN:
                seen = known if few else MOST_KNOWN
                note = f"a term of it is too small to be seen with {seen} digits"
                return answer(UNDECIDED, agreed, *_texts(found, rounded), note, known)
            known, rounded = known + missing, ROUNDED
    except BBPError as error:
        return answer(UNDECIDED, note=str(error))


def _known(statement: Statement, at: Drawn, place: Asked, digits: int | None) -> tuple[int, int]:
    """Digits that quantities are computed to, and how many of them may be rounded.

    Of a network they are all that double precision leaves, if these are enough.
    """
    if not isinstance(at.problem, Network):
        return (CLOSER if digits is None else digits) + MORE, ROUNDED
    alpha = at.exact.get("alpha")
    known = reach(statement.quantities, at.problem, alpha, place.side)
    if digits is None or digits <= known:
        return known, 0
    if not has_digits(at.problem, place.side):
        raise NotEvaluatedError(f"{known} digits are known of this network: ask for no more")
    return digits + NETWORK_MORE, ROUNDED


def _check_networks(
    statement: Statement, drawn: Sequence[Drawn], place: Asked, asked: int | None
) -> tuple[int | None, tuple[Checked, ...]]:
    """Check networks, and what is true of those of one weight again with the digits they have.

    A formula that is wrong in its 15th digit is no less wrong, also where ten are asked for; others
    keep what was found.
    """
    checked = tuple(_check(statement, at, place, asked) for at in drawn)
    many = all(has_digits(at.problem, place.side) for at in drawn)
    enough = asked is not None and asked >= CLOSER
    if enough or not many or {one.verdict for one in checked} != {TRUE}:
        return asked, checked
    again = tuple(_check(statement, at, place, CLOSER) for at in drawn)
    verdicts = {one.verdict for one in again}
    if FALSE in verdicts or (asked is None and verdicts == {TRUE}):
        return asked or CLOSER, again
    return asked, checked


def _is_certain(found: Sides) -> bool:
    """Whether sides differ by more than an estimated error may be wrong."""
    return bool(abs(found.difference) > CERTAIN * found.noise)


def _check_networks_far(
    statement: Statement, drawn: Sequence[Drawn], place: Asked, digits: int | None, seed: int
) -> tuple[Checked, ...]:
    """Check a limit of networks in double precision, with more digits where that is not enough.

    Without more digits what shows fewer than are asked for is undecided.
    """
    checked = tuple(_check_far(statement, at, place, None) for at in drawn)
    if digits is None:
        return checked
    checked = tuple(_enough(one, digits) for one in checked)
    verdicts = {one.verdict for one in checked}
    many = all(has_digits(at.problem, place.side, far=True) for at in drawn)
    if many and FALSE not in verdicts and UNDECIDED in verdicts:
        place = replace(place, far=True)
        with suppress(BBPError):
            again = draw(place, len(drawn), seed, statement.approach).points
            return tuple(_check_far(statement, at, place, digits) for at in again)
    return checked


def _enough(one: Checked, digits: int) -> Checked:
    """A point, undecided if it shows fewer digits than asked for."""
    if one.verdict != TRUE or one.digits is None or one.digits >= digits:
        return one
    note = f"double precision shows {floor(one.digits)} digits of it: ask for no more"
    return replace(one, verdict=UNDECIDED, note=note, known=0)


def _judged(found: Sides, digits: int | None, known: int, rounded: int) -> tuple[str, float, str]:
    """Verdict, digits of agreement, and what is to be said of them."""
    ctx = context(known)
    noise = found.noise * ctx.mpf(10) ** rounded
    off = abs(found.difference)
    seen = max(off, found.noise)
    agreed = _digits(seen / found.size, known)
    reached = _digits(noise / found.size, known)
    if off > noise:
        return FALSE, agreed, _differing(agreed, reached)
    if reached < (FEWEST_DIGITS if digits is None else digits):
        few = "the digits known of its quantities show {} of the claim only"
        more = "" if digits is None else ": ask for fewer"
        return UNDECIDED, agreed, few.format(max(0, floor(reached))) + more
    return TRUE, agreed, ""


def _digits(share: Any, most: int) -> float:
    """Digits that an error leaves, without the rounding of its logarithm."""
    return round(float(-share.context.log10(share)), 6) if share else float(most)


def _differing(agreed: float, reached: float) -> str:
    """What to say of sides that differ beyond their first digits; nothing if at once."""
    if agreed < 1:
        return ""
    return f"they agree to {agreed:.1f} digits, and differ in the next of the {int(reached)} known"


def _missing(statement: Statement, at: Drawn, place: Asked, known: int, found: Sides) -> int:
    """Digits that are missing for the least of its terms to be seen."""
    values = quantities(statement.quantities, at.problem, at.exact.get("alpha"), known, place.side)
    share = least_term(statement, at.exact, values, known)
    noise = found.noise * found.noise.context.mpf(10) ** ROUNDED
    return max(0, 1 + int(found.noise.context.log10(noise / share))) if noise > share else 0


def _check_far(statement: Statement, at: Drawn, place: Asked, digits: int | None) -> Checked:
    """Hold a limit or an expansion against the engine, on the way of its variable."""
    try:
        passed = list(_passed(statement, at, place, digits))
        found = _finding(statement, at, passed, digits)
    except BBPError as error:
        return Checked(at.exact, at.classes, UNDECIDED, note=str(error))
    texts = _texts(passed[-1][1], ROUNDED)
    known = found.digits or 0 if found.verdict == TRUE else 0
    return Checked(at.exact, at.classes, found.verdict, found.digits, *texts, found.note, known)


def _texts(found: Sides, rounded: int) -> tuple[str, str]:
    """Both sides, with as many of the digits known as tell them apart, and some."""
    ctx, off = found.difference.context, abs(found.difference)
    largest, digits = max(abs(found.left), abs(found.right)), SHOWN
    if off > found.noise * 10**rounded:
        digits = max(SHOWN, int(ctx.log10(largest / off)) + BEYOND)
    left, right = (ctx.nstr(value, digits) for value in (found.left, found.right))
    return left, right


def _sides(statement: Statement, at: Drawn, place: Asked, known: int) -> Sides:
    alpha = at.exact.get("alpha")
    values = quantities(statement.quantities, at.problem, alpha, known, place.side)
    return sides(statement, at.exact, values, known)


def _passed(
    statement: Statement, at: Drawn, place: Asked, digits: int | None
) -> Iterator[tuple[Fraction, Sides]]:
    """Both sides on the way of the variable, as far back as its points are like the last one."""
    assert statement.approach is not None
    variable = statement.approach.variable
    found, reason = [], "the next is of another class"
    values = way(place, statement.approach)
    for value in values[values.index(at.exact[variable]) :: -1]:
        exact = {**at.exact, variable: value}
        try:
            here = point(place, exact)
            same = all(here.classes[k] == at.classes[k] for k in here.classes if k != "width")
        except BBPError as error:
            same, reason = False, str(error)
        if not same:
            break
        known = _known(statement, here, place, None)[0] if digits is None else digits + FAR_MORE
        found.append((Fraction(value), _sides(statement, here, place, known)))
    if len(found) < FEWEST:
        alike = f"only {len(found)} points on the way of {variable} are alike"
        raise NotEvaluatedError(f"{alike}: {reason}")
    yield from reversed(found)


def _finding(
    statement: Statement, at: Drawn, passed: list[tuple[Fraction, Sides]], digits: int | None
) -> approaches.Finding:
    """What the two sides tend to, or how their difference falls."""
    assert statement.approach is not None
    _, to, order = statement.approach
    ctx = context(2 * ((digits or 0) + FAR_MORE))
    left, rest = ([ctx.mpf(getattr(s, n)) for _, s in passed] for n in ("left", "difference"))
    rounded = 0 if digits is None else ROUNDED
    noises = [ctx.mpf(s.noise) * 10**rounded for _, s in passed]
    if order is None:
        right, size = abs(passed[-1][1].right), passed[-1 if passed[-1][1].right else 0][1].size
        scale = min(right or abs(left[0]), size)
        return approaches.vanishes(rest, scale, noises, digits, ctx)
    values = [convert(value, ctx) for value, _ in passed]
    orders = [_order(statement, at, v, ctx) for v in values]
    sizes = values if to == INFINITY else [1 / v for v in values]
    return approaches.falls_like(approaches.Way(left, rest, orders, sizes, noises), digits, ctx)


def _order(statement: Statement, at: Drawn, value: Any, ctx: Any) -> Any:
    """The order claimed for what is left, at a value of its variable."""
    assert statement.approach is not None
    variable, _, order = statement.approach
    assert order is not None
    values = {name: convert(Fraction(number), ctx) for name, number in at.exact.items()}
    try:
        found = ctx.convert(value_of(order, values | {variable: value}, statement.helpers, ctx))
    except NO_VALUE:
        found = ctx.zero
    if not ctx.isfinite(found) or ctx.im(found) or not found:
        raise NotEvaluatedError(f"the order {order} has no value, or none but zero")
    return ctx.re(found)
