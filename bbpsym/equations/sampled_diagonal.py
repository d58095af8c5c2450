"""A deformed Gaussian matrix whose diagonal and signal are known: sums in place of averages.

`A = D + theta w w^T` is known and J is not: the eigenvalue of H that belongs to an eigenvalue mu
of A is `mu + sigma^2/N sum_j 1/(mu - mu_j)`, j running over all others. They are eliminated here:
`sum_j 1/(Gamma - mu_j) = sum_i 1/(Gamma - d_i) + F'/F` with `F = 1 - theta sum_i w_i^2/(Gamma -
d_i)`, which vanishes at mu. Derived in chapter 11.
"""

from __future__ import annotations

from sympy import Expr, Symbol

from bbpsym.symbols import theta, variance

#: Eigenvalue of A; `sum_i (mu - d_i)^-n/N` and `sum_i w_i^2 (mu - d_i)^-n` for n up to 4.
mu = Symbol("mu", real=True)
entries = tuple(Symbol(f"E_{n}", real=True) for n in range(1, 3))
signals = tuple(Symbol(f"P_{n}", real=True) for n in range(1, 5))
size = Symbol("N", positive=True)


def _slopes() -> tuple[Expr, Expr, Expr]:
    """`F'`, `F''/2` and `F'''/6` at mu."""
    _, second, third, fourth = signals
    return theta * second, -theta * third, theta * fourth


def others(order: int) -> Expr:
    """`sum_j (mu - mu_j)^-n / N` over the other eigenvalues of A, for n = 1 and 2."""
    first, half, sixth = _slopes()
    ratio = half / first
    if order == 1:
        return entries[0] + ratio / size
    return entries[1] - (2 * sixth / first - ratio**2) / size


def eigenvalue() -> Expr:
    """The outlier of H."""
    return mu + variance * others(1)


def slope() -> Expr:
    """`dz/dGamma` at mu: an outlier exists where it is positive."""
    return 1 - variance * others(2)


def overlap2() -> Expr:
    """Squared overlap of its eigenvector with w."""
    return slope() / (theta**2 * signals[1])
