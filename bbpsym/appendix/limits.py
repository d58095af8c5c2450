"""Closed forms at the smooth edge, and the limit of infinitely many nodes, of a rotated network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from sympy import Eq, Expr, Integer, Rational, Symbol, factor, limit, oo, solve

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.asymptotics import order_step
from bbpsym.appendix.reduction import weight_law
from bbpsym.appendix.steps import Step
from bbpsym.appendix.worlds import Scene
from bbpsym.averages.closed_forms import closed_form
from bbpsym.averages.laplace_variable import reduce
from bbpsym.ensembles.networks.bounds import Bound
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations import spectrum
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import chi_square
from bbpsym.errors import DomainError
from bbpsym.records import places
from bbpsym.records.record import Approach, Nature, Record, require
from bbpsym.records.registry import equation

#: Stieltjes transform in the unit p, and the weight in the unit 1/p, as p goes to infinity.
g_wide, f_wide = Symbol(r"g_\infty", real=True), Symbol(r"f_\infty", real=True)

#: Widths along which the limit is seen, and the digits that their extrapolation reaches.
WIDTHS, REACH = tuple(64 * 2**k for k in range(6)), 8

#: Share of the domain of g at which it is seen.
INSIDE = Rational(2, 5)


def closed_steps(setting: Setting, bound: Bound | None, scene: Scene) -> Iterator[Step]:
    """The discontinuous threshold in closed form, or why there is none."""
    name, why = "threshold", ""
    if bound is None or bound.is_reached or bound.rate != 0:
        why = "at the end of the domain the averages have no form without g"
    else:
        law = weight_law(setting, bound)
        try:
            found = closed_form(reduce(spectrum.outlier_alpha(), law).subs(s.t, 1))
        except (DomainError, NotImplementedError) as error:
            why = str(error).partition(": ")[2] or str(error)
        else:
            yield _closed(law, found, scene)
            return
    reason = f"No closed form of the threshold is known: {why}."
    yield Step(name, n.CLOSED, reason=reason)


def _closed(law: Any, found: Expr, scene: Scene) -> Step:
    def tell() -> Iterator[Any]:
        """Discontinuous threshold in closed form.

        Domain: the threshold wherever it is at most alpha_c.
        """
        yield Eq(s.alpha_BBP, found)
        condition = equation("40")
        (alpha,) = solve(condition, s.alpha)
        yield Eq(s.alpha, alpha), "(40) solved for alpha"
        at_edge = reduce(alpha, law).subs(s.t, 1)
        yield Eq(s.alpha_BBP, at_edge), "at the end of the domain, over one Laplace variable"
        yield Eq(s.alpha_BBP, closed_form(at_edge)), "as exponential integrals"

    def seen(world: Any, _rng: Any) -> Any:
        return world.given({s.alpha_BBP: world.at(world.end).outlier_alpha()})

    record = Record(
        "closed",
        Nature.DERIVED,
        tell,
        (),
        "integrals of exponentials and powers",
        places.Worlds(seen, scene.draw),
    )
    return Step("threshold", n.CLOSED, record, ("outlier equation", "smooth edge"))


def limit_steps(setting: Setting, scene: Scene) -> Iterator[Step]:
    """Weight and outlier equation as the student's width goes to infinity."""
    if setting.output == "sum" or setting.loss.has(s.p):
        reason = (
            "The loss changes with p, as a function of the mean square of the student's "
            "pre-activations, so that one weight for p -> infinity need not exist."
        )
        yield Step("limit p -> infinity", n.LIMITS, reason=reason)
        return
    across, _ = setting.eigenvalues()
    weight = factor((s.p * across).subs(s.yh, 1))
    yield _wide_weight(setting, weight)
    dressed = weight / (1 - g_wide * weight)
    curve = 1 / (g_wide * Average((s.y - 1) * dressed))

    def tell() -> Iterator[Any]:
        r"""Infinitely many nodes.

        First $N\to\infty$, then $p\to\infty$. Inside the domain of $g$ the dressed weights are
        bounded, $\hat y$ tends to one in law, and the averages converge (dominated convergence).

        Domain: g = p g_infinity inside its domain.
        """
        yield Eq(s.alpha, curve)
        (alpha,) = solve(equation("40"), s.alpha)
        (average,) = alpha.atoms(Average)
        yield Eq(s.alpha, alpha), "(40) solved for alpha"
        inside = average.args[0].subs({s.u**2: s.y, s.f: weight, s.g: g_wide})
        found = alpha.subs(average, Average(inside)).subs(s.g, g_wide)
        yield Eq(s.alpha, found), "with the weight of p -> infinity, in these units"

    at = partial(_ever_wider, scene)
    record = Record("wide", Nature.LIMIT, tell, (), "limit of the averages", at, REACH)
    sources = ("weight for p -> infinity", "outlier equation")
    yield Step("limit p -> infinity", n.LIMITS, record, sources)
    yield order_step(setting, g_wide, at)


def _ever_wider(scene: Scene, rng: Random, digits: int) -> Iterator[Approach]:
    """The outlier equation at ever larger widths, at one place in units of these."""
    values = dict(rng.choice(scene.drawn))
    place = float(scene.end(values | {s.p: Integer(1)}, digits))
    g = Rational(place).limit_denominator(1000) * INSIDE
    points = []
    for width in WIDTHS:
        wide = values | {s.p: Integer(width), s.g: g * width}
        points.append(scene.world(wide, digits).on_outlier().given({g_wide: g}))
    yield Approach(tuple(points))


def _wide_weight(setting: Setting, weight: Expr) -> Step:
    """The one weight of infinitely many nodes."""
    across, _ = setting.eigenvalues()

    def tell() -> Iterator[Any]:
        r"""Weight of infinitely many nodes.

        The student's output tends to one, and the single eigenvalue along the pre-activations loses
        its share $1/p$.

        Domain: in units of 1/p.
        """
        yield Eq(f_wide, weight)
        law = chi_square(s.yh, s.p).limit(s.p).log_laplace
        require(factor(law + s.sigma) == 0, "the student's output is a sure value")
        yield law, "limit of the logarithm of the transform of yh: the sure value one"
        yield limit(1 / s.p, s.p, oo), "share of the eigenvalue along the pre-activations"
        yield Eq(f_wide, factor((s.p * across).subs(s.yh, 1))), "p times the other one, at yh = 1"

    record = Record("wide-weight", Nature.LIMIT, tell, (), "law of large numbers for yh")
    name = "weight for p -> infinity"
    return Step(name, n.LIMITS, record, ("eigenvalues",))
