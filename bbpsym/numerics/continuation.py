"""The bulk of an ensemble at complex t, by the rules of its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from bbpsym.errors import PrecisionError
from bbpsym.numerics import bulk
from bbpsym.numerics.bulk import Bulk
from bbpsym.numerics.curve import Curve
from bbpsym.numerics.measures import Accuracy

#: Points at which as many nodes as there may be are looked at together.
BLOCK = 32

#: Error of a root by fewer nodes, relative to its imaginary part, beyond which eight times as many
#: do not answer either: twice as many square it.
HOPELESS = 0.1


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
        ConvergenceError
            If a root is not found at some x.
        PrecisionError
            If an error exceeds `answered` at some x, as close to a smooth edge.
        """
        found = bulk.seek(self, x, width, singular, [0.0])
        for accuracy in (Accuracy.FULL, Accuracy.CLOSE):
            finer = replace(self, accuracy=accuracy)
            unknown = np.flatnonzero(~(found.error <= self.answered))
            hopeless = found.error[unknown] > HOPELESS * found.t[unknown].imag
            if accuracy is Accuracy.CLOSE and np.any(hopeless):
                break  # one that is refused refuses all
            for i in range(0, len(unknown), BLOCK):
                some = unknown[i : i + BLOCK]
                start = Bulk(*(values[some] for values in found))
                again = finer._solve_from(start, x[some], width, singular)
                for values, better in zip(found, again, strict=True):
                    values[some] = better
        bulk.confirm(x, found)
        self.check(x, found.error)
        return found

    def _solve_from(
        self, start: Bulk, x: np.ndarray, width: float, singular: Sequence[float]
    ) -> Bulk:
        """Roots from those of a coarser rule, or else from far above the real axis."""
        found = bulk.follow(self, x, start)
        if np.any(found.t.imag < bulk.SETTLED * np.abs(found.t)) or not bulk.settled(found):
            return bulk.seek(self, x, width, singular, [0.0])
        return found

    def check(self, x: np.ndarray, error: np.ndarray) -> None:
        """Refuse roots that are not known."""
        if not np.all(error <= self.answered):
            worst = x[int(np.argmax(error))]
            raise PrecisionError(
                f"the density is not known to {self.answered:g} at x = {worst:.6g}"
            )
