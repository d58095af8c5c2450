"""The equations with sampled weights in place of their law: (27)-(40) at finite N.

The average `alpha E[...]` becomes the sum over the samples that were drawn, divided by N. `G` is
then a p x p matrix and no longer a multiple of the identity, so that (28) is a matrix Dyson
equation and every sample enters by its dressed weight matrix `h = F (1 - G F)^{-1}`.

`F` is a multiple of the identity plus a rank-one matrix, (5), and so is `h` in the eigenbasis of
`G`. Everything is written in units of the lowest weight, where the domain (42) ends: `F` has the
identity part `-(1 - e)` and G the eigenvalues `-(1 - x)`, so that `e = 0` for the lowest weight and
`x = 0` at the end of the domain. No digits are lost there, however small x and e become.
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Symbol, factor, simplify, solve

from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.hessian import weight_matrix
from bbpsym.equations.spectrum import dressed_weight
from bbpsym.symbols import f, g, p

#: Distance of an identity part from the lowest weight, of an eigenvalue of G from the domain's end.
excess = Symbol("e", nonnegative=True)
distance = Symbol("x", real=True)

#: Coefficient of lambda lambda^T in F, and lambda^T G (1 - c G)^{-1} lambda.
rank_one = Symbol("d", nonnegative=True)
loop = Symbol("q", real=True)


def identity_distance(single: bool) -> Expr:
    """Distance of the identity part of `F` from its lower bound `-2/p`, in units of `2/p`.

    For a `single` node `F` is a number, and all of it is counted as identity part.
    """
    weights = hessian_ensemble().weights
    weight = weights[-1] if single else weights[0]
    return factor((1 + weight.value).subs(p, 1) if single else 1 + weight.value)


def rank_one_coefficient() -> Expr:
    """Coefficient of `lambda lambda^T` in `F`, in units of `2/p`, eq. (5)."""
    return factor(weight_matrix().rank_one / hessian_ensemble().unit)


@cache
def dressed_identity() -> Expr:
    """Dressed identity part `c/(1 - c g)`, eq. (27), along an eigenvector of `G`."""
    return simplify(dressed_weight.subs({f: -(1 - excess), g: -(1 - distance)}))


@cache
def dressing() -> Expr:
    """Factor `1/(1 - c g)` that every end of a rank-one vertex gets from the identity part.

    It is the series `1 + c g + c g c g + ...`, that is `1 + g h` with h the dressed identity part.
    """
    return simplify(1 - (1 - distance) * dressed_identity())


def loop_weight() -> Expr:
    """Weight `g/(1 - c g)` of `lambda_i^2` in `lambda^T G (1 - c G)^{-1} lambda`."""
    return simplify(-(1 - distance) * dressing())


@cache
def dressed_rank_one() -> Expr:
    """Coefficient k of `w w^T` in `h`, with `w = (1 - c G)^{-1} lambda`.

    Sherman and Morrison: `h = c (1 - c G)^{-1} + k w w^T` solves `h = F + F G h`. With
    `F = c + d lambda lambda^T`, the terms between `lambda` and `w^T` are
    `k = d + d c G (1 - c G)^{-1} (1 - c G) ... = d + d q k`: a vertex, or a vertex, a loop and the
    rest.
    """
    k = Symbol("k")
    (solution,) = solve(k - rank_one - rank_one * loop * k, k)
    return solution
