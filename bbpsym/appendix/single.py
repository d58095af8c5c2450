"""The steps of networks with one weight for each sample: one node, or infinitely many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import log10
from random import Random
from typing import Any, NamedTuple

from sympy import Eq, Expr, Float, Ge, Integral, Lt, Symbol, exp, oo, pi, sqrt

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.chapters import ALL, INSIDE, Chapters
from bbpsym.appendix.plane_block import block_overlap, block_step, student_step
from bbpsym.appendix.steps import Step
from bbpsym.appendix.tried import in_words, spread
from bbpsym.appendix.worlds import Scene, one_weight
from bbpsym.ensembles.networks.setting import NODE, Setting
from bbpsym.ensembles.networks.support import Support, lower_end
from bbpsym.equations import edges, weights
from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import dressed_weight as h
from bbpsym.equations.weights import argument, prediction, zeta
from bbpsym.errors import BBPError, UnboundedError
from bbpsym.records import places
from bbpsym.records.record import Assignment, Nature, Record

u, v = s.u, s.student_direction

#: Why a domain of g is not told.
NOT_NEGATIVE = (
    "No weight is negative{}: the domain of g left of the bulk does not end at 1/f_-, and what "
    "follows is not derived."
)

#: What is said of weights that know no label.
WITHOUT_LABELS = (
    "The weights do not depend on the label: no outlier points to the teacher. One along the "
    "student alone is not derived."
)

#: Why the end of the domain has no number.
WITHOUT_NUMBERS = (
    "The lower end of the weights is found by descent once all parameters have values: derive the "
    "network again with numbers in their place."
)

#: Why there is no left edge, as far as is seen.
UNBOUNDED = (
    "The weights are unbounded below (near {}), as far as a descent tells, so that the bulk "
    "reaches to minus infinity: it has no left edge, and no eigenvalue can leave it there."
)

#: What is said where the sign of the weights depends on parameters without a value.
DIFFERENT = (
    "The sign of the weights depends on the parameters, as far as a descent tells: {}. Where the "
    "domain of g ends is not known: derive the network again with numbers in their place."
)

#: Mean of the activation, where it has no closed form.
MEAN = Symbol(r"\bar{s}", real=True)

#: Digits of the lower end of the weights that a grid and a simplex find.
SEEN = 6

#: Sizes of the boxes in which they look for it.
BOXES = tuple(40 * 4.0**k for k in range(13))


def single_steps(setting: Setting, scene: Scene, values: Mapping[Symbol, Any]) -> Iterator[Step]:
    """All steps of a network with one weight for each sample."""
    support, trouble, unknown, _ = support_of(setting)
    alone = has_one_teacher(setting)
    positive = support is not None and not support.low < 0
    inside = ALL if positive else INSIDE
    chapters = Chapters(setting, scene if alone and not trouble else None, inside)
    for record_id in ("1", "2", "3"):
        yield chapters.step(record_id, n.NETWORK, domain="all data")
    yield chapters.step("4", n.MATRIX, domain="all data")
    yield weight_step(setting)
    yield chapters.step("28", n.BULK)
    yield from chapters.steps(n.BULK, e31=places.bulk, e41=places.bulk, e43=places.bulk)
    if not alone:
        yield from _several_teachers(chapters, trouble, unknown)
        return
    if trouble:
        yield support_step(scene, None, unknown) if unknown else no_edge_step(scene, trouble)
        return
    yield positive_step(scene) if positive else support_step(scene, support, unknown)
    yield from chapters.steps(n.EDGES, e44=places.sharp_edge, e45=None)
    yield chapters.step("34", n.OUTLIER)
    if not scene.sees_label:
        yield Step("outlier equation", n.OUTLIER, reason=WITHOUT_LABELS)
        return
    if setting.is_even:
        outlier = places.outlier
        yield from chapters.steps(n.OUTLIER, e38=outlier, e40=outlier)
        yield student_step(scene)
        yield from chapters.steps(n.OVERLAP, e55=None, e56=None, e58=outlier)
    else:
        yield block_step(scene)
        yield from chapters.steps(n.OVERLAP, e55=None)
        yield block_overlap(scene)
    yield chapters.step("14", n.CLOSED, domain="alpha = alpha_BBP")
    yield plane_step(setting)


def has_one_teacher(setting: Setting) -> bool:
    """Whether labels and nodes depend on one pre-activation of the teacher: frame and law do."""
    teacher = setting.teacher
    if teacher is None or teacher.has(argument) or setting.overlap != 0:
        return setting.p_star == 1
    nodes = {v for v in teacher.free_symbols if NODE.fullmatch(str(v))}
    return nodes <= set(weights.teacher_nodes(1))


def _several_teachers(chapters: Chapters, trouble: str, unknown: str) -> Iterator[Step]:
    """Edges of a network with several teachers; the signal block is computed."""
    if trouble:
        name, reason = ("domain", unknown) if unknown else ("no left edge", trouble)
        yield Step(name, n.EDGES, reason=reason)
        return
    reason = "The lower end of the weights is only found for labels of one teacher node."
    yield Step("domain", n.EDGES, reason=reason)
    yield from chapters.steps(n.EDGES, e44=None, e45=None)
    why = (
        "Labels depend on several pre-activations, and the signal block is a matrix of averages "
        "over all of them: outliers and thresholds are computed from it. With p_star = 1 the "
        "equation is derived."
    )
    yield Step("outlier equation", n.OUTLIER, reason=why)


class Seen(NamedTuple):
    """The lower end of the weights, why there is none, and why it is not known.

    Both are told where there is none at some parameters only, or none below zero: `differs`.
    """

    support: Support | None
    trouble: str = ""
    unknown: str = ""
    differs: bool = False


def support_of(setting: Setting) -> Seen:
    """The lower end of the weights, as far as is seen.

    Parameters without a value are tried at some: what is seen at all of them is said.
    """
    trouble, seen = "", dict[str, tuple[str, Support | None]]()
    for given in spread(setting):
        at = ", ".join(f"{v} = {x}" for v, x in given.items())
        try:
            found = lower_end(setting.at(given), 1)
        except UnboundedError as error:
            trouble = trouble or UNBOUNDED.format(", ".join(filter(None, (at, error.near))))
            seen.setdefault("they are unbounded below", (at, None))
        except BBPError as error:
            where = f" at {at}" if at else ""
            return Seen(
                None, trouble, f"The lower end of the weights is not known{where}: {error}."
            )
        else:
            kind = "some are negative" if found.low < 0 else "none is negative"
            seen.setdefault(kind, (at, found))
    if len(seen) > 1:
        kinds = "; ".join(f"at {at} {kind}" for kind, (at, _) in seen.items())
        return Seen(None, trouble, DIFFERENT.format(kinds), differs=True)
    if trouble:
        return Seen(None, trouble)
    [(_, last)] = seen.values()
    known = not setting.parameters or (last is not None and not last.low < 0)
    return Seen(last) if known else Seen(None, unknown=WITHOUT_NUMBERS)


def ending(setting: Setting) -> Step | None:
    """The step at which a derivation of several nodes ends by the signs of weights, if it does."""
    support, trouble, unknown, differs = support_of(setting)
    if trouble and not unknown:
        return Step("no left edge", n.EDGES, reason=trouble)
    positive = support is not None and not support.low < 0
    if not (trouble or differs or positive):
        return None
    return Step("domain", n.EDGES, reason=unknown or NOT_NEGATIVE.format(in_words(setting)))


def weight_step(setting: Setting) -> Step:
    """F as one number."""

    def tell() -> Iterator[Any]:
        r"""Weight of one sample.

        For one node $F$ is a number; for infinitely many the student's output is its mean, and the
        rank-one part of $F$ vanishes against the diagonal, in units of $1/p$.

        Domain: lambda_1 is the pre-activation of a node.
        """
        node = weights.student_nodes(1)[0]
        if setting.p is oo:
            mean, named, stated = output_mean(setting)
            yield (Eq(s.f, setting.single_weight(named)), *stated)
            slope = setting.loss.diff(prediction)
            yield slope, "slope of the loss"
            yield mean, "mean of the activation: the student's output"
            bend = setting.student.diff(argument, 2).subs(argument, node)
            found = Eq(s.f, slope.subs(prediction, named) * bend)
            yield (found, *stated), "times s'' of a node"
            return
        yield Eq(s.f, setting.single_weight())
        sample = setting.loss.subs(prediction, setting.student.subs(argument, node))
        yield sample, "the student's output in the loss"
        yield Eq(s.f, sample.diff(node, 2)), "second derivative in the pre-activation"

    record = Record("weight", Nature.DERIVED, tell, (), "second derivative in the pre-activation")
    return Step("weight", n.MATRIX, record, ("loss", "student"))


def output_mean(setting: Setting) -> tuple[Expr, Expr, tuple[Eq, ...]]:
    """The student's output at p = inf, what it is called in formulas, and where that is said."""
    mean = weights.gaussian_mean(setting.student)
    if mean.has(Integral):
        return mean, MEAN, (Eq(MEAN, mean),)
    return mean, mean, ()


