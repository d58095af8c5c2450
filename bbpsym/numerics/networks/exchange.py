"""Exchange of the student's nodes: how it splits the signal block of `v (x) e`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.linalg import null_space

#: Maps a vector across (1, ..., 1) to one of the signal block, as a matrix of v and e.
Copy = Callable[[np.ndarray], np.ndarray]


class Sector(NamedTuple):
    """An irreducible representation of the permutations and what it holds of the signal block."""

    #: "trivial", "standard", "symmetric", "antisymmetric"; "alternating" is the last at p = 3.
    name: str
    #: Its dimension: how often every outlier occurs.
    multiplicity: int
    #: For every row of it orthonormal vectors, one for each copy (ndarray, shape (multiplicity, r
    #: p, n)).
    bases: np.ndarray

    def block(self, matrix: np.ndarray) -> np.ndarray:
        """The block of a matrix on `v (x) e`, averaged over all exchanges of nodes."""
        return np.einsum("dan,ab,dbm->nm", self.bases, matrix, self.bases) / self.multiplicity


def across(p: int) -> np.ndarray:
    """Orthonormal vectors across (1, ..., 1), shape (p, p - 1)."""
    full = np.linalg.qr(np.column_stack([np.ones(p), np.eye(p)[:, : p - 1]]))[0]
    return full[:, 1:]


@lru_cache(maxsize=8)
def sectors(teachers: int, p: int) -> tuple[Sector, ...]:
    """Split the span of `v (x) e`, the teachers' directions first in the frame of v.

    Of v the teachers' directions are trivial, the nodes' the sum of the trivial and the standard
    representation, as are those of e; standard (x) standard holds the two of matrices with zero
    row sums, symmetric with a zero diagonal and antisymmetric.
    """
    found = [
        Sector("trivial", 1, np.stack(list(_trivial(teachers, p)), axis=-1)[None]),
        Sector("standard", p - 1, _standard(teachers, p)),
    ]
    for sign in (1, -1):
        matrices = _without_row_sums(p, sign)
        if matrices.size:
            rows = np.zeros((len(matrices), teachers + p, p))
            rows[:, teachers:] = matrices
            flat = rows.reshape(len(matrices), -1, 1)
            found.append(Sector(_name(p, sign), len(matrices), flat))
    return tuple(found)


def _name(p: int, sign: int) -> str:
    return "symmetric" if sign > 0 else "alternating" if p == 3 else "antisymmetric"


def _trivial(teachers: int, p: int) -> Iterator[np.ndarray]:
    ones = np.ones(p) / np.sqrt(p)
    for i in range(teachers):
        yield _flat(teachers, p, teacher=(i, ones))
    yield _flat(teachers, p, nodes=np.eye(p) / np.sqrt(p))
    yield _flat(teachers, p, nodes=(1 - np.eye(p)) / np.sqrt(p * (p - 1)))


def _standard(teachers: int, p: int) -> np.ndarray:
    off = 1 - np.eye(p)
    copies: list[Copy] = [
        lambda x, i=i: _flat(teachers, p, teacher=(i, x))  # type: ignore[misc]
        for i in range(teachers)
    ]
    copies.append(lambda x: _flat(teachers, p, nodes=np.diag(x)))
    copies.append(lambda x: _flat(teachers, p, nodes=(x[:, None] - x) / np.sqrt(2 * p)))
    if p > 2:
        width = np.sqrt(2 * (p - 2))
        copies.append(lambda x: _flat(teachers, p, nodes=off * (x[:, None] + x) / width))
    rows = across(p).T
    return np.stack([np.stack([copy(x) for copy in copies], axis=-1) for x in rows])


def _flat(
    teachers: int,
    p: int,
    teacher: tuple[int, np.ndarray] | None = None,
    nodes: np.ndarray | None = None,
) -> np.ndarray:
    """A vector of the signal block from its row for a teacher, or its rows for the nodes."""
    rows = np.zeros((teachers + p, p))
    if teacher is not None:
        rows[teacher[0]] = teacher[1]
    if nodes is not None:
        rows[teachers:] = nodes
    return rows.ravel()


def _without_row_sums(p: int, sign: int) -> np.ndarray:
    """Orthonormal matrices without diagonal and row sums, symmetric or antisymmetric."""
    pairs = list(combinations(range(p), 2))
    elements = np.zeros((len(pairs), p, p))
    for k, (q, r) in enumerate(pairs):
        elements[k, q, r], elements[k, r, q] = 1, sign
    free = null_space(elements.sum(axis=2).T)
    return np.einsum("kn,kqr->nqr", free, elements) / np.sqrt(2)
