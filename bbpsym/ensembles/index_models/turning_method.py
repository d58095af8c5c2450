"""A weight of one's own for several indices whose moments have no common eigenvectors.

The bulk knows nothing of the signal, and the signal block is `R(t) = -<(E[u u^T | y] - 1) h>`, a
matrix: an outlier has its t where `alpha t` times one of its eigenvalues is one, and lies along the
eigenvector of R(t), which turns with t. Along that direction n the method is an `Ensemble` with the
signal factor `n E[u u^T | y] n`, and has its outlier: an eigenvalue does not change to first order
with n.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
from sympy import Expr

from bbpsym.ensembles.index_models.directions import signed
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.laws.labels import Labels
from bbpsym.numerics.curve import SIDES, Curve
from bbpsym.writing.display import latex_text
from bbpsym.writing.handwriting import latex, text


class Turned(Protocol):
    """What is needed of a `MultiIndex`."""

    @property
    def name(self) -> str:
        """The teacher in words."""

    def labels_along(self, direction: np.ndarray, shown: str) -> Labels:
        """The law of the label with the signal factor of a direction."""


@dataclass(frozen=True)
class TurningMethod:
    """A weight `T(y)` for all indices at once, and one of its outliers.

    Attributes
    ----------
    teacher : MultiIndex
        The teacher.
    weight : Expr
        `T(y)`.
    rank, size : int
        Which outlier, 0 for the one that is farthest from the bulk; the number of indices.
    """

    teacher: Turned
    weight: Expr
    rank: int
    size: int

    sides: ClassVar[tuple[str, ...]] = SIDES
    unit: ClassVar[str] = "1"
    answers: ClassVar[str] = "bbpsym.answers.turning"

    def along(self, direction: np.ndarray) -> Ensemble:
        """The method as it sees one direction."""
        key = tuple(signed(direction))
        if key not in self._known:
            shown = ", ".join(f"{round(x, 2) + 0:.2f}" for x in key)
            labels = self.teacher.labels_along(np.array(key), shown)
            self._known[key] = Ensemble(self.weight, labels)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[float, ...], Ensemble]:
        return {}

    def direction(self, t: float, side: str) -> np.ndarray:
        """The eigenvector of R(t), from its values along the axes and half-way between them."""
        one = np.eye(self.size)
        R = np.diag([self._response(axis, t, side) for axis in one])
        for i, j in zip(*np.triu_indices(self.size, 1), strict=True):
            between = self._response((one[i] + one[j]) / np.sqrt(2), t, side)
            R[i, j] = R[j, i] = between - (R[i, i] + R[j, j]) / 2
        vector: np.ndarray = np.linalg.eigh(R)[1][:, -1 - self.rank]
        return vector

    def _response(self, direction: np.ndarray, t: float, side: str) -> float:
        """R of one direction."""
        return float(self.curve(direction, side).plain(t, "response")["response"])

    def curve(self, direction: np.ndarray, side: str) -> Curve:
        """The curves along a direction."""
        return self.along(direction).side(side).curve

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the method where it sees nothing."""
        name = f"{self.teacher.name}, outlier {self.rank + 1} of {self.size}"
        return {"weight": text(self.weight), "law": name, "name": ""}

    def __repr__(self) -> str:
        return f"TurningMethod(T = {self.weight}; {self.labels()['law']})"

    def _repr_latex_(self) -> str:
        return rf"$T(y)={latex(self.weight)},\ \text{{{latex_text(self.teacher.name)}}}$"