def support_step(scene: Scene, support: Any, unknown: str = "") -> Step:
    """The lower end of the weights in numbers."""
    if support is None:
        return Step("domain", n.EDGES, reason=unknown)
    low = Float(support.low, 12)

    def tell() -> Iterator[Any]:
        """Lower end of the weights, and of the domain of g. Domain: 1/f_- < g < 0."""
        yield Eq(edges.f_minus, low), Eq(edges.g_minus, 1 / edges.f_minus)

    seen, reach = (scene.lowest_seen({}), SEEN) if support.is_filled else _settled(scene)

    def at(_rng: Random, _digits: int) -> Iterator[Assignment]:
        yield {edges.f_minus: seen, edges.g_minus: 1 / seen}

    record = Record("end", Nature.COMPUTED, tell, (), "descent from many starts", at, reach)
    how = (
        "it is reached there, <h^2> is infinite at the end, and every edge is sharp"
        if support.is_filled
        else "it is not reached, or reached where <h^2> is finite: the edge may be smooth"
    )
    reason = f"Found by descent from many starts, near {support.where}; {how}."
    return Step("domain", n.EDGES, record, ("weight",), reason)


def positive_step(scene: Scene) -> Step:
    """The domain of g where no weight is negative: all of the negative numbers."""

    def tell() -> Iterator[Any]:
        """Weights that are nowhere negative: 1 - g f is positive at every g < 0.

        Domain: g < 0.
        """
        yield Ge(edges.f_minus, 0)

    def at(_rng: Random, _digits: int) -> Iterator[Assignment]:
        for values in spread(scene.setting):
            yield {edges.f_minus: scene.lowest_seen(values)}

    record = Record("positive", Nature.COMPUTED, tell, (), "descent from many starts", at)
    reason = (
        f"No weight is negative{in_words(scene.setting)}, as far as a descent tells: every edge on "
        "the left is sharp there."
    )
    return Step("domain", n.EDGES, record, ("weight",), reason)


