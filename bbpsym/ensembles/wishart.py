"""Reweighted Wishart matrices of any law: `D = sum_mu T(y^mu) x^mu x^muT`, eq. (7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit
from sympy import Expr, S, floor, log, oo

from bbpsym.equations.ensemble import Law, Weight, WeightLaw
from bbpsym.equations.published_weights import optimal_weight
from bbpsym.errors import DomainError, Suggesting, quoted
from bbpsym.laws.expressions import in_label
from bbpsym.laws.extrema import EXACT_DIGITS, Extremes, extremes
from bbpsym.laws.frame import Frame
from bbpsym.laws.known_laws import Reduction
from bbpsym.laws.labels import Labels
from bbpsym.numerics.curve import LEFT, RIGHT, SIDES, Curve, End, Side
from bbpsym.numerics.ends import end_of
from bbpsym.numerics.known_labels import TabulatedLaw, bounds
from bbpsym.numerics.label_measure import LabelLaw, LaplaceTransformed
from bbpsym.numerics.laplace_measure import LaplaceVariable
from bbpsym.parameters import Parameter
from bbpsym.reading.arguments import MAX_DIGITS
from bbpsym.symbols import bound, distance, label, scale, signal_factor
from bbpsym.writing.display import DOUBLE_DIGITS, latex_text
from bbpsym.writing.handwriting import latex, text

#: Where the curves are looked at before a root is refined, for weights with and without a bound
#: below zero.
BOUNDED_GRID = expit(np.linspace(-30, 34, 257))
OPEN_GRID = np.exp(np.linspace(-30, 34, 257))

#: What is said where far out the weight is not bounded by a proof.
SEEN = "the bounds of the weight far out seen at samples"

#: Characters of a weight in a message, and the decades in which weights of one sign need no unit.
LONGEST, DECADES = 80, 3

#: Most labels whose averages are written out.
MOST_ATOMS = 64

#: The positive axis, for laws that are given by their Laplace transform.
LAPLACE_VARIABLE = Labels("", S.Zero, density=S.One, breaks=(S.Zero, oo), is_probability=False)


@dataclass(frozen=True)
class Ensemble(Suggesting):
    """A spectral method (7): a weight `T(y)` and the law of the label y.

    `threshold`, `edge`, `outlier` and `density` take it in place of a `Model`.

    Attributes
    ----------
    weight : Expr or number
        `T(y)`, in one symbol of any name; `Piecewise` for what is truncated.
    law : Labels
        Law of the label with its signal factor, from `teacher_labels`, `labels_of` or
        `discrete_labels`.
    name : str
        What to call it; the weight itself without one.
    reduction : Reduction, optional
        A side on which averages are known as one-dimensional integrals.

    Raises
    ------
    DomainError
        If the weight is no expression in one symbol, or no weight at all.

    Notes
    -----
    Eigenvalues are those of `sum_mu T(y^mu) x^mu x^muT` with `x ~ N(0, 1/N)` and `alpha N`
    samples. Equations (31), (38)-(44), (56)-(58) hold with `f = T(y)` and `u^2` averaged given
    the label; right of the bulk they hold for `-T`.

    Examples
    --------
    >>> from sympy.abc import y
    >>> from bbpsym import threshold, teacher_labels
    >>> method = Ensemble(weight=1 - 1 / y, law=teacher_labels(1))
    >>> print(threshold(method, digits=20, side="right").text("alpha"))
    0.50000000000000000000
    """

    weight: Expr
    law: Labels
    name: str = field(default="", compare=False)
    reduction: Reduction | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        weight = in_label(self.weight)
        if not isinstance(self.law, Labels):
            raise DomainError(f"law must be Labels, as from teacher_labels, not {quoted(self.law)}")
        if weight == 0 or weight.is_finite is False:
            raise DomainError("weight must be finite and not zero")
        if weight.is_number and not weight.is_extended_real:
            raise DomainError(f"weight must be real, not {weight}")
        object.__setattr__(self, "weight", weight)

    def __repr__(self) -> str:
        what = f"{self.name}: T = {self.weight}" if self.name else f"T = {self.weight}"
        return f"Ensemble({what}; {self.law.name})"

    def _repr_latex_(self) -> str:
        return rf"$T(y)={latex(self.weight)},\ \text{{{latex_text(self.law.name)}}}$"

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the ensemble."""
        return {"weight": text(self.weight), "law": self.law.name, "name": self.name}

    @property
    def bounds(self) -> tuple[Expr, Expr]:
        """Ends `(f_-, f_+)` of the support of the weights, eq. (42)."""
        found = _extremes(self.weight, self.law)
        return found.low, found.high

    #: Sides that its bulk may have, and the unit of the eigenvalues that results hold.
    sides: ClassVar[tuple[str, ...]] = SIDES
    unit: ClassVar[str] = "1"

    def side(self, side: str = LEFT) -> Side:
        """Return the ensemble as seen from one side of its bulk.

        Raises
        ------
        DomainError
            If `side` is not "left" or "right", or the weights have no bound on that side: the
            bulk then has no edge there.
        """
        if side not in (LEFT, RIGHT):
            raise DomainError(f'side must be "left" or "right", not {quoted(side)}')
        if self.reduction is not None and side == self.reduction.side:
            return _reduced(self.reduction, f"weight {self.weight}")
        return _side(self, 1 if side == LEFT else -1)

    def _is_optimal(self, side: str) -> bool:
        """Whether it is the optimal method, seen from where its outlier is."""
        signal = self.law.signal
        if side != RIGHT or not isinstance(signal, Expr):  # several directions have one for each
            return False
        return bool(self.weight == optimal_weight().subs(signal_factor, signal))

    @property
    def whole(self) -> Curve:
        """The ensemble as it is, for complex t: in units of `scale`, bounded or not.

        Raises
        ------
        DomainError
            If the law is given by its Laplace transform.
        """
        return _whole(self)

    @property
    def scale(self) -> Fraction:
        """Unit of the equations of the whole spectrum."""
        unit = _typical(self.weight, self.law)
        return Fraction(int(unit.p), int(unit.q))


