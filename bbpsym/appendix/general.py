"""The steps of any network: the paper's equations where they hold for it, told by the chapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sympy import Dummy, Eq, Expr, Integer, Symbol, limit, oo

from bbpsym.appendix import names as n
from bbpsym.appendix import single
from bbpsym.appendix.asymptotics import parameter_steps
from bbpsym.appendix.chapters import Chapters
from bbpsym.appendix.limits import closed_steps, limit_steps
from bbpsym.appendix.matrix_transform import sector_steps
from bbpsym.appendix.reduction import average_steps
from bbpsym.appendix.steps import Status, Step
from bbpsym.appendix.threshold_series import DIVERGENT, has_smooth_edge, smooth_widths, wide_steps
from bbpsym.appendix.worlds import Scene
from bbpsym.ensembles.networks.bounds import Bound, lowest, rivals
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations import edges
from bbpsym.errors import PrecisionError
from bbpsym.records import places
from bbpsym.records.record import Nature, Record
from bbpsym.symbols import p, p_star, y

#: Said where numbers find no lower end of the weights, after which nothing is derived.
NO_END = "There may be no lower end, and so no left edge; what would follow of it is not derived."

#: Digits to which the end of the support is found by descent.
FOUND = 7


def general_steps(setting: Setting, values: Mapping[Symbol, Any]) -> Iterator[Step]:
    """The steps of a network that is not the paper's."""
    scene = Scene(setting, values)
    if setting.is_rotated:
        yield from _rotated(setting, scene, values)
    elif setting.p in (1, oo):
        yield from single.single_steps(setting, scene, values)
    else:
        yield from sector_steps(setting, values)


def _rotated(setting: Setting, scene: Scene, values: Mapping[Symbol, Any]) -> Iterator[Step]:
    """A quadratic activation: G is a number for every width and every loss."""
    bound = scene.bound
    ends = not scene.restless if bound is None else bound.is_below_zero
    chapters = Chapters(setting, scene if ends else None)
    yield from _rotated_bulk(chapters)
    if bound is None:
        why = _why_unknown(setting, scene.doubt)
        yield Step("domain", n.EDGES, reason=why if ends else f"{why} {NO_END}")
        if not ends:
            return
    elif bound.value is -oo:
        yield no_edge(bound)
        return
    elif not ends:
        yield no_end(bound)
        return
    else:
        yield _domain(chapters, bound, scene)
    yield from chapters.steps(n.EDGES, e44=places.sharp_edge, e45=None)
    if bound is not None:
        yield from smooth_steps(chapters, bound, values)
    yield from _rotated_outlier(chapters)
    yield from closed_steps(setting, bound, scene)
    yield from average_steps(setting, bound)
    yield from limit_steps(setting, scene)
    if bound is None:
        yield from parameter_steps(setting, bound, scene, smooth=False)
    else:
        yield from _rotated_limits(setting, scene, bound, values)


def _rotated_bulk(chapters: Chapters) -> Iterator[Step]:
    """Network, weight matrix and bulk."""
    data = "the outputs y >= 0 and yh >= 0"
    for record_id in ("1", "2", "3"):
        yield chapters.step(record_id, n.NETWORK, domain=data)
    for record_id in ("4", "5", "48"):
        yield chapters.step(record_id, n.MATRIX, domain=data)
    yield from chapters.steps(n.BULK, e28=None, e29=None, e30=None, commutant=None)
    yield from chapters.steps(n.BULK, e31=places.bulk, e41=places.bulk, e43=places.bulk)


def _rotated_outlier(chapters: Chapters) -> Iterator[Step]:
    """Outlier, overlap and the condition of the threshold."""
    outlier = places.outlier
    yield from chapters.steps(n.OUTLIER, e34=None, e35=None, e36=None, e37=None)
    yield from chapters.steps(n.OUTLIER, e38=outlier, e39=outlier, e40=outlier)
    yield from chapters.steps(n.OVERLAP, e55=None, e56=None, e57=places.bulk, e58=outlier)
    yield from chapters.steps(n.OVERLAP, curves=outlier)
    yield chapters.step("14", n.CLOSED, domain="alpha = alpha_BBP")


