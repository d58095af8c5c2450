"""Reweighted Wishart matrices of any law: `D = sum_mu T(y^mu) x^mu x^muT`, eq. (7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sympy import Expr, S, latex, oo

from bbpsym.display import latex_text
from bbpsym.equations.ensemble import Law, Weight, WeightLaw
from bbpsym.errors import DomainError
from bbpsym.extrema import EXACT_DIGITS, extremes
from bbpsym.labels import Labels, in_label
from bbpsym.symbols import bound, distance, label, scale, signal_factor

LEFT, RIGHT = "left", "right"
SIDES = (LEFT, RIGHT)

#: The positive axis, for laws that are given by their Laplace transform.
LAPLACE_VARIABLE = Labels("", S.Zero, density=S.One, breaks=(S.Zero, oo), is_probability=False)


class Frame(NamedTuple):
    """How one side of the bulk is seen: reflected if need be, in units of its bound.

    Attributes
    ----------
    law : WeightLaw
        The weights as seen from the left, in units of `unit`; that is the symbol `bound` in them
        where it is no rational number.
    weight : Expr
        The weight as given.
    measure : Labels
        What averages are integrals over: the labels, or the Laplace variable.
    sign : int
        1 for the left side, -1 for the right: eigenvalues are `sign * unit * lambda` and
        `g = -sign * t / unit`.
    unit : Expr
        Distance of the bound from zero; 1 where the weights do not reach below zero.
    is_bounded : bool
        Whether t ends at 1, where `1 - g f` vanishes at the bound; otherwise t may be any positive
        number.
    breaks : tuple of Expr
        Where the law of the labels is cut for integration.
    digits : int
        Digits to which the unit is known.
    reached : tuple of Expr
        The labels at which the weight is at its bound.
    """

    law: WeightLaw
    weight: Expr
    measure: Labels
    sign: int
    unit: Expr
    is_bounded: bool
    breaks: tuple[Expr, ...]
    digits: int
    reached: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Ensemble:
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

    weight: Any
    law: Labels
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        weight = in_label(self.weight)
        if not isinstance(self.law, Labels):
            raise DomainError(f"law must be Labels, as from teacher_labels, not {self.law!r:.40}")
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
        return {"weight": str(self.weight), "law": self.law.name, "name": self.name}

    @property
    def bounds(self) -> tuple[Expr, Expr]:
        """Ends `(f_-, f_+)` of the support of the weights, eq. (42)."""
        found = extremes(self.weight, self.law)
        return found.low, found.high

    def frame(self, side: str) -> Frame:
        """Return the ensemble as seen from one side of its bulk.

        Raises
        ------
        DomainError
            If `side` is not "left" or "right", or the weights have no bound on that side: the
            bulk then has no edge there.
        """
        if side not in SIDES:
            raise DomainError(f'side must be "left" or "right", not {side!r:.40}')
        sign = 1 if side == LEFT else -1
        found = extremes(self.weight, self.law)
        end = found.low if sign > 0 else -found.high
        if end == -oo:
            if found.low == -oo and found.high == oo:
                raise DomainError(
                    f"weight must be bounded on one side for an edge, and {self.weight} is not"
                )
            where, other = ("below", RIGHT) if sign > 0 else ("above", LEFT)
            raise DomainError(
                f'side must be "{other}": the weight {self.weight} is unbounded {where}, so that '
                f"the bulk has no {side} edge"
            )
        unit = -end if end < 0 else S.One
        bounded = bool(end < 0)
        law, measure, breaks = _law(bounded), self.law, found.breaks
        if self.law.log_laplace is not None:
            weights = (Weight(sign * self.weight / (unit if unit.is_Rational else bound), S.One),)
            law = WeightLaw(weights, (Law(label, self.law.log_laplace),), self.law.signal, unit)
            measure, breaks = LAPLACE_VARIABLE, LAPLACE_VARIABLE.breaks
        reached = found.low_at if sign > 0 else found.high_at
        return Frame(law, self.weight, measure, sign, unit, bounded, breaks, found.digits, reached)

    def whole(self) -> Frame:
        """Return the ensemble as it is, for complex t: in units of one, bounded or not."""
        breaks = extremes(self.weight, self.law).breaks
        law = _law(False)
        return Frame(law, self.weight, self.law, 1, S.One, False, breaks, EXACT_DIGITS)


def _law(is_bounded: bool) -> WeightLaw:
    """Weights by their distance from the bound, or from zero; the same for every ensemble."""
    weight = distance / scale - 1 if is_bounded else distance / scale
    return WeightLaw((Weight(weight, S.One),), (), signal_factor, S.One)