def _settled(scene: Scene) -> tuple[float, int]:
    """The least weight in boxes that grow until it rests, and the digits to which it does.

    An end may be approached slowly, and doubles overflow before it is seen to all digits.
    """
    seen, reach = scene.lowest_seen({}, BOXES[0]), SEEN
    for box in BOXES[1:]:
        if not scene.is_finite(box):
            break
        before, seen = seen, scene.lowest_seen({}, box)
        change = abs(seen - before) / abs(seen)
        if change < 10.0**-SEEN / 10:
            return seen, SEEN
        reach = max(int(-log10(change)), 1)
    return seen, reach


def no_edge_step(scene: Scene, trouble: str) -> Step:
    """The end of a derivation whose weights are seen to be unbounded below."""
    near, far = (Symbol(rf"f_{{\min}}(|\lambda| < {box})", real=True) for box in (10, 100))

    def tell() -> Iterator[Any]:
        """Lowest weights in two boxes. Domain: pre-activations up to 10, and up to 100."""
        yield Lt(far, 2 * near), Lt(near, 0)

    def at(_rng: Random, _digits: int) -> Iterator[Assignment]:
        for values in spread(scene.setting):
            yield {near: scene.lowest_seen(values, 10.0), far: scene.lowest_seen(values, 100.0)}

    record = Record("no-edge", Nature.COMPUTED, tell, (), "descent in boxes of growing size", at)
    return Step("no left edge", n.EDGES, record, ("weight",), trouble)


def plane_step(setting: Setting) -> Step:
    """The averages as Gaussian integrals."""
    mean = Average(h)
    weight = one_weight(setting, output_mean(setting)[1] if setting.p is oo else None)
    axes = [u, v, *([zeta] if weight.has(zeta) else [])]

    def whole(value: Expr) -> Expr:
        density = exp(-sum(x**2 for x in axes) / 2) / sqrt(2 * pi) ** len(axes)
        return Integral(value * density, *((x, -oo, oo) for x in axes))

    def tell() -> Iterator[Any]:
        r"""Averages as Gaussian integrals.

        The weight depends on the pre-activations of teacher and student, and on the noise; all are
        standard Gaussians.

        Domain: the domain of g.
        """
        yield Eq(mean, whole(h.subs(s.f, weight)))
        yield weight, "the weight in these Gaussians"
        yield Eq(mean, whole(h.subs(s.f, weight))), "the average of the dressed weight"

    record = Record("gaussian", Nature.DERIVED, tell, (), "laws of the pre-activations")
    reason = (
        "There is no integral over one Laplace variable: the weight is no rational function of two "
        "outputs over one affine form."
    )
    return Step("averages", n.AVERAGES, record, ("weight",), reason)
