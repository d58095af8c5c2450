"""Wrong versions of a statement: what a check must be able to catch."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Integer
from sympy.core.relational import Equality, Relational

from bbpsym.records.record import Relations


def mutants(statement: Relations) -> Iterator[Relations]:
    """Yield the statement with one wrong sign or one changed coefficient at a time."""
    for position, relation in enumerate(statement):
        for wrong in _wrong(relation):
            yield (*statement[:position], wrong, *statement[position + 1 :])


def _wrong(relation: Relational) -> Iterator[Relational]:
    if not isinstance(relation, Equality):
        yield relation.reversed.func(*relation.args, evaluate=False)
        return
    for right in _wrong_sides(relation.rhs):
        yield Equality(relation.lhs, right, evaluate=False)


def _wrong_sides(side: Expr) -> Iterator[Expr]:
    """A sign flipped in front, a factor two, and a sign flipped in each term of a sum."""
    if side == 0:
        yield Integer(1)
        return
    yield -side
    yield 2 * side
    terms = Add.make_args(side)
    if len(terms) > 1:
        for wrong in range(len(terms)):
            yield Add(*(-term if k == wrong else term for k, term in enumerate(terms)))