def _extremes(weight: Expr, labels: Labels) -> Extremes:
    """What bounds a weight, by whatever is known of the labels."""
    return extremes(weight, labels) if labels.nodes is None else bounds(weight, labels)


@lru_cache(maxsize=256)
def _whole(ensemble: Ensemble) -> Curve:
    weight, labels = ensemble.weight, ensemble.law
    if labels.log_laplace is not None:
        raise DomainError("law must have a density for the density of eigenvalues")
    breaks, law = _extremes(weight, labels).breaks, weight_law(False)
    unit = _typical(weight, labels)
    frame = Frame(law, weight, labels, 1, unit, False, breaks, EXACT_DIGITS)
    kind = LabelLaw if labels.nodes is None else TabulatedLaw
    name = f"weight {quoted(weight, LONGEST)}"
    return Curve(law, kind(frame), {}, OPEN_GRID, lambda _: End.OPEN, name)


@lru_cache(maxsize=256)
def _reduced(known: Reduction, name: str) -> Side:
    """A side in integrals over the Laplace variable, seen from the left."""
    measure, given = LaplaceVariable(known.rate), dict(known.parameters)
    curve = Curve(
        *(known.law, measure, given, BOUNDED_GRID, lambda _: End.SMOOTH, name),
        is_optimal=known.is_optimal,
    )
    return Side(curve, 1 if known.side == LEFT else -1, known.unit, MAX_DIGITS)


