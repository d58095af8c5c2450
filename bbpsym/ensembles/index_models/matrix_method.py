"""The optimal method of several indices as one matrix: where moments have no common eigenvectors.

It is `sum_mu x^mu x^muT (x) T(y^mu)` of size r N, with the matrix weight `T = 1 - C^-1`, C being
`E[u u^T | y]`. With `K = T (1 - G T)^-1 = (C - 1) (C - G (C - 1))^-1` the bulk has
`G^-1 + alpha E[K] = z`, an r x r matrix, and eigenvectors outside of it come from matrices N with
`z N = alpha E[K N C]`. At z = 1 one of them is known: `K (1 - G) C = C - 1 - K G`, of mean
`G^-1 (1 - G) G / alpha`, so that `N = 1 - G`, for every alpha.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from scipy.optimize import brentq

from bbpsym.ensembles.index_models.factor_law import NODES, recovery
from bbpsym.errors import ConvergenceError, UndecidedError
from bbpsym.numerics.curve import RIGHT
from bbpsym.writing.display import latex_text

#: Steps from below between two attempts of Newton's method, its own steps, and such attempts.
STEPS, NEWTON, ATTEMPTS = 30, 15, 40

#: Steps from a small residual on: next to an edge the first of them is large.
MORE = 3

#: How often moments are stirred to see what rounding does.
STIRRED = 2

#: A residual that is small, size of an eigenvalue that is none, and of a difference to one.
FOUND, NONE, APART = 1e-11, 1e-12, 1e-6

#: How closely an eigenvalue above one is found: its overlap is steep in it.
ROUNDING = 4 * np.finfo(float).eps

#: Least eigenvalue of C in the start from below.
LEAST = 1e-12


class IndexLaw(Protocol):
    """What is needed of a `MultiIndex`."""

    fewest_digits: ClassVar[int]

    @property
    def name(self) -> str:
        """The teacher in words."""

    @property
    def weak_recovery(self) -> float:
        """Threshold."""

    def nodes(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Moments at nodes, shares, and those of a coarser rule."""


class Recovered(NamedTuple):
    """An eigenvalue outside of the bulk, and what its eigenvector knows, block by index."""

    value: float
    overlap: np.ndarray

    @property
    def overlap2(self) -> float:
        """The share of the eigenvector in what the teacher's vectors span."""
        return float(np.sum(self.overlap**2))