def _rotated_limits(
    setting: Setting, scene: Scene, bound: Bound, values: Mapping[Symbol, Any]
) -> Iterator[Step]:
    """Many nodes, and parameters at their ends, where the lower end of the weights is known."""
    count = _known(confined(bound), values)
    smooth = has_smooth_edge(bound, count)
    if smooth:
        many = smooth_widths(bound, count.subs(p, oo))
        yield from wide_steps(setting, bound, scene, many)
    smooth_for = smooth_widths(bound, count)
    yield from parameter_steps(setting, bound, scene, smooth, smooth_for)


def _known(count: Expr, values: Mapping[Symbol, Any]) -> Expr:
    """A count of widths, of which some have values."""
    return count.subs({v: x for v, x in values.items() if x.is_number})


def _why_unknown(setting: Setting, doubt: str) -> str:
    """Why the lower end of the weights is not known."""
    if doubt and (found := lowest(setting)):
        least = _text(found.value)
        return f"The least of all limits and turning points that are found is {least}, but {doubt}."
    ends = ", ".join(map(_text, rivals(setting)))
    if not ends:
        return "The lower end of the weights is not found in symbols."
    return (
        f"The lower end of the weights is another one for other values of the parameters: {ends}. "
        "Derive the network again with numbers in their place."
    )


def _text(value: Expr) -> str:
    return str(value).replace("^*", "_star").replace("**", "^")


def no_end(bound: Bound) -> Step:
    """The end of a derivation whose weights are not shown to be negative anywhere."""
    known = bound.value.is_nonnegative
    sign = "is not negative" if known else "is not shown to be negative for all parameters"
    reason = (
        f"The lower end of the weights, {_text(bound.value)}, {sign}: the domain of g left of the "
        "bulk need not end at 1/f_-, and what follows is not derived."
    )
    return Step("domain", n.EDGES, reason=reason)


def _domain(chapters: Chapters, bound: Bound, scene: Scene) -> Step:
    """The end of the support, seen again by descent."""

    def seen(world: Any, _rng: Any) -> Any:
        low = scene.descended(world)
        return world.given({edges.f_minus: low, edges.g_minus: 1 / low})

    try:
        known = [scene.descended(drawn) for drawn in scene.drawn]
    except PrecisionError as error:
        known, trouble = [], f"Algebra shows that no weight lies below; {error}."
    ends = places.Worlds(seen, scene.draw)
    found = chapters.step("42", n.EDGES, ends, "f_- <= f, so 1/f_- < g < 0 left of the bulk")
    assert found.record is not None
    record = replace(found.record, reach=FOUND)
    if not known:
        record = replace(found.record, at=None)
        return Step(found.name, n.EDGES, record, found.follows_from, trouble)
    if bound.proven:
        return Step(found.name, n.EDGES, record, found.follows_from)
    reason = (
        "The end is the least of all limits and turning points; that nothing lies below is seen by "
        "descent from many starts, not proved."
    )
    return Step(found.name, n.EDGES, record, found.follows_from, reason, status=Status.COMPUTED)


def smooth_steps(chapters: Chapters, bound: Bound, values: Mapping[Symbol, Any]) -> Iterator[Step]:
    """Smooth edges, where the end of the domain leaves `<h^2>` finite."""
    if bound.rate != 0:
        yield from _exponential(chapters, bound, values)
        return
    if not bound.is_reached:
        yield from chapters.steps(n.EDGES, e46=places.smooth_edge, e49=places.end)
        return
    count = confined(bound)
    number = _known(count, values)
    seen = Dummy("n", positive=True, integer=True)  # no parameter of a loss, whatever its name
    why = (
        "f_- is reached at finite outputs. Near this point 1 - g f is at g = 1/f_- a quadratic "
        f"form in n = {str(count).replace('^*', '_star')} directions, and h^2 falls like its "
        "inverse square: its average is infinite unless n > 4. "
    )
    if number.is_number and number <= DIVERGENT:
        yield Step(
            "no smooth edge",
            n.EDGES,
            count_record(seen, count),
            ("domain",),
            why + f"Here n = {number}: every edge is sharp, and every transition continuous.",
        )
        return
    yield Step(
        "confined directions",
        n.EDGES,
        count_record(seen, count),
        ("domain",),
        why + "For n <= 4 every edge is sharp; the next two equations hold for n > 4.",
    )
    yield from chapters.steps(n.EDGES, e46=None, e49=None)


