"""Moments from free cumulants: sums over non-crossing partitions.

A matrix `sum_mu f^mu x x^T` with free Gaussian directions is a compound free Poisson variable: its
free cumulants are `alpha <f^n>`. This is what "planar diagrams only" means for the moments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from sympy import Add, Expr, Mul, Symbol

from bbpsym.equations.average import Average
from bbpsym.symbols import alpha, f

Partition = tuple[tuple[int, ...], ...]


def moment_symbol(order: int) -> Symbol:
    """The moment `tau(H^n)` of the bulk."""
    return Symbol(rf"\tau(H^{{{order}}})", real=True)


def sample_cumulant(order: int) -> Symbol:
    """Mean power of the weights of one sample of the data, `(1/N) sum_mu (f^mu)^n`."""
    return Symbol(rf"\kappa_{{{order}}}", real=True)


def free_cumulant(order: int) -> Expr:
    """Free cumulant of the bulk: `alpha <f^n>`."""
    return alpha * Average(f**order)


def partitions(elements: tuple[int, ...]) -> Iterator[Partition]:
    """All partitions of a set into blocks."""
    if not elements:
        yield ()
        return
    first, *others = elements
    for rest in partitions(tuple(others)):
        yield ((first,), *rest)
        for k, block in enumerate(rest):
            yield (*rest[:k], (first, *block), *rest[k + 1 :])


def is_crossing(partition: Partition) -> bool:
    """Whether two blocks interleave as a < b < a' < b'."""
    block_of = {element: k for k, block in enumerate(partition) for element in block}
    for block in partition:
        for low, high in pairwise(sorted(block)):
            between = {block_of[e] for e in range(low + 1, high)}
            outside = {block_of[e] for e in block_of if e < low or e > high}
            if between & outside:
                return True
    return False


def moment(order: int, cumulant: Callable[[int], Expr] = free_cumulant) -> Expr:
    """Moment of the bulk by counting non-crossing partitions of `order` elements."""
    chosen = (p for p in partitions(tuple(range(order))) if not is_crossing(p))
    return Add(*(Mul(*(cumulant(len(block)) for block in item)) for item in chosen))
