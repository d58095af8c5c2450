"""Expansions of a rotated network's outlier equation: in 1/p, at small and large parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from sympy import (
    Abs,
    Eq,
    Expr,
    Integer,
    Pow,
    Rational,
    S,
    Symbol,
    cancel,
    exp,
    factor,
    limit,
    oo,
    sign,
    solve,
    sqrt,
)

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.reduction import weight_law
from bbpsym.appendix.steps import Step
from bbpsym.appendix.threshold_series import at_the_end, averaged_widths, mean_over
from bbpsym.appendix.worlds import Scene
from bbpsym.averages.expansions import q, student_mean
from bbpsym.averages.laplace_variable import central_moment
from bbpsym.ensembles.networks.bounds import Bound
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import chi_square
from bbpsym.errors import DomainError
from bbpsym.records.check import check
from bbpsym.records.record import Approach, Nature, Record, identity
from bbpsym.records.registry import equation

#: Digits that an extrapolated correction in 1/p, and a limit in a parameter, reach.
CORRECTED, REACHED = 9, 5

#: Widths at which parameters go to their ends: averages of inverse outputs exist there.
MANY = {s.p: Integer(9), s.p_star: Integer(40)}

#: Where a parameter starts, and by how many steps it goes on.
START, STEPS = 64, 10

#: Share of the domain of g.
INSIDE = Rational(2, 5)

#: Why limit and average may be exchanged where the weights have a limit, and what is done if not.
BOUNDED = """In units of the lower end every weight is at least $-1$, so that the dressed weight
lies between $-1/(1-t)$ and $1/t$: it converges with the weights (dominated convergence)."""
VANISHING = """In units of their lower end the weights vanish like a power of the parameter. The
first power of the dressed weight is left."""

#: What follows for the threshold.
JUMP = r"""The weights vanish in units of their lower end: $\alpha_c$ grows with twice the power of
the threshold, and where both exist the transition is discontinuous."""


def order_step(
    setting: Setting, g: Symbol, at: Callable[[Random, int], Iterator[Approach]]
) -> Step:
    """The first correction in 1/p to the outlier equation, at g in the unit p."""
    values = tuple(factor(s.p * value) for value in setting.eigenvalues())
    across, along = (factor((s.y - 1) * g * f / (1 - g * f)) for f in values)
    first = across.diff(s.yh, 2) + along - across
    leading, correction = (x.subs(s.yh, 1) for x in (across, first))
    statement = Eq(s.p * (1 / s.alpha - _shorter(leading)), _shorter(correction))

    def tell() -> Iterator[Any]:
        r"""First order in 1/p.

        The student's output is a mean of p squares: its variance is $2/p$, its higher central
        moments are $O(p^{-2})$, and the eigenvalue along the pre-activations has the share $1/p$.

        Domain: p -> infinity; g = p g_infinity inside its domain; an error of order 1/p.
        """
        yield statement
        law = chi_square(s.yh, s.p)
        yield central_moment(law, 2, S.Zero), "variance of yh"
        yield across.diff(s.yh, 2), "curvature, as the student's output varies"
        flat = student_mean(across, law, 1)
        (once, _), shares = student_mean(along, law, 1), (1 - q, q)
        found = shares[0].coeff(q, 1) * flat[0] + flat[1] + shares[1].coeff(q, 1) * once
        yield (identity(leading, flat[0]), identity(correction, found)), "by powers of q = 1/p"
        yield statement

    record = Record("order", Nature.LIMIT, tell, (), "central moments of yh", at, CORRECTED)
    sources = ("limit p -> infinity", "eigenvalues")
    return Step("first order in 1/p", n.LIMITS, record, sources)


def _shorter(argument: Expr) -> Expr:
    """The average of an argument, factored if that is shorter."""
    return Average(min(argument, factor(argument), key=lambda x: x.count_ops()))


def parameter_steps(
    setting: Setting, bound: Bound | None, scene: Scene, smooth: bool, smooth_for: str = ""
) -> Iterator[Step]:
    """What becomes of the outlier equation as a parameter of the loss goes to zero or infinity."""
    parameters = [v for v in setting.parameters if setting.loss.has(v) and v not in (s.p, s.p_star)]
    if bound is None:
        reason = "The units, which are the lower end of the weights, are not known."
        for name in (_name(v, end) for v in parameters for end in (S.Zero, oo)):
            yield Step(name, n.LIMITS, reason=reason)
        return
    if not bound.is_below_zero:
        return
    law = weight_law(setting, bound)
    for parameter in parameters:
        if not any(weight.value.has(parameter) for weight in law.weights):
            continue  # a scale of the loss, which is that of its eigenvalues
        for end in (S.Zero, oo):
            yield from _parameter_steps(parameter, end, law, scene, smooth, smooth_for)


def _name(parameter: Symbol, end: Expr) -> str:
    return f"{parameter} -> {'0' if end == 0 else 'infinity'}"


class _Leading(NamedTuple):
    """What the weights become, in units of their lower end, over a power of a parameter."""

    law: Any
    power: Any
    limits: list[Expr]
    total: Expr
    mean: Expr

    @property
    def shares(self) -> list[Expr]:
        """Shares of the eigenvalues."""
        return [weight.share for weight in self.law.weights]

    def combined(self, terms: Iterable[Expr]) -> Expr:
        """The sum of a term for each eigenvalue, by its share."""
        return sum((x * h for x, h in zip(self.shares, terms, strict=True)), S.Zero)


def _leading(law: Any, parameter: Symbol, end: Expr) -> _Leading:
    """The leading order of the outlier equation."""
    values = [weight.value for weight in law.weights]
    if any(e.exp.has(parameter) for value in values for e in value.atoms(exp, Pow)):
        raise DomainError(
            "It stands in an exponent: numbers cannot follow the weights to their limit."
        )
    power = _power(values[0], parameter, end)
    limits = [_limit(value, parameter, power, end) for value in values]
    if power is None or not all(_is_smooth(w) and not w.has(parameter) for w in limits):
        raise DomainError(
            "The weights in units of their lower end have no power of it as a smooth limit."
        )
    found = _Leading(law, power, limits, S.Zero, S.Zero)
    dressed = limits if power else [w / (1 + s.t * w) for w in limits]
    total = found.combined(factor((s.y - 1) * w) for w in dressed)
    mean = mean_over(total, law.laws)
    if mean == 0:
        raise DomainError("The leading order vanishes.")
    return found._replace(total=total, mean=mean)


def _parameter_steps(
    parameter: Symbol, end: Expr, law: Any, scene: Scene, smooth: bool, smooth_for: str
) -> Iterator[Step]:
    name = _name(parameter, end)
    try:
        found = _leading(law, parameter, end)
    except DomainError as error:
        yield Step(name, n.LIMITS, reason=str(error))
        return
    approach = _Approach(parameter, end, found.power, scene)
    domain = ("g = -t in units of the end of its domain, 0 < t < 1", averaged_widths(found.total))
    prose = VANISHING if found.power else BOUNDED
    tell = _told(found, parameter)
    tell.__doc__ = (
        f"Outlier equation as a parameter goes to its end.\n\n{prose}\n\n"
        f"Domain: {'; '.join(filter(None, domain))}."
    )
    at = approach.inside
    record = Record("parameter", Nature.LIMIT, tell, (), "limit of the weights", at, REACHED)
    seen = "That limit and average may be exchanged for the leading power is seen in numbers."
    sources = ("outlier equation", "domain")
    reason = seen if found.power else ""
    yield Step(name, n.LIMITS, record, sources, reason)
    if smooth:
        yield _threshold_step(name, approach, found, smooth_for)


def _told(found: _Leading, parameter: Symbol) -> Callable[[], Iterator[Any]]:
    """The steps to the outlier equation at leading order."""
    statement = Eq(s.alpha * parameter**found.power, -1 / (s.t * found.mean))

    def tell() -> Iterator[Any]:
        yield statement
        (alpha,) = solve(equation("40"), s.alpha)
        yield Eq(s.alpha, alpha), "(40) solved for alpha"
        for weight in found.law.weights:
            yield weight.value, "an eigenvalue of F in units of the end of the support"
        over = f", over {parameter}^({found.power})" if found.power else ""
        yield tuple(found.limits), f"their limits{over}"
        (average,) = alpha.atoms(Average)
        argument = average.args[0].subs({s.u: sqrt(s.y), s.g: -s.t})
        if found.power:
            argument = s.f * argument.diff(s.f).subs(s.f, 0)
        averaged = found.combined(argument.subs(s.f, w) for w in found.limits)
        yield identity(found.total, averaged), "what is averaged, at g = -t and u^2 = y"
        yield statement, "in the average"

    return tell


class _Approach(NamedTuple):
    """How a parameter goes to its end."""

    parameter: Symbol
    end: Expr
    power: Rational
    scene: Scene

    def points(self, rng: Random) -> Iterator[dict[Any, Any]]:
        """Numbers for all parameters and widths, ever nearer to the end."""
        drawn = {**rng.choice(self.scene.drawn), **MANY}
        drawn |= {v: x for v, x in self.scene.values.items() if x.is_number and x.is_finite}
        # Of a quarter the square root is halved, in which the lowest weight may be a series.
        step = Integer(2) ** (2 * self.power.q if self.power.q % 2 else self.power.q)
        for k in range(STEPS):
            size = START * step**k
            yield drawn | {self.parameter: size if self.end is oo else 1 / Integer(size)}

    def inside(self, rng: Random, digits: int) -> Iterator[Approach]:
        """What the outlier equation gives on the way, inside the domain of g."""
        yield Approach(tuple(self._outlier(numbers, digits) for numbers in self.points(rng)))

    def _outlier(self, numbers: Any, digits: int) -> Any:
        there = self.scene.end(numbers, digits)
        world = self.scene.world(numbers | {s.g: INSIDE * there}, digits)
        return world.on_outlier().given({s.t: INSIDE})

    def at_end(self, rng: Random, digits: int) -> Iterator[Approach]:
        """What it gives at the end of that domain."""
        yield Approach(tuple(at_the_end(self.scene, x, digits) for x in self.points(rng)))


def _threshold_step(name: str, approach: _Approach, found: _Leading, smooth_for: str) -> Step:
    """What becomes of the threshold, at the end of the domain of g."""
    parameter, power = approach.parameter, found.power
    dressed = found.limits if power else [factor(w / (1 + w)) for w in found.limits]
    both = [
        (s.alpha_BBP, power, [-factor((s.y - 1) * h) for h in dressed]),
        (s.alpha_c, 2 * power, [factor(h**2) for h in dressed]),
    ]
    totals = [found.combined(inside) for *_, inside in both]
    statement = tuple(
        Eq(alpha * parameter**exponent, 1 / mean_over(total, found.law.laws))
        for (alpha, exponent, _), total in zip(both, totals, strict=True)
    )
    title = f"threshold, {name}"
    if any(relation.rhs.has(S.NaN, S.ComplexInfinity) for relation in statement):
        return Step(title, n.LIMITS, reason="The leading order vanishes.")

    def tell() -> Iterator[Any]:
        yield statement
        yield tuple(dressed), "dressed weights at t = 1, in the limit"
        yield tuple(totals), "what is averaged in (40), times -1, and in (44)"
        yield statement

    head, domain = "Threshold as a parameter goes to its end.", _domains(smooth_for, both, totals)
    prose = "At the end of the domain of g, t = 1." + (f"\n{JUMP}" if power else "")
    tell.__doc__ = f"{head}\n\n{prose}\n\nDomain: {'; '.join(domain)}."

    at = approach.at_end
    record = Record(f"edge-{name}", Nature.LIMIT, tell, (), "limit of the weights", at, REACHED)
    if not check(record, REACHED).ok:
        reason = "Numbers at the end of the domain do not follow the limit of the weights."
        return Step(title, n.LIMITS, reason=reason)
    reason = "That limit and average may be exchanged at the end of the domain is seen in numbers."
    sources = (name, "smooth edge", "alpha_c")
    return Step(title, n.LIMITS, record, sources, reason)


def _domains(smooth_for: str, both: list[Any], totals: list[Expr]) -> Iterator[str]:
    """Where an expansion of the threshold holds."""
    if smooth_for:
        yield smooth_for
    for (alpha, *_), total in zip(both, totals, strict=True):
        if widths := averaged_widths(total):
            yield f"the average of {'alpha_c' if alpha == s.alpha_c else 'alpha_BBP'}: {widths}"
    yield "the threshold wherever it is at most alpha_c"


def _power(value: Expr, parameter: Symbol, end: Expr) -> Rational | None:
    """The power with which a value goes to zero, or to a limit (zero); None if there is none."""
    try:
        found = limit(cancel(parameter * value.diff(parameter) / value), parameter, end, "+")
    except (NotImplementedError, ValueError, TypeError):
        return None
    return found if found.is_Rational else None


def _limit(weight: Expr, parameter: Symbol, power: Rational | None, end: Expr) -> Expr:
    """The limit of a weight over a power of a parameter; not a number where it is not found."""
    if power is None:
        return S.NaN
    try:
        return factor(limit(weight / parameter**power, parameter, end, "+"))
    except (NotImplementedError, ValueError, TypeError):
        return S.NaN


def _is_smooth(weight: Expr) -> bool:
    """Whether a limit is a number everywhere, and has averages to be held against."""
    return weight.is_finite is not False and not weight.has(Abs, sign, S.NaN)
