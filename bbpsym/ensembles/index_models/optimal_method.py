"""The optimal method of one direction of a teacher with several indices."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
from sympy import Expr

from bbpsym.ensembles.index_models.directions import in_words
from bbpsym.ensembles.index_models.factor_law import NODES, FactorLaw, WholeFactorLaw
from bbpsym.ensembles.wishart import BOUNDED_GRID, OPEN_GRID, Ensemble, weight_law
from bbpsym.errors import DomainError, NoOutlierError, quoted
from bbpsym.laws.extrema import EXACT_DIGITS
from bbpsym.laws.labels import Labels
from bbpsym.numerics.curve import RIGHT, Curve, End, Side
from bbpsym.symbols import label
from bbpsym.writing.display import DOUBLE_DIGITS, latex_text

#: A signal factor that is zero but for rounding, and the least share of such labels that counts.
ZERO, COUNTED = 1e-14, 1e-6


class Taught(Protocol):
    """What is needed of a `MultiIndex`."""

    @property
    def name(self) -> str:
        """The teacher in words."""

    @property
    def atoms(self) -> tuple[tuple[Expr, Expr], ...]:
        """Labels and their probabilities, where there are few."""

    @property
    def recovery_digits(self) -> int:
        """Digits to which its threshold is known."""

    def recovery_of(
        self, moments: np.ndarray, share: np.ndarray, coarse: np.ndarray, whose: str
    ) -> float:
        """Threshold of moments with these shares."""

    def labels_of(self, method: OptimalMethod) -> Labels:
        """The law of the label with the signal factor of the method's direction."""


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
    signal : Expr or None
        `s(y)`, where the direction is known exactly: any number of digits can then be had, unless
        there are Bessel functions.
    """

    teacher: Taught
    direction: np.ndarray | None = None
    signal: Expr | None = None

    sides: ClassVar[tuple[str, ...]] = (RIGHT,)
    side_seen: ClassVar[str] = RIGHT
    unit: ClassVar[str] = "1"

    @cached_property
    def _law(self) -> FactorLaw:
        return FactorLaw(None, self.teacher, self.direction, self.signal)  # type: ignore[arg-type]

    @property
    def is_exact(self) -> bool:
        """Whether its law is known to any number of digits."""
        return self._law.is_exact

    @property
    def weak_recovery(self) -> float:
        """Threshold `1/E[(s - 1)^2]`; infinite where s is one for all labels."""
        factor, share, coarse = self._law.factors(NODES[-1])
        return self.teacher.recovery_of(factor[:, None, None], share, coarse, repr(self))

    def side(self, side: str = RIGHT) -> Side:
        """Return the method as seen from the right of its bulk.

        Raises
        ------
        DomainError
            If another side is asked for.
        NoOutlierError
            If the labels tell nothing of the direction.
        """
        if side != RIGHT:
            raise DomainError(f'side must be "right": the signal is there, not {quoted(side)}')
        if np.isinf(self.weak_recovery):
            raise NoOutlierError(f"direction must matter to {self.teacher.name}: its factor is one")
        return self._side

    @cached_property
    def _side(self) -> Side:
        law, name = weight_law(True), f"the optimal method for {self.teacher.name}"
        if self.signal is not None and self._has_few_weights:
            return Ensemble(1 - 1 / self.signal, self.teacher.labels_of(self)).side(RIGHT)
        factor, share, _ = self._law.factors(NODES[-1])
        none = float(share[factor < ZERO].sum())
        end = 1 / none if none > COUNTED else np.inf
        smooth = lambda _: End.SMOOTH  # noqa: E731
        curve = Curve(
            law, self._law, {}, BOUNDED_GRID, smooth, name, without_bulk=end, is_optimal=True
        )
        digits = EXACT_DIGITS if self.is_exact else DOUBLE_DIGITS
        return Side(curve, -1, Fraction(1), digits)

    @cached_property
    def whole(self) -> Curve:
        """The method as it is, for complex t."""
        if self.signal is not None and self._has_few_weights:
            return Ensemble(1 - 1 / self.signal, self.teacher.labels_of(self)).whole
        measure = WholeFactorLaw(None, self.teacher, self.direction, self.signal)  # type: ignore[arg-type]
        name = f"the optimal method for {self.teacher.name}"
        return Curve(weight_law(False), measure, {}, OPEN_GRID, lambda _: End.OPEN, name)

    @cached_property
    def scale(self) -> Fraction:
        """Unit of the equations of the whole spectrum."""
        if self.signal is not None and self._has_few_weights:
            return Ensemble(1 - 1 / self.signal, self.teacher.labels_of(self)).scale
        return Fraction(1)

    @property
    def _has_few_weights(self) -> bool:
        """Whether there are few labels, with finite weights: an ensemble then, with proofs."""
        at = [self.signal.subs(label, value) for value, _ in self.teacher.atoms]  # type: ignore[union-attr]
        return bool(at) and all(at)

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the method."""
        shown = in_words(self.direction, self.teacher.recovery_digits)
        return {"teacher": self.teacher.name, "direction": shown}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OptimalMethod) and self._given == other._given

    def __hash__(self) -> int:
        return hash(self._given)

    @property
    def _given(self) -> tuple[Any, ...]:
        return self.teacher, None if self.direction is None else tuple(self.direction), self.signal

    def __getstate__(self) -> dict[str, Any]:
        """What it is given by; what it has computed is not copied."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def __repr__(self) -> str:
        return f"OptimalMethod({self.teacher.name}, direction=({self.labels()['direction']}))"

    def _repr_latex_(self) -> str:
        return rf"$T=1-1/s,\ \text{{{latex_text(self.teacher.name)}}}$"
