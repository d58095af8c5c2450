"""Averages of chi-square outputs: integrals over the Laplace variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bbpsym.compilation.compiled import Compiled
from bbpsym.numerics import arb_digits
from bbpsym.numerics.enclosures import integrals
from bbpsym.numerics.measures import Accuracy, Measure, Rule
from bbpsym.numerics.quadrature import STEP, double_nodes, precise_nodes
from bbpsym.numerics.rays import Rays
from bbpsym.parameters import Parameter

#: Name of the Laplace variable.
VARIABLE = "s"


@dataclass(frozen=True)
class LaplaceVariable(Measure):
    """Chi-square outputs: the reduced integrals over s, whose integrands decay like exp(-a s)."""

    #: What stands in place of a: t, where a is zero.
    rate: Parameter = Parameter.A

    tie_digits = (30, 60, 120, 240)
    has_slopes = True
    is_continuous = True
    continued = Rays

    #: Steps of the trapezoidal rule, of relative errors 1e-6, 1e-10 and 1e-16.
    STEPS = (0.5, 0.3, STEP)

    def rules(self, values: Mapping[str, Any], accuracy: Accuracy) -> Iterator[Rule]:
        """Yield the one rule that is accurate enough."""
        step = self.STEPS[accuracy.value]
        a = values[self.rate]
        arrays = [np.ndim(value) for value in values.values() if not isinstance(value, float)]
        dimensions = max(arrays, default=0)
        if isinstance(a, float):
            shape = (-1, *(1,) * dimensions)
            s, ds = (part.reshape(shape) for part in _stored_nodes(a, step))
        else:
            a = np.asarray(a, dtype=float)
            s, ds = double_nodes(a.reshape((1,) * (dimensions - a.ndim) + a.shape), step=step)
        yield Rule({VARIABLE: s}, ds)

    def nodes(self, values: Mapping[str, Any], ctx: Any) -> Iterator[tuple[dict, Any]]:
        """Yield s and ds."""
        return (({VARIABLE: s}, ds) for s, ds in precise_nodes(ctx, values[self.rate]))

    def precise(self, system: Compiled, values: Mapping[str, Any], ctx: Any) -> dict[str, Any]:
        """Evaluate the outputs of a system in the arithmetic of `ctx`, by python-flint."""
        return arb_digits.evaluate(system, values, ctx, self.rate)

    def enclose(self, system: Compiled, values: Mapping[str, Any], bits: int) -> list:
        """Enclose the integrals by Gauss and Legendre's rule with an ellipse bound."""
        return integrals(system, values, bits, values[self.rate])


#: The measure of Hessians, whose outputs are chi-square.
CHI_SQUARE = LaplaceVariable()


@lru_cache(maxsize=64)
def _stored_nodes(a: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a single a: one answer evaluates many systems on them."""
    return double_nodes(np.asarray(a), step=step)