def _exponential(chapters: Chapters, bound: Bound, values: Mapping[Symbol, Any]) -> Iterator[Step]:
    """An end that is approached so fast that only light tails leave `<h^2>` finite."""
    width = p_star if bound.far == y else p
    number = _known(width, values)
    rate, seen = bound.rate, Dummy("r", positive=True)
    name = str(width).replace("^*", "_star")

    def tell() -> Iterator[Any]:
        """Rate at which the lowest weight approaches its end. Domain: the far output grows."""
        yield Eq(seen, rate)
        gap = bound.weight - bound.value
        for output, place in bound.where:
            if place is oo:
                yield gap, "distance from the end"
                yield Eq(seen, limit(-gap.diff(output) / gap, output, oo)), "its logarithmic slope"
                return
            gap = gap.subs(output, place)

    record = Record("rate", Nature.DERIVED, tell, (), "limit of a logarithmic slope")
    why = (
        f"At g = 1/f_- the dressed weight grows like exp(r v) with the output v, whose density "
        f"falls like exp(-{name} v/2): <h^2> is finite only for {name} > 4 r = {4 * rate}. "
    )
    sharp = number.is_number and number <= 4 * rate
    verdict = (
        f"Here {name} = {number}: every edge is sharp, and every transition continuous."
        if sharp
        else f"For {name} <= {4 * rate} every edge is sharp; the next two equations hold above."
    )
    title = "no smooth edge" if sharp else "rate of approach"
    yield Step(title, n.EDGES, record, ("domain",), why + verdict)
    if not sharp:
        yield from chapters.steps(n.EDGES, e46=None, e49=None)


def confined(bound: Bound) -> Expr:
    """Directions in which the weight rises from its lower end: an output at zero is p of them."""
    total: Expr = Integer(0)
    for output, place in bound.where:
        width = p_star if output == y else p
        total += width if place == 0 else 1
    return total


def count_record(symbol: Symbol, count: Expr) -> Record:
    """The record of a number of directions."""

    def tell() -> Iterator[Any]:
        """Directions in which the weight rises from its lower end.

        An output that vanishes confines all pre-activations of its network, one that has a
        value their length alone.

        Domain: at the point where the lowest weight is reached.
        """
        yield Eq(symbol, count)
        yield Eq(symbol, count), "an output at zero confines all its nodes, else their length"

    return Record("directions", Nature.DERIVED, tell, (), "count of confined directions")


def no_edge(bound: Bound) -> Step:
    """The end of a derivation whose bulk has no left edge."""

    def tell() -> Iterator[Any]:
        """No left edge.

        The bulk has an edge on a side only if the weights are bounded there: else 1 - g f vanishes
        for some data at every g < 0, and no real g belongs to a point left of the bulk.

        Domain: all outputs.
        """
        yield Eq(edges.f_minus, -oo, evaluate=False)
        value = bound.weight
        yield value, "an eigenvalue (48)"
        for output, place in bound.where:
            value = limit(value, output, place)
            yield value, f"as {output} -> {place}".replace(r"\hat{y}", "yh")
        yield Eq(edges.f_minus, value, evaluate=False), "no weight is the lowest"

    record = Record("no-edge", Nature.DERIVED, tell, (), "limit of an eigenvalue of F")
    where = ", ".join(f"{v} -> {x}".replace(r"\hat{y}", "yh") for v, x in bound.where)
    reason = (
        f"The weights are unbounded below ({where}), so that the bulk reaches to minus infinity: "
        "it has no left edge, and no eigenvalue can leave it there. A loss whose slope is divided "
        "by a function of y that grows at least as fast has one."
    )
    return Step("no left edge", n.EDGES, record, ("eigenvalues",), reason)
