"""The Hessian of the two-layer network: loss, weight matrix and its eigenvalues, (3)-(5), (48).

Everything follows from the loss of one sample. Since `lambda_q = w_q . x`, the chain rule gives
`d^2 L / dw_{qi} dw_{q'j} = sum_mu F_{qq'} x_i x_j` with `F_{qq'} = d^2 l / dlambda_q dlambda_q'`,
and `F` is a multiple of the identity plus a rank-one matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from sympy import Add, Expr, S, Symbol, factor, symbols

from bbpsym.symbols import a, p, y, yh

#: Two student pre-activations, and the sum of the squares of all others.
lambda_q, lambda_r = symbols("lambda_q lambda_r", real=True)
rest = Symbol("R", nonnegative=True)

#: Loss of one sample, and the two eigenvalues of its weight matrix.
sample_loss = Symbol("L", nonnegative=True)
f_1, f_2 = symbols("f_1 f_2", real=True)


def loss() -> Expr:
    """Loss of one sample, eq. (3), in terms of the two outputs."""
    return (y - yh) ** 2 / (2 * (a + y))


@dataclass(frozen=True)
class WeightMatrix:
    """`F = identity * 1 + rank_one * lambda lambda^T`, eq. (5)."""

    identity: Expr
    rank_one: Expr

    def eigenvalues(self) -> tuple[tuple[Expr, Expr], ...]:
        """Eigenvalues of `F` with their multiplicities, eq. (48).

        Orthogonal to `lambda` the rank-one part vanishes (`p - 1` times); along it, it adds
        `rank_one * |lambda|^2 = rank_one * p * yh` (once).
        """
        along = self.identity + self.rank_one * p * yh
        return ((factor(self.identity), p - 1), (factor(along), S.One))


@lru_cache(maxsize=64)
def weight_matrix(formula: Expr | None = None) -> WeightMatrix:
    """Differentiate the loss twice with respect to the pre-activations, eqs. (4)(5).

    Parameters
    ----------
    formula : Expr, optional
        Another loss than the paper's, in the outputs y and yh.
    """
    output = (lambda_q**2 + lambda_r**2 + rest) / p  # eq. (2), all other nodes in `rest`
    sample = (loss() if formula is None else formula).subs(yh, output)
    others = p * yh - lambda_q**2 - lambda_r**2  # `rest`, in terms of the output
    off_diagonal = sample.diff(lambda_q, lambda_r).subs(rest, others)
    diagonal = sample.diff(lambda_q, 2).subs(rest, others)
    rank_one = factor(off_diagonal / (lambda_q * lambda_r))
    return WeightMatrix(factor(diagonal - rank_one * lambda_q**2), rank_one)


@cache
def averaged_weight() -> Expr:
    """The weight with the student averaged out: the trace of F over p at `yh = 1`.

    By rotation invariance the average of F over the student is a multiple of the identity, and
    the trace is linear in `yh`, whose mean is one.
    """
    trace = Add(*(count * value for value, count in weight_matrix().eigenvalues()))
    return (trace / p).subs(yh, 1).factor()
