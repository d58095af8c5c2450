"""The bulk of an ensemble at complex t, by the rules of its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.numerics import bulk
from bbpsym.numerics.bulk import Bulk
from bbpsym.numerics.curve import Curve
from bbpsym.numerics.measures import Accuracy


@dataclass(frozen=True, eq=False)
class LabelNodes:
    """lambda as a function of complex t."""

    #: The ensemble as it is, in units of one.
    curve: Curve
    #: Signal-to-noise ratio (Fraction).
    alpha: Any
    #: How many nodes there may be.
    accuracy: Accuracy = Accuracy.FAIR

    #: Error of a root that is answered for: t close to the real axis needs many nodes.
    answered: ClassVar[float] = 1e-8

    def __call__(
        self, t: np.ndarray, place: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`lambda`, `d lambda/dt` and the error of lambda; there are no rays with a place."""
        names = ("inverse_stieltjes", "inverse_stieltjes_slope")
        found = self.curve.values(t, *names, alpha=float(self.alpha), accuracy=self.accuracy)
        value, error = found[names[0]]
        # The slope is d lambda/dg, and g = -t.
        return value, -found[names[1]].value, error

    def solve(self, x: np.ndarray, width: float, singular: Sequence[float]) -> Bulk:
        """Roots t of `lambda(t) = x + i 0` and their errors.

        Raises
        ------
        PrecisionError
            If an error exceeds `answered` at some x, as close to a smooth edge.
        """
        for accuracy in (Accuracy.FAIR, Accuracy.FULL):  # t close to the real axis needs more nodes
            try:
                found = bulk.solve(replace(self, accuracy=accuracy), x, width, singular, [0.0])
            except ConvergenceError:
                if accuracy is Accuracy.FULL:
                    raise
                continue
            if np.all(found.error <= self.answered):
                break
        self.check(x, found.error)
        return found

    def check(self, x: np.ndarray, error: np.ndarray) -> None:
        """Refuse roots that are not known."""
        if not np.all(error <= self.answered):
            worst = x[int(np.argmax(error))]
            raise PrecisionError(
                f"the density is not known to {self.answered:g} at x = {worst:.6g}"
            )
