"""Expansions of the threshold of a rotated network: in 1/p, at small and large parameters.

At the smooth edge g is the end of its domain, so that the outlier's condition (40) and that of the
edge (44) are averages without an unknown: their expansions are those of the thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from sympy import Dummy, Eq, Expr, Integer, Poly, S, Symbol, cancel, factor, fraction

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.steps import Step
from bbpsym.appendix.worlds import Scene
from bbpsym.averages.expansions import student_mean
from bbpsym.averages.laplace_variable import central_moment
from bbpsym.ensembles.networks.bounds import Bound
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import Law, chi_square
from bbpsym.records.record import Approach, Nature, Record

#: Highest order in 1/p, and widths along which it is seen.
ORDER, WIDTHS = 2, tuple(64 * 2**k for k in range(6))

#: Digits that the leading order and what is added to it reach.
REACHES = (8, 8, 5)

#: Number of confined directions up to which `<h^2>` diverges at an end that is reached.
DIVERGENT = 4

#: Names of the orders.
ORDERS = ("at p -> infinity", "first order in 1/p", "second order in 1/p")

#: Names of what is expanded.
PLAIN = {s.alpha_BBP: "alpha_BBP", s.alpha_c: "alpha_c"}

#: Operations in the longest expansion that is told.
LONGEST = 150

#: What is averaged, of a weight at g: in (40), and in (44).
CONDITIONS: tuple[tuple[Symbol, Callable[[Expr, Expr], Expr]], ...] = (
    (s.alpha_BBP, lambda g, f: (s.y - 1) * g * f / (1 - g * f)),
    (s.alpha_c, lambda g, f: (g * f / (1 - g * f)) ** 2),
)


def has_smooth_edge(bound: Bound, confined: Expr) -> bool:
    """Whether the edge can be smooth for many nodes: `<h^2>` is finite at the end of the domain."""
    return bound.rate == 0 and not (
        bound.is_reached and confined.is_number and confined <= DIVERGENT
    )


def smooth_widths(bound: Bound, confined: Expr) -> str:
    """For which widths the edge is smooth; empty if for all."""
    if not bound.is_reached or confined.is_number:
        return ""
    known, widths = confined.as_coeff_Add()
    return f"{_text(widths)} > {DIVERGENT - known}, else every edge is sharp"


def averaged_widths(argument: Expr) -> str:
    """For which widths an average exists: near zero the law of an output v is v^(width/2 - 1)."""
    over, under = fraction(cancel(argument))
    if not (over.is_polynomial(s.y, s.yh) and under.is_polynomial(s.y, s.yh)):
        return "widths for which it exists"
    terms = Poly(under, s.y, s.yh).terms()
    orders = [min(powers[k] for powers, _ in terms) for k in range(2)]
    signs = {part.is_positive if part.is_extended_real else None for _, part in terms}
    if len(signs) > 1 or None in signs or tuple(orders) not in [powers for powers, _ in terms]:
        return "widths for which it exists"  # it may diverge elsewhere
    widths = zip((s.p_star, s.p), orders, strict=True)
    return ", ".join(f"{_text(width)} > {2 * order}" for width, order in widths if order)


def _text(width: Expr) -> str:
    return str(width).replace("^*", "_star")


def wide_steps(
    setting: Setting, bound: Bound, scene: Scene, smooth_for: str = ""
) -> Iterator[Step]:
    """The threshold, and alpha_c, order by order in 1/p."""
    unit = factor(s.p * bound.value)
    if unit.has(s.p):
        reason = "The end of the domain of g has no power of p as its limit."
        yield Step(f"threshold {ORDERS[0]}", n.LIMITS, reason=reason)
        return
    law = chi_square(s.y, s.p_star)
    parts = {name: _orders(setting, 1 / unit, inside) for name, inside in CONDITIONS}
    means = {name: [mean_over(x, (law,)) for x in found] for name, found in parts.items()}
    series = {name: _inverse(found) for name, found in means.items()}
    for order in range(ORDER + 1):
        names = [
            name
            for name, _ in CONDITIONS[: 1 if order == ORDER else None]
            if sum(map(_length, series[name][: order + 1])) <= LONGEST
        ]
        if not names:
            return
        yield _wide(order, names, parts, series, scene, 1 / unit, smooth_for)


def _length(coefficient: Expr) -> int:
    """Operations of a coefficient, those inside of its averages as well."""
    inside = coefficient.replace(Average, lambda argument: argument)
    return int(inside.count_ops())


def _orders(setting: Setting, g: Expr, inside: Callable[[Expr, Expr], Expr]) -> list[Expr]:
    """Arguments over y of an average over both outputs, by orders of 1/p."""
    across, along = (factor(inside(g, factor(s.p * f))) for f in setting.eigenvalues())
    law = chi_square(s.yh, s.p)
    flat, once = student_mean(across, law, ORDER), student_mean(along, law, ORDER - 1)
    added = [Integer(0)] + [one - many for one, many in zip(once, flat, strict=False)]
    return [factor(x + more) for x, more in zip(flat, added, strict=True)]


def _inverse(means: list[Expr]) -> list[Expr]:
    """Coefficients of one over a series; averages stay whole."""
    names = {item: Dummy() for mean in means for item in mean.atoms(Average)}
    named, found = [mean.xreplace(names) for mean in means], list[Expr]()
    for k in range(len(named)):
        rest = (1 if k == 0 else 0) - sum(found[j] * named[k - j] for j in range(k))
        found.append(factor(rest / named[0]))
    back = {name: item for item, name in names.items()}
    return [coefficient.xreplace(back) for coefficient in found]


def _wide(
    order: int,
    names: list[Symbol],
    parts: dict[Symbol, list[Expr]],
    series: dict[Symbol, list[Expr]],
    scene: Scene,
    g: Expr,
    smooth_for: str,
) -> Step:
    def stated(name: Symbol) -> Eq:
        lower = sum(x / s.p**k for k, x in enumerate(series[name][:order]))
        return Eq(s.p**order * (name - lower), series[name][order])

    def tell() -> Iterator[Any]:
        r"""Threshold at the smooth edge for many nodes.

        At the end of the domain, $g = p\, g_\infty$ with one $g_\infty$ for all widths, (40) and
        (44) read $1/\alpha = \langle\cdot\rangle$. The student's output is a mean of $p$ squares:
        its central moments give the powers of $1/p$, and the eigenvalue along the pre-activations
        has the share $1/p$. What is left over after the orders before is multiplied by its power.
        """
        yield tuple(map(stated, names))
        yield Eq(Symbol(r"g_\infty", real=True), g), "end of the domain, over p"
        for name in names:
            for k in range(order + 1):
                yield Average(parts[name][k]), f"1/{PLAIN[name]} in order {k}, over y"
        yield tuple(map(stated, names)), "one over the series"

    def at(rng: Random, digits: int) -> Iterator[Approach]:
        values = dict(rng.choice(scene.drawn))
        wide = ({**values, s.p: Integer(width)} for width in WIDTHS)
        yield Approach(tuple(at_the_end(scene, point, digits) for point in wide))

    reach = REACHES[order]
    record = Record(f"wide-{order}", Nature.LIMIT, tell, (), "central moments of yh", reach=reach)
    domain = ("p -> infinity", smooth_for, "the threshold wherever it is at most alpha_c")
    record = record.of(None, at, "; ".join(filter(None, domain)))
    name = f"threshold {ORDERS[0]}" if order == 0 else f"threshold, {ORDERS[order]}"
    sources = ("outlier equation", "smooth edge", "alpha_c")
    return Step(name, n.LIMITS, record, sources)


def at_the_end(scene: Scene, values: dict[Any, Any], digits: int) -> Any:
    """The world of some values at the end of its domain."""
    return scene.world(values | {s.alpha: Integer(1), s.g: scene.end(values, digits)}, digits)


def mean_over(total: Expr, laws: tuple[Law, ...]) -> Expr:
    """The average: of a polynomial in the outputs by the moments of their laws, else as it is."""
    outputs = [law.variable for law in laws]
    if not total.is_polynomial(*outputs):
        return Average(min(total, factor(total), key=lambda x: x.count_ops()))
    shifts = [Symbol(f"shift{k}") for k in range(len(outputs))]
    centred = total.subs(
        {v: 1 + d for v, d in zip(outputs, shifts, strict=True)}, simultaneous=True
    )
    found = S.Zero
    for powers, part in Poly(centred, *shifts).terms():
        for law, k in zip(laws, powers, strict=True):
            part *= central_moment(law, k, S.Zero)
        found += part
    return factor(found)