@dataclass(frozen=True)
class MatrixMethod:
    """The optimal spectral method as a matrix of size r N; `threshold` and `outlier` take it.

    Attributes
    ----------
    teacher : MultiIndex
        The teacher.
    """

    teacher: IndexLaw

    sides: ClassVar[tuple[str, ...]] = (RIGHT,)
    side_seen: ClassVar[str] = RIGHT
    unit: ClassVar[str] = "1"
    direction: ClassVar[None] = None
    answers: ClassVar[str] = "bbpsym.answers.matrix_equation"

    @property
    def weak_recovery(self) -> float:
        """Threshold, that of the teacher."""
        return float(self.teacher.weak_recovery)

    def thresholds(self) -> tuple[float, float]:
        """Where the outlier appears, by the rule for averages and by a coarser one."""
        moments, *rules = self.teacher.nodes(NODES[-1])
        fine, coarse = (recovery(moments, share) for share in rules)
        return fine, coarse

    def recovered(self, alpha: float) -> tuple[tuple[Recovered, ...], ...]:
        """The eigenvalue at one and those above it, from the threshold on, several times.

        By the rule for averages, by a coarser one, and with moments stirred in their last digits.
        """
        moments, *rules = self.teacher.nodes(NODES[-1])
        given = [(moments, share) for share in rules]
        given += [(stirred(moments, seed), rules[0]) for seed in range(STIRRED)]
        laws = (DressedLaw(at, share, alpha, self.teacher.name) for at, share in given)
        return tuple(tuple(law.outliers()) for law in laws)

    def resolvent(self, alpha: float, z: float = 1.0) -> np.ndarray:
        """G of the bulk at z, one or more."""
        moments, share, _ = self.teacher.nodes(NODES[-1])
        return DressedLaw(moments, share, alpha, self.teacher.name).resolvent(z)

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the method."""
        return {"teacher": self.teacher.name}

    def __repr__(self) -> str:
        return f"MatrixMethod({self.teacher.name})"

    def _repr_latex_(self) -> str:
        return rf"$T=1-C^{{-1}},\ \text{{{latex_text(self.teacher.name)}}}$"


@dataclass(frozen=True, eq=False)
class DressedLaw:
    """Averages by one rule, at one alpha."""

    moments: np.ndarray
    share: np.ndarray
    alpha: float
    name: str

    def outliers(self) -> Iterator[Recovered]:
        """The one at z = 1, with N = 1 - G, and those above, where an eigenvalue of the map is z.

        `z - s_i(z)` rises with a slope of one or more for each eigenvalue s_i, so that there is one
        for each `s_i(1) > 1`, and it lies below `s_i(1)`. Where groups of indices are not mixed by
        any label each has one at z = 1, and what an eigenvector knows is the same for all or none.

        Raises
        ------
        UndecidedError
            If it depends on which of several eigenvectors at z = 1 is taken.
        """
        one = np.eye(self.moments.shape[1])
        G = self.resolvent(1.0)
        yield Recovered(1.0, self._overlap(G, one - G))
        n = (one - G).ravel() / np.linalg.norm(one - G)
        across = np.eye(n.size) - np.outer(n, n)  # without the one that is known
        others, ways = np.linalg.eigh(across @ self._levels(G) @ across)
        equal = [n, *ways.T[np.abs(others - 1) < APART]]
        pairs = (a + b for a, b in combinations_with_replacement(equal, 2))
        known = [float(np.sum(self._overlap(G, p.reshape(one.shape)) ** 2)) for p in pairs]
        if np.ptp(known) > APART:
            raise UndecidedError(
                f"{self.name} has several eigenvectors at one: they know {min(known):.3g} to "
                f"{max(known):.3g} of the signal or more; ask for each group of indices by itself"
            )
        for rank, level in enumerate(others[::-1]):
            if level <= 1 + APART:
                return
            # Shares of an extrapolation may be negative, so that it lies beyond by a little.
            z = brentq(self._gap, 1.0, 2 * level, args=(-1 - rank,), xtol=ROUNDING)
            G = self.resolvent(z)
            ways = np.linalg.eigh(self._levels(G))[1]
            yield Recovered(z, self._overlap(G, ways[:, -1 - rank].reshape(one.shape)))

    def _gap(self, z: float, rank: int) -> float:
        return float(z - np.linalg.eigvalsh(self._levels(self.resolvent(z)))[rank])

    def _levels(self, G: np.ndarray) -> np.ndarray:
        """The map of matrices `N -> alpha E[K N C]`."""
        return self.alpha * paired(self.share, self.dressed(G), self.moments)

    def _overlap(self, G: np.ndarray, N: np.ndarray) -> np.ndarray:
        """Overlaps: `m^-2 = 1 - alpha E[tr(n^T K G' K n C)]` with a unit n along N."""
        K, n = self.dressed(G), N / np.linalg.norm(N)
        slope = solved(self.alpha * paired(self.share, K, K), G, G @ G)  # minus G'
        inside = np.einsum(
            "n,ji,njk,kl,nlm,mp,npi->", self.share, n, K, slope, K, n, self.moments, optimize=True
        )
        found: np.ndarray = n / np.sqrt(1 + self.alpha * inside)
        return found

    def resolvent(self, z: float) -> np.ndarray:
        """The least G > 0 with `G^-1 + alpha E[K] = z`, that of the bulk.

        At z = 1 another one is G = 1. The map `G -> (z - alpha E[K])^-1` is monotone, so that its
        iterates from below rise to the least. There its derivative has no eigenvalue above one; at
        G = 1 it has `alpha/alpha_c`.

        Raises
        ------
        ConvergenceError
            If there is none, because so many labels fix linear forms of u.
        """
        one = np.eye(self.moments.shape[1])
        values, vectors = np.linalg.eigh(self.moments)
        inverse = np.einsum("nij,nj,nkj->nik", vectors, 1 / np.maximum(values, LEAST), vectors)
        G = np.linalg.inv(z * one + self.alpha * np.tensordot(self.share, inverse - one, 1))
        with suppress(np.linalg.LinAlgError), np.errstate(all="ignore"):  # it grows for ever
            for _ in range(ATTEMPTS):
                for _ in range(STEPS):
                    G = self._risen(G, z)
                if (found := self.polished(G, z)) is not None:
                    return found
        raise ConvergenceError(
            f"no bulk is found at alpha = {self.alpha:.6g} for {self.name}: its labels may fix the "
            "signal"
        )

    def polished(self, G: np.ndarray, z: float) -> np.ndarray | None:
        """Newton's method from a G below; None where it leads elsewhere."""
        more = MORE
        for _ in range(NEWTON):
            if np.linalg.eigvalsh(G)[0] <= NONE:
                return None
            K = self.dressed(G)
            map_ = self.alpha * paired(self.share, K, K)
            risen = self._risen(G, z)
            more -= bool(np.abs(risen - G).max() < FOUND)
            G = G + solved(map_, risen, risen - G)
            G = (G + G.T) / 2  # `risen` is symmetric, so that a rest of G that is not would grow
            if more == 0:
                slopes = np.linalg.eigvals(np.kron(G, G) @ map_)
                return G if np.abs(slopes).max() < 1 else None
        return None

    def _risen(self, G: np.ndarray, z: float) -> np.ndarray:
        mean = np.tensordot(self.share, self.dressed(G), 1)
        risen: np.ndarray = np.linalg.inv(z * np.eye(len(G)) - self.alpha * mean)
        return (risen + risen.T) / 2

    def dressed(self, G: np.ndarray) -> np.ndarray:
        """K at every node."""
        excess = self.moments - np.eye(len(G))
        found: np.ndarray = excess @ np.linalg.inv(self.moments - G @ excess)
        return found


def stirred(moments: np.ndarray, seed: int) -> np.ndarray:
    """Moments that are rounded otherwise."""
    noise = np.random.default_rng(seed).standard_normal(moments.shape)
    found: np.ndarray = moments * (1 + np.finfo(float).eps * (noise + np.swapaxes(noise, 1, 2)))
    return found


def paired(share: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The map `D -> E[left D right]` of symmetric matrices left and right, as one matrix."""
    size = left.shape[1] ** 2
    paired: np.ndarray = np.einsum("n,nij,nkl->ikjl", share, left, right)
    return paired.reshape(size, size)


def solved(K: np.ndarray, G: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The matrix D with `D - G E[K D K] G = right`."""
    found = np.linalg.solve(np.eye(len(K)) - np.kron(G, G) @ K, right.ravel())
    return found.reshape(right.shape)
