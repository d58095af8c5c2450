"""Weights of published spectral methods (7), as functions of the label or of its signal factor."""

from __future__ import annotations

from sympy import Expr, Min, Piecewise, Symbol, sqrt

from bbpsym.equations import hessian
from bbpsym.symbols import alpha, label, p_star, signal_factor, y

#: Where a weight is cut.
level = Symbol("c", positive=True)


def averaged_weight() -> Expr:
    """The Hessian's weight with the student averaged out."""
    return hessian.averaged_weight().subs(y, label)


def optimal_weight() -> Expr:
    """`1 - 1/E[u^2|y]`, optimal at every alpha."""
    return 1 - 1 / signal_factor


def weak_recovery_alpha() -> Expr:
    """`1/Var E[u^2|y]`, below which no spectral method sees the signal; the variance is `2/p*`."""
    return p_star / 2


def mondelli_montanari_weight() -> Expr:
    """Weight that reaches `weak_recovery_alpha`, scaled so that its edge stays at one."""
    return (signal_factor - 1) / (signal_factor + mondelli_montanari_normalisation())


def mondelli_montanari_normalisation() -> Expr:
    """The a with which the Hessian at p = inf has minus that weight, in units of 2/p."""
    return sqrt(alpha / weak_recovery_alpha()) - 1


def trimmed_weight() -> Expr:
    """`y` up to a level, zero above."""
    return Piecewise((label, label <= level), (0, True))


def truncated_weight() -> Expr:
    """`y` up to a level, the level above."""
    return Min(label, level)


def subset_weight() -> Expr:
    """One for labels above a level, zero for the others."""
    return Piecewise((1, label >= level), (0, True))
