"""The lower end of the support of a weight: where the domain of g ends, eq. (42).

It is found by descent from many starts in boxes of growing size, never from the nodes of a rule.
An end that is reached inside makes `1 - g f` vanish there, and the edge is always sharp; one that
is only approached at infinity may leave the edge smooth, and is then needed to all digits: the
limit is taken by SymPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
from mpmath.ctx_mp import MPContext
from scipy.stats import qmc
from sympy import Expr, Float, Integral, S, Symbol, lambdify, oo

from bbpsym.ensembles.networks.far_coordinates import INWARDS, away_at, pulled
from bbpsym.ensembles.networks.landscape import (
    LARGEST,
    Landscape,
    descend,
    fills,
    is_rounding,
    landscape,
    lowest,
    real,
    settled,
    shown,
    written,
)
from bbpsym.ensembles.networks.limits_at_infinity import limit_of
from bbpsym.ensembles.networks.poles import pole
from bbpsym.ensembles.real_values import compiled, evaluate_at, functions_of, mean_number
from bbpsym.equations.factored import without_atoms
from bbpsym.equations.weights import argument
from bbpsym.errors import PrecisionError, UnboundedError
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.ensembles.networks.two_layer import Network

#: Boxes in which the weight is minimised, and those for one that does not level off in these.
BOXES = (10.0, 30.0, 100.0)
FARTHER = tuple(10.0**k for k in range(3, 9))

#: Data at which a formula has to be real: how far out, and how many (a power of two).
DATA, SAMPLES = 6.0, 2**10

#: Relative difference of ends in all boxes that is no fall.
ALIKE = 1e-6

#: Increments from box to box that shrink less than this make an end infinite: those of a
#: logarithm do not shrink, those of a limit reached like 1/v shrink to a third.
SHRINKING = 0.5

#: Relative accuracy of an end found by descent.
FOUND = 1e-9

#: Relative difference to SymPy's own value at which an end counts as held.
HELD = 1e-8

#: How far out a valley is looked for, and by what share of the end it is higher nearer by.
FAR, FLAT = 5.0, 1e-3

#: Where the end of a valley is taken, in units of where it was seen, and relative changes that are
#: rounding.
FURTHER, REACHED = (2.0, 4.0), 1e-14

#: Digits of an end that is a limit, and those that a search for it may lack.
DIGITS, SPARE = 60, 5


class Support(NamedTuple):
    """The lower end of a weight."""

    #: The end.
    low: float
    #: Whether `<h^2>` diverges there, so that the edge is always sharp.
    is_filled: bool
    #: Where the end is reached or approached.
    where: str
    #: The weight in the coordinates that stay finite, at an end that is approached.
    limit: Expr | None = None
    #: Their values.
    point: Mapping[Symbol, float] = {}
    #: Signs of the infinities that the other coordinates go to.
    away: tuple[float, ...] = ()
    #: Pre-activations of the student that stay finite.
    nodes: tuple[float, ...] = ()
    #: Sign of the first coordinate there.
    heading: float = 1.0

    def precise(self, digits: int) -> Any:
        """The end as an mpmath number; of an end that is filled only the double is known."""
        ctx = MPContext()
        ctx.dps = digits
        if self.limit is None:
            return ctx.mpf(self.low)
        if not self.point:
            return ctx.mpf(str(self.limit.evalf(digits + 5)))
        end = self.limit.replace(Integral, lambda *of: mean_number(Integral(*of), digits))
        names, functions = tuple(self.point), functions_of(ctx)
        gradient = lambdify(names, [without_atoms(end.diff(v)) for v in names], [functions])
        start = [ctx.mpf(self.point[v]) for v in names]
        try:
            at = ctx.findroot(gradient, start, verify=False)
        except ZeroDivisionError:
            where = f"{self.where} has no turning point that a descent finds"
            raise PrecisionError(f"the end of the support of F is not found: {where}") from None
        values = list(at) if hasattr(at, "__len__") else [at]
        value = ctx.mpf(lambdify(names, end, [functions])(*values))
        slopes = zip(gradient(*values), values, start, strict=True)
        moved = sum(abs(slope * (now - before)) for slope, now, before in slopes)
        if not moved <= (1 + abs(value)) * ctx.mpf(10) ** (SPARE - digits):
            raise PrecisionError(f"the end of the support of F is not found to {digits} digits")
        return value


@lru_cache(maxsize=32)
def lower_end(network: Network, sign: int) -> Support:
    """Find the lower end of the support of `sign * F`.

    Raises
    ------
    DomainError
        If the weight is unbounded: the bulk then has no edge on that side.
    PrecisionError
        If the end is approached at infinity, and its limit is not found.
    """
    _check_real(network)
    scene = landscape(network, sign)
    at = pole(scene, scene.branches or tuple(network.weight), BOXES[0])
    if at is not None:
        _refuse(network, sign, scene, at)
    found = [lowest(scene, BOXES[0])]
    for box in BOXES[1:]:
        found.append(_lowest_from(scene, box, found[-1]))
    (least, seen), doubt = found[-1], None
    if _vanishes(scene, found):
        return Support(0.0, True, f"near {written(scene.variables, seen)}")
    if _levels_off(found):
        try:
            return _classified(scene, found)
        except PrecisionError as error:  # what seems to level off may go on further out
            doubt = error
    support = _far_end(scene, found)
    lows = np.array([low for low, _ in found])
    if support is None and np.ptp(lows) < ALIKE * np.abs(lows).max():
        doubt = doubt or PrecisionError(
            f"the end of the support of F (near {written(scene.variables, seen)}) is not found to "
            "its digits"
        )
    if support is None and doubt is not None:
        _check_digits(scene, seen, written(scene.variables, seen))
        raise doubt
    if support is None and is_rounding(scene, seen, least / 2):
        _check_digits(scene, seen, written(scene.variables, seen))
    return support or _refuse(network, sign, scene, seen)


def _vanishes(scene: Landscape, found: list[tuple[float, np.ndarray]]) -> bool:
    """Whether weights that are never negative come as near to zero as doubles tell."""
    points = np.random.default_rng(0).normal(size=(SAMPLES, len(scene.variables)))
    usual = float(np.median(np.abs(scene.value(points))))
    return all(
        0 <= low <= FOUND * usual or (-ALIKE < low < 0 and is_rounding(scene, place, HELD * low))
        for low, place in found
    )


def _far_end(scene: Landscape, found: list[tuple[float, np.ndarray]]) -> Support | None:
    """The end where a label outweighs a large number; None if the weight has none.

    Far out only a limit is believed, or what is reached far from where the box ends, and from
    where doubles end, as those of `log(1 + exp(x))` do at x = 709.
    """
    for box in FARTHER:
        found.append(_lowest_from(scene, box, found[-1]))
        if _is_lost(found) or _levels_off(found):
            break
    if _is_lost(found) or not _levels_off(found):
        return None
    try:
        support = _classified(scene, found)
    except PrecisionError:
        return None
    _, place = min(found, key=itemgetter(0))
    inside = np.abs(place).max() < box / 2 and np.isfinite(scene.value(place[None] / INWARDS)[0])
    reached = support.is_filled and inside
    return support if support.limit is not None or reached else None


def _nearest(scene: Landscape, found: list[tuple[float, np.ndarray]]) -> tuple[np.ndarray, float]:
    """The lowest point, with those coordinates near that need not be far, and its value."""
    low, point = min(found, key=itemgetter(0))
    return pulled(scene, point, low + FOUND * (abs(low) + FOUND)), low


def _lowest_from(
    scene: Landscape, box: float, before: tuple[float, np.ndarray]
) -> tuple[float, np.ndarray]:
    """Minimise in a box; a valley that becomes narrow far out is followed from the one before."""
    fresh = lowest(scene, box)
    if not scene.variables:
        return fresh
    farther = before[1] * (box / max(np.abs(before[1]).max(), FOUND))
    starts = (before[1], settled(scene, farther, box)[1])
    followed = min((descend(scene, start, box) for start in starts), key=itemgetter(0))
    goes_on = followed[0] < before[0] - FOUND * abs(before[0])
    return followed if goes_on and followed[0] < fresh[0] else fresh


def _is_lost(found: list[tuple[float, np.ndarray]]) -> bool:
    """Whether the widest box has not what a narrower one has, though it holds it."""
    low, last = min(low for low, _ in found), found[-1][0]
    return low < last - FOUND * abs(low)


def _levels_off(found: list[tuple[float, np.ndarray]]) -> bool:
    """Whether the last increments from box to box shrink."""
    lows = [low for low, _ in found[-3:]]
    first, second = lows[0] - lows[1], lows[1] - lows[2]
    enough = max(SHRINKING * first, FOUND * (abs(lows[2]) + FOUND))
    return bool(np.isfinite(lows[2])) and abs(lows[2]) <= LARGEST and second <= enough


def _check_real(network: Network) -> None:
    """Refuse formulas that are complex or infinite on the data, by name."""
    formulas = [("activation", network.student.diff(argument, order)) for order in (0, 2)]
    formulas.append(("activation" if network.teacher is None else "teacher", network.clean_label))
    entries = network.radial_weights if network.is_radial else tuple(network.weight)
    formulas += [("loss", entry.subs(label, network.label)) for entry in entries]
    for name, formula in formulas:
        variables = tuple(sorted(formula.free_symbols, key=str))
        if variables:
            points = DATA * (qmc.Sobol(len(variables), seed=1).random(SAMPLES) * 2 - 1)
            lengths = [v.is_nonnegative is True for v in variables]
            points = np.where(lengths, np.abs(points), points)
            evaluate_at(formula, variables, *points.T, name=name)


def _refuse(network: Network, sign: int, scene: Landscape, point: np.ndarray) -> NoReturn:
    side, below = ("left", "below") if sign > 0 else ("right", "above")
    near = written(scene.variables, point)
    if not np.isfinite(scene.value(point[None])[0]):
        _check_digits(scene, point, near)  # what overflows on the way is not unbounded
    error = UnboundedError(
        f'side must not be "{side}" for {network!r}: its weight F is unbounded {below} (near '
        f"{near}), so that the bulk has no {side} edge, as far as a descent tells"
    )
    error.near = near
    raise error


def _classified(scene: Landscape, found: list[tuple[float, np.ndarray]]) -> Support:
    """Tell an end that is reached from one that is approached, and take the limit there.

    It lies below the last descent, by no more than the last step of these gained.
    """
    point, low = _nearest(scene, found)
    gained, size = max(found[-2][0] - found[-1][0], 0.0), HELD * (abs(low) + FOUND)
    away = away_at(scene, point, low + FOUND * (abs(low) + FOUND))
    where = written(scene.variables, point)
    if not away:
        _check_digits(scene, point, where)
        nodes = _nodes(scene, point, away)
        if scene.branches and _is_valley(scene, point, low):
            return Support(_valley_end(scene, point, low), False, f"beyond {where}", nodes=nodes)
    if not away and fills(scene, point, low):
        return Support(low, True, where, nodes=nodes)
    free = {v: x for v, x in zip(scene.variables, point, strict=True) if v not in away}
    places = [f"{v} -> {end}" for v, end in away.items()]
    where = ", ".join(places + [f"{v} = {shown(x)}" for v, x in free.items()])
    if not scene.branches:
        nodes, heading = _nodes(scene, point, away), float(np.sign(point[0]))
        return Support(low, False, where, nodes=nodes, heading=heading)
    reached = [_value(scene, branch, point) for branch in scene.branches]
    branch = scene.branches[int(np.argmin(reached))]
    expression = limit_of(branch, scene.label, away, dict(zip(scene.variables, point, strict=True)))
    free = {v: x for v, x in free.items() if v in expression.free_symbols}
    signs = tuple(1.0 if end is oo else -1.0 for end in away.values())
    nodes = _nodes(scene, point, away)
    support = Support(low, False, where, expression, free, signs, nodes)
    try:
        exact = float(support.precise(DIGITS))
    except PrecisionError:
        _check_digits(scene, point, where)  # which may be why
        raise
    if not low - gained - size <= exact <= low + size:
        raise PrecisionError(
            f"the end of the support of F (near {where}) is not found to its digits"
        )
    return support._replace(low=exact)


def _is_valley(scene: Landscape, point: np.ndarray, low: float) -> bool:
    """Whether the weight goes on falling along a valley that leaves no coordinate behind.

    Nearer to the origin it is slightly higher, where an end that is reached would be out of sight.
    """
    nearer = float(np.abs(point).max(initial=0.0))
    while nearer > FAR:
        nearer *= INWARDS
        start = np.clip(point, -nearer, nearer)
        above = descend(scene, start, nearer, abs(low) or 1.0)[0] - low
        if above > 10 * FOUND * abs(low):
            return bool(above < FLAT * abs(low))
    return False


def _valley_end(scene: Landscape, point: np.ndarray, low: float) -> float:
    """The end of a valley, where doubles reach it."""
    reaches = [factor * float(np.abs(point).max()) for factor in FURTHER]
    found = [
        descend(scene, factor * point, reach, abs(low))[0]
        for factor, reach in zip(FURTHER, reaches, strict=True)
    ]
    if not abs(found[0] - found[1]) < REACHED * abs(low):
        raise PrecisionError(
            f"the end of the support of F (far beyond {written(scene.variables, point)}) is "
            "approached along a valley, and not found to its digits"
        )
    return min(low, *found)


def _nodes(scene: Landscape, point: np.ndarray, away: Mapping[Symbol, Expr]) -> tuple[float, ...]:
    own = {v for v in scene.variables if str(v).startswith("lambda_") and v not in away}
    return tuple(float(x) for v, x in zip(scene.variables, point, strict=True) if v in own)


def _value(scene: Landscape, branch: Expr, point: np.ndarray) -> float:
    explicit = branch.subs(label, scene.label)
    return float(real(compiled(explicit, scene.variables), point[None])[0, 0])


def _check_digits(scene: Landscape, point: np.ndarray, where: str) -> None:
    """Hold the weight where it is lowest against SymPy's own value there."""
    at = {v: Float(float(x), DIGITS) for v, x in zip(scene.variables, point, strict=True)}
    for branch in scene.branches:
        explicit = branch.subs(label, scene.label)
        true = S.NaN if explicit.has(Integral) else explicit.evalf(DIGITS, subs=at)
        found = _value(scene, branch, point)
        known = true.is_Float and np.isfinite(float(true))
        if known and not abs(found - float(true)) <= HELD * (abs(float(true)) + FOUND):
            raise PrecisionError(
                f"the loss and the activation must be written so that doubles keep their digits: "
                f"an eigenvalue of F is {float(true):.6g} and not {found:.6g} at {where}"
            )
