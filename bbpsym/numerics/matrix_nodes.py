"""The matrix F of a network at the nodes of a rule, where nodes may only be exchanged."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bbpsym.equations.weights import zeta
from bbpsym.numerics import exchange
from bbpsym.numerics.lattice import lattice
from bbpsym.numerics.node_laws import Block, NodeLaw, evaluate_matrix, forms


class MatrixNodes(NamedTuple):
    """F at the nodes of a rule by eigenvalues, and the products of the frame's variables."""

    mass: np.ndarray
    f: np.ndarray
    vectors: np.ndarray
    pairs: np.ndarray
    size: int
    teachers: int

    @property
    def p(self) -> int:
        """Width of the student."""
        return self.f.shape[1]


@lru_cache(maxsize=4)
def matrix_nodes(law: NodeLaw, step: float, reach: float) -> MatrixNodes:
    """Evaluate F at nodes with ordered pre-activations, which stand for all of their exchanges."""
    network = law.network
    points, mass = lattice(len(law.variables), step, reach, law.is_mirrored)
    own = [law.variables.index(v) for v in network.student_frame]
    kept, count = exchange.ordered(points[:, own])
    points, mass = points[kept], mass[kept] * count
    f, vectors = np.linalg.eigh(law.sign * evaluate_matrix(network, law.variables, points))
    inside = [k for k, v in enumerate(law.variables) if v != zeta]
    frame = points[:, inside]
    pairs = mass[:, None] * np.stack(
        [frame[:, a] * frame[:, b] for a, b in zip(*np.triu_indices(len(inside)), strict=True)], 1
    )
    teachers = len(inside) - network.p
    return MatrixNodes(mass, f, vectors, pairs, len(inside), teachers)


def blocks_of(law: NodeLaw) -> tuple[tuple[Block, ...], tuple[np.ndarray, ...]]:
    """Sectors of the signal block with the forms of their overlaps."""
    network = law.network
    present = [k for k, v in enumerate(network.frame) if v in law.variables]
    teachers = len(present) - network.p
    teacher, student = forms(network, present)
    blocks, bases = [], []
    for sector in exchange.sectors(teachers, network.p):
        lifted = [
            sector.basis.T @ np.kron(form, np.eye(network.p)) @ sector.basis
            for form in (teacher, student)
        ]
        empty = np.zeros((0, 0), dtype=int)
        blocks.append(Block(sector.name, sector.multiplicity, empty, *lifted))
        bases.append(sector.basis)
    return tuple(blocks), tuple(bases)
