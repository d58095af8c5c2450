"""Averages over the nodes of a rule, and the parts of the signal block that symmetry splits off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bbpsym.ensembles.networks.two_layer import Network

#: Nodes that are summed in one go.
PIECE = 512


class Block(NamedTuple):
    """A part of the signal block `E[v v^T (x) K]` that symmetry splits off."""

    #: Its sector.
    name: str
    #: How often it occurs.
    multiplicity: float
    #: Which feature is the average of each entry (ndarray of int, shape (n, n)).
    entries: np.ndarray
    #: Squared length of a vector's projection on the teacher's and on the student's directions, as
    #: quadratic forms (ndarray, shape (n, n)).
    teacher: np.ndarray
    student: np.ndarray


@dataclass(frozen=True, eq=False)
class Nodes:
    """Eigenvalues of F and features times quadrature weights, of all nodes of a rule."""

    f: np.ndarray
    features: np.ndarray
    blocks: tuple[Block, ...]

    def sums(self, t: Any) -> tuple[np.ndarray, np.ndarray]:
        """Averages of all features times `h` and `h^2`, `h = f/(1 + t f)`, at `g = -t`."""
        h = self.f / (1 + t * self.f)
        return summed(self.features, h), summed(self.features, h * h)


def summed(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums of rows times values, piece by piece: in one go rounding grows with their number."""
    whole = len(values) // PIECE * PIECE
    pieces = values[:whole].reshape(-1, 1, PIECE) @ rows[:whole].reshape(-1, PIECE, rows.shape[1])
    total: np.ndarray = pieces.sum(axis=0)[0] + values[whole:] @ rows[whole:]
    return total


def forms(network: Network, kept: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Squared projections on the teacher's and the student's spans, in directions of the frame."""
    teacher, student = (np.array(form.evalf(25), dtype=float) for form in network.projectors)
    return teacher[np.ix_(kept, kept)], student[np.ix_(kept, kept)]


def teacher_block(columns: list, rows: list[list[np.ndarray]], multiplicity: int) -> Block:
    """Add the features of `E[u u^T K]`, rows of its upper half, and describe their block."""
    size = len(rows)
    index = np.zeros((size, size), dtype=int)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row, start=i):
            index[i, j] = index[j, i] = len(columns)
            columns.append(entry)
    return Block("teacher", multiplicity, index, np.eye(size), np.zeros((size, size)))


def student_blocks(columns: list, sectors: dict[str, tuple[int, np.ndarray]]) -> list[Block]:
    """Add a feature for every sector of the student's own directions, and describe their blocks."""
    blocks = []
    for name, (multiplicity, feature) in sectors.items():
        index = np.array([[len(columns)]])
        columns.append(feature)
        blocks.append(Block(name, multiplicity, index, np.zeros((1, 1)), np.ones((1, 1))))
    return blocks
