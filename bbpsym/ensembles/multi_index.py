"""Teachers with several indices, `y = phi(u_1, ..., u_r)`, and the best matrices for them.

The optimal weight of a direction knows the label only through the signal factor s of that
direction: `T = 1 - 1/s`. Right of the bulk its distance from the bound 1 is `1/s`, so that the law
of s is all that averages need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from sympy import Expr, Matrix, Rational, S, besselk, pi

from bbpsym.display import DOUBLE_DIGITS, latex_text
from bbpsym.ensembles.real_values import compiled
from bbpsym.errors import DomainError
from bbpsym.labels import exact_number, in_label
from bbpsym.numerics.curve import RIGHT, Curve, End, Side
from bbpsym.numerics.diagonal_bulk import Interval
from bbpsym.numerics.measures import Accuracy, LabelLaw, Rule
from bbpsym.symbols import distance, label, scale, signal_factor
from bbpsym.wishart import BOUNDED_GRID, weight_law

#: Nodes in a unit of the variable, coarse to fine; error of a mean that counts as none.
NODES, SLACK = (32, 64, 128, 256), 1e-8

#: Dressings at which the mean of the dressed weights must be a multiple of one.
DRESSINGS = (0.3, 1.0, 3.0)


@dataclass(frozen=True, eq=False)
class FactorLaw(LabelLaw):
    """The law of a signal factor, in double precision: rules for averages over a label.

    Attributes
    ----------
    teacher : MultiIndex
        What the labels are.
    direction : ndarray or None
        The direction whose factor is meant; without it all eigenvalues, with equal shares.
    """

    teacher: Any
    direction: np.ndarray | None

    @property
    def is_exact(self) -> bool:
        """It is in double precision."""
        return False

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the rules with twice the nodes each time."""
        shape = (-1, *(1,) * max(map(np.ndim, values.values()), default=0))
        for per_unit in NODES[: 2 + accuracy.value]:
            factor, share, coarse = self.factors(per_unit)
            at = {distance: 1 / (1 + factor), scale: factor / (1 + factor)}
            at |= {signal_factor: factor, label: factor}
            yield Rule({x.name: node.reshape(shape) for x, node in at.items()}, share, coarse)

    def factors(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Signal factors, their shares, and those of the rule with twice the step."""
        moments, share, coarse = self.teacher.nodes(per_unit)
        if self.direction is not None:
            factor = np.einsum("i,nij,j->n", self.direction, moments, self.direction)
            return np.maximum(factor, 0.0), share, coarse
        size = moments.shape[1]
        factor = np.maximum(np.linalg.eigvalsh(moments).ravel(), 0.0)
        return factor, np.repeat(share, size) / size, np.repeat(coarse, size) / size


@dataclass(frozen=True, eq=False)
class MultiIndex:
    """A teacher with several indices, by the law of its label and the moments given the label.

    Attributes
    ----------
    density : Expr
        Density of the label, in one symbol, analytic between the points of `support`.
    moments : Matrix
        `E[u u^T | y]`, in the same symbol; its mean is one.
    support : sequence of numbers
        Ends of the support, with the points between them where something is not analytic.
    name : str
        The teacher in words.

    Raises
    ------
    DomainError
        If the density does not add up to one, or the moments do not to the identity.

    Notes
    -----
    Source: L. Defilippis, Y. Dandi, P. Mergny, F. Krzakala, B. Loureiro, "Optimal spectral
    transitions in high-dimensional multi-index models", arXiv 2502.02545.

    Examples
    --------
    >>> from bbpsym import outlier
    >>> teacher = product()
    >>> print(f"{teacher.weak_recovery:.9f}")
    0.593751098
    >>> first, second = teacher.methods()
    >>> print(f"{float(outlier(first, alpha=2).overlap2):.7f}")
    0.4325386
    """

    density: Any
    moments: Any
    support: Any = (-S.Infinity, S.Zero, S.Infinity)
    name: str = "given labels"

    def __post_init__(self) -> None:
        setting = object.__setattr__
        entries = Matrix(self.moments)
        if entries.rows != entries.cols or entries != entries.T:
            raise DomainError("moments must be a symmetric matrix")
        setting(self, "density", in_label(self.density))
        setting(self, "moments", entries.applyfunc(in_label))
        setting(self, "support", tuple(exact_number(end, "support") for end in self.support))
        moments, share, _ = self.nodes(NODES[-1])
        if not abs(share.sum() - 1) < SLACK:
            raise DomainError(
                f"density must add up to one over its support, not to {share.sum():.6g}"
            )
        if not np.allclose(np.tensordot(share, moments, 1), np.eye(entries.rows), atol=SLACK):
            raise DomainError("the mean of the moments must be the identity")

    def nodes(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Moments at nodes, shares, and those of the rule with twice the step."""
        if per_unit not in self._rules:
            self._rules[per_unit] = self._rule(per_unit)
        return self._rules[per_unit]

    @cached_property
    def _rules(self) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        return {}

    def _rule(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = []
        for low, high in pairwise(map(float, self.support)):
            place, width = Interval(low, high, 1.0).nodes(per_unit)
            share = _values(self.density, place) * width
            even = 2.0 - 2.0 * (np.arange(len(place)) % 2)
            rows.append((place, share, share * even))
        place, share, coarse = (np.concatenate(column) for column in zip(*rows, strict=True))
        kept = np.isfinite(share) & (share > 0)
        size = self.moments.rows
        moments = np.empty((int(kept.sum()), size, size))
        for i in range(size):
            for j in range(size):
                moments[:, i, j] = _values(self.moments[i, j], place[kept])
        known = np.isfinite(moments).all(axis=(1, 2))
        return moments[known], share[kept][known], coarse[kept][known]

    @property
    def weak_recovery(self) -> float:
        """Threshold alpha_c of the optimal method: one over the norm of `M -> E[G M G]`.

        Here `G = E[u u^T | y] - 1`; no method made of the labels that is of low degree does better.
        """
        moments, share, _ = self.nodes(NODES[-1])
        excess = moments - np.eye(moments.shape[1])
        size = moments.shape[1] ** 2
        norm = np.einsum("n,nij,nkl->ikjl", share, excess, excess).reshape(size, size)
        return float(1 / np.linalg.eigvalsh(norm)[-1])

    def methods(self) -> tuple[OptimalMethod, ...]:
        """Optimal methods of the directions that are found one after the other.

        Where the moments have the same eigenvectors for all labels, every one of these is a
        direction with a matrix of its own, the first to be found first. Where no direction is
        preferred, there is one method for all of them at once, a matrix of size r N.

        Raises
        ------
        DomainError
            If neither is so.
        """
        moments, share, _ = self.nodes(NODES[-1])
        generic = np.einsum("n,nij->ij", share * np.arange(1, len(share) + 1) / len(share), moments)
        _, vectors = np.linalg.eigh(generic)
        turned = np.einsum("ia,nij,jb->nab", vectors, moments, vectors)
        diagonal = np.einsum("naa->na", turned)
        rest = np.einsum("n,nab->", share, turned**2) - np.einsum("n,na->", share, diagonal**2)
        if rest < SLACK:
            found = [OptimalMethod(self, _signed(vector)) for vector in vectors.T]
            return tuple(sorted(found, key=lambda method: method.weak_recovery))
        self._check_isotropic(moments, share)
        return (OptimalMethod(self, None),)

    def _check_isotropic(self, moments: np.ndarray, share: np.ndarray) -> None:
        size = moments.shape[1]
        for dressing in DRESSINGS:
            mean = np.tensordot(share, np.linalg.inv(moments + dressing * np.eye(size)), 1)
            if not np.allclose(mean, np.trace(mean) / size * np.eye(size), atol=SLACK):
                raise DomainError(
                    "moments must have the same eigenvectors for all labels, or prefer no "
                    "direction: the optimal method is a matrix equation otherwise"
                )


@dataclass(frozen=True, eq=False)
class OptimalMethod:
    """The optimal spectral method of one direction; `threshold` and `outlier` take it.

    The matrix is `sum_mu T(y^mu) x^mu x^muT` with `T = 1 - 1/s`, where s is the mean of
    `(u . direction)^2` given the label; without a direction the weight is the matrix
    `1 - E[u u^T | y]^-1`. The outlier lies right of the bulk, at one for every alpha. Labels with
    `s = 0` are linear equations for the signal, which enough of them fix: there is no bulk then.

    Attributes
    ----------
    teacher : MultiIndex
        The teacher.
    direction : ndarray or None
        Unit vector among u_1, ..., u_r; None if all are found at once.
    """

    teacher: MultiIndex
    direction: np.ndarray | None = field(default=None)

    sides: ClassVar[tuple[str, ...]] = (RIGHT,)
    side_seen: ClassVar[str] = RIGHT
    unit: ClassVar[str] = "1"

    @cached_property
    def _law(self) -> FactorLaw:
        return FactorLaw(None, self.teacher, self.direction)  # type: ignore[arg-type]

    @property
    def weak_recovery(self) -> float:
        """Threshold `1/E[(s - 1)^2]`."""
        factor, share, _ = self._law.factors(NODES[-1])
        return float(1 / (share @ (factor - 1) ** 2))

    def side(self, side: str = RIGHT) -> Side:
        """Return the method as seen from the right of its bulk.

        Raises
        ------
        DomainError
            If another side is asked for.
        """
        if side != RIGHT:
            raise DomainError(f'side must be "right": the signal is there, not {side!r:.40}')
        return self._side

    @cached_property
    def _side(self) -> Side:
        law, name = weight_law(True), f"the optimal method for {self.teacher.name}"
        curve = Curve(law, self._law, {}, BOUNDED_GRID, lambda _: End.SMOOTH, name)
        return Side(curve, -1, Fraction(1), DOUBLE_DIGITS)

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the method."""
        shown = "all" if self.direction is None else ", ".join(f"{x:.6g}" for x in self.direction)
        return {"teacher": self.teacher.name, "direction": shown}

    def __repr__(self) -> str:
        return f"OptimalMethod({self.teacher.name}, direction={self.labels()['direction']})"

    def _repr_latex_(self) -> str:
        return rf"$T=1-1/s,\ \text{{{latex_text(self.teacher.name)}}}$"


def sign_of_product() -> MultiIndex:
    """Return the teacher `y = sign(u_1 u_2)` as one with a uniform label, `y = sign(label)`."""
    factor = 2 / pi * (label / abs(label))
    return MultiIndex(Rational(1, 2), Matrix([[1, factor], [factor, 1]]), (-1, 0, 1), "sign(u1 u2)")


def product() -> MultiIndex:
    """Return the teacher `y = u_1 u_2`, whose label has the density `K_0(|y|)/pi`."""
    size = abs(label)
    square = size * besselk(1, size) / besselk(0, size)
    moments = Matrix([[square, label], [label, square]])
    return MultiIndex(besselk(0, size) / pi, moments, (-S.Infinity, 0, S.Infinity), "u1 u2")


def quotient() -> MultiIndex:
    """Return the teacher `y = u_1/u_2`, whose label follows Cauchy's law."""
    moments = 2 * Matrix([[label**2, label], [label, 1]]) / (1 + label**2)
    density = 1 / (pi * (1 + label**2))
    return MultiIndex(density, moments, (-S.Infinity, 0, S.Infinity), "u1/u2")


def _signed(vector: np.ndarray) -> np.ndarray:
    """A direction with its largest component positive."""
    return vector * np.sign(vector[int(np.argmax(np.abs(vector).round(9)))])


def _values(expression: Expr, places: np.ndarray) -> np.ndarray:
    function = compiled(expression, (label,))
    with np.errstate(all="ignore"):
        values = np.asarray(function(places)[0], dtype=float)
    return np.broadcast_to(values, places.shape)
