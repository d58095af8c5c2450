"""Teachers with several indices, `y = phi(u_1, ..., u_r)`, and the best matrices for them.

The optimal weight of a direction knows the label only through the signal factor s of that
direction: `T = 1 - 1/s`. Right of the bulk its distance from the bound 1 is `1/s`, so that the law
of s is all that averages need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, overload

import numpy as np
from sympy import Expr, ImmutableMatrix, Matrix, S, simplify

from bbpsym.ensembles.index_models.directions import (
    Along,
    LabelFormula,
    exact_direction,
    signed,
    values_of,
)
from bbpsym.ensembles.index_models.factor_law import (
    NODES,
    SLACK,
    information,
    prefers_no_direction,
    recovery,
)
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
from bbpsym.ensembles.index_models.optimal_method import OptimalMethod
from bbpsym.ensembles.index_models.turning_method import TurningMethod
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import DomainError, Suggesting
from bbpsym.laws.expressions import exact_number, in_label
from bbpsym.laws.labels import Labels, discrete_labels
from bbpsym.numerics.diagonal_bulk import DiagonalInterval
from bbpsym.numerics.double import known_digits
from bbpsym.numerics.measures import FEWEST_DIGITS
from bbpsym.reading.arguments import Number, items
from bbpsym.writing.display import DOUBLE_DIGITS


@dataclass(frozen=True)
class MultiIndex(Suggesting):
    """A teacher with several indices, by the law of its label and the moments given the label.

    Attributes
    ----------
    density : Expr, or mapping of number to number
        Density of the label, in one symbol, analytic between the points of `support`; or the
        probability of each value of a label that has few.
    moments : Matrix
        `E[u u^T | y]`, in the same symbol; its mean is one.
    support : sequence of numbers
        Ends of the support, with the points between them where something is not analytic; not
        used for few values.
    name : str
        The teacher in words.

    Raises
    ------
    DomainError
        If the density does not add up to one, or the moments do not to the identity, or are no
        means of squares.

    Notes
    -----
    Source: L. Defilippis, Y. Dandi, P. Mergny, F. Krzakala, B. Loureiro, "Optimal spectral
    transitions in high-dimensional multi-index models", arXiv 2502.02545.

    Examples
    --------
    >>> from bbpsym import outlier
    >>> from bbpsym.ensembles.index_models.teachers import product
    >>> teacher = product()
    >>> print(f"{teacher.weak_recovery:.9f}")
    0.593751098
    >>> first, second = teacher.methods()
    >>> print(f"{float(outlier(first, alpha=2).overlap2):.7f}")
    0.4325386
    """

    density: Expr | None
    moments: Matrix
    support: tuple[Expr, ...] = (-S.Infinity, S.Zero, S.Infinity)
    name: str = "given labels"

    if TYPE_CHECKING:

        def __init__(
            self,
            density: Expr | Mapping[Number, Number],
            moments: Matrix | Sequence[Sequence],
            support: Sequence[Number] = ...,
            name: str = ...,
        ) -> None: ...

    atoms: tuple[tuple[Expr, Expr], ...] = field(default=(), init=False, repr=False)

    #: Digits without which an answer is refused.
    fewest_digits: ClassVar[int] = FEWEST_DIGITS

    def __post_init__(self) -> None:
        setting = object.__setattr__
        rows: Any = getattr(self.moments, "tolist", lambda: self.moments)()
        try:
            entries = ImmutableMatrix([[in_label(x) for x in row] for row in rows])
        except DomainError:
            raise
        except (TypeError, ValueError):  # of what is no table
            entries = ImmutableMatrix()
        if entries.rows == 0 or entries.rows != entries.cols or entries != entries.T:
            raise DomainError("moments must be a symmetric matrix")
        given: Any = self.density
        few = isinstance(given, Mapping)
        atoms = discrete_labels(given, 1).atoms if few else ()
        setting(self, "atoms", atoms)
        setting(self, "density", None if few else in_label(given))
        setting(self, "moments", entries)
        support = () if few else items(self.support, "support", "two or more numbers that rise")
        ends = tuple(exact_number(end, "support") for end in support)
        if ends == (-S.Infinity, S.Infinity):  # half-lines are integrated each from one end
            ends = (-S.Infinity, S.Zero, S.Infinity)
        setting(self, "support", ends)
        moments, share, _ = self.nodes(NODES[-1])
        if not abs(share.sum() - 1) < SLACK:
            raise DomainError(
                f"density must add up to one over its support, not to {share.sum():.6g}: if it "
                "does, name points about its bulk in the support"
            )
        if not np.allclose(np.tensordot(share, moments, 1), np.eye(entries.rows), atol=SLACK):
            raise DomainError("the mean of the moments must be the identity")
        likely = moments[share > np.finfo(float).eps]
        lowest = np.linalg.eigvalsh(likely)[:, 0] / (1 + np.abs(likely).max(axis=(1, 2)))
        if lowest.min() < -SLACK:
            raise DomainError(
                "moments must be means of squares, u u^T given the label: for some label a "
                "direction has a negative one"
            )

    def __repr__(self) -> str:
        return f"MultiIndex({self.name})"

    def __getstate__(self) -> dict[str, Any]:
        """What it is given by; what it has computed is not copied."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def nodes(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Moments at nodes, shares, and those of the rule with twice the step."""
        if per_unit not in self._rules:
            self._rules[per_unit] = self._rule(per_unit)
        return self._rules[per_unit]

    @cached_property
    def _rules(self) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        return {}

    def _rule(self, per_unit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        places, shares = np.array(self.atoms, dtype=float).reshape(-1, 2).T
        rows = [(places, shares, shares)]
        for low, high in pairwise(map(float, self.support)):
            place, width = DiagonalInterval(low, high, 1.0).nodes(per_unit)
            share = values_of(self.density, place) * width
            even = 2.0 - 2.0 * (np.arange(len(place)) % 2)
            rows.append((place, share, share * even))
        place, share, coarse = (np.concatenate(column) for column in zip(*rows, strict=True))
        kept = np.isfinite(share) & (share > 0)
        size, columns = self.moments.rows, [values_of(x, place[kept]) for x in self.moments]
        moments = np.stack(columns, axis=1).reshape(-1, size, size)
        known = np.isfinite(moments).all(axis=(1, 2))
        return moments[known], share[kept][known], coarse[kept][known]

    @property
    def weak_recovery(self) -> float:
        """Threshold alpha_c of the optimal method: one over the norm of `M -> E[G M G]`.

        Here `G = E[u u^T | y] - 1`; infinite if that is zero. If `E[u | y] = 0` for all labels, no
        method made of the labels that is of low degree does better; labels that know the sign of u
        are seen at any alpha.

        Raises
        ------
        PrecisionError
            If a label that is any formula does not show it on its lattices.
        """
        return self.recovery_of(*self.nodes(NODES[-1]), self.name)

    def recovery_of(
        self, moments: np.ndarray, share: np.ndarray, coarse: np.ndarray, whose: str
    ) -> float:
        """Threshold of moments with these shares, the teacher's or those of one direction."""
        return recovery(moments, share)

    @overload
    def methods(self, weight: None = None) -> tuple[OptimalMethod | MatrixMethod, ...]: ...
    @overload
    def methods(self, weight: Expr) -> tuple[Ensemble | TurningMethod, ...]: ...
    def methods(
        self, weight: Expr | None = None
    ) -> tuple[OptimalMethod | MatrixMethod | Ensemble | TurningMethod, ...]:
        """Spectral methods of the directions that are found one after the other.

        Where the moments have the same eigenvectors for all labels, every one of these is a
        direction with a matrix of its own, the first to be found first. Elsewhere there is one
        optimal method for all of them at once, a matrix of size r N: with one function for its
        bulk where no direction is preferred, with a matrix of them else.

        Parameters
        ----------
        weight : Expr, optional
            `T(y)` of one's own, the same matrix for all directions; without it the optimal weight
            of each.

        Returns
        -------
        tuple of OptimalMethod or MatrixMethod, or of Ensemble or TurningMethod with a weight
            What `threshold`, `outlier`, `edge` and `density` take.

        Raises
        ------
        DomainError
            If the weight is none.
        """
        found = self._directions
        if weight is not None:
            if found is None:
                size = len(self.nodes(NODES[0])[0][0])
                return tuple(TurningMethod(self, in_label(weight), k, size) for k in range(size))
            return tuple(Ensemble(weight, self.labels_of(method)) for method in found)
        if found is None:
            moments, share, _ = self.nodes(NODES[-1])
            isotropic = prefers_no_direction(moments, share)
            return (OptimalMethod(self, None) if isotropic else MatrixMethod(self),)
        return found

    @cached_property
    def _directions(self) -> tuple[OptimalMethod, ...] | None:
        """The common eigenvectors, the first to be found first; None if there are none."""
        moments, share, _ = self.nodes(NODES[-1])
        rising = share * np.arange(1, len(share) + 1) / len(share)
        _, vectors = np.linalg.eigh(np.tensordot(rising, moments, 1))
        turned = np.einsum("ia,nij,jb->nab", vectors, moments, vectors)
        diagonal = np.einsum("naa->na", turned)
        rest = np.einsum("n,nab->", share, turned**2) - np.einsum("n,na->", share, diagonal**2)
        if not rest < SLACK:
            return None
        ways = [signed(vector) for vector in vectors.T]
        found = map(partial(OptimalMethod, self), ways, self._signals(ways))
        return tuple(sorted(found, key=lambda method: method._law.first_seen))

    def _signals(self, vectors: list[np.ndarray]) -> list[Expr | None]:
        """Signal factors of directions, if all of these are known exactly."""
        exact = [exact_direction(vector) for vector in vectors]
        known = [vector for vector in exact if vector is not None]
        turned = [[(a.T * self.moments * b)[0] for b in known] for a in known]
        mixed = (turned[i][j] for i in range(len(known)) for j in range(i))
        if len(known) < len(exact) or any(simplify(item) != 0 for item in mixed):
            return [None] * len(exact)
        return [simplify(turned[i][i]) for i in range(len(known))]

    def labels_of(self, method: OptimalMethod) -> Labels:
        """The law of the label with the signal factor of one direction."""
        shown = method.labels()["direction"]
        if not method.is_exact:
            assert method.direction is not None
            return self.labels_along(method.direction, shown)
        name = f"{self.name} along {shown}"
        if self.atoms:
            return discrete_labels(dict(self.atoms), method.signal, name)
        return Labels(name, method.signal, None, self.density, self.support)

    def labels_along(self, direction: np.ndarray, shown: str) -> Labels:
        """The law of the label with the signal factor of any direction, in double precision."""
        name, signal = f"{self.name} along {shown}", Along(self.moments, tuple(direction))
        if self.atoms:
            return Labels(name, signal, atoms=self.atoms)
        return Labels(name, signal, None, LabelFormula(self.density), self.support)

    @property
    def recovery_digits(self) -> int:
        """Digits to which `weak_recovery` is known."""
        moments, *rules = self.nodes(NODES[-1])
        fine, coarse = (information(moments, share) for share in rules)
        return min(DOUBLE_DIGITS, known_digits(fine, abs(fine - coarse)))