@lru_cache(maxsize=256)
def _side(ensemble: Ensemble, sign: int) -> Side:
    """The ensemble seen from the left, reflected if need be, in units of its bound there."""
    weight, labels = ensemble.weight, ensemble.law
    found = _extremes(weight, labels)
    end = found.low if sign > 0 else -found.high
    if end == -oo:
        raise DomainError(_without_edge(weight, found, sign))
    bounded = bool(end < 0)
    unit = -end if bounded else _typical(weight, labels)
    reached = found.low_at if sign > 0 else found.high_at
    seen = sign * weight / (unit if unit.is_Rational else bound)
    law, measured, breaks, kind = weight_law(bounded), labels, found.breaks, LabelLaw
    if labels.log_laplace is not None:
        laws = (Law(label, labels.log_laplace),)
        law = WeightLaw((Weight(seen, S.One),), laws, labels.signal, unit)
        measured, breaks, kind = LAPLACE_VARIABLE, LAPLACE_VARIABLE.breaks, LaplaceTransformed
    frame = Frame(law, weight, measured, sign, unit, bounded, breaks, found.digits, reached)
    measure = kind(frame) if labels.nodes is None else TabulatedLaw(frame)
    grid = BOUNDED_GRID if bounded else OPEN_GRID
    parameters: dict[str, Any] = {} if unit.is_Rational else {Parameter.BOUND: unit}
    curve = Curve(
        few_labels(seen, labels) or law,
        measure,
        parameters,
        grid,
        measure.end if isinstance(measure, TabulatedLaw) else lambda _: end_of(frame),
        f"weight {quoted(weight, LONGEST)}",
        is_optimal=unit == 1 and ensemble._is_optimal(LEFT if sign > 0 else RIGHT),
    )
    scale = Fraction(int(unit.p), int(unit.q)) if unit.is_Rational else unit
    digits = found.digits if labels.is_exact else DOUBLE_DIGITS
    return Side(curve, sign, scale, digits, "" if found.is_proved else SEEN)


@lru_cache(maxsize=256)
def _typical(weight: Expr, labels: Labels) -> Expr:
    """Unit of weights without a bound: one, or about their decade if that is no ordinary one."""
    places = [value for value, _ in labels.atoms]
    if labels.density is not None or not places:
        places += _within(labels)
    sizes = [abs(weight.subs(label, at).evalf()) for at in places]
    decades = [log(size, 10).evalf() for size in sizes if size.is_finite and size > 0]
    if not decades:
        return S.One
    middle = floor((min(decades) + max(decades)) / 2)
    return S(10) ** middle if abs(middle) > DECADES else S.One


def _within(labels: Labels) -> list[Expr]:
    """A place between each two breaks of a law."""
    places = []
    for start, stop in pairwise(labels.breaks):
        if start.is_finite and stop.is_finite:
            places.append((start + stop) / 2)
        elif start.is_finite or stop.is_finite:
            places.append(start + labels.spread if start.is_finite else stop - labels.spread)
    return places or [labels.spread]


def weight_law(is_bounded: bool) -> WeightLaw:
    """Weights by their distance from the bound, or from zero; the same for every ensemble."""
    weight = distance / scale - 1 if is_bounded else distance / scale
    return WeightLaw((Weight(weight, S.One),), (), signal_factor, S.One)


def few_labels(weight: Expr, labels: Labels) -> WeightLaw | None:
    """The weight of each label where there are few: averages are then finite sums."""
    signal = labels.signal
    few = labels.density is None and 0 < len(labels.atoms) <= MOST_ATOMS
    if not few or not isinstance(signal, Expr):
        return None
    places = [(dict(labels.parameters) | {label: at}, share) for at, share in labels.atoms]
    weights = tuple(Weight(weight.subs(at), share, signal.subs(at)) for at, share in places)
    return WeightLaw(weights, (), signal_factor, S.One)


def _without_edge(weight: Expr, found: Extremes, sign: int) -> str:
    shown = quoted(weight, LONGEST)
    if found.low == -oo and found.high == oo:
        where = _towards((*found.low_at, *found.high_at))
        return f"weight must be bounded on one side for an edge, and {shown} is not: {where}"
    where, side, other = ("below", LEFT, RIGHT) if sign > 0 else ("above", RIGHT, LEFT)
    at = _towards(found.low_at if sign > 0 else found.high_at)
    return (
        f'side must be "{other}": the weight {shown} is unbounded {where}, so that the bulk has '
        f"no {side} edge: {at}"
    )


def _towards(labels: tuple[Expr, ...]) -> str:
    """Where a weight has no bound."""
    shown = dict.fromkeys(str(at) if at.is_infinite else f"{float(at):.6g}" for at in labels)
    return f"it has no bound as y goes to {', '.join(shown)}"
