"""Exchange of the student's nodes: how it splits the signal block of `v (x) e`."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from math import factorial
from typing import NamedTuple

import numpy as np


class Sector(NamedTuple):
    """An irreducible representation of the permutations and what it holds of the signal block.

    Attributes
    ----------
    name : str
        "trivial", "standard" or "alternating".
    multiplicity : int
        Its dimension: how often every outlier occurs.
    basis : ndarray, shape (r p, n)
        Orthonormal vectors, one for each copy of it, that belong to the same row of it.
    """

    name: str
    multiplicity: int
    basis: np.ndarray


def across(p: int) -> np.ndarray:
    """Orthonormal vectors across (1, ..., 1), shape (p, p - 1)."""
    full = np.linalg.qr(np.column_stack([np.ones(p), np.eye(p)[:, : p - 1]]))[0]
    return full[:, 1:]


@lru_cache(maxsize=8)
def _group(teachers: int, p: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Permutation matrices of the p nodes, and what they do to `v (x) e`."""
    found = []
    for order in permutations(range(p)):
        small = np.eye(p)[:, list(order)]
        frame = np.eye(teachers + p)
        frame[teachers:, teachers:] = small
        found.append((small, np.kron(frame, small)))
    return found


@lru_cache(maxsize=8)
def sectors(teachers: int, p: int) -> tuple[Sector, ...]:
    """Split the span of `v (x) e`, the teachers' directions first in the frame of v.

    `sum_g D_11(g) rho(g) dim/|S_p|` projects on the vectors that transform like the first row of
    the representation D.
    """
    plane = across(p)
    kinds = {
        "trivial": (1, lambda small: 1.0),
        "standard": (p - 1, lambda small: float(plane[:, 0] @ small @ plane[:, 0])),
        "alternating": (1, lambda small: float(np.linalg.det(small))),
    }
    if p == 2:
        del kinds["alternating"]  # it is the standard one
    found = []
    for name, (dimension, character) in kinds.items():
        group = _group(teachers, p)
        projector = sum(character(small) * large for small, large in group)
        values, vectors = np.linalg.eigh(projector * dimension / factorial(p))
        basis = vectors[:, values > 0.5]
        if basis.shape[1]:
            found.append(Sector(name, dimension, basis))
    return tuple(found)


def symmetrised(block: np.ndarray, teachers: int, p: int) -> np.ndarray:
    """Mean of a matrix on `v (x) e` over all exchanges of nodes."""
    group = _group(teachers, p)
    return sum(large @ block @ large.T for _, large in group) / len(group)


def ordered(nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which rows have falling entries, and for how many different rows each of these stands."""
    p = nodes.shape[1]
    kept = np.all(nodes[:, :-1] >= nodes[:, 1:], axis=1)
    chosen = nodes[kept]
    orders = np.full(len(chosen), float(factorial(p)))
    run = np.ones(len(chosen))
    for k in range(1, p):
        run = np.where(chosen[:, k] == chosen[:, k - 1], run + 1, 1.0)
        orders /= run
    return kept, orders
