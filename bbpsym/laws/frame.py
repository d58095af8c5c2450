"""One side of a reweighted Wishart matrix, as the rules that average over its labels see it."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.laws.labels import Labels


class Frame(NamedTuple):
    """How one side of the bulk is seen: reflected if need be, in units of its bound."""

    #: The weights as seen from the left, in units of `unit`; that is the symbol `bound` in them
    #: where it is no rational number.
    law: WeightLaw
    #: The weight as given.
    weight: Expr
    #: What averages are integrals over: the labels, or the Laplace variable.
    measure: Labels
    #: 1 for the left side, -1 for the right: eigenvalues are `sign * unit * lambda` and
    #: `g = -sign * t / unit`.
    sign: int
    #: Distance of the bound from zero; 1 where the weights do not reach below zero.
    unit: Expr
    #: Whether t ends at 1, where `1 - g f` vanishes at the bound; otherwise t may be any positive
    #: number.
    is_bounded: bool
    #: Where the law of the labels is cut for integration.
    breaks: tuple[Expr, ...]
    #: Digits to which the unit is known.
    digits: int
    #: The labels at which the weight is at its bound.
    reached: tuple[Expr, ...] = ()
