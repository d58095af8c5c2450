"""One side of a reweighted Wishart matrix, as the rules that average over its labels see it."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.laws.labels import Labels


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
